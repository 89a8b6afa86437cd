/*
 * competing_risks.c
 *		Aggregate competing_risks(duration_days, won, options).
 *
 * The mathematics is in core/competing.c.
 */
#include "options.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "core/competing.h"

static const state_type competing_risks_state = {
	.name = "competing_risks_state",
	.format = 1,
	.create = competing_create,
	.size = competing_size,
	.write = competing_write,
	.read = competing_read
};

/* ---- options ----------------------------------------------------------------- */

/* The fields of competing_risks_options, which are the arguments of its builder. */
enum
{
	OPTION_CONFIDENCE,
	OPTION_HORIZON_DAYS,
	OPTION_CURVE,
	OPTION_COUNT
};

/* Options from the three values, checked; NULL is each one's default. */
static competing_options
options_of(const Datum *values, const bool *nulls)
{
	competing_options options = competing_default_options;

	if (!nulls[OPTION_CONFIDENCE])
		options.confidence = DatumGetFloat8(values[OPTION_CONFIDENCE]);
	if (!nulls[OPTION_HORIZON_DAYS])
	{
		options.has_horizon = true;
		options.horizon = DatumGetFloat8(values[OPTION_HORIZON_DAYS]);
	}
	if (!nulls[OPTION_CURVE])
		options.curve = DatumGetBool(values[OPTION_CURVE]);
	competing_check_options(&options);
	return options;
}

/* An options_reader. */
static void
read_options(HeapTupleHeader composite, void *options)
{
	Datum		values[OPTION_COUNT];
	bool		nulls[OPTION_COUNT] = {true, true, true};

	if (composite != NULL)
		composite_fields(composite, OPTION_COUNT, values, nulls);
	*(competing_options *) options = options_of(values, nulls);
}

PG_FUNCTION_INFO_V1(competing_risks_options_build);
Datum
competing_risks_options_build(PG_FUNCTION_ARGS)
{
	Datum		values[OPTION_COUNT];
	bool		nulls[OPTION_COUNT];
	competing_options options;

	for (int i = 0; i < OPTION_COUNT; i++)
	{
		values[i] = PG_GETARG_DATUM(i);
		nulls[i] = PG_ARGISNULL(i);
	}
	options = options_of(values, nulls);
	PG_RETURN_DATUM(composite_result(fcinfo,
									 (Datum[]) {
										 Float8GetDatum(options.confidence), Float8GetDatum(options.horizon),
										 BoolGetDatum(options.curve)
									 },
									 (bool[]) {false, !options.has_horizon, false}));
}

/* ---- transition -------------------------------------------------------------- */

PG_FUNCTION_INFO_V1(competing_risks_transition);
Datum
competing_risks_transition(PG_FUNCTION_ARGS)
{
	const options_cache *cache = options_arg(fcinfo, 3, sizeof(competing_options), read_options);
	state_object *object = state_arg_rw(fcinfo, 0, &competing_risks_state);
	competing_state *state = object->data;

	if (unlikely(state->options_known_as != cache->mark))
	{
		competing_adopt_options(state, cache->options);
		state->options_known_as = cache->mark;
	}
	if (!PG_ARGISNULL(1))
		competing_add(state, PG_GETARG_FLOAT8(1),
					  PG_ARGISNULL(2) ? COMPETING_OPEN : PG_GETARG_BOOL(2) ? COMPETING_WON : COMPETING_LOST);
	STATE_RETURN(object);
}

/* ---- combine ----------------------------------------------------------------- */

PG_FUNCTION_INFO_V1(competing_risks_combine);
Datum
competing_risks_combine(PG_FUNCTION_ARGS)
{
	const competing_state *from = state_arg_ro(fcinfo, 1, &competing_risks_state);
	state_object *object;

	if (from == NULL)
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	object = state_arg_rw(fcinfo, 0, &competing_risks_state);
	competing_combine(object->data, from);
	STATE_RETURN(object);
}

/* ---- state input and output -------------------------------------------------- */

STATE_IO_FUNCTIONS(competing_risks_state, &competing_risks_state);

/* ---- final ------------------------------------------------------------------- */

