/*
 * funnel.h
 *		Funnels: how many entities get how far, how fast, and who still may.
 *
 * Five parts.  funnel_rules.c says which options make sense.  funnel.c keeps
 * what the rows say until all of them are there (the log); funnel_wire.c
 * stores it, and funnel_sort.c finds each entity's events in time order.
 * funnel_chain.c is the meaning: from one entity's events to how deep it got,
 * when, and its fate; funnel_search.c helps where that takes more than a walk.
 * funnel_tally.c counts, and funnel_result.c says what comes out.
 */
#ifndef SALESMGMT_FUNNEL_H
#define SALESMGMT_FUNNEL_H

#include "core/calendar.h"
#include "core/core.h"
#include "core/entity.h"
#include "core/funnel_log.h"
#include "core/wire.h"

#define FUNNEL_MAX_STEPS 64

/* ---- options ------------------------------------------------------------- */

typedef enum funnel_mode
{
	FUNNEL_ORDERED,
	FUNNEL_STRICT,
	FUNNEL_UNORDERED,
	FUNNEL_FURTHEST
} funnel_mode;

typedef enum funnel_anchor
{
	FUNNEL_FIRST,
	FUNNEL_ANY
} funnel_anchor;

typedef enum funnel_ties
{
	FUNNEL_EITHER,
	FUNNEL_INCREASING,
	FUNNEL_IN_ORDER				/* as the rows come: of stage_times only, a promise */
} funnel_ties;

/* A list of step numbers; items may be NULL where count is 0. */
typedef struct funnel_list
{
	int			count;
	const int32_t *items;
} funnel_list;

/* All that can vary how rows are counted; constant in a group. */
typedef struct funnel_options
{
	int32_t		steps;			/* how many; 0: the highest seen */
	bool		has_within;
	bool		has_lost_step;
	bool		has_as_of;
	bool		has_step_within;
	bool		times;			/* percentiles wanted */
	bool		disjoint;		/* promise: no entity spans two partial states */
	funnel_mode mode;
	funnel_anchor anchor;
	funnel_ties ties;
	int32_t		lost_step;
	int64_t		as_of;
	calendar_span within;
	int			step_within_count;
	const calendar_span *step_within;
	funnel_list optional;
	funnel_list exclude;
} funnel_options;

/* Why options are refused. */
typedef struct funnel_flaw
{
	core_error	error;
	char		message[128];
	const char *detail;
} funnel_flaw;

extern void funnel_options_default(funnel_options *options);

/* Is there something wrong with these options?  Then *flaw says what. */
extern bool funnel_options_flawed(const funnel_options *options, funnel_flaw *flaw);

/* Let options own their lists: copies in the arena. */
extern void funnel_options_own(funnel_options *options, core_arena *arena);

/* The same as funnel_options_flawed(), with the error raised. */
extern void funnel_options_check(const funnel_options *options);

/* Once the number of steps is known: does an option name one of them that may not? */
extern void funnel_steps_check(const funnel_options *options, int32_t steps);

/* Options that have passed the check, and that have 0 in what they do not set. */
extern bool funnel_options_equal(const funnel_options *a, const funnel_options *b);

/* ---- the log --------------------------------------------------------------- */

/*
 * What events are logged as that are no step of the funnel: of lost_step, of a
 * step of exclude (by the side of the steps its number lies on), and, in mode
 * 'strict' only, of a step above `steps`.
 */
#define FUNNEL_LOST 0
#define FUNNEL_EXCLUDED_BELOW (FUNNEL_MAX_STEPS + 1)
#define FUNNEL_EXCLUDED (FUNNEL_MAX_STEPS + 2)
#define FUNNEL_ABOVE (FUNNEL_MAX_STEPS + 3)

/* In order only: an event of step -k is logged as this and k (129 to 192). */
#define FUNNEL_UNCOUNTED 128

/* What funnel_classify() says of an event that does not count. */
#define FUNNEL_IGNORED (-1)

typedef enum funnel_form
{
	FUNNEL_NO_FORM,				/* a new state that has not seen a row */
	FUNNEL_INT8,
	FUNNEL_UUID,
	FUNNEL_TEXT
} funnel_form;

#define FUNNEL_PENDING 64
#define FUNNEL_PENDING_BYTES 4096

/*
 * Events of uuids and texts wait for each other, so that their entities are
 * looked up many at a time (entity.h).  Whoever reads the log sees to them first.
 */
typedef struct funnel_pending
{
	uint32_t	count;
	uint32_t	used;			/* of bytes */
	struct
	{
		uint64_t	hash;		/* of the entity */
		uint32_t	offset;		/* of its bytes */
		uint32_t	size;
		int64_t		at;
		int32_t		step;
	}			events[FUNNEL_PENDING];
	uint8_t		bytes[FUNNEL_PENDING_BYTES];
} funnel_pending;

