-- ---- cadence_adherence: were the sessions held that were due? -----------------

CREATE TYPE salesmgmt.cadence_adherence_result AS (
  due int8,
  held int8,
  late int8,
  missed int8,
  pending int8,
  excused int8,
  extra int8,
  adherence_rate float8,
  longest_gap_days float8,
  next_due date
);
COMMENT ON TYPE cadence_adherence_result IS
'What cadence_adherence returns';
COMMENT ON COLUMN cadence_adherence_result.due IS
'Sessions that were due: held + late + missed';
COMMENT ON COLUMN cadence_adherence_result.held IS
'Due sessions held in time, at most tolerance days early or late';
COMMENT ON COLUMN cadence_adherence_result.late IS
'Due sessions held later than that, but before it was time for the next';
COMMENT ON COLUMN cadence_adherence_result.missed IS
'Due sessions that were not held before it was time for the next';
COMMENT ON COLUMN cadence_adherence_result.pending IS
'Sessions still to come, or not yet held while it is not time for the next';
COMMENT ON COLUMN cadence_adherence_result.excused IS
'Sessions not held because all days until the next due day are excused';
COMMENT ON COLUMN cadence_adherence_result.extra IS
'Sessions held beside those that were due';
COMMENT ON COLUMN cadence_adherence_result.adherence_rate IS
'held / due; NULL where none was due';
COMMENT ON COLUMN cadence_adherence_result.longest_gap_days IS
'Most days without a session: from the start of the period, or the anchor, to a session, between two, or from one to as_of or the end; NULL before the start';
COMMENT ON COLUMN cadence_adherence_result.next_due IS
'Day on which the next session is due, in the period, that a session on as_of or later can still be; NULL where none is pending';

CREATE TYPE salesmgmt.cadence_adherence_state;

CREATE FUNCTION cadence_adherence_state_in(cstring)
RETURNS cadence_adherence_state
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'cadence_adherence_state_in';
COMMENT ON FUNCTION cadence_adherence_state_in(cstring) IS
'Text input of cadence_adherence_state';

CREATE FUNCTION cadence_adherence_state_out(cadence_adherence_state)
RETURNS cstring
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'cadence_adherence_state_out';
COMMENT ON FUNCTION cadence_adherence_state_out(cadence_adherence_state) IS
'Text output of cadence_adherence_state';

CREATE FUNCTION cadence_adherence_state_recv(internal)
RETURNS cadence_adherence_state
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'cadence_adherence_state_recv';
COMMENT ON FUNCTION cadence_adherence_state_recv(internal) IS
'Binary input of cadence_adherence_state';

CREATE FUNCTION cadence_adherence_state_send(cadence_adherence_state)
RETURNS bytea
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'cadence_adherence_state_send';
COMMENT ON FUNCTION cadence_adherence_state_send(cadence_adherence_state) IS
'Binary output of cadence_adherence_state';

CREATE TYPE salesmgmt.cadence_adherence_state (
  INPUT = cadence_adherence_state_in,
  OUTPUT = cadence_adherence_state_out,
  RECEIVE = cadence_adherence_state_recv,
  SEND = cadence_adherence_state_send,
  STORAGE = extended
);
COMMENT ON TYPE cadence_adherence_state IS
'Partial result of cadence_adherence';

CREATE FUNCTION cadence_adherence_transition(state cadence_adherence_state, held_on date, options cadence_options)
RETURNS cadence_adherence_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'cadence_adherence_transition';
COMMENT ON FUNCTION cadence_adherence_transition(cadence_adherence_state, date, cadence_options) IS
'Transition function of cadence_adherence';

CREATE FUNCTION cadence_adherence_combine(state cadence_adherence_state, other cadence_adherence_state)
RETURNS cadence_adherence_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'cadence_adherence_combine';
COMMENT ON FUNCTION cadence_adherence_combine(cadence_adherence_state, cadence_adherence_state) IS
'Combine function of cadence_adherence';

CREATE FUNCTION cadence_adherence_final(state cadence_adherence_state)
RETURNS cadence_adherence_result
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'cadence_adherence_final';
COMMENT ON FUNCTION cadence_adherence_final(cadence_adherence_state) IS
'Final function of cadence_adherence';

CREATE AGGREGATE salesmgmt.cadence_adherence(held_on date, options cadence_options) (
  SFUNC = cadence_adherence_transition,
  STYPE = cadence_adherence_state,
  SSPACE = 512,
  COMBINEFUNC = cadence_adherence_combine,
  FINALFUNC = cadence_adherence_final,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE cadence_adherence(date, cadence_options) IS
'Sessions held against a cadence: held, late, missed, pending, excused, extra, and the share of the due ones held in time';

CREATE AGGREGATE salesmgmt.cadence_adherence_state(held_on date, options cadence_options) (
  SFUNC = cadence_adherence_transition,
  STYPE = cadence_adherence_state,
  SSPACE = 512,
  COMBINEFUNC = cadence_adherence_combine,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE cadence_adherence_state(date, cadence_options) IS
'What cadence_adherence keeps of the rows, to store and combine later with cadence_adherence_rollup';

CREATE AGGREGATE salesmgmt.cadence_adherence_rollup(state cadence_adherence_state) (
  SFUNC = cadence_adherence_combine,
  STYPE = cadence_adherence_state,
  SSPACE = 512,
  COMBINEFUNC = cadence_adherence_combine,
  FINALFUNC = cadence_adherence_final,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE cadence_adherence_rollup(cadence_adherence_state) IS
'cadence_adherence from states that cadence_adherence_state made: the same answer as from their rows; a NULL state is skipped';
