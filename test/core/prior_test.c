/*
 * prior_test.c
 *		The beta-binomial fit against published estimates and its own likelihood.
 */
#include "host.h"

#include "core/prior.h"
#include "core/rate.h"

#include <math.h>
#include <string.h>

static core_arena *arena;

static prior_result
fit(const prior_peer *peers, int count)
{
	prior_state *state = prior_create(arena);

	for (int i = 0; i < count; i++)
		prior_add(state, peers[i].successes, peers[i].n, arena);
	return prior_final(state, arena);
}

#define FIT(...) fit((prior_peer[]) {__VA_ARGS__}, sizeof((prior_peer[]) {__VA_ARGS__}) / sizeof(prior_peer))

/* The logarithm of the likelihood as it is defined, factor by factor. */
static double
likelihood(const prior_peer *peers, int count, double rate, double n)
{
	double		sum = 0;

	for (int i = 0; i < count; i++)
	{
		for (int64_t j = 0; j < peers[i].successes; j++)
			sum += log(rate * n + j);
		for (int64_t j = 0; j < peers[i].n - peers[i].successes; j++)
			sum += log((1 - rate) * n + j);
		for (int64_t j = 0; j < peers[i].n; j++)
			sum -= log(n + j);
	}
	return sum;
}

/*
 * Boys among the first 12 children of 6115 families with 13: Geissler's data on
 * Saxony, after R. R. Sokal, F. J. Rohlf, Biometry; the same 6115 as the data
 * set Saxony of R's vcd.  Published: alpha 34.10285761580158 and beta
 * 31.578234155042065 (W. Weckesser's mpsci, the example of betabinomial.mle,
 * in multiple precision); and by a coarser search 34.09558 and 31.5715, where
 * the logarithm of the likelihood is -12492.9 (Wikipedia, "Beta-binomial
 * distribution").
 */
static void
test_published(void)
{
	static const int families[] = {3, 24, 104, 286, 670, 1033, 1343, 1112, 829, 478, 181, 45, 7};
	static prior_peer peers[6115];
	int			count = 0;
	double		ways = 0,
				ours;
	prior_result result;

	for (int boys = 12; boys >= 0; boys--)
		for (int i = 0; i < families[boys]; i++)
		{
			peers[count++] = (prior_peer) {boys, 12};
			ways += lgamma(13) - lgamma(boys + 1) - lgamma(13 - boys);
		}
	result = fit(peers, count);
	ours = likelihood(peers, count, result.rate, result.n);
	tap_ok(fabs(result.rate * result.n - 34.10285761580158) < 1e-3 &&
		   fabs((1 - result.rate) * result.n - 31.578234155042065) < 1e-3,
		   "alpha %.3f and beta %.3f of Saxony's families", result.rate * result.n, (1 - result.rate) * result.n);
	tap_ok(fabs(ours + ways + 12492.9) < 0.05, "of likelihood %.2f", ours + ways);
	tap_ok(ours >= likelihood(peers, count, 34.09558 / (34.09558 + 31.5715), 34.09558 + 31.5715),
		   "which is no less than that of the coarser search");
	tap_ok(result.peers == 6115 && result.cases == 12 * 6115, "of so many");
}

/* No other prior on a grid, coarse over all and fine around it, is likelier. */
static void
test_random(void)
{
	uint64_t	seed = 11;
	int			worse = 0,
				ranked = 0,
				free_n = 0;

	for (int round = 0; round < 400; round++)
	{
		prior_peer	peers[12];
		int			count = 2 + (int) host_random(&seed, 11);
		double		most = 0,
					best;
		prior_result result;

		for (int i = 0; i < count; i++)
		{
			peers[i].n = 1 + (int64_t) host_random(&seed, round % 3 == 0 ? 200 : 15);
			peers[i].successes = (int64_t) (peers[i].n * host_random(&seed, 1000) / 1000.0 * (round % 2 ? 1 : 0.7));
			most += peers[i].n;
		}
		most = fmax(most, 2);
		result = fit(peers, count);
		if (result.rate == 0)
			continue;
		best = likelihood(peers, count, result.rate, result.n);
		free_n += result.n > 2.001 && result.n < most * 0.999;
		worse += !(result.n >= 2 && result.n <= most && result.rate > 0 && result.rate < 1);
		for (int i = 0; i <= 30; i++)
			for (int j = 1; j < 40; j++)
				worse += likelihood(peers, count, j / 40.0, fmin(most, 2 * pow(most / 2, i / 30.0))) > best + 1e-7;
		for (int i = -1; i <= 1; i++)
			for (int j = -1; j <= 1; j++)
				worse += likelihood(peers, count, result.rate * (1 + j * 1e-3),
									fmin(most, fmax(2, result.n * (1 + i * 1e-3)))) > best + 1e-9;
		/* where the peers win at most 60 %, one lucky deal does not beat thirty of forty */
		if (result.rate <= 0.6)
			ranked += !(shrunken_rate(1, 1, result.rate, result.n) < shrunken_rate(30, 40, result.rate, result.n));
	}
	tap_ok(worse == 0, "no prior is likelier than the one found (%d)", worse);
	tap_ok(free_n > 50, "and it was not always a bound (%d)", free_n);
	tap_ok(ranked == 0, "1 of 1 never outranks 30 of 40 among peers of at most 60 %%");
}

