/*
 * score_test.c
 *		Exact sums, the score made of them, and the rating it earns.
 */
#include "host.h"

#include "core/rating.h"
#include "core/score.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static core_arena *arena;

static double
sum_of(const double *values, int count)
{
	exact_sum	sum = {0};
	exact_value value;

	for (int i = 0; i < count; i++)
		exact_sum_add(&sum, values[i], arena);
	value = exact_sum_value(&sum, NULL, arena);
	return ldexp(value.fraction, value.exponent);
}

#define SUM(...) sum_of((double[]) {__VA_ARGS__}, sizeof((double[]) {__VA_ARGS__}) / sizeof(double))

static void
test_rounding(void)
{
	double		two_53 = 9007199254740992.0;

	tap_ok(sum_of(NULL, 0) == 0, "an empty sum is 0");
	tap_ok(SUM(0.0, -0.0) == 0, "zeros sum to 0");
	tap_ok(SUM(0.1) == 0.1 && SUM(-0.1) == -0.1, "one number is itself");
	tap_ok(SUM(1e308, 1, -1e308) == 1, "what is small survives what is large");
	tap_ok(SUM(1, 1e-300, -1) == 1e-300, "what is very small too");
	tap_ok(SUM(DBL_MAX, DBL_MAX, -DBL_MAX, -DBL_MAX, 5e-324) == 5e-324, "no overflow on the way, no underflow");
	tap_ok(SUM(0.1, 0.2, 0.3, -0.6) == 0x1p-55, "0.1 + 0.2 + 0.3 - 0.6 in doubles, without rounding");
	tap_ok(SUM(two_53, 1) == two_53, "half rounds to even, down");
	tap_ok(SUM(two_53 + 2, 1) == two_53 + 4, "half rounds to even, up");
	tap_ok(SUM(two_53, 1, 5e-324) == two_53 + 2, "a little more than half rounds up");
	tap_ok(SUM(two_53, 1, -5e-324) == two_53, "a little less than half rounds down");
	tap_ok(SUM(-two_53, -1, -5e-324) == -two_53 - 2, "negative sums mirror positive ones");
	tap_ok(SUM(-1, -1, -1, 2) == -1, "small negative sum");
}

/* Numbers that are multiples of 2^-20: their sum is known from integers. */
static void
test_against_integers(void)
{
	uint64_t	seed = 1;
	int			wrong = 0;

	for (int round = 0; round < 2000; round++)
	{
		exact_sum	sum = {0},
					part = {0};
		int64_t		expected = 0;
		exact_value value;

		for (int i = 0; i < 50; i++)
		{
			int64_t		item = (int64_t) host_random(&seed, UINT64_C(1) << 46) - (INT64_C(1) << 45);

			expected += item;
			exact_sum_add(i % 3 ? &sum : &part, ldexp(item, -20), arena);
		}
		exact_sum_combine(&sum, &part, arena);
		value = exact_sum_value(&sum, NULL, arena);
		wrong += ldexp(value.fraction, value.exponent) != ldexp(expected, -20);
		exact_sum_free(&sum, arena);
		exact_sum_free(&part, arena);
	}
	tap_ok(wrong == 0, "2000 sums in two parts equal those of integers");
}

static void
test_products(void)
{
	uint64_t	seed = 2;
	int			wrong = 0;
	exact_sum	sum = {0};
	exact_value value;

	for (int round = 0; round < 2000; round++)
	{
		exact_sum	product = {0};
		double		a = ldexp(host_random(&seed, UINT64_C(1) << 53), -(int) host_random(&seed, 60));
		double		b = ldexp(host_random(&seed, UINT64_C(1) << 53), -(int) host_random(&seed, 60));

		/* a b - round(a b) is what fma calls the rest */
		exact_sum_add_product(&product, a, b, arena);
		exact_sum_add(&product, -(a * b), arena);
		value = exact_sum_value(&product, NULL, arena);
		wrong += ldexp(value.fraction, value.exponent) != fma(a, b, -(a * b));
		exact_sum_free(&product, arena);
	}
	tap_ok(wrong == 0, "2000 products are exact");

	exact_sum_add_product(&sum, 5e-324, 5e-324, arena);
	exact_sum_add_product(&sum, DBL_MAX, DBL_MAX, arena);
	exact_sum_add_product(&sum, -DBL_MAX, DBL_MAX, arena);
	value = exact_sum_value(&sum, NULL, arena);
	tap_ok(value.fraction == 0.5 && value.exponent == -2147, "the smallest product beside the largest");
}

