/*
 * entity.c
 *		A dictionary: entities known by bytes get dense numbers.
 */
#include "core/entity.h"

#include <string.h>

#define FIRST_SLOTS 16
#define FIRST_ENTRIES 8
#define FIRST_BYTES 256
#define MAX_ENTITIES (UINT32_MAX - 1)

/* FNV-1a over words of eight bytes, and a final mix that reaches the low bits. */
static uint64_t
hash_bytes(const uint8_t *bytes, size_t size)
{
	uint64_t	hash = UINT64_C(14695981039346656037) ^ size;

	while (size > 0)
	{
		size_t		take = size < 8 ? size : 8;
		uint64_t	word = 0;

		memcpy(&word, bytes, take);
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
		bytes += take;
		size -= take;
	}
	return hash;
}

entity_dictionary *
entity_dictionary_create(core_arena *arena)
{
	entity_dictionary *dictionary = core_alloc(arena, sizeof(entity_dictionary));

	dictionary->arena = arena;
	dictionary->count = 0;
	dictionary->entry_room = FIRST_ENTRIES;
	dictionary->entries = core_alloc(arena, FIRST_ENTRIES * sizeof(entity_entry));
	dictionary->slots = core_alloc(arena, FIRST_SLOTS * sizeof(uint32_t));
	memset(dictionary->slots, 0, FIRST_SLOTS * sizeof(uint32_t));
	dictionary->slot_mask = FIRST_SLOTS - 1;
	dictionary->bytes = core_alloc(arena, FIRST_BYTES);
	dictionary->byte_count = 0;
	dictionary->byte_room = FIRST_BYTES;
	return dictionary;
}

const void *
entity_bytes(const entity_dictionary *dictionary, uint32_t number)
{
	return dictionary->bytes + dictionary->entries[number].offset;
}

/* The slot of these bytes: theirs, or the free one where they belong. */
static uint32_t *
find_slot(const entity_dictionary *dictionary, const void *bytes, size_t size, uint64_t hash)
{
	uint64_t	at = hash & dictionary->slot_mask;

	for (;;)
	{
		uint32_t   *slot = &dictionary->slots[at];
		const entity_entry *entry;

		if (*slot == 0)
			return slot;
		entry = &dictionary->entries[*slot - 1];
		if (entry->hash == hash && entry->size == size &&
			memcmp(dictionary->bytes + entry->offset, bytes, size) == 0)
			return slot;
		at = (at + 1) & dictionary->slot_mask;
	}
}

static void
double_slots(entity_dictionary *dictionary)
{
	uint64_t	slots = (dictionary->slot_mask + 1) * 2;

	core_check_interrupts();
	core_free(dictionary->arena, dictionary->slots);
	dictionary->slots = core_alloc(dictionary->arena, slots * sizeof(uint32_t));
	memset(dictionary->slots, 0, slots * sizeof(uint32_t));
	dictionary->slot_mask = slots - 1;
	for (uint32_t number = 0; number < dictionary->count; number++)
	{
		uint64_t	at = dictionary->entries[number].hash & dictionary->slot_mask;

		while (dictionary->slots[at] != 0)
			at = (at + 1) & dictionary->slot_mask;
		dictionary->slots[at] = number + 1;
	}
}

static void
append_entry(entity_dictionary *dictionary, const void *bytes, size_t size, uint64_t hash)
{
	if (dictionary->count == dictionary->entry_room)
	{
		dictionary->entries = core_realloc(dictionary->arena, dictionary->entries,
										   (size_t) dictionary->entry_room * 2 * sizeof(entity_entry));
		dictionary->entry_room *= 2;
	}
	if (dictionary->byte_room - dictionary->byte_count < size)
	{
		uint64_t	room = (dictionary->byte_count + size) * 2;

		dictionary->bytes = core_realloc(dictionary->arena, dictionary->bytes, room);
		dictionary->byte_room = room;
	}
	dictionary->entries[dictionary->count++] = (entity_entry) {hash, dictionary->byte_count, (uint32_t) size};
	if (size > 0)
		memcpy(dictionary->bytes + dictionary->byte_count, bytes, size);
	dictionary->byte_count += size;
}

uint32_t
entity_number(entity_dictionary *dictionary, const void *bytes, size_t size)
{
	uint64_t	hash = hash_bytes(bytes, size);
	uint32_t   *slot = find_slot(dictionary, bytes, size, hash);

	if (*slot != 0)
		return *slot - 1;
	if (dictionary->count == MAX_ENTITIES)
		core_fail(CORE_LIMIT_EXCEEDED, "too many distinct entities in one group",
				  "A group holds at most 4294967294 entities of type text or uuid.",
				  "Aggregate smaller groups.");
	append_entry(dictionary, bytes, size, hash);
	*slot = dictionary->count;
	if ((uint64_t) dictionary->count * 2 > dictionary->slot_mask)
		double_slots(dictionary);
	return dictionary->count - 1;
}
