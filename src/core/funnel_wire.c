/*
 * funnel_wire.c
 *		The stored form of a funnel's state.
 */
#include "core/funnel.h"
#include "core/funnel_tally.h"

#define STORED_UUID 16
#define STORED_SPAN (4 + 4 + 8)
#define STORED_OPTIONS (4 + 1 + 3 + 4 + 8 + STORED_SPAN + 8 + 8 + 8)	/* and the lists */

static void
write_span(const calendar_span *span, wire_writer *w)
{
	wire_put_u32(w, (uint32_t) span->months);
	wire_put_u32(w, (uint32_t) span->days);
	wire_put_u64(w, (uint64_t) span->micros);
}

static calendar_span
read_span(wire_reader *r)
{
	calendar_span span;

	span.months = (int32_t) wire_get_u32(r);
	span.days = (int32_t) wire_get_u32(r);
	span.micros = (int64_t) wire_get_u64(r);
	return span;
}

static void
write_list(const funnel_list *list, wire_writer *w)
{
	wire_put_u64(w, (uint64_t) list->count);
	for (int i = 0; i < list->count; i++)
		wire_put_u32(w, (uint32_t) list->items[i]);
}

static funnel_list
read_list(wire_reader *r, core_arena *arena)
{
	uint64_t	count = wire_get_count(r, 4);
	int32_t    *items;

	if (count > INT32_MAX)
		wire_refuse(r, "Its options are not ones that this version knows.");
	items = core_alloc(arena, (size_t) count * sizeof(int32_t) + 1);
	for (uint64_t i = 0; i < count; i++)
		items[i] = (int32_t) wire_get_u32(r);
	return (funnel_list) {(int) count, items};
}

static size_t
lists_size(const funnel_options *options)
{
	return (size_t) options->step_within_count * STORED_SPAN +
		((size_t) options->optional.count + (size_t) options->exclude.count) * 4;
}

static void
write_options(const funnel_options *options, wire_writer *w)
{
	uint8_t		flags = (options->has_within ? 1 : 0) | (options->has_lost_step ? 2 : 0)
		| (options->has_as_of ? 4 : 0) | (options->times ? 8 : 0)
		| (options->has_step_within ? 16 : 0) | (options->disjoint ? 32 : 0);

	wire_put_u32(w, (uint32_t) options->steps);
	wire_put_u8(w, flags);
	wire_put_u8(w, (uint8_t) options->mode);
	wire_put_u8(w, (uint8_t) options->anchor);
	wire_put_u8(w, (uint8_t) options->ties);
	wire_put_u32(w, (uint32_t) options->lost_step);
	wire_put_u64(w, (uint64_t) options->as_of);
	write_span(&options->within, w);
	wire_put_u64(w, (uint64_t) options->step_within_count);
	for (int i = 0; i < options->step_within_count; i++)
		write_span(&options->step_within[i], w);
	write_list(&options->optional, w);
	write_list(&options->exclude, w);
}

static void
read_step_within(funnel_options *options, wire_reader *r, core_arena *arena)
{
	uint64_t	count = wire_get_count(r, STORED_SPAN);
	calendar_span *spans;

	if (count >= FUNNEL_MAX_STEPS || (count > 0 && !options->has_step_within))
		wire_refuse(r, "Its options are not ones that this version knows.");
	spans = core_alloc(arena, (size_t) count * sizeof(calendar_span) + 1);
	for (uint64_t i = 0; i < count; i++)
		spans[i] = read_span(r);
	options->step_within_count = (int) count;
	options->step_within = spans;
}

static void
read_options(funnel_options *options, wire_reader *r, core_arena *arena, funnel_ties most)
{
	uint8_t		flags;
	uint8_t		mode;
	uint8_t		anchor;
	uint8_t		ties;
	funnel_flaw flaw;

	funnel_options_default(options);
	options->steps = (int32_t) wire_get_u32(r);
	flags = wire_get_u8(r);
	mode = wire_get_u8(r);
	anchor = wire_get_u8(r);
	ties = wire_get_u8(r);
	options->has_within = (flags & 1) != 0;
	options->has_lost_step = (flags & 2) != 0;
	options->has_as_of = (flags & 4) != 0;
	options->times = (flags & 8) != 0;
	options->has_step_within = (flags & 16) != 0;
	options->disjoint = (flags & 32) != 0;
	options->lost_step = (int32_t) wire_get_u32(r);
	options->as_of = (int64_t) wire_get_u64(r);
	options->within = read_span(r);
	read_step_within(options, r, arena);
	options->optional = read_list(r, arena);
	options->exclude = read_list(r, arena);
	if (flags > 63 || mode > FUNNEL_FURTHEST || anchor > FUNNEL_ANY || ties > most)
		wire_refuse(r, "Its options are not ones that this version knows.");
	options->mode = (funnel_mode) mode;
	options->anchor = (funnel_anchor) anchor;
	options->ties = (funnel_ties) ties;
	if (funnel_options_flawed(options, &flaw))
		wire_refuse(r, "Its options are ones that funnel_options() refuses.");
}

