-- The plain-SQL twins of robust_scale and robust_z.
CREATE SCHEMA IF NOT EXISTS oracle;

CREATE FUNCTION oracle.robust_scale(peers float8[])
RETURNS TABLE (median float8, mad float8, mean_deviation float8, n int8)
LANGUAGE sql
AS $$
  WITH middle AS (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY value) AS median
    FROM unnest(peers) AS value
  )
  SELECT middle.median,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(value - middle.median)),
    avg(abs(value - middle.median)),
    count(value)
  FROM middle, unnest(peers) AS value
  WHERE value IS NOT NULL
  GROUP BY middle.median
$$;

CREATE FUNCTION oracle.robust_z(value float8, peers float8[])
RETURNS float8
LANGUAGE sql
AS $$
  SELECT (value - median) / CASE WHEN mad > 0 THEN 1.4826 * mad WHEN mean_deviation > 0 THEN 1.2533 * mean_deviation END
  FROM oracle.robust_scale(peers)
$$;
