CREATE SCHEMA funnel_test;
SET search_path = funnel_test, salesmgmt, public;
SET timezone = 'UTC';
-- every digit: equal text is then equal bits
SET extra_float_digits = 1;
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file

-- ---- no rows, one row, two rows, NULLs among rows ---------------------------------
CREATE TABLE visit (deal int8, step int, at timestamptz);
SELECT funnel_conversion(deal, step, at, NULL) IS NULL AS no_rows FROM visit;
SELECT funnel_conversion(deal, step, at, funnel_options(steps => 2)) IS NULL AS no_rows FROM visit;
-- one row that says nothing: how many steps there are is known only if it is asked for
INSERT INTO visit VALUES (1, NULL, '2024-03-01');
SELECT funnel_conversion(deal, step, at, NULL) IS NULL AS unknown FROM visit;
SELECT funnel_conversion(deal, step, at, funnel_options(steps => 2)) FROM visit;
TRUNCATE visit;
INSERT INTO visit VALUES (1, 1, '2024-03-01');
SELECT funnel_conversion(deal, step, at, NULL) FROM visit;
INSERT INTO visit VALUES (1, 2, '2024-03-03 12:00');
SELECT funnel_conversion(deal, step, at, NULL) FROM visit;
INSERT INTO visit VALUES (NULL, 2, '2024-03-01'), (1, NULL, '2024-03-01'), (1, 3, NULL), (NULL, NULL, NULL);
SELECT funnel_conversion(deal, step, at, NULL) FROM visit;
-- rows, but none of step 1: nobody entered
SELECT * FROM unnest((SELECT funnel_conversion(deal, step, at, NULL) FROM visit WHERE step = 2));
-- times => false: no times
SELECT step, reached, median_days, p90_days, step_median_days, step_p90_days
FROM unnest((SELECT funnel_conversion(deal, step, at, funnel_options(times => false)) FROM visit));
-- from the first finite instant to the last day: more microseconds than an int8 holds
SELECT step, reached, median_days, p90_days, step_median_days, '294276-12-31'::date - '4714-11-24 BC'::date AS days
FROM unnest((
  SELECT funnel_conversion(1, step, at, NULL)
  FROM (VALUES (1, timestamptz '4714-11-24 00:00Z BC'), (2, '294276-12-31 00:00Z')) AS row (step, at)
));

-- ---- a funnel to check by hand ------------------------------------------------------
-- Steps 1 to 3, 9 is lost.
--   10  1 on the 1st, 2 on the 3rd, 3 on the 11th
--   20  1 on the 1st, 2 on the 5th, lost on the 6th
--   30  1 on the 2nd, 2 on the 3rd, 1 again on the 10th, 2 again on the 11th, 3 on the 12th
--   40  1 on the 4th, 3 on the 8th: 2 is skipped
--   50  1 on the 9th, lost on the 10th, 2 on the 12th: reopened
--   60  2 on the 7th: never at 1
TRUNCATE visit;
INSERT INTO visit
SELECT deal, step, make_timestamptz(2024, 3, day, 0, 0, 0)
FROM (VALUES
  (10, 1, 1), (10, 2, 3), (10, 3, 11),
  (20, 1, 1), (20, 2, 5), (20, 9, 6),
  (30, 1, 2), (30, 2, 3), (30, 1, 10), (30, 2, 11), (30, 3, 12),
  (40, 1, 4), (40, 3, 8),
  (50, 1, 9), (50, 9, 10), (50, 2, 12),
  (60, 2, 7)
) AS row (deal, step, day);

CREATE FUNCTION pg_temp.funnel(options funnel_options)
RETURNS SETOF funnel_step
LANGUAGE sql
RETURN unnest((SELECT funnel_conversion(deal, step, at, options) FROM visit));

