/*
 * quotient.h
 *		The quotient of two large integers as a floating-point number.
 */
#ifndef SALESMGMT_QUOTIENT_H
#define SALESMGMT_QUOTIENT_H

#include "core/core.h"

/* dividend / divisor as the float8 nearest to it, ties to even; divisor > 0. */
extern double quotient_nearest(__int128 dividend, __int128 divisor);

#endif							/* SALESMGMT_QUOTIENT_H */
