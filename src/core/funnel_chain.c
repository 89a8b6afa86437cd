/*
 * funnel_chain.c
 *		The meaning of a funnel: from one entity's events to its journey.
 *
 * Events come sorted by time.  Within an instant they come in the order that
 * makes ties what the options say: by step where equal times count in either
 * order, so that 1, 2, 3 of one day are walked in one go; by descending step
 * where only increasing times count, so that 2 has passed when 1 is met.
 * After that no rule of this file looks at ties again.
 */
#include "core/funnel.h"

#include <string.h>

static inline int64_t
window_end(const funnel_options *options, int64_t start)
{
	if (!options->has_within)
		return CALENDAR_NOEND;
	return calendar_add(start, &options->within);
}

int64_t
funnel_window_end(const funnel_options *options, int64_t start)
{
	return window_end(options, start);
}

static inline bool
is_step(const funnel_event *event)
{
	return event->step >= 1 && event->step <= FUNNEL_MAX_STEPS;
}

/* The position of the first event of step 1, or count where there is none. */
static size_t
first_entry(const funnel_event *events, size_t count)
{
	size_t		i = 0;

	while (i < count && events[i].step != 1)
		i++;
	return i;
}

/*
 * Ordered: from the step 1 at start, take each next step at its first
 * occasion.  Whatever another chain from start could reach, this one reaches
 * no later, so it is both the deepest and the earliest, step by step.
 */
static void
walk(const funnel_options *options, int32_t steps, const funnel_event *events, size_t count,
	 size_t start, funnel_journey *journey)
{
	int64_t		end = window_end(options, events[start].at);
	int			depth = 1;

	journey->at[1] = events[start].at;
	for (size_t i = start + 1; i < count && depth < steps && events[i].at <= end; i++)
	{
		/* no branch that nobody could predict: what is no step deeper is written over */
		journey->at[depth + 1] = events[i].at;
		depth += events[i].step == depth + 1;
	}
	journey->depth = depth;
}

/*
 * anchor 'any': the step 1 whose chain counts, that is, of the chains of
 * greatest depth the first to get there, and of those the one that starts
 * last.
 *
 * Forward: open_until[k] is the latest end of a window in which a chain has
 * reached step k so far; the chain with the most time left can do all that
 * the others can.  (Not always the latest start: a month from 30 January
 * 20:00 ends after a month from 31 January 10:00.)  The first event to reach
 * the greatest depth ends the chain.
 *
 * Backward from there: the last occasion of each step before it, down to
 * step 2, and the last step 1 before that whose window still holds the end.
 */
static size_t
best_start(const funnel_options *options, int32_t steps, const funnel_event *events, size_t count)
{
	int64_t		open_until[FUNNEL_MAX_STEPS + 1];
	int			depth = 0;
	size_t		last = count;
	size_t		i;
	int			wanted;

	for (int32_t k = 0; k <= steps; k++)
		open_until[k] = CALENDAR_NOBEGIN;
	for (i = 0; i < count; i++)
	{
		int			step = events[i].step;
		int64_t		at = events[i].at;
		int64_t		end;

		if (step == FUNNEL_LOST)
			continue;
		end = step == 1 ? window_end(options, at) : open_until[step - 1];
		/* a window of a month less some days may end before it begins */
		end = end >= at || step == 1 ? end : CALENDAR_NOBEGIN;
		open_until[step] = end > open_until[step] ? end : open_until[step];
		if (step > depth && end > CALENDAR_NOBEGIN)
		{
			depth = step;
			last = i;
		}
	}
	if (depth <= 1)
		return last;

	wanted = depth - 1;
	for (i = last; wanted > 1; i--)
		wanted -= events[i - 1].step == wanted;
	while (events[i - 1].step != 1 || window_end(options, events[i - 1].at) < events[last].at)
		i--;
	return i - 1;
}

/*
 * Furthest: an event of step k reaches all steps up to k, whatever came
 * before, so step k is reached at the first event of k or deeper.  The first
 * event of any step opens the window.
 */
static void
walk_furthest(const funnel_options *options, const funnel_event *events, size_t count,
			  funnel_journey *journey)
{
	int64_t		end = CALENDAR_NOEND;

	journey->depth = 0;
	for (size_t i = 0; i < count && events[i].at <= end; i++)
	{
		if (!is_step(&events[i]))
			continue;
		if (journey->depth == 0)
			end = window_end(options, events[i].at);
		while (journey->depth < events[i].step)
			journey->at[++journey->depth] = events[i].at;
	}
}

