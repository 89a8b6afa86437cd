-- The figures of a scorecard: what was to be reached, and what was.

-- What somebody was to reach on the days that have passed.  A plan's target goes
-- before the norm of a standard, a quota before role expectations, and of nested
-- periods the shortest, day by day: a year and its quarters are never added, and a plan
-- of one month leaves the others to the norm.
-- What adds up (money, counts, hours) is spread evenly over the person's working
-- days, a quota of it as quota_attainment eases it for who is new or not there all the
-- time; a rate, a size or a time is due in full at any time.
CREATE FUNCTION kpi_target(as_of timestamptz, elapsed daterange, options jsonb)
RETURNS TABLE (person_id bigint, metric_id bigint, target numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH kpi AS (
    SELECT m.metric_id, m.code,
      adds_up(m.code, m.unit) AS adds_up
    FROM metric AS m
    WHERE m.metric_id IN (SELECT w.metric_id FROM kpi_weight AS w WHERE w.during @> upper(elapsed) - 1)
  ),
  planned AS (
    SELECT t.person_id, kpi.metric_id, kpi.adds_up, t.kind, t.during, sum(t.target) AS target
    FROM target_in_force(as_of, book_date(as_of, kpi_target.options)) AS t
    JOIN kpi ON kpi.code = t.metric
    WHERE t.kind IN ('quota', 'role')
      AND NOT t.handed_down
      AND t.during && elapsed
    GROUP BY t.person_id, kpi.metric_id, kpi.adds_up, t.kind, t.during
  ),
  seat AS MATERIALIZED (
    SELECT span.during, held.person_id, held.full_days / (upper(span.during) - lower(span.during)) AS part
    FROM (SELECT DISTINCT p.during FROM planned AS p WHERE p.kind = 'quota' AND p.adds_up) AS span
    CROSS JOIN LATERAL days_in_seat(span.during, book_date(as_of, kpi_target.options)) AS held
    WHERE (kpi_target.options ->> 'quota_effective')::boolean
  ),
  -- before there is a row a day
  eased AS MATERIALIZED (
    SELECT planned.person_id, planned.metric_id, planned.kind, planned.during,
      planned.target * CASE WHEN planned.kind = 'quota' THEN coalesce(seat.part, 1) ELSE 1 END AS target
    FROM planned
    LEFT JOIN seat ON seat.person_id = planned.person_id AND seat.during = planned.during
    WHERE planned.adds_up
  ),
  -- each working day's part of each target, and what the norm asks of it
  daily AS (
    SELECT eased.person_id, eased.metric_id, eased.kind, eased.during, worked.day,
      eased.target / count(*) OVER (PARTITION BY eased.person_id, eased.metric_id, eased.kind, eased.during) AS target
    FROM (
      SELECT min(lower(p.during)) AS since, max(upper(p.during)) AS until
      FROM planned AS p
      HAVING count(*) > 0
    ) AS hull
    CROSS JOIN LATERAL working_day(
      daterange(hull.since, hull.until), book_date(as_of, kpi_target.options)) AS worked
    JOIN eased ON eased.person_id = worked.person_id AND eased.during @> worked.day
    UNION ALL
    SELECT n.person_id, n.metric_id, 'norm', NULL, n.day, n.norm
    FROM norm_day(elapsed, kpi_target.options) AS n
    JOIN kpi ON kpi.metric_id = n.metric_id AND kpi.adds_up
    WHERE n.present
  ),
  chosen AS (
    SELECT DISTINCT ON (daily.person_id, daily.metric_id, daily.day)
      daily.person_id, daily.metric_id, daily.target
    FROM daily
    WHERE elapsed @> daily.day
    ORDER BY daily.person_id, daily.metric_id, daily.day,
      daily.kind = 'quota' DESC, daily.kind = 'role' DESC, upper(daily.during) - lower(daily.during), lower(daily.during) DESC
  ),
  by_plan AS MATERIALIZED (
    SELECT chosen.person_id, chosen.metric_id, sum(chosen.target) AS target
    FROM chosen
    GROUP BY chosen.person_id, chosen.metric_id
    UNION ALL
    (
      SELECT DISTINCT ON (t.person_id, kpi.metric_id)
        t.person_id, kpi.metric_id, t.target
      FROM target_in_force(as_of, book_date(as_of, kpi_target.options)) AS t
      JOIN kpi ON kpi.code = t.metric AND NOT kpi.adds_up
      WHERE t.kind IN ('quota', 'role')
        AND NOT t.handed_down
        AND t.during @> upper(elapsed) - 1
      ORDER BY t.person_id, kpi.metric_id,
        t.kind = 'quota' DESC, upper(t.during) - lower(t.during), lower(t.during) DESC, t.plan_id
    )
  ),
  by_norm AS MATERIALIZED (
    SELECT DISTINCT ON (job.person_id, s.metric_id)
      job.person_id, s.metric_id, s.norm AS target
    FROM employment AS job
    JOIN standard AS s
      ON (s.person_id = job.person_id OR s.role = job.role)
      AND s.during @> upper(elapsed) - 1
    JOIN kpi ON kpi.metric_id = s.metric_id AND NOT kpi.adds_up
    WHERE job.during @> upper(elapsed) - 1
    ORDER BY job.person_id, s.metric_id, s.person_id NULLS LAST
  )
  SELECT coalesce(by_plan.person_id, by_norm.person_id), coalesce(by_plan.metric_id, by_norm.metric_id),
    coalesce(by_plan.target, by_norm.target)
  FROM by_plan
  FULL JOIN by_norm ON by_norm.person_id = by_plan.person_id AND by_norm.metric_id = by_plan.metric_id;
END;
COMMENT ON FUNCTION kpi_target(timestamptz, daterange, jsonb) IS
'What each person was to reach of each weighted metric in the days that have passed: the target of a plan, else the norm of a standard; options as settings() gives them';

-- A metric is computed from the deals, the bookings or the activities, else it
-- is what was imported.  successes and n are there for rates of counted cases.
CREATE FUNCTION kpi_actual(as_of timestamptz, elapsed daterange, options jsonb)
RETURNS TABLE (person_id bigint, metric_id bigint, actual float8, successes bigint, n bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH weighted AS MATERIALIZED (
    SELECT m.code
    FROM kpi_weight AS w
    JOIN metric AS m ON m.metric_id = w.metric_id
    WHERE w.during && elapsed
  ),
  deal AS (
    SELECT d.owner_id, d.won, d.amount, d.closed_on - book_date(d.created_at, kpi_actual.options) AS days,
      (kpi_actual.options ->> 'win_rate_min_amount')::numeric = 0
        OR d.amount >= (kpi_actual.options ->> 'win_rate_min_amount')::numeric AS judged
    FROM closed_deal(as_of, kpi_actual.options || '{"win_rate_min_amount": 0}', elapsed) AS d
  ),
  closed AS (
    SELECT deal.owner_id,
      count(*) FILTER (WHERE deal.won) AS won,
      count(*) FILTER (WHERE deal.won AND deal.judged) AS judged_won,
      count(*) FILTER (WHERE deal.judged) AS judged,
      avg(deal.amount) FILTER (WHERE deal.won) AS size,
      count(deal.amount) FILTER (WHERE deal.won) AS sized,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY deal.days) FILTER (WHERE deal.won) AS days
    FROM deal
    GROUP BY deal.owner_id
  ),
  result AS (
    SELECT booking.person_id, 'bookings' AS code, sum(booking.amount)::float8 AS actual,
      NULL::bigint AS successes, count(*) AS n
    FROM credited_booking AS booking
    WHERE booking.booked_on <@ elapsed
    GROUP BY booking.person_id
    UNION ALL
    SELECT closed.owner_id, figure.code, figure.actual, figure.successes, figure.n
    FROM closed
    CROSS JOIN LATERAL (VALUES
      ('deals_won', closed.won::float8, NULL::bigint, closed.won),
      ('win_rate', closed.judged_won::float8 / nullif(closed.judged, 0), closed.judged_won, closed.judged),
      ('deal_size', closed.size::float8, NULL, closed.sized),
      ('cycle_days', closed.days, NULL, closed.won)
    ) AS figure (code, actual, successes, n)
    UNION ALL
    SELECT created.owner_id, 'opportunities_created', count(*)::float8, NULL, count(*)
    FROM opened_deal(as_of, book_midnight(lower(elapsed), kpi_actual.options), book_midnight(upper(elapsed), kpi_actual.options)) AS created
    WHERE EXISTS (SELECT FROM weighted AS w WHERE w.code = 'opportunities_created')
    GROUP BY created.owner_id
    UNION ALL
    SELECT act.person_id, 'meetings_held', count(*)::float8, NULL, count(*)
    FROM activity AS act
    JOIN activity_kind AS kind ON kind.activity_kind_id = act.activity_kind_id
    JOIN metric AS held ON held.code = 'meetings_held'
    WHERE (kind.counts_as IN ('discovery', 'proposal', 'meeting') OR kind.metric_id = held.metric_id)
      AND act.held_at >= book_midnight(lower(elapsed), kpi_actual.options)
      AND act.held_at < book_midnight(upper(elapsed), kpi_actual.options)
      AND act.held_at <= as_of
      AND EXISTS (SELECT FROM weighted AS w WHERE w.code = 'meetings_held')
    GROUP BY act.person_id
    UNION ALL
    SELECT sold.person_id, 'families_sold', count(*)::float8, NULL, count(*)
    FROM family_sold(lower(elapsed), upper(elapsed)) AS sold
    WHERE EXISTS (SELECT FROM weighted AS w WHERE w.code = 'families_sold')
    GROUP BY sold.person_id
  )
  SELECT result.person_id, m.metric_id, result.actual, result.successes, result.n
  FROM result
  JOIN metric AS m ON m.code = result.code
  UNION ALL
  SELECT activity.person_id, kind.metric_id, count(*)::float8, NULL, count(*)
  FROM activity
  JOIN activity_kind AS kind ON kind.activity_kind_id = activity.activity_kind_id
  WHERE kind.metric_id NOT IN (SELECT m.metric_id FROM metric AS m WHERE is_computed(m.code))
    AND activity.held_at >= book_midnight(lower(elapsed), kpi_actual.options)
    AND activity.held_at < book_midnight(upper(elapsed), kpi_actual.options)
    AND activity.held_at <= as_of
  GROUP BY activity.person_id, kind.metric_id
  UNION ALL
  SELECT a.person_id, a.metric_id,
    CASE WHEN adds_up(m.code, m.unit) THEN sum(a.value) ELSE avg(a.value) END::float8,
    NULL, count(*)
  FROM actual AS a
  JOIN metric AS m ON m.metric_id = a.metric_id
  WHERE a.day <@ elapsed
    AND NOT is_computed(m.code)
    AND NOT EXISTS (SELECT FROM activity_kind AS kind WHERE kind.metric_id = a.metric_id)
  GROUP BY a.person_id, a.metric_id, m.code, m.unit;
END;
COMMENT ON FUNCTION kpi_actual(timestamptz, daterange, jsonb) IS
'What each person reached of each metric in a span of days; options as settings() gives them';
