/*
 * fisher.h
 *		Do two rates differ?  Fisher's exact test.
 */
#ifndef SALESMGMT_FISHER_H
#define SALESMGMT_FISHER_H

#include "core/core.h"

/*
 * Two-sided p-value of Fisher's exact test for successes1 of n1 against
 * successes2 of n2; with mid_p, outcomes exactly as likely as the observed one
 * count half.  Counts have been checked; n1 and n2 are above 0.
 */
extern double fisher_p_value(int64_t successes1, int64_t n1, int64_t successes2, int64_t n2, bool mid_p);

/* Raises CORE_LIMIT_EXCEEDED for more cases than it would sum in a moment. */
extern void fisher_check_size(int64_t n1, int64_t n2);

#endif							/* SALESMGMT_FISHER_H */
