/*
 * plan_variance.c
 *		plan_variance(planned, actual): the plan, what came of it, the gap.
 */
#include "amount.h"
#include "options.h"

#include "core/quotient.h"

/*
 * The state: a sum of either side, and the rows.  A row counts when at least
 * one side is there; a side that is NULL adds nothing, hence counts as 0.
 */
typedef struct plan_variance_data
{
	core_arena *arena;
	int64		n;				/* rows with at least one amount */
	amount_sum planned;
	amount_sum actual;
} plan_variance_data;

/* ---- the state ---- */

static void *
plan_variance_create(core_arena *arena)
{
	plan_variance_data *data = core_alloc(arena, sizeof(plan_variance_data));

	memset(data, 0, sizeof(plan_variance_data));
	data->arena = arena;
	return data;
}

static Size
plan_variance_size(const void *state)
{
	const plan_variance_data *data = state;

	return 8 + amount_sum_size(&data->planned) + amount_sum_size(&data->actual);
}

static void
plan_variance_write(const void *state, wire_writer *w)
{
	const plan_variance_data *data = state;

	wire_put_u64(w, data->n);
	amount_sum_write(&data->planned, w);
	amount_sum_write(&data->actual, w);
}

/* A row has one amount or both. */
static bool
counts_agree(const plan_variance_data *data)
{
	return data->planned.count <= data->n && data->actual.count <= data->n &&
		data->planned.count >= data->n - data->actual.count;
}

static void *
plan_variance_read(wire_reader *r, core_arena *arena)
{
	plan_variance_data *data = plan_variance_create(arena);
	uint64		n = wire_get_u64(r);

	if (n > PG_INT64_MAX)
		wire_refuse(r, "Its counts do not add up.");
	data->n = n;
	amount_sum_read(&data->planned, data->n, r, arena);
	amount_sum_read(&data->actual, data->n, r, arena);
	if (!counts_agree(data))
		wire_refuse(r, "Its counts do not add up.");
	return data;
}

static const state_type plan_variance_type = {
	.name = "plan_variance_state",
	.format = 1,
	.create = plan_variance_create,
	.size = plan_variance_size,
	.write = plan_variance_write,
	.read = plan_variance_read
};

/* ---- the functions ---- */

/* A row of any amounts. */
static pg_noinline Datum
add_any_amounts(FunctionCallInfo fcinfo)
{
	amount_of_row planned,
				actual;
	state_object *object;
	plan_variance_data *data;

	amount_of_arg(&planned, fcinfo, 1, "planned");
	amount_of_arg(&actual, fcinfo, 2, "actual");
	object = state_arg_rw(fcinfo, 0, &plan_variance_type);
	data = object->data;
	if (!amount_is_null(&planned) || !amount_is_null(&actual))
	{
		data->n = add_counts(data->n, 1);
		amount_sum_add_row(&data->planned, &planned, data->arena);
		amount_sum_add_row(&data->actual, &actual, data->arena);
	}
	STATE_RETURN(object);
}

PG_FUNCTION_INFO_V1(plan_variance_transition);
Datum
plan_variance_transition(PG_FUNCTION_ARGS)
{
	int64		planned,
				actual;
	int32		planned_scale,
				actual_scale;
	state_object *object;
	plan_variance_data *data;

	/* nearly every row */
	if (unlikely(PG_ARGISNULL(1) || PG_ARGISNULL(2) ||
				 !numeric_to_small_units(PG_GETARG_DATUM(1), &planned, &planned_scale) ||
				 !numeric_to_small_units(PG_GETARG_DATUM(2), &actual, &actual_scale)))
		return add_any_amounts(fcinfo);
	object = state_arg_rw(fcinfo, 0, &plan_variance_type);
	data = object->data;
	data->n = add_counts(data->n, 1);
	amount_sum_add_units(&data->planned, planned, planned_scale, data->arena);
	amount_sum_add_units(&data->actual, actual, actual_scale, data->arena);
	STATE_RETURN(object);
}

