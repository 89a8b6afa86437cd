-- create_book(): who may, what it refuses, what it leaves behind.
\set VERBOSITY terse
CREATE ROLE founder;
GRANT CREATE ON DATABASE contrib_regression TO founder;
SET ROLE founder;
-- it says each subject as it goes; which they are is not the matter here
SET client_min_messages = warning;
SELECT salesmgmt.create_book('sales');
RESET client_min_messages;
-- it belongs to its maker, and none of it to the extension
SELECT DISTINCT pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relnamespace = 'sales'::regnamespace;
SELECT count(*) AS members FROM pg_depend
WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
  AND classid = 'pg_class'::regclass AND objid IN (SELECT oid FROM pg_class WHERE relnamespace = 'sales'::regnamespace);
-- and knows its version, currency and time zone
SELECT version = (SELECT extversion FROM pg_extension WHERE extname = 'salesmgmt') AS version_is_recorded FROM sales.book_version;
SELECT code FROM sales.currency;
SELECT value FROM sales.setting WHERE name = 'time_zone';
-- the caller's search_path is untouched
SHOW search_path;

DO $$
DECLARE
  call text;
  hint text;
BEGIN
  FOREACH call IN ARRAY ARRAY[
    'sales', 'public', 'pg_sales', 'information_schema', 'salesmgmt', '', repeat('x', 64)]
  LOOP
    BEGIN
      PERFORM salesmgmt.create_book(call);
      RAISE NOTICE '%: made', call;
    EXCEPTION WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
      RAISE NOTICE '% % | %', SQLSTATE, SQLERRM, hint;
    END;
  END LOOP;
END $$;
SELECT salesmgmt.create_book(NULL);
SELECT salesmgmt.create_book('abroad', currency => 'euro');
SELECT salesmgmt.create_book('abroad', time_zone => 'Mars/Olympus');
SELECT count(*) AS left_behind FROM pg_namespace WHERE nspname = 'abroad';

-- a role that may not create schemas is told so by the server
RESET ROLE;
CREATE ROLE visitor;
SET ROLE visitor;
SELECT salesmgmt.create_book('mine');
RESET ROLE;

-- Row-level security that is forced on the book's owner: the present state of a deal stays with the ledger, or nothing is written.
SET ROLE founder;
SET search_path = sales, salesmgmt;
INSERT INTO pipeline (pipeline_id, code, name) VALUES (1, 'p', 'P');
INSERT INTO stage (stage_id, code, pipeline_id, name, position) VALUES (1, 'a', 1, 'A', 1), (2, 'b', 1, 'B', 2);
INSERT INTO opportunity (opportunity_id, code, pipeline_id, created_at, stage_id) VALUES (1, 'd', 1, '2026-01-01', 1);
ALTER TABLE opportunity ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id) VALUES (1, '2026-02-01', 2);
CREATE POLICY seen ON opportunity FOR SELECT USING (true);
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id) VALUES (1, '2026-02-01', 2);
CREATE POLICY written ON opportunity FOR UPDATE USING (true);
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id) VALUES (1, '2026-02-01', 2);
SELECT o.stage_id, count(*) AS changes FROM opportunity AS o JOIN opportunity_change USING (opportunity_id) GROUP BY o.stage_id;
ALTER TABLE opportunity NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;
ALTER TABLE opportunity_change ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY written ON opportunity_change FOR INSERT WITH CHECK (true);
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id) VALUES (1, '2026-02-02', 1);
UPDATE opportunity SET stage_id = 1, changed_at = '2026-02-02';
CREATE POLICY seen ON opportunity_change FOR SELECT USING (true);
UPDATE opportunity SET stage_id = 1, changed_at = '2026-02-02';
SELECT o.stage_id, count(*) AS changes FROM opportunity AS o JOIN opportunity_change USING (opportunity_id) GROUP BY o.stage_id;
ALTER TABLE opportunity_change NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;