/*
 * The transition state.
 *
 * A funnel cannot be counted row by row: rows come in any order, and an event
 * of the past may change the whole chain.  So the state is a log of the events
 * as they came.  Sorting 10M events at the end as one array would miss every
 * cache; the log of a large group is therefore split by a hash of the entity
 * into partitions, each of which is sorted alone and fits.  An entity lies in
 * one partition whole.  Most of what a row costs is the memory it is written to,
 * so records are small: 12 bytes, widened once at the first value that does
 * not fit (funnel_log.h).  While entities come in rising order, there is nothing to
 * split: the log holds one entity after the other.
 *
 * A funnel by rep and month has thousands of small groups, so a group starts with
 * one small array, which grows to 1,024 events before it is split.
 *
 * The logs of a parallel query's processes make one log whose blocks stay where
 * they are, in streams (funnel_apart.c); funnel_merge.c makes one order of them.
 *
 * Where the caller promises that no entity spans two partial states (disjoint),
 * a state that is stored or combined needs no log: it is counted, and what is
 * left is a tally (funnel_tally.h).  Only the state that rows are added to
 * has a log; events of entities that lie in its tally are a broken promise.
 */
typedef struct funnel_state
{
	core_arena *arena;			/* where all of this lives */
	funnel_form form;			/* type of the entities */
	funnel_options options;
	uint64_t	options_known_as;	/* the caller's mark of options already compared, or 0 */
	int32_t		highest;		/* highest step logged, 0 for none */
	funnel_layout layout;
	uint32_t	easy_steps;		/* steps 1..easy_steps up to easy_time are logged as they are */
	uint64_t	easy_time;		/* since FUNNEL_TIME_BASE */
	uint64_t	base;			/* what narrow records hold entities above */
	funnel_chain *chains;		/* the log: a chain a partition, or one of a grouped log */
	core_file  *file;			/* where full blocks go that memory has no place for, or NULL */
	uint64_t	file_size;
	size_t		held;			/* bytes of all blocks in memory */
	uint64_t	lowest;			/* grouped: the entity of the first event ... */
	uint64_t	current;		/* ... and of the last ... */
	uint64_t	groups;			/* ... and how many entities there are */
	funnel_event *small;		/* the log of a small group ... */
	uint32_t	small_count;	/* ... how many events it has ... */
	uint32_t	small_room;		/* ... and how many it has room for */
	entity_dictionary *entities;	/* of uuid and text, else NULL */
	funnel_pending *pending;	/* events of a large group still to be logged, or NULL */
	struct funnel_deferred *deferred;	/* events of entities that the dictionary has no place for, or NULL */
	unsigned	deferrals;		/* how often the state's events have been deferred before */
	struct stage_instant *instant;	/* of stage_times with places: rows still to be logged, or NULL */
	struct funnel_tally *tally; /* disjoint: entities counted already, or NULL */
	struct funnel_tally *counted;	/* disjoint: the tally with the log, while it is stored ... */
	uint64_t	counted_events; /* ... and how many events the log had */
} funnel_state;

extern funnel_state *funnel_create(core_arena *arena);

/* Set form and options of a new state; options are checked already. */
extern void funnel_begin(funnel_state *state, funnel_form form, const funnel_options *options);

/* What an event is logged as, or FUNNEL_IGNORED; refuses what cannot be. */
extern int32_t funnel_classify(const funnel_state *state, int32_t step, int64_t at);

/* Log an event as funnel_classify() said. */
extern void funnel_append(funnel_state *state, uint64_t entity, int64_t at, int32_t step);

/* The same for an entity known by its bytes. */
extern void funnel_append_bytes(funnel_state *state, const void *bytes, size_t size, int64_t at, int32_t step);

/*
 * Log what is pending, and, to settle, what is deferred as well: then the log and
 * the dictionary are all there is.  This changes nothing that a state says, hence const.
 */
extern void funnel_log_pending(const funnel_state *state);
extern void funnel_settle(const funnel_state *state);

/* Events, logged or deferred, and bytes of a record of a partitioned layout. */
extern uint64_t funnel_count(const funnel_state *state);
extern size_t funnel_record_size(funnel_layout layout);

/* Room for one more record at the end of a chain; records of any size fill blocks whole. */
extern void funnel_chain_grow(funnel_state *state, funnel_chain *chain);

/* Append bytes that are whole records. */
extern void funnel_chain_put(funnel_state *state, funnel_chain *chain, const void *bytes, size_t size);

/*
 * Append whole records that stay where they are, and outlive the state, which
 * does not change them.  Do they begin a stream, that is, an order of arrival of their own?
 */
