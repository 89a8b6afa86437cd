/*
 * funnel.c
 *		The log of a funnel: append, read, combine.
 */
#include "core/funnel.h"

#include <stdio.h>
#include <string.h>

#define SMALL_FIRST 8			/* events a new group has room for */
#define SMALL_MAX 1024			/* events from which on a group is partitioned */
#define BLOCK_FIRST 64			/* events in a partition's first block ... */
#define BLOCK_MAX 1365			/* ... and at most: 32 kB */

/* ---- append ---------------------------------------------------------------- */

funnel_state *
funnel_create(core_arena *arena)
{
	funnel_state *state = core_alloc(arena, sizeof(funnel_state));

	memset(state, 0, sizeof(*state));
	state->arena = arena;
	state->form = FUNNEL_NO_FORM;
	return state;
}

void
funnel_begin(funnel_state *state, funnel_form form, const funnel_options *options)
{
	state->form = form;
	state->options = *options;
	funnel_options_own(&state->options, state->arena);
	if (form != FUNNEL_INT8)
		state->entities = entity_dictionary_create(state->arena);
}

int32_t
funnel_classify(const funnel_state *state, int32_t step, int64_t at)
{
	const funnel_options *options = &state->options;
	bool		is_lost = options->has_lost_step && step == options->lost_step;
	bool		is_excluded = false;

	for (int i = 0; i < options->exclude.count && !is_excluded; i++)
		is_excluded = step == options->exclude.items[i];

	if (at == CALENDAR_NOBEGIN || at == CALENDAR_NOEND)
		core_fail(CORE_DATETIME_OVERFLOW,
				  at == CALENDAR_NOEND ? "time of an event is infinity" : "time of an event is -infinity",
				  "Events happen at finite times.", NULL);
	if (!is_lost && !is_excluded && (step < 1 || step > FUNNEL_MAX_STEPS))
	{
		char		message[64];

		snprintf(message, sizeof(message), "step %d is not one from 1 to %d", (int) step, FUNNEL_MAX_STEPS);
		core_fail(step < 1 ? CORE_INVALID_PARAMETER : CORE_LIMIT_EXCEEDED, message, NULL,
				  "A step that stands for a loss may have any number: name it in lost_step.");
	}
	if (options->has_as_of && at > options->as_of)
		return FUNNEL_IGNORED;
	if (is_lost)
		return FUNNEL_LOST;
	if (is_excluded)
		return step < 1 ? FUNNEL_EXCLUDED_BELOW : FUNNEL_EXCLUDED;
	if (options->steps > 0 && step > options->steps)
		return options->mode == FUNNEL_STRICT ? FUNNEL_ABOVE : FUNNEL_IGNORED;
	return step;
}

uint64_t
funnel_entity(funnel_state *state, const void *bytes, size_t size)
{
	return entity_number(state->entities, bytes, size);
}

/* Fibonacci hashing: the top bits of the product depend on all bits of the key. */
static uint32_t
partition_of(uint64_t entity)
{
	return (uint32_t) ((entity * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - FUNNEL_PARTITION_BITS));
}

/* Room for one more event at the end of a partition's log. */
static void
add_block(core_arena *arena, funnel_partition *partition)
{
	uint32_t	room = partition->last == NULL ? BLOCK_FIRST : partition->last->room * 2;
	funnel_block *block;

	if (room > BLOCK_MAX)
		room = BLOCK_MAX;
	block = core_alloc(arena, sizeof(funnel_block) + room * sizeof(funnel_event));
	block->next = NULL;
	block->count = 0;
	block->room = room;
	if (partition->last == NULL)
		partition->first = block;
	else
		partition->last->next = block;
	partition->last = block;
}

static void
append_to_partition(funnel_state *state, const funnel_event *event)
{
	funnel_partition *partition = &state->partitions[partition_of(event->entity)];

	if (partition->last == NULL || partition->last->count == partition->last->room)
		add_block(state->arena, partition);
	partition->last->events[partition->last->count++] = *event;
	partition->count++;
}

/* The group is no longer small: its events move to partitions. */
static void
split_small(funnel_state *state)
{
	state->partitions = core_alloc(state->arena, FUNNEL_PARTITIONS * sizeof(funnel_partition));
	memset(state->partitions, 0, FUNNEL_PARTITIONS * sizeof(funnel_partition));
	for (uint64_t i = 0; i < state->count; i++)
		append_to_partition(state, &state->small[i]);
	core_free(state->arena, state->small);
	state->small = NULL;
	state->small_room = 0;
}

static void
append_to_small(funnel_state *state, const funnel_event *event)
{
	if (state->count == state->small_room)
	{
		uint32_t	room = state->small_room == 0 ? SMALL_FIRST : state->small_room * 2;

		state->small = core_realloc(state->arena, state->small, room * sizeof(funnel_event));
		state->small_room = room;
	}
	state->small[state->count] = *event;
}

void
funnel_append(funnel_state *state, uint64_t entity, int64_t at, int32_t step)
{
	funnel_event event = {entity, at, step};

	if (state->partitions == NULL && state->count == SMALL_MAX)
		split_small(state);
	if (state->partitions == NULL)
		append_to_small(state, &event);
	else
		append_to_partition(state, &event);
	state->count++;
	if (step > state->highest && step <= FUNNEL_MAX_STEPS)
		state->highest = step;
}

/* ---- read the log ------------------------------------------------------------ */

const funnel_event *
funnel_next_piece(funnel_cursor *cursor, size_t *count)
{
	const funnel_state *state = cursor->state;
	const funnel_block *block;

	core_check_interrupts();
	*count = 0;
	if (state->partitions == NULL)
	{
		if (!cursor->small_done)
			*count = state->count;
		cursor->small_done = true;
		return state->small;
	}
	while (cursor->block == NULL)
	{
		if (cursor->partition == FUNNEL_PARTITIONS)
			return NULL;
		cursor->block = state->partitions[cursor->partition++].first;
	}
	block = cursor->block;
	cursor->block = block->next;
	*count = block->count;
	return block->events;
}

/* The numbers that from's entities have in state's dictionary. */
static uint32_t *
renumber(funnel_state *state, const funnel_state *from)
{
	uint32_t   *numbers = core_alloc(state->arena, ((size_t) from->entities->count + 1) * sizeof(uint32_t));

	for (uint32_t i = 0; i < from->entities->count; i++)
	{
		if (i % 4096 == 0)
			core_check_interrupts();
		numbers[i] = entity_number(state->entities, entity_bytes(from->entities, i),
								   from->entities->entries[i].size);
	}
	return numbers;
}

void
funnel_combine(funnel_state *state, const funnel_state *from)
{
	funnel_cursor cursor = {.state = from};
	const funnel_event *events;
	size_t		count;
	uint32_t   *numbers = NULL;

	if (state->form == FUNNEL_NO_FORM)
		funnel_begin(state, from->form, &from->options);
	if (state->form != from->form)
		core_fail(CORE_INVALID_BINARY, "cannot combine funnels of different entity types", NULL,
				  "Cast the entities to one type before the states are made.");
	if (!funnel_options_equal(&state->options, &from->options))
		core_fail(CORE_INVALID_PARAMETER, "cannot combine funnels of different options", NULL,
				  "Make all states with the same funnel_options().");
	if (from->entities != NULL)
		numbers = renumber(state, from);
	while (events = funnel_next_piece(&cursor, &count), count > 0)
	{
		for (size_t i = 0; i < count; i++)
			funnel_append(state, numbers ? numbers[events[i].entity] : events[i].entity,
						  events[i].at, events[i].step);
	}
	core_free(state->arena, numbers);
}
