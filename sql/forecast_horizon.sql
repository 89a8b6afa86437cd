-- forecast_accuracy_by_horizon, by_manager, forecast_value_added on a small company, worked out by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT salesmgmt.create_book('ahead_book', time_zone => 'Europe/Berlin');
SET search_path = ahead_book, salesmgmt, public;

-- an empty book has no figures, and no errors
SELECT (SELECT count(*) FROM forecast_accuracy_by_horizon), (SELECT count(*) FROM forecast_accuracy_by_manager), (SELECT count(*) FROM forecast_value_added);

INSERT INTO person (person_id, code, name) VALUES (1, 'mia', 'Mia'), (2, 'max', 'Max'), (3, 'ann', 'Ann'), (4, 'bob', 'Bob');
INSERT INTO reporting_line (person_id, manager_id, during) VALUES
  (3, 1, '[2024-01-01,2025-04-15)'), (3, 2, '[2025-04-15,)'), (4, 1, '[2024-01-01,)');
-- two quarters; 90 days before the end of the first is 1 January, 60 days 31 January, 30 days 2 March: said before that day
INSERT INTO forecast (code, person_id, judgement, category, during, amount, submitted_at, submitted_by)
SELECT 'f' || row_number() OVER (), who, judgement, category, during::daterange, amount, at, by
FROM (VALUES
  (3, 'rep', 'commit', '[2025-01-01,2025-04-01)', 100, timestamptz '2024-12-31 23:59+01', NULL::bigint),
  (3, 'rep', 'commit', '[2025-01-01,2025-04-01)', 150, '2025-01-31 00:00+01', NULL),
  (3, 'rep', 'best_case', '[2025-01-01,2025-04-01)', 250, '2024-12-31 12:00+01', NULL),
  (3, 'rep', 'most_likely', '[2025-01-01,2025-04-01)', 180, '2024-12-31 12:00+01', NULL),
  (3, 'manager', 'commit', '[2025-01-01,2025-04-01)', 180, '2024-12-31 12:00+01', NULL),
  (3, 'rep', 'commit', '[2025-04-01,2025-07-01)', 120, '2025-03-31 12:00+02', NULL),
  (3, 'manager', 'commit', '[2025-04-01,2025-07-01)', 90, '2025-04-01 12:00+02', 1),
  (4, 'rep', 'commit', '[2025-01-01,2025-04-01)', 50, '2024-12-31 12:00+01', NULL),
  (4, 'manager', 'commit', '[2025-01-01,2025-04-01)', 70, '2024-12-31 12:00+01', 1),
  -- a month of that quarter: it counts, and the quarter does not
  (4, 'rep', 'commit', '[2025-02-01,2025-03-01)', 30, '2025-01-15 12:00+01', NULL)
) AS v (who, judgement, category, during, amount, at, by);
INSERT INTO booking (booking_id, code, booked_on, person_id, amount)
VALUES (1, 'b1', '2025-02-10', 3, 200), (2, 'b2', '2025-05-10', 3, 100), (3, 'b3', '2025-02-20', 4, 60), (4, 'b4', '2025-03-31', 4, 40);

-- As of August.  Ann, 90 days ahead: commit 100 for 200, and nothing yet of the second quarter, whose 90 days begin on 2 April: 120 for 100 there.
-- So |100 - 200| + |120 - 100| = 120 of 300; 60 days ahead the same, as 150 was said on that day, not before it; 30 days: 50 + 20 = 70 of 300.
-- Each category is kept (D5): most likely 180 for 200, best case 250 for 200.
-- Bob: the month (30 for 60) was first said 17 days before it, so 30 days ahead; 90 and 60 days ahead only the quarter had been: 50 for 100.
SELECT person, judgement, category, category_position AS p, days_ahead, n, forecast, actual, absolute_error AS error, round(wape::numeric, 4) AS wape, round(bias::numeric, 4) AS bias
FROM forecast_accuracy_by_horizon('2025-08-01') ORDER BY person, judgement DESC, p, days_ahead DESC;
-- Ann came to Max on 15 April: on the first day of both quarters she was Mia's.
SELECT person, judgement, category, days_ahead, reps, n, forecast, actual, absolute_error AS error, round(wape::numeric, 4) AS wape
FROM forecast_accuracy_by_manager('2025-08-01') WHERE category = 'commit' ORDER BY person, judgement DESC, days_ahead DESC;
-- as of June only the first quarter has ended; other days; a span
SELECT person, days_ahead, n, forecast FROM forecast_accuracy_by_horizon('2025-06-30', 'ann') WHERE judgement = 'rep' AND category = 'commit' ORDER BY days_ahead;
SELECT days_ahead, forecast FROM forecast_accuracy_by_horizon('2025-08-01', 'ann', '[2025-03-31,2025-04-01)', '{"forecast_days_ahead": " 0,59"}') WHERE judgement = 'rep' AND category = 'commit' ORDER BY 1;

-- Value added.  Ann's forecasts in time: 100 for 200 (150 came too late) and 120 for 100, wape 120/300 = 0.4.  Mia judged both (the second by submitted_by):
-- 180 and 90: 30/300 = 0.1, so 0.3 better.  Bob: the quarter 50 for 100 against 70: 0.5 - 0.3 = 0.2; the month Mia did not judge.
SELECT person, manager, n, actual, rep_forecast, manager_forecast, rep_error, manager_error, rep_wape, manager_wape, round(value_added::numeric, 4) AS value_added
FROM forecast_value_added('2025-08-01') ORDER BY person;
-- nobody judged as best case
SELECT count(*) FROM forecast_value_added('2025-08-01', options => '{"forecast_category": "best_case"}');
-- who judged: Mia by the line of that day, or as submitted
SELECT person, judgement, period_from, manager, judge FROM forecast_error('2025-08-01') WHERE judgement = 'manager' ORDER BY 1, 3;
-- what is in Ann's value added
SELECT figure, source, source_code, value FROM forecast_value_added_evidence('2025-08-01', 'ann') ORDER BY figure, source_code;
SELECT days_ahead, figure, source_code, value FROM forecast_accuracy_by_horizon_evidence('2025-08-01', 'ann') WHERE category = 'commit' AND judgement = 'rep' AND figure <> 'n' ORDER BY 1, 2, 3;

-- Rep's and manager's judgement are apart, and nothing said is ever changed (D18): only a new forecast is possible.
UPDATE forecast SET amount = 200 WHERE code = 'f1';
DELETE FROM forecast;
TRUNCATE forecast;
-- what is refused
SELECT * FROM forecast_accuracy_by_horizon(options => '{"forecast_days_ahead": "90 days"}');
SELECT * FROM forecast_accuracy_by_manager(options => '{"forecast_days_ahead": ""}');
SELECT * FROM forecast_value_added(person => 'nobody');
INSERT INTO forecast (person_id, category, during, amount) VALUES (3, 'MostLikely', '[2025-01-01,2025-04-01)', 1);

DROP SCHEMA ahead_book CASCADE;
RESET search_path;
