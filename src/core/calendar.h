/*
 * calendar.h
 *		Instants and spans of time, as PostgreSQL reckons them in UTC.
 *
 * An instant is what a timestamptz holds: microseconds since 2000-01-01
 * 00:00 UTC.  A span is what an interval holds.
 */
#ifndef SALESMGMT_CALENDAR_H
#define SALESMGMT_CALENDAR_H

#include "core/core.h"

#define CALENDAR_DAY INT64_C(86400000000)	/* microseconds */

/* The instants -infinity and infinity. */
#define CALENDAR_NOBEGIN INT64_MIN
#define CALENDAR_NOEND INT64_MAX

/* The finite instants: 4713-11-24 BC up to, not including, 294277-01-01 AD. */
#define CALENDAR_MIN INT64_C(-211813488000000000)
#define CALENDAR_END INT64_C(9223371331200000000)

typedef struct calendar_span
{
	int32_t		months;			/* whole calendar months, the day clamped to the month */
	int32_t		days;
	int64_t		micros;
} calendar_span;

/* Longer than nothing, by the server's order of intervals (a month is 30 days)? */
extern bool calendar_span_is_positive(const calendar_span *span);

/*
 * at + span, as timezone('UTC', at) + interval: months first, then days, then
 * time.  What leaves the range of int64 becomes CALENDAR_NOBEGIN or
 * CALENDAR_NOEND.
 */
static inline int64_t calendar_add(int64_t at, const calendar_span *span);

/* The same for any span and instant. */
extern int64_t calendar_add_any(int64_t at, const calendar_span *span);

/* The day so many months after a day (0 is 2000-01-01), clamped to the length of its month. */
extern int64_t calendar_add_months(int64_t day, int64_t months);

static inline int64_t
calendar_add(int64_t at, const calendar_span *span)
{
	int64_t		sum;

	/* without months, and far from the ends of time, days are so many microseconds */
	if (span->months == 0 && !__builtin_mul_overflow(span->days, CALENDAR_DAY, &sum) &&
		!__builtin_add_overflow(sum, span->micros, &sum) && !__builtin_add_overflow(sum, at, &sum) &&
		sum >= CALENDAR_MIN && sum < CALENDAR_END)
		return sum;
	return calendar_add_any(at, span);
}

#endif							/* SALESMGMT_CALENDAR_H */
