-- The plain-SQL twins of wilson_lower, wilson_upper, shrunk_rate, its bounds and rates_differ, in exact decimals.
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

-- The ways to choose k of n.
CREATE FUNCTION oracle.choose(n int, k int)
RETURNS numeric
LANGUAGE sql
AS $$
  SELECT factorial(n) / factorial(k) / factorial(n - k)
$$;

-- Of all outcomes with these margins, weighted by their ways, those no likelier than the observed one.
CREATE FUNCTION oracle.rates_differ(successes1 int, n1 int, successes2 int, n2 int, mid_p boolean)
RETURNS numeric
LANGUAGE sql
AS $$
  WITH outcome AS (
    SELECT x, oracle.choose(n1, x) * oracle.choose(n2, successes1 + successes2 - x) AS ways
    FROM generate_series(greatest(0, successes1 + successes2 - n2), least(n1, successes1 + successes2)) AS x
  )
  SELECT sum(
      CASE
        WHEN outcome.ways < observed.ways THEN outcome.ways
        WHEN outcome.ways > observed.ways THEN 0
        WHEN mid_p THEN outcome.ways * 0.5
        ELSE outcome.ways
      END)::numeric / sum(outcome.ways)
  FROM outcome, (SELECT ways FROM outcome WHERE x = successes1) AS observed
  WHERE n1 > 0 AND n2 > 0
$$;
