/*
 * durations.c
 *		Lists of durations, in memory or in a file, and their exact percentiles.
 */
#include "core/durations.h"

#include "core/percentile.h"

#include <string.h>

#define FIRST_VALUES 64
#define FIRST_PIECES 8
#define BUCKET_BITS 14
#define FEW 8192				/* values of a file that are selected from in memory */

void
durations_begin(durations_pool *pool, core_arena *arena, size_t used)
{
	size_t		limit = core_memory_limit();

	memset(pool, 0, sizeof(*pool));
	pool->arena = arena;
	pool->limit = used < limit - limit / 4 ? limit - used : limit / 4;
}

void
durations_free(durations_pool *pool)
{
	for (durations *list = pool->lists; list != NULL; list = list->next)
	{
		core_free(pool->arena, list->values);
		core_free(pool->arena, list->pieces);
	}
	if (pool->file_arena != NULL)
		core_arena_free(pool->file_arena);
}

/* ---- to the file ------------------------------------------------------------- */

static durations_piece *
new_piece(durations_pool *pool, durations *list)
{
	if (list->piece_count == list->piece_room)
	{
		list->piece_room = list->piece_room == 0 ? FIRST_PIECES : list->piece_room * 2;
		list->pieces = core_realloc(pool->arena, list->pieces, list->piece_room * sizeof(durations_piece));
	}
	return &list->pieces[list->piece_count++];
}

static void
flush(durations_pool *pool, durations *list)
{
	if (list->held == 0)
		return;
	if (list->piece_count == 0)
		list->least = list->greatest = list->values[0];
	*new_piece(pool, list) = (durations_piece) {pool->file_size, list->held};
	for (size_t done = 0; done < list->held; done += DURATIONS_PIECE)
	{
		size_t		count = list->held - done < DURATIONS_PIECE ? list->held - done : DURATIONS_PIECE;
		const int64_t *values = list->values + done;

		core_check_interrupts();
		for (size_t i = 0; i < count; i++)
		{
			list->least = values[i] < list->least ? values[i] : list->least;
			list->greatest = values[i] > list->greatest ? values[i] : list->greatest;
		}
		core_file_write(pool->file, pool->file_size, values, count * sizeof(int64_t));
		pool->file_size += count * sizeof(int64_t);
	}
	list->held = 0;
}

static void
set_room(durations_pool *pool, durations *list, size_t room)
{
	if (list->held == 0)
	{
		core_free(pool->arena, list->values);
		list->values = NULL;
	}
	list->values = core_realloc(pool->arena, list->values, room * sizeof(int64_t));
	pool->held += room * sizeof(int64_t);
	pool->held -= list->room * sizeof(int64_t);
	list->room = room;
}

/* All lists to the file, which becomes the place of what is to come, too. */
static void
spill(durations_pool *pool)
{
	pool->file_arena = core_arena_create(pool->arena);
	pool->file = core_file_open(pool->file_arena);
	for (durations *list = pool->lists; list != NULL; list = list->next)
	{
		flush(pool, list);
		set_room(pool, list, DURATIONS_PIECE);
	}
}

void
durations_grow(durations_pool *pool, durations *list)
{
	if (list->room == 0)
	{
		list->next = pool->lists;
		pool->lists = list;
	}
	if (pool->file == NULL)
	{
		set_room(pool, list, list->room == 0 ? FIRST_VALUES : list->room * 2);
		if (pool->held > pool->limit)
			spill(pool);
	}
	else if (list->room == 0)
		set_room(pool, list, DURATIONS_PIECE);
	else
		flush(pool, list);
}

/* ---- and back ------------------------------------------------------------------ */

void
durations_open(durations_cursor *cursor, const durations_pool *pool, const durations *list)
{
	cursor->pool = pool;
	cursor->list = list;
	cursor->piece = 0;
	cursor->done = 0;
}

const int64_t *
durations_next(durations_cursor *cursor, size_t *count)
{
	const durations *list = cursor->list;
	bool		in_file = cursor->piece < list->piece_count;
	uint64_t	size = in_file ? list->pieces[cursor->piece].count : list->held;
	const durations_piece *piece;

	core_check_interrupts();
	*count = size - cursor->done < DURATIONS_PIECE ? size - cursor->done : DURATIONS_PIECE;
	if (!in_file)
	{
		/* a copy: they may go to the file before the next call, as the next piece */
		if (*count > 0)
			memcpy(cursor->values, list->values + cursor->done, *count * sizeof(int64_t));
		cursor->done += *count;
		return cursor->values;
	}
	piece = &list->pieces[cursor->piece];
	core_file_read(cursor->pool->file, piece->at + cursor->done * sizeof(int64_t), cursor->values,
				   *count * sizeof(int64_t));
	cursor->done += *count;
	if (cursor->done == size)
	{
		cursor->piece++;
		cursor->done = 0;
	}
	return cursor->values;
}

