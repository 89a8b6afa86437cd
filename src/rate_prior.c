/*
 * rate_prior.c
 *		rate_prior(successes, n): what the rates of a peer group have in common.
 *
 * The mathematics is in core/prior.c.
 */
#include "options.h"

#include "core/prior.h"
#include "core/rate.h"

static const state_type rate_prior_state = {
	.name = "rate_prior_state",
	.format = 1,
	.create = prior_create,
	.size = prior_size,
	.write = prior_write,
	.read = prior_read
};

PG_FUNCTION_INFO_V1(rate_prior_transition);
Datum
rate_prior_transition(PG_FUNCTION_ARGS)
{
	state_object *object = state_arg_rw(fcinfo, 0, &rate_prior_state);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
	{
		rate_check_counts(PG_GETARG_INT64(1), PG_GETARG_INT64(2));
		prior_add(object->data, PG_GETARG_INT64(1), PG_GETARG_INT64(2), state_arena(object));
	}
	STATE_RETURN(object);
}

PG_FUNCTION_INFO_V1(rate_prior_combine);
Datum
rate_prior_combine(PG_FUNCTION_ARGS)
{
	const prior_state *other = state_arg_ro(fcinfo, 1, &rate_prior_state);
	state_object *object;

	if (other == NULL && PG_ARGISNULL(0))
		PG_RETURN_NULL();
	object = state_arg_rw(fcinfo, 0, &rate_prior_state);
	if (other != NULL)
		prior_combine(object->data, other, state_arena(object));
	STATE_RETURN(object);
}

STATE_IO_FUNCTIONS(rate_prior_state, &rate_prior_state);

PG_FUNCTION_INFO_V1(rate_prior_final);
Datum
rate_prior_final(PG_FUNCTION_ARGS)
{
	const prior_state *state = state_arg_ro(fcinfo, 0, &rate_prior_state);
	prior_result result;

	if (state == NULL)
		PG_RETURN_NULL();
	result = prior_final(state, (core_arena *) CurrentMemoryContext);
	PG_RETURN_DATUM(composite_result(fcinfo,
									 (Datum[]) {
										 Float8GetDatum(result.rate), Float8GetDatum(result.n),
										 Int64GetDatum(result.peers), Int64GetDatum(result.cases)
									 },
									 (bool[]) {!result.has_prior, !result.has_prior, false, false}));
}
