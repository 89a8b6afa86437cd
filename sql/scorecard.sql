-- manager_selling, rep_scorecard_kpi, rep_scorecard on a small company, worked out by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT salesmgmt.create_book('card');
SET search_path = card, salesmgmt, public;

-- an empty book has no figures, and no errors
SELECT count(*) FROM manager_selling;
SELECT count(*) FROM rep_scorecard_kpi;
SELECT count(*) FROM rep_scorecard;
SELECT count(*) FROM rep_scorecard(during => '(,)');

INSERT INTO person (code, name)
VALUES ('vp', 'Vera'), ('mia', 'Mia'), ('max', 'Max'), ('ann', 'Ann'), ('bob', 'Bob'), ('cyd', 'Cyd'), ('dan', 'Dan');
CREATE FUNCTION id(code text) RETURNS bigint LANGUAGE sql STABLE
RETURN (SELECT person_id FROM person AS p WHERE p.code = id.code);
INSERT INTO employment (person_id, during, role, specialty)
SELECT id(who), daterange(since, NULL), role, specialty
FROM (VALUES
  ('vp', date '2020-01-01', 'executive', NULL), ('mia', '2020-01-01', 'manager', NULL), ('max', '2020-01-01', 'manager', NULL),
  ('ann', '2020-01-01', 'rep', 'hunter'), ('bob', '2020-01-01', 'rep', 'hunter'), ('cyd', '2020-01-01', 'rep', 'hunter'),
  ('dan', '2025-05-26', 'rep', 'hunter')) AS v (who, since, role, specialty);
-- ann was led by vp herself until 12 May
INSERT INTO reporting_line (person_id, manager_id, during)
SELECT id(who), id(boss), daterange(since, until)
FROM (VALUES
  ('mia', 'vp', date '2020-01-01', NULL::date), ('ann', 'vp', '2020-01-01', '2025-05-12'), ('ann', 'mia', '2025-05-12', NULL),
  ('bob', 'mia', '2020-01-01', NULL), ('cyd', 'mia', '2020-01-01', NULL), ('dan', 'mia', '2025-05-26', NULL)
) AS v (who, boss, since, until);
-- the quarter begins on Monday 5 May: 13 weeks, 65 days from Monday to Friday; as of Friday 13 June 30 have passed
INSERT INTO period (code, name, kind, during) VALUES ('q', 'Second quarter', 'quarter', '[2025-05-05,2025-08-04)');
-- bob is away for the last 5 of them
INSERT INTO absence (person_id, during) VALUES (id('bob'), '[2025-06-09,2025-06-14)');

INSERT INTO metric (code, name, unit) VALUES ('meetings', 'Meetings', 'count'), ('satisfaction', 'Satisfaction', 'rate');
INSERT INTO activity_kind (code, name, metric_id)
SELECT 'meeting', 'Meeting', metric_id FROM metric WHERE code = 'meetings';
INSERT INTO kpi_weight (metric_id, role, weight, during)
SELECT metric_id, v.role, weight, during::daterange
FROM (VALUES
  ('bookings', 'rep', 3, '[2025-01-01,)'), ('deals_won', 'rep', 1, '[2025-01-01,)'), ('win_rate', 'rep', 2, '[2025-01-01,)'),
  ('meetings', 'rep', 2, '[2025-01-01,)'), ('cycle_days', 'rep', 1, '[2025-01-01,)'), ('satisfaction', 'rep', 1, '[2025-01-01,)'),
  ('deal_size', 'rep', 9, '[2024-01-01,2025-01-01)'), ('deal_size', 'manager', 9, '[2025-01-01,)')) AS v (code, role, weight, during)
JOIN metric USING (code);
INSERT INTO standard (metric_id, role, norm, per, during)
SELECT metric_id, 'rep', norm, per, '[2025-01-01,)'
FROM (VALUES
  ('deals_won', 1, 'week'), ('meetings', 2, 'day'), ('win_rate', 0.5, 'week'), ('cycle_days', 20, 'week'), ('satisfaction', 0.8, 'week')
) AS v (code, norm, per)
JOIN metric USING (code);
-- the year around ann's quarter is not added to it; dan's quota is 0, cyd has none
INSERT INTO plan (code, kind, person_id, during) VALUES
  ('ann', 'quota', id('ann'), '[2025-05-05,2025-08-04)'), ('ann year', 'quota', id('ann'), '[2025-01-01,2026-01-01)'),
  ('bob', 'quota', id('bob'), '[2025-05-05,2025-08-04)'), ('dan', 'quota', id('dan'), '[2025-05-05,2025-08-04)');
