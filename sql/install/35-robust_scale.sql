-- ---- robust_scale: middle and spread of a peer group ----------------------

CREATE TYPE salesmgmt.robust_scale_result AS (
  median float8,
  mad float8,
  mean_deviation float8,
  n int8
);
COMMENT ON TYPE robust_scale_result IS
'What robust_scale returns';
COMMENT ON COLUMN robust_scale_result.median IS
'Median of the values, in their unit';
COMMENT ON COLUMN robust_scale_result.mad IS
'Median of |value - median|, in their unit, not scaled';
COMMENT ON COLUMN robust_scale_result.mean_deviation IS
'Mean of |value - median|, in their unit; the spread where mad is 0';
COMMENT ON COLUMN robust_scale_result.n IS
'Values';

CREATE TYPE salesmgmt.robust_scale_state;

CREATE FUNCTION robust_scale_state_in(cstring)
RETURNS robust_scale_state
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'robust_scale_state_in';
COMMENT ON FUNCTION robust_scale_state_in(cstring) IS
'Text input of robust_scale_state';

CREATE FUNCTION robust_scale_state_out(robust_scale_state)
RETURNS cstring
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'robust_scale_state_out';
COMMENT ON FUNCTION robust_scale_state_out(robust_scale_state) IS
'Text output of robust_scale_state';

CREATE FUNCTION robust_scale_state_recv(internal)
RETURNS robust_scale_state
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'robust_scale_state_recv';
COMMENT ON FUNCTION robust_scale_state_recv(internal) IS
'Binary input of robust_scale_state';

CREATE FUNCTION robust_scale_state_send(robust_scale_state)
RETURNS bytea
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'robust_scale_state_send';
COMMENT ON FUNCTION robust_scale_state_send(robust_scale_state) IS
'Binary output of robust_scale_state';

CREATE TYPE salesmgmt.robust_scale_state (
  INPUT = robust_scale_state_in,
  OUTPUT = robust_scale_state_out,
  RECEIVE = robust_scale_state_recv,
  SEND = robust_scale_state_send,
  STORAGE = extended
);
COMMENT ON TYPE robust_scale_state IS
'Partial result of robust_scale';

CREATE FUNCTION robust_scale_transition(state robust_scale_state, value float8)
RETURNS robust_scale_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'robust_scale_transition';
COMMENT ON FUNCTION robust_scale_transition(robust_scale_state, float8) IS
'Transition function of robust_scale';

CREATE FUNCTION robust_scale_combine(state robust_scale_state, other robust_scale_state)
RETURNS robust_scale_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'robust_scale_combine';
COMMENT ON FUNCTION robust_scale_combine(robust_scale_state, robust_scale_state) IS
'Combine function of robust_scale';

CREATE FUNCTION robust_scale_final(state robust_scale_state)
RETURNS robust_scale_result
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'robust_scale_final';
COMMENT ON FUNCTION robust_scale_final(robust_scale_state) IS
'Final function of robust_scale';

CREATE AGGREGATE salesmgmt.robust_scale(value float8) (
  SFUNC = robust_scale_transition,
  STYPE = robust_scale_state,
  SSPACE = 1024,
  COMBINEFUNC = robust_scale_combine,
  FINALFUNC = robust_scale_final,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE robust_scale(float8) IS
'Median and spread of a peer group, for robust_z; outliers move neither';

CREATE FUNCTION robust_z(value float8, scale robust_scale_result)
RETURNS float8
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'robust_z';
COMMENT ON FUNCTION robust_z(float8, robust_scale_result) IS
'How far a value is from the median of its peers, in robust standard deviations; NULL where all peers are the same';
