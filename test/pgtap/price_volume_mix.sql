-- price_volume_mix() against its plain-SQL twin over 500 random cases.
\ir ../begin.sql
SET LOCAL search_path = salesmgmt, public;
\ir ../oracle/price_volume_mix.sql

SELECT plan(10);

CREATE TABLE product (case_id int, i int, q0 numeric, p0 numeric, q1 numeric, p1 numeric, flag bool, region int);
ALTER TABLE product SET (parallel_workers = 4);
SELECT setseed(0.41);
INSERT INTO product
SELECT case_id, i,
  CASE WHEN random() < 0.1 THEN NULL WHEN random() < 0.15 THEN 0 ELSE round((random() * 10 ^ floor(random() * 6))::numeric, floor(random() * 4)::int) END,
  round(((random() - 0.1) * 10 ^ floor(random() * 5))::numeric, floor(random() * 5)::int),
  CASE WHEN random() < 0.1 THEN NULL WHEN random() < 0.15 THEN 0 ELSE round(((random() - 0.05) * 10 ^ floor(random() * 6))::numeric, floor(random() * 4)::int) END,
  round(((random() - 0.1) * 10 ^ floor(random() * 5))::numeric, floor(random() * 5)::int),
  random() < 0.5,
  floor(random() * 3)
FROM generate_series(1, 500) AS case_id,
  generate_series(1, case_id % 23) AS i
ORDER BY random();
-- a price that no quantity asks for may be missing
UPDATE product SET p0 = NULL WHERE coalesce(q0, 0) = 0 AND i % 2 = 0;
UPDATE product SET p1 = NULL WHERE coalesce(q1, 0) = 0 AND i % 3 = 0;
-- more digits than fit into 128 bits, and more decimals
UPDATE product SET p0 = p0 * 1e40 WHERE case_id % 50 = 7;
UPDATE product SET p1 = p1 * 1e-30 WHERE case_id % 50 = 9;
ANALYZE product;

CREATE TABLE expected AS
SELECT case_id, oracle.price_volume_mix(array_agg(q0), array_agg(p0), array_agg(q1), array_agg(p1))::text AS result
FROM product
GROUP BY case_id;

SELECT cmp_ok(count(*), '>', 470::bigint, 'the cases have rows, but for every 23rd') FROM expected WHERE result IS NOT NULL;
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT is_empty(
  $$
    SELECT case_id, price_volume_mix(q0, p0, q1, p1)::text FROM product GROUP BY case_id
    EXCEPT SELECT * FROM expected
  $$, 'equal to the oracle in 500 random cases');
SELECT is_empty(
  $$
    SELECT case_id, price_volume_mix(q0, p0, q1, p1 ORDER BY q0, p1)::text FROM product GROUP BY case_id
    EXCEPT SELECT * FROM expected
  $$, 'in another order of rows');
SELECT is(count(*), 0::bigint, 'the parts add up to the total')
FROM (SELECT (price_volume_mix(q0, p0, q1, p1)).* FROM product GROUP BY case_id) AS v
WHERE volume + mix + price + new + lost <> total;
SELECT is(count(*), 0::bigint, 'volume and mix are within half a unit of the last place of the formulas')
FROM (SELECT price_volume_mix(q0, p0, q1, p1) AS ours,
        oracle.price_volume_mix_unrounded(array_agg(q0), array_agg(p0), array_agg(q1), array_agg(p1)) AS formula
      FROM product
      WHERE case_id % 50 NOT IN (7, 9)
      GROUP BY case_id) AS v
WHERE abs((ours).volume - (formula).volume) > 0.5 * ('1e-' || scale((ours).volume))::numeric + 1e-40
OR abs((ours).mix - (formula).mix) > 0.5 * ('1e-' || scale((ours).volume))::numeric + 1e-40
OR (ours).price <> (formula).price
OR (ours).total <> (formula).total;
SELECT is_empty(
  $$
    SELECT case_id, price_volume_mix(q0, p0, q1, p1) FILTER (WHERE flag)::text
    FROM product
    GROUP BY case_id
    EXCEPT
    SELECT case_id, oracle.price_volume_mix(array_agg(q0) FILTER (WHERE flag), array_agg(p0) FILTER (WHERE flag),
      array_agg(q1) FILTER (WHERE flag), array_agg(p1) FILTER (WHERE flag))::text
    FROM product
    GROUP BY case_id
  $$, 'with FILTER');
SELECT is_empty(
  $$
    SELECT case_id, region, price_volume_mix(q0, p0, q1, p1)::text
    FROM product
    GROUP BY GROUPING SETS ((case_id, region), (case_id), (region))
    EXCEPT
    SELECT case_id, region, oracle.price_volume_mix(array_agg(q0), array_agg(p0), array_agg(q1), array_agg(p1))::text
    FROM product
    GROUP BY GROUPING SETS ((case_id, region), (case_id), (region))
  $$, 'with GROUPING SETS');
SELECT is(count(*), 0::bigint, 'as a moving window')
FROM (SELECT price_volume_mix(q0, p0, q1, p1) OVER w::text AS ours,
        oracle.price_volume_mix(array_agg(q0) OVER w, array_agg(p0) OVER w, array_agg(q1) OVER w, array_agg(p1) OVER w)::text AS truth
      FROM product
      WHERE case_id % 4 = 1
      WINDOW w AS (PARTITION BY case_id ORDER BY i ROWS BETWEEN 3 PRECEDING AND 1 FOLLOWING)) AS each_row
WHERE ours IS DISTINCT FROM truth;
SELECT is(count(*), 0::bigint, 'as a window whose frame runs empty')
FROM (SELECT price_volume_mix(q0, p0, q1, p1) OVER w::text AS ours,
        oracle.price_volume_mix(array_agg(q0) OVER w, array_agg(p0) OVER w, array_agg(q1) OVER w, array_agg(p1) OVER w)::text AS truth
      FROM product
      WHERE case_id % 4 = 1
      WINDOW w AS (PARTITION BY case_id ORDER BY i ROWS BETWEEN 5 PRECEDING AND 3 PRECEDING)) AS each_row
WHERE ours IS DISTINCT FROM truth;

SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 4;
SELECT is_empty(
  $$
    SELECT case_id, price_volume_mix(q0, p0, q1, p1)::text FROM product GROUP BY case_id
    EXCEPT SELECT * FROM expected
  $$, 'in parallel');

SELECT * FROM finish();
ROLLBACK;