INSERT INTO plan_target (plan_id, metric_id, during, target, revised_at)
SELECT plan_id, metric_id, during, target, '2025-01-01'
FROM (VALUES ('ann', 650), ('ann year', 99999), ('bob', 650), ('dan', 0)) AS v (code, target)
JOIN plan USING (code)
CROSS JOIN (SELECT metric_id FROM metric WHERE code = 'bookings') AS m;

INSERT INTO booking (code, booked_on, person_id, amount)
SELECT row_number() OVER (), day, id(who), amount
FROM (VALUES
  ('ann', date '2025-05-04', 1000), ('ann', '2025-05-06', 100), ('ann', '2025-06-13', 230), ('ann', '2025-06-14', 1000),
  ('mia', '2025-05-20', 70), (NULL, '2025-05-20', 1000)) AS v (who, day, amount);
INSERT INTO activity (code, activity_kind_id, person_id, held_at)
SELECT format('%s %s %s', who, held_at, n), activity_kind_id, id(who), held_at
FROM (VALUES
  ('ann', timestamptz '2025-05-05 00:00+00', 45), ('ann', '2025-05-04 23:59+00', 9), ('ann', '2025-06-14 00:00+00', 9),
  ('dan', '2025-06-01 00:00+00', 60)) AS v (who, held_at, times)
CROSS JOIN activity_kind
CROSS JOIN LATERAL generate_series(1, times) AS n;
INSERT INTO actual (metric_id, person_id, day, value)
SELECT metric_id, id('ann'), day, value
FROM metric, (VALUES (date '2025-05-05', 0.6), ('2025-06-13', 0.8), ('2025-06-14', 0.1), ('2025-05-04', 0.1)) AS v (day, value)
WHERE code = 'satisfaction';

-- deals: who, created, closed, how
INSERT INTO pipeline (code, name) VALUES ('p', 'Pipeline');
INSERT INTO stage (code, pipeline_id, name, position, outcome)
SELECT v.code, pipeline_id, v.code, position, outcome
FROM pipeline, (VALUES ('open', 1, 'open'), ('won', 2, 'won'), ('lost', 3, 'lost')) AS v (code, position, outcome);
CREATE TABLE deal (code text, who text, created date, closed date, how text, amount int);
INSERT INTO deal VALUES
  ('a1', 'ann', '2025-05-05', '2025-05-15', 'won', 10), ('a2', 'ann', '2025-05-05', '2025-05-25', 'won', 20),
  ('a3', 'ann', '2025-05-04', '2025-06-13', 'won', 30), ('a4', 'ann', '2025-05-05', '2025-06-01', 'lost', 40),
  ('a5', 'ann', '2025-04-01', '2025-05-04', 'won', 50), ('a6', 'ann', '2025-05-05', '2025-06-14', 'won', 60),
  ('b1', 'bob', '2025-05-10', '2025-05-15', 'won', 10), ('b2', 'bob', '2025-05-10', '2025-05-25', 'won', 10),
  ('d1', 'dan', '2025-06-01', '2025-06-05', 'lost', 10),
  ('m1', 'mia', '2025-05-05', NULL, NULL, 500), ('m2', 'mia', '2025-05-05', '2025-06-01', 'lost', 100),
  ('m3', 'mia', '2025-06-14', NULL, NULL, 500);
