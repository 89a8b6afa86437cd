-- target_attainment: quotas of any metric, counted by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET datestyle = ISO;
SELECT salesmgmt.create_book('target');
SET search_path = target, salesmgmt, public;

-- an empty book has no figures, and no errors
SELECT count(*) FROM target_attainment;
SELECT count(*) FROM target_attainment_evidence();

INSERT INTO person (code, name) VALUES ('meg', 'Meg'), ('ann', 'Ann'), ('bob', 'Bob');
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (2, 1, '[2025-01-01,)'), (3, 1, '[2025-01-01,)');
INSERT INTO metric (metric_id, code, name, unit) VALUES
  (101, 'calls', 'Calls', 'count'), (102, 'satisfaction', 'Satisfaction', 'rate'), (103, 'prep', 'Hours of preparation', 'hours');
INSERT INTO activity_kind (code, name, metric_id, counts_as) VALUES ('discovery', 'Discovery', NULL, 'discovery'), ('lunch', 'Lunch', NULL, 'meeting'), ('call', 'Call', 101, 'call');

-- The second quarter: Ann has two plans, Bob one; Meg's is shared out.
INSERT INTO plan (plan_id, code, kind, person_id, during, parent_id) VALUES
  (1, 'meg', 'quota', 1, '[2026-04-01,2026-07-01)', NULL), (2, 'ann', 'quota', 2, '[2026-04-01,2026-07-01)', 1),
  (3, 'ann2', 'quota', 2, '[2026-04-01,2026-07-01)', NULL), (4, 'bob', 'quota', 3, '[2026-04-01,2026-07-01)', 1),
  (5, 'role', 'role', 2, '[2026-04-01,2026-07-01)', NULL);
INSERT INTO plan_target (plan_id, metric_id, during, revision, target, revised_at, reason)
SELECT plan_id, metric_id, '[2026-04-01,2026-07-01)', revision, target, revised_at::timestamptz, CASE WHEN revision > 1 THEN 'Reset' END
FROM (VALUES
  (1, 'bookings', 1, 1000, '2026-03-01'), (2, 'bookings', 1, 100, '2026-03-01'), (2, 'opportunities_created', 1, 4, '2026-03-01'),
  (2, 'meetings_held', 1, 2, '2026-03-01'), (3, 'meetings_held', 1, 1, '2026-03-01'), (2, 'families_sold', 1, 2, '2026-03-01'),
  (2, 'calls', 1, 20, '2026-03-01'), (2, 'calls', 2, 10, '2026-05-01'), (2, 'calls', 3, 5, '2026-06-01'),
  (2, 'win_rate', 1, 0.5, '2026-03-01'), (3, 'win_rate', 1, 0.9, '2026-03-01'), (2, 'deal_size', 1, 50, '2026-03-01'),
  (2, 'cycle_days', 1, 40, '2026-03-01'), (2, 'deals_won', 1, 0, '2026-03-01'), (2, 'satisfaction', 1, 0.8, '2026-03-01'),
  (2, 'prep', 1, 30, '2026-03-01'), (4, 'opportunities_created', 1, 1, '2026-03-01'), (4, 'cycle_days', 1, 40, '2026-03-01'),
  (4, 'calls', 1, 3, '2026-03-01'), (5, 'deals_won', 1, 9, '2026-03-01')) AS v (plan_id, metric, revision, target, revised_at)
JOIN metric ON metric.code = v.metric;

-- 1 and 2 won by Ann after 30 and 70 days, 5 lost by her; 3 created by Ann and lost by Bob;
-- 4 created an hour after the report; 6 on the last of March, or in Berlin the first of April
INSERT INTO pipeline (code, name) VALUES ('p', 'Pipeline');
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome) VALUES (1, 'open', 1, 'Open', 1, 'open'), (2, 'won', 1, 'Won', 2, 'won'), (3, 'lost', 1, 'Lost', 3, 'lost');
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at) VALUES
  (1, 'o1', 1, '2026-04-02 10:00'), (2, 'o2', 1, '2026-03-01 10:00'), (3, 'o3', 1, '2026-04-20 10:00'),
  (4, 'o4', 1, '2026-05-20 13:00'), (5, 'o5', 1, '2026-04-30 10:00'), (6, 'o6', 1, '2026-03-31 23:30');
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, amount, owner_id) VALUES
  (1, '2026-04-02 10:00', 1, 100, 2), (1, '2026-05-02 10:00', 2, 100, 2),
  (2, '2026-03-01 10:00', 1, 40, 3), (2, '2026-04-15 10:00', 1, 40, 2), (2, '2026-05-10 10:00', 2, 40, 2),
  (3, '2026-04-20 10:00', 1, 70, 2), (3, '2026-05-01 10:00', 1, 70, 3), (3, '2026-05-15 10:00', 3, 70, 3),
  (4, '2026-05-20 13:00', 1, 70, 2),
  (5, '2026-04-30 10:00', 1, 10, 2), (5, '2026-05-05 10:00', 3, 10, 2),
  (6, '2026-03-31 23:30', 1, 10, 2);
-- 60 of loans, half of 30 of deposits, a return of 5 of cards, 7 of nothing in particular; 99 tomorrow
INSERT INTO product (code, name, family) VALUES ('loan', 'Loan', 'Loans'), ('deposit', 'Deposit', 'Deposits'), ('card', 'Card', 'Cards'), ('odd', 'Odd', NULL);
INSERT INTO booking (code, booked_on, person_id, product_id, amount) VALUES
  ('b1', '2026-04-10', 2, 1, 60), ('b2', '2026-04-11', 3, 2, 30), ('b3', '2026-04-12', 2, 3, -5), ('b4', '2026-05-20', 2, 4, 7),
  ('b5', '2026-05-21', 2, 3, 99), ('b6', '2026-03-31', 2, 3, 99), ('b7', '2026-05-01', 2, 1, 0);
