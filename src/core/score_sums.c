/*
 * score_sums.c
 *		What a score is made of: sums of weights and of weights times attainments.
 */
#include "core/score_sums.h"

/* Add more * 2^more_exponent to *whole * 2^*exponent, unless that takes more than 64 bits. */
static inline bool
join_weight(uint64_t *whole, int16_t *exponent, uint64_t more, int more_exponent)
{
	uint64_t	coarse = *whole,
				fine = more,
				joined;
	int			shift = *exponent - more_exponent;

	if (more == 0)
		return true;
	if (*whole == 0)
	{
		*whole = more;
		*exponent = (int16_t) more_exponent;
		return true;
	}
	if (shift < 0)
	{
		coarse = more;
		fine = *whole;
		shift = -shift;
		more_exponent = *exponent;
	}
	if (shift > __builtin_clzll(coarse) || __builtin_add_overflow(coarse << shift, fine, &joined))
		return false;
	*whole = joined;
	*exponent = (int16_t) more_exponent;
	return true;
}

/* Leading zeros of 128 bits that are not all zero. */
static inline int
leading_zeros(unsigned __int128 size)
{
	uint64_t	high = (uint64_t) (size >> 64);

	return high != 0 ? __builtin_clzll(high) : 64 + __builtin_clzll((uint64_t) size);
}

/* The same in 127 bits and a sign. */
static inline bool
join_whole(exact_whole *whole, int16_t *exponent, exact_whole more, int more_exponent)
{
	exact_whole coarse = *whole,
				fine = more,
				joined;
	int			shift = *exponent - more_exponent;

	if (more == 0)
		return true;
	if (*whole == 0)
	{
		*whole = more;
		*exponent = (int16_t) more_exponent;
		return true;
	}
	if (shift < 0)
	{
		coarse = more;
		fine = *whole;
		shift = -shift;
		more_exponent = *exponent;
	}
	if (shift > 0)
	{
		unsigned __int128 size = coarse < 0 ? -(unsigned __int128) coarse : (unsigned __int128) coarse;

		if (shift >= leading_zeros(size))
			return false;
		size <<= shift;
		coarse = coarse < 0 ? -(exact_whole) size : (exact_whole) size;
	}
	if (__builtin_add_overflow(coarse, fine, &joined))
		return false;
	*whole = joined;
	*exponent = (int16_t) more_exponent;
	return true;
}

/* Narrow sums as wide ones; no digits lie far, so these need no arena. */
static score_wide_sums
widened(const score_sums *sums)
{
	score_wide_sums wide = {.present = sums->present, .missing = sums->missing};

	exact_sum_add_whole(&wide.present_weight, sums->present_weight, sums->present_exponent, NULL);
	exact_sum_add_whole(&wide.missing_weight, sums->missing_weight, sums->missing_exponent, NULL);
	exact_sum_add_whole(&wide.weighted, sums->weighted, sums->weighted_exponent, NULL);
	return wide;
}

/* The sums, to be changed, wide from now on. */
static score_wide_sums *
wide_rw(score_sums *sums, core_arena *arena)
{
	if (!sums->is_wide)
	{
		score_wide_sums *wide = core_alloc(arena, sizeof(score_wide_sums));

		*wide = widened(sums);
		sums->wide = wide;
		sums->is_wide = true;
	}
	return sums->wide;
}

void
score_sums_add_present(score_sums *sums, double weight, double attainment, core_arena *arena)
{
	score_wide_sums *wide;

	if (!sums->is_wide && sums->present < UINT32_MAX)
	{
		int			weight_exponent = 0,
					attainment_exponent = 0;
		uint64_t	mantissa = exact_mantissa(weight, &weight_exponent);
		uint64_t	whole = sums->present_weight;
		int16_t		exponent = sums->present_exponent;

		/* the product is below 2^106 */
		if (join_weight(&whole, &exponent, mantissa, weight_exponent))
		{
			exact_whole product = (exact_whole) mantissa * exact_mantissa(attainment, &attainment_exponent);

			if (join_whole(&sums->weighted, &sums->weighted_exponent, attainment < 0 ? -product : product,
						   weight_exponent + attainment_exponent))
			{
				sums->present_weight = whole;
				sums->present_exponent = exponent;
				sums->present++;
				return;
			}
		}
	}
	wide = wide_rw(sums, arena);
	wide->present++;
	exact_sum_add(&wide->present_weight, weight, arena);
	exact_sum_add_product(&wide->weighted, weight, attainment, arena);
}

void
score_sums_add_missing(score_sums *sums, double weight, core_arena *arena)
{
	score_wide_sums *wide;

	if (!sums->is_wide && sums->missing < UINT32_MAX)
	{
		int			exponent = 0;
		uint64_t	mantissa = exact_mantissa(weight, &exponent);

		if (join_weight(&sums->missing_weight, &sums->missing_exponent, mantissa, exponent))
		{
			sums->missing++;
			return;
		}
	}
	wide = wide_rw(sums, arena);
	wide->missing++;
	exact_sum_add(&wide->missing_weight, weight, arena);
}

static bool
combine_narrow(score_sums *sums, const score_sums *other)
{
	score_sums	joined = *sums;

	if (__builtin_add_overflow(joined.present, other->present, &joined.present) ||
		__builtin_add_overflow(joined.missing, other->missing, &joined.missing) ||
		!join_weight(&joined.present_weight, &joined.present_exponent, other->present_weight, other->present_exponent) ||
		!join_weight(&joined.missing_weight, &joined.missing_exponent, other->missing_weight, other->missing_exponent) ||
		!join_whole(&joined.weighted, &joined.weighted_exponent, other->weighted, other->weighted_exponent))
		return false;
	*sums = joined;
	return true;
}

