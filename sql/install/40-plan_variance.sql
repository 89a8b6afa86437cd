-- plan_variance: plan against actual, exact.

CREATE TYPE salesmgmt.plan_variance_result AS (
  planned numeric,
  actual numeric,
  variance numeric,
  variance_rate float8,
  attainment float8,
  n int8
);

COMMENT ON TYPE plan_variance_result IS
'Result of plan_variance(): what was planned, what came of it, and the gap';
COMMENT ON COLUMN plan_variance_result.planned IS
'Sum of the planned amounts, in their unit; 0 where none is known';
COMMENT ON COLUMN plan_variance_result.actual IS
'Sum of the actual amounts, in their unit; 0 where none is known';
COMMENT ON COLUMN plan_variance_result.variance IS
'actual - planned';
COMMENT ON COLUMN plan_variance_result.variance_rate IS
'variance / |planned|, as a share (0.1 is 10 % over plan); NULL where planned is 0';
COMMENT ON COLUMN plan_variance_result.attainment IS
'1 + variance / |planned|, which is actual / planned for a positive plan; NULL where planned is 0';
COMMENT ON COLUMN plan_variance_result.n IS
'Rows counted: those with a planned or an actual amount';

CREATE TYPE salesmgmt.plan_variance_state;

COMMENT ON TYPE plan_variance_state IS
'State of plan_variance(): the exact sums of both sides, the scales of their values, and the rows';

CREATE FUNCTION plan_variance_state_in(cstring)
RETURNS plan_variance_state
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'plan_variance_state_in';

COMMENT ON FUNCTION plan_variance_state_in(cstring) IS
'Text input of plan_variance_state';

CREATE FUNCTION plan_variance_state_out(plan_variance_state)
RETURNS cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'plan_variance_state_out';

COMMENT ON FUNCTION plan_variance_state_out(plan_variance_state) IS
'Text output of plan_variance_state';

CREATE FUNCTION plan_variance_state_recv(internal)
RETURNS plan_variance_state
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'plan_variance_state_recv';

COMMENT ON FUNCTION plan_variance_state_recv(internal) IS
'Binary input of plan_variance_state';

CREATE FUNCTION plan_variance_state_send(plan_variance_state)
RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'plan_variance_state_send';

COMMENT ON FUNCTION plan_variance_state_send(plan_variance_state) IS
'Binary output of plan_variance_state';

CREATE TYPE salesmgmt.plan_variance_state (
  INPUT = plan_variance_state_in,
  OUTPUT = plan_variance_state_out,
  RECEIVE = plan_variance_state_recv,
  SEND = plan_variance_state_send,
  STORAGE = extended
);

CREATE FUNCTION plan_variance_transition(state plan_variance_state, planned numeric, actual numeric)
RETURNS plan_variance_state
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'plan_variance_transition';

COMMENT ON FUNCTION plan_variance_transition(plan_variance_state, numeric, numeric) IS
'Adds one row to a state of plan_variance()';

CREATE FUNCTION plan_variance_inverse(state plan_variance_state, planned numeric, actual numeric)
RETURNS plan_variance_state
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'plan_variance_inverse';

COMMENT ON FUNCTION plan_variance_inverse(plan_variance_state, numeric, numeric) IS
'Takes one row out of a state of plan_variance()';

CREATE FUNCTION plan_variance_combine(state plan_variance_state, other plan_variance_state)
RETURNS plan_variance_state
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'plan_variance_combine';

COMMENT ON FUNCTION plan_variance_combine(plan_variance_state, plan_variance_state) IS
'Adds a state of plan_variance() to another';

CREATE FUNCTION plan_variance_final(state plan_variance_state)
RETURNS plan_variance_result
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'plan_variance_final';

COMMENT ON FUNCTION plan_variance_final(plan_variance_state) IS
'The result of plan_variance() from its state';

CREATE AGGREGATE salesmgmt.plan_variance(planned numeric, actual numeric) (
  SFUNC = plan_variance_transition,
  STYPE = plan_variance_state,
  SSPACE = 1024,
  FINALFUNC = plan_variance_final,
  COMBINEFUNC = plan_variance_combine,
  MSFUNC = plan_variance_transition,
  MINVFUNC = plan_variance_inverse,
  MSTYPE = plan_variance_state,
  MSSPACE = 1024,
  MFINALFUNC = plan_variance_final,
  PARALLEL = SAFE
);

COMMENT ON AGGREGATE plan_variance(numeric, numeric) IS
'Plan against actual: exact sums of both, variance, its rate, attainment; a NULL side is 0, a row of two NULLs is skipped, no rows give NULL';

-- ---- two steps: states kept by day or team, rolled up later --------------

CREATE AGGREGATE salesmgmt.plan_variance_state(planned numeric, actual numeric) (
  SFUNC = plan_variance_transition,
  STYPE = plan_variance_state,
  SSPACE = 1024,
  COMBINEFUNC = plan_variance_combine,
  PARALLEL = SAFE
);

COMMENT ON AGGREGATE plan_variance_state(numeric, numeric) IS
'What plan_variance() needs to know of its rows: a state to store, and to roll up with plan_variance_rollup()';

CREATE AGGREGATE salesmgmt.plan_variance_rollup(state plan_variance_state) (
  SFUNC = plan_variance_combine,
  STYPE = plan_variance_state,
  SSPACE = 1024,
  FINALFUNC = plan_variance_final,
  COMBINEFUNC = plan_variance_combine,
  PARALLEL = SAFE
);

COMMENT ON AGGREGATE plan_variance_rollup(plan_variance_state) IS
'plan_variance() of all rows behind stored states; a NULL state has none';
