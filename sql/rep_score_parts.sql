SET search_path = salesmgmt, public;
SET extra_float_digits = 1;
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file

-- no rows, one KPI, two, missing ones; the parts add up to the score
CREATE TABLE kpi (
  rep text COLLATE "C",
  name text COLLATE "C",
  actual float8,
  target float8,
  weight float8,
  higher_is_better boolean
);
SELECT rep_score_parts(name, actual, target, weight, higher_is_better, NULL) IS NULL AS no_rows FROM kpi;
INSERT INTO kpi VALUES
  ('one', 'bookings', 80, 100, 1, true),
  ('two', 'bookings', 80, 100, 0.75, true),             -- 60 points
  ('two', 'days to close', 36, 30, 0.25, false),        -- 20 % over: 0.8, 20 points
  ('nothing known', 'bookings', NULL, 100, 1, true),
  ('some missing', 'bookings', 120, 100, 0.5, true),    -- 1.2 * 5/7
  ('some missing', 'complaints', 1, 2, 0.2, false),     -- 1.5 * 2/7
  ('some missing', 'meetings', NULL, 10, 0.2, true),
  ('some missing', 'retention', 0.9, NULL, 0.1, true),
  ('too few', 'bookings', 120, 100, 0.2, true),         -- coverage 0.2: no score
  ('too few', 'meetings', NULL, 10, 0.8, true),
  ('thirds', 'a', 1, 1, 1, true), ('thirds', 'b', 1, 1, 1, true), ('thirds', 'c', 1, 1, 1, true),
  ('weight 0', 'a', 1, 1, 0, true), ('weight 0', 'b', 1, 2, 1, true),
  ('no weight', 'a', 1, 1, 0, true),
  ('same name', 'b', 1, 1, 1, true), ('same name', 'b', 1, 2, 1, true), ('same name', 'B', 1, 4, 1, true), ('same name', 'ba', 1, 5, 1, true);
SELECT rep, part.*
FROM (
  SELECT rep, rep_score_parts(name, actual, target, weight, higher_is_better, NULL) AS parts
  FROM kpi
  GROUP BY rep
) AS scored, unnest(parts) WITH ORDINALITY AS part
ORDER BY rep, ordinality;
SELECT rep, (rep_score(actual, target, weight, higher_is_better, NULL)).score,
  (SELECT sum(contribution::numeric) FROM unnest(rep_score_parts(name, actual, target, weight, higher_is_better, NULL))) AS sum_of_parts
FROM kpi
GROUP BY rep
ORDER BY rep;

-- options
SELECT unnest(rep_score_parts(name, actual, target, weight, higher_is_better, score_options(cap => 1, min_coverage => 0.9)))
FROM kpi
WHERE rep = 'two';
SELECT unnest(rep_score_parts(k, actual, 0, 1, true, score_options(zero_target => 'skip', min_coverage => 0))) AS skipped,
  unnest(rep_score_parts(k, actual, 0, 1, true, NULL)) AS passed_or_failed
FROM (VALUES ('a', 1), ('b', -1)) AS v (k, actual);
-- parts below 0 take away
SELECT unnest(rep_score_parts(k, actual, 100, 1, true, score_options(floor => -2)))
FROM (VALUES ('a', 150), ('b', -100)) AS v (k, actual);

-- -0 is 0: where both are there, the order of rows does not show
SELECT rep_score_parts('k', actual, 5, weight, true, NULL ORDER BY i) AS up, rep_score_parts('k', actual, 5, weight, true, NULL ORDER BY i DESC) AS down
FROM (VALUES (1, 0, 1::float8), (2, '-0'::float8, 1), (3, 1, 0), (4, 1, '-0')) AS v (i, actual, weight);
SELECT rep_score_parts('k', 0, -5, 1, false, NULL) AS none_of_a_debt;

-- errors
SELECT refusal.*
FROM unnest(ARRAY[
    $$SELECT rep_score_parts(NULL, 1, 1, 1, true, NULL)$$,
    $$SELECT rep_score_parts('k', 'NaN', 1, 1, true, NULL)$$,
    $$SELECT rep_score_parts('k', 1, 'Infinity', 1, true, NULL)$$,
    $$SELECT rep_score_parts('k', 1, 1, -1, true, NULL)$$,
    $$SELECT rep_score_parts('k', 1, 1, NULL, true, NULL)$$,
    $$SELECT rep_score_parts('k', 1, 1, 1, NULL, NULL)$$,
    $$SELECT rep_score_parts('k', 1, 1, 1, true, score_options(cap => c)) FROM unnest(ARRAY[1, 2]) AS c$$
  ]) WITH ORDINALITY AS q (query, i),
  LATERAL pg_temp.refusal(query)
ORDER BY i;

-- FILTER, GROUPING SETS, window (no inverse: the frame grows)
SELECT rep_score_parts(name, actual, target, weight, higher_is_better, NULL) FILTER (WHERE name = 'bookings') FROM kpi WHERE rep = 'two';
SELECT rep, rep_score_parts(name, actual, target, weight, higher_is_better, NULL)
FROM kpi
WHERE rep IN ('one', 'two')
GROUP BY ROLLUP (rep)
ORDER BY rep;
SELECT name, rep_score_parts(name, actual, target, weight, higher_is_better, NULL) OVER (ORDER BY name)
FROM kpi
WHERE rep = 'two'
ORDER BY name;

CREATE TABLE many AS
SELECT i, 'kpi ' || i % 50 AS kpi, (i * 7919 % 10007) / 97.0::float8 AS actual, (i * 104729 % 9973) / 89.0::float8 AS target,
  (1 + i % 11) / 10.0::float8 AS weight
