-- forecast_accuracy() against its plain-SQL twin over 500 random cases.
\ir ../begin.sql
SET LOCAL search_path = salesmgmt, public;
\ir ../oracle/forecast_accuracy.sql

SELECT plan(19);

-- Results are compared as text, so that 1.5 and 1.50 differ.
CREATE TABLE call (case_id int, i int, forecast numeric, actual numeric, flag bool, region int);
ALTER TABLE call SET (parallel_workers = 4);

SELECT setseed(0.50);
INSERT INTO call
SELECT case_id,
  i,
  CASE
    WHEN random() < 0.15 THEN NULL
    -- every twentieth forecast is right
    WHEN case_id % 20 = 4 THEN actual
    ELSE round(((random() - 0.1) * 10 ^ floor(random() * 8))::numeric, floor(random() * 7)::int)
  END,
  actual,
  random() < 0.5,
  floor(random() * 3)
FROM (
  SELECT case_id,
    i,
    CASE
      WHEN case_id % 25 = 3 OR random() < 0.15 THEN NULL
      WHEN random() < 0.1 THEN 0.00
      -- every tenth case adds up to 0 where its rows are even in number
      WHEN case_id % 10 = 0 THEN CASE WHEN i % 2 = 0 THEN 5.00 ELSE -5.0 END
      WHEN case_id % 25 = 7 AND random() < 0.3 THEN (random() * 1000)::int * 1e-30
      WHEN case_id % 25 = 9 AND random() < 0.3 THEN (random() * 1000)::int * 1e40
      ELSE round(((random() - 0.1) * 10 ^ floor(random() * 8))::numeric, floor(random() * 7)::int)
    END AS actual
  FROM generate_series(1, 500) AS case_id,
    generate_series(1, case_id % 41) AS i
  OFFSET 0
) AS drawn
ORDER BY random();
ANALYZE call;

CREATE TABLE expected AS
SELECT case_id, oracle.shown(oracle.forecast_accuracy(array_agg(forecast), array_agg(actual))) AS result
FROM call
GROUP BY case_id;

SELECT cmp_ok(count(*), '=', 488::bigint, 'the cases have rows, but for the 12 that have none')
FROM expected;
SELECT cmp_ok(count(*), '>', 15::bigint, 'among them are some that were never off, which have no signal')
FROM expected
WHERE result LIKE '%signal sums%';

SET LOCAL max_parallel_workers_per_gather = 0;
SELECT is_empty(
  $$
    SELECT case_id, oracle.shown(forecast_accuracy(forecast, actual)) FROM call GROUP BY case_id
    EXCEPT SELECT * FROM expected
  $$, 'equal to the oracle in 500 random cases');
SELECT is_empty(
  $$
    SELECT case_id, forecast_accuracy(forecast, actual)::text FROM call GROUP BY case_id
    EXCEPT
    SELECT case_id, forecast_accuracy(forecast, actual ORDER BY forecast, actual)::text FROM call GROUP BY case_id
  $$, 'equal to the last digit in another order of rows');
SELECT is_empty(
  $$
    SELECT case_id,
      oracle.shown(forecast_accuracy(forecast, actual) FILTER (WHERE flag)),
      oracle.shown(forecast_accuracy(forecast, actual) FILTER (WHERE NOT flag))
    FROM call
    GROUP BY case_id
    EXCEPT
    SELECT case_id,
      oracle.shown(oracle.forecast_accuracy(array_agg(forecast) FILTER (WHERE flag), array_agg(actual) FILTER (WHERE flag))),
      oracle.shown(oracle.forecast_accuracy(array_agg(forecast) FILTER (WHERE NOT flag), array_agg(actual) FILTER (WHERE NOT flag)))
    FROM call
    GROUP BY case_id
  $$, 'with FILTER');
SELECT is_empty(
  $$
    SELECT case_id, region, oracle.shown(forecast_accuracy(forecast, actual))
    FROM call
    WHERE case_id % 25 NOT IN (7, 9)
    GROUP BY GROUPING SETS ((case_id, region), (case_id), (region), ())
    EXCEPT
    SELECT case_id, region, oracle.shown(oracle.forecast_accuracy(array_agg(forecast), array_agg(actual)))
    FROM call
    WHERE case_id % 25 NOT IN (7, 9)
    GROUP BY GROUPING SETS ((case_id, region), (case_id), (region), ())
  $$, 'with GROUPING SETS');

