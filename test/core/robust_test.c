/*
 * robust_test.c
 *		Median and spread against sorted values, published and random.
 */
#include "host.h"

#include "core/robust.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static core_arena *arena;

static robust_scale
scale_of(const double *values, int count)
{
	robust_state *state = robust_create(arena);

	for (int i = 0; i < count; i++)
		robust_add(state, values[i], arena);
	return robust_final(state, arena);
}

#define SCALE(...) scale_of((double[]) {__VA_ARGS__}, sizeof((double[]) {__VA_ARGS__}) / sizeof(double))

static double
z_of(double value, robust_scale scale)
{
	double		z;

	return robust_distance(value, &scale, &z) ? z : NAN;
}

static void
test_known(void)
{
	robust_scale scale = SCALE(1, 1, 2, 2, 4, 6, 9);

	tap_ok(scale.median == 2 && scale.mad == 1 && scale.n == 7, "1 1 2 2 4 6 9: median 2, MAD 1");
	tap_ok(fabs(z_of(9, scale) - 7 / 1.4826) < 1e-14, "9 is 7 / 1.4826 away");
	scale = SCALE(5, 5, 5, 5, 9);
	tap_ok(scale.mad == 0 && scale.mean_deviation == 0.8, "most are equal: MAD 0, mean deviation 0.8");
	tap_ok(fabs(z_of(9, scale) - 4 / (1.2533 * 0.8)) < 1e-14 && z_of(5, scale) == 0, "the mean deviation serves instead");
	tap_ok(isnan(z_of(3, SCALE(3, 3, 3))) && isnan(z_of(4, SCALE(3))), "all equal: no spread, no distance");
	scale = SCALE(-0.0, 0.0, -5e-324, 5e-324);
	tap_ok(scale.median == 0 && scale.mad <= 5e-324, "around 0");
	scale = SCALE(DBL_MAX / 4, -DBL_MAX / 4);
	tap_ok(scale.median == 0 && scale.mad == DBL_MAX / 4 && fabs(z_of(DBL_MAX, scale) - 4 / 1.4826) < 1e-14, "the largest values");
}

static int
compare(const void *a, const void *b)
{
	double		x = *(const double *) a,
				y = *(const double *) b;

	return (x > y) - (x < y);
}

static double
sorted_median(double *values, int count)
{
	qsort(values, count, sizeof(double), compare);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static void
test_random(void)
{
	uint64_t	seed = 7;
	int			wrong = 0;

	for (int round = 0; round < 2000; round++)
	{
		double		values[60];
		int			count = 1 + (int) host_random(&seed, 60);
		robust_state *a = robust_create(arena),
				   *b = robust_create(arena);
		robust_scale scale;
		double		median;

		for (int i = 0; i < count; i++)
		{
			values[i] = ((double) host_random(&seed, round % 2 ? 9 : 1000000) - 4) / 4;
			robust_add(host_random(&seed, 2) ? a : b, values[i], arena);
		}
		robust_combine(a, b, arena);
		robust_combine(b, a, arena);
		robust_final(b, arena);
		scale = robust_final(a, arena);
		median = sorted_median(values, count);
		wrong += scale.median != median || scale.n != count;
		for (int i = 0; i < count; i++)
			values[i] = fabs(values[i] - median);
		wrong += scale.mad != sorted_median(values, count);
	}
	tap_ok(wrong == 0, "2000 groups in two parts equal sorted ones");
}

static void
add(void *argument)
{
	robust_add(robust_create(arena), *(double *) argument, arena);
}

static void
check(void *argument)
{
	robust_check_scale(argument);
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
	robust_state *state = robust_read(&r, arena);

	wire_expect_end(&r);
	if (state->count > 0 && !isfinite(robust_final(state, arena).mad))
		tap_ok(false, "no MAD of crafted bytes");
}

static void
test_crafted(void)
{
	uint8_t		good[256],
				bad[256];
	wire_writer w = {good, good + sizeof(good)};
	robust_state *state = robust_create(arena);
	uint64_t	seed = 3;
	size_t		size;
	int			wrong = 0;

	for (int i = 0; i < 9; i++)
		robust_add(state, i * 1e10 - 3, arena);
	size = robust_size(state);
	robust_write(state, &w);
	tap_ok(w.at == good + size, "as many bytes as announced");
	for (int round = 0; round < 20000; round++)
	{
		host_failure failure;

		memcpy(bad, good, size);
		for (int i = (int) host_random(&seed, 4); i >= 0; i--)
			bad[host_random(&seed, size)] = (uint8_t) host_random(&seed, 256);
		if (!host_run(read_and_use, &(bytes) {bad, host_random(&seed, 4) ? size : host_random(&seed, size)}, &failure))
			wrong += failure.error != CORE_INVALID_BINARY;
	}
	tap_ok(wrong == 0, "20000 crafted states are read or refused");
}

int
main(void)
{
	arena = host_arena_create();
	test_known();
	test_random();
	tap_fails(add, &(double) {NAN}, CORE_INVALID_PARAMETER, "NaN");
	tap_fails(add, &(double) {-INFINITY}, CORE_INVALID_PARAMETER, "-Infinity");
	tap_fails(add, &(double) {DBL_MAX}, CORE_INVALID_PARAMETER, "too large to be compared");
	tap_fails(check, &(robust_scale) {0, -1, 1, 1}, CORE_INVALID_PARAMETER, "negative MAD");
	tap_fails(check, &(robust_scale) {NAN, 1, 1, 1}, CORE_INVALID_PARAMETER, "median NaN");
	test_crafted();
	host_arena_free(arena);
	return tap_done();
}
