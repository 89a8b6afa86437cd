/*
 * stage_times.c
 *		How long entities stay in each step, a visit at a time and in all.
 */
#include "core/stage_times.h"

#include "core/durations.h"

#include <stdio.h>
#include <string.h>

/* ---- rows --------------------------------------------------------------------- */

static bool
is_fraction(double value)
{
	return value >= 0 && value <= 1;
}

static double
upper_percentile(const funnel_options *options)
{
	double		percentile;

	memcpy(&percentile, &options->within.micros, sizeof(percentile));
	return percentile;
}

funnel_options
stage_times_options(bool has_as_of, int64_t as_of, funnel_list final_steps, bool in_order, double percentile)
{
	funnel_options options;
	char		message[80];

	funnel_options_default(&options);
	options.has_as_of = has_as_of;
	options.as_of = has_as_of ? as_of : 0;
	options.exclude = final_steps;
	options.ties = in_order ? FUNNEL_IN_ORDER : FUNNEL_EITHER;
	memcpy(&options.within.micros, &percentile, sizeof(percentile));
	if (!is_fraction(percentile))
	{
		snprintf(message, sizeof(message), "percentile value %g is not between 0 and 1", percentile);
		core_fail(CORE_INVALID_PARAMETER, message, NULL, NULL);
	}
	if (has_as_of && (as_of < CALENDAR_MIN || as_of >= CALENDAR_END))
		core_fail(CORE_DATETIME_OVERFLOW, "as_of must be a finite time", "NULL means that no time is given.", NULL);
	return options;
}

static bool
is_final(const funnel_state *state, int32_t step)
{
	const funnel_list *final = &state->options.exclude;

	for (int i = 0; i < final->count; i++)
		if (final->items[i] == step)
			return true;
	return false;
}

void
stage_times_check_step(const funnel_state *state, int32_t step)
{
	bool		in_order = state->options.ties == FUNNEL_IN_ORDER;
	char		message[64];

	if ((step >= 1 && step <= FUNNEL_MAX_STEPS) || is_final(state, step) ||
		(in_order && step < 0 && step >= -FUNNEL_MAX_STEPS))
		return;
	snprintf(message, sizeof(message), "step %d is not one from 1 to %d", (int) step, FUNNEL_MAX_STEPS);
	core_fail(step < 1 ? CORE_INVALID_PARAMETER : CORE_LIMIT_EXCEEDED, message, NULL,
			  "A step that ends the way, as won or lost do, may have any number: name it in final_steps.");
}

void
stage_times_add_bytes(funnel_state *state, const void *bytes, size_t size, int32_t step, int64_t at)
{
	if (!funnel_is_easy(state, step, at))
	{
		stage_times_check_step(state, step);
		step = funnel_classify(state, step, at);
	}
	if (step != FUNNEL_IGNORED)
		funnel_append_bytes(state, bytes, size, at, step);
}

void
stage_times_combine(funnel_state *state, const funnel_state *from)
{
	if (state->form != FUNNEL_NO_FORM && from->form != state->form)
		core_fail(CORE_INVALID_BINARY, "cannot combine stage_times of different entity types", NULL,
				  "Cast the entities to one type before the states are made.");
	if (state->form != FUNNEL_NO_FORM && !funnel_options_equal(&state->options, &from->options))
		core_fail(CORE_INVALID_PARAMETER, "cannot combine stage_times of different options", NULL,
				  "Make all states with the same stage_times_options().");
	if (from->options.ties == FUNNEL_IN_ORDER && state->form != FUNNEL_NO_FORM &&
		funnel_count(state) + stage_instant_count(state) > 0 && funnel_count(from) + stage_instant_count(from) > 0)
		core_fail(CORE_INVALID_PARAMETER, "states of rows in order cannot be combined",
				  "Whether an entity has rows in both, and which came first, neither says.",
				  "Take the rows from a subquery with ORDER BY: a parallel query does not split it.");
	funnel_combine(state, from);
	stage_instant_copy(state, from);
}

size_t
stage_times_size(const funnel_state *state)
{
	return funnel_size(state) + stage_instant_size(state);
}

