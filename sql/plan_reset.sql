-- spread_target, reset_plan and plan_reset on a book counted by hand.
\set VERBOSITY terse
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SELECT salesmgmt.create_book('reset_book');
SET search_path = reset_book, salesmgmt;

-- An empty book: no rows, no errors.
SELECT count(*) FROM plan_reset;
SELECT count(*) FROM plan_reset_evidence();

INSERT INTO person (person_id, code, name) VALUES (1, 'meg', 'Meg'), (2, 'ann', 'Ann'), (3, 'bob', 'Bob');
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (2, 1, '[2025-01-01,)'), (3, 1, '[2025-01-01,)');
INSERT INTO plan (plan_id, code, kind, person_id, during, parent_id) VALUES
  (1, 'meg-26', 'quota', 1, '[2026-01-01,2027-01-01)', NULL),
  (2, 'ann-26', 'quota', 2, '[2026-01-01,2027-01-01)', 1), (3, 'bob-26', 'quota', 3, '[2026-01-01,2027-01-01)', 1);
INSERT INTO metric (code, name, unit) VALUES ('calls', 'Calls', 'count');
INSERT INTO coaching_session (code, kind, manager_id, planned_for) VALUES ('plan-feb', 'plan_review', 1, '2026-02-10 09:00');

-- ---- spread_target -----------------------------------------------------------
-- By shares: thirds of 100.00 are 33.33, 33.34 and 33.33, and sum to it.
SELECT *, sum(part) OVER () AS whole
FROM spread_target('ann-26', 'bookings', 'month', 100, '[2026-01-01,2026-04-01)', '{1,1,1}', revised_at => '2025-12-01');
-- what is counted comes in whole numbers
SELECT period, part FROM spread_target('ann-26', 'calls', 'quarter', 10, shares => '{3,3,2,2}', revised_at => '2025-12-01');
SELECT period, part FROM spread_target('bob-26', 'calls', 'quarter', 10, shares => '{0,0.5,0.5,0}', revised_at => '2025-12-01');
-- weeks are cut at the ends of the span: 1 January 2026 is a Thursday
SELECT period, period_from, period_until, part
FROM spread_target('bob-26', 'calls', 'week', 9, '[2026-01-01,2026-01-20)', '{1,2,2,4}', revised_at => '2025-12-01');

-- By history: in June 2026 the newest whole years are 2025 and 2024.  Everybody's
-- bookings of their four quarters: 10 + 30 = 40, 20, 0 and 100 + 40 = 140, of 200.
INSERT INTO booking (code, booked_on, person_id, amount) VALUES
  ('h1', '2025-01-01', 2, 10), ('h2', '2024-03-31', NULL, 30), ('h3', '2025-06-30', 3, 20),
  ('h4', '2025-10-01', 3, 100), ('h5', '2024-12-31', 2, 40), ('h6', '2023-12-31', 2, 1000), ('h7', '2026-02-01', 2, 7);
INSERT INTO plan_target (plan_id, metric_id, during, target, revised_at) VALUES
  (3, 1, '[2026-01-01,2027-01-01)', 1000.01, '2025-12-01'), (1, 1, '[2026-01-01,2027-01-01)', 3000, '2025-12-01');
-- (doc/plan_reset.md shows this)
SELECT * FROM spread_target('bob-26', 'bookings', 'quarter', revised_at => '2026-06-01');
-- one year back there were 130 in all: 10, 20, 0 and 100
SELECT period, share, revision, part
FROM spread_target('bob-26', 'bookings', 'quarter', 1300, years => 1, reason => 'Took over the south', session => 'plan-feb', revised_at => '2026-06-02');
-- planning 2027 before 2026 is over looks at 2025 and 2024
INSERT INTO plan (plan_id, code, kind, person_id, during) VALUES (4, 'bob-27', 'quota', 3, '[2027-01-01,2028-01-01)');
SELECT period, part FROM spread_target('bob-27', 'bookings', 'quarter', 200, revised_at => '2026-11-20');
-- and after it at 2026, where 7 were booked in the first quarter: 17, 20, 0, 100 of 137
SELECT period, part FROM spread_target('bob-27', 'bookings', 'quarter', 137, reason => 'A year later', revised_at => '2027-01-01');
-- a resetting that is dated before what it resets
SELECT pg_temp.refused($$SELECT * FROM spread_target('bob-26', 'bookings', 'quarter', 1, '[2026-01-01,2027-01-01)', '{1,1,1,1}', reason => 'x', revised_at => '2026-01-01')$$);
-- the book's own calendar goes before the world's: quarters that begin in February
INSERT INTO period (code, name, kind, during) VALUES
  ('F1', 'First', 'quarter', '[2026-02-01,2026-05-01)'), ('F2', 'Second', 'quarter', '[2026-05-01,2026-08-01)');
