-- Split bookings: shares sum to 1 at commit, parts sum to the booking, reports credit the parts.
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only true
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT salesmgmt.create_book('split');
SET search_path = split, salesmgmt, public;
INSERT INTO person (code, name) VALUES ('meg', 'Meg'), ('ann', 'Ann'), ('bob', 'Bob'), ('cyd', 'Cyd');
INSERT INTO reporting_line (person_id, manager_id, during) SELECT n, 1, '[2025-01-01,)' FROM generate_series(2, 4) AS n;
INSERT INTO booking (code, booked_on, person_id, amount, margin, quantity) VALUES
  ('one', '2026-01-05', 2, 100, 10, 3), ('two', '2026-01-06', 2, 1000.01, 33.33, 2), ('three', '2026-02-07', NULL, 90, NULL, NULL),
  ('four', '2026-04-01', 3, 7, 1, 1);
CREATE FUNCTION parts() RETURNS TABLE (line text) LANGUAGE sql
RETURN (SELECT string_agg(format('%s %s %s', b.code, coalesce(p.code, '-'), c.amount), '; ' ORDER BY b.booking_id, p.person_id)
  FROM credited_booking AS c JOIN booking AS b USING (booking_id) LEFT JOIN person AS p ON p.person_id = c.person_id);

-- without a split a booking is its person's
SELECT parts();

-- thirds, and business that came by itself shared out afterwards; at once in the figures
BEGIN;
INSERT INTO booking_credit (code, booking_id, person_id, share) VALUES
  ('2a', 2, 2, 0.3333), ('2b', 2, 3, 0.3333), ('2c', 2, 4, 0.3334), ('3b', 3, 3, 0.25), ('3c', 3, 4, 0.75);
SELECT parts();
COMMIT;
SELECT booking_id, sum(amount) = (SELECT amount FROM booking AS b WHERE b.booking_id = c.booking_id) AS amount,
  sum(margin) = (SELECT margin FROM booking AS b WHERE b.booking_id = c.booking_id) AS margin,
  sum(quantity) = (SELECT quantity FROM booking AS b WHERE b.booking_id = c.booking_id) AS quantity, sum(share) = 1 AS share
FROM credited_booking AS c GROUP BY booking_id ORDER BY booking_id;
SELECT code, is_split FROM booking ORDER BY booking_id;
-- the function gives a person's part of the view
SELECT p.code, c.booked_on, c.amount
FROM person AS p CROSS JOIN LATERAL credited_to(p.person_id, '2026-01-06', '2026-04-01') AS c ORDER BY p.code, c.booked_on;

-- what is refused, at commit or at once
INSERT INTO booking_credit (booking_id, person_id, share) VALUES (1, 2, 0.5);
INSERT INTO booking_credit (booking_id, person_id, share) VALUES (1, 2, 0.5), (1, 3, 0.50001);
INSERT INTO booking_credit (booking_id, person_id, share) VALUES (2, 1, 0.0001);
\set VERBOSITY default
UPDATE booking_credit SET share = 0.3 WHERE code = '2c';
\set VERBOSITY terse
DELETE FROM booking_credit WHERE code = '3b';
UPDATE booking_credit SET booking_id = 1 WHERE code = '3b';
INSERT INTO booking_credit (booking_id, person_id, share) VALUES (1, 2, 0);
INSERT INTO booking_credit (booking_id, person_id, share) VALUES (1, 2, 1.1);
INSERT INTO booking_credit (booking_id, person_id, share) VALUES (1, 2, -1);
INSERT INTO booking_credit (booking_id, person_id, share) VALUES (1, 2, 'NaN');
INSERT INTO booking_credit (booking_id, person_id, share) VALUES (1, 2, 'Infinity');
INSERT INTO booking_credit (booking_id, person_id, share) VALUES (1, 2, 0.5), (1, 2, 0.5);
INSERT INTO booking_credit (booking_id, person_id, share) VALUES (9, 2, 1);
BEGIN;
SET CONSTRAINTS refuse_partial_credit IMMEDIATE;
INSERT INTO booking_credit (booking_id, person_id, share) VALUES (1, 2, 0.5);
ROLLBACK;
SELECT parts();

-- what is not: to change a split, to move one, to undo one, to give all of it to one other
BEGIN;
UPDATE booking_credit SET share = 0.3332 WHERE code = '2a';
INSERT INTO booking_credit (code, booking_id, person_id, share) VALUES ('2m', 2, 1, 0.0001);
COMMIT;
UPDATE booking_credit SET booking_id = 4 WHERE booking_id = 3;
INSERT INTO booking_credit (code, booking_id, person_id, share, reason) VALUES ('1m', 1, 1, 1, 'closed it');
SELECT parts();
DELETE FROM booking_credit WHERE code IN ('1m', '2a', '2b', '2c', '2m');
SELECT parts();
-- a rollback to a savepoint takes its shares along
BEGIN;
SAVEPOINT s;
INSERT INTO booking_credit (booking_id, person_id, share) VALUES (1, 2, 0.5);
ROLLBACK TO s;
INSERT INTO booking_credit (booking_id, person_id, share) VALUES (1, 3, 1);
COMMIT;
SELECT parts();
-- a share that a user's own trigger changes is judged like any other
CREATE FUNCTION halve() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.share := NEW.share * 0.5;
  RETURN NEW;
