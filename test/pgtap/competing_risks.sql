-- competing_risks equals its plain-SQL twin over 500 random cases, and is the same to the last
-- bit in any order, split and number of workers.
\ir ../begin.sql
\ir ../oracle/competing_risks.sql
SET LOCAL search_path = salesmgmt, public;
SELECT plan(7);
SELECT setseed(0.5772) AS seed \gset

-- a case is its options and up to 60 deals; ages are coarse, so that ties come up
CREATE TABLE book AS
SELECT i AS id,
  (ARRAY[1.959963984540054, 1.281551565544601, 0.6744897501960817])[c.pick] AS z,
  (ARRAY[0.95, 0.8, 0.5])[c.pick] AS confidence,
  CASE WHEN random() > 0.5 THEN (random() * 60)::int END AS horizon,
  1 + (random() * 80)::int AS ages,
  random() AS open_share,
  random() AS won_share
FROM generate_series(1, 500) AS i, LATERAL (SELECT 1 + i % 3 AS pick) AS c;

CREATE TABLE deal AS
SELECT id, k,
  CASE WHEN random() > 0.02 THEN floor(random() * ages) / 2 END AS days,
  CASE WHEN random() > open_share THEN random() < won_share END AS won
FROM book, generate_series(1, 1 + mod(id, 60)) AS k;

CREATE FUNCTION pg_temp.options(b book)
RETURNS competing_risks_options
LANGUAGE sql
BEGIN ATOMIC
  SELECT competing_risks_options(b.confidence, b.horizon);
END;

CREATE TABLE answer AS
SELECT id, competing_risks(days, won, pg_temp.options(book)) AS r
FROM book
JOIN deal USING (id)
GROUP BY id;
CREATE TABLE got AS SELECT id, p.* FROM answer, unnest((r).curve) AS p;
CREATE TABLE expected AS
SELECT book.id, twin.*
FROM book,
  LATERAL (SELECT array_agg(days ORDER BY k) AS days, array_agg(won ORDER BY k) AS won FROM deal WHERE deal.id = book.id) AS rows,
  LATERAL oracle.competing_risks(rows.days, rows.won, z, horizon) AS twin;

SELECT is((SELECT count(*) FROM answer), 500::bigint, '500 cases');
SELECT ok(
  count(*) FILTER (WHERE won > 1 AND lost > 1) > 40
  AND count(*) FILTER (WHERE open_share = 0) > 20
  AND count(*) FILTER (WHERE won_lower IS NULL) > 50
  AND count(*) FILTER (WHERE won_upper - won_lower < 0.2) > 50,
  'of every kind')
FROM expected;
SELECT is_empty(
  $$SELECT id, day, got, expected
    FROM got
    FULL JOIN expected USING (id, day)
    WHERE (got.at_risk, got.won, got.lost) IS DISTINCT FROM (expected.at_risk, expected.won, expected.lost)
      OR abs(got.won_incidence - expected.won_incidence) > 1e-12
      OR abs(got.lost_incidence - expected.lost_incidence) > 1e-12
      OR abs(got.open_share - expected.open_share) > 1e-12
      OR (got.won_lower IS NULL) <> (expected.won_lower IS NULL)
      OR (got.won_upper IS NULL) <> (expected.won_upper IS NULL)
      OR abs(got.won_lower - expected.won_lower) > 1e-9
      OR abs(got.won_upper - expected.won_upper) > 1e-9$$,
  'the curve equals its oracle');