-- frames that slide, shrink, run empty and leave gaps: the same as the frame's rows by themselves
CREATE FUNCTION oracle.moving_differences(frame text)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
  differences bigint;
BEGIN
  EXECUTE format($q$
    SELECT count(*)
    FROM (SELECT oracle.shown(forecast_accuracy(forecast, actual) OVER w) AS ours,
            oracle.shown(oracle.forecast_accuracy(array_agg(forecast) OVER w, array_agg(actual) OVER w)) AS truth,
            oracle.shown(forecast_accuracy(forecast, actual) FILTER (WHERE flag) OVER w) AS ours_filtered,
            oracle.shown(oracle.forecast_accuracy(array_agg(forecast) FILTER (WHERE flag) OVER w,
              array_agg(actual) FILTER (WHERE flag) OVER w)) AS truth_filtered
          FROM call
          WHERE case_id %% 16 = 1
          WINDOW w AS (PARTITION BY case_id %s)) AS each_row
    WHERE ours IS DISTINCT FROM truth
    OR ours_filtered IS DISTINCT FROM truth_filtered
  $q$, frame) INTO STRICT differences;
  RETURN differences;
END
$$;
SELECT is(oracle.moving_differences(frame), 0::bigint, 'moving window: ' || frame)
FROM (SELECT format('ORDER BY i ROWS BETWEEN %s PRECEDING AND %s FOLLOWING', floor(random() * 9), floor(random() * 4)) AS frame
      FROM generate_series(1, 3)) AS random_frame
UNION ALL
SELECT is(oracle.moving_differences(frame), 0::bigint, 'moving window: ' || frame)
FROM (VALUES ('ORDER BY i ROWS BETWEEN 5 PRECEDING AND 3 PRECEDING'),
        ('ORDER BY i ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING'),
        ('ORDER BY i DESC ROWS BETWEEN 2 FOLLOWING AND 6 FOLLOWING'),
        ('ORDER BY i ROWS BETWEEN 3 PRECEDING AND 3 FOLLOWING EXCLUDE CURRENT ROW'),
        ('ORDER BY region GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW')) AS chosen_frame (frame);

-- two steps: any split into states, rolled up, equals the rows
CREATE TABLE part AS
SELECT case_id, region, flag, forecast_accuracy_state(forecast, actual) AS state
FROM call
GROUP BY case_id, region, flag;
SELECT is_empty(
  $$
    SELECT case_id, forecast_accuracy_rollup(state)::text FROM part GROUP BY case_id
    EXCEPT
    SELECT case_id, forecast_accuracy(forecast, actual)::text FROM call GROUP BY case_id
  $$, 'stored states rolled up equal the rows');
SELECT is(
  (SELECT forecast_accuracy_rollup(state)::text FROM part WHERE case_id % 25 <> 7),
  (SELECT forecast_accuracy(forecast, actual)::text FROM call WHERE case_id % 25 <> 7),
  'all of them, too');

-- parallel: every group is spread over the workers by the random order of the rows
CREATE TABLE serial AS
SELECT case_id, forecast_accuracy(forecast, actual)::text AS result
FROM call
GROUP BY case_id;
ALTER TABLE part SET (parallel_workers = 4);
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 4;
SELECT is_empty(
  $$
    SELECT case_id, forecast_accuracy(forecast, actual)::text FROM call GROUP BY case_id
    EXCEPT SELECT * FROM serial
  $$, 'in parallel');
SELECT is_empty(
  $$
    SELECT case_id, forecast_accuracy_rollup(state)::text FROM part GROUP BY case_id
    EXCEPT SELECT * FROM serial
  $$, 'and so the rollup');
SELECT throws_ok('SELECT forecast_accuracy(1, 1e-400)', '22003', NULL, 'a share that no float8 holds is refused');

SELECT * FROM finish();
ROLLBACK;
