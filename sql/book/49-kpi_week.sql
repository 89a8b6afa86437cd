-- The week: the few figures that a manager asks for, and what is left to do in it.

-- The norms of a week and the events of it, one row each: what kpi_week adds up.  A norm
-- belongs to a step on the way to a win if no kind of another step is counted by its metric.
CREATE FUNCTION step_norm_day(during daterange, options jsonb) RETURNS TABLE (
  person_id bigint, day date, present boolean, step text, norm numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH step AS (
    SELECT k.metric_id, min(k.counts_as) AS step
    FROM activity_kind AS k
    WHERE k.metric_id IS NOT NULL
    GROUP BY k.metric_id
    HAVING count(DISTINCT k.counts_as) = 1 AND count(*) = count(k.counts_as)
    UNION ALL
    SELECT m.metric_id, 'won'
    FROM metric AS m
    WHERE m.code = 'deals_won'
  )
  SELECT n.person_id, n.day, n.present, step.step, n.norm
  FROM norm_day(step_norm_day.during, step_norm_day.options) AS n
  JOIN step ON step.metric_id = n.metric_id;
END;
COMMENT ON FUNCTION step_norm_day(daterange, jsonb) IS
'The norms of calls, discovery meetings, proposal meetings, other meetings and wins for each day of a bounded span on which the job is worked, by person; present on working days; options as settings() gives them';

CREATE FUNCTION kpi_week(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, week date, working_days int8,
  discovery_meetings int8, discovery_norm float8, discovery_met boolean,
  proposal_meetings int8, proposal_norm float8, proposal_met boolean,
  won int8, won_norm float8, won_met boolean, norms int8, norms_met int8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, today.today, daterange(week.since, greatest(week.since, week.until)) AS days
    FROM settings(kpi_week.options, kpi_week.as_of) AS given (options)
    CROSS JOIN LATERAL book_date(kpi_week.as_of, given.options) AS today (today)
    CROSS JOIN LATERAL week_span(kpi_week.during, today.today, given.options) AS week
  ),
  people AS MATERIALIZED (
    SELECT r.person_id
    FROM chosen
    CROSS JOIN LATERAL report_on(kpi_week.person, chosen.today) AS r
  ),
  -- every rep in every week of the job, whatever was done or asked
  part AS (
    SELECT job.person_id, date_trunc('week', d.day)::date AS week, NULL AS event, false AS worked, NULL::numeric AS norm
    FROM chosen
    JOIN employment AS job ON job.during && chosen.days AND job.role = 'rep'
    CROSS JOIN LATERAL generate_series(
      date_trunc('week', lower(job.during * chosen.days)::timestamp),
      upper(job.during * chosen.days)::timestamp - interval '1 day', interval '7 days') AS d (day)
    UNION ALL
    SELECT w.person_id, date_trunc('week', w.day::timestamp)::date, NULL, true, NULL
    FROM chosen
    CROSS JOIN LATERAL working_day(chosen.days) AS w
    UNION ALL
    SELECT n.person_id, date_trunc('week', n.day::timestamp)::date, n.step, false, CASE WHEN n.present THEN n.norm ELSE 0 END
    FROM chosen
    CROSS JOIN LATERAL step_norm_day(chosen.days, chosen.options) AS n
    WHERE n.step IN ('discovery', 'proposal', 'won')
    UNION ALL
    SELECT e.person_id, date_trunc('week', e.happened_on::timestamp)::date, e.event, false, NULL
    FROM chosen
    CROSS JOIN LATERAL sales_event(kpi_week.as_of, kpi_week.person, chosen.days, chosen.options) AS e
    WHERE e.event IN ('discovery', 'proposal', 'won')
  ),
  counted AS (
    SELECT part.person_id, part.week,
      count(*) FILTER (WHERE part.worked) AS working_days,
      count(*) FILTER (WHERE part.event = 'discovery' AND part.norm IS NULL) AS discovery,
      sum(part.norm) FILTER (WHERE part.event = 'discovery') AS discovery_norm,
      count(*) FILTER (WHERE part.event = 'proposal' AND part.norm IS NULL) AS proposal,
      sum(part.norm) FILTER (WHERE part.event = 'proposal') AS proposal_norm,
      count(*) FILTER (WHERE part.event = 'won' AND part.norm IS NULL) AS won,
      sum(part.norm) FILTER (WHERE part.event = 'won') AS won_norm,
      bool_or(NOT part.worked) AS is_asked
    FROM part
    WHERE part.person_id IN (SELECT people.person_id FROM people)
    GROUP BY part.person_id, part.week
  ),
  judged AS (
    SELECT counted.*,
      CASE WHEN counted.discovery_norm > 0 THEN counted.discovery >= round(counted.discovery_norm, 9) END AS discovery_met,
      CASE WHEN counted.proposal_norm > 0 THEN counted.proposal >= round(counted.proposal_norm, 9) END AS proposal_met,
      CASE WHEN counted.won_norm > 0 THEN counted.won >= round(counted.won_norm, 9) END AS won_met
    FROM counted
    WHERE counted.is_asked
  )
  SELECT who.code, who.name, j.week, j.working_days,
    j.discovery, j.discovery_norm::float8, j.discovery_met,
    j.proposal, j.proposal_norm::float8, j.proposal_met,
    j.won, j.won_norm::float8, j.won_met,
    num_nonnulls(j.discovery_met, j.proposal_met, j.won_met)::int8,
    (coalesce(j.discovery_met, false)::int + coalesce(j.proposal_met, false)::int + coalesce(j.won_met, false)::int)::int8
  FROM judged AS j
  JOIN person AS who ON who.person_id = j.person_id;
END;
COMMENT ON FUNCTION kpi_week(timestamptz, text, daterange, jsonb) IS
'Discovery meetings, proposal meetings and wins of each rep, and of whoever else has a norm or any of them, by week against the norm: the weeks whose Monday lies in during, or the last full ones (setting activity_weeks)';

CREATE VIEW kpi_week WITH (security_invoker) AS
SELECT *
FROM kpi_week();
COMMENT ON VIEW kpi_week IS 'How many discovery meetings, proposal meetings and wins had each rep in each week, and how many should it have been?';
COMMENT ON COLUMN kpi_week.person IS 'Code of the person';
COMMENT ON COLUMN kpi_week.person_name IS 'Name of the person';
COMMENT ON COLUMN kpi_week.week IS 'Monday of the week';
COMMENT ON COLUMN kpi_week.working_days IS 'Days at work: the days of the week of the job, without holidays and absences';
COMMENT ON COLUMN kpi_week.discovery_meetings IS 'Discovery meetings held: kinds of activity that count as discovery';
COMMENT ON COLUMN kpi_week.discovery_norm IS 'How many the norm asks for on the days at work; 0 in a week away, empty without a norm of discovery meetings alone';
COMMENT ON COLUMN kpi_week.discovery_met IS 'Whether the norm is reached; empty where nothing was asked';
COMMENT ON COLUMN kpi_week.proposal_meetings IS 'Proposal meetings held: kinds of activity that count as proposal';
COMMENT ON COLUMN kpi_week.proposal_norm IS 'How many the norm asks for on the days at work, likewise';
COMMENT ON COLUMN kpi_week.proposal_met IS 'Whether the norm is reached; empty where nothing was asked';
COMMENT ON COLUMN kpi_week.won IS 'Deals won, by the owner at the win';
COMMENT ON COLUMN kpi_week.won_norm IS 'How many the norm of deals_won asks for on the days at work, likewise';
COMMENT ON COLUMN kpi_week.won_met IS 'Whether the norm is reached; empty where nothing was asked';
COMMENT ON COLUMN kpi_week.norms IS 'How many of the three something was asked of';
COMMENT ON COLUMN kpi_week.norms_met IS 'How many of these were reached';

CREATE FUNCTION kpi_week_evidence(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, week date,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, daterange(week.since, greatest(week.since, week.until)) AS days
    FROM settings(kpi_week_evidence.options, kpi_week_evidence.as_of) AS given (options)
    CROSS JOIN LATERAL week_span(kpi_week_evidence.during, book_date(kpi_week_evidence.as_of, given.options), given.options) AS week
  )
  SELECT who.code, date_trunc('week', e.happened_on::timestamp)::date, counts.figure, e.source, e.source_code, e.at, 1
  FROM chosen
  CROSS JOIN LATERAL sales_event(kpi_week_evidence.as_of, kpi_week_evidence.person, chosen.days, chosen.options) AS e
  JOIN (VALUES ('discovery', 'discovery_meetings'), ('proposal', 'proposal_meetings'), ('won', 'won')) AS counts (event, figure)
    ON counts.event = e.event
  JOIN person AS who ON who.person_id = e.person_id;
END;
COMMENT ON FUNCTION kpi_week_evidence(timestamptz, text, daterange, jsonb) IS
'The meetings and deals that each figure of kpi_week counted';

-- What is left of the norm of a week that is not over, for each working day left.  Today
-- is still there to work on, so it is one of them.
CREATE FUNCTION activity_pace(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, week date, metric text, metric_name text,
  done int8, norm float8, working_days int8, missing float8, days_left int8, norm_per_day float8, restore_per_day float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, today.today, daterange(week.since, greatest(week.since, week.until)) AS days
    FROM settings(activity_pace.options, activity_pace.as_of) AS given (options)
    CROSS JOIN LATERAL book_date(activity_pace.as_of, given.options) AS today (today)
    CROSS JOIN LATERAL (SELECT date_trunc('week', today.today::timestamp)::date AS monday) AS this
    -- the whole of the running week, to its Sunday
    CROSS JOIN LATERAL week_span(coalesce(activity_pace.during, daterange(this.monday, this.monday + 7)),
      this.monday + 6, given.options) AS week
  ),
  asked AS MATERIALIZED (
    SELECT n.person_id, n.metric_id, date_trunc('week', n.day::timestamp)::date AS week, sum(n.norm) AS norm,
      count(*) AS working_days, count(*) FILTER (WHERE n.day >= chosen.today) AS days_left
    FROM chosen
    CROSS JOIN LATERAL norm_day(chosen.days, chosen.options, chosen.today) AS n
    WHERE n.present
      AND n.metric_id IN (SELECT k.metric_id FROM activity_kind AS k WHERE k.metric_id IS NOT NULL)
      AND n.person_id IN (
        SELECT who.person_id
        FROM chosen AS at_day
        CROSS JOIN LATERAL report_on(activity_pace.person, at_day.today) AS who)
    GROUP BY n.person_id, n.metric_id, date_trunc('week', n.day::timestamp)
  ),
  held AS (
    SELECT e.person_id, e.metric_id, e.week, count(*) AS done
    FROM chosen
    CROSS JOIN LATERAL counted_activity(activity_pace.as_of, chosen.days, chosen.options) AS e
    WHERE activity_pace.person IS NULL
      OR e.person_id = ANY (ARRAY(
        SELECT who.person_id
        FROM chosen AS at_day
        CROSS JOIN LATERAL report_on(activity_pace.person, at_day.today) AS who))
    GROUP BY e.person_id, e.metric_id, e.week
  )
  SELECT who.code, who.name, asked.week, m.code, m.name,
    coalesce(held.done, 0), asked.norm::float8, asked.working_days,
    gap.missing::float8, asked.days_left, (asked.norm / asked.working_days)::float8,
    CASE WHEN gap.missing = 0 THEN 0 ELSE (gap.missing / nullif(asked.days_left, 0))::float8 END
  FROM asked
  LEFT JOIN held ON held.person_id = asked.person_id AND held.metric_id = asked.metric_id AND held.week = asked.week
  CROSS JOIN LATERAL (
    SELECT CASE WHEN coalesce(held.done, 0) >= round(asked.norm, 9) THEN 0 ELSE asked.norm - coalesce(held.done, 0) END AS missing
  ) AS gap
  JOIN person AS who ON who.person_id = asked.person_id
  JOIN metric AS m ON m.metric_id = asked.metric_id
  WHERE asked.norm > 0;
END;
COMMENT ON FUNCTION activity_pace(timestamptz, text, daterange, jsonb) IS
'What each person must still do of each activity, a day, to meet the norm of the running week; during: the weeks whose Monday lies in it';

CREATE VIEW activity_pace WITH (security_invoker) AS
SELECT *
FROM activity_pace();
COMMENT ON VIEW activity_pace IS 'How many activities a day, for the rest of the week, still meet the norm?';
COMMENT ON COLUMN activity_pace.person IS 'Code of the person';
COMMENT ON COLUMN activity_pace.person_name IS 'Name of the person';
COMMENT ON COLUMN activity_pace.week IS 'Monday of the week';
COMMENT ON COLUMN activity_pace.metric IS 'Code of the metric that has a norm';
COMMENT ON COLUMN activity_pace.metric_name IS 'Name of the metric';
COMMENT ON COLUMN activity_pace.done IS 'Activities held in the week so far';
COMMENT ON COLUMN activity_pace.norm IS 'How many the norm asks for in the whole week, on the days at work';
COMMENT ON COLUMN activity_pace.working_days IS 'Days at work in the week on which the norm is in force';
COMMENT ON COLUMN activity_pace.missing IS 'norm - done; 0 once the norm is met';
COMMENT ON COLUMN activity_pace.days_left IS 'Of the days at work, those that are left, today included';
COMMENT ON COLUMN activity_pace.norm_per_day IS 'norm / working_days: the usual pace';
COMMENT ON COLUMN activity_pace.restore_per_day IS 'missing / days_left: the pace that still meets the norm; 0 once it is met, empty when no day is left';

CREATE FUNCTION activity_pace_evidence(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, week date, metric text,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options
    FROM settings(activity_pace_evidence.options, activity_pace_evidence.as_of) AS given (options)
  ),
  pace AS MATERIALIZED (
    SELECT p.person, p.week, p.metric
    FROM activity_pace(activity_pace_evidence.as_of, activity_pace_evidence.person,
      activity_pace_evidence.during, activity_pace_evidence.options) AS p
  )
  SELECT pace.person, pace.week, pace.metric, 'done', 'activity', done.code, done.held_at, 1
  FROM chosen
  CROSS JOIN (SELECT daterange(min(p.week), max(p.week) + 7) AS days FROM pace AS p HAVING count(*) > 0) AS span
  CROSS JOIN LATERAL counted_activity(activity_pace_evidence.as_of, span.days, chosen.options) AS done
  JOIN person AS who ON who.person_id = done.person_id
  JOIN metric AS m ON m.metric_id = done.metric_id
  JOIN pace ON pace.person = who.code AND pace.metric = m.code AND pace.week = done.week;
END;
COMMENT ON FUNCTION activity_pace_evidence(timestamptz, text, daterange, jsonb) IS
'The activities that each figure of activity_pace counted';
