-- The views of forecasts equal their plain-SQL twins on a random book of 250 deals and 1,200 forecasts.
\ir ../begin.sql
SET LOCAL TimeZone = 'UTC';
SELECT FROM salesmgmt.create_book('random_book');
SELECT set_config('search_path', 'random_book, salesmgmt, ' || current_setting('search_path'), true) \g /dev/null
\ir ../oracle/pipeline_views.sql
\ir ../oracle/forecast_views.sql
SELECT setseed(0.4142) AS seed \gset
SELECT plan(14);
\ir ../random_pipeline.sql
-- categories come and go
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, owner_id, amount, expected_close, forecast_category)
SELECT opportunity_id, changed_at + floor(random() * 20) * interval '1 day', stage_id, owner_id, amount, expected_close,
  (ARRAY['pipeline', 'best_case', 'most_likely', 'commit', 'closed', 'omitted', NULL])[1 + floor(random() * 7)::int]
FROM opportunity_history, generate_series(1, 2)
WHERE seq > 0 AND random() < 0.5
ORDER BY opportunity_id, random();
INSERT INTO booking (code, booked_on, person_id, amount)
SELECT 'b' || n, date '2025-01-01' + floor(random() * 500)::int, nullif(floor(random() * 11), 0), floor(random() * 300) - 40 FROM generate_series(1, 500) AS n;
INSERT INTO forecast (person_id, judgement, category, during, amount, submitted_at, submitted_by)
SELECT 1 + floor(random() * 10), (ARRAY['rep', 'manager'])[1 + floor(random() * 2)::int],
  (ARRAY['commit', 'commit', 'most_likely', 'best_case', 'pipeline', 'closed', 'omitted'])[1 + floor(random() * 7)::int],
  daterange(since, (since + CASE WHEN random() < 0.7 THEN interval '3 months' ELSE interval '1 month' END)::date),
  floor(random() * 600), since + (random() * 100 - 25 + 0 * n) * interval '1 day', CASE WHEN random() < 0.1 THEN 1 END
FROM generate_series(1, 1200) AS n
CROSS JOIN LATERAL (SELECT (date '2025-01-01' + floor(random() * 5 + 0 * n) * interval '3 months')::date AS since) AS s;
ANALYZE;

CREATE TEMP TABLE moment (as_of timestamptz);
INSERT INTO moment VALUES ('2025-05-01 03:30'), ('2025-12-31 23:59'), ('2026-04-01'), ('2026-07-01');
CREATE TEMP TABLE two AS SELECT * FROM moment WHERE as_of IN ('2025-12-31 23:59', '2026-07-01');
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
CREATE FUNCTION pg_temp.f(x float8) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN round(x::numeric, 9);
CREATE FUNCTION pg_temp.f(x numeric) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN round(x, 9);

SELECT pg_temp.same('forecast_accuracy_by_horizon',
  $$SELECT as_of, person, judgement, category, days_ahead, n, forecast, actual, absolute_error AS error, pg_temp.f(wape) AS wape, pg_temp.f(mape) AS mape, pg_temp.f(bias) AS bias
    FROM moment CROSS JOIN LATERAL forecast_accuracy_by_horizon(as_of, options => '{"forecast_days_ahead": "80,60,20"}')$$,
  $$SELECT as_of, code AS person, judgement, category, days AS days_ahead, count(*) AS n, sum(forecast)::numeric(20,4) AS forecast, sum(actual)::numeric(20,4) AS actual,
      sum(abs(forecast - actual))::numeric(20,4) AS error, pg_temp.f(sum(abs(forecast - actual)) / nullif(sum(abs(actual)), 0)) AS wape,
      pg_temp.f(avg(abs(forecast - actual) / abs(actual)) FILTER (WHERE actual <> 0)) AS mape, pg_temp.f((sum(forecast) - sum(actual)) / nullif(abs(sum(actual)), 0)) AS bias
    FROM moment CROSS JOIN (VALUES (80), (60), (20)) AS d (days) CROSS JOIN LATERAL oracle.standing(as_of, days) JOIN person USING (person_id)
    GROUP BY as_of, code, judgement, category, days$$,
  500);

