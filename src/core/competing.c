/*
 * competing.c
 *		Deals that are won, lost, or not yet decided: the state.
 */
#include "core/competing.h"

#include "core/number.h"
#include "core/rate.h"

#include <math.h>
#include <string.h>

#define FIRST_AGES 8

const competing_options competing_default_options = {0.95, false, 0, true};

void
competing_check_options(const competing_options *options)
{
	rate_check_confidence(options->confidence);
	if (options->has_horizon)
	{
		number_check_finite("horizon_days", options->horizon);
		number_check_not_negative("horizon_days", options->horizon);
	}
}

/* ---- rows --------------------------------------------------------------------- */

void *
competing_create(core_arena *arena)
{
	competing_state *state = core_alloc(arena, sizeof(competing_state));

	memset(state, 0, sizeof(*state));
	state->arena = arena;
	return state;
}

void
competing_adopt_options(competing_state *state, const competing_options *options)
{
	if (!state->has_options)
	{
		state->options = *options;
		state->has_options = true;
	}
	else if (state->options.confidence != options->confidence ||
			 state->options.has_horizon != options->has_horizon ||
			 (options->has_horizon && state->options.horizon != options->horizon) ||
			 state->options.curve != options->curve)
		core_fail(CORE_INVALID_PARAMETER, "competing_risks_options differ within the group",
				  "All rows of a group are counted by the same rules.",
				  "Pass a constant, or add the options to GROUP BY.");
}

static void
make_room(competing_ages *ages, size_t more, core_arena *arena)
{
	size_t		room = ages->room == 0 ? FIRST_AGES : ages->room;

	while (room < ages->count + more)
		room *= 2;
	if (room == ages->room)
		return;
	core_check_interrupts();
	ages->days = core_realloc(arena, ages->days, room * sizeof(double));
	ages->room = room;
}

void
competing_add(competing_state *state, double days, competing_outcome outcome)
{
	competing_ages *ages = &state->ages[outcome];

	number_check_finite("duration_days", days);
	number_check_not_negative("duration_days", days);
	if (ages->count == ages->room)
		make_room(ages, 1, state->arena);
	ages->days[ages->count++] = days + 0.0; /* -0 becomes 0 */
}

void
competing_combine(competing_state *state, const competing_state *from)
{
	competing_adopt_options(state, &from->options);
	for (int i = 0; i < COMPETING_OUTCOMES; i++)
	{
		competing_ages *ages = &state->ages[i];
		const competing_ages *more = &from->ages[i];

		if (more->count == 0)
			continue;
		make_room(ages, more->count, state->arena);
		memcpy(ages->days + ages->count, more->days, more->count * sizeof(double));
		ages->count += more->count;
	}
}

/* ---- stored ---------------------------------------------------------------------- */

size_t
competing_size(const void *data)
{
	const competing_state *state = data;
	size_t		size = 1 + 8 + 8;

	for (int i = 0; i < COMPETING_OUTCOMES; i++)
		size += 8 + state->ages[i].count * 8;
	return size;
}

void
competing_write(const void *data, wire_writer *w)
{
	const competing_state *state = data;

	wire_put_u8(w, (state->options.has_horizon ? 1 : 0) | (state->options.curve ? 2 : 0));
	wire_put_f64(w, state->options.confidence);
	wire_put_f64(w, state->options.horizon);
	for (int i = 0; i < COMPETING_OUTCOMES; i++)
	{
		wire_put_u64(w, state->ages[i].count);
		for (size_t j = 0; j < state->ages[i].count; j++)
			wire_put_f64(w, state->ages[i].days[j]);
	}
}

void *
competing_read(wire_reader *r, core_arena *arena)
{
	competing_state *state = competing_create(arena);
	competing_options *options = &state->options;
	uint8_t		flags = wire_get_u8(r);

	options->has_horizon = (flags & 1) != 0;
	options->curve = (flags & 2) != 0;
	options->confidence = wire_get_f64(r);
	options->horizon = wire_get_f64(r);
	state->has_options = true;
	if (flags > 3 || !(options->confidence > 0 && options->confidence < 1) ||
		!(options->horizon >= 0) || !isfinite(options->horizon))
		wire_refuse(r, "An option is out of range.");
	for (int i = 0; i < COMPETING_OUTCOMES; i++)
	{
		uint64_t	count = wire_get_count(r, 8);

		make_room(&state->ages[i], count, arena);
		for (uint64_t j = 0; j < count; j++)
		{
			double		days = wire_get_f64(r);

			if (j % 65536 == 0)
				core_check_interrupts();
			if (!(days >= 0) || !isfinite(days))
				wire_refuse(r, "An age is not a number of days.");
			competing_add(state, days, (competing_outcome) i);
		}
	}
	return state;
}
