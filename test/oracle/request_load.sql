-- request_load in plain SQL: a request, a day at a time.  Reads the book that search_path names.
CREATE SCHEMA IF NOT EXISTS oracle;

CREATE FUNCTION oracle.zone_day(at timestamptz, zone text) RETURNS date
LANGUAGE sql IMMUTABLE
AS $$ SELECT (at AT TIME ZONE zone)::date $$;

CREATE FUNCTION oracle.monday(day date) RETURNS date
LANGUAGE sql IMMUTABLE
AS $$ SELECT day - (extract(isodow FROM day)::int - 1) $$;

\ir leads.sql

CREATE FUNCTION oracle.at_work(who bigint, day date) RETURNS boolean
LANGUAGE sql STABLE
AS $$
  SELECT EXISTS (SELECT FROM employment AS e WHERE e.person_id = who AND e.during @> day AND e.week LIKE '%' || extract(isodow FROM day) || '%')
    AND NOT EXISTS (SELECT FROM absence AS a WHERE a.person_id = who AND a.during @> day)
    AND NOT EXISTS (
      SELECT FROM holiday AS h
      WHERE h.day = at_work.day
        AND (h.territory_id IS NULL
          OR h.territory_id IN (SELECT t.territory_id FROM territory_assignment AS t WHERE t.person_id = who AND t.during @> at_work.day)))
$$;

CREATE FUNCTION oracle.request_load(as_of timestamptz, asked bigint, since date, until date, zone text, hours_per_week numeric) RETURNS TABLE (
  person_id bigint, week date, requests bigint, unrecorded bigint, hours numeric,
  client numeric, manager numeric, executive numeric, colleague numeric, other numeric,
  working numeric, gave_way bigint, gave_way_hours numeric, what text)
LANGUAGE sql STABLE
AS $$
  WITH each AS MATERIALIZED (
    SELECT r.person_id, oracle.monday(oracle.zone_day(r.requested_at, zone)) AS week, r.origin, r.hours,
      coalesce(r.gave_way, (SELECT m.name FROM metric AS m WHERE m.metric_id = r.metric_id)) AS what
    FROM request AS r
    WHERE r.requested_at <= as_of
      AND (asked IS NULL OR oracle.leads(asked, r.person_id, oracle.zone_day(as_of, zone)))
  )
  SELECT e.person_id, e.week, count(*), sum((e.hours IS NULL)::int), sum(coalesce(e.hours, 0)),
    sum(CASE WHEN e.origin = 'client' THEN coalesce(e.hours, 0) ELSE 0 END),
    sum(CASE WHEN e.origin = 'manager' THEN coalesce(e.hours, 0) ELSE 0 END),
    sum(CASE WHEN e.origin = 'executive' THEN coalesce(e.hours, 0) ELSE 0 END),
    sum(CASE WHEN e.origin = 'colleague' THEN coalesce(e.hours, 0) ELSE 0 END),
    sum(CASE WHEN e.origin = 'other' THEN coalesce(e.hours, 0) ELSE 0 END),
    (SELECT count(*) FROM generate_series(0, 6) AS n
     WHERE e.week + n <= oracle.zone_day(as_of, zone) AND oracle.at_work(e.person_id, e.week + n)) * hours_per_week / 5,
    sum((e.what IS NOT NULL)::int), sum(CASE WHEN e.what IS NOT NULL THEN coalesce(e.hours, 0) ELSE 0 END),
    (SELECT string_agg(w.what, '; ' ORDER BY w.what COLLATE "C")
     FROM (SELECT DISTINCT o.what FROM each AS o WHERE o.person_id = e.person_id AND o.week = e.week) AS w)
  FROM each AS e
  WHERE e.week >= since AND e.week < until
  GROUP BY e.person_id, e.week
$$;
