-- The reports on plans equal their plain-SQL twins on a random book, and split targets add up.
\ir ../begin.sql
SET LOCAL TimeZone = 'UTC';
SELECT FROM salesmgmt.create_book('random_book');
SELECT set_config('search_path', 'random_book, salesmgmt, ' || current_setting('search_path'), true) \g /dev/null
\ir ../oracle/pipeline_views.sql
\ir ../oracle/plan_views.sql
\ir ../oracle/plan_reports.sql
SELECT setseed(0.5772) AS seed \gset
SELECT plan(17);
\ir ../random_pipeline.sql
\ir ../random_plans.sql

CREATE TEMP TABLE question AS
SELECT as_of, zone, jsonb_build_object('time_zone', zone) AS options, oracle.date_of(as_of, zone) AS today
FROM (VALUES (timestamptz '2025-05-20 12:00', 'UTC'), ('2025-10-01 02:00', 'America/New_York'), ('2025-12-31 23:30', 'UTC'), ('2026-03-10', 'UTC')) AS q (as_of, zone);
CREATE FUNCTION pg_temp.f(x float8) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN round(x::numeric, 8);
CREATE FUNCTION pg_temp.f(x numeric) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN round(x, 8);

-- ---- quota_cascade ----------------------------------------------------------------
PREPARE cascade_ours AS
SELECT q.as_of, c.plan, daterange(c.period_from, c.period_until), c.level, c.quota, c.parts, c.parts_without_quota, c.parts_quota, c.over_assigned, c.vacant_parts, c.vacant_quota
FROM question AS q, quota_cascade(q.as_of, options => q.options) AS c;
PREPARE cascade_theirs AS
SELECT q.as_of, p.code, c.during, c.level, c.quota, c.parts, c.without, c.parts_quota, c.parts_quota - c.quota, c.vacant, c.vacant_quota
FROM question AS q, oracle.cascade(q.as_of, q.today) AS c JOIN plan AS p ON p.plan_id = c.plan;
SELECT bag_eq('cascade_ours', 'cascade_theirs', 'quota_cascade equals its oracle');
SELECT ok(count(*) > 20 AND count(*) FILTER (WHERE vacant_parts > 0) > 1 AND count(*) FILTER (WHERE parts_without_quota > 0) > 5 AND count(DISTINCT level) = 2,
  'it has seen vacant seats, parts without a target and two levels') FROM question AS q, quota_cascade(q.as_of, options => q.options) AS c;

-- ---- plan_coverage ----------------------------------------------------------------
PREPARE coverage_ours AS
SELECT q.as_of, c.person, c.plans, c.has_plan, c.top_accounts, c.top_accounts_planned, c.covered, c.missing_account
FROM question AS q, plan_coverage(q.as_of, options => q.options || '{"plan_top_accounts": 4}') AS c;
PREPARE coverage_theirs AS
SELECT q.as_of, p.code, c.plans, c.plans > 0, c.accounts, c.planned, CASE WHEN c.accounts > 0 THEN c.missing IS NULL END, c.missing
FROM question AS q, oracle.coverage(q.today, 4) AS c JOIN person AS p ON p.person_id = c.person;
SELECT bag_eq('coverage_ours', 'coverage_theirs', 'plan_coverage equals its oracle');
SELECT ok(count(*) > 25 AND count(*) FILTER (WHERE covered) > 0 AND count(*) FILTER (WHERE NOT covered) > 5 AND count(*) FILTER (WHERE NOT has_plan) > 0,
  'it has seen reps with and without plans, covered and not') FROM question AS q, plan_coverage(q.as_of, options => q.options || '{"plan_top_accounts": 1}') AS c;

-- ---- target_chance ----------------------------------------------------------------
-- the oracles take their time: on two of the days
CREATE TEMP VIEW some_question AS SELECT * FROM question WHERE as_of IN ('2025-10-01 02:00', '2026-03-10');
CREATE TEMP TABLE chance_ours AS
SELECT q.as_of, own, c.* FROM some_question AS q, (VALUES (false), (true)) AS way (own),
  target_chance(q.as_of, options => q.options || jsonb_build_object('target_chance_from', CASE WHEN own THEN 'own' ELSE 'rule' END)) AS c;
