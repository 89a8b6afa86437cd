-- bookings_distribution(amount, probability, target)
SET search_path = salesmgmt, public;
\pset null NULL

-- no rows; one NULL; one row; two rows; NULLs among rows
SELECT bookings_distribution(a, p, 100)
FROM (VALUES (1.0, 0.5)) AS v (a, p)
WHERE false;
SELECT bookings_distribution(NULL, NULL, NULL);
SELECT (bookings_distribution(a, p, 100)).*
FROM (VALUES (100, 0.25)) AS v (a, p);
-- 0, 100, 250, 350 with 3/8, 1/8, 3/8, 1/8
SELECT (bookings_distribution(a, p, 200)).*
FROM (VALUES (100, 0.25), (250, 0.5)) AS v (a, p);
-- the second and the third say only half; the fourth is no deal at all, as a LEFT JOIN brings it
SELECT (bookings_distribution(a, p, 200)).*
FROM (VALUES (100, 0.25), (NULL, 0.5), (70, NULL), (NULL, NULL), (250, 0.5)) AS v (a, p);

-- no target; no deals: nothing comes, which reaches a target of 0
SELECT (bookings_distribution(a, p, NULL)).*
FROM (VALUES (100, 0.25), (250, 0.5)) AS v (a, p);
SELECT (bookings_distribution(NULL, NULL, 10)).*;
SELECT (bookings_distribution(NULL, NULL, 0)).chance;

-- certain, impossible and worthless deals
SELECT (bookings_distribution(a, p, t)).*
FROM (VALUES (100.5, 1), (1000, 0), (0, 0.5)) AS v (a, p), (VALUES (100.5), (100.51)) AS target (t)
GROUP BY t
ORDER BY t;
-- a return that may come: -30 with probability 0.2
SELECT (bookings_distribution(a, p, 80)).*
FROM (VALUES (100, 1), (-30, 0.2)) AS v (a, p);
-- a target that amounts reach exactly, missed by a cent, of parts of a cent
SELECT t, (bookings_distribution(a, 0.5, t)).chance
FROM (VALUES (0.1), (0.2)) AS v (a), (VALUES (0.3), (0.31), (0.29), (0.3001), (0), (-5)) AS target (t)
GROUP BY t
ORDER BY t;

-- shares that are a percentile but for rounding: 0.1 and 1 - 0.9
SELECT (bookings_distribution(100, 0.9, 100)).p10 AS tenth, (bookings_distribution(100, 0.1, 100)).p90 AS nine_tenths,
  (bookings_distribution(100, 0.5, 100)).p50 AS half, (bookings_distribution(100, 0.9001, 100)).p10 AS less_than_a_tenth;

-- twenty coins: binomial; the chance of all twenty is 2^-20, of a hundred of a tenth 1e-100
SELECT (bookings_distribution(1000, 0.5, 20000)).*
FROM generate_series(1, 20);
SELECT (bookings_distribution(1000, 0.1, 100000)).chance BETWEEN 0.999999999999e-100 AND 1.000000000001e-100 AS right_to_the_twelfth_digit
FROM generate_series(1, 100);
-- certain to the last digit
SELECT (bookings_distribution(i, 0.5, 0)).chance
FROM generate_series(1, 100) AS i;

-- only what amounts of both signs end at has a limit, in any order of rows
SELECT (bookings_distribution(a, 1, 0 ORDER BY a)).expected AS up, (bookings_distribution(a, 1, 0 ORDER BY a DESC)).expected AS down,
  (bookings_distribution(a, 1, 0 ORDER BY i)).expected AS by_turns
FROM generate_series(1, 224) AS i, LATERAL (SELECT CASE WHEN i % 2 = 0 THEN 9e13 ELSE -9e13 END AS a) AS v;

