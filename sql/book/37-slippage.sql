-- What was to close in a period and is now to close after it.

-- Three kinds of rows: the state of what was due when the period begins, the state
-- of the same deals when it ends, and each push: a change in the period and what it was
-- before.  Pushes are looked for in the deals that have changed in the period, in the order
-- of the ledger's key: a scan of all of it costs more.
CREATE FUNCTION slipping_deal(as_of timestamptz, during daterange, options jsonb) RETURNS TABLE (
  opportunity_id bigint, is_start boolean, is_end boolean, is_push boolean,
  owner_id bigint, outcome text, amount numeric, expected_close date, push_days int)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH span AS MATERIALIZED (
    SELECT span.since, span.until
    FROM date_span(slipping_deal.during, slipping_deal.options) AS span
  ),
  deal AS MATERIALIZED (
    SELECT state.*,
      coalesce(state.start_expected_close <@ slipping_deal.during
        AND state.start_stage_id = ANY (ARRAY(SELECT open.stage_id FROM stage AS open WHERE open.outcome = 'open')), false) AS is_due
    FROM span
    CROSS JOIN LATERAL deal_between(span.since, span.until, slipping_deal.as_of) AS state
    -- is_due, said so that deals that have not changed come from the index of open deals, and twice as in open_deal
    WHERE state.has_changed
      OR state.start_expected_close <@ slipping_deal.during
        AND state.start_stage_id = ANY (ARRAY(SELECT open.stage_id FROM stage AS open WHERE open.outcome = 'open'))
        AND state.start_stage_id = ANY (ARRAY(SELECT open.stage_id FROM stage AS open WHERE open.outcome = 'open'))
  )
  SELECT deal.opportunity_id, side.is_start, NOT side.is_start, false, side.owner_id, s.outcome, side.amount, side.expected_close, NULL::int
  FROM deal
  CROSS JOIN LATERAL (
    VALUES (true, deal.start_stage_id, deal.start_owner_id, deal.start_amount, deal.start_expected_close),
      (false, deal.end_stage_id, deal.end_owner_id, deal.end_amount, deal.end_expected_close)
  ) AS side (is_start, stage_id, owner_id, amount, expected_close)
  JOIN stage AS s ON s.stage_id = side.stage_id
  WHERE deal.is_due
  UNION ALL
  SELECT change.opportunity_id, false, false, true, change.owner_id, 'open', change.amount, change.expected_close,
    change.expected_close - change.expected_before
  FROM (
    SELECT h.opportunity_id, h.owner_id, h.stage_id, h.amount, h.expected_close,
      lag(h.stage_id, 1, deal.start_stage_id) OVER history AS stage_before,
      lag(h.expected_close, 1, deal.start_expected_close) OVER history AS expected_before
    FROM span
    CROSS JOIN deal
    CROSS JOIN LATERAL (
      SELECT c.opportunity_id, c.changed_at, c.seq, coalesce(c.corrects, c.seq) AS place,
        c.owner_id, c.stage_id, c.amount::numeric AS amount, c.expected_close
      FROM opportunity_change AS c
      WHERE c.opportunity_id = deal.opportunity_id
        AND c.changed_at >= span.since AND c.changed_at < span.until AND c.changed_at <= slipping_deal.as_of
      -- deal by deal
      OFFSET 0
    ) AS h
    WHERE deal.has_changed
      AND NOT EXISTS (
        SELECT
        FROM opportunity_change AS newer
        WHERE num_nonnulls(newer.corrects) = 1
          AND newer.opportunity_id = h.opportunity_id
          AND newer.changed_at = h.changed_at
          AND newer.corrects = h.place
          AND newer.seq > h.seq)
    WINDOW history AS (PARTITION BY h.opportunity_id ORDER BY h.changed_at, h.place)
  ) AS change
  CROSS JOIN (SELECT ARRAY(SELECT open.stage_id FROM stage AS open WHERE open.outcome = 'open') AS stages) AS open
  WHERE change.expected_close >= upper(slipping_deal.during) AND change.expected_before <@ slipping_deal.during
    AND change.stage_id = ANY (open.stages) AND change.stage_before = ANY (open.stages);
END;
COMMENT ON FUNCTION slipping_deal(timestamptz, daterange, jsonb) IS
'The rows of the history that slippage counts: what was due, as the period begins and as it ends, or at as_of if that comes before, and pushes; options as settings() gives them';

