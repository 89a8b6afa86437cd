/*
 * stage_times.c
 *		Aggregates stage_times(entity, step, entered_at, options) and
 *		stage_times_corrected(entity, step, entered_at, place, options), and sorted_position().
 *
 * The mathematics is in core/stage_times.c.
 */
#include "options.h"

#include "access/htup_details.h"
#include "utils/array.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "core/stage_times.h"

static void *
create_state(core_arena *arena)
{
	return funnel_create(arena);
}

static Size
state_size(const void *state)
{
	return stage_times_size(state);
}

static void
write_state(const void *state, wire_writer *w)
{
	stage_times_write(state, w);
}

static void *
read_state(wire_reader *r, core_arena *arena)
{
	return stage_times_read(r, arena);
}

/* The bytes are those of a funnel_state, and more: whoever gives that another format does so here. */
static const state_type stage_times_state = {
	.name = "stage_times_state",
	.format = 4,
	.create = create_state,
	.size = state_size,
	.write = write_state,
	.read = read_state
};

/* ---- options ----------------------------------------------------------------- */

/* The fields of stage_times_options, which are the arguments of its builder. */
enum
{
	OPTION_AS_OF,
	OPTION_FINAL_STEPS,
	OPTION_IN_ORDER,
	OPTION_PERCENTILE,
	OPTION_COUNT
};

static int
compare_int32(const void *a, const void *b)
{
	int32		x = *(const int32 *) a;
	int32		y = *(const int32 *) b;

	return (x > y) - (x < y);
}

/* A list of steps, each once and in order: lists of the same steps are the same. */
static funnel_list
read_list(Datum value)
{
	ArrayType  *array = DatumGetArrayTypeP(value);
	int			count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	int32_t    *items = palloc(count * sizeof(int32_t));
	int			kept = 0;

	if (ARR_NDIM(array) > 1 || array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("final_steps must be a list without NULLs")));
	memcpy(items, ARR_DATA_PTR(array), count * sizeof(int32_t));
	qsort(items, count, sizeof(int32_t), compare_int32);
	for (int i = 0; i < count; i++)
		if (kept == 0 || items[kept - 1] != items[i])
			items[kept++] = items[i];
	return (funnel_list) {kept, items};
}

/* Options from the values, checked. */
static funnel_options
options_of(const Datum *values, const bool *nulls)
{
	funnel_list final_steps = {0, NULL};

	if (!nulls[OPTION_FINAL_STEPS])
		final_steps = read_list(values[OPTION_FINAL_STEPS]);
	return stage_times_options(!nulls[OPTION_AS_OF],
							   nulls[OPTION_AS_OF] ? 0 : DatumGetTimestampTz(values[OPTION_AS_OF]),
							   final_steps,
							   !nulls[OPTION_IN_ORDER] && DatumGetBool(values[OPTION_IN_ORDER]),
							   nulls[OPTION_PERCENTILE] ? STAGE_TIMES_PERCENTILE
							   : DatumGetFloat8(values[OPTION_PERCENTILE]));
}

/* An options_reader. */
static void
read_options(HeapTupleHeader composite, void *options)
{
	Datum		values[OPTION_COUNT];
	bool		nulls[OPTION_COUNT] = {true, true, true, true};

	if (composite != NULL)
		composite_fields(composite, OPTION_COUNT, values, nulls);
	*(funnel_options *) options = options_of(values, nulls);
}

/* The same of rows with places, which come in order whether the options say so or not. */
static void
read_options_in_order(HeapTupleHeader composite, void *options)
{
	read_options(composite, options);
	((funnel_options *) options)->ties = FUNNEL_IN_ORDER;
}

PG_FUNCTION_INFO_V1(stage_times_options_build);
Datum
stage_times_options_build(PG_FUNCTION_ARGS)
{
	Datum		values[OPTION_COUNT];
	bool		nulls[OPTION_COUNT];

	for (int i = 0; i < OPTION_COUNT; i++)
	{
		values[i] = PG_GETARG_DATUM(i);
		nulls[i] = PG_ARGISNULL(i);
	}
	(void) options_of(values, nulls);
	PG_RETURN_DATUM(composite_result(fcinfo, values, nulls));
}

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
				 errmsg("the stage_times_state is one of another entity type")));
	else if (!funnel_options_equal(&state->options, cache->options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options of stage_times must be the same for all rows of a group"),
				 errhint("Group by what the options are computed from.")));
	state->options_known_as = cache->mark;
}

/* The state, with the options of the row; marks are of one function, so of one form. */
static inline state_object *
begin_row(FunctionCallInfo fcinfo, funnel_form form)
{
	state_object *object = state_arg_rw(fcinfo, 0, &stage_times_state);
	const options_cache *cache = options_arg(fcinfo, 4, sizeof(funnel_options), read_options);
	funnel_state *state = object->data;

	if (unlikely(state->options_known_as != cache->mark))
	{
		check_options(cache, state, form);
		/* a row without a place comes behind those that have one */
		stage_instant_close(state);
	}
	return object;
}

static inline bool
row_is_complete(FunctionCallInfo fcinfo)
{
	return !PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !PG_ARGISNULL(3);
}

PG_FUNCTION_INFO_V1(stage_times_int8);
Datum
stage_times_int8(PG_FUNCTION_ARGS)
{
	state_object *object = begin_row(fcinfo, FUNNEL_INT8);

	if (row_is_complete(fcinfo))
		stage_times_add(object->data, (uint64) PG_GETARG_INT64(1), PG_GETARG_INT32(2), PG_GETARG_TIMESTAMPTZ(3));
	STATE_RETURN(object);
}