void
durations_add_all(durations_pool *pool, durations *list, const durations_pool *from_pool, const durations *from)
{
	durations_cursor *cursor = core_alloc(pool->arena, sizeof(durations_cursor));
	const int64_t *values;
	size_t		count;

	durations_open(cursor, from_pool, from);
	while (values = durations_next(cursor, &count), count > 0)
		for (size_t i = 0; i < count; i++)
			durations_add(pool, list, values[i]);
	core_free(pool->arena, cursor);
}

/* ---- percentiles of a list in a file ----------------------------------------------- */

/* The values from low to high, among which one is sought. */
typedef struct search
{
	durations_cursor cursor;
	int64_t		low;
	int64_t		high;
	uint64_t	kept;			/* how many there are */
	uint64_t	rank;			/* of the one, among them */
	int64_t		next;			/* the least value above high */
	uint64_t	counts[1 << BUCKET_BITS];
	int64_t		few[FEW];		/* the values, once they are few */
} search;

static inline uint64_t
distance(int64_t from, int64_t to)
{
	return (uint64_t) to - (uint64_t) from;
}

/*
 * One pass: count the values in buckets of their range, and go on with the
 * bucket that holds the rank.  The least and the greatest value that the pass
 * meets make the range as tight as it can be: where many are equal, as times of
 * day grain are, it is soon one value.
 */
static void
narrow_down(search *s, const durations_pool *pool, const durations *list)
{
	uint64_t	width = distance(s->low, s->high);
	int64_t		least = s->high;
	int64_t		greatest = s->low;
	unsigned	shift = 0;
	uint64_t	bucket = 0;
	const int64_t *values;
	size_t		count;

	while (width >> shift >= UINT64_C(1) << BUCKET_BITS)
		shift++;
	memset(s->counts, 0, sizeof(s->counts));
	durations_open(&s->cursor, pool, list);
	while (values = durations_next(&s->cursor, &count), count > 0)
		for (size_t i = 0; i < count; i++)
		{
			uint64_t	above = distance(s->low, values[i]);

			if (values[i] < s->low || above > width)
				continue;
			s->counts[above >> shift]++;
			least = values[i] < least ? values[i] : least;
			greatest = values[i] > greatest ? values[i] : greatest;
		}
	for (; s->rank >= s->counts[bucket]; bucket++)
		s->rank -= s->counts[bucket];
	s->kept = s->counts[bucket];
	if (width - (bucket << shift) >= UINT64_C(1) << shift)
		s->high = (int64_t) ((uint64_t) s->low + ((bucket + 1) << shift) - 1);
	s->low = (int64_t) ((uint64_t) s->low + (bucket << shift));
	s->low = s->low < least ? least : s->low;
	s->high = s->high > greatest ? greatest : s->high;
}

/* The last pass: what is in the range, and the least value above it. */
static void
collect(search *s, const durations_pool *pool, const durations *list)
{
	bool		one = s->low == s->high;
	size_t		few = 0;
	const int64_t *values;
	size_t		count;

	s->next = INT64_MAX;
	durations_open(&s->cursor, pool, list);
	while (values = durations_next(&s->cursor, &count), count > 0)
		for (size_t i = 0; i < count; i++)
		{
			if (values[i] > s->high)
				s->next = values[i] < s->next ? values[i] : s->next;
			else if (values[i] >= s->low && !one)
				s->few[few++] = values[i];
		}
}

static double
percentile_of_file(durations_pool *pool, durations *list, double position, int64_t origin, double unit)
{
	search	   *s = core_alloc(pool->file_arena, sizeof(search));
	int64_t		below;
	double		result;

	flush(pool, list);
	s->low = list->least;
	s->high = list->greatest;
	s->kept = list->count;
	s->rank = (uint64_t) position;
	while (s->kept > FEW && s->low < s->high)
		narrow_down(s, pool, list);
	collect(s, pool, list);
	below = s->low;
	if (s->low < s->high)
		below = percentile_select(s->few, s->kept, s->rank);
	else if (s->rank + 1 < s->kept)
		s->next = below;
	for (uint64_t i = s->rank + 1; s->low < s->high && i < s->kept; i++)
		s->next = s->few[i] < s->next ? s->few[i] : s->next;
	result = percentile_between(below, s->next, position - (double) (uint64_t) position, origin, unit);
	core_free(pool->file_arena, s);
	return result;
}

double
durations_percentile(durations_pool *pool, durations *list, double fraction, int64_t origin, double unit)
{
	if (list->piece_count == 0)
		return percentile_of(list->values, list->held, fraction, origin, unit);
	return percentile_of_file(pool, list, fraction * (double) (list->count - 1), origin, unit);
}
