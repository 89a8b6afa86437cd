/*
 * rate_test.c
 *		Normal quantiles, Wilson bounds and shrunk rates against published values.
 */
#include "host.h"

#include "core/rate.h"

#include <math.h>

/* The test values of AS 241 itself (Wichura 1988), and those everybody knows. */
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
	tap_ok(wilson_lower_bound(0, INT64_MAX, 0.95) == 0 && wilson_upper_bound(INT64_MAX, INT64_MAX, 0.95) == 1,
		   "the ends are exact for any n");
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
	tap_ok(shrunken_rate(1, 1, 0.4, 10) < shrunken_rate(30, 40, 0.4, 10), "1 of 1 does not outrank 30 of 40");
	tap_ok(shrunken_rate(3, 3, 0.5, 0) == 1 && shrunken_rate(0, 0, 0.5, 4) == 0.5, "no prior, and nothing but prior");
	test_errors();
	return tap_done();
}