FROM generate_series(1, 2000) AS i;
-- parallel = serial to the last bit, and so in any order
ANALYZE many;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
ALTER TABLE many SET (parallel_workers = 2);
EXPLAIN (COSTS OFF)
SELECT rep_score_parts(kpi, actual, target, weight, true, score_options(floor => -1)) FROM many;
CREATE TABLE answer_2 AS
SELECT rep_score_parts(kpi, actual, target, weight, true, score_options(floor => -1))::text AS answer FROM many;
ALTER TABLE many SET (parallel_workers = 1);
CREATE TABLE answer_1 AS
SELECT rep_score_parts(kpi, actual, target, weight, true, score_options(floor => -1))::text AS answer FROM many;
ALTER TABLE many SET (parallel_workers = 4);
CREATE TABLE answer_4 AS
SELECT rep_score_parts(kpi, actual, target, weight, true, score_options(floor => -1))::text AS answer FROM many;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE answer_0 AS
SELECT rep_score_parts(kpi, actual, target, weight, true, score_options(floor => -1))::text AS answer FROM many;
SELECT count(*) AS ways, count(DISTINCT answer) AS answers
FROM (
  TABLE answer_0
  UNION ALL
  TABLE answer_1
  UNION ALL
  TABLE answer_2
  UNION ALL
  TABLE answer_4
  UNION ALL
  SELECT rep_score_parts(kpi, actual, target, weight, true, score_options(floor => -1) ORDER BY i DESC)::text FROM many
  UNION ALL
  SELECT rep_score_parts(kpi, actual, target, weight, true, score_options(floor => -1) ORDER BY md5(i::text))::text FROM many
) AS way;
RESET max_parallel_workers_per_gather;
RESET min_parallel_table_scan_size;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;

-- states: called by hand, stored, as text, as binary, combined later
CREATE AGGREGATE pg_temp.partial(text, float8, float8, float8, boolean, score_options) (
  SFUNC = rep_score_parts_transition,
  STYPE = rep_score_parts_state
);
CREATE AGGREGATE pg_temp.whole(rep_score_parts_state) (
  SFUNC = rep_score_parts_combine,
  STYPE = rep_score_parts_state,
  FINALFUNC = rep_score_parts_final
);
CREATE TABLE stored AS
SELECT i % 3 AS part, pg_temp.partial(kpi, actual, target, weight, true, score_options(floor => -1)) AS state
FROM many
GROUP BY i % 3;
SELECT pg_temp.whole(state)::text = (SELECT answer FROM answer_0) AS combined,
  pg_temp.whole(state::text::rep_score_parts_state)::text = (SELECT answer FROM answer_0) AS from_text
FROM stored;
SELECT rep_score_parts_final(rep_score_parts_combine(rep_score_parts_transition(NULL, 'a', 3, 4, 1, true, NULL), NULL)) = rep_score_parts_final(rep_score_parts_transition(NULL, 'a', 3, 4, 1, true, NULL)) AS second_null,
  rep_score_parts_final(rep_score_parts_combine(NULL, rep_score_parts_transition(NULL, 'a', 3, 4, 1, true, NULL))) = rep_score_parts_final(rep_score_parts_transition(NULL, 'a', 3, 4, 1, true, NULL)) AS first_null,
  rep_score_parts_combine(NULL, NULL) IS NULL AS both_null,
  rep_score_parts_final(NULL) IS NULL AS final_null;
-- a stored state is not changed by what is added to it
SELECT rep_score_parts_final(rep_score_parts_combine(state, state)) <> rep_score_parts_final(state) AS doubled,
  rep_score_parts_final(state)::text = (SELECT pg_temp.whole(state)::text FROM stored WHERE part = 1) AS as_before
FROM stored
WHERE part = 1;
CREATE TABLE copied (part int, state rep_score_parts_state);
COPY stored TO PROGRAM 'cat > rep_score_parts_state.copy' WITH (FORMAT binary);
COPY copied FROM PROGRAM 'cat rep_score_parts_state.copy && rm rep_score_parts_state.copy' WITH (FORMAT binary);
SELECT count(*) AS states, bool_and(copied.state::text = stored.state::text) AS same
FROM copied
JOIN stored USING (part);

-- crafted states: any cut, any wrong byte is refused or read, never worse
CREATE TABLE bytes AS
SELECT rep_score_parts_state_send(rep_score_parts_transition(rep_score_parts_transition(NULL, 'a', 3, 4, 1, true, NULL), 'bu', NULL, 4, 1, true, NULL)) AS b;
SELECT octet_length(b) FROM bytes;
SELECT refusal.state, count(*)
FROM bytes, generate_series(0, octet_length(b) - 1) AS size,
  LATERAL pg_temp.refusal(format('SELECT %L::rep_score_parts_state', encode(substr(b, 1, size), 'base64')))
GROUP BY 1;
SELECT DISTINCT refusal.state, refusal.message, refusal.detail COLLATE "C" AS detail
FROM bytes, generate_series(0, octet_length(b) - 1) AS i, unnest(ARRAY[0, 1, 127, 128, 255]) AS byte,
  LATERAL pg_temp.refusal(format('SELECT rep_score_parts_final(rep_score_parts_combine(%1$L::rep_score_parts_state, %1$L))',
    replace(encode(set_byte(b, i, byte), 'base64'), E'\n', '')))
WHERE refusal.state IS NOT NULL
ORDER BY 3;
SELECT refusal.* FROM pg_temp.refusal($$SELECT 'no base64!'::rep_score_parts_state$$);

DROP TABLE kpi, many, answer_0, answer_1, answer_2, answer_4, stored, copied, bytes;
