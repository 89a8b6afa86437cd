-- Forecasts are submitted, never rewritten.
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
INSERT INTO person (code, name) VALUES ('ann', 'Ann');
SELECT pg_temp.refused($$INSERT INTO forecast (code, person_id, judgement, category, during, amount, submitted_at) VALUES ('1', 1, 'rep', 'commit', '[2016-01-01,2016-04-01)', 100, '2016-01-01')$$);
SELECT pg_temp.refused($$INSERT INTO forecast (code, person_id, judgement, category, during, amount, submitted_at) VALUES ('2', 1, 'manager', 'commit', '[2016-01-01,2016-04-01)', 80, '2016-01-01')$$);
SELECT pg_temp.refused($$INSERT INTO forecast (code, person_id, judgement, category, during, amount, submitted_at) VALUES ('3', 1, 'rep', 'commit', '[2016-01-01,2016-04-01)', 90, '2016-02-01')$$);
SELECT pg_temp.refused($$INSERT INTO forecast (code, person_id, judgement, category, during, amount, submitted_at) VALUES ('1', 1, 'rep', 'commit', '[2016-01-01,2016-04-01)', 100, '2016-01-01')$$);
SELECT pg_temp.refused($$INSERT INTO forecast (code, person_id, judgement, category, during, amount, submitted_at) VALUES ('4', 1, 'ceo', 'commit', '[2016-01-01,2016-04-01)', 100, '2016-01-01')$$);
SELECT pg_temp.refused($$INSERT INTO forecast (code, person_id, judgement, category, during, amount, submitted_at) VALUES ('4', 1, 'rep', 'upside', '[2016-01-01,2016-04-01)', 100, '2016-01-01')$$);
SELECT pg_temp.refused($$INSERT INTO forecast (code, person_id, judgement, category, during, amount, submitted_at) VALUES ('4', 1, 'rep', 'commit', '[2016-01-01,)', 100, '2016-01-01')$$);
SELECT pg_temp.refused($$INSERT INTO forecast (code, person_id, judgement, category, during, amount, submitted_at) VALUES ('4', 1, 'rep', 'commit', '[2016-01-01,2016-04-01)', 'NaN', '2016-01-01')$$);
SELECT pg_temp.refused($$INSERT INTO forecast (code, person_id, judgement, category, during, amount, submitted_at) VALUES ('4', 1, 'rep', 'commit', '[2016-01-01,2016-04-01)', 1.23456, '2016-01-01')$$);
SELECT pg_temp.refused($$INSERT INTO forecast (code, person_id, judgement, category, during, amount, submitted_at) VALUES ('4', 1, 'rep', 'commit', '[2016-01-01,2016-04-01)', 1, 'infinity')$$);
SELECT pg_temp.refused($$INSERT INTO forecast (code, person_id, judgement, category, during, amount, submitted_at) VALUES ('4', 2, 'rep', 'commit', '[2016-01-01,2016-04-01)', 1, '2016-01-01')$$);
SELECT pg_temp.refused($$UPDATE forecast SET amount = 0$$);
SELECT pg_temp.refused($$DELETE FROM forecast$$);
SELECT pg_temp.refused($$TRUNCATE forecast$$);
INSERT INTO forecast (code, person_id, judgement, category, during, amount, submitted_at) VALUES ('1', 1, 'rep', 'commit', '[2016-01-01,2016-04-01)', 100, '2016-01-01') ON CONFLICT DO NOTHING;
SELECT code, judgement, amount FROM forecast ORDER BY code;
DROP SCHEMA rules CASCADE;
