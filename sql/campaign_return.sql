-- campaign_return, referral and request_load on a book counted by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SELECT salesmgmt.create_book('marketing_book');
SET search_path = marketing_book, salesmgmt;

-- An empty book: no rows, no errors.
SELECT (SELECT count(*) FROM campaign_return) AS campaigns, (SELECT count(*) FROM referral) AS referrals,
  (SELECT count(*) FROM request_load) AS requests;

-- Meg leads Ann and Bob.
INSERT INTO person (person_id, code, name) VALUES (1, 'meg', 'Meg'), (2, 'ann', 'Ann'), (3, 'bob', 'Bob');
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (2, 1, '[2020-01-01,)'), (3, 1, '[2020-01-01,)');
INSERT INTO employment (person_id, role, during) VALUES (1, 'manager', '[2020-01-01,)'), (2, 'rep', '[2020-01-01,)'), (3, 'rep', '[2020-01-01,)');
INSERT INTO segment (segment_id, code, name) VALUES (1, 'small', 'Small');
-- a1 a client for years; a2 first approached by the seminar's invitation; a3 walks in unknown; a4 unknown, but called before;
-- a5 unknown, comes to the dinner first and then to the seminar; a6 was once offered something
INSERT INTO account (account_id, code, name, prospect_since, client_since) VALUES
  (1, 'a1', 'One', NULL, '2020-01-01'), (2, 'a2', 'Two', '2025-02-10', NULL), (3, 'a3', 'Three', NULL, NULL),
  (4, 'a4', 'Four', NULL, NULL), (5, 'a5', 'Five', NULL, '2025-06-01'), (6, 'a6', 'Six', NULL, NULL);
INSERT INTO account_owner (account_id, person_id, during) VALUES
  (1, 2, '[2020-01-01,2025-05-01)'), (1, 3, '[2025-05-01,)'), (5, 2, '[2025-01-01,)');
INSERT INTO activity_kind (code, name) VALUES ('call', 'Call');
INSERT INTO activity (code, activity_kind_id, person_id, account_id, held_at) VALUES ('call1', 1, 2, 4, '2025-03-09 09:00');
INSERT INTO pipeline (pipeline_id, code, name) VALUES (1, 'p', 'P');
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome) VALUES
  (1, 'open', 1, 'Open', 1, 'open'), (2, 'won', 1, 'Won', 2, 'won'), (3, 'lost', 1, 'Lost', 3, 'lost');

-- The dinner of Ann's on 20 February, without a cost; the seminar of Bob's on 10 March, 1,000; an article in June, free
INSERT INTO campaign (campaign_id, code, name, kind, person_id, segment_id, during, budget, cost) VALUES
  (1, 'dinner', 'Winter dinner', 'social_event', 2, NULL, '[2025-02-20,2025-02-21)', 800, NULL),
  (2, 'seminar', 'Spring seminar', 'seminar', 3, 1, '[2025-03-10,2025-03-12)', 900, 1000),
  (3, 'article', 'June article', 'article', NULL, NULL, '[2025-06-01,2025-07-01)', NULL, 0);
INSERT INTO campaign_response (code, campaign_id, account_id, kind, responded_at, guests) VALUES
  ('r1', 2, 1, 'invited', '2025-02-10 08:00', 1), ('r2', 2, 2, 'invited', '2025-02-10 08:00', 1), ('r3', 2, 6, 'invited', '2025-02-10 08:00', 1),
  ('r4', 2, 6, 'declined', '2025-02-12 08:00', 1), ('r5', 2, 2, 'registered', '2025-02-13 08:00', 1),
  ('r6', 2, 1, 'attended', '2025-03-10 18:00', 2), ('r7', 2, 2, 'attended', '2025-03-10 18:00', 1), ('r8', 2, 3, 'attended', '2025-03-10 18:00', 1),
  ('r9', 2, 4, 'attended', '2025-03-10 18:00', 1), ('r10', 2, 5, 'attended', '2025-03-11 18:00', 3),
  ('r11', 2, 6, 'enquired', '2025-03-20 08:00', 1),
  ('r12', 1, 5, 'attended', '2025-02-20 20:00', 2), ('r13', 1, 1, 'attended', '2025-02-20 20:00', 1),
  ('r14', 3, 3, 'enquired', '2025-06-10 08:00', 1);

-- Deals.  o1 of a1 on 1 March: the dinner, nine days before.  o2 of a1 on 8 June: the seminar, 90 days before; a day later (o3) none.
-- o4 of a2 at midnight of the seminar's day: books of days alone know no better.  o5 of a3 in May: the article in June
-- says it came of it, though a3 had been at the seminar.  o6 of a6 before all campaigns.  o7 of nobody, named by r10.
INSERT INTO opportunity (opportunity_id, code, account_id, pipeline_id, source, referred_by, created_at) VALUES
  (1, 'o1', 1, 1, NULL, NULL, '2025-03-01 10:00'), (2, 'o2', 1, 1, NULL, NULL, '2025-06-08 10:00'), (3, 'o3', 1, 1, NULL, NULL, '2025-06-09 10:00'),
  (4, 'o4', 2, 1, NULL, 1, '2025-03-10 00:00'), (5, 'o5', 3, 1, 'referral', 1, '2025-05-15 10:00'), (6, 'o6', 6, 1, NULL, 5, '2025-01-15 10:00'),
  (7, 'o7', NULL, 1, NULL, 4, '2025-04-01 10:00');
