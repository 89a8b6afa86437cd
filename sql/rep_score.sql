SET search_path = salesmgmt, public;
-- every digit: equal text is then equal bits
SET extra_float_digits = 1;
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file

-- no rows: NULL; one row; two rows; NULLs among rows
CREATE TABLE kpi (
  rep text COLLATE "C",
  name text COLLATE "C",
  actual float8,
  target float8,
  weight float8,
  higher_is_better boolean
);
SELECT rep_score(actual, target, weight, higher_is_better, NULL) IS NULL AS no_rows FROM kpi;
INSERT INTO kpi VALUES
  ('one row', 'bookings', 80, 100, 1, true),
  ('two rows', 'bookings', 80, 100, 0.75, true),
  ('two rows', 'days to close', 36, 30, 0.25, false),      -- 20 % over: 0.8
  ('one NULL', 'bookings', NULL, 100, 1, true),
  ('NULLs among rows', 'bookings', 120, 100, 0.5, true),   -- 1.2
  ('NULLs among rows', 'meetings', NULL, 10, 0.2, true),
  ('NULLs among rows', 'retention', 0.9, NULL, 0.1, true),
  ('NULLs among rows', 'complaints', 1, 2, 0.2, false),    -- half: 1.5
  ('capped', 'bookings', 1000, 100, 1, true),
  ('floored', 'days to close', 300, 30, 1, false),
  ('weight 0', 'bookings', 80, 100, 0, true),
  ('weight 0 beside 1', 'bookings', 80, 100, 0, true),
  ('weight 0 beside 1', 'meetings', 9, 10, 1, true),
  ('target below 0', 'result', -80, -100, 0.5, true),      -- better by 20: 1.2
  ('target below 0', 'cost', -80, -100, 0.5, false);       -- worse by 20: 0.8
SELECT rep, (rep_score(actual, target, weight, higher_is_better, NULL)).*
FROM kpi
GROUP BY rep
ORDER BY rep;

-- ten KPIs of 0.1 each, of which seven are there and half of those at 0.7, half at 0.9: 80, not 79.99999999999999
SELECT (rep_score(actual, 1, 0.1, true, score_options(min_coverage => 0.7))).*
FROM unnest(ARRAY[0.7, 0.9, 0.7, 0.9, 0.7, 0.9, 0.8, NULL, NULL, NULL]) AS actual;

-- D2: a rep with wins and no losses has attained his win rate, one without closed deals has none
CREATE TABLE d2 (rep text COLLATE "C", won int, lost int);
INSERT INTO d2 VALUES ('wins, no losses', 3, 0), ('no closed deals', 0, 0), ('losses only', 0, 3);
SELECT rep, won::float8 / nullif(won + lost, 0) AS win_rate,
  (rep_score(won::float8 / nullif(won + lost, 0), 0.5, 1, true, NULL)).*
FROM d2
GROUP BY rep, won, lost
ORDER BY rep;

-- target 0
SELECT actual, higher_is_better,
  (rep_score(actual, 0, 1, higher_is_better, NULL)).score AS pass_fail,
  rep_score(actual, 0, 1, higher_is_better, score_options(zero_target => 'skip')) AS skip
FROM unnest(ARRAY[-1, 0, 1]) AS actual, unnest(ARRAY[true, false]) AS higher_is_better
GROUP BY actual, higher_is_better
ORDER BY actual, higher_is_better;

-- options
SELECT score_options();
SELECT score_options(zero_target => 'skip', floor => -1, cap => 2, min_coverage => 0.9);
SELECT score_options(NULL, NULL, NULL, NULL) = score_options() AS null_is_default;
SELECT (rep_score(actual, target, weight, higher_is_better, score_options(cap => 5))).score AS cap_5,
  (rep_score(actual, target, weight, higher_is_better, score_options(floor => -9))).score AS floor_9
