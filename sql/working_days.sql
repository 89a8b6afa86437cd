SET search_path = salesmgmt, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file

-- published: Microsoft Support, "NETWORKDAYS function", the three examples from 2012-10-01 to 2013-03-01 (the
-- last day counts there, too)
SELECT working_days('2012-10-01', '2013-03-02') AS "110",
  working_days('2012-10-01', '2013-03-02', '{2012-11-22}') AS "109",
  working_days('2012-10-01', '2013-03-02', '{2012-11-22,2012-12-04,2013-01-21}') AS "107";

-- half-open: Monday until Tuesday is one day, Monday until Monday none; backwards is none
SELECT working_days('2026-06-01', '2026-06-02') AS one, working_days('2026-06-01', '2026-06-01') AS none,
  working_days('2026-06-05', '2026-06-01') AS backwards, working_days('2026-06-06', '2026-06-08') AS weekend;

-- spans that meet add up, from any day of the week
SELECT bool_and(working_days(since, since + a) + working_days(since + a, since + a + b) = working_days(since, since + a + b)) AS additive,
  bool_and(working_days(since, since + 7) = 5) AS five_a_week
FROM generate_series(date '1999-12-25', date '2000-01-07', interval '1 day') AS s (at),
  LATERAL (SELECT at::date AS since) AS d, generate_series(0, 8) AS a, generate_series(0, 8) AS b;

-- holidays in any order, twice, on weekends, out of the span, NULL
SELECT working_days('2026-01-01', '2026-02-01') AS no_holidays,
  working_days('2026-01-01', '2026-02-01', '{2026-01-19,2026-01-01,2026-01-19,2026-01-18,2025-12-31,2026-02-01}') AS two_of_them,
  working_days('2026-01-01', '2026-02-01', ARRAY[NULL, '2026-01-19', NULL, '2026-01-01']::date[]) AS among_nulls,
  working_days('2026-01-01', '2026-02-01', NULL) AS null_list,
  working_days('2026-01-01', '2026-02-01', ARRAY[NULL]::date[]) AS only_null;

-- other weeks: Sunday to Thursday, all days, none, twice the same
SELECT working_days('2026-06-01', '2026-06-08', week => '{7,1,2,3,4}') AS sunday_to_thursday,
  working_days('2026-06-01', '2026-06-08', '{2026-06-05}', '{7,1,2,3,4}') AS friday_off_anyway,
  working_days('2026-06-01', '2026-07-01', week => '{1,2,3,4,5,6,7}') AS all_days,
  working_days('2026-06-01', '2026-07-01', week => '{}') AS none,
  working_days('2026-06-01', '2026-07-01', week => '{1,1,1}') AS mondays,
  working_days('2026-06-01', '2026-07-01', week => NULL) AS null_is_default;

-- NULL in, NULL out
SELECT working_days(NULL, '2026-06-01'), working_days('2026-06-01', NULL);

-- the whole calendar is as quick as a week
SELECT working_days('4713-11-24 BC', '5874897-12-31', '{2026-06-01}') AS all_of_it,
  working_days('0001-01-01', '2401-01-01', week => '{1,2,3,4,5,6,7}') = date '2401-01-01' - date '0001-01-01' AS all_days;

-- errors
SELECT refusal.*
FROM unnest(ARRAY[
    $$SELECT working_days('-infinity', '2026-06-01')$$,
    $$SELECT working_days('2026-06-01', 'infinity')$$,
    $$SELECT working_days('2026-06-01', '2026-07-01', '{2026-06-05,infinity}')$$,
    $$SELECT working_days('2026-06-01', '2026-07-01', '{2026-06-05,NULL,-infinity}')$$,
    $$SELECT working_days('2026-06-01', '2026-07-01', '{{2026-06-05},{2026-06-08}}')$$,
    $$SELECT working_days('2026-06-01', '2026-07-01', week => '{0}')$$,
    $$SELECT working_days('2026-06-01', '2026-07-01', week => '{1,8}')$$,
    $$SELECT working_days('2026-06-01', '2026-07-01', week => '{1,-2147483648}')$$,
    $$SELECT working_days('2026-06-01', '2026-07-01', week => '{1,NULL}')$$,
    $$SELECT working_days('2026-06-01', '2026-07-01', week => '{{1,2}}')$$
  ]) WITH ORDINALITY AS q (query, i),
  LATERAL pg_temp.refusal(query)
ORDER BY i;
