-- plan_check on a book counted by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SELECT salesmgmt.create_book('check_book');
SET search_path = check_book, salesmgmt;

-- An empty book: no rows, no errors.
SELECT count(*) FROM plan_check;

INSERT INTO person (person_id, code, name) VALUES (1, 'meg', 'Meg'), (2, 'ann', 'Ann'), (3, 'bob', 'Bob'), (4, 'cid', 'Cid');
INSERT INTO employment (person_id, during, role) VALUES (1, '[2025-01-01,)', 'manager'), (2, '[2025-01-01,)', 'rep'), (3, '[2025-01-01,)', 'rep'), (4, '[2025-01-01,2026-06-01)', 'rep');
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (2, 1, '[2025-01-01,)'), (3, 1, '[2025-01-01,)'), (4, 1, '[2025-01-01,)');
-- Bob is away for all of July; 3 August is a holiday
INSERT INTO absence (person_id, during) VALUES (3, '[2026-07-01,2026-08-01)');
INSERT INTO holiday (day, name) VALUES ('2026-08-03', 'Civic Day');
INSERT INTO metric (metric_id, code, name, unit) VALUES (101, 'calls', 'Calls', 'count'), (102, 'meetings', 'Meetings', 'count'), (103, 'reviews', 'Reviews', 'count'), (104, 'mails', 'Mails', 'count');
INSERT INTO activity_kind (activity_kind_id, code, name, metric_id) VALUES (1, 'call', 'Call', 101), (2, 'meeting', 'Meeting', 102), (3, 'review', 'Review', 103), (4, 'lunch', 'Lunch', NULL), (5, 'mail', 'Mail', 104);
INSERT INTO standard (metric_id, role, norm, per, during) VALUES (101, 'rep', 20, 'week', '[2025-01-01,)'), (102, 'rep', 1, 'day', '[2025-01-01,)'), (103, 'rep', 1, 'week', '[2025-01-01,)');
INSERT INTO plan (plan_id, code, kind, person_id, during, parent_id) VALUES
  (1, 'meg', 'quota', 1, '[2026-01-01,2027-01-01)', NULL), (2, 'ann', 'quota', 2, '[2026-01-01,2027-01-01)', 1),
  (3, 'bob', 'quota', 3, '[2026-01-01,2027-01-01)', 1), (4, 'cid', 'quota', 4, '[2026-01-01,2027-01-01)', 1);
INSERT INTO plan_target (code, plan_id, metric_id, during, revision, target, revised_at, reason)
SELECT t.code, t.plan_id, m.metric_id, t.during::daterange, t.revision, t.target, t.revised_at::timestamptz, CASE WHEN t.revision > 1 THEN 'Reset' END
FROM (VALUES
  ('a2', 2, 'bookings', '[2026-04-01,2026-07-01)', 1, 777, '2026-01-01'), ('a3', 2, 'bookings', '[2026-07-01,2026-10-01)', 1, 900, '2026-01-01'),
  ('a3b', 2, 'bookings', '[2026-07-01,2026-10-01)', 2, 1000, '2026-06-01'), ('a4', 2, 'bookings', '[2026-10-01,2027-01-01)', 1, 1, '2026-01-01'),
  ('ac', 2, 'calls', '[2026-07-01,2026-10-01)', 1, 390, '2026-01-01'), ('b3', 3, 'bookings', '[2026-07-01,2026-10-01)', 1, 500, '2026-01-01'),
  ('c3', 4, 'bookings', '[2026-07-01,2026-10-01)', 1, 500, '2026-01-01'), ('m3', 1, 'bookings', '[2026-07-01,2026-10-01)', 1, 5000, '2026-01-01'))
  AS t (code, plan_id, metric, during, revision, target, revised_at)
JOIN metric AS m ON m.code = t.metric;

