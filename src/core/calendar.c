/*
 * calendar.c
 *		Instants and spans of time, as PostgreSQL reckons them in UTC.
 */
#include "core/calendar.h"

/* Days from 0000-03-01 to 2000-01-01: years that begin in March end with the leap day. */
#define MARCH_EPOCH_DAYS 730425
#define DAYS_OF_400_YEARS 146097

static int64_t
floor_divide(int64_t dividend, int64_t divisor)
{
	return dividend / divisor - (dividend % divisor < 0);
}

/* What floor_divide() leaves, 0 or more; never by a product, which may overflow. */
static int64_t
floor_remainder(int64_t dividend, int64_t divisor)
{
	int64_t		remainder = dividend % divisor;

	return remainder < 0 ? remainder + divisor : remainder;
}

static int
days_of_month(int64_t year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool		leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* The day number (0 is 2000-01-01) of a proleptic Gregorian date. */
static int64_t
day_of_date(int64_t year, int month, int day)
{
	int64_t		march_year = year - (month <= 2);
	int64_t		era = floor_divide(march_year, 400);
	int			year_of_era = (int) (march_year - era * 400);
	int			day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;

	return era * DAYS_OF_400_YEARS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100
		+ day_of_year - MARCH_EPOCH_DAYS;
}

static void
date_of_day(int64_t number, int64_t *year, int *month, int *day)
{
	int64_t		since_march = number + MARCH_EPOCH_DAYS;
	int64_t		era = floor_divide(since_march, DAYS_OF_400_YEARS);
	int			day_of_era = (int) (since_march - era * DAYS_OF_400_YEARS);
	int			year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524
							   - day_of_era / 146096) / 365;
	int			day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int			march_month = (5 * day_of_year + 2) / 153;

	*day = day_of_year - (153 * march_month + 2) / 5 + 1;
	*month = march_month < 10 ? march_month + 3 : march_month - 9;
	*year = era * 400 + year_of_era + (*month <= 2);
}

int64_t
calendar_add_months(int64_t number, int64_t months)
{
	int64_t		year;
	int			month;
	int			day;
	int64_t		total;
	int			length;

	date_of_day(number, &year, &month, &day);
	total = year * 12 + month - 1 + months;
	year = floor_divide(total, 12);
	month = (int) (total - year * 12) + 1;
	length = days_of_month(year, month);
	return day_of_date(year, month, day < length ? day : length);
}

bool
calendar_span_is_positive(const calendar_span *span)
{
	int64_t		whole_days = floor_divide(span->micros, CALENDAR_DAY);
	int64_t		rest = floor_remainder(span->micros, CALENDAR_DAY);

	whole_days += (int64_t) span->months * 30 + span->days;
	return whole_days > 0 || (whole_days == 0 && rest > 0);
}

int64_t
calendar_add_any(int64_t at, const calendar_span *span)
{
	int64_t		day = floor_divide(at, CALENDAR_DAY);
	int64_t		time = floor_remainder(at, CALENDAR_DAY);
	int64_t		more_days = floor_divide(span->micros, CALENDAR_DAY);

	if (span->months != 0)
		day = calendar_add_months(day, span->months);
	time += floor_remainder(span->micros, CALENDAR_DAY);
	if (time >= CALENDAR_DAY)
	{
		time -= CALENDAR_DAY;
		more_days++;
	}
	day += span->days + more_days;
	if (day >= CALENDAR_NOEND / CALENDAR_DAY)
		return CALENDAR_NOEND;
	if (day <= CALENDAR_NOBEGIN / CALENDAR_DAY)
		return CALENDAR_NOBEGIN;
	return day * CALENDAR_DAY + time;
}
