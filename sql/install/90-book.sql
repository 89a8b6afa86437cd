-- The book of one company: tables, views and functions in a schema of its own,
-- made from the subjects below and owned by whoever makes it.
CREATE TABLE salesmgmt.book_subject (
  position int PRIMARY KEY,
  subject text NOT NULL UNIQUE,
  definition text NOT NULL
);
COMMENT ON TABLE salesmgmt.book_subject IS 'What create_book() executes, in order: the SQL of each subject of a book';
COMMENT ON COLUMN salesmgmt.book_subject.position IS 'Order of execution';
COMMENT ON COLUMN salesmgmt.book_subject.subject IS 'One word, that of the file it comes from and of its page in the documentation';
COMMENT ON COLUMN salesmgmt.book_subject.definition IS 'SQL without schema names, executed with the book first in search_path';
GRANT SELECT ON salesmgmt.book_subject TO PUBLIC;

CREATE FUNCTION salesmgmt.create_book(name text, currency text DEFAULT 'USD', time_zone text DEFAULT 'UTC')
RETURNS regnamespace
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off
AS $$
DECLARE
  subject record;
BEGIN
  IF name IS NULL OR name = '' THEN
    RAISE EXCEPTION 'a book needs a name'
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'It becomes the name of its schema: create_book(''sales'').';
  END IF;
  IF octet_length(name) > 63 THEN
    RAISE EXCEPTION 'the name "%" is too long for a schema', name
      USING ERRCODE = 'name_too_long',
        HINT = 'Use 63 bytes at most.';
  END IF;
  IF name IN ('public', 'salesmgmt', 'information_schema') OR starts_with(name, 'pg_') THEN
    RAISE EXCEPTION 'the name "%" is reserved', name
      USING ERRCODE = 'reserved_name',
        HINT = 'A book has a schema of its own: create_book(''sales'').';
  END IF;
  IF to_regnamespace(quote_ident(name)) IS NOT NULL THEN
    RAISE EXCEPTION 'schema "%" already exists', name
      USING ERRCODE = 'duplicate_schema',
        HINT = 'A book is made in a new schema; choose another name.';
  END IF;
  IF currency IS NULL OR currency !~ '^[A-Z]{3}$' THEN
    RAISE EXCEPTION 'currency "%" is not a code of three capital letters', currency
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Use the ISO 4217 code, for instance EUR.';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_timezone_names AS known WHERE known.name = time_zone) THEN
    RAISE EXCEPTION 'time zone "%" is not known', time_zone
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'The view pg_timezone_names lists them, for instance Europe/Berlin.';
  END IF;

  EXECUTE format('CREATE SCHEMA %I', name);
  PERFORM set_config('search_path', format('%I, salesmgmt, pg_temp', name), true);
  FOR subject IN SELECT * FROM salesmgmt.book_subject ORDER BY position LOOP
    EXECUTE subject.definition;
  END LOOP;

  EXECUTE format('INSERT INTO %I.currency VALUES ($1)', name) USING currency;
  EXECUTE format('UPDATE %I.setting SET value = to_jsonb($1) WHERE name = ''time_zone''', name)
    USING time_zone;
  EXECUTE format('INSERT INTO %I.book_version (version) SELECT extversion FROM pg_extension WHERE extname = ''salesmgmt''', name);
  RETURN quote_ident(name)::regnamespace;
END $$;
COMMENT ON FUNCTION salesmgmt.create_book(text, text, text) IS
'Makes a book: the tables, views and functions of one company in a new schema, owned by the caller';

-- A function in plpgsql looks its tables up by name, in a search_path that is kept as text:
-- where a book's schema takes another name, its functions have to follow, or they would find
-- nothing, or the tables of a book made later under the old name.  Functions that users have
-- made look where they were told to, in a book and elsewhere, so those follow that keep the
-- very path that settings_with() does, on which every report rests.  A session that quotes
-- all identifiers must not leave a path behind that the next renaming does not know.
CREATE FUNCTION salesmgmt.follow_rename() RETURNS event_trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off
AS $$
DECLARE
  own record;
BEGIN
  FOR own IN
    WITH function AS (
      SELECT f.oid, f.proname, s.nspname,
        replace(replace(kept, ', "salesmgmt"', ', salesmgmt'), ', "pg_temp"', ', pg_temp') AS path
      FROM pg_event_trigger_ddl_commands() AS c
      JOIN pg_namespace AS s ON s.oid = c.objid
      JOIN pg_proc AS f ON f.pronamespace = s.oid
      CROSS JOIN unnest(f.proconfig) AS kept
      WHERE c.classid = 'pg_namespace'::regclass
        AND EXISTS (SELECT FROM pg_class AS t WHERE t.relnamespace = s.oid AND t.relname = 'book_version')
        AND starts_with(kept, 'search_path=')
    )
    SELECT function.oid::regprocedure AS function, function.nspname
    FROM function
    WHERE function.path ~ '^search_path=.*, salesmgmt, pg_temp$'
      AND function.path <> format('search_path=%I, salesmgmt, pg_temp', function.nspname)
      AND function.path IN (SELECT report.path FROM function AS report WHERE report.proname = 'settings_with')
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, salesmgmt, pg_temp', own.function, own.nspname);
  END LOOP;
END $$;
COMMENT ON FUNCTION salesmgmt.follow_rename() IS
'Event trigger: the functions of a book whose schema was renamed look for its tables under the new name';
CREATE EVENT TRIGGER salesmgmt_follow_rename ON ddl_command_end WHEN TAG IN ('ALTER SCHEMA')
EXECUTE FUNCTION salesmgmt.follow_rename();
COMMENT ON EVENT TRIGGER salesmgmt_follow_rename IS 'ALTER SCHEMA ... RENAME TO works for a book as for any schema';
