-- How often deals are won that have come as far as a stage.

CREATE FUNCTION furthest_step(as_of timestamptz, person text, during daterange, options jsonb) RETURNS TABLE (
  opportunity_id bigint, owner_id bigint, pipeline_id bigint, step int, won boolean, closed_on date, amount numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT today.today, coalesce(furthest_step.during, daterange(today.today - 364, today.today + 1)) AS during
    FROM book_date(furthest_step.as_of, furthest_step.options) AS today (today)
  ),
  step AS MATERIALIZED (
    SELECT s.stage_id, s.pipeline_id, s.step, max(s.step) FILTER (WHERE stage.outcome = 'open') OVER (PARTITION BY s.pipeline_id) AS last_open
    FROM stage_step() AS s
    JOIN stage ON stage.stage_id = s.stage_id
  ),
  -- Materialized, and the stages joined after it: beside what finding them seems to cost, a
  -- comparison of every deal with every stage costs nothing.
  closed AS MATERIALIZED (
    SELECT deal.opportunity_id, deal.owner_id, deal.won, deal.closed_on, deal.amount, deal.stage_before, deal.last_stage,
      deal.opportunity_id IN (SELECT corrected.opportunity_id FROM corrected_deal() AS corrected) AS is_corrected
    FROM chosen
    CROSS JOIN LATERAL closed_deal(furthest_step.as_of, furthest_step.options, chosen.during) AS deal
    WHERE furthest_step.person IS NULL
      OR deal.owner_id IN (
        SELECT who.person_id
        FROM chosen AS on_day
        CROSS JOIN LATERAL report_on(furthest_step.person, on_day.today) AS who)
  )
  SELECT closed.opportunity_id, closed.owner_id, last.pipeline_id, greatest(known.step, earlier.step), closed.won, closed.closed_on, closed.amount
  FROM closed
  JOIN step AS last ON last.stage_id = closed.last_stage
  LEFT JOIN step AS before ON before.stage_id = closed.stage_before AND before.pipeline_id = last.pipeline_id
  -- one that came in lost had reached the first step; one that was won passed all, wherever the pipeline has its won stage
  CROSS JOIN LATERAL (SELECT greatest(last.step, before.step, CASE WHEN closed.won THEN last.last_open END, 1) AS step) AS known
  LEFT JOIN LATERAL (
    SELECT max(step.step) FILTER (WHERE step.pipeline_id = last.pipeline_id) AS step
    FROM deal_history(closed.opportunity_id, closed.is_corrected, furthest_step.as_of) AS h
    JOIN step ON step.stage_id = h.stage_id
    -- most have closed from the last open stage, or behind it, and no report asks for more
    WHERE known.step < last.last_open
    OFFSET 0
  ) AS earlier ON true;
END;
COMMENT ON FUNCTION furthest_step(timestamptz, text, daterange, jsonb) IS
'The deals closed in a span, by default the 365 days up to as_of, with the owner at the close, and how far each came among the open stages of the pipeline it is in; options as settings() gives them';

