-- price_volume_mix(planned_qty, planned_price, actual_qty, actual_price)
SET search_path = salesmgmt, public;
\pset null NULL

-- no rows; one NULL row; one row; two rows; NULLs among rows
SELECT price_volume_mix(q0, p0, q1, p1)
FROM (VALUES (1.0, 1.0, 1.0, 1.0)) AS v (q0, p0, q1, p1)
WHERE false;
SELECT price_volume_mix(NULL, NULL, NULL, NULL);
SELECT price_volume_mix(NULL, 5, NULL, 6);
SELECT (price_volume_mix(q0, p0, q1, p1)).*
FROM (VALUES (10, 5.00, 12, 5.50)) AS v (q0, p0, q1, p1);
SELECT (price_volume_mix(q0, p0, q1, p1)).*
FROM (VALUES (10, 5.00, 12, 5.50), (30, 1.00, 18, 1.00)) AS v (q0, p0, q1, p1);
SELECT (price_volume_mix(q0, p0, q1, p1)).*
FROM (VALUES (10, 5.00, 12, 5.50), (30, 1.00, 18, 1.00), (NULL, NULL, NULL, NULL), (NULL, NULL, 3, 7), (4, 2.5, NULL, NULL)) AS v (q0, p0, q1, p1);

-- published: C. T. Horngren et al., "Cost Accounting: A Managerial Emphasis", 13th edition (2009),
-- pages 517-519: three colas, contribution margins as planned. Sales-volume variance 820,000
-- favorable, of which sales-quantity 1,054,000 favorable and sales-mix 234,000 unfavorable
SELECT (price_volume_mix(q0, margin, q1, margin)).*
FROM (VALUES ('Kola', 400000, 2.00, 480000), ('Limor', 600000, 1.20, 900000), ('Orlem', 1500000, 2.50, 1620000)) AS v (product, q0, margin, q1);
-- published: Kaplan, "ACCA Performance Management, Integrated Workbook 2018-19", chapter 10, example 6
-- (pages 280-282): contributions as planned. Sales quantity variance $2,124,600 favourable, sales
-- mix variance $570,600 adverse
SELECT (price_volume_mix(q0, contribution, q1, contribution)).*
FROM (VALUES ('Tables', 8000, 760, 7200), ('Chairs', 26000, 94, 31000), ('Sideboards', 6000, 940, 7800)) AS v (product, q0, contribution, q1);
-- the same by revenue: price by hand, 7,200 × 200 - 31,000 × 10 - 7,800 × 300 = -1,210,000;
-- volume 6,000 × 42,720,000 / 40,000 = 6,408,000
SELECT (price_volume_mix(q0, p0, q1, p1)).*
FROM (VALUES ('Tables', 8000, 2200, 7200, 2400), ('Chairs', 26000, 320, 31000, 310), ('Sideboards', 6000, 2800, 7800, 2500)) AS v (product, q0, p0, q1, p1);

-- new, lost and zero-quantity products are apart: they change neither the mean price nor the shares
SELECT (price_volume_mix(q0, p0, q1, p1)).*
FROM (VALUES (10, 5.00, 12, 5.50), (30, 1.00, 18, 1.00), (0, NULL, 3, 7), (4, 2.5, 0, 99), (0, 1000, 0, 2000), (0, NULL, NULL, NULL)) AS v (q0, p0, q1, p1);
SELECT (price_volume_mix(q0, p0, q1, p1)).*
FROM (VALUES (0, 9, 3, 7)) AS v (q0, p0, q1, p1);
SELECT (price_volume_mix(q0, p0, q1, p1)).*
FROM (VALUES (4, 2.5, 0, NULL::numeric)) AS v (q0, p0, q1, p1);
SELECT (price_volume_mix(0, NULL, 0, NULL)).*;
-- returned: a quantity below 0; prices of 0 and below
SELECT (price_volume_mix(q0, p0, q1, p1)).*
FROM (VALUES (10, 5.00, -2, 5.50), (30, 1.00, 18, 0), (5, -3, 5, -4)) AS v (q0, p0, q1, p1);

-- rounding: volume is 1/3 of 100; mix is what is left, and the parts add up
SELECT (v).*, (v).volume + (v).mix + (v).price + (v).new + (v).lost = (v).total AS adds_up
FROM (SELECT price_volume_mix(q0, p0, q1, p1) AS v
      FROM (VALUES (1, 100.00, 1, 100.00), (2, 0.00, 3, 0.00)) AS v (q0, p0, q1, p1)) AS one;