-- the grid: the greatest common divisor; where that has too many cells the finest that fits, and errors are bounded
SELECT (d).grid, (d).error_bound, (d).expected, (d).p50
FROM (SELECT bookings_distribution(1000000 * i, 0.5, NULL) AS d FROM generate_series(1, 100) AS i) AS v;
SELECT (d).grid, (d).error_bound, (d).expected, (d).p50
FROM (SELECT bookings_distribution(10101.01 * i, 0.5, NULL) AS d FROM generate_series(1, 100) AS i) AS v;
SELECT (d).grid, (d).error_bound, (d).expected, abs((d).p50 - 25505051.74) <= (d).error_bound + (d).grid AS p50_near,
  (d).chance_lower < (d).chance AND (d).chance < (d).chance_upper AS chance_within, (d).chance_upper - (d).chance_lower < 0.005 AS chance_narrow
FROM (SELECT bookings_distribution(10101.01 * i + 0.01 * (i % 7), 0.5, 25000000) AS d FROM generate_series(1, 100) AS i) AS v;
-- many small deals beside a large one do not become nothing
SELECT (d).grid, (d).expected, (d).p50
FROM (SELECT bookings_distribution(CASE WHEN i = 0 THEN 1e9 + 0.01 ELSE 37.03 END, CASE WHEN i = 0 THEN 0.01 ELSE 1 - 1e-9 END, NULL) AS d
      FROM generate_series(0, 10000) AS i) AS v;
-- parts of a cent are rounded, half a cent each at most
SELECT (bookings_distribution(a, 0.5, NULL)).*
FROM (VALUES (0.004), (10.126), (3.000)) AS v (a);

