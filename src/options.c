/*
 * options.c
 *		Options of an aggregate: one composite value, the same for all rows of a
 *		group; and composite values in general.
 */
#include "options.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "nodes/primnodes.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

static bool
is_literal(FunctionCallInfo fcinfo, int argno)
{
	Aggref	   *aggref = AggGetAggref(fcinfo);

	/* the state is argument 0 of the transition function, but none of the aggregate's */
	return aggref != NULL && list_length(aggref->args) >= argno &&
		IsA(((TargetEntry *) list_nth(aggref->args, argno - 1))->expr, Const);
}

/* Read the options; on an error the cache stays as it was. */
static void
fill_cache(options_cache *cache, HeapTupleHeader composite, MemoryContext parent,
		   Size size, options_reader read)
{
	static uint64 last_mark = 0;
	options_cache fresh = {.literal = cache->literal};
	MemoryContext caller;

	fresh.context = AllocSetContextCreate(parent, "salesmgmt options", ALLOCSET_SMALL_SIZES);
	caller = MemoryContextSwitchTo(fresh.context);
	fresh.options = palloc0(size);
	if (composite != NULL)
	{
		fresh.size = HeapTupleHeaderGetDatumLength(composite);
		fresh.bytes = palloc(fresh.size);
		memcpy(fresh.bytes, composite, fresh.size);
	}
	read(fresh.bytes, fresh.options);
	MemoryContextSwitchTo(caller);

	if (cache->context != NULL)
		MemoryContextDelete(cache->context);
	fresh.mark = ++last_mark;
	*cache = fresh;
}

const options_cache *
options_compare(FunctionCallInfo fcinfo, int argno, Size size, options_reader read)
{
	options_cache *cache = fcinfo->flinfo->fn_extra;
	HeapTupleHeader composite = PG_ARGISNULL(argno) ? NULL : PG_GETARG_HEAPTUPLEHEADER(argno);

	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(options_cache));
		fill_cache(cache, composite, fcinfo->flinfo->fn_mcxt, size, read);
		cache->literal = is_literal(fcinfo, argno);
		fcinfo->flinfo->fn_extra = cache;
	}
	else if (composite == NULL ? cache->size != 0
			 : (cache->size != HeapTupleHeaderGetDatumLength(composite) ||
				memcmp(cache->bytes, composite, cache->size) != 0))
		fill_cache(cache, composite, fcinfo->flinfo->fn_mcxt, size, read);
	return cache;
}

void
composite_fields(HeapTupleHeader composite, int count, Datum *values, bool *nulls)
{
	TupleDesc	description = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(composite),
													 HeapTupleHeaderGetTypMod(composite));
	HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(composite), .t_data = composite};

	Assert(description->natts == count);
	heap_deform_tuple(&tuple, description, values, nulls);
	ReleaseTupleDesc(description);
}

Datum
composite_result(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc	description = fcinfo->flinfo->fn_extra;

	if (description == NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		if (get_call_result_type(fcinfo, NULL, &description) != TYPEFUNC_COMPOSITE)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("the function is not declared to return a composite type")));
		fcinfo->flinfo->fn_extra = BlessTupleDesc(description);
		MemoryContextSwitchTo(caller);
	}
	return HeapTupleGetDatum(heap_form_tuple(description, values, nulls));
}

Datum
composite_array(FunctionCallInfo fcinfo, const void *elements, int count, composite_writer write)
{
	Oid			type = get_element_type(get_func_rettype(fcinfo->flinfo->fn_oid));
	TupleDesc	description = lookup_rowtype_tupdesc(type, -1);
	Datum	   *values = palloc(description->natts * sizeof(Datum));
	bool	   *nulls = palloc(description->natts * sizeof(bool));
	Datum	   *composites = palloc(count * sizeof(Datum));

	for (int i = 0; i < count; i++)
	{
		memset(nulls, false, description->natts * sizeof(bool));
		write(elements, i, values, nulls);
		composites[i] = HeapTupleGetDatum(heap_form_tuple(description, values, nulls));
	}
	ReleaseTupleDesc(description);
	return PointerGetDatum(construct_array(composites, count, type, -1, false, TYPALIGN_DOUBLE));
}