CREATE TEMP TABLE check_ours AS
SELECT q.as_of, q.zone, c.* FROM some_question AS q, plan_check(q.as_of, during => daterange(q.today, q.today + 1), options => q.options || '{"confidence": 0.9}') AS c;
CREATE TEMP TABLE reset_theirs (as_of timestamptz, plan bigint, metric text, during daterange, original numeric, target numeric, resets bigint, actual numeric, n bigint);
CREATE TEMP TABLE chance_theirs (as_of timestamptz, own boolean, person bigint, during daterange, quota numeric, asked_for numeric, won numeric, deals int, chance numeric, p10 numeric, p50 numeric, p90 numeric);
CREATE TEMP TABLE credit_theirs (as_of timestamptz, person text, period_from date, period_until date, booked numeric, deals bigint, uncredited bigint, amount numeric,
  weighted numeric, uncertain boolean, lower numeric, upper numeric);
CREATE TEMP TABLE check_theirs (as_of timestamptz, person text, metric text, uncertain boolean, opened bigint, done bigint, won bigint, closed bigint, size numeric, rate float8, per float8,
  needed float8, lower float8, upper float8);
DO $$
DECLARE
  q record;
BEGIN
  FOR q IN SELECT * FROM some_question LOOP
    PERFORM oracle.remember(q.as_of, q.zone);
    INSERT INTO reset_theirs SELECT q.as_of, r.* FROM oracle.reset(q.as_of, q.zone) AS r;
    INSERT INTO chance_theirs SELECT q.as_of, own, c.* FROM (VALUES (false), (true)) AS way (own), oracle.chance(q.as_of, q.zone, own, 10) AS c;
    INSERT INTO credit_theirs
    SELECT q.as_of, asked.person, asked.period_from, asked.period_until, o.*
    FROM (SELECT DISTINCT c.person, c.period_from, c.period_until FROM check_ours AS c WHERE c.as_of = q.as_of) AS asked
    JOIN person AS p ON p.code = asked.person
    CROSS JOIN LATERAL oracle.credit(q.as_of, q.zone, p.person_id, daterange(asked.period_from, asked.period_until), 0.1, 10) AS o;
    -- of 1 that new deals must bring: what is needed is in proportion to it; three things are uncertain, or two
    INSERT INTO check_theirs
    SELECT q.as_of, asked.person, asked.metric, asked.uncertain, o.*
    FROM (SELECT DISTINCT c.person, c.metric, k.uncertain FROM check_ours AS c JOIN credit_theirs AS k USING (as_of, person, period_from, period_until) WHERE c.as_of = q.as_of) AS asked
    JOIN person AS p ON p.code = asked.person
    JOIN metric AS m ON m.code = asked.metric
    CROSS JOIN LATERAL oracle.check_one(q.as_of, q.zone, p.person_id, m.metric_id, 1, 1 - 0.1::float8 / CASE WHEN asked.uncertain THEN 3 ELSE 2 END, 10) AS o;
  END LOOP;
END $$;
SELECT bag_eq(
  $$ SELECT as_of, own, person, daterange(period_from, period_until), quota, pg_temp.f(effective_quota) AS effective, booked, open_deals::int, pg_temp.f(chance) AS chance, p10, p50, p90 FROM chance_ours $$,
  $$ SELECT as_of, own, p.code, during, quota, pg_temp.f(asked_for) AS effective, won, deals, pg_temp.f(chance) AS chance, p10, p50, p90 FROM chance_theirs AS c JOIN person AS p ON p.person_id = c.person $$, 'target_chance equals every way the deals may go');
SELECT ok(count(*) > 30 AND count(*) FILTER (WHERE chance > 0.01 AND chance < 0.99) >= 3 AND count(*) FILTER (WHERE effective_quota > 0 AND effective_quota < quota) > 3 AND max(open_deals) >= 5 AND count(*) FILTER (WHERE open_without_amount > 0) > 3,
  'it has seen chances in between, quotas of people who are new, many deals and deals without an amount') FROM chance_ours;
SELECT is(t.chance, (SELECT (bookings_distribution(x.amount, x.probability, round(t.effective_quota, 4))).chance
    FROM (SELECT sum(c.booked) AS amount, 1::float8 AS probability
      FROM target_chance('2026-03-10', t.person, daterange(t.period_from, t.period_until)) AS c
      WHERE (c.period_from, c.period_until) = (t.period_from, t.period_until)
      UNION ALL
      SELECT d.amount, d.probability
      FROM likely_deal('2026-03-10', settings()) AS d
      JOIN team('2026-03-10') AS m ON m.person_id = d.owner_id AND m.leader_id = (SELECT person_id FROM person WHERE code = t.person)
      WHERE d.expected_close >= t.period_from AND d.expected_close < t.period_until
        AND EXISTS (SELECT FROM chance_ours AS o JOIN person AS p ON p.code = o.person
          WHERE p.person_id = d.owner_id AND o.as_of = '2026-03-10' AND (o.period_from, o.period_until) = (t.period_from, t.period_until))) AS x),
  'a team''s chance is that of all its deals: ' || t.person || ' ' || t.period_from)
