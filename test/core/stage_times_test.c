/*
 * stage_times_test.c
 *		Time in steps against counting it in the plainest way.
 */
#include "host.h"
#include "stage_times_model.h"

#include <math.h>
#include <string.h>

static core_arena *arena;

static void
add_event(funnel_state *state, funnel_form form, const test_event *event)
{
	if (placed)
		stage_times_add_placed(state, (uint64_t) event->entity, event->step, event->at, event->place);
	else if (form == FUNNEL_INT8)
		stage_times_add(state, (uint64_t) event->entity, event->step, event->at);
	else
		stage_times_add_bytes(state, &event->entity, sizeof(int64_t), event->step, event->at);
}

static funnel_state *
state_of(const funnel_options *options, funnel_form form, int from, int every)
{
	funnel_state *state = funnel_create(arena);

	funnel_begin(state, form, options);
	for (int i = from; i < event_count; i += every)
		add_event(state, form, &events[i]);
	return state;
}

static funnel_state *
through_bytes(const funnel_state *state)
{
	size_t		size = stage_times_size(state);
	uint8_t    *bytes = core_alloc(arena, size + 1);
	wire_writer w = {bytes, bytes + size};
	wire_reader r = {bytes, bytes + size, "test_state"};
	funnel_state *copy;

	stage_times_write(state, &w);
	copy = stage_times_read(&r, arena);
	wire_expect_end(&r);
	return copy;
}

static void
test_random(void)
{
	uint64_t	seed = 11;
	int			wrong = 0;

	for (int round = 0; round < 3000; round++)
	{
		funnel_options options = options_with_any(&seed);
		funnel_form form = host_random(&seed, 2) ? FUNNEL_INT8 : FUNNEL_TEXT;
		funnel_state *half;

		arena = host_arena_create();
		host_memory_limit = round % 4 == 0 ? host_random(&seed, 20000) : SIZE_MAX;
		draw_events(&seed);
		wrong += !result_is_right(state_of(&options, form, 0, 1), &options, arena);
		half = state_of(&options, form, 1, 2);
		stage_times_combine(half, through_bytes(state_of(&options, form, 0, 2)));
		wrong += !result_is_right(half, &options, arena);
		host_arena_free(arena);
	}
	host_memory_limit = SIZE_MAX;
	tap_ok(wrong == 0, "3000 random logs, whole and in halves, are counted as in the plainest way");
}

static void
test_order(void)
{
	uint64_t	seed = 12;
	int			wrong = 0;

	in_order = true;
	for (int round = 0; round < 3000; round++)
	{
		funnel_options options = options_with_any(&seed);
		funnel_form form = host_random(&seed, 2) ? FUNNEL_INT8 : FUNNEL_TEXT;
		funnel_state *empty;

		arena = host_arena_create();
		host_memory_limit = round % 4 == 0 ? host_random(&seed, 20000) : SIZE_MAX;
		draw_events(&seed);
		/* now and then a time that makes the log a wide one */
		if (event_count > 0 && round % 5 == 0)
			events[event_count - 1].at = CALENDAR_END - 1;
		wrong += !result_is_right(through_bytes(state_of(&options, form, 0, 1)), &options, arena);
		empty = state_of(&options, form, event_count, 1);
		stage_times_combine(empty, state_of(&options, form, 0, 1));
		wrong += !result_is_right(empty, &options, arena);
		host_arena_free(arena);
	}
	host_memory_limit = SIZE_MAX;
	in_order = false;
	tap_ok(wrong == 0, "3000 random logs in order, with rows that do not count, are counted as in the plainest way");
}

/* Half of the rows, their result, and the other half. */
static bool
halves_are_right(const funnel_options *options)
{
	int			all = event_count;
	int			half = all / 2;
	funnel_state *state;
	bool		right;

	event_count = half;
	state = state_of(options, FUNNEL_INT8, 0, 1);
	right = result_is_right(state, options, arena);
	event_count = all;
	for (int i = half; i < all; i++)
		add_event(state, FUNNEL_INT8, &events[i]);
	return right && result_is_right(state, options, arena);
}