SELECT period, period_from, period_until, part
FROM spread_target('meg-26', 'bookings', 'quarter', 300, '[2026-02-01,2026-08-01)', '{1,2}', level => 'stretch', revised_at => '2026-01-01');

SELECT pg_temp.refused($$SELECT * FROM spread_target('meg-26', 'bookings', 'quarter', 300, shares => '{1,2}')$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'bookings', 'month', 100, '[2026-01-01,2026-04-01)', '{1,1,1}')$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'bookings', 'month', 100, '[2026-01-01,2026-04-01)', '{1,1,1}', reason => '  ')$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'bookings', 'month', 100, shares => '{1,1}')$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'bookings', 'month', 100, '[2026-05-01,2026-07-01)', '{1,-1}')$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'bookings', 'month', 100, '[2026-05-01,2026-07-01)', '{0,0}')$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'bookings', 'month', 100, '[2026-05-01,2026-07-01)', '{1,NaN}')$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'bookings', 'month', 100, '[2026-05-01,2026-07-01)', '{1,NULL}')$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'bookings', 'month', 100, '[2026-05-01,)')$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'bookings', 'month', 100, 'empty')$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'bookings', 'fortnight', 100)$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'bookings', NULL, 100)$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'bookings', 'month', 'NaN')$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'bookings', 'month', 'Infinity')$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'bookings', 'month')$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'bookings', 'month', 100, years => 0)$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'bookings', 'month', 100, '[2023-01-01,2023-03-01)')$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'bookings', 'month', 100, level => 'least', shares => '{1,1,1,1,1,1,1,1,1,1,1,1}')$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'win_rate', 'month', 0.5)$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'deal_size', 'month', 500)$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-99', 'bookings')$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target(NULL, 'bookings')$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'smiles')$$);
SELECT pg_temp.refused($$SELECT * FROM spread_target('ann-26', 'bookings', session => 'nowhere')$$);

-- ---- reset_plan ---------------------------------------------------------------
SELECT reset_plan('ann-26', 'bookings', '[2026-01-01,2026-02-01)', 30, 'Her largest client merged', 'plan-feb', revised_at => '2026-02-10');
SELECT reset_plan('ann-26', 'bookings', '[2026-01-01,2026-02-01)', 40, 'The merger was called off', revised_at => '2026-02-20');
SELECT reset_plan('meg-26', 'bookings', '[2026-01-01,2027-01-01)', 2000, 'The south was sold', revised_at => '2026-03-01');
SELECT reset_plan('ann-26', 'calls', '[2026-01-01,2026-04-01)', 5, 'Away for a month', revised_at => '2026-02-01');
SELECT pg_temp.refused($$SELECT reset_plan('ann-26', 'bookings', '[2026-01-01,2026-02-01)', 50, NULL)$$);
SELECT pg_temp.refused($$SELECT reset_plan('ann-26', 'bookings', '[2026-01-01,2026-02-01)', 50, ' ')$$);
SELECT pg_temp.refused($$SELECT reset_plan('ann-26', 'bookings', '[2026-01-01,2026-02-02)', 50, 'x')$$);
SELECT pg_temp.refused($$SELECT reset_plan('ann-26', 'bookings', '[2026-01-01,2026-02-01)', 50, 'x', level => 'stretch')$$);
SELECT pg_temp.refused($$SELECT reset_plan('ann-26', 'bookings', '[2026-01-01,2026-02-01)', NULL, 'x')$$);
SELECT pg_temp.refused($$SELECT reset_plan('ann-26', 'bookings', '[2026-01-01,2026-02-01)', 'NaN', 'x')$$);
SELECT pg_temp.refused($$SELECT reset_plan('ann-26', 'bookings', '[2026-01-01,2026-02-01)', 50, 'x', revised_at => '2026-02-19')$$);
SELECT pg_temp.refused($$SELECT reset_plan('ann-26', 'bookings', '[2026-01-01,2026-02-01)', 50, 'x', 'nowhere')$$);
SELECT pg_temp.refused($$SELECT reset_plan('zoe-26', 'bookings', '[2026-01-01,2026-02-01)', 50, 'x')$$);
-- the original is still there
SELECT revision, target, reason, coaching_session_id
FROM plan_target
WHERE plan_id = 2 AND metric_id = 1 AND during = '[2026-01-01,2026-02-01)'
ORDER BY revision;

