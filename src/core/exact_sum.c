/*
 * exact_sum.c
 *		Sums of doubles that do not depend on the order of the rows.
 */
#include "core/exact_sum.h"

#include <math.h>
#include <string.h>

#ifndef __SIZEOF_INT128__
#error "exact sums need a compiler with 128-bit integers, as there is on every 64-bit machine"
#endif

#define DIGIT_BITS 32
#define DIGIT_MASK INT64_C(0xffffffff)

/* A product of two doubles lies in 2^-2148 .. 2^2048: places -68 .. 63, plus room for 2^63 of them. */
#define PLACE_MIN (-68)
#define PLACE_MAX 67

/* Additions that a digit can take before its 64 bits are at risk. */
#define PENDING_MAX (UINT32_C(1) << 30)

/* A digit of a stored sum is refused from here on. */
#define STORED_DIGIT_LIMIT (INT64_C(1) << 62)

static inline int64_t *
digits_of(exact_sum *sum)
{
	return sum->count <= EXACT_SUM_NEAR ? sum->near : sum->far;
}

void
exact_sum_free(exact_sum *sum, core_arena *arena)
{
	if (sum->count > EXACT_SUM_NEAR)
		core_free(arena, sum->far);
}

/* Make places first .. last part of the window, which they are not. */
static void
grow(exact_sum *sum, int first, int last, core_arena *arena)
{
	exact_sum	grown = {.pending = sum->pending};
	int			old_last = sum->first + sum->count - 1;

	if (sum->count > 0)
	{
		first = first < sum->first ? first : sum->first;
		last = last > old_last ? last : old_last;
		if (last - first < EXACT_SUM_NEAR)
		{
			/* the digits stay where they are, but for their places; behind them are zeros */
			int			below = sum->first - first;

			memmove(sum->near + below, sum->near, sum->count * sizeof(int64_t));
			memset(sum->near, 0, below * sizeof(int64_t));
			sum->first = first;
			sum->count = last - first + 1;
			return;
		}
	}
	grown.first = first;
	grown.count = last - first + 1;
	if (grown.count > EXACT_SUM_NEAR)
	{
		grown.far = core_alloc(arena, grown.count * sizeof(int64_t));
		memset(grown.far, 0, grown.count * sizeof(int64_t));
	}
	if (sum->count > 0)
		memcpy(digits_of(&grown) + (sum->first - first), digits_of(sum), sum->count * sizeof(int64_t));
	exact_sum_free(sum, arena);
	*sum = grown;
}

/* Make places first .. last part of the window. */
static inline void
cover(exact_sum *sum, int first, int last, core_arena *arena)
{
	if (sum->count == 0 && last - first < EXACT_SUM_NEAR)
	{
		/* an untouched sum: its digits are zeros already */
		sum->first = first;
		sum->count = last - first + 1;
	}
	else if (sum->count == 0 || first < sum->first || last >= sum->first + sum->count)
		grow(sum, first, last, arena);
}

/*
 * Move the carries up.  Afterwards every digit is 0 .. 2^32 - 1, except the
 * uppermost, which carries the sign of the whole and is smaller than 2^32 in
 * size.
 */
static void
move_carries(exact_sum *sum, core_arena *arena)
{
	int64_t    *digits = digits_of(sum);
	int64_t		carry = 0;
	int			last = sum->first + sum->count - 1;

	for (int i = 0; i < sum->count; i++)
	{
		int64_t		digit = digits[i] + carry;

		digits[i] = digit & DIGIT_MASK;
		carry = (digit - digits[i]) / (DIGIT_MASK + 1);
	}
	if (carry == -1)
		digits[sum->count - 1] -= DIGIT_MASK + 1;
	else if (carry != 0)
	{
		cover(sum, last + 1, last + 1, arena);
		digits_of(sum)[sum->count - 1] = carry;
	}
	sum->pending = 0;
}

/* Cut size * 2^shift into digits, shift being less than a digit; how many there are. */
static inline int
cut(unsigned __int128 size, int shift, uint32_t digits[5])
{
	int			count = 1;

	digits[0] = (uint32_t) ((uint64_t) size << shift);
	size >>= DIGIT_BITS - shift;
	while (size != 0)
	{
		digits[count++] = (uint32_t) size;
		size >>= DIGIT_BITS;
	}
	return count;
}

