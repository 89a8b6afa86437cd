-- From a staged table into the book: see 92-load.sql for the way a row takes.

CREATE FUNCTION salesmgmt.given_column(book text, table_name text)
RETURNS TABLE (place int, column_name text, given_as text, type text, required boolean,
  fallback text, settled boolean, refers_to regclass, refers_key text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT c.*
  FROM salesmgmt.loadable_column(book, table_name) AS c
  JOIN pg_attribute AS a
    ON a.attrelid = to_regclass(format('pg_temp.%I', 'read_' || table_name)) AND a.attname = c.given_as
  ORDER BY c.place
$$;
COMMENT ON FUNCTION salesmgmt.given_column(text, text) IS 'Of the columns that can be loaded, those that are being loaded';

CREATE FUNCTION salesmgmt.loading_key(book text, table_name text) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE
    WHEN every(wanted.column_name IN (SELECT column_name FROM salesmgmt.given_column(book, table_name)))
      THEN array_agg(wanted.column_name ORDER BY wanted.column_name)
  END
  FROM (
    SELECT c.column_name
    FROM salesmgmt.loadable_column(book, table_name) AS c
    WHERE c.column_name = 'code'
    UNION ALL
    SELECT a.attname
    FROM pg_constraint AS p
    JOIN pg_attribute AS a ON a.attrelid = p.conrelid AND a.attnum = ANY (p.conkey)
    WHERE p.conrelid = salesmgmt.book_table(book, table_name)
      AND p.contype = 'p'
      AND NOT EXISTS (SELECT FROM salesmgmt.loadable_column(book, table_name) AS c WHERE c.column_name = 'code')
  ) AS wanted
$$;
COMMENT ON FUNCTION salesmgmt.loading_key(text, text) IS
'The columns that identify a row being loaded: its code, or the primary key where the table has no code; NULL if they are not given';

CREATE FUNCTION salesmgmt.merge_read(book text, table_name text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  target regclass := salesmgmt.book_table(book, table_name);
  names text[] := ARRAY['read_', 'typed_', 'merging_', 'refused_'];
  staged regclass := to_regclass(format('pg_temp.%I', 'staged_' || table_name));
  col record;
  given text[] := '{}';
  in_part boolean;
  given_at_all boolean;
  own_key text;
  typed_columns text;
  typed_from text;
  make_typed text;
BEGIN
  IF staged IS NULL THEN
    RAISE EXCEPTION 'nothing is staged for "%"', table_name
      USING ERRCODE = 'invalid_parameter_value',
        HINT = format('Call stage_table(%L, %L) first, and COPY into the table it names.', book, table_name);
  END IF;
  FOR i IN 1 .. cardinality(names) LOOP
    names[i] := format('pg_temp.%I', names[i] || table_name);
    IF to_regclass(names[i]) IS NOT NULL THEN
      EXECUTE 'DROP TABLE ' || names[i];
    END IF;
  END LOOP;
  EXECUTE format(
    'CREATE TEMPORARY TABLE %s (line bigint PRIMARY KEY, column_name text, value text, reason text NOT NULL)',
    names[4]);

  FOR col IN SELECT * FROM salesmgmt.loadable_column(book, table_name) LOOP
    EXECUTE format(
      'SELECT bool_or(%1$I IS DISTINCT FROM E''\x01''), bool_or(%1$I IS NOT DISTINCT FROM E''\x01'') FROM %2$s',
      col.given_as, staged)
    INTO given_at_all, in_part;
    IF given_at_all AND in_part THEN
      RAISE EXCEPTION 'column "%" is given for some lines of % only', col.given_as, table_name
        USING ERRCODE = 'invalid_parameter_value',
          HINT = 'Stage lines with other columns apart.';
    END IF;
    IF given_at_all THEN
      given := given || col.given_as;
    END IF;
  END LOOP;

  -- A row of a tree may come before its parent, so it gets its key beforehand.
  SELECT c.refers_key INTO own_key
  FROM salesmgmt.loadable_column(book, table_name) AS c
  WHERE c.refers_to = target;
  EXECUTE format(
    $sql$
    CREATE TEMPORARY TABLE %1$s AS
    SELECT line + coalesce(sum(%2$s) OVER (ORDER BY line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS "#line"%3$s%4$s
    FROM %5$s AS s
    ORDER BY line
    $sql$,
    names[1],
    (SELECT coalesce(string_agg(format('length(coalesce(%1$I, '''')) - length(replace(coalesce(%1$I, ''''), E''\n'', ''''))', g), ' + '), '0')
     FROM unnest(given) AS g),
    (SELECT coalesce(string_agg(format(', nullif(%1$I, '''') AS %1$I', g), ''), '') FROM unnest(given) AS g),
    CASE WHEN own_key IS NOT NULL AND 'code' = ANY (given) THEN format(
      ', CASE WHEN NOT EXISTS (SELECT FROM %1$s AS t WHERE t.code = s.code) THEN nextval(%2$L) END AS "#id"',
      target, pg_get_serial_sequence(target::text, own_key)) END,
    staged);

  SELECT coalesce(string_agg(', ' || CASE
      WHEN g.refers_to IS NULL THEN format('d.%I::%s AS %I', g.given_as, g.type, g.column_name)
      ELSE format('r%s.%I AS %I', g.place, g.refers_key, g.column_name)
    END, '' ORDER BY g.place), ''),
    coalesce(string_agg(CASE
      WHEN g.refers_to = target AND 'code' = ANY (given) THEN format(
        ' LEFT JOIN (SELECT code, %1$I FROM %2$s UNION ALL SELECT code, min("#id") FROM %3$s WHERE "#id" IS NOT NULL GROUP BY code) AS r%4$s ON r%4$s.code = d.%5$I',
        g.refers_key, target, names[1], g.place, g.given_as)
      ELSE format(' LEFT JOIN %1$s AS r%2$s ON r%2$s.code = d.%3$I', g.refers_to, g.place, g.given_as)
    END, '' ORDER BY g.place) FILTER (WHERE g.refers_to IS NOT NULL), '')
  INTO typed_columns, typed_from
  FROM salesmgmt.given_column(book, table_name) AS g;
  make_typed := format('CREATE TEMPORARY TABLE %s AS SELECT d."#line"%s%s FROM %s AS d%s',
    names[2],
    CASE WHEN own_key IS NOT NULL AND 'code' = ANY (given) THEN ', d."#id"' END,
    typed_columns, names[1], typed_from);
  BEGIN
    EXECUTE make_typed;
  EXCEPTION WHEN data_exception OR check_violation THEN
    -- Only now is it worth asking each value.
    FOR col IN SELECT * FROM salesmgmt.given_column(book, table_name) WHERE refers_to IS NULL AND type <> 'text' LOOP
      EXECUTE format(
        $sql$
        INSERT INTO %1$s
        SELECT d."#line", %2$L, d.%2$I, bad.problem
        FROM (
          SELECT v.value, salesmgmt.value_problem(v.value, %3$L) AS problem
          FROM (SELECT DISTINCT %2$I AS value FROM %4$s WHERE %2$I IS NOT NULL) AS v
        ) AS bad
        JOIN %4$s AS d ON d.%2$I = bad.value
        WHERE bad.problem IS NOT NULL
        ON CONFLICT DO NOTHING
        $sql$,
        names[4], col.given_as, col.type, names[1]);
      EXECUTE format(
        $sql$
        UPDATE %1$s AS d
        SET %2$I = NULL
        WHERE d.%2$I IN (SELECT v.value FROM (SELECT DISTINCT %2$I AS value FROM %1$s) AS v
          WHERE v.value IS NOT NULL AND salesmgmt.value_problem(v.value, %3$L) IS NOT NULL)
        $sql$,
        names[1], col.given_as, col.type);
    END LOOP;
    EXECUTE make_typed;
  END;

  FOR col IN SELECT * FROM salesmgmt.given_column(book, table_name) WHERE refers_to IS NOT NULL LOOP
    EXECUTE format(
      $sql$
      INSERT INTO %1$s
      SELECT d."#line", %2$L, d.%2$I, format('there is no %%s "%%s"', %3$L, d.%2$I)
      FROM %4$s AS d
      JOIN %5$s AS t USING ("#line")
      WHERE d.%2$I IS NOT NULL AND t.%6$I IS NULL
      ON CONFLICT DO NOTHING
      $sql$,
      names[4], col.given_as, (SELECT relname FROM pg_class WHERE oid = col.refers_to),
      names[1], names[2], col.column_name);
  END LOOP;
END $$;
COMMENT ON FUNCTION salesmgmt.merge_read(text, text) IS 'Reads a staged table: values and codes; refuses lines whose values are none';

CREATE FUNCTION salesmgmt.merge_match(book text, table_name text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  target regclass := salesmgmt.book_table(book, table_name);
  typed text := format('pg_temp.%I', 'typed_' || table_name);
  merging text := format('pg_temp.%I', 'merging_' || table_name);
  refused text := format('pg_temp.%I', 'refused_' || table_name);
  key text[] := salesmgmt.loading_key(book, table_name);
  is_keyed text := coalesce((SELECT string_agg(format('d.%I IS NOT NULL', k), ' AND ') FROM unnest(key) AS k), 'false');
  any_unkeyed boolean;
  first_of_key text;
  col record;
  final_columns text;
  new_given text;
  old_given text;
  compared text;
  recorded text;
  hint text;
BEGIN
  -- what identifies a row must not stand on two lines
  IF key IS NOT NULL THEN
    EXECUTE format(
      $sql$
      INSERT INTO %1$s
      SELECT twice."#line", %2$L, twice.value, format('line %%s has the same %%s', twice.first_line, %3$L)
      FROM (
        SELECT d."#line", d.%4$I::text AS value, min(d."#line") OVER (PARTITION BY %5$s) AS first_line
        FROM %6$s AS d
        WHERE %7$s
      ) AS twice
      WHERE twice."#line" > twice.first_line
      ON CONFLICT DO NOTHING
      $sql$,
      refused,
      (SELECT given_as FROM salesmgmt.given_column(book, table_name) WHERE column_name = key[1]),
      (SELECT string_agg(given_as, ', ' ORDER BY place) FROM salesmgmt.given_column(book, table_name) WHERE column_name = ANY (key)),
      key[1],
      (SELECT string_agg(format('d.%I', k), ', ') FROM unnest(key) AS k), typed, is_keyed);
  END IF;

  SELECT format('t.%I', a.attname) INTO first_of_key
  FROM pg_constraint AS p
  JOIN pg_attribute AS a ON a.attrelid = p.conrelid AND a.attnum = p.conkey[1]
  WHERE p.conrelid = target AND p.contype = 'p';

  -- A whole row: what is given, else what is recorded, else the column's default.
  SELECT string_agg(', ' || CASE
      WHEN g.column_name IS NOT NULL AND g.fallback IS NULL THEN format('d.%I', a.attname)
      WHEN g.column_name IS NOT NULL AND g.settled
        THEN format('coalesce(d.%1$I, t.%1$I, %2$s)::%3$s', a.attname, g.fallback, g.type)
      WHEN g.column_name IS NOT NULL
        THEN format('CASE WHEN %4$s THEN coalesce(d.%1$I, t.%1$I, %2$s) ELSE d.%1$I END::%3$s',
          a.attname, g.fallback, g.type, is_keyed)
      WHEN own.is_own THEN format('coalesce(t.%I, d."#id")', a.attname)
      WHEN a.attidentity = '' AND a.attgenerated = '' AND d.adbin IS NOT NULL
        THEN format('CASE WHEN %s IS NULL THEN %s ELSE t.%I END',
          first_of_key, pg_get_expr(d.adbin, d.adrelid), a.attname)
      ELSE format('t.%I', a.attname)
    END || format(' AS %I', a.attname), '' ORDER BY a.attnum)
  INTO final_columns
  FROM pg_attribute AS a
  LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  LEFT JOIN salesmgmt.given_column(book, table_name) AS g ON g.place = a.attnum
  LEFT JOIN LATERAL (
    SELECT true AS is_own
    FROM pg_attribute AS i
    WHERE i.attrelid = to_regclass(typed) AND i.attname = '#id' AND a.attidentity <> ''
  ) AS own ON true
  WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped;

  SELECT string_agg(format('f.%I', g.column_name), ', ' ORDER BY g.place),
    string_agg(format('t.%I', g.column_name), ', ' ORDER BY g.place),
    string_agg(CASE WHEN g.settled AND g.fallback IS NOT NULL
      THEN format('coalesce(d.%I, %s)::%s', g.column_name, g.fallback, g.type)
      ELSE format('d.%I', g.column_name) END, ', ' ORDER BY g.place)
  INTO new_given, old_given, compared
  FROM salesmgmt.given_column(book, table_name) AS g;
  EXECUTE format('SELECT EXISTS (SELECT FROM %s AS d WHERE NOT (%s))', typed, is_keyed) INTO any_unkeyed;

  -- A line without a key is the same as a row that is like it in all it gives;
  -- of n such lines, as many as there are such rows.
  EXECUTE format(
    $sql$
    CREATE TEMPORARY TABLE %1$s AS
    SELECT CASE
        WHEN f."#matched" AND f."#old" IS DISTINCT FROM ROW(%2$s) THEN 'changed'
        WHEN f."#matched" OR %3$s THEN 'same'
        ELSE 'inserted'
      END AS "#action", f."#line"%13$s
    FROM (
      SELECT d."#line", %4$s AS "#keyed", %5$s IS NOT NULL AS "#matched", ROW(%6$s) AS "#old"%7$s%8$s
      FROM %9$s AS d
      LEFT JOIN %10$s AS t ON %11$s
    ) AS f%12$s
    $sql$,
    merging, new_given,
    CASE WHEN any_unkeyed THEN 'NOT f."#keyed" AND f."#nth" <= recorded.n' ELSE 'false' END,
    is_keyed, first_of_key, old_given,
    CASE WHEN any_unkeyed THEN format(
      ', ROW(%1$s) AS "#like", row_number() OVER (PARTITION BY %2$s, ROW(%1$s) ORDER BY d."#line") AS "#nth"',
      compared, is_keyed) END,
    final_columns, typed, target,
    coalesce((SELECT string_agg(format('t.%1$I = d.%1$I', k), ' AND ') FROM unnest(key) AS k), 'false'),
    CASE WHEN any_unkeyed THEN format(
      ' LEFT JOIN (SELECT ROW(%s) AS like_it, count(*) AS n FROM %s AS t GROUP BY 1) AS recorded ON recorded.like_it = f."#like"',
      old_given, target) END,
    (SELECT string_agg(format(', f.%I', a.attname), '' ORDER BY a.attnum)
     FROM pg_attribute AS a
     WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped));

  FOR col IN
    SELECT c.*, g.place IS NOT NULL AS is_given
    FROM salesmgmt.loadable_column(book, table_name) AS c
    LEFT JOIN salesmgmt.given_column(book, table_name) AS g USING (place)
    WHERE c.required OR g.fallback IS NOT NULL
  LOOP
    EXECUTE format(
      $sql$
      INSERT INTO %1$s
      SELECT m."#line", %2$L, NULL, %3$L
      FROM %4$s AS m
      WHERE m.%5$I IS NULL AND m."#action" <> 'same'
      ON CONFLICT DO NOTHING
      $sql$,
      refused, col.given_as,
      CASE
        WHEN NOT col.is_given THEN 'a value is required, and there is no such column'
        WHEN col.fallback IS NOT NULL THEN 'a value is required, or none in the whole column'
        ELSE 'a value is required'
      END,
      merging, col.column_name);
  END LOOP;

  -- append-only tables say so by a trigger, whose argument is the way out
  SELECT convert_from(substring(g.tgargs FROM 1 FOR octet_length(g.tgargs) - 1), 'UTF8') INTO hint
  FROM pg_trigger AS g
  JOIN pg_proc AS p ON p.oid = g.tgfoid
  WHERE g.tgrelid = target AND p.proname = 'refuse_rewrite' AND g.tgnargs = 1;
  IF hint IS NOT NULL THEN
    FOR col IN SELECT * FROM salesmgmt.given_column(book, table_name) LOOP
      recorded := (SELECT string_agg(format('t.%1$I = m.%1$I', k), ' AND ') FROM unnest(key) AS k);
      CONTINUE WHEN recorded IS NULL;
      EXECUTE format(
        $sql$
        INSERT INTO %1$s
        SELECT m."#line", %2$L, d.%2$I, format('the recorded row is another, and %%s is append-only. %%s', %3$L, %4$L)
        FROM %5$s AS m
        JOIN pg_temp.%6$I AS d USING ("#line")
        JOIN %7$s AS t ON %8$s
        WHERE m."#action" = 'changed' AND m.%9$I IS DISTINCT FROM t.%9$I
        ON CONFLICT DO NOTHING
        $sql$,
        refused, col.given_as, table_name, hint, merging, 'read_' || table_name, target, recorded, col.column_name);
    END LOOP;
  END IF;
END $$;
COMMENT ON FUNCTION salesmgmt.merge_match(text, text) IS 'Finds the recorded row of each line, and what is to be done with it';
