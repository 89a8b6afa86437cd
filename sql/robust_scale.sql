SET search_path = salesmgmt, public;
SET extra_float_digits = 1;
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file

-- no rows, a NULL, one value, two, NULLs among values
CREATE TABLE peer (team text COLLATE "C", rep text COLLATE "C", value float8);
SELECT robust_scale(value) IS NULL AS no_rows FROM peer;
INSERT INTO peer VALUES
  ('NULL', 'a', NULL),
  ('one', 'a', 5),
  ('two', 'a', 5), ('two', 'b', 9),
  ('NULLs among', 'a', NULL), ('NULLs among', 'b', 2), ('NULLs among', 'c', 8), ('NULLs among', 'd', 3),
  ('alike', 'a', 5), ('alike', 'b', 5), ('alike', 'c', 5),
  ('most alike', 'a', 5), ('most alike', 'b', 5), ('most alike', 'c', 5), ('most alike', 'd', 5), ('most alike', 'e', 9),
  ('outlier', 'a', 10), ('outlier', 'b', 11), ('outlier', 'c', 12), ('outlier', 'd', 13), ('outlier', 'e', 1000000);
SELECT team, (robust_scale(value)).*
FROM peer
GROUP BY team
ORDER BY team;

-- the distance from one's peers: the median of (2, 3, 8) is 3, the MAD 1; of five values of which four are 5 the
-- MAD is 0, and the mean deviation 0.8 serves instead
SELECT team, rep, value, round(robust_z(value, robust_scale(value) OVER (PARTITION BY team))::numeric, 4) AS z
FROM peer
WHERE team <> 'outlier'
ORDER BY team, rep;
-- an outlier stands out, and the others do not notice: a plain z of him is sqrt(n) - 1/sqrt(n) = 1.79 at most
SELECT rep, round(robust_z(value, robust_scale(value) OVER ())::numeric, 2) AS robust,
  round(((value - avg(value) OVER ()) / stddev(value) OVER ())::numeric, 2) AS plain
FROM peer
WHERE team = 'outlier'
ORDER BY rep;
-- published: P. J. Rousseeuw, C. Croux, "Alternatives to the median absolute deviation", Journal of the American
-- Statistical Association 88 (1993) 1273-1283: a MAD of normal values times 1.4826 is their standard deviation;
-- R's mad(c(1:9)) is 2.9652
SELECT robust_scale(i), 1.4826 * (robust_scale(i)).mad AS r_mad FROM generate_series(1, 9) AS i;

-- NULL in, NULL out; a scale with NULL fields
SELECT robust_z(NULL, robust_scale(1)) AS no_value, robust_z(1, NULL) AS no_scale,
  robust_z(1, ROW(1, NULL, 1, 1)::robust_scale_result) AS no_mad, robust_z(5, ROW(3, 1, 1, 9)::robust_scale_result) AS by_hand;

-- errors, and the ends of float8
SELECT robust_scale(v), robust_z(4e307, robust_scale(v)) FROM unnest(ARRAY[4e307, -4e307, 0, 0, 1]) AS v;
SELECT refusal.*
FROM unnest(ARRAY[
    $$SELECT robust_scale('NaN')$$,
    $$SELECT robust_scale('Infinity')$$,
    $$SELECT robust_scale('-Infinity')$$,
    $$SELECT robust_scale(1e308)$$,
    $$SELECT robust_z('NaN', ROW(1, 1, 1, 1)::robust_scale_result)$$,
    $$SELECT robust_z('Infinity', ROW(1, 1, 1, 1)::robust_scale_result)$$,
    $$SELECT robust_z(1, ROW('NaN', 1, 1, 1)::robust_scale_result)$$,
    $$SELECT robust_z(1, ROW(1, 'Infinity', 1, 1)::robust_scale_result)$$,
    $$SELECT robust_z(1, ROW(1, -1, 1, 1)::robust_scale_result)$$,
    $$SELECT robust_z(1, ROW(1, 0, -1, 1)::robust_scale_result)$$,
    $$SELECT robust_z(1e300, ROW(0, 1e-300, 1, 1)::robust_scale_result)$$
  ]) WITH ORDINALITY AS q (query, i),
  LATERAL pg_temp.refusal(query)
ORDER BY i;

-- FILTER, GROUPING SETS, window (no inverse: the frame grows)
SELECT robust_scale(value) FILTER (WHERE rep < 'c') FROM peer WHERE team = 'outlier';
SELECT team, rep, (robust_scale(value)).n
FROM peer
WHERE team IN ('one', 'two')
GROUP BY GROUPING SETS ((team), (rep), ())
ORDER BY team, rep;
SELECT rep, robust_scale(value) OVER (ORDER BY rep) FROM peer WHERE team = 'outlier' ORDER BY rep;

