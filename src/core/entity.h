/*
 * entity.h
 *		A dictionary: entities known by bytes get dense numbers.
 */
#ifndef SALESMGMT_ENTITY_H
#define SALESMGMT_ENTITY_H

#include "core/core.h"

#include <string.h>

/* What is known of one entity; its bytes follow. */
typedef struct entity_record
{
	uint32_t	number;
	uint32_t	size;			/* of the bytes */
	uint8_t		bytes[];
} entity_record;

/* A slot of the table. */
typedef struct entity_slot
{
	uint32_t	tag;			/* high half of the hash: spares a look at most records of others */
	uint32_t	place;			/* of the record, plus one; 0: free */
} entity_slot;

/*
 * Texts and uuids are too wide to be logged with every event, so each distinct
 * one gets a number, in order of arrival, and the log holds the number.  Two
 * entities are the same when their bytes are: the hash only says where to look.
 *
 * The table is open-addressed with linear probing and at most half full.  The
 * records lie in one growing buffer, each at a multiple of eight bytes, its place being
 * that multiple, so nothing is allocated per entity.
 *
 * With a million entities every look misses the caches: at the slot and at the
 * record.  Whoever knows early what will be looked up says so by
 * entity_prefetch_...(), one stage after the other, so that the memory of many
 * entities is fetched at once.  These are hints and change nothing.
 */
typedef struct entity_dictionary
{
	core_arena *arena;
	uint32_t	count;			/* distinct entities */
	uint32_t	place_room;		/* places there is room for */
	uint32_t   *places;			/* of the records, by number */
	entity_slot *slots;
	uint64_t	slot_mask;		/* slots - 1, slots being a power of two */
	uint8_t    *records;
	uint64_t	record_bytes;	/* used */
	uint64_t	record_room;
	uint64_t	byte_count;		/* of all entities together */
} entity_dictionary;

#define ENTITY_UNKNOWN UINT32_MAX

extern entity_dictionary *entity_dictionary_create(core_arena *arena);

/* The number of the entity with these bytes, which may be new. */
extern uint32_t entity_number(entity_dictionary *dictionary, const void *bytes, size_t size);

/* The same in parts: the hash of bytes, and the number by bytes and hash. */
extern uint64_t entity_hash(const void *bytes, size_t size);
extern uint32_t entity_number_hashed(entity_dictionary *dictionary, const void *bytes, size_t size,
									 uint64_t hash);

/* The same of an entity that is there already, or ENTITY_UNKNOWN. */
extern uint32_t entity_find(const entity_dictionary *dictionary, const void *bytes, size_t size, uint64_t hash);

/* Bytes of memory that a dictionary takes. */
static inline size_t
entity_memory(const entity_dictionary *dictionary)
{
	return (dictionary->slot_mask + 1) * sizeof(entity_slot) + dictionary->record_bytes +
		dictionary->count * sizeof(uint32_t);
}

static inline const entity_record *
entity_at(const entity_dictionary *dictionary, uint32_t place)
{
	return (const entity_record *) (dictionary->records + (uint64_t) place * 8);
}

/* The record of a number. */
static inline const entity_record *
entity_of(const entity_dictionary *dictionary, uint32_t number)
{
	return entity_at(dictionary, dictionary->places[number]);
}

static inline void
entity_prefetch_slot(const entity_dictionary *dictionary, uint64_t hash)
{
	__builtin_prefetch(&dictionary->slots[hash & dictionary->slot_mask]);
}

/* The slot is there by now: fetch the record that it probably leads to. */
static inline void
entity_prefetch_record(const entity_dictionary *dictionary, uint64_t hash)
{
	for (uint64_t i = 0; i < 4; i++)
	{
		const entity_slot *slot = &dictionary->slots[(hash + i) & dictionary->slot_mask];

		if (slot->place == 0)
			return;
		if (slot->tag == (uint32_t) (hash >> 32))
		{
			const uint8_t *record = (const uint8_t *) entity_at(dictionary, slot->place - 1);

			__builtin_prefetch(record);
			__builtin_prefetch(record + 40);
			return;
		}
	}
}

#endif							/* SALESMGMT_ENTITY_H */
