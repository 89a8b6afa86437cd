# What the benchmarks share: source it with $here set, in a shell where psql finds the server.

say() { printf '%s\n' "$*" >&2; }
sql() { psql -X -q -At -v ON_ERROR_STOP=1 "$@"; }

# Nothing but the query: no JIT, no temporary file, no parallel plan unless asked for.
bench_settings() {
	cat <<-'SETTINGS'
	SET jit = off;
	SET work_mem = '1GB';
	SET max_parallel_workers_per_gather = 0;
	SET parallel_leader_participation = on;
	SET enable_partitionwise_aggregate = off;
	SET parallel_setup_cost = 0;
	SET parallel_tuple_cost = 0;
	SET min_parallel_table_scan_size = 0;
	SET search_path = bench, salesmgmt, public;
	SETTINGS
}

# contestant NAME QUERY [SETTING]: takes part in each round.
contestants=()
: >"$BENCH_WORK/round.sql"
contestant() {
	contestants+=("$1")
	{
		[ -z "${3:-}" ] || printf '%s;\n' "$3"
		printf '\\timing on\n%s;\n\\timing off\n' "$2"
		[ -z "${3:-}" ] || bench_settings
	} >>"$BENCH_WORK/round.sql"
}

# peer NAME: takes part in each round through ask, after the contestants.
peers=()
peer() { peers+=("$1"); }
ask() { echo "$*" >&"${peer_process[1]}"; IFS= read -r -u "${peer_process[0]}" reply; }

# Run the rounds; a line "NAME MILLISECONDS" a run in $BENCH_WORK/times.
run_rounds() {
	local round name reply
	: >"$BENCH_WORK/times"
	for round in $(seq "$ROUNDS"); do
		say "  round $round of $ROUNDS ..."
		{ bench_settings; cat "$BENCH_WORK/round.sql"; } |
			psql -X -At -v ON_ERROR_STOP=1 -o /dev/null | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' >"$BENCH_WORK/round"
		paste -d '	' <(printf '%s\n' "${contestants[@]}") "$BENCH_WORK/round" >>"$BENCH_WORK/times"
		for name in "${peers[@]}"; do
			ask time "$name"
			printf '%s\t%s\n' "$name" "$reply" >>"$BENCH_WORK/times"
		done
	done
}

# print_table TITLE: medians, and their ratios to the first contestant's.
print_table() {
	local name
	printf '\n%s: medians of %s interleaved rounds\n\n%-42s %10s %8s\n' "$1" "$ROUNDS" "" "ms" "ratio"
	for name in "${contestants[@]}" "${peers[@]}"; do
		awk -F '\t' -v name="$name" '$1 == name { print $2 }' "$BENCH_WORK/times" | sort -n |
			awk -v name="$name" '{ a[NR] = $1 } END { printf "%s\t%.1f\n", name, (a[int((NR + 1) / 2)] + a[int(NR / 2) + 1]) / 2 }'
	done | awk -F '\t' 'NR == 1 { one = $2 } { printf "%-42s %10.1f %8.2f\n", $1, $2, $2 / one }'
}
