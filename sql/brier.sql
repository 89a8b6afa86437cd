-- brier(probability, won) and calibration(probability, won, options)
SET search_path = salesmgmt, public;
\pset null NULL

-- no rows; one NULL; one row; two rows; NULLs among rows
SELECT brier(p, won)
FROM (VALUES (0.5, true)) AS v (p, won)
WHERE false;
SELECT brier(NULL, NULL);
SELECT brier(0.5, NULL), brier(NULL, true) AS without_probability;
SELECT (brier(p, won)).*
FROM (VALUES (0.75, true)) AS v (p, won);
-- 1/16 and 1/4: score 5/32; always saying 1/2 scores 1/4: skill 1 - 5/8
SELECT (brier(p, won)).*
FROM (VALUES (0.75, true), (0.5, false)) AS v (p, won);
SELECT (brier(p, won)).*
FROM (VALUES (0.75, true), (NULL, true), (0.5, false), (0.9, NULL)) AS v (p, won);
-- perfect, always wrong, always the base rate
SELECT (brier(won::int, won)).score AS perfect, (brier(won::int, won)).skill AS perfect_skill,
  (brier(1 - won::int, won)).score AS wrong, (brier(1 - won::int, won)).skill AS wrong_skill,
  (brier(0.25, won)).score AS base, (brier(0.25, won)).skill AS base_skill
FROM (VALUES (true), (false), (false), (false)) AS v (won);

-- by hand: 0.7, 0.3, 0.9, 0.2 with the first and third won:
-- (0.09 + 0.09 + 0.01 + 0.04) / 4
SELECT (brier(p, won)).score
FROM (VALUES (0.7, true), (0.3, false), (0.9, true), (0.2, false)) AS v (p, won);

-- bins: bounds belong to the upper bin, 1 to the last
SELECT b.*
FROM unnest((
  SELECT calibration(p, won, calibration_options(bins => 4, confidence => 0.9))
  FROM (VALUES (0.0, false), (0.25, true), (0.25, false), (0.4, false), (0.75, true), (1.0, true), (NULL, true), (0.1, NULL)) AS v (p, won))) AS b;
-- 0.3 is the lower bound of a bin, what is just below it is not, also where three tenths times ten would round to 3
SELECT (b).bin, (b).n, (b).mean_probability
FROM (SELECT unnest(calibration(p, true, NULL)) AS b
      FROM (VALUES (0.3::float8), (0.29999999999999993), (0.7), (0.6999999999999998)) AS v (p)) AS v
WHERE (b).n > 0;
SELECT calibration(p, won, calibration_options())
FROM (VALUES (0.5, true)) AS v (p, won)
WHERE false;
-- rows, but nothing decided: the bins are empty
SELECT calibration(0.5, NULL, calibration_options(2));
SELECT calibration_options(), calibration_options(NULL, NULL) AS null_is_default, calibration_options(20, 0.8);