-- The year up to 15 June 2026 begins on 16 June 2025.  Ann won four of ten deals, of 100 each, and
-- lost one more on the day before; she opened 20, one of them now Bob's, and one on the day before.
INSERT INTO pipeline (pipeline_id, code, name) VALUES (1, 'std', 'Standard');
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome) VALUES
  (1, 'lead', 1, 'Lead', 1, 'open'), (3, 'won', 1, 'Won', 3, 'won'), (4, 'lost', 1, 'Lost', 4, 'lost');
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at)
SELECT n, 'c' || n, 1, '2025-01-01'::timestamptz FROM generate_series(1, 11) AS n
UNION ALL
SELECT 100 + n, 'o' || n, 1, CASE n WHEN 21 THEN '2025-06-15' WHEN 22 THEN '2026-06-16' ELSE '2026-02-01' END::timestamptz FROM generate_series(1, 22) AS n;
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, owner_id, amount, expected_close)
SELECT n, '2025-01-01', n, 1, 2, 100, '2026-01-01'::date FROM generate_series(1, 11) AS n
UNION ALL
SELECT n, CASE n WHEN 11 THEN '2025-06-15' ELSE '2026-01-01' END::timestamptz, 20 + n, CASE WHEN n <= 4 THEN 3 ELSE 4 END, 2, 100, '2026-01-01' FROM generate_series(1, 11) AS n
UNION ALL
SELECT 100 + n, CASE n WHEN 22 THEN '2026-06-16' ELSE '2026-02-01' END::timestamptz, 100 + n, 1, 2, 50, '2026-12-01' FROM generate_series(1, 22) AS n
UNION ALL
SELECT 101, '2026-03-01', 200, 1, 3, 50, '2026-12-01';
-- 200 calls and 40 meetings, some of them about a deal; reviews and mails never are, lunches count nowhere
INSERT INTO activity (code, activity_kind_id, person_id, held_at, opportunity_id)
SELECT 'call' || n, 1, 2, '2026-03-02'::timestamptz, CASE WHEN n = 1 THEN 101 END FROM generate_series(1, 200) AS n
UNION ALL
SELECT 'meeting' || n, 2, 2, '2026-03-02', 100 + n % 20 + 1 FROM generate_series(1, 40) AS n
UNION ALL
SELECT 'review' || n, 3, 2, '2026-03-02', NULL FROM generate_series(1, 5) AS n
UNION ALL
SELECT 'lunch1', 4, 2, '2026-03-02', 101
UNION ALL
SELECT 'old', 1, 2, '2025-06-15', 101
UNION ALL
SELECT 'later', 1, 2, '2026-06-15 13:00', 101;
INSERT INTO activity (code, activity_kind_id, person_id, planned_for, outcome) VALUES ('next', 1, 2, '2026-06-14', 'not_held');

\set june '\'2026-06-15 12:00\''
-- On 15 June, third quarter, by hand.  Ann is the only one with cases, so her rates are everybody's.
--   Ann  1000 of deals of 100: 10 wins, at 4 of 10 25 deals.  20 deals opened by 40 meetings and 200
--        calls: 50 meetings and 250 calls.  Of 66 weekdays one is a holiday: 13 weeks of five days.
--        3.85 meetings a week against the norm's 5, and 19.23 calls against 30 planned
--   Bob  500: 5 wins, 12.5 deals; 25 meetings and 125 calls, on the 42 days after his holidays
--   Cid  has left, and no norm holds for him: he is not listed
-- (doc/plan_check.md shows this)
SELECT person, metric, quota, won, won_amount, deal_size, wins_needed, closed, win_rate, shrunk_win_rate, deals_needed
FROM plan_check(:june);
SELECT person, metric, deals_opened, activities, round(deals_per_activity::numeric, 4) AS per_activity,
  round(shrunk_deals_per_activity::numeric, 4) AS shrunk, round(needed::numeric, 4) AS needed, working_days, round(needed_week::numeric, 4) AS week
FROM plan_check(:june);
SELECT person, metric, planned, norm, round(planned_week::numeric, 4) AS planned_week, round(gap_week::numeric, 4) AS gap, verdict
FROM plan_check(:june);
-- The bounds: with the ten cases of the prior Ann won 8 of 20, each at 1 - 0.05 / 2, of which z is 2.2414027; of activity or
-- deal the deal was 20 of 60, with the prior 23 1/3 of 70 for meetings.  Bob has the prior alone: 4 of 10, 3 1/3 of 10.
CREATE FUNCTION pg_temp.bound(s float8, n float8, z float8) RETURNS float8
LANGUAGE sql
RETURN (s / n + z * z / (2 * n) + z * sqrt(s / n * (1 - s / n) / n + z * z / (4 * n * n))) / (1 + z * z / n);
SELECT c.person, round(needed_lower::numeric, 6) AS lower, round(needed_upper::numeric, 6) AS upper,
  round((wins_needed / (pg_temp.bound(w, n, z) * pg_temp.bound(o, d, z) / (1 - pg_temp.bound(o, d, z))))::numeric, 6) AS lower_by_hand,
  round((wins_needed / (pg_temp.bound(w, n, -z) * pg_temp.bound(o, d, -z) / (1 - pg_temp.bound(o, d, -z))))::numeric, 6) AS upper_by_hand,
  round((needed_upper * 5 / working_days - needed_week_upper)::numeric, 9) AS week
