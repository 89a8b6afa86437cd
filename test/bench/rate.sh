#!/usr/bin/env bash
# The functions of a row (wilson_lower, wilson_upper, shrunk_rate and its bounds, rating) against
# the expressions that give the same figures; rates_differ and rate_prior
# against plain SQL and plpgsql.  A part of run.sh.
set -eu -o pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/test/bench/lib.sh"

rows=$((ROWS < 1000000 ? ROWS : 1000000))
few=$((rows / 1000))
say "Generating $rows counts, $few pairs of small groups and 300 peers ..."
sql -v rows="$rows" -v few="$few" <<'SQL'
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE EXTENSION IF NOT EXISTS salesmgmt CASCADE;
CREATE SCHEMA bench;
SET search_path = bench, salesmgmt, public;

SELECT setseed(0.43);
CREATE UNLOGGED TABLE counted AS
SELECT floor(random() * (n + 1))::int8 AS successes, n, random() AS prior_rate, random() * 50 AS prior_n, random() * 100 AS score
FROM (SELECT 1 + floor(random() * 200)::int8 AS n FROM generate_series(1, :rows)) AS sizes;
CREATE UNLOGGED TABLE pair AS
SELECT floor(random() * (n1 + 1))::int8 AS s1, n1, floor(random() * (n2 + 1))::int8 AS s2, n2
FROM (SELECT 20 + floor(random() * 60)::int8 AS n1, 20 + floor(random() * 60)::int8 AS n2 FROM generate_series(1, :few)) AS sizes;
CREATE UNLOGGED TABLE peer AS
SELECT n, floor(n * least(greatest(0.3 + (random() + random() + random() - 1.5) / 4, 0), 1))::int8 AS successes
FROM (SELECT 5 + floor(random() * 60)::int8 AS n FROM generate_series(1, 300)) AS sizes;
VACUUM ANALYZE counted, pair, peer;

-- Fisher's test: ln n! of each n, then the outcomes that are no likelier than the observed one
CREATE UNLOGGED TABLE ln_factorial AS
SELECT n, coalesce(sum(ln(n::float8)) OVER (ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), 0) AS value
FROM (SELECT greatest(i, 1) AS n, i FROM generate_series(1, 400) AS i) AS numbers;
INSERT INTO ln_factorial VALUES (0, 0);
CREATE UNIQUE INDEX ON ln_factorial (n) INCLUDE (value);
VACUUM ANALYZE ln_factorial;

-- the likelihood's maximum by halving a grid around the best point, until two steps are alike
CREATE FUNCTION prior_likelihood(rate float8, weight float8)
RETURNS float8
LANGUAGE plpgsql STABLE
AS $$
DECLARE
  likelihood float8 := 0;
  one record;
BEGIN
  FOR one IN SELECT successes, n FROM bench.peer LOOP
    FOR j IN 0 .. one.successes - 1 LOOP
      likelihood := likelihood + ln(rate * weight + j);
    END LOOP;
    FOR j IN 0 .. one.n - one.successes - 1 LOOP
      likelihood := likelihood + ln((1 - rate) * weight + j);
    END LOOP;
    FOR j IN 0 .. one.n - 1 LOOP
      likelihood := likelihood - ln(weight + j);
    END LOOP;
  END LOOP;
  RETURN likelihood;
END
$$;
CREATE FUNCTION likeliest_prior(OUT rate float8, OUT n float8)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
  step_rate float8 := 0.2;
  step_n float8 := 4;
  best float8;
  likelihood float8;
  moved boolean;
  try_rate float8;
  try_n float8;
BEGIN
  rate := 0.5;
  n := 20;
  best := bench.prior_likelihood(rate, n);
  WHILE step_rate > 1e-7 LOOP
    moved := false;
    FOR i IN 0 .. 3 LOOP
      try_rate := rate + (ARRAY[step_rate, -step_rate, 0, 0])[i + 1];
      try_n := n * (ARRAY[1, 1, step_n, 1 / step_n])[i + 1];
      CONTINUE WHEN try_rate <= 0 OR try_rate >= 1 OR try_n < 2;
      likelihood := bench.prior_likelihood(try_rate, try_n);
      IF likelihood > best THEN
        best := likelihood;
        rate := try_rate;
        n := try_n;
        moved := true;
      END IF;
    END LOOP;
    IF NOT moved THEN
      step_rate := step_rate / 2;
      step_n := sqrt(step_n);
    END IF;
  END LOOP;
END
$$;
SQL

