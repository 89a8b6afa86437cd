/*
 * quotient.c
 *		The quotient of two large integers as a floating-point number.
 */
#include "core/quotient.h"

#include <math.h>

/* Integers up to this size are floating-point numbers. */
#define EXACT ((unsigned __int128) 1 << 53)

static int
bit_length(unsigned __int128 value)
{
	uint64_t	high = (uint64_t) (value >> 64);

	if (high != 0)
		return 128 - __builtin_clzll(high);
	return value == 0 ? 0 : 64 - __builtin_clzll((uint64_t) value);
}

/*
 * Long division, one bit at a time, until there are 55 or 56 bits, two more
 * than a float8 has.  The last of them is set if a remainder is left, so that
 * it stands for all that follow: then the conversion to double rounds right.
 */
static double
long_division(unsigned __int128 dividend, unsigned __int128 divisor)
{
	/* the bits of the dividend that are still to come when the rest of them is less than the divisor */
	int			before = bit_length(dividend) - bit_length(divisor) + 1;
	int			last = before - 56;
	unsigned __int128 remainder = dividend;
	uint64_t	quotient = 0;

	if (before < 0)
		before = 0;
	else
		remainder = before < 128 ? dividend >> before : 0;
	for (int bit = before - 1; bit >= last; bit--)
	{
		remainder <<= 1;
		if (bit >= 0)
			remainder |= dividend >> bit & 1;
		quotient <<= 1;
		if (remainder >= divisor)
		{
			remainder -= divisor;
			quotient |= 1;
		}
	}
	if (remainder != 0 || (last > 0 && dividend << (128 - last) != 0))
		quotient |= 1;
	return ldexp((double) quotient, last);
}

double
quotient_nearest(__int128 dividend, __int128 divisor)
{
	bool		negative = dividend < 0;
	/* the absolute value also of the least one */
	unsigned __int128 size = negative ? -(unsigned __int128) dividend : (unsigned __int128) dividend;
	double		result;

	/* the processor's division rounds right, so it does if both are exact */
	if (size <= EXACT && (unsigned __int128) divisor <= EXACT)
		return (double) dividend / (double) divisor;
	result = long_division(size, divisor);
	return negative ? -result : result;
}
