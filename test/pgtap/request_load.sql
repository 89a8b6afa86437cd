-- request_load equals its plain-SQL twin on a random book, for random instants, spans and people.
\ir ../begin.sql
SET LOCAL TimeZone = 'UTC';
SELECT FROM salesmgmt.create_book('random_book', time_zone => 'America/New_York');
SELECT set_config('search_path', 'random_book, salesmgmt, ' || current_setting('search_path'), true) \g /dev/null
\ir ../oracle/request_load.sql
CREATE FUNCTION pg_temp.below(n int) RETURNS int LANGUAGE sql VOLATILE RETURN floor(random() * n)::int;
SELECT setseed(0.43) \g /dev/null
SELECT plan(5);

-- 1 leads 2 and 3, who lead the others; some change the boss, some work part of the week, one leaves
INSERT INTO person (code, name) SELECT 'p' || n, 'Person ' || n FROM generate_series(1, 8) AS n;
INSERT INTO reporting_line (person_id, manager_id, during) SELECT n, 1, '[2024-01-01,)' FROM generate_series(2, 3) AS n;
INSERT INTO reporting_line (person_id, manager_id, during)
SELECT n, 2 + (n + part) % 2, CASE part WHEN 1 THEN daterange('2024-01-01', '2025-06-10') ELSE daterange('2025-06-10', NULL) END
FROM generate_series(4, 8) AS n
CROSS JOIN generate_series(1, 2) AS part;
INSERT INTO employment (person_id, during, role, week)
SELECT n, daterange('2024-01-01', CASE WHEN n = 7 THEN date '2025-05-14' END), 'rep', CASE n % 3 WHEN 0 THEN '135' WHEN 1 THEN '12345' ELSE '23456' END
FROM generate_series(2, 8) AS n;
INSERT INTO territory (territory_id, code, name) VALUES (1, 'north', 'North'), (2, 'south', 'South');
INSERT INTO territory_assignment (territory_id, person_id, during)
SELECT 1 + n % 2, n, CASE WHEN n % 4 = 0 THEN daterange('2024-01-01', '2025-04-01') ELSE daterange('2024-01-01', NULL) END
FROM generate_series(2, 8) AS n;
INSERT INTO holiday (day, territory_id, name)
SELECT date '2025-01-01' + 9 * n + pg_temp.below(9), nullif(pg_temp.below(3), 0), 'Holiday ' || n FROM generate_series(1, 25) AS n;
INSERT INTO absence (person_id, during)
SELECT p, daterange(d, d + 1 + pg_temp.below(12))
FROM generate_series(2, 8) AS p
CROSS JOIN generate_series(1, 4) AS k
CROSS JOIN LATERAL (SELECT date '2025-01-10' + 50 * k + p AS d) AS s;
INSERT INTO metric (metric_id, code, name, unit) VALUES (101, 'calls', 'Calls', 'count');
-- nights around midnight in New York; quarters of an hour, no hours, and weeks of two requests for the same thing
INSERT INTO request (code, person_id, origin, requested_at, hours, subject, gave_way, metric_id)
SELECT 'r' || n, 1 + pg_temp.below(8), (ARRAY['client', 'manager', 'executive', 'colleague', 'other'])[1 + pg_temp.below(5)],
  timestamptz '2025-01-01' + pg_temp.below(2000) * interval '3 hours', CASE WHEN random() < 0.85 THEN pg_temp.below(60) / 4.0 END, 'Something',
  CASE WHEN random() < 0.3 THEN (ARRAY['prospecting', 'Zebra', 'apple', 'proposal'])[1 + pg_temp.below(4)] END,
  CASE WHEN random() < 0.2 THEN 101 END
FROM generate_series(1, 900) AS n;

CREATE TEMP TABLE question AS
SELECT n, CASE n % 3 WHEN 1 THEN 'p2' WHEN 2 THEN 'p3' END AS asked, CASE WHEN n % 4 > 0 THEN daterange(since, since + length) END AS during,
  (ARRAY[37.5, 40, 20])[1 + pg_temp.below(3)] AS hours_per_week, (ARRAY['America/New_York', 'Asia/Tokyo'])[1 + n % 2] AS zone,
  since + length * 0.8 * random() * interval '1 day' + 20 * random() * interval '1 day' AS as_of
FROM generate_series(1, 40) AS n
CROSS JOIN LATERAL (SELECT date '2025-01-05' + pg_temp.below(170) + 0 * n AS since, 1 + pg_temp.below(70) + 0 * n AS length) AS s;
ANALYZE;

CREATE TEMP TABLE ours AS
SELECT q.n, r.*
FROM question AS q
CROSS JOIN LATERAL request_load(q.as_of, q.asked, q.during,
  jsonb_build_object('time_zone', q.zone, 'hours_per_week', q.hours_per_week, 'activity_weeks', 4)) AS r;
CREATE TEMP TABLE theirs AS
SELECT q.n, p.code, o.*
FROM question AS q
CROSS JOIN LATERAL (SELECT oracle.monday(oracle.zone_day(q.as_of, q.zone)) AS day) AS monday
CROSS JOIN LATERAL oracle.request_load(q.as_of, (SELECT person_id FROM person WHERE code = q.asked),
  coalesce(lower(q.during), monday.day - 28), coalesce(upper(q.during), monday.day), q.zone, q.hours_per_week) AS o
JOIN person AS p USING (person_id);
SELECT bag_eq(
  'SELECT n, person, week, requests, unrecorded, request_hours::numeric, client_hours::numeric, manager_hours::numeric,
     executive_hours::numeric, colleague_hours::numeric, other_hours::numeric, working_hours::numeric, gave_way, gave_way_hours::numeric, what_gave_way FROM ours',
  'SELECT n, code, week, requests, unrecorded, hours, client, manager, executive, colleague, other, working, gave_way, gave_way_hours, what FROM theirs',
  'request_load equals its oracle');
SELECT is_empty(
  'SELECT * FROM ours JOIN theirs ON theirs.n = ours.n AND theirs.code = ours.person AND theirs.week = ours.week
   WHERE load_share IS DISTINCT FROM (hours / nullif(working, 0))::float8', 'and so does the share of the week');
SELECT cmp_ok(count(*), '>=', 500::bigint, 'so many weeks of people') FROM ours;
SELECT ok(bool_or(unrecorded > 0) AND bool_or(working_hours = 0) AND bool_or(load_share > 1) AND bool_or(what_gave_way LIKE '%; %')
    AND bool_or(what_gave_way LIKE '%Calls%') AND count(DISTINCT working_hours) > 8,
  'it has seen requests without hours, weeks without work, overtime, and several things that gave way') FROM ours;
SELECT is_empty('SELECT * FROM ours WHERE abs(request_hours - client_hours - manager_hours - executive_hours - colleague_hours - other_hours) > 1e-9',
  'the hours are those of the origins');

SELECT * FROM finish();
ROLLBACK;
