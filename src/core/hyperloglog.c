/*
 * hyperloglog.c
 *		A set of hashes in little room: do two sets share members?
 */
#include "core/hyperloglog.h"

#include <math.h>
#include <string.h>

#define RANKS (64 - HLL_BITS + 1)	/* the highest rank: all other bits are 0 */
#define STORED_REGISTERS (HLL_REGISTERS / 4 * 3)	/* of six bits */
#define MOST_MEMBERS (UINT64_C(1) << 62)
#define STORED_AS_REGISTERS 255 /* instead of the length of a list */

#define STANDARD_ERROR 0.0325	/* 1.04 / sqrt(HLL_REGISTERS) */
#define ERRORS_ALLOWED 6
#define MEMBERS_ALLOWED 8		/* registers that few hashes may happen to share */

void
hyperloglog_begin(hyperloglog *set, core_arena *arena)
{
	memset(set, 0, sizeof(*set));
	set->arena = arena;
}

void
hyperloglog_free(hyperloglog *set)
{
	core_free(set->arena, set->hashes);
	core_free(set->arena, set->registers);
	set->hashes = NULL;
	set->registers = NULL;
	set->count = set->room = 0;
}

static void
raise_register(uint8_t *registers, uint64_t hash)
{
	uint8_t    *its = &registers[hash >> (64 - HLL_BITS)];
	uint64_t	rest = hash << HLL_BITS;
	uint8_t		rank = rest == 0 ? RANKS : (uint8_t) (__builtin_clzll(rest) + 1);

	if (rank > *its)
		*its = rank;
}

/* From a list to registers. */
static void
use_registers(hyperloglog *set)
{
	uint8_t    *registers = core_alloc(set->arena, HLL_REGISTERS);

	memset(registers, 0, HLL_REGISTERS);
	for (uint32_t i = 0; i < set->count; i++)
		raise_register(registers, set->hashes[i]);
	hyperloglog_free(set);
	set->registers = registers;
}

