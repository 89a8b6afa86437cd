-- cadence_adherence equals its plain-SQL twin over 500 random cases, and so do
-- its states, stored and rolled up.
\ir ../begin.sql
\ir ../oracle/cadence_adherence.sql
SET LOCAL search_path = salesmgmt, public;
SELECT plan(7);
SELECT setseed(0.1618) AS seed \gset

-- a random whole number from 0 up to, not including, n
CREATE FUNCTION pg_temp.below(n int) RETURNS int LANGUAGE sql VOLATILE RETURN floor(random() * n)::int;

-- ends of months, leap years, tolerances beyond half of every, anchors before and after the period's start
CREATE TABLE rule AS
SELECT id, every, since, period,
  CASE pg_temp.below(4) WHEN 0 THEN NULL WHEN 1 THEN (date_trunc('month', since) - interval '1 day')::date
    ELSE since + pg_temp.below(200) - 150 END AS anchor,
  CASE WHEN pg_temp.below(3) = 0 THEN pg_temp.below(40) ELSE pg_temp.below(5) END AS tolerance,
  CASE WHEN pg_temp.below(4) > 0 THEN since + pg_temp.below(400) - 50 END AS as_of
FROM (
  SELECT id, (ARRAY['1 day', '1 week', '2 weeks', '1 month', '1 month', '3 months', '1 month 10 days', '10 days', '30 days'])[1 + pg_temp.below(9)]::interval AS every,
    CASE WHEN pg_temp.below(4) = 0 THEN date '2024-02-29' WHEN pg_temp.below(3) = 0 THEN date '2026-01-31'
      ELSE date '1999-11-01' + pg_temp.below(12000) END AS since
  FROM generate_series(1, 500) AS id) AS drawn,
  LATERAL (SELECT daterange(since, since + 1 + pg_temp.below(300)) AS period) AS p;

-- spans of leave, from days to months, one in four without an end
CREATE TABLE leave AS
SELECT id, coalesce(range_agg(daterange(since + begun, CASE WHEN pg_temp.below(40) > 0 THEN since + begun + 1 + pg_temp.below(50) END)), '{}') AS excused
FROM rule
LEFT JOIN LATERAL (SELECT pg_temp.below(330) - 30 + 0 * id AS begun FROM generate_series(1, id % 5)) AS l ON true
GROUP BY id;

-- sessions around and inside the period, some twice, some NULL
CREATE TABLE session AS
SELECT id, n, CASE WHEN pg_temp.below(15) > 0 THEN since + pg_temp.below(upper(period) - since + 100) - 50 END AS held_on
FROM rule, generate_series(1, CASE id % 10 WHEN 0 THEN 1 WHEN 1 THEN 60 ELSE 2 + id % 17 END) AS n;
INSERT INTO session SELECT id, 100, min(held_on) FROM session WHERE id % 3 = 0 GROUP BY id;

CREATE FUNCTION pg_temp.options(r rule, l leave) RETURNS cadence_options LANGUAGE sql
BEGIN ATOMIC
  SELECT cadence_options((r).every, (r).anchor, (r).period, (r).tolerance, (l).excused, (r).as_of);
END;

CREATE TABLE expected AS
SELECT id, answer.*
FROM rule
JOIN leave USING (id)
JOIN (SELECT id, array_agg(held_on) AS held FROM session GROUP BY id) AS s USING (id),
  LATERAL oracle.cadence_adherence(held, every, anchor, period, tolerance, excused, as_of) AS answer;
CREATE TABLE got AS
SELECT id, (cadence_adherence(held_on, pg_temp.options(rule, leave))).*
FROM rule
JOIN leave USING (id)
JOIN session USING (id)
GROUP BY id;

SELECT is((SELECT count(*) FROM got), 500::bigint, '500 cases');
SELECT ok(min(cases) > 30, 'of every kind') FROM (
  SELECT unnest(ARRAY[count(*) FILTER (WHERE held > 0), count(*) FILTER (WHERE late > 0), count(*) FILTER (WHERE missed > 0),
    count(*) FILTER (WHERE pending > 0), count(*) FILTER (WHERE excused > 0), count(*) FILTER (WHERE extra > 0),
    count(*) FILTER (WHERE due = 0), count(next_due), count(*) - count(longest_gap_days)]) AS cases
  FROM expected) AS kinds;
