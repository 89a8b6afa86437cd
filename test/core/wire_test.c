/*
 * wire_test.c
 *		What is written is read again, and what does not add up is refused.
 */
#include "host.h"

#include "core/wire.h"

typedef struct bytes
{
	const uint8_t *at;
	size_t		size;
} bytes;

static void
read_count_of_pairs(void *argument)
{
	const bytes *b = argument;
	wire_reader r = {b->at, b->at + b->size, "test_state"};

	wire_get_count(&r, 16);
}

static void
read_one_byte(void *argument)
{
	const bytes *b = argument;
	wire_reader r = {b->at, b->at + b->size, "test_state"};

	wire_get_u8(&r);
	wire_expect_end(&r);
}

int
main(void)
{
	uint8_t		room[21];
	wire_writer w = {room, room + sizeof(room)};
	wire_reader r = {room, room + sizeof(room), "test_state"};

	wire_put_u8(&w, 200);
	wire_put_u32(&w, 4000000000u);
	wire_put_u64(&w, UINT64_MAX - 1);
	wire_put_f64(&w, -0.1);
	tap_ok(w.at == w.end, "all room is used");
	tap_ok(room[1] == 0x00 && room[4] == 0xee, "integers are little-endian");
	tap_ok(wire_get_u8(&r) == 200, "u8");
	tap_ok(wire_get_u32(&r) == 4000000000u, "u32");
	tap_ok(wire_get_u64(&r) == UINT64_MAX - 1, "u64");
	tap_ok(wire_get_f64(&r) == -0.1, "f64");

	tap_fails(read_one_byte, &(bytes) {room, 0}, CORE_INVALID_BINARY, "too short is refused");
	tap_fails(read_one_byte, &(bytes) {room, 2}, CORE_INVALID_BINARY, "too long is refused");
	tap_ok(host_run(read_one_byte, &(bytes) {room, 1}, NULL), "the right size is read");
	for (int i = 0; i < 8; i++)
		room[i] = 0xff;
	tap_fails(read_count_of_pairs, &(bytes) {room, sizeof(room)}, CORE_INVALID_BINARY,
			  "a count beyond the bytes there are is refused");
	return tap_done();
}
