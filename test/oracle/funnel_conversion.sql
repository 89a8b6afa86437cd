-- funnel_conversion() in plain SQL: try every chain, keep the one that counts.
--
-- A chain is a row of the recursive query: an entity, the step it has got to and
-- the times of its steps.  All chains are there; DISTINCT ON picks by the words of
-- the definition.  Slow (it grows with the product of the events), obvious,
-- and without anything the C code does: no sorting, no greed, no windows.
-- times[k] is NULL where a chain skips the optional step k.
CREATE SCHEMA IF NOT EXISTS oracle;

-- The end of a window, in calendar months and days of UTC.
CREATE FUNCTION oracle.window_end(start timestamptz, within interval)
RETURNS timestamptz
LANGUAGE sql
IMMUTABLE
RETURN coalesce(timezone('UTC', timezone('UTC', start) + within), 'infinity');

CREATE FUNCTION oracle.days_between(earlier timestamptz, later timestamptz)
RETURNS float8
LANGUAGE sql
IMMUTABLE
RETURN (extract(epoch FROM later - earlier) * 1000000)::float8 / 86400000000;

-- The last instant at which step `later` may follow step `earlier` of an instant.
CREATE FUNCTION oracle.gap_end(at timestamptz, step_within interval[], earlier int, later int)
RETURNS timestamptz
LANGUAGE sql
IMMUTABLE
RETURN oracle.window_end(at, (SELECT sum(span) FROM unnest(step_within[earlier:later - 1]) AS span));

-- May step `later` be the next one after step `earlier`?
CREATE FUNCTION oracle.may_follow(earlier int, later int, optional int[])
RETURNS boolean
LANGUAGE sql
IMMUTABLE
RETURN later > earlier
  AND NOT EXISTS (SELECT FROM generate_series(earlier + 1, later - 1) AS k WHERE k <> ALL (coalesce(optional, '{}')));

-- Is an event before another one, where nothing may lie between?
CREATE FUNCTION oracle.is_before(at timestamptz, step int, later_at timestamptz, later_step int, ties text)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
RETURN CASE ties WHEN 'either' THEN (at, step) < (later_at, later_step) ELSE at < later_at END;