-- the boss of the first day of the period on which there was one
SELECT pg_temp.same('forecast_accuracy_by_manager',
  $$SELECT as_of, person, judgement, category, reps, n, forecast, actual, pg_temp.f(wape) AS wape
    FROM moment CROSS JOIN LATERAL forecast_accuracy_by_manager(as_of, options => '{"forecast_days_ahead": "45"}')$$,
  $$SELECT as_of, boss.code AS person, judgement, category, count(DISTINCT s.person_id) AS reps, count(*) AS n, sum(forecast)::numeric(20,4) AS forecast, sum(actual)::numeric(20,4) AS actual,
      pg_temp.f(sum(abs(forecast - actual)) / nullif(sum(abs(actual)), 0)) AS wape
    FROM moment CROSS JOIN LATERAL oracle.standing(as_of, 45) AS s
    JOIN reporting_line AS line ON line.person_id = s.person_id AND line.during @> lower(s.during)
    JOIN person AS boss ON boss.person_id = line.manager_id
    GROUP BY as_of, boss.code, judgement, category$$,
  60);

SELECT pg_temp.same('forecast_value_added',
  $$SELECT as_of, person, manager, n, rep_error, manager_error, pg_temp.f(value_added) AS added
    FROM moment CROSS JOIN LATERAL forecast_value_added(as_of, options => '{"forecast_grace_days": 40}')$$,
  $$WITH e AS MATERIALIZED (SELECT as_of, e.* FROM moment CROSS JOIN LATERAL forecast_error(as_of, options => '{"forecast_grace_days": 40}') AS e),
    pair AS MATERIALIZED (SELECT as_of, r.person, m.judge, r.period_from, r.period_until, r.forecast AS rep, m.forecast AS boss, r.actual
      FROM e AS r JOIN e AS m USING (as_of, person, period_from, period_until) WHERE r.judgement = 'rep' AND m.judgement = 'manager')
    SELECT as_of, person, judge AS manager, count(*) AS n, sum(abs(rep - actual)) AS rep_error, sum(abs(boss - actual)) AS manager_error,
      pg_temp.f(sum(abs(rep - actual)) / nullif(sum(abs(actual)), 0) - sum(abs(boss - actual)) / nullif(sum(abs(actual)), 0)) AS added
    FROM pair AS p
    WHERE 1 = (SELECT count(*) FROM pair AS q WHERE q.as_of = p.as_of AND q.person = p.person AND q.period_from >= p.period_from AND q.period_until <= p.period_until)
    GROUP BY as_of, person, judge$$,
  20);

SELECT pg_temp.same('forecast_rollup',
  $$SELECT as_of, person, category, deals, amount, cumulative_amount AS so_far FROM two CROSS JOIN LATERAL forecast_rollup(as_of, during => '[2025-07-01,2026-01-01)') WHERE deals > 0$$,
  $$WITH deal AS MATERIALIZED (
      SELECT as_of, c.owner, 'closed' AS category, 1 AS p, c.amount FROM two CROSS JOIN LATERAL oracle.closed(as_of, 'UTC') AS c
      WHERE c.won AND c.closed_on >= '2025-07-01' AND c.closed_on < '2026-01-01'
      UNION ALL
      SELECT as_of, (h.state).owner_id, k.category, position(left(k.category, 2) IN 'clcomobepiom') / 2 + 1, (h.state).amount
      FROM two CROSS JOIN opportunity AS o
      CROSS JOIN LATERAL (SELECT oracle.stood(o.opportunity_id, as_of + interval '1 microsecond') AS state OFFSET 0) AS h
      CROSS JOIN LATERAL (SELECT coalesce(replace((h.state).forecast_category, 'closed', 'commit'), 'none') AS category) AS k
      JOIN stage AS s ON s.stage_id = (h.state).stage_id AND s.outcome = 'open'
      WHERE (h.state).expected_close >= '2025-07-01' AND (h.state).expected_close < '2026-01-01')
    SELECT as_of, who.code AS person, category, count(*) AS deals, coalesce(sum(amount), 0)::numeric(20,4) AS amount,
      CASE WHEN category NOT IN ('omitted', 'none') THEN coalesce((SELECT sum(b.amount) FROM deal AS b WHERE b.as_of = d.as_of AND b.owner = d.owner AND b.p <= min(d.p) AND b.category NOT IN ('omitted', 'none')), 0)::numeric(20,4) END AS so_far
    FROM deal AS d JOIN person AS who ON who.person_id = d.owner
    GROUP BY as_of, who.code, d.owner, category$$,
  30);

