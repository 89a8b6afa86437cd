#!/usr/bin/env bash
# The limit of a worker's state: past 1 GB it is refused with 54000 and a hint,
# and what the hint says works.  Needs 3 GB of memory; not among the
# benchmarks that run by default.  A part of run.sh.
set -eu -o pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/test/bench/lib.sh"

# a state of robust_scale keeps 8 bytes a value
values=134300000
sql <<'SQL'
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE EXTENSION IF NOT EXISTS salesmgmt CASCADE;
CREATE SCHEMA bench;
CREATE UNLOGGED TABLE bench.block AS SELECT i FROM generate_series(0, 1342) AS i;
ALTER TABLE bench.block SET (parallel_workers = 2);
ANALYZE bench.block;
SQL

query="SELECT robust_scale(i * 100000 + j) FROM block, generate_series(1, 100000) AS j"
start=$SECONDS
{
	bench_settings
	# planned for two workers, but one does it all
	echo "SET max_parallel_workers_per_gather = 2; SET max_parallel_workers = 1; SET parallel_leader_participation = off;"
	echo "\\set VERBOSITY verbose"
	echo "$query;"
} | psql -X -q -At >"$BENCH_WORK/limits" 2>&1 || true
sed -n 's/^\(psql.*\|\)\(ERROR\|DETAIL\|HINT\): /\2/p' "$BENCH_WORK/limits" >&2
grep -q "ERROR:  54000: partial state of type robust_scale_state would need" "$BENCH_WORK/limits" &&
	grep -q "^HINT:  Aggregate smaller groups, or SET max_parallel_workers_per_gather = 0" "$BENCH_WORK/limits" ||
	{ say "a state beyond 1 GB is not refused as it should be:"; cat "$BENCH_WORK/limits" >&2; exit 1; }
refused=$((SECONDS - start))

start=$SECONDS
answer=$({ bench_settings; echo "$query;"; } | sql)
[ "$answer" = "(67150000.5,33575000,33575000,$values)" ] || { say "the serial plan gives another answer: $answer"; exit 1; }
printf '\nlimits: the state of %s values is refused by a worker after %s s; serial: %s in %s s\n' \
	"$values" "$refused" "$answer" "$((SECONDS - start))"
