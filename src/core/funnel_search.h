/*
 * funnel_search.h
 *		What the two files of the search for chains share.
 *
 * funnel_search.c goes over the events; funnel_gate.c keeps what may follow.
 */
#ifndef SALESMGMT_FUNNEL_SEARCH_H
#define SALESMGMT_FUNNEL_SEARCH_H

#include "core/funnel.h"

/* Something that happened to the entity, that may be a step of a chain or in the way of one. */
typedef struct visit
{
	int64_t		at;
	int32_t		step;			/* 0: none of the funnel's, it is in the way only */
	bool		same_moment;	/* as the visit before it: neither comes before the other */
	bool		leads_on;		/* can get to where the chain ends (pass 2) */
} visit;

/*
 * What visits of one step allow for a step after it: that one may come until
 * an instant, in a chain whose window ends at an instant.  Where both differ
 * none may be better than another in both, so there is a list of those that no
 * other beats: from the newest, with the latest `until`, to the oldest, with the
 * latest `end`.
 */
typedef struct offer
{
	int64_t		until;
	int64_t		end;
	struct offer *older;
	struct offer *newer;
} offer;

typedef struct gate
{
	offer	   *newest;
	offer	   *oldest;
} gate;

struct funnel_search
{
	const funnel_walker *walker;
	visit	   *visits;			/* of one entity, in order */
	size_t		count;
	size_t		room;
	funnel_steps live;			/* steps from which chains can go on (pass 1, 3) */
	gate		gates[FUNNEL_MAX_STEPS + 1][FUNNEL_MAX_STEPS + 1];	/* [from][to], valid where from is live */
	offer	   *spare;			/* offers to use again */
};

static inline bool
is_optional(const struct funnel_search *s, int step)
{
	return (s->walker->optional & FUNNEL_STEP(step)) != 0;
}

/* The step that may follow `from` beside `to`: the next one, if `to` may be skipped; else 0. */
static inline int
after_skipping(const struct funnel_search *s, int to)
{
	return to < s->walker->steps && is_optional(s, to) ? to + 1 : 0;
}

static inline int
next_step(const struct funnel_search *s, int from)
{
	return from < s->walker->steps ? from + 1 : 0;
}

/* In mode 'strict': the steps that may go on over a visit of this step, 0 for a step of no funnel. */
static inline funnel_steps
not_blocked_by(const struct funnel_search *s, int step)
{
	if (step == 0)
		return 0;
	return is_optional(s, step) ? ~(funnel_steps) 0 : FUNNEL_STEP(step);
}

/* The last instant at which step `to` may follow step `from` at an instant. */
extern int64_t funnel_gap_end(const struct funnel_search *s, int from, int64_t at, int to);

/* A chain whose window ends at `end` has got to step `from`: what may follow? */
extern void funnel_open_gates(struct funnel_search *s, int from, int64_t at, int64_t end);

/* Chains go on from these steps only. */
extern void funnel_close_gates(struct funnel_search *s, funnel_steps kept);

/* The latest end of the window of a chain that may take step `to` now, or CALENDAR_NOBEGIN. */
extern int64_t funnel_arrive(struct funnel_search *s, int to, int64_t at);

/* Could an event that is still to come, after all others, continue a chain? */
extern bool funnel_gates_open(const struct funnel_search *s);

#endif							/* SALESMGMT_FUNNEL_SEARCH_H */
