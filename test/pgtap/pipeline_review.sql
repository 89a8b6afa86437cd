-- pipeline_review: the parts equal the formula in numeric and add up to the gap, whatever is
-- missing in the records, and the planted stories are found at the right link.
\ir ../begin.sql
SET LOCAL TimeZone = 'UTC';
SELECT setseed(0.5772) AS seed \gset
SELECT FROM salesmgmt.create_demo_book('book', 12, 12, 3, '2026-07-10');
SELECT set_config('search_path', 'book, salesmgmt, ' || current_setting('search_path'), true) \g /dev/null
\ir ../oracle/rate.sql
\ir ../oracle/pipeline_review.sql
SELECT plan(13);

CREATE TEMP TABLE review AS
SELECT q.n, r.*
FROM (VALUES (1, timestamptz '2026-07-10', NULL::daterange), (2, '2026-03-03', NULL), (3, '2026-07-10', '[2026-05-01,2026-06-01)'), (4, '2025-09-01', '[2025-08-01,2025-08-15)')) AS q (n, as_of, during)
CROSS JOIN LATERAL pipeline_review(q.as_of, during => q.during) AS r;
CREATE TEMP TABLE story AS SELECT * FROM salesmgmt.demo_story(3, 12);

SELECT is_empty(
  $$ SELECT n, person, link, gap_part, part
     FROM review AS r
     CROSS JOIN LATERAL (
       SELECT oracle.part((r.done / r.base::numeric), r.expected_ratio::numeric, r.won::numeric, r.expected_won::numeric) AS part
       WHERE r.base > 0 AND r.done > 0 AND r.won > 0 AND r.expected_won > 0) AS o
     WHERE NOT EXISTS (SELECT FROM review AS z WHERE z.n = r.n AND z.person = r.person AND z.done = 0)
       AND abs(part - gap_part::numeric) > 1e-9 $$,
  'each part is the logarithmic mean times the logarithm of own to expected');
SELECT cmp_ok((SELECT count(*) FROM review AS r WHERE won > 0 AND NOT EXISTS (SELECT FROM review AS z WHERE z.n = r.n AND z.person = r.person AND z.done = 0)), '>=', 80::bigint,
  'so many parts were compared');
SELECT is_empty(
  $$ SELECT n, person, sum(gap_part), min(gap) FROM review GROUP BY n, person
     HAVING abs(sum(gap_part) - min(gap)) > 1e-9 OR abs(min(gap) - (min(won) - min(expected_won))) > 1e-9 $$,
  'the parts add up to the gap, and the gap is won - expected_won');
SELECT is_empty($$ SELECT n, person FROM review WHERE is_cause GROUP BY n, person HAVING count(*) > 1 OR min(gap) >= 0 $$, 'a gap has one cause at most, and no gap none');
-- What could be chance: of each link, and of random counts.
SELECT oracle.normal_z(0.9875) AS z \gset
SELECT is_empty(
  $$ SELECT n, person, link, beyond_chance, is_cause
     FROM review AS r
     CROSS JOIN LATERAL (SELECT oracle.beyond_chance(done, base, norm_ratio::numeric, peer_done, peer_base, link = 'calls', 0.9875, $$ || :'z' || $$) AS beyond) AS o
     WHERE beyond_chance IS DISTINCT FROM beyond
       OR is_cause IS DISTINCT FROM (gap < 0 AND gap_part < 0 AND beyond IS TRUE AND NOT too_few
         AND NOT EXISTS (SELECT FROM review AS more WHERE more.n = r.n AND more.person = r.person AND more.gap_part < r.gap_part AND more.beyond_chance AND NOT more.too_few)) $$,
  'the cause is the largest part of the gap that is not chance');
SELECT ok(count(*) FILTER (WHERE is_cause) >= 3 AND count(*) FILTER (WHERE finding = 'below, but it may be chance' AND gap < 0) >= 10
    AND count(*) FILTER (WHERE gap < 0 AND NOT has_cause AND link = 'won') >= 3, 'it has seen causes, luck, and gaps without a cause')
FROM (SELECT *, bool_or(is_cause) OVER (PARTITION BY n, person) AS has_cause FROM review) AS r;
CREATE TEMP TABLE chance AS
SELECT n, done, base, CASE WHEN n % 3 = 0 THEN (1 + floor(random() * 99)) / 100 * CASE WHEN n % 2 = 0 THEN 3 ELSE 1 END END AS norm, peer_done, peer_base, n % 2 = 0 AS is_count
FROM (
  SELECT n, floor(random() * 1.1 * base)::int8 AS done, base, floor(random() * 1.1 * peer_base)::int8 AS peer_done, peer_base
  FROM (SELECT n, floor(random() * 40)::int8 AS base, floor(random() * 90)::int8 AS peer_base FROM generate_series(1, 600) AS n) AS b
) AS c;
SELECT is_empty(
  $$ SELECT *
     FROM chance
     WHERE is_beyond_chance(done, base, norm, peer_done, peer_base, is_count, 0.9875)
       IS DISTINCT FROM oracle.beyond_chance(done, base, norm::numeric, peer_done, peer_base, is_count, 0.9875, $$ || :'z' || ')',
  'is_beyond_chance equals its oracle');
SELECT ok(count(*) FILTER (WHERE beyond) > 100 AND count(*) FILTER (WHERE NOT beyond) > 100 AND count(*) FILTER (WHERE beyond IS NULL) > 3, 'which says yes, no and nothing')
FROM (SELECT is_beyond_chance(done, base, norm, peer_done, peer_base, is_count, 0.9875) AS beyond FROM chance) AS c;
SELECT is((SELECT link FROM review AS r JOIN story AS s USING (person) WHERE n = 1 AND s.story = 'few_calls' AND is_cause), 'calls', 'who makes too few calls is found there');
SELECT is((SELECT link FROM review AS r JOIN story AS s USING (person) WHERE n = 1 AND s.story = 'loses_at_proposal' AND is_cause), 'won', 'who loses at the proposal is found there');

-- Records with holes: each rep loses all activities of some kinds, and some all wins of a span.
DELETE FROM activity WHERE (person_id * 7 + activity_kind_id * 5) % 4 = 0;
CREATE TEMP TABLE holes AS
SELECT q.n, r.*
FROM (VALUES (1, '2026-07-10'::timestamptz, '[2026-01-01,2026-07-10)'::daterange), (2, '2026-07-10', '[2026-07-01,2026-07-04)'), (3, '2026-02-01', '[2026-01-28,2026-02-01)')) AS q (n, as_of, during)
CROSS JOIN LATERAL pipeline_review(q.as_of, during => q.during) AS r;
SELECT is_empty(
  $$ SELECT n, person, sum(gap_part), min(gap), min(won), min(expected_won) FROM holes WHERE gap IS NOT NULL GROUP BY n, person
     HAVING abs(sum(gap_part) - min(gap)) > 1e-9 OR abs(min(gap) - (min(won) - min(expected_won))) > 1e-9 $$,
  'with steps missing the parts still add up to the gap');
SELECT ok((SELECT bool_or(done = 0 AND won > 0) AND bool_or(won = 0) AND bool_or(base = 0 AND done > 0) FROM holes), 'steps were missing, and wins');
SELECT is_empty($$ SELECT * FROM holes WHERE (gap IS NULL) <> (gap_part IS NULL) $$, 'without a gap there are no parts');

SELECT * FROM finish();
ROLLBACK;
