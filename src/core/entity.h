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

/*
 * Texts and uuids are too wide to be logged with every event, so each distinct
 * one gets a number, in order of arrival, and the log holds the number.  Two
 * entities are the same when their bytes are: the hash only says where to look.
 *
 * The table is open-addressed with linear probing and at most half full; a
 * slot holds a number plus one, or 0 where it is free.  The bytes lie in one
 * growing buffer, so nothing is allocated per entity.
 */
typedef struct entity_dictionary
{
	core_arena *arena;
	uint32_t	count;			/* distinct entities */
	uint64_t	entry_room;		/* entries there is room for */
	entity_entry *entries;		/* by number */
	uint32_t   *slots;
	uint64_t	slot_mask;		/* slots - 1, slots being a power of two */
	uint8_t    *bytes;
	uint64_t	byte_count;
	uint64_t	byte_room;
} entity_dictionary;

extern entity_dictionary *entity_dictionary_create(core_arena *arena);

/* The number of the entity with these bytes, which may be new. */
extern uint32_t entity_number(entity_dictionary *dictionary, const void *bytes, size_t size);

/* The bytes of a number; their size is in entries[number]. */
extern const void *entity_bytes(const entity_dictionary *dictionary, uint32_t number);

#endif							/* SALESMGMT_ENTITY_H */
