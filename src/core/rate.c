/*
 * rate.c
 *		Rates of few cases: their interval, and their shrinkage.
 */
#include "core/rate.h"

#include "core/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

void
rate_check_counts(int64_t successes, int64_t n)
{
	char		message[128];

	if (successes >= 0 && successes <= n)
		return;
	if (n < 0)
		snprintf(message, sizeof(message), "n must be 0 or more, not %" PRId64, n);
	else
		snprintf(message, sizeof(message),
				 "successes must be between 0 and n, not %" PRId64 " of %" PRId64, successes, n);
	core_fail(CORE_INVALID_PARAMETER, message, NULL, NULL);
}

void
rate_check_confidence(double confidence)
{
	char		message[128],
				text[NUMBER_TEXT_SIZE];

	if (confidence > 0 && confidence < 1)
		return;
	snprintf(message, sizeof(message), "confidence must lie between 0 and 1, both excluded, not %s",
			 number_text(confidence, text));
	core_fail(CORE_INVALID_PARAMETER, message, NULL, "Write 95 percent as 0.95.");
}

void
rate_check_prior(double prior_rate, double prior_n)
{
	number_check_share("prior_rate", prior_rate);
	number_check_finite("prior_n", prior_n);
	number_check_not_negative("prior_n", prior_n);
}

/* c[0] + c[1] x + ... + c[7] x^7 */
static double
polynomial(const double c[8], double x)
{
	double		value = c[7];

	for (int i = 6; i >= 0; i--)
		value = value * x + c[i];
	return value;
}

/*
 * Algorithm AS 241, PPND16: M. J. Wichura, "The percentage points of the
 * normal distribution", Applied Statistics 37 (1988), 477-484.  Relative
 * accuracy about 1e-16.  It is given half the probability, the distance of
 * the quantile from the median, where that is small, and the upper tail where
 * it is not: neither loses digits to 1 - (1 - p).
 */
double
normal_two_sided_z(double probability)
{
	static const double centre_above[8] = {
		3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
		1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
		3.3430575583588128105e4, 2.5090809287301226727e3
	};
	static const double centre_below[8] = {
		1.0, 4.2313330701600911252e1, 6.8718700749205790830e2,
		5.3941960214247511077e3, 2.1213794301586595867e4, 3.9307895800092710610e4,
		2.8729085735721942674e4, 5.2264952788528545610e3
	};
	static const double middle_above[8] = {
		1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
		3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
		2.27238449892691845833e-2, 7.74545014278341407640e-4
	};
	static const double middle_below[8] = {
		1.0, 2.05319162663775882187e0, 1.67638483018380384940e0,
		6.89767334985100004550e-1, 1.48103976427480074590e-1, 1.51986665636164571966e-2,
		5.47593808499534494600e-4, 1.05075007164441684324e-9
	};
	static const double tail_above[8] = {
		6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
		2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
		2.71155556874348757815e-5, 2.01033439929228813265e-7
	};
	static const double tail_below[8] = {
		1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1,
		1.48753612908506148525e-2, 7.86869131145613259100e-4, 1.84631831751005468180e-5,
		1.42151175831644588870e-7, 2.04426310338993978564e-15
	};
	double		q = probability / 2;
	double		r;

	if (q <= 0.425)
	{
		r = 0.180625 - q * q;
		return q * polynomial(centre_above, r) / polynomial(centre_below, r);
	}
	r = sqrt(-log((1 - probability) / 2));
	if (r <= 5)
		return polynomial(middle_above, r - 1.6) / polynomial(middle_below, r - 1.6);
	return polynomial(tail_above, r - 5) / polynomial(tail_below, r - 5);
}

/*
 * The bounds are the roots of (n + z^2) p^2 - (2 s + z^2) p + s^2 / n = 0.
 * The upper one is a sum of positive terms; the lower one is found from the
 * product of the two, since the difference would cancel for small s.
 */
static double
half_root_sum(double successes, double failures, double n, double z)
{
	return successes + z * z / 2 + z * sqrt(successes * (failures / n) + z * z / 4);
}

static double
lower_root(double successes, double failures, double n, double z)
{
	if (successes == 0)
		return 0;
	return successes * (successes / n) / half_root_sum(successes, failures, n, z);
}

static double
upper_root(double successes, double failures, double n, double z)
{
	if (failures == 0)
		return 1;
	return fmin(1, half_root_sum(successes, failures, n, z) / (n + z * z));
}

double
wilson_lower_bound(int64_t successes, int64_t n, double confidence)
{
	return lower_root(successes, n - successes, n, normal_two_sided_z(confidence));
}

double
wilson_upper_bound(int64_t successes, int64_t n, double confidence)
{
	return upper_root(successes, n - successes, n, normal_two_sided_z(confidence));
}

double
shrunken_rate(int64_t successes, int64_t n, double prior_rate, double prior_n)
{
	return (successes + prior_rate * prior_n) / (n + prior_n);
}

double
shrunken_lower_bound(int64_t successes, int64_t n, double prior_rate, double prior_n, double confidence)
{
	return lower_root(successes + prior_rate * prior_n, n - successes + (1 - prior_rate) * prior_n, n + prior_n,
					  normal_two_sided_z(confidence));
}

double
shrunken_upper_bound(int64_t successes, int64_t n, double prior_rate, double prior_n, double confidence)
{
	return upper_root(successes + prior_rate * prior_n, n - successes + (1 - prior_rate) * prior_n, n + prior_n,
					  normal_two_sided_z(confidence));
}