PG_FUNCTION_INFO_V1(stage_times_corrected_int8);
Datum
stage_times_corrected_int8(PG_FUNCTION_ARGS)
{
	state_object *object = state_arg_rw(fcinfo, 0, &stage_times_state);
	const options_cache *cache = options_arg(fcinfo, 5, sizeof(funnel_options), read_options_in_order);
	funnel_state *state = object->data;

	if (unlikely(state->options_known_as != cache->mark))
		check_options(cache, state, FUNNEL_INT8);
	if (row_is_complete(fcinfo) && !PG_ARGISNULL(4))
		stage_times_add_placed(state, (uint64) PG_GETARG_INT64(1), PG_GETARG_INT32(2), PG_GETARG_TIMESTAMPTZ(3),
							   PG_GETARG_INT64(4));
	STATE_RETURN(object);
}

PG_FUNCTION_INFO_V1(stage_times_uuid);
Datum
stage_times_uuid(PG_FUNCTION_ARGS)
{
	state_object *object = begin_row(fcinfo, FUNNEL_UUID);

	if (row_is_complete(fcinfo))
		stage_times_add_bytes(object->data, PG_GETARG_UUID_P(1)->data, UUID_LEN,
							  PG_GETARG_INT32(2), PG_GETARG_TIMESTAMPTZ(3));
	STATE_RETURN(object);
}

PG_FUNCTION_INFO_V1(stage_times_text);
Datum
stage_times_text(PG_FUNCTION_ARGS)
{
	state_object *object = begin_row(fcinfo, FUNNEL_TEXT);

	if (row_is_complete(fcinfo))
	{
		text	   *entity = PG_GETARG_TEXT_PP(1);

		stage_times_add_bytes(object->data, VARDATA_ANY(entity), VARSIZE_ANY_EXHDR(entity),
							  PG_GETARG_INT32(2), PG_GETARG_TIMESTAMPTZ(3));
		PG_FREE_IF_COPY(entity, 1);
	}
	STATE_RETURN(object);
}

/* ---- combine ----------------------------------------------------------------- */

PG_FUNCTION_INFO_V1(stage_times_combine_states);
Datum
stage_times_combine_states(PG_FUNCTION_ARGS)
{
	const funnel_state *from = state_arg_ro(fcinfo, 1, &stage_times_state);
	state_object *object;

	if (from == NULL)
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	object = state_arg_rw(fcinfo, 0, &stage_times_state);
	stage_times_combine(object->data, from);
	STATE_RETURN(object);
}

/* ---- state input and output -------------------------------------------------- */

STATE_IO_FUNCTIONS(stage_times_state, &stage_times_state);

/* ---- final ------------------------------------------------------------------- */

/* A value of type stage_time, its attributes in order. */
static void
write_time(const void *times, int i, Datum *values, bool *nulls)
{
	const stage_time *row = (const stage_time *) times + i;
	const funnel_figure *figures[] = {
		&row->mean_days, &row->median_days, &row->p90_days, &row->all_median_days, &row->all_p90_days,
		&row->entity_mean_days, &row->entity_median_days, &row->entity_p90_days
	};

	values[0] = Int32GetDatum(row->step);
	values[1] = Int64GetDatum(row->visits);
	values[2] = Int64GetDatum(row->open_visits);
	values[3] = Int64GetDatum(row->entities);
	for (int f = 0; f < (int) lengthof(figures); f++)
	{
		values[4 + f] = Float8GetDatum(figures[f]->value);
		nulls[4 + f] = !figures[f]->known;
	}
}

PG_FUNCTION_INFO_V1(stage_times_final);
Datum
stage_times_final(PG_FUNCTION_ARGS)
{
	const funnel_state *state = state_arg_ro(fcinfo, 0, &stage_times_state);
	MemoryContext scratch;
	stage_time	rows[FUNNEL_MAX_STEPS];
	int			count;

	if (state == NULL)
		PG_RETURN_NULL();
	scratch = AllocSetContextCreate(CurrentMemoryContext, "stage_times", ALLOCSET_DEFAULT_SIZES);
	count = stage_times_result(state, (core_arena *) scratch, rows);
	MemoryContextDelete(scratch);
	if (count == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(composite_array(fcinfo, rows, count, write_time));
}

/* ---- steps from ids ------------------------------------------------------------ */

PG_FUNCTION_INFO_V1(sorted_position);
Datum
sorted_position(PG_FUNCTION_ARGS)
{
	ArrayType  *list = PG_GETARG_ARRAYTYPE_P(0);
	int64		value = PG_GETARG_INT64(1);
	const int64 *items = (const int64 *) ARR_DATA_PTR(list);
	const int64 *from = items;
	int			count = ArrayGetNItems(ARR_NDIM(list), ARR_DIMS(list));
	int			position = 0;

	if (ARR_NDIM(list) > 1 || array_contains_nulls(list))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("sorted must be a list without NULLs")));
	/* without a branch that depends on the value, which would be guessed wrong half of the time */
	for (uint32 left = count; left > 1; left -= left / 2)
		from += from[left / 2 - 1] < value ? left / 2 : 0;
	if (count > 0 && *from == value)
		position = from - items + 1;
	PG_FREE_IF_COPY(list, 0);
	PG_RETURN_INT32(position);
}
