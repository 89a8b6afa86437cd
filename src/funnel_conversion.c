/*
 * funnel_conversion.c
 *		Aggregate funnel_conversion(entity, step, at, options).
 */
#include "funnel_options.h"

#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

static void *
create_state(core_arena *arena)
{
	return funnel_create(arena);
}

static Size
state_size(const void *state)
{
	return funnel_size(state);
}

static void
write_state(const void *state, wire_writer *w)
{
	funnel_write(state, w);
}

static void *
read_state(wire_reader *r, core_arena *arena)
{
	return funnel_read(r, arena);
}

static Size
bulk_size(const void *state)
{
	return funnel_bulk_size(state);
}

static Size
rest_size(const void *state)
{
	return funnel_rest_size(state);
}

static void
write_apart(const void *state, wire_writer *rest, uint8_t *bulk)
{
	funnel_write_apart(state, rest, bulk);
}

PG_FUNCTION_INFO_V1(funnel_conversion_combine);

static const state_type funnel_state_type = {
	.name = "funnel_state", .format = 2,
	.create = create_state, .size = state_size, .write = write_state, .read = read_state,
	.bulk_size = bulk_size, .rest_size = rest_size, .write_apart = write_apart,
	.combine = funnel_conversion_combine
};

/* ---- transition -------------------------------------------------------------- */

/* The state of a row's group, which has the options of cache. */
static void
check_options(const options_cache *cache, funnel_state *state, funnel_form form)
{
	if (state->form == FUNNEL_NO_FORM)
		funnel_begin(state, form, cache->options);
	else if (state->form != form)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("the funnel_state is one of another entity type")));
	else if (!funnel_options_equal(&state->options, cache->options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options of funnel_conversion must be the same for all rows of a group"),
				 errhint("Group by what the options are computed from.")));
	state->options_known_as = cache->mark;
}

/* The same for the options of a row; marks are of one function, so of one form. */
static inline void
check_row(FunctionCallInfo fcinfo, funnel_state *state, funnel_form form)
{
	const options_cache *cache = options_arg(fcinfo, 4, sizeof(funnel_options), funnel_options_read);

	if (unlikely(state->options_known_as != cache->mark))
		check_options(cache, state, form);
}

static bool
row_is_complete(FunctionCallInfo fcinfo)
{
	return !PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !PG_ARGISNULL(3);
}

PG_FUNCTION_INFO_V1(funnel_conversion_int8);
Datum
funnel_conversion_int8(PG_FUNCTION_ARGS)
{
	state_object *object = state_arg_rw(fcinfo, 0, &funnel_state_type);
	funnel_state *state = object->data;

	check_row(fcinfo, state, FUNNEL_INT8);
	if (row_is_complete(fcinfo))
		funnel_add_row(state, (uint64) PG_GETARG_INT64(1), PG_GETARG_INT32(2), PG_GETARG_TIMESTAMPTZ(3));
	STATE_RETURN(object);
}

/* An event of an entity known by its bytes. */
static void
append_bytes(FunctionCallInfo fcinfo, funnel_state *state, const void *bytes, Size size)
{
	int64		at = PG_GETARG_TIMESTAMPTZ(3);
	int32		step = PG_GETARG_INT32(2);

	if (!funnel_is_easy(state, step, at))
		step = funnel_classify(state, step, at);
	if (step != FUNNEL_IGNORED)
		funnel_append_bytes(state, bytes, size, at, step);
}

PG_FUNCTION_INFO_V1(funnel_conversion_uuid);
Datum
funnel_conversion_uuid(PG_FUNCTION_ARGS)
{
	state_object *object = state_arg_rw(fcinfo, 0, &funnel_state_type);
	funnel_state *state = object->data;

	check_row(fcinfo, state, FUNNEL_UUID);
	if (row_is_complete(fcinfo))
		append_bytes(fcinfo, state, PG_GETARG_UUID_P(1)->data, UUID_LEN);
	STATE_RETURN(object);
}

PG_FUNCTION_INFO_V1(funnel_conversion_text);
Datum
funnel_conversion_text(PG_FUNCTION_ARGS)
{
	state_object *object = state_arg_rw(fcinfo, 0, &funnel_state_type);
	funnel_state *state = object->data;

	check_row(fcinfo, state, FUNNEL_TEXT);
	if (row_is_complete(fcinfo))
	{
		text	   *entity = PG_GETARG_TEXT_PP(1);

		append_bytes(fcinfo, state, VARDATA_ANY(entity), VARSIZE_ANY_EXHDR(entity));
		PG_FREE_IF_COPY(entity, 1);
	}
	STATE_RETURN(object);
}

/* ---- combine ----------------------------------------------------------------- */

Datum
funnel_conversion_combine(PG_FUNCTION_ARGS)
{
	core_arena *scratch = (core_arena *) CurrentMemoryContext;
	state_object *object;
	state_source from;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	object = state_arg_rw(fcinfo, 0, &funnel_state_type);
	state_arg_source(fcinfo, 1, &funnel_state_type, object, &from);
	if (from.lasting)
		funnel_combine_lasting(object->data, from.data);
	else if (from.data != NULL)
		funnel_combine(object->data, from.data);
	else
	{
		if (from.bulk != NULL)
			funnel_combine_apart(object->data, &from.reader, from.bulk, from.bulk_size, scratch);
		else
			funnel_combine_stored(object->data, &from.reader, scratch);
		wire_expect_end(&from.reader);
	}
	STATE_RETURN(object);
}

/* ---- state input and output -------------------------------------------------- */

STATE_IO_FUNCTIONS(funnel_state, &funnel_state_type);

/* ---- final ------------------------------------------------------------------- */

static void
put_figure(const funnel_figure *figure, Datum *value, bool *null)
{
	*value = Float8GetDatum(figure->value);
	*null = !figure->known;
}

/* A value of type funnel_step, its attributes in order. */
static void
write_step(const void *steps, int i, Datum *values, bool *nulls)
{
	const funnel_step *step = (const funnel_step *) steps + i;

	values[0] = Int32GetDatum(i + 1);
	values[1] = Int64GetDatum(step->entered);
	values[2] = Int64GetDatum(step->reached);
	put_figure(&step->conversion_rate, &values[3], &nulls[3]);
	put_figure(&step->step_rate, &values[4], &nulls[4]);
	values[5] = Int64GetDatum(step->lost);
	values[6] = Int64GetDatum(step->pending);
	put_figure(&step->mature_rate, &values[7], &nulls[7]);
	put_figure(&step->median_days, &values[8], &nulls[8]);
	put_figure(&step->p90_days, &values[9], &nulls[9]);
	put_figure(&step->step_median_days, &values[10], &nulls[10]);
	put_figure(&step->step_p90_days, &values[11], &nulls[11]);
}

PG_FUNCTION_INFO_V1(funnel_conversion_final);
Datum
funnel_conversion_final(PG_FUNCTION_ARGS)
{
	const funnel_state *state = state_arg_ro(fcinfo, 0, &funnel_state_type);
	MemoryContext scratch;
	funnel_step steps[FUNNEL_MAX_STEPS];
	int			count;

	if (state == NULL)
		PG_RETURN_NULL();
	scratch = AllocSetContextCreate(CurrentMemoryContext, "funnel_conversion", ALLOCSET_DEFAULT_SIZES);
	count = funnel_result(state, (core_arena *) scratch, steps);
	MemoryContextDelete(scratch);
	if (count == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(composite_array(fcinfo, steps, count, write_step));
}
