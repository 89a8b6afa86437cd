SET search_path = salesmgmt, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file

SET datestyle = 'ISO';
SET extra_float_digits = 1;

-- no rows: NULL; one NULL: nothing was held; one row; two rows; NULLs among rows
CREATE TABLE session (rep text COLLATE "C", held_on date);
SELECT cadence_adherence(held_on, cadence_options('1 week', period => '[2026-06-01,2026-06-29)')) IS NULL AS no_rows FROM session;
INSERT INTO session VALUES
  ('one NULL', NULL),
  ('one row', '2026-06-01'),
  ('two rows', '2026-06-01'), ('two rows', '2026-06-10'),   -- the second two days after the 8th: late
  ('NULLs among rows', NULL), ('NULLs among rows', '2026-06-07'), ('NULLs among rows', NULL); -- a day before the 8th: in time
-- due on Mondays, 1, 8, 15 and 22 June
SELECT rep, (cadence_adherence(held_on, cadence_options('1 week', period => '[2026-06-01,2026-06-29)'))).*
FROM session
GROUP BY rep
ORDER BY rep;

-- as of a day: what is later has not happened, and is not missed yet
-- on Monday the 15th, its range has opened on the 14th, so the 8th cannot be held any more; on the 14th it is still not missed
SELECT as_of, (cadence_adherence(held_on, cadence_options('1 week', period => '[2026-06-01,2026-06-29)', as_of => as_of))).*
FROM session, unnest('{2026-05-20,2026-06-01,2026-06-09,2026-06-13,2026-06-14,2026-06-15,2026-06-28,2026-12-31}'::date[]) AS as_of
WHERE rep = 'one row'
GROUP BY as_of
ORDER BY as_of;

-- ends of months, from the anchor: 31 January, 28 February (29 in 2024), 31 March, 30 April; a session each, in time
SELECT extract(year FROM since) AS year, (cadence_adherence(held_on::date, cadence_options('1 month', period => daterange(since, (since + interval '4 months')::date), tolerance => 0))).*
FROM unnest('{2024-01-31,2026-01-31}'::date[]) AS since,
  generate_series(0, 3) AS k, LATERAL (SELECT since + k * interval '1 month' AS held_on) AS s
GROUP BY since
ORDER BY since;
-- leap day: every year from 29 February 2024; the second of 2028 is the 29th again
SELECT (cadence_adherence(held_on, cadence_options('1 year', '2024-02-29', '[2024-01-01,2029-01-01)', tolerance => 0))).*
FROM unnest('{2024-02-29,2025-02-28,2026-02-28,2027-02-28,2028-02-28,2028-02-29}'::date[]) AS held_on;
-- months and days: 1 January, 11 February, 21 March
SELECT (cadence_adherence(held_on, cadence_options('1 month 10 days', period => '[2026-01-01,2026-04-01)', tolerance => 0))).*
FROM unnest('{2026-01-01,2026-02-11,2026-03-21}'::date[]) AS held_on;

-- the first session fills the slot, the others are extra
SELECT (cadence_adherence(held_on, cadence_options('1 week', period => '[2026-06-01,2026-06-15)'))).*
FROM unnest('{2026-06-02,2026-06-02,2026-06-05,2026-06-11}'::date[]) AS held_on;
-- late, then on the same slot nothing makes it good
SELECT (cadence_adherence(held_on, cadence_options('1 week', period => '[2026-06-01,2026-06-08)', tolerance => 0))).*
FROM unnest('{2026-06-02}'::date[]) AS held_on;

-- before the first slot's range: extra in the period, nothing before the period; where the anchor is earlier, another period's
SELECT anchor, (cadence_adherence(held_on, cadence_options('1 week', anchor, '[2026-06-01,2026-06-29)'))).*
FROM unnest('{2026-05-04,2026-06-01,2026-06-15}'::date[]) AS anchor, unnest('{2026-05-20,2026-06-03,2026-06-15,2026-06-28}'::date[]) AS held_on
GROUP BY anchor
ORDER BY anchor;
-- no slot in the period: nothing was due
SELECT (cadence_adherence(held_on, cadence_options('1 year', '2026-01-01', '[2026-06-01,2026-07-01)'))).*
FROM unnest('{2026-06-03}'::date[]) AS held_on;

