-- driver_variance() against its plain-SQL twin over 500 random cases.
\ir ../begin.sql
SET LOCAL search_path = salesmgmt, public;
\ir ../oracle/driver_variance.sql

SELECT plan(6);

-- Powers of two and their sums are the same numbers as float8 and as numeric.
SELECT setseed(0.42);
CREATE TABLE factor AS
SELECT case_id,
  array_agg(CASE WHEN zero_planned THEN 0 ELSE sign * planned END ORDER BY i) AS planned,
  array_agg(CASE WHEN zero_actual THEN 0 WHEN same THEN sign * planned ELSE sign * actual END ORDER BY i) AS actual
FROM (SELECT case_id, i,
        (1 + floor(random() * 10000)) / 64 AS planned,
        (1 + floor(random() * 10000)) / 64 AS actual,
        CASE WHEN random() < 0.1 THEN -1 ELSE 1 END AS sign,
        random() < 0.1 AS same,
        case_id % 4 = 0 AND random() < 0.2 AS zero_planned,
        case_id % 5 = 0 AND random() < 0.2 AS zero_actual
      FROM generate_series(1, 500) AS case_id, generate_series(1, 1 + case_id % 7) AS i) AS drawn
GROUP BY case_id;

CREATE TABLE compared AS
SELECT case_id, o.i, o.contribution AS expected, o.total AS expected_total, ours.total,
  ours.contributions[o.i] AS contribution,
  (SELECT max(abs(c)) FROM unnest(ours.contributions) AS c) AS largest,
  (SELECT sum(c) FROM unnest(ours.contributions) AS c) AS sum
FROM factor,
  LATERAL driver_variance(planned, actual) AS ours,
  LATERAL oracle.driver_variance(planned::text::numeric[], actual::text::numeric[]) AS o;

SELECT is(count(DISTINCT case_id), 500::bigint, 'all cases are there') FROM compared;
SELECT cmp_ok(count(*), '>', 100::bigint, 'among them zeros whose factors have the limit') FROM factor WHERE 0 = ANY (planned || actual);
SELECT is(count(*), 0::bigint, 'the contributions are those of the oracle')
FROM compared
WHERE abs(contribution::text::numeric - expected) > 1e-14 * largest::text::numeric;
SELECT is(count(*), 0::bigint, 'the total is the nearest float8')
FROM compared
WHERE total <> expected_total::float8;
SELECT is(count(*), 0::bigint, 'the contributions add up to the total')
FROM compared
WHERE abs(sum - total) > 1e-15 * largest * 8;
SELECT is(count(*), 0::bigint, 'and from actual to planned they are the same with the other sign')
FROM compared
JOIN factor USING (case_id)
WHERE abs((driver_variance(actual, planned)).contributions[i] + contribution) > 1e-14 * largest;

SELECT * FROM finish();
ROLLBACK;
