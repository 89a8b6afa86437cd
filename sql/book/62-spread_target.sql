-- The target of a whole period, split over its months, weeks or quarters.

CREATE FUNCTION plan_called(plan text) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
  found_id bigint;
BEGIN
  SELECT p.plan_id INTO found_id FROM plan AS p WHERE p.code = plan_called.plan;
  IF found_id IS NULL THEN
    RAISE EXCEPTION 'there is no plan "%"', plan
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Give the code of a plan, as in the table plan.';
  END IF;
  RETURN found_id;
END $$;
COMMENT ON FUNCTION plan_called(text) IS 'The key of the plan with this code; an unknown code is refused';

CREATE FUNCTION metric_called(metric text) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
  found_id bigint;
BEGIN
  SELECT m.metric_id INTO found_id FROM metric AS m WHERE m.code = metric_called.metric;
  IF found_id IS NULL THEN
    RAISE EXCEPTION 'there is no metric "%"', metric
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Give the code of a metric, as in the table metric.';
  END IF;
  RETURN found_id;
END $$;
COMMENT ON FUNCTION metric_called(text) IS 'The key of the metric with this code; an unknown code is refused';

-- The calendar of the book where it has one, else the world's; a part that
-- sticks out at an end of the span is cut there.
CREATE FUNCTION period_part(span daterange, kind text) RETURNS TABLE (period text, during daterange)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT p.code, p.during::daterange * period_part.span
  FROM period AS p
  WHERE p.kind = period_part.kind AND p.during && period_part.span
  UNION ALL
  SELECT to_char(first.day, unit.code), daterange(first.day::date, (first.day + unit.length)::date) * period_part.span
  FROM (VALUES
    ('year', 'YYYY', interval '1 year'),
    ('quarter', 'YYYY"Q"Q', interval '3 months'),
    ('month', 'YYYY-MM', interval '1 month'),
    ('week', 'IYYY"W"IW', interval '7 days')) AS unit (kind, code, length)
  CROSS JOIN LATERAL generate_series(
    date_trunc(unit.kind, lower(period_part.span)::timestamp), upper(period_part.span)::timestamp - interval '1 day',
    unit.length) AS first (day)
  WHERE unit.kind = period_part.kind
    AND NOT EXISTS (
      SELECT
      FROM period AS p
      WHERE p.kind = period_part.kind AND p.during && period_part.span);
END;
COMMENT ON FUNCTION period_part(daterange, text) IS
'The periods of one kind that make up a bounded span, cut at its ends: those of the table period, or of the calendar where it has none';

