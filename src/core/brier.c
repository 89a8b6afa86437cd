/*
 * brier.c
 *		How good probabilities were, now that it is known what came.
 */
#include "core/brier.h"

#include "core/number.h"
#include "core/rate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const calibration_options calibration_default_options = {10, 0.95};

static exact_value
value_of(double number)
{
	exact_value value;

	value.fraction = frexp(number, &value.exponent);
	return value;
}

/* The mean of n numbers that are 0 .. 1 each. */
static double
mean_of(const exact_sum *sum, int64_t n, core_arena *arena)
{
	return exact_ratio(exact_sum_value(sum, NULL, arena), value_of((double) n));
}

/* Counts that are 0 <= won <= n. */
static void
read_counts(wire_reader *r, int64_t *n, int64_t *won)
{
	*n = (int64_t) wire_get_u64(r);
	*won = (int64_t) wire_get_u64(r);
	if (*won < 0 || *n < *won || *n > WIRE_MAX_ROWS)
		wire_refuse(r, "Its counts do not add up.");
}

/* A sum of n numbers that are 0 .. 1 each. */
static void
read_sum(wire_reader *r, exact_sum *sum, int64_t n, core_arena *arena)
{
	double		mean;

	exact_sum_read(sum, r, arena);
	mean = n > 0 ? mean_of(sum, n, arena) : exact_sum_value(sum, NULL, arena).fraction;
	if (!(mean >= 0 && mean <= (n > 0)))
		wire_refuse(r, "Its sums are not those of probabilities.");
}

/* ---- brier ---- */

void *
brier_create(core_arena *arena)
{
	brier_state *state = core_alloc(arena, sizeof(brier_state));

	memset(state, 0, sizeof(*state));
	return state;
}

void
brier_add(brier_state *state, double probability, bool won, core_arena *arena)
{
	number_check_probability(probability);
	state->n++;
	exact_sum_add(&state->probability, probability, arena);
	exact_sum_add_product(&state->squared_error, probability, probability, arena);
	if (won)
	{
		state->won++;
		exact_sum_add(&state->squared_error, -2 * probability, arena);
		exact_sum_add(&state->squared_error, 1, arena);
	}
}

void
brier_combine(brier_state *state, const brier_state *other, core_arena *arena)
{
	state->n = wire_sum_rows(state->n, other->n, "brier_state");
	state->won += other->won;
	exact_sum_combine(&state->squared_error, &other->squared_error, arena);
	exact_sum_combine(&state->probability, &other->probability, arena);
}

/* Always saying w / n scores w (n - w) / n^2. */
brier_result
brier_final(const brier_state *state, core_arena *arena)
{
	double		n = (double) state->n;
	exact_value squared_error = exact_sum_value(&state->squared_error, NULL, arena);
	brier_result result = {0};

	result.score = exact_ratio(squared_error, value_of(n));
	result.base_rate = state->won / n;
	result.mean_probability = mean_of(&state->probability, state->n, arena);
	result.has_skill = state->won > 0 && state->won < state->n;
	if (result.has_skill)
		result.skill = 1 - exact_ratio(squared_error, value_of((double) state->won * (double) (state->n - state->won) / n));
	return result;
}

size_t
brier_size(const void *state)
{
	const brier_state *brier = state;

	return 8 + 8 + exact_sum_size(&brier->squared_error) + exact_sum_size(&brier->probability);
}

void
brier_write(const void *state, wire_writer *w)
{
	const brier_state *brier = state;

	wire_put_u64(w, (uint64_t) brier->n);
	wire_put_u64(w, (uint64_t) brier->won);
	exact_sum_write(&brier->squared_error, w);
	exact_sum_write(&brier->probability, w);
}

void *
brier_read(wire_reader *r, core_arena *arena)
{
	brier_state *state = brier_create(arena);

	read_counts(r, &state->n, &state->won);
	read_sum(r, &state->squared_error, state->n, arena);
	read_sum(r, &state->probability, state->n, arena);
	return state;
}

/* ---- calibration ---- */

void
calibration_check_options(const calibration_options *options)
{
	char		message[64];

	if (options->bins < 1 || options->bins > CALIBRATION_MAX_BINS)
	{
		snprintf(message, sizeof(message), "bins must be from 1 to %d, not %d",
				 CALIBRATION_MAX_BINS, options->bins);
		core_fail(CORE_INVALID_PARAMETER, message, NULL, NULL);
	}
	rate_check_confidence(options->confidence);
}

