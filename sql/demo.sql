-- create_demo_book(): the same arguments give the same book, and what is in it.
SET client_min_messages = warning;

-- Everything a book holds, as one figure a table; the moment it was made is not part of it.
CREATE FUNCTION fingerprint(book regnamespace) RETURNS TABLE (tab name, row_count bigint, hash text)
LANGUAGE plpgsql AS $$
BEGIN
  FOR tab IN
    SELECT relname FROM pg_class
    WHERE relnamespace = book AND relkind = 'r' AND relname <> 'book_version'
    ORDER BY relname COLLATE "C"
  LOOP
    RETURN QUERY EXECUTE format(
      'SELECT %L::name, count(*), md5(coalesce(string_agg(md5(t::text), '''' ORDER BY md5(t::text) COLLATE "C"), '''')) FROM %s.%I AS t',
      tab, book, tab);
  END LOOP;
END $$;

SELECT salesmgmt.create_demo_book('bank', until => '2026-11-22');
SELECT tab, row_count FROM fingerprint('bank')
-- these grow with the reports
WHERE tab NOT IN ('setting', 'metric');

-- Who is not like the others: told without a book.
SELECT * FROM salesmgmt.demo_story(1, 24);
-- Codes are unique and name an existing boss, in sales forces of ten teams and more, too.
SELECT reps, count(*) AS people, count(DISTINCT p.code) AS codes,
  count(*) FILTER (WHERE p.manager <> ALL (p.everybody)) AS unknown_bosses
FROM unnest(ARRAY[10, 24, 60, 90, 150, 1000]) AS reps
CROSS JOIN LATERAL (
  SELECT c.*, array_agg(c.code) OVER () AS everybody
  FROM salesmgmt.demo_cast(1, reps, 18, '2026-11-22') AS c
) AS p
GROUP BY reps
ORDER BY reps;

-- Realistic in shape.
SET search_path = bank, salesmgmt;
SELECT count(*) AS changes,
  count(*) FILTER (WHERE (changed_at AT TIME ZONE 'UTC')::time = '00:00') > count(*) / 2 AS most_of_day_grain,
  count(corrects) AS corrections
FROM opportunity_change;
SELECT
  bool_or(n > 1) AS several_changes_in_one_instant
FROM (
  SELECT count(*) AS n
  FROM opportunity_change
  WHERE corrects IS NULL
  GROUP BY opportunity_id, changed_at
) AS instant;
SELECT
  count(*) FILTER (WHERE stages ~ 'proposal discovery') > 50 AS went_back,
  count(*) FILTER (WHERE stages ~ 'lead proposal') > 50 AS skipped_discovery,
  count(*) FILTER (WHERE stages ~ 'proposal won') > 20 AS skipped_negotiation,
  count(*) FILTER (WHERE owners > 1) > 50 AS changed_hands,
  count(*) FILTER (WHERE closes > 1) > 500 AS slipped
FROM (
  SELECT string_agg(stage.code, ' ' ORDER BY h.changed_at, h.place) AS stages,
    count(DISTINCT h.owner_id) AS owners, count(DISTINCT h.expected_close) AS closes
  FROM opportunity_history AS h
  JOIN stage USING (stage_id)
  GROUP BY h.opportunity_id
) AS deal;
-- Nothing happens after the end, nothing before the deal was opened, and what is planned lies ahead.
SELECT
  (SELECT max(changed_at) < '2026-11-22 00:00+00' AND max(recorded_at) <= '2026-11-22 00:00+00' FROM opportunity_change) AS changes,
  (SELECT max(booked_on) < '2026-11-22' FROM booking) AS bookings,
  (SELECT max(submitted_at) < '2026-11-22 00:00+00' FROM forecast) AS forecasts,
  (SELECT max(rated_at) < '2026-11-22 00:00+00' FROM rating) AS ratings,
  (SELECT max(revised_at) < '2026-11-22 00:00+00' FROM plan_target) AS targets,
  (SELECT max(held_at) < '2026-11-22 00:00+00' FROM activity) AS held,
  (SELECT min(planned_for) >= '2026-11-22 00:00+00' FROM activity WHERE outcome = 'planned') AS planned;
SELECT count(*) AS opened_late
FROM opportunity AS o
JOIN opportunity_change AS c USING (opportunity_id)
WHERE c.changed_at < o.created_at;
-- Whoever acts is in a job.
SELECT count(*) AS not_employed
FROM activity AS a
WHERE NOT EXISTS (
  SELECT
  FROM employment AS job
  WHERE job.person_id = a.person_id
    AND job.during @> (coalesce(a.held_at, a.planned_for) AT TIME ZONE 'UTC')::date);
-- Every won deal is booked to the one who won it.
SELECT count(*) AS won, count(b.booking_id) AS booked,
  count(*) FILTER (WHERE (b.amount, b.person_id) IS DISTINCT FROM (o.amount, o.owner_id)) AS different
