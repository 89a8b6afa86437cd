-- The plain-SQL twin of rate_prior: the likelihood as it is defined.
CREATE SCHEMA IF NOT EXISTS oracle;

-- log of a (a + 1) ... (a + k - 1)
CREATE FUNCTION oracle.log_rising(a float8, k int)
RETURNS float8
LANGUAGE sql
AS $$
  SELECT coalesce(sum(ln(a + j)), 0)
  FROM generate_series(0, k - 1) AS j
$$;

-- The log-likelihood of peers' counts, without the part that no prior changes.
CREATE FUNCTION oracle.prior_likelihood(successes int[], cases int[], prior_rate float8, prior_n float8)
RETURNS float8
LANGUAGE sql
AS $$
  SELECT sum(oracle.log_rising(prior_rate * prior_n, p.s) + oracle.log_rising((1 - prior_rate) * prior_n, p.n - p.s)
    - oracle.log_rising(prior_n, p.n))
  FROM unnest(successes, cases) AS p (s, n)
$$;

-- How much likelier the likeliest of other priors is: all over the plane, and close by.
CREATE FUNCTION oracle.prior_beaten_by(successes int[], cases int[], prior_rate float8, prior_n float8, most float8)
RETURNS float8
LANGUAGE sql
AS $$
  SELECT max(oracle.prior_likelihood(successes, cases, other.rate, other.n))
    - oracle.prior_likelihood(successes, cases, prior_rate, prior_n)
  FROM (
    SELECT i / 8.0::float8 AS rate, 2 * (most / 2) ^ (j / 5.0::float8) AS n
    FROM generate_series(1, 7) AS i, generate_series(0, 5) AS j
    UNION ALL
    SELECT prior_rate * (1 + i / 200.0), least(greatest(prior_n * (1 + j / 50.0), 2), most)
    FROM generate_series(-1, 1) AS i, generate_series(-1, 1) AS j
  ) AS other
  WHERE other.rate < 1
$$;
