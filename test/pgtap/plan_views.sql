-- The plan, activity, forecast and scorecard views equal their plain-SQL twins on random books.
\ir ../begin.sql
SELECT FROM salesmgmt.create_book('random_book', time_zone => 'America/New_York');
SELECT set_config('search_path', 'random_book, salesmgmt, ' || current_setting('search_path'), true) \g /dev/null
\ir ../oracle/plan_views.sql

CREATE FUNCTION pg_temp.below(n int) RETURNS int LANGUAGE sql VOLATILE RETURN floor(random() * n)::int;
CREATE FUNCTION pg_temp.day(since date, days int) RETURNS date LANGUAGE sql VOLATILE RETURN since + floor(random() * days)::int;

SELECT setseed(0.23) \g /dev/null

-- ---- a book of 20 people and a year and a half, 2025 and half of 2026 ---------
INSERT INTO person (code, name) SELECT 'p' || n, 'Person ' || n FROM generate_series(1, 20) AS n;
-- 1 leads 2 and 3, those lead the rest; half of the reps change their boss once
INSERT INTO employment (person_id, during, role)
SELECT n, daterange(CASE WHEN n <= 3 THEN date '2024-01-01' ELSE pg_temp.day('2024-06-01', 400) END,
    CASE WHEN n % 7 = 0 THEN pg_temp.day('2025-12-01', 120) END),
  CASE n WHEN 1 THEN 'executive' WHEN 2 THEN 'manager' WHEN 3 THEN 'manager' ELSE 'rep' END
FROM generate_series(1, 19) AS n;
-- some work part of the week, or shorter days
UPDATE employment SET week = '134' WHERE person_id % 5 = 1;
UPDATE employment SET week = '23456', hours_per_week = 30 WHERE person_id % 5 = 2;
UPDATE employment SET hours_per_week = 20 WHERE person_id % 9 = 4;
INSERT INTO reporting_line (person_id, manager_id, during)
SELECT n, 1, '[2024-01-01,)' FROM generate_series(2, 3) AS n;
CREATE TEMP TABLE move AS
SELECT n, 2 + pg_temp.below(2) AS boss, pg_temp.day('2025-01-01', 200) AS since, pg_temp.day('2025-09-01', 200) AS until
FROM generate_series(4, 19) AS n;
INSERT INTO reporting_line (person_id, manager_id, during)
SELECT n, boss, daterange(CASE WHEN n % 3 > 0 THEN since END, CASE WHEN n % 2 = 0 THEN until END) FROM move
UNION ALL
SELECT n, CASE WHEN n % 8 = 0 THEN 1 ELSE 5 - boss END, daterange(until + n % 4, NULL) FROM move WHERE n % 2 = 0;
INSERT INTO territory (code, name) VALUES ('east', 'East'), ('west', 'West');
INSERT INTO territory_assignment (territory_id, person_id, during)
SELECT 1 + n % 2, n, daterange('2025-01-01', pg_temp.day('2025-06-01', 400)) FROM generate_series(1, 19) AS n;
INSERT INTO holiday (day, territory_id, name)
SELECT DISTINCT ON (day, territory) day, nullif(territory, 0), 'Holiday'
FROM (SELECT pg_temp.day('2025-01-01', 500) AS day, pg_temp.below(3) AS territory FROM generate_series(1, 40)) AS h;
INSERT INTO absence (person_id, during)
SELECT n, daterange(since, since + 1 + pg_temp.below(20))
FROM generate_series(1, 20) AS n
CROSS JOIN generate_series(0, 5) AS k
CROSS JOIN LATERAL (SELECT date '2025-01-01' + k * 80 + pg_temp.below(50 + 0 * n) AS since) AS s;

-- half of the reps are hunters; who is new follows one of two ramps
UPDATE employment SET specialty = 'hunter' WHERE person_id % 2 = 0;
INSERT INTO ramp (role, specialty, month, factor, during)
SELECT 'rep', CASE WHEN n % 3 = 0 THEN 'hunter' END, 1 + n / 3, round(random()::numeric, 2),
  CASE WHEN n % 3 = 2 THEN '[2025-01-01,)'::daterange WHEN n % 3 = 1 THEN '[2024-07-01,2025-01-01)' ELSE '[2024-10-01,)' END
