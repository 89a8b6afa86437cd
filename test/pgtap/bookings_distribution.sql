-- bookings_distribution() against all 2^n ways that n deals may end, over 500 random cases.
\ir ../begin.sql
SET LOCAL search_path = salesmgmt, public;
\ir ../oracle/bookings_distribution.sql

SELECT plan(12);

CREATE TABLE deal (case_id int, i int, amount numeric, probability float8, target numeric);
ALTER TABLE deal SET (parallel_workers = 4);
SELECT setseed(0.52);
INSERT INTO deal
SELECT case_id, i,
  CASE
    WHEN random() < 0.05 THEN NULL
    -- small and whole, so that sums meet; cents that fit on the grid; returns
    WHEN case_id % 3 = 0 THEN floor(random() * 6)
    WHEN random() < 0.1 THEN round((random() * -300)::numeric, 2)
    WHEN case_id % 3 = 1 THEN round((random() * 300)::numeric, 1)
    ELSE round((random() * 250)::numeric, 2)
  END,
  CASE
    WHEN random() < 0.05 THEN NULL
    -- certain, impossible, tenths whose percentiles are hit exactly, tiny
    WHEN random() < 0.3 THEN floor(random() * 11) / 10
    WHEN random() < 0.05 THEN 1e-12
    ELSE round(random()::numeric, 4)
  END,
  NULL
FROM generate_series(1, 500) AS case_id,
  generate_series(1, 1 + case_id % 8) AS i
ORDER BY random();
-- a target for most: some sum that deals can reach, or next to it
UPDATE deal
SET target = t.target
FROM (
  SELECT case_id,
    CASE WHEN case_id % 10 > 0 THEN
      coalesce(sum(amount) FILTER (WHERE (i + case_id) % 3 <> 0), 0) + (case_id % 5 - 2) * 0.005 END AS target
  FROM deal
  GROUP BY case_id) AS t
WHERE t.case_id = deal.case_id;
ANALYZE deal;

SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TABLE compared AS
SELECT case_id,
  max(target) AS target,
  bookings_distribution(amount, probability, target) AS ours,
  oracle.bookings_distribution(array_agg(amount), array_agg(probability), max(target)) AS truth
FROM deal
GROUP BY case_id;

SELECT is(count(*), 500::bigint, '500 cases') FROM compared;
-- a group without a single deal and without a target is NULL
DELETE FROM compared WHERE ours IS NULL AND (truth).n = 0 AND (truth).missing = 0;
SELECT is_empty(
  $$
    SELECT case_id, ours, truth FROM compared
    WHERE ((ours).chance IS NULL) <> ((truth).chance IS NULL)
    OR abs((ours).chance - (truth).chance) > 1e-14
  $$, 'the chance is that of all ways together');
SELECT is_empty(
  $$ SELECT case_id, ours, truth FROM compared WHERE abs((ours).chance / nullif((truth).chance, 0) - 1) > 1e-12 $$,
  'also in parts of a small chance');
SELECT cmp_ok(count(*), '>', 200::bigint, 'most chances are neither 0 nor 1')
FROM compared
WHERE (ours).chance > 0
AND (ours).chance < 1;
SELECT is_empty(
  $$
    SELECT case_id, ours, truth FROM compared
    WHERE ((ours).p10, (ours).p50, (ours).p90) IS DISTINCT FROM ((truth).p10, (truth).p50, (truth).p90)
  $$, 'so are the percentiles');
SELECT is_empty(
  $$ SELECT case_id, ours, truth FROM compared WHERE abs((ours).expected - (truth).expected) > 0.005 $$,
  'the expected sum is right to the cent');
SELECT is_empty(
  $$
    SELECT case_id, ours, truth FROM compared
    WHERE ((ours).n, (ours).missing, (ours).error_bound) IS DISTINCT FROM ((truth).n, (truth).missing, (truth).error_bound)
    OR (ours).chance_lower <> (ours).chance
    OR (ours).chance_upper <> (ours).chance
  $$, 'deals are counted, and nothing is rounded');
SELECT is_empty(
  $$
    SELECT case_id, bookings_distribution(amount, probability, target ORDER BY i)::text FROM deal GROUP BY case_id
    EXCEPT
    SELECT case_id, bookings_distribution(amount, probability, target ORDER BY i DESC)::text FROM deal GROUP BY case_id
  $$, 'equal to the last digit in another order of rows');

-- large and odd amounts, which no grid of so many cells holds: few deals are exact all the same
CREATE TABLE large AS
SELECT case_id, bookings_distribution(amount, probability, target) AS ours,
  oracle.bookings_distribution(array_agg(amount), array_agg(probability), max(target)) AS truth
FROM (
  SELECT case_id, amount * 7919.31 + 0.01 AS amount, probability,
    sum(amount * 7919.31 + 0.01) FILTER (WHERE i % 2 = 0) OVER (PARTITION BY case_id) AS target
  FROM (SELECT case_id, i, round(amount, 0) AS amount, probability FROM deal WHERE case_id % 3 = 1 AND case_id % 8 > 1) AS d
) AS large
GROUP BY case_id;
SELECT cmp_ok(count(*) FILTER (WHERE (ours).error_bound = 0), '>', 100::bigint, 'large amounts of few deals are not rounded') FROM large;
SELECT is_empty(
  $$
    SELECT case_id, ours, truth FROM large
    WHERE abs((truth).chance - (ours).chance) > 1e-14
    OR ((ours).p10, (ours).p50, (ours).p90) IS DISTINCT FROM ((truth).p10, (truth).p50, (truth).p90)
    OR abs((ours).expected - (truth).expected) > 0.01
  $$, 'and all figures are right');

-- parallel
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 4;
SELECT is_empty(
  $$
    SELECT case_id, bookings_distribution(amount, probability, target)::text FROM deal GROUP BY case_id HAVING count(amount * probability::numeric) > 0
    EXCEPT
    SELECT case_id, ours::text FROM compared
  $$, 'equal to the last digit in parallel');
-- the normal distribution, of which the sum of many is: mean and spread known
SELECT ok(abs((d).p90 - (d).p50 - 1.2815516 * 500 * sqrt(0.21 * 10000)) < 500, 'ten thousand deals spread as they should')
FROM (SELECT bookings_distribution(500, 0.3, NULL) AS d FROM generate_series(1, 10000)) AS many;

SELECT * FROM finish();
ROLLBACK;
