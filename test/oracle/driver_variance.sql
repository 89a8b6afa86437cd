-- driver_variance() in plain SQL: slow, obvious, and right.
CREATE SCHEMA IF NOT EXISTS oracle;

-- The numbers are given with 60 digits after the point, so that quotients and logarithms have as many.
CREATE FUNCTION oracle.driver_variance(planned numeric[], actual numeric[])
RETURNS TABLE (i bigint, contribution numeric, total numeric)
LANGUAGE plpgsql
AS $$
DECLARE
  p numeric := 1 + 0e-60;
  a numeric := 1 + 0e-60;
  mean numeric;
  zeros numeric;
BEGIN
  FOR k IN 1 .. cardinality(planned) LOOP
    p := round(p * planned[k], 60);
    a := round(a * actual[k], 60);
  END LOOP;
  IF p = 0 OR a = 0 THEN
    -- the zeros of the one product share the difference
    zeros := (SELECT count(*) FROM unnest(planned, actual) AS u (x, y) WHERE CASE WHEN p = 0 THEN x = 0 ELSE y = 0 END);
    RETURN QUERY
    SELECT n,
      CASE
        WHEN (p = 0 AND a <> 0 AND x = 0) OR (a = 0 AND p <> 0 AND y = 0) THEN (a - p) / zeros
        ELSE 0
      END,
      a - p
    FROM unnest(planned, actual) WITH ORDINALITY AS u (x, y, n);
  ELSE
    mean := CASE WHEN a = p THEN a ELSE (a - p) / ln(a / p) END;
    RETURN QUERY
    SELECT n, mean * ln((y + 0e-60) / x), a - p
    FROM unnest(planned, actual) WITH ORDINALITY AS u (x, y, n);
  END IF;
END
$$;
