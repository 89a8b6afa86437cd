#!/usr/bin/env bash
# working_days() and the functions of the pace of a period, against the plain SQL that gives
# the same figures.  A part of run.sh.
set -eu -o pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/test/bench/lib.sh"

rows=$((ROWS < 1000000 ? ROWS : 1000000))
few=$((rows / 50))
say "Generating $rows periods ..."
sql -v rows="$rows" <<'SQL'
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE EXTENSION IF NOT EXISTS salesmgmt CASCADE;
CREATE SCHEMA bench;
SET search_path = bench, salesmgmt, public;

SELECT setseed(0.44);
CREATE UNLOGGED TABLE period AS
SELECT i AS id, since, since + 1 + floor(random() * 90)::int AS until,
  (1 + random() * 100000)::numeric(12, 2) AS booked, (1 + random() * 100000)::numeric(12, 2) AS planned,
  1 + floor(random() * 60)::int8 AS elapsed, 61::int8 AS whole,
  ARRAY[0.2 + random() / 2, 0.2 + random() / 2, 0.2 + random() / 2] AS shares
FROM (SELECT i, date '2026-01-01' + floor(random() * 300)::int AS since FROM generate_series(1, :rows) AS i) AS started;
-- as a table of the days of the calendar would be
CREATE UNLOGGED TABLE calendar AS
SELECT day::date AS day
FROM generate_series(timestamp '2025-12-01', timestamp '2027-03-01', interval '1 day') AS day
WHERE extract(isodow FROM day) <= 5
AND day NOT IN (timestamp '2026-01-01', timestamp '2026-04-03', timestamp '2026-12-25');
CREATE UNIQUE INDEX ON calendar (day);
VACUUM ANALYZE period, calendar;
SQL

days="SELECT sum(working_days(since, until, '{2026-01-01,2026-04-03,2026-12-25}')) FROM period WHERE id <= $few"
days_sql="SELECT sum(days) FROM (
	SELECT (SELECT count(*) FROM calendar WHERE day >= since AND day < until) AS days FROM period WHERE id <= $few OFFSET 0) AS spans"
# the same without a table: whole weeks, the days of the rest, and what the holidays take
days_formula="SELECT sum((until - since) / 7 * 5
	+ (SELECT count(*) FROM generate_series(1, (until - since) % 7) AS d WHERE extract(isodow FROM until - d) <= 5)
	- (SELECT count(*) FROM unnest('{2026-01-01,2026-04-03,2026-12-25}'::date[]) AS h
	  WHERE h >= since AND h < until AND extract(isodow FROM h) <= 5)) FROM period WHERE id <= $few"
pace="SELECT sum(pace(booked, planned, elapsed, whole)) FROM period"
pace_sql="SELECT sum((booked * whole / nullif(planned * elapsed, 0))::float8) FROM period"
projected="SELECT round(sum(pace_projected(booked, elapsed, whole)), 2) FROM period"
projected_sql="SELECT round(sum(booked * whole / nullif(elapsed, 0)), 2) FROM period"
historical="SELECT round(sum(pace_historical(booked, shares)), 2) FROM period"
historical_sql="SELECT round(sum(booked / (SELECT avg(share) FROM unnest(shares) AS share)::numeric), 2) FROM period"
required="SELECT round(sum(required_per_day(planned - booked, elapsed)), 2) FROM period"
required_sql="SELECT round(sum(greatest(planned - booked, 0) / nullif(elapsed, 0)), 2) FROM period"

say "Checking the answers ..."
answer() { { bench_settings; echo "$1;"; } | sql | sed 's/|/\n/g' | awk '{ printf "%.10g ", $1 }'; }
same() {
	[ "$2" = "$3" ] || { say "$1 gives another answer:" "$2" "instead of" "$3"; exit 1; }
}
same "working_days" "$(answer "$days")" "$(answer "$days_sql")"
same "working_days" "$(answer "$days")" "$(answer "$days_formula")"
for name in pace projected historical required; do
	plain=${name}_sql
	same "$name" "$(answer "${!name}")" "$(answer "${!plain}")"
done

contestant "days of a calendar table, plain SQL" "$days_sql"
contestant "weeks and the rest, plain SQL" "$days_formula"
contestant "working_days" "$days"
run_rounds
print_table "working_days, $few spans of up to 90 days"

contestants=()
rm "$BENCH_WORK/round.sql"
contestant "pace, plain SQL" "$pace_sql"
contestant "pace" "$pace"
contestant "projection, plain SQL" "$projected_sql"
contestant "pace_projected" "$projected"
contestant "projection by past shares, SQL" "$historical_sql"
contestant "pace_historical" "$historical"
contestant "required per day, plain SQL" "$required_sql"
contestant "required_per_day" "$required"
run_rounds
print_table "the pace of a period, $rows rows"