-- entered 10 20 30 40 50; at 2: 10 20 30 50 after 2 4 1 3 days; at 3: 10 and 30 after 10 and 10,
-- from step 2 after 8 and 9; not at 2: 40, pending; not at 3: 20, lost, and 50, pending
SELECT * FROM pg_temp.funnel(funnel_options(lost_step => 9));
-- anchor any: the chain of 30 is the one of the 10th to the 12th
SELECT step, reached, median_days, step_median_days FROM pg_temp.funnel(funnel_options(lost_step => 9, anchor => 'any'));
-- within 5 days: nobody gets to 3, but 30 does if it may start on the 10th
SELECT step, reached, lost, pending, mature_rate FROM pg_temp.funnel(funnel_options(lost_step => 9, within => '5 days'));
SELECT step, reached, lost, pending, mature_rate FROM pg_temp.funnel(funnel_options(lost_step => 9, within => '5 days', anchor => 'any'));
-- the end of the window is inside: 10 and 30 take 10 days to the microsecond
SELECT step, reached FROM pg_temp.funnel(funnel_options(lost_step => 9, within => '10 days'));
SELECT step, reached FROM pg_temp.funnel(funnel_options(lost_step => 9, within => '10 days -1 microsecond'));
-- furthest: 40 passes 2 on the 8th, 60 passes 1 on the 7th
SELECT * FROM pg_temp.funnel(funnel_options(lost_step => 9, mode => 'furthest'));
-- strict: 1 again takes 30 off its way, 3 does so with 40 and the loss with 50; who is off it cannot come back
SELECT step, entered, reached, lost, pending FROM pg_temp.funnel(funnel_options(lost_step => 9, mode => 'strict'));
-- with anchor any, 30 starts again on the 10th and gets through
SELECT step, entered, reached, lost, pending FROM pg_temp.funnel(funnel_options(lost_step => 9, mode => 'strict', anchor => 'any'));
-- a step above steps is in the way in strict, and not there otherwise
SELECT mode, (funnel_conversion(1, step, make_timestamptz(2024, 3, day, 0, 0, 0), funnel_options(steps => 2, mode => mode)))[2].reached
FROM (VALUES (1, 1), (3, 2), (2, 3)) AS row (step, day), (VALUES ('ordered'), ('strict')) AS asked (mode)
GROUP BY mode
ORDER BY mode;
-- unordered: 10 20 30 50 have 1 and 2, of these 10 and 30 have 3; 60 has no 1
SELECT step, entered, reached, lost, pending FROM pg_temp.funnel(funnel_options(lost_step => 9, mode => 'unordered'));
-- unordered within 5 days: 10 took 10 days, 30 has all three from the 10th to the 12th
SELECT step, reached FROM pg_temp.funnel(funnel_options(lost_step => 9, mode => 'unordered', within => '5 days'));
-- 3 days for each step: 20 is late for 2, 10 and 30 are for 3; as of the 13th only 50, at 2 since the 12th, may go on
SELECT step, entered, reached, lost, pending
FROM pg_temp.funnel(funnel_options(steps => 3, lost_step => 9, step_within => '{3 days, 3 days}', as_of => '2024-03-13'));
SELECT step, entered, reached, lost, pending
FROM pg_temp.funnel(funnel_options(steps => 3, lost_step => 9, step_within => '{3 days, 3 days}', as_of => '2024-03-13', anchor => 'any'));
-- 2 is optional: 40 skips it; 3 of 5 get to 3, 20 is lost before it and 50 may come; 8 and 9 days after step 2, 4 after step 1
SELECT step, reached, step_rate, lost, pending, median_days, step_median_days
FROM pg_temp.funnel(funnel_options(lost_step => 9, optional => '{2}'));
-- exclude: of 50 the 9 comes between 1 and 2, of 20 after the chain
SELECT step, entered, reached FROM pg_temp.funnel(funnel_options(exclude => '{9}'));
SELECT step, entered, reached FROM pg_temp.funnel(funnel_options(exclude => '{9}', mode => 'furthest'));
-- a step above steps does not count
SELECT step, entered, reached FROM pg_temp.funnel(funnel_options(lost_step => 9, steps => 2));

