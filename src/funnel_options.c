/*
 * funnel_options.c
 *		funnel_options(): the parameters of a funnel as one value.
 */
#include "funnel_options.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

/* The attributes of the type, which are the arguments of the builder. */
enum
{
	ARG_STEPS,
	ARG_WITHIN,
	ARG_STEP_WITHIN,
	ARG_MODE,
	ARG_ANCHOR,
	ARG_TIES,
	ARG_OPTIONAL,
	ARG_EXCLUDE,
	ARG_LOST_STEP,
	ARG_AS_OF,
	ARG_TIMES,
	ARG_DISJOINT,
	ARG_COUNT
};

/* Words an option may have, by the number they stand for; the first is the default. */
static const char *const mode_words[] = {"ordered", "strict", "unordered", "furthest", NULL};
static const char *const anchor_words[] = {"first", "any", NULL};
static const char *const ties_words[] = {"either", "increasing", NULL};

static int
read_word(Datum value, const char *option, const char *const *words)
{
	char	   *word = TextDatumGetCString(value);
	StringInfoData known;
	int			i;

	for (i = 0; words[i] != NULL; i++)
		if (strcmp(word, words[i]) == 0)
			return i;
	initStringInfo(&known);
	for (i = 0; words[i] != NULL; i++)
		appendStringInfo(&known, "%s'%s'", i > 0 ? ", " : "", words[i]);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown %s '%s'", option, word),
			 errhint("It is one of %s.", known.data)));
}

static calendar_span
read_span(Datum value, const char *option)
{
	Interval   *interval = DatumGetIntervalP(value);

	if (!interval_is_finite(interval))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a finite interval", option)));
	return (calendar_span) {
		.months = interval->month, .days = interval->day, .micros = interval->time
	};
}

/* The elements of a one-dimensional array without NULLs. */
static Datum *
read_elements(Datum value, const char *option, Oid type, int *count)
{
	ArrayType  *array = DatumGetArrayTypeP(value);
	Datum	   *elements;
	int16		length;
	bool		by_value;
	char		align;

	if (ARR_NDIM(array) > 1 || array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a list without NULLs", option)));
	get_typlenbyvalalign(type, &length, &by_value, &align);
	deconstruct_array(array, type, length, by_value, align, &elements, NULL, count);
	return elements;
}

static int
compare_int32(const void *a, const void *b)
{
	int32		x = *(const int32 *) a;
	int32		y = *(const int32 *) b;

	return (x > y) - (x < y);
}

/* A list of steps, each once and in order: lists of the same steps are the same. */
static funnel_list
read_list(Datum value, const char *option)
{
	funnel_list list;
	Datum	   *elements = read_elements(value, option, INT4OID, &list.count);
	int32_t    *items = palloc(list.count * sizeof(int32_t));
	int			kept = 0;

	for (int i = 0; i < list.count; i++)
		items[i] = DatumGetInt32(elements[i]);
	qsort(items, list.count, sizeof(int32_t), compare_int32);
	for (int i = 0; i < list.count; i++)
		if (kept == 0 || items[kept - 1] != items[i])
			items[kept++] = items[i];
	list.count = kept;
	list.items = items;
	return list;
}

/* Options from the twelve values, checked. */
static void
read_values(const Datum *values, const bool *nulls, funnel_options *options)
{
	funnel_options_default(options);
	if (!nulls[ARG_STEPS])
	{
		options->steps = DatumGetInt32(values[ARG_STEPS]);
		if (options->steps < 1)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("steps must be at least 1, not %d", options->steps)));
	}
	if (!nulls[ARG_WITHIN])
	{
		options->has_within = true;
		options->within = read_span(values[ARG_WITHIN], "within");
	}
	if (!nulls[ARG_STEP_WITHIN])
	{
		Datum	   *elements = read_elements(values[ARG_STEP_WITHIN], "step_within", INTERVALOID,
											 &options->step_within_count);
		calendar_span *spans = palloc(options->step_within_count * sizeof(calendar_span));

		for (int i = 0; i < options->step_within_count; i++)
			spans[i] = read_span(elements[i], "step_within");
		options->has_step_within = true;
		options->step_within = spans;
	}
	if (!nulls[ARG_MODE])
		options->mode = read_word(values[ARG_MODE], "mode", mode_words);
	if (!nulls[ARG_ANCHOR])
		options->anchor = read_word(values[ARG_ANCHOR], "anchor", anchor_words);
	if (!nulls[ARG_TIES])
		options->ties = read_word(values[ARG_TIES], "ties", ties_words);
	if (!nulls[ARG_OPTIONAL])
		options->optional = read_list(values[ARG_OPTIONAL], "optional");
	if (!nulls[ARG_EXCLUDE])
		options->exclude = read_list(values[ARG_EXCLUDE], "exclude");
	if (!nulls[ARG_LOST_STEP])
	{
		options->has_lost_step = true;
		options->lost_step = DatumGetInt32(values[ARG_LOST_STEP]);
	}
	if (!nulls[ARG_AS_OF])
	{
		options->has_as_of = true;
		options->as_of = DatumGetTimestampTz(values[ARG_AS_OF]);
	}
	options->times = nulls[ARG_TIMES] || DatumGetBool(values[ARG_TIMES]);
	options->disjoint = !nulls[ARG_DISJOINT] && DatumGetBool(values[ARG_DISJOINT]);
	funnel_options_check(options);
}

void
funnel_options_read(HeapTupleHeader composite, void *options)
{
	Datum		values[ARG_COUNT];
	bool		nulls[ARG_COUNT];

	if (composite == NULL)
	{
		funnel_options_default(options);
		return;
	}
	composite_fields(composite, ARG_COUNT, values, nulls);
	read_values(values, nulls, options);
}

PG_FUNCTION_INFO_V1(funnel_options_build);
Datum
funnel_options_build(PG_FUNCTION_ARGS)
{
	Datum		values[ARG_COUNT];
	bool		nulls[ARG_COUNT];
	funnel_options options;

	for (int i = 0; i < ARG_COUNT; i++)
	{
		values[i] = PG_GETARG_DATUM(i);
		nulls[i] = PG_ARGISNULL(i);
	}
	read_values(values, nulls, &options);

	/* The words that NULL stands for, so that equal options are equal values. */
	values[ARG_MODE] = CStringGetTextDatum(mode_words[options.mode]);
	values[ARG_ANCHOR] = CStringGetTextDatum(anchor_words[options.anchor]);
	values[ARG_TIES] = CStringGetTextDatum(ties_words[options.ties]);
	values[ARG_TIMES] = BoolGetDatum(options.times);
	values[ARG_DISJOINT] = BoolGetDatum(options.disjoint);
	nulls[ARG_MODE] = nulls[ARG_ANCHOR] = nulls[ARG_TIES] = false;
	nulls[ARG_TIMES] = nulls[ARG_DISJOINT] = false;

	PG_RETURN_DATUM(composite_result(fcinfo, values, nulls));
}
