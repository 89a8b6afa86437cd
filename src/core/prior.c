/*
 * prior.c
 *		The beta-binomial prior of a peer group's rates.
 *
 * Each peer has a rate of his own, drawn from a beta distribution of mean m
 * and weight M (the prior rate and the prior n), and s of n successes by it.
 * Then the likelihood of all peers' counts is, up to a constant, the product of
 *
 *		rising(m M, s) * rising((1 - m) M, n - s) / rising(M, n)
 *
 * where rising(a, k) = a (a + 1) ... (a + k - 1).  The fit is the m and M that
 * make it largest (maximum marginal likelihood).
 *
 * For a given M the logarithm is concave in m, so its slope has one root, found
 * by bisection.  That leaves M: its range is searched on a grid that is even in
 * log M, and the best place is narrowed down by bisection of the slope in M.
 * Nothing is drawn at random and there is no start that the result could
 * depend on.
 */
#include "core/prior.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * With more cases the likelihood has too few digits to tell one prior n from
 * another: with ten times as many the fit ends at ten times too much.
 */
#define CASES_MAX INT64_C(1000000000000)

#define GRID_STEPS 32
#define BISECTIONS 60

/* Up to here, sums are added up term by term. */
#define DIRECT_TERMS 32

/* How many peers have this count. */
typedef struct tally
{
	int64_t		value;
	int64_t		peers;
} tally;

/*
 * The likelihood is a sum over peers of three parts, one of the successes, one
 * of the failures and one of the cases.  Peers with equal counts share it.
 */
typedef struct tallies
{
	tally	   *items;
	int64_t		count;
} tallies;

typedef struct peer_group
{
	tallies		successes;
	tallies		failures;
	tallies		cases;
} peer_group;

/* ---- sums of 1 / (a + j) and log(a + j) ---- */

/* log gamma(x) less (x - 1/2) log x - x + log(2 pi) / 2, for x of at least 10 */
static double
stirling_rest(double x)
{
	double		y = 1 / (x * x);

	return (1.0 / 12 - y * (1.0 / 360 - y * (1.0 / 1260 - y * (1.0 / 1680 - y / 1188)))) / x;
}

/* log x less digamma(x), for x of at least 10 */
static double
digamma_rest(double x)
{
	double		y = 1 / (x * x);

	return 0.5 / x + y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 - y / 132))));
}

/* The sum of 1 / (a + j) for j from 0 to k - 1; a is above 0. */
static double
inverse_sum(double a, int64_t k)
{
	double		sum = 0;
	int64_t		j = 0;

	/* term by term where they are few, or too close to 0 for the series */
	for (; j < k && (k <= DIRECT_TERMS || a + j < 10); j++)
		sum += 1 / (a + j);
	if (j == k)
		return sum;
	a += j;
	k -= j;
	return sum + log1p(k / a) - digamma_rest(a + k) + digamma_rest(a);
}

/* log rising(a, k) */
static double
log_rising(double a, int64_t k)
{
	double		sum = 0;
	int64_t		j = 0;

	for (; j < k && (k <= DIRECT_TERMS || a + j < 10); j++)
		sum += log(a + j);
	if (j == k)
		return sum;
	a += j;
	k -= j;
	return sum + k * log(a) + (a + k - 0.5) * log1p(k / a) - k + stirling_rest(a + k) - stirling_rest(a);
}

static double
inverse_sums(const tallies *t, double a)
{
	double		sum = 0;

	for (int64_t i = 0; i < t->count; i++)
		sum += t->items[i].peers * inverse_sum(a, t->items[i].value);
	core_check_interrupts();
	return sum;
}

static double
log_risings(const tallies *t, double a)
{
	double		sum = 0;

	for (int64_t i = 0; i < t->count; i++)
		sum += t->items[i].peers * log_rising(a, t->items[i].value);
	core_check_interrupts();
	return sum;
}

/* ---- the fit ---- */

/* The rate that is likeliest for a given prior n; some succeed and some fail. */
static double
best_rate(const peer_group *group, double n)
{
	double		low = 0,
				high = 1;

	for (int i = 0; i < BISECTIONS; i++)
	{
		double		rate = (low + high) / 2;

		if (rate <= low || rate >= high)
			break;
		if (inverse_sums(&group->successes, rate * n) > inverse_sums(&group->failures, (1 - rate) * n))
			low = rate;
		else
			high = rate;
	}
	return (low + high) / 2;
}

static double
log_likelihood(const peer_group *group, double rate, double n)
{
	return log_risings(&group->successes, rate * n) + log_risings(&group->failures, (1 - rate) * n) -
		log_risings(&group->cases, n);
}

/* How the logarithm changes with the prior n, at the rate that is best for it. */
static double
slope(const peer_group *group, double n)
{
	double		rate = best_rate(group, n);

	return rate * inverse_sums(&group->successes, rate * n) +
		(1 - rate) * inverse_sums(&group->failures, (1 - rate) * n) - inverse_sums(&group->cases, n);
}

