CREATE SCHEMA stage_times_test;
SET search_path = stage_times_test, salesmgmt, public;
SET timezone = 'UTC';
-- every digit: equal text is then equal bits
SET extra_float_digits = 1;
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file

-- ---- no rows, one row, two rows, NULLs among rows ---------------------------------
CREATE TABLE entry (deal int8, step int, at timestamptz);
SELECT stage_times(deal, step, at, NULL) IS NULL AS no_rows FROM entry;
INSERT INTO entry VALUES (1, NULL, '2024-03-01');
SELECT stage_times(deal, step, at, NULL) IS NULL AS nothing_known FROM entry;
TRUNCATE entry;
-- one row: a visit that lasts
INSERT INTO entry VALUES (1, 1, '2024-03-01');
SELECT stage_times(deal, step, at, NULL) AS no_as_of,
  stage_times(deal, step, at, stage_times_options(as_of => '2024-03-11')) AS on_the_11th
FROM entry;
INSERT INTO entry VALUES (1, 2, '2024-03-03 12:00');
SELECT stage_times(deal, step, at, NULL) FROM entry;
INSERT INTO entry VALUES (NULL, 2, '2024-03-01'), (1, NULL, '2024-03-01'), (1, 3, NULL), (NULL, NULL, NULL);
SELECT stage_times(deal, step, at, NULL) FROM entry;
-- only final steps: there is no time to tell
SELECT stage_times(deal, step, at, stage_times_options(final_steps => '{1,2}')) IS NULL AS only_final FROM entry;

-- ---- times to check by hand ---------------------------------------------------------
-- Steps 1 to 3; 0 is lost, 4 is won.
--   10  1 on the 1st, 2 on the 3rd, 3 on the 11th, won on the 12th        1: 2, 2: 8, 3: 1
--   20  1 on the 1st, 2 on the 5th, lost on the 6th                       1: 4, 2: 1
--   30  1 on the 2nd, 2 on the 3rd, 1 again on the 10th, there still      1: 1 and open, 2: 7
--   40  1 on the 4th and again on the 6th, 3 on the 8th: one visit        1: 4, 3: open
--   50  1 and 2 on the 9th, lost on the 9th, 2 again on the 12th          1: 0, 2: 0 and open
--   60  lost on the 7th, and nothing else
TRUNCATE entry;
INSERT INTO entry
SELECT deal, step, make_timestamptz(2024, 3, day, 0, 0, 0)
FROM (VALUES
  (10, 1, 1), (10, 2, 3), (10, 3, 11), (10, 4, 12),
  (20, 1, 1), (20, 2, 5), (20, 0, 6),
  (30, 1, 2), (30, 2, 3), (30, 1, 10),
  (40, 1, 4), (40, 1, 6), (40, 3, 8),
  (50, 0, 9), (50, 2, 9), (50, 1, 9), (50, 2, 12),
  (60, 0, 7)
) AS v (deal, step, day);
\x on
-- step 1 ended: 0 1 2 4 4; all on the 15th: and 5; entities: 0 2 4 4 6
-- step 2 ended: 0 1 7 8; all: and 3; entities: 1 3 7 8
-- step 3 ended: 1; all: 1 7
SELECT *
FROM unnest((
  SELECT stage_times(deal, step, at, stage_times_options(as_of => '2024-03-15', final_steps => '{0,4}'))
  FROM entry));
-- without as_of: no figures of all visits, and deals that are still there have no sum
SELECT *
FROM unnest((SELECT stage_times(deal, step, at, stage_times_options(final_steps => '{0,4}')) FROM entry))
WHERE step = 1;
-- as of the 9th: later entries do not exist
SELECT step, visits, open_visits, entities, median_days, all_median_days
FROM unnest((
  SELECT stage_times(deal, step, at, stage_times_options(as_of => '2024-03-09', final_steps => '{0,4}'))
  FROM entry));
