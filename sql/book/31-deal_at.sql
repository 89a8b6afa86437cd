-- In what state each deal was at an instant.

-- One look-up by the key of the ledger.  Its order is that of the history but for
-- corrections, which bear the instant of the row they stand for and a later number:
-- the last row by the key is the one that counts unless it is a correction itself, or
-- shares the instant with a row that the place leaves out and that may correct it.
-- Then, seldom, the rows are sorted by place.
CREATE FUNCTION change_up_to(deal_id bigint, at timestamptz, before_place bigint DEFAULT 9223372036854775807)
RETURNS TABLE (
  changed_at timestamptz, place bigint, seq bigint, owner_id bigint, stage_id bigint,
  expected_close date, amount numeric, forecast_category text, lost_reason text, competitor text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT
    CASE WHEN last.counts THEN last.changed_at ELSE sorted.changed_at END,
    CASE WHEN last.counts THEN last.seq ELSE sorted.place END,
    CASE WHEN last.counts THEN last.seq ELSE sorted.seq END,
    CASE WHEN last.counts THEN last.owner_id ELSE sorted.owner_id END,
    CASE WHEN last.counts THEN last.stage_id ELSE sorted.stage_id END,
    CASE WHEN last.counts THEN last.expected_close ELSE sorted.expected_close END,
    CASE WHEN last.counts THEN last.amount ELSE sorted.amount END,
    CASE WHEN last.counts THEN last.forecast_category ELSE sorted.forecast_category END,
    CASE WHEN last.counts THEN last.lost_reason ELSE sorted.lost_reason END,
    CASE WHEN last.counts THEN last.competitor ELSE sorted.competitor END
  FROM (
    SELECT c.changed_at, c.seq, c.owner_id, c.stage_id, c.expected_close, c.amount::numeric AS amount,
      c.forecast_category, c.lost_reason, c.competitor,
      c.corrects IS NULL
        AND (before_place = 9223372036854775807 OR c.changed_at < change_up_to.at) AS counts
    FROM opportunity_change AS c
    WHERE c.opportunity_id = deal_id AND (c.changed_at, c.seq) < (change_up_to.at, before_place)
    ORDER BY c.changed_at DESC, c.seq DESC
    LIMIT 1
  ) AS last
  LEFT JOIN LATERAL (
    SELECT *
    FROM (
      SELECT c.changed_at, coalesce(c.corrects, c.seq) AS place, c.seq, c.owner_id, c.stage_id,
        c.expected_close, c.amount::numeric AS amount, c.forecast_category, c.lost_reason, c.competitor
      FROM opportunity_change AS c
      WHERE c.opportunity_id = deal_id
        AND c.changed_at <= change_up_to.at
        AND (c.changed_at, coalesce(c.corrects, c.seq)) < (change_up_to.at, before_place)
      ORDER BY c.changed_at DESC, coalesce(c.corrects, c.seq) DESC, c.seq DESC
      LIMIT 1
    ) AS c
    -- asked before the sort is set up
    WHERE NOT last.counts
    LIMIT 1
  ) AS sorted ON true;
END;
COMMENT ON FUNCTION change_up_to(bigint, timestamptz, bigint) IS
'The last row of a deal''s history up to an instant; with a place, the last row before that place at that instant';

-- The present state moves forward only, so it is the state of any instant since the
-- deal's last change.  Only deals that were there and have changed after as_of are looked up
-- in the ledger, in the order of its key: neighbours lie on one page.
CREATE FUNCTION deal_at(as_of timestamptz, changed_after timestamptz DEFAULT NULL) RETURNS TABLE (
  opportunity_id bigint, code text, name text, account_id bigint, created_at timestamptz,
  first_changed_at timestamptz, changed_at timestamptz, place bigint, owner_id bigint, stage_id bigint,
  expected_close date, amount numeric, forecast_category text, lost_reason text, competitor text,
  is_present boolean, stage_before bigint, amount_before numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT o.opportunity_id, o.code, o.name, o.account_id, o.created_at,
    coalesce(o.first_changed_at, o.changed_at, o.created_at), coalesce(o.changed_at, o.created_at), coalesce(o.change_place, 0),
    o.owner_id, o.stage_id, o.expected_close, o.amount::numeric, o.forecast_category, o.lost_reason, o.competitor,
    true, o.stage_before_id, o.amount_before::numeric
  FROM opportunity AS o
  WHERE o.stage_id IS NOT NULL AND coalesce(o.changed_at, o.created_at) <= deal_at.as_of
    AND (deal_at.changed_after IS NULL OR coalesce(o.changed_at, o.created_at) > deal_at.changed_after)
  UNION ALL
  SELECT o.opportunity_id, o.code, o.name, o.account_id, o.created_at,
    o.first_changed_at, known.changed_at, known.place, known.owner_id, known.stage_id,
    known.expected_close, known.amount, known.forecast_category, known.lost_reason, known.competitor,
    false, NULL, NULL
  FROM (
    SELECT later.opportunity_id, later.code, later.name, later.account_id, later.created_at, later.first_changed_at
    FROM opportunity AS later
    WHERE later.changed_at > deal_at.as_of AND later.first_changed_at <= deal_at.as_of
    -- + 0: sorted, as few deals have changed after today; the primary key would read them all
    ORDER BY later.opportunity_id + 0
  ) AS o
  CROSS JOIN LATERAL change_up_to(o.opportunity_id, deal_at.as_of) AS known;
END;
COMMENT ON FUNCTION deal_at(timestamptz, timestamptz) IS
'The state each deal was in at as_of: the last row of its history up to then, with what the deal is called, whose it is now and when its history begins; is_present: it is the present state, of which the stage and the amount before are known; deals that have not changed after changed_after are left out';

CREATE FUNCTION opened_deal(as_of timestamptz, since timestamptz, until timestamptz) RETURNS TABLE (
  opportunity_id bigint, code text, created_at timestamptz, owner_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT o.opportunity_id, o.code, o.created_at,
    CASE
      WHEN o.first_changed_at <= opened_deal.as_of THEN o.first_owner_id
      WHEN o.change_seq IS NULL AND (o.stage_id IS NULL OR coalesce(o.changed_at, o.created_at) <= opened_deal.as_of) THEN o.owner_id
    END
  FROM opportunity AS o
  WHERE o.created_at >= opened_deal.since AND o.created_at < opened_deal.until AND o.created_at <= opened_deal.as_of;
END;
COMMENT ON FUNCTION opened_deal(timestamptz, timestamptz, timestamptz) IS
'The deals created from since to before until, and up to as_of, each with its first owner as of then';

-- Two times: when it happened, and when the book learned of it.  Of what was known then,
-- the newest correction of the last place is the last row in this order.
CREATE FUNCTION opportunity_as_recorded(known_at timestamptz, as_of timestamptz DEFAULT NULL) RETURNS TABLE (
  opportunity text, opportunity_name text, person text, person_name text,
  pipeline text, stage text, stage_name text, stage_position int, amount numeric, expected_close date,
  forecast_category text, lost_reason text, competitor text, changed_at timestamptz, recorded_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH asked AS MATERIALIZED (
    SELECT opportunity_as_recorded.known_at, coalesce(opportunity_as_recorded.as_of, opportunity_as_recorded.known_at) AS as_of
    -- both are refused where a report would refuse as_of
    FROM settings('{}', opportunity_as_recorded.known_at) AS known
    CROSS JOIN settings('{}', coalesce(opportunity_as_recorded.as_of, opportunity_as_recorded.known_at)) AS given
  )
  SELECT o.code, o.name, owner.code, owner.name, p.code, s.code, s.name, s.position, known.amount, known.expected_close,
    known.forecast_category, known.lost_reason, known.competitor, known.changed_at, known.recorded_at
  FROM (
    SELECT DISTINCT ON (believed.opportunity_id) believed.*
    FROM (
      SELECT c.opportunity_id, c.changed_at, coalesce(c.corrects, c.seq) AS place, c.seq, c.recorded_at, c.stage_id, c.amount,
        c.expected_close, c.owner_id, c.forecast_category, c.lost_reason, c.competitor
      FROM opportunity_change AS c
      UNION ALL
      SELECT o.opportunity_id, coalesce(o.changed_at, o.created_at), 0, 0, coalesce(o.changed_at, o.created_at), o.stage_id, o.amount,
        o.expected_close, o.owner_id, o.forecast_category, o.lost_reason, o.competitor
      FROM opportunity AS o
      WHERE o.change_seq IS NULL AND o.stage_id IS NOT NULL
    ) AS believed
    WHERE believed.changed_at <= (SELECT asked.as_of FROM asked) AND believed.recorded_at <= (SELECT asked.known_at FROM asked)
    ORDER BY believed.opportunity_id, believed.changed_at DESC, believed.place DESC, believed.seq DESC
  ) AS known
  JOIN opportunity AS o ON o.opportunity_id = known.opportunity_id
  JOIN stage AS s ON s.stage_id = known.stage_id
  JOIN pipeline AS p ON p.pipeline_id = s.pipeline_id
  LEFT JOIN person AS owner ON owner.person_id = known.owner_id
  ORDER BY o.code;
END;
COMMENT ON FUNCTION opportunity_as_recorded(timestamptz, timestamptz) IS
'What the book believed at known_at: the state each deal was in at as_of, by default known_at, before what was recorded or corrected later';
