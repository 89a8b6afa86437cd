/*
 * entity.h
 *		A dictionary: entities known by bytes get dense numbers.
 */
#ifndef SALESMGMT_ENTITY_H
#define SALESMGMT_ENTITY_H

#include "core/core.h"

/* Where the bytes of one entity are. */
typedef struct entity_entry
{
	uint64_t	hash;			/* of the bytes: finds a slot, never decides equality */
	uint64_t	offset;			/* into the dictionary's bytes */
	uint32_t	size;
} entity_entry;

/* A slot of the table. */
typedef struct entity_slot
{
	uint32_t	tag;			/* high half of the hash: spares a look at most entries of others */
	uint32_t	number;			/* plus one; 0: free */
} entity_slot;

/*
 * Texts and uuids are too wide to be logged with every event, so each distinct
 * one gets a number, in order of arrival, and the log holds the number.  Two
 * entities are the same when their bytes are: the hash only says where to look.
 *
 * The table is open-addressed with linear probing and at most half full.  The
 * bytes lie in one growing buffer, so nothing is allocated per entity.
 *
 * With a million entities every look misses the caches: at the slot, at the
 * entry and at the bytes.  Whoever knows early what will be looked up says so
 * by entity_prefetch_...(), one stage after the other, so that the memory of many
 * entities is fetched at once.  These are hints and change nothing.
 */
typedef struct entity_dictionary
{
	core_arena *arena;
	uint32_t	count;			/* distinct entities */
	uint64_t	entry_room;		/* entries there is room for */
	entity_entry *entries;		/* by number */
	entity_slot *slots;
	uint64_t	slot_mask;		/* slots - 1, slots being a power of two */
	uint8_t    *bytes;
	uint64_t	byte_count;
	uint64_t	byte_room;
} entity_dictionary;

extern entity_dictionary *entity_dictionary_create(core_arena *arena);

/* The number of the entity with these bytes, which may be new. */
extern uint32_t entity_number(entity_dictionary *dictionary, const void *bytes, size_t size);

/* The same in parts: the hash of bytes, and the number by bytes and hash. */
extern uint64_t entity_hash(const void *bytes, size_t size);
extern uint32_t entity_number_hashed(entity_dictionary *dictionary, const void *bytes, size_t size,
									 uint64_t hash);

extern void entity_prefetch_slot(const entity_dictionary *dictionary, uint64_t hash);
extern void entity_prefetch_entry(const entity_dictionary *dictionary, uint64_t hash);
extern void entity_prefetch_bytes(const entity_dictionary *dictionary, uint64_t hash);

/* The bytes of a number; their size is in entries[number]. */
extern const void *entity_bytes(const entity_dictionary *dictionary, uint32_t number);

#endif							/* SALESMGMT_ENTITY_H */
