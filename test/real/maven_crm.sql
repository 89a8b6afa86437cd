-- CRM Sales Opportunities: deals with a present stage and two dates, CRLF lines, names that differ.
-- Every figure is compared with expected.json, which was computed without this project.
\set found `test -r "${SALESMGMT_DATA:-../shared/data}/maven_crm/expected.json" && echo true || echo false`
\if :found
\else
\echo 1..0 # SKIP real data is not at hand
\quit
\endif
\set expected `cat "${SALESMGMT_DATA:-../shared/data}/maven_crm/expected.json"`
\ir ../begin.sql
\ir book_state.sql
SELECT plan(24);

-- ---- the files as they are ----
CREATE TEMP TABLE accounts (
  account text, sector text, year_established text, revenue text, employees text, office_location text, subsidiary_of text);
\copy accounts FROM PROGRAM 'cat "${SALESMGMT_DATA:-../shared/data}/maven_crm/accounts.csv"' WITH (FORMAT csv, HEADER MATCH)
CREATE TEMP TABLE products (product text, series text, sales_price text);
\copy products FROM PROGRAM 'cat "${SALESMGMT_DATA:-../shared/data}/maven_crm/products.csv"' WITH (FORMAT csv, HEADER MATCH)
CREATE TEMP TABLE sales_teams (sales_agent text, manager text, regional_office text);
\copy sales_teams FROM PROGRAM 'cat "${SALESMGMT_DATA:-../shared/data}/maven_crm/sales_teams.csv"' WITH (FORMAT csv, HEADER MATCH)
CREATE TEMP TABLE sales_pipeline (
  opportunity_id text, sales_agent text, product text, account text, deal_stage text,
  engage_date text, close_date text, close_value text);
\copy sales_pipeline FROM PROGRAM 'cat "${SALESMGMT_DATA:-../shared/data}/maven_crm/sales_pipeline.csv"' WITH (FORMAT csv, HEADER MATCH)

-- A deal that is still prospected has no date at all: it is known from the last day of the data on.
CREATE TEMP VIEW deal AS
SELECT opportunity_id AS code, sales_agent AS owner, account, deal_stage, engage_date, close_date, close_value,
  CASE product WHEN 'GTXPro' THEN 'GTX Pro' ELSE product END AS product,
  coalesce(engage_date, (SELECT max(close_date) FROM sales_pipeline)) AS created_at
FROM sales_pipeline;

-- ---- into a book, through staged tables ----
SELECT salesmgmt.create_book('maven_crm') AS book \gset
CREATE TEMP TABLE loading AS
SELECT n AS place, of_table, of_query
FROM (VALUES
  (1, 'territory', $$ SELECT DISTINCT regional_office AS code, regional_office AS name FROM sales_teams $$),
  (2, 'segment', $$ SELECT DISTINCT replace(sector, 'technolgy', 'technology') AS code, replace(sector, 'technolgy', 'technology') AS name FROM accounts $$),
  (3, 'person', $$ SELECT DISTINCT manager AS code, manager AS name FROM sales_teams
    UNION ALL SELECT sales_agent, sales_agent FROM sales_teams $$),
  (4, 'reporting_line', $$ SELECT sales_agent AS person, manager, '(,)' AS during FROM sales_teams $$),
  (5, 'territory_assignment', $$ SELECT sales_agent AS person, regional_office AS territory, '(,)' AS during FROM sales_teams $$),
  (6, 'account', $$ SELECT account AS code, account AS name, replace(sector, 'technolgy', 'technology') AS segment FROM accounts $$),
  (7, 'product', $$ SELECT product AS code, product AS name, series AS family, sales_price AS list_price FROM products $$),
  (8, 'pipeline', $$ SELECT 'crm' AS code, 'CRM' AS name $$),
  (9, 'stage', $$ SELECT name AS code, 'crm' AS pipeline, name, n AS "position", outcome
    FROM (VALUES ('Prospecting', '1', 'open'), ('Engaging', '2', 'open'), ('Won', '3', 'won'), ('Lost', '4', 'lost')) AS s (name, n, outcome) $$),
  (10, 'opportunity', $$ SELECT code, account, 'crm' AS pipeline, product, created_at FROM deal $$),
  (11, 'opportunity_change', $$ SELECT d.code AS opportunity, d.created_at AS changed_at, '1' AS seq,
      CASE WHEN engage_date IS NULL THEN 'Prospecting' ELSE 'Engaging' END AS stage,
      p.sales_price AS amount, NULL AS expected_close, owner
    FROM deal AS d JOIN products AS p USING (product)
    UNION ALL
    SELECT code, close_date, '2', deal_stage, close_value, close_date, owner
    FROM deal WHERE close_date IS NOT NULL $$)
) AS l (n, of_table, of_query);
CREATE TEMP TABLE first_time AS
SELECT l.place, done.* FROM loading AS l CROSS JOIN LATERAL pg_temp.load('maven_crm', l.of_table, l.of_query) AS done;
SELECT pg_temp.book_state('maven_crm') AS before \gset
CREATE TEMP TABLE second_time AS
SELECT l.place, done.* FROM loading AS l CROSS JOIN LATERAL pg_temp.load('maven_crm', l.of_table, l.of_query) AS done;

