/*
 * fisher.c
 *		Do two rates differ?  Fisher's exact test.
 *
 * If the two rates are one, then with all four margins given the successes of
 * the first group are hypergeometric.  The p-value is the probability of all
 * outcomes that are no likelier than the observed one (Fisher 1935; as in R).
 *
 * No factorial and no logarithm is needed, and none of their rounding: the
 * probability of an outcome relative to its neighbour is a plain ratio, so
 * walking outwards from the likeliest outcome, whose weight is given, gives
 * every other weight, and the p-value is one sum of weights over another.
 * Weights fall off like a normal density and are nothing 50 standard
 * deviations out, so the walk takes some 20 * sqrt(cases) steps to a side at
 * most, not as many as there are outcomes.
 */
#include "core/fisher.h"

#include <inttypes.h>
#include <stdio.h>

/* Weights closer than this are equal: two outcomes that are equally likely on paper. */
#define TIE 1e-7

/* A weight below this share of its sum no longer changes it, nor do those that follow. */
#define NEGLIGIBLE 1e-18

/*
 * The likeliest outcome's weight, and that below which an outcome has none: all
 * outcomes so rare together are less than a float8 can hold.  Both are far from
 * where a float8 loses its digits, for there a weight times a ratio near 1 rounds to
 * itself, and the walk would not end before the outcomes do.
 */
#define LIKELIEST 0x1p900
#define NOTHING 0x1p-900

/* 20 million steps to a side: a fraction of a second. */
#define CASES_MAX INT64_C(1000000000000)

/* The margins: of all cases, how many are in the first group, how many succeeded. */
typedef struct margins
{
	int64_t		n1;
	int64_t		n2;
	int64_t		successes;		/* of both groups */
	int64_t		lowest;			/* successes of the first group that the margins allow */
	int64_t		highest;
} margins;

/* Weights summed by how they compare with the observed one's. */
typedef struct sums
{
	double		likelier;
	double		equal;
	double		rarer;
} sums;

void
fisher_check_size(int64_t n1, int64_t n2)
{
	char		message[128];

	if (n1 <= CASES_MAX && n2 <= CASES_MAX - n1)
		return;
	snprintf(message, sizeof(message), "an exact test of more than %" PRId64 " cases would take too long", CASES_MAX);
	core_fail(CORE_LIMIT_EXCEEDED, message, NULL,
			  "With so many cases, the intervals of wilson_lower() and wilson_upper() say as much.");
}

/* Weight of x + 1 successes in the first group over that of x. */
static double
ratio_up(const margins *m, int64_t x)
{
	return ((double) (m->n1 - x) * (double) (m->successes - x)) /
		((double) (x + 1) * (double) (m->n2 - m->successes + x + 1));
}

/* The weight one step further from the likeliest outcome, up or down. */
static double
next_weight(const margins *m, int64_t x, int step, double weight)
{
	return step > 0 ? weight * ratio_up(m, x) : weight / ratio_up(m, x - 1);
}

static bool
is_last(const margins *m, int64_t x, int step)
{
	return step > 0 ? x >= m->highest : x <= m->lowest;
}

static void
check_interrupts_at(int64_t x)
{
	if ((x & 0xffff) == 0)
		core_check_interrupts();
}

/* The observed outcome's weight; 0 where it is nothing. */
static double
weight_of(const margins *m, int64_t likeliest, int64_t observed)
{
	int			step = observed > likeliest ? 1 : -1;
	double		weight = LIKELIEST;

	for (int64_t x = likeliest; x != observed; x += step)
	{
		weight = next_weight(m, x, step, weight);
		if (weight < NOTHING)
			return 0;
		check_interrupts_at(x);
	}
	return weight;
}

/* Add the weights on one side of the likeliest outcome. */
static void
add_side(sums *sum, const margins *m, int64_t likeliest, int step, double observed)
{
	double		weight = LIKELIEST;

	for (int64_t x = likeliest; !is_last(m, x, step);)
	{
		weight = next_weight(m, x, step, weight);
		x += step;
		if (weight > observed * (1 + TIE))
			sum->likelier += weight;
		else if (weight < observed * (1 - TIE))
		{
			sum->rarer += weight;
			if (weight <= NEGLIGIBLE * sum->rarer)
				return;
		}
		else
			sum->equal += weight;
		check_interrupts_at(x);
	}
}

double
fisher_p_value(int64_t successes1, int64_t n1, int64_t successes2, int64_t n2, bool mid_p)
{
	margins		m = {n1, n2, successes1 + successes2, 0, 0};
	sums		sum = {0, 0, 0};
	int64_t		likeliest;
	double		observed;

	m.lowest = m.successes > n2 ? m.successes - n2 : 0;
	m.highest = m.successes < n1 ? m.successes : n1;
	if (m.lowest == m.highest)
		return mid_p ? 0.5 : 1;

	/* the mode is floor((K + 1)(n1 + 1) / (N + 2)); rounding may miss it by one, so step there */
	likeliest = (int64_t) ((double) (m.successes + 1) * ((double) (n1 + 1) / (double) (n1 + n2 + 2)));
	likeliest = likeliest < m.lowest ? m.lowest : likeliest > m.highest ? m.highest : likeliest;
	while (likeliest < m.highest && ratio_up(&m, likeliest) > 1)
		likeliest++;
	while (likeliest > m.lowest && ratio_up(&m, likeliest - 1) < 1)
		likeliest--;

	observed = weight_of(&m, likeliest, successes1);
	if (observed == 0)
		return 0;
	if (observed < LIKELIEST * (1 - TIE))
		sum.likelier = LIKELIEST;
	else
		sum.equal = LIKELIEST;
	add_side(&sum, &m, likeliest, 1, observed);
	add_side(&sum, &m, likeliest, -1, observed);
	return (sum.rarer + (mid_p ? sum.equal / 2 : sum.equal)) / (sum.rarer + sum.equal + sum.likelier);
}
