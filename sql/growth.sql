-- growth_by_source, market_growth, balance_growth, product_range and retention_acquisition_mix on a book counted by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SELECT salesmgmt.create_book('growth_book');
SET search_path = growth_book, salesmgmt;

-- An empty book: no rows, no errors.
SELECT (SELECT count(*) FROM growth_by_source) AS sources, (SELECT count(*) FROM market_growth) AS markets,
  (SELECT count(*) FROM balance_growth) AS balances, (SELECT count(*) FROM product_range) AS ranges,
  (SELECT count(*) FROM product_range_by_account) AS accounts, (SELECT count(*) FROM retention_acquisition_mix) AS mixes;

-- D13: equal windows.  April has 30 days; the window before it is the 30 days from 2 March on,
-- not the 29 from the 3rd.  A booking of 100 each day of March and April is no growth.
INSERT INTO account (account_id, code, name, client_since) VALUES (1, 'c1', 'One', '2020-01-01');
INSERT INTO booking (code, booked_on, account_id, amount)
SELECT 'day ' || day::date, day::date, 1, 100 FROM generate_series('2025-03-01'::timestamp, '2025-04-30', '1 day') AS day;
SELECT growth_from, previous_from, period_from, period_until, amount, previous_amount, growth, growth_rate
FROM growth_by_source('2025-05-10', during => '[2025-04-01,2025-05-01)');
-- a window that is not over is compared with as many days: 10 of April with the last 10 of March
SELECT previous_from, period_from, period_until, amount, previous_amount, growth
FROM growth_by_source('2025-04-10 12:00', during => '[2025-04-01,2025-05-01)') WHERE growth_from = 'existing_accounts';
-- and a year with as many days, a leap year or not
SELECT win.since - win.before AS days_before, win.until - win.since AS days
FROM (VALUES ('2025-01-01'::timestamptz), ('2024-12-31 12:00'), ('2025-02-28'), ('2024-02-29')) AS t (at)
CROSS JOIN LATERAL growth_window(t.at, NULL, settings()) AS win;
SELECT since - before AS days_before, until - since AS days FROM growth_window('2026-01-01', '[2025-01-01,2025-02-01)', settings());
DELETE FROM booking;

-- Meg leads Ann and Bob; c1 to c4.  c1 and c4 are old clients, c2 becomes one in May 2025, c3 nobody knows since when.
INSERT INTO person (person_id, code, name) VALUES (1, 'meg', 'Meg'), (2, 'ann', 'Ann'), (3, 'bob', 'Bob');
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (2, 1, '[2020-01-01,)'), (3, 1, '[2020-01-01,)');
INSERT INTO employment (person_id, role, during) VALUES (1, 'manager', '[2020-01-01,)'), (2, 'rep', '[2020-01-01,)'), (3, 'rep', '[2020-01-01,)');
INSERT INTO segment (segment_id, code, name) VALUES (1, 'small', 'Small'), (2, 'large', 'Large');
UPDATE account SET segment_id = 1;
INSERT INTO account (account_id, code, name, segment_id, client_since, client_until) VALUES
  (2, 'c2', 'Two', 1, '2025-05-01', NULL), (3, 'c3', 'Three', 2, NULL, NULL), (4, 'c4', 'Four', 2, '2021-01-01', '2025-06-15');
INSERT INTO account_owner (account_id, person_id, during) VALUES (1, 2, '[2020-01-01,)'), (2, 3, '[2025-04-01,)'), (4, 2, '[2020-01-01,2025-05-15)'), (4, 3, '[2025-05-15,)');
-- Loans are old, Cards new in February 2025; Gold of July is not on sale before; nobody gave the pen a family.
INSERT INTO product (product_id, code, name, family, introduced_on) VALUES
  (1, 'loan', 'Loan', 'Loans', '2010-01-01'), (2, 'card', 'Card', 'Cards', '2025-02-01'), (3, 'gold', 'Gold', 'Metals', '2025-07-01'),
  (4, 'pen', 'Pen', NULL, NULL), (5, 'bond', 'Bond', 'Funds', NULL);

