#!/bin/bash
# load.sh FOLDER BOOK: load a folder of CSV files, one a table, into a book.
#
# Each file is named after a table of the book, its first line names columns,
# and it has codes instead of ids (doc/load.md).  The server is the one psql
# finds by itself (PGHOST and the like).  All files are loaded in one
# transaction, in the order in which the tables refer to each other: either
# everything is loaded or nothing.
set -eu -o pipefail

die() { printf '%s\n' "$@" >&2; exit 1; }

[ $# = 2 ] || die "Usage: load.sh FOLDER BOOK"
folder=$1 book=$2
[ -d "$folder" ] || die "$folder: there is no such folder"

export PGCLIENTENCODING=UTF8
# Whoever may create objects in a schema of the search_path could have an operator
# there that fits better than the server's, and runs as who loads.
path='SET search_path = pg_catalog, pg_temp;'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ask SQL: what the server answers, one row a line; the book is :'book'
ask() {
	printf '%s\n' "$path" "$1" | psql -XqAt -F '|' -v ON_ERROR_STOP=1 -v VERBOSITY=terse -v book="$book" 2>"$work/ask" ||
		die "$(sed 's/^psql:[^ ]* //' "$work/ask")"
}

tables=$(ask "SELECT table_name FROM salesmgmt.load_order(:'book');")

shopt -s nullglob
files=("$folder"/*.[cC][sS][vV])
[ ${#files[@]} -gt 0 ] || die "$folder: there is no CSV file in it"
declare -A file_of
for file in "${files[@]}"; do
	name=${file##*/}
	table=${name%.*}
	grep -qxF -- "$table" <<<"$tables" ||
		die "$name: the book has no table \"$table\"; its tables are $(sort <<<"$tables" | paste -sd, | sed 's/,/, /g')"
	[ -z "${file_of[$table]:-}" ] || die "$name: ${file_of[$table]##*/} is of the same table"
	file_of[$table]=$file
done

# header FILE NAME: its columns, one a line
header() {
	local first
	first=$(head -n 1 "$1")
	first=${first%$'\r'}
	[ -n "$first" ] || die "$2, line 1: the names of the columns are missing"
	tr ',' '\n' <<<"$first" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//; s/^"\(.*\)"$/\1/'
}

{
	echo '\set ON_ERROR_STOP 1'
	echo 'SET client_min_messages = warning;'
	echo "$path"
	echo 'BEGIN;'
} >"$work/script"
for table in $tables; do
	[ -n "${file_of[$table]:-}" ] || continue
	name=${file_of[$table]##*/}
	# a byte order mark is not a part of the first name
	sed $'1s/^\xef\xbb\xbf//' "${file_of[$table]}" >"$work/$table.csv"
	[ -s "$work/$table.csv" ] || die "$name: the file is empty"
	known=$(ask "SELECT given_as FROM salesmgmt.loadable_column(:'book', '$table');")
	header "$work/$table.csv" "$name" >"$work/columns"
	list=
	while IFS= read -r column; do
		grep -qxF -- "$column" <<<"$known" ||
			die "$name, line 1: $table has no column \"$column\"; its columns are $(paste -sd, <<<"$known" | sed 's/,/, /g'), separated by commas"
		[ "$(grep -cxF -- "$column" "$work/columns")" = 1 ] ||
			die "$name, line 1: column $column is named twice"
		list="$list${list:+, }$column"
	done <"$work/columns"
	cat >>"$work/script" <<-SQL
		\\o /dev/null
		SELECT salesmgmt.stage_table(:'book', '$table');
		\\copy pg_temp.staged_$table ($list) FROM '$work/$table.csv' WITH (FORMAT csv, HEADER)
		\\o
		SELECT '$name: ' || string_agg(rows || ' ' || action, ', ') FROM salesmgmt.merge_table(:'book', '$table');
	SQL
done
# A deal's state may stand in both files, if they agree: where they do not, the
# same folder would be a change each time it is loaded.
if [ -n "${file_of[opportunity]:-}" ] && [ -n "${file_of[opportunity_change]:-}" ]; then
	cat >>"$work/script" <<-'SQL'
		\o /dev/null
		SELECT salesmgmt.merge_table(:'book', 'opportunity');
		\o
		SELECT count(*) > 0 AS differ, min("#line") AS line FROM pg_temp.merging_opportunity WHERE "#action" = 'changed' \gset
		\if :differ
		\warn differ :line
		\quit
		\endif
	SQL
fi
echo 'COMMIT;' >>"$work/script"

if ! psql -XqAt -v book="$book" -f "$work/script" 2>"$work/errors"; then
	# from the server's words to those of somebody with a folder of files:
	# a table is its file, and COPY says its line in the context
	message=$(sed -n '1s/^psql:[^ ]* *[A-Z]*: *//p' "$work/errors")
	detail=$(sed -n 's/^DETAIL: *//p' "$work/errors")
	at=$(sed -n 's/^CONTEXT:  COPY staged_\([a-z_]*\), line \([0-9]*\).*/\1 \2/p' "$work/errors" | head -n 1)
	if [ -n "$at" ]; then
		die "${file_of[${at% *}]##*/}, line ${at#* }: $message"
	fi
	table=${message%%,*}
	if [ -n "$table" ] && [ -n "${file_of[$table]:-}" ]; then
		die "${file_of[$table]##*/}${message#"$table"}" ${detail:+"$detail"}
	fi
	die "$(cat "$work/errors")"
fi
line=$(sed -n 's/^differ //p' "$work/errors")
[ -z "$line" ] ||
	die "${file_of[opportunity]##*/}, line $line: the deal is in another state than its last line in ${file_of[opportunity_change]##*/} says"
cat "$work/errors" >&2