CREATE TABLE many AS
SELECT i, (i * 7919 % 10007 - 5000) / 97.0::float8 AS value
FROM generate_series(1, 20000) AS i;
-- parallel = serial to the last bit, and so in any order
ANALYZE many;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
ALTER TABLE many SET (parallel_workers = 2);
EXPLAIN (COSTS OFF)
SELECT robust_scale(value) FROM many;
CREATE TABLE answer_2 AS
SELECT robust_scale(value)::text AS answer FROM many;
ALTER TABLE many SET (parallel_workers = 1);
CREATE TABLE answer_1 AS
SELECT robust_scale(value)::text AS answer FROM many;
ALTER TABLE many SET (parallel_workers = 4);
CREATE TABLE answer_4 AS
SELECT robust_scale(value)::text AS answer FROM many;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE answer_0 AS
SELECT robust_scale(value)::text AS answer FROM many;
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
  SELECT robust_scale(value ORDER BY i DESC)::text FROM many
  UNION ALL
  SELECT robust_scale(value ORDER BY md5(i::text))::text FROM many
) AS way;
RESET max_parallel_workers_per_gather;
RESET min_parallel_table_scan_size;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;

-- states: called by hand, stored, as text, as binary, combined later
CREATE AGGREGATE pg_temp.partial(float8) (
  SFUNC = robust_scale_transition,
  STYPE = robust_scale_state
);
CREATE AGGREGATE pg_temp.whole(robust_scale_state) (
  SFUNC = robust_scale_combine,
  STYPE = robust_scale_state,
  FINALFUNC = robust_scale_final
);
CREATE TABLE stored AS
SELECT i % 3 AS part, pg_temp.partial(value) AS state
FROM many
GROUP BY i % 3;
SELECT pg_temp.whole(state)::text = (SELECT answer FROM answer_0) AS combined,
  pg_temp.whole(state::text::robust_scale_state)::text = (SELECT answer FROM answer_0) AS from_text
FROM stored;
SELECT robust_scale_final(robust_scale_combine(robust_scale_transition(NULL, 3), NULL)) = robust_scale_final(robust_scale_transition(NULL, 3)) AS second_null,
  robust_scale_final(robust_scale_combine(NULL, robust_scale_transition(NULL, 3))) = robust_scale_final(robust_scale_transition(NULL, 3)) AS first_null,
  robust_scale_combine(NULL, NULL) IS NULL AS both_null,
  robust_scale_final(NULL) IS NULL AS final_null;
-- a stored state is not changed by what is added to it
SELECT robust_scale_final(robust_scale_combine(state, state)) <> robust_scale_final(state) AS doubled,
  robust_scale_final(state)::text = (SELECT pg_temp.whole(state)::text FROM stored WHERE part = 1) AS as_before
FROM stored
WHERE part = 1;
CREATE TABLE copied (part int, state robust_scale_state);
COPY stored TO PROGRAM 'cat > robust_scale_state.copy' WITH (FORMAT binary);
COPY copied FROM PROGRAM 'cat robust_scale_state.copy && rm robust_scale_state.copy' WITH (FORMAT binary);
SELECT count(*) AS states, bool_and(copied.state::text = stored.state::text) AS same
FROM copied
JOIN stored USING (part);

-- crafted states: any cut, any wrong byte is refused or read, never worse
CREATE TABLE bytes AS
SELECT robust_scale_state_send(robust_scale_transition(robust_scale_transition(NULL, 3), 8)) AS b;
SELECT octet_length(b) FROM bytes;
SELECT refusal.state, count(*)
FROM bytes, generate_series(0, octet_length(b) - 1) AS size,
  LATERAL pg_temp.refusal(format('SELECT %L::robust_scale_state', encode(substr(b, 1, size), 'base64')))
GROUP BY 1;
SELECT DISTINCT refusal.state, refusal.message, refusal.detail COLLATE "C" AS detail
FROM bytes, generate_series(0, octet_length(b) - 1) AS i, unnest(ARRAY[0, 1, 127, 128, 255]) AS byte,
  LATERAL pg_temp.refusal(format('SELECT robust_scale_final(robust_scale_combine(%1$L::robust_scale_state, %1$L))',
    replace(encode(set_byte(b, i, byte), 'base64'), E'\n', '')))
WHERE refusal.state IS NOT NULL
ORDER BY 3;
SELECT refusal.* FROM pg_temp.refusal($$SELECT 'no base64!'::robust_scale_state$$);

DROP TABLE peer, many, answer_0, answer_1, answer_2, answer_4, stored, copied, bytes;
