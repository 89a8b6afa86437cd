-- What the views take for granted: settings by name and kind, one currency, a calendar without overlaps.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only true
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SELECT salesmgmt.create_book('rules');
SET search_path = rules, salesmgmt, public;
-- settings(): as they are, with options over them
SELECT settings() = (SELECT jsonb_object_agg(name, value) FROM setting), settings(NULL) = settings(), settings('{}') = settings();
SELECT settings('{"confidence": 0.9, "time_zone": "Europe/Berlin"}') - 'confidence' - 'time_zone' = settings() - 'confidence' - 'time_zone',
  settings('{"confidence": 0.9}') ->> 'confidence', settings('{"confidence": 0.9}') ->> 'time_zone';
UPDATE setting SET value = '0.8' WHERE name = 'confidence';
SELECT settings() ->> 'confidence', settings('{"confidence": 0.9}') ->> 'confidence';
SELECT pg_temp.refused($$SELECT settings('{"confidance": 0.9}')$$);
SELECT pg_temp.refused($$SELECT settings('{"confidence": "0.9"}')$$);
SELECT pg_temp.refused($$SELECT settings('{"confidence": null}')$$);
SELECT pg_temp.refused($$SELECT settings('{"time_zone": 1}')$$);
SELECT pg_temp.refused($$SELECT settings('[1]')$$);
SELECT pg_temp.refused($$SELECT settings('"confidence"')$$);
SELECT pg_temp.refused($$SELECT settings('{"confidence": 0.9, "x": 1}')$$);
-- nor is a value that no report can make sense of
SELECT pg_temp.refused($$SELECT settings('{"confidence": 95}')$$);
SELECT pg_temp.refused($$SELECT settings('{"coach_confidence": 0}')$$);
SELECT pg_temp.refused($$SELECT settings('{"shrink_prior_n": -1}')$$);
-- a number that no report can reckon with is refused by the name of its setting, whichever report it is
SELECT s.name, t.value
FROM setting AS s
CROSS JOIN (VALUES (jsonb '99999999999'), ('1e400'), ('-1e400'), ('1e-400')) AS t (value)
WHERE s.kind = 'number' AND setting_takes(s.name, t.value) AND (t.value <> '99999999999' OR s.name LIKE '%\_days' OR s.name = 'activity_weeks');
SELECT pg_temp.refused($$SELECT * FROM pipeline_review(options => '{"review_days": 99999999999}')$$);
SELECT pg_temp.refused($$SELECT * FROM request_load(options => '{"activity_weeks": 1000000}')$$);
SELECT pg_temp.refused($$SELECT * FROM stalled(options => '{"stalled_percentile": 90}')$$);
SELECT pg_temp.refused($$SELECT * FROM rep_scorecard(options => '{"score_cap": -1}')$$);
SELECT pg_temp.refused($$SELECT * FROM win_rate(options => '{"confidence": 0.9999999999999999}')$$);
SELECT pg_temp.refused($$SELECT * FROM funnel(options => '{"funnel_within_days": -1}')$$);
SELECT pg_temp.refused($$UPDATE setting SET value = '1e9' WHERE name = 'plan_check_days'$$);
SELECT pg_temp.refused($$SELECT settings('{"target_chance_from": "stage"}')$$);
SELECT pg_temp.refused($$SELECT settings('{"forecast_category": "Commit"}')$$);
SELECT pg_temp.refused($$SELECT settings('{"plan_coverage_kind": "all"}')$$);
SELECT pg_temp.refused($$SELECT settings('{"ratio_period": "week"}')$$);
-- a setting keeps its kind
SELECT pg_temp.refused($$UPDATE setting SET value = '"much"' WHERE name = 'confidence'$$);
SELECT pg_temp.refused($$UPDATE setting SET value = 'null' WHERE name = 'confidence'$$);
SELECT pg_temp.refused($$UPDATE setting SET value = '95' WHERE name = 'confidence'$$);
SELECT pg_temp.refused($$INSERT INTO setting VALUES ('mine', '{}', 'object', NULL, 'x')$$);
SELECT pg_temp.refused($$INSERT INTO setting VALUES ('mine', 'true', 'boolean', NULL, 'One of my own')$$);
SELECT pg_temp.refused($$SELECT settings('{"mine": false}')$$);
-- one that is missing stops every report, where its figures would be others
BEGIN;
DELETE FROM setting WHERE name IN ('win_rate_min_amount', 'confidence');
SELECT pg_temp.refused($$SELECT * FROM win_rate()$$);
SELECT pg_temp.refused($$SELECT * FROM morning_report()$$);
INSERT INTO setting SELECT * FROM default_setting() ON CONFLICT DO NOTHING;
SELECT settings() ->> 'confidence', count(*) FROM win_rate();
UPDATE setting SET name = 'sure' WHERE name = 'confidence';
SELECT pg_temp.refused($$SELECT * FROM win_rate()$$);
ROLLBACK;
-- every setting says what it decides, and a number in which unit
SELECT name FROM setting WHERE description = '' OR kind = 'number' AND unit IS NULL AND name <> 'mine';
-- one currency, and no way round it
SELECT pg_temp.refused($$INSERT INTO currency VALUES ('EUR')$$);
SELECT pg_temp.refused($$UPDATE currency SET code = 'euro'$$);
SELECT pg_temp.refused($$UPDATE currency SET code = 'EUR'$$);
SELECT book_currency();
INSERT INTO booking (code, booked_on, amount) VALUES ('b', '2016-01-01', 1);
SELECT pg_temp.refused($$UPDATE currency SET code = 'USD'$$);
-- periods of one kind do not overlap; kinds nest, in any shape
INSERT INTO period (code, name, kind, during) VALUES
  ('2016', 'FY 2016', 'year', '[2016-02-01,2017-01-29)'),
  ('2016-Q1', 'Q1', 'quarter', '[2016-02-01,2016-05-02)'), ('2016-Q2', 'Q2', 'quarter', '[2016-05-02,2016-08-01)');
