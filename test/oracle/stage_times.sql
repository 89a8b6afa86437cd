-- The plain-SQL twin of stage_times(): slow, obvious, and right.
CREATE SCHEMA IF NOT EXISTS oracle;

-- Entries in order of time; within an instant by step, the final ones last, or as they
-- come.  A visit begins where the step differs from the one before, and ends at the next
-- such entry.  In order, an entry of -step is one of step whose visit does not count.
CREATE FUNCTION oracle.stage_times(
  entities text[],
  steps int[],
  times timestamptz[],
  as_of timestamptz,
  final_steps int[],
  in_order boolean DEFAULT false,
  percentile float8 DEFAULT 0.9
)
RETURNS TABLE (
  step int, visits int8, open_visits int8, entities_there int8,
  mean_days float8, median_days float8, p90_days float8, all_median_days float8, all_p90_days float8,
  entity_mean_days float8, entity_median_days float8, entity_p90_days float8)
LANGUAGE sql
AS $$
  WITH entry AS (
    SELECT e.entity, CASE WHEN in_order AND NOT f.is_final THEN abs(e.step) ELSE e.step END AS step, e.entered_at,
      f.is_final, in_order AND e.step < 0 AS is_passed_over, e.arrival
    FROM unnest(entities, steps, times) WITH ORDINALITY AS e (entity, step, entered_at, arrival)
    CROSS JOIN LATERAL (SELECT e.step = ANY (coalesce(final_steps, '{}')) AS is_final) AS f
    WHERE e.entity IS NOT NULL
      AND e.step IS NOT NULL
      AND e.entered_at IS NOT NULL
      AND (as_of IS NULL OR e.entered_at <= as_of)
  ),
  ordered AS (
    SELECT entry.*,
      row_number() OVER (PARTITION BY entity ORDER BY entered_at,
        CASE WHEN in_order THEN arrival END, is_final, entry.step) AS place
    FROM entry
  ),
  visit AS (
    SELECT o.entity, o.step, o.entered_at, (
        SELECT min(later.entered_at)
        FROM ordered AS later
        WHERE later.entity = o.entity
          AND later.place > o.place
          AND later.step <> o.step
      ) AS left_at
    FROM ordered AS o
    LEFT JOIN ordered AS before ON before.entity = o.entity AND before.place = o.place - 1
    WHERE NOT o.is_final
      AND NOT o.is_passed_over
      AND o.step IS DISTINCT FROM before.step
  ),
  lasting AS (
    SELECT visit.*, left_at IS NULL AS is_open,
      extract(epoch FROM coalesce(left_at, as_of) - entered_at)::float8 / 86400 AS days
    FROM visit
  ),
  per_entity AS (
    SELECT lasting.step, entity, CASE WHEN bool_and(days IS NOT NULL) THEN sum(days) END AS days
    FROM lasting
    GROUP BY lasting.step, entity
  ),
  by_visit AS (
    SELECT lasting.step, count(*) AS visits, count(*) FILTER (WHERE is_open) AS open_visits,
      avg(days) FILTER (WHERE NOT is_open) AS mean,
      percentile_cont(ARRAY[0.5, percentile]) WITHIN GROUP (ORDER BY days) FILTER (WHERE NOT is_open) AS ended,
      percentile_cont(ARRAY[0.5, percentile]) WITHIN GROUP (ORDER BY days) FILTER (WHERE as_of IS NOT NULL) AS everything
    FROM lasting
    GROUP BY lasting.step
  ),
  by_entity AS (
    SELECT per_entity.step, count(*) AS entities, avg(days) AS mean,
      percentile_cont(ARRAY[0.5, percentile]) WITHIN GROUP (ORDER BY days) AS days
    FROM per_entity
    GROUP BY per_entity.step
  )
  SELECT s.step, coalesce(v.visits, 0), coalesce(v.open_visits, 0), coalesce(e.entities, 0),
    v.mean, v.ended[1], v.ended[2], v.everything[1], v.everything[2], e.mean, e.days[1], e.days[2]
  FROM generate_series(1, (SELECT max(visit.step) FROM visit)) AS s (step)
  LEFT JOIN by_visit AS v ON v.step = s.step
  LEFT JOIN by_entity AS e ON e.step = s.step
  WHERE s.step <> ALL (coalesce(final_steps, '{}'))
$$;
