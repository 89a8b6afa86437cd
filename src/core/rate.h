/*
 * rate.h
 *		Rates of few cases: their interval, and their shrinkage.
 */
#ifndef SALESMGMT_RATE_H
#define SALESMGMT_RATE_H

#include "core/core.h"

/*
 * z such that a standard normal lies within -z .. z with this probability,
 * 0 < probability < 1: the (1 + probability) / 2 quantile.
 */
extern double normal_two_sided_z(double probability);

/* Bounds of the Wilson score interval; n > 0 (Wilson 1927, without continuity correction). */
extern double wilson_lower_bound(int64_t successes, int64_t n, double confidence);
extern double wilson_upper_bound(int64_t successes, int64_t n, double confidence);

/* (successes + prior_rate * prior_n) / (n + prior_n); the denominator must not be zero. */
extern double shrunken_rate(int64_t successes, int64_t n, double prior_rate, double prior_n);

/* Bounds of the Wilson score interval around it: of the cases and the prior's together, which need not be whole. */
extern double shrunken_lower_bound(int64_t successes, int64_t n, double prior_rate, double prior_n, double confidence);
extern double shrunken_upper_bound(int64_t successes, int64_t n, double prior_rate, double prior_n, double confidence);

/* Each raises CORE_INVALID_PARAMETER where it must. */
extern void rate_check_counts(int64_t successes, int64_t n);
extern void rate_check_confidence(double confidence);
extern void rate_check_prior(double prior_rate, double prior_n);

#endif							/* SALESMGMT_RATE_H */
