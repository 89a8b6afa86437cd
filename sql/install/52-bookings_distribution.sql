-- bookings_distribution: what may come of the open deals?

CREATE TYPE salesmgmt.bookings_distribution_result AS (
  chance float8,
  chance_lower float8,
  chance_upper float8,
  p10 numeric,
  p50 numeric,
  p90 numeric,
  expected numeric,
  grid numeric,
  error_bound numeric,
  n int8,
  missing int8
);

COMMENT ON TYPE bookings_distribution_result IS
'Result of bookings_distribution(): the distribution of the sum of what may be won';
COMMENT ON COLUMN bookings_distribution_result.chance IS
'Probability that the target is reached; NULL without a target';
COMMENT ON COLUMN bookings_distribution_result.chance_lower IS
'The same, were every amount off by its error to the worse: equal to chance where error_bound is 0';
COMMENT ON COLUMN bookings_distribution_result.chance_upper IS
'The same, were every amount off by its error to the better';
COMMENT ON COLUMN bookings_distribution_result.p10 IS
'In one case of ten no more than this comes';
COMMENT ON COLUMN bookings_distribution_result.p50 IS
'In one case of two no more than this comes';
COMMENT ON COLUMN bookings_distribution_result.p90 IS
'In nine cases of ten no more than this comes';
COMMENT ON COLUMN bookings_distribution_result.expected IS
'Sum of amount * probability, to the cent';
COMMENT ON COLUMN bookings_distribution_result.grid IS
'Amounts were taken as multiples of this';
COMMENT ON COLUMN bookings_distribution_result.error_bound IS
'No outcome is off by more: 0.00 where all amounts are multiples of grid';
COMMENT ON COLUMN bookings_distribution_result.n IS
'Deals counted: those with an amount and a probability';
COMMENT ON COLUMN bookings_distribution_result.missing IS
'Deals left out: those with only one of the two';

CREATE TYPE salesmgmt.bookings_distribution_state;

COMMENT ON TYPE bookings_distribution_state IS
'State of bookings_distribution(): the deals, in cents, and the target';

CREATE FUNCTION bookings_distribution_state_in(cstring)
RETURNS bookings_distribution_state
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'bookings_distribution_state_in';

COMMENT ON FUNCTION bookings_distribution_state_in(cstring) IS
'Text input of bookings_distribution_state';

CREATE FUNCTION bookings_distribution_state_out(bookings_distribution_state)
RETURNS cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'bookings_distribution_state_out';

COMMENT ON FUNCTION bookings_distribution_state_out(bookings_distribution_state) IS
'Text output of bookings_distribution_state';

CREATE FUNCTION bookings_distribution_state_recv(internal)
RETURNS bookings_distribution_state
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'bookings_distribution_state_recv';

COMMENT ON FUNCTION bookings_distribution_state_recv(internal) IS
'Binary input of bookings_distribution_state';

CREATE FUNCTION bookings_distribution_state_send(bookings_distribution_state)
RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'bookings_distribution_state_send';

COMMENT ON FUNCTION bookings_distribution_state_send(bookings_distribution_state) IS
'Binary output of bookings_distribution_state';

CREATE TYPE salesmgmt.bookings_distribution_state (
  INPUT = bookings_distribution_state_in,
  OUTPUT = bookings_distribution_state_out,
  RECEIVE = bookings_distribution_state_recv,
  SEND = bookings_distribution_state_send,
  STORAGE = extended
);

CREATE FUNCTION bookings_distribution_transition(state bookings_distribution_state, amount numeric, probability float8, target numeric)
RETURNS bookings_distribution_state
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'bookings_distribution_transition';

COMMENT ON FUNCTION bookings_distribution_transition(bookings_distribution_state, numeric, float8, numeric) IS
'Adds one deal to a state of bookings_distribution()';

CREATE FUNCTION bookings_distribution_combine(state bookings_distribution_state, other bookings_distribution_state)
RETURNS bookings_distribution_state
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'bookings_distribution_combine';

COMMENT ON FUNCTION bookings_distribution_combine(bookings_distribution_state, bookings_distribution_state) IS
'Adds a state of bookings_distribution() to another';

CREATE FUNCTION bookings_distribution_final(state bookings_distribution_state)
RETURNS bookings_distribution_result
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'bookings_distribution_final';

COMMENT ON FUNCTION bookings_distribution_final(bookings_distribution_state) IS
'The result of bookings_distribution() from its state';

CREATE AGGREGATE salesmgmt.bookings_distribution(amount numeric, probability float8, target numeric) (
  SFUNC = bookings_distribution_transition,
  STYPE = bookings_distribution_state,
  SSPACE = 2048,
  FINALFUNC = bookings_distribution_final,
  COMBINEFUNC = bookings_distribution_combine,
  PARALLEL = SAFE
);

COMMENT ON AGGREGATE bookings_distribution(numeric, float8, numeric) IS
'Exact distribution of the sum of independent deals: the chance to reach the target, p10, p50, p90 and the expected sum; the target is the same for all rows, no rows give NULL';

