/*
 * funnel_test.c
 *		Funnels against brute force: all chains of tiny inputs.
 *
 * The model knows neither sorting nor greed.  It tries every sequence of
 * events that the rules allow as a chain, and picks by the words of the
 * definition.
 */
#include "host.h"

#include "core/funnel.h"
#include "core/percentile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_EVENTS 9
#define CASES_EACH 5000			/* random inputs for each combination of options */

/* ---- the model --------------------------------------------------------------- */

typedef struct chain
{
	int			depth;
	int64_t		at[FUNNEL_MAX_STEPS + 1];
} chain;

typedef struct model
{
	const funnel_options *options;
	int			steps;
	const funnel_event *events;
	size_t		count;
	int64_t		first_entry;	/* time of the first step 1 */
	chain		best;
} model;

static bool
in_window(const funnel_options *options, int64_t start, int64_t at)
{
	return !options->has_within || at <= calendar_add(start, &options->within);
}

/* Does chain a count rather than b? */
static bool
better(const funnel_options *options, const chain *a, const chain *b)
{
	int			d = a->depth;

	if (d != b->depth)
		return d > b->depth;
	if (options->anchor == FUNNEL_ANY)
	{
		if (a->at[d] != b->at[d])
			return a->at[d] < b->at[d];
		if (a->at[1] != b->at[1])
			return a->at[1] > b->at[1];
	}
	for (int k = 1; k <= d; k++)
		if (a->at[k] != b->at[k])
			return a->at[k] < b->at[k];
	return false;
}

/* Try all continuations of a chain. */
static void
extend(model *m, chain *c)
{
	if (c->depth > 0 && (m->best.depth == 0 || better(m->options, c, &m->best)))
		m->best = *c;
	if (c->depth == m->steps)
		return;
	for (size_t i = 0; i < m->count; i++)
	{
		const funnel_event *event = &m->events[i];

		if (event->step != c->depth + 1)
			continue;
		if (c->depth == 0 && m->options->anchor == FUNNEL_FIRST && event->at != m->first_entry)
			continue;
		if (c->depth > 0 && (event->at < c->at[c->depth] ||
							 (event->at == c->at[c->depth] && m->options->ties == FUNNEL_INCREASING) ||
							 !in_window(m->options, c->at[1], event->at)))
			continue;
		c->at[++c->depth] = event->at;
		extend(m, c);
		c->depth--;
	}
}

/* The CRM rule, step by step: the first event that deep or deeper, in the window. */
static void
furthest(model *m)
{
	int64_t		first = INT64_MAX;

	for (size_t i = 0; i < m->count; i++)
		if (m->events[i].step != FUNNEL_LOST && m->events[i].at < first)
			first = m->events[i].at;
	for (int k = 1; k <= m->steps; k++)
	{
		int64_t		at = INT64_MAX;

		for (size_t i = 0; i < m->count; i++)
			if (m->events[i].step >= k && m->events[i].at < at &&
				in_window(m->options, first, m->events[i].at))
				at = m->events[i].at;
		if (at == INT64_MAX)
			break;
		m->best.depth = k;
		m->best.at[k] = at;
	}
}

static void
model_fate(const model *m, funnel_journey *journey)
{
	const funnel_options *options = m->options;
	int64_t		last_loss = INT64_MIN;
	int64_t		last_step = INT64_MIN;
	bool		passed = options->has_within && options->has_as_of;

	for (size_t i = 0; i < m->count; i++)
	{
		const funnel_event *event = &m->events[i];
		int64_t    *last = event->step == FUNNEL_LOST ? &last_loss : &last_step;
		bool		opens = event->step == 1 && options->anchor == FUNNEL_ANY;

		if (event->at > *last)
			*last = event->at;
		if (passed && opens && calendar_add(event->at, &options->within) > options->as_of)
			passed = false;
	}
	if (passed && options->anchor == FUNNEL_FIRST &&
		calendar_add(m->best.at[1], &options->within) > options->as_of)
		passed = false;
	journey->mature = passed;
	journey->lost = passed || (last_loss != INT64_MIN && last_loss >= last_step) ||
		(!options->has_within && !options->has_lost_step && !options->has_as_of);
}

