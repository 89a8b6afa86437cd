-- Why deals are lost, against whom, since when, and from which stage.

-- closed_deal says which deals are lost, when, and what they were worth.  The stage
-- a deal was lost from is the last open one it was in; the reason is the last one
-- that was recorded, which may be later than the loss.
CREATE FUNCTION lost_deal(as_of timestamptz, options jsonb) RETURNS TABLE (
  opportunity_id bigint, owner_id bigint, pipeline_id bigint, stage_id bigint,
  lost_reason text, competitor text, closed_on date, amount numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT move.opportunity_id, move.owner_id, s.pipeline_id,
    CASE WHEN before.outcome = 'won' THEN open.stage_id ELSE move.stage_before END,
    move.lost_reason, move.competitor, move.closed_on, move.amount
  FROM closed_deal(lost_deal.as_of, lost_deal.options, outcome => 'lost') AS move
  JOIN stage AS s ON s.stage_id = move.last_stage
  LEFT JOIN stage AS before ON before.stage_id = move.stage_before
  LEFT JOIN LATERAL (
    -- lost after it had been won
    SELECT h.stage_id
    FROM (
      SELECT known.stage_id
      FROM opportunity_history AS known
      JOIN stage AS s ON s.stage_id = known.stage_id
      WHERE known.opportunity_id = move.opportunity_id AND known.changed_at <= lost_deal.as_of AND s.outcome = 'open'
      ORDER BY known.changed_at DESC, known.place DESC
      LIMIT 1
    ) AS h
    WHERE before.outcome = 'won'
    LIMIT 1
  ) AS open ON true;
END;
COMMENT ON FUNCTION lost_deal(timestamptz, jsonb) IS
'The deals that are lost at as_of: why, against whom, and the last open stage before; owner, day and value as in closed_deal; options as settings() gives them';

CREATE FUNCTION loss_reason(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  lost_reason text, competitor text, pipeline text, stage text, stage_name text, stage_position int,
  lost int8, lost_total int8, lost_share float8,
  lost_amount numeric, lost_amount_total numeric, lost_amount_share float8, lost_without_amount int8,
  first_lost_on date, last_lost_on date, lost_before int8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, today.today, coalesce(loss_reason.during, daterange(today.today - 364, today.today + 1)) AS during
    FROM settings(loss_reason.options, loss_reason.as_of) AS given (options)
    CROSS JOIN LATERAL book_date(loss_reason.as_of, given.options) AS today (today)
  ),
  -- materialized: a plan for the deals, which dwarfs that for counting them, has them sorted
  lost AS MATERIALIZED (
    SELECT deal.lost_reason, deal.competitor, deal.pipeline_id, deal.stage_id, deal.amount, deal.closed_on,
      deal.closed_on <@ chosen.during AS is_asked,
      CASE
        WHEN isfinite(lower(chosen.during)) AND isfinite(upper(chosen.during))
        THEN deal.closed_on < lower(chosen.during)
          AND lower(chosen.during) - deal.closed_on <= upper(chosen.during) - lower(chosen.during)
      END AS is_before
    FROM chosen
    CROSS JOIN LATERAL lost_deal(loss_reason.as_of, chosen.options) AS deal
    WHERE loss_reason.person IS NULL
      OR deal.owner_id IN (
        SELECT who.person_id
        FROM chosen AS on_day
        CROSS JOIN LATERAL report_on(loss_reason.person, on_day.today) AS who)
  ),
  counted AS (
    SELECT lost.lost_reason, lost.competitor, lost.pipeline_id, lost.stage_id,
      count(*) FILTER (WHERE lost.is_asked) AS lost,
      coalesce(sum(lost.amount) FILTER (WHERE lost.is_asked), 0) AS amount,
      count(*) FILTER (WHERE lost.is_asked AND lost.amount IS NULL) AS without_amount,
      min(lost.closed_on) AS first_lost_on,
      max(lost.closed_on) FILTER (WHERE lost.is_asked) AS last_lost_on,
      count(*) FILTER (WHERE lost.is_before) AS before
    FROM lost
    GROUP BY lost.lost_reason, lost.competitor, lost.pipeline_id, lost.stage_id
  ),
  shared AS (
    SELECT counted.*, (sum(counted.lost) OVER ())::int8 AS lost_total, sum(counted.amount) OVER () AS amount_total
    FROM counted
    WHERE counted.lost > 0
  )
  SELECT shared.lost_reason, shared.competitor, p.code, s.code, s.name, s.position,
    shared.lost, shared.lost_total, shared.lost::float8 / shared.lost_total,
    shared.amount, shared.amount_total,
    CASE WHEN shared.amount_total > 0 THEN (shared.amount / shared.amount_total)::float8 END,
    shared.without_amount, shared.first_lost_on, shared.last_lost_on,
    CASE WHEN isfinite(lower(chosen.during)) AND isfinite(upper(chosen.during)) THEN shared.before END
  FROM chosen
  CROSS JOIN shared
  JOIN pipeline AS p ON p.pipeline_id = shared.pipeline_id
  LEFT JOIN stage AS s ON s.stage_id = shared.stage_id
  ORDER BY shared.lost DESC, shared.amount DESC, shared.lost_reason, shared.competitor, p.code, s.position;
END;
COMMENT ON FUNCTION loss_reason(timestamptz, text, daterange, jsonb) IS
'Lost deals by reason, competitor and the stage they were lost from; during: the day of the loss, by default in the 365 days up to as_of; person: the owner at the loss';

CREATE VIEW loss_reason WITH (security_invoker) AS
SELECT lost_reason, competitor, pipeline, stage, stage_name, stage_position,
  lost, lost_total, lost_share, lost_amount::numeric(20,4), lost_amount_total::numeric(20,4), lost_amount_share,
  lost_without_amount, first_lost_on, last_lost_on, lost_before
FROM loss_reason();
COMMENT ON VIEW loss_reason IS 'Why were the deals of the last 365 days lost, against whom, since when, and from which stage?';
COMMENT ON COLUMN loss_reason.lost_reason IS 'Why; empty where nobody wrote it down';
COMMENT ON COLUMN loss_reason.competitor IS 'Against whom; empty where nobody wrote it down';
COMMENT ON COLUMN loss_reason.pipeline IS 'Code of the pipeline';
COMMENT ON COLUMN loss_reason.stage IS 'Code of the last open stage before the loss; empty for deals that came in lost';
COMMENT ON COLUMN loss_reason.stage_name IS 'Name of that stage';
COMMENT ON COLUMN loss_reason.stage_position IS 'Order of that stage within its pipeline';
COMMENT ON COLUMN loss_reason.lost IS 'Deals lost';
COMMENT ON COLUMN loss_reason.lost_total IS 'Deals lost for any reason: the sum of lost over all rows';
COMMENT ON COLUMN loss_reason.lost_share IS 'lost / lost_total, 0..1; shares of rows may be added';
COMMENT ON COLUMN loss_reason.lost_amount IS 'Value of the deals lost, by the last amount before the loss';
COMMENT ON COLUMN loss_reason.lost_amount_total IS 'Value of all deals lost';
COMMENT ON COLUMN loss_reason.lost_amount_share IS 'lost_amount / lost_amount_total, 0..1';
COMMENT ON COLUMN loss_reason.lost_without_amount IS 'Deals lost without an amount: they are in lost, not in lost_amount';
COMMENT ON COLUMN loss_reason.first_lost_on IS 'Day of the first such loss ever: since when';
COMMENT ON COLUMN loss_reason.last_lost_on IS 'Day of the last such loss in the period';
COMMENT ON COLUMN loss_reason.lost_before IS 'Such losses in the period of the same length before';
