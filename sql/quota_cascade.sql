-- quota_cascade, quota_cascade_level and without_quota on a book counted by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SELECT salesmgmt.create_book('cascade_book');
SET search_path = cascade_book, salesmgmt;

-- An empty book: no rows, no errors.
SELECT count(*) FROM quota_cascade;
SELECT count(*) FROM quota_cascade_level;
SELECT count(*) FROM without_quota;

-- exe leads meg and mia; meg leads ann and bob; mia leads cid, dan, eve and fay.  Dan left at
-- the end of April, eve has no quota, and fay starts on 1 June.
INSERT INTO person (person_id, code, name) VALUES (1, 'exe', 'Exe'), (2, 'meg', 'Meg'), (3, 'mia', 'Mia'),
  (4, 'ann', 'Ann'), (5, 'bob', 'Bob'), (6, 'cid', 'Cid'), (7, 'dan', 'Dan'), (8, 'eve', 'Eve'), (9, 'fay', 'Fay'), (10, 'sue', 'Sue');
INSERT INTO employment (person_id, during, role)
SELECT person_id, CASE code WHEN 'dan' THEN '[2025-01-01,2026-05-01)' WHEN 'fay' THEN '[2026-06-01,)' ELSE '[2025-01-01,)' END::span,
  CASE code WHEN 'exe' THEN 'executive' WHEN 'meg' THEN 'manager' WHEN 'mia' THEN 'manager' WHEN 'sue' THEN 'support' ELSE 'rep' END
FROM person;
INSERT INTO reporting_line (person_id, manager_id, during) VALUES
  (2, 1, '[2025-01-01,)'), (3, 1, '[2025-01-01,)'), (4, 2, '[2025-01-01,)'), (5, 2, '[2025-01-01,)'),
  (6, 3, '[2025-01-01,)'), (7, 3, '[2025-01-01,2026-05-01)'), (8, 3, '[2025-01-01,)'), (9, 3, '[2026-06-01,)'), (10, 1, '[2025-01-01,)');
INSERT INTO territory (territory_id, code, name, parent_id) VALUES (1, 'south', 'South', NULL), (2, 's1', 'South 1', 1), (3, 's2', 'South 2', 1), (4, 's3', 'South 3', 1);
INSERT INTO territory_assignment (territory_id, person_id, during) VALUES
  (1, 3, '[2025-01-01,)'), (2, 6, '[2025-01-01,)'), (3, 7, '[2025-01-01,2026-05-01)');
INSERT INTO account (account_id, code, name, territory_id) VALUES (1, 'a1', 'A1', 3), (2, 'a2', 'A2', 3), (3, 'a3', 'A3', 2), (4, 'a4', 'A4', NULL);
INSERT INTO account_owner (account_id, person_id, during) VALUES (3, 8, '[2025-01-01,)'), (4, 8, '[2025-01-01,2026-05-15)'), (1, 7, '[2025-01-01,)');

INSERT INTO plan (plan_id, code, kind, person_id, during, parent_id) VALUES
  (1, 'exe', 'quota', 1, '[2026-01-01,2027-01-01)', NULL),
  (2, 'meg', 'quota', 2, '[2026-01-01,2027-01-01)', 1), (3, 'mia', 'quota', 3, '[2026-01-01,2027-01-01)', 1),
  (4, 'ann', 'quota', 4, '[2026-01-01,2027-01-01)', 2), (5, 'bob', 'quota', 5, '[2026-01-01,2027-01-01)', 2),
  (6, 'cid', 'quota', 6, '[2026-01-01,2027-01-01)', 3), (7, 'dan', 'quota', 7, '[2026-01-01,2027-01-01)', 3),
  (8, 'fay', 'quota', 9, '[2026-01-01,2027-01-01)', 3),
  (9, 'role', 'role', 4, '[2026-01-01,2027-01-01)', 2), (10, 'old', 'quota', 8, '[2025-01-01,2026-01-01)', 2);
-- Ann's quarter is given by month; Bob has a quarter and, inside it, a month; his is reset in June.
INSERT INTO plan_target (code, plan_id, metric_id, during, level, revision, target, revised_at) VALUES
  ('exe-q2', 1, 1, '[2026-04-01,2026-07-01)', 'base', 1, 1000, '2026-01-01'),
  ('exe-q1', 1, 1, '[2026-01-01,2026-04-01)', 'base', 1, 900, '2026-01-01'),
  ('meg-q2', 2, 1, '[2026-04-01,2026-07-01)', 'base', 1, 600, '2026-01-01'),
  ('mia-q2', 3, 1, '[2026-04-01,2026-07-01)', 'base', 1, 500, '2026-01-01'),
  ('ann-apr', 4, 1, '[2026-04-01,2026-05-01)', 'base', 1, 100, '2026-01-01'),
  ('ann-may', 4, 1, '[2026-05-01,2026-06-01)', 'base', 1, 90, '2026-01-01'),
  ('ann-jun', 4, 1, '[2026-06-01,2026-07-01)', 'base', 1, 110, '2026-01-01'),
  ('ann-jul', 4, 1, '[2026-07-01,2026-08-01)', 'base', 1, 999, '2026-01-01'),
  ('bob-q2', 5, 1, '[2026-04-01,2026-07-01)', 'base', 1, 350, '2026-01-01'),
  ('bob-may', 5, 1, '[2026-05-01,2026-06-01)', 'base', 1, 120, '2026-01-01'),
  ('bob-s', 5, 1, '[2026-04-01,2026-07-01)', 'stretch', 1, 9999, '2026-01-01'),
  ('cid-q2', 6, 1, '[2026-04-01,2026-07-01)', 'base', 1, 200, '2026-01-01'),
  ('dan-q2', 7, 1, '[2026-04-01,2026-07-01)', 'base', 1, 250, '2026-01-01'),
  ('role', 9, 1, '[2026-04-01,2026-07-01)', 'base', 1, 5555, '2026-01-01'),
  ('eve-25', 10, 1, '[2025-01-01,2026-01-01)', 'base', 1, 700, '2025-01-01');
