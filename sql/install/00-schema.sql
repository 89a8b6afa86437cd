-- The schema of the measures; anybody may use what is in it.
GRANT USAGE ON SCHEMA salesmgmt TO PUBLIC;

COMMENT ON SCHEMA salesmgmt IS
'Sales-management measures: aggregates and functions that work on any table; create_book() makes the tables of one company in a schema of its own';