SELECT results_eq(
  $$ SELECT of_table, rows FROM first_time WHERE action = 'inserted' ORDER BY place $$,
  $$ VALUES ('territory', 3::bigint), ('segment', 10), ('person', 41), ('reporting_line', 35), ('territory_assignment', 35),
    ('account', 85), ('product', 7), ('pipeline', 1), ('stage', 4), ('opportunity', 8800), ('opportunity_change', 15511) $$,
  'every line of every file is in the book');
SELECT results_eq(
  $$ SELECT of_table, action, rows FROM second_time WHERE rows > 0 ORDER BY place $$,
  $$ SELECT of_table, 'same', rows FROM first_time WHERE action = 'inserted' ORDER BY place $$,
  'loaded again, every line is the same');
SELECT is(pg_temp.book_state('maven_crm'), :'before', 'and the book has not changed');
-- the names as they came would not have gone in
SELECT throws_ok(
  $$ SELECT pg_temp.load('maven_crm', 'opportunity', 'SELECT opportunity_id AS code, ''crm'' AS pipeline, product FROM sales_pipeline') $$,
  '22023', 'opportunity, line 3, column product: there is no product "GTXPro"',
  'a product that is written in two ways is named with its line');

-- ---- the figures, by the measures ----
SET LOCAL search_path = maven_crm, salesmgmt, public;
ANALYZE opportunity;
ANALYZE opportunity_change;
CREATE TEMP TABLE expected AS SELECT :'expected'::jsonb AS figures;
SELECT results_eq(
  $$ SELECT s.name, count(*)::text FROM opportunity AS o JOIN stage AS s USING (stage_id) GROUP BY 1 ORDER BY 1 $$,
  $$ SELECT key, value FROM expected, jsonb_each_text(figures -> 'stage_counts') ORDER BY 1 $$,
  'the present stage of every deal');

-- won and lost are one step, closed, and won is one more
CREATE TEMP TABLE reached AS
SELECT f.*
FROM unnest((
  SELECT funnel_conversion(h.opportunity_id, step.step, h.changed_at, funnel_options(mode => 'furthest', steps => 4))
  FROM opportunity_history AS h
  JOIN stage AS s USING (stage_id)
  CROSS JOIN LATERAL (VALUES ('Prospecting', 1), ('Engaging', 2), ('Won', 3), ('Lost', 3), ('Won', 4)) AS step (stage, step)
  WHERE step.stage = s.name)) AS f;
SELECT results_eq(
  $$ SELECT step, reached::text FROM reached ORDER BY step $$,
  $$ SELECT k.step, figures #>> ARRAY['funnel_reached', k.name]
     FROM expected, (VALUES (1, 'Prospecting(all)'), (2, 'Engaging(reached)'), (3, 'Closed(won+lost)'), (4, 'Won')) AS k (step, name) ORDER BY 1 $$,
  'funnel_conversion: deals that reached each step');