\x off
-- a step between that nobody entered is there; a final one is not
SELECT step, visits, median_days
FROM unnest((SELECT stage_times(deal, step, at, stage_times_options(final_steps => '{0,2,4}')) FROM entry));
-- an open visit of a deal that was lost and reopened; by deal
SELECT deal, stage_times(deal, step, at, stage_times_options('2024-03-15', '{0,4}'))
FROM entry
WHERE deal >= 40
GROUP BY deal
ORDER BY deal;

-- ---- options -----------------------------------------------------------------------
SELECT stage_times_options(), stage_times_options(as_of => '2024-03-01', final_steps => '{5,0}');
-- the order of the list and repeats in it make no difference
SELECT count(DISTINCT steps) AS answers
FROM (
  SELECT stage_times(deal, step, at, o) AS steps
  FROM entry, unnest(ARRAY[stage_times_options(final_steps => '{0,4}'), stage_times_options(final_steps => '{4,0,4}'),
    ROW(NULL, '{4,0}', NULL, NULL)::stage_times_options]) WITH ORDINALITY AS v (a, f, in_order, percentile, i),
    LATERAL (SELECT ROW(a, f, in_order, percentile)::stage_times_options AS o WHERE deal IS NOT NULL) AS w
  GROUP BY i
) AS s;
SELECT (stage_times(deal, step, at, (SELECT stage_times_options('2024-03-15', '{0,4}'))))[1].visits AS sub_select FROM entry;

-- another percentile than the 90th: the quarter of 0 1 2 4 4, of 0 1 2 4 4 5, of 0 2 4 4 6;
-- the least and the greatest
SELECT percentile, s.p90_days, s.all_p90_days, s.entity_p90_days
FROM unnest('{0,0.25,1}'::float8[]) AS percentile
CROSS JOIN LATERAL (
  SELECT (stage_times(deal, step, at, stage_times_options('2024-03-15', '{0,4}', percentile => percentile)))[1].* FROM entry) AS s;

-- ---- rows in order -------------------------------------------------------------------
-- On the 5th, 10 goes on to 2, back to 1, and to 2 again: by step that is one visit to
-- each, as it happened two.  From the 8th on 20 belongs to Bob.  Ann's visits: 10's of
-- 4, 0, 0 and 3 days, and 20's to 1 of 6 days, which Bob's row goes on with; not his to 2.
CREATE TABLE ledger (place int, deal int8, step int, rep text, at timestamptz);
INSERT INTO ledger
SELECT place, deal, step, rep, make_timestamptz(2024, 3, day, 0, 0, 0)
FROM (VALUES
  (1, 10, 1, 'Ann', 1), (2, 10, 2, 'Ann', 5), (3, 10, 1, 'Ann', 5), (4, 10, 2, 'Ann', 5), (5, 10, 0, 'Ann', 8),
  (6, 20, 1, 'Ann', 4), (7, 20, 1, 'Bob', 8), (8, 20, 2, 'Bob', 10)
) AS v (place, deal, step, rep, day);
SELECT step, visits, open_visits, entities, mean_days, median_days, all_p90_days
FROM unnest((
  SELECT stage_times(deal, step, at, stage_times_options('2024-03-20', '{0}', in_order => true))
  FROM (SELECT * FROM ledger ORDER BY deal, at, place) AS l));
SELECT step, visits, open_visits, entities, mean_days, median_days, all_p90_days
FROM unnest((SELECT stage_times(deal, step, at, stage_times_options('2024-03-20', '{0}')) FROM ledger));
SELECT step, visits, open_visits, entities, mean_days, entity_mean_days
FROM unnest((
  SELECT stage_times(deal, CASE rep WHEN 'Ann' THEN step ELSE -step END, at, stage_times_options('2024-03-20', '{0}', in_order => true))
  FROM (SELECT * FROM ledger ORDER BY deal, at, place) AS l));
-- uuids and texts must come together, in whatever order
SELECT step, visits, open_visits
FROM unnest((
  SELECT stage_times(deal::text, step, at, stage_times_options('2024-03-20', '{0}', in_order => true))
  FROM (SELECT * FROM ledger ORDER BY deal DESC, at, place) AS l));
