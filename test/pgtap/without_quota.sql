-- without_quota equals its plain-SQL twin on a random book, for random days and people.
\ir ../begin.sql
SET LOCAL TimeZone = 'UTC';
SELECT FROM salesmgmt.create_book('random_book');
SELECT set_config('search_path', 'random_book, salesmgmt, ' || current_setting('search_path'), true) \g /dev/null
\ir ../oracle/without_quota.sql
CREATE FUNCTION pg_temp.below(n int) RETURNS int LANGUAGE sql VOLATILE RETURN floor(random() * n)::int;
SELECT setseed(0.66) \g /dev/null
SELECT plan(3);

-- 1 leads 2 and 3, who lead the others; most leave, and some come back
INSERT INTO person (code, name) SELECT 'p' || n, 'Person ' || n FROM generate_series(1, 14) AS n;
INSERT INTO employment (person_id, during, role)
SELECT n, daterange(date '2024-01-01' + 200 * part + pg_temp.below(90), CASE WHEN part = 0 OR n % 3 = 0 THEN date '2024-01-01' + 200 * part + 110 + pg_temp.below(80) END),
  CASE WHEN n <= 3 THEN 'manager' ELSE 'rep' END
FROM generate_series(1, 14) AS n
CROSS JOIN generate_series(0, 1) AS part
WHERE part = 0 OR n % 4 > 0;
INSERT INTO reporting_line (person_id, manager_id, during) SELECT n, 1, '[2024-01-01,)' FROM generate_series(2, 3) AS n;
INSERT INTO reporting_line (person_id, manager_id, during)
SELECT n, 2 + (n + part) % 2, CASE part WHEN 1 THEN daterange('2024-01-01', '2024-08-10') ELSE daterange('2024-08-20', NULL) END
FROM generate_series(4, 14) AS n
CROSS JOIN generate_series(1, 2) AS part;
-- quotas by quarter below those of the managers, some of them alone, some for two plans, some reset
INSERT INTO plan (plan_id, code, kind, person_id, during) SELECT 100 + n, 'm' || n, 'quota', n, '[2024-01-01,2026-01-01)' FROM generate_series(1, 3) AS n;
INSERT INTO plan (plan_id, code, kind, person_id, during, parent_id)
SELECT 200 + n, 'q' || n, CASE WHEN n % 9 = 0 THEN 'development' ELSE 'quota' END, 4 + n % 11, '[2024-01-01,2026-01-01)', CASE WHEN n % 5 > 0 THEN 102 + n % 2 END
FROM generate_series(1, 16) AS n;
UPDATE plan SET agreed_by_person_on = date '2023-12-01' + 15 * (plan_id % 40)::int WHERE plan_id % 4 = 0;
INSERT INTO plan_target (plan_id, metric_id, during, revision, target, revised_at, reason)
SELECT plan_id, (SELECT metric_id FROM metric WHERE code = 'bookings'), daterange(q::date, (q + interval '3 months')::date), revision, 100 + pg_temp.below(900),
  q + (40 * revision - 50) * interval '1 day', CASE WHEN revision > 1 THEN 'Reset' END
FROM plan
CROSS JOIN generate_series('2024-01-01'::timestamp, '2025-04-01', '3 months') AS q
CROSS JOIN generate_series(1, 2) AS revision
WHERE (plan_id * 7 + extract(month FROM q)::int + extract(year FROM q)::int) % 5 > 1 AND (revision = 1 OR plan_id % 3 = 0);
INSERT INTO territory (territory_id, code, name) SELECT n, 'r' || n, 'Region ' || n FROM generate_series(1, 3) AS n;
INSERT INTO territory (territory_id, code, name, parent_id) SELECT n, 'd' || n, 'District ' || n, 1 + n % 3 FROM generate_series(4, 15) AS n;
INSERT INTO territory_assignment (territory_id, person_id, during)
SELECT t, CASE WHEN t <= 3 THEN 1 + t % 3 ELSE 1 + pg_temp.below(14) END, daterange(date '2024-01-01' + 220 * part + pg_temp.below(60), date '2024-01-01' + 220 * part + 70 + pg_temp.below(140))
FROM generate_series(1, 14) AS t
CROSS JOIN generate_series(0, 2) AS part
ON CONFLICT DO NOTHING;
INSERT INTO account (account_id, code, name, territory_id) SELECT n, 'a' || n, 'Account ' || n, nullif(pg_temp.below(16), 0) FROM generate_series(1, 60) AS n;
INSERT INTO account_owner (account_id, person_id, during)
SELECT n, 1 + pg_temp.below(14), daterange('2024-01-01', CASE WHEN n % 3 = 0 THEN date '2024-06-01' + n END) FROM generate_series(1, 60) AS n;

CREATE TEMP TABLE question AS
SELECT n, (ARRAY[NULL, 'p1', 'p2', 'p3'])[1 + n % 4] AS asked, as_of, (as_of AT TIME ZONE 'UTC')::date AS today,
  CASE WHEN n % 5 = 0 THEN daterange((as_of AT TIME ZONE 'UTC')::date + pg_temp.below(90) - 60, NULL) END AS during
FROM (SELECT n, timestamptz '2024-01-20' + random() * 480 * interval '1 day' AS as_of FROM generate_series(1, 80) AS n) AS q;
ANALYZE;
CREATE TEMP TABLE ours AS
SELECT q.n, w.* FROM question AS q CROSS JOIN LATERAL without_quota(q.as_of, q.asked, q.during) AS w;
SELECT bag_eq(
  'SELECT * FROM ours',
  $$ SELECT q.n, w.*
     FROM question AS q
     CROSS JOIN LATERAL oracle.without_quota(q.as_of, (SELECT person_id FROM person WHERE code = q.asked), coalesce(lower(q.during), q.today), q.today) AS w $$,
  'without_quota equals its oracle');
SELECT cmp_ok(count(*), '>=', 400::bigint, 'so many gaps') FROM ours;
SELECT ok(count(*) FILTER (WHERE kind = 'person' AND since IS NOT NULL AND accounts > 0) > 30 AND count(*) FILTER (WHERE kind = 'plan' AND since IS NOT NULL) > 30
    AND count(*) FILTER (WHERE kind = 'plan' AND manager IS NULL) > 5 AND count(*) FILTER (WHERE kind = 'territory' AND manager IS NOT NULL) > 30
    AND count(*) FILTER (WHERE kind = 'territory' AND since IS NULL) > 5,
  'it has seen reps without a quota, quotas without a rep, with and without one above, and districts without anybody') FROM ours;

SELECT * FROM finish();
ROLLBACK;