extern void funnel_chain_lend(funnel_state *state, funnel_chain *chain, const uint8_t *bytes, size_t size,
							  bool begins);

/* The bytes of a block, which are read into buffer (FUNNEL_BLOCK_MAX bytes) if they lie in the file. */
extern const uint8_t *funnel_block_bytes(const funnel_state *state, const funnel_block *block, uint8_t *buffer);

/* Copy all of a chain to one place. */
extern void funnel_chain_copy(const funnel_state *state, const funnel_chain *chain, uint8_t *to);

/* The same for narrow and medium records, streams merged by time as far as that goes quickly. */
extern void funnel_chain_merge(const funnel_state *state, const funnel_chain *chain, core_arena *scratch,
							   uint8_t *to);

/* Add all that from holds to state; from stays as it is. */
extern void funnel_combine(funnel_state *state, const funnel_state *from);

/* The same where from outlives state and is not changed any more: its log may stay where it is. */
extern void funnel_combine_lasting(funnel_state *state, const funnel_state *from);

/*
 * funnel_classify() and funnel_append() in one, and inlined as far as nearly
 * all rows of a large group need: what is not easy takes the long way.
 */
static inline void
funnel_add_row(funnel_state *state, uint64_t entity, int32_t step, int64_t at)
{
	uint64_t	since = funnel_since_base(at);

	if ((uint32_t) step - 1 < state->easy_steps && since <= state->easy_time)
	{
		uint64_t	word = since << 8 | (uint64_t) step;
		funnel_chain *chain = state->chains;

		if (step > state->highest)
			state->highest = step;
		if (state->layout == FUNNEL_NARROW)
		{
			uint64_t	key = entity - state->base;

			chain += funnel_partition_of(entity);
			if (key <= UINT32_MAX && chain->at != chain->end)
			{
				funnel_put_narrow(chain->at, (uint32_t) key, word);
				chain->at += FUNNEL_NARROW_SIZE;
				return;
			}
		}
		else if (state->layout == FUNNEL_MEDIUM)
		{
			chain += funnel_partition_of(entity);
			if (chain->at != chain->end)
			{
				funnel_put_medium(chain->at, entity, word);
				chain->at += FUNNEL_MEDIUM_SIZE;
				return;
			}
		}
		else if (entity == state->current && chain->at != chain->end)
		{
			memcpy(chain->at, &word, sizeof(word));
			chain->at += sizeof(word);
			return;
		}
	}
	else if ((step = funnel_classify(state, step, at)) == FUNNEL_IGNORED)
		return;
	funnel_append(state, entity, at, step);
}

/* Is this event logged as it is, as nearly all of a large group are?  Else funnel_classify() says. */
static inline bool
funnel_is_easy(const funnel_state *state, int32_t step, int64_t at)
{
	return (uint32_t) step - 1 < state->easy_steps && funnel_since_base(at) <= state->easy_time;
}

#define FUNNEL_PIECE 512

/* Goes over all events of a log, whichever layout it has, in no order of entities. */
typedef struct funnel_cursor
{
	const funnel_state *state;
	int			chain;			/* being read */
	const funnel_block *block;	/* of it; NULL: at its end */
	const uint8_t *bytes;		/* of the block; NULL: not looked at yet */
	size_t		done;			/* bytes read of the block; of a small log, events */
	uint64_t	entity;			/* grouped: of the words that follow */
	bool		entity_follows; /* grouped: the next word is an entity */
	funnel_event events[FUNNEL_PIECE];
	uint8_t		buffer[FUNNEL_BLOCK_MAX];
} funnel_cursor;

extern void funnel_cursor_open(funnel_cursor *cursor, const funnel_state *state);

/* The next events; how many in *count, 0 after the last. */
extern const funnel_event *funnel_next_piece(funnel_cursor *cursor, size_t *count);

/* A log without events, of a layout; base is for narrow records. */
extern void funnel_log_begin(funnel_state *state, funnel_layout layout, uint64_t base);

/* The part of the stored form that is the log. */
extern size_t funnel_log_size(const funnel_state *state);
extern void funnel_log_write(const funnel_state *state, wire_writer *w);
extern void funnel_log_read(funnel_state *state, wire_reader *r);

/* The log apart from the rest, as funnel_write_apart() has it. */
extern size_t funnel_log_rest_size(void);
extern void funnel_log_write_apart(const funnel_state *state, wire_writer *rest, uint8_t *bulk);
extern void funnel_log_read_apart(funnel_state *state, wire_reader *rest, const uint8_t *bulk, size_t size);

/* May an event of a stored state have this time and step? */
extern bool funnel_may_log(const funnel_options *options, int64_t at, int32_t step);

