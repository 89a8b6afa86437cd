-- A funnel that memory does not hold goes to a temporary file, and comes out the same.
SET search_path = salesmgmt, public;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE spilled AS
SELECT i * 7919 % 9973 AS deal,
  1 + i * 31 % 5 AS step,
  timestamptz '2026-01-01 UTC' + i * interval '1 minute' AS entered_at
FROM generate_series(1, 200000) AS i;

CREATE FUNCTION funnel_of_spilled(OUT numbers text, OUT any_numbers text, OUT texts text, OUT uuids text, OUT grouped text)
LANGUAGE sql
AS $$
  SELECT
    funnel_conversion(deal, step, entered_at, funnel_options(within => '30 days'))::text,
    funnel_conversion(deal * 1000000007::int8 * 65537, step, entered_at, funnel_options(within => '30 days'))::text,
    funnel_conversion('deal of the north ' || deal, step, entered_at, funnel_options(within => '30 days'))::text,
    funnel_conversion(md5(deal::text)::uuid, step, entered_at, funnel_options(within => '30 days'))::text,
    (SELECT funnel_conversion(deal, step, entered_at, funnel_options(within => '30 days'))::text
     FROM (SELECT * FROM spilled ORDER BY deal, entered_at) AS ordered)
  FROM spilled
$$;

CREATE TABLE result AS SELECT 'in memory' AS how, funnel_of_spilled.* FROM funnel_of_spilled();
SET work_mem = '64kB';
INSERT INTO result SELECT 'in a file', funnel_of_spilled.* FROM funnel_of_spilled();
SET work_mem = '1MB';
INSERT INTO result SELECT 'in both', funnel_of_spilled.* FROM funnel_of_spilled();
SELECT count(*) AS ways, count(DISTINCT result) AS results
FROM result,
  LATERAL (VALUES (numbers), (any_numbers), (texts), (uuids), (grouped)) AS v (result);

-- workers hand over all they have, whether it lay in a file or not
SET work_mem = '64kB';
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF)
SELECT funnel_conversion('deal of the north ' || deal, step, entered_at, funnel_options(within => '30 days'))
FROM spilled;
SELECT
  funnel_conversion('deal of the north ' || deal, step, entered_at, funnel_options(within => '30 days'))::text
    = (SELECT min(numbers) FROM result) AS texts,
  funnel_conversion(md5(deal::text)::uuid, step, entered_at, funnel_options(within => '30 days'))::text
    = (SELECT min(numbers) FROM result) AS uuids
FROM spilled;
SET max_parallel_workers_per_gather = 0;

-- the log fits, the durations of its 40,000 deals do not; the percentiles are those of the server
SET work_mem = '2MB';
CREATE TABLE durable AS
SELECT i / 2 AS deal, 1 + i % 2 AS step, timestamptz '2026-01-01 UTC' + (i % 2) * (i * 7919 % 86400) * interval '1 second' AS entered_at
FROM generate_series(0, 79999) AS i;
WITH funnel AS (
  SELECT f.*
  FROM (SELECT funnel_conversion(deal, step, entered_at, NULL) AS steps FROM durable) AS whole, unnest(steps) AS f
), stay AS (
  SELECT s.*
  FROM (SELECT stage_times(deal, step, entered_at, NULL) AS stays FROM durable) AS whole, unnest(stays) AS s
), expected AS (
  SELECT percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY extract(epoch FROM after.entered_at - before.entered_at)::float8 / 86400) AS days
  FROM durable AS before
  JOIN durable AS after USING (deal)
  WHERE before.step = 1 AND after.step = 2
)
SELECT
  abs(funnel.median_days - days[1]) < 1e-9 AND funnel.step_median_days = funnel.median_days AS median,
  abs(funnel.p90_days - days[2]) < 1e-9 AND funnel.step_p90_days = funnel.p90_days AS p90,
  stay.median_days = funnel.median_days AND stay.p90_days = funnel.p90_days
    AND stay.entity_median_days = funnel.median_days AS stay
FROM expected
JOIN funnel ON funnel.step = 2
JOIN stay ON stay.step = 1;
SET temp_file_limit = 0;
SELECT reached FROM unnest((SELECT funnel_conversion(deal, step, entered_at, funnel_options(times => false)) FROM durable));
\set VERBOSITY sqlstate
SELECT reached FROM unnest((SELECT funnel_conversion(deal, step, entered_at, NULL) FROM durable));
SELECT visits FROM unnest((SELECT stage_times(deal, step, entered_at, NULL) FROM durable));
\set VERBOSITY default
RESET temp_file_limit;
SET work_mem = '1MB';

-- the limit of temporary files holds for it
SET temp_file_limit = '1MB';
\set VERBOSITY sqlstate
SELECT funnel_conversion(deal, step, entered_at, NULL) FROM spilled;
SET work_mem = '64kB';
SELECT funnel_conversion(deal::text, step, entered_at, NULL) FROM spilled;
SELECT stage_times(deal::text, step, entered_at, NULL) FROM spilled;
SET work_mem = '1MB';
\set VERBOSITY default
RESET temp_file_limit;

-- after an error, a cursor that is left open, and a rescan, no file remains
BEGIN;
DECLARE abandoned CURSOR FOR
SELECT cardinality(funnel_conversion(deal, step, entered_at, NULL)) FROM spilled GROUP BY deal % 2;
FETCH abandoned;
ROLLBACK;
SELECT many, cardinality(steps) AS steps
FROM generate_series(1, 3) AS many,
  LATERAL (SELECT funnel_conversion(deal, step, entered_at, funnel_options(steps => 6 - many)) AS steps FROM spilled) AS again;
SET work_mem = '64kB';
BEGIN;
DECLARE abandoned CURSOR FOR
SELECT cardinality(funnel_conversion(deal::text, step, entered_at, NULL)) FROM spilled GROUP BY deal % 2;
FETCH abandoned;
ROLLBACK;
SELECT many, (SELECT count(DISTINCT reached) FROM unnest(steps)) AS heights
FROM generate_series(1, 3) AS many,
  LATERAL (SELECT funnel_conversion(deal::text, step, entered_at, funnel_options(steps => 6 - many)) AS steps FROM spilled) AS again;
SELECT count(*) AS files FROM pg_ls_tmpdir();
DROP TABLE spilled, result, durable;
DROP FUNCTION funnel_of_spilled();
