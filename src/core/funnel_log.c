/*
 * funnel_log.c
 *		The log of a funnel: append and widen.
 */
#include "core/funnel_deferred.h"

#define SMALL_FIRST 8			/* events a new group has room for */
#define SMALL_MAX 1024			/* events from which on a group is no longer small */

/* ---- chains ---------------------------------------------------------------- */

/* Full blocks of a chain go to the file, unless they are lent; what remains of them is where they are. */
static void
spill_chain(funnel_state *state, funnel_chain *chain)
{
	funnel_block **link = chain->settled ? &chain->settled->next : &chain->first;

	for (; *link != chain->last; link = &chain->settled->next)
	{
		funnel_block *block = *link;

		core_check_interrupts();
		if (block->place == FUNNEL_OWN)
		{
			funnel_block *rest = core_alloc(state->arena, sizeof(funnel_block));

			core_file_write(state->file, state->file_size, block->bytes, block->room);
			*rest = *block;
			rest->place = FUNNEL_IN_FILE;
			rest->file_at = state->file_size;
			rest->bytes = NULL;
			state->file_size += block->room;
			state->held -= block->room;
			core_free(state->arena, block);
			*link = rest;
		}
		chain->settled = *link;
	}
}

static void
spill(funnel_state *state)
{
	if (state->file == NULL)
		state->file = core_file_open(state->arena);
	for (int i = 0; i < FUNNEL_PARTITIONS; i++)
		if (state->chains[i].last != NULL)
			spill_chain(state, &state->chains[i]);
}

/* Another block at the end of a chain. */
static void
add_block(funnel_chain *chain, funnel_block *block)
{
	if (chain->last == NULL)
		chain->first = block;
	else
	{
		chain->before += chain->last->room;
		chain->last->next = block;
	}
	chain->last = block;
}

void
funnel_chain_grow(funnel_state *state, funnel_chain *chain)
{
	const funnel_block *last = chain->last;
	size_t		room = last == NULL || last->place == FUNNEL_LENT ? FUNNEL_BLOCK_FIRST : last->room * 2;
	funnel_block *block;

	if (room > FUNNEL_BLOCK_MAX)
		room = FUNNEL_BLOCK_MAX;
	core_check_interrupts();
	block = core_alloc(state->arena, sizeof(funnel_block) + room);
	*block = (funnel_block) {
		.room = room, .place = FUNNEL_OWN, .bytes = (uint8_t *) (block + 1),
		.begins = last != NULL && last->place == FUNNEL_LENT
	};
	add_block(chain, block);
	chain->at = block->bytes;
	chain->end = block->bytes + room;
	state->held += room;
	if (state->held + funnel_entity_memory(state) > core_memory_limit())
		spill(state);
}

void
funnel_chain_lend(funnel_state *state, funnel_chain *chain, const uint8_t *bytes, size_t size, bool begins)
{
	if (size == 0)
		return;
	/* a block that more comes behind is full */
	if (chain->last != NULL && chain->at < chain->end)
	{
		size_t		unused = (size_t) (chain->end - chain->at);

		chain->last->room -= unused;
		state->held -= unused;
	}
	for (size_t done = 0; done < size; begins = false)
	{
		size_t		take = size - done < FUNNEL_LENT_MAX ? size - done : FUNNEL_LENT_MAX;
		funnel_block *block = core_alloc(state->arena, sizeof(funnel_block));

		*block = (funnel_block) {
			.room = take, .place = FUNNEL_LENT, .bytes = (uint8_t *) bytes + done, .begins = begins
		};
		add_block(chain, block);
		done += take;
		chain->at = chain->end = block->bytes + take;
	}
}

static void
free_chain(funnel_state *state, funnel_chain *chain)
{
	funnel_block *next;

	for (funnel_block *block = chain->first; block != NULL; block = next)
	{
		next = block->next;
		core_free(state->arena, block);
	}
}

void
funnel_chain_put(funnel_state *state, funnel_chain *chain, const void *bytes, size_t size)
{
	const uint8_t *from = bytes;

	while (size > 0)
	{
		size_t		take;

		if (chain->at == chain->end)
			funnel_chain_grow(state, chain);
		take = (size_t) (chain->end - chain->at) < size ? (size_t) (chain->end - chain->at) : size;
		memcpy(chain->at, from, take);
		chain->at += take;
		from += take;
		size -= take;
	}
}

const uint8_t *
funnel_block_bytes(const funnel_state *state, const funnel_block *block, uint8_t *buffer)
{
	if (block->place != FUNNEL_IN_FILE)
		return block->bytes;
	core_file_read(state->file, block->file_at, buffer, block->room);
	return buffer;
}

