/*
 * price_volume_mix_parts.c
 *		From the sums of price_volume_mix to the six parts.
 */
#include "price_volume_mix.h"

/* The parts have at least the cents. */
#define LEAST_SCALE 2
#define NUMERIC_LARGEST_SCALE 16383

void
price_volume_mix_sums(const price_volume_mix_data *data, const amount_sum *sums[SUMS])
{
	sums[0] = &data->planned_qty;
	sums[1] = &data->actual_qty;
	sums[2] = &data->planned;
	sums[3] = &data->at_planned_price;
	sums[4] = &data->actual;
	sums[5] = &data->new_products;
	sums[6] = &data->lost_products;
}

Numeric
price_volume_mix_product(Numeric a, Numeric b)
{
	if (scale_of(a) + scale_of(b) > NUMERIC_LARGEST_SCALE)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("product of quantity and price has too many decimals"),
				 errdetail("A numeric holds no more than %d.", NUMERIC_LARGEST_SCALE)));
	return CALL2(numeric_mul, a, b);
}

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

	price_volume_mix_sums(data, sums);
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

		volume = rounded_quotient(price_volume_mix_product(more, planned), planned_qty, scale);
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

void
price_volume_mix_parts(const price_volume_mix_data *data, Datum *values)
{
	if (!fill_parts_in_units(data, values))
		fill_parts(data, values);
}