INSERT INTO booking_credit (booking_id, person_id, share) VALUES (2, 2, 0.5), (2, 3, 0.5);
-- three meetings of Ann, one planned, one after the report, one of Bob; two calls
INSERT INTO activity (code, activity_kind_id, person_id, held_at, planned_for, outcome) VALUES
  ('a1', 1, 2, '2026-04-05', NULL, 'held'), ('a2', 1, 2, '2026-05-19', NULL, 'held'), ('a3', 2, 2, '2026-05-20 11:00', NULL, 'held'),
  ('a4', 1, 2, NULL, '2026-05-19', 'planned'), ('a5', 1, 2, '2026-05-20 13:00', NULL, 'held'), ('a6', 1, 3, '2026-05-19', NULL, 'held'),
  ('a7', 3, 2, '2026-05-19', NULL, 'held'), ('a8', 3, 2, '2026-05-18', NULL, 'held');
-- the imported bookings do not count: the book has its own
INSERT INTO actual (metric_id, person_id, day, value) VALUES
  (102, 2, '2026-04-10', 0.7), (102, 2, '2026-05-01', 0.9), (102, 2, '2026-06-01', 0.1), (1, 2, '2026-05-01', 5000);

-- Ann: 77 of 100; o1, o3 and o5 of 4 created; won 2 of a quota of 0 and 2 of 3 closed; 70 on
-- average; 50 days where 40 are the quota; nothing is known of the preparation.
-- Bob has created none, lost the only one, and made no call.
SELECT person, metric, target, actual, n, variance, round(attainment::numeric, 4) AS attainment
FROM target_attainment('2026-05-20 12:00+00')
ORDER BY person, metric;
-- a team, a time zone, a span with nothing, a day before
SELECT person, metric, actual FROM target_attainment('2026-05-20 12:00+00', 'bob', NULL, '{"time_zone": "Europe/Berlin"}') ORDER BY metric;
SELECT actual FROM target_attainment('2026-05-20 12:00+00', 'ann', NULL, '{"time_zone": "Europe/Berlin"}') WHERE metric = 'opportunities_created';
SELECT count(*) FROM target_attainment('2026-05-20 12:00+00', NULL, '[2026-07-01,2026-08-01)');
SELECT metric, target, actual FROM target_attainment('2026-04-10 12:00+00', 'ann') WHERE n > 0 ORDER BY metric;
-- deals under 50 are not judged in a win rate, and were won all the same
SELECT metric, actual, n FROM target_attainment('2026-05-20 12:00+00', 'ann', NULL, '{"win_rate_min_amount": 50}') WHERE metric IN ('win_rate', 'deals_won') ORDER BY metric;
-- the cases behind the figures
SELECT metric, figure, source, source_code, at, round(value, 4) AS value
FROM target_attainment_evidence('2026-05-20 12:00+00', 'ann')
WHERE figure = 'actual' ORDER BY metric, source_code COLLATE "C";
-- the same metrics have a weight: actuals of a scorecard
INSERT INTO kpi_weight (metric_id, role, weight, during) SELECT metric_id, 'rep', 1, '[2026-01-01,)' FROM metric WHERE code IN ('opportunities_created', 'meetings_held', 'families_sold', 'calls');
SELECT p.code, m.code, k.actual, k.n
FROM kpi_actual('2026-05-20 12:00+00', '[2026-04-01,2026-05-21)', settings()) AS k JOIN metric AS m USING (metric_id) JOIN person AS p USING (person_id)
WHERE m.code IN ('opportunities_created', 'meetings_held', 'families_sold', 'calls', 'bookings') ORDER BY p.code, m.code;
-- and open to the same cases
INSERT INTO employment (person_id, during, role) VALUES (2, '[2026-01-01,)', 'rep');
SELECT k.metric, k.n, string_agg(e.source_code, ' ' ORDER BY e.source_code COLLATE "C") AS cases
FROM rep_scorecard_kpi('2026-05-20 12:00+00', 'ann') AS k
LEFT JOIN rep_scorecard_kpi_evidence('2026-05-20 12:00+00', 'ann') AS e ON e.metric = k.metric AND e.figure = 'n'
GROUP BY k.metric, k.n ORDER BY k.metric;
-- what came back altogether is not sold, here as in product_range
BEGIN;
INSERT INTO booking (code, booked_on, person_id, product_id, amount) VALUES ('back', '2026-05-19', 2, 1, -60);
SELECT t.actual, k.actual AS of_scorecard, r.families_sold
FROM target_attainment('2026-05-20 12:00+00', 'ann') AS t
CROSS JOIN rep_scorecard_kpi('2026-05-20 12:00+00', 'ann') AS k
CROSS JOIN product_range('2026-05-20 12:00+00', 'ann', '[2026-04-01,2026-07-01)') AS r
WHERE t.metric = 'families_sold' AND k.metric = 'families_sold';
ROLLBACK;
-- deals won are deals, whatever kind of activity bears their metric
UPDATE activity_kind SET metric_id = 2 WHERE code = 'call';
SELECT metric, actual, n FROM target_attainment('2026-05-20 12:00+00', 'ann') WHERE metric = 'deals_won';
SELECT * FROM target_attainment(person => 'nobody');
DROP SCHEMA target CASCADE;
