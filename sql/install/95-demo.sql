-- A bank's sales force that does not exist, to try everything on: loans and
-- deposits are to grow by 10 %, the high-value clients are to be kept, and the
-- headcount stays as it is.  The same arguments give the same book, to the row.
--
-- The stories.  Six people are not like the others, and the reports must find
-- them.  demo_story(seed, reps) says who they are.
--
--   few_calls          makes about 55 % of the calls of the standard; everything
--                      else, meetings included, is as it should be, only less of it
--   loses_at_proposal  brings as many deals to a proposal as anybody, and then
--                      loses three of four there (the others: one of nine)
--   small_deals        wins as often as anybody, deals of 30 % of the usual size
--   lucky              joined a quarter ago and won both deals closed so far:
--                      a win rate of 100 % that says nothing yet, and must not rank
--                      before the one or two solid reps who win 70 % of many
--   sandbagger         forecasts a little over half of what then comes in, and
--                      keeps deals in negotiation out of commit
--   selling_manager    a manager who still owns accounts and works deals of his own
--
-- All the others are ordinary, and not by chance.  What happens is drawn from
-- quotas, not from dice: each five lost deals of a rep are lost in the same five
-- stages, in an order that differs; wins are spread evenly over the closings and
-- only neighbours change places; the won amounts of a quarter add up to what the
-- person's pace, win rate and deal size make; the activities of a week are the
-- norm of the days present and a few more.  So it holds for every seed, from
-- twelve months on: a shorter book has too few quarters to judge a forecast by.
--
-- Nobody knows the future: everything happens before the day "until" begins, and
-- from then on there are only plans, expected closes and deals still open.

CREATE FUNCTION salesmgmt.demo_random(seed int, key text) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (hashtextextended(key, seed) & 9007199254740991)::double precision / 9007199254740992
$$;
COMMENT ON FUNCTION salesmgmt.demo_random(int, text) IS
'A figure from 0 to below 1 that depends on nothing but its arguments';

CREATE FUNCTION salesmgmt.demo_weekday(day date) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT day - greatest(extract(isodow FROM day)::int - 5, 0)
$$;
COMMENT ON FUNCTION salesmgmt.demo_weekday(date) IS 'The day itself, or the Friday before a weekend';

CREATE FUNCTION salesmgmt.demo_first_day(months int, until date) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (date_trunc('month', until::timestamp) - make_interval(months => months))::date
$$;
COMMENT ON FUNCTION salesmgmt.demo_first_day(int, date) IS
'The first day of a demo book: months whole months before the month it ends in';

CREATE FUNCTION salesmgmt.demo_teams(reps int) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT greatest(1, round(reps / 6.0)::int)
$$;
COMMENT ON FUNCTION salesmgmt.demo_teams(int) IS 'How many managers so many reps have in a demo book';

