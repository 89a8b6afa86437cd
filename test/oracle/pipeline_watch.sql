-- The reports that watch the pipeline, in plain SQL: row by row, by looking before and
-- after, without windows and without the book's functions and views.  Slow, obvious, and
-- right.  Included after pipeline_views.sql, whose story of the deals they read.

-- The state of each deal just before an instant.
CREATE FUNCTION oracle.state_before(as_of timestamptz, instant timestamptz) RETURNS TABLE (
  deal bigint, stage bigint, outcome text, owner bigint, amount numeric, expected_close date)
LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH story AS MATERIALIZED (SELECT * FROM oracle.story(as_of) AS s WHERE s.at < instant)
  SELECT s.deal, s.stage, s.outcome, s.owner, s.amount, s.expected_close
  FROM story AS s
  WHERE NOT EXISTS (SELECT FROM story AS a WHERE a.deal = s.deal AND a.n > s.n);
END;

-- Whose a deal is: the owner's, or everybody's who leads the owner on that day.
CREATE FUNCTION oracle.holders(owner bigint, day date, by_team boolean) RETURNS SETOF bigint
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT owner WHERE NOT by_team
  UNION ALL
  SELECT leader FROM oracle.leaders(owner, day) AS leader WHERE by_team;
END;

CREATE FUNCTION oracle.waterfall(as_of timestamptz, since date, until date, zone text, horizon int, by_team boolean)
RETURNS TABLE (holder bigint, step text, deals bigint, amount numeric)
LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH before AS MATERIALIZED (
    SELECT * FROM oracle.state_before(as_of, timezone(zone, since::timestamp))
  ), after AS MATERIALIZED (
    SELECT * FROM oracle.state_before(as_of, timezone(zone, until::timestamp))
  ), today (day) AS (
    SELECT oracle.date_of(as_of, zone)
  ), had AS MATERIALIZED (
    SELECT b.deal, h AS holder FROM before AS b, today, oracle.holders(b.owner, least(since - 1, today.day), by_team) AS h
  ), has AS MATERIALIZED (
    SELECT a.deal, h AS holder FROM after AS a, today, oracle.holders(a.owner, least(until - 1, today.day), by_team) AS h
  ), pair AS (
    SELECT p.holder, p.deal,
      EXISTS (SELECT FROM had WHERE had.deal = p.deal AND had.holder IS NOT DISTINCT FROM p.holder) AS was_mine,
      EXISTS (SELECT FROM has WHERE has.deal = p.deal AND has.holder IS NOT DISTINCT FROM p.holder) AS is_mine,
      coalesce(b.outcome, 'none') AS was, a.outcome AS became,
      b.outcome = 'open' AND b.expected_close IS NOT NULL AND b.expected_close < until + horizon AS was_due,
      a.expected_close IS NOT NULL AND a.expected_close < until + horizon AS is_due,
      coalesce(b.amount, 0) AS old_amount, coalesce(a.amount, 0) AS new_amount
    FROM (SELECT * FROM had UNION SELECT * FROM has) AS p
    JOIN after AS a ON a.deal = p.deal
    LEFT JOIN before AS b ON b.deal = p.deal
  ), told AS (
    SELECT pair.*,
      was_mine AND was = 'open' AND was_due AS begins,
      is_mine AND became = 'open' AND is_due AS stays
    FROM pair
  ), entered AS (
    -- is here now, or closed here, and was not in the pipeline of the holder
    SELECT told.*
    FROM told
    WHERE is_mine AND NOT coalesce(begins, false)
      AND (became = 'open' AND is_due OR became = 'won' AND was <> 'won' OR became = 'lost' AND was <> 'lost' AND is_due)
  ), line AS (
    SELECT holder, 'start' AS step, old_amount AS amount FROM told WHERE begins
    UNION ALL SELECT holder, 'end', new_amount FROM told WHERE stays
    UNION ALL SELECT holder, 'new', new_amount FROM entered WHERE was = 'none'
    UNION ALL SELECT holder, 'reopened', new_amount FROM entered WHERE was IN ('won', 'lost')
    UNION ALL SELECT holder, 'transferred_in', new_amount FROM entered WHERE was = 'open' AND NOT was_mine
    UNION ALL SELECT holder, 'pulled_in', new_amount FROM entered WHERE was = 'open' AND was_mine
    UNION ALL SELECT holder, became, -new_amount FROM entered WHERE became <> 'open'
    UNION ALL SELECT holder, 'transferred_out', -old_amount FROM told WHERE begins AND NOT is_mine
    UNION ALL SELECT holder, became, -old_amount FROM told WHERE begins AND is_mine AND became <> 'open'
    UNION ALL SELECT holder, 'pushed_out', -old_amount FROM told WHERE begins AND is_mine AND became = 'open' AND NOT is_due
    UNION ALL SELECT holder, 'increased', new_amount - old_amount FROM told WHERE begins AND stays AND new_amount > old_amount
    UNION ALL SELECT holder, 'decreased', new_amount - old_amount FROM told WHERE begins AND stays AND new_amount < old_amount
  )
  SELECT line.holder, line.step, count(*), sum(line.amount)
  FROM line
  GROUP BY 1, 2;
