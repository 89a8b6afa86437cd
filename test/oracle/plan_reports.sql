-- quota_cascade, plan_coverage, plan_reset, plan_check and target_chance in plain SQL: a plan, a
-- person, an account at a time.  Included after the oracles of pipeline_views and plan_views.

-- The quotas in force: the row of the highest revision that had come into force.
CREATE FUNCTION oracle.quota(as_of timestamptz) RETURNS TABLE (plan bigint, person bigint, during daterange, target numeric)
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT t.plan_id, p.person_id, t.during, t.target
  FROM plan_target AS t
  JOIN plan AS p ON p.plan_id = t.plan_id AND p.kind = 'quota'
  JOIN metric AS m ON m.metric_id = t.metric_id AND m.code = 'bookings'
  WHERE t.level = 'base' AND t.revised_at <= as_of
    AND t.revision = (
      SELECT max(x.revision) FROM plan_target AS x
      WHERE x.plan_id = t.plan_id AND x.metric_id = t.metric_id AND x.during = t.during AND x.level = 'base' AND x.revised_at <= as_of);
END;

-- What a plan asks in a span: the sum over its targets inside that lie in no other of them.
CREATE FUNCTION oracle.inside(as_of timestamptz, plan bigint, span daterange) RETURNS numeric
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT sum(q.target)
  FROM oracle.quota(as_of) AS q
  WHERE q.plan = inside.plan AND span @> q.during
    AND 1 = (SELECT count(*) FROM oracle.quota(as_of) AS w WHERE w.plan = inside.plan AND span @> w.during AND w.during @> q.during);
END;

CREATE FUNCTION oracle.cascade(as_of timestamptz, today date) RETURNS TABLE (
  plan bigint, during daterange, level int, quota numeric, parts bigint, without bigint, parts_quota numeric, vacant bigint, vacant_quota numeric)
LANGUAGE sql STABLE
BEGIN ATOMIC
  WITH whole AS MATERIALIZED (
    SELECT q.*, greatest(lower(q.during), least(upper(q.during) - 1, today)) AS day
    FROM oracle.quota(as_of) AS q
    WHERE upper(q.during) > today
  )
  SELECT w.plan, w.during,
    (WITH RECURSIVE up AS (
       SELECT p.plan_id, p.parent_id, 1 AS n FROM plan AS p WHERE p.plan_id = w.plan
       UNION ALL
       SELECT p.plan_id, p.parent_id, up.n + 1 FROM up JOIN plan AS p ON p.plan_id = up.parent_id AND p.kind = 'quota')
     SELECT max(up.n) FROM up),
    w.target, count(*), count(*) FILTER (WHERE part.target IS NULL), coalesce(sum(part.target), 0),
    count(*) FILTER (WHERE NOT part.manned), coalesce(sum(part.target) FILTER (WHERE NOT part.manned), 0)
  FROM whole AS w
  CROSS JOIN LATERAL (
    SELECT oracle.inside(as_of, p.plan_id, w.during) AS target,
      (SELECT count(*) > 0 FROM employment AS e WHERE e.person_id = p.person_id AND e.during @> w.day AND lower(e.during) <= today) AS manned
    FROM plan AS p
    WHERE p.parent_id = w.plan AND p.kind = 'quota' AND p.during && w.during) AS part
  GROUP BY w.plan, w.during, w.target;
END;

CREATE FUNCTION oracle.coverage(today date, top int) RETURNS TABLE (
  person bigint, plans bigint, accounts bigint, planned bigint, missing text)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
  rep record;
  a record;
BEGIN
  FOR rep IN SELECT e.person_id FROM employment AS e WHERE e.role = 'rep' AND e.during @> today LOOP
    person := rep.person_id;
    SELECT count(*) INTO plans FROM plan AS p
    WHERE p.person_id = rep.person_id AND p.during @> today AND p.agreed_by_person_on <= today AND p.agreed_by_manager_on <= today;
    accounts := 0;
    planned := 0;
    missing := NULL;
    FOR a IN
      SELECT acc.code, acc.account_id FROM account AS acc
      WHERE EXISTS (SELECT FROM account_owner AS o WHERE o.account_id = acc.account_id AND o.person_id = rep.person_id AND o.during @> today)
        AND (SELECT sum(b.amount) FROM booking AS b WHERE b.account_id = acc.account_id AND b.booked_on BETWEEN today - 364 AND today) > 0
      ORDER BY (SELECT sum(b.amount) FROM booking AS b WHERE b.account_id = acc.account_id AND b.booked_on BETWEEN today - 364 AND today) DESC,
        acc.code COLLATE "C"
      LIMIT top
    LOOP
      accounts := accounts + 1;
      IF EXISTS (SELECT FROM plan AS p WHERE p.kind = 'relationship' AND p.account_id = a.account_id AND p.during @> today
          AND greatest(p.agreed_by_person_on, p.agreed_by_manager_on) <= today
          AND num_nulls(p.agreed_by_person_on, p.agreed_by_manager_on) = 0) THEN
        planned := planned + 1;
      ELSE
        missing := coalesce(missing, a.code);
      END IF;
    END LOOP;
    RETURN NEXT;
  END LOOP;
