/*
 * price_volume_mix.c
 *		price_volume_mix(planned_qty, planned_price, actual_qty, actual_price):
 *		why the amounts of products differ from their plan.
 */
#include "amount.h"
#include "options.h"

/* The parts have at least the cents. */
#define LEAST_SCALE 2
#define NUMERIC_LARGEST_SCALE 16383

/*
 * The state: exact sums over the products, from which the parts follow at the
 * end.  With q and p a product's quantity and price, 0 planned and 1 actual,
 * Q and s the quantity of all and a product's share in it, and P = sum p0 q0 / Q0
 * the mean planned price of a unit,
 *
 *		volume	(Q1 - Q0) P
 *		mix		sum (s1 - s0) (p0 - P) Q1  =  sum p0 q1 - Q1 P
 *		price	sum (p1 - p0) q1
 *
 * over the products that were planned and sold; those that were not planned
 * are new, those that were not sold are lost, and each is a part of its own.
 * The sums of p0 q0, p0 q1 and p1 q1 are exact, so volume + mix, price, new,
 * lost and the total are, too.  Only volume is a quotient: it is rounded to the
 * scale of the sums, and mix is what is left of volume + mix.  Both are then
 * within half a unit of their last place, and the parts add up by construction.
 */
typedef struct price_volume_mix_data
{
	core_arena *arena;
	int64		n;				/* products with a quantity */
	amount_sum planned_qty;		/* q0, of the products that were planned and sold */
	amount_sum actual_qty;		/* q1 of the same */
	amount_sum planned;			/* p0 q0 of the same */
	amount_sum at_planned_price;	/* p0 q1 of the same */
	amount_sum actual;			/* p1 q1 of the same */
	amount_sum new_products;	/* p1 q1 of those that were not planned */
	amount_sum lost_products;	/* p0 q0 of those that were not sold */
} price_volume_mix_data;

#define SUMS 7

/* ---- the state ---- */

static void *
price_volume_mix_create(core_arena *arena)
{
	price_volume_mix_data *data = core_alloc(arena, sizeof(price_volume_mix_data));

	memset(data, 0, sizeof(price_volume_mix_data));
	data->arena = arena;
	return data;
}

/* All sums, in the order of the bytes. */
static void
list_sums(const price_volume_mix_data *data, const amount_sum *sums[SUMS])
{
	sums[0] = &data->planned_qty;
	sums[1] = &data->actual_qty;
	sums[2] = &data->planned;
	sums[3] = &data->at_planned_price;
	sums[4] = &data->actual;
	sums[5] = &data->new_products;
	sums[6] = &data->lost_products;
}

static Size
price_volume_mix_size(const void *state)
{
	const amount_sum *sums[SUMS];
	Size		size = 8;

	list_sums(state, sums);
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
	list_sums(data, sums);
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
	list_sums(data, sums);
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

/* a * b, of which no digit may be lost. */
static Numeric
exact_product(Numeric a, Numeric b)
{
	if (scale_of(a) + scale_of(b) > NUMERIC_LARGEST_SCALE)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("product of quantity and price has too many decimals"),
				 errdetail("A numeric holds no more than %d.", NUMERIC_LARGEST_SCALE)));
	return CALL2(numeric_mul, a, b);
}

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
	return exact_product(quantity, price);
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
		row->at_planned_price = exact_product(row->actual_qty, planned_price);
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
		list_sums(data, sums);
		list_sums(other, others);
		for (int i = 0; i < SUMS; i++)
			amount_sum_merge((amount_sum *) sums[i], others[i], data->arena);
	}
	STATE_RETURN(object);
}

STATE_IO_FUNCTIONS(price_volume_mix_state, &price_volume_mix_type);

/*
 * dividend / divisor, rounded to scale digits after the point, halves away from
 * zero.  It is a division of integers, |dividend| 10^scale by divisor, as the
 * server's quotient of fractions is rounded already.
 */
static Numeric
rounded_quotient(Numeric dividend, Numeric divisor, int32 scale)
{
	Numeric		two = int64_to_numeric(2);
	char		power[32];
	Numeric		units;

	snprintf(power, sizeof(power), "1e%d", scale);
	units = CALL2(numeric_mul, CALL1(numeric_abs, dividend), numeric_from_text(power));
	units = CALL2(numeric_div_trunc,
				  CALL2(numeric_add, CALL2(numeric_mul, units, two), divisor),
				  CALL2(numeric_mul, divisor, two));
	if (compare_numerics(dividend, int64_to_numeric(0)) < 0)
		units = CALL1(numeric_uminus, units);
	snprintf(power, sizeof(power), "1e-%d", scale);
	return CALL2(numeric_mul, units, numeric_from_text(power));
}

