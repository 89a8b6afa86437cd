-- The parts of 500 random scores: each what its plain-SQL twin says, all together the score.
\ir ../begin.sql
\ir ../oracle/rep_score_parts.sql
SET LOCAL search_path = salesmgmt, public;
SELECT plan(5);
SELECT setseed(0.1414) AS seed \gset

-- one to fifteen KPIs; real-valued ones, so that hardly any part has few digits
CREATE TABLE kpi AS
SELECT id, 'kpi ' || k AS kpi, k,
  CASE WHEN random() > 0.15 THEN round((random() * 30 - 2)::numeric, 1 + (random() * 3)::int) END AS actual,
  CASE WHEN random() > 0.15 THEN round((random() * 24 - 2)::numeric, (random() * 1.5)::int) END AS target,
  CASE WHEN random() > 0.1 THEN round(random()::numeric, 1 + (random() * 3)::int) ELSE 0 END AS weight,
  random() > 0.3 AS higher_is_better
FROM generate_series(1, 500) AS id, generate_series(1, 1 + id % 15) AS k;

CREATE TABLE scored AS
SELECT id, (rep_score(actual::float8, target::float8, weight::float8, higher_is_better, NULL)).score,
  rep_score_parts(kpi, actual::float8, target::float8, weight::float8, higher_is_better, NULL) AS parts
FROM kpi
GROUP BY id;
CREATE TABLE got AS
SELECT id, score, part.*
FROM scored, unnest(parts) AS part;

SELECT ok(count(DISTINCT id) FILTER (WHERE score IS NULL) > 20 AND count(DISTINCT id) FILTER (WHERE score IS NOT NULL) > 300
    AND count(*) FILTER (WHERE attainment IS NULL) > 300, 'of every kind')
FROM got;
SELECT is((SELECT count(*) FROM got JOIN kpi USING (id, kpi) WHERE got.weight = kpi.weight), (SELECT count(*) FROM kpi),
  'every KPI comes out again');
SELECT is_empty(
  $$SELECT id, kpi, got.attainment, got.contribution, expected.*
    FROM got
    JOIN (
      SELECT id, expected.*
      FROM (
        SELECT id, array_agg(kpi) AS kpi, array_agg(actual) AS actual, array_agg(target) AS target, array_agg(weight) AS weight,
          array_agg(higher_is_better) AS higher_is_better
        FROM kpi
        GROUP BY id
      ) AS rows, LATERAL oracle.rep_score_parts(kpi, actual, target, weight, higher_is_better) AS expected
    ) AS expected USING (id, kpi)
    WHERE (got.attainment IS NULL) <> (expected.attainment IS NULL)
      OR (got.contribution IS NULL) <> (expected.contribution IS NULL)
      OR abs(got.attainment - expected.attainment::float8) > 1e-12
      OR abs(got.contribution - expected.contribution::float8) > 2e-11$$,
  'rep_score_parts equals its oracle');
-- as decimals, exactly; and as float8 once rounded to the digits of the score
SELECT is_empty(
  $$SELECT id, score, sum(contribution::numeric)
    FROM got
    GROUP BY id, score
    HAVING sum(contribution::numeric) IS DISTINCT FROM score::numeric
      OR round(sum(contribution)::numeric, scale(score::numeric)) IS DISTINCT FROM score::numeric$$,
  'the parts add up to the score, to its last digit');
SELECT is_empty(
  $$SELECT id
    FROM (
      SELECT id, rep_score_parts(kpi, actual::float8, target::float8, weight::float8, higher_is_better, NULL ORDER BY k DESC)::text AS backwards
      FROM kpi
      GROUP BY id
    ) AS other
    JOIN scored USING (id)
    WHERE backwards <> parts::text$$,
  'the same in any order');

SELECT * FROM finish();
ROLLBACK;
