#!/usr/bin/env bash
# plan_variance() over two numeric(12,2), against sum() of both and against the
# SQL that gives the same figures; then as a moving window.  A part of run.sh.
set -eu -o pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/test/bench/lib.sh"

# The frame of the window is as long as half of its table.
frames=$((ROWS < 2000000 ? ROWS / 2 : 1000000))

say "Generating $ROWS planned and actual amounts ..."
sql -v rows="$ROWS" -v frames="$frames" <<'SQL'
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE EXTENSION IF NOT EXISTS salesmgmt CASCADE;
CREATE SCHEMA bench;
SET search_path = bench, salesmgmt, public;

SELECT setseed(0.4);
CREATE UNLOGGED TABLE result AS
SELECT (random() * 100000)::numeric(12, 2) AS planned,
  (random() * 100000)::numeric(12, 2) AS actual
FROM generate_series(1, :rows) AS i;
CREATE UNLOGGED TABLE rep_result AS SELECT row_number() OVER () AS id, row_number() OVER () % 1000 AS rep, * FROM result;
CREATE UNLOGGED TABLE series AS SELECT * FROM rep_result WHERE id <= 2 * :frames;
CREATE UNLOGGED TABLE state AS SELECT rep, plan_variance_state(planned, actual) AS state FROM rep_result GROUP BY rep, id % 100;
VACUUM ANALYZE result, rep_result, series, state;
SQL

same_figures="SELECT p AS planned, a AS actual, a - p AS variance,
  ((a - p) / nullif(abs(p), 0))::float8 AS variance_rate, (1 + (a - p) / nullif(abs(p), 0))::float8 AS attainment, n
	FROM (SELECT coalesce(sum(planned), 0) AS p, coalesce(sum(actual), 0) AS a,
	  count(*) FILTER (WHERE planned IS NOT NULL OR actual IS NOT NULL) AS n FROM result) AS total"
moving() { # FRAME
	echo "SELECT count(v) FROM (SELECT plan_variance(planned, actual) OVER (ORDER BY id ROWS $1 PRECEDING) AS v FROM series) AS w"
}
moving_sums() { # FRAME: what sum() needs for the same figures
	echo "SELECT count(p) + count(a) + count((a - p) / nullif(abs(p), 0)) FROM (SELECT sum(planned) OVER w AS p, sum(actual) OVER w AS a
	FROM series WINDOW w AS (ORDER BY id ROWS $1 PRECEDING)) AS w"
}

say "Checking the answers ..."
answer() { { bench_settings; echo "SET work_mem = '1GB'; ${2:-}"; echo "$1;"; } | sql; }
same() {
	[ "$2" = "$3" ] || { say "$1 gives another answer:" "$2" "instead of" "$3"; exit 1; }
}
expected=$(answer "SELECT planned, actual, variance, n, round(attainment::numeric, 12) FROM ($same_figures) AS f")
figures="(v).planned, (v).actual, (v).variance, (v).n, round((v).attainment::numeric, 12)"
same "plan_variance" "$(answer "SELECT $figures FROM (SELECT plan_variance(planned, actual) AS v FROM result OFFSET 0) AS f")" "$expected"
same "the parallel plan" "$(answer "SELECT $figures FROM (SELECT plan_variance(planned, actual) AS v FROM result OFFSET 0) AS f" \
	"SET max_parallel_workers_per_gather = 1;")" "$expected"
same "the rollup" "$(answer "SELECT $figures FROM (SELECT plan_variance_rollup(state) AS v FROM state OFFSET 0) AS f")" "$expected"
same "the moving window" "$(answer "SELECT sum((v).planned), sum((v).actual) FROM (
	SELECT plan_variance(planned, actual) OVER (ORDER BY id ROWS $frames PRECEDING) AS v FROM series) AS w")" \
	"$(answer "SELECT sum(p), sum(a) FROM (SELECT sum(planned) OVER w AS p, sum(actual) OVER w AS a
	FROM series WINDOW w AS (ORDER BY id ROWS $frames PRECEDING)) AS w")"

contestant "sum(planned), sum(actual)" "SELECT sum(planned), sum(actual) FROM result"
contestant "count(*)" "SELECT count(*) FROM result"
contestant "plan_variance" "SELECT plan_variance(planned, actual) FROM result"
contestant "SQL of the same figures" "$same_figures"
contestant "plan_variance, 1,000 groups" "SELECT rep, plan_variance(planned, actual) FROM rep_result GROUP BY rep"
contestant "sum, sum, 1,000 groups" "SELECT rep, sum(planned), sum(actual) FROM rep_result GROUP BY rep"
contestant "plan_variance_rollup, stored states" "SELECT plan_variance_rollup(state) FROM state"
contestant "plan_variance, one worker" "SELECT plan_variance(planned, actual) FROM result" "SET max_parallel_workers_per_gather = 1"
run_rounds
print_table "plan_variance, $ROWS rows"

contestants=()
rm "$BENCH_WORK/round.sql"
memory="SET work_mem = '1GB'"
contestant "plan_variance, frame of 1,000 rows" "$(moving 1000)" "$memory"
contestant "plan_variance, frame of $frames rows" "$(moving "$frames")" "$memory"
contestant "SQL of the same, frame of 1,000 rows" "$(moving_sums 1000)" "$memory"
contestant "SQL of the same, frame of $frames" "$(moving_sums "$frames")" "$memory"
run_rounds
print_table "plan_variance as a moving window over $((2 * frames)) rows"
