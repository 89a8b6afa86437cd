-- How a forecast comes closer to the truth as the period goes on, and what the manager adds to it.

CREATE FUNCTION days_ahead(options jsonb) RETURNS SETOF int
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 3
SET search_path FROM CURRENT
AS $$
BEGIN
  IF options ->> 'forecast_days_ahead' !~ '^ *[0-9]{1,4} *(, *[0-9]{1,4} *)*$' THEN
    RAISE EXCEPTION 'setting "forecast_days_ahead" is no list of days: "%"', options ->> 'forecast_days_ahead'
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Write whole days and commas: 90, 60, 30.';
  END IF;
  RETURN QUERY
  SELECT DISTINCT d::int
  FROM string_to_array(replace(options ->> 'forecast_days_ahead', ' ', ''), ',') AS t (days)
  CROSS JOIN LATERAL unnest(t.days) AS d;
END $$;
COMMENT ON FUNCTION days_ahead(jsonb) IS
'The days before the end of a period at which forecasts are looked at: setting forecast_days_ahead; anything but whole days is refused';

-- The forecasts that stood so many days before their period ended, against what was then booked.
-- Of nested periods the shortest count, as in forecast_accuracy.
CREATE FUNCTION standing_forecast(as_of timestamptz, options jsonb) RETURNS TABLE (
  person_id bigint, manager_id bigint, judgement text, category text, during daterange, days_ahead int,
  source_code text, submitted_at timestamptz, forecast numeric, actual numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT book_date(standing_forecast.as_of, standing_forecast.options) AS today
  ),
  standing AS MATERIALIZED (
    SELECT DISTINCT ON (f.person_id, f.judgement, f.category, f.during, ahead.days)
      f.person_id, f.judgement, f.category, f.during::daterange AS during, ahead.days AS days_ahead,
      coalesce(f.code, f.forecast_id::text) AS source_code, f.submitted_at, f.amount
    FROM chosen
    CROSS JOIN days_ahead(standing_forecast.options) AS ahead (days)
    JOIN forecast AS f
      ON upper(f.during) <= chosen.today
      AND f.submitted_at <= standing_forecast.as_of
      AND f.submitted_at < book_midnight(upper(f.during) - ahead.days, standing_forecast.options)
    ORDER BY f.person_id, f.judgement, f.category, f.during, ahead.days, f.submitted_at DESC, f.forecast_id DESC
  ),
  span AS MATERIALIZED (
    SELECT DISTINCT s.person_id, s.during
    FROM standing AS s
  ),
  booked AS MATERIALIZED (
    SELECT span.person_id, span.during, sum(b.amount) AS amount
    FROM span
    JOIN credited_booking AS b
      ON b.person_id = span.person_id AND b.booked_on >= lower(span.during) AND b.booked_on < upper(span.during)
    GROUP BY span.person_id, span.during
  ),
  line AS MATERIALIZED (
    SELECT each.during, first.person_id, first.manager_id
    FROM (SELECT DISTINCT span.during FROM span) AS each
    CROSS JOIN chosen
    CROSS JOIN LATERAL first_line(each.during, chosen.today) AS first
  )
  SELECT s.person_id, line.manager_id, s.judgement, s.category, s.during, s.days_ahead,
    s.source_code, s.submitted_at, s.amount, coalesce(booked.amount, 0)
  FROM standing AS s
  LEFT JOIN booked ON booked.person_id = s.person_id AND booked.during = s.during
  LEFT JOIN line ON line.person_id = s.person_id AND line.during = s.during
  WHERE NOT EXISTS (
    SELECT
    FROM standing AS part
    WHERE part.person_id = s.person_id
      AND part.judgement = s.judgement
      AND part.category = s.category
      AND part.days_ahead = s.days_ahead
      AND part.during <@ s.during
      AND part.during <> s.during);
END;
COMMENT ON FUNCTION standing_forecast(timestamptz, jsonb) IS
'The forecasts of ended periods that stood at each of the days_ahead before the end, with what was booked and the manager of the first day; options as settings() gives them';

CREATE FUNCTION category_position(category text) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT CASE category
    WHEN 'closed' THEN 1 WHEN 'commit' THEN 2 WHEN 'most_likely' THEN 3
    WHEN 'best_case' THEN 4 WHEN 'pipeline' THEN 5 WHEN 'omitted' THEN 6
    ELSE 7
  END;
