-- forecast_error and forecast_accuracy on a small company, worked out by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT salesmgmt.create_book('foreseen', time_zone => 'Europe/Berlin');
SET search_path = foreseen, salesmgmt, public;

-- an empty book has no figures, and no errors
SELECT count(*) FROM forecast_error;
SELECT count(*) FROM forecast_accuracy;

INSERT INTO person (code, name)
VALUES ('mia', 'Mia'), ('max', 'Max'), ('ann', 'Ann'), ('bob', 'Bob'), ('cyd', 'Cyd'), ('dan', 'Dan'), ('eve', 'Eve');
CREATE FUNCTION id(code text) RETURNS bigint LANGUAGE sql STABLE
RETURN (SELECT person_id FROM person AS p WHERE p.code = id.code);
INSERT INTO reporting_line (person_id, manager_id, during) VALUES
  (id('ann'), id('mia'), '[2020-01-01,2025-02-15)'), (id('ann'), id('max'), '[2025-02-15,)'),
  (id('bob'), id('mia'), '[2020-01-01,)');

INSERT INTO forecast (person_id, judgement, category, during, amount, submitted_at)
SELECT id(who), judgement, category, during::daterange, amount, submitted_at
FROM (VALUES
  -- January, said three times: the last in the first seven days counts, midnight of the eighth does not
  ('ann', 'rep', 'commit', '[2025-01-01,2025-02-01)', 100, timestamptz '2024-12-30 12:00+01'),
  ('ann', 'rep', 'commit', '[2025-01-01,2025-02-01)', 110, '2025-01-07 23:59+01'),
  ('ann', 'rep', 'commit', '[2025-01-01,2025-02-01)', 777, '2025-01-08 00:00+01'),
  ('ann', 'rep', 'best_case', '[2025-01-01,2025-02-01)', 500, '2024-12-30 12:00+01'),
  ('ann', 'rep', 'commit', '[2025-02-01,2025-03-01)', 90, '2025-01-31 12:00+01'),
  ('ann', 'rep', 'commit', '[2025-03-01,2025-04-01)', 50, '2025-02-28 12:00+01'),
  ('ann', 'rep', 'commit', '[2025-04-01,2025-05-01)', 70, '2025-03-31 12:00+02'),
  ('ann', 'rep', 'commit', '[2025-01-01,2025-04-01)', 250, '2024-12-30 12:00+01'),
  ('ann', 'manager', 'commit', '[2025-01-01,2025-02-01)', 100, '2024-12-30 12:00+01'),
  ('ann', 'manager', 'commit', '[2025-02-01,2025-03-01)', 120, '2025-01-30 12:00+01'),
  ('bob', 'rep', 'commit', '[2025-01-01,2025-02-01)', 50, '2024-12-30 12:00+01'),
  ('bob', 'rep', 'commit', '[2025-02-01,2025-03-01)', 60, '2025-01-30 12:00+01'),
  ('cyd', 'rep', 'commit', '[2025-01-01,2025-02-01)', 0, '2024-12-30 12:00+01'),
  ('dan', 'rep', 'commit', '[2025-01-01,2025-02-01)', 10, '2025-01-20 12:00+01'),
  ('eve', 'rep', 'commit', '[2025-01-01,2025-02-01)', 10, '2024-12-30 12:00+01')
) AS v (who, judgement, category, during, amount, submitted_at);
INSERT INTO booking (code, booked_on, person_id, amount)
SELECT row_number() OVER (), day, id(who), amount
FROM (VALUES
  ('ann', date '2025-01-01', 60), ('ann', '2025-01-31', 40), ('ann', '2025-02-01', 120), ('ann', '2025-04-02', 70),
  ('bob', '2025-01-15', 100), ('bob', '2025-02-15', 100), ('dan', '2025-01-15', 10), ('eve', '2025-01-15', -20)
) AS v (who, day, amount);

-- As of 15 April.  Ann: 110 for 100, 90 for 120, 50 for nothing, and 250 for the 220 of the quarter;
-- April is not over.  Her manager judged both months exactly.  Dan spoke too late.
SELECT person, manager, judgement, period_from, period_until, submitted_on, forecast, actual, error, error_rate
FROM forecast_error('2025-04-15')
ORDER BY person, judgement, period_until, period_from;

-- ann: errors +10, -30, +50, the quarter left aside: wape 90/220 = 0.4091, mape (10/100 + 30/120)/2 = 0.175,
--   bias 30/220 = 0.1364 (happy ears), tracking signal 30 / (90/3) = 1
-- her manager: no error, so no signal
-- bob sandbags: -50, -40: wape 90/200 = 0.45, mape (0.5 + 0.4)/2, bias -0.45, signal -90/45 = -2
-- cyd said 0 and booked 0: nothing to divide by
-- eve booked a return of 20 where 10 were promised: 30/20, too much, so positive
SELECT person, judgement, n, forecast, actual, absolute_error, round(wape::numeric, 4) AS wape, round(mape::numeric, 4) AS mape,
  mape_n, round(bias::numeric, 4) AS bias, tracking_signal
FROM forecast_accuracy('2025-04-15')
ORDER BY person, judgement;

-- the quarter ends with March: the day before, ann has two months; later submissions are unknown
SELECT person, judgement, n, forecast, actual FROM forecast_accuracy('2025-03-31 23:59+02', person => 'ann') ORDER BY judgement;
-- a team, a span, no grace, another category
SELECT person, judgement, n, forecast, actual FROM forecast_accuracy('2025-04-15', 'mia', '[2025-02-28,2025-03-01)') ORDER BY 1, 2;
SELECT person, forecast, submitted_on FROM forecast_error('2025-04-15', 'ann', '[2025-01-01,2025-01-02)', '{"forecast_grace_days": 0}')
WHERE judgement = 'rep' ORDER BY period_until;
SELECT person, category, n, forecast, actual, wape FROM forecast_accuracy('2025-04-15', options => '{"forecast_category": "best_case"}');
-- what is refused
SELECT * FROM forecast_accuracy(person => 'nobody');
SELECT * FROM forecast_error(options => '{"forecast_grace_days": "seven"}');

DROP SCHEMA foreseen CASCADE;
RESET search_path;
