/*
 * numeric_digits.h
 *		Short numerics, read and made in place: all that we know of their bytes.
 *
 * The layout is private to the server's numeric.c, but it is what lies on
 * disk, the same in every server since 9.1: a change would break pg_upgrade.
 * After the varlena header come 16 bits,
 *
 *		10 n dddddd w wwwwww		a short one: n is the sign, d the digits after the
 *									point, w the weight in two's complement
 *		11 ................			NaN or infinity
 *		0. ................			a long one, where d or w does not fit
 *
 * then the number's digits to base 10000, highest first, each an int16, with
 * no zero at either end; weight is the power of 10000 of the first.  The
 * server makes a number short whenever it can, so a long one is never small.
 *
 * sql/numeric_digits.sql holds both functions to numeric_out(), numeric_send()
 * and sum().
 */
#ifndef SALESMGMT_NUMERIC_DIGITS_H
#define SALESMGMT_NUMERIC_DIGITS_H

#include "postgres.h"

#include "utils/numeric.h"

#ifndef HAVE_INT128
#error "salesmgmt needs a compiler with 128-bit integers"
#endif

#define DIGITS_FORM 0xC000
#define DIGITS_SHORT 0x8000
#define DIGITS_NEGATIVE 0x2000
#define DIGITS_SCALE 0x1F80
#define DIGITS_SCALE_SHIFT 7
#define DIGITS_WEIGHT 0x007F
#define DIGITS_WEIGHT_SIGN 0x0040
#define DIGITS_BASE 10000

/*
 * A number as an integer: how many units of 10^-8, which are two digits to
 * base 10000 after the point.  Below 10^16 it has four before it, and 10^14
 * such numbers can be added up in 128 bits.
 */
#define UNITS_SCALE 8
#define UNITS_DIGITS_BEHIND 2
#define UNITS_DIGITS_BEFORE 4

/* 10000^n, n from 0 to 4 */
static const int64 powers_of_10000[] = {1, 10000, 100000000, INT64CONST(1000000000000), INT64CONST(10000000000000000)};

/*
 * The number in units and its scale; false, and nothing stored, unless it is
 * finite, below 10^16 in size and has no more than 8 digits after the point.
 * The Datum may have a varlena header of one byte; it is not detoasted.
 */
static pg_attribute_always_inline bool
numeric_to_units(Datum number, int128 *units, int32 *scale)
{
	const struct varlena *bytes = (const struct varlena *) DatumGetPointer(number);
	const char *digit;
	uint16		header;
	int16		value;
	uint32		size,
				ndigits;
	int			weight,
				zeros;			/* digits between the last one and the unit */
	int64		leading;

	/* as it lies in a row, else as computed; what is compressed or elsewhere is not short */
	if (likely(VARATT_IS_SHORT(bytes)))
	{
		size = VARSIZE_SHORT(bytes) - VARHDRSZ_SHORT;
		digit = VARDATA_SHORT(bytes);
	}
	else if (VARATT_IS_4B_U(bytes))
	{
		size = VARSIZE_4B(bytes) - VARHDRSZ;
		digit = VARDATA_4B(bytes);
	}
	else
		return false;
	/* a pointer to elsewhere has a header of one byte, too, with size 0 */
	ndigits = size / sizeof(value) - 1;
	if (unlikely(ndigits > UNITS_DIGITS_BEFORE + UNITS_DIGITS_BEHIND))
		return false;
	memcpy(&header, digit, sizeof(header));
	*scale = (header & DIGITS_SCALE) >> DIGITS_SCALE_SHIFT;
	weight = (int) (header & (DIGITS_WEIGHT ^ DIGITS_WEIGHT_SIGN)) - (int) (header & DIGITS_WEIGHT_SIGN);
	zeros = weight - ((int) ndigits - 1) + UNITS_DIGITS_BEHIND;
	if (unlikely((header & DIGITS_FORM) != DIGITS_SHORT || *scale > UNITS_SCALE ||
				 weight >= UNITS_DIGITS_BEFORE || zeros < 0))
		return false;

	/* four digits fit into 64 bits */
	leading = 0;
	if (likely(ndigits > 0))
	{
		memcpy(&value, digit += sizeof(value), sizeof(value));
		leading = value;
	}
	for (uint32 i = 1; i < Min(ndigits, 4); i++)
	{
		memcpy(&value, digit += sizeof(value), sizeof(value));
		leading = leading * DIGITS_BASE + value;
	}
	if (header & DIGITS_NEGATIVE)
		leading = -leading;
	if (likely(ndigits <= 4 && zeros <= 4))
		*units = (int128) leading * powers_of_10000[zeros];
	else
	{
		int128		whole = leading;

		for (uint32 i = 4; i < ndigits; i++)
		{
			memcpy(&value, digit += sizeof(value), sizeof(value));
			whole = whole * DIGITS_BASE + (header & DIGITS_NEGATIVE ? -value : value);
		}
		for (int i = zeros; i > 0; i--)
			whole *= DIGITS_BASE;
		*units = whole;
	}
	return true;
}

