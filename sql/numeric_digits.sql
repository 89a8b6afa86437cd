-- numeric_digits.h: short numerics read and made in place, as the server does
SET search_path = salesmgmt, public;

-- every length, sign, weight and scale around what is read in place, and beyond
CREATE TEMP TABLE number AS
SELECT DISTINCT ON (value::text) value
FROM unnest(ARRAY[0, 1, 5, 9, 10, 99, 100, 999, 1000, 4999, 9999, 10000, 10001, 12345, 99999, 100000, 99990000, 99999999,
        100000000, 100010000, 123456789, 999999999999, 1000000000001, 1234567890123456, 9999999999999999,
        10000000000000000, 10000000000000001, 123456789012345678901234, 999999999999999999999999,
        1000000000000000000000000]) AS digits,
  unnest(ARRAY[1, -1]) AS sign,
  generate_series(-4, 30) AS power,
  unnest(ARRAY[0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 63, 64]) AS scale,
  -- the last term brings its scale, also where it says more than the digits do
  LATERAL (SELECT sign * digits * ('1e' || -power)::numeric + ('0e-' || scale)::numeric AS value) AS written;
SELECT count(*) > 5000 AS many,
  count(*) FILTER (WHERE abs(value) < 1e16 AND scale(value) <= 8) > 1000 AS many_in_place,
  count(*) FILTER (WHERE pg_column_size(value) <> pg_column_size(value + 0)) > 5000 AS many_with_short_headers
FROM number;

-- one alone comes out byte by byte as the server writes it
SELECT count(*) AS differ
FROM (SELECT value, (plan_variance(value, -value)).*
      FROM number
      GROUP BY value, value::text) AS each_one
WHERE planned::text <> value::text
OR numeric_send(planned) <> numeric_send(value)
OR pg_column_size(planned) <> pg_column_size(value)
OR actual::text <> (-value)::text
OR numeric_send(actual) <> numeric_send(-value)
OR numeric_send(variance) <> numeric_send(-value - value);
-- and as a value to compute with and to hash
SELECT count(*) AS differ
FROM (SELECT value, (plan_variance(value, value)).*
      FROM number
      GROUP BY value, value::text) AS each_one
WHERE planned <> value
OR hash_numeric(planned) <> hash_numeric(value)
OR planned * 3 <> value * 3
OR round(planned, 2)::text <> round(value, 2)::text;

-- sums, alone and while a window moves over all of them
SELECT (plan_variance(value, -value)).planned::text = sum(value)::text AS sum,
  (plan_variance(value, -value)).actual::text = sum(-value)::text AS sum_of_negatives
FROM number;
SELECT count(*) AS differ
FROM (SELECT (plan_variance(value, -value) OVER w).*,
        sum(value) OVER w AS sum,
        sum(-value) OVER w AS sum_of_negatives
      FROM number
      WINDOW w AS (ORDER BY hash_numeric(value), value::text COLLATE "C" ROWS BETWEEN 5 PRECEDING AND 2 FOLLOWING)) AS each_frame
WHERE planned::text <> sum::text
OR numeric_send(planned) <> numeric_send(sum)
OR numeric_send(actual) <> numeric_send(sum_of_negatives)
OR numeric_send(variance) <> numeric_send(sum_of_negatives - sum);

-- numbers that lie compressed or elsewhere
CREATE TEMP TABLE long_number AS
SELECT repeat('1234567890', 800)::numeric AS repeating, 7.25 AS short;
INSERT INTO long_number
SELECT string_agg((hashint4(i)::int8 + 2147483648)::text, '' ORDER BY i)::numeric, 0.5
FROM generate_series(1, 2000) AS i;
SELECT count(*) AS numbers, min(pg_column_size(repeating)) < 200 AS compressed,
  max(pg_column_size(repeating)) > 2000 AS elsewhere,
  (plan_variance(repeating, short)).planned = sum(repeating) AS sum_of_long_ones,
  (plan_variance(repeating, short)).actual
FROM long_number;

-- totals beyond 128 bits: 9999999999999999 doubled 60 times, and back
DO $$
DECLARE
  one plan_variance_state := plan_variance_transition(NULL, 9999999999999999, -9999999999999999.5);
  state plan_variance_state := one;
  result plan_variance_result;
BEGIN
  FOR i IN 1 .. 60 LOOP
    state := plan_variance_combine(state, state);
    result := plan_variance_final(state);
    IF result.planned <> 9999999999999999 * 2::numeric ^ i
      OR result.actual <> -9999999999999999.5 * 2::numeric ^ i
      OR result.variance <> result.actual - result.planned
      OR result.n <> 2::numeric ^ i
      OR result.attainment <> -1.00000000000000005
      OR (plan_variance_final(plan_variance_combine(state::text::plan_variance_state, one))).planned <> result.planned + 9999999999999999
      OR (plan_variance_final(plan_variance_inverse(state, 9999999999999999, -9999999999999999.5))).planned <> result.planned - 9999999999999999
    THEN
      RAISE 'wrong after doubling % times: %', i, result;
    END IF;
  END LOOP;
  RAISE INFO '%', plan_variance_final(state);
END
$$;
