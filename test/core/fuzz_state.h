/*
 * fuzz_state.h
 *		The states that src/core reads, and what must hold for any bytes of one.
 */
#ifndef SALESMGMT_TEST_FUZZ_STATE_H
#define SALESMGMT_TEST_FUZZ_STATE_H

#include "core/wire.h"

/* Figures of a final function, in a fixed order. */
#define FUZZ_FIGURES 1024

typedef struct fuzz_figures
{
	size_t		count;
	double		values[FUZZ_FIGURES];
} fuzz_figures;

/* A state type as src/state.c knows it, and what its aggregate does. */
typedef struct fuzz_type
{
	const char *name;			/* SQL name of the type */
	uint8_t		format;			/* first byte of a stored state */
	size_t		work;			/* bytes of the largest state whose figures are asked for */
	void	   *(*create) (core_arena *arena);
	size_t		(*size) (const void *state);
	void		(*write) (const void *state, wire_writer *w);
	void	   *(*read) (wire_reader *r, core_arena *arena);
	void		(*combine) (void *state, const void *other, core_arena *arena);
	void		(*final) (const void *state, core_arena *arena, fuzz_figures *figures);
	/* a state of some rows, for the corpus; see rows and events in fuzz_seeds.c */
	void	   *(*seed) (int variant, core_arena *arena);
} fuzz_type;

extern const fuzz_type fuzz_types[];
extern const int fuzz_type_count;

#define FUZZ_SEEDS 4

/* Seeds, in fuzz_seeds.c. */
extern void *seed_funnel(int variant, core_arena *arena);
extern void *seed_stage_times(int variant, core_arena *arena);
extern void *seed_score(int variant, core_arena *arena);
extern void *seed_score_parts(int variant, core_arena *arena);
extern void *seed_prior(int variant, core_arena *arena);
extern void *seed_robust(int variant, core_arena *arena);
extern void *seed_brier(int variant, core_arena *arena);
extern void *seed_calibration(int variant, core_arena *arena);
extern void *seed_bookings(int variant, core_arena *arena);
extern void *seed_cadence(int variant, core_arena *arena);
extern void *seed_competing(int variant, core_arena *arena);

/* The stored form of a state, format included. */
extern uint8_t *fuzz_stored(const fuzz_type *type, const void *state, core_arena *arena, size_t *size);

/*
 * Treat the bytes as a stored state of a type: read it, and if it is one, do
 * with it all that an aggregate may.  Returns whether it was read; what it was
 * refused for must be CORE_INVALID_BINARY.  Calls abort() where something does
 * not hold, with a word on stderr.
 */
extern bool fuzz_state(const fuzz_type *type, const uint8_t *bytes, size_t size);

/* An input of the fuzz target, as the corpus has them: a byte that is the place in fuzz_types, then the state. */
extern bool fuzz_input(const uint8_t *bytes, size_t size);

#endif							/* SALESMGMT_TEST_FUZZ_STATE_H */