FROM generate_series(0, 17) AS n;

-- quotas by shifted quarter and by year, reset now and then, some of them shared out
INSERT INTO plan (code, kind, person_id, during)
SELECT 'q' || n, 'quota', n, daterange('2025-01-30', '2026-07-30') FROM generate_series(1, 20) AS n
UNION ALL
SELECT 'y' || n, CASE WHEN n % 5 = 0 THEN 'development' ELSE 'quota' END, n, '[2025-01-30,2026-07-30)' FROM generate_series(4, 20) AS n;
UPDATE plan SET parent_id = (SELECT plan_id FROM plan WHERE code = 'q1') WHERE code IN ('q4', 'q5');
UPDATE plan SET parent_id = (SELECT plan_id FROM plan WHERE code = 'y6') WHERE code = 'q6';
INSERT INTO plan_target (plan_id, metric_id, during, revision, target, revised_at, reason)
SELECT plan_id, 1, daterange(since, until), revision, CASE WHEN random() < 0.05 THEN 0 ELSE pg_temp.below(1000) END,
  (since - 20 + 30 * revision)::timestamptz, CASE WHEN revision > 1 THEN 'Reset' END
FROM (
  SELECT plan_id, since, until, CASE WHEN random() < 0.3 THEN 2 ELSE 1 END AS revisions
  FROM plan
  CROSS JOIN (VALUES (date '2025-01-30', date '2025-04-30'), ('2025-04-30', '2025-07-30'), ('2025-07-30', '2025-10-30'),
    ('2025-10-30', '2026-01-30'), ('2026-01-30', '2026-04-30')) AS quarter (since, until)
  WHERE code LIKE 'q%' AND random() < 0.9
) AS asked
CROSS JOIN LATERAL generate_series(1, revisions) AS revision
UNION ALL
SELECT plan_id, 1, daterange('2025-01-30', '2026-01-30'), 1, pg_temp.below(4000), timestamptz '2025-01-01', NULL FROM plan WHERE code LIKE 'y%';
INSERT INTO booking (code, booked_on, person_id, amount)
SELECT 'b' || n, pg_temp.day('2025-01-01', 500), nullif(pg_temp.below(21), 0), pg_temp.below(300) - 40
FROM generate_series(1, 600) AS n;
-- every fourth is split between two or three people, one of whom may be who booked it
INSERT INTO booking_credit (booking_id, person_id, share)
SELECT b.booking_id, 1 + (b.booking_id * 7 + part.n * 3) % 20, part.share
FROM booking AS b
CROSS JOIN LATERAL (
  SELECT n, (CASE WHEN b.booking_id % 8 > 0 THEN ARRAY[0.35, 0.65] ELSE ARRAY[0.1, 0.2, 0.7] END)[n] AS share
  FROM generate_series(1, 3) AS n) AS part
WHERE b.booking_id % 4 = 0 AND part.share > 0;

-- the metrics that other reports bring along would get norms and weights, too
DELETE FROM metric WHERE code NOT IN ('bookings', 'deals_won', 'win_rate', 'deal_size', 'cycle_days');
SELECT setval(pg_get_serial_sequence('metric', 'metric_id'), 5) \g /dev/null
-- activities of two metrics, norms by role and person that change
INSERT INTO metric (metric_id, code, name, unit) VALUES (1006, 'calls', 'Calls', 'count'), (1007, 'meetings', 'Meetings', 'count'), (1008, 'offers', 'Offers', 'count');
INSERT INTO activity_kind (code, name, metric_id, counts_as)
VALUES ('call', 'Call', 1006, 'call'), ('discovery', 'Discovery', 1007, 'discovery'), ('proposal', 'Proposal', 1008, 'proposal'), ('other', 'Other', NULL, NULL);
INSERT INTO standard (metric_id, role, norm, per, during) VALUES
  (1006, 'rep', 3, 'week', '[2025-01-01,2025-11-19)'), (1006, 'rep', 15, 'month', '[2025-11-19,)'),
  (1007, 'rep', 0.3, 'day', '[2025-03-01,)'), (1008, 'rep', 2, 'month', '[2025-02-01,)'), (1007, 'manager', 1, 'week', '[2025-01-01,)'), (2, 'rep', 0.2, 'week', '[2025-01-01,)'),
  (3, 'rep', 0.4, 'week', '[2025-01-01,)'), (4, 'rep', 120, 'week', '[2025-01-01,)'), (5, 'rep', 40, 'week', '[2025-01-01,)');
