#!/usr/bin/env bash
# forecast_accuracy(), brier() and calibration() against the SQL that gives the
# same figures; bookings_distribution() by the number of deals.  A part of run.sh.
set -eu -o pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/test/bench/lib.sh"

say "Generating $ROWS forecasts and probabilities ..."
sql -v rows="$ROWS" <<'SQL'
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE EXTENSION IF NOT EXISTS salesmgmt CASCADE;
CREATE SCHEMA bench;
SET search_path = bench, salesmgmt, public;

SELECT setseed(0.5);
CREATE UNLOGGED TABLE call AS
SELECT i % 1000 AS rep, i % 100 AS day,
  (random() * 100000)::numeric(12, 2) AS forecast,
  (random() * 100000)::numeric(12, 2) AS actual,
  random() AS probability,
  random() < 0.4 AS won
FROM generate_series(1, :rows) AS i;
CREATE UNLOGGED TABLE state AS SELECT rep, forecast_accuracy_state(forecast, actual) AS state FROM call GROUP BY rep, day;
CREATE UNLOGGED TABLE deal AS
SELECT reps, i % reps AS rep, (random() * 1000000)::numeric(12, 2) AS amount, random() AS probability
FROM (VALUES (1000), (100), (10)) AS v (reps), generate_series(0, 9999) AS i;
VACUUM ANALYZE call, state, deal;
SQL

# accuracy_sql GROUPING: forecast_accuracy in SQL
accuracy_sql() {
	echo "SELECT off / nullif(size, 0) AS wape, mape, mape_n, (f - a) / nullif(abs(a), 0) AS bias, (f - a) * n / nullif(off, 0) AS signal, f, a, off, n
	FROM (SELECT sum(forecast) AS f, sum(actual) AS a, sum(abs(forecast - actual)) AS off, sum(abs(actual)) AS size, count(*) AS n,
	  avg((abs(forecast - actual) / nullif(abs(actual), 0))::float8) AS mape, count(nullif(actual, 0)) AS mape_n FROM call $1) AS total"
}
brier_sql="SELECT score, 1 - score / nullif(base * (1 - base), 0) AS skill, base, mean, won, n
	FROM (SELECT avg((probability - won::int) ^ 2) AS score, avg(won::int::float8) AS base, avg(probability) AS mean,
	  count(*) FILTER (WHERE won) AS won, count(*) AS n FROM call WHERE probability IS NOT NULL AND won IS NOT NULL) AS total"
calibration_sql="SELECT bin, n, won, mean, won / n::float8 AS rate, wilson_lower(won, n, 0.95), wilson_upper(won, n, 0.95)
	FROM (SELECT least(floor(probability * 10)::int, 9) AS bin, count(*) AS n, count(*) FILTER (WHERE won) AS won, avg(probability) AS mean
	  FROM call WHERE won IS NOT NULL GROUP BY 1) AS b"
outlook() { # REPS
	echo "SELECT count(d) FROM (SELECT bookings_distribution(amount, probability, 20000000) AS d FROM deal WHERE reps = $1 GROUP BY rep) AS o"
}
# ten deals a rep: all 1,024 ways that they may end, against a target that is in reach
outlook_ten="SELECT sum((d).chance), sum((d).p50) FROM (SELECT bookings_distribution(amount, probability, 3000000) AS d FROM deal WHERE reps = 1000 GROUP BY rep OFFSET 0) AS o"
outlook_ten_sql="WITH RECURSIVE numbered AS (
	  SELECT rep, amount, probability, row_number() OVER (PARTITION BY rep) AS k FROM deal WHERE reps = 1000
	), way AS (
	  SELECT rep, 0::int8 AS k, 0::numeric AS total, 1::float8 AS p FROM (SELECT DISTINCT rep FROM numbered) AS one
	  UNION ALL
	  SELECT way.rep, way.k + 1, total + CASE WHEN won THEN amount ELSE 0 END, p * CASE WHEN won THEN probability ELSE 1 - probability END
	  FROM way JOIN numbered ON numbered.rep = way.rep AND numbered.k = way.k + 1, (VALUES (true), (false)) AS w (won)
	)
	SELECT sum(chance), sum(p50)
	FROM (SELECT sum(p) FILTER (WHERE total >= 3000000) AS chance, min(total) FILTER (WHERE upto >= 0.5) AS p50
	  FROM (SELECT rep, total, p, sum(p) OVER (PARTITION BY rep ORDER BY total) AS upto FROM way WHERE k = 10) AS ordered
	  GROUP BY rep) AS o"

