-- The rows behind the figures of quotas; evidence() calls these by name.

CREATE FUNCTION quota_attainment_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, period_from date, period_until date,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH given AS MATERIALIZED (
    SELECT called.options, book_date(quota_attainment_evidence.as_of, called.options) AS day
    FROM settings(quota_attainment_evidence.options, quota_attainment_evidence.as_of) AS called (options)
  ),
  quota AS MATERIALIZED (
    SELECT q.person_id, q.during, q.target, q.plan_target_id, q.revised_at
    FROM given
    CROSS JOIN LATERAL asked_quota(
      quota_attainment_evidence.as_of, given.day, quota_attainment_evidence.person, quota_attainment_evidence.during) AS q
    WHERE q.metric = 'bookings'
  ),
  counted AS (
    SELECT quota.person_id, quota.during, 'quota' AS figure, 'plan_target' AS source,
      coalesce(t.code, t.plan_target_id::text) AS code, quota.revised_at AS at, quota.target AS value
    FROM quota
    JOIN plan_target AS t ON t.plan_target_id = quota.plan_target_id
    UNION ALL
    SELECT asked.person_id, asked.during, 'actual', 'booking', b.code,
      book_midnight(credit.booked_on, given.options), credit.amount
    FROM given
    CROSS JOIN (SELECT DISTINCT quota.person_id, quota.during FROM quota) AS asked
    CROSS JOIN LATERAL credited_to(
      asked.person_id, lower(asked.during), least(upper(asked.during), given.day + 1)) AS credit
    JOIN booking AS b ON b.booking_id = credit.booking_id
    UNION ALL
    SELECT asked.person_id, asked.during, 'days_in_seat', 'employment',
      coalesce(job.code, job.employment_id::text), book_midnight(lower(part.seat), given.options),
      upper(part.seat) - lower(part.seat)
    FROM given
    CROSS JOIN (SELECT DISTINCT quota.person_id, quota.during FROM quota) AS asked
    JOIN employment AS job ON job.person_id = asked.person_id AND job.during && asked.during AND lower(job.during) <= given.day
    CROSS JOIN LATERAL (SELECT job.during * asked.during) AS part (seat)
  )
  SELECT rep.code, lower(counted.during), upper(counted.during),
    counted.figure, counted.source, counted.code, counted.at, counted.value
  FROM counted
  JOIN person AS rep ON rep.person_id = counted.person_id;
END;
COMMENT ON FUNCTION quota_attainment_evidence(timestamptz, text, daterange, jsonb) IS
'The targets, bookings and jobs that quota_attainment counts; the value of a booking is the person''s part of it';

CREATE FUNCTION plan_pace_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, period_from date, period_until date,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH given AS MATERIALIZED (
    SELECT called.options, book_date(plan_pace_evidence.as_of, called.options) AS day
    FROM settings(plan_pace_evidence.options, plan_pace_evidence.as_of) AS called (options)
  )
  SELECT e.person, e.period_from, e.period_until,
    f.figure, e.source, e.source_code, e.at, f.sign * e.value
  FROM given
  CROSS JOIN LATERAL quota_attainment_evidence(plan_pace_evidence.as_of, plan_pace_evidence.person,
    coalesce(plan_pace_evidence.during, daterange(given.day, given.day, '[]')), plan_pace_evidence.options) AS e
  JOIN (VALUES ('quota', 'quota', 1), ('actual', 'booked', 1), ('quota', 'gap', 1), ('actual', 'gap', -1))
    AS f (counted, figure, sign) ON f.counted = e.figure
  UNION ALL
  SELECT rep.code, lower(p.during), upper(p.during), 'past_periods', 'plan_target',
    coalesce(t.code, t.plan_target_id::text), t.revised_at, 1
  FROM given
  CROSS JOIN LATERAL past_pace(plan_pace_evidence.as_of, plan_pace_evidence.person,
    coalesce(plan_pace_evidence.during, daterange(given.day, given.day, '[]')), given.options) AS p
  JOIN person AS rep ON rep.person_id = p.person_id
  JOIN plan_target AS t ON t.plan_target_id = p.plan_target_id;
END;
COMMENT ON FUNCTION plan_pace_evidence(timestamptz, text, daterange, jsonb) IS
'The targets and bookings that plan_pace counts, and the targets of the earlier periods; in gap a booking is negative';