/* The likeliest prior n between the bounds; the upper one where more would be likelier still. */
static double
best_n(const peer_group *group, double lower, double upper)
{
	double		width = log(upper / lower) / GRID_STEPS;
	double		best = -INFINITY,
				low,
				high;
	int			at = 0;

	for (int i = 0; i <= GRID_STEPS; i++)
	{
		double		n = i == GRID_STEPS ? upper : lower * exp(i * width);
		double		likelihood = log_likelihood(group, best_rate(group, n), n);

		/* likelihoods that differ by rounding alone are a tie, and a tie is no sign of differences */
		if (likelihood > best - 1e-12 * fabs(best) || i == 0)
		{
			best = likelihood;
			at = i;
		}
	}
	low = at == 0 ? lower : lower * exp((at - 1) * width);
	high = at >= GRID_STEPS - 1 ? upper : lower * exp((at + 1) * width);
	if (at == GRID_STEPS && !(slope(group, upper) < 0))
		return upper;
	if (at == 0 && !(slope(group, lower) > 0))
		return lower;
	for (int i = 0; i < BISECTIONS; i++)
	{
		double		n = sqrt(low * high);

		if (n <= low || n >= high)
			break;
		if (slope(group, n) > 0)
			low = n;
		else
			high = n;
	}
	return sqrt(low * high);
}

/* ---- the peers ---- */

static int
compare_values(const void *a, const void *b)
{
	int64_t		x = *(const int64_t *) a,
				y = *(const int64_t *) b;

	return (x > y) - (x < y);
}

/* Count equal values; zeros add nothing to any sum and are left out. */
static tallies
tally_up(int64_t *values, int64_t count, core_arena *arena)
{
	tallies		result = {core_alloc(arena, count * sizeof(tally)), 0};

	qsort(values, count, sizeof(int64_t), compare_values);
	for (int64_t i = 0; i < count; i++)
	{
		if (values[i] == 0)
			continue;
		if (result.count == 0 || result.items[result.count - 1].value != values[i])
			result.items[result.count++] = (tally) {values[i], 0};
		result.items[result.count - 1].peers++;
	}
	return result;
}

static peer_group
group_of(const prior_state *state, core_arena *arena)
{
	peer_group	group;
	int64_t    *values = core_alloc(arena, state->count * sizeof(int64_t));

	for (int64_t i = 0; i < state->count; i++)
		values[i] = state->peers[i].successes;
	group.successes = tally_up(values, state->count, arena);
	for (int64_t i = 0; i < state->count; i++)
		values[i] = state->peers[i].n - state->peers[i].successes;
	group.failures = tally_up(values, state->count, arena);
	for (int64_t i = 0; i < state->count; i++)
		values[i] = state->peers[i].n;
	group.cases = tally_up(values, state->count, arena);
	core_free(arena, values);
	return group;
}

void *
prior_create(core_arena *arena)
{
	prior_state *state = core_alloc(arena, sizeof(prior_state));

	memset(state, 0, sizeof(*state));
	return state;
}

/* Room for so many peers more. */
static void
make_room(prior_state *state, int64_t more, core_arena *arena)
{
	int64_t		needed = state->count + more;

	if (needed <= state->room)
		return;
	state->room = needed < 8 ? 8 : needed > 2 * state->room ? needed : 2 * state->room;
	state->peers = core_realloc(arena, state->peers, state->room * sizeof(prior_peer));
}

static void
add_cases(prior_state *state, int64_t n)
{
	if (n > CASES_MAX - state->cases)
		core_fail(CORE_LIMIT_EXCEEDED, "too many cases in a rate_prior_state",
				  "A fit of more than 1000000000000 would not be right.", NULL);
	state->cases += n;
}

void
prior_add(prior_state *state, int64_t successes, int64_t n, core_arena *arena)
{
	if (n == 0)
		return;
	add_cases(state, n);
	make_room(state, 1, arena);
	state->peers[state->count++] = (prior_peer) {successes, n};
}

void
prior_combine(prior_state *state, const prior_state *other, core_arena *arena)
{
	int64_t		count = other->count;

	if (count == 0)
		return;
	add_cases(state, other->cases);
	make_room(state, count, arena);
	memcpy(state->peers + state->count, other->peers, count * sizeof(prior_peer));
	state->count += count;
}

prior_result
prior_final(const prior_state *state, core_arena *arena)
{
	prior_result result = {.peers = state->count, .cases = state->cases};
	peer_group	group;
	double		most = fmax(state->cases, PRIOR_N_MIN);

	if (state->count < 2)
		return result;
	group = group_of(state, arena);
	result.has_prior = true;
	if (group.successes.count == 0 || group.failures.count == 0)
	{
		/* nobody differs from anybody */
		result.rate = group.failures.count == 0 ? 1 : 0;
		result.n = most;
		return result;
	}
	result.n = best_n(&group, PRIOR_N_MIN, most);
	result.rate = best_rate(&group, result.n);
	return result;
}

/* ---- its bytes ---- */

size_t
prior_size(const void *state)
{
	return 8 + ((const prior_state *) state)->count * 16;
}

void
prior_write(const void *data, wire_writer *w)
{
	const prior_state *state = data;

	wire_put_u64(w, state->count);
	for (int64_t i = 0; i < state->count; i++)
	{
		wire_put_u64(w, state->peers[i].successes);
		wire_put_u64(w, state->peers[i].n);
	}
}

void *
prior_read(wire_reader *r, core_arena *arena)
{
	prior_state *state = prior_create(arena);
	uint64_t	count = wire_get_count(r, 16);

	make_room(state, count, arena);
	for (uint64_t i = 0; i < count; i++)
	{
		int64_t		successes = (int64_t) wire_get_u64(r);
		int64_t		n = (int64_t) wire_get_u64(r);

		if (n <= 0 || successes < 0 || successes > n || n > CASES_MAX - state->cases)
			wire_refuse(r, "A count is out of range.");
		prior_add(state, successes, n, arena);
	}
	return state;
}
