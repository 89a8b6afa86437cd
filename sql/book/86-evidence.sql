-- Opening a figure: the rows it counted.

-- Each report x has beside it a function x_evidence of the same arguments.  Its result
-- begins with the key of the report's rows, so that evidence() need know nothing of it
-- but its name.
CREATE FUNCTION evidence(
  report text,
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (key jsonb, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
BEGIN
  IF NOT EXISTS (
    SELECT
    FROM pg_proc
    WHERE pronamespace = quote_ident(current_schema())::regnamespace AND proname = report || '_evidence'
      AND proargnames[1:4] = '{as_of,person,during,options}')
  THEN
    RAISE EXCEPTION 'there is no evidence for a report "%"', report
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'There is for ' || (
          SELECT string_agg(replace(proname, '_evidence', ''), ', ' ORDER BY proname)
          FROM pg_proc
          WHERE pronamespace = quote_ident(current_schema())::regnamespace AND proname ~ '_evidence$'
            AND proargnames[1:4] = '{as_of,person,during,options}') || '.';
  END IF;
  RETURN QUERY EXECUTE format(
    $query$
      SELECT to_jsonb(e) - '{figure,source,source_code,at,value}'::text[],
        e.figure, e.source, e.source_code, e.at, e.value
      FROM %I($1, $2, $3, $4) AS e
    $query$, report || '_evidence')
  USING as_of, person, during, options;
END $$;
COMMENT ON FUNCTION evidence(text, timestamptz, text, daterange, jsonb) IS
'The rows that each figure of a report counted: key is that of the report''s row, figure its column, and the values of a figure sum to it; arguments as in the report';
