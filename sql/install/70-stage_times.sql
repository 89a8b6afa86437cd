-- ---- stage_times: how long entities stay in each step --------------------

CREATE TYPE salesmgmt.stage_times_options AS (
  as_of timestamptz,
  final_steps int[],
  in_order boolean,
  percentile float8
);
COMMENT ON TYPE stage_times_options IS
'How stage_times() counts; made by the function stage_times_options()';
COMMENT ON COLUMN stage_times_options.as_of IS
'Entries after it do not exist, and visits that last are counted up to it; NULL: all do, and they are only counted';
COMMENT ON COLUMN stage_times_options.final_steps IS
'Steps that end the way, as won and lost do: entering one ends a visit, being there is none';
COMMENT ON COLUMN stage_times_options.in_order IS
'Rows come sorted by entity and time, and those of one instant as they happened; else these are taken by step';

COMMENT ON COLUMN stage_times_options.percentile IS
'What the figures called p90 are the percentile of, 0..1; NULL: 0.9';

CREATE FUNCTION stage_times_options(
  as_of timestamptz DEFAULT NULL,
  final_steps int[] DEFAULT NULL,
  in_order boolean DEFAULT false,
  percentile float8 DEFAULT 0.9
)
RETURNS stage_times_options
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'stage_times_options_build';
COMMENT ON FUNCTION stage_times_options(timestamptz, int[], boolean, float8) IS
'Options of stage_times(), checked: as of when, which steps are final, whether rows come in order, and which upper percentile';

CREATE TYPE salesmgmt.stage_time AS (
  step int,
  visits int8,
  open_visits int8,
  entities int8,
  mean_days float8,
  median_days float8,
  p90_days float8,
  all_median_days float8,
  all_p90_days float8,
  entity_mean_days float8,
  entity_median_days float8,
  entity_p90_days float8
);
COMMENT ON TYPE stage_time IS
'One step, as stage_times() returns it';
COMMENT ON COLUMN stage_time.step IS
'Number of the step';
COMMENT ON COLUMN stage_time.visits IS
'Times an entity entered the step; one that comes back counts again';
COMMENT ON COLUMN stage_time.open_visits IS
'Of these, those that last: the entity has not entered another step yet';
COMMENT ON COLUMN stage_time.entities IS
'Entities that were ever in the step';
COMMENT ON COLUMN stage_time.mean_days IS
'Mean days of the visits that ended';
COMMENT ON COLUMN stage_time.median_days IS
'Median days of the visits that ended';
COMMENT ON COLUMN stage_time.p90_days IS
'90th percentile, or that of the option percentile, of the days of the visits that ended';
COMMENT ON COLUMN stage_time.all_median_days IS
'Median days of all visits, those that last counted up to as_of; NULL without as_of';
COMMENT ON COLUMN stage_time.all_p90_days IS
'90th percentile, or that of the option, of the days of all visits, those that last counted up to as_of; NULL without as_of';
COMMENT ON COLUMN stage_time.entity_mean_days IS
'Mean over entities of the days of all their visits together, up to as_of; without as_of only of entities that have left the step';
COMMENT ON COLUMN stage_time.entity_median_days IS
'Median over entities of the days of all their visits together';
COMMENT ON COLUMN stage_time.entity_p90_days IS
'90th percentile, or that of the option, over entities of the days of all their visits together';

CREATE TYPE salesmgmt.stage_times_state;

CREATE FUNCTION stage_times_state_in(cstring)
RETURNS stage_times_state
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION stage_times_state_in(cstring) IS
'Text input of stage_times_state';

CREATE FUNCTION stage_times_state_out(stage_times_state)
RETURNS cstring
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION stage_times_state_out(stage_times_state) IS
'Text output of stage_times_state';

CREATE FUNCTION stage_times_state_recv(internal)
RETURNS stage_times_state
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION stage_times_state_recv(internal) IS
'Binary input of stage_times_state';

CREATE FUNCTION stage_times_state_send(stage_times_state)
RETURNS bytea
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION stage_times_state_send(stage_times_state) IS
'Binary output of stage_times_state';

