-- slippage on a book counted by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SELECT salesmgmt.create_book('slippage_book');
SET search_path = slippage_book, salesmgmt;

-- An empty book: no rows, no errors.
SELECT count(*) FROM slippage;

INSERT INTO person (person_id, code, name) VALUES (1, 'meg', 'Meg'), (2, 'ann', 'Ann'), (3, 'bob', 'Bob');
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (2, 1, '[2026-01-01,)');
INSERT INTO pipeline (pipeline_id, code, name) VALUES (1, 'std', 'Standard');
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome) VALUES
  (11, 'talk', 1, 'Talk', 1, 'open'), (12, 'won', 1, 'Won', 2, 'won'), (13, 'lost', 1, 'Lost', 3, 'lost');
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at)
SELECT id, 's' || id, 1, '2026-01-01' FROM generate_series(1, 13) AS id;
-- The second quarter of 2026.
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, owner_id, amount, expected_close)
SELECT deal, at::timestamptz, stage, owner, amount, expected::date
FROM (VALUES
  -- 1 is still due; 2 is pushed by 20 days; 3 by 30, comes back, and is pushed by 60; 4 is pushed by 15 and won for all that
  (1, '2026-03-01', 11, 2, 100, '2026-05-10'),
  (2, '2026-03-01', 11, 2, 200, '2026-06-20'), (2, '2026-05-01', 11, 2, 999, '2026-07-10'),
  (3, '2026-03-01', 11, 2, 300, '2026-06-20'), (3, '2026-05-01', 11, 2, 300, '2026-07-20'),
  (3, '2026-06-01', 11, 2, 300, '2026-06-25'), (3, '2026-06-20', 11, 2, 300, '2026-08-24'),
  (4, '2026-03-01', 11, 2, 400, '2026-06-20'), (4, '2026-05-01', 11, 2, 400, '2026-07-05'), (4, '2026-06-10', 12, 2, 400, '2026-06-10'),
  -- 5 is lost, 6 has no date any more, 7 has no amount and is pushed by 30 days by Bob, who has taken it over
  (5, '2026-03-01', 11, 2, 500, '2026-06-20'), (5, '2026-05-01', 13, 2, 500, '2026-08-01'),
  (6, '2026-03-01', 11, 2, 600, '2026-06-20'), (6, '2026-05-01', 11, 2, 600, NULL),
  (7, '2026-03-01', 11, 2, NULL, '2026-06-20'), (7, '2026-05-01', 11, 3, NULL, '2026-06-20'), (7, '2026-05-02', 11, 3, NULL, '2026-07-20'),
  -- 8 was past due, 9 came in the quarter and is pushed by 1 day, 10 was pulled in before it is pushed by 30
  (8, '2026-02-01', 11, 2, 800, '2026-03-01'), (8, '2026-05-01', 11, 2, 800, '2026-07-01'),
  (9, '2026-04-10', 11, 2, 900, '2026-06-30'), (9, '2026-05-05', 11, 2, 900, '2026-07-01'),
  (10, '2026-03-01', 11, 2, 1000, '2026-08-01'), (10, '2026-04-05', 11, 2, 1000, '2026-06-15'), (10, '2026-05-05', 11, 2, 1000, '2026-07-15'),
  -- 11 stays in the quarter, 12 comes back from a loss, 13 is nobody's
  (11, '2026-03-01', 11, 3, 70, '2026-06-20'), (11, '2026-05-01', 11, 3, 70, '2026-06-30'),
  (12, '2026-03-01', 13, 3, 120, '2026-06-20'), (12, '2026-05-01', 11, 3, 120, '2026-07-10'),
  (13, '2026-03-01', 11, NULL, 50, '2026-06-15'), (13, '2026-05-01', 12, NULL, 50, '2026-05-01'))
  AS t (deal, at, stage, owner, amount, expected)
ORDER BY at, deal;

\set quarter '''2026-07-15'', during => ''[2026-04-01,2026-07-01)'''
-- Ann: due 1 to 7, 2100; 4 won, 5 lost, 2 3 6 7 slipped, 1100.
SELECT person, due_deals AS due, won, lost, still_due_deals AS still, slipped_deals AS slipped,
  round(slipped_deals_rate::numeric, 4) AS deals_rate, due_amount, slipped_amount, round(slip_rate::numeric, 4) AS slip_rate
FROM slippage(:quarter);
-- Her pushes: 20 + 30 + 60 + 15 + 1 + 30 = 156 days in six pushes of five deals.
SELECT person, pushed_deals, push_count, push_days, mean_push_days FROM slippage(:quarter);

-- Seen on 15 May: 3 has been pushed once, 4 is out, too; the rest is still due.
SELECT person, due_deals AS due, won, lost, still_due_deals AS still, slipped_deals AS slipped,
  slipped_amount, push_count, push_days
FROM slippage('2026-05-15');
-- A team of today, another period, none at all, one without an end: nothing can slip out of it.
SELECT person, due_deals FROM slippage(:quarter, person => 'meg');
SELECT person, period_from, period_until, due_deals, slipped_deals, push_count FROM slippage('2026-07-15', 'ann', '[2026-05-01,2026-06-01)');
SELECT count(*) FROM slippage('2026-07-15', during => 'empty');
SELECT person, due_deals, slipped_deals, push_count FROM slippage('2026-07-15', 'bob', '[2026-04-01,)');
SELECT * FROM slippage('2026-07-15', 'zoe');
SELECT * FROM slippage('2026-07-15', options => '{"days": 5}');

-- The view is the function of this moment.
SELECT (SELECT count(*) FROM slippage) = (SELECT count(*) FROM slippage()) AS same;

DROP SCHEMA slippage_book CASCADE;
