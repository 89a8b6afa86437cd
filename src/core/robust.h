/*
 * robust.h
 *		The middle and the spread of a peer group, whatever its outliers.
 */
#ifndef SALESMGMT_ROBUST_H
#define SALESMGMT_ROBUST_H

#include "core/wire.h"

/*
 * The state of robust_scale: every value, as the order-preserving whole number
 * of its bits (see key_of), for a median has no smaller summary that is exact.
 * The values are a bag: their order is that of the rows, and nothing that is
 * told depends on it.
 */
typedef struct robust_state
{
	int64_t		count;
	int64_t		room;			/* keys there is room for */
	int64_t    *keys;			/* of the arena given to each call */
} robust_state;

typedef struct robust_scale
{
	double		median;
	double		mad;			/* median of |value - median| */
	double		mean_deviation; /* mean of |value - median| */
	int64_t		n;
} robust_scale;

extern void *robust_create(core_arena *arena);
extern void robust_add(robust_state *state, double value, core_arena *arena);
extern void robust_combine(robust_state *state, const robust_state *other, core_arena *arena);

/* The scale of at least one value; the state stays as it is. */
extern robust_scale robust_final(const robust_state *state, core_arena *arena);

/*
 * How far a value is from the median, in standard deviations as the spread of
 * the middle suggests them; false where all values are one.
 */
extern bool robust_distance(double value, const robust_scale *scale, double *z);

/* Raises CORE_INVALID_PARAMETER for a scale that no values have. */
extern void robust_check_scale(const robust_scale *scale);

extern size_t robust_size(const void *state);
extern void robust_write(const void *state, wire_writer *w);
extern void *robust_read(wire_reader *r, core_arena *arena);

#endif							/* SALESMGMT_ROBUST_H */
