/*
 * bookings.h
 *		The distribution of what a number of deals may bring together.
 */
#ifndef SALESMGMT_BOOKINGS_H
#define SALESMGMT_BOOKINGS_H

#include "core/wire.h"

/* Amounts in cents that a double holds exactly, and what all together may come to. */
#define BOOKINGS_MAX_AMOUNT INT64_C(9000000000000000)
#define BOOKINGS_MAX_TOTAL INT64_C(1000000000000000000)

/* Cells of the grid that the distribution is computed on. */
#define BOOKINGS_MAX_CELLS (INT64_C(1) << 18)

typedef struct bookings_deal
{
	int64_t		cents;			/* what it brings if won; below 0, what it takes */
	double		probability;	/* of winning it, 0 .. 1 */
} bookings_deal;

/*
 * The state: the deals.  Nothing smaller will do, for a distribution depends
 * on each of them; they are kept as they come, and sorted in the end.
 */
typedef struct bookings_state
{
	int64_t		missing;		/* deals whose amount or probability is not known */
	int64_t		rounded;		/* of deals, those whose amount had fractions of a cent */
	int64_t		count;
	int64_t		room;
	bookings_deal *deals;
} bookings_state;

/* Amounts in cents. */
typedef struct bookings_result
{
	int64_t		p10;			/* in one case of ten no more than this comes */
	int64_t		p50;
	int64_t		p90;
	int64_t		expected;		/* sum of amount * probability */
	int64_t		grid;			/* amounts were taken as multiples of this */
	int64_t		error_bound;	/* no outcome is off by more */
	double		chance;			/* that the target is reached */
	double		chance_lower;	/* whatever the errors do */
	double		chance_upper;
} bookings_result;

extern void bookings_create(bookings_state *state);
/* The cents must be within BOOKINGS_MAX_AMOUNT. */
extern void bookings_add(bookings_state *state, int64_t cents, double probability, bool rounded,
						 core_arena *arena);
extern void bookings_combine(bookings_state *state, const bookings_state *other, core_arena *arena);
/* The target is in cents and within 4 * BOOKINGS_MAX_TOTAL; the arena is for scratch. */
extern bookings_result bookings_final(const bookings_state *state, int64_t target, core_arena *arena);

extern size_t bookings_size(const bookings_state *state);
extern void bookings_write(const bookings_state *state, wire_writer *w);
extern void bookings_read(bookings_state *state, wire_reader *r, core_arena *arena);

#endif							/* SALESMGMT_BOOKINGS_H */
