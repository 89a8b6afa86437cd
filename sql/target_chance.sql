-- target_chance and target_chance_by_team on a book counted by hand.
\set VERBOSITY terse
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SELECT salesmgmt.create_book('chance_book');
SET search_path = chance_book, salesmgmt;

-- An empty book: no rows, no errors.
SELECT count(*) FROM target_chance;
SELECT count(*) FROM target_chance_by_team;

INSERT INTO person (person_id, code, name) VALUES (1, 'meg', 'Meg'), (2, 'ann', 'Ann'), (3, 'bob', 'Bob'), (4, 'cid', 'Cid');
INSERT INTO reporting_line (person_id, manager_id, during) VALUES (2, 1, '[2025-01-01,)'), (3, 1, '[2025-01-01,)'), (4, 1, '[2025-01-01,)');
INSERT INTO pipeline (pipeline_id, code, name) VALUES (1, 'std', 'Standard');
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome) VALUES
  (1, 'lead', 1, 'Lead', 1, 'open'), (2, 'offer', 1, 'Offer', 2, 'open'), (3, 'won', 1, 'Won', 3, 'won'), (4, 'lost', 1, 'Lost', 4, 'lost');
-- from May on a lead is thought better of; nobody has judged an offer
INSERT INTO stage_rule (stage_id, during, probability) VALUES (1, '[2026-01-01,2026-05-01)', 0.1), (1, '[2026-05-01,)', 0.5);

INSERT INTO plan (plan_id, code, kind, person_id, during, parent_id) VALUES
  (1, 'meg', 'quota', 1, '[2026-01-01,2027-01-01)', NULL), (2, 'ann', 'quota', 2, '[2026-01-01,2027-01-01)', 1),
  (3, 'bob', 'quota', 3, '[2026-01-01,2027-01-01)', 1), (4, 'cid', 'quota', 4, '[2026-01-01,2027-01-01)', 1);
INSERT INTO plan_target (code, plan_id, metric_id, during, revision, target, revised_at) VALUES
  ('t-meg', 1, 1, '[2026-04-01,2026-07-01)', 1, 5000, '2026-01-01'),
  ('t-ann', 2, 1, '[2026-04-01,2026-07-01)', 1, 500, '2026-01-01'),
  ('t-bob', 3, 1, '[2026-04-01,2026-07-01)', 1, 300, '2026-01-01'),
  ('t-cid', 4, 1, '[2026-04-01,2026-07-01)', 1, 50, '2026-01-01'), ('t-cid-3', 4, 1, '[2026-07-01,2026-10-01)', 1, 60, '2026-01-01');
INSERT INTO plan_target (code, plan_id, metric_id, during, revision, target, revised_at, reason) VALUES
  ('t-ann-2', 2, 1, '[2026-04-01,2026-07-01)', 2, 400, '2026-05-10', 'Two weeks of illness');
INSERT INTO booking (code, booked_on, person_id, amount) VALUES
  ('b1', '2026-04-10', 2, 100), ('b2', '2026-03-31', 2, 999), ('b3', '2026-05-16', 2, 999), ('b4', '2026-05-02', 4, 80);
-- b4 is Cid's and Bob's: 60 and 20
INSERT INTO booking_credit (booking_id, person_id, share)
SELECT b.booking_id, part.person_id, part.share FROM booking AS b, (VALUES (4, 0.75), (3, 0.25)) AS part (person_id, share) WHERE b.code = 'b4';

INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at)
SELECT id, 'o' || id, 1, '2026-04-01'::timestamptz FROM generate_series(1, 8) AS id;
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, owner_id, amount, expected_close) VALUES
  (1, '2026-04-01', 1, 1, 2, 200, '2026-06-10'), (2, '2026-04-01', 2, 1, 2, 100, '2026-06-30'),
  (3, '2026-04-01', 3, 1, 2, 1000, '2026-07-01'), (4, '2026-04-01', 4, 1, 2, NULL, '2026-06-01'),
  (5, '2026-04-01', 5, 2, 3, 280, '2026-05-01'), (6, '2026-04-01', 6, 1, 3, 280, NULL),
  (7, '2026-05-20', 7, 1, 3, 280, '2026-06-01'),
  (8, '2026-04-01', 8, 1, 1, 7000, '2026-06-01');
-- Deals closed in the 365 days up to 15 May: Bob won three of four that had come to an offer, and lost
-- one before; Ann lost one offer.  The first of them all closed a day too early.
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at)
SELECT 20 + n, 'c' || n, 1, '2025-05-01'::timestamptz FROM generate_series(1, 7) AS n;
INSERT INTO opportunity_change (opportunity_id, changed_at, seq, stage_id, owner_id, amount, expected_close) VALUES
  (21, '2025-05-02', 21, 2, 3, 1, '2025-05-15'), (21, '2025-05-15', 22, 3, 3, 1, '2025-05-15'),
  (22, '2025-05-02', 23, 2, 3, 1, '2025-05-16'), (22, '2025-05-16', 24, 3, 3, 1, '2025-05-16'),
  (23, '2025-05-02', 25, 2, 3, 1, '2026-01-01'), (23, '2026-01-01', 26, 3, 3, 1, '2026-01-01'),
  (24, '2025-05-02', 27, 2, 3, 1, '2026-01-01'), (24, '2026-01-02', 28, 3, 3, 1, '2026-01-02'),
  (25, '2025-05-02', 29, 2, 3, 1, '2026-01-01'), (25, '2026-01-02', 30, 4, 3, 1, '2026-01-02'),
  (26, '2025-05-02', 31, 1, 3, 1, '2026-01-01'), (26, '2026-01-02', 32, 4, 3, 1, '2026-01-02'),
  (27, '2025-05-02', 33, 2, 2, 1, '2026-01-01'), (27, '2026-01-02', 34, 4, 2, 1, '2026-01-02');
