-- Who has whom above them: a person at a time.  Reads the book that search_path names.
CREATE SCHEMA IF NOT EXISTS oracle;

-- somebody, and whoever has them above on the day at any level
CREATE FUNCTION oracle.leads(leader bigint, person bigint, day date) RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
BEGIN
  WHILE person IS NOT NULL LOOP
    IF person = leader THEN
      RETURN true;
    END IF;
    person := (SELECT manager_id FROM reporting_line WHERE person_id = person AND during @> day);
  END LOOP;
  RETURN false;
END $$;