static void
model_follow(const funnel_options *options, int steps, const funnel_event *events, size_t count,
			 funnel_journey *journey)
{
	model		m = {options, steps, events, count, INT64_MAX, {0}};
	chain		empty = {0};

	memset(journey, 0, sizeof(*journey));
	for (size_t i = 0; i < count; i++)
		if (events[i].step == 1 && events[i].at < m.first_entry)
			m.first_entry = events[i].at;
	if (options->mode == FUNNEL_FURTHEST)
		furthest(&m);
	else
		extend(&m, &empty);
	journey->depth = m.best.depth;
	memcpy(journey->at, m.best.at, sizeof(journey->at));
	if (journey->depth > 0)
		model_fate(&m, journey);
}

static bool
journeys_equal(const funnel_journey *a, const funnel_journey *b)
{
	if (a->depth != b->depth || a->lost != b->lost || a->mature != b->mature)
		return false;
	for (int k = 1; k <= a->depth; k++)
		if (a->at[k] != b->at[k])
			return false;
	return true;
}

/* ---- random cases ------------------------------------------------------------ */

static uint64_t seed = 20240229;

#define HOUR (CALENDAR_DAY / 24)

/* Events on few instants, so that ties and window ends are met often. */
static size_t
random_events(const funnel_options *options, int steps, bool calendar, funnel_event *events)
{
	size_t		count = host_random(&seed, MAX_EVENTS + 1);

	for (size_t i = 0; i < count; i++)
	{
		int64_t		at = (int64_t) host_random(&seed, 8) * CALENDAR_DAY;

		/* the last days of January and February 2000, at 10:00 and 20:00: months are clamped */
		if (calendar)
			at = (host_random(&seed, 2) ? 28 + (int64_t) host_random(&seed, 3) : 57 + (int64_t) host_random(&seed, 4))
				* CALENDAR_DAY + (host_random(&seed, 2) ? 10 : 20) * HOUR;
		if (options->has_as_of && at > options->as_of)
			at = options->as_of;
		events[i].entity = 7;
		events[i].at = at;
		events[i].step = 1 + (int32_t) host_random(&seed, steps);
		if (options->has_lost_step && host_random(&seed, 5) == 0)
			events[i].step = FUNNEL_LOST;
	}
	return count;
}

typedef struct last_visit
{
	const funnel_options *options;
	int			steps;
	funnel_journey journey;
} last_visit;

static void
follow_visited(void *context, const funnel_event *events, size_t count)
{
	last_visit *v = context;

	funnel_follow(v->options, v->steps, events, count, &v->journey);
}

/* One entity through the log, as the aggregate does it. */
static void
follow_logged(const funnel_options *options, int steps, const funnel_event *events, size_t count,
			  funnel_journey *journey)
{
	core_arena *arena = host_arena_create();
	funnel_state *state = funnel_create(arena);
	last_visit	v = {options, steps, {0}};

	funnel_begin(state, FUNNEL_INT8, options);
	for (size_t i = 0; i < count; i++)
		funnel_append(state, events[i].entity, events[i].at, events[i].step);
	funnel_visit(state, arena, follow_visited, &v);
	*journey = v.journey;
	host_arena_free(arena);
}

static const char *
describe(const funnel_options *o, bool calendar)
{
	static char text[200];

	snprintf(text, sizeof(text), "%s, anchor %s, ties %s%s%s%s",
			 o->mode == FUNNEL_FURTHEST ? "furthest" : "ordered",
			 o->anchor == FUNNEL_ANY ? "any" : "first",
			 o->ties == FUNNEL_INCREASING ? "increasing" : "either",
			 o->has_within ? calendar ? ", within a month" : ", within days" : "",
			 o->has_lost_step ? ", lost_step" : "", o->has_as_of ? ", as_of" : "");
	return text;
}

