-- Workers hand the logs of large funnels to their leader in shared memory: the answers are those of one process.
SET search_path = salesmgmt, public;
SET timezone = 'UTC';
SET work_mem = '16MB';
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file

-- In the order of time.  Ids are small, any, a few large among small, and in order; a few times are too far for small records.
CREATE TABLE event AS
SELECT deal,
  deal * 1654435761000001 AS any_deal,
  deal + CASE WHEN i > 60000 AND i % 1000 = 0 THEN 1099511627776 ELSE 0 END AS mixed_deal,
  i / 8 AS ordered_deal,
  deal::text AS name,
  deal % 7 AS rep,
  CASE WHEN i % 41 = 0 THEN 9 ELSE 1 + (i * 31 + i / 977) % 5 END::int AS step,
  timestamptz '2026-01-01 UTC' + i * interval '2 minutes' AS at,
  timestamptz '2026-01-01 UTC' + i * interval '2 minutes' - CASE WHEN i % 30000 = 0 THEN interval '2000 years' ELSE '0' END AS odd_time,
  timestamptz '2026-01-01 UTC' + i * 7919 % 100000 * interval '2 minutes' AS shuffled_time
FROM (SELECT i, i / 40 + i * 7919 % 997 AS deal FROM generate_series(1::int8, 100000) AS i) AS made;
ANALYZE event;
CREATE TABLE asked (id int, options funnel_options);
INSERT INTO asked
VALUES
  (1, funnel_options(lost_step => 9)),
  (2, funnel_options(lost_step => 9, times => false)),
  (3, funnel_options(steps => 5, within => '14 days', exclude => '{9}')),
  (4, funnel_options(steps => 5, within => '14 days', exclude => '{9}', times => false)),
  (5, funnel_options(steps => 5, within => '1 month', anchor => 'any', lost_step => 9, as_of => '2026-04-01Z')),
  (6, funnel_options(steps => 5, within => '1 month', anchor => 'any', lost_step => 9, times => false)),
  (7, funnel_options(steps => 4, mode => 'strict', optional => '{2}', exclude => '{9}', ties => 'increasing')),
  (8, funnel_options(steps => 4, mode => 'unordered', within => '3 days', lost_step => 9)),
  (9, funnel_options(steps => 5, mode => 'furthest', exclude => '{9}', as_of => '2026-03-01Z')),
  (10, funnel_options(steps => 5, step_within => '{2 days, 1 month, 3 days, 1 week}', optional => '{3}', exclude => '{9}'));

-- ---- 0, 1, 2 and 4 workers, all kinds of ids and options --------------------------------------
-- A query of its own for each, with the options as a literal; the queries of a function may have workers.
CREATE FUNCTION funnel_of(entity text, time_of text, options funnel_options) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
  funnel text;
BEGIN
  EXECUTE format('SELECT string_agg(funnel, %L) FROM (SELECT funnel_conversion(%I, step, %I, %L)::text AS funnel FROM event) AS made',
    ' ', entity, time_of, options) INTO funnel;
  RETURN funnel;
END $$;
CREATE TABLE answer (workers int, kind text, options int, funnel text);
CREATE FUNCTION fill_answer(workers int) RETURNS void
LANGUAGE sql
AS $$
  INSERT INTO answer
  SELECT workers, entity || ' ' || time_of, id, funnel_of(entity, time_of, options)
  FROM asked, (VALUES
      ('deal', 'at'), ('any_deal', 'at'), ('mixed_deal', 'at'), ('ordered_deal', 'at'), ('deal', 'odd_time'),
      ('any_deal', 'shuffled_time'), ('name', 'at')
    ) AS kind (entity, time_of)
  WHERE id IN (1, 4, 6)
  OR time_of = 'shuffled_time'
