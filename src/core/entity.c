/*
 * entity.c
 *		A dictionary: entities known by bytes get dense numbers.
 */
#include "core/entity.h"

#define FIRST_SLOTS 16
#define FIRST_PLACES 8
#define FIRST_BYTES 256
#define MAX_ENTITIES (UINT32_MAX - 1)

/* ---- bytes ------------------------------------------------------------------- */

static inline uint64_t
load(const uint8_t *bytes)
{
	uint64_t	word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* Fewer than eight bytes. */
static inline uint64_t
load_few(const uint8_t *bytes, size_t size)
{
	uint64_t	word = 0;

	while (size > 0)
		word = word << 8 | bytes[--size];
	return word;
}

/* Both halves of a product: every bit of it depends on all bits of the factors. */
static inline uint64_t
fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128) a * b;

	return (uint64_t) product ^ (uint64_t) (product >> 64);
}

/* Words of eight bytes in pairs, a multiplication a pair; the last pair may overlap what is done. */
uint64_t
entity_hash(const void *start, size_t size)
{
	const uint64_t odd = UINT64_C(0xa0761d6478bd642f);
	const uint64_t even = UINT64_C(0xe7037ed1a0b428db);
	const uint8_t *bytes = start;
	uint64_t	hash = UINT64_C(0x8ebc6af09c88c6e3) ^ size;
	uint64_t	first;
	uint64_t	last;
	size_t		left = size;

	for (; left > 16; bytes += 16, left -= 16)
		hash = fold(load(bytes) ^ odd, load(bytes + 8) ^ hash);
	if (left >= 8)
	{
		first = load(bytes);
		last = load(bytes + left - 8);
	}
	else if (size >= 8)
	{
		/* behind at least one pair */
		first = 0;
		last = load(bytes + left - 8);
	}
	else
	{
		first = load_few(bytes, left);
		last = 0;
	}
	return fold(odd ^ size, fold(first ^ even, last ^ hash));
}

static inline bool
equal_bytes(const uint8_t *a, const uint8_t *b, size_t size)
{
	uint64_t	differing = 0;
	size_t		at = 0;

	if (size < 8)
		return load_few(a, size) == load_few(b, size);
	for (; at + 8 < size; at += 8)
		differing |= load(a + at) ^ load(b + at);
	return (differing | (load(a + size - 8) ^ load(b + size - 8))) == 0;
}

/* ---- the dictionary ------------------------------------------------------------- */

entity_dictionary *
entity_dictionary_create(core_arena *arena)
{
	entity_dictionary *dictionary = core_alloc(arena, sizeof(entity_dictionary));

	memset(dictionary, 0, sizeof(*dictionary));
	dictionary->arena = arena;
	dictionary->place_room = FIRST_PLACES;
	dictionary->places = core_alloc(arena, FIRST_PLACES * sizeof(uint32_t));
	dictionary->slots = core_alloc(arena, FIRST_SLOTS * sizeof(entity_slot));
	memset(dictionary->slots, 0, FIRST_SLOTS * sizeof(entity_slot));
	dictionary->slot_mask = FIRST_SLOTS - 1;
	dictionary->records = core_alloc(arena, FIRST_BYTES);
	dictionary->record_room = FIRST_BYTES;
	return dictionary;
}

/* The slot of these bytes: theirs, or the free one where they belong. */
static inline entity_slot *
find_slot(const entity_dictionary *dictionary, const void *bytes, size_t size, uint64_t hash)
{
	uint64_t	at = hash & dictionary->slot_mask;

	for (;;)
	{
		entity_slot *slot = &dictionary->slots[at];

		if (slot->place == 0)
			return slot;
		if (slot->tag == (uint32_t) (hash >> 32))
		{
			const entity_record *record = entity_at(dictionary, slot->place - 1);

			if (record->size == size && equal_bytes(record->bytes, bytes, size))
				return slot;
		}
		at = (at + 1) & dictionary->slot_mask;
	}
}