-- ---- plan_reset ---------------------------------------------------------------
-- Ann booked 7 in February and, below, 20 in January: 20 / 33.33 and 20 / 40.  Bob's quarters
-- were reset on 2 June; of b2 a quarter is Ann's, so he has 300.  His and Ann's bookings are those
-- of Meg's plan: 27 + 400 of 3000 and 2000.
INSERT INTO booking (code, booked_on, person_id, amount) VALUES
  ('b1', '2026-01-31', 2, 20), ('b2', '2026-04-02', 3, 400), ('b3', '2026-12-31', 3, 99), ('b4', '2026-05-01', 1, 5000);
INSERT INTO booking_credit (booking_id, person_id, share)
SELECT b.booking_id, part.person_id, part.share FROM booking AS b, (VALUES (2, 0.25), (3, 0.75)) AS part (person_id, share) WHERE b.code = 'b2';
SELECT plan, metric, period_from, period_until, original, target, change, round(change_rate::numeric, 4) AS rate, resets
FROM plan_reset('2026-06-30 12:00');
SELECT plan, metric, period_from, actual, round(original_attainment::numeric, 4) AS original, round(attainment::numeric, 4) AS now
FROM plan_reset('2026-06-30 12:00');
SELECT plan, metric, period_from, first_reset_at, last_reset_at, reasons, sessions
FROM plan_reset('2026-06-30 12:00');
-- before the second reset, and before the first
SELECT plan, period_from, target, resets, reasons FROM plan_reset('2026-02-15', 'ann');
SELECT count(*) FROM plan_reset('2026-01-31');
SELECT plan, period_from FROM plan_reset('2026-06-30', 'bob', '[2026-09-30,2026-10-01)');
SELECT * FROM plan_reset('2026-06-30', 'zoe');
-- Every metric, counted as target_attainment counts, in the second quarter.  Ann made three calls by noon
-- of its last day, of 3 and now 2.  Meg's plan is Ann's and Bob's together: won after 30 and 50 days, a
-- median of 40 where 50 were asked and now 32, less being better; two of three deals won, of 0.5 and 0.8;
-- satisfaction 0.65, the mean of theirs.  Nobody imported hours, and against 0 there is no rate.
INSERT INTO metric (metric_id, code, name, unit) VALUES (201, 'prep', 'Hours of preparation', 'hours'), (202, 'smiles', 'Satisfaction', 'rate');
INSERT INTO activity_kind (activity_kind_id, code, name, metric_id)
SELECT 1, 'call', 'Call', metric_id FROM metric WHERE code = 'calls';
INSERT INTO activity (code, activity_kind_id, person_id, held_at)
VALUES ('c1', 1, 2, '2026-04-01'), ('c2', 1, 2, '2026-06-30 12:00'), ('c3', 1, 2, '2026-06-30 12:01'), ('c4', 1, 3, '2026-05-01'), ('c5', 1, 2, '2026-05-01');
INSERT INTO pipeline (pipeline_id, code, name) VALUES (1, 'std', 'Standard');
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome)
VALUES (1, 'open', 1, 'Open', 1, 'open'), (2, 'won', 1, 'Won', 2, 'won'), (3, 'lost', 1, 'Lost', 3, 'lost');
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at)
VALUES (1, 'o1', 1, '2026-04-01'), (2, 'o2', 1, '2026-04-01'), (3, 'o3', 1, '2026-04-01');
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, amount, owner_id) VALUES
  (1, '2026-04-01', 1, 10, 2), (2, '2026-04-01', 1, 10, 3), (3, '2026-04-01', 1, 10, 3),
  (1, '2026-05-01', 2, 10, 2), (2, '2026-05-21', 2, 10, 3), (3, '2026-05-21', 3, 10, 3);