z=1.959963984540054
wilson_sql() { # SIGN
	echo "SELECT sum((successes / n::float8 + $z * $z / (2 * n) $1 $z * sqrt(successes / n::float8 * (1 - successes / n::float8) / n + $z * $z / (4 * n * n)))
	/ (1 + $z * $z / n)) FROM counted"
}
shrunk_sql="SELECT sum((successes + prior_rate * prior_n) / nullif(n + prior_n, 0)) FROM counted"
rating_sql="SELECT sum(CASE WHEN score >= 90 THEN 4 WHEN score >= 75 THEN 3 WHEN score >= 60 THEN 2 ELSE 1 END) FROM counted"
rating="SELECT sum(rating(score, '{60,75,90}')) FROM counted"
differ="SELECT sum(rates_differ(s1, n1, s2, n2)) FROM pair"
differ_sql="SELECT sum(p) FROM (
	SELECT (SELECT sum(exp(ways)) FILTER (WHERE ways <= observed + 1e-7) / sum(exp(ways))
	  FROM (
	    SELECT ways, max(ways) FILTER (WHERE x = s1) OVER () AS observed
	    FROM (
	      SELECT x, base - a.value - b.value - c.value - d.value AS ways
	      FROM generate_series(greatest(0, s1 + s2 - n2), least(n1, s1 + s2)) AS x
	      JOIN ln_factorial AS a ON a.n = x
	      JOIN ln_factorial AS b ON b.n = n1 - x
	      JOIN ln_factorial AS c ON c.n = s1 + s2 - x
	      JOIN ln_factorial AS d ON d.n = n2 - s1 - s2 + x
	    ) AS outcome
	  ) AS weighed) AS p
	FROM pair, LATERAL (SELECT sum(value) AS base FROM ln_factorial WHERE n IN (n1, n2)) AS margin) AS tests"
prior="SELECT (v).prior_rate, (v).prior_n FROM (SELECT rate_prior(successes, n) AS v FROM peer OFFSET 0) AS fitted"

say "Checking the answers ..."
answer() { { bench_settings; echo "$1;"; } | sql | sed 's/|/\n/g' | awk -v digits="${2:-9}" '{ printf "%." digits "g ", $1 }'; }
same() {
	[ "$2" = "$3" ] || { say "$1 gives another answer:" "$2" "instead of" "$3"; exit 1; }
}
same "wilson_lower" "$(answer "SELECT sum(wilson_lower(successes, n)) FROM counted")" "$(answer "$(wilson_sql -)")"
same "wilson_upper" "$(answer "SELECT sum(wilson_upper(successes, n)) FROM counted")" "$(answer "$(wilson_sql +)")"
same "shrunk_rate" "$(answer "SELECT sum(shrunk_rate(successes, n, prior_rate, prior_n)) FROM counted")" "$(answer "$shrunk_sql")"
shrunk_bound_sql() { # SIGN
	echo "SELECT sum((p + $z * $z / (2 * all_n) $1 $z * sqrt(p * (1 - p) / all_n + $z * $z / (4 * all_n * all_n))) / (1 + $z * $z / all_n))
	FROM (SELECT n + prior_n AS all_n, (successes + prior_rate * prior_n) / (n + prior_n) AS p FROM counted) AS rate"
}
same "shrunk_lower" "$(answer "SELECT sum(shrunk_lower(successes, n, prior_rate, prior_n)) FROM counted")" "$(answer "$(shrunk_bound_sql -)")"
same "shrunk_upper" "$(answer "SELECT sum(shrunk_upper(successes, n, prior_rate, prior_n)) FROM counted")" "$(answer "$(shrunk_bound_sql +)")"
same "rating" "$(answer "$rating")" "$(answer "$rating_sql")"
same "rates_differ" "$(answer "$differ")" "$(answer "$differ_sql")"
same "rate_prior" "$(answer "$prior" 4)" "$(answer "SELECT rate, n FROM likeliest_prior()" 4)"

contestant "count(*)" "SELECT count(*) FROM counted"
contestant "wilson, plain SQL" "$(wilson_sql -)"
contestant "wilson_lower" "SELECT sum(wilson_lower(successes, n)) FROM counted"
contestant "wilson_upper" "SELECT sum(wilson_upper(successes, n)) FROM counted"
contestant "shrunk rate, plain SQL" "$shrunk_sql"
contestant "shrunk_rate" "SELECT sum(shrunk_rate(successes, n, prior_rate, prior_n)) FROM counted"
contestant "shrunk_lower" "SELECT sum(shrunk_lower(successes, n, prior_rate, prior_n)) FROM counted"
contestant "shrunk_upper" "SELECT sum(shrunk_upper(successes, n, prior_rate, prior_n)) FROM counted"
contestant "rating, plain SQL" "$rating_sql"
contestant "rating" "$rating"
run_rounds
print_table "rates of a row, $rows rows"

contestants=()
rm "$BENCH_WORK/round.sql"
contestant "Fisher's test, plain SQL" "$differ_sql"
contestant "rates_differ" "$differ"
run_rounds
print_table "rates_differ, $few pairs"

contestants=()
rm "$BENCH_WORK/round.sql"
contestant "likeliest prior, plpgsql" "SELECT likeliest_prior()"
contestant "rate_prior" "$prior"
run_rounds
print_table "rate_prior, 300 peers"
