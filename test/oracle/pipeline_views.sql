-- The reports of the pipeline in plain SQL: row by row, by looking before and
-- after, without windows, and without the book's functions and views.  Slow,
-- obvious, and right.  Included with a book first in search_path.
CREATE SCHEMA IF NOT EXISTS oracle;

CREATE FUNCTION oracle.date_of(at timestamptz, zone text) RETURNS date
LANGUAGE sql STABLE
RETURN timezone(zone, at)::date;

-- What happened to each deal, numbered from 1; a corrected row as last corrected, at its old place.
CREATE FUNCTION oracle.story(as_of timestamptz) RETURNS TABLE (
  deal bigint, n bigint, at timestamptz, stage bigint, pipeline bigint, step int, outcome text,
  owner bigint, amount numeric, expected_close date)
LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH happened AS (
    SELECT first.opportunity_id AS deal, first.changed_at AS at, first.seq AS place,
      version.stage_id AS stage, version.owner_id AS owner, version.amount::numeric AS amount, version.expected_close
    FROM opportunity_change AS first
    CROSS JOIN LATERAL (
      SELECT c.*
      FROM opportunity_change AS c
      WHERE c.opportunity_id = first.opportunity_id AND (c.seq = first.seq OR c.corrects = first.seq)
      ORDER BY c.seq DESC
      LIMIT 1) AS version
    WHERE first.corrects IS NULL AND first.changed_at <= as_of
    UNION ALL
    SELECT o.opportunity_id, o.created_at, 0, o.stage_id, o.owner_id, o.amount, o.expected_close
    FROM opportunity AS o
    WHERE o.stage_id IS NOT NULL
      AND o.created_at <= as_of
      AND NOT EXISTS (SELECT FROM opportunity_change AS c WHERE c.opportunity_id = o.opportunity_id)
  )
  SELECT h.deal,
    (SELECT count(*) FROM happened AS b WHERE b.deal = h.deal AND (b.at, b.place) <= (h.at, h.place)),
    h.at, h.stage, s.pipeline_id,
    (SELECT count(*)::int FROM stage AS b
     WHERE b.pipeline_id = s.pipeline_id AND b.position <= s.position AND b.outcome <> 'lost' AND s.outcome <> 'lost'),
    s.outcome, h.owner, h.amount, h.expected_close
  FROM happened AS h
  JOIN stage AS s ON s.stage_id = h.stage;
END;

CREATE FUNCTION oracle.stage_visit(as_of timestamptz) RETURNS TABLE (
  deal bigint, stage bigint, owner bigint, entered_at timestamptz, left_at timestamptz)
LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH story AS MATERIALIZED (SELECT * FROM oracle.story(as_of))
  SELECT s.deal, s.stage, s.owner, s.at,
    (SELECT min(a.at) FROM story AS a WHERE a.deal = s.deal AND a.n > s.n AND a.stage <> s.stage)
  FROM story AS s
  WHERE NOT EXISTS (SELECT FROM story AS b WHERE b.deal = s.deal AND b.n = s.n - 1 AND b.stage = s.stage);
END;

