-- quota_attainment, team_attainment, plan_pace on a small company, worked out by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT salesmgmt.create_book('attain');
SET search_path = attain, salesmgmt, public;

-- an empty book has no figures, and no errors
SELECT count(*) FROM quota_attainment;
SELECT count(*) FROM team_attainment;
SELECT count(*) FROM plan_pace;

-- vp over m1 and m2; ann under m1; bob under m1 until 15 May, then m2;
-- cyd joined m2 on 2 June; dan has neither a boss nor a job
INSERT INTO person (code, name) VALUES
  ('vp', 'Vera'), ('m1', 'Mia'), ('m2', 'Max'), ('ann', 'Ann'), ('bob', 'Bob'), ('cyd', 'Cyd'), ('dan', 'Dan');
CREATE FUNCTION id(code text) RETURNS bigint LANGUAGE sql STABLE
RETURN (SELECT person_id FROM person AS p WHERE p.code = id.code);
INSERT INTO employment (person_id, during, role)
SELECT id(who), during, role
FROM (VALUES
  ('vp', daterange('2020-01-01', NULL), 'executive'),
  ('m1', daterange('2020-01-01', NULL), 'manager'),
  ('m2', daterange('2020-01-01', NULL), 'manager'),
  ('ann', daterange('2020-01-01', NULL), 'rep'),
  ('bob', daterange('2020-01-01', NULL), 'rep'),
  ('cyd', daterange('2025-06-02', NULL), 'rep')) AS v (who, during, role);
INSERT INTO reporting_line (person_id, manager_id, during)
SELECT id(who), id(boss), during
FROM (VALUES
  ('m1', 'vp', daterange('2020-01-01', NULL)),
  ('m2', 'vp', daterange(NULL, NULL)),
  ('ann', 'm1', daterange('2020-01-01', NULL)),
  ('bob', 'm1', daterange('2020-01-01', '2025-05-16')),
  ('bob', 'm2', daterange('2025-05-16', NULL)),
  ('cyd', 'm2', daterange('2025-06-02', NULL))) AS v (who, boss, during);

-- quarters shifted by a month: they begin on 30 January, April, July
INSERT INTO plan (code, kind, person_id, during, parent_id)
SELECT code, kind, id(who), daterange('2025-01-30', '2026-01-30'), NULL
FROM (VALUES
  ('vp', 'quota', 'vp'), ('m1', 'quota', 'm1'), ('ann', 'quota', 'ann'), ('ann year', 'quota', 'ann'),
  ('ann more', 'quota', 'ann'), ('bob', 'quota', 'bob'), ('cyd', 'quota', 'cyd'), ('dan', 'quota', 'dan'),
  ('ann grows', 'development', 'ann')) AS v (code, kind, who);
-- the vice president's plan is shared out to bob; ann's year holds her quarters
UPDATE plan SET parent_id = (SELECT plan_id FROM plan WHERE code = 'vp') WHERE code = 'bob';
UPDATE plan SET parent_id = (SELECT plan_id FROM plan WHERE code = 'ann year') WHERE code = 'ann';
INSERT INTO plan_target (plan_id, metric_id, during, level, revision, target, revised_at, reason)
SELECT plan_id, metric_id, daterange(since, until), level, revision, target, revised_at, CASE WHEN revision > 1 THEN 'Reset' END
FROM (VALUES
  ('vp', 'bookings', date '2025-01-30', date '2025-04-30', 'base', 1, 1000, '2025-01-01'::timestamptz),
  ('m1', 'bookings', '2025-01-30', '2025-04-30', 'base', 1, 40, '2025-01-01'),
  ('ann', 'bookings', '2025-01-30', '2025-04-30', 'base', 1, 70, '2025-01-01'),
  ('ann more', 'bookings', '2025-01-30', '2025-04-30', 'base', 1, 30, '2025-01-01'),
  ('ann', 'bookings', '2025-01-30', '2025-04-30', 'stretch', 1, 999, '2025-01-01'),
  ('ann', 'deals_won', '2025-01-30', '2025-04-30', 'base', 1, 7, '2025-01-01'),
  ('ann grows', 'bookings', '2025-01-30', '2025-04-30', 'base', 1, 5000, '2025-01-01'),
  ('ann', 'bookings', '2025-04-30', '2025-07-30', 'base', 1, 100, '2025-01-01'),
  ('ann year', 'bookings', '2025-01-30', '2026-01-30', 'base', 1, 400, '2025-01-01'),
  ('bob', 'bookings', '2025-01-30', '2025-04-30', 'base', 1, 200, '2025-01-01'),
  ('bob', 'bookings', '2025-04-30', '2025-07-30', 'base', 1, 200, '2025-01-01'),
  ('bob', 'bookings', '2025-07-30', '2025-10-30', 'base', 1, 200, '2025-01-01'),
  ('cyd', 'bookings', '2025-04-30', '2025-07-30', 'base', 1, 50, '2025-01-01'),
  ('cyd', 'bookings', '2025-04-30', '2025-07-30', 'base', 2, 80, '2025-07-01'),
  ('cyd', 'bookings', '2025-04-30', '2025-07-30', 'base', 3, 90, '2025-08-01'),
  ('dan', 'bookings', '2025-01-30', '2025-04-30', 'base', 1, 0, '2025-01-01'),
  ('dan', 'bookings', '2025-04-30', '2025-07-30', 'base', 1, 10, '2025-01-01')
) AS v (plan, metric, since, until, level, revision, target, revised_at)
JOIN plan ON plan.code = v.plan
JOIN metric ON metric.code = v.metric;
-- ann: 120 in the first quarter, the days at both ends included; bob: nothing,
-- then 150 and a return of 50; nobody is credited with the 1000
INSERT INTO booking (code, booked_on, person_id, amount)
SELECT row_number() OVER (), day, id(who), amount
FROM (VALUES
  ('ann', date '2025-01-29', 999), ('ann', '2025-01-30', 60), ('ann', '2025-04-29', 60), ('ann', '2025-04-30', 30),
  ('bob', '2025-06-01', 150), ('bob', '2025-07-15', -50), ('bob', '2025-07-16', 33), ('bob', '2025-08-01', 250),
  ('cyd', '2025-06-30', 80), ('dan', '2025-03-03', 5), ('m1', '2025-03-03', 40),
  (NULL, '2025-03-03', 1000)) AS v (who, day, amount);

