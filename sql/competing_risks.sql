CREATE SCHEMA competing_risks_test;
SET search_path = competing_risks_test, salesmgmt, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file
-- four digits: how the last ones round is the mathematics library's
CREATE FUNCTION pg_temp.show(r competing_risks_result)
RETURNS TABLE (n int8, won int8, lost int8, open int8, horizon numeric, win numeric, win_lower numeric,
  win_upper numeric, loss numeric, loss_lower numeric, loss_upper numeric, still_open numeric, points int)
LANGUAGE sql
BEGIN ATOMIC
  SELECT (r).n, (r).won, (r).lost, (r).open, round((r).horizon_days::numeric, 4), round((r).win_rate::numeric, 4),
    round((r).win_rate_lower::numeric, 4), round((r).win_rate_upper::numeric, 4), round((r).loss_rate::numeric, 4),
    round((r).loss_rate_lower::numeric, 4), round((r).loss_rate_upper::numeric, 4), round((r).open_share::numeric, 4),
    cardinality((r).curve);
END;

-- ---- no rows, NULLs, one row, two rows ----------------------------------------------
CREATE TABLE deal (days float8, won boolean);
SELECT competing_risks(days, won, NULL) IS NULL AS no_rows FROM deal;
INSERT INTO deal VALUES (NULL, true), (NULL, NULL);
SELECT competing_risks(days, won, NULL) AS no_ages FROM deal;
INSERT INTO deal VALUES (10, NULL);
SELECT competing_risks(days, won, NULL) AS one_open FROM deal;
INSERT INTO deal VALUES (10, true);
SELECT s.* FROM (SELECT competing_risks(days, won, NULL) AS r FROM deal) AS c, pg_temp.show(r) AS s;
-- one won and nothing else: 1 of 1 has no interval; the same of lost
SELECT competing_risks(3, true, NULL), competing_risks(3, false, NULL);
-- however many they are
SELECT s.win, s.win_lower, s.loss FROM (SELECT competing_risks(i, true, NULL) AS r FROM generate_series(1, 1000) AS i) AS c, pg_temp.show(r) AS s;
TRUNCATE deal;

-- ---- a case by hand -----------------------------------------------------------------
-- Won on days 1 and 3, lost on day 2, open since 2 and 5 days.
--   day 1: 1 of 5 is won                        won 1/5              open 4/5
--   day 2: 1 of 4 is lost; who is 2 days old and open was at risk
--                                               lost 4/5 * 1/4 = 1/5 open 3/5
--   day 3: 1 of 2 is won                        won 1/5 + 3/5 * 1/2  open 3/10
INSERT INTO deal VALUES (1, true), (3, true), (2, false), (2, NULL), (5, NULL);
SELECT s.* FROM (SELECT competing_risks(days, won, NULL) AS r FROM deal) AS c, pg_temp.show(r) AS s;
SELECT day, at_risk, p.won, lost, round(won_incidence::numeric, 4) AS won_incidence, round(won_lower::numeric, 4) AS lower,
  round(won_upper::numeric, 4) AS upper, round(lost_incidence::numeric, 4) AS lost_incidence, round(open_share::numeric, 4) AS open_share
FROM (SELECT competing_risks(days, won, NULL) AS r FROM deal) AS c, unnest((r).curve) AS p;
-- the naive rates of the same deals: of the decided, and of all
SELECT count(*) FILTER (WHERE won)::numeric / count(won) AS of_decided, count(*) FILTER (WHERE won)::numeric / count(*) AS of_all FROM deal;
-- by a horizon: later decisions are not there yet; one beyond the last deal changes nothing
SELECT h, s.*
FROM unnest(ARRAY[0, 0.5, 1, 2, 2.5, 3, 100]) AS h,
  LATERAL (SELECT competing_risks(days, won, competing_risks_options(horizon_days => h)) AS r FROM deal) AS c,
  pg_temp.show(r) AS s
ORDER BY h;

-- ---- published figures ----------------------------------------------------------------
-- Leukaemia patients after a bone marrow transplant, group "AML, low risk": days to relapse
-- ("won"), to death without one ("lost"), or to the end of the observation.  Data: J. Klein and
-- M. Moeschberger, Survival Analysis, Springer 1997, section 1.3.  Figures: R's tidycmprsk 1.1.0
-- (cmprsk 2.2-12), as printed by CAMIS, "Estimating Cumulative Incidence Functions Using R",
-- https://psiaims.github.io/CAMIS/R/survival_cif.html, with the log-log interval.
CREATE TABLE patient AS
SELECT days, true AS relapse FROM unnest('{421,748,486,272,381,248,211,219,606}'::float8[]) AS days
UNION ALL
SELECT days, false FROM unnest('{414,2204,1063,481,105,641,390,288,79,48,1074,10,53,80,35,704}'::float8[]) AS days
UNION ALL
SELECT days, NULL FROM unnest('{2569,2506,2409,2218,1857,1829,1562,1470,1363,1030,860,1258,2246,1870,1799,1709,1674,
  1568,1527,1324,957,932,847,848,1850,1843,1535,1447,1384}'::float8[]) AS days;
