/*
 * funnel_log_test.c
 *		Logs of every layout against sorting all events at once.
 */
#include "host.h"

#include "core/funnel.h"

#include <stdlib.h>
#include <string.h>

#define HOUR (CALENDAR_DAY / 24)

static uint64_t seed = 20240229;

typedef struct row
{
	uint64_t	entity;
	int64_t		at;
	int32_t		step;
} row;

static bool rows_rising;		/* order of steps within an instant */

static int
compare_rows(const void *a, const void *b)
{
	const row  *x = a;
	const row  *y = b;

	if (x->entity != y->entity)
		return x->entity < y->entity ? -1 : 1;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return rows_rising ? x->step - y->step : y->step - x->step;
}

/* What all entities went through, whichever comes first. */
typedef struct digest
{
	const funnel_options *options;
	funnel_walker walker;
	uint64_t	entities;
	uint64_t	events;
	uint64_t	sum;
} digest;

static void
digest_entity(void *context, const funnel_event *events, size_t count)
{
	digest	   *d = context;
	funnel_journey journey;
	uint64_t	hash = count;

	funnel_follow(&d->walker, events, count, &journey);
	for (size_t i = 0; i < count; i++)
		hash = (hash ^ (uint64_t) events[i].at ^ (uint64_t) events[i].step << 60) * UINT64_C(0x9e3779b97f4a7c15);
	hash = hash * 31 + (uint64_t) journey.depth * 4 + journey.lost * 2 + journey.mature;
	d->entities++;
	d->events += count;
	d->sum += hash ^ hash >> 29;
}

static void
digest_rows(digest *d, row *rows, size_t count)
{
	funnel_event *events = malloc((count + 1) * sizeof(funnel_event));
	size_t		end;

	rows_rising = d->options->ties == FUNNEL_EITHER;
	qsort(rows, count, sizeof(row), compare_rows);
	for (size_t i = 0; i < count; i++)
		events[i] = (funnel_event) {rows[i].entity, rows[i].at, rows[i].step};
	for (size_t start = 0; start < count; start = end)
	{
		for (end = start + 1; end < count && rows[end].entity == rows[start].entity;)
			end++;
		digest_entity(d, events + start, end - start);
	}
	free(events);
}

typedef enum ids
{
	DENSE, INT4, ANY_INT8, AROUND_A_BASE, DENSE_AROUND_A_BASE, MULTIPLES, ONE_ENTITY, GROUPED, GROUPED_THEN_NOT, OUTGROWN, PATTERNS
} ids;

static const char *const id_names[] = {
	"dense", "int4", "any int8", "around a base", "dense around a base", "multiples of 64", "one", "grouped", "grouped, then not", "outgrown"
};

/* Row i of count, of a log whose entities follow a pattern. */
static row
random_row(ids pattern, size_t i, size_t count, bool ancient)
{
	uint64_t	draw = host_random(&seed, count / 8 + 1);
	row			r = {draw, (int64_t) (i / 4 + host_random(&seed, 40)) * HOUR, 1 + (int32_t) host_random(&seed, 5)};

	switch (pattern)
	{
		case INT4:
			r.entity = (uint64_t) (int64_t) (int32_t) (uint32_t) (draw * 2654435761u);
			break;
		case ANY_INT8:
			r.entity = draw * UINT64_C(0x9e3779b97f4a7c15);
			break;
		case AROUND_A_BASE:
			r.entity = UINT64_C(7000000000000) + draw * 1000;
			break;
		case DENSE_AROUND_A_BASE:
			r.entity = UINT64_C(7000000000007) + draw;
			break;
		case MULTIPLES:
			r.entity = draw * 64;
			break;
		case ONE_ENTITY:
			r.entity = (uint64_t) -5;
			break;
		case GROUPED:
			r.entity = (uint64_t) ((int64_t) (i / 7) - 300) * 3;
			break;
		case GROUPED_THEN_NOT:
			r.entity = i / 7 - (i > count - 20 ? 100 : 0);
			break;
		case OUTGROWN:
			r.entity = draw + (i > count / 2 && host_random(&seed, 50) == 0 ? UINT64_C(1) << 40 : 0);
			break;
		default:
			break;
	}
	if (host_random(&seed, 9) == 0)
		r.step = 9;				/* the lost_step */
	if (ancient && i > count - 50)
		r.at = CALENDAR_MIN + r.at;
	return r;
}

