/*
 * percentile.h
 *		Exact percentiles of whole numbers, as percentile_cont has them.
 */
#ifndef SALESMGMT_PERCENTILE_H
#define SALESMGMT_PERCENTILE_H

#include "core/core.h"

/*
 * percentile_cont(fraction) over (value - origin) / unit, by selection in
 * place: the order of the values changes.  count is at least 1, no value is
 * below the origin.
 */
extern double percentile_of(int64_t *values, size_t count, double fraction, int64_t origin, double unit);

/*
 * The value that rank others (0 for the least) would stand before, were they
 * sorted; it is brought there, none before it being greater and none after it less.
 */
extern int64_t percentile_select(int64_t *values, size_t count, size_t rank);

/* What lies a part (0 to 1) of the way from one value to the next, in units above the origin. */
extern double percentile_between(int64_t below, int64_t above, double part, int64_t origin, double unit);

#endif							/* SALESMGMT_PERCENTILE_H */