static void
test_options(const funnel_options *base, bool calendar)
{
	for (int i = 0; i < CASES_EACH; i++)
	{
		funnel_options options = *base;
		int			steps = 1 + (int) host_random(&seed, 4);
		funnel_event events[MAX_EVENTS];
		funnel_journey expected;
		funnel_journey found;
		size_t		count;

		if (options.has_within && !calendar)
			options.within.days = 1 + (int32_t) host_random(&seed, 6);
		if (options.has_as_of)
			options.as_of = calendar ? (57 + (int64_t) host_random(&seed, 4)) * CALENDAR_DAY + 10 * HOUR
				: (int64_t) host_random(&seed, 12) * CALENDAR_DAY;
		count = random_events(&options, steps, calendar, events);
		model_follow(&options, steps, events, count, &expected);
		follow_logged(&options, steps, events, count, &found);
		if (!journeys_equal(&expected, &found))
		{
			tap_ok(false, "%s", describe(base, calendar));
			tap_note("depth %d lost %d mature %d, expected %d %d %d", found.depth, found.lost, found.mature,
					 expected.depth, expected.lost, expected.mature);
			for (size_t e = 0; e < count; e++)
				tap_note("step %d at %g days", events[e].step, (double) events[e].at / CALENDAR_DAY);
			return;
		}
	}
	tap_ok(true, "%s: %d cases", describe(base, calendar), CASES_EACH);
}

static void
test_all_options(void)
{
	for (int bits = 0; bits < 32; bits++)
		for (int window = 0; window < 3; window++)
		{
			funnel_options options;
			funnel_flaw flaw;

			funnel_options_default(&options);
			options.mode = bits & 1 ? FUNNEL_FURTHEST : FUNNEL_ORDERED;
			options.anchor = bits & 2 ? FUNNEL_ANY : FUNNEL_FIRST;
			options.ties = bits & 4 ? FUNNEL_INCREASING : FUNNEL_EITHER;
			options.has_lost_step = (bits & 8) != 0;
			options.lost_step = options.has_lost_step ? 99 : 0;
			options.has_as_of = (bits & 16) != 0;
			options.has_within = window > 0;
			options.within = window == 0 ? (calendar_span) {0, 0, 0}
				: window == 1 ? (calendar_span) {0, 1, 0} : (calendar_span) {1, 0, 0};
			if (!funnel_options_flawed(&options, &flaw))
				test_options(&options, window == 2);
		}
}

/* ---- the result: sums, partitions, combine, stored form ------------------------ */

static funnel_state *
random_state(core_arena *arena, const funnel_options *options, funnel_form form, int count)
{
	funnel_state *state = funnel_create(arena);

	funnel_begin(state, form, options);
	for (int i = 0; i < count; i++)
	{
		char		name[24];
		uint64_t	entity = host_random(&seed, count / 4 + 1);
		int64_t		at = (int64_t) host_random(&seed, 400) * HOUR;
		int32_t		step = funnel_classify(state, host_random(&seed, 6) ? 1 + (int32_t) host_random(&seed, 5) : -1, at);

		if (step == FUNNEL_IGNORED)
			continue;
		snprintf(name, sizeof(name), "%016llx", (unsigned long long) entity);
		if (form != FUNNEL_INT8)
			entity = funnel_entity(state, name, form == FUNNEL_UUID ? 16 : strlen(name));
		funnel_append(state, entity, at, step);
	}
	return state;
}

static bool
results_equal(const funnel_state *a, const funnel_state *b, core_arena *arena)
{
	funnel_step one[FUNNEL_MAX_STEPS];
	funnel_step other[FUNNEL_MAX_STEPS];
	int			count = funnel_result(a, arena, one);

	return funnel_result(b, arena, other) == count &&
		memcmp(one, other, count * sizeof(funnel_step)) == 0;
}

static funnel_state *
stored_and_read(const funnel_state *state, core_arena *arena)
{
	size_t		size = funnel_size(state);
	uint8_t    *bytes = core_alloc(arena, size);
	wire_writer w = {bytes, bytes + size};
	wire_reader r = {bytes, bytes + size, "funnel_state"};
	funnel_state *copy;

	funnel_write(state, &w);
	tap_ok(w.at == w.end, "funnel_size() is what funnel_write() writes");
	copy = funnel_read(&r, arena);
	wire_expect_end(&r);
	return copy;
}