-- tolerances beyond half of every: ranges still follow each other, the last open one takes the session
SELECT tolerance, (cadence_adherence(held_on, cadence_options('1 week', period => '[2026-06-01,2026-06-29)', tolerance => tolerance))).*
FROM unnest('{0,3,4,6,7,10}'::int[]) AS tolerance, unnest('{2026-06-01,2026-06-04,2026-06-12,2026-06-27}'::date[]) AS held_on
GROUP BY tolerance
ORDER BY tolerance;
SELECT (cadence_adherence(held_on, cadence_options('1 week', period => '[2026-06-01,2026-06-29)', tolerance => 2147483647))).*
FROM unnest('{2026-06-01}'::date[]) AS held_on;

-- excused: all days from the due day to the next; a part is not enough; what was held counts all the same
SELECT leave, (cadence_adherence(held_on, cadence_options('1 week', period => '[2026-06-01,2026-06-29)', excused => leave, as_of => '2026-06-17'))).*
FROM session, unnest(ARRAY['{}', '{[2026-06-08,2026-06-15)}', '{[2026-06-08,2026-06-14)}', '{[2026-06-09,2026-06-30)}',
  '{[2026-06-01,2026-06-29)}', '{(,)}', '{[2026-06-22,)}', '{[2026-06-08,2026-06-11),[2026-06-12,2026-06-15)}']::datemultirange[]) AS leave
WHERE rep = 'one row'
GROUP BY leave
ORDER BY leave;

-- rules that differ by person, and the LEFT JOIN of pairs that never met
CREATE TABLE rule (rep text COLLATE "C", every interval, excused datemultirange);
INSERT INTO rule VALUES ('two rows', '1 week', NULL), ('one row', '2 weeks', '{[2026-06-15,2026-06-29)}'), ('never met', '1 month', NULL);
SELECT rep, (cadence_adherence(held_on, cadence_options(every, period => '[2026-06-01,2026-06-29)', excused => excused))).*
FROM rule
LEFT JOIN session USING (rep)
GROUP BY rep
ORDER BY rep;

-- options written by hand; from a sub-select
SELECT (cadence_adherence(held_on, ROW('7 days', NULL, '[2026-06-01,2026-06-29)', NULL, NULL, NULL)::cadence_options)).due AS by_hand,
  (cadence_adherence(held_on, (SELECT cadence_options('1 week', period => '[2026-06-01,2026-06-29)')))).due AS sub_select
FROM session;
-- a NULL, an explicit default and a written one are the same options
SELECT (cadence_adherence('2026-06-01', o)).held
FROM unnest(ARRAY[cadence_options('1 week', period => '[2026-06-01,2026-06-29)'), ROW('7 days', NULL, '[2026-06-01,2026-06-28]', NULL, NULL, NULL)::cadence_options]) AS o;

-- errors
SELECT refusal.*
FROM unnest(ARRAY[
    $$SELECT cadence_adherence('infinity', cadence_options('1 week', period => '[2026-06-01,2026-06-29)'))$$,
    $$SELECT cadence_adherence('-infinity', cadence_options('1 week', period => '[2026-06-01,2026-06-29)'))$$,
    $$SELECT cadence_adherence('2026-06-01', NULL)$$,
    $$SELECT cadence_adherence(NULL, ROW(NULL, NULL, NULL, NULL, NULL, NULL)::cadence_options)$$,
    $$SELECT cadence_adherence('2026-06-01', ROW('0 days', NULL, '[2026-06-01,2026-06-29)', 1, '{}', NULL)::cadence_options)$$,
    $$SELECT cadence_adherence('2026-06-01', ROW('1 day', NULL, '[2026-06-01,2026-06-29)', -1, '{}', NULL)::cadence_options)$$,
    $$SELECT cadence_adherence('2026-06-01', ROW('1 day', NULL, '[1026-06-01,2026-06-29)', 1, '{}', NULL)::cadence_options)$$,
    $$SELECT cadence_adherence('2026-06-01', cadence_options('1 week', period => '[2026-06-01,2026-06-29)', tolerance => t)) FROM generate_series(1, 2) AS t$$,
    $$SELECT cadence_adherence(NULL, cadence_options('1 week', period => '[2026-06-01,2026-06-29)', excused => e)) FROM unnest('{"{}","{(,)}"}'::datemultirange[]) AS e$$,
    $$SELECT cadence_adherence(NULL, o) FROM unnest(ARRAY[cadence_options('1 week', period => '[2026-06-01,2026-06-29)'), NULL]) AS o$$,
    $$SELECT cadence_adherence_rollup(s) FROM (SELECT cadence_adherence_state('2026-06-01', cadence_options('1 week', period => '[2026-06-01,2026-06-29)', as_of => a)) AS s
      FROM unnest('{2026-06-01,2026-06-02}'::date[]) AS a GROUP BY a) AS v$$
  ]) WITH ORDINALITY AS q (query, i),
  LATERAL pg_temp.refusal(query)
