-- The reports of the pipeline equal their plain-SQL twins on a random book of 250 deals,
-- on five days and in two time zones, and their figures add up.
\ir ../begin.sql
SET LOCAL TimeZone = 'UTC';
SELECT FROM salesmgmt.create_book('random_book');
SELECT set_config('search_path', 'random_book, salesmgmt, ' || current_setting('search_path'), true) \g /dev/null
\ir ../oracle/pipeline_views.sql
SELECT setseed(0.2718) AS seed \gset
SELECT plan(18);
\ir ../random_pipeline.sql
INSERT INTO booking (code, booked_on, person_id, amount)
SELECT 'b' || id, date '2025-01-01' + floor(random() * 550)::int, 1 + floor(random() * 10), floor(random() * 100) * 10 - 50
FROM generate_series(1, 200) AS id;
-- every fifth is shared by two
INSERT INTO booking_credit (booking_id, person_id, share)
SELECT booking_id, 1 + (booking_id / 5 + 3 * n) % 10, 0.25 + 0.5 * n
FROM booking, generate_series(0, 1) AS n
WHERE booking_id % 5 = 0;
-- quotas of quarters, with up to three revisions; 1's is shared out
INSERT INTO plan (plan_id, code, kind, person_id, during, parent_id)
SELECT p, 'q' || p, 'quota', p, '[2025-01-01,2027-01-01)', CASE WHEN p > 3 THEN 1 END FROM generate_series(1, 10) AS p;
INSERT INTO plan_target (plan_id, metric_id, during, revision, target, revised_at, reason)
SELECT p, (SELECT metric_id FROM metric WHERE code = 'bookings'),
  daterange((date '2025-01-01' + q * interval '3 months')::date, (date '2025-04-01' + q * interval '3 months')::date),
  revision, floor(random() * 8) * 200, timestamptz '2024-12-15' + (q * 90 + (revision - 1) * 40) * interval '1 day',
  CASE WHEN revision > 1 THEN 'Reset' END
FROM generate_series(1, 10) AS p, generate_series(0, 5) AS q, generate_series(1, 3) AS revision;
ANALYZE;

CREATE TEMP TABLE asked (as_of, zone) AS VALUES
  (timestamptz '2025-01-01', 'UTC'), ('2025-08-20 12:00', 'UTC'), ('2025-12-31 23:30', 'America/New_York'),
  ('2026-02-10', 'UTC'), ('2026-06-30', 'America/New_York');
CREATE TEMP TABLE question AS
SELECT as_of, zone, jsonb_build_object('time_zone', zone) AS options, oracle.date_of(as_of, zone) AS today FROM asked;

-- ---- rows of a query that are in one answer and not in the other -----------------------
CREATE FUNCTION pg_temp.differ(got text, expected text) RETURNS SETOF record
LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE format(
    '(SELECT ''got'', x::text FROM ((%1$s) EXCEPT ALL (%2$s)) AS x) UNION ALL (SELECT ''expected'', x::text FROM ((%2$s) EXCEPT ALL (%1$s)) AS x)',
    got, expected);
END $$;

SELECT cmp_ok((SELECT count(*) FROM oracle.story('2026-06-30')), '>', 900::bigint, 'the book has a history');
SELECT is_empty(
  $$SELECT * FROM pg_temp.differ(
    'SELECT q.as_of, e.opportunity, e.stage, e.person, e.entered_at, e.left_at, e.is_current
     FROM question AS q, stage_entry(q.as_of, options => q.options) AS e',
    'SELECT q.as_of, o.code, s.code, p.code, v.entered_at, v.left_at, v.left_at IS NULL
     FROM question AS q, oracle.stage_visit(q.as_of) AS v
     JOIN opportunity AS o ON o.opportunity_id = v.deal JOIN stage AS s ON s.stage_id = v.stage
     LEFT JOIN person AS p ON p.person_id = v.owner') AS d (side text, line text)$$,
  'stage_entry equals its oracle');

CREATE TEMP TABLE journey AS
SELECT q.as_of, j.*, (SELECT p.code FROM person AS p WHERE p.person_id = j.owner) AS rep
FROM question AS q, oracle.journey(q.as_of, q.today - 364, q.today + 1, q.zone) AS j;
CREATE TEMP TABLE counted AS
SELECT j.as_of, grouping(j.rep) = 1 AS everybody, j.rep, s.stage_id, s.step,
  count(*) FILTER (WHERE j.step = 1) AS entered,
  count(*) FILTER (WHERE j.step = s.step) AS reached,
  count(*) FILTER (WHERE j.step = 1 AND j.depth = s.step - 1 AND j.is_lost) AS lost,
  count(*) FILTER (WHERE j.step = 1 AND j.depth = s.step - 1 AND NOT j.is_lost) AS pending,
  round(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM j.reached_at - first.reached_at)::float8 / 86400)
    FILTER (WHERE j.step = s.step)::numeric, 6) AS median_days,
  round(percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM j.reached_at - before.reached_at)::float8 / 86400)
    FILTER (WHERE j.step = s.step AND s.step > 1)::numeric, 6) AS step_p90_days
