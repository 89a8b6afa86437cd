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
  IF coalesce(reset_plan.reason, '') !~ '[^[:space:]]' THEN
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
CREATE FUNCTION plan_worker(as_of timestamptz, day date) RETURNS TABLE (plan_id bigint, person_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH RECURSIVE known AS MATERIALIZED (
    SELECT p.plan_id, p.parent_id, p.kind, p.person_id
    FROM known_plan(plan_worker.as_of, plan_worker.day) AS p
  ),
  shared AS MATERIALIZED (
    SELECT s.plan_id
    FROM shared_out(plan_worker.as_of, plan_worker.day) AS s
  ),
  below (plan_id, part_id) AS (
    SELECT p.plan_id, p.plan_id
    FROM known AS p
    UNION
    SELECT below.plan_id, part.plan_id
    FROM below
    JOIN known AS whole ON whole.plan_id = below.part_id
    JOIN known AS part ON part.parent_id = whole.plan_id AND part.kind = whole.kind
  )
  SELECT DISTINCT below.plan_id, p.person_id
  FROM below
  JOIN known AS p ON p.plan_id = below.part_id
  WHERE p.plan_id NOT IN (SELECT shared.plan_id FROM shared);
END;
COMMENT ON FUNCTION plan_worker(timestamptz, date) IS
'Who is to reach each plan known at that instant, which is on day: its person, or, where it is shared out, those with a part of it at the lowest level';

CREATE FUNCTION plan_case(as_of timestamptz, options jsonb, plan_ids bigint[], metric_ids bigint[], spans daterange[])
RETURNS TABLE (plan_id bigint, metric_id bigint, during daterange,
  source text, source_id bigint, day date, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH asked AS MATERIALIZED (
    SELECT q.plan_id, q.metric_id, q.during, worker.person_id
    FROM unnest(plan_case.plan_ids, plan_case.metric_ids, plan_case.spans) AS q (plan_id, metric_id, during)
    JOIN plan_worker(plan_case.as_of, book_date(plan_case.as_of, plan_case.options)) AS worker ON worker.plan_id = q.plan_id
  )
  SELECT asked.plan_id, asked.metric_id, asked.during, c.source, c.source_id, c.day, c.value
  FROM (
    SELECT array_agg(a.person_id) AS person_ids, array_agg(a.metric_id) AS metric_ids, array_agg(a.during) AS spans
    FROM asked AS a
  ) AS who
  CROSS JOIN LATERAL metric_case(
    plan_case.as_of, plan_case.options, who.person_ids, who.metric_ids, who.spans) AS c
  JOIN asked
    ON asked.person_id = c.person_id
    AND asked.metric_id = c.metric_id
    AND asked.during = c.during;
END;
COMMENT ON FUNCTION plan_case(timestamptz, jsonb, bigint[], bigint[], daterange[]) IS
'What counts toward a metric of each plan and span, case by case, of all who are to reach the plan; options as settings() gives them';

CREATE FUNCTION plan_reset(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (plan text, metric text, period_from date, period_until date, person text, person_name text,
  unit text, higher_is_better boolean, original numeric, target numeric, change numeric, change_rate float8,
  resets int8, first_reset_at timestamptz, last_reset_at timestamptz, reasons text, sessions text,
  actual numeric, n int8, original_attainment float8, attainment float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, book_date(plan_reset.as_of, given.options) AS today
    FROM settings(plan_reset.options, plan_reset.as_of) AS given (options)
  ),
  reset AS MATERIALIZED (
    SELECT p.plan_id, p.code, p.person_id, m.metric_id, m.code AS metric, m.unit, m.higher_is_better,
      t.during, t.original, t.target, t.resets, t.first_reset_at, t.last_reset_at, t.reasons, t.sessions
    FROM reset_target(plan_reset.as_of) AS t
    JOIN plan AS p ON p.plan_id = t.plan_id
    JOIN metric AS m ON m.metric_id = t.metric_id
    -- the settings first: they refuse an as_of that is NULL
    WHERE (SELECT given.today FROM chosen AS given) IS NOT NULL
      AND (plan_reset.during IS NULL OR t.during && plan_reset.during)
      AND p.person_id IN (
        SELECT who.person_id
        FROM chosen
        CROSS JOIN LATERAL report_on(plan_reset.person, chosen.today) AS who)
  ),
  counted AS (
    SELECT c.plan_id, c.metric_id, c.during, count(*) AS n, sum(c.value) AS total, avg(c.value) AS mean,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY c.value::float8) AS median
    FROM chosen
    CROSS JOIN (
      SELECT array_agg(r.plan_id) AS plan_ids, array_agg(r.metric_id) AS metric_ids, array_agg(r.during) AS spans
      FROM reset AS r
    ) AS asked
    CROSS JOIN LATERAL plan_case(
      plan_reset.as_of, chosen.options, asked.plan_ids, asked.metric_ids, asked.spans) AS c
    GROUP BY c.plan_id, c.metric_id, c.during
  )
  SELECT reset.code, reset.metric, lower(reset.during), upper(reset.during), who.code, who.name,
    reset.unit, reset.higher_is_better, reset.original, reset.target, reset.target - reset.original,
    ((reset.target - reset.original) / nullif(abs(reset.original), 0))::float8,
    reset.resets, reset.first_reset_at, reset.last_reset_at, reset.reasons, reset.sessions,
    figure.actual, coalesce(counted.n, 0),
    reached_of(figure.actual, reset.original, reset.higher_is_better),
    reached_of(figure.actual, reset.target, reset.higher_is_better)
  FROM reset
  JOIN person AS who ON who.person_id = reset.person_id
  LEFT JOIN counted
    ON counted.plan_id = reset.plan_id
    AND counted.metric_id = reset.metric_id
    AND counted.during = reset.during
  CROSS JOIN LATERAL (
    SELECT reached(reset.metric, reset.unit, counted.total, counted.mean, counted.median)
  ) AS figure (actual)
  ORDER BY reset.code, reset.metric, reset.during;
END;
COMMENT ON FUNCTION plan_reset(timestamptz, text, daterange, jsonb) IS
'The targets that were reset, with what was reached against the first and the newest revision; during: targets that overlap it, all by default; person: whose plan it is';

CREATE VIEW plan_reset WITH (security_invoker) AS
SELECT plan, metric, period_from, period_until, person, person_name, unit, higher_is_better,
  original::numeric(20,4), target::numeric(20,4), change::numeric(20,4), change_rate,
  resets, first_reset_at, last_reset_at, reasons, sessions,
  actual::numeric(20,4), n, original_attainment, attainment
FROM plan_reset();
COMMENT ON VIEW plan_reset IS 'Which targets were reset, why, and how does each stand against what was asked first and what is asked now?';
COMMENT ON COLUMN plan_reset.plan IS 'Code of the plan';
COMMENT ON COLUMN plan_reset.metric IS 'Code of the metric the target is of';
COMMENT ON COLUMN plan_reset.period_from IS 'First day of the target''s period';
COMMENT ON COLUMN plan_reset.period_until IS 'Day after the last of the target''s period';
COMMENT ON COLUMN plan_reset.person IS 'Code of the person whose plan it is';
COMMENT ON COLUMN plan_reset.person_name IS 'Name of the person';
COMMENT ON COLUMN plan_reset.unit IS 'Unit of the metric: money, count, rate (0..1), days or hours';
COMMENT ON COLUMN plan_reset.higher_is_better IS 'Whether more is better';
COMMENT ON COLUMN plan_reset.original IS 'Base target in its first revision';
COMMENT ON COLUMN plan_reset.target IS 'Base target in its newest revision';
COMMENT ON COLUMN plan_reset.change IS 'target - original';
COMMENT ON COLUMN plan_reset.change_rate IS 'change / |original|; empty for an original of 0';
COMMENT ON COLUMN plan_reset.resets IS 'How often it was reset';
COMMENT ON COLUMN plan_reset.first_reset_at IS 'When the second revision came into force';
COMMENT ON COLUMN plan_reset.last_reset_at IS 'When the newest revision came into force';
COMMENT ON COLUMN plan_reset.reasons IS 'Why, oldest first';
COMMENT ON COLUMN plan_reset.sessions IS 'Codes of the coaching sessions in which it was reset, oldest first';
COMMENT ON COLUMN plan_reset.actual IS 'What the person reached in the period so far, counted as in target_attainment; where the plan is shared out, those who have a part of it together; empty without a case where 0 would say something else';
COMMENT ON COLUMN plan_reset.n IS 'Bookings, deals, activities or imported actuals it rests on';
COMMENT ON COLUMN plan_reset.original_attainment IS '1 + (actual - original) / |original|, the other way round where less is better; empty for an original of 0';
COMMENT ON COLUMN plan_reset.attainment IS 'The same against the newest revision; empty for a target of 0';

CREATE FUNCTION plan_reset_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (plan text, metric text, period_from date, period_until date,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT given.options, book_date(plan_reset_evidence.as_of, given.options) AS today
    FROM settings(plan_reset_evidence.options, plan_reset_evidence.as_of) AS given (options)
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
  SELECT shown.plan, shown.metric, shown.period_from, shown.period_until, part.figure, c.source,
    coalesce(b.code, o.code, act.code, a.code, c.source_id::text), book_midnight(c.day, chosen.options), part.value
  FROM chosen
  CROSS JOIN (
    SELECT every_case.*,
      row_number() OVER (PARTITION BY every_case.plan_id, every_case.metric_id, every_case.during
        ORDER BY every_case.value, every_case.source_id) AS place,
      count(*) OVER (PARTITION BY every_case.plan_id, every_case.metric_id, every_case.during) AS n
    FROM chosen AS given
    CROSS JOIN (
      SELECT array_agg(s.plan_id) AS plan_ids, array_agg(s.metric_id) AS metric_ids, array_agg(s.span) AS spans
      FROM shown AS s
    ) AS asked
    CROSS JOIN LATERAL plan_case(
      plan_reset_evidence.as_of, given.options, asked.plan_ids, asked.metric_ids, asked.spans) AS every_case
  ) AS c
  JOIN shown ON shown.plan_id = c.plan_id AND shown.metric_id = c.metric_id AND shown.span = c.during
  LEFT JOIN booking AS b ON c.source = 'booking' AND b.booking_id = c.source_id
  LEFT JOIN opportunity AS o ON c.source = 'opportunity' AND o.opportunity_id = c.source_id
  LEFT JOIN activity AS act ON c.source = 'activity' AND act.activity_id = c.source_id
  LEFT JOIN actual AS a ON c.source = 'actual' AND a.actual_id = c.source_id
  CROSS JOIN LATERAL (VALUES
    ('actual', reached_part(shown.metric, shown.unit, c.value, c.place, c.n)), ('n', 1)) AS part (figure, value);
END;
COMMENT ON FUNCTION plan_reset_evidence(timestamptz, text, daterange, jsonb) IS
'The revisions and the cases that each figure of plan_reset counted; the value of a case is its part of the sum, mean or median';