ORDER BY i;

-- the ends of the calendar
SELECT (cadence_adherence(held_on, cadence_options('1 day', '4714-11-24 BC', '[5874897-12-28,5874897-12-31)', as_of => '5874897-12-30'))).*
FROM unnest('{4714-11-24 BC,5874897-12-29,5874897-12-31}'::date[]) AS held_on;

-- FILTER, GROUPING SETS, window (no inverse: the frame grows)
SELECT (cadence_adherence(held_on, cadence_options('1 week', period => '[2026-06-01,2026-06-29)')) FILTER (WHERE rep = 'two rows')).held,
  cadence_adherence(held_on, cadence_options('1 week', period => '[2026-06-01,2026-06-29)')) FILTER (WHERE rep = 'nobody') IS NULL AS none
FROM session;
SELECT rep, (cadence_adherence(held_on, cadence_options('1 week', period => '[2026-06-01,2026-06-29)'))).*
FROM session
WHERE rep IN ('one row', 'two rows')
GROUP BY GROUPING SETS ((rep), ())
ORDER BY rep;
SELECT held_on, (cadence_adherence(held_on, cadence_options('1 week', period => '[2026-06-01,2026-06-29)')) OVER (ORDER BY held_on DESC)).*
FROM session
WHERE rep = 'two rows'
ORDER BY held_on DESC;

-- parallel = serial, and so in any order
CREATE TABLE many AS
SELECT i, i % 5 AS rep, date '2026-01-01' + i * 7919 % 400 AS held_on
FROM generate_series(1, 20000) AS i;
ANALYZE many;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
ALTER TABLE many SET (parallel_workers = 2);
EXPLAIN (COSTS OFF)
SELECT cadence_adherence(held_on, cadence_options('1 day', period => '[2026-01-01,2027-01-01)')) FROM many;
CREATE TABLE answer AS
SELECT '2 workers' AS how, cadence_adherence(held_on, cadence_options('3 days', period => '[2026-01-01,2027-01-01)'))::text AS answer FROM many;
ALTER TABLE many SET (parallel_workers = 1);
INSERT INTO answer
SELECT '0 workers', cadence_adherence(held_on, cadence_options('3 days', period => '[2026-01-01,2027-01-01)')) FROM many;
CREATE TABLE answer_1 AS
SELECT '1 worker' AS how, cadence_adherence(held_on, cadence_options('3 days', period => '[2026-01-01,2027-01-01)'))::text AS answer FROM many;
ALTER TABLE many SET (parallel_workers = 4);
CREATE TABLE answer_4 AS
SELECT '4 workers' AS how, cadence_adherence(held_on, cadence_options('3 days', period => '[2026-01-01,2027-01-01)'))::text AS answer FROM many;
INSERT INTO answer
SELECT * FROM answer_1
UNION ALL
SELECT * FROM answer_4
UNION ALL
SELECT 'ascending', cadence_adherence(held_on, cadence_options('3 days', period => '[2026-01-01,2027-01-01)') ORDER BY held_on)::text FROM many
UNION ALL
SELECT 'descending', cadence_adherence(held_on, cadence_options('3 days', period => '[2026-01-01,2027-01-01)') ORDER BY held_on DESC)::text FROM many
UNION ALL
SELECT 'shuffled', cadence_adherence(held_on, cadence_options('3 days', period => '[2026-01-01,2027-01-01)') ORDER BY md5(i::text))::text FROM many;
SELECT count(*) AS ways, count(DISTINCT answer) AS answers, min(answer) AS answer FROM answer;
RESET max_parallel_workers_per_gather;
RESET min_parallel_table_scan_size;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;

-- two steps: the states by rep and month in a table, rolled up
CREATE TABLE stored AS
SELECT rep, date_trunc('month', held_on) AS month,
  cadence_adherence_state(held_on, cadence_options('3 days', period => '[2026-01-01,2027-01-01)')) AS state