CREATE FUNCTION target_attainment_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, metric text, period_from date, period_until date,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH given AS MATERIALIZED (
    SELECT called.options, book_date(target_attainment_evidence.as_of, called.options) AS day
    FROM settings(target_attainment_evidence.options, target_attainment_evidence.as_of) AS called (options)
  ),
  quota AS (
    SELECT q.person_id, q.metric_id, q.during, 'plan_target' AS source, q.plan_target_id AS source_id,
      q.revised_at AS at, q.target
    FROM given
    CROSS JOIN LATERAL asked_quota(
      target_attainment_evidence.as_of, given.day, target_attainment_evidence.person, target_attainment_evidence.during) AS q
  ),
  reached AS (
    SELECT c.person_id, c.metric_id, c.during, c.source, c.source_id, book_midnight(c.day, given.options) AS at, c.value,
      row_number() OVER (PARTITION BY c.person_id, c.metric_id, c.during ORDER BY c.value, c.source_id) AS place,
      count(*) OVER (PARTITION BY c.person_id, c.metric_id, c.during) AS n
    FROM given
    CROSS JOIN LATERAL quota_case(
      target_attainment_evidence.as_of, target_attainment_evidence.person, target_attainment_evidence.during, given.options) AS c
  ),
  counted AS (
    SELECT quota.person_id, quota.metric_id, quota.during, 'target' AS figure,
      quota.source, quota.source_id, quota.at, quota.target AS value
    FROM quota
    UNION ALL
    SELECT reached.person_id, reached.metric_id, reached.during, 'n', reached.source, reached.source_id, reached.at, 1
    FROM reached
    UNION ALL
    SELECT reached.person_id, reached.metric_id, reached.during, 'actual', reached.source, reached.source_id, reached.at,
      reached_part(m.code, m.unit, reached.value, reached.place, reached.n)
    FROM reached
    JOIN metric AS m ON m.metric_id = reached.metric_id
  )
  SELECT rep.code, m.code, lower(counted.during), upper(counted.during), counted.figure, counted.source,
    coalesce(b.code, o.code, act.code, a.code, t.code, counted.source_id::text), counted.at, counted.value
  FROM counted
  JOIN person AS rep ON rep.person_id = counted.person_id
  JOIN metric AS m ON m.metric_id = counted.metric_id
  LEFT JOIN booking AS b ON counted.source = 'booking' AND b.booking_id = counted.source_id
  LEFT JOIN opportunity AS o ON counted.source = 'opportunity' AND o.opportunity_id = counted.source_id
  LEFT JOIN activity AS act ON counted.source = 'activity' AND act.activity_id = counted.source_id
  LEFT JOIN actual AS a ON counted.source = 'actual' AND a.actual_id = counted.source_id
  LEFT JOIN plan_target AS t ON counted.source = 'plan_target' AND t.plan_target_id = counted.source_id;
END;
COMMENT ON FUNCTION target_attainment_evidence(timestamptz, text, daterange, jsonb) IS
'The targets and the cases that target_attainment counts; the value of a case is its part of the sum, mean or median';

