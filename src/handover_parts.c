/*
 * handover_parts.c
 *		The bulks that a leader was handed: where they are, and when they go.
 *
 * The server frees them at the end of the query.  But a query may scan a Gather
 * again and again (a LATERAL subquery), and each time the workers leave new bulks.
 * When are the old ones not needed any more?  Handles may lie in a sort between
 * the Gather and the aggregation, and be read more than once; that ends at the latest
 * when the Gather is started anew, for who kept rows of a plan drops them before it
 * runs the plan again.  New workers are other processes than the old: so as soon as
 * a worker's process is another, all bulks of before go whose state is gone.
 *
 * A state may go when the query's shared memory is gone already (on an error), so
 * that is only noted then, and memory is freed when the next handle comes.
 */
#include "handover_parts.h"

#include "access/parallel.h"
#include "executor/execParallel.h"
#include "nodes/execnodes.h"
#include "nodes/nodeFuncs.h"
#include "postmaster/bgworker_internals.h"
#include "storage/dsm.h"
#include "utils/memutils.h"

/* A bulk that a state of this process reads. */
typedef struct part
{
	struct part *next;
	dsa_pointer at;
	uint64		launch;			/* of the workers that it came from */
	bool		in_use;			/* its state is still there */
	MemoryContextCallback callback; /* of the state's context */
} part;

/* What came through one Gather. */
typedef struct source
{
	struct source *next;
	dsm_handle	segment;		/* of its workers */
	uint64		launch;			/* how often they were launched, as far as was noticed */
	uint32	   *processes;		/* of each worker that sent something, by number; else 0 */
	uint32		process_room;
	part	   *parts;
} source;

/* Looks for the Gather whose workers have a segment. */
typedef struct search
{
	dsm_handle	segment;
	dsa_area   *area;			/* found */
} search;

static bool
search_plan(PlanState *state, void *context)
{
	search	   *s = context;
	ParallelExecutorInfo *info = NULL;

	if (IsA(state, GatherState))
		info = ((GatherState *) state)->pei;
	else if (IsA(state, GatherMergeState))
		info = ((GatherMergeState *) state)->pei;
	if (info != NULL && info->area != NULL && info->pcxt->seg != NULL &&
		dsm_segment_handle(info->pcxt->seg) == s->segment)
	{
		s->area = info->area;
		return true;
	}
	return planstate_tree_walker(state, search_plan, context);
}

/* What came through the Gather of a segment so far, in the calls of this function. */
static source *
source_of(FmgrInfo *function, dsm_handle segment)
{
	source	   *found = function->fn_extra;

	while (found != NULL && found->segment != segment)
		found = found->next;
	if (found == NULL)
	{
		found = MemoryContextAllocZero(function->fn_mcxt, sizeof(source));
		found->segment = segment;
		found->next = function->fn_extra;
		function->fn_extra = found;
	}
	return found;
}

static void
free_old_parts(source *from, dsa_area *area)
{
	part	  **link = &from->parts;

	while (*link != NULL)
	{
		part	   *p = *link;

		if (p->in_use || p->launch == from->launch)
			link = &p->next;
		else
		{
			*link = p->next;
			dsa_free(area, p->at);
			pfree(p);
		}
	}
}

/* A worker, as a process, has sent something. */
static void
note_process(FmgrInfo *function, source *from, dsa_area *area, uint32 worker, uint32 process)
{
	if (worker >= from->process_room)
	{
		uint32		room = worker + 8;
		uint32	   *processes = MemoryContextAllocZero(function->fn_mcxt, room * sizeof(uint32));

		if (from->processes != NULL)
		{
			memcpy(processes, from->processes, from->process_room * sizeof(uint32));
			pfree(from->processes);
		}
		from->processes = processes;
		from->process_room = room;
	}
	if (from->processes[worker] != process && from->processes[worker] != 0)
	{
		from->launch++;
		memset(from->processes, 0, from->process_room * sizeof(uint32));
		free_old_parts(from, area);
	}
	from->processes[worker] = process;
}

static void
state_is_gone(void *argument)
{
	((part *) argument)->in_use = false;
}

static void
note_part(FmgrInfo *function, source *from, dsa_pointer at, MemoryContext context)
{
	part	   *p = MemoryContextAlloc(function->fn_mcxt, sizeof(part));

	*p = (part) {
		.next = from->parts, .at = at, .launch = from->launch, .in_use = true,
		.callback = {.func = state_is_gone, .arg = p}
	};
	from->parts = p;
	MemoryContextRegisterResetCallback(context, &p->callback);
}

const void *
handover_part(FunctionCallInfo fcinfo, wire_reader *reader, MemoryContext context, Size *size)
{
	search		s = {.segment = wire_get_u32(reader)};
	uint32		worker = wire_get_u32(reader);
	uint32		process = wire_get_u32(reader);
	dsa_pointer at = wire_get_u64(reader);
	const shared_bulk *bulk;
	source	   *from;

	*size = wire_get_u64(reader);
	search_plan(outerPlanState(fcinfo->context), &s);
	if (s.area == NULL || !DsaPointerIsValid(at) || worker >= MAX_PARALLEL_WORKER_LIMIT)
		wire_refuse(reader, "It is of another query.");
	bulk = dsa_get_address(s.area, at);
	if (bulk->mark != shared_bulk_mark(at, *size))
		wire_refuse(reader, "Its events are not where they were.");
	from = source_of(fcinfo->flinfo, s.segment);
	note_process(fcinfo->flinfo, from, s.area, worker, process);
	note_part(fcinfo->flinfo, from, at, context);
	return bulk->bytes;
}