SELECT is_empty(
  $$SELECT rule, got, expected
    FROM rule
    JOIN got USING (id)
    JOIN expected USING (id)
    WHERE (got.*)::text <> (expected.*)::text$$,
  'cadence_adherence equals its oracle');

-- stored as text by thirds of the rows, rolled up in any order
CREATE TABLE stored AS
SELECT id, n % 3 AS third, cadence_adherence_state(held_on, pg_temp.options(rule, leave))::text AS state
FROM rule
JOIN leave USING (id)
JOIN session USING (id)
GROUP BY id, n % 3;
SELECT is_empty(
  $$SELECT id
    FROM (
      SELECT id, cadence_adherence_rollup(state::cadence_adherence_state ORDER BY third DESC) AS rolled
      FROM stored
      GROUP BY id) AS other
    JOIN got USING (id)
    WHERE ROW(id, (rolled).*)::text <> (got.*)::text$$,
  'states stored as text and rolled up give the same answer');
SELECT is_empty(
  $$SELECT id
    FROM (
      SELECT id, cadence_adherence(held_on, pg_temp.options(rule, leave) ORDER BY held_on DESC NULLS FIRST) AS backwards
      FROM rule
      JOIN leave USING (id)
      JOIN session USING (id)
      GROUP BY id) AS other
    JOIN got USING (id)
    WHERE ROW(id, (backwards).*)::text <> (got.*)::text$$,
  'and so do the rows backwards');
-- the periods of one cadence share its sessions out: none is counted twice, none lost in between
SELECT is_empty(
  $$SELECT since
    FROM (
      SELECT date '2024-01-31' AS since, whole, a, b
      FROM (SELECT cut FROM generate_series(1, 200) AS cut) AS cuts,
        LATERAL (
          SELECT cadence_adherence(day, cadence_options('1 month', '2023-10-31', '[2024-01-31,2024-12-31)', 9)) AS whole,
            cadence_adherence(day, cadence_options('1 month', '2023-10-31', daterange('2024-01-31', date '2024-01-31' + cut), 9)) AS a,
            cadence_adherence(day, cadence_options('1 month', '2023-10-31', daterange(date '2024-01-31' + cut, '2024-12-31'), 9)) AS b
          FROM (SELECT date '2024-01-01' + (n * n * 7 + cut) % 366 AS day FROM generate_series(1, 12) AS n) AS s) AS split) AS shares
    WHERE ((whole).held, (whole).late, (whole).missed, (whole).extra)
      <> ((a).held + (b).held, (a).late + (b).late, (a).missed + (b).missed, (a).extra + (b).extra)$$,
  'two periods that meet add up to the whole');

CREATE TABLE many AS
SELECT id % 7 AS person, date '2026-01-01' + pg_temp.below(400) + 0 * id AS held_on FROM generate_series(1, 20000) AS id;
ANALYZE many;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
CREATE FUNCTION pg_temp.answer_with(workers int)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
  answer text;
BEGIN
  PERFORM set_config('max_parallel_workers_per_gather', workers::text, true);
  EXECUTE format('ALTER TABLE many SET (parallel_workers = %s)', workers);
  EXECUTE $query$SELECT string_agg(answer::text, ' ' ORDER BY person)
    FROM (SELECT person, cadence_adherence(held_on, cadence_options('1 day', period => '[2026-01-01,2027-01-01)', tolerance => 0,
      excused => '{[2026-03-01,2026-03-15)}')) AS answer FROM many GROUP BY person) AS a$query$
  INTO answer;
  RETURN answer;
END
$$;
SELECT is(count(DISTINCT pg_temp.answer_with(workers)), 1::bigint, '0, 1, 2 and 4 workers, one answer')
FROM unnest(ARRAY[0, 1, 2, 4]) AS workers;

SELECT * FROM finish();
ROLLBACK;
