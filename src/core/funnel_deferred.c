/*
 * funnel_deferred.c
 *		Events of more uuids or texts than memory is meant to hold.
 *
 * The log holds numbers, and the dictionary that gives them must be in memory,
 * for any row may ask it for any entity.  So it may grow to half the memory, and
 * then it is closed.  From then on, events of entities that it does not hold are
 * deferred: they go, bytes and all, to a temporary file, split by a hash of the
 * entity into parts.  All events of an entity are either in the log or in one
 * part.  So each part is a funnel of its own, which is logged and
 * visited when the rest is done; should its dictionary be too large again, it
 * defers by other bits of the hash.
 */
#include "core/funnel_deferred.h"

#define PART_BITS 6
#define PARTS (1 << PART_BITS)
#define MOST_DEFERRALS 5		/* the tags of slots need the other bits of the hash */
#define LEAST_MEMORY 32768
#define FIRST_ROOM 1024
#define MOST_ROOM 32768

/* What stands before an entity's bytes. */
typedef struct deferred_event
{
	int64_t		at;
	int32_t		step;
	uint32_t	size;
} deferred_event;

/* Events that were written at once. */
typedef struct deferred_piece
{
	uint64_t	at;
	uint64_t	size;
} deferred_piece;

/* Whole events: first those of the pieces, then those in memory. */
typedef struct deferred_part
{
	deferred_piece *pieces;
	size_t		piece_count;
	size_t		piece_room;
	uint8_t    *bytes;
	size_t		used;
	size_t		room;
} deferred_part;

struct funnel_deferred
{
	core_arena *arena;			/* of all this; closes the file */
	core_file  *file;
	uint64_t	file_size;
	uint64_t	events;
	size_t		largest;		/* piece */
	deferred_part parts[PARTS];
};

size_t
funnel_entity_memory(const funnel_state *state)
{
	return state->entities != NULL ? entity_memory(state->entities) : 0;
}

uint64_t
funnel_deferred_count(const funnel_state *state)
{
	return state->deferred != NULL ? state->deferred->events : 0;
}

void
funnel_bound_entities(funnel_state *state)
{
	size_t		share = core_memory_limit() / 2;
	core_arena *arena;

	if (state->deferred != NULL || state->deferrals == MOST_DEFERRALS ||
		entity_memory(state->entities) <= (share < LEAST_MEMORY ? LEAST_MEMORY : share))
		return;
	arena = core_arena_create(state->arena);
	state->deferred = core_alloc(arena, sizeof(struct funnel_deferred));
	memset(state->deferred, 0, sizeof(struct funnel_deferred));
	state->deferred->arena = arena;
	state->deferred->file = core_file_open(arena);
}

void
funnel_free_deferred(funnel_state *state)
{
	if (state->deferred != NULL)
		core_arena_free(state->deferred->arena);
	state->deferred = NULL;
}

/* ---- to the file and back ------------------------------------------------------ */

/* Write what a part has in memory; then make room for an event of a size. */
static void
flush(struct funnel_deferred *deferred, deferred_part *part, size_t needed)
{
	size_t		room = part->room == 0 ? FIRST_ROOM : part->room * 2;

	core_check_interrupts();
	if (part->used > 0)
	{
		if (part->piece_count == part->piece_room)
		{
			part->piece_room = part->piece_room == 0 ? 16 : part->piece_room * 2;
			part->pieces = core_realloc(deferred->arena, part->pieces, part->piece_room * sizeof(deferred_piece));
		}
		part->pieces[part->piece_count++] = (deferred_piece) {deferred->file_size, part->used};
		core_file_write(deferred->file, deferred->file_size, part->bytes, part->used);
		deferred->file_size += part->used;
		deferred->largest = part->used > deferred->largest ? part->used : deferred->largest;
		part->used = 0;
	}
	room = room > MOST_ROOM ? MOST_ROOM : room;
	room = room < needed ? needed : room;
	if (room != part->room)
	{
		core_free(deferred->arena, part->bytes);
		part->bytes = core_alloc(deferred->arena, room);
		part->room = room;
	}
}

