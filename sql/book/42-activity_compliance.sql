-- What people do against what is expected of them, week by week.

-- The norm of a role is that of full time: a fifth of a week's norm for each day of the
-- week of the job, less for hours below full time.  A person's own norm is agreed for the
-- days they work, and spread over those.  A norm of a month is that of the month's working
-- days.  So a norm that changes in mid-week, and a week that lies in two months, need no
-- rule of their own.
CREATE FUNCTION norm_day(during daterange, options jsonb DEFAULT NULL, today date DEFAULT NULL)
RETURNS TABLE (person_id bigint, day date, present boolean, metric_id bigint, norm numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH month AS MATERIALIZED (
    SELECT pattern.week, date_trunc('month', d.day)::date AS month, count(*) AS working_days
    FROM (SELECT '12345' AS week UNION SELECT employment.week FROM employment) AS pattern
    CROSS JOIN generate_series(
      date_trunc('month', lower(norm_day.during)::timestamp),
      date_trunc('month', upper(norm_day.during)::timestamp - interval '1 day')
        + interval '1 month' - interval '1 day',
      interval '1 day') AS d (day)
    WHERE strpos(pattern.week, extract(isodow FROM d.day)::text) > 0
      AND NOT EXISTS (
        SELECT
        FROM holiday
        WHERE holiday.day = d.day::date AND holiday.territory_id IS NULL)
    GROUP BY pattern.week, date_trunc('month', d.day)
  ),
  full_time AS MATERIALIZED (
    SELECT nullif(coalesce((norm_day.options ->> 'full_time_hours')::numeric, (s.value #>> '{}')::numeric), 0) / 5 AS hours_per_day
    FROM setting AS s
    WHERE s.name = 'full_time_hours'
  ),
  job_day AS (
    SELECT job.person_id, job.role, job.week, d.day::date AS day,
      coalesce(job.hours_per_week / length(job.week) / full_time.hours_per_day, 1) AS part
    FROM employment AS job
    CROSS JOIN full_time
    CROSS JOIN LATERAL generate_series(
      lower(job.during * norm_day.during)::timestamp,
      upper(job.during * norm_day.during)::timestamp - interval '1 day',
      interval '1 day') AS d (day)
    WHERE job.during && norm_day.during
      AND (lower(job.during) > norm_day.today) IS NOT TRUE
      AND strpos(job.week, extract(isodow FROM d.day)::text) > 0
  ),
  worked AS MATERIALIZED (
    SELECT w.person_id, w.day
    FROM working_day(norm_day.during, norm_day.today) AS w
  )
  SELECT DISTINCT ON (norm.person_id, norm.day, norm.metric_id)
    norm.person_id, norm.day, worked.day IS NOT NULL, norm.metric_id,
    norm.part * CASE norm.per
      WHEN 'day' THEN norm.norm
      WHEN 'week' THEN norm.norm / length(norm.week)
      ELSE norm.norm / month.working_days
    END
  FROM (
    SELECT job_day.person_id, job_day.day, s.metric_id, s.per, s.norm, true AS own, 1 AS part, job_day.week
    FROM job_day
    JOIN standard AS s ON s.person_id = job_day.person_id AND s.during @> job_day.day
    UNION ALL
    SELECT job_day.person_id, job_day.day, s.metric_id, s.per, s.norm, false, job_day.part, '12345'
    FROM job_day
    JOIN standard AS s ON s.role = job_day.role AND s.during @> job_day.day
  ) AS norm
  LEFT JOIN worked
    ON worked.person_id = norm.person_id AND worked.day = norm.day
  LEFT JOIN month
    ON month.month = date_trunc('month', norm.day::timestamp)::date AND month.week = norm.week
  ORDER BY norm.person_id, norm.day, norm.metric_id, norm.own DESC;
END;
COMMENT ON FUNCTION norm_day(daterange, jsonb, date) IS
'The norm of each metric for each day of a bounded span on which the job is worked: the person''s own goes before the role''s, which is that of full time; present on working days; options as settings() gives them, else the settings; of jobs begun by today, if it is given';

-- Whole weeks, from Monday to Monday; a week belongs to where its Monday lies,
-- and the running one ends with today.
CREATE FUNCTION week_span(during daterange, today date, options jsonb) RETURNS TABLE (since date, until date)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT this.monday - 7 * (week_span.options ->> 'activity_weeks')::numeric::int, this.monday
  FROM (SELECT date_trunc('week', today::timestamp)::date AS monday) AS this
  WHERE week_span.during IS NULL
  UNION ALL
  SELECT date_trunc('week', (greatest(lower(week_span.during), first_job.day) + 6)::timestamp)::date,
    least(date_trunc('week', (upper(week_span.during) - 1)::timestamp)::date + 7, today + 1)
  FROM (
    SELECT date_trunc('week', min(lower(job.during))::timestamp)::date AS day
    FROM employment AS job
  ) AS first_job
  WHERE NOT isempty(week_span.during);
END;
COMMENT ON FUNCTION week_span(daterange, date, jsonb) IS
'The days of the weeks whose Monday lies in during, up to today; by default the last full weeks (setting activity_weeks)';

CREATE FUNCTION counted_activity(as_of timestamptz, during daterange, options jsonb) RETURNS TABLE (
  person_id bigint, metric_id bigint, week date, code text, held_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT a.person_id, k.metric_id,
    date_trunc('week', book_date(a.held_at, counted_activity.options)::timestamp)::date, a.code, a.held_at
  FROM date_span(counted_activity.during, counted_activity.options) AS span
  JOIN activity AS a
    ON a.held_at >= span.since AND a.held_at < span.until AND a.held_at <= counted_activity.as_of
  JOIN activity_kind AS k ON k.activity_kind_id = a.activity_kind_id
  WHERE k.metric_id IS NOT NULL;
END;
COMMENT ON FUNCTION counted_activity(timestamptz, daterange, jsonb) IS
'The activities held in a span of days that a metric counts, with the Monday of their week; options as settings() gives them';

CREATE FUNCTION activity_compliance(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, week date, metric text, metric_name text,
  done bigint, norm float8, working_days bigint, compliance float8, compliance_capped float8, met boolean)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH called AS MATERIALIZED (
    SELECT settings(options, as_of) AS options
  ),
  given AS MATERIALIZED (
    SELECT called.options, book_date(as_of, called.options) AS day
    FROM called
  ),
  span AS (
    SELECT given.options, week.since, week.until
    FROM given
    CROSS JOIN LATERAL week_span(activity_compliance.during, given.day, given.options) AS week
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
    CROSS JOIN LATERAL norm_day(daterange(span.since, greatest(span.since, span.until)), span.options) AS n
    WHERE n.metric_id IN (SELECT counted.metric_id FROM counted)
      AND n.person_id IN (SELECT people.person_id FROM people)
    GROUP BY n.person_id, n.metric_id, date_trunc('week', n.day::timestamp)
  ),
  held AS MATERIALIZED (
    SELECT done.person_id, done.metric_id, done.week, count(*) AS done
    FROM span
    CROSS JOIN LATERAL counted_activity(activity_compliance.as_of,
      daterange(span.since, greatest(span.since, span.until)), span.options) AS done
    WHERE activity_compliance.person IS NULL
      OR done.person_id = ANY (ARRAY(SELECT people.person_id FROM people))
    GROUP BY done.person_id, done.metric_id, done.week
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
COMMENT ON COLUMN activity_compliance.working_days IS 'Days at work on which the norm was in force: the days of the week of the job, without holidays and absences';
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

CREATE FUNCTION activity_compliance_evidence(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, week date, metric text,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, daterange(week.since, greatest(week.since, week.until)) AS days
    FROM settings(activity_compliance_evidence.options, activity_compliance_evidence.as_of) AS given (options)
    CROSS JOIN LATERAL week_span(activity_compliance_evidence.during,
      book_date(activity_compliance_evidence.as_of, given.options), given.options) AS week
  )
  SELECT who.code, done.week, m.code, 'done', 'activity', done.code, done.held_at, 1
  FROM chosen
  CROSS JOIN LATERAL counted_activity(activity_compliance_evidence.as_of, chosen.days, chosen.options) AS done
  JOIN person AS who ON who.person_id = done.person_id
  JOIN metric AS m ON m.metric_id = done.metric_id
  -- what was done without a norm has no row there; IS TRUE: looked up in a hash, however few the planner expects
  WHERE ((who.code, done.week, m.code) IN (
    SELECT c.person, c.week, c.metric
    FROM activity_compliance(activity_compliance_evidence.as_of, activity_compliance_evidence.person,
      activity_compliance_evidence.during, activity_compliance_evidence.options) AS c)) IS TRUE;
END;
COMMENT ON FUNCTION activity_compliance_evidence(timestamptz, text, daterange, jsonb) IS
'The activities that each figure of activity_compliance counted';

CREATE FUNCTION activity_compliance_summary_evidence(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, metric text,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT e.person, e.metric, e.figure, e.source, e.source_code, e.at, e.value
  FROM activity_compliance_evidence(activity_compliance_summary_evidence.as_of, activity_compliance_summary_evidence.person,
    activity_compliance_summary_evidence.during, activity_compliance_summary_evidence.options) AS e;
END;
COMMENT ON FUNCTION activity_compliance_summary_evidence(timestamptz, text, daterange, jsonb) IS
'The activities that each figure of activity_compliance_summary counted';
