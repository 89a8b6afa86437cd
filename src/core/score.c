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

/* Attainments beyond it may be more than a double holds once they are a score, 100 times that. */
#define ATTAINMENT_MAX 1e300

const score_options score_default_options = {SCORE_PASS_FAIL, 0.0, 1.5, 0.5};

static const char *const zero_target_names[] = {
	[SCORE_PASS_FAIL] = "pass_fail",
	[SCORE_SKIP] = "skip"
};

bool
score_zero_target_named(const char *name, score_zero_target *zero_target)
{
	for (score_zero_target i = SCORE_PASS_FAIL; i <= SCORE_SKIP; i++)
		if (strcmp(name, zero_target_names[i]) == 0)
		{
			*zero_target = i;
			return true;
		}
	return false;
}

const char *
score_zero_target_name(score_zero_target zero_target)
{
	return zero_target_names[zero_target];
}

/* An attainment may be clamped to it. */
static void
check_limit(const char *parameter, double limit)
{
	char		message[160],
				text[NUMBER_TEXT_SIZE];

	number_check_finite(parameter, limit);
	if (fabs(limit) <= ATTAINMENT_MAX)
		return;
	snprintf(message, sizeof(message), "%s must be at most 1e300 in size, not %s", parameter, number_text(limit, text));
	core_fail(CORE_INVALID_PARAMETER, message, NULL, "1 is the target met.");
}

void
score_check_options(const score_options *options)
{
	char		message[160],
				floor_text[NUMBER_TEXT_SIZE],
				cap_text[NUMBER_TEXT_SIZE];

	check_limit("floor", options->floor);
	check_limit("cap", options->cap);
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
	/* bit by bit: 0 and -0 are written differently */
	return a->zero_target == b->zero_target && memcmp(&a->floor, &b->floor, sizeof(double)) == 0 &&
		memcmp(&a->cap, &b->cap, sizeof(double)) == 0 &&
		memcmp(&a->min_coverage, &b->min_coverage, sizeof(double)) == 0;
}

/*
 * A process sees few different options in its life, and hundreds of thousands of
 * states with each.  So the first ones are kept for good, for all states to point
 * to; a state with others has a copy of its own.
 */
const score_options *
score_keep_options(const score_options *options, core_arena *arena)
{
	static score_options shared[16];
	static int	count = 0;
	const int	room = sizeof(shared) / sizeof(shared[0]);
	score_options *kept;

	for (int i = 0; i < count; i++)
		if (same_options(&shared[i], options))
			return &shared[i];
	kept = count < room ? &shared[count++] : core_alloc(arena, sizeof(score_options));
	*kept = *options;
	return kept;
}

void
score_refuse_options(void)
{
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

void
score_add_attained(score_state *state, bool present, double attainment, double weight, core_arena *arena)
{
	if (present)
		score_sums_add_present(&state->sums, weight, attainment, arena);
	else
		score_sums_add_missing(&state->sums, weight, arena);
}

void
score_add(score_state *state, const score_options *options, const score_row *row,
		  core_arena *arena)
{
	double		attainment = 0;
	bool		present = score_row_attainment(row, options, &attainment);

	score_adopt_options(&state->options, options, arena);
	score_add_attained(state, present, attainment, row->weight, arena);
}

void
score_combine(score_state *state, const score_state *other, core_arena *arena)
{
	if (other->options == NULL)
		return;
	score_adopt_options(&state->options, other->options, arena);
	score_sums_combine(&state->sums, &other->sums, arena);
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
	const score_sums *sums = &state->sums;
	score_result result = {.present = score_sums_present(sums), .missing = score_sums_missing(sums)};
	bool		misses_weight = score_sums_misses_weight(sums);
	exact_value present = score_sums_present_weight(sums, arena);
	exact_value asked = misses_weight ? score_sums_asked_weight(sums, arena) : present;
	exact_value weighted;

	if (asked.fraction == 0)
		return result;
	result.has_coverage = true;
	result.coverage = misses_weight ? score_figure(exact_ratio(present, asked)) : 1;
	if (present.fraction == 0 || result.coverage < state->options->min_coverage)
		return result;
	result.has_score = true;
	weighted = score_sums_weighted(sums, arena);
	/* a weighted mean lies between floor and cap; its last rounding must not leave them */
	result.score = score_figure(100 * clamp(exact_ratio(weighted, present), state->options));
	return result;
}

void
score_write_options(const score_options *options, wire_writer *w)
{
	static const score_options none = {0};

	wire_put_u8(w, options != NULL);
	if (options == NULL)
		options = &none;
	wire_put_u8(w, options->zero_target);
	wire_put_f64(w, options->floor);
	wire_put_f64(w, options->cap);
	wire_put_f64(w, options->min_coverage);
}

const score_options *
score_read_options(wire_reader *r, core_arena *arena)
{
	uint8_t		has_options = wire_get_u8(r);
	uint8_t		zero_target = wire_get_u8(r);
	score_options options = {.zero_target = zero_target};

	if (has_options > 1 || zero_target > SCORE_SKIP)
		wire_refuse(r, "An option is out of range.");
	options.floor = wire_get_f64(r);
	options.cap = wire_get_f64(r);
	options.min_coverage = wire_get_f64(r);
	if (!(fabs(options.floor) <= ATTAINMENT_MAX) || !(fabs(options.cap) <= ATTAINMENT_MAX) || options.floor > options.cap ||
		!(options.min_coverage >= 0 && options.min_coverage <= 1))
		wire_refuse(r, "An option is out of range.");
	return has_options ? score_keep_options(&options, arena) : NULL;
}

size_t
score_size(const void *data)
{
	const score_state *state = data;

	return SCORE_OPTIONS_SIZE + score_sums_size(&state->sums);
}

void
score_write(const void *data, wire_writer *w)
{
	const score_state *state = data;

	score_write_options(state->options, w);
	score_sums_write(&state->sums, w);
}

void *
score_read(wire_reader *r, core_arena *arena)
{
	score_state *state = score_create(arena);

	state->options = score_read_options(r, arena);
	score_sums_read(&state->sums, r, arena);
	if (state->options == NULL && !score_sums_empty(&state->sums))
		wire_refuse(r, "It has rows, but no options.");
	return state;
}
