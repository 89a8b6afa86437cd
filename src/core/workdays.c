/*
 * workdays.c
 *		How many days of a span are worked.
 */
#include "core/workdays.h"

#include <stdio.h>
#include <stdlib.h>

/* How many holidays are looked at between two checks for a cancelled query. */
#define HOLIDAYS_AT_ONCE 65536

workdays_week
workdays_week_add(workdays_week week, int32_t iso_day)
{
	char		message[64];

	if (iso_day >= 1 && iso_day <= 7)
		return week | (workdays_week) (1 << iso_day);
	snprintf(message, sizeof(message), "week holds %d, which is no day of the week", (int) iso_day);
	core_fail(CORE_INVALID_PARAMETER, message, NULL,
			  "Days of the week are numbered 1 (Monday) to 7 (Sunday).");
}

/* 2000-01-01 was a Saturday. */
int
workdays_iso_day(int64_t day)
{
	int64_t		since_monday = (day + 5) % 7;

	return (int) (since_monday < 0 ? since_monday + 7 : since_monday) + 1;
}

static bool
is_of_week(int64_t day, workdays_week week)
{
	return (week >> workdays_iso_day(day)) & 1;
}

/* Whole weeks are alike, so only the days that are left over are looked at. */
static int64_t
count_days_of_week(int64_t since, int64_t until, workdays_week week)
{
	int64_t		weeks = (until - since) / 7;
	int64_t		count = 0;

	for (int iso_day = 1; iso_day <= 7; iso_day++)
		count += (week >> iso_day) & 1;
	count *= weeks;
	for (int64_t day = since + weeks * 7; day < until; day++)
		count += is_of_week(day, week);
	return count;
}

static int
compare_days(const void *a, const void *b)
{
	int32_t		x = *(const int32_t *) a;
	int32_t		y = *(const int32_t *) b;

	return (x > y) - (x < y);
}

int64_t
workdays_count(int64_t since, int64_t until, workdays_week week,
			   const int32_t *holidays, size_t holiday_count, core_arena *scratch)
{
	int64_t		count;
	int32_t    *off;			/* holidays that take a day off, in order once each */
	size_t		off_count = 0;
	bool		in_order = true;

	if (until <= since)
		return 0;
	count = count_days_of_week(since, until, week);
	if (count == 0 || holiday_count == 0)
		return count;

	off = core_alloc(scratch, holiday_count * sizeof(*off));
	for (size_t i = 0; i < holiday_count; i++)
	{
		int32_t		day = holidays[i];

		if (i % HOLIDAYS_AT_ONCE == 0)
			core_check_interrupts();
		if (day < since || day >= until || !is_of_week(day, week))
			continue;
		in_order &= off_count == 0 || off[off_count - 1] <= day;
		off[off_count++] = day;
	}
	if (!in_order)
		qsort(off, off_count, sizeof(*off), compare_days);
	for (size_t i = 0; i < off_count; i++)
		count -= i == 0 || off[i] != off[i - 1];
	core_free(scratch, off);
	return count;
}