void
funnel_chain_copy(const funnel_state *state, const funnel_chain *chain, uint8_t *to)
{
	for (const funnel_block *block = chain->first; block != NULL; block = block->next)
	{
		size_t		size = funnel_block_size(chain, block);

		core_check_interrupts();
		if (block->place == FUNNEL_IN_FILE)
			core_file_read(state->file, block->file_at, to, size);
		else
			memcpy(to, block->bytes, size);
		to += size;
	}
}

/* ---- sizes and fits ----------------------------------------------------------- */

size_t
funnel_record_size(funnel_layout layout)
{
	return layout == FUNNEL_NARROW ? FUNNEL_NARROW_SIZE
		: layout == FUNNEL_MEDIUM ? FUNNEL_MEDIUM_SIZE : sizeof(funnel_event);
}

uint64_t
funnel_count(const funnel_state *state)
{
	uint64_t	bytes = 0;
	uint64_t	deferred;

	funnel_log_pending(state);
	deferred = funnel_deferred_count(state);
	if (state->layout == FUNNEL_SMALL)
		return state->small_count + deferred;
	if (state->layout == FUNNEL_GROUPED)
		return funnel_chain_size(state->chains) / sizeof(uint64_t) - state->groups * 2 + deferred;
	for (int i = 0; i < FUNNEL_PARTITIONS; i++)
		bytes += funnel_chain_size(&state->chains[i]);
	return bytes / funnel_record_size(state->layout) + deferred;
}

static bool
fits_word(const funnel_event *event)
{
	return funnel_since_base(event->at) <= FUNNEL_TIME_MAX;
}

/* What rows the inlined part of funnel_add_row() may log by itself. */
static void
set_easy_rows(funnel_state *state)
{
	const funnel_options *options = &state->options;
	int64_t		latest = FUNNEL_TIME_BASE + (int64_t) FUNNEL_TIME_MAX;
	int64_t		earliest = FUNNEL_TIME_BASE;

	state->easy_steps = 0;
	if (options->has_as_of && options->as_of < latest)
		latest = options->as_of;
	if (state->layout == FUNNEL_WIDE || latest < earliest)
		return;
	state->easy_time = funnel_since_base(latest);
	for (int32_t step = 1; step <= FUNNEL_MAX_STEPS; step++)
	{
		if (funnel_classify(state, step, earliest) != step)
			break;
		state->easy_steps = (uint32_t) step;
	}
}

/* ---- from layout to layout ------------------------------------------------------ */

static void
put_record(funnel_state *state, const funnel_event *event)
{
	funnel_chain *chain = &state->chains[funnel_partition_of(event->entity)];

	if (chain->at == chain->end)
		funnel_chain_grow(state, chain);
	switch (state->layout)
	{
		case FUNNEL_NARROW:
			funnel_put_narrow(chain->at, (uint32_t) (event->entity - state->base),
							  funnel_word(event->at, event->step));
			chain->at += FUNNEL_NARROW_SIZE;
			break;
		case FUNNEL_MEDIUM:
			funnel_put_medium(chain->at, event->entity, funnel_word(event->at, event->step));
			chain->at += FUNNEL_MEDIUM_SIZE;
			break;
		default:
			memcpy(chain->at, event, sizeof(*event));
			chain->at += sizeof(*event);
	}
}

static void
put_grouped(funnel_state *state, const funnel_event *event)
{
	uint64_t	words[3] = {FUNNEL_ENTITY_FOLLOWS, event->entity, funnel_word(event->at, event->step)};

	if (state->groups > 0 && event->entity == state->current)
		funnel_chain_put(state, state->chains, &words[2], sizeof(words[2]));
	else
	{
		if (state->groups == 0)
			state->lowest = event->entity;
		funnel_chain_put(state, state->chains, words, sizeof(words));
		state->current = event->entity;
		state->groups++;
	}
}

static funnel_chain *
new_chains(funnel_state *state)
{
	funnel_chain *chains = core_alloc(state->arena, FUNNEL_PARTITIONS * sizeof(funnel_chain));

	memset(chains, 0, FUNNEL_PARTITIONS * sizeof(funnel_chain));
	return chains;
}

void
funnel_log_begin(funnel_state *state, funnel_layout layout, uint64_t base)
{
	state->layout = layout;
	state->base = base;
	state->chains = new_chains(state);
	set_easy_rows(state);
}

/*
 * Narrow records hold 32 bits of the entity above a base, so that those from
 * low to high fit: the whole range of int4, if they lie in it, or what lies around
 * them.  A base is a multiple of the number of partitions, so that within a
 * partition the upper bits of what is above it tell the entity.
 */
