/*
 * competing_result.c
 *		From the ages of deals to the cumulative incidence of won and of lost.
 *
 * The estimator is that of O. Aalen and S. Johansen, "An empirical transition
 * matrix for non-homogeneous Markov chains based on censored observations",
 * Scandinavian Journal of Statistics 5 (1978), 141-150, for two ways out.  Its
 * variance is that of O. Aalen, "Nonparametric estimation of partial transition
 * probabilities in multiple decrement models", Annals of Statistics 6 (1978),
 * 534-545, as cuminc() of R's package cmprsk and PROC LIFETEST have it.  The
 * interval is that variance on the scale of log(-log(share)), which keeps it
 * within 0 .. 1 (M. Pintilie, Competing Risks, Wiley 2006).
 */
#include "core/competing.h"

#include "core/rate.h"

#include <math.h>
#include <string.h>

#define FEW_AGES 64				/* up to which ages are sorted by insertion */
#define DIGIT_BITS 11
#define DIGITS 6				/* 66 bits, of which a double that is not negative has 63 */

/* ---- sort ------------------------------------------------------------------------ */

/* Doubles that are not negative are in the order of their bits, which sort faster. */
typedef struct sorted_ages
{
	const uint64_t *keys;
	size_t		count;
} sorted_ages;

static double
day_of(uint64_t key)
{
	double		day;

	memcpy(&day, &key, sizeof(day));
	return day;
}

static uint64_t
key_of(double day)
{
	uint64_t	key;

	day += 0.0;					/* -0 becomes 0 */
	memcpy(&key, &day, sizeof(key));
	return key;
}

static void
sort_few(uint64_t *keys, size_t count)
{
	for (size_t i = 1; i < count; i++)
	{
		uint64_t	key = keys[i];
		size_t		at = i;

		for (; at > 0 && keys[at - 1] > key; at--)
			keys[at] = keys[at - 1];
		keys[at] = key;
	}
}

/*
 * Sort by digits, the lowest first; digits that all have in common are passed
 * over.  Returns where the sorted keys are, keys or spare.
 */
static uint64_t *
sort_by_digits(uint64_t *keys, uint64_t *spare, size_t count, core_arena *scratch)
{
	uint64_t	mask = (1 << DIGIT_BITS) - 1;
	size_t	   *counts = core_alloc(scratch, (sizeof(size_t) << DIGIT_BITS) * DIGITS);

	memset(counts, 0, (sizeof(size_t) << DIGIT_BITS) * DIGITS);
	for (size_t i = 0; i < count; i++)
	{
		if (i % 65536 == 0)
			core_check_interrupts();
		for (int digit = 0; digit < DIGITS; digit++)
			counts[((size_t) digit << DIGIT_BITS) + (keys[i] >> (digit * DIGIT_BITS) & mask)]++;
	}
	for (int digit = 0; digit < DIGITS; digit++)
	{
		size_t	   *starts = counts + ((size_t) digit << DIGIT_BITS);
		int			shift = digit * DIGIT_BITS;
		uint64_t   *sorted = spare;
		size_t		start = 0;

		if (starts[keys[0] >> shift & mask] == count)
			continue;
		for (size_t value = 0; value <= mask; value++)
		{
			size_t		next = start + starts[value];

			starts[value] = start;
			start = next;
		}
		for (size_t i = 0; i < count; i++)
		{
			if (i % 65536 == 0)
				core_check_interrupts();
			sorted[starts[keys[i] >> shift & mask]++] = keys[i];
		}
		spare = keys;
		keys = sorted;
	}
	core_free(scratch, counts);
	return keys;
}

/* A sorted copy of ages. */
static sorted_ages
sort_ages(const competing_ages *ages, core_arena *scratch)
{
	size_t		size = ages->count * sizeof(uint64_t);
	uint64_t   *keys = core_alloc(scratch, size * 2 + 1);

	if (ages->count > 0)
		memcpy(keys, ages->days, size);
	if (ages->count <= FEW_AGES)
		sort_few(keys, ages->count);
	else
		keys = sort_by_digits(keys, keys + ages->count, ages->count, scratch);
	return (sorted_ages) {keys, ages->count};
}

/* ---- result ---------------------------------------------------------------------- */

/*
 * The incidence of one outcome, and its variance as a sum over all decisions s so far
 *
 *		v(s) * (b(s) - 1)^2 of the outcome itself, v(s) * b(s)^2 of the other,
 *
 * with b(s) = (incidence now - incidence at s) / open share at s, and v(s) the variance of
 * the step at s.  With every step of the incidence all b(s) grow; three sums
 * are enough to follow the whole without going over what is past.
 */
typedef struct incidence
{
	double		share;
	double		squares;		/* sum of v c^2, c being b - 1 or b: the variance */
	double		products;		/* sum of v c / open share at s */
	double		inverses;		/* sum of v / open share at s, squared */
} incidence;

/* Variance of a step of `decided` out of at_risk, where the open share was 1; ties as in Aalen. */
static double
step_variance(int64_t decided, int64_t at_risk)
{
	double		n = (double) at_risk;
	double		tied = decided > 1 ? (n - (double) decided) / (n - 1) : 1;

	return tied * (double) decided / (n * n);
}

