-- Funnels: how many entities reach each step, how fast, and who still may.
CREATE TYPE salesmgmt.funnel_step AS (
  step int,
  entered int8,
  reached int8,
  conversion_rate float8,
  step_rate float8,
  lost int8,
  pending int8,
  mature_rate float8,
  median_days float8,
  p90_days float8,
  step_median_days float8,
  step_p90_days float8
);

COMMENT ON TYPE funnel_step IS
'One step of a funnel, as funnel_conversion() returns it';

COMMENT ON COLUMN funnel_step.step IS
'Number of the step, from 1';

COMMENT ON COLUMN funnel_step.entered IS
'Entities that entered the funnel';

COMMENT ON COLUMN funnel_step.reached IS
'Of these, entities that reached this step';

COMMENT ON COLUMN funnel_step.conversion_rate IS
'reached / entered, 0..1';

COMMENT ON COLUMN funnel_step.step_rate IS
'reached / reached of the last required step before, 0..1';

COMMENT ON COLUMN funnel_step.lost IS
'Entities that reached the last required step before and are certain not to reach this one; 0 at an optional step';

COMMENT ON COLUMN funnel_step.pending IS
'Entities that reached the last required step before and may still reach this one; 0 at an optional step';

COMMENT ON COLUMN funnel_step.mature_rate IS
'reached / entered over the entities whose whole window has passed, 0..1';

COMMENT ON COLUMN funnel_step.median_days IS
'Median days from step 1 to this step, of those that reached it';

COMMENT ON COLUMN funnel_step.p90_days IS
'90th percentile of the days from step 1 to this step';

COMMENT ON COLUMN funnel_step.step_median_days IS
'Median days from the step before in the entity''s chain to this step';

COMMENT ON COLUMN funnel_step.step_p90_days IS
'90th percentile of the days from the step before in the entity''s chain to this step';

CREATE TYPE salesmgmt.funnel_state;

CREATE FUNCTION funnel_state_in(cstring)
RETURNS funnel_state
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION funnel_state_in(cstring) IS
'Text input of funnel_state';

CREATE FUNCTION funnel_state_out(funnel_state)
RETURNS cstring
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION funnel_state_out(funnel_state) IS
'Text output of funnel_state';

CREATE FUNCTION funnel_state_recv(internal)
RETURNS funnel_state
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION funnel_state_recv(internal) IS
'Binary input of funnel_state';

CREATE FUNCTION funnel_state_send(funnel_state)
RETURNS bytea
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION funnel_state_send(funnel_state) IS
'Binary output of funnel_state';

CREATE TYPE salesmgmt.funnel_state (
  INPUT = funnel_state_in,
  OUTPUT = funnel_state_out,
  RECEIVE = funnel_state_recv,
  SEND = funnel_state_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);

COMMENT ON TYPE funnel_state IS
'Transition state of funnel_conversion(): the events seen so far';

CREATE FUNCTION funnel_conversion_int8(state funnel_state, entity int8, step int, at timestamptz, options funnel_options)
RETURNS funnel_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION funnel_conversion_int8(funnel_state, int8, int, timestamptz, funnel_options) IS
'Transition function of funnel_conversion(int8, ...)';

CREATE FUNCTION funnel_conversion_uuid(state funnel_state, entity uuid, step int, at timestamptz, options funnel_options)
RETURNS funnel_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION funnel_conversion_uuid(funnel_state, uuid, int, timestamptz, funnel_options) IS
'Transition function of funnel_conversion(uuid, ...)';

CREATE FUNCTION funnel_conversion_text(state funnel_state, entity text, step int, at timestamptz, options funnel_options)
RETURNS funnel_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION funnel_conversion_text(funnel_state, text, int, timestamptz, funnel_options) IS
'Transition function of funnel_conversion(text, ...)';

CREATE FUNCTION funnel_conversion_combine(state funnel_state, other funnel_state)
RETURNS funnel_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION funnel_conversion_combine(funnel_state, funnel_state) IS
'Combine function of funnel_conversion()';

CREATE FUNCTION funnel_conversion_final(state funnel_state)
RETURNS funnel_step[]
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION funnel_conversion_final(funnel_state) IS
'Final function of funnel_conversion()';

CREATE AGGREGATE salesmgmt.funnel_conversion(entity int8, step int, at timestamptz, options funnel_options) (
  SFUNC = funnel_conversion_int8,
  STYPE = funnel_state,
  FINALFUNC = funnel_conversion_final,
  COMBINEFUNC = funnel_conversion_combine,
  PARALLEL = SAFE
);

COMMENT ON AGGREGATE funnel_conversion(int8, int, timestamptz, funnel_options) IS
'How many entities reached each step, how fast, who is lost and who still may: an array of funnel_step, one a step';

CREATE AGGREGATE salesmgmt.funnel_conversion(entity uuid, step int, at timestamptz, options funnel_options) (
  SFUNC = funnel_conversion_uuid,
  STYPE = funnel_state,
  FINALFUNC = funnel_conversion_final,
  COMBINEFUNC = funnel_conversion_combine,
  PARALLEL = SAFE
);

COMMENT ON AGGREGATE funnel_conversion(uuid, int, timestamptz, funnel_options) IS
'How many entities reached each step, how fast, who is lost and who still may: an array of funnel_step, one a step';

CREATE AGGREGATE salesmgmt.funnel_conversion(entity text, step int, at timestamptz, options funnel_options) (
  SFUNC = funnel_conversion_text,
  STYPE = funnel_state,
  FINALFUNC = funnel_conversion_final,
  COMBINEFUNC = funnel_conversion_combine,
  PARALLEL = SAFE
);

COMMENT ON AGGREGATE funnel_conversion(text, int, timestamptz, funnel_options) IS
'How many entities reached each step, how fast, who is lost and who still may: an array of funnel_step, one a step';
