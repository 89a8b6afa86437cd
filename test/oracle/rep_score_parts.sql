-- The plain-SQL twin of rep_score_parts with default options, in exact decimals.
CREATE SCHEMA IF NOT EXISTS oracle;

CREATE FUNCTION oracle.rep_score_parts(kpi text[], actual numeric[], target numeric[], weight numeric[], higher_is_better boolean[])
RETURNS TABLE (kpi text, attainment numeric, contribution numeric)
LANGUAGE sql
AS $$
  WITH attained AS (
    SELECT k.kpi, k.weight,
      CASE
        WHEN k.actual IS NULL OR k.target IS NULL THEN NULL
        WHEN k.target <> 0
          THEN least(greatest(
            1 + CASE WHEN k.higher THEN 1 ELSE -1 END * (k.actual - k.target)::numeric(60, 40) / abs(k.target), 0), 1.5)
        WHEN k.higher AND k.actual >= 0 OR NOT k.higher AND k.actual <= 0 THEN 1
        ELSE 0
      END AS attainment
    FROM unnest(kpi, actual, target, weight, higher_is_better) AS k (kpi, actual, target, weight, higher)
  )
  SELECT attained.kpi, attained.attainment,
    CASE
      WHEN sum(attained.weight) FILTER (WHERE attained.attainment IS NOT NULL) OVER () >= 0.5 * sum(attained.weight) OVER ()
      THEN 100 * attained.weight * attained.attainment
        / nullif(sum(attained.weight) FILTER (WHERE attained.attainment IS NOT NULL) OVER (), 0)
    END
  FROM attained
$$;
