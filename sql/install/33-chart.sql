-- ---- charts for a terminal -----------------------------------------------

CREATE FUNCTION bar(
  rate float8,
  width int DEFAULT 20
)
RETURNS text
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'bar';
COMMENT ON FUNCTION bar(float8, int) IS
'A bar of width characters for a rate of 0 to 1; ends in + above 1';

CREATE FUNCTION sparkline(series float8[])
RETURNS text
LANGUAGE c
IMMUTABLE
STRICT
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sparkline';
COMMENT ON FUNCTION sparkline(float8[]) IS
'One character a value, its height between the lowest and the highest; NULL is a space';