FROM target_chance_by_team('2026-03-10') AS t
WHERE t.open_deals > 5
ORDER BY t.person, t.period_from, t.period_until
LIMIT 2;

-- ---- plan_check -------------------------------------------------------------------
SELECT bag_eq(
  $$ SELECT DISTINCT as_of, person, period_from, period_until, pg_temp.f(effective_quota) AS quota, booked, open_deals, open_uncredited, open_pipeline, pg_temp.f(weighted_pipeline) AS weighted,
       pg_temp.f(new_business) AS new, pg_temp.f(new_business_min) AS lower, pg_temp.f(new_business_max) AS upper FROM check_ours $$,
  $$ SELECT DISTINCT c.as_of, c.person, period_from, period_until, pg_temp.f(e.quota) AS quota, o.booked, o.deals, o.uncredited, o.amount, pg_temp.f(o.weighted) AS weighted,
       pg_temp.f(greatest(e.quota - o.booked - o.weighted, 0)) AS new, pg_temp.f(greatest(e.quota - o.booked - o.upper, 0)) AS lower, pg_temp.f(greatest(e.quota - o.booked - o.lower, 0)) AS upper
     FROM check_ours AS c JOIN credit_theirs AS o USING (as_of, person, period_from, period_until) JOIN person AS p ON p.code = c.person
     CROSS JOIN LATERAL oracle.effective_quota(p.person_id, daterange(period_from, period_until), c.quota, oracle.date_of(c.as_of, c.zone)) AS e (quota) $$,
  'what plan_check asks of new deals equals its oracle');
SELECT bag_eq(
  $$ SELECT as_of, person, metric, period_from, deals_opened, activities, won, closed, pg_temp.f(deal_size) AS size, pg_temp.f(shrunk_win_rate) AS rate,
       pg_temp.f(shrunk_deals_per_activity) AS per, pg_temp.f(needed) AS needed, pg_temp.f(needed_lower) AS lower, pg_temp.f(needed_upper) AS upper, pg_temp.f(gross_needed) AS gross FROM check_ours $$,
  $$ SELECT c.as_of, c.person, c.metric, c.period_from, o.opened, o.done, o.won, o.closed, pg_temp.f(o.size) AS size, pg_temp.f(o.rate) AS rate,
       pg_temp.f(o.per) AS per, pg_temp.f(c.new_business::float8 * o.needed) AS needed, pg_temp.f(c.new_business_min::float8 * o.lower) AS lower,
       pg_temp.f(c.new_business_max::float8 * o.upper) AS upper, pg_temp.f(c.effective_quota::float8 * o.needed) AS gross
     FROM check_ours AS c JOIN credit_theirs AS k USING (as_of, person, period_from, period_until) JOIN check_theirs AS o USING (as_of, person, metric, uncertain) $$, 'plan_check equals its oracle');
SELECT bag_eq(
  $$ SELECT as_of, person, metric, period_from, verdict, pg_temp.f(planned_week) FROM check_ours $$,
  $$ SELECT c.as_of, c.person, c.metric, c.period_from,
       CASE WHEN d.days_left = 0 THEN 'no working day' WHEN c.needed_lower > d.days_left * n.norm / 5 THEN 'too little' WHEN c.needed_upper <= d.days_left * n.norm / 5 THEN 'enough' ELSE 'open' END,
       pg_temp.f(n.norm::numeric)
     FROM check_ours AS c JOIN person AS p ON p.code = c.person JOIN (VALUES ('calls', 10), ('meetings', 3)) AS n (metric, norm) USING (metric)
     CROSS JOIN LATERAL (SELECT count(*) AS days, count(*) FILTER (WHERE d.day > oracle.date_of(c.as_of, c.zone)) AS days_left
       FROM generate_series(c.period_from, c.period_until - 1, interval '1 day') AS d (day), employment AS e
       WHERE e.person_id = p.person_id AND e.during @> d.day::date AND to_char(d.day, 'Dy') NOT IN ('Sat', 'Sun')) AS d
     WHERE d.days = c.working_days AND d.days_left = c.working_days_left $$, 'and so do its verdicts and working days');
SELECT ok(count(*) > 20 AND count(DISTINCT verdict) >= 2 AND bool_and(needed_lower <= needed AND needed <= needed_upper) AND count(*) FILTER (WHERE open_deals > 3) > 5
    AND count(*) FILTER (WHERE open_deals = 0) > 3 AND count(*) FILTER (WHERE open_uncredited > 0) > 3 AND count(*) FILTER (WHERE needed = 0) > 3
    AND count(*) FILTER (WHERE new_business_min < new_business AND new_business < new_business_max) > 5,
  'it has seen several verdicts, much open, little and nothing, and each figure lies in its bounds') FROM check_ours;

