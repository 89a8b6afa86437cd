/*
 * cadence_test.c
 *		Cadences against a look at every slot and every session.
 */
#include "host.h"

#include "core/cadence.h"
#include "core/calendar.h"

#include <math.h>
#include <string.h>

#define MAX_SESSIONS 40

static core_arena *arena;

/* 2000-01-31, day 30, and what is 1, 2, 13 and 1200 months later. */
static void
test_due(void)
{
	cadence_options monthly = {.every_months = 1, .anchor = 30, .period = {30, 400}, .tolerance = 1};

	tap_ok(cadence_due(&monthly, 1) == 59 && cadence_due(&monthly, 2) == 90,
		   "a month after 31 January 2000 is 29 February, two are 31 March");
	tap_ok(cadence_due(&monthly, 13) == 366 + 31 + 27, "13 months are 28 February 2001");
	tap_ok(cadence_due(&monthly, 1200) == 36525 + 30, "1200 months are 31 January 2100");
	tap_ok(calendar_add_months(-1, -12) == -366, "a year before 31 December 1999");
}

/* A case with everything in it, drawn at random. */
typedef struct drawn
{
	cadence_options options;
	cadence_days excused[2];
	int32_t		sessions[MAX_SESSIONS];
	int			count;
} drawn;

static void
draw(drawn *d, uint64_t *seed)
{
	cadence_options *o = &d->options;
	int32_t		first;

	memset(d, 0, sizeof(*d));
	o->every_months = (int32_t) host_random(seed, 3);
	o->every_days = (int32_t) host_random(seed, 20) + (o->every_months == 0);
	o->period.since = (int32_t) host_random(seed, 3000) - 1500;
	o->period.until = o->period.since + 1 + (int32_t) host_random(seed, 200);
	o->anchor = o->period.since + (int32_t) host_random(seed, 150) - 100;
	o->tolerance = (int32_t) host_random(seed, host_random(seed, 3) ? 4 : 60);
	o->has_as_of = host_random(seed, 4) > 0;
	o->as_of = o->has_as_of ? o->period.since - 20 + (int32_t) host_random(seed, 250) : 0;
	first = o->period.since - 20 + (int32_t) host_random(seed, 100);
	d->excused[0] = (cadence_days) {host_random(seed, 5) ? first : CADENCE_NO_BEGIN, first + 1 + (int32_t) host_random(seed, 40)};
	d->excused[1].since = d->excused[0].until + 1 + (int32_t) host_random(seed, 30);
	d->excused[1].until = host_random(seed, 5) ? d->excused[1].since + 30 : CADENCE_NO_END;
	o->excused = d->excused;
	o->excused_count = (int) host_random(seed, 3);
	d->count = (int) host_random(seed, MAX_SESSIONS);
	for (int i = 0; i < d->count; i++)
		d->sessions[i] = o->period.since - 80 + (int32_t) host_random(seed, 400);
	cadence_options_settle(o);
}

static bool
all_excused(const drawn *d, int64_t since, int64_t until)
{
	for (int64_t day = since; day < until; day++)
	{
		bool		off = false;

		for (int i = 0; i < d->options.excused_count; i++)
			off |= day >= d->excused[i].since &&
				(day < d->excused[i].until || d->excused[i].until == CADENCE_NO_END);
		if (!off)
			return false;
	}
	return true;
}

/* The last slot whose range opens on that day or before, -1 for none. */
static int64_t
slot_of(const cadence_options *o, int32_t day)
{
	int64_t		k = -1;

	while (cadence_due(o, k + 1) - o->tolerance <= day)
		k++;
	return k;
}

