/*
 * cadence.c
 *		Sessions held against a cadence: a session is due every so often.
 */
#include "core/cadence.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 4

/* ---- the state ---- */

void *
cadence_create(core_arena *arena)
{
	cadence_state *state = core_alloc(arena, sizeof(cadence_state));

	memset(state, 0, sizeof(*state));
	state->in_order = true;
	state->arena = arena;
	return state;
}

void
cadence_adopt(cadence_state *state, const cadence_options *options, uint64_t mark)
{
	if (mark != 0 && state->options_known_as == mark)
		return;
	if (!state->has_options)
	{
		cadence_copy_options(&state->options, options, state->arena);
		state->has_options = true;
	}
	else if (!cadence_same_options(&state->options, options))
		core_fail(CORE_INVALID_PARAMETER, "cadence_options differ within the group",
				  "All sessions of a group are held against one rule.",
				  "Pass a constant, or add what the options depend on to GROUP BY.");
	state->options_known_as = mark;
}

static int
compare_days(const void *a, const void *b)
{
	int32_t		x = ((const cadence_day *) a)->day;
	int32_t		y = ((const cadence_day *) b)->day;

	return (x > y) - (x < y);
}

/* Bring the days in order, each once: the value stays the same. */
void
cadence_sort(const cadence_state *const_state)
{
	cadence_state *state = (cadence_state *) const_state;
	size_t		kept = 0;

	if (state->in_order)
		return;
	core_check_interrupts();
	qsort(state->days, state->count, sizeof(cadence_day), compare_days);
	for (size_t i = 0; i < state->count; i++)
	{
		if (kept > 0 && state->days[kept - 1].day == state->days[i].day)
			state->days[kept - 1].sessions += state->days[i].sessions;
		else
			state->days[kept++] = state->days[i];
	}
	state->count = kept;
	state->in_order = true;
}

static void
append(cadence_state *state, cadence_day day)
{
	if (day.sessions > INT64_MAX - state->sessions)
		core_fail(CORE_LIMIT_EXCEEDED, "too many sessions in a cadence_adherence_state", NULL, NULL);
	state->sessions += day.sessions;
	if (state->count > 0 && state->days[state->count - 1].day == day.day)
	{
		state->days[state->count - 1].sessions += day.sessions;
		return;
	}
	if (state->count == state->room)
	{
		cadence_sort(state);
		if (state->count * 2 >= state->room)
		{
			state->room = state->room == 0 ? FIRST_ROOM : state->room * 2;
			state->days = core_realloc(state->arena, state->days, state->room * sizeof(cadence_day));
		}
	}
	state->in_order = state->count == 0 ||
		(state->in_order && state->days[state->count - 1].day < day.day);
	state->days[state->count++] = day;
}

void
cadence_add(cadence_state *state, int32_t held_on)
{
	if (held_on >= state->options.keep_since && held_on < state->options.keep_until)
		append(state, (cadence_day) {held_on, 1});
}

void
cadence_combine(cadence_state *state, const cadence_state *other)
{
	if (!other->has_options)
		return;
	cadence_adopt(state, &other->options, 0);
	for (size_t i = 0; i < other->count; i++)
		append(state, other->days[i]);
}

/* ---- the result ---- */

/* Is every day from since until until excused? */
static bool
is_excused(const cadence_options *options, int64_t since, int64_t until)
{
	int			low = 0;
	int			high = options->excused_count;

	/* the last span that begins on since or before: only it can hold all the days */
	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (options->excused[middle].since <= since)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && (options->excused[low - 1].until == CADENCE_NO_END ||
					   options->excused[low - 1].until >= until);
}

/* A slot that no session fills. */
static void
judge_empty_slot(const cadence_options *options, int64_t due, int64_t next_due, cadence_result *result)
{
	int64_t		closes = next_due - options->tolerance;

	if (is_excused(options, due, next_due))
		result->excused++;
	else if (!options->has_as_of || closes < options->as_of)
		result->missed++;
	else
	{
		result->pending++;
		/* on the day on which the next range opens, a session fills the next slot */
		if (!result->has_next_due && closes > options->as_of)
		{
			result->has_next_due = true;
			result->next_due = (int32_t) due;
		}
	}
}

/* Slots and sessions side by side, both in order. */
static void
fill_slots(const cadence_state *state, cadence_result *result)
{
	const cadence_options *options = &state->options;
	int64_t		due = cadence_due(options, options->first_slot);
	size_t		i = 0;

	/* no slot yet: before an earlier slot's range if there is one, else extra */
	for (; i < state->count && state->days[i].day < due - options->tolerance; i++)
		if (options->first_slot == 0 && state->days[i].day >= options->period.since &&
			state->days[i].day < options->period.until)
			result->extra += state->days[i].sessions;

	for (int slot = 0; slot < options->slot_count; slot++)
	{
		int64_t		next_due = cadence_due(options, options->first_slot + slot + 1);
		int64_t		closes = next_due - options->tolerance;

		if (slot % 1024 == 0)
			core_check_interrupts();
		if (i == state->count || state->days[i].day >= closes)
			judge_empty_slot(options, due, next_due, result);
		else
		{
			if (state->days[i].day <= due + options->tolerance)
				result->held++;
			else
				result->late++;
			result->extra--;
			for (; i < state->count && state->days[i].day < closes; i++)
				result->extra += state->days[i].sessions;
		}
		due = next_due;
	}
}

/* The most days from the start to a session, between two, or from one to the end. */
static void
find_longest_gap(const cadence_state *state, cadence_result *result)
{
	const cadence_options *options = &state->options;
	int64_t		last = options->anchor > options->period.since ? options->anchor : options->period.since;
	int64_t		end = options->has_as_of && options->as_of < options->period.until ?
		options->as_of : options->period.until;

	if (last >= end)
		return;
	result->has_gap = true;
	for (size_t i = 0; i < state->count && state->days[i].day < end; i++)
	{
		if (state->days[i].day <= last)
			continue;
		if (state->days[i].day - last > result->longest_gap)
			result->longest_gap = state->days[i].day - last;
		last = state->days[i].day;
	}
	if (end - last > result->longest_gap)
		result->longest_gap = end - last;
}

cadence_result
cadence_final(const cadence_state *state)
{
	cadence_result result = {0};

	cadence_sort(state);
	fill_slots(state, &result);
	find_longest_gap(state, &result);
	result.due = result.held + result.late + result.missed;
	if (result.due > 0)
	{
		result.has_rate = true;
		result.rate = (double) result.held / (double) result.due;
	}
	return result;
}
