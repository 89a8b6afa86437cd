-- The script finds its own objects and those of PostgreSQL, nothing else: CREATE
-- EXTENSION would add the schema of btree_gist, where others may create objects.
-- Types and aggregates are named with their schema all the same, for pgspot.
SET LOCAL search_path = salesmgmt, pg_temp;

-- CREATE EXTENSION takes a schema that is there already, and whoever owns it could
-- put functions beside ours, for callers who have it in their search path.
DO $$
DECLARE
  owner name;
  theirs text;
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

  -- Nor is it enough that the schema has changed hands: what somebody has put there, or
  -- may put there, is found by this script, by the functions and by every book.
  SELECT r.rolname, pg_describe_object(d.classid, d.objid, 0) INTO owner, theirs
  FROM pg_depend AS d
  JOIN pg_shdepend AS s ON s.classid = d.classid AND s.objid = d.objid AND s.deptype = 'o'
    AND s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  JOIN pg_roles AS r ON r.oid = s.refobjid
  WHERE d.refclassid = 'pg_namespace'::regclass
    AND d.refobjid = 'salesmgmt'::regnamespace
    AND NOT r.rolsuper AND r.rolname <> current_user
  ORDER BY 2
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'schema "salesmgmt" holds % of "%"', theirs, owner
      USING ERRCODE = 'insufficient_privilege',
        DETAIL = 'It could take the place of what the extension and its books call.',
        HINT = 'Drop what others have in the schema, or the schema.';
  END IF;
  SELECT coalesce(r.rolname, 'public') INTO owner
  FROM pg_namespace AS n
  CROSS JOIN aclexplode(n.nspacl) AS may
  LEFT JOIN pg_roles AS r ON r.oid = may.grantee
  WHERE n.nspname = 'salesmgmt'
    AND may.privilege_type = 'CREATE'
    AND r.rolsuper IS NOT TRUE AND r.rolname IS DISTINCT FROM current_user
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'role "%" may create objects in schema "salesmgmt"', owner
      USING ERRCODE = 'insufficient_privilege',
        DETAIL = 'They could take the place of what the extension and its books call.',
        HINT = 'REVOKE CREATE ON SCHEMA salesmgmt.';
  END IF;
END $$;

-- The schema of the measures; anybody may use what is in it.
GRANT USAGE ON SCHEMA salesmgmt TO PUBLIC;

COMMENT ON SCHEMA salesmgmt IS
'Sales-management measures: aggregates and functions that work on any table; create_book() makes the tables of one company in a schema of its own';
