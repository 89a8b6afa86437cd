-- Stored states of every type, with bytes changed, cut off and added at random: each is refused
-- with 22P03 or gives an answer.  The states that hold the server's numerics are not in
-- test/core's fuzz target, which has no server; here are all.
\ir ../begin.sql
SET LOCAL search_path = salesmgmt, public;
SELECT plan(6);
SELECT setseed(0.2718) AS seed \gset
\set rounds 400

-- each aggregate without its last step, so that its state comes out
DO $$
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT a.aggtransfn::oid::regproc AS step, a.aggtranstype::regtype AS state, p.proname AS name,
      pg_get_function_identity_arguments(p.oid) AS arguments
    FROM pg_aggregate AS a
    JOIN pg_proc AS p ON p.oid = a.aggfnoid
    WHERE p.pronamespace = 'salesmgmt'::regnamespace
    AND p.proname || '_state' <> ALL (ARRAY['rep_score_rollup_state'])
    AND p.proname !~ '_(state|rollup)$'
  LOOP
    EXECUTE format('CREATE AGGREGATE pg_temp.state_of_%s(%s) (SFUNC = %s, STYPE = %s)', one.name,
      (SELECT string_agg(split_part(argument, ' ', 1) || CASE WHEN argument LIKE '%double precision' THEN ' float8' ELSE
        ' ' || regexp_replace(argument, '^\S+ ', '') END, ', ') FROM regexp_split_to_table(one.arguments, ', ') AS argument),
      one.step, one.state);
  END LOOP;
END $$;

CREATE TEMP TABLE amount AS
SELECT i, v AS value, lag(v) OVER (ORDER BY i) AS other
FROM (VALUES (1, 100.50), (2, -3), (3, 0.00000001), (4, 123456789012345678901234567890.123456789), (5, NULL), (6, 1e100), (7, 99999999)) AS a (i, v);
CREATE TEMP TABLE sample (type regtype, state text);
INSERT INTO sample SELECT 'plan_variance_state', pg_temp.state_of_plan_variance(value, other)::text FROM amount WHERE i <= 3;
INSERT INTO sample SELECT 'plan_variance_state', pg_temp.state_of_plan_variance(value, other)::text FROM amount;
INSERT INTO sample SELECT 'forecast_accuracy_state', pg_temp.state_of_forecast_accuracy(value, other)::text FROM amount WHERE i <= 3;
INSERT INTO sample SELECT 'forecast_accuracy_state', pg_temp.state_of_forecast_accuracy(value, other)::text FROM amount WHERE i <> 6;
INSERT INTO sample SELECT 'price_volume_mix_state', pg_temp.state_of_price_volume_mix(i % 3, 2.50, i % 4, 2.75)::text FROM amount;
INSERT INTO sample SELECT 'price_volume_mix_state', pg_temp.state_of_price_volume_mix(i, coalesce(value, 1), i + 1, coalesce(other, 2))::text FROM amount;
INSERT INTO sample SELECT 'rep_score_state', pg_temp.state_of_rep_score(nullif(i, 3), 2.5, i / 8.0, i % 2 = 0, score_options())::text FROM amount;
INSERT INTO sample SELECT 'rep_score_parts_state', pg_temp.state_of_rep_score_parts('kpi ' || i, nullif(i, 3), 2.5, i / 8.0, true, score_options())::text FROM amount;
INSERT INTO sample SELECT 'rate_prior_state', pg_temp.state_of_rate_prior(i, 2 * i)::text FROM amount;
INSERT INTO sample SELECT 'robust_scale_state', pg_temp.state_of_robust_scale(i * i)::text FROM amount;
INSERT INTO sample SELECT 'brier_state', pg_temp.state_of_brier(i / 7.0, i % 2 = 0)::text FROM amount;
INSERT INTO sample SELECT 'calibration_state', pg_temp.state_of_calibration(i / 7.0, i % 2 = 0, calibration_options())::text FROM amount;
INSERT INTO sample SELECT 'bookings_distribution_state', pg_temp.state_of_bookings_distribution(100.25 * i, i / 10.0, 500)::text FROM amount;
INSERT INTO sample SELECT 'cadence_adherence_state', pg_temp.state_of_cadence_adherence(date '2026-01-05' + 5 * i, cadence_options('1 week', period => '[2026-01-05,2026-03-02)'))::text FROM amount;
INSERT INTO sample SELECT 'competing_risks_state', pg_temp.state_of_competing_risks(i * 2.5, CASE WHEN i % 3 > 0 THEN i % 2 = 0 END, competing_risks_options())::text FROM amount;
INSERT INTO sample SELECT 'funnel_state', pg_temp.state_of_funnel_conversion(i % 3, 1 + i % 2, timestamptz '2026-01-01 UTC' + i * interval '1 day', funnel_options(steps => 2))::text FROM amount;
INSERT INTO sample SELECT 'funnel_state', pg_temp.state_of_funnel_conversion('deal ' || i % 3, 1 + i % 2, timestamptz '2026-01-01 UTC' + i * interval '1 day', funnel_options(steps => 2, within => '5 days'))::text FROM amount;
INSERT INTO sample SELECT 'stage_times_state', pg_temp.state_of_stage_times(i % 3, 1 + i % 2, timestamptz '2026-01-01 UTC' + i * interval '1 day', stage_times_options(as_of => '2026-03-01 UTC'))::text FROM amount;

