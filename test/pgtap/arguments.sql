-- What the arguments of a report mean, and who may ask for it, is the same in all of them.
\ir ../begin.sql
SET LOCAL TimeZone = 'UTC';
SET LOCAL jit = off;
SELECT FROM salesmgmt.create_demo_book('book', 10, 8, 1, '2026-10-31');
SELECT set_config('search_path', 'book, salesmgmt, ' || current_setting('search_path'), true) \g /dev/null
SELECT plan(15);

CREATE TEMP TABLE report AS
SELECT proname::text AS name
FROM pg_proc
WHERE pronamespace = 'book'::regnamespace AND proargnames[1:4] = '{as_of,person,during,options}' AND pronargdefaults = 4;
SELECT cmp_ok((SELECT count(*) FROM report), '>', 100::bigint, 'there are reports to ask');

-- A rep's quota of which another rep was given a part, agreed on one day and told by nothing else:
-- in which zone it is already that day decides who has to reach it.
INSERT INTO plan (code, kind, person_id, during, parent_id, agreed_by_person_on)
SELECT 'late-part', 'quota', other.person_id, whole.during, whole.plan_id, '2026-09-17'
FROM plan AS whole
JOIN employment AS job ON job.person_id = whole.person_id AND job.role = 'rep'
JOIN employment AS other ON other.person_id <> job.person_id AND other.role = 'rep'
WHERE whole.kind = 'quota' AND whole.during @> date '2026-09-17'
ORDER BY whole.plan_id, other.person_id
LIMIT 1;
ANALYZE;