/* Doubling 62 times passes 2^30 waiting additions and forces carries. */
static void
test_carries(void)
{
	exact_sum	sum = {0};
	exact_value value;

	exact_sum_add(&sum, DBL_MAX, arena);
	exact_sum_add(&sum, -1, arena);
	for (int i = 0; i < 62; i++)
	{
		uint8_t		room[1200];
		wire_writer w = {room, room + sizeof(room)};
		wire_reader r = {room, room + exact_sum_size(&sum), "test_state"};
		exact_sum	copy;

		exact_sum_write(&sum, &w);
		exact_sum_read(&copy, &r, arena);
		exact_sum_combine(&sum, i % 2 ? &copy : &sum, arena);
	}
	exact_sum_add_product(&sum, -DBL_MAX, ldexp(1, 62), arena);
	value = exact_sum_value(&sum, NULL, arena);
	tap_ok(ldexp(value.fraction, value.exponent) == -ldexp(1, 62), "2^62 additions lose nothing");
}

/* Fourteen digits, the fast way, are those that are printed and read. */
static void
test_figures(void)
{
	static const double special[] = {
		0, -0.0, 80, 79.99999999999999, 99.999999999999986, 9.9999999999999995, 0.1, 1e-8, 9.9e-9, 1e13, 9.99999999999999e12,
		100.00000000000001, 0.70000000000000007, 33.333333333333336, 1e300, 5e-324, -150, 1.00000000000005, 1.00000000000015
	};
	uint64_t	seed = 5;
	int			wrong = 0;
	char		digits[32];

	for (int i = 0; i < 300000; i++)
	{
		double		value = i < (int) (sizeof(special) / sizeof(special[0])) ? special[i] :
			(i % 2 ? 1 : -1) * ldexp((double) host_random(&seed, UINT64_C(1) << 53), -(int) host_random(&seed, 90)) *
			(i % 3 ? 1 : 0.01);

		if (i % 5 == 0 && i > 100)	/* close to a tie of the fourteenth digit */
			value = (double) host_random(&seed, UINT64_C(100000000000000)) / 1e12 + 5e-13;
		snprintf(digits, sizeof(digits), "%.14g", value);
		wrong += score_figure(value) != strtod(digits, NULL);
	}
	tap_ok(wrong == 0, "300000 figures have fourteen digits, and the right ones (%d wrong)", wrong);
}

static const score_row plain_row = {true, true, 80, 100, 1, true};

static void
add_row(void *argument)
{
	score_state *state = score_create(arena);

	score_add(state, &score_default_options, argument, arena);
}

static void
check_options(void *argument)
{
	score_check_options(argument);
}

static void
join_other_options(void *argument)
{
	score_state *state = score_create(arena);
	score_options options = score_default_options;

	(void) argument;
	score_add(state, &options, &plain_row, arena);
	options.cap = 2;
	score_add(state, &options, &plain_row, arena);
}