FROM plan_check(:june) AS c
JOIN (VALUES ('ann', 8, 20, 70::float8 / 3, 70), ('bob', 4, 10, 10::float8 / 3, 10)) AS hand (person, w, n, o, d) USING (person)
CROSS JOIN (VALUES (2.241402727604947::float8)) AS sure (z)
WHERE metric = 'meetings';
-- less sure, closer; a plan of 20 calls would be too little, one of 10,000 enough
SELECT metric, sure.needed_lower < loose.needed_lower AND loose.needed_lower < loose.needed AND loose.needed = sure.needed
  AND loose.needed < loose.needed_upper AND loose.needed_upper < sure.needed_upper AS nested
FROM plan_check(:june, 'ann') AS sure JOIN plan_check(:june, 'ann', options => '{"confidence": 0.5}') AS loose USING (metric);
INSERT INTO plan_target (plan_id, metric_id, during, revision, target, revised_at, reason) VALUES
  (2, 101, '[2026-07-01,2026-10-01)', 2, 20, '2026-06-15 12:01', 'Fewer'), (2, 101, '[2026-07-01,2026-10-01)', 3, 10000, '2026-06-15 12:02', 'More');
SELECT planned, verdict FROM plan_check('2026-06-15 12:01', 'ann') WHERE metric = 'calls';
SELECT planned, verdict FROM plan_check('2026-06-15 12:02', 'ann') WHERE metric = 'calls';
-- the quota before its reset; of a running period; after all periods known; of nobody
SELECT quota, deals_opened, activities FROM plan_check('2026-05-31', 'ann') WHERE metric = 'calls';
SELECT period_from, quota, verdict FROM plan_check(:june, 'ann', '[2026-06-20,2026-07-02)') WHERE metric = 'calls';
-- the last quarter with a quota is asked about while it lasts, and no longer
SELECT DISTINCT person, period_from, quota FROM plan_check('2026-11-15');
SELECT count(*) FROM plan_check('2027-01-01');
-- no days to look back on: all is asked for, and nothing known
SELECT DISTINCT closed, deals_opened, activities, verdict FROM plan_check(:june, options => '{"plan_check_days": -5}');
SELECT * FROM plan_check(:june, 'zoe');
SELECT * FROM plan_check(:june, options => '{"plan_check_days": true}');
-- asked for, and not done by anybody yet: said, and unknown
BEGIN;
INSERT INTO metric (metric_id, code, name, unit) VALUES (105, 'demos', 'Demos', 'count');
INSERT INTO activity_kind (activity_kind_id, code, name, metric_id) VALUES (6, 'demo', 'Demo', 105);
INSERT INTO standard (metric_id, role, norm, per, during) VALUES (105, 'rep', 2, 'week', '[2026-06-01,)');
SELECT person, metric, deals_opened, activities, shrunk_deals_per_activity, needed, norm, verdict FROM plan_check(:june) WHERE metric = 'demos';
ROLLBACK;
-- nobody has won anything in ten days: all but the counts is unknown
SELECT metric, won, deal_size, wins_needed, needed, verdict FROM plan_check('2026-03-03', 'ann', '[2026-07-01,2026-10-01)', '{"plan_check_days": 10}');

