-- pipeline_coverage on a book counted by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SELECT salesmgmt.create_book('coverage_book');
SET search_path = coverage_book, salesmgmt;

-- An empty book: no rows, no errors.
SELECT count(*) FROM pipeline_coverage;

INSERT INTO person (person_id, code, name) VALUES
  (1, 'meg', 'Meg'), (2, 'ann', 'Ann'), (3, 'bob', 'Bob'), (4, 'cid', 'Cid'), (5, 'dan', 'Dan'), (6, 'eve', 'Eve');
INSERT INTO reporting_line (person_id, manager_id, during)
SELECT person_id, 1, '[2025-01-01,)' FROM person WHERE person_id IN (2, 3, 4, 5);
INSERT INTO pipeline (pipeline_id, code, name) VALUES (1, 'std', 'Standard'), (2, 'mini', 'Short');
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome) VALUES
  (11, 'lead', 1, 'Lead', 1, 'open'), (12, 'talk', 1, 'Talk', 2, 'open'), (13, 'offer', 1, 'Offer', 3, 'open'),
  (14, 'won', 1, 'Won', 4, 'won'), (15, 'lost', 1, 'Lost', 5, 'lost'),
  (21, 'ask', 2, 'Ask', 1, 'open'), (22, 'yes', 2, 'Yes', 2, 'won');
-- a lead is thought better of from May on; nobody has judged a talk
INSERT INTO stage_rule (stage_id, during, probability) VALUES
  (11, '[2026-01-01,2026-05-01)', 0.1), (11, '[2026-05-01,)', 0.2), (13, '[2026-01-01,)', 0.5), (21, '[2026-01-01,)', 0.5);

-- Quotas of the second quarter: Meg's is shared out among her people, Ann's is
-- revised twice, the second time after the report, Eve has two, Dan's is 0.
INSERT INTO plan (plan_id, code, kind, person_id, during, parent_id) VALUES
  (1, 'meg', 'quota', 1, '[2026-01-01,2027-01-01)', NULL),
  (2, 'ann', 'quota', 2, '[2026-01-01,2027-01-01)', 1), (3, 'bob', 'quota', 3, '[2026-01-01,2027-01-01)', 1),
  (4, 'cid', 'quota', 4, '[2026-01-01,2027-01-01)', 1), (5, 'dan', 'quota', 5, '[2026-01-01,2027-01-01)', 1),
  (6, 'eve', 'quota', 6, '[2026-01-01,2027-01-01)', NULL), (7, 'eve2', 'quota', 6, '[2026-01-01,2027-01-01)', NULL),
  (8, 'role', 'role', 2, '[2026-01-01,2027-01-01)', NULL);
INSERT INTO plan_target (plan_id, metric_id, during, level, revision, target, revised_at, reason)
SELECT plan_id, metric.metric_id, during::daterange, level, revision, target, revised_at::timestamptz, CASE WHEN revision > 1 THEN 'Reset' END
FROM (VALUES
  (1, 'bookings', '[2026-04-01,2026-07-01)', 'base', 1, 2000, '2026-01-01'),
  (2, 'bookings', '[2026-04-01,2026-07-01)', 'base', 1, 800, '2026-01-01'),
  (2, 'bookings', '[2026-04-01,2026-07-01)', 'base', 2, 1000, '2026-05-01'),
  (2, 'bookings', '[2026-04-01,2026-07-01)', 'base', 3, 1200, '2026-06-01'),
  (2, 'bookings', '[2026-04-01,2026-07-01)', 'stretch', 1, 1500, '2026-01-01'),
  (2, 'bookings', '[2026-07-01,2026-10-01)', 'base', 1, 1100, '2026-01-01'),
  (2, 'deals_won', '[2026-04-01,2026-07-01)', 'base', 1, 7, '2026-01-01'),
  (3, 'bookings', '[2026-04-01,2026-07-01)', 'base', 1, 500, '2026-01-01'),
  (4, 'bookings', '[2026-04-01,2026-07-01)', 'base', 1, 400, '2026-01-01'),
  (5, 'bookings', '[2026-04-01,2026-07-01)', 'base', 1, 0, '2026-01-01'),
  (6, 'bookings', '[2026-04-01,2026-07-01)', 'base', 1, 300, '2026-01-01'),
  (7, 'bookings', '[2026-04-01,2026-07-01)', 'base', 1, 200, '2026-01-01'),
  (8, 'bookings', '[2026-04-01,2026-07-01)', 'base', 1, 9999, '2026-01-01'))
  AS t (plan_id, metric, during, level, revision, target, revised_at)
JOIN metric ON metric.code = t.metric;
-- Ann: 200 - 50 + 50 in the quarter so far; the rest is before it or after the report
INSERT INTO booking (code, booked_on, person_id, amount) VALUES
  ('b1', '2026-03-31', 2, 500), ('b2', '2026-04-10', 2, 200), ('b3', '2026-05-02', 2, -50), ('b4', '2026-05-15', 2, 50),
  ('b5', '2026-05-16', 2, 1000), ('b6', '2026-04-20', 3, 600), ('b7', '2026-05-01', NULL, 70);

INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at)
SELECT id, 'o' || id, CASE WHEN id = 2 THEN 2 ELSE 1 END, CASE id WHEN 8 THEN '2026-05-20' ELSE '2026-04-01' END::timestamptz
FROM generate_series(1, 11) AS id;
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, owner_id, amount, expected_close) VALUES
  (1, '2026-04-01', 1, 11, 2, 400, '2026-06-10'),
  -- o1 is lost and reopened
  (1, '2026-05-03', 2, 15, 2, 400, '2026-06-10'), (1, '2026-05-04', 3, 11, 2, 400, '2026-06-10'),
  (2, '2026-04-01', 4, 21, 2, 800, '2026-06-30'),
  (3, '2026-04-01', 5, 13, 2, 500, '2026-07-01'),
  (4, '2026-04-01', 6, 12, 2, 100, '2026-05-01'),
  -- o5 is lost
  (5, '2026-04-01', 7, 11, 2, 150, '2026-05-30'), (5, '2026-05-05', 8, 15, 2, 150, '2026-05-30'),
  -- o6 goes from Ann to Bob
  (6, '2026-04-01', 9, 13, 2, 1000, '2026-06-01'), (6, '2026-05-10', 10, 13, 3, 1000, '2026-06-01'),
  (7, '2026-04-01', 11, 13, 2, NULL, '2026-06-01'),
  (8, '2026-05-20', 12, 13, 2, 300, '2026-06-05'),
  (9, '2026-04-01', 13, 13, 2, 600, NULL),
  -- o10 is won after the report
  (10, '2026-04-01', 14, 11, 2, 200, '2026-06-20'), (10, '2026-06-01', 15, 14, 2, 200, '2026-06-01'),
  -- o11 is pushed out of the quarter
  (11, '2026-04-01', 16, 11, 2, 300, '2026-06-15'), (11, '2026-05-14', 17, 11, 2, 300, '2026-07-15');
-- Deals closed before: Ann won c1 on the first of the 365 days, c5 the day before
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at, stage_id, owner_id, amount)
SELECT 20 + row_number() OVER (), code, 1, closed_at::timestamptz, stage_id, owner_id, 10
FROM (VALUES
  ('c1', '2025-05-16', 14, 2), ('c2', '2025-12-01', 14, 2), ('c3', '2026-01-01', 14, 2), ('c5', '2025-05-15', 14, 2),
  ('c7', '2025-12-01', 15, 3), ('c8', '2025-12-02', 15, 3), ('c9', '2025-12-03', 14, 6), ('c10', '2025-12-04', 14, 6))
  AS c (code, closed_at, stage_id, owner_id);

\set may '\'2026-05-15 12:00\''

-- On 15 May, second quarter, by hand:
--   Ann  1000 - 200 = 800 to go; o1 400, o2 800, o4 100, o7 without amount, o10 200: 1500 open, 1.875 and 1.5
--        weighted 400 * 0.2 + 800 * 0.5 + 200 * 0.2; o4 is in a stage without a probability
--   Bob  600 of 500: met, no coverage to ask for; o6 is his now
--   Cid  nothing booked, nothing open
--   Dan  a quota of 0 is met, and no gross coverage
--   Eve  300 + 200
SELECT person, period_from, period_until, quota, booked, remaining, met, open_deals AS open, open_without_amount AS without,
  open_pipeline, coverage, gross_coverage, weighted_pipeline AS weighted, unweighted_deals AS unweighted
FROM pipeline_coverage(:may);

-- Won of closed in the last 365 days: Ann 3 of 4, Bob 0 of 2, Eve 2 of 2, all 5 of 8.
-- Shrunk with 10 deals at 0.625: 9.25 / 14, 6.25 / 12, 8.25 / 12; who closed nothing is taken to win like all.
SELECT person, won, closed, win_rate, round(shrunk_win_rate::numeric, 6) AS shrunk_win_rate,
  round(required_coverage::numeric, 6) AS required_coverage
FROM pipeline_coverage(:may);

-- One period more; one period by name; a team; another time; no rate to go by.
SELECT person, period_from, quota, remaining, open_pipeline, round(coverage::numeric, 4) AS coverage, weighted_pipeline
FROM pipeline_coverage(:may, 'ann', options => '{"coverage_periods": 2}');
SELECT person, period_from FROM pipeline_coverage(:may, during => '[2026-07-01,2026-08-01)');
SELECT person FROM pipeline_coverage(:may, 'meg');
--   on 15 April the quota is 800 and o5, o6 and o11 are Ann's, in the quarter and open
SELECT quota, booked, open_deals, open_pipeline, round(coverage::numeric, 4) AS coverage, weighted_pipeline
FROM pipeline_coverage('2026-04-15', 'ann');
SELECT person, win_rate, shrunk_win_rate, required_coverage
FROM pipeline_coverage('2026-04-02', 'cid', options => '{"win_rate_min_amount": 100}');
SELECT person, shrunk_win_rate, required_coverage FROM pipeline_coverage(:may, 'bob', options => '{"shrink_prior_n": 0}');
SELECT count(*) FROM pipeline_coverage('2025-12-31');
SELECT * FROM pipeline_coverage(:may, 'zoe');
SELECT * FROM pipeline_coverage(:may, options => '{"periods": 2}');

-- The view is the function of this moment.
SELECT (SELECT count(*) FROM pipeline_coverage) = (SELECT count(*) FROM pipeline_coverage()) AS same;

DROP SCHEMA coverage_book CASCADE;
