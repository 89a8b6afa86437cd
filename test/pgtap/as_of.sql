-- Every report is right as of any past day: on 50 random days each equals the same report on a
-- book that was loaded with only what had happened by then.
\ir ../begin.sql
SET LOCAL TimeZone = 'UTC';
SET LOCAL jit = off;
SELECT setseed(0.1618) AS seed \gset
SELECT FROM salesmgmt.create_demo_book('whole_book', 10, 12, 5, '2026-07-10');
SELECT FROM salesmgmt.create_book('past_book');
-- Two managers share out their quotas step by step: first a whole, then a part with a target, one
-- that is agreed before it has any, and one that nobody has dated.
INSERT INTO whole_book.plan (plan_id, code, kind, person_id, during, agreed_by_person_on, parent_id)
SELECT 90000 + 10 * lead.n + part.n, 'late-' || lead.n || '-' || part.n, 'quota', CASE part.n WHEN 0 THEN lead.manager_id ELSE lead.reps[part.n] END,
  '[2025-10-01,2026-10-01)', CASE part.n WHEN 2 THEN date '2026-01-20' + 40 * lead.n END, CASE WHEN part.n > 0 THEN 90000 + 10 * lead.n END
FROM (
  SELECT row_number() OVER (ORDER BY r.manager_id)::int AS n, r.manager_id, array_agg(DISTINCT r.person_id) AS reps
  FROM whole_book.reporting_line AS r
  WHERE r.person_id NOT IN (SELECT m.manager_id FROM whole_book.reporting_line AS m)
  GROUP BY r.manager_id
  HAVING count(DISTINCT r.person_id) >= 3
  ORDER BY r.manager_id
  LIMIT 2) AS lead
CROSS JOIN generate_series(0, 3) AS part (n)
WHERE part.n < 3 OR lead.n = 2;
INSERT INTO whole_book.plan_target (plan_id, metric_id, during, revision, target, revised_at, reason)
SELECT p.plan_id, m.metric_id, '[2026-01-01,2026-07-01)', step.revision, 100000 * step.revision, step.at::timestamptz,
  CASE WHEN step.revision > 1 THEN 'Reset' END
FROM (VALUES (0, 1, '2025-10-15'), (1, 1, '2026-02-20'), (0, 2, '2026-01-10'), (2, 1, '2026-05-05')) AS step (part, revision, at)
JOIN whole_book.plan AS p ON p.code LIKE 'late-_-' || step.part
CROSS JOIN whole_book.metric AS m
WHERE m.code = 'bookings'
ORDER BY step.revision;
SELECT plan(8);

CREATE TEMP TABLE day AS
SELECT row_number() OVER (ORDER BY as_of)::int AS n, as_of
FROM (SELECT timestamptz '2025-09-01' + floor(random() * 310 * 86400) * interval '1 second' FROM generate_series(1, 50)) AS t (as_of);

-- ---- what had happened by then -----------------------------------------------------------
-- How each table of a book comes to know: what stands from the beginning, or has dates of its own
-- that are set in advance; a record that is made at an instant or on a day; or a state that began
-- on a day, and of whose end nobody knows before it comes, save the end of a job.
CREATE TEMP TABLE known (tab text PRIMARY KEY, how text, column_name text);
INSERT INTO known (tab, how) SELECT unnest(ARRAY['absence', 'activity_kind', 'book_version', 'campaign', 'coaching_session', 'currency', 'holiday', 'kpi_weight',
  'metric', 'period', 'person', 'pipeline', 'product', 'ramp', 'rating_band', 'segment', 'segment_growth', 'session_person', 'setting', 'stage', 'stage_rule', 'standard', 'territory']), 'stands';
INSERT INTO known VALUES
  ('actual', 'day', 'day'), ('balance', 'day', 'day'), ('booking', 'day', 'booked_on'),
  ('campaign_response', 'instant', 'responded_at'), ('forecast', 'instant', 'submitted_at'),
  ('plan_target', 'instant', 'revised_at'), ('rating', 'instant', 'rated_at'), ('request', 'instant', 'requested_at'),
  ('account_owner', 'state', 'during'), ('account_standing', 'state', 'during'), ('reporting_line', 'state', 'during'), ('territory_assignment', 'state', 'during'),
  -- who leaves gives notice
  ('employment', 'job', 'during'),
  -- in their own ways, below
  ('account', 'own', NULL), ('activity', 'own', NULL), ('booking_credit', 'own', NULL), ('opportunity', 'own', NULL), ('opportunity_change', 'own', NULL), ('plan', 'own', NULL), ('plan_action', 'own', NULL);

