/*
 * driver_test.c
 *		The log-mean Divisia split: published figures, limits, sums to the last digit.
 */
#include "host.h"

#include "core/driver.h"

#include <math.h>
#include <string.h>

#define MOST 9

static bool
near(double value, double expected, double tolerance)
{
	return fabs(value - expected) <= tolerance * fmax(1, fabs(expected));
}

static double
ulp(double x)
{
	return nextafter(fabs(x), INFINITY) - fabs(x);
}

/* |sum of contributions - total|, in long double, is at most one unit in the last place of each. */
static bool
adds_up(const double *c, int n, double total)
{
	long double sum = -(long double) total;
	double		allowed = ulp(total);

	for (int i = 0; i < n; i++)
	{
		sum += c[i];
		allowed += ulp(c[i]);
	}
	return fabsl(sum) <= allowed;
}

/*
 * The worked example of the R package LMDIR 0.1.14 (M. K. Heun), which
 * implements Ang (2005): three factors in two categories, over three years;
 * its vignette and tests give the figures.
 */
static void
test_published(void)
{
	static const double x[4][2][3] = {
		{{1, 10, 2}, {4, 5, 3}}, {{4, 5, 3}, {5, 6, 4}}, {{8, 2, 4}, {5, 7, 5}}, {{10, 1, 5}, {6, 8, 6}}
	};
	static const double z[3][2][3] = {
		{{50.47438029, -25.23719014, 14.76280986}, {19.31568569, 15.78206435, 24.90224996}},
		{{42.96021467, -56.79031473, 17.83010006}, {0, 22.47128816, 32.52871184}},
		{{12.6549815, -39.30996299, 12.6549815}, {41.35566084, 30.28867832, 41.35566084}}
	};
	double		c[3];

	for (int year = 0; year < 3; year++)
		for (int category = 0; category < 2; category++)
		{
			double		total = driver_split(x[year][category], x[year + 1][category], 3, c);
			bool		same = adds_up(c, 3, total);

			for (int i = 0; i < 3; i++)
				same &= near(c[i], z[year][category][i], 1e-9);
			tap_ok(same, "LMDIR, year %d, category %d", 1972 + year, category + 1);
		}
}

static bool
splits_into(int n, const double *planned, const double *actual, const double *expected, double total)
{
	double		c[MOST];

	return driver_split(planned, actual, n, c) == total && memcmp(c, expected, n * sizeof(double)) == 0;
}

#define LIST(...) (const double[]) {__VA_ARGS__}

static void
test_limits(void)
{
	tap_ok(splits_into(3, LIST(0, 5, 3), LIST(4, 5, 3), LIST(60, 0, 0), 60), "a planned zero takes it all");
	tap_ok(splits_into(3, LIST(0, 5, 2), LIST(4, 6, 3), LIST(72, 0, 0), 72), "whatever the others do");
	tap_ok(splits_into(3, LIST(4, 5, 3), LIST(4, 6, 0), LIST(0, 0, -60), -60), "an actual zero takes it all");
	tap_ok(splits_into(3, LIST(0, 5, 0), LIST(4, 5, 3), LIST(30, 0, 30), 60), "two zeros share");
	tap_ok(splits_into(2, LIST(0, 5), LIST(0, 7), LIST(0, 0), 0), "zero on both sides: nothing");
	tap_ok(splits_into(2, LIST(0, 5), LIST(5, 0), LIST(0, 0), 0), "another zero on either side: nothing");
	tap_ok(splits_into(2, LIST(0, 5), LIST(-3, 5), LIST(-15, 0), -15), "from zero to below");
	tap_ok(splits_into(2, LIST(-3, 5), LIST(0, 5), LIST(15, 0), 15), "from below to zero");
	tap_ok(splits_into(1, LIST(3), LIST(5), LIST(2), 2), "one factor is the difference");
	tap_ok(splits_into(3, LIST(3, 4, 5), LIST(3, 4, 5), LIST(0, 0, 0), 0), "nothing changed");
	tap_ok(splits_into(2, LIST(-2, -3), LIST(-2, -5), LIST(0, 4), 4), "negative on both sides");
	/* A = P: the mean is P */
	{
		double		c[2];

		driver_split(LIST(2, 8), LIST(8, 2), 2, c);
		tap_ok(near(c[0], 16 * log(4), 1e-15) && c[1] == -c[0], "equal products");
		driver_split(LIST(2, 8), LIST(2 * (1 + 0x1p-40), 8), 2, c);
		tap_ok(c[0] == 0x1p-36 && c[1] == 0, "nearly equal products");
	}
}

