/*
 * handover.h
 *		How states get from the processes of a query to the one that combines them.
 */
#ifndef SALESMGMT_HANDOVER_H
#define SALESMGMT_HANDOVER_H

#include "salesmgmt.h"

/*
 * The first byte of a flat state that is only a handle.  No state type has such
 * a format, so every function but handover_read() refuses it: a handle means
 * nothing outside of the query that made it, and nobody can write one by hand.
 */
#define HANDOVER_SHARED 255
#define HANDOVER_LOCAL 254

/* A new state of a type that can be handed over. */
extern void handover_note(FunctionCallInfo fcinfo, state_object *object);

/*
 * How many bytes the handle takes by which this state will be handed over; 0 if it
 * has to be written.  After that, handover_write() once.
 */
extern Size handover_size(state_object *object);
extern void handover_write(state_object *object, wire_writer *w);

/* Will handover_write() write a handle? */
extern bool handover_decided(const state_object *object);

/* Is it certain that an expanded state outlives the aggregation that combines it, unchanged? */
extern bool handover_lasting(FunctionCallInfo fcinfo, const state_object *object);

/* What a handle stands for; false if the bytes are no handle. */
extern bool handover_read(FunctionCallInfo fcinfo, const state_type *type, const void *bytes, Size size,
						  state_object *object, state_source *source);

#endif							/* SALESMGMT_HANDOVER_H */
