/*
 * handover.c
 *		States that a query's processes hand to each other without a copy.
 *
 * A parallel query has a Partial Aggregate in each process, and one that combines
 * their states.  On its way from a worker to the leader, a state is flattened, put
 * into a tuple, through a queue, out of it, and read.  A state of some bytes does
 * not mind, but one of 60 MB is copied five times, and memory that is touched for
 * the first time costs more than what is done with it.
 *
 * So a worker leaves the bulk of a large state in the memory that the processes
 * of its query share (es_query_dsa), and what it sends is a handle: where the
 * bulk is, and all the rest.  The server frees that memory when the query ends, on
 * success, error and cancel alike.  The leader finds it through the Gather below
 * the aggregation that combines; the handle names the segment by which the Gather and
 * its workers know each other, so where there are several, only the right one fits.
 *
 * The leader's own state need not move at all.  Where it is flattened nevertheless
 * (before PostgreSQL 16, always), its handle is a number of a list of this backend.
 *
 * A handle is made only where all of this is certain: in a Partial Aggregate,
 * as the planner made it, whose aggregate has the combine function that reads handles.
 * Anywhere else, and where memory is scarce, the state is written.
 */
#include "handover.h"

#include <sys/statvfs.h>

#include "access/htup_details.h"
#include "access/parallel.h"
#include "catalog/pg_aggregate.h"
#include "executor/execParallel.h"
#include "executor/executor.h"
#include "lib/ilist.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "postmaster/bgworker.h"
#include "storage/dsm_impl.h"
#include "utils/dsa.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "handover_parts.h"

/* A state of less goes through the queue as fast. */
#define LEAST_BULK (32 * 1024)

/* What is known of a state that may be handed over. */
struct handover
{
	AggState   *aggregation;	/* which it belongs to */
	Aggref	   *aggref;
	state_object *object;
	dsa_pointer bulk;			/* copied, for the handle that is written next */
	Size		bulk_size;
	bool		to_be_local;	/* the handle that is written next is the number */
	uint64		number;			/* in this backend, or 0 */
	dlist_node	link;			/* of all that have a number */
	MemoryContextCallback callback; /* takes it off that list */
};

/* States of this backend that have a number. */
static dlist_head numbered = DLIST_STATIC_INIT(numbered);
static uint64 last_number = 0;

void
handover_note(FunctionCallInfo fcinfo, state_object *object)
{
	if (AggCheckCallContext(fcinfo, NULL) != AGG_CONTEXT_AGGREGATE)
		return;
	object->handover = MemoryContextAllocZero(object->hdr.eoh_context, sizeof(struct handover));
	object->handover->aggregation = (AggState *) fcinfo->context;
	object->handover->aggref = AggGetAggref(fcinfo);
	object->handover->object = object;
}

/* ---- when -------------------------------------------------------------------- */

/*
 * Will the combine function of this type get the state, and nobody else?
 *
 * A sort that makes its tuples asks, too, in a context that knows no pfree(), while
 * a look into the catalogue frees what it took.
 */
static bool
goes_to_combine(const state_object *object)
{
	const struct handover *h = object->handover;
	MemoryContext caller;
	HeapTuple	tuple;
	FmgrInfo	combine;

	if (h == NULL || h->aggref == NULL || !DO_AGGSPLIT_SKIPFINAL(h->aggregation->aggsplit) ||
		DO_AGGSPLIT_COMBINE(h->aggregation->aggsplit))
		return false;
	caller = MemoryContextSwitchTo(object->hdr.eoh_context);
	combine.fn_oid = InvalidOid;
	combine.fn_addr = NULL;
	tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(h->aggref->aggfnoid));
	if (HeapTupleIsValid(tuple))
	{
		combine.fn_oid = ((Form_pg_aggregate) GETSTRUCT(tuple))->aggcombinefn;
		ReleaseSysCache(tuple);
	}
	if (OidIsValid(combine.fn_oid))
		fmgr_info(combine.fn_oid, &combine);
	MemoryContextSwitchTo(caller);
	return combine.fn_addr == object->type->combine;
}

/*
 * Aggregation without grouping keeps its only state until it is scanned anew, and
 * so does whatever is above it.
 */
static bool
lasts(const state_object *object)
{
	return !IsParallelWorker() && object->handover != NULL &&
		object->handover->aggregation->aggstrategy == AGG_PLAIN;
}

bool
handover_lasting(FunctionCallInfo fcinfo, const state_object *object)
{
	return AggCheckCallContext(fcinfo, NULL) == AGG_CONTEXT_AGGREGATE &&
		DO_AGGSPLIT_COMBINE(((AggState *) fcinfo->context)->aggsplit) &&
		lasts(object) && goes_to_combine(object);
}

/*
 * May so many bytes be taken of the shared memory?  The limit of one state's
 * memory holds for its bulk, too.  And a container may have as little as 64 MB, for all
 * there is; a segment that cannot be made is an error, so all workers together
 * stay in what is left of half of it.
 */
