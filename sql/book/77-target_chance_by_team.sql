-- The chance of a team: the quotas and deals of all its people together.

CREATE FUNCTION target_chance_by_team(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, period_from date, period_until date, reps int8,
  quota numeric, effective_quota numeric, booked numeric, open_deals int8, open_without_amount int8, open_without_probability int8,
  open_pipeline numeric, weighted_pipeline numeric, chance float8, chance_lower float8, chance_upper float8,
  p10 numeric, p50 numeric, p90 numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, book_date(target_chance_by_team.as_of, given.options) AS today
    FROM settings(target_chance_by_team.options, target_chance_by_team.as_of) AS given (options)
  ),
  rep AS MATERIALIZED (
    SELECT c.*, p.person_id
    FROM target_chance(target_chance_by_team.as_of, target_chance_by_team.person,
      target_chance_by_team.during, target_chance_by_team.options) AS c
    JOIN person AS p ON p.code = c.person
  ),
  member AS MATERIALIZED (
    SELECT team.leader_id, rep.*
    FROM chosen
    CROSS JOIN LATERAL team(chosen.today) AS team
    JOIN rep ON rep.person_id = team.person_id
    WHERE target_chance_by_team.person IS NULL
      OR team.leader_id IN (
        SELECT who.person_id
        FROM report_on(target_chance_by_team.person, chosen.today) AS who)
  ),
  whole AS MATERIALIZED (
    SELECT m.leader_id, m.period_from, m.period_until, count(*) AS reps,
      sum(m.quota) AS quota, sum(m.effective_quota) AS effective_quota, sum(m.booked) AS booked,
      sum(m.open_deals)::int8 AS open_deals,
      sum(m.open_without_amount)::int8 AS open_without_amount,
      sum(m.open_without_probability)::int8 AS open_without_probability,
      sum(m.open_pipeline) AS open_pipeline, sum(m.weighted_pipeline) AS weighted_pipeline
    FROM member AS m
    GROUP BY m.leader_id, m.period_from, m.period_until
    -- a team is more than oneself
    HAVING bool_or(m.person_id <> m.leader_id)
  ),
  deal AS MATERIALIZED (
    SELECT d.*
    FROM chosen
    CROSS JOIN LATERAL likely_deal(target_chance_by_team.as_of, chosen.options) AS d
  ),
  outlook AS (
    SELECT line.leader_id, line.period_from, line.period_until, bookings_distribution(line.amount, line.probability, round(line.quota, 4)) AS d
    FROM (
      SELECT whole.leader_id, whole.period_from, whole.period_until, whole.effective_quota AS quota, whole.booked AS amount, 1 AS probability
      FROM whole
      UNION ALL
      SELECT whole.leader_id, whole.period_from, whole.period_until, whole.effective_quota, deal.amount, deal.probability
      FROM whole
      JOIN member AS m
        ON m.leader_id = whole.leader_id AND m.period_from = whole.period_from AND m.period_until = whole.period_until
      JOIN deal
        ON deal.owner_id = m.person_id AND deal.expected_close >= m.period_from AND deal.expected_close < m.period_until
    ) AS line
    GROUP BY line.leader_id, line.period_from, line.period_until
  )
  SELECT lead.code, lead.name, whole.period_from, whole.period_until, whole.reps, whole.quota, whole.effective_quota, whole.booked,
    whole.open_deals, whole.open_without_amount, whole.open_without_probability, whole.open_pipeline, whole.weighted_pipeline,
    (outlook.d).chance, (outlook.d).chance_lower, (outlook.d).chance_upper,
    (outlook.d).p10, (outlook.d).p50, (outlook.d).p90
  FROM whole
  JOIN person AS lead ON lead.person_id = whole.leader_id
  JOIN outlook
    ON outlook.leader_id = whole.leader_id AND outlook.period_from = whole.period_from
    AND outlook.period_until = whole.period_until
  ORDER BY lead.code, whole.period_from, whole.period_until;
END;
COMMENT ON FUNCTION target_chance_by_team(timestamptz, text, daterange, jsonb) IS
'target_chance by leader, at every level: quotas, bookings and deals of the leader and everybody below on the day of as_of, as far as they have a quota of the very period, as one sum; arguments as there';