static cadence_result
by_looking(const drawn *d)
{
	const cadence_options *o = &d->options;
	cadence_result result = {0};
	int64_t		start = o->anchor > o->period.since ? o->anchor : o->period.since;
	int64_t		end = o->has_as_of && o->as_of < o->period.until ? o->as_of : o->period.until;

	for (int64_t k = 0; cadence_due(o, k) < o->period.until; k++)
	{
		int64_t		due = cadence_due(o, k);
		int64_t		next_due = cadence_due(o, k + 1);
		int32_t		first = INT32_MAX;

		if (due < o->period.since)
			continue;
		for (int i = 0; i < d->count; i++)
			if (slot_of(o, d->sessions[i]) == k && (!o->has_as_of || d->sessions[i] <= o->as_of))
			{
				result.extra++;
				first = d->sessions[i] < first ? d->sessions[i] : first;
			}
		result.extra -= first < INT32_MAX;
		if (first < INT32_MAX)
			*(first <= due + o->tolerance ? &result.held : &result.late) += 1;
		else if (all_excused(d, due, next_due))
			result.excused++;
		else if (!o->has_as_of || next_due - o->tolerance < o->as_of)
			result.missed++;
		else
		{
			result.pending++;
			if (!result.has_next_due && next_due - o->tolerance > o->as_of)
			{
				result.has_next_due = true;
				result.next_due = (int32_t) due;
			}
		}
	}
	for (int i = 0; i < d->count; i++)
		result.extra += slot_of(o, d->sessions[i]) < 0 && d->sessions[i] >= o->period.since &&
			d->sessions[i] < o->period.until && (!o->has_as_of || d->sessions[i] <= o->as_of);
	result.due = result.held + result.late + result.missed;
	result.has_rate = result.due > 0;
	result.has_gap = start < end;
	for (int64_t day = start, gap = 0; day < end; day++)
	{
		for (int i = 0; i < d->count; i++)
			if (d->sessions[i] == day)
				gap = 0;
		if (++gap > result.longest_gap)
			result.longest_gap = gap;
	}
	return result;
}

static bool
same_result(const cadence_result *a, const cadence_result *b)
{
	return a->due == b->due && a->held == b->held && a->late == b->late && a->missed == b->missed &&
		a->pending == b->pending && a->excused == b->excused && a->extra == b->extra &&
		a->has_rate == b->has_rate && a->has_gap == b->has_gap && a->longest_gap == b->longest_gap &&
		a->has_next_due == b->has_next_due && a->next_due == b->next_due;
}

/* In one state, and in two that go through bytes. */
static void
test_random(void)
{
	uint64_t	seed = 5;
	int			wrong = 0,
				wrong_joined = 0;

	for (int round = 0; round < 10000; round++)
	{
		core_arena *outer = arena;
		drawn		d;
		cadence_state *whole,
				   *half[2];
		cadence_result expected,
					got;
		uint8_t		bytes[2048];
		wire_writer w = {bytes, bytes + sizeof(bytes)};
		wire_reader r = {bytes, bytes, "test_state"};

		arena = host_arena_create();
		draw(&d, &seed);
		expected = by_looking(&d);
		whole = cadence_create(arena);
		half[0] = cadence_create(arena);
		half[1] = cadence_create(arena);
		cadence_adopt(whole, &d.options, 1);
		cadence_adopt(half[0], &d.options, 1);
		for (int i = 0; i < d.count; i++)
		{
			cadence_adopt(half[i % 2], &d.options, 1);
			cadence_add(whole, d.sessions[i]);
			cadence_add(half[i % 2], d.sessions[i]);
		}
		got = cadence_final(whole);
		wrong += !same_result(&got, &expected);

		for (int i = 0; i < 2; i++)
			cadence_write(half[i], &w);
		r.end = w.at;
		wrong += w.at != bytes + cadence_size(half[0]) + cadence_size(half[1]);
		half[0] = cadence_read(&r, arena);
		cadence_combine(half[0], cadence_read(&r, arena));
		wire_expect_end(&r);
		got = cadence_final(half[0]);
		wrong_joined += !same_result(&got, &expected);
		host_arena_free(arena);
		arena = outer;
	}
	tap_ok(wrong == 0, "10000 random cases");
	tap_ok(wrong_joined == 0, "and in two halves, written and read");
}

static void
settle_options(void *argument)
{
	cadence_options_settle(argument);
}

static void
join_other_options(void *argument)
{
	cadence_options options = *(cadence_options *) argument;
	cadence_state *state = cadence_create(arena);

	cadence_options_settle(&options);
	cadence_adopt(state, &options, 0);
	options.tolerance++;
	cadence_adopt(state, &options, 0);
}