$$;
SET max_parallel_workers_per_gather = 0;
SELECT fill_answer(0);
SET max_parallel_workers_per_gather = 4;
ALTER TABLE event SET (parallel_workers = 1);
SELECT fill_answer(1);
ALTER TABLE event SET (parallel_workers = 2);
EXPLAIN (COSTS OFF) SELECT funnel_conversion(deal, step, at, NULL) FROM event;
SELECT fill_answer(2);
ALTER TABLE event SET (parallel_workers = 4);
SELECT fill_answer(4);
SELECT count(*) AS answers, count(*) FILTER (WHERE answer.funnel = serial.funnel) AS same
FROM answer
JOIN answer AS serial USING (kind, options)
WHERE serial.workers = 0;
SELECT answer.workers, kind, options
FROM answer
JOIN answer AS serial USING (kind, options)
WHERE serial.workers = 0
AND answer.funnel IS DISTINCT FROM serial.funnel;
-- all of them are funnels, and of names and numbers the same one
SELECT count(DISTINCT funnel) AS funnels, min(length(funnel)) > 100 AS long
FROM answer
WHERE kind IN ('deal at', 'any_deal at', 'name at');

-- How many of the serial answers are found again with the settings of now.
CREATE FUNCTION found_again() RETURNS text
LANGUAGE sql
AS $$
  SELECT format('%s of %s', count(*) FILTER (WHERE funnel_of(split_part(kind, ' ', 1), split_part(kind, ' ', 2), asked.options) = funnel), count(*))
  FROM answer
  JOIN asked ON id = answer.options
  WHERE workers = 0
  AND id IN (1, 4, 6)
  AND kind <> 'name at'
$$;
-- without the leader's help
SET parallel_leader_participation = off;
SELECT found_again();
RESET parallel_leader_participation;
-- memory does not hold the log: it is sent as bytes
SET work_mem = '64kB';
SELECT found_again();
-- it holds that of a worker, but little more
SET work_mem = '1MB';
SELECT found_again();
SET work_mem = '16MB';

-- ---- groups -------------------------------------------------------------------------------
-- How often an answer of now is one of the serial plan; the query is one of jsonb rows.
CREATE FUNCTION rows_of(query text) RETURNS SETOF text
LANGUAGE plpgsql
AS $$
BEGIN
  RETURN QUERY EXECUTE format('SELECT made::text FROM (%s) AS made', query);
END $$;
CREATE TABLE question (id serial, query text);
INSERT INTO question (query)
VALUES
  ('SELECT rep, funnel_conversion(deal, step, at, funnel_options(lost_step => 9)) FROM event GROUP BY rep'),
  ('SELECT rep % 2, funnel_conversion(any_deal, step, at, funnel_options(lost_step => 9)), funnel_conversion(deal, step, odd_time, NULL) FILTER (WHERE step < 9), count(*) FROM event GROUP BY rep % 2'),
  ('SELECT deal / 2, funnel_conversion(deal, step, at, funnel_options(lost_step => 9)) FROM event GROUP BY deal / 2'),
  ('SELECT rep, step, funnel_conversion(deal, step, at, funnel_options(lost_step => 9)) FROM event GROUP BY GROUPING SETS ((rep), (step), ())'),
  ('SELECT n, funnel, rank() OVER (ORDER BY n) FROM generate_series(1, 3) AS n LEFT JOIN (SELECT funnel_conversion(deal, step, at, funnel_options(lost_step => 9)) AS funnel FROM event) AS made ON n > 1'),
  ('SELECT n, (SELECT (funnel_conversion(deal, step, at, funnel_options(lost_step => 9)))[n] FROM event) FROM generate_series(1, 3) AS n'),
  ('SELECT n, funnel FROM generate_series(1, 3) AS n, LATERAL (SELECT funnel_conversion(deal, step, at, funnel_options(lost_step => 9)) AS funnel FROM event GROUP BY rep HAVING rep >= n) AS made'),
  ('SELECT funnel_conversion(deal, step, at, funnel_options(lost_step => 9)) FROM event WHERE rep < 5 UNION ALL SELECT funnel_conversion(deal, step, at, funnel_options(lost_step => 9)) FROM event WHERE rep > 2'),
  ('SELECT a.rep, a.funnel = b.funnel FROM (SELECT rep, funnel_conversion(deal, step, at, funnel_options(lost_step => 9)) AS funnel FROM event GROUP BY rep) AS a JOIN (SELECT rep, funnel_conversion(any_deal, step, at, funnel_options(lost_step => 9)) AS funnel FROM event GROUP BY rep) AS b USING (rep)'),
  ('SELECT funnel_conversion(deal, step, at, funnel_options(lost_step => 9)) FROM by_time'),
  ('SELECT rep % 3, funnel_conversion(deal, step, at, funnel_options(lost_step => 9)) FROM by_time GROUP BY rep % 3');
