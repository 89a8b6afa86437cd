-- What a manager reads before the first meeting of the day: lines of text, a
-- function a section.

CREATE FUNCTION morning_amount(amount numeric, width int) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN lpad(coalesce(amount_text(amount), '-'), width);
COMMENT ON FUNCTION morning_amount(numeric, int) IS 'A whole amount for the morning report, right-aligned';

CREATE FUNCTION morning_percent(rate float8, width int) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN lpad(coalesce(round(100 * rate::numeric) || ' %', '-'), width);
COMMENT ON FUNCTION morning_percent(float8, int) IS 'A rate in percent for the morning report, right-aligned';

CREATE FUNCTION morning_title(as_of timestamptz, person text, options jsonb)
RETURNS TABLE (report text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT line.text
  FROM settings(options, as_of) AS given (options)
  LEFT JOIN person AS leader ON leader.person_id = person_called(morning_title.person)
  CROSS JOIN LATERAL (VALUES
    (1, format('MORNING REPORT  %s%s',
      to_char(book_date(as_of, given.options), 'FMDay, FMDD FMMonth YYYY'), '  for ' || leader.name)),
    (2, format('amounts in %s, dates in %s', book_currency(), given.options ->> 'time_zone'))
  ) AS line (place, text)
  ORDER BY line.place;
END;
COMMENT ON FUNCTION morning_title(timestamptz, text, jsonb) IS 'Morning report: the day, the currency, the time zone';

CREATE FUNCTION morning_period(as_of timestamptz, person text, options jsonb)
RETURNS TABLE (report text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH given AS MATERIALIZED (
    SELECT book_date(as_of, settings(morning_period.options, morning_period.as_of)) AS day
  ),
  -- what the days gone by would have brought each rep, summed by the team that has the rep's quota
  expected AS MATERIALIZED (
    SELECT leader.code AS person, pace.period_from, pace.period_until, sum(pace.expected) AS amount
    FROM given
    CROSS JOIN LATERAL plan_pace(as_of, NULL, NULL, morning_period.options) AS pace
    JOIN team_quota(as_of, daterange(given.day, given.day + 1), morning_period.options) AS member
      ON member.person = pace.person
      AND member.period_from = pace.period_from
      AND member.period_until = pace.period_until
    JOIN person AS leader ON leader.person_id = member.leader_id
    GROUP BY leader.code, pace.period_from, pace.period_until
  ),
  team AS MATERIALIZED (
    SELECT t.*, expected.amount AS expected
    FROM given
    CROSS JOIN LATERAL team_attainment(as_of, morning_period.person, daterange(given.day, given.day + 1),
      morning_period.options) AS t
    LEFT JOIN expected USING (person, period_from, period_until)
  ),
  month AS (
    SELECT calendar.month::date AS month, coalesce(booked.amount, 0)::float8 AS amount
    FROM given
    CROSS JOIN LATERAL generate_series(
      date_trunc('month', given.day::timestamp) - interval '12 months',
      date_trunc('month', given.day::timestamp) - interval '1 month',
      interval '1 month') AS calendar (month)
    -- counted by themselves: as a condition of this join, whose they are would be asked for each anew
    LEFT JOIN (
      SELECT date_trunc('month', b.booked_on::timestamp) AS month, sum(b.amount) AS amount
      FROM credited_booking AS b
      WHERE b.person_id IN (SELECT r.person_id FROM given AS asked CROSS JOIN LATERAL report_on(morning_period.person, asked.day) AS r)
      GROUP BY date_trunc('month', b.booked_on::timestamp)
    ) AS booked ON booked.month = calendar.month
  ),
  period AS (
    SELECT t.period_from, t.period_until,
      row_number() OVER (ORDER BY t.period_until - t.period_from, t.period_from DESC) AS place
    FROM team AS t
    GROUP BY t.period_from, t.period_until
  ),
  line (period, place, text) AS (
    SELECT 0::bigint, 0::bigint, 'THE PERIOD  no quota covers this day'
    WHERE NOT EXISTS (SELECT FROM team)
    UNION ALL
    SELECT p.place, -1, ''
    FROM period AS p
    WHERE p.place > 1
    UNION ALL
    SELECT p.place, 0, format('THE PERIOD  %s to %s', to_char(p.period_from, 'YYYY-MM-DD'), to_char(p.period_until - 1, 'YYYY-MM-DD'))
    FROM period AS p
    UNION ALL
    SELECT p.place, 1, format('  %s %s %s %s  %s %s', rpad('team', 24), lpad('quota', 14), lpad('booked', 14), lpad('attained', 8),
      rpad('', 20), lpad('of the pace', 12))
    FROM period AS p
    UNION ALL
    SELECT p.place, 1 + row_number() OVER (ORDER BY t.levels_below DESC, t.attainment DESC NULLS LAST, t.person),
      format('  %s %s %s %s  %s %s', rpad(left(t.person_name, 24), 24), morning_amount(t.quota, 14),
        morning_amount(t.actual, 14), morning_percent(t.attainment, 8), coalesce(bar(t.attainment, 20), rpad('', 20)),
        morning_percent((t.actual / nullif(t.expected, 0))::float8, 12))
    FROM team AS t
    JOIN period AS p USING (period_from, period_until)
    UNION ALL
    SELECT NULL, 0, format('  bookings by month, %s to %s: %s', to_char(min(m.month), 'YYYY-MM'),
      to_char(max(m.month), 'YYYY-MM'), sparkline(array_agg(m.amount ORDER BY m.month)))
    FROM month AS m
    HAVING sum(m.amount) <> 0
  )
  SELECT line.text
  FROM line
  ORDER BY line.period NULLS LAST, line.place;
END;
COMMENT ON FUNCTION morning_period(timestamptz, text, jsonb) IS
'Morning report: attainment and pace of every team in each quota period that is running, and the bookings of the last twelve months';

CREATE FUNCTION morning_funnel(as_of timestamptz, person text, during daterange, options jsonb)
RETURNS TABLE (report text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH step AS MATERIALIZED (
    SELECT f.*, 2 * row_number() OVER (ORDER BY f.pipeline, f.step) AS place,
      min(f.pipeline) OVER () <> max(f.pipeline) OVER () AS of_several
    FROM funnel(as_of, morning_funnel.person, morning_funnel.during, morning_funnel.options) AS f
  )
  SELECT line.text
  FROM (
    SELECT 0::bigint AS place,
      format('THE FUNNEL  deals opened%s%s', ' from ' || nullif(to_char(lower(during), 'YYYY-MM-DD'), ''),
        ' to ' || nullif(to_char(upper(during) - 1, 'YYYY-MM-DD'), '')) AS text
    UNION ALL
    SELECT 1, format('  %s %s %s  %s %s %s', rpad('stage', 20), lpad('deals', 8), lpad('of all', 8), rpad('', 20),
      lpad('of the stage before', 20), lpad('median days after it', 21))
    WHERE EXISTS (SELECT FROM step)
    UNION ALL
    SELECT 1, '  there are no stages: tables pipeline and stage'
    WHERE NOT EXISTS (SELECT FROM step)
    UNION ALL
    SELECT f.place + 1, format('  %s:', f.pipeline_name)
    FROM step AS f
    WHERE f.of_several AND f.step = 1
    UNION ALL
    SELECT f.place + 2,
      format('  %s %s %s  %s %s %s', rpad(left(f.stage_name, 20), 20), lpad(f.reached::text, 8),
        morning_percent(f.conversion_rate, 8), coalesce(bar(f.conversion_rate, 20), rpad('', 20)),
        CASE WHEN f.step > 1 THEN morning_percent(f.step_rate, 20) ELSE '' END,
        lpad(coalesce(round(f.step_median_days::numeric, 1)::text, ''), 21))
    FROM step AS f
  ) AS line
  ORDER BY line.place;
END;
COMMENT ON FUNCTION morning_funnel(timestamptz, text, daterange, jsonb) IS
'Morning report: how far the deals of a year got, and how long each stage took';

CREATE FUNCTION morning_reps(as_of timestamptz, person text, during daterange, options jsonb)
RETURNS TABLE (report text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH pace AS MATERIALIZED (
    -- of nested periods the shortest, as in coaching_point
    SELECT DISTINCT ON (p.person) p.person, p.booked / nullif(asked.effective_quota, 0) AS attainment
    FROM settings(morning_reps.options, morning_reps.as_of) AS given (options)
    CROSS JOIN LATERAL plan_pace(as_of, morning_reps.person, NULL, morning_reps.options) AS p
    JOIN person AS who ON who.code = p.person
    -- of what the score asks for, too
    JOIN LATERAL quota_asked(as_of, NULL, morning_reps.person, given.options) AS asked
      ON asked.person_id = who.person_id AND asked.during = daterange(p.period_from, p.period_until)
    ORDER BY p.person, p.period_until - p.period_from, p.period_from DESC
  ),
  deal AS MATERIALIZED (
    SELECT w.person, sum(w.won) AS won, sum(w.closed) AS closed
    FROM win_rate(as_of, morning_reps.person, morning_reps.during, morning_reps.options) AS w
    GROUP BY w.person
  ),
  effort AS MATERIALIZED (
    SELECT a.person, sum(a.done)::float8 / nullif(sum(a.norm), 0) AS compliance
    FROM activity_compliance_summary(as_of, morning_reps.person, NULL, morning_reps.options) AS a
    GROUP BY a.person
  ),
  -- a score on a handful of deals is luck: it stands last, and without a rating
  rep AS MATERIALIZED (
    SELECT card.person, card.person_name, card.score, card.rating,
      coalesce(deal.closed, 0) < (given.options ->> 'min_closed')::numeric AS too_early
    FROM settings(morning_reps.options, morning_reps.as_of) AS given (options)
    CROSS JOIN LATERAL rep_scorecard(as_of, morning_reps.person, NULL, morning_reps.options) AS card
    LEFT JOIN deal ON deal.person = card.person
  ),
  line (place, text) AS (
    SELECT 0::bigint, 'THE REPS  100 is every target met'
    UNION ALL
    SELECT 1, format('  %s %s  %s %s %s %s %s', rpad('rep', 24), lpad('score', 5), rpad('', 15), lpad('rating', 6),
      lpad('of quota', 9), lpad('won of closed', 14), lpad('of activity norm', 17))
    WHERE EXISTS (SELECT FROM rep)
    UNION ALL
    SELECT 1, '  nobody has a job as a rep on this day: table employment'
    WHERE NOT EXISTS (SELECT FROM rep)
    UNION ALL
    SELECT 1 + row_number() OVER (ORDER BY rep.too_early, rep.score DESC NULLS LAST, rep.person),
      format('  %s %s  %s %s %s %s %s', rpad(left(rep.person_name, 24), 24),
        lpad(coalesce(round(rep.score::numeric)::text, '-'), 5), coalesce(bar(rep.score / 150, 15), rpad('', 15)),
        lpad(CASE WHEN rep.too_early THEN 'early' ELSE coalesce(rep.rating::text, '-') END, 6),
        morning_percent(pace.attainment::float8, 9),
        lpad(CASE WHEN deal.closed > 0 THEN format('%s of %s', deal.won, deal.closed) ELSE '-' END, 14),
        morning_percent(effort.compliance, 17))
    FROM rep
    LEFT JOIN pace USING (person)
    LEFT JOIN deal USING (person)
    LEFT JOIN effort USING (person)
  )
  SELECT line.text
  FROM line
  ORDER BY line.place;
END;
COMMENT ON FUNCTION morning_reps(timestamptz, text, daterange, jsonb) IS
'Morning report: score, rating, attainment, wins and activity of every rep';

CREATE FUNCTION morning_coaching(as_of timestamptz, person text, during daterange, options jsonb)
RETURNS TABLE (report text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH point AS MATERIALIZED (
    SELECT c.*, c.point = 'too_early' AS too_early,
      row_number() OVER (PARTITION BY c.point = 'too_early' ORDER BY c.stake DESC, c.person, c.point, c.reason) AS rank
    FROM coaching_point(as_of, morning_coaching.person, morning_coaching.during, morning_coaching.options) AS c
  ),
  line (place, text) AS (
    SELECT 0::bigint, 'TO COACH TODAY' || CASE WHEN count(*) = 0 THEN '  nothing stands out' ELSE '' END
    FROM point
    WHERE NOT point.too_early
    UNION ALL
    SELECT 2 * p.rank, format('  %s. %s%s', p.rank, p.person_name,
      CASE WHEN p.stake > 0 THEN format(', worth about %s of the quota', ltrim(morning_amount(p.stake, 20))) ELSE '' END)
    FROM point AS p
    WHERE NOT p.too_early AND p.rank <= 3
    UNION ALL
    SELECT 2 * p.rank + 1, format('     %s', p.reason)
    FROM point AS p
    WHERE NOT p.too_early AND p.rank <= 3
    UNION ALL
    SELECT 10, format('  and %s more in coaching_point: %s', count(*),
      string_agg(p.person_name || ' (' || replace(p.point, '_', ' ') || ')', ', ' ORDER BY p.rank))
    FROM point AS p
    WHERE NOT p.too_early AND p.rank > 3
    HAVING count(*) > 0
    UNION ALL
    SELECT 11, ''
    WHERE EXISTS (SELECT FROM point WHERE point.too_early)
    UNION ALL
    SELECT 12, 'TOO EARLY TO JUDGE'
    WHERE EXISTS (SELECT FROM point WHERE point.too_early)
    UNION ALL
    SELECT 12 + p.rank, format('  %s %s', p.person_name, p.reason)
    FROM point AS p
    WHERE p.too_early
  )
  SELECT line.text
  FROM line
  ORDER BY line.place;
END;
COMMENT ON FUNCTION morning_coaching(timestamptz, text, daterange, jsonb) IS
'Morning report: the three people to coach today, with the figures that say so, and who cannot be judged yet';

-- plpgsql, because there is nothing to inline: each section is planned by
-- itself, and compiling a plan that runs once would take longer than running it.
CREATE FUNCTION morning_report(as_of timestamptz DEFAULT now(), person text DEFAULT NULL,
  during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (report text)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
SET jit = off
AS $$
DECLARE
  today CONSTANT date := book_date(as_of, settings(options, as_of));
  days CONSTANT daterange := coalesce(during, daterange(today - 364, today + 1));
BEGIN
  RETURN QUERY SELECT * FROM morning_title(as_of, person, options);
  RETURN QUERY SELECT '';
  RETURN QUERY SELECT * FROM morning_period(as_of, person, options);
  RETURN QUERY SELECT '';
  RETURN QUERY SELECT * FROM morning_funnel(as_of, person, days, options);
  RETURN QUERY SELECT '';
  RETURN QUERY SELECT * FROM morning_reps(as_of, person, days, options);
  RETURN QUERY SELECT '';
  RETURN QUERY SELECT * FROM morning_coaching(as_of, person, during, options);
END $$;
COMMENT ON FUNCTION morning_report(timestamptz, text, daterange, jsonb) IS
'What to know before the first meeting of the day, as lines of text: the period, the funnel, the reps, whom to coach and why';

CREATE VIEW morning_report WITH (security_invoker) AS
SELECT report FROM morning_report();
COMMENT ON VIEW morning_report IS 'What must I know before the first meeting of the day?';
COMMENT ON COLUMN morning_report.report IS 'A line of the report';
