-- sales_velocity on a book counted by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SELECT salesmgmt.create_book('velocity_book');
SET search_path = velocity_book, salesmgmt;

-- An empty book: no rows, no errors.
SELECT count(*) FROM sales_velocity;

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
-- Ann: 1 qualified x 1500 x 2/4 / 50 days = 15 a day; Bob: 1 x 400 x 2/4 / 25 days = 8.
SELECT person, open_deals AS open, open_qualified AS qualified, won, closed, win_rate, won_amount, won_with_amount AS with_amount,
  round(deal_size, 4) AS deal_size, average_cycle_days AS cycle, round(velocity, 4) AS velocity
FROM sales_velocity(:june);
-- A lead is qualified, too.
SELECT person, open_qualified, round(velocity, 4) AS velocity FROM sales_velocity(:june, 'meg', options => '{"qualified_step": 1}');
-- In March Ann won 8 alone, and lost 1: 1 x 2000 x 1/2 / 60.
SELECT person, won, closed, round(velocity, 4) AS velocity FROM sales_velocity(:june, 'ann', '[2026-03-01,2026-04-01)');
-- On 5 February 7 is not won yet, and 1, 3, 7 and 8 are open.
SELECT person, open_deals, open_qualified, won, velocity FROM sales_velocity('2026-02-05', 'ann');
SELECT sum(closed) FROM sales_velocity(:june, during => 'empty');
-- Refused.
SELECT * FROM sales_velocity(:june, 'zoe');
SELECT * FROM sales_velocity(:june, options => '{"step": 1}');

-- The view is the function of this moment.
SELECT (SELECT count(*) FROM sales_velocity) = (SELECT count(*) FROM sales_velocity()) AS same;

-- D3: the deal created on 1 January and won on 10 February took 40 days, not -40.
SELECT person, won, average_cycle_days FROM sales_velocity(:june, during => '[2026-02-10,2026-02-11)') WHERE won > 0;

DROP SCHEMA velocity_book CASCADE;