-- As many digits as the last of them needs: lpad would cut a longer number short.
CREATE FUNCTION salesmgmt.demo_code(role text, ordinal int, reps int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT role || '-' || lpad(ordinal::text,
    CASE WHEN role = 'rep' THEN greatest(2, length(reps::text)) ELSE length(salesmgmt.demo_teams(reps)::text) END, '0')
$$;
COMMENT ON FUNCTION salesmgmt.demo_code(text, int, int) IS 'Code of a person in a demo book of so many reps';

-- Rep 2 changes the boss, the last but two joins early on, the last but one
-- leaves, and the last takes that seat: they cannot have other stories.
CREATE FUNCTION salesmgmt.demo_draw(seed int, reps int) RETURNS TABLE (person text, place bigint)
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT salesmgmt.demo_code('rep', i, reps), row_number() OVER (ORDER BY salesmgmt.demo_random(seed, 'story ' || i), i)
  FROM generate_series(1, reps - 3) AS i
  WHERE i <> 2
$$;
COMMENT ON FUNCTION salesmgmt.demo_draw(int, int) IS 'The reps of a demo book who may have a story, in the order in which they are given one';

CREATE FUNCTION salesmgmt.demo_story(seed int DEFAULT 1, reps int DEFAULT 24)
RETURNS TABLE (story text, person text)
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (ARRAY['few_calls', 'loses_at_proposal', 'small_deals', 'sandbagger'])[drawn.place], drawn.person
  FROM salesmgmt.demo_draw(seed, reps) AS drawn
  WHERE drawn.place <= 4
  UNION ALL
  SELECT 'lucky', salesmgmt.demo_code('rep', reps, reps)
  UNION ALL
  SELECT 'selling_manager',
    salesmgmt.demo_code('mgr', 1 + floor(salesmgmt.demo_random(seed, 'selling manager') * salesmgmt.demo_teams(reps))::int, reps)
$$;
COMMENT ON FUNCTION salesmgmt.demo_story(int, int) IS
'Who in a demo book is not like the others: the planted stories its reports must find';

CREATE FUNCTION salesmgmt.demo_name(seed int, ordinal int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (ARRAY['Anna', 'Ben', 'Carla', 'David', 'Elena', 'Farid', 'Grace', 'Henrik', 'Ines', 'Jonas',
    'Katja', 'Liam', 'Maria', 'Nikhil', 'Olivia', 'Paul', 'Quinn', 'Rosa', 'Samir', 'Tessa',
    'Uwe', 'Vera', 'Wei', 'Xenia', 'Yusuf', 'Zoe', 'Amara', 'Bruno', 'Chloe', 'Diego',
    'Esther', 'Felix', 'Greta', 'Hugo', 'Irina', 'Jamal', 'Kim']
  )[1 + (ordinal * 5 + floor(salesmgmt.demo_random(seed, 'first name') * 37)::int) % 37]
  || ' ' ||
  (ARRAY['Adler', 'Berger', 'Castillo', 'Dupont', 'Eriksen', 'Fischer', 'Garcia', 'Hansen', 'Ivanova', 'Jansen',
    'Kowalski', 'Lindgren', 'Moreau', 'Novak', 'Okafor', 'Petrov', 'Quist', 'Rossi', 'Schmidt', 'Tanaka',
    'Ueda', 'Vogel', 'Weber', 'Xu', 'Yilmaz', 'Zimmer', 'Abbott', 'Brandt', 'Conti', 'Diaz',
    'Engel', 'Ferrari', 'Gruber', 'Haas', 'Iversen', 'Jordan', 'Keller', 'Lopez', 'Mason', 'Nilsen', 'Owens']
  )[1 + (ordinal * 7 + floor(salesmgmt.demo_random(seed, 'last name') * 41)::int) % 41]
$$;
COMMENT ON FUNCTION salesmgmt.demo_name(int, int) IS 'A person''s name, different for every ordinal below 1517';

-- Who is who, and what each is like.  The figures are per month of a plain
-- season, or relative to what is usual.
CREATE FUNCTION salesmgmt.demo_cast(seed int, reps int, months int, until date)
RETURNS TABLE (ordinal int, code text, name text, role text, specialty text, manager text, story text,
  seat int, joined date, left_on date, ramps boolean, closings double precision, win_rate double precision,
  size double precision, calls double precision, candour double precision,
  week text, hours numeric, part double precision)
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH teams AS (
    SELECT salesmgmt.demo_teams(reps) AS n, salesmgmt.demo_first_day(months, until) AS first_day
  ), rep AS (
    SELECT i AS ordinal, salesmgmt.demo_code('rep', i, reps) AS code,
      salesmgmt.demo_code('mgr', 1 + (CASE i WHEN reps THEN reps - 1 ELSE i END - 1) % teams.n, reps) AS manager,
      CASE i
        WHEN reps THEN salesmgmt.demo_weekday(until - 110)
        WHEN reps - 2 THEN salesmgmt.demo_weekday(first_day - 60 + months * 13)
        ELSE salesmgmt.demo_weekday(first_day - 200 - floor(2000 * salesmgmt.demo_random(seed, 'joined ' || i))::int)
      END AS joined,
      CASE i WHEN reps - 1 THEN salesmgmt.demo_weekday(until - 150) END AS left_on,
      i >= reps - 2 AND i <> reps - 1 AS ramps,
      CASE i WHEN reps THEN reps - 1 ELSE i END AS seat
    FROM teams
    CROSS JOIN generate_series(1, reps) AS i
  )
  SELECT rep.ordinal, rep.code, salesmgmt.demo_name(seed, rep.ordinal), 'rep',
    CASE WHEN rep.ordinal % 5 IN (0, 3) THEN 'farmer' ELSE 'hunter' END,
    rep.manager, s.story, rep.seat, rep.joined, rep.left_on, rep.ramps,
    hired.part * CASE WHEN s.story = 'few_calls' THEN 3.2 WHEN solid.person IS NOT NULL THEN 4.2
      ELSE 4.8 + 0.4 * salesmgmt.demo_random(seed, 'closings ' || rep.code) END,
    CASE WHEN s.story = 'loses_at_proposal' THEN 0.22 WHEN solid.person IS NOT NULL THEN 0.7
      ELSE 0.56 + 0.06 * salesmgmt.demo_random(seed, 'win rate ' || rep.code) END,
    CASE s.story WHEN 'small_deals' THEN 0.3 ELSE 0.97 + 0.08 * salesmgmt.demo_random(seed, 'size ' || rep.code) END,
    CASE s.story WHEN 'few_calls' THEN 0.55 ELSE 1.02 + 0.13 * salesmgmt.demo_random(seed, 'calls ' || rep.code) END,
    CASE s.story WHEN 'sandbagger' THEN 0.56 ELSE 0.98 + 0.05 * salesmgmt.demo_random(seed, 'candour ' || rep.code) END,
    hired.week, hired.hours, hired.part
  FROM rep
  LEFT JOIN salesmgmt.demo_story(seed, reps) AS s ON s.person = rep.code
  LEFT JOIN salesmgmt.demo_draw(seed, reps) AS solid ON solid.person = rep.code AND solid.place BETWEEN 5 AND 4 + (reps + 11) / 12
  -- the last ones drawn work part of the week: four days, or all of them for 24 hours
  LEFT JOIN salesmgmt.demo_draw(seed, reps) AS drawn ON drawn.person = rep.code
  LEFT JOIN (VALUES (reps - 4, '1234', NULL, 0.8::double precision), (CASE WHEN reps >= 14 THEN reps - 5 END, '12345', 24.0, 0.6)) AS part_time (place, week, hours, part)
    ON part_time.place = drawn.place
  CROSS JOIN LATERAL (
    SELECT coalesce(part_time.week, '12345') AS week, part_time.hours, coalesce(part_time.part, 1) AS part
  ) AS hired
  UNION ALL
  SELECT reps + m, salesmgmt.demo_code('mgr', m, reps), salesmgmt.demo_name(seed, reps + m), 'manager', NULL,
    'exec-1', s.story, CASE WHEN s.story IS NOT NULL THEN reps END,
    salesmgmt.demo_weekday(teams.first_day - 1500 - floor(1500 * salesmgmt.demo_random(seed, 'joined manager ' || m))::int), NULL, false,
    CASE WHEN s.story IS NOT NULL THEN 1.6 ELSE 0 END, 0.59, 1.0, 1.0, 1.0, '12345', NULL, 1
  FROM teams
  CROSS JOIN generate_series(1, teams.n) AS m
  LEFT JOIN salesmgmt.demo_story(seed, reps) AS s ON s.person = salesmgmt.demo_code('mgr', m, reps)
  UNION ALL
  SELECT reps + teams.n + 1, 'exec-1', salesmgmt.demo_name(seed, reps + teams.n + 1), 'executive', NULL, NULL, NULL, NULL,
    salesmgmt.demo_weekday(teams.first_day - 4000), NULL, false, 0, 0.59, 1.0, 1.0, 1.0, '12345', NULL, 1
  FROM teams
$$;
COMMENT ON FUNCTION salesmgmt.demo_cast(int, int, int, date) IS
'The people of a demo book, when they came and went, and what each is like';

CREATE FUNCTION salesmgmt.create_demo_book(name text, reps int DEFAULT 24, months int DEFAULT 18,
  seed int DEFAULT 1, until date DEFAULT current_date)
RETURNS regnamespace
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
DECLARE
  book regnamespace;
BEGIN
  IF reps IS NULL OR reps NOT BETWEEN 10 AND 1000 THEN
    RAISE EXCEPTION 'a demo book cannot have % reps', coalesce(reps::text, 'NULL')
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Use 10 to 1000: the stories need some who are ordinary.';
  END IF;
  IF months IS NULL OR months NOT BETWEEN 6 AND 120 THEN
    RAISE EXCEPTION 'a demo book cannot have % months', coalesce(months::text, 'NULL')
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Use 6 to 120: the stories take some time.';
  END IF;
  IF seed IS NULL THEN
    RAISE EXCEPTION 'a demo book needs a seed'
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Any integer will do; the same one gives the same book.';
  END IF;
  IF until IS NULL OR until NOT BETWEEN '1950-01-01' AND '2500-01-01' THEN
    RAISE EXCEPTION 'a demo book cannot end on %', coalesce(until::text, 'NULL')
      USING ERRCODE = 'datetime_field_overflow',
        HINT = 'Use a day from 1950 to 2500.';
  END IF;

  book := salesmgmt.create_book(name);
  PERFORM salesmgmt.demo_org(name, seed, reps, months, until);
  PERFORM salesmgmt.demo_market(name, seed, reps, months, until);
  PERFORM salesmgmt.demo_pipeline(name, seed, reps, months, until);
  PERFORM salesmgmt.demo_balance(name, seed, reps, months, until);
  PERFORM salesmgmt.demo_activity(name, seed, reps, months, until);
  PERFORM salesmgmt.demo_plan(name, seed, reps, months, until);
  PERFORM salesmgmt.demo_account_plan(name, seed, reps, months, until);
  PERFORM salesmgmt.demo_forecast(name, seed, reps, months, until);
  PERFORM salesmgmt.demo_rating(name, seed, reps, months, until);
  PERFORM salesmgmt.demo_marketing(name, seed, reps, months, until);
  RETURN book;
END $$;
COMMENT ON FUNCTION salesmgmt.create_demo_book(text, int, int, int, date) IS
'Makes a book about a bank''s sales force that ends as the given day begins; the same arguments give the same book';