CREATE TYPE salesmgmt.stage_times_state (
  INPUT = stage_times_state_in,
  OUTPUT = stage_times_state_out,
  RECEIVE = stage_times_state_recv,
  SEND = stage_times_state_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);
COMMENT ON TYPE stage_times_state IS
'Transition state of stage_times(): the entries seen so far';

CREATE FUNCTION stage_times_int8(state stage_times_state, entity int8, step int, entered_at timestamptz, options stage_times_options)
RETURNS stage_times_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION stage_times_int8(stage_times_state, int8, int, timestamptz, stage_times_options) IS
'Transition function of stage_times(int8, ...)';

CREATE FUNCTION stage_times_corrected_int8(
  state stage_times_state, entity int8, step int, entered_at timestamptz, place int8, options stage_times_options)
RETURNS stage_times_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION stage_times_corrected_int8(stage_times_state, int8, int, timestamptz, int8, stage_times_options) IS
'Transition function of stage_times_corrected(int8, ...)';

CREATE FUNCTION stage_times_uuid(state stage_times_state, entity uuid, step int, entered_at timestamptz, options stage_times_options)
RETURNS stage_times_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION stage_times_uuid(stage_times_state, uuid, int, timestamptz, stage_times_options) IS
'Transition function of stage_times(uuid, ...)';

CREATE FUNCTION stage_times_text(state stage_times_state, entity text, step int, entered_at timestamptz, options stage_times_options)
RETURNS stage_times_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION stage_times_text(stage_times_state, text, int, timestamptz, stage_times_options) IS
'Transition function of stage_times(text, ...)';

CREATE FUNCTION stage_times_combine(state stage_times_state, other stage_times_state)
RETURNS stage_times_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'stage_times_combine_states';
COMMENT ON FUNCTION stage_times_combine(stage_times_state, stage_times_state) IS
'Combine function of stage_times()';

CREATE FUNCTION stage_times_final(state stage_times_state)
RETURNS stage_time[]
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION stage_times_final(stage_times_state) IS
'Final function of stage_times()';

CREATE AGGREGATE salesmgmt.stage_times(entity int8, step int, entered_at timestamptz, options stage_times_options) (
  SFUNC = stage_times_int8,
  STYPE = stage_times_state,
  FINALFUNC = stage_times_final,
  COMBINEFUNC = stage_times_combine,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE stage_times(int8, int, timestamptz, stage_times_options) IS
'How long entities stay in each step, a visit at a time and in all: an array of stage_time, one a step';

CREATE AGGREGATE salesmgmt.stage_times(entity uuid, step int, entered_at timestamptz, options stage_times_options) (
  SFUNC = stage_times_uuid,
  STYPE = stage_times_state,
  FINALFUNC = stage_times_final,
  COMBINEFUNC = stage_times_combine,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE stage_times(uuid, int, timestamptz, stage_times_options) IS
'How long entities stay in each step, a visit at a time and in all: an array of stage_time, one a step';

CREATE AGGREGATE salesmgmt.stage_times(entity text, step int, entered_at timestamptz, options stage_times_options) (
  SFUNC = stage_times_text,
  STYPE = stage_times_state,
  FINALFUNC = stage_times_final,
  COMBINEFUNC = stage_times_combine,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE stage_times(text, int, timestamptz, stage_times_options) IS
'How long entities stay in each step, a visit at a time and in all: an array of stage_time, one a step';

CREATE AGGREGATE salesmgmt.stage_times_corrected(entity int8, step int, entered_at timestamptz, place int8, options stage_times_options) (
  SFUNC = stage_times_corrected_int8,
  STYPE = stage_times_state,
  FINALFUNC = stage_times_final,
  COMBINEFUNC = stage_times_combine,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE stage_times_corrected(int8, int, timestamptz, int8, stage_times_options) IS
'stage_times() of a ledger in order whose rows correct others: of the rows of one entity, time and place the last counts';

-- Stages have ids, and stage_times() has steps from 1 to 64: this is quicker than
-- width_bucket() and a second list, or a join, for each row of a history.
CREATE FUNCTION sorted_position(sorted int8[], value int8)
RETURNS int
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION sorted_position(int8[], int8) IS
'Where a value stands in a list of rising numbers, from 1; 0 if it is not among them';
