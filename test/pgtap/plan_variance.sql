-- plan_variance() against its plain-SQL twin over 500 random cases.
\ir ../begin.sql
SET LOCAL search_path = salesmgmt, public;
\ir ../oracle/plan_variance.sql

SELECT plan(22);

-- Results are compared as text, so that 1.5 and 1.50 differ.
CREATE TABLE amount (case_id int, i int, planned numeric, actual numeric, flag bool, region int);
ALTER TABLE amount SET (parallel_workers = 4);

SELECT setseed(0.40);
INSERT INTO amount
SELECT case_id,
  i,
  -- every tenth plan adds up to 0 where its rows are even in number
  CASE
    WHEN case_id % 10 = 0 THEN CASE WHEN i % 2 = 0 THEN 5.00 ELSE -5.0 END
    WHEN random() < 0.15 THEN NULL
    ELSE round(((random() - 0.2) * 10 ^ floor(random() * 8))::numeric, floor(random() * 7)::int)
  END,
  CASE
    WHEN case_id % 25 = 3 OR random() < 0.15 THEN NULL
    -- more digits after the point than round() can make, and more before than it expects
    WHEN case_id % 25 = 7 AND random() < 0.3 THEN (random() * 1000)::int * 1e-3000
    WHEN case_id % 25 = 9 AND random() < 0.3 THEN (random() * 1000)::int * 1e40
    ELSE round(((random() - 0.2) * 10 ^ floor(random() * 8))::numeric, floor(random() * 7)::int)
  END,
  random() < 0.5,
  floor(random() * 3)
FROM generate_series(1, 500) AS case_id,
  generate_series(1, case_id % 41) AS i
ORDER BY random();
ANALYZE amount;

CREATE TABLE expected AS
SELECT case_id, oracle.plan_variance(array_agg(planned), array_agg(actual))::text AS result
FROM amount
GROUP BY case_id;

SELECT cmp_ok(count(*), '=', 488::bigint, 'the cases have rows, but for the 12 that have none')
FROM expected;
SELECT cmp_ok(count(*), '>', 20::bigint, 'among them are plans of 0, which have no attainment')
FROM expected
WHERE result LIKE '%,,,%';

-- serial
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT is_empty(
  $$
    SELECT case_id, plan_variance(planned, actual)::text FROM amount GROUP BY case_id
    EXCEPT SELECT * FROM expected
  $$, 'equal to the oracle in 500 random cases');
SELECT is_empty(
  $$
    SELECT case_id, plan_variance(planned, actual ORDER BY planned, actual)::text FROM amount GROUP BY case_id
    EXCEPT SELECT * FROM expected
  $$, 'in another order of rows');

SELECT is_empty(
  $$
    SELECT case_id,
      plan_variance(planned, actual) FILTER (WHERE flag)::text,
      plan_variance(planned, actual) FILTER (WHERE NOT flag)::text
    FROM amount
    GROUP BY case_id
    EXCEPT
    SELECT case_id,
      oracle.plan_variance(array_agg(planned) FILTER (WHERE flag), array_agg(actual) FILTER (WHERE flag))::text,
      oracle.plan_variance(array_agg(planned) FILTER (WHERE NOT flag), array_agg(actual) FILTER (WHERE NOT flag))::text
    FROM amount
    GROUP BY case_id
  $$, 'with FILTER');

SELECT is_empty(
  $$
    SELECT case_id, region, plan_variance(planned, actual)::text
    FROM amount
    GROUP BY GROUPING SETS ((case_id, region), (case_id), (region), ())
    EXCEPT
    SELECT case_id, region, oracle.plan_variance(array_agg(planned), array_agg(actual))::text
    FROM amount
    GROUP BY GROUPING SETS ((case_id, region), (case_id), (region), ())
  $$, 'with GROUPING SETS');

-- frames that slide, shrink, run empty and leave gaps: each row's frame is summed afresh by the oracle
CREATE FUNCTION oracle.moving_differences(frame text)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
  differences bigint;
