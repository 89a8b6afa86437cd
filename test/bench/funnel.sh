#!/usr/bin/env bash
# funnel_conversion() over events in the order they arrived and grouped by
# entity, ids in a 32-bit range, any int8, uuid and text.  A part of run.sh.
set -eu -o pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/test/bench/lib.sh"

say "Compiling the floor ..."
gcc -O2 -fPIC -shared -I"$("$PG_CONFIG" --includedir-server)" -o "$BENCH_WORK/floor.so" "$here/test/bench/floor.c"

# A deal has ten events on random steps, all within 30 days of its first; deals
# begin one after the other over three years.
say "Generating $ROWS events of $((ROWS / 10)) deals ..."
sql -v rows="$ROWS" -v floor="$BENCH_WORK/floor.so" <<'SQL'
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '256MB';
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE EXTENSION IF NOT EXISTS salesmgmt CASCADE;
CREATE SCHEMA bench;
SET search_path = bench, salesmgmt, public;

CREATE FUNCTION floor_step(int8, int8, int, timestamptz, funnel_options)
RETURNS int8 LANGUAGE c IMMUTABLE PARALLEL SAFE AS :'floor', 'bench_floor';
CREATE AGGREGATE floor_of(int8, int, timestamptz, funnel_options) (
  SFUNC = floor_step, STYPE = int8, INITCOND = '0', COMBINEFUNC = int8pl, PARALLEL = SAFE
);

CREATE UNLOGGED TABLE arrival AS
SELECT deal::int8 AS entity,
  CASE WHEN event = 0 THEN 1 ELSE 1 + ((draw >> 40) & 1023) % 5 END::int AS step,
  timestamptz '2023-01-01 UTC'
    + (deal / (:rows / 10.0)) * interval '1095 days'
    + CASE WHEN event = 0 THEN 0 ELSE (draw & 1048575) / 1048576.0 END * interval '30 days' AS at
FROM generate_series(1, :rows / 10) AS deal,
  generate_series(0, 9) AS event,
  LATERAL (SELECT hashint8extended(deal * 10 + event, 42) AS draw) AS drawn
ORDER BY at;
CREATE UNLOGGED TABLE arrival64 AS SELECT hashint8extended(entity, 7) AS entity, step, at FROM arrival;
CREATE UNLOGGED TABLE grouped AS SELECT * FROM arrival ORDER BY entity, at;
CREATE UNLOGGED TABLE arrival_uuid AS SELECT md5(entity::text)::uuid AS entity, step, at FROM arrival;
CREATE UNLOGGED TABLE arrival_text AS SELECT 'deal-' || md5(entity::text) AS entity, step, at FROM arrival;
-- a worker a partition, as two that shared one would share its entities
CREATE UNLOGGED TABLE parted (LIKE arrival) PARTITION BY HASH (entity);
SELECT format('CREATE UNLOGGED TABLE parted_%s PARTITION OF parted FOR VALUES WITH (MODULUS 4, REMAINDER %1$s) WITH (parallel_workers = 0)', i)
FROM generate_series(0, 3) AS i \gexec
INSERT INTO parted SELECT * FROM arrival;
VACUUM ANALYZE arrival, arrival64, grouped, arrival_uuid, arrival_text, parted;
SQL

# funnel TABLE OPTIONS: the query of a contestant.
funnel() {
	echo "SELECT funnel_conversion(entity, step, at, funnel_options(steps => 5, within => '14 days'$2)) FROM $1"
}
counts=", times => false"
any=", anchor => 'any'"
workers="SET max_parallel_workers_per_gather = 1"
disjoint=", disjoint => true"
by_partition="SET enable_partitionwise_aggregate = on"
# The planner reckons that only workers take whole partitions, so one worker gains nothing to it
# and the plan stays serial.  Two workers without the leader are two processes as well.
two_workers="$by_partition; SET max_parallel_workers_per_gather = 2; SET parallel_leader_participation = off"
spilled="SET work_mem = '4MB'"

say "Checking the answers ..."
answer() { { bench_settings; echo "${2:-};"; echo "$1;"; } | sql; }
same() {
	[ "$2" = "$3" ] || { say "$1 gives another answer:" "$2" "instead of" "$3"; exit 1; }
}
same "the plan of partitions" "$(answer "EXPLAIN (COSTS OFF) $(funnel parted "$counts$disjoint")" "$two_workers" | grep -o 'Parallel Append')" "Parallel Append"
for options in "$counts" "$counts$any" "" "$any"; do
	expected=$(answer "$(funnel arrival "$options")")
	same "the parallel plan" "$(answer "$(funnel arrival "$options")" "$workers")" "$expected"
	same "the funnel in a file" "$(answer "$(funnel arrival "$options")" "$spilled")" "$expected"
	same "the funnel of partitions" "$(answer "$(funnel parted "$options$disjoint")" "$by_partition")" "$expected"
	same "the parallel funnel of partitions" "$(answer "$(funnel parted "$options$disjoint")" "$two_workers")" "$expected"
	for table in arrival64 grouped arrival_uuid arrival_text; do
		same "$table" "$(answer "$(funnel $table "$options")")" "$expected"
		same "$table in a file" "$(answer "$(funnel $table "$options")" "$spilled")" "$expected"
	done
