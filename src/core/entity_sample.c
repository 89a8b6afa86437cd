/*
 * entity_sample.c
 *		The same few entities out of any set: do two sets have some in common?
 */
#include "core/entity_sample.h"

#include <string.h>

#define MOST_MEMBERS (UINT64_C(1) << 62)

void
entity_sample_add(entity_sample *sample, uint64_t entity)
{
	uint64_t	hash = entity_sample_hash(entity);
	uint32_t	low = 0;
	uint32_t	high = sample->count;

	if (sample->count == ENTITY_SAMPLE_MOST && hash > sample->hashes[ENTITY_SAMPLE_MOST - 1])
		return;
	while (low < high)
	{
		uint32_t	middle = (low + high) / 2;

		if (sample->hashes[middle] < hash)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < sample->count && sample->hashes[low] == hash)
		return;
	/* a full sample loses its last */
	if (sample->count < ENTITY_SAMPLE_MOST)
		sample->count++;
	memmove(&sample->hashes[low + 1], &sample->hashes[low], (sample->count - 1 - low) * sizeof(uint64_t));
	sample->hashes[low] = hash;
}

bool
entity_sample_merge(entity_sample *sample, const entity_sample *from)
{
	const entity_sample before = *sample;
	uint32_t	i = 0;
	uint32_t	j = 0;
	bool		shared = false;

	sample->count = 0;
	while (i < before.count || j < from->count)
	{
		bool		in_before = i < before.count && (j == from->count || before.hashes[i] <= from->hashes[j]);
		bool		in_from = j < from->count && (i == before.count || from->hashes[j] <= before.hashes[i]);

		if (sample->count < ENTITY_SAMPLE_MOST)
			sample->hashes[sample->count++] = in_before ? before.hashes[i] : from->hashes[j];
		shared |= in_before && in_from;
		i += in_before;
		j += in_from;
	}
	sample->members += from->members;
	return shared;
}

/* ---- stored form --------------------------------------------------------------- */

size_t
entity_sample_size(const entity_sample *sample)
{
	return 8 + 1 + sample->count * sizeof(uint64_t);
}

void
entity_sample_write(const entity_sample *sample, wire_writer *w)
{
	wire_put_u64(w, sample->members);
	wire_put_u8(w, (uint8_t) sample->count);
	for (uint32_t i = 0; i < sample->count; i++)
		wire_put_u64(w, sample->hashes[i]);
}

void
entity_sample_read(entity_sample *sample, wire_reader *r)
{
	sample->members = wire_get_u64(r);
	sample->count = wire_get_u8(r);
	if (sample->members > MOST_MEMBERS ||
		sample->count != (sample->members < ENTITY_SAMPLE_MOST ? sample->members : ENTITY_SAMPLE_MOST))
		wire_refuse(r, "Its sample of entities is not one that this version knows.");
	for (uint32_t i = 0; i < sample->count; i++)
	{
		sample->hashes[i] = wire_get_u64(r);
		if (i > 0 && sample->hashes[i] <= sample->hashes[i - 1])
			wire_refuse(r, "Its sample of entities is not in order.");
	}
}