FROM journey AS j
JOIN (SELECT stage_id, pipeline_id, (SELECT count(*) FROM stage AS b
    WHERE b.pipeline_id = stage.pipeline_id AND b.position <= stage.position AND b.outcome <> 'lost') AS step
  FROM stage WHERE outcome <> 'lost') AS s ON s.pipeline_id = j.pipeline
LEFT JOIN journey AS first ON first.as_of = j.as_of AND first.deal = j.deal AND first.pipeline = j.pipeline AND first.step = 1
LEFT JOIN journey AS before ON before.as_of = j.as_of AND before.deal = j.deal AND before.pipeline = j.pipeline AND before.step = j.step - 1
GROUP BY GROUPING SETS ((j.as_of, s.stage_id, s.step, j.rep), (j.as_of, s.stage_id, s.step));

SELECT is_empty(
  $$SELECT * FROM pg_temp.differ(
    'SELECT q.as_of, f.stage, f.step, f.entered, f.reached, f.lost, f.pending,
       round(f.median_days::numeric, 6) AS median, round(f.step_p90_days::numeric, 6) AS p90,
       round(f.conversion_rate::numeric, 9) AS rate
     FROM question AS q, funnel(q.as_of, options => q.options) AS f
     WHERE f.entered > 0',
    'SELECT as_of, s.code, step, entered, reached, lost, pending, median_days, step_p90_days,
       round(reached::numeric / entered, 9)
     FROM counted JOIN stage AS s USING (stage_id)
     WHERE everybody') AS d (side text, line text)$$,
  'funnel equals its oracle');
SELECT is_empty(
  $$SELECT * FROM pg_temp.differ(
    'SELECT q.as_of, f.person, f.stage, f.step, f.entered, f.reached, f.lost, f.pending,
       round(f.median_days::numeric, 6) AS median, round(f.step_p90_days::numeric, 6) AS p90
     FROM question AS q, funnel_by_rep(q.as_of, options => q.options) AS f',
    'SELECT as_of, rep, s.code, step, entered, reached, lost, pending, median_days, step_p90_days
     FROM counted JOIN stage AS s USING (stage_id)
     WHERE NOT everybody') AS d (side text, line text)$$,
  'funnel_by_rep equals its oracle');
SELECT is_empty(
  $$SELECT *
    FROM (
      SELECT q.as_of, f.person, f.stage, f.step, f.reached + f.lost + f.pending AS accounted,
        lag(f.reached) OVER (PARTITION BY q.as_of, f.person, f.pipeline ORDER BY f.step) AS before
      FROM question AS q, funnel_by_rep(q.as_of, options => q.options) AS f) AS step
    WHERE step > 1 AND accounted <> before OR step = 1 AND accounted = 0$$,
  'who reached a stage, reached the next, was lost or is pending');
SELECT is_empty(
  $$SELECT * FROM pg_temp.differ(
    'SELECT q.as_of, f.stage, sum(f.entered), sum(f.reached), sum(f.lost), sum(f.pending)
     FROM question AS q, funnel_by_rep(q.as_of, options => q.options) AS f GROUP BY 1, 2',
    'SELECT q.as_of, f.stage, f.entered, f.reached, f.lost, f.pending
     FROM question AS q, funnel(q.as_of, options => q.options) AS f WHERE f.entered > 0') AS d (side text, line text)$$,
  'the funnels of the reps add up to the funnel');
SELECT is_empty(
  $$SELECT * FROM pg_temp.differ(
    'SELECT q.as_of, f.stage, f.entered, f.reached, f.lost, f.pending
     FROM question AS q, funnel(q.as_of, ''p3'', options => q.options) AS f WHERE f.entered > 0',
    'SELECT q.as_of, f.stage, sum(f.entered)::int8, sum(f.reached)::int8, sum(f.lost)::int8, sum(f.pending)::int8
     FROM question AS q, funnel_by_rep(q.as_of, options => q.options) AS f
     JOIN person AS p ON p.code = f.person
     WHERE p.code = ''p3'' OR 3 IN (SELECT oracle.leaders(p.person_id, q.today))
     GROUP BY 1, 2') AS d (side text, line text)$$,
  'the funnel of a leader is that of the people below');

SELECT is_empty(
  $$SELECT * FROM pg_temp.differ(
    'SELECT q.as_of, d.stage, d.visits, d.open_visits, round(d.median_days::numeric, 6) AS median,
       round(d.p90_days::numeric, 6) AS p90, round(d.ended_median_days::numeric, 6) AS ended
     FROM question AS q, stage_duration(q.as_of, options => q.options) AS d WHERE d.visits > 0',
    'SELECT q.as_of, s.code, count(*), count(*) FILTER (WHERE v.left_at IS NULL),
       round(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM coalesce(v.left_at, q.as_of) - v.entered_at)::float8 / 86400)::numeric, 6),
       round(percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM coalesce(v.left_at, q.as_of) - v.entered_at)::float8 / 86400)::numeric, 6),
       round((percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM v.left_at - v.entered_at)::float8 / 86400)
         FILTER (WHERE v.left_at IS NOT NULL))::numeric, 6)
     FROM question AS q, oracle.stage_visit(q.as_of) AS v
     JOIN stage AS s ON s.stage_id = v.stage
     WHERE s.outcome = ''open''
     GROUP BY q.as_of, s.code') AS d (side text, line text)$$,
  'stage_duration equals its oracle');
