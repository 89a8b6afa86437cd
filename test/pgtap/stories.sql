-- The stories planted in a demo book: the reports find each of them, and accuse nobody else.
\ir ../begin.sql

-- Books of different seeds, sizes and ends: a Sunday, the first days of a year,
-- the first and the last day of a quarter, a leap day.
CREATE TEMPORARY TABLE book (name text, reps int, months int, seed int, until date);
INSERT INTO book VALUES
  ('story_1', 24, 12, 1, '2026-11-22'),
  ('story_2', 12, 12, 2, '2026-01-02'),
  ('story_3', 14, 12, 3, '2025-07-01'),
  ('story_4', 18, 15, 4, '2026-03-31'),
  ('story_5', 10, 12, -5, '2024-02-29');


-- From where on a figure is an accusation.
CREATE TEMPORARY TABLE threshold AS
SELECT
  0.8::float8 AS activity,       -- done / norm over the last 13 weeks
  0.6::float8 AS step_rate,      -- decided deals that went on from a stage, against the others' rate
  0.6::float8 AS deal_size,      -- average won deal against the middle of the reps'
  0.2::float8 AS bias,           -- (forecast - actual) / actual, either way
  5 AS closed,                   -- closed deals below which a win rate says nothing
  0.8::float8 AS attainment;     -- bookings / effective quota over the quarters that have ended

-- Everybody the reports speak against, and of what, on the morning of the last day.
CREATE FUNCTION pg_temp.accused(book text, morning timestamptz) RETURNS TABLE (story text, person text)
LANGUAGE plpgsql AS $$
DECLARE
  year daterange := daterange((morning AT TIME ZONE 'UTC')::date - 364, (morning AT TIME ZONE 'UTC')::date + 1);
BEGIN
  PERFORM set_config('search_path', format('%I, salesmgmt, %s', book, current_setting('stories.path')), true);
  RETURN QUERY
  -- too little of any activity
  SELECT 'few_' || a.metric, a.person
  FROM activity_compliance(morning) AS a
  GROUP BY a.metric, a.person
  HAVING sum(a.done) / sum(a.norm) < (SELECT activity FROM threshold)
  UNION ALL
  -- deals that stop at a stage where those of others go on
  SELECT 'loses_at_' || f.stage_before, f.person
  FROM (
    SELECT passed.person, passed.step, passed.reached, passed.reached + passed.lost AS decided,
      lag(passed.stage) OVER (PARTITION BY passed.person ORDER BY passed.step) AS stage_before,
      sum(passed.reached) OVER (PARTITION BY passed.step) - passed.reached AS others_reached,
      sum(passed.reached + passed.lost) OVER (PARTITION BY passed.step) - passed.reached - passed.lost AS others_decided
    FROM funnel_by_rep(morning, NULL, year) AS passed
  ) AS f
  WHERE f.step > 1
    AND f.decided >= (SELECT closed FROM threshold)
    AND f.reached::float8 / f.decided < (SELECT step_rate FROM threshold) * f.others_reached::float8 / f.others_decided::float8
  UNION ALL
  SELECT 'small_deals', d.person
  FROM (
    SELECT w.person, sum(w.won_amount) / nullif(sum(w.won), 0) AS size
    FROM win_rate(morning, NULL, year) AS w
    GROUP BY w.person
  ) AS d
  WHERE d.size < (SELECT deal_size FROM threshold) * (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY peer.size::float8)
    FROM (
      SELECT sum(w.won_amount) / nullif(sum(w.won), 0) AS size
      FROM win_rate(morning, NULL, year) AS w
      GROUP BY w.person
    ) AS peer)
  UNION ALL
  -- the best rate, on too few deals
  SELECT 'lucky', w.person
  FROM win_rate(morning, NULL, year) AS w
  GROUP BY w.person
  HAVING sum(w.closed) < (SELECT closed FROM threshold)
    AND sum(w.won) = sum(w.closed)
  UNION ALL
  SELECT CASE WHEN f.bias < 0 THEN 'sandbagger' ELSE 'happy_ears' END, f.person
  FROM forecast_accuracy(morning) AS f
  WHERE f.judgement = 'rep' AND abs(f.bias) > (SELECT bias FROM threshold)
  UNION ALL
  SELECT 'selling_manager', m.person
  FROM manager_selling(morning) AS m
  WHERE m.accounts_owned > 0;
END $$;

-- What the morning report's own rules say, in the words of the stories.
CREATE FUNCTION pg_temp.coached(book text, morning timestamptz) RETURNS TABLE (story text, person text)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('search_path', format('%I, salesmgmt, %s', book, current_setting('stories.path')), true);
  RETURN QUERY
  SELECT CASE c.point
      WHEN 'activity' THEN CASE WHEN starts_with(c.reason, 'Calls:') THEN 'few_calls' ELSE c.reason END
      WHEN 'stage' THEN CASE WHEN starts_with(c.reason, 'loses at Proposal:') THEN 'loses_at_proposal' ELSE c.reason END
      WHEN 'deal_size' THEN 'small_deals'
      WHEN 'forecast' THEN CASE WHEN c.figure < 0 THEN 'sandbagger' ELSE 'happy_ears' END
      WHEN 'too_early' THEN 'lucky'
      WHEN 'manager_selling' THEN 'selling_manager'
      ELSE c.point
    END, c.person
  FROM coaching_point(morning) AS c;
