/*
 * amount_sum.h
 *		A sum of numerics that equals the server's sum(), and can be undone.
 */
#ifndef SALESMGMT_AMOUNT_SUM_H
#define SALESMGMT_AMOUNT_SUM_H

#include "salesmgmt.h"

#include "utils/builtins.h"
#include "utils/numeric.h"

/*
 * A sum of numerics that equals sum() in value and in scale, whatever came in,
 * in whatever order, and whatever left again.
 *
 * Scale.  The scale of sum() is the highest scale among its inputs: 1.50 + 2.5
 * is 4.00.  When a value leaves a moving window, the sum must go back to the
 * highest scale of the values that stay.  The server's sum() does not know it
 * and has the window summed afresh; we count the values of each scale.  There
 * are rarely more than one or two, so a short sorted array does.  The sum is
 * always kept at the highest scale that has a value.
 *
 * Range.  sum() may pass through totals too large for a numeric, as long as the
 * end fits.  So must we, or the row order would decide over success.  The total
 * is carries * 10^131072 + sum; carries is 0 in any practical case.
 *
 * A sum that is all zero bytes has no values.
 */
typedef struct scale_count
{
	int32		scale;			/* digits after the point */
	int64		count;			/* how many values have that many; > 0 */
} scale_count;

typedef struct amount_sum
{
	int64		count;			/* values in the sum: the sum of scales[].count */
	Numeric		sum;			/* their total without carries, at the highest scale; meaningless without values */
	Size		sum_room;		/* bytes allocated for sum */
	int64		carries;		/* how often 10^131072 was taken out of sum */
	scale_count *scales;		/* ascending by scale */
	int32		nscales;
	int32		scales_room;	/* elements allocated for scales */
} amount_sum;

/* Short names for what the server exports as fmgr functions. */
#define CALL1(f, a) DatumGetNumeric(DirectFunctionCall1(f, NumericGetDatum(a)))
#define CALL2(f, a, b) DatumGetNumeric(DirectFunctionCall2(f, NumericGetDatum(a), NumericGetDatum(b)))

/* A count plus a count; 22003 where that does not fit. */
extern int64 add_counts(int64 a, int64 b);

/* Less, equal, greater: below 0, 0, above 0. */
extern int	compare_numerics(Numeric a, Numeric b);

/* Digits after the point of a finite value. */
extern int32 scale_of(Numeric value);

/* The same value with another scale; digits that would go must be zeros. */
extern Numeric with_scale(Numeric value, int32 scale);

/* One more finite amount. */
extern void amount_sum_add(amount_sum *s, Numeric amount, core_arena *arena);

/* One amount less; false if none of its scale is there. */
extern bool amount_sum_remove(amount_sum *s, Numeric amount, core_arena *arena);

/* All values of another sum, too. */
extern void amount_sum_merge(amount_sum *s, const amount_sum *other, core_arena *arena);

/* The sum as sum() would give it, 0 for no values; numeric overflow where that does not fit. */
extern Numeric amount_sum_total(const amount_sum *s);

/* Its bytes in a state; read() refuses more than max_count values. */
extern Size amount_sum_size(const amount_sum *s);
extern void amount_sum_write(const amount_sum *s, wire_writer *w);
extern void amount_sum_read(amount_sum *s, int64 max_count, wire_reader *r, core_arena *arena);

#endif							/* SALESMGMT_AMOUNT_SUM_H */
