-- What every report asks: who belongs to whom, which days count, on what date it was.

CREATE FUNCTION book_date(at timestamptz, options jsonb) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT (at AT TIME ZONE (options ->> 'time_zone'))::date;
END;
COMMENT ON FUNCTION book_date(timestamptz, jsonb) IS
'The date of an instant in the book''s time zone; options as settings() gives them';

-- Where the clocks go back to midnight (Havana, the Azores), it comes twice, and the day
-- begins with the first: an hour after 23:00.  Where there is no 23:00, since the day before
-- was left out (Samoa), midnight is the earlier.
CREATE FUNCTION book_midnight(day date, options jsonb) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT least(day::timestamp AT TIME ZONE (options ->> 'time_zone'),
    ((day::timestamp - interval '1 hour') AT TIME ZONE (options ->> 'time_zone')) + interval '1 hour');
END;
COMMENT ON FUNCTION book_midnight(date, jsonb) IS
'The instant at which a day begins in the book''s time zone; options as settings() gives them';

CREATE FUNCTION team(day date) RETURNS TABLE (leader_id bigint, person_id bigint, level int)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH RECURSIVE below (leader_id, person_id, level) AS (
    SELECT p.person_id, p.person_id, 0
    FROM person AS p
    UNION ALL
    SELECT below.leader_id, line.person_id, below.level + 1
    FROM below
    JOIN reporting_line AS line
      ON line.manager_id = below.person_id AND line.during @> day
    WHERE below.level < 100
  )
  SELECT leader_id, person_id, level
  FROM below;
END;
COMMENT ON FUNCTION team(date) IS
'Everybody with all who report to them on that day, at every level; oneself at level 0';

CREATE FUNCTION person_called(person text) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
  found_id bigint;
BEGIN
  SELECT p.person_id INTO found_id FROM person AS p WHERE p.code = person_called.person;
  IF found_id IS NULL AND person IS NOT NULL THEN
    RAISE EXCEPTION 'there is no person "%"', person
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Give the code of a person, as in the table person.';
  END IF;
  RETURN found_id;
END $$;
COMMENT ON FUNCTION person_called(text) IS 'The key of the person with this code; an unknown code is refused, no code gives no key';

-- Walked from the person down: one rep costs two look-ups, not the whole company.
CREATE FUNCTION report_on(person text, day date) RETURNS TABLE (person_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH RECURSIVE below (person_id, level) AS (
    SELECT p.person_id, 0
    FROM person AS p
    WHERE p.person_id = person_called(person)
    UNION ALL
    SELECT line.person_id, below.level + 1
    FROM below
    JOIN reporting_line AS line
      ON line.manager_id = below.person_id AND line.during @> day
    WHERE below.level < 100
  )
  SELECT below.person_id
  FROM below
  UNION ALL
  SELECT p.person_id
  FROM person AS p
  WHERE person IS NULL;
END;
COMMENT ON FUNCTION report_on(text, date) IS
'The people a report is about: a person with everybody below on that day, or everybody if no one is named';

-- A report as of some day asks for days to come as that day knew them: nobody is there
-- yet who has not begun, and people stay where they are.
CREATE FUNCTION working_day(during daterange, today date DEFAULT NULL) RETURNS TABLE (person_id bigint, day date)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT job.person_id, d.day::date
  FROM employment AS job
  CROSS JOIN LATERAL generate_series(
    lower(job.during * working_day.during)::timestamp,
    upper(job.during * working_day.during)::timestamp - interval '1 day',
    interval '1 day') AS d (day)
  WHERE job.during && working_day.during
    AND (lower(job.during) > working_day.today) IS NOT TRUE
    AND strpos(job.week, extract(isodow FROM d.day)::text) > 0
    AND NOT EXISTS (
      SELECT
      FROM holiday AS h
      WHERE h.day = d.day::date
        AND (h.territory_id IS NULL OR EXISTS (
          SELECT
          FROM territory_assignment AS work
          WHERE work.territory_id = h.territory_id
            AND work.person_id = job.person_id
            AND work.during @> least(h.day, working_day.today))))
    AND NOT EXISTS (
      SELECT
      FROM absence AS away
      WHERE away.person_id = job.person_id
        AND away.during @> d.day::date);
END;
COMMENT ON FUNCTION working_day(daterange, date) IS
'The days of a bounded span on which each person in a job was expected to work: the days of the week of the job, without holidays and absences; of jobs begun by today, if it is given';