-- as of the 10th: 50 is lost by its last event, 10 and 30 may still get to 3
SELECT step, reached, lost, pending FROM pg_temp.funnel(funnel_options(lost_step => 9, as_of => '2024-03-10'));
-- as_of alone: who is not through is pending
SELECT step, reached, lost, pending FROM pg_temp.funnel(funnel_options(steps => 3, as_of => '2024-03-08'));
-- neither window, loss nor date: what is not there will not come
SELECT step, reached, lost, pending FROM pg_temp.funnel(funnel_options(steps => 3));
-- a window without a date: nobody knows whether it is over
SELECT step, reached, lost, pending, mature_rate FROM pg_temp.funnel(funnel_options(steps => 3, within => '9 days'));
-- as of the 11th the windows of 10, 20 (of the 1st) and 30 (the 2nd) are over, those of 40 and 50 are not:
-- at 2 3/3, at 3 0/3
SELECT step, entered, reached, lost, pending, mature_rate
FROM pg_temp.funnel(funnel_options(steps => 3, within => '9 days', as_of => '2024-03-11'));
-- anchor any: the window of 30's second step 1 is open
SELECT step, entered, reached, lost, pending, mature_rate
FROM pg_temp.funnel(funnel_options(steps => 3, within => '9 days', as_of => '2024-03-11', anchor => 'any'));

-- ---- defects of others ----------------------------------------------------------------
-- D12 (Frappe CRM funnel): re-entry counted twice; lost deals removed from every stage; skipped
-- stages not filled.  Deal 1 enters 1 and 2 twice, deal 2 is lost after 2, deal 3 skips 2.
CREATE TABLE d12 (deal int8, step int, at timestamptz);
INSERT INTO d12 VALUES
  (1, 1, '2024-03-01'), (1, 2, '2024-03-02'), (1, 1, '2024-03-03'), (1, 2, '2024-03-04'),
  (2, 1, '2024-03-01'), (2, 2, '2024-03-02'), (2, 9, '2024-03-03'),
  (3, 1, '2024-03-01'), (3, 3, '2024-03-02');
SELECT mode, step, entered, reached, lost, pending
FROM (VALUES ('ordered'), ('furthest')) AS asked (mode)
CROSS JOIN LATERAL unnest((SELECT funnel_conversion(deal, step, at, funnel_options(mode => mode, lost_step => 9)) FROM d12));
-- D17 (PostHog funnels): zero-length transitions dropped from times.  0 and 2 days: the median is 1, not 2.
CREATE TABLE d17 (deal int8, step int, at timestamptz);
INSERT INTO d17 VALUES (1, 1, '2024-03-01'), (1, 2, '2024-03-01'), (2, 1, '2024-03-01'), (2, 2, '2024-03-03');
SELECT step, reached, median_days, p90_days, step_median_days
FROM unnest((SELECT funnel_conversion(deal, step, at, NULL) FROM d17));

