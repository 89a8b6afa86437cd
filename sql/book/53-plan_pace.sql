-- Is the quota being booked fast enough?  Linear in the person's own working days.

CREATE FUNCTION plan_pace(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, manager text, period_from date, period_until date,
  quota numeric, booked numeric, elapsed_working_days bigint, working_days bigint, elapsed_share float8,
  expected numeric, pace_ratio float8, projected numeric, gap numeric, required_per_day numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH given AS MATERIALIZED (
    SELECT book_date(as_of, settings(options)) AS day
  ),
  quota AS MATERIALIZED (
    SELECT rep.person_id, q.person, q.person_name, q.manager, q.period_from, q.period_until,
      q.quota, q.actual
    FROM given
    CROSS JOIN LATERAL quota_attainment(as_of, plan_pace.person,
      coalesce(plan_pace.during, daterange(given.day, given.day, '[]')), options) AS q
    JOIN person AS rep ON rep.code = q.person
  ),
  -- one pass over the calendar, whatever the number of periods
  worked AS MATERIALIZED (
    SELECT quota.person_id, quota.period_from, quota.period_until,
      count(*) AS days,
      count(*) FILTER (WHERE calendar.day <= given.day) AS elapsed
    FROM (
      SELECT min(q.period_from) AS since, max(q.period_until) AS until
      FROM quota AS q
      HAVING count(*) > 0
    ) AS span
    CROSS JOIN given
    CROSS JOIN LATERAL working_day(daterange(span.since, span.until), given.day) AS calendar
    JOIN quota
      ON quota.person_id = calendar.person_id
      AND calendar.day >= quota.period_from
      AND calendar.day < quota.period_until
    GROUP BY quota.person_id, quota.period_from, quota.period_until
  )
  SELECT quota.person, quota.person_name, quota.manager, quota.period_from, quota.period_until,
    quota.quota, quota.actual, coalesce(worked.elapsed, 0), coalesce(worked.days, 0),
    worked.elapsed::float8 / worked.days,
    (quota.quota * worked.elapsed / worked.days)::numeric(20,4),
    pace(quota.actual, quota.quota, worked.elapsed, worked.days),
    pace_projected(quota.actual, worked.elapsed, worked.days)::numeric(20,4),
    (quota.quota - quota.actual)::numeric(20,4),
    required_per_day(quota.quota - quota.actual, worked.days - worked.elapsed)::numeric(20,4)
  FROM quota
  LEFT JOIN worked USING (person_id, period_from, period_until);
END;
COMMENT ON FUNCTION plan_pace(timestamptz, text, daterange, jsonb) IS
'How the bookings of each quota period keep pace with the person''s working days: the periods that contain as_of, or those that overlap during';

CREATE VIEW plan_pace WITH (security_invoker) AS
SELECT person, person_name, manager, period_from, period_until,
  quota::numeric(20,4), booked::numeric(20,4), elapsed_working_days, working_days, elapsed_share,
  expected::numeric(20,4), pace_ratio, projected::numeric(20,4), gap::numeric(20,4),
  required_per_day::numeric(20,4)
FROM plan_pace();
COMMENT ON VIEW plan_pace IS 'Is each rep booking fast enough for the quota of the running period, and what must come in a day from now on?';
COMMENT ON COLUMN plan_pace.person IS 'Code of the person';
COMMENT ON COLUMN plan_pace.person_name IS 'Name of the person';
COMMENT ON COLUMN plan_pace.manager IS 'Code of the manager on the first day of the period on which there was one';
COMMENT ON COLUMN plan_pace.period_from IS 'First day of the quota period';
COMMENT ON COLUMN plan_pace.period_until IS 'Day after the last of the quota period';
COMMENT ON COLUMN plan_pace.quota IS 'Target of bookings of the period';
COMMENT ON COLUMN plan_pace.booked IS 'Bookings of the period so far';
COMMENT ON COLUMN plan_pace.elapsed_working_days IS 'Working days of the person that have passed, today included';
COMMENT ON COLUMN plan_pace.working_days IS 'Working days of the person in the whole period: the days of the week of the job, without holidays and absences';
COMMENT ON COLUMN plan_pace.elapsed_share IS 'elapsed_working_days / working_days';
COMMENT ON COLUMN plan_pace.expected IS 'quota * elapsed_share: what should have been booked by now';
COMMENT ON COLUMN plan_pace.pace_ratio IS 'booked / expected; 1 is on pace; empty while nothing was expected';
COMMENT ON COLUMN plan_pace.projected IS 'booked / elapsed_share: the period''s bookings if it goes on like this; empty before the first working day';
COMMENT ON COLUMN plan_pace.gap IS 'quota - booked; negative beyond the quota';
COMMENT ON COLUMN plan_pace.required_per_day IS 'What is missing, for each working day left; 0 once the quota is reached, empty after the last day';
