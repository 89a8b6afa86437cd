-- wilson_lower, wilson_upper, shrunk_rate, its bounds and rates_differ equal their plain-SQL twins over 500 random cases each.
\ir ../begin.sql
\ir ../oracle/rate.sql
SET LOCAL search_path = salesmgmt, public;
SELECT plan(6);
SELECT setseed(0.3141) AS seed \gset

-- the last one is 1 - 2^-20: close to 1, float8's rounding of a decimal fraction would already move z
CREATE TABLE z AS
SELECT confidence, oracle.normal_z(confidence) AS z
FROM unnest(ARRAY[0.5, 0.8, 0.9, 0.95, 0.975, 0.99, 0.999, 0.99999904632568359375]) AS confidence;

-- few cases and many, and both ends
CREATE TABLE counted AS
SELECT n, CASE WHEN random() < 0.1 THEN 0 WHEN random() < 0.1 THEN n ELSE floor(random() * (n + 1))::int8 END AS successes,
  (ARRAY[0.5, 0.8, 0.9, 0.95, 0.975, 0.99, 0.999, 0.99999904632568359375])[1 + floor(random() * 8)] AS confidence,
  round(random()::numeric, 3) AS prior_rate,
  CASE WHEN random() < 0.2 THEN 0 ELSE round((random() * 50)::numeric, 2) END AS prior_n
FROM (SELECT floor(random() * 10 ^ (random() * 6))::int8 AS n FROM generate_series(1, 500)) AS size;

SELECT is((SELECT count(*) FROM counted JOIN z USING (confidence)), 500::bigint, '500 cases');
SELECT is_empty(
  $$SELECT successes, n, confidence, got, expected
    FROM counted
    JOIN z USING (confidence),
      LATERAL (SELECT wilson_lower(successes, n, confidence::float8) AS got, oracle.wilson(successes, n, z, -1)::float8 AS expected) AS bound
    WHERE (got IS NULL) <> (expected IS NULL)
      OR abs(got - expected) > 1e-13$$,
  'wilson_lower equals its oracle');
SELECT is_empty(
  $$SELECT successes, n, confidence, got, expected
    FROM counted
    JOIN z USING (confidence),
      LATERAL (SELECT wilson_upper(successes, n, confidence::float8) AS got, oracle.wilson(successes, n, z, 1)::float8 AS expected) AS bound
    WHERE (got IS NULL) <> (expected IS NULL)
      OR abs(got - expected) > 1e-13$$,
  'wilson_upper equals its oracle');
SELECT is_empty(
  $$SELECT successes, n, prior_rate, prior_n, got, expected
    FROM counted,
      LATERAL (SELECT shrunk_rate(successes, n, prior_rate::float8, prior_n::float8) AS got,
        oracle.shrunk_rate(successes, n, prior_rate, prior_n)::float8 AS expected) AS rate
    WHERE (got IS NULL) <> (expected IS NULL)
      OR abs(got - expected) > 1e-15$$,
  'shrunk_rate equals its oracle');
-- with the prior's cases there are n + prior_n of them, which need not be whole
SELECT is_empty(
  $$SELECT successes, n, prior_rate, prior_n, confidence, side, got, expected
    FROM counted
    JOIN z USING (confidence),
      (VALUES (-1), (1)) AS bound (side),
      LATERAL (SELECT CASE side WHEN -1 THEN shrunk_lower(successes, n, prior_rate::float8, prior_n::float8, confidence::float8)
          ELSE shrunk_upper(successes, n, prior_rate::float8, prior_n::float8, confidence::float8) END AS got,
        oracle.wilson(successes + prior_rate * prior_n, n + prior_n, z, side)::float8 AS expected) AS rate
    WHERE (got IS NULL) <> (expected IS NULL)
      OR abs(got - expected) > 1e-13$$,
  'shrunk_lower and shrunk_upper equal their oracle');

-- two groups of up to 60, alike or not
CREATE TABLE two AS
SELECT n1, floor(random() ^ (1 + random()) * (n1 + 1))::int AS s1, n2, floor(random() ^ (1 + random()) * (n2 + 1))::int AS s2,
  random() < 0.5 AS mid_p
FROM (SELECT floor(random() * 60)::int AS n1, floor(random() * 60)::int AS n2 FROM generate_series(1, 500)) AS size;
SELECT is_empty(
  $$SELECT s1, n1, s2, n2, mid_p, got, expected
    FROM two,
      LATERAL (SELECT rates_differ(s1, n1, s2, n2, mid_p) AS got, oracle.rates_differ(s1, n1, s2, n2, mid_p)::float8 AS expected) AS p
    WHERE (got IS NULL) <> (expected IS NULL)
      OR abs(got - expected) > 1e-13 * expected$$,
  'rates_differ equals its oracle');

SELECT * FROM finish();
ROLLBACK;
