/*
 * pace.c
 *		pace, pace_projected, pace_historical and required_per_day.
 *
 * Amounts are exact: the server's own numeric arithmetic, or integers of units,
 * multiplied before they are divided.
 */
#include "amount.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "core/exact_sum.h"
#include "core/number.h"
#include "core/quotient.h"

/* The days in argument argno, which must not be fewer than none. */
static int64
days_arg(FunctionCallInfo fcinfo, int argno, const char *name)
{
	int64		days = PG_GETARG_INT64(argno);

	if (days < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be negative, but is " INT64_FORMAT, name, days)));
	return days;
}

/* The days that have passed, and those of the whole period. */
static void
period_args(FunctionCallInfo fcinfo, int argno, int64 *elapsed, int64 *whole)
{
	*elapsed = days_arg(fcinfo, argno, "elapsed_days");
	*whole = days_arg(fcinfo, argno + 1, "period_days");
	if (*elapsed > *whole)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("elapsed_days " INT64_FORMAT " is more than period_days " INT64_FORMAT,
						*elapsed, *whole),
				 errhint("The days that have passed come first, those of the whole period second.")));
}

/* The pace from integers; false where they would be too large. */
static bool
pace_of_units(int128 booked, int128 planned, int64 elapsed, int64 whole, float8 *result)
{
	int128		dividend,
				divisor;

	if (planned < 0)
	{
		booked = -booked;
		planned = -planned;
	}
	if (__builtin_mul_overflow(booked, (int128) whole, &dividend) ||
		__builtin_mul_overflow(planned, (int128) elapsed, &divisor))
		return false;
	*result = quotient_nearest(dividend, divisor);
	return true;
}

static float8
pace_of_numerics(Numeric booked, Numeric planned, int64 elapsed, int64 whole)
{
	Numeric		done = CALL2(numeric_mul, booked, int64_to_numeric(whole));
	Numeric		expected = CALL2(numeric_mul, planned, int64_to_numeric(elapsed));

	return amount_ratio(done, expected);
}

PG_FUNCTION_INFO_V1(pace);
Datum
pace(PG_FUNCTION_ARGS)
{
	amount_of_row booked,
				planned;
	int64		elapsed,
				whole;
	float8		result;

	amount_of_arg(&booked, fcinfo, 0, "booked");
	amount_of_arg(&planned, fcinfo, 1, "planned");
	period_args(fcinfo, 2, &elapsed, &whole);
	if (elapsed == 0 || amount_sign(&planned) == 0)
		PG_RETURN_NULL();
	if (!booked.in_units || !planned.in_units ||
		!pace_of_units(booked.units, planned.units, elapsed, whole, &result))
		result = pace_of_numerics(PG_GETARG_NUMERIC(0), PG_GETARG_NUMERIC(1), elapsed, whole);
	PG_RETURN_FLOAT8(result);
}

PG_FUNCTION_INFO_V1(pace_projected);
Datum
pace_projected(PG_FUNCTION_ARGS)
{
	Numeric		booked = amount_arg(fcinfo, 0, "booked");
	int64		elapsed,
				whole;

	period_args(fcinfo, 1, &elapsed, &whole);
	if (elapsed == 0)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(CALL2(numeric_div, CALL2(numeric_mul, booked, int64_to_numeric(whole)),
							int64_to_numeric(elapsed)));
}

/* The mean of the shares that are known, whatever their order; 0 where none is. */
static float8
mean_share(ArrayType *shares)
{
	core_arena *scratch = (core_arena *) CurrentMemoryContext;
	exact_sum	sum = {0};
	exact_sum	known = {0};
	Datum	   *elements;
	bool	   *nulls;
	int			length;

	if (ARR_NDIM(shares) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("past_shares must be a list, not an array of %d dimensions", ARR_NDIM(shares))));
	deconstruct_array(shares, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &elements, &nulls, &length);
	for (int i = 0; i < length; i++)
	{
		if (nulls[i])
			continue;
		number_check_finite("a past share", DatumGetFloat8(elements[i]));
		exact_sum_add(&sum, DatumGetFloat8(elements[i]), scratch);
		exact_sum_add(&known, 1, scratch);
	}
	if (known.count == 0)
		return 0;
	return exact_ratio(exact_sum_value(&sum, NULL, scratch), exact_sum_value(&known, NULL, scratch));
}

PG_FUNCTION_INFO_V1(pace_historical);
Datum
pace_historical(PG_FUNCTION_ARGS)
{
	Numeric		booked = amount_arg(fcinfo, 0, "booked");
	float8		share = mean_share(PG_GETARG_ARRAYTYPE_P(1));

	if (share <= 0)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(CALL2(numeric_div, booked,
							DatumGetNumeric(DirectFunctionCall1(float8_numeric, Float8GetDatum(share)))));
}

PG_FUNCTION_INFO_V1(required_per_day);
Datum
required_per_day(PG_FUNCTION_ARGS)
{
	amount_of_row gap;
	int64		days_left;

	amount_of_arg(&gap, fcinfo, 0, "gap");
	days_left = days_arg(fcinfo, 1, "working_days_left");
	if (amount_sign(&gap) <= 0)
		PG_RETURN_NUMERIC(int64_to_numeric(0));
	if (days_left == 0)
		PG_RETURN_NULL();
	return DirectFunctionCall2(numeric_div, PG_GETARG_DATUM(0), NumericGetDatum(int64_to_numeric(days_left)));
}
