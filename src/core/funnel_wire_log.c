/*
 * funnel_wire_log.c
 *		The stored form of a funnel's log.
 *
 * Partitions travel as they are, record by record: a parallel query's workers
 * hand millions of events to the leader this way, so writing is copying and
 * reading is checking and copying.  Small and wide logs are stored as events.
 */
#include "core/funnel.h"

/* Bytes of an event: entity, time, step. */
#define STORED_EVENT (8 + 8 + 1)

static bool
is_partitioned(funnel_layout layout)
{
	return layout == FUNNEL_NARROW || layout == FUNNEL_MEDIUM;
}

/*
 * Numbers of size bytes each, and of the other size by turns: from the order
 * of this machine to that of the wire or back.
 */
static void
turn_bytes(uint8_t *bytes, size_t total, size_t size, size_t other)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	for (uint8_t *end = bytes + total; bytes < end; bytes += size, total = size, size = other, other = total)
		for (size_t i = 0; i < size / 2; i++)
		{
			uint8_t		held = bytes[i];

			bytes[i] = bytes[size - 1 - i];
			bytes[size - 1 - i] = held;
		}
#endif
}

static void
turn_records(funnel_layout layout, uint8_t *bytes, size_t total)
{
	turn_bytes(bytes, total, layout == FUNNEL_NARROW ? 4 : 8, 8);
}

size_t
funnel_log_size(const funnel_state *state)
{
	uint64_t	count = funnel_count(state);

	if (is_partitioned(state->layout))
		return 1 + 8 + FUNNEL_PARTITIONS * 8 + count * funnel_record_size(state->layout);
	if (state->layout == FUNNEL_GROUPED)
		return 1 + 8 + funnel_chain_size(state->chains);
	return 1 + 8 + count * STORED_EVENT;
}

static void
write_chain(const funnel_state *state, const funnel_chain *chain, size_t unit, wire_writer *w)
{
	uint8_t		buffer[FUNNEL_BLOCK_MAX];

	wire_put_u64(w, funnel_chain_size(chain) / unit);
	for (const funnel_block *block = chain->first; block != NULL; block = block->next)
	{
		uint8_t    *start = w->at;
		size_t		size = funnel_block_size(chain, block);

		core_check_interrupts();
		wire_put_bytes(w, funnel_block_bytes(state, block, buffer), size);
		turn_records(state->layout, start, size);
	}
}

void
funnel_log_write(const funnel_state *state, wire_writer *w)
{
	funnel_cursor cursor;
	const funnel_event *events;
	size_t		count;

	funnel_settle(state);
	wire_put_u8(w, (uint8_t) state->layout);
	if (state->layout == FUNNEL_GROUPED)
		write_chain(state, state->chains, sizeof(uint64_t), w);
	else if (is_partitioned(state->layout))
	{
		wire_put_u64(w, state->base);
		for (int i = 0; i < FUNNEL_PARTITIONS; i++)
			write_chain(state, &state->chains[i], funnel_record_size(state->layout), w);
	}
	else
	{
		wire_put_u64(w, funnel_count(state));
		funnel_cursor_open(&cursor, state);
		while (events = funnel_next_piece(&cursor, &count), count > 0)
			for (size_t i = 0; i < count; i++)
			{
				wire_put_u64(w, events[i].entity);
				wire_put_u64(w, (uint64_t) events[i].at);
				wire_put_u8(w, (uint8_t) events[i].step);
			}
	}
}

/* ---- read ----------------------------------------------------------------------- */

/* What an event of a stored log may be. */
typedef struct log_limits
{
	bool		steps[256];		/* steps that may be logged */
	uint8_t		seen[256];		/* those that are */
	int64_t		latest;
	bool		numbered;		/* entities are numbers ... */
	uint64_t	entities;		/* ... below this */
} log_limits;

/* Could funnel_classify() have said this? */
static bool
may_be_logged(const funnel_options *options, int32_t step)
{
	switch (step)
	{
		case FUNNEL_LOST:
			return options->has_lost_step;
		case FUNNEL_EXCLUDED_BELOW:
		case FUNNEL_EXCLUDED:
			return options->exclude.count > 0;
		case FUNNEL_ABOVE:
			return options->mode == FUNNEL_STRICT && options->steps > 0;
	}
	if (step > FUNNEL_UNCOUNTED)
		return options->ties == FUNNEL_IN_ORDER && step <= FUNNEL_UNCOUNTED + FUNNEL_MAX_STEPS;
	for (int i = 0; i < options->exclude.count; i++)
		if (step == options->exclude.items[i])
			return false;
	return step <= (options->steps > 0 ? options->steps : FUNNEL_MAX_STEPS) &&
		!(options->has_lost_step && step == options->lost_step);
}

static int64_t
latest_time(const funnel_options *options)
{
	return options->has_as_of ? options->as_of : CALENDAR_END - 1;
}

bool
funnel_may_log(const funnel_options *options, int64_t at, int32_t step)
{
	return at >= CALENDAR_MIN && at <= latest_time(options) && may_be_logged(options, step);
}

static void
set_limits(log_limits *limits, const funnel_state *state)
{
	const funnel_options *options = &state->options;

	memset(limits, 0, sizeof(*limits));
	for (int32_t step = 0; step < 256; step++)
		limits->steps[step] = may_be_logged(options, step);
	limits->latest = latest_time(options);
	limits->numbered = state->entities != NULL;
	limits->entities = state->entities ? state->entities->count : 0;
}

