SET search_path = salesmgmt, public;
SET extra_float_digits = 1;
\getenv abs_srcdir PG_ABS_SRCDIR
\set file :abs_srcdir '/test/refused.sql'
\i :file

-- published: R. G. Newcombe, "Two-sided confidence intervals for the single
-- proportion", Statistics in Medicine 17 (1998) 857-872, table I, method 3
-- (score, no continuity correction), 95 %
SELECT successes, n, round(wilson_lower(successes, n)::numeric, 4) AS lower, published_lower,
  round(wilson_upper(successes, n)::numeric, 4) AS upper, published_upper
FROM (VALUES
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0000, 0.1611),
    (1, 29, 0.0061, 0.1718)) AS newcombe (successes, n, published_lower, published_upper);

-- the ends are exact, and the two bounds mirror each other
SELECT n, wilson_lower(0, n) AS lower_of_none, wilson_upper(n, n) AS upper_of_all,
  abs(wilson_lower(n, n) - (1 - wilson_upper(0, n))) < 1e-15 AS mirrored
FROM unnest(ARRAY[1, 2, 30, 1000000, 9223372036854775807]) AS n;

-- published: the test values of algorithm AS 241, quantile(0.25) = -0.6744897501960817 and
-- quantile(0.001) = -3.090232306167814 (M. J. Wichura, Applied Statistics 37 (1988) 477-484; R's own tests of
-- qnorm(), tests/d-p-q-r-tests.R, have them as such).
-- With none of one, upper = z^2 / (1 + z^2): z comes back
SELECT confidence, round(sqrt(wilson_upper(0, 1, confidence) / (1 - wilson_upper(0, 1, confidence)))::numeric, 12) AS z, published_z
FROM (VALUES
    (0.5, 0.674489750196),
    (0.998, 3.090232306168)) AS wichura (confidence, published_z);

-- more confidence, wider; more cases, narrower
SELECT bool_and(wilson_lower(s, 40, c) >= wilson_lower(s, 40, c + 0.04) AND wilson_upper(s, 40, c) <= wilson_upper(s, 40, c + 0.04)) AS wider,
  bool_and(wilson_upper(s, 40) - wilson_lower(s, 40) > wilson_upper(10 * s, 400) - wilson_lower(10 * s, 400)) AS narrower
FROM generate_series(0, 40) AS s, unnest(ARRAY[0.1, 0.5, 0.9, 0.95]) AS c;

-- D2: wins without losses are a rate of 1, no closed deals are no rate at all
SELECT won, lost, won::float8 / nullif(won + lost, 0) AS win_rate,
  round(wilson_lower(won, won + lost)::numeric, 4) AS lower, wilson_upper(won, won + lost) AS upper,
  shrunk_rate(won, won + lost, 0.5, 0) AS without_prior, shrunk_rate(won, won + lost, 0.5, 2) AS shrunk
FROM (VALUES (3, 0), (0, 0)) AS deals (won, lost);

-- shrinking: 1 of 1 does not outrank 30 of 40 among peers who win 40 %, as if from 10 deals
SELECT successes, n, successes::float8 / n AS rate, shrunk_rate(successes, n, 0.4, 10)
FROM (VALUES (1, 1), (2, 2), (30, 40), (0, 3)) AS v (successes, n)
ORDER BY 4 DESC;

-- the interval around it: that of a whole number of cases is Wilson's; nobody's own case leaves the prior's, few as they are
SELECT shrunk_lower(3, 10, 0.4, 10) = wilson_lower(7, 20) AS whole_lower, shrunk_upper(3, 10, 0.4, 10) = wilson_upper(7, 20) AS whole_upper,
  shrunk_lower(3, 10, 0.4, 0, 0.8) = wilson_lower(3, 10, 0.8) AS no_prior,
  round(shrunk_lower(0, 0, 0.2, 2)::numeric, 4) AS prior_lower, round(shrunk_upper(0, 0, 0.2, 2)::numeric, 4) AS prior_upper,
  shrunk_lower(0, 3, 0, 2) AS never, shrunk_upper(3, 3, 1, 2) AS always;

-- NULL in, NULL out; n = 0
SELECT wilson_lower(NULL, 5), wilson_upper(1, NULL), wilson_lower(1, 5, NULL), shrunk_rate(1, 5, NULL, 5),
  wilson_lower(0, 0), wilson_upper(0, 0), shrunk_rate(0, 0, 0.5, 0), shrunk_rate(0, 0, 0.5, 5) AS prior_alone,
  shrunk_lower(0, 0, 0.5, 0), shrunk_upper(0, 0, 0.5, 0), shrunk_lower(1, 5, 0.5, NULL);