-- A ledger that is only appended to.  On the 5th 10 never went back to 1, and on the 8th it was
-- not lost, but went to 3: no, to 1.  So it was in 1 for 4 days, in 2 for 3, and is in 1 for 12.
CREATE TABLE appended AS
SELECT place AS seq, place, deal, step, at FROM ledger
UNION ALL
SELECT seq, place, 10, step, make_timestamptz(2024, 3, day, 0, 0, 0)
FROM (VALUES (9, 3, 2, 5), (10, 5, 3, 8), (11, 5, 1, 8)) AS v (seq, place, step, day);
SELECT step, visits, open_visits, entities, mean_days, median_days, all_p90_days
FROM unnest((
  SELECT stage_times_corrected(deal, step, at, place, stage_times_options('2024-03-20', '{0}', in_order => true))
  FROM (SELECT * FROM appended ORDER BY deal, at, seq) AS l));
-- places are the order of an instant, whatever the order of the rows; no place, no row
SELECT step, visits, median_days
FROM unnest((
  SELECT stage_times_corrected(1::int8, step, timestamptz '2024-03-01' + day * interval '1 day', place, stage_times_options('2024-03-20', in_order => true))
  FROM (VALUES (0, 1, 20), (0, 2, 10), (0, 3, NULL), (0, 1, -5), (4, 3, 0)) AS v (day, step, place)));
-- what is known after each row: a result in between, or storing the state, changes nothing
SELECT l.seq, l.place, l.entered, array_agg(stay.step || ': ' || stay.visits ORDER BY stay.step) AS visits
FROM (
  SELECT seq, place, step AS entered, at, stage_times_corrected(deal, step, at, place, stage_times_options('2024-03-20', '{0}', in_order => true))
    OVER (ORDER BY deal, at, seq) AS steps
  FROM appended
  WHERE deal = 10
) AS l
CROSS JOIN unnest(steps) AS stay
GROUP BY l.seq, l.place, l.entered, l.at
ORDER BY l.at, l.seq;
SELECT stay.step, stay.visits, v.how
FROM stage_times_options('2024-03-20', in_order => true) AS o (a, f, r, p),
  LATERAL (SELECT ROW(a, f, r, p)::stage_times_options AS options) AS w,
  LATERAL (SELECT stage_times_corrected_int8(NULL, 1, 1, '2024-03-01', 7, options) AS state) AS first,
  LATERAL (VALUES
    ('corrected', stage_times_corrected_int8(state::text::stage_times_state, 1, 2, '2024-03-01', 7, options)),
    ('a row without a place comes behind', stage_times_int8(state, 1, 2, '2024-03-01', options)),
    ('combined', stage_times_combine(stage_times_corrected_int8(NULL, NULL, 1, '2024-03-01', 7, options), state))) AS v (how, state),
  unnest(stage_times_final(v.state)) AS stay
ORDER BY v.how, stay.step;

