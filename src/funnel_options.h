/*
 * funnel_options.h
 *		The options of a funnel as SQL has them.
 */
#ifndef SALESMGMT_FUNNEL_OPTIONS_H
#define SALESMGMT_FUNNEL_OPTIONS_H

#include "options.h"

#include "core/funnel.h"

/*
 * An options_reader: options from a value of type funnel_options, checked;
 * lists are allocated in the current context.
 */
extern void funnel_options_read(HeapTupleHeader composite, void *options);

#endif							/* SALESMGMT_FUNNEL_OPTIONS_H */
