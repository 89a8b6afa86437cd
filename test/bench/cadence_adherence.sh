#!/usr/bin/env bash
# cadence_adherence() over one pair and over many, against the plain SQL that
# gives the same figures.  A part of run.sh.
set -eu -o pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/test/bench/lib.sh"

say "Generating $ROWS sessions, forty a pair ..."
sql -v rows="$ROWS" <<'SQL'
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE EXTENSION IF NOT EXISTS salesmgmt CASCADE;
CREATE SCHEMA bench;
SET search_path = bench, salesmgmt, public;
CREATE UNLOGGED TABLE session AS
SELECT i % greatest(:rows / 40, 1) AS pair, date '2026-01-05' + (hashint8extended(i, 3) & 1023)::int % 364 AS held_on
FROM generate_series(1, :rows) AS i;
CREATE UNLOGGED TABLE state AS
SELECT i % 100 AS part, cadence_adherence_state(held_on, cadence_options('1 week', period => '[2026-01-05,2027-01-04)')) AS state
FROM (SELECT row_number() OVER () AS i, held_on FROM session) AS numbered
GROUP BY part;
VACUUM ANALYZE session, state;
SQL

# Weeks are easy on plain SQL: the slot is a division, there are 52 of them, and the
# last Sunday belongs to the next period.
plain() {
	cat <<-SQL
	SELECT sum(held), sum(late), sum(52 - held - late), sum(sessions - held - late), sum(gap)
	FROM (
	  SELECT count(*) FILTER (WHERE k < 52 AND first <= date '2026-01-05' + 7 * k + 1) AS held,
	    count(*) FILTER (WHERE k < 52 AND first > date '2026-01-05' + 7 * k + 1) AS late,
	    sum(sessions) FILTER (WHERE k < 52) AS sessions,
	    greatest(max(gap), min(first) - date '2026-01-05', date '2027-01-04' - max(last)) AS gap
	  FROM (
	    SELECT $1 AS pair, (held_on + 1 - date '2026-01-05') / 7 AS k, min(held_on) AS first, max(held_on) AS last, max(gap) AS gap, count(*) AS sessions
	    FROM (
	      SELECT $1 AS pair, held_on, held_on - lag(held_on) OVER (PARTITION BY $1 ORDER BY held_on) AS gap
	      FROM session
	    ) AS dated
	    GROUP BY 1, 2
	  ) AS slot
	  GROUP BY pair
	) AS cadence
	SQL
}
measure() {
	cat <<-SQL
	SELECT sum((c).held), sum((c).late), sum((c).missed), sum((c).extra), sum((c).longest_gap_days)
	FROM (
	  SELECT cadence_adherence(held_on, cadence_options('1 week', period => '[2026-01-05,2027-01-04)')) AS c
	  FROM session
	  GROUP BY ($1)
	  OFFSET 0
	) AS cadence
	SQL
}
rollup="SELECT cadence_adherence_rollup(state) FROM state"

say "Checking the answers ..."
answer() { { bench_settings; echo "$1;"; } | sql; }
for pair in 1::int8 pair; do
	[ "$(answer "$(measure "$pair")")" = "$(answer "$(plain "$pair")")" ] ||
		{ say "cadence_adherence and the plain SQL differ: $pair"; exit 1; }
done
[ "$(answer "$rollup")" = \
	"$(answer "SELECT cadence_adherence(held_on, cadence_options('1 week', period => '[2026-01-05,2027-01-04)')) FROM session")" ] ||
	{ say "the roll-up of states differs from the rows"; exit 1; }

contestant "count(*)" "SELECT count(*) FROM session"
contestant "one pair, plain SQL" "$(plain 1::int8)"
contestant "one pair, cadence_adherence" "$(measure 1::int8)"
contestant "many pairs, plain SQL" "$(plain pair)"
contestant "many pairs, cadence_adherence" "$(measure pair)"
contestant "rolled up from states" "$rollup"

run_rounds
print_table "cadence_adherence, $ROWS sessions"