SELECT published.*, round(r.win_rate::numeric, 4) AS win_rate, round(r.win_rate_lower::numeric, 4) AS win_rate_lower,
  round(r.win_rate_upper::numeric, 4) AS win_rate_upper
FROM (VALUES
    (0.5, 0.0000, NULL, NULL),
    (1, 0.0741, 0.0234, 0.1646),
    (1.5, 0.1296, 0.0563, 0.2344),
    (2, 0.1481, 0.0685, 0.2565),
    (3, 0.1667, 0.0813, 0.2783)) AS published (years, estimate, lower, upper),
  LATERAL (
    SELECT (competing_risks(days, relapse, competing_risks_options(horizon_days => years * 365.25))).*
    FROM patient
  ) AS r
ORDER BY years;

-- ---- all decided: the plain share, whatever the ages -------------------------------------
SELECT s.* FROM (SELECT competing_risks(i * 37 % 11, i % 4 = 0, NULL) AS r FROM generate_series(1, 200) AS i) AS c, pg_temp.show(r) AS s;

-- ---- options ---------------------------------------------------------------------------
SELECT competing_risks_options();
SELECT competing_risks_options(confidence => 0.8, horizon_days => 90, curve => false);
SELECT competing_risks_options(NULL, NULL, NULL) = competing_risks_options() AS null_is_default;
SELECT confidence, s.win, s.win_lower, s.win_upper, s.points
FROM unnest(ARRAY[0.5, 0.8, 0.99]) AS confidence,
  LATERAL (SELECT competing_risks(days, won, competing_risks_options(confidence, curve => false)) AS r FROM deal) AS c,
  pg_temp.show(r) AS s
ORDER BY confidence;
-- a NULL, an explicit default and a row of NULLs are the same options
SELECT (competing_risks(1, true, CASE i WHEN 2 THEN competing_risks_options() WHEN 3 THEN ROW(0.95, NULL, NULL)::competing_risks_options END)).n
FROM generate_series(1, 3) AS i;

-- ---- errors ------------------------------------------------------------------------------
SELECT refusal.*
FROM unnest(ARRAY[
    $$SELECT competing_risks(-1, true, NULL)$$,
    $$SELECT competing_risks('NaN', NULL, NULL)$$,
    $$SELECT competing_risks('Infinity', false, NULL)$$,
    $$SELECT competing_risks('-Infinity', false, NULL)$$,
    $$SELECT competing_risks(1, true, competing_risks_options(c)) FROM unnest(ARRAY[0.5, 0.6]) AS c$$,
    $$SELECT competing_risks(1, true, CASE WHEN i > 1 THEN competing_risks_options(horizon_days => 5) END) FROM generate_series(1, 2) AS i$$,
    $$SELECT competing_risks_options(confidence => 0)$$,
    $$SELECT competing_risks_options(confidence => 95)$$,
    $$SELECT competing_risks_options(confidence => 'NaN')$$,
    $$SELECT competing_risks_options(horizon_days => -1)$$,
    $$SELECT competing_risks_options(horizon_days => 'Infinity')$$,
    $$SELECT competing_risks(1, true, ROW(2, NULL, NULL)::competing_risks_options)$$
  ]) WITH ORDINALITY AS q (query, i),
  LATERAL pg_temp.refusal(query)
ORDER BY i;
-- the ends of float8
SELECT s.n, s.won, s.lost, s.open, (r).horizon_days, s.win, s.loss, s.still_open
FROM (SELECT competing_risks(days, won, competing_risks_options(horizon_days => 1e300)) AS r
  FROM (VALUES (1.7e308::float8, true), (5e-324, false), (0, true), ('-0', true), (1e300, NULL)) AS v (days, won)) AS c, pg_temp.show(r) AS s;
SELECT (p).day, (p).at_risk, (p).won
FROM (SELECT unnest((competing_risks(days, true, NULL)).curve) AS p FROM (VALUES (0::float8), ('-0'), (1.7e308)) AS v (days)) AS c;

-- ---- FILTER, GROUPING SETS, window (no inverse: the frame grows) ----------------------------
SELECT (competing_risks(days, won, NULL) FILTER (WHERE days < 3)).n FROM deal;
SELECT won, (competing_risks(days, won, NULL)).n
FROM deal
GROUP BY GROUPING SETS ((won), ())
ORDER BY won, n;
SELECT days, won, round((competing_risks(days, won, NULL) OVER (ORDER BY days, won)).win_rate::numeric, 4) AS win_rate
FROM deal
ORDER BY days, won;

