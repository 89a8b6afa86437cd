-- What a test on real data asks of every book; included by each of them.

-- One hash over every row of every table of a book.
CREATE FUNCTION pg_temp.book_state(book text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
  of_table text;
  state text := '';
  t text;
BEGIN
  FOR t IN SELECT table_name FROM salesmgmt.load_order(book) LOOP
    EXECUTE format('SELECT md5(coalesce(string_agg(r::text, E''\n'' ORDER BY r::text), '''')) FROM %I.%I AS r', book, t)
    INTO of_table;
    state := md5(state || t || of_table);
  END LOOP;
  RETURN state;
END $$;

-- Stages what a query yields, under the names of its columns, and merges it.
CREATE FUNCTION pg_temp.load(book text, table_name text, query text)
RETURNS TABLE (of_table text, action text, rows bigint)
LANGUAGE plpgsql
AS $$
DECLARE
  columns text;
BEGIN
  PERFORM salesmgmt.stage_table(book, table_name);
  EXECUTE 'CREATE TEMPORARY VIEW loaded AS ' || query;
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns
  FROM pg_attribute
  WHERE attrelid = 'pg_temp.loaded'::regclass AND attnum > 0;
  EXECUTE format('INSERT INTO pg_temp.%I (%2$s) SELECT %2$s FROM pg_temp.loaded', 'staged_' || table_name, columns);
  DROP VIEW pg_temp.loaded;
  RETURN QUERY SELECT table_name, m.action, m.rows FROM salesmgmt.merge_table(book, table_name) AS m;
END $$;