CREATE VIEW target_chance_by_team WITH (security_invoker) AS
SELECT person, person_name, period_from, period_until, reps,
  quota::numeric(20,4), effective_quota::numeric(20,4), booked::numeric(20,4),
  open_deals, open_without_amount, open_without_probability, open_pipeline::numeric(20,4), weighted_pipeline::numeric(20,4),
  chance, chance_lower, chance_upper, p10::numeric(20,4), p50::numeric(20,4), p90::numeric(20,4)
FROM target_chance_by_team();
COMMENT ON VIEW target_chance_by_team IS 'How likely does each team reach the quotas of its people together, and what will probably come in?';
COMMENT ON COLUMN target_chance_by_team.person IS 'Code of the leader, at any level';
COMMENT ON COLUMN target_chance_by_team.person_name IS 'Name of the leader';
COMMENT ON COLUMN target_chance_by_team.period_from IS 'First day of the quota period';
COMMENT ON COLUMN target_chance_by_team.period_until IS 'Day after the last of the quota period';
COMMENT ON COLUMN target_chance_by_team.reps IS 'People of the team, the leader included, with a quota of this very period';
COMMENT ON COLUMN target_chance_by_team.quota IS 'Sum of their quotas';
COMMENT ON COLUMN target_chance_by_team.effective_quota IS 'Sum of their effective quotas: less of those who are new or were not there all the time, as in target_chance';
COMMENT ON COLUMN target_chance_by_team.booked IS 'Their bookings in the period so far';
COMMENT ON COLUMN target_chance_by_team.open_deals IS 'Their open deals that are expected to close in the period';
COMMENT ON COLUMN target_chance_by_team.open_without_amount IS 'Of these, deals without an amount: they are left out of the chance';
COMMENT ON COLUMN target_chance_by_team.open_without_probability IS 'Of these, deals whose chance nothing tells: they are left out as well';
COMMENT ON COLUMN target_chance_by_team.open_pipeline IS 'Value of the open deals';
COMMENT ON COLUMN target_chance_by_team.weighted_pipeline IS 'Value of the open deals times their probability';
COMMENT ON COLUMN target_chance_by_team.chance IS 'Probability that booked and what is won of the open deals make effective_quota, 0..1';
COMMENT ON COLUMN target_chance_by_team.chance_lower IS 'The same, were all amounts off by their rounding to the worse';
COMMENT ON COLUMN target_chance_by_team.chance_upper IS 'The same, were all amounts off by their rounding to the better';
COMMENT ON COLUMN target_chance_by_team.p10 IS 'Bookings of the period that are not exceeded in one case of ten';
COMMENT ON COLUMN target_chance_by_team.p50 IS 'Bookings of the period that are not exceeded in one case of two';
COMMENT ON COLUMN target_chance_by_team.p90 IS 'Bookings of the period that are not exceeded in nine cases of ten';

CREATE FUNCTION target_chance_by_team_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, period_from date, period_until date,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH member AS MATERIALIZED (
    SELECT shown.person AS leader, shown.period_from, shown.period_until, p.code AS person
    FROM settings(target_chance_by_team_evidence.options, target_chance_by_team_evidence.as_of) AS given (options)
    CROSS JOIN target_chance_by_team(target_chance_by_team_evidence.as_of, target_chance_by_team_evidence.person,
      target_chance_by_team_evidence.during, target_chance_by_team_evidence.options) AS shown
    JOIN person AS lead ON lead.code = shown.person
    JOIN LATERAL team(book_date(target_chance_by_team_evidence.as_of, given.options)) AS t ON t.leader_id = lead.person_id
    JOIN person AS p ON p.person_id = t.person_id
  ),
  part AS MATERIALIZED (
    SELECT e.*
    FROM target_chance_evidence(target_chance_by_team_evidence.as_of, target_chance_by_team_evidence.person,
      target_chance_by_team_evidence.during, target_chance_by_team_evidence.options) AS e
  )
  SELECT member.leader, member.period_from, member.period_until, part.figure, part.source, part.source_code, part.at, part.value
  FROM member
  JOIN part
    ON part.person = member.person AND part.period_from = member.period_from AND part.period_until = member.period_until
  UNION ALL
  SELECT DISTINCT member.leader, member.period_from, member.period_until, 'reps', 'person', member.person, NULL::timestamptz, 1
  FROM member
  JOIN part
    ON part.person = member.person AND part.period_from = member.period_from AND part.period_until = member.period_until
    AND part.figure = 'quota';
END;
COMMENT ON FUNCTION target_chance_by_team_evidence(timestamptz, text, daterange, jsonb) IS
'The people, targets, bookings and deals that each figure of target_chance_by_team counted';
