/*
 * score.h
 *		A person's score over weighted indicators (KPIs).
 */
#ifndef SALESMGMT_SCORE_H
#define SALESMGMT_SCORE_H

#include "core/exact_sum.h"

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
 * Each row adds its weight to one of two sums, by whether its attainment is
 * known, and where it is, weight times attainment to a third.  The sums are
 * exact (exact_sum.h), so neither the order of the rows nor how they were
 * split over workers shows in the score.  Weights of missing rows are kept
 * apart instead of in a total: a share of two sums of one kind is in 0 .. 1
 * whatever bytes a stored state brings.  Most groups miss nothing, so
 * theirs is made with the first missing row: where there are hundreds of
 * thousands of groups, memory that does not fit the caches is what they cost.
 * A state of all zero bytes is empty.
 *
 * The options are part of the state, because they shape every row's part of
 * it: rows and states join only where they agree.
 */
typedef struct score_state
{
	bool		has_options;	/* false only before the first row */
	score_options options;
	int64_t		present;		/* rows with a known attainment */
	int64_t		missing;		/* rows without: NULL, or a skipped zero target */
	exact_sum	present_weight;
	exact_sum  *missing_weight; /* of the arena; NULL while no row is missing */
	exact_sum	weighted;		/* weight * attainment, of the rows present */
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
/* The zero_target of that name. */
extern score_zero_target score_zero_target_named(const char *name);
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
extern void score_adopt_options(bool *has_options, score_options *held, const score_options *options);

/* Options in a state's bytes; read returns whether it had any yet. */
#define SCORE_OPTIONS_SIZE (1 + 1 + 3 * 8)
extern void score_write_options(bool has_options, const score_options *options, wire_writer *w);
extern bool score_read_options(score_options *options, wire_reader *r);

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
