-- The plain-SQL twin of rep_score, in exact decimals, and of rating.
CREATE SCHEMA IF NOT EXISTS oracle;

-- DESIGN's words: a = 1 + d * (actual - target) / |target|, clamped; 100 * sum of w * a / sum of w over what is present
CREATE FUNCTION oracle.rep_score(
  actual numeric[],
  target numeric[],
  weight numeric[],
  higher_is_better boolean[],
  zero_target text,
  floor numeric,
  cap numeric,
  min_coverage numeric
)
RETURNS TABLE (score numeric, coverage numeric, n int8, missing int8)
LANGUAGE sql
AS $$
  WITH kpi AS (
    SELECT k.weight,
      CASE
        WHEN k.actual IS NULL OR k.target IS NULL THEN NULL
        WHEN k.target <> 0
          THEN 1 + CASE WHEN k.higher THEN 1 ELSE -1 END * (k.actual - k.target)::numeric(60, 40) / abs(k.target)
        WHEN zero_target = 'skip' THEN NULL
        WHEN k.higher AND k.actual >= 0 OR NOT k.higher AND k.actual <= 0 THEN 1
        ELSE 0
      END AS attainment
    FROM unnest(actual, target, weight, higher_is_better) AS k (actual, target, weight, higher)
  ),
  total AS (
    SELECT sum(kpi.weight) AS asked,
      coalesce(sum(kpi.weight) FILTER (WHERE attainment IS NOT NULL), 0) AS present,
      sum(kpi.weight * least(greatest(attainment, floor), cap)) FILTER (WHERE attainment IS NOT NULL) AS weighted,
      count(attainment) AS n,
      count(*) - count(attainment) AS missing
    FROM kpi
  )
  SELECT
    CASE WHEN present / nullif(asked, 0) >= min_coverage THEN 100 * weighted / nullif(present, 0) END,
    present / nullif(asked, 0),
    total.n,
    total.missing
  FROM total
  WHERE total.n + total.missing > 0
$$;

-- Bound by bound: one is held from above down to bound - margin, and gained from below at bound + margin.
CREATE FUNCTION oracle.rating(score numeric, bands numeric[], previous int, margin numeric)
RETURNS int8
LANGUAGE sql
AS $$
  SELECT 1 + count(*)
  FROM unnest(bands) WITH ORDINALITY AS band (bound, i)
  WHERE score >= CASE
      WHEN previous IS NULL THEN bound
      WHEN previous > i THEN bound - margin
      ELSE bound + margin
    END
$$;
