/*
 * rate_test.c
 *		Normal quantiles, Wilson bounds, shrunk rates and Fisher's test against
 *		published values.
 */
#include "host.h"

#include "core/fisher.h"
#include "core/rate.h"

#include <math.h>

/* The test values of AS 241 itself (Wichura 1988, as in R's tests/d-p-q-r-tests.R), and those everybody knows. */
static void
test_quantile(void)
{
	static const struct
	{
		double		probability,
					z;
	}			published[] = {
		{0.5, 0.6744897501960817}, {0.998, 3.090232306167814},
		{0.95, 1.959963984540054}, {0.90, 1.6448536269514722}, {0.99, 2.5758293035489004}
	};
	double		worst = 0;

	for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++)
		tap_ok(fabs(normal_two_sided_z(published[i].probability) / published[i].z - 1) < 1e-15,
			   "quantile of %g", published[i].probability);
	for (double probability = 0.001; probability < 1; probability += 0.001)
		worst = fmax(worst, fabs(erf(normal_two_sided_z(probability) / sqrt(2)) / probability - 1));
	tap_ok(worst < 1e-15, "erf gives the probability back (%.1e)", worst);
	tap_ok(fabs(erfc(normal_two_sided_z(1 - 0x1p-50) / sqrt(2)) * 0x1p50 - 1) < 1e-13, "far in the tail");
	tap_ok(fabs(normal_two_sided_z(1e-300) / 1e-300 / sqrt(acos(-1) / 2) - 1) < 1e-15, "close to 0");
}

/* R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3. */
static void
test_wilson(void)
{
	static const struct
	{
		int			successes,
					n;
		double		lower,
					upper;
	}			newcombe[] = {
		{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}
	};
	bool		mirrored = true,
				inside = true,
				solves = true;

	for (size_t i = 0; i < sizeof(newcombe) / sizeof(newcombe[0]); i++)
		tap_ok(fabs(wilson_lower_bound(newcombe[i].successes, newcombe[i].n, 0.95) - newcombe[i].lower) <= 5e-5 &&
			   fabs(wilson_upper_bound(newcombe[i].successes, newcombe[i].n, 0.95) - newcombe[i].upper) <= 5e-5,
			   "%d of %d as published", newcombe[i].successes, newcombe[i].n);
	for (int n = 1; n <= 60; n++)
		for (int s = 0; s <= n; s++)
		{
			double		lower = wilson_lower_bound(s, n, 0.9),
						upper = wilson_upper_bound(s, n, 0.9),
						z = normal_two_sided_z(0.9),
						p = (double) s / n;

			mirrored &= fabs(lower - (1 - wilson_upper_bound(n - s, n, 0.9))) < 1e-15;
			inside &= 0 <= lower && lower <= p && p <= upper && upper <= 1;
			/* the bounds are where |p - bound| is z standard errors of the bound */
			solves &= fabs(fabs(p - lower) - z * sqrt(lower * (1 - lower) / n)) < 1e-14;
			solves &= fabs(fabs(p - upper) - z * sqrt(upper * (1 - upper) / n)) < 1e-7;
		}
	tap_ok(mirrored, "lower of s mirrors upper of n - s");
	tap_ok(inside, "0 <= lower <= rate <= upper <= 1");
	tap_ok(solves, "the bounds solve Wilson's equation");
	tap_ok(shrunken_lower_bound(3, 10, 0.5, 4, 0.9) == wilson_lower_bound(5, 14, 0.9) &&
		   shrunken_upper_bound(3, 10, 0.5, 4, 0.9) == wilson_upper_bound(5, 14, 0.9),
		   "with a prior of whole cases, the bounds of all cases");
	tap_ok(wilson_lower_bound(0, INT64_MAX, 0.95) == 0 && wilson_upper_bound(INT64_MAX, INT64_MAX, 0.95) == 1,
		   "the ends are exact for any n");
}

/* Binomial coefficients as exact doubles, for n of at most 60. */
static double
choose(int n, int k)
{
	double		value = 1;

	for (int i = 1; i <= k; i++)
		value = value * (n - k + i) / i;
	return value;
}

/* The definition: outcomes no likelier than the observed one, counted in whole numbers. */
static double
fisher_by_counting(int s1, int n1, int s2, int n2, bool mid_p)
{
	int			k = s1 + s2;
	double		observed = choose(n1, s1) * choose(n2, s2),
				total = 0,
				rarer = 0,
				equal = 0;

	for (int x = k > n2 ? k - n2 : 0; x <= n1 && x <= k; x++)
	{
		double		ways = choose(n1, x) * choose(n2, k - x);

		total += ways;
		rarer += ways < observed ? ways : 0;
		equal += ways == observed ? ways : 0;
	}
	return (rarer + (mid_p ? equal / 2 : equal)) / total;
}

