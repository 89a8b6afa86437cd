-- stage_times equals its plain-SQL twin over 500 random cases, in every form, order and split.
\ir ../begin.sql
\ir ../oracle/stage_times.sql
SET LOCAL search_path = salesmgmt, public;
SELECT plan(11);
SELECT setseed(0.1618) AS seed \gset

-- A case is its options and up to 60 entries: few entities, few steps, days as times, so
-- that ties, repeats, returns and losses come up.
CREATE TABLE journey AS
SELECT i AS id,
  CASE WHEN random() > 0.4 THEN timestamptz '2024-03-01 UTC' + (random() * 45)::int * interval '1 day' END AS as_of,
  (ARRAY[NULL, '{0}', '{0,5}', '{5,0,-2,0}', '{3}']::text[])[1 + floor(random() * 5)]::int[] AS final_steps,
  1 + floor(random() * 8)::int AS entities,
  mod(i, 6) / 5.0 AS percentile
FROM generate_series(1, 500) AS i;

CREATE TABLE entry AS
SELECT id, k,
  CASE WHEN random() > 0.02 THEN (1 + floor(random() * entities)::int8) * 1000003 END AS entity,
  CASE WHEN random() > 0.02 THEN pick.step END AS step,
  CASE WHEN random() > 0.02
    THEN timestamptz '2024-03-01 UTC' + floor(random() * 40) * interval '1 day'
      + CASE WHEN random() > 0.7 THEN random() ELSE 0 END * interval '1 day' END AS entered_at
FROM journey, generate_series(1, 60) AS k,
  LATERAL (SELECT (ARRAY[1, 1, 2, 2, 3, 4, 5, 64] || final_steps)[1 + floor(random() * (8 + coalesce(cardinality(final_steps), 0)))]
    WHERE k > 0) AS pick (step)
WHERE k <= mod(id, 60);

CREATE FUNCTION pg_temp.options(j journey)
RETURNS stage_times_options
LANGUAGE sql
BEGIN ATOMIC
  SELECT stage_times_options(j.as_of, j.final_steps, percentile => j.percentile);
END;

CREATE TABLE answer AS
SELECT id, stage_times(entity, step, entered_at, pg_temp.options(journey)) AS steps
FROM journey
JOIN entry USING (id)
GROUP BY id;
CREATE TABLE got AS SELECT id, s.* FROM answer, unnest(steps) AS s;

CREATE TABLE expected AS
SELECT journey.id, twin.*
FROM journey,
  LATERAL (
    SELECT array_agg(entity::text) AS entities, array_agg(step) AS steps, array_agg(entered_at) AS times
    FROM entry
    WHERE entry.id = journey.id
  ) AS rows,
  LATERAL oracle.stage_times(rows.entities, rows.steps, rows.times, as_of, final_steps, false, percentile) AS twin;

SELECT is((SELECT count(*) FROM journey), 500::bigint, '500 cases');
SELECT ok(
  count(*) FILTER (WHERE open_visits > 0) > 100
  AND count(*) FILTER (WHERE visits > entities_there) > 100
  AND count(*) FILTER (WHERE visits = 0) > 100
  AND count(*) FILTER (WHERE median_days = 0) > 10
  AND count(*) FILTER (WHERE mean_days IS NULL AND entity_mean_days IS NOT NULL) > 10
  AND count(*) FILTER (WHERE entity_mean_days IS NULL AND visits > 0) > 10,
  'of every kind')
FROM expected;
-- journeys whose steps differ, in one figure at least
CREATE FUNCTION pg_temp.differing(answer regclass, twin regclass) RETURNS TABLE (id int, step int, got text, expected text)
LANGUAGE plpgsql AS $fn$
BEGIN
  RETURN QUERY EXECUTE format($$
    SELECT id::int, step, got::text, expected::text
    FROM %s AS got
    FULL JOIN %s AS expected USING (id, step)
    WHERE (got.visits, got.open_visits, got.entities)
        IS DISTINCT FROM (expected.visits, expected.open_visits, expected.entities_there)
      OR EXISTS (
        SELECT
        FROM (VALUES
          (got.mean_days, expected.mean_days),
          (got.median_days, expected.median_days),
          (got.p90_days, expected.p90_days),
          (got.all_median_days, expected.all_median_days),
          (got.all_p90_days, expected.all_p90_days),
          (got.entity_mean_days, expected.entity_mean_days),
          (got.entity_median_days, expected.entity_median_days),
          (got.entity_p90_days, expected.entity_p90_days)) AS figure (ours, theirs)
        WHERE (ours IS NULL) <> (theirs IS NULL)
          OR abs(ours - theirs) > 1e-9 * (1 + abs(theirs)))$$, answer, twin);
