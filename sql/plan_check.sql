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
INSERT INTO plan_target (code, plan_id, metric_id, during, revision, target, revised_at)
SELECT t.code, t.plan_id, m.metric_id, t.during::daterange, t.revision, t.target, t.revised_at::timestamptz
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
SELECT person, metric, quota, deals_won, won_amount, deal_size, wins_needed, deals_closed, win_rate, shrunk_win_rate, deals_needed
FROM plan_check(:june);
SELECT person, metric, deals_opened, activities, round(deals_per_activity::numeric, 4) AS per_activity,
  round(shrunk_deals_per_activity::numeric, 4) AS shrunk, round(needed::numeric, 4) AS needed, working_days, round(needed_week::numeric, 4) AS week
FROM plan_check(:june);
SELECT person, metric, planned, norm, round(planned_week::numeric, 4) AS planned_week, round(gap_week::numeric, 4) AS gap, verdict
FROM plan_check(:june);
-- The bounds: with the ten cases of the prior Ann won 8 of 20, each at 1 - 0.05 / 2; of activity or
-- deal the deal was 20 of 60, with the prior 23 of 70 for meetings.  Bob has the prior alone: 4 of 10, 3 of 10.
SELECT c.person, round(needed_lower::numeric, 6) AS lower, round(needed_upper::numeric, 6) AS upper,
  round((wins_needed / (wilson_upper(w, n, 0.975) * wilson_upper(o, d, 0.975) / (1 - wilson_upper(o, d, 0.975))))::numeric, 6) AS lower_by_hand,
  round((wins_needed / (wilson_lower(w, n, 0.975) * wilson_lower(o, d, 0.975) / (1 - wilson_lower(o, d, 0.975))))::numeric, 6) AS upper_by_hand,
  round((needed_upper * 5 / working_days - needed_week_upper)::numeric, 9) AS week
FROM plan_check(:june) AS c
JOIN (VALUES ('ann', 8, 20, 23, 70), ('bob', 4, 10, 3, 10)) AS hand (person, w, n, o, d) USING (person)
WHERE metric = 'meetings';
-- less sure, closer; a plan of 20 calls would be too little, one of 10,000 enough
SELECT metric, sure.needed_lower < loose.needed_lower AND loose.needed_lower < loose.needed AND loose.needed = sure.needed
  AND loose.needed < loose.needed_upper AND loose.needed_upper < sure.needed_upper AS nested
FROM plan_check(:june, 'ann') AS sure JOIN plan_check(:june, 'ann', options => '{"confidence": 0.5}') AS loose USING (metric);
INSERT INTO plan_target (plan_id, metric_id, during, revision, target, revised_at) VALUES
  (2, 101, '[2026-07-01,2026-10-01)', 2, 20, '2026-06-15 12:01'), (2, 101, '[2026-07-01,2026-10-01)', 3, 10000, '2026-06-15 12:02');
SELECT planned, verdict FROM plan_check('2026-06-15 12:01', 'ann') WHERE metric = 'calls';
SELECT planned, verdict FROM plan_check('2026-06-15 12:02', 'ann') WHERE metric = 'calls';
-- the quota before its reset; of a running period; after all periods known; of nobody
SELECT quota, deals_opened, activities FROM plan_check('2026-05-31', 'ann') WHERE metric = 'calls';
SELECT period_from, quota, verdict FROM plan_check(:june, 'ann', '[2026-06-20,2026-07-02)') WHERE metric = 'calls';
SELECT count(*) FROM plan_check('2027-01-01');
SELECT * FROM plan_check(:june, 'zoe');
SELECT * FROM plan_check(:june, options => '{"plan_check_days": true}');
-- nobody has won anything in ten days: all but the counts is unknown
SELECT metric, deals_won, deal_size, wins_needed, needed, verdict FROM plan_check('2026-03-03', 'ann', '[2026-07-01,2026-10-01)', '{"plan_check_days": 10}');

-- the rows behind them
SELECT person, metric, figure, source, count(*), sum(value), min(source_code COLLATE "C")
FROM plan_check_evidence(:june) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3;
SELECT (SELECT count(*) FROM plan_check) = (SELECT count(*) FROM plan_check()) AS same;
DROP SCHEMA check_book CASCADE;
