/*
 * score_parts.c
 *		What each indicator (KPI) contributes to a score.
 */
#include "core/score_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a stored part, its name aside. */
#define PART_SIZE (1 + 8 + 8 + 4)

/* Bytes for names that are asked for at once: at first, and at most unless one is longer. */
#define NAMES_ROOM 64
#define NAMES_ROOM_MAX 8192

void *
score_parts_create(core_arena *arena)
{
	score_parts_state *state = core_alloc(arena, sizeof(score_parts_state));

	memset(state, 0, sizeof(*state));
	return state;
}

/* The name of a part, kept in the arena. */
static const char *
keep_name(score_parts_state *state, const char *kpi, uint32_t size, core_arena *arena)
{
	char	   *kept;

	if (state->names == NULL || state->names_left < size)
	{
		/* what is left of the last piece stays unused */
		state->names_room = state->names_room == 0 ? NAMES_ROOM : 2 * state->names_room;
		if (state->names_room > NAMES_ROOM_MAX)
			state->names_room = NAMES_ROOM_MAX;
		state->names_left = size > state->names_room ? size : state->names_room;
		state->names = core_alloc(arena, state->names_left);
	}
	kept = state->names;
	if (size > 0)
		memcpy(kept, kpi, size);
	state->names += size;
	state->names_left -= size;
	return kept;
}

static void
append(score_parts_state *state, score_part part, core_arena *arena)
{
	if (state->count == state->room)
	{
		state->room = state->room == 0 ? 8 : 2 * state->room;
		state->parts = core_realloc(arena, state->parts, state->room * sizeof(score_part));
	}
	part.kpi = keep_name(state, part.kpi, part.kpi_size, arena);
	/* -0 becomes 0: the two compare equal, so their order would be that of the rows */
	part.attainment += 0.0;
	part.weight += 0.0;
	state->parts[state->count++] = part;
}

void
score_parts_add(score_parts_state *state, const score_options *options, const score_row *row,
				const char *kpi, size_t kpi_size, core_arena *arena)
{
	score_part	part = {.kpi = kpi, .kpi_size = (uint32_t) kpi_size, .weight = row->weight};

	part.present = score_row_attainment(row, options, &part.attainment);
	score_adopt_options(&state->options, options, arena);
	append(state, part, arena);
}

void
score_parts_combine(score_parts_state *state, const score_parts_state *other, core_arena *arena)
{
	int64_t		count = other->count;

	if (other->options == NULL)
		return;
	score_adopt_options(&state->options, other->options, arena);
	for (int64_t i = 0; i < count; i++)
		append(state, other->parts[i], arena);
}

/* By name, and those of one name by their figures, so that the order of rows does not show. */
static int
compare_parts(const void *a, const void *b)
{
	const score_part *x = a;
	const score_part *y = b;
	int			order = memcmp(x->kpi, y->kpi, x->kpi_size < y->kpi_size ? x->kpi_size : y->kpi_size);

	if (order != 0)
		return order;
	if (x->kpi_size != y->kpi_size)
		return x->kpi_size < y->kpi_size ? -1 : 1;
	if (x->present != y->present)
		return x->present ? -1 : 1;
	if (x->attainment != y->attainment)
		return x->attainment < y->attainment ? -1 : 1;
	return (x->weight > y->weight) - (x->weight < y->weight);
}

/* How much a part lost by its own rounding, in the direction of what is missing. */
typedef struct rounding
{
	double		lost;
	int64_t		at;				/* which part */
} rounding;

