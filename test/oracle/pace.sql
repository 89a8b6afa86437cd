-- The plain-SQL twins of the pace functions, in exact decimals.
CREATE SCHEMA IF NOT EXISTS oracle;

CREATE FUNCTION oracle.pace(booked numeric, planned numeric, elapsed_days int8, period_days int8)
RETURNS numeric
LANGUAGE sql
AS $$
  SELECT booked / nullif(planned * (elapsed_days::numeric(60, 40) / nullif(period_days, 0)), 0)
$$;

CREATE FUNCTION oracle.pace_projected(booked numeric, elapsed_days int8, period_days int8)
RETURNS numeric
LANGUAGE sql
AS $$
  SELECT booked / nullif(elapsed_days::numeric(60, 40) / nullif(period_days, 0), 0)
$$;

CREATE FUNCTION oracle.pace_historical(booked numeric, past_shares numeric[])
RETURNS numeric
LANGUAGE sql
AS $$
  SELECT CASE WHEN avg(share) > 0 THEN booked / avg(share) END
  FROM unnest(past_shares) AS share
$$;

CREATE FUNCTION oracle.required_per_day(gap numeric, working_days_left int8)
RETURNS numeric
LANGUAGE sql
AS $$
  SELECT CASE WHEN gap <= 0 THEN 0 ELSE gap / nullif(working_days_left, 0) END
$$;
