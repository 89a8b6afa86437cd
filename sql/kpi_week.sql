-- kpi_week, activity_pace and part-time on a small company, counted by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT salesmgmt.create_book('week_book', time_zone => 'Europe/Berlin');
SET search_path = week_book, salesmgmt, public;

-- an empty book has no figures, and no errors
SELECT (SELECT count(*) FROM kpi_week), (SELECT count(*) FROM activity_pace), (SELECT count(*) FROM kpi_week(during => '(,)'));

INSERT INTO person (person_id, code, name) VALUES (1, 'mia', 'Mia'), (2, 'ann', 'Ann'), (3, 'bob', 'Bob'), (4, 'cyd', 'Cyd'), (5, 'dan', 'Dan'), (6, 'eve', 'Eve');
-- Ann full time; Bob Monday to Wednesday; Cyd five half days of 4 hours; Dan on Saturdays, too, with a norm of his own; Eve came on Thursday 5 June
INSERT INTO employment (person_id, during, role, week, hours_per_week) VALUES
  (1, '[2020-01-01,)', 'manager', '12345', NULL), (2, '[2020-01-01,)', 'rep', '12345', NULL), (3, '[2020-01-01,)', 'rep', '123', NULL),
  (4, '[2020-01-01,)', 'rep', '12345', 20), (5, '[2020-01-01,)', 'rep', '456', 30), (6, '[2025-06-05,)', 'rep', '12345', NULL);
INSERT INTO metric (metric_id, code, name, unit) VALUES (101, 'calls', 'Calls', 'count'), (102, 'intros', 'First meetings', 'count'), (103, 'offers', 'Offers', 'count');
INSERT INTO activity_kind (activity_kind_id, code, name, metric_id, counts_as) VALUES
  (1, 'call', 'Call', 101, 'call'), (2, 'intro', 'First meeting', 102, 'discovery'), (3, 'offer', 'Offer', 103, 'proposal');
INSERT INTO standard (metric_id, role, person_id, norm, per, during) VALUES
  (101, 'rep', NULL, 20, 'week', '[2025-01-01,)'), (101, NULL, 5, 24, 'month', '[2025-01-01,)'),
  (102, 'rep', NULL, 5, 'week', '[2025-01-01,)'), (102, NULL, 3, 6, 'week', '[2025-01-01,)'),
  (103, 'rep', NULL, 0.5, 'day', '[2025-01-01,)');
INSERT INTO standard (metric_id, role, norm, per, during) SELECT metric_id, 'rep', 1, 'week', '[2025-01-01,)' FROM metric WHERE code = 'deals_won';
-- Monday 9 June is a holiday, Ann away on Friday 13
INSERT INTO holiday (day, name) VALUES ('2025-06-09', 'Whit Monday');
INSERT INTO absence (person_id, during) VALUES (2, '[2025-06-13,2025-06-14)');
INSERT INTO activity (code, activity_kind_id, person_id, held_at)
SELECT who || '-' || kind || '-' || day || n, kind, who, (day + time '12:00') AT TIME ZONE 'Europe/Berlin'
FROM (VALUES
  (2, 1, date '2025-06-02', 18), (2, 2, '2025-06-03', 5), (2, 3, '2025-06-04', 2), (2, 2, '2025-06-10', 3), (2, 1, '2025-06-10', 5),
  (3, 2, '2025-06-02', 6), (3, 3, '2025-06-02', 2), (4, 2, '2025-06-02', 2), (4, 3, '2025-06-06', 2),
  (5, 1, '2025-06-07', 5), (1, 3, '2025-06-02', 1)) AS v (who, kind, day, times)
CROSS JOIN LATERAL generate_series(1, times) AS n;
INSERT INTO pipeline (pipeline_id, code, name) VALUES (1, 'std', 'Standard');
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome) VALUES (1, 'talk', 1, 'Talk', 1, 'open'), (2, 'won', 1, 'Won', 2, 'won');
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at) VALUES (1, 'o1', 1, '2025-05-06'), (2, 'o2', 1, '2025-05-06');
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, owner_id) VALUES
  (1, '2025-05-06', 1, 2), (1, '2025-06-03 12:00+02', 2, 2), (2, '2025-05-06', 1, 2), (2, '2025-06-12 12:00+02', 2, 3);

-- The working days of the week of 2 June: 5, 3 and no Thursday, 5 short ones, Thursday to Saturday, Thursday and Friday.
SELECT p.code, count(*) AS days, string_agg(to_char(w.day, 'Dy'), ' ' ORDER BY w.day) FROM working_day('[2025-06-02,2025-06-09)') AS w JOIN person AS p USING (person_id) GROUP BY p.code ORDER BY 1;
-- The norms of it.  Calls of 20 a week: 20, 3/5 of it, half of it, for Dan 3 of 24 a month of 12 Thursdays to Saturdays, 2/5 for Eve.
--   First meetings of 5: 5, Bob's own 6 as agreed, 2.5, Dan for 3 days of 10 hours 3 * 10/8 = 3.75, 2.  Offers 0.5 a day: 2.5, 1.5, 1.25, 3 * 0.5 * 10/8 = 1.875, 1.
SELECT p.code, m.code AS metric, round(sum(n.norm), 4) AS norm FROM norm_day('[2025-06-02,2025-06-09)') AS n JOIN person AS p USING (person_id) JOIN metric AS m USING (metric_id)
WHERE m.metric_id > 100 GROUP BY p.code, m.code ORDER BY 2, 1;
-- against a full time of 30 hours, Cyd has two thirds of it
SELECT round(sum(n.norm), 4) AS norm FROM norm_day('[2025-06-02,2025-06-09)', '{"full_time_hours": 30}') AS n WHERE n.person_id = 4 AND n.metric_id = 101;

