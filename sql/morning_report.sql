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
-- One was opened on the day before the 365 that count, here as in funnel.
INSERT INTO opportunity (code, pipeline_id, created_at, stage_id, amount, owner_id)
SELECT 'c', 1, '2025-06-09 12:00', stage_id, 100, 2 FROM stage AS s WHERE s.code = 'lead';
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
-- Of several pipelines, whose stages they are.
INSERT INTO pipeline (pipeline_id, code, name) VALUES (2, 'partner', 'Through partners');
INSERT INTO stage (code, pipeline_id, name, position, outcome) VALUES ('named', 2, 'Named', 1, 'open'), ('signed', 2, 'Signed', 2, 'won');
SELECT report FROM morning_funnel('2026-06-09 07:00', NULL, '[2026-01-01,2026-07-01)', '{}');
DROP SCHEMA dawn CASCADE;

-- Another book: a rep who moved, wins without an amount.
SELECT salesmgmt.create_book('dawn');
CREATE FUNCTION pg_temp.id(code text) RETURNS bigint LANGUAGE sql AS $$ SELECT p.person_id FROM person AS p WHERE p.code = $1 $$;
INSERT INTO person (code, name) VALUES ('tom', 'Tom'), ('meg', 'Meg'), ('zoe', 'Zoe'),
  ('ann', 'Ann'), ('bob', 'Bob'), ('cy', 'Cy'), ('dan', 'Dan'), ('eve', 'Eve');
INSERT INTO employment (person_id, during, role)
SELECT person_id, '[2020-01-01,)', CASE WHEN code IN ('tom', 'meg', 'zoe') THEN 'manager' ELSE 'rep' END FROM person;
-- ann was on meg's team when the quarter began
INSERT INTO reporting_line (person_id, manager_id, during)
SELECT pg_temp.id(v.person), pg_temp.id(v.boss), v.during::daterange
FROM (VALUES ('meg', 'tom', '[2020-01-01,)'), ('zoe', 'tom', '[2020-01-01,)'),
  ('ann', 'meg', '[2020-01-01,2026-04-20)'), ('ann', 'zoe', '[2026-04-20,)'), ('bob', 'meg', '[2020-01-01,)'),
  ('cy', 'meg', '[2020-01-01,)'), ('dan', 'zoe', '[2020-01-01,)'), ('eve', 'zoe', '[2020-01-01,)')) AS v (person, boss, during);
INSERT INTO plan (code, kind, person_id, during)
SELECT code, 'quota', person_id, '[2026-01-01,2027-01-01)' FROM person WHERE code IN ('ann', 'bob', 'cy', 'dan');
INSERT INTO plan_target (plan_id, metric_id, during, target, revised_at)
SELECT plan_id, metric_id, '[2026-04-01,2026-07-01)', 1000, '2026-01-01' FROM plan, metric WHERE metric.code = 'bookings';
INSERT INTO booking (code, booked_on, person_id, amount)
SELECT code, '2026-04-07', person_id, 400 FROM person WHERE code IN ('ann', 'bob', 'cy', 'dan');

-- 23 of the quarter's 65 working days have passed: 400 is 113 % of 1000 * 23/65, in whatever team;
-- ann's quota, bookings and pace are all of the team that she was in when the quarter began
SELECT * FROM morning_period('2026-05-01 08:00', NULL, '{}');

-- five wins of 100 each and of 40 with dan; ann and dan won five more that nobody knows the value of; eve won nothing
INSERT INTO pipeline (code, name) VALUES ('sales', 'Sales');
INSERT INTO stage (code, pipeline_id, name, position, outcome)
SELECT v.*, 'open' FROM (SELECT 'lead', pipeline_id, 'Lead', 1 FROM pipeline) AS v
UNION ALL SELECT 'won', pipeline_id, 'Won', 2, 'won' FROM pipeline
UNION ALL SELECT 'lost', pipeline_id, 'Lost', 3, 'lost' FROM pipeline;
INSERT INTO opportunity (code, pipeline_id, created_at)
SELECT p.code || ' ' || n, (SELECT pipeline_id FROM pipeline), '2026-03-01'
FROM person AS p, generate_series(1, 10) AS n
WHERE n <= CASE WHEN p.code IN ('ann', 'dan') THEN 10 WHEN p.code IN ('bob', 'cy') THEN 5 WHEN p.code = 'eve' THEN 1 ELSE 0 END;
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, amount, owner_id)
SELECT o.opportunity_id, s.at, s.stage_id,
  CASE WHEN o.code ~ ' (6|7|8|9|10)$' THEN NULL WHEN o.code ~ 'dan' THEN 40 ELSE 100 END, pg_temp.id(split_part(o.code, ' ', 1))
FROM opportunity AS o
JOIN (SELECT stage_id, code, CASE code WHEN 'lead' THEN timestamptz '2026-03-01' ELSE '2026-04-01' END AS at FROM stage) AS s
  ON s.code = 'lead' OR (s.code = 'lost') = (o.code ~ 'eve');
