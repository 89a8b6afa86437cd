/*
 * finite_date.h
 *		Dates that must not be infinite.
 */
#ifndef SALESMGMT_FINITE_DATE_H
#define SALESMGMT_FINITE_DATE_H

#include "salesmgmt.h"

#include "utils/builtins.h"
#include "utils/date.h"

static inline void
require_finite_date(DateADT day, const char *name)
{
	if (unlikely(DATE_NOT_FINITE(day)))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be a finite date, not %s", name,
						DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(day))))));
}

#endif							/* SALESMGMT_FINITE_DATE_H */
