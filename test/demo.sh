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
server_start "$server"
export PATH="$bindir:$PATH" PGOPTIONS="-c client_min_messages=notice"
sql() { psql -X -q -v ON_ERROR_STOP=1 "$@"; }

sql -c "CREATE ROLE manager LOGIN" -c "CREATE DATABASE demo OWNER manager"
sql -d demo -c "SET client_min_messages = warning" -c "CREATE EXTENSION salesmgmt CASCADE"
export PGUSER=manager PGDATABASE=demo
if [ -n "$data" ]; then
	book=book
	sql -At -o /dev/null -c "SET client_min_messages = warning" -c "SELECT salesmgmt.create_book('$book')"
	"$here/test/load.sh" "$data" "$book"
else
	book=bank
	say "Making the demo book: 24 reps, 18 months ..."
	sql -At -o /dev/null -c "SELECT salesmgmt.create_demo_book('$book')" 2>&1 | sed 's/^NOTICE:  /  /' >&2
fi
sql -c "ALTER ROLE manager SET search_path = $book, salesmgmt, public"
# The planner knows nothing of a book just made.
PGUSER=postgres sql -c ANALYZE

echo
sql -At -c "SELECT report FROM $book.morning_report()"
echo
echo "Look around:  psql -h $server -U manager demo      then:  SELECT * FROM win_rate;"
echo "Stop it:      $([ "$(id -u)" != 0 ] || echo 'runuser -u postgres -- ')$bindir/pg_ctl -D $server/data stop"