static void
test_result(funnel_form form, int size)
{
	core_arena *arena = host_arena_create();
	funnel_options options;
	funnel_state *part[2];
	funnel_state *forward = funnel_create(arena);
	funnel_state *backward = funnel_create(arena);
	funnel_step steps[FUNNEL_MAX_STEPS];
	int			count;
	bool		balanced = true;

	funnel_options_default(&options);
	options.has_lost_step = true;
	options.lost_step = -1;
	options.has_within = true;
	options.within.days = 6;
	options.has_as_of = true;
	options.as_of = 380 * HOUR;
	part[0] = random_state(arena, &options, form, size);
	part[1] = random_state(arena, &options, form, size / 3);
	funnel_combine(forward, part[0]);
	funnel_combine(forward, part[1]);
	funnel_combine(backward, part[1]);
	funnel_combine(backward, part[0]);
	tap_ok(forward->count == part[0]->count + part[1]->count, "form %d: %llu events in both parts",
		   form, (unsigned long long) forward->count);
	tap_ok(results_equal(forward, backward, arena), "the order of combining does not matter");
	tap_ok(results_equal(forward, stored_and_read(forward, arena), arena), "a stored state is read again");

	count = funnel_result(forward, arena, steps);
	for (int k = 1; k < count; k++)
		balanced &= steps[k].reached + steps[k].lost + steps[k].pending == steps[k - 1].reached;
	tap_ok(balanced && steps[0].reached == steps[0].entered && steps[0].lost == 0 && steps[0].pending == 0,
		   "reached + lost + pending = reached of the step before");
	host_arena_free(arena);
}

/* ---- crafted states ------------------------------------------------------------ */

typedef struct stored
{
	const uint8_t *bytes;
	size_t		size;
	core_arena *arena;
} stored;

static void
read_stored(void *argument)
{
	const stored *s = argument;
	wire_reader r = {s->bytes, s->bytes + s->size, "funnel_state"};
	funnel_state *state = funnel_read(&r, s->arena);
	funnel_step steps[FUNNEL_MAX_STEPS];

	wire_expect_end(&r);
	funnel_result(state, s->arena, steps);
}

/* Was it read, or refused as a state should be?  Steps out of order are noticed at the end only. */
static bool
read_or_refused(const uint8_t *bytes, size_t size, bool may_be_read)
{
	stored		s = {bytes, size, host_arena_create()};
	host_failure failure;
	bool		was_read = host_run(read_stored, &s, &failure);

	host_arena_free(s.arena);
	return was_read ? may_be_read
		: failure.error == CORE_INVALID_BINARY || failure.error == CORE_INVALID_PARAMETER;
}

/* Every cut is refused; any changed byte is read or refused, never worse. */
static void
test_crafted(funnel_form form)
{
	core_arena *arena = host_arena_create();
	funnel_options options;
	funnel_state *state;
	size_t		size;
	uint8_t    *bytes;
	wire_writer w;
	bool		cuts = true;
	bool		changes = true;

	funnel_options_default(&options);
	options.has_lost_step = true;
	options.lost_step = -1;
	state = random_state(arena, &options, form, 20);
	size = funnel_size(state);
	bytes = core_alloc(arena, size);
	w = (wire_writer) {bytes, bytes + size};
	funnel_write(state, &w);

	for (size_t cut = 0; cut < size; cut++)
		cuts &= read_or_refused(bytes, cut, false);
	tap_ok(cuts, "form %d: a state that ends too early is refused", form);
	for (size_t at = 0; at < size; at++)
		for (int i = 0; i < 20; i++)
		{
			uint8_t		kept = bytes[at];

			bytes[at] = (uint8_t) host_random(&seed, 256);
			changes &= read_or_refused(bytes, size, true);
			bytes[at] = kept;
		}
	tap_ok(changes, "form %d: a changed byte is read or refused", form);
	host_arena_free(arena);
}

/* ---- calendar, percentiles, rules ---------------------------------------------- */

#define DAY(n) ((int64_t) (n) * CALENDAR_DAY)

