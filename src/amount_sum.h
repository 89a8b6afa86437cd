/*
 * amount_sum.h
 *		A sum of numerics that equals the server's sum(), and can be undone.
 */
#ifndef SALESMGMT_AMOUNT_SUM_H
#define SALESMGMT_AMOUNT_SUM_H

#include "salesmgmt.h"

#include "common/int.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "numeric_digits.h"

/*
 * A sum of numerics that equals sum() in value and in scale, whatever came in,
 * in whatever order, and whatever left again.
 *
 * Speed.  Amounts of money are mostly small and have few decimals.  Such ones
 * are read where they lie and added up as 128-bit integers; only the others,
 * and totals beyond 128 bits, need the server's arithmetic.  An amount takes
 * the same way in and out, so which way it took need not be kept.  The total is
 * units * 10^-8 + rest + carries * 10^131072.
 *
 * Scale.  The scale of sum() is the highest scale among its inputs: 1.50 + 2.5
 * is 4.00.  When a value leaves a moving window, the sum must go back to the
 * highest scale of the values that stay.  The server's sum() does not know it
 * and has the window summed afresh; we count the values of each scale.  There
 * are rarely more than one or two, so a short sorted array does.  The total is
 * given that scale when it is asked for.
 *
 * Range.  sum() may pass through totals too large for a numeric, as long as the
 * end fits.  So must we, or the row order would decide over success: hence
 * carries, which is 0 in any practical case.
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
	int128		units;			/* total of the amounts read in place, in 10^-8 */
	int64		count;			/* values in the sum: the sum of scales[].count */
	Numeric		rest;			/* total of the other amounts, without carries; meaningless unless has_rest */
	Size		rest_room;		/* bytes allocated for rest */
	int64		carries;		/* how often 10^131072 was taken out of rest */
	scale_count *scales;		/* ascending by scale */
	int32		nscales;
	int32		scales_room;	/* elements allocated for scales */
	int32		latest;			/* where in scales[] the latest amount was counted */
	bool		has_rest;		/* rest is there; else it counts as 0 */
} amount_sum;

/* Short names for what the server exports as fmgr functions. */
#define CALL1(f, a) DatumGetNumeric(DirectFunctionCall1(f, NumericGetDatum(a)))
#define CALL2(f, a, b) DatumGetNumeric(DirectFunctionCall2(f, NumericGetDatum(a), NumericGetDatum(b)))

/* A count plus a count; 22003 where that does not fit. */
static inline int64
add_counts(int64 a, int64 b)
{
	int64		result;

	if (unlikely(pg_add_s64_overflow(a, b, &result)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("bigint out of range")));
	return result;
}

/* Less, equal, greater: below 0, 0, above 0. */
extern int	compare_numerics(Numeric a, Numeric b);

extern Numeric numeric_from_text(const char *text);

/* Digits after the point of a finite value. */
extern int32 scale_of(Numeric value);

/* The same value with another scale; digits that would go must be zeros. */
extern Numeric with_scale(Numeric value, int32 scale);

/* One more finite amount. */
extern void amount_sum_add(amount_sum *s, Numeric amount, core_arena *arena);

/* One amount less; false if none of its scale is there. */
extern bool amount_sum_remove(amount_sum *s, Numeric amount, core_arena *arena);

/* The same for an amount that numeric_to_units() could read. */
static inline void amount_sum_add_units(amount_sum *s, int128 units, int32 scale, core_arena *arena);
extern bool amount_sum_remove_units(amount_sum *s, int128 units, int32 scale, core_arena *arena);

/* All values of another sum, too. */
extern void amount_sum_merge(amount_sum *s, const amount_sum *other, core_arena *arena);

/* The sum as sum() would give it, 0 for no values; numeric overflow where that does not fit. */
extern Numeric amount_sum_total(const amount_sum *s);

/* The same in units and its scale; false where it is not to be had so. */
extern bool amount_sum_units(const amount_sum *s, int128 *units, int32 *scale);

/* Below 0, 0, above 0: -1, 0, 1. */
extern int	amount_sum_sign(const amount_sum *s);

/* The same of n sums, each with its sign, 1 or -1, added up. */
extern int	amount_sum_balance(const amount_sum *const sums[], const int signs[], int n);

/* Its bytes in a state; read() refuses more than max_count values. */
extern Size amount_sum_size(const amount_sum *s);
extern void amount_sum_write(const amount_sum *s, wire_writer *w);
extern void amount_sum_read(amount_sum *s, int64 max_count, wire_reader *r, core_arena *arena);

/* Of amount_sum_add_units(): what is left to do when the total or the scale is an unusual one. */
extern void amount_sum_set_units_aside(amount_sum *s, core_arena *arena);
extern void amount_sum_count_scale(amount_sum *s, int32 scale, int64 count, core_arena *arena);

static inline void
amount_sum_add_units(amount_sum *s, int128 units, int32 scale, core_arena *arena)
{
	int128		total;

	if (unlikely(__builtin_add_overflow(s->units, units, &total)))
	{
		amount_sum_set_units_aside(s, arena);
		total = units;
	}
	s->units = total;
	if (likely(s->latest < s->nscales && s->scales[s->latest].scale == scale))
	{
		s->count = add_counts(s->count, 1);
		s->scales[s->latest].count++;
	}
	else
		amount_sum_count_scale(s, scale, 1, arena);
}

#endif							/* SALESMGMT_AMOUNT_SUM_H */
