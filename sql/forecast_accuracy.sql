-- forecast_accuracy(forecast, actual)
SET search_path = salesmgmt, public;
\pset null NULL

-- no rows; one NULL row; one row; two rows; NULLs among rows
SELECT forecast_accuracy(f, a)
FROM (VALUES (1.0, 1.0)) AS v (f, a)
WHERE false;
SELECT forecast_accuracy(NULL, NULL);
SELECT (forecast_accuracy(f, a)).*
FROM (VALUES (120.00, 100)) AS v (f, a);
-- errors +20 and -10: wape 30/150, mape (0.2 + 0.2)/2, bias 10/150, signal 10/15
SELECT (forecast_accuracy(f, a)).*
FROM (VALUES (120.00, 100), (40, 50.5 - 0.5)) AS v (f, a);
-- without a forecast there is nothing to judge; without an actual nothing came: +30 more
SELECT (forecast_accuracy(f, a)).*
FROM (VALUES (120.00, 100), (NULL, NULL), (NULL, 777), (40, 50), (30, NULL)) AS v (f, a);

-- which figures are NULL when: nothing came at all; nothing was off; the actuals sum to 0
SELECT (forecast_accuracy(f, a)).*
FROM (VALUES (10, NULL::numeric), (5, 0)) AS v (f, a);
SELECT (forecast_accuracy(f, a)).*
FROM (VALUES (10, 10), (5, 5)) AS v (f, a);
SELECT (forecast_accuracy(f, a)).*
FROM (VALUES (10, 20), (5, -20)) AS v (f, a);
SELECT (forecast_accuracy(0, 0)).*;
-- a return of 20 where 10 were promised: promised too much, so bias is positive
SELECT (forecast_accuracy(10, -20)).*;

-- the scale of sums is that of sum()
SELECT (forecast_accuracy(f, a)).forecast, (forecast_accuracy(f, a)).actual, (forecast_accuracy(f, a)).absolute_error
FROM (VALUES (1.5, NULL::numeric), (2.500, 1.00)) AS v (f, a);
-- rates are right to the last digit, however large or small the amounts
SELECT (forecast_accuracy(4, 3)).*;
SELECT (forecast_accuracy(f, f)).mape AS exact, (forecast_accuracy(f, 2 * f)).wape AS half, (forecast_accuracy(2 * f, -f)).mape AS three
FROM (VALUES (2e131071)) AS v (f);
-- what leaves the frame leaves no trace of rounding
SELECT (forecast_accuracy(f, 10) OVER (ORDER BY i ROWS 1 PRECEDING)).mape
FROM (VALUES (1, 11), (2, 13), (3, 17), (4, 10), (5, 10)) AS v (i, f)
ORDER BY i;

