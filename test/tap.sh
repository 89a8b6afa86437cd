#!/usr/bin/env bash
# test/tap.sh NAME ...: run test/t/NAME.pl with PostgreSQL's own test library.
#
# Each test starts servers of its own, so as root they run as the postgres
# user, from a copy that this user can read.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
. "$here/test/lib.sh"
pgxs=$(dirname "$("$PG_CONFIG" --pgxs)")/../..

make_work
trap 'rm -rf "$work"' EXIT
mkdir "$work/run"
cp -r "$here/test" "$here/doc" "$here/sql" "$here/README.md" "$work"
[ "$(id -u)" != 0 ] || chown -R postgres "$work"

# PostgreSQL 15 knows TESTDIR, later ones TESTDATADIR and TESTLOGDIR.
tests=("${@/#/test/t/}")
tests=("${tests[@]/%/.pl}")
cd "$work"
as_server env TESTDIR="$work/run" TESTDATADIR="$work/run" TESTLOGDIR="$work/run" \
	PERL5LIB="$pgxs/src/test/perl" PG_REGRESS="$pgxs/src/test/regress/pg_regress" \
	PATH="$("$PG_CONFIG" --bindir):$PATH" \
	prove --verbose "${tests[@]}" 2>&1