static inline void
check_event(log_limits *limits, wire_reader *r, uint64_t entity, int64_t at, int32_t step)
{
	if (limits->numbered && entity >= limits->entities)
		wire_refuse(r, "An event names an entity that is not there.");
	if (at < CALENDAR_MIN || at > limits->latest)
		wire_refuse(r, "An event has a time that it cannot have.");
	if (!limits->steps[step])
		wire_refuse(r, "An event has a step that it cannot have.");
	limits->seen[step] = 1;
}

static void
read_events(funnel_state *state, log_limits *limits, wire_reader *r)
{
	uint64_t	count = wire_get_count(r, STORED_EVENT);

	for (uint64_t i = 0; i < count; i++)
	{
		uint64_t	entity = wire_get_u64(r);
		int64_t		at = (int64_t) wire_get_u64(r);
		int32_t		step = wire_get_u8(r);

		if (i % 4096 == 0)
			core_check_interrupts();
		check_event(limits, r, entity, at, step);
		funnel_append(state, entity, at, step);
	}
}

/* Records of the end of a chain, already copied to where they will stay. */
static inline __attribute__((always_inline)) void
check_records(const funnel_state *state, log_limits *limits, wire_reader *r, uint32_t partition,
			  const uint8_t *bytes, size_t size, bool narrow)
{
	size_t		record = narrow ? FUNNEL_NARROW_SIZE : FUNNEL_MEDIUM_SIZE;

	for (size_t at = 0; at < size; at += record)
	{
		uint64_t	entity;
		uint64_t	word;
		uint32_t	key;

		if (narrow)
		{
			memcpy(&key, bytes + at, 4);
			entity = state->base + key;
		}
		else
			memcpy(&entity, bytes + at, 8);
		memcpy(&word, bytes + at + record - 8, 8);
		check_event(limits, r, entity, funnel_word_at(word), funnel_word_step(word));
		if (funnel_partition_of(entity) != partition)
			wire_refuse(r, "An event lies in a partition that is not its entity's.");
	}
}

/* Append size bytes to a chain, a block at a time, each checked where it lies. */
static void
read_chain(funnel_state *state, log_limits *limits, wire_reader *r, uint32_t partition)
{
	funnel_chain *chain = &state->chains[partition];
	bool		narrow = state->layout == FUNNEL_NARROW;
	size_t		rest = (size_t) wire_get_count(r, funnel_record_size(state->layout))
		* funnel_record_size(state->layout);

	while (rest > 0)
	{
		uint8_t    *start;
		size_t		take;

		if (chain->at == chain->end)
			funnel_chain_grow(state, chain);
		start = chain->at;
		take = (size_t) (chain->end - start) < rest ? (size_t) (chain->end - start) : rest;
		memcpy(start, wire_get_bytes(r, take), take);
		turn_records(state->layout, start, take);
		if (narrow)
			check_records(state, limits, r, partition, start, take, true);
		else
			check_records(state, limits, r, partition, start, take, false);
		chain->at += take;
		rest -= take;
	}
}

static void
read_partitions(funnel_state *state, funnel_layout layout, log_limits *limits, wire_reader *r)
{
	uint64_t	base = wire_get_u64(r);

	if (base % FUNNEL_PARTITIONS != 0)
		wire_refuse(r, "Its entities begin where they cannot.");
	if (state->layout == FUNNEL_SMALL)
		funnel_log_begin(state, layout, base);
	for (uint32_t i = 0; i < FUNNEL_PARTITIONS; i++)
		read_chain(state, limits, r, i);
}

/* Words of a grouped log are appended anew: it comes out as it was, or as partitions. */
static void
read_grouped(funnel_state *state, log_limits *limits, wire_reader *r)
{
	uint64_t	count = wire_get_count(r, 8);
	uint64_t	entity = 0;
	bool		has_entity = false;

	for (uint64_t i = 0; i < count; i++)
	{
		uint64_t	word = wire_get_u64(r);

		if (i % 4096 == 0)
			core_check_interrupts();
		if (word == FUNNEL_ENTITY_FOLLOWS && ++i < count)
		{
			entity = wire_get_u64(r);
			has_entity = true;
			continue;
		}
		if (!has_entity)
			wire_refuse(r, "Its first event is of no entity.");
		check_event(limits, r, entity, funnel_word_at(word), funnel_word_step(word));
		funnel_append(state, entity, funnel_word_at(word), funnel_word_step(word));
	}
}

bool
funnel_log_continues(const funnel_state *state, const wire_reader *r)
{
	wire_reader ahead = *r;
	uint8_t		layout = wire_get_u8(&ahead);

	if (!is_partitioned((funnel_layout) layout))
		return true;
	if (state->layout == FUNNEL_SMALL)
		return state->small_count == 0;
	return state->layout == (funnel_layout) layout && state->base == wire_get_u64(&ahead);
}

void
funnel_log_read(funnel_state *state, wire_reader *r)
{
	uint8_t		layout = wire_get_u8(r);
	log_limits	limits;

	set_limits(&limits, state);
	switch (layout)
	{
		case FUNNEL_SMALL:
		case FUNNEL_WIDE:
			read_events(state, &limits, r);
			break;
		case FUNNEL_GROUPED:
			read_grouped(state, &limits, r);
			break;
		case FUNNEL_NARROW:
		case FUNNEL_MEDIUM:
			read_partitions(state, (funnel_layout) layout, &limits, r);
			break;
		default:
			wire_refuse(r, "Its layout is not one that this version knows.");
	}
	for (int32_t step = 1; step <= FUNNEL_MAX_STEPS; step++)
		if (limits.seen[step] && step > state->highest)
			state->highest = step;
}
