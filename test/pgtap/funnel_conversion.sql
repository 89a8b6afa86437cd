-- funnel_conversion() against its oracle: 500 random funnels over all options.
\ir ../begin.sql
\ir ../oracle/funnel_conversion.sql

SELECT plan(14);
SELECT setseed(0.20240229);

-- Whole days of a fortnight, or odd hours around the ends of months; each option
-- in some of the funnels, where the mode and the anchor have it.
CREATE TEMPORARY TABLE funnel AS
SELECT drawn.*,
  CASE
    WHEN sequential AND random() < 0.4 THEN ARRAY(
      SELECT (ARRAY['12:00', '1 day', '2 days', '5 days', '1 month', '1 month -2 days'])[1 + floor(random() * 6)::int + 0 * k]::interval
      FROM generate_series(1, deepest - 1) AS k
    )
  END AS step_within,
  CASE
    WHEN sequential AND random() < 0.5 THEN ARRAY(SELECT k FROM generate_series(2, deepest) AS k WHERE random() < 0.5)
  END AS optional,
  CASE WHEN anchor = 'first' AND mode <> 'unordered' AND random() < 0.4 THEN ARRAY[-5, 77] END AS exclude
FROM (
  SELECT id, mode, sequential,
    (ARRAY['int8', 'uuid', 'text'])[1 + id % 3] AS form,
    random() < 0.5 AS day_grain,
    1 + floor(sqrt(random()) * 5)::int AS deepest,
    1 + floor(random() * 20)::int AS entities,
    floor(random() * CASE mode WHEN 'unordered' THEN 40 ELSE 90 END)::int AS events,
    CASE WHEN sequential THEN (ARRAY['first', 'any'])[1 + floor(random() * 2)::int] ELSE 'first' END AS anchor,
    CASE WHEN sequential THEN (ARRAY['either', 'increasing'])[1 + floor(random() * 2)::int] ELSE 'either' END AS ties,
    CASE WHEN random() < 0.6 THEN
      (ARRAY['1 day', '3 days', '1 week', '1 month', '1 month -2 days', '30 hours', '1 month 12:00'])[1 + floor(random() * 7)::int]::interval
    END AS within,
    CASE WHEN random() < 0.7 THEN (ARRAY[0, -1, 9, 1000])[1 + floor(random() * 4)::int] END AS lost_step,
    CASE
      WHEN random() < 0.6 THEN '2024-02-04 00:00Z'::timestamptz + floor(random() * 30) * interval '1 day'
    END AS as_of,
    random() < 0.3 AS fixed_steps,
    random() < 0.9 AS times
  FROM (
    SELECT id, mode, mode IN ('ordered', 'strict') AS sequential
    FROM (
      SELECT id, (ARRAY['ordered', 'ordered', 'strict', 'strict', 'furthest', 'unordered'])[1 + id % 6] AS mode
      FROM generate_series(1, 500) AS id
    ) AS numbered
  ) AS moded
) AS drawn;
UPDATE funnel SET fixed_steps = true WHERE step_within IS NOT NULL;

ALTER TABLE funnel ADD options salesmgmt.funnel_options;
UPDATE funnel
SET options = salesmgmt.funnel_options(
  steps => CASE WHEN fixed_steps THEN deepest END,
  within => within,
  step_within => step_within,
  mode => mode,
  anchor => anchor,
  ties => ties,
  optional => optional,
  exclude => exclude,
  lost_step => lost_step,
  as_of => as_of,
  times => times
);

CREATE TEMPORARY TABLE event AS
SELECT id,
  CASE WHEN random() > 0.02 THEN floor(random() * entities)::int END AS entity,
  CASE
    WHEN random() < 0.02 THEN NULL
    WHEN lost_step IS NOT NULL AND random() < 0.25 THEN lost_step
    WHEN exclude IS NOT NULL AND random() < 0.1 THEN exclude[1 + floor(random() * 2)::int]
    ELSE 1 + floor(random() * (deepest + CASE WHEN fixed_steps THEN 2 ELSE 0 END))::int
  END AS step,
  CASE
    WHEN random() < 0.02 THEN NULL
    WHEN day_grain THEN '2024-01-28 00:00Z'::timestamptz + floor(random() * 14) * interval '1 day'
    ELSE '2024-01-29 10:00Z'::timestamptz + floor(random() * 70) * interval '11 hours' + floor(random() * 3) * interval '1 microsecond'
  END AS at
FROM funnel, generate_series(1, events);

CREATE TEMPORARY TABLE compared AS
SELECT id, form, mode, anchor, options, measured,
  nullif(ARRAY(SELECT figures FROM oracle.funnel_conversion(deals, steps, ats, options) AS figures), '{}') AS expected