CREATE TEMP TABLE seen AS
SELECT as_of, days, s.* FROM two CROSS JOIN (VALUES (75), (30)) AS d (days) CROSS JOIN LATERAL oracle.snapshot(as_of, '2025-04-01', '2026-01-01', days) AS s
WHERE upper(s.period) <= as_of::date;
SELECT pg_temp.same('commit_reliability',
  $$SELECT as_of, person, category, days_ahead, deals, won, lost, slipped, amount, won_amount
    FROM two CROSS JOIN LATERAL commit_reliability(as_of, during => '[2025-04-10,2025-12-20)', options => '{"forecast_days_ahead": "75,30"}')$$,
  $$SELECT as_of, code AS person, category, days AS days_ahead, count(*) AS deals,
      count(*) FILTER (WHERE won AND closed_on <@ period) AS won, count(*) FILTER (WHERE NOT won AND closed_on < upper(period)) AS lost,
      count(*) - count(*) FILTER (WHERE won AND closed_on <@ period) - count(*) FILTER (WHERE NOT won AND closed_on < upper(period)) AS slipped,
      coalesce(sum(amount), 0)::numeric(20,4) AS amount, coalesce(sum(amount) FILTER (WHERE won AND closed_on <@ period), 0)::numeric(20,4) AS won_amount
    FROM seen JOIN person ON person_id = owner WHERE expected_close <@ period GROUP BY as_of, code, category, days$$,
  80);
SELECT pg_temp.same('probability_calibration',
  $$SELECT as_of, days_ahead, bin, n, won, pg_temp.f(mean_probability) AS mean, pg_temp.f(brier_score) AS score, brier_n
    FROM two CROSS JOIN LATERAL probability_calibration(as_of, during => '[2025-04-10,2025-12-20)', options => '{"forecast_days_ahead": "75,30"}')$$,
  $$WITH d AS (SELECT s.*, r.probability AS p FROM seen AS s JOIN stage_rule AS r ON r.stage_id = s.stage AND r.during @> upper(s.period) - s.days WHERE won IS NOT NULL)
    SELECT as_of, days AS days_ahead, floor(p * 10)::int + 1 AS bin, count(*) AS n, count(*) FILTER (WHERE won) AS won, pg_temp.f(avg(p)) AS mean,
      (SELECT pg_temp.f(avg((e.p - e.won::int) ^ 2)) FROM d AS e WHERE e.as_of = d.as_of AND e.days = d.days) AS score,
      (SELECT count(*) FROM d AS e WHERE e.as_of = d.as_of AND e.days = d.days) AS brier_n
    FROM d GROUP BY as_of, days, floor(p * 10)$$,
  10);
SELECT is((SELECT count(DISTINCT category) FROM seen), 7::bigint, 'deals of every category and of none have been seen');
SELECT ok((SELECT bool_or(won) AND bool_or(NOT won) AND bool_or(won IS NULL) FROM seen), 'and such as were won, lost and are open');

SELECT * FROM finish();
ROLLBACK;
