-- A target is reset by its next revision: what was asked first is never lost.

CREATE FUNCTION reset_plan(
  plan text, metric text, during daterange, target numeric, reason text,
  session text DEFAULT NULL, level text DEFAULT 'base', revised_at timestamptz DEFAULT now())
RETURNS int
LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $$
#variable_conflict use_column
DECLARE
  plan_key CONSTANT bigint := plan_called(plan);
  metric_key CONSTANT bigint := metric_called(metric);
  session_key CONSTANT bigint := session_called(session);
  newest int;
BEGIN
  IF coalesce(reset_plan.reason, '') !~ '\S' THEN
    RAISE EXCEPTION 'plan % cannot be reset without a reason', reset_plan.plan
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Say what has changed: whoever reads the original beside it will ask.';
  END IF;
  -- Two resets of one plan come one after the other.
  PERFORM FROM plan AS p WHERE p.plan_id = plan_key FOR NO KEY UPDATE;
  SELECT max(t.revision) INTO newest
  FROM plan_target AS t
  WHERE t.plan_id = plan_key AND t.metric_id = metric_key
    AND t.during = reset_plan.during AND t.level = reset_plan.level;
  IF newest IS NULL THEN
    RAISE EXCEPTION 'plan % has no % target of % for %',
        reset_plan.plan, reset_plan.level, reset_plan.metric, reset_plan.during
      USING ERRCODE = 'invalid_parameter_value',
        HINT = (
          SELECT CASE WHEN count(*) > 0 THEN 'It has one for ' || string_agg(DISTINCT t.during::text, ', ' ORDER BY t.during::text) || '.'
            ELSE 'Insert the original into plan_target.' END
          FROM plan_target AS t
          WHERE t.plan_id = plan_key AND t.metric_id = metric_key AND t.level = reset_plan.level);
  END IF;
  INSERT INTO plan_target (plan_id, metric_id, during, level, revision, target, revised_at, reason, coaching_session_id)
  VALUES (plan_key, metric_key, reset_plan.during, reset_plan.level, newest + 1, reset_plan.target,
    reset_plan.revised_at, reset_plan.reason, session_key);
  RETURN newest + 1;
END $$;
COMMENT ON FUNCTION reset_plan(text, text, daterange, numeric, text, text, text, timestamptz) IS
'Resets a target of a plan by its next revision, which it returns; the original stays, and a reason is asked for';
REVOKE EXECUTE ON FUNCTION reset_plan(text, text, daterange, numeric, text, text, text, timestamptz) FROM PUBLIC;

