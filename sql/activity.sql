-- What people do and what is expected of them: done is what has an instant, a norm is a role's or a person's.
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
INSERT INTO metric (metric_id, code, name, unit) VALUES (1000, 'calls', 'Calls', 'count');
INSERT INTO activity_kind (code, name, metric_id) SELECT 'call', 'Call', metric_id FROM metric WHERE code = 'calls';
SELECT pg_temp.refused($$INSERT INTO activity (code, activity_kind_id, person_id, outcome, planned_for, held_at, minutes) VALUES ('1', 1, 1, 'held', NULL, '2016-01-04 10:00', 15)$$);
SELECT pg_temp.refused($$INSERT INTO activity (code, activity_kind_id, person_id, outcome, planned_for, held_at, minutes) VALUES ('2', 1, 1, 'planned', '2016-01-05 10:00', NULL, NULL)$$);
SELECT pg_temp.refused($$INSERT INTO activity (code, activity_kind_id, person_id, outcome, planned_for, held_at, minutes) VALUES ('3', 1, 1, 'not_held', '2016-01-05 10:00', NULL, NULL)$$);
SELECT pg_temp.refused($$INSERT INTO activity (code, activity_kind_id, person_id, outcome, planned_for, held_at, minutes) VALUES ('4', 1, 1, 'held', '2016-01-05 10:00', '2016-01-05 10:05', 0)$$);
SELECT pg_temp.refused($$INSERT INTO activity (code, activity_kind_id, person_id, outcome, planned_for, held_at, minutes) VALUES ('5', 1, 1, 'held', '2016-01-05 10:00', NULL, NULL)$$);
SELECT pg_temp.refused($$INSERT INTO activity (code, activity_kind_id, person_id, outcome, planned_for, held_at, minutes) VALUES ('5', 1, 1, 'planned', NULL, NULL, NULL)$$);
SELECT pg_temp.refused($$INSERT INTO activity (code, activity_kind_id, person_id, outcome, planned_for, held_at, minutes) VALUES ('5', 1, 1, 'not_held', NULL, NULL, NULL)$$);
SELECT pg_temp.refused($$INSERT INTO activity (code, activity_kind_id, person_id, outcome, planned_for, held_at, minutes) VALUES ('5', 1, 1, 'planned', '2016-01-05 10:00', '2016-01-05 10:00', NULL)$$);
SELECT pg_temp.refused($$INSERT INTO activity (code, activity_kind_id, person_id, outcome, planned_for, held_at, minutes) VALUES ('5', 1, 1, 'held', NULL, 'infinity', NULL)$$);
SELECT pg_temp.refused($$INSERT INTO activity (code, activity_kind_id, person_id, outcome, planned_for, held_at, minutes) VALUES ('5', 1, 1, 'held', NULL, '2016-01-05', -1)$$);
SELECT pg_temp.refused($$INSERT INTO activity (code, activity_kind_id, person_id, outcome, planned_for, held_at, minutes) VALUES ('5', 1, 1, 'cancelled', '2016-01-05', NULL, NULL)$$);
SELECT pg_temp.refused($$INSERT INTO activity (code, activity_kind_id, person_id, outcome, planned_for, held_at, minutes) VALUES ('1', 1, 1, 'held', NULL, '2016-01-05', 1)$$);
SELECT pg_temp.refused($$INSERT INTO activity (code, activity_kind_id, person_id, outcome, planned_for, held_at, minutes) VALUES ('5', 9, 1, 'held', NULL, '2016-01-05', 1)$$);
SELECT pg_temp.refused($$INSERT INTO activity (code, activity_kind_id, person_id, outcome, planned_for, held_at, minutes) VALUES ('5', 1, NULL, 'held', NULL, '2016-01-05', 1)$$);
SELECT code, outcome FROM activity ORDER BY code;
-- a norm
SELECT pg_temp.refused($$INSERT INTO standard (metric_id, role, person_id, norm, per, during) SELECT metric_id, 'rep', NULL, 40, 'week', '[2016-01-01,)' FROM metric WHERE code = 'calls'$$);
SELECT pg_temp.refused($$INSERT INTO standard (metric_id, role, person_id, norm, per, during) SELECT metric_id, NULL, 1, 30, 'week', '[2016-01-01,)' FROM metric WHERE code = 'calls'$$);
SELECT pg_temp.refused($$INSERT INTO standard (metric_id, role, person_id, norm, per, during) SELECT metric_id, 'rep', 1, 30, 'week', '[2015-01-01,2016-01-01)' FROM metric WHERE code = 'calls'$$);
SELECT pg_temp.refused($$INSERT INTO standard (metric_id, role, person_id, norm, per, during) SELECT metric_id, NULL, NULL, 30, 'week', '[2015-01-01,2016-01-01)' FROM metric WHERE code = 'calls'$$);
SELECT pg_temp.refused($$INSERT INTO standard (metric_id, role, person_id, norm, per, during) SELECT metric_id, 'rep', NULL, 8, 'day', '[2016-06-01,)' FROM metric WHERE code = 'calls'$$);
SELECT pg_temp.refused($$INSERT INTO standard (metric_id, role, person_id, norm, per, during) SELECT metric_id, NULL, 1, 8, 'day', '[2016-06-01,)' FROM metric WHERE code = 'calls'$$);
SELECT pg_temp.refused($$INSERT INTO standard (metric_id, role, person_id, norm, per, during) SELECT metric_id, NULL, 2, 8, 'day', '[2016-06-01,)' FROM metric WHERE code = 'calls'$$);
SELECT pg_temp.refused($$INSERT INTO standard (metric_id, role, person_id, norm, per, during) SELECT metric_id, 'rep', NULL, 35, 'week', '[2015-01-01,2016-01-01)' FROM metric WHERE code = 'calls'$$);
SELECT pg_temp.refused($$INSERT INTO standard (metric_id, role, person_id, norm, per, during) SELECT metric_id, 'manager', NULL, -1, 'week', '[2016-01-01,)' FROM metric WHERE code = 'calls'$$);
SELECT pg_temp.refused($$INSERT INTO standard (metric_id, role, person_id, norm, per, during) SELECT metric_id, 'manager', NULL, 'NaN', 'week', '[2016-01-01,)' FROM metric WHERE code = 'calls'$$);
SELECT pg_temp.refused($$INSERT INTO standard (metric_id, role, person_id, norm, per, during) SELECT metric_id, 'manager', NULL, 'Infinity', 'week', '[2016-01-01,)' FROM metric WHERE code = 'calls'$$);
SELECT pg_temp.refused($$INSERT INTO standard (metric_id, role, person_id, norm, per, during) SELECT metric_id, 'manager', NULL, 1, 'year', '[2016-01-01,)' FROM metric WHERE code = 'calls'$$);
SELECT pg_temp.refused($$INSERT INTO standard (metric_id, role, person_id, norm, per, during) SELECT metric_id, 'boss', NULL, 1, 'week', '[2016-01-01,)' FROM metric WHERE code = 'calls'$$);
DROP SCHEMA rules CASCADE;
