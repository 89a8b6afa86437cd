/*
 * rating.h
 *		The rating that a score earns.
 */
#ifndef SALESMGMT_RATING_H
#define SALESMGMT_RATING_H

#include "core/core.h"

#define RATING_LOWEST 1
#define RATING_HIGHEST 4
#define RATING_BOUNDS (RATING_HIGHEST - RATING_LOWEST)

/*
 * The rating of a score: bounds[i] is the lowest score of rating i + 2.
 * previous is the rating held so far, or 0 for none: with it, a bound is
 * passed upward only from bound + margin on, and downward only below
 * bound - margin.
 */
extern int	rating_of_score(double score, const double bounds[RATING_BOUNDS], int previous,
							double margin);

/* Each raises CORE_INVALID_PARAMETER where it must. */
extern void rating_check_bounds(const double bounds[RATING_BOUNDS]);
extern void rating_check_previous(int previous);

#endif							/* SALESMGMT_RATING_H */
