-- Every figure can be opened: for each report the rows of its evidence sum to the figures.
\ir ../begin.sql
SET LOCAL TimeZone = 'UTC';
SELECT setseed(0.2718) AS seed \gset
-- any name of a schema will do
\set book 'O''Neil & "Sons", Köln'
SELECT FROM salesmgmt.create_demo_book(:'book', 12, 12, 5, '2026-07-10');
SELECT set_config('search_path', quote_ident(:'book') || ', salesmgmt, ' || current_setting('search_path'), true) \g /dev/null

-- Reports without a figure of their own: what they show stands in others, which have evidence.
CREATE TEMP TABLE without_evidence (report text PRIMARY KEY, why text);
INSERT INTO without_evidence VALUES
  ('morning_report', 'sections of other reports, as text'),
  ('coaching_point', 'what stands out in other reports, which have evidence'),
  ('stage_entry', 'its rows are the entries themselves');

CREATE TEMP TABLE report AS
SELECT p.proname::text AS report, e.oid IS NOT NULL AS has_evidence,
  -- the key: what the evidence names before figure
  e.proargnames[e.pronargs + 1 : array_position(e.proargnames, 'figure') - 1] AS key,
  p.proargnames[p.pronargs + 1 :] AS shown
FROM pg_proc AS p
JOIN pg_class AS v ON v.relname = p.proname AND v.relnamespace = p.pronamespace AND v.relkind = 'v'
LEFT JOIN pg_proc AS e ON e.pronamespace = p.pronamespace AND e.proname = p.proname || '_evidence'
WHERE p.pronamespace = quote_ident(:'book')::regnamespace AND p.proargnames[1:4] = '{as_of,person,during,options}';

-- What differs: a figure and the sum of its evidence, by the key of the row, with keys that
-- stand in one of them alone or twice.
CREATE FUNCTION pg_temp.differences(report text, arguments text, doctored text DEFAULT 'TABLE evidence')
RETURNS TABLE (complaint text)
LANGUAGE plpgsql AS $$
DECLARE
  key_list text := (SELECT string_agg(quote_literal(k), ', ') FROM report AS r, unnest(r.key) AS k WHERE r.report = differences.report);
BEGIN
  RETURN QUERY EXECUTE format(
    $query$
      WITH shown AS MATERIALIZED (
        SELECT (SELECT jsonb_object_agg(c.key, c.value) FROM jsonb_each(to_jsonb(r)) AS c WHERE c.key IN (%1$s)) AS key, to_jsonb(r) AS line
        FROM %2$I(%3$s) AS r
      ), evidence AS MATERIALIZED (
        SELECT * FROM evidence(%2$L, %3$s)
      ), counted AS MATERIALIZED (
        SELECT key, figure, sum(value) AS value, count(*) FILTER (WHERE source IS NULL OR source_code IS NULL OR value IS NULL) AS empty
        FROM (%4$s) AS e
        GROUP BY key, figure
      ), figure AS (
        SELECT DISTINCT figure FROM counted
      )
      SELECT format('%%s stands twice', key) FROM shown GROUP BY key HAVING count(*) > 1
      UNION ALL
      SELECT format('%%s is no row of the report: %%s %%s', key, figure, value) FROM counted WHERE key NOT IN (SELECT key FROM shown)
      UNION ALL
      SELECT format('%%s %%s has rows without source, code or value', key, figure) FROM counted WHERE empty > 0
      UNION ALL
      SELECT format('there is no column %%s', figure) FROM figure WHERE NOT EXISTS (SELECT FROM report AS r WHERE r.report = %2$L AND figure = ANY (r.shown))
      UNION ALL
      SELECT format('%%s %%s is %%s, its evidence %%s', shown.key, figure.figure, shown.line ->> figure.figure, counted.value)
      FROM shown
      CROSS JOIN figure
      LEFT JOIN counted ON counted.key = shown.key AND counted.figure = figure.figure
      WHERE round(coalesce((shown.line ->> figure.figure)::numeric, 0), 4) <> round(coalesce(counted.value, 0), 4)
    $query$, key_list, report, arguments, doctored);
END $$;

CREATE FUNCTION pg_temp.has_evidence(report text, arguments text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  found boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT FROM evidence(%L, %s))', report, arguments) INTO found;
  RETURN found;
END $$;

-- The questions: everything; a team as of the past; a span.
CREATE TEMP TABLE question (arguments text PRIMARY KEY);
INSERT INTO question VALUES
  ('''2026-07-10 12:00+00'', options => ''{"large_multiple": 1.3}'''),
  (format('''2026-03-17 09:00+00'', person => %L', (SELECT code FROM person WHERE person_id = (SELECT min(manager_id) FROM reporting_line)))),
  ('''2026-05-28 18:00+00'', during => ''[2026-03-01,2026-06-01)''');

SELECT plan(9);

SELECT is_empty($$ SELECT report FROM report WHERE NOT has_evidence AND report NOT IN (SELECT w.report FROM without_evidence AS w) $$,
  'every report has evidence');
SELECT is_empty($$ SELECT report FROM without_evidence WHERE report NOT IN (SELECT r.report FROM report AS r WHERE NOT has_evidence) $$,
  'and what is said to have none is a report and has none');
SELECT is_empty($$ SELECT report, key, shown FROM report WHERE has_evidence AND NOT (key <@ shown AND cardinality(key) > 0) $$,
  'its key is of columns of the report');
SELECT is_empty(
  $$ SELECT r.report, q.arguments, d.complaint FROM report AS r CROSS JOIN question AS q CROSS JOIN LATERAL pg_temp.differences(r.report, q.arguments) AS d
     WHERE r.has_evidence LIMIT 20 $$,
  'the evidence sums to the figures');
SELECT is_empty(
  $$ SELECT report FROM report AS r WHERE has_evidence AND NOT EXISTS (SELECT FROM question AS q WHERE pg_temp.has_evidence(r.report, q.arguments)) $$,
  'and there is some');
-- The check sees what it is for.
SELECT isnt_empty($$ SELECT * FROM pg_temp.differences('win_rate', (SELECT min(arguments) FROM question), 'SELECT * FROM evidence OFFSET 1') $$,
  'a row of evidence too few is seen');
SELECT isnt_empty($$ SELECT * FROM pg_temp.differences('win_rate', (SELECT min(arguments) FROM question), 'SELECT key, figure, source, source_code, value * 1.0001 AS value FROM evidence') $$,
  'and a value that is off');
SELECT throws_ok($$ SELECT * FROM evidence('no_such_report') $$, '22023', 'there is no evidence for a report "no_such_report"', 'an unknown report is refused');

SELECT throws_ok($$ SELECT * FROM evidence('standing_forecast') $$, '22023', 'there is no evidence for a report "standing_forecast"', 'and so is what two reports share');
SELECT * FROM finish();
ROLLBACK;
