-- The script finds its own objects and those of PostgreSQL, nothing else: CREATE
-- EXTENSION would add the schema of btree_gist, where others may create objects.
-- Types and aggregates are named with their schema all the same, for pgspot.
SET LOCAL search_path = salesmgmt, pg_temp;

-- CREATE EXTENSION takes a schema that is there already, and whoever owns it could
-- put functions beside ours, for callers who have it in their search path.
DO $$
DECLARE
  owner name;
BEGIN
  SELECT r.rolname INTO owner
  FROM pg_namespace AS n
  JOIN pg_roles AS r ON r.oid = n.nspowner
  WHERE n.nspname = 'salesmgmt' AND NOT r.rolsuper AND r.rolname <> current_user;
  IF FOUND THEN
    RAISE EXCEPTION 'schema "salesmgmt" belongs to "%"', owner
      USING ERRCODE = 'insufficient_privilege',
        DETAIL = 'Its owner could add functions that take the place of the extension''s.',
        HINT = 'Rename or drop it, or give it to a superuser: ALTER SCHEMA salesmgmt OWNER TO CURRENT_USER.';
  END IF;
END $$;

-- The schema of the measures; anybody may use what is in it.
GRANT USAGE ON SCHEMA salesmgmt TO PUBLIC;

COMMENT ON SCHEMA salesmgmt IS
'Sales-management measures: aggregates and functions that work on any table; create_book() makes the tables of one company in a schema of its own';
