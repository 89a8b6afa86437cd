/*
 * funnel_chain_test.c
 *		The meaning of a funnel against brute force, in all combinations of options.
 */
#include "funnel_model.h"
#include "host.h"

#include <stdio.h>
#include <string.h>

#define CASES_EACH 2500			/* random inputs for each combination of options */

static bool
journeys_equal(const funnel_options *options, const funnel_journey *a, const funnel_journey *b)
{
	if (a->depth != b->depth)
		return false;
	if (a->depth == 0)
		return true;
	if (a->mature != b->mature || a->skipped != b->skipped)
		return false;
	/* who is through cannot be lost */
	if (a->depth < options->steps && a->lost != b->lost)
		return false;
	for (int k = 1; k <= a->depth; k++)
		if (!(a->skipped & FUNNEL_STEP(k)) && a->at[k] != b->at[k])
			return false;
	return true;
}

/* ---- random cases ------------------------------------------------------------------ */

static uint64_t seed = 20240229;

#define HOUR (CALENDAR_DAY / 24)

static int
random_below(int bound)
{
	return (int) host_random(&seed, (uint64_t) bound);
}

/* Events on few instants, so that ties and window ends are met often. */
static int
random_rows(const funnel_options *options, bool calendar, row *rows)
{
	int			count = random_below(MAX_EVENTS + 1);

	for (int i = 0; i < count; i++)
	{
		rows[i].at = random_below(8) * CALENDAR_DAY;
		/* the last days of January and February 2000, at 10:00 and 20:00: months are clamped */
		if (calendar)
			rows[i].at = (random_below(2) ? 28 + random_below(3) : 57 + random_below(4)) * CALENDAR_DAY +
				(random_below(2) ? 10 : 20) * HOUR;
		rows[i].step = 1 + random_below(options->steps + (random_below(4) == 0));
		if (options->has_lost_step && random_below(6) == 0)
			rows[i].step = options->lost_step;
		if (options->exclude.count > 0 && random_below(6) == 0)
			rows[i].step = options->exclude.items[random_below(options->exclude.count)];
	}
	return count;
}

typedef struct last_visit
{
	funnel_walker walker;
	funnel_journey journey;
} last_visit;

static void
follow_visited(void *context, const funnel_event *events, size_t count)
{
	last_visit *v = context;

	funnel_follow(&v->walker, events, count, &v->journey);
}

/* One entity through the log, as the aggregate does it. */
static void
follow_logged(const funnel_options *options, const row *rows, int count, funnel_journey *journey)
{
	core_arena *arena = host_arena_create();
	funnel_state *state = funnel_create(arena);
	last_visit	v = {0};

	funnel_begin(state, FUNNEL_INT8, options);
	for (int i = 0; i < count; i++)
	{
		int32_t		step = funnel_classify(state, rows[i].step, rows[i].at);

		if (step != FUNNEL_IGNORED)
			funnel_append(state, 7, rows[i].at, step);
	}
	funnel_walker_begin(&v.walker, &state->options, options->steps, arena);
	funnel_visit(state, arena, follow_visited, &v);
	*journey = v.journey;
	host_arena_free(arena);
}

/* Values for the options that are on. */
typedef struct drawn
{
	calendar_span step_within[MAX_STEPS];
	int32_t		optional[MAX_STEPS];
	int32_t		exclude[2];
} drawn;

static void
draw_options(funnel_options *options, bool calendar, drawn *d)
{
	options->steps = 1 + random_below(MAX_STEPS);
	if (options->has_lost_step)
		options->lost_step = random_below(2) ? 99 : -1;
	if (options->has_within)
		options->within = calendar ? (calendar_span) {1, 0, 0} : (calendar_span) {0, 1 + random_below(7), 0};
	if (options->has_as_of)
		options->as_of = calendar ? (57 + random_below(4)) * CALENDAR_DAY + 10 * HOUR : random_below(12) * CALENDAR_DAY;
	if (options->has_step_within)
	{
		for (int k = 0; k < options->steps - 1; k++)
			d->step_within[k] = calendar && random_below(2) ? (calendar_span) {1, 0, 0}
				: (calendar_span) {0, random_below(4), HOUR};
		options->step_within = d->step_within;
		options->step_within_count = options->steps - 1;
	}
	if (options->optional.count > 0)
	{
		options->optional = (funnel_list) {0, d->optional};
		for (int k = 2; k <= options->steps; k++)
			if (random_below(2))
				d->optional[options->optional.count++] = k;
	}
	if (options->exclude.count > 0)
	{
		d->exclude[0] = -7;
		d->exclude[1] = 50;
		options->exclude = (funnel_list) {2, d->exclude};
	}
}

