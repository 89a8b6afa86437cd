/*
 * forecast_accuracy.c
 *		forecast_accuracy(forecast, actual): how far off, and on which side.
 */
#include "amount.h"
#include "options.h"

#include <math.h>

#include "core/exact_sum.h"
#include "core/quotient.h"

/*
 * The state: what is left of any number of forecasts, each beside what came.
 *
 * A row counts when there is a forecast; a NULL actual is 0: nothing came.  The
 * sums of amounts are exact numerics, so whatever is made of them is exact too:
 * the sum of the errors is forecast - actual, and the sum of the actuals
 * without their signs is actual - 2 * negative.  The shares that the mean
 * absolute percentage error averages are float8, each the nearest to the
 * quotient of two exact amounts, and summed exactly (exact_sum.h): rows can be
 * taken out again, and their order does not show.
 */
typedef struct forecast_accuracy_data
{
	core_arena *arena;
	int64		n;				/* rows with a forecast */
	int64		mape_n;			/* those with an actual other than 0 */
	amount_sum	forecast;
	amount_sum	actual;			/* of those whose actual is not NULL */
	amount_sum	negative;		/* the actuals below 0: returns, write-offs */
	amount_sum	absolute_error; /* |forecast - actual| */
	exact_sum	shares;			/* |forecast - actual| / |actual|, of mape_n rows */
} forecast_accuracy_data;

/* ---- the state ---- */

static void *
forecast_accuracy_create(core_arena *arena)
{
	forecast_accuracy_data *data = core_alloc(arena, sizeof(forecast_accuracy_data));

	memset(data, 0, sizeof(forecast_accuracy_data));
	data->arena = arena;
	return data;
}

static Size
forecast_accuracy_size(const void *state)
{
	const forecast_accuracy_data *data = state;

	return 8 + 8 + amount_sum_size(&data->forecast) + amount_sum_size(&data->actual) +
		amount_sum_size(&data->negative) + amount_sum_size(&data->absolute_error) +
		exact_sum_size(&data->shares);
}

static void
forecast_accuracy_write(const void *state, wire_writer *w)
{
	const forecast_accuracy_data *data = state;

	wire_put_u64(w, data->n);
	wire_put_u64(w, data->mape_n);
	amount_sum_write(&data->forecast, w);
	amount_sum_write(&data->actual, w);
	amount_sum_write(&data->negative, w);
	amount_sum_write(&data->absolute_error, w);
	exact_sum_write(&data->shares, w);
}

static bool
counts_agree(const forecast_accuracy_data *data)
{
	return data->forecast.count == data->n && data->absolute_error.count == data->n &&
		data->actual.count <= data->n && data->mape_n >= 0 && data->mape_n <= data->actual.count &&
		data->negative.count <= data->mape_n;
}

/*
 * What holds of every row holds of the sums: the actuals that are not below 0
 * are above it, and the error is at least what forecast and actual differ by.
 */
static bool
sums_agree(const forecast_accuracy_data *data)
{
	const amount_sum *positive[] = {&data->actual, &data->negative};
	const amount_sum *error[] = {&data->absolute_error, &data->forecast, &data->actual};

	return amount_sum_balance(positive, (const int[]) {1, -1}, 2) >= 0 &&
		amount_sum_balance(error, (const int[]) {1, 1, -1}, 3) >= 0 &&
		amount_sum_balance(error, (const int[]) {1, -1, 1}, 3) >= 0;
}

static void *
forecast_accuracy_read(wire_reader *r, core_arena *arena)
{
	forecast_accuracy_data *data = forecast_accuracy_create(arena);
	uint64		n = wire_get_u64(r);
	uint64		mape_n = wire_get_u64(r);
	double		shares;

	if (n > PG_INT64_MAX || mape_n > n)
		wire_refuse(r, "Its counts do not add up.");
	data->n = n;
	data->mape_n = mape_n;
	amount_sum_read(&data->forecast, data->n, r, arena);
	amount_sum_read(&data->actual, data->n, r, arena);
	amount_sum_read(&data->negative, data->n, r, arena);
	amount_sum_read(&data->absolute_error, data->n, r, arena);
	exact_sum_read(&data->shares, r, arena);
	if (!counts_agree(data))
		wire_refuse(r, "Its counts do not add up.");
	/* no sum of absolute values is below 0, and none of values below 0 is above it */
	if (amount_sum_sign(&data->absolute_error) < 0)
		wire_refuse(r, "Its absolute error is below 0.");
	if (amount_sum_sign(&data->negative) > 0)
		wire_refuse(r, "Its actuals below 0 are above it.");
	shares = exact_sum_value(&data->shares, NULL, arena).fraction;
	if (shares < 0 || (shares > 0 && data->mape_n == 0))
		wire_refuse(r, "Its shares are not those of absolute errors.");
	if (!sums_agree(data))
		wire_refuse(r, "Its sums are not those of forecasts and actuals.");
	return data;
}