SELECT is(
  (SELECT array_agg((SELECT sum(visits) FROM stage_duration(q.as_of)) ORDER BY q.as_of) FROM question AS q),
  (SELECT array_agg((SELECT count(*)::numeric FROM stage_entry(q.as_of) AS e WHERE e.outcome = 'open') ORDER BY q.as_of) FROM question AS q),
  'every visit of an open stage is counted');
-- whose visits, and since when: against the entries themselves
CREATE TEMP VIEW asked_duration AS
SELECT q.as_of, who.person, span.during, d.stage, d.visits, d.open_visits, round(d.median_days::numeric, 6) AS median_days,
  round(d.p90_days::numeric, 6) AS p90_days, round(d.ended_p90_days::numeric, 6) AS ended_p90_days
FROM question AS q
CROSS JOIN (VALUES (NULL), ('p3'), ('p7')) AS who (person)
CROSS JOIN (VALUES (NULL), (daterange('2025-06-01', '2025-12-01')), (daterange('2025-10-15', NULL)), ('empty')) AS span (during)
CROSS JOIN LATERAL stage_duration(q.as_of, who.person, span.during, q.options) AS d
WHERE d.visits > 0;
CREATE TEMP TABLE entry_duration AS
SELECT q.as_of, who.person, span.during, e.stage, count(*) AS visits, count(*) FILTER (WHERE e.is_current) AS open_visits,
  round(percentile_cont(0.5) WITHIN GROUP (ORDER BY e.stage_days)::numeric, 6) AS median_days,
  round(percentile_cont(0.9) WITHIN GROUP (ORDER BY e.stage_days)::numeric, 6) AS p90_days,
  round((percentile_cont(0.9) WITHIN GROUP (ORDER BY e.stage_days) FILTER (WHERE NOT e.is_current))::numeric, 6) AS ended_p90_days
FROM question AS q
CROSS JOIN (VALUES (NULL), ('p3'), ('p7')) AS who (person)
CROSS JOIN (VALUES (NULL), (daterange('2025-06-01', '2025-12-01')), (daterange('2025-10-15', NULL)), ('empty')) AS span (during)
CROSS JOIN LATERAL stage_entry(q.as_of, who.person, span.during, q.options) AS e
WHERE e.outcome = 'open'
GROUP BY q.as_of, who.person, span.during, e.stage;
SELECT is_empty(
  $$SELECT * FROM pg_temp.differ('SELECT * FROM asked_duration', 'SELECT * FROM entry_duration') AS d (side text, line text)$$,
  'stage_duration of some visits equals the percentiles of their entries');

