#!/usr/bin/env bash
# The aggregates over many groups of five rows, each against the plain SQL that
# gives the same figures: what a small group costs.  rep_score and
# cadence_adherence have theirs in their own files.  A part of run.sh.
set -eu -o pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/test/bench/lib.sh"

rows=$((ROWS < 1000000 ? ROWS : 1000000))
say "Generating $rows rows in groups of five ..."
sql -v rows="$rows" <<'SQL'
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE EXTENSION IF NOT EXISTS salesmgmt CASCADE;
CREATE SCHEMA bench;
SET search_path = bench, salesmgmt, public;

SELECT setseed(0.42);
CREATE UNLOGGED TABLE fact AS
SELECT i % greatest(:rows / 5, 1) AS rep,
  (1 + random() * 100000)::numeric(12, 2) AS planned,
  (1 + random() * 100000)::numeric(12, 2) AS actual,
  random() AS probability,
  random() < 0.4 AS won,
  round((random() * 90)::numeric, 2)::float8 AS days,
  CASE WHEN random() < 0.7 THEN random() < 0.4 END AS outcome
FROM generate_series(1, :rows) AS i;
CREATE UNLOGGED TABLE product AS
SELECT i % greatest(:rows / 5, 1) AS rep,
  CASE WHEN random() < 0.05 THEN 0 ELSE 1 + floor(random() * 1000) END::numeric(12, 0) AS q0,
  (1 + random() * 1000)::numeric(12, 2) AS p0,
  CASE WHEN random() < 0.05 THEN 0 ELSE 1 + floor(random() * 1000) END::numeric(12, 0) AS q1,
  (1 + random() * 1000)::numeric(12, 2) AS p1
FROM generate_series(1, :rows) AS i;
CREATE UNLOGGED TABLE kpi AS
SELECT i % greatest(:rows / 5, 1) AS rep, 'kpi ' || i / greatest(:rows / 5, 1) AS kpi,
  random() * 200 AS actual, 1 + random() * 100 AS target, (1 + floor(random() * 8)) / 8 AS weight
FROM generate_series(1, :rows) AS i;
VACUUM ANALYZE fact, product, kpi;
SQL

# each DEFINITION EXPRESSION: sums of an aggregate's columns over the groups; the aggregate is v
each() {
	echo "SELECT $2 FROM (SELECT $1 GROUP BY rep OFFSET 0) AS grouped"
}

variance=$(each "plan_variance(planned, actual) AS v FROM fact" \
	"sum((v).variance), sum((v).variance_rate), sum((v).attainment), sum((v).n)")
