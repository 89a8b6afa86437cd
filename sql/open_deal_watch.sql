-- stalled, untouched, past_due and large_opportunity on a book counted by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SELECT salesmgmt.create_book('watch_book');
SET search_path = watch_book, salesmgmt;

-- An empty book: no rows, no errors.
SELECT (SELECT count(*) FROM stalled), (SELECT count(*) FROM untouched), (SELECT count(*) FROM past_due),
  (SELECT count(*) FROM large_opportunity);

INSERT INTO person (person_id, code, name) VALUES (1, 'meg', 'Meg'), (2, 'ann', 'Ann'), (3, 'bob', 'Bob');
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (2, 1, '[2026-01-01,)');
INSERT INTO account (account_id, code, name) VALUES (1, 'acme', 'Acme');
INSERT INTO pipeline (pipeline_id, code, name) VALUES (1, 'std', 'Standard');
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome) VALUES
  (11, 'talk', 1, 'Talk', 1, 'open'), (12, 'offer', 1, 'Offer', 2, 'open'), (13, 'won', 1, 'Won', 3, 'won'), (14, 'lost', 1, 'Lost', 4, 'lost');
-- an offer may take 60 days, from June on 20; for a talk there is no rule
INSERT INTO stage_rule (stage_id, during, limit_days) VALUES (12, '[2026-01-01,2026-06-01)', 60), (12, '[2026-06-01,)', 20);

INSERT INTO opportunity (opportunity_id, code, name, account_id, pipeline_id, created_at) VALUES
  (1, 'o1', 'Loan', 1, 1, '2026-06-01 12:00'), (2, 'o2', NULL, NULL, 1, '2026-03-01 12:00'), (3, 'o3', NULL, NULL, 1, '2026-06-05 12:00'),
  (4, 'o4', NULL, NULL, 1, '2026-06-20 12:00'), (5, 'o5', NULL, NULL, 1, '2026-06-29 12:00'),
  (11, 'w1', NULL, NULL, 1, '2026-01-01'), (12, 'w2', NULL, NULL, 1, '2026-01-01'), (13, 'w3', NULL, NULL, 1, '2026-01-01'),
  (14, 'l1', NULL, NULL, 1, '2026-01-01');
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, owner_id, amount, expected_close) VALUES
  -- the won deals talked for 10, 20 and 40 days, of which 36 is the 90th percentile; the lost one for 100
  (11, '2026-01-01', 11, 2, 1, NULL), (11, '2026-01-11', 13, 2, 1, NULL),
  (12, '2026-01-01', 11, 2, 1, NULL), (12, '2026-01-21', 13, 2, 1, NULL),
  (13, '2026-01-01', 11, 3, 1, NULL), (13, '2026-02-10', 13, 3, 1, NULL),
  (14, '2026-01-01', 11, 3, 9000, NULL), (14, '2026-04-11', 14, 3, 9000, NULL),
  -- on 30 June at noon: in talk for 29 days; for 60, at the second visit; offered for 25 days; for 10; in talk for 1
  (1, '2026-06-01 12:00', 11, 2, 100, '2026-07-15'), (1, '2026-06-10 12:00', 11, 2, 100, '2026-07-15'),
  (2, '2026-03-01 12:00', 11, 2, 200, '2026-06-01'), (2, '2026-04-01 12:00', 12, 2, 200, '2026-06-01'), (2, '2026-05-01 12:00', 11, 2, 200, '2026-06-01'),
  (3, '2026-06-05 12:00', 12, 3, 1000, '2026-06-30'),
  (4, '2026-06-20 12:00', 12, 3, NULL, NULL),
  (5, '2026-06-29 12:00', 11, NULL, 300, '2026-06-29'),
  (3, '2026-07-01 12:00', 13, 3, 1000, '2026-06-30');
INSERT INTO activity_kind (activity_kind_id, code, name) VALUES (1, 'call', 'Call');
INSERT INTO activity (code, activity_kind_id, person_id, opportunity_id, planned_for, held_at, outcome) VALUES
  ('a1', 1, 2, 1, NULL, '2026-06-20', 'held'), ('a2', 1, 2, 1, '2026-07-05', '2026-07-05', 'held'),
  ('a3', 1, 2, 2, NULL, '2026-05-20 12:00', 'held'), ('a4', 1, 2, 2, '2026-06-25', NULL, 'planned'), ('a5', 1, 2, 2, NULL, '2026-07-02', 'held'),
  ('a6', 1, 3, 3, '2026-07-05', NULL, 'planned'),
  ('a7', 1, 3, 4, '2026-06-25', NULL, 'not_held'), ('a8', 1, 3, 4, '2026-07-20', NULL, 'not_held'),
  ('a9', 1, 3, NULL, '2026-07-20', NULL, 'planned');