/* Where in the list a hash is, or belongs. */
static uint32_t
place_of(const hyperloglog *set, uint64_t hash)
{
	uint32_t	low = 0;
	uint32_t	high = set->count;

	while (low < high)
	{
		uint32_t	middle = (low + high) / 2;

		if (set->hashes[middle] < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
is_listed(const hyperloglog *set, uint64_t hash)
{
	uint32_t	place = place_of(set, hash);

	return place < set->count && set->hashes[place] == hash;
}

void
hyperloglog_add(hyperloglog *set, uint64_t hash)
{
	uint32_t	place;

	if (set->registers == NULL)
	{
		place = place_of(set, hash);
		if (place < set->count && set->hashes[place] == hash)
			return;
		if (set->count < HLL_FEW)
		{
			if (set->count == set->room)
			{
				set->room = set->room == 0 ? 4 : set->room * 2;
				set->hashes = core_realloc(set->arena, set->hashes, set->room * sizeof(uint64_t));
			}
			memmove(&set->hashes[place + 1], &set->hashes[place], (set->count - place) * sizeof(uint64_t));
			set->hashes[place] = hash;
			set->count++;
			return;
		}
		use_registers(set);
	}
	raise_register(set->registers, hash);
}

/* ---- how many ------------------------------------------------------------------ */

/* Registers that are still 0: a share x of all. */
static double
sigma(double x)
{
	double		weight = 1;
	double		sum = x;
	double		before;

	do
	{
		x *= x;
		before = sum;
		sum += x * weight;
		weight += weight;
	} while (sum != before);
	return sum;
}

/* Registers that have the highest rank: all but a share x. */
static double
tau(double x)
{
	double		weight = 1;
	double		sum = 1 - x;
	double		before;

	if (x == 0 || x == 1)
		return 0;
	do
	{
		x = sqrt(x);
		before = sum;
		weight *= 0.5;
		sum -= (1 - x) * (1 - x) * weight;
	} while (sum != before);
	return sum / 3;
}

double
hyperloglog_estimate(const hyperloglog *set)
{
	uint32_t	counts[RANKS + 1] = {0};
	double		z;

	if (set->registers == NULL)
		return set->count;
	for (int i = 0; i < HLL_REGISTERS; i++)
		counts[set->registers[i]]++;
	if (counts[0] == HLL_REGISTERS)
		return 0;
	z = HLL_REGISTERS * tau(1 - (double) counts[RANKS] / HLL_REGISTERS);
	for (int rank = RANKS - 1; rank >= 1; rank--)
		z = 0.5 * (z + counts[rank]);
	z += HLL_REGISTERS * sigma((double) counts[0] / HLL_REGISTERS);
	return (double) HLL_REGISTERS * HLL_REGISTERS / (2 * log(2) * z);
}

/* ---- union --------------------------------------------------------------------- */

bool
hyperloglog_merge(hyperloglog *set, const hyperloglog *from)
{
	bool		certain = set->registers == NULL && from->registers == NULL;
	bool		shared = false;
	bool		both = set->members > 0 && from->members > 0;

	set->members += from->members;
	for (uint32_t i = 0; certain && i < from->count; i++)
		shared |= is_listed(set, from->hashes[i]);
	for (uint32_t i = 0; i < from->count; i++)
		hyperloglog_add(set, from->hashes[i]);
	if (from->registers != NULL)
	{
		if (set->registers == NULL)
			use_registers(set);
		for (int i = 0; i < HLL_REGISTERS; i++)
			if (from->registers[i] > set->registers[i])
				set->registers[i] = from->registers[i];
	}
	if (certain)
		return shared;
	return both && (double) set->members - hyperloglog_estimate(set) >
		MEMBERS_ALLOWED + ERRORS_ALLOWED * STANDARD_ERROR * (double) set->members;
}

/* ---- stored form --------------------------------------------------------------- */

size_t
hyperloglog_size(const hyperloglog *set)
{
	return 1 + (set->registers != NULL ? 8 + STORED_REGISTERS : set->count * sizeof(uint64_t));
}

void
hyperloglog_write(const hyperloglog *set, wire_writer *w)
{
	if (set->registers == NULL)
	{
		wire_put_u8(w, (uint8_t) set->count);
		for (uint32_t i = 0; i < set->count; i++)
			wire_put_u64(w, set->hashes[i]);
		return;
	}
	wire_put_u8(w, STORED_AS_REGISTERS);
	wire_put_u64(w, set->members);
	for (int i = 0; i < HLL_REGISTERS; i += 4)
	{
		const uint8_t *four = &set->registers[i];

		wire_put_u8(w, (uint8_t) (four[0] | four[1] << 6));
		wire_put_u8(w, (uint8_t) (four[1] >> 2 | four[2] << 4));
		wire_put_u8(w, (uint8_t) (four[2] >> 4 | four[3] << 2));
	}
}

void
hyperloglog_read(hyperloglog *set, wire_reader *r)
{
	uint8_t		count = wire_get_u8(r);

	if (count != STORED_AS_REGISTERS)
	{
		if (count > HLL_FEW)
			wire_refuse(r, "Its set of entities is not one that this version knows.");
		for (uint8_t i = 0; i < count; i++)
		{
			uint64_t	hash = wire_get_u64(r);

			if (i > 0 && hash <= set->hashes[i - 1])
				wire_refuse(r, "Its entities are not in order.");
			hyperloglog_add(set, hash);
		}
		set->members = count;
		return;
	}
	set->members = wire_get_u64(r);
	if (set->members <= HLL_FEW || set->members > MOST_MEMBERS)
		wire_refuse(r, "Its set of entities is not one that this version knows.");
	use_registers(set);
	for (int i = 0; i < HLL_REGISTERS; i += 4)
	{
		const uint8_t *three = wire_get_bytes(r, 3);
		uint8_t    *four = &set->registers[i];

		four[0] = three[0] & 63;
		four[1] = (uint8_t) (three[0] >> 6 | three[1] << 2) & 63;
		four[2] = (uint8_t) (three[1] >> 4 | three[2] << 4) & 63;
		four[3] = three[2] >> 2;
		for (int j = 0; j < 4; j++)
			if (four[j] > RANKS)
				wire_refuse(r, "Its set of entities is not one that this version knows.");
	}
}
