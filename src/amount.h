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

#endif							/* SALESMGMT_AMOUNT_H */