-- The second quarter, 91 days, against the 91 from 31 December on.
--   existing  c1 1,000 before (b1), 800 and 100 of nobody in it (b5, b6); c4 400 before; -50 returned: 850 - 1,400 = -550
--   new       c2 300 and c3's first booking, 70; c2's card of 40 is of a new account: 410
--   products  c1's card of 200 in it, of 30 before: 170
-- The window before, against the 91 days from 1 October 2024 on (b0): 1,400 - 500 = 900, and 30 of the card.
INSERT INTO booking (booking_id, code, booked_on, account_id, person_id, product_id, amount) VALUES
  (100, 'b0', '2024-10-01', 1, 2, 1, 500), (101, 'b1', '2024-12-31', 1, 2, 1, 1000), (102, 'b2', '2025-03-31', 4, 2, 1, 400),
  (103, 'b3', '2025-02-10', 1, 2, 2, 30), (104, 'b4', '2024-09-30', 1, 2, 1, 7777),
  (105, 'b5', '2025-04-01', 1, 2, 1, 800), (106, 'b6', '2025-06-30', NULL, NULL, 1, 100), (107, 'b7', '2025-05-05', 2, 3, 1, 300),
  (108, 'b8', '2025-05-06', 3, 3, 5, 70), (109, 'b9', '2025-05-07', 1, 2, 2, 200), (110, 'b10', '2025-06-01', 1, 2, 1, -50),
  (111, 'b11', '2025-07-01', 1, 2, 1, 9999), (112, 'b12', '2025-06-02', 2, 3, 2, 40), (113, 'b13', '2025-06-03', 1, 2, 4, 0);
-- Balances: c1 1,000 and then 1,200; a card of 50 from May on; c2 500; c4 600, gone in June; of c1 800 at the end of September.
INSERT INTO balance (code, account_id, product_id, day, balance) VALUES
  ('h1', 1, 1, '2025-01-15', 1000), ('h2', 1, 1, '2025-06-20', 1200), ('h3', 1, 2, '2025-05-31', 50), ('h4', 2, 1, '2025-05-31', 500),
  ('h5', 4, 1, '2025-01-31', 600), ('h0', 1, 1, '2024-09-30', 800);
\set july '\'2025-07-15 12:00\''
\set q2 'during => \'[2025-04-01,2025-07-01)\''
SELECT measure, growth_from, amount, previous_amount AS previous, growth, round(growth_rate::numeric, 4) AS rate,
  growth_share AS share, previous_growth FROM growth_by_source(:july, :q2);
-- The targets: Meg's quarter is carried by Ann and Bob; Meg's half year of new accounts is not, and 91 of its 181 days are in the
-- quarter: 905 * 91 / 181 = 455.  The stretch target does not count, nor does a relationship plan.
INSERT INTO plan (plan_id, code, kind, person_id, account_id, during, parent_id) VALUES
  (1, 'meg-q2', 'quota', 1, NULL, '[2025-04-01,2025-07-01)', NULL), (2, 'ann-q2', 'quota', 2, NULL, '[2025-04-01,2025-07-01)', 1),
  (3, 'bob-q2', 'quota', 3, NULL, '[2025-04-01,2025-07-01)', 1), (4, 'meg-h1', 'quota', 1, NULL, '[2025-01-01,2025-07-01)', NULL),
  (5, 'ann-c1', 'relationship', 2, 1, '[2025-04-01,2025-07-01)', NULL);
INSERT INTO plan_target (plan_id, metric_id, during, level, target, revised_at)
SELECT t.plan_id, m.metric_id, p.during, t.level, t.target, '2025-01-01'
FROM (VALUES (1, 'bookings_growth_existing_accounts', 'base', 100), (2, 'bookings_growth_existing_accounts', 'base', 90),
  (3, 'bookings_growth_existing_accounts', 'base', 20), (2, 'bookings_growth_existing_accounts', 'stretch', 5000),
  (4, 'bookings_growth_new_accounts', 'base', 905), (5, 'bookings_growth_existing_accounts', 'base', 7000),
  (2, 'client_retention', 'base', 0.9), (3, 'client_retention', 'base', 0.5), (3, 'new_clients', 'base', 2), (2, 'new_clients', 'base', 0)) AS t (plan_id, metric, level, target)
