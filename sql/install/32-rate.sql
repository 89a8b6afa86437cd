-- ---- rates of few cases --------------------------------------------------

CREATE FUNCTION wilson_lower(
  successes int8,
  n int8,
  confidence float8 DEFAULT 0.95
)
RETURNS float8
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'wilson_lower';
COMMENT ON FUNCTION wilson_lower(int8, int8, float8) IS
'Lower bound of the Wilson score interval of successes / n; NULL for n = 0';

CREATE FUNCTION wilson_upper(
  successes int8,
  n int8,
  confidence float8 DEFAULT 0.95
)
RETURNS float8
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'wilson_upper';
COMMENT ON FUNCTION wilson_upper(int8, int8, float8) IS
'Upper bound of the Wilson score interval of successes / n; NULL for n = 0';

CREATE FUNCTION shrunk_rate(
  successes int8,
  n int8,
  prior_rate float8,
  prior_n float8
)
RETURNS float8
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'shrunk_rate';
COMMENT ON FUNCTION shrunk_rate(int8, int8, float8, float8) IS
'Rate pulled toward prior_rate as if prior_n more cases had come out like it: for ranking, not for telling';

CREATE FUNCTION shrunk_lower(
  successes int8,
  n int8,
  prior_rate float8,
  prior_n float8,
  confidence float8 DEFAULT 0.95
)
RETURNS float8
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'shrunk_lower';
COMMENT ON FUNCTION shrunk_lower(int8, int8, float8, float8, float8) IS
'Lower bound of the Wilson score interval around shrunk_rate, of the cases and the prior''s together; NULL without either';

CREATE FUNCTION shrunk_upper(
  successes int8,
  n int8,
  prior_rate float8,
  prior_n float8,
  confidence float8 DEFAULT 0.95
)
RETURNS float8
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'shrunk_upper';
COMMENT ON FUNCTION shrunk_upper(int8, int8, float8, float8, float8) IS
'Upper bound of the Wilson score interval around shrunk_rate, of the cases and the prior''s together; NULL without either';

CREATE FUNCTION rates_differ(
  successes1 int8,
  n1 int8,
  successes2 int8,
  n2 int8,
  mid_p boolean DEFAULT false
)
RETURNS float8
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'rates_differ';
COMMENT ON FUNCTION rates_differ(int8, int8, int8, int8, boolean) IS
'P-value of Fisher''s exact test, two-sided: how often chance alone would set two equal rates at least so far apart; NULL where n1 or n2 is 0';