-- ---- plan_reset -------------------------------------------------------------------
CREATE TEMP TABLE reset_ours AS SELECT q.as_of, r.* FROM some_question AS q, plan_reset(q.as_of, options => q.options) AS r;
SELECT bag_eq(
  $$ SELECT as_of, plan, metric, daterange(period_from, period_until), original, target, resets, pg_temp.f(actual) AS actual, n,
       pg_temp.f(original_attainment) AS first, pg_temp.f(attainment) AS now FROM reset_ours $$,
  $$ SELECT as_of, p.code, metric, r.during, original, target, resets, pg_temp.f(actual) AS actual, n,
       pg_temp.f(CASE metric WHEN 'cycle_days' THEN 2 - actual / nullif(original, 0) ELSE actual / nullif(original, 0) END) AS first,
       pg_temp.f(CASE metric WHEN 'cycle_days' THEN 2 - actual / nullif(target, 0) ELSE actual / nullif(target, 0) END) AS now
     FROM reset_theirs AS r JOIN plan AS p ON p.plan_id = r.plan $$, 'plan_reset equals its oracle, whatever the metric');
SELECT ok(count(DISTINCT metric) = 7 AND count(*) > 100 AND count(*) FILTER (WHERE actual IS NULL) > 0 AND bool_or(resets = 2) AND max(n) > 20
    AND min(n) FILTER (WHERE actual > 0) > 0, 'it has seen every metric, some without a case, and plans that are shared out') FROM reset_ours;

-- ---- spread_target ----------------------------------------------------------------
-- 150 random targets over months, weeks or quarters of random spans
INSERT INTO plan (plan_id, code, kind, person_id, during) SELECT 5000 + n, 's' || n, 'role', 3, '[2026-01-01,2027-01-01)' FROM generate_series(1, 150) AS n;
CREATE TEMP TABLE split (n int, whole numeric, metric text, span daterange, shares numeric[], place int, share float8, part numeric);
DO $$
DECLARE
  c record;
BEGIN
  FOR c IN
    SELECT n, round((random() * 10 ^ (1 + n % 7))::numeric, n % 4) * CASE WHEN n % 10 = 0 THEN -1 ELSE 1 END AS whole,
      CASE WHEN n % 3 = 0 THEN 'calls' ELSE 'bookings' END AS metric, (ARRAY['month', 'week', 'quarter'])[1 + n % 3] AS kind,
      daterange(date '2026-01-01' + floor(random() * 100)::int, date '2026-05-01' + floor(random() * 200)::int) AS span
    FROM generate_series(1, 150) AS n
  LOOP
    INSERT INTO split
    SELECT c.n, c.whole, c.metric, c.span, given.shares, s.place, s.share, s.part
    FROM (
      SELECT array_agg(CASE WHEN random() < 0.1 AND p.place > 1 THEN 0 ELSE 0.01 + round(random()::numeric, 3) END ORDER BY p.place) AS shares
      FROM period_part(c.span, c.kind) WITH ORDINALITY AS p (period, during, place)) AS given,
      LATERAL spread_target('s' || c.n, c.metric, c.kind, c.whole, c.span, given.shares) WITH ORDINALITY AS s (period, period_from, period_until, share, revision, part, place);
  END LOOP;
END $$;
SELECT is_empty($$ SELECT n FROM split GROUP BY n, whole HAVING sum(part) <> whole $$, 'the parts sum to the target, to the last digit');
SELECT is_empty(
  $$ SELECT n, place FROM split WHERE scale(trim_scale(part)) > greatest(scale(trim_scale(whole)), CASE metric WHEN 'calls' THEN 0 ELSE 2 END)
       OR abs(part - whole * shares[place] / (SELECT sum(x) FROM unnest(shares) AS x)) > 10.0 ^ -greatest(scale(trim_scale(whole)), CASE metric WHEN 'calls' THEN 0 ELSE 2 END) $$,
  'none is off by more than a unit of the last digit');
SELECT is_empty(
  $$ SELECT n FROM split JOIN plan AS p ON p.code = 's' || n
     LEFT JOIN LATERAL (SELECT sum(upper(t.during) - lower(t.during)) AS days, sum(t.target) AS target FROM plan_target AS t WHERE t.plan_id = p.plan_id) AS written ON true
     WHERE written.days IS DISTINCT FROM upper(span) - lower(span) OR written.target IS DISTINCT FROM whole $$, 'and they are written, for every day once');
SELECT * FROM finish();
ROLLBACK;
