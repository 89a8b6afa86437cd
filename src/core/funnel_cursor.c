/*
 * funnel_cursor.c
 *		The log of a funnel, read as events, whichever layout it has.
 */
#include "core/funnel.h"

void
funnel_cursor_open(funnel_cursor *cursor, const funnel_state *state)
{
	cursor->state = state;
	cursor->chain = 0;
	cursor->block = state->chains ? state->chains[0].first : NULL;
	cursor->bytes = NULL;
	cursor->done = 0;
	cursor->entity = 0;
	cursor->entity_follows = false;
}

/* Events of the records from bytes on; returns how many bytes that took. */
static size_t
decode_records(funnel_cursor *cursor, const uint8_t *bytes, size_t size, size_t *count)
{
	const funnel_state *state = cursor->state;
	size_t		record = funnel_record_size(state->layout);
	size_t		used = 0;

	for (; used < size && *count < FUNNEL_PIECE; used += record)
	{
		funnel_event *event = &cursor->events[(*count)++];
		uint32_t	key;
		uint64_t	word;

		if (state->layout == FUNNEL_WIDE)
		{
			memcpy(event, bytes + used, sizeof(*event));
			continue;
		}
		if (state->layout == FUNNEL_NARROW)
		{
			memcpy(&key, bytes + used, 4);
			event->entity = state->base + key;
		}
		else
			memcpy(&event->entity, bytes + used, 8);
		memcpy(&word, bytes + used + record - 8, 8);
		event->at = funnel_word_at(word);
		event->step = funnel_word_step(word);
	}
	return used;
}

/* The same for words of a grouped log. */
static size_t
decode_grouped(funnel_cursor *cursor, const uint8_t *bytes, size_t size, size_t *count)
{
	size_t		used = 0;

	for (; used < size && *count < FUNNEL_PIECE; used += sizeof(uint64_t))
	{
		uint64_t	word;

		memcpy(&word, bytes + used, sizeof(word));
		if (cursor->entity_follows)
		{
			cursor->entity = word;
			cursor->entity_follows = false;
		}
		else if (word == FUNNEL_ENTITY_FOLLOWS)
			cursor->entity_follows = true;
		else
			cursor->events[(*count)++] = (funnel_event) {
				cursor->entity, funnel_word_at(word), funnel_word_step(word)
			};
	}
	return used;
}

const funnel_event *
funnel_next_piece(funnel_cursor *cursor, size_t *count)
{
	const funnel_state *state = cursor->state;
	int			chains = state->layout == FUNNEL_GROUPED ? 1 : FUNNEL_PARTITIONS;

	core_check_interrupts();
	*count = 0;
	if (state->layout == FUNNEL_SMALL)
	{
		*count = cursor->done == 0 ? state->small_count : 0;
		cursor->done = *count;
		return state->small;
	}
	while (*count < FUNNEL_PIECE)
	{
		const funnel_chain *chain = &state->chains[cursor->chain];
		size_t		size;

		if (cursor->block == NULL)
		{
			if (++cursor->chain >= chains)
			{
				cursor->chain = chains - 1;
				break;
			}
			cursor->block = state->chains[cursor->chain].first;
			continue;
		}
		if (cursor->bytes == NULL)
			cursor->bytes = funnel_block_bytes(state, cursor->block, cursor->buffer);
		size = funnel_block_size(chain, cursor->block);
		cursor->done += (state->layout == FUNNEL_GROUPED ? decode_grouped : decode_records)
			(cursor, cursor->bytes + cursor->done, size - cursor->done, count);
		if (cursor->done == size)
		{
			cursor->block = cursor->block->next;
			cursor->bytes = NULL;
			cursor->done = 0;
		}
	}
	return cursor->events;
}