static const state_type forecast_accuracy_type = {
	.name = "forecast_accuracy_state",
	.format = 1,
	.create = forecast_accuracy_create,
	.size = forecast_accuracy_size,
	.write = forecast_accuracy_write,
	.read = forecast_accuracy_read
};

/* ---- the functions ---- */

/* What a row adds to the state, or takes out of it. */
typedef struct forecast_row
{
	amount_of_row forecast;		/* NULL: the row does not count */
	amount_of_row actual;		/* NULL: nothing came */
	amount_of_row absolute_error;
	int			sign;			/* of actual; 0 for NULL */
	float8		share;			/* absolute_error / |actual|, where that is not 0 */
} forecast_row;

/* Short amounts: integers all along. */
static pg_attribute_always_inline void
compare_units(forecast_row *row)
{
	int128		forecast = row->forecast.units;
	int128		actual = row->actual.units;
	int128		error = forecast > actual ? forecast - actual : actual - forecast;

	row->absolute_error = (amount_of_row) {error, Max(row->forecast.scale, row->actual.scale), true, NULL};
	row->sign = (actual > 0) - (actual < 0);
	if (row->sign != 0)
		row->share = quotient_nearest(error, actual > 0 ? actual : -actual);
}

static void
compare_amounts(forecast_row *row, Numeric forecast, Numeric actual)
{
	if (actual == NULL)
		row->absolute_error.other = CALL1(numeric_abs, forecast);
	else
	{
		row->absolute_error.other = CALL1(numeric_abs, CALL2(numeric_sub, forecast, actual));
		row->sign = compare_numerics(actual, int64_to_numeric(0));
		if (row->sign != 0)
			row->share = amount_ratio(row->absolute_error.other, CALL1(numeric_abs, actual));
	}
}

/* The row of the arguments; false where it does not count. */
static pg_attribute_always_inline bool
row_args(forecast_row *row, FunctionCallInfo fcinfo)
{
	amount_of_arg(&row->forecast, fcinfo, 1, "forecast");
	amount_of_arg(&row->actual, fcinfo, 2, "actual");
	row->absolute_error = (amount_of_row) {0};
	row->sign = 0;
	if (amount_is_null(&row->forecast))
		return false;
	if (likely(row->forecast.in_units && (row->actual.in_units || row->actual.other == NULL)))
		compare_units(row);
	else
		compare_amounts(row, amount_arg(fcinfo, 1, "forecast"), amount_arg(fcinfo, 2, "actual"));
	return true;
}

PG_FUNCTION_INFO_V1(forecast_accuracy_transition);
Datum
forecast_accuracy_transition(PG_FUNCTION_ARGS)
{
	forecast_row row;
	bool		counts = row_args(&row, fcinfo);
	state_object *object = state_arg_rw(fcinfo, 0, &forecast_accuracy_type);
	forecast_accuracy_data *data = object->data;

	if (!counts)
		STATE_RETURN(object);
	data->n = add_counts(data->n, 1);
	amount_sum_add_row(&data->forecast, &row.forecast, data->arena);
	amount_sum_add_row(&data->actual, &row.actual, data->arena);
	amount_sum_add_row(&data->absolute_error, &row.absolute_error, data->arena);
	if (row.sign < 0)
		amount_sum_add_row(&data->negative, &row.actual, data->arena);
	if (row.sign != 0)
	{
		data->mape_n++;
		exact_sum_add(&data->shares, row.share, data->arena);
	}
	STATE_RETURN(object);
}

PG_FUNCTION_INFO_V1(forecast_accuracy_inverse);
Datum
forecast_accuracy_inverse(PG_FUNCTION_ARGS)
{
	forecast_row row;
	bool		counts = row_args(&row, fcinfo);
	state_object *object = state_arg_rw(fcinfo, 0, &forecast_accuracy_type);
	forecast_accuracy_data *data = object->data;
	bool		there;

	if (!counts)
		STATE_RETURN(object);
	data->n--;
	there = amount_sum_remove_row(&data->forecast, &row.forecast, data->arena) &&
		amount_sum_remove_row(&data->actual, &row.actual, data->arena) &&
		amount_sum_remove_row(&data->absolute_error, &row.absolute_error, data->arena) &&
		(row.sign >= 0 || amount_sum_remove_row(&data->negative, &row.actual, data->arena));
	if (there && row.sign != 0)
	{
		data->mape_n--;
		exact_sum_add(&data->shares, -row.share, data->arena);
	}
	if (!there || !counts_agree(data))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot remove a row that is not in the state")));
	STATE_RETURN(object);
}

