#!/usr/bin/env bash
# stage_times() over events in the order they arrived, and competing_risks() over
# deals, each against the plain SQL that gives the same figures.  A part of run.sh.
set -eu -o pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/test/bench/lib.sh"

# A deal has ten entries into random steps, all within 30 days of its first; deals
# begin one after the other over three years.
say "Generating $ROWS entries of $((ROWS / 10)) deals ..."
sql -v rows="$ROWS" <<'SQL'
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '256MB';
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE EXTENSION IF NOT EXISTS salesmgmt CASCADE;
CREATE SCHEMA bench;
SET search_path = bench, salesmgmt, public;

CREATE UNLOGGED TABLE entry AS
SELECT deal::int8 AS entity,
  CASE WHEN event = 0 THEN 1 ELSE 1 + ((draw >> 40) & 1023) % 5 END::int AS step,
  timestamptz '2023-01-01 UTC'
    + (deal / (:rows / 10.0)) * interval '1095 days'
    + CASE WHEN event = 0 THEN 0 ELSE (draw & 1048575) / 1048576.0 END * interval '30 days' AS entered_at
FROM generate_series(1, :rows / 10) AS deal,
  generate_series(0, 9) AS event,
  LATERAL (SELECT hashint8extended(deal * 10 + event, 42) AS draw) AS drawn
ORDER BY entered_at;
CREATE UNLOGGED TABLE entry64 AS SELECT hashint8extended(entity, 7) AS entity, step, entered_at FROM entry;
CREATE UNLOGGED TABLE grouped AS SELECT * FROM entry ORDER BY entity, entered_at;
-- ages in days and fractions of them; a third each of won, lost and open
CREATE UNLOGGED TABLE deal AS
SELECT (draw & 1048575) / 8192.0::float8 AS days, (ARRAY[true, false, NULL])[1 + ((draw >> 40) & 1023) % 3] AS won
FROM generate_series(1, :rows) AS i,
  LATERAL (SELECT hashint8extended(i, 42) AS draw) AS drawn;
VACUUM ANALYZE entry, entry64, grouped, deal;
SQL

# times TABLE
times() {
	echo "SELECT stage_times(entity, step, entered_at, stage_times_options(as_of => '2027-01-01 UTC', final_steps => '{5}')) FROM $1"
}
plain="SELECT step, count(*) AS visits, count(*) FILTER (WHERE left_at IS NULL) AS open_visits,
	count(DISTINCT entity) AS entities, avg(days) FILTER (WHERE left_at IS NOT NULL) AS mean,
	percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY days) FILTER (WHERE left_at IS NOT NULL) AS ended,
	percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY days) AS everything
	FROM (
		SELECT entity, step, left_at, extract(epoch FROM coalesce(left_at, '2027-01-01 UTC') - entered_at)::float8 / 86400 AS days
		FROM (
			SELECT entity, step, entered_at, lead(entered_at) OVER (PARTITION BY entity ORDER BY entered_at, step) AS left_at
			FROM (
				SELECT entity, step, entered_at, lag(step) OVER (PARTITION BY entity ORDER BY entered_at, step) AS step_before
				FROM entry
			) AS entries
			WHERE step IS DISTINCT FROM step_before
		) AS visits
		WHERE step <> 5
	) AS visit
	GROUP BY step"
rates="SELECT (r).n, (r).won, (r).lost, (r).win_rate, (r).loss_rate, (r).open_share
	FROM (SELECT competing_risks(days, won, competing_risks_options(curve => false)) AS r FROM deal) AS counted"
# without the interval, which plain SQL would pay for apart
plain_rates="SELECT sum(won + lost + open) AS n, sum(won), sum(lost),
	sum(before * won / at_risk) AS win_rate, sum(before * lost / at_risk) AS loss_rate,
	min(before * (at_risk - won - lost) / at_risk) AS open_share
	FROM (
		SELECT *, exp(coalesce(sum(ln(nullif(at_risk - won - lost, 0) / at_risk)) OVER (ORDER BY days ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)) AS before
		FROM (
			SELECT days, count(*) FILTER (WHERE won) AS won, count(*) FILTER (WHERE NOT won) AS lost,
				count(*) FILTER (WHERE won IS NULL) AS open, (sum(count(*)) OVER (ORDER BY days DESC))::float8 AS at_risk
			FROM deal
			GROUP BY days
		) AS by_age
	) AS walked"

say "Checking the answers ..."
answer() { { bench_settings; echo "${2:-};"; echo "$1;"; } | sql; }
expected=$(answer "$(times entry)")
for table in entry64 grouped; do
	[ "$(answer "$(times $table)")" = "$expected" ] || { say "$table gives another answer"; exit 1; }
done
[ "$(answer "$(times entry)" "SET max_parallel_workers_per_gather = 1")" = "$expected" ] || { say "the parallel plan gives another answer"; exit 1; }
[ "$(answer "SELECT string_agg(format('%s %s %s %s %s', step, visits, open_visits, entities, round(all_median_days::numeric, 6)), ' ' ORDER BY step)
	FROM unnest(($(times entry)))")" = \
	"$(answer "SELECT string_agg(format('%s %s %s %s %s', step, visits, open_visits, entities, round(everything[1]::numeric, 6)), ' ' ORDER BY step)
	FROM ($plain) AS plain")" ] || { say "plain SQL gives another answer"; exit 1; }

[ "$(answer "SELECT n, round(win_rate::numeric, 9), round(open_share::numeric, 9) FROM ($rates) AS ours")" = \
	"$(answer "SELECT n, round(win_rate::numeric, 9), round(open_share::numeric, 9) FROM ($plain_rates) AS plain")" ] ||
	{ say "plain SQL gives other rates"; exit 1; }

contestant "count(*)" "SELECT count(*) FROM entry"
contestant "stage_times, 32-bit ids" "$(times entry)"
contestant "stage_times, any int8" "$(times entry64)"
contestant "stage_times, grouped by entity" "$(times grouped)"
contestant "stage_times, 32-bit ids, one worker" "$(times entry)" "SET max_parallel_workers_per_gather = 1"
contestant "window functions" "$plain" "SET work_mem = '1GB'"
contestant "competing_risks" "$rates"
contestant "plain SQL, without the interval" "$plain_rates" "SET work_mem = '1GB'"

run_rounds
print_table "stage_times and competing_risks, $ROWS rows"
