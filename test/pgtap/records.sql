-- The records: doc/records.md and the catalogue of a fresh book say the same, and every
-- table, view and function of the book keeps the rules.  What is missing in the page is
-- shown as the line to write.
\ir ../begin.sql
\set doc `cat doc/records.md`
SELECT FROM salesmgmt.create_book('dictionary');
SELECT set_config('search_path', 'dictionary, salesmgmt, ' || current_setting('search_path'), true) \g /dev/null

-- ---- the page --------------------------------------------------------------
-- "### table" opens a table, its first line is the table's comment, "| column | ..." lines are
-- its columns, "* ..." lines its further rules.  What follows "Planned." does not exist yet.
CREATE TEMP TABLE page AS
WITH line AS (
  SELECT number, rtrim(text) AS text
  FROM regexp_split_to_table(:'doc', '\n') WITH ORDINALITY AS t (text, number)
), section AS (
  SELECT number, text,
    count(*) FILTER (WHERE text LIKE '#%') OVER (ORDER BY number) AS section
  FROM line
)
SELECT number, text,
  (first_value(text) OVER part NOT LIKE '### %') AS is_prose,
  substring(first_value(text) OVER part FROM '^### (\w+)$') AS tab,
  count(*) FILTER (WHERE text = 'Planned.') OVER (part ROWS UNBOUNDED PRECEDING) > 0 AS is_planned,
  count(*) FILTER (WHERE text <> '') OVER (part ROWS UNBOUNDED PRECEDING) = 2 AND text <> '' AS is_comment
FROM section
WINDOW part AS (PARTITION BY section ORDER BY number);

CREATE FUNCTION pg_temp.documented() RETURNS TABLE (tab text, line text)
LANGUAGE sql
BEGIN ATOMIC
  SELECT tab, text
  FROM page
  WHERE NOT is_prose AND NOT is_planned
    AND (is_comment OR text ~ '^(\| (?!column )|\* )');
END;

-- ---- the catalogue -----------------------------------------------------------
-- Its expressions as a person writes them.
CREATE FUNCTION pg_temp.plainly(expression text) RETURNS text
LANGUAGE sql
RETURN regexp_replace(
  regexp_replace(
    replace(expression, '"position"', 'position'),
    '::(text|numeric|date|timestamp with time zone|double precision|daterange)', '', 'g'),
  '= ANY \(ARRAY\[([^]]*)\]\)', 'IN (\1)', 'g');

CREATE FUNCTION pg_temp.dictionary() RETURNS TABLE (tab text, place int, line text)
LANGUAGE sql
BEGIN ATOMIC
  WITH tables AS (
    SELECT c.oid, c.relname::text AS tab
    FROM pg_class AS c
    WHERE c.relnamespace = 'dictionary'::regnamespace AND c.relkind IN ('r', 'p')
  ), constraints AS (
    SELECT k.*, pg_temp.plainly(pg_get_constraintdef(k.oid, true)) AS definition,
      coalesce(cardinality(k.conkey), 0) AS columns
    FROM pg_constraint AS k
    WHERE k.contype IN ('p', 'u', 'f', 'c', 'x')
  )
  SELECT tab, 0, coalesce(obj_description(oid, 'pg_class'), 'no comment')
  FROM tables
  UNION ALL
  SELECT tab, a.attnum,
    format('| %s | %s | %s | %s | %s |', a.attname,
      replace(replace(format_type(a.atttypid, a.atttypmod), 'timestamp with time zone', 'timestamptz'), 'double precision', 'float8'),
      CASE WHEN a.attnotnull THEN 'no' ELSE 'yes' END,
      (SELECT string_agg(word, ', ' ORDER BY rank, word)
       FROM (
         SELECT CASE k.contype
             WHEN 'p' THEN 'PK'
             WHEN 'u' THEN 'UNIQUE'
             WHEN 'f' THEN 'FK → ' || k.confrelid::regclass
             ELSE k.definition
           END,
           strpos('pufc', k.contype)
         FROM constraints AS k
         WHERE k.conrelid = t.oid AND a.attnum = ANY (k.conkey)
           AND (k.columns = 1 OR k.contype = 'p')
         UNION ALL
         SELECT 'DEFAULT ' || pg_temp.plainly(pg_get_expr(d.adbin, d.adrelid)), 9
         FROM pg_attrdef AS d
         WHERE d.adrelid = t.oid AND d.adnum = a.attnum
       ) AS words (word, rank)),
      coalesce(col_description(t.oid, a.attnum), 'no comment'))
  FROM tables AS t
  JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT tab, 10000, '* ' || k.definition
  FROM tables AS t
  JOIN constraints AS k ON k.conrelid = t.oid AND k.columns <> 1
  UNION ALL
  SELECT tab, 10001, '* UNIQUE ' || pg_temp.plainly(substring(pg_get_indexdef(i.indexrelid) FROM 'USING btree (.*)'))
  FROM tables AS t
  JOIN pg_index AS i ON i.indrelid = t.oid AND i.indisunique
  WHERE NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = i.indexrelid)
  UNION ALL
  SELECT tab, 10002, '* Append-only. '
    || convert_from(substring(g.tgargs FROM 1 FOR length(g.tgargs) - 1), 'UTF8')
  FROM tables AS t
  JOIN pg_trigger AS g ON g.tgrelid = t.oid AND g.tgname = 'refuse_rewrite';