uint32_t
entity_find(const entity_dictionary *dictionary, const void *bytes, size_t size, uint64_t hash)
{
	const entity_slot *slot = find_slot(dictionary, bytes, size, hash);

	return slot->place == 0 ? ENTITY_UNKNOWN : entity_at(dictionary, slot->place - 1)->number;
}

#define AHEAD 16

/* A larger table, filled again from the records, which lie in order. */
static void
double_slots(entity_dictionary *dictionary)
{
	uint64_t	slots = (dictionary->slot_mask + 1) * 2;
	uint64_t	hashes[AHEAD];

	core_check_interrupts();
	core_free(dictionary->arena, dictionary->slots);
	dictionary->slots = core_alloc(dictionary->arena, slots * sizeof(entity_slot));
	memset(dictionary->slots, 0, slots * sizeof(entity_slot));
	dictionary->slot_mask = slots - 1;
	for (uint64_t number = 0; number < (uint64_t) dictionary->count + AHEAD; number++)
	{
		uint64_t   *hash = &hashes[number % AHEAD];

		/* the table to fill is larger than any cache: fetch what comes soon */
		if (number >= AHEAD)
		{
			uint64_t	at = *hash & dictionary->slot_mask;

			while (dictionary->slots[at].place != 0)
				at = (at + 1) & dictionary->slot_mask;
			dictionary->slots[at] = (entity_slot) {(uint32_t) (*hash >> 32), dictionary->places[number - AHEAD] + 1};
		}
		if (number < dictionary->count)
		{
			const entity_record *record = entity_of(dictionary, (uint32_t) number);

			*hash = entity_hash(record->bytes, record->size);
			__builtin_prefetch(&dictionary->slots[*hash & dictionary->slot_mask], 1);
		}
	}
}

/* A new record; returns its place. */
static uint32_t
append_record(entity_dictionary *dictionary, const void *bytes, size_t size)
{
	uint64_t	needed = (sizeof(entity_record) + size + 7) & ~UINT64_C(7);
	uint64_t	place = dictionary->record_bytes / 8;
	entity_record *record;

	if (dictionary->count == MAX_ENTITIES || place >= UINT32_MAX)
		core_fail(CORE_LIMIT_EXCEEDED, "too many distinct entities in one group",
				  "A group holds at most 4294967294 entities of type text or uuid, and 32 GB of them.",
				  "Aggregate smaller groups.");
	if (dictionary->count == dictionary->place_room)
	{
		dictionary->place_room = dictionary->place_room > UINT32_MAX / 2 ? UINT32_MAX : dictionary->place_room * 2;
		dictionary->places = core_realloc(dictionary->arena, dictionary->places,
										  (size_t) dictionary->place_room * sizeof(uint32_t));
	}
	if (dictionary->record_room - dictionary->record_bytes < needed)
	{
		uint64_t	room = (dictionary->record_bytes + needed) * 2;

		dictionary->records = core_realloc(dictionary->arena, dictionary->records, room);
		dictionary->record_room = room;
	}
	record = (entity_record *) (dictionary->records + dictionary->record_bytes);
	record->number = dictionary->count;
	record->size = (uint32_t) size;
	if (size > 0)
		memcpy(record->bytes, bytes, size);
	dictionary->record_bytes += needed;
	dictionary->byte_count += size;
	dictionary->places[dictionary->count++] = (uint32_t) place;
	return (uint32_t) place;
}

uint32_t
entity_number_hashed(entity_dictionary *dictionary, const void *bytes, size_t size, uint64_t hash)
{
	entity_slot *slot = find_slot(dictionary, bytes, size, hash);

	if (slot->place != 0)
		return entity_at(dictionary, slot->place - 1)->number;
	*slot = (entity_slot) {(uint32_t) (hash >> 32), append_record(dictionary, bytes, size) + 1};
	if ((uint64_t) dictionary->count * 2 > dictionary->slot_mask)
		double_slots(dictionary);
	return dictionary->count - 1;
}

uint32_t
entity_number(entity_dictionary *dictionary, const void *bytes, size_t size)
{
	return entity_number_hashed(dictionary, bytes, size, entity_hash(bytes, size));
}