END $fn$;
SELECT is_empty($$SELECT * FROM pg_temp.differing('got', 'expected')$$, 'stage_times equals its oracle');

SELECT is_empty(
  $$SELECT id
    FROM (
      SELECT id, stage_times(entity::text, step, entered_at, pg_temp.options(journey) ORDER BY k DESC) AS steps
      FROM journey
      JOIN entry USING (id)
      GROUP BY id
    ) AS other
    JOIN answer USING (id)
    WHERE other.steps::text IS DISTINCT FROM answer.steps::text$$,
  'the same for texts, backwards');
SELECT is_empty(
  $$SELECT id
    FROM (
      SELECT id, stage_times(md5(entity::text)::uuid, step, entered_at, pg_temp.options(journey) ORDER BY md5(k::text)) AS steps
      FROM journey
      JOIN entry USING (id)
      GROUP BY id
    ) AS other
    JOIN answer USING (id)
    WHERE other.steps::text IS DISTINCT FROM answer.steps::text$$,
  'the same for uuids, shuffled');

CREATE AGGREGATE pg_temp.partial(int8, int, timestamptz, stage_times_options) (
  SFUNC = stage_times_int8,
  STYPE = stage_times_state
);
CREATE AGGREGATE pg_temp.whole(stage_times_state) (
  SFUNC = stage_times_combine,
  STYPE = stage_times_state,
  FINALFUNC = stage_times_final
);
SELECT is_empty(
  $$SELECT id
    FROM (
      SELECT id, pg_temp.whole(part::text::stage_times_state ORDER BY half DESC) AS steps
      FROM (
        SELECT id, k % 2 AS half, pg_temp.partial(entity, step, entered_at, pg_temp.options(journey) ORDER BY k DESC) AS part
        FROM journey
        JOIN entry USING (id)
        GROUP BY id, k % 2
      ) AS halves
      GROUP BY id
    ) AS other
    JOIN answer USING (id)
    WHERE other.steps::text IS DISTINCT FROM answer.steps::text$$,
  'the same in two halves, through text');

-- ---- rows in order: the order of an instant is that of the rows; one of three is passed over ----
CREATE TABLE ordered AS
SELECT id, k, entity, entered_at,
  CASE WHEN k % 3 = 0 AND step <> ALL (coalesce(final_steps, '{}')) THEN -step ELSE step END AS step
FROM journey
JOIN entry USING (id);
CREATE TABLE in_order AS
SELECT journey.id, answer.steps, answer.by_text
FROM journey
CROSS JOIN LATERAL (
  SELECT stage_times(entity, step, entered_at, stage_times_options(as_of, final_steps, true, percentile)) AS steps,
    stage_times(entity::text, step, entered_at, stage_times_options(as_of, final_steps, true, percentile)) AS by_text
  FROM (SELECT * FROM ordered WHERE ordered.id = journey.id ORDER BY entity, entered_at, k) AS entry
) AS answer;
CREATE TABLE expected_in_order AS
SELECT journey.id, twin.*
FROM journey,
  LATERAL (
    SELECT array_agg(entity::text ORDER BY k) AS entities, array_agg(step ORDER BY k) AS steps, array_agg(entered_at ORDER BY k) AS times
    FROM ordered
    WHERE ordered.id = journey.id
  ) AS rows,
  LATERAL oracle.stage_times(rows.entities, rows.steps, rows.times, as_of, final_steps, true, percentile) AS twin;
CREATE TABLE got_in_order AS SELECT id, s.* FROM in_order, unnest(steps) AS s;
SELECT is_empty($$SELECT * FROM pg_temp.differing('got_in_order', 'expected_in_order')$$,
  'in order, stage_times equals its oracle');