PG_FUNCTION_INFO_V1(forecast_accuracy_combine);
Datum
forecast_accuracy_combine(PG_FUNCTION_ARGS)
{
	const forecast_accuracy_data *other = state_arg_ro(fcinfo, 1, &forecast_accuracy_type);
	state_object *object;
	forecast_accuracy_data *data;

	if (other == NULL && PG_ARGISNULL(0))
		PG_RETURN_NULL();
	object = state_arg_rw(fcinfo, 0, &forecast_accuracy_type);
	if (other != NULL)
	{
		data = object->data;
		data->n = add_counts(data->n, other->n);
		data->mape_n += other->mape_n;
		amount_sum_merge(&data->forecast, &other->forecast, data->arena);
		amount_sum_merge(&data->actual, &other->actual, data->arena);
		amount_sum_merge(&data->negative, &other->negative, data->arena);
		amount_sum_merge(&data->absolute_error, &other->absolute_error, data->arena);
		exact_sum_combine(&data->shares, &other->shares, data->arena);
	}
	STATE_RETURN(object);
}

STATE_IO_FUNCTIONS(forecast_accuracy_state, &forecast_accuracy_type);

/* Columns of forecast_accuracy_result. */
enum
{
	WAPE,
	MAPE,
	MAPE_N,
	BIAS,
	TRACKING_SIGNAL,
	FORECAST,
	ACTUAL,
	ABSOLUTE_ERROR,
	N,
	COLUMNS
};

/* dividend / divisor into a column; NULL for a divisor of 0. */
static void
ratio_column(Datum *values, bool *nulls, int column, Numeric dividend, Numeric divisor)
{
	nulls[column] = compare_numerics(divisor, int64_to_numeric(0)) == 0;
	if (!nulls[column])
		values[column] = Float8GetDatum(amount_ratio(dividend, divisor));
}

static float8
mean_share(const forecast_accuracy_data *data)
{
	exact_value count = {0, 0};
	float8		mean;

	count.fraction = frexp((double) data->mape_n, &count.exponent);
	mean = exact_ratio(exact_sum_value(&data->shares, NULL, (core_arena *) CurrentMemoryContext), count);
	if (isinf(mean))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("mape is out of range for type double precision")));
	return mean;
}

PG_FUNCTION_INFO_V1(forecast_accuracy_final);
Datum
forecast_accuracy_final(PG_FUNCTION_ARGS)
{
	const forecast_accuracy_data *data = state_arg_ro(fcinfo, 0, &forecast_accuracy_type);
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {false};
	Numeric		forecast;
	Numeric		actual;
	Numeric		negative;
	Numeric		absolute_error;
	Numeric		error;

	if (data == NULL || data->n == 0)
		PG_RETURN_NULL();
	forecast = amount_sum_total(&data->forecast);
	actual = amount_sum_total(&data->actual);
	negative = amount_sum_total(&data->negative);
	absolute_error = amount_sum_total(&data->absolute_error);
	error = CALL2(numeric_sub, forecast, actual);

	ratio_column(values, nulls, WAPE, absolute_error,
				 CALL2(numeric_sub, CALL2(numeric_sub, actual, negative), negative));
	nulls[MAPE] = data->mape_n == 0;
	if (!nulls[MAPE])
		values[MAPE] = Float8GetDatum(mean_share(data));
	values[MAPE_N] = Int64GetDatum(data->mape_n);
	ratio_column(values, nulls, BIAS, error, CALL1(numeric_abs, actual));
	ratio_column(values, nulls, TRACKING_SIGNAL,
				 CALL2(numeric_mul, error, int64_to_numeric(data->n)), absolute_error);
	values[FORECAST] = NumericGetDatum(forecast);
	values[ACTUAL] = NumericGetDatum(actual);
	values[ABSOLUTE_ERROR] = NumericGetDatum(absolute_error);
	values[N] = Int64GetDatum(data->n);
	PG_RETURN_DATUM(composite_result(fcinfo, values, nulls));
}