-- ---- what a first occasion would get wrong --------------------------------------------------
-- the 2 of the 2nd would be too early for the 3: the chain has the 2 of the 9th, after 8 days
CREATE TABLE late (deal int8, step int, at timestamptz);
INSERT INTO late
SELECT 1, step, make_timestamptz(2024, 3, day, 0, 0, 0)
FROM (VALUES (1, 1), (2, 2), (2, 9), (3, 10)) AS row (step, day);
SELECT step, reached, median_days, step_median_days
FROM unnest((SELECT funnel_conversion(deal, step, at, funnel_options(steps => 3, step_within => '{9 days, 2 days}')) FROM late));
-- over a skipped step its days add up: 9 are enough, 8 are not
SELECT days, (funnel_conversion(deal, step, at, funnel_options(steps => 3, step_within => ARRAY[days, '2 days'], optional => '{2}')))[3].reached
FROM late, (VALUES (interval '6 days'), ('7 days')) AS asked (days)
WHERE step <> 2
GROUP BY days
ORDER BY days;
-- an optional step never delays a required one: 3 is reached on the 2nd, the 2 after it is too late
SELECT step, reached, median_days
FROM unnest((
  SELECT funnel_conversion(1, step, make_timestamptz(2024, 3, day, 0, 0, 0), funnel_options(optional => '{2}'))
  FROM (VALUES (1, 1), (3, 2), (2, 3), (3, 4)) AS row (step, day)
));
-- unordered: 3, 1, 2 on the 1st, 2nd and 4th: at 2 and 3 after 2 days, when all of them are there
SELECT step, reached, median_days, step_median_days
FROM unnest((
  SELECT funnel_conversion(1, step, make_timestamptz(2024, 3, day, 0, 0, 0), funnel_options(mode => 'unordered'))
  FROM (VALUES (3, 1), (1, 2), (2, 4)) AS row (step, day)
));
-- strict, equal times: sorted by number, so a loss of number 0 is in the way of the 2, one of 9 is not
SELECT lost, (funnel_conversion(1, step, make_timestamptz(2024, 3, day, 0, 0, 0), funnel_options(steps => 2, lost_step => lost, mode => 'strict')))[2].reached
FROM (VALUES (0), (9)) AS asked (lost)
CROSS JOIN LATERAL (VALUES (1, 1), (lost, 2), (2, 2)) AS row (step, day)
GROUP BY lost
ORDER BY lost;
-- 64 steps, in every mode, with every list as long as it may be
SELECT mode, optional IS NOT NULL AS skipping, funnel[64].reached, funnel[64].median_days, funnel[64].step_median_days
FROM (
  SELECT mode, optional,
    funnel_conversion(1, step, '2024-01-01Z'::timestamptz + step * interval '1 day', funnel_options(
      steps => 64, mode => mode, optional => optional,
      step_within => CASE WHEN mode IN ('ordered', 'strict') THEN array_fill(interval '1 day', ARRAY[63]) END
    ) ORDER BY step % 7) AS funnel
  FROM generate_series(1, 64) AS step,
  (VALUES
    ('ordered', NULL), ('strict', NULL), ('unordered', NULL), ('furthest', NULL),
    ('ordered', (SELECT array_agg(k) FROM generate_series(2, 63) AS k))
  ) AS asked (mode, optional)
  WHERE optional IS NULL OR step IN (1, 64)
  GROUP BY mode, optional
) AS made
ORDER BY skipping, mode;

-- ---- ties --------------------------------------------------------------------------------
-- all of it on one day: in either order it counts, if times must increase it does not
SELECT ties, funnel_conversion(deal, step, at, funnel_options(ties => ties))
FROM (VALUES ('either'), ('increasing')) AS asked (ties),
(VALUES (1, 3, '2024-03-01Z'::timestamptz), (1, 2, '2024-03-01Z'), (1, 1, '2024-03-01Z'), (1, 3, '2024-03-02Z')) AS event (deal, step, at)
GROUP BY ties
ORDER BY ties;
-- a loss on the day of a step is the last word, a later step reopens
SELECT reopened, (funnel_conversion(1, step, at, funnel_options(steps => 3, lost_step => 0)))[3].lost
FROM (VALUES (0, '2024-03-01Z'::timestamptz), (1, '2024-03-01Z'), (2, '2024-03-01Z'), (1, '2024-03-02Z')) AS event (step, at),
(VALUES (false), (true)) AS asked (reopened)
WHERE reopened OR at = '2024-03-01Z'
GROUP BY reopened;

-- ---- months are calendar months of UTC, wherever the session is --------------------------
-- from 31 January one month is 29 February, though it is 30 January or 1 February elsewhere
CREATE TABLE month_end (deal int8, step int, at timestamptz);
INSERT INTO month_end VALUES
  (1, 1, '2024-01-31 00:30Z'), (1, 2, '2024-02-29 00:30Z'),
  (2, 1, '2024-01-31 00:30Z'), (2, 2, '2024-02-29 00:30:00.000001Z');
