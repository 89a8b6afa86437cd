/*
 * handover_parts.h
 *		The bulks that a leader was handed: where they are, and when they go.
 */
#ifndef SALESMGMT_HANDOVER_PARTS_H
#define SALESMGMT_HANDOVER_PARTS_H

#include "salesmgmt.h"

#include "utils/dsa.h"

/* A bulk in the memory of a query. */
typedef struct shared_bulk
{
	uint64		mark;			/* shared_bulk_mark() of what is here */
	uint64		unused;			/* what follows begins at a multiple of 16 */
	uint8		bytes[];
} shared_bulk;

static inline uint64
shared_bulk_mark(dsa_pointer at, Size size)
{
	return (at ^ UINT64CONST(0x73616c65736d676d)) * UINT64CONST(0x9e3779b97f4a7c15) + size;
}

/* Bytes of a handle between its format and the rest of the state. */
#define SHARED_HANDLE_SIZE (4 + 4 + 4 + 8 + 8)

/*
 * The bulk of the handle that comes next, for a state that lives in context; the
 * aggregation that combines is the one of this call.
 */
extern const void *handover_part(FunctionCallInfo fcinfo, wire_reader *reader, MemoryContext context, Size *size);

#endif							/* SALESMGMT_HANDOVER_PARTS_H */