INSERT INTO opportunity (code, pipeline_id, created_at)
SELECT deal.code, pipeline_id, created::timestamp AT TIME ZONE 'UTC' FROM deal, pipeline;
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, amount, owner_id)
SELECT opportunity_id, (at.day::timestamp + interval '9 hours') AT TIME ZONE 'UTC', stage.stage_id, deal.amount, id(who)
FROM deal
JOIN opportunity AS o USING (code)
CROSS JOIN LATERAL (VALUES (created, 'open'), (closed, how)) AS at (day, stage)
JOIN stage ON stage.code = at.stage;
-- mia's third deal went to ann on 10 June, and came back on 14 June
INSERT INTO opportunity (code, pipeline_id, created_at) SELECT 'm4', pipeline_id, '2025-05-05' FROM pipeline;
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, amount, owner_id)
SELECT opportunity_id, at, stage.stage_id, 70, id(who)
FROM opportunity, stage, (VALUES (timestamptz '2025-05-05 09:00+00', 'mia'), ('2025-06-10 09:00+00', 'ann'), ('2025-06-14 09:00+00', 'mia')) AS v (at, who)
WHERE opportunity.code = 'm4' AND stage.code = 'open';

INSERT INTO account (code, name) SELECT 'acc' || n, 'Account ' || n FROM generate_series(1, 4) AS n;
INSERT INTO account_owner (account_id, person_id, during)
SELECT account_id, id(who), during::daterange
FROM (VALUES ('acc1', 'mia', '[2020-01-01,)'), ('acc2', 'mia', '[2020-01-01,2025-06-14)'), ('acc3', 'mia', '[2020-01-01,2025-06-13)'),
  ('acc3', 'ann', '[2025-06-13,)'), ('acc4', 'mia', '[2025-06-14,)')) AS v (code, who, during)
JOIN account USING (code);

-- mia holds acc1 and acc2 and one open deal; 70 of the 70 + 230 that her team booked,
-- ann's 100 of 6 May being vp's; vp's whole team: 330 + 70.  max leads nobody.
SELECT person, role, period_from, period_until, accounts_owned AS accounts, over_accounts_limit AS over, open_deals, open_amount,
  booked, team_booked, round(booked_share::numeric, 4) AS share
FROM manager_selling('2025-06-13 18:00+00')
ORDER BY person;
SELECT person, over_accounts_limit, booked, team_booked
FROM manager_selling('2025-06-13 18:00+00', 'mia', '[2025-05-12,2025-06-13)', '{"manager_accounts_limit": 2}');
-- without a fiscal quarter it is the calendar's
SELECT person, period_from, period_until FROM manager_selling('2025-08-04', 'max');

-- As of 13 June.  Bookings: ann 650 * 30/65 = 300 due, 330 there; bob 650 * 25/60 = 270.83 and nothing (D14);
--   dan's target of 0 is attained.  Deals won: one a week: 6, 5, 6 and, in 3 weeks, 3.  Meetings: 2 a day.
-- Win rate: ann 3/4, bob 2/2, dan 0/1; all reps 5/7; shrunk by 10 deals: (3 + 50/7)/14 = 0.7245,
--   (2 + 50/7)/12 = 0.7619, (50/7)/11 = 0.6494, against 0.5; bob's 1.52 counts as 1.5.
-- Cycle: ann's wins took 10, 20, 40 days: 20; bob's 5, 15: 10 where 20 are allowed: 1 + 10/20.
-- Satisfaction was imported for ann alone: the mean of 0.6 and 0.8.
SELECT person, metric, round(actual::numeric, 4) AS actual, successes AS s, n, round(peer_rate::numeric, 4) AS peers,
  round(shrunk_rate::numeric, 4) AS shrunk, round(target::numeric, 4) AS target, round(attainment::numeric, 4) AS attainment,
  weight, round(scored_attainment::numeric, 4) AS scored, round(contribution::numeric, 4) AS points
FROM rep_scorecard_kpi('2025-06-13 18:00+00')
ORDER BY person, metric;

-- ann: (3*1.1 + 1*0.5 + 2*1.4490 + 2*0.75 + 1*1 + 1*0.875) / 10 = 100.73; from a 3 it takes 102 to come to 4
-- bob: (3*0 + 1*0.4 + 2*1.5 + 2*0 + 1*1.5) / 9 = 54.44; from a 2 it takes less than 58 to fall to 1
-- cyd: 3 of 10 of the weight has data: no score
-- dan: (3*1 + 1*0 + 2*1.2987 + 2*1.5) / 8 = 107.47
INSERT INTO rating_band (rating, name, lower_bound, during)
VALUES (2, 'below', 60, '[2025-01-01,)'), (3, 'met', 80, '[2025-01-01,)'), (4, 'exceeded', 100, '[2025-01-01,)');
INSERT INTO rating (person_id, during, rated_at, rating) VALUES
  (id('ann'), '[2024-11-04,2025-02-03)', '2025-05-02', 1), (id('ann'), '[2025-02-03,2025-05-05)', '2025-05-01', 2),
  (id('ann'), '[2025-02-03,2025-05-05)', '2025-05-02', 3), (id('ann'), '[2025-05-05,2025-08-04)', '2025-06-01', 1),
  (id('ann'), '[2025-02-03,2025-05-05)', '2025-06-14', 4), (id('bob'), '[2025-02-03,2025-05-05)', '2025-05-01', 2);