INSERT INTO plan_target (code, plan_id, metric_id, during, level, revision, target, revised_at, reason) VALUES
  ('bob-q2-2', 5, 1, '[2026-04-01,2026-07-01)', 'base', 2, 400, '2026-06-01', 'A larger district');

-- On 20 May, by hand, quarter 2:
--   exe  1000: 600 + 500 = 1100, 100 too many, 10 %; nobody is missing
--   meg   600: Ann 100 + 90 + 110, Bob 350: 650, 50 too many
--   mia   500: Cid 200, Dan 250, fay's plan has no figure: 450, 50 too few; Dan's 250 and fay's seat are vacant
SELECT * FROM quota_cascade('2026-05-20 12:00');
SELECT period_from, level, plans, quota, parts, parts_quota, over_assigned, round(over_assigned_rate::numeric, 4) AS rate, vacant_parts, vacant_quota
FROM quota_cascade_level('2026-05-20 12:00');
-- Dan was still there in April; on 1 June Bob's target is reset and fay has come
SELECT plan, parts_quota, over_assigned, vacant_parts, vacant_quota FROM quota_cascade('2026-04-30 12:00', 'mia');
SELECT plan, parts_quota, over_assigned, vacant_parts, vacant_quota FROM quota_cascade('2026-06-02 12:00');
-- before any target was known, of a past quarter without parts' targets, of one person's, of nobody's
SELECT count(*) FROM quota_cascade('2025-12-31');
SELECT plan, period_from, quota, parts, parts_without_quota, parts_quota, over_assigned, over_assigned_rate
FROM quota_cascade('2026-05-20', during => '[2026-02-01,2026-03-01)');
SELECT plan FROM quota_cascade('2026-05-20', 'meg');
SELECT * FROM quota_cascade('2026-05-20', 'zoe');
SELECT * FROM quota_cascade('2026-05-20', options => '{"quota": 1}');

-- the rows behind them
SELECT plan, figure, source, source_code, at, value
FROM quota_cascade_evidence('2026-05-20 12:00', 'mia')
ORDER BY plan, figure, source_code;
SELECT plan, figure, sum(value) FROM quota_cascade_evidence('2026-05-20 12:00') WHERE plan <> 'mia' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT level, figure, sum(value) FROM quota_cascade_level_evidence('2026-05-20 12:00') GROUP BY 1, 2 ORDER BY 1, 2;

-- ---- without_quota ---------------------------------------------------------------
-- On 20 May: eve, since her quota of 2025 ended, with one account left; Dan's plan, with 250 and
-- one account; South 2, since Dan left, with two accounts; South 3, which nobody ever worked.
SELECT * FROM without_quota('2026-05-20 12:00');
-- fay's first day: the plan is there, but no figure; Ann has none in August
SELECT kind, code, manager, since FROM without_quota('2026-06-01 12:00', 'mia');
SELECT kind, code, since FROM without_quota('2026-05-20 12:00', 'meg');
SELECT kind, code, since FROM without_quota('2026-05-20 12:00', 'meg', '[2026-08-05,2026-09-01)');
-- On 20 April June is as April knows it: Dan gave notice, and fay has not come; who gets what of Eve's accounts, and
-- that South 2 is empty, nobody can know
SELECT kind, code, manager, since, quota, accounts FROM without_quota('2026-04-20 12:00', during => '[2026-06-05,2026-07-01)');
SELECT kind, code, source_code FROM without_quota_evidence('2026-04-20 12:00', during => '[2026-06-05,2026-07-01)') ORDER BY kind, code, source_code;
-- without a first day, the day of as_of
SELECT count(*) FROM (TABLE without_quota EXCEPT SELECT * FROM without_quota(during => '[-infinity,2000-01-01)')) AS differ;
SELECT count(*) FROM without_quota('2026-05-20', during => 'empty');
SELECT * FROM without_quota_evidence('2026-05-20 12:00') ORDER BY kind, code, figure, source_code;
SELECT count(*) FROM (SELECT * FROM without_quota_evidence('2026-05-20 12:00')
  EXCEPT SELECT * FROM without_quota_evidence('2026-05-20 12:00', during => '[-infinity,2000-01-01)')) AS differ;
-- Bob leaves: his quarter is nobody's, and the month inside it is no more than a part of it
UPDATE employment SET during = '[2025-01-01,2026-05-15)' WHERE person_id = 5;
SELECT kind, code, manager, since, quota FROM without_quota('2026-05-20 12:00', 'meg') WHERE kind = 'plan';
SELECT source_code, value FROM without_quota_evidence('2026-05-20 12:00', 'meg') WHERE kind = 'plan' AND figure = 'quota';
SELECT (SELECT count(*) FROM quota_cascade) = (SELECT count(*) FROM quota_cascade()) AS same,
  (SELECT count(*) FROM without_quota) = (SELECT count(*) FROM without_quota()) AS same,
  (SELECT count(*) FROM quota_cascade_level) = (SELECT count(*) FROM quota_cascade_level()) AS same;
DROP SCHEMA cascade_book CASCADE;
