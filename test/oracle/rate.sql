-- The plain-SQL twins of wilson_lower, wilson_upper and shrunk_rate, in exact decimals.
CREATE SCHEMA IF NOT EXISTS oracle;

-- P(-z < standard normal < z) = sqrt(2 / pi) * exp(-z^2 / 2) * (z + z^3/3 + z^5/(3*5) + z^7/(3*5*7) + ...)
CREATE FUNCTION oracle.normal_between(z numeric)
RETURNS numeric
LANGUAGE sql
AS $$
  WITH RECURSIVE series AS (
    SELECT 1 AS k, z::numeric(60, 40) AS term
    UNION ALL
    SELECT k + 2, (term * z * z / (k + 2))::numeric(60, 40)
    FROM series
    WHERE term > 1e-30
  )
  SELECT sqrt(2 / 3.14159265358979323846264338327950288419716939937510) * exp((-z * z / 2)::numeric(60, 40)) * sum(term)
  FROM series
$$;

-- The z of a confidence, by bisection.
CREATE FUNCTION oracle.normal_z(confidence numeric)
RETURNS numeric
LANGUAGE sql
AS $$
  WITH RECURSIVE bisection AS (
    SELECT 1 AS step, 0::numeric(60, 40) AS low, 8::numeric(60, 40) AS high
    UNION ALL
    SELECT step + 1,
      CASE WHEN below THEN middle ELSE low END,
      CASE WHEN below THEN high ELSE middle END
    FROM bisection,
      LATERAL (SELECT ((low + high) / 2)::numeric(60, 40) AS middle) AS m,
      LATERAL (SELECT oracle.normal_between(middle) < confidence AS below) AS b
    WHERE step < 70
  )
  SELECT low
  FROM bisection
  ORDER BY step DESC
  LIMIT 1
$$;

-- (p + z^2/2n -+ z * sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2/n), as in every textbook; side is -1 or +1
CREATE FUNCTION oracle.wilson(successes numeric, n numeric, z numeric, side int)
RETURNS numeric
LANGUAGE sql
AS $$
  SELECT (p + z * z / (2 * n) + side * z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n)
  FROM (SELECT (successes / nullif(n, 0))::numeric(60, 40) AS p) AS rate
  WHERE n > 0
$$;

CREATE FUNCTION oracle.shrunk_rate(successes numeric, n numeric, prior_rate numeric, prior_n numeric)
RETURNS numeric
LANGUAGE sql
AS $$
  SELECT (successes + prior_rate * prior_n) / nullif(n + prior_n, 0)
$$;
