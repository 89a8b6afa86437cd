/*
 * prior.h
 *		The beta-binomial prior of a peer group's rates.
 */
#ifndef SALESMGMT_PRIOR_H
#define SALESMGMT_PRIOR_H

#include "core/wire.h"

/* The successes and cases of one peer. */
typedef struct prior_peer
{
	int64_t		successes;
	int64_t		n;				/* at least 1 */
} prior_peer;

/*
 * The state of rate_prior: every peer that has a case.  They are few (a sales
 * force, not its deals), and the likelihood needs each of them.  They lie in
 * the order in which they came and are sorted before the fit, so that no
 * rounding depends on it.
 */
typedef struct prior_state
{
	int64_t		count;
	int64_t		room;			/* peers there is room for */
	int64_t		cases;			/* the sum of all n */
	prior_peer *peers;			/* of the arena given to each call */
} prior_state;

typedef struct prior_result
{
	bool		has_prior;		/* false for fewer than two peers */
	double		rate;			/* 0 .. 1 */
	double		n;				/* PRIOR_N_MIN .. the cases of all peers */
	int64_t		peers;
	int64_t		cases;
} prior_result;

/* What a uniform prior weighs: less would let a single case decide. */
#define PRIOR_N_MIN 2

extern void *prior_create(core_arena *arena);
/* The counts have been checked; a peer without cases says nothing. */
extern void prior_add(prior_state *state, int64_t successes, int64_t n, core_arena *arena);
extern void prior_combine(prior_state *state, const prior_state *other, core_arena *arena);
extern prior_result prior_final(const prior_state *state, core_arena *arena);

extern size_t prior_size(const void *state);
extern void prior_write(const void *state, wire_writer *w);
extern void *prior_read(wire_reader *r, core_arena *arena);

#endif							/* SALESMGMT_PRIOR_H */
