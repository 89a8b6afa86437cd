/*
 * stage_instant.c
 *		Rows of one instant, each at its place, until none can come any more.
 */
#include "core/stage_instant.h"

#include <string.h>

#define FIRST_ROOM 8
#define STORED_ROW (8 + 1)		/* place, step */

/* The instant of a state, with room for so many rows. */
static stage_instant *
instant_with_room(funnel_state *state, uint32_t room)
{
	stage_instant *instant = state->instant;

	if (instant == NULL)
	{
		instant = state->instant = core_alloc(state->arena, sizeof(stage_instant));
		memset(instant, 0, sizeof(*instant));
	}
	if (instant->room < room)
	{
		room = room > instant->room * 2 ? room : instant->room * 2;
		room = room > FIRST_ROOM ? room : FIRST_ROOM;
		instant->rows = core_realloc(state->arena, instant->rows, room * sizeof(stage_row));
		instant->room = room;
	}
	return instant;
}

/* The first row that is not before a place. */
static uint32_t
first_from(const stage_instant *instant, int64_t place)
{
	uint32_t	low = 0;
	uint32_t	high = instant->count;

	/* nearly all come in order of place */
	if (high == 0 || instant->rows[high - 1].place < place)
		return high;
	while (low < high)
	{
		uint32_t	middle = low + (high - low) / 2;

		if (instant->rows[middle].place < place)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void
stage_instant_put(funnel_state *state, uint64_t entity, int64_t at, int64_t place, int32_t step)
{
	stage_instant *instant;
	uint32_t	i;

	if (stage_instant_count(state) > 0 && (state->instant->entity != entity || state->instant->at != at))
		stage_instant_close(state);
	instant = instant_with_room(state, stage_instant_count(state) + 1);
	instant->entity = entity;
	instant->at = at;
	i = first_from(instant, place);
	if (i == instant->count || instant->rows[i].place != place)
	{
		memmove(&instant->rows[i + 1], &instant->rows[i], (instant->count - i) * sizeof(stage_row));
		instant->count++;
	}
	instant->rows[i] = (stage_row) {place, step};
}

void
stage_instant_close(funnel_state *state)
{
	stage_instant *instant = state->instant;

	for (uint32_t i = 0; i < stage_instant_count(state); i++)
		stage_instant_log(state, instant->entity, instant->at, instant->rows[i].step);
	if (instant != NULL)
		instant->count = 0;
}

void
stage_instant_copy(funnel_state *state, const funnel_state *from)
{
	for (uint32_t i = 0; i < stage_instant_count(from); i++)
		stage_instant_put(state, from->instant->entity, from->instant->at,
						  from->instant->rows[i].place, from->instant->rows[i].step);
}

const funnel_event *
stage_instant_join(const stage_instant *instant, core_arena *scratch, const funnel_event *events, size_t *count)
{
	funnel_event *joined = core_alloc(scratch, (*count + instant->count) * sizeof(funnel_event));

	if (*count > 0)
		memcpy(joined, events, *count * sizeof(funnel_event));
	for (uint32_t i = 0; i < instant->count; i++)
		joined[*count + i] = (funnel_event) {instant->entity, instant->at, instant->rows[i].step};
	*count += instant->count;
	return joined;
}

/* ---- the stored form -------------------------------------------------------------- */

size_t
stage_instant_size(const funnel_state *state)
{
	uint32_t	count = stage_instant_count(state);

	return 8 + (count == 0 ? 0 : 16 + (size_t) count * STORED_ROW);
}

void
stage_instant_write(const funnel_state *state, wire_writer *w)
{
	const stage_instant *instant = state->instant;
	uint32_t	count = stage_instant_count(state);

	wire_put_u64(w, count);
	if (count == 0)
		return;
	wire_put_u64(w, instant->entity);
	wire_put_u64(w, (uint64_t) instant->at);
	for (uint32_t i = 0; i < count; i++)
	{
		wire_put_u64(w, (uint64_t) instant->rows[i].place);
		wire_put_u8(w, (uint8_t) instant->rows[i].step);
	}
}

void
stage_instant_read(funnel_state *state, wire_reader *r)
{
	uint64_t	count = wire_get_count(r, STORED_ROW);
	uint64_t	entity;
	int64_t		at;
	int64_t		before = 0;

	if (count == 0)
		return;
	if (state->form != FUNNEL_INT8 || state->options.ties != FUNNEL_IN_ORDER)
		wire_refuse(r, "Rows wait in a state that has no places.");
	entity = wire_get_u64(r);
	at = (int64_t) wire_get_u64(r);
	for (uint64_t i = 0; i < count; i++)
	{
		int64_t		place = (int64_t) wire_get_u64(r);
		int32_t		step = wire_get_u8(r);

		if (i % 4096 == 0)
			core_check_interrupts();
		if (!funnel_may_log(&state->options, at, step))
			wire_refuse(r, "A row that waits has a time or a step that it cannot have.");
		if (i > 0 && place <= before)
			wire_refuse(r, "Rows that wait are not in order of place.");
		stage_instant_put(state, entity, at, place, step);
		before = place;
	}
}