INSERT INTO actual (code, metric_id, person_id, day, value) VALUES ('s1', 202, 2, '2026-04-05', 0.5), ('s2', 202, 3, '2026-04-06', 0.8);
INSERT INTO plan_target (plan_id, metric_id, during, revision, target, revised_at, reason)
SELECT v.plan_id, m.metric_id, daterange('2026-04-01', '2026-07-01'), n, (ARRAY[v.original, v.target])[n], timestamptz '2026-03-01' + n * interval '30 days',
  CASE WHEN n > 1 THEN 'Reset' END
FROM (VALUES
  (1, 'cycle_days', 50, 32), (1, 'win_rate', 0.5, 0.8), (1, 'deals_won', 4, 2), (2, 'deals_won', 0, 2), (3, 'deals_won', 4, 0),
  (2, 'prep', 30, 20), (1, 'smiles', 1, 0.5), (1, 'opportunities_created', 3, 6), (3, 'win_rate', 0.5, 0.6)) AS v (plan_id, metric, original, target)
JOIN metric AS m ON m.code = v.metric
CROSS JOIN generate_series(1, 2) AS n
UNION ALL
SELECT 2, metric_id, '[2026-04-01,2026-07-01)', 2, 2, '2026-04-30', 'Reset' FROM metric WHERE code = 'calls';
SELECT plan, metric, unit, higher_is_better AS up, original, target, round(actual, 4) AS actual, n,
  round(original_attainment::numeric, 4) AS against_original, round(attainment::numeric, 4) AS now
FROM plan_reset('2026-06-30 12:00', during => '[2026-04-01,2026-04-02)')
WHERE metric <> 'bookings';
-- a person's plan that is not shared out says what target_attainment says
SELECT count(*) AS plans, count(*) FILTER (WHERE (r.target, r.actual, r.n, r.attainment) IS NOT DISTINCT FROM (t.target, t.actual, t.n, t.attainment)) AS same
FROM plan_reset('2026-06-30 12:00') AS r
JOIN target_attainment('2026-06-30 12:00') AS t USING (person, metric, period_from, period_until);
SELECT plan, metric, source, source_code, at, round(value, 4) AS value
FROM plan_reset_evidence('2026-06-30 12:00', during => '[2026-04-01,2026-04-02)')
WHERE figure = 'actual' AND metric <> 'bookings'
ORDER BY 1, 2, 4;
-- the rows behind them
SELECT plan, period_from, figure, source, source_code, at, value
FROM plan_reset_evidence('2026-02-15', 'ann')
WHERE source <> 'plan_target'
ORDER BY 1, 2, 3, 5;
SELECT plan, metric, period_from, figure, count(*), sum(value)
FROM plan_reset_evidence('2026-06-30 12:00')
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4;
SELECT (SELECT count(*) FROM plan_reset) = (SELECT count(*) FROM plan_reset()) AS same;
-- whoever may read the book may not write its targets
SELECT proname, has_function_privilege('public', oid, 'EXECUTE') FROM pg_proc
WHERE pronamespace = 'reset_book'::regnamespace AND proname IN ('reset_plan', 'spread_target') ORDER BY 1;
DROP SCHEMA reset_book CASCADE;