-- As of 15 July.  The first quarter of ann: 70 + 30 from two plans, 120 booked.
-- Bob's (D14): 0 - 200.  Dan's quota of 0 has no rate.  The second of bob: 150 - 50;
-- cyd's was reset to 80.  The third has not begun.  Bob's manager is that of 30 April.
SELECT person, manager, period_from, period_until, quota, actual, variance, variance_rate, attainment
FROM quota_attainment('2025-07-15 12:00+00')
ORDER BY period_from, period_until, person;

-- m1 in the first quarter: 100 + 200 + 40 against 120 + 0 + 40, two of three reached it;
-- the vice president's 1000 is bob's 200 and others', not counted again.
-- In the second: m1 has ann and bob (100 + 200 against 30 + 100), m2 cyd (80 of 80).
-- The year of ann stands apart: 400 against 60 + 60 + 30.
SELECT person, levels_below, period_from, period_until, quota, actual, variance,
  round(attainment::numeric, 4) AS attainment, reps, reps_attained, round(attained_share::numeric, 4) AS attained_share
FROM team_attainment('2025-07-15 12:00+00')
ORDER BY period_from, period_until, person;

-- Of a period to come nobody knows who will have moved by then: on 1 May bob is m1's, who is the vp's.
SELECT manager FROM quota_attainment('2025-05-01', 'bob', '[2025-08-01,2025-09-01)') WHERE period_from = '2025-07-30';
SELECT person, quota, reps FROM team_attainment('2025-05-01', during => '[2025-08-01,2025-09-01)') WHERE period_from = '2025-07-30' ORDER BY person;
SELECT person, quota, reps FROM team_attainment('2025-06-01', during => '[2025-08-01,2025-09-01)') WHERE period_from = '2025-07-30' ORDER BY person;
-- D6: the manager is that of reporting_line on the date, at every level, not today's: in the first
-- quarter bob, who is m2's by now, counts for m1 and for vp above, though he has booked nothing
-- (100 + 200 + 40 against 120 + 0 + 40, two of three); m2 has no quota below then.
SELECT person, levels_below, quota, actual, reps, reps_attained
FROM team_attainment('2025-07-15 12:00+00', during => '[2025-02-01,2025-02-02)')
WHERE period_until = '2025-04-30' ORDER BY person;
SELECT q.person, q.manager AS manager_then, boss.code AS manager_now, q.actual
FROM quota_attainment('2025-07-15 12:00+00', 'bob', '[2025-02-01,2025-02-02)') AS q
JOIN reporting_line AS line ON line.person_id = id('bob') AND line.during @> date '2025-07-15'
JOIN person AS boss ON boss.person_id = line.manager_id;

