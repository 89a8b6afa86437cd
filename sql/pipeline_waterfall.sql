-- pipeline_waterfall on a book counted by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SELECT salesmgmt.create_book('waterfall_book');
SET search_path = waterfall_book, salesmgmt;

-- An empty book: no rows, no errors.
SELECT count(*) FROM pipeline_waterfall;
SELECT count(*) FROM pipeline_waterfall_by_team;

-- Meg leads Ann and Bob; Cid comes to her in May, from Tom.
INSERT INTO person (person_id, code, name) VALUES
  (1, 'meg', 'Meg'), (2, 'ann', 'Ann'), (3, 'bob', 'Bob'), (4, 'cid', 'Cid'), (5, 'tom', 'Tom');
INSERT INTO reporting_line (person_id, manager_id, during) VALUES
  (2, 1, '[2026-01-01,)'), (3, 1, '[2026-01-01,)'), (4, 5, '[2026-01-01,2026-05-01)'), (4, 1, '[2026-05-01,)');
INSERT INTO pipeline (pipeline_id, code, name) VALUES (1, 'std', 'Standard');
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome) VALUES
  (11, 'talk', 1, 'Talk', 1, 'open'), (12, 'offer', 1, 'Offer', 2, 'open'),
  (13, 'won', 1, 'Won', 3, 'won'), (14, 'lost', 1, 'Lost', 4, 'lost'), (15, 'gone', 1, 'No decision', 5, 'lost');

INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at)
SELECT id, 'w' || id, 1, '2026-01-01' FROM generate_series(1, 22) AS id;
-- The second quarter of 2026, seen from 1 July and later.
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, owner_id, amount, expected_close)
SELECT deal, at::timestamptz, stage, owner, amount, expected::date
FROM (VALUES
  -- Ann's at the start: 1 stays, 2 grows, 3 shrinks, 4 is won for more than it was, 5 is lost and set to 0,
  (1, '2026-03-01', 11, 2, 100.10, '2026-04-20'), (1, '2026-05-01', 12, 2, 100.10, '2026-06-20'),
  (2, '2026-03-01', 11, 2, 200, '2026-05-10'), (2, '2026-05-01', 11, 2, 250.25, '2026-05-10'),
  (3, '2026-03-01', 11, 2, 300, '2026-05-10'), (3, '2026-05-01', 11, 2, 90, '2026-05-10'),
  (4, '2026-03-01', 11, 2, 400, '2026-05-10'), (4, '2026-05-01', 13, 2, 440, '2026-05-01'),
  (5, '2026-03-01', 11, 2, 500, '2026-05-10'), (5, '2026-05-01', 14, 2, 0, '2026-05-10'),
  -- 6 is pushed out, 7 loses its date, 8 was past due and still is, 9 goes to Bob and grows, 10 goes to Bob, who wins it
  (6, '2026-03-01', 11, 2, 600, '2026-06-30'), (6, '2026-05-01', 11, 2, 650, '2026-07-01'),
  (7, '2026-03-01', 11, 2, 70, '2026-06-30'), (7, '2026-05-01', 11, 2, 70, NULL),
  (8, '2026-02-01', 11, 2, 80, '2026-03-15'),
  (9, '2026-03-01', 11, 2, 900, '2026-06-30'), (9, '2026-05-01', 11, 3, 950, '2026-06-30'),
  (10, '2026-03-01', 11, 2, 1000, '2026-06-30'), (10, '2026-05-01', 11, 3, 1000, '2026-06-30'), (10, '2026-06-01', 13, 3, 1010, '2026-06-01'),
  -- Bob's: 11 is new, 12 new and won, 13 new and lost, 14 new for the next quarter, 15 pulled in, 16 won before its time,
  (11, '2026-04-01', 11, 3, 11, '2026-06-01'),
  (12, '2026-04-10', 11, 3, 12, '2026-06-01'), (12, '2026-05-10', 13, 3, 15, '2026-05-09'),
  (13, '2026-04-10', 11, 3, 13, '2026-06-01'), (13, '2026-05-10', 14, 3, 13, '2026-06-01'),
  (14, '2026-04-10', 11, 3, 14, '2026-09-01'),
  (15, '2026-03-10', 11, 3, 150, '2026-08-01'), (15, '2026-04-10', 11, 3, 155, '2026-06-15'),
  (16, '2026-03-10', 11, 3, 160, '2026-08-01'), (16, '2026-04-10', 13, 3, 160, '2026-04-10'),
  -- 17 of the next quarter is lost, 18 had been lost and is back, 19 had been lost and is won, 20 has been lost in two ways
  (17, '2026-03-10', 11, 3, 170, '2026-08-01'), (17, '2026-04-10', 14, 3, 170, '2026-08-01'),
  (18, '2026-03-10', 14, 3, 180, '2026-03-10'), (18, '2026-04-10', 11, 3, 185, '2026-06-15'),
  (19, '2026-03-10', 14, 3, 190, '2026-03-10'), (19, '2026-04-10', 13, 3, 195, '2026-04-10'),
  (20, '2026-03-10', 14, 3, 200, '2026-03-10'), (20, '2026-04-10', 15, 3, 200, '2026-04-10'),
  -- Cid's, who takes it along; nobody's, which Cid gets, without an amount
  (21, '2026-03-10', 11, 4, 210, '2026-06-15'), (21, '2026-07-01', 13, 4, 210, '2026-07-01'),
  (22, '2026-03-10', 11, NULL, NULL, '2026-06-15'), (22, '2026-06-30 23:59', 11, 4, NULL, '2026-06-15'))
  AS t (deal, at, stage, owner, amount, expected)