SELECT is_empty('SELECT id FROM in_order WHERE steps::text IS DISTINCT FROM by_text::text', 'the same for texts, in order');

-- ---- with places: rows come as a ledger has them, and the last of a place counts ----
CREATE TABLE placed AS
SELECT ordered.*, mod(k * 7, 4) AS place FROM ordered;
CREATE TABLE got_placed AS
SELECT journey.id, s.*
FROM journey
CROSS JOIN LATERAL (
  SELECT stage_times_corrected(entity, step, entered_at, place, stage_times_options(as_of, final_steps, true, percentile)) AS steps
  FROM (SELECT * FROM placed WHERE placed.id = journey.id ORDER BY entity, entered_at, k) AS entry
) AS answer
CROSS JOIN LATERAL unnest(answer.steps) AS s;
CREATE TABLE expected_placed AS
SELECT journey.id, twin.*
FROM journey,
  LATERAL (
    SELECT array_agg(entity::text ORDER BY place) AS entities, array_agg(step ORDER BY place) AS steps,
      array_agg(entered_at ORDER BY place) AS times
    FROM (
      SELECT DISTINCT ON (entity, entered_at, place) entity, step, entered_at, place
      FROM placed
      WHERE placed.id = journey.id AND step IS NOT NULL
      ORDER BY entity, entered_at, place, k DESC
    ) AS corrected
  ) AS rows,
  LATERAL oracle.stage_times(rows.entities, rows.steps, rows.times, as_of, final_steps, true, percentile) AS twin;
SELECT is_empty($$SELECT * FROM pg_temp.differing('got_placed', 'expected_placed')$$,
  'stage_times_corrected equals the oracle over the rows that count');

-- a log that is long enough to be split, against the oracle without its subselect
CREATE TABLE many AS
SELECT i % 5003 AS entity, 1 + (hashint4(i::int) & 1023) % 4 AS step,
  timestamptz '2024-01-01 UTC' + (hashint8(i * 7) & 1048575) / 1048576.0 * interval '400 days' AS entered_at
FROM generate_series(1, 60000) AS i;
ANALYZE many;
SELECT results_eq(
  $$SELECT step, visits, open_visits, round(median_days::numeric, 9), round(all_p90_days::numeric, 9)
    FROM unnest((SELECT stage_times(entity, step, entered_at, stage_times_options('2025-03-01 UTC')) FROM many))$$,
  $$SELECT step, count(*), count(*) FILTER (WHERE left_at IS NULL),
      round((percentile_cont(0.5) WITHIN GROUP (ORDER BY left_at - entered_at)
        FILTER (WHERE left_at IS NOT NULL))::numeric, 9),
      round((percentile_cont(0.9) WITHIN GROUP (ORDER BY coalesce(left_at, extract(epoch FROM timestamptz '2025-03-01 UTC') / 86400) - entered_at))::numeric, 9)
    FROM (
      SELECT step, entered_at, lead(entered_at) OVER (PARTITION BY entity ORDER BY entered_at, step) AS left_at
      FROM (
        SELECT entity, step, extract(epoch FROM entered_at)::float8 / 86400 AS entered_at,
          lag(step) OVER (PARTITION BY entity ORDER BY entered_at, step) AS step_before
        FROM many
      ) AS entries
      WHERE step IS DISTINCT FROM step_before
    ) AS visits
    GROUP BY step
    ORDER BY step$$,
  '60000 entries equal window functions');

SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
CREATE FUNCTION pg_temp.times_with(workers int)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
  steps text;
BEGIN
  PERFORM set_config('max_parallel_workers_per_gather', workers::text, true);
  EXECUTE format('ALTER TABLE many SET (parallel_workers = %s)', workers);
  EXECUTE $q$SELECT stage_times(entity, step, entered_at, stage_times_options('2025-03-01 UTC', '{4}'))::text FROM many$q$
  INTO steps;
  RETURN steps;
END
$$;
SELECT is(count(DISTINCT pg_temp.times_with(workers)), 1::bigint, '0, 1, 2 and 4 workers, one answer')
FROM unnest(ARRAY[0, 1, 2, 4]) AS workers;

SELECT * FROM finish();
ROLLBACK;
