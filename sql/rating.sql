SET search_path = salesmgmt, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file

-- a bound belongs to the rating above it
SELECT score, rating(score, '{60,80,100}')
FROM unnest(ARRAY[-5, 0, 59.9, 60, 79.9, 80, 99.9, 100, 150]) AS score;

-- from a previous rating every bound is passed only by the margin, 2 by default: up from bound + 2, down below bound - 2
SELECT score,
  rating(score, '{60,80,100}') AS afresh,
  rating(score, '{60,80,100}', 1) AS from_1,
  rating(score, '{60,80,100}', 2) AS from_2,
  rating(score, '{60,80,100}', 3) AS from_3,
  rating(score, '{60,80,100}', 4) AS from_4
FROM unnest(ARRAY[57.9, 58, 60, 61.9, 62, 77.9, 78, 80, 81.9, 82, 97.9, 98, 100, 101.9, 102]) AS score;

-- margin 0 is no hysteresis; a wide one holds a rating across several bounds
SELECT score,
  rating(score, '{60,80,100}', 3, 0) AS margin_0,
  rating(score, '{60,80,100}', margin => 5) AS no_previous,
  rating(score, '{60,80,100}', 3, 25) AS margin_25
FROM unnest(ARRAY[34.9, 35, 54.9, 55, 60, 80, 100, 124.9, 125]) AS score;

-- who reaches bound + margin on paper has passed it, who is at bound - margin is not below it: also where neither is exact in binary
SELECT rating(62.3, '{60.1,80,100}', 1, 2.2) AS passed, rating(57.9, '{60.1,80,100}', 2, 2.2) AS kept,
  rating(62.2999, '{60.1,80,100}', 1, 2.2) AS not_passed, rating(57.8999, '{60.1,80,100}', 2, 2.2) AS not_kept;
SELECT count(*) AS tried,
  count(*) FILTER (WHERE rating((bound + margin)::float8, ARRAY[bound, 200, 300]::float8[], 1, margin::float8) <> 2) AS not_passed,
  count(*) FILTER (WHERE rating((bound - margin)::float8, ARRAY[bound, 200, 300]::float8[], 2, margin::float8) <> 2) AS not_kept
FROM generate_series(30, 130, 0.1) AS bound, generate_series(0, 9.9, 0.1) AS margin;

-- NULL: no score or no bands give no rating, the previous one is not carried; no previous and no margin are the defaults
SELECT rating(NULL, '{60,80,100}') AS no_score,
  rating(NULL, '{60,80,100}', 3) AS no_score_but_previous,
  rating(70, NULL) AS no_bands,
  rating(81, '{60,80,100}', NULL, 5) AS no_previous,
  rating(81, '{60,80,100}', 2, NULL) AS default_margin;

-- D2: the score of wins without losses is the best rating, of no closed deals none
SELECT won, lost, rating((rep_score(won::float8 / nullif(won + lost, 0), 0.5, 1, true, NULL)).score, '{60,80,100}')
FROM (VALUES (3, 0), (0, 0), (0, 3)) AS deals (won, lost)
GROUP BY won, lost
ORDER BY won, lost;

-- an array that starts elsewhere than at 1
SELECT rating(70, '[5:7]={60,80,100}'::float8[]);

-- errors
SELECT refusal.*
FROM unnest(ARRAY[
    $$SELECT rating('NaN', '{60,80,100}')$$,
    $$SELECT rating('Infinity', '{60,80,100}')$$,
    $$SELECT rating(70, '{}')$$,
    $$SELECT rating(70, '{60,80}')$$,
    $$SELECT rating(70, '{60,80,100,120}')$$,
    $$SELECT rating(70, '{{60,80,100}}')$$,
    $$SELECT rating(70, '{60,NULL,100}')$$,
    $$SELECT rating(70, '{60,NaN,100}')$$,
    $$SELECT rating(70, '{60,80,Infinity}')$$,
    $$SELECT rating(70, '{60,80,80}')$$,
    $$SELECT rating(70, '{100,80,60}')$$,
    $$SELECT rating(70, '{60,80,100}', 0)$$,
    $$SELECT rating(70, '{60,80,100}', 5)$$,
    $$SELECT rating(NULL, '{60,80,100}', 5)$$,
    $$SELECT rating(70, '{60,80,100}', 2, -1)$$,
    $$SELECT rating(70, '{60,80,100}', 2, 'NaN')$$,
    $$SELECT rating(70, '{60,80,100}', 2, 'Infinity')$$
  ]) WITH ORDINALITY AS q (query, i),
  LATERAL pg_temp.refusal(query)
ORDER BY i;