CREATE TABLE by_time (LIKE event) PARTITION BY RANGE (at);
CREATE TABLE by_time_1 PARTITION OF by_time FOR VALUES FROM ('2026-01-01Z') TO ('2026-02-15Z');
CREATE TABLE by_time_2 PARTITION OF by_time FOR VALUES FROM ('2026-02-15Z') TO ('2026-03-15Z');
CREATE TABLE by_time_3 PARTITION OF by_time FOR VALUES FROM ('2026-03-15Z') TO ('2027-01-01Z');
INSERT INTO by_time SELECT * FROM event;
ANALYZE by_time;
CREATE TABLE serial_row AS SELECT 0 AS id, '' AS line LIMIT 0;
SET max_parallel_workers_per_gather = 0;
INSERT INTO serial_row SELECT id, rows_of(query) FROM question;
SET max_parallel_workers_per_gather = 4;
CREATE FUNCTION different_rows() RETURNS TABLE (id int, lines int8, different int8)
LANGUAGE sql
AS $$
  WITH parallel_row AS MATERIALIZED (SELECT id, rows_of(query) AS line FROM question)
  SELECT id, (SELECT count(*) FROM serial_row WHERE serial_row.id = question.id),
    (SELECT count(*)
     FROM (
       (SELECT line FROM parallel_row WHERE parallel_row.id = question.id EXCEPT ALL SELECT line FROM serial_row WHERE serial_row.id = question.id)
       UNION ALL
       (SELECT line FROM serial_row WHERE serial_row.id = question.id EXCEPT ALL SELECT line FROM parallel_row WHERE parallel_row.id = question.id)
     ) AS difference)
  FROM question
  ORDER BY id
$$;
SELECT * FROM different_rows();
-- from here on workers have no help, so that all rows come from them
SET parallel_leader_participation = off;
SELECT sum(lines) AS lines, sum(different) AS different FROM different_rows();
-- groups sorted in the workers and merged, with and without a sort above the Gather
SET enable_hashagg = off;
EXPLAIN (COSTS OFF) SELECT rep, funnel_conversion(deal, step, at, NULL) FROM event GROUP BY rep;
SELECT sum(lines) AS lines, sum(different) AS different FROM different_rows();
SET enable_gathermerge = off;
SELECT sum(lines) AS lines, sum(different) AS different FROM different_rows();
RESET enable_gathermerge;
RESET enable_hashagg;
-- a Gather that is scanned again and again
SET enable_material = off;
EXPLAIN (COSTS OFF) SELECT n, funnel FROM generate_series(1, 3) AS n LEFT JOIN (SELECT funnel_conversion(deal, step, at, NULL) AS funnel FROM event) AS made ON n > 1;
SELECT sum(lines) AS lines, sum(different) AS different FROM different_rows();
RESET enable_material;
-- each partition aggregated on its own
SET enable_partitionwise_aggregate = on;
SELECT sum(lines) AS lines, sum(different) AS different FROM different_rows();
SET enable_parallel_append = off;
SELECT sum(lines) AS lines, sum(different) AS different FROM different_rows();
RESET enable_parallel_append;
RESET enable_partitionwise_aggregate;
RESET parallel_leader_participation;

