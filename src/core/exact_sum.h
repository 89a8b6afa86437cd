/*
 * exact_sum.h
 *		Sums of doubles that do not depend on the order of the rows.
 */
#ifndef SALESMGMT_EXACT_SUM_H
#define SALESMGMT_EXACT_SUM_H

#include "core/wire.h"

#include <string.h>

/*
 * A sum without any rounding.
 *
 * Floating addition rounds at each step, so the same rows in another order,
 * or split over other workers, give another last digit.  Here the sum is one
 * long fixed-point number instead: digit i counts multiples of 2^(32 * i), and
 * a double, whatever its exponent, is cut into at most three such digits (a
 * product of two into at most five), each added to its place.  Integer addition
 * is exact and commutes, hence so does the sum, and it is rounded once, when it
 * is read.
 *
 * Digits are kept in signed 64-bit words, 32 bits wider than they need, so
 * that carries wait: a digit has taken up at most `pending` + 1 numbers below
 * 2^32, and only when that nears 2^30 are the carries moved up.
 *
 * Only the digits in use are kept; the window grows on demand.  Real sums use a
 * few neighbouring ones (three for weights, five for weights times ratios), so
 * there is room for those in the struct itself: a group of few rows, of which
 * there may be hundreds of thousands, then costs no allocation for its sums.
 *
 * The range covers every product of two doubles, exactly and without
 * overflow, times 2^63 rows.
 */
#define EXACT_SUM_NEAR 6

typedef struct exact_sum
{
	int16_t		first;			/* place of the lowest digit */
	int16_t		count;			/* digits in use; none for an untouched sum */
	uint32_t	pending;		/* additions since the carries were moved */
	union
	{
		int64_t		near[EXACT_SUM_NEAR];	/* the digits, where they fit */
		int64_t    *far;		/* where not: of the arena given to each call */
	};
} exact_sum;

/* A sum rounded to a double, as fraction * 2^exponent: it cannot overflow. */
typedef struct exact_value
{
	double		fraction;		/* 0, or at least 0.5 and at most 1 in size */
	int			exponent;
} exact_value;

/* A sum whose bits fit a machine's integer, as whole * 2^exponent; structs need no 16-byte alignment for it. */
typedef __int128 exact_whole __attribute__((aligned(8)));

/*
 * A double without its sign as mantissa * 2^exponent, both whole.  Zeros at the
 * end of the mantissa are dropped, so that round numbers use few digits.
 */
static inline uint64_t
exact_mantissa(double value, int *exponent)
{
	uint64_t	bits,
				mantissa;
	int			field;

	memcpy(&bits, &value, sizeof(bits));
	field = (bits >> 52) & 0x7ff;
	mantissa = bits & ((UINT64_C(1) << 52) - 1);
	if (field > 0)
		mantissa |= UINT64_C(1) << 52;
	else if (mantissa == 0)
		return 0;
	*exponent = (field > 0 ? field : 1) - 1075 + __builtin_ctzll(mantissa);
	return mantissa >> __builtin_ctzll(mantissa);
}

/* An exact_sum of zero is all zero bytes: {0}. */
extern void exact_sum_add(exact_sum *sum, double value, core_arena *arena);
extern void exact_sum_add_product(exact_sum *sum, double a, double b, core_arena *arena);
extern void exact_sum_add_whole(exact_sum *sum, exact_whole whole, int exponent, core_arena *arena);
extern void exact_sum_combine(exact_sum *sum, const exact_sum *other, core_arena *arena);

/* Give up the memory of the digits; the arena's end does so as well. */
extern void exact_sum_free(exact_sum *sum, core_arena *arena);

/* The sum of two sums, correctly rounded (half to even); b may be NULL. */
extern exact_value exact_sum_value(const exact_sum *a, const exact_sum *b, core_arena *arena);

extern exact_value exact_whole_value(exact_whole whole, int exponent);

/* The sum as whole * 2^exponent; false if it does not fit, or may not. */
extern bool exact_sum_as_whole(const exact_sum *sum, exact_whole *whole, int *exponent);

/* a / b as a double; b must not be zero. */
extern double exact_ratio(exact_value a, exact_value b);

extern size_t exact_sum_size(const exact_sum *sum);
extern void exact_sum_write(const exact_sum *sum, wire_writer *w);
extern void exact_sum_read(exact_sum *sum, wire_reader *r, core_arena *arena);

#endif							/* SALESMGMT_EXACT_SUM_H */
