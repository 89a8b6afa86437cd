/*
 * salesmgmt.c
 *		The module itself, and the server as the host of src/core.
 */
#include "salesmgmt.h"

#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/wait_event.h"
#include "utils/memutils.h"

PG_MODULE_MAGIC;

/* In the server an arena is a memory context. */
void *
core_alloc(core_arena *arena, size_t size)
{
	return MemoryContextAllocHuge((MemoryContext) arena, size);
}

void *
core_realloc(core_arena *arena, void *block, size_t size)
{
	if (block == NULL)
		return core_alloc(arena, size);
	return repalloc_huge(block, size);
}

void
core_free(core_arena *arena, void *block)
{
	if (block != NULL)
		pfree(block);
}

core_arena *
core_arena_create(core_arena *parent)
{
	return (core_arena *) AllocSetContextCreate((MemoryContext) parent, "salesmgmt scratch", ALLOCSET_DEFAULT_SIZES);
}

void
core_arena_free(core_arena *arena)
{
	MemoryContextDelete((MemoryContext) arena);
}

/* A log is sorted, not hashed: it has what a sort has. */
size_t
core_memory_limit(void)
{
	return (size_t) work_mem * 1024;
}

/*
 * A state may outlive the transaction's own resources (a held cursor) or go
 * before them (a rescan), so its file belongs to its memory context alone.
 */
struct core_file
{
	File		file;			/* -1: not open */
	MemoryContextCallback callback;
};

static void
close_file(void *argument)
{
	core_file  *file = argument;

	if (file->file >= 0)
		FileClose(file->file);
	file->file = -1;
}

core_file *
core_file_open(core_arena *arena)
{
	core_file  *file = MemoryContextAlloc((MemoryContext) arena, sizeof(core_file));

	file->file = -1;
	file->callback.func = close_file;
	file->callback.arg = file;
	MemoryContextRegisterResetCallback((MemoryContext) arena, &file->callback);
	file->file = OpenTemporaryFile(true);
	return file;
}

void
core_file_write(core_file *file, uint64_t at, const void *bytes, size_t size)
{
	/* FileWrite() itself sees to temp_file_limit */
	if (FileWrite(file->file, (char *) bytes, (int) size, (off_t) at, WAIT_EVENT_BUFFILE_WRITE) != (int) size)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not write to a temporary file: %m")));
}

void
core_file_read(core_file *file, uint64_t at, void *bytes, size_t size)
{
	if (FileRead(file->file, bytes, (int) size, (off_t) at, WAIT_EVENT_BUFFILE_READ) != (int) size)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not read from a temporary file: %m")));
}

void
core_fail(core_error error, const char *message, const char *detail, const char *hint)
{
	int			sqlstate = ERRCODE_INVALID_PARAMETER_VALUE;

	switch (error)
	{
		case CORE_INVALID_PARAMETER:
			sqlstate = ERRCODE_INVALID_PARAMETER_VALUE;
			break;
		case CORE_DATETIME_OVERFLOW:
			sqlstate = ERRCODE_DATETIME_FIELD_OVERFLOW;
			break;
		case CORE_INVALID_BINARY:
			sqlstate = ERRCODE_INVALID_BINARY_REPRESENTATION;
			break;
		case CORE_LIMIT_EXCEEDED:
			sqlstate = ERRCODE_PROGRAM_LIMIT_EXCEEDED;
			break;
	}
	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg("%s", message),
			 detail ? errdetail("%s", detail) : 0,
			 hint ? errhint("%s", hint) : 0));
	pg_unreachable();
}

void
core_check_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}
