/*
 * funnel_rules.c
 *		Which options of a funnel make sense, alone and together.
 */
#include "core/funnel.h"

#include <stdio.h>
#include <string.h>

void
funnel_options_default(funnel_options *options)
{
	memset(options, 0, sizeof(*options));
	options->mode = FUNNEL_ORDERED;
	options->anchor = FUNNEL_FIRST;
	options->ties = FUNNEL_EITHER;
	options->times = true;
}

static void
own_list(funnel_list *list, core_arena *arena)
{
	size_t		size = (size_t) list->count * sizeof(int32_t);

	if (size > 0)
		list->items = memcpy(core_alloc(arena, size), list->items, size);
}

void
funnel_options_own(funnel_options *options, core_arena *arena)
{
	size_t		spans = (size_t) options->step_within_count * sizeof(calendar_span);

	if (spans > 0)
		options->step_within = memcpy(core_alloc(arena, spans), options->step_within, spans);
	own_list(&options->optional, arena);
	own_list(&options->exclude, arena);
}

static bool
refuse(funnel_flaw *flaw, core_error error, const char *message, const char *detail)
{
	flaw->error = error;
	snprintf(flaw->message, sizeof(flaw->message), "%s", message);
	flaw->detail = detail;
	return true;
}

static bool
refuse_number(funnel_flaw *flaw, core_error error, const char *format, int32_t number, const char *detail)
{
	char		message[sizeof(flaw->message)];

	snprintf(message, sizeof(message), format, (int) number);
	return refuse(flaw, error, message, detail);
}

/* Each option by itself. */
static bool
value_flawed(const funnel_options *options, funnel_flaw *flaw)
{
	if (options->steps < 0)
		return refuse_number(flaw, CORE_INVALID_PARAMETER, "steps must be at least 1, not %d",
							 options->steps, NULL);
	if (options->steps > FUNNEL_MAX_STEPS)
		return refuse_number(flaw, CORE_LIMIT_EXCEEDED, "steps must be at most 64, not %d",
							 options->steps, NULL);
	if (options->has_within && !calendar_span_is_positive(&options->within))
		return refuse(flaw, CORE_INVALID_PARAMETER, "within must be longer than nothing", NULL);
	if (options->has_as_of && (options->as_of < CALENDAR_MIN || options->as_of >= CALENDAR_END))
		return refuse(flaw, CORE_DATETIME_OVERFLOW, "as_of must be a finite time",
					  "NULL means that no time is given.");
	if (options->step_within_count >= FUNNEL_MAX_STEPS)
		return refuse_number(flaw, CORE_INVALID_PARAMETER, "step_within has %d elements",
							 options->step_within_count, "It must have one less than there are steps, at most 63.");
	for (int i = 0; i < options->step_within_count; i++)
		if (!calendar_span_is_positive(&options->step_within[i]))
			return refuse_number(flaw, CORE_INVALID_PARAMETER,
								 "element %d of step_within must be longer than nothing", i + 1, NULL);
	for (int i = 0; i < options->optional.count; i++)
	{
		int32_t		step = options->optional.items[i];

		if (step < 2 || step > FUNNEL_MAX_STEPS || (options->steps > 0 && step > options->steps))
			return refuse_number(flaw, CORE_INVALID_PARAMETER, "step %d cannot be optional", step,
								 "An optional step is one from 2 to the number of steps.");
	}
	return false;
}

/* Options that name steps, against the number of steps. */
static bool
numbering_flawed(const funnel_options *options, int32_t steps, funnel_flaw *flaw)
{
	static const char *const detail =
		"The steps of the funnel are 1 to the number of steps; by default that is the highest step seen.";

	if (options->has_lost_step && options->lost_step >= 1 && options->lost_step <= steps)
		return refuse_number(flaw, CORE_INVALID_PARAMETER,
							 "lost_step %d is one of the steps of the funnel", options->lost_step, detail);
	for (int i = 0; i < options->exclude.count; i++)
	{
		int32_t		step = options->exclude.items[i];

		if (step >= 1 && step <= steps)
			return refuse_number(flaw, CORE_INVALID_PARAMETER,
								 "exclude names %d, which is one of the steps of the funnel", step, detail);
		if (options->has_lost_step && step == options->lost_step)
			return refuse_number(flaw, CORE_INVALID_PARAMETER,
								 "exclude and lost_step both name step %d", step, NULL);
	}
	if (options->has_step_within && steps > 0 && options->step_within_count != steps - 1)
		return refuse_number(flaw, CORE_INVALID_PARAMETER,
							 "step_within has %d elements", options->step_within_count,
							 "It must have one less than there are steps; by default that is the highest step seen.");
	return false;
}

