/*
 * price_volume_mix.h
 *		The sums of price_volume_mix, and the parts that follow from them.
 */
#ifndef SALESMGMT_PRICE_VOLUME_MIX_H
#define SALESMGMT_PRICE_VOLUME_MIX_H

#include "amount.h"

/*
 * The state: exact sums over the products, from which the parts follow at the
 * end.  With q and p a product's quantity and price, 0 planned and 1 actual,
 * Q and s the quantity of all and a product's share in it, and P = sum p0 q0 / Q0
 * the mean planned price of a unit,
 *
 *		volume	(Q1 - Q0) P
 *		mix		sum (s1 - s0) (p0 - P) Q1  =  sum p0 q1 - Q1 P
 *		price	sum (p1 - p0) q1
 *
 * over the products that were planned and sold; those that were not planned
 * are new, those that were not sold are lost, and each is a part of its own.
 * The sums of p0 q0, p0 q1 and p1 q1 are exact, so volume + mix, price, new,
 * lost and the total are, too.  Only volume is a quotient: it is rounded to the
 * scale of the sums, and mix is what is left of volume + mix.  Both are then
 * within half a unit of their last place, and the parts add up by construction.
 */
typedef struct price_volume_mix_data
{
	core_arena *arena;
	int64		n;				/* products with a quantity */
	amount_sum planned_qty;		/* q0, of the products that were planned and sold */
	amount_sum actual_qty;		/* q1 of the same */
	amount_sum planned;			/* p0 q0 of the same */
	amount_sum at_planned_price;	/* p0 q1 of the same */
	amount_sum actual;			/* p1 q1 of the same */
	amount_sum new_products;	/* p1 q1 of those that were not planned */
	amount_sum lost_products;	/* p0 q0 of those that were not sold */
} price_volume_mix_data;

#define SUMS 7

/* All sums, in the order of the bytes. */
extern void price_volume_mix_sums(const price_volume_mix_data *data, const amount_sum *sums[SUMS]);

/* a * b, of which no digit may be lost. */
extern Numeric price_volume_mix_product(Numeric a, Numeric b);

/* Volume, mix, price, new, lost and total. */
extern void price_volume_mix_parts(const price_volume_mix_data *data, Datum *values);

#endif							/* SALESMGMT_PRICE_VOLUME_MIX_H */
