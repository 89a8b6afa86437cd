/*
 * score_parts_test.c
 *		Parts of scores: they add up, in any order, whatever the bytes.
 */
#include "host.h"

#include "core/score_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static core_arena *arena;

/* Hundreds of a billionth: whole numbers of the last digit of a score below 1000. */
static double
digits_of(double points)
{
	return nearbyint(points * 1e11);
}

static void
test_sums(void)
{
	uint64_t	seed = 13;
	int			wrong = 0,
				adjusted = 0;

	for (int round = 0; round < 5000; round++)
	{
		score_parts_state *parts = score_parts_create(arena);
		score_state *whole = score_create(arena);
		int			count = 1 + (int) host_random(&seed, 30);
		score_result result;
		score_part *found;
		double		sum = 0;

		for (int i = 0; i < count; i++)
		{
			score_row	row = {host_random(&seed, 9) > 0, true, host_random(&seed, 1000) / 7.0, 1 + host_random(&seed, 99) / 3.0,
			host_random(&seed, 100) / 99.0, true};
			char		name[16];

			row.actual = row.has_actual ? row.actual : 0;
			snprintf(name, sizeof(name), "kpi %d", (int) host_random(&seed, 20));
			score_parts_add(parts, &score_default_options, &row, name, strlen(name), arena);
			score_add(whole, &score_default_options, &row, arena);
		}
		result = score_final(whole, arena);
		found = score_parts_final(parts, arena);
		for (int i = 0; i < count; i++)
		{
			wrong += found[i].has_contribution != (result.has_score && found[i].present);
			wrong += found[i].contribution < 0;
			sum += found[i].has_contribution ? digits_of(found[i].contribution) : 0;
		}
		if (result.has_score && result.score >= 100)
		{
			wrong += sum != digits_of(result.score);
			adjusted++;
		}
	}
	tap_ok(wrong == 0 && adjusted > 1000, "parts of %d scores add up to the last digit (%d wrong)", adjusted, wrong);
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
	score_parts_state *state = score_parts_read(&r, arena);

	wire_expect_end(&r);
	score_parts_combine(state, state, arena);
	for (score_part *part = score_parts_final(state, arena), *end = part + state->count; part < end; part++)
		if (part->has_contribution && isnan(part->contribution))
			tap_ok(false, "NaN from crafted bytes");
}

static void
test_crafted(void)
{
	uint8_t		good[512],
				bad[512];
	wire_writer w = {good, good + sizeof(good)};
	score_parts_state *state = score_parts_create(arena);
	uint64_t	seed = 3;
	size_t		size;
	int			read = 0,
				refused = 0;

	for (int i = 0; i < 6; i++)
		score_parts_add(state, &score_default_options,
						&(score_row) {i != 3, true, i == 3 ? 0 : i * 1e10, 7e9, i / 3.0, i % 2 == 0}, "some name", i, arena);
	size = score_parts_size(state);
	score_parts_write(state, &w);
	tap_ok(w.at == good + size, "as many bytes as announced");
	for (int round = 0; round < 30000; round++)
	{
		host_failure failure;

		memcpy(bad, good, size);
		for (int i = (int) host_random(&seed, 4); i >= 0; i--)
			bad[host_random(&seed, size)] = (uint8_t) host_random(&seed, 256);
		if (host_run(read_and_use, &(bytes) {bad, host_random(&seed, 8) ? size : host_random(&seed, size)}, &failure))
			read++;
		else
			refused += failure.error == CORE_INVALID_BINARY;
	}
	tap_ok(read > 0 && read + refused == 30000, "30000 crafted states: %d read, %d refused", read, refused);
}

int
main(void)
{
	arena = host_arena_create();
	test_sums();
	test_crafted();
	host_arena_free(arena);
	return tap_done();
}
