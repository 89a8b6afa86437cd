-- plan_coverage and plan_coverage_by_team on a book counted by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SELECT salesmgmt.create_book('plans_book');
SET search_path = plans_book, salesmgmt;

-- An empty book: no rows, no errors.
SELECT count(*) FROM plan_coverage;
SELECT count(*) FROM plan_coverage_by_team;

INSERT INTO person (person_id, code, name) VALUES (1, 'exe', 'Exe'), (2, 'meg', 'Meg'),
  (3, 'ann', 'Ann'), (4, 'bob', 'Bob'), (5, 'cid', 'Cid'), (6, 'dan', 'Dan');
INSERT INTO employment (person_id, during, role)
SELECT person_id, CASE code WHEN 'dan' THEN '[2025-01-01,2026-05-01)' ELSE '[2025-01-01,)' END::span,
  CASE code WHEN 'exe' THEN 'executive' WHEN 'meg' THEN 'manager' ELSE 'rep' END
FROM person;
INSERT INTO reporting_line (person_id, manager_id, during) VALUES
  (2, 1, '[2025-01-01,)'), (3, 2, '[2025-01-01,)'), (4, 2, '[2025-01-01,)'), (5, 1, '[2025-01-01,)'), (6, 2, '[2025-01-01,2026-05-01)');
-- Ann owns a1 to a4, of which a4 was Bob's until May; Bob owns b1, with whom nothing was booked on balance.
INSERT INTO account (account_id, code, name) VALUES (1, 'a1', 'A1'), (2, 'a2', 'A2'), (3, 'a3', 'A3'), (4, 'a4', 'A4'), (5, 'b1', 'B1'), (6, 'c1', 'C1');
INSERT INTO account_owner (account_id, person_id, during) VALUES (1, 3, '[2025-01-01,)'), (2, 3, '[2025-01-01,)'), (3, 3, '[2025-01-01,)'),
  (4, 4, '[2025-01-01,2026-05-01)'), (4, 3, '[2026-05-01,)'), (5, 4, '[2025-01-01,)'), (6, 5, '[2025-01-01,)');
-- The 365 days up to 15 May 2026 begin on 16 May 2025.
INSERT INTO booking (code, booked_on, account_id, person_id, amount) VALUES
  ('k1', '2025-05-15', 3, 3, 9000), ('k2', '2025-05-16', 3, 3, 100), ('k3', '2026-05-15', 1, 4, 300), ('k4', '2026-05-16', 2, 3, 8000),
  ('k5', '2026-01-10', 2, NULL, 200), ('k6', '2026-01-11', 4, 4, 150), ('k7', '2026-01-12', 5, 4, 50), ('k8', '2026-01-13', 5, 4, -50),
  ('k9', '2026-01-14', 6, 5, 10), ('k10', '2026-01-15', NULL, 5, 500);
-- Ann's quota is agreed by both, Bob's by him alone, Cid's territory plan by both but only from 20 May on.
INSERT INTO territory (territory_id, code, name) VALUES (1, 't', 'T');
INSERT INTO plan (code, kind, person_id, territory_id, account_id, during, agreed_by_person_on, agreed_by_manager_on) VALUES
  ('q-ann', 'quota', 3, NULL, NULL, '[2026-01-01,2027-01-01)', '2026-01-05', '2026-01-04'),
  ('q-bob', 'quota', 4, NULL, NULL, '[2026-01-01,2027-01-01)', '2026-01-05', NULL),
  ('t-cid', 'territory', 5, 1, NULL, '[2026-01-01,2027-01-01)', '2026-05-20', '2026-01-04'),
  ('o-bob', 'onboarding', 4, NULL, NULL, '[2025-01-01,2025-07-01)', '2025-01-05', '2025-01-05'),
  ('r-a1', 'relationship', 3, NULL, 1, '[2026-01-01,2027-01-01)', '2026-02-01', '2026-02-03'),
  ('r-a2', 'relationship', 4, NULL, 2, '[2026-01-01,2027-01-01)', '2026-02-01', '2026-02-03'),
  ('r-a2b', 'relationship', 3, NULL, 2, '[2026-01-01,2027-01-01)', '2026-02-05', '2026-02-05'),
  ('r-a4', 'relationship', 3, NULL, 4, '[2026-01-01,2027-01-01)', '2026-02-01', NULL),
  ('r-c1', 'relationship', 5, NULL, 6, '[2026-01-01,2026-03-01)', '2026-01-01', '2026-01-01');

-- On 15 May, by hand:
--   Ann  three plans (quota, A1, the second of A2); accounts A1 300, A2 200, A4 150, A3 100: two of four planned, A4 missing
--   Bob  one: his plan for Ann's A2; nothing but 50 - 50 was booked with B1
--   Cid  none yet; C1 10, its plan has ended
SELECT * FROM plan_coverage('2026-05-15 12:00');
-- two accounts are enough: A1 and A2
SELECT person, top_accounts, top_accounts_planned, covered, missing_account FROM plan_coverage('2026-05-15 12:00', options => '{"plan_top_accounts": 2}');
SELECT person, plans, has_plan FROM plan_coverage('2026-05-15 12:00', options => '{"plan_coverage_kind": "quota"}');
-- in April A4 was Bob's; on 20 May Cid's plan is agreed; of a day before
SELECT person, plans, top_accounts, top_accounts_planned, covered, missing_account FROM plan_coverage('2026-04-30 12:00', 'meg');
SELECT person, plans, top_accounts, top_accounts_planned, missing_account FROM plan_coverage('2026-05-20', 'cid');
SELECT person, day, plans, covered FROM plan_coverage('2026-05-20', 'cid', '[2026-01-01,2026-02-20)');
SELECT count(*) FROM plan_coverage('2026-05-20', during => 'empty');
SELECT * FROM plan_coverage('2026-05-20', 'zoe');
SELECT * FROM plan_coverage('2026-05-20', options => '{"plan_top_accounts": "all"}');
SELECT * FROM plan_coverage('2026-05-20', options => '{"plan_coverage_kind": "teritory"}');

-- Meg leads Ann and Bob, Exe Cid too; on 15 May Dan has left
SELECT person, day, reps, reps_with_plan, round(plan_share::numeric, 4) AS plan_share, reps_with_accounts, reps_covered, covered_share,
  top_accounts, top_accounts_planned, account_plan_share
FROM plan_coverage_by_team('2026-05-15 12:00');
SELECT person, reps, reps_with_plan, reps_with_accounts, reps_covered FROM plan_coverage_by_team('2026-04-30 12:00', options => '{"plan_top_accounts": 2}');
SELECT person FROM plan_coverage_by_team('2026-05-15 12:00', 'meg');

-- the rows behind them
SELECT * FROM plan_coverage_evidence('2026-05-15 12:00') ORDER BY person, figure, source_code;
SELECT person, figure, sum(value), string_agg(source_code, ' ' ORDER BY source_code COLLATE "C") FROM plan_coverage_by_team_evidence('2026-05-15 12:00') GROUP BY 1, 2 ORDER BY 1, 2;
SELECT (SELECT count(*) FROM plan_coverage) = (SELECT count(*) FROM plan_coverage()) AS same,
  (SELECT count(*) FROM plan_coverage_by_team) = (SELECT count(*) FROM plan_coverage_by_team()) AS same;
DROP SCHEMA plans_book CASCADE;
