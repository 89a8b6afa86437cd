/*
 * bookings_distribution.c
 *		bookings_distribution(amount, probability, target).
 *
 * The mathematics is in core/bookings.c.
 */
#include "amount.h"
#include "options.h"

#include "core/bookings.h"
#include "core/number.h"

/* BOOKINGS_MAX_AMOUNT and BOOKINGS_MAX_TOTAL in whole units of money. */
#define MAX_AMOUNT (BOOKINGS_MAX_AMOUNT / 100)
#define MAX_TOTAL (BOOKINGS_MAX_TOTAL / 100)

/* Whether there is a target, the same for all rows. */
typedef enum target_kind
{
	TARGET_UNKNOWN,				/* no row yet */
	TARGET_NULL,
	TARGET_GIVEN
} target_kind;

/*
 * The state: the deals, and the target that all rows repeat.  It is kept in
 * full, as the only value of a sum, since two targets that differ by less than
 * a cent differ.
 */
typedef struct distribution_data
{
	core_arena *arena;
	target_kind kind;
	amount_sum	target;			/* without zeros at its end; of TARGET_GIVEN */
	bookings_state deals;
} distribution_data;

/* ---- the state ---- */

static void *
distribution_create(core_arena *arena)
{
	distribution_data *data = core_alloc(arena, sizeof(distribution_data));

	memset(data, 0, sizeof(*data));
	data->arena = arena;
	bookings_create(&data->deals);
	return data;
}

static Size
distribution_size(const void *state)
{
	const distribution_data *data = state;

	return 1 + amount_sum_size(&data->target) + bookings_size(&data->deals);
}

static void
distribution_write(const void *state, wire_writer *w)
{
	const distribution_data *data = state;

	wire_put_u8(w, data->kind);
	amount_sum_write(&data->target, w);
	bookings_write(&data->deals, w);
}

static void *
distribution_read(wire_reader *r, core_arena *arena)
{
	distribution_data *data = distribution_create(arena);
	uint8		kind = wire_get_u8(r);

	amount_sum_read(&data->target, 1, r, arena);
	if (kind > TARGET_GIVEN || (kind == TARGET_GIVEN) != (data->target.count == 1) || data->target.carries != 0)
		wire_refuse(r, "Its target is not one that it can have.");
	data->kind = kind;
	bookings_read(&data->deals, r, arena);
	return data;
}

static const state_type distribution_type = {
	.name = "bookings_distribution_state",
	.format = 1,
	.create = distribution_create,
	.size = distribution_size,
	.write = distribution_write,
	.read = distribution_read
};

/* The first row, or state, brings the target; the others must agree. */
static void
adopt_target(distribution_data *data, Numeric target)
{
	if (data->kind == TARGET_UNKNOWN)
	{
		data->kind = target == NULL ? TARGET_NULL : TARGET_GIVEN;
		if (target != NULL)
			amount_sum_add(&data->target, CALL1(numeric_trim_scale, target), data->arena);
	}
	else if ((target == NULL) != (data->kind == TARGET_NULL) ||
			 (target != NULL && compare_numerics(target, amount_sum_total(&data->target)) != 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("target differs within the group"),
				 errdetail("All deals of a group are held against one target."),
				 errhint("Pass a constant, or add the target to GROUP BY.")));
}

/* ---- the functions ---- */

static int64
int64_of(Numeric whole)
{
	return DatumGetInt64(DirectFunctionCall1(numeric_int8, NumericGetDatum(whole)));
}

static bool
is_within(Numeric value, int64 limit)
{
	return compare_numerics(CALL1(numeric_abs, value), int64_to_numeric(limit)) <= 0;
}

/* An amount in cents; *rounded says whether it had fractions of one. */
static int64
cents_of(Numeric amount, bool *rounded)
{
	*rounded = false;
	if (!is_within(amount, MAX_AMOUNT))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("amount is too large: %.40s",
						DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(amount)))),
				 errdetail("The distribution is computed in cents, of amounts within " INT64_FORMAT ".", (int64) MAX_AMOUNT)));
	if (scale_of(amount) > 2)
	{
		Numeric		whole = DatumGetNumeric(DirectFunctionCall2(numeric_round, NumericGetDatum(amount), Int32GetDatum(2)));

		*rounded = compare_numerics(whole, amount) != 0;
		amount = whole;
	}
	return int64_of(CALL2(numeric_mul, amount, int64_to_numeric(100)));
}

