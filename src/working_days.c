/*
 * working_days.c
 *		working_days(since, until, holidays, week).
 *
 * The mathematics is in core/workdays.c.
 */
#include "salesmgmt.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "core/workdays.h"
#include "finite_date.h"

#define MONDAY_TO_FRIDAY 0x3e

/*
 * The elements of the list in argument argno, of dates or of integers, which
 * are both four bytes; elements that are NULL are left out, or refused.
 */
static int32 *
list_arg(FunctionCallInfo fcinfo, int argno, Oid type, const char *name, bool accept_nulls, int *count)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(argno);
	Datum	   *elements;
	bool	   *nulls;
	int32	   *list;
	int			length;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a list, not an array of %d dimensions", name, ARR_NDIM(array))));
	if (!ARR_HASNULL(array))
	{
		*count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
		return (int32 *) ARR_DATA_PTR(array);
	}
	deconstruct_array(array, type, sizeof(int32), true, TYPALIGN_INT, &elements, &nulls, &length);
	list = palloc(length * sizeof(int32));
	*count = 0;
	for (int i = 0; i < length; i++)
	{
		if (!nulls[i])
			list[(*count)++] = DatumGetInt32(elements[i]);
		else if (!accept_nulls)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s must not hold NULL", name)));
	}
	return list;
}

PG_FUNCTION_INFO_V1(working_days);
Datum
working_days(PG_FUNCTION_ARGS)
{
	DateADT		since;
	DateADT		until;
	int32	   *holidays = NULL;
	int			holiday_count = 0;
	workdays_week week = MONDAY_TO_FRIDAY;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	since = PG_GETARG_DATEADT(0);
	until = PG_GETARG_DATEADT(1);
	require_finite_date(since, "since");
	require_finite_date(until, "until");
	if (!PG_ARGISNULL(2))
		holidays = list_arg(fcinfo, 2, DATEOID, "holidays", true, &holiday_count);
	for (int i = 0; i < holiday_count; i++)
		require_finite_date(holidays[i], "a holiday");
	if (!PG_ARGISNULL(3))
	{
		int			day_count;
		int32	   *days = list_arg(fcinfo, 3, INT4OID, "week", false, &day_count);

		week = 0;
		for (int i = 0; i < day_count; i++)
			week = workdays_week_add(week, days[i]);
	}
	PG_RETURN_INT32(workdays_count(since, until, week, holidays, holiday_count,
								   (core_arena *) CurrentMemoryContext));
}