FROM funnel
CROSS JOIN LATERAL (
  SELECT
    CASE form
      WHEN 'int8' THEN salesmgmt.funnel_conversion((entity - 2) * 1234567890123, step, at, options)
      WHEN 'uuid' THEN salesmgmt.funnel_conversion(md5(entity::text)::uuid, step, at, options)
      ELSE salesmgmt.funnel_conversion('deal ' || entity, step, at, options)
    END AS measured,
    array_agg('deal ' || entity) AS deals,
    array_agg(step) AS steps,
    array_agg(at) AS ats
  FROM event
  WHERE event.id = funnel.id
) AS run;

SELECT is_empty(
  format('SELECT id, options, measured, expected FROM compared WHERE form = %L AND measured IS DISTINCT FROM expected', form),
  format('%s random funnels of %s entities are those of the oracle', count(*), form)
)
FROM compared
GROUP BY form
ORDER BY form;

SELECT cmp_ok(count(*), '>', 400::bigint, 'most random funnels have a step')
FROM compared
WHERE measured IS NOT NULL;

SELECT cmp_ok(count(*), '>', 30::bigint, 'in many, entities get deep and others are lost and pending')
FROM compared
WHERE EXISTS (SELECT FROM unnest(measured) WHERE reached > 0 AND step > 2)
AND (SELECT sum(lost) > 0 AND sum(pending) > 0 FROM unnest(measured));

SELECT is_empty(
  $$
    SELECT id, step
    FROM compared, unnest(measured) AS here
    WHERE step <> ALL (coalesce((options).optional, '{}'))
    AND reached + lost + pending <> coalesce(
      (
        SELECT reached
        FROM unnest(measured) AS before
        WHERE before.step < here.step
        AND before.step <> ALL (coalesce((options).optional, '{}'))
        ORDER BY before.step DESC
        LIMIT 1
      ),
      entered
    )
  $$,
  'reached + lost + pending of a required step is reached of the required step before'
);

SELECT results_eq(
  $$SELECT DISTINCT mode FROM compared WHERE (SELECT max(reached) FILTER (WHERE step > 2) > 0 FROM unnest(measured)) ORDER BY mode$$,
  ARRAY['furthest', 'ordered', 'strict', 'unordered'],
  'in every mode some get deep'
);

SELECT cmp_ok(count(*), '>', 5::bigint, 'in some, entities take an optional step and others may skip it')
FROM compared
WHERE EXISTS (
  SELECT
  FROM unnest(measured) AS here, unnest(measured) AS later
  WHERE here.step = ANY ((options).optional)
  AND later.step > here.step
  AND here.reached > 0
  AND later.reached > here.reached
);

SELECT is_empty(
  $$
    SELECT id
    FROM compared
    WHERE measured IS DISTINCT FROM (
      SELECT CASE form
        WHEN 'int8' THEN salesmgmt.funnel_conversion((entity - 2) * 1234567890123, step, at, options ORDER BY at DESC)
        WHEN 'uuid' THEN salesmgmt.funnel_conversion(md5(entity::text)::uuid, step, at, options ORDER BY entity, step)
        ELSE salesmgmt.funnel_conversion('deal ' || entity, step, at, options ORDER BY step DESC, at)
      END
      FROM event
      WHERE event.id = compared.id
    )
  $$,
  'the order of rows does not matter'
);

-- the same in states by deal, counted and stored: the promise of `disjoint` is kept
CREATE AGGREGATE pg_temp.partial(int8, int, timestamptz, salesmgmt.funnel_options) (
  SFUNC = salesmgmt.funnel_conversion_int8,
  STYPE = salesmgmt.funnel_state
);
CREATE AGGREGATE pg_temp.partial(uuid, int, timestamptz, salesmgmt.funnel_options) (
  SFUNC = salesmgmt.funnel_conversion_uuid,
  STYPE = salesmgmt.funnel_state
);
CREATE AGGREGATE pg_temp.partial(text, int, timestamptz, salesmgmt.funnel_options) (
  SFUNC = salesmgmt.funnel_conversion_text,
  STYPE = salesmgmt.funnel_state
);
CREATE AGGREGATE pg_temp.rollup_of(salesmgmt.funnel_state) (
  SFUNC = salesmgmt.funnel_conversion_combine,
  STYPE = salesmgmt.funnel_state,
  FINALFUNC = salesmgmt.funnel_conversion_final
);

CREATE TEMPORARY TABLE divided AS
SELECT funnel.id, promised, entity % 3 AS part,
  CASE form
    WHEN 'int8' THEN pg_temp.partial((entity - 2) * 1234567890123, step, at, asked)
    WHEN 'uuid' THEN pg_temp.partial(md5(entity::text)::uuid, step, at, asked)
    ELSE pg_temp.partial('deal ' || entity, step, at, asked)
  END AS state