-- halves away from zero
SELECT (price_volume_mix(q0, p0, q1, p1)).volume
FROM (VALUES (1, 0.01, 1, 0.01), (1, 0.00, 2, 0)) AS v (q0, p0, q1, p1);
SELECT (price_volume_mix(q0, p0, q1, p1)).volume
FROM (VALUES (2, 0.01, 1, 0.01), (2, 0.01, 2, 0)) AS v (q0, p0, q1, p1);
SELECT (price_volume_mix(q0, p0, q1, p1)).volume
FROM (VALUES (1, 0.01, 1, 0.01), (1, 0.00, 0.5, 0), (2, 0, 2, 0)) AS v (q0, p0, q1, p1);
-- the scale: that of the amounts, but at least 2
SELECT price_volume_mix(3, 2, 4, 1), price_volume_mix(3.5, 2.25, 4, 1.5);

-- refused
SELECT price_volume_mix(-1, 5, 3, 6);
\echo :LAST_ERROR_SQLSTATE
SELECT price_volume_mix(1, NULL, 3, 6);
\echo :LAST_ERROR_SQLSTATE
SELECT price_volume_mix(0, NULL, 3, NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT price_volume_mix('NaN', 5, 3, 6);
\echo :LAST_ERROR_SQLSTATE
SELECT price_volume_mix(1, 'Infinity', 3, 6);
\echo :LAST_ERROR_SQLSTATE
SELECT price_volume_mix(1, 5, '-Infinity', 6);
\echo :LAST_ERROR_SQLSTATE
SELECT price_volume_mix(1, 5, 0, 'NaN');
\echo :LAST_ERROR_SQLSTATE
SELECT price_volume_mix(1e131071, 10, 1, 1);
\echo :LAST_ERROR_SQLSTATE
SELECT price_volume_mix(1e-16383, 0.1, 1, 1);
\echo :LAST_ERROR_SQLSTATE
-- as large as they can be, and as small
SELECT (v).total = -9e131060 + 1 AS total, (v).volume + (v).mix + (v).price = (v).total AS adds_up
FROM (SELECT price_volume_mix(9, 1e131060, 1, 1) AS v) AS one;
SELECT price_volume_mix(9, 1e131071, 1, 1);
\echo :LAST_ERROR_SQLSTATE
SELECT (v).lost = -9e131071 AS lost, (v).total = -9e131071 AS total
FROM (SELECT price_volume_mix(9, 1e131071, 0, 1) AS v) AS one;
SELECT (v).volume = 1e-8000 AS volume, (v).mix = 0 AS mix, scale((v).price) AS scale
FROM (SELECT price_volume_mix(1e-4000, 1e-4000, 2e-4000, 1e-4000) AS v) AS one;

-- FILTER, GROUPING SETS: regions add up to the whole only product by product
CREATE TABLE product_result (id int, region text, planned_qty numeric(12, 3), planned_price numeric(12, 2), actual_qty numeric(12, 3), actual_price numeric(12, 2));
INSERT INTO product_result
SELECT i, CASE WHEN i % 3 = 0 THEN 'north' ELSE 'south' END,
  CASE WHEN i % 11 <> 0 THEN i % 97 + 0.125 END, 10 + i % 13 + 0.05,
  CASE WHEN i % 7 <> 0 THEN i % 89 + 0.5 END, 11 + i % 11 + 0.15
FROM generate_series(1, 5000) AS i;
SELECT region, (price_volume_mix(planned_qty, planned_price, actual_qty, actual_price)).*,
  coalesce(sum(actual_qty * actual_price), 0) - coalesce(sum(planned_qty * planned_price), 0) AS same_total
FROM product_result
GROUP BY GROUPING SETS ((region), ())
ORDER BY region;
SELECT price_volume_mix(planned_qty, planned_price, actual_qty, actual_price) FILTER (WHERE region = 'north') AS north,
  price_volume_mix(planned_qty, planned_price, actual_qty, actual_price) FILTER (WHERE region = 'west') AS west
FROM product_result;

-- parallel equals serial
ALTER TABLE product_result SET (parallel_workers = 4);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
EXPLAIN (COSTS OFF)
SELECT price_volume_mix(planned_qty, planned_price, actual_qty, actual_price)
FROM product_result;
SELECT price_volume_mix(planned_qty, planned_price, actual_qty, actual_price)
FROM product_result;
SET max_parallel_workers_per_gather = 2;
SELECT price_volume_mix(planned_qty, planned_price, actual_qty, actual_price)
FROM product_result;
SET max_parallel_workers_per_gather = 1;
SELECT price_volume_mix(planned_qty, planned_price, actual_qty, actual_price)
FROM product_result;
SET max_parallel_workers_per_gather = 0;
SELECT price_volume_mix(planned_qty, planned_price, actual_qty, actual_price)
FROM product_result;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;

-- moving window: as from the frame's own rows
SELECT id, planned_qty AS q0, planned_price AS p0, actual_qty AS q1, actual_price AS p1,
  price_volume_mix(planned_qty, planned_price, actual_qty, actual_price) OVER (ORDER BY id ROWS 1 PRECEDING)
FROM product_result
WHERE id BETWEEN 6 AND 12
ORDER BY id;
SELECT count(*) AS rows, count(*) FILTER (WHERE moving::text IS DISTINCT FROM afresh::text) AS differ
FROM (SELECT price_volume_mix(planned_qty, planned_price, actual_qty, actual_price)
        OVER (ORDER BY id ROWS BETWEEN 10 PRECEDING AND 5 FOLLOWING) AS moving,
        (SELECT price_volume_mix(f.planned_qty, f.planned_price, f.actual_qty, f.actual_price)
         FROM product_result AS f
         WHERE f.id BETWEEN r.id - 10 AND r.id + 5 AND f.id <= 500) AS afresh
      FROM product_result AS r
      WHERE id <= 500) AS each_row;

-- the state is a value
CREATE TABLE kept (region text, state price_volume_mix_state);
DO $$
DECLARE
  part record;
  state price_volume_mix_state;
BEGIN
  FOR part IN SELECT * FROM product_result WHERE id BETWEEN 60 AND 99 LOOP
    state := price_volume_mix_transition(state, part.planned_qty, part.planned_price, part.actual_qty, part.actual_price);
  END LOOP;
  INSERT INTO kept VALUES ('north', state);
END
$$;
INSERT INTO kept
SELECT 'south', price_volume_mix_transition(price_volume_mix_transition(NULL, 3, 2.5, 4, 2.25), 2, 3.25, NULL, NULL);
INSERT INTO kept
SELECT 'empty', price_volume_mix_transition(NULL, NULL, NULL, NULL, NULL);
SELECT region, price_volume_mix_final(state), price_volume_mix_final(state::text::price_volume_mix_state)::text = price_volume_mix_final(state)::text AS same
FROM kept
ORDER BY region;
SELECT price_volume_mix(planned_qty, planned_price, actual_qty, actual_price) AS north_from_rows
FROM product_result
WHERE id BETWEEN 60 AND 99;
CREATE TABLE copied (LIKE kept);
\copy kept TO 'results/price_volume_mix_state.bin' (FORMAT binary)
\copy copied FROM 'results/price_volume_mix_state.bin' (FORMAT binary)
SELECT count(*)
FROM kept
JOIN copied USING (region)
WHERE kept.state::text = copied.state::text;
SELECT price_volume_mix_final(price_volume_mix_combine(north.state, south.state)) AS both,
  price_volume_mix_final(price_volume_mix_combine(south.state, NULL)) AS south,
  price_volume_mix_final(price_volume_mix_combine(NULL, south.state)) AS south_again,
  price_volume_mix_final(price_volume_mix_inverse(south.state, 2, 3.25, NULL, NULL)) AS less_one_row
FROM kept AS north, kept AS south
WHERE north.region = 'north'
AND south.region = 'south';
SELECT price_volume_mix_final(NULL) AS final, price_volume_mix_combine(NULL, NULL) AS combined;
SELECT price_volume_mix_inverse(state, 1, 1, NULL, NULL)
FROM kept
WHERE region = 'south';
\echo :LAST_ERROR_SQLSTATE
SELECT price_volume_mix_inverse(state, 5, 2.5, 4, 2.25)
FROM (SELECT price_volume_mix_transition(price_volume_mix_transition(NULL, 3, 2.5, 4, 2.25), 1, 2.5, 4, 2.25) AS state) AS two_rows;
\echo :LAST_ERROR_SQLSTATE

-- crafted states are refused
SELECT ''::price_volume_mix_state;
\echo :LAST_ERROR_SQLSTATE
CREATE FUNCTION try(bytes bytea)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
  state price_volume_mix_state;
  why text;
BEGIN
  state := replace(encode(bytes, 'base64'), E'\n', '')::price_volume_mix_state;
  state := price_volume_mix_inverse(price_volume_mix_transition(price_volume_mix_combine(state, state), 1, 0.001, 2, 3), 1, 0.001, 2, 3);
  PERFORM price_volume_mix_final(state);
  RETURN 'accepted';
EXCEPTION
  WHEN invalid_binary_representation THEN
    GET STACKED DIAGNOSTICS why = PG_EXCEPTION_DETAIL;
    RETURN SQLSTATE || ' ' || why;
  WHEN numeric_value_out_of_range THEN
    RETURN SQLSTATE;
END
$$;
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
DROP TABLE product_result, kept, copied;