/* The cents that reach a target; out of reach where it is. */
static int64
target_cents(Numeric target)
{
	if (!is_within(target, MAX_TOTAL))
		return compare_numerics(target, int64_to_numeric(0)) > 0 ? 4 * BOOKINGS_MAX_TOTAL : -4 * BOOKINGS_MAX_TOTAL;
	return int64_of(CALL1(numeric_ceil, CALL2(numeric_mul, target, int64_to_numeric(100))));
}

PG_FUNCTION_INFO_V1(bookings_distribution_transition);
Datum
bookings_distribution_transition(PG_FUNCTION_ARGS)
{
	Numeric		amount = amount_arg(fcinfo, 1, "amount");
	bool		has_probability = !PG_ARGISNULL(2);
	Numeric		target = amount_arg(fcinfo, 3, "target");
	bool		rounded = false;
	int64		cents = amount != NULL ? cents_of(amount, &rounded) : 0;
	state_object *object;
	distribution_data *data;

	if (has_probability)
		number_check_probability(PG_GETARG_FLOAT8(2));
	object = state_arg_rw(fcinfo, 0, &distribution_type);
	data = object->data;
	adopt_target(data, target);
	if (amount != NULL && has_probability)
		bookings_add(&data->deals, cents, PG_GETARG_FLOAT8(2), rounded, data->arena);
	else if (amount != NULL || has_probability)
		data->deals.missing++;
	STATE_RETURN(object);
}

PG_FUNCTION_INFO_V1(bookings_distribution_combine);
Datum
bookings_distribution_combine(PG_FUNCTION_ARGS)
{
	const distribution_data *other = state_arg_ro(fcinfo, 1, &distribution_type);
	state_object *object;
	distribution_data *data;

	if (other == NULL && PG_ARGISNULL(0))
		PG_RETURN_NULL();
	object = state_arg_rw(fcinfo, 0, &distribution_type);
	data = object->data;
	if (other != NULL && other->kind != TARGET_UNKNOWN)
		adopt_target(data, other->kind == TARGET_GIVEN ? amount_sum_total(&other->target) : NULL);
	if (other != NULL)
		bookings_combine(&data->deals, &other->deals, data->arena);
	STATE_RETURN(object);
}

STATE_IO_FUNCTIONS(bookings_distribution_state, &distribution_type);

static Datum
money(int64 cents)
{
	return NumericGetDatum(int64_div_fast_to_numeric(cents, 2));
}

PG_FUNCTION_INFO_V1(bookings_distribution_final);
Datum
bookings_distribution_final(PG_FUNCTION_ARGS)
{
	const distribution_data *data = state_arg_ro(fcinfo, 0, &distribution_type);
	bool		no_target;
	bookings_result result;

	if (data == NULL || data->kind == TARGET_UNKNOWN ||
		(data->kind == TARGET_NULL && data->deals.count == 0 && data->deals.missing == 0))
		PG_RETURN_NULL();
	no_target = data->kind == TARGET_NULL;
	result = bookings_final(&data->deals, no_target ? 0 : target_cents(amount_sum_total(&data->target)), (core_arena *) CurrentMemoryContext);
	PG_RETURN_DATUM(composite_result(fcinfo,
									 (Datum[]) {
										 Float8GetDatum(result.chance), Float8GetDatum(result.chance_lower),
										 Float8GetDatum(result.chance_upper),
										 money(result.p10), money(result.p50), money(result.p90),
										 money(result.expected), money(result.grid), money(result.error_bound),
										 Int64GetDatum(data->deals.count), Int64GetDatum(data->deals.missing)
									 },
									 (bool[11]) {no_target, no_target, no_target}));
}
