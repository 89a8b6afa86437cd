-- The script finds its own objects and those of PostgreSQL, nothing else: CREATE
-- EXTENSION would add the schema of btree_gist, where others may create objects.
-- Types and aggregates are named with their schema all the same, for pgspot.
SET LOCAL search_path = salesmgmt, pg_temp;

-- The schema of the measures; anybody may use what is in it.
GRANT USAGE ON SCHEMA salesmgmt TO PUBLIC;

COMMENT ON SCHEMA salesmgmt IS
'Sales-management measures: aggregates and functions that work on any table; create_book() makes the tables of one company in a schema of its own';
