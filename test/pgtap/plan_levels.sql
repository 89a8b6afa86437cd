-- target_attainment, plan_coverage_by_team and quota_cascade_level equal their plain-SQL twins on a random book.
\ir ../begin.sql
SET LOCAL TimeZone = 'UTC';
SELECT FROM salesmgmt.create_book('random_book');
SELECT set_config('search_path', 'random_book, salesmgmt, ' || current_setting('search_path'), true) \g /dev/null
\ir ../oracle/pipeline_views.sql
\ir ../oracle/plan_views.sql
\ir ../oracle/plan_reports.sql
\ir ../oracle/plan_levels.sql
SELECT setseed(0.6931) AS seed \gset
SELECT plan(7);
\ir ../random_pipeline.sql
\ir ../random_plans.sql

-- Families and products without one, bookings that are split, kinds that count as meetings, and what is imported.
INSERT INTO product (product_id, code, name, family) SELECT p, 'i' || p, 'Item ' || p, CASE WHEN p < 9 THEN 'f' || p / 2 END FROM generate_series(1, 10) AS p;
INSERT INTO booking (booking_id, code, booked_on, person_id, product_id, amount)
SELECT 10000 + id, 'i' || id, date '2025-01-01' + floor(random() * 550)::int, 1 + floor(random() * 10), 1 + floor(random() * 10), floor(random() * 100) * 10 - 250
FROM generate_series(1, 300) AS id;
INSERT INTO booking_credit (booking_id, person_id, share)
SELECT 10000 + id, 1 + (id + part) % 10, 0.5 - 0.2 * part FROM generate_series(1, 300, 4) AS id, generate_series(0, 1) AS part;
UPDATE activity_kind SET counts_as = 'proposal' WHERE code = 'meeting';
INSERT INTO activity_kind (activity_kind_id, code, name, counts_as, metric_id) VALUES
  (4, 'intro', 'Introduction', 'discovery', NULL), (5, 'cold', 'Cold call', 'call', NULL),
  (6, 'fair', 'Fair', NULL, (SELECT metric_id FROM metric WHERE code = 'meetings_held'));
INSERT INTO activity (code, activity_kind_id, person_id, planned_for, held_at, outcome)
SELECT 'y' || id, 2 + floor(random() * 5), 1 + floor(random() * 10), at, CASE WHEN id % 4 > 0 THEN at END, CASE WHEN id % 4 > 0 THEN 'held' ELSE 'not_held' END
FROM (SELECT id, timestamptz '2025-01-01' + random() * 550 * interval '1 day' AS at FROM generate_series(1, 600) AS id) AS a;
INSERT INTO metric (metric_id, code, name, unit, higher_is_better) VALUES
  (103, 'balance', 'Balance', 'money', true), (104, 'satisfied', 'Satisfied', 'rate', true), (105, 'answer', 'Time to answer', 'days', false), (106, 'travel', 'Travel', 'hours', false);
INSERT INTO actual (metric_id, person_id, day, value)
SELECT 103 + floor(random() * 4), 1 + floor(random() * 9), date '2025-01-01' + floor(random() * 550)::int, round((random() * 12)::numeric, 2)
FROM generate_series(1, 250);
-- what the book counts itself is not taken from there
INSERT INTO actual (metric_id, person_id, day, value) SELECT metric_id, 5, '2025-04-01', 1000 FROM metric WHERE code IN ('calls', 'bookings', 'meetings_held', 'win_rate');
-- some have plans that their manager has not agreed to
UPDATE plan SET agreed_by_manager_on = NULL WHERE kind = 'relationship' AND person_id % 3 = 0;
-- a plan below another of the same person, which is not shared out by that; one that is known from October on, and its part
INSERT INTO plan (plan_id, code, kind, person_id, during, parent_id, agreed_by_person_on) VALUES
  (1017, 'q17', 'quota', 7, '[2025-01-01,2027-01-01)', 1007, NULL), (1018, 'q18', 'quota', 9, '[2025-01-01,2027-01-01)', 1008, '2025-10-01'),
  (1019, 'q19', 'quota', 10, '[2025-01-01,2027-01-01)', 1018, NULL);
