/*
 * bookings.c
 *		The distribution of what a number of deals may bring together.
 *
 * The state, the layout of the deals, and the figures; the distribution itself
 * is in outcomes.c.
 */
#include "core/bookings.h"

#include "core/exact_sum.h"
#include "core/number.h"
#include "core/outcomes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* By so much rounding may keep the share below a percentile from reaching it. */
#define PERCENTILE_TOLERANCE 1e-12

/* So many deals have no more outcomes than there may be cells. */
#define LISTED_DEALS 18

void
bookings_create(bookings_state *state)
{
	memset(state, 0, sizeof(*state));
}

static void
make_room(bookings_state *state, int64_t more, core_arena *arena)
{
	int64_t		room = state->room > 0 ? state->room : 8;

	if (state->count + more <= state->room)
		return;
	while (room < state->count + more)
		room *= 2;
	state->deals = core_realloc(arena, state->deals, room * sizeof(bookings_deal));
	state->room = room;
}

void
bookings_add(bookings_state *state, int64_t cents, double probability, bool rounded, core_arena *arena)
{
	number_check_probability(probability);
	make_room(state, 1, arena);
	state->deals[state->count++] = (bookings_deal) {cents, probability};
	state->rounded += rounded;
}

void
bookings_combine(bookings_state *state, const bookings_state *other, core_arena *arena)
{
	state->missing = wire_sum_rows(state->missing, other->missing, "bookings_distribution_state");
	state->rounded += other->rounded;
	if (other->count == 0)
		return;
	make_room(state, other->count, arena);
	memcpy(state->deals + state->count, other->deals, other->count * sizeof(bookings_deal));
	state->count += other->count;
}

/* ---- the layout ---- */

static int
compare_uncertain(const void *a, const void *b)
{
	const uncertain_deal *x = a;
	const uncertain_deal *y = b;

	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	if (x->take != y->take)
		return x->take < y->take ? -1 : 1;
	return (x->leave > y->leave) - (x->leave < y->leave);
}

static int64_t
total_of(__int128 cents)
{
	if (cents > BOOKINGS_MAX_TOTAL || cents < -BOOKINGS_MAX_TOTAL)
		core_fail(CORE_LIMIT_EXCEEDED, "the amounts of the group are too large together",
				  "What they add up to must stay within 10,000,000,000,000,000.", NULL);
	return (int64_t) cents;
}

/*
 * Sure and uncertain deals apart.  A deal of -a that is won with probability p
 * is -a for sure, and a more where it is not won.
 */
static void
separate(const bookings_state *state, layout *l, core_arena *arena)
{
	/* amounts of both signs may come in any order: only what they end at has a limit */
	__int128	offset = 0;
	__int128	total = 0;

	l->deals = core_alloc(arena, (state->count + 1) * sizeof(uncertain_deal));
	for (int64_t i = 0; i < state->count; i++)
	{
		int64_t		cents = state->deals[i].cents;
		double		p = state->deals[i].probability;

		if (p == 0 || cents == 0)
			continue;
		if (p == 1 || cents < 0)
			offset += cents;
		if (p == 1)
			continue;
		total += cents < 0 ? -cents : cents;
		l->deals[l->count++] = cents < 0 ? (uncertain_deal) {-cents, 1 - p, p} : (uncertain_deal) {cents, p, 1 - p};
	}
	l->offset = total_of(offset);
	l->total = total_of(total);
	qsort(l->deals, l->count, sizeof(uncertain_deal), compare_uncertain);
}

