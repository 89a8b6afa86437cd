/*
 * funnel_sort.c
 *		From the log of a funnel to each entity's events in order.
 *
 * A partition is sorted by counting: one pass gives each entity a number and
 * counts its events, a second puts their words where the entity's are.  The
 * words of an entity then lie in order of arrival, which mostly is the order of
 * time, so looking is enough.  Small logs and wide records, which are few, go
 * through a merge sort of whole events.  Where the caller promises order, there is
 * nothing to sort: a log that is split already says that entities did not come one
 * after the other, and in any other looking is enough.
 */
#include "core/funnel_deferred.h"
#include "core/funnel_event_sort.h"

#define FEW 48					/* words of an entity that are sorted by insertion */

/* ---- the visit of a log ------------------------------------------------------------ */

/* A slot of the table that numbers the entities of a partition. */
typedef struct number_slot
{
	uint64_t	entity;
	uint32_t	number;			/* plus one; 0: free */
} number_slot;

/* An array that grows to what is asked of it; its content is lost then. */
typedef struct buffer
{
	void	   *bytes;
	size_t		room;
} buffer;

typedef struct visit_state
{
	const funnel_state *state;
	core_arena *scratch;
	funnel_visitor visit;
	void	   *context;
	int			direction;		/* of steps within an instant: 1 or -1 */
	uint64_t	flip;			/* what is xored with words for that order */
	bool		in_order;		/* promised: order of arrival is that of time */
	buffer		records;		/* a partition, in one piece */
	buffer		numbers;		/* the entity's number of each record */
	buffer		words;			/* sorted by entity */
	buffer		ends;			/* where the words of each entity end */
	buffer		entities;		/* by number, unless numbers are a range */
	buffer		events;			/* of one entity, and as much to sort them */
	number_slot *slots;
	unsigned	slot_bits;		/* there are 1 << slot_bits slots */
} visit_state;

static void *
with_room(visit_state *v, buffer *b, size_t size)
{
	if (b->room < size)
	{
		core_free(v->scratch, b->bytes);
		b->room = size + size / 4;
		b->bytes = core_alloc(v->scratch, b->room);
	}
	return b->bytes;
}

static void
free_buffers(visit_state *v)
{
	buffer	   *all[] = {&v->records, &v->numbers, &v->words, &v->ends, &v->entities, &v->events};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		core_free(v->scratch, all[i]->bytes);
	core_free(v->scratch, v->slots);
}

_Noreturn void
funnel_refuse_order(void)
{
	core_fail(CORE_INVALID_PARAMETER, "rows are not in order",
			  "in_order promises all rows of an entity together, in order of time, and numbers of entities in rising order.",
			  "Take the rows from a subquery with ORDER BY.");
}

/* Words into order; few, and mostly in order already: else whole events are merged. */
static void
sort_words(uint64_t *words, size_t count, uint64_t flip)
{
	for (size_t i = 1; i < count; i++)
	{
		uint64_t	word = words[i];
		size_t		at = i;

		for (; at > 0 && (words[at - 1] ^ flip) > (word ^ flip); at--)
			words[at] = words[at - 1];
		words[at] = word;
	}
}

/* Visit an entity whose events have these words, which may be moved about. */
static inline void
visit_words(visit_state *v, uint64_t entity, uint64_t *words, size_t count)
{
	uint64_t	flip = v->flip;
	uint64_t	steps = v->in_order ? 255 : 0;	/* bits that make no order */
	uint64_t	before = 0;
	bool		ordered = true;
	funnel_event *events = v->events.bytes;

	if (v->events.room < count * 2 * sizeof(funnel_event))
		events = with_room(v, &v->events, count * 2 * sizeof(funnel_event));
	for (size_t i = 0; i < count; i++)
	{
		uint64_t	key = (words[i] ^ flip) | steps;

		ordered &= key >= before;
		before = key;
	}
	if (!ordered && v->in_order)
		funnel_refuse_order();
	if (!ordered && count <= FEW)
	{
		sort_words(words, count, flip);
		ordered = true;
	}
	for (size_t i = 0; i < count; i++)
	{
		events[i].entity = entity;
		events[i].at = funnel_word_at(words[i]);
		events[i].step = funnel_word_step(words[i]);
	}
	if (!ordered)
		events = funnel_sort_events(events, events + count, count, v->direction);
	v->visit(v->context, events, count);
}

static void
visit_events(visit_state *v, funnel_event *events, size_t count)
{
	size_t		end;

	for (size_t i = 1; v->in_order && i < count; i++)
		if ((int64_t) events[i].entity < (int64_t) events[i - 1].entity ||
			(events[i].entity == events[i - 1].entity && events[i].at < events[i - 1].at))
			funnel_refuse_order();
	if (!v->in_order)
		events = funnel_sort_events(events, events + count, count, v->direction);
	for (size_t start = 0; start < count; start = end)
	{
		for (end = start + 1; end < count && events[end].entity == events[start].entity;)
			end++;
		v->visit(v->context, events + start, end - start);
	}
}

