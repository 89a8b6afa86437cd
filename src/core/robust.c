/*
 * robust.c
 *		The middle and the spread of a peer group, whatever its outliers.
 */
#include "core/robust.h"

#include "core/exact_sum.h"
#include "core/number.h"
#include "core/percentile.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* What makes the MAD and the mean deviation of normal values their standard deviation. */
#define MAD_TO_SIGMA 1.4826
#define MEAN_DEVIATION_TO_SIGMA 1.2533

/* Values this large could overflow when they are compared. */
#define VALUE_MAX (DBL_MAX / 4)

/*
 * A whole number that sorts as the double does: its bits, with those of a
 * negative number turned over below the sign.
 */
static int64_t
key_of(double value)
{
	int64_t		bits;

	if (value == 0)
		value = 0;				/* -0 is 0 */
	memcpy(&bits, &value, sizeof(bits));
	return bits < 0 ? bits ^ INT64_MAX : bits;
}

static double
value_of(int64_t key)
{
	double		value;

	if (key < 0)
		key ^= INT64_MAX;
	memcpy(&value, &key, sizeof(value));
	return value;
}

void *
robust_create(core_arena *arena)
{
	robust_state *state = core_alloc(arena, sizeof(robust_state));

	memset(state, 0, sizeof(*state));
	return state;
}

/* Room for so many keys more. */
static void
make_room(robust_state *state, int64_t more, core_arena *arena)
{
	int64_t		needed = state->count + more;

	if (needed <= state->room)
		return;
	state->room = needed < 8 ? 8 : needed > 2 * state->room ? needed : 2 * state->room;
	state->keys = core_realloc(arena, state->keys, state->room * sizeof(int64_t));
}

void
robust_add(robust_state *state, double value, core_arena *arena)
{
	number_check_finite("value", value);
	if (fabs(value) > VALUE_MAX)
	{
		char		message[80],
					text[NUMBER_TEXT_SIZE];

		snprintf(message, sizeof(message), "value must be smaller than 4e307 in size, not %s", number_text(value, text));
		core_fail(CORE_INVALID_PARAMETER, message, NULL, NULL);
	}
	make_room(state, 1, arena);
	state->keys[state->count++] = key_of(value);
}

void
robust_combine(robust_state *state, const robust_state *other, core_arena *arena)
{
	int64_t		count = other->count;

	if (count == 0)
		return;
	make_room(state, count, arena);
	memcpy(state->keys + state->count, other->keys, count * sizeof(int64_t));
	state->count += count;
}

/* The median of keys, which change places. */
static double
median_of(int64_t *keys, int64_t count)
{
	double		upper = value_of(percentile_select(keys, count, count / 2));
	int64_t		lower;

	if (count % 2 == 1)
		return upper;
	/* the greatest of those that are not greater, which all stand before it */
	lower = keys[0];
	for (int64_t i = 1; i < count / 2; i++)
		if (keys[i] > lower)
			lower = keys[i];
	/* as percentile_cont(0.5) rounds it */
	return value_of(lower) + 0.5 * (upper - value_of(lower));
}

robust_scale
robust_final(const robust_state *state, core_arena *arena)
{
	robust_scale scale = {.n = state->count};
	int64_t    *keys = core_alloc(arena, state->count * sizeof(int64_t));
	exact_sum	total = {0},
				count = {0};

	memcpy(keys, state->keys, state->count * sizeof(int64_t));
	scale.median = median_of(keys, state->count);
	for (int64_t i = 0; i < state->count; i++)
	{
		double		deviation = fabs(value_of(keys[i]) - scale.median);

		if (i % 65536 == 0)
			core_check_interrupts();
		exact_sum_add(&total, deviation, arena);
		keys[i] = key_of(deviation);
	}
	exact_sum_add(&count, (double) state->count, arena);
	scale.mean_deviation = exact_ratio(exact_sum_value(&total, NULL, arena), exact_sum_value(&count, NULL, arena));
	scale.mad = median_of(keys, state->count);
	exact_sum_free(&total, arena);
	exact_sum_free(&count, arena);
	core_free(arena, keys);
	return scale;
}

void
robust_check_scale(const robust_scale *scale)
{
	number_check_finite("median", scale->median);
	number_check_finite("mad", scale->mad);
	number_check_not_negative("mad", scale->mad);
	number_check_finite("mean_deviation", scale->mean_deviation);
	number_check_not_negative("mean_deviation", scale->mean_deviation);
}

bool
robust_distance(double value, const robust_scale *scale, double *z)
{
	double		sigma = scale->mad > 0 ? MAD_TO_SIGMA * scale->mad : MEAN_DEVIATION_TO_SIGMA * scale->mean_deviation;

	number_check_finite("value", value);
	if (sigma == 0)
		return false;
	/* in quarters, so that nothing overflows but a quotient out of range */
	*z = (value / 4 - scale->median / 4) / (sigma / 4);
	if (!isfinite(*z))
		core_fail(CORE_INVALID_PARAMETER, "value is too far from the median for the spread to say how far", NULL, NULL);
	return true;
}

size_t
robust_size(const void *state)
{
	return 8 + ((const robust_state *) state)->count * sizeof(int64_t);
}

void
robust_write(const void *data, wire_writer *w)
{
	const robust_state *state = data;

	wire_put_u64(w, state->count);
	for (int64_t i = 0; i < state->count; i++)
		wire_put_f64(w, value_of(state->keys[i]));
}

void *
robust_read(wire_reader *r, core_arena *arena)
{
	robust_state *state = robust_create(arena);
	uint64_t	count = wire_get_count(r, sizeof(int64_t));

	make_room(state, count, arena);
	for (uint64_t i = 0; i < count; i++)
	{
		double		value = wire_get_f64(r);

		if (!(fabs(value) <= VALUE_MAX))
			wire_refuse(r, "A value is out of range.");
		state->keys[state->count++] = key_of(value);
	}
	return state;
}
