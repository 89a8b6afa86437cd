-- What was to close in a period and is now to close after it.

-- One pass in the order of the ledger's key keeps three kinds of rows: the state of
-- a deal when the period begins, its state when the period ends, and each push.
CREATE FUNCTION slipping_deal(as_of timestamptz, during daterange, options jsonb) RETURNS TABLE (
  opportunity_id bigint, is_start boolean, is_end boolean, is_push boolean,
  owner_id bigint, outcome text, amount numeric, expected_close date, push_days int)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT *
  FROM (
    SELECT step.opportunity_id,
      step.changed_at < step.since AND coalesce(step.next_at >= step.since, true) AS is_start,
      step.next_at IS NULL AS is_end,
      step.changed_at >= step.since AND step.outcome_before = 'open' AND step.outcome = 'open'
        AND step.expected_before <@ slipping_deal.during AND step.expected_close >= upper(slipping_deal.during) AS is_push,
      step.owner_id, step.outcome, step.amount, step.expected_close, step.expected_close - step.expected_before
    FROM (
      SELECT h.opportunity_id, h.changed_at, h.owner_id, s.outcome, h.amount::numeric AS amount, h.expected_close, span.since,
        lead(h.changed_at) OVER deal AS next_at,
        lag(h.expected_close) OVER deal AS expected_before,
        lag(s.outcome) OVER deal AS outcome_before
      FROM date_span(slipping_deal.during, slipping_deal.options) AS span
      JOIN opportunity_history AS h ON h.changed_at < span.until AND h.changed_at <= slipping_deal.as_of
      JOIN stage AS s ON s.stage_id = h.stage_id
      WINDOW deal AS (PARTITION BY h.opportunity_id ORDER BY h.changed_at, h.place)
    ) AS step
  ) AS kept
  WHERE kept.is_start OR kept.is_end OR kept.is_push;
END;
COMMENT ON FUNCTION slipping_deal(timestamptz, daterange, jsonb) IS
'The rows of the history that slippage counts: states when the period begins and ends, or at as_of if that comes before, and pushes; options as settings() gives them';

CREATE FUNCTION slippage(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (
  person text, person_name text, period_from date, period_until date,
  due_deals int8, won_deals int8, lost_deals int8, still_due_deals int8, slipped_deals int8, slipped_deals_rate float8,
  due_amount numeric, slipped_amount numeric, slip_rate float8,
  pushed_deals int8, push_count int8, push_days float8, mean_push_days float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, today.today, coalesce(slippage.during, quarter_of(today.today)) AS during
    FROM settings(slippage.options) AS given (options)
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
    SELECT part.owner_id, sum(part.due_deals)::int8 AS due_deals, sum(part.won)::int8 AS won_deals,
      sum(part.lost)::int8 AS lost_deals, sum(part.slipped)::int8 AS slipped_deals,
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
  SELECT rep.code, rep.name, lower(chosen.during), upper(chosen.during),
    counted.due_deals, counted.won_deals, counted.lost_deals,
    counted.due_deals - counted.won_deals - counted.lost_deals - counted.slipped_deals, counted.slipped_deals,
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
  due_deals, won_deals, lost_deals, still_due_deals, slipped_deals, slipped_deals_rate,
  due_amount::numeric(20,4), slipped_amount::numeric(20,4), slip_rate,
  pushed_deals, push_count, push_days, mean_push_days
FROM slippage();
COMMENT ON VIEW slippage IS 'How much of what each rep was to close this quarter has slipped out of it, and how far are deals pushed?';
COMMENT ON COLUMN slippage.person IS 'Code of the owner; empty where nobody owned the deals';
COMMENT ON COLUMN slippage.person_name IS 'Name of the owner';
COMMENT ON COLUMN slippage.period_from IS 'First day of the period';
COMMENT ON COLUMN slippage.period_until IS 'Day after its last';
COMMENT ON COLUMN slippage.due_deals IS 'Deals open when the period began and expected to close in it, by their owner then';
COMMENT ON COLUMN slippage.won_deals IS 'Of these, deals won by the end of the period, or by now';
COMMENT ON COLUMN slippage.lost_deals IS 'Of these, deals lost by then';
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