END;

-- ---- the rules -----------------------------------------------------------------
-- Tables that nobody imports, or whose key is of another kind.
CREATE TEMP TABLE keyed_otherwise (tab, why) AS VALUES
  ('book_version', 'written by create_book() alone'),
  ('currency', 'its key is the ISO code'),
  ('setting', 'its key is the name'),
  ('opportunity_change', 'its key is the deal, the instant and seq');
-- Layers that reports read, no reports themselves.
CREATE TEMP TABLE layer (name, why) AS VALUES
  ('opportunity_history', 'a cast of its amounts would be paid for every row of the ledger'),
  ('quota_case', 'what target_attainment counts, case by case'),
  ('past_pace', 'the earlier periods that plan_pace and its evidence look at'),
  ('covered_quota', 'the quotas of pipeline_coverage and its evidence'),
  ('furthest_step', 'what win_rate_from_stage counts'),
  ('moved_balance', 'what balance_bridge counts'),
  ('portfolio_account', 'what portfolio_size counts'),
  ('retained_client', 'what retention counts'),
  ('selling_manager', 'whom manager_selling is about'),
  ('credited_booking', 'its parts are exact, and all who count bookings read it'),
  ('funnel_event', 'what funnel and funnel_by_rep count'),
  ('funnel_deal_step', 'the same, a deal at a time'),
  ('sales_event', 'what activity_ratio, kpi_week and pipeline_review count'),
  ('forecast_pair', 'what forecast_value_added compares'),
  ('submitted_forecast', 'the forecasts that forecast_error judges'),
  ('activity_ratio_event', 'the same with the periods of activity_ratio'),
  ('ratio_calendar', 'the days on which the periods of activity_ratio begin'),
  ('morning_funnel', 'a section of morning_report'),
  ('morning_reps', 'a section of morning_report'),
  ('morning_coaching', 'a section of morning_report');

