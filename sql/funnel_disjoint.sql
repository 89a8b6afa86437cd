-- funnel_conversion() where the caller promises that partial states share no entity.
CREATE SCHEMA disjoint_test;
SET search_path = disjoint_test, salesmgmt, public;
SET timezone = 'UTC';
SET extra_float_digits = 1;
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file

-- ---- options -----------------------------------------------------------------------
SELECT (funnel_options(steps => 3, disjoint => true)).disjoint;
-- partial states are counted one by one, so each must know the number of steps
SELECT pg_temp.refused('SELECT salesmgmt.funnel_options(disjoint => true)');

-- ---- in one state, nothing changes ----------------------------------------------------
CREATE TABLE visit (deal int8, step int, at timestamptz);
SELECT funnel_conversion(deal, step, at, funnel_options(steps => 2, disjoint => true)) IS NULL AS no_rows FROM visit;
INSERT INTO visit VALUES (1, NULL, '2024-03-01');
SELECT funnel_conversion(deal, step, at, funnel_options(steps => 2, disjoint => true)) FROM visit;
INSERT INTO visit VALUES (1, 1, '2024-03-01'), (1, 2, '2024-03-03 12:00'), (2, 1, '2024-03-02');
SELECT funnel_conversion(deal, step, at, funnel_options(steps => 2, disjoint => true)) FROM visit;
-- a frame that grows counts its log again and again
SELECT deal, step, (funnel_conversion(deal, step, at, funnel_options(steps => 2, disjoint => true)) OVER (ORDER BY at))[2].reached
FROM visit
WHERE step IS NOT NULL
ORDER BY at;

-- ---- a table partitioned by entity -----------------------------------------------------
CREATE TABLE event (deal int8, name text, code uuid, rep int, step int, at timestamptz) PARTITION BY HASH (deal);
CREATE TABLE event_0 PARTITION OF event FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE event_1 PARTITION OF event FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE event_2 PARTITION OF event FOR VALUES WITH (MODULUS 4, REMAINDER 2);
CREATE TABLE event_3 PARTITION OF event FOR VALUES WITH (MODULUS 4, REMAINDER 3);
-- one worker a partition: two that shared one would share its entities
ALTER TABLE event_0 SET (parallel_workers = 0);
ALTER TABLE event_1 SET (parallel_workers = 0);
ALTER TABLE event_2 SET (parallel_workers = 0);
ALTER TABLE event_3 SET (parallel_workers = 0);
INSERT INTO event
SELECT deal, 'deal ' || deal, md5(deal::text)::uuid, deal % 7, step, '2024-01-01Z'::timestamptz + (i * 7919 % 5000) * interval '37 minutes'
FROM (
  SELECT i, i * 31 % 4001 AS deal, CASE WHEN i % 11 = 0 THEN 9 ELSE 1 + (i * 17 + i / 4001) % 5 END AS step
  FROM generate_series(1, 24000) AS i
) AS made;
ANALYZE event;

CREATE FUNCTION pg_temp.funnels(promise boolean)
RETURNS TABLE (asked text, rep int, funnel funnel_step[])
LANGUAGE plpgsql
AS $$
DECLARE
  rules text;
  entity text;
BEGIN
  FOREACH rules IN ARRAY ARRAY[
    '', 'within => ''14 days'', as_of => ''2024-03-01Z''', 'mode => ''strict'', anchor => ''any'', optional => ''{2}''',
    'mode => ''furthest'', times => false', 'mode => ''unordered''', 'step_within => ARRAY[interval ''20 days'', ''20 days'', ''20 days'', ''20 days'']'
  ]
  LOOP
    FOREACH entity IN ARRAY ARRAY['deal', 'name', 'code']
    LOOP
      RETURN QUERY EXECUTE format(
        'SELECT %L, NULL::int, funnel_conversion(%I, step, at, funnel_options(steps => 5, lost_step => 9, disjoint => %L%s)) FROM event',
        entity || ': ' || rules, entity, promise, CASE rules WHEN '' THEN '' ELSE ', ' || rules END
      );
    END LOOP;
  END LOOP;
  RETURN QUERY EXECUTE format(
    'SELECT ''by rep'', rep, funnel_conversion(deal, step, at, funnel_options(steps => 5, lost_step => 9, disjoint => %L)) FROM event GROUP BY rep',
    promise
  );
