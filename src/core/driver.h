/*
 * driver.h
 *		The difference of two products, split over their factors.
 */
#ifndef SALESMGMT_DRIVER_H
#define SALESMGMT_DRIVER_H

#include "core/core.h"

/*
 * What each of n factors adds to the product of actual minus the product of
 * planned; the difference itself is returned.  All factors must be finite.  A
 * result beyond the range of a double is infinite.  Raises
 * CORE_INVALID_PARAMETER where a factor changes its sign.
 */
extern double driver_split(const double *planned, const double *actual, int n, double *contributions);

#endif							/* SALESMGMT_DRIVER_H */