INSERT INTO standard (metric_id, person_id, norm, per, during)
SELECT 1006 + n % 2, n, pg_temp.below(4), CASE n % 4 WHEN 0 THEN 'month' ELSE 'week' END, daterange(pg_temp.day('2025-01-01', 200), pg_temp.day('2025-10-01', 200))
FROM generate_series(4, 20, 3) AS n;
INSERT INTO activity (code, activity_kind_id, person_id, planned_for, held_at, outcome)
SELECT 'a' || n, 1 + pg_temp.below(4), 1 + pg_temp.below(20), at - (n % 4) * interval '1 day', CASE WHEN n % 9 > 1 THEN at END,
  CASE n % 9 WHEN 0 THEN 'planned' WHEN 1 THEN 'not_held' ELSE 'held' END
FROM generate_series(1, 4000) AS n
CROSS JOIN LATERAL (SELECT timestamptz '2025-01-01 00:00+00' + random() * interval '500 days' + 0 * n * interval '1 day' AS at) AS a;

UPDATE activity SET called_off_at = planned_for + (random() * 20 - 10) * interval '1 day' WHERE outcome = 'not_held' AND activity_id % 3 > 0;

-- forecasts by month and by quarter, resubmitted, in time and late
INSERT INTO forecast (person_id, judgement, category, during, amount, submitted_at)
SELECT 1 + pg_temp.below(20), (ARRAY['rep', 'manager'])[1 + pg_temp.below(2)],
  CASE WHEN random() < 0.1 THEN 'best_case' ELSE 'commit' END,
  daterange(since, (since + CASE WHEN random() < 0.2 THEN interval '3 months' ELSE interval '1 month' END)::date),
  pg_temp.below(400), since + (random() * 30 - 15 + 0 * n) * interval '1 day'
FROM generate_series(1, 900) AS n
CROSS JOIN LATERAL (SELECT (date '2025-01-01' + pg_temp.below(14) * interval '1 month' + 0 * n * interval '1 day')::date AS since) AS s;

-- deals that change hands and close once
INSERT INTO pipeline (code, name) VALUES ('p', 'Pipeline');
INSERT INTO stage (code, pipeline_id, name, position, outcome)
VALUES ('open', 1, 'Open', 1, 'open'), ('won', 1, 'Won', 2, 'won'), ('lost', 1, 'Lost', 3, 'lost');
INSERT INTO opportunity (code, pipeline_id, created_at)
SELECT 'o' || n, 1, timestamptz '2025-01-01' + random() * interval '480 days' FROM generate_series(1, 500) AS n;
CREATE TEMP TABLE life AS
SELECT opportunity_id, created_at, 1 + pg_temp.below(20) AS first_owner, 1 + pg_temp.below(20) AS owner,
  created_at + random() * interval '90 days' AS closed_at, 2 + pg_temp.below(2) AS stage_id, 1 + pg_temp.below(200) AS amount
FROM opportunity;
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, amount, owner_id)
SELECT opportunity_id, created_at, 1, amount, first_owner FROM life
UNION ALL
SELECT opportunity_id, created_at + (closed_at - created_at) / 2, 1, amount, owner FROM life
UNION ALL
SELECT opportunity_id, closed_at, stage_id, amount, owner FROM life WHERE opportunity_id % 4 > 0;
INSERT INTO account (code, name) SELECT 'c' || n, 'Client ' || n FROM generate_series(1, 60) AS n;
INSERT INTO account_owner (account_id, person_id, during)
SELECT n, 1 + pg_temp.below(6), daterange('2025-01-01', pg_temp.day('2025-06-01', 400)) FROM generate_series(1, 60) AS n;
INSERT INTO kpi_weight (metric_id, role, weight, during)
SELECT metric_id, 'rep', metric_id % 1000, '[2025-01-01,)' FROM metric WHERE metric_id <= 5 OR metric_id > 1000;
-- whose peers are all reps
UPDATE setting SET value = '1000' WHERE name = 'peer_min_people';