static uint64_t layouts_seen[FUNNEL_WIDE + 1];
static uint64_t files_seen[FUNNEL_WIDE + 1];

static wire_reader
store(const funnel_state *state, core_arena *arena)
{
	size_t		size = funnel_size(state);
	uint8_t    *bytes = core_alloc(arena, size);
	wire_writer w = {bytes, bytes + size};

	funnel_write(state, &w);
	if (w.at != w.end)
		tap_ok(false, "funnel_size() is what funnel_write() writes");
	return (wire_reader) {bytes, bytes + size, "funnel_state"};
}

static funnel_state *
stored_and_read(const funnel_state *state, core_arena *arena)
{
	wire_reader r = store(state, arena);

	return funnel_read(&r, arena);
}

static void
combine_stored(funnel_state *state, const funnel_state *from, core_arena *arena)
{
	wire_reader r = store(from, arena);

	funnel_combine_stored(state, &r, arena);
	wire_expect_end(&r);
}

/* One log of rows as they come, one of three parts that are combined, one that was stored, one of stored parts. */
static bool
layouts_agree(const funnel_options *options, ids pattern, size_t count, bool ancient)
{
	core_arena *arena = host_arena_create();
	row		   *rows = malloc(count * sizeof(row));
	funnel_state *states[6];
	digest		expected = {.options = options};
	bool		equal = true;

	funnel_walker_begin(&expected.walker, options, 5, arena);

	for (int i = 0; i < 6; i++)
	{
		states[i] = funnel_create(arena);
		funnel_begin(states[i], FUNNEL_INT8, options);
	}
	for (size_t i = 0; i < count; i++)
	{
		rows[i] = random_row(pattern, i, count, ancient);
		funnel_add_row(states[0], rows[i].entity, rows[i].step, rows[i].at);
		funnel_add_row(states[1 + i * 3 / count], rows[i].entity, rows[i].step, rows[i].at);
		if (rows[i].step == 9)
			rows[i].step = FUNNEL_LOST;
	}
	layouts_seen[states[0]->layout]++;
	files_seen[states[0]->layout] += states[0]->file != NULL;
	funnel_combine(states[4], states[2]);
	funnel_combine(states[4], states[3]);
	funnel_combine(states[4], states[1]);
	for (int i = 1; i < 4; i++)
		combine_stored(states[5], states[i], arena);
	states[1] = states[4];
	states[2] = stored_and_read(states[0], arena);
	states[3] = states[5];
	digest_rows(&expected, rows, count);
	for (int i = 0; i < 4; i++)
	{
		digest		found = {.options = options, .walker = expected.walker};

		funnel_visit(states[i], arena, digest_entity, &found);
		equal &= funnel_count(states[i]) == count && found.entities == expected.entities &&
			found.events == expected.events && found.sum == expected.sum;
	}
	free(rows);
	host_arena_free(arena);
	return equal;
}

/* A part as another process of the query gets it: in two parts, if it can be. */
static bool
combine_apart(funnel_state *state, const funnel_state *from, core_arena *arena)
{
	size_t		bulk_size = funnel_bulk_size(from);
	size_t		rest_size = funnel_rest_size(from);
	uint8_t    *bulk = core_alloc(arena, bulk_size);
	uint8_t    *rest = core_alloc(arena, rest_size);
	wire_writer w = {rest, rest + rest_size};
	wire_reader r = {rest, rest + rest_size, "funnel_state"};

	if (bulk_size == 0)
	{
		combine_stored(state, from, arena);
		return false;
	}
	funnel_write_apart(from, &w, bulk);
	if (w.at != w.end)
		tap_ok(false, "funnel_rest_size() is what funnel_write_apart() writes");
	funnel_combine_apart(state, &r, bulk, bulk_size, arena);
	wire_expect_end(&r);
	return true;
}

#define SCANS 4

static uint64_t apart_seen;

/*
 * Scans that take turns of some rows each: the last log of them all, with the
 * logs of the others lent to it, handed over in two parts, and both; in the end
 * stored, and combined with more.
 */
