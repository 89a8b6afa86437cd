/*
 * amount.c
 *		Amounts of money and the like, as the measures take and compare them.
 */
#include "amount.h"

#include <math.h>

#include "utils/float.h"

/* A quotient has at least 16 significant digits from the server; with so many more float8 rounds right. */
#define MORE_QUOTIENT_DIGITS 24

Numeric
amount_arg(FunctionCallInfo fcinfo, int argno, const char *name)
{
	Numeric		amount;

	if (PG_ARGISNULL(argno))
		return NULL;
	amount = PG_GETARG_NUMERIC(argno);
	if (numeric_is_nan(amount) || numeric_is_inf(amount))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a finite amount, not %s", name,
						DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(amount))))));
	return amount;
}

/*
 * The server's quotient has 16 significant digits, one short of a float8:
 * divide again with more.
 */
float8
amount_ratio(Numeric dividend, Numeric divisor)
{
	int32		scale = scale_of(CALL2(numeric_div, dividend, divisor));
	Numeric		quotient = CALL2(numeric_div, with_scale(dividend, scale + MORE_QUOTIENT_DIGITS), divisor);
	char	   *text = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(quotient)));
	float8		result = strtod(text, NULL);

	if (isinf(result))
		float_overflow_error();
	return result;
}