static int64_t
greatest_common_divisor(int64_t a, int64_t b)
{
	while (b != 0)
	{
		int64_t		rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/*
 * Choose the grid and turn the sizes into cells.
 *
 * Amounts that are all multiples of something, such as 1000, lose nothing on a
 * grid of that.  Nor do those of few deals, whose outcomes are listed where they
 * are fewer than the cells.  Else, where there are too many cells, the grid is
 * as fine as fits, and sizes are rounded so that, in order of size, the rounded ones add up to
 * the rounded total all along: errors of neighbours cancel, and many small
 * deals do not all become nothing.
 */
static void
cut(layout *l)
{
	int64_t		divisor = 0;
	int64_t		sum = 0;
	int64_t		cells = 0;

	for (int64_t i = 0; i < l->count && divisor != 1; i++)
		divisor = greatest_common_divisor(l->deals[i].size, divisor);
	l->grid = divisor > 0 ? divisor : 1;
	l->listed = l->count <= LISTED_DEALS && l->total / l->grid >= INT64_C(1) << l->count;
	if (!l->listed && l->total / l->grid >= BOOKINGS_MAX_CELLS)
		l->grid = (l->total + BOOKINGS_MAX_CELLS - 2) / (BOOKINGS_MAX_CELLS - 1);

	for (int64_t i = 0; i < l->count; i++)
	{
		int64_t		size = l->deals[i].size;
		int64_t		upto;
		int64_t		error;

		sum += size;
		upto = (sum + l->grid / 2) / l->grid;
		l->deals[i].size = upto - cells;
		error = size - l->deals[i].size * l->grid;
		if (error > 0)
			l->too_low += error;
		else
			l->too_high -= error;
		cells = upto;
	}
}

/* ---- the figures ---- */

/* What outcome i comes to, in cents. */
static int64_t
outcome(const layout *l, const distribution *d, int64_t i)
{
	return l->offset + l->grid * (d->at != NULL ? d->at[i] : d->first + i);
}

/* The first outcome that reaches cents; count where none does. */
static int64_t
first_to_reach(const layout *l, const distribution *d, int64_t cents)
{
	int64_t		low = 0;
	int64_t		high = d->count;

	while (low < high)
	{
		int64_t		middle = (low + high) / 2;

		if (outcome(l, d, middle) < cents)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Probability of reaching cents, of what the distribution has; the small terms first on either side. */
static double
chance_of(const layout *l, const distribution *d, int64_t cents)
{
	int64_t		from = first_to_reach(l, d, cents);
	double		below = 0;
	double		above = 0;

	for (int64_t i = 0; i < from; i++)
		below += d->probability[i];
	for (int64_t i = d->count - 1; i >= from; i--)
		above += d->probability[i];
	return above / (below + above);
}

/* The least outcome that is not exceeded with this probability. */
static int64_t
percentile(const layout *l, const distribution *d, double share)
{
	double		sum = 0;
	int64_t		i;

	for (i = 0; i < d->count - 1; i++)
	{
		sum += d->probability[i];
		if (sum >= (share - PERCENTILE_TOLERANCE) * d->all)
			break;
	}
	return outcome(l, d, i);
}

static int64_t
expected_cents(const bookings_state *state, core_arena *arena)
{
	exact_sum	sum = {0};
	exact_value value;

	for (int64_t i = 0; i < state->count; i++)
		exact_sum_add_product(&sum, (double) state->deals[i].cents, state->deals[i].probability, arena);
	value = exact_sum_value(&sum, NULL, arena);
	exact_sum_free(&sum, arena);
	return (int64_t) rint(ldexp(value.fraction, value.exponent));
}

bookings_result
bookings_final(const bookings_state *state, int64_t target, core_arena *arena)
{
	layout		l = {0};
	distribution d;
	bookings_result result;
	int64_t		rounding = (state->rounded + 1) / 2;	/* half a cent each */

	separate(state, &l, arena);
	cut(&l);
	outcomes_distribute(&l, &d, arena);
	result.p10 = percentile(&l, &d, 0.1);
	result.p50 = percentile(&l, &d, 0.5);
	result.p90 = percentile(&l, &d, 0.9);
	result.expected = expected_cents(state, arena);
	result.grid = l.grid;
	result.error_bound = (l.too_low > l.too_high ? l.too_low : l.too_high) + rounding;
	result.chance = chance_of(&l, &d, target);
	result.chance_lower = result.chance_upper = result.chance;
	if (result.error_bound > 0)
	{
		result.chance_lower = chance_of(&l, &d, target + l.too_high + rounding);
		result.chance_upper = chance_of(&l, &d, target - l.too_low - rounding);
	}
	outcomes_free(&d, arena);
	core_free(arena, l.deals);
	return result;
}

/* ---- the bytes ---- */

size_t
bookings_size(const bookings_state *state)
{
	return 3 * 8 + state->count * 16;
}

void
bookings_write(const bookings_state *state, wire_writer *w)
{
	wire_put_u64(w, (uint64_t) state->missing);
	wire_put_u64(w, (uint64_t) state->rounded);
	wire_put_u64(w, (uint64_t) state->count);
	for (int64_t i = 0; i < state->count; i++)
	{
		wire_put_u64(w, (uint64_t) state->deals[i].cents);
		wire_put_f64(w, state->deals[i].probability);
	}
}

void
bookings_read(bookings_state *state, wire_reader *r, core_arena *arena)
{
	uint64_t	missing = wire_get_u64(r);
	uint64_t	rounded = wire_get_u64(r);
	uint64_t	count = wire_get_count(r, 16);

	if (missing > WIRE_MAX_ROWS || rounded > count)
		wire_refuse(r, "Its counts do not add up.");
	bookings_create(state);
	make_room(state, (int64_t) count, arena);
	state->missing = (int64_t) missing;
	state->rounded = (int64_t) rounded;
	for (uint64_t i = 0; i < count; i++)
	{
		bookings_deal deal;

		deal.cents = (int64_t) wire_get_u64(r);
		deal.probability = wire_get_f64(r);
		if (deal.cents > BOOKINGS_MAX_AMOUNT || deal.cents < -BOOKINGS_MAX_AMOUNT)
			wire_refuse(r, "An amount in it is too large.");
		if (!(deal.probability >= 0 && deal.probability <= 1))
			wire_refuse(r, "A probability in it is not between 0 and 1.");
		state->deals[state->count++] = deal;
	}
}
