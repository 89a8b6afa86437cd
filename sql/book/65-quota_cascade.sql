-- How a quota is shared out, from the top down.

CREATE FUNCTION target_row(as_of timestamptz)
RETURNS TABLE (plan_id bigint, metric text, during daterange, target numeric, code text, revised_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT newest.plan_id, metric.code, newest.during, newest.target, newest.code, newest.revised_at
  FROM (
    SELECT DISTINCT ON (t.plan_id, t.metric_id, t.during)
      t.plan_id, t.metric_id, t.during, t.target, t.revised_at, coalesce(t.code, t.plan_target_id::text) AS code
    FROM plan_target AS t
    WHERE t.level = 'base' AND t.revised_at <= target_row.as_of
    ORDER BY t.plan_id, t.metric_id, t.during, t.revision DESC
  ) AS newest
  JOIN metric ON metric.metric_id = newest.metric_id;
END;
COMMENT ON FUNCTION target_row(timestamptz) IS
'The base targets in their newest revision at that instant, with the code of its row, or its key';

-- A part may have the year, its quarters or its months: what lies inside the
-- whole's period counts, the longest alone where one lies inside another.  A
-- seat is vacant if nobody holds a job in it: on the day of as_of, or on the
-- nearest day of the period.  Who is to start later is not known yet.
CREATE FUNCTION quota_part(as_of timestamptz, day date)
RETURNS TABLE (plan_id bigint, during daterange, quota numeric, quota_code text, quota_at timestamptz,
  part_id bigint, part_person_id bigint, is_vacant boolean, target numeric, code text, revised_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH quota AS MATERIALIZED (
    SELECT t.plan_id, t.during, t.target, t.code, t.revised_at
    FROM target_row(quota_part.as_of) AS t
    JOIN plan AS p ON p.plan_id = t.plan_id
    WHERE t.metric = 'bookings' AND p.kind = 'quota'
  )
  SELECT p.plan_id, p.during, p.quota, p.quota_code, p.quota_at, p.part_id, p.person_id,
    NOT EXISTS (
      SELECT
      FROM employment AS job
      WHERE job.person_id = p.person_id
        AND lower(job.during) <= quota_part.day
        AND job.during @> greatest(lower(p.during), least(upper(p.during) - 1, quota_part.day))),
    p.target, p.code, p.revised_at
  FROM (
    SELECT whole.plan_id, whole.during, whole.target AS quota, whole.code AS quota_code, whole.revised_at AS quota_at,
      part.plan_id AS part_id, part.person_id, inside.target, inside.code, inside.revised_at,
      -- those that begin before it, and the longer ones that begin with it
      upper(inside.during) <= max(upper(inside.during)) OVER (
        PARTITION BY whole.plan_id, whole.during, part.plan_id
        ORDER BY lower(inside.during), upper(inside.during) DESC
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS lies_in_another
    FROM quota AS whole
    JOIN known_plan(quota_part.as_of, quota_part.day) AS part
      ON part.parent_id = whole.plan_id
      AND part.kind = 'quota'
      AND part.during && whole.during
    LEFT JOIN quota AS inside
      ON inside.plan_id = part.plan_id
      AND inside.during <@ whole.during
  ) AS p
  WHERE p.lies_in_another IS NOT TRUE;
END;
COMMENT ON FUNCTION quota_part(timestamptz, date) IS
'The quotas that are shared out, with each target of each part that lies in the period of the whole; a part without a target has none';

CREATE FUNCTION quota_part_asked(as_of timestamptz, options jsonb, person text, during daterange)
RETURNS TABLE (plan_id bigint, during daterange, quota numeric, quota_code text, quota_at timestamptz,
  part_id bigint, is_vacant boolean, target numeric, code text, revised_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH chosen AS MATERIALIZED (
    SELECT book_date(quota_part_asked.as_of, given.options) AS today
    FROM settings(quota_part_asked.options, quota_part_asked.as_of) AS given (options)
  )
  SELECT p.plan_id, p.during, p.quota, p.quota_code, p.quota_at, p.part_id, p.is_vacant, p.target, p.code, p.revised_at
  FROM chosen
  CROSS JOIN LATERAL quota_part(quota_part_asked.as_of, chosen.today) AS p
  JOIN plan AS whole ON whole.plan_id = p.plan_id
  WHERE CASE
      WHEN quota_part_asked.during IS NULL THEN upper(p.during) > chosen.today
      ELSE p.during && quota_part_asked.during
    END
    AND whole.person_id IN (
      SELECT r.person_id
      FROM chosen AS given
      CROSS JOIN LATERAL report_on(quota_part_asked.person, given.today) AS r);
END;
COMMENT ON FUNCTION quota_part_asked(timestamptz, jsonb, text, daterange) IS
'The rows of quota_part() that quota_cascade is about';

CREATE FUNCTION quota_cascade(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (plan text, period_from date, period_until date, person text, person_name text, level int,
  quota numeric, parts int8, parts_without_quota int8, parts_quota numeric,
  over_assigned numeric, over_assigned_rate float8, vacant_parts int8, vacant_quota numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH RECURSIVE known AS MATERIALIZED (
    SELECT p.plan_id, p.parent_id, p.kind
    FROM settings(quota_cascade.options, quota_cascade.as_of) AS given (options)
    CROSS JOIN LATERAL known_plan(quota_cascade.as_of, book_date(quota_cascade.as_of, given.options)) AS p
  ),
  depth (plan_id, level) AS (
    SELECT p.plan_id, 1
    FROM known AS p
    LEFT JOIN known AS above ON above.plan_id = p.parent_id
    WHERE p.kind = 'quota' AND above.kind IS DISTINCT FROM 'quota'
    UNION ALL
    SELECT part.plan_id, depth.level + 1
    FROM depth
    JOIN known AS part ON part.parent_id = depth.plan_id AND part.kind = 'quota'
  ),
  part AS (
    SELECT p.plan_id, p.during, p.quota, p.part_id, p.is_vacant, sum(p.target) AS target
    FROM quota_part_asked(quota_cascade.as_of, quota_cascade.options, quota_cascade.person, quota_cascade.during) AS p
    GROUP BY p.plan_id, p.during, p.quota, p.part_id, p.is_vacant
  ),
  whole AS (
    SELECT part.plan_id, part.during, part.quota,
      count(*) AS parts, count(*) FILTER (WHERE part.target IS NULL) AS parts_without_quota,
      coalesce(sum(part.target), 0) AS parts_quota,
      count(*) FILTER (WHERE part.is_vacant) AS vacant_parts,
      coalesce(sum(part.target) FILTER (WHERE part.is_vacant), 0) AS vacant_quota
    FROM part
    GROUP BY part.plan_id, part.during, part.quota
  )
  SELECT p.code, lower(whole.during), upper(whole.during), who.code, who.name, depth.level,
    whole.quota, whole.parts, whole.parts_without_quota, whole.parts_quota,
    whole.parts_quota - whole.quota, ((whole.parts_quota - whole.quota) / nullif(abs(whole.quota), 0))::float8,
    whole.vacant_parts, whole.vacant_quota
  FROM whole
  JOIN plan AS p ON p.plan_id = whole.plan_id
  JOIN depth ON depth.plan_id = whole.plan_id
  JOIN person AS who ON who.person_id = p.person_id
  ORDER BY lower(whole.during), upper(whole.during), depth.level, p.code;
END;
COMMENT ON FUNCTION quota_cascade(timestamptz, text, daterange, jsonb) IS
'Each quota that is shared out, against the quotas of its parts; during: periods that overlap it, by default those that have not ended; person: whose quota is shared out';

CREATE VIEW quota_cascade WITH (security_invoker) AS
SELECT plan, period_from, period_until, person, person_name, level,
  quota::numeric(20,4), parts, parts_without_quota, parts_quota::numeric(20,4),
  over_assigned::numeric(20,4), over_assigned_rate, vacant_parts, vacant_quota::numeric(20,4)
FROM quota_cascade();
COMMENT ON VIEW quota_cascade IS 'Do the quotas of the parts make up the quota of the whole, and is somebody there to reach each?';
COMMENT ON COLUMN quota_cascade.plan IS 'Code of the plan that is shared out';
COMMENT ON COLUMN quota_cascade.period_from IS 'First day of the quota period';
COMMENT ON COLUMN quota_cascade.period_until IS 'Day after the last of the quota period';
COMMENT ON COLUMN quota_cascade.person IS 'Code of the person whose plan it is';
COMMENT ON COLUMN quota_cascade.person_name IS 'Name of the person';
COMMENT ON COLUMN quota_cascade.level IS 'Level of the plan, 1 at the top';
COMMENT ON COLUMN quota_cascade.quota IS 'Target of bookings of the whole, in its newest revision';
COMMENT ON COLUMN quota_cascade.parts IS 'Plans it is shared out among';
COMMENT ON COLUMN quota_cascade.parts_without_quota IS 'Those of them without a target in the period';
COMMENT ON COLUMN quota_cascade.parts_quota IS 'Sum of the targets of the parts in the period, in their newest revision';
COMMENT ON COLUMN quota_cascade.over_assigned IS 'parts_quota - quota: what the parts have more than the whole; negative if they have less';
COMMENT ON COLUMN quota_cascade.over_assigned_rate IS 'over_assigned / |quota|; empty for a quota of 0';
COMMENT ON COLUMN quota_cascade.vacant_parts IS 'Parts whose person holds no job on the day, or on the nearest day of the period: open seats';
COMMENT ON COLUMN quota_cascade.vacant_quota IS 'Their targets: nobody is there to reach them';

CREATE FUNCTION quota_cascade_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (plan text, period_from date, period_until date,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH part AS MATERIALIZED (
    SELECT whole.code AS plan, lower(p.during) AS period_from, upper(p.during) AS period_until, p.quota, p.quota_code, p.quota_at,
      plan.code AS part, p.is_vacant, p.target, p.code, p.revised_at
    FROM quota_part_asked(quota_cascade_evidence.as_of, quota_cascade_evidence.options,
      quota_cascade_evidence.person, quota_cascade_evidence.during) AS p
    JOIN plan AS whole ON whole.plan_id = p.plan_id
    JOIN plan ON plan.plan_id = p.part_id
  )
  SELECT DISTINCT part.plan, part.period_from, part.period_until, sums.figure, 'plan_target', part.quota_code,
    part.quota_at, sums.value
  FROM part
  CROSS JOIN LATERAL (VALUES ('quota', part.quota), ('over_assigned', -part.quota)) AS sums (figure, value)
  UNION ALL
  SELECT part.plan, part.period_from, part.period_until, sums.figure, 'plan_target', part.code, part.revised_at, part.target
  FROM part
  CROSS JOIN LATERAL (VALUES
    ('parts_quota', true), ('over_assigned', true), ('vacant_quota', part.is_vacant)) AS sums (figure, counts)
  WHERE part.target IS NOT NULL AND sums.counts
  UNION ALL
  SELECT DISTINCT part.plan, part.period_from, part.period_until, counts.figure, 'plan', part.part, NULL::timestamptz, 1
  FROM part
  CROSS JOIN LATERAL (VALUES
    ('parts', true), ('parts_without_quota', part.target IS NULL), ('vacant_parts', part.is_vacant)) AS counts (figure, counts)
  WHERE counts.counts;
END;
COMMENT ON FUNCTION quota_cascade_evidence(timestamptz, text, daterange, jsonb) IS
'The targets and plans that each figure of quota_cascade counted';

CREATE FUNCTION quota_cascade_level(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (period_from date, period_until date, level int, plans int8, quota numeric, parts int8, parts_quota numeric,
  over_assigned numeric, over_assigned_rate float8, vacant_parts int8, vacant_quota numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT c.period_from, c.period_until, c.level, count(*), sum(c.quota), sum(c.parts)::int8, sum(c.parts_quota),
    sum(c.over_assigned), (sum(c.over_assigned) / nullif(abs(sum(c.quota)), 0))::float8,
    sum(c.vacant_parts)::int8, sum(c.vacant_quota)
  FROM quota_cascade(quota_cascade_level.as_of, quota_cascade_level.person, quota_cascade_level.during,
    quota_cascade_level.options) AS c
  GROUP BY c.period_from, c.period_until, c.level
  ORDER BY c.period_from, c.period_until, c.level;
END;
COMMENT ON FUNCTION quota_cascade_level(timestamptz, text, daterange, jsonb) IS
'quota_cascade by level: all quotas of a period and level that are shared out; arguments as there';

CREATE VIEW quota_cascade_level WITH (security_invoker) AS
SELECT period_from, period_until, level, plans, quota::numeric(20,4), parts, parts_quota::numeric(20,4),
  over_assigned::numeric(20,4), over_assigned_rate, vacant_parts, vacant_quota::numeric(20,4)
FROM quota_cascade_level();
COMMENT ON VIEW quota_cascade_level IS 'At which level is more quota handed down than was handed to it?';
COMMENT ON COLUMN quota_cascade_level.period_from IS 'First day of the quota period';
COMMENT ON COLUMN quota_cascade_level.period_until IS 'Day after the last of the quota period';
COMMENT ON COLUMN quota_cascade_level.level IS 'Level of the plans that are shared out, 1 at the top';
COMMENT ON COLUMN quota_cascade_level.plans IS 'How many are';
COMMENT ON COLUMN quota_cascade_level.quota IS 'Their targets of bookings';
COMMENT ON COLUMN quota_cascade_level.parts IS 'Plans they are shared out among';
COMMENT ON COLUMN quota_cascade_level.parts_quota IS 'Sum of the targets of these';
COMMENT ON COLUMN quota_cascade_level.over_assigned IS 'parts_quota - quota';
COMMENT ON COLUMN quota_cascade_level.over_assigned_rate IS 'over_assigned / |quota|; empty for a quota of 0';
COMMENT ON COLUMN quota_cascade_level.vacant_parts IS 'Parts whose person holds no job: open seats';
COMMENT ON COLUMN quota_cascade_level.vacant_quota IS 'Their targets';

CREATE FUNCTION quota_cascade_level_evidence(
  as_of timestamptz DEFAULT now(), person text DEFAULT NULL, during daterange DEFAULT NULL, options jsonb DEFAULT '{}')
RETURNS TABLE (period_from date, period_until date, level int,
  figure text, source text, source_code text, at timestamptz, value numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  -- sorted together and not joined: the planner takes both for a row or two
  SELECT each.period_from, each.period_until, each.level, each.figure, each.source, each.source_code, each.at, each.value
  FROM (
    SELECT e.period_from, e.period_until, max(e.level) OVER (PARTITION BY e.plan, e.period_from, e.period_until) AS level,
      e.figure, e.source, e.source_code, e.at, e.value
    FROM (
      SELECT c.plan, c.period_from, c.period_until, c.level,
        'plans' AS figure, 'plan' AS source, c.plan AS source_code, NULL::timestamptz AS at, 1::numeric AS value
      FROM quota_cascade(quota_cascade_level_evidence.as_of, quota_cascade_level_evidence.person,
        quota_cascade_level_evidence.during, quota_cascade_level_evidence.options) AS c
      UNION ALL
      SELECT part.plan, part.period_from, part.period_until, NULL,
        part.figure, part.source, part.source_code, part.at, part.value
      FROM quota_cascade_evidence(quota_cascade_level_evidence.as_of, quota_cascade_level_evidence.person,
        quota_cascade_level_evidence.during, quota_cascade_level_evidence.options) AS part
      WHERE part.figure <> 'parts_without_quota'
    ) AS e
  ) AS each;
END;
COMMENT ON FUNCTION quota_cascade_level_evidence(timestamptz, text, daterange, jsonb) IS
'The targets and plans that each figure of quota_cascade_level counted';
