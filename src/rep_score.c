/*
 * rep_score.c
 *		rep_score(actual, target, weight, higher_is_better, options).
 *
 * The mathematics is in core/score.c.
 */
#include "salesmgmt.h"

#include "access/htup_details.h"
#include "executor/executor.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "core/score.h"

static const state_type rep_score_state = {
	.name = "rep_score_state",
	.format = 1,
	.create = score_create,
	.size = score_size,
	.write = score_write,
	.read = score_read
};

STATE_IO_FUNCTIONS(rep_score_state, &rep_score_state);

/* Attributes of the composite type score_options. */
enum
{
	OPTION_ZERO_TARGET = 1,
	OPTION_FLOOR,
	OPTION_CAP,
	OPTION_MIN_COVERAGE
};

#define OPTION_COUNT OPTION_MIN_COVERAGE

/*
 * The options read last, kept with the call site: they are nearly always the
 * same bytes for every row, and comparing bytes is far cheaper than taking a
 * composite value apart.  (Comparing pointers would be wrong: the next row's
 * options may stand where the last row's did.)
 */
typedef struct options_cache
{
	score_options options;		/* what the bytes say */
	Size		room;			/* bytes there is room for */
	HeapTupleHeader bytes;		/* NULL before the first */
} options_cache;

/* A field of the options, NULL being its default. */
static float8
float_field(HeapTupleHeader composite, AttrNumber number, float8 otherwise)
{
	bool		isnull;
	Datum		value = GetAttributeByNum(composite, number, &isnull);

	return isnull ? otherwise : DatumGetFloat8(value);
}

static score_options
read_options(HeapTupleHeader composite)
{
	score_options options = score_default_options;
	bool		isnull;
	Datum		zero_target = GetAttributeByNum(composite, OPTION_ZERO_TARGET, &isnull);

	if (!isnull)
		options.zero_target = score_zero_target_named(TextDatumGetCString(zero_target));
	options.floor = float_field(composite, OPTION_FLOOR, options.floor);
	options.cap = float_field(composite, OPTION_CAP, options.cap);
	options.min_coverage = float_field(composite, OPTION_MIN_COVERAGE, options.min_coverage);
	score_check_options(&options);
	return options;
}

/* The options in argument argno, NULL being all defaults. */
static const score_options *
options_arg(FunctionCallInfo fcinfo, int argno)
{
	options_cache *cache = fcinfo->flinfo->fn_extra;
	HeapTupleHeader composite;
	Size		size;

	if (PG_ARGISNULL(argno))
		return &score_default_options;
	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(options_cache));
		fcinfo->flinfo->fn_extra = cache;
	}
	composite = PG_GETARG_HEAPTUPLEHEADER(argno);
	size = HeapTupleHeaderGetDatumLength(composite);
	if (cache->bytes != NULL && HeapTupleHeaderGetDatumLength(cache->bytes) == size &&
		memcmp(cache->bytes, composite, size) == 0)
		return &cache->options;

	cache->options = read_options(composite);
	if (size > cache->room)
	{
		if (cache->bytes != NULL)
			pfree(cache->bytes);
		cache->bytes = NULL;
		cache->bytes = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, size);
		cache->room = size;
	}
	memcpy(cache->bytes, composite, size);
	return &cache->options;
}

/* An argument that may not be NULL. */
static void
require(FunctionCallInfo fcinfo, int argno, const char *name, const char *hint)
{
	if (PG_ARGISNULL(argno))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be null", name),
				 errhint("%s", hint)));
}

PG_FUNCTION_INFO_V1(rep_score_transition);
Datum
rep_score_transition(PG_FUNCTION_ARGS)
{
	state_object *object;
	const score_options *options;
	score_row	row = {0};

	require(fcinfo, 3, "weight", "Leave rows without a weight out, as with FILTER (WHERE weight IS NOT NULL).");
	require(fcinfo, 4, "higher_is_better", "Say of each row whether more is better (true) or less is (false).");
	row.has_actual = !PG_ARGISNULL(1);
	row.has_target = !PG_ARGISNULL(2);
	row.actual = row.has_actual ? PG_GETARG_FLOAT8(1) : 0;
	row.target = row.has_target ? PG_GETARG_FLOAT8(2) : 0;
	row.weight = PG_GETARG_FLOAT8(3);
	row.higher_is_better = PG_GETARG_BOOL(4);
	options = options_arg(fcinfo, 5);

	object = state_arg_rw(fcinfo, 0, &rep_score_state);
	score_add(object->data, options, &row, object->arena);
	STATE_RETURN(object);
}

PG_FUNCTION_INFO_V1(rep_score_combine);
Datum
rep_score_combine(PG_FUNCTION_ARGS)
{
	const score_state *other = state_arg_ro(fcinfo, 1, &rep_score_state);
	state_object *object;

	if (other == NULL && PG_ARGISNULL(0))
		PG_RETURN_NULL();
	object = state_arg_rw(fcinfo, 0, &rep_score_state);
	if (other != NULL)
		score_combine(object->data, other, object->arena);
	STATE_RETURN(object);
}

/* A composite value of the type that the function is declared to return, looked up once a call site. */
static Datum
make_composite(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc	description = fcinfo->flinfo->fn_extra;

	if (description == NULL)
	{
		MemoryContext previous = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		if (get_call_result_type(fcinfo, NULL, &description) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "the function is not declared to return a composite type");
		fcinfo->flinfo->fn_extra = BlessTupleDesc(description);
		MemoryContextSwitchTo(previous);
	}
	return HeapTupleGetDatum(heap_form_tuple(description, values, nulls));
}

PG_FUNCTION_INFO_V1(rep_score_final);
Datum
rep_score_final(PG_FUNCTION_ARGS)
{
	const score_state *state = state_arg_ro(fcinfo, 0, &rep_score_state);
	score_result result;

	if (state == NULL)
		PG_RETURN_NULL();
	result = score_final(state, (core_arena *) CurrentMemoryContext);
	PG_RETURN_DATUM(make_composite(fcinfo,
								   (Datum[]) {
									   Float8GetDatum(result.score), Float8GetDatum(result.coverage),
									   Int64GetDatum(result.present), Int64GetDatum(result.missing)
								   },
								   (bool[]) {!result.has_score, !result.has_coverage, false, false}));
}

/* score_options(zero_target, floor, cap, min_coverage): NULL is each one's default. */
PG_FUNCTION_INFO_V1(score_options_build);
Datum
score_options_build(PG_FUNCTION_ARGS)
{
	score_options options = score_default_options;

	if (!PG_ARGISNULL(0))
		options.zero_target = score_zero_target_named(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	if (!PG_ARGISNULL(1))
		options.floor = PG_GETARG_FLOAT8(1);
	if (!PG_ARGISNULL(2))
		options.cap = PG_GETARG_FLOAT8(2);
	if (!PG_ARGISNULL(3))
		options.min_coverage = PG_GETARG_FLOAT8(3);
	score_check_options(&options);
	PG_RETURN_DATUM(make_composite(fcinfo,
								   (Datum[]) {
									   CStringGetTextDatum(score_zero_target_name(options.zero_target)),
									   Float8GetDatum(options.floor), Float8GetDatum(options.cap),
									   Float8GetDatum(options.min_coverage)
								   },
								   (bool[OPTION_COUNT]) {false}));
}
