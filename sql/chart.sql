SET search_path = salesmgmt, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file

-- bar: eighths of a cell; what is not nothing shows, what is not whole does not look it, what is more than whole says so
SELECT rate, bar(rate, 8)
FROM unnest('{-0.5,0,1e-9,0.125,0.3,0.5,0.515625,0.53125,0.546875,0.5625,0.999999,1,1.000001,1.5,1e308}'::float8[]) AS rate;
SELECT width, bar(0.5, width), bar(1.2, width)
FROM unnest(ARRAY[1, 2, 5]) AS width;
SELECT bar(0.841) AS twenty_by_default, bar(NULL) IS NULL AS null_rate, bar(0.5, NULL) IS NULL AS null_width;
SELECT bool_and(char_length(bar(rate / 100.0, width)) = width) AS always_as_wide
FROM generate_series(-5, 130) AS rate, unnest(ARRAY[1, 7, 20, 200]) AS width;

-- sparkline: lowest to highest in eight heights; a flat line in the middle; NULL is a gap
SELECT series, sparkline(series) || '|' AS sparkline
FROM (VALUES
    ('{1,2,3,4,5,6,7,8}'::float8[]),
    ('{8,1}'),
    ('{3,3,3}'),
    ('{7}'),
    ('{0,NULL,70,20,NULL}'),
    ('{NULL,NULL}'),
    ('{}'),
    ('{-1.7e308,0,1.7e308}'),
    ('{5e-324,0}')) AS v (series);
SELECT sparkline(NULL) IS NULL AS null_series, sparkline(ARRAY[1, 5, 2]) AS of_integers,
  char_length(sparkline(array_agg(i))) AS as_long_as_the_series
FROM generate_series(1, 10000) AS i;

-- D2: wins without losses fill the bar, no closed deals draw none
SELECT won, lost, bar(won::float8 / nullif(won + lost, 0), 5)
FROM (VALUES (3, 0), (0, 3), (0, 0)) AS deals (won, lost);

-- errors
SELECT refusal.*
FROM unnest(ARRAY[
    $$SELECT bar('NaN')$$,
    $$SELECT bar('Infinity')$$,
    $$SELECT bar('-Infinity')$$,
    $$SELECT bar(0.5, 0)$$,
    $$SELECT bar(0.5, 201)$$,
    $$SELECT bar(0.5, -1)$$,
    $$SELECT sparkline('{1,NaN}')$$,
    $$SELECT sparkline('{1,Infinity}')$$,
    $$SELECT sparkline('{{1,2},{3,4}}')$$
  ]) WITH ORDINALITY AS q (query, i),
  LATERAL pg_temp.refusal(query)
ORDER BY i;

-- a database of another encoding gets ASCII
CREATE DATABASE salesmgmt_latin1 TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C';
\set home :DBNAME
\c salesmgmt_latin1
SET client_min_messages = warning;
CREATE EXTENSION salesmgmt CASCADE;
SELECT rate, salesmgmt.bar(rate, 8)
FROM unnest(ARRAY[-0.5, 0, 0.01, 0.5, 0.99, 1, 1.5]) AS rate;
SELECT salesmgmt.sparkline('{1,2,3,4,5,6,7,8,NULL,1}'), salesmgmt.sparkline('{3,3}');
\c :home
DROP DATABASE salesmgmt_latin1;
