-- Loading a book with codes instead of ids.
--
-- stage_table() makes a temporary table of text columns, COPY fills it, and
-- merge_table() reads it, resolves the codes, and inserts or updates.  Which
-- columns there are, what they refer to and what identifies a row is read from
-- the catalogue of the book: a table added later can be loaded at once.
--
-- On its way a row is in four temporary tables, named after the table:
--   staged_   text as it came, with its line
--   read_     the given columns, an empty field as NULL, line breaks inside
--             quotes counted, and the key a new row of a tree will get
--   typed_    the columns of the book's table, codes resolved to keys
--   merging_  whole rows as they will be, with what is to be done with each
-- refused_ holds the lines that are left out, one reason a line.

CREATE FUNCTION salesmgmt.book_table(book text, table_name text) RETURNS regclass
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found_id oid;
BEGIN
  -- quote_ident() lets a NULL through, format() does not
  IF to_regclass(quote_ident(book) || '.book_version') IS NULL THEN
    RAISE EXCEPTION 'there is no book "%"', book
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'create_book() makes one.';
  END IF;
  SELECT c.oid INTO found_id
  FROM pg_class AS c
  WHERE c.relnamespace = to_regnamespace(quote_ident(book))
    AND c.relname = table_name
    AND c.relname <> 'book_version'
    AND c.relkind IN ('r', 'p');
  IF found_id IS NULL THEN
    RAISE EXCEPTION 'the book "%" has no table "%"', book, table_name
      USING ERRCODE = 'invalid_parameter_value',
        HINT = format('SELECT * FROM load_order(%L) lists them.', book);
  END IF;
  RETURN found_id;
END $$;
COMMENT ON FUNCTION salesmgmt.book_table(text, text) IS 'A table of a book that can be loaded; anything else is refused';