JOIN plan AS p USING (plan_id)
JOIN metric AS m ON m.code = t.metric;
-- (doc/growth.md shows this)
SELECT growth_from, growth, round(target, 4) AS target, round(variance, 4) AS variance, round(attainment::numeric, 4) AS attainment,
  round(target_share::numeric, 4) AS of_target
FROM growth_by_source(:july, :q2) WHERE measure = 'bookings';
-- Ann's alone: c1, not what nobody brought, and her target; balances of c1, for c4 is Bob's by then.
SELECT measure, growth_from, amount, previous_amount AS previous, growth, round(target, 4) AS target FROM growth_by_source(:july, 'ann', '[2025-04-01,2025-07-01)');
SELECT measure, sum(growth) FROM growth_by_source(:july, 'meg', '[2025-04-01,2025-07-01)') GROUP BY measure ORDER BY measure;
-- Split over its months, Meg's half year is asked for once: 100 + 200 + 300 of it in the quarter, without its own 455.
-- A card that nobody in particular bought is sold to no existing account: 1,000 more of the rest.
BEGIN;
SELECT sum(part) FROM spread_target('meg-h1', 'bookings_growth_new_accounts', 'month', shares => '{0, 0, 305, 100, 200, 300}', revised_at => '2025-01-02');
INSERT INTO booking (code, booked_on, person_id, product_id, amount) VALUES ('b14', '2025-06-04', 2, 2, 1000);
SELECT growth_from, growth, round(target, 4) AS target FROM growth_by_source(:july, :q2) WHERE measure = 'bookings';
SELECT growth_from, round(target, 4) AS target FROM growth_by_source(:july, during => '[2025-01-01,2025-07-01)') WHERE measure = 'bookings' AND growth_from = 'new_accounts';
SELECT source_code, round(value, 4) AS value FROM growth_by_source_evidence(:july, NULL, '[2025-04-01,2025-07-01)') WHERE growth_from = 'new_accounts' AND figure = 'target' ORDER BY 2;
ROLLBACK;
-- a product is new for 59 days: the card, of 1 February, is not
SELECT growth_from, growth FROM growth_by_source(:july, :q2, options => '{"new_product_days": 59}') WHERE measure = 'bookings';
-- as of 6 May in the evening: c1's card of 7 May is not there yet, and c2 is a client since five days
SELECT growth_from, period_until, previous_from, amount, previous_amount FROM growth_by_source('2025-05-06 20:00', :q2) WHERE measure = 'bookings';
-- every figure opens
SELECT figure, string_agg(source_code, ' ' ORDER BY at, source_code) AS rows, round(sum(value), 4) AS sum
FROM evidence('growth_by_source', :july, :q2)
WHERE key = '{"measure": "bookings", "growth_from": "existing_accounts"}'
GROUP BY figure
ORDER BY figure;

-- The market: small grew by 2 % in the quarter, large by 50 %; the third quarter is not over.
--   small  bookings 1,000 + 30 before, 800 + 300 + 200 - 50 + 40 = 1,290 after: 25.24 %; balances 1,000, 1,200 + 50 + 500
--   large  bookings 400 and 70; balances 600 and none: c4 has left
INSERT INTO segment_growth (segment_id, during, growth_rate) VALUES
  (1, '[2025-04-01,2025-07-01)', 0.02), (2, '[2025-04-01,2025-07-01)', 0.5), (1, '[2025-07-01,2025-10-01)', 0.03), (2, '[2023-04-01,2023-07-01)', 0.01);
SELECT segment, period_from, previous_from, measure, amount, previous_amount AS previous, round(own_growth_rate::numeric, 4) AS own,
  market_growth_rate AS market, round(above_market_rate::numeric, 4) AS above
FROM market_growth(:july);
-- on the day after the quarter's last it is over, on the last itself it is, too, but not the day before; Ann's share
SELECT (SELECT count(*) FROM market_growth('2025-06-30 12:00')) AS last_day, (SELECT count(*) FROM market_growth('2025-06-29 12:00')) AS before,
  (SELECT count(*) FROM market_growth(:july, during => '[2025-07-01,2025-08-01)')) AS later, (SELECT count(*) FROM market_growth(:july, during => '(,)')) AS ever;
SELECT segment, measure, amount, previous_amount FROM market_growth(:july, 'ann');