FROM kpi
WHERE rep IN ('capped', 'floored')
GROUP BY rep
ORDER BY rep;
SELECT (rep_score(actual, target, weight, higher_is_better, score_options(min_coverage => 0.7))).score AS at_0_7,
  (rep_score(actual, target, weight, higher_is_better, score_options(min_coverage => 0.71))).score AS at_0_71,
  (rep_score(actual, target, weight, higher_is_better, ROW('skip', NULL, NULL, NULL)::score_options)).score AS by_hand,
  (rep_score(actual, target, weight, higher_is_better, (SELECT score_options()))).score AS sub_select
FROM kpi
WHERE rep = 'NULLs among rows';

-- a NULL, an explicit default and a row of NULLs are the same options
SELECT rep_score(1, 1, 1, true, o)
FROM (VALUES (NULL::score_options), (score_options()), (ROW(NULL, 0, 1.5, NULL)::score_options)) AS v (o);

-- errors
SELECT refusal.*
FROM unnest(ARRAY[
    $$SELECT rep_score('NaN', 1, 1, true, NULL)$$,
    $$SELECT rep_score('Infinity', NULL, 1, true, NULL)$$,
    $$SELECT rep_score(1, '-Infinity', 1, true, NULL)$$,
    $$SELECT rep_score(1, 'NaN', 1, true, NULL)$$,
    $$SELECT rep_score(1, 1, 'NaN', true, NULL)$$,
    $$SELECT rep_score(1, 1, 'Infinity', true, NULL)$$,
    $$SELECT rep_score(1, 1, -0.5, true, NULL)$$,
    $$SELECT rep_score(1, 1, NULL, true, NULL)$$,
    $$SELECT rep_score(1, 1, 1, NULL, NULL)$$,
    $$SELECT rep_score(1, 1, 1, true, score_options(cap => c)) FROM unnest(ARRAY[1, 2]) AS c$$,
    $$SELECT rep_score(1, 1, 1, true, o) FROM unnest(ARRAY[NULL, score_options(cap => 2)]) AS o$$,
    $$SELECT score_options(floor => 2)$$,
    $$SELECT score_options(floor => '-Infinity')$$,
    $$SELECT score_options(cap => 'NaN')$$,
    $$SELECT score_options(cap => 1e301)$$,
    $$SELECT score_options(floor => -1.7e308)$$,
    $$SELECT score_options(min_coverage => 1.1)$$,
    $$SELECT score_options(min_coverage => -0.1)$$,
    $$SELECT score_options(min_coverage => 'NaN')$$,
    $$SELECT score_options(zero_target => 'Skip')$$,
    $$SELECT score_options(zero_target => repeat('none ', 20))$$,
    $$SELECT rep_score(1, 1, 1, true, ROW('none', 0, 1, 1)::score_options)$$,
    $$SELECT rep_score(1, 1, 1, true, ROW(NULL, 3, 1, 1)::score_options)$$
  ]) WITH ORDINALITY AS q (query, i),
  LATERAL pg_temp.refusal(query)
ORDER BY i;

-- the ends of float8: no overflow, no NaN
SELECT (rep_score(1e308, 1, 1, true, score_options(floor => -1e300, cap => 1e300))).score AS highest,
  (rep_score(-1e308, 1, 1, true, score_options(floor => -1e300, cap => 1e300))).score AS lowest;
SELECT (rep_score(actual, target, weight, higher_is_better, NULL)).*
FROM (VALUES
    (1.7e308, -1.7e308, 1.7e308, true),
    (-1.7e308, 1.7e308, 1.7e308, true),
    (1.7e308, 5e-324, 1.7e308, true),
    (5e-324, 1.7e308, 1.7e308, true)) AS v (actual, target, weight, higher_is_better);
SELECT (rep_score(1, 1, 5e-324, true, NULL)).* FROM generate_series(1, 3);

