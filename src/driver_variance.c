/*
 * driver_variance.c
 *		driver_variance(planned, actual): which factor of a product missed the plan.
 *
 * The mathematics is in core/driver.c.
 */
#include "options.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/float.h"

#include "core/driver.h"
#include "core/number.h"

/* The factors in argument argno, *n of them, all finite. */
static const float8 *
factors_arg(FunctionCallInfo fcinfo, int argno, const char *name, int *n)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(argno);
	const float8 *factors = (const float8 *) ARR_DATA_PTR(array);

	if (ARR_NDIM(array) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 ARR_NDIM(array) == 0 ?
				 errmsg("%s must have at least one factor", name) :
				 errmsg("%s must be a one-dimensional array", name)));
	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not contain NULL", name)));
	*n = ARR_DIMS(array)[0];
	for (int i = 0; i < *n; i++)
	{
		char		element[64];

		if (isfinite(factors[i]))
			continue;
		snprintf(element, sizeof(element), "factor %d of %s", i + 1, name);
		number_check_finite(element, factors[i]);
	}
	return factors;
}

PG_FUNCTION_INFO_V1(driver_variance);
Datum
driver_variance(PG_FUNCTION_ARGS)
{
	int			n,
				n_actual;
	const float8 *planned = factors_arg(fcinfo, 0, "planned", &n);
	const float8 *actual = factors_arg(fcinfo, 1, "actual", &n_actual);
	ArrayType  *contributions;
	Size		size;
	float8		total;
	bool		in_range;
	Datum		values[2];
	bool		nulls[2] = {false};

	if (n != n_actual)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("planned and actual must have the same number of factors, not %d and %d", n, n_actual)));

	size = ARR_OVERHEAD_NONULLS(1) + n * sizeof(float8);
	contributions = palloc0(size);
	SET_VARSIZE(contributions, size);
	contributions->ndim = 1;
	contributions->elemtype = FLOAT8OID;
	ARR_DIMS(contributions)[0] = n;
	ARR_LBOUND(contributions)[0] = 1;
	total = driver_split(planned, actual, n, (float8 *) ARR_DATA_PTR(contributions));

	in_range = isfinite(total);
	for (int i = 0; i < n; i++)
		in_range &= isfinite(((float8 *) ARR_DATA_PTR(contributions))[i]);
	if (!in_range)
		float_overflow_error();
	values[0] = PointerGetDatum(contributions);
	values[1] = Float8GetDatum(total);
	PG_RETURN_DATUM(composite_result(fcinfo, values, nulls));
}
