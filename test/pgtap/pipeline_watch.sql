-- The reports that watch the pipeline equal their plain-SQL twins on a random book of 250
-- deals, and the waterfall balances between any two dates of a demo book.
\ir ../begin.sql
SET LOCAL TimeZone = 'UTC';
SELECT FROM salesmgmt.create_book('random_book');
SELECT set_config('search_path', 'random_book, salesmgmt, ' || current_setting('search_path'), true) \g /dev/null
\ir ../oracle/pipeline_views.sql
\ir ../oracle/pipeline_watch.sql
SELECT setseed(0.5772) AS seed \gset
SELECT plan(17);
\ir ../random_pipeline.sql
ANALYZE;

CREATE TEMP TABLE question AS
SELECT n, as_of, zone, jsonb_build_object('time_zone', zone) AS options, oracle.date_of(as_of, zone) AS today, since, until
FROM (VALUES
  (1, timestamptz '2025-01-01', 'UTC', date '2025-01-01', date '2025-04-01'),
  (2, '2025-08-20 12:00', 'UTC', '2025-07-01', '2025-10-01'),
  (3, '2025-12-31 23:30', 'America/New_York', '2025-10-01', '2025-12-31'),
  (4, '2026-02-10', 'UTC', '2025-02-10', '2026-02-10'),
  (5, '2026-06-30', 'America/New_York', '2025-09-14', '2025-09-16'),
  (6, '2026-06-30', 'UTC', '2025-11-01', '2026-03-01')) AS t (n, as_of, zone, since, until);

-- ---- rows of a query that are in one answer and not in the other -----------------------
CREATE FUNCTION pg_temp.differ(got text, expected text) RETURNS SETOF record
LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE format(
    '(SELECT ''got'', x::text FROM ((%1$s) EXCEPT ALL (%2$s)) AS x) UNION ALL (SELECT ''expected'', x::text FROM ((%2$s) EXCEPT ALL (%1$s)) AS x)',
    got, expected);
END $$;


-- ---- waterfall ------------------------------------------------------------------------
CREATE TEMP TABLE fallen AS
SELECT q.n, h.by_team, h.horizon, p.code AS person, o.step, o.deals, o.amount
FROM question AS q
CROSS JOIN (VALUES (false, 0), (true, 0), (false, 60)) AS h (by_team, horizon)
CROSS JOIN LATERAL oracle.waterfall(q.as_of, q.since, q.until, q.zone, h.horizon, h.by_team) AS o
LEFT JOIN person AS p ON p.person_id = o.holder;
CREATE TEMP TABLE waterfalls AS
SELECT q.n, false AS by_team, h.horizon, w.person, w.step, w.deals, w.amount
FROM question AS q, (VALUES (0), (60)) AS h (horizon),
  pipeline_waterfall(q.as_of, NULL, daterange(q.since, q.until), q.options || jsonb_build_object('waterfall_horizon_days', h.horizon)) AS w
UNION ALL
SELECT q.n, true, 0, w.person, w.step, w.deals, w.amount
FROM question AS q, pipeline_waterfall_by_team(q.as_of, NULL, daterange(q.since, q.until), q.options) AS w;
SELECT is_empty(
  $$SELECT * FROM pg_temp.differ('SELECT * FROM waterfalls WHERE deals <> 0', 'SELECT * FROM fallen') AS d (side text, line text)$$,
  'pipeline_waterfall equals its oracle, by owner and by team, with and without a horizon');
