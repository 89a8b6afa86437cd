/*
 * price_volume_mix.c
 *		price_volume_mix(planned_qty, planned_price, actual_qty, actual_price):
 *		why the amounts of products differ from their plan.
 */
#include "price_volume_mix.h"

#include "options.h"

/* ---- the state ---- */

static void *
price_volume_mix_create(core_arena *arena)
{
	price_volume_mix_data *data = core_alloc(arena, sizeof(price_volume_mix_data));

	memset(data, 0, sizeof(price_volume_mix_data));
	data->arena = arena;
	return data;
}

static Size
price_volume_mix_size(const void *state)
{
	const amount_sum *sums[SUMS];
	Size		size = 8;

	price_volume_mix_sums(state, sums);
	for (int i = 0; i < SUMS; i++)
		size += amount_sum_size(sums[i]);
	return size;
}

static void
price_volume_mix_write(const void *state, wire_writer *w)
{
	const price_volume_mix_data *data = state;
	const amount_sum *sums[SUMS];

	wire_put_u64(w, data->n);
	price_volume_mix_sums(data, sums);
	for (int i = 0; i < SUMS; i++)
		amount_sum_write(sums[i], w);
}

static bool
counts_agree(const price_volume_mix_data *data)
{
	int64		both = data->planned_qty.count;

	return both == data->actual_qty.count && both == data->planned.count &&
		both == data->at_planned_price.count && both == data->actual.count &&
		both <= data->n && data->new_products.count <= data->n - both &&
		data->lost_products.count <= data->n - both - data->new_products.count;
}

/* What was planned and sold has a mean planned price. */
static bool
has_planned_qty(const price_volume_mix_data *data)
{
	return data->planned_qty.count == 0 || amount_sum_sign(&data->planned_qty) > 0;
}

static void *
price_volume_mix_read(wire_reader *r, core_arena *arena)
{
	price_volume_mix_data *data = price_volume_mix_create(arena);
	const amount_sum *sums[SUMS];
	uint64		n = wire_get_u64(r);

	if (n > PG_INT64_MAX)
		wire_refuse(r, "Its counts do not add up.");
	data->n = n;
	price_volume_mix_sums(data, sums);
	for (int i = 0; i < SUMS; i++)
		amount_sum_read((amount_sum *) sums[i], data->n, r, arena);
	if (!counts_agree(data))
		wire_refuse(r, "Its counts do not add up.");
	if (!has_planned_qty(data))
		wire_refuse(r, "Its planned quantity is not above 0.");
	return data;
}

static const state_type price_volume_mix_type = {
	.name = "price_volume_mix_state",
	.format = 1,
	.create = price_volume_mix_create,
	.size = price_volume_mix_size,
	.write = price_volume_mix_write,
	.read = price_volume_mix_read
};

/* ---- the functions ---- */

/* A product's quantities and amounts; a quantity that is 0 is NULL here, and so are its amounts. */
typedef struct product
{
	bool		counts;			/* it has a quantity, if only 0 */
	Numeric		planned_qty;
	Numeric		actual_qty;
	Numeric		planned;
	Numeric		actual;
	Numeric		at_planned_price;	/* only where both quantities are there */
} product;

/* A quantity that is there and not 0, else NULL. */
static Numeric
quantity_arg(FunctionCallInfo fcinfo, int argno, const char *name)
{
	Numeric		quantity = amount_arg(fcinfo, argno, name);

	if (quantity != NULL && compare_numerics(quantity, int64_to_numeric(0)) == 0)
		return NULL;
	return quantity;
}

/* The amount of a quantity. */
static Numeric
amount_of(Numeric quantity, const char *quantity_name, Numeric price, const char *price_name)
{
	if (price == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be NULL where %s is not 0", price_name, quantity_name)));
	return price_volume_mix_product(quantity, price);
}

static void
read_product(product *row, FunctionCallInfo fcinfo)
{
	Numeric		planned_price = amount_arg(fcinfo, 2, "planned_price");
	Numeric		actual_price = amount_arg(fcinfo, 4, "actual_price");

	memset(row, 0, sizeof(product));
	row->counts = !PG_ARGISNULL(1) || !PG_ARGISNULL(3);
	row->planned_qty = quantity_arg(fcinfo, 1, "planned_qty");
	row->actual_qty = quantity_arg(fcinfo, 3, "actual_qty");
	if (row->planned_qty != NULL)
	{
		if (compare_numerics(row->planned_qty, int64_to_numeric(0)) < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("planned_qty must be 0 or more, not %s",
							DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(row->planned_qty))))));
		row->planned = amount_of(row->planned_qty, "planned_qty", planned_price, "planned_price");
	}
	if (row->actual_qty != NULL)
		row->actual = amount_of(row->actual_qty, "actual_qty", actual_price, "actual_price");
	if (row->planned_qty != NULL && row->actual_qty != NULL)
		row->at_planned_price = price_volume_mix_product(row->actual_qty, planned_price);
}