-- One row a deal and pipeline of the deals created from since until before until.
CREATE FUNCTION oracle.journey(as_of timestamptz, since date, until date, zone text) RETURNS TABLE (
  deal bigint, pipeline bigint, owner bigint, step int, reached_at timestamptz, depth int, is_lost boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH story AS MATERIALIZED (SELECT * FROM oracle.story(as_of)),
  passage AS MATERIALIZED (
    SELECT o.opportunity_id AS deal, p.pipeline_id AS pipeline,
      (SELECT s.owner FROM story AS s WHERE s.deal = o.opportunity_id AND s.pipeline = p.pipeline_id ORDER BY s.n LIMIT 1) AS owner,
      (SELECT min(s.at) FROM story AS s WHERE s.deal = o.opportunity_id AND s.pipeline = p.pipeline_id) AS started_at,
      (SELECT max(s.step) FROM story AS s WHERE s.deal = o.opportunity_id AND s.pipeline = p.pipeline_id) AS furthest,
      (SELECT s.outcome = 'lost' FROM story AS s WHERE s.deal = o.opportunity_id AND s.pipeline = p.pipeline_id
       ORDER BY s.n DESC LIMIT 1) AS is_lost
    FROM opportunity AS o
    CROSS JOIN pipeline AS p
    WHERE o.created_at <= as_of
      AND oracle.date_of(o.created_at, zone) >= since
      AND oracle.date_of(o.created_at, zone) < until
  )
  SELECT p.deal, p.pipeline, p.owner, k,
    CASE WHEN k = 1 THEN p.started_at
      ELSE (SELECT min(s.at) FROM story AS s WHERE s.deal = p.deal AND s.pipeline = p.pipeline AND s.step >= k) END,
    greatest(p.furthest, 1), p.is_lost
  FROM passage AS p
  CROSS JOIN LATERAL generate_series(1, greatest(p.furthest, 1)) AS k
  WHERE p.started_at IS NOT NULL;
END;

CREATE FUNCTION oracle.closed(as_of timestamptz, zone text) RETURNS TABLE (
  deal bigint, owner bigint, won boolean, closed_on date, amount numeric)
LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH story AS MATERIALIZED (SELECT * FROM oracle.story(as_of)),
  last AS (
    SELECT s.*
    FROM story AS s
    WHERE NOT EXISTS (SELECT FROM story AS a WHERE a.deal = s.deal AND a.n > s.n)
      AND s.outcome <> 'open'
  )
  SELECT move.deal, move.owner, move.outcome = 'won',
    CASE WHEN move.outcome = 'won' AND move.expected_close IS NOT NULL THEN move.expected_close
      ELSE oracle.date_of(move.at, zone) END,
    CASE WHEN before.deal IS NOT NULL THEN before.amount
      WHEN move.outcome = 'lost' AND move.amount = 0 THEN NULL
      ELSE move.amount END
  FROM last
  JOIN story AS move ON move.deal = last.deal
    AND move.n = 1 + coalesce(
      (SELECT max(b.n) FROM story AS b WHERE b.deal = last.deal AND b.outcome <> last.outcome), 0)
  LEFT JOIN story AS before ON before.deal = move.deal AND before.n = move.n - 1;
END;

-- Everybody for whom a deal of this person counted on this day.
CREATE FUNCTION oracle.leaders(person bigint, day date) RETURNS SETOF bigint
LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH RECURSIVE up (person_id) AS (
    SELECT line.manager_id FROM reporting_line AS line WHERE line.person_id = person AND line.during @> day
    UNION
    SELECT line.manager_id FROM up JOIN reporting_line AS line ON line.person_id = up.person_id AND line.during @> day
  )
  SELECT person_id FROM up
  UNION
  SELECT person WHERE EXISTS (SELECT FROM reporting_line AS line WHERE line.manager_id = person AND line.during @> day);
END;

-- Sums over closed deals, by whatever they are credited to.
CREATE TYPE oracle.closed_sum AS (
  credited bigint, month date, won bigint, lost bigint, win_rate numeric, lower numeric, upper numeric,
  won_amount numeric, lost_amount numeric, win_rate_amount numeric, without bigint);

CREATE FUNCTION oracle.win_rate(as_of timestamptz, zone text, by_team boolean) RETURNS SETOF oracle.closed_sum
LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH credited AS (
    SELECT leader AS person, c.*
    FROM oracle.closed(as_of, zone) AS c
    CROSS JOIN LATERAL oracle.leaders(c.owner, c.closed_on) AS leader
    WHERE by_team
    UNION ALL
    SELECT c.owner, c.*
    FROM oracle.closed(as_of, zone) AS c
    WHERE NOT by_team
  ), summed AS (
    SELECT person, (to_char(closed_on, 'YYYY-MM') || '-01')::date AS month, count(*)::numeric AS n,
      sum(won::int)::numeric AS won, sum((NOT won)::int)::numeric AS lost,
      sum(CASE WHEN won THEN coalesce(amount, 0) ELSE 0 END) AS won_amount,
      sum(CASE WHEN won THEN 0 ELSE coalesce(amount, 0) END) AS lost_amount,
      sum(CASE WHEN won THEN 0 ELSE abs(coalesce(amount, 0)) END) AS lost_any,
      sum((amount IS NULL)::int)::bigint AS without
    FROM credited
    GROUP BY 1, 2
  ), z (z) AS (VALUES (1.959963984540054))
  SELECT person, month, won::bigint, lost::bigint, won / n,
    greatest((won + z * z / 2 - z * sqrt(won * lost / n + z * z / 4)) / (n + z * z), 0),
    least((won + z * z / 2 + z * sqrt(won * lost / n + z * z / 4)) / (n + z * z), 1),
    won_amount, lost_amount,
    CASE WHEN won_amount + lost_amount = 0 THEN NULL
      WHEN lost > 0 AND lost_any = 0 THEN NULL
      ELSE won_amount / (won_amount + lost_amount) END,
    without
  FROM summed
  CROSS JOIN z;
END;

CREATE FUNCTION oracle.win_share(as_of timestamptz, zone text) RETURNS TABLE (
  owner bigint, month date, created bigint, won bigint, lost bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH story AS MATERIALIZED (SELECT * FROM oracle.story(as_of)),
  deal AS (
    SELECT o.created_at,
      CASE WHEN o.stage_id IS NULL THEN o.owner_id
        ELSE (SELECT s.owner FROM story AS s WHERE s.deal = o.opportunity_id AND s.n = 1) END AS owner,
      (SELECT s.outcome FROM story AS s WHERE s.deal = o.opportunity_id ORDER BY s.n DESC LIMIT 1) AS outcome
    FROM opportunity AS o
    WHERE o.created_at <= as_of
  )
  SELECT owner, (to_char(timezone(zone, created_at), 'YYYY-MM') || '-01')::date,
    count(*), sum((outcome IS NOT DISTINCT FROM 'won')::int), sum((outcome IS NOT DISTINCT FROM 'lost')::int)
  FROM deal
  GROUP BY 1, 2;
END;

CREATE FUNCTION oracle.pipeline_coverage(as_of timestamptz, zone text, prior_n numeric) RETURNS TABLE (
  person bigint, period daterange, quota numeric, booked numeric, open_deals bigint, open_pipeline numeric,
  weighted numeric, unweighted bigint, won bigint, closed bigint, shrunk numeric)
LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH story AS MATERIALIZED (SELECT * FROM oracle.story(as_of)),
  today (day) AS (SELECT oracle.date_of(as_of, zone)),
  closed AS MATERIALIZED (
    SELECT c.*
    FROM oracle.closed(as_of, zone) AS c, today
    WHERE c.closed_on BETWEEN today.day - 364 AND today.day
  ),
  target AS (
    SELECT p.person_id AS person, t.during::daterange AS period, sum(t.target) AS quota
    FROM plan_target AS t
    JOIN plan AS p ON p.plan_id = t.plan_id
    JOIN metric AS m ON m.metric_id = t.metric_id
    CROSS JOIN today
    WHERE p.kind = 'quota' AND m.code = 'bookings' AND t.level = 'base' AND t.during @> today.day
      AND NOT EXISTS (SELECT FROM plan AS part WHERE part.parent_id = p.plan_id)
      AND t.revision = (
        SELECT max(r.revision)
        FROM plan_target AS r
        WHERE r.plan_id = t.plan_id AND r.metric_id = t.metric_id AND r.during = t.during AND r.level = 'base'
          AND r.revised_at <= as_of)
    GROUP BY 1, 2
  ),
  open AS (
    SELECT s.*, (
      SELECT r.probability FROM stage_rule AS r, today WHERE r.stage_id = s.stage AND r.during @> today.day) AS probability
    FROM story AS s
    WHERE s.outcome = 'open' AND NOT EXISTS (SELECT FROM story AS a WHERE a.deal = s.deal AND a.n > s.n)
  ),
  rate AS (
    SELECT t.person, t.period,
      (SELECT count(*) FROM closed AS c WHERE c.owner = t.person AND c.won) AS won,
      (SELECT count(*) FROM closed AS c WHERE c.owner = t.person) AS closed,
      (SELECT avg(c.won::int) FROM closed AS c) AS prior
    FROM target AS t
  )
  SELECT t.person, t.period, t.quota,
    (SELECT coalesce(sum(b.amount * CASE
         WHEN EXISTS (SELECT FROM booking_credit AS c WHERE c.booking_id = b.booking_id)
         THEN (SELECT c.share FROM booking_credit AS c WHERE c.booking_id = b.booking_id AND c.person_id = t.person)
         WHEN b.person_id = t.person THEN 1
       END), 0)
     FROM booking AS b, today
     WHERE t.period @> b.booked_on AND b.booked_on <= today.day),
    (SELECT count(*) FROM open AS o WHERE o.owner = t.person AND t.period @> o.expected_close),
    (SELECT coalesce(sum(o.amount), 0) FROM open AS o WHERE o.owner = t.person AND t.period @> o.expected_close),
    (SELECT coalesce(sum(o.amount * o.probability), 0) FROM open AS o WHERE o.owner = t.person AND t.period @> o.expected_close),
    (SELECT count(*) FROM open AS o WHERE o.owner = t.person AND t.period @> o.expected_close AND o.probability IS NULL),
    r.won, r.closed, (r.won + prior_n * r.prior) / (r.closed + prior_n)
  FROM target AS t
  JOIN rate AS r USING (person, period);
END;