BEGIN
  EXECUTE format($q$
    SELECT count(*)
    FROM (SELECT plan_variance(planned, actual) OVER w::text AS ours,
            oracle.plan_variance(array_agg(planned) OVER w, array_agg(actual) OVER w)::text AS truth,
            plan_variance(planned, actual) FILTER (WHERE flag) OVER w::text AS ours_filtered,
            oracle.plan_variance(array_agg(planned) FILTER (WHERE flag) OVER w,
                                 array_agg(actual) FILTER (WHERE flag) OVER w)::text AS truth_filtered
          FROM amount
          WINDOW w AS (PARTITION BY case_id %s)) AS each_row
    WHERE ours IS DISTINCT FROM truth
    OR ours_filtered IS DISTINCT FROM truth_filtered
  $q$, frame) INTO STRICT differences;
  RETURN differences;
END
$$;
SELECT is(oracle.moving_differences(frame), 0::bigint, 'moving window: ' || frame)
FROM (SELECT format('ORDER BY i ROWS BETWEEN %s PRECEDING AND %s FOLLOWING', floor(random() * 9), floor(random() * 4)) AS frame
      FROM generate_series(1, 5)) AS random_frame
UNION ALL
SELECT is(oracle.moving_differences(frame), 0::bigint, 'moving window: ' || frame)
FROM (VALUES ('ORDER BY i ROWS BETWEEN 5 PRECEDING AND 3 PRECEDING'),
        ('ORDER BY i ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING'),
        ('ORDER BY i DESC ROWS BETWEEN 2 FOLLOWING AND 6 FOLLOWING'),
        ('ORDER BY i ROWS BETWEEN 3 PRECEDING AND 3 FOLLOWING EXCLUDE CURRENT ROW'),
        ('ORDER BY planned RANGE BETWEEN 100 PRECEDING AND 10 FOLLOWING'),
        ('ORDER BY region GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW')) AS chosen_frame (frame);

-- two steps: states of a part of the rows, stored, then rolled up
CREATE TABLE stored AS
SELECT case_id, region, flag, plan_variance_state(planned, actual) AS state
FROM amount
GROUP BY case_id, region, flag;
SELECT is_empty(
  $$
    SELECT case_id, region, plan_variance_rollup(state)::text
    FROM stored
    GROUP BY GROUPING SETS ((case_id, region), (case_id), (region), ())
    EXCEPT
    SELECT case_id, region, plan_variance(planned, actual)::text
    FROM amount
    GROUP BY GROUPING SETS ((case_id, region), (case_id), (region), ())
  $$, 'states rolled up give what the rows give');
SELECT is_empty(
  $$
    SELECT case_id, plan_variance_rollup(state::text::plan_variance_state)::text FROM stored GROUP BY case_id
    EXCEPT SELECT * FROM expected
  $$, 'also after they were text');

-- parallel: every group is spread over the workers by the random order of the rows
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 4;
SELECT is_empty(
  $$
    SELECT case_id, plan_variance(planned, actual)::text FROM amount GROUP BY case_id
    EXCEPT SELECT * FROM expected
  $$, 'in parallel');

-- a total may pass through what no numeric can hold and come back, as in sum()
SELECT is(plan_variance(planned, 0), oracle.plan_variance(array_agg(planned), array_agg(0::numeric)),
    'a total that passes beyond the range of numeric and comes back')
FROM (SELECT 9e131071 * CASE WHEN i <= 20 THEN 1 ELSE -1 END + i AS planned
      FROM amount
      WHERE case_id = 40) AS v;
SELECT is_empty(
  $$
    SELECT quartet
    FROM (SELECT quartet,
            (plan_variance(planned, 0) OVER w).planned AS ours,
            sum(planned) OVER w AS servers
          FROM (SELECT i / 4 AS quartet, (CASE WHEN i % 4 < 2 THEN 9e131071 ELSE -9e131071 END) + i AS planned
                FROM generate_series(0, 39) AS i
                ORDER BY i) AS v
          WINDOW w AS (ORDER BY quartet GROUPS 1 PRECEDING)) AS w
    WHERE ours::text IS DISTINCT FROM servers::text
  $$, 'also while it moves');

SELECT * FROM finish();
ROLLBACK;
