-- What the people of a demo book do, plan, forecast, and how they are rated.

CREATE FUNCTION salesmgmt.demo_activity(book text, seed int, reps int, months int, until date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  first_day CONSTANT date := salesmgmt.demo_first_day(months, until);
BEGIN
  PERFORM set_config('search_path', format('%I, salesmgmt, pg_temp', book), true);

  INSERT INTO metric (code, name, unit) VALUES
    ('calls', 'Calls', 'count'),
    ('discovery_meetings', 'Discovery meetings held', 'count'),
    ('proposal_meetings', 'Proposal meetings held', 'count'),
    ('review_meetings', 'Review meetings held', 'count');
  INSERT INTO activity_kind (code, name, metric_id, counts_as)
  SELECT k.code, k.name, m.metric_id, k.counts_as
  FROM (VALUES
    (1, 'call', 'Call', 'calls', 'call'),
    (2, 'discovery_meeting', 'Discovery meeting', 'discovery_meetings', 'discovery'),
    (3, 'proposal_meeting', 'Proposal meeting', 'proposal_meetings', 'proposal'),
    (4, 'review_meeting', 'Review meeting with a client', 'review_meetings', 'meeting')) AS k (place, code, name, metric, counts_as)
  JOIN metric AS m ON m.code = k.metric
  ORDER BY k.place;

  -- Newcomers have norms of their own for the first thirteen weeks.
  INSERT INTO standard (code, metric_id, role, person_id, norm, per, during)
  SELECT s.metric || '-' || s.role, m.metric_id, s.role, NULL, s.norm, 'week', daterange(first_day, NULL)
  FROM (VALUES
    (1, 'calls', 'rep', 20), (2, 'discovery_meetings', 'rep', 3), (3, 'proposal_meetings', 'rep', 2),
    (4, 'review_meetings', 'rep', 1), (5, 'review_meetings', 'manager', 2)) AS s (place, metric, role, norm)
  JOIN metric AS m ON m.code = s.metric
  ORDER BY s.place;
  INSERT INTO standard (code, metric_id, role, person_id, norm, per, during)
  SELECT s.metric || '-' || c.code, m.metric_id, NULL, p.person_id, s.norm, 'week', 
    daterange(c.joined, date_trunc('week', c.joined::timestamp)::date + 91)
  FROM demo_cast(seed, reps, months, until) AS c
  JOIN person AS p USING (code)
  CROSS JOIN (VALUES (1, 'calls', 15), (2, 'discovery_meetings', 2), (3, 'proposal_meetings', 1)) AS s (place, metric, norm)
  JOIN metric AS m ON m.code = s.metric
  WHERE c.ramps
  ORDER BY c.ordinal, s.place;

  -- What a week's norm asks of the days present, spread over them; every call
  -- and meeting is about a deal then open, the early ones for discovery.
  INSERT INTO activity (code, activity_kind_id, person_id, account_id, opportunity_id, planned_for, held_at,
    outcome, called_off_at, minutes, subject)
  WITH week AS (
    SELECT w.person_id, date_trunc('week', w.day::timestamp)::date AS monday, w.day >= until AS coming,
      array_agg(w.day ORDER BY w.day) AS days
    FROM working_day(daterange(first_day, until + 14)) AS w
    GROUP BY 1, 2, 3
  ), due AS (
    SELECT week.*, p.code AS person, k.activity_kind_id, k.code AS kind,
      coalesce(own.norm, role.norm) * cardinality(week.days) / 5 * coalesce(c.hours / length(c.week) / 8, 1) AS norm,
      CASE k.code WHEN 'call' THEN c.calls * (1 + 0.03 * demo_random(seed, 'week ' || c.code || week.monday - date '2000-01-01')) ELSE 1 END AS effort
    FROM week
    JOIN person AS p USING (person_id)
    JOIN demo_cast(seed, reps, months, until) AS c USING (code)
    CROSS JOIN activity_kind AS k
    LEFT JOIN standard AS role ON role.metric_id = k.metric_id AND role.role = c.role AND role.during @> week.days[1]
    LEFT JOIN standard AS own ON own.metric_id = k.metric_id AND own.person_id = week.person_id AND own.during @> week.days[1]
  ), counted AS MATERIALIZED (
    SELECT due.*,
      CASE
        WHEN coming AND kind = 'call' THEN floor(norm / 2)
        WHEN effort < 1 THEN floor(norm * effort)
        ELSE ceil(norm * effort)
      END::int AS held,
      -- beyond the norm: those that fell through
      CASE WHEN kind <> 'call' AND NOT coming AND demo_random(seed, 'missed ' || person || kind || monday - date '2000-01-01') < 0.2
        THEN 1 ELSE 0 END AS missed
    FROM due
    WHERE norm > 0
  ), done AS MATERIALIZED (
    SELECT counted.*, n, slot.day, kind || '-' || person || to_char(slot.day, '-YYYYMMDD-') || n AS code
    FROM counted
    CROSS JOIN LATERAL generate_series(1, held + missed) AS n
    CROSS JOIN LATERAL (SELECT days[1 + ((n - 1) % held * cardinality(days)) / held]::timestamp AS day) AS slot
    WHERE held > 0
  ), working AS (
    SELECT d.code, p.person_id, d.since, d.till, half.early,
      CASE WHEN half.early THEN d.since ELSE d.turn END AS half_since,
      CASE WHEN half.early THEN d.turn ELSE d.till END AS half_till
    FROM (
      SELECT d.code, owner.code AS person, owner.since, owner.till, d.created_on + (d.closed_on - d.created_on) / 2 AS turn
      FROM demo_deal(seed, reps, months, until) AS d
      CROSS JOIN LATERAL (VALUES
        (d.rep, d.created_on, coalesce(d.handed_on, d.closed_on)),
        (d.heir, d.handed_on, d.closed_on)) AS owner (code, since, till)
      WHERE owner.code IS NOT NULL
    ) AS d
    JOIN person AS p ON p.code = d.person
    CROSS JOIN (VALUES (true), (false)) AS half (early)
  ), open AS (
    SELECT w.person_id, w.early, day::date AS day, array_agg(o.opportunity_id ORDER BY o.opportunity_id) AS deals
    FROM working AS w
    JOIN opportunity AS o USING (code)
    CROSS JOIN LATERAL generate_series(
      greatest(w.half_since, w.since)::timestamp, least(w.half_till, w.till)::timestamp, interval '1 day') AS day
    GROUP BY 1, 2, 3
  )
  SELECT done.code, done.activity_kind_id, done.person_id, coalesce(o.account_id, mine.account_id), o.opportunity_id,
    CASE WHEN done.kind <> 'call' OR done.coming THEN at.at END,
    CASE WHEN NOT done.coming AND done.n <= done.held THEN at.at END,
    CASE WHEN done.coming THEN 'planned' WHEN done.n <= done.held THEN 'held' ELSE 'not_held' END,
    -- some fall through two days before, some at the very hour
    CASE WHEN NOT done.coming AND done.n > done.held THEN at.at - floor(48 * at.u) * interval '1 hour' END,
    CASE WHEN done.coming OR done.n > done.held THEN NULL
      WHEN done.kind = 'call' THEN 4 + floor(16 * at.u)::int
      ELSE 45 + 15 * floor(4 * at.u)::int END,
    NULL
  FROM done
  CROSS JOIN LATERAL (
    SELECT demo_random(seed, 'at ' || done.code) AS u,
      (done.day + make_interval(mins => 480 + 15 * floor(36 * demo_random(seed, 'at ' || done.code))::int)) AT TIME ZONE 'UTC' AS at
  ) AS at
  LEFT JOIN open ON done.kind <> 'review_meeting'
    AND open.person_id = done.person_id AND open.day = done.day::date
    AND open.early = (done.kind = 'discovery_meeting' OR done.kind = 'call' AND at.u < 0.6)
  LEFT JOIN opportunity AS o
    ON o.opportunity_id = open.deals[1 + floor(cardinality(open.deals) * demo_random(seed, 'deal ' || done.code))::int]
  -- a review, or a call without a deal, is about one of the clients
  LEFT JOIN (
    SELECT person_id, array_agg(account_id ORDER BY account_id) AS accounts
    FROM account_owner
    GROUP BY person_id
  ) AS owned ON owned.person_id = done.person_id
  LEFT JOIN account AS mine
    ON mine.account_id = owned.accounts[1 + floor(cardinality(owned.accounts) * demo_random(seed, 'client ' || done.code))::int]
  ORDER BY done.day, done.person_id, done.activity_kind_id, done.n;
  RAISE NOTICE '%: % activities', book, (SELECT count(*) FROM activity);
  ANALYZE activity;
END $$;
COMMENT ON FUNCTION salesmgmt.demo_activity(text, int, int, int, date) IS
'Fills the standards and activities of a demo book; create_demo_book() calls it';

CREATE FUNCTION salesmgmt.demo_plan(book text, seed int, reps int, months int, until date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  first_day CONSTANT date := salesmgmt.demo_first_day(months, until);
BEGIN
  PERFORM set_config('search_path', format('%I, salesmgmt, pg_temp', book), true);

  -- From the top: a plan each quarter for the executive, the managers, and
  -- every rep who has something to bring in.
  INSERT INTO plan (code, kind, name, person_id, during, parent_id)
  SELECT 'quota-' || q.code || '-exec-1', 'quota', 'Quota of ' || q.name, p.person_id, q.during, NULL
  FROM period AS q
  JOIN person AS p ON p.code = 'exec-1'
  WHERE q.kind = 'quarter' AND lower(q.during) >= first_day AND lower(q.during) < until + 92
  ORDER BY lower(q.during);
  INSERT INTO plan (code, kind, name, person_id, during, parent_id, agreed_by_person_on, agreed_by_manager_on)
  SELECT 'quota-' || q.code || '-' || c.code, 'quota', 'Quota of ' || q.name, p.person_id, q.during, top.plan_id,
    lower(q.during) - 10, lower(q.during) - 8
  FROM period AS q
  JOIN plan AS top ON top.code = 'quota-' || q.code || '-exec-1'
  CROSS JOIN demo_cast(seed, reps, months, until) AS c
  JOIN person AS p ON p.code = c.code
  WHERE c.role = 'manager'
  ORDER BY lower(q.during), c.ordinal;
  INSERT INTO plan (code, kind, name, person_id, during, parent_id, agreed_by_person_on, agreed_by_manager_on)
  SELECT 'quota-' || q.code || '-' || c.code, 'quota', 'Quota of ' || q.name, p.person_id, q.during, above.plan_id,
    -- one in twelve is still talked about
    CASE WHEN signed.on < until AND demo_random(seed, 'agrees ' || q.code || c.code) >= 0.08 THEN signed.on END,
    CASE WHEN signed.on + 2 < until THEN signed.on + 2 END
  FROM period AS q
  CROSS JOIN demo_cast(seed, reps, months, until) AS c
  JOIN person AS p ON p.code = c.code
  CROSS JOIN LATERAL (
    SELECT greatest(lower(q.during) - 6, c.joined + 10) - floor(6 * demo_random(seed, 'signs ' || q.code || c.code))::int AS on
  ) AS signed
  JOIN reporting_line AS line
    ON line.person_id = p.person_id AND line.during @> greatest(lower(q.during), c.joined)
  JOIN person AS boss ON boss.person_id = line.manager_id
  JOIN plan AS above ON above.code = 'quota-' || q.code || '-' || boss.code
  WHERE c.role = 'rep' AND q.kind = 'quarter' AND q.during && daterange(c.joined, c.left_on)
    AND demo_quota(false, c.joined, c.left_on, lower(q.during), first_day) > 0
  ORDER BY lower(q.during), c.ordinal;

  -- The figures: bookings, and what is to make them.
  INSERT INTO plan_target (code, plan_id, metric_id, during, level, revision, target, revised_at, reason)
  SELECT plan.code || '-' || t.metric || '-' || t.level, plan.plan_id, m.metric_id, plan.during, t.level, 1, t.target,
    least(lower(plan.during) - 15, until - 1)::timestamp AT TIME ZONE 'UTC', NULL
  FROM plan
  JOIN person AS p USING (person_id)
  JOIN demo_cast(seed, reps, months, until) AS c ON c.code = p.code AND c.role = 'rep'
  CROSS JOIN LATERAL (
    -- a newcomer's is full on paper: the ramp says how much of it is asked
    SELECT 1000 * round(c.part * demo_quota(false, c.joined, c.left_on, lower(plan.during), first_day) / 1000)::numeric AS bookings,
      round(110000 * demo_growth(lower(plan.during), first_day) / 1000)::numeric * 1000 AS deal_size
  ) AS quota
  CROSS JOIN LATERAL (VALUES
    (1, 'bookings', 'base', quota.bookings),
    (2, 'bookings', 'stretch', 1000 * round(quota.bookings * 1.15 / 1000)),
    (3, 'win_rate', 'base', 0.50),
    (4, 'deals_won', 'base', floor(0.9 * quota.bookings / (120000 * demo_growth(lower(plan.during), first_day))::numeric)),
    (5, 'deal_size', 'base', quota.deal_size),
    (6, 'opportunities_created', 'base', floor(2 * quota.bookings / (120000 * demo_growth(lower(plan.during), first_day))::numeric)),
    (7, 'families_sold', 'base', 2)) AS t (place, metric, level, target)
  JOIN metric AS m ON m.code = t.metric
  ORDER BY plan.plan_id, t.place;
  -- activity as the calendar allows
  INSERT INTO plan_target (code, plan_id, metric_id, during, level, revision, target, revised_at, reason)
  SELECT plan.code || '-' || m.code || '-base', plan.plan_id, m.metric_id, plan.during, 'base', 1,
    floor(sum(coalesce(own.norm, role.norm) / 5 * coalesce(job.hours_per_week / length(job.week) / 8, 1))),
    least(lower(plan.during) - 15, until - 1)::timestamp AT TIME ZONE 'UTC', NULL
  FROM plan
  JOIN person AS p USING (person_id)
  CROSS JOIN metric AS m
  JOIN standard AS role ON role.metric_id = m.metric_id AND role.role = 'rep'
  JOIN working_day(daterange(first_day, until + 184)) AS w ON w.person_id = plan.person_id AND w.day <@ plan.during
  JOIN employment AS job ON job.person_id = plan.person_id AND job.during @> w.day
  LEFT JOIN standard AS own ON own.metric_id = m.metric_id AND own.person_id = plan.person_id AND own.during @> w.day
  WHERE m.code IN ('calls', 'discovery_meetings') AND starts_with(p.code, 'rep-')
  GROUP BY plan.plan_id, plan.code, plan.during, m.metric_id, m.code
  ORDER BY plan.plan_id, m.metric_id;
  -- a few are reset in mid-quarter, in a session with the manager, and the original stays
  INSERT INTO coaching_session (code, kind, manager_id, planned_for, held_at, outcome, minutes, reviewed, plan_id, subject)
  SELECT 'review-' || plan.code, 'plan_review', line.manager_id, day.at, day.at + interval '5 minutes', 'held', 45,
    daterange(lower(plan.during), lower(plan.during) + 40), plan.plan_id, 'the quota'
  FROM plan
  JOIN person AS p USING (person_id)
  CROSS JOIN LATERAL (SELECT ((lower(plan.during) + 40)::timestamp + interval '9 hours') AT TIME ZONE 'UTC' AS at) AS day
  JOIN reporting_line AS line ON line.person_id = plan.person_id AND line.during @> lower(plan.during) + 40
  WHERE starts_with(p.code, 'rep-') AND lower(plan.during) + 40 < until
    -- rep 2 each spring, whatever the dice say
    AND (demo_random(seed, 'reset ' || plan.code) < 0.03
      OR p.code = demo_code('rep', 2, reps) AND extract(month FROM lower(plan.during)) = 4)
  ORDER BY plan.plan_id;
  INSERT INTO session_person (code, coaching_session_id, person_id, attendance, usefulness, judged_at)
  SELECT s.code || '-' || p.code, s.coaching_session_id, p.person_id, 'attended', 3, s.held_at + interval '2 hours'
  FROM coaching_session AS s
  JOIN plan USING (plan_id)
  JOIN person AS p ON p.person_id = plan.person_id
  ORDER BY s.coaching_session_id;
  INSERT INTO plan_target (code, plan_id, metric_id, during, level, revision, target, revised_at, reason, coaching_session_id)
  SELECT t.code || '-2', t.plan_id, t.metric_id, t.during, t.level, 2, 1000 * round(t.target * 0.95 / 1000),
    s.held_at + interval '1 hour', 'a large client merged and left the territory', s.coaching_session_id
  FROM plan_target AS t
  JOIN metric AS m USING (metric_id)
  JOIN coaching_session AS s ON s.plan_id = t.plan_id
  WHERE m.code = 'bookings' AND t.level = 'base'
  ORDER BY t.plan_target_id;
  -- managers and the executive carry what their people do
  FOR tier IN 1..2 LOOP
    INSERT INTO plan_target (code, plan_id, metric_id, during, level, revision, target, revised_at, reason)
    SELECT above.code || '-' || m.code || '-' || t.level, above.plan_id, m.metric_id, above.during, t.level, 1, sum(t.target),
      least(lower(above.during) - 15, until - 1)::timestamp AT TIME ZONE 'UTC', NULL
    FROM plan AS above
    JOIN person AS p ON p.person_id = above.person_id AND starts_with(p.code, CASE tier WHEN 1 THEN 'mgr-' ELSE 'exec-' END)
    JOIN plan AS below ON below.parent_id = above.plan_id
    JOIN plan_target AS t ON t.plan_id = below.plan_id AND t.revision = 1
    JOIN metric AS m USING (metric_id)
    WHERE m.code = 'bookings'
    GROUP BY above.plan_id, above.code, above.during, m.metric_id, m.code, t.level
    ORDER BY above.plan_id, t.level;
  END LOOP;
  RAISE NOTICE '%: % plans, % targets', book, (SELECT count(*) FROM plan), (SELECT count(*) FROM plan_target);
END $$;
COMMENT ON FUNCTION salesmgmt.demo_plan(text, int, int, int, date) IS
'Fills the quotas of a demo book; create_demo_book() calls it';

CREATE FUNCTION salesmgmt.demo_quota(ramps boolean, joined date, left_on date, quarter date, first_day date)
RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- newcomers have none in the quarter they come, then make 45 % at least, then the ramp a month later
  SELECT coalesce(sum(salesmgmt.demo_capacity() * salesmgmt.demo_season(m.month) * salesmgmt.demo_growth(m.month, first_day)
    * CASE WHEN quarter < joined THEN 0 WHEN ramps THEN greatest(0.45, salesmgmt.demo_ramp(ramps, joined + 30, m.month)) ELSE 1 END), 0)
  FROM generate_series(0, 2) AS n
  CROSS JOIN LATERAL (SELECT (quarter::timestamp + make_interval(months => n))::date AS month) AS m
  WHERE left_on IS NULL OR m.month + 31 <= left_on
$$;
COMMENT ON FUNCTION salesmgmt.demo_quota(boolean, date, date, date, date) IS
'The full quota of a rep in a quarter: the ordinary business of its months, 10 % more than a year ago; and what newcomers may make of it';

CREATE FUNCTION salesmgmt.demo_forecast(book text, seed int, reps int, months int, until date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  first_day CONSTANT date := salesmgmt.demo_first_day(months, until);
BEGIN
  PERFORM set_config('search_path', format('%I, salesmgmt, pg_temp', book), true);

  -- Before the quarter and after each of its first two months.  What comes in
  -- is what the deals make, the future ones included: a good rep knows it well.
  INSERT INTO forecast (code, person_id, judgement, category, during, amount, submitted_at, submitted_by)
  SELECT 'forecast-' || q.code || '-' || c.code || '-' || judge.judgement || '-' || cat.category || '-' || n,
    p.person_id, judge.judgement, cat.category, q.during,
    1000 * round((comes.amount
      * CASE judge.judgement WHEN 'rep' THEN c.candour ELSE 0.25 + 0.75 * c.candour END
      * cat.factor
      * (1 + (0.04 - 0.01 * n) * (2 * demo_random(seed, 'forecast ' || q.code || c.code || judge.judgement || n) - 1)))::numeric / 1000),
    (sent.day::timestamp + CASE judge.judgement WHEN 'rep' THEN interval '15 hours' ELSE interval '39 hours' END) AT TIME ZONE 'UTC',
    CASE judge.judgement WHEN 'rep' THEN p.person_id ELSE line.manager_id END
  FROM period AS q
  CROSS JOIN demo_cast(seed, reps, months, until) AS c
  JOIN person AS p ON p.code = c.code
  CROSS JOIN (VALUES (1, 'rep'), (2, 'manager')) AS judge (place, judgement)
  CROSS JOIN (VALUES (1, 'commit', 1.0), (2, 'best_case', 1.25), (3, 'most_likely', 1.1)) AS cat (place, category, factor)
  CROSS JOIN generate_series(0, 2) AS n
  CROSS JOIN LATERAL (
    SELECT demo_weekday((lower(q.during)::timestamp + make_interval(months => n))::date - 4) AS day
  ) AS sent
  LEFT JOIN reporting_line AS line ON line.person_id = p.person_id AND line.during @> sent.day
  CROSS JOIN LATERAL (
    SELECT CASE WHEN upper(q.during) <= until THEN booked.amount
      ELSE greatest(booked.amount, (c.part * demo_quota(c.ramps, c.joined, c.left_on, lower(q.during), first_day))::numeric) END AS amount
    FROM (
      SELECT coalesce(sum(b.amount), 0) AS amount
      FROM credited_booking AS b
      WHERE b.person_id = p.person_id AND b.booked_on <@ q.during
    ) AS booked
  ) AS comes
  WHERE c.role = 'rep' AND q.kind = 'quarter' AND lower(q.during) >= first_day
    AND lower(q.during) >= c.joined AND sent.day < coalesce(c.left_on, 'infinity')
    AND sent.day + 2 < until AND comes.amount > 0
  ORDER BY sent.day, c.ordinal, judge.place, cat.place;
  RAISE NOTICE '%: % forecasts', book, (SELECT count(*) FROM forecast);
END $$;
COMMENT ON FUNCTION salesmgmt.demo_forecast(text, int, int, int, date) IS
'Fills the forecasts of a demo book; create_demo_book() calls it';

CREATE FUNCTION salesmgmt.demo_rating(book text, seed int, reps int, months int, until date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  first_day CONSTANT date := salesmgmt.demo_first_day(months, until);
BEGIN
  PERFORM set_config('search_path', format('%I, salesmgmt, pg_temp', book), true);

  INSERT INTO kpi_weight (code, metric_id, role, weight, during)
  SELECT 'weight-' || w.metric, m.metric_id, 'rep', w.weight, daterange(first_day, NULL)
  FROM (VALUES (1, 'bookings', 40), (2, 'win_rate', 20), (3, 'deal_size', 15),
    (4, 'calls', 15), (5, 'discovery_meetings', 10)) AS w (place, metric, weight)
  JOIN metric AS m ON m.code = w.metric
  ORDER BY w.place;
  INSERT INTO rating_band (code, rating, name, lower_bound, during) VALUES
    ('band-2', 2, 'Below the targets', 70, daterange(first_day, NULL)),
    ('band-3', 3, 'Met the targets', 90, daterange(first_day, NULL)),
    ('band-4', 4, 'Exceeded the targets', 110, daterange(first_day, NULL));

  -- The quarters that have ended, rated by the manager of its last day.
  INSERT INTO rating (code, person_id, during, rated_by, rated_at, score, rating, prior_rate, prior_n, note)
  SELECT 'rating-' || plan.code, plan.person_id, plan.during, line.manager_id,
    ((upper(plan.during) + 6)::timestamp + interval '16 hours') AT TIME ZONE 'UTC', result.score,
    1 + (result.score >= 70)::int + (result.score >= 90)::int + (result.score >= 110)::int,
    0.59, 10,
    CASE WHEN result.score < 70 THEN 'We agreed what to work on next.' END
  FROM plan
  JOIN person AS p USING (person_id)
  JOIN plan_target AS t ON t.plan_id = plan.plan_id AND t.level = 'base' AND t.revision = 1
  JOIN metric AS m ON m.metric_id = t.metric_id AND m.code = 'bookings'
  JOIN reporting_line AS line ON line.person_id = plan.person_id AND line.during @> upper(plan.during) - 1
  -- by what could be asked of somebody who is new
  JOIN (
    SELECT quarter.during, held.person_id, held.full_days / (upper(quarter.during) - lower(quarter.during)) AS part
    FROM (SELECT DISTINCT quota.during FROM plan AS quota WHERE quota.kind = 'quota') AS quarter
    CROSS JOIN LATERAL days_in_seat(quarter.during, upper(quarter.during) - 1) AS held
  ) AS seat ON seat.person_id = plan.person_id AND seat.during = plan.during AND seat.part > 0
  CROSS JOIN LATERAL (
    SELECT round(100 * (0.3 + 0.7 * least(1.5, coalesce(sum(b.amount), 0) / (t.target * seat.part))), 1)::double precision AS score
    FROM credited_booking AS b
    WHERE b.person_id = plan.person_id AND b.booked_on <@ plan.during
  ) AS result
  WHERE starts_with(p.code, 'rep-') AND upper(plan.during) + 7 < until AND t.target > 0
  ORDER BY plan.plan_id;
  RAISE NOTICE '%: % ratings', book, (SELECT count(*) FROM rating);
END $$;
COMMENT ON FUNCTION salesmgmt.demo_rating(text, int, int, int, date) IS
'Fills weights, bands and past ratings of a demo book; create_demo_book() calls it';