SELECT (funnel_conversion(deal, step, at, funnel_options(within => '1 month')))[2].reached FROM month_end;
SET timezone = 'America/New_York';
SELECT (funnel_conversion(deal, step, at, funnel_options(within => '1 month')))[2].reached FROM month_end;
SET timezone = 'Pacific/Kiritimati';
SELECT (funnel_conversion(deal, step, at, funnel_options(within => '1 month')))[2].reached FROM month_end;
SET timezone = 'UTC';
-- a window that leaves the calendar never closes
SELECT (funnel_conversion(1, step, at, funnel_options(within => '178000000 years')))[2].reached
FROM (VALUES (1, '4713-01-01 BC'::timestamptz), (2, '294276-12-31')) AS event (step, at);

-- ---- errors ------------------------------------------------------------------------------
SELECT refused.*
FROM unnest(ARRAY[
  '1, 1, ''infinity'', NULL',
  '1, 1, ''-infinity'', NULL',
  '1, 0, now(), NULL',
  '1, -1, now(), salesmgmt.funnel_options(lost_step => 0)',
  '1, 65, now(), NULL',
  '1, 65, now(), salesmgmt.funnel_options(steps => 3)',
  -- read again, whoever made it
  '1, 1, now(), ROW(1, NULL, NULL, ''sideways'', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::salesmgmt.funnel_options',
  '1, 1, now(), ROW(NULL, NULL, NULL, NULL, NULL, NULL, ''{1}'', NULL, NULL, NULL, NULL, NULL)::salesmgmt.funnel_options'
]) AS arguments,
pg_temp.refusal('SELECT salesmgmt.funnel_conversion(' || arguments || ')') AS refused;
-- lost_step among the steps, which only the rows tell
SELECT * FROM pg_temp.refusal('SELECT salesmgmt.funnel_conversion(deal, step, at, salesmgmt.funnel_options(lost_step => 2)) FROM visit');
SELECT * FROM pg_temp.refusal('SELECT salesmgmt.funnel_conversion(deal, step, at, salesmgmt.funnel_options(exclude => ''{1}'')) FROM visit');
SELECT * FROM pg_temp.refusal('SELECT salesmgmt.funnel_conversion(deal, step, at, salesmgmt.funnel_options(lost_step => 9, step_within => ''{1 day}'')) FROM visit');
-- a lost_step of any number
SELECT (funnel_conversion(1, step, now(), funnel_options(lost_step => 1000, steps => 2)))[2].lost FROM (VALUES (1), (1000)) AS event (step);
-- options that change within a group, though each row's value may lie at the same place
SELECT * FROM pg_temp.refusal('SELECT salesmgmt.funnel_conversion(deal, step, at, salesmgmt.funnel_options(within => at - ''2024-02-01'')) FROM visit');
SELECT * FROM pg_temp.refusal('SELECT salesmgmt.funnel_conversion(deal, step, at, CASE WHEN deal > 10 THEN salesmgmt.funnel_options(lost_step => 9) END) FROM visit');
-- options that change between groups, and equal ones that are made differently
SELECT deal <= 10 AS small, (funnel_conversion(deal, step, at, funnel_options(lost_step => CASE WHEN deal > 10 THEN 9 END, steps => 3)))[3].*
FROM visit
GROUP BY 1
ORDER BY 1;
SELECT (funnel_conversion(deal, step, at, CASE
    WHEN deal > 10 THEN funnel_options(lost_step => 9)
    ELSE ROW(NULL, NULL, NULL, NULL, NULL, NULL, '{}', NULL, 9, NULL, NULL, NULL)::funnel_options
  END))[3].reached
FROM visit;

