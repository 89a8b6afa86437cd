-- Quota against bookings: each person's, and each team's as a ratio of sums.

-- A plan has no date of its making.  It is known from the first thing on record about it: a target
-- that came into force, or the day on which either side agreed.  One with neither has no date to go
-- by, and stands always.
CREATE FUNCTION known_plan(as_of timestamptz, day date)
RETURNS TABLE (plan_id bigint, parent_id bigint, kind text, person_id bigint, during daterange)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT p.plan_id, p.parent_id, p.kind, p.person_id, p.during
  FROM plan AS p
  LEFT JOIN (
    SELECT t.plan_id, min(t.revised_at) AS since
    FROM plan_target AS t
    GROUP BY t.plan_id
  ) AS asked ON asked.plan_id = p.plan_id
  WHERE asked.since <= known_plan.as_of
    OR least(p.agreed_by_person_on, p.agreed_by_manager_on) <= known_plan.day
    OR num_nonnulls(asked.since, p.agreed_by_person_on, p.agreed_by_manager_on) = 0;
END;
COMMENT ON FUNCTION known_plan(timestamptz, date) IS
'The plans that were known at that instant, which is on day, by the first target in force or the first agreement; those without either always';

CREATE FUNCTION shared_out(as_of timestamptz, day date) RETURNS TABLE (plan_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT DISTINCT whole.plan_id
  FROM plan AS whole
  JOIN known_plan(shared_out.as_of, shared_out.day) AS part
    ON part.parent_id = whole.plan_id
    AND part.kind = whole.kind
    AND part.person_id <> whole.person_id;
END;
COMMENT ON FUNCTION shared_out(timestamptz, date) IS
'The plans that are shared out among the plans of other people, as known at that instant, which is on day';

CREATE FUNCTION target_in_force(as_of timestamptz, day date)
RETURNS TABLE (plan_id bigint, person_id bigint, kind text, handed_down boolean, metric text,
  during daterange, target numeric, plan_target_id bigint, revised_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  -- once for all the targets, whatever row the day comes from
  WITH shared AS MATERIALIZED (
    SELECT s.plan_id
    FROM shared_out(target_in_force.as_of, target_in_force.day) AS s
  )
  SELECT plan.plan_id, plan.person_id, plan.kind,
    plan.plan_id IN (SELECT shared.plan_id FROM shared),
    metric.code, newest.during, newest.target, newest.plan_target_id, newest.revised_at
  FROM (
    SELECT DISTINCT ON (t.plan_id, t.metric_id, t.during)
      t.plan_id, t.metric_id, t.during, t.target, t.plan_target_id, t.revised_at
    FROM plan_target AS t
    WHERE t.level = 'base' AND t.revised_at <= as_of
    ORDER BY t.plan_id, t.metric_id, t.during, t.revision DESC
  ) AS newest
  JOIN plan ON plan.plan_id = newest.plan_id
  JOIN metric ON metric.metric_id = newest.metric_id;
END;
COMMENT ON FUNCTION target_in_force(timestamptz, date) IS
'The base targets in their newest revision at that instant, which is on day; handed_down where the plan is shared out among the plans of other people';

CREATE FUNCTION first_line(during daterange, day date)
RETURNS TABLE (person_id bigint, manager_id bigint, placed_on date)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT DISTINCT ON (line.person_id)
    line.person_id, line.manager_id, greatest(lower(line.during), lower(first_line.during))
  FROM reporting_line AS line
  -- of the end of a line nobody knows before it comes
  WHERE daterange(lower(line.during), CASE WHEN upper(line.during) <= day THEN upper(line.during) END) && first_line.during
    AND (lower_inf(line.during) OR lower(line.during) <= day)
  ORDER BY line.person_id, lower(line.during) NULLS FIRST;
END;
COMMENT ON FUNCTION first_line(daterange, date) IS
'Whom each person reported to on the first day of the span on which they reported to anybody, as known on day';

CREATE FUNCTION asked_quota(as_of timestamptz, day date, person text, during daterange)
RETURNS TABLE (person_id bigint, metric_id bigint, metric text, during daterange, target numeric,
  plan_target_id bigint, revised_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT quota.person_id, quota.metric_id, quota.metric, quota.during, quota.target,
    quota.plan_target_id, quota.revised_at
  FROM (
    SELECT t.person_id, m.metric_id, t.metric, t.during, t.target, t.plan_target_id, t.revised_at,
      adds_up(m.code, m.unit) AS adds_up,
      row_number() OVER (PARTITION BY t.person_id, m.metric_id, t.during ORDER BY t.plan_id) AS place
    FROM target_in_force(asked_quota.as_of, asked_quota.day) AS t
    JOIN metric AS m ON m.code = t.metric
    WHERE t.kind = 'quota'
      AND NOT t.handed_down
      AND CASE
        WHEN asked_quota.during IS NULL THEN lower(t.during) <= asked_quota.day
        ELSE t.during && asked_quota.during
      END
      AND t.person_id IN (SELECT r.person_id FROM report_on(asked_quota.person, asked_quota.day) AS r)
  ) AS quota
  -- two plans may ask for twice as much, never for twice the rate
  WHERE quota.adds_up OR quota.place = 1;
END;
COMMENT ON FUNCTION asked_quota(timestamptz, date, text, daterange) IS
'The quotas of a report: of the person and everybody below, for periods that overlap during or those that have begun; what adds up to be summed by person, metric and period';

-- Who was in no job in the span has a row of 0 days; who never was in one, as far as is
-- known, has none.
CREATE FUNCTION days_in_seat(during daterange, day date)
RETURNS TABLE (person_id bigint, days bigint, full_days numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH job AS (
    SELECT e.employment_id, e.person_id, e.role, e.specialty, lower(e.during) AS began,
      e.during * days_in_seat.during AS seat
    FROM employment AS e
    WHERE lower(e.during) <= day
  ),
  step AS (
    SELECT DISTINCT ON (job.employment_id, r.month) job.employment_id, r.factor, part.days
    FROM job
    JOIN ramp AS r
      ON r.role = job.role
      AND (r.specialty IS NULL OR r.specialty = job.specialty)
      AND r.during @> job.began
    CROSS JOIN LATERAL (
      SELECT least(upper(job.seat), (job.began + make_interval(months => r.month))::date)
        - greatest(lower(job.seat), (job.began + make_interval(months => r.month - 1))::date)
    ) AS part (days)
    WHERE NOT isempty(job.seat) AND part.days > 0
    ORDER BY job.employment_id, r.month, r.specialty NULLS LAST
  ),
  eased AS (
    SELECT step.employment_id, sum((1 - step.factor) * step.days) AS days
    FROM step
    GROUP BY step.employment_id
  )
  SELECT job.person_id, coalesce(sum(upper(job.seat) - lower(job.seat)), 0),
    coalesce(sum(upper(job.seat) - lower(job.seat)), 0) - coalesce(sum(eased.days), 0)
  FROM job
  LEFT JOIN eased USING (employment_id)
  GROUP BY job.person_id;
END;
COMMENT ON FUNCTION days_in_seat(daterange, date) IS
'How many days of the span each person is in a job that has begun by day, and the same with each day weighed by its ramp factor; of everybody who ever had one';

-- What the reports on quotas of bookings read.  Nothing is rounded, so that a team is the sum
-- of its people.
CREATE FUNCTION quota_result(as_of timestamptz, day date, person text, during daterange)
RETURNS TABLE (person_id bigint, during daterange, planned numeric, actual numeric, variance numeric,
  variance_rate float8, attainment float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH quota AS (
    SELECT q.person_id, q.during, sum(q.target) AS target
    FROM asked_quota(quota_result.as_of, quota_result.day, quota_result.person, quota_result.during) AS q
    WHERE q.metric = 'bookings'
    GROUP BY q.person_id, q.during
  ),
  -- A quota without bookings keeps its row: the gap is then the whole quota.
  figure AS (
    SELECT both_sides.person_id, both_sides.during,
      plan_variance(both_sides.planned, both_sides.actual) AS result
    FROM (
      SELECT quota.person_id, quota.during, quota.target AS planned, NULL::numeric AS actual
      FROM quota
      UNION ALL
      SELECT quota.person_id, quota.during, NULL, booking.amount
      FROM quota
      CROSS JOIN LATERAL credited_to(
        quota.person_id, lower(quota.during), least(upper(quota.during), quota_result.day + 1)) AS booking
    ) AS both_sides
    GROUP BY both_sides.person_id, both_sides.during
  )
  SELECT figure.person_id, figure.during, (figure.result).planned, (figure.result).actual, (figure.result).variance,
    (figure.result).variance_rate, (figure.result).attainment
  FROM figure;
END;
COMMENT ON FUNCTION quota_result(timestamptz, date, text, daterange) IS
'The quota of bookings of each person and period, and what has been booked of it up to day, unrounded';

CREATE FUNCTION quota_attainment(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, manager text, period_from date, period_until date,
  quota numeric, actual numeric, variance numeric, variance_rate float8, attainment float8,
  days_in_seat bigint, days_in_period int, ramp_factor float8, effective_quota numeric, effective_attainment float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH given AS MATERIALIZED (
    SELECT book_date(as_of, settings(options, as_of)) AS day
  ),
  figure AS MATERIALIZED (
    SELECT q.*
    FROM given
    CROSS JOIN LATERAL quota_result(as_of, given.day, quota_attainment.person, quota_attainment.during) AS q
  ),
  line AS MATERIALIZED (
    SELECT span.during, first.person_id, first.manager_id
    FROM (SELECT DISTINCT figure.during FROM figure) AS span
    CROSS JOIN given
    CROSS JOIN LATERAL first_line(span.during, given.day) AS first
  ),
  -- in no job in the period: nothing is asked; in none ever: nobody knows
  seat AS MATERIALIZED (
    SELECT span.during, held.person_id, held.days, held.full_days
    FROM given
    CROSS JOIN (SELECT DISTINCT figure.during FROM figure) AS span
    CROSS JOIN LATERAL days_in_seat(span.during, given.day) AS held
  )
  SELECT rep.code, rep.name, boss.code, lower(figure.during), upper(figure.during),
    figure.planned::numeric(20,4), figure.actual::numeric(20,4),
    figure.variance::numeric(20,4), figure.variance_rate, figure.attainment,
    seat.days, upper(figure.during) - lower(figure.during),
    (seat.full_days / nullif(seat.days, 0))::float8,
    effective.quota::numeric(20,4),
    (1 + (figure.actual - effective.quota) / nullif(abs(effective.quota), 0))::float8
  FROM figure
  JOIN person AS rep ON rep.person_id = figure.person_id
  LEFT JOIN seat ON seat.person_id = figure.person_id AND seat.during = figure.during
  CROSS JOIN LATERAL (
    SELECT figure.planned * seat.full_days / (upper(figure.during) - lower(figure.during))
  ) AS effective (quota)
  LEFT JOIN line ON line.person_id = figure.person_id AND line.during = figure.during
  LEFT JOIN person AS boss ON boss.person_id = line.manager_id;
END;
COMMENT ON FUNCTION quota_attainment(timestamptz, text, daterange, jsonb) IS
'What each person has booked against the quota of each period: periods that overlap during, or those that have begun';

CREATE VIEW quota_attainment WITH (security_invoker) AS
SELECT person, person_name, manager, period_from, period_until,
  quota::numeric(20,4), actual::numeric(20,4), variance::numeric(20,4), variance_rate, attainment,
  days_in_seat, days_in_period, ramp_factor, effective_quota::numeric(20,4), effective_attainment
FROM quota_attainment();
COMMENT ON VIEW quota_attainment IS 'Has each rep reached the quota of each period?';
COMMENT ON COLUMN quota_attainment.person IS 'Code of the person';
COMMENT ON COLUMN quota_attainment.person_name IS 'Name of the person';
COMMENT ON COLUMN quota_attainment.manager IS 'Code of the manager on the first day of the period on which there was one';
COMMENT ON COLUMN quota_attainment.period_from IS 'First day of the quota period';
COMMENT ON COLUMN quota_attainment.period_until IS 'Day after the last of the quota period';
COMMENT ON COLUMN quota_attainment.quota IS 'Target of bookings in the newest revision, summed over the person''s plans with this very period';
COMMENT ON COLUMN quota_attainment.actual IS 'Bookings credited to the person in the period so far';
COMMENT ON COLUMN quota_attainment.variance IS 'actual - quota; the whole quota, negative, without bookings';
COMMENT ON COLUMN quota_attainment.variance_rate IS 'variance / |quota|; empty for a quota of 0';
COMMENT ON COLUMN quota_attainment.attainment IS '1 + variance_rate: actual / quota for a quota above 0; empty for a quota of 0';
COMMENT ON COLUMN quota_attainment.days_in_seat IS 'Days of the period on which the person had a job; empty for somebody whose jobs are not recorded';
COMMENT ON COLUMN quota_attainment.days_in_period IS 'Days of the period';
COMMENT ON COLUMN quota_attainment.ramp_factor IS 'Mean of ramp.factor over the days in seat, 1 for those without one';
COMMENT ON COLUMN quota_attainment.effective_quota IS 'quota * ramp_factor * days_in_seat / days_in_period: what can be asked of somebody who is new, or was not there all the time';
COMMENT ON COLUMN quota_attainment.effective_attainment IS 'actual / effective_quota above 0, as attainment; empty for an effective quota of 0';

CREATE FUNCTION team_quota(as_of timestamptz, during daterange, options jsonb)
RETURNS TABLE (leader_id bigint, level int, person text, period_from date, period_until date,
  quota numeric, actual numeric, variance numeric, attainment float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH RECURSIVE given AS MATERIALIZED (
    SELECT book_date(as_of, settings(options, as_of)) AS day
  ),
  -- Everybody's quotas: who belonged to a team in the period may be elsewhere by now.
  quota AS (
    SELECT rep.person_id, rep.code, lower(q.during) AS period_from, upper(q.during) AS period_until,
      q.planned AS quota, q.actual, q.variance, q.attainment
    FROM given
    CROSS JOIN LATERAL quota_result(as_of, given.day, NULL, team_quota.during) AS q
    JOIN person AS rep ON rep.person_id = q.person_id
  ),
  placed AS (
    SELECT quota.person_id, quota.period_from, quota.period_until,
      coalesce(line.placed_on, quota.period_from) AS placed_on
    FROM quota
    LEFT JOIN (
      SELECT span.period_from, span.period_until, first.person_id, first.placed_on
      FROM (SELECT DISTINCT q.period_from, q.period_until FROM quota AS q) AS span
      CROSS JOIN given
      CROSS JOIN LATERAL first_line(daterange(span.period_from, span.period_until), given.day) AS first
    ) AS line USING (person_id, period_from, period_until)
  ),
  above (leader_id, person_id, period_from, period_until, placed_on, level) AS (
    SELECT placed.person_id, placed.person_id, placed.period_from, placed.period_until, placed.placed_on, 0
    FROM placed
    UNION ALL
    SELECT line.manager_id, above.person_id, above.period_from, above.period_until, above.placed_on,
      above.level + 1
    FROM above
    CROSS JOIN given
    JOIN reporting_line AS line
      ON line.person_id = above.leader_id
      AND line.during @> least(above.placed_on, given.day)
    WHERE above.level < 100
  )
  SELECT above.leader_id, above.level, quota.code, quota.period_from, quota.period_until,
    quota.quota, quota.actual, quota.variance, quota.attainment
  FROM above
  JOIN quota USING (person_id, period_from, period_until);
END;
COMMENT ON FUNCTION team_quota(timestamptz, daterange, jsonb) IS
'The quota of each person and period, unrounded, for the person and everybody above who led on the first day of the period';

CREATE FUNCTION team_attainment(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, levels_below int, period_from date, period_until date,
  quota numeric, actual numeric, variance numeric, variance_rate float8, attainment float8,
  reps bigint, reps_attained bigint, attained_share float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH given AS MATERIALIZED (
    SELECT called.options, book_date(as_of, called.options) AS day
    FROM settings(options, as_of) AS called (options)
  ),
  team AS (
    SELECT member.leader_id, member.period_from, member.period_until,
      max(member.level) AS levels_below,
      plan_variance(member.quota, member.actual) AS result,
      count(member.attainment) AS reps,
      count(member.attainment) FILTER (WHERE member.variance >= 0) AS reps_attained
    FROM given
    CROSS JOIN LATERAL team_quota(as_of, team_attainment.during, given.options) AS member
    GROUP BY member.leader_id, member.period_from, member.period_until
    HAVING max(member.level) > 0
  )
  SELECT leader.code, leader.name, team.levels_below, team.period_from, team.period_until,
    (team.result).planned::numeric(20,4), (team.result).actual::numeric(20,4),
    (team.result).variance::numeric(20,4), (team.result).variance_rate, (team.result).attainment,
    team.reps, team.reps_attained, team.reps_attained::float8 / nullif(team.reps, 0)
  FROM team
  JOIN person AS leader ON leader.person_id = team.leader_id
  WHERE team.leader_id IN (
    SELECT r.person_id
    FROM given
    CROSS JOIN LATERAL report_on(team_attainment.person, given.day) AS r);
END;
COMMENT ON FUNCTION team_attainment(timestamptz, text, daterange, jsonb) IS
'The quotas and bookings of each leader''s whole team, the leader''s own included, by period: sums over sums, never a mean of ratios';

CREATE VIEW team_attainment WITH (security_invoker) AS
SELECT person, person_name, levels_below, period_from, period_until,
  quota::numeric(20,4), actual::numeric(20,4), variance::numeric(20,4), variance_rate, attainment,
  reps, reps_attained, attained_share
FROM team_attainment();
COMMENT ON VIEW team_attainment IS 'Has each team, at every level, reached its quota, and how many of its people have?';
COMMENT ON COLUMN team_attainment.person IS 'Code of the leader';
COMMENT ON COLUMN team_attainment.person_name IS 'Name of the leader';
COMMENT ON COLUMN team_attainment.levels_below IS 'How many levels below the leader people with a quota are found; 1 is a team of reps';
COMMENT ON COLUMN team_attainment.period_from IS 'First day of the quota period';
COMMENT ON COLUMN team_attainment.period_until IS 'Day after the last of the quota period';
COMMENT ON COLUMN team_attainment.quota IS 'Quotas of this very period of the leader and everybody below';
COMMENT ON COLUMN team_attainment.actual IS 'Their bookings in the period so far';
COMMENT ON COLUMN team_attainment.variance IS 'actual - quota';
COMMENT ON COLUMN team_attainment.variance_rate IS 'variance / |quota|; empty for a quota of 0';
COMMENT ON COLUMN team_attainment.attainment IS '1 + variance_rate: sum of bookings / sum of quotas; empty for a quota of 0';
COMMENT ON COLUMN team_attainment.reps IS 'People with a quota other than 0 in the period';
COMMENT ON COLUMN team_attainment.reps_attained IS 'Those of them who have reached it';
COMMENT ON COLUMN team_attainment.attained_share IS 'reps_attained / reps';
