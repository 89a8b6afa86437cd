/*
 * funnel_tally.h
 *		What is counted of a funnel's entities.
 */
#ifndef SALESMGMT_FUNNEL_TALLY_H
#define SALESMGMT_FUNNEL_TALLY_H

#include "core/durations.h"
#include "core/funnel.h"
#include "core/entity_sample.h"

/*
 * Durations in microseconds, each less 2^63: the first and the last finite
 * instant are further apart than an int64 holds, but not than one holds so.
 */
#define FUNNEL_NO_TIME INT64_MIN

/* The entities of one step. */
typedef struct funnel_count_of
{
	int64_t		reached;
	int64_t		lost;			/* reached it and no deeper, for good */
	int64_t		mature;			/* reached it, of those whose window has passed */
	durations	from_start;		/* one an entity, unless times are not wanted or it is step 1 */
	durations	from_before;
} funnel_count_of;

/*
 * Entities whose events are all known need no log: how many got how far, and
 * how long each took, is all that the result is made of.  Tallies of disjoint sets
 * of entities add up.  Whether they are disjoint is a promise of the caller,
 * which the sample of entities beside the counts watches over.
 */
typedef struct funnel_tally
{
	core_arena *arena;			/* where all of this lives */
	int32_t		steps;
	funnel_count_of *at;		/* step k at [k] */
	durations_pool times;		/* of all steps */
	entity_sample entities;		/* only the number of members unless options are disjoint */
} funnel_tally;

/*
 * The tally of all that a state holds, of which the first steps count.  It may be
 * the state's own: the order of its durations may be changed, nothing else.
 */
extern funnel_tally *funnel_tally_make(const funnel_state *state, int32_t steps, core_arena *arena);

/* The same, kept with the state until more events come or it is forgotten. */
extern const funnel_tally *funnel_counted(const funnel_state *state);
extern void funnel_forget_counted(const funnel_state *state);

/* funnel_combine() where options are disjoint and the same. */
extern void funnel_combine_counted(funnel_state *state, const funnel_state *from);

extern size_t funnel_tally_size(const funnel_tally *tally);
extern void funnel_tally_write(const funnel_tally *tally, wire_writer *w);
extern funnel_tally *funnel_tally_read(const funnel_options *options, wire_reader *r, core_arena *arena);

#endif							/* SALESMGMT_FUNNEL_TALLY_H */