void
stage_times_write(const funnel_state *state, wire_writer *w)
{
	funnel_write(state, w);
	stage_instant_write(state, w);
}

funnel_state *
stage_times_read(wire_reader *r, core_arena *arena)
{
	funnel_state *state = funnel_read_ties(r, arena, FUNNEL_IN_ORDER);
	double		percentile = upper_percentile(&state->options);
	funnel_options expected;

	if (is_fraction(percentile))
	{
		expected = stage_times_options(state->options.has_as_of, state->options.as_of, state->options.exclude,
									   state->options.ties == FUNNEL_IN_ORDER, percentile);
		if (funnel_options_equal(&state->options, &expected))
		{
			stage_instant_read(state, r);
			return state;
		}
	}
	wire_refuse(r, "Its options are not ones of stage_times.");
}

/* ---- result ---------------------------------------------------------------------- */

/* Visits, or entities, that have a length. */
typedef struct lengths
{
	durations	values;
	int64_t		days;			/* their sum, exactly: whole days ... */
	int64_t		rest;			/* ... and microseconds, less than a day */
} lengths;

/* What is counted while entities go by; step k at [k]. */
typedef struct tally
{
	durations_pool times;		/* of all lists */
	core_arena *scratch;
	const stage_instant *instant;	/* rows that wait, the last of all, or NULL */
	bool		instant_counted;
	bool		has_as_of;
	int64_t		as_of;
	double		upper;			/* percentile */
	int64_t		visits[FUNNEL_MAX_STEPS + 1];
	int64_t		open_visits[FUNNEL_MAX_STEPS + 1];
	int64_t		entities[FUNNEL_MAX_STEPS + 1];
	lengths		ended[FUNNEL_MAX_STEPS + 1];	/* visits that ended */
	lengths		open[FUNNEL_MAX_STEPS + 1]; /* those that last, up to as_of */
	lengths		total[FUNNEL_MAX_STEPS + 1];	/* of an entity in the step */
	int64_t		sum[FUNNEL_MAX_STEPS + 1];	/* of the entity going by, in the steps it was in */
} tally;

static void
add_length(tally *t, lengths *list, int64_t value)
{
	durations_add(&t->times, &list->values, value);
	list->days += value / CALENDAR_DAY;
	list->rest += value % CALENDAR_DAY;
	if (list->rest >= CALENDAR_DAY)
	{
		list->rest -= CALENDAR_DAY;
		list->days++;
	}
}

/* Finite instants can be further apart than an int64 of microseconds holds. */
static _Noreturn void
refuse_length(void)
{
	core_fail(CORE_DATETIME_OVERFLOW, "time in a step is longer than 292271 years",
			  "It is more than can be counted in microseconds.", NULL);
}

static int64_t
time_between(int64_t from, int64_t to)
{
	int64_t		duration;

	if (__builtin_sub_overflow(to, from, &duration))
		refuse_length();
	return duration;
}

/* The step an event is of, whether it counts or not. */
static inline int32_t
step_of(const funnel_event *event)
{
	return event->step > FUNNEL_UNCOUNTED ? event->step - FUNNEL_UNCOUNTED : event->step;
}

/* A funnel_visitor: cut the events of an entity into visits. */
static void
count_entity(void *context, const funnel_event *events, size_t count)
{
	tally	   *t = context;
	funnel_steps seen = 0;		/* steps it was in */
	int32_t		unknown = 0;	/* step whose open visit has no length */
	size_t		next;

	for (size_t i = 0; i < count; i = next)
	{
		int32_t		step = events[i].step;
		int64_t		duration = 0;

		for (next = i + 1; next < count && step_of(&events[next]) == step_of(&events[i]);)
			next++;
		if (step > FUNNEL_MAX_STEPS)
			continue;
		t->visits[step]++;
		if (next < count)
		{
			duration = time_between(events[i].at, events[next].at);
			add_length(t, &t->ended[step], duration);
		}
		else
		{
			t->open_visits[step]++;
			if (t->has_as_of)
			{
				duration = time_between(events[i].at, t->as_of);
				add_length(t, &t->open[step], duration);
			}
			else
				unknown = step;
		}
		if (!(seen & FUNNEL_STEP(step)))
			t->sum[step] = duration;
		else if (__builtin_add_overflow(t->sum[step], duration, &t->sum[step]))
			refuse_length();
		seen |= FUNNEL_STEP(step);
	}
	for (; seen != 0; seen &= seen - 1)
	{
		int32_t		step = __builtin_ctzll(seen) + 1;

		t->entities[step]++;
		if (step != unknown)
			add_length(t, &t->total[step], t->sum[step]);
	}
}

