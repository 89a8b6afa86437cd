-- activity_compliance and its summary on a small company, worked out by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT salesmgmt.create_book('active', time_zone => 'Europe/Berlin');
SET search_path = active, salesmgmt, public;

-- an empty book has no figures, and no errors
SELECT count(*) FROM activity_compliance;
SELECT count(*) FROM activity_compliance_summary;
SELECT count(*) FROM activity_compliance(during => '(,)');

INSERT INTO person (code, name) VALUES ('mia', 'Mia'), ('ann', 'Ann'), ('bob', 'Bob'), ('cyd', 'Cyd'), ('dan', 'Dan');
CREATE FUNCTION id(code text) RETURNS bigint LANGUAGE sql STABLE
RETURN (SELECT person_id FROM person AS p WHERE p.code = id.code);
INSERT INTO employment (person_id, during, role)
SELECT id(who), during, role
FROM (VALUES
  ('mia', daterange('2020-01-01', NULL), 'manager'),
  ('ann', daterange('2020-01-01', NULL), 'rep'),
  ('bob', daterange('2020-01-01', NULL), 'rep'),
  ('cyd', daterange('2025-06-04', NULL), 'rep')) AS v (who, during, role);
INSERT INTO reporting_line (person_id, manager_id, during)
SELECT id(who), id('mia'), daterange('2020-01-01', NULL) FROM unnest(ARRAY['ann', 'bob']) AS who;

-- 10 meetings a week for reps; bob has agreed on 5, from Wednesday 11 June on 10 again;
-- 21 visits a month for ann: June 2025 has 21 days from Monday to Friday, 20 without Whit Monday
INSERT INTO metric (code, name, unit) VALUES
  ('meetings', 'Meetings', 'count'), ('calls', 'Calls', 'count'), ('visits', 'Visits', 'count'), ('families', 'Families sold', 'count');
INSERT INTO activity_kind (code, name, metric_id) VALUES
  ('discovery', 'Discovery', metric_called('meetings')), ('proposal', 'Proposal', metric_called('meetings')),
  ('call', 'Call', metric_called('calls')), ('visit', 'Visit', metric_called('visits')), ('lunch', 'Lunch', NULL);
INSERT INTO standard (metric_id, role, person_id, norm, per, during) VALUES
  (metric_called('meetings'), 'rep', NULL, 10, 'week', '[2025-01-01,)'),
  (metric_called('meetings'), NULL, id('bob'), 5, 'week', '[2025-01-01,2025-06-11)'),
  (metric_called('calls'), NULL, id('bob'), 0, 'day', '[2025-06-16,2025-06-23)'),
  (metric_called('calls'), NULL, id('cyd'), 3, 'day', '[2025-01-01,)'),
  (metric_called('visits'), NULL, id('ann'), 20, 'month', '[2025-06-02,2025-06-23)'),
  (metric_called('families'), 'rep', NULL, 4, 'month', '[2025-01-01,)');
INSERT INTO holiday (day, name) VALUES ('2025-06-09', 'Whit Monday');
-- ann is away for the whole week of 16 June, bob on Friday 6 and Saturday 7 June
INSERT INTO absence (person_id, during) VALUES
  (id('ann'), '[2025-06-14,2025-06-22)'), (id('bob'), '[2025-06-06,2025-06-08)');

-- how many, from which day on one a day (weekends too: work is work)
INSERT INTO activity (code, activity_kind_id, person_id, held_at)
SELECT who || kind || day || n, activity_kind_id, id(who), (day + time '12:00') AT TIME ZONE 'Europe/Berlin'
FROM (VALUES
  ('ann', 'discovery', date '2025-06-02', 4), ('ann', 'proposal', '2025-06-07', 6),
  ('ann', 'discovery', '2025-06-10', 7), ('ann', 'discovery', '2025-06-18', 1),
  ('ann', 'discovery', '2025-06-23', 9), ('ann', 'visit', '2025-06-05', 5), ('ann', 'visit', '2025-06-11', 4),
  ('ann', 'lunch', '2025-06-05', 50),
  ('bob', 'discovery', '2025-06-03', 4), ('bob', 'discovery', '2025-06-12', 6), ('bob', 'discovery', '2025-06-16', 12),
  ('cyd', 'call', '2025-06-05', 9), ('cyd', 'discovery', '2025-06-05', 6),
  ('dan', 'call', '2025-06-05', 9)) AS v (who, kind, day, times)