SELECT is_empty(
  $$SELECT oid::regtype
    FROM pg_type
    WHERE typnamespace = 'salesmgmt'::regnamespace AND typcategory <> 'A' AND typname LIKE '%\_state'
    EXCEPT
    SELECT type FROM sample$$,
  'every type of state has a sample');

-- One change at random.
CREATE FUNCTION pg_temp.changed(bytes bytea)
RETURNS bytea
LANGUAGE plpgsql
AS $$
DECLARE
  size int := length(bytes);
  at int := floor(random() * size);
  noise bytea := decode(md5(random()::text), 'hex');
BEGIN
  IF size = 0 THEN
    RETURN substring(noise FOR 3);
  END IF;
  CASE floor(random() * 9)::int
    WHEN 0 THEN RETURN set_bit(bytes, at * 8 + floor(random() * 8)::int, 1 - get_bit(bytes, at * 8 + floor(random() * 8)::int));
    WHEN 1 THEN RETURN set_byte(bytes, at, floor(random() * 256)::int);
    WHEN 2 THEN RETURN set_byte(bytes, at, (ARRAY[0, 1, 127, 128, 254, 255])[1 + floor(random() * 6)::int]);
    WHEN 3 THEN RETURN set_byte(bytes, at, (get_byte(bytes, at) + (ARRAY[1, 255])[1 + floor(random() * 2)::int]) % 256);
    WHEN 4 THEN RETURN substring(bytes FOR at);
    WHEN 5 THEN RETURN bytes || substring(noise FOR 1 + floor(random() * 16)::int);
    WHEN 6 THEN RETURN overlay(bytes PLACING '' FROM at + 1 FOR 1 + floor(random() * 8)::int);
    WHEN 7 THEN RETURN overlay(bytes PLACING substring(noise FOR 8) FROM at + 1 FOR 8);
    ELSE RETURN overlay(bytes PLACING substring(bytes FROM 1 + floor(random() * size)::int FOR 8) FROM at + 1 FOR 0);
  END CASE;
END $$;

