-- rate_prior finds the likeliest prior of 500 random peer groups: its plain-SQL
-- twin knows none that is likelier.
\ir ../begin.sql
\ir ../oracle/rate_prior.sql
SET LOCAL search_path = salesmgmt, public;
SELECT plan(6);
SELECT setseed(0.1618) AS seed \gset

-- two to seven peers of up to 12 cases, from all alike to all or nothing
CREATE TABLE peer AS
SELECT id, i, n, floor((n + 1) * CASE WHEN id % 3 = 0 THEN random() ^ 0.2 * (i % 2) ELSE random() ^ (1 + id % 2) END)::int AS successes
FROM generate_series(1, 500) AS id, generate_series(1, 2 + id % 6) AS i,
  LATERAL (SELECT floor(random() * 13 + 0 * (id + i))::int AS n) AS size;
UPDATE peer SET successes = least(successes, n);

CREATE TABLE got AS
SELECT id, array_agg(successes) AS successes, array_agg(n) AS n, (rate_prior(successes, n)).*
FROM peer
GROUP BY id;
SELECT is(count(*), 500::bigint, '500 cases') FROM got;
SELECT ok(count(*) FILTER (WHERE prior_n > 2 AND prior_n < cases) > 100 AND count(*) FILTER (WHERE prior_n = cases) > 30
    AND count(*) FILTER (WHERE prior_n = 2) > 30, 'of every kind')
FROM got;
SELECT is_empty(
  $$SELECT id, groups, cases
    FROM got
    WHERE groups <> (SELECT count(*) FROM peer WHERE peer.id = got.id AND peer.n > 0)
      OR cases <> (SELECT sum(peer.n) FROM peer WHERE peer.id = got.id)
      OR (prior_rate IS NULL) <> (groups < 2)
      OR (prior_n IS NULL) <> (groups < 2)
      OR prior_n NOT BETWEEN 2 AND greatest(cases, 2)
      OR prior_rate NOT BETWEEN 0 AND 1$$,
  'counts are right, and nothing is out of bounds');
SELECT is_empty(
  $$SELECT id, successes, n, prior_rate, prior_n, by
    FROM got,
      LATERAL oracle.prior_beaten_by(successes, n, prior_rate, prior_n, greatest(cases, 2)) AS by
    WHERE prior_rate > 0
      AND prior_rate < 1
      AND by > 1e-9$$,
  'no other prior is likelier');
SELECT is_empty(
  $$SELECT id
    FROM got
    WHERE (prior_rate = 0) <> (SELECT sum(s) = 0 FROM unnest(successes) AS s)
      OR (prior_rate = 1) <> (SELECT sum(s) = cases FROM unnest(successes) AS s)$$,
  'a rate of 0 or 1 is one of nobody or everybody');
SELECT is_empty(
  $$SELECT id
    FROM (
      SELECT id, rate_prior(successes, n ORDER BY i DESC)::text AS backwards, rate_prior(successes, n ORDER BY md5(i::text))::text AS shuffled,
        rate_prior(successes, n ORDER BY i)::text AS forwards
      FROM peer
      GROUP BY id
    ) AS other
    WHERE backwards <> forwards
      OR shuffled <> forwards$$,
  'the same bits in any order');

SELECT * FROM finish();
ROLLBACK;
