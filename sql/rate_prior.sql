SET search_path = salesmgmt, public;
SET extra_float_digits = 1;
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file

-- a prior, readable
CREATE FUNCTION pg_temp.told(prior rate_prior_result)
RETURNS TABLE (prior_rate numeric, prior_n numeric, groups int8, cases int8)
LANGUAGE sql
BEGIN ATOMIC
  SELECT round(prior.prior_rate::numeric, 6), round(prior.prior_n::numeric, 4), prior.groups, prior.cases;
END;

-- no rows, a NULL, one peer, two; peers without cases and NULLs say nothing
CREATE TABLE peer (team text COLLATE "C", successes int8, n int8);
SELECT rate_prior(successes, n) IS NULL AS no_rows FROM peer;
INSERT INTO peer VALUES
  ('NULL', NULL, 5),
  ('one', 3, 10),
  ('two', 3, 10), ('two', 5, 20),
  ('NULLs among', NULL, 10), ('NULLs among', 3, NULL), ('NULLs among', 3, 10), ('NULLs among', 0, 0), ('NULLs among', 5, 20),
  ('no cases', 0, 0), ('no cases', 0, 0),
  ('all alike', 5, 10), ('all alike', 5, 10), ('all alike', 5, 10), -- as sure as all their 30 cases
  ('all or nothing', 10, 10), ('all or nothing', 0, 10), ('all or nothing', 10, 10), ('all or nothing', 0, 10),
  ('none ever', 0, 3), ('none ever', 0, 8),
  ('always', 3, 3), ('always', 8, 8),
  ('single cases', 1, 1), ('single cases', 0, 1), ('single cases', 0, 1), ('single cases', 0, 1),
  ('a team', 30, 40), ('a team', 1, 1), ('a team', 3, 12), ('a team', 10, 22), ('a team', 8, 25), ('a team', 14, 30);
SELECT team, told.*
FROM (SELECT team, rate_prior(successes, n) AS prior FROM peer GROUP BY team) AS fitted, pg_temp.told(prior)
ORDER BY team;

-- published: boys among the first 12 children of 6115 families with 13 (Geissler's data on Saxony, after R. R. Sokal, F. J. Rohlf,
-- Biometry): alpha 34.1029, beta 31.5782 by maximum likelihood (W. Weckesser, mpsci, betabinomial.mle)
SELECT round(((p).prior_rate * (p).prior_n)::numeric, 1) AS alpha, round(((1 - (p).prior_rate) * (p).prior_n)::numeric, 1) AS beta,
  (p).groups, (p).cases
FROM (
  SELECT rate_prior(boys - 1, 12) AS p
  FROM unnest(ARRAY[3, 24, 104, 286, 670, 1033, 1343, 1112, 829, 478, 181, 45, 7]) WITH ORDINALITY AS saxony (families, boys),
    generate_series(1, families)
) AS fitted;

-- 1 of 1 never outranks 30 of 40: whoever the peers, as long as they win 60 % or less
SELECT count(*) AS teams, count(*) FILTER (WHERE (prior).prior_rate <= 0.6) AS judged,
  count(*) FILTER (WHERE (prior).prior_rate <= 0.6
    AND shrunk_rate(1, 1, (prior).prior_rate, (prior).prior_n) >= shrunk_rate(30, 40, (prior).prior_rate, (prior).prior_n)) AS outranked
FROM (
  SELECT team, rate_prior(successes, n) AS prior
  FROM (
    -- 400 teams of 1 to 12, from all alike to all or nothing
    SELECT team, hashint8extended(team * 100 + rep, 2) & 15 AS n,
      ((hashint8extended(team * 100 + rep, 2) & 15) * (hashint8extended(team * 100 + rep / (1 + team % 5), 3) & 1023) / 1024) AS successes
    FROM generate_series(1, 400) AS team, generate_series(1, 1 + team % 12) AS rep
    UNION ALL
    SELECT team, u.n, u.successes
    FROM generate_series(1, 400) AS team, (VALUES (1, 1), (40, 30)) AS u (n, successes)
  ) AS teams
  GROUP BY team
) AS fitted;
-- in a team
SELECT successes, n, round(shrunk_rate(successes, n, (prior).prior_rate, (prior).prior_n)::numeric, 3) AS for_ranking
FROM peer, (SELECT rate_prior(successes, n) AS prior FROM peer WHERE team = 'a team') AS fitted
WHERE team = 'a team'
ORDER BY for_ranking DESC;

-- errors, and counts as large as they may be
SELECT refusal.*
FROM unnest(ARRAY[
    $$SELECT rate_prior(-1, 3)$$,
    $$SELECT rate_prior(4, 3)$$,
    $$SELECT rate_prior(0, -3)$$,
    $$SELECT rate_prior(1, 9223372036854775807) FROM generate_series(1, 2)$$,
    $$SELECT rate_prior(won, 400000000000) FROM unnest(ARRAY[120000000000, 140000000000, 132000000000]) AS won$$
  ]) WITH ORDINALITY AS q (query, i),
  LATERAL pg_temp.refusal(query)
ORDER BY i;
SELECT round((p).prior_rate::numeric, 6) AS rate, round((p).prior_n::numeric, 3) AS n
FROM (SELECT rate_prior(won, 300000000000) AS p FROM unnest(ARRAY[90000000000, 105000000000, 99000000000]) AS won) AS huge;

