-- What must hold of every object of the extension, now and later.
\ir ../begin.sql

SELECT plan(19);

-- The members of the extension; what users put into its schema is not ours.
CREATE TEMP VIEW member AS
SELECT classid, objid
FROM pg_depend
WHERE refclassid = 'pg_extension'::regclass
AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'salesmgmt')
AND deptype = 'e';

CREATE TEMP VIEW function AS
SELECT pg_proc.*, oid::regprocedure AS signature, oid IN (
    SELECT unnest(ARRAY[typinput, typoutput, typreceive, typsend, typmodin, typmodout, typanalyze]) FROM pg_type
  ) AS is_type_io
FROM pg_proc
JOIN member ON classid = 'pg_proc'::regclass AND objid = pg_proc.oid;

CREATE TEMP VIEW aggregate AS
SELECT pg_aggregate.*, function.*
FROM function
JOIN pg_aggregate ON aggfnoid = function.oid;

CREATE TEMP VIEW named_type AS
SELECT pg_type.*, pg_type.oid AS type_id
FROM pg_type
JOIN member ON classid = 'pg_type'::regclass AND objid = pg_type.oid
WHERE typcategory <> 'A'
AND typrelid NOT IN (SELECT oid FROM pg_class WHERE relkind <> 'c');

CREATE TEMP VIEW relation AS
SELECT pg_class.*, oid::regclass AS full_name
FROM pg_class
WHERE relkind IN ('c', 'r', 'p', 'v', 'm')
AND (oid IN (SELECT objid FROM member WHERE classid = 'pg_class'::regclass)
  OR oid IN (SELECT typrelid FROM named_type));

-- Functions that write, hence may be volatile and need not be parallel safe.
CREATE TEMP TABLE writer (name) AS
VALUES ('create_book'), ('create_demo_book'), ('follow_rename'),
  ('stage_table'), ('merge_table'), ('merge_read'), ('merge_match'), ('merge_refuse'), ('merge_check'),
  ('merge_write'), ('merge_by_line'),
  ('demo_org'), ('demo_market'), ('demo_pipeline'), ('demo_balance'), ('demo_activity'), ('demo_plan'), ('demo_account_plan'), ('demo_forecast'), ('demo_rating'), ('demo_marketing');

-- the checks below have something to look at
SELECT ok((SELECT count(*) FROM function) > 30 AND (SELECT count(*) FROM aggregate) > 2
    AND (SELECT count(*) FROM named_type) > 5 AND (SELECT count(*) FROM relation WHERE relkind = 'c') > 3,
  'the extension has functions, aggregates, types and composite types');

-- ---- place ----
SELECT is_empty(
  $$
    SELECT full_name::text FROM relation WHERE relnamespace <> 'salesmgmt'::regnamespace
    UNION ALL
    SELECT signature::text FROM function WHERE pronamespace <> 'salesmgmt'::regnamespace
    UNION ALL
    SELECT typname FROM named_type WHERE typnamespace <> 'salesmgmt'::regnamespace
  $$, 'everything is in schema salesmgmt');

-- ---- comments ----
SELECT is_empty(
  $$ SELECT signature FROM function WHERE coalesce(obj_description(oid, 'pg_proc'), '') = '' $$,
  'every function and aggregate has a comment');
SELECT is_empty(
  $$ SELECT typname FROM named_type WHERE coalesce(obj_description(type_id, 'pg_type'), '') = '' $$,
  'every type has a comment');
SELECT is_empty(
  $$
    SELECT full_name, attname
    FROM relation
    JOIN pg_attribute ON attrelid = relation.oid
    WHERE attnum > 0
    AND NOT attisdropped
    AND coalesce(col_description(attrelid, attnum), '') = ''
  $$, 'every column of a composite type, table or view has a comment');
SELECT is_empty(
  $$ SELECT full_name FROM relation WHERE relkind <> 'c' AND coalesce(obj_description(oid, 'pg_class'), '') = '' $$,
  'every table and view has a comment');
SELECT is_empty(
  $$
    SELECT evtname FROM pg_event_trigger
    JOIN member ON classid = 'pg_event_trigger'::regclass AND objid = pg_event_trigger.oid
    WHERE evtname NOT LIKE 'salesmgmt\_%' OR coalesce(obj_description(oid, 'pg_event_trigger'), '') = ''
  $$, 'every event trigger has a comment, and in its name, which has no schema, the extension''s');

-- ---- functions ----
SELECT is_empty(
  $$ SELECT signature FROM function WHERE provolatile = 'v' AND proname NOT IN (SELECT name FROM writer) $$,
  'no function is volatile but those that write');
SELECT is_empty(
  $$
    SELECT signature, provolatile, proparallel
    FROM function
    JOIN pg_language ON pg_language.oid = prolang
    WHERE lanname = 'c'
    AND (provolatile = 'v' OR proparallel <> 's')
  $$, 'every C function is immutable or stable, and parallel safe');
SELECT is_empty(
  $$
    SELECT signature
    FROM function
    WHERE NOT is_type_io
    AND pronargs > 0
    AND (proargnames IS NULL OR '' = ANY (proargnames))
  $$, 'every parameter has a name, but those of type input and output');
SELECT is_empty(
  $$ SELECT signature FROM function WHERE NOT has_function_privilege('public', oid, 'EXECUTE') $$,
  'PUBLIC may execute every function');
SELECT is_empty(
  $$ SELECT signature FROM function WHERE prosecdef $$,
  'no function runs with the rights of its owner');

-- ---- aggregates ----
SELECT is_empty(
  $$ SELECT signature FROM aggregate WHERE proparallel <> 's' OR aggcombinefn = 0 $$,
  'every aggregate is parallel safe and has a combine function');
SELECT is_empty(
  $$
    SELECT signature, support
    FROM aggregate,
      unnest(ARRAY[aggtransfn, aggcombinefn, aggfinalfn, aggmtransfn, aggminvtransfn, aggmfinalfn]::oid[]) AS support
    JOIN pg_proc ON pg_proc.oid = support
    WHERE pg_proc.proparallel <> 's'
    OR pg_proc.provolatile = 'v'
  $$, 'so are the functions behind it');
SELECT is_empty(
  $$ SELECT proname FROM aggregate GROUP BY proname HAVING count(DISTINCT pronargs) > 1 $$,
  'no two aggregates of one name differ in the number of arguments');
SELECT is_empty(
  $$ SELECT signature FROM aggregate WHERE 'internal'::regtype IN (aggtranstype, aggmtranstype) $$,
  'no state is of type internal');
SELECT is_empty(
  $$
    SELECT signature, typname
    FROM aggregate
    JOIN named_type ON type_id = aggtranstype
    WHERE typinput = 0
    OR typoutput = 0
    OR typreceive = 0
    OR typsend = 0
  $$, 'every state has a text and a binary form');

-- ---- privileges ----
SELECT is_empty(
  $$ SELECT typname FROM named_type WHERE NOT has_type_privilege('public', type_id, 'USAGE') $$,
  'PUBLIC may use every type');
SELECT is_empty(
  $$
    SELECT full_name
    FROM relation
    WHERE relkind <> 'c'
    AND (NOT has_table_privilege('public', oid, 'SELECT')
      OR has_table_privilege('public', oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER'))
  $$, 'PUBLIC may read every table, and change none');

SELECT * FROM finish();
ROLLBACK;
