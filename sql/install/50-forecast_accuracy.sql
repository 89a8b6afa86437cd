-- forecast_accuracy: what was forecast against what came.

CREATE TYPE salesmgmt.forecast_accuracy_result AS (
  wape float8,
  mape float8,
  mape_n int8,
  bias float8,
  tracking_signal float8,
  forecast numeric,
  actual numeric,
  absolute_error numeric,
  n int8
);

COMMENT ON TYPE forecast_accuracy_result IS
'Result of forecast_accuracy(): size and direction of the errors of forecasts';
COMMENT ON COLUMN forecast_accuracy_result.wape IS
'Weighted absolute percentage error: absolute_error / sum of |actual|, as a share; NULL where every actual is 0';
COMMENT ON COLUMN forecast_accuracy_result.mape IS
'Mean of |forecast - actual| / |actual|, as a share, over the rows whose actual is not 0; NULL without any';
COMMENT ON COLUMN forecast_accuracy_result.mape_n IS
'Rows that mape averages: those whose actual is not 0';
COMMENT ON COLUMN forecast_accuracy_result.bias IS
'(forecast - actual) / |actual| of the sums, as a share: positive for happy ears, negative for sandbagging; NULL where the actuals sum to 0';
COMMENT ON COLUMN forecast_accuracy_result.tracking_signal IS
'(forecast - actual) / mean of |forecast - actual|, from -n to n: beyond 4 either way the errors are no accident; NULL where no forecast was off';
COMMENT ON COLUMN forecast_accuracy_result.forecast IS
'Sum of the forecasts, in their unit';
COMMENT ON COLUMN forecast_accuracy_result.actual IS
'Sum of what came, in its unit; 0 where nothing came';
COMMENT ON COLUMN forecast_accuracy_result.absolute_error IS
'Sum of |forecast - actual|';
COMMENT ON COLUMN forecast_accuracy_result.n IS
'Rows counted: those with a forecast';

CREATE TYPE salesmgmt.forecast_accuracy_state;

COMMENT ON TYPE forecast_accuracy_state IS
'State of forecast_accuracy(): exact sums of forecasts, actuals, errors and shares, and the rows';

CREATE FUNCTION forecast_accuracy_state_in(cstring)
RETURNS forecast_accuracy_state
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'forecast_accuracy_state_in';

COMMENT ON FUNCTION forecast_accuracy_state_in(cstring) IS
'Text input of forecast_accuracy_state';

CREATE FUNCTION forecast_accuracy_state_out(forecast_accuracy_state)
RETURNS cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'forecast_accuracy_state_out';

COMMENT ON FUNCTION forecast_accuracy_state_out(forecast_accuracy_state) IS
'Text output of forecast_accuracy_state';

CREATE FUNCTION forecast_accuracy_state_recv(internal)
RETURNS forecast_accuracy_state
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'forecast_accuracy_state_recv';

COMMENT ON FUNCTION forecast_accuracy_state_recv(internal) IS
'Binary input of forecast_accuracy_state';

CREATE FUNCTION forecast_accuracy_state_send(forecast_accuracy_state)
RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'forecast_accuracy_state_send';

COMMENT ON FUNCTION forecast_accuracy_state_send(forecast_accuracy_state) IS
'Binary output of forecast_accuracy_state';

CREATE TYPE salesmgmt.forecast_accuracy_state (
  INPUT = forecast_accuracy_state_in,
  OUTPUT = forecast_accuracy_state_out,
  RECEIVE = forecast_accuracy_state_recv,
  SEND = forecast_accuracy_state_send,
  STORAGE = extended
);

CREATE FUNCTION forecast_accuracy_transition(state forecast_accuracy_state, forecast numeric, actual numeric)
RETURNS forecast_accuracy_state
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'forecast_accuracy_transition';

COMMENT ON FUNCTION forecast_accuracy_transition(forecast_accuracy_state, numeric, numeric) IS
'Adds one row to a state of forecast_accuracy()';

CREATE FUNCTION forecast_accuracy_inverse(state forecast_accuracy_state, forecast numeric, actual numeric)
RETURNS forecast_accuracy_state
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'forecast_accuracy_inverse';

COMMENT ON FUNCTION forecast_accuracy_inverse(forecast_accuracy_state, numeric, numeric) IS
'Takes one row out of a state of forecast_accuracy()';

CREATE FUNCTION forecast_accuracy_combine(state forecast_accuracy_state, other forecast_accuracy_state)
RETURNS forecast_accuracy_state
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'forecast_accuracy_combine';

COMMENT ON FUNCTION forecast_accuracy_combine(forecast_accuracy_state, forecast_accuracy_state) IS
'Adds a state of forecast_accuracy() to another';

CREATE FUNCTION forecast_accuracy_final(state forecast_accuracy_state)
RETURNS forecast_accuracy_result
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'forecast_accuracy_final';

COMMENT ON FUNCTION forecast_accuracy_final(forecast_accuracy_state) IS
'The result of forecast_accuracy() from its state';

CREATE AGGREGATE salesmgmt.forecast_accuracy(forecast numeric, actual numeric) (
  SFUNC = forecast_accuracy_transition,
  STYPE = forecast_accuracy_state,
  SSPACE = 2048,
  FINALFUNC = forecast_accuracy_final,
  COMBINEFUNC = forecast_accuracy_combine,
  MSFUNC = forecast_accuracy_transition,
  MINVFUNC = forecast_accuracy_inverse,
  MSTYPE = forecast_accuracy_state,
  MSSPACE = 2048,
  MFINALFUNC = forecast_accuracy_final,
  PARALLEL = SAFE
);

COMMENT ON AGGREGATE forecast_accuracy(numeric, numeric) IS
'Forecast against actual: wape, mape, bias, tracking signal and the exact sums; a row without a forecast is skipped, a NULL actual is 0, no rows give NULL';

-- The same in two steps: states to store, and their sum.

CREATE AGGREGATE salesmgmt.forecast_accuracy_state(forecast numeric, actual numeric) (
  SFUNC = forecast_accuracy_transition,
  STYPE = forecast_accuracy_state,
  SSPACE = 2048,
  COMBINEFUNC = forecast_accuracy_combine,
  PARALLEL = SAFE
);

COMMENT ON AGGREGATE forecast_accuracy_state(numeric, numeric) IS
'The rows of forecast_accuracy() as a value to store, for forecast_accuracy_rollup(); no rows give NULL';

CREATE AGGREGATE salesmgmt.forecast_accuracy_rollup(state forecast_accuracy_state) (
  SFUNC = forecast_accuracy_combine,
  STYPE = forecast_accuracy_state,
  SSPACE = 2048,
  FINALFUNC = forecast_accuracy_final,
  COMBINEFUNC = forecast_accuracy_combine,
  PARALLEL = SAFE
);

COMMENT ON AGGREGATE forecast_accuracy_rollup(forecast_accuracy_state) IS
'forecast_accuracy() of all rows behind stored states; a NULL state is skipped';

