-- plan_coverage_by_team, quota_cascade_level and target_attainment in plain SQL: a leader, a
-- level, a quota at a time.  Included after the oracles of pipeline_views, plan_views and plan_reports.

-- The team of a leader, rep by rep; the leaders are found from today, the teams on the day.
CREATE FUNCTION oracle.coverage_by_team(today date, who bigint, span daterange, top int) RETURNS TABLE (
  leader bigint, day date, reps bigint, with_plan bigint, with_accounts bigint, covered bigint, accounts numeric, planned numeric)
LANGUAGE plpgsql STABLE
AS $$
BEGIN
  day := today;
  IF upper(span) - 1 < today THEN
    day := upper(span) - 1;
  END IF;
  FOR leader IN SELECT p.person_id FROM person AS p WHERE who IS NULL OR oracle.leads(who, p.person_id, today, today) LOOP
    SELECT count(*), count(*) FILTER (WHERE c.plans > 0),
      count(*) FILTER (WHERE c.accounts > 0), count(*) FILTER (WHERE c.accounts > 0 AND c.planned = c.accounts),
      sum(c.accounts), sum(c.planned)
    INTO reps, with_plan, with_accounts, covered, accounts, planned
    FROM oracle.coverage(day, top) AS c
    WHERE c.person <> leader AND oracle.leads(leader, c.person, day, today);
    IF reps > 0 THEN
      RETURN NEXT;
    END IF;
  END LOOP;
END $$;

-- A plan is known once it had a target or either side had agreed; always, if it never gets either.
CREATE FUNCTION oracle.knows(as_of timestamptz, today date, of_plan bigint) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT EXISTS (SELECT FROM plan_target AS t WHERE t.plan_id = of_plan AND t.revised_at <= as_of)
    OR p.agreed_by_person_on <= today IS TRUE
    OR p.agreed_by_manager_on <= today IS TRUE
    OR p.agreed_by_person_on IS NULL AND p.agreed_by_manager_on IS NULL
      AND NOT EXISTS (SELECT FROM plan_target AS t WHERE t.plan_id = of_plan)
  FROM plan AS p
  WHERE p.plan_id = of_plan;
END;

-- Each quota of bookings, and its level by a walk to the top; then each of its parts.
CREATE FUNCTION oracle.handed_down(as_of timestamptz, today date, who bigint, span daterange) RETURNS TABLE (
  during daterange, level int, quota numeric, parts bigint, parts_quota numeric, vacant_parts bigint, vacant_quota numeric)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
  whole record;
  part record;
  above bigint;
BEGIN
  FOR whole IN SELECT q.plan, q.person, q.during, q.target FROM oracle.quota(as_of) AS q LOOP
    CONTINUE WHEN who IS NOT NULL AND NOT oracle.leads(who, whole.person, today, today);
    CONTINUE WHEN span IS NULL AND upper(whole.during) <= today;
    CONTINUE WHEN NOT whole.during && span;
    during := whole.during;
    quota := whole.target;
    level := 0;
    above := whole.plan;
    WHILE above IS NOT NULL AND oracle.knows(as_of, today, above) LOOP
      level := level + 1;
      SELECT p.plan_id INTO above FROM plan AS c JOIN plan AS p ON p.plan_id = c.parent_id AND p.kind = 'quota' WHERE c.plan_id = above;
    END LOOP;
    parts := 0;
    parts_quota := 0;
    vacant_parts := 0;
    vacant_quota := 0;
    FOR part IN
      SELECT p.plan_id, p.person_id, coalesce(oracle.inside(as_of, p.plan_id, whole.during), 0) AS target
      FROM plan AS p
      WHERE p.parent_id = whole.plan AND p.kind = 'quota' AND p.during && whole.during AND oracle.knows(as_of, today, p.plan_id)
    LOOP
      parts := parts + 1;
      parts_quota := parts_quota + part.target;
      -- a job on the day, or on the first or last of the period if that is nearer
      IF NOT EXISTS (
        SELECT FROM employment AS e
        WHERE e.person_id = part.person_id AND lower(e.during) <= today
          AND e.during @> CASE
            WHEN today < lower(whole.during) THEN lower(whole.during)
            WHEN today >= upper(whole.during) THEN upper(whole.during) - 1
            ELSE today
          END)
      THEN
        vacant_parts := vacant_parts + 1;
        vacant_quota := vacant_quota + part.target;
      END IF;
    END LOOP;
    IF parts > 0 THEN
      RETURN NEXT;
    END IF;
  END LOOP;
END $$;

CREATE FUNCTION oracle.cascade_level(as_of timestamptz, today date, who bigint, span daterange) RETURNS TABLE (
  during daterange, level int, plans bigint, quota numeric, parts bigint, parts_quota numeric, vacant_parts bigint, vacant_quota numeric)
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT h.during, h.level, count(*), sum(h.quota), sum(h.parts)::bigint, sum(h.parts_quota), sum(h.vacant_parts)::bigint, sum(h.vacant_quota)
  FROM oracle.handed_down(as_of, today, who, span) AS h
  GROUP BY h.during, h.level;
END;

