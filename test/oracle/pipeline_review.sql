-- The split of a gap over the links again, in numeric: L(A, P) * ln(a / p) of each link, for
-- chains without a zero on either side.
CREATE SCHEMA IF NOT EXISTS oracle;

CREATE FUNCTION oracle.part(own numeric, expected numeric, own_won numeric, expected_won numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE
AS $$
  SELECT CASE WHEN own_won = expected_won THEN own_won ELSE (own_won - expected_won) / ln(own_won / expected_won) END
    * ln(own / expected)
$$;

-- Beyond chance: so many standard deviations from what was to be expected, or for shares of two
-- groups by the exact test.  Included after the oracle of rate.
CREATE FUNCTION oracle.beyond_chance(done numeric, base numeric, norm numeric, peer_done numeric, peer_base numeric, is_count boolean, confidence numeric, z numeric)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
  q numeric;
BEGIN
  IF base = 0 THEN
    RETURN NULL;
  ELSIF norm IS NOT NULL AND (is_count OR done > base) THEN
    RETURN abs(done - base * norm) > z * sqrt(base * norm);
  ELSIF norm IS NOT NULL THEN
    RETURN norm > 1 OR abs(done - base * norm) > z * sqrt(base * norm * (1 - norm));
  ELSIF peer_base = 0 OR peer_base IS NULL THEN
    RETURN NULL;
  ELSIF is_count OR done > base OR peer_done > peer_base THEN
    q := base / (base + peer_base);
    RETURN CASE WHEN done + peer_done > 0 THEN abs(done - (done + peer_done) * q) > z * sqrt((done + peer_done) * q * (1 - q)) END;
  ELSE
    RETURN oracle.rates_differ(done::int, base::int, peer_done::int, peer_base::int, false) < 1 - confidence;
  END IF;
END $$;
