/*
 * score.c
 *		A person's score over weighted indicators (KPIs).
 */
#include "core/score.h"

#include "core/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const score_options score_default_options = {SCORE_PASS_FAIL, 0.0, 1.5, 0.5};

static const char *const zero_target_names[] = {
	[SCORE_PASS_FAIL] = "pass_fail",
	[SCORE_SKIP] = "skip"
};

score_zero_target
score_zero_target_named(const char *name)
{
	char		message[128];

	if (strcmp(name, zero_target_names[SCORE_PASS_FAIL]) == 0)
		return SCORE_PASS_FAIL;
	if (strcmp(name, zero_target_names[SCORE_SKIP]) == 0)
		return SCORE_SKIP;
	snprintf(message, sizeof(message), "unknown zero_target \"%.64s\"", name);
	core_fail(CORE_INVALID_PARAMETER, message, NULL, "Use 'pass_fail' or 'skip'.");
}

const char *
score_zero_target_name(score_zero_target zero_target)
{
	return zero_target_names[zero_target];
}

void
score_check_options(const score_options *options)
{
	char		message[160],
				floor_text[NUMBER_TEXT_SIZE],
				cap_text[NUMBER_TEXT_SIZE];

	number_check_finite("floor", options->floor);
	number_check_finite("cap", options->cap);
	if (options->floor > options->cap)
	{
		snprintf(message, sizeof(message), "floor %s is above cap %s",
				 number_text(options->floor, floor_text), number_text(options->cap, cap_text));
		core_fail(CORE_INVALID_PARAMETER, message, NULL,
				  "Attainment is clamped to floor .. cap, 1 being the target met.");
	}
	number_check_share("min_coverage", options->min_coverage);
}

static bool
same_options(const score_options *a, const score_options *b)
{
	return a->zero_target == b->zero_target && a->floor == b->floor &&
		a->cap == b->cap && a->min_coverage == b->min_coverage;
}

void
score_adopt_options(bool *has_options, score_options *held, const score_options *options)
{
	if (!*has_options)
	{
		*held = *options;
		*has_options = true;
	}
	else if (!same_options(held, options))
		core_fail(CORE_INVALID_PARAMETER, "score_options differ within the group",
				  "All rows of a group are scored by the same rules.",
				  "Pass a constant, or add the options to GROUP BY.");
}

/*
 * 1 + d * (actual - target) / |target|, with d = 1 where higher is better and
 * -1 where lower is, comes down to actual / target or 2 - actual / target.
 * Written so, 10 of 100 is 0.1, not 1 - 0.9, and nothing overflows on the way
 * but a ratio that is clamped anyway.
 */
double
score_attainment(double actual, double target, bool higher_is_better)
{
	double		ratio = actual / target;

	return higher_is_better == (target > 0) ? ratio : 2 - ratio;
}

static inline double
clamp(double value, const score_options *options)
{
	return value < options->floor ? options->floor :
		value > options->cap ? options->cap : value;
}

void *
score_create(core_arena *arena)
{
	score_state *state = core_alloc(arena, sizeof(score_state));

	memset(state, 0, sizeof(*state));
	return state;
}

bool
score_row_attainment(const score_row *row, const score_options *options, double *attainment)
{
	if (!isfinite(row->actual))
		number_check_finite("actual", row->actual);
	if (!isfinite(row->target))
		number_check_finite("target", row->target);
	if (!isfinite(row->weight) || row->weight < 0)
	{
		number_check_finite("weight", row->weight);
		number_check_not_negative("weight", row->weight);
	}
	if (!row->has_actual || !row->has_target ||
		(row->target == 0 && options->zero_target == SCORE_SKIP))
		return false;
	if (row->target != 0)
		*attainment = clamp(score_attainment(row->actual, row->target, row->higher_is_better), options);
	else
		*attainment = clamp((row->higher_is_better ? row->actual >= 0 : row->actual <= 0) ? 1 : 0, options);
	return true;
}

/* The weight of the missing rows, to be changed; made where there was none. */
static exact_sum *
missing_weight_rw(score_state *state, core_arena *arena)
{
	if (state->missing_weight == NULL)
	{
		state->missing_weight = core_alloc(arena, sizeof(exact_sum));
		memset(state->missing_weight, 0, sizeof(exact_sum));
	}
	return state->missing_weight;
}

/* The same, for reading only. */
static const exact_sum *
missing_weight_ro(const score_state *state)
{
	static const exact_sum none = {0};

	return state->missing_weight != NULL ? state->missing_weight : &none;
}

void
score_add_attained(score_state *state, bool present, double attainment, double weight, core_arena *arena)
{
	if (!present)
	{
		state->missing++;
		exact_sum_add(missing_weight_rw(state, arena), weight, arena);
		return;
	}
	state->present++;
	exact_sum_add(&state->present_weight, weight, arena);
	exact_sum_add_product(&state->weighted, weight, attainment, arena);
}

void
score_add(score_state *state, const score_options *options, const score_row *row,
		  core_arena *arena)
{
	double		attainment = 0;
	bool		present = score_row_attainment(row, options, &attainment);

	score_adopt_options(&state->has_options, &state->options, options);
	score_add_attained(state, present, attainment, row->weight, arena);
}

void
score_combine(score_state *state, const score_state *other, core_arena *arena)
{
	if (!other->has_options)
		return;
	score_adopt_options(&state->has_options, &state->options, &other->options);
	state->present = wire_sum_rows(state->present, other->present, "rep_score_state");
	state->missing = wire_sum_rows(state->missing, other->missing, "rep_score_state");
	exact_sum_combine(&state->present_weight, &other->present_weight, arena);
	if (other->missing_weight != NULL)
		exact_sum_combine(missing_weight_rw(state, arena), other->missing_weight, arena);
	exact_sum_combine(&state->weighted, &other->weighted, arena);
}