-- A year that is not over would make its end look weak, so the newest ones are
-- taken in which the whole span has passed.  Weeks are compared with those 52
-- weeks before, all else with the same dates.
CREATE FUNCTION season(span daterange, kind text, years int, today date)
RETURNS TABLE (period text, during daterange, booked numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH newest AS MATERIALIZED (
    SELECT min(back.years) AS years
    FROM generate_series(1, 1000) AS back (years)
    WHERE upper(season.span)::timestamp - make_interval(years => back.years) <= season.today + 1
  ),
  past AS (
    SELECT part.period, part.during AS during_now,
      CASE season.kind
        WHEN 'week' THEN daterange(lower(part.during) - 364 * back.years, upper(part.during) - 364 * back.years)
        ELSE daterange(
          (lower(part.during)::timestamp - make_interval(years => back.years))::date,
          (upper(part.during)::timestamp - make_interval(years => back.years))::date)
      END AS during
    FROM newest
    CROSS JOIN period_part(season.span, season.kind) AS part
    CROSS JOIN LATERAL generate_series(newest.years, newest.years + season.years - 1) AS back (years)
  ),
  daily AS MATERIALIZED (
    SELECT b.booked_on, sum(b.amount) AS booked
    FROM booking AS b
    WHERE b.booked_on <= season.today
    GROUP BY b.booked_on
  )
  SELECT past.period, past.during_now, coalesce(sum(daily.booked), 0)
  FROM past
  LEFT JOIN daily ON past.during @> daily.booked_on
  GROUP BY past.period, past.during_now;
END;
COMMENT ON FUNCTION season(daterange, text, int, date) IS
'What everybody booked in each period of a span in the newest years in which the span had passed by today';

-- Each part is the difference of two rounded running totals, so that the parts
-- sum to the whole and none is off by more than one unit of the last digit.
CREATE FUNCTION spread_target(
  plan text, metric text, kind text DEFAULT 'month', target numeric DEFAULT NULL, during daterange DEFAULT NULL,
  shares numeric[] DEFAULT NULL, years int DEFAULT 2, level text DEFAULT 'base',
  reason text DEFAULT NULL, session text DEFAULT NULL, revised_at timestamptz DEFAULT now())
RETURNS TABLE (period text, period_from date, period_until date, share float8, revision int, part numeric)
LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $$
#variable_conflict use_column
DECLARE
  plan_key CONSTANT bigint := plan_called(plan);
  metric_key CONSTANT bigint := metric_called(metric);
  session_key CONSTANT bigint := session_called(session);
  whole numeric := spread_target.target;
  span daterange;
  digits int;
  adds_up boolean;
  weights numeric[];
  parts text[];
  days daterange[];
BEGIN
  SELECT m.unit IN ('money', 'count', 'hours') AND m.code <> 'deal_size', CASE m.unit WHEN 'count' THEN 0 ELSE 2 END
  INTO adds_up, digits
  FROM metric AS m
  WHERE m.metric_id = metric_key;
  IF NOT adds_up THEN
    RAISE EXCEPTION 'a target of % cannot be split', spread_target.metric
      USING ERRCODE = 'invalid_parameter_value',
        DETAIL = 'It does not add up over time.',
        HINT = 'Set the target of each period by itself.';
  END IF;
  -- Two calls for one plan come one after the other.
  SELECT coalesce(spread_target.during, p.during) INTO span
  FROM plan AS p
  WHERE p.plan_id = plan_key
  FOR NO KEY UPDATE;
  IF isempty(span) OR lower_inf(span) OR upper_inf(span) OR NOT isfinite(lower(span)) OR NOT isfinite(upper(span)) THEN
    RAISE EXCEPTION 'a target cannot be split over %', span
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Give the first day and the day after the last, as in ''[2026-01-01,2027-01-01)''.';
  END IF;
  IF spread_target.shares IS NULL AND (spread_target.years IS NULL OR spread_target.years NOT BETWEEN 1 AND 20) THEN
    RAISE EXCEPTION 'a season cannot be learnt from % years', coalesce(spread_target.years::text, 'NULL')
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Use 1 to 20, or give shares.';
  END IF;
  IF NOT (whole > '-Infinity' AND whole < 'Infinity') THEN
    RAISE EXCEPTION 'a target of % cannot be split', whole
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF whole IS NULL THEN
    SELECT t.target INTO whole
    FROM plan_target AS t
    WHERE t.plan_id = plan_key AND t.metric_id = metric_key AND t.during = span
      AND t.level = spread_target.level AND t.revised_at <= spread_target.revised_at
    ORDER BY t.revision DESC
    LIMIT 1;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'plan % has no % target of % for %',
          spread_target.plan, spread_target.level, spread_target.metric, span
        USING ERRCODE = 'invalid_parameter_value',
          HINT = 'Give the target to split.';
    END IF;
  END IF;
  digits := greatest(scale(trim_scale(whole)), digits);

  SELECT array_agg(part.period ORDER BY part.during), array_agg(part.during ORDER BY part.during)
  INTO parts, days
  FROM period_part(span, spread_target.kind) AS part;
  IF (SELECT coalesce(sum(upper(d) - lower(d)), 0) FROM unnest(days) AS d) <> upper(span) - lower(span) THEN
    RAISE EXCEPTION 'the periods of kind "%" do not make up %', spread_target.kind, span
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'The table period has them: year, half, quarter, month or week.';
  END IF;

  weights := spread_target.shares;
  IF weights IS NULL THEN
    SELECT array_agg(s.booked ORDER BY s.during) INTO weights
    FROM season(span, spread_target.kind, spread_target.years, book_date(spread_target.revised_at, settings())) AS s;
  ELSIF cardinality(weights) <> cardinality(parts) THEN
    RAISE EXCEPTION '% shares for % periods', cardinality(weights), cardinality(parts)
      USING ERRCODE = 'invalid_parameter_value',
        HINT = format('Give one for each of %s.', array_to_string(parts, ', '));
  END IF;
  IF NOT (SELECT bool_and(w >= 0 AND w < 'Infinity' AND w IS NOT NULL) AND sum(w) > 0 FROM unnest(weights) AS w) THEN
    RAISE EXCEPTION 'a target cannot be split by %', weights
      USING ERRCODE = 'invalid_parameter_value',
        DETAIL = CASE WHEN spread_target.shares IS NULL
          THEN format('So much was booked in %s, over %s years.', array_to_string(parts, ', '), spread_target.years)
          ELSE 'These are the shares given.' END,
        HINT = 'Give shares: none negative, and not all 0.';
  END IF;

  IF coalesce(spread_target.reason, '') !~ '[^[:space:]]' AND EXISTS (
      SELECT
      FROM plan_target AS t
      WHERE t.plan_id = plan_key AND t.metric_id = metric_key AND t.level = spread_target.level AND t.during = ANY (days))
  THEN
    RAISE EXCEPTION 'plan % has targets of % for these periods', spread_target.plan, spread_target.metric
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Give the reason why they are reset.';
  END IF;

  RETURN QUERY
  WITH split AS (
    SELECT part.place, part.period, part.during, (part.weight / sum(part.weight) OVER ())::float8 AS share,
      round(whole * sum(part.weight) OVER up_to / sum(part.weight) OVER (), digits)
        - round(whole * (sum(part.weight) OVER up_to - part.weight) / sum(part.weight) OVER (), digits) AS target
    FROM unnest(parts, days, weights) WITH ORDINALITY AS part (period, during, weight, place)
    WINDOW up_to AS (ORDER BY part.place)
  ),
  written AS (
    INSERT INTO plan_target (plan_id, metric_id, during, level, revision, target, revised_at, reason, coaching_session_id)
    SELECT plan_key, metric_key, split.during, spread_target.level, coalesce(max(t.revision), 0) + 1, split.target,
      spread_target.revised_at, spread_target.reason, session_key
    FROM split
    LEFT JOIN plan_target AS t
      ON t.plan_id = plan_key AND t.metric_id = metric_key AND t.during = split.during AND t.level = spread_target.level
    GROUP BY split.during, split.target
    RETURNING plan_target.during::daterange AS during, plan_target.revision
  )
  SELECT split.period, lower(split.during), upper(split.during), split.share, written.revision, split.target
  FROM split
  JOIN written ON written.during = split.during
  ORDER BY split.place;
END $$;
COMMENT ON FUNCTION spread_target(text, text, text, numeric, daterange, numeric[], int, text, text, text, timestamptz) IS
'Splits a target of a plan over the periods of a kind, by the shares given or by what everybody booked in them in past years, and writes the parts as targets, or as their next revision with a reason; the parts sum to the target';
REVOKE EXECUTE ON FUNCTION spread_target(text, text, text, numeric, daterange, numeric[], int, text, text, text, timestamptz) FROM PUBLIC;