-- What the clients hold, now and 91 days before, and 91 before that: c4's 600 go with Bob.
SELECT person, scope, family, opening_balance, closing_balance, growth, growth_rate, previous_opening_balance AS before, previous_growth, previous_growth_rate AS rate_before, faster_rate, closing_clients
FROM balance_growth(:july, :q2);
SELECT person, scope, sum(growth) FROM balance_growth(:july, 'bob', '[2025-04-01,2025-07-01)') GROUP BY person, scope;

-- The range: Loans, Cards and Funds are on offer in the quarter, Metals only later.
-- Ann sold Loans and Cards, Bob Loans, Cards and Funds, nobody Loans.  The norm is two families a month, Bob's own one a week from June on.
--   Ann   April 1, May 1 (Cards), June none: -50 is a return; 0 of 3
--   Bob   April 0, May 2 (his norm of June has not begun); weeks from Monday 2 June on, four whole ones up to the 29th: 1 of 4
INSERT INTO standard (metric_id, role, person_id, norm, per, during)
SELECT m.metric_id, s.role, s.person_id, s.norm, s.per, s.during::daterange
FROM metric AS m
CROSS JOIN (VALUES ('rep', NULL, 2, 'month', '[2020-01-01,)'), (NULL, 3, 1, 'week', '[2025-06-01,)')) AS s (role, person_id, norm, per, during)
WHERE m.code = 'product_range';
SELECT person, families_sold AS sold, families_offered AS offered, round(range_rate::numeric, 4) AS range, norm, norm_per, periods, periods_met AS met, met_share
FROM product_range(:july, :q2);
SELECT person, families_sold, families_offered FROM product_range('2025-07-31 12:00', 'ann', '[2025-07-01,2025-08-01)');
-- of the clients at the end: c1 bought Loans (800 - 50) and Cards and holds both; c2 bought both and holds Loans; c3 is no client, c4 gone
SELECT account, person, families_bought AS bought, families_held AS held, families, families_offered AS offered, round(range_rate::numeric, 4) AS range
FROM product_range_by_account(:july, :q2);
SELECT account, families_bought, families_held, families FROM product_range_by_account('2025-03-31 12:00', 'ann', '[2025-01-01,2025-04-01)');

-- The mix.  Ann opens with c1 and c4 and loses c4: 1 of 2 against 90 %; Bob wins c2, and 2 were to be.
-- Team: 1 kept of 2 against 0.9 (Bob had no clients to keep), 1 of 2 won: 1 of 2 is new, 2 of 3.8 were to be.
SELECT person, scope, opening_clients AS opening, kept_clients AS kept, retention_rate AS rate, retention_target_rate AS target, round(retention_attainment::numeric, 4) AS attained,
  new_clients AS new, round(new_clients_target, 4) AS to_win, acquisition_attainment AS won, acquisition_share AS mix, round(target_acquisition_share::numeric, 4) AS planned_mix, closing_balance, new_balance
FROM retention_acquisition_mix(:july, :q2);
SELECT figure, string_agg(source_code, ' ' ORDER BY source_code) AS rows, round(sum(value), 4) AS sum
FROM evidence('retention_acquisition_mix', :july, :q2) WHERE key ->> 'person' = 'meg' GROUP BY figure ORDER BY figure;

-- spans without a beginning, without a day, of the future
SELECT (SELECT count(*) FROM growth_by_source(:july, during => '(,)')) AS ever, (SELECT count(*) FROM balance_growth(:july, during => 'empty')) AS empty,
  (SELECT count(*) FROM product_range(:july, during => '[2026-01-01,2027-01-01)')) AS future, (SELECT count(*) FROM retention_acquisition_mix(:july, during => 'empty')) AS no_mix;
SELECT * FROM growth_by_source(:july, 'nemo');
SELECT * FROM market_growth(:july, 'nemo');
SELECT * FROM balance_growth(:july, 'nemo');
SELECT * FROM product_range(:july, 'nemo');
SELECT * FROM product_range_by_account(:july, 'nemo');
SELECT * FROM retention_acquisition_mix(:july, 'nemo');
SELECT * FROM growth_by_source(:july, options => '{"new_days": 1}');
DROP SCHEMA growth_book CASCADE;