-- errors
SELECT brier(80, true);
\echo :LAST_ERROR_SQLSTATE
SELECT brier(-0.1, NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT brier('NaN', true);
\echo :LAST_ERROR_SQLSTATE
-- what a sum of shares may come to; the message tells it from 1
SELECT brier(1.0000000000000002, true);
\echo :LAST_ERROR_SQLSTATE
SELECT brier('Infinity', true);
\echo :LAST_ERROR_SQLSTATE
SELECT calibration(1.5, true, NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT calibration_options(bins => 0);
\echo :LAST_ERROR_SQLSTATE
SELECT calibration_options(bins => 1001);
\echo :LAST_ERROR_SQLSTATE
SELECT calibration_options(confidence => 95);
\echo :LAST_ERROR_SQLSTATE
SELECT calibration(0.5, true, ROW(-1, 0.5)::calibration_options);
\echo :LAST_ERROR_SQLSTATE
SELECT calibration(0.5, true, calibration_options(bins))
FROM (VALUES (10), (20)) AS v (bins);
\echo :LAST_ERROR_SQLSTATE

-- FILTER, GROUPING SETS
CREATE TABLE deal (id int, rep text, p float8, won boolean);
INSERT INTO deal
SELECT i, CASE WHEN i % 3 = 0 THEN 'Ann' ELSE 'Bob' END, (i * 37 % 101) / 100.0,
  CASE WHEN i % 13 <> 0 THEN i * 7919 % 100 < i * 37 % 101 END
FROM generate_series(1, 10000) AS i;
SELECT rep, (brier(p, won)).*
FROM deal
GROUP BY GROUPING SETS ((rep), ())
ORDER BY rep;
SELECT (brier(p, won) FILTER (WHERE rep = 'Ann')).n AS ann, brier(p, won) FILTER (WHERE rep = 'Cem') AS cem,
  calibration(p, won, NULL) FILTER (WHERE rep = 'Cem') AS cem_bins
FROM deal;
SELECT rep, b.bin, b.n, b.won, round(b.mean_probability::numeric, 4) AS said, round(b.won_rate::numeric, 4) AS came
FROM (SELECT rep, calibration(p, won, calibration_options(3)) AS bins FROM deal GROUP BY ROLLUP (rep)) AS g, unnest(bins) AS b
ORDER BY rep, b.bin;

-- parallel equals serial
ALTER TABLE deal SET (parallel_workers = 4);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
EXPLAIN (COSTS OFF)
SELECT brier(p, won), calibration(p, won, calibration_options(20))
FROM deal;
SELECT brier(p, won) AS b4, md5(calibration(p, won, calibration_options(20))::text) AS c4 FROM deal
\gset
SET max_parallel_workers_per_gather = 2;
SELECT brier(p, won) AS b2, md5(calibration(p, won, calibration_options(20))::text) AS c2 FROM deal
\gset
SET max_parallel_workers_per_gather = 1;
SELECT brier(p, won) AS b1, md5(calibration(p, won, calibration_options(20))::text) AS c1 FROM deal
\gset
SET max_parallel_workers_per_gather = 0;
SELECT brier(p, won) AS b0, md5(calibration(p, won, calibration_options(20))::text) AS c0 FROM deal
\gset
SELECT :'b1' = :'b0' AS one, :'b2' = :'b0' AS two, :'b4' = :'b0' AS four,
  :'c1' = :'c0' AS one_bins, :'c2' = :'c0' AS two_bins, :'c4' = :'c0' AS four_bins;
-- another order of rows, too; and the bins add up
SELECT brier(p, won ORDER BY p DESC)::text = :'b0' AS same FROM deal;
SELECT sum(b.n) = (:'b0'::brier_result).n AS n, sum(b.won) = (:'b0'::brier_result).won AS won
FROM unnest((SELECT calibration(p, won, calibration_options(20)) FROM deal)) AS b;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;

-- window: computed anew for each frame
SELECT i, brier(p, won) OVER (ORDER BY i ROWS 1 PRECEDING)
FROM (VALUES (1, 0.5, true), (2, 1.0, false), (3, NULL, NULL), (4, 0, false)) AS v (i, p, won)
ORDER BY i;

-- the state is a value: text and binary, functions called by hand
CREATE TABLE kept (name text, brier brier_state, calibration calibration_state);
INSERT INTO kept
VALUES ('one', brier_transition(NULL, 0.5, true), calibration_transition(NULL, 0.5, true, calibration_options(2))),
  ('two', brier_transition(brier_transition(NULL, 0.125, false), 1, true),
    calibration_transition(calibration_transition(NULL, 0.125, false, calibration_options(2)), 1, true, calibration_options(2))),
  ('none', brier_transition(NULL, NULL, NULL), calibration_combine(NULL, calibration_transition(NULL, NULL, NULL, calibration_options(2))));
CREATE TABLE copied (LIKE kept);
\copy kept TO 'results/brier_state.bin' (FORMAT binary)
\copy copied FROM 'results/brier_state.bin' (FORMAT binary)
SELECT count(*)
FROM kept
JOIN copied USING (name)
WHERE kept.brier::text = copied.brier::text
AND kept.calibration::text = copied.calibration::text;
SELECT name, brier_final(brier), calibration_final(calibration), brier_final(brier::text::brier_state)::text = brier_final(brier)::text AS same
FROM kept
ORDER BY name;
SELECT brier_final(brier_combine(one.brier, two.brier)) AS brier, calibration_final(calibration_combine(one.calibration, two.calibration)) AS bins,
  brier_final(NULL) AS final, brier_combine(NULL, NULL) AS combined, calibration_final(NULL) AS no_bins, calibration_combine(NULL, NULL) AS no_combined
FROM kept AS one, kept AS two
WHERE one.name = 'one'
AND two.name = 'two';
SELECT calibration_combine(calibration, calibration_transition(NULL, 0.5, true, calibration_options(3)))
FROM kept
WHERE name = 'one';
\echo :LAST_ERROR_SQLSTATE

-- crafted states are refused
SELECT ''::brier_state;
\echo :LAST_ERROR_SQLSTATE
SELECT 'AAAA'::calibration_state;
\echo :LAST_ERROR_SQLSTATE
CREATE FUNCTION try(bytes bytea, type text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
  why text;
BEGIN
  EXECUTE format('SELECT %1$s_final(%1$s_combine(s, s)) FROM (SELECT %2$L::%1$s_state AS s) AS v', type, replace(encode(bytes, 'base64'), E'\n', ''));
  RETURN 'accepted';
EXCEPTION
  WHEN invalid_binary_representation THEN
    GET STACKED DIAGNOSTICS why = PG_EXCEPTION_DETAIL;
    RETURN SQLSTATE || ' ' || why;
END
$$;
-- every prefix and every single byte changed: nothing but 22P03
SELECT type, outcome, count(*) > 0 AS seen
FROM (SELECT 'brier' AS type, decode(brier::text, 'base64') AS bytes FROM kept
      UNION ALL
      SELECT 'calibration', decode(calibration::text, 'base64') FROM kept) AS k,
  LATERAL (SELECT try(substr(bytes, 1, size), type) AS outcome
           FROM generate_series(0, length(bytes) - 1) AS size
           UNION ALL
           SELECT try(set_byte(bytes, at, value), type)
           FROM generate_series(0, length(bytes) - 1) AS at, unnest(ARRAY[0, 1, 64, 127, 128, 192, 255]) AS value
           UNION ALL
           SELECT try(bytes || '\x00', type)) AS tried
GROUP BY type, outcome
ORDER BY type, outcome COLLATE "C";

DROP FUNCTION try;
DROP TABLE deal, kept, copied;
