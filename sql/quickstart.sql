-- The quick start of README.md, word for word; test/pgtap/project.sql holds them together.
SET client_min_messages = warning;
SET search_path = public, salesmgmt;

CREATE TABLE deal_event (deal int8, step int, at timestamptz);
INSERT INTO deal_event VALUES
  (1, 1, '2026-01-05'), (1, 2, '2026-01-09'), (1, 3, '2026-01-20'),
  (2, 1, '2026-01-06'), (2, 2, '2026-01-06'),
  (3, 1, '2026-01-07'),
  (4, 1, '2026-01-08'), (4, 3, '2026-02-02');

SELECT step, reached, round(conversion_rate::numeric, 2) AS of_all,
  round(step_rate::numeric, 2) AS of_step_before, median_days
FROM unnest((
  SELECT funnel_conversion(deal, step, at, funnel_options(mode => 'furthest'))
  FROM deal_event));
CREATE TABLE rep (name text, quota numeric, booked numeric, won int, lost int);
INSERT INTO rep VALUES
  ('Ann', 120000, 135000.50, 30, 10),
  ('Bob', 80000, NULL, 0, 4),
  ('Cem', 50000, 20000, 2, 0);

SELECT coalesce(name, 'team') AS name, (v).variance, round((v).attainment::numeric, 2) AS attainment,
  round(won::numeric / (won + lost), 2) AS win_rate,
  round(wilson_lower(won, won + lost)::numeric, 2) AS at_least,
  round(wilson_upper(won, won + lost)::numeric, 2) AS at_most
FROM (
  SELECT name, plan_variance(quota, booked) AS v, sum(won) AS won, sum(lost) AS lost
  FROM rep
  GROUP BY ROLLUP (name)) AS result
ORDER BY result.name;
SELECT create_book('sales');
SET search_path = sales, salesmgmt;

INSERT INTO person (code, name) VALUES ('ann', 'Ann'), ('eva', 'Eva');
INSERT INTO employment (person_id, during, role)
SELECT person_id, '[2026-01-01,)', CASE code WHEN 'eva' THEN 'manager' ELSE 'rep' END FROM person;
INSERT INTO reporting_line (person_id, manager_id, during)
SELECT rep.person_id, boss.person_id, '[2026-01-01,)'
FROM person AS rep, person AS boss
WHERE (rep.code, boss.code) = ('ann', 'eva');

INSERT INTO pipeline (code, name) VALUES ('direct', 'Direct sales');
INSERT INTO stage (code, pipeline_id, name, position, outcome)
SELECT lower(s.name), pipeline_id, s.name, s.position, s.outcome
FROM pipeline, (VALUES ('Lead', 1, 'open'), ('Proposal', 2, 'open'), ('Won', 3, 'won'), ('Lost', 4, 'lost'))
  AS s (name, position, outcome);

INSERT INTO opportunity (code, pipeline_id, created_at, stage_id, amount, owner_id)
SELECT deal.code, stage.pipeline_id, deal.created_at::timestamptz, stage_id, deal.amount, person_id
FROM (VALUES ('A', '2026-01-05', 5000), ('B', '2026-01-12', 8000), ('C', '2026-02-02', 3000))
  AS deal (code, created_at, amount), stage, person
WHERE stage.code = 'lead' AND person.code = 'ann';

-- Deals move on; the ledger keeps every state.
UPDATE opportunity SET stage_id = stage.stage_id, changed_at = '2026-02-10'
FROM stage WHERE stage.code = 'proposal';
UPDATE opportunity SET stage_id = stage.stage_id, changed_at = '2026-03-03'
FROM stage WHERE stage.code = 'won' AND opportunity.code = 'A';
UPDATE opportunity SET stage_id = stage.stage_id, changed_at = '2026-03-09'
FROM stage WHERE stage.code = 'lost' AND opportunity.code = 'B';

SELECT person, month, won, lost, win_rate, won_amount FROM win_rate;
SELECT person, month, won, lost, win_rate FROM win_rate(as_of => '2026-03-05', person => 'eva');

-- What follows is not of the README: other tests use the same names.
DROP SCHEMA sales CASCADE;
DROP TABLE public.deal_event, public.rep;
