/*
 * funnel.c
 *		The state of a funnel: begin, classify, combine.
 */
#include "core/funnel.h"
#include "core/funnel_deferred.h"
#include "core/funnel_tally.h"

#include <stdio.h>
#include <string.h>

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
	bool		is_uncounted = options->ties == FUNNEL_IN_ORDER && step < 0 && step >= -FUNNEL_MAX_STEPS;
	bool		is_excluded = false;

	for (int i = 0; i < options->exclude.count && !is_excluded; i++)
		is_excluded = step == options->exclude.items[i];

	if (at == CALENDAR_NOBEGIN || at == CALENDAR_NOEND)
		core_fail(CORE_DATETIME_OVERFLOW,
				  at == CALENDAR_NOEND ? "time of an event is infinity" : "time of an event is -infinity",
				  "Events happen at finite times.", NULL);
	if (!is_lost && !is_excluded && !is_uncounted && (step < 1 || step > FUNNEL_MAX_STEPS))
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
	if (is_uncounted)
		return FUNNEL_UNCOUNTED - step;
	if (options->steps > 0 && step > options->steps)
		return options->mode == FUNNEL_STRICT ? FUNNEL_ABOVE : FUNNEL_IGNORED;
	return step;
}

/* ---- entities known by their bytes ------------------------------------------------ */

/* Events that come between the fetch of an entity's slot and that of its record. */
#define SLOT_LEAD 16

/* funnel_append() in one piece for an event that funnel_classify() let pass, where it is easy. */
static inline void
append_easily(funnel_state *state, uint64_t entity, int64_t at, int32_t step)
{
	uint64_t	since = funnel_since_base(at);

	if (state->layout == FUNNEL_NARROW && (uint32_t) step - 1 < state->easy_steps && since <= state->easy_time)
	{
		uint64_t	key = entity - state->base;
		funnel_chain *chain = &state->chains[funnel_partition_of(entity)];

		if (key <= UINT32_MAX && chain->at != chain->end)
		{
			if (step > state->highest)
				state->highest = step;
			funnel_put_narrow(chain->at, (uint32_t) key, since << 8 | (uint64_t) step);
			chain->at += FUNNEL_NARROW_SIZE;
			return;
		}
	}
	funnel_append(state, entity, at, step);
}

/*
 * Log an event under the entity's number.  Once the dictionary has its share of
 * the memory, no entity enters it any more, and events of those that are not in it are
 * deferred.
 */
static void
log_by_bytes(funnel_state *state, const void *bytes, size_t size, uint64_t hash, int64_t at, int32_t step)
{
	uint32_t	number;

	if (state->deferred != NULL)
	{
		number = entity_find(state->entities, bytes, size, hash);
		if (number == ENTITY_UNKNOWN)
		{
			funnel_defer(state, bytes, size, hash, at, step);
			return;
		}
	}
	else
		number = entity_number_hashed(state->entities, bytes, size, hash);
	append_easily(state, number, at, step);
}

void
funnel_log_pending(const funnel_state *settled)
{
	funnel_state *state = (funnel_state *) settled;
	funnel_pending *pending = state->pending;
	const entity_dictionary *entities = state->entities;
	uint32_t	count;

	if (pending == NULL || pending->count == 0)
		return;
	count = pending->count;
	for (uint32_t i = count < SLOT_LEAD ? 0 : count - SLOT_LEAD; i < count; i++)
		entity_prefetch_record(entities, pending->events[i].hash);
	pending->count = pending->used = 0;
	for (uint32_t i = 0; i < count; i++)
		log_by_bytes(state, pending->bytes + pending->events[i].offset, pending->events[i].size,
					 pending->events[i].hash, pending->events[i].at, pending->events[i].step);
	funnel_bound_entities(state);
}

void
funnel_settle(const funnel_state *state)
{
	funnel_log_pending(state);
	if (state->deferred != NULL)
		funnel_undefer((funnel_state *) state);
}

