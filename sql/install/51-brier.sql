-- brier, calibration: how good were the probabilities?

CREATE TYPE salesmgmt.brier_result AS (
  score float8,
  skill float8,
  base_rate float8,
  mean_probability float8,
  won int8,
  n int8
);

COMMENT ON TYPE brier_result IS
'Result of brier(): how far probabilities were from what came';
COMMENT ON COLUMN brier_result.score IS
'Brier score: mean of (probability - outcome)^2, outcome being 1 for won and 0 for lost; 0 is perfect, 1 is always wrong';
COMMENT ON COLUMN brier_result.skill IS
'1 - score / the score of always saying base_rate: 1 is perfect, 0 no better, below 0 worse; NULL where all were won, or none';
COMMENT ON COLUMN brier_result.base_rate IS
'won / n';
COMMENT ON COLUMN brier_result.mean_probability IS
'Mean of the probabilities: above base_rate for happy ears, below it for sandbagging';
COMMENT ON COLUMN brier_result.won IS
'Deals won';
COMMENT ON COLUMN brier_result.n IS
'Decided deals with a probability';

CREATE TYPE salesmgmt.brier_state;

COMMENT ON TYPE brier_state IS
'State of brier(): counts, and exact sums of the probabilities and the squared errors';

CREATE FUNCTION brier_state_in(cstring)
RETURNS brier_state
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'brier_state_in';

COMMENT ON FUNCTION brier_state_in(cstring) IS
'Text input of brier_state';

CREATE FUNCTION brier_state_out(brier_state)
RETURNS cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'brier_state_out';

COMMENT ON FUNCTION brier_state_out(brier_state) IS
'Text output of brier_state';

CREATE FUNCTION brier_state_recv(internal)
RETURNS brier_state
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'brier_state_recv';

COMMENT ON FUNCTION brier_state_recv(internal) IS
'Binary input of brier_state';

CREATE FUNCTION brier_state_send(brier_state)
RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'brier_state_send';

COMMENT ON FUNCTION brier_state_send(brier_state) IS
'Binary output of brier_state';

CREATE TYPE salesmgmt.brier_state (
  INPUT = brier_state_in,
  OUTPUT = brier_state_out,
  RECEIVE = brier_state_recv,
  SEND = brier_state_send,
  STORAGE = extended
);

CREATE FUNCTION brier_transition(state brier_state, probability float8, won boolean)
RETURNS brier_state
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'brier_transition';

COMMENT ON FUNCTION brier_transition(brier_state, float8, boolean) IS
'Adds one deal to a state of brier()';

CREATE FUNCTION brier_combine(state brier_state, other brier_state)
RETURNS brier_state
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'brier_state_combine';

COMMENT ON FUNCTION brier_combine(brier_state, brier_state) IS
'Adds a state of brier() to another';

CREATE FUNCTION brier_final(state brier_state)
RETURNS brier_result
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'brier_state_final';

COMMENT ON FUNCTION brier_final(brier_state) IS
'The result of brier() from its state';

CREATE AGGREGATE salesmgmt.brier(probability float8, won boolean) (
  SFUNC = brier_transition,
  STYPE = brier_state,
  SSPACE = 1024,
  FINALFUNC = brier_final,
  COMBINEFUNC = brier_combine,
  PARALLEL = SAFE
);

COMMENT ON AGGREGATE brier(float8, boolean) IS
'Brier score of win probabilities, and their skill against the base rate; a deal without a probability or not yet decided is skipped, no rows give NULL';

CREATE TYPE salesmgmt.calibration_options AS (
  bins int,
  confidence float8
);

COMMENT ON TYPE calibration_options IS
'How calibration() counts; made by the function calibration_options()';
COMMENT ON COLUMN calibration_options.bins IS
'Bins of equal width, 1 to 1000';
COMMENT ON COLUMN calibration_options.confidence IS
'Confidence of the interval around the observed rate, between 0 and 1';

CREATE FUNCTION calibration_options(bins int DEFAULT 10, confidence float8 DEFAULT 0.95)
RETURNS calibration_options
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'calibration_options_build';

COMMENT ON FUNCTION calibration_options(int, float8) IS
'Options of calibration(), checked; NULL is the default';

