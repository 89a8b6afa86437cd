/*
 * funnel_event_sort.h
 *		Events of a funnel in order.
 */
#ifndef SALESMGMT_FUNNEL_EVENT_SORT_H
#define SALESMGMT_FUNNEL_EVENT_SORT_H

#include "core/funnel.h"

/*
 * Sort by entity, time, and step in the direction (1 or -1) that ties ask for.
 * Returns where the sorted events are: in events or in spare, which has as much room.
 */
extern funnel_event *funnel_sort_events(funnel_event *events, funnel_event *spare, size_t count, int direction);

#endif							/* SALESMGMT_FUNNEL_EVENT_SORT_H */
