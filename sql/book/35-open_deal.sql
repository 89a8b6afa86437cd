-- In what state each deal was, at an instant and between two.

CREATE FUNCTION open_deal(as_of timestamptz) RETURNS TABLE (
  opportunity_id bigint, owner_id bigint, stage_id bigint, expected_close date, amount numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT deal.opportunity_id, deal.owner_id, deal.stage_id, deal.expected_close, deal.amount
  FROM (
    SELECT DISTINCT ON (h.opportunity_id)
      h.opportunity_id, h.owner_id, h.stage_id, h.expected_close, h.amount
    FROM opportunity_history AS h
    WHERE h.changed_at <= open_deal.as_of
    ORDER BY h.opportunity_id, h.changed_at DESC, h.place DESC
  ) AS deal
  JOIN stage AS s ON s.stage_id = deal.stage_id
  WHERE s.outcome = 'open';
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

-- One pass in the order of the ledger's key, whatever the two instants: the last
-- row before each is the deal's state at it.
CREATE FUNCTION deal_between(since timestamptz, until timestamptz, as_of timestamptz) RETURNS TABLE (
  opportunity_id bigint,
  start_stage_id bigint, start_owner_id bigint, start_expected_close date, start_amount numeric,
  end_stage_id bigint, end_owner_id bigint, end_expected_close date, end_amount numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT state.opportunity_id,
    max(state.stage_id) FILTER (WHERE state.is_start),
    max(state.owner_id) FILTER (WHERE state.is_start),
    max(state.expected_close) FILTER (WHERE state.is_start),
    max(state.amount) FILTER (WHERE state.is_start),
    max(state.stage_id) FILTER (WHERE state.is_end),
    max(state.owner_id) FILTER (WHERE state.is_end),
    max(state.expected_close) FILTER (WHERE state.is_end),
    max(state.amount) FILTER (WHERE state.is_end)
  FROM (
    SELECT step.*,
      step.changed_at < deal_between.since AND coalesce(step.next_at >= deal_between.since, true) AS is_start,
      step.next_at IS NULL AS is_end
    FROM (
      SELECT h.opportunity_id, h.changed_at, h.stage_id, h.owner_id, h.expected_close, h.amount::numeric AS amount,
        lead(h.changed_at) OVER (PARTITION BY h.opportunity_id ORDER BY h.changed_at, h.place) AS next_at
      FROM opportunity_history AS h
      WHERE h.changed_at < deal_between.until AND h.changed_at <= deal_between.as_of
    ) AS step
  ) AS state
  WHERE state.is_start OR state.is_end
  GROUP BY state.opportunity_id;
END;
COMMENT ON FUNCTION deal_between(timestamptz, timestamptz, timestamptz) IS
'The state of each deal when a span of time began and when it ended, or at as_of if that comes before; no start for a deal that began in it';