void
funnel_append_bytes(funnel_state *state, const void *bytes, size_t size, int64_t at, int32_t step)
{
	funnel_pending *pending = state->pending;
	uint64_t	hash = entity_hash(bytes, size);

	if (state->layout == FUNNEL_SMALL || size > FUNNEL_PENDING_BYTES)
	{
		log_by_bytes(state, bytes, size, hash, at, step);
		funnel_bound_entities(state);
		return;
	}
	if (pending == NULL)
	{
		pending = state->pending = core_alloc(state->arena, sizeof(funnel_pending));
		pending->count = pending->used = 0;
	}
	if (pending->count == FUNNEL_PENDING || FUNNEL_PENDING_BYTES - pending->used < size)
		funnel_log_pending(state);
	entity_prefetch_slot(state->entities, hash);
	if (pending->count >= SLOT_LEAD)
		entity_prefetch_record(state->entities, pending->events[pending->count - SLOT_LEAD].hash);
	pending->events[pending->count].hash = hash;
	pending->events[pending->count].offset = pending->used;
	pending->events[pending->count].size = (uint32_t) size;
	pending->events[pending->count].at = at;
	pending->events[pending->count].step = step;
	pending->count++;
	if (size > 0)
		memcpy(pending->bytes + pending->used, bytes, size);
	pending->used += (uint32_t) size;
}

/* ---- combine ------------------------------------------------------------------- */

/* The numbers that from's entities have in state's dictionary; are they the same? */
static uint32_t *
renumber(funnel_state *state, const funnel_state *from, bool *same)
{
	uint32_t   *numbers = core_alloc(state->arena, ((size_t) from->entities->count + 1) * sizeof(uint32_t));

	for (uint32_t i = 0; i < from->entities->count; i++)
	{
		const entity_record *record;

		if (i % 4096 == 0)
			core_check_interrupts();
		record = entity_of(from->entities, i);
		numbers[i] = entity_number(state->entities, record->bytes, record->size);
		*same &= numbers[i] == i;
	}
	return numbers;
}

/*
 * Append from's blocks as they are, if both logs are alike or state's is
 * empty; entities must have the same numbers in both.  Where they may stay where they
 * are, the blocks that lie in memory are only lent.
 */
static bool
append_blocks(funnel_state *state, const funnel_state *from, bool lend)
{
	uint8_t		buffer[FUNNEL_BLOCK_MAX];

	if (from->layout == FUNNEL_SMALL)
		return false;
	if (state->layout == FUNNEL_SMALL && state->small_count == 0)
	{
		funnel_log_begin(state, from->layout, from->base);
		state->lowest = from->lowest;
		state->current = from->current;
		state->groups = from->groups;
	}
	else if (state->layout != from->layout || state->layout == FUNNEL_GROUPED || state->base != from->base)
		return false;
	for (int i = 0; i < FUNNEL_PARTITIONS; i++)
	{
		const funnel_chain *chain = &from->chains[i];

		for (const funnel_block *block = chain->first; block != NULL; block = block->next)
		{
			const uint8_t *bytes = funnel_block_bytes(from, block, buffer);
			size_t		size = funnel_block_size(chain, block);

			if (lend && block->place != FUNNEL_IN_FILE)
				funnel_chain_lend(state, &state->chains[i], bytes, size, block == chain->first || block->begins);
			else
				funnel_chain_put(state, &state->chains[i], bytes, size);
		}
	}
	if (from->highest > state->highest)
		state->highest = from->highest;
	return true;
}

static void
combine(funnel_state *state, const funnel_state *from, bool lasting)
{
	funnel_cursor cursor;
	const funnel_event *events;
	size_t		count;
	uint32_t   *numbers = NULL;
	bool		same_numbers = true;

	if (state->form == FUNNEL_NO_FORM)
		funnel_begin(state, from->form, &from->options);
	if (state->form != from->form)
		core_fail(CORE_INVALID_BINARY, "cannot combine funnels of different entity types", NULL,
				  "Cast the entities to one type before the states are made.");
	if (!funnel_options_equal(&state->options, &from->options))
		core_fail(CORE_INVALID_PARAMETER, "cannot combine funnels of different options", NULL,
				  "Make all states with the same funnel_options().");
	if (state->options.disjoint)
	{
		funnel_combine_counted(state, from);
		return;
	}
	funnel_settle(state);
	funnel_settle(from);
	if (from->entities != NULL)
		numbers = renumber(state, from, &same_numbers);
	if (same_numbers && append_blocks(state, from, lasting))
	{
		core_free(state->arena, numbers);
		return;
	}
	funnel_cursor_open(&cursor, from);
	while (events = funnel_next_piece(&cursor, &count), count > 0)
	{
		for (size_t i = 0; i < count; i++)
			funnel_append(state, numbers ? numbers[events[i].entity] : events[i].entity,
						  events[i].at, events[i].step);
	}
	core_free(state->arena, numbers);
}

void
funnel_combine(funnel_state *state, const funnel_state *from)
{
	combine(state, from, false);
}

void
funnel_combine_lasting(funnel_state *state, const funnel_state *from)
{
	combine(state, from, true);
}
