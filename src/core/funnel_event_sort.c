/*
 * funnel_event_sort.c
 *		Events of a funnel in order: by entity, time, and step as ties ask for.
 */
#include "core/funnel_event_sort.h"

#define RUN 16					/* events sorted by insertion */

/* Does a come before b?  By entity, time, and step in the direction that ties ask for. */
static inline bool
comes_before(const funnel_event *a, const funnel_event *b, int direction)
{
	if (a->entity != b->entity)
		return a->entity < b->entity;
	if (a->at != b->at)
		return a->at < b->at;
	return (a->step - b->step) * direction < 0;
}

static void
sort_run(funnel_event *events, size_t count, int direction)
{
	for (size_t i = 1; i < count; i++)
	{
		funnel_event event = events[i];
		size_t		at = i;

		for (; at > 0 && comes_before(&event, &events[at - 1], direction); at--)
			events[at] = events[at - 1];
		events[at] = event;
	}
}

/* Merge the sorted [0, middle) and [middle, count) of from into to. */
static void
merge_runs(const funnel_event *from, size_t middle, size_t count, funnel_event *to, int direction)
{
	size_t		left = 0;
	size_t		right = middle;

	for (size_t i = 0; i < count; i++)
	{
		bool		take_right = left == middle ||
			(right < count && comes_before(&from[right], &from[left], direction));

		to[i] = from[take_right ? right++ : left++];
	}
}

/*
 * Merge sort from the bottom up: no order of rows makes it slow, and it can be
 * interrupted.
 */
funnel_event *
funnel_sort_events(funnel_event *events, funnel_event *spare, size_t count, int direction)
{
	for (size_t start = 0; start < count; start += RUN)
		sort_run(events + start, count - start < RUN ? count - start : RUN, direction);
	for (size_t width = RUN; width < count; width *= 2)
	{
		funnel_event *sorted = spare;

		for (size_t start = 0; start < count; start += width * 2)
		{
			size_t		rest = count - start;
			size_t		both = rest < width * 2 ? rest : width * 2;

			core_check_interrupts();
			merge_runs(events + start, rest < width ? rest : width, both, sorted + start, direction);
		}
		spare = events;
		events = sorted;
	}
	return events;
}
