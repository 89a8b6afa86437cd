-- forecast_rollup, commit_reliability and probability_calibration on a small company, worked out by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT salesmgmt.create_book('rollup_book');
SET search_path = rollup_book, salesmgmt, public;

-- an empty book has no figures, and no errors
SELECT (SELECT count(*) FROM forecast_rollup), (SELECT count(*) FROM commit_reliability), (SELECT count(*) FROM probability_calibration);

INSERT INTO person (person_id, code, name) VALUES (1, 'mia', 'Mia'), (2, 'ann', 'Ann'), (3, 'bob', 'Bob');
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (2, 1, '[2024-01-01,)');
INSERT INTO pipeline (pipeline_id, code, name) VALUES (1, 'std', 'Standard');
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome) VALUES
  (1, 'talk', 1, 'Talk', 1, 'open'), (2, 'offer', 1, 'Offer', 2, 'open'), (3, 'won', 1, 'Won', 3, 'won'), (4, 'lost', 1, 'Lost', 4, 'lost');
INSERT INTO stage_rule (stage_id, during, probability) VALUES (1, '[2024-01-01,)', 0.25), (2, '[2024-01-01,2025-03-01)', 0.5), (2, '[2025-03-01,)', 0.8);
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at) SELECT n, 'o' || n, 1, '2024-12-01' FROM generate_series(1, 14) AS n;
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, owner_id, amount, expected_close, forecast_category) VALUES
  -- the second quarter of 2025, as it stands on 1 June: Ann has each category (D5: most likely is not lost among others), one deal without
  (1, '2025-04-01', 3, 2, 100, '2025-04-20', 'closed'), (2, '2025-05-01', 2, 2, 200, '2025-06-20', 'commit'),
  (3, '2025-05-01', 2, 2, 400, '2025-06-20', 'most_likely'), (4, '2025-05-01', 2, 2, 800, '2025-06-20', 'best_case'),
  (5, '2025-05-01', 1, 2, 1600, '2025-06-20', 'pipeline'), (6, '2025-05-01', 1, 2, 3200, '2025-06-20', 'omitted'),
  (7, '2025-05-01', 1, 2, 6400, '2025-06-20', NULL),
  -- open but called closed; lost though called commit (D11: a lost deal is no forecast, and in no weighted pipeline); of another quarter
  (8, '2025-05-01', 2, 2, 10, '2025-06-25', 'closed'), (9, '2025-04-01', 2, 2, 50000, '2025-06-20', 'commit'), (9, '2025-05-02', 4, 2, 50000, '2025-06-20', 'commit'),
  (10, '2025-05-01', 2, 2, 20, '2025-07-01', 'commit');
INSERT INTO forecast (code, person_id, judgement, category, during, amount, submitted_at) VALUES
  ('f1', 2, 'rep', 'commit', '[2025-04-01,2025-07-01)', 250, '2025-05-01'), ('f2', 2, 'rep', 'commit', '[2025-04-01,2025-07-01)', 300, '2025-05-20'),
  ('f3', 2, 'manager', 'most_likely', '[2025-04-01,2025-07-01)', 600, '2025-05-20'), ('f4', 2, 'rep', 'commit', '[2025-04-01,2025-07-01)', 999, '2025-06-02'),
  ('f5', 3, 'rep', 'commit', '[2025-04-01,2025-07-01)', 5, '2025-05-01'), ('f6', 2, 'rep', 'commit', '[2025-05-01,2025-06-01)', 77, '2025-05-01');

-- As of 1 June.  Ann: 100 won, commit 200 + the 10 called closed: 310 so far, 710, 1510, 3110; omitted and none are in no rollup.  Bob said 5 and has nothing.
SELECT person, category, category_position AS p, deals, amount, cumulative_deals AS c_deals, cumulative_amount, rep_forecast, manager_forecast
FROM forecast_rollup('2025-06-01') ORDER BY person, p;
-- a month alone; a manager's people; before anything was
SELECT person, category, deals, amount FROM forecast_rollup('2025-06-01', 'mia', '[2025-04-01,2025-05-01)') WHERE deals > 0;
SELECT category, rep_forecast FROM forecast_rollup('2025-06-01', 'ann', '[2025-05-01,2025-06-01)') WHERE rep_forecast IS NOT NULL;
SELECT count(*) FROM forecast_rollup('2025-01-01');
SELECT figure, source, source_code, value FROM forecast_rollup_evidence('2025-06-01', 'ann') WHERE category = 'commit' ORDER BY figure, source_code;
-- D11: the deal lost is not in the weighted pipeline either: 200 + 400 + 800 + 10 at 0.8, 1600 + 3200 + 6400 at 0.25
INSERT INTO plan (plan_id, code, kind, person_id, during) VALUES (1, 'q', 'quota', 2, '[2025-04-01,2025-07-01)');
INSERT INTO plan_target (plan_id, metric_id, during, target, revised_at) SELECT 1, metric_id, '[2025-04-01,2025-07-01)', 1000, '2025-01-01' FROM metric WHERE code = 'bookings';
SELECT person, open_deals, open_pipeline, weighted_pipeline FROM pipeline_coverage('2025-06-01');
-- D4: a probability of 75 is no percent, it is refused
INSERT INTO stage_rule (stage_id, during, probability) VALUES (3, '[2024-01-01,)', 75);
INSERT INTO stage_rule (stage_id, during, probability) VALUES (3, '[2024-01-01,)', 1.01);
SELECT (brier(p, true)).n FROM (VALUES (75::float8)) AS v (p);