FROM opportunity AS o
JOIN stage USING (stage_id)
LEFT JOIN booking AS b USING (opportunity_id)
WHERE stage.outcome = 'won';
-- Quotas add up from the reps to the top, and grow by 10 % a year.
SELECT q.code,
  max(t.target) FILTER (WHERE p.code = 'exec-1')
    = sum(t.target) FILTER (WHERE starts_with(p.code, 'rep-')) AS adds_up,
  round(sum(t.target) FILTER (WHERE p.code = 'rep-03')
    / lag(sum(t.target) FILTER (WHERE p.code = 'rep-03'), 4) OVER (ORDER BY q.code COLLATE "C"), 2) AS on_last_year
FROM plan
JOIN person AS p USING (person_id)
JOIN plan_target AS t ON t.plan_id = plan.plan_id AND t.level = 'base' AND t.revision = 1
JOIN metric AS m ON m.metric_id = t.metric_id AND m.code = 'bookings'
JOIN period AS q ON q.kind = 'quarter' AND q.during = plan.during
GROUP BY q.code
ORDER BY q.code COLLATE "C";
-- Teams of five to seven on the last day.
SELECT boss.code, count(*) BETWEEN 5 AND 7 AS five_to_seven
FROM reporting_line AS line
JOIN person AS boss ON boss.person_id = line.manager_id
WHERE line.during @> date '2026-11-22' AND starts_with(boss.code, 'mgr-')
GROUP BY boss.code
ORDER BY boss.code COLLATE "C";
RESET search_path;

-- The same arguments, the same book; whatever the session's time zone, date style and random state.
CREATE TABLE fingerprints (made text, tab name, row_count bigint, hash text);
SELECT salesmgmt.create_demo_book('first', 10, 6, 7, '2026-02-28');
INSERT INTO fingerprints SELECT 'first', * FROM fingerprint('first');
SET TimeZone = 'Asia/Kathmandu';
SET DateStyle = 'SQL, DMY';
SELECT setseed(0.5);
SELECT salesmgmt.create_demo_book('second', 10, 6, 7, '2026-02-28');
CREATE TEMPORARY TABLE drawn AS SELECT random() AS after;
SELECT setseed(0.5);
SELECT after = random() AS random_state_untouched FROM drawn;
RESET TimeZone;
RESET DateStyle;
INSERT INTO fingerprints SELECT 'second', * FROM fingerprint('second');
SELECT salesmgmt.create_demo_book('other', 10, 6, 8, '2026-02-28');
INSERT INTO fingerprints SELECT 'other', * FROM fingerprint('other');
SELECT first.made, twin.made,
  bool_and(first.hash = twin.hash) AS equal,
  string_agg(first.tab, ' ' ORDER BY first.tab COLLATE "C") FILTER (WHERE first.hash <> twin.hash) AS different_tables
FROM fingerprints AS first
JOIN fingerprints AS twin USING (tab)
WHERE first.made = 'first' AND twin.made <> 'first'
GROUP BY first.made, twin.made
ORDER BY twin.made COLLATE "C" DESC;

-- What it refuses; nothing is left behind.
\set VERBOSITY sqlstate
SELECT salesmgmt.create_demo_book('refused', reps => 9);
SELECT salesmgmt.create_demo_book('refused', reps => NULL);
SELECT salesmgmt.create_demo_book('refused', months => 5);
SELECT salesmgmt.create_demo_book('refused', months => 121);
SELECT salesmgmt.create_demo_book('refused', seed => NULL);
SELECT salesmgmt.create_demo_book('refused', until => 'infinity');
SELECT salesmgmt.create_demo_book('refused', until => NULL);
SELECT salesmgmt.create_demo_book('bank');
SELECT salesmgmt.create_demo_book(NULL);
\set VERBOSITY terse
SELECT salesmgmt.create_demo_book('refused', reps => 9);
SELECT to_regnamespace('refused') IS NULL AS nothing_left;
-- no report takes an infinite time, or none, as the day to look from
SET search_path = bank, salesmgmt, public;
SET jit = off;
CREATE FUNCTION pg_temp.answer(report text, as_of text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
  found bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM %I(as_of => %s)', report, as_of) INTO found;
  RETURN CASE WHEN found = 0 THEN 'no rows' ELSE 'rows' END;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT at.as_of, pg_temp.answer(report.name, at.as_of) AS answer, count(*) > 20 AS many
FROM (VALUES ('''infinity'''), ('''-infinity'''), ('NULL')) AS at (as_of)
CROSS JOIN (
  SELECT proname AS name
  FROM pg_proc
  WHERE pronamespace = 'bank'::regnamespace AND proargnames[:4] = '{as_of,person,during,options}' AND pronargdefaults = 4
) AS report
GROUP BY 1, 2
ORDER BY 1, 2;
SELECT pg_temp.answer('stalled', '''infinity''') AS stalled, pg_temp.answer('morning_report', '''-infinity''') AS morning_report;
-- nor does the way a session writes dates change the morning report
SELECT string_agg(report, ' / ') AS plain FROM morning_report('2026-06-01') \gset
SET datestyle = 'SQL, DMY';
SELECT string_agg(report, ' / ') = :'plain' AS same, count(*) > 20 AS long FROM morning_report('2026-06-01');
RESET datestyle;
RESET jit;
RESET search_path;

DROP TABLE fingerprints;
DROP SCHEMA bank, first, second, other CASCADE;