/*
 * The six parts where all sums are integers of units, and far from too large: the
 * server's divisions would cost more than a small group does otherwise.
 */
static bool
fill_parts_in_units(const price_volume_mix_data *data, Datum *values)
{
	const int128 limit = (int128) 1 << 120;
	const amount_sum *sums[SUMS];
	int128		units[SUMS],
				parts[6],
				dividend,
				divisor,
				volume = 0;
	int32		scale = LEAST_SCALE;

	list_sums(data, sums);
	for (int i = 0; i < SUMS; i++)
	{
		int32		scale_of_sum;

		if (!amount_sum_units(sums[i], &units[i], &scale_of_sum) || units[i] >= limit || units[i] <= -limit)
			return false;
		/* the first two are quantities */
		if (i >= 2)
			scale = Max(scale, scale_of_sum);
	}
	if (units[0] > 0)
	{
		/* rounded as rounded_quotient() does; the units of one factor and of the divisor cancel out */
		divisor = units[0] * units_powers_of_10[UNITS_SCALE - scale];
		if (units[0] > limit >> 30 ||
			__builtin_mul_overflow(units[1] - units[0], units[2], &dividend) ||
			dividend >= limit || dividend <= -limit)
			return false;
		volume = (2 * (dividend < 0 ? -dividend : dividend) + divisor) / (2 * divisor) *
			units_powers_of_10[UNITS_SCALE - scale];
		if (dividend < 0)
			volume = -volume;
	}
	parts[0] = volume;
	parts[1] = units[3] - units[2] - volume;
	parts[2] = units[4] - units[3];
	parts[3] = units[5];
	parts[4] = -units[6];
	parts[5] = units[4] - units[2] + units[5] - units[6];
	for (int i = 0; i < 6; i++)
		values[i] = NumericGetDatum(numeric_from_units(parts[i], scale));
	return true;
}

/* The same, whatever the sums are. */
static void
fill_parts(const price_volume_mix_data *data, Datum *values)
{
	Numeric		planned,
				at_planned_price,
				actual,
				new_products,
				lost_products,
				volume,
				parts[6];
	int32		scale = LEAST_SCALE;

	planned = amount_sum_total(&data->planned);
	at_planned_price = amount_sum_total(&data->at_planned_price);
	actual = amount_sum_total(&data->actual);
	new_products = amount_sum_total(&data->new_products);
	lost_products = amount_sum_total(&data->lost_products);
	scale = Max(scale, scale_of(planned));
	scale = Max(scale, scale_of(at_planned_price));
	scale = Max(scale, scale_of(actual));
	scale = Max(scale, scale_of(new_products));
	scale = Max(scale, scale_of(lost_products));

	volume = int64_to_numeric(0);
	if (data->planned_qty.count > 0)
	{
		Numeric		planned_qty = amount_sum_total(&data->planned_qty);
		Numeric		more = CALL2(numeric_sub, amount_sum_total(&data->actual_qty), planned_qty);

		volume = rounded_quotient(exact_product(more, planned), planned_qty, scale);
	}
	parts[0] = volume;
	parts[1] = CALL2(numeric_sub, CALL2(numeric_sub, at_planned_price, planned), volume);
	parts[2] = CALL2(numeric_sub, actual, at_planned_price);
	parts[3] = new_products;
	parts[4] = CALL1(numeric_uminus, lost_products);
	parts[5] = CALL2(numeric_add, CALL2(numeric_sub, actual, planned),
					 CALL2(numeric_sub, new_products, lost_products));
	for (int i = 0; i < 6; i++)
		values[i] = NumericGetDatum(with_scale(parts[i], scale));
}

PG_FUNCTION_INFO_V1(price_volume_mix_final);
Datum
price_volume_mix_final(PG_FUNCTION_ARGS)
{
	const price_volume_mix_data *data = state_arg_ro(fcinfo, 0, &price_volume_mix_type);
	Datum		values[6];
	bool		nulls[6] = {false};

	if (data == NULL || data->n == 0)
		PG_RETURN_NULL();
	if (!fill_parts_in_units(data, values))
		fill_parts(data, values);
	PG_RETURN_DATUM(composite_result(fcinfo, values, nulls));
}