END;

CREATE FUNCTION oracle.slippage(as_of timestamptz, since date, until date, zone text) RETURNS TABLE (
  owner bigint, due bigint, won bigint, lost bigint, slipped bigint, due_amount numeric, slipped_amount numeric,
  pushed bigint, pushes bigint, days bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH before AS MATERIALIZED (
    SELECT * FROM oracle.state_before(as_of, timezone(zone, since::timestamp))
  ), after AS MATERIALIZED (
    SELECT * FROM oracle.state_before(as_of, timezone(zone, until::timestamp))
  ), story AS MATERIALIZED (
    SELECT * FROM oracle.story(as_of)
  ), due AS (
    SELECT b.owner, coalesce(b.amount, 0) AS amount, a.outcome,
      a.outcome = 'open' AND (a.expected_close IS NULL OR a.expected_close >= until) AS slipped
    FROM before AS b
    JOIN after AS a ON a.deal = b.deal
    WHERE b.outcome = 'open' AND b.expected_close BETWEEN since AND until - 1
  ), push AS (
    SELECT s.owner, s.deal, s.expected_close - b.expected_close AS days
    FROM story AS s
    JOIN story AS b ON b.deal = s.deal AND b.n = s.n - 1
    WHERE oracle.date_of(s.at, zone) BETWEEN since AND until - 1
      AND b.outcome = 'open' AND s.outcome = 'open'
      AND b.expected_close BETWEEN since AND until - 1 AND s.expected_close >= until
  )
  SELECT who.owner,
    (SELECT count(*) FROM due AS d WHERE d.owner IS NOT DISTINCT FROM who.owner),
    (SELECT count(*) FROM due AS d WHERE d.owner IS NOT DISTINCT FROM who.owner AND d.outcome = 'won'),
    (SELECT count(*) FROM due AS d WHERE d.owner IS NOT DISTINCT FROM who.owner AND d.outcome = 'lost'),
    (SELECT count(*) FROM due AS d WHERE d.owner IS NOT DISTINCT FROM who.owner AND d.slipped),
    (SELECT coalesce(sum(d.amount), 0) FROM due AS d WHERE d.owner IS NOT DISTINCT FROM who.owner),
    (SELECT coalesce(sum(d.amount), 0) FROM due AS d WHERE d.owner IS NOT DISTINCT FROM who.owner AND d.slipped),
    (SELECT count(DISTINCT p.deal) FROM push AS p WHERE p.owner IS NOT DISTINCT FROM who.owner),
    (SELECT count(*) FROM push AS p WHERE p.owner IS NOT DISTINCT FROM who.owner),
    (SELECT coalesce(sum(p.days), 0) FROM push AS p WHERE p.owner IS NOT DISTINCT FROM who.owner)
  FROM (SELECT d.owner FROM due AS d UNION SELECT p.owner FROM push AS p) AS who;
END;

-- Every open deal with all that the four lists ask of it.
CREATE FUNCTION oracle.open_deal_watch(as_of timestamptz, zone text) RETURNS TABLE (
  deal bigint, owner bigint, amount numeric, expected_close date,
  stage_days numeric, limit_days numeric, idle_days numeric, is_planned boolean, overdue int, median numeric,
  age_days numeric)
LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH now_ AS MATERIALIZED (
    SELECT * FROM oracle.state_before(as_of, 'infinity')
  ), visit AS MATERIALIZED (
    SELECT * FROM oracle.stage_visit(as_of)
  ), open AS (
    SELECT * FROM now_ WHERE outcome = 'open'
  )
  SELECT o.deal, o.owner, o.amount, o.expected_close,
    (SELECT extract(epoch FROM as_of - v.entered_at) / 86400 FROM visit AS v WHERE v.deal = o.deal AND v.left_at IS NULL),
    coalesce(
      (SELECT r.limit_days FROM stage_rule AS r WHERE r.stage_id = o.stage AND r.during @> oracle.date_of(as_of, zone)),
      (SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM v.left_at - v.entered_at)::float8 / 86400)
       FROM visit AS v
       JOIN now_ AS won ON won.deal = v.deal AND won.outcome = 'won'
       WHERE v.stage = o.stage AND v.left_at IS NOT NULL)::numeric),
    extract(epoch FROM as_of - coalesce(
      (SELECT max(a.held_at) FROM activity AS a WHERE a.opportunity_id = o.deal AND a.held_at <= as_of),
      (SELECT d.created_at FROM opportunity AS d WHERE d.opportunity_id = o.deal))) / 86400,
    EXISTS (
      SELECT FROM activity AS a
      WHERE a.opportunity_id = o.deal AND a.planned_for > as_of
        AND (a.outcome = 'planned' OR a.outcome = 'held' AND a.held_at > as_of OR a.outcome = 'not_held' AND a.called_off_at > as_of)),
    oracle.date_of(as_of, zone) - o.expected_close,
    (SELECT avg(m.amount)
      FROM (SELECT amount, row_number() OVER (ORDER BY amount) AS place, count(*) OVER () AS n FROM open WHERE amount IS NOT NULL) AS m
      WHERE m.place IN ((m.n + 1) / 2, m.n / 2 + 1)),
    extract(epoch FROM as_of - (SELECT d.created_at FROM opportunity AS d WHERE d.opportunity_id = o.deal)) / 86400
  FROM open AS o;
