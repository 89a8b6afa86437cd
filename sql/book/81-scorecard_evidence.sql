-- The rows behind the figures of the scorecards; evidence() calls these by name.

CREATE FUNCTION rep_scorecard_kpi_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, metric text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH given AS MATERIALIZED (
    SELECT called.options, s.elapsed
    FROM settings(rep_scorecard_kpi_evidence.options, rep_scorecard_kpi_evidence.as_of) AS called (options)
    CROSS JOIN LATERAL book_date(as_of, called.options) AS today (day)
    CROSS JOIN LATERAL scorecard_span(rep_scorecard_kpi_evidence.during, today.day) AS s
  ),
  -- the lines of the scorecard, each of which opens
  kpi AS MATERIALIZED (
    SELECT who.person_id, k.person, m.metric_id, k.metric, m.unit
    FROM rep_scorecard_kpi(as_of, rep_scorecard_kpi_evidence.person, rep_scorecard_kpi_evidence.during,
      rep_scorecard_kpi_evidence.options) AS k
    JOIN person AS who ON who.code = k.person
    JOIN metric AS m ON m.code = k.metric
  ),
  counted AS (
    SELECT b.person_id, 'bookings' AS metric, 'n' AS figure, 'booking' AS source, coalesce(booked.code, b.booking_id::text) AS code, b.booked_on AS day
    FROM given
    JOIN credited_booking AS b ON b.booked_on <@ given.elapsed
    JOIN booking AS booked ON booked.booking_id = b.booking_id
    UNION ALL
    SELECT deal.owner_id, f.metric, f.figure, 'opportunity', o.code, deal.closed_on
    FROM given
    CROSS JOIN LATERAL closed_deal(as_of, given.options || '{"win_rate_min_amount": 0}') AS deal
    JOIN opportunity AS o ON o.opportunity_id = deal.opportunity_id
    CROSS JOIN LATERAL (
      SELECT (given.options ->> 'win_rate_min_amount')::numeric = 0
        OR deal.amount >= (given.options ->> 'win_rate_min_amount')::numeric
    ) AS may (be_judged)
    CROSS JOIN LATERAL (
      VALUES (deal.won, 'deals_won', 'n'), (deal.won, 'cycle_days', 'n'), (deal.won AND deal.amount IS NOT NULL, 'deal_size', 'n'),
        (may.be_judged, 'win_rate', 'n'), (may.be_judged AND deal.won, 'win_rate', 'successes')
    ) AS f (counts, metric, figure)
    WHERE deal.closed_on <@ given.elapsed AND f.counts
  )
  SELECT kpi.person, kpi.metric, counted.figure, counted.source, counted.code, book_midnight(counted.day, given.options), 1
  FROM given
  CROSS JOIN counted
  JOIN kpi ON kpi.person_id = counted.person_id AND kpi.metric = counted.metric
  UNION ALL
  SELECT kpi.person, kpi.metric, 'n', 'activity', coalesce(a.code, a.activity_id::text), a.held_at, 1
  FROM given
  JOIN activity AS a
    ON a.held_at >= book_midnight(lower(given.elapsed), given.options)
    AND a.held_at < book_midnight(upper(given.elapsed), given.options)
    AND a.held_at <= as_of
  JOIN activity_kind AS kind ON kind.activity_kind_id = a.activity_kind_id
  JOIN kpi ON kpi.person_id = a.person_id AND kpi.metric_id = kind.metric_id
  UNION ALL
  SELECT kpi.person, kpi.metric, 'n', 'actual', coalesce(a.code, a.actual_id::text), book_midnight(a.day, given.options), 1
  FROM given
  JOIN actual AS a ON a.day <@ given.elapsed
  JOIN kpi ON kpi.person_id = a.person_id AND kpi.metric_id = a.metric_id
  WHERE kpi.metric NOT IN ('bookings', 'deals_won', 'win_rate', 'deal_size', 'cycle_days')
    AND NOT EXISTS (SELECT FROM activity_kind AS kind WHERE kind.metric_id = a.metric_id);
END;
COMMENT ON FUNCTION rep_scorecard_kpi_evidence(timestamptz, text, daterange, jsonb) IS
'The bookings, deals, activities and imported results that each line of rep_scorecard_kpi rests on; at: when each counted';

CREATE FUNCTION rep_scorecard_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT card.person, f.figure, 'rep_scorecard_kpi', k.metric, NULL::timestamptz, f.value
  FROM rep_scorecard(as_of, rep_scorecard_evidence.person, rep_scorecard_evidence.during, rep_scorecard_evidence.options) AS card
  JOIN rep_scorecard_kpi(as_of, rep_scorecard_evidence.person, rep_scorecard_evidence.during, rep_scorecard_evidence.options) AS k
    ON k.person = card.person
  CROSS JOIN LATERAL (
    VALUES ('score', CASE WHEN card.score IS NOT NULL THEN k.contribution::numeric END),
      ('kpis', CASE WHEN k.scored_attainment IS NOT NULL THEN 1 END),
      ('kpis_missing', CASE WHEN k.scored_attainment IS NULL THEN 1 END)
  ) AS f (figure, value)
  WHERE f.value IS NOT NULL;
END;
COMMENT ON FUNCTION rep_scorecard_evidence(timestamptz, text, daterange, jsonb) IS
'The lines of rep_scorecard_kpi that add up to each score';