-- The first quarter.  30 days before its end, on 2 March, Ann had 11, 12 and 13 in commit to close within it, and 14 to close later;
-- 60 days before, on 31 January, all of them.  11 was won in March, 12 lost in March, 13 won in April.  What was said on the day itself came too late.
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, owner_id, amount, expected_close, forecast_category) VALUES
  (11, '2025-01-10', 2, 2, 10, '2025-03-20', 'commit'), (11, '2025-03-20', 3, 2, 12, '2025-03-20', 'closed'),
  (12, '2025-01-10', 2, 2, 20, '2025-03-20', 'commit'), (12, '2025-03-21', 4, 2, 20, '2025-03-20', 'omitted'),
  (13, '2025-01-10', 1, 2, 30, '2025-03-20', 'commit'), (13, '2025-03-01 23:00', 2, 3, 40, '2025-03-20', 'commit'), (13, '2025-03-02', 2, 3, 50, '2025-03-20', 'best_case'),
  (13, '2025-04-05', 3, 3, 50, '2025-04-05', 'closed'),
  (14, '2025-01-10', 1, 2, 70, '2025-03-31', 'commit'), (14, '2025-02-10', 1, 2, 70, '2025-04-30', 'commit');
-- As of 15 June.  30 days: Ann 2 deals, one won, one lost; 13 is Bob's by then, at 40, and slipped.  60 days: Ann 4, one won, one lost, two slipped.
SELECT person, category, days_ahead, deals, won, lost, slipped, won_rate, round(won_rate_lower::numeric, 4) AS lower, round(won_rate_upper::numeric, 4) AS upper,
  amount, won_amount, round(won_amount_rate::numeric, 4) AS amount_rate
FROM commit_reliability('2025-06-15') ORDER BY person, days_ahead;
-- as of 1 April 13 is not won yet, and slipped all the same; as of 31 March the quarter has not ended
SELECT person, days_ahead, deals, won, lost, slipped FROM commit_reliability('2025-04-01') ORDER BY 1, 2;
SELECT count(*) FROM commit_reliability('2025-03-31');
SELECT person, days_ahead, deals FROM commit_reliability('2025-06-15', 'bob', '[2025-03-01,2025-03-02)', '{"forecast_days_ahead": "29, 30"}') ORDER BY 2;
SELECT category, days_ahead, deals FROM commit_reliability('2025-06-15', 'bob', '(,)', '{"forecast_days_ahead": "29, 30"}') ORDER BY 2;
SELECT figure, source_code, at, value FROM commit_reliability_evidence('2025-06-15', 'ann', options => '{"forecast_days_ahead": "30"}') ORDER BY 1, 2;
-- The stages of 11 to 14, then decided or not.  60 days: 11 (0.5, won), 12 (0.5, lost), 13 (0.25, won); 14 is open.  (0.25 + 0.25 + 0.5625) / 3 = 0.3542
-- 30 days: 11, 12, 13 at the offer's 0.8 of March: (0.04 + 0.64 + 0.04) / 3 = 0.24.
SELECT days_ahead, bin, probability_lower AS since, probability_upper AS until, n, won, round(mean_probability::numeric, 4) AS mean, round(won_rate::numeric, 4) AS won_rate, round(brier_score::numeric, 4) AS brier, brier_n
FROM probability_calibration('2025-06-15') ORDER BY 1, 2;
SELECT days_ahead, bin, figure, string_agg(source_code, ' ' ORDER BY source_code) FROM probability_calibration_evidence('2025-06-15') GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
-- what is refused
SELECT * FROM forecast_rollup(person => 'nobody');
-- rather than looked for without end
SELECT * FROM commit_reliability('infinity');
SELECT * FROM commit_reliability('infinity', during => '(,)');
SELECT * FROM probability_calibration('-infinity');
SELECT * FROM commit_reliability(options => '{"forecast_days_ahead": "-30"}');

DROP SCHEMA rollup_book CASCADE;
RESET search_path;