/* The most first; of equal ones, the first part. */
static int
compare_roundings(const void *a, const void *b)
{
	const rounding *x = a;
	const rounding *y = b;

	if (x->lost != y->lost)
		return x->lost > y->lost ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/*
 * Rounded each for itself, parts do not add up to the rounded score.  So each is
 * rounded to a multiple of the score's last digit, and what is then missing in
 * the sum, or too much, goes a digit at a time to the parts that it errs least
 * for: those that their own rounding took furthest the other way.
 */
static void
make_sum_exact(score_part *parts, int64_t count, double score, double unit, core_arena *arena)
{
	double		missing = nearbyint(score * unit);
	double		sign;
	rounding   *roundings;
	int64_t		able = 0;		/* parts that may take a digit */

	for (int64_t i = 0; i < count; i++)
		if (parts[i].has_contribution)
			missing -= nearbyint(parts[i].contribution * unit);
	sign = missing > 0 ? 1 : -1;
	roundings = core_alloc(arena, (count + 1) * sizeof(rounding));
	for (int64_t i = 0; i < count; i++)
	{
		double		exact = parts[i].contribution * unit;

		if (!parts[i].has_contribution)
			continue;
		if (parts[i].weight > 0)
			roundings[able++] = (rounding) {sign * (exact - nearbyint(exact)), i};
		/* adding 0 makes 0 of -0 */
		parts[i].contribution = nearbyint(exact) / unit + 0.0;
	}
	if (missing != 0 && fabs(missing) <= (double) able)
	{
		qsort(roundings, able, sizeof(rounding), compare_roundings);
		for (int64_t i = 0; i < (int64_t) fabs(missing); i++)
		{
			double	   *contribution = &parts[roundings[i].at].contribution;

			*contribution = (nearbyint(*contribution * unit) + sign) / unit + 0.0;
		}
	}
	core_free(arena, roundings);
}

score_part *
score_parts_final(const score_parts_state *state, core_arena *arena)
{
	score_part *parts = core_alloc(arena, (state->count + 1) * sizeof(score_part));
	score_state *whole = score_create(arena);
	score_result result;
	exact_value present;
	double		largest = 0;
	int			places;

	if (state->count > 0)
		memcpy(parts, state->parts, state->count * sizeof(score_part));
	qsort(parts, state->count, sizeof(score_part), compare_parts);
	whole->options = state->options;
	for (int64_t i = 0; i < state->count; i++)
		score_add_attained(whole, parts[i].present, parts[i].attainment, parts[i].weight, arena);
	result = score_final(whole, arena);
	if (!result.has_score)
		return parts;

	present = score_sums_present_weight(&whole->sums, arena);
	for (int64_t i = 0; i < state->count; i++)
	{
		int			exponent;
		double		fraction = frexp(parts[i].weight, &exponent);

		parts[i].has_contribution = parts[i].present;
		if (parts[i].present)
			parts[i].contribution = 100 * exact_ratio((exact_value) {fraction, exponent}, present) * parts[i].attainment + 0.0;
		largest = fmax(largest, fabs(parts[i].contribution));
	}
	/* where parts cancel, the largest has the say in how many digits there are */
	places = score_places(fmax(fabs(result.score), largest));
	if (places >= 0)
		make_sum_exact(parts, state->count, result.score, score_power_of_ten(places), arena);
	return parts;
}

size_t
score_parts_size(const void *data)
{
	const score_parts_state *state = data;
	size_t		size = SCORE_OPTIONS_SIZE + 8;

	for (int64_t i = 0; i < state->count; i++)
		size += PART_SIZE + state->parts[i].kpi_size;
	return size;
}

void
score_parts_write(const void *data, wire_writer *w)
{
	const score_parts_state *state = data;

	score_write_options(state->options, w);
	wire_put_u64(w, state->count);
	for (int64_t i = 0; i < state->count; i++)
	{
		const score_part *part = &state->parts[i];

		wire_put_u8(w, part->present);
		wire_put_f64(w, part->attainment);
		wire_put_f64(w, part->weight);
		wire_put_u32(w, part->kpi_size);
		wire_put_bytes(w, part->kpi, part->kpi_size);
	}
}

void *
score_parts_read(wire_reader *r, core_arena *arena)
{
	score_parts_state *state = score_parts_create(arena);
	uint64_t	count;

	state->options = score_read_options(r, arena);
	count = wire_get_count(r, PART_SIZE);
	if (count > 0 && state->options == NULL)
		wire_refuse(r, "It has rows, but no options.");
	for (uint64_t i = 0; i < count; i++)
	{
		score_part	part = {0};
		uint8_t		present = wire_get_u8(r);

		part.present = present == 1;
		part.attainment = wire_get_f64(r);
		part.weight = wire_get_f64(r);
		if (present > 1 || !(part.weight >= 0) || isinf(part.weight) ||
			(present ? !(part.attainment >= state->options->floor && part.attainment <= state->options->cap)
			 : part.attainment != 0))
			wire_refuse(r, "A part is out of range.");
		part.kpi_size = wire_get_u32(r);
		part.kpi = wire_get_bytes(r, part.kpi_size);
		append(state, part, arena);
	}
	return state;
}
