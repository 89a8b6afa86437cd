-- funnel_conversion() in plain SQL: try every chain, keep the one that counts.
--
-- A chain is a row of the recursive query: an entity, the step it has got to and
-- the times of its steps.  All chains are there; DISTINCT ON picks by the words of
-- the definition.  Slow (it grows with the product of the events), obvious,
-- and without anything the C code does: no sorting, no greed, no windows.
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
    SELECT entity, step, at, coalesce(step = options.lost_step, false) AS is_loss
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
  ),
  visit AS (
    SELECT entity, step, at
    FROM event, size
    WHERE NOT is_loss
    AND step <= n
  ),
  chain AS (
    SELECT entity, 1 AS depth, ARRAY[at] AS times
    FROM visit
    WHERE step = 1
    AND options.mode = 'ordered'
    AND (options.anchor = 'any'
      OR at = (SELECT min(first.at) FROM visit AS first WHERE first.step = 1 AND first.entity = visit.entity))
    UNION
    SELECT entity, visit.step, times || visit.at
    FROM chain
    JOIN visit USING (entity)
    WHERE visit.step = depth + 1
    AND (visit.at > times[depth] OR (visit.at = times[depth] AND options.ties = 'either'))
    AND visit.at <= oracle.window_end(times[1], options.within)
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
        times
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
      max(at) FILTER (WHERE NOT is_loss AND step <= n) AS last_visit,
      max(oracle.window_end(at, options.within)) FILTER (WHERE step = 1 AND NOT is_loss) AS last_window_end
    FROM event, size
    GROUP BY entity
  ),
  known AS (
    SELECT entity, depth, times,
      coalesce(
        CASE
          WHEN options.anchor = 'any' THEN last_window_end
          ELSE oracle.window_end(times[1], options.within)
        END <= options.as_of,
        false
      ) AS mature,
      coalesce(last_loss >= last_visit, false)
        OR (options.within IS NULL AND options.lost_step IS NULL AND options.as_of IS NULL) AS lost
    FROM journey
    JOIN fate USING (entity)
  ),
  counted AS (
    SELECT k,
      count(entity) AS entered,
      count(entity) FILTER (WHERE depth >= k) AS reached,
      count(entity) FILTER (WHERE depth >= k - 1) AS reached_before,
      count(entity) FILTER (WHERE depth = k - 1 AND (lost OR mature)) AS lost,
      count(entity) FILTER (WHERE depth = k - 1 AND NOT (lost OR mature)) AS pending,
      count(entity) FILTER (WHERE mature) AS entered_mature,
      count(entity) FILTER (WHERE mature AND depth >= k) AS reached_mature,
      percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY oracle.days_between(times[1], times[k])) AS days,
      percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY oracle.days_between(times[k - 1], times[k])) AS step_days
    FROM size
    CROSS JOIN generate_series(1, n) AS k
    LEFT JOIN known ON true
    GROUP BY k
  )
  SELECT k,
    entered,
    reached,
    reached::float8 / nullif(entered, 0),
    CASE WHEN k > 1 THEN reached::float8 / nullif(reached_before, 0) END,
    lost,
    pending,
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
