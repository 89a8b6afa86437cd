#!/usr/bin/env bash
# make demo: from nothing to the manager's morning report.
#
#   test/demo.sh            on a generated bank's sales force
#   test/demo.sh FOLDER     on a folder of CSV files named after the book's tables (doc/load.md)
#
# The server keeps running, so that one can look around; the next demo of the
# same user replaces it.
set -eu -o pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/test/lib.sh"

data=${1:-}
if [ -n "$data" ]; then
	[ -d "$data" ] || die "DATA=$data is not a folder."
	data=$(cd "$data" && pwd)
fi

work=${TMPDIR:-/tmp}/salesmgmt-demo-$(id -un)
server=$work/server
mkdir -p "$work"
[ -O "$work" ] || die "$work belongs to somebody else; set TMPDIR."
chmod 755 "$work"
set_up demo
server_stop "$server"
rm -rf "${work:?}"/*
build

say "Starting a private server ..."
trap '[ $? = 0 ] || server_stop "$server"' EXIT
server_start "$server"
export PATH="$bindir:$PATH" PGOPTIONS="-c client_min_messages=notice"
sql() { psql -X -q -v ON_ERROR_STOP=1 "$@"; }

sql -c "CREATE ROLE manager LOGIN" -c "CREATE DATABASE demo OWNER manager"
sql -d demo -c "SET client_min_messages = warning" -c "CREATE EXTENSION salesmgmt CASCADE"
export PGUSER=manager PGDATABASE=demo
if [ -n "$data" ]; then
	book=book
	# the currency cannot be loaded into a book that has one already
	currency=$(sed -n '2{s/[^A-Za-z]//g;p}' "$data/currency.csv" 2>/dev/null || true)
	sql -At -o /dev/null -c "SET client_min_messages = warning" -c "SELECT salesmgmt.create_book('$book', '${currency:-USD}')"
	"$here/test/load.sh" "$data" "$book"
	# the report is of the last day on which anything happened
	as_of=$(sql -At -c "SELECT least(now(), (greatest(
		(SELECT max(changed_at) FROM $book.opportunity_history),
		(SELECT max(booked_on) FROM $book.booking),
		(SELECT max(held_at) FROM $book.activity))::date + 1)::timestamp AT TIME ZONE (value #>> '{}') - interval '1 minute')
		FROM $book.setting WHERE name = 'time_zone'")
else
	book=bank
	say "Making the demo book: 24 reps, 18 months ..."
	sql -At -o /dev/null -c "SELECT salesmgmt.create_demo_book('$book')" 2>&1 | sed 's/^NOTICE:  /  /' >&2
fi
sql -c "ALTER ROLE manager SET search_path = $book, salesmgmt, public"
# The planner knows nothing of a book just made.
PGUSER=postgres sql -c ANALYZE

echo
sql -At -c "SELECT report FROM $book.morning_report($([ -z "${as_of:-}" ] || echo "'$as_of'"))"
echo
echo "Look around:  psql -h $server -U manager demo      then:  SELECT * FROM win_rate;"
echo "Stop it:      $([ "$(id -u)" != 0 ] || echo 'runuser -u postgres -- ')$bindir/pg_ctl -D $server/data stop"
