#!/usr/bin/env bash
# make test: from nothing to "N passed, N failed, N skipped".
#
#   test/run.sh [suite ...]     one or more of: core regress pgtap real tap
#
# The suites are targets of the Makefile; this sets up the machine, builds,
# starts a private server for them, and adds up what they say.
set -u -o pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/test/lib.sh"

suites=${*:-core regress pgtap real tap}
passed=0 failed=0 skipped=0

make_work
trap 'server_stop "$work/server"; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
set_up test
build
server_start "$work/server"
export PATH="$bindir:$PATH"

# Real data lies beside the checkout, if at all.
if [ -z "${SALESMGMT_DATA:-}" ] && [ -d "$here/../shared/data" ]; then
	SALESMGMT_DATA=$(cd "$here/../shared/data" && pwd)
fi
export SALESMGMT_DATA="${SALESMGMT_DATA:-}"

# Servers that tests start for themselves find the extension by these lines.
export SALESMGMT_SERVER_SETTINGS="$work/settings.conf"
extension_settings >"$SALESMGMT_SERVER_SETTINGS"

# Turn pg_regress's own lines (before PostgreSQL 16) into TAP, like all others.
as_tap() {
	sed -u -E 's/^(test|     )? *([A-Za-z0-9_-]+) +\.\.\. ok( .*)?$/ok - \2/; s/^(test|     )? *([A-Za-z0-9_-]+) +\.\.\. FAILED( .*)?$/not ok - \2/'
}

# A line a file, failures in full, and the counts on file descriptor 3.
progress() {
	awk '
		/^ *not ok/ { failed++; print "    " $0; fflush(); next }
		/^ *ok/ { if (tolower($0) ~ /# *skip/) { skipped++; print "    " $0 } else passed++; next }
		/^1\.\.0/ { skipped++; print "    " $0; fflush(); next }
		/ \.\.+ *$/ { print "  " $0; fflush(); next }
		/^ *#|ERROR|^Dubious|^Parse errors|^  Bad plan|warning:|error:|Sanitizer|^\+\+\+/ { print "    " $0; fflush() }
		END { print passed + 0, failed + 0, skipped + 0 > "/dev/fd/3" }'
}

for suite in $suites; do
	say "== $suite"
	make -C "$here" -s "check-$suite" 2>&1 | tee "$work/$suite.log" | as_tap | progress 3>"$work/counts" >&2
	status=${PIPESTATUS[0]}
	read -r p f s <"$work/counts"
	# A suite that broke off without a failed test has failed all the same.
	if [ "$status" != 0 ] && [ "$f" = 0 ]; then
		f=1
		tail -n 40 "$work/$suite.log" >&2
	fi
	if [ "$((p + f + s))" = 0 ]; then
		say "The suite $suite ran no test."
		f=1
	fi
	[ "$f" = 0 ] || [ ! -s "$here/regression.diffs" ] || [ "$suite" != regress ] || cat "$here/regression.diffs" "$here"/output_iso/regression.diffs >&2 2>/dev/null
	say "   $p passed, $f failed, $s skipped"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done

printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
