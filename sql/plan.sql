-- What was agreed to be reached: plans are bounded, targets are revised and never rewritten.
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
INSERT INTO person (code, name) VALUES ('ann', 'Ann'), ('bob', 'Bob');
INSERT INTO account (code, name) VALUES ('acme', 'Acme');
INSERT INTO territory (code, name) VALUES ('north', 'North');
SELECT pg_temp.refused($$INSERT INTO plan (code, kind, person_id, territory_id, account_id, during) VALUES ('q', 'quota', 1, NULL, NULL, '[2016-01-01,2017-01-01)')$$);
SELECT pg_temp.refused($$INSERT INTO plan (code, kind, person_id, territory_id, account_id, during) VALUES ('t', 'territory', 1, 1, NULL, '[2016-01-01,2017-01-01)')$$);
SELECT pg_temp.refused($$INSERT INTO plan (code, kind, person_id, territory_id, account_id, during) VALUES ('r', 'relationship', 1, NULL, 1, '[2016-01-01,2017-01-01)')$$);
SELECT pg_temp.refused($$INSERT INTO plan (code, kind, person_id, territory_id, account_id, during) VALUES ('d', 'development', 1, NULL, NULL, '[2016-01-01,2017-01-01)')$$);
SELECT pg_temp.refused($$INSERT INTO plan (code, kind, person_id, territory_id, account_id, during) VALUES ('o', 'onboarding', 2, NULL, NULL, '[2016-01-01,2016-04-01)')$$);
SELECT pg_temp.refused($$INSERT INTO plan (code, kind, person_id, territory_id, account_id, during) VALUES ('x', 'role', 2, NULL, NULL, '[2016-01-01,2016-04-01)')$$);
SELECT pg_temp.refused($$INSERT INTO plan (code, kind, person_id, territory_id, account_id, during) VALUES ('bad', 'territory', 1, NULL, NULL, '[2016-01-01,2017-01-01)')$$);
SELECT pg_temp.refused($$INSERT INTO plan (code, kind, person_id, territory_id, account_id, during) VALUES ('bad', 'relationship', 1, 1, NULL, '[2016-01-01,2017-01-01)')$$);
SELECT pg_temp.refused($$INSERT INTO plan (code, kind, person_id, territory_id, account_id, during) VALUES ('bad', 'quota', 1, NULL, NULL, '[2016-01-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO plan (code, kind, person_id, territory_id, account_id, during) VALUES ('bad', 'wish', 1, NULL, NULL, '[2016-01-01,2017-01-01)')$$);
SELECT pg_temp.refused($$INSERT INTO plan (code, kind, person_id, territory_id, account_id, during) VALUES ('bad', 'quota', NULL, NULL, NULL, '[2016-01-01,2017-01-01)')$$);
SELECT pg_temp.refused($$UPDATE plan SET parent_id = plan_id WHERE code = 'q'$$);
SELECT pg_temp.refused($$UPDATE plan SET parent_id = 1 WHERE code = 't'$$);
SELECT pg_temp.refused($$UPDATE plan SET agreed_by_person_on = 'infinity' WHERE code = 'q'$$);
-- targets
SELECT pg_temp.refused($$INSERT INTO plan_target (code, plan_id, metric_id, during, level, revision, target, revised_at, reason) VALUES ('q1', 1, 1, '[2016-01-01,2016-04-01)', 'base', 1, 100, '2016-01-01', NULL)$$);
SELECT pg_temp.refused($$INSERT INTO plan_target (code, plan_id, metric_id, during, level, revision, target, revised_at, reason) VALUES ('q1s', 1, 1, '[2016-01-01,2016-04-01)', 'stretch', 1, 120, '2016-01-01', NULL)$$);
SELECT pg_temp.refused($$INSERT INTO plan_target (code, plan_id, metric_id, during, level, revision, target, revised_at, reason) VALUES ('q1r', 1, 1, '[2016-01-01,2016-04-01)', 'base', 2, 90, '2016-02-01', 'Lost a territory')$$);
SELECT pg_temp.refused($$INSERT INTO plan_target (code, plan_id, metric_id, during, level, revision, target, revised_at, reason) VALUES ('z', 1, 1, '[2016-01-01,2016-04-01)', 'base', 2, 80, '2016-02-02', 'Again')$$);
SELECT pg_temp.refused($$INSERT INTO plan_target (code, plan_id, metric_id, during, level, revision, target, revised_at, reason) VALUES ('z', 1, 1, '[2016-01-01,)', 'base', 1, 80, '2016-02-02', NULL)$$);
SELECT pg_temp.refused($$INSERT INTO plan_target (code, plan_id, metric_id, during, level, revision, target, revised_at, reason) VALUES ('z', 1, 1, '[2016-04-01,2016-07-01)', 'base', 0, 80, '2016-02-02', NULL)$$);
SELECT pg_temp.refused($$INSERT INTO plan_target (code, plan_id, metric_id, during, level, revision, target, revised_at, reason) VALUES ('z', 1, 1, '[2016-04-01,2016-07-01)', 'least', 1, 80, '2016-02-02', NULL)$$);
SELECT pg_temp.refused($$INSERT INTO plan_target (code, plan_id, metric_id, during, level, revision, target, revised_at, reason) VALUES ('z', 1, 1, '[2016-04-01,2016-07-01)', 'base', 1, 'NaN', '2016-02-02', NULL)$$);
SELECT pg_temp.refused($$INSERT INTO plan_target (code, plan_id, metric_id, during, level, revision, target, revised_at, reason) VALUES ('z', 1, 1, '[2016-04-01,2016-07-01)', 'base', 1, 1, '-infinity', NULL)$$);
SELECT pg_temp.refused($$UPDATE plan_target SET target = 0$$);
SELECT pg_temp.refused($$DELETE FROM plan_target$$);
SELECT pg_temp.refused($$TRUNCATE plan_target$$);
SELECT pg_temp.refused($$TRUNCATE plan CASCADE$$);
SELECT pg_temp.refused($$DELETE FROM plan WHERE code = 'q'$$);
-- the same file twice
INSERT INTO plan_target (code, plan_id, metric_id, during, level, revision, target, revised_at, reason) VALUES ('q1', 1, 1, '[2016-01-01,2016-04-01)', 'base', 1, 100, '2016-01-01', NULL) ON CONFLICT DO NOTHING;
SELECT code, level, revision, target, reason FROM plan_target ORDER BY plan_target_id;
-- imported results
SELECT pg_temp.refused($$INSERT INTO actual (metric_id, person_id, day, value) VALUES (1, 1, '2016-01-01', 10)$$);
SELECT pg_temp.refused($$INSERT INTO actual (metric_id, person_id, day, value) VALUES (1, 1, '2016-01-01', -10.5)$$);
SELECT pg_temp.refused($$INSERT INTO actual (metric_id, person_id, day, value) VALUES (1, 1, '2016-01-01', 'NaN')$$);
SELECT pg_temp.refused($$INSERT INTO actual (metric_id, person_id, day, value) VALUES (1, 1, '2016-01-01', '-Infinity')$$);
SELECT pg_temp.refused($$INSERT INTO actual (metric_id, person_id, day, value) VALUES (1, 1, 'infinity', 1)$$);
SELECT pg_temp.refused($$INSERT INTO actual (metric_id, person_id, day, value) VALUES (99, 1, '2016-01-01', 1)$$);
DROP SCHEMA rules CASCADE;
