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
    SELECT who.person_id, k.person, m.metric_id, k.metric, given.elapsed
    FROM given
    CROSS JOIN rep_scorecard_kpi(as_of, rep_scorecard_kpi_evidence.person, rep_scorecard_kpi_evidence.during,
      rep_scorecard_kpi_evidence.options) AS k
    JOIN person AS who ON who.code = k.person
    JOIN metric AS m ON m.code = k.metric
  ),
  counted AS (
    SELECT c.*
    FROM (
      SELECT array_agg(kpi.person_id) AS person_ids, array_agg(kpi.metric_id) AS metric_ids, array_agg(kpi.elapsed) AS spans
      FROM kpi
    ) AS asked
    CROSS JOIN given
    CROSS JOIN LATERAL metric_case(
      rep_scorecard_kpi_evidence.as_of, given.options, asked.person_ids, asked.metric_ids, asked.spans) AS c
  )
  SELECT kpi.person, kpi.metric, f.figure, counted.source,
    coalesce(b.code, o.code, act.code, a.code, counted.source_id::text),
    coalesce(act.held_at, book_midnight(counted.day, given.options)), 1
  FROM given
  CROSS JOIN counted
  JOIN kpi ON kpi.person_id = counted.person_id AND kpi.metric_id = counted.metric_id
  CROSS JOIN LATERAL (VALUES ('n'), (CASE WHEN kpi.metric = 'win_rate' AND counted.value = 1 THEN 'successes' END)) AS f (figure)
  LEFT JOIN booking AS b ON counted.source = 'booking' AND b.booking_id = counted.source_id
  LEFT JOIN opportunity AS o ON counted.source = 'opportunity' AND o.opportunity_id = counted.source_id
  LEFT JOIN activity AS act ON counted.source = 'activity' AND act.activity_id = counted.source_id
  LEFT JOIN actual AS a ON counted.source = 'actual' AND a.actual_id = counted.source_id
  WHERE f.figure IS NOT NULL;
END;
COMMENT ON FUNCTION rep_scorecard_kpi_evidence(timestamptz, text, daterange, jsonb) IS
'The bookings, deals, activities and imported results that each line of rep_scorecard_kpi rests on; at: when each counted';

CREATE FUNCTION rep_scorecard_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  -- stored: the planner, which expects one row, would ask for the figures of all once for each card
  WITH part AS MATERIALIZED (
    SELECT k.person, k.metric, k.contribution, k.scored_attainment
    FROM rep_scorecard_kpi(as_of, rep_scorecard_evidence.person, rep_scorecard_evidence.during, rep_scorecard_evidence.options) AS k
  )
  SELECT card.person, f.figure, 'rep_scorecard_kpi', k.metric, NULL::timestamptz, f.value
  FROM rep_scorecard(as_of, rep_scorecard_evidence.person, rep_scorecard_evidence.during, rep_scorecard_evidence.options) AS card
  JOIN part AS k ON k.person = card.person
  CROSS JOIN LATERAL (
    VALUES ('score', CASE WHEN card.score IS NOT NULL THEN k.contribution::numeric END),
      ('kpis', CASE WHEN k.scored_attainment IS NOT NULL THEN 1 END),
      ('kpis_missing', CASE WHEN k.scored_attainment IS NULL THEN 1 END)
  ) AS f (figure, value)
  WHERE f.value IS NOT NULL;
END;
COMMENT ON FUNCTION rep_scorecard_evidence(timestamptz, text, daterange, jsonb) IS
'The lines of rep_scorecard_kpi that add up to each score';