-- amounts must be finite, and figures must fit
SELECT forecast_accuracy('NaN', 1);
\echo :LAST_ERROR_SQLSTATE
SELECT forecast_accuracy(1, 'Infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT forecast_accuracy(NULL, '-Infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT forecast_accuracy(1, 1e-400);
\echo :LAST_ERROR_SQLSTATE
SELECT forecast_accuracy(9e131071, 0)
FROM generate_series(1, 2);
\echo :LAST_ERROR_SQLSTATE
SELECT forecast_accuracy(9e131071, -9e131071);
\echo :LAST_ERROR_SQLSTATE
-- the sum of the shares may be larger than a float8, if their mean is not
SELECT (forecast_accuracy(1e308, 1)).mape
FROM generate_series(1, 3);

-- FILTER, GROUPING SETS
CREATE TABLE call (id int, region text, day date, forecast numeric(12, 2), actual numeric(12, 2));
INSERT INTO call
SELECT i, CASE WHEN i % 3 = 0 THEN 'north' ELSE 'south' END, date '2026-01-01' + i % 90,
  CASE WHEN i % 11 <> 0 THEN i + 0.25 END,
  CASE WHEN i % 5 <> 0 THEN 2 * i % 1000 - 20 END
FROM generate_series(1, 10000) AS i;
SELECT region, (forecast_accuracy(forecast, actual)).*
FROM call
GROUP BY GROUPING SETS ((region), ())
ORDER BY region;
SELECT forecast_accuracy(forecast, actual) FILTER (WHERE region = 'north') AS north,
  forecast_accuracy(forecast, actual) FILTER (WHERE region = 'west') AS west
FROM call;

-- parallel equals serial
ALTER TABLE call SET (parallel_workers = 4);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
EXPLAIN (COSTS OFF)
SELECT forecast_accuracy(forecast, actual)
FROM call;
SELECT forecast_accuracy(forecast, actual)
FROM call;
SET max_parallel_workers_per_gather = 2;
SELECT forecast_accuracy(forecast, actual)
FROM call;
SET max_parallel_workers_per_gather = 1;
SELECT forecast_accuracy(forecast, actual)
FROM call;
SET max_parallel_workers_per_gather = 0;
SELECT forecast_accuracy(forecast, actual)
FROM call;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;

-- moving window: each frame as if it were computed afresh
SELECT count(*) AS rows, count(*) FILTER (WHERE moved::text IS DISTINCT FROM afresh::text) AS differ
FROM (SELECT forecast_accuracy(forecast, actual) OVER w AS moved,
        (SELECT forecast_accuracy(part.forecast, part.actual)
         FROM call AS part
         WHERE part.id BETWEEN call.id - 20 AND call.id + 10) AS afresh
      FROM call
      WHERE id <= 500
      WINDOW w AS (ORDER BY id ROWS BETWEEN 20 PRECEDING AND 10 FOLLOWING)) AS each_row
WHERE (moved).n = 28;

-- two steps: states by day in a materialized view, rolled up to anything
CREATE MATERIALIZED VIEW daily AS
SELECT region, day, forecast_accuracy_state(forecast, actual) AS state
FROM call
GROUP BY region, day;
SELECT rolled.region, rolled.result, rolled.result::text = direct.result::text AS same
FROM (SELECT region, forecast_accuracy_rollup(state) AS result FROM daily GROUP BY ROLLUP (region)) AS rolled
JOIN (SELECT region, forecast_accuracy(forecast, actual) AS result FROM call GROUP BY ROLLUP (region)) AS direct
  ON direct.region IS NOT DISTINCT FROM rolled.region
ORDER BY rolled.region;
SELECT forecast_accuracy_rollup(NULL) AS of_null,
  forecast_accuracy_rollup(forecast_accuracy_state) AS of_skipped_rows
FROM (SELECT forecast_accuracy_state(NULL, 1)) AS v;
SELECT forecast_accuracy_state(1, 1)
FROM call
WHERE false;

-- the state is a value: text and binary, functions called by hand
CREATE TABLE kept (region text, state forecast_accuracy_state);
INSERT INTO kept
SELECT region, forecast_accuracy_state(forecast, actual)
FROM call
GROUP BY region;
INSERT INTO kept
SELECT 'few', forecast_accuracy_transition(forecast_accuracy_transition(NULL, 1.5, NULL), 2, -3.25);
CREATE TABLE copied (LIKE kept);
\copy kept TO 'results/forecast_accuracy_state.bin' (FORMAT binary)
\copy copied FROM 'results/forecast_accuracy_state.bin' (FORMAT binary)
SELECT count(*) AS copied, count(*) FILTER (WHERE kept.state::text = copied.state::text) AS equal_text,
  count(*) FILTER (WHERE forecast_accuracy_final(kept.state)::text = forecast_accuracy_final(copied.state::text::forecast_accuracy_state)::text) AS equal_result
FROM kept
JOIN copied USING (region);
SELECT forecast_accuracy_final(forecast_accuracy_combine(few.state, NULL)) AS few,
  forecast_accuracy_final(forecast_accuracy_combine(NULL, few.state)) AS few_again,
  forecast_accuracy_final(forecast_accuracy_inverse(few.state, 2, -3.25)) AS less_one_row,
  forecast_accuracy_final(NULL) AS final,
  forecast_accuracy_combine(NULL, NULL) AS combined
FROM kept AS few
WHERE few.region = 'few';
SELECT forecast_accuracy_inverse(state, 2, 3.25)
FROM kept
WHERE region = 'few';
\echo :LAST_ERROR_SQLSTATE
SELECT forecast_accuracy_inverse(NULL, 2, NULL);
\echo :LAST_ERROR_SQLSTATE

-- crafted states are refused
SELECT 'not base64'::forecast_accuracy_state;
\echo :LAST_ERROR_SQLSTATE
SELECT ''::forecast_accuracy_state;
\echo :LAST_ERROR_SQLSTATE

CREATE FUNCTION try(bytes bytea)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
  state forecast_accuracy_state;
  why text;
BEGIN
  state := replace(encode(bytes, 'base64'), E'\n', '')::forecast_accuracy_state;
  state := forecast_accuracy_inverse(forecast_accuracy_transition(forecast_accuracy_combine(state, state), 1, -0.001), 1, -0.001);
  PERFORM forecast_accuracy_final(state);
  RETURN 'accepted';
EXCEPTION
  WHEN invalid_binary_representation THEN
    GET STACKED DIAGNOSTICS why = PG_EXCEPTION_DETAIL;
    RETURN SQLSTATE || ' ' || why;
  WHEN numeric_value_out_of_range THEN
    RETURN SQLSTATE;
END
$$;
-- every prefix and every single byte changed: nothing but 22P03, or a figure that is too large
SELECT outcome, count(*) > 0 AS seen
FROM (SELECT try(substr(bytes, 1, size)) AS outcome
      FROM (SELECT decode(state::text, 'base64') AS bytes FROM kept) AS k, generate_series(0, length(bytes) - 1) AS size
      UNION ALL
      SELECT try(set_byte(bytes, at, value))
      FROM (SELECT decode(state::text, 'base64') AS bytes FROM kept) AS k, generate_series(0, length(bytes) - 1) AS at, unnest(ARRAY[0, 1, 64, 127, 128, 192, 255]) AS value
      UNION ALL
      SELECT try(bytes || '\x00')
      FROM (SELECT decode(state::text, 'base64') AS bytes FROM kept) AS k) AS tried
GROUP BY outcome
ORDER BY outcome COLLATE "C";

-- nor do figures come of sums that no rows have: shares, actuals or returns of the other sign, more bias than error
CREATE FUNCTION figure_of(bytes bytea)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
  why text;
BEGIN
  RETURN forecast_accuracy_final(replace(encode(bytes, 'base64'), E'\n', '')::forecast_accuracy_state)::text;
EXCEPTION
  WHEN invalid_binary_representation THEN
    GET STACKED DIAGNOSTICS why = PG_EXCEPTION_DETAIL;
    RETURN SQLSTATE || ' ' || why;
END
$$;
SELECT crafted.what, figure_of(decode(replace(own.hex, crafted.was, crafted.becomes), 'hex'))
FROM (
  SELECT encode(decode(forecast_accuracy_state(t.forecast, t.actual)::text, 'base64'), 'hex')
  FROM (VALUES (10, 20), (20, -10), (NULL, 1)) AS t (forecast, actual)
) AS own (hex)
CROSS JOIN (VALUES
  ('as it is', '-', '-'),
  ('shares of -2.5', '0300000000000000', 'fdffffffffffffff'),
  ('returns of 10', '0001000040000000000a', '0001000000000000000a'),
  ('actuals of -20', '0001000000000000000a', '00010000400000000014'),
  ('an error of 5', '00010000000000000028', '00010000000000000005')) AS crafted (what, was, becomes);
DROP FUNCTION figure_of;
DROP FUNCTION try;
DROP MATERIALIZED VIEW daily;
DROP TABLE call, kept, copied;
