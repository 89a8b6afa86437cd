-- What was forecast against what was booked.

CREATE FUNCTION submitted_forecast(as_of timestamptz, person text, during daterange, options jsonb)
RETURNS TABLE (person_id bigint, judge_id bigint, judgement text, category text, during daterange, amount numeric,
  source_code text, submitted_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH given AS MATERIALIZED (
    SELECT book_date(submitted_forecast.as_of, submitted_forecast.options) AS day
  ),
  submitted AS (
    SELECT DISTINCT ON (f.person_id, f.judgement, f.during)
      f.*
    FROM given
    JOIN forecast AS f
      ON f.category = submitted_forecast.options ->> 'forecast_category'
      AND upper(f.during) <= given.day
      AND f.submitted_at <= submitted_forecast.as_of
      AND f.submitted_at < book_midnight(
        lower(f.during) + (submitted_forecast.options ->> 'forecast_grace_days')::numeric::int, submitted_forecast.options)
    WHERE (submitted_forecast.during IS NULL OR f.during && submitted_forecast.during)
      AND f.person_id IN (
        SELECT r.person_id
        FROM given AS today
        CROSS JOIN LATERAL report_on(submitted_forecast.person, today.day) AS r)
    ORDER BY f.person_id, f.judgement, f.during, f.submitted_at DESC, f.forecast_id DESC
  )
  SELECT s.person_id, coalesce(s.submitted_by, CASE s.judgement WHEN 'rep' THEN s.person_id ELSE line.manager_id END),
    s.judgement, s.category, s.during, s.amount, coalesce(s.code, s.forecast_id::text), s.submitted_at
  FROM submitted AS s
  LEFT JOIN reporting_line AS line
    ON line.person_id = s.person_id AND line.during @> book_date(s.submitted_at, submitted_forecast.options);
END;
COMMENT ON FUNCTION submitted_forecast(timestamptz, text, daterange, jsonb) IS
'The last forecast in time for each period that has ended, and who judged; options as settings() gives them';

CREATE FUNCTION forecast_error(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, manager text, judgement text, category text,
  period_from date, period_until date, submitted_on date, forecast numeric, actual numeric,
  error numeric, absolute_error numeric, error_rate float8, judge text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH called AS MATERIALIZED (
    SELECT settings(options, as_of) AS options
  ),
  given AS MATERIALIZED (
    SELECT called.options, book_date(as_of, called.options) AS day
    FROM called
  ),
  submitted AS MATERIALIZED (
    SELECT f.*, book_date(f.submitted_at, given.options) AS submitted_on
    FROM given
    CROSS JOIN LATERAL submitted_forecast(as_of, forecast_error.person, forecast_error.during, given.options) AS f
  ),
  booked AS MATERIALIZED (
    SELECT span.person_id, span.during, sum(booking.amount) AS amount
    FROM (SELECT DISTINCT submitted.person_id, submitted.during FROM submitted) AS span
    CROSS JOIN LATERAL credited_to(span.person_id, lower(span.during), upper(span.during)) AS booking
    GROUP BY span.person_id, span.during
  ),
  line AS MATERIALIZED (
    SELECT span.during, first.person_id, first.manager_id
    FROM (SELECT DISTINCT submitted.during FROM submitted) AS span
    CROSS JOIN given
    CROSS JOIN LATERAL first_line(span.during, given.day) AS first
  )
  SELECT rep.code, rep.name, boss.code, submitted.judgement, submitted.category,
    lower(submitted.during), upper(submitted.during), submitted.submitted_on,
    -- not rounded: forecast_accuracy and forecast_value_added add these up
    submitted.amount, coalesce(booked.amount, 0),
    submitted.amount - coalesce(booked.amount, 0),
    abs(submitted.amount - coalesce(booked.amount, 0)),
    ((submitted.amount - booked.amount) / nullif(abs(booked.amount), 0))::float8, judge.code
  FROM submitted
  JOIN person AS rep ON rep.person_id = submitted.person_id
  LEFT JOIN booked ON booked.person_id = submitted.person_id AND booked.during = submitted.during
  LEFT JOIN line ON line.person_id = submitted.person_id AND line.during = submitted.during
  LEFT JOIN person AS boss ON boss.person_id = line.manager_id
  LEFT JOIN person AS judge ON judge.person_id = submitted.judge_id;
END;
COMMENT ON FUNCTION forecast_error(timestamptz, text, daterange, jsonb) IS
'The last forecast in time for each period that has ended (settings forecast_category, forecast_grace_days) against its bookings';

CREATE VIEW forecast_error WITH (security_invoker) AS
SELECT person, person_name, manager, judgement, category, period_from, period_until, submitted_on,
  forecast::numeric(20,4), actual::numeric(20,4), error::numeric(20,4),
  absolute_error::numeric(20,4), error_rate, judge
FROM forecast_error();
COMMENT ON VIEW forecast_error IS 'How far was each forecast from what was then booked?';
COMMENT ON COLUMN forecast_error.person IS 'Code of the person whose bookings were forecast';
COMMENT ON COLUMN forecast_error.person_name IS 'Name of the person';
COMMENT ON COLUMN forecast_error.manager IS 'Code of the manager on the first day of the period on which there was one';
COMMENT ON COLUMN forecast_error.judgement IS 'Who judged: rep, or manager for the rep';
COMMENT ON COLUMN forecast_error.category IS 'Category of the forecast';
COMMENT ON COLUMN forecast_error.period_from IS 'First day of the forecast period';
COMMENT ON COLUMN forecast_error.period_until IS 'Day after the last of the forecast period';
COMMENT ON COLUMN forecast_error.submitted_on IS 'Day of the submission that counts: the last one in time';
COMMENT ON COLUMN forecast_error.forecast IS 'Bookings forecast';
COMMENT ON COLUMN forecast_error.actual IS 'Bookings of the period';
COMMENT ON COLUMN forecast_error.error IS 'forecast - actual; positive where too much was promised';
COMMENT ON COLUMN forecast_error.absolute_error IS 'The error without its sign';
COMMENT ON COLUMN forecast_error.error_rate IS 'error / |actual|; empty where nothing was booked';
COMMENT ON COLUMN forecast_error.judge IS 'Code of who judged: who submitted it, or else the rep, or the manager of the day it was submitted';

CREATE FUNCTION forecast_accuracy(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, person_name text, judgement text, category text, n bigint,
  forecast numeric, actual numeric, absolute_error numeric, wape float8, mape float8, mape_n bigint,
  bias float8, tracking_signal float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH error AS (
    SELECT e.*
    FROM forecast_error(as_of, forecast_accuracy.person, forecast_accuracy.during, options) AS e
  )
  SELECT judged.person, judged.person_name, judged.judgement, judged.category, (judged.result).n,
    (judged.result).forecast::numeric(20,4), (judged.result).actual::numeric(20,4),
    (judged.result).absolute_error::numeric(20,4), (judged.result).wape, (judged.result).mape,
    (judged.result).mape_n, (judged.result).bias, (judged.result).tracking_signal
  FROM (
    SELECT error.person, error.person_name, error.judgement, error.category,
      forecast_accuracy(error.forecast, error.actual) AS result
    FROM error
    -- Who forecasts quarters and their months is judged by the months alone.
    WHERE NOT EXISTS (
      SELECT
      FROM error AS part
      WHERE part.person = error.person
        AND part.judgement = error.judgement
        AND part.period_from >= error.period_from
        AND part.period_until <= error.period_until
        AND (part.period_from, part.period_until) <> (error.period_from, error.period_until))
    GROUP BY error.person, error.person_name, error.judgement, error.category
  ) AS judged;
END;
COMMENT ON FUNCTION forecast_accuracy(timestamptz, text, daterange, jsonb) IS
'Size and direction of each person''s forecast errors over the periods that have ended; of nested periods the shortest count';

CREATE VIEW forecast_accuracy WITH (security_invoker) AS
SELECT person, person_name, judgement, category, n, forecast::numeric(20,4), actual::numeric(20,4),
  absolute_error::numeric(20,4), wape, mape, mape_n, bias, tracking_signal
FROM forecast_accuracy();
COMMENT ON VIEW forecast_accuracy IS 'How reliable is each person''s forecast, and does it promise too much or too little?';
COMMENT ON COLUMN forecast_accuracy.person IS 'Code of the person whose bookings were forecast';
COMMENT ON COLUMN forecast_accuracy.person_name IS 'Name of the person';
COMMENT ON COLUMN forecast_accuracy.judgement IS 'Who judged: rep, or manager for the rep';
COMMENT ON COLUMN forecast_accuracy.category IS 'Category of the forecasts';
COMMENT ON COLUMN forecast_accuracy.n IS 'Periods forecast in time that have ended';
COMMENT ON COLUMN forecast_accuracy.forecast IS 'Sum of the forecasts';
COMMENT ON COLUMN forecast_accuracy.actual IS 'Sum of the bookings of these periods';
COMMENT ON COLUMN forecast_accuracy.absolute_error IS 'Sum of |forecast - actual|';
COMMENT ON COLUMN forecast_accuracy.wape IS 'Weighted absolute percentage error: absolute_error / sum of |actual|, as a share';
COMMENT ON COLUMN forecast_accuracy.mape IS 'Mean of |forecast - actual| / |actual| over the periods with bookings, as a share';
COMMENT ON COLUMN forecast_accuracy.mape_n IS 'Periods with bookings';
COMMENT ON COLUMN forecast_accuracy.bias IS '(forecast - actual) / |actual| of the sums: positive for happy ears, negative for sandbagging';
COMMENT ON COLUMN forecast_accuracy.tracking_signal IS 'Sum of (forecast - actual) / mean of |forecast - actual|: beyond 4 either way the errors are no accident';

CREATE FUNCTION forecast_error_evidence(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, judgement text, period_from date, period_until date,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH given AS MATERIALIZED (
    SELECT called.options
    FROM settings(forecast_error_evidence.options, forecast_error_evidence.as_of) AS called (options)
  ),
  submitted AS MATERIALIZED (
    SELECT f.*
    FROM given
    CROSS JOIN LATERAL submitted_forecast(forecast_error_evidence.as_of, forecast_error_evidence.person,
      forecast_error_evidence.during, given.options) AS f
  ),
  counted AS (
    SELECT s.person_id, s.judgement, s.during, 'forecast' AS figure, 'forecast' AS source, s.source_code, s.submitted_at AS at, s.amount AS value
    FROM submitted AS s
    UNION ALL
    SELECT s.person_id, s.judgement, s.during, 'actual', 'booking', booking.code, book_midnight(credited.booked_on, given.options), credited.amount
    FROM given
    CROSS JOIN submitted AS s
    JOIN credited_booking AS credited
      ON credited.person_id = s.person_id
      AND credited.booked_on >= lower(s.during) AND credited.booked_on < upper(s.during)
    JOIN booking ON booking.booking_id = credited.booking_id
  )
  SELECT who.code, counted.judgement, lower(counted.during), upper(counted.during), figure.figure,
    counted.source, counted.source_code, counted.at, figure.value
  FROM counted
  JOIN person AS who ON who.person_id = counted.person_id
  CROSS JOIN LATERAL (VALUES
    (counted.figure, counted.value),
    ('error', CASE counted.figure WHEN 'forecast' THEN counted.value ELSE - counted.value END)
  ) AS figure (figure, value);
END;
COMMENT ON FUNCTION forecast_error_evidence(timestamptz, text, daterange, jsonb) IS
'The forecasts and bookings that each figure of forecast_error is made of';

CREATE FUNCTION forecast_accuracy_evidence(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (person text, judgement text,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH e AS MATERIALIZED (
    SELECT each.*
    FROM forecast_error_evidence(forecast_accuracy_evidence.as_of, forecast_accuracy_evidence.person,
      forecast_accuracy_evidence.during, forecast_accuracy_evidence.options) AS each
  ),
  period AS (
    SELECT DISTINCT e.person, e.judgement, e.period_from, e.period_until
    FROM e
  ),
  -- of nested periods the shortest, as in the report
  shortest AS MATERIALIZED (
    SELECT whole.*
    FROM period AS whole
    WHERE NOT EXISTS (
      SELECT
      FROM period AS part
      WHERE part.person = whole.person
        AND part.judgement = whole.judgement
        AND part.period_from >= whole.period_from
        AND part.period_until <= whole.period_until
        AND (part.period_from, part.period_until) <> (whole.period_from, whole.period_until))
  )
  SELECT e.person, e.judgement, figure.figure, e.source, e.source_code, e.at, figure.value
  FROM e
  JOIN shortest AS s USING (person, judgement, period_from, period_until)
  CROSS JOIN LATERAL (VALUES
    (e.figure, e.value), (CASE e.figure WHEN 'forecast' THEN 'n' END, 1)
  ) AS figure (figure, value)
  WHERE e.figure <> 'error' AND figure.figure IS NOT NULL;
END;
COMMENT ON FUNCTION forecast_accuracy_evidence(timestamptz, text, daterange, jsonb) IS
'The forecasts and bookings that each figure of forecast_accuracy is made of';
