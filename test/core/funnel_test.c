/*
 * funnel_test.c
 *		The log of a funnel, its stored form and its sums; which options are refused.
 *
 * What the chain of one entity means is funnel_chain_test.c's.
 */
#include "host.h"

#include "core/funnel.h"
#include "core/percentile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 20240229;

#define HOUR (CALENDAR_DAY / 24)

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
		if (form == FUNNEL_INT8)
			funnel_append(state, entity, at, step);
		else
			funnel_append_bytes(state, name, form == FUNNEL_UUID ? 16 : strlen(name), at, step);
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
	tap_ok(funnel_count(forward) == funnel_count(part[0]) + funnel_count(part[1]), "form %d: %llu events in both parts",
		   form, (unsigned long long) funnel_count(forward));
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
test_crafted(funnel_form form, bool lists)
{
	core_arena *arena = host_arena_create();
	static const calendar_span spans[] = {{0, 2, 0}, {1, 0, 0}, {0, 0, 1}, {0, 9, 5}};
	static const int32_t optional[] = {2, 4};
	static const int32_t exclude[] = {-9, 70};
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
	if (lists)
	{
		options.mode = FUNNEL_STRICT;
		options.steps = 5;
		options.has_step_within = true;
		options.step_within = spans;
		options.step_within_count = 4;
		options.optional = (funnel_list) {2, optional};
		options.exclude = (funnel_list) {2, exclude};
	}
	state = random_state(arena, &options, form, 20);
	size = funnel_size(state);
	bytes = core_alloc(arena, size);
	w = (wire_writer) {bytes, bytes + size};
	funnel_write(state, &w);

	for (size_t cut = 0; cut < size; cut++)
		cuts &= read_or_refused(bytes, cut, false);
	tap_ok(cuts, "form %d, %s lists: a state that ends too early is refused", form, lists ? "with" : "without");
	for (size_t at = 0; at < size; at++)
		for (int i = 0; i < 20; i++)
		{
			uint8_t		kept = bytes[at];

			bytes[at] = (uint8_t) host_random(&seed, 256);
			changes &= read_or_refused(bytes, size, true);
			bytes[at] = kept;
		}
	tap_ok(changes, "form %d, %s lists: a changed byte is read or refused", form, lists ? "with" : "without");
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

#define MANY 30000

/* Few values, many, both, and the ends of what there is. */
static int64_t
random_duration(int kind)
{
	switch (kind / 500 % 4)
	{
		case 0:
			return (int64_t) host_random(&seed, 5);
		case 1:
			return (int64_t) host_random(&seed, 1000000000000);
		case 2:
			return host_random(&seed, 3) ? 7 * CALENDAR_DAY : (int64_t) host_random(&seed, 400) * CALENDAR_DAY;
		default:
			return host_random(&seed, 100) ? (int64_t) host_random(&seed, 9) : INT64_MAX - (int64_t) host_random(&seed, 3);
	}
}

static void
test_percentiles(void)
{
	bool		equal = true;

	for (int i = 0; i < 20000; i++)
	{
		static int64_t values[MANY];
		static int64_t sorted[MANY];
		size_t		count = 1 + host_random(&seed, i % 500 == 0 ? MANY : 40);
		double		fraction = (double) host_random(&seed, 11) / 10;
		double		position = fraction * (double) (count - 1);
		size_t		rank = (size_t) position;
		int64_t		origin = i % 2 ? INT64_MIN : 0;
		double		low;
		double		high;

		for (size_t v = 0; v < count; v++)
		{
			sorted[v] = random_duration(i);
			values[v] = sorted[v] + origin;
		}
		qsort(sorted, count, sizeof(int64_t), compare_int64);
		low = (double) sorted[rank] / CALENDAR_DAY;
		high = (double) sorted[rank + 1 < count ? rank + 1 : rank] / CALENDAR_DAY;
		equal &= percentile_of(values, count, fraction, origin, CALENDAR_DAY) == low + (position - (double) rank) * (high - low);
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
	tap_ok(flaw_of(o) == (core_error) -1, "strict");
	o.mode = FUNNEL_UNORDERED;
	tap_ok(flaw_of(o) == (core_error) -1, "unordered");
	o.anchor = FUNNEL_ANY;
	tap_ok(flaw_of(o) == CORE_INVALID_PARAMETER, "unordered with anchor any");
	o.mode = FUNNEL_FURTHEST;
	tap_ok(flaw_of(o) == CORE_INVALID_PARAMETER, "furthest with anchor any");
	o.mode = FUNNEL_ORDERED;
	o.exclude = (funnel_list) {1, one_step};
	tap_ok(flaw_of(o) == CORE_INVALID_PARAMETER, "anchor any with exclude");
	o.anchor = FUNNEL_FIRST;
	tap_ok(flaw_of(o) == (core_error) -1, "exclude");
	o.steps = 9;
	tap_ok(flaw_of(o) == CORE_INVALID_PARAMETER, "exclude of a step of the funnel");
}

int
main(void)
{
	test_calendar();
	test_percentiles();
	test_rules();
	for (funnel_form form = FUNNEL_INT8; form <= FUNNEL_TEXT; form++)
	{
		test_result(form, 100);
		test_result(form, 20000);
		test_crafted(form, false);
		test_crafted(form, true);
	}
	return tap_done();
}
