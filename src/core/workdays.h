/*
 * workdays.h
 *		How many days of a span are worked.
 *
 * A day is its number, 0 being 2000-01-01, as in a date of PostgreSQL.
 */
#ifndef SALESMGMT_WORKDAYS_H
#define SALESMGMT_WORKDAYS_H

#include "core/core.h"

/* Days of the week that are worked: bit 1 is Monday, bit 7 Sunday, as in ISO 8601. */
typedef uint8_t workdays_week;

/* The week with one more day, 1 Monday to 7 Sunday; another number is CORE_INVALID_PARAMETER. */
extern workdays_week workdays_week_add(workdays_week week, int32_t iso_day);

/* The day's place in the week, 1 Monday to 7 Sunday. */
extern int	workdays_iso_day(int64_t day);

/*
 * Days from since up to, not including, until that are days of the week and no
 * holidays; none where until is not after since.  Holidays come in any order, as
 * often as they like, inside the span or not.
 */
extern int64_t workdays_count(int64_t since, int64_t until, workdays_week week,
							  const int32_t *holidays, size_t holiday_count, core_arena *scratch);

#endif							/* SALESMGMT_WORKDAYS_H */