-- quarters of every metric, some of 0 and some below; asked for a month before or a year
INSERT INTO plan_target (plan_id, metric_id, during, revision, target, revised_at, reason)
SELECT 1000 + n, m.metric_id, daterange(since::date, (since + interval '3 months')::date), revision,
  CASE WHEN random() < 0.1 THEN 0 ELSE floor(random() * 20) - 5 END + CASE m.unit WHEN 'rate' THEN 0.25 ELSE 0 END,
  since - CASE WHEN n % 3 > 0 THEN 400 ELSE 40 END * interval '1 day' + (revision - 1) * interval '50 days', CASE WHEN revision > 1 THEN 'Reset' END
FROM generate_series(1, 19) AS n
CROSS JOIN metric AS m
CROSS JOIN generate_series(timestamp '2025-01-15', '2026-10-15', '3 months') AS since
CROSS JOIN LATERAL generate_series(1, 1 + (n + m.metric_id::int) % 2) AS revision
WHERE (m.metric_id > 100 OR m.code IN ('bookings', 'deals_won', 'win_rate', 'deal_size', 'cycle_days', 'opportunities_created', 'meetings_held', 'families_sold'))
  AND n NOT IN (10, 15, 18) AND (n + m.metric_id + extract(month FROM since)::int) % 3 > 0;
INSERT INTO plan_target (plan_id, metric_id, during, revision, target, revised_at)
SELECT 1018, metric_id, '[2025-01-01,2026-01-01)', 1, 400, '2025-10-05' FROM metric WHERE code IN ('bookings', 'calls');
ANALYZE;

-- each day asked of everybody, of somebody who leads, of somebody who may, and of spans past, present and to come
CREATE TEMP TABLE question AS
SELECT row_number() OVER () AS q, d.as_of, d.zone, who.person AS who, who.person_id AS who_id, span.during, oracle.date_of(d.as_of, d.zone) AS today,
  jsonb_build_object('time_zone', d.zone, 'win_rate_min_amount', d.least, 'plan_top_accounts', d.top) AS options, d.least, d.top
FROM (VALUES (timestamptz '2024-12-20', 'UTC', 0, 3), ('2025-05-20 12:00', 'UTC', 200, 1), ('2025-10-01 02:00', 'America/New_York', 0, 4),
  ('2025-12-31 23:30', 'Asia/Tokyo', 300, 2), ('2026-03-10', 'UTC', 0, 4)) AS d (as_of, zone, least, top)
CROSS JOIN (VALUES (NULL, NULL), ('p1', 1), ('p3', 3), ('p4', 4)) AS who (person, person_id)
CROSS JOIN (VALUES (NULL::daterange), ('[2025-04-01,2025-07-01)'), ('[2025-11-20,2025-11-21)'), ('[2026-07-20,2026-09-01)'), ('[2025-06-01,)')) AS span (during)
-- all of it of everybody, and one span in turn of each other
WHERE who.person IS NULL OR (extract(day FROM d.as_of)::int + who.person_id) % 5 = coalesce(extract(month FROM lower(span.during))::int, 3) % 5;
CREATE FUNCTION pg_temp.f(x float8) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN round(x::numeric, 8);
CREATE FUNCTION pg_temp.f(x numeric) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN round(x, 8);

-- ---- target_attainment ------------------------------------------------------------
CREATE TEMP TABLE attained_ours AS
SELECT q.q, t.* FROM question AS q, target_attainment(q.as_of, q.who, q.during, q.options) AS t;
CREATE TEMP TABLE attained_theirs (q bigint, person bigint, metric text, during daterange, target numeric, actual numeric, n bigint, attainment numeric);
DO $$
DECLARE
  d record;
BEGIN
  FOR d IN SELECT DISTINCT as_of, zone FROM question LOOP
    PERFORM oracle.remember(d.as_of, d.zone);
    INSERT INTO attained_theirs
    SELECT q.q, t.* FROM question AS q, oracle.target_attainment(q.as_of, q.zone, q.who_id, q.during, q.least) AS t
    WHERE q.as_of = d.as_of;
  END LOOP;
END $$;
SELECT bag_eq(
  $$ SELECT q, person, metric, daterange(period_from, period_until), target, actual, n, variance, pg_temp.f(attainment) FROM attained_ours $$,
  $$ SELECT q, p.code, t.metric, t.during, t.target::numeric(20,4), t.actual::numeric(20,4), n, (t.actual - t.target)::numeric(20,4), pg_temp.f(t.attainment)
     FROM attained_theirs AS t JOIN person AS p ON p.person_id = t.person $$, 'target_attainment equals its oracle');
