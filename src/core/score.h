/*
 * score.h
 *		A person's score over weighted indicators (KPIs).
 */
#ifndef SALESMGMT_SCORE_H
#define SALESMGMT_SCORE_H

#include "core/score_sums.h"

/* What a target of zero does, where attainment has no ratio. */
typedef enum score_zero_target
{
	SCORE_PASS_FAIL,			/* attained is 1, not attained 0 */
	SCORE_SKIP					/* the row counts as missing */
} score_zero_target;

typedef struct score_options
{
	score_zero_target zero_target;
	double		floor;			/* attainment is clamped to floor .. cap */
	double		cap;
	double		min_coverage;	/* below it there is no score */
} score_options;

extern const score_options score_default_options;

/*
 * The state of rep_score: what is left of any number of rows.
 *
 * The options are part of the state, because they shape every row's part of
 * it: rows and states join only where they agree.  Of options that are in use
 * there is one copy, which all states share (score_adopt_options).
 * A state of all zero bytes is empty.
 */
typedef struct score_state
{
	const score_options *options;	/* NULL only before the first row */
	score_sums	sums;
} score_state;

/* One row. */
typedef struct score_row
{
	bool		has_actual;
	bool		has_target;
	double		actual;			/* 0 where there is none */
	double		target;			/* 0 where there is none */
	double		weight;
	bool		higher_is_better;
} score_row;

typedef struct score_result
{
	bool		has_score;
	double		score;			/* 100 times the weighted mean attainment */
	bool		has_coverage;
	double		coverage;		/* share of the weight that is present, 0 .. 1 */
	int64_t		present;
	int64_t		missing;
} score_result;

/* Refuse options that make no sense (CORE_INVALID_PARAMETER). */
extern void score_check_options(const score_options *options);
/* The zero_target of that name; false if there is none. */
extern bool score_zero_target_named(const char *name, score_zero_target *zero_target);
extern const char *score_zero_target_name(score_zero_target zero_target);

/*
 * Digits after the point that a figure of that size has when it has fourteen in
 * all; -1 where it is not of a common size.
 */
extern int	score_places(double size);
extern double score_power_of_ten(int places);

/* A value at the fourteen digits that a score and a coverage have. */
extern double score_figure(double value);

/* Attainment before it is clamped; the target must not be zero. */
extern double score_attainment(double actual, double target, bool higher_is_better);

/* A row's attainment within floor and cap, false where it is missing; refuses what is no row. */
extern bool score_row_attainment(const score_row *row, const score_options *options, double *attainment);

/* The first row, or state, brings the options; the others must agree. */
static inline void score_adopt_options(const score_options **held, const score_options *options, core_arena *arena);

/* A copy of the options that lasts as long as the arena. */
extern const score_options *score_keep_options(const score_options *options, core_arena *arena);
extern _Noreturn void score_refuse_options(void);

static inline void
score_adopt_options(const score_options **held, const score_options *options, core_arena *arena)
{
	const score_options *first = *held;

	if (first == NULL)
		*held = score_keep_options(options, arena);
	else if (first->zero_target != options->zero_target || first->floor != options->floor ||
			 first->cap != options->cap || first->min_coverage != options->min_coverage)
		score_refuse_options();
}

/* Options in a state's bytes; NULL for none yet. */
#define SCORE_OPTIONS_SIZE (1 + 1 + 3 * 8)
extern void score_write_options(const score_options *options, wire_writer *w);
extern const score_options *score_read_options(wire_reader *r, core_arena *arena);

extern void *score_create(core_arena *arena);
extern void score_add(score_state *state, const score_options *options, const score_row *row,
					  core_arena *arena);
/* A row of which this is known already. */
extern void score_add_attained(score_state *state, bool present, double attainment, double weight,
							   core_arena *arena);
extern void score_combine(score_state *state, const score_state *other, core_arena *arena);
extern score_result score_final(const score_state *state, core_arena *arena);

extern size_t score_size(const void *state);
extern void score_write(const void *state, wire_writer *w);
extern void *score_read(wire_reader *r, core_arena *arena);

#endif							/* SALESMGMT_SCORE_H */