CREATE FUNCTION win_rate_from_stage(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  pipeline text, pipeline_name text, stage text, stage_name text, stage_position int, step int,
  won int8, lost int8, closed int8, win_rate float8, win_rate_lower float8, win_rate_upper float8,
  required_coverage float8, won_amount numeric, lost_amount numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, (given.options ->> 'confidence')::float8 AS confidence
    FROM settings(win_rate_from_stage.options, win_rate_from_stage.as_of) AS given (options)
  ),
  counted AS (
    SELECT deal.pipeline_id, deal.step,
      count(*) FILTER (WHERE deal.won) AS won, count(*) FILTER (WHERE NOT deal.won) AS lost,
      coalesce(sum(deal.amount) FILTER (WHERE deal.won), 0) AS won_amount,
      coalesce(sum(deal.amount) FILTER (WHERE NOT deal.won), 0) AS lost_amount
    FROM chosen
    CROSS JOIN LATERAL furthest_step(
      win_rate_from_stage.as_of, win_rate_from_stage.person, win_rate_from_stage.during, chosen.options) AS deal
    GROUP BY deal.pipeline_id, deal.step
  ),
  reached AS (
    SELECT s.stage_id, step.step, coalesce(sum(counted.won), 0)::int8 AS won, coalesce(sum(counted.lost), 0)::int8 AS lost,
      coalesce(sum(counted.won_amount), 0) AS won_amount, coalesce(sum(counted.lost_amount), 0) AS lost_amount
    FROM stage_step() AS step
    JOIN stage AS s ON s.stage_id = step.stage_id
    LEFT JOIN counted ON counted.pipeline_id = step.pipeline_id AND counted.step >= step.step
    WHERE s.outcome = 'open'
    GROUP BY s.stage_id, step.step
  )
  SELECT p.code, p.name, s.code, s.name, s.position, reached.step,
    reached.won, reached.lost, reached.won + reached.lost,
    reached.won::float8 / nullif(reached.won + reached.lost, 0),
    wilson_lower(reached.won, reached.won + reached.lost, chosen.confidence),
    wilson_upper(reached.won, reached.won + reached.lost, chosen.confidence),
    (reached.won + reached.lost)::float8 / nullif(reached.won, 0),
    reached.won_amount, reached.lost_amount
  FROM chosen
  CROSS JOIN reached
  JOIN stage AS s ON s.stage_id = reached.stage_id
  JOIN pipeline AS p ON p.pipeline_id = s.pipeline_id
  ORDER BY p.code, s.position;
END;
COMMENT ON FUNCTION win_rate_from_stage(timestamptz, text, daterange, jsonb) IS
'Won of closed deals among those that reached or passed each open stage; during: the day of the close, by default in the 365 days up to as_of; person: the owner at the close';

CREATE VIEW win_rate_from_stage WITH (security_invoker) AS
SELECT pipeline, pipeline_name, stage, stage_name, stage_position, step, won, lost, closed,
  win_rate, win_rate_lower, win_rate_upper, required_coverage, won_amount::numeric(20,4), lost_amount::numeric(20,4)
FROM win_rate_from_stage();
COMMENT ON VIEW win_rate_from_stage IS 'Of the deals closed in the last 365 days that had come as far as a stage, how many were won?';
COMMENT ON COLUMN win_rate_from_stage.pipeline IS 'Code of the pipeline';
COMMENT ON COLUMN win_rate_from_stage.pipeline_name IS 'Name of the pipeline';
COMMENT ON COLUMN win_rate_from_stage.stage IS 'Code of the stage';
COMMENT ON COLUMN win_rate_from_stage.stage_name IS 'Name of the stage';
COMMENT ON COLUMN win_rate_from_stage.stage_position IS 'Order of the stage within the pipeline';
COMMENT ON COLUMN win_rate_from_stage.step IS 'Number of the stage among those of the pipeline that are not lost, from 1';
COMMENT ON COLUMN win_rate_from_stage.won IS 'Deals won that had reached this stage or a later one: all';
COMMENT ON COLUMN win_rate_from_stage.lost IS 'Deals lost that had reached this stage or a later one';
COMMENT ON COLUMN win_rate_from_stage.closed IS 'won + lost';
COMMENT ON COLUMN win_rate_from_stage.win_rate IS 'won / closed, 0..1';
COMMENT ON COLUMN win_rate_from_stage.win_rate_lower IS 'Lower bound of the win rate, at the confidence of setting confidence';
COMMENT ON COLUMN win_rate_from_stage.win_rate_upper IS 'Upper bound of the win rate, at the confidence of setting confidence';
COMMENT ON COLUMN win_rate_from_stage.required_coverage IS '1 / win_rate: how much open business at this stage makes one of won; empty where nothing was won';
COMMENT ON COLUMN win_rate_from_stage.won_amount IS 'Value of the deals won, by the last amount before the close';
COMMENT ON COLUMN win_rate_from_stage.lost_amount IS 'Value of the deals lost, by the last amount before the close';