static void
test_special(void)
{
	prior_result result = FIT({3, 10});
	prior_result few;

	tap_ok(!result.has_prior && result.peers == 1 && result.cases == 10, "one peer has nobody to be compared with");
	result = FIT({0, 0}, {0, 0});
	tap_ok(!result.has_prior && result.peers == 0, "nor have peers without cases");
	result = FIT({5, 10}, {5, 10}, {5, 10});
	tap_ok(fabs(result.rate - 0.5) < 1e-12 && result.n == 30, "peers all alike: as much as all their cases");
	result = FIT({10, 10}, {0, 10}, {10, 10}, {0, 10});
	tap_ok(fabs(result.rate - 0.5) < 1e-12 && result.n == 2, "all or nothing: no less than a uniform prior");
	result = FIT({0, 3}, {0, 8});
	tap_ok(result.has_prior && result.rate == 0 && result.n == 11, "nobody succeeds");
	result = FIT({3, 3}, {8, 8});
	tap_ok(result.has_prior && result.rate == 1 && result.n == 11, "everybody does");
	result = FIT({1, 1}, {0, 1}, {0, 1}, {0, 1});
	tap_ok(fabs(result.rate - 0.25) < 1e-12 && result.n == 4, "single cases cannot tell peers apart");
	result = FIT({1, 1}, {0, 1});
	tap_ok(result.n == 2, "two cases");
	few = FIT({30000000, 100000000}, {35000000, 100000000}, {33000000, 100000000});
	result = FIT({90000000000, 300000000000}, {105000000000, 300000000000}, {99000000000, 300000000000});
	tap_ok(fabs(result.rate / few.rate - 1) < 1e-6 && fabs(result.n / few.n - 1) < 1e-4,
		   "huge counts: %g worth %g", result.rate, result.n);
}

static void
overflow(void *argument)
{
	(void) argument;
	FIT({1, 600000000000}, {1, 600000000000});
}

typedef struct bytes
{
	uint8_t    *at;
	size_t		size;
} bytes;

static void
read_and_use(void *argument)
{
	const bytes *b = argument;
	wire_reader r = {b->at, b->at + b->size, "test_state"};
	prior_state *state = prior_read(&r, arena);

	wire_expect_end(&r);
	if (state->count < 50 && isnan(prior_final(state, arena).n))
		tap_ok(false, "NaN from crafted bytes");
}

static void
test_crafted(void)
{
	uint8_t		good[512],
				bad[512];
	wire_writer w = {good, good + sizeof(good)};
	prior_state *state = prior_create(arena);
	uint64_t	seed = 3;
	size_t		size;
	int			wrong = 0;

	for (int i = 1; i < 6; i++)
		prior_add(state, i, 2 * i, arena);
	size = prior_size(state);
	prior_write(state, &w);
	tap_ok(w.at == good + size, "as many bytes as announced");
	for (int round = 0; round < 3000; round++)
	{
		host_failure failure;

		memcpy(bad, good, size);
		for (int i = (int) host_random(&seed, 4); i >= 0; i--)
			bad[host_random(&seed, size)] = (uint8_t) host_random(&seed, 256);
		if (!host_run(read_and_use, &(bytes) {bad, host_random(&seed, 4) ? size : host_random(&seed, size)}, &failure))
			wrong += failure.error != CORE_INVALID_BINARY;
	}
	tap_ok(wrong == 0, "3000 crafted states are read or refused");
}

int
main(void)
{
	arena = host_arena_create();
	test_published();
	test_random();
	test_special();
	tap_fails(overflow, NULL, CORE_LIMIT_EXCEEDED, "more cases than the likelihood has digits for");
	test_crafted();
	host_arena_free(arena);
	return tap_done();
}