JOIN activity_kind ON activity_kind.code = v.kind
CROSS JOIN LATERAL generate_series(1, times) AS n;
-- planned or not held does not count; 23:30 UTC on Sunday is Monday in Berlin
INSERT INTO activity (code, activity_kind_id, person_id, planned_for, outcome)
SELECT 'planned' || n, activity_kind_id, id('ann'), '2025-06-03', CASE n % 2 WHEN 0 THEN 'planned' ELSE 'not_held' END
FROM activity_kind, generate_series(1, 20) AS n WHERE code = 'discovery';
INSERT INTO activity (code, activity_kind_id, person_id, held_at)
SELECT 'late', activity_kind_id, id('bob'), '2025-06-08 23:30+00' FROM activity_kind WHERE code = 'discovery';

-- The weeks of 2, 9, 16 June, and of 23 June as far as Wednesday 25.
-- ann: 10 of 10; 7 of 8 (a holiday); away, 1 of nothing; 9 of 6.  Visits: 20 a month are one a
--   working day: 5 of 5, 4 of 4, away; none after.
-- bob: 4 of 5 * 4/5 = 4, 7 of 5/5 on Tuesday + 10/5 * 3 = 7, 12 of 10, 0 of 6; 0 calls ask for nothing.
-- cyd from Wednesday 4 June: 6 of 10 * 3/5, then 0 of 8, 10, 6; calls 9 of 3 * 3, 0 of 12, 15, 9.
-- dan has no job, mia no norm; families are not counted by any activity.
SELECT person, week, metric, done, norm, working_days AS days, compliance, compliance_capped AS capped, met
FROM activity_compliance('2025-06-25 18:00+02', during => '[2025-06-01,2025-07-01)')
ORDER BY person, metric, week;
-- ann: two of three weeks met, the week away between 9 and 23 June no part of a run;
-- 27 of 24, the one on leave included.  cyd: one of four, three below in a row and still.
SELECT person, metric, done, norm, round(compliance::numeric, 4) AS compliance, weeks, weeks_met,
  round(met_share::numeric, 4) AS met_share, longest_run_below, current_run_below
FROM activity_compliance_summary('2025-06-25 18:00+02', during => '[2025-06-01,2025-07-01)')
ORDER BY person, metric;

-- the last full weeks: 13, or as many as asked for; on Sunday evening the week is not over
SELECT min(week) AS since, max(week) AS until, count(DISTINCT week) AS weeks FROM activity_compliance('2025-06-25 18:00+02', 'ann');
SELECT min(week) AS since, max(week) AS until FROM activity_compliance('2025-06-22 23:59+02', 'mia', options => '{"activity_weeks": 2}');
SELECT min(week) AS since, max(week) AS until FROM activity_compliance('2025-06-23 00:01+02', 'mia', options => '{"activity_weeks": 2}');
-- a week belongs to the span that has its Monday
SELECT DISTINCT week FROM activity_compliance('2025-06-25 18:00+02', 'bob', '[2025-06-03,2025-06-17)') ORDER BY week;
SELECT min(week) AS since, max(week) AS until FROM activity_compliance('2025-06-25 18:00+02', 'cyd', '(,)');
SELECT count(*) FROM activity_compliance('2025-06-25', during => 'empty');
SELECT count(*) FROM activity_compliance('2025-06-25', during => '[2025-07-01,2025-08-01)');
-- what is refused
SELECT * FROM activity_compliance_summary(person => 'nobody');

DROP SCHEMA active CASCADE;
RESET search_path;
