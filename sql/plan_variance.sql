-- plan_variance(planned, actual)
SET search_path = salesmgmt, public;
\pset null NULL

-- no rows; one NULL row; one row; two rows; NULLs among rows
SELECT plan_variance(p, a)
FROM (VALUES (1.0, 1.0)) AS v (p, a)
WHERE false;
SELECT plan_variance(NULL, NULL);
SELECT (plan_variance(p, a)).*
FROM (VALUES (200.00, 150.0)) AS v (p, a);
SELECT (plan_variance(p, a)).*
FROM (VALUES (200.00, 150.0), (50, 75.5)) AS v (p, a);
SELECT (plan_variance(p, a)).*
FROM (VALUES (200.00, 150.0), (NULL, NULL), (NULL, 25), (50, NULL)) AS v (p, a);

-- the scale is that of sum(): the highest of the values that are there, 0 for none
SELECT (plan_variance(p, a)).*, sum(p) AS sum_planned, sum(a) AS sum_actual
FROM (VALUES (1.5, NULL::numeric), (2.500, NULL), (NULL, NULL)) AS v (p, a);
SELECT scale((plan_variance(p, 1e-3000)).planned) AS planned, scale((plan_variance(p, 1e-3000)).actual) AS actual
FROM (VALUES (1e-16383), (1)) AS v (p);

-- plan 0: no rate; plan below 0: over it is positive
SELECT (plan_variance(p, a)).*
FROM (VALUES (5.0, 3), (-5.0, 4)) AS v (p, a);
SELECT (plan_variance(p, a)).*
FROM (VALUES (-200, -150)) AS v (p, a);

-- rates are right to the last digit, however large or small
SELECT (plan_variance(3, 1)).*;
SELECT (plan_variance(1e300, 1)).attainment, (plan_variance(3e-300, 1)).attainment AS large, (plan_variance(1e131071, 1)).attainment AS beyond;
SELECT (plan_variance(1e-4000, 1)).attainment;
\echo :LAST_ERROR_SQLSTATE

-- D14 (ERPNext target variance): no sales is a variance of -target, not 0
SELECT (plan_variance(target, sold)).*
FROM (VALUES (1000.00, NULL::numeric)) AS v (target, sold);
-- D1 (dbt_salesforce manager_performance): a rep without sales is 0 in the team's figures, not a NULL that takes it along
SELECT coalesce(rep, 'team') AS rep, (plan_variance(quota, amount)).*
FROM (VALUES ('Ann', 100), ('Bob', 100)) AS quota (rep, quota)
LEFT JOIN (VALUES ('Ann', 80)) AS sale (rep, amount) USING (rep)
GROUP BY ROLLUP (rep)
ORDER BY grouping(rep), rep;