/* May the stored log that comes next be read into a state that has events already? */
extern bool funnel_log_continues(const funnel_state *state, const wire_reader *r);

extern size_t funnel_size(const funnel_state *state);
extern void funnel_write(const funnel_state *state, wire_writer *w);
extern funnel_state *funnel_read(wire_reader *r, core_arena *arena);

/* The same where ties may be up to most: the states of funnels end at FUNNEL_INCREASING. */
extern funnel_state *funnel_read_ties(wire_reader *r, core_arena *arena, funnel_ties most);

/* funnel_read() and funnel_combine() in one, which spares a copy of the log. */
extern void funnel_combine_stored(funnel_state *state, wire_reader *r, core_arena *scratch);

/*
 * A state in two parts, for another process of the same query: the log as it
 * is, of so many bytes (0: such a state is stored whole), and all the rest.
 */
extern size_t funnel_bulk_size(const funnel_state *state);
extern size_t funnel_rest_size(const funnel_state *state);
extern void funnel_write_apart(const funnel_state *state, wire_writer *rest, uint8_t *bulk);

/* Combine what funnel_write_apart() wrote; bulk outlives state. */
extern void funnel_combine_apart(funnel_state *state, wire_reader *rest, const uint8_t *bulk, size_t size,
								 core_arena *scratch);

/* Called with the events of one entity, in order of time and, within an instant, of ties. */
typedef void (*funnel_visitor) (void *context, const funnel_event *events, size_t count);

/*
 * Visit every entity's events; the state stays as it is, scratch holds copies.
 * In order, nothing is sorted: events that are not in order are refused.
 */
extern void funnel_visit(const funnel_state *state, core_arena *scratch,
						 funnel_visitor visit, void *context);

/* Refuse rows that are not in the order that was promised. */
extern _Noreturn void funnel_refuse_order(void);

/* ---- one entity ------------------------------------------------------------ */

/* A set of steps: bit k - 1 is step k. */
typedef uint64_t funnel_steps;

#define FUNNEL_STEP(k) (UINT64_C(1) << ((k) - 1))

extern funnel_steps funnel_optional_steps(const funnel_options *options);

/* What following one entity after another needs; made once a result. */
typedef struct funnel_walker
{
	const funnel_options *options;
	int32_t		steps;			/* how many */
	funnel_steps optional;		/* those that may be skipped */
	core_arena *scratch;
	struct funnel_search *search;	/* where chains must be searched, else NULL */
} funnel_walker;

/* What became of an entity. */
typedef struct funnel_journey
{
	int			depth;			/* deepest step reached; 0: it never entered, or is excluded */
	funnel_steps skipped;		/* optional steps below depth that are not in the chain */
	int64_t		at[FUNNEL_MAX_STEPS + 1];	/* when it reached step k, 1 <= k <= depth */
	bool		lost;			/* it is certain not to get deeper */
	bool		mature;			/* its whole window has passed */
} funnel_journey;

/* options and scratch must live as long as the walker. */
extern void funnel_walker_begin(funnel_walker *walker, const funnel_options *options, int32_t steps,
								core_arena *scratch);

/* events: all of one entity, as funnel_visit() hands them over. */
extern void funnel_follow(funnel_walker *walker, const funnel_event *events, size_t count,
						  funnel_journey *journey);

/* The last instant of the window that opens at start, itself inside. */
extern int64_t funnel_window_end(const funnel_options *options, int64_t start);

/*
 * The chain that counts where the first occasion of a step may be the wrong
 * one: depth, times and skipped steps.  Returns whether events to come may
 * take the entity deeper, as far as its chains go.
 */
extern struct funnel_search *funnel_search_create(const funnel_walker *walker);
extern bool funnel_search(struct funnel_search *search, const funnel_event *events, size_t count,
						  funnel_journey *journey);

/* ---- the result ------------------------------------------------------------ */

/* A figure that may be unknown (SQL NULL). */
typedef struct funnel_figure
{
	bool		known;
	double		value;
} funnel_figure;

typedef struct funnel_step
{
	int64_t		entered;
	int64_t		reached;
	int64_t		lost;
	int64_t		pending;
	funnel_figure conversion_rate;
	funnel_figure step_rate;
	funnel_figure mature_rate;
	funnel_figure median_days;
	funnel_figure p90_days;
	funnel_figure step_median_days;
	funnel_figure step_p90_days;
} funnel_step;

/*
 * Count: fills steps[0..n-1] and returns n; 0 where neither the options nor an event
 * say how many steps there are.
 */
extern int	funnel_result(const funnel_state *state, core_arena *scratch,
						  funnel_step steps[FUNNEL_MAX_STEPS]);

#endif							/* SALESMGMT_FUNNEL_H */
