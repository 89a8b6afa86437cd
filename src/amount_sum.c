/*
 * amount_sum.c
 *		A sum of numerics that equals the server's sum(), and can be undone.
 *
 * It is the server's own numeric arithmetic, which is not to be had without
 * the server: hence it is here, in the glue, and not in src/core.
 */
#include "amount_sum.h"

#include "common/int.h"
#include "lib/stringinfo.h"

/* Half of 10^131072, which is the first number too large for a numeric. */
#define HALF_OF_RANGE "5e131071"
#define NUMERIC_LARGEST_SCALE 16383

int
compare_numerics(Numeric a, Numeric b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, NumericGetDatum(a), NumericGetDatum(b)));
}

static Numeric
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

int64
add_counts(int64 a, int64 b)
{
	int64		result;

	if (pg_add_s64_overflow(a, b, &result))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("bigint out of range")));
	return result;
}

static void
keep_sum(amount_sum *s, Numeric value, core_arena *arena)
{
	Size		size = VARSIZE(value);

	if (size > s->sum_room)
	{
		Size		room = Max(size, 2 * s->sum_room);

		s->sum = core_realloc(arena, s->sum, room);
		s->sum_room = room;
	}
	memcpy(s->sum, value, size);
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
static void
count_scale(amount_sum *s, int32 scale, int64 count, core_arena *arena)
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
}

/* sum := sum + value, taking 10^131072 out where that does not fit. */
static void
add_to_sum(amount_sum *s, Numeric value, core_arena *arena)
{
	bool		too_large = false;
	Numeric		result = numeric_add_opt_error(s->sum, value, &too_large);

	if (too_large)
	{
		/* both have the same sign; take half out of each */
		bool		negative = compare_numerics(value, int64_to_numeric(0)) < 0;
		Numeric		half = numeric_from_text(negative ? "-" HALF_OF_RANGE : HALF_OF_RANGE);

		result = CALL2(numeric_add, CALL2(numeric_sub, s->sum, half), CALL2(numeric_sub, value, half));
		s->carries += negative ? -1 : 1;
	}
	keep_sum(s, result, arena);
}

/*
 * One more amount.  Every amount of a row enters here and leaves by
 * amount_sum_remove(): a faster sum of the short numerics that rows mostly
 * are belongs in these two, its part then added in by amount_sum_total() and
 * the state's bytes.
 */
void
amount_sum_add(amount_sum *s, Numeric amount, core_arena *arena)
{
	if (s->count == 0)
		keep_sum(s, amount, arena);
	else
		add_to_sum(s, amount, arena);
	count_scale(s, scale_of(amount), 1, arena);
}

/* One amount less; false if none of its scale is there. */
bool
amount_sum_remove(amount_sum *s, Numeric amount, core_arena *arena)
{
	int32		scale = scale_of(amount);
	int32		at = scale_position(s, scale);

	if (at == s->nscales || s->scales[at].scale != scale)
		return false;
	s->count--;
	if (--s->scales[at].count == 0)
	{
		s->nscales--;
		memmove(&s->scales[at], &s->scales[at + 1], (s->nscales - at) * sizeof(scale_count));
	}
	if (s->count == 0)
	{
		s->carries = 0;
		return true;
	}
	add_to_sum(s, CALL1(numeric_uminus, amount), arena);
	/* the last of the highest scale has left: its digits in the sum are zeros now */
	if (at == s->nscales)
		keep_sum(s, with_scale(s->sum, s->scales[s->nscales - 1].scale), arena);
	return true;
}

void
amount_sum_merge(amount_sum *s, const amount_sum *other, core_arena *arena)
{
	bool		first = s->count == 0;

	if (other->count == 0)
		return;
	/* counts first: they refuse what would overflow, and bound the carries */
	for (int32 i = 0; i < other->nscales; i++)
		count_scale(s, other->scales[i].scale, other->scales[i].count, arena);
	s->carries += other->carries;
	if (first)
		keep_sum(s, other->sum, arena);
	else
		add_to_sum(s, other->sum, arena);
}

/* The sum as sum() would give it, 0 for no values; numeric overflow where that does not fit. */
Numeric
amount_sum_total(const amount_sum *s)
{
	Numeric		zero = int64_to_numeric(0);
	Numeric		half;

	if (s->count == 0)
		return zero;
	if (s->carries == 0)
		return s->sum;
	half = numeric_from_text(s->carries > 0 ? HALF_OF_RANGE : "-" HALF_OF_RANGE);
	if ((s->carries == 1 || s->carries == -1) && compare_numerics(s->sum, zero) * s->carries < 0)
		return CALL2(numeric_add, CALL2(numeric_add, s->sum, half), half);
	return CALL2(numeric_add, half, half);	/* which raises the overflow */
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

	if (s->nscales > 0)
		size += s->nscales * (4 + 8) + 8 + 4 + VARSIZE_ANY_EXHDR(numeric_bytes(s->sum));
	return size;
}

void
amount_sum_write(const amount_sum *s, wire_writer *w)
{
	bytea	   *bytes;

	wire_put_u32(w, s->nscales);
	if (s->nscales == 0)
		return;
	for (int32 i = 0; i < s->nscales; i++)
	{
		wire_put_u32(w, s->scales[i].scale);
		wire_put_u64(w, s->scales[i].count);
	}
	wire_put_u64(w, s->carries);
	bytes = numeric_bytes(s->sum);
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

	if (nscales == 0)
		return;
	for (uint32 i = 0; i < nscales; i++)
	{
		uint32		scale = wire_get_u32(r);
		uint64		count = wire_get_u64(r);

		if (scale > NUMERIC_LARGEST_SCALE || scale <= previous)
			wire_refuse(r, "Its scales are not in order.");
		if (count == 0 || count > (uint64) (max_count - s->count))
			wire_refuse(r, "Its counts do not add up.");
		count_scale(s, scale, count, arena);
		previous = scale;
	}
	s->carries = (int64) wire_get_u64(r);
	if (s->carries > s->count || s->carries < -s->count)
		wire_refuse(r, "Its sum is larger than its values can be.");
	keep_sum(s, read_numeric(r), arena);
	if (scale_of(s->sum) != previous)
		wire_refuse(r, "Its sum is not of the scale of its values.");
}