CREATE FUNCTION team_attainment_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, period_from date, period_until date,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH given AS MATERIALIZED (
    SELECT called.options, book_date(team_attainment_evidence.as_of, called.options) AS day
    FROM settings(team_attainment_evidence.options, team_attainment_evidence.as_of) AS called (options)
  ),
  member AS MATERIALIZED (
    SELECT leader.code AS leader, team.*
    FROM (
      SELECT q.*, max(q.level) OVER (PARTITION BY q.leader_id, q.period_from, q.period_until) AS levels_below
      FROM given
      CROSS JOIN LATERAL team_quota(team_attainment_evidence.as_of, team_attainment_evidence.during, given.options) AS q
    ) AS team
    JOIN person AS leader ON leader.person_id = team.leader_id
    WHERE team.levels_below > 0
      -- an array, known before: a join would ask anew for each member
      AND team.leader_id = ANY (ARRAY(
        SELECT r.person_id
        FROM given AS today
        CROSS JOIN LATERAL report_on(team_attainment_evidence.person, today.day) AS r))
  )
  SELECT leader.code, e.period_from, e.period_until, f.figure, e.source, e.source_code, e.at, f.sign * e.value
  FROM (
    -- counted together and not joined: the planner takes both for a row or two
    SELECT either.*, array_agg(either.leader) FILTER (WHERE either.figure IS NULL) OVER (
      PARTITION BY either.person, either.period_from, either.period_until) AS leaders
    FROM (
      SELECT counted.*, NULL AS leader
      FROM given
      CROSS JOIN LATERAL quota_attainment_evidence(
        team_attainment_evidence.as_of, NULL, team_attainment_evidence.during, given.options) AS counted
      UNION ALL
      SELECT member.person, member.period_from, member.period_until, NULL, NULL, NULL, NULL, NULL, member.leader
      FROM member
    ) AS either
  ) AS e
  CROSS JOIN LATERAL unnest(e.leaders) AS leader (code)
  JOIN (VALUES ('quota', 'quota', 1), ('actual', 'actual', 1), ('actual', 'variance', 1), ('quota', 'variance', -1))
    AS f (counted, figure, sign) ON f.counted = e.figure
  UNION ALL
  SELECT member.leader, member.period_from, member.period_until, f.figure, 'person', member.person, NULL::timestamptz, 1
  FROM member
  CROSS JOIN LATERAL (VALUES ('reps', true), ('reps_attained', member.variance >= 0)) AS f (figure, counts)
  WHERE member.attainment IS NOT NULL AND f.counts;
END;
COMMENT ON FUNCTION team_attainment_evidence(timestamptz, text, daterange, jsonb) IS
'The targets and bookings that team_attainment counts, and the people; in variance a target is negative';

CREATE FUNCTION pipeline_coverage_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, period_from date, period_until date,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, book_date(pipeline_coverage_evidence.as_of, given.options) AS today
    FROM settings(pipeline_coverage_evidence.options, pipeline_coverage_evidence.as_of) AS given (options)
  ),
  quota AS MATERIALIZED (
    SELECT q.person_id, q.during, q.target, q.plan_target_id, q.revised_at
    FROM chosen
    CROSS JOIN LATERAL covered_quota(pipeline_coverage_evidence.as_of, pipeline_coverage_evidence.person,
      pipeline_coverage_evidence.during, chosen.options) AS q
  ),
  asked AS MATERIALIZED (
    SELECT DISTINCT quota.person_id, quota.during
    FROM quota
  ),
  counted AS (
    SELECT quota.person_id, quota.during, f.figure, 'plan_target' AS source,
      coalesce(t.code, t.plan_target_id::text) AS code, quota.revised_at AS at, quota.target AS value
    FROM quota
    JOIN plan_target AS t ON t.plan_target_id = quota.plan_target_id
    CROSS JOIN (VALUES ('quota'), ('remaining')) AS f (figure)
    UNION ALL
    SELECT asked.person_id, asked.during, f.figure, 'booking', b.code,
      book_midnight(credit.booked_on, chosen.options), f.sign * credit.amount
    FROM chosen
    CROSS JOIN asked
    CROSS JOIN LATERAL credited_to(
      asked.person_id, lower(asked.during), least(upper(asked.during), chosen.today + 1)) AS credit
    JOIN booking AS b ON b.booking_id = credit.booking_id
    CROSS JOIN (VALUES ('booked', 1), ('remaining', -1)) AS f (figure, sign)
    UNION ALL
    SELECT asked.person_id, asked.during, f.figure, 'opportunity', o.code,
      book_midnight(deal.expected_close, chosen.options), f.value
    FROM chosen
    CROSS JOIN asked
    JOIN open_deal(pipeline_coverage_evidence.as_of) AS deal
      ON deal.owner_id = asked.person_id AND asked.during @> deal.expected_close
    JOIN opportunity AS o ON o.opportunity_id = deal.opportunity_id
    LEFT JOIN stage_rule AS rule
      ON rule.stage_id = deal.stage_id AND rule.during @> chosen.today
    CROSS JOIN LATERAL (
      VALUES ('open_deals', 1), ('open_without_amount', CASE WHEN deal.amount IS NULL THEN 1 END),
        ('open_pipeline', deal.amount), ('weighted_pipeline', deal.amount * rule.probability),
        ('unweighted_deals', CASE WHEN rule.probability IS NULL THEN 1 END)
    ) AS f (figure, value)
    WHERE f.value IS NOT NULL
    UNION ALL
    SELECT asked.person_id, asked.during, f.figure, 'opportunity', o.code,
      book_midnight(deal.closed_on, chosen.options), 1
    FROM chosen
    CROSS JOIN LATERAL closed_deal(pipeline_coverage_evidence.as_of, chosen.options) AS deal
    JOIN asked ON asked.person_id = deal.owner_id
    JOIN opportunity AS o ON o.opportunity_id = deal.opportunity_id
    CROSS JOIN LATERAL (VALUES ('closed', true), ('won', deal.won)) AS f (figure, counts)
    WHERE f.counts AND deal.closed_on > chosen.today - 365 AND deal.closed_on <= chosen.today
  )
  SELECT rep.code, lower(counted.during), upper(counted.during),
    counted.figure, counted.source, counted.code, counted.at, counted.value
  FROM counted
  JOIN person AS rep ON rep.person_id = counted.person_id;
