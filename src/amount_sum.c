/*
 * amount_sum.c
 *		A sum of numerics that equals the server's sum(), and can be undone.
 *
 * It is the server's own numeric arithmetic, which is not to be had without
 * the server: hence it is here, in the glue, and not in src/core.
 */
#include "amount_sum.h"

#include "lib/stringinfo.h"

/* Half of 10^131072, which is the first number too large for a numeric. */
#define HALF_OF_RANGE "5e131071"
#define NUMERIC_LARGEST_SCALE 16383

int
compare_numerics(Numeric a, Numeric b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, NumericGetDatum(a), NumericGetDatum(b)));
}

Numeric
numeric_from_text(const char *text)
{
	return DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(text),
											   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

int32
scale_of(Numeric value)
{
	return DatumGetInt32(DirectFunctionCall1(numeric_scale, NumericGetDatum(value)));
}

/* A sum has the larger scale of its two terms, so a zero brings the scale. */
Numeric
with_scale(Numeric value, int32 scale)
{
	char		zero[32];

	snprintf(zero, sizeof(zero), "0e-%d", scale);
	return CALL2(numeric_add, CALL1(numeric_trim_scale, value), numeric_from_text(zero));
}

static void
keep_rest(amount_sum *s, Numeric value, core_arena *arena)
{
	Size		size = VARSIZE(value);

	if (size > s->rest_room)
	{
		Size		room = Max(size, 2 * s->rest_room);

		s->rest = core_realloc(arena, s->rest, room);
		s->rest_room = room;
	}
	memcpy(s->rest, value, size);
	s->has_rest = true;
}

/* Where the scale is in scales[], or would be. */
static int32
scale_position(const amount_sum *s, int32 scale)
{
	int32		low = 0;
	int32		high = s->nscales;

	while (low < high)
	{
		int32		middle = (low + high) / 2;

		if (s->scales[middle].scale < scale)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Count values of a scale in. */
void
amount_sum_count_scale(amount_sum *s, int32 scale, int64 count, core_arena *arena)
{
	int32		at = scale_position(s, scale);

	s->count = add_counts(s->count, count);
	if (at == s->nscales || s->scales[at].scale != scale)
	{
		if (s->nscales == s->scales_room)
		{
			int32		room = Max(2, 2 * s->scales_room);

			s->scales = core_realloc(arena, s->scales, room * sizeof(scale_count));
			s->scales_room = room;
		}
		memmove(&s->scales[at + 1], &s->scales[at], (s->nscales - at) * sizeof(scale_count));
		s->scales[at].scale = scale;
		s->scales[at].count = 0;
		s->nscales++;
	}
	s->scales[at].count += count;
	s->latest = at;
}

/* One value of a scale less; false if there is none.  An empty sum is exactly 0. */
static bool
uncount_scale(amount_sum *s, int32 scale)
{
	int32		at = scale_position(s, scale);

	if (at == s->nscales || s->scales[at].scale != scale)
		return false;
	s->count--;
	s->latest = at;
	if (--s->scales[at].count == 0)
	{
		s->nscales--;
		memmove(&s->scales[at], &s->scales[at + 1], (s->nscales - at) * sizeof(scale_count));
	}
	return true;
}

static void
forget_total(amount_sum *s)
{
	s->units = 0;
	s->has_rest = false;
	s->carries = 0;
}

/* a + b, taking 10^131072 out where that does not fit, which *carries counts. */
static Numeric
add_carrying(Numeric a, Numeric b, int64 *carries)
{
	bool		too_large = false;
	Numeric		result = numeric_add_opt_error(a, b, &too_large);

	if (too_large)
	{
		/* both have the same sign; take half out of each */
		bool		negative = compare_numerics(b, int64_to_numeric(0)) < 0;
		Numeric		half = numeric_from_text(negative ? "-" HALF_OF_RANGE : HALF_OF_RANGE);

		result = CALL2(numeric_add, CALL2(numeric_sub, a, half), CALL2(numeric_sub, b, half));
		*carries += negative ? -1 : 1;
	}
	return result;
}

static void
add_to_rest(amount_sum *s, Numeric value, core_arena *arena)
{
	keep_rest(s, s->has_rest ? add_carrying(s->rest, value, &s->carries) : value, arena);
}

/* The units go to the rest, to make room. */
void
amount_sum_set_units_aside(amount_sum *s, core_arena *arena)
{
	add_to_rest(s, numeric_from_units(s->units, UNITS_SCALE), arena);
	s->units = 0;
}

void
amount_sum_add(amount_sum *s, Numeric amount, core_arena *arena)
{
	int128		units;
	int32		scale;

	if (numeric_to_units(NumericGetDatum(amount), &units, &scale))
		amount_sum_add_units(s, units, scale, arena);
	else
	{
		amount_sum_count_scale(s, scale_of(amount), 1, arena);
		add_to_rest(s, amount, arena);
	}
}

bool
amount_sum_remove_units(amount_sum *s, int128 units, int32 scale, core_arena *arena)
{
	if (!uncount_scale(s, scale))
		return false;
	if (s->count == 0)
		forget_total(s);
	else
	{
		if (__builtin_sub_overflow(s->units, units, &s->units))
		{
			/* take back what wrapped around */
			s->units = (int128) ((uint128) s->units + (uint128) units);
			amount_sum_set_units_aside(s, arena);
			s->units = -units;
		}
	}
	return true;
}

/* One amount less; false if none of its scale is there. */
bool
amount_sum_remove(amount_sum *s, Numeric amount, core_arena *arena)
{
	int128		units;
	int32		scale;

	if (numeric_to_units(NumericGetDatum(amount), &units, &scale))
		return amount_sum_remove_units(s, units, scale, arena);
	if (!uncount_scale(s, scale_of(amount)))
		return false;
	if (s->count == 0)
		forget_total(s);
	else
		add_to_rest(s, CALL1(numeric_uminus, amount), arena);
	return true;
}

void
amount_sum_merge(amount_sum *s, const amount_sum *other, core_arena *arena)
{
	int128		units;

	/* counts first: they refuse what would overflow, and bound the carries */
	for (int32 i = 0; i < other->nscales; i++)
		amount_sum_count_scale(s, other->scales[i].scale, other->scales[i].count, arena);
	s->carries += other->carries;
	if (__builtin_add_overflow(s->units, other->units, &units))
	{
		amount_sum_set_units_aside(s, arena);
		units = other->units;
	}
	s->units = units;
	if (other->has_rest)
		add_to_rest(s, other->rest, arena);
}

/* The highest scale that a value has; there must be values. */
static int32
highest_scale(const amount_sum *s)
{
	return s->scales[s->nscales - 1].scale;
}

/* The total at its scale, without *carries. */
static Numeric
total_without_carries(const amount_sum *s, int64 *carries)
{
	int128		units;
	int32		scale;
	Numeric		total;

	*carries = s->carries;
	if (amount_sum_units(s, &units, &scale))
		return numeric_from_units(units, scale);
	total = numeric_from_units(s->units, UNITS_SCALE);
	if (s->has_rest)
		total = add_carrying(s->rest, total, carries);
	return with_scale(total, highest_scale(s));
}

bool
amount_sum_units(const amount_sum *s, int128 *units, int32 *scale)
{
	if (s->has_rest || s->carries != 0)
		return false;
	*units = s->units;
	*scale = s->nscales > 0 ? highest_scale(s) : 0;
	/* a state from outside may have had other values taken out than it had */
	return *scale <= UNITS_SCALE &&
		units_at_scale(s->units, *scale) * units_powers_of_10[UNITS_SCALE - *scale] == s->units;
}

/* The sum as sum() would give it, 0 for no values; numeric overflow where that does not fit. */
Numeric
amount_sum_total(const amount_sum *s)
{
	Numeric		zero;
	Numeric		half;
	Numeric		sum;
	int64		carries;

	if (s->count == 0)
		return int64_to_numeric(0);
	sum = total_without_carries(s, &carries);
	if (carries == 0)
		return sum;
	zero = int64_to_numeric(0);
	half = numeric_from_text(carries > 0 ? HALF_OF_RANGE : "-" HALF_OF_RANGE);
	if ((carries == 1 || carries == -1) && compare_numerics(sum, zero) * carries < 0)
		return CALL2(numeric_add, CALL2(numeric_add, sum, half), half);
	return CALL2(numeric_add, half, half);	/* which raises the overflow */
}

int
amount_sum_balance(const amount_sum *const sums[], const int signs[], int n)
{
	Numeric		total = int64_to_numeric(0);
	int128		total_carries = 0;

	for (int i = 0; i < n; i++)
	{
		int64		carries;
		int64		added = 0;
		Numeric		sum;

		if (sums[i]->count == 0)
			continue;
		sum = total_without_carries(sums[i], &carries);
		total = add_carrying(total, signs[i] < 0 ? CALL1(numeric_uminus, sum) : sum, &added);
		total_carries += (int128) signs[i] * carries + added;
	}
	if (total_carries != 0)
		return total_carries < 0 ? -1 : 1;
	return compare_numerics(total, int64_to_numeric(0));
}

int
amount_sum_sign(const amount_sum *s)
{
	return amount_sum_balance(&s, (const int[]) {1}, 1);
}

static bytea *
numeric_bytes(Numeric value)
{
	return DatumGetByteaPP(DirectFunctionCall1(numeric_send, NumericGetDatum(value)));
}

Size
amount_sum_size(const amount_sum *s)
{
	Size		size = 4;
	int64		carries;

	if (s->nscales > 0)
		size += s->nscales * (4 + 8) + 8 + 4 +
			VARSIZE_ANY_EXHDR(numeric_bytes(total_without_carries(s, &carries)));
	return size;
}

void
amount_sum_write(const amount_sum *s, wire_writer *w)
{
	bytea	   *bytes;
	int64		carries;

	wire_put_u32(w, s->nscales);
	if (s->nscales == 0)
		return;
	for (int32 i = 0; i < s->nscales; i++)
	{
		wire_put_u32(w, s->scales[i].scale);
		wire_put_u64(w, s->scales[i].count);
	}
	bytes = numeric_bytes(total_without_carries(s, &carries));
	wire_put_u64(w, carries);
	wire_put_u32(w, VARSIZE_ANY_EXHDR(bytes));
	wire_put_bytes(w, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
}

static int
big_endian_16(const uint8 *bytes)
{
	return bytes[0] << 8 | bytes[1];
}

/*
 * A numeric of the binary form that numeric_send() wrote: digits, weight, sign,
 * scale, then the digits.  Checked here, since the server's complaints about
 * it have SQLSTATEs of their own, and the form admits NaN and infinity.
 */
static Numeric
read_numeric(wire_reader *r)
{
	uint32		size = wire_get_u32(r);
	const uint8 *bytes = wire_get_bytes(r, size);
	StringInfoData message = {(char *) bytes, size, size, 0};

	if (size < 8 || size != 8 + 2 * big_endian_16(bytes))
		wire_refuse(r, "A number in it has a wrong length.");
	if ((big_endian_16(bytes + 4) & ~0x4000) != 0)
		wire_refuse(r, "A number in it is not finite.");
	if (big_endian_16(bytes + 6) > NUMERIC_LARGEST_SCALE)
		wire_refuse(r, "A number in it has too many decimals.");
	for (uint32 i = 8; i < size; i += 2)
		if (big_endian_16(bytes + i) > 9999)
			wire_refuse(r, "A number in it has an impossible digit.");
	return DatumGetNumeric(DirectFunctionCall3(numeric_recv, PointerGetDatum(&message),
											   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

void
amount_sum_read(amount_sum *s, int64 max_count, wire_reader *r, core_arena *arena)
{
	uint32		nscales = wire_get_u32(r);
	int64		previous = -1;
	Numeric		sum;
	int32		scale;

	if (nscales == 0)
		return;
	for (uint32 i = 0; i < nscales; i++)
	{
		uint32		next = wire_get_u32(r);
		uint64		count = wire_get_u64(r);

		if (next > NUMERIC_LARGEST_SCALE || next <= previous)
			wire_refuse(r, "Its scales are not in order.");
		if (count == 0 || count > (uint64) (max_count - s->count))
			wire_refuse(r, "Its counts do not add up.");
		amount_sum_count_scale(s, next, count, arena);
		previous = next;
	}
	s->carries = (int64) wire_get_u64(r);
	if (s->carries > s->count || s->carries < -s->count)
		wire_refuse(r, "Its sum is larger than its values can be.");
	sum = read_numeric(r);
	if (scale_of(sum) != previous)
		wire_refuse(r, "Its sum is not of the scale of its values.");
	if (!numeric_to_units(NumericGetDatum(sum), &s->units, &scale))
		keep_rest(s, sum, arena);
}
