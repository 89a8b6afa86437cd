/*
 * exact_sum.c
 *		Sums of doubles that do not depend on the order of the rows.
 */
#include "core/exact_sum.h"

#include <math.h>
#include <string.h>

#define DIGIT_BITS 32
#define DIGIT_MASK INT64_C(0xffffffff)

/* A product of two doubles lies in 2^-2148 .. 2^2048: places -68 .. 63, plus room for 2^63 of them. */
#define PLACE_MIN (-68)
#define PLACE_MAX 67

/* Additions that a digit can take before its 64 bits are at risk. */
#define PENDING_MAX (UINT32_C(1) << 30)

/* A digit of a stored sum is refused from here on. */
#define STORED_DIGIT_LIMIT (INT64_C(1) << 62)

/* Make places first .. last part of the window. */
static void
cover(exact_sum *sum, int first, int last, core_arena *arena)
{
	int			new_first = first,
				new_last = last;

	if (sum->count > 0)
	{
		int			old_last = sum->first + sum->count - 1;

		if (first >= sum->first && last <= old_last)
			return;
		new_first = first < sum->first ? first : sum->first;
		new_last = last > old_last ? last : old_last;
	}

	int			new_count = new_last - new_first + 1;
	int64_t    *digits = core_alloc(arena, new_count * sizeof(int64_t));

	memset(digits, 0, new_count * sizeof(int64_t));
	if (sum->count > 0)
	{
		memcpy(digits + (sum->first - new_first), sum->digits, sum->count * sizeof(int64_t));
		core_free(arena, sum->digits);
	}
	sum->first = new_first;
	sum->count = new_count;
	sum->digits = digits;
}

/*
 * Move the carries up.  Afterwards every digit is 0 .. 2^32 - 1, except the
 * uppermost, which carries the sign of the whole and is smaller than 2^32 in
 * size.
 */
static void
move_carries(exact_sum *sum, core_arena *arena)
{
	int64_t		carry = 0;
	int			last = sum->first + sum->count - 1;

	for (int i = 0; i < sum->count; i++)
	{
		int64_t		digit = sum->digits[i] + carry;

		sum->digits[i] = digit & DIGIT_MASK;
		carry = (digit - sum->digits[i]) / (DIGIT_MASK + 1);
	}
	if (carry == -1)
		sum->digits[sum->count - 1] -= DIGIT_MASK + 1;
	else if (carry != 0)
	{
		cover(sum, last + 1, last + 1, arena);
		sum->digits[sum->count - 1] = carry;
	}
	sum->pending = 0;
}

/* Add fraction * 2^exponent, fraction being smaller than 1. */
static void
add_scaled(exact_sum *sum, double fraction, int exponent, core_arena *arena)
{
	int			own_exponent;
	int64_t		mantissa = (int64_t) ldexp(frexp(fraction, &own_exponent), 53);
	uint64_t	size = mantissa < 0 ? -mantissa : mantissa;
	int			sign = mantissa < 0 ? -1 : 1;
	int			bit,
				place,
				shift;
	int64_t    *digit;

	if (mantissa == 0)
		return;

	/* drop zeros at the end, so that round numbers use few digits */
	bit = exponent + own_exponent - 53 + __builtin_ctzll(size);
	size >>= __builtin_ctzll(size);

	/* counted from the lowest place, so that / and % see no negative number */
	place = (bit - PLACE_MIN * DIGIT_BITS) / DIGIT_BITS + PLACE_MIN;
	shift = (bit - PLACE_MIN * DIGIT_BITS) % DIGIT_BITS;

	if (sum->pending >= PENDING_MAX)
		move_carries(sum, arena);
	sum->pending++;

	/* size << shift has at most 53 + 31 bits: three digits */
	uint64_t	low = (size << shift) & DIGIT_MASK;
	uint64_t	middle = (size >> (DIGIT_BITS - shift)) & DIGIT_MASK;
	uint64_t	high = shift > 0 ? size >> (2 * DIGIT_BITS - shift) : 0;
	int			more = high != 0 ? 2 : middle != 0 ? 1 : 0;

	cover(sum, place, place + more, arena);
	digit = sum->digits + (place - sum->first);
	digit[0] += sign * (int64_t) low;
	if (more > 0)
		digit[1] += sign * (int64_t) middle;
	if (more > 1)
		digit[2] += sign * (int64_t) high;
}

void
exact_sum_add(exact_sum *sum, double value, core_arena *arena)
{
	add_scaled(sum, value, 0, arena);
}

