-- bookings_distribution() in plain SQL: every one of the 2^n ways that n deals may end.
CREATE SCHEMA IF NOT EXISTS oracle;

-- the sum and the probability of each outcome, in double precision's nearest numerics
CREATE FUNCTION oracle.outcomes(amount numeric[], probability float8[])
RETURNS TABLE (total numeric, probability numeric)
LANGUAGE sql
AS $$
  WITH deal AS (
    SELECT a, p::text::numeric AS p, row_number() OVER () - 1 AS bit
    FROM unnest(amount, outcomes.probability) AS u (a, p)
    WHERE a IS NOT NULL
    AND p IS NOT NULL
  ), way AS (
    SELECT subset,
      coalesce(sum(a) FILTER (WHERE subset >> bit::int & 1 = 1), 0) AS total,
      array_agg(CASE WHEN subset >> bit::int & 1 = 1 THEN p ELSE 1 - p END) AS factors
    FROM generate_series(0, (1 << (SELECT count(*)::int FROM deal)) - 1) AS subset
    LEFT JOIN deal ON true
    GROUP BY subset
  ), multiplied AS (
    SELECT way.total,
      coalesce(factors[1], 1) * coalesce(factors[2], 1) * coalesce(factors[3], 1) * coalesce(factors[4], 1)
        * coalesce(factors[5], 1) * coalesce(factors[6], 1) * coalesce(factors[7], 1) * coalesce(factors[8], 1) AS probability
    FROM way
  )
  SELECT multiplied.total, sum(multiplied.probability)
  FROM multiplied
  GROUP BY multiplied.total
$$;

CREATE FUNCTION oracle.least_not_exceeded(share numeric, amount numeric[], probability float8[])
RETURNS numeric
LANGUAGE sql
AS $$
  SELECT min(total)
  FROM (SELECT total, sum(o.probability) OVER (ORDER BY total) AS upto
        FROM oracle.outcomes(amount, probability) AS o) AS o
  WHERE upto >= share - 1e-12
$$;

CREATE FUNCTION oracle.bookings_distribution(amount numeric[], probability float8[], target numeric)
RETURNS salesmgmt.bookings_distribution_result
LANGUAGE sql
AS $$
  SELECT chance, chance, chance,
    oracle.least_not_exceeded(0.1, amount, probability),
    oracle.least_not_exceeded(0.5, amount, probability),
    oracle.least_not_exceeded(0.9, amount, probability),
    (SELECT coalesce(sum(a * p::text::numeric), 0) FROM unnest(amount, probability) AS u (a, p)),
    NULL::numeric,
    0::numeric,
    (SELECT count(*) FROM unnest(amount, probability) AS u (a, p) WHERE a IS NOT NULL AND p IS NOT NULL),
    (SELECT count(*) FROM unnest(amount, probability) AS u (a, p) WHERE (a IS NULL) <> (p IS NULL))
  FROM (SELECT CASE WHEN target IS NOT NULL THEN coalesce(sum(o.probability) FILTER (WHERE total >= target), 0) END::float8 AS chance
        FROM oracle.outcomes(amount, probability) AS o) AS c
$$;
