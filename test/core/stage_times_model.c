/*
 * stage_times_model.c
 *		Time in steps, counted in the plainest way.
 *
 * The model sorts all rows as one array, and looks around each of them: is it an
 * entry that counts, and which row ends the visit?  Figures are of whole lists of doubles.
 */
#include "stage_times_model.h"

#include "host.h"

#include <math.h>
#include <stdlib.h>

static const int32_t final_items[] = {-3, 0, 4};

test_event	events[MAX_EVENTS];
int			event_count;
bool		in_order;
bool		placed;
double		upper = STAGE_TIMES_PERCENTILE;

static bool
final_step(int32_t step)
{
	return step == -3 || step == 0 || step == 4;
}

/* The step an event is of; one of -k is of k, and does not count. */
static int32_t
step_in(const test_event *event)
{
	return final_step(event->step) ? event->step : abs(event->step);
}

funnel_options
options_with(bool has_as_of, int64_t as_of)
{
	return stage_times_options(has_as_of, as_of, (funnel_list) {3, final_items}, in_order, upper);
}

funnel_options
options_with_any(uint64_t *seed)
{
	upper = (double) host_random(seed, 5) / 4;
	return options_with(host_random(seed, 3) > 0, (int64_t) host_random(seed, 12) * CALENDAR_DAY);
}

static int
compare_events(const void *a, const void *b)
{
	const test_event *x = a;
	const test_event *y = b;

	if (x->entity != y->entity)
		return x->entity < y->entity ? -1 : 1;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (in_order)
		return x->arrival - y->arrival;
	if (final_step(x->step) != final_step(y->step))
		return final_step(x->step) ? 1 : -1;
	return (x->step > y->step) - (x->step < y->step);
}

/* Rows of one place one after the other, as they came. */
static int
compare_places(const void *a, const void *b)
{
	const test_event *x = a;
	const test_event *y = b;

	if (x->entity != y->entity || x->at != y->at || x->place == y->place)
		return compare_events(a, b);
	return x->place < y->place ? -1 : 1;
}

/* Rows in order of place, without those that another one at their place came behind; returns how many. */
static int
correct(test_event *rows, int count)
{
	int			kept = 0;

	qsort(rows, count, sizeof(test_event), compare_places);
	for (int i = 0; i < count; i++)
		if (i + 1 == count || rows[i].entity != rows[i + 1].entity || rows[i].at != rows[i + 1].at ||
			rows[i].place != rows[i + 1].place)
			rows[kept++] = rows[i];
	return kept;
}

void
draw_events(uint64_t *seed)
{
	int			entities = 1 + (int) host_random(seed, 300);

	event_count = (int) host_random(seed, host_random(seed, 4) ? 200 : MAX_EVENTS);
	for (int i = 0; i < event_count; i++)
	{
		static const int32_t steps[] = {-3, 0, 1, 2, 3, 4, 5, HIGHEST};

		events[i].entity = (int64_t) host_random(seed, entities) * 7919 - 1000;
		events[i].at = (int64_t) host_random(seed, 30) * CALENDAR_DAY / 3;
		events[i].step = steps[host_random(seed, 8)];
		events[i].arrival = i;
		events[i].place = placed ? (int64_t) host_random(seed, 5) - 2 : 0;
		if (in_order && host_random(seed, 3) == 0 && !final_step(events[i].step))
			events[i].step = -events[i].step;
	}
	if (in_order)
		qsort(events, event_count, sizeof(test_event), compare_events);
}

/* ---- the plainest way ---------------------------------------------------------- */

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

static bool
same(funnel_figure figure, bool known, double value)
{
	return figure.known == known && (!known || fabs(figure.value - value) <= 1e-12 * (1 + fabs(value)));
}

/* Are these the percentile of the values, or the mean where fraction is negative? */
static bool
right(funnel_figure figure, double *values, int count, double fraction)
{
	double		place = fraction * (count - 1);
	int			below = (int) place;
	double		sum = 0;

	if (count == 0)
		return same(figure, false, 0);
	qsort(values, count, sizeof(double), compare_doubles);
	if (fraction >= 0)
		return same(figure, true, below + 1 < count
					? values[below] + (place - below) * (values[below + 1] - values[below]) : values[below]);
	for (int i = 0; i < count; i++)
		sum += values[i];
	return same(figure, true, sum / count);
}

static bool
row_is_right(const stage_time *row, const test_event *sorted, int count, const funnel_options *options)
{
	static double ended[MAX_EVENTS],
				all[MAX_EVENTS],
				sums[MAX_EVENTS];
	int			ended_count = 0;
	int			all_count = 0;
	int			sum_count = 0;
	int			open = 0;
	int			entities = 0;

	for (int start = 0, end; start < count; start = end)
	{
		double		sum = 0;
		bool		there = false;
		bool		unknown = false;

		for (end = start; end < count && sorted[end].entity == sorted[start].entity; end++)
		{
			int			exit = end + 1;

			if (step_in(&sorted[end]) != row->step || (end > start && step_in(&sorted[end - 1]) == row->step) ||
				sorted[end].step < 0)
				continue;
			there = true;
			while (exit < count && sorted[exit].entity == sorted[end].entity && step_in(&sorted[exit]) == row->step)
				exit++;
			if (exit < count && sorted[exit].entity == sorted[end].entity)
				ended[ended_count++] = (double) (sorted[exit].at - sorted[end].at) / (double) CALENDAR_DAY;
			else
			{
				open++;
				unknown = !options->has_as_of;
			}
			all[all_count] = exit < count && sorted[exit].entity == sorted[end].entity ? ended[ended_count - 1]
				: (double) (options->as_of - sorted[end].at) / (double) CALENDAR_DAY;
			sum += all[all_count++];
		}
		entities += there;
		if (there && !unknown)
			sums[sum_count++] = sum;
	}
	return row->visits == all_count && row->open_visits == open && row->entities == entities &&
		right(row->mean_days, ended, ended_count, -1) &&
		right(row->median_days, ended, ended_count, 0.5) &&
		right(row->p90_days, ended, ended_count, upper) &&
		right(row->all_median_days, all, options->has_as_of ? all_count : 0, 0.5) &&
		right(row->all_p90_days, all, options->has_as_of ? all_count : 0, upper) &&
		right(row->entity_mean_days, sums, sum_count, -1) &&
		right(row->entity_median_days, sums, sum_count, 0.5) &&
		right(row->entity_p90_days, sums, sum_count, upper);
}

bool
result_is_right(const funnel_state *state, const funnel_options *options, core_arena *scratch)
{
	static test_event sorted[MAX_EVENTS];
	stage_time	rows[FUNNEL_MAX_STEPS];
	int			rows_count;
	int			count = 0;
	int32_t		highest = 0;
	int			row = 0;

	for (int i = 0; i < event_count; i++)
		if (!options->has_as_of || events[i].at <= options->as_of)
			sorted[count++] = events[i];
	qsort(sorted, count, sizeof(test_event), compare_events);
	if (placed)
		count = correct(sorted, count);
	for (int i = 0; i < count; i++)
		if (!final_step(sorted[i].step) && sorted[i].step > highest &&
			(i == 0 || sorted[i - 1].entity != sorted[i].entity || step_in(&sorted[i - 1]) != sorted[i].step))
			highest = sorted[i].step;
	rows_count = stage_times_result(state, scratch, rows);
	for (int32_t step = 1; step <= highest; step++)
		if (!final_step(step) &&
			(row >= rows_count || rows[row].step != step || !row_is_right(&rows[row++], sorted, count, options)))
			return false;
	return row == rows_count;
}
