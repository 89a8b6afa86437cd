/*
 * funnel_tally_test.c
 *		Samples of entities, and funnels whose partial states are counted (disjoint).
 */
#include "host.h"

#include "core/funnel_tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 20240301;

#define HOUR (CALENDAR_DAY / 24)
#define MOST_EVENTS 3000

/* ---- samples ------------------------------------------------------------------- */

/* Of the entities first, first + 1, ... */
static entity_sample
sample_of(uint64_t first, uint64_t count)
{
	entity_sample sample = {.members = count};

	for (uint64_t i = 0; i < count; i++)
		entity_sample_add(&sample, first + i);
	return sample;
}

/* Two sets of so many entities, shared of which are in both: is it seen? */
static bool
seen(uint64_t count, uint64_t other, uint64_t shared)
{
	uint64_t	first = host_random(&seed, UINT64_C(1) << 60);
	entity_sample sample = sample_of(first, count);
	entity_sample from = sample_of(first + count - shared, other);

	return entity_sample_merge(&sample, &from);
}

static int
compare_hashes(const void *a, const void *b)
{
	uint64_t	x = *(const uint64_t *) a;
	uint64_t	y = *(const uint64_t *) b;

	return (x > y) - (x < y);
}

/* The smallest hashes of so many entities, whatever was added when, and twice. */
static bool
is_smallest(uint64_t count)
{
	uint64_t   *hashes = malloc((count + 1) * sizeof(uint64_t));
	entity_sample sample = sample_of(0, count / 3);
	entity_sample from = {.members = count - count / 3};
	uint64_t	kept = count < ENTITY_SAMPLE_MOST ? count : ENTITY_SAMPLE_MOST;
	bool		right;

	for (uint64_t i = count; i-- > count / 3;)
		entity_sample_add(&from, i);
	for (uint64_t i = 0; i < count; i++)
		hashes[i] = entity_sample_hash(i);
	qsort(hashes, count, sizeof(uint64_t), compare_hashes);
	right = !entity_sample_merge(&sample, &from) && sample.count == kept && sample.members == count &&
		memcmp(sample.hashes, hashes, kept * sizeof(uint64_t)) == 0;
	for (uint64_t i = 0; i < count; i++)
		entity_sample_add(&sample, i);
	right &= sample.count == kept && memcmp(sample.hashes, hashes, kept * sizeof(uint64_t)) == 0;
	free(hashes);
	return right;
}

static void
test_samples(void)
{
	entity_sample whole = {0};
	bool		right = true;
	int			alarms = 0;
	int			twentieth = 0;
	int			tenth = 0;

	for (uint64_t count = 0; count <= 300000; count = count * 3 / 2 + 1)
		right &= is_smallest(count);
	tap_ok(right, "a sample is the smallest hashes of a set, in whatever order and parts it is made");
	for (int i = 0; i < 3000; i++)
		alarms += seen(host_random(&seed, i % 10 ? 150 : 3000), host_random(&seed, i % 10 ? 150 : 3000), 0);
	tap_ok(alarms == 0, "of 3,000 pairs of disjoint sets none is taken to share entities");
	right = true;
	for (uint64_t count = 1; count <= ENTITY_SAMPLE_MOST; count++)
		right &= seen(count, ENTITY_SAMPLE_MOST + 1 - count, 1);
	tap_ok(right, "of sets with no more than %d entities in all a single shared one is seen", ENTITY_SAMPLE_MOST);
	for (int i = 0; i < 1000; i++)
	{
		twentieth += seen(2000, 2000, 191);
		tenth += seen(2000, 2000, 364);
	}
	tap_ok(twentieth >= 980, "a shared twentieth is seen by 99 of 100 (%d of 1,000)", twentieth);
	tap_ok(tenth == 1000, "a shared tenth is seen by 24,999 of 25,000 (%d of 1,000)", tenth);
	for (int i = 0; i < 20; i++)
	{
		entity_sample part = sample_of((uint64_t) (i % 10) * 400, 400);

		alarms += entity_sample_merge(&whole, &part);
		if (i == 9)
			tap_ok(alarms == 0, "ten parts are disjoint");
	}
	tap_ok(alarms > 0, "the same ten parts once more are seen");
}

/* ---- states -------------------------------------------------------------------- */

typedef struct event_row
{
	uint64_t	entity;
	int32_t		step;
	int64_t		at;
} event_row;

