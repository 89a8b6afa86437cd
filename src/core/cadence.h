/*
 * cadence.h
 *		Sessions held against a cadence: a session is due every so often.
 *
 * A day is its number, 0 being 2000-01-01, as in a date of PostgreSQL.
 */
#ifndef SALESMGMT_CADENCE_H
#define SALESMGMT_CADENCE_H

#include "core/wire.h"

/* The finite dates of PostgreSQL: 4714-11-24 BC up to, not including, 5874898-01-01. */
#define CADENCE_DAY_MIN (-2451545)
#define CADENCE_DAY_END 2145031949

/* A span of excused days that has no first or no last one. */
#define CADENCE_NO_BEGIN INT32_MIN
#define CADENCE_NO_END INT32_MAX

/* How many slots a period may have. */
#define CADENCE_MAX_SLOTS 100000

/* Half-open days. */
typedef struct cadence_days
{
	int32_t		since;
	int32_t		until;
} cadence_days;

/*
 * The rule, and the slots that it gives a period.
 *
 * Slot k is due on anchor + k * every, k = 0, 1, ..., always reckoned from the
 * anchor: a month after 31 January is 28 February, two months are 31 March.
 * The slots of the period are those due in it.  A slot's range opens tolerance
 * days before it is due and ends where the next slot's opens, so every day
 * from the first range on belongs to exactly one slot, however large the
 * tolerance; what belongs to a slot before or after the period's is another
 * period's business.
 */
typedef struct cadence_options
{
	int32_t		every_months;
	int32_t		every_days;
	int32_t		anchor;
	cadence_days period;
	int32_t		tolerance;		/* days */
	bool		has_as_of;		/* else the period is over */
	int32_t		as_of;
	int			excused_count;
	const cadence_days *excused;	/* rising, apart from each other */

	/* what follows from it, by cadence_options_settle() */
	int64_t		first_slot;		/* number of the period's first slot */
	int			slot_count;
	int64_t		keep_since;		/* half-open: sessions that can matter */
	int64_t		keep_until;
} cadence_options;

/* Sessions of one day. */
typedef struct cadence_day
{
	int32_t		day;
	int64_t		sessions;
} cadence_day;

/*
 * The state of cadence_adherence: the days on which sessions were held.
 *
 * Which slot a session fills does not depend on the other sessions, but which
 * of two comes first does, and so does the longest gap; hence the days are
 * kept, each once with its number of sessions, and only those that can matter.
 * They are appended as they come; while they rise, the last entry takes up
 * repetitions, else they are sorted and joined whenever the room is used up,
 * before they are written and before they are read.  That order is no part of
 * the value, so it may be brought about in a state that is otherwise only read.
 */
typedef struct cadence_state
{
	bool		has_options;	/* false only before the first row */
	uint64_t	options_known_as;	/* the caller's mark of equal options, or 0 */
	cadence_options options;
	bool		in_order;		/* days rise, each once */
	int64_t		sessions;		/* of all days */
	size_t		count;			/* days kept */
	size_t		room;
	cadence_day *days;
	core_arena *arena;
} cadence_state;

typedef struct cadence_result
{
	int64_t		due;			/* held + late + missed */
	int64_t		held;			/* slots whose first session was in time */
	int64_t		late;			/* slots whose first session came after due + tolerance */
	int64_t		missed;
	int64_t		pending;
	int64_t		excused;
	int64_t		extra;			/* sessions that fill no slot */
	bool		has_rate;
	double		rate;			/* held / due */
	bool		has_gap;
	int64_t		longest_gap;	/* days */
	bool		has_next_due;
	int32_t		next_due;
} cadence_result;

/* Day on which slot number k is due. */
extern int64_t cadence_due(const cadence_options *options, int64_t k);

/* Refuse what makes no sense, and find the slots of the period. */
extern void cadence_options_settle(cadence_options *options);
/* The same; false where cadence_options_settle() would refuse. */
extern bool cadence_options_try(cadence_options *options);
extern bool cadence_same_options(const cadence_options *a, const cadence_options *b);
extern void cadence_copy_options(cadence_options *to, const cadence_options *from, core_arena *arena);

extern void *cadence_create(core_arena *arena);

/*
 * The options of a row, or of another state, must be those of the state; the
 * first ones are copied.  Equal marks other than 0 mean equal options.
 */
extern void cadence_adopt(cadence_state *state, const cadence_options *options, uint64_t mark);
extern void cadence_add(cadence_state *state, int32_t held_on);
/* Bring the days in order, each once: the value stays the same. */
extern void cadence_sort(const cadence_state *state);
extern void cadence_combine(cadence_state *state, const cadence_state *other);
extern cadence_result cadence_final(const cadence_state *state);

extern size_t cadence_size(const void *state);
extern void cadence_write(const void *state, wire_writer *w);
extern void *cadence_read(wire_reader *r, core_arena *arena);

#endif							/* SALESMGMT_CADENCE_H */