done
# How many entities reach each step, in one line.
reached() {
	answer "SELECT string_agg((s).reached::text, ' ' ORDER BY (s).step) FROM (SELECT unnest(($(funnel arrival "$1"))) AS s) AS funnel"
}
same "plain SQL" "$(reached "$counts")" \
	"$(answer "WITH e1 AS MATERIALIZED (SELECT entity, min(at) AS start, min(at) AS at FROM arrival WHERE step = 1 GROUP BY entity),
	$(for k in 2 3 4 5; do
		echo "e$k AS MATERIALIZED (SELECT entity, start, min(arrival.at) AS at FROM e$((k - 1)) AS before JOIN arrival USING (entity)
		WHERE step = $k AND arrival.at BETWEEN before.at AND start + interval '14 days' GROUP BY entity, start)$([ $k = 5 ] || echo ,)"
	done)
	SELECT concat_ws(' ', (SELECT count(*) FROM e1), (SELECT count(*) FROM e2), (SELECT count(*) FROM e3),
		(SELECT count(*) FROM e4), (SELECT count(*) FROM e5))")"

contestant "count(*)" "SELECT count(*) FROM arrival"
contestant "floor: reads its arguments" "SELECT floor_of(entity, step, at, funnel_options(steps => 5)) FROM arrival"
contestant "first, 32-bit ids" "$(funnel arrival "$counts")"
contestant "any, 32-bit ids" "$(funnel arrival "$counts$any")"
contestant "first, any int8" "$(funnel arrival64 "$counts")"
contestant "any, any int8" "$(funnel arrival64 "$counts$any")"
contestant "first, grouped by entity" "$(funnel grouped "$counts")"
contestant "first, 32-bit ids, with times" "$(funnel arrival "")"
contestant "any, 32-bit ids, with times" "$(funnel arrival "$any")"
contestant "first, any int8, with times" "$(funnel arrival64 "")"
contestant "first, uuid" "$(funnel arrival_uuid "$counts")"
contestant "first, text" "$(funnel arrival_text "$counts")"
contestant "first, 32-bit ids, work_mem 4MB" "$(funnel arrival "$counts")" "$spilled"
contestant "first, any int8, work_mem 4MB" "$(funnel arrival64 "$counts")" "$spilled"
contestant "first, 32-bit ids, with times, 4MB" "$(funnel arrival "")" "$spilled"
contestant "first, uuid, work_mem 4MB" "$(funnel arrival_uuid "$counts")" "$spilled"
contestant "first, text, work_mem 4MB" "$(funnel arrival_text "$counts")" "$spilled"
contestant "first, 32-bit ids, one worker" "$(funnel arrival "$counts")" "$workers"
contestant "any, 32-bit ids, one worker" "$(funnel arrival "$counts$any")" "$workers"
contestant "first, any int8, one worker" "$(funnel arrival64 "$counts")" "$workers"
contestant "any, any int8, one worker" "$(funnel arrival64 "$counts$any")" "$workers"
contestant "first, 32-bit ids, with times, one worker" "$(funnel arrival "")" "$workers"
contestant "count(*) of the partitions" "SELECT count(*) FROM parted"
contestant "first, partitions, disjoint" "$(funnel parted "$counts$disjoint")" "$by_partition"
contestant "first, partitions, disjoint, two workers" "$(funnel parted "$counts$disjoint")" "$two_workers"
contestant "any, partitions, disjoint" "$(funnel parted "$counts$any$disjoint")" "$by_partition"
contestant "any, partitions, disjoint, two workers" "$(funnel parted "$counts$any$disjoint")" "$two_workers"

if [ -n "$PEERS" ]; then
	say "Installing and loading the peers ..."
	mkdir -p "$BENCH_WORK/peers"
	(cd "$BENCH_WORK/peers" && npm install --no-audit --no-fund --silent @duckdb/node-api chdb)
	for table in arrival arrival64; do
		{ bench_settings; echo "COPY (SELECT entity, step, (extract(epoch FROM at) * 1000000)::int8 FROM $table) TO STDOUT CSV"; } |
			sql >"$BENCH_WORK/$table.csv"
	done
	coproc peer_process { cd "$BENCH_WORK/peers" && exec node "$here/test/bench/peers.mjs" "$BENCH_WORK"; }
	IFS= read -r -u "${peer_process[0]}" reply
	for threads in "1 thread" "2 threads"; do
		for ids in "32-bit ids" "64-bit ids"; do
			for name in "ClickHouse first, $ids, $threads" "ClickHouse any, $ids, $threads" "DuckDB first, $ids, $threads" "DuckDB any, $ids, $threads"; do
				ask answer "$name"
				options=$counts
				[ "${name#*any}" = "$name" ] || options=$counts$any
				same "$name" "$reply" "$(reached "$options")"
				peer "$name"
			done
		done
	done
fi

run_rounds
print_table "funnel_conversion, $ROWS events"
