-- Rules of the whole table, the writing, and merge_table() itself.

CREATE FUNCTION salesmgmt.merge_refuse(book text, table_name text) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  newly bigint;
BEGIN
  EXECUTE format(
    $sql$
    UPDATE %1$s AS m
    SET "#action" = 'refused'
    FROM %2$s AS r
    WHERE r.line = m."#line" AND m."#action" <> 'refused'
    $sql$,
    format('pg_temp.%I', 'merging_' || table_name), format('pg_temp.%I', 'refused_' || table_name));
  GET DIAGNOSTICS newly = ROW_COUNT;
  RETURN newly;
END $$;
COMMENT ON FUNCTION salesmgmt.merge_refuse(text, text) IS 'Takes the refused lines out of what will be written; returns how many they were';

CREATE FUNCTION salesmgmt.merge_check(book text, table_name text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  target regclass := salesmgmt.book_table(book, table_name);
  merging text := format('pg_temp.%I', 'merging_' || table_name);
  read text := format('pg_temp.%I', 'read_' || table_name);
  refused text := format('pg_temp.%I', 'refused_' || table_name);
  primary_key text;
  rule record;
BEGIN
  SELECT string_agg(format('m.%1$I = t.%1$I', a.attname), ' AND ') INTO primary_key
  FROM pg_constraint AS p
  JOIN pg_attribute AS a ON a.attrelid = p.conrelid AND a.attnum = ANY (p.conkey)
  WHERE p.conrelid = target AND p.contype = 'p';

  -- a child of a refused row of the file goes with it
  FOR rule IN SELECT * FROM salesmgmt.given_column(book, table_name) WHERE refers_to = target LOOP
    EXECUTE format(
      $sql$
      WITH RECURSIVE lost AS (
        SELECT m."#line", m.%2$I AS id
        FROM %3$s AS m
        WHERE m."#action" = 'refused' AND NOT EXISTS (SELECT FROM %4$s AS t WHERE t.%2$I = m.%2$I)
        UNION
        SELECT m."#line", m.%2$I
        FROM %3$s AS m
        JOIN lost ON m.%5$I = lost.id
      )
      INSERT INTO %1$s
      SELECT lost."#line", %6$L, d.%6$I, format('the line of %%s "%%s" is refused', %7$L, d.%6$I)
      FROM lost
      JOIN %8$s AS d USING ("#line")
      ON CONFLICT DO NOTHING
      $sql$,
      refused, rule.refers_key, merging, target, rule.column_name, rule.given_as, table_name, read);

    -- lines that lead back to themselves; written one by one, each would wait for the next
    EXECUTE format(
      $sql$
      WITH RECURSIVE line AS (
        SELECT m."#line", m.%2$I AS id, m.%4$I AS parent_id
        FROM %3$s AS m
        WHERE m."#action" IN ('inserted', 'changed') AND m.%4$I <> m.%2$I
      ), above AS (
        SELECT line."#line", line.id, line.parent_id
        FROM line
        UNION
        SELECT above."#line", above.id, line.parent_id
        FROM above
        JOIN line ON line.id = above.parent_id
      )
      INSERT INTO %1$s
      SELECT above."#line", %5$L, d.%5$I, format('"%%s" closes a cycle', d.%5$I)
      FROM above
      JOIN %6$s AS d USING ("#line")
      WHERE above.parent_id = above.id
      ON CONFLICT DO NOTHING
      $sql$,
      refused, rule.refers_key, merging, rule.column_name, rule.given_as, read);
  END LOOP;

  FOR rule IN
    SELECT c.conname, pg_get_expr(c.conbin, c.conrelid) AS expression,
      pg_get_constraintdef(c.oid) AS definition, named.given_as, named.words
    FROM pg_constraint AS c
    CROSS JOIN LATERAL (
      SELECT min(given.given_as) FILTER (WHERE given.nth = 1) AS given_as,
        string_agg(
          format('%L || d.%I || %L,', concat('with ' || CASE WHEN given.nth > 1 THEN given.given_as || ' ' END, '"'), given.given_as, '" '),
          ' ' ORDER BY given.nth) AS words
      FROM (
        SELECT g.given_as, row_number() OVER (ORDER BY g.place) AS nth
        FROM salesmgmt.given_column(book, table_name) AS g
        WHERE g.place = ANY (c.conkey)
      ) AS given
    ) AS named
    WHERE c.conrelid = target AND c.contype = 'c'
    ORDER BY c.conkey[1], c.conname
  LOOP
    EXECUTE format(
      $sql$
      INSERT INTO %1$s
      SELECT m."#line", %2$L, %3$s, concat(%4$s format('breaks the rule %%s: %%s', %5$L, %6$L))
      FROM (SELECT * FROM %7$s WHERE NOT (%8$s)) AS m
      JOIN %9$s AS d USING ("#line")
      WHERE m."#action" <> 'same'
      ON CONFLICT DO NOTHING
      $sql$,
      refused, rule.given_as,
      coalesce('d.' || quote_ident(rule.given_as), 'NULL'),
      rule.words,
      rule.conname, rule.definition, merging, rule.expression, read);
  END LOOP;

  -- Unique and exclusion rules: against rows that stay as they are, and
  -- against earlier lines.
  PERFORM salesmgmt.merge_refuse(book, table_name);
  FOR rule IN
    SELECT last_column.given_as,
      coalesce(pg_get_expr(i.indpred, i.indrelid), 'true') AS predicate,
      each.keys, each.pairs, i.indisexclusion,
      CASE
        WHEN each.overlaps > 1 THEN concat('breaks the rule ', x.conname, ' beside')
        WHEN i.indisexclusion THEN 'overlaps'
        WHEN 0 = ALL (i.indkey) THEN 'cannot stand beside'
        ELSE concat('has the same ', each.names, ' where ' || pg_get_expr(i.indpred, i.indrelid), ' as')
      END AS verb
    FROM pg_index AS i
    JOIN pg_class AS c ON c.oid = i.indexrelid
    LEFT JOIN pg_constraint AS x ON x.conindid = i.indexrelid AND x.conrelid = i.indrelid AND x.contype IN ('x', 'u')
    CROSS JOIN LATERAL (
      SELECT string_agg(format('%s AS "#k%s"', pg_get_indexdef(i.indexrelid, n, true), n), ', ' ORDER BY n) AS keys,
        string_agg(CASE
          WHEN i.indisexclusion THEN format('a."#k%s" OPERATOR(%I.%s) b."#k%1$s"', n, os.nspname, o.oprname)
          WHEN i.indnullsnotdistinct THEN format('a."#k%s" IS NOT DISTINCT FROM b."#k%1$s"', n)
          ELSE format('a."#k%s" = b."#k%1$s"', n)
        END, ' AND ' ORDER BY n) AS pairs,
        string_agg(coalesce(l.given_as, pg_get_indexdef(i.indexrelid, n, true)), ', ' ORDER BY n) AS names,
        count(*) FILTER (WHERE o.oprname = '&&') AS overlaps
      FROM generate_series(1, i.indnkeyatts) AS n
      LEFT JOIN salesmgmt.loadable_column(book, table_name) AS l ON l.place = i.indkey[n - 1]
      LEFT JOIN pg_operator AS o ON o.oid = x.conexclop[n]
      LEFT JOIN pg_namespace AS os ON os.oid = o.oprnamespace
    ) AS each
    LEFT JOIN LATERAL (
      SELECT g.given_as
      FROM salesmgmt.given_column(book, table_name) AS g
      JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, nth) ON k.attnum = g.place AND k.nth <= i.indnkeyatts
      ORDER BY k.nth DESC
      LIMIT 1
    ) AS last_column ON true
    WHERE i.indrelid = target
      AND (i.indisunique OR i.indisexclusion)
      -- a key the book gives itself cannot clash
      AND (each.names NOT IN (SELECT a.attname FROM pg_attribute AS a
        WHERE a.attrelid = target AND a.attidentity <> ''))
    ORDER BY c.relname
  LOOP
    -- A refused line is in nobody's way, so a line is refused for one that is not
    -- in question itself, and the others are looked at again.
    LOOP
      EXECUTE format(
        $sql$
        WITH clash AS (
          SELECT a."#line", b."#line" AS other
          FROM (SELECT %6$s, * FROM %7$s WHERE %8$s) AS a
          JOIN (
            SELECT "#line", %6$s
            FROM %7$s
            WHERE "#action" IN ('inserted', 'changed') AND %8$s
            UNION ALL
            SELECT NULL, %6$s
            FROM %9$s AS t
            WHERE %8$s
              AND NOT EXISTS (SELECT FROM %7$s AS m WHERE m."#action" = 'changed' AND %10$s)
          ) AS b ON %11$s AND (b."#line" IS NULL OR b."#line" < a."#line")
          WHERE a."#action" IN ('inserted', 'changed')
        )
        INSERT INTO %1$s
        SELECT DISTINCT ON (clash."#line") clash."#line", %2$L, %3$s,
          concat(%4$s, %5$L, ' ', coalesce('line ' || clash.other, 'a recorded row'))
        FROM clash
        JOIN %12$s AS d ON d."#line" = clash."#line"
        WHERE clash.other IS NULL OR NOT EXISTS (SELECT FROM clash AS before WHERE before."#line" = clash.other)
        ORDER BY clash."#line", clash.other NULLS FIRST
        ON CONFLICT DO NOTHING
        $sql$,
        refused, rule.given_as,
        coalesce('d.' || quote_ident(rule.given_as), 'NULL'),
        CASE WHEN rule.indisexclusion AND rule.given_as IS NOT NULL
          THEN 'format(''"%s" '', d.' || quote_ident(rule.given_as) || ')' ELSE '''''' END,
        rule.verb, rule.keys, merging, rule.predicate, target, primary_key, rule.pairs, read);
      EXIT WHEN salesmgmt.merge_refuse(book, table_name) = 0;
    END LOOP;
  END LOOP;
