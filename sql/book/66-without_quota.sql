-- Whom no quota reaches, and which quota reaches nobody.

-- A day to come is as the day of as_of knows it: whoever gave notice is gone, nobody is there
-- yet who has not begun, and whoever stays stays where they are.
CREATE FUNCTION without_quota_day(as_of timestamptz, during daterange, options jsonb)
RETURNS TABLE (today date, day date, known_day date)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT now_is.today, asked.day, least(asked.day, now_is.today)
  FROM book_date(without_quota_day.as_of, without_quota_day.options) AS now_is (today)
  CROSS JOIN LATERAL (
    SELECT CASE WHEN isfinite(lower(without_quota_day.during)) THEN lower(without_quota_day.during) ELSE now_is.today END
  ) AS asked (day)
  WHERE isempty(without_quota_day.during) IS NOT TRUE;
END;
COMMENT ON FUNCTION without_quota_day(timestamptz, daterange, jsonb) IS
'The day of as_of, the day that without_quota is about, and the last day up to it of which is known who is where; options as settings() gives them';

CREATE FUNCTION without_quota(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (kind text, code text, name text, manager text, since date, quota numeric, accounts int8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT on_day.today, on_day.day, on_day.known_day
    FROM settings(without_quota.options, without_quota.as_of) AS given (options)
    CROSS JOIN LATERAL without_quota_day(without_quota.as_of, without_quota.during, given.options) AS on_day
  ),
  asked AS MATERIALIZED (
    SELECT who.person_id
    FROM chosen
    CROSS JOIN LATERAL report_on(without_quota.person, chosen.today) AS who
  ),
  quota AS MATERIALIZED (
    SELECT t.plan_id, t.person_id, t.during, t.target, t.handed_down
    FROM chosen
    CROSS JOIN LATERAL target_in_force(without_quota.as_of, chosen.today) AS t
    WHERE t.kind = 'quota' AND t.metric = 'bookings'
  ),
  found AS (
    -- a rep without a quota
    SELECT 'person' AS kind, rep.code, rep.name, rep.person_id, NULL::bigint AS territory_id, boss.code AS manager,
      greatest(lower(job.during), (
        SELECT max(upper(q.during))
        FROM quota AS q
        WHERE q.person_id = job.person_id AND upper(q.during) <= chosen.day)) AS since,
      NULL::numeric AS quota
    FROM chosen
    JOIN employment AS job ON job.role = 'rep' AND job.during @> chosen.day AND lower(job.during) <= chosen.today
    JOIN person AS rep ON rep.person_id = job.person_id
    LEFT JOIN reporting_line AS line ON line.person_id = job.person_id AND line.during @> chosen.known_day
    LEFT JOIN person AS boss ON boss.person_id = line.manager_id
    WHERE job.person_id IN (SELECT asked.person_id FROM asked)
      AND NOT EXISTS (
        SELECT
        FROM quota AS q
        WHERE q.person_id = job.person_id AND q.during @> chosen.day)
    UNION ALL
    -- a quota of somebody who is not, or no longer, here
    SELECT 'plan', p.code, gone.name, gone.person_id, NULL, boss.code,
      (SELECT max(upper(job.during)) FROM employment AS job
       WHERE job.person_id = q.person_id AND upper(job.during) <= chosen.day AND lower(job.during) <= chosen.today),
      sum(q.target)
    FROM chosen
    -- a year and its quarters are one quota: the longest
    JOIN quota AS q
      ON q.during @> chosen.day
      AND NOT q.handed_down
      AND NOT EXISTS (
        SELECT
        FROM quota AS wider
        WHERE wider.plan_id = q.plan_id
          AND wider.during @> q.during
          AND wider.during <> q.during)
    JOIN plan AS p ON p.plan_id = q.plan_id
    JOIN person AS gone ON gone.person_id = q.person_id
    LEFT JOIN known_plan(without_quota.as_of, chosen.today) AS above ON above.plan_id = p.parent_id
    LEFT JOIN person AS boss ON boss.person_id = above.person_id
    WHERE coalesce(above.person_id, p.person_id) IN (SELECT asked.person_id FROM asked)
      AND NOT EXISTS (
        SELECT
        FROM employment AS job
        WHERE job.person_id = q.person_id AND job.during @> chosen.day AND lower(job.during) <= chosen.today)
    GROUP BY p.code, gone.name, gone.person_id, boss.code, q.person_id, chosen.day, chosen.today
    UNION ALL
    -- a territory, of the smallest, that nobody works
    SELECT 'territory', area.code, area.name, NULL, area.territory_id, region.manager,
      (SELECT max(upper(work.during)) FROM territory_assignment AS work
       WHERE work.territory_id = area.territory_id AND upper(work.during) <= chosen.known_day),
      NULL
    FROM chosen
    CROSS JOIN territory AS area
    LEFT JOIN LATERAL (
      SELECT min(lead.code) AS manager, bool_or(lead.person_id IN (SELECT asked.person_id FROM asked)) AS is_asked
      FROM territory_assignment AS work
      JOIN person AS lead ON lead.person_id = work.person_id
      WHERE work.territory_id = area.parent_id AND work.during @> chosen.known_day
    ) AS region ON true
    WHERE (without_quota.person IS NULL OR region.is_asked)
      AND NOT EXISTS (SELECT FROM territory AS smaller WHERE smaller.parent_id = area.territory_id)
      AND NOT EXISTS (
        SELECT
        FROM territory_assignment AS work
        WHERE work.territory_id = area.territory_id AND work.during @> chosen.known_day)
  ),
  held AS MATERIALIZED (
    SELECT owner.person_id, count(*) AS accounts
    FROM chosen
    JOIN account_owner AS owner ON owner.during @> chosen.known_day
    GROUP BY owner.person_id
  ),
  lying AS MATERIALIZED (
    SELECT a.territory_id, count(*) AS accounts
    FROM account AS a
    WHERE a.territory_id IS NOT NULL
    GROUP BY a.territory_id
  )
  SELECT found.kind, found.code, found.name, found.manager, found.since, found.quota,
    coalesce(held.accounts, lying.accounts, 0)
  FROM found
  LEFT JOIN held ON held.person_id = found.person_id
  LEFT JOIN lying ON lying.territory_id = found.territory_id
  ORDER BY found.kind, found.code;
END;
COMMENT ON FUNCTION without_quota(timestamptz, text, daterange, jsonb) IS
'Reps without a quota, quotas of people without a job, and territories that nobody works, on the first of the days during, by default on that of as_of; person: the reps below, the quotas and territories below theirs';

CREATE VIEW without_quota WITH (security_invoker) AS
SELECT kind, code, name, manager, since, quota::numeric(20,4), accounts
FROM without_quota();
COMMENT ON VIEW without_quota IS 'Who has no quota, and which seats are open as far as the records know?';
COMMENT ON COLUMN without_quota.kind IS 'person: a rep without a quota; plan: a quota of somebody without a job; territory: one that nobody works';
COMMENT ON COLUMN without_quota.code IS 'Code of the person, plan or territory';
COMMENT ON COLUMN without_quota.name IS 'Name of the person, of the person whose plan it is, or of the territory';
COMMENT ON COLUMN without_quota.manager IS 'Code of the manager; of the person of the plan or territory above';
COMMENT ON COLUMN without_quota.since IS 'Day since when: the start of the job or the end of the last quota; the end of the job; the end of the last assignment. Empty if there never was one';
COMMENT ON COLUMN without_quota.quota IS 'Target of bookings that nobody is there to reach, for a plan';
COMMENT ON COLUMN without_quota.accounts IS 'Accounts that the person owns on the day, or that lie in the territory';

CREATE FUNCTION without_quota_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (kind text, code text, figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH shown AS MATERIALIZED (
    SELECT w.kind, w.code, on_day.day, on_day.known_day
    FROM settings(without_quota_evidence.options, without_quota_evidence.as_of) AS given (options)
    CROSS JOIN LATERAL without_quota_day(without_quota_evidence.as_of, without_quota_evidence.during, given.options) AS on_day
    CROSS JOIN without_quota(without_quota_evidence.as_of, without_quota_evidence.person,
      without_quota_evidence.during, without_quota_evidence.options) AS w
  )
  SELECT shown.kind, shown.code, 'quota', 'plan_target', t.code, t.revised_at, t.target
  FROM shown
  JOIN plan AS p ON p.code = shown.code
  JOIN target_row(without_quota_evidence.as_of) AS t
    ON t.plan_id = p.plan_id
    AND t.metric = 'bookings'
    AND t.during @> shown.day
    AND NOT EXISTS (
      SELECT
      FROM target_row(without_quota_evidence.as_of) AS wider
      WHERE wider.plan_id = t.plan_id
        AND wider.metric = t.metric
        AND wider.during @> t.during
        AND wider.during <> t.during)
  WHERE shown.kind = 'plan'
  UNION ALL
  SELECT shown.kind, shown.code, 'accounts', 'account', a.code, NULL, 1
  FROM shown
  LEFT JOIN plan AS p ON shown.kind = 'plan' AND p.code = shown.code
  LEFT JOIN person AS who ON shown.kind = 'person' AND who.code = shown.code
  JOIN account_owner AS owner
    ON owner.person_id = coalesce(p.person_id, who.person_id) AND owner.during @> shown.known_day
  JOIN account AS a ON a.account_id = owner.account_id
  UNION ALL
  SELECT shown.kind, shown.code, 'accounts', 'account', a.code, NULL, 1
  FROM shown
  JOIN territory AS area ON area.code = shown.code
  JOIN account AS a ON a.territory_id = area.territory_id
  WHERE shown.kind = 'territory';
END;
COMMENT ON FUNCTION without_quota_evidence(timestamptz, text, daterange, jsonb) IS
'The targets and accounts that each figure of without_quota counted';
