-- forecast_accuracy() in plain SQL: slow, obvious, and right.
CREATE SCHEMA IF NOT EXISTS oracle;

-- dividend / divisor, to 80 digits after the point or more, then to the nearest float8
CREATE FUNCTION oracle.quotient(dividend numeric, divisor numeric)
RETURNS float8
LANGUAGE sql
AS $$
  SELECT ((dividend + 0e-80) / nullif(divisor, 0))::float8
$$;

-- mape is apart: float8 shares, whose exact sum numeric can hold
CREATE FUNCTION oracle.forecast_accuracy(forecast numeric[], actual numeric[])
RETURNS salesmgmt.forecast_accuracy_result
LANGUAGE sql
AS $$
  WITH judged AS (
    SELECT f, coalesce(a, 0) AS a, abs(f - coalesce(a, 0)) AS off,
      -- without an actual the scale of the sum is that of the others
      a AS given,
      oracle.quotient(abs(f - a), abs(a)) AS share
    FROM unnest(forecast, actual) AS u (f, a)
    WHERE f IS NOT NULL
  ), summed AS (
    SELECT sum(f) AS f,
      coalesce(sum(given), 0) AS a,
      sum(abs(a)) AS size,
      sum(off) AS off,
      sum(f - a) AS error,
      count(*) AS n,
      sum(share) AS shares,
      count(share) AS mape_n
    FROM judged
  )
  SELECT oracle.quotient(off, size),
    shares / nullif(mape_n, 0),
    mape_n,
    oracle.quotient(error, abs(a)),
    oracle.quotient(error * n, off),
    f,
    a,
    off,
    n
  FROM summed
  WHERE n > 0
$$;

-- the same as text, without mape's last digits, which depend on the order that sum() adds in
CREATE FUNCTION oracle.shown(result salesmgmt.forecast_accuracy_result)
RETURNS text
LANGUAGE sql
AS $$
  SELECT concat_ws(' ', 'wape', result.wape, 'mape', to_char(result.mape, '9.99999999999EEEE'), result.mape_n,
    'bias', result.bias, 'signal', result.tracking_signal,
    'sums', result.forecast, result.actual, result.absolute_error, result.n)
$$;
