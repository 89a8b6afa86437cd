/*
 * funnel_apart.c
 *		The log of a funnel in another process of the same query.
 *
 * A worker's log need not be stored to get to its leader: both are the same
 * program on the same machine, and the leader may read the worker's records
 * where they are.  So they are neither written anew nor checked, and a chain is
 * one piece.  The rest says how long each piece is.
 */
#include "core/funnel.h"

size_t
funnel_bulk_size(const funnel_state *state)
{
	size_t		size = 0;

	/* the dictionary of texts and uuids is as large as their log, and needs a look at each entity */
	if (state->form != FUNNEL_INT8 || state->options.disjoint || state->file != NULL)
		return 0;
	if (state->layout == FUNNEL_GROUPED)
		return funnel_chain_size(state->chains);
	if (state->layout == FUNNEL_NARROW || state->layout == FUNNEL_MEDIUM)
		for (int i = 0; i < FUNNEL_PARTITIONS; i++)
			size += funnel_chain_size(&state->chains[i]);
	return size;
}

size_t
funnel_log_rest_size(void)
{
	return 1 + 4 + 8 + 8 + 8 + 8 + FUNNEL_PARTITIONS * 8;
}

void
funnel_log_write_apart(const funnel_state *state, wire_writer *rest, uint8_t *bulk)
{
	wire_put_u8(rest, (uint8_t) state->layout);
	wire_put_u32(rest, (uint32_t) state->highest);
	wire_put_u64(rest, state->base);
	wire_put_u64(rest, state->lowest);
	wire_put_u64(rest, state->current);
	wire_put_u64(rest, state->groups);
	for (int i = 0; i < FUNNEL_PARTITIONS; i++)
	{
		size_t		size = funnel_chain_size(&state->chains[i]);

		wire_put_u64(rest, size);
		funnel_chain_copy(state, &state->chains[i], bulk);
		bulk += size;
	}
}

void
funnel_log_read_apart(funnel_state *state, wire_reader *rest, const uint8_t *bulk, size_t size)
{
	const uint8_t *end = bulk + size;
	uint8_t		layout = wire_get_u8(rest);

	if (layout < FUNNEL_GROUPED || layout > FUNNEL_MEDIUM)
		wire_refuse(rest, "Its layout is not one that this version knows.");
	state->highest = (int32_t) wire_get_u32(rest);
	funnel_log_begin(state, (funnel_layout) layout, wire_get_u64(rest));
	state->lowest = wire_get_u64(rest);
	state->current = wire_get_u64(rest);
	state->groups = wire_get_u64(rest);
	for (int i = 0; i < FUNNEL_PARTITIONS; i++)
	{
		uint64_t	chain_size = wire_get_u64(rest);

		if (chain_size > (uint64_t) (end - bulk))
			wire_refuse(rest, "Its log is shorter than it says.");
		funnel_chain_lend(state, &state->chains[i], bulk, (size_t) chain_size, true);
		bulk += chain_size;
	}
	if (bulk != end)
		wire_refuse(rest, "Its log is longer than it says.");
}