variance_sql="SELECT sum(a - p), sum(((a - p) / nullif(abs(p), 0))::float8), sum((1 + (a - p) / nullif(abs(p), 0))::float8), sum(n)
	FROM ($(each "coalesce(sum(planned), 0) AS p, coalesce(sum(actual), 0) AS a,
	count(*) FILTER (WHERE planned IS NOT NULL OR actual IS NOT NULL) AS n FROM fact" "*")) AS total"
accuracy=$(each "forecast_accuracy(planned, actual) AS v FROM fact" "sum((v).wape), sum((v).mape), sum((v).bias), sum((v).tracking_signal)")
accuracy_sql="SELECT sum(off / nullif(size, 0)), sum(mape), sum((f - a) / nullif(abs(a), 0)), sum((f - a) * n / nullif(off, 0))
	FROM ($(each "sum(planned) AS f, sum(actual) AS a, sum(abs(planned - actual)) AS off, sum(abs(actual)) AS size, count(*) AS n,
	avg((abs(planned - actual) / nullif(abs(actual), 0))::float8) AS mape, count(nullif(actual, 0)) AS mape_n FROM fact" "*")) AS total"
brier=$(each "brier(probability, won) AS v FROM fact" "sum((v).score), sum((v).base_rate), sum((v).mean_probability), sum((v).won), sum((v).n)")
brier_sql="SELECT sum(score), sum(base), sum(mean), sum(won), sum(n)
	FROM ($(each "avg((probability - won::int) ^ 2) AS score, avg(won::int::float8) AS base, avg(probability) AS mean,
	count(*) FILTER (WHERE won) AS won, count(*) AS n FROM fact WHERE probability IS NOT NULL AND won IS NOT NULL" "*")) AS total"
mix=$(each "price_volume_mix(q0, p0, q1, p1) AS v FROM product" \
	"sum((v).volume), sum((v).mix), sum((v).price), sum((v).new), sum((v).lost), sum((v).total)")
mix_sql="SELECT sum(volume), sum(m - r0 - volume), sum(r1 - m), sum(new), sum(lost), sum(r1 - r0 + new + lost)
	FROM (SELECT coalesce(round((n1 - n0) * r0 / nullif(n0, 0), 2), 0) AS volume, coalesce(r0, 0) AS r0, coalesce(r1, 0) AS r1, coalesce(m, 0) AS m, new, lost
	  FROM ($(each "sum(q0) FILTER (WHERE q0 <> 0 AND q1 <> 0) AS n0,
	      sum(q1) FILTER (WHERE q0 <> 0 AND q1 <> 0) AS n1,
	      sum(q0 * p0) FILTER (WHERE q0 <> 0 AND q1 <> 0) AS r0,
	      sum(q1 * p0) FILTER (WHERE q0 <> 0 AND q1 <> 0) AS m,
	      sum(q1 * p1) FILTER (WHERE q0 <> 0 AND q1 <> 0) AS r1,
	      coalesce(sum(q1 * p1) FILTER (WHERE q0 = 0), 0) AS new,
	      coalesce(-sum(q0 * p0) FILTER (WHERE q1 = 0), 0) AS lost
	    FROM product" "*")) AS sums) AS parts"
robust=$(each "robust_scale(days) AS v FROM fact" "sum((v).median), sum((v).mad), sum((v).mean_deviation), sum((v).n)")
robust_sql="SELECT sum(median), sum(mad), sum(mean_deviation), sum(n)
	FROM (SELECT min(median) AS median, percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(days - median)) AS mad,
	    avg(abs(days - median)) AS mean_deviation, count(*) AS n
	  FROM fact JOIN (SELECT rep, percentile_cont(0.5) WITHIN GROUP (ORDER BY days) AS median FROM fact GROUP BY rep) AS middle USING (rep)
	  GROUP BY rep) AS scaled"
z="SELECT sum(robust_z(days, v)) FROM (SELECT days, robust_scale(days) OVER (PARTITION BY rep) AS v FROM fact OFFSET 0) AS scaled"
z_sql="SELECT sum((days - median) / nullif(1.4826 * mad, 0))
	FROM fact JOIN (SELECT rep, min(median) AS median, percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(days - median)) AS mad
	  FROM fact JOIN (SELECT rep, percentile_cont(0.5) WITHIN GROUP (ORDER BY days) AS median FROM fact GROUP BY rep) AS middle USING (rep)
	  GROUP BY rep) AS scaled USING (rep)"
risks=$(each "competing_risks(days, outcome, competing_risks_options(curve => false)) AS v FROM fact" \
	"sum((v).n), sum((v).won), sum((v).lost), sum((v).win_rate), sum((v).open_share)")
risks_sql="SELECT sum(n), sum(won), sum(lost), sum(win_rate), sum(open_share)
	FROM (SELECT rep, sum(won + lost + open) AS n, sum(won) AS won, sum(lost) AS lost,
	    sum(before * won / at_risk) AS win_rate, min(before * (at_risk - won - lost) / at_risk) AS open_share
	  FROM (
	    SELECT *, coalesce(exp(sum(CASE WHEN at_risk = won + lost THEN -1000 ELSE ln((at_risk - won - lost) / at_risk) END)
	      OVER (PARTITION BY rep ORDER BY days ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)), 1) AS before
	    FROM (
	      SELECT rep, days, count(*) FILTER (WHERE outcome) AS won, count(*) FILTER (WHERE NOT outcome) AS lost,
	        count(*) FILTER (WHERE outcome IS NULL) AS open, (sum(count(*)) OVER (PARTITION BY rep ORDER BY days DESC))::float8 AS at_risk
	      FROM fact
	      GROUP BY rep, days
	    ) AS by_age
	  ) AS walked
	  GROUP BY rep) AS rates"
# an array a rep, as the aggregate gives it
parts="SELECT sum(p[1].attainment), sum(p[2].contribution), sum(cardinality(p))
	FROM ($(each "rep_score_parts(kpi, actual, target, weight, true, score_options()) AS p FROM kpi" "*")) AS parts"
parts_sql="SELECT sum(p[1].attainment), sum(p[2].contribution), sum(cardinality(p))
	FROM (SELECT array_agg(ROW(kpi, attainment, weight, 100 * weight * attainment / all_weight)::rep_score_part ORDER BY kpi) AS p
	  FROM (SELECT rep, kpi, weight, attainment, sum(weight) OVER (PARTITION BY rep) AS all_weight
	    FROM (SELECT rep, kpi, weight, least(greatest(actual / target, 0), 1.5) AS attainment FROM kpi) AS attained) AS weighed
	  GROUP BY rep
	  OFFSET 0) AS parts"

say "Checking the answers ..."
rounded() { { bench_settings; echo "$1;"; } | sql | sed 's/|/\n/g' | awk '{ printf "%.9g ", $1 }'; }
measures="plan_variance:variance forecast_accuracy:accuracy brier:brier price_volume_mix:mix robust_scale:robust robust_z:z
	competing_risks:risks rep_score_parts:parts"
for pair in $measures; do
	query=${pair#*:}
	plain=${query}_sql
	[ "$(rounded "${!query}")" = "$(rounded "${!plain}")" ] ||
		{ say "${pair%:*} and the plain SQL differ:" "$(rounded "${!query}")" "$(rounded "${!plain}")"; exit 1; }
done

for pair in $measures; do
	contestants=()
	rm -f "$BENCH_WORK/round.sql"
	query=${pair#*:}
	plain=${query}_sql
	contestant "plain SQL" "${!plain}"
	contestant "${pair%:*}" "${!query}"
	run_rounds
	print_table "${pair%:*}, $rows rows in groups of five"
done