-- amounts must be finite, and totals must fit
SELECT plan_variance('NaN', 1);
\echo :LAST_ERROR_SQLSTATE
SELECT plan_variance(1, 'Infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT plan_variance('-Infinity', 1);
\echo :LAST_ERROR_SQLSTATE
SELECT plan_variance(9e131071, 0)
FROM generate_series(1, 2);
\echo :LAST_ERROR_SQLSTATE
SELECT plan_variance(-9e131071, 9e131071);
\echo :LAST_ERROR_SQLSTATE
-- on the way a total may be larger than a numeric, as in sum(): the order of rows does not decide
SELECT planned = 7 AS planned, n
FROM (SELECT (plan_variance(p, 0)).*
      FROM (VALUES (9e131071), (9e131071), (7), (9e131071), (-9e131071), (-9e131071), (-9e131071)) AS v (p)) AS total;

-- FILTER, GROUPING SETS
CREATE TABLE sale (id int, region text, rep int, planned numeric(12, 2), actual numeric(12, 2));
INSERT INTO sale
SELECT i, CASE WHEN i % 3 = 0 THEN 'north' ELSE 'south' END, i % 7,
  CASE WHEN i % 11 <> 0 THEN i + 0.25 END,
  CASE WHEN i % 5 <> 0 THEN 2 * i % 1000 END
FROM generate_series(1, 10000) AS i;
SELECT region, (plan_variance(planned, actual)).*, sum(planned) AS sum_planned, sum(actual) AS sum_actual
FROM sale
GROUP BY GROUPING SETS ((region), ())
ORDER BY region;
SELECT plan_variance(planned, actual) FILTER (WHERE region = 'north') AS north,
  plan_variance(planned, actual) FILTER (WHERE region = 'west') AS west
FROM sale;

-- parallel equals serial
ALTER TABLE sale SET (parallel_workers = 4);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
EXPLAIN (COSTS OFF)
SELECT plan_variance(planned, actual)
FROM sale;
SELECT plan_variance(planned, actual)
FROM sale;
SET max_parallel_workers_per_gather = 2;
SELECT plan_variance(planned, actual)
FROM sale;
SET max_parallel_workers_per_gather = 1;
SELECT plan_variance(planned, actual)
FROM sale;
SET max_parallel_workers_per_gather = 0;
SELECT plan_variance(planned, actual)
FROM sale;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;

-- moving window: the frame's own scale comes back when 2.125 leaves it
SELECT month, p, a, plan_variance(p, a) OVER (ORDER BY month ROWS 1 PRECEDING)
FROM (VALUES (1, 1.5, 1), (2, 2.125, NULL), (3, NULL, NULL), (4, NULL, NULL), (5, 3.0, 4), (6, 3, NULL)) AS v (month, p, a)
ORDER BY month;
-- its sums are those of sum() over the same frames
SELECT count(*) AS rows,
  count(*) FILTER (WHERE (ours).planned::text IS DISTINCT FROM planned::text OR (ours).actual::text IS DISTINCT FROM actual::text) AS differ
FROM (SELECT plan_variance(planned / (rep + 1), actual) OVER w AS ours,
        sum(planned / (rep + 1)) OVER w AS planned,
        sum(actual) OVER w AS actual
      FROM sale
      WINDOW w AS (PARTITION BY region ORDER BY id ROWS BETWEEN 20 PRECEDING AND 10 FOLLOWING)) AS each_row;

-- the state is a value: kept in a table, sent as text and as bytes, combined later
CREATE TABLE kept (region text, state plan_variance_state);
DO $$
DECLARE
  part record;
  state plan_variance_state;
BEGIN
  FOR part IN SELECT * FROM sale WHERE region = 'north' LOOP
    state := plan_variance_transition(state, part.planned, part.actual);
  END LOOP;
  INSERT INTO kept VALUES ('north', state);
END
$$;
INSERT INTO kept
SELECT 'south', plan_variance_transition(plan_variance_transition(NULL, 1.5, NULL), 2, 3.25);
INSERT INTO kept
SELECT 'empty', plan_variance_transition(NULL, NULL, NULL);
SELECT region, plan_variance_final(state), plan_variance_final(state::text::plan_variance_state)::text = plan_variance_final(state)::text AS same
FROM kept
ORDER BY region;
CREATE TABLE copied (LIKE kept);
\copy kept TO 'results/plan_variance_state.bin' (FORMAT binary)
\copy copied FROM 'results/plan_variance_state.bin' (FORMAT binary)
SELECT count(*)
FROM kept
JOIN copied USING (region)
WHERE kept.state::text = copied.state::text;
SELECT plan_variance_final(plan_variance_combine(north.state, south.state)) AS both,
  plan_variance_final(plan_variance_combine(south.state, NULL)) AS south,
  plan_variance_final(plan_variance_combine(NULL, south.state)) AS south_again,
  plan_variance_final(plan_variance_inverse(south.state, 2, 3.25)) AS less_one_row
FROM kept AS north, kept AS south
WHERE north.region = 'north'
AND south.region = 'south';
SELECT plan_variance_final(NULL) AS final, plan_variance_combine(NULL, NULL) AS combined;
SELECT plan_variance_inverse(state, 5.125, NULL)
FROM kept
WHERE region = 'south';
\echo :LAST_ERROR_SQLSTATE
SELECT plan_variance_inverse(state, 2, NULL)
FROM (SELECT plan_variance_transition(NULL, 2, 3.25) AS state) AS one_row;
\echo :LAST_ERROR_SQLSTATE

-- two steps: states by day in a materialized view, rolled up to any period: as from the rows
CREATE MATERIALIZED VIEW sale_by_day AS
SELECT region, id / 100 AS day, plan_variance_state(planned / (rep + 1), actual) AS state
FROM sale
GROUP BY region, day;
CREATE FUNCTION same_as_from_rows()
RETURNS TABLE (same boolean, periods bigint)
LANGUAGE sql
AS $$
  SELECT bool_and(rows.result::text IS NOT DISTINCT FROM states.result::text), count(*)
  FROM (SELECT region, id / 1000 AS month, plan_variance(planned / (rep + 1), actual) AS result
        FROM sale
        GROUP BY GROUPING SETS ((region, id / 1000), (region), (id / 1000), ())) AS rows
  FULL JOIN (SELECT region, day / 10 AS month, plan_variance_rollup(state) AS result
             FROM sale_by_day
             GROUP BY GROUPING SETS ((region, day / 10), (region), (day / 10), ())) AS states
  ON (coalesce(rows.region, 'all'), coalesce(rows.month, -1)) = (coalesce(states.region, 'all'), coalesce(states.month, -1))
$$;
SELECT * FROM same_as_from_rows();
REFRESH MATERIALIZED VIEW sale_by_day;
SELECT * FROM same_as_from_rows();
-- no rows, a row of NULLs, no states, NULL states
SELECT plan_variance_state(p, a) AS no_rows
FROM (VALUES (1.0, 1.0)) AS v (p, a)
WHERE false;
SELECT plan_variance_rollup(plan_variance_state) AS rows_of_nulls
FROM (SELECT plan_variance_state(NULL, NULL)) AS v;
SELECT plan_variance_rollup(state) AS no_states
FROM sale_by_day
WHERE false;
SELECT plan_variance_rollup(state)
FROM (VALUES (NULL::plan_variance_state), (plan_variance_transition(NULL, 2, 3.25)), (NULL)) AS v (state);
-- running totals, and FILTER
SELECT region, day, plan_variance_rollup(state) OVER (PARTITION BY region ORDER BY day) AS so_far
FROM sale_by_day
WHERE day < 3
ORDER BY region, day;
SELECT plan_variance_rollup(state) FILTER (WHERE region = 'north') AS north
FROM sale_by_day;
-- in parallel
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF)
SELECT plan_variance_state(planned, actual)
FROM sale;
SELECT plan_variance_rollup(state) = (SELECT plan_variance(planned, actual) FROM sale) AS same
FROM (SELECT plan_variance_state(planned, actual) AS state FROM sale) AS whole;
ALTER MATERIALIZED VIEW sale_by_day SET (parallel_workers = 2);
EXPLAIN (COSTS OFF)
SELECT plan_variance_rollup(state)
FROM sale_by_day;
SELECT * FROM same_as_from_rows();
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
DROP FUNCTION same_as_from_rows;
DROP MATERIALIZED VIEW sale_by_day;

