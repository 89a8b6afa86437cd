/*
 * bookings_test.c
 *		The distribution of sums of deals, against all ways that they may end.
 */
#include "host.h"

#include "core/bookings.h"

#include <math.h>
#include <string.h>

static core_arena *arena;

static bookings_result
final_of(const bookings_deal *deals, int count, int64_t target)
{
	bookings_state state;

	bookings_create(&state);
	for (int i = 0; i < count; i++)
		bookings_add(&state, deals[i].cents, deals[i].probability, false, arena);
	return bookings_final(&state, target, arena);
}

/* Probability that the deals reach the target, way by way. */
static double
brute_force(const bookings_deal *deals, int count, int64_t target)
{
	double		chance = 0;

	for (int way = 0; way < 1 << count; way++)
	{
		int64_t		sum = 0;
		double		probability = 1;

		for (int i = 0; i < count; i++)
		{
			if (way >> i & 1)
				sum += deals[i].cents;
			probability *= way >> i & 1 ? deals[i].probability : 1 - deals[i].probability;
		}
		if (sum >= target)
			chance += probability;
	}
	return chance;
}

static void
test_all_ways(void)
{
	uint64_t	seed = 7;
	int			wrong = 0,
				out_of_bounds = 0,
				rough = 0;

	for (int round = 0; round < 400; round++)
	{
		bookings_deal deals[10];
		int			count = (int) host_random(&seed, 11);
		int64_t		scale = round % 4 == 3 ? INT64_C(100000000003) : round % 4 == 2 ? 1000 : 1;
		int64_t		sum = 0;
		bookings_result result;
		double		truth;

		for (int i = 0; i < count; i++)
		{
			deals[i].cents = ((int64_t) host_random(&seed, 3000) - 300) * scale + (scale > 1000 ? (int64_t) host_random(&seed, 1000) : 0);
			deals[i].probability = host_random(&seed, 5) == 0 ? host_random(&seed, 2) : host_random(&seed, 1001) / 1000.0;
			if (host_random(&seed, 2))
				sum += deals[i].cents;
		}
		result = final_of(deals, count, sum);
		truth = brute_force(deals, count, sum);
		rough += result.error_bound > 0;
		wrong += result.error_bound == 0 && fabs(result.chance - truth) > 1e-14;
		out_of_bounds += truth < result.chance_lower - 1e-14 || truth > result.chance_upper + 1e-14;
	}
	tap_ok(wrong == 0 && rough == 0, "the chance is that of all ways together");
	tap_ok(out_of_bounds == 0, "and its bounds say so");
}

/* More deals than are listed, of amounts that do not fit on the grid. */
static void
test_rounded(void)
{
	uint64_t	seed = 17;
	int			out_of_bounds = 0,
				rough = 0;

	for (int round = 0; round < 6; round++)
	{
		bookings_deal deals[19];
		int64_t		sum = 0;
		bookings_result result;
		double		truth;

		for (int i = 0; i < 19; i++)
		{
			deals[i].cents = (int64_t) host_random(&seed, 300000000) - 30000000;
			deals[i].probability = (1 + host_random(&seed, 999)) / 1000.0;
			if (host_random(&seed, 2))
				sum += deals[i].cents;
		}
		result = final_of(deals, 19, sum);
		truth = brute_force(deals, 19, sum);
		rough += result.error_bound > 0 && result.chance_lower < result.chance_upper;
		out_of_bounds += truth < result.chance_lower - 1e-14 || truth > result.chance_upper + 1e-14;
	}
	tap_ok(rough == 6 && out_of_bounds == 0, "where amounts are rounded the chance lies within its bounds");
}

/* Deals of 1, 2, 4, ... cents: every sum once. */
static void
test_binary(void)
{
	bookings_deal deals[17];
	bookings_result result;

	for (int i = 0; i < 17; i++)
		deals[i] = (bookings_deal) {INT64_C(1) << i, 0.5};
	result = final_of(deals, 17, 1000);
	tap_ok(result.chance == 1 - 1000 * 0x1p-17, "sums of powers of two are uniform");
	tap_ok(result.p50 == (1 << 16) - 1 && result.p10 == 13107 && result.p90 == 117964, "so are their percentiles");
	tap_ok(result.grid == 1 && result.error_bound == 0, "on a grid of a cent");
	tap_ok(result.expected == 1 << 16, "half of them is expected, half a cent to the even one");
}