CREATE TYPE salesmgmt.calibration_bin AS (
  bin int,
  probability_lower float8,
  probability_upper float8,
  n int8,
  won int8,
  mean_probability float8,
  won_rate float8,
  won_rate_lower float8,
  won_rate_upper float8
);

COMMENT ON TYPE calibration_bin IS
'One bin of calibration(): deals that were given about the same probability, and what came of them';
COMMENT ON COLUMN calibration_bin.bin IS
'Number of the bin, from 1';
COMMENT ON COLUMN calibration_bin.probability_lower IS
'Lowest probability of the bin';
COMMENT ON COLUMN calibration_bin.probability_upper IS
'Where the next bin begins; 1, of the last, is in it';
COMMENT ON COLUMN calibration_bin.n IS
'Decided deals in the bin';
COMMENT ON COLUMN calibration_bin.won IS
'Deals won';
COMMENT ON COLUMN calibration_bin.mean_probability IS
'Mean of the probabilities: what was said; NULL for an empty bin';
COMMENT ON COLUMN calibration_bin.won_rate IS
'won / n: what came; NULL for an empty bin';
COMMENT ON COLUMN calibration_bin.won_rate_lower IS
'Lower bound of the Wilson interval of won_rate; above mean_probability the bin was sandbagged';
COMMENT ON COLUMN calibration_bin.won_rate_upper IS
'Upper bound of the Wilson interval of won_rate; below mean_probability the bin was hoped for';

CREATE TYPE salesmgmt.calibration_state;

COMMENT ON TYPE calibration_state IS
'State of calibration(): the options, and of each bin the counts and the exact sum of the probabilities';

CREATE FUNCTION calibration_state_in(cstring)
RETURNS calibration_state
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'calibration_state_in';

COMMENT ON FUNCTION calibration_state_in(cstring) IS
'Text input of calibration_state';

CREATE FUNCTION calibration_state_out(calibration_state)
RETURNS cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'calibration_state_out';

COMMENT ON FUNCTION calibration_state_out(calibration_state) IS
'Text output of calibration_state';

CREATE FUNCTION calibration_state_recv(internal)
RETURNS calibration_state
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'calibration_state_recv';

COMMENT ON FUNCTION calibration_state_recv(internal) IS
'Binary input of calibration_state';

CREATE FUNCTION calibration_state_send(calibration_state)
RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'calibration_state_send';

COMMENT ON FUNCTION calibration_state_send(calibration_state) IS
'Binary output of calibration_state';

CREATE TYPE salesmgmt.calibration_state (
  INPUT = calibration_state_in,
  OUTPUT = calibration_state_out,
  RECEIVE = calibration_state_recv,
  SEND = calibration_state_send,
  STORAGE = extended
);

CREATE FUNCTION calibration_transition(state calibration_state, probability float8, won boolean, options calibration_options)
RETURNS calibration_state
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'calibration_transition';

COMMENT ON FUNCTION calibration_transition(calibration_state, float8, boolean, calibration_options) IS
'Adds one deal to a state of calibration()';

CREATE FUNCTION calibration_combine(state calibration_state, other calibration_state)
RETURNS calibration_state
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'calibration_state_combine';

COMMENT ON FUNCTION calibration_combine(calibration_state, calibration_state) IS
'Adds a state of calibration() to another';

CREATE FUNCTION calibration_final(state calibration_state)
RETURNS calibration_bin[]
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'calibration_state_final';

COMMENT ON FUNCTION calibration_final(calibration_state) IS
'The result of calibration() from its state';

CREATE AGGREGATE salesmgmt.calibration(probability float8, won boolean, options calibration_options) (
  SFUNC = calibration_transition,
  STYPE = calibration_state,
  SSPACE = 2048,
  FINALFUNC = calibration_final,
  COMBINEFUNC = calibration_combine,
  PARALLEL = SAFE
);

COMMENT ON AGGREGATE calibration(float8, boolean, calibration_options) IS
'Of the deals called 70 %, how many were won? Bins of probability with counts, observed rate and its Wilson interval; undecided deals are skipped, no rows give NULL';

