/*
 * salesmgmt.h
 *		Declarations that every measure's glue shares.
 */
#ifndef SALESMGMT_H
#define SALESMGMT_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/expandeddatum.h"

#include "compat.h"
#include "core/core.h"
#include "core/wire.h"

/*
 * An aggregate's transition state, as a value of a named type.
 *
 * While rows come in, the state is a C struct that lives in memory and is
 * changed in place; it travels as an expanded object (see the essay in
 * expandeddatum.h), so the executor passes it from call to call without a
 * copy.  Wherever it must leave memory (a worker's result, a stored column, a
 * sort, another node) the server flattens it to the bytes that write() makes,
 * and read() builds it anew from them.  The type's text and binary forms are
 * those same bytes.
 */
typedef struct state_type
{
	const char *name;			/* SQL name of the type, for messages */
	uint8		format;			/* version of the bytes, their first one */

	/* a new, empty state in the arena */
	void	   *(*create) (core_arena *arena);
	/* exactly how many bytes write() will put */
	Size		(*size) (const void *state);
	void		(*write) (const void *state, wire_writer *w);
	/* build a state from bytes that may be hostile */
	void	   *(*read) (wire_reader *r, core_arena *arena);

	/*
	 * Instead of create(): the bytes of the struct, all of them zero where the
	 * state is empty.  Object and struct are then one piece of memory.
	 */
	Size		zero_size;

	/*
	 * Optional, where a state may be large: the same in two parts, so that the
	 * processes of a query can hand it over without a copy (handover.c).  How
	 * many bytes the bulk has (0: this one must be written whole), and the rest;
	 * and the function that combines, which is the only one that gets such a state.
	 */
	Size		(*bulk_size) (const void *state);
	Size		(*rest_size) (const void *state);
	void		(*write_apart) (const void *state, wire_writer *rest, uint8_t *bulk);
	PGFunction	combine;
} state_type;

/* The expanded form of a state: the server's header, and the measure's own struct. */
typedef struct state_object
{
	ExpandedObjectHeader hdr;
	const state_type *type;
	void	   *data;				/* lives in state_arena(), as all it points to does */
	struct handover *handover;	/* NULL: it is always written */
} state_object;

static inline core_arena *
state_arena(const state_object *object)
{
	return (core_arena *) object->hdr.eoh_context;
}

/*
 * The state in argument argno, to be changed in place and returned with
 * STATE_RETURN(); a new empty one for NULL.  It lives in the aggregate's
 * context, or in the caller's where the function is called by hand.
 */
static inline state_object *state_arg_rw(FunctionCallInfo fcinfo, int argno, const state_type *type);

/* The state in argument argno, for reading only; NULL for NULL. */
extern const void *state_arg_ro(FunctionCallInfo fcinfo, int argno, const state_type *type);

/* A state that is not in memory yet: new, or read from its bytes. */
extern state_object *state_from_arg(FunctionCallInfo fcinfo, int argno, const state_type *type);

static inline state_object *
state_arg_rw(FunctionCallInfo fcinfo, int argno, const state_type *type)
{
	/* nearly every row of an aggregation: in line, as calls are what such a row costs */
	if (likely(!PG_ARGISNULL(argno) &&
			   VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(PG_GETARG_DATUM(argno)))))
	{
		ExpandedObjectHeader *header;

		memcpy(&header, VARDATA_EXTERNAL(DatumGetPointer(PG_GETARG_DATUM(argno))), sizeof(header));
		Assert(header->eoh_methods != NULL && ((state_object *) header)->type == type);
		return (state_object *) header;
	}
	return state_from_arg(fcinfo, argno, type);
}

/* A state as a combine function gets it. */
typedef struct state_source
{
	const void *data;			/* the state itself, if it is in memory ... */
	bool		lasting;		/* ... and whether it outlives the other one, unchanged */
	wire_reader reader;			/* else of what write() wrote; wire_expect_end() is the caller's ... */
	const void *bulk;			/* ... or, if this is not NULL, of the rest, and this is the bulk: it ... */
	Size		bulk_size;		/* ... outlives the other state, unchanged */
} state_source;

/*
 * For a combine function that reads bytes straight into its own state, into: what
 * the state in argument argno, which is not NULL, is.
 */
extern void state_arg_source(FunctionCallInfo fcinfo, int argno, const state_type *type, state_object *into,
							 state_source *source);

#define STATE_RETURN(object) PG_RETURN_DATUM(EOHPGetRWDatum(&(object)->hdr))

/*
 * Input and output of a state type: base64 text and plain bytes; same
 * signature as any I/O function, with the type added.
 */
extern Datum state_in(PG_FUNCTION_ARGS, const state_type *type);
extern Datum state_out(PG_FUNCTION_ARGS, const state_type *type);
extern Datum state_recv(PG_FUNCTION_ARGS, const state_type *type);
extern Datum state_send(PG_FUNCTION_ARGS, const state_type *type);

/* Defines the four I/O functions <prefix>_in/out/recv/send of a state type. */
#define STATE_IO_FUNCTIONS(prefix, type) \
	PG_FUNCTION_INFO_V1(prefix##_in); \
	Datum prefix##_in(PG_FUNCTION_ARGS) { return state_in(fcinfo, type); } \
	PG_FUNCTION_INFO_V1(prefix##_out); \
	Datum prefix##_out(PG_FUNCTION_ARGS) { return state_out(fcinfo, type); } \
	PG_FUNCTION_INFO_V1(prefix##_recv); \
	Datum prefix##_recv(PG_FUNCTION_ARGS) { return state_recv(fcinfo, type); } \
	PG_FUNCTION_INFO_V1(prefix##_send); \
	Datum prefix##_send(PG_FUNCTION_ARGS) { return state_send(fcinfo, type); } \
	extern int	prefix##_io_functions

#endif							/* SALESMGMT_H */