-- ---- aggregates of others with the same state ---------------------------------------------------
-- no final function: the leader's state, put together from all, is stored
CREATE AGGREGATE partial_of(int8, int, timestamptz, funnel_options) (
  SFUNC = funnel_conversion_int8, STYPE = funnel_state, COMBINEFUNC = funnel_conversion_combine, PARALLEL = SAFE
);
SET parallel_leader_participation = off;
CREATE TABLE stored AS SELECT partial_of(deal, step, at, funnel_options(lost_step => 9)) AS state FROM event;
SELECT funnel_conversion_final(state)::text = funnel AS same FROM stored, answer WHERE workers = 0 AND kind = 'deal at' AND options = 1;
SELECT funnel_conversion_final(state::text::funnel_state)::text = funnel AS same FROM stored, answer WHERE workers = 0 AND kind = 'deal at' AND options = 1;
-- a combine function that is not ours gets all of the state
CREATE FUNCTION own_combine(a funnel_state, b funnel_state) RETURNS funnel_state
LANGUAGE plpgsql
PARALLEL SAFE
AS $$
BEGIN
  RETURN funnel_conversion_combine(a, b::text::funnel_state);
END $$;
CREATE AGGREGATE own_of(int8, int, timestamptz, funnel_options) (
  SFUNC = funnel_conversion_int8, STYPE = funnel_state, COMBINEFUNC = own_combine, FINALFUNC = funnel_conversion_final, PARALLEL = SAFE
);
SELECT own_of(deal, step, at, funnel_options(lost_step => 9))::text = (SELECT funnel FROM answer WHERE workers = 0 AND kind = 'deal at' AND options = 1) AS same FROM event;
RESET parallel_leader_participation;

-- ---- errors, cancels, cursors ------------------------------------------------------------------
CREATE FUNCTION slow_step(step int, slow boolean) RETURNS int
LANGUAGE plpgsql
PARALLEL SAFE
AS $$
BEGIN
  IF slow THEN PERFORM pg_sleep(10); END IF;
  RETURN step;
END $$;
SELECT state FROM pg_temp.refusal('SELECT salesmgmt.funnel_conversion(deal, 100 / (60000 - deal::int * 40) + step, at, NULL) FROM event');
SELECT state FROM pg_temp.refusal('SELECT salesmgmt.funnel_conversion(deal, CASE WHEN at > ''2026-04-15Z'' THEN 65 ELSE step END, at, NULL) FROM event');
SET statement_timeout = 700;
\set VERBOSITY sqlstate
SELECT funnel_conversion(deal, slow_step(step, at = '2026-04-15 00:00Z'), at, NULL) FROM event;
\set VERBOSITY default
RESET statement_timeout;
BEGIN;
DECLARE abandoned CURSOR FOR SELECT rep, cardinality(funnel_conversion(deal, step, at, NULL)) FROM event GROUP BY rep;
FETCH 0 FROM abandoned;
FETCH abandoned \gset ignored_
DECLARE held CURSOR WITH HOLD FOR SELECT cardinality(funnel_conversion(deal, step, at, NULL)) FROM event;
COMMIT;
FETCH held;
CLOSE held;
SELECT found_again();

-- ---- nobody else has handles -------------------------------------------------------------------
SELECT left(made::text, 20) AS made, refused.state, refused.message, refused.detail
FROM (VALUES ('\xff'::bytea), ('\xfe'), ('\xfe0100000000000000'), (decode('ff' || repeat('01', 600), 'hex'))) AS crafted (made),
  pg_temp.refusal(format('SELECT %L::salesmgmt.funnel_state', replace(encode(made, 'base64'), E'\n', ''))) AS refused;

DROP TABLE event, by_time, asked, answer, question, serial_row, stored;
DROP FUNCTION fill_answer, found_again, funnel_of, rows_of, different_rows, slow_step;
DROP AGGREGATE partial_of(int8, int, timestamptz, funnel_options);
DROP AGGREGATE own_of(int8, int, timestamptz, funnel_options);
DROP FUNCTION own_combine;