-- one team, one period, also one to come; before and after a reset
SELECT person, manager, period_from, quota, actual, attainment
FROM quota_attainment('2025-07-15 12:00+00', 'm2', daterange('2025-07-29', '2025-07-31'))
ORDER BY person, period_from;
SELECT person, period_from, quota, actual, attainment
FROM team_attainment('2025-07-15 12:00+00', 'm2', daterange('2025-07-29', '2025-07-31'))
ORDER BY person, period_from;
SELECT (SELECT quota FROM quota_attainment('2025-06-30', 'cyd')) AS before_reset,
  (SELECT quota FROM quota_attainment('2025-07-31', 'cyd')) AS after_second;
-- at 23:30 UTC on 14 July it is 15 July in Berlin, and bob's return has happened
SELECT (SELECT actual FROM quota_attainment('2025-07-14 23:30+00', 'bob', '[2025-05-01,2025-05-02)')) AS utc,
  (SELECT actual FROM quota_attainment('2025-07-14 23:30+00', 'bob', '[2025-05-01,2025-05-02)',
    '{"time_zone": "Europe/Berlin"}')) AS berlin;

-- Pace as of 15 July.  30 April to 29 July are 13 weeks, 65 days from Monday to Friday, 10 of
-- them after 15 July; 1 May is a holiday: 64.  Ann was away for 10 of them: 54, 44 gone:
-- expected 100 * 44/54 = 81.48, on pace by 30/81.48, projected 30 * 54/44, and 70 in 10 days.
-- Bob's territory has a holiday on 21 July: 63, 54 gone, 9 left for the 100 missing.
-- Cyd came on 2 June: 42, 32 gone, 80 booked of 80.  Dan has no job, so no working days.
-- Ann's year has 261 days less 1 and 10, 119 less 11 of them gone, and 250 left to book in 142.
INSERT INTO holiday (day, name) VALUES ('2025-05-01', 'Labour day');
INSERT INTO territory (code, name) VALUES ('south', 'South'), ('north', 'North');
INSERT INTO territory_assignment (territory_id, person_id, during)
SELECT territory_id, id('bob'), '[2020-01-01,)' FROM territory WHERE code = 'south';
INSERT INTO holiday (day, territory_id, name)
SELECT date '2025-07-21', territory_id, 'Fair' FROM territory WHERE code = 'south'
UNION ALL SELECT '2025-07-22', territory_id, 'Fair' FROM territory WHERE code = 'north';
INSERT INTO absence (person_id, during) VALUES (id('ann'), '[2025-06-01,2025-06-15)');
SELECT person, period_until, quota, booked, elapsed_working_days AS elapsed, working_days AS days,
  round(elapsed_share::numeric, 4) AS elapsed_share, expected, round(pace_ratio::numeric, 4) AS pace_ratio,
  projected, gap, required_per_day
FROM plan_pace('2025-07-15 12:00+00')
ORDER BY period_until, person;
-- a quota of 0 expects nothing; a period that is over leaves no days; one to come has none behind it
SELECT person, quota, booked, elapsed_working_days AS elapsed, working_days AS days, expected, pace_ratio, projected, required_per_day
FROM plan_pace('2025-05-01', 'm1', '[2025-03-01,2025-03-02)')
WHERE period_until = '2025-04-30'
ORDER BY person;
SELECT person, elapsed_working_days AS elapsed, working_days AS days, expected, pace_ratio, projected, required_per_day
FROM plan_pace('2025-07-15', 'bob', '[2025-09-01,2025-09-02)');
SELECT count(*) FROM plan_pace('2025-07-15', NULL, 'empty');

-- The effective quota.  Cyd came on 2 June: 58 of 91 days.  Reps are asked for half in the first
-- month and for 0.8 in the second, hunters for 0.25 in the first; this holds for jobs from 2025 on.
-- Cyd: 30 days at 0.5, 28 at 0.8 are 37.4 full days: 80 * 37.4 / 91.  As a hunter 30 at 0.25: 29.9.
INSERT INTO ramp (role, specialty, month, factor, during) VALUES
  ('rep', NULL, 1, 0.5, '[2025-01-01,)'), ('rep', NULL, 2, 0.8, '[2025-01-01,)'), ('rep', 'hunter', 1, 0.25, '[2025-01-01,)'),
  ('rep', NULL, 1, 0, '[2020-01-02,2025-01-01)'), ('manager', NULL, 7, 0, '[2025-01-01,)');
SELECT person, quota, actual, days_in_seat, days_in_period, round(ramp_factor::numeric, 4) AS ramp_factor,
  effective_quota, round(effective_attainment::numeric, 4) AS effective_attainment