PG_FUNCTION_INFO_V1(plan_variance_inverse);
Datum
plan_variance_inverse(PG_FUNCTION_ARGS)
{
	amount_of_row planned,
				actual;
	state_object *object;
	plan_variance_data *data;

	amount_of_arg(&planned, fcinfo, 1, "planned");
	amount_of_arg(&actual, fcinfo, 2, "actual");
	object = state_arg_rw(fcinfo, 0, &plan_variance_type);
	data = object->data;
	if (!amount_is_null(&planned) || !amount_is_null(&actual))
		data->n--;
	if (!amount_sum_remove_row(&data->planned, &planned, data->arena) ||
		!amount_sum_remove_row(&data->actual, &actual, data->arena) ||
		!counts_agree(data))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot remove a row that is not in the state")));
	STATE_RETURN(object);
}

PG_FUNCTION_INFO_V1(plan_variance_combine);
Datum
plan_variance_combine(PG_FUNCTION_ARGS)
{
	const plan_variance_data *other = state_arg_ro(fcinfo, 1, &plan_variance_type);
	state_object *object;
	plan_variance_data *data;

	if (other == NULL && PG_ARGISNULL(0))
		PG_RETURN_NULL();
	object = state_arg_rw(fcinfo, 0, &plan_variance_type);
	if (other != NULL)
	{
		data = object->data;
		data->n = add_counts(data->n, other->n);
		amount_sum_merge(&data->planned, &other->planned, data->arena);
		amount_sum_merge(&data->actual, &other->actual, data->arena);
	}
	STATE_RETURN(object);
}

STATE_IO_FUNCTIONS(plan_variance_state, &plan_variance_type);

static void
fill_figures_from_numerics(const plan_variance_data *data, Datum *values, bool *nulls)
{
	Numeric		planned = amount_sum_total(&data->planned);
	Numeric		actual = amount_sum_total(&data->actual);
	Numeric		variance = CALL2(numeric_sub, actual, planned);

	values[0] = NumericGetDatum(planned);
	values[1] = NumericGetDatum(actual);
	values[2] = NumericGetDatum(variance);
	nulls[3] = nulls[4] = compare_numerics(planned, int64_to_numeric(0)) == 0;
	if (!nulls[3])
	{
		Numeric		size = CALL1(numeric_abs, planned);

		values[3] = Float8GetDatum(amount_ratio(variance, size));
		values[4] = Float8GetDatum(amount_ratio(CALL2(numeric_add, size, variance), size));
	}
}

/*
 * The five figures of both sums.  Where both are integers of units, the
 * differences and quotients are those of integers: the server's divisions
 * would cost more than a row of a moving window does otherwise.
 */
static void
fill_figures(const plan_variance_data *data, Datum *values, bool *nulls)
{
	int128		planned,
				actual,
				variance;
	int32		planned_scale,
				actual_scale;

	if (amount_sum_units(&data->planned, &planned, &planned_scale) &&
		amount_sum_units(&data->actual, &actual, &actual_scale) &&
		!__builtin_sub_overflow(actual, planned, &variance))
	{
		int32		scale = Max(planned_scale, actual_scale);
		int128		size = planned < 0 ? -planned : planned;
		int128		met;

		if (size >= 0 && !__builtin_add_overflow(size, variance, &met))
		{
			values[0] = NumericGetDatum(numeric_from_units(planned, planned_scale));
			values[1] = NumericGetDatum(numeric_from_units(actual, actual_scale));
			values[2] = NumericGetDatum(numeric_from_units(variance, scale));
			nulls[3] = nulls[4] = size == 0;
			if (size != 0)
			{
				/* smaller numbers of the same quotient */
				size = units_at_scale(size, scale);
				variance = units_at_scale(variance, scale);
				met = units_at_scale(met, scale);
				values[3] = Float8GetDatum(quotient_nearest(variance, size));
				values[4] = Float8GetDatum(quotient_nearest(met, size));
			}
			return;
		}
	}
	fill_figures_from_numerics(data, values, nulls);
}

PG_FUNCTION_INFO_V1(plan_variance_final);
Datum
plan_variance_final(PG_FUNCTION_ARGS)
{
	const plan_variance_data *data = state_arg_ro(fcinfo, 0, &plan_variance_type);
	Datum		values[6];
	bool		nulls[6] = {false};

	if (data == NULL || data->n == 0)
		PG_RETURN_NULL();
	fill_figures(data, values, nulls);
	values[5] = Int64GetDatum(data->n);
	PG_RETURN_DATUM(composite_result(fcinfo, values, nulls));
}
