/*
 * rate.c
 *		wilson_lower, wilson_upper and shrunk_rate.  All are STRICT.
 *
 * The mathematics is in core/rate.c.
 */
#include "salesmgmt.h"

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