FROM many
GROUP BY 1, 2;
SELECT cadence_adherence_rollup(state)::text = (SELECT min(answer) FROM answer) AS rolled_up,
  cadence_adherence_rollup(state::text::cadence_adherence_state)::text = (SELECT min(answer) FROM answer) AS from_text,
  cadence_adherence_rollup(NULL::cadence_adherence_state) IS NULL AS of_nulls,
  cadence_adherence_rollup(state) FILTER (WHERE false) IS NULL AS of_none
FROM stored;
SELECT bool_and(rolled = direct) AS by_rep
FROM (SELECT rep, cadence_adherence_rollup(state)::text AS rolled FROM stored GROUP BY rep) AS r
JOIN (SELECT rep, cadence_adherence(held_on, cadence_options('3 days', period => '[2026-01-01,2027-01-01)'))::text AS direct FROM many GROUP BY rep) AS d USING (rep);
-- a pair that never met has a state, too
SELECT (cadence_adherence_rollup(state)).*
FROM (SELECT cadence_adherence_state(NULL, cadence_options('1 week', period => '[2026-06-01,2026-06-29)')) AS state) AS s;

-- states called by hand
SELECT cadence_adherence_final(cadence_adherence_combine(state, NULL)) AS second_null,
  cadence_adherence_final(cadence_adherence_combine(NULL, state)) AS first_null,
  cadence_adherence_combine(NULL, NULL) IS NULL AS both_null,
  cadence_adherence_final(NULL) IS NULL AS final_null
FROM (SELECT cadence_adherence_transition(NULL, '2026-06-01', cadence_options('1 week', period => '[2026-06-01,2026-06-29)')) AS state) AS s;
-- a stored state is not changed by what is added to it
SELECT (cadence_adherence_final(state)).extra AS before,
  (cadence_adherence_final(cadence_adherence_transition(state, '2026-01-01', cadence_options('3 days', period => '[2026-01-01,2027-01-01)')))).extra AS with_a_row,
  (cadence_adherence_final(state)).extra AS after
FROM stored
WHERE rep = 0 AND month = '2026-01-01';
-- binary: out with send, in with COPY
CREATE TABLE copied (LIKE stored);
COPY stored TO PROGRAM 'cat > cadence_adherence_state.copy' WITH (FORMAT binary);
COPY copied FROM PROGRAM 'cat cadence_adherence_state.copy && rm cadence_adherence_state.copy' WITH (FORMAT binary);
SELECT count(*) AS states, bool_and(copied.state::text = stored.state::text) AS same
FROM copied
JOIN stored USING (rep, month);

-- crafted states: any cut, any wrong byte is refused or read, never worse
CREATE TABLE bytes AS
SELECT cadence_adherence_state_send(cadence_adherence_state(held_on, cadence_options('1 month', '2026-01-31', '[2026-01-15,2026-07-01)', 2,
  '{(,2026-01-20),[2026-05-01,2026-06-15)}', '2026-06-20'))) AS b
FROM unnest('{2026-01-30,2026-03-01,2026-03-31,2026-03-31}'::date[]) AS held_on;
SELECT octet_length(b) FROM bytes;
SELECT refusal.state, count(*)
FROM bytes, generate_series(0, octet_length(b) - 1) AS size,
  LATERAL pg_temp.refusal(format('SELECT %L::cadence_adherence_state', encode(substr(b, 1, size), 'base64')))
GROUP BY 1;
SELECT DISTINCT refusal.state, refusal.message, refusal.detail COLLATE "C" AS detail
FROM bytes, generate_series(0, octet_length(b) - 1) AS i, unnest(ARRAY[0, 1, 127, 128, 255]) AS byte,
  LATERAL pg_temp.refusal(format('SELECT cadence_adherence_final(cadence_adherence_combine(%1$L::cadence_adherence_state, %1$L))',
    replace(encode(set_byte(b, i, byte), 'base64'), E'\n', '')))
WHERE refusal.state IS NOT NULL
ORDER BY 3;
SELECT refusal.* FROM pg_temp.refusal($$SELECT 'no base64!'::cadence_adherence_state$$);
SELECT refusal.* FROM pg_temp.refusal($$SELECT ''::cadence_adherence_state$$);

DROP TABLE session, rule, many, answer, answer_1, answer_4, stored, copied, bytes;
