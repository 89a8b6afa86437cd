/*
 * funnel_tally.c
 *		Count the journeys of all entities; add up and store what was counted.
 */
#include "core/funnel_tally.h"

#include "core/funnel_deferred.h"

#include <string.h>

#define MOST_ENTITIES (UINT64_C(1) << 62)
#define STORED_STEP (8 + 8 + 8)

/* used: bytes that are in memory already, of the same funnel. */
static funnel_tally *
create_tally(int32_t steps, core_arena *arena, size_t used)
{
	funnel_tally *tally = core_alloc(arena, sizeof(funnel_tally));
	size_t		size = ((size_t) steps + 1) * sizeof(funnel_count_of);

	tally->arena = arena;
	tally->steps = steps;
	tally->at = memset(core_alloc(arena, size), 0, size);
	durations_begin(&tally->times, arena, used);
	tally->entities.members = tally->entities.count = 0;
	return tally;
}

static void
free_tally(funnel_tally *tally)
{
	durations_free(&tally->times);
	core_free(tally->arena, tally->at);
	core_free(tally->arena, tally);
}

static void
add_duration(funnel_tally *tally, durations *list, int64_t from, int64_t to)
{
	durations_add(&tally->times, list, (int64_t) ((uint64_t) to - (uint64_t) from + (uint64_t) FUNNEL_NO_TIME));
}

/* ---- count a log ----------------------------------------------------------------- */

typedef struct counting
{
	funnel_tally *tally;
	bool		times;
	funnel_walker walker;
} counting;

/* A funnel_visitor. */
static void
count_entity(void *context, const funnel_event *events, size_t count)
{
	counting   *c = context;
	funnel_journey journey;
	int			before = 0;		/* the step before k in its chain */

	c->tally->entities.members++;
	funnel_follow(&c->walker, events, count, &journey);
	for (int k = 1; k <= journey.depth; k++)
	{
		funnel_count_of *at = &c->tally->at[k];

		if (journey.skipped & FUNNEL_STEP(k))
			continue;
		at->reached++;
		at->mature += journey.mature;
		if (c->times && k > 1)
		{
			add_duration(c->tally, &at->from_start, journey.at[1], journey.at[k]);
			add_duration(c->tally, &at->from_before, journey.at[before], journey.at[k]);
		}
		before = k;
	}
	if (journey.depth > 0)
		c->tally->at[journey.depth].lost += journey.lost;
}

/* A funnel_hash_visitor. */
static void
note_hash(void *entities, uint64_t hash)
{
	entity_sample_add(entities, hash);
}

/* A sample of the entities that have an event; none is pending. */
static void
note_entities(const funnel_state *state, entity_sample *entities)
{
	funnel_cursor cursor;
	const funnel_event *events;
	size_t		count;

	if (state->entities != NULL)
	{
		for (uint32_t i = 0; i < state->entities->count; i++)
		{
			const entity_record *record = entity_of(state->entities, i);

			note_hash(entities, entity_hash(record->bytes, record->size));
		}
		funnel_deferred_hashes(state, note_hash, entities);
		return;
	}
	funnel_cursor_open(&cursor, state);
	while (events = funnel_next_piece(&cursor, &count), count > 0)
	{
		core_check_interrupts();
		for (size_t i = 0; i < count; i++)
			entity_sample_add(entities, events[i].entity);
	}
}

/* ---- add up -------------------------------------------------------------------- */

static void
add_tally(funnel_tally *tally, const funnel_tally *from)
{
	if (tally->entities.members + from->entities.members > MOST_ENTITIES)
		core_fail(CORE_LIMIT_EXCEEDED, "too many entities in a funnel", NULL, NULL);
	if (entity_sample_merge(&tally->entities, &from->entities))
		core_fail(CORE_INVALID_PARAMETER, "disjoint was promised but partial states share entities",
				  "With disjoint => true, all events of an entity must go into the same partial state.",
				  "Leave disjoint out, or partition the table by entity and scan each partition whole.");
	for (int k = 1; k <= tally->steps; k++)
	{
		funnel_count_of *to = &tally->at[k];
		const funnel_count_of *its = &from->at[k];

		core_check_interrupts();
		to->reached += its->reached;
		to->lost += its->lost;
		to->mature += its->mature;
		durations_add_all(&tally->times, &to->from_start, &from->times, &its->from_start);
		durations_add_all(&tally->times, &to->from_before, &from->times, &its->from_before);
	}
}

/* Count what a state holds; scratch holds what that takes, which is as large as the log. */
static funnel_tally *
count_state(const funnel_state *state, int32_t steps, core_arena *arena, core_arena *scratch)
{
	counting	c;

	/* blocks that went to the file have left their memory with the process */
	c.tally = create_tally(steps, arena, state->file != NULL ? core_memory_limit() : state->held);
	c.times = state->options.times;
	funnel_walker_begin(&c.walker, &state->options, steps, scratch);
	funnel_visit(state, scratch, count_entity, &c);
	if (state->options.disjoint)
		note_entities(state, &c.tally->entities);
	if (state->tally != NULL)
		add_tally(c.tally, state->tally);
	return c.tally;
}

funnel_tally *
funnel_tally_make(const funnel_state *state, int32_t steps, core_arena *arena)
{
	funnel_log_pending(state);
	if (state->tally != NULL && funnel_count(state) == 0)
		return state->tally;
	return count_state(state, steps, arena, arena);
}