-- crafted states are refused
SELECT 'not base64'::plan_variance_state;
\echo :LAST_ERROR_SQLSTATE
SELECT ''::plan_variance_state;
\echo :LAST_ERROR_SQLSTATE
SELECT encode('\x02', 'base64')::plan_variance_state;
\echo :LAST_ERROR_SQLSTATE

CREATE FUNCTION try(bytes bytea)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
  state plan_variance_state;
  why text;
BEGIN
  state := replace(encode(bytes, 'base64'), E'\n', '')::plan_variance_state;
  state := plan_variance_inverse(plan_variance_transition(plan_variance_combine(state, state), 1, 0.001), 1, 0.001);
  PERFORM plan_variance_final(state);
  RETURN 'accepted';
EXCEPTION
  WHEN invalid_binary_representation THEN
    GET STACKED DIAGNOSTICS why = PG_EXCEPTION_DETAIL;
    RETURN SQLSTATE || ' ' || why;
  WHEN numeric_value_out_of_range THEN
    RETURN SQLSTATE;
END
$$;
-- every prefix and every single byte changed: nothing but 22P03, or a total that is too large
SELECT outcome, count(*) > 0 AS seen
FROM (SELECT try(substr(bytes, 1, size)) AS outcome
      FROM (SELECT decode(state::text, 'base64') AS bytes FROM kept) AS k, generate_series(0, length(bytes) - 1) AS size
      UNION ALL
      SELECT try(set_byte(bytes, at, value))
      FROM (SELECT decode(state::text, 'base64') AS bytes FROM kept) AS k, generate_series(0, length(bytes) - 1) AS at, unnest(ARRAY[0, 1, 64, 127, 128, 192, 255]) AS value
      UNION ALL
      SELECT try(bytes || '\x00')
      FROM (SELECT decode(state::text, 'base64') AS bytes FROM kept) AS k) AS tried
GROUP BY outcome
ORDER BY outcome COLLATE "C";

DROP FUNCTION try;
DROP TABLE sale, kept, copied;
