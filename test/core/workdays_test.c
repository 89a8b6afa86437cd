/*
 * workdays_test.c
 *		Working days against a look at every day.
 */
#include "host.h"

#include "core/workdays.h"

static core_arena *arena;

static int64_t
by_looking(int64_t since, int64_t until, workdays_week week, const int32_t *holidays, size_t count)
{
	int64_t		days = 0;

	for (int64_t day = since; day < until; day++)
	{
		bool		worked = (week >> workdays_iso_day(day)) & 1;

		for (size_t i = 0; i < count; i++)
			worked &= holidays[i] != day;
		days += worked;
	}
	return days;
}

static void
test_random(void)
{
	uint64_t	seed = 4;
	int			wrong = 0;

	for (int round = 0; round < 20000; round++)
	{
		int64_t		since = (int64_t) host_random(&seed, 20000) - 10000;
		int64_t		until = since - 5 + (int64_t) host_random(&seed, 60);
		workdays_week week = (workdays_week) (host_random(&seed, 128) << 1);
		int32_t		holidays[20];
		size_t		count = host_random(&seed, 20);

		for (size_t i = 0; i < count; i++)
			holidays[i] = (int32_t) (since - 5 + (int64_t) host_random(&seed, 70));
		wrong += workdays_count(since, until, week, holidays, count, arena) !=
			by_looking(since, until, week, holidays, count);
	}
	tap_ok(wrong == 0, "20000 random spans");
}

static void
add_day(void *argument)
{
	workdays_week_add(0, *(int32_t *) argument);
}

int
main(void)
{
	workdays_week monday = workdays_week_add(0, 1);

	arena = host_arena_create();
	tap_ok(workdays_iso_day(0) == 6 && workdays_iso_day(-1) == 5 && workdays_iso_day(2) == 1 && workdays_iso_day(-2451545) == 1,
		   "2000-01-01 was a Saturday, 4714-11-24 BC a Monday");
	tap_ok(workdays_count(INT32_MIN, INT32_MAX, 0xfe, (int32_t[]) {INT32_MIN, INT32_MAX, 0}, 3, arena) == UINT32_MAX - 2,
		   "the widest span, two of three holidays in it");
	tap_ok(workdays_count(0, 7, workdays_week_add(monday, 1), NULL, 0, arena) == 1, "the same day twice is one");
	test_random();
	tap_fails(add_day, &(int32_t) {0}, CORE_INVALID_PARAMETER, "day 0");
	tap_fails(add_day, &(int32_t) {8}, CORE_INVALID_PARAMETER, "day 8");
	tap_fails(add_day, &(int32_t) {INT32_MIN}, CORE_INVALID_PARAMETER, "day -2^31");
	host_arena_free(arena);
	return tap_done();
}
