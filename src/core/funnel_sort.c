/*
 * funnel_sort.c
 *		From the log of a funnel to each entity's events in order.
 */
#include "core/funnel.h"

#include <string.h>

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
 * interrupted.  Returns where the sorted events are, events or spare.
 */
static funnel_event *
sort_events(funnel_event *events, funnel_event *spare, size_t count, int direction)
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

static void
visit_entities(const funnel_event *events, size_t count, funnel_visitor visit, void *context)
{
	size_t		end;

	for (size_t start = 0; start < count; start = end)
	{
		for (end = start + 1; end < count && events[end].entity == events[start].entity;)
			end++;
		visit(context, events + start, end - start);
	}
}

void
funnel_visit(const funnel_state *state, core_arena *scratch, funnel_visitor visit, void *context)
{
	int			direction = state->options.ties == FUNNEL_INCREASING ? -1 : 1;
	size_t		room = state->count;
	funnel_event *copy;

	if (state->partitions != NULL)
	{
		room = 0;
		for (int i = 0; i < FUNNEL_PARTITIONS; i++)
			if (state->partitions[i].count > room)
				room = state->partitions[i].count;
	}
	copy = core_alloc(scratch, (room + 1) * 2 * sizeof(funnel_event));
	for (int i = 0; i < (state->partitions ? FUNNEL_PARTITIONS : 1); i++)
	{
		size_t		count = 0;

		if (state->partitions == NULL)
		{
			count = state->count;
			if (count > 0)
				memcpy(copy, state->small, count * sizeof(funnel_event));
		}
		else
			for (funnel_block *block = state->partitions[i].first; block != NULL; block = block->next)
			{
				memcpy(copy + count, block->events, block->count * sizeof(funnel_event));
				count += block->count;
			}
		core_check_interrupts();
		visit_entities(sort_events(copy, copy + room, count, direction), count, visit, context);
	}
	core_free(scratch, copy);
}