/* 10^0 .. 10^22 are exact in binary. */
static const double powers_of_ten[] = {
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22
};

int
score_places(double size)
{
	int			places = 13;

	if (!(size >= 1e-8 && size < 1e13))
		return -1;
	while (places > 0 && size * powers_of_ten[places] >= 1e14)
		places--;
	while (size * powers_of_ten[places] < 1e13)
		places++;
	return places;
}

double
score_power_of_ten(int places)
{
	return powers_of_ten[places];
}

/*
 * Weights and attainments such as 0.1 or 0.7 are not exact in binary, so a
 * score that is 80 on paper can come out as 79.99999999999999 and miss a band
 * by it.  Fourteen digits are more than the figures mean, and the double
 * nearest to them is the one that "80" is.
 *
 * Printing and reading the digits says so, and is slow.  For figures of common
 * size the fourteen digits are the whole number next to value * 10^places: the
 * product errs by less than 1/64, so its nearest whole number is certain unless
 * it lies about halfway between two; and the quotient of two exact numbers is
 * rounded as reading the digits rounds them.
 */
double
score_figure(double value)
{
	char		digits[32];
	double		size = fabs(value);
	int			places = score_places(size);

	if (places >= 0)
	{
		double		scaled,
					whole;

		scaled = size * powers_of_ten[places];
		whole = floor(scaled);
		if (scaled < 1e14 - 1 && fabs(scaled - whole - 0.5) > 0.02)
			return copysign((scaled - whole > 0.5 ? whole + 1 : whole) / powers_of_ten[places], value);
	}
	snprintf(digits, sizeof(digits), "%.14g", value);
	return strtod(digits, NULL);
}

score_result
score_final(const score_state *state, core_arena *arena)
{
	score_result result = {.present = state->present, .missing = state->missing};
	exact_value present = exact_sum_value(&state->present_weight, NULL, arena);
	exact_value asked = present;
	exact_value weighted;

	if (state->missing_weight != NULL)
		asked = exact_sum_value(&state->present_weight, state->missing_weight, arena);
	if (asked.fraction == 0)
		return result;
	result.has_coverage = true;
	result.coverage = state->missing_weight == NULL ? 1 : score_figure(exact_ratio(present, asked));
	if (present.fraction == 0 || result.coverage < state->options.min_coverage)
		return result;
	result.has_score = true;
	weighted = exact_sum_value(&state->weighted, NULL, arena);
	/* a weighted mean lies between floor and cap; its last rounding must not leave them */
	result.score = score_figure(100 * clamp(exact_ratio(weighted, present), &state->options));
	return result;
}

void
score_write_options(bool has_options, const score_options *options, wire_writer *w)
{
	wire_put_u8(w, has_options);
	wire_put_u8(w, options->zero_target);
	wire_put_f64(w, options->floor);
	wire_put_f64(w, options->cap);
	wire_put_f64(w, options->min_coverage);
}

bool
score_read_options(score_options *options, wire_reader *r)
{
	uint8_t		has_options = wire_get_u8(r);
	uint8_t		zero_target = wire_get_u8(r);

	if (has_options > 1 || zero_target > SCORE_SKIP)
		wire_refuse(r, "An option is out of range.");
	options->zero_target = zero_target;
	options->floor = wire_get_f64(r);
	options->cap = wire_get_f64(r);
	options->min_coverage = wire_get_f64(r);
	if (!isfinite(options->floor) || !isfinite(options->cap) || options->floor > options->cap ||
		!(options->min_coverage >= 0 && options->min_coverage <= 1))
		wire_refuse(r, "An option is out of range.");
	return has_options;
}

size_t
score_size(const void *data)
{
	const score_state *state = data;

	return SCORE_OPTIONS_SIZE + 2 * 8 + exact_sum_size(&state->present_weight) +
		exact_sum_size(missing_weight_ro(state)) + exact_sum_size(&state->weighted);
}

void
score_write(const void *data, wire_writer *w)
{
	const score_state *state = data;

	score_write_options(state->has_options, &state->options, w);
	wire_put_u64(w, state->present);
	wire_put_u64(w, state->missing);
	exact_sum_write(&state->present_weight, w);
	exact_sum_write(missing_weight_ro(state), w);
	exact_sum_write(&state->weighted, w);
}

/* A sum of weights, which are never negative. */
static void
read_weights(exact_sum *sum, wire_reader *r, core_arena *arena)
{
	exact_sum_read(sum, r, arena);
	if (exact_sum_value(sum, NULL, arena).fraction < 0)
		wire_refuse(r, "A sum of weights is negative.");
}

void *
score_read(wire_reader *r, core_arena *arena)
{
	score_state *state = score_create(arena);
	exact_sum	missing_weight;

	state->has_options = score_read_options(&state->options, r);
	state->present = (int64_t) wire_get_u64(r);
	state->missing = (int64_t) wire_get_u64(r);
	if (state->present < 0 || state->missing < 0)
		wire_refuse(r, "A count of rows is negative.");
	if (state->present > WIRE_MAX_ROWS || state->missing > WIRE_MAX_ROWS)
		wire_refuse(r, "A count of rows is out of range.");
	read_weights(&state->present_weight, r, arena);
	read_weights(&missing_weight, r, arena);
	if (missing_weight.count > 0)
		*missing_weight_rw(state, arena) = missing_weight;
	exact_sum_read(&state->weighted, r, arena);
	if (!state->has_options &&
		(state->present > 0 || state->missing > 0 ||
		 state->present_weight.count > 0 || state->missing_weight != NULL || state->weighted.count > 0))
		wire_refuse(r, "It has rows, but no options.");
	return state;
}