-- the ends of the arguments
SELECT wilson_lower(4611686018427387904, 9223372036854775807) AS lower_half, wilson_upper(4611686018427387904, 9223372036854775807) AS upper_half,
  wilson_lower(1, 2, 5e-324) AS no_confidence, round(wilson_lower(1, 2, 1 - 1e-16)::numeric, 6) AS nearly_certain,
  shrunk_rate(1, 1, 1, 1.7e308) AS whole_prior, shrunk_rate(9223372036854775807, 9223372036854775807, 0, 5e-324) AS no_prior,
  shrunk_lower(1, 2, 0.5, 1.7e308) AS half_lower, shrunk_upper(1, 2, 0.5, 1.7e308) AS half_upper,
  shrunk_lower(0, 0, 0.5, 5e-324) AS next_to_nothing, shrunk_upper(0, 0, 0.5, 5e-324) AS next_to_all;

-- rates_differ, published: the tea tasting (R. A. Fisher, The Design of Experiments, 1935: 34 of 70 as or more
-- extreme); R's help page of fisher.test: Fisher's (1962) convictions of twins, two-sided 0.0005367; the help page of
-- scipy.stats.fisher_exact: whales and sharks in two oceans, 0.0350
SELECT example, rates_differ(s1, n1, s2, n2) AS p_value, published,
  round(rates_differ(s1, n1, s2, n2)::numeric, scale(published)) = published AS as_published
FROM (VALUES
    ('tea', 3, 4, 1, 4, 0.4857),
    ('twins', 2, 17, 10, 13, 0.0005367),
    ('whales', 8, 10, 1, 6, 0.0350)) AS v (example, s1, n1, s2, n2, published);
-- mid-p: outcomes as likely as the observed one count half; of the tea's 34 of 70 those are 32
SELECT abs(rates_differ(3, 4, 1, 4, mid_p => true) - 18 / 70.0::float8) < 1e-15 AS tea, rates_differ(2, 2, 30, 40) AS two_of_two,
  rates_differ(2, 2, 30, 40, true) AS mid_p;
-- the same rate differs by nothing; a rate of nothing is none; no difference is possible where all succeed
SELECT rates_differ(3, 10, 6, 20) AS same, rates_differ(0, 0, 3, 4) AS no_cases, rates_differ(3, 4, 0, 0) AS none_either,
  rates_differ(5, 5, 7, 7) AS all_of_all, rates_differ(5, 5, 7, 7, true) AS half, rates_differ(NULL, 5, 1, 2) AS null_in,
  rates_differ(1, 5, 1, 2, NULL) AS null_mid_p;
-- many cases: z = 0.894427 standard deviations, and 2 * (1 - normal(z)) = 0.371093
SELECT round(rates_differ(500010000, 1000000000, 499990000, 1000000000)::numeric, 4) AS billions,
  rates_differ(0, 1000000, 1000000, 1000000) AS less_than_float8_holds;
-- far apart: it ends where the rest is less than float8 holds, not after 10^11 outcomes
SET statement_timeout = '5s';
SELECT rates_differ(0, 500000000000, 500000000000, 500000000000) AS nothing_alike,
  rates_differ(250500000000, 500000000000, 249500000000, 500000000000) AS far_out;
RESET statement_timeout;

-- errors
SELECT refusal.*
FROM unnest(ARRAY[
    $$SELECT wilson_lower(-1, 5)$$,
    $$SELECT wilson_upper(6, 5)$$,
    $$SELECT wilson_upper(0, -5)$$,
    $$SELECT wilson_lower(1, 0)$$,
    $$SELECT wilson_lower(1, 5, 0)$$,
    $$SELECT wilson_upper(1, 5, 1)$$,
    $$SELECT wilson_upper(1, 5, 95)$$,
    $$SELECT wilson_upper(0, 0, 'NaN')$$,
    $$SELECT shrunk_rate(6, 5, 0.5, 5)$$,
    $$SELECT shrunk_rate(1, 5, 1.5, 5)$$,
    $$SELECT shrunk_rate(1, 5, -0.5, 5)$$,
    $$SELECT shrunk_rate(1, 5, 'NaN', 5)$$,
    $$SELECT shrunk_rate(1, 5, 0.5, -5)$$,
    $$SELECT shrunk_rate(1, 5, 0.5, 'Infinity')$$,
    $$SELECT shrunk_rate(1, 5, 0.5, 'NaN')$$,
    $$SELECT shrunk_lower(6, 5, 0.5, 5)$$,
    $$SELECT shrunk_upper(1, 5, 1.5, 5)$$,
    $$SELECT shrunk_lower(1, 5, 0.5, -5)$$,
    $$SELECT shrunk_upper(1, 5, 0.5, 5, 95)$$,
    $$SELECT rates_differ(6, 5, 1, 2)$$,
    $$SELECT rates_differ(1, 2, -1, 2)$$,
    $$SELECT rates_differ(0, 0, 0, -1)$$,
    $$SELECT rates_differ(1, 9223372036854775807, 1, 9223372036854775807)$$
  ]) WITH ORDINALITY AS q (query, i),
  LATERAL pg_temp.refusal(query)
ORDER BY i;
