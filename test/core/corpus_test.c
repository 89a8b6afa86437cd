/*
 * corpus_test.c
 *		The kept inputs of the fuzz target, without a fuzzer.
 *
 *	corpus_test			replays the files of corpus/, one test each
 *	corpus_test DIR		writes a few states of every type there, to begin a corpus with
 */
#include "fuzz_state.h"
#include "host.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* States are small; a longer file is no input of ours. */
#define INPUT_ROOM (1 << 20)

static uint8_t input[INPUT_ROOM];

/* A state of the type's own rows is read, and all holds that must. */
static void
test_seed(int number, int variant, const char *folder)
{
	const fuzz_type *type = &fuzz_types[number];
	core_arena *arena = host_arena_create();
	void	   *state = type->seed(variant, arena);
	size_t		size;
	const uint8_t *bytes = fuzz_stored(type, state, arena, &size);

	input[0] = (uint8_t) number;
	memcpy(input + 1, bytes, size);
	host_arena_free(arena);
	if (folder == NULL)
		tap_ok(fuzz_input(input, size + 1), "%s of type %d, variant %d", type->name, number, variant);
	else
	{
		char		path[4096];
		FILE	   *file;

		snprintf(path, sizeof(path), "%s/%s-%d-%d", folder, type->name, number, variant);
		file = fopen(path, "wb");
		if (file == NULL || fwrite(input, 1, size + 1, file) != size + 1 || fclose(file) != 0)
		{
			perror(path);
			exit(1);
		}
	}
}

/* Replay a file; was it a state? */
static bool
test_file(const char *folder, const char *name)
{
	char		path[4096];
	FILE	   *file;
	size_t		size;
	bool		was_read;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	if (file == NULL)
		return tap_ok(false, "%s", path);
	size = fread(input, 1, sizeof(input), file);
	fclose(file);
	was_read = fuzz_input(input, size);
	tap_ok(size > 0 && size < sizeof(input), "%s", name);
	return was_read;
}

static int
no_hidden_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int
main(int argc, char **argv)
{
	struct dirent **entries;
	int			count;
	bool	   *is_kept;

	for (int number = 0; number < fuzz_type_count; number++)
		for (int variant = 0; variant < FUZZ_SEEDS; variant++)
			test_seed(number, variant, argc > 1 ? argv[1] : NULL);
	if (argc > 1)
		return 0;
	count = scandir(CORPUS, &entries, no_hidden_file, alphasort);
	tap_ok(count > 0, "there is a corpus");
	is_kept = calloc(fuzz_type_count, sizeof(bool));
	for (int i = 0; i < count; i++)
	{
		if (test_file(CORPUS, entries[i]->d_name))
			is_kept[input[0] & 127] = true;
		free(entries[i]);
	}
	if (count > 0)
		free(entries);
	for (int number = 0; number < fuzz_type_count; number++)
		if (!tap_ok(is_kept[number], "type %d, %s, has a state in the corpus", number, fuzz_types[number].name))
			tap_note("a new format of a state needs new files: make -C test/core corpus");
	free(is_kept);
	return tap_done();
}
