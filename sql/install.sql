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
-- nor once it has changed hands, while it holds what they made, or they may make more
SET ROLE regress_stranger;
CREATE FUNCTION salesmgmt.num_nonnulls(bigint) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE OPERATOR salesmgmt.|| (LEFTARG = int, RIGHTARG = int, FUNCTION = pg_catalog.int4pl);
RESET ROLE;
ALTER SCHEMA salesmgmt OWNER TO CURRENT_USER;
SAVEPOINT theirs;
CREATE EXTENSION salesmgmt CASCADE;
ROLLBACK TO theirs;
DROP FUNCTION salesmgmt.num_nonnulls(bigint);
SAVEPOINT theirs;
CREATE EXTENSION salesmgmt CASCADE;
ROLLBACK TO theirs;
DROP OPERATOR salesmgmt.|| (int, int);
GRANT CREATE ON SCHEMA salesmgmt TO PUBLIC;
SAVEPOINT theirs;
CREATE EXTENSION salesmgmt CASCADE;
ROLLBACK TO theirs;
REVOKE CREATE ON SCHEMA salesmgmt FROM PUBLIC;
GRANT CREATE ON SCHEMA salesmgmt TO regress_stranger;
SAVEPOINT theirs;
CREATE EXTENSION salesmgmt CASCADE;
ROLLBACK TO theirs;
REVOKE CREATE ON SCHEMA salesmgmt FROM regress_stranger;
CREATE EXTENSION salesmgmt CASCADE;
ROLLBACK;