/* Fields of competing_risks_result. */
enum
{
	RESULT_N,
	RESULT_WON,
	RESULT_LOST,
	RESULT_OPEN,
	RESULT_HORIZON_DAYS,
	RESULT_WIN_RATE,
	RESULT_WIN_RATE_LOWER,
	RESULT_WIN_RATE_UPPER,
	RESULT_LOSS_RATE,
	RESULT_LOSS_RATE_LOWER,
	RESULT_LOSS_RATE_UPPER,
	RESULT_OPEN_SHARE,
	RESULT_CURVE,
	RESULT_COUNT
};

/* A value of type competing_risks_point, its attributes in order. */
static Datum
point_datum(const competing_point *point, TupleDesc description)
{
	Datum		values[] = {
		Float8GetDatum(point->day), Int64GetDatum(point->at_risk), Int64GetDatum(point->won),
		Int64GetDatum(point->lost), Float8GetDatum(point->win.share), Float8GetDatum(point->win.lower),
		Float8GetDatum(point->win.upper), Float8GetDatum(point->loss.share), Float8GetDatum(point->open_share)
	};
	bool		nulls[lengthof(values)] = {
		[5] = !point->win.has_interval,[6] = !point->win.has_interval
	};

	return HeapTupleGetDatum(heap_form_tuple(description, values, nulls));
}

/* The curve as an array of type curve_type. */
static Datum
curve_datum(const competing_result *result, Oid curve_type)
{
	Oid			point_type = get_element_type(curve_type);
	TupleDesc	description = lookup_rowtype_tupdesc(point_type, -1);
	Datum	   *elements;

	if (result->point_count > MaxArraySize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the curve would have %zu points", result->point_count),
				 errhint("Round the durations, as to days, or use competing_risks_options(curve => false).")));
	elements = palloc(result->point_count * sizeof(Datum));
	for (size_t i = 0; i < result->point_count; i++)
	{
		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		elements[i] = point_datum(&result->points[i], description);
	}
	ReleaseTupleDesc(description);
	return PointerGetDatum(construct_array(elements, (int) result->point_count, point_type,
										   -1, false, TYPALIGN_DOUBLE));
}

static void
put_share(const competing_share *share, bool known, Datum *values, bool *nulls)
{
	values[0] = Float8GetDatum(share->share);
	values[1] = Float8GetDatum(share->lower);
	values[2] = Float8GetDatum(share->upper);
	nulls[0] = !known;
	nulls[1] = nulls[2] = !share->has_interval;
}

PG_FUNCTION_INFO_V1(competing_risks_final);
Datum
competing_risks_final(PG_FUNCTION_ARGS)
{
	const competing_state *state = state_arg_ro(fcinfo, 0, &competing_risks_state);
	competing_result result;
	MemoryContext scratch;
	TupleDesc	description;
	Datum		values[RESULT_COUNT] = {0};
	bool		nulls[RESULT_COUNT] = {false};

	if (state == NULL)
		PG_RETURN_NULL();
	if (get_call_result_type(fcinfo, NULL, &description) != TYPEFUNC_COMPOSITE)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the function is not declared to return a composite type")));
	scratch = AllocSetContextCreate(CurrentMemoryContext, "competing_risks", ALLOCSET_DEFAULT_SIZES);
	competing_final(state, (core_arena *) scratch, &result);

	values[RESULT_N] = Int64GetDatum(result.n);
	values[RESULT_WON] = Int64GetDatum(result.won);
	values[RESULT_LOST] = Int64GetDatum(result.lost);
	values[RESULT_OPEN] = Int64GetDatum(result.n - result.won - result.lost);
	values[RESULT_HORIZON_DAYS] = Float8GetDatum(result.horizon);
	put_share(&result.win, result.n > 0, &values[RESULT_WIN_RATE], &nulls[RESULT_WIN_RATE]);
	put_share(&result.loss, result.n > 0, &values[RESULT_LOSS_RATE], &nulls[RESULT_LOSS_RATE]);
	values[RESULT_OPEN_SHARE] = Float8GetDatum(result.open_share);
	nulls[RESULT_HORIZON_DAYS] = nulls[RESULT_OPEN_SHARE] = result.n == 0;
	nulls[RESULT_CURVE] = result.point_count == 0;
	if (result.point_count > 0)
		values[RESULT_CURVE] = curve_datum(&result, TupleDescAttr(description, RESULT_CURVE)->atttypid);
	MemoryContextDelete(scratch);
	PG_RETURN_DATUM(composite_result(fcinfo, values, nulls));
}
