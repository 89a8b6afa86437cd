-- The reports that watch the pipeline are right as of any past day: on 20 random days each
-- equals the same report on a book that was loaded with only what had happened by then.
\ir ../begin.sql
SET LOCAL TimeZone = 'UTC';
SELECT setseed(0.1618) AS seed \gset
SELECT FROM salesmgmt.create_demo_book('whole_book', 12, 12, 5, '2026-07-10');
SELECT FROM salesmgmt.create_book('past_book');
SELECT plan(5);

CREATE TEMP TABLE day AS
SELECT n, timestamptz '2025-09-01' + floor(random() * 310 * 86400) * interval '1 second' AS as_of FROM generate_series(1, 20) AS n;

-- ---- what had happened by then -----------------------------------------------------------
-- Everything but deals and activities stands: people, lines, stages and rules have dates of
-- their own.  A deal without history had its state from its creation; the others get theirs
-- from their changes.  What was to be held after that day was planned then.
CREATE FUNCTION pg_temp.load_until(instant timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  SET LOCAL session_replication_role = replica;
  DELETE FROM past_book.activity;
  TRUNCATE past_book.opportunity_change, past_book.opportunity CASCADE;
  SET LOCAL session_replication_role = origin;
  INSERT INTO past_book.opportunity (opportunity_id, code, name, account_id, pipeline_id, product_id, kind, source, referred_by, created_at,
    stage_id, amount, expected_close, owner_id, forecast_category, lost_reason, competitor)
  SELECT opportunity_id, code, name, account_id, pipeline_id, product_id, kind, source, referred_by, created_at,
    stage_id, amount, expected_close, owner_id, forecast_category, lost_reason, competitor
  FROM (
    SELECT opportunity_id, code, name, account_id, pipeline_id, product_id, kind, source, referred_by, created_at,
      CASE WHEN change_seq IS NULL THEN stage_id END AS stage_id, CASE WHEN change_seq IS NULL THEN amount END AS amount,
      CASE WHEN change_seq IS NULL THEN expected_close END AS expected_close, CASE WHEN change_seq IS NULL THEN owner_id END AS owner_id,
      CASE WHEN change_seq IS NULL THEN forecast_category END AS forecast_category,
      CASE WHEN change_seq IS NULL THEN lost_reason END AS lost_reason, CASE WHEN change_seq IS NULL THEN competitor END AS competitor
    FROM whole_book.opportunity
    WHERE created_at <= instant OR opportunity_id IN (SELECT c.opportunity_id FROM whole_book.opportunity_change AS c WHERE c.changed_at <= instant)
  ) AS o;
  INSERT INTO past_book.opportunity_change SELECT * FROM whole_book.opportunity_change WHERE changed_at <= instant ORDER BY seq;
  INSERT INTO past_book.activity (activity_id, code, activity_kind_id, person_id, account_id, opportunity_id, planned_for, held_at, outcome, minutes, subject)
  SELECT activity_id, code, activity_kind_id, person_id, account_id, opportunity_id, planned_for,
    CASE WHEN held_at <= instant THEN held_at END, CASE WHEN held_at > instant THEN 'planned' ELSE outcome END, minutes, subject
  FROM whole_book.activity
  WHERE (held_at <= instant OR planned_for IS NOT NULL)
    AND (opportunity_id IS NULL OR opportunity_id IN (SELECT o.opportunity_id FROM past_book.opportunity AS o));
END $$;

-- Each report of the pipeline, as text, from the book that search_path names.
CREATE TEMP TABLE report (name text PRIMARY KEY);
INSERT INTO report VALUES ('pipeline_waterfall'), ('pipeline_waterfall_by_team'), ('slippage'), ('stalled'), ('untouched'), ('past_due'),
  ('large_opportunity'), ('loss_reason'), ('win_rate_from_stage'), ('sales_velocity');
CREATE TEMP TABLE answer (n int, book text, report text, line text);
CREATE FUNCTION pg_temp.ask(book text, day record) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  report text;
BEGIN
  FOR report IN SELECT name FROM pg_temp.report LOOP
    EXECUTE format('INSERT INTO pg_temp.answer SELECT %L, %L, %L, r::text FROM %I.%I(%L, options => ''{"untouched_after_days": 5, "large_multiple": 1.3}'') AS r',
      day.n, book, report, book, report, day.as_of);
  END LOOP;
END $$;
DO $$
DECLARE
  t text;
  day record;
BEGIN
  -- the tables that stand
  SET LOCAL session_replication_role = replica;
  FOREACH t IN ARRAY ARRAY['person', 'employment', 'reporting_line', 'territory', 'segment', 'account', 'product', 'pipeline', 'stage', 'stage_rule',
    'period', 'metric', 'activity_kind', 'setting', 'currency']
  LOOP
    EXECUTE format('DELETE FROM past_book.%I', t);
    EXECUTE format('INSERT INTO past_book.%I SELECT * FROM whole_book.%I', t, t);
  END LOOP;
  SET LOCAL session_replication_role = origin;
  FOR day IN SELECT * FROM pg_temp.day LOOP
    PERFORM pg_temp.load_until(day.as_of);
    PERFORM pg_temp.ask('past_book', day);
    PERFORM pg_temp.ask('whole_book', day);
  END LOOP;
END $$;

SELECT is_empty(
  $$(SELECT n, report, 'only in the whole book', line FROM answer WHERE book = 'whole_book'
     EXCEPT ALL SELECT n, report, 'only in the whole book', line FROM answer WHERE book = 'past_book')
    UNION ALL
    (SELECT n, report, 'only in the past', line FROM answer WHERE book = 'past_book'
     EXCEPT ALL SELECT n, report, 'only in the past', line FROM answer WHERE book = 'whole_book')
    LIMIT 20$$,
  'every report is the one that the book of that day gives');
SELECT is((SELECT count(DISTINCT n) FROM answer), 20::bigint, 'on 20 days');
SELECT is_empty('SELECT name FROM report WHERE name NOT IN (SELECT report FROM answer)', 'and none of them was always empty');
SELECT ok(EXISTS (SELECT FROM whole_book.opportunity_change WHERE corrects IS NOT NULL), 'some of the changes are corrections');
SELECT cmp_ok((SELECT count(*) FROM past_book.opportunity_change), '<', (SELECT count(*) FROM whole_book.opportunity_change), 'the past knows less');

SELECT * FROM finish();
ROLLBACK;