-- 60 % less than the others is worth 600 of dan's 1000
SELECT person, figure, norm, n, stake, reason FROM coaching_point('2026-05-01 08:00') WHERE point = 'deal_size';
-- judged from the first deal on: who won nothing has no size
SELECT person, figure, norm, n, stake FROM coaching_point('2026-05-01 08:00', options => '{"min_closed": 0}') WHERE point = 'deal_size';

-- who has left is coached no more; of whom no job is on record yet, nobody knows
UPDATE employment SET during = '[2020-01-01,2026-05-02)' WHERE person_id = pg_temp.id('dan');
SELECT person FROM coaching_point('2026-05-01 23:59') WHERE point = 'deal_size';
SELECT person FROM coaching_point('2026-05-02 00:00') WHERE point = 'deal_size';
UPDATE employment SET during = '[2026-05-03,)' WHERE person_id = pg_temp.id('dan');
SELECT person FROM coaching_point('2026-05-02 00:00') WHERE point = 'deal_size';

-- who loses at a stage: its name as it is, and in which pipeline where there are several
BEGIN;
INSERT INTO opportunity (code, pipeline_id, created_at)
SELECT 'eve ' || n, (SELECT pipeline_id FROM pipeline), '2026-03-01' FROM generate_series(2, 9) AS n;
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, owner_id)
SELECT o.opportunity_id, s.at, s.stage_id, pg_temp.id('eve')
FROM opportunity AS o, (SELECT stage_id, CASE code WHEN 'lead' THEN timestamptz '2026-03-01' ELSE '2026-04-01' END AS at FROM stage WHERE code <> 'won') AS s
WHERE o.code ~ 'eve' AND o.change_seq IS NULL;
SELECT person, figure, norm, n, reason FROM coaching_point('2026-05-01 08:00') WHERE point = 'stage';
INSERT INTO pipeline (code, name) VALUES ('partner', 'Through partners');
SELECT reason FROM coaching_point('2026-05-01 08:00') WHERE point = 'stage';
ROLLBACK;

-- three months of forecasts, ended, in a currency of large amounts: of ann's nothing came in, of bob's next to nothing,
-- of cy's two thirds too little was said, and nobody expected anything of eve, rightly; no miss is worth more than the quota
INSERT INTO forecast (person_id, during, amount, submitted_at)
SELECT pg_temp.id(v.person), period_part.during, v.amount, lower(period_part.during)
FROM (VALUES ('ann', 5e11), ('bob', 5e11), ('cy', 1e14), ('eve', 0)) AS v (person, amount)
CROSS JOIN period_part('[2026-01-01,2026-04-01)', 'month');
INSERT INTO booking (code, booked_on, person_id, amount) VALUES ('small', '2026-02-02', pg_temp.id('bob'), 0.01), ('large', '2026-03-31', pg_temp.id('cy'), 9e14);
SELECT person, figure, norm, n, stake, reason FROM coaching_point('2026-05-01 08:00') WHERE point = 'forecast' ORDER BY person;
SELECT count(stake::numeric(20,4)) AS shown_in_the_view FROM coaching_point('2026-05-01 08:00');

-- what is worth the same comes in the order of the words
INSERT INTO metric (code, name, unit) VALUES ('m1', 'Visits', 'count'), ('m2', 'Letters', 'count'), ('m3', 'Talks', 'count');
INSERT INTO activity_kind (code, name, metric_id) SELECT code, name, metric_id FROM metric WHERE code IN ('m1', 'm2', 'm3');
INSERT INTO standard (metric_id, person_id, norm, during) SELECT metric_id, pg_temp.id('eve'), 10, '[2026-01-01,)' FROM metric WHERE code IN ('m1', 'm2', 'm3');
SELECT report FROM morning_coaching('2026-05-01 08:00', 'eve', NULL, '{}');

-- one account and one deal, or more
BEGIN;
INSERT INTO account (code, name) VALUES ('a1', 'One'), ('a2', 'Two');
INSERT INTO account_owner (account_id, person_id, during)
SELECT account_id, pg_temp.id('meg'), daterange('2026-01-01', NULL) * CASE code WHEN 'a1' THEN '(,)' ELSE '[2026-05-02,)'::daterange END FROM account;
INSERT INTO opportunity (code, pipeline_id, created_at, stage_id, amount, owner_id)
SELECT 'meg ' || n, pipeline_id, date '2026-04-01' + 31 * (n - 1), stage_id, 1500, pg_temp.id('meg')
FROM stage, generate_series(1, 2) AS n WHERE code = 'lead';
SELECT reason FROM coaching_point('2026-05-01 08:00', 'meg') WHERE point = 'manager_selling';
SELECT reason FROM coaching_point('2026-05-02 08:00', 'meg') WHERE point = 'manager_selling';
ROLLBACK;

-- a span without a beginning or an end
SELECT d.during, f.report
FROM (VALUES ('[2026-01-01,2026-05-01)'::daterange), ('[2026-01-01,)'), ('(,2026-05-01)'), ('(,)'), ('[-infinity,infinity)')) AS d (during)
CROSS JOIN LATERAL (SELECT * FROM morning_report('2026-05-01 08:00', during => d.during)) AS f
WHERE f.report ~ '^THE FUNNEL';

DROP SCHEMA dawn CASCADE;
