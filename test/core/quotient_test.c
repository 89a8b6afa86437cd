/*
 * quotient_test.c
 *		Quotients of large integers against long double and against themselves.
 */
#include "host.h"

#include "core/quotient.h"

#include <math.h>

typedef __int128 int128;

static int128
random_int128(uint64_t *seed, int bits)
{
	int128		value = ((int128) host_random(seed, UINT64_MAX) << 63) ^ host_random(seed, UINT64_MAX);

	return (value & (((int128) 1 << 126) - 1)) >> (126 - bits);
}

/* Is |a / b - q| <= |a / b - neighbour|, exactly?  For 53-bit q, with a and b below 2^60. */
static bool
is_nearest(int64_t a, int64_t b, double q)
{
	int			exponent;
	int128		m = (int128) ldexp(frexp(q, &exponent), 53);
	int128		left,
				right;
	int			shift = exponent - 53;

	/* twice the distance to q, against one unit in the last place: |2 a - 2 m 2^shift b| <= 2^shift b */
	if (shift >= 0)
		return true;
	if (shift < -64)
		return true;
	/* a / 2^shift does not fit; compare a - floor(...) instead */
	left = (int128) a;
	right = m * b;
	for (int i = 0; i < -shift; i++)
	{
		if (left > (int128) 1 << 124)
			return true;
		left <<= 1;
	}
	return 2 * (left > right ? left - right : right - left) <= b;
}

int
main(void)
{
	uint64_t	seed = 42;
	bool		small = true,
				shifted = true,
				close = true,
				signs = true,
				nearest = true;

	for (int i = 0; i < 200000; i++)
	{
		int128		a = random_int128(&seed, 1 + host_random(&seed, 126));
		int128		b = random_int128(&seed, 1 + host_random(&seed, 126)) | 1;
		int64_t		x = host_random(&seed, (uint64_t) 1 << 60);
		int64_t		y = 1 + host_random(&seed, (uint64_t) 1 << host_random(&seed, 60));
		int128		c = random_int128(&seed, 52),
					d = random_int128(&seed, 52) | 1;
		int			shift = host_random(&seed, 72);

		small &= quotient_nearest(c, d) == (double) c / (double) d;
		/* the same quotient, long and short */
		shifted &= quotient_nearest(c << shift, d << shift) == (double) c / (double) d;
		close &= fabsl((long double) quotient_nearest(a, b) / ((long double) a / (long double) b) - 1) < 1.2e-16L || a == 0;
		signs &= quotient_nearest(-a, b) == -quotient_nearest(a, b);
		nearest &= is_nearest(x, y, quotient_nearest(x, y));
	}
	tap_ok(small, "integers below 2^53: as the processor divides");
	tap_ok(shifted, "the same quotient of larger integers");
	tap_ok(close, "within half a unit in the last place of the long double quotient");
	tap_ok(signs, "the sign is the dividend's");
	tap_ok(nearest, "no other float8 is nearer");
	/* ties, and just beside them */
	tap_ok(quotient_nearest(((int128) 1 << 54) + 2, 2) == 0x1p53, "a tie goes to the even one below");
	tap_ok(quotient_nearest(((int128) 1 << 54) + 6, 2) == 0x1p53 + 4, "a tie goes to the even one above");
	tap_ok(quotient_nearest((((int128) 1 << 53) + 1) * 1000000007 + 1, 1000000007) == 0x1p53 + 2, "just above a tie");
	tap_ok(quotient_nearest((((int128) 1 << 53) + 1) * 1000000007 - 1, 1000000007) == 0x1p53, "just below a tie");
	tap_ok(quotient_nearest((((int128) 1 << 53) + 1) << 66, 1) == 0x1p119, "a tie of a large quotient");
	tap_ok(quotient_nearest(((((int128) 1 << 53) + 1) << 66) + 1, 1) == (0x1p53 + 2) * 0x1p66, "just above it");
	tap_ok(quotient_nearest(0, (int128) 1 << 100) == 0, "nothing");
	tap_ok(quotient_nearest((int128) 1 << 126, 1) == 0x1p126 && quotient_nearest(1, (int128) 1 << 126) == 0x1p-126, "the ends");
	tap_ok(quotient_nearest(-((int128) 1 << 126) * 2, 1) == -0x1p127, "the least dividend");
	return tap_done();
}
