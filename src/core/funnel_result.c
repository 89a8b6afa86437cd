/*
 * funnel_result.c
 *		Count the journeys of all entities: the figures of every step.
 */
#include "core/funnel.h"
#include "core/percentile.h"

#include <string.h>

#define FIRST_TIMES 64

/*
 * Durations in microseconds, each less 2^63: the first and the last finite
 * instant are further apart than an int64 holds, but not than one holds so.
 */
#define NO_TIME INT64_MIN

typedef struct durations
{
	int64_t    *values;
	size_t		count;
	size_t		room;
} durations;

/* What is counted while entities go by; step k at [k]. */
typedef struct tally
{
	core_arena *scratch;
	const funnel_options *options;
	funnel_walker walker;
	int64_t		reached[FUNNEL_MAX_STEPS + 1];
	int64_t		lost[FUNNEL_MAX_STEPS + 2]; /* got to the step before and no deeper, for good */
	int64_t		mature[FUNNEL_MAX_STEPS + 1];	/* reached, of those whose window has passed */
	durations	from_start[FUNNEL_MAX_STEPS + 1];
	durations	from_before[FUNNEL_MAX_STEPS + 1];
} tally;

static void
add_duration(core_arena *scratch, durations *list, int64_t from, int64_t to)
{
	if (list->count == list->room)
	{
		size_t		room = list->room == 0 ? FIRST_TIMES : list->room * 2;

		list->values = core_realloc(scratch, list->values, room * sizeof(int64_t));
		list->room = room;
	}
	list->values[list->count++] = (int64_t) ((uint64_t) to - (uint64_t) from + (uint64_t) NO_TIME);
}

/* A funnel_visitor. */
static void
count_entity(void *context, const funnel_event *events, size_t count)
{
	tally	   *t = context;
	funnel_journey journey;
	int			before = 0;		/* the step before k in its chain */

	funnel_follow(&t->walker, events, count, &journey);
	for (int k = 1; k <= journey.depth; k++)
	{
		if (journey.skipped & FUNNEL_STEP(k))
			continue;
		t->reached[k]++;
		t->mature[k] += journey.mature;
		if (t->options->times && k > 1)
		{
			add_duration(t->scratch, &t->from_start[k], journey.at[1], journey.at[k]);
			add_duration(t->scratch, &t->from_before[k], journey.at[before], journey.at[k]);
		}
		before = k;
	}
	if (journey.depth > 0)
		t->lost[journey.depth + 1] += journey.lost;
}

static funnel_figure
rate(int64_t part, int64_t whole)
{
	if (whole == 0)
		return (funnel_figure) {false, 0};
	return (funnel_figure) {true, (double) part / (double) whole};
}

static funnel_figure
days(durations *list, double fraction)
{
	if (list->count == 0)
		return (funnel_figure) {false, 0};
	return (funnel_figure) {true, percentile_of(list->values, list->count, fraction, NO_TIME, (double) CALENDAR_DAY)};
}

/*
 * What happened between the last required step before k and k.  At an optional
 * step nobody is lost or pending: who does not take it skips it.
 */
static void
fill_transition(const tally *t, int k, funnel_step *step)
{
	int			required = k - 1;

	step->lost = t->lost[k];
	for (; t->walker.optional & FUNNEL_STEP(required); required--)
		step->lost += t->lost[required];
	step->step_rate = rate(t->reached[k], t->reached[required]);
	if (t->walker.optional & FUNNEL_STEP(k))
		step->lost = 0;
	else
		step->pending = t->reached[required] - t->reached[k] - step->lost;
}

static void
fill_step(tally *t, int k, funnel_step *step)
{
	memset(step, 0, sizeof(*step));
	step->entered = t->reached[1];
	step->reached = t->reached[k];
	step->conversion_rate = rate(t->reached[k], t->reached[1]);
	if (t->options->has_within && t->options->has_as_of)
		step->mature_rate = rate(t->mature[k], t->mature[1]);
	if (k == 1)
	{
		/* from step 1 to step 1 takes no time; there is no step before */
		if (t->options->times && t->reached[1] > 0)
			step->median_days = step->p90_days = (funnel_figure) {true, 0};
		return;
	}
	fill_transition(t, k, step);
	step->median_days = days(&t->from_start[k], 0.5);
	step->p90_days = days(&t->from_start[k], 0.9);
	step->step_median_days = days(&t->from_before[k], 0.5);
	step->step_p90_days = days(&t->from_before[k], 0.9);
}

int
funnel_result(const funnel_state *state, core_arena *scratch, funnel_step steps[FUNNEL_MAX_STEPS])
{
	int32_t		count;
	tally	   *t;

	funnel_settle(state);
	count = state->options.steps > 0 ? state->options.steps : state->highest;
	funnel_steps_check(&state->options, count);
	if (count == 0)
		return 0;
	t = core_alloc(scratch, sizeof(tally));
	memset(t, 0, sizeof(*t));
	t->scratch = scratch;
	t->options = &state->options;
	funnel_walker_begin(&t->walker, &state->options, count, scratch);
	funnel_visit(state, scratch, count_entity, t);
	for (int k = 1; k <= count; k++)
		fill_step(t, k, &steps[k - 1]);
	return count;
}