static bool
room_for(Size size)
{
	struct statvfs shared;
	double		free_bytes;
	double		all_bytes;

	if (size > core_memory_limit() || dynamic_shared_memory_type != DSM_IMPL_POSIX ||
		statvfs("/dev/shm", &shared) != 0)
		return false;
	free_bytes = (double) shared.f_bavail * shared.f_frsize;
	all_bytes = (double) shared.f_blocks * shared.f_frsize;
	return free_bytes - all_bytes / 2 > (double) size * Max(1, max_parallel_workers_per_gather);
}

/* Copy the bulk into the query's memory, if there is room. */
static bool
share_bulk(state_object *object, Size size)
{
	struct handover *h = object->handover;
	dsa_area   *area = h->aggregation->ss.ps.state->es_query_dsa;
	shared_bulk *bulk;

	h->bulk = dsa_allocate_extended(area, sizeof(shared_bulk) + size, DSA_ALLOC_HUGE | DSA_ALLOC_NO_OOM);
	if (!DsaPointerIsValid(h->bulk))
		return false;
	h->bulk_size = size;
	bulk = dsa_get_address(area, h->bulk);
	bulk->mark = shared_bulk_mark(h->bulk, size);
	return true;
}

Size
handover_size(state_object *object)
{
	struct handover *h = object->handover;
	Size		size;

	if (h == NULL || (size = object->type->bulk_size(object->data)) < LEAST_BULK || !goes_to_combine(object))
		return 0;
	if (!IsParallelWorker())
	{
		h->to_be_local = lasts(object);
		return h->to_be_local ? 1 + 8 : 0;
	}
	if (h->aggregation->ss.ps.state->es_query_dsa == NULL)
		return 0;
	if (!DsaPointerIsValid(h->bulk) && !(room_for(size) && share_bulk(object, size)))
		return 0;
	return 1 + SHARED_HANDLE_SIZE + object->type->rest_size(object->data);
}

bool
handover_decided(const state_object *object)
{
	return object->handover != NULL && (object->handover->to_be_local || DsaPointerIsValid(object->handover->bulk));
}

/* ---- write ------------------------------------------------------------------- */

static void
forget_number(void *argument)
{
	struct handover *h = argument;

	dlist_delete(&h->link);
}

static void
write_local(struct handover *h, wire_writer *w)
{
	if (h->number == 0)
	{
		h->number = ++last_number;
		dlist_push_head(&numbered, &h->link);
		h->callback.func = forget_number;
		h->callback.arg = h;
		MemoryContextRegisterResetCallback(h->object->hdr.eoh_context, &h->callback);
	}
	wire_put_u8(w, HANDOVER_LOCAL);
	wire_put_u64(w, h->number);
	h->to_be_local = false;
}

void
handover_write(state_object *object, wire_writer *w)
{
	struct handover *h = object->handover;
	shared_bulk *bulk;

	if (h->to_be_local)
	{
		write_local(h, w);
		return;
	}
	bulk = dsa_get_address(h->aggregation->ss.ps.state->es_query_dsa, h->bulk);
	wire_put_u8(w, HANDOVER_SHARED);
	/* the leader passed its segment to the worker as the argument of its main function */
	wire_put_u32(w, DatumGetUInt32(MyBgworkerEntry->bgw_main_arg));
	wire_put_u32(w, (uint32) ParallelWorkerNumber);
	wire_put_u32(w, (uint32) MyProcPid);
	wire_put_u64(w, h->bulk);
	wire_put_u64(w, h->bulk_size);
	object->type->write_apart(object->data, w, bulk->bytes);
	/* it belongs to its reader now; who flattens again makes another */
	h->bulk = InvalidDsaPointer;
}

/* ---- read -------------------------------------------------------------------- */

static const void *
read_local(wire_reader *reader, const state_type *type)
{
	uint64		number = wire_get_u64(reader);
	dlist_iter	at;

	dlist_foreach(at, &numbered)
	{
		struct handover *h = dlist_container(struct handover, link, at.cur);

		if (h->number == number && h->object->type == type)
			return h->object->data;
	}
	wire_refuse(reader, "It is of another query.");
}

bool
handover_read(FunctionCallInfo fcinfo, const state_type *type, const void *bytes, Size size,
			  state_object *object, state_source *source)
{
	wire_reader reader = {bytes, (const uint8_t *) bytes + size, type->name};
	uint8		format = size > 0 ? wire_get_u8(&reader) : 0;

	if ((format != HANDOVER_SHARED && format != HANDOVER_LOCAL) || type->combine == NULL ||
		AggCheckCallContext(fcinfo, NULL) != AGG_CONTEXT_AGGREGATE)
		return false;
	if (format == HANDOVER_LOCAL)
	{
		source->data = read_local(&reader, type);
		source->lasting = true;
		return true;
	}
	source->bulk = handover_part(fcinfo, &reader, object->hdr.eoh_context, &source->bulk_size);
	source->reader = reader;
	return true;
}