END $$;
COMMENT ON FUNCTION salesmgmt.merge_check(text, text) IS 'Refuses lines that break a CHECK, UNIQUE or EXCLUDE rule of their table, whose parent is refused, or that close a cycle';

CREATE FUNCTION salesmgmt.judged_together(book text, table_name text) RETURNS TABLE (rule text, column_name text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('%I.%I', n.nspname, c.conname), convert_from(substring(g.tgargs FROM 1 FOR octet_length(g.tgargs) - 1), 'UTF8')
  FROM pg_trigger AS g
  JOIN pg_constraint AS c ON c.oid = g.tgconstraint
  JOIN pg_namespace AS n ON n.oid = c.connamespace
  WHERE g.tgrelid = salesmgmt.book_table(book, table_name)
    AND g.tginitdeferred
    AND g.tgnargs = 1
$$;
COMMENT ON FUNCTION salesmgmt.judged_together(text, text) IS
'The rules that are asked at commit of all rows together that agree in a column, which the trigger has as its argument';

CREATE FUNCTION salesmgmt.merge_write(book text, table_name text, only_lines bigint[] DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  target regclass := salesmgmt.book_table(book, table_name);
  merging text := format('pg_temp.%I', 'merging_' || table_name);
  own_key text := (
    SELECT a.attname
    FROM pg_attribute AS a
    WHERE a.attrelid = target
      AND a.attidentity <> ''
      AND EXISTS (SELECT FROM salesmgmt.given_column(book, table_name) AS g WHERE g.refers_key = a.attname AND g.refers_to = target));
  columns text;
  changes text;
  primary_key text;
  insert_rows text;
  update_rows text;
  to_insert bigint;
  to_change bigint;
  written bigint;
  rule text;
BEGIN
  SELECT string_agg(quote_ident(g.column_name), ', ' ORDER BY g.place),
    string_agg(format('%1$I = m.%1$I', g.column_name), ', ' ORDER BY g.place)
  INTO columns, changes
  FROM salesmgmt.given_column(book, table_name) AS g;
  SELECT string_agg(format('m.%1$I = t.%1$I', a.attname), ' AND ') INTO primary_key
  FROM pg_constraint AS p
  JOIN pg_attribute AS a ON a.attrelid = p.conrelid AND a.attnum = ANY (p.conkey)
  WHERE p.conrelid = target AND p.contype = 'p';
  IF columns IS NULL THEN
    RETURN;
  END IF;

  insert_rows := format(
    'INSERT INTO %1$s (%2$s) SELECT %2$s FROM %3$s AS m WHERE m."#action" = ''inserted'' AND ($1 IS NULL OR m."#line" = ANY ($1)) ORDER BY m."#line"',
    target, concat_ws(', ', quote_ident(own_key), columns), merging);
  update_rows := format(
    'UPDATE %s AS t SET %s FROM %s AS m WHERE m."#action" = ''changed'' AND %s AND ($1 IS NULL OR m."#line" = ANY ($1))',
    target, changes, merging, primary_key);

  EXECUTE format(
    $sql$
    SELECT count(*) FILTER (WHERE "#action" = 'inserted'), count(*) FILTER (WHERE "#action" = 'changed')
    FROM %s
    WHERE $1 IS NULL OR "#line" = ANY ($1)
    $sql$,
    merging)
  INTO to_insert, to_change
  USING only_lines;

  -- A row that gives way comes before one that takes its place; in a tree, a
  -- new parent comes before the rows that move below it.  Even an UPDATE of no
  -- rows is refused by an append-only table.
  FOR turn IN 1 .. 2 LOOP
    IF (turn = 1) = (own_key IS NOT NULL) THEN
      EXECUTE insert_rows USING only_lines;
      GET DIAGNOSTICS written = ROW_COUNT;
      to_insert := to_insert - written;
    ELSIF to_change > 0 THEN
      EXECUTE update_rows USING only_lines;
      GET DIAGNOSTICS written = ROW_COUNT;
      to_change := to_change - written;
    END IF;
  END LOOP;
  -- A trigger or a rule of the user, or a policy for UPDATE, says nothing of the rows
  -- it keeps back; they are not to be counted as loaded.
  IF to_insert > 0 OR to_change > 0 THEN
    RAISE EXCEPTION 'the row was not %',
        CASE WHEN to_insert > 0 THEN 'inserted: a trigger or a rule of the table kept it back'
          ELSE 'changed: a trigger, a rule or row-level security of the table kept it back, or it is gone' END
      USING ERRCODE = 'object_not_in_prerequisite_state',
        SCHEMA = book, TABLE = table_name;
  END IF;
  -- at commit nobody would know the line
  FOR rule IN SELECT j.rule FROM salesmgmt.judged_together(book, table_name) AS j LOOP
    EXECUTE format('SET CONSTRAINTS %s IMMEDIATE', rule);
    EXECUTE format('SET CONSTRAINTS %s DEFERRED', rule);
  END LOOP;
END $$;
COMMENT ON FUNCTION salesmgmt.merge_write(text, text, bigint[]) IS 'Writes what merge_match() found, all lines in two statements or some lines alone';

CREATE FUNCTION salesmgmt.merge_by_line(book text, table_name text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  merging text := format('pg_temp.%I', 'merging_' || table_name);
  read text := format('pg_temp.%I', 'read_' || table_name);
  refused text := format('pg_temp.%I', 'refused_' || table_name);
  -- each the lines that go together, as text of an array
  waiting text[];
  still text[];
  these text;
  problem text;
  problems text[];
  named text;
  columns text[];
  rule text;
BEGIN
  EXECUTE format(
    $sql$
    SELECT array_agg(together.lines::text ORDER BY together.lines)
    FROM (
      SELECT array_agg("#line" ORDER BY "#line") AS lines
      FROM %s
      WHERE "#action" IN ('inserted', 'changed')
      GROUP BY %s
    ) AS together
    $sql$,
    merging,
    coalesce((SELECT string_agg(quote_ident(j.column_name), ', ') FROM salesmgmt.judged_together(book, table_name) AS j), '"#line"'))
  INTO waiting;
  EXECUTE format('CREATE INDEX ON %s ("#line")', merging);
  LOOP
    still := '{}';
    problems := '{}';
    columns := '{}';
    FOREACH these IN ARRAY coalesce(waiting, '{}') LOOP
      BEGIN
        PERFORM salesmgmt.merge_write(book, table_name, these::bigint[]);
      EXCEPTION WHEN data_exception OR integrity_constraint_violation OR program_limit_exceeded
        OR object_not_in_prerequisite_state OR raise_exception
      THEN
        GET STACKED DIAGNOSTICS problem = MESSAGE_TEXT, rule = CONSTRAINT_NAME, named = COLUMN_NAME;
        IF SQLSTATE = '23503' THEN
          SELECT format('there is no %s with this %s', other.relname,
            (SELECT string_agg(c.given_as, ', ' ORDER BY k.nth)
             FROM unnest(f.conkey) WITH ORDINALITY AS k (attnum, nth)
             JOIN salesmgmt.loadable_column(book, table_name) AS c ON c.place = k.attnum))
          INTO problem
          FROM pg_constraint AS f
          JOIN pg_class AS other ON other.oid = f.confrelid
          WHERE f.conrelid = salesmgmt.book_table(book, table_name) AND f.conname = rule;
        END IF;
        still := still || these;
        problems := problems || problem;
        columns := columns || (SELECT g.given_as FROM salesmgmt.given_column(book, table_name) AS g WHERE g.column_name = named);
      END;
    END LOOP;
    -- what waited for a later line may go now
    EXIT WHEN cardinality(still) IN (0, cardinality(waiting));
    waiting := still;
  END LOOP;
  EXECUTE format(
    $sql$
    INSERT INTO %s
    SELECT d."#line", u.named, to_jsonb(d) ->> u.named, u.problem
    FROM unnest($1, $2, $3) AS u (lines, named, problem)
    JOIN %s AS d ON d."#line" = ANY (u.lines::bigint[])
    $sql$,
    refused, read)
  USING still, columns, problems;
  PERFORM salesmgmt.merge_refuse(book, table_name);
END $$;
COMMENT ON FUNCTION salesmgmt.merge_by_line(text, text) IS
'Writes line by line, or the lines together that are judged together, to find those that a trigger or a rule without a place in the catalogue refuses';

CREATE FUNCTION salesmgmt.merge_table(book text, table_name text, partial boolean DEFAULT false)
RETURNS TABLE (action text, rows bigint, line bigint, column_name text, value text, reason text)
LANGUAGE plpgsql
-- A date is written year first; whatever else it was, it would be ambiguous.
SET search_path = pg_catalog, pg_temp
SET DateStyle = 'ISO, YMD'
SET TimeZone = 'UTC'
-- What the catalogue says is compared with names.
SET quote_all_identifiers = off
AS $$
#variable_conflict use_column
DECLARE
  merging text;
  refused text;
  written boolean := false;
  first record;
  refusals bigint;
  col record;
BEGIN
  PERFORM salesmgmt.book_table(book, table_name);
  merging := format('pg_temp.%I', 'merging_' || merge_table.table_name);
  refused := format('pg_temp.%I', 'refused_' || merge_table.table_name);
  -- a time without a zone is one of the book's
  EXECUTE format('SELECT set_config(''TimeZone'', value #>> ''{}'', true) FROM %I.setting WHERE name = ''time_zone''', book);
  PERFORM salesmgmt.merge_read(book, table_name);
  PERFORM salesmgmt.merge_match(book, table_name);
  PERFORM salesmgmt.merge_refuse(book, table_name);

  -- The rules of the table are asked only when it says no.
  FOR attempt IN 1 .. 2 LOOP
    EXECUTE format('SELECT count(*) FROM %s', refused) INTO refusals;
    BEGIN
      IF refusals = 0 OR partial THEN
        PERFORM salesmgmt.merge_write(book, table_name);
        written := true;
      END IF;
    EXCEPTION WHEN data_exception OR integrity_constraint_violation OR program_limit_exceeded
      OR object_not_in_prerequisite_state OR raise_exception
    THEN
      written := false;
    END;
    EXIT WHEN written;
    PERFORM salesmgmt.merge_check(book, table_name);
  END LOOP;
  EXECUTE format('SELECT count(*) FROM %s', refused) INTO refusals;
  IF NOT written AND (refusals = 0 OR partial) THEN
    PERFORM salesmgmt.merge_by_line(book, table_name);
    EXECUTE format('SELECT count(*) FROM %s', refused) INTO refusals;
  END IF;

  IF refusals > 0 AND NOT partial THEN
    EXECUTE format('SELECT * FROM %s ORDER BY line LIMIT 1', refused) INTO first;
    RAISE EXCEPTION '%, line %: %', table_name,
        concat_ws(', column ', first.line, first.column_name), first.reason
      USING ERRCODE = 'invalid_parameter_value',
        DETAIL = format('Lines refused in all: %s.', refusals),
        HINT = 'Nothing was loaded. With partial => true the other lines are loaded, and all that are refused are listed.',
        SCHEMA = book, TABLE = table_name, COLUMN = coalesce(first.column_name, '');
  END IF;

  -- numbers given for a column that counts by itself are not given out again
  FOR col IN SELECT * FROM salesmgmt.given_column(book, table_name) WHERE fallback LIKE 'nextval(%' LOOP
    EXECUTE format(
      $sql$
      SELECT setval(s.seq, s.highest)
      FROM (
        SELECT pg_get_serial_sequence(%1$L, %2$L)::regclass AS seq, max(%2$I) AS highest
        FROM %3$s
        WHERE "#action" = 'inserted'
      ) AS s
      WHERE s.highest > coalesce(pg_sequence_last_value(s.seq), 0)
      $sql$,
      salesmgmt.book_table(book, table_name)::text, col.column_name, merging);
  END LOOP;

  RETURN QUERY EXECUTE format(
    $sql$
    SELECT a.action, count(m."#line"), NULL::bigint, NULL::text, NULL::text, NULL::text
    FROM unnest(ARRAY['inserted', 'changed', 'same']) WITH ORDINALITY AS a (action, place)
    LEFT JOIN %s AS m ON m."#action" = a.action
    GROUP BY a.action, a.place
    ORDER BY a.place
    $sql$, merging);
  RETURN QUERY EXECUTE format(
    'SELECT ''refused'', 1::bigint, line, column_name, value, reason FROM %s ORDER BY line', refused);
END $$;
COMMENT ON FUNCTION salesmgmt.merge_table(text, text, boolean) IS
'Loads what stands in the staged table: inserts new rows, updates those whose code is known, leaves alone those that are the same; a line that cannot be loaded stops all, or with partial is left out and listed';
