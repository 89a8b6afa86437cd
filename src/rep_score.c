/*
 * rep_score.c
 *		rep_score(actual, target, weight, higher_is_better, options).
 *
 * The mathematics is in core/score.c.
 */
#include "rep_score.h"

#include "utils/builtins.h"

#include "core/score.h"

static const state_type rep_score_state = {
	.name = "rep_score_state",
	.format = 1,
	.size = score_size,
	.write = score_write,
	.read = score_read,
	.zero_size = sizeof(score_state)
};

/* the server hands out memory in powers of two */
StaticAssertDecl(sizeof(state_object) + sizeof(score_state) <= 128, "a rep_score_state has outgrown its 128 bytes");

STATE_IO_FUNCTIONS(rep_score_state, &rep_score_state);

/* The fields of score_options, which are the arguments of its builder. */
enum
{
	OPTION_ZERO_TARGET,
	OPTION_FLOOR,
	OPTION_CAP,
	OPTION_MIN_COVERAGE,
	OPTION_COUNT
};

static score_zero_target
zero_target_of(Datum value)
{
	char	   *name = TextDatumGetCString(value);
	score_zero_target zero_target;

	if (!score_zero_target_named(name, &zero_target))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown zero_target \"%s\"", name),
				 errhint("Use 'pass_fail' or 'skip'.")));
	return zero_target;
}

/* Options from the four values, checked; NULL is each one's default. */
static score_options
options_of(const Datum *values, const bool *nulls)
{
	score_options options = score_default_options;

	if (!nulls[OPTION_ZERO_TARGET])
		options.zero_target = zero_target_of(values[OPTION_ZERO_TARGET]);
	if (!nulls[OPTION_FLOOR])
		options.floor = DatumGetFloat8(values[OPTION_FLOOR]);
	if (!nulls[OPTION_CAP])
		options.cap = DatumGetFloat8(values[OPTION_CAP]);
	if (!nulls[OPTION_MIN_COVERAGE])
		options.min_coverage = DatumGetFloat8(values[OPTION_MIN_COVERAGE]);
	score_check_options(&options);
	return options;
}

/* An options_reader. */
static void
read_options(HeapTupleHeader composite, void *options)
{
	Datum		values[OPTION_COUNT];
	bool		nulls[OPTION_COUNT] = {true, true, true, true};

	if (composite != NULL)
		composite_fields(composite, OPTION_COUNT, values, nulls);
	*(score_options *) options = options_of(values, nulls);
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

score_row
score_row_arg(FunctionCallInfo fcinfo, int argno)
{
	score_row	row = {0};

	require(fcinfo, argno + 2, "weight", "Leave rows without a weight out, as with FILTER (WHERE weight IS NOT NULL).");
	require(fcinfo, argno + 3, "higher_is_better", "Say of each row whether more is better (true) or less is (false).");
	row.has_actual = !PG_ARGISNULL(argno);
	row.has_target = !PG_ARGISNULL(argno + 1);
	row.actual = row.has_actual ? PG_GETARG_FLOAT8(argno) : 0;
	row.target = row.has_target ? PG_GETARG_FLOAT8(argno + 1) : 0;
	row.weight = PG_GETARG_FLOAT8(argno + 2);
	row.higher_is_better = PG_GETARG_BOOL(argno + 3);
	return row;
}

const score_options *
score_options_arg(FunctionCallInfo fcinfo, int argno)
{
	return options_arg(fcinfo, argno, sizeof(score_options), read_options)->options;
}

PG_FUNCTION_INFO_V1(rep_score_transition);
Datum
rep_score_transition(PG_FUNCTION_ARGS)
{
	score_row	row = score_row_arg(fcinfo, 1);
	const score_options *options = score_options_arg(fcinfo, 5);
	state_object *object;

	object = state_arg_rw(fcinfo, 0, &rep_score_state);
	score_add(object->data, options, &row, state_arena(object));
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
		score_combine(object->data, other, state_arena(object));
	STATE_RETURN(object);
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
	PG_RETURN_DATUM(composite_result(fcinfo,
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
	Datum		values[OPTION_COUNT];
	bool		nulls[OPTION_COUNT];
	score_options options;

	for (int i = 0; i < OPTION_COUNT; i++)
	{
		values[i] = PG_GETARG_DATUM(i);
		nulls[i] = PG_ARGISNULL(i);
	}
	options = options_of(values, nulls);

	/* what NULL stands for, so that equal options are equal values */
	values[OPTION_ZERO_TARGET] = CStringGetTextDatum(score_zero_target_name(options.zero_target));
	values[OPTION_FLOOR] = Float8GetDatum(options.floor);
	values[OPTION_CAP] = Float8GetDatum(options.cap);
	values[OPTION_MIN_COVERAGE] = Float8GetDatum(options.min_coverage);
	PG_RETURN_DATUM(composite_result(fcinfo, values, (bool[OPTION_COUNT]) {false}));
}
