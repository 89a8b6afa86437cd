-- What a statement is refused with, for regression tests:
--   SELECT pg_temp.refused('INSERT ...');
-- Include it with \getenv abs_srcdir PG_ABS_SRCDIR, \set file :abs_srcdir '/test/refused.sql', \i :file
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
  detail text;
  hint text;
BEGIN
  EXECUTE statement;
  RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  IF detail LIKE 'Failing row contains%' THEN
    detail := NULL;  -- holds the time of day
  END IF;
  RETURN concat_ws(E'\n', SQLSTATE || ' ' || SQLERRM, nullif(detail, ''), nullif(hint, ''));
END $$;