-- ---- errors ------------------------------------------------------------------------
SELECT refusal.*
FROM unnest(ARRAY[
    $$SELECT stage_times(1::int8, 0, '2024-03-01', NULL)$$,
    $$SELECT stage_times(1::int8, -1, '2024-03-01', stage_times_options(final_steps => '{0}'))$$,
    $$SELECT stage_times(1::int8, 65, '2024-03-01', NULL)$$,
    $$SELECT stage_times('a'::text, 65, '2024-03-01', NULL)$$,
    $$SELECT stage_times(1::int8, 1, 'infinity', NULL)$$,
    $$SELECT stage_times(1::int8, 1, '-infinity', stage_times_options(as_of => '2024-03-01'))$$,
    $$SELECT stage_times(1::int8, s, CASE s WHEN 1 THEN '4713-11-24 BC' ELSE '294276-12-31' END::timestamptz, NULL) FROM unnest(ARRAY[1, 2]) AS s$$,
    $$SELECT stage_times(1::int8, 1, '2024-03-01', stage_times_options(final_steps => ARRAY[s])) FROM unnest(ARRAY[2, 3]) AS s$$,
    $$SELECT stage_times(1::int8, 1, '2024-03-01', o) FROM unnest(ARRAY[NULL, stage_times_options(as_of => '2024-03-01')]) AS v (a, f, r, p), LATERAL (SELECT CASE WHEN a IS NOT NULL THEN ROW(a, f, r, p)::stage_times_options END AS o) AS w$$,
    $$SELECT stage_times_options(as_of => 'infinity')$$,
    $$SELECT stage_times_options(as_of => '-infinity')$$,
    $$SELECT stage_times_options(final_steps => '{0,NULL}')$$,
    $$SELECT stage_times_options(final_steps => '{{0,1},{2,3}}')$$,
    $$SELECT stage_times(1::int8, 1, '2024-03-01', ROW('infinity', NULL, NULL, NULL)::stage_times_options)$$,
    $$SELECT stage_times_options(percentile => 1.01)$$,
    $$SELECT stage_times_options(percentile => 'NaN')$$,
    $$SELECT stage_times(1::int8, 1, '2024-03-01', ROW(NULL, NULL, NULL, -1)::stage_times_options)$$,
    $$SELECT stage_times(1::int8, 1, '2024-03-01', stage_times_options(percentile => p)) FROM unnest('{0.9,0.8}'::float8[]) AS p$$,
    $$SELECT stage_times(1::int8, -65, '2024-03-01', stage_times_options(in_order => true))$$,
    $$SELECT stage_times(d, 1, '2024-03-01', stage_times_options(in_order => true)) FROM unnest('{1,2,1}'::int8[]) AS d$$,
    $$SELECT stage_times(d, 1, '2024-03-01', stage_times_options(in_order => true)) FROM unnest('{a,b,a}'::text[]) AS d$$,
    $$SELECT stage_times(1::int8, 1, timestamptz '2024-03-01' + d * interval '1 day', stage_times_options(in_order => true)) FROM unnest('{1,2,1}'::int[]) AS d$$,
    $$SELECT stage_times_combine(s, s) FROM stage_times_int8(NULL, 1, 1, '2024-03-01', stage_times_options(in_order => true)) AS s$$,
    $$SELECT stage_times_combine(s, s) FROM stage_times_corrected_int8(NULL, 1, 1, '2024-03-01', 7, stage_times_options(in_order => true)) AS s$$,
    $$SELECT stage_times_combine(stage_times_corrected_int8(NULL, 1, 1, '2024-03-01', 7, NULL), stage_times_int8(NULL, 1, 1, '2024-03-01', NULL))$$,
    $$SELECT stage_times_corrected(1::int8, 65, '2024-03-01', 7, stage_times_options(in_order => true))$$,
    $$SELECT stage_times_corrected(1::int8, 1, 'infinity', 7, stage_times_options(in_order => true))$$,
    $$SELECT stage_times_corrected(d, 1, '2024-03-01', 7, stage_times_options(in_order => true)) FROM unnest('{1,2,1}'::int8[]) AS d$$
  ]) WITH ORDINALITY AS q (query, i),
  LATERAL pg_temp.refusal(query)
ORDER BY i;

-- ---- FILTER, GROUPING SETS, window (no inverse: the frame grows) -----------------------
SELECT stage_times(deal, step, at, stage_times_options('2024-03-15', '{0,4}')) FILTER (WHERE deal = 20) FROM entry;
SELECT deal, cardinality(stage_times(deal, step, at, stage_times_options('2024-03-15', '{0,4}'))) AS steps
FROM entry
GROUP BY GROUPING SETS ((deal), ())
ORDER BY deal;
SELECT at::date, step, (stage_times(deal, step, at, stage_times_options(final_steps => '{0,4}')) OVER (ORDER BY at))[1].median_days
FROM entry
WHERE deal = 30
ORDER BY at;

-- ---- texts are the same when their bytes are ------------------------------------------
SELECT step, visits, entities
FROM unnest((
  SELECT stage_times(deal, 1, at::timestamptz, NULL)
  FROM (VALUES ('a', '2024-03-01'), ('A', '2024-03-02'), ('a ', '2024-03-03'), ('', '2024-03-04'), ('a', '2024-03-05')) AS v (deal, at)));

