-- The parameters of a funnel as one value.
CREATE TYPE funnel_options AS (
  steps int,
  within interval,
  step_within interval[],
  mode text,
  anchor text,
  ties text,
  optional int[],
  exclude int[],
  lost_step int,
  as_of timestamptz,
  times boolean,
  disjoint boolean
);

COMMENT ON TYPE funnel_options IS
'How funnel_conversion() counts; made by the function funnel_options()';

CREATE FUNCTION funnel_options(
  steps int DEFAULT NULL,
  within interval DEFAULT NULL,
  step_within interval[] DEFAULT NULL,
  mode text DEFAULT 'ordered',
  anchor text DEFAULT 'first',
  ties text DEFAULT 'either',
  optional int[] DEFAULT NULL,
  exclude int[] DEFAULT NULL,
  lost_step int DEFAULT NULL,
  as_of timestamptz DEFAULT NULL,
  times boolean DEFAULT true,
  disjoint boolean DEFAULT false
)
RETURNS funnel_options
LANGUAGE c
IMMUTABLE
PARALLEL SAFE
AS 'MODULE_PATHNAME', 'funnel_options_build';

COMMENT ON FUNCTION funnel_options(int, interval, interval[], text, text, text, int[], int[], int, timestamptz, boolean, boolean) IS
'Options of funnel_conversion(): steps, time windows, order, ties, what counts as lost, and as of when';