-- Where a session reads backslashes in strings, a book is made the same, and answers the same.
RESET ROLE;
SET client_min_messages = warning;
SELECT salesmgmt.create_book('made_plainly');
SET standard_conforming_strings = off;
SET escape_string_warning = off;
SELECT salesmgmt.create_book('made_oddly');
SELECT replace(pg_get_functiondef(oid), 'made_oddly', '') AS differs FROM pg_proc WHERE pronamespace = 'made_oddly'::regnamespace
EXCEPT SELECT replace(pg_get_functiondef(oid), 'made_plainly', '') FROM pg_proc WHERE pronamespace = 'made_plainly'::regnamespace;
SELECT replace(pg_get_constraintdef(oid), 'made_oddly', '') AS differs FROM pg_constraint WHERE connamespace = 'made_oddly'::regnamespace
EXCEPT SELECT replace(pg_get_constraintdef(oid), 'made_plainly', '') FROM pg_constraint WHERE connamespace = 'made_plainly'::regnamespace;
SELECT * FROM made_oddly.days_ahead(made_oddly.settings());
INSERT INTO made_oddly.person (person_id, code, name) VALUES (1, 'ann', 'Ann');
INSERT INTO made_oddly.plan (plan_id, code, kind, person_id, during) VALUES (1, 'plan', 'quota', 1, '[2026-01-01,2027-01-01)');
INSERT INTO made_oddly.plan_target (plan_id, metric_id, during, target) SELECT 1, metric_id, '[2026-01-01,2027-01-01)', 100 FROM made_oddly.metric WHERE code = 'bookings';
SELECT made_oddly.reset_plan('plan', 'bookings', '[2026-01-01,2027-01-01)', 90, 'a client left');
RESET standard_conforming_strings;
DROP SCHEMA made_plainly, made_oddly CASCADE;
RESET client_min_messages;
SET ROLE founder;

-- A book whose schema is renamed goes on by itself, also where another one takes its old name.
ALTER SCHEMA sales RENAME TO "sales, old";
SET client_min_messages = warning;
SELECT salesmgmt.create_book('sales');
RESET client_min_messages;
SELECT pronamespace::regnamespace AS book, array_agg(DISTINCT kept) AS kept
FROM pg_proc CROSS JOIN unnest(proconfig) AS kept
WHERE pronamespace IN ('sales'::regnamespace, '"sales, old"'::regnamespace) AND kept LIKE 'search_path=%'
GROUP BY book ORDER BY book;
UPDATE "sales, old".opportunity SET stage_id = 1, changed_at = '2026-03-01';
SELECT (SELECT count(*) FROM "sales, old".opportunity_change) AS renamed, (SELECT count(*) FROM sales.opportunity_change) AS later;
SELECT opportunity, stage FROM "sales, old".untouched('2026-04-01');
-- what users have made looks where it was told to: beside the book, and in it on a path of its own
RESET ROLE;
CREATE SCHEMA tools;
CREATE FUNCTION tools.open_deals() RETURNS bigint LANGUAGE sql SET search_path = sales, salesmgmt, pg_temp AS 'SELECT count(*) FROM opportunity';
CREATE FUNCTION sales.open_deals() RETURNS bigint LANGUAGE sql SET search_path = "sales, old", tools, salesmgmt, pg_temp AS 'SELECT count(*) FROM opportunity';
ALTER SCHEMA tools OWNER TO founder;
ALTER SCHEMA tools RENAME TO other_tools;
ALTER SCHEMA sales OWNER TO founder;
SELECT oid::regprocedure AS function, proconfig FROM pg_proc WHERE proname = 'open_deals' ORDER BY 1::text;
DROP FUNCTION sales.open_deals();
DROP SCHEMA other_tools CASCADE;
-- nor does it matter how a session quotes names
SET quote_all_identifiers = on;
ALTER SCHEMA sales RENAME TO quoted;
RESET quote_all_identifiers;
ALTER SCHEMA quoted RENAME TO sales;
SELECT DISTINCT kept FROM pg_proc CROSS JOIN unnest(proconfig) AS kept WHERE pronamespace = 'sales'::regnamespace AND kept LIKE 'search_path=%';
-- a function that is somebody else's does not stay behind
ALTER FUNCTION sales.settings_with(jsonb) OWNER TO CURRENT_USER;
SET ROLE founder;
ALTER SCHEMA sales RENAME TO new;
RESET ROLE;
ALTER SCHEMA sales RENAME TO new;
SELECT new.settings() ->> 'time_zone' AS time_zone;
RESET search_path;

\set VERBOSITY terse
SET client_min_messages = warning;
DROP SCHEMA "sales, old", new CASCADE;
DROP OWNED BY founder; DROP ROLE founder, visitor;
