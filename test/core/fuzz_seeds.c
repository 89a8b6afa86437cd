/*
 * fuzz_seeds.c
 *		A few states of every type, from which the corpus began.
 */
#include "fuzz_state.h"
#include "host.h"

#include "core/bookings.h"
#include "core/brier.h"
#include "core/cadence.h"
#include "core/competing.h"
#include "core/prior.h"
#include "core/robust.h"
#include "core/score_parts.h"
#include "core/stage_times.h"

#include <stdio.h>
#include <string.h>

/* Rows of a variant: none, few, enough for a log that is split, and a funnel whose states share no entity. */
static const int rows[FUZZ_SEEDS] = {0, 9, 40, 17};
static const int events[FUZZ_SEEDS] = {0, 30, 1100, 300};

static const calendar_span week = {.days = 7};

/* In turn each mode and each type of entity, with options that go with it. */
static funnel_options
options_of(int variant)
{
	static const int32_t optional[] = {2};
	static const int32_t exclude[] = {7};
	funnel_options options;

	funnel_options_default(&options);
	options.steps = 4;
	options.has_lost_step = true;
	options.lost_step = 9;
	if (variant == 1)
	{
		options.has_within = true;
		options.within = week;
		options.has_as_of = true;
		options.as_of = 90 * CALENDAR_DAY;
		options.exclude = (funnel_list) {1, exclude};
	}
	else if (variant == 2)
	{
		options.anchor = FUNNEL_ANY;
		options.optional = (funnel_list) {1, optional};
	}
	else if (variant == 3)
		options.disjoint = true;
	return options;
}

void *
seed_funnel(int variant, core_arena *arena)
{
	static const funnel_form forms[FUZZ_SEEDS] = {FUNNEL_UUID, FUNNEL_TEXT, FUNNEL_INT8, FUNNEL_INT8};
	funnel_state *state = funnel_create(arena);
	funnel_options options = options_of(variant);

	funnel_begin(state, forms[variant], &options);
	for (int i = 0; i < events[variant]; i++)
	{
		int64_t		at = (int64_t) (i * 37 % 100) * CALENDAR_DAY;
		int32_t		step = funnel_classify(state, 1 + i * 5 % 9, at);
		char		name[32];

		snprintf(name, sizeof(name), "deal %d", i * 11 % 7);
		if (step == FUNNEL_IGNORED)
			continue;
		if (forms[variant] == FUNNEL_INT8)
			funnel_append(state, (uint64_t) (i * 11 % 60), at, step);
		else
			funnel_append_bytes(state, name, strlen(name), at, step);
	}
	return state;
}

void *
seed_stage_times(int variant, core_arena *arena)
{
	static const int32_t final_steps[] = {-1, 9};
	funnel_state *state = funnel_create(arena);
	bool		in_order = variant == 3;
	funnel_options options = stage_times_options(variant == 1, 90 * CALENDAR_DAY, (funnel_list) {variant % 3, final_steps},
												 in_order, variant / 4.0);

	funnel_begin(state, FUNNEL_INT8, &options);
	for (int i = 0; i < events[variant]; i++)
		if (in_order)
			stage_times_add_placed(state, (uint64_t) (i / 9), (i % 4 == 0 ? -1 : 1) * (1 + i * 5 % 9),
								   (int64_t) (i / 3) * CALENDAR_DAY, i % 3 * 5 % 7);
		else
			stage_times_add(state, (uint64_t) (i / 9), 1 + i * 5 % 9, (int64_t) (i * 37 % 100) * CALENDAR_DAY);
	return state;
}

/* Row i of a score. */
static score_row
row_of(int i)
{
	return (score_row) {
		.has_actual = i % 4 != 3, .has_target = true, .actual = i % 4 != 3 ? 10.5 * i : 0,
		.target = 1 + i % 8, .weight = 0.1 * (i + 1), .higher_is_better = i % 2 == 0
	};
}

void *
seed_score(int variant, core_arena *arena)
{
	score_state *state = score_create(arena);

	for (int i = 0; i < rows[variant]; i++)
	{
		score_row	row = row_of(i);

		score_add(state, &score_default_options, &row, arena);
	}
	return state;
}

void *
seed_score_parts(int variant, core_arena *arena)
{
	score_parts_state *state = score_parts_create(arena);

	for (int i = 0; i < rows[variant]; i++)
	{
		score_row	row = row_of(i);
		char		name[16];

		snprintf(name, sizeof(name), "kpi %d", i);
		score_parts_add(state, &score_default_options, &row, name, strlen(name), arena);
	}
	return state;
}

void *
seed_prior(int variant, core_arena *arena)
{
	prior_state *state = prior_create(arena);

	for (int i = 0; i < rows[variant]; i++)
		prior_add(state, i % 5, 5 + i, arena);
	return state;
}

void *
seed_robust(int variant, core_arena *arena)
{
	robust_state *state = robust_create(arena);

	for (int i = 0; i < rows[variant]; i++)
		robust_add(state, 7.25 * (i * 13 % 40) - 50, arena);
	return state;
}

void *
seed_brier(int variant, core_arena *arena)
{
	brier_state *state = brier_create(arena);

	for (int i = 0; i < rows[variant]; i++)
		brier_add(state, i * 3 % 11 / 10.0, i % 3 == 0, arena);
	return state;
}

void *
seed_calibration(int variant, core_arena *arena)
{
	calibration_state *state = calibration_create(arena);

	for (int i = 0; i < rows[variant]; i++)
		calibration_add(state, &calibration_default_options, i % 7 != 6, i * 3 % 11 / 10.0, i % 3 == 0, arena);
	return state;
}

void *
seed_bookings(int variant, core_arena *arena)
{
	bookings_state *state = core_alloc(arena, sizeof(bookings_state));

	bookings_create(state);
	for (int i = 0; i < rows[variant]; i++)
		bookings_add(state, 1000 * (i * 7 % 19) - 3000, i % 9 / 8.0, i % 5 == 0, arena);
	return state;
}

void *
seed_cadence(int variant, core_arena *arena)
{
	static const cadence_days absent = {8840, 8860};
	cadence_options options = {
		.every_months = variant == 2, .every_days = variant == 2 ? 0 : 7, .anchor = 8766, .period = {8766, 9131},
		.tolerance = 1, .has_as_of = variant == 1, .as_of = variant == 1 ? 9000 : 0,
		.excused_count = variant == 1, .excused = &absent
	};
	cadence_state *state = cadence_create(arena);

	cadence_options_settle(&options);
	cadence_adopt(state, &options, 0);
	for (int i = 0; i < rows[variant]; i++)
		cadence_add(state, 8766 + i * 17 % 365);
	return state;
}

void *
seed_competing(int variant, core_arena *arena)
{
	competing_state *state = competing_create(arena);
	competing_options options = competing_default_options;

	options.has_horizon = variant == 1;
	options.horizon = variant == 1 ? 60 : 0;
	options.curve = variant == 2;
	competing_adopt_options(state, &options);
	for (int i = 0; i < rows[variant]; i++)
		competing_add(state, 2.5 * (i * 13 % 40), (competing_outcome) (i % 3));
	return state;
}