-- What becomes of a text as a state: refused, or an answer, or why neither.
CREATE FUNCTION pg_temp.outcome(type regtype, state text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
  answer text;
  again text;
  kept text;
  finish regproc;
  combine regproc;
BEGIN
  BEGIN
    EXECUTE format('SELECT ($1::%s)::text', type) INTO kept USING state;
  EXCEPTION WHEN OTHERS THEN
    RETURN CASE WHEN SQLSTATE = '22P03' THEN 'refused' ELSE 'input: ' || SQLSTATE || ' ' || SQLERRM END;
  END;
  IF decode(kept, 'base64') <> decode(state, 'base64') THEN
    RETURN 'changed by its input';
  END IF;
  SELECT a.aggfinalfn, a.aggcombinefn INTO finish, combine
  FROM pg_aggregate AS a
  JOIN pg_proc AS p ON p.oid = a.aggfnoid
  WHERE a.aggtranstype = type AND a.aggfinalfn <> 0 AND p.pronamespace = 'salesmgmt'::regnamespace
  LIMIT 1;
  EXECUTE format('SELECT %s(state)::text, %s(%s(NULL, state))::text FROM (SELECT $1::%s AS state OFFSET 0) AS stored',
    finish, finish, combine, type) INTO answer, again USING state;
  IF answer IS DISTINCT FROM again THEN
    RETURN 'another answer once combined: ' || coalesce(answer, '') || ' and ' || coalesce(again, '');
  END IF;
  EXECUTE format('SELECT %s(%s(state, state))::text FROM (SELECT $1::%s AS state OFFSET 0) AS stored', finish, combine, type)
    INTO again USING state;
  RETURN CASE WHEN concat(answer, again) ~* 'nan' THEN 'answer: ' || answer ELSE 'answer' END;
EXCEPTION
  -- a figure, or twice the counts, too large for its type is an answer, too
  WHEN numeric_value_out_of_range OR program_limit_exceeded THEN
    RETURN 'answer';
  WHEN OTHERS THEN
    RETURN 'figures: ' || SQLSTATE || ' ' || SQLERRM;
END $$;

CREATE TEMP TABLE changed AS
SELECT type, bytes, CASE
    WHEN round <= 300 THEN pg_temp.changed(bytes)
    WHEN round <= 400 THEN pg_temp.changed(pg_temp.changed(bytes))
    ELSE pg_temp.changed(pg_temp.changed(pg_temp.changed(bytes)))
  END AS state
FROM (SELECT type, decode(state, 'base64') AS bytes FROM sample) AS sampled, generate_series(1, :rounds) AS round;
CREATE TEMP TABLE outcome AS
SELECT type, state, pg_temp.outcome(type, translate(encode(state, 'base64'), E'\n', '')) AS outcome FROM changed;

SELECT is_empty('SELECT type, state FROM sample WHERE pg_temp.outcome(type, state) <> ''answer''', 'the samples themselves give answers');
SELECT is_empty(
  $$SELECT type, outcome, count(*), min(encode(state, 'base64'))
    FROM outcome
    WHERE outcome NOT IN ('refused', 'answer')
    GROUP BY type, outcome$$,
  'changed bytes are refused with 22P03 or give an answer');
SELECT ok(bool_and(refused > 0 AND answered > 0), 'of every type some were refused and some gave an answer')
FROM (SELECT count(*) FILTER (WHERE outcome = 'refused') AS refused, count(*) FILTER (WHERE outcome = 'answer') AS answered
  FROM outcome
  GROUP BY type) AS counted;

-- text that is no base64, or no longer the same
SELECT is_empty(
  $$SELECT type, outcome, text
    FROM (SELECT type, text, pg_temp.outcome(type, text) AS outcome
      FROM (SELECT type, overlay(state PLACING chr(33 + floor(random() * 94)::int) FROM 1 + floor(random() * length(state))::int FOR floor(random() * 3)::int) AS text
        FROM sample, generate_series(1, 40)
        OFFSET 0) AS written) AS read
    WHERE outcome NOT IN ('refused', 'answer', 'changed by its input')
    AND outcome NOT LIKE 'figures: 22P02%'$$,
  'changed characters of the text form are refused with 22P03 or give an answer');

-- the binary form, as COPY reads it: same bytes, same outcome
CREATE FUNCTION pg_temp.binary_outcome(type regtype, state bytea)
RETURNS text
LANGUAGE plpgsql
AS $$
BEGIN
  EXECUTE format('CREATE TEMP TABLE arrived (state %s) ON COMMIT DROP', type);
  EXECUTE format('COPY arrived FROM PROGRAM %L (FORMAT binary)', format('echo %s | base64 -d',
    translate(encode('\x5047434f50590aff0d0a000000000000000000' || '\x0001'::bytea || int4send(length(state)) || state || '\xffff'::bytea, 'base64'), E'\n', '')));
  DROP TABLE arrived;
  RETURN 'answer';
EXCEPTION WHEN OTHERS THEN
  RETURN CASE WHEN SQLSTATE = '22P03' THEN 'refused' ELSE SQLSTATE || ' ' || SQLERRM END;
END $$;
SELECT is_empty(
  $$SELECT type, state, outcome, arrived
    FROM (SELECT type, state, outcome, pg_temp.binary_outcome(type, state) AS arrived
      FROM (SELECT *, row_number() OVER (PARTITION BY type) AS i FROM outcome) AS numbered
      WHERE i <= 15) AS compared
    WHERE arrived <> outcome$$,
  'the binary form of the same bytes has the same outcome');

SELECT * FROM finish();
ROLLBACK;
