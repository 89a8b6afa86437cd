-- What a manager's judgement adds to the rep's.

-- The same periods, forecast by the rep and by the manager: whose error is smaller?
CREATE FUNCTION forecast_pair(as_of timestamptz, person text, during daterange, options jsonb) RETURNS TABLE (
  person text, person_name text, manager text, period_from date, period_until date,
  rep_forecast numeric, manager_forecast numeric, actual numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH pair AS (
    -- one row of each, or none
    SELECT e.person, min(e.person_name) AS person_name, min(e.judge) FILTER (WHERE e.judgement = 'manager') AS manager,
      e.period_from, e.period_until,
      min(e.forecast) FILTER (WHERE e.judgement = 'rep') AS rep_forecast,
      min(e.forecast) FILTER (WHERE e.judgement = 'manager') AS manager_forecast, min(e.actual) AS actual
    FROM forecast_error(forecast_pair.as_of, forecast_pair.person, forecast_pair.during, forecast_pair.options) AS e
    GROUP BY e.person, e.period_from, e.period_until
    HAVING count(DISTINCT e.judgement) = 2
  )
  SELECT pair.*
  FROM pair
  WHERE NOT EXISTS (
    SELECT
    FROM pair AS part
    WHERE part.person = pair.person
      AND part.period_from >= pair.period_from
      AND part.period_until <= pair.period_until
      AND (part.period_from, part.period_until) <> (pair.period_from, pair.period_until));
END;
COMMENT ON FUNCTION forecast_pair(timestamptz, text, daterange, jsonb) IS
'The ended periods that both the rep and the manager forecast in time, with what was booked; of nested periods the shortest';

CREATE FUNCTION forecast_value_added(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, manager text, n int8, actual numeric, absolute_actual numeric,
  rep_forecast numeric, manager_forecast numeric, rep_error numeric, manager_error numeric,
  rep_wape float8, manager_wape float8, value_added float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT p.person, min(p.person_name), p.manager, count(*),
    sum(p.actual)::numeric(20,4), sum(abs(p.actual))::numeric(20,4),
    sum(p.rep_forecast)::numeric(20,4), sum(p.manager_forecast)::numeric(20,4),
    sum(abs(p.rep_forecast - p.actual))::numeric(20,4), sum(abs(p.manager_forecast - p.actual))::numeric(20,4),
    (sum(abs(p.rep_forecast - p.actual)) / nullif(sum(abs(p.actual)), 0))::float8,
    (sum(abs(p.manager_forecast - p.actual)) / nullif(sum(abs(p.actual)), 0))::float8,
    ((sum(abs(p.rep_forecast - p.actual)) - sum(abs(p.manager_forecast - p.actual))) / nullif(sum(abs(p.actual)), 0))::float8
  FROM forecast_pair(forecast_value_added.as_of, forecast_value_added.person,
    forecast_value_added.during, forecast_value_added.options) AS p
  GROUP BY p.person, p.manager;
END;
COMMENT ON FUNCTION forecast_value_added(timestamptz, text, daterange, jsonb) IS
'WAPE of the rep less WAPE of the manager over the ended periods that both forecast in time (settings forecast_category, forecast_grace_days), by rep and by the manager who judged';

CREATE VIEW forecast_value_added WITH (security_invoker) AS
SELECT person, person_name, manager, n, actual::numeric(20,4), absolute_actual::numeric(20,4),
  rep_forecast::numeric(20,4), manager_forecast::numeric(20,4), rep_error::numeric(20,4), manager_error::numeric(20,4),
  rep_wape, manager_wape, value_added
FROM forecast_value_added();
COMMENT ON VIEW forecast_value_added IS 'Does the manager''s judgement make the rep''s forecast better, or worse?';
COMMENT ON COLUMN forecast_value_added.person IS 'Code of the rep';
COMMENT ON COLUMN forecast_value_added.person_name IS 'Name of the rep';
COMMENT ON COLUMN forecast_value_added.manager IS 'Code of the manager who judged; empty if unknown';
COMMENT ON COLUMN forecast_value_added.n IS 'Periods both forecast in time that have ended';
COMMENT ON COLUMN forecast_value_added.actual IS 'Sum of the bookings of these periods';
COMMENT ON COLUMN forecast_value_added.absolute_actual IS 'Sum of |bookings|: what the errors are divided by';
COMMENT ON COLUMN forecast_value_added.rep_forecast IS 'Sum of the rep''s forecasts';
COMMENT ON COLUMN forecast_value_added.manager_forecast IS 'Sum of the manager''s forecasts of the rep';
COMMENT ON COLUMN forecast_value_added.rep_error IS 'Sum of |rep''s forecast - bookings|';
COMMENT ON COLUMN forecast_value_added.manager_error IS 'Sum of |manager''s forecast - bookings|';
COMMENT ON COLUMN forecast_value_added.rep_wape IS 'rep_error / absolute_actual';
COMMENT ON COLUMN forecast_value_added.manager_wape IS 'manager_error / absolute_actual';
COMMENT ON COLUMN forecast_value_added.value_added IS 'rep_wape - manager_wape: above 0 the manager is closer, below 0 the rep is';

CREATE FUNCTION forecast_value_added_evidence(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, manager text,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT p.person, p.manager, figure.figure, e.source, e.source_code, e.at, figure.value
  FROM forecast_pair(forecast_value_added_evidence.as_of, forecast_value_added_evidence.person,
    forecast_value_added_evidence.during, forecast_value_added_evidence.options) AS p
  JOIN forecast_error_evidence(forecast_value_added_evidence.as_of, forecast_value_added_evidence.person,
      forecast_value_added_evidence.during, forecast_value_added_evidence.options) AS e
    ON e.person = p.person AND e.period_from = p.period_from AND e.period_until = p.period_until
  CROSS JOIN LATERAL (VALUES
    (CASE WHEN e.figure = 'forecast' THEN e.judgement || '_forecast' END, e.value),
    (CASE WHEN e.figure = 'forecast' AND e.judgement = 'rep' THEN 'n' END, 1),
    (CASE WHEN e.figure = 'actual' AND e.judgement = 'rep' THEN 'actual' END, e.value)
  ) AS figure (figure, value)
  WHERE figure.figure IS NOT NULL;
END;
COMMENT ON FUNCTION forecast_value_added_evidence(timestamptz, text, daterange, jsonb) IS
'The forecasts and bookings that each figure of forecast_value_added is made of';
