/*
 * hyperloglog.h
 *		A set of hashes in little room: do two sets share members?
 */
#ifndef SALESMGMT_HYPERLOGLOG_H
#define SALESMGMT_HYPERLOGLOG_H

#include "core/core.h"
#include "core/wire.h"

#define HLL_BITS 10
#define HLL_REGISTERS (1 << HLL_BITS)
#define HLL_FEW 64				/* hashes that are kept themselves */

/*
 * Up to HLL_FEW hashes are a sorted list, and what two lists share is found for
 * certain.  More are a HyperLogLog: of the hashes that choose a register it
 * holds the highest rank, which is the place of the first 1 among the other
 * bits.  The registers of a union are the maxima of both.  The number of
 * members is estimated with a standard error of 3.3 % (1.04 / sqrt(1024)), by
 * the estimator of O. Ertl, "New cardinality estimation algorithms for HyperLogLog
 * sketches" (2017), which has no bias at either end to correct.
 *
 * Whoever makes a set also counts its members.  If sets that are merged were
 * disjoint, the sum of these counts is what the union has.
 */
typedef struct hyperloglog
{
	core_arena *arena;			/* where hashes and registers live */
	uint32_t	count;			/* hashes in the list */
	uint32_t	room;			/* hashes there is room for */
	uint64_t   *hashes;			/* rising */
	uint8_t    *registers;		/* or NULL, where there is a list */
	uint64_t	members;		/* as the owner counts them; merged, the sum */
} hyperloglog;

extern void hyperloglog_begin(hyperloglog *set, core_arena *arena);
extern void hyperloglog_free(hyperloglog *set);

/* A hash whose bits are all as good as random: hyperloglog_mix() makes it from any that differ. */
extern void hyperloglog_add(hyperloglog *set, uint64_t hash);
extern double hyperloglog_estimate(const hyperloglog *set);

/*
 * Add all members of from.  Returns whether sets merged so far had members in
 * common.  Of two lists that is certain.  Else they had if the union's estimate
 * is below the sum of the counts by more than 8 and six standard errors, a fifth of
 * the sum: of disjoint sets, one in 10^9 is taken for others.
 */
extern bool hyperloglog_merge(hyperloglog *set, const hyperloglog *from);

extern size_t hyperloglog_size(const hyperloglog *set);
extern void hyperloglog_write(const hyperloglog *set, wire_writer *w);
extern void hyperloglog_read(hyperloglog *set, wire_reader *r);

static inline uint64_t
hyperloglog_mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

#endif							/* SALESMGMT_HYPERLOGLOG_H */
