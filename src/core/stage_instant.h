/*
 * stage_instant.h
 *		Rows of one instant, each at its place, until none can come any more.
 */
#ifndef SALESMGMT_STAGE_INSTANT_H
#define SALESMGMT_STAGE_INSTANT_H

#include "core/funnel.h"

/* A row that waits. */
typedef struct stage_row
{
	int64_t		place;
	int32_t		step;			/* as funnel_classify() said */
} stage_row;

/*
 * A ledger that is only appended to corrects a row by another one, of the same entity,
 * instant and place, that comes later.  What has been logged stays as it is, so the rows of an
 * instant wait here until a row of another entity or instant comes.  Mostly that is one row.
 * A result, and the stored form, have them beside the log: who knows whether more rows come.
 */
typedef struct stage_instant
{
	uint64_t	entity;
	int64_t		at;
	uint32_t	count;
	uint32_t	room;			/* of rows, at least 1 */
	stage_row  *rows;			/* in order of place, each of which is there once */
} stage_instant;

/* How many rows wait. */
static inline uint32_t
stage_instant_count(const funnel_state *state)
{
	return state->instant == NULL ? 0 : state->instant->count;
}

/* Log an event that funnel_classify() let pass. */
static inline void
stage_instant_log(funnel_state *state, uint64_t entity, int64_t at, int32_t step)
{
	if (funnel_is_easy(state, step, at))
		funnel_add_row(state, entity, step, at);
	else
		funnel_append(state, entity, at, step);
}

/* A row, as funnel_classify() said, that may be one of the instant or begin another. */
extern void stage_instant_put(funnel_state *state, uint64_t entity, int64_t at, int64_t place, int32_t step);

/* Log the rows that wait. */
extern void stage_instant_close(funnel_state *state);

/* Let the rows that wait in from wait in state, where none does. */
extern void stage_instant_copy(funnel_state *state, const funnel_state *from);

/* The events of an entity up to the instant, and the rows that wait; events may be none. */
extern const funnel_event *stage_instant_join(const stage_instant *instant, core_arena *scratch,
											  const funnel_event *events, size_t *count);

extern size_t stage_instant_size(const funnel_state *state);
extern void stage_instant_write(const funnel_state *state, wire_writer *w);
extern void stage_instant_read(funnel_state *state, wire_reader *r);

#endif							/* SALESMGMT_STAGE_INSTANT_H */
