/*
 * rate.c
 *		wilson_lower, wilson_upper, shrunk_rate, shrunk_lower, shrunk_upper and
 *		rates_differ.  All are STRICT.
 *
 * The mathematics is in core/rate.c and core/fisher.c.
 */
#include "salesmgmt.h"

#include "core/fisher.h"
#include "core/rate.h"

PG_FUNCTION_INFO_V1(wilson_lower);
Datum
wilson_lower(PG_FUNCTION_ARGS)
{
	int64		successes = PG_GETARG_INT64(0);
	int64		n = PG_GETARG_INT64(1);
	float8		confidence = PG_GETARG_FLOAT8(2);

	rate_check_counts(successes, n);
	rate_check_confidence(confidence);
	if (n == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(wilson_lower_bound(successes, n, confidence));
}

PG_FUNCTION_INFO_V1(wilson_upper);
Datum
wilson_upper(PG_FUNCTION_ARGS)
{
	int64		successes = PG_GETARG_INT64(0);
	int64		n = PG_GETARG_INT64(1);
	float8		confidence = PG_GETARG_FLOAT8(2);

	rate_check_counts(successes, n);
	rate_check_confidence(confidence);
	if (n == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(wilson_upper_bound(successes, n, confidence));
}

PG_FUNCTION_INFO_V1(shrunk_rate);
Datum
shrunk_rate(PG_FUNCTION_ARGS)
{
	int64		successes = PG_GETARG_INT64(0);
	int64		n = PG_GETARG_INT64(1);
	float8		prior_rate = PG_GETARG_FLOAT8(2);
	float8		prior_n = PG_GETARG_FLOAT8(3);

	rate_check_counts(successes, n);
	rate_check_prior(prior_rate, prior_n);
	if (n == 0 && prior_n == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(shrunken_rate(successes, n, prior_rate, prior_n));
}

PG_FUNCTION_INFO_V1(shrunk_lower);
Datum
shrunk_lower(PG_FUNCTION_ARGS)
{
	int64		successes = PG_GETARG_INT64(0);
	int64		n = PG_GETARG_INT64(1);
	float8		prior_rate = PG_GETARG_FLOAT8(2);
	float8		prior_n = PG_GETARG_FLOAT8(3);
	float8		confidence = PG_GETARG_FLOAT8(4);

	rate_check_counts(successes, n);
	rate_check_prior(prior_rate, prior_n);
	rate_check_confidence(confidence);
	if (n == 0 && prior_n == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(shrunken_lower_bound(successes, n, prior_rate, prior_n, confidence));
}

PG_FUNCTION_INFO_V1(shrunk_upper);
Datum
shrunk_upper(PG_FUNCTION_ARGS)
{
	int64		successes = PG_GETARG_INT64(0);
	int64		n = PG_GETARG_INT64(1);
	float8		prior_rate = PG_GETARG_FLOAT8(2);
	float8		prior_n = PG_GETARG_FLOAT8(3);
	float8		confidence = PG_GETARG_FLOAT8(4);

	rate_check_counts(successes, n);
	rate_check_prior(prior_rate, prior_n);
	rate_check_confidence(confidence);
	if (n == 0 && prior_n == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(shrunken_upper_bound(successes, n, prior_rate, prior_n, confidence));
}

PG_FUNCTION_INFO_V1(rates_differ);
Datum
rates_differ(PG_FUNCTION_ARGS)
{
	int64		successes1 = PG_GETARG_INT64(0);
	int64		n1 = PG_GETARG_INT64(1);
	int64		successes2 = PG_GETARG_INT64(2);
	int64		n2 = PG_GETARG_INT64(3);
	bool		mid_p = PG_GETARG_BOOL(4);

	rate_check_counts(successes1, n1);
	rate_check_counts(successes2, n2);
	fisher_check_size(n1, n2);
	if (n1 == 0 || n2 == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(fisher_p_value(successes1, n1, successes2, n2, mid_p));
}
