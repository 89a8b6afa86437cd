/*
 * competing.h
 *		Deals that are won, lost, or not yet decided: cumulative incidence.
 */
#ifndef SALESMGMT_COMPETING_H
#define SALESMGMT_COMPETING_H

#include "core/wire.h"

/* What became of a deal. */
typedef enum competing_outcome
{
	COMPETING_OPEN,				/* nothing yet: it was seen up to its age, and no longer */
	COMPETING_WON,
	COMPETING_LOST
} competing_outcome;

#define COMPETING_OUTCOMES 3

typedef struct competing_options
{
	double		confidence;		/* of the intervals */
	bool		has_horizon;
	double		horizon;		/* rates are those by this age, in days */
	bool		curve;			/* is the curve wanted? */
} competing_options;

extern const competing_options competing_default_options;

/* Refuse options that make no sense (CORE_INVALID_PARAMETER). */
extern void competing_check_options(const competing_options *options);

/* Ages in days, none negative, in order of arrival. */
typedef struct competing_ages
{
	double	   *days;
	size_t		count;
	size_t		room;
} competing_ages;

/*
 * The state: the age of every deal, apart by what became of it.
 *
 * The estimate weighs each decision by how many deals were that old and still
 * undecided, which is known only when all rows are there, so the ages are kept
 * as they come.  They are sorted at the end; only their order matters then, so the
 * result is the same to the last bit whatever the order of rows and workers.
 */
typedef struct competing_state
{
	core_arena *arena;
	bool		has_options;	/* false only before the first row */
	competing_options options;
	uint64_t	options_known_as;	/* the caller's mark of options already compared, or 0 */
	competing_ages ages[COMPETING_OUTCOMES];
} competing_state;

extern void *competing_create(core_arena *arena);

/* The options of a row: the first brings them, the others must agree. */
extern void competing_adopt_options(competing_state *state, const competing_options *options);

/* One deal; an age that is negative or not finite is refused. */
extern void competing_add(competing_state *state, double days, competing_outcome outcome);

extern void competing_combine(competing_state *state, const competing_state *from);

/* A share of deals, with its interval where it has one. */
typedef struct competing_share
{
	double		share;
	bool		has_interval;
	double		lower;
	double		upper;
} competing_share;

/* An age at which deals were decided. */
typedef struct competing_point
{
	double		day;
	int64_t		at_risk;		/* undecided just before, and seen so far */
	int64_t		won;
	int64_t		lost;
	competing_share win;		/* by this age */
	competing_share loss;
	double		open_share;
} competing_point;

typedef struct competing_result
{
	int64_t		n;
	int64_t		won;			/* by the horizon */
	int64_t		lost;
	double		horizon;		/* the age that shares are by; unknown where n is 0, like the shares */
	competing_share win;
	competing_share loss;
	double		open_share;
	competing_point *points;	/* NULL unless the curve is wanted */
	size_t		point_count;
} competing_result;

/* Points are in scratch. */
extern void competing_final(const competing_state *state, core_arena *scratch, competing_result *result);

extern size_t competing_size(const void *state);
extern void competing_write(const void *state, wire_writer *w);
extern void *competing_read(wire_reader *r, core_arena *arena);

#endif							/* SALESMGMT_COMPETING_H */
