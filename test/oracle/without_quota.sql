-- without_quota in plain SQL: a rep, a plan, a territory at a time.  Reads the book that search_path names.
CREATE SCHEMA IF NOT EXISTS oracle;

\ir leads.sql

-- the bookings asked for, each by its newest revision at the time
CREATE FUNCTION oracle.quota(as_of timestamptz) RETURNS TABLE (plan_id bigint, person_id bigint, during daterange, target numeric)
LANGUAGE sql STABLE
AS $$
  SELECT p.plan_id, p.person_id, t.during, t.target
  FROM plan_target AS t
  JOIN plan AS p ON p.plan_id = t.plan_id AND p.kind = 'quota'
  JOIN metric AS m ON m.metric_id = t.metric_id AND m.code = 'bookings'
  WHERE t.level = 'base' AND t.revised_at <= as_of
    AND NOT EXISTS (
      SELECT FROM plan_target AS newer
      WHERE newer.plan_id = t.plan_id AND newer.metric_id = t.metric_id AND newer.during = t.during AND newer.level = 'base'
        AND newer.revised_at <= as_of AND newer.revision > t.revision)
$$;

-- a plan is known once there is a target or somebody agrees, and one without either always
CREATE FUNCTION oracle.is_known(plan bigint, as_of timestamptz, today date) RETURNS boolean
LANGUAGE sql STABLE
AS $$
  SELECT EXISTS (SELECT FROM plan_target AS t WHERE t.plan_id = plan AND t.revised_at <= as_of)
    OR EXISTS (SELECT FROM plan AS p WHERE p.plan_id = plan AND (p.agreed_by_person_on <= today OR p.agreed_by_manager_on <= today))
    OR NOT EXISTS (SELECT FROM plan_target AS t WHERE t.plan_id = plan)
      AND EXISTS (SELECT FROM plan AS p WHERE p.plan_id = plan AND p.agreed_by_person_on IS NULL AND p.agreed_by_manager_on IS NULL)
$$;

CREATE FUNCTION oracle.employed(who bigint, day date, today date) RETURNS boolean
LANGUAGE sql STABLE
AS $$ SELECT EXISTS (SELECT FROM employment AS e WHERE e.person_id = who AND e.during @> day AND lower(e.during) <= today) $$;

CREATE FUNCTION oracle.accounts(who bigint, day date) RETURNS bigint
LANGUAGE sql STABLE
AS $$ SELECT count(*) FROM account_owner AS o WHERE o.person_id = who AND o.during @> day $$;

-- who is where on a day to come is not known: all stay where they are today
CREATE FUNCTION oracle.without_quota(as_of timestamptz, asked bigint, day date, today date) RETURNS TABLE (
  kind text, code text, name text, manager text, since date, quota numeric, accounts bigint)
LANGUAGE sql STABLE
AS $$
  SELECT 'person', p.code, p.name,
    (SELECT boss.code FROM reporting_line AS l JOIN person AS boss ON boss.person_id = l.manager_id WHERE l.person_id = p.person_id AND l.during @> least(day, today)),
    greatest(
      (SELECT lower(e.during) FROM employment AS e WHERE e.person_id = p.person_id AND e.during @> day),
      (SELECT max(upper(q.during)) FROM oracle.quota(as_of) AS q WHERE q.person_id = p.person_id AND upper(q.during) <= day)),
    NULL, oracle.accounts(p.person_id, least(day, today))
  FROM person AS p
  WHERE EXISTS (SELECT FROM employment AS e WHERE e.person_id = p.person_id AND e.during @> day AND e.role = 'rep' AND lower(e.during) <= today)
    AND NOT EXISTS (SELECT FROM oracle.quota(as_of) AS q WHERE q.person_id = p.person_id AND q.during @> day)
    AND (asked IS NULL OR oracle.leads(asked, p.person_id, today))
  UNION ALL
  SELECT 'plan', pl.code, p.name, boss.code,
    (SELECT max(upper(e.during)) FROM employment AS e WHERE e.person_id = p.person_id AND upper(e.during) <= day AND lower(e.during) <= today),
    -- of periods that lie in one another the longest
    (SELECT sum(q.target) FROM oracle.quota(as_of) AS q WHERE q.plan_id = pl.plan_id AND q.during @> day
      AND (SELECT count(*) FROM oracle.quota(as_of) AS w WHERE w.plan_id = pl.plan_id AND w.during @> q.during) = 1),
    oracle.accounts(p.person_id, least(day, today))
  FROM plan AS pl
  JOIN person AS p ON p.person_id = pl.person_id
  LEFT JOIN plan AS above ON above.plan_id = pl.parent_id AND oracle.is_known(above.plan_id, as_of, today)
  LEFT JOIN person AS boss ON boss.person_id = above.person_id
  WHERE EXISTS (SELECT FROM oracle.quota(as_of) AS q WHERE q.plan_id = pl.plan_id AND q.during @> day)
    AND NOT oracle.employed(p.person_id, day, today)
    -- what is shared out is in the parts
    AND NOT EXISTS (SELECT FROM plan AS part WHERE part.parent_id = pl.plan_id AND part.kind = 'quota' AND part.person_id <> pl.person_id
      AND oracle.is_known(part.plan_id, as_of, today))
    AND (asked IS NULL OR oracle.leads(asked, coalesce(above.person_id, pl.person_id), today))
  UNION ALL
  SELECT 'territory', t.code, t.name, region.manager,
    (SELECT max(upper(w.during)) FROM territory_assignment AS w WHERE w.territory_id = t.territory_id AND upper(w.during) <= least(day, today)),
    NULL, (SELECT count(*) FROM account AS a WHERE a.territory_id = t.territory_id)
  FROM territory AS t
  CROSS JOIN LATERAL (
    SELECT min(p.code) AS manager, coalesce(bool_or(oracle.leads(asked, p.person_id, today)), false) AS led
    FROM territory_assignment AS w JOIN person AS p ON p.person_id = w.person_id
    WHERE w.territory_id = t.parent_id AND w.during @> least(day, today)
  ) AS region
  WHERE NOT EXISTS (SELECT FROM territory AS part WHERE part.parent_id = t.territory_id)
    AND NOT EXISTS (SELECT FROM territory_assignment AS w WHERE w.territory_id = t.territory_id AND w.during @> least(day, today))
    AND (asked IS NULL OR region.led)
$$;
