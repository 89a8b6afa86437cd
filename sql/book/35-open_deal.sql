-- Which deals were open at an instant, and what became of each between two.

CREATE FUNCTION open_deal(as_of timestamptz) RETURNS TABLE (
  opportunity_id bigint, owner_id bigint, stage_id bigint, expected_close date, amount numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT deal.opportunity_id, deal.owner_id, deal.stage_id, deal.expected_close, deal.amount
  FROM deal_at(open_deal.as_of) AS deal
  -- a value known before the deals are read: most are left out where they are read
  WHERE deal.stage_id = ANY (ARRAY(SELECT s.stage_id FROM stage AS s WHERE s.outcome = 'open'));
END;
COMMENT ON FUNCTION open_deal(timestamptz) IS 'The deals that are open at as_of, in the state they are in then';

CREATE FUNCTION quarter_of(day date) RETURNS daterange
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT coalesce(
    (SELECT q.during::daterange FROM period AS q WHERE q.kind = 'quarter' AND q.during @> quarter_of.day),
    daterange(start.day, (start.day + interval '3 months')::date))
  FROM (SELECT date_trunc('quarter', quarter_of.day::timestamp)::date AS day) AS start;
END;
COMMENT ON FUNCTION quarter_of(date) IS 'The fiscal quarter a day lies in; the calendar''s where the table period has none';

-- The state at the end is that of the beginning too if the deal did not change
-- between; else the beginning is looked up in the ledger, as in deal_at.
CREATE FUNCTION deal_between(since timestamptz, until timestamptz, as_of timestamptz) RETURNS TABLE (
  opportunity_id bigint,
  start_stage_id bigint, start_owner_id bigint, start_expected_close date, start_amount numeric,
  end_stage_id bigint, end_owner_id bigint, end_expected_close date, end_amount numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH finish AS MATERIALIZED (
    SELECT deal.opportunity_id, deal.changed_at, deal.stage_id, deal.owner_id, deal.expected_close, deal.amount
    FROM deal_at(least(deal_between.until - interval '1 microsecond', deal_between.as_of)) AS deal
  )
  SELECT finish.opportunity_id, finish.stage_id, finish.owner_id, finish.expected_close, finish.amount,
    finish.stage_id, finish.owner_id, finish.expected_close, finish.amount
  FROM finish
  WHERE finish.changed_at < deal_between.since
  UNION ALL
  SELECT finish.opportunity_id, start.stage_id, start.owner_id, start.expected_close, start.amount,
    finish.stage_id, finish.owner_id, finish.expected_close, finish.amount
  FROM finish
  LEFT JOIN LATERAL (
    SELECT c.stage_id, c.owner_id, c.expected_close, c.amount::numeric AS amount
    FROM opportunity_change AS c
    WHERE c.opportunity_id = finish.opportunity_id AND c.changed_at < deal_between.since
    ORDER BY c.changed_at DESC, coalesce(c.corrects, c.seq) DESC, c.seq DESC
    LIMIT 1
  ) AS start ON true
  WHERE finish.changed_at >= deal_between.since;
END;
COMMENT ON FUNCTION deal_between(timestamptz, timestamptz, timestamptz) IS
'The state of each deal when a span of time began and when it ended, or at as_of if that comes before; no start for a deal that began in it';
