-- driver_variance(planned, actual)
SET search_path = salesmgmt, public;
SET extra_float_digits = 1;
\pset null NULL
CREATE FUNCTION pg_temp.rounded(numbers float8[])
RETURNS numeric[]
LANGUAGE sql
AS $$
  SELECT array_agg(round(n::numeric, 8) ORDER BY i) FROM unnest(numbers) WITH ORDINALITY AS u (n, i)
$$;

-- one factor; two that are as planned; one that misses
SELECT (driver_variance(ARRAY[3], ARRAY[5])).*;
SELECT (driver_variance(ARRAY[3, 4], ARRAY[3, 4])).*;
SELECT (driver_variance(ARRAY[40, 0.5, 1000], ARRAY[40, 0.25, 1000])).*;

-- published: the worked example of the R package LMDIR 0.1.14 (M. K. Heun), which implements
-- B. W. Ang, "The LMDI approach to decomposition analysis: a practical guide", Energy Policy 33
-- (2005) 867-871: three factors in two categories, from 1971 to 1974
CREATE TEMP TABLE lmdir (year int, category int, x float8[], published numeric[]);
INSERT INTO lmdir VALUES
  (1971, 1, '{1,10,2}', NULL), (1971, 2, '{4,5,3}', NULL),
  (1972, 1, '{4,5,3}', '{50.47438029,-25.23719014,14.76280986}'),
  (1972, 2, '{5,6,4}', '{19.31568569,15.78206435,24.90224996}'),
  (1973, 1, '{8,2,4}', '{42.96021467,-56.79031473,17.83010006}'),
  (1973, 2, '{5,7,5}', '{0,22.47128816,32.52871184}'),
  (1974, 1, '{10,1,5}', '{12.6549815,-39.30996299,12.6549815}'),
  (1974, 2, '{6,8,6}', '{41.35566084,30.28867832,41.35566084}');
SELECT after.year, after.category, total, pg_temp.rounded(contributions) AS contributions, after.published
FROM lmdir AS before
JOIN lmdir AS after ON (after.year, after.category) = (before.year + 1, before.category),
  LATERAL driver_variance(before.x, after.x)
ORDER BY 1, 2;
-- its totals over the categories
SELECT year, array_agg(round(c::numeric, 7) ORDER BY i) AS contributions, round(sum(c)::numeric, 9) AS total
FROM (SELECT after.year, i, sum(c) AS c
      FROM lmdir AS before
      JOIN lmdir AS after ON (after.year, after.category) = (before.year + 1, before.category),
        LATERAL driver_variance(before.x, after.x),
        LATERAL unnest(contributions) WITH ORDINALITY AS u (c, i)
      GROUP BY after.year, i) AS factor
GROUP BY year
ORDER BY year;
-- and its degenerate case, a zero in the first year
SELECT (driver_variance('{0,10,2}', '{4,5,3}')).*;

-- zeros: by the limit
SELECT planned, actual, (driver_variance(planned, actual)).*
FROM (VALUES
    (1, '{0,5,3}'::float8[], '{4,5,3}'::float8[]),
    (2, '{4,5,3}', '{4,6,0}'),
    (3, '{0,5,0}', '{4,5,3}'),
    (4, '{0,5}', '{0,7}'),
    (5, '{0,5}', '{5,0}'),
    (6, '{0,5}', '{-3,5}'),
    (7, '{-0,5}', '{3,5}'),
    (8, '{0}', '{0}')) AS v (i, planned, actual)
ORDER BY i;
-- negative on both sides: a cost
SELECT (driver_variance('{-2,3}', '{-2,5}')).*;
-- equal products; a small difference of large ones; the order of the factors; back again
SELECT planned, actual, pg_temp.rounded(contributions) AS contributions, total
FROM (VALUES
    (1, '{2,8}'::float8[], '{8,2}'::float8[]),
    (2, '{1000000,1000000}', '{1000000,1000000.000001}'),
    (3, '{8,0.25,40}', '{10,0.5,35}'),
    (4, '{40,8,0.25}', '{35,10,0.5}'),
    (5, '{10,0.5,35}', '{8,0.25,40}')) AS v (i, planned, actual),
  LATERAL driver_variance(planned, actual)
ORDER BY i;
-- the ends of the range
SELECT (driver_variance('{1e200,1e200,1e-300}', '{1e200,1e200,2e-300}')).contributions[1:2];
SELECT (driver_variance('{5e-324,1}', '{1e308,1}')).*;
SELECT driver_variance('{1e200,1}', '{1e200,1e200}');
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rounded((driver_variance('{1e308,1e-308}', '{1e-308,1e308}')).contributions);
SELECT driver_variance('{1e308,1e-308,1e308}', '{1e-308,1e308,1e308}');
\echo :LAST_ERROR_SQLSTATE

-- NULL arguments; any lower bound
SELECT driver_variance(NULL, '{1}'), driver_variance('{1}', NULL);
SELECT (driver_variance('[5:6]={2,3}', '[0:1]={2,5}')).*;
-- refused
SELECT driver_variance('{1,2}', '{1,2,3}');
\echo :LAST_ERROR_SQLSTATE
SELECT driver_variance('{}', '{}');
\echo :LAST_ERROR_SQLSTATE
SELECT driver_variance('{{1,2}}', '{{1,2}}');
\echo :LAST_ERROR_SQLSTATE
SELECT driver_variance('{1,NULL}', '{1,2}');
\echo :LAST_ERROR_SQLSTATE
SELECT driver_variance('{1,2}', '{NULL,2}');
\echo :LAST_ERROR_SQLSTATE
SELECT driver_variance('{1,NaN}', '{1,2}');
\echo :LAST_ERROR_SQLSTATE
SELECT driver_variance('{1,2}', '{-Infinity,2}');
\echo :LAST_ERROR_SQLSTATE
SELECT driver_variance('{1,2}', '{1,-2}');
\echo :LAST_ERROR_SQLSTATE
SELECT driver_variance('{1,0,-2}', '{1,0,2}');
\echo :LAST_ERROR_SQLSTATE
