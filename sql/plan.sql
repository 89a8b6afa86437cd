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
-- a plan is not part of itself, however many levels up
SELECT pg_temp.refused($$UPDATE plan SET parent_id = 2 WHERE code = 'q'$$);
SELECT pg_temp.refused($$UPDATE plan SET parent_id = 2 WHERE code = 'r'$$);
SELECT pg_temp.refused($$UPDATE plan SET parent_id = 3 WHERE code = 'q'$$);
SELECT pg_temp.refused($$UPDATE plan SET parent_id = plan_id % 3 + 1 WHERE code IN ('d', 'r', 'q', 't')$$);
SELECT pg_temp.refused($$INSERT INTO plan (plan_id, code, kind, person_id, during, parent_id)
  VALUES (1001, 'c1', 'quota', 1, '[2016-01-01,2017-01-01)', 1002), (1002, 'c2', 'quota', 1, '[2016-01-01,2017-01-01)', 1001)$$);
SELECT pg_temp.refused($$INSERT INTO plan (plan_id, code, kind, person_id, during, parent_id)
  VALUES (1001, 'c1', 'quota', 1, '[2016-01-01,2017-01-01)', 1002), (1002, 'c2', 'quota', 1, '[2016-01-01,2017-01-01)', 1)$$);
SELECT pg_temp.refused($$UPDATE plan SET parent_id = NULL WHERE parent_id IS NOT NULL$$);
SELECT pg_temp.refused($$INSERT INTO plan (plan_id, code, kind, person_id, during, parent_id)
  SELECT n, 'deep' || n, 'quota', 1, '[2016-01-01,2017-01-01)', CASE WHEN n > 2000 THEN n - 1 END FROM generate_series(2000, 2100) AS n$$);
SELECT pg_temp.refused($$INSERT INTO plan (plan_id, code, kind, person_id, during, parent_id)
  SELECT n, 'deep' || n, 'quota', 1, '[2016-01-01,2017-01-01)', CASE WHEN n > 3000 THEN n - 1 END FROM generate_series(3000, 3101) AS n$$);
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
-- revisions are a chain: no gap, and never back in time
SELECT pg_temp.refused($$INSERT INTO plan_target (plan_id, metric_id, during, revision, target, revised_at, reason) VALUES (1, 1, '[2016-01-01,2016-04-01)', 4, 85, '2016-03-01', 'Again')$$);
SELECT pg_temp.refused($$INSERT INTO plan_target (plan_id, metric_id, during, revision, target, revised_at, reason) VALUES (1, 1, '[2016-04-01,2016-07-01)', 2, 85, '2016-03-01', 'Again')$$);
SELECT pg_temp.refused($$INSERT INTO plan_target (plan_id, metric_id, during, revision, target, revised_at, reason) VALUES (1, 1, '[2016-01-01,2016-04-01)', 3, 85, '2016-01-31', 'Again')$$);
SELECT pg_temp.refused($$INSERT INTO plan_target (plan_id, metric_id, during, level, revision, target, revised_at, reason) VALUES (1, 1, '[2016-01-01,2016-04-01)', 'stretch', 3, 85, '2016-03-01', 'Again')$$);
SELECT pg_temp.refused($$INSERT INTO plan_target (code, plan_id, metric_id, during, revision, target, revised_at, reason) VALUES
  ('q1u', 1, 1, '[2016-01-01,2016-04-01)', 4, 80, '2016-03-01', 'Again'), ('q1t', 1, 1, '[2016-01-01,2016-04-01)', 3, 85, '2016-02-01', 'Again')$$);
