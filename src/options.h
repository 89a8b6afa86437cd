/*
 * options.h
 *		Options of an aggregate: one composite value, the same for all rows of a
 *		group; and composite values in general.
 */
#ifndef SALESMGMT_OPTIONS_H
#define SALESMGMT_OPTIONS_H

#include "salesmgmt.h"

#include "access/htup.h"

/* Fills *options, in the current memory context, from a composite; NULL is all defaults. */
typedef void (*options_reader) (HeapTupleHeader composite, void *options);

/*
 * Options arrive with every row, but reading them costs more than the row.  A
 * literal is read once a query.  Anything else is compared with what was read
 * last, byte by byte: the address alone proves nothing, as an expression
 * computed for each row may leave different options at the same place.
 */
typedef struct options_cache
{
	uint64		mark;			/* of these options, unlike any other reading's; never 0 */
	bool		literal;		/* a Const, which cannot change */
	MemoryContext context;		/* where bytes and options live */
	Size		size;			/* bytes of the composite, 0 for NULL */
	void	   *bytes;
	void	   *options;		/* what the bytes say, as the reader filled it */
} options_cache;

extern const options_cache *options_compare(FunctionCallInfo fcinfo, int argno,
											Size size, options_reader read);

/*
 * The options in argument argno of a transition function, size bytes as read()
 * fills them.  Uses fn_extra of the call.
 */
static inline const options_cache *
options_arg(FunctionCallInfo fcinfo, int argno, Size size, options_reader read)
{
	const options_cache *cache = fcinfo->flinfo->fn_extra;

	if (cache != NULL && cache->literal)
		return cache;
	return options_compare(fcinfo, argno, size, read);
}

/* The fields of a composite, of which it must have count. */
extern void composite_fields(HeapTupleHeader composite, int count, Datum *values, bool *nulls);

/*
 * A composite of the type that the function is declared to return.  Uses
 * fn_extra of the call.
 */
extern Datum composite_result(FunctionCallInfo fcinfo, Datum *values, bool *nulls);

/* The attributes of composite i, in order; nulls comes all false. */
typedef void (*composite_writer) (const void *elements, int i, Datum *values, bool *nulls);

/* An array of composites, of the type that the function is declared to return. */
extern Datum composite_array(FunctionCallInfo fcinfo, const void *elements, int count, composite_writer write);

#endif							/* SALESMGMT_OPTIONS_H */
