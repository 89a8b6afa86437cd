/*
 * host.c
 *		A host of src/core without a server: malloc, longjmp, and TAP.
 */
#include "host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What stands before every block, so that the arena finds it again. */
typedef struct block_header
{
	_Alignas(max_align_t) struct block_header *next;
	struct block_header **link; /* what points to this block */
} block_header;

struct core_file
{
	FILE	   *stream;
	core_file  *next;			/* of the same arena */
};

struct core_arena
{
	block_header *blocks;
	core_file  *files;
	core_arena *parent;			/* or NULL */
	core_arena *children;
	core_arena *sibling;		/* the next child of parent */
};

size_t		host_memory_limit = SIZE_MAX;

static jmp_buf *failure_exit;
static host_failure last_failure;
static int	tests_run;
static int	tests_failed;

core_arena *
host_arena_create(void)
{
	core_arena *arena = malloc(sizeof(core_arena));

	if (arena == NULL)
		abort();
	arena->blocks = NULL;
	arena->files = NULL;
	arena->parent = arena->children = arena->sibling = NULL;
	return arena;
}

core_arena *
core_arena_create(core_arena *parent)
{
	core_arena *arena = host_arena_create();

	arena->parent = parent;
	arena->sibling = parent->children;
	parent->children = arena;
	return arena;
}

void
core_arena_free(core_arena *arena)
{
	core_arena **link = &arena->parent->children;

	while (*link != arena)
		link = &(*link)->sibling;
	*link = arena->sibling;
	host_arena_free(arena);
}

void
host_arena_free(core_arena *arena)
{
	while (arena->children != NULL)
		core_arena_free(arena->children);
	for (core_file *file = arena->files; file != NULL; file = file->next)
		fclose(file->stream);
	while (arena->blocks != NULL)
		core_free(arena, arena->blocks + 1);
	free(arena);
}

static void *
link_block(core_arena *arena, block_header *header)
{
	if (header == NULL)
		abort();
	header->next = arena->blocks;
	header->link = &arena->blocks;
	if (header->next != NULL)
		header->next->link = &header->next;
	arena->blocks = header;
	return header + 1;
}

static block_header *
unlink_block(void *block)
{
	block_header *header = (block_header *) block - 1;

	*header->link = header->next;
	if (header->next != NULL)
		header->next->link = header->link;
	return header;
}

void *
core_alloc(core_arena *arena, size_t size)
{
	return link_block(arena, malloc(sizeof(block_header) + size));
}

void *
core_realloc(core_arena *arena, void *block, size_t size)
{
	if (block == NULL)
		return core_alloc(arena, size);
	return link_block(arena, realloc(unlink_block(block), sizeof(block_header) + size));
}

void
core_free(core_arena *arena, void *block)
{
	(void) arena;
	if (block != NULL)
		free(unlink_block(block));
}

size_t
core_memory_limit(void)
{
	return host_memory_limit;
}

core_file *
core_file_open(core_arena *arena)
{
	core_file  *file = core_alloc(arena, sizeof(core_file));

	file->stream = tmpfile();
	if (file->stream == NULL)
		abort();
	file->next = arena->files;
	arena->files = file;
	return file;
}

void
core_file_write(core_file *file, uint64_t at, const void *bytes, size_t size)
{
	if (fseek(file->stream, (long) at, SEEK_SET) != 0 || fwrite(bytes, 1, size, file->stream) != size)
		abort();
}

void
core_file_read(core_file *file, uint64_t at, void *bytes, size_t size)
{
	if (fseek(file->stream, (long) at, SEEK_SET) != 0 || fread(bytes, 1, size, file->stream) != size)
		abort();
}

void
core_fail(core_error error, const char *message, const char *detail, const char *hint)
{
	last_failure.error = error;
	snprintf(last_failure.message, sizeof(last_failure.message), "%s", message);
	snprintf(last_failure.detail, sizeof(last_failure.detail), "%s", detail ? detail : "");
	snprintf(last_failure.hint, sizeof(last_failure.hint), "%s", hint ? hint : "");
	if (failure_exit == NULL)
	{
		printf("Bail out! core_fail outside host_run: %s\n", message);
		exit(1);
	}
	longjmp(*failure_exit, 1);
}

void
core_check_interrupts(void)
{
}

bool
host_run(void (*body) (void *argument), void *argument, host_failure *failure)
{
	jmp_buf		here;
	jmp_buf    *outer = failure_exit;
	bool		completed;

	failure_exit = &here;
	if (setjmp(here) == 0)
	{
		body(argument);
		completed = true;
	}
	else
		completed = false;
	failure_exit = outer;
	if (!completed && failure != NULL)
		*failure = last_failure;
	return completed;
}

static bool
report(bool condition, const char *format, va_list arguments)
{
	tests_run++;
	tests_failed += !condition;
	printf("%sok %d - ", condition ? "" : "not ", tests_run);
	vprintf(format, arguments);
	printf("\n");
	fflush(stdout);
	return condition;
}

bool
tap_ok(bool condition, const char *format,...)
{
	va_list		arguments;

	va_start(arguments, format);
	report(condition, format, arguments);
	va_end(arguments);
	return condition;
}

bool
tap_fails(void (*body) (void *argument), void *argument, core_error error, const char *name)
{
	host_failure failure = {0};
	bool		completed = host_run(body, argument, &failure);
	bool		as_expected = tap_ok(!completed && failure.error == error, "%s", name);

	if (completed)
		tap_note("it did not fail");
	else if (!as_expected)
		tap_note("it failed with error %d: %s", failure.error, failure.message);
	return as_expected;
}

void
tap_note(const char *format,...)
{
	va_list		arguments;

	va_start(arguments, format);
	printf("# ");
	vprintf(format, arguments);
	printf("\n");
	va_end(arguments);
}

int
tap_done(void)
{
	printf("1..%d\n", tests_run);
	return tests_failed != 0;
}

uint64_t
host_random(uint64_t *seed, uint64_t bound)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (*seed * UINT64_C(2685821657736338717) >> 11) % bound;
}