END $$;

-- What the slow oracles of the pipeline say of one day, kept for the questions about it.
CREATE FUNCTION oracle.remember(as_of timestamptz, zone text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  DROP TABLE IF EXISTS story_now, closed_ever, closed_now;
  CREATE TEMP TABLE story_now AS SELECT * FROM oracle.story(as_of);
  CREATE TEMP TABLE closed_ever AS SELECT * FROM oracle.closed(as_of, zone);
  CREATE TEMP TABLE closed_now AS
  SELECT c.*, (SELECT s.pipeline FROM story_now AS s WHERE s.deal = c.deal ORDER BY s.n DESC LIMIT 1) AS pipeline, 1 AS furthest
  FROM closed_ever AS c
  WHERE c.closed_on BETWEEN oracle.date_of(as_of, zone) - 364 AND oracle.date_of(as_of, zone);
  UPDATE closed_now AS c SET furthest = (SELECT max(s.step) FROM story_now AS s WHERE s.deal = c.deal AND s.pipeline = c.pipeline);
END $$;

-- Won of the deals that a person, or everybody, closed in the year, having come as far as a stage.
CREATE FUNCTION oracle.from_stage(who bigint, of_stage bigint, OUT won bigint, OUT closed bigint)
LANGUAGE plpgsql
AS $$
BEGIN
  SELECT count(*) FILTER (WHERE c.won), count(*) INTO won, closed
  FROM closed_now AS c
  JOIN stage AS st ON st.stage_id = of_stage AND st.pipeline_id = c.pipeline
  CROSS JOIN LATERAL (SELECT count(*) AS n FROM stage AS b WHERE b.pipeline_id = st.pipeline_id AND b.position <= st.position AND b.outcome <> 'lost') AS step
  WHERE (who IS NULL OR c.owner = who) AND (c.furthest >= step.n OR step.n = 1);
END $$;

-- How likely a deal of a person is won from a stage, of the day that is remembered: by the rule, or by the own rate.
CREATE FUNCTION oracle.likely(who bigint, of_stage bigint, today date, own boolean, prior_n numeric) RETURNS numeric
LANGUAGE plpgsql
AS $$
DECLARE
  p numeric;
  w bigint; n bigint; all_w bigint; all_n bigint;
BEGIN
  IF NOT own THEN
    SELECT r.probability INTO p FROM stage_rule AS r WHERE r.stage_id = of_stage AND r.during @> today;
  END IF;
  IF p IS NULL THEN
    SELECT f.won, f.closed INTO w, n FROM oracle.from_stage(who, of_stage) AS f;
    SELECT f.won, f.closed INTO all_w, all_n FROM oracle.from_stage(NULL, of_stage) AS f;
    IF all_n > 0 THEN
      p := (w + prior_n * all_w / all_n) / (n + prior_n);
    END IF;
  END IF;
  RETURN p;
END $$;

-- Every way in which the open deals may go, one by one; of the day that is remembered.
CREATE FUNCTION oracle.chance(as_of timestamptz, zone text, own boolean, prior_n numeric) RETURNS TABLE (
  person bigint, during daterange, quota numeric, asked_for numeric, won numeric, deals int, chance numeric, p10 numeric, p50 numeric, p90 numeric)
LANGUAGE plpgsql
AS $$
DECLARE
  today date := oracle.date_of(as_of, zone);
  asked record;
  deal record;
  amounts numeric[];
  chances numeric[];
  p numeric;
BEGIN
  FOR asked IN
    SELECT q.person, q.during, sum(q.target) AS target FROM oracle.quota(as_of) AS q
    WHERE q.during @> today
      AND NOT EXISTS (SELECT FROM plan AS part WHERE part.parent_id = q.plan AND part.kind = 'quota' AND part.person_id <> q.person)
    GROUP BY q.person, q.during
  LOOP
    person := asked.person;
    during := asked.during;
    quota := asked.target;
    asked_for := coalesce(oracle.effective_quota(person, during, quota, today), quota);
    SELECT coalesce(sum(b.amount), 0) INTO won FROM booking AS b WHERE b.person_id = person AND b.booked_on <@ during AND b.booked_on <= today;
    amounts := ARRAY[won];
    chances := ARRAY[1.0];
    deals := 0;
    FOR deal IN
      SELECT s.* FROM story_now AS s
      WHERE s.outcome = 'open' AND s.owner = person AND s.expected_close <@ during
        AND NOT EXISTS (SELECT FROM story_now AS a WHERE a.deal = s.deal AND a.n > s.n)
    LOOP
      deals := deals + 1;
      p := oracle.likely(person, deal.stage, today, own, prior_n);
      IF p IS NOT NULL AND deal.amount IS NOT NULL THEN
        SELECT array_agg(o.a ORDER BY o.a), array_agg(o.c ORDER BY o.a) INTO amounts, chances
        FROM (
          SELECT x.a, sum(x.c) AS c
          FROM (
            SELECT a, c * (1 - p) AS c FROM unnest(amounts, chances) AS o (a, c)
            UNION ALL
            SELECT a + deal.amount, c * p FROM unnest(amounts, chances) AS o (a, c)) AS x
          GROUP BY x.a
          HAVING sum(x.c) > 0) AS o;
      END IF;
    END LOOP;
    SELECT coalesce(sum(o.c) FILTER (WHERE o.a >= asked_for), 0),
      min(o.a) FILTER (WHERE o.up_to >= 0.1 - 1e-12), min(o.a) FILTER (WHERE o.up_to >= 0.5 - 1e-12), min(o.a) FILTER (WHERE o.up_to >= 0.9 - 1e-12)
    INTO chance, p10, p50, p90
    FROM (SELECT a, c, sum(c) OVER (ORDER BY a) AS up_to FROM unnest(amounts, chances) AS x (a, c)) AS o;
    RETURN NEXT;
  END LOOP;
END $$;

-- What is left of a quota by the booked and the open, deal by deal; of the day that is remembered.  Within doubt / 2 to either side.
CREATE FUNCTION oracle.credit(as_of timestamptz, zone text, who bigint, span daterange, doubt numeric, prior_n numeric,
  OUT booked numeric, OUT deals bigint, OUT uncredited bigint, OUT amount numeric, OUT weighted numeric,
  OUT uncertain boolean, OUT lower numeric, OUT upper numeric)
LANGUAGE plpgsql
AS $$
DECLARE
  today date := oracle.date_of(as_of, zone);
  deal record;
  p numeric;
  squares numeric := 0;
  least_of_all numeric := 0;
  most_of_all numeric := 0;
BEGIN
  deals := 0; uncredited := 0; amount := 0; weighted := 0;
  SELECT coalesce(sum(b.amount), 0) INTO booked FROM booking AS b WHERE b.person_id = who AND b.booked_on <@ span AND b.booked_on <= today;
  FOR deal IN
    SELECT s.* FROM story_now AS s
    WHERE s.outcome = 'open' AND s.owner = who AND s.expected_close <@ span
      AND NOT EXISTS (SELECT FROM story_now AS a WHERE a.deal = s.deal AND a.n > s.n)
  LOOP
    deals := deals + 1;
    p := oracle.likely(who, deal.stage, today, false, prior_n);
    amount := amount + coalesce(deal.amount, 0);
    IF p IS NULL OR deal.amount IS NULL THEN
      uncredited := uncredited + 1;
    ELSE
      weighted := weighted + p * deal.amount;
      IF p = 1 THEN
        least_of_all := least_of_all + deal.amount;
        most_of_all := most_of_all + deal.amount;
      ELSIF p > 0 THEN
        least_of_all := least_of_all + CASE WHEN deal.amount < 0 THEN deal.amount ELSE 0 END;
        most_of_all := most_of_all + CASE WHEN deal.amount > 0 THEN deal.amount ELSE 0 END;
      END IF;
      IF p NOT IN (0, 1) THEN
        squares := squares + deal.amount ^ 2;
      END IF;
    END IF;
  END LOOP;
  uncertain := squares > 0;
  lower := weighted - sqrt(squares / 2 * -ln(doubt / 3 / 2));
  upper := weighted + sqrt(squares / 2 * -ln(doubt / 3 / 2));
  IF lower < least_of_all THEN lower := least_of_all; END IF;
  IF upper > most_of_all THEN upper := most_of_all; END IF;
END $$;

-- One activity metric of one person: what was done, opened and closed in the year that is remembered, and what follows.
CREATE FUNCTION oracle.check_one(as_of timestamptz, zone text, who bigint, what bigint, quota numeric, each_confidence float8, prior_n numeric,
  OUT opened bigint, OUT done bigint, OUT won bigint, OUT closed bigint, OUT size numeric, OUT rate float8, OUT per float8,
  OUT needed float8, OUT lower float8, OUT upper float8)
LANGUAGE plpgsql
AS $$
DECLARE
  today date := oracle.date_of(as_of, zone);
  since timestamptz := (today - 364)::timestamp AT TIME ZONE zone;
  win rate_prior_result;
  odds rate_prior_result;
  sizes numeric; sized bigint; own_sizes numeric; own_sized bigint;
  p float8;
  lo float8; hi float8; win_lo float8; win_hi float8;
BEGIN
  SELECT count(*) FILTER (WHERE c.won), count(*), sum(c.amount) FILTER (WHERE c.won), count(c.amount) FILTER (WHERE c.won)
  INTO won, closed, own_sizes, own_sized
  FROM closed_now AS c WHERE c.owner = who;
  SELECT sum(c.amount) FILTER (WHERE c.won), count(c.amount) FILTER (WHERE c.won) INTO sizes, sized
  FROM closed_now AS c WHERE c.owner IS NOT NULL;
  size := (coalesce(own_sizes, 0) + prior_n * sizes / sized) / (own_sized + prior_n);
  SELECT (rate_prior(x.won, x.closed)).* INTO win
  FROM (SELECT c.owner, count(*) FILTER (WHERE c.won) AS won, count(*) AS closed FROM closed_now AS c
    WHERE c.owner IS NOT NULL GROUP BY c.owner) AS x;
  rate := (won + win.prior_rate * win.prior_n) / (closed + win.prior_n);

  SELECT count(*) INTO opened FROM opportunity AS o LEFT JOIN story_now AS f ON f.deal = o.opportunity_id AND f.n = 1
  WHERE o.created_at >= since AND o.created_at <= as_of
    AND CASE WHEN f.deal IS NULL AND o.stage_id IS NULL THEN o.owner_id ELSE f.owner END = who;
  SELECT count(*) INTO done FROM activity AS a JOIN activity_kind AS k USING (activity_kind_id)
  WHERE a.person_id = who AND k.metric_id = what AND a.held_at >= since AND a.held_at <= as_of;
  SELECT (rate_prior(x.opened, x.opened + x.done)).* INTO odds
  FROM (
    SELECT p.person_id,
      (SELECT count(*) FROM activity AS a JOIN activity_kind AS k USING (activity_kind_id)
       WHERE a.person_id = p.person_id AND k.metric_id = what AND a.held_at >= since AND a.held_at <= as_of) AS done,
      (SELECT count(*) FROM opportunity AS o LEFT JOIN story_now AS f ON f.deal = o.opportunity_id AND f.n = 1
       WHERE o.created_at >= since AND o.created_at <= as_of
         AND CASE WHEN f.deal IS NULL AND o.stage_id IS NULL THEN o.owner_id ELSE f.owner END = p.person_id) AS opened
    FROM person AS p) AS x
  WHERE x.done > 0;
  p := (opened + odds.prior_rate * odds.prior_n) / (opened + done + odds.prior_n);
  per := p / (1 - p);
  needed := quota / size / rate / per;

  win_lo := shrunk_lower(won, closed, win.prior_rate, win.prior_n, each_confidence);
  win_hi := shrunk_upper(won, closed, win.prior_rate, win.prior_n, each_confidence);
  lo := shrunk_lower(opened, opened + done, odds.prior_rate, odds.prior_n, each_confidence);
  hi := shrunk_upper(opened, opened + done, odds.prior_rate, odds.prior_n, each_confidence);
  lower := quota / size / win_hi / (hi / (1 - hi));
  upper := quota / size / win_lo / (lo / (1 - lo));
END $$;

-- Who is to reach a plan: its person, unless it is shared out, and so on down.
CREATE FUNCTION oracle.workers(whole bigint) RETURNS SETOF bigint
LANGUAGE plpgsql
AS $$
DECLARE
  part bigint;
BEGIN
  RETURN QUERY SELECT p.person_id FROM plan AS p
  WHERE p.plan_id = whole
    AND NOT EXISTS (SELECT FROM plan AS c WHERE c.parent_id = whole AND c.kind = p.kind AND c.person_id <> p.person_id);
  FOR part IN SELECT c.plan_id FROM plan AS c JOIN plan AS p ON p.plan_id = c.parent_id AND p.kind = c.kind WHERE p.plan_id = whole LOOP
    RETURN QUERY SELECT oracle.workers(part);
  END LOOP;
END $$;

-- The targets that had been reset, one by one, and what those who are to reach them did; of the day that is remembered.
CREATE FUNCTION oracle.reset(as_of timestamptz, zone text) RETURNS TABLE (
  plan bigint, metric text, during daterange, original numeric, target numeric, resets bigint, actual numeric, n bigint)
LANGUAGE plpgsql
AS $$
DECLARE
  t record;
  who bigint[];
  days daterange;
BEGIN
  FOR t IN
    SELECT r.plan_id, m.code, r.metric_id, r.during, count(*) AS revisions
    FROM plan_target AS r JOIN metric AS m ON m.metric_id = r.metric_id
    WHERE r.level = 'base' AND r.revised_at <= as_of
    GROUP BY r.plan_id, m.code, r.metric_id, r.during
    HAVING count(*) > 1
  LOOP
    plan := t.plan_id;
    metric := t.code;
    during := t.during;
    resets := t.revisions - 1;
    SELECT r.target INTO original FROM plan_target AS r
    WHERE r.plan_id = t.plan_id AND r.metric_id = t.metric_id AND r.during = t.during AND r.level = 'base' AND r.revision = 1;
    SELECT r.target INTO target FROM plan_target AS r
    WHERE r.plan_id = t.plan_id AND r.metric_id = t.metric_id AND r.during = t.during AND r.level = 'base' AND r.revision = t.revisions;
    who := ARRAY(SELECT DISTINCT oracle.workers(t.plan_id));
    days := t.during * daterange(NULL, oracle.date_of(as_of, zone), '[]');
    CASE metric
      WHEN 'bookings' THEN
        SELECT coalesce(sum(b.amount), 0), count(*) INTO actual, n
        FROM booking AS b WHERE b.person_id = ANY (who) AND b.booked_on <@ days;
      WHEN 'calls' THEN
        SELECT count(*), count(*) INTO actual, n
        FROM activity AS a WHERE a.activity_kind_id = 1 AND a.person_id = ANY (who) AND a.held_at <= as_of AND oracle.date_of(a.held_at, zone) <@ days;
      WHEN 'opportunities_created' THEN
        SELECT count(*), count(*) INTO actual, n
        FROM opportunity AS o LEFT JOIN story_now AS f ON f.deal = o.opportunity_id AND f.n = 1
        WHERE o.created_at <= as_of AND oracle.date_of(o.created_at, zone) <@ days
          AND CASE WHEN f.deal IS NULL AND o.stage_id IS NULL THEN o.owner_id ELSE f.owner END = ANY (who);
      ELSE
        SELECT CASE metric
            WHEN 'deals_won' THEN count(*) FILTER (WHERE c.won)
            WHEN 'win_rate' THEN avg(c.won::int)
            WHEN 'deal_size' THEN avg(c.amount) FILTER (WHERE c.won)
            WHEN 'cycle_days' THEN (percentile_cont(0.5) WITHIN GROUP (ORDER BY c.closed_on - oracle.date_of(o.created_at, zone)) FILTER (WHERE c.won))::numeric
          END,
          CASE metric WHEN 'win_rate' THEN count(*) WHEN 'deal_size' THEN count(c.amount) FILTER (WHERE c.won) ELSE count(*) FILTER (WHERE c.won) END
        INTO actual, n
        FROM closed_ever AS c JOIN opportunity AS o ON o.opportunity_id = c.deal
        WHERE c.owner = ANY (who) AND c.closed_on <@ days;
    END CASE;
    RETURN NEXT;
  END LOOP;
END $$;
