-- One job, one boss at a time, no cycle; validities are spans.
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
-- keys are 1, 2, 3 ... in this order
INSERT INTO person (code, name) SELECT 'p' || i, 'Person ' || i FROM generate_series(1, 210) AS i;
INSERT INTO territory (code, name) VALUES ('north', 'North'), ('south', 'South');
-- a span is not empty and has no infinite bound; open ends are fine
SELECT pg_temp.refused('SELECT ''empty''::span');
SELECT pg_temp.refused('SELECT ''[2016-01-01,2016-01-01)''::span');
SELECT pg_temp.refused('SELECT ''[-infinity,2016-01-01)''::span');
SELECT pg_temp.refused('SELECT ''[2016-01-01,infinity)''::span');
SELECT pg_temp.refused('SELECT ''[2016-01-01,infinity]''::span');
SELECT pg_temp.refused('SELECT ''[infinity,)''::span');
SELECT pg_temp.refused('SELECT ''(,)''::span');
SELECT pg_temp.refused('SELECT ''(,2016-01-01]''::span');
SELECT pg_temp.refused('SELECT ''[2016-01-01,2016-01-01]''::span');
SELECT '(,2016-01-01]'::span, '(2016-01-01,2016-01-03]'::span;
-- employment: one job at a time, begun on a day
INSERT INTO employment (code, person_id, during, role) VALUES ('e1', 1, '[2016-01-01,2016-07-01)', 'rep');
SELECT pg_temp.refused($$INSERT INTO employment (person_id, during, role) VALUES (1, '[2016-06-30,)', 'manager')$$);
SELECT pg_temp.refused($$INSERT INTO employment (person_id, during, role) VALUES (1, '[2016-07-01,)', 'manager')$$);
SELECT pg_temp.refused($$INSERT INTO employment (person_id, during, role) VALUES (2, '(,2016-01-01)', 'rep')$$);
SELECT pg_temp.refused($$INSERT INTO employment (person_id, during, role) VALUES (2, '[2016-01-01,)', 'boss')$$);
SELECT pg_temp.refused($$INSERT INTO employment (person_id, during, role, specialty) VALUES (2, '[2016-01-01,)', 'rep', 'gatherer')$$);
SELECT pg_temp.refused($$INSERT INTO employment (person_id, during, role, probation_until) VALUES (2, '[2016-01-01,)', 'rep', 'infinity')$$);
SELECT pg_temp.refused($$INSERT INTO employment (person_id, during, role, end_reason) VALUES (2, '[2016-01-01,)', 'rep', 'bored')$$);
SELECT pg_temp.refused($$INSERT INTO employment (person_id, during, role) VALUES (999, '[2016-01-01,)', 'rep')$$);
SELECT pg_temp.refused($$INSERT INTO employment (code, person_id, during, role) VALUES ('e1', 2, '[2016-01-01,)', 'rep')$$);
INSERT INTO employment (code, person_id, during, role) VALUES ('e1', 1, '[2016-01-01,2016-07-01)', 'rep') ON CONFLICT (code) DO NOTHING;
SELECT person_id, during, role FROM employment ORDER BY during;
-- absences do not overlap; a territory may be shared, but not twice with the same person
INSERT INTO absence (person_id, during) VALUES (1, '[2016-02-01,2016-02-03)'), (2, '[2016-02-01,2016-02-03)');
INSERT INTO territory_assignment (territory_id, person_id, during) VALUES (1, 1, '[2016-01-01,)'), (1, 2, '[2016-01-01,)'), (2, 1, '[2016-01-01,)');
SELECT pg_temp.refused($$INSERT INTO absence (person_id, during) VALUES (1, '[2016-02-02,2016-02-05)')$$);
SELECT pg_temp.refused($$INSERT INTO absence (person_id, during, kind) VALUES (1, '[2016-03-02,2016-03-05)', 'golf')$$);
SELECT pg_temp.refused($$INSERT INTO territory_assignment (territory_id, person_id, during) VALUES (1, 2, '[2016-05-01,)')$$);
SELECT pg_temp.refused($$UPDATE territory SET parent_id = 1 WHERE code = 'north'$$);
SELECT pg_temp.refused($$UPDATE territory SET parent_id = 1 WHERE code = 'south'$$);
SELECT pg_temp.refused($$UPDATE territory SET parent_id = 2 WHERE code = 'north'$$);
SELECT pg_temp.refused($$INSERT INTO territory (code, name, parent_id) VALUES ('deep south', 'Deep South', 2)$$);
SELECT pg_temp.refused($$UPDATE territory SET parent_id = (SELECT territory_id FROM territory WHERE code = 'deep south') WHERE code = 'north'$$);
SELECT pg_temp.refused($$INSERT INTO holiday (day, name) VALUES ('2016-12-25', 'Christmas')$$);
SELECT pg_temp.refused($$INSERT INTO holiday (day, name) VALUES ('2016-12-25', 'Christmas again')$$);
SELECT pg_temp.refused($$INSERT INTO holiday (day, name, territory_id) VALUES ('2016-12-25', 'Christmas in the south', 2)$$);
-- reporting lines: one boss at a time
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (1, 2, '[2016-01-01,2016-07-01)'), (2, 3, '[2016-01-01,)');
SELECT pg_temp.refused($$INSERT INTO reporting_line (person_id, manager_id, during) VALUES (1, 3, '[2016-06-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO reporting_line (person_id, manager_id, during) VALUES (1, 3, '[2016-07-01,2017-01-01)')$$);
SELECT pg_temp.refused($$INSERT INTO reporting_line (person_id, manager_id, during) VALUES (4, 4, '[2016-01-01,)')$$);
-- no cycle, of two, of three, within one statement, by UPDATE
SELECT pg_temp.refused($$INSERT INTO reporting_line (person_id, manager_id, during) VALUES (3, 2, '[2016-03-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO reporting_line (person_id, manager_id, during) VALUES (3, 1, '[2016-06-30,2016-08-01)')$$);
SELECT pg_temp.refused($$INSERT INTO reporting_line (person_id, manager_id, during) VALUES (5, 6, '[2016-01-01,)'), (6, 7, '[2016-01-01,)'), (7, 5, '[2016-01-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO reporting_line (person_id, manager_id, during) VALUES (5, 6, '[2016-01-01,)'), (6, 7, '[2016-01-01,)'), (7, 8, '[2016-01-01,)')$$);
SELECT pg_temp.refused($$UPDATE reporting_line SET manager_id = 5 WHERE person_id = 7$$);
SELECT pg_temp.refused($$UPDATE reporting_line SET during = '[2016-01-01,2016-09-01)' WHERE person_id = 1 AND manager_id = 2$$);
-- the other way round in another period is no cycle: a boss who becomes a report, and by way of three
SELECT pg_temp.refused($$INSERT INTO reporting_line (person_id, manager_id, during) VALUES (3, 2, '[2015-01-01,2016-01-01)')$$);
SELECT pg_temp.refused($$INSERT INTO reporting_line (person_id, manager_id, during) VALUES (8, 5, '[2015-01-01,2016-01-01)')$$);
SELECT pg_temp.refused($$UPDATE reporting_line SET during = '[2015-12-31,2016-01-01)' WHERE person_id = 8$$);
SELECT pg_temp.refused($$UPDATE reporting_line SET during = '[2015-12-31,2016-01-02)' WHERE person_id = 8$$);
-- each day's line alone may be in force, and a cycle of parts that never meet is none
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (11, 12, '[2016-01-01,2016-02-01)'), (12, 13, '[2016-02-01,2016-03-01)'), (13, 11, '[2016-01-01,2016-03-01)');
SELECT leader_id, person_id, level FROM team('2016-01-15') WHERE leader_id BETWEEN 11 AND 13 ORDER BY 1, 3, 2;
SELECT leader_id, person_id, level FROM team('2016-02-15') WHERE leader_id BETWEEN 11 AND 13 ORDER BY 1, 3, 2;
-- each change of a line counts on the subordinate, and only there
SELECT code, line_version FROM person WHERE line_version > 0 ORDER BY person_id;
-- a hundred levels are enough: from the bottom up, from the top down, two halves joined, at once
DO $$ BEGIN
  FOR i IN 101..200 LOOP
    INSERT INTO reporting_line (person_id, manager_id, during) VALUES (i, i + 1, '[2016-01-01,)');
  END LOOP;
END $$;
SELECT max(level) FROM team('2016-01-01') WHERE leader_id = 201;
SELECT pg_temp.refused($$INSERT INTO reporting_line (person_id, manager_id, during) VALUES (201, 202, '[2016-01-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO reporting_line (person_id, manager_id, during) VALUES (202, 101, '[2016-01-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO reporting_line (person_id, manager_id, during) VALUES (201, 101, '[2016-01-01,)')$$);
DELETE FROM reporting_line WHERE person_id = 150;
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (201, 202, '[2016-01-01,)'), (202, 203, '[2016-01-01,)');
SELECT pg_temp.refused($$INSERT INTO reporting_line (person_id, manager_id, during) VALUES (150, 151, '[2016-01-01,)')$$);
SELECT pg_temp.refused($$INSERT INTO reporting_line (person_id, manager_id, during) VALUES (150, 151, '[2015-01-01,2016-01-01)')$$);
DELETE FROM reporting_line WHERE person_id > 100;
SELECT pg_temp.refused($$INSERT INTO reporting_line (person_id, manager_id, during) SELECT i, i + 1, '[2016-01-01,)' FROM generate_series(101, 201) AS i$$);
SELECT pg_temp.refused($$INSERT INTO reporting_line (person_id, manager_id, during) SELECT i, i + 1, '[2016-01-01,)' FROM generate_series(101, 200) AS i$$);
DROP SCHEMA rules CASCADE;
