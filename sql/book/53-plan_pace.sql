-- Is the quota being booked fast enough?  Linear in the person's own working days, and as the
-- person's earlier periods filled up.

-- At the same part of the calendar, not of the working days: the end of a quarter comes when it
-- comes, whoever was away.  Who came or left in a period had another rhythm in it, and where nothing
-- was booked there is no share.
CREATE FUNCTION past_pace(as_of timestamptz, person text, during daterange, options jsonb)
RETURNS TABLE (person_id bigint, during daterange, past daterange, plan_target_id bigint, share numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH given AS MATERIALIZED (
    SELECT book_date(past_pace.as_of, past_pace.options) AS day
  ),
  asked AS MATERIALIZED (
    SELECT DISTINCT q.person_id, q.during, upper(q.during) - lower(q.during) AS days,
      greatest(least(given.day + 1, upper(q.during)) - lower(q.during), 0) AS elapsed
    FROM given
    CROSS JOIN LATERAL asked_quota(past_pace.as_of, given.day, past_pace.person, past_pace.during) AS q
    WHERE q.metric = 'bookings'
  ),
  told AS MATERIALIZED (
    SELECT t.person_id, t.during, t.plan_target_id
    FROM given
    CROSS JOIN LATERAL target_in_force(past_pace.as_of, given.day) AS t
    WHERE t.kind = 'quota'
      AND t.metric = 'bookings'
      AND NOT t.handed_down
  ),
  past AS MATERIALIZED (
    SELECT asked.person_id, asked.during, asked.days, asked.elapsed, t.during AS past,
      upper(t.during) - lower(t.during) AS past_days, min(t.plan_target_id) AS plan_target_id
    FROM given
    CROSS JOIN asked
    JOIN told AS t ON t.person_id = asked.person_id
    WHERE upper(t.during) <= least(lower(asked.during), given.day + 1)
      -- as long as the period, give or take a tenth: months and quarters are not all of one length
      AND abs(upper(t.during) - lower(t.during) - asked.days) * 10 <= greatest(upper(t.during) - lower(t.during), asked.days)
    GROUP BY asked.person_id, asked.during, asked.days, asked.elapsed, t.during
  ),
  seat AS MATERIALIZED (
    SELECT span.past, held.person_id, held.days
    FROM given
    CROSS JOIN (SELECT DISTINCT p.past FROM past AS p) AS span
    CROSS JOIN LATERAL days_in_seat(span.past, given.day) AS held
  ),
  newest AS (
    SELECT past.*, booked.by_then / booked.total AS share,
      row_number() OVER (PARTITION BY past.person_id, past.during ORDER BY upper(past.past) DESC, lower(past.past)) AS place
    FROM past
    LEFT JOIN seat ON seat.person_id = past.person_id AND seat.past = past.past
    CROSS JOIN LATERAL (
      SELECT sum(b.amount) AS total,
        coalesce(sum(b.amount) FILTER (
          WHERE b.booked_on < lower(past.past) + round(past.elapsed::numeric * past.past_days / past.days)::int), 0) AS by_then
      FROM credited_to(past.person_id, lower(past.past), upper(past.past)) AS b
    ) AS booked
    WHERE coalesce(seat.days, past.past_days) = past.past_days
      AND booked.total > 0
  )
  SELECT newest.person_id, newest.during, newest.past, newest.plan_target_id, newest.share
  FROM newest
  WHERE newest.place <= (past_pace.options ->> 'pace_past_periods')::numeric;
END;
COMMENT ON FUNCTION past_pace(timestamptz, text, daterange, jsonb) IS
'For each quota period that overlaps during, the person''s earlier ones of the same length, and which share of their bookings had come by the same part of the calendar; options as settings() gives them';

CREATE FUNCTION plan_pace(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, manager text, period_from date, period_until date,
  quota numeric, booked numeric, elapsed_working_days bigint, working_days bigint, elapsed_share float8,
  expected numeric, pace_ratio float8, projected numeric,
  past_periods int8, past_share float8, projected_historical numeric, gap numeric, required_per_day numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH given AS MATERIALIZED (
    SELECT called.options, book_date(as_of, called.options) AS day
    FROM settings(plan_pace.options, plan_pace.as_of) AS called (options)
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
  ),
  past AS (
    SELECT p.person_id, lower(p.during) AS period_from, upper(p.during) AS period_until,
      count(*) AS periods, array_agg(p.share::float8) AS shares, avg(p.share)::float8 AS share
    FROM given
    CROSS JOIN LATERAL past_pace(as_of, plan_pace.person,
      coalesce(plan_pace.during, daterange(given.day, given.day, '[]')), given.options) AS p
    GROUP BY p.person_id, p.during
  )
  SELECT quota.person, quota.person_name, quota.manager, quota.period_from, quota.period_until,
    quota.quota, quota.actual, coalesce(worked.elapsed, 0), coalesce(worked.days, 0),
    worked.elapsed::float8 / worked.days,
    (quota.quota * worked.elapsed / worked.days)::numeric(20,4),
    pace(quota.actual, quota.quota, worked.elapsed, worked.days),
    pace_projected(quota.actual, worked.elapsed, worked.days)::numeric(20,4),
    coalesce(past.periods, 0), past.share,
    CASE WHEN past.periods >= (given.options ->> 'pace_min_periods')::numeric
      THEN pace_historical(quota.actual, past.shares)
    END::numeric(20,4),
    (quota.quota - quota.actual)::numeric(20,4),
    required_per_day(quota.quota - quota.actual, coalesce(worked.days - worked.elapsed, 0))::numeric(20,4)
  FROM given
  CROSS JOIN quota
  LEFT JOIN worked USING (person_id, period_from, period_until)
  LEFT JOIN past USING (person_id, period_from, period_until);
END;
COMMENT ON FUNCTION plan_pace(timestamptz, text, daterange, jsonb) IS
'How the bookings of each quota period keep pace with the person''s working days: the periods that contain as_of, or those that overlap during';

CREATE VIEW plan_pace WITH (security_invoker) AS
SELECT person, person_name, manager, period_from, period_until,
  quota::numeric(20,4), booked::numeric(20,4), elapsed_working_days, working_days, elapsed_share,
  expected::numeric(20,4), pace_ratio, projected::numeric(20,4),
  past_periods, past_share, projected_historical::numeric(20,4), gap::numeric(20,4), required_per_day::numeric(20,4)
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
COMMENT ON COLUMN plan_pace.past_periods IS 'Earlier quota periods of the person of the same length that have bookings, the newest (setting pace_past_periods)';
COMMENT ON COLUMN plan_pace.past_share IS 'Mean share of their bookings that had come by the same part of the calendar; empty without one';
COMMENT ON COLUMN plan_pace.projected_historical IS 'booked / past_share: the period''s bookings if it fills up as those did; empty with fewer than setting pace_min_periods of them, or where nothing had come by then';
COMMENT ON COLUMN plan_pace.gap IS 'quota - booked; negative beyond the quota';
COMMENT ON COLUMN plan_pace.required_per_day IS 'What is missing, for each working day left; 0 once the quota is reached, empty where it is not and no day is left';
