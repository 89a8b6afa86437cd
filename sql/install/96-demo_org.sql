-- The people of a demo book: who they are, where they work, when they are away; and its calendar.
CREATE FUNCTION salesmgmt.demo_org(book text, seed int, reps int, months int, until date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  first_day CONSTANT date := salesmgmt.demo_first_day(months, until);
  first_year CONSTANT int := extract(year FROM first_day);
  last_year CONSTANT int := extract(year FROM until + 200);
  -- rep 2 changes teams on this day
  middle CONSTANT date := (date_trunc('month', first_day::timestamp) + make_interval(months => months / 2))::date;
BEGIN
  PERFORM set_config('search_path', format('%I, salesmgmt, pg_temp', book), true);

  INSERT INTO period (code, name, kind, during)
  SELECT to_char(first, pattern.code), to_char(first, pattern.name), pattern.kind,
    daterange(first::date, (first + pattern.length)::date)
  FROM (VALUES
    (1, 'year', 'YYYY', '"Year "YYYY', interval '1 year'),
    (2, 'quarter', 'YYYY"Q"Q', '"Quarter "Q YYYY', interval '3 months'),
    (3, 'month', 'YYYY-MM', 'FMMonth YYYY', interval '1 month')) AS pattern (place, kind, code, name, length)
  CROSS JOIN LATERAL generate_series(make_date(first_year, 1, 1)::timestamp,
    make_date(last_year, 12, 31)::timestamp, pattern.length) AS first
  ORDER BY pattern.place, first;

  INSERT INTO person (code, name, email)
  SELECT c.code, c.name, lower(replace(c.name, ' ', '.')) || '@bank.example'
  FROM demo_cast(seed, reps, months, until) AS c
  ORDER BY c.ordinal;

  INSERT INTO employment (code, person_id, during, role, specialty, week, hours_per_week, probation_until, end_reason)
  SELECT 'job-' || c.code, p.person_id, daterange(c.joined, c.left_on), c.role, c.specialty, c.week, c.hours,
    (c.joined::timestamp + interval '6 months')::date,
    CASE WHEN c.left_on IS NOT NULL THEN 'resigned' END
  FROM demo_cast(seed, reps, months, until) AS c
  JOIN person AS p USING (code)
  ORDER BY c.ordinal;

  -- what is asked of newcomers is a little less than what they do
  INSERT INTO ramp (code, role, month, factor, during)
  SELECT 'ramp-' || month, 'rep', month, factor, daterange(first_day, NULL)
  FROM unnest(ARRAY[0, 0, 0.2, 0.4, 0.6, 0.8]) WITH ORDINALITY AS step (factor, month)
  ORDER BY month;

  INSERT INTO reporting_line (code, person_id, manager_id, during)
  SELECT 'line-' || c.code || stretch.suffix, p.person_id, boss.person_id, stretch.during
  FROM demo_cast(seed, reps, months, until) AS c
  CROSS JOIN LATERAL (
    SELECT '' AS suffix, c.manager AS manager, daterange(c.joined, c.left_on) AS during
    WHERE c.ordinal <> 2
    UNION ALL
    SELECT '', c.manager, daterange(c.joined, middle)
    WHERE c.ordinal = 2
    UNION ALL
    SELECT '-2', demo_code('mgr', 1 + 2 % demo_teams(reps), reps), daterange(middle, NULL)
    WHERE c.ordinal = 2
  ) AS stretch
  JOIN person AS p ON p.code = c.code
  JOIN person AS boss ON boss.code = stretch.manager
  ORDER BY c.ordinal, stretch.suffix;

  -- a region a manager, a district a seat
  INSERT INTO territory (code, name)
  SELECT 'region-' || m, (ARRAY['North', 'East', 'South', 'West', 'Centre', 'Coast', 'Lakes', 'Hills'])[1 + (m - 1) % 8]
    || CASE WHEN m > 8 THEN ' ' || (1 + (m - 1) / 8) ELSE '' END
  FROM generate_series(1, demo_teams(reps)) AS m
  ORDER BY m;
  INSERT INTO territory (code, name, parent_id)
  SELECT 'district-' || c.seat, region.name || ' ' || c.seat, region.territory_id
  FROM demo_cast(seed, reps, months, until) AS c
  JOIN territory AS region ON region.code = replace(c.manager, 'mgr', 'region')
  WHERE c.role = 'rep' AND c.seat = c.ordinal
  ORDER BY c.ordinal;
  INSERT INTO territory_assignment (code, territory_id, person_id, during)
  SELECT 'area-' || c.code, t.territory_id, p.person_id, daterange(c.joined, c.left_on)
  FROM demo_cast(seed, reps, months, until) AS c
  JOIN person AS p USING (code)
  JOIN territory AS t ON t.code = CASE c.role
      WHEN 'rep' THEN 'district-' || c.seat
      WHEN 'manager' THEN replace(c.code, 'mgr', 'region')
    END
  ORDER BY c.ordinal;

  INSERT INTO holiday (code, day, territory_id, name)
  SELECT h.code || '-' || y, make_date(y, h.month, h.day), t.territory_id, h.name
  FROM generate_series(first_year, last_year) AS y
  CROSS JOIN (VALUES
    ('new-year', 1, 1, 'New Year', NULL),
    ('labour', 5, 1, 'Labour Day', NULL),
    ('christmas', 12, 25, 'Christmas Day', NULL),
    ('second-christmas', 12, 26, 'Second Day of Christmas', NULL),
    ('north-founding', 9, 17, 'Founding Day of the North', 'region-1')) AS h (code, month, day, name, territory)
  LEFT JOIN territory AS t ON t.code = h.territory
  ORDER BY y, h.month, h.day;

  -- Each kind of absence has weeks of the year of its own, so that they never overlap.
  INSERT INTO absence (code, person_id, during, kind)
  SELECT 'away-' || c.code || '-' || away.place || '-' || y, p.person_id,
    daterange(away.first, away.first + away.days), away.kind
  FROM demo_cast(seed, reps, months, until) AS c
  JOIN person AS p USING (code)
  CROSS JOIN generate_series(first_year, last_year) AS y
  CROSS JOIN LATERAL (
    -- Monday of a week within the weeks allowed, and a weekday in it for the short ones
    SELECT kind.place, kind.name AS kind, kind.days,
      date_trunc('week', make_date(y, 1, 8)::timestamp)::date
        + 7 * (kind.from_week + floor(kind.weeks * demo_random(seed, kind.name || kind.place || c.code || y))::int)
        + CASE WHEN kind.days < 5 THEN floor(3 * demo_random(seed, 'day' || kind.place || c.code || y))::int ELSE 0 END AS first
    FROM (VALUES
      (1, 'training', 2, 2, 6),
      (2, 'leave', 5, 9, 8),
      (3, 'leave', 12, 25, 8),
      (4, 'sick', 1 + floor(3 * demo_random(seed, 'sick' || c.code || y))::int, 36, 10)) AS kind (place, name, days, from_week, weeks)
  ) AS away
  WHERE away.first BETWEEN greatest(first_day, c.joined + 20) AND least(until + 60, c.left_on - 15)
    -- nobody knows a sick leave before
    AND (away.kind <> 'sick' OR away.first + away.days <= until)
  ORDER BY c.ordinal, y, away.place;

  RAISE NOTICE '%: % people in % teams, % to %', book, (SELECT count(*) FROM person), demo_teams(reps),
    first_day, until;
END $$;
COMMENT ON FUNCTION salesmgmt.demo_org(text, int, int, int, date) IS
'Fills the people and the calendar of a demo book; create_demo_book() calls it';
