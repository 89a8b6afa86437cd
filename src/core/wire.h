/*
 * wire.h
 *		Bytes of a stored state: little-endian, written and read in order.
 *
 * One format serves the flat varlena, the text form (base64 of it) and the
 * binary form.  Every read is checked against the end of the bytes, and
 * whatever does not add up ends in CORE_INVALID_BINARY, so a crafted state
 * can be refused but never crash the server.
 */
#ifndef SALESMGMT_WIRE_H
#define SALESMGMT_WIRE_H

#include "core/core.h"

typedef struct wire_writer
{
	uint8_t    *at;				/* where the next byte goes */
	uint8_t    *end;			/* one past the room there is */
} wire_writer;

typedef struct wire_reader
{
	const uint8_t *at;			/* the next byte */
	const uint8_t *end;			/* one past the last byte */
	const char *type;			/* the state's type, for messages */
} wire_reader;

extern void wire_put_bytes(wire_writer *w, const void *bytes, size_t size);
extern void wire_put_u8(wire_writer *w, uint8_t value);
extern void wire_put_u32(wire_writer *w, uint32_t value);
extern void wire_put_u64(wire_writer *w, uint64_t value);
extern void wire_put_f64(wire_writer *w, double value);

extern const void *wire_get_bytes(wire_reader *r, size_t size);
extern uint8_t wire_get_u8(wire_reader *r);
extern uint32_t wire_get_u32(wire_reader *r);
extern uint64_t wire_get_u64(wire_reader *r);
extern double wire_get_f64(wire_reader *r);

/* A count of things of at least item_size bytes each, which must still fit. */
extern uint64_t wire_get_count(wire_reader *r, size_t item_size);

/*
 * Rows that a stored state may have counted: as many as an aggregate may count
 * on top of them.  Their sum in two states, if the type may have so many.
 */
#define WIRE_MAX_ROWS (INT64_MAX / 2)
extern int64_t wire_sum_rows(int64_t rows, int64_t more, const char *type);

/* Refuse the state, naming what is wrong with it. */
extern _Noreturn void wire_refuse(const wire_reader *r, const char *detail);

/* Nothing may follow. */
extern void wire_expect_end(const wire_reader *r);

#endif							/* SALESMGMT_WIRE_H */