CREATE TEMP TABLE moment (as_of timestamptz);
INSERT INTO moment VALUES ('2025-01-15 12:00+00'), ('2025-05-01 03:30+00'), ('2025-08-17 12:00+00'), ('2025-11-24 12:00+00'),
  ('2026-01-30 04:59+00'), ('2026-03-31 12:00+00'), ('2026-05-20 12:00+00');
ANALYZE;

-- ---- comparison ---------------------------------------------------------------
-- same(name, views, oracles): both queries give the same rows, and some
CREATE FUNCTION pg_temp.same(what text, ours text, theirs text, cases int) RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
  rows bigint;
BEGIN
  EXECUTE format('CREATE TEMP TABLE ours AS %s', ours);
  EXECUTE format('CREATE TEMP TABLE theirs AS %s', theirs);
  SELECT count(*) INTO rows FROM ours;
  RETURN NEXT bag_eq('SELECT * FROM ours', 'SELECT * FROM theirs', what);
  RETURN NEXT cmp_ok(rows, '>=', cases::bigint, what || ': so many cases');
  DROP TABLE ours, theirs;
END $$;
-- figures as eight digits, so that the order of a sum does not count
CREATE FUNCTION pg_temp.f(x float8) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN round(x::numeric, 8);
CREATE FUNCTION pg_temp.f(x numeric) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN round(x, 8);

SELECT plan(34);

SELECT pg_temp.same('quota_attainment',
  $$SELECT as_of, person, manager, period_from, period_until, quota, actual, variance, pg_temp.f(variance_rate) AS rate, pg_temp.f(attainment) AS attainment
    FROM moment CROSS JOIN LATERAL quota_attainment(as_of)$$,
  $$SELECT as_of, p.code AS person, b.code AS manager, lower(during) AS period_from, upper(during) AS period_until, quota, actual, actual - quota AS variance,
      pg_temp.f((actual - quota) / nullif(abs(quota), 0)) AS rate, pg_temp.f(1 + (actual - quota) / nullif(abs(quota), 0)) AS attainment
    FROM moment CROSS JOIN LATERAL oracle.quota_attainment(as_of) AS q JOIN person AS p USING (person_id) LEFT JOIN person AS b ON b.person_id = q.manager_id$$,
  300);

SELECT pg_temp.same('effective quota',
  $$SELECT as_of, person, period_from, period_until, effective_quota, pg_temp.f(effective_attainment) AS attainment
    FROM moment CROSS JOIN LATERAL quota_attainment(as_of) WHERE as_of IN ('2025-08-17 12:00+00', '2026-05-20 12:00+00')$$,
  $$SELECT as_of, p.code AS person, lower(during) AS period_from, upper(during) AS period_until, e.effective::numeric(20,4),
      pg_temp.f(1 + (actual - e.effective) / nullif(abs(e.effective), 0)) AS attainment
    FROM moment CROSS JOIN LATERAL oracle.quota_attainment(as_of) AS q JOIN person AS p USING (person_id)
    CROSS JOIN LATERAL oracle.effective_quota(person_id, during, quota, oracle.today(as_of)) AS e (effective)
    WHERE as_of IN ('2025-08-17 12:00+00', '2026-05-20 12:00+00')$$,
  100);

SELECT pg_temp.same('team_attainment',
  $$SELECT as_of, person, period_from, period_until, quota, actual, variance, pg_temp.f(attainment) AS attainment, reps, reps_attained, pg_temp.f(attained_share) AS share
    FROM moment CROSS JOIN LATERAL team_attainment(as_of)$$,
  $$SELECT as_of, code AS person, lower(during) AS period_from, upper(during) AS period_until, quota, actual, actual - quota AS variance,
      pg_temp.f(1 + (actual - quota) / nullif(abs(quota), 0)) AS attainment, reps, reps_attained, pg_temp.f(reps_attained::numeric / nullif(reps, 0)) AS share
    FROM moment CROSS JOIN LATERAL oracle.team_attainment(as_of) JOIN person USING (person_id)$$,
  60);

