/*
 * outcomes.c
 *		All that a number of deals may come to, and how probable each is.
 *
 * The deals are taken as independent.  A deal of k cells that is won with
 * probability p turns the distribution f of the others into
 *
 *		f'(x) = (1 - p) f(x) + p f(x - k)
 *
 * so that after the last deal f is the distribution of the sum: exact, without
 * drawing samples.  All terms are positive, nothing cancels, and each step
 * rounds by parts of 1e-16: a probability of 1e-200 is as right as one of 0.5.
 * The work is the number of deals times the number of cells.
 *
 * The deals are sorted first, so the order that they came in does not show in
 * the last digit; and from small to large, so that the distribution stays
 * narrow for long.
 *
 * f is kept in one of two ways.  Few deals of odd amounts have few outcomes,
 * far apart: those are listed, and no amount is rounded.  Otherwise f has a
 * number for each cell of a grid.
 */
#include "core/outcomes.h"

#include <string.h>

/* Cells at either end that hold less are cut off: far below any figure, and it keeps subnormals out. */
#define NEGLIGIBLE 1e-290

/* next[i] = leave * now[i] + take * now[i - size]; the two do not overlap. */
static void
convolve(double *restrict next, const double *restrict now, int64_t count, const uncertain_deal *deal)
{
	int64_t		size = deal->size;
	double		take = deal->take;
	double		leave = deal->leave;
	int64_t		both = size < count ? size : count;

	for (int64_t i = 0; i < both; i++)
		next[i] = leave * now[i];
	for (int64_t i = count; i < size; i++)
		next[i] = 0;
	for (int64_t i = size; i < count; i++)
		next[i] = leave * now[i] + take * now[i - size];
	for (int64_t i = size > count ? size : count; i < count + size; i++)
		next[i] = take * now[i - size];
}

/* One more deal of a distribution on the grid. */
static void
add_to_grid(distribution *d, const uncertain_deal *deal, int room)
{
	convolve(d->rooms[room], d->probability, d->count, deal);
	d->probability = d->rooms[room];
	d->count += deal->size;
	while (d->count > 1 && d->probability[0] < NEGLIGIBLE)
	{
		d->probability++;
		d->first++;
		d->count--;
	}
	while (d->count > 1 && d->probability[d->count - 1] < NEGLIGIBLE)
		d->count--;
}

/* One more deal of a list of outcomes: the list without it and with it, merged. */
static void
add_to_list(distribution *d, const uncertain_deal *deal, int room)
{
	double	   *probability = d->rooms[room];
	int64_t    *at = d->at_rooms[room];
	int64_t		without = 0;
	int64_t		with = 0;
	int64_t		count = 0;

	while (with < d->count)
	{
		int64_t		gained = d->at[with] + deal->size;

		if (without < d->count && d->at[without] <= gained)
		{
			at[count] = d->at[without];
			probability[count] = deal->leave * d->probability[without++];
		}
		else
		{
			at[count] = gained;
			probability[count] = 0;
		}
		if (at[count] == gained)
			probability[count] += deal->take * d->probability[with++];
		count++;
	}
	d->probability = probability;
	d->at = at;
	d->count = count;
}

void
outcomes_distribute(const layout *l, distribution *d, core_arena *arena)
{
	int64_t		cells = l->listed ? INT64_C(1) << l->count : l->total / l->grid + 2;
	int			room = 0;

	memset(d, 0, sizeof(*d));
	for (int i = 0; i < 2; i++)
	{
		d->rooms[i] = core_alloc(arena, cells * sizeof(double));
		if (l->listed)
			d->at_rooms[i] = core_alloc(arena, cells * sizeof(int64_t));
	}
	d->probability = d->rooms[0];
	d->probability[0] = 1;
	d->count = 1;
	d->at = d->at_rooms[0];
	if (l->listed)
		d->at[0] = 0;
	for (int64_t i = 0; i < l->count; i++)
	{
		if (l->deals[i].size == 0)
			continue;
		core_check_interrupts();
		room = 1 - room;
		if (l->listed)
			add_to_list(d, &l->deals[i], room);
		else
			add_to_grid(d, &l->deals[i], room);
	}
	for (int64_t i = 0; i < d->count; i++)
		d->all += d->probability[i];
}

void
outcomes_free(distribution *d, core_arena *arena)
{
	for (int i = 0; i < 2; i++)
	{
		core_free(arena, d->rooms[i]);
		core_free(arena, d->at_rooms[i]);
	}
}