/* The first row, or state, brings the options; the others must agree. */
static void
adopt_options(calibration_state *state, const calibration_options *options, core_arena *arena)
{
	if (!state->has_options)
	{
		state->bins = core_alloc(arena, options->bins * sizeof(calibration_bin));
		memset(state->bins, 0, options->bins * sizeof(calibration_bin));
		state->options = *options;
		state->has_options = true;
	}
	else if (state->options.bins != options->bins || state->options.confidence != options->confidence)
		core_fail(CORE_INVALID_PARAMETER, "calibration_options differ within the group",
				  "All rows of a group go into the same bins.",
				  "Pass a constant, or add the options to GROUP BY.");
}

double
calibration_bound(const calibration_options *options, int i)
{
	return (double) i / options->bins;
}

/* The product may be rounded across a bound; the bounds decide. */
static int
bin_of(const calibration_options *options, double probability)
{
	int			i = (int) (probability * options->bins);

	if (i >= options->bins)
		i = options->bins - 1;
	while (i > 0 && probability < calibration_bound(options, i))
		i--;
	while (i < options->bins - 1 && probability >= calibration_bound(options, i + 1))
		i++;
	return i;
}

void *
calibration_create(core_arena *arena)
{
	calibration_state *state = core_alloc(arena, sizeof(calibration_state));

	memset(state, 0, sizeof(*state));
	return state;
}

void
calibration_add(calibration_state *state, const calibration_options *options,
				bool decided, double probability, bool won, core_arena *arena)
{
	calibration_bin *bin;

	adopt_options(state, options, arena);
	if (!decided)
		return;
	number_check_probability(probability);
	bin = &state->bins[bin_of(options, probability)];
	bin->n++;
	bin->won += won;
	exact_sum_add(&bin->probability, probability, arena);
}

void
calibration_combine(calibration_state *state, const calibration_state *other, core_arena *arena)
{
	if (!other->has_options)
		return;
	adopt_options(state, &other->options, arena);
	for (int i = 0; i < state->options.bins; i++)
	{
		state->bins[i].n = wire_sum_rows(state->bins[i].n, other->bins[i].n, "calibration_state");
		state->bins[i].won += other->bins[i].won;
		exact_sum_combine(&state->bins[i].probability, &other->bins[i].probability, arena);
	}
}

double
calibration_mean(const calibration_bin *bin, core_arena *arena)
{
	return mean_of(&bin->probability, bin->n, arena);
}

size_t
calibration_size(const void *state)
{
	const calibration_state *calibration = state;
	size_t		size = 4;

	if (!calibration->has_options)
		return size;
	size += 8;
	for (int i = 0; i < calibration->options.bins; i++)
		size += 8 + 8 + exact_sum_size(&calibration->bins[i].probability);
	return size;
}

/* A state without options has 0 bins. */
void
calibration_write(const void *state, wire_writer *w)
{
	const calibration_state *calibration = state;

	wire_put_u32(w, calibration->has_options ? calibration->options.bins : 0);
	if (!calibration->has_options)
		return;
	wire_put_f64(w, calibration->options.confidence);
	for (int i = 0; i < calibration->options.bins; i++)
	{
		wire_put_u64(w, (uint64_t) calibration->bins[i].n);
		wire_put_u64(w, (uint64_t) calibration->bins[i].won);
		exact_sum_write(&calibration->bins[i].probability, w);
	}
}

void *
calibration_read(wire_reader *r, core_arena *arena)
{
	calibration_state *state = calibration_create(arena);
	uint32_t	bins = wire_get_u32(r);
	calibration_options options = {0};

	if (bins == 0)
		return state;
	options.confidence = wire_get_f64(r);
	if (bins > CALIBRATION_MAX_BINS || !(options.confidence > 0 && options.confidence < 1))
		wire_refuse(r, "Its options are not ones that it can have.");
	options.bins = (int) bins;
	adopt_options(state, &options, arena);
	for (int i = 0; i < options.bins; i++)
	{
		read_counts(r, &state->bins[i].n, &state->bins[i].won);
		read_sum(r, &state->bins[i].probability, state->bins[i].n, arena);
	}
	return state;
}