-- FILTER, GROUPING SETS, window (no inverse: the frame grows)
SELECT rep, (rep_score(actual, target, weight, higher_is_better, NULL) FILTER (WHERE name = 'bookings')).score
FROM kpi
WHERE rep IN ('two rows', 'target below 0')
GROUP BY rep
ORDER BY rep;
SELECT rep, name, (rep_score(actual, target, weight, higher_is_better, NULL)).score
FROM kpi
WHERE rep IN ('one row', 'two rows')
GROUP BY GROUPING SETS ((rep), (name), ())
ORDER BY rep, name;
SELECT name, (rep_score(actual, target, weight, higher_is_better, NULL) OVER (ORDER BY weight DESC, name)).*
FROM kpi
WHERE rep = 'NULLs among rows'
ORDER BY weight DESC, name;

-- parallel = serial to the last bit, and so in any order
CREATE TABLE many AS
SELECT i, i % 3 AS rep, (i * 7919 % 10007) / 97.0::float8 AS actual, (i * 104729 % 9973) / 89.0::float8 AS target,
  (i % 11) / 10.0::float8 AS weight, i % 4 > 0 AS higher_is_better
FROM generate_series(1, 20000) AS i;
ANALYZE many;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
ALTER TABLE many SET (parallel_workers = 2);
EXPLAIN (COSTS OFF)
SELECT rep_score(actual, target, weight, higher_is_better, score_options(floor => -2)) FROM many;
CREATE TABLE answer AS
SELECT '2 workers' AS how, rep_score(actual, target, weight, higher_is_better, score_options(floor => -2))::text AS answer FROM many;
ALTER TABLE many SET (parallel_workers = 1);
INSERT INTO answer
SELECT '0 workers', rep_score(actual, target, weight, higher_is_better, score_options(floor => -2)) FROM many;
CREATE TABLE answer_1 AS
SELECT '1 worker' AS how, rep_score(actual, target, weight, higher_is_better, score_options(floor => -2))::text AS answer FROM many;
ALTER TABLE many SET (parallel_workers = 4);
CREATE TABLE answer_4 AS
SELECT '4 workers' AS how, rep_score(actual, target, weight, higher_is_better, score_options(floor => -2))::text AS answer FROM many;
INSERT INTO answer
SELECT * FROM answer_1
UNION ALL
SELECT * FROM answer_4
UNION ALL
SELECT 'ascending', rep_score(actual, target, weight, higher_is_better, score_options(floor => -2) ORDER BY actual - target, i)::text FROM many
UNION ALL
SELECT 'descending', rep_score(actual, target, weight, higher_is_better, score_options(floor => -2) ORDER BY actual - target DESC, i)::text FROM many
UNION ALL
SELECT 'shuffled', rep_score(actual, target, weight, higher_is_better, score_options(floor => -2) ORDER BY md5(i::text))::text FROM many;
SELECT count(*) AS ways, count(DISTINCT answer) AS answers FROM answer;
RESET max_parallel_workers_per_gather;
RESET min_parallel_table_scan_size;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;

-- states: called by hand, stored, as text, as binary, combined later
CREATE TABLE stored AS
SELECT rep, rep_score_state(actual, target, weight, higher_is_better, score_options(floor => -2)) AS state
FROM many
GROUP BY rep;
SELECT rep_score_rollup(state)::text = (SELECT min(answer) FROM answer) AS combined,
  rep_score_rollup(state::text::rep_score_state)::text = (SELECT min(answer) FROM answer) AS from_text
FROM stored;
-- two steps: states by day, any roll-up of them is the same as from the rows; NULL states are skipped, none give NULL
CREATE TABLE daily AS
SELECT rep, i % 7 AS day, rep_score_state(actual, target, weight, higher_is_better, NULL) AS state
FROM many
GROUP BY rep, i % 7;
INSERT INTO daily VALUES (0, 7, NULL);
SELECT m.rep, rolled = rows AS same, rolled
FROM (SELECT rep, rep_score_rollup(state) AS rolled FROM daily GROUP BY ROLLUP (rep)) AS r
JOIN (SELECT rep, rep_score(actual, target, weight, higher_is_better, NULL) AS rows FROM many GROUP BY ROLLUP (rep)) AS m
  ON m.rep IS NOT DISTINCT FROM r.rep