-- ---- parallel = serial to the last bit, and so in any order -----------------------------------
SET extra_float_digits = 1;
CREATE TABLE many AS
SELECT i, i % 3 AS rep, (i * 7919 % 10007) / 97.0::float8 AS days, (ARRAY[true, false, NULL])[1 + i % 7 % 3] AS won
FROM generate_series(1, 20000) AS i;
ANALYZE many;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
ALTER TABLE many SET (parallel_workers = 2);
EXPLAIN (COSTS OFF)
SELECT competing_risks(days, won, competing_risks_options(0.9)) FROM many;
CREATE TABLE answer AS
SELECT '2 workers' AS how, competing_risks(days, won, competing_risks_options(0.9))::text AS answer FROM many;
ALTER TABLE many SET (parallel_workers = 1);
CREATE TABLE answer_1 AS
SELECT '1 worker' AS how, competing_risks(days, won, competing_risks_options(0.9))::text AS answer FROM many;
ALTER TABLE many SET (parallel_workers = 4);
CREATE TABLE answer_4 AS
SELECT '4 workers' AS how, competing_risks(days, won, competing_risks_options(0.9))::text AS answer FROM many;
SET max_parallel_workers_per_gather = 0;
INSERT INTO answer
SELECT * FROM answer_1
UNION ALL
SELECT * FROM answer_4
UNION ALL
SELECT '0 workers', competing_risks(days, won, competing_risks_options(0.9))::text FROM many
UNION ALL
SELECT 'ascending', competing_risks(days, won, competing_risks_options(0.9) ORDER BY days, i)::text FROM many
UNION ALL
SELECT 'shuffled', competing_risks(days, won, competing_risks_options(0.9) ORDER BY md5(i::text))::text FROM many;
SELECT count(*) AS ways, count(DISTINCT answer) AS answers FROM answer;
RESET max_parallel_workers_per_gather;
RESET min_parallel_table_scan_size;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;

-- ---- states: called by hand, stored, as text, as binary, combined later -----------------------
CREATE AGGREGATE pg_temp.partial(float8, boolean, competing_risks_options) (
  SFUNC = competing_risks_transition,
  STYPE = competing_risks_state
);
CREATE AGGREGATE pg_temp.whole(competing_risks_state) (
  SFUNC = competing_risks_combine,
  STYPE = competing_risks_state,
  FINALFUNC = competing_risks_final
);
CREATE TABLE stored AS
SELECT rep, pg_temp.partial(days, won, competing_risks_options(0.9)) AS state
FROM many
GROUP BY rep;
SELECT pg_temp.whole(state)::text = (SELECT min(answer) FROM answer) AS combined,
  pg_temp.whole(state::text::competing_risks_state)::text = (SELECT min(answer) FROM answer) AS from_text
FROM stored;
CREATE TABLE copied (rep int, state competing_risks_state);
COPY stored TO PROGRAM 'cat > competing_risks_state.copy' WITH (FORMAT binary);
COPY copied FROM PROGRAM 'cat competing_risks_state.copy && rm competing_risks_state.copy' WITH (FORMAT binary);
SELECT count(*) AS states, bool_and(copied.state::text = stored.state::text) AS same
FROM copied
JOIN stored USING (rep);
SELECT (competing_risks_final(competing_risks_transition(competing_risks_transition(NULL, 1, true, NULL), 2, false, NULL))).win_rate;
SELECT (competing_risks_final(competing_risks_combine(competing_risks_transition(NULL, 1, true, NULL), NULL))).n AS second_null,
  (competing_risks_final(competing_risks_combine(NULL, competing_risks_transition(NULL, 1, true, NULL)))).n AS first_null,
  competing_risks_combine(NULL, NULL) IS NULL AS both_null,
  competing_risks_final(NULL) IS NULL AS final_null;
SELECT refusal.*
FROM pg_temp.refusal($$
  SELECT competing_risks_combine(competing_risks_transition(NULL, 1, true, NULL),
    competing_risks_transition(NULL, 1, true, competing_risks_options(0.9)))
  $$);
-- crafted states: any cut, any wrong byte is refused or read, never worse
CREATE TABLE bytes AS
SELECT competing_risks_state_send(competing_risks_transition(competing_risks_transition(NULL, 80, true, NULL), 100, NULL, NULL)) AS b;
SELECT octet_length(b) FROM bytes;
SELECT refusal.state, count(*)
FROM bytes, generate_series(0, octet_length(b) - 1) AS size,
  LATERAL pg_temp.refusal(format('SELECT %L::competing_risks_state', encode(substr(b, 1, size), 'base64')))
GROUP BY 1;
SELECT DISTINCT refusal.state, refusal.message, refusal.detail COLLATE "C" AS detail
FROM bytes, generate_series(0, octet_length(b) - 1) AS i, unnest(ARRAY[0, 1, 127, 128, 255]) AS byte,
  LATERAL pg_temp.refusal(format('SELECT competing_risks_final(competing_risks_combine(%1$L::competing_risks_state, %1$L))',
    replace(encode(set_byte(b, i, byte), 'base64'), E'\n', '')))
WHERE refusal.state IS NOT NULL
ORDER BY 3;
SELECT refusal.* FROM pg_temp.refusal($$SELECT 'no base64!'::competing_risks_state$$);

SET client_min_messages = warning;
DROP SCHEMA competing_risks_test CASCADE;