static void
test_attainment(void)
{
	static const struct
	{
		double		actual,
					target,
					higher,
					lower;
	}			cases[] = {
		{80, 100, 0.8, 1.2}, {10, 100, 0.1, 1.9}, {120, 100, 1.2, 0.8}, {0, 100, 0, 2}, {-50, 100, -0.5, 2.5},
		{-80, -100, 1.2, 0.8}, {-120, -100, 0.8, 1.2}, {100, -100, 3, -1}
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		tap_ok(fabs(score_attainment(cases[i].actual, cases[i].target, true) - cases[i].higher) < 1e-15 &&
			   fabs(score_attainment(cases[i].actual, cases[i].target, false) - cases[i].lower) < 1e-15,
			   "attainment of %g against %g", cases[i].actual, cases[i].target);
}

static void
test_errors(void)
{
	tap_fails(add_row, &(score_row) {true, true, NAN, 1, 1, true}, CORE_INVALID_PARAMETER, "NaN actual");
	tap_fails(add_row, &(score_row) {true, false, INFINITY, 1, 1, true}, CORE_INVALID_PARAMETER, "infinite actual, no target");
	tap_fails(add_row, &(score_row) {true, true, 1, -INFINITY, 1, true}, CORE_INVALID_PARAMETER, "infinite target");
	tap_fails(add_row, &(score_row) {true, true, 1, 1, NAN, true}, CORE_INVALID_PARAMETER, "NaN weight");
	tap_fails(add_row, &(score_row) {true, true, 1, 1, -1, true}, CORE_INVALID_PARAMETER, "negative weight");
	tap_fails(check_options, &(score_options) {SCORE_SKIP, 2, 1, 0}, CORE_INVALID_PARAMETER, "floor above cap");
	tap_fails(check_options, &(score_options) {SCORE_SKIP, 0, INFINITY, 0}, CORE_INVALID_PARAMETER, "infinite cap");
	tap_fails(check_options, &(score_options) {SCORE_SKIP, 0, 1e301, 0}, CORE_INVALID_PARAMETER, "a cap whose score would be infinite");
	tap_fails(check_options, &(score_options) {SCORE_SKIP, 0, 1, 1.5}, CORE_INVALID_PARAMETER, "min_coverage above 1");
	tap_ok(host_run(check_options, &(score_options) {SCORE_SKIP, 1, 1, 1}, NULL), "floor = cap is allowed");
	tap_fails(join_other_options, NULL, CORE_INVALID_PARAMETER, "options that differ");
}

typedef struct bytes
{
	uint8_t    *at;
	size_t		size;
} bytes;

static void
read_and_use(void *argument)
{
	const bytes *b = argument;
	wire_reader r = {b->at, b->at + b->size, "test_state"};
	score_state *state = score_read(&r, arena);
	score_state *other;
	score_result result;

	wire_expect_end(&r);
	r.at = b->at;
	other = score_read(&r, arena);
	score_combine(state, other, arena);
	result = score_final(state, arena);
	if (result.has_coverage && !(result.coverage >= 0 && result.coverage <= 1))
		tap_ok(false, "coverage %g of crafted bytes", result.coverage);
	if (result.has_score && isnan(result.score))
		tap_ok(false, "score %g of crafted bytes", result.score);
}

/* Bytes of a true state with some replaced: refused or read, never worse. */
static void
test_crafted(void)
{
	uint8_t		good[512],
				bad[512];
	wire_writer w = {good, good + sizeof(good)};
	score_state *state = score_create(arena);
	uint64_t	seed = 3;
	size_t		size;
	int			read = 0,
				refused = 0;

	for (int i = 0; i < 20; i++)
		score_add(state, &score_default_options,
				  &(score_row) {i % 5 > 0, true, i * 1e10, 7e9, i / 3.0, i % 2 == 0}, arena);
	size = score_size(state);
	score_write(state, &w);
	tap_ok(w.at == good + size, "as many bytes as announced");
	for (int round = 0; round < 50000; round++)
	{
		core_arena *outer = arena;
		host_failure failure;

		memcpy(bad, good, size);
		for (int i = (int) host_random(&seed, 4); i >= 0; i--)
			bad[host_random(&seed, size)] = (uint8_t) host_random(&seed, 256);
		arena = host_arena_create();
		if (host_run(read_and_use, &(bytes) {bad, host_random(&seed, 8) ? size : host_random(&seed, size)}, &failure))
			read++;
		else if (failure.error == CORE_INVALID_BINARY || failure.error == CORE_LIMIT_EXCEEDED)
			refused++;
		host_arena_free(arena);
		arena = outer;
	}
	tap_ok(read > 0 && refused > 0 && read + refused == 50000, "50000 crafted states: %d read, %d refused", read, refused);
}

/* The rule again, bound by bound: how many are held or gained. */
static int
rating_by_counting(double score, const double *bounds, int previous, double margin)
{
	int			rating = 1;

	for (int i = 0; i < RATING_BOUNDS; i++)
		rating += previous == 0 ? score >= bounds[i] :
			previous > i + 1 ? score >= bounds[i] - margin : score >= bounds[i] + margin;
	return rating;
}

static void
test_rating(void)
{
	const double bounds[RATING_BOUNDS] = {60, 80, 100};
	int			wrong = 0;

	for (double score = 0; score <= 160; score += 0.25)
		for (int previous = 0; previous <= RATING_HIGHEST; previous++)
			for (double margin = 0; margin <= 30; margin += 2.5)
				wrong += rating_of_score(score, bounds, previous, margin) !=
					rating_by_counting(score, bounds, previous, margin);
	tap_ok(wrong == 0, "ratings for every score, previous rating and margin");
}

int
main(void)
{
	arena = host_arena_create();
	test_rounding();
	test_against_integers();
	test_products();
	test_carries();
	test_figures();
	test_attainment();
	test_errors();
	test_crafted();
	test_rating();
	host_arena_free(arena);
	return tap_done();
}