END;
COMMENT ON FUNCTION category_position(text) IS 'Order of the forecast categories, from the surest; 7 for none';

CREATE FUNCTION forecast_accuracy_by_horizon(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, judgement text, category text, category_position int, days_ahead int,
  n int8, forecast numeric, actual numeric, absolute_error numeric, wape float8, mape float8, mape_n int8,
  bias float8, tracking_signal float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, book_date(forecast_accuracy_by_horizon.as_of, given.options) AS today
    FROM settings(forecast_accuracy_by_horizon.options, forecast_accuracy_by_horizon.as_of) AS given (options)
  ),
  judged AS (
    SELECT s.person_id, s.judgement, s.category, s.days_ahead, forecast_accuracy(s.forecast, s.actual) AS result
    FROM chosen
    CROSS JOIN LATERAL standing_forecast(forecast_accuracy_by_horizon.as_of, chosen.options) AS s
    WHERE (forecast_accuracy_by_horizon.during IS NULL OR s.during && forecast_accuracy_by_horizon.during)
      AND s.person_id IN (
        SELECT who.person_id
        FROM chosen AS at_day
        CROSS JOIN LATERAL report_on(forecast_accuracy_by_horizon.person, at_day.today) AS who)
    GROUP BY s.person_id, s.judgement, s.category, s.days_ahead
  )
  SELECT who.code, who.name, j.judgement, j.category, category_position(j.category), j.days_ahead,
    (j.result).n, (j.result).forecast::numeric(20,4), (j.result).actual::numeric(20,4),
    (j.result).absolute_error::numeric(20,4), (j.result).wape, (j.result).mape, (j.result).mape_n,
    (j.result).bias, (j.result).tracking_signal
  FROM judged AS j
  JOIN person AS who ON who.person_id = j.person_id;
END;
COMMENT ON FUNCTION forecast_accuracy_by_horizon(timestamptz, text, daterange, jsonb) IS
'Size and direction of the errors of the forecasts that stood so many days before each ended period closed (setting forecast_days_ahead), by person, judgement and category; during: periods that overlap it, all by default';

CREATE VIEW forecast_accuracy_by_horizon WITH (security_invoker) AS
SELECT person, person_name, judgement, category, category_position, days_ahead, n,
  forecast::numeric(20,4), actual::numeric(20,4), absolute_error::numeric(20,4), wape, mape, mape_n, bias, tracking_signal
FROM forecast_accuracy_by_horizon();
COMMENT ON VIEW forecast_accuracy_by_horizon IS 'How reliable is each person''s forecast in each category, so many days before the period ends?';
COMMENT ON COLUMN forecast_accuracy_by_horizon.person IS 'Code of the person whose bookings were forecast';
COMMENT ON COLUMN forecast_accuracy_by_horizon.person_name IS 'Name of the person';
COMMENT ON COLUMN forecast_accuracy_by_horizon.judgement IS 'Who judged: rep, or manager for the rep';
COMMENT ON COLUMN forecast_accuracy_by_horizon.category IS 'Category of the forecasts; each as it was submitted, those of surer categories included';
COMMENT ON COLUMN forecast_accuracy_by_horizon.category_position IS 'Order of the category, 1 for the surest';
COMMENT ON COLUMN forecast_accuracy_by_horizon.days_ahead IS 'Days before the end of the period; of each period the last forecast submitted by then counts';
COMMENT ON COLUMN forecast_accuracy_by_horizon.n IS 'Periods forecast by then that have ended';
COMMENT ON COLUMN forecast_accuracy_by_horizon.forecast IS 'Sum of the forecasts';
COMMENT ON COLUMN forecast_accuracy_by_horizon.actual IS 'Sum of the bookings of these periods';
COMMENT ON COLUMN forecast_accuracy_by_horizon.absolute_error IS 'Sum of |forecast - actual|';
COMMENT ON COLUMN forecast_accuracy_by_horizon.wape IS 'absolute_error / sum of |actual|, as a share';
COMMENT ON COLUMN forecast_accuracy_by_horizon.mape IS 'Mean of |forecast - actual| / |actual| over the periods with bookings, as a share';
COMMENT ON COLUMN forecast_accuracy_by_horizon.mape_n IS 'Periods with bookings';
COMMENT ON COLUMN forecast_accuracy_by_horizon.bias IS '(forecast - actual) / |actual| of the sums: positive for happy ears, negative for sandbagging';
COMMENT ON COLUMN forecast_accuracy_by_horizon.tracking_signal IS 'Sum of (forecast - actual) / mean of |forecast - actual|: beyond 4 either way the errors are no accident';

