-- What the views take for granted: thresholds, calendar, currency, metrics.

CREATE TABLE book_version (
  version text PRIMARY KEY,
  since timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE book_version IS 'Versions of salesmgmt this book has been made or upgraded to; the latest is its own';
COMMENT ON COLUMN book_version.version IS 'Version of the extension whose tables and views these are';
COMMENT ON COLUMN book_version.since IS 'When the book came to it';

CREATE TABLE currency (
  code text PRIMARY KEY CHECK (code ~ '^[A-Z]{3}$')
);
-- One row: the figures of two currencies cannot be added.
CREATE UNIQUE INDEX currency_one_row ON currency ((true));
COMMENT ON TABLE currency IS 'The one currency of the book; every amount refers to it';
COMMENT ON COLUMN currency.code IS 'ISO 4217 code';

CREATE FUNCTION book_currency() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT code FROM currency;
END;
COMMENT ON FUNCTION book_currency() IS 'The currency of the book';

-- Else a report would take an unknown word for another one, or find nothing, or fail without
-- a word of which setting it is.  Of numbers, those are too large or too small that a sum of
-- money or a float8 cannot hold, and of days, those that leave the calendar.
CREATE FUNCTION setting_takes(name text, value jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT CASE
    WHEN jsonb_typeof(value) = 'number'
      AND (value <= '-1e15' OR value > '-1e-15' AND value < '1e-15' AND value <> '0' OR value >= '1e15')
    THEN false
    WHEN name IN ('confidence', 'coach_confidence') THEN value > '0' AND value <= '0.999999999999'
    WHEN name IN ('score_min_coverage', 'stalled_percentile') THEN value >= '0' AND value <= '1'
    WHEN name IN ('shrink_prior_n', 'score_cap', 'rating_margin') THEN value >= '0'
    WHEN name = 'funnel_within_days' THEN value = '0' OR value > '1e-9' AND value <= '1000000'
    WHEN name ~ '_days$' THEN value >= '-1000000' AND value <= '1000000'
    WHEN name = 'activity_weeks' THEN value >= '-100000' AND value <= '100000'
    WHEN name = 'ratio_period' THEN value IN ('"month"', '"quarter"')
    WHEN name = 'target_chance_from' THEN value IN ('"rule"', '"own"')
    WHEN name = 'forecast_category'
    THEN value IN ('"pipeline"', '"best_case"', '"most_likely"', '"commit"', '"closed"', '"omitted"')
    WHEN name = 'plan_coverage_kind'
    THEN value IN ('"any"', '"quota"', '"territory"', '"relationship"', '"development"', '"role"', '"onboarding"')
    ELSE true
  END;
END;
COMMENT ON FUNCTION setting_takes(text, jsonb) IS
'Whether the setting may have the value: a confidence lies between 0 and 1, a share is 0 to 1, a weight is not negative, days stay within a million, any number within 10^15, and a word is one of those that the setting knows';

CREATE TABLE setting (
  name text PRIMARY KEY,
  value jsonb NOT NULL,
  kind text NOT NULL CHECK (kind IN ('number', 'string', 'boolean')),
  unit text,
  description text NOT NULL,
  CHECK (jsonb_typeof(value) = kind),
  CONSTRAINT setting_takes_value CHECK (setting_takes(name, value))
);
COMMENT ON TABLE setting IS 'Every threshold a view uses; change it here for good, or by name in a report''s options for one call';
COMMENT ON COLUMN setting.name IS 'Name, as in a report''s options';
COMMENT ON COLUMN setting.value IS 'Value in force';
COMMENT ON COLUMN setting.kind IS 'Type of the value: number, string or boolean';
COMMENT ON COLUMN setting.unit IS 'Unit of a number';
COMMENT ON COLUMN setting.description IS 'What it decides';

-- What create_book() enters, and what the table must hold: no report could do without one of them.
CREATE FUNCTION default_setting() RETURNS TABLE (name text, value jsonb, kind text, unit text, description text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  VALUES
    ('time_zone', jsonb '"UTC"', 'string', NULL, 'Decides the date of an instant in every view'),
    ('confidence', '0.95', 'number', 'rate', 'Confidence of intervals around rates, between 0 and 1'),
    ('win_rate_min_amount', '0', 'number', 'money', 'Deals whose last amount before the close is below it leave win_rate; 0 keeps all'),
    ('funnel_within_days', '0', 'number', 'days', 'Window of the funnel from its start; 0 for none'),
    ('coverage_periods', '1', 'number', 'periods', 'How many coming periods pipeline_coverage looks at, the present one included'),
    ('pace_past_periods', '8', 'number', 'periods', 'How many earlier quota periods of the same length plan_pace looks at, at most'),
    ('pace_min_periods', '3', 'number', 'periods', 'and below how many it does not project by them'),
    ('plan_check_days', '365', 'number', 'days', 'How far back plan_check looks for the rates that a quota is checked with'),
    ('quota_effective', 'true', 'boolean', NULL, 'Whether plan_check, target_chance and the scorecards ask for the effective quota, less of somebody who is new or not there all the time; false for the quota as told'),
    ('target_chance_from', '"rule"', 'string', NULL, 'How target_chance knows a deal''s chance: rule for the probability of its stage, own for the owner''s own rate of winning from there; own stands in where a stage has no probability'),
    ('plan_coverage_kind', '"any"', 'string', NULL, 'Kind of plan that plan_coverage asks of each rep: quota, territory, relationship, development, role or onboarding; any for one of whatever kind'),
    ('plan_top_accounts', '5', 'number', 'accounts', 'How many of the largest accounts of a rep plan_coverage asks a relationship plan for'),
    ('waterfall_horizon_days', '0', 'number', 'days', 'pipeline_waterfall follows the deals expected to close up to this many days after its last day'),
    ('stalled_percentile', '0.9', 'number', 'share', 'Without a limit in stage_rule, a deal has stalled once it is longer in its stage than this share of the visits of won deals took'),
    ('untouched_after_days', '14', 'number', 'days', 'Days without an activity after which an open deal without a planned one is untouched'),
    ('hours_per_week', '40', 'number', 'hours', 'Working hours of a full week of five days'),
    ('campaign_deal_days', '90', 'number', 'days', 'A deal comes of a campaign if its account attended or enquired at most this many days before it was opened'),
    ('new_product_days', '365', 'number', 'days', 'A product counts as new for so many days after it was introduced'),
    ('large_amount', '0', 'number', 'money', 'Open deals of this value or more are large; 0 for large_multiple instead'),
    ('large_multiple', '3', 'number', 'times', 'Open deals of this many times the median value or more are large'),
    ('qualified_step', '2', 'number', 'step', 'Step of its pipeline from which on an open deal is qualified, in sales_velocity'),
    ('shrink_prior_n', '10', 'number', 'deals', 'Weight of the peers'' rate, in deals, when a rate is shrunk for ranking'),
    ('min_closed', '5', 'number', 'deals', 'Closed deals below which a win rate is not judged'),
    ('score_cap', '1.5', 'number', 'attainment', 'Attainment above it earns no more score'),
    ('score_min_coverage', '0.5', 'number', 'share', 'Share of the weights that must have data for a score'),
    ('rating_margin', '2', 'number', 'points', 'By how much a score must pass a rating bound to change the last rating'),
    ('manager_accounts_limit', '0', 'number', 'accounts', 'Accounts a manager may own before manager_selling says so'),
    ('activity_weeks', '13', 'number', 'weeks', 'How many full weeks activity_compliance looks back'),
    ('full_time_hours', '40', 'number', 'hours', 'Working hours of a full week of five days; less of them is part-time, and asks for less of a role''s norm'),
    ('ratio_period', '"month"', 'string', NULL, 'Periods of activity_ratio: month or quarter'),
    ('review_days', '182', 'number', 'days', 'How many days up to today pipeline_review looks at'),
    ('review_min_n', '10', 'number', 'cases', 'Cases of the step before below which pipeline_review does not judge a link'),
    ('forecast_days_ahead', '"90, 60, 30"', 'string', NULL, 'Days before the end of a period at which forecasts and commitments are looked at'),
    ('forecast_grace_days', '7', 'number', 'days', 'A forecast submitted this many days into its period still counts'),
    ('forecast_category', '"commit"', 'string', NULL, 'Category of the submissions that forecast_accuracy judges: pipeline, best_case, most_likely, commit, closed or omitted'),
    ('peer_min_people', '5', 'number', 'people', 'Peers below which a rate is shrunk toward that of all reps'),
    ('peer_new_days', '365', 'number', 'days', 'Days since the first job here during which somebody is compared with others as new'),
    ('coach_activity_below', '0.8', 'number', 'share', 'coaching_point speaks up when less of an activity norm than this is done'),
    ('coach_step_below', '0.7', 'number', 'share', 'and when a rate of going on from a stage is below this share of the other reps'' and not by chance'),
    ('coach_size_below', '0.6', 'number', 'share', 'and when the average deal won is below this share of the other reps'''),
    ('coach_bias_above', '0.15', 'number', 'share', 'and when forecasts miss by more than this in one direction'),
    ('coach_confidence', '0.99', 'number', 'rate', 'Confidence with which chance must be ruled out before somebody is named');
END;
COMMENT ON FUNCTION default_setting() IS 'The settings of a new book';
INSERT INTO setting SELECT * FROM default_setting();

-- Immutable, so that as_of is asked for already where the planner sees it: where it sees NULL,
-- no row is before it, and nothing of the report would be left to ask.
CREATE FUNCTION finite_as_of(at timestamptz) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
BEGIN
  IF at IS NULL THEN
    RAISE EXCEPTION 'as_of must not be NULL'
      USING ERRCODE = 'null_value_not_allowed',
        HINT = 'Leave it out to ask as of now.';
  END IF;
  IF NOT isfinite(at) THEN
    RAISE EXCEPTION 'as_of must be a finite time'
      USING ERRCODE = 'datetime_field_overflow',
        HINT = 'Leave it out to ask as of now.';
  END IF;
  RETURN at;
END $$;
COMMENT ON FUNCTION finite_as_of(timestamptz) IS 'The instant itself; one that is NULL or infinite is refused';

CREATE FUNCTION settings_with(options jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
DECLARE
  bad record;
  given jsonb;
  missing text;
BEGIN
  SELECT string_agg(d.name, ', ' ORDER BY d.name) INTO missing
  FROM default_setting() AS d
  WHERE NOT EXISTS (SELECT FROM setting WHERE setting.name = d.name);
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION 'the table setting lacks %', missing
      USING ERRCODE = 'object_not_in_prerequisite_state',
        HINT = 'Enter it as in a new book: INSERT INTO setting SELECT * FROM default_setting() ON CONFLICT DO NOTHING.';
  END IF;
  IF jsonb_typeof(options) <> 'object' THEN
    RAISE EXCEPTION 'options must be a JSON object, not %', jsonb_typeof(options)
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Write them as {"confidence": 0.9}.';
  END IF;
  FOR bad IN
    SELECT o.key, o.value, setting.kind, setting.description
    FROM jsonb_each(options) AS o
    LEFT JOIN setting ON setting.name = o.key
    WHERE jsonb_typeof(o.value) IS DISTINCT FROM setting.kind
      OR NOT setting_takes(setting.name, o.value)
  LOOP
    IF bad.kind IS NULL THEN
      RAISE EXCEPTION 'there is no setting "%"', bad.key
        USING ERRCODE = 'invalid_parameter_value',
          HINT = 'The table setting lists them.';
    ELSIF jsonb_typeof(bad.value) <> bad.kind THEN
      RAISE EXCEPTION 'setting "%" takes a %, not %', bad.key, bad.kind, bad.value
        USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RAISE EXCEPTION 'setting "%" cannot be %', bad.key, bad.value
      USING ERRCODE = 'invalid_parameter_value',
        HINT = bad.description || '.';
  END LOOP;
  given := (SELECT jsonb_object_agg(name, value) FROM setting) || coalesce(options, '{}');
  -- refused where the server does not know it, also by a report that needs no day today
  PERFORM now() AT TIME ZONE (given ->> 'time_zone');
  RETURN given;
END $$;
COMMENT ON FUNCTION settings_with(jsonb) IS
'All settings as one object, options taking precedence; an unknown name is refused';

-- Every report begins here, so what all of them ask of their arguments is asked here.
CREATE FUNCTION settings(options jsonb DEFAULT '{}', as_of timestamptz DEFAULT now()) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT CASE WHEN finite_as_of(as_of) IS NOT NULL THEN settings_with(options) END;
END;
COMMENT ON FUNCTION settings(jsonb, timestamptz) IS
'All settings as one object, options taking precedence; an unknown name is refused, and an as_of that is NULL or infinite';

CREATE TABLE period (
  period_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  code text NOT NULL UNIQUE,
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('year', 'half', 'quarter', 'month', 'week')),
  during span NOT NULL CHECK (NOT lower_inf(during) AND NOT upper_inf(during)),
  EXCLUDE USING gist (kind WITH =, during WITH &&)
);
COMMENT ON TABLE period IS 'The fiscal calendar: years, quarters, months and weeks of any shape';
COMMENT ON COLUMN period.period_id IS 'Key';
COMMENT ON COLUMN period.code IS 'Identifier in the system the record came from';
COMMENT ON COLUMN period.name IS 'Name as colleagues use it';
COMMENT ON COLUMN period.kind IS 'year, half, quarter, month or week; periods of one kind do not overlap';
COMMENT ON COLUMN period.during IS 'From its first day to the day after its last';

CREATE TABLE metric (
  metric_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  code text NOT NULL UNIQUE,
  name text NOT NULL,
  unit text NOT NULL CHECK (unit IN ('money', 'count', 'rate', 'days', 'hours')),
  higher_is_better boolean NOT NULL DEFAULT true
);
COMMENT ON TABLE metric IS 'Something that has a norm, a target or a weight';
COMMENT ON COLUMN metric.metric_id IS 'Key';
COMMENT ON COLUMN metric.code IS 'Identifier; the views compute those entered by create_book() and those of activity_kind themselves';
COMMENT ON COLUMN metric.name IS 'Name as colleagues use it';
COMMENT ON COLUMN metric.unit IS 'money, count, rate (0..1), days or hours';
COMMENT ON COLUMN metric.higher_is_better IS 'Whether more is better';

-- The metrics the views compute from the records themselves.
INSERT INTO metric (code, name, unit, higher_is_better) VALUES
  ('bookings', 'Bookings', 'money', true),
  ('deals_won', 'Deals won', 'count', true),
  ('win_rate', 'Win rate of closed deals', 'rate', true),
  ('deal_size', 'Average deal won', 'money', true),
  ('cycle_days', 'Median days from creation to win', 'days', false),
  ('opportunities_created', 'Opportunities created', 'count', true),
  ('meetings_held', 'Meetings held', 'count', true),
  ('families_sold', 'Product families sold', 'count', true);

CREATE FUNCTION is_computed(metric text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT metric IN ('bookings', 'deals_won', 'win_rate', 'deal_size', 'cycle_days',
    'opportunities_created', 'meetings_held', 'families_sold');
END;
COMMENT ON FUNCTION is_computed(text) IS 'Whether the views compute the metric from the records, whatever else is imported';

CREATE FUNCTION adds_up(metric text, unit text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT unit IN ('money', 'count', 'hours') AND metric <> 'deal_size';
END;
COMMENT ON FUNCTION adds_up(text, text) IS
'Whether a metric of this unit adds up over days and people; a rate, a size or a time does not';

-- History that must not be rewritten: the statement is refused, with a way out.
CREATE FUNCTION refuse_rewrite() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $$
BEGIN
  RAISE EXCEPTION '% of % is not allowed, it is append-only', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = TG_ARGV[0];
END $$;
COMMENT ON FUNCTION refuse_rewrite() IS 'Trigger: refuses UPDATE, DELETE and TRUNCATE of an append-only table; its argument is the hint';

-- What others know a row by: the statement is refused, with a way out.
CREATE FUNCTION refuse_new_key() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $$
BEGIN
  RAISE EXCEPTION '% of % % cannot change', TG_ARGV[0], TG_TABLE_NAME, OLD.code
    USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = TG_ARGV[1];
END $$;
COMMENT ON FUNCTION refuse_new_key() IS 'Trigger: what others know a row by stays as it is; its arguments are the column and the hint';
-- Under another code its targets, norms and weights would be those of a metric that nobody computes.
CREATE TRIGGER refuse_new_key
BEFORE UPDATE OF code ON metric
FOR EACH ROW WHEN (NEW.code <> OLD.code AND is_computed(OLD.code)) EXECUTE FUNCTION refuse_new_key(
  'code', 'The views know it by its code; change its name instead.');
