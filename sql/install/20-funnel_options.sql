-- The parameters of a funnel as one value.
CREATE TYPE salesmgmt.funnel_options AS (
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
COMMENT ON COLUMN funnel_options.steps IS
'How many steps; NULL: the highest seen';
COMMENT ON COLUMN funnel_options.within IS
'Time a chain may take from its anchor, inclusive; NULL: any';
COMMENT ON COLUMN funnel_options.step_within IS
'Element k: time from step k to step k + 1, inclusive; NULL: any';
COMMENT ON COLUMN funnel_options.mode IS
'ordered, strict, unordered or furthest';
COMMENT ON COLUMN funnel_options.anchor IS
'first: a chain starts at the first step 1; any: at any step 1';
COMMENT ON COLUMN funnel_options.ties IS
'either: equal times count in either order; increasing: only later ones do';
COMMENT ON COLUMN funnel_options.optional IS
'Steps that may be skipped';
COMMENT ON COLUMN funnel_options.exclude IS
'Steps that take an entity out when they fall inside its chain';
COMMENT ON COLUMN funnel_options.lost_step IS
'Step that means lost when it is an entity''s last event; NULL: none';
COMMENT ON COLUMN funnel_options.as_of IS
'Events after it do not exist; NULL: all do';
COMMENT ON COLUMN funnel_options.times IS
'Whether times and their percentiles are computed';
COMMENT ON COLUMN funnel_options.disjoint IS
'Promise that no entity spans two partial states';

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
