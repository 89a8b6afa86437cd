-- Plans, quotas, bookings and activities for the book of random_pipeline.sql, which goes before:
-- \ir ../random_plans.sql
-- Ten people and jobs that end; 60 accounts that change hands; plans of all kinds, some agreed.
INSERT INTO employment (person_id, during, role)
-- two came in the middle, when the first months asked for less
SELECT p, daterange(CASE WHEN p % 5 = 4 THEN date '2025-08-10' ELSE '2024-01-01' END, CASE WHEN p % 4 = 0 THEN date '2025-11-01' + 30 * p END), CASE WHEN p <= 2 THEN 'manager' ELSE 'rep' END
FROM generate_series(1, 10) AS p;
INSERT INTO ramp (role, month, factor, during) VALUES
  ('rep', 1, 0.2, '[2025-01-01,)'), ('rep', 2, 0.45, '[2025-01-01,)'), ('rep', 4, 0.9, '[2025-01-01,)');
INSERT INTO account (account_id, code, name) SELECT a, 'a' || a, 'Account ' || a FROM generate_series(1, 60) AS a;
INSERT INTO account_owner (account_id, person_id, during)
SELECT a, 1 + floor(random() * 10), span::daterange
FROM generate_series(1, 60) AS a, unnest(ARRAY['[2024-01-01,2025-12-01)', '[2025-12-01,)']) AS span
WHERE random() < 0.9;
INSERT INTO booking (code, booked_on, account_id, person_id, amount)
SELECT 'b' || id, date '2025-01-01' + floor(random() * 550)::int, nullif(floor(random() * 61), 0), 1 + floor(random() * 10), floor(random() * 100) * 10 - 150
FROM generate_series(1, 400) AS id;
INSERT INTO plan (code, kind, person_id, account_id, during, agreed_by_person_on, agreed_by_manager_on)
SELECT 'r' || id, 'relationship', 1 + floor(random() * 10), 1 + id % 60, daterange(since, since + 200),
  CASE WHEN random() < 0.8 THEN since + floor(random() * 60)::int END, CASE WHEN random() < 0.8 THEN since + floor(random() * 60)::int END
FROM (SELECT id, date '2025-01-01' + floor(random() * 400)::int AS since FROM generate_series(1, 200) AS id) AS r;
-- a tree of quotas: 1 at the top, 2 to 4 below it, 5 to 16 below those, some for the same person
INSERT INTO plan (plan_id, code, kind, person_id, during, parent_id)
SELECT 1000 + n, 'q' || n, 'quota', 1 + (n - 1) % 10, '[2025-01-01,2027-01-01)', CASE WHEN n > 4 THEN 1002 + n % 3 WHEN n > 1 THEN 1001 END
FROM generate_series(1, 16) AS n;
-- years, quarters and months of them, nested at random, with up to three revisions
INSERT INTO plan_target (plan_id, metric_id, during, revision, target, revised_at, reason)
SELECT plan_id, (SELECT metric_id FROM metric WHERE code = 'bookings'), span, revision, floor((upper(span) - lower(span)) * (4 + 22 * random()) / 50) * 50,
  lower(span) - 20 + (revision - 1) * 25 * interval '1 day', CASE WHEN revision > 1 THEN 'Reset' END
FROM (
  SELECT 1000 + n AS plan_id, part.during AS span, 1 + floor(random() * 3)::int AS revisions
  FROM generate_series(1, 16) AS n, unnest(ARRAY['year', 'quarter', 'month']) AS kind,
    LATERAL period_part('[2025-01-01,2027-01-01)', kind) AS part
  -- two of them get none
  WHERE n NOT IN (10, 15) AND random() + 0 * (upper(part.during) - lower(part.during)) < CASE kind WHEN 'year' THEN 0.6 WHEN 'quarter' THEN 0.5 ELSE 0.3 END
) AS t, generate_series(1, revisions) AS revision;
-- calls and meetings, with norms of a week
INSERT INTO metric (metric_id, code, name, unit) VALUES (101, 'calls', 'Calls', 'count'), (102, 'meetings', 'Meetings', 'count');
INSERT INTO activity_kind (activity_kind_id, code, name, metric_id) VALUES (1, 'call', 'Call', 101), (2, 'meeting', 'Meeting', 102), (3, 'visit', 'Visit', 102);
INSERT INTO standard (metric_id, role, norm, per, during) VALUES (101, 'rep', 10, 'week', '[2024-01-01,)'), (102, 'rep', 3, 'week', '[2024-01-01,)');
INSERT INTO activity (code, activity_kind_id, person_id, held_at, opportunity_id)
SELECT 'x' || id, 1 + floor(random() * 3), 1 + floor(random() * 9), timestamptz '2025-01-01' + random() * 550 * interval '1 day',
  CASE WHEN random() < 0.5 THEN 1 + floor(random() * 200) END
FROM generate_series(1, 1500) AS id;
-- targets of other metrics, in spans of their own, most of them reset
INSERT INTO plan_target (plan_id, metric_id, during, revision, target, revised_at, reason)
SELECT 1000 + n, m.metric_id, daterange(since, since + 190), revision, CASE m.unit WHEN 'rate' THEN 0.5 ELSE 10 END + revision * (random() < 0.9)::int,
  since - 20 + revision * 25 * interval '1 day', CASE WHEN revision > 1 THEN 'Reset' END
FROM generate_series(1, 16) AS n
CROSS JOIN metric AS m
CROSS JOIN (VALUES (date '2025-02-03'), ('2025-08-05')) AS part (since)
CROSS JOIN LATERAL generate_series(1, 1 + (n + m.metric_id::int) % 3) AS revision
WHERE m.code IN ('calls', 'deals_won', 'win_rate', 'deal_size', 'cycle_days', 'opportunities_created');
ANALYZE;
