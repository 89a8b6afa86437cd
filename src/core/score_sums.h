/*
 * score_sums.h
 *		What a score is made of: sums of weights and of weights times attainments.
 */
#ifndef SALESMGMT_SCORE_SUMS_H
#define SALESMGMT_SCORE_SUMS_H

#include "core/exact_sum.h"

/*
 * Each row adds its weight to one of two sums, by whether its attainment is
 * known, and where it is, weight times attainment to a third.  The sums are
 * exact (exact_sum.h), so neither the order of the rows nor how they were
 * split over workers shows in the score.  Weights of missing rows are kept
 * apart instead of in a total: a share of two sums of one kind is in 0 .. 1
 * whatever bytes a stored state brings.
 *
 * Where there are hundreds of thousands of groups, memory that does not fit the
 * caches is what they cost, and three exact sums are much of it.  So a group
 * begins narrow: each sum is one machine integer times a power of two, that of
 * the lowest bit that was seen.  64 bits hold the sums of all usual weights, and
 * 127 those of products whose sizes are not farther apart than a few million
 * times.  The first number that does not fit makes the sums wide, and they stay
 * so.  It is all the same number: which of the two a group is shows nowhere.
 */
typedef struct score_wide_sums
{
	int64_t		present;
	int64_t		missing;
	exact_sum	present_weight;
	exact_sum	missing_weight;
	exact_sum	weighted;
} score_wide_sums;

/* Sums of all zero bytes are those of no rows. */
typedef struct score_sums
{
	/* whole numbers times 2^exponent; while one is 0, its exponent means nothing */
	int16_t		present_exponent;
	int16_t		missing_exponent;
	int16_t		weighted_exponent;
	bool		is_wide;
	union
	{
		struct
		{
			uint32_t	present;	/* rows with a known attainment */
			uint32_t	missing;	/* rows without: NULL, or a skipped zero target */
			uint64_t	present_weight;
			uint64_t	missing_weight;
			exact_whole weighted;	/* weight * attainment, of the rows present */
		};
		score_wide_sums *wide;	/* of the arena given to each call */
	};
} score_sums;

extern void score_sums_add_present(score_sums *sums, double weight, double attainment, core_arena *arena);
extern void score_sums_add_missing(score_sums *sums, double weight, core_arena *arena);
extern void score_sums_combine(score_sums *sums, const score_sums *other, core_arena *arena);

static inline int64_t
score_sums_present(const score_sums *sums)
{
	return sums->is_wide ? sums->wide->present : sums->present;
}

static inline int64_t
score_sums_missing(const score_sums *sums)
{
	return sums->is_wide ? sums->wide->missing : sums->missing;
}

/* The sums, rounded: of the weights present, of all weights, of weights times attainments. */
extern exact_value score_sums_present_weight(const score_sums *sums, core_arena *arena);
extern exact_value score_sums_asked_weight(const score_sums *sums, core_arena *arena);
extern exact_value score_sums_weighted(const score_sums *sums, core_arena *arena);

/* Whether a weight was missing: if not, asked is what is present. */
static inline bool
score_sums_misses_weight(const score_sums *sums)
{
	return sums->is_wide ? sums->wide->missing_weight.count > 0 : sums->missing_weight > 0;
}

extern size_t score_sums_size(const score_sums *sums);
extern void score_sums_write(const score_sums *sums, wire_writer *w);
extern void score_sums_read(score_sums *sums, wire_reader *r, core_arena *arena);
extern bool score_sums_empty(const score_sums *sums);

#endif							/* SALESMGMT_SCORE_SUMS_H */
