-- Who works to a plan that both sides agreed to, and are the largest accounts in one?

-- A plan is documented from the later of the two days on which its person and
-- the manager agreed.
CREATE FUNCTION documented_plan(day date) RETURNS TABLE (plan_id bigint, code text, kind text, person_id bigint, account_id bigint, agreed_on date)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT p.plan_id, p.code, p.kind, p.person_id, p.account_id, greatest(p.agreed_by_person_on, p.agreed_by_manager_on)
  FROM plan AS p
  WHERE p.during @> documented_plan.day
    AND p.agreed_by_person_on <= documented_plan.day
    AND p.agreed_by_manager_on <= documented_plan.day;
END;
COMMENT ON FUNCTION documented_plan(date) IS 'The plans in force on a day that both sides had agreed to by then';

CREATE FUNCTION top_account(day date, options jsonb)
RETURNS TABLE (person_id bigint, account_id bigint, place int8, booked numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT ranked.person_id, ranked.account_id, ranked.place, ranked.booked
  FROM (
    SELECT owner.person_id, owner.account_id, sold.booked,
      row_number() OVER (PARTITION BY owner.person_id ORDER BY sold.booked DESC, a.code COLLATE "C") AS place
    FROM (
      SELECT b.account_id, sum(b.amount) AS booked
      FROM booking AS b
      WHERE b.booked_on > top_account.day - 365 AND b.booked_on <= top_account.day
      GROUP BY b.account_id
      HAVING sum(b.amount) > 0
    ) AS sold
    -- of which the planner assumes half: most owners are those of today
    JOIN account_owner AS owner ON owner.account_id = sold.account_id AND coalesce(owner.during @> top_account.day, false)
    JOIN account AS a ON a.account_id = sold.account_id
  ) AS ranked
  WHERE ranked.place <= (top_account.options ->> 'plan_top_accounts')::numeric;
END;
COMMENT ON FUNCTION top_account(date, jsonb) IS
'The largest accounts of each owner by the bookings of the 365 days up to a day, whoever is credited with them; options as settings() gives them';

CREATE FUNCTION plan_coverage(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, manager text, day date,
  plans int8, has_plan boolean, top_accounts int8, top_accounts_planned int8, covered boolean,
  missing_account text, missing_account_name text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, today.today, least(upper(plan_coverage.during) - 1, today.today) AS day
    FROM settings(plan_coverage.options, plan_coverage.as_of) AS given (options)
    CROSS JOIN LATERAL book_date(plan_coverage.as_of, given.options) AS today (today)
    WHERE isempty(plan_coverage.during) IS NOT TRUE
  ),
  documented AS MATERIALIZED (
    SELECT d.*
    FROM chosen
    CROSS JOIN LATERAL documented_plan(chosen.day) AS d
  ),
  planned AS (
    SELECT d.person_id, count(*) AS plans
    FROM chosen
    JOIN documented AS d
      ON chosen.options ->> 'plan_coverage_kind' IN ('any', d.kind)
    GROUP BY d.person_id
  ),
  account_plan AS (
    SELECT DISTINCT d.account_id
    FROM documented AS d
    WHERE d.kind = 'relationship'
  ),
  largest AS (
    SELECT top.person_id, count(*) AS accounts, count(ap.account_id) AS planned,
      (array_agg(top.account_id ORDER BY top.place) FILTER (WHERE ap.account_id IS NULL))[1] AS missing_id
    FROM chosen
    CROSS JOIN LATERAL top_account(chosen.day, chosen.options) AS top
    LEFT JOIN account_plan AS ap ON ap.account_id = top.account_id
    GROUP BY top.person_id
  )
  SELECT rep.code, rep.name, boss.code, chosen.day,
    coalesce(planned.plans, 0), planned.plans IS NOT NULL,
    coalesce(largest.accounts, 0), coalesce(largest.planned, 0), largest.planned = largest.accounts,
    missing.code, missing.name
  FROM chosen
  JOIN employment AS job ON job.role = 'rep' AND job.during @> chosen.day
  JOIN person AS rep ON rep.person_id = job.person_id
  LEFT JOIN reporting_line AS line ON line.person_id = job.person_id AND line.during @> chosen.day
  LEFT JOIN person AS boss ON boss.person_id = line.manager_id
  LEFT JOIN planned ON planned.person_id = job.person_id
  LEFT JOIN largest ON largest.person_id = job.person_id
  LEFT JOIN account AS missing ON missing.account_id = largest.missing_id
  -- an array, known before: a join would ask anew for each rep who is below
  WHERE job.person_id = ANY (ARRAY(
    SELECT who.person_id
    FROM chosen AS asked
    CROSS JOIN LATERAL report_on(plan_coverage.person, asked.today) AS who))
  ORDER BY rep.code;
END;
COMMENT ON FUNCTION plan_coverage(timestamptz, text, daterange, jsonb) IS
'Whether each rep has a documented plan, and each of the rep''s largest accounts (setting plan_top_accounts) a relationship plan, on the last of the days during, by default on that of as_of';

CREATE VIEW plan_coverage WITH (security_invoker) AS
SELECT * FROM plan_coverage();
COMMENT ON VIEW plan_coverage IS 'Which reps have a plan that both sides agreed to, and one for each of their largest accounts?';
COMMENT ON COLUMN plan_coverage.person IS 'Code of the rep';
COMMENT ON COLUMN plan_coverage.person_name IS 'Name of the rep';
COMMENT ON COLUMN plan_coverage.manager IS 'Code of the manager on the day';
COMMENT ON COLUMN plan_coverage.day IS 'Day the figures are of';
COMMENT ON COLUMN plan_coverage.plans IS 'Plans of the rep in force on the day that both sides agreed to, of the kind of setting plan_coverage_kind';
COMMENT ON COLUMN plan_coverage.has_plan IS 'Whether there is one';
COMMENT ON COLUMN plan_coverage.top_accounts IS 'Largest accounts the rep owns, by the bookings of the last 365 days; at most as many as setting plan_top_accounts';
COMMENT ON COLUMN plan_coverage.top_accounts_planned IS 'Those of them with a relationship plan that both sides agreed to';
COMMENT ON COLUMN plan_coverage.covered IS 'Whether all of them have one; empty where nothing was booked with an account of the rep';
COMMENT ON COLUMN plan_coverage.missing_account IS 'Code of the largest account without one';
COMMENT ON COLUMN plan_coverage.missing_account_name IS 'Name of that account';

CREATE FUNCTION plan_coverage_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT settings(plan_coverage_evidence.options, plan_coverage_evidence.as_of) AS options
  ),
  shown AS MATERIALIZED (
    SELECT c.person, c.day, rep.person_id
    FROM plan_coverage(plan_coverage_evidence.as_of, plan_coverage_evidence.person,
      plan_coverage_evidence.during, plan_coverage_evidence.options) AS c
    JOIN person AS rep ON rep.code = c.person
  ),
  day AS MATERIALIZED (
    SELECT DISTINCT chosen.options, shown.day
    FROM chosen
    CROSS JOIN shown
  ),
  documented AS MATERIALIZED (
    SELECT d.*, book_midnight(d.agreed_on, day.options) AS agreed_at
    FROM day
    CROSS JOIN LATERAL documented_plan(day.day) AS d
  ),
  largest AS MATERIALIZED (
    SELECT shown.person, a.account_id, a.code
    FROM day
    CROSS JOIN LATERAL top_account(day.day, day.options) AS top
    JOIN shown ON shown.person_id = top.person_id
    JOIN account AS a ON a.account_id = top.account_id
  )
  SELECT shown.person, 'plans', 'plan', d.code, d.agreed_at, 1::numeric
  FROM chosen
  CROSS JOIN shown
  JOIN documented AS d
    ON d.person_id = shown.person_id AND chosen.options ->> 'plan_coverage_kind' IN ('any', d.kind)
  UNION ALL
  SELECT largest.person, 'top_accounts', 'account', largest.code, NULL, 1
  FROM largest
  UNION ALL
  SELECT largest.person, 'top_accounts_planned', 'plan', planned.code, planned.agreed_at, 1
  FROM largest
  JOIN (
    SELECT DISTINCT ON (d.account_id) d.account_id, d.code, d.agreed_at
    FROM documented AS d
    WHERE d.kind = 'relationship'
    ORDER BY d.account_id, d.agreed_at, d.code COLLATE "C"
  ) AS planned ON planned.account_id = largest.account_id;
