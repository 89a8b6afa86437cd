-- The extension lives in one fixed schema, open to everybody.
SELECT extname, nspname, extrelocatable
FROM pg_extension
JOIN pg_namespace ON pg_namespace.oid = extnamespace
WHERE extname = 'salesmgmt';
SELECT has_schema_privilege('public', 'salesmgmt', 'USAGE') AS public_may_use;