CREATE FUNCTION pg_temp.broken_rules() RETURNS TABLE (complaint text)
LANGUAGE sql
BEGIN ATOMIC
  WITH relations AS (
    SELECT c.oid, c.relname::text AS name, c.relkind, c.reloptions
    FROM pg_class AS c
    WHERE c.relnamespace = 'dictionary'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
  ), columns AS (
    SELECT r.oid, r.name, r.relkind, a.attnum, a.attname::text AS col, a.atttypid, a.atttypmod, a.attidentity,
      format_type(a.atttypid, a.atttypmod) AS type
    FROM relations AS r
    JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
  ), functions AS (
    SELECT p.*, p.oid::regprocedure::text AS signature, l.lanname::text AS lang
    FROM pg_proc AS p
    JOIN pg_language AS l ON l.oid = p.prolang
    WHERE p.pronamespace = 'dictionary'::regnamespace
  )
  SELECT format('%s has no comment', name)
  FROM relations
  WHERE obj_description(oid, 'pg_class') IS NULL
  UNION ALL
  SELECT format('%s.%s has no comment', name, col)
  FROM columns
  WHERE col_description(oid, attnum) IS NULL
  UNION ALL
  SELECT format('function %s has no comment', signature)
  FROM functions
  WHERE obj_description(oid, 'pg_proc') IS NULL
  UNION ALL
  SELECT format('type %s has no comment', typname)
  FROM pg_type
  WHERE typnamespace = 'dictionary'::regnamespace AND (typtype IN ('d', 'e', 'r')
      OR typtype = 'c' AND (SELECT relkind FROM pg_class AS c WHERE c.oid = typrelid) = 'c')
    AND obj_description(oid, 'pg_type') IS NULL
  -- tables
  UNION ALL
  SELECT format('%s has no primary key', name)
  FROM relations
  WHERE relkind IN ('r', 'p')
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = relations.oid AND contype = 'p')
  UNION ALL
  SELECT format('%s has no key %s_id bigint GENERATED BY DEFAULT AS IDENTITY', name, name)
  FROM relations
  WHERE relkind IN ('r', 'p') AND name NOT IN (SELECT tab FROM keyed_otherwise)
    AND NOT EXISTS (
      SELECT
      FROM columns AS c
      JOIN pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'p' AND k.conkey = ARRAY[c.attnum]
      WHERE c.oid = relations.oid AND c.col = name || '_id' AND c.type = 'bigint' AND c.attidentity = 'd')
  UNION ALL
  SELECT format('%s has no unique code', name)
  FROM relations
  WHERE relkind IN ('r', 'p') AND name NOT IN (SELECT tab FROM keyed_otherwise)
    AND NOT EXISTS (
      SELECT
      FROM columns AS c
      JOIN pg_constraint AS k ON k.conrelid = c.oid AND k.contype IN ('u', 'p') AND k.conkey = ARRAY[c.attnum]
      WHERE c.oid = relations.oid AND c.col = 'code' AND c.type = 'text')
  UNION ALL
  SELECT format('%s.%s refers to nothing', name, col)
  FROM columns
  WHERE relkind IN ('r', 'p') AND col ~ '_id$'
    AND NOT EXISTS (
      SELECT FROM pg_constraint AS k
      WHERE k.conrelid = columns.oid AND k.contype IN ('f', 'p') AND k.conkey = ARRAY[columns.attnum])
  UNION ALL
  SELECT format('%s.%s is a %s, not a span', name, col, type)
  FROM columns
  WHERE relkind IN ('r', 'p') AND type ~ 'range$'
  UNION ALL
  SELECT format('%s.%s is %s, not an amount', name, col, type)
  FROM columns
  WHERE relkind IN ('r', 'p') AND col ~ '^(amount|margin|cost|budget|balance|list_price)$' AND type <> 'amount'
  UNION ALL
  SELECT format('%s.%s admits infinity', name, col)
  FROM columns
  WHERE relkind IN ('r', 'p') AND type IN ('date', 'timestamp with time zone') AND name <> 'book_version'
    AND NOT EXISTS (
      SELECT FROM pg_constraint AS k
      WHERE k.conrelid = columns.oid AND k.contype = 'c' AND columns.attnum = ANY (k.conkey)
        AND pg_get_constraintdef(k.oid) LIKE '%isfinite(' || columns.col || ')%')
  -- views
  UNION ALL
  SELECT format('%s.%s is of type %s', name, col, type)
  FROM columns
  WHERE relkind IN ('v', 'm') AND name NOT IN (SELECT l.name FROM layer AS l)
    AND type NOT IN ('text', 'boolean', 'integer', 'bigint', 'double precision', 'date', 'timestamp with time zone', 'uuid')
    AND type NOT LIKE 'numeric(%'
  UNION ALL
  SELECT format('%s.%s is %s, not float8', name, col, type)
  FROM columns
  WHERE relkind IN ('v', 'm') AND type <> 'double precision'
    AND col ~ '(_rate|_share|_lower|_upper|_days|_hours)$|(^|_)attainment$'
    AND col !~ 'working_days$'  -- counted, not measured
  -- one name, one thing
  UNION ALL
  SELECT format('%s.%s is %s, and a count in %s', name, col, type, counts.names)
  FROM columns
  JOIN (
    SELECT c.col, string_agg(c.name, ', ' ORDER BY c.name) AS names
    FROM columns AS c
    WHERE c.relkind IN ('v', 'm') AND c.type IN ('integer', 'bigint')
    GROUP BY c.col
  ) AS counts USING (col)
  WHERE relkind IN ('v', 'm') AND type LIKE 'numeric%'
  UNION ALL
  SELECT format('%s.%s is a bare internal key', name, col)
  FROM columns
  WHERE relkind IN ('v', 'm') AND name NOT IN (SELECT l.name FROM layer AS l)
    AND col ~ '^(person|owner|manager|leader)_id$'
    AND NOT EXISTS (SELECT FROM columns AS c WHERE c.oid = columns.oid AND c.col = regexp_replace(columns.col, '_id$', ''))
  UNION ALL
  SELECT format('%s is not security_invoker', name)
  FROM relations
  WHERE relkind = 'v' AND NOT coalesce(reloptions && '{security_invoker=true,security_invoker=on,security_invoker=1}', false)
  -- functions
  UNION ALL
  SELECT format('function %s is not STABLE', signature)
  FROM functions
  WHERE 'as_of' = ANY (proargnames) AND provolatile <> 's'
  UNION ALL
  SELECT format('function %s is STRICT', signature)
  FROM functions
  WHERE 'as_of' = ANY (proargnames) AND proisstrict
  UNION ALL
  SELECT format('function %s has a SET clause, which keeps it from being inlined', signature)
  FROM functions
  WHERE lang = 'sql' AND proconfig IS NOT NULL
  UNION ALL
  SELECT format('function %s is not BEGIN ATOMIC', signature)
  FROM functions
  WHERE lang = 'sql' AND prosqlbody IS NULL
  UNION ALL
  SELECT format('function %s has no search_path of its own', signature)
  FROM functions
  WHERE lang = 'plpgsql' AND NOT EXISTS (SELECT FROM unnest(proconfig) AS c WHERE c LIKE 'search_path=%')
  UNION ALL
  SELECT format('function %s is SECURITY DEFINER', signature)
  FROM functions
  WHERE prosecdef AND proname NOT IN ('keep_present_state', 'visible_people')
  UNION ALL
  SELECT format('report %s has no view of its name', signature)
  FROM functions
  WHERE proargnames[1:4] = '{as_of,person,during,options}' AND prokind = 'f' AND proretset
    AND proname !~ '_evidence$'  -- read through evidence()
    AND proname NOT IN (SELECT name FROM relations WHERE relkind = 'v')
    AND proname NOT IN (SELECT l.name FROM layer AS l);