-- ---- parallel = serial, and so in any order -----------------------------------------
CREATE TABLE many AS
SELECT i, i * 7919 % 4001 AS deal, i * 31 % 6 AS step,
  timestamptz '2024-01-01' + i::int8 * 104729 % 86399 * interval '7 minutes' AS at
FROM generate_series(1, 40000) AS i;
ANALYZE many;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
ALTER TABLE many SET (parallel_workers = 2);
EXPLAIN (COSTS OFF)
SELECT stage_times(deal, step, at, stage_times_options('2025-06-01', '{0}')) FROM many;
CREATE TABLE answer AS
SELECT '2 workers' AS how, stage_times(deal, step, at, stage_times_options('2025-06-01', '{0}'))::text AS answer FROM many;
ALTER TABLE many SET (parallel_workers = 1);
CREATE TABLE answer_1 AS
SELECT '1 worker' AS how, stage_times(deal, step, at, stage_times_options('2025-06-01', '{0}'))::text AS answer FROM many;
ALTER TABLE many SET (parallel_workers = 4);
CREATE TABLE answer_4 AS
SELECT '4 workers' AS how, stage_times(deal, step, at, stage_times_options('2025-06-01', '{0}'))::text AS answer FROM many;
SET max_parallel_workers_per_gather = 0;
INSERT INTO answer
SELECT * FROM answer_1
UNION ALL
SELECT * FROM answer_4
UNION ALL
SELECT '0 workers', stage_times(deal, step, at, stage_times_options('2025-06-01', '{0}'))::text FROM many
UNION ALL
SELECT 'by deal', stage_times(deal, step, at, stage_times_options('2025-06-01', '{0}') ORDER BY deal, at)::text FROM many
UNION ALL
SELECT 'backwards', stage_times(deal, step, at, stage_times_options('2025-06-01', '{0}') ORDER BY at DESC)::text FROM many
UNION ALL
SELECT 'texts', stage_times(deal::text, step, at, stage_times_options('2025-06-01', '{0}'))::text FROM many
UNION ALL
SELECT 'uuids', stage_times(md5(deal::text)::uuid, step, at, stage_times_options('2025-06-01', '{0}'))::text FROM many;
SET work_mem = '64kB';
INSERT INTO answer
SELECT 'from a file', stage_times(deal, step, at, stage_times_options('2025-06-01', '{0}'))::text FROM many;
RESET work_mem;
SELECT count(*) AS ways, count(DISTINCT answer) AS answers FROM answer;
RESET max_parallel_workers_per_gather;
RESET min_parallel_table_scan_size;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;

-- ---- states: called by hand, stored, as text, as binary, combined later ---------------
CREATE AGGREGATE pg_temp.partial(int8, int, timestamptz, stage_times_options) (
  SFUNC = stage_times_int8,
  STYPE = stage_times_state
);
CREATE AGGREGATE pg_temp.whole(stage_times_state) (
  SFUNC = stage_times_combine,
  STYPE = stage_times_state,
  FINALFUNC = stage_times_final
);
CREATE TABLE stored AS
SELECT i % 3 AS part, pg_temp.partial(deal, step, at, stage_times_options('2025-06-01', '{0}')) AS state
FROM many
GROUP BY i % 3;
SELECT pg_temp.whole(state)::text = (SELECT min(answer) FROM answer) AS combined,
  pg_temp.whole(state::text::stage_times_state)::text = (SELECT min(answer) FROM answer) AS from_text
FROM stored;
CREATE TABLE copied (part int, state stage_times_state);
COPY stored TO PROGRAM 'cat > stage_times_state.copy' WITH (FORMAT binary);
COPY copied FROM PROGRAM 'cat stage_times_state.copy && rm stage_times_state.copy' WITH (FORMAT binary);
SELECT count(*) AS states, bool_and(copied.state::text = stored.state::text) AS same
FROM copied
JOIN stored USING (part);
SELECT stage_times_final(stage_times_int8(stage_times_int8(NULL, 1, 1, '2024-03-01', NULL), 1, 2, '2024-03-04', NULL));
SELECT stage_times_final(stage_times_combine(stage_times_int8(NULL, 1, 1, '2024-03-01', NULL), NULL)) AS second_null,
  stage_times_final(stage_times_combine(NULL, stage_times_int8(NULL, 1, 1, '2024-03-01', NULL))) AS first_null,
  stage_times_combine(NULL, NULL) IS NULL AS both_null,
  stage_times_final(NULL) IS NULL AS final_null;
