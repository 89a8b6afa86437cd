/*
 * score_parts.h
 *		What each indicator (KPI) contributes to a score.
 */
#ifndef SALESMGMT_SCORE_PARTS_H
#define SALESMGMT_SCORE_PARTS_H

#include "core/score.h"

/* One indicator: what came in, and in the result what it contributes. */
typedef struct score_part
{
	const char *kpi;			/* its name, not terminated */
	uint32_t	kpi_size;
	bool		present;		/* false where actual or target is missing */
	bool		has_contribution;	/* false where it is missing, or there is no score */
	double		attainment;		/* within floor and cap; 0 where missing */
	double		weight;
	double		contribution;	/* points of the score */
} score_part;

/*
 * The state of rep_score_parts: the rows themselves, for each comes out again.
 * They are the few indicators of one person.  Their names lie together, as
 * among many groups each place of its own is a wait for memory.  A state of all
 * zero bytes is empty.
 */
typedef struct score_parts_state
{
	const score_options *options;	/* NULL only before the first row */
	int64_t		count;
	int64_t		room;			/* parts there is room for */
	score_part *parts;			/* of the arena given to each call */
	char	   *names;			/* of the arena: where the next name goes */
	size_t		names_left;		/* bytes that are free there */
	size_t		names_room;		/* bytes that were, when it was new */
} score_parts_state;

extern void *score_parts_create(core_arena *arena);
extern void score_parts_add(score_parts_state *state, const score_options *options, const score_row *row,
							const char *kpi, size_t kpi_size, core_arena *arena);
extern void score_parts_combine(score_parts_state *state, const score_parts_state *other, core_arena *arena);

/* The parts in the order of their names, contributions filled in: a copy in the arena. */
extern score_part *score_parts_final(const score_parts_state *state, core_arena *arena);

extern size_t score_parts_size(const void *state);
extern void score_parts_write(const void *state, wire_writer *w);
extern void *score_parts_read(wire_reader *r, core_arena *arena);

#endif							/* SALESMGMT_SCORE_PARTS_H */
