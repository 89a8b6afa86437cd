#!/usr/bin/env bash
# make bench: from nothing to a table of ratios.
#
#   test/bench/run.sh [benchmark ...]      default: all of them
#
# ROWS    events to generate (10000000)
# ROUNDS  rounds that each contestant runs, interleaved (5)
# BOOK    1: the views of a large book instead, and loading one (book.sh)
# PEERS   1: DuckDB and ClickHouse take part; their npm packages go into a temporary folder
#
# Every benchmark prints its medians as ratios to PostgreSQL's own serial count(*)
# of the same rows, measured in the same minutes: the ratios travel, the seconds do not.
set -eu -o pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/test/lib.sh"

[ -z "${BOOK:-}" ] || set -- book
export ROWS=${ROWS:-10000000} ROUNDS=${ROUNDS:-5} PEERS=${PEERS:-}

make_work
trap 'server_stop "$work/server"; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
set_up demo
build
server_start "$work/server"
export PATH="$bindir:$PATH"

# The tables are read from shared buffers, where there is memory for that; one of more than a quarter
# of them is not kept there, and a ledger of 10M changes has 1.1 GB.
if [ "$(awk '/^MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)" -ge 12 ]; then
	psql -X -q -c "ALTER SYSTEM SET shared_buffers = '6GB'"
	as_server "$bindir/pg_ctl" -D "$work/server/data" -l "$work/server/server.log" -m fast -w restart >/dev/null
fi
export BENCH_WORK=$work
for benchmark in ${*:-funnel groups rate calendar rep_score plan_variance price_volume_mix forecast_accuracy cadence_adherence stage_times}; do
	"$here/test/bench/$benchmark.sh"
done