-- whoever resets a target says why
SELECT pg_temp.refused($$INSERT INTO plan_target (plan_id, metric_id, during, revision, target, revised_at) VALUES (1, 1, '[2016-01-01,2016-04-01)', 5, 85, '2016-03-02')$$);
SELECT pg_temp.refused($$INSERT INTO plan_target (plan_id, metric_id, during, revision, target, revised_at, reason) VALUES (1, 1, '[2016-01-01,2016-04-01)', 5, 85, '2016-03-02', ' ')$$);
SELECT pg_temp.refused($$UPDATE plan_target SET target = 0$$);
SELECT pg_temp.refused($$DELETE FROM plan_target$$);
SELECT pg_temp.refused($$TRUNCATE plan_target$$);
SELECT pg_temp.refused($$TRUNCATE plan CASCADE$$);
SELECT pg_temp.refused($$DELETE FROM plan WHERE code = 'q'$$);
-- the same file twice
INSERT INTO plan_target (code, plan_id, metric_id, during, level, revision, target, revised_at, reason) VALUES ('q1', 1, 1, '[2016-01-01,2016-04-01)', 'base', 1, 100, '2016-01-01', NULL) ON CONFLICT DO NOTHING;
SELECT code, level, revision, target, reason FROM plan_target ORDER BY plan_target_id;
-- D18: editing a period or a plan erases no target and no forecast, and a resetting is one more revision
INSERT INTO period (code, name, kind, during) VALUES ('Q1', 'First quarter', 'quarter', '[2016-01-01,2016-04-01)');
INSERT INTO forecast (code, person_id, judgement, category, during, amount, submitted_at) VALUES ('f1', 1, 'rep', 'commit', '[2016-01-01,2016-04-01)', 100, '2016-01-01');
UPDATE period SET during = '[2016-01-02,2016-04-02)' WHERE code = 'Q1';
UPDATE plan SET during = '[2016-01-01,2016-12-31)' WHERE code = 'q';
DELETE FROM period;
INSERT INTO plan_target (plan_id, metric_id, during, revision, target, revised_at, reason)
SELECT plan_id, metric_id, during, max(revision) + 1, 70, '2016-03-15', 'Once more' FROM plan_target WHERE level = 'base' GROUP BY plan_id, metric_id, during;
SELECT pg_temp.refused($$UPDATE forecast SET during = '[2016-01-02,2016-04-02)'$$);
SELECT level, during, revision, target FROM plan_target ORDER BY level, revision;
SELECT code, during, amount FROM forecast;
-- imported results
SELECT pg_temp.refused($$INSERT INTO actual (metric_id, person_id, day, value) VALUES (1, 1, '2016-01-01', 10)$$);
SELECT pg_temp.refused($$INSERT INTO actual (metric_id, person_id, day, value) VALUES (1, 1, '2016-01-01', -10.5)$$);
SELECT pg_temp.refused($$INSERT INTO actual (metric_id, person_id, day, value) VALUES (1, 1, '2016-01-01', 'NaN')$$);
SELECT pg_temp.refused($$INSERT INTO actual (metric_id, person_id, day, value) VALUES (1, 1, '2016-01-01', -1e15)$$);
SELECT pg_temp.refused($$INSERT INTO actual (metric_id, person_id, day, value) VALUES (1, 1, '2016-01-01', -1e-16)$$);
SELECT pg_temp.refused($$INSERT INTO actual (metric_id, person_id, day, value) VALUES (1, 1, '2016-01-01', '-Infinity')$$);
SELECT pg_temp.refused($$INSERT INTO actual (metric_id, person_id, day, value) VALUES (1, 1, 'infinity', 1)$$);
SELECT pg_temp.refused($$INSERT INTO actual (metric_id, person_id, day, value) VALUES (99, 1, '2016-01-01', 1)$$);
-- actions: what is decided was asked for, on a day
INSERT INTO plan_action (code, plan_id, person_id, account_id, description, due_on, resource_asked, amount_asked)
VALUES ('a1', 1, 1, 1, 'Invite their board to the plant', '2016-03-01', 'a day of the plant manager', 500);
SELECT pg_temp.refused($$UPDATE plan_action SET decision = 'partly', decided_on = '2016-02-01', decided_by = 2, amount_granted = 300$$);
SELECT pg_temp.refused($$UPDATE plan_action SET decided_on = NULL$$);
SELECT pg_temp.refused($$UPDATE plan_action SET decision = 'perhaps'$$);
SELECT pg_temp.refused($$UPDATE plan_action SET resource_asked = NULL, amount_asked = NULL$$);
SELECT pg_temp.refused($$UPDATE plan_action SET amount_granted = -1$$);
SELECT pg_temp.refused($$UPDATE plan_action SET due_on = 'infinity'$$);
SELECT pg_temp.refused($$INSERT INTO plan_action (plan_id, person_id, description, due_on, decision, decided_on) VALUES (1, 1, 'x', '2016-03-01', 'granted', '2016-02-01')$$);
SELECT pg_temp.refused($$INSERT INTO plan_action (plan_id, person_id, description, due_on) VALUES (1, 1, 'x', '2016-03-01'), (2, 2, 'y', '2016-03-02')$$);
SELECT count(*), count(decision) FROM plan_action;
DROP SCHEMA rules CASCADE;