static void
add_event(funnel_state *state, const event_row *event)
{
	char		name[24];
	int32_t		step = funnel_classify(state, event->step, event->at);

	if (step == FUNNEL_IGNORED)
		return;
	snprintf(name, sizeof(name), "%016llx", (unsigned long long) event->entity);
	if (state->form == FUNNEL_INT8)
		funnel_append(state, event->entity, event->at, step);
	else
		funnel_append_bytes(state, name, 16, event->at, step);
}

static uint8_t *
store(const funnel_state *state, core_arena *arena, size_t *size)
{
	uint8_t    *bytes;
	wire_writer w;

	*size = funnel_size(state);
	bytes = core_alloc(arena, *size);
	w = (wire_writer) {bytes, bytes + *size};
	funnel_write(state, &w);
	if (w.at != w.end)
		tap_ok(false, "funnel_size() is what funnel_write() writes");
	return bytes;
}

static void
combine_stored(funnel_state *state, const funnel_state *from, core_arena *arena)
{
	size_t		size;
	uint8_t    *bytes = store(from, arena, &size);
	wire_reader r = {bytes, bytes + size, "funnel_state"};

	funnel_combine_stored(state, &r, arena);
	wire_expect_end(&r);
}

/* Whatever memory a has, b has all it wants. */
static bool
same_result(const funnel_state *a, const funnel_state *b, core_arena *arena)
{
	funnel_step one[FUNNEL_MAX_STEPS];
	funnel_step other[FUNNEL_MAX_STEPS];
	size_t		limit = host_memory_limit;
	int			count = funnel_result(a, arena, one);
	int			other_count;

	host_memory_limit = SIZE_MAX;
	other_count = funnel_result(b, arena, other);
	host_memory_limit = limit;
	return other_count == count && memcmp(one, other, count * sizeof(funnel_step)) == 0;
}

static void
random_options(funnel_options *options)
{
	static const int32_t optional[] = {2, 4};
	static const int32_t excluded[] = {-7};

	funnel_options_default(options);
	options->steps = 5;
	options->mode = (funnel_mode) host_random(&seed, 4);
	options->times = host_random(&seed, 4) > 0;
	options->has_lost_step = host_random(&seed, 2);
	options->lost_step = options->has_lost_step ? -1 : 0;
	options->has_within = host_random(&seed, 2);
	options->within.days = options->has_within ? 6 : 0;
	options->has_as_of = host_random(&seed, 2);
	options->as_of = options->has_as_of ? 380 * HOUR : 0;
	if (options->mode <= FUNNEL_STRICT)
	{
		options->anchor = (funnel_anchor) host_random(&seed, 2);
		options->ties = (funnel_ties) host_random(&seed, 2);
		if (host_random(&seed, 2))
			options->optional = (funnel_list) {2, optional};
	}
	if (options->mode != FUNNEL_UNORDERED && options->anchor == FUNNEL_FIRST && host_random(&seed, 3) == 0)
		options->exclude = (funnel_list) {1, excluded};
}

/* Events spread by entity over four states, combined in every way, against one log. */
static bool
funnel_agrees(funnel_form form, int events)
{
	core_arena *arena = host_arena_create();
	funnel_options options;
	funnel_options plain;
	funnel_state *whole = funnel_create(arena);
	funnel_state *lone = funnel_create(arena);
	funnel_state *part[4];
	funnel_state *all = funnel_create(arena);
	bool		same;

	random_options(&options);
	plain = options;
	options.disjoint = true;
	funnel_begin(whole, form, &plain);
	funnel_begin(lone, form, &options);
	for (int i = 0; i < 4; i++)
		funnel_begin(part[i] = funnel_create(arena), form, &options);
	for (int i = 0; i < events; i++)
	{
		static const int32_t steps[] = {1, 1, 2, 2, 3, 4, 5, 6, -1, -7};
		event_row	event = {host_random(&seed, events / 4 + 1), steps[host_random(&seed, 10)],
			(int64_t) host_random(&seed, 400) * HOUR};

		if ((event.step == -1 && !options.has_lost_step) || (event.step == -7 && options.exclude.count == 0))
			continue;
		add_event(whole, &event);
		add_event(lone, &event);
		add_event(part[event.entity % 4], &event);
		/* what was counted is counted again after another event */
		if (i % 1000 == 500)
			funnel_size(part[0]);
	}
	same = same_result(lone, whole, arena) && same_result(lone, whole, arena);
	combine_stored(all, part[0], arena);
	funnel_combine(all, part[1]);	/* a log with a tally */
	combine_stored(part[2], part[3], arena);	/* a tally with a log */
	combine_stored(all, part[2], arena);	/* tallies */
	same = same && funnel_count(all) == 0 && same_result(all, whole, arena) && same_result(all, whole, arena);
	host_arena_free(arena);
	return same;
}

