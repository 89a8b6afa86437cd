/*
 * robust_scale.c
 *		robust_scale(value) and robust_z(value, scale).
 *
 * The mathematics is in core/robust.c.
 */
#include "options.h"

#include "core/robust.h"

static const state_type robust_scale_state = {
	.name = "robust_scale_state",
	.format = 1,
	.create = robust_create,
	.size = robust_size,
	.write = robust_write,
	.read = robust_read
};

/* The fields of robust_scale_result. */
enum
{
	SCALE_MEDIAN,
	SCALE_MAD,
	SCALE_MEAN_DEVIATION,
	SCALE_N,
	SCALE_FIELDS
};

PG_FUNCTION_INFO_V1(robust_scale_transition);
Datum
robust_scale_transition(PG_FUNCTION_ARGS)
{
	state_object *object = state_arg_rw(fcinfo, 0, &robust_scale_state);

	if (!PG_ARGISNULL(1))
		robust_add(object->data, PG_GETARG_FLOAT8(1), state_arena(object));
	STATE_RETURN(object);
}

PG_FUNCTION_INFO_V1(robust_scale_combine);
Datum
robust_scale_combine(PG_FUNCTION_ARGS)
{
	const robust_state *other = state_arg_ro(fcinfo, 1, &robust_scale_state);
	state_object *object;

	if (other == NULL && PG_ARGISNULL(0))
		PG_RETURN_NULL();
	object = state_arg_rw(fcinfo, 0, &robust_scale_state);
	if (other != NULL)
		robust_combine(object->data, other, state_arena(object));
	STATE_RETURN(object);
}

STATE_IO_FUNCTIONS(robust_scale_state, &robust_scale_state);

PG_FUNCTION_INFO_V1(robust_scale_final);
Datum
robust_scale_final(PG_FUNCTION_ARGS)
{
	const robust_state *state = state_arg_ro(fcinfo, 0, &robust_scale_state);
	robust_scale scale;
	Datum		values[SCALE_FIELDS];
	bool		nulls[SCALE_FIELDS] = {false};

	if (state == NULL || state->count == 0)
		PG_RETURN_NULL();
	scale = robust_final(state, (core_arena *) CurrentMemoryContext);
	values[SCALE_MEDIAN] = Float8GetDatum(scale.median);
	values[SCALE_MAD] = Float8GetDatum(scale.mad);
	values[SCALE_MEAN_DEVIATION] = Float8GetDatum(scale.mean_deviation);
	values[SCALE_N] = Int64GetDatum(scale.n);
	PG_RETURN_DATUM(composite_result(fcinfo, values, nulls));
}

/* robust_z(value, scale) is STRICT. */
PG_FUNCTION_INFO_V1(robust_z);
Datum
robust_z(PG_FUNCTION_ARGS)
{
	Datum		values[SCALE_FIELDS];
	bool		nulls[SCALE_FIELDS];
	robust_scale scale;
	double		z;

	composite_fields(PG_GETARG_HEAPTUPLEHEADER(1), SCALE_FIELDS, values, nulls);
	if (nulls[SCALE_MEDIAN] || nulls[SCALE_MAD] || nulls[SCALE_MEAN_DEVIATION])
		PG_RETURN_NULL();
	scale.median = DatumGetFloat8(values[SCALE_MEDIAN]);
	scale.mad = DatumGetFloat8(values[SCALE_MAD]);
	scale.mean_deviation = DatumGetFloat8(values[SCALE_MEAN_DEVIATION]);
	robust_check_scale(&scale);
	if (!robust_distance(PG_GETARG_FLOAT8(0), &scale, &z))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(z);
}
