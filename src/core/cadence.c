/*
 * cadence.c
 *		Sessions held against a cadence: a session is due every so often.
 */
#include "core/cadence.h"

#include "core/calendar.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 4

/* ---- the slots ---- */

int64_t
cadence_due(const cadence_options *options, int64_t k)
{
	return calendar_add_months(options->anchor, k * options->every_months) + k * options->every_days;
}

/* Day on which the range of slot number k opens. */
static int64_t
opens(const cadence_options *options, int64_t k)
{
	return cadence_due(options, k) - options->tolerance;
}

/* The number of the first slot due on that day or later. */
static int64_t
first_slot_from(const cadence_options *options, int64_t day)
{
	int64_t		low = 0;
	int64_t		high = 1;

	if (options->anchor >= day)
		return 0;
	/* low is due before the day, high is not: a slot takes a day at least */
	while (cadence_due(options, high) < day)
	{
		low = high;
		high *= 2;
	}
	while (high - low > 1)
	{
		int64_t		middle = low + (high - low) / 2;

		if (cadence_due(options, middle) < day)
			low = middle;
		else
			high = middle;
	}
	return high;
}

/* ---- the options ---- */

/* What is wrong with options; no message if nothing is. */
typedef struct problem
{
	core_error	error;
	char		message[128];
	const char *hint;
} problem;

static bool
is_date(int32_t day)
{
	return day >= CADENCE_DAY_MIN && day < CADENCE_DAY_END;
}

static problem
rule_problem(const cadence_options *options)
{
	problem		found = {CORE_INVALID_PARAMETER, "", NULL};

	if (options->every_months < 0 || options->every_days < 0 ||
		(options->every_months == 0 && options->every_days == 0))
	{
		snprintf(found.message, sizeof(found.message), "every must be longer than nothing, not %d months and %d days",
				 (int) options->every_months, (int) options->every_days);
		found.hint = "A cadence is a number of months, of days, or both, none of them negative, such as '1 week'.";
	}
	else if (options->tolerance < 0)
		snprintf(found.message, sizeof(found.message), "tolerance must be 0 days or more, not %d",
				 (int) options->tolerance);
	else if (options->period.since >= options->period.until)
		snprintf(found.message, sizeof(found.message), "period must not be empty");
	else if (!is_date(options->anchor) || !is_date(options->period.since) || !is_date(options->period.until) ||
			 (options->has_as_of && !is_date(options->as_of)))
	{
		found.error = CORE_DATETIME_OVERFLOW;
		snprintf(found.message, sizeof(found.message), "anchor, period and as_of must be finite dates");
	}
	return found;
}

/* Find the slots of the period; false if they are too many. */
static bool
find_slots(cadence_options *options)
{
	const cadence_days *period = &options->period;
	int64_t		first = first_slot_from(options, period->since);
	int64_t		after = first_slot_from(options, period->until);
	int64_t		first_opens = opens(options, first);
	int64_t		after_opens = opens(options, after);

	if (after - first > CADENCE_MAX_SLOTS)
		return false;
	options->first_slot = first;
	options->slot_count = (int) (after - first);
	options->keep_since = first_opens < period->since ? first_opens : period->since;
	options->keep_until = after_opens > period->until ? after_opens : period->until;
	if (options->has_as_of && options->as_of < options->keep_until)
		options->keep_until = (int64_t) options->as_of + 1;
	return true;
}

void
cadence_options_settle(cadence_options *options)
{
	problem		found = rule_problem(options);
	char		message[128];

	if (found.message[0] != '\0')
		core_fail(found.error, found.message, NULL, found.hint);
	if (!find_slots(options))
	{
		snprintf(message, sizeof(message), "the period has more than %d slots", CADENCE_MAX_SLOTS);
		core_fail(CORE_LIMIT_EXCEEDED, message, "A slot is a session that is due.",
				  "Choose a shorter period, or a longer every.");
	}
}

static bool
same_options(const cadence_options *a, const cadence_options *b)
{
	return a->every_months == b->every_months && a->every_days == b->every_days &&
		a->anchor == b->anchor && a->tolerance == b->tolerance &&
		a->period.since == b->period.since && a->period.until == b->period.until &&
		a->has_as_of == b->has_as_of && (!a->has_as_of || a->as_of == b->as_of) &&
		a->excused_count == b->excused_count &&
		(a->excused_count == 0 ||
		 memcmp(a->excused, b->excused, a->excused_count * sizeof(cadence_days)) == 0);
}

static void
copy_options(cadence_options *to, const cadence_options *from, core_arena *arena)
{
	*to = *from;
	if (from->excused_count > 0)
	{
		size_t		size = from->excused_count * sizeof(cadence_days);
		cadence_days *excused = core_alloc(arena, size);

		memcpy(excused, from->excused, size);
		to->excused = excused;
	}
}

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
		copy_options(&state->options, options, state->arena);
		state->has_options = true;
	}
	else if (!same_options(&state->options, options))
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
static void
settle(const cadence_state *const_state)
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
		settle(state);
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

	settle(state);
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

/* ---- stored states ---- */

size_t
cadence_size(const void *data)
{
	const cadence_state *state = data;

	if (!state->has_options)
		return 1;
	settle(state);
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
	settle(state);
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
	if (rule_problem(options).message[0] != '\0' || !find_slots(options))
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
