/*
 * funnel_options.h
 *		The options of a funnel as SQL has them.
 */
#ifndef SALESMGMT_FUNNEL_OPTIONS_H
#define SALESMGMT_FUNNEL_OPTIONS_H

#include "salesmgmt.h"

#include "access/htup.h"

#include "core/funnel.h"

/*
 * Options from a value of type funnel_options, checked; lists are allocated in
 * the current context.
 */
extern void funnel_options_read(HeapTupleHeader composite, funnel_options *options);

#endif							/* SALESMGMT_FUNNEL_OPTIONS_H */