SELECT pg_temp.same('one person and everybody below at as_of',
  $$SELECT as_of, q.person, q.period_from, q.period_until, q.quota, q.actual FROM moment CROSS JOIN LATERAL quota_attainment(as_of, 'p2') AS q$$,
  $$SELECT as_of, p.code AS person, lower(during) AS period_from, upper(during) AS period_until, quota, actual
    FROM moment CROSS JOIN LATERAL oracle.quota_attainment(as_of) AS q JOIN person AS p USING (person_id)
    WHERE oracle.leads((SELECT person_id FROM person WHERE code = 'p2'), q.person_id, oracle.today(as_of), oracle.today(as_of))$$,
  60);

SELECT pg_temp.same('plan_pace',
  $$SELECT as_of, person, period_from, booked, elapsed_working_days AS elapsed, working_days AS days, round(expected, 4) AS expected, pg_temp.f(pace_ratio) AS pace, round(projected, 4) AS projected,
      gap, round(required_per_day, 4) AS required
    FROM moment CROSS JOIN LATERAL plan_pace(as_of)$$,
  $$SELECT as_of, p.code AS person, lower(during) AS period_from, actual AS booked, elapsed::bigint AS elapsed, days::bigint AS days,
      round(quota * elapsed / nullif(days, 0), 4) AS expected, pg_temp.f(actual / nullif(quota * elapsed / nullif(days, 0), 0)) AS pace,
      round(actual * days / nullif(elapsed, 0), 4) AS projected, quota - actual AS gap,
      CASE WHEN quota > actual THEN round((quota - actual) / nullif(days - elapsed, 0), 4) ELSE 0 END AS required
    FROM moment CROSS JOIN LATERAL oracle.quota_attainment(as_of) AS q JOIN person AS p USING (person_id)
    CROSS JOIN LATERAL (SELECT oracle.work_days(q.person_id, lower(during), upper(during), oracle.today(as_of)) AS days,
      oracle.work_days(q.person_id, lower(during), oracle.today(as_of) + 1) AS elapsed) AS d
    WHERE during @> oracle.today(as_of)$$,
  80);

SELECT pg_temp.same('plan_pace by earlier periods',
  $$SELECT as_of, person, period_from, past_periods, pg_temp.f(past_share) AS share, projected_historical AS projected
    FROM moment CROSS JOIN LATERAL plan_pace(as_of, options => '{"pace_past_periods": 3, "pace_min_periods": 2}')
    WHERE as_of BETWEEN '2025-11-01' AND '2026-04-30' AND past_periods > 0$$,
  $$SELECT as_of, p.code AS person, lower(during) AS period_from, n AS past_periods, pg_temp.f(share) AS share,
      CASE WHEN n >= 2 AND share > 0 THEN round(actual / share, 4) END AS projected
    FROM (
      SELECT as_of, q.*
      FROM moment CROSS JOIN LATERAL oracle.quota_attainment(as_of) AS q
      WHERE as_of BETWEEN '2025-11-01' AND '2026-04-30' AND q.during @> oracle.today(as_of)
      OFFSET 0) AS q
    JOIN person AS p USING (person_id)
    CROSS JOIN LATERAL (SELECT count(*) AS n, avg(s) AS share FROM unnest(oracle.past_shares(q.person_id, during, as_of, 3)) AS s) AS past
    WHERE n > 0$$,
  30);

SELECT pg_temp.same('activity_compliance',
  $$SELECT as_of, person, week, metric, done, pg_temp.f(norm) AS norm, working_days, pg_temp.f(compliance) AS compliance, pg_temp.f(compliance_capped) AS capped, met
    FROM moment CROSS JOIN LATERAL activity_compliance(as_of, options => '{"activity_weeks": 4}')$$,
  $$SELECT as_of, p.code AS person, week, m.code AS metric, done, pg_temp.f(norm) AS norm, working_days, pg_temp.f(done / nullif(norm, 0)) AS compliance,
      CASE WHEN done >= norm THEN CASE WHEN norm > 0 THEN 1.0 END ELSE pg_temp.f(done / nullif(norm, 0)) END AS capped,
      CASE WHEN norm > 0 THEN done >= pg_temp.f(norm) END AS met
    FROM moment CROSS JOIN LATERAL oracle.activity_compliance(as_of, 4) JOIN person AS p USING (person_id) JOIN metric AS m USING (metric_id)$$,
  500);