-- the rows behind them
SELECT person, metric, figure, source, count(*), round(sum(value)) AS sum, min(source_code COLLATE "C")
FROM plan_check_evidence(:june) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3;
-- ---- what is booked, open and asked of somebody new ----
-- Dee came on 1 June; in the first two months reps who came in 2026 are asked for half.  She took over Meg's deals:
-- 20 of 10 and one that has no amount at an offer, won in one case of two, one of 50 that is as good as signed, and
-- one of 20 that closes in June; one closes after September, and that of 40 in a stage of which nothing is known.
INSERT INTO person (person_id, code, name) VALUES (5, 'dee', 'Dee');
INSERT INTO employment (person_id, during, role) VALUES (5, '[2026-06-01,)', 'rep');
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (5, 1, '[2026-06-01,)');
INSERT INTO ramp (role, month, factor, during) VALUES ('rep', 1, 0.5, '[2026-01-01,)'), ('rep', 2, 0.5, '[2026-01-01,)');
INSERT INTO plan (plan_id, code, kind, person_id, during, parent_id) VALUES (5, 'dee', 'quota', 5, '[2026-04-01,2027-01-01)', 1);
INSERT INTO plan_target (code, plan_id, metric_id, during, target, revised_at)
SELECT v.code, 5, m.metric_id, v.during::daterange, v.target, '2026-06-01'
FROM (VALUES ('d2', '[2026-04-01,2026-07-01)', 910), ('d3', '[2026-07-01,2026-10-01)', 920)) AS v (code, during, target)
JOIN metric AS m ON m.code = 'bookings';
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome) VALUES (2, 'offer', 1, 'Offer', 2, 'open');
INSERT INTO pipeline (pipeline_id, code, name) VALUES (2, 'new', 'New');
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome) VALUES (11, 'sign', 2, 'Sign', 1, 'open'), (12, 'try', 2, 'Try', 2, 'open');
INSERT INTO stage_rule (stage_id, during, probability) VALUES (2, '[2026-01-01,)', 0.5), (11, '[2026-01-01,)', 1);
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at)
SELECT 300 + n, 'p' || n, CASE WHEN n IN (22, 25) THEN 2 ELSE 1 END, '2026-05-01' FROM generate_series(1, 25) AS n;
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, owner_id, amount, expected_close)
SELECT 300 + n, day, 300 + 30 * place + n, CASE n WHEN 22 THEN 11 WHEN 25 THEN 12 ELSE 2 END, owner,
  CASE n WHEN 21 THEN NULL WHEN 22 THEN 50 WHEN 23 THEN 20 WHEN 24 THEN 999 WHEN 25 THEN 40 ELSE 10 END,
  CASE n WHEN 1 THEN date '2026-07-01' WHEN 2 THEN '2026-09-30' WHEN 23 THEN '2026-06-30' WHEN 24 THEN '2026-10-01' ELSE '2026-08-01' END
FROM generate_series(1, 25) AS n, (VALUES (1, timestamptz '2026-05-01', 1), (2, '2026-06-01', 5)) AS v (place, day, owner);
INSERT INTO booking (code, booked_on, person_id, amount) VALUES ('k1', '2026-06-10', 5, 40), ('k2', '2026-06-16', 5, 999), ('k3', '2026-03-31', 5, 999);
-- Third quarter: 31 days of July at a half and 61 are 76.5 of 92, 920 * 76.5 / 92 = 765.  Open are 23 deals, of
-- 20 * 10 + 50 + 40 = 290; two of them bring nothing here, the others 100 + 50.  New deals must bring 765 - 150 = 615:
-- 6.15 wins and 15.375 deals; 30.75 meetings or 153.75 calls.  Without them it would be 38.25 and 191.25.
-- Second: 30 days at a half of 91, 910 * 15 / 91 = 150; 40 are booked, 10 of 20 to be expected: 100, five meetings in the
-- 11 days after 15 June, 7.5 in the whole 22.
-- (doc/plan_check.md shows this)
SELECT period_from, metric, quota, round(effective_quota, 4) AS effective, booked, open_deals AS open, open_uncredited AS uncredited,
  open_pipeline, weighted_pipeline AS weighted, round(new_business, 4) AS new_business
FROM plan_check(:june, 'dee', '[2026-06-30,2026-07-02)') WHERE metric = 'meetings';
SELECT period_from, metric, round(wins_needed::numeric, 4) AS wins, round(deals_needed::numeric, 4) AS deals, round(needed::numeric, 4) AS needed,
  round(gross_needed::numeric, 4) AS gross, working_days AS days, working_days_left AS days_left, round((needed_week * days_left / 5)::numeric, 4) AS by_week,
  round((gross_needed_week * days / 5)::numeric, 4) AS gross_by_week, planned_week, verdict
FROM plan_check(:june, 'dee', '[2026-06-30,2026-07-02)'), LATERAL (SELECT working_days_left, working_days) AS d (days_left, days);
-- The bounds.  Three figures are uncertain, each holds at 1 - 0.05 / 3.  Hoeffding: in the third quarter the open deals bring
-- 150 +- sqrt(20 * 10^2 * ln(2 * 3 / 0.05) / 2); in the second it would be 10 +- 31, but they cannot bring less than 0 or
-- more than 20.  The rates are those of the others, 4 of 10 and, with the prior alone, 3 1/3 of 10 for meetings; z is 2.3939798.
SELECT period_from, round(new_business_min, 6) AS lower, round(765 - 150 - sqrt(2000 * ln(120.0) / 2), 6) AS lower_by_hand,
  round(new_business_max, 6) AS upper, round(765 - 150 + sqrt(2000 * ln(120.0) / 2), 6) AS upper_by_hand