size_t
funnel_size(const funnel_state *state)
{
	size_t		size = 1 + STORED_OPTIONS + lists_size(&state->options);

	if (state->options.disjoint)
		return size + funnel_tally_size(funnel_counted(state));
	/* so do all entities become known */
	funnel_settle(state);
	size += funnel_log_size(state);
	if (state->form == FUNNEL_UUID)
		size += 8 + (size_t) state->entities->count * STORED_UUID;
	else if (state->form == FUNNEL_TEXT)
		size += 8 + (size_t) state->entities->count * 4 + state->entities->byte_count;
	return size;
}

void
funnel_write(const funnel_state *state, wire_writer *w)
{
	wire_put_u8(w, (uint8_t) state->form);
	write_options(&state->options, w);
	if (state->options.disjoint)
	{
		funnel_tally_write(funnel_counted(state), w);
		funnel_forget_counted(state);
		return;
	}
	funnel_settle(state);
	if (state->entities != NULL)
	{
		wire_put_u64(w, state->entities->count);
		for (uint32_t i = 0; i < state->entities->count; i++)
		{
			const entity_record *record = entity_of(state->entities, i);

			if (state->form == FUNNEL_TEXT)
				wire_put_u32(w, record->size);
			wire_put_bytes(w, record->bytes, record->size);
		}
	}
	funnel_log_write(state, w);
}

size_t
funnel_rest_size(const funnel_state *state)
{
	return 1 + STORED_OPTIONS + lists_size(&state->options) + funnel_log_rest_size();
}

void
funnel_write_apart(const funnel_state *state, wire_writer *rest, uint8_t *bulk)
{
	wire_put_u8(rest, (uint8_t) state->form);
	write_options(&state->options, rest);
	funnel_log_write_apart(state, rest, bulk);
}

static void
read_entities(funnel_state *state, wire_reader *r)
{
	uint64_t	count = wire_get_count(r, state->form == FUNNEL_UUID ? STORED_UUID : 4);

	for (uint64_t i = 0; i < count; i++)
	{
		uint32_t	size = state->form == FUNNEL_UUID ? STORED_UUID : wire_get_u32(r);

		if (i % 4096 == 0)
			core_check_interrupts();
		if (entity_number(state->entities, wire_get_bytes(r, size), size) != i)
			wire_refuse(r, "It holds the same entity twice.");
	}
}

/* All but the log. */
static funnel_state *
read_state(wire_reader *r, core_arena *arena, funnel_ties most)
{
	funnel_state *state = funnel_create(arena);
	uint8_t		form = wire_get_u8(r);
	funnel_options options;

	if (form < FUNNEL_INT8 || form > FUNNEL_TEXT)
		wire_refuse(r, "Its entity type is not one that this version knows.");
	read_options(&options, r, arena, most);
	funnel_begin(state, (funnel_form) form, &options);
	if (options.disjoint)
		state->tally = funnel_tally_read(&state->options, r, arena);
	else if (state->entities != NULL)
		read_entities(state, r);
	return state;
}

funnel_state *
funnel_read_ties(wire_reader *r, core_arena *arena, funnel_ties most)
{
	funnel_state *state = read_state(r, arena, most);

	if (!state->options.disjoint)
		funnel_log_read(state, r);
	return state;
}

funnel_state *
funnel_read(wire_reader *r, core_arena *arena)
{
	return funnel_read_ties(r, arena, FUNNEL_INCREASING);
}

void
funnel_combine_stored(funnel_state *state, wire_reader *r, core_arena *scratch)
{
	funnel_state *from = read_state(r, scratch, FUNNEL_INCREASING);

	/* without the log, this compares the two, and gives a new state its options */
	funnel_combine(state, from);
	if (state->options.disjoint)
		return;
	if (state->form == FUNNEL_INT8 && funnel_log_continues(state, r))
		funnel_log_read(state, r);
	else
	{
		funnel_log_read(from, r);
		funnel_combine(state, from);
	}
}

void
funnel_combine_apart(funnel_state *state, wire_reader *rest, const uint8_t *bulk, size_t size,
					 core_arena *scratch)
{
	funnel_state *from = read_state(rest, scratch, FUNNEL_INCREASING);

	funnel_log_read_apart(from, rest, bulk, size);
	funnel_combine_lasting(state, from);
}