\set june '''2026-06-30 12:00'''
-- Two of the five have stalled; they are 121 and 25 days old.
SELECT opportunity, person, stage, amount, entered_at, stage_days, limit_days, is_rule, won_visits, over_days, age_days FROM stalled(:june);
--   in May 60 days were allowed for an offer; on 25 April o2 has been there for 24
SELECT opportunity FROM stalled('2026-04-25 12:00');
--   the median of 10, 20, 40: o1 has stalled, too
SELECT opportunity, limit_days, over_days FROM stalled(:june, 'meg', options => '{"stalled_percentile": 0.5}');
SELECT opportunity FROM stalled(:june, during => '[2026-06-15,2026-07-01)');
--   before anything was won there is no limit, and nothing stalls
SELECT count(*) FROM stalled('2026-01-10');
SELECT * FROM stalled(:june, options => '{"stalled_percentile": 1.5}');

-- o1 was called 10 days ago, o2 41 days ago, and what was planned for it has passed; o3 has a call to come; o4 and o5 are new.
SELECT opportunity, person, last_held_at, untouched_days, age_days FROM untouched(:june);
--   o1 has a call to come, o4 nothing: it was called off
SELECT opportunity, untouched_days FROM untouched(:june, options => '{"untouched_after_days": 5}');
--   had it been called off on 1 July, it would have been planned on 30 June; on 1 July at noon it is not
UPDATE activity SET called_off_at = '2026-07-01' WHERE code = 'a8';
SELECT opportunity FROM untouched(:june, options => '{"untouched_after_days": 5}');
SELECT opportunity FROM untouched('2026-07-01 12:00', 'bob', options => '{"untouched_after_days": 5}');
UPDATE activity SET called_off_at = NULL WHERE code = 'a8';
--   what is still planned has not been called off
UPDATE activity SET called_off_at = '2026-07-01' WHERE code = 'a6';
--   three weeks later o3 is won, o5 has been left alone from the start
SELECT opportunity, account_name, last_held_at, untouched_days FROM untouched('2026-07-21 12:00');
SELECT opportunity FROM untouched('2026-07-21 12:00', 'bob');

-- o3 is due today, which is not past; in Auckland it is tomorrow.
SELECT opportunity, person, expected_close, overdue_days, age_days FROM past_due(:june);
SELECT opportunity, overdue_days FROM past_due(:june, options => '{"time_zone": "Pacific/Auckland"}');
SELECT opportunity, at FROM past_due_evidence(:june, options => '{"time_zone": "Pacific/Auckland"}');
SELECT opportunity, at FROM large_opportunity_evidence(:june, options => '{"time_zone": "Pacific/Auckland", "large_amount": 300}');
SELECT opportunity FROM past_due(:june, 'meg', '[2026-06-01,2026-06-02)');

-- The median of 100, 200, 300 and 1000 is 250: from 750 on a deal is large.
SELECT opportunity, person, amount, limit_amount, median_amount, median_multiple, owner_amount, owner_share, age_days FROM large_opportunity(:june);
SELECT opportunity, limit_amount, round(owner_share::numeric, 4) AS owner_share FROM large_opportunity(:june, options => '{"large_amount": 200}');
SELECT opportunity, limit_amount, median_amount FROM large_opportunity(:june, 'meg', '[2026-06-01,2026-07-01)', '{"large_multiple": 0.5}');
--   a limit of 0 names nobody
SELECT count(*) FROM large_opportunity(:june, options => '{"large_multiple": 0}');

--   the median of 100, 300, 98765432101234.5678 and two larger ones, to the last digit
BEGIN;
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, owner_id, amount) VALUES
  (2, '2026-06-20', 12, 2, 98765432101234.5678), (3, '2026-06-20', 12, 3, 98765432101234.5681), (4, '2026-06-29', 12, 3, 98765432101234.5682);
SELECT opportunity, amount, limit_amount, median_amount FROM large_opportunity(:june, options => '{"large_multiple": 1}');
ROLLBACK;

-- Refused.
SELECT * FROM stalled(:june, 'zoe');
SELECT * FROM untouched(:june, 'zoe');
SELECT * FROM past_due(:june, 'zoe');
SELECT * FROM large_opportunity(:june, 'zoe');
SELECT * FROM large_opportunity(:june, options => '{"large": 200}');

-- The views are the functions of this moment.
SELECT (SELECT count(*) FROM stalled) = (SELECT count(*) FROM stalled()) AS stalled,
  (SELECT count(*) FROM untouched) = (SELECT count(*) FROM untouched()) AS untouched,
  (SELECT count(*) FROM past_due) = (SELECT count(*) FROM past_due()) AS past_due,
  (SELECT count(*) FROM large_opportunity) = (SELECT count(*) FROM large_opportunity()) AS large;

DROP SCHEMA watch_book CASCADE;
