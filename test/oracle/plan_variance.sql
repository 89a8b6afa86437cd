-- plan_variance() in plain SQL: slow, obvious, and right.
CREATE SCHEMA IF NOT EXISTS oracle;

-- dividend / divisor, to 80 digits after the point or more, then to the nearest float8
CREATE FUNCTION oracle.ratio(dividend numeric, divisor numeric)
RETURNS float8
LANGUAGE sql
AS $$
  SELECT ((dividend + 0e-80) / nullif(divisor, 0))::float8
$$;

CREATE FUNCTION oracle.plan_variance(planned numeric[], actual numeric[])
RETURNS salesmgmt.plan_variance_result
LANGUAGE sql
AS $$
  WITH counted AS (
    SELECT p, a
    FROM unnest(planned, actual) AS u (p, a)
    WHERE p IS NOT NULL
    OR a IS NOT NULL
  ), summed AS (
    SELECT coalesce(sum(p), 0) AS p,
      coalesce(sum(a), 0) AS a,
      count(*) AS n
    FROM counted
  )
  SELECT p,
    a,
    a - p,
    oracle.ratio(a - p, abs(p)),
    oracle.ratio(abs(p) + (a - p), abs(p)),
    n
  FROM summed
  WHERE n > 0
$$;