CREATE FUNCTION salesmgmt.load_order(book text) RETURNS TABLE (place int, table_name text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM salesmgmt.book_table(book, 'setting');
  RETURN QUERY
  WITH RECURSIVE tables AS (
    SELECT c.oid, c.relname
    FROM pg_class AS c
    WHERE c.relnamespace = to_regnamespace(quote_ident(book))
      AND c.relkind IN ('r', 'p')
      AND NOT c.relispartition
      AND c.relname <> 'book_version'
  ), deep (oid, depth) AS (
    SELECT tables.oid, 0
    FROM tables
    UNION
    SELECT link.conrelid, deep.depth + 1
    FROM deep
    JOIN pg_constraint AS link
      ON link.confrelid = deep.oid AND link.contype = 'f' AND link.conrelid <> link.confrelid
    WHERE deep.depth < 100
  )
  SELECT row_number() OVER (ORDER BY max(deep.depth), tables.relname)::int, tables.relname::text
  FROM tables
  JOIN deep USING (oid)
  GROUP BY tables.oid, tables.relname
  ORDER BY 1;
END $$;
COMMENT ON FUNCTION salesmgmt.load_order(text) IS 'The tables of a book in an order in which each comes after those it refers to';

CREATE FUNCTION salesmgmt.loadable_column(book text, table_name text)
RETURNS TABLE (place int, column_name text, given_as text, type text, required boolean,
  fallback text, settled boolean, refers_to regclass, refers_key text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT a.attnum::int,
    a.attname::text,
    CASE
      WHEN link.key <> 'code' AND right(a.attname, 3) = '_id' AND NOT EXISTS (
        SELECT
        FROM pg_attribute AS other
        WHERE other.attrelid = a.attrelid AND other.attname = left(a.attname, -3))
      THEN left(a.attname, -3)
      ELSE a.attname
    END,
    -- a cast would cut a text that is too long; the table refuses it
    format_type(a.atttypid, CASE WHEN t.typcategory = 'S' THEN -1 ELSE a.atttypmod END),
    a.attnotnull AND NOT a.atthasdef AND a.attidentity = '',
    CASE
      WHEN a.attnotnull AND a.atthasdef THEN pg_get_expr(d.adbin, d.adrelid)
      WHEN a.attnotnull AND a.attidentity <> ''
        THEN format('nextval(%L)', pg_get_serial_sequence(a.attrelid::regclass::text, a.attname))
    END,
    a.attidentity = '' AND t.typcategory <> 'D',
    link.confrelid::regclass,
    link.key
  FROM pg_attribute AS a
  JOIN pg_type AS t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  LEFT JOIN LATERAL (
    SELECT f.confrelid, k.attname::text AS key
    FROM pg_constraint AS f
    JOIN pg_attribute AS k ON k.attrelid = f.confrelid AND k.attnum = f.confkey[1]
    WHERE f.conrelid = a.attrelid
      AND f.contype = 'f'
      AND f.conkey = ARRAY[a.attnum]
      AND EXISTS (
        SELECT
        FROM pg_attribute AS c
        WHERE c.attrelid = f.confrelid AND c.attname = 'code' AND NOT c.attisdropped)
    LIMIT 1
  ) AS link ON true
  WHERE a.attrelid = salesmgmt.book_table(book, table_name)
    AND a.attnum > 0
    AND NOT a.attisdropped
    AND a.attgenerated = ''
    AND a.attidentity <> 'a'
    -- what the book keeps for itself
    AND a.attname NOT IN ('line_version', 'change_seq', 'change_place', 'is_split',
      'stage_before_id', 'amount_before', 'first_changed_at', 'first_stage_id', 'first_owner_id')
    AND NOT (a.attidentity <> '' AND EXISTS (
      SELECT
      FROM pg_constraint AS p
      WHERE p.conrelid = a.attrelid AND p.contype = 'p' AND p.conkey = ARRAY[a.attnum]))
  ORDER BY a.attnum
$$;
COMMENT ON FUNCTION salesmgmt.loadable_column(text, text) IS
'The columns of a table that can be loaded, and as what: given_as is the name in the staged table, refers_to the table whose code stands there, fallback what an empty field of a required column becomes';

CREATE FUNCTION salesmgmt.stage_table(book text, table_name text) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  target regclass := salesmgmt.book_table(book, table_name);
  staged text;
  columns text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_constraint AS p WHERE p.conrelid = target AND p.contype = 'p') THEN
    RAISE EXCEPTION 'the table "%" has no primary key', table_name
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'A table that is loaded needs one, or no row could be told from another.';
  END IF;
  staged := format('pg_temp.%I', 'staged_' || table_name);
  -- a column that COPY or INSERT does not name is told from an empty one by its default
  SELECT string_agg(format('%I text DEFAULT E''\x01''', given_as), ', ' ORDER BY place)
  INTO columns
  FROM salesmgmt.loadable_column(book, table_name);
  IF to_regclass(staged) IS NOT NULL THEN
    EXECUTE 'DROP TABLE ' || staged;
  END IF;
  EXECUTE format(
    'CREATE TEMPORARY TABLE %s (line bigint GENERATED ALWAYS AS IDENTITY (START WITH 2), %s)',
    staged, columns);
  RETURN staged;
END $$;
COMMENT ON FUNCTION salesmgmt.stage_table(text, text) IS
'Makes the temporary table staged_<table> to COPY a file into, with codes instead of ids and its lines counted from 2, as below a header; returns its name';

CREATE FUNCTION salesmgmt.value_problem(value text, type text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  rule text;
  kind text := (SELECT format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL) FROM pg_type AS t WHERE t.oid = type::regtype);
BEGIN
  EXECUTE format('SELECT %L::%s', value, type);
  RETURN NULL;
EXCEPTION
  WHEN check_violation THEN
    GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
    RETURN format('"%s" breaks the rule %s: %s', value, rule, (
      SELECT pg_get_constraintdef(c.oid)
      FROM pg_constraint AS c
      WHERE c.contypid = type::regtype AND c.conname = rule));
  WHEN data_exception THEN
    RETURN CASE
      WHEN kind = 'numeric' OR kind = 'double precision' THEN format('"%s" is not a number', value)
      WHEN kind IN ('smallint', 'integer', 'bigint') THEN format('"%s" is not a whole number within range', value)
      WHEN kind = 'date' THEN format('"%s" is not a date, which is written 2024-12-31', value)
      WHEN kind LIKE 'timestamp%' THEN format('"%s" is not a time, which is written 2024-12-31 09:30', value)
      WHEN kind = 'daterange' THEN
        format('"%s" is not a span of days, which is written [2024-01-01,2024-04-01), the last day excluded', value)
      WHEN kind = 'jsonb' THEN format('"%s" is not JSON, in which a text stands in double quotes', value)
      WHEN kind = 'boolean' THEN format('"%s" is neither true nor false', value)
      ELSE SQLERRM
    END;
END $$;
COMMENT ON FUNCTION salesmgmt.value_problem(text, text) IS 'Why a text is no value of a type; NULL if it is one';