PG_FUNCTION_INFO_V1(price_volume_mix_transition);
Datum
price_volume_mix_transition(PG_FUNCTION_ARGS)
{
	product		row;
	state_object *object;
	price_volume_mix_data *data;
	core_arena *arena;

	read_product(&row, fcinfo);
	object = state_arg_rw(fcinfo, 0, &price_volume_mix_type);
	data = object->data;
	arena = data->arena;
	if (row.counts)
		data->n = add_counts(data->n, 1);
	if (row.at_planned_price != NULL)
	{
		amount_sum_add(&data->planned_qty, row.planned_qty, arena);
		amount_sum_add(&data->actual_qty, row.actual_qty, arena);
		amount_sum_add(&data->planned, row.planned, arena);
		amount_sum_add(&data->at_planned_price, row.at_planned_price, arena);
		amount_sum_add(&data->actual, row.actual, arena);
	}
	else if (row.actual != NULL)
		amount_sum_add(&data->new_products, row.actual, arena);
	else if (row.planned != NULL)
		amount_sum_add(&data->lost_products, row.planned, arena);
	STATE_RETURN(object);
}

static bool
remove_product(price_volume_mix_data *data, const product *row)
{
	core_arena *arena = data->arena;

	if (row->counts)
		data->n--;
	if (row->at_planned_price != NULL)
		return amount_sum_remove(&data->planned_qty, row->planned_qty, arena) &&
			amount_sum_remove(&data->actual_qty, row->actual_qty, arena) &&
			amount_sum_remove(&data->planned, row->planned, arena) &&
			amount_sum_remove(&data->at_planned_price, row->at_planned_price, arena) &&
			amount_sum_remove(&data->actual, row->actual, arena);
	if (row->actual != NULL)
		return amount_sum_remove(&data->new_products, row->actual, arena);
	return row->planned == NULL || amount_sum_remove(&data->lost_products, row->planned, arena);
}

PG_FUNCTION_INFO_V1(price_volume_mix_inverse);
Datum
price_volume_mix_inverse(PG_FUNCTION_ARGS)
{
	product		row;
	state_object *object;
	price_volume_mix_data *data;

	read_product(&row, fcinfo);
	object = state_arg_rw(fcinfo, 0, &price_volume_mix_type);
	data = object->data;
	if (!remove_product(data, &row) || !counts_agree(data) || !has_planned_qty(data))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot remove a row that is not in the state")));
	STATE_RETURN(object);
}

PG_FUNCTION_INFO_V1(price_volume_mix_combine);
Datum
price_volume_mix_combine(PG_FUNCTION_ARGS)
{
	const price_volume_mix_data *other = state_arg_ro(fcinfo, 1, &price_volume_mix_type);
	state_object *object;
	price_volume_mix_data *data;
	const amount_sum *sums[SUMS],
			   *others[SUMS];

	if (other == NULL && PG_ARGISNULL(0))
		PG_RETURN_NULL();
	object = state_arg_rw(fcinfo, 0, &price_volume_mix_type);
	if (other != NULL)
	{
		data = object->data;
		data->n = add_counts(data->n, other->n);
		price_volume_mix_sums(data, sums);
		price_volume_mix_sums(other, others);
		for (int i = 0; i < SUMS; i++)
			amount_sum_merge((amount_sum *) sums[i], others[i], data->arena);
	}
	STATE_RETURN(object);
}

STATE_IO_FUNCTIONS(price_volume_mix_state, &price_volume_mix_type);

PG_FUNCTION_INFO_V1(price_volume_mix_final);
Datum
price_volume_mix_final(PG_FUNCTION_ARGS)
{
	const price_volume_mix_data *data = state_arg_ro(fcinfo, 0, &price_volume_mix_type);
	Datum		values[6];
	bool		nulls[6] = {false};

	if (data == NULL || data->n == 0)
		PG_RETURN_NULL();
	price_volume_mix_parts(data, values);
	PG_RETURN_DATUM(composite_result(fcinfo, values, nulls));
}