-- lists are the same whatever their order, and not when they name others
SELECT (funnel_conversion(deal, step, at, CASE WHEN deal > 10 THEN funnel_options(exclude => '{9, 70}') ELSE funnel_options(exclude => '{70, 9, 70}') END))[3].reached
FROM visit;
SELECT * FROM pg_temp.refusal('SELECT salesmgmt.funnel_conversion(deal, step, at, CASE WHEN deal > 10 THEN salesmgmt.funnel_options(exclude => ''{9, 70}'') ELSE salesmgmt.funnel_options(exclude => ''{9, 71}'') END) FROM visit');

-- ---- entities: int8, uuid, text ---------------------------------------------------------
SELECT count(DISTINCT funnel) AS forms_of_one_funnel
FROM (
  SELECT funnel_conversion(deal, step, at, funnel_options(lost_step => 9))::text FROM visit
  UNION ALL
  SELECT funnel_conversion(deal - 9223372036854775807, step, at, funnel_options(lost_step => 9))::text FROM visit
  UNION ALL
  SELECT funnel_conversion(md5(deal::text)::uuid, step, at, funnel_options(lost_step => 9))::text FROM visit
  UNION ALL
  SELECT funnel_conversion('deal ' || deal, step, at, funnel_options(lost_step => 9))::text FROM visit
) AS made (funnel);
-- texts are the same when their bytes are: '', 'a', 'A', 'a ' and a long one
SELECT (funnel_conversion(deal, 1, now(), NULL))[1].entered
FROM (VALUES (''), ('a'), ('A'), ('a '), (repeat('x', 100000)), ('a'), (repeat('x', 100000)), ('')) AS event (deal);

-- ---- many rows: parallel, order of rows, groups -------------------------------------------
CREATE TABLE many (deal int8, step int, at timestamptz, rep int);
INSERT INTO many
SELECT drawn % 3000,
  CASE WHEN drawn / 3000 % 11 = 0 THEN 9 ELSE 1 + drawn / 33000 % 5 END,
  '2024-01-01Z'::timestamptz + (i * 69069 + 1) % 2147483647 % 2000 * interval '1 hour',
  drawn % 5
FROM generate_series(1::int8, 20000) AS i, LATERAL (SELECT (i * 1103515245 + 12345) % 2147483648 / 64 AS drawn) AS generator;
ANALYZE many;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT funnel_conversion(deal, step, at, funnel_options(lost_step => 9)) FROM many;
\set options 'funnel_options(lost_step => 9, within => \'1 month\', as_of => \'2024-03-01Z\')'
\set forms 'SELECT funnel_conversion(deal, step, at, ' :options ') AS int8_form, funnel_conversion(md5(deal::text)::uuid, step, at, ' :options ') AS uuid_form, funnel_conversion(deal::text, step, at, ' :options ') AS text_form FROM many'
SET max_parallel_workers_per_gather = 0;
CREATE TABLE run_0 AS :forms;
SET max_parallel_workers_per_gather = 4;
ALTER TABLE many SET (parallel_workers = 1);
CREATE TABLE run_1 AS :forms;
ALTER TABLE many SET (parallel_workers = 2);
CREATE TABLE run_2 AS :forms;
ALTER TABLE many SET (parallel_workers = 4);
CREATE TABLE run_4 AS :forms;
SELECT workers,
  run.int8_form = run_0.int8_form AS int8_same,
  run.uuid_form = run_0.int8_form AS uuid_same,
  run.text_form = run_0.int8_form AS text_same
