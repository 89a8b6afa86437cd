-- brier() and calibration() against their plain-SQL twins over 500 random cases.
\ir ../begin.sql
SET LOCAL search_path = salesmgmt, public;
\ir ../oracle/brier.sql

SELECT plan(10);

CREATE TABLE deal (case_id int, i int, p float8, won boolean, flag bool);
ALTER TABLE deal SET (parallel_workers = 4);
SELECT setseed(0.51);
INSERT INTO deal
SELECT case_id, i,
  CASE
    WHEN random() < 0.1 THEN NULL
    -- on the bounds of bins, certain, impossible, tiny
    WHEN random() < 0.3 THEN floor(random() * 21) / 20
    WHEN random() < 0.1 THEN 1e-300
    ELSE random()
  END,
  CASE WHEN random() < 0.1 THEN NULL ELSE random() < 0.4 OR case_id % 30 = 1 END,
  random() < 0.5
FROM generate_series(1, 500) AS case_id,
  generate_series(1, case_id % 41) AS i
ORDER BY random();
ANALYZE deal;

SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TABLE serial AS
SELECT case_id, brier(p, won) AS brier, calibration(p, won, calibration_options(1 + case_id % 25, 0.9)) AS bins
FROM deal
GROUP BY case_id, 1 + case_id % 25;

SELECT is_empty(
  $$
    SELECT case_id, oracle.shown(brier) FROM serial
    EXCEPT
    SELECT case_id, oracle.shown(oracle.brier(array_agg(p), array_agg(won))) FROM deal GROUP BY case_id
  $$, 'brier equals the oracle in 500 random cases');
SELECT cmp_ok(count(*) FILTER (WHERE (brier).skill IS NULL), '>', 10::bigint, 'some of which have no skill')
FROM serial;
SELECT cmp_ok(count(*) FILTER (WHERE (brier).skill < 0), '>', 10::bigint, 'or are worse than the base rate')
FROM serial;
SELECT is_empty(
  $$
    SELECT case_id, oracle.shown(b) FROM serial, unnest(bins) AS b
    EXCEPT
    SELECT case_id, oracle.shown(b)
    FROM (SELECT case_id, array_agg(p) AS p, array_agg(won) AS won FROM deal GROUP BY case_id) AS c,
      oracle.calibration(p, won, 1 + case_id % 25, 0.9) AS b
  $$, 'so do the bins of calibration');
SELECT is_empty(
  $$
    SELECT case_id FROM serial
    WHERE (brier).n <> (SELECT sum(b.n) FROM unnest(bins) AS b)
    OR (brier).won <> (SELECT sum(b.won) FROM unnest(bins) AS b)
    OR cardinality(bins) <> 1 + case_id % 25
  $$, 'every decided deal is in one bin');
SELECT is_empty(
  $$
    SELECT case_id, brier(p, won ORDER BY p, won)::text, calibration(p, won, calibration_options(1 + case_id % 25, 0.9) ORDER BY i)::text
    FROM deal
    GROUP BY case_id, 1 + case_id % 25
    EXCEPT
    SELECT case_id, brier::text, bins::text FROM serial
  $$, 'equal to the last digit in another order of rows');
SELECT is_empty(
  $$
    SELECT case_id, oracle.shown(brier(p, won) FILTER (WHERE flag)) FROM deal GROUP BY GROUPING SETS ((case_id), ())
    EXCEPT
    SELECT case_id, oracle.shown(oracle.brier(array_agg(p) FILTER (WHERE flag), array_agg(won) FILTER (WHERE flag)))
    FROM deal
    GROUP BY GROUPING SETS ((case_id), ())
  $$, 'with FILTER and GROUPING SETS');

SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 4;
SELECT is_empty(
  $$
    SELECT case_id, brier(p, won)::text, calibration(p, won, calibration_options(1 + case_id % 25, 0.9))::text
    FROM deal
    GROUP BY case_id, 1 + case_id % 25
    EXCEPT
    SELECT case_id, brier::text, bins::text FROM serial
  $$, 'equal to the last digit in parallel');
-- what is called right on the mean, and sorted, has skill; who always says the base rate has none
SELECT cmp_ok(abs((brier(0.25, i % 4 = 0)).skill), '<', 1e-15::float8, 'the base rate has no skill')
FROM generate_series(1, 1000) AS i;
SELECT is((brier((i % 2)::float8, i % 2 = 1)).skill, 1::float8, 'who knows has all')
FROM generate_series(1, 1000) AS i;

SELECT * FROM finish();
ROLLBACK;