static void
test_agreement(void)
{
	bool		same = true;

	for (int i = 0; i < 600; i++)
	{
		host_memory_limit = i % 4 == 0 ? host_random(&seed, 20000) : SIZE_MAX;
		same &= funnel_agrees((funnel_form) (FUNNEL_INT8 + i % 3), (int) host_random(&seed, i % 20 ? 200 : MOST_EVENTS));
	}
	host_memory_limit = SIZE_MAX;
	tap_ok(same, "600 funnels in four states, stored or not, are those of one log");
}

/* ---- a broken promise ---------------------------------------------------------- */

typedef struct broken
{
	core_arena *arena;
	funnel_form form;
	int			entities;
	int			way;
} broken;

static void
break_promise(void *argument)
{
	const broken *b = argument;
	funnel_options options;
	funnel_state *states[2];
	funnel_step steps[FUNNEL_MAX_STEPS];

	funnel_options_default(&options);
	options.steps = 2;
	options.disjoint = true;
	for (int i = 0; i < 2; i++)
	{
		funnel_begin(states[i] = funnel_create(b->arena), b->form, &options);
		for (int entity = 0; entity < b->entities; entity++)
			add_event(states[i], &(event_row) {(uint64_t) entity * 977, i + 1, i * HOUR});
	}
	if (b->way == 0)
		funnel_combine(states[0], states[1]);
	else if (b->way == 1)
		combine_stored(states[0], states[1], b->arena);
	else
	{
		/* rows after a combination, of an entity that is counted already */
		funnel_state *state = funnel_create(b->arena);

		combine_stored(state, states[0], b->arena);
		for (int entity = 0; entity < b->entities; entity++)
			add_event(state, &(event_row) {(uint64_t) entity * 977, 2, HOUR});
		funnel_result(state, b->arena, steps);
	}
}

static void
test_broken(void)
{
	static const int sizes[] = {1, 30, 64, 65, 200, 20000};

	for (int i = 0; i < 18; i++)
	{
		broken		b = {host_arena_create(), (funnel_form) (FUNNEL_INT8 + i % 3), sizes[i / 3], i % 3};

		tap_fails(break_promise, &b, CORE_INVALID_PARAMETER, "a broken promise is noticed");
		host_arena_free(b.arena);
	}
}

/* ---- size and crafted states --------------------------------------------------- */

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

static bool
read_or_refused(uint8_t *bytes, size_t size, bool may_be_read)
{
	stored		s = {bytes, size, host_arena_create()};
	host_failure failure;
	bool		was_read = host_run(read_stored, &s, &failure);

	host_arena_free(s.arena);
	return was_read ? may_be_read : failure.error == CORE_INVALID_BINARY;
}

static void
test_stored(int entities, bool times, size_t most)
{
	core_arena *arena = host_arena_create();
	funnel_options options;
	funnel_state *state = funnel_create(arena);
	uint8_t    *bytes;
	size_t		size;
	bool		well = true;

	funnel_options_default(&options);
	options.steps = 4;
	options.times = times;
	options.disjoint = true;
	options.has_lost_step = true;
	options.lost_step = -1;
	funnel_begin(state, FUNNEL_TEXT, &options);
	for (int i = 0; i < entities; i++)
		for (int step = 1; step <= 1 + i % 4; step++)
			add_event(state, &(event_row) {(uint64_t) i, step, step * HOUR});
	bytes = store(state, arena, &size);
	tap_ok(size <= most, "%d entities take %zu bytes, of at most %zu", entities, size, most);
	for (size_t cut = 0; cut < size; cut += 1 + size / 2000)
		well &= read_or_refused(bytes, cut, false);
	for (size_t i = 0; i < size; i += 1 + size / 2000)
		for (int bit = 0; bit < 8; bit++)
		{
			bytes[i] ^= (uint8_t) (1 << bit);
			well &= read_or_refused(bytes, size, true);
			bytes[i] ^= (uint8_t) (1 << bit);
		}
	tap_ok(well && read_or_refused(bytes, size, true), "every cut is refused, every changed bit read or refused");
	host_arena_free(arena);
}

int
main(void)
{
	test_samples();
	test_agreement();
	test_broken();
	test_stored(0, true, 250);
	test_stored(20, true, 1000);
	test_stored(10000, false, 1100);
	test_stored(1000, true, 1100 + 16 * 1500);
	return tap_done();
}
