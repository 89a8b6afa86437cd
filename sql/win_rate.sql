-- win_rate, win_rate_by_team, win_share on a book counted by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SELECT salesmgmt.create_book('win_book');
SET search_path = win_book, salesmgmt;

-- An empty book: no rows, no errors.
SELECT count(*) FROM win_rate;
SELECT count(*) FROM win_rate_by_team;
SELECT count(*) FROM win_share;

INSERT INTO person (person_id, code, name) VALUES
  (1, 'top', 'Top'), (2, 'meg', 'Meg'), (3, 'max', 'Max'), (4, 'ann', 'Ann'), (5, 'bob', 'Bob'), (6, 'cid', 'Cid');
-- Bob goes from Meg to Max on 5 February; Max leads nobody before.
INSERT INTO reporting_line (person_id, manager_id, during) VALUES
  (2, 1, '[2025-01-01,)'), (3, 1, '[2025-01-01,)'), (6, 1, '[2025-01-01,)'),
  (4, 2, '[2025-01-01,)'), (5, 2, '[2025-01-01,2026-02-05)'), (5, 3, '[2026-02-05,)');
INSERT INTO pipeline (pipeline_id, code, name) VALUES (1, 'std', 'Standard'), (2, 'mini', 'Short');
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome) VALUES
  (1, 'work', 1, 'At work', 1, 'open'), (2, 'won', 1, 'Won', 2, 'won'),
  (3, 'price', 1, 'Lost on price', 3, 'lost'), (4, 'rival', 1, 'Lost to a rival', 4, 'lost'),
  (5, 'ask', 2, 'Ask', 1, 'open'), (6, 'yes', 2, 'Yes', 2, 'won'), (7, 'no', 2, 'No', 3, 'lost');

INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at)
SELECT id, code, CASE WHEN code = 'w2' THEN 2 ELSE 1 END, created_at::timestamptz
FROM (VALUES
  (1, 'w1', '2025-12-15'), (2, 'w2', '2025-12-15'), (3, 'w3', '2025-12-15'),
  (4, 'l1', '2025-12-15'), (5, 'l2', '2025-12-15'), (6, 'l3', '2025-12-15'),
  (11, 'f1', '2026-01-10'), (12, 'f2', '2026-01-10'), (13, 'f3', '2026-01-10'), (14, 'f4', '2026-01-10'),
  (15, 'f5', '2026-01-10'), (16, 'f6', '2026-01-10'), (17, 'f7', '2026-01-10'), (19, 'f9', '2026-01-10'),
  (20, 'f10', '2026-01-10'), (21, 'g1', '2026-03-01'), (22, 'g2', '2026-03-01'),
  (31, 'h1', '2026-03-01'), (32, 'h2', '2025-12-01')) AS o (id, code, created_at);
-- two that came closed, without a history, and one that has no state yet
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at, stage_id, owner_id, amount) VALUES
  (18, 'f8', 1, '2026-02-11', 2, NULL, 80), (23, 'g3', 1, '2026-03-07', 3, 6, 0), (33, 'i1', 1, '2026-03-20', NULL, 4, NULL);

INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, owner_id, amount, expected_close, corrects) VALUES
  -- January: Ann wins two and loses none, Bob wins one and loses three
  (1, '2025-12-15', 1, 1, 4, 300, NULL, NULL), (1, '2026-01-10', 2, 2, 4, 300, '2026-01-10', NULL),
  (2, '2025-12-15', 3, 5, 4, 300, NULL, NULL), (2, '2026-01-11', 4, 6, 4, 300, '2026-01-11', NULL),
  (3, '2025-12-15', 5, 1, 5, 200, NULL, NULL), (3, '2026-01-12', 6, 2, 5, 200, '2026-01-12', NULL),
  (4, '2025-12-15', 7, 1, 5, 100, NULL, NULL), (4, '2026-01-13', 8, 3, 5, 0, '2026-01-31', NULL),
  (5, '2025-12-15', 9, 1, 5, 150, NULL, NULL), (5, '2026-01-14', 10, 3, 5, 0, '2026-02-28', NULL),
  (6, '2025-12-15', 11, 1, 5, 250, NULL, NULL), (6, '2026-01-31', 12, 4, 5, 0, '2026-02-28', NULL),
  -- f1 is set to 0 with the loss: it was about 500
  (11, '2026-01-10', 21, 1, 4, 500, NULL, NULL), (11, '2026-02-10', 22, 3, 4, 0, NULL, NULL),
  -- f2 is entered on 27 February as won on the 15th; 400 is the last amount before
  (12, '2026-01-10', 23, 1, 4, 300, NULL, NULL), (12, '2026-01-20', 24, 1, 4, 400, NULL, NULL),
  (12, '2026-02-27', 25, 2, 4, 450, '2026-02-15', NULL),
  -- f3 is entered in March as won in February
  (13, '2026-01-10', 26, 1, 4, 100, NULL, NULL), (13, '2026-03-02', 27, 2, 4, 100, '2026-02-28', NULL),
  -- f4 is Bob's, then Ann's, who loses it; nobody knows how much it was
  (14, '2026-01-10', 28, 1, 5, NULL, NULL, NULL), (14, '2026-02-01', 29, 1, 4, NULL, NULL, NULL),
  (14, '2026-02-20', 30, 3, 4, NULL, NULL, NULL),
  -- f5 is won, reopened, and lost: the loss counts
  (15, '2026-01-10', 31, 1, 5, 700, NULL, NULL), (15, '2026-02-05', 32, 2, 5, 700, NULL, NULL),
  (15, '2026-02-10', 33, 1, 5, 650, NULL, NULL), (15, '2026-02-20', 34, 3, 5, 650, NULL, NULL),
  -- f6 is won, reopened, and still open
  (16, '2026-01-10', 35, 1, 5, 10, NULL, NULL), (16, '2026-02-01', 36, 2, 5, 10, NULL, NULL),
  (16, '2026-02-15', 37, 1, 5, 10, NULL, NULL),
  -- f7 is lost in February; in March another reason and amount are entered
  (17, '2026-01-10', 38, 1, 5, 50, NULL, NULL), (17, '2026-02-03', 39, 3, 5, 50, NULL, NULL),
  (17, '2026-03-03', 40, 4, 5, 9999, NULL, NULL),
  -- f9 was entered as lost by mistake
  (19, '2026-01-10', 41, 1, 5, 60, NULL, NULL), (19, '2026-02-06', 42, 3, 5, 60, NULL, NULL),
  (19, '2026-02-06', 43, 1, 5, 60, NULL, 42),
  -- f10 is won after the day of the report
  (20, '2026-01-10', 44, 1, 4, 5000, NULL, NULL), (20, '2026-04-10', 45, 2, 4, 5000, '2026-03-31', NULL),
  -- March: Cid loses one without an amount, and wins one
  (21, '2026-03-01', 51, 1, 6, NULL, NULL, NULL), (21, '2026-03-05', 52, 3, 6, NULL, NULL, NULL),
  (22, '2026-03-01', 53, 1, 6, 900, NULL, NULL), (22, '2026-03-06', 54, 2, 6, 900, NULL, NULL),
  -- Meg wins one herself; Max won one before he led anybody
  (31, '2026-03-01', 55, 1, 2, 70, NULL, NULL), (31, '2026-03-10', 56, 2, 2, 70, NULL, NULL),
  (32, '2025-12-01', 57, 1, 3, 40, NULL, NULL), (32, '2026-01-05', 58, 2, 3, 40, NULL, NULL);

\set april '\'2026-04-01\''

-- Each deal that counts, with its close, owner and amount.
SELECT o.code, p.code AS owner, deal.won, deal.closed_on, deal.amount
FROM closed_deal(:april, settings()) AS deal
JOIN opportunity AS o USING (opportunity_id)
LEFT JOIN person AS p ON p.person_id = deal.owner_id
ORDER BY opportunity_id;