static void
test_places(void)
{
	uint64_t	seed = 13;
	int			wrong = 0;

	in_order = placed = true;
	for (int round = 0; round < 3000; round++)
	{
		funnel_options options = options_with_any(&seed);
		funnel_state *copy;
		funnel_state *empty;

		arena = host_arena_create();
		host_memory_limit = round % 4 == 0 ? host_random(&seed, 20000) : SIZE_MAX;
		draw_events(&seed);
		if (event_count > 0 && round % 5 == 0)
			events[event_count - 1].at = CALENDAR_END - 1;
		copy = through_bytes(state_of(&options, FUNNEL_INT8, 0, 1));
		wrong += !result_is_right(copy, &options, arena);
		empty = state_of(&options, FUNNEL_INT8, event_count, 1);
		stage_times_combine(empty, copy);
		stage_times_combine(empty, state_of(&options, FUNNEL_INT8, event_count, 1));
		wrong += !result_is_right(empty, &options, arena);
		wrong += !halves_are_right(&options);
		host_arena_free(arena);
	}
	host_memory_limit = SIZE_MAX;
	in_order = placed = false;
	tap_ok(wrong == 0, "3000 random ledgers, whole and with a result in between, are counted as corrected");
}

/* Rows in order but for the last. */
static void
out_of_order(void *argument)
{
	const test_event *last = argument;
	funnel_options options = stage_times_options(false, 0, (funnel_list) {0, NULL}, true, upper);
	funnel_state *state = funnel_create(arena);
	stage_time	rows[FUNNEL_MAX_STEPS];

	funnel_begin(state, FUNNEL_INT8, &options);
	for (int i = 0; i < last->arrival; i++)
		add_event(state, FUNNEL_INT8, &(test_event) {.entity = 10 + i / 3, .at = i, .step = 1 + i % 3});
	add_event(state, FUNNEL_INT8, last);
	stage_times_result(state, arena, rows);
}

static void
combine_ordered(void *argument)
{
	funnel_options options = stage_times_options(false, 0, (funnel_list) {0, NULL}, true, upper);

	event_count = 2;
	events[0] = events[1] = (test_event) {.entity = 1, .at = 0, .step = 1};
	stage_times_combine(state_of(&options, FUNNEL_INT8, 0, 2), state_of(&options, FUNNEL_INT8, 1, 2));
}

/* ---- errors ------------------------------------------------------------------------- */

static void
add_step(void *argument)
{
	funnel_options options = options_with(false, 0);
	funnel_state *state = funnel_create(arena);

	funnel_begin(state, FUNNEL_INT8, &options);
	stage_times_add(state, 1, *(int32_t *) argument, 0);
}

static void
last_ages(void *argument)
{
	funnel_options options = options_with(false, 0);
	funnel_state *state = funnel_create(arena);
	stage_time	rows[FUNNEL_MAX_STEPS];

	funnel_begin(state, FUNNEL_INT8, &options);
	stage_times_add(state, 1, 1, CALENDAR_MIN);
	stage_times_add(state, 1, 2, CALENDAR_END - 1);
	stage_times_result(state, arena, rows);
}

static void
sum_of_ages(void *argument)
{
	funnel_options options = options_with(false, 0);
	funnel_state *state = funnel_create(arena);
	stage_time	rows[FUNNEL_MAX_STEPS];

	funnel_begin(state, FUNNEL_INT8, &options);
	stage_times_add(state, 1, 1, CALENDAR_MIN);
	stage_times_add(state, 1, 2, 0);
	stage_times_add(state, 1, 1, 0);
	stage_times_add(state, 1, 1, 0);
	stage_times_add(state, 1, 1, 1);
	stage_times_add(state, 1, 2, CALENDAR_END - 1);
	stage_times_result(state, arena, rows);
}

static void
ask_percentile(void *argument)
{
	stage_times_options(false, 0, (funnel_list) {0, NULL}, false, *(double *) argument);
}

static void
infinite_as_of(void *argument)
{
	options_with(true, CALENDAR_NOEND);
}