-- ---- options: a setting for one call ------------------------------------------------------
CREATE TEMP TABLE answer (changed text, how text, report text, lines text);
CREATE FUNCTION pg_temp.ask(changed text, how text, options jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  name text;
BEGIN
  -- the morning report is made of others
  FOR name IN SELECT r.name FROM report AS r WHERE r.name <> 'morning_report' LOOP
    EXECUTE format('INSERT INTO answer SELECT %L, %L, %L, md5(string_agg(t::text, E''\n'' ORDER BY t::text)) FROM %I(%L, options => %L) AS t',
      changed, how, name, name, '2026-09-17 03:00+00', options);
  END LOOP;
END $$;
CREATE FUNCTION pg_temp.compare(changed text, options jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  before jsonb := settings();
BEGIN
  PERFORM pg_temp.ask(changed, 'option', options);
  UPDATE setting SET value = options -> name WHERE options ? name;
  PERFORM pg_temp.ask(changed, 'setting', '{}');
  UPDATE setting SET value = before -> name WHERE options ? name;
END $$;
CREATE TEMP VIEW differing AS
SELECT changed, report
FROM answer
WHERE how IN ('option', 'setting')
GROUP BY changed, report
HAVING count(DISTINCT coalesce(lines, '')) <> 1 OR count(*) <> 2;
CREATE TEMP VIEW moved AS
SELECT a.changed, a.report
FROM answer AS a
JOIN answer AS b ON b.report = a.report AND b.how = 'before'
WHERE a.how = 'option' AND a.lines IS DISTINCT FROM b.lines;

SELECT FROM pg_temp.ask('nothing', 'before', '{}');
SELECT FROM pg_temp.compare('a zone behind', '{"time_zone": "Pacific/Niue"}');
SELECT FROM pg_temp.compare('a zone ahead', '{"time_zone": "Pacific/Kiritimati"}');
CREATE TEMP TABLE other (options) AS
VALUES (jsonb '{"confidence": 0.8, "win_rate_min_amount": 20000, "funnel_within_days": 45, "coverage_periods": 3,
  "pace_past_periods": 1, "pace_min_periods": 1, "plan_check_days": 90, "quota_effective": false, "target_chance_from": "own",
  "plan_coverage_kind": "relationship", "plan_top_accounts": 2, "waterfall_horizon_days": 60, "stalled_percentile": 0.3,
  "untouched_after_days": 3, "hours_per_week": 20, "campaign_deal_days": 20, "new_product_days": 60, "large_amount": 50000,
  "large_multiple": 1.2, "qualified_step": 3, "shrink_prior_n": 1, "min_closed": 1, "score_cap": 1.1, "score_min_coverage": 0.9,
  "rating_margin": 20, "manager_accounts_limit": 1, "activity_weeks": 4, "full_time_hours": 35, "ratio_period": "quarter",
  "review_days": 91, "review_min_n": 3, "forecast_days_ahead": "45, 15", "forecast_grace_days": 0, "forecast_category": "best_case",
  "peer_min_people": 3, "peer_new_days": 30, "coach_activity_below": 1.2, "coach_step_below": 1.2, "coach_size_below": 1.5,
  "coach_bias_above": 0.01, "coach_confidence": 0.5}');
SELECT FROM other, pg_temp.compare('all others', other.options);

SELECT is_empty(
  $$ SELECT s.name FROM setting AS s, other WHERE s.name <> 'time_zone' AND other.options -> s.name IS NOT DISTINCT FROM s.value
    OR NOT other.options ? s.name AND s.name <> 'time_zone' $$,
  'every setting has been given another value');
SELECT is_empty($$ SELECT * FROM differing $$, 'an option does what the setting does, in every report');
SELECT is((SELECT count(*) > 20 FROM moved WHERE moved.changed = t.changed), true, format('and %s does something', t.changed))
FROM (VALUES ('a zone behind'), ('a zone ahead'), ('all others')) AS t (changed);
SELECT set_eq(
  $$ SELECT t.zone FROM (VALUES ('Pacific/Niue'), ('UTC')) AS t (zone), quota_cascade('2026-09-17 03:00+00', options => jsonb_build_object('time_zone', t.zone)) AS q
    JOIN plan AS p ON p.code = q.plan JOIN plan AS part ON part.parent_id = p.plan_id WHERE part.code = 'late-part' $$,
  $$ VALUES ('UTC') $$, 'what was agreed on a day is known where it is that day');

-- ---- during: an infinite day is no day ----------------------------------------------------
CREATE FUNCTION pg_temp.line_of(asked_during text) RETURNS TABLE (report text, line text)
LANGUAGE plpgsql AS $$
BEGIN
  FOR report IN SELECT r.name FROM report AS r WHERE r.name <> 'morning_report' LOOP
    RETURN QUERY EXECUTE format('SELECT %L, t::text FROM %I(%L, during => %L) AS t', report, report, '2026-09-17 03:00+00', asked_during);
  END LOOP;
END $$;
SELECT is_empty(
  $$ SELECT report, count(*) FROM (
         (SELECT * FROM pg_temp.line_of('(,)') EXCEPT ALL SELECT * FROM pg_temp.line_of('[-infinity,infinity]'))
         UNION ALL (SELECT * FROM pg_temp.line_of('[2026-08-01,)') EXCEPT ALL SELECT * FROM pg_temp.line_of('[2026-08-01,infinity)'))
         UNION ALL (SELECT * FROM pg_temp.line_of('(,2026-08-01)') EXCEPT ALL SELECT * FROM pg_temp.line_of('[-infinity,2026-08-01)'))) AS t GROUP BY report $$,
  'a span up to infinity is one without an end, in every report');

-- ---- what is refused ----------------------------------------------------------------------
CREATE FUNCTION pg_temp.taken(argument text) RETURNS TABLE (report text, answer text)
LANGUAGE plpgsql AS $$
BEGIN
  FOR report IN SELECT r.name FROM report AS r LOOP
    BEGIN
      EXECUTE format('SELECT count(*)::text FROM %I(%s)', report, argument) INTO answer;
    EXCEPTION WHEN OTHERS THEN
      answer := SQLSTATE;
    END;
    RETURN NEXT;
  END LOOP;
END $$;
-- One that the planner does not see.
CREATE FUNCTION pg_temp.taken_as_parameter() RETURNS TABLE (report text, answer text)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  FOR report IN SELECT r.name FROM report AS r LOOP
    EXECUTE format('CREATE OR REPLACE FUNCTION pg_temp.one(at timestamptz) RETURNS bigint LANGUAGE plpgsql AS %L',
      format('BEGIN RETURN (SELECT count(*) FROM %I(at)); END', report));
    BEGIN
      EXECUTE 'SELECT pg_temp.one(NULL)' INTO answer;
    EXCEPTION WHEN OTHERS THEN
      answer := SQLSTATE;
    END;
    RETURN NEXT;
  END LOOP;
END $$;
SELECT is_empty($$ SELECT * FROM pg_temp.taken('NULL') WHERE answer <> '22004' $$, 'every report refuses a NULL for as_of');
SELECT is_empty($$ SELECT * FROM pg_temp.taken_as_parameter() WHERE answer <> '22004' $$, 'and one that comes as a parameter');
SELECT is_empty($$ SELECT * FROM pg_temp.taken($a$person => 'nobody'$a$) WHERE answer <> '22023' $$, 'every report refuses an unknown person');
SELECT is_empty($$ SELECT * FROM pg_temp.taken($a$options => '{"confidance": 0.9}'$a$) WHERE answer <> '22023' $$, 'and an unknown setting');
SELECT is_empty($$ SELECT * FROM pg_temp.taken($a$options => '{"time_zone": "Mars/Olympus"}'$a$) WHERE answer <> '22023' $$, 'and an unknown time zone');

-- ---- who may ask: the rights that README names --------------------------------------------
CREATE FUNCTION pg_temp.read_all() RETURNS TABLE (name text, rows bigint)
LANGUAGE plpgsql AS $$
BEGIN
  FOR name IN
    SELECT format('%I', c.relname) FROM pg_class AS c WHERE c.relnamespace = 'book'::regnamespace AND c.relkind = 'v'
    UNION ALL
    SELECT format('%I()', r.name) FROM report AS r
    UNION ALL
    SELECT format('evidence(%L)', r.name) FROM report AS r WHERE EXISTS (SELECT FROM report AS e WHERE e.name = r.name || '_evidence')
  LOOP
    EXECUTE format('SELECT count(*) FROM %s', name) INTO rows;
    RETURN NEXT;
  END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
  rows := -1;
  RETURN NEXT;
END $$;
CREATE ROLE salesmgmt_test_reader;
GRANT USAGE ON SCHEMA book TO salesmgmt_test_reader;
GRANT SELECT ON report TO salesmgmt_test_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA book TO salesmgmt_test_reader;
SET LOCAL ROLE salesmgmt_test_reader;
CREATE TEMP TABLE as_reader AS SELECT * FROM pg_temp.read_all();
RESET ROLE;
SELECT set_eq('TABLE as_reader', 'SELECT * FROM pg_temp.read_all()', 'a reader gets every view, report and evidence');
SELECT cmp_ok((SELECT count(*) FROM as_reader WHERE rows > 0), '>', 150::bigint, 'and they have rows');
SELECT * FROM finish();
ROLLBACK;
