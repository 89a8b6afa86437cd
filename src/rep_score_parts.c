/*
 * rep_score_parts.c
 *		rep_score_parts(kpi, actual, target, weight, higher_is_better, options).
 *
 * The mathematics is in core/score_parts.c.
 */
#include "rep_score.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "core/score_parts.h"

/* Bytes from outside must also be text of this database. */
static void *
read_parts(wire_reader *r, core_arena *arena)
{
	score_parts_state *state = score_parts_read(r, arena);

	for (int64 i = 0; i < state->count; i++)
		if (!pg_verify_mbstr(GetDatabaseEncoding(), state->parts[i].kpi, state->parts[i].kpi_size, true))
			wire_refuse(r, "A name is not text.");
	return state;
}

static const state_type rep_score_parts_state = {
	.name = "rep_score_parts_state",
	.format = 1,
	.size = score_parts_size,
	.write = score_parts_write,
	.read = read_parts,
	.zero_size = sizeof(score_parts_state)
};

PG_FUNCTION_INFO_V1(rep_score_parts_transition);
Datum
rep_score_parts_transition(PG_FUNCTION_ARGS)
{
	score_row	row = score_row_arg(fcinfo, 2);
	const score_options *options = score_options_arg(fcinfo, 6);
	text	   *kpi;
	state_object *object;

	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("kpi must not be null"),
				 errhint("Give each part a name, for it to be told from the others.")));
	kpi = PG_GETARG_TEXT_PP(1);
	object = state_arg_rw(fcinfo, 0, &rep_score_parts_state);
	score_parts_add(object->data, options, &row, VARDATA_ANY(kpi), VARSIZE_ANY_EXHDR(kpi), state_arena(object));
	STATE_RETURN(object);
}

PG_FUNCTION_INFO_V1(rep_score_parts_combine);
Datum
rep_score_parts_combine(PG_FUNCTION_ARGS)
{
	const score_parts_state *other = state_arg_ro(fcinfo, 1, &rep_score_parts_state);
	state_object *object;

	if (other == NULL && PG_ARGISNULL(0))
		PG_RETURN_NULL();
	object = state_arg_rw(fcinfo, 0, &rep_score_parts_state);
	if (other != NULL)
		score_parts_combine(object->data, other, state_arena(object));
	STATE_RETURN(object);
}

STATE_IO_FUNCTIONS(rep_score_parts_state, &rep_score_parts_state);

/* A value of type score_part, its attributes in order. */
static void
write_part(const void *parts, int i, Datum *values, bool *nulls)
{
	const score_part *part = (const score_part *) parts + i;

	values[0] = PointerGetDatum(cstring_to_text_with_len(part->kpi, part->kpi_size));
	values[1] = Float8GetDatum(part->attainment);
	values[2] = Float8GetDatum(part->weight);
	values[3] = Float8GetDatum(part->contribution);
	nulls[1] = !part->present;
	nulls[3] = !part->has_contribution;
}

PG_FUNCTION_INFO_V1(rep_score_parts_final);
Datum
rep_score_parts_final(PG_FUNCTION_ARGS)
{
	const score_parts_state *state = state_arg_ro(fcinfo, 0, &rep_score_parts_state);

	if (state == NULL || state->count == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(composite_array(fcinfo, score_parts_final(state, (core_arena *) CurrentMemoryContext),
									(int) state->count, write_part));
}
