-- Quotas of any metric: meetings to be held, deals to be created, families to be sold.

-- What counts toward a metric, case by case, for people and spans that are asked for: the
-- n-th of each array together.  quota_attainment has a shorter way for bookings.  A branch
-- whose metric nobody asks for is not executed.
CREATE FUNCTION metric_case(as_of timestamptz, options jsonb, person_ids bigint[], metric_ids bigint[], spans daterange[])
RETURNS TABLE (person_id bigint, metric_id bigint, during daterange,
  source text, source_id bigint, day date, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH asked AS MATERIALIZED (
    SELECT DISTINCT q.person_id, q.metric_id, m.code AS metric, q.during, lower(q.during) AS since,
      least(upper(q.during), book_date(metric_case.as_of, metric_case.options) + 1) AS until
    FROM unnest(metric_case.person_ids, metric_case.metric_ids, metric_case.spans) AS q (person_id, metric_id, during)
    JOIN metric AS m ON m.metric_id = q.metric_id
    -- nothing counts yet in a span that is to come
    WHERE lower(q.during) <= book_date(metric_case.as_of, metric_case.options)
  ),
  closed AS MATERIALIZED (
    SELECT d.opportunity_id, d.owner_id, d.won, d.closed_on, d.amount,
      d.closed_on - book_date(d.created_at, metric_case.options) AS days,
      (metric_case.options ->> 'win_rate_min_amount')::numeric = 0
        OR d.amount >= (metric_case.options ->> 'win_rate_min_amount')::numeric AS judged
    FROM (
      SELECT daterange(min(a.since), max(a.until)) AS during
      FROM asked AS a
      WHERE a.metric IN ('deals_won', 'win_rate', 'deal_size', 'cycle_days')
      HAVING count(*) > 0
    ) AS hull
    CROSS JOIN LATERAL closed_deal(metric_case.as_of, metric_case.options || '{"win_rate_min_amount": 0}', hull.during) AS d
  ),
  created AS MATERIALIZED (
    SELECT c.opportunity_id, c.owner_id, book_date(c.created_at, metric_case.options) AS created_on
    FROM (
      SELECT book_midnight(min(a.since), metric_case.options) AS since, book_midnight(max(a.until), metric_case.options) AS until
      FROM asked AS a
      WHERE a.metric = 'opportunities_created'
      HAVING count(*) > 0
    ) AS hull
    CROSS JOIN LATERAL opened_deal(metric_case.as_of, hull.since, hull.until) AS c
  ),
  family AS (
    SELECT asked.person_id, asked.metric_id, asked.during, b.booking_id, b.booked_on
    FROM (SELECT DISTINCT a.since, a.until FROM asked AS a WHERE a.metric = 'families_sold') AS span
    CROSS JOIN LATERAL family_sold(span.since, span.until) AS sold
    JOIN asked
      ON asked.metric = 'families_sold' AND asked.person_id = sold.person_id
      AND asked.since = span.since AND asked.until = span.until
    JOIN booking AS b ON b.booking_id = sold.booking_id
  )
  SELECT asked.person_id, asked.metric_id, asked.during, 'booking', b.booking_id, b.booked_on, b.amount
  FROM asked
  CROSS JOIN LATERAL credited_to(asked.person_id, asked.since, asked.until) AS b
  WHERE asked.metric = 'bookings'
  UNION ALL
  SELECT asked.person_id, asked.metric_id, asked.during, 'opportunity', c.opportunity_id, c.closed_on,
    CASE asked.metric WHEN 'win_rate' THEN c.won::int WHEN 'deal_size' THEN c.amount WHEN 'cycle_days' THEN c.days ELSE 1 END
  FROM asked
  JOIN closed AS c ON c.owner_id = asked.person_id AND c.closed_on >= asked.since AND c.closed_on < asked.until
  WHERE CASE asked.metric
      WHEN 'win_rate' THEN c.judged
      WHEN 'deal_size' THEN c.won AND c.amount IS NOT NULL
      ELSE c.won AND asked.metric IN ('deals_won', 'cycle_days')
    END
  UNION ALL
  SELECT asked.person_id, asked.metric_id, asked.during, 'opportunity', c.opportunity_id, c.created_on, 1
  FROM asked
  JOIN created AS c
    ON c.owner_id = asked.person_id AND c.created_on >= asked.since AND c.created_on < asked.until
  WHERE asked.metric = 'opportunities_created'
  UNION ALL
  SELECT family.person_id, family.metric_id, family.during, 'booking', family.booking_id, family.booked_on, 1
  FROM family
  UNION ALL
  SELECT asked.person_id, asked.metric_id, asked.during, 'activity', act.activity_id,
    book_date(act.held_at, metric_case.options), 1
  FROM asked
  JOIN activity_kind AS kind
    ON kind.metric_id = asked.metric_id AND (asked.metric = 'meetings_held' OR NOT is_computed(asked.metric))
    OR asked.metric = 'meetings_held' AND kind.counts_as IN ('discovery', 'proposal', 'meeting')
  JOIN activity AS act
    ON act.activity_kind_id = kind.activity_kind_id
    AND act.person_id = asked.person_id
    AND act.held_at >= book_midnight(asked.since, metric_case.options)
    AND act.held_at < book_midnight(asked.until, metric_case.options)
    AND act.held_at <= metric_case.as_of
  UNION ALL
  SELECT asked.person_id, asked.metric_id, asked.during, 'actual', a.actual_id, a.day, a.value
  FROM asked
  JOIN actual AS a
    ON a.person_id = asked.person_id
    AND a.metric_id = asked.metric_id
    AND a.day >= asked.since
    AND a.day < asked.until
  WHERE NOT is_computed(asked.metric)
    AND NOT EXISTS (SELECT FROM activity_kind AS kind WHERE kind.metric_id = asked.metric_id);
END;
COMMENT ON FUNCTION metric_case(timestamptz, jsonb, bigint[], bigint[], daterange[]) IS
'The bookings, deals, activities and imported actuals that count toward each metric of each person and span; options as settings() gives them';

CREATE FUNCTION quota_case(as_of timestamptz, person text, during daterange, options jsonb)
RETURNS TABLE (person_id bigint, metric_id bigint, during daterange,
  source text, source_id bigint, day date, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT c.person_id, c.metric_id, c.during, c.source, c.source_id, c.day, c.value
  FROM (
    SELECT array_agg(q.person_id) AS person_ids, array_agg(q.metric_id) AS metric_ids, array_agg(q.during) AS spans
    FROM asked_quota(quota_case.as_of, book_date(quota_case.as_of, quota_case.options),
      quota_case.person, quota_case.during) AS q
  ) AS asked
  CROSS JOIN LATERAL metric_case(
    quota_case.as_of, quota_case.options, asked.person_ids, asked.metric_ids, asked.spans) AS c;
END;
COMMENT ON FUNCTION quota_case(timestamptz, text, daterange, jsonb) IS
'What counts toward each quota, case by case; options as settings() gives them';

-- The figure of a metric, of its cases together.
CREATE FUNCTION reached(metric text, unit text, total numeric, mean numeric, median float8) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT CASE
    WHEN reached.metric = 'cycle_days' THEN median::numeric
    WHEN NOT adds_up(reached.metric, reached.unit) THEN mean
    -- what the book counts itself is 0 where there is nothing; what is imported is not known
    WHEN is_computed(reached.metric)
      OR EXISTS (
        SELECT
        FROM activity_kind AS kind
        JOIN metric AS m ON m.metric_id = kind.metric_id
        WHERE m.code = reached.metric)
    THEN coalesce(total, 0)
    ELSE total
  END;
END;
COMMENT ON FUNCTION reached(text, text, numeric, numeric, float8) IS
'The sum, mean or median of the cases of a metric, whichever it is the figure of; 0 without cases where the book counts them itself';

-- A case adds its part to a mean; to a median the one or two in the middle alone.
CREATE FUNCTION reached_part(metric text, unit text, value numeric, place bigint, n bigint) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT CASE
    WHEN reached_part.metric = 'cycle_days' THEN value * ((place = (n + 1) / 2)::int + (place = (n + 2) / 2)::int) / 2
    WHEN adds_up(reached_part.metric, reached_part.unit) THEN value
    ELSE value / n
  END;
END;
COMMENT ON FUNCTION reached_part(text, text, numeric, bigint, bigint) IS
'What a case, the place-th of n in order of value, adds to the figure of its metric';

CREATE FUNCTION reached_of(actual numeric, target numeric, higher_is_better boolean) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT (1 + CASE WHEN higher_is_better THEN 1 ELSE -1 END * (actual - target) / nullif(abs(target), 0))::float8;
END;
COMMENT ON FUNCTION reached_of(numeric, numeric, boolean) IS
'Attainment: 1 + (actual - target) / |target|, the other way round where less is better; NULL for a target of 0';

CREATE FUNCTION target_attainment(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, metric text, metric_name text, unit text, higher_is_better boolean,
  period_from date, period_until date, target numeric, actual numeric, n bigint, variance numeric, attainment float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH given AS MATERIALIZED (
    SELECT called.options, book_date(as_of, called.options) AS day
    FROM settings(target_attainment.options, target_attainment.as_of) AS called (options)
  ),
  quota AS (
    SELECT q.person_id, q.metric_id, q.during, sum(q.target) AS target
    FROM given
    CROSS JOIN LATERAL asked_quota(as_of, given.day, target_attainment.person, target_attainment.during) AS q
    GROUP BY q.person_id, q.metric_id, q.during
  ),
  counted AS (
    SELECT c.person_id, c.metric_id, c.during, count(*) AS n, sum(c.value) AS total, avg(c.value) AS mean,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY c.value::float8) FILTER (WHERE m.code = 'cycle_days') AS median
    FROM given
    CROSS JOIN LATERAL quota_case(as_of, target_attainment.person, target_attainment.during, given.options) AS c
    JOIN metric AS m ON m.metric_id = c.metric_id
    GROUP BY c.person_id, c.metric_id, c.during
  )
  SELECT rep.code, rep.name, m.code, m.name, m.unit, m.higher_is_better, lower(quota.during), upper(quota.during),
    quota.target::numeric(20,4), reached.actual::numeric(20,4), coalesce(counted.n, 0),
    (reached.actual - quota.target)::numeric(20,4),
    reached_of(reached.actual, quota.target, m.higher_is_better)
  FROM quota
  JOIN person AS rep ON rep.person_id = quota.person_id
  JOIN metric AS m ON m.metric_id = quota.metric_id
  LEFT JOIN counted
    ON counted.person_id = quota.person_id
    AND counted.metric_id = quota.metric_id
    AND counted.during = quota.during
  CROSS JOIN LATERAL (
    SELECT reached(m.code, m.unit, counted.total, counted.mean, counted.median)
  ) AS reached (actual);
END;
COMMENT ON FUNCTION target_attainment(timestamptz, text, daterange, jsonb) IS
'What each person has reached of each quota, whatever its metric: periods that overlap during, or those that have begun';

CREATE VIEW target_attainment WITH (security_invoker) AS
SELECT person, person_name, metric, metric_name, unit, higher_is_better, period_from, period_until,
  target::numeric(20,4), actual::numeric(20,4), n, variance::numeric(20,4), attainment
FROM target_attainment();
COMMENT ON VIEW target_attainment IS 'Has each rep reached the quotas of each period that are not about revenue, too: meetings held, deals created, families sold?';
COMMENT ON COLUMN target_attainment.person IS 'Code of the person';
COMMENT ON COLUMN target_attainment.person_name IS 'Name of the person';
COMMENT ON COLUMN target_attainment.metric IS 'Code of the metric';
COMMENT ON COLUMN target_attainment.metric_name IS 'Name of the metric';
COMMENT ON COLUMN target_attainment.unit IS 'money, count, rate (0..1), days or hours';
COMMENT ON COLUMN target_attainment.higher_is_better IS 'Whether more is better';
COMMENT ON COLUMN target_attainment.period_from IS 'First day of the quota period';
COMMENT ON COLUMN target_attainment.period_until IS 'Day after the last of the quota period';
COMMENT ON COLUMN target_attainment.target IS 'Quota in its newest revision; what adds up summed over the person''s plans with this very period';
COMMENT ON COLUMN target_attainment.actual IS 'What was reached in the period so far: a sum, for a rate or size the mean, for cycle_days the median; empty without a case where 0 would say something else';
COMMENT ON COLUMN target_attainment.n IS 'Bookings, deals, activities or imported actuals it rests on';
COMMENT ON COLUMN target_attainment.variance IS 'actual - target';
COMMENT ON COLUMN target_attainment.attainment IS '1 + (actual - target) / |target|, the other way round where less is better; empty for a target of 0';