void
funnel_defer(funnel_state *state, const void *bytes, size_t size, uint64_t hash, int64_t at, int32_t step)
{
	struct funnel_deferred *deferred = state->deferred;
	deferred_part *part = &deferred->parts[hash >> (64 - PART_BITS * (state->deferrals + 1)) & (PARTS - 1)];
	deferred_event event = {at, step, (uint32_t) size};
	size_t		needed = sizeof(event) + size;

	if (part->room - part->used < needed)
		flush(deferred, part, needed);
	memcpy(part->bytes + part->used, &event, sizeof(event));
	if (size > 0)
		memcpy(part->bytes + part->used + sizeof(event), bytes, size);
	part->used += needed;
	deferred->events++;
	if (step > state->highest && step <= FUNNEL_MAX_STEPS)
		state->highest = step;
}

/* Called with each event of a part. */
typedef void (*event_visitor) (void *context, const deferred_event *event, const uint8_t *bytes);

static void
visit_bytes(const uint8_t *at, size_t size, event_visitor visit, void *context)
{
	const uint8_t *end = at + size;

	core_check_interrupts();
	while (at < end)
	{
		deferred_event event;

		memcpy(&event, at, sizeof(event));
		visit(context, &event, at + sizeof(event));
		at += sizeof(event) + event.size;
	}
}

static void
visit_part(const struct funnel_deferred *deferred, const deferred_part *part, uint8_t *buffer,
		   event_visitor visit, void *context)
{
	for (size_t i = 0; i < part->piece_count; i++)
	{
		core_file_read(deferred->file, part->pieces[i].at, buffer, part->pieces[i].size);
		visit_bytes(buffer, part->pieces[i].size, visit, context);
	}
	visit_bytes(part->bytes, part->used, visit, context);
}

/* ---- readers --------------------------------------------------------------------- */

/* An event_visitor. */
static void
append_event(void *state, const deferred_event *event, const uint8_t *bytes)
{
	funnel_append_bytes(state, bytes, event->size, event->at, event->step);
}

void
funnel_visit_deferred(const funnel_state *state, core_arena *scratch, funnel_visitor visit, void *context)
{
	const struct funnel_deferred *deferred = state->deferred;

	for (int i = 0; deferred != NULL && i < PARTS; i++)
	{
		core_arena *arena = core_arena_create(scratch);
		funnel_state *part = funnel_create(arena);

		funnel_begin(part, state->form, &state->options);
		part->deferrals = state->deferrals + 1;
		visit_part(deferred, &deferred->parts[i], core_alloc(arena, deferred->largest + 1), append_event, part);
		funnel_visit(part, arena, visit, context);
		core_arena_free(arena);
	}
}

/* An event_visitor. */
static void
log_event(void *context, const deferred_event *event, const uint8_t *bytes)
{
	funnel_state *state = context;

	funnel_append(state, entity_number(state->entities, bytes, event->size), event->at, event->step);
}

void
funnel_undefer(funnel_state *state)
{
	struct funnel_deferred *deferred = state->deferred;
	uint8_t    *buffer = core_alloc(deferred->arena, deferred->largest + 1);

	for (int i = 0; i < PARTS; i++)
		visit_part(deferred, &deferred->parts[i], buffer, log_event, state);
	funnel_free_deferred(state);
}

typedef struct hash_visit
{
	funnel_hash_visitor visit;
	void	   *context;
} hash_visit;

/* An event_visitor. */
static void
visit_hash(void *context, const deferred_event *event, const uint8_t *bytes)
{
	const hash_visit *v = context;

	v->visit(v->context, entity_hash(bytes, event->size));
}

void
funnel_deferred_hashes(const funnel_state *state, funnel_hash_visitor visit, void *context)
{
	const struct funnel_deferred *deferred = state->deferred;
	hash_visit	v = {visit, context};
	uint8_t    *buffer;

	if (deferred == NULL)
		return;
	buffer = core_alloc(deferred->arena, deferred->largest + 1);
	for (int i = 0; i < PARTS; i++)
		visit_part(deferred, &deferred->parts[i], buffer, visit_hash, &v);
	core_free(deferred->arena, buffer);
}
