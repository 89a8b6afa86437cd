-- retention, balance_bridge and portfolio_size on a book counted by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SELECT salesmgmt.create_book('clients_book');
SET search_path = clients_book, salesmgmt;

-- An empty book: no rows, no errors.
SELECT (SELECT count(*) FROM retention) AS retention, (SELECT count(*) FROM balance_bridge) AS bridge,
  (SELECT count(*) FROM portfolio_size) AS portfolio;

-- Meg leads Ann and Bob; Zoe owns nothing.
INSERT INTO person (person_id, code, name) VALUES (1, 'meg', 'Meg'), (2, 'ann', 'Ann'), (3, 'bob', 'Bob'), (4, 'zoe', 'Zoe');
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (2, 1, '[2020-01-01,)'), (3, 1, '[2020-01-01,)');
INSERT INTO product (product_id, code, name, family) VALUES
  (1, 'term', 'Term loan', 'Loans'), (2, 'mortgage', 'Mortgage', 'Loans'), (3, 'time', 'Time deposit', 'Deposits');
-- c1 leaves in the year, and its tier before it; c4 gains its tier in the year; c5 is new; c6 is a prospect;
-- c7 is nobody's and leaves on the first day; c8 goes from Ann to Bob in July and leaves after the year
INSERT INTO account (account_id, code, name, prospect_since, client_since, client_until) VALUES
  (1, 'c1', 'One', NULL, '2020-01-01', '2025-06-30'), (2, 'c2', 'Two', NULL, '2021-01-01', NULL),
  (3, 'c3', 'Three', NULL, '2022-01-01', NULL), (4, 'c4', 'Four', NULL, '2023-01-01', NULL),
  (5, 'c5', 'Five', '2024-05-01', '2025-04-01', NULL), (6, 'c6', 'Six', '2025-05-01', NULL, NULL),
  (7, 'c7', 'Seven', NULL, '2019-01-01', '2025-01-01'), (8, 'c8', 'Eight', NULL, '2020-01-01', '2026-03-01');
INSERT INTO account_owner (account_id, person_id, during) VALUES
  (1, 2, '[2020-01-01,)'), (2, 2, '(,)'), (3, 2, '[2022-01-01,)'), (4, 3, '[2025-01-01,)'), (5, 3, '[2024-05-01,)'),
  (6, 3, '[2025-05-01,)'), (8, 2, '[2020-01-01,2025-07-01)'), (8, 3, '[2025-07-01,)');
INSERT INTO account_standing (account_id, during, priority, must_keep, must_grow, high_value) VALUES
  (1, '[2020-01-01,2025-03-01)', 'A', true, false, true), (1, '[2025-03-01,)', 'C', false, false, false),
  (2, '(,)', 'A', true, false, true), (3, '(,)', 'B', false, true, false),
  (4, '[2023-01-01,2025-02-01)', 'B', false, false, false), (4, '[2025-02-01,)', 'A', true, false, true),
  (7, '[2020-01-01,2025-01-01)', 'A', false, false, true), (8, '(,)', 'B', false, false, false);
INSERT INTO balance (account_id, product_id, day, balance) VALUES
  (1, 1, '2024-12-31', 1000), (1, 3, '2024-12-31', 500),
  (2, 1, '2024-11-30', 2000), (2, 1, '2025-08-31', 2600.50), (2, 1, '2026-01-14', 9999),
  (3, 3, '2024-12-31', 400), (3, 2, '2025-05-31', 50), (3, 3, '2025-12-31', 100),
  (4, 3, '2023-03-31', 300),
  (5, 3, '2025-04-30', 700),
  (7, NULL, '2024-06-30', 80),
  (8, 2, '2024-12-31', 10);

\set jan '\'2026-01-15 12:00\''
\set year 'during => \'[2025-01-01,2026-01-01)\''

-- The year 2025.  Clients at its opening: Ann's c1, c2, c3, c8, Bob's c4, nobody's c7.
--   Ann   c1 of 4 left; c1 and c2 were of high value, whatever became of c1's tier, and 1 of 2 is kept
--         1500 + 2000 + 400 + 10 = 3910 at the opening; 0 + 2600.50 + 150 + 10 = 2760.50 at the end
--         kept 0 + 2000 + 150 + 10 = 2160: gross 0.5524, net 0.7060
--   Bob   c4 kept, not of high value then; c5 is new and not in it
--   Meg   her team: 5 clients, 4210, 2460 and 3060.50
--   c7 had its tier on the eve
SELECT person, scope, opening_clients AS clients, lost_clients AS lost, attrition_rate AS attrition,
  high_value_clients AS high, high_value_lost AS high_lost, high_value_retention_rate AS high_kept,
  opening_balance AS opening, kept_balance AS kept, closing_balance AS closing,
  round(gross_retention_rate::numeric, 4) AS gross, round(net_retention_rate::numeric, 4) AS net
FROM retention(:jan, :year);
-- Wilson's bounds of 1 of 4 lost and 1 of 2 kept, at 95 % and at 80 %.
SELECT round(attrition_lower::numeric, 4) AS attrition_lower, round(attrition_upper::numeric, 4) AS attrition_upper,
  round(high_value_lower::numeric, 4) AS high_lower, round(high_value_upper::numeric, 4) AS high_upper
FROM retention(:jan, 'ann', '[2025-01-01,2026-01-01)');
SELECT round(attrition_lower::numeric, 4) AS attrition_lower, round(attrition_upper::numeric, 4) AS attrition_upper
FROM retention(:jan, 'ann', '[2025-01-01,2026-01-01)', '{"confidence": 0.8}');