-- The rows are given column by column; entities as text.  NULL arrays are no rows:
-- there is no result.
CREATE FUNCTION oracle.funnel_conversion(
  entities text[],
  steps int[],
  ats timestamptz[],
  options salesmgmt.funnel_options
)
RETURNS SETOF salesmgmt.funnel_step
LANGUAGE sql
STABLE
BEGIN ATOMIC
  WITH RECURSIVE
  -- what exists: complete rows that are not after as_of
  event AS (
    SELECT entity, step, at,
      coalesce(step = options.lost_step, false) AS is_loss,
      coalesce(step = ANY (options.exclude), false) AS is_excluded
    FROM ROWS FROM (unnest(entities), unnest(steps), unnest(ats)) AS row (entity, step, at)
    WHERE entity IS NOT NULL
    AND step IS NOT NULL
    AND at IS NOT NULL
    AND at <= coalesce(options.as_of, 'infinity')
  ),
  size AS (
    SELECT coalesce(options.steps, max(step)) AS n
    FROM event
    WHERE NOT is_loss
    AND NOT is_excluded
  ),
  visit AS (
    SELECT entity, step, at
    FROM event, size
    WHERE NOT is_loss
    AND NOT is_excluded
    AND step <= n
  ),
  -- of the modes 'ordered' and 'strict'
  chain AS (
    SELECT entity, 1 AS depth, ARRAY[at] AS times
    FROM visit
    WHERE step = 1
    AND options.mode IN ('ordered', 'strict')
    AND (options.anchor = 'any'
      OR at = (SELECT min(first.at) FROM visit AS first WHERE first.step = 1 AND first.entity = visit.entity))
    UNION
    SELECT entity, visit.step, times || array_fill(NULL::timestamptz, ARRAY[visit.step - depth - 1]) || visit.at
    FROM chain
    JOIN visit USING (entity)
    WHERE oracle.may_follow(depth, visit.step, options.optional)
    AND (visit.at > times[depth] OR (visit.at = times[depth] AND options.ties = 'either'))
    AND visit.at <= oracle.window_end(times[1], options.within)
    AND visit.at <= oracle.gap_end(times[depth], options.step_within, depth, visit.step)
    AND NOT (options.mode = 'strict' AND EXISTS (
      SELECT
      FROM event AS other
      WHERE other.entity = visit.entity
      AND other.step <> ALL (coalesce(options.optional, '{}') || depth)
      AND oracle.is_before(times[depth], depth, other.at, other.step, options.ties)
      AND oracle.is_before(other.at, other.step, visit.at, visit.step, options.ties)
    ))
  ),
  -- of the mode 'unordered': an event for each of steps 1..depth
  choice AS (
    SELECT entity, 1 AS depth, ARRAY[at] AS times, at AS earliest, at AS latest
    FROM visit
    WHERE step = 1
    AND options.mode = 'unordered'
    UNION
    SELECT entity, visit.step, times || visit.at, least(earliest, visit.at), greatest(latest, visit.at)
    FROM choice
    JOIN visit USING (entity)
    WHERE visit.step = depth + 1
  ),
  furthest AS (
    SELECT entity, k, min(at) FILTER (WHERE step >= k) AS reached_at
    FROM (
      SELECT entity, step, at, min(at) OVER (PARTITION BY entity) AS first_at
      FROM visit
    ) AS dated,
    size,
    generate_series(1, n) AS k
    WHERE options.mode = 'furthest'
    AND at <= oracle.window_end(first_at, options.within)
    GROUP BY entity, k
    HAVING count(*) FILTER (WHERE step >= k) > 0
  ),
  journey AS (
    (
      SELECT DISTINCT ON (entity) entity, depth, times
      FROM chain
      ORDER BY entity, depth DESC,
        CASE WHEN options.anchor = 'any' THEN times[depth] END,
        CASE WHEN options.anchor = 'any' THEN times[1] END DESC,
        -- first the steps that each of these chains must have
        ARRAY(
          SELECT times[k]
          FROM generate_series(1, depth) AS k
          WHERE k = depth
          OR k <> ALL (coalesce(options.optional, '{}'))
          ORDER BY k
        ),
        -- NULL comes after all others: better taken than skipped
        times
    )
    UNION ALL
    (
      -- a step is reached when those before it are there, too
      SELECT DISTINCT ON (entity) entity, depth,
        ARRAY(SELECT (SELECT max(at) FROM unnest(times[1:k]) AS at) FROM generate_series(1, depth) AS k ORDER BY k)
      FROM choice
      WHERE latest <= oracle.window_end(earliest, options.within)
      ORDER BY entity, depth DESC, times
    )
    UNION ALL
    SELECT entity, max(k), array_agg(reached_at ORDER BY k)
    FROM furthest
    GROUP BY entity
  ),
  -- the entity's last event of each kind, and when its last window ends
  fate AS (
    SELECT entity,
      max(at) FILTER (WHERE is_loss) AS last_loss,
      max(at) FILTER (WHERE is_excluded OR NOT is_loss AND step <= n) AS last_visit,
      max(oracle.window_end(at, options.within)) FILTER (
        WHERE NOT is_loss
        AND NOT is_excluded
        AND step <= CASE options.mode WHEN 'unordered' THEN n ELSE 1 END
      ) AS last_window_end
    FROM event, size
    GROUP BY entity
  ),
  -- entities with a chain that an event to come may continue
  going_on AS (
    SELECT DISTINCT entity
    FROM chain, size, generate_series(depth + 1, n) AS k
    WHERE oracle.may_follow(depth, k, options.optional)
    AND (options.as_of IS NULL OR (
      oracle.window_end(times[1], options.within) > options.as_of
      AND oracle.gap_end(times[depth], options.step_within, depth, k) > options.as_of
    ))
    AND NOT (options.mode = 'strict' AND EXISTS (
      SELECT
      FROM event AS other
      WHERE other.entity = chain.entity
      AND other.step <> ALL (coalesce(options.optional, '{}') || depth)
      AND oracle.is_before(times[depth], depth, other.at, other.step, options.ties)
    ))
  ),
  known AS (
    SELECT entity, depth, times,
      coalesce(
        CASE
          WHEN options.anchor = 'any' OR options.mode = 'unordered' THEN last_window_end
          ELSE oracle.window_end(times[1], options.within)
        END <= options.as_of,
        false
      ) AS mature,
      coalesce(last_loss >= last_visit, false)
        OR (options.mode IN ('ordered', 'strict') AND entity NOT IN (SELECT entity FROM going_on))
        OR (options.within IS NULL AND options.lost_step IS NULL AND options.as_of IS NULL) AS lost
    FROM journey
    JOIN fate USING (entity)
    WHERE NOT EXISTS (
      SELECT
      FROM event
      WHERE event.entity = journey.entity
      AND is_excluded
      AND at > times[1]
      AND at < times[depth]
    )
  ),
  step AS (
    SELECT k,
      coalesce(k = ANY (options.optional), false) AS is_optional,
      (
        SELECT max(before)
        FROM generate_series(1, k - 1) AS before
        WHERE before <> ALL (coalesce(options.optional, '{}'))
      ) AS required_before
    FROM size
    CROSS JOIN generate_series(1, n) AS k
  ),
  counted AS (
    SELECT k, is_optional,
      count(entity) AS entered,
      count(times[k]) AS reached,
      count(times[required_before]) AS reached_before,
      count(*) FILTER (WHERE times[required_before] IS NOT NULL AND depth < k AND (lost OR mature)) AS lost,
      count(*) FILTER (WHERE times[required_before] IS NOT NULL AND depth < k AND NOT (lost OR mature)) AS pending,
      count(entity) FILTER (WHERE mature) AS entered_mature,
      count(times[k]) FILTER (WHERE mature) AS reached_mature,
      percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY oracle.days_between(times[1], times[k])) AS days,
      percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY oracle.days_between(
        (SELECT max(times[before]) FROM generate_series(1, k - 1) AS before),
        times[k]
      )) AS step_days
    FROM step
    LEFT JOIN known ON true
    GROUP BY k, is_optional
  )
  SELECT k,
    entered,
    reached,
    reached::float8 / nullif(entered, 0),
    CASE WHEN k > 1 THEN reached::float8 / nullif(reached_before, 0) END,
    CASE WHEN is_optional THEN 0 ELSE lost END,
    CASE WHEN is_optional THEN 0 ELSE pending END,
    CASE
      WHEN options.within IS NOT NULL AND options.as_of IS NOT NULL
      THEN reached_mature::float8 / nullif(entered_mature, 0)
    END,
    CASE WHEN options.times THEN days[1] END,
    CASE WHEN options.times THEN days[2] END,
    CASE WHEN options.times THEN step_days[1] END,
    CASE WHEN options.times THEN step_days[2] END
  FROM counted
  WHERE entities IS NOT NULL
  ORDER BY k;
END;