static void
visit_small(visit_state *v)
{
	size_t		size = v->state->small_count * sizeof(funnel_event);
	funnel_event *events = with_room(v, &v->events, size * 2 + 1);

	if (size > 0)
		memcpy(events, v->state->small, size);
	visit_events(v, events, v->state->small_count);
}

static void
visit_wide(visit_state *v, const funnel_chain *chain)
{
	size_t		size = funnel_chain_size(chain);
	funnel_event *events = with_room(v, &v->events, size * 2);

	funnel_chain_copy(v->state, chain, (uint8_t *) events);
	visit_events(v, events, size / sizeof(funnel_event));
}

/* ---- grouped -------------------------------------------------------------------- */

static void
visit_grouped(visit_state *v)
{
	const funnel_chain *chain = v->state->chains;
	uint64_t   *words = with_room(v, &v->words, 64 * sizeof(uint64_t));
	size_t		room = v->words.room / sizeof(uint64_t);
	size_t		count = 0;
	uint64_t	entity = 0;
	bool		entity_follows = false;
	uint8_t    *buffer = with_room(v, &v->records, FUNNEL_BLOCK_MAX);

	for (const funnel_block *block = chain->first; block != NULL; block = block->next)
	{
		const uint8_t *at = funnel_block_bytes(v->state, block, buffer);
		const uint8_t *end = at + funnel_block_size(chain, block);

		core_check_interrupts();
		for (; at < end; at += sizeof(uint64_t))
		{
			uint64_t	word;

			memcpy(&word, at, sizeof(word));
			if (entity_follows)
			{
				entity = word;
				entity_follows = false;
			}
			else if (word == FUNNEL_ENTITY_FOLLOWS)
			{
				if (count > 0)
					visit_words(v, entity, words, count);
				count = 0;
				entity_follows = true;
			}
			else
			{
				if (count == room)
				{
					room *= 2;
					words = v->words.bytes = core_realloc(v->scratch, words, room * sizeof(uint64_t));
					v->words.room = room * sizeof(uint64_t);
				}
				words[count++] = word;
			}
		}
	}
	if (count > 0)
		visit_words(v, entity, words, count);
}

/* ---- partitions of narrow and medium records ---------------------------------------- */

/* What tells an entity from the others of its partition. */
static inline uint64_t
record_key(const uint8_t *record, bool narrow)
{
	uint64_t	entity;
	uint32_t	key;

	if (narrow)
	{
		memcpy(&key, record, 4);
		return key;
	}
	memcpy(&entity, record, 8);
	return entity;
}

static inline uint64_t
record_word(const uint8_t *record, bool narrow)
{
	uint64_t	word;

	memcpy(&word, record + (narrow ? 4 : 8), 8);
	return word;
}

static void
clear_slots(visit_state *v, unsigned bits)
{
	if (v->slots == NULL || bits != v->slot_bits)
	{
		core_free(v->scratch, v->slots);
		v->slots = core_alloc(v->scratch, sizeof(number_slot) << bits);
		v->slot_bits = bits;
	}
	memset(v->slots, 0, sizeof(number_slot) << bits);
}

static inline number_slot *
find_slot(visit_state *v, uint64_t entity)
{
	size_t		mask = ((size_t) 1 << v->slot_bits) - 1;
	size_t		at = (entity * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - v->slot_bits);

	while (v->slots[at].number != 0 && v->slots[at].entity != entity)
		at = (at + 1) & mask;
	return &v->slots[at];
}

static void
double_slots(visit_state *v, const uint64_t *entities, uint32_t count)
{
	core_check_interrupts();
	clear_slots(v, v->slot_bits + 1);
	for (uint32_t i = 0; i < count; i++)
		*find_slot(v, entities[i]) = (number_slot) {entities[i], i + 1};
}

/*
 * Number the entities of a partition by a table, and count their events in
 * ends[]; returns how many entities there are.
 */