ORDER BY at, deal;

\set quarter '''2026-07-15'', during => ''[2026-04-01,2026-07-01)'''
-- Ann: start 100.10 + 200 + 300 + 400 + 500 + 600 + 70 + 80 + 900 + 1000 = 4150.10 in ten deals;
-- up 50.25, down 210, out 600 + 70, to others 900 + 1000, won 400, lost 500;
-- end 100.10 + 250.25 + 90 + 80 = 520.35.
SELECT step_position, step, deals, amount FROM pipeline_waterfall(:quarter, person => 'ann');
-- Bob: start 0; new 11 + 15 + 13; back 185 + 195; from Ann 950 + 1010; pulled in 155 + 160;
-- won 1010 + 15 + 160 + 195, lost 13; end 950 + 11 + 155 + 185 = 1301.
SELECT step, deals, amount FROM pipeline_waterfall(:quarter, person => 'bob');
-- Cid keeps 210 and gets 22 from nobody.
SELECT person, step, deals, amount FROM pipeline_waterfall(:quarter)
WHERE person IS DISTINCT FROM 'ann' AND person IS DISTINCT FROM 'bob' AND (deals <> 0 OR step = 'unexplained');

-- Meg's team: start is Ann's 4150.10; Cid brings 210 and the deal without an amount; what Ann gave Bob is
-- no transfer: 9 grows by 50, 10 is won at 1000.  Tom is left with nothing.
--   increased 50.25 + 50, won 400 + 1000 + 15 + 160 + 195, end 520.35 + 1301 + 210
SELECT step, deals, amount FROM pipeline_waterfall_by_team(:quarter, person => 'meg');
SELECT step, deals, amount FROM pipeline_waterfall_by_team(:quarter, person => 'tom') WHERE deals <> 0;

-- One day later is another quarter; it starts where this one ended.
SELECT person, step, deals, amount
FROM pipeline_waterfall('2026-07-15', during => '[2026-04-01,2026-07-02)', options => '{"waterfall_horizon_days": -1}')
WHERE step IN ('start', 'won', 'end') AND person = 'cid';
SELECT person, deals, amount FROM pipeline_waterfall_by_team('2026-08-01', during => '[2026-07-01,2026-10-01)') WHERE step = 'start';
SELECT person, deals, amount FROM pipeline_waterfall_by_team(:quarter, options => '{"waterfall_horizon_days": 92}') WHERE step = 'end';

-- In the middle of it: by 20 April only Bob's have moved; nothing after that is known.
SELECT person, step, deals, amount FROM pipeline_waterfall('2026-04-20', during => '[2026-04-01,2026-07-01)')
WHERE deals <> 0 AND step NOT IN ('start', 'end');
-- The quarter of as_of is the default, the table period says which.
SELECT DISTINCT period_from, period_until FROM pipeline_waterfall('2026-04-20');
INSERT INTO period (code, name, kind, during) VALUES ('q', 'Shifted', 'quarter', '[2026-03-15,2026-06-14)');
SELECT DISTINCT period_from, period_until FROM pipeline_waterfall('2026-04-20');

-- Spans without a beginning, without an end, without a day, and to come.
SELECT step, deals, amount FROM pipeline_waterfall('2026-07-15', 'ann', '(,2026-07-01)') WHERE deals <> 0;
SELECT step, deals, amount FROM pipeline_waterfall('2026-07-15', 'ann', '[2026-04-01,)') WHERE deals <> 0;
SELECT count(*) FROM pipeline_waterfall('2026-07-15', during => 'empty');
SELECT step, deals, amount FROM pipeline_waterfall('2026-04-20', 'ann', '[2026-07-01,2026-10-01)') WHERE deals <> 0;

-- The day of an instant is that of the time zone: 22 is handed over on 1 July in Berlin.
SELECT person, step, deals FROM pipeline_waterfall(:quarter, options => '{"time_zone": "Europe/Berlin"}')
WHERE (person = 'cid' OR person IS NULL) AND deals <> 0;

-- Refused.
SELECT * FROM pipeline_waterfall(:quarter, person => 'zoe');
SELECT * FROM pipeline_waterfall(:quarter, options => '{"horizon": 1}');

-- The view is the function of this moment.
SELECT count(*), sum(amount) FILTER (WHERE step = 'unexplained') AS unexplained FROM pipeline_waterfall;

DROP SCHEMA waterfall_book CASCADE;