/* The product in full: its rounded value, and what the rounding left out. */
void
exact_sum_add_product(exact_sum *sum, double a, double b, core_arena *arena)
{
	int			a_exponent,
				b_exponent;
	double		a_fraction = frexp(a, &a_exponent);
	double		b_fraction = frexp(b, &b_exponent);
	double		rounded = a_fraction * b_fraction;
	double		rest = fma(a_fraction, b_fraction, -rounded);

	add_scaled(sum, rounded, a_exponent + b_exponent, arena);
	add_scaled(sum, rest, a_exponent + b_exponent, arena);
}

void
exact_sum_combine(exact_sum *sum, const exact_sum *other, core_arena *arena)
{
	if (other->count == 0)
		return;
	if (sum->pending + other->pending + 1 > PENDING_MAX)
		move_carries(sum, arena);
	cover(sum, other->first, other->first + other->count - 1, arena);
	for (int i = 0; i < other->count; i++)
		sum->digits[other->first - sum->first + i] += other->digits[i];
	sum->pending += other->pending + 1;
}

/*
 * The digits of a positive number, carries moved, rounded to 53 bits: the
 * uppermost 64 bits decide, and whether anything but zeros lies below them.
 */
static exact_value
round_digits(const exact_sum *sum)
{
	exact_value result = {0, 0};
	int			top = sum->count - 1;
	uint64_t	below,
				bits,
				rest;
	bool		more;
	int			shift;

	while (top >= 0 && sum->digits[top] == 0)
		top--;
	if (top < 0)
		return result;

	shift = __builtin_clzll((uint64_t) sum->digits[top]) - DIGIT_BITS;
	below = top > 1 ? sum->digits[top - 2] : 0;
	bits = (uint64_t) sum->digits[top] << DIGIT_BITS;
	bits |= top > 0 ? sum->digits[top - 1] : 0;
	bits = bits << shift | below >> (DIGIT_BITS - shift);
	more = ((below << shift) & DIGIT_MASK) != 0;
	for (int i = top - 3; i >= 0 && !more; i--)
		more = sum->digits[i] != 0;

	rest = bits & 0x7ff;
	bits >>= 11;
	if (rest > 0x400 || (rest == 0x400 && (more || (bits & 1))))
		bits++;
	result.fraction = ldexp((double) bits, -53);
	result.exponent = (sum->first + top + 1) * DIGIT_BITS - shift;
	return result;
}

exact_value
exact_sum_value(const exact_sum *a, const exact_sum *b, core_arena *arena)
{
	exact_sum	scratch = {0};
	exact_value result = {0, 0};
	bool		negative;

	exact_sum_combine(&scratch, a, arena);
	if (b != NULL)
		exact_sum_combine(&scratch, b, arena);
	if (scratch.count == 0)
		return result;
	move_carries(&scratch, arena);
	negative = scratch.digits[scratch.count - 1] < 0;
	if (negative)
	{
		for (int i = 0; i < scratch.count; i++)
			scratch.digits[i] = -scratch.digits[i];
		move_carries(&scratch, arena);
	}
	result = round_digits(&scratch);
	if (negative)
		result.fraction = -result.fraction;
	core_free(arena, scratch.digits);
	return result;
}

double
exact_ratio(exact_value a, exact_value b)
{
	return ldexp(a.fraction / b.fraction, a.exponent - b.exponent);
}

size_t
exact_sum_size(const exact_sum *sum)
{
	return 2 + sum->count * sizeof(int64_t);
}

void
exact_sum_write(const exact_sum *sum, wire_writer *w)
{
	wire_put_u8(w, sum->count > 0 ? sum->first - PLACE_MIN : 0);
	wire_put_u8(w, sum->count);
	for (int i = 0; i < sum->count; i++)
		wire_put_u64(w, (uint64_t) sum->digits[i]);
}

void
exact_sum_read(exact_sum *sum, wire_reader *r, core_arena *arena)
{
	int			first = wire_get_u8(r) + PLACE_MIN;
	int			count = wire_get_u8(r);

	if (first + count - 1 > PLACE_MAX)
		wire_refuse(r, "A digit of a sum is out of range.");
	memset(sum, 0, sizeof(*sum));
	if (count == 0)
		return;
	cover(sum, first, first + count - 1, arena);
	for (int i = 0; i < count; i++)
	{
		int64_t		digit = (int64_t) wire_get_u64(r);

		if (digit >= STORED_DIGIT_LIMIT || digit <= -STORED_DIGIT_LIMIT)
			wire_refuse(r, "A digit of a sum is out of range.");
		sum->digits[i] = digit;
	}
	/* the digits may be anything that fits: leave them room again */
	move_carries(sum, arena);
}