FROM quota_attainment('2025-07-15 12:00+00')
WHERE period_from = '2025-04-30'
ORDER BY person;
UPDATE employment SET specialty = 'hunter' WHERE person_id = id('cyd');
SELECT ramp_factor, effective_quota FROM quota_attainment('2025-07-15 12:00+00', 'cyd');
-- Ann left on 30 June and began anew on 10 July: 61 full days, 10 without a seat, and 20 at 0.5,
-- which makes 71 of 91
UPDATE employment SET during = '[2020-01-01,2025-06-30)' WHERE person_id = id('ann');
INSERT INTO employment (person_id, during, role) VALUES (id('ann'), '[2025-07-10,)', 'rep');
SELECT days_in_seat, effective_quota, attainment, effective_attainment
FROM quota_attainment('2025-07-15 12:00+00', 'ann', '[2025-04-30,2025-05-01)') WHERE period_until = '2025-07-30';
-- who has left before the period is asked for nothing
UPDATE employment SET during = '[2020-01-01,2025-04-01)' WHERE person_id = id('bob');
SELECT period_from, quota, days_in_seat, effective_quota, effective_attainment
FROM quota_attainment('2025-07-15 12:00+00', 'bob') ORDER BY period_from;
INSERT INTO ramp (role, month, factor, during) VALUES ('rep', 1, 0.7, '[2025-03-01,)');
INSERT INTO ramp (role, month, factor, during) VALUES ('rep', 3, 1.1, '[2025-03-01,)');
INSERT INTO ramp (role, month, factor, during) VALUES ('rep', 0, 1, '[2025-03-01,)');
-- the rows behind the figures
SELECT period_until, figure, source, (at AT TIME ZONE 'UTC')::date AS at, value FROM quota_attainment_evidence('2025-07-15 12:00+00', 'ann', '[2025-04-30,2025-05-01)')
ORDER BY period_until, figure, at, value;

-- A team adds up what is not rounded.  Of a booking of 0.5 in thirds ann has 0.1667, bob and cyd 0.16665 each, which
-- four decimals show as 0.1667, too, 0.5001 together.  Bob and cyd have not reached a quota of 0.1667.
INSERT INTO booking (code, booked_on, person_id, amount) VALUES ('thirds', '2025-12-01', id('ann'), 0.5);
INSERT INTO booking_credit (booking_id, person_id, share)
SELECT b.booking_id, id(part.who), part.share
FROM booking AS b
CROSS JOIN (VALUES ('ann', 0.3334), ('bob', 0.3333), ('cyd', 0.3333)) AS part (who, share)
WHERE b.code = 'thirds';
INSERT INTO plan_target (plan_id, metric_id, during, target, revised_at)
SELECT p.plan_id, m.metric_id, '[2025-11-30,2026-01-30)', 0.1667, '2025-11-01'
FROM plan AS p, metric AS m
WHERE p.code IN ('ann', 'bob', 'cyd') AND m.code = 'bookings';
SELECT sum(actual) AS shown FROM quota_attainment('2025-12-15', NULL, '[2025-12-01,2025-12-02)') WHERE period_from = '2025-11-30';
SELECT person, quota, actual, variance, reps, reps_attained FROM team_attainment('2025-12-15', 'vp', '[2025-12-01,2025-12-02)')
WHERE period_from = '2025-11-30' ORDER BY person;
SELECT figure, sum(value) FROM team_attainment_evidence('2025-12-15', 'vp', '[2025-12-01,2025-12-02)')
WHERE person = 'vp' AND period_from = '2025-11-30' GROUP BY figure ORDER BY figure;

-- As earlier periods filled up.  On 14 February 45 of the quarter's 90 days are gone; Eve's earlier ones have 91 and 92, and
-- stood there after 46 (45.5 and 46).  By then she had 20 of 100, 30 of 100 and, in the second, 40 of 100 (16 November
-- and 17 May come too late): 0.3 on average, so that 90 become 300.  The first brought only a return; the month
-- and the year are of another length; the quarter to come has nothing behind it yet.
INSERT INTO person (code, name) VALUES ('eve', 'Eve');
INSERT INTO plan (code, kind, person_id, during) VALUES ('eve', 'quota', id('eve'), '[2024-01-01,2026-01-01)');
INSERT INTO plan_target (code, plan_id, metric_id, during, target, revised_at)
SELECT 'eve ' || span.during, p.plan_id, m.metric_id, span.during, 100, '2023-12-01'
FROM plan AS p, metric AS m, (
  SELECT daterange(since::date, (since + interval '3 months')::date) AS during
  FROM generate_series(timestamp '2024-01-01', '2025-04-01', '3 months') AS since
  UNION ALL
  SELECT unnest(ARRAY['[2024-12-01,2025-01-01)', '[2024-01-01,2025-01-01)']::daterange[])) AS span
