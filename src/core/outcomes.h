/*
 * outcomes.h
 *		All that a number of deals may come to, and how probable each is.
 */
#ifndef SALESMGMT_OUTCOMES_H
#define SALESMGMT_OUTCOMES_H

#include "core/core.h"

/* A deal that may go either way, as the convolution takes it. */
typedef struct uncertain_deal
{
	int64_t		size;			/* in cents, > 0; then in cells, >= 0 */
	double		take;			/* probability that size is added, 0 .. 1, both excluded */
	double		leave;			/* 1 - take */
} uncertain_deal;

/* What the deals come to before any of the uncertain ones is decided, and how they are cut into cells. */
typedef struct layout
{
	uncertain_deal *deals;
	int64_t		count;
	int64_t		offset;			/* cents for sure */
	int64_t		total;			/* sum of the sizes in cents */
	int64_t		grid;			/* cents a cell */
	bool		listed;			/* outcomes are listed, instead of having a cell each */
	int64_t		too_low;		/* an outcome of the grid is below the true one by this at most */
	int64_t		too_high;		/* or above it by this */
} layout;

/* The distribution: probability[i] of at[i] cells, ascending, or of first + i where at is NULL. */
typedef struct distribution
{
	double	   *probability;	/* in one of the two rooms */
	int64_t    *at;				/* in the room beside it */
	int64_t		first;
	int64_t		count;
	double		all;			/* sum of the probabilities, which is 1 but for rounding */
	double	   *rooms[2];
	int64_t    *at_rooms[2];
} distribution;

/* The distribution of the deals of a layout; its rooms are in the arena. */
extern void outcomes_distribute(const layout *l, distribution *d, core_arena *arena);
extern void outcomes_free(distribution *d, core_arena *arena);

#endif							/* SALESMGMT_OUTCOMES_H */