FROM plan_check(:june, 'dee', '[2026-06-30,2026-07-02)') WHERE metric = 'meetings';
SELECT period_from,
  round((needed_lower - new_business_min::float8 / 100 / (pg_temp.bound(4, 10, z) * pg_temp.bound(o, 10, z) / (1 - pg_temp.bound(o, 10, z))))::numeric, 6) AS lower,
  round((needed_upper - new_business_max::float8 / 100 / (pg_temp.bound(4, 10, -z) * pg_temp.bound(o, 10, -z) / (1 - pg_temp.bound(o, 10, -z))))::numeric, 6) AS upper
FROM plan_check(:june, 'dee', '[2026-06-30,2026-07-02)'), (VALUES (2.39397979981851::float8, 10::float8 / 3)) AS each (z, o) WHERE metric = 'meetings';
-- surer, it would be 150 +- 105, but they cannot bring less than the 50 that are certain
SELECT new_business_max FROM plan_check(:june, 'dee', options => '{"confidence": 0.9999}') WHERE metric = 'meetings';
-- the quota as told; the rates of winning instead of the rule: all four that came past an offer were won, of the new
-- pipeline nothing is known
SELECT effective_quota, new_business FROM plan_check(:june, 'dee', options => '{"quota_effective": false}') WHERE metric = 'meetings';
SELECT weighted_pipeline, open_uncredited FROM plan_check(:june, 'dee', options => '{"target_chance_from": "own"}') WHERE metric = 'meetings';
-- once it is booked nothing is needed, whatever the rates, and any plan is enough
INSERT INTO booking (code, booked_on, person_id, amount) VALUES ('k4', '2026-06-11', 5, 110);
SELECT new_business, round(new_business_max, 4) AS upper, wins_needed, needed, needed_upper, verdict FROM plan_check(:june, 'dee', '[2026-06-30,2026-07-01)') WHERE metric = 'meetings';
SELECT win_rate, needed, needed_upper, gross_needed, verdict FROM plan_check(:june, 'dee', '[2026-06-30,2026-07-01)', '{"plan_check_days": 120}') WHERE metric = 'meetings';
SELECT figure, source, count(*), round(sum(value), 4) AS sum, min(source_code COLLATE "C") AS first
FROM plan_check_evidence(:june, 'dee', '[2026-06-30,2026-07-02)') WHERE metric = 'meetings' AND period_from = '2026-07-01' GROUP BY 1, 2 ORDER BY 1;
SELECT figure, source_code, round(value, 4) AS value
FROM plan_check_evidence(:june, 'dee', '[2026-06-30,2026-07-01)') WHERE metric = 'meetings' ORDER BY 1, 2;

-- One visit to 20 deals opened: of either, almost all are deals, and Bob, who opened two without a visit, may need
-- next to none.  Where returns outweigh what was won, no number of deals brings the quota.
BEGIN;
INSERT INTO metric (metric_id, code, name, unit) VALUES (105, 'visits', 'Visits', 'count');
INSERT INTO activity_kind (activity_kind_id, code, name, metric_id) VALUES (6, 'visit', 'Visit', 105);
INSERT INTO standard (metric_id, role, norm, per, during) VALUES (105, 'rep', 1, 'week', '[2025-01-01,)');
INSERT INTO activity (code, activity_kind_id, person_id, held_at, opportunity_id) VALUES ('visit1', 6, 2, '2026-03-02', 102);
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at, stage_id, owner_id) VALUES (401, 'q1', 1, '2026-03-01', 1, 3), (402, 'q2', 1, '2026-03-01', 1, 3);
SELECT deals_opened, activities, round(needed_lower::numeric, 4) AS lower, needed > 0 AS needs, needed_upper > needed AS more, round(needed_week_lower::numeric, 4) AS week_lower, verdict FROM plan_check(:june, 'bob') WHERE metric = 'visits';
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, owner_id, amount) VALUES (401, '2026-04-01', 1, 3, -9000), (401, '2026-04-02', 3, 3, -9000);
SELECT won, won_amount, deal_size < 0 AS returns, round(new_business) AS new_business, wins_needed, needed, gross_needed, verdict FROM plan_check(:june, 'bob') WHERE metric = 'visits';
ROLLBACK;
SELECT (SELECT count(*) FROM plan_check) = (SELECT count(*) FROM plan_check()) AS same;
DROP SCHEMA check_book CASCADE;
