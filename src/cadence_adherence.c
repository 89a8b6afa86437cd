/*
 * cadence_adherence.c
 *		cadence_adherence(held_on, options), and its states to store and roll up.
 *
 * The mathematics is in core/cadence.c.
 */
#include "cadence_options.h"

#include "finite_date.h"

static const state_type cadence_adherence_type = {
	.name = "cadence_adherence_state",
	.format = 1,
	.create = cadence_create,
	.size = cadence_size,
	.write = cadence_write,
	.read = cadence_read
};

PG_FUNCTION_INFO_V1(cadence_adherence_transition);
Datum
cadence_adherence_transition(PG_FUNCTION_ARGS)
{
	const options_cache *cache = options_arg(fcinfo, 2, sizeof(cadence_options), cadence_options_read);
	state_object *object = state_arg_rw(fcinfo, 0, &cadence_adherence_type);

	cadence_adopt(object->data, cache->options, cache->mark);
	if (!PG_ARGISNULL(1))
	{
		require_finite_date(PG_GETARG_DATEADT(1), "held_on");
		cadence_add(object->data, PG_GETARG_DATEADT(1));
	}
	STATE_RETURN(object);
}

PG_FUNCTION_INFO_V1(cadence_adherence_combine);
Datum
cadence_adherence_combine(PG_FUNCTION_ARGS)
{
	const cadence_state *other = state_arg_ro(fcinfo, 1, &cadence_adherence_type);
	state_object *object;

	if (other == NULL && PG_ARGISNULL(0))
		PG_RETURN_NULL();
	object = state_arg_rw(fcinfo, 0, &cadence_adherence_type);
	if (other != NULL)
		cadence_combine(object->data, other);
	STATE_RETURN(object);
}

STATE_IO_FUNCTIONS(cadence_adherence_state, &cadence_adherence_type);

PG_FUNCTION_INFO_V1(cadence_adherence_final);
Datum
cadence_adherence_final(PG_FUNCTION_ARGS)
{
	const cadence_state *state = state_arg_ro(fcinfo, 0, &cadence_adherence_type);
	cadence_result result;

	if (state == NULL || !state->has_options)
		PG_RETURN_NULL();
	result = cadence_final(state);
	return composite_result(fcinfo,
							(Datum[]) {
								Int64GetDatum(result.due), Int64GetDatum(result.held),
								Int64GetDatum(result.late), Int64GetDatum(result.missed),
								Int64GetDatum(result.pending), Int64GetDatum(result.excused),
								Int64GetDatum(result.extra), Float8GetDatum(result.rate),
								Float8GetDatum((float8) result.longest_gap), DateADTGetDatum(result.next_due)
							},
							(bool[]) {
								false, false, false, false, false, false, false,
								!result.has_rate, !result.has_gap, !result.has_next_due
							});
}