END $$;
CREATE TRIGGER halve BEFORE UPDATE ON booking_credit FOR EACH ROW EXECUTE FUNCTION halve();
UPDATE booking_credit SET reason = 'asked for help';
DROP TRIGGER halve ON booking_credit;
SELECT parts();
-- the shares of a booking go with it, and all shares at once
DELETE FROM booking WHERE code = 'four';
SELECT parts(), (SELECT count(*) FROM booking_credit);
TRUNCATE booking_credit;
SELECT parts(), (SELECT count(*) FROM booking WHERE is_split);

-- is_split is the book's own: one without shares is not lost, one with shares does not count twice
BEGIN;
INSERT INTO booking (code, booked_on, person_id, amount, is_split) VALUES ('five', '2026-05-01', 3, 11, true);
UPDATE booking SET is_split = true WHERE code = 'one';
SELECT parts();
INSERT INTO booking_credit (booking_id, person_id, share) VALUES (1, 2, 0.5), (1, 3, 0.5);
UPDATE booking SET is_split = false;
SELECT parts();
SELECT code, is_split FROM booking ORDER BY booking_id;
ROLLBACK;

-- loaded with codes, twice, then changed; the book's own column is not for loading
SELECT stage_table('split', 'booking_credit');
COPY pg_temp.staged_booking_credit (code, booking, person, share) FROM STDIN WITH (FORMAT csv);
x1,one,ann,0.6
x2,one,bob,0.4
\.
SELECT * FROM merge_table('split', 'booking_credit');
SELECT * FROM merge_table('split', 'booking_credit');
SELECT stage_table('split', 'booking_credit');
COPY pg_temp.staged_booking_credit (code, booking, person, share) FROM STDIN WITH (FORMAT csv);
x1,one,ann,0.7
x2,one,bob,0.3
\.
SELECT * FROM merge_table('split', 'booking_credit');
SELECT parts();
SELECT stage_table('split', 'booking_credit');
COPY pg_temp.staged_booking_credit (code, booking, person, share) FROM STDIN WITH (FORMAT csv);
x1,one,ann,0.8
\.
SELECT * FROM merge_table('split', 'booking_credit');
SELECT count(*) FROM loadable_column('split', 'booking') WHERE column_name = 'is_split';

-- The reports.  Quota of 100 each in the first quarter; 'one' is 70 ann's and 30 bob's.
INSERT INTO employment (person_id, during, role) VALUES
  (1, '[2025-01-01,)', 'manager'), (2, '[2025-01-01,)', 'rep'), (3, '[2025-01-01,)', 'rep'), (4, '[2025-01-01,)', 'rep');
INSERT INTO booking_credit (booking_id, person_id, share) VALUES (3, 1, 0.1), (3, 4, 0.9);
INSERT INTO plan (code, kind, person_id, during) SELECT code, 'quota', person_id, '[2026-01-01,2026-04-01)' FROM person;
INSERT INTO plan_target (plan_id, metric_id, during, target, revised_at) SELECT plan_id, 1, during, 100, '2025-12-01' FROM plan;
INSERT INTO forecast (person_id, during, amount, submitted_at) VALUES (3, '[2026-01-01,2026-02-01)', 40, '2025-12-31');
-- 70 + 1000.01, 30, 81 and 9
SELECT person, actual FROM quota_attainment('2026-03-31') ORDER BY person;
SELECT person, actual, attainment FROM team_attainment('2026-03-31');
SELECT person, booked FROM plan_pace('2026-03-31') ORDER BY person;
SELECT person, booked FROM pipeline_coverage('2026-03-31') ORDER BY person;
SELECT person, forecast, actual FROM forecast_error('2026-03-31');
SELECT person, booked, team_booked FROM manager_selling('2026-03-31');
SELECT p.code, k.actual, k.n FROM kpi_actual('2026-03-31', '[2026-01-01,2026-04-01)', settings()) AS k JOIN person AS p USING (person_id) ORDER BY p.code;
-- three parts of 0.33335 each are 1.00005, whatever each would be rounded to
INSERT INTO booking (booking_id, code, booked_on, person_id, amount) SELECT 20 + n, 's' || n, date '2026-04-10' + 30 * n, 2, 1 FROM generate_series(0, 2) AS n;
INSERT INTO booking_credit (booking_id, person_id, share) SELECT 20 + n, p.id, p.share FROM generate_series(0, 2) AS n, (VALUES (2, 0.33335), (3, 0.66665)) AS p (id, share);
INSERT INTO forecast (person_id, judgement, during, amount, submitted_at)
SELECT 2, j, daterange(since::date, (since + interval '1 month')::date), 1, '2026-03-30' FROM generate_series(timestamp '2026-04-01', '2026-06-01', '1 month') AS since, unnest('{rep,manager}'::text[]) AS j;
SELECT judgement, n, actual, absolute_error FROM forecast_accuracy('2026-07-01', person => 'ann') ORDER BY judgement;
SELECT figure, sum(value) FROM forecast_accuracy_evidence('2026-07-01', person => 'ann') WHERE judgement = 'rep' AND figure = 'actual' GROUP BY figure;
SELECT n, actual, rep_error FROM forecast_value_added('2026-07-01', 'ann');
-- as of the day before, 'one' has not been booked
SELECT person, actual FROM quota_attainment('2026-01-04 23:00+00') ORDER BY person;
DROP SCHEMA split CASCADE;
