SET search_path = salesmgmt, public;
SET timezone = 'UTC';
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file

-- the defaults; NULL is the same as not given
SELECT * FROM funnel_options();
SELECT funnel_options(mode => NULL, anchor => NULL, ties => NULL, times => NULL, disjoint => NULL) = funnel_options() AS same;

-- every option that is there
SELECT *
FROM funnel_options(
  steps => 4, within => '90 days', mode => 'ordered', anchor => 'any', ties => 'increasing',
  lost_step => 9, as_of => '2024-07-01 00:00Z', times => false
);
SELECT steps, step_within, mode, optional, exclude
FROM funnel_options(steps => 4, step_within => '{1 week, 1 month, 30 days}', mode => 'strict', optional => '{3, 2}', exclude => '{9, -1, 1000}');

-- lists that name nothing ask for nothing
SELECT (funnel_options(optional => '{}', exclude => '{}')).mode;

-- values that cannot be
SELECT option, refused.state, refused.message, refused.detail, refused.hint
FROM unnest(ARRAY[
  'steps => 0', 'steps => -3', 'steps => 65',
  'within => ''0''', 'within => ''-1 day''', 'within => ''1 month -30 days''',
  'as_of => ''infinity''', 'as_of => ''-infinity''',
  'mode => ''random''', 'anchor => ''last''', 'ties => ''decreasing''',
  'steps => 3, lost_step => 3',
  'steps => 3, exclude => ''{9, 2}''',
  'exclude => ''{9}'', lost_step => 9',
  'exclude => ''{9, NULL}''', 'exclude => ''{{9}}''',
  'optional => ''{1}''', 'optional => ''{65}''', 'steps => 3, optional => ''{4}''',
  'step_within => ''{1 day, 0}''', 'step_within => ''{1 day, NULL}''',
  'step_within => array_fill(interval ''1 day'', ARRAY[64])', 'steps => 3, step_within => ''{1 day}'''
]) AS option,
pg_temp.refusal('SELECT salesmgmt.funnel_options(' || option || ')') AS refused;

-- combinations that contradict each other
SELECT option, refused.state, refused.message
FROM unnest(ARRAY[
  'mode => ''unordered'', anchor => ''any''',
  'mode => ''unordered'', ties => ''increasing''',
  'mode => ''unordered'', step_within => ''{1 day}''',
  'mode => ''unordered'', optional => ''{2}''',
  'mode => ''unordered'', exclude => ''{9}''',
  'mode => ''furthest'', anchor => ''any''',
  'mode => ''furthest'', ties => ''increasing''',
  'mode => ''furthest'', step_within => ''{1 day}''',
  'mode => ''furthest'', optional => ''{2}''',
  'anchor => ''any'', exclude => ''{9}''',
  'disjoint => true'
]) AS option,
pg_temp.refusal('SELECT salesmgmt.funnel_options(' || option || ')') AS refused;

-- folded at plan time: no call is left in the plan
EXPLAIN (COSTS OFF, VERBOSE)
SELECT funnel_options(steps => 2);