WHERE p.code = 'eve' AND m.code = 'bookings';
INSERT INTO booking (code, booked_on, person_id, amount) VALUES
  ('e1', '2024-02-01', id('eve'), -5), ('e2', '2024-05-16', id('eve'), 40), ('e3', '2024-05-17', id('eve'), 60), ('e4', '2024-07-01', id('eve'), 30),
  ('e5', '2024-09-30', id('eve'), 70), ('e6', '2024-11-15', id('eve'), 20), ('e7', '2024-11-16', id('eve'), 80), ('e8', '2025-02-01', id('eve'), 90);
SELECT period_from, booked, past_periods, past_share, projected_historical
FROM plan_pace('2025-02-14 12:00', 'eve', '[2025-03-31,2025-04-02)') ORDER BY period_from;
-- fewer than three say nothing, unless the manager thinks so; the newest two alone
SELECT past_periods, past_share, projected_historical FROM plan_pace('2025-02-14 12:00', 'eve', options => '{"pace_min_periods": 4}');
SELECT past_periods, past_share, projected_historical FROM plan_pace('2025-02-14 12:00', 'eve', options => '{"pace_past_periods": 2, "pace_min_periods": 1}');
-- in the third quarter there was one with bookings, 30 / 0.4; and when the period is over, what is booked is booked
SELECT past_periods, projected_historical FROM plan_pace('2024-08-15', 'eve', '[2024-07-01,2024-07-02)', '{"pace_min_periods": 1}')
WHERE period_until = '2024-10-01';
SELECT past_periods, past_share, projected_historical FROM plan_pace('2025-06-01', 'eve', '[2025-02-01,2025-02-02)');
-- who came in the middle of the second quarter had another rhythm then
INSERT INTO employment (person_id, during, role) VALUES (id('eve'), '[2024-05-01,)', 'rep');
SELECT past_periods, past_share, projected_historical FROM plan_pace('2025-02-14 12:00', 'eve');
SELECT source_code, (at AT TIME ZONE 'UTC')::date AS at, value FROM plan_pace_evidence('2025-02-14 12:00', 'eve') WHERE figure = 'past_periods' ORDER BY 1;
-- a quarter without bookings does not take the place of one that has some: of the newest one, 30 of 100
BEGIN;
DELETE FROM booking WHERE code IN ('e6', 'e7');
SELECT past_periods, past_share, projected_historical FROM plan_pace('2025-02-14 12:00', 'eve', options => '{"pace_past_periods": 1, "pace_min_periods": 1}');
ROLLBACK;

-- A plan is known from its first target or agreement: Eve's 500 are her own on 5 December, shared out once Cyd's plan was
-- agreed to on the 10th, which has no target yet, and of Dan's 300 from the 20th on.
INSERT INTO plan (code, kind, person_id, during, parent_id, agreed_by_manager_on)
SELECT part.code, 'quota', id(part.who), '[2026-03-01,2026-06-01)', NULL, part.agreed_on
FROM (VALUES ('wide', 'eve', NULL::date), ('narrow', 'dan', NULL), ('agreed', 'cyd', '2025-12-10')) AS part (code, who, agreed_on);
UPDATE plan SET parent_id = (SELECT plan_id FROM plan WHERE code = 'wide') WHERE code IN ('narrow', 'agreed');
INSERT INTO plan_target (plan_id, metric_id, during, target, revised_at)
SELECT p.plan_id, m.metric_id, p.during, v.target, v.at::timestamptz
FROM (VALUES ('wide', 500, '2025-12-01'), ('narrow', 300, '2025-12-20')) AS v (code, target, at)
JOIN plan AS p ON p.code = v.code
JOIN metric AS m ON m.code = 'bookings';
SELECT day, q.person, q.quota, c.plan, c.parts, c.parts_without_quota AS without, c.parts_quota
FROM unnest(ARRAY['2025-12-05', '2025-12-15', '2025-12-25']::timestamptz[]) WITH ORDINALITY AS t (day, n)
LEFT JOIN LATERAL quota_attainment(day, NULL, '[2026-03-01,2026-03-02)') AS q ON true
LEFT JOIN LATERAL quota_cascade(day, NULL, '[2026-03-01,2026-03-02)') AS c ON true
ORDER BY n;

-- what is refused
SELECT * FROM quota_attainment(person => 'nobody');
SELECT * FROM team_attainment(options => '{"colour": 1}');
SELECT * FROM plan_pace(options => '{"time_zone": 1}');

DROP SCHEMA attain CASCADE;
RESET search_path;
