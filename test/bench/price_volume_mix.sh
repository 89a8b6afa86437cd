#!/usr/bin/env bash
# price_volume_mix() and driver_variance() against the SQL that gives the same
# figures.  A part of run.sh.
set -eu -o pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/test/bench/lib.sh"

say "Generating $ROWS products ..."
sql -v rows="$ROWS" <<'SQL'
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE EXTENSION IF NOT EXISTS salesmgmt CASCADE;
CREATE SCHEMA bench;
SET search_path = bench, salesmgmt, public;

SELECT setseed(0.41);
CREATE UNLOGGED TABLE product AS
SELECT CASE WHEN random() < 0.05 THEN 0 ELSE 1 + floor(random() * 1000) END::numeric(12, 0) AS q0,
  (1 + random() * 1000)::numeric(12, 2) AS p0,
  CASE WHEN random() < 0.05 THEN 0 ELSE 1 + floor(random() * 1000) END::numeric(12, 0) AS q1,
  (1 + random() * 1000)::numeric(12, 2) AS p1
FROM generate_series(1, :rows) AS i;
CREATE UNLOGGED TABLE driver AS
SELECT ARRAY[1 + random() * 100, 0.1 + random(), 1000 * (1 + random())] AS planned,
  ARRAY[1 + random() * 100, 0.1 + random(), 1000 * (1 + random())] AS actual
FROM generate_series(1, :rows) AS i;
VACUUM ANALYZE product, driver;
SQL

same_parts="SELECT volume, m - r0 - volume AS mix, r1 - m AS price, new, lost, r1 - r0 + new + lost AS total
	FROM (SELECT round((n1 - n0) * r0 / n0, 2) AS volume, r0, r1, m, new, lost
	  FROM (SELECT sum(q0) FILTER (WHERE q0 <> 0 AND q1 <> 0) AS n0,
	      sum(q1) FILTER (WHERE q0 <> 0 AND q1 <> 0) AS n1,
	      sum(q0 * p0) FILTER (WHERE q0 <> 0 AND q1 <> 0) AS r0,
	      sum(q1 * p0) FILTER (WHERE q0 <> 0 AND q1 <> 0) AS m,
	      sum(q1 * p1) FILTER (WHERE q0 <> 0 AND q1 <> 0) AS r1,
	      coalesce(sum(q1 * p1) FILTER (WHERE q0 = 0), 0) AS new,
	      coalesce(-sum(q0 * p0) FILTER (WHERE q1 = 0), 0) AS lost
	    FROM product) AS sums) AS parts"
same_split="SELECT sum(mean * ln(actual[1] / planned[1])), sum(mean * ln(actual[2] / planned[2])), sum(mean * ln(actual[3] / planned[3]))
	FROM (SELECT planned, actual, CASE WHEN a = p THEN a ELSE (a - p) / ln(a / p) END AS mean
	  FROM (SELECT planned, actual, planned[1] * planned[2] * planned[3] AS p, actual[1] * actual[2] * actual[3] AS a
	    FROM driver OFFSET 0) AS product OFFSET 0) AS means"
split="SELECT sum(parts[1]), sum(parts[2]), sum(parts[3])
	FROM (SELECT (driver_variance(planned, actual)).contributions AS parts FROM driver OFFSET 0) AS split"

say "Checking the answers ..."
answer() { { bench_settings; echo "$1;"; } | sql; }
same() {
	[ "$2" = "$3" ] || { say "$1 gives another answer:" "$2" "instead of" "$3"; exit 1; }
}
same "price_volume_mix" "$(answer "SELECT (v).* FROM (SELECT price_volume_mix(q0, p0, q1, p1) AS v FROM product OFFSET 0) AS f")" "$(answer "$same_parts")"
rounded() { sed 's/|/\n/g' | awk '{ printf "%.9g ", $1 }'; }
same "driver_variance" "$(answer "$split" | rounded)" "$(answer "$same_split" | rounded)"

contestant "SQL of the same parts" "$same_parts"
contestant "price_volume_mix" "SELECT price_volume_mix(q0, p0, q1, p1) FROM product"
run_rounds
print_table "price_volume_mix, $ROWS rows"

contestants=()
rm "$BENCH_WORK/round.sql"
contestant "SQL of the same split, 3 factors" "$same_split"
contestant "driver_variance" "$split"
run_rounds
print_table "driver_variance, $ROWS rows"
