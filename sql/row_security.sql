-- What a user's row-level security hides from a writer: a rule that has to see it refuses, and lets nothing through unseen.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT salesmgmt.create_book('hidden');
CREATE ROLE clerk;
GRANT USAGE ON SCHEMA hidden TO clerk;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hidden TO clerk;
GRANT USAGE, UPDATE ON ALL SEQUENCES IN SCHEMA hidden TO clerk;
SET search_path = hidden, salesmgmt;
INSERT INTO person (person_id, code, name) VALUES (1, 'ann', 'Ann'), (2, 'bob', 'Bob'), (3, 'cleo', 'Cleo');
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (1, 2, '[2026-01-01,)'), (2, 3, '[2026-01-01,)');
INSERT INTO territory (territory_id, code, name, parent_id) VALUES (1, 'north', 'North', NULL), (2, 'coast', 'Coast', 1), (3, 'port', 'Port', 2);
INSERT INTO booking (booking_id, code, booked_on, person_id, amount) VALUES (1, 'b1', '2026-02-01', 1, 100), (2, 'b2', '2026-02-01', 2, 100);
INSERT INTO plan (plan_id, code, kind, person_id, during) VALUES (1, 'p1', 'quota', 1, '[2026-01-01,2027-01-01)');
INSERT INTO plan_target (plan_id, metric_id, during, target, revised_at) VALUES (1, 1, '[2026-01-01,2027-01-01)', 100, '2026-02-01');

-- a booking whose shares would not make it split
ALTER TABLE booking ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON booking TO clerk USING (person_id = 1);
SET ROLE clerk;
INSERT INTO booking_credit (booking_id, person_id, share) VALUES (2, 1, 0.5), (2, 2, 0.5);
INSERT INTO booking_credit (code, booking_id, person_id, share) VALUES ('s1', 1, 1, 0.5), ('s2', 1, 2, 0.5);
UPDATE booking_credit SET booking_id = 2;
-- one that the clerk sees goes with its shares
BEGIN;
DELETE FROM booking WHERE code = 'b1';
COMMIT;
RESET ROLE;
SELECT booking_id, person_id, amount FROM credited_booking ORDER BY booking_id, person_id;
SELECT count(*) FROM booking_credit;
ALTER TABLE booking DISABLE ROW LEVEL SECURITY;

-- the share of somebody hidden counts in their sum
ALTER TABLE person ENABLE ROW LEVEL SECURITY;
CREATE POLICY others ON person TO clerk USING (code <> 'cleo');
SET ROLE clerk;
INSERT INTO booking_credit (booking_id, person_id, share) VALUES (2, 1, 1), (2, 3, 0.6);

-- a line of somebody hidden, and a territory below a hidden one
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (3, 1, '[2026-01-01,)');
RESET ROLE;
ALTER TABLE person DISABLE ROW LEVEL SECURITY;
ALTER TABLE territory ENABLE ROW LEVEL SECURITY;
CREATE POLICY others ON territory TO clerk USING (code <> 'coast');
SET ROLE clerk;
UPDATE territory SET parent_id = 3 WHERE code = 'north';
INSERT INTO territory (territory_id, code, name, parent_id) VALUES (4, 'south', 'South', 1);
RESET ROLE;
SELECT code, parent_id FROM territory ORDER BY code;

-- revisions of a plan that is hidden
ALTER TABLE plan ENABLE ROW LEVEL SECURITY;
SET ROLE clerk;
INSERT INTO plan_target (plan_id, metric_id, during, target, revision, revised_at, reason) VALUES (1, 1, '[2026-01-01,2027-01-01)', 90, 2, '2026-01-31', 'r');
INSERT INTO plan_target (plan_id, metric_id, during, target, revision, revised_at, reason) VALUES (1, 1, '[2026-01-01,2027-01-01)', 90, 3, '2026-03-31', 'r');
INSERT INTO plan_target (plan_id, metric_id, during, target, revision, revised_at, reason) VALUES (1, 1, '[2026-01-01,2027-01-01)', 90, 2, '2026-03-31', 'r');
RESET ROLE;
SELECT revision, target FROM plan_target ORDER BY revision;

-- who sees all by a policy writes as before
CREATE POLICY every ON territory TO clerk USING (true);
ALTER TABLE reporting_line ENABLE ROW LEVEL SECURITY;
ALTER TABLE person ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking ENABLE ROW LEVEL SECURITY;
CREATE POLICY every ON reporting_line TO clerk USING (true);
CREATE POLICY every ON person TO clerk USING (true);
CREATE POLICY every ON booking TO clerk USING (true);
SET ROLE clerk;
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (3, 1, '[2026-01-01,)');
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (3, 1, '[2025-01-01,2026-01-01)');
UPDATE territory SET parent_id = 3 WHERE code = 'north';
INSERT INTO booking_credit (booking_id, person_id, share) VALUES (2, 1, 0.4), (2, 3, 0.6);
SELECT person_id, amount FROM credited_booking ORDER BY person_id;
RESET ROLE;

DROP SCHEMA hidden CASCADE;
DROP OWNED BY clerk;
DROP ROLE clerk;