SELECT results_eq(
  $$ SELECT step, round(step_rate::numeric * 100, 2) FROM reached WHERE step > 1
     UNION ALL SELECT 5, round(conversion_rate::numeric * 100, 2) FROM reached WHERE step = 4 ORDER BY 1 $$,
  $$ SELECT k.step, (figures #>> ARRAY['funnel_reached', k.name])::numeric
     FROM expected, (VALUES (2, 'prospect_to_engage_pct'), (3, 'engage_to_closed_pct'), (4, 'closed_to_won_pct'), (5, 'all_to_won_pct')) AS k (step, name) ORDER BY 1 $$,
  'funnel_conversion: conversion of each step, and of all');
SELECT results_eq(
  $$ SELECT step, reached FROM funnel(during => '(,)') WHERE pipeline = 'crm' AND step > 0 ORDER BY step $$,
  $$ SELECT k.step, (figures #>> ARRAY['funnel_reached', k.name])::bigint
     FROM expected, (VALUES (1, 'Prospecting(all)'), (2, 'Engaging(reached)'), (3, 'Won')) AS k (step, name) ORDER BY 1 $$,
  'funnel: the book''s own stages');

-- ---- the two win rates, each by its name ----
CREATE TEMP TABLE of_closed AS
SELECT sum(won)::bigint AS won, sum(lost)::bigint AS lost, sum(closed)::bigint AS closed, sum(won)::numeric / sum(closed) AS rate FROM win_rate;
CREATE TEMP TABLE of_created AS
SELECT sum(won)::bigint AS won, sum(created)::bigint AS created, sum(won)::numeric / sum(created) AS rate,
  sum(open_deals)::bigint AS open_deals
FROM win_share;
SELECT is(won::text, figures #>> '{overall,won}', 'win_rate: won') FROM of_closed, expected;
SELECT is(lost::text, figures #>> '{overall,lost}', 'win_rate: lost, though their value is 0') FROM of_closed, expected;
SELECT is(round(rate * 100, 2), (figures #>> '{overall,win_rate_closed_pct}')::numeric, 'win_rate is won of closed') FROM of_closed, expected;
SELECT is(created::text, figures #>> '{overall,opps}', 'win_share: created') FROM of_created, expected;
SELECT is(round(rate * 100, 2), (figures #>> '{overall,win_rate_all_pct}')::numeric, 'win_share.won_of_created_rate is won of created') FROM of_created, expected;
SELECT is(open_deals, (figures #>> '{overall,engaging}')::bigint + (figures #>> '{overall,prospecting}')::bigint, 'win_share: still open') FROM of_created, expected;

-- ---- money and days ----
CREATE TEMP VIEW closed AS
SELECT o.code, boss.name AS manager, s.outcome, o.amount, p.list_price,
  book_date(o.changed_at, settings()) - book_date(o.created_at, settings()) AS days
FROM opportunity AS o
JOIN stage AS s USING (stage_id)
JOIN product AS p USING (product_id)
JOIN reporting_line AS line ON line.person_id = o.owner_id
JOIN person AS boss ON boss.person_id = line.manager_id
WHERE s.outcome <> 'open';
CREATE TEMP VIEW figure AS
SELECT coalesce(manager, '') AS manager,
  jsonb_build_object(
    'won_value', sum(amount) FILTER (WHERE outcome = 'won'),
    'list_value_of_won', sum(list_price) FILTER (WHERE outcome = 'won'),
    'avg_won_value', round(avg(amount) FILTER (WHERE outcome = 'won'), 2),
    'won_value_vs_list_pct', round(100 * ((plan_variance(list_price, amount) FILTER (WHERE outcome = 'won')).actual
      / (plan_variance(list_price, amount) FILTER (WHERE outcome = 'won')).planned), 2),
    'avg_days_to_close_closed', round(avg(days), 2),
    'avg_days_to_close_won', round(avg(days) FILTER (WHERE outcome = 'won'), 2)) AS figures
FROM closed
GROUP BY ROLLUP (manager);
SELECT is((SELECT f.figures FROM figure AS f WHERE manager = ''),
  (SELECT jsonb_object_agg(key, value) FROM expected AS e, jsonb_each(e.figures -> 'overall')
   WHERE key IN (SELECT jsonb_object_keys(f.figures) FROM figure AS f)),
  'value and days, all deals');
SELECT results_eq(
  $$ SELECT f.manager, f.figures FROM figure AS f WHERE manager <> '' ORDER BY 1 $$,
  $$ SELECT m.key, (SELECT jsonb_object_agg(v.key, v.value) FROM jsonb_each(m.value) AS v
       WHERE v.key IN ('won_value', 'list_value_of_won', 'avg_won_value', 'won_value_vs_list_pct', 'avg_days_to_close_closed', 'avg_days_to_close_won'))
     FROM expected AS e, jsonb_each(e.figures -> 'by_manager') AS m ORDER BY 1 $$,
  'value and days by manager');
SELECT is((SELECT sum(won_amount)::numeric FROM win_rate), (SELECT (sum(list_price) FILTER (WHERE outcome = 'won'))::numeric FROM closed),
  'win_rate by amount takes the amount before the close, here the list price');

-- ---- the managers' teams ----
SELECT results_eq(
  $$ SELECT person_name, sum(won)::text, sum(lost)::text, round(sum(won)::numeric / sum(closed) * 100, 2)
     FROM win_rate_by_team GROUP BY 1 ORDER BY 1 $$,
  $$ SELECT key, value ->> 'won', value ->> 'lost', (value ->> 'win_rate_closed_pct')::numeric
     FROM expected, jsonb_each(figures -> 'by_manager') ORDER BY 1 $$,
  'win_rate_by_team: won, lost and won of closed of all six');
SELECT results_eq(
  $$ SELECT boss.name, sum(w.created)::text, sum(w.won)::text, sum(w.open_deals)::bigint, round(sum(w.won)::numeric / sum(w.created) * 100, 2)
     FROM win_share AS w
     JOIN person AS rep ON rep.code = w.person
     JOIN reporting_line AS line ON line.person_id = rep.person_id
     JOIN person AS boss ON boss.person_id = line.manager_id
     GROUP BY 1 ORDER BY 1 $$,
  $$ SELECT key, value ->> 'opps', value ->> 'won', (value ->> 'engaging')::bigint + (value ->> 'prospecting')::bigint,
       (value ->> 'win_rate_all_pct')::numeric
     FROM expected, jsonb_each(figures -> 'by_manager') ORDER BY 1 $$,
  'win_share: created, won, open and won of created of all six');
SELECT is(
  ARRAY[
    (SELECT person_name FROM win_rate_by_team GROUP BY 1 ORDER BY sum(won)::numeric / sum(closed) LIMIT 1),
    (SELECT line.manager_id::text
     FROM win_share AS w JOIN person AS rep ON rep.code = w.person JOIN reporting_line AS line USING (person_id)
     GROUP BY 1 ORDER BY sum(w.won)::numeric / sum(w.created) DESC LIMIT 1)],
  (SELECT ARRAY[name, person_id::text] FROM person WHERE name = 'Rocco Neubert'),
  'who is last by won of closed is first by won of created');

-- ---- the traps ----
SELECT is((SELECT count(*) FROM opportunity AS o JOIN product AS p USING (product_id) WHERE p.name = 'GTX Pro'), 1480::bigint, 'GTXPro is GTX Pro');
SELECT is((SELECT count(*) FROM opportunity WHERE account_id IS NULL), 1425::bigint, 'deals without an account are kept');
SELECT is((SELECT count(*) FROM opportunity AS o JOIN stage AS s USING (stage_id) WHERE s.outcome = 'lost' AND o.amount <> 0), 0::bigint, 'a lost deal has value 0, and none is left out for it');
SELECT is((SELECT count(*) FROM account WHERE name ~ '\r' OR code ~ '\r') + (SELECT count(*) FROM opportunity WHERE code ~ '\r') + (SELECT count(*) FROM territory WHERE name ~ '\r'),
  0::bigint, 'the line ends are no part of the last column');

SELECT * FROM finish();
ROLLBACK;
