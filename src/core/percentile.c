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

/*
 * Bring the value of rank into its place: none before it is greater, none
 * after it is less.  Equal values are common (a step on the same day), hence
 * the partition in three.  The pivot is drawn at random, so that no order of
 * rows makes this slow; the result does not depend on the draw.
 */
static int64_t
select_rank(int64_t *values, size_t count, size_t rank)
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

double
percentile_of(int64_t *values, size_t count, double fraction, double unit)
{
	double		position = fraction * (double) (count - 1);
	size_t		rank = (size_t) position;
	double		below = (double) select_rank(values, count, rank) / unit;
	double		above;
	int64_t		next;

	if ((double) rank == position)
		return below;
	next = values[rank + 1];
	for (size_t i = rank + 2; i < count; i++)
		if (values[i] < next)
			next = values[i];
	above = (double) next / unit;
	return below + (position - (double) rank) * (above - below);
}
