#!/usr/bin/env bash
# Every report of a company and of one ten times as large: what takes much more than ten times as
# long reads something once for each person.  A part of run.sh.
#
# REPS     reps of the smaller company (24)
set -eu -o pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/test/bench/lib.sh"
REPS=${REPS:-24}

say "Making demo books of $REPS and $((10 * REPS)) reps ..."
sql >/dev/null <<SQL
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS salesmgmt CASCADE;
SELECT salesmgmt.create_demo_book('one', $REPS), salesmgmt.create_demo_book('ten', 10 * $REPS);
ANALYZE;
SQL

# times BOOK: "report|ms|ms of count(*)" of each, in turn, the best of three.
times() {
	sql <<SQL
SET client_min_messages = warning;
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SET search_path = $1, salesmgmt, public;
CREATE TEMP TABLE run (report text, ms float8, unit float8);
DO \$\$
DECLARE
  report text;
  began timestamptz;
  counted timestamptz;
BEGIN
  FOR report IN
    SELECT proname FROM pg_proc
    WHERE pronamespace = '$1'::regnamespace AND proargnames[1:4] = '{as_of,person,during,options}' AND pronargdefaults = 4
  LOOP
    FOR round IN 1..3 LOOP
      began := clock_timestamp();
      PERFORM count(*) FROM activity;
      counted := clock_timestamp();
      EXECUTE format('SELECT count(*) FROM (SELECT * FROM %I() OFFSET 0) AS r', report);
      INSERT INTO run VALUES (report, 1000 * extract(epoch FROM clock_timestamp() - counted), 1000 * extract(epoch FROM counted - began));
    END LOOP;
  END LOOP;
END \$\$;
SELECT report, min(ms), min(unit) FROM run GROUP BY report ORDER BY report COLLATE "C";
SQL
}
say "Asking both for every report ..."
times one >"$BENCH_WORK/one"
times ten >"$BENCH_WORK/ten"
printf '\nReports of %s and %s reps: in units of count(*) of the activities of each, and how many times as long the larger takes\n\n' "$REPS" "$((10 * REPS))"
printf '%-42s %10s %8s %10s %8s %8s\n' "" "ms" "units" "ms" "units" "times"
join -t '|' "$BENCH_WORK/one" "$BENCH_WORK/ten" | awk -F '|' '{
	printf "%-42s %10.1f %8.1f %10.1f %8.1f %8.1f\n", $1, $2, $2 / $3, $4, $4 / $5, $4 / $2 }' | sort -k6,6nr -k1,1
