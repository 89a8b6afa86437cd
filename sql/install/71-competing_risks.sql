-- ---- competing_risks: won, lost, or not yet -------------------------------

CREATE TYPE salesmgmt.competing_risks_options AS (
  confidence float8,
  horizon_days float8,
  curve boolean
);
COMMENT ON TYPE competing_risks_options IS
'How competing_risks() counts; made by the function competing_risks_options()';
COMMENT ON COLUMN competing_risks_options.confidence IS
'Confidence of the intervals, between 0 and 1; 0.95 by default';
COMMENT ON COLUMN competing_risks_options.horizon_days IS
'Rates are those by this age; NULL: by the age of the oldest deal';
COMMENT ON COLUMN competing_risks_options.curve IS
'Whether the curve is returned';

CREATE FUNCTION competing_risks_options(
  confidence float8 DEFAULT 0.95,
  horizon_days float8 DEFAULT NULL,
  curve boolean DEFAULT true
)
RETURNS competing_risks_options
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'competing_risks_options_build';
COMMENT ON FUNCTION competing_risks_options(float8, float8, boolean) IS
'Options of competing_risks(), checked; NULL is the default';

CREATE TYPE salesmgmt.competing_risks_point AS (
  day float8,
  at_risk int8,
  won int8,
  lost int8,
  won_incidence float8,
  won_lower float8,
  won_upper float8,
  lost_incidence float8,
  open_share float8
);
COMMENT ON TYPE competing_risks_point IS
'One age on the curve of competing_risks()';
COMMENT ON COLUMN competing_risks_point.day IS
'Age in days at which deals were decided';
COMMENT ON COLUMN competing_risks_point.at_risk IS
'Deals still undecided just before that age, and seen so far';
COMMENT ON COLUMN competing_risks_point.won IS
'Deals won at that age';
COMMENT ON COLUMN competing_risks_point.lost IS
'Deals lost at that age';
COMMENT ON COLUMN competing_risks_point.won_incidence IS
'Share of deals won by that age, 0..1';
COMMENT ON COLUMN competing_risks_point.won_lower IS
'Lower bound of won_incidence; NULL where it is 0 or 1';
COMMENT ON COLUMN competing_risks_point.won_upper IS
'Upper bound of won_incidence; NULL where it is 0 or 1';
COMMENT ON COLUMN competing_risks_point.lost_incidence IS
'Share of deals lost by that age, 0..1';
COMMENT ON COLUMN competing_risks_point.open_share IS
'Share of deals still open at that age, 0..1; the three shares add up to 1';

CREATE TYPE salesmgmt.competing_risks_result AS (
  n int8,
  won int8,
  lost int8,
  open int8,
  horizon_days float8,
  win_rate float8,
  win_rate_lower float8,
  win_rate_upper float8,
  loss_rate float8,
  loss_rate_lower float8,
  loss_rate_upper float8,
  open_share float8,
  curve competing_risks_point[]
);
COMMENT ON TYPE competing_risks_result IS
'What competing_risks() returns';
COMMENT ON COLUMN competing_risks_result.n IS
'Deals';
COMMENT ON COLUMN competing_risks_result.won IS
'Deals won by the horizon';
COMMENT ON COLUMN competing_risks_result.lost IS
'Deals lost by the horizon';
COMMENT ON COLUMN competing_risks_result.open IS
'Deals not decided by the horizon, or not seen that long';
COMMENT ON COLUMN competing_risks_result.horizon_days IS
'The age in days that the rates are by';
COMMENT ON COLUMN competing_risks_result.win_rate IS
'Share of deals that is won by the horizon, 0..1: the cumulative incidence of won';
COMMENT ON COLUMN competing_risks_result.win_rate_lower IS
'Lower bound of win_rate; NULL where it is 0 or 1';
COMMENT ON COLUMN competing_risks_result.win_rate_upper IS
'Upper bound of win_rate; NULL where it is 0 or 1';
COMMENT ON COLUMN competing_risks_result.loss_rate IS
'Share of deals that is lost by the horizon, 0..1: the cumulative incidence of lost';
COMMENT ON COLUMN competing_risks_result.loss_rate_lower IS
'Lower bound of loss_rate; NULL where it is 0 or 1';
COMMENT ON COLUMN competing_risks_result.loss_rate_upper IS
'Upper bound of loss_rate; NULL where it is 0 or 1';
COMMENT ON COLUMN competing_risks_result.open_share IS
'Share of deals still open at the horizon, 0..1; what may still be added to win_rate';
COMMENT ON COLUMN competing_risks_result.curve IS
'One element an age at which deals were decided, up to the horizon; NULL where nothing was decided or curve is false';

CREATE TYPE salesmgmt.competing_risks_state;

CREATE FUNCTION competing_risks_state_in(cstring)
RETURNS competing_risks_state
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION competing_risks_state_in(cstring) IS
'Text input of competing_risks_state';

CREATE FUNCTION competing_risks_state_out(competing_risks_state)
RETURNS cstring
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION competing_risks_state_out(competing_risks_state) IS
'Text output of competing_risks_state';

CREATE FUNCTION competing_risks_state_recv(internal)
RETURNS competing_risks_state
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION competing_risks_state_recv(internal) IS
'Binary input of competing_risks_state';

CREATE FUNCTION competing_risks_state_send(competing_risks_state)
RETURNS bytea
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION competing_risks_state_send(competing_risks_state) IS
'Binary output of competing_risks_state';

CREATE TYPE salesmgmt.competing_risks_state (
  INPUT = competing_risks_state_in,
  OUTPUT = competing_risks_state_out,
  RECEIVE = competing_risks_state_recv,
  SEND = competing_risks_state_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = double,
  STORAGE = extended
);
COMMENT ON TYPE competing_risks_state IS
'Transition state of competing_risks(): the ages of the deals seen so far';

CREATE FUNCTION competing_risks_transition(state competing_risks_state, duration_days float8, won boolean, options competing_risks_options)
RETURNS competing_risks_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION competing_risks_transition(competing_risks_state, float8, boolean, competing_risks_options) IS
'Transition function of competing_risks()';

CREATE FUNCTION competing_risks_combine(state competing_risks_state, other competing_risks_state)
RETURNS competing_risks_state
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION competing_risks_combine(competing_risks_state, competing_risks_state) IS
'Combine function of competing_risks()';

CREATE FUNCTION competing_risks_final(state competing_risks_state)
RETURNS competing_risks_result
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION competing_risks_final(competing_risks_state) IS
'Final function of competing_risks()';

CREATE AGGREGATE salesmgmt.competing_risks(duration_days float8, won boolean, options competing_risks_options) (
  SFUNC = competing_risks_transition,
  STYPE = competing_risks_state,
  FINALFUNC = competing_risks_final,
  COMBINEFUNC = competing_risks_combine,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE competing_risks(float8, boolean, competing_risks_options) IS
'How many deals are won and lost by what age, open ones (won NULL) being not yet decided: the eventual win rate with its interval, and the curve';