/* The tally of a state whose options say the steps, to be kept. */
static funnel_tally *
make_kept(const funnel_state *state)
{
	core_arena *scratch = core_arena_create(state->arena);
	funnel_tally *tally = count_state(state, state->options.steps, state->arena, scratch);

	core_arena_free(scratch);
	return tally;
}

const funnel_tally *
funnel_counted(const funnel_state *counted)
{
	funnel_state *state = (funnel_state *) counted;
	uint64_t	events;

	funnel_log_pending(state);
	events = funnel_count(state);
	if (events == 0 && state->tally != NULL)
		return state->tally;
	if (state->counted != NULL && state->counted_events == events)
		return state->counted;
	funnel_forget_counted(state);
	state->counted = make_kept(state);
	state->counted_events = events;
	return state->counted;
}

void
funnel_forget_counted(const funnel_state *counted)
{
	funnel_state *state = (funnel_state *) counted;

	if (state->counted != NULL)
		free_tally(state->counted);
	state->counted = NULL;
}

/* Count the log, and begin a new one. */
static void
close_log(funnel_state *state)
{
	funnel_state *fresh;

	funnel_log_pending(state);
	if (state->tally != NULL && funnel_count(state) == 0)
		return;
	fresh = funnel_create(state->arena);
	funnel_begin(fresh, state->form, &state->options);
	fresh->options_known_as = state->options_known_as;
	fresh->tally = make_kept(state);
	funnel_forget_counted(state);
	funnel_free_deferred(state);
	*state = *fresh;
}

void
funnel_combine_counted(funnel_state *state, const funnel_state *from)
{
	close_log(state);
	add_tally(state->tally, funnel_counted(from));
	funnel_forget_counted(from);
}

/* ---- stored form --------------------------------------------------------------- */

size_t
funnel_tally_size(const funnel_tally *tally)
{
	size_t		size = entity_sample_size(&tally->entities);

	for (int k = 1; k <= tally->steps; k++)
		size += STORED_STEP + (tally->at[k].from_start.count + tally->at[k].from_before.count) * sizeof(int64_t);
	return size;
}

static void
write_durations(const funnel_tally *tally, const durations *list, wire_writer *w)
{
	durations_cursor *cursor = core_alloc(tally->arena, sizeof(durations_cursor));
	const int64_t *values;
	size_t		count;

	durations_open(cursor, &tally->times, list);
	while (values = durations_next(cursor, &count), count > 0)
		for (size_t i = 0; i < count; i++)
			wire_put_u64(w, (uint64_t) values[i] - (uint64_t) FUNNEL_NO_TIME);
	core_free(tally->arena, cursor);
}

void
funnel_tally_write(const funnel_tally *tally, wire_writer *w)
{
	entity_sample_write(&tally->entities, w);
	for (int k = 1; k <= tally->steps; k++)
	{
		wire_put_u64(w, (uint64_t) tally->at[k].reached);
		wire_put_u64(w, (uint64_t) tally->at[k].lost);
		wire_put_u64(w, (uint64_t) tally->at[k].mature);
		write_durations(tally, &tally->at[k].from_start, w);
		write_durations(tally, &tally->at[k].from_before, w);
	}
}

/* Some of others, as there are entities. */
static int64_t
read_part(wire_reader *r, uint64_t whole)
{
	uint64_t	part = wire_get_u64(r);

	if (part > whole)
		wire_refuse(r, "Its counts do not add up.");
	return (int64_t) part;
}

static void
read_durations(funnel_tally *tally, durations *list, int64_t count, wire_reader *r)
{
	if ((uint64_t) count > (uint64_t) (r->end - r->at) / sizeof(int64_t))
		wire_refuse(r, "It announces more items than it holds.");
	core_check_interrupts();
	for (int64_t i = 0; i < count; i++)
		durations_add(&tally->times, list, (int64_t) (wire_get_u64(r) + (uint64_t) FUNNEL_NO_TIME));
}

funnel_tally *
funnel_tally_read(const funnel_options *options, wire_reader *r, core_arena *arena)
{
	funnel_tally *tally = create_tally(options->steps, arena, 0);
	funnel_steps optional = funnel_optional_steps(options);
	int			required = 1;	/* the last required step before k */
	int64_t		lost = 0;		/* at it and after it */

	entity_sample_read(&tally->entities, r);
	for (int k = 1; k <= options->steps; k++)
	{
		funnel_count_of *at = &tally->at[k];

		at->reached = read_part(r, k == 1 ? tally->entities.members : (uint64_t) tally->at[required].reached);
		at->lost = read_part(r, (uint64_t) at->reached);
		at->mature = read_part(r, (uint64_t) at->reached);
		if (!(optional & FUNNEL_STEP(k)))
		{
			if (k > 1 && lost > tally->at[required].reached - at->reached)
				wire_refuse(r, "Its counts do not add up.");
			required = k;
			lost = 0;
		}
		if (at->lost > tally->at[required].reached - lost)
			wire_refuse(r, "Its counts do not add up.");
		lost += at->lost;
		if (k > 1 && options->times)
		{
			read_durations(tally, &at->from_start, at->reached, r);
			read_durations(tally, &at->from_before, at->reached, r);
		}
	}
	return tally;
}