/*
 * Unordered: steps 1..k lie in a window that the earliest of them opens.
 *
 * Going back in time, next[k] is the first occasion of step k from here on.  An
 * event that opens the window of a chain reaches all steps whose next occasion
 * lies in it.  Among the deepest chains, the one that opens first has each step
 * no later than any other.  Step k is reached when 1..k are all there.
 */
static void
walk_unordered(const funnel_options *options, int32_t steps, const funnel_event *events, size_t count,
			   funnel_journey *journey)
{
	int64_t		next[FUNNEL_MAX_STEPS + 1];
	funnel_steps seen = 0;

	for (size_t i = count; i > 0; i--)
	{
		const funnel_event *event = &events[i - 1];
		int			depth = 0;
		int64_t		end;

		if (i % 4096 == 0)
			core_check_interrupts();
		if (!is_step(event))
			continue;
		seen |= FUNNEL_STEP(event->step);
		next[event->step] = event->at;
		end = window_end(options, event->at);
		while (depth < steps && (seen & FUNNEL_STEP(depth + 1)) && next[depth + 1] <= end)
			depth++;
		/* a step beyond the depth is none of the chain's: it does not open its window */
		if (depth < event->step || depth < journey->depth)
			continue;
		journey->depth = depth;
		journey->at[1] = next[1];
		for (int k = 2; k <= depth; k++)
			journey->at[k] = next[k] > journey->at[k - 1] ? next[k] : journey->at[k - 1];
	}
}

/* Has a step of exclude come after the start of the chain and before its last step? */
static bool
is_excluded(const funnel_event *events, size_t count, const funnel_journey *journey)
{
	for (size_t i = 0; i < count; i++)
		if ((events[i].step == FUNNEL_EXCLUDED || events[i].step == FUNNEL_EXCLUDED_BELOW) &&
			events[i].at > journey->at[1] && events[i].at < journey->at[journey->depth])
			return true;
	return false;
}

/* Is lost_step the last that happened?  A step of the same instant does not reopen. */
static bool
ends_lost(const funnel_event *events, size_t count)
{
	for (size_t i = count; i > 0 && events[i - 1].at == events[count - 1].at; i--)
		if (events[i - 1].step == FUNNEL_LOST)
			return true;
	return false;
}

/*
 * Has every window passed that may still take the entity deeper: with anchor
 * 'any' those of all its step 1s, in mode 'unordered' those of all its steps?
 * Events at the last instant of a window exist once as_of has reached it.
 */
static bool
windows_passed(const funnel_options *options, const funnel_event *events, size_t count,
			   const funnel_journey *journey)
{
	if (!options->has_within || !options->has_as_of)
		return false;
	if (options->anchor == FUNNEL_FIRST && options->mode != FUNNEL_UNORDERED)
		return window_end(options, journey->at[1]) <= options->as_of;
	for (size_t i = 0; i < count; i++)
	{
		bool		opens = options->mode == FUNNEL_UNORDERED ? is_step(&events[i]) : events[i].step == 1;

		if (opens && window_end(options, events[i].at) > options->as_of)
			return false;
	}
	return true;
}

void
funnel_walker_begin(funnel_walker *walker, const funnel_options *options, int32_t steps, core_arena *scratch)
{
	memset(walker, 0, sizeof(*walker));
	walker->options = options;
	walker->steps = steps;
	walker->scratch = scratch;
	walker->optional = funnel_optional_steps(options);
	if (options->mode == FUNNEL_STRICT || options->has_step_within || walker->optional != 0)
		walker->search = funnel_search_create(walker);
}

void
funnel_follow(funnel_walker *walker, const funnel_event *events, size_t count, funnel_journey *journey)
{
	const funnel_options *options = walker->options;
	bool		may_go_on = true;
	size_t		start;

	journey->depth = 0;
	journey->skipped = 0;
	journey->lost = false;
	journey->mature = false;
	if (options->mode == FUNNEL_FURTHEST)
		walk_furthest(options, events, count, journey);
	else if (options->mode == FUNNEL_UNORDERED)
		walk_unordered(options, walker->steps, events, count, journey);
	else if (walker->search != NULL)
		may_go_on = funnel_search(walker->search, events, count, journey);
	else
	{
		start = options->anchor == FUNNEL_ANY ? best_start(options, walker->steps, events, count)
			: first_entry(events, count);
		if (start < count)
			walk(options, walker->steps, events, count, start, journey);
	}
	if (journey->depth > 0 && options->exclude.count > 0 && is_excluded(events, count, journey))
		journey->depth = 0;
	if (journey->depth == 0)
		return;

	/* With nothing said about time or loss, what is not there will not come. */
	journey->mature = windows_passed(options, events, count, journey);
	journey->lost = journey->mature || !may_go_on || ends_lost(events, count) ||
		(!options->has_within && !options->has_lost_step && !options->has_as_of);
}
