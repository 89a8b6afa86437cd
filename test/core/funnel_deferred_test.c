/*
 * funnel_deferred_test.c
 *		Texts and uuids that memory does not hold, against numbers that it does.
 */
#include "host.h"

#include "core/funnel_deferred.h"
#include "core/stage_times.h"

#include <stdio.h>
#include <string.h>

#define HOUR (CALENDAR_DAY / 24)
#define LONG_NAME 9000

static uint64_t seed = 20240303;

/* The name of an entity: short or long, all different, one of them empty. */
static size_t
name_of(uint64_t entity, funnel_form form, uint8_t name[LONG_NAME])
{
	uint64_t	words[2] = {entity * UINT64_C(0x9e3779b97f4a7c15), entity};

	memset(name, 'x', LONG_NAME);
	if (form == FUNNEL_UUID)
	{
		memcpy(name, words, sizeof(words));
		return sizeof(words);
	}
	if (entity == 0)
		return 0;
	/* the number at the end: long names begin alike */
	if (entity % 1000 == 1)
	{
		memcpy(name + LONG_NAME - sizeof(words), words, sizeof(words));
		return LONG_NAME;
	}
	return (size_t) snprintf((char *) name, LONG_NAME, "%.*s%llu", (int) (entity % 11), "deals of a rep", (unsigned long long) entity);
}

typedef struct event_row
{
	uint64_t	entity;
	int32_t		step;
	int64_t		at;
} event_row;

static event_row
random_row(uint64_t entities)
{
	return (event_row) {
		host_random(&seed, entities), 1 + (int32_t) host_random(&seed, 6),
		(int64_t) host_random(&seed, 4000) * HOUR - (host_random(&seed, 1000) ? 0 : 2000 * 365 * CALENDAR_DAY)
	};
}

/* An event of the entity, by its number in one state and by its name in others. */
static void
add_row(funnel_state *state, const event_row *row)
{
	static uint8_t name[LONG_NAME];
	int32_t		step = funnel_classify(state, row->step, row->at);

	if (step == FUNNEL_IGNORED)
		return;
	if (state->form == FUNNEL_INT8)
		funnel_append(state, row->entity, row->at, step);
	else
		funnel_append_bytes(state, name, name_of(row->entity, state->form, name), row->at, step);
}

static funnel_state *
new_state(core_arena *arena, funnel_form form, const funnel_options *options)
{
	funnel_state *state = funnel_create(arena);

	funnel_begin(state, form, options);
	return state;
}

static funnel_state *
through_bytes(const funnel_state *state, core_arena *arena)
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

/* Whatever memory the first has, the second has all it wants. */
static bool
same_result(const funnel_state *state, const funnel_state *expected, core_arena *arena)
{
	funnel_step one[FUNNEL_MAX_STEPS];
	funnel_step other[FUNNEL_MAX_STEPS];
	size_t		limit = host_memory_limit;
	int			count = funnel_result(state, arena, one);
	int			other_count;

	host_memory_limit = SIZE_MAX;
	other_count = funnel_result(expected, arena, other);
	host_memory_limit = limit;
	return count == other_count && memcmp(one, other, count * sizeof(funnel_step)) == 0;
}

static uint64_t deferred_seen;

static void
test_funnel(funnel_form form, uint64_t entities, int events, size_t limit, bool disjoint)
{
	core_arena *arena = host_arena_create();
	funnel_options options;
	funnel_state *expected;
	funnel_state *whole;
	funnel_state *half[2];

	funnel_options_default(&options);
	options.steps = 5;
	options.has_within = true;
	options.within.days = 60;
	expected = new_state(arena, FUNNEL_INT8, &options);
	options.disjoint = disjoint;
	whole = new_state(arena, form, &options);
	for (int i = 0; i < 2; i++)
		half[i] = new_state(arena, form, &options);
	for (int i = 0; i < events; i++)
	{
		event_row	row = random_row(entities);

		host_memory_limit = SIZE_MAX;
		add_row(expected, &row);
		host_memory_limit = limit;
		add_row(whole, &row);
		add_row(half[row.entity % 2], &row);
		if (i == events / 2)
			tap_ok(same_result(whole, expected, arena), "form %d, %llu entities, %zu bytes: the first half of the rows",
				   form, (unsigned long long) entities, limit);
	}
	tap_ok(same_result(whole, expected, arena) && same_result(whole, expected, arena), "the second half, twice");
	deferred_seen += whole->deferred != NULL;
	tap_ok(whole->deferred != NULL || limit > 100000, "it has deferred %llu of %llu events",
		   (unsigned long long) funnel_deferred_count(whole), (unsigned long long) funnel_count(whole));
	tap_ok(entity_memory(whole->entities) <= limit || entity_memory(whole->entities) <= 65536 + 4 * LONG_NAME,
		   "its dictionary takes %zu bytes", entity_memory(whole->entities));
	if (!disjoint)
		tap_ok(funnel_count(whole) == funnel_count(expected), "events are as many");
	tap_ok(same_result(through_bytes(whole, arena), expected, arena), "the same, stored and read");
	funnel_combine(half[0], half[1]);
	tap_ok(same_result(half[0], expected, arena), "the same in halves, combined");
	host_arena_free(arena);
}

static void
test_stage_times(void)
{
	core_arena *arena = host_arena_create();
	funnel_options options = stage_times_options(true, 5000 * HOUR, (funnel_list) {0, NULL}, false, STAGE_TIMES_PERCENTILE);
	funnel_state *numbers = new_state(arena, FUNNEL_INT8, &options);
	funnel_state *names = new_state(arena, FUNNEL_TEXT, &options);
	static stage_time expected[FUNNEL_MAX_STEPS];
	static stage_time found[FUNNEL_MAX_STEPS];
	static uint8_t name[LONG_NAME];
	int			count;

	for (int i = 0; i < 20000; i++)
	{
		event_row	row = random_row(5000);

		host_memory_limit = SIZE_MAX;
		stage_times_add(numbers, row.entity, row.step, row.at);
		host_memory_limit = 1000;
		stage_times_add_bytes(names, name, name_of(row.entity, FUNNEL_TEXT, name), row.step, row.at);
	}
	tap_ok(names->deferred != NULL && names->highest == numbers->highest, "stage_times defers events");
	count = stage_times_result(names, arena, found);
	host_memory_limit = SIZE_MAX;
	tap_ok(stage_times_result(numbers, arena, expected) == count && memcmp(expected, found, count * sizeof(stage_time)) == 0,
		   "its result is that of numbers");
	host_arena_free(arena);
}

int
main(void)
{
	static const size_t limits[] = {0, 100000, 1000000, SIZE_MAX};

	for (funnel_form form = FUNNEL_UUID; form <= FUNNEL_TEXT; form++)
		for (size_t l = 0; l < sizeof(limits) / sizeof(limits[0]); l++)
			for (int disjoint = 0; disjoint < 2; disjoint++)
				test_funnel(form, 4000, 30000, limits[l], disjoint);
	/* so many that parts defer in their turn */
	test_funnel(FUNNEL_UUID, 150000, 300000, 0, false);
	test_funnel(FUNNEL_TEXT, 150000, 300000, 0, false);
	tap_ok(deferred_seen >= 8, "%llu funnels had deferred events", (unsigned long long) deferred_seen);
	test_stage_times();
	return tap_done();
}