FROM (
  SELECT 0 AS workers, * FROM run_0
  UNION ALL
  SELECT 1, * FROM run_1
  UNION ALL
  SELECT 2, * FROM run_2
  UNION ALL
  SELECT 4, * FROM run_4
) AS run, run_0
ORDER BY workers;
SELECT step, entered, reached, lost, pending FROM unnest((SELECT int8_form FROM run_4));
SET max_parallel_workers_per_gather = 0;
-- any order of rows
SELECT count(DISTINCT funnel) AS different_answers
FROM (
  SELECT funnel_conversion(deal, step, at, NULL ORDER BY deal, at)::text FROM many WHERE step < 6
  UNION ALL
  SELECT funnel_conversion(deal, step, at, NULL ORDER BY at DESC)::text FROM many WHERE step < 6
  UNION ALL
  SELECT funnel_conversion(deal, step, at, NULL ORDER BY step, rep)::text FROM many WHERE step < 6
) AS made (funnel);
-- GROUPING SETS and FILTER: deals of a rep add up, as each has one rep
SELECT rep, (funnel).entered, (funnel).reached
FROM (
  SELECT rep, (funnel_conversion(deal, step, at, funnel_options(steps => 3)) FILTER (WHERE step < 9))[3] AS funnel
  FROM many
  WHERE step < 9
  GROUP BY GROUPING SETS ((rep), ())
) AS grouped
ORDER BY rep;
SELECT funnel_conversion(deal, step, at, NULL) FILTER (WHERE step > 100) IS NULL AS nothing_passed FROM many;
-- a window with a growing frame: the final function leaves the state as it is
SELECT at, (funnel_conversion(deal, step, at, funnel_options(steps => 2)) OVER (ORDER BY at))[2].reached
FROM visit
WHERE step < 9
ORDER BY at
LIMIT 4;

