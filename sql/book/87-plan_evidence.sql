-- The rows behind the figures of quotas; evidence() calls these by name.

CREATE FUNCTION quota_attainment_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, period_from date, period_until date,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH given AS MATERIALIZED (
    SELECT called.options, book_date(quota_attainment_evidence.as_of, called.options) AS day
    FROM settings(quota_attainment_evidence.options) AS called (options)
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
    SELECT book_date(plan_pace_evidence.as_of, settings(plan_pace_evidence.options)) AS day
  )
  SELECT e.person, e.period_from, e.period_until,
    f.figure, e.source, e.source_code, e.at, f.sign * e.value
  FROM given
  CROSS JOIN LATERAL quota_attainment_evidence(plan_pace_evidence.as_of, plan_pace_evidence.person,
    coalesce(plan_pace_evidence.during, daterange(given.day, given.day, '[]')), plan_pace_evidence.options) AS e
  JOIN (VALUES ('quota', 'quota', 1), ('actual', 'booked', 1), ('quota', 'gap', 1), ('actual', 'gap', -1))
    AS f (counted, figure, sign) ON f.counted = e.figure;
END;
COMMENT ON FUNCTION plan_pace_evidence(timestamptz, text, daterange, jsonb) IS
'The targets and bookings that plan_pace counts; in gap a booking is negative';

CREATE FUNCTION target_attainment_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, metric text, period_from date, period_until date,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH given AS MATERIALIZED (
    SELECT called.options, book_date(target_attainment_evidence.as_of, called.options) AS day
    FROM settings(target_attainment_evidence.options) AS called (options)
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
    -- a case adds its part to a mean; to a median the one or two in the middle alone
    SELECT reached.person_id, reached.metric_id, reached.during, 'actual', reached.source, reached.source_id, reached.at,
      CASE
        WHEN m.code = 'cycle_days'
        THEN reached.value
          * ((reached.place = (reached.n + 1) / 2)::int + (reached.place = (reached.n + 2) / 2)::int) / 2
        WHEN adds_up(m.code, m.unit) THEN reached.value
        ELSE reached.value / reached.n
      END
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