\set may '\'2026-05-15 12:00\''

-- On 15 May, second quarter, by hand:
--   Ann  400, won 100; leads of 200 and 100 at one half, and one without an amount: she makes it only
--        with both, 0.25.  100, 200, 300 or 400 come with 0.25 each
--   Bob  300, won 20; his offer of 280 is past due: from an offer 3 of 4 were his and 3 of 5 everybody's,
--        shrunk (3 + 10 * 0.6) / 14 = 9/14.  The deal without a close and that of 20 May do not count
--   Cid  50, won 60: certain.  Meg's own deal is not meant to make the quota she has handed down
SELECT person, period_from, quota, booked, open_deals, open_without_amount AS no_amount, open_without_probability AS no_chance,
  open_pipeline, round(weighted_pipeline, 4) AS weighted, round(chance::numeric, 6) AS chance, p10, p50, p90
FROM target_chance(:may);
SELECT person, chance = chance_lower AND chance = chance_upper AS exact FROM target_chance(:may);
-- the team: 750, won 180, 570 to go: only 280, 200 and 100 together make it, 9/14 / 4
SELECT person, reps, quota, booked, open_deals, open_pipeline, round(chance::numeric, 6) AS chance, round(9 / 56.0, 6) AS by_hand, p10, p50, p90
FROM target_chance_by_team(:may);
-- by their own rates: from a lead Ann won 0 of 1, everybody 3 of 6: 5/11; both leads 25/121
SELECT person, round(chance::numeric, 6) AS chance, round(25 / 121.0, 6) AS by_hand FROM target_chance(:may, 'ann', options => '{"target_chance_from": "own"}');
-- unshrunk Bob's 3 of 4
SELECT person, chance FROM target_chance(:may, 'bob', options => '{"shrink_prior_n": 0}');
-- in April the lead counted 0.1, the quota was 500 and nobody could make it; another period
SELECT person, quota, booked, weighted_pipeline, chance FROM target_chance('2026-04-20', 'ann');
SELECT person, period_from, quota, chance FROM target_chance(:may, during => '[2026-07-01,2026-08-01)');
SELECT count(*) FROM target_chance('2025-12-31');
SELECT person FROM target_chance_by_team(:may, 'ann');
SELECT * FROM target_chance(:may, 'zoe');
SELECT * FROM target_chance(:may, options => '{"target_chance_from": 1}');
-- a stage that nothing is known of: the deal is told apart
INSERT INTO pipeline (pipeline_id, code, name) VALUES (2, 'new', 'New');
INSERT INTO stage (stage_id, code, pipeline_id, name, position, outcome) VALUES (11, 'first', 2, 'First', 1, 'open');
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at, stage_id, owner_id, amount, expected_close) VALUES (9, 'o9', 2, '2026-05-01', 11, 4, 5, '2026-06-01');
SELECT person, open_deals, open_without_probability, open_pipeline, weighted_pipeline, chance, p90 FROM target_chance(:may, 'cid');

-- the rows behind them
SELECT person, figure, source, source_code, at, round(value, 4) AS value FROM target_chance_evidence(:may) WHERE person <> 'ann' ORDER BY person, figure, source_code;
SELECT person, figure, round(sum(value), 4) FROM target_chance_by_team_evidence(:may) GROUP BY 1, 2 ORDER BY 1, 2;
SELECT (SELECT count(*) FROM target_chance) = (SELECT count(*) FROM target_chance()) AS same,
  (SELECT count(*) FROM target_chance_by_team) = (SELECT count(*) FROM target_chance_by_team()) AS same;
-- Of somebody new less is asked.  Ann came on 1 May, the first month counts a half: 31 / 2 + 30 days of 91 are 45.5,
-- 200 of her 400, and 100 more will do: three ways of four.  Cid left in March and is asked for nothing; of Bob no job
-- is on record.  The team: 500, 320 to go, with 280 and one of the others, 9/14 * 3/4.
INSERT INTO employment (person_id, during, role) VALUES (2, '[2026-05-01,)', 'rep'), (4, '[2025-01-01,2026-04-01)', 'rep');
INSERT INTO ramp (role, month, factor, during) VALUES ('rep', 1, 0.5, '[2026-01-01,)');
SELECT person, quota, round(effective_quota, 4) AS effective, booked, round(chance::numeric, 6) AS chance FROM target_chance(:may);
SELECT person, quota, round(effective_quota, 4) AS effective, round(chance::numeric, 6) AS chance, round(27 / 56.0, 6) AS by_hand FROM target_chance_by_team(:may);
SELECT person, effective_quota, chance FROM target_chance(:may, 'ann', options => '{"quota_effective": false}');
-- the same as in quota_attainment
SELECT count(*) AS people, count(*) FILTER (WHERE c.effective_quota::numeric(20,4) = coalesce(q.effective_quota, q.quota)) AS same
FROM target_chance(:may) AS c JOIN quota_attainment(:may) AS q USING (person, period_from, period_until);
SELECT person, round(sum(value), 4) AS effective FROM target_chance_evidence(:may) WHERE figure = 'effective_quota' GROUP BY person ORDER BY person;
DROP SCHEMA chance_book CASCADE;