-- errors
SELECT bookings_distribution(100, 80, 1000);
\echo :LAST_ERROR_SQLSTATE
SELECT bookings_distribution(NULL, 'NaN', 1000);
\echo :LAST_ERROR_SQLSTATE
SELECT bookings_distribution(100, -0.5, 1000);
\echo :LAST_ERROR_SQLSTATE
SELECT bookings_distribution('NaN', 0.5, 1000);
\echo :LAST_ERROR_SQLSTATE
SELECT bookings_distribution('Infinity', NULL, 1000);
\echo :LAST_ERROR_SQLSTATE
SELECT bookings_distribution(1, 0.5, '-Infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT bookings_distribution(90000000000000.01, 0.5, 1);
\echo :LAST_ERROR_SQLSTATE
SELECT bookings_distribution(1e131071, 0.5, 1);
\echo :LAST_ERROR_SQLSTATE
SELECT bookings_distribution(90000000000000, 0.5, 1)
FROM generate_series(1, 112);
\echo :LAST_ERROR_SQLSTATE
SELECT (bookings_distribution(90000000000000, 0.5, 1e131071)).chance AS never, (bookings_distribution(90000000000000, 0.5, -1e131071)).chance AS always
FROM generate_series(1, 111);
SELECT bookings_distribution(100, 0.5, t)
FROM (VALUES (1.001), (1.002)) AS v (t);
\echo :LAST_ERROR_SQLSTATE
SELECT bookings_distribution(100, 0.5, t)
FROM (VALUES (1), (NULL)) AS v (t);
\echo :LAST_ERROR_SQLSTATE
SELECT (bookings_distribution(100, 0.5, t)).chance AS same_target
FROM (VALUES (1), (1.000)) AS v (t);

-- FILTER, GROUPING SETS
CREATE TABLE deal (id int, rep text, amount numeric(12, 2), probability float8);
INSERT INTO deal
SELECT i, CASE WHEN i % 3 = 0 THEN 'Ann' ELSE 'Bob' END, (i * 7919 % 1000) * 125 + 0.25 * (i % 4), (i * 37 % 101) / 100.0
FROM generate_series(1, 200) AS i;
SELECT rep, round((d).chance::numeric, 9) AS chance, (d).p10, (d).p50, (d).p90, (d).expected, sum, (d).grid, (d).error_bound, (d).n
FROM (SELECT rep, bookings_distribution(amount, probability, 5000000) AS d, round(sum(amount * probability::numeric), 2) AS sum
      FROM deal
      GROUP BY ROLLUP (rep)) AS g
ORDER BY rep;
SELECT (bookings_distribution(amount, probability, 5000000) FILTER (WHERE rep = 'Ann')).n AS ann,
  bookings_distribution(amount, probability, 5000000) FILTER (WHERE rep = 'Cem') AS cem
FROM deal;

-- parallel equals serial, to the last digit; so does another order of rows
ALTER TABLE deal SET (parallel_workers = 4);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
EXPLAIN (COSTS OFF)
SELECT bookings_distribution(amount, probability, 5000000)
FROM deal;
SELECT bookings_distribution(amount, probability, 5000000) AS d4 FROM deal
\gset
SET max_parallel_workers_per_gather = 2;
SELECT bookings_distribution(amount, probability, 5000000) AS d2 FROM deal
\gset
SET max_parallel_workers_per_gather = 1;
SELECT bookings_distribution(amount, probability, 5000000) AS d1 FROM deal
\gset
SET max_parallel_workers_per_gather = 0;
SELECT bookings_distribution(amount, probability, 5000000) AS d0 FROM deal
\gset
SELECT bookings_distribution(amount, probability, 5000000 ORDER BY amount DESC, probability) AS sorted FROM deal
\gset
SELECT :'d1' = :'d0' AS one, :'d2' = :'d0' AS two, :'d4' = :'d0' AS four, :'sorted' = :'d0' AS sorted;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;

-- window: computed anew for each frame
SELECT i, bookings_distribution(a, p, 100) OVER (ORDER BY i ROWS 1 PRECEDING)
FROM (VALUES (1, 100, 0.5), (2, 50, 0.5), (3, NULL, NULL), (4, 100, 1)) AS v (i, a, p)
ORDER BY i;

-- the state is a value: text and binary, functions called by hand
CREATE TABLE kept (name text, state bookings_distribution_state);
INSERT INTO kept
VALUES ('one', bookings_distribution_transition(NULL, 100, 0.25, 200.50)),
  ('two', bookings_distribution_transition(bookings_distribution_transition(NULL, 250.005, 0.5, 200.5), NULL, 1, 200.5)),
  ('none', bookings_distribution_transition(NULL, NULL, NULL, NULL));
CREATE TABLE copied (LIKE kept);
\copy kept TO 'results/bookings_distribution_state.bin' (FORMAT binary)
\copy copied FROM 'results/bookings_distribution_state.bin' (FORMAT binary)
SELECT count(*)
FROM kept
JOIN copied USING (name)
WHERE kept.state::text = copied.state::text;
SELECT name, bookings_distribution_final(state), bookings_distribution_final(state::text::bookings_distribution_state)::text = bookings_distribution_final(state)::text AS same
FROM kept
ORDER BY name;
SELECT bookings_distribution_final(bookings_distribution_combine(one.state, two.state)) AS both,
  bookings_distribution_final(bookings_distribution_combine(two.state, one.state)) AS the_other_way,
  bookings_distribution_final(NULL) AS final, bookings_distribution_combine(NULL, NULL) AS combined
FROM kept AS one, kept AS two
WHERE one.name = 'one'
AND two.name = 'two';
SELECT bookings_distribution_combine(one.state, none.state)
FROM kept AS one, kept AS none
WHERE one.name = 'one'
AND none.name = 'none';
\echo :LAST_ERROR_SQLSTATE

-- crafted states are refused
SELECT ''::bookings_distribution_state;
\echo :LAST_ERROR_SQLSTATE
CREATE FUNCTION try(bytes bytea)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
  state bookings_distribution_state;
  why text;
BEGIN
  state := replace(encode(bytes, 'base64'), E'\n', '')::bookings_distribution_state;
  PERFORM bookings_distribution_final(bookings_distribution_combine(state, state));
  RETURN 'accepted';
EXCEPTION
  WHEN invalid_binary_representation THEN
    GET STACKED DIAGNOSTICS why = PG_EXCEPTION_DETAIL;
    RETURN SQLSTATE || ' ' || why;
END
$$;
-- every prefix and every single byte changed: nothing but 22P03
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
DROP TABLE deal, kept, copied;
