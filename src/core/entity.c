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
uint64_t
entity_hash(const void *start, size_t size)
{
	const uint8_t *bytes = start;
	uint64_t	hash = UINT64_C(14695981039346656037) ^ size;

	while (size > 0)
	{
		size_t		take = size < 8 ? size : 8;
		uint64_t	word = 0;

		if (take == 8)
			memcpy(&word, bytes, 8);
		else
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
	dictionary->slots = core_alloc(arena, FIRST_SLOTS * sizeof(entity_slot));
	memset(dictionary->slots, 0, FIRST_SLOTS * sizeof(entity_slot));
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
static entity_slot *
find_slot(const entity_dictionary *dictionary, const void *bytes, size_t size, uint64_t hash)
{
	uint64_t	at = hash & dictionary->slot_mask;

	for (;;)
	{
		entity_slot *slot = &dictionary->slots[at];
		const entity_entry *entry;

		if (slot->number == 0)
			return slot;
		if (slot->tag == (uint32_t) (hash >> 32))
		{
			entry = &dictionary->entries[slot->number - 1];
			if (entry->size == size && memcmp(dictionary->bytes + entry->offset, bytes, size) == 0)
				return slot;
		}
		at = (at + 1) & dictionary->slot_mask;
	}
}

void
entity_prefetch_slot(const entity_dictionary *dictionary, uint64_t hash)
{
	__builtin_prefetch(&dictionary->slots[hash & dictionary->slot_mask]);
}

/* The slot where an entity of this hash probably is, or NULL. */
static inline const entity_slot *
likely_slot(const entity_dictionary *dictionary, uint64_t hash)
{
	for (uint64_t i = 0; i < 4; i++)
	{
		const entity_slot *slot = &dictionary->slots[(hash + i) & dictionary->slot_mask];

		if (slot->number == 0)
			return NULL;
		if (slot->tag == (uint32_t) (hash >> 32))
			return slot;
	}
	return NULL;
}

void
entity_prefetch_entry(const entity_dictionary *dictionary, uint64_t hash)
{
	const entity_slot *slot = likely_slot(dictionary, hash);

	if (slot != NULL)
		__builtin_prefetch(&dictionary->entries[slot->number - 1]);
}

void
entity_prefetch_bytes(const entity_dictionary *dictionary, uint64_t hash)
{
	const entity_slot *slot = likely_slot(dictionary, hash);

	if (slot != NULL)
	{
		const entity_entry *entry = &dictionary->entries[slot->number - 1];

		__builtin_prefetch(dictionary->bytes + entry->offset);
		__builtin_prefetch(dictionary->bytes + entry->offset + entry->size - (entry->size > 0));
	}
}

static void
double_slots(entity_dictionary *dictionary)
{
	uint64_t	slots = (dictionary->slot_mask + 1) * 2;

	core_check_interrupts();
	core_free(dictionary->arena, dictionary->slots);
	dictionary->slots = core_alloc(dictionary->arena, slots * sizeof(entity_slot));
	memset(dictionary->slots, 0, slots * sizeof(entity_slot));
	dictionary->slot_mask = slots - 1;
	for (uint32_t number = 0; number < dictionary->count; number++)
	{
		uint64_t	hash = dictionary->entries[number].hash;
		uint64_t	at = hash & dictionary->slot_mask;

		/* the table to fill is larger than any cache: fetch what comes soon */
		if (number + 16 < dictionary->count)
			__builtin_prefetch(&dictionary->slots[dictionary->entries[number + 16].hash & dictionary->slot_mask], 1);
		while (dictionary->slots[at].number != 0)
			at = (at + 1) & dictionary->slot_mask;
		dictionary->slots[at] = (entity_slot) {(uint32_t) (hash >> 32), number + 1};
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
entity_number_hashed(entity_dictionary *dictionary, const void *bytes, size_t size, uint64_t hash)
{
	entity_slot *slot = find_slot(dictionary, bytes, size, hash);

	if (slot->number != 0)
		return slot->number - 1;
	if (dictionary->count == MAX_ENTITIES)
		core_fail(CORE_LIMIT_EXCEEDED, "too many distinct entities in one group",
				  "A group holds at most 4294967294 entities of type text or uuid.",
				  "Aggregate smaller groups.");
	append_entry(dictionary, bytes, size, hash);
	*slot = (entity_slot) {(uint32_t) (hash >> 32), dictionary->count};
	if ((uint64_t) dictionary->count * 2 > dictionary->slot_mask)
		double_slots(dictionary);
	return dictionary->count - 1;
}

uint32_t
entity_number(entity_dictionary *dictionary, const void *bytes, size_t size)
{
	return entity_number_hashed(dictionary, bytes, size, entity_hash(bytes, size));
}