static void
test_fisher(void)
{
	double		worst = 0;
	bool		symmetric = true;

	for (int n1 = 1; n1 <= 24; n1++)
		for (int n2 = 1; n2 <= 24; n2 += 1 + n1 % 3)
			for (int s1 = 0; s1 <= n1; s1++)
				for (int s2 = 0; s2 <= n2; s2++)
					for (int mid_p = 0; mid_p <= 1; mid_p++)
					{
						double		p = fisher_p_value(s1, n1, s2, n2, mid_p);

						worst = fmax(worst, fabs(p / fisher_by_counting(s1, n1, s2, n2, mid_p) - 1));
						symmetric &= fabs(p / fisher_p_value(s2, n2, s1, n1, mid_p) - 1) < 1e-13;
						symmetric &= fabs(p / fisher_p_value(n1 - s1, n1, n2 - s2, n2, mid_p) - 1) < 1e-13;
					}
	tap_ok(worst < 1e-13, "Fisher's test equals counting for all small tables (%.1e)", worst);
	tap_ok(symmetric, "it knows no first group, and no success");
	/* two groups of 10^9, a standard deviation apart and two: the normal tail, 1 - erf(z / sqrt 2) */
	for (int z = 1; z <= 3; z++)
	{
		int64_t		apart = (int64_t) (z * sqrt(5e8) / 2);

		tap_ok(fabs(fisher_p_value(500000000 + apart, 1000000000, 500000000 - apart, 1000000000, true) /
					erfc(2 * apart / sqrt(5e8) / sqrt(2)) - 1) < 1e-6, "10^9 cases, %d standard deviations apart", z);
	}
	tap_ok(fisher_p_value(0, 1000000, 1000000, 1000000, false) == 0, "what no float8 can hold is 0");
	tap_ok(fisher_p_value(0, 400, 400, 400, false) > 0, "but not before");
	/* 2 / choose(1060, 530) */
	tap_ok(fabs(fisher_p_value(0, 530, 530, 530, false) / 6.607693e-318 - 1) < 1e-4, "nor where it holds few digits");
	tap_ok(fisher_p_value(0, INT64_C(500000000000), INT64_C(500000000000), INT64_C(500000000000), false) == 0,
		   "nor does it take longer with more cases");
}

static void
check_size(void *argument)
{
	const int64_t *counts = argument;

	fisher_check_size(counts[0], counts[1]);
}

static void
check_counts(void *argument)
{
	const int64_t *counts = argument;

	rate_check_counts(counts[0], counts[1]);
}

static void
check_confidence(void *argument)
{
	rate_check_confidence(*(double *) argument);
}

static void
check_prior(void *argument)
{
	const double *prior = argument;

	rate_check_prior(prior[0], prior[1]);
}

static void
test_errors(void)
{
	tap_fails(check_counts, (int64_t[]) {-1, 3}, CORE_INVALID_PARAMETER, "negative successes");
	tap_fails(check_counts, (int64_t[]) {4, 3}, CORE_INVALID_PARAMETER, "more successes than cases");
	tap_fails(check_counts, (int64_t[]) {0, -3}, CORE_INVALID_PARAMETER, "negative n");
	tap_ok(host_run(check_counts, (int64_t[]) {0, 0}, NULL), "0 of 0 is allowed");
	tap_fails(check_size, (int64_t[]) {INT64_MAX, INT64_MAX}, CORE_LIMIT_EXCEEDED, "too many cases for an exact test");
	tap_fails(check_confidence, &(double) {0}, CORE_INVALID_PARAMETER, "confidence 0");
	tap_fails(check_confidence, &(double) {1}, CORE_INVALID_PARAMETER, "confidence 1");
	tap_fails(check_confidence, &(double) {NAN}, CORE_INVALID_PARAMETER, "confidence NaN");
	tap_fails(check_prior, (double[]) {1.5, 1}, CORE_INVALID_PARAMETER, "prior rate above 1");
	tap_fails(check_prior, (double[]) {0.5, -1}, CORE_INVALID_PARAMETER, "negative prior n");
	tap_fails(check_prior, (double[]) {0.5, INFINITY}, CORE_INVALID_PARAMETER, "infinite prior n");
}

int
main(void)
{
	test_quantile();
	test_wilson();
	test_fisher();
	tap_ok(shrunken_rate(1, 1, 0.4, 10) < shrunken_rate(30, 40, 0.4, 10), "1 of 1 does not outrank 30 of 40");
	tap_ok(shrunken_rate(3, 3, 0.5, 0) == 1 && shrunken_rate(0, 0, 0.5, 4) == 0.5, "no prior, and nothing but prior");
	test_errors();
	return tap_done();
}
