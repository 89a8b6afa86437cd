/*
 * brier.c
 *		brier(probability, won) and calibration(probability, won, options).
 *
 * The mathematics is in core/brier.c.
 */
#include "options.h"


#include "core/brier.h"
#include "core/number.h"
#include "core/rate.h"

/*
 * Is the deal of arguments 1 and 2 decided, and was it given a probability?  A
 * probability that cannot be is refused even where it would not count.
 */
static bool
decided_args(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(1))
		return false;
	number_check_probability(PG_GETARG_FLOAT8(1));
	return !PG_ARGISNULL(2);
}

/* ---- brier ---- */

static const state_type brier_type = {
	.name = "brier_state",
	.format = 1,
	.create = brier_create,
	.size = brier_size,
	.write = brier_write,
	.read = brier_read
};

PG_FUNCTION_INFO_V1(brier_transition);
Datum
brier_transition(PG_FUNCTION_ARGS)
{
	bool		decided = decided_args(fcinfo);
	state_object *object = state_arg_rw(fcinfo, 0, &brier_type);

	if (decided)
		brier_add(object->data, PG_GETARG_FLOAT8(1), PG_GETARG_BOOL(2), state_arena(object));
	STATE_RETURN(object);
}

PG_FUNCTION_INFO_V1(brier_state_combine);
Datum
brier_state_combine(PG_FUNCTION_ARGS)
{
	const brier_state *other = state_arg_ro(fcinfo, 1, &brier_type);
	state_object *object;

	if (other == NULL && PG_ARGISNULL(0))
		PG_RETURN_NULL();
	object = state_arg_rw(fcinfo, 0, &brier_type);
	if (other != NULL)
		brier_combine(object->data, other, state_arena(object));
	STATE_RETURN(object);
}

STATE_IO_FUNCTIONS(brier_state, &brier_type);

PG_FUNCTION_INFO_V1(brier_state_final);
Datum
brier_state_final(PG_FUNCTION_ARGS)
{
	const brier_state *state = state_arg_ro(fcinfo, 0, &brier_type);
	brier_result result;

	if (state == NULL || state->n == 0)
		PG_RETURN_NULL();
	result = brier_final(state, (core_arena *) CurrentMemoryContext);
	PG_RETURN_DATUM(composite_result(fcinfo,
									 (Datum[]) {
										 Float8GetDatum(result.score), Float8GetDatum(result.skill),
										 Float8GetDatum(result.base_rate), Float8GetDatum(result.mean_probability),
										 Int64GetDatum(state->won), Int64GetDatum(state->n)
									 },
									 (bool[6]) {false, !result.has_skill}));
}

/* ---- calibration ---- */

static const state_type calibration_type = {
	.name = "calibration_state",
	.format = 1,
	.create = calibration_create,
	.size = calibration_size,
	.write = calibration_write,
	.read = calibration_read
};

/* Columns of calibration_options. */
enum
{
	OPTION_BINS,
	OPTION_CONFIDENCE,
	OPTION_COUNT
};

static void
read_values(const Datum *values, const bool *nulls, calibration_options *options)
{
	*options = calibration_default_options;
	if (!nulls[OPTION_BINS])
		options->bins = DatumGetInt32(values[OPTION_BINS]);
	if (!nulls[OPTION_CONFIDENCE])
		options->confidence = DatumGetFloat8(values[OPTION_CONFIDENCE]);
	calibration_check_options(options);
}

static void
read_options(HeapTupleHeader composite, void *options)
{
	Datum		values[OPTION_COUNT];
	bool		nulls[OPTION_COUNT];

	if (composite == NULL)
	{
		*(calibration_options *) options = calibration_default_options;
		return;
	}
	composite_fields(composite, OPTION_COUNT, values, nulls);
	read_values(values, nulls, options);
}

PG_FUNCTION_INFO_V1(calibration_options_build);
Datum
calibration_options_build(PG_FUNCTION_ARGS)
{
	Datum		values[OPTION_COUNT];
	bool		nulls[OPTION_COUNT];
	calibration_options options;

	for (int i = 0; i < OPTION_COUNT; i++)
	{
		values[i] = PG_GETARG_DATUM(i);
		nulls[i] = PG_ARGISNULL(i);
	}
	read_values(values, nulls, &options);
	PG_RETURN_DATUM(composite_result(fcinfo,
									 (Datum[]) {Int32GetDatum(options.bins), Float8GetDatum(options.confidence)},
									 (bool[OPTION_COUNT]) {false}));
}

PG_FUNCTION_INFO_V1(calibration_transition);
Datum
calibration_transition(PG_FUNCTION_ARGS)
{
	const options_cache *cache = options_arg(fcinfo, 3, sizeof(calibration_options), read_options);
	bool		decided = decided_args(fcinfo);
	state_object *object = state_arg_rw(fcinfo, 0, &calibration_type);

	calibration_add(object->data, cache->options, decided,
					decided ? PG_GETARG_FLOAT8(1) : 0, decided && PG_GETARG_BOOL(2), state_arena(object));
	STATE_RETURN(object);
}

PG_FUNCTION_INFO_V1(calibration_state_combine);
Datum
calibration_state_combine(PG_FUNCTION_ARGS)
{
	const calibration_state *other = state_arg_ro(fcinfo, 1, &calibration_type);
	state_object *object;

	if (other == NULL && PG_ARGISNULL(0))
		PG_RETURN_NULL();
	object = state_arg_rw(fcinfo, 0, &calibration_type);
	if (other != NULL)
		calibration_combine(object->data, other, state_arena(object));
	STATE_RETURN(object);
}

STATE_IO_FUNCTIONS(calibration_state, &calibration_type);

/* A value of type calibration_bin, its attributes in order. */
static void
write_bin(const void *calibration, int i, Datum *values, bool *nulls)
{
	const calibration_state *state = calibration;
	const calibration_bin *bin = &state->bins[i];
	double		confidence = state->options.confidence;

	values[0] = Int32GetDatum(i + 1);
	values[1] = Float8GetDatum(calibration_bound(&state->options, i));
	values[2] = Float8GetDatum(calibration_bound(&state->options, i + 1));
	values[3] = Int64GetDatum(bin->n);
	values[4] = Int64GetDatum(bin->won);
	if (bin->n == 0)
		nulls[5] = nulls[6] = nulls[7] = nulls[8] = true;
	else
	{
		values[5] = Float8GetDatum(calibration_mean(bin, (core_arena *) CurrentMemoryContext));
		values[6] = Float8GetDatum((double) bin->won / bin->n);
		values[7] = Float8GetDatum(wilson_lower_bound(bin->won, bin->n, confidence));
		values[8] = Float8GetDatum(wilson_upper_bound(bin->won, bin->n, confidence));
	}
}

PG_FUNCTION_INFO_V1(calibration_state_final);
Datum
calibration_state_final(PG_FUNCTION_ARGS)
{
	const calibration_state *state = state_arg_ro(fcinfo, 0, &calibration_type);

	if (state == NULL || !state->has_options)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(composite_array(fcinfo, state, state->options.bins, write_bin));
}
