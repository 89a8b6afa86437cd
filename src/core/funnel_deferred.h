/*
 * funnel_deferred.h
 *		Events of more uuids or texts than memory is meant to hold.
 */
#ifndef SALESMGMT_FUNNEL_DEFERRED_H
#define SALESMGMT_FUNNEL_DEFERRED_H

#include "core/funnel.h"

/* Keep an event of an entity that is not in the dictionary, in a state that defers. */
extern void funnel_defer(funnel_state *state, const void *bytes, size_t size, uint64_t hash, int64_t at, int32_t step);

/* Begin to defer, if the dictionary has grown to its share of the memory. */
extern void funnel_bound_entities(funnel_state *state);

/* How many events are deferred; and the memory of the dictionary, if there is one. */
extern uint64_t funnel_deferred_count(const funnel_state *state);
extern size_t funnel_entity_memory(const funnel_state *state);

/* Log all deferred events, whatever memory that takes: a state that is stored or combined needs it. */
extern void funnel_undefer(funnel_state *state);

/* The hashes of entities that have deferred events, once an event. */
typedef void (*funnel_hash_visitor) (void *context, uint64_t hash);
extern void funnel_deferred_hashes(const funnel_state *state, funnel_hash_visitor visit, void *context);

/* Forget what is deferred. */
extern void funnel_free_deferred(funnel_state *state);

/* The part of funnel_visit() that is deferred events. */
extern void funnel_visit_deferred(const funnel_state *state, core_arena *scratch,
								  funnel_visitor visit, void *context);

#endif							/* SALESMGMT_FUNNEL_DEFERRED_H */