SELECT is_empty(
  $$SELECT * FROM pg_temp.differ(
    'SELECT q.as_of, w.person, w.month, w.won, w.lost, round(w.win_rate::numeric, 9) AS rate,
       round(w.win_rate_lower::numeric, 9) AS lower, round(w.win_rate_upper::numeric, 9) AS upper,
       w.won_amount, w.lost_amount, round(w.win_rate_amount::numeric, 9) AS amount, w.closed_without_amount
     FROM question AS q, win_rate(q.as_of, options => q.options) AS w',
    'SELECT q.as_of, p.code, o.month, o.won, o.lost, round(o.win_rate, 9), round(o.lower, 9), round(o.upper, 9),
       o.won_amount, o.lost_amount, round(o.win_rate_amount, 9), o.without
     FROM question AS q, oracle.win_rate(q.as_of, q.zone, false) AS o
     LEFT JOIN person AS p ON p.person_id = o.credited') AS d (side text, line text)$$,
  'win_rate equals its oracle');
SELECT is_empty(
  $$SELECT * FROM pg_temp.differ(
    'SELECT q.as_of, w.person, w.month, w.won, w.lost, round(w.win_rate::numeric, 9) AS rate,
       w.won_amount, w.lost_amount, round(w.win_rate_amount::numeric, 9) AS amount, w.closed_without_amount
     FROM question AS q, win_rate_by_team(q.as_of, options => q.options) AS w',
    'SELECT q.as_of, p.code, o.month, o.won, o.lost, round(o.win_rate, 9),
       o.won_amount, o.lost_amount, round(o.win_rate_amount, 9), o.without
     FROM question AS q, oracle.win_rate(q.as_of, q.zone, true) AS o
     JOIN person AS p ON p.person_id = o.credited') AS d (side text, line text)$$,
  'win_rate_by_team equals its oracle');
SELECT is(
  (SELECT array_agg((SELECT ROW(sum(won), sum(lost), sum(closed_amount)) FROM win_rate_by_team(q.as_of, 'p1') WHERE person = 'p1')::text ORDER BY q.as_of) FROM question AS q),
  (SELECT array_agg((SELECT ROW(sum(won), sum(lost), sum(closed_amount)) FROM win_rate(q.as_of) WHERE person IS NOT NULL)::text ORDER BY q.as_of) FROM question AS q),
  'what the reps closed is what the whole team closed');
SELECT is_empty(
  $$SELECT * FROM pg_temp.differ(
    'SELECT q.as_of, w.person, w.created_month, w.created, w.won, w.lost
     FROM question AS q, win_share(q.as_of, options => q.options) AS w',
    'SELECT q.as_of, p.code, o.month, o.created, o.won, o.lost
     FROM question AS q, oracle.win_share(q.as_of, q.zone) AS o
     LEFT JOIN person AS p ON p.person_id = o.owner') AS d (side text, line text)$$,
  'win_share equals its oracle');
SELECT is_empty(
  $$SELECT * FROM pg_temp.differ(
    'SELECT q.as_of, c.person, c.period_from, c.quota, c.booked, c.remaining, c.met, c.open_deals, c.open_pipeline,
       c.weighted_pipeline, c.unweighted_deals, c.won, c.closed,
       round(c.coverage::numeric, 9) AS coverage, round(c.gross_coverage::numeric, 9) AS gross,
       round(c.shrunk_win_rate::numeric, 9) AS shrunk, round(c.required_coverage::numeric, 9) AS required
     FROM question AS q, pipeline_coverage(q.as_of, options => q.options) AS c',
    'SELECT q.as_of, p.code, lower(o.period), o.quota, o.booked, o.quota - o.booked, o.quota <= o.booked, o.open_deals, o.open_pipeline,
       o.weighted, o.unweighted, o.won, o.closed,
       CASE WHEN o.quota > o.booked THEN round(o.open_pipeline / (o.quota - o.booked), 9) END,
       CASE WHEN o.quota > 0 THEN round(o.open_pipeline / o.quota, 9) END,
       round(o.shrunk, 9), round(1 / nullif(o.shrunk, 0), 9)
     FROM question AS q, oracle.pipeline_coverage(q.as_of, q.zone, 10) AS o
     JOIN person AS p ON p.person_id = o.person') AS d (side text, line text)$$,
  'pipeline_coverage equals its oracle');
SELECT ok((SELECT bool_or(met) AND bool_or(NOT met) AND bool_or(coverage > 0) AND bool_or(unweighted_deals > 0)
  FROM question AS q, pipeline_coverage(q.as_of) AS c), 'it has seen quotas met and not met, and pipeline with and without a weight');
SELECT is(
  (SELECT array_agg(DISTINCT format_type(atttypid, atttypmod)::text ORDER BY format_type(atttypid, atttypmod)::text)
   FROM pg_attribute
   WHERE attrelid = ANY ('{stage_entry,funnel,funnel_by_rep,stage_duration,win_rate,win_rate_by_team,win_share,pipeline_coverage}'::regclass[])),
  '{bigint,boolean,date,double precision,integer,"numeric(20,4)",text,"timestamp with time zone"}',
  'the views have columns of types that clients read');

-- more open stages than stage_times() counts at a time, before, between and behind those of the book
INSERT INTO pipeline (pipeline_id, code, name) VALUES (1000, 'endless', 'An endless one');
INSERT INTO stage (stage_id, code, pipeline_id, name, position)
SELECT CASE WHEN n <= 62 THEN -n ELSE 1000 + n END, 'endless' || n, 1000, 'Stage ' || n, n
FROM generate_series(1, 140) AS n;
SELECT is_empty(
  $$SELECT * FROM pg_temp.differ('SELECT * FROM asked_duration', 'SELECT * FROM entry_duration') AS d (side text, line text)$$,
  'stage_duration counts more than 64 stages');

SELECT * FROM finish();
ROLLBACK;
