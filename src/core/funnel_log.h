/*
 * funnel_log.h
 *		How a funnel's log lies in memory: words, records, chains of blocks.
 */
#ifndef SALESMGMT_FUNNEL_LOG_H
#define SALESMGMT_FUNNEL_LOG_H

#include "core/core.h"

#include <string.h>

typedef struct funnel_event
{
	uint64_t	entity;			/* the int8 itself, or its number in the dictionary */
	int64_t		at;
	int32_t		step;			/* as funnel_classify() said: 0 to 254 */
} funnel_event;

/*
 * A word is time and step of an event in 8 bytes: 56 bits of microseconds since
 * FUNNEL_TIME_BASE, then 8 bits of step.  Plain order of words is order of
 * time and, within an instant, of step.  Times more than 1,141 years from 2000 do not fit.
 */
#define FUNNEL_TIME_BASE (-(INT64_C(1) << 55))
#define FUNNEL_TIME_MAX ((UINT64_C(1) << 56) - 1)	/* since the base */

static inline uint64_t
funnel_since_base(int64_t at)
{
	return (uint64_t) at - (uint64_t) FUNNEL_TIME_BASE;
}

static inline uint64_t
funnel_word(int64_t at, int32_t step)
{
	return funnel_since_base(at) << 8 | (uint64_t) step;
}

static inline int64_t
funnel_word_at(uint64_t word)
{
	return (int64_t) (word >> 8) + FUNNEL_TIME_BASE;
}

static inline int32_t
funnel_word_step(uint64_t word)
{
	return (int32_t) (word & 255);
}

/* Blocks hold whole records of 8, 12, 16 and 24 bytes; the largest is just below 32 kB. */
#define FUNNEL_BLOCK_FIRST 1536
#define FUNNEL_BLOCK_MAX (680 * 48)
#define FUNNEL_LENT_MAX (FUNNEL_BLOCK_MAX * 32)

/* Where the bytes of a block are. */
typedef enum funnel_place
{
	FUNNEL_OWN,					/* behind it */
	FUNNEL_LENT,				/* somewhere else, where they outlive the log */
	FUNNEL_IN_FILE				/* in the state's file */
} funnel_place;

/* A piece of a chain; all but the last are full. */
typedef struct funnel_block
{
	struct funnel_block *next;
	size_t		room;			/* bytes it can hold; it holds as many if it is lent */
	funnel_place place;
	bool		begins;			/* a stream: what follows comes from another log */
	uint64_t	file_at;		/* the bytes: from here on in the file ... */
	uint8_t    *bytes;			/* ... or here */
} funnel_block;

/*
 * Bytes in order of arrival: appended at one end, each block twice its
 * forerunner, up to a bound.  Blocks of other logs, which stay where they are, may
 * lie between: the log of a leader is put together from those of its workers.
 */
typedef struct funnel_chain
{
	uint8_t    *at;				/* where the next record goes */
	uint8_t    *end;			/* of the last block */
	funnel_block *first;
	funnel_block *last;
	funnel_block *settled;		/* the last block that need not go to the file any more, or NULL */
	size_t		before;			/* bytes in all blocks but the last */
} funnel_chain;

static inline size_t
funnel_chain_size(const funnel_chain *chain)
{
	return chain->last == NULL ? 0 : chain->before + (size_t) (chain->at - chain->last->bytes);
}

/* The bytes used in a block of a chain. */
static inline size_t
funnel_block_size(const funnel_chain *chain, const funnel_block *block)
{
	return block == chain->last ? (size_t) (chain->at - block->bytes) : block->room;
}

/*
 * The layouts of a log, each wider than the one before.  A log starts small.
 * As it grows, it is grouped for as long as entities come in rising order,
 * else split into partitions, with records as narrow as what has come allows.
 */
typedef enum funnel_layout
{
	FUNNEL_SMALL,				/* one array of events */
	FUNNEL_GROUPED,				/* words of one entity after the other, in chain 0 */
	FUNNEL_NARROW,				/* partitions of 12 bytes: entity less a base, word */
	FUNNEL_MEDIUM,				/* partitions of 16 bytes: entity, word */
	FUNNEL_WIDE					/* partitions of funnel_event */
} funnel_layout;

#define FUNNEL_NARROW_SIZE 12
#define FUNNEL_MEDIUM_SIZE 16

/*
 * In a grouped log, this word says that the next one is an entity, to which
 * all words up to the next such pair belong.  No event has step 255.
 */
#define FUNNEL_ENTITY_FOLLOWS UINT64_C(255)

#define FUNNEL_PARTITION_BITS 6
#define FUNNEL_PARTITIONS (1 << FUNNEL_PARTITION_BITS)

/*
 * The partition is the low bits of the entity, stirred by a hash of the rest:
 * numbers in sequence spread evenly, multiples of 64 do, too, and within a
 * partition the rest alone tells the entity.
 */
static inline uint32_t
funnel_partition_of(uint64_t entity)
{
	uint64_t	rest = entity >> FUNNEL_PARTITION_BITS;

	return (uint32_t) ((entity ^ (rest * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - FUNNEL_PARTITION_BITS))
					   & (FUNNEL_PARTITIONS - 1));
}

static inline void
funnel_put_narrow(uint8_t *to, uint32_t key, uint64_t word)
{
	memcpy(to, &key, 4);
	memcpy(to + 4, &word, 8);
}

static inline void
funnel_put_medium(uint8_t *to, uint64_t entity, uint64_t word)
{
	memcpy(to, &entity, 8);
	memcpy(to + 8, &word, 8);
}

#endif							/* SALESMGMT_FUNNEL_LOG_H */