static void
test_order(void)
{
	uint64_t	seed = 11;
	bookings_state forward,
				backward,
				part;
	bookings_deal deals[300];
	bookings_result a,
				b;

	bookings_create(&forward);
	bookings_create(&backward);
	bookings_create(&part);
	for (int i = 0; i < 300; i++)
	{
		deals[i] = (bookings_deal) {(int64_t) host_random(&seed, 100000000), host_random(&seed, 1001) / 1000.0};
		bookings_add(&forward, deals[i].cents, deals[i].probability, false, arena);
	}
	for (int i = 299; i >= 0; i--)
		bookings_add(i % 2 ? &backward : &part, deals[i].cents, deals[i].probability, false, arena);
	bookings_combine(&backward, &part, arena);
	a = bookings_final(&forward, INT64_C(7500000000), arena);
	b = bookings_final(&backward, INT64_C(7500000000), arena);
	tap_ok(a.chance == b.chance && a.p10 == b.p10 && a.p50 == b.p50 && a.p90 == b.p90 && a.expected == b.expected &&
		   a.error_bound == b.error_bound && a.chance_lower == b.chance_lower, "the order of deals does not show");
	tap_ok(a.error_bound > 0 && a.error_bound <= 300 * a.grid, "the error bound is at most a cell a deal");
}

static void
test_extremes(void)
{
	bookings_deal deals[1000];
	bookings_result result;

	for (int i = 0; i < 1000; i++)
		deals[i] = (bookings_deal) {100, 0.5};
	result = final_of(deals, 900, 90000);
	tap_ok(fabs(result.chance / ldexp(1, -900) - 1) < 1e-12, "a chance of 2^-900 is right to the twelfth digit");
	result = final_of(deals, 0, 0);
	tap_ok(result.chance == 1 && result.p50 == 0, "without deals nothing comes");
	for (int i = 0; i < 100; i++)
		deals[i] = (bookings_deal) {BOOKINGS_MAX_AMOUNT, i % 2 ? 5e-324 : 1 - 0x1p-53};
	result = final_of(deals, 100, 4 * BOOKINGS_MAX_TOTAL);
	tap_ok(result.chance == 0 && result.p10 == 50 * BOOKINGS_MAX_AMOUNT, "the largest amounts, the smallest and largest probabilities");
	result = final_of(deals, 100, -4 * BOOKINGS_MAX_TOTAL);
	tap_ok(result.chance == 1, "a target below everything is reached");
}

static void
too_much(void *argument)
{
	bookings_deal deals[112];

	for (int i = 0; i < 112; i++)
		deals[i] = (bookings_deal) {*(int64_t *) argument, 0.5};
	final_of(deals, 112, 0);
}

static void
read_bytes(void *argument)
{
	bookings_state state;

	bookings_read(&state, argument, arena);
	wire_expect_end(argument);
	bookings_final(&state, 1000, arena);
}

static void
test_wire(void)
{
	bookings_state state,
				copy;
	uint8_t		bytes[256];
	uint8_t		again[256];
	wire_writer w = {bytes, bytes + sizeof(bytes)};
	wire_reader r;
	size_t		size;
	uint64_t	seed = 13;
	int64_t		most = BOOKINGS_MAX_AMOUNT;
	int64_t		least = -BOOKINGS_MAX_AMOUNT;

	tap_fails(too_much, &most, CORE_LIMIT_EXCEEDED, "too much together");
	tap_fails(too_much, &least, CORE_LIMIT_EXCEEDED, "too little together");

	bookings_create(&state);
	bookings_add(&state, 12345, 0.25, true, arena);
	bookings_add(&state, -500, 1, false, arena);
	state.missing = 3;
	size = bookings_size(&state);
	bookings_write(&state, &w);
	r = (wire_reader) {bytes, bytes + size, "bookings_distribution_state"};
	bookings_read(&copy, &r, arena);
	w = (wire_writer) {again, again + sizeof(again)};
	bookings_write(&copy, &w);
	tap_ok(w.at == again + size && memcmp(bytes, again, size) == 0, "a state reads back as it was");

	for (int i = 0; i < 20000; i++)
	{
		memcpy(again, bytes, size);
		for (int flips = 0; flips <= i % 3; flips++)
			again[host_random(&seed, size)] = host_random(&seed, 256);
		r = (wire_reader) {again, again + (i % 4 ? size : host_random(&seed, size + 1)), "bookings_distribution_state"};
		host_run(read_bytes, &r, NULL);
	}
	tap_ok(true, "20000 damaged states are read or refused");
}

int
main(void)
{
	arena = host_arena_create();
	test_all_ways();
	test_rounded();
	test_binary();
	test_order();
	test_extremes();
	test_wire();
	host_arena_free(arena);
	return tap_done();
}
