/*
 * funnel_merge.c
 *		The records of a partition that several processes logged, by time.
 *
 * Each of the processes that scan a table together reads stretches of it, and
 * most tables lie in the order of time.  So each stream rises, and the streams take
 * turns of many records.  Merged run by run they are in order again, and
 * an entity's events as well: to put them in order one entity at a time takes
 * much longer.  All of this is about speed.  Where time does not rise, the streams
 * are laid one behind the other, and the sort that follows does what it must.
 */
#include "core/funnel.h"

#define MOST_STREAMS 16
#define PATIENCE 4096			/* records, after which runs must have been long */
#define LONG_RUN 8				/* records */

/* What is left of one stream. */
typedef struct stream
{
	const funnel_block *block;	/* being read; NULL: at the end */
	const uint8_t *at;			/* the next record of it */
	const uint8_t *end;
	uint64_t	head;			/* the word of that record */
	uint8_t    *buffer;			/* for blocks of the file, or NULL */
} stream;

typedef struct merge
{
	const funnel_state *state;
	const funnel_chain *chain;
	size_t		record;			/* bytes of one */
	core_arena *scratch;
	int			count;			/* streams that are not at their end */
	stream		streams[MOST_STREAMS];
} merge;

static inline uint64_t
word_of(const uint8_t *record, size_t size)
{
	uint64_t	word;

	memcpy(&word, record + size - sizeof(word), sizeof(word));
	return word;
}

/* Go to a block, or to the next one that is not empty; false at the end of the stream. */
static bool
enter_block(merge *m, stream *s, const funnel_block *block, bool first)
{
	size_t		size = 0;

	for (; block != NULL && (first || !block->begins); block = block->next, first = false)
		if ((size = funnel_block_size(m->chain, block)) > 0)
			break;
	if (size == 0)
		return false;
	if (block->place == FUNNEL_IN_FILE && s->buffer == NULL)
		s->buffer = core_alloc(m->scratch, FUNNEL_BLOCK_MAX);
	s->block = block;
	s->at = funnel_block_bytes(m->state, block, s->buffer);
	s->end = s->at + size;
	s->head = word_of(s->at, m->record);
	return true;
}

static void
leave_stream(merge *m, stream *s)
{
	core_free(m->scratch, s->buffer);
	m->count--;
	memmove(s, s + 1, (size_t) (&m->streams[m->count] - s) * sizeof(stream));
}

/* The rest of the block, or the records of it up to a word; returns where the next go. */
static inline uint8_t *
take_run(merge *m, stream *s, uint64_t up_to, uint8_t *to)
{
	const uint8_t *at = s->at;
	size_t		size;

	do
		at += m->record;
	while (at < s->end && word_of(at, m->record) <= up_to);
	size = (size_t) (at - s->at);
	memcpy(to, s->at, size);
	s->at = at;
	if (at < s->end)
		s->head = word_of(at, m->record);
	else if (!enter_block(m, s, s->block->next, false))
		leave_stream(m, s);
	return to + size;
}

/* One stream behind the other. */
static void
take_all(merge *m, uint8_t *to)
{
	while (m->count > 0)
	{
		stream	   *s = &m->streams[0];
		size_t		size = (size_t) (s->end - s->at);

		core_check_interrupts();
		memcpy(to, s->at, size);
		to += size;
		if (!enter_block(m, s, s->block->next, false))
			leave_stream(m, s);
	}
}

static void
merge_streams(merge *m, uint8_t *to)
{
	uint8_t    *judged = to;	/* how long runs were, up to here */
	size_t		runs = 0;

	while (m->count > 1)
	{
		stream	   *first = &m->streams[0];
		uint64_t	second = UINT64_MAX;

		for (int i = 1; i < m->count; i++)
		{
			stream	   *s = &m->streams[i];

			if (s->head < first->head)
			{
				second = first->head;
				first = s;
			}
			else if (s->head < second)
				second = s->head;
		}
		to = take_run(m, first, second, to);
		runs++;
		if ((size_t) (to - judged) >= PATIENCE * m->record)
		{
			core_check_interrupts();
			if (runs * LONG_RUN > (size_t) (to - judged) / m->record)
				break;
			judged = to;
			runs = 0;
		}
	}
	take_all(m, to);
}

void
funnel_chain_merge(const funnel_state *state, const funnel_chain *chain, core_arena *scratch, uint8_t *to)
{
	merge		m = {
		.state = state, .chain = chain, .record = funnel_record_size(state->layout), .scratch = scratch
	};
	int			begun = 0;

	for (const funnel_block *block = chain->first; block != NULL; block = block->next)
		begun += block == chain->first || block->begins;
	if (begun <= 1 || begun > MOST_STREAMS)
	{
		funnel_chain_copy(state, chain, to);
		return;
	}
	for (const funnel_block *block = chain->first; block != NULL; block = block->next)
		if (block == chain->first || block->begins)
		{
			stream	   *s = &m.streams[m.count];

			s->buffer = NULL;
			if (enter_block(&m, s, block, true))
				m.count++;
		}
	merge_streams(&m, to);
}