-- ---- states that are stored, and combined later ------------------------------------------------
CREATE AGGREGATE pg_temp.funnel_partial(int8, int, timestamptz, funnel_options) (
  SFUNC = funnel_conversion_int8,
  STYPE = funnel_state
);
CREATE AGGREGATE pg_temp.funnel_rollup(funnel_state) (
  SFUNC = funnel_conversion_combine,
  STYPE = funnel_state,
  FINALFUNC = funnel_conversion_final
);
CREATE TABLE part (rep int, state funnel_state);
INSERT INTO part
SELECT rep, pg_temp.funnel_partial(deal, step, at, funnel_options(lost_step => 9))
FROM many
GROUP BY rep;
SELECT pg_temp.funnel_rollup(state) = (SELECT funnel_conversion(deal, step, at, funnel_options(lost_step => 9)) FROM many) AS same_from_table FROM part;
SELECT pg_temp.funnel_rollup(state::text::funnel_state) = (SELECT pg_temp.funnel_rollup(state) FROM part) AS same_from_text FROM part;
-- with options of every kind
CREATE TABLE part_strict AS
SELECT rep, pg_temp.funnel_partial(deal, step, at, funnel_options(
  steps => 5, mode => 'strict', step_within => '{1 week, 1 month, 2 days, 1 week}', optional => '{2, 4}', exclude => '{9}'
)) AS state
FROM many
GROUP BY rep;
SELECT pg_temp.funnel_rollup(state::text::funnel_state) = (
  SELECT funnel_conversion(deal, step, at, funnel_options(
    steps => 5, mode => 'strict', step_within => '{1 week, 1 month, 2 days, 1 week}', optional => '{4, 2}', exclude => '{9}'
  ))
  FROM many
) AS same_with_lists
FROM part_strict;
-- binary: out with send, in with receive
CREATE TABLE part_copied (rep int, state funnel_state);
COPY part TO PROGRAM 'cat > funnel_state.copy' WITH (FORMAT binary);
COPY part_copied FROM PROGRAM 'cat funnel_state.copy && rm funnel_state.copy' WITH (FORMAT binary);
SELECT pg_temp.funnel_rollup(state) = (SELECT pg_temp.funnel_rollup(state) FROM part) AS same_from_binary FROM part_copied;
-- functions called by hand
SELECT funnel_conversion_final(funnel_conversion_int8(funnel_conversion_int8(NULL, 1, 1, '2024-03-01Z', NULL), 1, 2, '2024-03-02Z', NULL));
SELECT funnel_conversion_final(funnel_conversion_combine(NULL, funnel_conversion_text(NULL, 'a', 1, '2024-03-02Z', NULL)));
SELECT funnel_conversion_combine(NULL, NULL) IS NULL AS nothing, funnel_conversion_final(NULL) IS NULL AS nothing_final;
SELECT funnel_conversion_final(funnel_conversion_int8(NULL, NULL, NULL, NULL, funnel_options(steps => 1)));
-- states that do not go together
SELECT refused.*
FROM unnest(ARRAY[
  'salesmgmt.funnel_conversion_combine(salesmgmt.funnel_conversion_int8(NULL, 1, 1, now(), NULL), salesmgmt.funnel_conversion_text(NULL, ''a'', 1, now(), NULL))',
  'salesmgmt.funnel_conversion_int8(salesmgmt.funnel_conversion_text(NULL, ''a'', 1, now(), NULL), 1, 1, now(), NULL)',
  'salesmgmt.funnel_conversion_combine(salesmgmt.funnel_conversion_int8(NULL, 1, 1, now(), NULL), salesmgmt.funnel_conversion_int8(NULL, 1, 1, now(), salesmgmt.funnel_options(steps => 3)))'
]) AS call,
pg_temp.refusal('SELECT ' || call) AS refused;
-- states that nobody wrote
CREATE FUNCTION pg_temp.as_text(bytes bytea)
RETURNS text
LANGUAGE sql
RETURN replace(encode(bytes, 'base64'), E'\n', '');
SELECT crafted, refused.state, refused.message, refused.detail
FROM (SELECT funnel_state_send(funnel_conversion_text(NULL, 'a', 1, '2024-03-01Z', funnel_options(steps => 3)))) AS made (good)
CROSS JOIN LATERAL (VALUES
  ('good', pg_temp.as_text(good)),
  ('empty', ''),
  ('not base64', 'no base64!'),
  ('another format', pg_temp.as_text(set_byte(good, 0, 0))),
  ('another entity type', pg_temp.as_text(set_byte(good, 1, 4))),
  ('cut', pg_temp.as_text(substr(good, 1, length(good) - 1))),
  ('one byte more', pg_temp.as_text(good || '\x00')),
  ('65 steps', pg_temp.as_text(set_byte(good, 2, 65))),
  ('unordered with anchor any', pg_temp.as_text(set_byte(set_byte(good, 7, 2), 8, 1))),
  ('more step windows than steps', pg_temp.as_text(set_byte(set_byte(good, 6, 24), 38, 1))),
  ('a list longer than the state', pg_temp.as_text(set_byte(good, 46, 255))),
  ('no such mode', pg_temp.as_text(set_byte(good, 7, 9))),
  ('two entities announced', pg_temp.as_text(set_byte(good, 62, 2))),
  ('step 4 of 3', pg_temp.as_text(set_byte(good, length(good) - 1, 4))),
  ('lost without lost_step', pg_temp.as_text(set_byte(good, length(good) - 1, 0))),
  ('no such entity', pg_temp.as_text(set_byte(good, length(good) - 17, 1))),
  ('infinite time', pg_temp.as_text(set_byte(set_byte(set_byte(good, length(good) - 2, 127), length(good) - 3, 255), length(good) - 4, 255)))
) AS variant (crafted, text)
CROSS JOIN LATERAL pg_temp.refusal(format('SELECT salesmgmt.funnel_conversion_final(%L::salesmgmt.funnel_state)', text)) AS refused;
-- the same entity twice
SELECT refused.state, refused.message, refused.detail
FROM (
  SELECT pg_temp.as_text(substr(good, 1, 62) || '\x02' || substr(good, 64, 12) || substr(good, 71, 5) || substr(good, 76))
  FROM (SELECT funnel_state_send(funnel_conversion_text(NULL, 'a', 1, '2024-03-01Z', NULL))) AS made (good)
) AS doubled (text),
pg_temp.refusal(format('SELECT %L::salesmgmt.funnel_state', text)) AS refused;
SET client_min_messages = warning;
DROP SCHEMA funnel_test CASCADE;
