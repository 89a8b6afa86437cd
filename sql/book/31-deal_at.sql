-- In what state each deal was at an instant.

-- The present state moves forward only, so it is the state of any instant since the
-- deal's last change.  Only deals that have changed after as_of are looked up in the
-- ledger, by its key: the last row up to as_of, and of one place the last correction.
CREATE FUNCTION deal_at(as_of timestamptz) RETURNS TABLE (
  opportunity_id bigint, code text, name text, account_id bigint, created_at timestamptz,
  changed_at timestamptz, place bigint, owner_id bigint, stage_id bigint,
  expected_close date, amount numeric, lost_reason text, competitor text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT o.opportunity_id, o.code, o.name, o.account_id, o.created_at,
    coalesce(o.changed_at, o.created_at), coalesce(o.change_place, 0), o.owner_id, o.stage_id,
    o.expected_close, o.amount::numeric, o.lost_reason, o.competitor
  FROM opportunity AS o
  WHERE o.stage_id IS NOT NULL AND coalesce(o.changed_at, o.created_at) <= deal_at.as_of
  UNION ALL
  SELECT o.opportunity_id, o.code, o.name, o.account_id, o.created_at,
    known.changed_at, known.place, known.owner_id, known.stage_id,
    known.expected_close, known.amount, known.lost_reason, known.competitor
  FROM opportunity AS o
  CROSS JOIN LATERAL (
    SELECT c.changed_at, coalesce(c.corrects, c.seq) AS place, c.owner_id, c.stage_id,
      c.expected_close, c.amount::numeric AS amount, c.lost_reason, c.competitor
    FROM opportunity_change AS c
    WHERE c.opportunity_id = o.opportunity_id AND c.changed_at <= deal_at.as_of
    ORDER BY c.changed_at DESC, coalesce(c.corrects, c.seq) DESC, c.seq DESC
    LIMIT 1
  ) AS known
  WHERE o.changed_at > deal_at.as_of AND o.change_seq IS NOT NULL;
END;
COMMENT ON FUNCTION deal_at(timestamptz) IS
'The state each deal was in at as_of: the last row of its history up to then, with what the deal is called and whose it is now';