-- The targets that were reset, with what they were first, are now, and why.
CREATE FUNCTION reset_target(as_of timestamptz) RETURNS TABLE (
  plan_id bigint, metric_id bigint, during daterange, original numeric, target numeric, resets int8,
  first_reset_at timestamptz, last_reset_at timestamptz, reasons text, sessions text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT t.plan_id, t.metric_id, t.during,
    max(t.target) FILTER (WHERE t.revision = 1),
    (array_agg(t.target ORDER BY t.revision DESC))[1],
    count(*) - 1,
    min(t.revised_at) FILTER (WHERE t.revision > 1),
    max(t.revised_at),
    string_agg(t.reason, '; ' ORDER BY t.revision) FILTER (WHERE t.revision > 1),
    string_agg(s.code, ', ' ORDER BY t.revision) FILTER (WHERE t.revision > 1)
  FROM plan_target AS t
  LEFT JOIN coaching_session AS s ON s.coaching_session_id = t.coaching_session_id
  WHERE t.level = 'base' AND t.revised_at <= reset_target.as_of
  GROUP BY t.plan_id, t.metric_id, t.during
  HAVING count(*) > 1;
END;
COMMENT ON FUNCTION reset_target(timestamptz) IS
'The base targets that had been reset by that instant: the first revision, the newest, and what lies between';

-- A plan that is shared out is reached by those who have a part of it.
CREATE FUNCTION plan_worker() RETURNS TABLE (plan_id bigint, person_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH RECURSIVE below (plan_id, part_id) AS (
    SELECT p.plan_id, p.plan_id
    FROM plan AS p
    UNION
    SELECT below.plan_id, part.plan_id
    FROM below
    JOIN plan AS whole ON whole.plan_id = below.part_id
    JOIN plan AS part ON part.parent_id = whole.plan_id AND part.kind = whole.kind
  )
  SELECT DISTINCT below.plan_id, p.person_id
  FROM below
  JOIN plan AS p ON p.plan_id = below.part_id
  WHERE NOT EXISTS (
    SELECT
    FROM plan AS part
    WHERE part.parent_id = p.plan_id
      AND part.kind = p.kind
      AND part.person_id <> p.person_id);
END;
COMMENT ON FUNCTION plan_worker() IS
'Who is to reach each plan: its person, or, where it is shared out, those with a part of it at the lowest level';

CREATE FUNCTION plan_reset(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (plan text, metric text, period_from date, period_until date, person text, person_name text,
  original numeric, target numeric, change numeric, change_rate float8,
  resets int8, first_reset_at timestamptz, last_reset_at timestamptz, reasons text, sessions text,
  actual numeric, original_attainment float8, attainment float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT book_date(plan_reset.as_of, given.options) AS today
    FROM settings(plan_reset.options) AS given (options)
  ),
  reset AS MATERIALIZED (
    SELECT p.plan_id, p.code, p.person_id, m.code AS metric, t.during, t.original, t.target,
      t.resets, t.first_reset_at, t.last_reset_at, t.reasons, t.sessions
    FROM reset_target(plan_reset.as_of) AS t
    JOIN plan AS p ON p.plan_id = t.plan_id
    JOIN metric AS m ON m.metric_id = t.metric_id
    WHERE (plan_reset.during IS NULL OR t.during && plan_reset.during)
      AND p.person_id IN (
        SELECT who.person_id
        FROM chosen
        CROSS JOIN LATERAL report_on(plan_reset.person, chosen.today) AS who)
  ),
  booked AS (
    SELECT reset.plan_id, reset.during, sum(b.amount) AS actual
    FROM chosen
    CROSS JOIN reset
    JOIN plan_worker() AS worker ON worker.plan_id = reset.plan_id
    CROSS JOIN LATERAL credited_to(
      worker.person_id, lower(reset.during), least(upper(reset.during), chosen.today + 1)) AS b
    WHERE reset.metric = 'bookings'
    GROUP BY reset.plan_id, reset.during
  )
  SELECT reset.code, reset.metric, lower(reset.during), upper(reset.during), who.code, who.name,
    reset.original, reset.target, reset.target - reset.original,
    ((reset.target - reset.original) / nullif(abs(reset.original), 0))::float8,
    reset.resets, reset.first_reset_at, reset.last_reset_at, reset.reasons, reset.sessions,
    figure.actual,
    (1 + (figure.actual - reset.original) / nullif(abs(reset.original), 0))::float8,
    (1 + (figure.actual - reset.target) / nullif(abs(reset.target), 0))::float8
  FROM reset
  JOIN person AS who ON who.person_id = reset.person_id
  LEFT JOIN booked ON booked.plan_id = reset.plan_id AND booked.during = reset.during
  CROSS JOIN LATERAL (
    SELECT CASE WHEN reset.metric = 'bookings' THEN coalesce(booked.actual, 0) END
  ) AS figure (actual)
  ORDER BY reset.code, reset.metric, reset.during;
END;
COMMENT ON FUNCTION plan_reset(timestamptz, text, daterange, jsonb) IS
'The targets that were reset, with the bookings against the first and the newest revision; during: targets that overlap it, all by default; person: whose plan it is';

CREATE VIEW plan_reset WITH (security_invoker) AS
SELECT plan, metric, period_from, period_until, person, person_name,
  original::numeric(20,4), target::numeric(20,4), change::numeric(20,4), change_rate,
  resets, first_reset_at, last_reset_at, reasons, sessions,
  actual::numeric(20,4), original_attainment, attainment
FROM plan_reset();
COMMENT ON VIEW plan_reset IS 'Which targets were reset, why, and how does each stand against what was asked first and what is asked now?';
COMMENT ON COLUMN plan_reset.plan IS 'Code of the plan';
COMMENT ON COLUMN plan_reset.metric IS 'Code of the metric the target is of';
COMMENT ON COLUMN plan_reset.period_from IS 'First day of the target''s period';
COMMENT ON COLUMN plan_reset.period_until IS 'Day after the last of the target''s period';
COMMENT ON COLUMN plan_reset.person IS 'Code of the person whose plan it is';
COMMENT ON COLUMN plan_reset.person_name IS 'Name of the person';
COMMENT ON COLUMN plan_reset.original IS 'Base target in its first revision';
COMMENT ON COLUMN plan_reset.target IS 'Base target in its newest revision';
COMMENT ON COLUMN plan_reset.change IS 'target - original';
COMMENT ON COLUMN plan_reset.change_rate IS 'change / |original|; empty for an original of 0';
COMMENT ON COLUMN plan_reset.resets IS 'How often it was reset';
COMMENT ON COLUMN plan_reset.first_reset_at IS 'When the second revision came into force';
COMMENT ON COLUMN plan_reset.last_reset_at IS 'When the newest revision came into force';
COMMENT ON COLUMN plan_reset.reasons IS 'Why, oldest first';
COMMENT ON COLUMN plan_reset.sessions IS 'Codes of the coaching sessions in which it was reset, oldest first';
COMMENT ON COLUMN plan_reset.actual IS 'Bookings of the person in the period so far, or, where the plan is shared out, of those who have a part of it; empty for other metrics';
COMMENT ON COLUMN plan_reset.original_attainment IS 'Bookings against the original, as 1 + (actual - original) / |original|; empty for an original of 0';
COMMENT ON COLUMN plan_reset.attainment IS 'Bookings against the newest revision, as 1 + (actual - target) / |target|; empty for a target of 0';

CREATE FUNCTION plan_reset_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (plan text, metric text, period_from date, period_until date,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, book_date(plan_reset_evidence.as_of, given.options) AS today
    FROM settings(plan_reset_evidence.options) AS given (options)
  ),
  shown AS MATERIALIZED (
    SELECT r.*, p.plan_id, m.metric_id, daterange(r.period_from, r.period_until) AS span
    FROM plan_reset(plan_reset_evidence.as_of, plan_reset_evidence.person, plan_reset_evidence.during,
      plan_reset_evidence.options) AS r
    JOIN plan AS p ON p.code = r.plan
    JOIN metric AS m ON m.code = r.metric
  ),
  revision AS (
    SELECT shown.plan, shown.metric, shown.period_from, shown.period_until, t.revision, t.target, t.revised_at,
      coalesce(t.code, t.plan_target_id::text) AS code, t.revision = shown.resets + 1 AS is_newest
    FROM shown
    JOIN plan_target AS t
      ON t.plan_id = shown.plan_id AND t.metric_id = shown.metric_id AND t.during = shown.span
      AND t.level = 'base' AND t.revised_at <= plan_reset_evidence.as_of
  )
  SELECT r.plan, r.metric, r.period_from, r.period_until, part.figure, 'plan_target', r.code, r.revised_at, part.value
  FROM revision AS r
  CROSS JOIN LATERAL (VALUES
    ('original', r.revision = 1, r.target),
    ('target', r.is_newest, r.target),
    ('change', r.revision = 1, -r.target),
    ('change', r.is_newest, r.target),
    ('resets', r.revision > 1, 1)) AS part (figure, counts, value)
  WHERE part.counts
  UNION ALL
  SELECT shown.plan, shown.metric, shown.period_from, shown.period_until, 'actual', 'booking', booking.code,
    book_midnight(b.booked_on, chosen.options), b.amount
  FROM chosen
  CROSS JOIN shown
  JOIN plan_worker() AS worker ON worker.plan_id = shown.plan_id
  CROSS JOIN LATERAL credited_to(
    worker.person_id, shown.period_from, least(shown.period_until, chosen.today + 1)) AS b
  JOIN booking ON booking.booking_id = b.booking_id
  WHERE shown.metric = 'bookings';
END;
COMMENT ON FUNCTION plan_reset_evidence(timestamptz, text, daterange, jsonb) IS
'The revisions and bookings that each figure of plan_reset counted';