/* A funnel_visitor: the same, the rows that wait with the events of their entity. */
static void
count_with_instant(void *context, const funnel_event *events, size_t count)
{
	tally	   *t = context;

	if ((int64_t) events->entity < (int64_t) t->instant->entity)
	{
		count_entity(t, events, count);
		return;
	}
	if (events->entity != t->instant->entity || events[count - 1].at > t->instant->at)
		funnel_refuse_order();
	events = stage_instant_join(t->instant, t->scratch, events, &count);
	count_entity(t, events, count);
	t->instant_counted = true;
}

static void
count_all(tally *t, const funnel_state *state)
{
	if (stage_instant_count(state) == 0)
	{
		funnel_visit(state, t->scratch, count_entity, t);
		return;
	}
	t->instant = state->instant;
	funnel_visit(state, t->scratch, count_with_instant, t);
	if (!t->instant_counted)
	{
		size_t		count = 0;
		const funnel_event *events = stage_instant_join(t->instant, t->scratch, NULL, &count);

		count_entity(t, events, count);
	}
}

static funnel_figure
percentile(tally *t, lengths *list, double fraction)
{
	if (list->values.count == 0)
		return (funnel_figure) {false, 0};
	return (funnel_figure) {
		true, durations_percentile(&t->times, &list->values, fraction, 0, (double) CALENDAR_DAY)
	};
}

/* The mean in days. */
static funnel_figure
mean(const lengths *list)
{
	if (list->values.count == 0)
		return (funnel_figure) {false, 0};
	return (funnel_figure) {
		true, ((double) list->days + (double) list->rest / (double) CALENDAR_DAY) / (double) list->values.count
	};
}

static void
fill_row(tally *t, int32_t step, stage_time *row)
{
	lengths    *ended = &t->ended[step];
	lengths    *open = &t->open[step];
	lengths    *total = &t->total[step];

	memset(row, 0, sizeof(*row));
	row->step = step;
	row->visits = t->visits[step];
	row->open_visits = t->open_visits[step];
	row->entities = t->entities[step];
	row->mean_days = mean(ended);
	row->median_days = percentile(t, ended, 0.5);
	row->p90_days = percentile(t, ended, t->upper);
	if (t->has_as_of && open->values.count == 0)
	{
		row->all_median_days = row->median_days;
		row->all_p90_days = row->p90_days;
	}
	else if (t->has_as_of)
	{
		durations_add_all(&t->times, &ended->values, &t->times, &open->values);
		row->all_median_days = percentile(t, ended, 0.5);
		row->all_p90_days = percentile(t, ended, t->upper);
	}
	row->entity_mean_days = mean(total);
	row->entity_median_days = percentile(t, total, 0.5);
	row->entity_p90_days = percentile(t, total, t->upper);
}

int
stage_times_result(const funnel_state *state, core_arena *scratch, stage_time rows[FUNNEL_MAX_STEPS])
{
	tally	   *t = core_alloc(scratch, sizeof(tally));
	int			count = 0;
	int32_t		highest = 0;

	memset(t, 0, sizeof(*t));
	t->scratch = scratch;
	durations_begin(&t->times, scratch, state->file != NULL ? core_memory_limit() : state->held);
	t->has_as_of = state->options.has_as_of;
	t->as_of = state->options.as_of;
	t->upper = upper_percentile(&state->options);
	count_all(t, state);
	for (int32_t step = 1; step <= FUNNEL_MAX_STEPS; step++)
		if (t->visits[step] > 0)
			highest = step;
	for (int32_t step = 1; step <= highest; step++)
		if (!is_final(state, step))
			fill_row(t, step, &rows[count++]);
	return count;
}