END $$;

-- Those who missed what could be asked of them over the quarters that have ended, two at
-- least: a newcomer's first is no record.
CREATE FUNCTION pg_temp.missed(book text, morning timestamptz) RETURNS TABLE (person text)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('search_path', format('%I, salesmgmt, %s', book, current_setting('stories.path')), true);
  RETURN QUERY
  SELECT q.person
  FROM quota_attainment(morning) AS q
  WHERE q.period_until <= (morning AT TIME ZONE 'UTC')::date
  GROUP BY q.person
  HAVING count(*) >= 2
    AND sum(q.actual) / sum(q.effective_quota) < (SELECT attainment FROM threshold);
END $$;

-- Win rates of a year as they are told, and as they are ranked.
CREATE FUNCTION pg_temp.ranked(book text, morning timestamptz)
RETURNS TABLE (person text, closed bigint, raw float8, shrunk float8, at_least float8)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('search_path', format('%I, salesmgmt, %s', book, current_setting('stories.path')), true);
  RETURN QUERY
  SELECT r.person, r.closed::bigint, r.won / r.closed::float8,
    shrunk_rate(r.won::bigint, r.closed::bigint, (sum(r.won) OVER () / sum(r.closed) OVER ())::float8, 10),
    wilson_lower(r.won::bigint, r.closed::bigint, 0.95)
  FROM (
    SELECT w.person, sum(w.won) AS won, sum(w.closed) AS closed
    FROM win_rate(morning, NULL, daterange((morning AT TIME ZONE 'UTC')::date - 364, NULL)) AS w
    GROUP BY w.person
  ) AS r;
END $$;

-- Makes the book, asks it everything, and tells.
CREATE FUNCTION pg_temp.tell(b book) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
  morning CONSTANT timestamptz := (b.until::timestamp + interval '7 hours') AT TIME ZONE 'UTC';
  path CONSTANT text := current_setting('search_path');
BEGIN
  PERFORM set_config('stories.path', path, true);
  PERFORM salesmgmt.create_demo_book(b.name, b.reps, b.months, b.seed, b.until);
  DROP TABLE IF EXISTS accused, coached, missed, ranked, story;
  CREATE TEMPORARY TABLE accused AS SELECT * FROM pg_temp.accused(b.name, morning);
  CREATE TEMPORARY TABLE coached AS SELECT * FROM pg_temp.coached(b.name, morning);
  CREATE TEMPORARY TABLE missed AS SELECT * FROM pg_temp.missed(b.name, morning);
  CREATE TEMPORARY TABLE ranked AS SELECT * FROM pg_temp.ranked(b.name, morning);
  CREATE TEMPORARY TABLE story AS SELECT * FROM salesmgmt.demo_story(b.seed, b.reps);
  PERFORM set_config('search_path', path, true);

  RETURN NEXT set_eq(
    'SELECT story, person FROM accused',
    'SELECT story, person FROM story',
    b.name || ': every story is found, and nobody else is accused');
  RETURN NEXT set_eq(
    'SELECT story, person FROM coached',
    'SELECT story, person FROM story',
    b.name || ': coaching_point names each of them with the reason, and nobody else');
  RETURN NEXT set_eq(
    'SELECT person FROM missed',
    $q$SELECT person FROM story WHERE story IN ('few_calls', 'loses_at_proposal', 'small_deals')$q$,
    b.name || ': their results suffer, and nobody else''s');
  RETURN NEXT ok(
    (SELECT r.closed = 2 AND r.raw = 1 AND r.raw > ALL (SELECT other.raw FROM ranked AS other WHERE other.person <> r.person)
     FROM ranked AS r JOIN story AS s ON s.person = r.person AND s.story = 'lucky'),
    b.name || ': 2 of 2 is the best win rate there is');
  RETURN NEXT ok(
    (SELECT r.at_least < min(other.at_least)
     FROM ranked AS r
     JOIN story AS s ON s.person = r.person AND s.story = 'lucky'
     JOIN ranked AS other ON other.closed >= 50 AND other.person NOT IN (SELECT person FROM story)
     GROUP BY r.at_least),
    b.name || ': by its lower bound it is behind every rep with a record');
  RETURN NEXT ok(
    (SELECT r.shrunk < max(other.shrunk)
     FROM ranked AS r
     JOIN story AS s ON s.person = r.person AND s.story = 'lucky'
     JOIN ranked AS other ON other.closed >= 20
     GROUP BY r.shrunk),
    b.name || ': shrunk, it is behind those who win most of many');
END $$;

SELECT plan(6 * (SELECT count(*) FROM book)::int);
SELECT t FROM book CROSS JOIN LATERAL pg_temp.tell(book) AS t;
SELECT * FROM finish();
ROLLBACK;