static void
combine_others(void *argument)
{
	funnel_options options = options_with(false, 0);
	funnel_options other = options_with(true, 0);

	event_count = 0;
	stage_times_combine(state_of(&options, FUNNEL_INT8, 0, 1), state_of(&other, FUNNEL_INT8, 0, 1));
}

static void
combine_forms(void *argument)
{
	funnel_options options = options_with(false, 0);

	event_count = 0;
	stage_times_combine(state_of(&options, FUNNEL_INT8, 0, 1), state_of(&options, FUNNEL_UUID, 0, 1));
}

static void
read_funnel(void *argument)
{
	funnel_options options;
	funnel_state *state = funnel_create(arena);

	funnel_options_default(&options);
	options.mode = FUNNEL_FURTHEST;
	funnel_begin(state, FUNNEL_INT8, &options);
	through_bytes(state);
}

static void
read_ordered(void *argument)
{
	funnel_options options = stage_times_options(false, 0, (funnel_list) {0, NULL}, true, upper);
	funnel_state *state = funnel_create(arena);
	size_t		size;
	uint8_t    *bytes;
	wire_writer w;
	wire_reader r;

	funnel_begin(state, FUNNEL_INT8, &options);
	size = funnel_size(state);
	bytes = core_alloc(arena, size);
	w = (wire_writer) {bytes, bytes + size};
	funnel_write(state, &w);
	r = (wire_reader) {bytes, bytes + size, "test_state"};
	funnel_read(&r, arena);
}

static void
test_errors(void)
{
	upper = STAGE_TIMES_PERCENTILE;
	arena = host_arena_create();
	tap_ok(host_run(add_step, &(int32_t) {64}, NULL), "64 is a step");
	tap_ok(host_run(add_step, &(int32_t) {-3}, NULL), "a final step may have any number");
	tap_fails(add_step, &(int32_t) {-1}, CORE_INVALID_PARAMETER, "-1 is no step");
	tap_fails(add_step, &(int32_t) {65}, CORE_LIMIT_EXCEEDED, "65 is one too many");
	tap_fails(last_ages, NULL, CORE_DATETIME_OVERFLOW, "a visit from the first instant to the last");
	tap_fails(sum_of_ages, NULL, CORE_DATETIME_OVERFLOW, "two visits that are as long together");
	tap_fails(infinite_as_of, NULL, CORE_DATETIME_OVERFLOW, "an infinite as_of");
	tap_ok(host_run(ask_percentile, &(double) {1}, NULL), "the greatest is a percentile");
	tap_fails(ask_percentile, &(double) {1.001}, CORE_INVALID_PARAMETER, "there is none above");
	tap_fails(ask_percentile, &(double) {-0.001}, CORE_INVALID_PARAMETER, "nor one below the least");
	tap_fails(ask_percentile, &(double) {NAN}, CORE_INVALID_PARAMETER, "nor one that is no number");
	tap_fails(combine_others, NULL, CORE_INVALID_PARAMETER, "other options do not join");
	tap_fails(combine_forms, NULL, CORE_INVALID_BINARY, "other types of entities do not join");
	tap_fails(read_funnel, NULL, CORE_INVALID_BINARY, "the state of a funnel is none of stage_times");
	tap_fails(read_ordered, NULL, CORE_INVALID_BINARY, "the state of rows in order is none of a funnel");
	tap_ok(host_run(out_of_order, &(test_event) {.arrival = 30, .entity = 19, .at = 30, .step = -64}, NULL),
		   "-64 is a step of rows in order");
	tap_fails(out_of_order, &(test_event) {.arrival = 30, .entity = 19, .at = 30, .step = -65}, CORE_INVALID_PARAMETER,
			  "-65 is none");
	tap_fails(out_of_order, &(test_event) {.arrival = 30, .entity = 19, .at = 28, .step = 1}, CORE_INVALID_PARAMETER,
			  "time that goes back is not in order");
	tap_fails(out_of_order, &(test_event) {.arrival = 30, .entity = 18, .at = 31, .step = 1}, CORE_INVALID_PARAMETER,
			  "an entity that comes back is not in order");
	tap_fails(out_of_order, &(test_event) {.arrival = 3000, .entity = 1009, .at = 1, .step = 1}, CORE_INVALID_PARAMETER,
			  "nor is time that goes back among many rows");
	tap_fails(out_of_order, &(test_event) {.arrival = 3000, .entity = 18, .at = 3001, .step = 1}, CORE_INVALID_PARAMETER,
			  "nor an entity that comes back after many rows");
	tap_fails(out_of_order, &(test_event) {.arrival = 3000, .entity = 18, .at = CALENDAR_END - 1, .step = 1},
			  CORE_INVALID_PARAMETER, "nor one at a time that few logs hold");
	tap_fails(combine_ordered, NULL, CORE_INVALID_PARAMETER, "states of rows in order do not join");
	placed = true;
	tap_ok(host_run(out_of_order, &(test_event) {.arrival = 30, .entity = 19, .at = 30, .step = -64}, NULL),
		   "with a place, -64 is a step");
	tap_fails(out_of_order, &(test_event) {.arrival = 30, .entity = 19, .at = 30, .step = -65}, CORE_INVALID_PARAMETER,
			  "-65 is none");
	tap_fails(out_of_order, &(test_event) {.arrival = 30, .entity = 19, .at = 28, .step = 1}, CORE_INVALID_PARAMETER,
			  "while it waits, time that goes back is not in order");
	tap_fails(out_of_order, &(test_event) {.arrival = 30, .entity = 18, .at = 31, .step = 1}, CORE_INVALID_PARAMETER,
			  "nor an entity that comes back");
	tap_fails(out_of_order, &(test_event) {.arrival = 3000, .entity = 18, .at = CALENDAR_END - 1, .step = 1},
			  CORE_INVALID_PARAMETER, "nor one at a time that few logs hold");
	tap_fails(combine_ordered, NULL, CORE_INVALID_PARAMETER, "states of which each has a row that waits do not join");
	placed = false;
	host_arena_free(arena);
}