SELECT is_empty(
  $$SELECT * FROM pg_temp.differ(
    'SELECT q.n, w.step, w.deals, w.amount FROM question AS q,
       pipeline_waterfall(q.as_of, ''p3'', daterange(q.since, q.until), q.options) AS w WHERE person = ''p3''',
    'SELECT n, step, deals, amount FROM waterfalls WHERE person = ''p3'' AND NOT by_team AND horizon = 0') AS d (side text, line text)$$,
  'a person''s waterfall is that person''s');
SELECT is((SELECT count(DISTINCT step) FROM fallen), 12::bigint, 'it has seen every step but the unexplained');

-- ---- slippage -------------------------------------------------------------------------
CREATE TEMP TABLE slipped AS
SELECT q.n, p.code AS person, o.*
FROM question AS q
CROSS JOIN LATERAL oracle.slippage(q.as_of, q.since, q.until, q.zone) AS o
LEFT JOIN person AS p ON p.person_id = o.owner;
SELECT is_empty(
  $$SELECT * FROM pg_temp.differ(
    'SELECT q.n, s.person, s.due_deals, s.won, s.lost, s.still_due_deals, s.slipped_deals, s.due_amount, s.slipped_amount,
       round(s.slip_rate::numeric, 9) AS rate, s.pushed_deals, s.push_count, s.push_days
     FROM question AS q, slippage(q.as_of, NULL, daterange(q.since, q.until), q.options) AS s',
    'SELECT n, person, due, won, lost, due - won - lost - slipped, slipped, due_amount, slipped_amount,
       round(slipped_amount / nullif(due_amount, 0), 9), pushed, pushes, days
     FROM slipped') AS d (side text, line text)$$,
  'slippage equals its oracle');
SELECT ok((SELECT sum(won) > 0 AND sum(lost) > 0 AND sum(slipped) > 0 AND sum(pushes) > 0 FROM slipped),
  'it has seen deals won, lost, slipped and pushed');

-- ---- open deals ---------------------------------------------------------------------------
INSERT INTO stage_rule (stage_id, during, limit_days) VALUES (3, '[2025-01-01,2026-02-01)', 15), (3, '[2026-02-01,)', 40);
INSERT INTO activity_kind (activity_kind_id, code, name) VALUES (1, 'call', 'Call');
INSERT INTO activity (code, activity_kind_id, person_id, opportunity_id, planned_for, held_at, outcome)
SELECT 'a' || id, 1, 1 + id % 10, CASE WHEN random() < 0.9 THEN 1 + floor(random() * 250) END,
  CASE WHEN outcome <> 'held' OR random() < 0.5 THEN at - random() * interval '3 days' END,
  CASE WHEN outcome = 'held' THEN at END, outcome
FROM (
  SELECT id, timestamptz '2025-01-15' + random() * 560 * interval '1 day' AS at,
    (ARRAY['held', 'held', 'held', 'planned', 'not_held'])[1 + floor(random() * 5)::int] AS outcome
  FROM generate_series(1, 600) AS id) AS a;
-- some were called off at a known time, before or after it should have been
UPDATE activity SET called_off_at = planned_for - (random() * 20 - 2) * interval '1 day' WHERE outcome = 'not_held' AND activity_id % 3 > 0;
CREATE TEMP TABLE watched AS
SELECT q.n, w.*, o.code AS opportunity, p.code AS person
FROM question AS q
CROSS JOIN LATERAL oracle.open_deal_watch(q.as_of, q.zone) AS w
JOIN opportunity AS o ON o.opportunity_id = w.deal
LEFT JOIN person AS p ON p.person_id = w.owner;
SELECT is_empty(
  $$SELECT * FROM pg_temp.differ(
    'SELECT q.n, s.opportunity, s.person, s.amount, s.expected_close, round(s.stage_days::numeric, 6) AS days, round(s.limit_days::numeric, 6) AS allowed,
       round(s.age_days::numeric, 6) AS age
     FROM question AS q, stalled(q.as_of, options => q.options) AS s',
    'SELECT n, opportunity, person, amount, expected_close, round(stage_days, 6), round(limit_days, 6), round(age_days, 6) FROM watched WHERE stage_days > limit_days')
    AS d (side text, line text)$$,
  'stalled equals its oracle');
SELECT is_empty(
  $$SELECT * FROM pg_temp.differ(
    'SELECT q.n, s.opportunity, s.person, round(s.untouched_days::numeric, 6) AS days, round(s.age_days::numeric, 6) AS age
     FROM question AS q, untouched(q.as_of, options => q.options) AS s',
    'SELECT n, opportunity, person, round(idle_days, 6), round(age_days, 6) FROM watched WHERE idle_days >= 14 AND NOT is_planned') AS d (side text, line text)$$,
  'untouched equals its oracle');
SELECT is_empty(
  $$SELECT * FROM pg_temp.differ(
    'SELECT q.n, s.opportunity, s.person, s.overdue_days::int, round(s.age_days::numeric, 6) AS age
     FROM question AS q, past_due(q.as_of, options => q.options) AS s',
    'SELECT n, opportunity, person, overdue, round(age_days, 6) FROM watched WHERE overdue > 0') AS d (side text, line text)$$,
  'past_due equals its oracle');
SELECT is_empty(
  $$SELECT * FROM pg_temp.differ(
    'SELECT q.n, s.opportunity, s.person, s.amount, s.limit_amount, s.owner_amount, round(s.age_days::numeric, 6) AS age
     FROM question AS q, large_opportunity(q.as_of, options => q.options || ''{"large_multiple": 1.5}'') AS s',
    'SELECT n, opportunity, person, amount, 1.5 * median,
       (SELECT sum(m.amount) FROM watched AS m WHERE m.n = w.n AND m.owner IS NOT DISTINCT FROM w.owner), round(w.age_days, 6)
     FROM watched AS w WHERE amount >= 1.5 * median AND median > 0') AS d (side text, line text)$$,
  'large_opportunity equals its oracle');
SELECT is(
  (SELECT ROW(bool_or(stage_days > limit_days), bool_or(stage_days <= limit_days), bool_or(is_planned), bool_or(idle_days >= 14 AND NOT is_planned),
    bool_or(idle_days < 14), bool_or(overdue > 0), bool_or(overdue <= 0), bool_or(amount >= 1.5 * median), bool_or(amount < 1.5 * median))::text
   FROM watched), '(t,t,t,t,t,t,t,t,t)', 'it has seen deals on either side');

-- ---- closed deals -------------------------------------------------------------------------
-- some say why, some against whom, some only later
INSERT INTO opportunity_change (opportunity_id, changed_at, stage_id, owner_id, amount, expected_close, lost_reason, competitor)
SELECT opportunity_id, changed_at + floor(random() * 3) * interval '5 days', stage_id, owner_id, amount, expected_close,
  (ARRAY['price', 'timing', NULL])[1 + floor(random() * 3)::int], (ARRAY['Rival', 'Other', NULL])[1 + floor(random() * 3)::int]
FROM (SELECT DISTINCT ON (opportunity_id) * FROM opportunity_history ORDER BY opportunity_id, changed_at DESC, place DESC) AS last
WHERE stage_id IN (6, 7, 10) AND seq > 0;
CREATE TEMP TABLE lost AS
SELECT q.n, q.today, l.*, l.closed_on BETWEEN q.today - 364 AND q.today AS asked FROM question AS q, oracle.lost(q.as_of, q.zone) AS l;
CREATE TEMP TABLE reached AS
SELECT q.n, o.* FROM question AS q, oracle.win_rate_from_stage(q.as_of, q.since, q.until, q.zone) AS o;
CREATE TEMP TABLE velocity AS
SELECT q.n, o.* FROM question AS q, oracle.sales_velocity(q.as_of, q.today - 364, q.today + 1, q.zone, 2) AS o;
SELECT is_empty(
  $$SELECT * FROM pg_temp.differ(
    'SELECT q.n, l.lost_reason, l.competitor, l.pipeline, l.stage, l.lost, l.lost_total, round(l.lost_share::numeric, 9) AS share,
       l.lost_amount, l.lost_amount_total, l.lost_without_amount, l.first_lost_on, l.last_lost_on, l.lost_before
     FROM question AS q, loss_reason(q.as_of, options => q.options) AS l',
    'SELECT o.n, o.reason, o.competitor, p.code, s.code, count(*) FILTER (WHERE o.asked), total.n, round(count(*) FILTER (WHERE o.asked)::numeric / total.n, 9),
       coalesce(sum(o.amount) FILTER (WHERE o.asked), 0), total.amount, count(*) FILTER (WHERE o.asked AND o.amount IS NULL),
       min(o.closed_on), max(o.closed_on) FILTER (WHERE o.asked), count(*) FILTER (WHERE o.closed_on BETWEEN o.today - 729 AND o.today - 365)
     FROM lost AS o
     CROSS JOIN LATERAL (SELECT count(*) AS n, coalesce(sum(l.amount), 0) AS amount FROM lost AS l WHERE l.n = o.n AND l.asked) AS total
     JOIN pipeline AS p ON p.pipeline_id = o.pipeline
     LEFT JOIN stage AS s ON s.stage_id = o.stage
     GROUP BY o.n, o.reason, o.competitor, p.code, s.code, total.n, total.amount
     HAVING bool_or(o.asked)') AS d (side text, line text)$$,
  'loss_reason equals its oracle');
SELECT is_empty(
  $$SELECT * FROM pg_temp.differ(
    'SELECT q.n, w.stage, w.won, w.lost, w.lost_amount, round(w.win_rate::numeric, 9) AS rate, round(w.required_coverage::numeric, 9) AS coverage
     FROM question AS q, win_rate_from_stage(q.as_of, NULL, daterange(q.since, q.until), q.options) AS w',
    'SELECT o.n, s.code, o.won, o.lost, o.lost_amount, round(o.won / nullif(o.won + o.lost, 0)::numeric, 9),
       round((o.won + o.lost) / nullif(o.won, 0)::numeric, 9)
     FROM reached AS o
     JOIN stage AS s ON s.stage_id = o.stage') AS d (side text, line text)$$,
  'win_rate_from_stage equals its oracle');
SELECT is_empty(
  $$SELECT * FROM pg_temp.differ(
    'SELECT q.n, v.person, v.open_qualified, v.won, v.closed, round(v.velocity, 6) AS velocity
     FROM question AS q, sales_velocity(q.as_of, options => q.options) AS v',
    'SELECT o.n, p.code, o.qualified, o.won, o.closed, round(o.velocity, 6)
     FROM velocity AS o
     LEFT JOIN person AS p ON p.person_id = o.owner') AS d (side text, line text)$$,
  'sales_velocity equals its oracle');
SELECT ok((SELECT count(*) > 20 AND bool_or(lost_before > 0) AND bool_or(stage IS NULL) AND bool_or(lost > 1) FROM question AS q, loss_reason(q.as_of))
  AND (SELECT bool_or(velocity > 0) AND bool_or(velocity IS NULL) FROM question AS q, sales_velocity(q.as_of)),
  'it has seen losses of many kinds, and velocities');

-- ---- fifty random pairs of dates on a demo book -------------------------------------------
SELECT FROM salesmgmt.create_demo_book('demo_book', 12, 12, 3, '2026-07-10');
SELECT set_config('search_path', 'demo_book, salesmgmt, ' || current_setting('search_path'), true) \g /dev/null
CREATE TEMP TABLE pair AS
SELECT n, n % 2 * (random() * 300)::int AS horizon, since, since + 1 + floor(random() * 120)::int AS until
FROM generate_series(1, 50) AS n, LATERAL (SELECT date '2025-07-01' + floor(random() * 370 + 0 * n)::int) AS s (since);
CREATE TEMP TABLE fall AS
SELECT p.n, false AS by_team, w.*
FROM (SELECT *, jsonb_build_object('waterfall_horizon_days', horizon) AS options FROM pair) AS p,
  pipeline_waterfall('2026-07-10', NULL, daterange(p.since, p.until), p.options) AS w
UNION ALL
SELECT p.n, true, w.*
FROM (SELECT *, jsonb_build_object('waterfall_horizon_days', horizon) AS options FROM pair) AS p,
  pipeline_waterfall_by_team('2026-07-10', NULL, daterange(p.since, p.until), p.options) AS w;
SELECT is_empty(
  $$SELECT n, by_team, person, sum(amount) FILTER (WHERE step = 'unexplained'), sum(deals) FILTER (WHERE step = 'unexplained')
    FROM fall GROUP BY n, by_team, person
    HAVING sum(amount) FILTER (WHERE step <> 'end') <> sum(amount) FILTER (WHERE step = 'end')
      OR bool_or(step = 'unexplained' AND (amount <> 0 OR deals <> 0)) OR count(*) <> 13$$,
  'the waterfall balances for 50 random pairs of dates, unexplained is shown and 0');
SELECT is_empty(
  $$SELECT * FROM pg_temp.differ(
    'SELECT n, person, step, deals, amount FROM fall WHERE NOT by_team AND step IN (''start'', ''end'') AND deals <> 0',
    'SELECT p.n, rep.code, side.step, count(*), sum(coalesce(d.amount, 0))
     FROM pair AS p,
       (VALUES (''start''), (''end'')) AS side (step),
       open_deal(least(''2026-07-10''::timestamptz,
         (CASE side.step WHEN ''start'' THEN p.since ELSE p.until END)::timestamptz - interval ''1 microsecond'')) AS d
     LEFT JOIN person AS rep ON rep.person_id = d.owner_id
     WHERE d.expected_close < p.until + p.horizon
     GROUP BY 1, 2, 3') AS d (side text, line text)$$,
  'start and end are the open deals of those days');
SELECT cmp_ok((SELECT count(DISTINCT step) FROM fall WHERE deals > 0), '>=', 9::bigint, 'there were many kinds of change to balance');

SELECT * FROM finish();
ROLLBACK;