-- the figures of the horizon are those of the last point; those of lost are those of won, turned round
SELECT is_empty(
  $$SELECT id, r
    FROM (
      SELECT answer.*, (r).curve[cardinality((r).curve)] AS last, turned, horizon,
        (SELECT count(days) FROM deal WHERE deal.id = book.id) AS n,
        (SELECT max(days) FROM deal WHERE deal.id = book.id) AS oldest
      FROM answer
      JOIN book USING (id)
      JOIN (
        SELECT id, competing_risks(days, NOT won, pg_temp.options(book)) AS turned
        FROM book
        JOIN deal USING (id)
        GROUP BY id
      ) AS t USING (id)
    ) AS a
    WHERE (r).n <> n
      OR (r).won + (r).lost + (r).open <> n
      OR (r).won <> (SELECT coalesce(sum(won), 0) FROM expected WHERE expected.id = a.id)
      OR (r).horizon_days IS DISTINCT FROM least(horizon, oldest)
      OR ((r).win_rate, (r).win_rate_lower, (r).win_rate_upper, (r).loss_rate, (r).open_share) IS DISTINCT FROM
        CASE WHEN n > 0 THEN (coalesce((last).won_incidence, 0), (last).won_lower, (last).won_upper,
          coalesce((last).lost_incidence, 0), coalesce((last).open_share, 1))
          ELSE (NULL::float8, NULL::float8, NULL::float8, NULL::float8, NULL::float8) END
      OR ((r).win_rate, (r).win_rate_lower, (r).win_rate_upper, (r).loss_rate, (r).loss_rate_lower, (r).loss_rate_upper)
        IS DISTINCT FROM ((turned).loss_rate, (turned).loss_rate_lower, (turned).loss_rate_upper,
          (turned).win_rate, (turned).win_rate_lower, (turned).win_rate_upper)$$,
  'the rates are those of the end of the curve, for won and for lost');
SELECT is_empty(
  $$SELECT id
    FROM got
    WHERE abs(won_incidence + lost_incidence + open_share - 1) > 1e-12
      OR NOT (coalesce(won_lower, 0) <= won_incidence AND won_incidence <= coalesce(won_upper, 1))
      OR won_lower < 0
      OR won_upper > 1$$,
  'won, lost and open are all there is, and intervals are in 0..1');

CREATE AGGREGATE pg_temp.partial(float8, boolean, competing_risks_options) (
  SFUNC = competing_risks_transition,
  STYPE = competing_risks_state
);
CREATE AGGREGATE pg_temp.whole(competing_risks_state) (
  SFUNC = competing_risks_combine,
  STYPE = competing_risks_state,
  FINALFUNC = competing_risks_final
);
SELECT is_empty(
  $$SELECT id
    FROM (
      SELECT id, pg_temp.whole(part::text::competing_risks_state ORDER BY half DESC) AS r
      FROM (
        SELECT id, k % 2 AS half, pg_temp.partial(days, won, pg_temp.options(book) ORDER BY k DESC) AS part
        FROM book
        JOIN deal USING (id)
        GROUP BY id, k % 2
      ) AS halves
      GROUP BY id
    ) AS other
    JOIN answer USING (id)
    WHERE record_send(other.r) IS DISTINCT FROM record_send(answer.r)$$,
  'the same bits backwards, in two halves, through text');

CREATE TABLE many AS
SELECT i, random() * 10 ^ (random() * 4) AS days, (ARRAY[true, false, NULL])[1 + (random() * 2)::int] AS won
FROM generate_series(1, 20000) AS i;
ANALYZE many;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
CREATE FUNCTION pg_temp.rates_with(workers int)
RETURNS bytea
LANGUAGE plpgsql
AS $$
DECLARE
  rates bytea;
BEGIN
  PERFORM set_config('max_parallel_workers_per_gather', workers::text, true);
  EXECUTE format('ALTER TABLE many SET (parallel_workers = %s)', workers);
  EXECUTE 'SELECT record_send(competing_risks(days, won, competing_risks_options(0.9))) FROM many' INTO rates;
  RETURN rates;
END
$$;
SELECT is(count(DISTINCT pg_temp.rates_with(workers)), 1::bigint, '0, 1, 2 and 4 workers, one answer')
FROM unnest(ARRAY[0, 1, 2, 4]) AS workers;

SELECT * FROM finish();
ROLLBACK;
