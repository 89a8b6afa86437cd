/*
 * cadence_rule.c
 *		The rule of a cadence, and the slots that it gives a period.
 */
#include "core/cadence.h"

#include "core/calendar.h"

#include <stdio.h>
#include <string.h>

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

bool
cadence_options_try(cadence_options *options)
{
	return rule_problem(options).message[0] == '\0' && find_slots(options);
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

bool
cadence_same_options(const cadence_options *a, const cadence_options *b)
{
	return a->every_months == b->every_months && a->every_days == b->every_days &&
		a->anchor == b->anchor && a->tolerance == b->tolerance &&
		a->period.since == b->period.since && a->period.until == b->period.until &&
		a->has_as_of == b->has_as_of && (!a->has_as_of || a->as_of == b->as_of) &&
		a->excused_count == b->excused_count &&
		(a->excused_count == 0 ||
		 memcmp(a->excused, b->excused, a->excused_count * sizeof(cadence_days)) == 0);
}

void
cadence_copy_options(cadence_options *to, const cadence_options *from, core_arena *arena)
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
