/*
 * core.h
 *		What the mathematics asks of its host.
 *
 * Everything in src/core is plain C11.  The same files link into the
 * extension, into the unit tests of test/core and into a fuzz target; each of
 * the three brings its own definition of the functions below.  In the
 * server (src/salesmgmt.c) an arena is a MemoryContext and core_fail() is an
 * ereport; in test/core an arena is a list of malloc'ed blocks and core_fail()
 * a longjmp.
 */
#ifndef SALESMGMT_CORE_H
#define SALESMGMT_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct core_arena core_arena;

typedef enum core_error
{
	CORE_INVALID_PARAMETER,		/* 22023 */
	CORE_DATETIME_OVERFLOW,		/* 22008 */
	CORE_INVALID_BINARY,		/* 22P03: a state that no one of ours wrote */
	CORE_LIMIT_EXCEEDED			/* 54000 */
} core_error;

/* Memory that lives as long as the arena; zero-filled never, never NULL. */
extern void *core_alloc(core_arena *arena, size_t size);
extern void *core_realloc(core_arena *arena, void *block, size_t size);
extern void core_free(core_arena *arena, void *block);

/* An arena inside another: it goes with it, or before. */
extern core_arena *core_arena_create(core_arena *parent);
extern void core_arena_free(core_arena *arena);

/* Bytes that a state may hold in memory before it puts what it can into a file. */
extern size_t core_memory_limit(void);

/* A temporary file, closed with the arena; read only where it was written. */
typedef struct core_file core_file;

extern core_file *core_file_open(core_arena *arena);
extern void core_file_write(core_file *file, uint64_t at, const void *bytes, size_t size);
extern void core_file_read(core_file *file, uint64_t at, void *bytes, size_t size);

/* Raise an error and do not return; detail and hint may be NULL. */
extern _Noreturn void core_fail(core_error error, const char *message,
								const char *detail, const char *hint);

/* Called in every loop that can be long, so that a query can be cancelled. */
extern void core_check_interrupts(void);

#endif							/* SALESMGMT_CORE_H */
