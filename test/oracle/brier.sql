-- brier() and calibration() in plain SQL: slow, obvious, and right.
CREATE SCHEMA IF NOT EXISTS oracle;

CREATE FUNCTION oracle.brier(probability float8[], won boolean[])
RETURNS salesmgmt.brier_result
LANGUAGE sql
AS $$
  WITH summed AS (
    SELECT avg((p - w::int) ^ 2) AS score,
      avg(w::int::float8) AS base_rate,
      avg(p) AS mean_probability,
      count(*) FILTER (WHERE w) AS won,
      count(*) AS n
    FROM unnest(probability, won) AS u (p, w)
    WHERE p IS NOT NULL
    AND w IS NOT NULL
  )
  SELECT score, 1 - score / nullif(base_rate * (1 - base_rate), 0), base_rate, mean_probability, won, n
  FROM summed
  WHERE n > 0
$$;

CREATE FUNCTION oracle.calibration(probability float8[], won boolean[], bins int, confidence float8)
RETURNS SETOF salesmgmt.calibration_bin
LANGUAGE sql
AS $$
  SELECT bin,
    (bin - 1) / bins::float8,
    bin / bins::float8,
    count(p),
    count(p) FILTER (WHERE w),
    avg(p),
    avg(w::int::float8),
    salesmgmt.wilson_lower(count(p) FILTER (WHERE w), count(p), confidence),
    salesmgmt.wilson_upper(count(p) FILTER (WHERE w), count(p), confidence)
  FROM generate_series(1, bins) AS bin
  LEFT JOIN unnest(probability, won) AS u (p, w)
    ON p IS NOT NULL
    AND w IS NOT NULL
    AND p >= (bin - 1) / bins::float8
    AND (p < bin / bins::float8 OR bin = bins)
  GROUP BY bin
  ORDER BY bin
$$;

-- to ten significant digits: avg() rounds at every step
CREATE FUNCTION oracle.shown(figure float8)
RETURNS text
LANGUAGE sql
AS $$
  SELECT CASE WHEN abs(figure) < 1e-12 THEN '0' ELSE to_char(figure, '9.999999999EEEE') END
$$;
CREATE FUNCTION oracle.shown(result salesmgmt.brier_result)
RETURNS text
LANGUAGE sql
AS $$
  SELECT concat_ws(' ', 'score', oracle.shown(result.score), 'skill', oracle.shown(result.skill),
    'base', oracle.shown(result.base_rate), 'mean', oracle.shown(result.mean_probability), result.won, result.n)
$$;
CREATE FUNCTION oracle.shown(bin salesmgmt.calibration_bin)
RETURNS text
LANGUAGE sql
AS $$
  SELECT concat_ws(' ', bin.bin, bin.probability_lower, bin.probability_upper, bin.n, bin.won,
    'mean', oracle.shown(bin.mean_probability), 'rate', oracle.shown(bin.won_rate),
    'bounds', oracle.shown(bin.won_rate_lower), oracle.shown(bin.won_rate_upper))
$$;
