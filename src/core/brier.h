/*
 * brier.h
 *		How good probabilities were, now that it is known what came.
 */
#ifndef SALESMGMT_BRIER_H
#define SALESMGMT_BRIER_H

#include "core/exact_sum.h"

/*
 * The state of brier: the number of decided deals, of the won among them, and
 * two exact sums.  The squared error of a deal, p^2 or 1 - 2p + p^2, enters
 * its sum term by term, each without rounding, so neither the order of the
 * deals nor how they were split over workers shows in the score.
 */
typedef struct brier_state
{
	int64_t		n;
	int64_t		won;
	exact_sum	squared_error;
	exact_sum	probability;
} brier_state;

typedef struct brier_result
{
	double		score;			/* mean squared error, 0 .. 1 */
	double		base_rate;		/* won / n */
	bool		has_skill;		/* unless all were won, or none */
	double		skill;			/* 1 - score / the score of always saying base_rate */
	double		mean_probability;
} brier_result;

extern void *brier_create(core_arena *arena);
extern void brier_add(brier_state *state, double probability, bool won, core_arena *arena);
extern void brier_combine(brier_state *state, const brier_state *other, core_arena *arena);
/* n must not be 0. */
extern brier_result brier_final(const brier_state *state, core_arena *arena);
extern size_t brier_size(const void *state);
extern void brier_write(const void *state, wire_writer *w);
extern void *brier_read(wire_reader *r, core_arena *arena);

#define CALIBRATION_MAX_BINS 1000

typedef struct calibration_options
{
	int			bins;			/* of equal width, 1 .. CALIBRATION_MAX_BINS */
	double		confidence;		/* of the interval around the observed rate */
} calibration_options;

extern const calibration_options calibration_default_options;
extern void calibration_check_options(const calibration_options *options);

/* One bin: deals whose probability was about the same. */
typedef struct calibration_bin
{
	int64_t		n;
	int64_t		won;
	exact_sum	probability;
} calibration_bin;

/*
 * The state of calibration: the options, which every row must repeat, and all
 * bins.  Bin i of m has the probabilities p with i / m <= p < (i + 1) / m,
 * the bounds rounded to doubles; the last has 1, too.
 */
typedef struct calibration_state
{
	bool		has_options;	/* false only before the first row */
	calibration_options options;
	calibration_bin *bins;		/* options.bins of them */
} calibration_state;

extern void *calibration_create(core_arena *arena);
/* A row may bring its options alone (decided false): it counts nowhere. */
extern void calibration_add(calibration_state *state, const calibration_options *options,
							bool decided, double probability, bool won, core_arena *arena);
extern void calibration_combine(calibration_state *state, const calibration_state *other,
								core_arena *arena);
/* Lower bound of bin i; of bin options.bins, the upper bound of the last. */
extern double calibration_bound(const calibration_options *options, int i);
/* Mean probability of a bin that is not empty. */
extern double calibration_mean(const calibration_bin *bin, core_arena *arena);
extern size_t calibration_size(const void *state);
extern void calibration_write(const void *state, wire_writer *w);
extern void *calibration_read(wire_reader *r, core_arena *arena);

#endif							/* SALESMGMT_BRIER_H */