/* Add size * 2^bit, or subtract it; size is not 0. */
static inline void
add_whole(exact_sum *sum, unsigned __int128 size, int bit, bool negative, core_arena *arena)
{
	uint32_t	parts[5];
	int			place,
				count;
	int64_t    *digit;

	/* counted from the lowest place, so that / and % see no negative number */
	bit -= PLACE_MIN * DIGIT_BITS;
	place = bit / DIGIT_BITS + PLACE_MIN;
	count = cut(size, bit % DIGIT_BITS, parts);

	if (sum->pending >= PENDING_MAX)
		move_carries(sum, arena);
	sum->pending++;
	cover(sum, place, place + count - 1, arena);
	digit = digits_of(sum) + (place - sum->first);
	for (int i = 0; i < count; i++)
		digit[i] += negative ? -(int64_t) parts[i] : (int64_t) parts[i];
}

void
exact_sum_add(exact_sum *sum, double value, core_arena *arena)
{
	int			exponent = 0;
	uint64_t	mantissa = exact_mantissa(value, &exponent);

	if (mantissa != 0)
		add_whole(sum, mantissa, exponent, value < 0, arena);
}

/* The product of two mantissas is a whole number below 2^106: nothing is lost. */
void
exact_sum_add_product(exact_sum *sum, double a, double b, core_arena *arena)
{
	int			a_exponent = 0,
				b_exponent = 0;
	unsigned __int128 product = (unsigned __int128) exact_mantissa(a, &a_exponent) * exact_mantissa(b, &b_exponent);

	if (product != 0)
		add_whole(sum, product, a_exponent + b_exponent, (a < 0) != (b < 0), arena);
}

void
exact_sum_add_whole(exact_sum *sum, exact_whole whole, int exponent, core_arena *arena)
{
	if (whole != 0)
		add_whole(sum, whole < 0 ? -(unsigned __int128) whole : (unsigned __int128) whole, exponent, whole < 0, arena);
}

void
exact_sum_combine(exact_sum *sum, const exact_sum *other, core_arena *arena)
{
	const int64_t *from;
	int64_t    *to;

	if (other->count == 0)
		return;
	if (sum->pending + other->pending + 1 > PENDING_MAX)
		move_carries(sum, arena);
	cover(sum, other->first, other->first + other->count - 1, arena);
	from = other->count <= EXACT_SUM_NEAR ? other->near : other->far;
	to = digits_of(sum) + (other->first - sum->first);
	for (int i = 0; i < other->count; i++)
		to[i] += from[i];
	sum->pending += other->pending + 1;
}

/*
 * bits * 2^exponent rounded to 53 bits, half to even; the uppermost of the 64
 * bits is set, and more says whether anything but zeros lies below them.
 */
static inline exact_value
round_bits(uint64_t bits, bool more, int exponent)
{
	uint64_t	rest = bits & 0x7ff;

	bits >>= 11;
	if (rest > 0x400 || (rest == 0x400 && (more || (bits & 1))))
		bits++;
	return (exact_value) {(double) bits * 0x1p-53, exponent + 64};
}

/* The digits of a positive number, carries moved: its uppermost 64 bits and what lies below. */
static exact_value
round_digits(const exact_sum *sum)
{
	const int64_t *digits = sum->count <= EXACT_SUM_NEAR ? sum->near : sum->far;
	int			top = sum->count - 1;
	uint64_t	below,
				bits;
	bool		more;
	int			shift;

	while (top >= 0 && digits[top] == 0)
		top--;
	if (top < 0)
		return (exact_value) {0, 0};

	shift = __builtin_clzll((uint64_t) digits[top]) - DIGIT_BITS;
	below = top > 1 ? digits[top - 2] : 0;
	bits = (uint64_t) digits[top] << DIGIT_BITS;
	bits |= top > 0 ? digits[top - 1] : 0;
	bits = bits << shift | below >> (DIGIT_BITS - shift);
	more = ((below << shift) & DIGIT_MASK) != 0;
	for (int i = top - 3; i >= 0 && !more; i--)
		more = digits[i] != 0;
	return round_bits(bits, more, (sum->first + top - 1) * DIGIT_BITS - shift);
}

/* Up to three digits are one whole number of 128 bits, carries moved or not. */
#define WHOLE_DIGITS 3

