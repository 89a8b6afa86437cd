-- What people do against what is expected of them, week by week.

-- A norm of a week is that of five days, one of a month that of the month's
-- working days, so that a norm which changes in mid-week, and a week that lies
-- in two months, need no rule of their own.
CREATE FUNCTION norm_day(during daterange)
RETURNS TABLE (person_id bigint, day date, present boolean, metric_id bigint, norm numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH month AS MATERIALIZED (
    SELECT date_trunc('month', d.day)::date AS month, count(*) AS working_days
    FROM generate_series(
      date_trunc('month', lower(norm_day.during)::timestamp),
      date_trunc('month', upper(norm_day.during)::timestamp - interval '1 day')
        + interval '1 month' - interval '1 day',
      interval '1 day') AS d (day)
    WHERE extract(isodow FROM d.day) < 6
      AND NOT EXISTS (
        SELECT
        FROM holiday
        WHERE holiday.day = d.day::date AND holiday.territory_id IS NULL)
    GROUP BY date_trunc('month', d.day)
  ),
  job_day AS (
    SELECT job.person_id, job.role, d.day::date AS day
    FROM employment AS job
    CROSS JOIN LATERAL generate_series(
      lower(job.during * norm_day.during)::timestamp,
      upper(job.during * norm_day.during)::timestamp - interval '1 day',
      interval '1 day') AS d (day)
    WHERE job.during && norm_day.during
      AND extract(isodow FROM d.day) < 6
  ),
  worked AS MATERIALIZED (
    SELECT w.person_id, w.day
    FROM working_day(norm_day.during) AS w
  )
  SELECT DISTINCT ON (norm.person_id, norm.day, norm.metric_id)
    norm.person_id, norm.day, worked.day IS NOT NULL, norm.metric_id,
    CASE norm.per
      WHEN 'day' THEN norm.norm
      WHEN 'week' THEN norm.norm / 5
      ELSE norm.norm / month.working_days
    END
  FROM (
    SELECT job_day.person_id, job_day.day, s.metric_id, s.per, s.norm, true AS own
    FROM job_day
    JOIN standard AS s ON s.person_id = job_day.person_id AND s.during @> job_day.day
    UNION ALL
    SELECT job_day.person_id, job_day.day, s.metric_id, s.per, s.norm, false
    FROM job_day
    JOIN standard AS s ON s.role = job_day.role AND s.during @> job_day.day
  ) AS norm
  LEFT JOIN worked
    ON worked.person_id = norm.person_id AND worked.day = norm.day
  LEFT JOIN month ON month.month = date_trunc('month', norm.day::timestamp)::date
  ORDER BY norm.person_id, norm.day, norm.metric_id, norm.own DESC;
END;
COMMENT ON FUNCTION norm_day(daterange) IS
'The norm of each metric for each weekday of a bounded span, by person in a job: the person''s own goes before the role''s; present on working days';

CREATE FUNCTION activity_compliance(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, week date, metric text, metric_name text,
  done bigint, norm float8, working_days bigint, compliance float8, compliance_capped float8, met boolean)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH called AS MATERIALIZED (
    SELECT settings(options) AS options
  ),
  given AS MATERIALIZED (
    SELECT called.options, book_date(as_of, called.options) AS day,
      date_trunc('week', book_date(as_of, called.options)::timestamp)::date AS monday
    FROM called
  ),
  -- Whole weeks, from Monday to Monday; a week belongs to where its Monday
  -- lies, and the running one ends with today.
  span AS (
    SELECT given.options,
      given.monday - 7 * (given.options ->> 'activity_weeks')::numeric::int AS since,
      given.monday AS until
    FROM given
    WHERE activity_compliance.during IS NULL
    UNION ALL
    SELECT given.options,
      date_trunc('week', (greatest(lower(activity_compliance.during), first_job.day) + 6)::timestamp)::date,
      least(
        date_trunc('week', (upper(activity_compliance.during) - 1)::timestamp)::date + 7,
        given.day + 1)
    FROM given
    CROSS JOIN (
      SELECT date_trunc('week', min(lower(job.during))::timestamp)::date AS day
      FROM employment AS job
    ) AS first_job
    WHERE NOT isempty(activity_compliance.during)
  ),
  counted AS (
    SELECT DISTINCT activity_kind.metric_id
    FROM activity_kind
    WHERE activity_kind.metric_id IS NOT NULL
  ),
  people AS (
    SELECT r.person_id
    FROM given
    CROSS JOIN LATERAL report_on(activity_compliance.person, given.day) AS r
  ),
  expected AS MATERIALIZED (
    SELECT n.person_id, n.metric_id, date_trunc('week', n.day::timestamp)::date AS week,
      coalesce(sum(n.norm) FILTER (WHERE n.present), 0) AS norm,
      count(*) FILTER (WHERE n.present) AS working_days
    FROM span
    CROSS JOIN LATERAL norm_day(daterange(span.since, greatest(span.since, span.until))) AS n
    WHERE n.metric_id IN (SELECT counted.metric_id FROM counted)
      AND n.person_id IN (SELECT people.person_id FROM people)
    GROUP BY n.person_id, n.metric_id, date_trunc('week', n.day::timestamp)
  ),
  held AS MATERIALIZED (
    SELECT activity.person_id, kind.metric_id,
      date_trunc('week', book_date(activity.held_at, span.options)::timestamp)::date AS week,
      count(*) AS done
    FROM span
    JOIN activity
      ON activity.held_at >= book_midnight(span.since, span.options)
      AND activity.held_at < book_midnight(span.until, span.options)
      AND activity.held_at <= as_of
    JOIN activity_kind AS kind ON kind.activity_kind_id = activity.activity_kind_id
    WHERE kind.metric_id IS NOT NULL
    GROUP BY activity.person_id, kind.metric_id,
      date_trunc('week', book_date(activity.held_at, span.options)::timestamp)
  )
  SELECT rep.code, rep.name, expected.week, metric.code, metric.name,
    coalesce(held.done, 0), expected.norm::float8, expected.working_days,
    (coalesce(held.done, 0) / nullif(expected.norm, 0))::float8,
    CASE WHEN expected.norm > 0 THEN least(coalesce(held.done, 0) / expected.norm, 1) END::float8,
    CASE WHEN expected.norm > 0 THEN coalesce(held.done, 0) >= round(expected.norm, 9) END
  FROM expected
  LEFT JOIN held
    ON held.person_id = expected.person_id
    AND held.metric_id = expected.metric_id
    AND held.week = expected.week
  JOIN person AS rep ON rep.person_id = expected.person_id
  JOIN metric ON metric.metric_id = expected.metric_id;
END;
COMMENT ON FUNCTION activity_compliance(timestamptz, text, daterange, jsonb) IS
'Activities held against the norm for the days each person was at work, by week: the weeks whose Monday lies in during, or the last full ones (setting activity_weeks)';

CREATE VIEW activity_compliance WITH (security_invoker) AS
SELECT *
FROM activity_compliance();
COMMENT ON VIEW activity_compliance IS 'Does each person do as much of each activity as the norm asks, net of leave and holidays?';
COMMENT ON COLUMN activity_compliance.person IS 'Code of the person';
COMMENT ON COLUMN activity_compliance.person_name IS 'Name of the person';
COMMENT ON COLUMN activity_compliance.week IS 'Monday of the week';
COMMENT ON COLUMN activity_compliance.metric IS 'Code of the metric that has a norm';
COMMENT ON COLUMN activity_compliance.metric_name IS 'Name of the metric';
COMMENT ON COLUMN activity_compliance.done IS 'Activities held in the week, of the kinds that the metric counts';
COMMENT ON COLUMN activity_compliance.norm IS 'How many the norm asks for on the days at work';
COMMENT ON COLUMN activity_compliance.working_days IS 'Days at work on which the norm was in force: Monday to Friday in the job, without holidays and absences';
COMMENT ON COLUMN activity_compliance.compliance IS 'done / norm; empty where nothing was asked';
COMMENT ON COLUMN activity_compliance.compliance_capped IS 'compliance, at most 1';
COMMENT ON COLUMN activity_compliance.met IS 'Whether done reaches the norm; empty where nothing was asked';

CREATE FUNCTION activity_compliance_summary(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, metric text, metric_name text,
  done bigint, norm float8, compliance float8, weeks bigint, weeks_met bigint, met_share float8,
  longest_run_below bigint, current_run_below bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH week AS (
    -- weeks of which nothing was asked neither break a run nor lengthen it
    SELECT c.*,
      count(*) FILTER (WHERE c.met) OVER (
        PARTITION BY c.person, c.metric
        ORDER BY c.week) AS met_so_far
    FROM activity_compliance(as_of, activity_compliance_summary.person,
      activity_compliance_summary.during, options) AS c
  ),
  run AS (
    SELECT week.person, week.metric, week.met_so_far,
      min(week.person_name) AS person_name, min(week.metric_name) AS metric_name,
      sum(week.done) AS done, sum(week.norm) AS norm,
      count(week.met) AS weeks,
      count(*) FILTER (WHERE week.met) AS weeks_met,
      count(*) FILTER (WHERE NOT week.met) AS weeks_below
    FROM week
    GROUP BY week.person, week.metric, week.met_so_far
  )
  SELECT run.person, min(run.person_name), run.metric, min(run.metric_name),
    sum(run.done)::bigint, sum(run.norm), sum(run.done)::float8 / nullif(sum(run.norm), 0),
    sum(run.weeks)::bigint, sum(run.weeks_met)::bigint,
    sum(run.weeks_met)::float8 / nullif(sum(run.weeks), 0)::float8,
    max(run.weeks_below),
    (array_agg(run.weeks_below ORDER BY run.met_so_far DESC))[1]
  FROM run
  GROUP BY run.person, run.metric;
END;
COMMENT ON FUNCTION activity_compliance_summary(timestamptz, text, daterange, jsonb) IS
'activity_compliance by person and metric over its weeks: how much, how often, and for how long in a row below the norm';

CREATE VIEW activity_compliance_summary WITH (security_invoker) AS
SELECT *
FROM activity_compliance_summary();
COMMENT ON VIEW activity_compliance_summary IS 'How steadily does each person meet the norm of each activity?';
COMMENT ON COLUMN activity_compliance_summary.person IS 'Code of the person';
COMMENT ON COLUMN activity_compliance_summary.person_name IS 'Name of the person';
COMMENT ON COLUMN activity_compliance_summary.metric IS 'Code of the metric that has a norm';
COMMENT ON COLUMN activity_compliance_summary.metric_name IS 'Name of the metric';
COMMENT ON COLUMN activity_compliance_summary.done IS 'Activities held in all the weeks';
COMMENT ON COLUMN activity_compliance_summary.norm IS 'How many the norm asked for in all of them';
COMMENT ON COLUMN activity_compliance_summary.compliance IS 'done / norm; empty where nothing was asked';
COMMENT ON COLUMN activity_compliance_summary.weeks IS 'Weeks of which something was asked';
COMMENT ON COLUMN activity_compliance_summary.weeks_met IS 'Those of them whose norm was met';
COMMENT ON COLUMN activity_compliance_summary.met_share IS 'weeks_met / weeks';
COMMENT ON COLUMN activity_compliance_summary.longest_run_below IS 'Most weeks in a row below the norm; a week away neither breaks a run nor counts';
COMMENT ON COLUMN activity_compliance_summary.current_run_below IS 'Weeks in a row below the norm at the end';
