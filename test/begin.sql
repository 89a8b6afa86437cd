-- How each pgTAP test begins: it prints TAP alone, stops at the first error, and
-- leaves nothing behind.  Include it with \ir ../begin.sql, and end with
--   SELECT * FROM finish();
--   ROLLBACK;
\set ON_ERROR_STOP 1
\set QUIET 1
\pset format unaligned
\pset tuples_only true
\pset pager off
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS salesmgmt CASCADE;