END
$$;

-- the nodes of its plan, whatever the order of the partitions
CREATE FUNCTION pg_temp.plan_nodes()
RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
  line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) SELECT funnel_conversion(deal, step, at, funnel_options(steps => 5, disjoint => true)) FROM event'
  LOOP
    RETURN NEXT regexp_replace(line, ' on event.*', ' on a partition');
  END LOOP;
END
$$;

SET max_parallel_workers_per_gather = 0;
CREATE TABLE expected AS SELECT * FROM pg_temp.funnels(false);
SELECT count(*), sum(funnel[5].reached) > 0 AS some_get_through FROM expected;

-- serial, a partial state a partition, handed over in memory
SET enable_partitionwise_aggregate = on;
SELECT * FROM pg_temp.plan_nodes();
SELECT count(*) AS differ FROM (TABLE expected EXCEPT SELECT * FROM pg_temp.funnels(true)) AS differing;

-- parallel, a partition a worker
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 1;
SELECT count(*) AS differ FROM (TABLE expected EXCEPT SELECT * FROM pg_temp.funnels(true)) AS differing;
SET max_parallel_workers_per_gather = 2;
SELECT * FROM pg_temp.plan_nodes();
SELECT count(*) AS differ FROM (TABLE expected EXCEPT SELECT * FROM pg_temp.funnels(true)) AS differing;
SET max_parallel_workers_per_gather = 4;
SELECT count(*) AS differ FROM (TABLE expected EXCEPT SELECT * FROM pg_temp.funnels(true)) AS differing;
SET parallel_leader_participation = off;
SELECT count(*) AS differ FROM (TABLE expected EXCEPT SELECT * FROM pg_temp.funnels(true)) AS differing;
RESET parallel_leader_participation;

-- ---- a broken promise is noticed --------------------------------------------------------
-- partitions by row, each deal in all of them: whether in memory or from workers
CREATE TABLE scattered (deal int8, name text, code uuid, rep int, step int, at timestamptz) PARTITION BY LIST (step);
CREATE TABLE scattered_low PARTITION OF scattered FOR VALUES IN (1, 2);
CREATE TABLE scattered_high PARTITION OF scattered FOR VALUES IN (3, 4, 5, 9);
ALTER TABLE scattered_low SET (parallel_workers = 0);
ALTER TABLE scattered_high SET (parallel_workers = 0);
INSERT INTO scattered SELECT * FROM event;
ANALYZE scattered;
SET max_parallel_workers_per_gather = 0;
SELECT entity, pg_temp.refused(format(
  'SELECT salesmgmt.funnel_conversion(%I, step, at, salesmgmt.funnel_options(steps => 5, lost_step => 9, disjoint => true)) FROM disjoint_test.scattered', entity
))
FROM unnest(ARRAY['deal', 'name', 'code']) AS entity;
SET max_parallel_workers_per_gather = 2;
SELECT entity, pg_temp.refused(format(
  'SELECT salesmgmt.funnel_conversion(%I, step, at, salesmgmt.funnel_options(steps => 5, lost_step => 9, disjoint => true)) FROM disjoint_test.scattered', entity
))
FROM unnest(ARRAY['deal', 'name', 'code']) AS entity;
-- without the promise there is none to break
SELECT funnel_conversion(deal, step, at, funnel_options(steps => 5, lost_step => 9)) = funnel AS same
FROM expected, scattered
WHERE asked = 'deal: '
GROUP BY funnel;

-- ---- states that are stored ----------------------------------------------------------------
SET max_parallel_workers_per_gather = 0;
SET enable_partitionwise_aggregate = off;
CREATE AGGREGATE pg_temp.funnel_partial(int8, int, timestamptz, funnel_options) (
  SFUNC = funnel_conversion_int8,
  STYPE = funnel_state
);
CREATE AGGREGATE pg_temp.funnel_rollup(funnel_state) (
  SFUNC = funnel_conversion_combine,
  STYPE = funnel_state,
  FINALFUNC = funnel_conversion_final
);
CREATE TABLE part AS
SELECT deal % 10 AS part, times,
  pg_temp.funnel_partial(deal, step, at, funnel_options(steps => 5, lost_step => 9, times => times, disjoint => true)) AS state