/*
 * The commonest amounts: as they lie in a row, below 10^8 in size and with no
 * more than 8 digits after the point, hence of up to four digits to base 10000.
 * False, and nothing stored, for any other.
 */
static pg_attribute_always_inline bool
numeric_to_small_units(Datum number, int64 *units, int32 *scale)
{
	const struct varlena *bytes = (const struct varlena *) DatumGetPointer(number);
	const char *digit;
	uint16		header;
	int16		digits[4] = {0};
	uint32		ndigits,
				weight,
				decimals;
	int64		size;

	if (unlikely(!VARATT_IS_SHORT(bytes)))
		return false;
	/* a pointer to elsewhere has size 0, which makes it very many digits */
	ndigits = (uint32) (VARSIZE_SHORT(bytes) - VARHDRSZ_SHORT - sizeof(header)) / sizeof(int16);
	digit = VARDATA_SHORT(bytes);
	if (unlikely(ndigits > 4))
		return false;
	memcpy(&header, digit, sizeof(header));
	weight = header & DIGITS_WEIGHT;
	decimals = (header & DIGITS_SCALE) >> DIGITS_SCALE_SHIFT;
	if (unlikely((header & DIGITS_FORM) != DIGITS_SHORT || weight > 1 || decimals > UNITS_SCALE ||
				 ndigits > weight + 1 + UNITS_DIGITS_BEHIND))
		return false;

	/*
	 * The digits that are not there count as zeros.  Amounts differ in how many
	 * they have, so each is chosen without a branch that would be mispredicted.
	 */
	digit += sizeof(header);
	if (unlikely(ndigits == 0))
		size = 0;
	else
	{
		uint32		second = ndigits > 1,
					third = ndigits > 2;

		memcpy(&digits[0], digit, sizeof(int16));
		memcpy(&digits[1], digit + sizeof(int16) * second, sizeof(int16));
		memcpy(&digits[2], digit + sizeof(int16) * (third << 1), sizeof(int16));
		size = (digits[0] * DIGITS_BASE + (digits[1] & -second)) * (int64) DIGITS_BASE + (digits[2] & -third);
		size *= powers_of_10000[weight];
		if (unlikely(ndigits > 3))
		{
			memcpy(&digits[3], digit + 3 * sizeof(int16), sizeof(int16));
			size += digits[3];
		}
	}
	*units = header & DIGITS_NEGATIVE ? -size : size;
	*scale = decimals;
	return true;
}

/* 10^n, n from 0 to 8 */
static const int64 units_powers_of_10[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

/*
 * Units as an integer with scale digits after the point, 0 .. 8; the digits
 * beyond, which go, are 0 in a sum of amounts of that scale.
 */
static inline int128
units_at_scale(int128 units, int32 scale)
{
	int64		divisor = units_powers_of_10[UNITS_SCALE - scale];

	/* 64 bits are divided much faster */
	if (likely(units == (int64) units))
		return (int64) units / divisor;
	return units / divisor;
}

/* Units as the server would make the number; scale is 0 .. 8, and digits beyond it must be zeros. */
static inline Numeric
numeric_from_units(int128 units, int32 scale)
{
	int16		digits[12];		/* 10^39 and eight zeros */
	int			first = lengthof(digits);
	int			last = lengthof(digits);
	bool		negative = units < 0;
	/* the absolute value also of the least one */
	uint128		left = negative ? -(uint128) units : (uint128) units;
	int			weight;
	uint16		header;
	Size		size;
	char	   *result;

	while (left > PG_UINT64_MAX)
	{
		digits[--first] = left % DIGITS_BASE;
		left /= DIGITS_BASE;
	}
	for (uint64 rest = (uint64) left; rest > 0; rest /= DIGITS_BASE)
		digits[--first] = rest % DIGITS_BASE;
	weight = (int) lengthof(digits) - UNITS_DIGITS_BEHIND - 1 - first;
	while (last > first && digits[last - 1] == 0)
		last--;
	if (first == last)
		weight = 0;

	header = DIGITS_SHORT | (negative ? DIGITS_NEGATIVE : 0) | scale << DIGITS_SCALE_SHIFT |
		(weight & DIGITS_WEIGHT);
	size = VARHDRSZ + sizeof(header) + (last - first) * sizeof(int16);
	result = palloc(size);
	SET_VARSIZE(result, size);
	memcpy(VARDATA(result), &header, sizeof(header));
	memcpy(VARDATA(result) + sizeof(header), &digits[first], (last - first) * sizeof(int16));
	return (Numeric) result;
}

#endif							/* SALESMGMT_NUMERIC_DIGITS_H */
