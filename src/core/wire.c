/*
 * wire.c
 *		Bytes of a stored state: little-endian, written and read in order.
 */
#include "core/wire.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void
wire_put_bytes(wire_writer *w, const void *bytes, size_t size)
{
	assert((size_t) (w->end - w->at) >= size);
	if (size > 0)
		memcpy(w->at, bytes, size);
	w->at += size;
}

/* Integers go byte by byte: compilers make one store of it where they can. */
static void
put_little_endian(wire_writer *w, uint64_t value, int size)
{
	uint8_t		bytes[8];

	for (int i = 0; i < size; i++)
		bytes[i] = (uint8_t) (value >> (8 * i));
	wire_put_bytes(w, bytes, size);
}

void
wire_put_u8(wire_writer *w, uint8_t value)
{
	put_little_endian(w, value, 1);
}

void
wire_put_u32(wire_writer *w, uint32_t value)
{
	put_little_endian(w, value, 4);
}

void
wire_put_u64(wire_writer *w, uint64_t value)
{
	put_little_endian(w, value, 8);
}

void
wire_put_f64(wire_writer *w, double value)
{
	uint64_t	bits;

	memcpy(&bits, &value, sizeof(bits));
	wire_put_u64(w, bits);
}

const void *
wire_get_bytes(wire_reader *r, size_t size)
{
	const void *bytes = r->at;

	if ((size_t) (r->end - r->at) < size)
		wire_refuse(r, "It ends too early.");
	r->at += size;
	return bytes;
}

static uint64_t
get_little_endian(wire_reader *r, int size)
{
	const uint8_t *bytes = wire_get_bytes(r, size);
	uint64_t	value = 0;

	for (int i = 0; i < size; i++)
		value |= (uint64_t) bytes[i] << (8 * i);
	return value;
}

uint8_t
wire_get_u8(wire_reader *r)
{
	return (uint8_t) get_little_endian(r, 1);
}

uint32_t
wire_get_u32(wire_reader *r)
{
	return (uint32_t) get_little_endian(r, 4);
}

uint64_t
wire_get_u64(wire_reader *r)
{
	return get_little_endian(r, 8);
}

double
wire_get_f64(wire_reader *r)
{
	uint64_t	bits = wire_get_u64(r);
	double		value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

uint64_t
wire_get_count(wire_reader *r, size_t item_size)
{
	uint64_t	count = wire_get_u64(r);

	if (count > (uint64_t) (r->end - r->at) / item_size)
		wire_refuse(r, "It announces more items than it holds.");
	return count;
}

int64_t
wire_sum_rows(int64_t rows, int64_t more, const char *type)
{
	char		message[128];

	if (rows <= WIRE_MAX_ROWS && more <= WIRE_MAX_ROWS - rows)
		return rows + more;
	snprintf(message, sizeof(message), "too many rows in a %s", type);
	core_fail(CORE_LIMIT_EXCEEDED, message, NULL, NULL);
}

void
wire_refuse(const wire_reader *r, const char *detail)
{
	char		message[128];

	snprintf(message, sizeof(message), "invalid value of type %s", r->type);
	core_fail(CORE_INVALID_BINARY, message, detail,
			  "Pass only states that the aggregate itself wrote.");
}

void
wire_expect_end(const wire_reader *r)
{
	if (r->at != r->end)
		wire_refuse(r, "Bytes follow its end.");
}
