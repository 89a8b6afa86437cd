/*
 * cadence_options.h
 *		The rule of a cadence as SQL has it.
 */
#ifndef SALESMGMT_CADENCE_OPTIONS_H
#define SALESMGMT_CADENCE_OPTIONS_H

#include "options.h"

#include "core/cadence.h"

/* An options_reader: fills a cadence_options, settled; lists are allocated in the current context. */
extern void cadence_options_read(HeapTupleHeader composite, void *options);

#endif							/* SALESMGMT_CADENCE_OPTIONS_H */
