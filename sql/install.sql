-- The extension lives in one fixed schema, open to everybody.
SELECT extname, nspname, extrelocatable
FROM pg_extension
JOIN pg_namespace ON pg_namespace.oid = extnamespace
WHERE extname = 'salesmgmt';
SELECT has_schema_privilege('public', 'salesmgmt', 'USAGE') AS public_may_use;

-- a schema of that name that somebody else could change is not taken
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;
BEGIN;
DROP EXTENSION salesmgmt CASCADE;
DROP SCHEMA salesmgmt CASCADE;
CREATE ROLE regress_stranger;
CREATE SCHEMA salesmgmt AUTHORIZATION regress_stranger;
SAVEPOINT theirs;
CREATE EXTENSION salesmgmt CASCADE;
ROLLBACK TO theirs;
ALTER SCHEMA salesmgmt OWNER TO CURRENT_USER;
CREATE EXTENSION salesmgmt CASCADE;
ROLLBACK;