static bool
choose_base(funnel_state *state, int64_t low, int64_t high)
{
	uint64_t	width = (uint64_t) high - (uint64_t) low;

	if (low >= 0 && high <= UINT32_MAX)
		state->base = 0;
	else if (low >= INT32_MIN && high <= INT32_MAX)
		state->base = (uint64_t) (int64_t) INT32_MIN;
	else if (width <= UINT32_MAX / 2)
		state->base = ((uint64_t) low - (UINT32_MAX - width) / 2) & ~(uint64_t) (FUNNEL_PARTITIONS - 1);
	else
		return false;
	return true;
}

static bool
fits(const funnel_state *state, const funnel_event *event)
{
	switch (state->layout)
	{
		case FUNNEL_NARROW:
			return fits_word(event) && event->entity - state->base <= UINT32_MAX;
		case FUNNEL_MEDIUM:
			return fits_word(event);
		case FUNNEL_GROUPED:
			return fits_word(event) && (int64_t) event->entity >= (int64_t) state->current;
		default:
			return true;
	}
}

/* Rewrite the log to partitions of a layout that its events fit; event comes next. */
static void
partition(funnel_state *state, const funnel_event *event)
{
	funnel_state old = *state;
	funnel_cursor *cursor;
	const funnel_event *events;
	size_t		count;

	if (state->layout == FUNNEL_NARROW)
		state->layout = FUNNEL_MEDIUM;
	else if (state->layout == FUNNEL_GROUPED)
		state->layout = choose_base(state, (int64_t) state->lowest, (int64_t) state->current)
			? FUNNEL_NARROW : FUNNEL_MEDIUM;
	else
		state->layout = FUNNEL_WIDE;
	if (!fits_word(event))
		state->layout = FUNNEL_WIDE;
	else if (!fits(state, event))
		state->layout = FUNNEL_MEDIUM;

	funnel_log_begin(state, state->layout, state->base);
	cursor = core_alloc(state->arena, sizeof(funnel_cursor));
	funnel_cursor_open(cursor, &old);
	while (events = funnel_next_piece(cursor, &count), count > 0)
		for (size_t i = 0; i < count; i++)
			put_record(state, &events[i]);
	core_free(state->arena, cursor);
	state->held -= old.held;
	for (int i = 0; i < FUNNEL_PARTITIONS; i++)
		free_chain(state, &old.chains[i]);
	core_free(state->arena, old.chains);
}

/* The group is no longer small. */
static void
leave_small(funnel_state *state)
{
	funnel_event *events = state->small;
	bool		rising = true;
	bool		words = true;
	int64_t		low = INT64_MAX;
	int64_t		high = INT64_MIN;
	funnel_layout layout;

	for (uint32_t i = 0; i < state->small_count; i++)
	{
		int64_t		entity = (int64_t) events[i].entity;

		rising &= entity >= high;
		words &= fits_word(&events[i]);
		low = entity < low ? entity : low;
		high = entity > high ? entity : high;
	}
	layout = !words ? FUNNEL_WIDE : rising ? FUNNEL_GROUPED
		: choose_base(state, low, high) ? FUNNEL_NARROW : FUNNEL_MEDIUM;
	funnel_log_begin(state, layout, state->base);
	for (uint32_t i = 0; i < state->small_count; i++)
		if (state->layout == FUNNEL_GROUPED)
			put_grouped(state, &events[i]);
		else
			put_record(state, &events[i]);
	core_free(state->arena, state->small);
	state->small = NULL;
	state->small_room = state->small_count = 0;
}

static void
append_to_small(funnel_state *state, const funnel_event *event)
{
	if (state->small_count == state->small_room)
	{
		uint32_t	room = state->small_room == 0 ? SMALL_FIRST : state->small_room * 2;

		state->small = core_realloc(state->arena, state->small, room * sizeof(funnel_event));
		state->small_room = room;
	}
	state->small[state->small_count++] = *event;
}

void
funnel_append(funnel_state *state, uint64_t entity, int64_t at, int32_t step)
{
	funnel_event event = {entity, at, step};

	if (step > state->highest && step <= FUNNEL_MAX_STEPS)
		state->highest = step;
	if (state->layout == FUNNEL_SMALL && state->small_count < SMALL_MAX)
	{
		append_to_small(state, &event);
		return;
	}
	if (state->layout == FUNNEL_SMALL)
		leave_small(state);
	if (!fits(state, &event))
		partition(state, &event);
	if (state->layout == FUNNEL_GROUPED)
		put_grouped(state, &event);
	else
		put_record(state, &event);
}