void
score_sums_combine(score_sums *sums, const score_sums *other, core_arena *arena)
{
	score_wide_sums *wide;
	score_wide_sums scratch;
	const score_wide_sums *from = &scratch;

	if (!sums->is_wide && !other->is_wide && combine_narrow(sums, other))
		return;
	if (other->is_wide)
		from = other->wide;
	else
		scratch = widened(other);
	wide = wide_rw(sums, arena);
	wide->present = wire_sum_rows(wide->present, from->present, "rep_score_state");
	wide->missing = wire_sum_rows(wide->missing, from->missing, "rep_score_state");
	exact_sum_combine(&wide->present_weight, &from->present_weight, arena);
	exact_sum_combine(&wide->missing_weight, &from->missing_weight, arena);
	exact_sum_combine(&wide->weighted, &from->weighted, arena);
}

exact_value
score_sums_present_weight(const score_sums *sums, core_arena *arena)
{
	return sums->is_wide ? exact_sum_value(&sums->wide->present_weight, NULL, arena) :
		exact_whole_value(sums->present_weight, sums->present_exponent);
}

exact_value
score_sums_asked_weight(const score_sums *sums, core_arena *arena)
{
	score_wide_sums scratch;
	const score_wide_sums *wide = sums->wide;

	if (!sums->is_wide)
	{
		exact_whole asked = sums->present_weight;
		int16_t		exponent = sums->present_exponent;

		if (join_whole(&asked, &exponent, sums->missing_weight, sums->missing_exponent))
			return exact_whole_value(asked, exponent);
		scratch = widened(sums);
		wide = &scratch;
	}
	return exact_sum_value(&wide->present_weight, &wide->missing_weight, arena);
}

exact_value
score_sums_weighted(const score_sums *sums, core_arena *arena)
{
	return sums->is_wide ? exact_sum_value(&sums->wide->weighted, NULL, arena) :
		exact_whole_value(sums->weighted, sums->weighted_exponent);
}

size_t
score_sums_size(const score_sums *sums)
{
	score_wide_sums scratch;
	const score_wide_sums *wide = sums->wide;

	if (!sums->is_wide)
	{
		scratch = widened(sums);
		wide = &scratch;
	}
	return 2 * 8 + exact_sum_size(&wide->present_weight) + exact_sum_size(&wide->missing_weight) +
		exact_sum_size(&wide->weighted);
}

void
score_sums_write(const score_sums *sums, wire_writer *w)
{
	score_wide_sums scratch;
	const score_wide_sums *wide = sums->wide;

	if (!sums->is_wide)
	{
		scratch = widened(sums);
		wide = &scratch;
	}
	wire_put_u64(w, wide->present);
	wire_put_u64(w, wide->missing);
	exact_sum_write(&wide->present_weight, w);
	exact_sum_write(&wide->missing_weight, w);
	exact_sum_write(&wide->weighted, w);
}

/* A sum of weights, narrow if it fits; weights are never negative. */
static bool
narrow_weight(const exact_sum *sum, uint64_t *whole, int16_t *exponent, wire_reader *r, core_arena *arena)
{
	exact_whole found;
	int			found_exponent;
	bool		fits = exact_sum_as_whole(sum, &found, &found_exponent);

	if (fits ? found < 0 : exact_sum_value(sum, NULL, arena).fraction < 0)
		wire_refuse(r, "A sum of weights is negative.");
	*whole = (uint64_t) found;
	*exponent = (int16_t) found_exponent;
	return fits && found <= UINT64_MAX;
}

/* Wide sums that were just read, narrow where they fit. */
static bool
narrow(score_sums *sums, const score_wide_sums *wide, wire_reader *r, core_arena *arena)
{
	bool		fits;
	int			exponent;

	fits = narrow_weight(&wide->present_weight, &sums->present_weight, &sums->present_exponent, r, arena);
	fits &= narrow_weight(&wide->missing_weight, &sums->missing_weight, &sums->missing_exponent, r, arena);
	fits &= exact_sum_as_whole(&wide->weighted, &sums->weighted, &exponent);
	sums->weighted_exponent = (int16_t) exponent;
	sums->present = (uint32_t) wide->present;
	sums->missing = (uint32_t) wide->missing;
	return fits && wide->present <= UINT32_MAX && wide->missing <= UINT32_MAX;
}

void
score_sums_read(score_sums *sums, wire_reader *r, core_arena *arena)
{
	score_wide_sums wide;

	memset(sums, 0, sizeof(*sums));
	wide.present = (int64_t) wire_get_u64(r);
	wide.missing = (int64_t) wire_get_u64(r);
	if (wide.present < 0 || wide.missing < 0)
		wire_refuse(r, "A count of rows is negative.");
	if (wide.present > WIRE_MAX_ROWS || wide.missing > WIRE_MAX_ROWS)
		wire_refuse(r, "A count of rows is out of range.");
	exact_sum_read(&wide.present_weight, r, arena);
	exact_sum_read(&wide.missing_weight, r, arena);
	exact_sum_read(&wide.weighted, r, arena);
	if (narrow(sums, &wide, r, arena))
		return;
	sums->wide = core_alloc(arena, sizeof(score_wide_sums));
	*sums->wide = wide;
	sums->is_wide = true;
}

bool
score_sums_empty(const score_sums *sums)
{
	return !sums->is_wide && sums->present == 0 && sums->missing == 0 &&
		sums->present_weight == 0 && sums->missing_weight == 0 && sums->weighted == 0;
}
