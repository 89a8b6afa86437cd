/*
 * percentile.c
 *		Exact percentiles of whole numbers, as percentile_cont has them.
 */
#include "core/percentile.h"

static void
swap(int64_t *a, int64_t *b)
{
	int64_t		held = *a;

	*a = *b;
	*b = held;
}

#define FEW 2048				/* values that are selected from directly */
#define BUCKET_BITS 10

/*
 * Many values: count them in buckets of their range, bring those of the bucket
 * that holds the rank to the front, and go on with these alone.  Three passes
 * without a branch to mispredict take less than one partition, and the first
 * round leaves one value in a thousand, unless many are equal.  *rank becomes
 * the one among those left, *above the least value that is greater than all
 * of them; returns how many are left.
 */
static size_t
narrow_down(int64_t *values, size_t count, size_t *rank, int64_t *above)
{
	*above = INT64_MAX;
	while (count > FEW)
	{
		size_t		counts[1 << BUCKET_BITS] = {0};
		size_t		kept = 0;
		uint64_t	bucket = 0;
		int64_t		least = values[0];
		int64_t		greatest = values[0];
		unsigned	shift = 0;

		core_check_interrupts();
		for (size_t i = 1; i < count; i++)
		{
			least = values[i] < least ? values[i] : least;
			greatest = values[i] > greatest ? values[i] : greatest;
		}
		if (least == greatest)
			break;
		while (((uint64_t) greatest - (uint64_t) least) >> shift >= UINT64_C(1) << BUCKET_BITS)
			shift++;
		for (size_t i = 0; i < count; i++)
			counts[((uint64_t) values[i] - (uint64_t) least) >> shift]++;
		for (; *rank >= counts[bucket]; bucket++)
			*rank -= counts[bucket];
		for (size_t i = 0; i < count; i++)
		{
			uint64_t	its = ((uint64_t) values[i] - (uint64_t) least) >> shift;

			if (its == bucket)
				swap(&values[i], &values[kept++]);
			else if (its > bucket && values[i] < *above)
				*above = values[i];
		}
		count = kept;
	}
	return count;
}

/*
 * Bring the value of rank into its place: none before it is greater, none
 * after it is less.  Equal values are common (a step on the same day), hence
 * the partition in three.  The pivot is drawn at random, so that no order of
 * rows makes this slow; the result does not depend on the draw.
 */
int64_t
percentile_select(int64_t *values, size_t count, size_t rank)
{
	size_t		low = 0;
	size_t		high = count;	/* the rank is in [low, high) */
	uint64_t	draw = UINT64_C(0x9e3779b97f4a7c15);

	while (high - low > 1)
	{
		size_t		less = low; /* [low, less) are less than the pivot */
		size_t		greater = high; /* [greater, high) are greater */
		size_t		i = low;
		int64_t		pivot;

		core_check_interrupts();
		draw ^= draw << 13;
		draw ^= draw >> 7;
		draw ^= draw << 17;
		pivot = values[low + draw % (high - low)];
		while (i < greater)
		{
			if (values[i] < pivot)
				swap(&values[i++], &values[less++]);
			else if (values[i] > pivot)
				swap(&values[i], &values[--greater]);
			else
				i++;
		}
		if (rank < less)
			high = less;
		else if (rank >= greater)
			low = greater;
		else
			break;
	}
	return values[rank];
}

/* A value in units above the origin; the two may be 2^64 - 1 apart. */
static double
above_origin(int64_t value, int64_t origin, double unit)
{
	return (double) ((uint64_t) value - (uint64_t) origin) / unit;
}

double
percentile_between(int64_t below, int64_t above, double part, int64_t origin, double unit)
{
	double		low = above_origin(below, origin, unit);

	if (part == 0)
		return low;
	return low + part * (above_origin(above, origin, unit) - low);
}

double
percentile_of(int64_t *values, size_t count, double fraction, int64_t origin, double unit)
{
	double		position = fraction * (double) (count - 1);
	size_t		whole = (size_t) position;
	size_t		rank = whole;
	int64_t		below;
	int64_t		next;

	count = narrow_down(values, count, &rank, &next);
	below = percentile_select(values, count, rank);
	for (size_t i = rank + 1; i < count; i++)
		if (values[i] < next)
			next = values[i];
	return percentile_between(below, next, position - (double) whole, origin, unit);
}
