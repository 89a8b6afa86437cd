-- working_days equals its plain-SQL twin over 500 random cases.
\ir ../begin.sql
\ir ../oracle/working_days.sql
SET LOCAL search_path = salesmgmt, public;
SELECT plan(3);
SELECT setseed(0.6022) AS seed \gset

CREATE TABLE span AS
SELECT id, since, since + floor(random() * 400)::int - 20 AS until
FROM (SELECT id, date '1890-01-01' + floor(random() * 100000)::int AS since FROM generate_series(1, 500) AS id) AS s;

CREATE TABLE given AS
SELECT span.*,
  ARRAY(SELECT since + floor(random() * (until - since + 20))::int - 10 FROM generate_series(1, id % 40)) AS holidays,
  ARRAY(SELECT day FROM generate_series(1, 7) AS day WHERE random() < 0.6 + 0 * id ORDER BY random()) AS week
FROM span;

SELECT ok(count(*) FILTER (WHERE days = 0) > 10 AND count(*) FILTER (WHERE days > 100) > 100
    AND count(*) FILTER (WHERE days < working_days(since, until, week => week)) > 100, 'of every kind')
FROM given, LATERAL oracle.working_days(since, until, holidays, week) AS days;
SELECT is_empty(
  $$SELECT given
    FROM given
    WHERE working_days(since, until, holidays, week) IS DISTINCT FROM oracle.working_days(since, until, holidays, week)$$,
  'working_days equals its oracle');
SELECT is_empty(
  $$SELECT given
    FROM given
    WHERE working_days(since, until, holidays) IS DISTINCT FROM oracle.working_days(since, until, holidays, '{1,2,3,4,5}')
      OR working_days(since, until) IS DISTINCT FROM oracle.working_days(since, until, '{}', '{1,2,3,4,5}')$$,
  'with its defaults, too');

SELECT * FROM finish();
ROLLBACK;
