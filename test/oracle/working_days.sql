-- The plain-SQL twin of working_days: every day of the span, looked at.
CREATE SCHEMA IF NOT EXISTS oracle;

CREATE FUNCTION oracle.working_days(since date, until date, holidays date[], week int[])
RETURNS bigint
LANGUAGE sql
AS $$
  SELECT count(*)
  FROM generate_series(since::timestamp, until - interval '1 day', interval '1 day') AS day
  WHERE extract(isodow FROM day) = ANY (week)
    AND NOT EXISTS (SELECT FROM unnest(holidays) AS h (day) WHERE h.day = day.day::date)
$$;