-- states of other options or entities do not join; a funnel is none
SELECT refusal.*
FROM unnest(ARRAY[
    $$SELECT stage_times_combine(stage_times_int8(NULL, 1, 1, '2024-03-01', NULL), stage_times_int8(NULL, 1, 1, '2024-03-01', stage_times_options(final_steps => '{0}')))$$,
    $$SELECT stage_times_combine(stage_times_int8(NULL, 1, 1, '2024-03-01', NULL), stage_times_text(NULL, '1', 1, '2024-03-01', NULL))$$,
    $$SELECT stage_times_text(stage_times_int8(NULL, 1, 1, '2024-03-01', NULL), '1', 1, '2024-03-01', NULL)$$,
    $$SELECT funnel_conversion_int8(NULL, 1, 1, '2024-03-01', funnel_options(mode => 'furthest'))::text::stage_times_state$$
  ]) WITH ORDINALITY AS q (query, i),
  LATERAL pg_temp.refusal(query)
ORDER BY i;
-- crafted states: any cut, any wrong byte is refused or read, never worse
CREATE TABLE bytes AS
SELECT stage_times_state_send(stage_times_text(stage_times_text(NULL, 'ab', 1, '2024-03-01', o), 'c', 4, '2024-03-02', o)) AS b
FROM (SELECT ROW('2024-04-01', '{0,4}', NULL, NULL)::stage_times_options AS o) AS v;
SELECT refusal.state, count(*) > 100 AS cuts
FROM bytes, generate_series(0, octet_length(b) - 1) AS size,
  LATERAL pg_temp.refusal(format('SELECT %L::stage_times_state', encode(substr(b, 1, size), 'base64')))
GROUP BY 1;
SELECT DISTINCT refusal.state
FROM bytes, generate_series(0, octet_length(b) - 1) AS i, unnest(ARRAY[0, 1, 127, 128, 255]) AS byte,
  LATERAL pg_temp.refusal(format('SELECT stage_times_final(stage_times_combine(%1$L::stage_times_state, %1$L))',
    replace(encode(set_byte(b, i, byte), 'base64'), E'\n', '')))
ORDER BY 1;
SELECT refusal.* FROM pg_temp.refusal($$SELECT 'no base64!'::stage_times_state$$);

-- ---- steps from ids -------------------------------------------------------------------
-- lists of 0 to 70 numbers: each is at its place, and what lies before, between and behind is not
SELECT count(*) AS asked, count(*) FILTER (WHERE found.position > 0) AS found,
  bool_and(found.position = CASE WHEN value % 2 = 0 AND value BETWEEN 2 AND 2 * size THEN value / 2 ELSE 0 END) AS as_they_stand
FROM generate_series(0, 70) AS size,
  LATERAL (SELECT coalesce(array_agg(2 * i::int8 ORDER BY i), '{}') FROM generate_series(1, size) AS i) AS list (sorted),
  generate_series(-1, 2 * size + 2) AS value,
  LATERAL sorted_position(sorted, value) AS found (position);
SELECT sorted_position('[5:7]={-9223372036854775808,0,9223372036854775807}', 9223372036854775807) AS from_one,
  sorted_position('{7}', NULL) AS null_value, sorted_position(NULL, 7) AS null_list;
SELECT refusal.*
FROM unnest(ARRAY[$$SELECT sorted_position('{1,NULL}', 1)$$, $$SELECT sorted_position('{{1,2}}', 1)$$]) WITH ORDINALITY AS q (query, i),
  LATERAL pg_temp.refusal(query)
ORDER BY i;

SET client_min_messages = warning;
DROP SCHEMA stage_times_test CASCADE;