SELECT person, manager, round(score::numeric, 4) AS score, rating, rating_name, previous_rating AS previous, coverage, kpis, kpis_missing AS missing
FROM rep_scorecard('2025-06-13 18:00+00')
ORDER BY person;
SELECT person, round(bookings_attainment::numeric, 4) AS bookings, round(deals_won_attainment::numeric, 4) AS won,
  round(win_rate_attainment::numeric, 4) AS rate, deal_size_attainment AS size, cycle_days_attainment AS cycle,
  round(activity_attainment::numeric, 4) AS activity
FROM rep_scorecard('2025-06-13 18:00+00')
ORDER BY person;
-- the parts add up to the score
SELECT count(*) AS reps, bool_and(abs(score - points) < 1e-9) AS add_up
FROM rep_scorecard('2025-06-13 18:00+00')
JOIN (SELECT person, sum(contribution) AS points FROM rep_scorecard_kpi('2025-06-13 18:00+00') GROUP BY person) AS k USING (person)
WHERE score IS NOT NULL;

-- options: peers may be few: the three who are not new have 5/6, dan is alone with 0
SELECT person, round(peer_rate::numeric, 4) AS peers, round(shrunk_rate::numeric, 4) AS shrunk
FROM rep_scorecard_kpi('2025-06-13 18:00+00', options => '{"peer_min_people": 1}')
WHERE metric = 'win_rate' ORDER BY person;
SELECT person, round(score::numeric, 4) AS score, rating
FROM rep_scorecard('2025-06-13 18:00+00', 'mia', options => '{"score_min_coverage": 0.3, "score_cap": 1, "rating_margin": 0}')
ORDER BY person;
-- a deal without a high enough amount is not judged, but won: ann 2 of 3 from 20 on
SELECT metric, actual, successes, n FROM rep_scorecard_kpi('2025-06-13 18:00+00', 'ann', options => '{"win_rate_min_amount": 20}')
WHERE metric IN ('win_rate', 'deals_won') ORDER BY metric;
-- a span of one's own: the week from 5 to 11 May, 5 of ann's 65 days; the deals of that week are none
SELECT metric, actual, n, target FROM rep_scorecard_kpi('2025-06-13 18:00+00', 'ann', '[2025-05-05,2025-05-12)') ORDER BY metric;
-- a year in which the quarter is due by the quarter, and the days before by the year: 88 of its 261
-- from 1 January to 4 May, at 99999/261 each
SELECT round(target::numeric, 4) AS target, round(88 * 99999 / 261.0 + 300, 4) AS by_hand
FROM rep_scorecard_kpi('2025-06-13 18:00+00', 'ann', '[2025-01-01,2026-01-01)') WHERE metric = 'bookings';
-- a period to come has no figures; before the weights there are no metrics, but still a rep
SELECT count(*), count(actual) FILTER (WHERE actual <> 0) AS reached, count(target) AS targets, count(contribution) AS points
FROM rep_scorecard_kpi('2025-06-13 18:00+00', 'mia', '[2026-01-01,2026-04-01)');
SELECT person, score, coverage, kpis FROM rep_scorecard('2024-05-05') WHERE person = 'ann';
SELECT person, score, coverage, kpis FROM rep_scorecard('2023-05-05') ORDER BY person;
-- dan is new: of a quota of 910 for 91 days, 70 in the job, 31 of them at half, ask for 910 * 54.5/91 = 545;
-- 15 of his 50 working days have passed: 163.5 is due, of the quota as told 273
INSERT INTO plan (code, kind, person_id, during) VALUES ('dan more', 'quota', id('dan'), '[2025-05-05,2025-08-04)');
INSERT INTO plan_target (plan_id, metric_id, during, target, revised_at)
SELECT plan_id, metric_id, plan.during, 910, '2025-01-01' FROM plan, metric WHERE plan.code = 'dan more' AND metric.code = 'bookings';
INSERT INTO ramp (role, month, factor, during) VALUES ('rep', 1, 0.5, '[2020-01-01,)');
SELECT asked, round(target::numeric, 4) AS target
FROM (VALUES ('{}'::jsonb), ('{"quota_effective": false}')) AS o (asked)
CROSS JOIN LATERAL rep_scorecard_kpi('2025-06-13 18:00+00', 'dan', options => asked) WHERE metric = 'bookings';
-- an infinite day is no day, as in the other reports: the period has no beginning
SELECT count(*) FROM (
  SELECT person, metric, actual, target FROM rep_scorecard_kpi('2025-06-13 18:00+00', during => '[-infinity,infinity]')
  EXCEPT
  SELECT person, metric, actual, target FROM rep_scorecard_kpi('2025-06-13 18:00+00', during => '(,)')) AS differ;