END;
COMMENT ON FUNCTION pipeline_coverage_evidence(timestamptz, text, daterange, jsonb) IS
'The targets, bookings and deals that pipeline_coverage counts; in remaining a booking is negative; at: when an open deal is expected to close';

CREATE FUNCTION manager_selling_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, period_from date, period_until date,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT settings(manager_selling_evidence.options, manager_selling_evidence.as_of) AS options
  ),
  manager AS MATERIALIZED (
    SELECT who.code, m.person_id, m.day, m.span
    FROM chosen
    CROSS JOIN LATERAL selling_manager(
      manager_selling_evidence.as_of, manager_selling_evidence.person, manager_selling_evidence.during, chosen.options) AS m
    JOIN person AS who ON who.person_id = m.person_id
  ),
  booked AS (
    SELECT manager.code, manager.span, true AS own, b.booking_id, b.booked_on, b.amount
    FROM manager
    JOIN credited_booking AS b ON b.person_id = manager.person_id
    WHERE b.booked_on <@ manager.span AND b.booked_on <= manager.day
    UNION ALL
    SELECT manager.code, manager.span, false, b.booking_id, b.booked_on, b.amount
    FROM manager
    JOIN leader_of_time() AS team ON team.leader_id = manager.person_id AND team.person_id <> manager.person_id
    JOIN credited_booking AS b ON b.person_id = team.person_id AND team.during @> b.booked_on
    WHERE b.booked_on <@ manager.span AND b.booked_on <= manager.day
  ),
  counted AS (
    SELECT manager.code, manager.span, 'accounts_owned' AS figure, 'account' AS source, a.code AS source_code,
      lower(owner.during) AS day, 1 AS value
    FROM manager
    JOIN account_owner AS owner ON owner.person_id = manager.person_id AND owner.during @> manager.day
    JOIN account AS a ON a.account_id = owner.account_id
    UNION ALL
    SELECT manager.code, manager.span, f.figure, 'opportunity', o.code, deal.expected_close, f.value
    FROM manager
    JOIN open_deal(manager_selling_evidence.as_of) AS deal ON deal.owner_id = manager.person_id
    JOIN opportunity AS o ON o.opportunity_id = deal.opportunity_id
    CROSS JOIN LATERAL (VALUES ('open_deals', 1), ('open_amount', deal.amount)) AS f (figure, value)
    WHERE f.value IS NOT NULL
    UNION ALL
    SELECT booked.code, booked.span, f.figure, 'booking', b.code, booked.booked_on, booked.amount
    FROM booked
    JOIN booking AS b ON b.booking_id = booked.booking_id
    CROSS JOIN LATERAL (VALUES ('team_booked', true), ('booked', booked.own)) AS f (figure, counts)
    WHERE f.counts
  )
  SELECT counted.code, nullif(lower(counted.span), '-infinity'), nullif(upper(counted.span), 'infinity'),
    counted.figure, counted.source, counted.source_code, book_midnight(counted.day, chosen.options), counted.value
  FROM chosen
  CROSS JOIN counted;
END;
COMMENT ON FUNCTION manager_selling_evidence(timestamptz, text, daterange, jsonb) IS
'The accounts, deals and bookings that manager_selling counts; at: since when an account is owned, when a deal is expected to close';