CREATE FUNCTION pg_temp.load_until(instant timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  k record;
  columns text;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR k IN SELECT * FROM pg_temp.known WHERE how <> 'stands' LOOP
    EXECUTE format('DELETE FROM past_book.%I', k.tab);
    CONTINUE WHEN k.how = 'own';
    SELECT string_agg(
        CASE WHEN k.how = 'state' AND a.attname = 'during'
          THEN 'CASE WHEN upper(during) > $1::date THEN daterange(lower(during), NULL) ELSE during END'
          ELSE quote_ident(a.attname)
        END, ', ' ORDER BY a.attnum)
    INTO columns
    FROM pg_attribute AS a
    WHERE a.attrelid = format('whole_book.%I', k.tab)::regclass AND a.attnum > 0 AND NOT a.attisdropped;
    EXECUTE format('INSERT INTO past_book.%1$I SELECT %2$s FROM whole_book.%1$I WHERE %3$s', k.tab, columns,
      CASE k.how
        WHEN 'day' THEN format('%I <= $1::date', k.column_name)
        WHEN 'instant' THEN format('%I <= $1', k.column_name)
        ELSE format('lower(%1$I) IS NULL OR lower(%1$I) <= $1::date', k.column_name)
      END)
    USING instant;
  END LOOP;
  INSERT INTO past_book.booking_credit
  SELECT c.* FROM whole_book.booking_credit AS c JOIN past_book.booking AS b ON b.booking_id = c.booking_id;
  INSERT INTO past_book.account SELECT * FROM whole_book.account;
  UPDATE past_book.account SET client_until = NULL WHERE client_until > instant::date;
  UPDATE past_book.account SET client_since = NULL WHERE client_since > instant::date;
  -- A plan is known from its first target, or from the day somebody agreed.
  INSERT INTO past_book.plan
  SELECT p.*
  FROM whole_book.plan AS p
  LEFT JOIN (SELECT plan_id, min(revised_at) AS since FROM whole_book.plan_target GROUP BY plan_id) AS t USING (plan_id)
  WHERE t.since <= instant
    OR p.agreed_by_person_on <= instant::date
    OR p.agreed_by_manager_on <= instant::date
    OR (t.since IS NULL AND p.agreed_by_person_on IS NULL AND p.agreed_by_manager_on IS NULL);
  UPDATE past_book.plan SET agreed_by_person_on = NULL WHERE agreed_by_person_on > instant::date;
  UPDATE past_book.plan SET agreed_by_manager_on = NULL WHERE agreed_by_manager_on > instant::date;
  INSERT INTO past_book.plan_action SELECT * FROM whole_book.plan_action;
  UPDATE past_book.plan_action SET done_on = NULL WHERE done_on > instant::date;
  UPDATE past_book.plan_action SET decision = NULL, decided_on = NULL, amount_granted = NULL WHERE decided_on > instant::date;
  -- A deal without history had its state from its creation; the others get theirs from their changes.
  INSERT INTO past_book.opportunity (opportunity_id, code, name, account_id, pipeline_id, product_id, kind, source, referred_by, created_at,
    stage_id, amount, expected_close, owner_id, forecast_category, lost_reason, competitor)
  SELECT opportunity_id, code, name, account_id, pipeline_id, product_id, kind, source, referred_by, created_at,
    CASE WHEN change_seq IS NULL THEN stage_id END, CASE WHEN change_seq IS NULL THEN amount END,
    CASE WHEN change_seq IS NULL THEN expected_close END, CASE WHEN change_seq IS NULL THEN owner_id END,
    CASE WHEN change_seq IS NULL THEN forecast_category END,
    CASE WHEN change_seq IS NULL THEN lost_reason END, CASE WHEN change_seq IS NULL THEN competitor END
  FROM whole_book.opportunity
  WHERE created_at <= instant OR opportunity_id IN (SELECT c.opportunity_id FROM whole_book.opportunity_change AS c WHERE c.changed_at <= instant);
  SET LOCAL session_replication_role = origin;
  INSERT INTO past_book.opportunity_change SELECT * FROM whole_book.opportunity_change WHERE changed_at <= instant ORDER BY seq;
  SET LOCAL session_replication_role = replica;
  -- What was to be held after that day was planned then.
  INSERT INTO past_book.activity (activity_id, code, activity_kind_id, person_id, account_id, opportunity_id, planned_for, held_at, outcome, minutes, subject)
  SELECT activity_id, code, activity_kind_id, person_id, account_id, opportunity_id, planned_for,
    CASE WHEN held_at <= instant THEN held_at END, CASE WHEN held_at > instant OR called_off_at > instant THEN 'planned' ELSE outcome END, minutes, subject
  FROM whole_book.activity
  WHERE (held_at <= instant OR planned_for IS NOT NULL)
    AND (opportunity_id IS NULL OR opportunity_id IN (SELECT o.opportunity_id FROM past_book.opportunity AS o));
  SET LOCAL session_replication_role = origin;
END $$;

-- ---- the reports, as text ----------------------------------------------------------------
CREATE TEMP TABLE report AS
SELECT p.proname::text AS name
FROM pg_proc AS p
JOIN pg_class AS v ON v.relname = p.proname AND v.relnamespace = p.pronamespace AND v.relkind = 'v'
WHERE p.pronamespace = 'whole_book'::regnamespace AND p.proargnames[1:4] = '{as_of,person,during,options}';
CREATE TEMP TABLE answer (n int, book text, report text, line text);
CREATE FUNCTION pg_temp.ask(book text, day record) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  report text;
BEGIN
  FOR report IN
    SELECT name
    FROM pg_temp.report
    -- all of it is in the others, and it takes as long as they all
    WHERE name <> 'morning_report' OR day.n % 5 = 0
  LOOP
    -- every third time about days to come, of which the past knows no more than the day did
    EXECUTE format('INSERT INTO pg_temp.answer SELECT %L, %L, %L, r::text FROM %I.%I(%L, during => %L, options => ''{"untouched_after_days": 5, "large_multiple": 1.3}'') AS r',
      day.n, book, report, book, report, day.as_of,
      CASE WHEN day.n % 3 = 0 THEN daterange(day.as_of::date + 10, day.as_of::date + 150) END);
  END LOOP;
END $$;
DO $$
DECLARE
  t text;
  day record;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR t IN SELECT tab FROM pg_temp.known WHERE how = 'stands' LOOP
    EXECUTE format('DELETE FROM past_book.%I', t);
    EXECUTE format('INSERT INTO past_book.%1$I SELECT * FROM whole_book.%1$I', t);
  END LOOP;
  SET LOCAL session_replication_role = origin;
  FOR day IN SELECT * FROM pg_temp.day LOOP
    PERFORM pg_temp.load_until(day.as_of);
    PERFORM pg_temp.ask('past_book', day);
    PERFORM pg_temp.ask('whole_book', day);
  END LOOP;
END $$;

SELECT set_eq('SELECT tab FROM known',
  $$ SELECT relname::text FROM pg_class WHERE relnamespace = 'whole_book'::regnamespace AND relkind = 'r' $$,
  'of each table it is said how a book comes to know');
SELECT is_empty(
  $$(SELECT n, report, 'only in the whole book', line FROM answer WHERE book = 'whole_book'
     EXCEPT ALL SELECT n, report, 'only in the whole book', line FROM answer WHERE book = 'past_book')
    UNION ALL
    (SELECT n, report, 'only in the past', line FROM answer WHERE book = 'past_book'
     EXCEPT ALL SELECT n, report, 'only in the past', line FROM answer WHERE book = 'whole_book')
    ORDER BY 1, 2, 3
    LIMIT 20$$,
  'every report is the one that the book of that day gives');
SELECT is((SELECT count(DISTINCT n) FROM answer), 50::bigint, 'on 50 days');
SELECT cmp_ok((SELECT count(*) FROM report), '>=', 32::bigint, 'all the reports');
SELECT is_empty('SELECT name FROM report WHERE name NOT IN (SELECT report FROM answer)', 'and none of them was always empty');
SELECT ok(EXISTS (SELECT FROM whole_book.opportunity_change WHERE corrects IS NOT NULL), 'some of the changes are corrections');
SELECT cmp_ok(count(DISTINCT h.handed_down), '=', 2::bigint, 'and a quota was handed down some day, and not before')
FROM day AS d, LATERAL (SELECT bool_or(t.handed_down) AS handed_down FROM whole_book.target_in_force(d.as_of, d.as_of::date) AS t WHERE t.plan_id = 90010) AS h;
SELECT cmp_ok((SELECT count(*) FROM past_book.opportunity_change), '<', (SELECT count(*) FROM whole_book.opportunity_change), 'the past knows less');

SELECT * FROM finish();
ROLLBACK;
