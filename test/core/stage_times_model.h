/*
 * stage_times_model.h
 *		Time in steps, counted in the plainest way.
 */
#ifndef SALESMGMT_TEST_STAGE_TIMES_MODEL_H
#define SALESMGMT_TEST_STAGE_TIMES_MODEL_H

#include "core/stage_times.h"

#define MAX_EVENTS 3000
#define HIGHEST 6

typedef struct test_event
{
	int64_t		entity;
	int64_t		at;
	int32_t		step;
	int			arrival;		/* among the rows, which is their order where it is promised */
	int64_t		place;			/* within the instant, where rows have places */
} test_event;

/* The rows of a case, and how they are to be counted. */
extern test_event events[MAX_EVENTS];
extern int	event_count;
extern bool in_order;
extern bool placed;				/* in order, and with places */
extern double upper;			/* percentile */

/* Steps -3, 0 and 4 are final. */
extern funnel_options options_with(bool has_as_of, int64_t as_of);

/* The same with any as_of and upper percentile. */
extern funnel_options options_with_any(uint64_t *seed);

/* A few entities with many ties, or many with few; in order, sorted, and with rows that do not count. */
extern void draw_events(uint64_t *seed);

/* Is the result of a state that of all rows? */
extern bool result_is_right(const funnel_state *state, const funnel_options *options, core_arena *scratch);

#endif							/* SALESMGMT_TEST_STAGE_TIMES_MODEL_H */