ORDER BY m.rep;
SELECT rep_score_rollup(state) IS NULL AS no_states, rep_score_rollup(NULL) IS NULL AS null_state,
  rep_score_state(1, 1, 1, true, NULL) FILTER (WHERE false) IS NULL AS no_rows
FROM daily
WHERE rep > 99;
SELECT day, (rep_score_rollup(state) OVER (ORDER BY day)).n FROM daily WHERE rep = 1 ORDER BY day;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
ANALYZE daily;
ALTER TABLE daily SET (parallel_workers = 2);
EXPLAIN (COSTS OFF) SELECT rep_score_rollup(state) FROM daily;
SELECT rep_score_rollup(state) = (SELECT rep_score(actual, target, weight, higher_is_better, NULL) FROM many) AS same FROM daily;
RESET min_parallel_table_scan_size;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;
DROP TABLE daily;
SELECT rep_score_final(rep_score_transition(rep_score_transition(NULL, 80, 100, 1, true, NULL), 90, 100, 1, true, NULL));
SELECT rep_score_final(rep_score_combine(rep_score_transition(NULL, 80, 100, 1, true, NULL), NULL)) AS second_null,
  rep_score_final(rep_score_combine(NULL, rep_score_transition(NULL, 80, 100, 1, true, NULL))) AS first_null,
  rep_score_combine(NULL, NULL) IS NULL AS both_null,
  rep_score_final(NULL) IS NULL AS final_null;
-- a stored state is not changed by what is added to it
SELECT rep_score_final(state) AS before, rep_score_final(rep_score_transition(state, 0, 1, 1e9, true, score_options(floor => -2))) AS with_a_row,
  rep_score_final(state) = rep_score_final(state::text::rep_score_state) AS after
FROM (SELECT rep_score_transition(NULL, 80, 100, 1, true, score_options(floor => -2))::text::rep_score_state AS state) AS s;
-- states of other options do not join
SELECT refusal.*
FROM pg_temp.refusal($$
  SELECT rep_score_combine(rep_score_transition(NULL, 1, 1, 1, true, NULL),
    rep_score_transition(NULL, 1, 1, 1, true, score_options(cap => 2)))
  $$);

-- binary: out with send, in with COPY
CREATE TABLE copied (rep int, state rep_score_state);
COPY stored TO PROGRAM 'cat > rep_score_state.copy' WITH (FORMAT binary);
COPY copied FROM PROGRAM 'cat rep_score_state.copy && rm rep_score_state.copy' WITH (FORMAT binary);
SELECT count(*) AS states, bool_and(copied.state::text = stored.state::text) AS same
FROM copied
JOIN stored USING (rep);

-- crafted states: any cut, any wrong byte is refused or read, never worse
CREATE TABLE bytes AS
SELECT rep_score_state_send(rep_score_transition(rep_score_transition(NULL, 80, 100, 1, true, NULL), NULL, 1, 0.5, true, NULL)) AS b;
SELECT octet_length(b) FROM bytes;
SELECT refusal.state, count(*)
FROM bytes, generate_series(0, octet_length(b) - 1) AS size,
  LATERAL pg_temp.refusal(format('SELECT %L::rep_score_state', encode(substr(b, 1, size), 'base64')))
GROUP BY 1;
SELECT DISTINCT refusal.state, refusal.message, refusal.detail COLLATE "C" AS detail
FROM bytes, generate_series(0, octet_length(b) - 1) AS i, unnest(ARRAY[0, 1, 63, 127, 128, 255]) AS byte,
  LATERAL pg_temp.refusal(format('SELECT rep_score_final(rep_score_combine(%1$L::rep_score_state, %1$L))',
    replace(encode(set_byte(b, i, byte), 'base64'), E'\n', '')))
WHERE refusal.state IS NOT NULL
ORDER BY 3;
SELECT refusal.* FROM pg_temp.refusal($$SELECT 'no base64!'::rep_score_state$$);
SELECT refusal.* FROM pg_temp.refusal($$SELECT ''::rep_score_state$$);

DROP TABLE kpi, d2, many, answer, answer_1, answer_4, stored, copied, bytes;
