/*
 * brier_test.c
 *		The score of probabilities, and the bins of their calibration.
 */
#include "host.h"

#include "core/brier.h"

#include <math.h>
#include <string.h>

static core_arena *arena;

static void
test_brier(void)
{
	brier_state *state = brier_create(arena);
	brier_state *other = brier_create(arena);
	brier_result result;

	brier_add(state, 0.75, true, arena);
	brier_add(other, 0.5, false, arena);
	brier_combine(state, other, arena);
	result = brier_final(state, arena);
	tap_ok(result.score == 5.0 / 32, "1/16 and 1/4 score 5/32");
	tap_ok(result.has_skill && result.skill == 0.375, "the base rate scores 1/4, so the skill is 3/8");
	tap_ok(result.base_rate == 0.5 && result.mean_probability == 0.625, "base rate and mean probability");

	brier_add(state, 1e-300, false, arena);
	brier_add(state, 5e-324, true, arena);
	result = brier_final(state, arena);
	tap_ok(result.score == (5.0 / 16 + 1) / 4, "the smallest probabilities count as what they are");
}

/* Any order and any split of the same deals gives the same bits. */
static void
test_order(void)
{
	uint64_t	seed = 3;
	double		probability[1000];
	brier_state *forward = brier_create(arena);
	brier_state *parts[2] = {brier_create(arena), brier_create(arena)};
	brier_result a,
				b;

	for (int i = 0; i < 1000; i++)
	{
		probability[i] = host_random(&seed, 1000001) / 1e6;
		brier_add(forward, probability[i], i % 3 == 0, arena);
	}
	for (int i = 999; i >= 0; i--)
		brier_add(parts[i % 2], probability[i], i % 3 == 0, arena);
	brier_combine(parts[0], parts[1], arena);
	a = brier_final(forward, arena);
	b = brier_final(parts[0], arena);
	tap_ok(a.score == b.score && a.skill == b.skill && a.mean_probability == b.mean_probability,
		   "the order of deals does not show");
}

static void
test_bins(void)
{
	uint64_t	seed = 5;
	int			wrong = 0;

	for (int bins = 1; bins <= CALIBRATION_MAX_BINS; bins += bins < 50 ? 1 : 97)
	{
		calibration_options options = {bins, 0.95};
		calibration_state *state = calibration_create(arena);
		int64_t		n = 0;

		for (int i = 0; i <= bins; i++)
		{
			double		bound = calibration_bound(&options, i);
			double		near[] = {nextafter(bound, 0), bound, bound < 1 ? nextafter(bound, 1) : 1};

			for (int j = 0; j < 3; j++)
			{
				int			expected = 0;

				while (expected < bins - 1 && near[j] >= calibration_bound(&options, expected + 1))
					expected++;
				n = state->has_options ? state->bins[expected].n : 0;
				calibration_add(state, &options, true, near[j], host_random(&seed, 2), arena);
				wrong += state->bins[expected].n != n + 1;
			}
		}
	}
	tap_ok(wrong == 0, "probabilities on and beside a bound are on its right side");
}

static const double impossible[] = {-0.1, 1.5, NAN, INFINITY};

static void
add_impossible(void *argument)
{
	brier_add(brier_create(arena), *(const double *) argument, true, arena);
}

static void
check_options(void *argument)
{
	calibration_check_options(argument);
}

static void
join_others(void *argument)
{
	calibration_state *state = calibration_create(arena);

	calibration_add(state, &calibration_default_options, true, 0.5, true, arena);
	calibration_add(state, argument, false, 0, false, arena);
}

static void
test_errors(void)
{
	calibration_options none = {0, 0.95};
	calibration_options certain = {10, 1};
	calibration_options other = {11, 0.95};

	for (int i = 0; i < 4; i++)
		tap_fails(add_impossible, (void *) &impossible[i], CORE_INVALID_PARAMETER, "a probability that cannot be");
	tap_fails(check_options, &none, CORE_INVALID_PARAMETER, "no bins");
	tap_fails(check_options, &certain, CORE_INVALID_PARAMETER, "a confidence of 1");
	tap_fails(join_others, &other, CORE_INVALID_PARAMETER, "options that change");
}

static void
read_bytes(void *argument)
{
	wire_reader *reader = argument;

	calibration_read(reader, arena);
	wire_expect_end(reader);
}

static void
test_wire(void)
{
	calibration_options options = {3, 0.9};
	calibration_state *state = calibration_create(arena);
	uint8_t		bytes[512];
	uint8_t		again[512];
	size_t		size;
	wire_writer w = {bytes, bytes + sizeof(bytes)};
	wire_reader r;
	calibration_state *copy;
	uint64_t	seed = 9;

	calibration_add(state, &options, true, 0.5, true, arena);
	calibration_add(state, &options, true, 0.9, false, arena);
	size = calibration_size(state);
	calibration_write(state, &w);
	tap_ok(w.at == bytes + size, "a state is as large as it says");
	r = (wire_reader) {bytes, bytes + size, "calibration_state"};
	copy = calibration_read(&r, arena);
	w = (wire_writer) {again, again + sizeof(again)};
	calibration_write(copy, &w);
	tap_ok(r.at == r.end && w.at == again + size && memcmp(bytes, again, size) == 0, "and reads back as it was");

	for (int i = 0; i < 20000; i++)
	{
		memcpy(again, bytes, size);
		for (int flips = 0; flips <= i % 3; flips++)
			again[host_random(&seed, size)] = host_random(&seed, 256);
		r = (wire_reader) {again, again + host_random(&seed, size + 1), "calibration_state"};
		host_run(read_bytes, &r, NULL);
	}
	tap_ok(true, "20000 damaged states are read or refused");
}

int
main(void)
{
	arena = host_arena_create();
	test_brier();
	test_order();
	test_bins();
	test_errors();
	test_wire();
	host_arena_free(arena);
	return tap_done();
}
