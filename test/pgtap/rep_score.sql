-- rep_score and rating equal their plain-SQL twins over 500 random cases each,
-- and to the last bit in any order, split and number of workers.
\ir ../begin.sql
\ir ../oracle/rep_score.sql
SET LOCAL search_path = salesmgmt, public;
SELECT plan(8);
SELECT setseed(0.2718) AS seed \gset

-- a case is its options and up to nine KPIs; values are coarse, so that zeros, ties and caps come up
CREATE TABLE scoring AS
SELECT i AS id,
  (ARRAY['pass_fail', 'skip', NULL])[1 + floor(random() * 3)] AS zero_target,
  (floor(random() * 5) - 3) / 2 AS floor,
  (1 + floor(random() * 4)) / 2 AS cap,
  floor(random() * 11) / 10 AS min_coverage
FROM generate_series(1, 500) AS i;

CREATE TABLE kpi AS
SELECT id, k,
  CASE WHEN random() > 0.15 THEN round((random() * 30 - 5)::numeric, (random() * 3)::int) END AS actual,
  CASE WHEN random() > 0.15 THEN round((random() * 24 - 4)::numeric, (random() * 1.5)::int) END AS target,
  CASE WHEN random() > 0.1 THEN round(random()::numeric, 1 + (random() * 3)::int) ELSE 0 END AS weight,
  random() > 0.3 AS higher_is_better
FROM scoring, generate_series(1, 1 + mod(id, 9)) AS k;

CREATE FUNCTION pg_temp.options(s scoring)
RETURNS score_options
LANGUAGE sql
BEGIN ATOMIC
  SELECT score_options(s.zero_target, s.floor, s.cap, s.min_coverage);
END;

CREATE TABLE got AS
SELECT id, (rep_score(actual::float8, target::float8, weight::float8, higher_is_better, pg_temp.options(scoring))).*
FROM scoring
JOIN kpi USING (id)
GROUP BY id;

CREATE TABLE expected AS
SELECT scoring.id, answer.*
FROM scoring,
  LATERAL (
    SELECT array_agg(actual ORDER BY k) AS actual, array_agg(target ORDER BY k) AS target,
      array_agg(weight ORDER BY k) AS weight, array_agg(higher_is_better ORDER BY k) AS higher_is_better
    FROM kpi
    WHERE kpi.id = scoring.id
  ) AS rows,
  LATERAL oracle.rep_score(actual, target, weight, higher_is_better, coalesce(zero_target, 'pass_fail'),
    floor::numeric, cap::numeric, min_coverage::numeric) AS answer;

SELECT is((SELECT count(*) FROM got JOIN expected USING (id)), 500::bigint, '500 cases');
-- a score, none for lack of coverage, none for lack of weight, missing KPIs, a score at a clamp: all must occur
SELECT ok(
  count(*) FILTER (WHERE score IS NOT NULL) > 100
  AND count(*) FILTER (WHERE score IS NULL AND coverage > 0) > 20
  AND count(*) FILTER (WHERE coverage IS NULL) > 0
  AND count(*) FILTER (WHERE missing > 0 AND n > 0) > 100,
  'of every kind')
FROM expected;
SELECT is_empty(
  $$SELECT got, expected
    FROM got
    JOIN expected USING (id)
    WHERE got.n <> expected.n
      OR got.missing <> expected.missing
      OR (got.score IS NULL) <> (expected.score IS NULL)
      OR (got.coverage IS NULL) <> (expected.coverage IS NULL)
      OR abs(got.score - expected.score::float8) > 1e-12 * greatest(abs(expected.score::float8), 1)
      OR abs(got.coverage - expected.coverage::float8) > 1e-12 * expected.coverage::float8$$,
  'rep_score equals its oracle');

SELECT is_empty(
  $$SELECT id
    FROM (
      SELECT id, rep_score_rollup(part::text::rep_score_state ORDER BY half DESC) AS joined
      FROM (
        SELECT id, k % 2 AS half, rep_score_state(actual::float8, target::float8, weight::float8, higher_is_better,
          pg_temp.options(scoring) ORDER BY k DESC) AS part
        FROM scoring
        JOIN kpi USING (id)
        GROUP BY id, k % 2
      ) AS halves
      GROUP BY id
    ) AS other
    JOIN got USING (id)
    WHERE float8send((joined).score) IS DISTINCT FROM float8send(got.score)
      OR float8send((joined).coverage) IS DISTINCT FROM float8send(got.coverage)$$,
  'the same bits backwards, in two halves, through text');

-- real-valued and of all sizes: naive sums differ by order here
CREATE TABLE many AS
SELECT i, (random() - 0.2) * 10 ^ (random() * 30 - 15) AS actual, random() * 10 ^ (random() * 30 - 15) AS target,
  random() * 10 ^ (random() * 20 - 10) AS weight, random() > 0.5 AS higher_is_better
FROM generate_series(1, 20000) AS i;
ANALYZE many;
SELECT cmp_ok(
  (SELECT sum(weight * actual / target ORDER BY i) FROM many), '<>',
  (SELECT sum(weight * actual / target ORDER BY i DESC) FROM many),
  'a plain sum of these depends on the order');
SELECT is(
  (SELECT count(DISTINCT float8send((answer).score))
   FROM (
     SELECT rep_score(actual, target, weight, higher_is_better, score_options(floor => -3) ORDER BY md5(salt || i::text)) AS answer
     FROM many, generate_series(1, 5) AS salt
     GROUP BY salt
   ) AS shuffles), 1::bigint, 'five shuffles, one answer');

SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
CREATE TABLE answer (workers int, score bytea);
CREATE FUNCTION pg_temp.score_with(workers int)
RETURNS bytea
LANGUAGE plpgsql
AS $$
DECLARE
  score bytea;
BEGIN
  PERFORM set_config('max_parallel_workers_per_gather', workers::text, true);
  EXECUTE format('ALTER TABLE many SET (parallel_workers = %s)', workers);
  EXECUTE 'SELECT float8send((rep_score(actual, target, weight, higher_is_better, score_options(floor => -3))).score) FROM many'
  INTO score;
  RETURN score;
END
$$;
SELECT is(count(DISTINCT pg_temp.score_with(workers)), 1::bigint, '0, 1, 2 and 4 workers, one answer')
FROM unnest(ARRAY[0, 1, 2, 4]) AS workers;

CREATE TABLE rated AS
SELECT round((40 + random() * 90)::numeric * 2) / 2 AS score, -- halves, like the margins: bounds are hit exactly
  ARRAY[50, 50 + (5 + random() * 30)::int, 90 + (random() * 30)::int]::numeric[] AS bands,
  (ARRAY[NULL, 1, 2, 3, 4])[1 + floor(random() * 5)] AS previous,
  (random() * 30)::int::numeric / 2 AS margin
FROM generate_series(1, 500);
SELECT is_empty(
  $$SELECT rated
    FROM rated
    WHERE rating(score::float8, bands::float8[], previous, margin::float8)
      IS DISTINCT FROM oracle.rating(score, bands, previous, margin)$$,
  'rating equals its oracle');

SELECT * FROM finish();
ROLLBACK;