-- a run is found by counting, for each week below, the weeks since the last one that was met
SELECT pg_temp.same('activity_compliance_summary',
  $$SELECT person, metric, done, pg_temp.f(norm) AS norm, weeks, weeks_met, pg_temp.f(met_share) AS share, longest_run_below AS longest, current_run_below AS current
    FROM activity_compliance_summary('2025-11-24 12:00+00')$$,
  $$WITH week AS MATERIALIZED (SELECT * FROM activity_compliance('2025-11-24 12:00+00')),
    run AS (
      SELECT w.*, (SELECT count(*) FROM week b WHERE b.person = w.person AND b.metric = w.metric AND b.week <= w.week AND NOT b.met
        AND NOT EXISTS (SELECT FROM week g WHERE g.person = w.person AND g.metric = w.metric AND g.met AND g.week BETWEEN b.week AND w.week)) AS run
      FROM week w)
    SELECT person, metric, sum(done)::bigint AS done, pg_temp.f(sum(norm)) AS norm, count(met) AS weeks, count(*) FILTER (WHERE met) AS weeks_met,
      pg_temp.f(count(*) FILTER (WHERE met)::numeric / nullif(count(met), 0)) AS share, max(run) AS longest,
      (array_agg(run ORDER BY week DESC))[1] AS current
    FROM run GROUP BY person, metric$$,
  25);

SELECT pg_temp.same('activity_pace',
  $$SELECT as_of, person, week, metric, done, pg_temp.f(norm) AS norm, working_days, pg_temp.f(missing) AS missing, days_left, pg_temp.f(restore_per_day) AS restore
    FROM moment CROSS JOIN LATERAL activity_pace(as_of)$$,
  $$SELECT as_of, code AS person, week, metric, done, pg_temp.f(norm) AS norm, days AS working_days, pg_temp.f(greatest(norm - done, 0)) AS missing, days_left,
      CASE WHEN pg_temp.f(norm) <= done THEN pg_temp.f(0::numeric) ELSE pg_temp.f((norm - done) / nullif(days_left, 0)) END AS restore
    FROM (
      SELECT as_of, p.code, date_trunc('week', oracle.today(as_of)::timestamp)::date AS week, m.code AS metric,
        oracle.held(p.person_id, m.metric_id, date_trunc('week', oracle.today(as_of)::timestamp)::date, oracle.today(as_of) + 1, as_of) AS done,
        sum(oracle.norm(p.person_id, m.metric_id, d::date)) AS norm, count(*) AS days, count(*) FILTER (WHERE d::date >= oracle.today(as_of)) AS days_left
      FROM moment, person p, metric m,
        generate_series(date_trunc('week', oracle.today(as_of)::timestamp), date_trunc('week', oracle.today(as_of)::timestamp) + interval '6 days', interval '1 day') d
      WHERE m.code IN ('calls', 'meetings', 'offers') AND oracle.works(p.person_id, d::date, oracle.today(as_of)) AND oracle.norm(p.person_id, m.metric_id, d::date) IS NOT NULL
      GROUP BY as_of, p.person_id, p.code, m.metric_id, m.code) AS week
    WHERE norm > 0$$,
  100);

