SET search_path = salesmgmt, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file

-- 30 of 65 days gone, 240,000 of 600,000 booked: 240 / (600 * 30 / 65) = 0.8667; 240,000 * 65 / 30 = 520,000
SELECT round(pace(240000, 600000, 30, 65)::numeric, 4) AS pace,
  round(pace_projected(240000, 30, 65), 2) AS projected,
  round(required_per_day(600000 - 240000, 65 - 30), 2) AS required_per_day;

-- past quarters had 50, 40 and 30 % by then: 240,000 / 0.4; unknown ones are left out
SELECT pace_historical(240000, '{0.5,0.4,0.3}') AS projected, pace_historical(240000, '{0.5,NULL,0.3}') AS without_unknown,
  pace_historical(240000, '{0.3,0.5,0.4}') = pace_historical(240000, '{0.5,0.4,0.3}') AS any_order,
  pace_historical(100, '{0.1,0.2,0.3,0.4,0.5}') AS no_noise;

-- exact
SELECT pace_projected(0.01, 3, 9), pace_projected(123456789012345678901234567890.12, 1, 3),
  required_per_day(1000000000000000000000000000000.02, 2);

-- reached, overshot, negative
SELECT required_per_day(0, 10) AS reached, required_per_day(-5, 10) AS overshot, required_per_day(-5, 0) AS overshot_at_the_end, pace(0, 100, 1, 2) AS nothing_yet,
  pace(-10, 100, 1, 2) AS credited, pace(-10, -100, 1, 2) AS negative_plan, pace_projected(-10, 1, 2);

-- empty denominators
SELECT pace(10, 0, 1, 2) AS no_plan, pace(10, 100, 0, 2) AS first_day, pace(10, 100, 0, 0) AS no_days,
  pace_projected(10, 0, 2) AS first_day, pace_projected(10, 0, 0) AS no_days, required_per_day(10, 0) AS no_day_left,
  pace_historical(10, '{}') AS no_past, pace_historical(10, '{NULL}') AS unknown_past,
  pace_historical(10, '{0,0}') AS nothing_by_then, pace_historical(10, '{0.1,-0.1,-0.1}') AS less_than_nothing;

-- NULL in, NULL out
SELECT pace(NULL, 1, 1, 1), pace(1, NULL, 1, 1), pace(1, 1, NULL, 1), pace(1, 1, 1, NULL), pace_projected(NULL, 1, 1),
  pace_historical(NULL, '{1}'), pace_historical(1, NULL), required_per_day(NULL, 1), required_per_day(1, NULL);

-- the largest
SELECT pace(power(10::numeric, 131000), power(10::numeric, 131000), 9223372036854775807, 9223372036854775807) AS on_pace,
  pace_projected(power(10::numeric, 131071), 2, 2) = power(10::numeric, 131071) AS unchanged,
  pace_historical(1, '{1.7e308,1.7e308}') AS not_infinite,
  required_per_day(power(10::numeric, 131071), 10) = power(10::numeric, 131070) AS a_tenth;

-- errors
SELECT refusal.state, left(refusal.message, 60) AS message, refusal.hint
FROM unnest(ARRAY[
    $$SELECT pace('NaN', 1, 1, 1)$$,
    $$SELECT pace(1, '-Infinity', 1, 1)$$,
    $$SELECT pace(1, 1, -1, 1)$$,
    $$SELECT pace(1, 1, 65, 30)$$,
    $$SELECT pace_projected('Infinity', 1, 1)$$,
    $$SELECT pace_projected(1, 0, -1)$$,
    $$SELECT pace_projected(1, 2, 1)$$,
    $$SELECT pace_historical('NaN', '{1}')$$,
    $$SELECT pace_historical(1, '{1,NaN}')$$,
    $$SELECT pace_historical(1, '{Infinity}')$$,
    $$SELECT pace_historical(1, '{{1,2}}')$$,
    $$SELECT required_per_day('NaN', 1)$$,
    $$SELECT required_per_day(1, -1)$$,
    $$SELECT pace_projected(power(10::numeric, 131071), 1, 90)$$,
    $$SELECT pace(power(10::numeric, 400), 1, 1, 1)$$
  ]) WITH ORDINALITY AS q (query, i),
  LATERAL pg_temp.refusal(query)
ORDER BY i;