static void
test_calendar(void)
{
	/* 0 is 2000-01-01; figures from timezone('UTC', at) + interval of the server */
	tap_ok(calendar_add(DAY(30), &(calendar_span) {1, 0, 0}) == DAY(59), "31 January 2000 + 1 month = 29 February");
	tap_ok(calendar_add(DAY(30), &(calendar_span) {13, 0, 0}) == DAY(424), "31 January 2000 + 13 months = 28 February 2001");
	tap_ok(calendar_add(DAY(59), &(calendar_span) {12, 0, 0}) == DAY(424), "29 February 2000 + 1 year = 28 February 2001");
	tap_ok(calendar_add(DAY(59) + 5, &(calendar_span) {-1, 1, -6}) == DAY(29) - 1, "months first, then days, then time");
	tap_ok(calendar_add(DAY(-1), &(calendar_span) {2, 0, 0}) == DAY(59), "31 December 1999 + 2 months = 29 February");
	tap_ok(calendar_add(CALENDAR_END - 1, &(calendar_span) {INT32_MAX, INT32_MAX, INT64_MAX}) == CALENDAR_NOEND,
		   "beyond the end of time is the end");
	tap_ok(calendar_add(CALENDAR_MIN, &(calendar_span) {INT32_MIN, INT32_MIN, INT64_MIN}) == CALENDAR_NOBEGIN,
		   "before the beginning is the beginning");
	tap_ok(calendar_span_is_positive(&(calendar_span) {1, -29, 0}) && !calendar_span_is_positive(&(calendar_span) {1, -30, 0})
		   && !calendar_span_is_positive(&(calendar_span) {0, 0, -1}) && calendar_span_is_positive(&(calendar_span) {0, -1, DAY(1) + 1}),
		   "a month is 30 days when spans are compared");
}

static int
compare_int64(const void *a, const void *b)
{
	int64_t		x = *(const int64_t *) a;
	int64_t		y = *(const int64_t *) b;

	return (x > y) - (x < y);
}

static void
test_percentiles(void)
{
	bool		equal = true;

	for (int i = 0; i < 20000; i++)
	{
		int64_t		values[40];
		int64_t		sorted[40];
		size_t		count = 1 + host_random(&seed, 40);
		double		fraction = (double) host_random(&seed, 11) / 10;
		double		position = fraction * (double) (count - 1);
		size_t		rank = (size_t) position;
		double		low;
		double		high;

		for (size_t v = 0; v < count; v++)
			sorted[v] = values[v] = (int64_t) host_random(&seed, i % 2 ? 5 : 1000000000000);
		qsort(sorted, count, sizeof(int64_t), compare_int64);
		low = (double) sorted[rank] / CALENDAR_DAY;
		high = (double) sorted[rank + 1 < count ? rank + 1 : rank] / CALENDAR_DAY;
		equal &= percentile_of(values, count, fraction, CALENDAR_DAY) == low + (position - (double) rank) * (high - low);
	}
	tap_ok(equal, "percentiles of 20000 random lists equal those of the sorted list");
}

static core_error
flaw_of(funnel_options options)
{
	funnel_flaw flaw = {0};

	return funnel_options_flawed(&options, &flaw) ? flaw.error : (core_error) -1;
}

static void
test_rules(void)
{
	static const int32_t one_step[] = {9};
	funnel_options o;

	funnel_options_default(&o);
	tap_ok(flaw_of(o) == (core_error) -1, "the defaults are fine");
	o.mode = FUNNEL_STRICT;
	tap_ok(flaw_of(o) == CORE_UNSUPPORTED, "strict is not there yet");
	o.mode = FUNNEL_UNORDERED;
	tap_ok(flaw_of(o) == CORE_UNSUPPORTED, "unordered is not there yet");
	o.anchor = FUNNEL_ANY;
	tap_ok(flaw_of(o) == CORE_INVALID_PARAMETER, "a refused combination is named before what is not there yet");
	o.mode = FUNNEL_FURTHEST;
	tap_ok(flaw_of(o) == CORE_INVALID_PARAMETER, "furthest with anchor any");
	o.mode = FUNNEL_ORDERED;
	o.exclude = (funnel_list) {1, one_step};
	tap_ok(flaw_of(o) == CORE_INVALID_PARAMETER, "anchor any with exclude");
	o.anchor = FUNNEL_FIRST;
	tap_ok(flaw_of(o) == CORE_UNSUPPORTED, "exclude is not there yet");
	o.steps = 9;
	tap_ok(flaw_of(o) == CORE_INVALID_PARAMETER, "exclude of a step of the funnel");
}

int
main(void)
{
	test_calendar();
	test_percentiles();
	test_rules();
	test_all_options();
	for (funnel_form form = FUNNEL_INT8; form <= FUNNEL_TEXT; form++)
	{
		test_result(form, 100);
		test_result(form, 20000);
		test_crafted(form);
	}
	return tap_done();
}
