-- win_rate_from_stage on a book counted by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SELECT salesmgmt.create_book('from_stage_book');
SET search_path = from_stage_book, salesmgmt;

-- An empty book: no rows, no errors.
SELECT count(*) FROM win_rate_from_stage;

INSERT INTO person (person_id, code, name) VALUES (1, 'meg', 'Meg'), (2, 'ann', 'Ann'), (3, 'bob', 'Bob');
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (2, 1, '[2025-01-01,)');
INSERT INTO pipeline (pipeline_id, code, name) VALUES (1, 'std', 'Standard');
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome) VALUES
  (11, 'lead', 1, 'Lead', 1, 'open'), (12, 'talk', 1, 'Talk', 2, 'open'), (13, 'offer', 1, 'Offer', 3, 'open'),
  (14, 'won', 1, 'Won', 4, 'won'), (15, 'lost', 1, 'Lost', 5, 'lost');
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at)
SELECT id, 'd' || id, 1, CASE WHEN id = 2 THEN '2024-12-01' ELSE '2026-01-01' END::timestamptz FROM generate_series(1, 14) AS id;
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, owner_id, amount, expected_close, lost_reason, competitor) VALUES
  -- Ann loses three to price: 1 from an offer to Rival, its amount then set to 0 and the reason corrected; 2 a year before;
  (1, '2026-01-01', 11, 2, 100, NULL, NULL, NULL), (1, '2026-02-01', 13, 2, 300, NULL, NULL, NULL),
  (1, '2026-03-01', 15, 2, 0, NULL, 'timing', NULL), (1, '2026-03-02', 15, 2, 0, NULL, 'price', 'Rival'),
  (2, '2024-12-01', 13, 2, 50, NULL, NULL, NULL), (2, '2025-05-01', 15, 2, 50, NULL, 'price', 'Rival'),
  -- 3 from an offer she had gone back from to a talk
  (3, '2026-01-01', 12, 2, 500, NULL, NULL, NULL), (3, '2026-02-01', 13, 2, 500, NULL, NULL, NULL),
  (3, '2026-02-15', 12, 2, 500, NULL, NULL, NULL), (3, '2026-04-01', 15, 2, 500, NULL, 'price', 'Rival'),
  -- Bob: 4 came in lost, without an amount; 5 was lost, came back and is open; 6 is lost for no reason that he wrote down
  (4, '2026-01-05', 15, 3, NULL, NULL, 'no budget', NULL),
  (5, '2026-01-01', 12, 3, 70, NULL, NULL, NULL), (5, '2026-02-01', 15, 3, 70, NULL, 'price', NULL), (5, '2026-03-01', 12, 3, 70, NULL, NULL, NULL),
  (6, '2026-01-01', 11, 3, 200, NULL, NULL, NULL), (6, '2026-02-01', 15, 3, 200, NULL, NULL, NULL),
  -- won: 7 and 8 by Ann after 40 and 60 days, 9 by Bob after 20, without an amount, 10 by Bob after 30, straight from the lead
  (7, '2026-01-01', 12, 2, 1000, NULL, NULL, NULL), (7, '2026-02-10', 14, 2, 1000, '2026-02-10', NULL, NULL),
  (8, '2026-01-01', 13, 2, 2000, NULL, NULL, NULL), (8, '2026-03-05', 14, 2, 2000, '2026-03-02', NULL, NULL),
  (9, '2026-01-01', 12, 3, NULL, NULL, NULL, NULL), (9, '2026-01-21', 14, 3, NULL, NULL, NULL, NULL),
  (10, '2026-01-01', 11, 3, 400, NULL, NULL, NULL), (10, '2026-01-31', 14, 3, 400, NULL, NULL, NULL),
  -- open: Ann has a talk and a lead, nobody an offer
  (11, '2026-05-01', 12, 2, 10, NULL, NULL, NULL), (12, '2026-05-01', 11, 2, 10, NULL, NULL, NULL), (13, '2026-05-01', 13, NULL, 10, NULL, NULL, NULL);

\set june '''2026-06-30'''
-- Won 7 to 10; lost 1 and 3, who had an offer, 4 and 6, who had not come further than a lead.
SELECT stage, stage_position, step, won, lost, closed, round(win_rate::numeric, 4) AS win_rate, required_coverage, won_amount, lost_amount
FROM win_rate_from_stage(:june);
SELECT stage, won, lost, win_rate FROM win_rate_from_stage(:june, 'bob');
SELECT stage, won, lost FROM win_rate_from_stage(:june, 'meg');
--   Wilson's interval of 4 of 8
SELECT stage, round(win_rate_lower::numeric, 4) AS lower, round(win_rate_upper::numeric, 4) AS upper
FROM win_rate_from_stage(:june) WHERE stage = 'lead';
-- In January 9 and 10 were won and 4 lost; in 2025 2 was lost; before anything closed there is no rate.
SELECT stage, won, lost, round(win_rate::numeric, 4) AS win_rate FROM win_rate_from_stage(:june, during => '[2026-01-01,2026-02-01)');
SELECT stage, won, lost, win_rate, required_coverage FROM win_rate_from_stage(:june, during => '[2025-05-01,2025-05-02)');
SELECT stage, closed, win_rate, win_rate_lower, required_coverage FROM win_rate_from_stage('2025-01-01');
SELECT sum(closed) FROM win_rate_from_stage(:june, during => 'empty');
-- A stage that the pipeline got later stands behind the won one: who won had passed it all the same.
BEGIN;
INSERT INTO stage (stage_id, code, pipeline_id, name, position) VALUES (16, 'hold', 1, 'On hold', 6);
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, owner_id, amount) VALUES (14, '2026-02-01', 16, 2, 20), (14, '2026-02-02', 15, 2, 20);
SELECT stage, step, won, lost, round(win_rate::numeric, 4) AS win_rate FROM win_rate_from_stage(:june);
SELECT figure, sum(value) FROM win_rate_from_stage_evidence(:june) WHERE stage = 'hold' GROUP BY figure ORDER BY figure;
ROLLBACK;
-- Refused.
SELECT * FROM win_rate_from_stage(:june, 'zoe');
SELECT * FROM win_rate_from_stage(:june, options => '{"stage": "talk"}');

-- The view is the function of this moment.
SELECT (SELECT sum(closed) FROM win_rate_from_stage) = (SELECT sum(closed) FROM win_rate_from_stage()) AS same;

DROP SCHEMA from_stage_book CASCADE;
