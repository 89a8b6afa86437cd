-- The plan, activity, forecast and scorecard views again, in plain SQL: a day, a
-- person, a sum at a time.  They read the book that search_path names.
CREATE SCHEMA IF NOT EXISTS oracle;

CREATE FUNCTION oracle.today(as_of timestamptz) RETURNS date
LANGUAGE sql STABLE
AS $$ SELECT (as_of AT TIME ZONE (SELECT value #>> '{}' FROM setting WHERE name = 'time_zone'))::date $$;

-- as known today: of a job to come nothing, of a move to come neither
CREATE FUNCTION oracle.works(person bigint, day date, today date DEFAULT 'infinity') RETURNS boolean
LANGUAGE sql STABLE
AS $$
  SELECT EXISTS (
      SELECT FROM employment e
      WHERE e.person_id = person AND e.during @> day AND lower(e.during) <= today AND position(to_char(day, 'ID') IN e.week) > 0)
    AND NOT EXISTS (SELECT FROM absence a WHERE a.person_id = person AND a.during @> day)
    AND NOT EXISTS (SELECT FROM holiday h WHERE h.day = works.day AND h.territory_id IS NULL)
    AND NOT EXISTS (
      SELECT FROM holiday h, territory_assignment t
      WHERE h.day = works.day AND t.territory_id = h.territory_id AND t.person_id = person
        AND t.during @> CASE WHEN works.day > today THEN today ELSE works.day END)
$$;

CREATE FUNCTION oracle.work_days(person bigint, since date, until date, today date DEFAULT 'infinity') RETURNS int
LANGUAGE sql STABLE
AS $$ SELECT count(*)::int FROM generate_series(since, until - 1, interval '1 day') d WHERE oracle.works(person, d::date, today) $$;

CREATE FUNCTION oracle.boss(person bigint, day date, today date) RETURNS bigint
LANGUAGE sql STABLE
AS $$
  SELECT manager_id FROM reporting_line
  WHERE person_id = person AND during @> day AND coalesce(lower(during) <= today, true)
$$;

-- the first day of a span on which somebody has a boss, else its first day
CREATE FUNCTION oracle.placed(person bigint, span daterange, today date) RETURNS date
LANGUAGE sql STABLE
AS $$
  SELECT coalesce(min(d) FILTER (WHERE oracle.boss(person, d::date, today) IS NOT NULL), lower(span))::date
  FROM generate_series(lower(span), upper(span) - 1, interval '1 day') d
$$;

CREATE FUNCTION oracle.leads(leader bigint, person bigint, day date, today date) RETURNS boolean
LANGUAGE plpgsql STABLE
AS $$
BEGIN
  WHILE person IS NOT NULL LOOP
    IF person = leader THEN
      RETURN true;
    END IF;
    person := oracle.boss(person, day, today);
  END LOOP;
  RETURN false;
END $$;

CREATE FUNCTION oracle.target(as_of timestamptz)
RETURNS TABLE (plan_id bigint, person_id bigint, kind text, metric text, during daterange, target numeric)
LANGUAGE sql STABLE
AS $$
  SELECT p.plan_id, p.person_id, p.kind, m.code, t.during, t.target
  FROM plan_target t, plan p, metric m
  WHERE p.plan_id = t.plan_id AND m.metric_id = t.metric_id AND t.level = 'base' AND t.revised_at <= as_of
    AND t.revision = (
      SELECT max(revision) FROM plan_target u
      WHERE u.plan_id = t.plan_id AND u.metric_id = t.metric_id AND u.during = t.during AND u.level = 'base' AND u.revised_at <= as_of)
    AND 0 = (
      SELECT count(*) FROM plan c
      WHERE c.parent_id = p.plan_id AND c.kind = p.kind AND c.person_id <> p.person_id)
$$;

-- who is credited with what
CREATE FUNCTION oracle.credit() RETURNS TABLE (person_id bigint, booked_on date, amount numeric)
LANGUAGE sql STABLE
AS $$
  SELECT b.person_id, b.booked_on, b.amount FROM booking b
  WHERE b.booking_id NOT IN (SELECT c.booking_id FROM booking_credit c)
  UNION ALL
  SELECT c.person_id, b.booked_on, c.share * b.amount FROM booking b, booking_credit c WHERE c.booking_id = b.booking_id
$$;

CREATE FUNCTION oracle.booked(person bigint, since date, until date) RETURNS numeric
LANGUAGE sql STABLE
AS $$ SELECT coalesce(sum(amount), 0) FROM oracle.credit() WHERE person_id = person AND booked_on >= since AND booked_on < until $$;

CREATE FUNCTION oracle.quota_attainment(as_of timestamptz)
RETURNS TABLE (person_id bigint, manager_id bigint, during daterange, quota numeric, actual numeric)
LANGUAGE sql STABLE
AS $$
  SELECT q.person_id, oracle.boss(q.person_id, oracle.placed(q.person_id, q.during, oracle.today(as_of)), oracle.today(as_of)),
    q.during, sum(q.target), oracle.booked(q.person_id, lower(q.during), least(upper(q.during), oracle.today(as_of) + 1))
  FROM oracle.target(as_of) q
  WHERE q.kind = 'quota' AND q.metric = 'bookings' AND lower(q.during) <= oracle.today(as_of)
  GROUP BY q.person_id, q.during
$$;

-- what a quota asks of somebody, day by day
CREATE FUNCTION oracle.effective_quota(person bigint, during daterange, quota numeric, today date) RETURNS numeric
LANGUAGE sql STABLE
AS $$
  SELECT quota * sum(coalesce(
    (SELECT coalesce(
       (SELECT r.factor FROM ramp r
        WHERE r.role = e.role AND coalesce(r.specialty = e.specialty, r.specialty IS NULL) AND r.during @> lower(e.during)
          AND r.month = (SELECT count(*) FROM generate_series(0, 99) m WHERE lower(e.during) + make_interval(months => m) <= d)
        ORDER BY r.specialty NULLS LAST LIMIT 1), 1)
     FROM employment e WHERE e.person_id = person AND e.during @> d::date AND lower(e.during) <= today), 0)) / count(*)
  FROM generate_series(lower(during), upper(during) - 1, interval '1 day') d
  WHERE EXISTS (SELECT FROM employment e WHERE e.person_id = person AND lower(e.during) <= today)
$$;

-- by the same part of the calendar, the shares of the newest earlier periods of the same length, wholly in the job
CREATE FUNCTION oracle.past_shares(person bigint, span daterange, as_of timestamptz, periods int) RETURNS numeric[]
LANGUAGE sql STABLE
AS $$
  SELECT array_agg(early / whole)
  FROM (
    SELECT oracle.booked(person, lower(past), upper(past)) AS whole,
      oracle.booked(person, lower(past), lower(past) + round(
        (upper(past) - lower(past)) * least(1, greatest(0, (oracle.today(as_of) + 1 - lower(span))::numeric / (upper(span) - lower(span)))), 0)::int) AS early
    FROM (
      SELECT DISTINCT q.during AS past
      FROM oracle.target(as_of) q
      WHERE q.person_id = person AND q.kind = 'quota' AND q.metric = 'bookings'
        AND upper(q.during) <= lower(span) AND upper(q.during) <= oracle.today(as_of) + 1
        AND abs((upper(q.during) - lower(q.during)) - (upper(span) - lower(span))) <= 0.1 * greatest(upper(q.during) - lower(q.during), upper(span) - lower(span))
        AND (NOT EXISTS (SELECT FROM employment e WHERE e.person_id = person AND lower(e.during) <= oracle.today(as_of))
          OR NOT EXISTS (
            SELECT FROM generate_series(lower(q.during), upper(q.during) - 1, interval '1 day') d
            WHERE NOT EXISTS (SELECT FROM employment e WHERE e.person_id = person AND e.during @> d::date)))
        AND oracle.booked(person, lower(q.during), upper(q.during)) > 0
      ORDER BY q.during DESC
      LIMIT periods) AS p) AS s
$$;

CREATE FUNCTION oracle.team_attainment(as_of timestamptz)
RETURNS TABLE (person_id bigint, during daterange, quota numeric, actual numeric, reps bigint, reps_attained bigint)
LANGUAGE sql STABLE
AS $$
  WITH q AS MATERIALIZED (
    SELECT *, oracle.placed(q.person_id, q.during, oracle.today(as_of)) AS placed FROM oracle.quota_attainment(as_of) q
  )
  SELECT leader.person_id, q.during, sum(q.quota), sum(q.actual),
    count(*) FILTER (WHERE q.quota <> 0), count(*) FILTER (WHERE q.quota <> 0 AND q.actual >= q.quota)
  FROM person leader, q
  WHERE oracle.leads(leader.person_id, q.person_id, q.placed, oracle.today(as_of))
  GROUP BY leader.person_id, q.during
  HAVING bool_or(q.person_id <> leader.person_id)
$$;

CREATE FUNCTION oracle.norm(person bigint, metric bigint, day date) RETURNS numeric
LANGUAGE sql STABLE
AS $$
  -- full time is eight hours on five days; a person's own norm is for the days of the job
  SELECT CASE WHEN s.role IS NULL OR e.hours_per_week IS NULL THEN 1 ELSE e.hours_per_week / length(e.week) / 8 END
    * CASE s.per
      WHEN 'day' THEN s.norm
      WHEN 'week' THEN s.norm / CASE WHEN s.role IS NULL THEN length(e.week) ELSE 5 END
      ELSE s.norm / (
        SELECT count(*) FROM generate_series(date_trunc('month', day), date_trunc('month', day) + interval '1 month - 1 day', interval '1 day') d
        WHERE position(to_char(d, 'ID') IN CASE WHEN s.role IS NULL THEN e.week ELSE '12345' END) > 0
          AND NOT EXISTS (SELECT FROM holiday h WHERE h.day = d::date AND h.territory_id IS NULL))
    END
  FROM standard s, employment e
  WHERE s.metric_id = metric AND s.during @> day AND e.person_id = person AND e.during @> day
    AND (s.person_id = person OR s.role = e.role)
  ORDER BY s.role IS NOT NULL
  LIMIT 1
$$;

CREATE FUNCTION oracle.held(person bigint, metric bigint, since date, until date, as_of timestamptz) RETURNS bigint
LANGUAGE sql STABLE
AS $$
  SELECT count(*) FROM activity a, activity_kind k
  WHERE k.activity_kind_id = a.activity_kind_id AND a.person_id = person AND k.metric_id = metric AND a.outcome = 'held'
    AND oracle.today(a.held_at) >= since AND oracle.today(a.held_at) < until AND a.held_at <= as_of
$$;

CREATE FUNCTION oracle.activity_compliance(as_of timestamptz, weeks int)
RETURNS TABLE (person_id bigint, metric_id bigint, week date, done bigint, norm numeric, working_days bigint)
LANGUAGE sql STABLE
AS $$
  SELECT p.person_id, m.metric_id, w::date, oracle.held(p.person_id, m.metric_id, w::date, w::date + 7, as_of),
    coalesce(sum(oracle.norm(p.person_id, m.metric_id, d::date)) FILTER (WHERE oracle.works(p.person_id, d::date)), 0),
    count(*) FILTER (WHERE oracle.works(p.person_id, d::date))
  FROM person p, metric m,
    generate_series(date_trunc('week', oracle.today(as_of)::timestamp) - weeks * interval '7 days',
      date_trunc('week', oracle.today(as_of)::timestamp) - interval '7 days', interval '7 days') w,
    generate_series(w, w + interval '6 days', interval '1 day') d
  WHERE m.metric_id IN (SELECT k.metric_id FROM activity_kind k)
    AND EXISTS (
      SELECT FROM employment e
      WHERE e.person_id = p.person_id AND e.during @> d::date AND position(to_char(d, 'ID') IN e.week) > 0)
    AND oracle.norm(p.person_id, m.metric_id, d::date) IS NOT NULL
  GROUP BY p.person_id, m.metric_id, w
$$;

CREATE FUNCTION oracle.forecast_error(as_of timestamptz, grace int)
RETURNS TABLE (person_id bigint, judgement text, during daterange, forecast numeric, actual numeric)
LANGUAGE sql STABLE
AS $$
  SELECT f.person_id, f.judgement, f.during, f.amount, oracle.booked(f.person_id, lower(f.during), upper(f.during))
  FROM forecast f
  WHERE f.category = 'commit' AND upper(f.during) <= oracle.today(as_of)
    AND f.forecast_id = (
      SELECT g.forecast_id FROM forecast g
      WHERE g.person_id = f.person_id AND g.judgement = f.judgement AND g.during = f.during AND g.category = 'commit'
        AND g.submitted_at <= as_of AND oracle.today(g.submitted_at) < lower(g.during) + grace
      ORDER BY g.submitted_at DESC, g.forecast_id DESC
      LIMIT 1)
$$;

CREATE FUNCTION oracle.forecast_accuracy(as_of timestamptz, grace int)
RETURNS TABLE (person_id bigint, judgement text, n bigint, forecast numeric, actual numeric, wape numeric, mape numeric, bias numeric, signal numeric)
LANGUAGE sql STABLE
AS $$
  WITH e AS MATERIALIZED (SELECT * FROM oracle.forecast_error(as_of, grace)),
  finest AS (
    SELECT * FROM e
    WHERE 0 = (SELECT count(*) FROM e s WHERE s.person_id = e.person_id AND s.judgement = e.judgement AND s.during <@ e.during AND s.during <> e.during)
  )
  SELECT person_id, judgement, count(*), sum(forecast), sum(actual),
    sum(abs(actual - forecast)) / nullif(sum(abs(actual)), 0),
    avg(abs(actual - forecast) / abs(actual)) FILTER (WHERE actual <> 0),
    (sum(forecast) - sum(actual)) / nullif(abs(sum(actual)), 0),
    (sum(forecast) - sum(actual)) / nullif(sum(abs(actual - forecast)), 0) * count(*)
  FROM finest
  GROUP BY person_id, judgement
$$;

-- what a deal was at as_of
CREATE FUNCTION oracle.deal(as_of timestamptz)
RETURNS TABLE (opportunity_id bigint, owner_id bigint, outcome text, amount numeric, changed_at timestamptz)
LANGUAGE sql STABLE
AS $$
  SELECT c.opportunity_id, c.owner_id, s.outcome, c.amount, c.changed_at
  FROM opportunity_change c, stage s
  WHERE s.stage_id = c.stage_id AND c.changed_at <= as_of
    AND NOT EXISTS (
      SELECT FROM opportunity_change d
      WHERE d.opportunity_id = c.opportunity_id AND d.changed_at <= as_of AND (d.changed_at, d.seq) > (c.changed_at, c.seq))
$$;

CREATE FUNCTION oracle.manager_selling(as_of timestamptz, since date, until date)
RETURNS TABLE (person_id bigint, accounts bigint, deals bigint, amount numeric, booked numeric, team_booked numeric)
LANGUAGE sql STABLE
AS $$
  SELECT e.person_id,
    (SELECT count(*) FROM account_owner o WHERE o.person_id = e.person_id AND o.during @> oracle.today(as_of)),
    (SELECT count(*) FROM oracle.deal(as_of) d WHERE d.owner_id = e.person_id AND d.outcome = 'open'),
    (SELECT coalesce(sum(d.amount), 0) FROM oracle.deal(as_of) d WHERE d.owner_id = e.person_id AND d.outcome = 'open'),
    oracle.booked(e.person_id, since, least(until, oracle.today(as_of) + 1)),
    (SELECT coalesce(sum(b.amount), 0) FROM oracle.credit() b
     WHERE b.booked_on >= since AND b.booked_on < least(until, oracle.today(as_of) + 1)
       AND oracle.leads(e.person_id, b.person_id, b.booked_on, oracle.today(as_of)))
  FROM employment e
  WHERE e.during @> oracle.today(as_of) AND e.role IN ('manager', 'executive')
$$;

-- what was due by a day: each working day's part of the shortest effective quota around it, else the norm of the day
CREATE FUNCTION oracle.due(as_of timestamptz, person bigint, metric_code text, since date, until date) RETURNS numeric
LANGUAGE sql STABLE
AS $$
  SELECT sum(coalesce(
    (SELECT coalesce(oracle.effective_quota(person, t.during, sum(t.target), oracle.today(as_of)), sum(t.target)) / oracle.work_days(person, lower(t.during), upper(t.during), oracle.today(as_of))
     FROM oracle.target(as_of) t
     WHERE t.person_id = person AND t.metric = metric_code AND t.kind = 'quota' AND t.during @> d::date
     GROUP BY t.during
     ORDER BY upper(t.during) - lower(t.during)
     LIMIT 1),
    oracle.norm(person, m.metric_id, d::date)))
  FROM metric m, generate_series(since, until - 1, interval '1 day') d
  WHERE m.code = metric_code AND oracle.works(person, d::date)
$$;

CREATE FUNCTION oracle.scorecard(as_of timestamptz, since date, until date)
RETURNS TABLE (person_id bigint, metric text, actual numeric, target numeric, weight numeric, scored numeric)
LANGUAGE sql STABLE
AS $$
  WITH deal AS MATERIALIZED (
    -- the deals of this test close once
    SELECT d.*, oracle.today(d.changed_at) AS closed_on, oracle.today(o.created_at) AS created_on
    FROM oracle.deal(as_of) d JOIN opportunity o USING (opportunity_id)
    WHERE d.outcome <> 'open' AND oracle.today(d.changed_at) >= since AND oracle.today(d.changed_at) < until
  ),
  rep AS (SELECT e.person_id FROM employment e WHERE e.role = 'rep' AND e.during @> until - 1),
  company AS (
    SELECT avg((outcome = 'won')::int) AS rate FROM deal WHERE owner_id IN (SELECT r.person_id FROM rep r)
  ),
  kpi AS (
    SELECT rep.person_id, m.code, m.higher_is_better, w.weight,
      CASE m.code
        WHEN 'bookings' THEN oracle.booked(rep.person_id, since, until)
        WHEN 'deals_won' THEN (SELECT count(*) FROM deal WHERE owner_id = rep.person_id AND outcome = 'won')
        WHEN 'win_rate' THEN (SELECT avg((outcome = 'won')::int) FROM deal WHERE owner_id = rep.person_id)
        WHEN 'deal_size' THEN (SELECT avg(amount) FROM deal WHERE owner_id = rep.person_id AND outcome = 'won')
        WHEN 'cycle_days' THEN (
          SELECT (percentile_cont(0.5) WITHIN GROUP (ORDER BY closed_on - created_on))::numeric
          FROM deal WHERE owner_id = rep.person_id AND outcome = 'won')
        ELSE oracle.held(rep.person_id, m.metric_id, since, until, as_of)
      END AS actual,
      CASE m.code
        WHEN 'win_rate' THEN (
          SELECT (count(*) FILTER (WHERE outcome = 'won') + 10 * (SELECT rate FROM company)) / (count(*) + 10)
          FROM deal WHERE owner_id = rep.person_id HAVING count(*) > 0)
      END AS shrunk,
      CASE
        WHEN m.code IN ('win_rate', 'deal_size', 'cycle_days') THEN (
          SELECT s.norm FROM standard s WHERE s.metric_id = m.metric_id AND s.role = 'rep' AND s.during @> until - 1)
        ELSE oracle.due(as_of, rep.person_id, m.code, since, until)
      END AS target
    FROM rep, kpi_weight w, metric m
    WHERE w.role = 'rep' AND w.during @> until - 1 AND m.metric_id = w.metric_id
  )
  SELECT person_id, code, actual, target, weight,
    CASE
      WHEN target = 0 THEN (CASE WHEN higher_is_better THEN coalesce(shrunk, actual) >= 0 ELSE coalesce(shrunk, actual) <= 0 END)::int
      ELSE least(1.5, greatest(0, 1 + CASE WHEN higher_is_better THEN 1 ELSE -1 END * (coalesce(shrunk, actual) - target) / abs(target)))
    END * CASE WHEN coalesce(shrunk, actual) IS NOT NULL AND target IS NOT NULL THEN 1 END
  FROM kpi
$$;

-- how often something happened to a person in a span of days: an activity that counts as
-- something, a meeting not held or without news, a deal opened or won
CREATE FUNCTION oracle.happened(person bigint, what text, since date, until date, as_of timestamptz) RETURNS bigint
LANGUAGE sql STABLE
AS $$
  SELECT CASE what
    WHEN 'opened' THEN (
      SELECT count(*) FROM opportunity o
      WHERE oracle.today(o.created_at) >= since AND oracle.today(o.created_at) < until AND o.created_at <= as_of
        AND person = (SELECT c.owner_id FROM opportunity_change c WHERE c.opportunity_id = o.opportunity_id ORDER BY c.changed_at, c.seq LIMIT 1))
    WHEN 'won' THEN (
      SELECT count(*) FROM oracle.deal(as_of) d
      WHERE d.outcome = 'won' AND d.owner_id = person AND oracle.today(d.changed_at) >= since AND oracle.today(d.changed_at) < until)
    WHEN 'not_held' THEN (
      SELECT count(*) FROM activity a JOIN activity_kind k USING (activity_kind_id)
      WHERE a.person_id = person AND k.code IN ('discovery', 'proposal') AND a.outcome = 'not_held' AND coalesce(a.called_off_at <= as_of, true)
        AND oracle.today(a.planned_for) >= since AND oracle.today(a.planned_for) < until AND a.planned_for <= as_of)
    WHEN 'unreported' THEN (
      SELECT count(*) FROM activity a JOIN activity_kind k USING (activity_kind_id)
      WHERE a.person_id = person AND k.code IN ('discovery', 'proposal') AND (a.outcome <> 'not_held' OR a.called_off_at > as_of)
        AND coalesce(a.held_at > as_of, true)
        AND oracle.today(a.planned_for) >= since AND oracle.today(a.planned_for) < until AND a.planned_for <= as_of)
    ELSE (
      SELECT count(*) FROM activity a JOIN activity_kind k USING (activity_kind_id)
      WHERE a.person_id = person AND (k.code = what OR what = 'any') AND a.outcome = 'held'
        AND oracle.today(a.held_at) >= since AND oracle.today(a.held_at) < until AND a.held_at <= as_of)
  END
$$;