/* own decisions of the outcome and other ones, when at_risk were open and that was share open of all. */
static void
take_step(incidence *of, int64_t own, int64_t other, int64_t at_risk, double open)
{
	double		step = open * (double) own / (double) at_risk;
	double		own_variance = step_variance(own, at_risk);
	double		other_variance = step_variance(other, at_risk);
	int64_t		rest = at_risk - own - other;

	of->share += step;
	of->squares += step * (2 * of->products + step * of->inverses);
	of->products += step * of->inverses;
	of->squares += open * open * own_variance;
	if (rest > 0)
	{
		double		ratio = (double) at_risk / (double) rest;	/* open share before and after */

		of->products -= open * ratio * own_variance;
		of->inverses += ratio * ratio * (own_variance + other_variance);
	}
}

static competing_share
share_of(const incidence *of, double z)
{
	competing_share share = {.share = of->share > 1 ? 1 : of->share};

	if (share.share > 0 && share.share < 1 && of->squares > 0)
	{
		double		stretch = exp(z * sqrt(of->squares) / (share.share * -log(share.share)));

		share.has_interval = true;
		share.lower = pow(share.share, stretch);
		share.upper = pow(share.share, 1 / stretch);
	}
	return share;
}

/* How many of ages from *at on are of this key; *at moves behind them. */
static int64_t
take_equal(const sorted_ages *ages, size_t *at, uint64_t key)
{
	size_t		start = *at;

	while (*at < ages->count && ages->keys[*at] == key)
		(*at)++;
	return (int64_t) (*at - start);
}

static void
add_point(competing_result *result, size_t *room, core_arena *scratch, const competing_point *point)
{
	if (result->point_count == *room)
	{
		*room = *room == 0 ? 64 : *room * 2;
		result->points = core_realloc(scratch, result->points, *room * sizeof(competing_point));
	}
	result->points[result->point_count++] = *point;
}

/* Decisions in order of age, those of an age together; who is open at that age counts as at risk. */
static void
walk(const sorted_ages ages[COMPETING_OUTCOMES], uint64_t horizon, const competing_options *options,
	 core_arena *scratch, competing_result *result)
{
	double		z = normal_two_sided_z(options->confidence);
	size_t		at[COMPETING_OUTCOMES] = {0};
	size_t		room = 0;
	int64_t		at_risk = result->n;
	incidence	win = {0};
	incidence	loss = {0};
	double		open = 1;

	for (uint64_t steps = 0;; steps++)
	{
		competing_point point;
		uint64_t	key = UINT64_MAX;

		if (steps % 4096 == 0)
			core_check_interrupts();
		for (int outcome = COMPETING_WON; outcome <= COMPETING_LOST; outcome++)
			if (at[outcome] < ages[outcome].count && ages[outcome].keys[at[outcome]] < key)
				key = ages[outcome].keys[at[outcome]];
		if (key > horizon)
			break;
		for (; at[COMPETING_OPEN] < ages[COMPETING_OPEN].count &&
			 ages[COMPETING_OPEN].keys[at[COMPETING_OPEN]] < key; at[COMPETING_OPEN]++)
			at_risk--;
		point.day = day_of(key);
		point.at_risk = at_risk;
		point.won = take_equal(&ages[COMPETING_WON], &at[COMPETING_WON], key);
		point.lost = take_equal(&ages[COMPETING_LOST], &at[COMPETING_LOST], key);
		take_step(&win, point.won, point.lost, at_risk, open);
		take_step(&loss, point.lost, point.won, at_risk, open);
		open = open * (double) (at_risk - point.won - point.lost) / (double) at_risk;
		at_risk -= point.won + point.lost;
		result->won += point.won;
		result->lost += point.lost;
		/* a sum of many steps may miss 1 by its last digit, and would have an interval then */
		if (at_risk == 0 && result->lost == 0)
			win.share = 1;
		if (at_risk == 0 && result->won == 0)
			loss.share = 1;
		if (!options->curve)
			continue;
		point.win = share_of(&win, z);
		point.loss = share_of(&loss, z);
		point.open_share = open;
		add_point(result, &room, scratch, &point);
	}
	result->win = share_of(&win, z);
	result->loss = share_of(&loss, z);
	result->open_share = open;
}

void
competing_final(const competing_state *state, core_arena *scratch, competing_result *result)
{
	sorted_ages ages[COMPETING_OUTCOMES];
	uint64_t	horizon = 0;

	memset(result, 0, sizeof(*result));
	for (int i = 0; i < COMPETING_OUTCOMES; i++)
	{
		ages[i] = sort_ages(&state->ages[i], scratch);
		result->n += (int64_t) ages[i].count;
		if (ages[i].count > 0 && ages[i].keys[ages[i].count - 1] > horizon)
			horizon = ages[i].keys[ages[i].count - 1];
	}
	if (result->n == 0)
		return;
	if (state->options.has_horizon && key_of(state->options.horizon) < horizon)
		horizon = key_of(state->options.horizon);
	result->horizon = day_of(horizon);
	walk(ages, horizon, &state->options, scratch, result);
}
