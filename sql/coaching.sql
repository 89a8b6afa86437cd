-- Sessions: held ones have their hour, a moved one leads back to what it was; who came judges.
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
INSERT INTO person (code, name) VALUES ('ann', 'Ann'), ('meg', 'Meg');
INSERT INTO plan (code, kind, person_id, during) VALUES ('q', 'quota', 1, '[2016-01-01,2017-01-01)');
-- sessions
INSERT INTO coaching_session (code, kind, manager_id, planned_for, outcome) VALUES ('s1', 'one_on_one', 2, '2016-02-01 09:00', 'moved');
INSERT INTO coaching_session (code, kind, manager_id, planned_for, held_at, outcome, minutes, moved_from, reviewed, plan_id)
VALUES ('s2', 'one_on_one', 2, '2016-02-02 09:00', '2016-02-02 09:05', 'held', 40, 1, '[2016-01-01,2016-02-01)', 1);
SELECT pg_temp.refused($$INSERT INTO coaching_session (kind, manager_id, planned_for) VALUES ('plan_review', 2, '2016-03-01')$$);
SELECT pg_temp.refused($$INSERT INTO coaching_session (kind, manager_id, planned_for) VALUES ('lunch', 2, '2016-03-01')$$);
SELECT pg_temp.refused($$INSERT INTO coaching_session (kind, manager_id, outcome) VALUES ('one_on_one', 2, 'not_held')$$);
SELECT pg_temp.refused($$INSERT INTO coaching_session (kind, manager_id, held_at) VALUES ('one_on_one', 2, '2016-03-01')$$);
SELECT pg_temp.refused($$INSERT INTO coaching_session (kind, manager_id, outcome) VALUES ('one_on_one', 2, 'held')$$);
SELECT pg_temp.refused($$INSERT INTO coaching_session (kind, manager_id, planned_for, moved_from) VALUES ('one_on_one', 2, '2016-03-01', 1)$$);
SELECT pg_temp.refused($$UPDATE coaching_session SET moved_from = coaching_session_id$$);
-- a session does not come from itself, however often it was moved
SELECT pg_temp.refused($$UPDATE coaching_session SET moved_from = 2 WHERE code = 's1'$$);
INSERT INTO coaching_session (coaching_session_id, kind, manager_id, planned_for, moved_from) VALUES (30, 'one_on_one', 2, '2016-02-09', 2);
SELECT pg_temp.refused($$UPDATE coaching_session SET moved_from = 30 WHERE code = 's1'$$);
SELECT pg_temp.refused($$INSERT INTO coaching_session (coaching_session_id, kind, manager_id, planned_for, moved_from) VALUES (40, 'one_on_one', 2, '2016-03-01', 41), (41, 'one_on_one', 2, '2016-03-02', 40)$$);
-- a chain, last first, is none
SELECT pg_temp.refused($$INSERT INTO coaching_session (coaching_session_id, kind, manager_id, planned_for, moved_from) VALUES (51, 'one_on_one', 2, '2016-03-02', 50), (50, 'one_on_one', 2, '2016-03-01', 30)$$);
DELETE FROM coaching_session WHERE coaching_session_id >= 30;
SELECT pg_temp.refused($$UPDATE coaching_session SET minutes = 1441$$);
SELECT pg_temp.refused($$UPDATE coaching_session SET held_at = 'infinity' WHERE code = 's2'$$);
SELECT pg_temp.refused($$UPDATE coaching_session SET reviewed = '[2016-01-01,)'$$);
-- who was there, and what it was worth to them
INSERT INTO session_person (code, coaching_session_id, person_id, attendance, usefulness, judged_at) VALUES ('p1', 2, 1, 'attended', 4, '2016-02-02 12:00');
SELECT pg_temp.refused($$INSERT INTO session_person (coaching_session_id, person_id) VALUES (1, 1)$$);
SELECT pg_temp.refused($$INSERT INTO session_person (coaching_session_id, person_id) VALUES (2, 1)$$);
SELECT pg_temp.refused($$UPDATE session_person SET usefulness = 5$$);
SELECT pg_temp.refused($$UPDATE session_person SET attendance = 'absent'$$);
SELECT pg_temp.refused($$UPDATE session_person SET attendance = 'late', usefulness = NULL$$);
-- the session in which a target was reset
INSERT INTO plan_target (plan_id, metric_id, during, revision, target, revised_at, reason, coaching_session_id)
VALUES (1, 1, '[2016-01-01,2016-04-01)', 1, 100, '2016-01-01', NULL, NULL), (1, 1, '[2016-01-01,2016-04-01)', 2, 90, '2016-02-02 10:00', 'Lost a territory', 2);
SELECT pg_temp.refused($$DELETE FROM coaching_session WHERE code = 's2'$$);
SELECT t.revision, t.target, s.code FROM plan_target AS t LEFT JOIN coaching_session AS s USING (coaching_session_id) ORDER BY t.revision;
DROP SCHEMA rules CASCADE;
