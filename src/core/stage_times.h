/*
 * stage_times.h
 *		How long entities stay in each step, a visit at a time and in all.
 */
#ifndef SALESMGMT_STAGE_TIMES_H
#define SALESMGMT_STAGE_TIMES_H

#include "core/stage_instant.h"

/*
 * The state is a funnel's log of events (funnel.h), which keeps events small and
 * gives them back an entity at a time, in order of time.  Of a funnel's options
 * it has three: as_of, as `exclude` the final steps, and, as ties of its own,
 * in_order; and where a funnel has its window, of which there is none here, the bits of
 * the upper percentile.  What is excluded is logged as a number above all steps, so a final step
 * comes last among events of one instant, as a loss does in a funnel.
 *
 * A ledger knows the order of what it holds of one instant, and which of its rows a
 * question is about: visits that one rep began, or one quarter.  The others still
 * end visits, and continue them.  So a row that comes in order may be one of step
 * -k: in step k by then, and no visit that counts if one begins with it.
 *
 * A row that comes in order may have a place, too, which is its order within the instant; of the rows of
 * one entity, instant and place the last counts (stage_instant.h).
 */

/* The upper percentile, unless an option says another. */
#define STAGE_TIMES_PERCENTILE 0.9

/* Options of the log; final_steps must live as long as they do. */
extern funnel_options stage_times_options(bool has_as_of, int64_t as_of, funnel_list final_steps, bool in_order,
										  double percentile);

/* Refuse a step that is neither one from 1 to 64 nor final nor, in order, one from -64 to -1. */
extern void stage_times_check_step(const funnel_state *state, int32_t step);

/* One entry of an entity into a step. */
static inline void
stage_times_add(funnel_state *state, uint64_t entity, int32_t step, int64_t at)
{
	if ((uint32_t) step - 1 >= FUNNEL_MAX_STEPS)
		stage_times_check_step(state, step);
	funnel_add_row(state, entity, step, at);
}

/* The same with a place; the options must promise order. */
static inline void
stage_times_add_placed(funnel_state *state, uint64_t entity, int32_t step, int64_t at, int64_t place)
{
	stage_instant *instant = state->instant;

	if (!funnel_is_easy(state, step, at))
	{
		stage_times_check_step(state, step);
		step = funnel_classify(state, step, at);
		if (step == FUNNEL_IGNORED)
			return;
	}
	if (instant != NULL && instant->count == 1 && (instant->entity != entity || instant->at != at))
	{
		stage_instant_log(state, instant->entity, instant->at, instant->rows[0].step);
		instant->entity = entity;
		instant->at = at;
		instant->rows[0] = (stage_row) {place, step};
	}
	else
		stage_instant_put(state, entity, at, place, step);
}

/* The same as stage_times_add() for an entity known by its bytes. */
extern void stage_times_add_bytes(funnel_state *state, const void *bytes, size_t size, int32_t step, int64_t at);

/* Add all that from holds to state; from stays as it is.  In order, one of the two must be empty. */
extern void stage_times_combine(funnel_state *state, const funnel_state *from);

/* A stored state is a log, and what waits to be logged. */
extern size_t stage_times_size(const funnel_state *state);
extern void stage_times_write(const funnel_state *state, wire_writer *w);

/* Read a stored state: a log with options of a kind that stage_times_options() makes. */
extern funnel_state *stage_times_read(wire_reader *r, core_arena *arena);

/* The figures of a step. */
typedef struct stage_time
{
	int32_t		step;
	int64_t		visits;			/* a step that follows itself goes on being one visit */
	int64_t		open_visits;	/* of these, those that last */
	int64_t		entities;		/* that were ever there */
	/* of the visits that ended; p90: the upper percentile, whichever it is */
	funnel_figure mean_days;
	funnel_figure median_days;
	funnel_figure p90_days;
	/* of all visits, those that last up to as_of; unknown without as_of */
	funnel_figure all_median_days;
	funnel_figure all_p90_days;
	/* all visits of an entity together; those that last up to as_of, without it their entity is left out */
	funnel_figure entity_mean_days;
	funnel_figure entity_median_days;
	funnel_figure entity_p90_days;
} stage_time;

/* Fills rows for steps 1 to the highest seen, without the final ones; returns how many. */
extern int	stage_times_result(const funnel_state *state, core_arena *scratch,
							   stage_time rows[FUNNEL_MAX_STEPS]);

#endif							/* SALESMGMT_STAGE_TIMES_H */
