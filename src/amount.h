/*
 * amount.h
 *		Amounts of money and the like, as the measures take and compare them.
 */
#ifndef SALESMGMT_AMOUNT_H
#define SALESMGMT_AMOUNT_H

#include "amount_sum.h"

/* The amount in argument argno, NULL for NULL; it must be finite. */
extern Numeric amount_arg(FunctionCallInfo fcinfo, int argno, const char *name);

/* dividend / divisor as the float8 nearest to it; numeric overflow where no float8 is near. */
extern float8 amount_ratio(Numeric dividend, Numeric divisor);

/* An argument: an amount that could be read in place, or another one, or neither for NULL. */
typedef struct amount_of_row
{
	int128		units;
	int32		scale;
	bool		in_units;
	Numeric		other;
} amount_of_row;

static pg_attribute_always_inline void
amount_of_arg(amount_of_row *amount, FunctionCallInfo fcinfo, int argno, const char *name)
{
	amount->units = 0;
	amount->scale = 0;
	amount->other = NULL;
	amount->in_units = !PG_ARGISNULL(argno) &&
		numeric_to_units(PG_GETARG_DATUM(argno), &amount->units, &amount->scale);
	if (!amount->in_units)
		amount->other = amount_arg(fcinfo, argno, name);
}

static inline bool
amount_is_null(const amount_of_row *amount)
{
	return !amount->in_units && amount->other == NULL;
}

/* Below 0, 0, above 0; it must not be NULL. */
static inline int
amount_sign(const amount_of_row *amount)
{
	if (likely(amount->in_units))
		return (amount->units > 0) - (amount->units < 0);
	return compare_numerics(amount->other, int64_to_numeric(0));
}

static pg_attribute_always_inline void
amount_sum_add_row(amount_sum *s, const amount_of_row *amount, core_arena *arena)
{
	if (likely(amount->in_units))
		amount_sum_add_units(s, amount->units, amount->scale, arena);
	else if (amount->other != NULL)
		amount_sum_add(s, amount->other, arena);
}

static inline bool
amount_sum_remove_row(amount_sum *s, const amount_of_row *amount, core_arena *arena)
{
	if (likely(amount->in_units))
		return amount_sum_remove_units(s, amount->units, amount->scale, arena);
	return amount->other == NULL || amount_sum_remove(s, amount->other, arena);
}

#endif							/* SALESMGMT_AMOUNT_H */