static bool
test_case(const funnel_options *base, bool calendar)
{
	funnel_options options = *base;
	drawn		d;
	row			rows[MAX_EVENTS];
	funnel_journey expected;
	funnel_journey found;
	int			count;

	draw_options(&options, calendar, &d);
	count = random_rows(&options, calendar, rows);
	model_follow(&options, rows, count, &expected);
	follow_logged(&options, rows, count, &found);
	if (journeys_equal(&options, &expected, &found))
		return true;

	tap_note("%d steps, lost_step %d, within %d days, as_of %g%s", options.steps,
			 options.has_lost_step ? options.lost_step : 0, options.has_within ? options.within.days : -1,
			 options.has_as_of ? (double) options.as_of / CALENDAR_DAY : -1.0, options.exclude.count ? ", exclude" : "");
	for (int k = 0; k < options.step_within_count; k++)
		tap_note("step_within[%d]: %d months %d days", k + 1, options.step_within[k].months, options.step_within[k].days);
	for (int i = 0; i < options.optional.count; i++)
		tap_note("optional %d", options.optional.items[i]);
	tap_note("depth %d lost %d mature %d skipped %d, expected %d %d %d %d",
			 found.depth, found.lost, found.mature, (int) found.skipped,
			 expected.depth, expected.lost, expected.mature, (int) expected.skipped);
	for (int k = 1; k <= expected.depth && k <= found.depth; k++)
		if (!(expected.skipped & FUNNEL_STEP(k)))
			tap_note("at[%d] %g, expected %g", k, (double) found.at[k] / CALENDAR_DAY, (double) expected.at[k] / CALENDAR_DAY);
	for (int i = 0; i < count; i++)
		tap_note("step %d at %g days", rows[i].step, (double) rows[i].at / CALENDAR_DAY);
	return false;
}

/* All combinations of the options that a mode, an anchor and ties may have. */
static void
test_combinations(funnel_mode mode, funnel_anchor anchor, funnel_ties ties)
{
	static const char *const modes[] = {"ordered", "strict", "unordered", "furthest"};
	static const int32_t one[] = {50};
	int			combinations = 0;
	int			all_cases = 0;

	for (int bits = 0; bits < 32; bits++)
		for (int window = 0; window < 3; window++)
		{
			funnel_options options;
			funnel_options probe;
			funnel_flaw flaw;
			static const int32_t two[] = {2};
			int			cases;

			funnel_options_default(&options);
			options.mode = mode;
			options.anchor = anchor;
			options.ties = ties;
			options.has_lost_step = (bits & 1) != 0;
			options.has_as_of = (bits & 2) != 0;
			options.has_step_within = (bits & 4) != 0;
			if (bits & 8)
				options.optional = (funnel_list) {1, two};
			if (bits & 16)
				options.exclude = (funnel_list) {1, one};
			options.has_within = window > 0;
			probe = options;
			probe.within.days = 1;
			probe.lost_step = 99;
			if (funnel_options_flawed(&probe, &flaw))
				continue;
			combinations++;
			/* what is searched hardest is seldom needed */
			cases = options.has_step_within && options.optional.count > 0 ? 5 * CASES_EACH : CASES_EACH;
			all_cases += cases;
			for (int i = 0; i < cases; i++)
				if (!test_case(&options, window == 2))
				{
					tap_ok(false, "%s, anchor %s, ties %s", modes[mode], anchor ? "any" : "first", ties ? "increasing" : "either");
					return;
				}
		}
	if (combinations > 0)
		tap_ok(true, "%s, anchor %s, ties %s: %d combinations of options, %d cases", modes[mode],
			   anchor ? "any" : "first", ties ? "increasing" : "either", combinations, all_cases);
}

/*
 * Long histories, where no brute force reaches: step windows of 1000 years say
 * nothing, so the search must find what the walk finds.
 */
static void
test_long(funnel_anchor anchor, funnel_ties ties)
{
	bool		equal = true;

	for (int i = 0; i < 400; i++)
	{
		funnel_options walked;
		funnel_options searched;
		calendar_span centuries[FUNNEL_MAX_STEPS];
		row			rows[1000];
		funnel_journey found;
		funnel_journey expected;
		int			count = 1 + random_below(1000);

		funnel_options_default(&walked);
		walked.steps = 1 + random_below(i % 2 ? 6 : FUNNEL_MAX_STEPS);
		walked.anchor = anchor;
		walked.ties = ties;
		walked.has_within = random_below(3) > 0;
		walked.within.months = walked.has_within ? 1 + random_below(20) : 0;
		walked.has_as_of = random_below(2) == 0;
		walked.as_of = walked.has_as_of ? random_below(1000) * CALENDAR_DAY : 0;
		for (int k = 0; k < FUNNEL_MAX_STEPS; k++)
			centuries[k] = (calendar_span) {12000, 0, 0};
		searched = walked;
		searched.has_step_within = true;
		searched.step_within_count = walked.steps - 1;
		searched.step_within = centuries;
		for (int e = 0; e < count; e++)
			rows[e] = (row) {1 + random_below(walked.steps), random_below(1000) * CALENDAR_DAY};
		follow_logged(&walked, rows, count, &expected);
		follow_logged(&searched, rows, count, &found);
		equal &= journeys_equal(&walked, &expected, &found);
	}
	tap_ok(equal, "long histories, anchor %s, ties %s: the search finds what the walk finds",
		   anchor ? "any" : "first", ties ? "increasing" : "either");
}

int
main(void)
{
	for (int both = 0; both < 4; both++)
		test_long((funnel_anchor) (both / 2), (funnel_ties) (both % 2));
	for (funnel_mode mode = FUNNEL_ORDERED; mode <= FUNNEL_FURTHEST; mode++)
		for (funnel_anchor anchor = FUNNEL_FIRST; anchor <= FUNNEL_ANY; anchor++)
			for (funnel_ties ties = FUNNEL_EITHER; ties <= FUNNEL_INCREASING; ties++)
				test_combinations(mode, anchor, ties);
	return tap_done();
}
