-- ---- rate_prior: the prior of a peer group's rates ------------------------

CREATE TYPE salesmgmt.rate_prior_result AS (
  prior_rate float8,
  prior_n float8,
  groups int8,
  cases int8
);
COMMENT ON TYPE rate_prior_result IS
'What rate_prior returns';
COMMENT ON COLUMN rate_prior_result.prior_rate IS
'Rate of the peers, 0 to 1: the mean of the fitted beta distribution; NULL for fewer than two peers';
COMMENT ON COLUMN rate_prior_result.prior_n IS
'Cases that rate is worth, from 2 to all cases of the peers: few where the peers differ, many where they are alike';
COMMENT ON COLUMN rate_prior_result.groups IS
'Peers that have a case';
COMMENT ON COLUMN rate_prior_result.cases IS
'Their cases';

CREATE TYPE salesmgmt.rate_prior_state;

CREATE FUNCTION rate_prior_state_in(cstring)
RETURNS rate_prior_state
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rate_prior_state_in';
COMMENT ON FUNCTION rate_prior_state_in(cstring) IS
'Text input of rate_prior_state';

CREATE FUNCTION rate_prior_state_out(rate_prior_state)
RETURNS cstring
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rate_prior_state_out';
COMMENT ON FUNCTION rate_prior_state_out(rate_prior_state) IS
'Text output of rate_prior_state';

CREATE FUNCTION rate_prior_state_recv(internal)
RETURNS rate_prior_state
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rate_prior_state_recv';
COMMENT ON FUNCTION rate_prior_state_recv(internal) IS
'Binary input of rate_prior_state';

CREATE FUNCTION rate_prior_state_send(rate_prior_state)
RETURNS bytea
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rate_prior_state_send';
COMMENT ON FUNCTION rate_prior_state_send(rate_prior_state) IS
'Binary output of rate_prior_state';

CREATE TYPE salesmgmt.rate_prior_state (
  INPUT = rate_prior_state_in,
  OUTPUT = rate_prior_state_out,
  RECEIVE = rate_prior_state_recv,
  SEND = rate_prior_state_send,
  STORAGE = extended
);
COMMENT ON TYPE rate_prior_state IS
'Partial result of rate_prior';

CREATE FUNCTION rate_prior_transition(state rate_prior_state, successes int8, n int8)
RETURNS rate_prior_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rate_prior_transition';
COMMENT ON FUNCTION rate_prior_transition(rate_prior_state, int8, int8) IS
'Transition function of rate_prior';

CREATE FUNCTION rate_prior_combine(state rate_prior_state, other rate_prior_state)
RETURNS rate_prior_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rate_prior_combine';
COMMENT ON FUNCTION rate_prior_combine(rate_prior_state, rate_prior_state) IS
'Combine function of rate_prior';

CREATE FUNCTION rate_prior_final(state rate_prior_state)
RETURNS rate_prior_result
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rate_prior_final';
COMMENT ON FUNCTION rate_prior_final(rate_prior_state) IS
'Final function of rate_prior';

CREATE AGGREGATE salesmgmt.rate_prior(successes int8, n int8) (
  SFUNC = rate_prior_transition,
  STYPE = rate_prior_state,
  SSPACE = 256,
  COMBINEFUNC = rate_prior_combine,
  FINALFUNC = rate_prior_final,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE rate_prior(int8, int8) IS
'Prior of a peer group''s rates for shrunk_rate, one row a peer: beta-binomial by maximum likelihood';
