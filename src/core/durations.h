/*
 * durations.h
 *		Lists of durations, in memory or in a file, and their exact percentiles.
 */
#ifndef SALESMGMT_DURATIONS_H
#define SALESMGMT_DURATIONS_H

#include "core/core.h"

typedef struct durations durations;

/*
 * What a result is made of is two durations an entity and step: more, with many
 * entities, than memory is meant to hold.  So the lists of one result share a
 * budget.  When they outgrow it, all that they hold goes to one file, and from
 * then on each keeps a buffer of fixed size, which goes there when it is full.
 * Nothing is sorted: an exact percentile needs one value and its successor, and
 * a few passes over the list find them (durations_percentile()).
 */
typedef struct durations_pool
{
	core_arena *arena;			/* where the lists live */
	size_t		limit;			/* bytes they may take in memory ... */
	size_t		held;			/* ... and those they take */
	durations  *lists;			/* those that have values */
	core_arena *file_arena;		/* closes the file; NULL: there is none */
	core_file  *file;
	uint64_t	file_size;
} durations_pool;

/* Values of a list that follow each other in the file. */
typedef struct durations_piece
{
	uint64_t	at;
	uint64_t	count;
} durations_piece;

/* Microseconds, in no order.  All zero is an empty list. */
struct durations
{
	uint64_t	count;
	int64_t    *values;			/* the last ones, in memory */
	size_t		held;			/* how many those are ... */
	size_t		room;			/* ... and how many there is room for */
	durations_piece *pieces;	/* those before, in the file */
	size_t		piece_count;
	size_t		piece_room;
	int64_t		least;			/* of those in the file */
	int64_t		greatest;
	durations  *next;			/* of the pool */
};

/* A pool without lists; used is what the state they come from holds in memory already. */
extern void durations_begin(durations_pool *pool, core_arena *arena, size_t used);

/* Free all lists of a pool, and its file. */
extern void durations_free(durations_pool *pool);

/* Make room for one more value. */
extern void durations_grow(durations_pool *pool, durations *list);

static inline void
durations_add(durations_pool *pool, durations *list, int64_t value)
{
	if (list->held == list->room)
		durations_grow(pool, list);
	list->values[list->held++] = value;
	list->count++;
}

/* Values piece by piece, in the order they came. */
#define DURATIONS_PIECE 4096

typedef struct durations_cursor
{
	const durations_pool *pool;
	const durations *list;
	size_t		piece;			/* being read */
	uint64_t	done;			/* values read of it */
	int64_t		values[DURATIONS_PIECE];
} durations_cursor;

extern void durations_open(durations_cursor *cursor, const durations_pool *pool, const durations *list);

/* The next values; how many in *count, 0 after the last.  Meanwhile, other lists may grow. */
extern const int64_t *durations_next(durations_cursor *cursor, size_t *count);

/* Add all values of another list, which may be of the same pool. */
extern void durations_add_all(durations_pool *pool, durations *list,
							  const durations_pool *from_pool, const durations *from);

/* As percentile_of(); the list is not empty, and the order of its values may change. */
extern double durations_percentile(durations_pool *pool, durations *list, double fraction,
								   int64_t origin, double unit);

#endif							/* SALESMGMT_DURATIONS_H */