FROM event, (VALUES (true), (false)) AS asked (times)
GROUP BY deal % 10, times;
-- 400 deals, 2,400 events: counters and times
SELECT times, count(*), max(octet_length(decode(state::text, 'base64'))) < CASE WHEN times THEN 8000 ELSE 1000 END AS small
FROM part
GROUP BY times
ORDER BY times;
SELECT pg_temp.funnel_rollup(state) = expected.funnel AS same_from_table
FROM part, expected
WHERE times AND asked = 'deal: '
GROUP BY expected.funnel;
SELECT pg_temp.funnel_rollup(state::text::funnel_state ORDER BY part DESC) = expected.funnel AS same_from_text
FROM part, expected
WHERE times AND asked = 'deal: '
GROUP BY expected.funnel;
SELECT pg_temp.refused('SELECT pg_temp.funnel_rollup(state) FROM (TABLE disjoint_test.part UNION ALL TABLE disjoint_test.part) AS twice WHERE times');
-- of one deal, too
SELECT pg_temp.refused($$
  SELECT pg_temp.funnel_rollup(salesmgmt.funnel_conversion_text(NULL, 'Acme', step, '2024-03-01Z', salesmgmt.funnel_options(steps => 2, disjoint => true)))
  FROM generate_series(1, 2) AS step
$$);
-- options that differ, and those without the promise
SELECT pg_temp.refused('SELECT pg_temp.funnel_rollup(state) FROM disjoint_test.part');
SELECT pg_temp.refused($$
  SELECT salesmgmt.funnel_conversion_combine(
    salesmgmt.funnel_conversion_int8(NULL, 1, 1, '2024-03-01Z', salesmgmt.funnel_options(steps => 2)),
    salesmgmt.funnel_conversion_int8(NULL, 2, 1, '2024-03-01Z', salesmgmt.funnel_options(steps => 2, disjoint => true))
  )
$$);
-- rows on top of a stored state: another deal counts, one that is counted already breaks the promise
CREATE TABLE stored AS
SELECT pg_temp.funnel_partial(1, step, make_timestamptz(2024, 3, step, 0, 0, 0), funnel_options(steps => 2, disjoint => true)) AS state
FROM generate_series(1, 2) AS step;
SELECT funnel_conversion_final(funnel_conversion_int8(state, 2, 1, '2024-03-02Z', funnel_options(steps => 2, disjoint => true))) FROM stored;
SELECT pg_temp.refused($$
  SELECT salesmgmt.funnel_conversion_final(
    salesmgmt.funnel_conversion_int8(state, 1, 1, '2024-03-02Z', salesmgmt.funnel_options(steps => 2, disjoint => true))
  )
  FROM disjoint_test.stored
$$);

-- ---- crafted states ------------------------------------------------------------------------
-- byte 62 is how many entities there are (1), 70 how many of them are listed (1), 71 to 78 the one; 79 and 103 are how many reached steps 1 and 2 (1)
SELECT byte, value, pg_temp.refused(format('SELECT %L::salesmgmt.funnel_state IS NOT NULL', translate(encode(set_byte(decode(state::text, 'base64'), byte, value), 'base64'), E'\n', '')))
FROM stored, (VALUES (6, 128), (62, 0), (62, 65), (69, 255), (70, 0), (70, 97), (79, 0), (79, 2), (86, 255), (87, 2), (95, 2), (103, 0), (103, 2)) AS crafted (byte, value);
SELECT cut, pg_temp.refused(format('SELECT %L::salesmgmt.funnel_state IS NOT NULL', translate(encode(substr(decode(state::text, 'base64'), 1, cut), 'base64'), E'\n', '')))
FROM stored, (VALUES (62), (63), (70), (120), (134)) AS crafted (cut);
SELECT pg_temp.refused(format('SELECT %L::salesmgmt.funnel_state IS NOT NULL', translate(encode(decode(state::text, 'base64') || '\x00', 'base64'), E'\n', ''))) FROM stored;

SET client_min_messages = warning;
DROP SCHEMA disjoint_test CASCADE;
