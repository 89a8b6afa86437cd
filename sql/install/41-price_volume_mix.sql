-- price_volume_mix: why the amounts of products differ from their plan.

CREATE TYPE salesmgmt.price_volume_mix_result AS (
  volume numeric,
  mix numeric,
  price numeric,
  new numeric,
  lost numeric,
  total numeric
);

COMMENT ON TYPE price_volume_mix_result IS
'Result of price_volume_mix(): the parts of actual - planned, which add up to the total';
COMMENT ON COLUMN price_volume_mix_result.volume IS
'More or less of all products together, each unit at the mean planned price';
COMMENT ON COLUMN price_volume_mix_result.mix IS
'Other shares of the products in the quantity, at planned prices: above 0 for more of the dear ones';
COMMENT ON COLUMN price_volume_mix_result.price IS
'Other prices than planned, on the quantities sold';
COMMENT ON COLUMN price_volume_mix_result.new IS
'Amount of the products that were sold without a plan';
COMMENT ON COLUMN price_volume_mix_result.lost IS
'Planned amount of the products that were not sold, below 0';
COMMENT ON COLUMN price_volume_mix_result.total IS
'Actual amount - planned amount: the sum of the parts';

CREATE TYPE salesmgmt.price_volume_mix_state;

COMMENT ON TYPE price_volume_mix_state IS
'State of price_volume_mix(): the exact sums from which its parts follow';

CREATE FUNCTION price_volume_mix_state_in(cstring)
RETURNS price_volume_mix_state
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'price_volume_mix_state_in';

COMMENT ON FUNCTION price_volume_mix_state_in(cstring) IS
'Text input of price_volume_mix_state';

CREATE FUNCTION price_volume_mix_state_out(price_volume_mix_state)
RETURNS cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'price_volume_mix_state_out';

COMMENT ON FUNCTION price_volume_mix_state_out(price_volume_mix_state) IS
'Text output of price_volume_mix_state';

CREATE FUNCTION price_volume_mix_state_recv(internal)
RETURNS price_volume_mix_state
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'price_volume_mix_state_recv';

COMMENT ON FUNCTION price_volume_mix_state_recv(internal) IS
'Binary input of price_volume_mix_state';

CREATE FUNCTION price_volume_mix_state_send(price_volume_mix_state)
RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'price_volume_mix_state_send';

COMMENT ON FUNCTION price_volume_mix_state_send(price_volume_mix_state) IS
'Binary output of price_volume_mix_state';

CREATE TYPE salesmgmt.price_volume_mix_state (
  INPUT = price_volume_mix_state_in,
  OUTPUT = price_volume_mix_state_out,
  RECEIVE = price_volume_mix_state_recv,
  SEND = price_volume_mix_state_send,
  STORAGE = extended
);

CREATE FUNCTION price_volume_mix_transition(
  state price_volume_mix_state,
  planned_qty numeric,
  planned_price numeric,
  actual_qty numeric,
  actual_price numeric
)
RETURNS price_volume_mix_state
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'price_volume_mix_transition';

COMMENT ON FUNCTION price_volume_mix_transition(price_volume_mix_state, numeric, numeric, numeric, numeric) IS
'Adds one row to a state of price_volume_mix()';

CREATE FUNCTION price_volume_mix_inverse(
  state price_volume_mix_state,
  planned_qty numeric,
  planned_price numeric,
  actual_qty numeric,
  actual_price numeric
)
RETURNS price_volume_mix_state
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'price_volume_mix_inverse';

COMMENT ON FUNCTION price_volume_mix_inverse(price_volume_mix_state, numeric, numeric, numeric, numeric) IS
'Takes one row out of a state of price_volume_mix()';

CREATE FUNCTION price_volume_mix_combine(state price_volume_mix_state, other price_volume_mix_state)
RETURNS price_volume_mix_state
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'price_volume_mix_combine';

COMMENT ON FUNCTION price_volume_mix_combine(price_volume_mix_state, price_volume_mix_state) IS
'Adds a state of price_volume_mix() to another';

CREATE FUNCTION price_volume_mix_final(state price_volume_mix_state)
RETURNS price_volume_mix_result
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'price_volume_mix_final';

COMMENT ON FUNCTION price_volume_mix_final(price_volume_mix_state) IS
'The result of price_volume_mix() from its state';

CREATE AGGREGATE salesmgmt.price_volume_mix(planned_qty numeric, planned_price numeric, actual_qty numeric, actual_price numeric) (
  SFUNC = price_volume_mix_transition,
  STYPE = price_volume_mix_state,
  SSPACE = 2048,
  FINALFUNC = price_volume_mix_final,
  COMBINEFUNC = price_volume_mix_combine,
  MSFUNC = price_volume_mix_transition,
  MINVFUNC = price_volume_mix_inverse,
  MSTYPE = price_volume_mix_state,
  MSSPACE = 2048,
  MFINALFUNC = price_volume_mix_final,
  PARALLEL = SAFE
);

COMMENT ON AGGREGATE price_volume_mix(numeric, numeric, numeric, numeric) IS
'Why the amounts of products differ from their plan, a row a product: volume, mix, price, new and lost products, exactly adding up to the total; a NULL quantity is 0, a product without quantities is skipped, no rows give NULL';
