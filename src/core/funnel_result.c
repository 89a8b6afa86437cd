/*
 * funnel_result.c
 *		The figures of every step, from what was counted.
 */
#include "core/funnel.h"
#include "core/funnel_tally.h"

#include <string.h>

static funnel_figure
rate(int64_t part, int64_t whole)
{
	if (whole == 0)
		return (funnel_figure) {false, 0};
	return (funnel_figure) {true, (double) part / (double) whole};
}

static funnel_figure
days(funnel_tally *t, durations *list, double fraction)
{
	if (list->count == 0)
		return (funnel_figure) {false, 0};
	return (funnel_figure) {
		true, durations_percentile(&t->times, list, fraction, FUNNEL_NO_TIME, (double) CALENDAR_DAY)
	};
}

/*
 * What happened between the last required step before k and k.  At an optional
 * step nobody is lost or pending: who does not take it skips it.
 */
static void
fill_transition(const funnel_tally *t, funnel_steps optional, int k, funnel_step *step)
{
	const funnel_count_of *at = t->at;
	int			required = k - 1;

	step->lost = at[required].lost;
	while (optional & FUNNEL_STEP(required))
		step->lost += at[--required].lost;
	step->step_rate = rate(at[k].reached, at[required].reached);
	if (optional & FUNNEL_STEP(k))
		step->lost = 0;
	else
		step->pending = at[required].reached - at[k].reached - step->lost;
}

static void
fill_step(funnel_tally *t, const funnel_options *options, int k, funnel_step *step)
{
	funnel_count_of *at = &t->at[k];

	memset(step, 0, sizeof(*step));
	step->entered = t->at[1].reached;
	step->reached = at->reached;
	step->conversion_rate = rate(at->reached, step->entered);
	if (options->has_within && options->has_as_of)
		step->mature_rate = rate(at->mature, t->at[1].mature);
	if (k == 1)
	{
		/* from step 1 to step 1 takes no time; there is no step before */
		if (options->times && at->reached > 0)
			step->median_days = step->p90_days = (funnel_figure) {true, 0};
		return;
	}
	fill_transition(t, funnel_optional_steps(options), k, step);
	step->median_days = days(t, &at->from_start, 0.5);
	step->p90_days = days(t, &at->from_start, 0.9);
	step->step_median_days = days(t, &at->from_before, 0.5);
	step->step_p90_days = days(t, &at->from_before, 0.9);
}

int
funnel_result(const funnel_state *state, core_arena *scratch, funnel_step steps[FUNNEL_MAX_STEPS])
{
	int32_t		count;
	funnel_tally *t;

	funnel_log_pending(state);
	count = state->options.steps > 0 ? state->options.steps : state->highest;
	funnel_steps_check(&state->options, count);
	if (count == 0)
		return 0;
	t = funnel_tally_make(state, count, scratch);
	for (int k = 1; k <= count; k++)
		fill_step(t, &state->options, k, &steps[k - 1]);
	return count;
}