-- The same year by family.
--   Deposits  500 + 400 + 300; c5's 700 new; c3 300 less; c1's 500 lost
--   Loans     1000 + 2000 + 10; c2 600.50 more, c3's first 50: it was a client; c1's 1000 lost
--   neither   c7's 80 lost
SELECT family, opening_balance, new_balance, expansion, contraction, lost_balance, closing_balance,
  round(growth_rate::numeric, 4) AS growth, opening_clients AS "start", new_clients AS new, lost_clients AS lost, closing_clients AS "end"
FROM balance_bridge(:jan, :year);
-- Ann's: c8 is Bob's by the end.  Meg's: Ann's and Bob's.  Zoe has none.
SELECT family, opening_balance, new_balance, expansion, contraction, lost_balance, closing_balance
FROM balance_bridge(:jan, 'ann', '[2025-01-01,2026-01-01)');
SELECT family, opening_balance, closing_balance FROM balance_bridge(:jan, 'meg', '[2025-01-01,2026-01-01)');
SELECT count(*) FROM balance_bridge(:jan, 'zoe', '[2025-01-01,2026-01-01)');

-- The year that ends on 30 June 2025: only c4 and c7 held something before it, c1 came and went in it.
-- c1 has left that day; the day before it had not.
SELECT family, period_from, period_until, opening_balance, new_balance, expansion, contraction, lost_balance, closing_balance
FROM balance_bridge('2025-06-30 12:00');
SELECT person, scope, period_from, period_until, opening_clients, lost_clients, opening_balance, closing_balance
FROM retention('2025-06-30 12:00', 'ann');
SELECT lost_clients FROM retention('2025-06-29 12:00', 'ann');
-- a span that goes on is counted up to as_of; one that has not begun, or is empty, has no rows
SELECT period_from, period_until, closing_balance FROM balance_bridge('2025-03-01', during => '[2025-01-01,2026-01-01)') WHERE family = 'Loans';
SELECT (SELECT count(*) FROM retention('2024-12-31', during => '[2025-01-01,2026-01-01)')) AS retention,
  (SELECT count(*) FROM balance_bridge('2024-12-31', during => '[2025-01-01,2026-01-01)')) AS bridge,
  (SELECT count(*) FROM balance_bridge(:jan, during => 'empty')) AS empty_bridge,
  (SELECT count(*) FROM portfolio_size(:jan, during => 'empty')) AS empty_portfolio,
  (SELECT count(*) FROM portfolio_size('2024-12-31', during => '[2025-01-01,2026-01-01)')) AS portfolio,
  (SELECT count(*) FROM retention(:jan, during => '(,)')) AS no_opening;
-- of all time everything is new
SELECT family, period_from, period_until, opening_balance, new_balance, closing_balance, growth_rate FROM balance_bridge(:jan, during => '(,)');
-- a loan drawn below zero: no rate, and the sums hold
INSERT INTO balance (account_id, product_id, day, balance) VALUES (4, 1, '2025-01-01', -50), (4, 1, '2025-02-01', 20);
SELECT family, opening_balance, expansion, closing_balance, growth_rate FROM balance_bridge(:jan, 'bob', '[2025-01-02,2025-03-01)') WHERE family = 'Loans';

-- On the last day of 2025: c1 and c7 have left, c6 is a prospect without a standing.
SELECT person, priority, accounts, clients, prospects, former_clients AS former, must_keep, must_grow, high_value
FROM portfolio_size(:jan, :year);
-- On 1 May 2024 c5 is new to Bob, c6 not known, and c4 nobody's; in Meg's team there are no accounts without an owner.
SELECT person, day, priority, accounts, clients, prospects FROM portfolio_size('2024-05-01');
SELECT sum(accounts) FROM portfolio_size('2024-05-01', 'meg');
-- at 23:30 UTC it is the next day in Berlin: c5 has become a client
SELECT (SELECT sum(prospects) FROM portfolio_size('2025-03-31 23:30', 'bob')) AS utc,
  (SELECT sum(prospects) FROM portfolio_size('2025-03-31 23:30', 'bob', options => '{"time_zone": "Europe/Berlin"}')) AS berlin;

SELECT * FROM retention(:jan, 'nemo');
SELECT * FROM balance_bridge(:jan, 'nemo');
SELECT * FROM portfolio_size(:jan, options => '{"tier": 1}');

-- The views are the functions of this moment.
SELECT (SELECT count(*) FROM retention) = (SELECT count(*) FROM retention()) AS retention,
  (SELECT count(*) FROM balance_bridge) = (SELECT count(*) FROM balance_bridge()) AS bridge,
  (SELECT count(*) FROM portfolio_size) = (SELECT count(*) FROM portfolio_size()) AS portfolio;

-- A balance is one a day, product and account, also where the products are not told apart.
\set VERBOSITY sqlstate
INSERT INTO balance (account_id, product_id, day, balance) VALUES (2, 1, '2024-11-30', 1);
INSERT INTO balance (account_id, day, balance) VALUES (7, '2024-06-30', 1);
INSERT INTO balance (account_id, day, balance) VALUES (7, 'infinity', 1);
INSERT INTO balance (account_id, day, balance) VALUES (7, '2024-07-01', 'NaN');
INSERT INTO balance (account_id, day, balance) VALUES (99, '2024-07-01', 1);
INSERT INTO balance (account_id, day, balance, currency) VALUES (7, '2024-07-01', 1, 'EUR');

DROP SCHEMA clients_book CASCADE;
