/*
 * state.c
 *		Transition states as values of named types: one mechanism for all.
 */
#include "handover.h"

#include "common/base64.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

static Size state_flat_size(ExpandedObjectHeader *header);
static void state_flatten_into(ExpandedObjectHeader *header, void *result, Size size);

static const ExpandedObjectMethods state_methods = {
	state_flat_size,
	state_flatten_into
};

#define SHARED_STATES "salesmgmt states"

/*
 * The context that all states of an aggregation share, below its own.
 *
 * The server passes an expanded object on without a copy only if the object's
 * context is a child of the aggregation's.  A child for each state would do,
 * but hashed grouping adds up the memory of all children at every new group:
 * 200,000 groups took minutes.  So there is one child for all of them.
 * Nothing deletes a single state of an aggregation, for its transition and
 * combine functions return the object that they were given, and the child goes
 * with its parent.
 */
static MemoryContext
shared_context(MemoryContext aggregation)
{
	MemoryContext child = aggregation->firstchild;

	/* newest first, so it is near the front unless others add children themselves */
	for (int i = 0; child != NULL && i < 8; i++, child = child->nextchild)
		if (strcmp(child->name, SHARED_STATES) == 0)
			return child;
	return AllocSetContextCreate(aggregation, SHARED_STATES, ALLOCSET_DEFAULT_SIZES);
}

/* Where a new state lives: with the others of its aggregation, else on its own. */
static MemoryContext
state_context(FunctionCallInfo fcinfo)
{
	MemoryContext parent;

	switch (AggCheckCallContext(fcinfo, &parent))
	{
		case AGG_CONTEXT_AGGREGATE:
			return shared_context(parent);
		case AGG_CONTEXT_WINDOW:	/* deletes a state when the frame starts anew */
			break;
		default:
			parent = CurrentMemoryContext;
	}
	return AllocSetContextCreate(parent, "salesmgmt state", ALLOCSET_SMALL_SIZES);
}

/* A state object in a context, without data yet, but with room for so many bytes of them behind it. */
static state_object *
new_object(const state_type *type, MemoryContext context, Size room)
{
	/* among many groups, right behind the group's own tuple: one page to wait for, not two */
	MemoryContext place = strcmp(context->name, SHARED_STATES) == 0 ? context->parent : context;
	state_object *object = MemoryContextAlloc(place, sizeof(state_object) + room);

	EOH_init_header(&object->hdr, &state_methods, context);
	object->type = type;
	object->data = NULL;
	object->handover = NULL;
	return object;
}

/* An empty state, in one piece with its object where its type allows that. */
static state_object *
empty_object(const state_type *type, MemoryContext context)
{
	state_object *object = new_object(type, context, type->zero_size);

	if (type->zero_size > 0)
		object->data = memset(object + 1, 0, type->zero_size);
	else
		object->data = type->create(state_arena(object));
	return object;
}

/* A reader of a state's bytes, behind the format. */
static wire_reader
open_reader(const state_type *type, const void *bytes, Size size)
{
	wire_reader reader = {bytes, (const uint8_t *) bytes + size, type->name};

	if (wire_get_u8(&reader) != type->format)
		wire_refuse(&reader, "Its format is not one that this version knows.");
	return reader;
}

/* Read a state from its bytes, which must be all there is. */
static void *
read_data(const state_type *type, const void *bytes, Size size, core_arena *arena)
{
	wire_reader reader = open_reader(type, bytes, size);
	void	   *data;

	data = type->read(&reader, arena);
	wire_expect_end(&reader);
	return data;
}

static Size
data_size(const state_type *type, const void *data)
{
	return 1 + type->size(data);
}

static void
write_data(const state_type *type, const void *data, void *bytes, Size size)
{
	wire_writer writer = {bytes, (uint8_t *) bytes + size};

	wire_put_u8(&writer, type->format);
	type->write(data, &writer);
	Assert(writer.at == writer.end);
}

static Size
state_flat_size(ExpandedObjectHeader *header)
{
	state_object *object = (state_object *) header;
	Size		size = handover_size(object);

	if (size > 0)
		return VARHDRSZ + size;
	size = VARHDRSZ + data_size(object->type, object->data);
	/* leave room for the tuple around it: the server's own complaint is XX000 */
	if (size > MaxAllocSize - BLCKSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("partial state of type %s would need %zu bytes", object->type->name, size),
				 errdetail("A value cannot hold more than 1 GB."),
				 errhint("Aggregate smaller groups, or SET max_parallel_workers_per_gather = 0.")));
	return size;
}

static void
state_flatten_into(ExpandedObjectHeader *header, void *result, Size size)
{
	state_object *object = (state_object *) header;

	SET_VARSIZE(result, size);
	if (handover_decided(object))
	{
		wire_writer writer = {(uint8_t *) VARDATA(result), (uint8_t *) result + size};

		handover_write(object, &writer);
		Assert(writer.at == writer.end);
	}
	else
		write_data(object->type, object->data, VARDATA(result), size - VARHDRSZ);
}

