-- morning_report and coaching_point on a book counted by hand.
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET datestyle = ISO;
SELECT salesmgmt.create_book('dawn');
SET search_path = dawn, salesmgmt;

-- Of an empty book, what is missing.
SELECT * FROM morning_report('2026-06-09 07:00');

INSERT INTO person (person_id, code, name) VALUES (1, 'mia', 'Mia'), (2, 'ann', 'Ann'), (3, 'bob', 'Bob');
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (2, 1, '[2026-01-01,)'), (3, 1, '[2026-01-01,)');
INSERT INTO pipeline (pipeline_id, code, name) VALUES (1, 'p', 'P');
INSERT INTO stage (code, pipeline_id, name, position, outcome) VALUES
  ('lead', 1, 'Lead', 1, 'open'), ('won', 1, 'Won', 2, 'won'), ('lost', 1, 'Lost', 3, 'lost');
INSERT INTO opportunity (code, pipeline_id, created_at, stage_id, amount, owner_id)
SELECT d.code, 1, '2026-03-02', stage_id, 100, 2
FROM stage AS s, (VALUES ('a'), ('b')) AS d (code)
WHERE s.code = CASE d.code WHEN 'a' THEN 'won' ELSE 'lead' END;
-- Deals have an owner, but nobody is known to be a rep.
SELECT * FROM morning_report('2026-06-09 07:00');

INSERT INTO employment (person_id, during, role)
SELECT person_id, '[2026-01-01,)', CASE code WHEN 'mia' THEN 'manager' ELSE 'rep' END FROM person;
INSERT INTO plan (plan_id, code, kind, person_id, during)
SELECT person_id, 'q-' || code, 'quota', person_id, '[2026-04-01,2026-07-01)' FROM person WHERE code <> 'mia';
INSERT INTO plan_target (plan_id, metric_id, during, target, revised_at)
SELECT plan_id, metric_id, plan.during, 3000, '2026-03-20' FROM plan, metric WHERE metric.code = 'bookings';
-- Ann's quarter is split over its months; Bob has a quarter alone.
SELECT period, part FROM spread_target('q-ann', 'bookings', shares => '{1,1,4}', revised_at => '2026-03-21');
INSERT INTO booking (code, booked_on, person_id, amount) VALUES ('b1', '2026-04-20', 2, 100), ('b2', '2026-06-03', 2, 500), ('b3', '2026-06-04', 3, 1500);
-- Ann held 4 of 10 calls in each of the thirteen weeks up to Sunday 7 June, Bob all of them.
INSERT INTO metric (code, name, unit) VALUES ('calls', 'Calls', 'count');
INSERT INTO activity_kind (activity_kind_id, code, name, metric_id) VALUES (1, 'call', 'Call', metric_called('calls'));
INSERT INTO standard (metric_id, role, norm, per, during) VALUES (metric_called('calls'), 'rep', 10, 'week', '[2026-01-01,)');
INSERT INTO activity (code, activity_kind_id, person_id, held_at)
SELECT concat_ws('-', p.code, week::date, n), 1, p.person_id, week + interval '9 hours' + n * interval '1 minute'
FROM generate_series(timestamptz '2026-03-09', '2026-06-01', interval '7 days') AS week,
  person AS p, generate_series(1, CASE p.code WHEN 'ann' THEN 4 ELSE 10 END) AS n
WHERE p.code <> 'mia';

-- June and the quarter are running: Ann is asked for 2,000 in June, not for that and the 3,000 of the quarter it is part of.
SELECT person, period_from, period_until, quota, booked FROM plan_pace('2026-06-09 07:00');
SELECT person, point, figure, norm, n, stake FROM coaching_point('2026-06-09 07:00');
SELECT * FROM morning_report('2026-06-09 07:00', 'mia');
DROP SCHEMA dawn CASCADE;
