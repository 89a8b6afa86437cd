/*
 * fuzz_state.c
 *		Any bytes as a stored state of any type: what must hold for them.
 *
 * With clang's -fsanitize=fuzzer this is a fuzz target (make fuzz); corpus_test
 * replays the kept inputs without it.  A state is read as src/state.c reads it.
 */
#include "fuzz_state.h"
#include "host.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What host_run() is asked to do. */
typedef struct trial
{
	const fuzz_type *type;
	core_arena *arena;
	const uint8_t *bytes;		/* to be read */
	size_t		size;
	void	   *state;			/* read, combined into or asked for its figures */
	const void *other;			/* combined into state */
	fuzz_figures figures;
} trial;

static void
read_bytes(void *argument)
{
	trial	   *t = argument;
	wire_reader r = {t->bytes, t->bytes + t->size, t->type->name};

	if (wire_get_u8(&r) != t->type->format)
		wire_refuse(&r, "Its format is not one that this version knows.");
	t->state = t->type->read(&r, t->arena);
	wire_expect_end(&r);
}

static void
combine_states(void *argument)
{
	trial	   *t = argument;

	t->type->combine(t->state, t->other, t->arena);
}

static void
ask_figures(void *argument)
{
	trial	   *t = argument;

	t->figures.count = 0;
	t->type->final(t->state, t->arena, &t->figures);
}

uint8_t *
fuzz_stored(const fuzz_type *type, const void *state, core_arena *arena, size_t *size)
{
	uint8_t    *bytes;
	wire_writer w;

	*size = 1 + type->size(state);
	bytes = core_alloc(arena, *size);
	w = (wire_writer) {bytes, bytes + *size};
	wire_put_u8(&w, type->format);
	type->write(state, &w);
	if (w.at != w.end)
		abort();
	return bytes;
}

static _Noreturn void
broken(const trial *t, const char *what, const host_failure *failure)
{
	fprintf(stderr, "%s: %s%s%s\n", t->type->name, what, failure ? ": " : "", failure ? failure->message : "");
	abort();
}

/* Write the state of a trial and read what was written: another trial. */
static trial
stored_and_read(const trial *t)
{
	trial		copy = {.type = t->type, .arena = t->arena};
	host_failure failure;

	copy.bytes = fuzz_stored(t->type, t->state, t->arena, &copy.size);
	if (!host_run(read_bytes, &copy, &failure))
		broken(t, "what was written is refused", &failure);
	return copy;
}

/* Both have the same figures, all of them numbers, or are refused for the same. */
static void
expect_same_figures(trial *a, trial *b)
{
	host_failure of_a = {0};
	host_failure of_b = {0};
	bool		has_a = host_run(ask_figures, a, &of_a);
	bool		has_b = host_run(ask_figures, b, &of_b);

	if (has_a != has_b || of_a.error != of_b.error)
		broken(a, "one of two equal states has figures", has_a ? &of_b : &of_a);
	if (!has_a)
		return;
	for (size_t i = 0; i < a->figures.count; i++)
		if (!isfinite(a->figures.values[i]))
			broken(a, "a figure is not a number", NULL);
	if (a->figures.count != b->figures.count ||
		memcmp(a->figures.values, b->figures.values, a->figures.count * sizeof(double)) != 0)
		broken(a, "two equal states have other figures", NULL);
}

/* A new state with all of another, and then once more. */
static void
expect_sums(trial *t)
{
	trial		sum = {.type = t->type, .arena = t->arena, .other = t->state};
	trial		copy;

	sum.state = t->type->create(t->arena);
	if (!host_run(combine_states, &sum, NULL))
		broken(t, "a new state does not take it", NULL);
	if (t->size <= t->type->work)
		expect_same_figures(t, &sum);
	if (!host_run(combine_states, &sum, NULL))
		return;
	copy = stored_and_read(&sum);
	if (copy.size <= t->type->work)
		expect_same_figures(&sum, &copy);
}

bool
fuzz_state(const fuzz_type *type, const uint8_t *bytes, size_t size)
{
	trial		t = {.type = type, .arena = host_arena_create(), .bytes = bytes, .size = size};
	host_failure failure;
	bool		was_read = host_run(read_bytes, &t, &failure);

	if (!was_read && failure.error != CORE_INVALID_BINARY)
		broken(&t, "refused with another error than that of a crafted state", &failure);
	if (was_read)
	{
		trial		copy = stored_and_read(&t);
		trial		again = stored_and_read(&copy);

		if (copy.size != again.size || memcmp(copy.bytes, again.bytes, copy.size) != 0)
			broken(&t, "stored and read, it is stored as something else", NULL);
		if (size <= type->work)
			expect_same_figures(&t, &copy);
		expect_sums(&t);
	}
	host_arena_free(t.arena);
	return was_read;
}

bool
fuzz_input(const uint8_t *bytes, size_t size)
{
	if (size == 0 || (bytes[0] & 127) >= fuzz_type_count)
		return false;
	/* by the highest bit, a state puts into a file what it can */
	host_memory_limit = bytes[0] & 128 ? 0 : SIZE_MAX;
	return fuzz_state(&fuzz_types[bytes[0] & 127], bytes + 1, size - 1);
}

extern int	LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	fuzz_input(bytes, size);
	return 0;
}