static void
test_range(void)
{
	double		c[3];
	double		total = driver_split(LIST(1e200, 1e200, 1e-300), LIST(1e200, 2e200, 1e-300), 3, c);

	tap_ok(near(total / 1e100, 1, 1e-15) && c[0] == 0 && c[1] == total && c[2] == 0, "no overflow on the way");
	total = driver_split(LIST(1e-200, 1e-200, 1e300), LIST(1e-200, 1e-200, 3e300), 3, c);
	tap_ok(near(total / 2e-100, 1, 1e-15) && c[2] == total, "no underflow on the way");
	total = driver_split(LIST(0x1p-1074, 1), LIST(0x1p1023, 1), 2, c);
	tap_ok(total == 0x1p1023 && c[0] == total && c[1] == 0, "from the least number to a large one");
	tap_ok(isinf(driver_split(LIST(1e200, 1), LIST(1e200, 1e200), 2, c)), "beyond the range");
	total = driver_split(LIST(0x1p-1074, 3), LIST(0x1p-1073, 3), 2, c);
	tap_ok(total == 3 * 0x1p-1074 && c[0] == total && c[1] == 0, "at the least number");
}

static void
test_random(void)
{
	uint64_t	seed = 42;
	bool		sums = true,
				formula = true,
				order = true,
				reverse = true;

	for (int round = 0; round < 100000; round++)
	{
		int			n = 1 + host_random(&seed, MOST);
		double		p[MOST],
					a[MOST],
					c[MOST],
					back[MOST],
					turned[MOST],
					turned_p[MOST],
					turned_a[MOST];
		double		total,
					largest = 0;
		long double product_p = 1,
					product_a = 1,
					mean;

		for (int i = 0; i < n; i++)
		{
			double		spread = host_random(&seed, 3) == 0 ? 0x1p-30 : host_random(&seed, 2) == 0 ? 0.1 : 8;

			p[i] = ldexp(1 + host_random(&seed, 1 << 30) * 0x1p-30, (int) host_random(&seed, 20) - 10);
			a[i] = host_random(&seed, 10) == 0 ? p[i] : p[i] * exp(spread * (host_random(&seed, 1 << 30) * 0x1p-29 - 1));
			if (host_random(&seed, 20) == 0)
				p[i] = -p[i], a[i] = -a[i];
			if (host_random(&seed, 40) == 0)
				p[i] = 0;
			if (host_random(&seed, 40) == 0)
				a[i] = 0;
			turned_p[n - 1 - i] = p[i];
			turned_a[n - 1 - i] = a[i];
			product_p *= p[i];
			product_a *= a[i];
		}
		total = driver_split(p, a, n, c);
		for (int i = 0; i < n; i++)
			largest = fmax(largest, fabs(c[i]));
		sums &= adds_up(c, n, total);
		driver_split(a, p, n, back);
		driver_split(turned_p, turned_a, n, turned);
		for (int i = 0; i < n; i++)
		{
			reverse &= fabs(c[i] + back[i]) <= 16 * n * ulp(largest);
			order &= fabs(c[i] - turned[n - 1 - i]) <= 16 * n * ulp(largest);
		}
		if (product_p == 0 || product_a == 0 || fabsl(product_a / product_p - 1) < 1e-3)
			continue;
		mean = (product_a - product_p) / logl(product_a / product_p);
		for (int i = 0; i < n; i++)
			formula &= fabsl(mean * logl((long double) a[i] / p[i]) - c[i]) <= 16 * n * ulp(largest);
	}
	tap_ok(sums, "the contributions add up to the total within a unit in the last place of each");
	tap_ok(formula, "equal to the formula in long double");
	tap_ok(order, "whatever the order of the factors");
	tap_ok(reverse, "from actual to planned: the same with the other sign");
}

static void
split_two(void *argument)
{
	const double *values = argument;
	double		c[2];

	driver_split(values, values + 2, 2, c);
}

int
main(void)
{
	test_published();
	test_limits();
	test_range();
	test_random();
	tap_fails(split_two, (double[]) {1, 2, 1, -2}, CORE_INVALID_PARAMETER, "from above to below zero");
	tap_fails(split_two, (double[]) {-1, 0, 1, 0}, CORE_INVALID_PARAMETER, "from below to above zero");
	return tap_done();
}