CREATE FUNCTION forecast_accuracy_by_manager(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, judgement text, category text, category_position int, days_ahead int,
  reps int8, n int8, forecast numeric, actual numeric, absolute_error numeric, wape float8, bias float8, tracking_signal float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, book_date(forecast_accuracy_by_manager.as_of, given.options) AS today
    FROM settings(forecast_accuracy_by_manager.options, forecast_accuracy_by_manager.as_of) AS given (options)
  ),
  judged AS (
    SELECT s.manager_id, s.judgement, s.category, s.days_ahead, count(DISTINCT s.person_id) AS reps,
      forecast_accuracy(s.forecast, s.actual) AS result
    FROM chosen
    CROSS JOIN LATERAL standing_forecast(forecast_accuracy_by_manager.as_of, chosen.options) AS s
    WHERE (forecast_accuracy_by_manager.during IS NULL OR s.during && forecast_accuracy_by_manager.during)
      AND s.manager_id IN (
        SELECT who.person_id
        FROM chosen AS at_day
        CROSS JOIN LATERAL report_on(forecast_accuracy_by_manager.person, at_day.today) AS who)
    GROUP BY s.manager_id, s.judgement, s.category, s.days_ahead
  )
  SELECT who.code, who.name, j.judgement, j.category, category_position(j.category), j.days_ahead,
    j.reps, (j.result).n, (j.result).forecast::numeric(20,4), (j.result).actual::numeric(20,4),
    (j.result).absolute_error::numeric(20,4), (j.result).wape, (j.result).bias, (j.result).tracking_signal
  FROM judged AS j
  JOIN person AS who ON who.person_id = j.manager_id;
END;
COMMENT ON FUNCTION forecast_accuracy_by_manager(timestamptz, text, daterange, jsonb) IS
'forecast_accuracy_by_horizon over all who reported to a manager on the first day of each period; person: managers among that person and everybody below';

CREATE VIEW forecast_accuracy_by_manager WITH (security_invoker) AS
SELECT person, person_name, judgement, category, category_position, days_ahead, reps, n,
  forecast::numeric(20,4), actual::numeric(20,4), absolute_error::numeric(20,4), wape, bias, tracking_signal
FROM forecast_accuracy_by_manager();
COMMENT ON VIEW forecast_accuracy_by_manager IS 'How reliable are the forecasts of each manager''s reps, and the manager''s own of them, so many days before the period ends?';
COMMENT ON COLUMN forecast_accuracy_by_manager.person IS 'Code of the manager';
COMMENT ON COLUMN forecast_accuracy_by_manager.person_name IS 'Name of the manager';
COMMENT ON COLUMN forecast_accuracy_by_manager.judgement IS 'Who judged: rep, or manager for the rep';
COMMENT ON COLUMN forecast_accuracy_by_manager.category IS 'Category of the forecasts';
COMMENT ON COLUMN forecast_accuracy_by_manager.category_position IS 'Order of the category, 1 for the surest';
COMMENT ON COLUMN forecast_accuracy_by_manager.days_ahead IS 'Days before the end of the period; of each period the last forecast submitted by then counts';
COMMENT ON COLUMN forecast_accuracy_by_manager.reps IS 'People whose bookings were forecast';
COMMENT ON COLUMN forecast_accuracy_by_manager.n IS 'Their periods forecast by then that have ended';
COMMENT ON COLUMN forecast_accuracy_by_manager.forecast IS 'Sum of the forecasts';
COMMENT ON COLUMN forecast_accuracy_by_manager.actual IS 'Sum of the bookings of these periods';
COMMENT ON COLUMN forecast_accuracy_by_manager.absolute_error IS 'Sum of |forecast - actual|, a person and period at a time';
COMMENT ON COLUMN forecast_accuracy_by_manager.wape IS 'absolute_error / sum of |actual|, as a share';
COMMENT ON COLUMN forecast_accuracy_by_manager.bias IS '(forecast - actual) / |actual| of the sums: positive for happy ears, negative for sandbagging';
COMMENT ON COLUMN forecast_accuracy_by_manager.tracking_signal IS 'Sum of (forecast - actual) / mean of |forecast - actual|: beyond 4 either way the errors are no accident';

