-- The plans for single accounts of a demo book, what is to be done about them, and a district still to be staffed.

CREATE FUNCTION salesmgmt.demo_account_plan(book text, seed int, reps int, months int, until date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  -- they were made in the last months, for a year
  since CONSTANT date := date_trunc('month', (until - 120)::timestamp)::date;
BEGIN
  PERFORM set_config('search_path', format('%I, salesmgmt, pg_temp', book), true);

  -- Two reps of three have a plan for each of their five largest accounts, the
  -- others for the first one or two, and one plan in ten is still talked about.
  INSERT INTO plan (code, kind, name, person_id, account_id, during, agreed_by_person_on, agreed_by_manager_on)
  SELECT 'account-' || top.code, 'relationship', 'Plan for ' || top.name, top.person_id, top.account_id,
    daterange(since, (since + interval '1 year')::date), signed.on,
    CASE WHEN demo_random(seed, 'account agreed ' || top.code) >= 0.1 * (top.place > 1)::int THEN signed.on + 2 END
  FROM (
    SELECT a.code, a.name, a.account_id, rep.code AS rep, owner.person_id, lower(job.during) AS joined,
      row_number() OVER (PARTITION BY owner.person_id ORDER BY sum(b.amount) DESC, a.code COLLATE "C") AS place
    FROM booking AS b
    JOIN account AS a USING (account_id)
    JOIN account_owner AS owner ON owner.account_id = a.account_id AND owner.during @> until - 1
    JOIN employment AS job ON job.person_id = owner.person_id AND job.during @> until - 1 AND job.role = 'rep'
    JOIN person AS rep ON rep.person_id = owner.person_id
    WHERE b.booked_on > until - 365
    GROUP BY a.code, a.name, a.account_id, rep.code, owner.person_id, job.during
    HAVING sum(b.amount) > 0
  ) AS top
  CROSS JOIN LATERAL (
    SELECT greatest(since, top.joined) + 5 + floor(30 * demo_random(seed, 'account plan ' || top.code))::int AS on
  ) AS signed
  WHERE top.place <= CASE WHEN demo_random(seed, 'plans accounts ' || top.rep) < 0.67 THEN 5
      ELSE 1 + floor(2 * demo_random(seed, 'some accounts ' || top.rep))::int END
  ORDER BY top.rep, top.place;

  -- Two things to do for each, a month and two after it was agreed; help is asked for now and then.
  INSERT INTO plan_action (code, plan_id, person_id, account_id, opportunity_id, description, due_on, done_on,
    resource_asked, amount_asked, amount_granted, decision, decided_on, decided_by)
  SELECT p.code || '-' || n, p.plan_id, p.person_id, p.account_id, CASE n WHEN 2 THEN deal.opportunity_id END,
    CASE n WHEN 1 THEN 'Go through the year''s figures with their head of finance' ELSE 'Bring the product specialist' END,
    due.on, CASE WHEN due.on + due.late < until AND due.u < 0.8 THEN due.on + due.late END,
    CASE WHEN asks.help THEN 'half a day of the product specialist' END,
    CASE WHEN asks.help THEN 500 END, CASE WHEN asks.granted THEN 500 WHEN asks.granted = false THEN 0 END,
    CASE WHEN asks.granted THEN 'granted' WHEN asks.granted = false THEN 'refused' END,
    CASE WHEN asks.granted IS NOT NULL THEN p.agreed_by_manager_on END,
    CASE WHEN asks.granted IS NOT NULL THEN line.manager_id END
  FROM plan AS p
  CROSS JOIN generate_series(1, 2) AS n
  CROSS JOIN LATERAL (
    SELECT p.agreed_by_person_on + 30 * n AS on, demo_random(seed, 'action ' || p.code || n) AS u,
      floor(15 * demo_random(seed, 'late ' || p.code || n))::int - 5 AS late
  ) AS due
  CROSS JOIN LATERAL (
    SELECT n = 2 AND due.u < 0.5 AS help,
      CASE WHEN n = 2 AND due.u < 0.5 AND p.agreed_by_manager_on < until THEN due.u < 0.35 END AS granted
  ) AS asks
  LEFT JOIN reporting_line AS line ON line.person_id = p.person_id AND line.during @> p.agreed_by_manager_on
  LEFT JOIN LATERAL (
    SELECT min(o.opportunity_id) AS opportunity_id
    FROM opportunity AS o
    JOIN stage AS s USING (stage_id)
    WHERE o.account_id = p.account_id AND s.outcome = 'open'
  ) AS deal ON true
  WHERE p.kind = 'relationship'
  ORDER BY p.plan_id, n;

  -- drawn on the map, and nobody works it yet
  INSERT INTO territory (code, name, parent_id)
  SELECT 'district-new', region.name || ' new', region.territory_id
  FROM territory AS region
  WHERE region.code = 'region-1' OR region.code = 'region-' || lpad('1', length(demo_teams(reps)::text), '0')
  LIMIT 1;

  RAISE NOTICE '%: % plans for accounts, % actions', book,
    (SELECT count(*) FROM plan WHERE kind = 'relationship'), (SELECT count(*) FROM plan_action);
END $$;
COMMENT ON FUNCTION salesmgmt.demo_account_plan(text, int, int, int, date) IS
'Fills the account plans and their actions of a demo book; create_demo_book() calls it';