static bool
scans_agree(const funnel_options *options, ids pattern, size_t count, size_t turn, bool ancient)
{
	core_arena *arena = host_arena_create();
	row		   *rows = malloc(count * sizeof(row));
	funnel_state *scans[SCANS];
	funnel_state *states[5];
	digest		expected = {.options = options};
	bool		equal = true;

	funnel_walker_begin(&expected.walker, options, 5, arena);
	for (int i = 0; i < SCANS; i++)
	{
		scans[i] = funnel_create(arena);
		funnel_begin(scans[i], FUNNEL_INT8, options);
	}
	for (size_t i = 0; i < count; i++)
	{
		rows[i] = random_row(pattern, i, count, ancient);
		funnel_add_row(scans[i / turn % SCANS], rows[i].entity, rows[i].step, rows[i].at);
		if (rows[i].step == 9)
			rows[i].step = FUNNEL_LOST;
	}
	for (int i = 0; i < 5; i++)
		states[i] = funnel_create(arena);
	for (int i = SCANS - 1; i >= 0; i--)
	{
		funnel_combine_lasting(states[0], scans[i]);
		apart_seen += combine_apart(states[1], scans[i], arena);
		if (i % 2 == 0)
			funnel_combine_lasting(states[2], scans[i]);
		else
			combine_apart(states[2], scans[i], arena);
		/* with copies between */
		if (i % 2 == 0)
			funnel_combine(states[3], scans[i]);
		else
			combine_apart(states[3], scans[i], arena);
	}
	combine_stored(states[4], states[2], arena);
	digest_rows(&expected, rows, count);
	for (int i = 0; i < 5; i++)
	{
		digest		found = {.options = options, .walker = expected.walker};

		funnel_visit(states[i], arena, digest_entity, &found);
		equal &= funnel_count(states[i]) == count && found.entities == expected.entities &&
			found.events == expected.events && found.sum == expected.sum;
	}
	free(rows);
	host_arena_free(arena);
	return equal;
}

int
main(void)
{
	static const size_t limits[] = {SIZE_MAX, 65536, 1000000};
	static const size_t sizes[] = {1, 8, 1024, 1025, 2000, 9000, 40000};

	for (ids pattern = DENSE; pattern < PATTERNS; pattern++)
		for (int ties = FUNNEL_EITHER; ties <= FUNNEL_INCREASING; ties++)
		{
			bool		equal = true;
			funnel_options options;

			funnel_options_default(&options);
			options.ties = (funnel_ties) ties;
			options.has_lost_step = true;
			options.lost_step = 9;
			options.has_within = true;
			options.within.days = 2;
			for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
				for (int ancient = 0; ancient < 2; ancient++)
					for (size_t l = 0; l < sizeof(limits) / sizeof(limits[0]); l++)
					{
						host_memory_limit = limits[l];
						equal &= layouts_agree(&options, pattern, sizes[i], ancient);
					}
			tap_ok(equal, "entities %s, ties %s: the log is that of all events sorted", id_names[pattern],
				   ties == FUNNEL_EITHER ? "either" : "increasing");
		}
	for (ids pattern = DENSE; pattern < PATTERNS; pattern++)
	{
		bool		equal = true;
		funnel_options options;

		funnel_options_default(&options);
		options.has_lost_step = true;
		options.lost_step = 9;
		for (size_t i = 3; i < sizeof(sizes) / sizeof(sizes[0]); i++)
			for (size_t turn = 1; turn <= 1000; turn *= 10)
				for (int ancient = 0; ancient < 2; ancient++)
					for (size_t l = 0; l < 2; l++)
					{
						host_memory_limit = limits[l];
						equal &= scans_agree(&options, pattern, sizes[i], turn, ancient);
					}
		tap_ok(equal, "entities %s: logs that are handed over make the log of all", id_names[pattern]);
	}
	tap_ok(apart_seen > 400, "%llu logs were handed over in two parts", (unsigned long long) apart_seen);
	for (int layout = FUNNEL_SMALL; layout <= FUNNEL_WIDE; layout++)
		tap_ok(layouts_seen[layout] > 0 && (files_seen[layout] > 0 || layout == FUNNEL_SMALL),
			   "%llu logs had layout %d, %llu of them a file", (unsigned long long) layouts_seen[layout], layout,
			   (unsigned long long) files_seen[layout]);
	return tap_done();
}