CREATE FUNCTION slippage(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  person text, person_name text, period_from date, period_until date,
  due_deals int8, won int8, lost int8, still_due_deals int8, slipped_deals int8, slipped_deals_rate float8,
  due_amount numeric, slipped_amount numeric, slip_rate float8,
  pushed_deals int8, push_count int8, push_days float8, mean_push_days float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, today.today, coalesce(slippage.during, quarter_of(today.today)) AS during
    FROM settings(slippage.options, slippage.as_of) AS given (options)
    CROSS JOIN LATERAL book_date(slippage.as_of, given.options) AS today (today)
  ),
  kept AS MATERIALIZED (
    SELECT deal.*
    FROM chosen
    CROSS JOIN LATERAL slipping_deal(slippage.as_of, chosen.during, chosen.options) AS deal
  ),
  due AS (
    SELECT start.owner_id, 1 AS due_deals, coalesce(start.amount, 0) AS amount, state.outcome,
      state.outcome = 'open' AND (state.expected_close IS NULL OR coalesce(state.expected_close >= upper(chosen.during), false)) AS slipped
    FROM chosen
    JOIN kept AS start ON start.is_start AND start.outcome = 'open' AND start.expected_close <@ chosen.during
    JOIN kept AS state ON state.is_end AND state.opportunity_id = start.opportunity_id
  ),
  counted AS (
    SELECT part.owner_id, sum(part.due_deals)::int8 AS due_deals, sum(part.won)::int8 AS won,
      sum(part.lost)::int8 AS lost, sum(part.slipped)::int8 AS slipped_deals,
      sum(part.due_amount) AS due_amount, sum(part.slipped_amount) AS slipped_amount,
      sum(part.pushed_deals)::int8 AS pushed_deals, sum(part.push_count)::int8 AS push_count,
      sum(part.push_days)::float8 AS push_days
    FROM (
      SELECT due.owner_id, count(*) AS due_deals, count(*) FILTER (WHERE due.outcome = 'won') AS won,
        count(*) FILTER (WHERE due.outcome = 'lost') AS lost, count(*) FILTER (WHERE due.slipped) AS slipped,
        sum(due.amount) AS due_amount, coalesce(sum(due.amount) FILTER (WHERE due.slipped), 0) AS slipped_amount,
        0 AS pushed_deals, 0 AS push_count, 0 AS push_days
      FROM due
      GROUP BY due.owner_id
      UNION ALL
      SELECT kept.owner_id, 0, 0, 0, 0, 0, 0, count(DISTINCT kept.opportunity_id), count(*), sum(kept.push_days)
      FROM kept
      WHERE kept.is_push
      GROUP BY kept.owner_id
    ) AS part
    WHERE slippage.person IS NULL
      OR part.owner_id IN (
        SELECT who.person_id
        FROM chosen
        CROSS JOIN LATERAL report_on(slippage.person, chosen.today) AS who)
    GROUP BY part.owner_id
  )
  SELECT rep.code, rep.name, nullif(lower(chosen.during), '-infinity'), nullif(upper(chosen.during), 'infinity'),
    counted.due_deals, counted.won, counted.lost,
    counted.due_deals - counted.won - counted.lost - counted.slipped_deals, counted.slipped_deals,
    counted.slipped_deals::float8 / nullif(counted.due_deals, 0),
    counted.due_amount, counted.slipped_amount,
    CASE WHEN counted.due_amount > 0 THEN (counted.slipped_amount / counted.due_amount)::float8 END,
    counted.pushed_deals, counted.push_count, counted.push_days, counted.push_days / nullif(counted.push_count, 0)
  FROM chosen
  CROSS JOIN counted
  LEFT JOIN person AS rep ON rep.person_id = counted.owner_id
  ORDER BY rep.code;
END;
COMMENT ON FUNCTION slippage(timestamptz, text, daterange, jsonb) IS
'Of the deals due in a period when it began, those now expected after it, and how often and how far deals were pushed out of it; during: the period, by default the quarter of as_of; person: the owner when the period began, of a push the owner then';

CREATE VIEW slippage WITH (security_invoker) AS
SELECT person, person_name, period_from, period_until,
  due_deals, won, lost, still_due_deals, slipped_deals, slipped_deals_rate,
  due_amount::numeric(20,4), slipped_amount::numeric(20,4), slip_rate,
  pushed_deals, push_count, push_days, mean_push_days
FROM slippage();
COMMENT ON VIEW slippage IS 'How much of what each rep was to close this quarter has slipped out of it, and how far are deals pushed?';
COMMENT ON COLUMN slippage.person IS 'Code of the owner; empty where nobody owned the deals';
COMMENT ON COLUMN slippage.person_name IS 'Name of the owner';
COMMENT ON COLUMN slippage.period_from IS 'First day of the period';
COMMENT ON COLUMN slippage.period_until IS 'Day after its last';
COMMENT ON COLUMN slippage.due_deals IS 'Deals open when the period began and expected to close in it, by their owner then';
COMMENT ON COLUMN slippage.won IS 'Of these, deals won by the end of the period, or by now';
COMMENT ON COLUMN slippage.lost IS 'Of these, deals lost by then';
COMMENT ON COLUMN slippage.still_due_deals IS 'Of these, deals open and still expected before the period ends';
COMMENT ON COLUMN slippage.slipped_deals IS 'Of these, deals open and now expected after the period, or with no date any more';
COMMENT ON COLUMN slippage.slipped_deals_rate IS 'slipped_deals / due_deals, 0..1';
COMMENT ON COLUMN slippage.due_amount IS 'Value of the due deals when the period began';
COMMENT ON COLUMN slippage.slipped_amount IS 'Value of the slipped deals when the period began';
COMMENT ON COLUMN slippage.slip_rate IS 'slipped_amount / due_amount, 0..1';
COMMENT ON COLUMN slippage.pushed_deals IS 'Deals pushed in the period, whether they were due when it began or came later';
COMMENT ON COLUMN slippage.push_count IS 'Pushes: changes in the period that moved the expected close of an open deal from inside the period to after it';
COMMENT ON COLUMN slippage.push_days IS 'Days by which they moved it, all together';
COMMENT ON COLUMN slippage.mean_push_days IS 'push_days / push_count';