-- The cases of one person, metric and span of days, one value each, of the day that is remembered.
CREATE FUNCTION oracle.cases(as_of timestamptz, zone text, who bigint, what text, days daterange, min_amount numeric) RETURNS SETOF numeric
LANGUAGE plpgsql STABLE
AS $$
BEGIN
  CASE
    WHEN what = 'bookings' THEN
      RETURN QUERY SELECT c.amount FROM oracle.credit() AS c WHERE c.person_id = who AND c.booked_on <@ days;
    WHEN what = 'families_sold' THEN
      RETURN QUERY SELECT 1::numeric
      FROM booking AS b JOIN product AS p ON p.product_id = b.product_id
      WHERE b.booked_on <@ days AND p.family IS NOT NULL
      GROUP BY p.family
      HAVING sum(b.amount * CASE WHEN EXISTS (SELECT FROM booking_credit AS c WHERE c.booking_id = b.booking_id)
          THEN (SELECT c.share FROM booking_credit AS c WHERE c.booking_id = b.booking_id AND c.person_id = who)
          ELSE (b.person_id = who)::int END) > 0;
    WHEN what IN ('deals_won', 'win_rate', 'deal_size', 'cycle_days') THEN
      RETURN QUERY SELECT CASE what
          WHEN 'deals_won' THEN 1
          WHEN 'win_rate' THEN c.won::int
          WHEN 'deal_size' THEN c.amount
          ELSE c.closed_on - oracle.date_of(o.created_at, zone)
        END::numeric
      FROM closed_ever AS c JOIN opportunity AS o ON o.opportunity_id = c.deal
      WHERE c.owner = who AND c.closed_on <@ days
        AND CASE what
          WHEN 'win_rate' THEN min_amount = 0 OR c.amount >= min_amount
          WHEN 'deal_size' THEN c.won AND c.amount IS NOT NULL
          ELSE c.won
        END;
    WHEN what = 'opportunities_created' THEN
      RETURN QUERY SELECT 1::numeric
      FROM opportunity AS o LEFT JOIN story_now AS f ON f.deal = o.opportunity_id AND f.n = 1
      WHERE o.created_at <= as_of AND oracle.date_of(o.created_at, zone) <@ days
        AND CASE WHEN f.deal IS NULL AND o.stage_id IS NULL THEN o.owner_id ELSE f.owner END = who;
    WHEN what = 'meetings_held' OR EXISTS (SELECT FROM activity_kind AS k JOIN metric AS m ON m.metric_id = k.metric_id WHERE m.code = what) THEN
      RETURN QUERY SELECT 1::numeric
      FROM activity AS a
      JOIN activity_kind AS k ON k.activity_kind_id = a.activity_kind_id
      LEFT JOIN metric AS m ON m.metric_id = k.metric_id
      WHERE a.person_id = who AND a.outcome = 'held' AND a.held_at <= as_of AND oracle.date_of(a.held_at, zone) <@ days
        AND (m.code = what OR what = 'meetings_held' AND k.counts_as IN ('discovery', 'proposal', 'meeting'));
    ELSE
      RETURN QUERY SELECT a.value::numeric FROM actual AS a JOIN metric AS m ON m.metric_id = a.metric_id
      WHERE m.code = what AND a.person_id = who AND a.day <@ days;
  END CASE;
END $$;

-- Each quota of a person that is not shared out among others; two of the same span are one.
CREATE FUNCTION oracle.target_attainment(as_of timestamptz, zone text, who bigint, span daterange, min_amount numeric) RETURNS TABLE (
  person bigint, metric text, during daterange, target numeric, actual numeric, n bigint, attainment numeric)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
  today date := oracle.date_of(as_of, zone);
  q record;
  values numeric[];
BEGIN
  FOR q IN
    SELECT p.person_id, m.code, m.unit, m.higher_is_better, t.during, array_agg(t.target ORDER BY p.plan_id) AS targets
    FROM plan_target AS t
    JOIN plan AS p ON p.plan_id = t.plan_id AND p.kind = 'quota'
    JOIN metric AS m ON m.metric_id = t.metric_id
    WHERE t.level = 'base' AND t.revised_at <= as_of
      AND NOT EXISTS (
        SELECT FROM plan_target AS x
        WHERE x.plan_id = t.plan_id AND x.metric_id = t.metric_id AND x.during = t.during AND x.level = 'base'
          AND x.revised_at <= as_of AND x.revision > t.revision)
      AND NOT EXISTS (
        SELECT FROM plan AS part
        WHERE part.parent_id = p.plan_id AND part.kind = 'quota' AND part.person_id <> p.person_id AND oracle.knows(as_of, today, part.plan_id))
      AND (who IS NULL OR oracle.leads(who, p.person_id, today, today))
      AND CASE WHEN span IS NULL THEN lower(t.during) <= today ELSE t.during && span END
    GROUP BY p.person_id, m.code, m.unit, m.higher_is_better, t.during
  LOOP
    person := q.person_id;
    metric := q.code;
    during := q.during;
    SELECT array_agg(c) INTO values
    FROM oracle.cases(as_of, zone, person, metric, during * daterange(NULL, today, '[]'), min_amount) AS c;
    n := coalesce(cardinality(values), 0);
    IF metric = 'deal_size' OR q.unit IN ('rate', 'days') THEN
      target := q.targets[1];
      SELECT CASE WHEN metric = 'cycle_days' THEN percentile_cont(0.5) WITHIN GROUP (ORDER BY v)::numeric ELSE avg(v) END
      INTO actual FROM unnest(values) AS v;
    ELSE
      SELECT sum(v) INTO target FROM unnest(q.targets) AS v;
      SELECT sum(v) INTO actual FROM unnest(values) AS v;
      IF metric IN ('bookings', 'deals_won', 'opportunities_created', 'meetings_held', 'families_sold')
        OR EXISTS (SELECT FROM activity_kind AS k JOIN metric AS m ON m.metric_id = k.metric_id WHERE m.code = metric)
      THEN
        actual := coalesce(actual, 0);
      END IF;
    END IF;
    attainment := CASE
      WHEN target = 0 THEN NULL
      WHEN q.higher_is_better THEN 1 + (actual - target) / abs(target)
      ELSE 1 - (actual - target) / abs(target)
    END;
    RETURN NEXT;
  END LOOP;
END $$;
