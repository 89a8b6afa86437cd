#!/usr/bin/env bash
# rep_score() over one group and over many small ones, against the plain SQL
# that gives the same figures but for the last digits.  A part of run.sh.
set -eu -o pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/test/bench/lib.sh"

say "Generating $ROWS KPIs, five a rep ..."
sql -v rows="$ROWS" <<'SQL'
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE EXTENSION IF NOT EXISTS salesmgmt CASCADE;
CREATE SCHEMA bench;
SET search_path = bench, salesmgmt, public;
CREATE UNLOGGED TABLE kpi AS
SELECT i % greatest(:rows / 5, 1) AS rep,
  CASE WHEN (draw & 15) > 0 THEN ((draw >> 4) & 65535) / 100.0 END::float8 AS actual,
  (100 + ((draw >> 20) & 1023) / 2.0)::float8 AS target,
  (1 + ((draw >> 30) & 7)) / 8.0::float8 AS weight,
  (draw >> 33) & 3 > 0 AS higher_is_better
FROM generate_series(1, :rows) AS i, LATERAL (SELECT hashint8extended(i, 3) AS draw) AS drawn;
CREATE UNLOGGED TABLE state AS
SELECT rep % 1000 AS team, rep_score_state(actual, target, weight, higher_is_better, score_options()) AS state
FROM kpi
GROUP BY rep;
VACUUM ANALYZE kpi, state;
SQL

# plain GROUPING: what one would write; measure GROUPING: the aggregate.
plain() {
	cat <<-SQL
	SELECT sum(score), sum(coverage), sum(n), sum(missing)
	FROM (
	  SELECT CASE WHEN present >= 0.5 * asked THEN 100 * weighted / nullif(present, 0) END AS score,
	    present / nullif(asked, 0) AS coverage, n, missing
	  FROM (
	    SELECT coalesce(sum(weight) FILTER (WHERE a IS NOT NULL), 0) AS present, sum(weight) AS asked, sum(weight * a) AS weighted,
	      count(a) AS n, count(*) - count(a) AS missing
	    FROM (
	      SELECT rep, weight,
	        CASE
	          WHEN actual IS NULL OR target IS NULL THEN NULL
	          WHEN target <> 0
	            THEN least(greatest(1 + CASE WHEN higher_is_better THEN 1 ELSE -1 END * (actual - target) / abs(target), 0), 1.5)
	          WHEN higher_is_better THEN (actual >= 0)::int
	          ELSE (actual <= 0)::int
	        END AS a
	      FROM kpi
	      OFFSET 0
	    ) AS attained
	    $1
	    OFFSET 0
	  ) AS summed
	) AS scored
	SQL
}
measure() {
	cat <<-SQL
	SELECT sum((s).score), sum((s).coverage), sum((s).n), sum((s).missing)
	FROM (
	  SELECT rep_score(actual, target, weight, higher_is_better, score_options()) AS s
	  FROM kpi
	  $1
	  OFFSET 0
	) AS scored
	SQL
}

say "Checking the answers ..."
rounded() { { bench_settings; echo "$1;"; } | sql | awk -F '|' '{ printf "%.9g %.9g %d %d\n", $1, $2, $3, $4 }'; }
for grouping in "" "GROUP BY rep"; do
	[ "$(rounded "$(measure "$grouping")")" = "$(rounded "$(plain "$grouping")")" ] ||
		{ say "rep_score and the plain SQL differ: '$grouping'"; exit 1; }
done
rollup="SELECT rep_score_rollup(state) FROM state"
[ "$({ bench_settings; echo "$rollup;"; } | sql)" = \
	"$({ bench_settings; echo "SELECT rep_score(actual, target, weight, higher_is_better, score_options()) FROM kpi;"; } | sql)" ] ||
	{ say "the roll-up of states differs from the rows"; exit 1; }

more="SET work_mem = '256MB'"
contestant "count(*)" "SELECT count(*) FROM kpi"
contestant "one group, plain SQL" "$(plain "")"
contestant "one group, rep_score" "$(measure "")"
contestant "groups of five, plain SQL" "$(plain "GROUP BY rep")"
contestant "groups of five, rep_score" "$(measure "GROUP BY rep")"
contestant "in 256 MB, plain SQL" "$(plain "GROUP BY rep")" "$more"
contestant "in 256 MB, rep_score" "$(measure "GROUP BY rep")" "$more"
contestant "rolled up from states" "$rollup"

run_rounds
print_table "rep_score, $ROWS KPIs"