static void
test_errors(void)
{
	cadence_options weekly = {.every_days = 7, .anchor = 0, .period = {0, 365}, .tolerance = 1};
	cadence_options o;

#define WITH(field, value) (o = weekly, o.field = (value), &o)
	tap_fails(settle_options, WITH(every_days, 0), CORE_INVALID_PARAMETER, "every 0");
	tap_fails(settle_options, WITH(every_days, -7), CORE_INVALID_PARAMETER, "every negative");
	tap_fails(settle_options, WITH(every_months, -1), CORE_INVALID_PARAMETER, "months negative");
	tap_fails(settle_options, WITH(tolerance, -1), CORE_INVALID_PARAMETER, "tolerance negative");
	tap_fails(settle_options, WITH(period.until, 0), CORE_INVALID_PARAMETER, "empty period");
	tap_fails(settle_options, WITH(period.until, INT32_MAX), CORE_DATETIME_OVERFLOW, "infinite period");
	tap_fails(settle_options, WITH(anchor, INT32_MIN), CORE_DATETIME_OVERFLOW, "infinite anchor");
	tap_fails(settle_options, WITH(period.until, 700001), CORE_LIMIT_EXCEEDED, "100001 slots");
	tap_ok(host_run(settle_options, WITH(period.until, 700000), NULL) && o.slot_count == 100000, "100000 slots");
	tap_fails(join_other_options, &weekly, CORE_INVALID_PARAMETER, "options that differ");

	/* the ends of the calendar */
	o = (cadence_options) {.every_months = INT32_MAX, .every_days = INT32_MAX, .anchor = CADENCE_DAY_END - 1,
		.period = {CADENCE_DAY_MIN, CADENCE_DAY_END - 1}, .tolerance = INT32_MAX};
	tap_ok(host_run(settle_options, &o, NULL) && o.slot_count == 0, "the longest cadence and period");
	o = (cadence_options) {.every_days = 1, .anchor = CADENCE_DAY_MIN,
		.period = {CADENCE_DAY_END - 10, CADENCE_DAY_END - 1}, .tolerance = INT32_MAX};
	tap_ok(host_run(settle_options, &o, NULL) && o.slot_count == 9, "every day since the first, at the last");
}

typedef struct bytes
{
	uint8_t    *at;
	size_t		size;
} bytes;

static void
read_and_use(void *argument)
{
	const bytes *b = argument;
	wire_reader r = {b->at, b->at + b->size, "test_state"};
	cadence_state *state = cadence_read(&r, arena);
	cadence_state *other;
	cadence_result result;

	wire_expect_end(&r);
	r.at = b->at;
	other = cadence_read(&r, arena);
	cadence_combine(state, other);
	if (!state->has_options)
		return;
	result = cadence_final(state);
	if (result.has_rate && !(result.rate >= 0 && result.rate <= 1))
		tap_ok(false, "rate %g of crafted bytes", result.rate);
}

/* Bytes of a true state with some replaced: refused or read, never worse. */
static void
test_crafted(void)
{
	uint8_t		good[2048],
				bad[2048];
	wire_writer w = {good, good + sizeof(good)};
	cadence_state *state = cadence_create(arena);
	cadence_days excused[] = {{CADENCE_NO_BEGIN, 5}, {100, 120}, {300, CADENCE_NO_END}};
	cadence_options options = {.every_months = 1, .anchor = 30, .period = {20, 400}, .tolerance = 2,
	.has_as_of = true, .as_of = 350, .excused_count = 3, .excused = excused};
	uint64_t	seed = 6;
	size_t		size;
	int			read = 0,
				refused = 0;

	cadence_options_settle(&options);
	cadence_adopt(state, &options, 0);
	for (int i = 0; i < 12; i++)
		cadence_add(state, 20 + i * i * 3);
	size = cadence_size(state);
	cadence_write(state, &w);
	tap_ok(w.at == good + size, "as many bytes as announced");
	for (int round = 0; round < 20000; round++)
	{
		core_arena *outer = arena;
		host_failure failure;

		memcpy(bad, good, size);
		for (int i = (int) host_random(&seed, 4); i >= 0; i--)
			bad[host_random(&seed, size)] = (uint8_t) host_random(&seed, 256);
		arena = host_arena_create();
		if (host_run(read_and_use, &(bytes) {bad, host_random(&seed, 8) ? size : host_random(&seed, size)}, &failure))
			read++;
		else if (failure.error == CORE_INVALID_BINARY || failure.error == CORE_LIMIT_EXCEEDED)
			refused++;
		host_arena_free(arena);
		arena = outer;
	}
	tap_ok(read > 0 && refused > 0 && read + refused == 20000, "20000 crafted states: %d read, %d refused", read, refused);
}

int
main(void)
{
	arena = host_arena_create();
	test_due();
	test_random();
	test_errors();
	test_crafted();
	host_arena_free(arena);
	return tap_done();
}