-- The weeks of 2 and 9 June, as of Sunday 15.  Ann: 5 of 5, 2 of 2.5, o1 of 1; then 3 days: 3 of 3, 0 of 1.5, 0 of 0.6.
-- Bob: 6 of 6, 2 of 1.5; in the second 2 days, 0 of 4, 0 of 1, o2.  Mia has no norm, but an offer.
SELECT person, week, working_days AS days, discovery_meetings AS d, discovery_norm AS d_norm, discovery_met AS d_met,
  proposal_meetings AS p, proposal_norm AS p_norm, proposal_met AS p_met, won AS w, round(won_norm::numeric, 4) AS w_norm, won_met AS w_met, norms, norms_met AS met
FROM kpi_week('2025-06-15 12:00+02', during => '[2025-06-02,2025-06-16)') ORDER BY person, week;
-- a week away asks for nothing, as activity_compliance says, too
BEGIN;
INSERT INTO absence (person_id, during) VALUES (2, '[2025-06-02,2025-06-07)');
SELECT working_days AS days, discovery_norm AS d_norm, discovery_met AS d_met, proposal_norm AS p_norm, won_norm AS w_norm, norms
FROM kpi_week('2025-06-15 12:00+02', 'ann', '[2025-06-02,2025-06-09)');
SELECT metric, norm, met FROM activity_compliance('2025-06-15 12:00+02', 'ann', '[2025-06-02,2025-06-09)') ORDER BY metric;
ROLLBACK;
-- a norm of something else, as managers have for reviews, makes no row
BEGIN;
INSERT INTO metric (metric_id, code, name, unit) VALUES (104, 'reviews', 'Reviews', 'count');
INSERT INTO activity_kind (activity_kind_id, code, name, metric_id, counts_as) VALUES (4, 'review', 'Review', 104, 'meeting');
INSERT INTO standard (metric_id, role, norm, per, during) VALUES (104, 'manager', 2, 'week', '[2025-01-01,)');
SELECT week, proposal_meetings, norms FROM kpi_week('2025-06-15 12:00+02', 'mia', '[2025-06-02,2025-06-16)') WHERE person = 'mia';
ROLLBACK;
-- full weeks by default; on Sunday the week is not over
SELECT min(week), max(week), count(DISTINCT week) FROM kpi_week('2025-06-15 12:00+02', 'ann');
-- as of Tuesday 3 June in the morning the first meetings of the day have not been held
SELECT discovery_meetings, discovery_norm, won FROM kpi_week('2025-06-03 08:00+02', 'ann', '[2025-06-02,2025-06-09)');
SELECT figure, source_code, at FROM kpi_week_evidence('2025-06-15 12:00+02', 'bob', '[2025-06-09,2025-06-16)');

-- On Tuesday 3 June at 8 Ann has made 18 of 20 calls: 2 in 4 days; nothing of 5 first meetings; 0 of 2.5 offers in 4 days.
-- Bob has today and tomorrow, and is done with first meetings; Cyd: 10 calls in 4 half days; Dan has all his days to come.
SELECT person, metric, done, round(norm::numeric, 4) AS norm, working_days AS days, round(missing::numeric, 4) AS missing, days_left AS remaining,
  round(norm_per_day::numeric, 4) AS usual, round(restore_per_day::numeric, 4) AS restore
FROM activity_pace('2025-06-03 08:00+02') WHERE metric <> 'offers' OR person = 'ann' ORDER BY metric, person;
-- Eve, who comes on Thursday, is known from then on: 2 of 5 days, and both to come
SELECT metric, norm, working_days AS days, days_left, restore_per_day AS restore FROM activity_pace('2025-06-05 08:00+02', 'eve') ORDER BY metric;
-- on Saturday no day is left: the norm is met, or cannot be
SELECT metric, done, norm, missing, days_left, restore_per_day FROM activity_pace('2025-06-07 08:00+02', 'ann') ORDER BY metric;
-- a past week and this one
SELECT week, done, norm, days_left, restore_per_day FROM activity_pace('2025-06-11 08:00+02', 'ann', '[2025-06-02,2025-06-10)') WHERE metric = 'calls' ORDER BY week;
SELECT source_code, value FROM activity_pace_evidence('2025-06-11 08:00+02', 'ann') WHERE metric = 'intros' ORDER BY 1;
-- On Tuesday nobody knows that Ann moves on Wednesday to where Thursday is a holiday: 20 calls in 5 days, then 16 in 4.
INSERT INTO territory (territory_id, code, name) VALUES (1, 'north', 'North');
INSERT INTO territory_assignment (territory_id, person_id, during) VALUES (1, 2, '[2025-06-18,)');
INSERT INTO holiday (day, territory_id, name) VALUES ('2025-06-19', 1, 'Corpus Christi');
SELECT as_of, norm, working_days AS days, days_left FROM (VALUES (timestamptz '2025-06-17 08:00+02'), ('2025-06-18 08:00+02')) AS v (as_of)
CROSS JOIN activity_pace(v.as_of, 'ann') AS p WHERE p.metric = 'calls' ORDER BY as_of;
-- what is refused
SELECT * FROM kpi_week(person => 'nobody');
SELECT * FROM activity_pace(options => '{"weeks": 3}');
INSERT INTO employment (person_id, during, role, week) VALUES (6, '[2020-01-01,2020-02-01)', 'rep', '511');
INSERT INTO employment (person_id, during, role, week) VALUES (6, '[2020-01-01,2020-02-01)', 'rep', '');
INSERT INTO employment (person_id, during, role, hours_per_week) VALUES (6, '[2020-01-01,2020-02-01)', 'rep', 'Infinity');

DROP SCHEMA week_book CASCADE;
RESET search_path;