FROM funnel
CROSS JOIN (VALUES (true), (false)) AS promise (promised)
CROSS JOIN LATERAL salesmgmt.funnel_options(
  steps => deepest,
  within => within,
  step_within => step_within,
  mode => mode,
  anchor => anchor,
  ties => ties,
  optional => optional,
  exclude => exclude,
  lost_step => lost_step,
  as_of => as_of,
  times => times,
  disjoint => promised
) AS asked
JOIN event ON event.id = funnel.id
GROUP BY funnel.id, form, promised, entity % 3;

SELECT cmp_ok(count(DISTINCT id), '>', 450::bigint, 'most random funnels are divided by deal') FROM divided;

SELECT is_empty(
  $$
    SELECT id
    FROM divided
    GROUP BY id
    HAVING pg_temp.rollup_of(state) FILTER (WHERE promised) IS DISTINCT FROM pg_temp.rollup_of(state) FILTER (WHERE NOT promised)
    OR pg_temp.rollup_of(state ORDER BY part DESC) FILTER (WHERE promised) IS DISTINCT FROM pg_temp.rollup_of(state) FILTER (WHERE NOT promised)
  $$,
  'disjoint states of random funnels add up to what their logs say'
);

-- 100,000 events in one group; the oracle takes ten deals at a time, whose counts add up
CREATE TEMPORARY TABLE crowd AS
SELECT floor(random() * 12500)::int8 AS deal,
  1 + floor(random() * 5.2)::int AS step,
  '2024-01-01Z'::timestamptz + floor(random() * 60) * interval '1 day' AS at
FROM generate_series(1, 100000);
CREATE TEMPORARY TABLE asked AS
SELECT *
FROM (VALUES
  (1, salesmgmt.funnel_options(steps => 5, anchor => 'any', within => '1 month')),
  (2, salesmgmt.funnel_options(steps => 5, mode => 'strict', optional => '{2, 4}', as_of => '2024-02-20Z')),
  (3, salesmgmt.funnel_options(
    steps => 5, anchor => 'any', within => '1 month', step_within => '{10 days, 10 days, 10 days, 10 days}',
    as_of => '2024-02-20Z'
  ))
) AS options (id, options);

SELECT set_eq(
  $$
    SELECT id, step, entered, reached, lost, pending
    FROM (SELECT id, salesmgmt.funnel_conversion(deal, step, at, options) AS funnel FROM crowd, asked GROUP BY id) AS made
    CROSS JOIN unnest(funnel)
  $$,
  $$
    SELECT id, step, sum(entered)::int8 AS entered, sum(reached)::int8 AS reached, sum(lost)::int8 AS lost, sum(pending)::int8 AS pending
    FROM (
      SELECT array_agg(deal::text) AS deals, array_agg(step) AS steps, array_agg(at) AS ats
      FROM crowd
      GROUP BY deal % 1250
    ) AS ten
    CROSS JOIN asked
    CROSS JOIN LATERAL oracle.funnel_conversion(deals, steps, ats, options)
    GROUP BY id, step
  $$,
  'funnels of 100,000 events are those of the oracle'
);

-- windows from 4700 BC to 200000 AD: the last microsecond is inside, the next is not
CREATE TEMPORARY TABLE span AS
SELECT start, within, oracle.window_end(start, within) AS ending
FROM (
  SELECT '4700-01-01 BC'::timestamptz
      + CASE WHEN random() < 0.5 THEN 2440000 + random() * 20000 ELSE random() * 70000000 END * interval '1 day' AS start,
    make_interval(
      months => (random() * CASE WHEN random() < 0.8 THEN 30 ELSE 3000 END)::int,
      days => (random() * 60 - 10)::int,
      secs => random() * 200000 - 50000
    ) AS within
  FROM generate_series(1, 5000)
) AS drawn
WHERE within > '0';

SELECT cmp_ok(count(*), '>', 4500::bigint, 'there are spans to test') FROM span WHERE ending >= start;

SELECT is_empty(
  $$
    SELECT span.*
    FROM span
    CROSS JOIN LATERAL (
      SELECT
        (salesmgmt.funnel_conversion(1, step, at, salesmgmt.funnel_options(within => within)))[2].reached AS inside,
        (salesmgmt.funnel_conversion(1, step, at + (step - 1) * interval '1 microsecond', salesmgmt.funnel_options(within => within)))[2].reached AS outside
      FROM (VALUES (1, start), (2, ending)) AS event (step, at)
    ) AS measured
    WHERE ending >= start
    AND (inside <> 1 OR outside <> 0)
  $$,
  'windows end where timestamp + interval in UTC says'
);

SELECT * FROM finish();
ROLLBACK;
