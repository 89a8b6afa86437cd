/*
 * salesmgmt.c
 *		The module itself, and the server as the host of src/core.
 */
#include "salesmgmt.h"

#include "miscadmin.h"
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
		case CORE_UNSUPPORTED:
			sqlstate = ERRCODE_FEATURE_NOT_SUPPORTED;
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