SELECT pg_temp.same('activity_ratio',
  $$SELECT as_of, person, period_from, activities, calls, meetings, discovery_meetings AS d, opportunities AS o, proposal_meetings AS p, won, not_held, unreported,
      pg_temp.f(activities_per_won) AS a_w, pg_temp.f(kept_rate) AS kept
    FROM moment CROSS JOIN LATERAL activity_ratio(as_of) WHERE as_of = '2026-03-31 12:00+00'$$,
  $$SELECT as_of, code AS person, month::date AS period_from, any_ AS activities, calls, d + p AS meetings, d, o, p, won, off AS not_held, open AS unreported,
      pg_temp.f(any_::numeric / nullif(won, 0)) AS a_w, pg_temp.f((d + p)::numeric / nullif(d + p + off, 0)) AS kept
    FROM moment, person AS who,
      generate_series(date_trunc('month', oracle.today(as_of)::timestamp - interval '364 days'), oracle.today(as_of), interval '1 month') AS month,
      LATERAL (SELECT (month + interval '1 month')::date AS until) AS u,
      LATERAL (SELECT oracle.happened(person_id, 'any', month::date, until, as_of) AS any_, oracle.happened(person_id, 'call', month::date, until, as_of) AS calls,
        oracle.happened(person_id, 'discovery', month::date, until, as_of) AS d, oracle.happened(person_id, 'proposal', month::date, until, as_of) AS p,
        oracle.happened(person_id, 'opened', month::date, until, as_of) AS o, oracle.happened(person_id, 'won', month::date, until, as_of) AS won,
        oracle.happened(person_id, 'not_held', month::date, until, as_of) AS off, oracle.happened(person_id, 'unreported', month::date, until, as_of) AS open) AS h
    WHERE as_of = '2026-03-31 12:00+00' AND any_ + o + won + off + open > 0$$,
  150);

SELECT pg_temp.same('activity_ratio of quarters',
  $$SELECT person, period_from, sum(activities) AS a, sum(won) AS w, sum(not_held) AS n FROM activity_ratio('2026-03-31 12:00+00', options => '{"ratio_period": "quarter"}') GROUP BY 1, 2$$,
  $$SELECT person, date_trunc('quarter', period_from::timestamp)::date AS period_from, sum(activities) AS a, sum(won) AS w, sum(not_held) AS n
    FROM activity_ratio('2026-03-31 12:00+00', during => '[2025-04-01,2026-04-01)') GROUP BY 1, 2$$,
  50);

SELECT pg_temp.same('kpi_week',
  $$SELECT as_of, person, week, working_days AS days, discovery_meetings AS d, pg_temp.f(discovery_norm) AS d_norm, discovery_met AS d_met,
      proposal_meetings AS p, pg_temp.f(proposal_norm) AS p_norm, proposal_met AS p_met, won AS w, pg_temp.f(won_norm) AS w_norm
    FROM moment CROSS JOIN LATERAL kpi_week(as_of, options => '{"activity_weeks": 4}') WHERE as_of IN ('2025-05-01 03:30+00', '2026-03-31 12:00+00')$$,
  $$SELECT as_of, code AS person, wk::date AS week, days, d, pg_temp.f(d_norm) AS d_norm, CASE WHEN d_norm > 0 THEN d >= pg_temp.f(d_norm) END AS d_met,
      p, pg_temp.f(p_norm) AS p_norm, CASE WHEN p_norm > 0 THEN p >= pg_temp.f(p_norm) END AS p_met, w, pg_temp.f(w_norm) AS w_norm
    FROM moment, person AS who,
      LATERAL (SELECT date_trunc('week', oracle.today(as_of)::timestamp) AS monday) AS this,
      generate_series(monday - interval '28 days', monday - interval '7 days', interval '7 days') AS wk,
      LATERAL (SELECT oracle.happened(who.person_id, 'discovery', wk::date, wk::date + 7, as_of) AS d, oracle.happened(who.person_id, 'proposal', wk::date, wk::date + 7, as_of) AS p,
        oracle.happened(who.person_id, 'won', wk::date, wk::date + 7, as_of) AS w) AS h,
      LATERAL (SELECT count(*) FILTER (WHERE oracle.works(who.person_id, d::date)) AS days,
        sum(oracle.norm(who.person_id, 1007, d::date) * oracle.works(who.person_id, d::date)::int) AS d_norm,
        sum(oracle.norm(who.person_id, 1008, d::date) * oracle.works(who.person_id, d::date)::int) AS p_norm,
        sum(oracle.norm(who.person_id, 2, d::date) * oracle.works(who.person_id, d::date)::int) AS w_norm
        FROM generate_series(wk, wk + interval '6 days', interval '1 day') AS d) AS n
    WHERE as_of IN ('2025-05-01 03:30+00', '2026-03-31 12:00+00') AND (d + p + w > 0 OR d_norm IS NOT NULL OR p_norm IS NOT NULL OR w_norm IS NOT NULL
      OR EXISTS (SELECT FROM employment e WHERE e.person_id = who.person_id AND e.role = 'rep' AND e.during && daterange(wk::date, wk::date + 7)))$$,
  120);