SELECT pg_temp.refused($$INSERT INTO period (code, name, kind, during) VALUES ('2016-Q3', 'Q3', 'quarter', '[2016-07-31,2016-11-01)')$$);
SELECT pg_temp.refused($$INSERT INTO period (code, name, kind, during) VALUES ('2016-Q3', 'Q3', 'quarter', '[2016-08-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO period (code, name, kind, during) VALUES ('2016-Q3', 'Q3', 'third', '[2016-08-01,2016-11-01)')$$);
SELECT pg_temp.refused($$INSERT INTO period (code, name, kind, during) VALUES ('2016-Q3', 'Q3', 'quarter', '[2016-08-01,2016-08-01)')$$);
SELECT pg_temp.refused($$INSERT INTO period (code, name, kind, during) VALUES ('2016-Q2', 'Q2', 'quarter', '[2016-11-01,2017-01-01)')$$);
SELECT pg_temp.refused($$INSERT INTO metric (code, name, unit) VALUES ('smiles', 'Smiles', 'teeth')$$);
SELECT pg_temp.refused($$INSERT INTO metric (code, name, unit) VALUES ('win_rate', 'Again', 'rate')$$);
-- the views find a metric that they compute by its code
SELECT pg_temp.refused($$UPDATE metric SET code = 'revenue' WHERE code = 'bookings'$$);
SELECT pg_temp.refused($$UPDATE metric SET code = code, name = 'Revenue' WHERE code = 'bookings'$$);
SELECT pg_temp.refused($$INSERT INTO metric (code, name, unit) VALUES ('calls', 'Calls', 'count')$$);
SELECT pg_temp.refused($$UPDATE metric SET code = 'dials' WHERE code = 'calls'$$);
-- the date of an instant is the book's
SELECT book_date('2016-01-01 23:30+00', settings()), book_date('2016-01-01 23:30+00', settings('{"time_zone": "Europe/Berlin"}')),
  book_midnight('2016-07-01', settings('{"time_zone": "America/New_York"}'));
-- a day begins with its first instant: a midnight that comes twice, one that is left out, one after a day that is left out
SELECT t.day, t.zone, first.at AT TIME ZONE 'UTC' AS at, book_date(first.at, own.options) = t.day AS in_it,
  book_date(first.at - interval '1 microsecond', own.options) < t.day AS first
FROM (VALUES ('2026-11-01'::date, 'America/Havana'), ('2026-10-25', 'Atlantic/Azores'), ('2018-11-04', 'America/Sao_Paulo'),
  ('2018-02-18', 'America/Sao_Paulo'), ('2011-12-31', 'Pacific/Apia'), ('2026-10-25', 'Europe/Berlin')) AS t (day, zone)
CROSS JOIN LATERAL settings(jsonb_build_object('time_zone', t.zone)) AS own (options)
CROSS JOIN LATERAL book_midnight(t.day, own.options) AS first (at);
SELECT pg_temp.refused($$SELECT book_date(now(), settings('{"time_zone": "Mars/Olympus"}'))$$);
DROP SCHEMA rules CASCADE;
