/*
 * percentile.h
 *		Exact percentiles of whole numbers, as percentile_cont has them.
 */
#ifndef SALESMGMT_PERCENTILE_H
#define SALESMGMT_PERCENTILE_H

#include "core/core.h"

/*
 * percentile_cont(fraction) over value / unit, by selection in place: the
 * order of the values changes.  count is at least 1.
 */
extern double percentile_of(int64_t *values, size_t count, double fraction, double unit);

#endif							/* SALESMGMT_PERCENTILE_H */
