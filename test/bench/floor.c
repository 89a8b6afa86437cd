/*
 * floor.c
 *		An aggregate that reads its arguments and does nothing: what any
 *		aggregate of these arguments costs before it begins to work.
 */
#include "postgres.h"

#include "fmgr.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(bench_floor);
Datum
bench_floor(PG_FUNCTION_ARGS)
{
	int64		sum = PG_GETARG_INT64(0);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !PG_ARGISNULL(3))
		sum ^= PG_GETARG_INT64(1) + PG_GETARG_INT32(2) + PG_GETARG_INT64(3);
	PG_RETURN_INT64(sum);
}