-- The forecasts and bookings behind the standing forecasts.
CREATE FUNCTION standing_forecast_evidence(as_of timestamptz, during daterange, options jsonb) RETURNS TABLE (
  person_id bigint, manager_id bigint, judgement text, category text, days_ahead int,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH standing AS MATERIALIZED (
    SELECT s.*
    FROM standing_forecast(standing_forecast_evidence.as_of, standing_forecast_evidence.options) AS s
    WHERE standing_forecast_evidence.during IS NULL OR s.during && standing_forecast_evidence.during
  )
  SELECT s.person_id, s.manager_id, s.judgement, s.category, s.days_ahead, figure.figure, 'forecast', s.source_code, s.submitted_at, figure.value
  FROM standing AS s
  CROSS JOIN LATERAL (VALUES ('n', 1), ('forecast', s.forecast)) AS figure (figure, value)
  UNION ALL
  SELECT s.person_id, s.manager_id, s.judgement, s.category, s.days_ahead, 'actual', 'booking', booking.code,
    book_midnight(credited.booked_on, standing_forecast_evidence.options), credited.amount
  FROM standing AS s
  JOIN credited_booking AS credited
    ON credited.person_id = s.person_id
    AND credited.booked_on >= lower(s.during) AND credited.booked_on < upper(s.during)
  JOIN booking ON booking.booking_id = credited.booking_id;
END;
COMMENT ON FUNCTION standing_forecast_evidence(timestamptz, daterange, jsonb) IS
'The forecasts and bookings that forecast_accuracy_by_horizon and forecast_accuracy_by_manager are made of';

CREATE FUNCTION standing_forecast_evidence_of(
  by_manager boolean, as_of timestamptz, person text, during daterange, options jsonb)
RETURNS TABLE (person text, judgement text, category text, days_ahead int,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options
    FROM settings(standing_forecast_evidence_of.options, standing_forecast_evidence_of.as_of) AS given (options)
  )
  SELECT who.code, e.judgement, e.category, e.days_ahead, e.figure, e.source, e.source_code, e.at, e.value
  FROM chosen
  CROSS JOIN LATERAL standing_forecast_evidence(standing_forecast_evidence_of.as_of,
    standing_forecast_evidence_of.during, chosen.options) AS e
  JOIN person AS who
    ON who.person_id = CASE WHEN standing_forecast_evidence_of.by_manager THEN e.manager_id ELSE e.person_id END
  WHERE who.person_id IN (
    SELECT r.person_id
    FROM chosen AS given
    CROSS JOIN LATERAL report_on(standing_forecast_evidence_of.person,
      book_date(standing_forecast_evidence_of.as_of, given.options)) AS r);
END;
COMMENT ON FUNCTION standing_forecast_evidence_of(boolean, timestamptz, text, daterange, jsonb) IS
'The same under the code of the person, or of who led the person';

CREATE FUNCTION forecast_accuracy_by_horizon_evidence(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, judgement text, category text, days_ahead int,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT *
  FROM standing_forecast_evidence_of(false, forecast_accuracy_by_horizon_evidence.as_of,
    forecast_accuracy_by_horizon_evidence.person, forecast_accuracy_by_horizon_evidence.during, forecast_accuracy_by_horizon_evidence.options);
END;
COMMENT ON FUNCTION forecast_accuracy_by_horizon_evidence(timestamptz, text, daterange, jsonb) IS
'The forecasts and bookings that each figure of forecast_accuracy_by_horizon is made of';

CREATE FUNCTION forecast_accuracy_by_manager_evidence(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, judgement text, category text, days_ahead int,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT *
  FROM standing_forecast_evidence_of(true, forecast_accuracy_by_manager_evidence.as_of,
    forecast_accuracy_by_manager_evidence.person, forecast_accuracy_by_manager_evidence.during, forecast_accuracy_by_manager_evidence.options);
END;
COMMENT ON FUNCTION forecast_accuracy_by_manager_evidence(timestamptz, text, daterange, jsonb) IS
'The forecasts and bookings that each figure of forecast_accuracy_by_manager is made of';
