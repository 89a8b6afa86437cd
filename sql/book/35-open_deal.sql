-- Which deals were open at an instant, and what became of each between two.

CREATE FUNCTION open_deal(as_of timestamptz) RETURNS TABLE (
  opportunity_id bigint, code text, name text, account_id bigint, created_at timestamptz,
  owner_id bigint, stage_id bigint, expected_close date, amount numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT deal.opportunity_id, deal.code, deal.name, deal.account_id, deal.created_at,
    deal.owner_id, deal.stage_id, deal.expected_close, deal.amount
  FROM deal_at(open_deal.as_of) AS deal
  -- A value known before the deals are read: most are left out where they are read.  Said
  -- twice: the planner takes any such list for ten of the stages, so for most of the deals, and
  -- reads the table; of both it takes the deals for a third, and reads the index of open deals.
  WHERE deal.stage_id = ANY (ARRAY(SELECT s.stage_id FROM stage AS s WHERE s.outcome = 'open'))
    AND deal.stage_id = ANY (ARRAY(SELECT s.stage_id FROM stage AS s WHERE s.outcome = 'open'));
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

-- A deal that has not changed since the span began is in one state at both instants.
-- The others are looked up, at most once for each of them, as in deal_at.
CREATE FUNCTION deal_between(since timestamptz, until timestamptz, as_of timestamptz) RETURNS TABLE (
  opportunity_id bigint,
  start_stage_id bigint, start_owner_id bigint, start_expected_close date, start_amount numeric,
  end_stage_id bigint, end_owner_id bigint, end_expected_close date, end_amount numeric,
  has_changed boolean)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT deal.*
  FROM (
    -- once, not for every deal
    SELECT least(deal_between.since - interval '1 microsecond', finish.finish) AS start, finish.finish
    FROM (SELECT least(deal_between.until - interval '1 microsecond', deal_between.as_of) AS finish) AS finish
    OFFSET 0
  ) AS edge
  CROSS JOIN LATERAL (
    SELECT o.opportunity_id, o.stage_id, o.owner_id, o.expected_close, o.amount::numeric,
      o.stage_id, o.owner_id, o.expected_close, o.amount::numeric, false
    FROM opportunity AS o
    WHERE o.stage_id IS NOT NULL AND coalesce(o.changed_at, o.created_at) <= edge.start
    UNION ALL
    SELECT finish.opportunity_id, start.stage_id, start.owner_id, start.expected_close, start.amount,
      finish.stage_id, finish.owner_id, finish.expected_close, finish.amount, finish.changed_at > edge.start
    FROM deal_at(edge.finish, edge.start) AS finish
    -- of one that began in between, nothing is looked for
    LEFT JOIN LATERAL change_up_to(
      CASE WHEN finish.first_changed_at <= edge.start THEN finish.opportunity_id END, edge.start) AS start ON true
  ) AS deal;
END;
COMMENT ON FUNCTION deal_between(timestamptz, timestamptz, timestamptz) IS
'The state of each deal when a span of time began and when it ended, or at as_of if that comes before, and whether it has changed between; no start for a deal that began in it';
