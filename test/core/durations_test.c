/*
 * durations_test.c
 *		Lists of durations in memory and in a file: the same values, the same percentiles.
 */
#include "host.h"

#include "core/durations.h"

#include <stdlib.h>
#include <string.h>

#define LISTS 5
#define MOST 40000
#define UNIT 86400e6

static uint64_t seed = 20240302;

static int
compare_int64(const void *a, const void *b)
{
	int64_t		x = *(const int64_t *) a;
	int64_t		y = *(const int64_t *) b;

	return (x > y) - (x < y);
}

/* A value above the origin, of a kind: any, of day grain, nearly all equal, at both ends, skewed. */
static int64_t
random_value(int kind)
{
	const int64_t day = INT64_C(86400000000);

	switch (kind)
	{
		case 0:
			return (int64_t) host_random(&seed, INT64_MAX);
		case 1:
			return (int64_t) host_random(&seed, 30) * day;
		case 2:
			return host_random(&seed, 1000) ? 7 * day : (int64_t) host_random(&seed, INT64_MAX);
		case 3:
			return host_random(&seed, 2) ? 0 : INT64_MAX;
		default:
			return (int64_t) (host_random(&seed, INT64_MAX) >> host_random(&seed, 63));
	}
}

static double
expected_percentile(const int64_t *sorted, size_t count, double fraction)
{
	double		position = fraction * (double) (count - 1);
	size_t		rank = (size_t) position;
	double		low = (double) sorted[rank] / UNIT;
	double		high = (double) sorted[rank + 1 < count ? rank + 1 : rank] / UNIT;

	return low + (position - (double) rank) * (high - low);
}

/* Are the values of a list these, in any order? */
static bool
same_values(const durations_pool *pool, const durations *list, const int64_t *sorted, int64_t origin)
{
	static durations_cursor cursor;
	static int64_t found[MOST];
	const int64_t *values;
	size_t		count;
	size_t		total = 0;

	durations_open(&cursor, pool, list);
	while (values = durations_next(&cursor, &count), count > 0)
		for (size_t i = 0; i < count; i++)
			found[total++] = values[i] - origin;
	if (total != list->count)
		return false;
	qsort(found, total, sizeof(int64_t), compare_int64);
	return total == 0 || memcmp(found, sorted, total * sizeof(int64_t)) == 0;
}

/* What most bytes the lists of a pool hold, of those that its budget and its buffers allow. */
static bool
is_bounded(const durations_pool *pool, size_t limit)
{
	return pool->held <= limit || pool->held <= LISTS * DURATIONS_PIECE * sizeof(int64_t);
}

static uint64_t files_seen;
static uint64_t bounds_kept = true;

static bool
lists_agree(size_t limit, size_t most)
{
	static int64_t sorted[LISTS][MOST];
	core_arena *arena = host_arena_create();
	durations_pool pool;
	durations_pool sum;
	durations	lists[LISTS] = {0};
	durations	summed[LISTS] = {0};
	int			kinds[LISTS];
	size_t		wanted[LISTS];
	bool		equal = true;
	int64_t		origin = host_random(&seed, 2) ? INT64_MIN : 0;

	host_memory_limit = limit;
	durations_begin(&pool, arena, 0);
	for (int l = 0; l < LISTS; l++)
	{
		kinds[l] = (int) host_random(&seed, 5);
		wanted[l] = host_random(&seed, most + 1);
	}
	/* values of all lists come by turns */
	for (size_t i = 0; i < most; i++)
		for (int l = 0; l < LISTS; l++)
			if (i < wanted[l])
			{
				sorted[l][i] = random_value(kinds[l]);
				durations_add(&pool, &lists[l], sorted[l][i] + origin);
				bounds_kept &= is_bounded(&pool, limit);
			}
	durations_begin(&sum, arena, limit / 2);
	for (int l = 0; l < LISTS; l++)
	{
		qsort(sorted[l], wanted[l], sizeof(int64_t), compare_int64);
		equal &= lists[l].count == wanted[l] && same_values(&pool, &lists[l], sorted[l], origin);
		for (int copy = 0; copy < 2; copy++)
			durations_add_all(&sum, &summed[l], &pool, &lists[l]);
		equal &= summed[l].count == wanted[l] * 2;
	}
	for (int l = 0; l < LISTS; l++)
		for (int tenth = 0; tenth <= 10 && wanted[l] > 0; tenth++)
		{
			double		fraction = tenth / 10.0;

			equal &= durations_percentile(&pool, &lists[l], fraction, origin, UNIT) ==
				expected_percentile(sorted[l], wanted[l], fraction);
			equal &= same_values(&pool, &lists[l], sorted[l], origin);
		}
	/* each value twice: the median of an odd number of values stays where it was */
	for (int l = 0; l < LISTS; l++)
		if (wanted[l] % 2 == 1)
			equal &= durations_percentile(&sum, &summed[l], 0.5, origin, UNIT) ==
				(double) sorted[l][wanted[l] / 2] / UNIT;
	/* one list into the next, of the same pool */
	for (int l = 1; l < LISTS && wanted[l - 1] + wanted[l] <= MOST; l++)
	{
		durations_add_all(&pool, &lists[l], &pool, &lists[l - 1]);
		memcpy(sorted[l] + wanted[l], sorted[l - 1], wanted[l - 1] * sizeof(int64_t));
		wanted[l] += wanted[l - 1];
		qsort(sorted[l], wanted[l], sizeof(int64_t), compare_int64);
		equal &= same_values(&pool, &lists[l], sorted[l], origin);
	}
	files_seen += pool.file != NULL;
	durations_free(&sum);
	durations_free(&pool);
	host_arena_free(arena);
	return equal;
}

int
main(void)
{
	static const size_t limits[] = {0, 1000, 65536, 1000000, SIZE_MAX};

	for (size_t l = 0; l < sizeof(limits) / sizeof(limits[0]); l++)
	{
		bool		equal = true;

		for (int i = 0; i < 60; i++)
			equal &= lists_agree(limits[l], i % 10 == 0 ? MOST : 1 + host_random(&seed, 300));
		tap_ok(equal, "values and percentiles are those of sorted lists, with a budget of %zu bytes", limits[l]);
	}
	tap_ok(bounds_kept, "lists hold no more than their budget and a buffer each");
	tap_ok(files_seen > 60, "%llu pools had a file", (unsigned long long) files_seen);
	return tap_done();
}
