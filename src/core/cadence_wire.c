/*
 * cadence_wire.c
 *		Bytes of a stored state of cadence_adherence.
 */
#include "core/cadence.h"

#include <limits.h>

size_t
cadence_size(const void *data)
{
	const cadence_state *state = data;

	if (!state->has_options)
		return 1;
	cadence_sort(state);
	return 1 + 6 * 4 + 1 + 4 + 8 + state->options.excused_count * 8 + 8 + state->count * 12;
}

void
cadence_write(const void *data, wire_writer *w)
{
	const cadence_state *state = data;
	const cadence_options *options = &state->options;

	wire_put_u8(w, state->has_options);
	if (!state->has_options)
		return;
	cadence_sort(state);
	wire_put_u32(w, options->every_months);
	wire_put_u32(w, options->every_days);
	wire_put_u32(w, options->anchor);
	wire_put_u32(w, options->period.since);
	wire_put_u32(w, options->period.until);
	wire_put_u32(w, options->tolerance);
	wire_put_u8(w, options->has_as_of);
	wire_put_u32(w, options->has_as_of ? options->as_of : 0);
	wire_put_u64(w, options->excused_count);
	for (int i = 0; i < options->excused_count; i++)
	{
		wire_put_u32(w, options->excused[i].since);
		wire_put_u32(w, options->excused[i].until);
	}
	wire_put_u64(w, state->count);
	for (size_t i = 0; i < state->count; i++)
	{
		wire_put_u32(w, state->days[i].day);
		wire_put_u64(w, state->days[i].sessions);
	}
}

static int32_t
get_i32(wire_reader *r)
{
	return (int32_t) wire_get_u32(r);
}

static void
read_excused(cadence_options *options, wire_reader *r, core_arena *arena)
{
	uint64_t	count = wire_get_count(r, 8);
	cadence_days *excused;

	if (count > INT_MAX)
		wire_refuse(r, "It has too many excused spans.");
	if (count == 0)
		return;
	excused = core_alloc(arena, count * sizeof(cadence_days));
	for (uint64_t i = 0; i < count; i++)
	{
		excused[i].since = get_i32(r);
		excused[i].until = get_i32(r);
		if (excused[i].since >= excused[i].until || (i > 0 && excused[i].since <= excused[i - 1].until))
			wire_refuse(r, "Its excused spans are not in order.");
	}
	options->excused_count = (int) count;
	options->excused = excused;
}

static void
read_options(cadence_options *options, wire_reader *r, core_arena *arena)
{
	uint8_t		has_as_of;

	options->every_months = get_i32(r);
	options->every_days = get_i32(r);
	options->anchor = get_i32(r);
	options->period.since = get_i32(r);
	options->period.until = get_i32(r);
	options->tolerance = get_i32(r);
	has_as_of = wire_get_u8(r);
	options->as_of = get_i32(r);
	if (has_as_of > 1 || (!has_as_of && options->as_of != 0))
		wire_refuse(r, "An option is out of range.");
	options->has_as_of = has_as_of;
	read_excused(options, r, arena);
	if (!cadence_options_try(options))
		wire_refuse(r, "An option is out of range.");
}

void *
cadence_read(wire_reader *r, core_arena *arena)
{
	cadence_state *state = cadence_create(arena);
	uint8_t		has_options = wire_get_u8(r);

	if (has_options > 1)
		wire_refuse(r, "An option is out of range.");
	if (!has_options)
		return state;
	state->has_options = true;
	read_options(&state->options, r, arena);
	state->count = state->room = wire_get_count(r, 12);
	if (state->count > 0)
		state->days = core_alloc(arena, state->count * sizeof(cadence_day));
	for (size_t i = 0; i < state->count; i++)
	{
		cadence_day *day = &state->days[i];

		if (i % 65536 == 0)
			core_check_interrupts();
		day->day = get_i32(r);
		day->sessions = (int64_t) wire_get_u64(r);
		if (day->sessions < 1 || day->sessions > INT64_MAX - state->sessions)
			wire_refuse(r, "A number of sessions is out of range.");
		state->sessions += day->sessions;
		if (day->day < state->options.keep_since || day->day >= state->options.keep_until ||
			(i > 0 && day->day <= day[-1].day))
			wire_refuse(r, "Its days are not in order, or not of the period.");
	}
	return state;
}