UPDATE campaign_response SET opportunity_id = 5 WHERE code = 'r14';
UPDATE campaign_response SET opportunity_id = 7 WHERE code = 'r10';
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, amount, expected_close, owner_id) VALUES
  (1, '2025-03-01 10:00', 1, 500, '2025-04-01', 2), (1, '2025-04-01 10:00', 2, 500, '2025-04-01', 2),
  (2, '2025-06-08 10:00', 1, 700, '2025-09-01', 3), (3, '2025-06-09 10:00', 1, 900, '2025-09-01', 3), (3, '2025-07-01 10:00', 2, 900, '2025-07-01', 3),
  (4, '2025-03-10 00:00', 1, 4000, '2025-05-01', 3), (4, '2025-05-01 10:00', 2, 4000, '2025-05-01', 3),
  (5, '2025-05-15 10:00', 1, 300, '2025-08-01', 3), (5, '2025-08-01 10:00', 3, 300, '2025-08-01', 3),
  (6, '2025-01-15 10:00', 1, 100, '2025-08-01', 2), (6, '2025-02-01 10:00', 3, 100, '2025-08-01', 2),
  (7, '2025-04-01 10:00', 1, 2000, '2025-06-01', 2), (7, '2025-06-01 10:00', 2, 2000, '2025-06-01', 2);
-- what was won is booked; of o7 in two parts, one of them in August; nobody told the margin of o1
INSERT INTO booking (code, booked_on, account_id, person_id, amount, margin, opportunity_id) VALUES
  ('b1', '2025-04-01', 1, 2, 500, NULL, 1), ('b4', '2025-05-01', 2, 3, 4000, 400, 4), ('b7', '2025-06-01', NULL, 2, 1500, 900, 7),
  ('b7b', '2025-08-15', NULL, 2, 500, 50, 7);

\set august 'as_of => \'2025-08-31 12:00\''
-- dinner   a5 met there (its client_since is later), a1 known; o1 won, 500; no cost, no margin: nothing to divide by
-- seminar  invited a1, a2, a6; a2 registered, a6 declined; five accounts, 8 people; a6 enquired;
--          met: a2 (approached by the invitation) and a3; not a4 (called), a5 (dinner), a6 (a deal in January)
--          o2 open, o4 and o7 won: 6,000 and 400 + 900 + 50 margin; 5 and 0.35 times the cost; 125 an attendee, 333.33 a deal, 500 a won one
-- article  a3 was met before; o5 lost; it cost nothing: no return
SELECT campaign, person, segment, starts_on, ends_on, invited, registered, declined, attended, attendees, enquired, new_accounts
FROM campaign_return(:august);
SELECT campaign, deals, won, lost, open_deals AS "open", won_amount, won_margin, won_without_margin AS unknown, budget, cost,
  return_rate, margin_return_rate, cost_per_attendee, round(cost_per_deal, 4) AS per_deal, cost_per_won AS per_won
FROM campaign_return(:august);
-- 30 days: o2 is too late, and o4 still the seminar's; named ones stay
SELECT campaign, deals, won FROM campaign_return(:august, options => '{"campaign_deal_days": 30}');
-- 9 and 8 days: o1 comes nine days after the dinner
SELECT (SELECT deals FROM campaign_return(:august, options => '{"campaign_deal_days": 9}') WHERE campaign = 'dinner') AS nine,
  (SELECT deals FROM campaign_return(:august, options => '{"campaign_deal_days": 8}') WHERE campaign = 'dinner') AS eight;
-- as of the seminar's first evening: no second day, no enquiry, no cost but its own; o4 is open, the article unknown
SELECT campaign, attended, attendees, enquired, new_accounts, deals, open_deals, won_amount, cost, return_rate, margin_return_rate
FROM campaign_return('2025-03-10 23:00');
-- as of 11 February: invitations to the seminar, nothing of the dinner
SELECT campaign, invited, attended, cost, return_rate, cost_per_attendee FROM campaign_return('2025-02-11');
-- Ann's and her team's, Meg's; campaigns of April to June
SELECT campaign FROM campaign_return(:august, person => 'ann');
SELECT campaign FROM campaign_return(:august, person => 'meg');
SELECT campaign FROM campaign_return(:august, during => '[2025-03-11,2025-06-02)');
-- a small deal counts here, whatever win_rate leaves out
SELECT sum(won_amount) FROM campaign_return(:august, options => '{"win_rate_min_amount": 1000}');
-- in Auckland the seminar's evening belongs to the next day: o3 is 90 days after it, and o4 comes before it
SELECT deals FROM campaign_return(:august, options => '{"time_zone": "Pacific/Auckland"}') WHERE campaign = 'seminar';

