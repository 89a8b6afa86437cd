-- The rows behind plan_check.

CREATE FUNCTION plan_check_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, period_from date, period_until date, metric text,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, book_date(plan_check_evidence.as_of, given.options) AS today
    FROM settings(plan_check_evidence.options, plan_check_evidence.as_of) AS given (options)
  ),
  shown AS MATERIALIZED (
    SELECT c.person, c.period_from, c.period_until, c.metric, p.person_id, m.metric_id,
      daterange(c.period_from, c.period_until) AS during
    FROM plan_check(plan_check_evidence.as_of, plan_check_evidence.person, plan_check_evidence.during,
      plan_check_evidence.options) AS c
    JOIN person AS p ON p.code = c.person
    JOIN metric AS m ON m.code = c.metric
  ),
  asked AS MATERIALIZED (
    SELECT q.person_id, q.during, q.effective_days
    FROM chosen
    CROSS JOIN (SELECT min(s.period_from) AS since, max(s.period_until) AS until FROM shown AS s) AS hull
    CROSS JOIN LATERAL quota_asked(plan_check_evidence.as_of, daterange(hull.since, hull.until),
      plan_check_evidence.person, chosen.options) AS q
  ),
  target AS MATERIALIZED (
    SELECT t.*, p.person_id, p.kind
    FROM target_row(plan_check_evidence.as_of) AS t
    JOIN plan AS p ON p.plan_id = t.plan_id
    WHERE p.plan_id NOT IN (
      SELECT s.plan_id
      FROM chosen
      CROSS JOIN LATERAL shared_out(plan_check_evidence.as_of, chosen.today) AS s)
  )
  SELECT s.person, s.period_from, s.period_until, s.metric, which.figure, 'plan_target', t.code, t.revised_at, which.value
  FROM shown AS s
  JOIN asked ON asked.person_id = s.person_id AND asked.during = s.during
  JOIN target AS t ON t.person_id = s.person_id AND t.during = s.during
  CROSS JOIN LATERAL (VALUES
    ('quota', t.kind = 'quota' AND t.metric = 'bookings', t.target),
    ('effective_quota', t.kind = 'quota' AND t.metric = 'bookings',
      t.target * asked.effective_days / (s.period_until - s.period_from)),
    ('planned', t.metric = s.metric, t.target)) AS which (figure, counts, value)
  WHERE which.counts
  UNION ALL
  SELECT s.person, s.period_from, s.period_until, s.metric, 'booked', 'booking', booking.code,
    book_midnight(b.booked_on, chosen.options), b.amount
  FROM chosen
  CROSS JOIN shown AS s
  CROSS JOIN LATERAL credited_to(s.person_id, s.period_from, least(s.period_until, chosen.today + 1)) AS b
  JOIN booking ON booking.booking_id = b.booking_id
  UNION ALL
  SELECT s.person, s.period_from, s.period_until, s.metric, part.figure, 'opportunity', o.code, o.created_at, part.value
  FROM chosen
  CROSS JOIN LATERAL likely_deal(plan_check_evidence.as_of, chosen.options) AS d
  JOIN shown AS s ON s.person_id = d.owner_id AND s.during @> d.expected_close
  JOIN opportunity AS o ON o.opportunity_id = d.opportunity_id
  CROSS JOIN LATERAL (VALUES
    ('open_deals', 1::numeric),
    ('open_uncredited', CASE WHEN d.amount IS NULL OR d.probability IS NULL THEN 1 END),
    ('open_pipeline', d.amount),
    ('weighted_pipeline', d.amount * d.probability::numeric)) AS part (figure, value)
  WHERE part.value IS NOT NULL
  UNION ALL
  SELECT s.person, s.period_from, s.period_until, s.metric, which.figure, 'opportunity', o.code,
    book_midnight(deal.closed_on, chosen.options), which.value
  FROM chosen
  CROSS JOIN LATERAL closed_deal(plan_check_evidence.as_of, chosen.options) AS deal
  JOIN shown AS s ON s.person_id = deal.owner_id
  JOIN opportunity AS o ON o.opportunity_id = deal.opportunity_id
  CROSS JOIN LATERAL (VALUES
    ('closed', true, 1::numeric), ('won', deal.won, 1), ('won_amount', deal.won AND deal.amount IS NOT NULL, deal.amount)
  ) AS which (figure, counts, value)
  WHERE deal.closed_on > chosen.today - (chosen.options ->> 'plan_check_days')::numeric::int
    AND deal.closed_on <= chosen.today
    AND which.counts
  UNION ALL
  SELECT s.person, s.period_from, s.period_until, s.metric,
    CASE c.source WHEN 'activity' THEN 'activities' ELSE 'deals_opened' END,
    c.source, coalesce(a.code, o.code), c.at, 1
  FROM chosen
  CROSS JOIN LATERAL conversion_case(plan_check_evidence.as_of, chosen.options) AS c
  JOIN shown AS s ON s.person_id = c.person_id AND coalesce(c.metric_id, s.metric_id) = s.metric_id
  LEFT JOIN activity AS a ON c.source = 'activity' AND a.activity_id = c.id
  LEFT JOIN opportunity AS o ON c.source = 'opportunity' AND o.opportunity_id = c.id;
END;
COMMENT ON FUNCTION plan_check_evidence(timestamptz, text, daterange, jsonb) IS
'The targets, bookings, deals and activities that each figure of plan_check counted';