/* Options that contradict each other. */
static bool
combination_flawed(const funnel_options *options, funnel_flaw *flaw)
{
	const char *mode = options->mode == FUNNEL_UNORDERED ? "unordered" : "furthest";
	const char *other = NULL;
	char		message[sizeof(flaw->message)];

	if (options->mode == FUNNEL_UNORDERED || options->mode == FUNNEL_FURTHEST)
	{
		if (options->anchor == FUNNEL_ANY)
			other = "anchor => 'any'";
		else if (options->ties == FUNNEL_INCREASING)
			other = "ties => 'increasing'";
		else if (options->has_step_within)
			other = "step_within";
		else if (options->optional.count > 0)
			other = "optional";
		else if (options->mode == FUNNEL_UNORDERED && options->exclude.count > 0)
			other = "exclude";
	}
	if (other != NULL)
	{
		snprintf(message, sizeof(message), "mode => '%s' cannot be combined with %s", mode, other);
		return refuse(flaw, CORE_INVALID_PARAMETER, message, NULL);
	}
	if (options->anchor == FUNNEL_ANY && options->exclude.count > 0)
		return refuse(flaw, CORE_INVALID_PARAMETER, "anchor => 'any' cannot be combined with exclude", NULL);
	if (options->disjoint && options->steps == 0)
		return refuse(flaw, CORE_INVALID_PARAMETER, "disjoint needs steps",
					  "Partial states are counted one by one, so each must know how many steps there are.");
	return false;
}

bool
funnel_options_flawed(const funnel_options *options, funnel_flaw *flaw)
{
	return value_flawed(options, flaw) ||
		numbering_flawed(options, options->steps, flaw) ||
		combination_flawed(options, flaw);
}

static void
raise_flaw(const funnel_flaw *flaw)
{
	core_fail(flaw->error, flaw->message, flaw->detail, NULL);
}

void
funnel_options_check(const funnel_options *options)
{
	funnel_flaw flaw;

	if (funnel_options_flawed(options, &flaw))
		raise_flaw(&flaw);
}

void
funnel_steps_check(const funnel_options *options, int32_t steps)
{
	funnel_flaw flaw;

	if (numbering_flawed(options, steps, &flaw))
		raise_flaw(&flaw);
}

funnel_steps
funnel_optional_steps(const funnel_options *options)
{
	funnel_steps optional = 0;

	for (int i = 0; i < options->optional.count; i++)
		optional |= FUNNEL_STEP(options->optional.items[i]);
	return optional;
}

static bool
spans_equal(const calendar_span *a, const calendar_span *b)
{
	return a->months == b->months && a->days == b->days && a->micros == b->micros;
}

static bool
lists_equal(const funnel_list *a, const funnel_list *b)
{
	if (a->count != b->count)
		return false;
	for (int i = 0; i < a->count; i++)
		if (a->items[i] != b->items[i])
			return false;
	return true;
}

bool
funnel_options_equal(const funnel_options *a, const funnel_options *b)
{
	if (a->step_within_count != b->step_within_count)
		return false;
	for (int i = 0; i < a->step_within_count; i++)
		if (!spans_equal(&a->step_within[i], &b->step_within[i]))
			return false;
	return a->steps == b->steps &&
		a->mode == b->mode &&
		a->anchor == b->anchor &&
		a->ties == b->ties &&
		a->times == b->times &&
		a->disjoint == b->disjoint &&
		a->has_within == b->has_within &&
		spans_equal(&a->within, &b->within) &&
		a->has_step_within == b->has_step_within &&
		lists_equal(&a->optional, &b->optional) &&
		lists_equal(&a->exclude, &b->exclude) &&
		a->has_lost_step == b->has_lost_step &&
		a->lost_step == b->lost_step &&
		a->has_as_of == b->has_as_of &&
		a->as_of == b->as_of;
}