-- Referrals: a1 was Ann's until May, then Bob's; a4 is nobody's; o6 was referred by a5.
SELECT person, account, referrals, last_referral_at, won, lost, open_deals, win_rate, round(win_rate_lower::numeric, 4) AS lower, won_amount
FROM referral(:august);
SELECT account, referrals, open_deals, win_rate FROM referral('2025-04-30', person => 'ann');
SELECT person, account FROM referral(:august, during => '[2025-05-01,2025-06-01)');

-- The surprises.  Week of Monday 3 March: Ann is away on Friday.
INSERT INTO metric (metric_id, code, name, unit) VALUES (100, 'calls', 'Calls', 'count');
INSERT INTO absence (person_id, during) VALUES (2, '[2025-03-07,2025-03-08)');
INSERT INTO request (code, person_id, origin, requested_by, requested_at, hours, subject, gave_way, metric_id) VALUES
  ('q1', 2, 'manager', 1, '2025-03-03 09:00', 3, 'Figures', 'two calls', 100), ('q2', 2, 'client', NULL, '2025-03-05 09:00', 1.5, 'A form', NULL, NULL),
  ('q3', 2, 'executive', NULL, '2025-03-06 09:00', NULL, 'A visit', NULL, 100), ('q4', 3, 'colleague', 2, '2025-03-09 23:30', 8, 'Help', 'a proposal', NULL),
  ('q5', 2, 'other', NULL, '2025-03-10 09:00', 0, 'Parking', NULL, NULL), (NULL, 1, 'client', NULL, '2024-11-04 09:00', 2, 'Long ago', NULL, NULL);
-- Ann: 4.5 hours known of three requests, 4 days of 8 hours, 0.1406; q1 and q3 at the cost of something.
-- Bob: 8 of 40.  The week of 10 March runs; Meg's is more than 13 weeks ago.
SELECT * FROM request_load('2025-03-12 12:00');
-- with the running week, of 24 hours up to Wednesday; a week of 30 hours
SELECT person, week, requests, request_hours, working_hours, load_share FROM request_load('2025-03-12 12:00', 'ann', '[2025-03-03,2025-03-31)');
SELECT person, working_hours, round(load_share::numeric, 4) AS load FROM request_load('2025-03-12 12:00', 'meg', '[2025-03-03,2025-03-10)', '{"hours_per_week": 30}');
-- in Berlin Bob's came on Monday
SELECT week FROM request_load('2025-03-12 12:00', 'bob', '[2025-03-03,2025-03-31)', '{"time_zone": "Europe/Berlin"}');
-- a span without a beginning; one whose Monday lies outside; an empty one; nothing known yet
SELECT person, week, load_share FROM request_load('2025-03-12 12:00', 'meg', '(,2025-01-01)');
SELECT (SELECT count(*) FROM request_load('2025-03-12', during => '[2025-03-04,2025-03-10)')) AS no_monday,
  (SELECT count(*) FROM request_load('2025-03-12', during => 'empty')) AS empty,
  (SELECT count(*) FROM request_load('2024-11-04 08:59', during => '(,)')) AS before,
  (SELECT requests FROM request_load('2025-03-05 08:00', 'ann', '[2025-03-03,2025-03-10)')) AS monday_only;

-- Each figure opens: the seminar's, and those of Ann's week.
SELECT figure, source, string_agg(source_code, ' ' ORDER BY source_code) AS rows, sum(value) AS sum
FROM evidence('campaign_return', :august)
WHERE key = '{"campaign": "seminar"}'
GROUP BY figure, source
ORDER BY figure;
SELECT figure, string_agg(source_code, ' ' ORDER BY source_code) AS rows, sum(value) AS sum
FROM evidence('request_load', '2025-03-12 12:00')
WHERE key ->> 'person' = 'ann'
GROUP BY figure
ORDER BY figure;

SELECT * FROM campaign_return(:august, person => 'nemo');
SELECT * FROM referral(:august, person => 'nemo');
SELECT * FROM request_load(:august, person => 'nemo');
SELECT * FROM campaign_return(:august, options => '{"campaign_days": 1}');
-- The views are the functions of this moment.
SELECT (SELECT count(*) FROM campaign_return) = (SELECT count(*) FROM campaign_return()) AS campaigns,
  (SELECT count(*) FROM referral) = (SELECT count(*) FROM referral()) AS referrals,
  (SELECT count(*) FROM request_load) = (SELECT count(*) FROM request_load()) AS requests;

DROP SCHEMA marketing_book CASCADE;