/* The object behind a Datum, or NULL where the Datum is flat. */
static state_object *
expanded_object(Datum value, const state_type *type)
{
	state_object *object;

	if (!VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(value)))
		return NULL;
	object = (state_object *) DatumGetEOHP(value);
	Assert(object->hdr.eoh_methods == &state_methods && object->type == type);
	return object;
}

static void *
read_flat(Datum value, const state_type *type, core_arena *arena)
{
	struct varlena *flat = PG_DETOAST_DATUM_PACKED(value);

	return read_data(type, VARDATA_ANY(flat), VARSIZE_ANY_EXHDR(flat), arena);
}

state_object *
state_from_arg(FunctionCallInfo fcinfo, int argno, const state_type *type)
{
	state_object *object;

	if (PG_ARGISNULL(argno))
	{
		object = empty_object(type, state_context(fcinfo));
		if (type->combine != NULL)
			handover_note(fcinfo, object);
		return object;
	}
	object = new_object(type, state_context(fcinfo), 0);
	object->data = read_flat(PG_GETARG_DATUM(argno), type, state_arena(object));
	return object;
}

const void *
state_arg_ro(FunctionCallInfo fcinfo, int argno, const state_type *type)
{
	state_object *object;

	if (PG_ARGISNULL(argno))
		return NULL;
	object = expanded_object(PG_GETARG_DATUM(argno), type);
	if (object != NULL)
		return object->data;
	return read_flat(PG_GETARG_DATUM(argno), type, (core_arena *) CurrentMemoryContext);
}

void
state_arg_source(FunctionCallInfo fcinfo, int argno, const state_type *type, state_object *into,
				 state_source *source)
{
	state_object *object = expanded_object(PG_GETARG_DATUM(argno), type);
	struct varlena *flat;

	*source = (state_source) {0};
	if (object != NULL)
	{
		source->data = object->data;
		source->lasting = handover_lasting(fcinfo, object);
		return;
	}
	flat = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(argno));
	if (!handover_read(fcinfo, type, VARDATA_ANY(flat), VARSIZE_ANY_EXHDR(flat), into, source))
		source->reader = open_reader(type, VARDATA_ANY(flat), VARSIZE_ANY_EXHDR(flat));
}

/* Bytes that came from outside: validate them whole, then keep them flat. */
static Datum
accept_bytes(const state_type *type, struct varlena *flat)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "salesmgmt state input",
												  ALLOCSET_DEFAULT_SIZES);

	read_data(type, VARDATA(flat), VARSIZE(flat) - VARHDRSZ, (core_arena *) scratch);
	MemoryContextDelete(scratch);
	return PointerGetDatum(flat);
}

Datum
state_in(PG_FUNCTION_ARGS, const state_type *type)
{
	char	   *text = PG_GETARG_CSTRING(0);
	int			text_size = strlen(text);
	/* pg_b64_dec_len() overflows at 700 MB of text */
	int			room = text_size / 4 * 3 + 3;
	struct varlena *flat = palloc(VARHDRSZ + room);
	int			size = pg_b64_decode(text, text_size, base64_bytes(VARDATA(flat)), room);

	if (size < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid value of type %s", type->name),
				 errdetail("It is not base64.")));
	SET_VARSIZE(flat, VARHDRSZ + size);
	return accept_bytes(type, flat);
}

Datum
state_out(PG_FUNCTION_ARGS, const state_type *type)
{
	struct varlena *flat = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	int			size = VARSIZE_ANY_EXHDR(flat);
	int			room = pg_b64_enc_len(size);
	char	   *text;
	int			text_size;

	if (room < size || (Size) room >= MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("value of type %s is too large for a text form", type->name),
				 errhint("Use the binary format, as COPY ... WITH (FORMAT binary) does.")));
	text = palloc(room + 1);
	text_size = pg_b64_encode(base64_bytes(VARDATA_ANY(flat)), size, text, room);
	Assert(text_size >= 0);
	text[text_size] = '\0';
	PG_RETURN_CSTRING(text);
}

Datum
state_recv(PG_FUNCTION_ARGS, const state_type *type)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int			size = message->len - message->cursor;
	struct varlena *flat = palloc(VARHDRSZ + size);

	SET_VARSIZE(flat, VARHDRSZ + size);
	pq_copymsgbytes(message, VARDATA(flat), size);
	return accept_bytes(type, flat);
}

Datum
state_send(PG_FUNCTION_ARGS, const state_type *type)
{
	struct varlena *flat = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendbytes(&message, VARDATA_ANY(flat), VARSIZE_ANY_EXHDR(flat));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}
