/*
 * cadence_options.c
 *		cadence_options(): the rule of a cadence as one value.
 */
#include "cadence_options.h"

#include "catalog/pg_type.h"
#include "utils/multirangetypes.h"
#include "utils/rangetypes.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "finite_date.h"

#define DEFAULT_TOLERANCE 1

/* The fields of cadence_options, which are the arguments of its builder. */
enum
{
	OPTION_EVERY,
	OPTION_ANCHOR,
	OPTION_PERIOD,
	OPTION_TOLERANCE,
	OPTION_EXCUSED,
	OPTION_AS_OF,
	OPTION_COUNT
};

static void
require(const bool *nulls, int option, const char *name, const char *hint)
{
	if (nulls[option])
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s of cadence_options must not be null", name),
				 errhint("%s", hint)));
}

static void
read_every(Datum value, cadence_options *options)
{
	Interval   *every = DatumGetIntervalP(value);

	if (!interval_is_finite(every))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("every must be a finite interval")));
	if (every->time != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("every must be whole days, not %s",
						DatumGetCString(DirectFunctionCall1(interval_out, value))),
				 errhint("Write it in months, weeks and days: '7 days', not '168 hours'.")));
	options->every_months = every->month;
	options->every_days = every->day;
}

/* Half-open days of a range; a bound that is missing is CADENCE_NO_BEGIN or CADENCE_NO_END. */
static cadence_days
read_days(const RangeType *range, TypeCacheEntry *type, const char *name)
{
	cadence_days days = {CADENCE_NO_BEGIN, CADENCE_NO_END};
	RangeBound	lower;
	RangeBound	upper;
	bool		empty;

	range_deserialize(type, range, &lower, &upper, &empty);
	if (empty)
		return (cadence_days) {0, 0};
	if (!lower.infinite)
	{
		days.since = DatumGetDateADT(lower.val);
		require_finite_date(days.since, name);
	}
	if (!upper.infinite)
	{
		days.until = DatumGetDateADT(upper.val);
		require_finite_date(days.until, name);
	}
	return days;
}

static cadence_days
read_period(Datum value)
{
	RangeType  *range = DatumGetRangeTypeP(value);
	TypeCacheEntry *type = lookup_type_cache(RangeTypeGetOid(range), TYPECACHE_RANGE_INFO);
	cadence_days period = read_days(range, type, "a bound of period");

	if (period.since == CADENCE_NO_BEGIN || period.until == CADENCE_NO_END)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("period must have a first and a last day")));
	return period;
}

static void
read_excused(Datum value, cadence_options *options)
{
	MultirangeType *multirange = DatumGetMultirangeTypeP(value);
	TypeCacheEntry *type = lookup_type_cache(MultirangeTypeGetOid(multirange),
											 TYPECACHE_MULTIRANGE_INFO)->rngtype;
	RangeType **ranges;
	int32		count;
	cadence_days *excused;

	multirange_deserialize(type, multirange, &count, &ranges);
	excused = palloc(count * sizeof(cadence_days));
	for (int i = 0; i < count; i++)
		excused[i] = read_days(ranges[i], type, "a bound of excused");
	options->excused_count = count;
	options->excused = excused;
}

/* Options from the six values, checked. */
static void
read_values(const Datum *values, const bool *nulls, cadence_options *options)
{
	require(nulls, OPTION_EVERY, "every",
			"Leave rows without a rule out, as with FILTER (WHERE every IS NOT NULL).");
	require(nulls, OPTION_PERIOD, "period", "Say which days are looked at, as in '[2026-01-01,2026-04-01)'.");
	memset(options, 0, sizeof(*options));
	read_every(values[OPTION_EVERY], options);
	options->period = read_period(values[OPTION_PERIOD]);
	options->anchor = nulls[OPTION_ANCHOR] ? options->period.since : DatumGetDateADT(values[OPTION_ANCHOR]);
	require_finite_date(options->anchor, "anchor");
	options->tolerance = nulls[OPTION_TOLERANCE] ? DEFAULT_TOLERANCE : DatumGetInt32(values[OPTION_TOLERANCE]);
	if (!nulls[OPTION_EXCUSED])
		read_excused(values[OPTION_EXCUSED], options);
	if (!nulls[OPTION_AS_OF])
	{
		options->has_as_of = true;
		options->as_of = DatumGetDateADT(values[OPTION_AS_OF]);
		require_finite_date(options->as_of, "as_of");
	}
	cadence_options_settle(options);
}

void
cadence_options_read(HeapTupleHeader composite, void *options)
{
	Datum		values[OPTION_COUNT];
	bool		nulls[OPTION_COUNT] = {true, true, true, true, true, true};

	if (composite != NULL)
		composite_fields(composite, OPTION_COUNT, values, nulls);
	read_values(values, nulls, options);
}

PG_FUNCTION_INFO_V1(cadence_options_build);
Datum
cadence_options_build(PG_FUNCTION_ARGS)
{
	Datum		values[OPTION_COUNT];
	bool		nulls[OPTION_COUNT];
	cadence_options options;

	for (int i = 0; i < OPTION_COUNT; i++)
	{
		values[i] = PG_GETARG_DATUM(i);
		nulls[i] = PG_ARGISNULL(i);
	}
	read_values(values, nulls, &options);

	/* what NULL stands for, so that equal options are equal values */
	values[OPTION_ANCHOR] = DateADTGetDatum(options.anchor);
	values[OPTION_TOLERANCE] = Int32GetDatum(options.tolerance);
	if (nulls[OPTION_EXCUSED])
		values[OPTION_EXCUSED] = MultirangeTypePGetDatum(
			make_multirange(DATEMULTIRANGEOID,
							lookup_type_cache(DATEMULTIRANGEOID, TYPECACHE_MULTIRANGE_INFO)->rngtype, 0, NULL));
	nulls[OPTION_ANCHOR] = nulls[OPTION_TOLERANCE] = nulls[OPTION_EXCUSED] = false;
	return composite_result(fcinfo, values, nulls);
}
