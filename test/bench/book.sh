#!/usr/bin/env bash
# Every view of a large book, and loading one: make bench BOOK=1.  A part of run.sh.
#
# ROWS     changes in the ledger (10000000); a tenth as many deals, half as many activities
# REPORTS  only these lines of the table, as a regular expression
# JIT      on: with the server's JIT compiler, which takes longer to compile a large report than it saves
set -eu -o pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/test/bench/lib.sh"

say "Generating a book of $ROWS changes ..."
sql -v rows="$ROWS" -f "$here/test/bench/book.sql" >/dev/null

book_settings() {
	cat <<-SETTINGS
	SET client_min_messages = warning;
	SET jit = ${JIT:-off};
	SET work_mem = '256MB';
	SET max_parallel_workers_per_gather = 0;
	SET statement_timeout = '10min';
	SET search_path = book, salesmgmt, public;
	SETTINGS
}

# took QUERY: milliseconds to plan and run it, and count(*) of the ledger, in turn and in one session, the best of three each.
took() {
	{
		book_settings
		for round in 1 2 3; do
			printf '\\echo one\nEXPLAIN (ANALYZE, TIMING OFF) SELECT count(*) FROM opportunity_change;\n'
			printf '\\echo line\nEXPLAIN (ANALYZE, TIMING OFF) %s;\n' "$1"
		done
	} | sql 2>&1 | awk '
		/^(one|line)$/ { what = $1; t = 0 }
		/^Planning Time:/ { t = $3 }
		/^Execution Time:/ { t += $3; if (!(what in best) || t < best[what]) best[what] = t }
		/ERROR/ { bad = 1 }
		END { print bad ? "- -" : best["line"] " " best["one"] }'
}

# line KIND GOAL QUERY: a line of the table.
line() {
	[[ "$3" =~ ${REPORTS:-.} ]] || return 0
	read -r ms one < <(took "SELECT * FROM $3")
	awk -v kind="$1" -v goal="$2" -v name="$3" -v ms="$ms" -v one="$one" \
		'BEGIN { printf "%-62s %-9s %10s %8s %6s\n", name, kind, ms == "-" ? "failed" : sprintf("%.1f", ms), ms == "-" ? "" : sprintf("%.2f", ms / one), goal }'
}

printf '\nThe views of a book of %s changes, in units of count(*) of the ledger, taken in turn\n\n%-62s %-9s %10s %8s %6s\n' "$ROWS" "" "" ms ratio goal
rep=$(sql -c "SELECT p.code FROM book.person AS p JOIN book.opportunity ON owner_id = person_id GROUP BY p.code ORDER BY abs(count(*) - $ROWS / 10 / 900), p.code LIMIT 1")
past=$(sql -c "SELECT (now() - interval '1 year')::date")
present="past_due untouched large_opportunity"
history="stage_duration slippage"
for view in $present; do
	line present 1 "$view"
	line "one rep" 0.05 "$view(person => '$rep')"
	line as-of 8 "$view('$past')"
done
for view in $history; do
	line history 5 "$view"
	line as-of 8 "$view('$past')"
done
for view in $(sql -c "SELECT relname FROM pg_class WHERE relnamespace = 'book'::regnamespace AND relkind = 'v' ORDER BY relname"); do
	[[ " $present $history " != *" $view "* ]] || continue
	line "" "" "$view"
	[ "$(sql -c "SELECT count(*) FROM pg_proc WHERE pronamespace = 'book'::regnamespace AND proname = '$view' AND proargnames[1] = 'as_of'")" = 0 ] ||
		line as-of 8 "$view('$past')"
done

# ---- loading ----
# A tenth of the deals with their changes, into a book and into a table with the same
# keys, indexes and foreign keys that has no triggers.
sql >/dev/null <<SQL
SET client_min_messages = warning;
SELECT salesmgmt.create_book('load');
SET session_replication_role = replica;
INSERT INTO load.person SELECT * FROM book.person;
INSERT INTO load.account SELECT * FROM book.account;
INSERT INTO load.product SELECT * FROM book.product;
INSERT INTO load.pipeline SELECT * FROM book.pipeline;
INSERT INTO load.stage SELECT * FROM book.stage;
INSERT INTO load.opportunity (opportunity_id, code, name, account_id, pipeline_id, created_at, currency)
SELECT opportunity_id, code, name, account_id, pipeline_id, created_at, currency FROM book.opportunity WHERE opportunity_id % 10 = 0;
SET session_replication_role = origin;
CREATE SCHEMA plain;
CREATE TABLE plain.opportunity_change (LIKE load.opportunity_change INCLUDING ALL);
SELECT format('ALTER TABLE plain.opportunity_change ADD %s', replace(pg_get_constraintdef(oid), 'REFERENCES load.opportunity_change', 'REFERENCES plain.opportunity_change'))
FROM pg_constraint WHERE conrelid = 'load.opportunity_change'::regclass AND contype = 'f' \gexec
COPY (SELECT * FROM book.opportunity_change WHERE opportunity_id % 10 = 0 ORDER BY seq) TO '$PGHOST/changes';
VACUUM ANALYZE load.opportunity;
SQL
load() {
	sql -c '\timing on' -c "COPY $1.opportunity_change FROM '$PGHOST/changes'" | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p'
	sql -c "SET session_replication_role = replica" -c "TRUNCATE $1.opportunity_change" \
		-c "UPDATE load.opportunity SET (stage_id, amount, expected_close, owner_id, forecast_category, lost_reason, competitor, changed_at, change_place,
				change_seq, stage_before_id, amount_before, first_changed_at, first_stage_id, first_owner_id)
			= (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)" -c "VACUUM load.opportunity"
}
for round in 1 2 3; do
	load plain >>"$BENCH_WORK/plain"
	load load >>"$BENCH_WORK/load"
done
best() { sort -n "$BENCH_WORK/$1" | head -n 1; }
printf '\nLoading %s changes of %s deals by COPY (the best of three)\n\n' "$(wc -l <"$PGHOST/changes")" "$((ROWS / 100))"
awk -v plain="$(best plain)" -v load="$(best load)" 'BEGIN {
	printf "%-42s %10.1f ms\n%-42s %10.1f ms\n%-42s %10.2f   goal 0.7\n", "the same keys and foreign keys, no triggers", plain, "a book", load, "speed of the book", plain / load }'
