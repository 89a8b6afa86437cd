-- robust_scale and robust_z equal their plain-SQL twins over 500 random groups.
\ir ../begin.sql
\ir ../oracle/robust_scale.sql
SET LOCAL search_path = salesmgmt, public;
SELECT plan(4);
SELECT setseed(0.5772) AS seed \gset

-- groups of 1 to 40; every other one of few different values, so that ties, and spreads of 0, come up
CREATE TABLE peer AS
SELECT id, i,
  CASE WHEN random() > 0.1 THEN
    CASE WHEN id % 2 = 0 THEN floor(random() ^ 3 * 4) ELSE (random() - 0.5) * 10 ^ (random() * 6) END
  END AS value
FROM generate_series(1, 500) AS id, generate_series(1, 1 + id % 40) AS i;

CREATE TABLE got AS
SELECT id, array_agg(value) AS peers, robust_scale(value) AS scale
FROM peer
GROUP BY id;
SELECT ok(count(*) FILTER (WHERE (scale).mad = 0 AND (scale).mean_deviation > 0) > 20
    AND count(*) FILTER (WHERE (scale).mean_deviation = 0) > 3 AND count(*) FILTER (WHERE (scale).mad > 0) > 200,
  'of every kind')
FROM got;
SELECT is_empty(
  $$SELECT id, scale, expected
    FROM got
    LEFT JOIN LATERAL oracle.robust_scale(peers) AS expected ON true
    WHERE ((scale).median, (scale).n) IS DISTINCT FROM (expected.median, expected.n)
      OR ((scale).mad IS NULL) <> (expected.mad IS NULL)
      OR abs((scale).mad - expected.mad) > 1e-13 * expected.mad
      OR abs((scale).mean_deviation - expected.mean_deviation) > 1e-13 * expected.mean_deviation$$,
  'robust_scale equals its oracle');
SELECT is_empty(
  $$SELECT id, value, z, expected
    FROM (
      SELECT id, value, robust_z(value, robust_scale(value) OVER (PARTITION BY id)) AS z
      FROM peer
    ) AS distance
    JOIN got USING (id),
      LATERAL oracle.robust_z(value, peers) AS expected
    WHERE (z IS NULL) <> (expected IS NULL)
      OR abs(z - expected) > 1e-12 * greatest(abs(expected), 1)$$,
  'robust_z equals its oracle');
SELECT is_empty(
  $$SELECT id
    FROM (
      SELECT id, robust_scale(value ORDER BY i DESC)::text AS backwards, robust_scale(value ORDER BY md5(i::text))::text AS shuffled
      FROM peer
      GROUP BY id
    ) AS other
    JOIN got USING (id)
    WHERE (backwards, shuffled) IS DISTINCT FROM (scale::text, scale::text)$$,
  'the same bits in any order');

SELECT * FROM finish();
ROLLBACK;