END;

-- What a statement would break, without doing it.
CREATE FUNCTION pg_temp.complaints_about(statement text) RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
  before text[] := ARRAY(SELECT complaint FROM pg_temp.broken_rules());
  found text[];
BEGIN
  BEGIN
    EXECUTE statement;
    found := ARRAY(SELECT complaint FROM pg_temp.broken_rules() WHERE complaint <> ALL (before) ORDER BY 1);
    RAISE EXCEPTION 'undo' USING ERRCODE = 'UNDO1';
  EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
    RETURN QUERY SELECT unnest(found);
  END;
END $$;

-- How page and catalogue would differ after it.
CREATE FUNCTION pg_temp.differences_after(statement text) RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
  found text[];
BEGIN
  BEGIN
    EXECUTE statement;
    found := ARRAY(
      (SELECT '+ ' || tab || ': ' || line FROM pg_temp.dictionary()
       EXCEPT SELECT '+ ' || tab || ': ' || line FROM pg_temp.documented())
      UNION ALL
      (SELECT '- ' || tab || ': ' || line FROM pg_temp.documented()
       EXCEPT SELECT '- ' || tab || ': ' || line FROM pg_temp.dictionary())
      ORDER BY 1);
    RAISE EXCEPTION 'undo' USING ERRCODE = 'UNDO1';
  EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
    RETURN QUERY SELECT unnest(found);
  END;
END $$;

SELECT plan(32);

SELECT cmp_ok((SELECT count(*) FROM page), '>', 500::bigint, 'the page was read');
SELECT is_empty($$ SELECT * FROM pg_temp.differences_after('SELECT 1') $$,
  'doc/records.md and the catalogue say the same (+ is missing in the page, - in the catalogue)');