END;
COMMENT ON FUNCTION plan_coverage_evidence(timestamptz, text, daterange, jsonb) IS
'The plans and accounts that each figure of plan_coverage counted';

CREATE FUNCTION plan_coverage_by_team(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, day date, reps int8, reps_with_plan int8, plan_share float8,
  reps_with_accounts int8, reps_covered int8, covered_share float8,
  top_accounts int8, top_accounts_planned int8, account_plan_share float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH rep AS MATERIALIZED (
    SELECT c.*, p.person_id
    FROM plan_coverage(plan_coverage_by_team.as_of, NULL, plan_coverage_by_team.during, plan_coverage_by_team.options) AS c
    JOIN person AS p ON p.code = c.person
  )
  SELECT lead.code, lead.name, rep.day, count(*), count(*) FILTER (WHERE rep.has_plan),
    count(*) FILTER (WHERE rep.has_plan)::float8 / count(*),
    count(rep.covered), count(*) FILTER (WHERE rep.covered),
    count(*) FILTER (WHERE rep.covered)::float8 / nullif(count(rep.covered), 0),
    sum(rep.top_accounts)::int8, sum(rep.top_accounts_planned)::int8,
    sum(rep.top_accounts_planned)::float8 / nullif(sum(rep.top_accounts), 0)::float8
  FROM (SELECT DISTINCT rep.day FROM rep) AS chosen
  CROSS JOIN LATERAL team(chosen.day) AS team
  JOIN rep ON rep.person_id = team.person_id
  JOIN person AS lead ON lead.person_id = team.leader_id
  WHERE team.level > 0
    AND (plan_coverage_by_team.person IS NULL
      OR team.leader_id IN (
        SELECT who.person_id
        FROM settings(plan_coverage_by_team.options, plan_coverage_by_team.as_of) AS given (options)
        CROSS JOIN LATERAL report_on(plan_coverage_by_team.person,
          book_date(plan_coverage_by_team.as_of, given.options)) AS who))
  GROUP BY lead.code, lead.name, rep.day
  ORDER BY lead.code;
END;
COMMENT ON FUNCTION plan_coverage_by_team(timestamptz, text, daterange, jsonb) IS
'plan_coverage by leader, at every level: the reps who report to the leader on the day; person: leaders among that person and everybody below';

CREATE VIEW plan_coverage_by_team WITH (security_invoker) AS
SELECT * FROM plan_coverage_by_team();
COMMENT ON VIEW plan_coverage_by_team IS 'What share of each team''s reps has a plan that both sides agreed to, and one for each of their largest accounts?';
COMMENT ON COLUMN plan_coverage_by_team.person IS 'Code of the leader, at any level';
COMMENT ON COLUMN plan_coverage_by_team.person_name IS 'Name of the leader';
COMMENT ON COLUMN plan_coverage_by_team.day IS 'Day the figures are of';
COMMENT ON COLUMN plan_coverage_by_team.reps IS 'Reps below the leader';
COMMENT ON COLUMN plan_coverage_by_team.reps_with_plan IS 'Those of them with a documented plan';
COMMENT ON COLUMN plan_coverage_by_team.plan_share IS 'reps_with_plan / reps';
COMMENT ON COLUMN plan_coverage_by_team.reps_with_accounts IS 'Reps with whose accounts something was booked in the last 365 days';
COMMENT ON COLUMN plan_coverage_by_team.reps_covered IS 'Those of them whose largest accounts each have a documented plan';
COMMENT ON COLUMN plan_coverage_by_team.covered_share IS 'reps_covered / reps_with_accounts';
COMMENT ON COLUMN plan_coverage_by_team.top_accounts IS 'The largest accounts of all these reps';
COMMENT ON COLUMN plan_coverage_by_team.top_accounts_planned IS 'Those of them with a documented plan';
COMMENT ON COLUMN plan_coverage_by_team.account_plan_share IS 'top_accounts_planned / top_accounts';

CREATE FUNCTION plan_coverage_by_team_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH member AS MATERIALIZED (
    SELECT shown.person AS leader, rep.*
    FROM plan_coverage_by_team(plan_coverage_by_team_evidence.as_of, plan_coverage_by_team_evidence.person,
      plan_coverage_by_team_evidence.during, plan_coverage_by_team_evidence.options) AS shown
    JOIN person AS lead ON lead.code = shown.person
    JOIN LATERAL team(shown.day) AS t ON t.leader_id = lead.person_id AND t.level > 0
    JOIN person AS p ON p.person_id = t.person_id
    JOIN plan_coverage(plan_coverage_by_team_evidence.as_of, NULL,
      plan_coverage_by_team_evidence.during, plan_coverage_by_team_evidence.options) AS rep ON rep.person = p.code
  )
  SELECT member.leader, counted.figure, 'person', member.person, NULL::timestamptz, 1::numeric
  FROM member
  CROSS JOIN LATERAL (VALUES
    ('reps', true), ('reps_with_plan', member.has_plan), ('reps_with_accounts', member.covered IS NOT NULL),
    ('reps_covered', member.covered)) AS counted (figure, counts)
  WHERE counted.counts
  UNION ALL
  SELECT member.leader, e.figure, e.source, e.source_code, e.at, e.value
  FROM member
  JOIN plan_coverage_evidence(plan_coverage_by_team_evidence.as_of, NULL,
    plan_coverage_by_team_evidence.during, plan_coverage_by_team_evidence.options) AS e
    ON e.person = member.person AND e.figure <> 'plans';
END;
COMMENT ON FUNCTION plan_coverage_by_team_evidence(timestamptz, text, daterange, jsonb) IS
'The people, accounts and plans that each figure of plan_coverage_by_team counted';
