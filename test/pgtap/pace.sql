-- The pace functions equal their plain-SQL twins over 500 random cases.
\ir ../begin.sql
\ir ../oracle/pace.sql
SET LOCAL search_path = salesmgmt, public;
SELECT plan(5);
SELECT setseed(0.1414) AS seed \gset

CREATE TABLE given AS
SELECT id, round((random() * 1e6 - 1e5)::numeric, id % 5) AS booked,
  CASE WHEN id % 20 > 0 THEN round((random() * 1e6 - 2e5)::numeric, id % 3) ELSE 0 END AS planned,
  floor(random() * (1 + days))::int8 AS elapsed, days::int8,
  ARRAY(SELECT CASE WHEN random() > 0.1 THEN round((random() * 1.2 - 0.1 + 0 * id)::numeric, 4) END
    FROM generate_series(1, id % 7)) AS shares
FROM generate_series(1, 500) AS id, LATERAL (SELECT floor(random() * 70 + 0 * id) AS days) AS d;

CREATE FUNCTION pg_temp.differ(a numeric, b numeric)
RETURNS boolean
LANGUAGE sql
BEGIN ATOMIC
  SELECT (a IS NULL) <> (b IS NULL) OR abs(a - b) > 1e-14 * abs(b);
END;

SELECT ok(count(*) FILTER (WHERE pace IS NULL) > 10 AND count(*) FILTER (WHERE pace > 0) > 100
    AND count(*) FILTER (WHERE pace < 0) > 20
    AND count(*) FILTER (WHERE oracle.pace_historical(booked, shares) IS NULL) > 20, 'of every kind')
FROM given, LATERAL oracle.pace(booked, planned, elapsed, days) AS pace;
SELECT is_empty(
  $$SELECT given FROM given
    WHERE pg_temp.differ(pace(booked, planned, elapsed, days)::numeric, oracle.pace(booked, planned, elapsed, days))$$,
  'pace equals its oracle');
SELECT is_empty(
  $$SELECT given FROM given
    WHERE pg_temp.differ(pace_projected(booked, elapsed, days), oracle.pace_projected(booked, elapsed, days))$$,
  'pace_projected equals its oracle');
SELECT is_empty(
  $$SELECT given FROM given
    WHERE pg_temp.differ(pace_historical(booked, shares::float8[]), oracle.pace_historical(booked, shares))$$,
  'pace_historical equals its oracle');
SELECT is_empty(
  $$SELECT given FROM given
    WHERE pg_temp.differ(required_per_day(planned - booked, days - elapsed), oracle.required_per_day(planned - booked, days - elapsed))$$,
  'required_per_day equals its oracle');

SELECT * FROM finish();
ROLLBACK;