SELECT is_empty($$ SELECT * FROM pg_temp.broken_rules() $$, 'tables, views and functions of the book keep the rules');
SELECT is_empty($$ SELECT tab FROM pg_temp.documented() GROUP BY tab HAVING count(*) < 3 $$, 'no table of the page is without columns');
SELECT results_eq(
  $$ SELECT DISTINCT tab FROM page WHERE tab IS NOT NULL AND tab NOT IN (SELECT tab FROM pg_temp.documented()) ORDER BY 1 $$,
  $$ SELECT DISTINCT tab FROM page AS p WHERE tab IS NOT NULL AND NOT EXISTS (
       SELECT FROM page AS q WHERE q.tab = p.tab AND NOT q.is_planned AND q.text LIKE '| %') ORDER BY 1 $$,
  'what is planned is planned as a whole, or below what exists');

-- The checks see what they are for.
SELECT set_eq(format('SELECT * FROM pg_temp.differences_after(%L)', statement), differences, 'the page is compared: ' || statement)
FROM (VALUES
  ('ALTER TABLE absence ADD COLUMN cause text',
    ARRAY['+ absence: | cause | text | yes |  | no comment |']),
  ('ALTER TABLE absence DROP COLUMN kind',
    ARRAY['- absence: | kind | text | no | CHECK (kind IN (''leave'', ''sick'', ''training'', ''other'')), DEFAULT ''leave'' | leave, sick, training or other |']),
  ('ALTER TABLE plan_action ALTER COLUMN decided_by TYPE numeric, DROP CONSTRAINT plan_action_decided_by_fkey',
    ARRAY['- plan_action: | decided_by | bigint | yes | FK → person | Who decided |',
      '+ plan_action: | decided_by | numeric | yes |  | Who decided |']),
  ('ALTER TABLE segment ALTER COLUMN name DROP NOT NULL',
    ARRAY['- segment: | name | text | no |  | Name as colleagues use it |',
      '+ segment: | name | text | yes |  | Name as colleagues use it |']),
  ('COMMENT ON TABLE segment IS ''Anything''',
    ARRAY['- segment: A part of the market with needs of its own', '+ segment: Anything']),
  ('ALTER TABLE absence DROP CONSTRAINT absence_person_id_during_excl',
    ARRAY['- absence: * EXCLUDE USING gist (person_id WITH =, during WITH &&)']),
  ('DROP TRIGGER refuse_rewrite ON forecast',
    ARRAY['- forecast: * Append-only. Submit a new forecast instead.']),
  ('DROP INDEX stage_one_won',
    ARRAY['- stage: * UNIQUE (pipeline_id) WHERE (outcome = ''won'')']),
  ('CREATE TABLE seat (name text)',
    ARRAY['+ seat: no comment', '+ seat: | name | text | yes |  | no comment |'])
) AS t (statement, differences);

