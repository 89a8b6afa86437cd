/*
 * rating.c
 *		rating(score, bands, previous, margin).
 *
 * The rule is in core/rating.c.
 */
#include "salesmgmt.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "core/number.h"
#include "core/rating.h"

#define DEFAULT_MARGIN 2.0

static void
read_bounds(ArrayType *bands, float8 bounds[RATING_BOUNDS])
{
	if (ARR_NDIM(bands) != 1 || ARR_DIMS(bands)[0] != RATING_BOUNDS || array_contains_nulls(bands))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("bands must be exactly %d numbers, none of them null", RATING_BOUNDS),
				 errdetail("They are the lowest scores of ratings 2, 3 and 4.")));
	memcpy(bounds, ARR_DATA_PTR(bands), RATING_BOUNDS * sizeof(float8));
	rating_check_bounds(bounds);
}

/* Every argument is checked, also where the score is NULL, so that a bad one shows at once. */
PG_FUNCTION_INFO_V1(rating);
Datum
rating(PG_FUNCTION_ARGS)
{
	float8		bounds[RATING_BOUNDS];
	int			previous = 0;
	float8		margin = DEFAULT_MARGIN;

	if (!PG_ARGISNULL(1))
		read_bounds(PG_GETARG_ARRAYTYPE_P(1), bounds);
	if (!PG_ARGISNULL(2))
	{
		previous = PG_GETARG_INT32(2);
		rating_check_previous(previous);
	}
	if (!PG_ARGISNULL(3))
	{
		margin = PG_GETARG_FLOAT8(3);
		number_check_finite("margin", margin);
		number_check_not_negative("margin", margin);
	}
	if (!PG_ARGISNULL(0))
		number_check_finite("score", PG_GETARG_FLOAT8(0));
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	PG_RETURN_INT32(rating_of_score(PG_GETARG_FLOAT8(0), bounds, previous, margin));
}
