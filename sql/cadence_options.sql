SET search_path = salesmgmt, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file

SET datestyle = 'ISO';
SET intervalstyle = 'postgres';

-- the defaults are written out: equal options are equal values
SELECT cadence_options('1 week', period => '[2026-01-01,2026-04-01)');
SELECT cadence_options('1 month', '2026-01-31', '[2026-01-15,2026-07-01)', 3, '{[2026-02-01,2026-02-15),[2026-06-20,)}', '2026-06-30');
SELECT cadence_options('1 week', NULL, '[2026-01-01,2026-03-31]', NULL, NULL, NULL) AS nulls,
  cadence_options('1 week', NULL, '[2026-01-01,2026-03-31]', NULL, '{}', NULL)
    = cadence_options('1 week', '2026-01-01', '(2025-12-31,2026-04-01)', 1) AS same;

-- 100,000 slots, no more
SELECT (cadence_options('1 day', period => daterange('2000-01-01', date '2000-01-01' + 100000))).period;

-- errors
SELECT refusal.*
FROM unnest(ARRAY[
    $$SELECT cadence_options(NULL, period => '[2026-01-01,2026-04-01)')$$,
    $$SELECT cadence_options('1 week')$$,
    $$SELECT cadence_options('0', period => '[2026-01-01,2026-04-01)')$$,
    $$SELECT cadence_options('-1 week', period => '[2026-01-01,2026-04-01)')$$,
    $$SELECT cadence_options('1 month -1 day', period => '[2026-01-01,2026-04-01)')$$,
    $$SELECT cadence_options('168 hours', period => '[2026-01-01,2026-04-01)')$$,
    $$SELECT cadence_options('1 week 1 microsecond', period => '[2026-01-01,2026-04-01)')$$,
    $$SELECT cadence_options('1 week', period => 'empty')$$,
    $$SELECT cadence_options('1 week', period => '[2026-01-01,)')$$,
    $$SELECT cadence_options('1 week', period => '(,2026-01-01)')$$,
    $$SELECT cadence_options('1 week', period => '[2026-01-01,infinity)')$$,
    $$SELECT cadence_options('1 week', 'infinity', '[2026-01-01,2026-04-01)')$$,
    $$SELECT cadence_options('1 week', '-infinity', '[2026-01-01,2026-04-01)')$$,
    $$SELECT cadence_options('1 week', period => '[2026-01-01,2026-04-01)', tolerance => -1)$$,
    $$SELECT cadence_options('1 week', period => '[2026-01-01,2026-04-01)', excused => '{[2026-01-01,infinity)}')$$,
    $$SELECT cadence_options('1 week', period => '[2026-01-01,2026-04-01)', as_of => 'infinity')$$,
    $$SELECT cadence_options('1 day', period => daterange('2000-01-01', date '2000-01-01' + 100001))$$
  ]) WITH ORDINALITY AS q (query, i),
  LATERAL pg_temp.refusal(query)
ORDER BY i;