SELECT count(*) FROM rep_scorecard('1999-01-01', during => '(,)');
-- nor of a period without days
SELECT (SELECT count(*) FROM rep_scorecard('2025-06-13', during => 'empty')) AS cards, (SELECT count(*) FROM rep_scorecard_kpi('2025-06-13', during => 'empty')) AS kpis,
  (SELECT count(*) FROM rep_scorecard_evidence('2025-06-13', during => 'empty')) AS rows,
  (SELECT count(*) FROM manager_selling('2025-06-13', during => 'empty')) AS managers,
  (SELECT count(*) FROM manager_selling_evidence('2025-06-13', during => 'empty')) AS manager_rows;
-- 3, 2 and 1 of 10 held, and no meeting, which weighs 2: 0.12 to the last digit, in whatever order it is added up
INSERT INTO person (code, name) VALUES ('eli', 'Eli');
INSERT INTO employment (person_id, during, role) VALUES (id('eli'), '[2025-05-01,)', 'rep');
INSERT INTO metric (code, name, unit) SELECT v, v, 'count' FROM unnest(ARRAY['one', 'three', 'two']) AS v;
INSERT INTO activity_kind (code, name, metric_id) SELECT code, name, metric_id FROM metric WHERE code IN ('one', 'two', 'three');
INSERT INTO kpi_weight (metric_id, role, weight, during) SELECT metric_id, 'rep', 1, '[2025-01-01,)' FROM metric WHERE code IN ('one', 'two', 'three');
INSERT INTO standard (metric_id, person_id, norm, per, during) SELECT metric_id, id('eli'), 10, 'week', '[2025-01-01,)' FROM metric WHERE code IN ('one', 'two', 'three');
INSERT INTO activity (code, activity_kind_id, person_id, held_at)
SELECT format('eli %s %s', k.code, n), k.activity_kind_id, id('eli'), '2025-05-07'
FROM activity_kind AS k
JOIN (VALUES ('one', 3), ('two', 2), ('three', 1)) AS v (code, times) USING (code)
CROSS JOIN LATERAL generate_series(1, times) AS n;
SELECT activity_attainment FROM rep_scorecard('2025-06-13 18:00+00', 'eli', '[2025-05-05,2025-05-12)');
-- role expectations of June alone: 20 days of May at the norm of 2 a day, then 5 of bob's 16 working days of June at 1
INSERT INTO plan (code, kind, person_id, during) VALUES ('bob june', 'role', id('bob'), '[2025-06-02,2025-07-01)');
INSERT INTO plan_target (plan_id, metric_id, during, target, revised_at)
SELECT plan_id, metric_id, plan.during, 16, '2025-01-01' FROM plan, metric WHERE plan.code = 'bob june' AND metric.code = 'meetings';
SELECT round(target::numeric, 4) AS target FROM rep_scorecard_kpi('2025-06-13 18:00+00', 'bob') WHERE metric = 'meetings';
-- what is refused
SELECT * FROM rep_scorecard(person => 'nobody');
SELECT * FROM rep_scorecard(options => '{"score_cap": -1}');

DROP SCHEMA card CASCADE;
RESET search_path;
