/*
 * driver.c
 *		The difference of two products, split over their factors.
 *
 * Log-mean Divisia (LMDI-I, additive): with P and A the two products,
 *
 *		contribution of factor i = L(A, P) ln(a_i / p_i)
 *		L(A, P) = (A - P) / ln(A / P), and A where A = P
 *
 * B. W. Ang, "The LMDI approach to decomposition analysis: a practical guide",
 * Energy Policy 33 (2005) 867-871.  The logarithms of the factors' ratios add
 * up to that of the products, so the contributions add up to A - P, whatever
 * the order of the factors.
 *
 * Zeros take the limit (R. Wood and M. Lenzen, "Zero-value problems of the
 * logarithmic mean Divisia index decomposition method", Energy Policy 34 (2006)
 * 1326-1331), as all zeros come from the same small number: where one product
 * is 0 the factors that make it so share the difference equally, and the others
 * add nothing; where both are 0 nothing adds anything.
 *
 * In floating point.  The products are kept in two doubles each, with an
 * exponent apart, for a difference of nearly equal products needs all of
 * their digits, and no order of the factors may overflow on the way.  What
 * rounding leaves between the contributions' sum and the difference is given
 * to the largest contribution, so that the sum is right to half a unit in the
 * last place of that one.
 */
#include "core/driver.h"

#include "core/number.h"

#include <math.h>
#include <stdio.h>

#define LN_2 0.693147180559945309417232121458

/* (high + low) * 2^exponent, with 0.5 <= |high| < 1, and low what does not fit into high; or 0 */
typedef struct product
{
	double		high;
	double		low;
	int64_t		exponent;
} product;

/* high := high + value exactly, but for what is added to *low */
static void
add(double *high, double *low, double value)
{
	double		sum = *high + value;
	double		part = sum - *high;

	*low += (*high - (sum - part)) + (value - part);
	*high = sum;
}

static product
product_of(const double *factors, int n)
{
	product		result = {0.5, 0, 1};

	for (int i = 0; i < n; i++)
	{
		int			exponent;
		double		factor = frexp(factors[i], &exponent);
		double		high = result.high * factor;
		double		low = fma(result.high, factor, -high) + result.low * factor;
		double		sum = high + low;
		int			shift;

		if (factor == 0)
			return (product) {0, 0, 0};
		result.low = low - (sum - high);
		result.high = frexp(sum, &shift);
		result.low = ldexp(result.low, -shift);
		result.exponent += exponent + shift;
		if (i % 65536 == 0)
			core_check_interrupts();
	}
	return result;
}

/* value * 2^exponent */
static double
scaled(double value, int64_t exponent)
{
	return ldexp(value, exponent < -5000 ? -5000 : exponent > 5000 ? 5000 : (int) exponent);
}

/* ln(a / b) of two numbers a 2^k and b in 0.5 .. 1, or both negative, which are difference apart */
static double
log_ratio(double a, double b, int64_t k, double difference)
{
	if (fabs(difference) <= fabs(b) / 2)
		return log1p(difference / b);
	if (k > -1000 && k < 1000)
		return log(ldexp(a / b, (int) k));
	return log(a / b) + k * LN_2;
}

static double
log_ratio_of_factors(double actual, double planned)
{
	int			actual_exponent,
				planned_exponent,
				k;
	double		a = frexp(actual, &actual_exponent);
	double		b = frexp(planned, &planned_exponent);

	k = actual_exponent - planned_exponent;
	/* exact where it is used: no more than half of the other */
	return log_ratio(a, b, k, ldexp(a, k) - b);
}

static void
check_signs(const double *planned, const double *actual, int n)
{
	for (int i = 0; i < n; i++)
		if ((planned[i] < 0 && actual[i] > 0) || (planned[i] > 0 && actual[i] < 0))
		{
			char		message[160],
						planned_text[NUMBER_TEXT_SIZE],
						actual_text[NUMBER_TEXT_SIZE];

			snprintf(message, sizeof(message), "factor %d changes its sign: planned %s, actual %s", i + 1,
					 number_text(planned[i], planned_text), number_text(actual[i], actual_text));
			core_fail(CORE_INVALID_PARAMETER, message,
					  "The ratio of actual to planned has no logarithm then.",
					  "Split the quantity into factors that keep their signs, such as income and cost apart.");
		}
}

/* One of the products is 0: the zeros that make it so share the difference. */
static void
split_over_zeros(const double *zero_side, int n, double difference, double *contributions)
{
	int			zeros = 0;

	for (int i = 0; i < n; i++)
		zeros += zero_side[i] == 0;
	for (int i = 0; i < n; i++)
		contributions[i] = zero_side[i] == 0 ? difference / zeros : 0;
}

/* high + low is what the contributions should add up to: the largest takes what is missing. */
static void
give_rest_to_largest(double high, double low, int n, double *contributions)
{
	int			largest = 0;

	for (int i = 0; i < n; i++)
	{
		add(&high, &low, -contributions[i]);
		if (fabs(contributions[i]) > fabs(contributions[largest]))
			largest = i;
	}
	contributions[largest] += high + low;
}

double
driver_split(const double *planned, const double *actual, int n, double *contributions)
{
	product		p = product_of(planned, n);
	product		a = product_of(actual, n);
	int64_t		unit = p.high == 0 || (a.high != 0 && a.exponent > p.exponent) ? a.exponent : p.exponent;
	double		base = scaled(p.high, p.exponent - unit);
	double		high = scaled(a.high, a.exponent - unit);
	double		low = scaled(a.low, a.exponent - unit) - scaled(p.low, p.exponent - unit);
	double		difference;

	check_signs(planned, actual, n);
	add(&high, &low, -base);
	difference = high + low;
	if (p.high == 0 || a.high == 0)
		split_over_zeros(p.high == 0 && a.high != 0 ? planned : actual, n, difference, contributions);
	else
	{
		double		mean = base;

		if (difference != 0)
			mean = difference / log_ratio(a.high, p.high, a.exponent - p.exponent,
										  scaled(difference, unit - p.exponent));
		for (int i = 0; i < n; i++)
		{
			contributions[i] = mean * log_ratio_of_factors(actual[i], planned[i]);
			if (i % 65536 == 0)
				core_check_interrupts();
		}
	}
	give_rest_to_largest(high, low, n, contributions);
	/* adding 0 makes 0 of -0 */
	for (int i = 0; i < n; i++)
		contributions[i] = scaled(contributions[i], unit) + 0.0;
	return scaled(difference, unit) + 0.0;
}