END;

CREATE FUNCTION oracle.lost(as_of timestamptz, zone text) RETURNS TABLE (
  deal bigint, owner bigint, reason text, competitor text, stage bigint, pipeline bigint, closed_on date, amount numeric)
LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH story AS MATERIALIZED (SELECT * FROM oracle.story(as_of))
  SELECT c.deal, c.owner, last.lost_reason, last.competitor,
    (SELECT s.stage FROM story AS s WHERE s.deal = c.deal AND s.outcome = 'open' ORDER BY s.n DESC LIMIT 1),
    (SELECT s.pipeline FROM story AS s WHERE s.deal = c.deal ORDER BY s.n DESC LIMIT 1),
    c.closed_on, c.amount
  FROM oracle.closed(as_of, zone) AS c
  CROSS JOIN LATERAL (
    -- the last word on the deal: its newest row, in the newest version of it
    SELECT h.lost_reason, h.competitor
    FROM (
      SELECT w.changed_at, coalesce(w.corrects, w.seq) AS place, w.seq, w.lost_reason, w.competitor
      FROM opportunity_change AS w
      WHERE w.opportunity_id = c.deal AND w.changed_at <= as_of
      UNION ALL
      SELECT o.created_at, 0, 0, o.lost_reason, o.competitor
      FROM opportunity AS o
      WHERE o.opportunity_id = c.deal AND NOT EXISTS (SELECT FROM opportunity_change AS w WHERE w.opportunity_id = c.deal)
    ) AS h
    ORDER BY h.changed_at DESC, h.place DESC, h.seq DESC
    LIMIT 1) AS last
  WHERE NOT c.won;