SELECT pg_temp.same('forecast_error',
  $$SELECT as_of, person, judgement, period_from, period_until, forecast, actual, error FROM moment CROSS JOIN LATERAL forecast_error(as_of, options => '{"forecast_grace_days": 3}')$$,
  $$SELECT as_of, code AS person, judgement, lower(during) AS period_from, upper(during) AS period_until, forecast, actual, forecast - actual AS error
    FROM moment CROSS JOIN LATERAL oracle.forecast_error(as_of, 3) JOIN person USING (person_id)$$,
  500);

SELECT pg_temp.same('forecast_accuracy',
  $$SELECT as_of, person, judgement, n, forecast, actual, pg_temp.f(wape) AS wape, pg_temp.f(mape) AS mape, pg_temp.f(bias) AS bias, pg_temp.f(tracking_signal) AS signal
    FROM moment CROSS JOIN LATERAL forecast_accuracy(as_of)$$,
  $$SELECT as_of, code AS person, judgement, n, forecast, actual, pg_temp.f(wape) AS wape, pg_temp.f(mape) AS mape, pg_temp.f(bias) AS bias, pg_temp.f(signal) AS signal
    FROM moment CROSS JOIN LATERAL oracle.forecast_accuracy(as_of, 7) JOIN person USING (person_id)$$,
  150);

SELECT pg_temp.same('manager_selling',
  $$SELECT as_of, person, accounts_owned AS accounts, open_deals AS deals, open_amount AS amount, booked, team_booked, pg_temp.f(booked_share) AS share
    FROM moment CROSS JOIN LATERAL manager_selling(as_of, during => '[2025-02-01,2026-03-01)')$$,
  $$SELECT as_of, code AS person, accounts, deals, amount, booked, team_booked, pg_temp.f(booked / nullif(team_booked, 0)) AS share
    FROM moment CROSS JOIN LATERAL oracle.manager_selling(as_of, '2025-02-01', '2026-03-01') JOIN person USING (person_id)$$,
  20);

-- 45 days of a period and 40 more to come; the twin is slow, so at three moments only
CREATE TEMP TABLE card AS
SELECT as_of, code AS person, metric, actual, target, weight, scored
FROM moment
CROSS JOIN LATERAL oracle.scorecard(as_of, oracle.today(as_of) - 44, oracle.today(as_of) + 1)
JOIN person USING (person_id)
WHERE as_of IN ('2025-05-01 03:30+00', '2025-11-24 12:00+00', '2026-03-31 12:00+00');
SELECT pg_temp.same('rep_scorecard_kpi',
  $$SELECT as_of, person, metric, pg_temp.f(actual) AS actual, pg_temp.f(target) AS target, weight::numeric AS weight, pg_temp.f(scored_attainment) AS scored
    FROM (SELECT DISTINCT as_of FROM card) AS m
    CROSS JOIN LATERAL rep_scorecard_kpi(as_of, during => daterange(oracle.today(as_of) - 44, oracle.today(as_of) + 41))$$,
  $$SELECT as_of, person, metric, pg_temp.f(actual) AS actual, pg_temp.f(target) AS target, weight, pg_temp.f(scored) AS scored FROM card$$,
  200);
SELECT pg_temp.same('rep_scorecard',
  $$SELECT as_of, person, pg_temp.f(score) AS score, pg_temp.f(coverage) AS coverage
    FROM (SELECT DISTINCT as_of FROM card) AS m
    CROSS JOIN LATERAL rep_scorecard(as_of, during => daterange(oracle.today(as_of) - 44, oracle.today(as_of) + 41))$$,
  $$SELECT as_of, person,
      CASE WHEN sum(weight) FILTER (WHERE scored IS NOT NULL) >= 0.5 * sum(weight) THEN pg_temp.f(100 * sum(weight * scored) / sum(weight) FILTER (WHERE scored IS NOT NULL)) END AS score,
      coalesce(pg_temp.f(sum(weight) FILTER (WHERE scored IS NOT NULL) / sum(weight)), 0.000000000) AS coverage
    FROM card
    GROUP BY as_of, person$$,
  30);

SELECT * FROM finish();
ROLLBACK;
