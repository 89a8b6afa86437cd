\set ECHO none
-- What a statement is refused with, for regression tests:
--   SELECT * FROM pg_temp.refusal('SELECT ...');  its parts, as columns
--   SELECT pg_temp.refused('INSERT ...');         all of it, as lines
-- Include it with
--   \getenv abs_srcdir PG_ABS_SRCDIR
--   \set file :abs_srcdir '/test/refused.sql'
--   \i :file
CREATE FUNCTION pg_temp.refusal(query text)
RETURNS TABLE (state text, message text, detail text, hint text)
LANGUAGE plpgsql
AS $$
BEGIN
  EXECUTE query;
  message := 'not refused';
  RETURN NEXT;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
    detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN NEXT;
END $$;

CREATE FUNCTION pg_temp.refused(statement text) RETURNS text
LANGUAGE sql
AS $$
  SELECT CASE WHEN r.state IS NULL THEN 'accepted' ELSE
      concat_ws(E'\n', r.state || ' ' || r.message,
        -- a row that fails holds the time of day
        CASE WHEN r.detail NOT LIKE 'Failing row contains%' THEN nullif(r.detail, '') END,
        nullif(r.hint, ''))
    END
  FROM pg_temp.refusal(statement) AS r
$$;
\set ECHO all