SELECT ok(count(DISTINCT metric) = 14 AND count(*) > 2000 AND count(*) FILTER (WHERE actual IS NULL) > 20 AND count(*) FILTER (WHERE attainment IS NULL AND actual IS NOT NULL) > 20
    AND count(*) FILTER (WHERE attainment > 0 AND NOT higher_is_better) > 20 AND max(n) > 10 AND count(*) FILTER (WHERE metric = 'families_sold' AND n BETWEEN 2 AND 4) > 10,
  'it has seen every metric, targets of 0, metrics where less is better and figures without a case') FROM attained_ours;
SELECT ok(count(DISTINCT q) FILTER (WHERE question.who IS NOT NULL) >= 8 AND count(DISTINCT question.during) = 4
    AND count(*) FILTER (WHERE attained_ours.period_from > question.today) > 20,
  'and people, spans and periods to come') FROM attained_ours JOIN question USING (q);

-- ---- plan_coverage_by_team --------------------------------------------------------
CREATE TEMP TABLE team_ours AS
SELECT q.q, c.* FROM question AS q, plan_coverage_by_team(q.as_of, q.who, q.during, q.options) AS c;
SELECT bag_eq(
  $$ SELECT q, person, day, reps, reps_with_plan, pg_temp.f(plan_share) AS with_plan_share, reps_with_accounts, reps_covered, pg_temp.f(covered_share) AS share_covered,
       top_accounts, top_accounts_planned, pg_temp.f(account_plan_share) AS share_planned FROM team_ours $$,
  $$ SELECT q.q, p.code, c.day, c.reps, c.with_plan, pg_temp.f(c.with_plan / c.reps::numeric) AS with_plan_share, c.with_accounts, c.covered,
       pg_temp.f(CASE WHEN c.with_accounts > 0 THEN c.covered / c.with_accounts::numeric END) AS share_covered,
       c.accounts::bigint, c.planned::bigint, pg_temp.f(CASE WHEN c.accounts > 0 THEN c.planned / c.accounts END) AS share_planned
     FROM question AS q, oracle.coverage_by_team(q.today, q.who_id, q.during, q.top) AS c JOIN person AS p ON p.person_id = c.leader $$,
  'plan_coverage_by_team equals its oracle');
SELECT ok(count(*) > 80 AND count(DISTINCT person) = 4 AND count(DISTINCT day) > 5 AND count(*) FILTER (WHERE reps_with_plan < reps AND reps_with_plan > 0) > 20
    AND count(*) FILTER (WHERE reps_covered > 0 AND reps_covered < reps_with_accounts) > 5 AND count(*) FILTER (WHERE covered_share IS NULL) > 0,
  'it has seen teams at three levels, with plans and without, covered, half covered and without accounts') FROM team_ours;

-- ---- quota_cascade_level ----------------------------------------------------------
CREATE TEMP TABLE level_ours AS
SELECT q.q, c.* FROM question AS q, quota_cascade_level(q.as_of, q.who, q.during, q.options) AS c;
SELECT bag_eq(
  $$ SELECT q, daterange(period_from, period_until), level, plans, quota, parts, parts_quota, over_assigned, pg_temp.f(over_assigned_rate), vacant_parts, vacant_quota FROM level_ours $$,
  $$ SELECT q.q, c.during, c.level, c.plans, c.quota, c.parts, c.parts_quota, c.parts_quota - c.quota, pg_temp.f(CASE WHEN c.quota <> 0 THEN (c.parts_quota - c.quota) / abs(c.quota) END),
       c.vacant_parts, c.vacant_quota
     FROM question AS q, oracle.cascade_level(q.as_of, q.today, q.who_id, q.during) AS c $$, 'quota_cascade_level equals its oracle');
SELECT ok(count(*) > 200 AND count(DISTINCT level) >= 3 AND count(*) FILTER (WHERE vacant_quota <> 0) > 10 AND count(*) FILTER (WHERE plans > 1 AND over_assigned > 0) > 10
    AND count(*) FILTER (WHERE over_assigned < 0) > 10 AND count(*) FILTER (WHERE over_assigned_rate IS NULL) > 0,
  'it has seen three levels, vacant seats, more and less handed down, and quotas of 0') FROM level_ours;
SELECT * FROM finish();
ROLLBACK;
