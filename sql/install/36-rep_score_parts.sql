-- ---- rep_score_parts: what each KPI contributes to the score ---------------

CREATE TYPE salesmgmt.rep_score_part AS (
  kpi text,
  attainment float8,
  weight float8,
  contribution float8
);
COMMENT ON TYPE rep_score_part IS
'One KPI of a score, as rep_score_parts returns it';
COMMENT ON COLUMN rep_score_part.kpi IS
'Name of the KPI';
COMMENT ON COLUMN rep_score_part.attainment IS
'1 is the target met; within floor and cap; NULL where actual or target is missing';
COMMENT ON COLUMN rep_score_part.weight IS
'As given';
COMMENT ON COLUMN rep_score_part.contribution IS
'Points of the score that are owed to it; NULL where it is missing or there is no score';

CREATE TYPE salesmgmt.rep_score_parts_state;

CREATE FUNCTION rep_score_parts_state_in(cstring)
RETURNS rep_score_parts_state
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rep_score_parts_state_in';
COMMENT ON FUNCTION rep_score_parts_state_in(cstring) IS
'Text input of rep_score_parts_state';

CREATE FUNCTION rep_score_parts_state_out(rep_score_parts_state)
RETURNS cstring
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rep_score_parts_state_out';
COMMENT ON FUNCTION rep_score_parts_state_out(rep_score_parts_state) IS
'Text output of rep_score_parts_state';

CREATE FUNCTION rep_score_parts_state_recv(internal)
RETURNS rep_score_parts_state
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rep_score_parts_state_recv';
COMMENT ON FUNCTION rep_score_parts_state_recv(internal) IS
'Binary input of rep_score_parts_state';

CREATE FUNCTION rep_score_parts_state_send(rep_score_parts_state)
RETURNS bytea
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rep_score_parts_state_send';
COMMENT ON FUNCTION rep_score_parts_state_send(rep_score_parts_state) IS
'Binary output of rep_score_parts_state';

CREATE TYPE salesmgmt.rep_score_parts_state (
  INPUT = rep_score_parts_state_in,
  OUTPUT = rep_score_parts_state_out,
  RECEIVE = rep_score_parts_state_recv,
  SEND = rep_score_parts_state_send,
  STORAGE = extended
);
COMMENT ON TYPE rep_score_parts_state IS
'Partial result of rep_score_parts';

CREATE FUNCTION rep_score_parts_transition(state rep_score_parts_state, kpi text, actual float8, target float8, weight float8, higher_is_better boolean, options score_options)
RETURNS rep_score_parts_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rep_score_parts_transition';
COMMENT ON FUNCTION rep_score_parts_transition(rep_score_parts_state, text, float8, float8, float8, boolean, score_options) IS
'Transition function of rep_score_parts';

CREATE FUNCTION rep_score_parts_combine(state rep_score_parts_state, other rep_score_parts_state)
RETURNS rep_score_parts_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rep_score_parts_combine';
COMMENT ON FUNCTION rep_score_parts_combine(rep_score_parts_state, rep_score_parts_state) IS
'Combine function of rep_score_parts';

CREATE FUNCTION rep_score_parts_final(state rep_score_parts_state)
RETURNS rep_score_part[]
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rep_score_parts_final';
COMMENT ON FUNCTION rep_score_parts_final(rep_score_parts_state) IS
'Final function of rep_score_parts';

CREATE AGGREGATE salesmgmt.rep_score_parts(
  kpi text,
  actual float8,
  target float8,
  weight float8,
  higher_is_better boolean,
  options score_options
) (
  SFUNC = rep_score_parts_transition,
  STYPE = rep_score_parts_state,
  SSPACE = 1024,
  COMBINEFUNC = rep_score_parts_combine,
  FINALFUNC = rep_score_parts_final,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE rep_score_parts(text, float8, float8, float8, boolean, score_options) IS
'What each KPI contributes to rep_score, by name: the contributions add up to the score; for unnest()';