-- FILTER, GROUPING SETS, window (no inverse: the frame grows)
SELECT told.* FROM (SELECT rate_prior(successes, n) FILTER (WHERE n > 1) AS prior FROM peer WHERE team = 'a team') AS f, pg_temp.told(prior);
SELECT team, (rate_prior(successes, n)).groups
FROM peer
WHERE team IN ('one', 'two')
GROUP BY ROLLUP (team)
ORDER BY team;
SELECT n, (rate_prior(successes, n) OVER (ORDER BY n)).groups FROM peer WHERE team = 'a team' ORDER BY n;

CREATE TABLE many AS
SELECT i, i * 7919 % 41 AS n, (i * 7919 % 41) * (i * 104729 % 997) / 1500 AS successes
FROM generate_series(1, 5000) AS i;
-- parallel = serial to the last bit, and so in any order
ANALYZE many;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 4;
ALTER TABLE many SET (parallel_workers = 2);
EXPLAIN (COSTS OFF)
SELECT rate_prior(successes, n) FROM many;
CREATE TABLE answer_2 AS
SELECT rate_prior(successes, n)::text AS answer FROM many;
ALTER TABLE many SET (parallel_workers = 1);
CREATE TABLE answer_1 AS
SELECT rate_prior(successes, n)::text AS answer FROM many;
ALTER TABLE many SET (parallel_workers = 4);
CREATE TABLE answer_4 AS
SELECT rate_prior(successes, n)::text AS answer FROM many;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE answer_0 AS
SELECT rate_prior(successes, n)::text AS answer FROM many;
SELECT count(*) AS ways, count(DISTINCT answer) AS answers
FROM (
  TABLE answer_0
  UNION ALL
  TABLE answer_1
  UNION ALL
  TABLE answer_2
  UNION ALL
  TABLE answer_4
  UNION ALL
  SELECT rate_prior(successes, n ORDER BY i DESC)::text FROM many
  UNION ALL
  SELECT rate_prior(successes, n ORDER BY md5(i::text))::text FROM many
) AS way;
RESET max_parallel_workers_per_gather;
RESET min_parallel_table_scan_size;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;

-- states: called by hand, stored, as text, as binary, combined later
CREATE AGGREGATE pg_temp.partial(int8, int8) (
  SFUNC = rate_prior_transition,
  STYPE = rate_prior_state
);
CREATE AGGREGATE pg_temp.whole(rate_prior_state) (
  SFUNC = rate_prior_combine,
  STYPE = rate_prior_state,
  FINALFUNC = rate_prior_final
);
CREATE TABLE stored AS
SELECT i % 3 AS part, pg_temp.partial(successes, n) AS state
FROM many
GROUP BY i % 3;
SELECT pg_temp.whole(state)::text = (SELECT answer FROM answer_0) AS combined,
  pg_temp.whole(state::text::rate_prior_state)::text = (SELECT answer FROM answer_0) AS from_text
FROM stored;
SELECT rate_prior_final(rate_prior_combine(rate_prior_transition(NULL, 3, 8), NULL)) = rate_prior_final(rate_prior_transition(NULL, 3, 8)) AS second_null,
  rate_prior_final(rate_prior_combine(NULL, rate_prior_transition(NULL, 3, 8))) = rate_prior_final(rate_prior_transition(NULL, 3, 8)) AS first_null,
  rate_prior_combine(NULL, NULL) IS NULL AS both_null,
  rate_prior_final(NULL) IS NULL AS final_null;
-- a stored state is not changed by what is added to it
SELECT rate_prior_final(rate_prior_combine(state, state)) <> rate_prior_final(state) AS doubled,
  rate_prior_final(state)::text = (SELECT pg_temp.whole(state)::text FROM stored WHERE part = 1) AS as_before
FROM stored
WHERE part = 1;
CREATE TABLE copied (part int, state rate_prior_state);
COPY stored TO PROGRAM 'cat > rate_prior_state.copy' WITH (FORMAT binary);
COPY copied FROM PROGRAM 'cat rate_prior_state.copy && rm rate_prior_state.copy' WITH (FORMAT binary);
SELECT count(*) AS states, bool_and(copied.state::text = stored.state::text) AS same
FROM copied
JOIN stored USING (part);

-- crafted states: any cut, any wrong byte is refused or read, never worse
CREATE TABLE bytes AS
SELECT rate_prior_state_send(rate_prior_transition(rate_prior_transition(NULL, 3, 8), 2, 9)) AS b;
SELECT octet_length(b) FROM bytes;
SELECT refusal.state, count(*)
FROM bytes, generate_series(0, octet_length(b) - 1) AS size,
  LATERAL pg_temp.refusal(format('SELECT %L::rate_prior_state', encode(substr(b, 1, size), 'base64')))
GROUP BY 1;
SELECT DISTINCT refusal.state, refusal.message, refusal.detail COLLATE "C" AS detail
FROM bytes, generate_series(0, octet_length(b) - 1) AS i, unnest(ARRAY[0, 1, 127, 128, 255]) AS byte,
  LATERAL pg_temp.refusal(format('SELECT rate_prior_final(rate_prior_combine(%1$L::rate_prior_state, %1$L))',
    replace(encode(set_byte(b, i, byte), 'base64'), E'\n', '')))
WHERE refusal.state IS NOT NULL
ORDER BY 3;
SELECT refusal.* FROM pg_temp.refusal($$SELECT 'no base64!'::rate_prior_state$$);

DROP TABLE peer, many, answer_0, answer_1, answer_2, answer_4, stored, copied, bytes;
