/*
 * chart.c
 *		bar and sparkline: charts that a person reads at a glance in a terminal.
 *
 * A database in UTF-8 gets Unicode's block elements, any other plain ASCII of
 * the same width.
 */
#include "salesmgmt.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "core/number.h"

#define BAR_WIDTH_MAX 200

#define LEVELS 8

/* How a chart is drawn in one encoding. */
typedef struct chart_glyphs
{
	int			steps;			/* parts that a cell of a bar is divided into */
	const char *parts[LEVELS];	/* a cell with 1, 2, ... of its parts filled */
	const char *track;			/* an empty cell of a bar */
	const char *levels[LEVELS]; /* heights of a sparkline, lowest first */
} chart_glyphs;

static const chart_glyphs unicode_glyphs = {
	8,
	{"▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"},
	"░",
	{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}
};

static const chart_glyphs ascii_glyphs = {
	1,
	{"#"},
	".",
	{"0", "1", "2", "3", "4", "5", "6", "7"}
};

/* Marks the end of a bar that is cut off at 1. */
static const char *const beyond_mark = "+";

static const chart_glyphs *
database_glyphs(void)
{
	return GetDatabaseEncoding() == PG_UTF8 ? &unicode_glyphs : &ascii_glyphs;
}

static text *
draw_bar(float8 rate, int width, const chart_glyphs *glyphs)
{
	int			whole = width * glyphs->steps;
	int			filled = (int) rint(Min(Max(rate, 0), 1) * whole);
	StringInfoData line;

	/* what is not nothing shows, and what is not whole does not look it */
	if (rate > 0 && filled == 0)
		filled = 1;
	if (rate < 1 && filled == whole && whole > 1)
		filled = whole - 1;

	initStringInfo(&line);
	for (int cell = 0; cell < width; cell++)
	{
		int			parts = Min(filled - cell * glyphs->steps, glyphs->steps);

		if (rate > 1 && cell == width - 1)
			appendStringInfoString(&line, beyond_mark);
		else
			appendStringInfoString(&line, parts > 0 ? glyphs->parts[parts - 1] : glyphs->track);
	}
	return cstring_to_text_with_len(line.data, line.len);
}

PG_FUNCTION_INFO_V1(bar);
Datum
bar(PG_FUNCTION_ARGS)
{
	float8		rate = PG_GETARG_FLOAT8(0);
	int			width = PG_GETARG_INT32(1);

	number_check_finite("rate", rate);
	if (width < 1 || width > BAR_WIDTH_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("width must be between 1 and %d, not %d", BAR_WIDTH_MAX, width)));
	PG_RETURN_TEXT_P(draw_bar(rate, width, database_glyphs()));
}

/* The level of a value between lowest and highest; the middle one where they are equal. */
static int
level_of(float8 value, float8 lowest, float8 highest)
{
	if (lowest == highest)
		return LEVELS / 2 - 1;
	/* a span too long for a double is halved; halving any other might end in 0 */
	if (isinf(highest - lowest))
		return level_of(value / 2, lowest / 2, highest / 2);
	return (int) rint((value - lowest) / (highest - lowest) * (LEVELS - 1));
}

PG_FUNCTION_INFO_V1(sparkline);
Datum
sparkline(PG_FUNCTION_ARGS)
{
	ArrayType  *series = PG_GETARG_ARRAYTYPE_P(0);
	const chart_glyphs *glyphs = database_glyphs();
	Datum	   *values;
	bool	   *nulls;
	int			count;
	float8		lowest = INFINITY,
				highest = -INFINITY;
	StringInfoData line;

	if (ARR_NDIM(series) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("series must have one dimension, not %d", ARR_NDIM(series))));
	deconstruct_array(series, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &values, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			continue;
		number_check_finite("a value of series", DatumGetFloat8(values[i]));
		lowest = Min(lowest, DatumGetFloat8(values[i]));
		highest = Max(highest, DatumGetFloat8(values[i]));
		core_check_interrupts();
	}

	initStringInfo(&line);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			appendStringInfoChar(&line, ' ');
		else
			appendStringInfoString(&line, glyphs->levels[level_of(DatumGetFloat8(values[i]), lowest, highest)]);
		core_check_interrupts();
	}
	PG_RETURN_TEXT_P(cstring_to_text_with_len(line.data, line.len));
}
