-- ---- pace: will the period end well? --------------------------------------

CREATE FUNCTION pace(
  booked numeric,
  planned numeric,
  elapsed_days int8,
  period_days int8
)
RETURNS float8
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'pace';
COMMENT ON FUNCTION pace(numeric, numeric, int8, int8) IS
'booked / (planned * elapsed working share), the share being elapsed_days / period_days: 1 is on pace; NULL where nothing was expected';

CREATE FUNCTION pace_projected(
  booked numeric,
  elapsed_days int8,
  period_days int8
)
RETURNS numeric
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'pace_projected';
COMMENT ON FUNCTION pace_projected(numeric, int8, int8) IS
'booked / elapsed working share: the period''s total if it goes on like this; NULL before the first day';

CREATE FUNCTION pace_historical(
  booked numeric,
  past_shares float8[]
)
RETURNS numeric
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'pace_historical';
COMMENT ON FUNCTION pace_historical(numeric, float8[]) IS
'booked / mean of past_shares, the shares of their totals that past periods had booked by the same point: the period''s total if it goes on as they did; NULL where none is known or the mean is not above 0';

CREATE FUNCTION required_per_day(
  gap numeric,
  working_days_left int8
)
RETURNS numeric
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'required_per_day';
COMMENT ON FUNCTION required_per_day(numeric, int8) IS
'gap / working_days_left: what must come in on each of them; 0 once the plan is reached, NULL where it is not and no day is left';