static inline exact_value
few_digits_value(const exact_sum *sum)
{
	__int128	whole = 0;

	for (int i = sum->count - 1; i >= 0; i--)
		whole = whole * (DIGIT_MASK + 1) + sum->near[i];
	return exact_whole_value(whole, sum->first * DIGIT_BITS);
}

exact_value
exact_whole_value(exact_whole whole, int exponent)
{
	unsigned __int128 size = whole < 0 ? -(unsigned __int128) whole : (unsigned __int128) whole;
	uint64_t	high = (uint64_t) (size >> 64),
				low = (uint64_t) size;
	exact_value result;

	if (size == 0)
		return (exact_value) {0, 0};
	if (high == 0)
	{
		int			shift = __builtin_clzll(low);

		result = round_bits(low << shift, false, exponent - shift);
	}
	else
	{
		int			shift = __builtin_clzll(high);

		size <<= shift;
		result = round_bits((uint64_t) (size >> 64), (uint64_t) size != 0, exponent + 64 - shift);
	}
	if (whole < 0)
		result.fraction = -result.fraction;
	return result;
}

exact_value
exact_sum_value(const exact_sum *a, const exact_sum *b, core_arena *arena)
{
	exact_sum	scratch = {0};
	exact_value result;
	int64_t    *digits;
	bool		negative;

	if ((b == NULL || b->count == 0) && a->count <= WHOLE_DIGITS)
		return few_digits_value(a);
	exact_sum_combine(&scratch, a, arena);
	if (b != NULL)
		exact_sum_combine(&scratch, b, arena);
	move_carries(&scratch, arena);
	digits = digits_of(&scratch);
	negative = digits[scratch.count - 1] < 0;
	if (negative)
	{
		for (int i = 0; i < scratch.count; i++)
			digits[i] = -digits[i];
		move_carries(&scratch, arena);
	}
	result = round_digits(&scratch);
	if (negative)
		result.fraction = -result.fraction;
	exact_sum_free(&scratch, arena);
	return result;
}

double
exact_ratio(exact_value a, exact_value b)
{
	double		ratio = a.fraction / b.fraction;
	int			exponent = a.exponent - b.exponent;
	uint64_t	bits = (uint64_t) (exponent + 1023) << 52;
	double		power;

	/* far out, where the result may be none that is normal */
	if (exponent < -1000 || exponent > 1000)
		return ldexp(ratio, exponent);
	memcpy(&power, &bits, sizeof(power));
	return ratio * power;
}

bool
exact_sum_as_whole(const exact_sum *sum, exact_whole *whole, int *exponent)
{
	const int64_t *digits = sum->count <= EXACT_SUM_NEAR ? sum->near : sum->far;
	int			low = 0;
	int			zeros;

	*whole = 0;
	*exponent = 0;
	while (low < sum->count && digits[low] == 0)
		low++;
	if (low == sum->count)
		return true;
	zeros = __builtin_ctzll((uint64_t) digits[low]);
	zeros = zeros < DIGIT_BITS ? zeros : DIGIT_BITS;
	for (int i = sum->count - 1; i > low; i--)
		if (__builtin_mul_overflow(*whole, DIGIT_MASK + 1, whole) || __builtin_add_overflow(*whole, digits[i], whole))
			return false;
	*exponent = (sum->first + low) * DIGIT_BITS + zeros;
	return !__builtin_mul_overflow(*whole, INT64_C(1) << (DIGIT_BITS - zeros), whole) &&
		!__builtin_add_overflow(*whole, digits[low] >> zeros, whole);
}

size_t
exact_sum_size(const exact_sum *sum)
{
	return 2 + sum->count * sizeof(int64_t);
}

void
exact_sum_write(const exact_sum *sum, wire_writer *w)
{
	const int64_t *digits = sum->count <= EXACT_SUM_NEAR ? sum->near : sum->far;

	wire_put_u8(w, sum->count > 0 ? sum->first - PLACE_MIN : 0);
	wire_put_u8(w, sum->count);
	for (int i = 0; i < sum->count; i++)
		wire_put_u64(w, (uint64_t) digits[i]);
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
		digits_of(sum)[i] = digit;
	}
	/* the digits may be anything that fits: leave them room again */
	move_carries(sum, arena);
}