SELECT set_eq(format('SELECT * FROM pg_temp.complaints_about(%L)', statement), complaints, 'a rule sees: ' || regexp_replace(statement, '\s+', ' ', 'g'))
FROM (VALUES
  ('CREATE TABLE wrong (a int)',
    ARRAY['wrong.a has no comment', 'wrong has no comment', 'wrong has no key wrong_id bigint GENERATED BY DEFAULT AS IDENTITY',
      'wrong has no primary key', 'wrong has no unique code']),
  ('ALTER TABLE segment DROP CONSTRAINT segment_code_key', ARRAY['segment has no unique code']),
  ('COMMENT ON COLUMN segment.name IS NULL', ARRAY['segment.name has no comment']),
  ('COMMENT ON DOMAIN span IS NULL', ARRAY['type span has no comment']),
  ('COMMENT ON FUNCTION settings(jsonb, timestamptz) IS NULL', ARRAY['function settings(jsonb,timestamp with time zone) has no comment']),
  ('ALTER TABLE account DROP CONSTRAINT account_segment_id_fkey', ARRAY['account.segment_id refers to nothing']),
  ('ALTER TABLE account ALTER COLUMN account_id DROP IDENTITY', ARRAY['account has no key account_id bigint GENERATED BY DEFAULT AS IDENTITY']),
  ('ALTER TABLE actual DROP CONSTRAINT actual_day_check', ARRAY['actual.day admits infinity']),
  ('ALTER TABLE holiday ADD COLUMN during daterange; COMMENT ON COLUMN holiday.during IS ''x''', ARRAY['holiday.during is a daterange, not a span']),
  ('ALTER TABLE product ALTER COLUMN list_price TYPE numeric', ARRAY['product.list_price is numeric, not an amount']),
  ('CREATE VIEW wrong AS SELECT 1 AS ok',
    ARRAY['wrong.ok has no comment', 'wrong has no comment', 'wrong is not security_invoker']),
  ('CREATE VIEW wrong WITH (security_invoker) AS SELECT interval ''1 day'' AS a, 1::numeric AS b, ''x''::name AS c, ARRAY[1] AS d, NULL::jsonb AS e,
      1::float4 AS f, NULL::amount AS g, 1::float8 AS h, 1::numeric(20,4) AS i'::text,
    ARRAY['wrong.a has no comment', 'wrong.a is of type interval', 'wrong.b has no comment', 'wrong.b is of type numeric',
      'wrong.c has no comment', 'wrong.c is of type name', 'wrong.d has no comment', 'wrong.d is of type integer[]',
      'wrong.e has no comment', 'wrong.e is of type jsonb', 'wrong.f has no comment', 'wrong.f is of type real',
      'wrong.g has no comment', 'wrong.g is of type amount', 'wrong has no comment',
      'wrong.h has no comment', 'wrong.i has no comment']),
  ('CREATE VIEW wrong WITH (security_invoker) AS SELECT 1::numeric(20,4) AS win_rate, 1 AS open_days, 1 AS attainment, 1 AS rate_lower, 1 AS person_id, 1 AS days',
    ARRAY['wrong.attainment has no comment', 'wrong.attainment is integer, not float8', 'wrong.days has no comment', 'wrong has no comment',
      'wrong.open_days has no comment', 'wrong.open_days is integer, not float8', 'wrong.person_id has no comment', 'wrong.person_id is a bare internal key',
      'wrong.rate_lower has no comment', 'wrong.rate_lower is integer, not float8', 'wrong.win_rate has no comment', 'wrong.win_rate is numeric(20,4), not float8']),
  ('CREATE VIEW wrong WITH (security_invoker) AS SELECT 1::numeric(20,4) AS closed',
    ARRAY['wrong.closed has no comment', 'wrong.closed is numeric(20,4), and a count in pipeline_coverage, plan_check, sales_velocity, win_rate, win_rate_by_team, win_rate_from_stage',
      'wrong has no comment']),
  ('CREATE FUNCTION wrong(as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT ''{}'')
      RETURNS TABLE (a int) LANGUAGE sql STRICT SET work_mem = ''4MB'' AS ''SELECT 1'''::text,
    ARRAY['function wrong(timestamp with time zone,text,daterange,jsonb) has a SET clause, which keeps it from being inlined',
      'function wrong(timestamp with time zone,text,daterange,jsonb) has no comment',
      'function wrong(timestamp with time zone,text,daterange,jsonb) is not BEGIN ATOMIC',
      'function wrong(timestamp with time zone,text,daterange,jsonb) is not STABLE',
      'function wrong(timestamp with time zone,text,daterange,jsonb) is STRICT',
      'report wrong(timestamp with time zone,text,daterange,jsonb) has no view of its name']),
  ('CREATE FUNCTION wrong() RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS ''BEGIN RETURN 1; END''',
    ARRAY['function wrong() has no comment', 'function wrong() has no search_path of its own', 'function wrong() is SECURITY DEFINER'])
) AS t (statement, complaints);

-- and the check of what is planned sees a table that exists
UPDATE page SET is_planned = true WHERE tab = 'segment';
SELECT is((SELECT count(*) FROM pg_temp.differences_after('SELECT 1')), 6::bigint, 'a table marked as planned must not exist');
UPDATE page SET is_planned = false WHERE tab = 'candidate';
SELECT cmp_ok((SELECT count(*) FROM pg_temp.differences_after('SELECT 1') AS d WHERE d LIKE '- candidate: %'), '>', 9::bigint,
  'a table not marked as planned must exist');
SELECT * FROM finish();
ROLLBACK;