-- By rep and month:
--   Ann, January    w1 w2 won: 2 of 2, all of the money
--   Ann, February   f2 f3 won, f1 f4 lost: 2 of 4; 500 of 1000, f4 has no amount
--   Bob, January    w3 won, l1 l2 l3 lost: 1 of 4; 200 of 700
--   Bob, February   f5 f7 lost: 0 of 2; 0 of 700
--   Cid, March      g2 won, g1 g3 lost: 1 of 3; no lost deal has an amount
--   nobody          f8 won
SELECT person, month, won, lost, closed, win_rate, won_amount, lost_amount, closed_amount, win_rate_amount, closed_without_amount AS without
FROM win_rate(:april);

-- D2: two wins and no losses are 100 %; who closed nothing has no row, not 0 %.
SELECT person, win_rate, round(win_rate_lower::numeric, 6) AS lower, win_rate_upper AS upper
FROM win_rate(:april, 'ann', '[2026-01-01,2026-02-01)');
SELECT count(*) FROM win_rate(:april, 'cid', '[2026-01-01,2026-03-01)');

-- D1: Ann without a loss stays in the sums: Meg's team has 50 % by count and 61.54 % by amount.
SELECT person, month, won, lost, round(100 * win_rate::numeric, 2) AS percent,
  won_amount, closed_amount, round(100 * win_rate_amount::numeric, 2) AS percent_of_amount, closers
FROM win_rate_by_team(:april, 'meg', '[2026-01-01,2026-02-01)');

-- Every leader (D6: who led on the day of the close, at every level, not who leads today):
--   Max, February  f5; f7 closed while Bob was Meg's
--   Meg, February  f1 f2 f3 f4 f7; March h1, her own
--   Top, January   Meg's team and h2, which Max won when he led nobody; March h1 g1 g2 g3
SELECT person, month, won, lost, round(win_rate::numeric, 4) AS win_rate, round(win_rate_lower::numeric, 4) AS lower,
  round(win_rate_upper::numeric, 4) AS upper, won_amount, lost_amount, round(win_rate_amount::numeric, 4) AS win_rate_amount,
  closed_without_amount AS without, closers
FROM win_rate_by_team(:april);

-- Won of created is another figure, of another cohort.
SELECT * FROM win_share(:april);

-- A team of today, another time, a floor under the amount, another confidence, another time zone.
SELECT person, month, won, lost FROM win_rate(:april, 'meg');
--   on 7 February f5 f6 are won, f7 is lost
SELECT person, won, lost FROM win_rate('2026-02-07', 'bob', '[2026-02-01,2026-03-01)');
SELECT person, month, won, lost FROM win_rate(:april, 'ann', options => '{"win_rate_min_amount": 200}');
SELECT round(win_rate_lower::numeric, 4) AS lower, round(win_rate_upper::numeric, 4) AS upper
FROM win_rate(:april, 'bob', '[2026-01-01,2026-02-01)', '{"confidence": 0.8}');
--   the loss of l3 on 31 January 0:00 UTC is of the 30th in New York
SELECT closed_on FROM closed_deal(:april, settings('{"time_zone": "America/New_York"}')) WHERE opportunity_id = 6;
SELECT created_month, created FROM win_share(:april, 'cid', options => '{"time_zone": "America/New_York"}');
SELECT * FROM win_rate(:april, 'zoe');
SELECT * FROM win_rate(:april, options => '{"min_amount": 5}');

-- The views are the functions of this moment: f10 has been won since.
SELECT (SELECT sum(closed) FROM win_rate) AS closed, (SELECT sum(created) FROM win_share) AS created,
  (SELECT sum(won) FROM win_rate_by_team WHERE person = 'top') AS won_under_top;

DROP SCHEMA win_book CASCADE;
