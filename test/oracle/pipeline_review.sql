-- The split of a gap over the links again, in numeric: L(A, P) * ln(a / p) of each link, for
-- chains without a zero on either side.
CREATE SCHEMA IF NOT EXISTS oracle;

CREATE FUNCTION oracle.part(own numeric, expected numeric, own_won numeric, expected_won numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE
AS $$
  SELECT CASE WHEN own_won = expected_won THEN own_won ELSE (own_won - expected_won) / ln(own_won / expected_won) END
    * ln(own / expected)
$$;