say "Checking the answers ..."
answer() { { bench_settings; echo "${2:-}"; echo "$1;"; } | sql; }
same() {
	[ "$2" = "$3" ] || { say "$1 gives another answer:" "$2" "instead of" "$3"; exit 1; }
}
expected=$(answer "SELECT round(wape, 10), round(mape::numeric, 4), mape_n, round(bias, 10), round(signal, 4), f, a, off, n FROM ($(accuracy_sql '')) AS s")
figures="round((v).wape::numeric, 10), round((v).mape::numeric, 4), (v).mape_n, round((v).bias::numeric, 10),
	round((v).tracking_signal::numeric, 4), (v).forecast, (v).actual, (v).absolute_error, (v).n"
same "forecast_accuracy" "$(answer "SELECT $figures FROM (SELECT forecast_accuracy(forecast, actual) AS v FROM call OFFSET 0) AS s")" "$expected"
same "the parallel plan" "$(answer "SELECT $figures FROM (SELECT forecast_accuracy(forecast, actual) AS v FROM call OFFSET 0) AS s" \
	"SET max_parallel_workers_per_gather = 1;")" "$expected"
same "the rollup" "$(answer "SELECT $figures FROM (SELECT forecast_accuracy_rollup(state) AS v FROM state OFFSET 0) AS s")" "$expected"
same "brier" "$(answer "SELECT round((v).score::numeric, 10), round((v).skill::numeric, 8), (v).won, (v).n FROM (SELECT brier(probability, won) AS v FROM call OFFSET 0) AS s")" \
	"$(answer "SELECT round(score::numeric, 10), round(skill::numeric, 8), won, n FROM ($brier_sql) AS s")"
same "calibration" "$(answer "SELECT bin - 1, n, won, round(mean_probability::numeric, 10) FROM unnest((SELECT calibration(probability, won, calibration_options()) FROM call)) ORDER BY bin")" \
	"$(answer "SELECT bin, n, won, round(mean::numeric, 10) FROM ($calibration_sql) AS s ORDER BY bin")"
same "bookings_distribution" "$(answer "SELECT round(sum::numeric, 2), round(p / 1000000) FROM ($outlook_ten) AS o (sum, p)")" \
	"$(answer "SELECT round(sum::numeric, 2), round(p / 1000000) FROM ($outlook_ten_sql) AS o (sum, p)")"

workers="SET max_parallel_workers_per_gather = 1"
contestant "SQL of forecast_accuracy" "$(accuracy_sql '')"
contestant "forecast_accuracy" "SELECT forecast_accuracy(forecast, actual) FROM call"
contestant "SQL, 1,000 groups" "$(accuracy_sql 'GROUP BY rep')"
contestant "forecast_accuracy, 1,000 groups" "SELECT rep, forecast_accuracy(forecast, actual) FROM call GROUP BY rep"
contestant "forecast_accuracy_rollup, stored states" "SELECT forecast_accuracy_rollup(state) FROM state"
contestant "forecast_accuracy, one worker" "SELECT forecast_accuracy(forecast, actual) FROM call" "$workers"
run_rounds
print_table "forecast_accuracy, $ROWS rows"

contestants=()
rm "$BENCH_WORK/round.sql"
contestant "SQL of brier" "$brier_sql"
contestant "brier" "SELECT brier(probability, won) FROM call"
contestant "SQL of calibration, ten bins" "$calibration_sql"
contestant "calibration, ten bins" "SELECT calibration(probability, won, calibration_options()) FROM call"
contestant "all ways of 1,000 times 10 deals, SQL" "$outlook_ten_sql"
contestant "bookings_distribution of the same" "$outlook_ten"
contestant "bookings_distribution, 1,000 of 10 deals" "$(outlook 1000)"
contestant "bookings_distribution, 100 of 100 deals" "$(outlook 100)"
contestant "bookings_distribution, 10 of 1,000 deals" "$(outlook 10)"
run_rounds
print_table "brier and calibration, $ROWS rows; bookings_distribution, 10000 deals"