static inline uint32_t
number_entities(visit_state *v, const uint8_t *records, size_t count, bool narrow)
{
	size_t		size = narrow ? FUNNEL_NARROW_SIZE : FUNNEL_MEDIUM_SIZE;
	uint32_t   *numbers = with_room(v, &v->numbers, count * sizeof(uint32_t));
	uint32_t   *ends = with_room(v, &v->ends, (count + 1) * sizeof(uint32_t));
	uint64_t   *entities = with_room(v, &v->entities, count * sizeof(uint64_t));
	uint32_t	found = 0;

	clear_slots(v, v->slots ? v->slot_bits : 10);
	for (size_t i = 0; i < count; i++)
	{
		uint64_t	entity = record_key(records + i * size, narrow);
		number_slot *slot = find_slot(v, entity);

		if (slot->number == 0)
		{
			entities[found] = entity;
			ends[found] = 0;
			*slot = (number_slot) {entity, ++found};
			numbers[i] = found - 1;
			ends[found - 1]++;
			if ((uint64_t) found * 2 > (UINT64_C(1) << v->slot_bits))
				double_slots(v, entities, found);
			continue;
		}
		numbers[i] = slot->number - 1;
		ends[slot->number - 1]++;
	}
	return found;
}

/* Counts of events become where the entity's words begin. */
static void
counts_to_starts(uint32_t *ends, size_t numbers)
{
	uint32_t	start = 0;

	for (size_t i = 0; i < numbers; i++)
	{
		uint32_t	count = ends[i];

		ends[i] = start;
		start += count;
	}
}

/* Inlined twice, so that record sizes are constants. */
static inline __attribute__((always_inline)) void
visit_records(visit_state *v, const uint8_t *records, size_t count, bool narrow)
{
	size_t		size = narrow ? FUNNEL_NARROW_SIZE : FUNNEL_MEDIUM_SIZE;
	uint64_t   *words = with_room(v, &v->words, count * sizeof(uint64_t));
	uint64_t	low = UINT64_MAX;
	uint64_t	high = 0;
	uint32_t	start = 0;
	uint32_t   *ends;
	size_t		numbers;

	for (size_t i = 0; i < count; i++)
	{
		uint64_t	key = record_key(records + i * size, narrow) >> FUNNEL_PARTITION_BITS;

		low = key < low ? key : low;
		high = key > high ? key : high;
	}
	if (high - low < count)
	{
		numbers = high - low + 1;
		ends = with_room(v, &v->ends, numbers * sizeof(uint32_t));
		memset(ends, 0, numbers * sizeof(uint32_t));
		for (size_t i = 0; i < count; i++)
			ends[(record_key(records + i * size, narrow) >> FUNNEL_PARTITION_BITS) - low]++;
		core_check_interrupts();
		counts_to_starts(ends, numbers);
		for (size_t i = 0; i < count; i++)
			words[ends[(record_key(records + i * size, narrow) >> FUNNEL_PARTITION_BITS) - low]++] =
				record_word(records + i * size, narrow);
	}
	else
	{
		const uint32_t *number;

		numbers = number_entities(v, records, count, narrow);
		ends = v->ends.bytes;
		number = v->numbers.bytes;
		core_check_interrupts();
		counts_to_starts(ends, numbers);
		for (size_t i = 0; i < count; i++)
			words[ends[number[i]]++] = record_word(records + i * size, narrow);
	}
	core_check_interrupts();
	for (size_t i = 0; i < numbers; i++)
	{
		if (ends[i] > start)
			visit_words(v, i, words + start, ends[i] - start);
		start = ends[i];
	}
}

static void
visit_partition(visit_state *v, const funnel_chain *chain)
{
	size_t		size = funnel_chain_size(chain);
	uint8_t    *records = with_room(v, &v->records, size);

	funnel_chain_merge(v->state, chain, v->scratch, records);
	if (v->state->layout == FUNNEL_NARROW)
		visit_records(v, records, size / FUNNEL_NARROW_SIZE, true);
	else
		visit_records(v, records, size / FUNNEL_MEDIUM_SIZE, false);
}

void
funnel_visit(const funnel_state *state, core_arena *scratch, funnel_visitor visit, void *context)
{
	bool		rising = state->options.ties != FUNNEL_INCREASING;
	visit_state v = {
		.state = state, .scratch = scratch, .visit = visit, .context = context,
		.direction = rising ? 1 : -1, .flip = rising ? 0 : 255,
		.in_order = state->options.ties == FUNNEL_IN_ORDER
	};

	funnel_log_pending(state);
	if (v.in_order && (state->layout == FUNNEL_NARROW || state->layout == FUNNEL_MEDIUM))
		funnel_refuse_order();
	if (state->layout == FUNNEL_SMALL)
		visit_small(&v);
	else if (state->layout == FUNNEL_GROUPED)
		visit_grouped(&v);
	else
		for (int i = 0; i < FUNNEL_PARTITIONS; i++)
		{
			core_check_interrupts();
			if (funnel_chain_size(&state->chains[i]) == 0)
				continue;
			if (state->layout == FUNNEL_WIDE)
				visit_wide(&v, &state->chains[i]);
			else
				visit_partition(&v, &state->chains[i]);
		}
	free_buffers(&v);
	funnel_visit_deferred(state, scratch, visit, context);
}
