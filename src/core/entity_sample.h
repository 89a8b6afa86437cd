/*
 * entity_sample.h
 *		The same few entities out of any set: do two sets have some in common?
 */
#ifndef SALESMGMT_ENTITY_SAMPLE_H
#define SALESMGMT_ENTITY_SAMPLE_H

#include "core/core.h"
#include "core/wire.h"

#define ENTITY_SAMPLE_MOST 96

/*
 * Of all entities of a set, those with the smallest hashes.  As hashes are as good
 * as random but the same everywhere, two sets choose alike: an entity of both
 * whose hash is among the smallest of their union is in both samples (A. Broder, "On
 * the resemblance and containment of documents", 1997).  So a hash that two samples
 * share is an entity that the sets share, for certain; small sets are their own
 * samples, and every shared entity is seen; and of larger ones that share a part p
 * of all their entities none is seen with a chance of at most (1 - p) ^ 96: 1 % of
 * the time for a twentieth, and 1 of 25,000 times for a tenth.
 */
typedef struct entity_sample
{
	uint64_t	members;		/* of the set, as its owner counts them; of a union, the sum */
	uint32_t	count;
	uint64_t	hashes[ENTITY_SAMPLE_MOST]; /* rising */
} entity_sample;

/* A number whose bits are all as good as random, from any; different ones stay different. */
static inline uint64_t
entity_sample_hash(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* entity: a number that stands for it wherever it is met. */
extern void entity_sample_add(entity_sample *sample, uint64_t entity);

/* Add what is in from; returns whether they had entities in common. */
extern bool entity_sample_merge(entity_sample *sample, const entity_sample *from);

extern size_t entity_sample_size(const entity_sample *sample);
extern void entity_sample_write(const entity_sample *sample, wire_writer *w);
extern void entity_sample_read(entity_sample *sample, wire_reader *r);

#endif							/* SALESMGMT_ENTITY_SAMPLE_H */