END;

CREATE FUNCTION oracle.win_rate_from_stage(as_of timestamptz, since date, until date, zone text) RETURNS TABLE (
  stage bigint, won bigint, lost bigint, lost_amount numeric)
LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH story AS MATERIALIZED (SELECT * FROM oracle.story(as_of)),
  closed AS MATERIALIZED (
    SELECT c.*, present.pipeline, (SELECT max(s.step) FROM story AS s WHERE s.deal = c.deal AND s.pipeline = present.pipeline) AS furthest
    FROM oracle.closed(as_of, zone) AS c
    CROSS JOIN LATERAL (SELECT s.pipeline FROM story AS s WHERE s.deal = c.deal ORDER BY s.n DESC LIMIT 1) AS present
    WHERE c.closed_on BETWEEN since AND until - 1
  ),
  step AS (
    SELECT s.stage_id, s.pipeline_id, (
      SELECT count(*) FROM stage AS b WHERE b.pipeline_id = s.pipeline_id AND b.position <= s.position AND b.outcome <> 'lost') AS n
    FROM stage AS s
    WHERE s.outcome = 'open'
  )
  SELECT step.stage_id,
    (SELECT count(*) FROM closed AS c WHERE c.pipeline = step.pipeline_id AND c.won),
    (SELECT count(*) FROM closed AS c WHERE c.pipeline = step.pipeline_id AND NOT c.won AND (c.furthest >= step.n OR step.n = 1)),
    (SELECT coalesce(sum(c.amount), 0) FROM closed AS c
     WHERE c.pipeline = step.pipeline_id AND NOT c.won AND (c.furthest >= step.n OR step.n = 1))
  FROM step;
END;

CREATE FUNCTION oracle.sales_velocity(as_of timestamptz, since date, until date, zone text, qualified_from int) RETURNS TABLE (
  owner bigint, qualified bigint, won bigint, closed bigint, velocity numeric)
LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH closed AS MATERIALIZED (
    SELECT c.*, c.closed_on - oracle.date_of(o.created_at, zone) AS cycle
    FROM oracle.closed(as_of, zone) AS c
    JOIN opportunity AS o ON o.opportunity_id = c.deal
    WHERE c.closed_on BETWEEN since AND until - 1
  ), story AS MATERIALIZED (
    SELECT * FROM oracle.story(as_of)
  ), open AS MATERIALIZED (
    SELECT s.owner, s.step
    FROM story AS s
    WHERE s.outcome = 'open' AND NOT EXISTS (SELECT FROM story AS a WHERE a.deal = s.deal AND a.n > s.n)
  ), lever AS (
    SELECT who.owner,
      (SELECT count(*) FROM open AS o WHERE o.owner IS NOT DISTINCT FROM who.owner AND o.step >= qualified_from) AS qualified,
      (SELECT count(*) FROM closed AS c WHERE c.owner IS NOT DISTINCT FROM who.owner AND c.won) AS won,
      (SELECT count(*) FROM closed AS c WHERE c.owner IS NOT DISTINCT FROM who.owner) AS closed,
      (SELECT avg(c.amount) FROM closed AS c WHERE c.owner IS NOT DISTINCT FROM who.owner AND c.won) AS size,
      (SELECT avg(c.won::int) FROM closed AS c WHERE c.owner IS NOT DISTINCT FROM who.owner) AS rate,
      (SELECT avg(c.cycle) FROM closed AS c WHERE c.owner IS NOT DISTINCT FROM who.owner AND c.won) AS cycle
    FROM (SELECT o.owner FROM open AS o UNION SELECT c.owner FROM closed AS c) AS who
  )
  SELECT lever.owner, lever.qualified, lever.won, lever.closed,
    CASE WHEN lever.cycle > 0 THEN lever.qualified * lever.size * lever.rate / lever.cycle END
  FROM lever;
END;
