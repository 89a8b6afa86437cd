/*
 * host.h
 *		A host of src/core without a server: malloc, longjmp, and TAP.
 *
 * A test program includes this, calls tap_ok() as often as it likes and ends
 * with "return tap_done();".  It is linked with the files of src/core it
 * tests and with host.c, under AddressSanitizer and UBSan (see Makefile).
 */
#ifndef SALESMGMT_TEST_HOST_H
#define SALESMGMT_TEST_HOST_H

#include "core/core.h"

/* What core_fail() was called with. */
typedef struct host_failure
{
	core_error	error;
	char		message[256];
	char		detail[256];	/* empty where it was NULL */
	char		hint[256];		/* empty where it was NULL */
} host_failure;

/* A list of malloc'ed blocks; freeing the arena frees them all. */
extern core_arena *host_arena_create(void);
extern void host_arena_free(core_arena *arena);

/* What core_memory_limit() says; as much as there is, unless a test sets it. */
extern size_t host_memory_limit;

/* Run body(argument); false when it called core_fail(), told in *failure (may be NULL). */
extern bool host_run(void (*body) (void *argument), void *argument, host_failure *failure);

/* One test of the TAP output; returns condition. */
extern bool tap_ok(bool condition, const char *format,...) __attribute__((format(printf, 2, 3)));

/* body(argument) must end in core_fail() with this error. */
extern bool tap_fails(void (*body) (void *argument), void *argument, core_error error, const char *name);

/* A line of diagnostics. */
extern void tap_note(const char *format,...) __attribute__((format(printf, 1, 2)));

/* Print the plan; the exit status of main(). */
extern int	tap_done(void);

/* A reproducible random number below bound (xorshift64*), from *seed, which must not be 0. */
extern uint64_t host_random(uint64_t *seed, uint64_t bound);

#endif							/* SALESMGMT_TEST_HOST_H */