/* ---- crafted states ------------------------------------------------------------------ */

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
	funnel_state *state = stage_times_read(&r, arena);
	stage_time	rows[FUNNEL_MAX_STEPS];

	wire_expect_end(&r);
	if (!in_order)
		stage_times_combine(state, through_bytes(state));
	stage_times_result(state, arena, rows);
}

static void
test_crafted(funnel_form form)
{
	uint64_t	seed = 5;
	funnel_options options = options_with(true, 9 * CALENDAR_DAY);
	int			read = 0,
				refused = 0;
	uint8_t    *good,
			   *bad;
	wire_writer w;
	size_t		size;
	core_arena *outer = host_arena_create();
	funnel_state *state;

	arena = outer;
	draw_events(&seed);
	event_count = 12;
	state = state_of(&options, form, 0, 1);
	size = stage_times_size(state);
	good = core_alloc(outer, size);
	bad = core_alloc(outer, size);
	w = (wire_writer) {good, good + size};
	stage_times_write(state, &w);
	for (int round = 0; round < 20000; round++)
	{
		host_failure failure;

		memcpy(bad, good, size);
		for (int i = (int) host_random(&seed, 4); i >= 0; i--)
			bad[host_random(&seed, size)] = (uint8_t) host_random(&seed, 256);
		arena = host_arena_create();
		if (host_run(read_and_use, &(bytes) {bad, host_random(&seed, 8) ? size : host_random(&seed, size)}, &failure))
			read++;
		/* what is wrong may be the promise that rows are in order */
		else if (failure.error == CORE_INVALID_BINARY || failure.error == CORE_DATETIME_OVERFLOW ||
				 failure.error == CORE_INVALID_PARAMETER)
			refused++;
		host_arena_free(arena);
	}
	tap_ok(read > 0 && refused > 0 && read + refused == 20000, "20000 crafted states: %d read, %d refused", read, refused);
	host_arena_free(outer);
}

int
main(void)
{
	test_random();
	test_order();
	test_places();
	test_errors();
	test_crafted(FUNNEL_INT8);
	test_crafted(FUNNEL_TEXT);
	in_order = true;
	test_crafted(FUNNEL_INT8);
	test_crafted(FUNNEL_TEXT);
	placed = true;
	test_crafted(FUNNEL_INT8);
	return tap_done();
}
