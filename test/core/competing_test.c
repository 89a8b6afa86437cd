/*
 * competing_test.c
 *		Cumulative incidence against its formulas written out, and a case by hand.
 */
#include "host.h"

#include "core/competing.h"
#include "core/rate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static core_arena *arena;

#define MAX_DEALS 400

static double days[MAX_DEALS];
static competing_outcome outcomes[MAX_DEALS];
static int	deal_count;

static competing_state *
state_of(const competing_options *options, int from, int every)
{
	competing_state *state = competing_create(arena);

	competing_adopt_options(state, options);
	for (int i = from; i < deal_count; i += every)
		competing_add(state, days[i], outcomes[i]);
	return state;
}

/* ---- the formulas ------------------------------------------------------------------- */

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

/* Decisions at the times of decision up to a horizon, and the estimates just after each. */
typedef struct table
{
	int			count;
	double		day[MAX_DEALS];
	double		at_risk[MAX_DEALS];
	double		decided[MAX_DEALS][2];	/* won, lost */
	double		open[MAX_DEALS + 1];	/* share open before each, and at the end */
	double		share[MAX_DEALS][2];
} table;

static void
fill_table(table *t, double horizon)
{
	t->count = 0;
	for (int i = 0; i < deal_count; i++)
		if (outcomes[i] != COMPETING_OPEN && days[i] <= horizon)
			t->day[t->count++] = days[i];
	qsort(t->day, t->count, sizeof(double), compare_doubles);
	for (int i = 1; i < t->count; i++)
		if (t->day[i] == t->day[i - 1])
		{
			memmove(&t->day[i - 1], &t->day[i], (t->count - i) * sizeof(double));
			t->count--;
			i--;
		}
	t->open[0] = 1;
	for (int k = 0; k < t->count; k++)
	{
		t->at_risk[k] = t->decided[k][0] = t->decided[k][1] = 0;
		for (int i = 0; i < deal_count; i++)
		{
			t->at_risk[k] += days[i] >= t->day[k];
			t->decided[k][0] += days[i] == t->day[k] && outcomes[i] == COMPETING_WON;
			t->decided[k][1] += days[i] == t->day[k] && outcomes[i] == COMPETING_LOST;
		}
		for (int j = 0; j < 2; j++)
			t->share[k][j] = (k > 0 ? t->share[k - 1][j] : 0) + t->open[k] * t->decided[k][j] / t->at_risk[k];
		t->open[k + 1] = t->open[k] * (t->at_risk[k] - t->decided[k][0] - t->decided[k][1]) / t->at_risk[k];
	}
}

/* Aalen's variance of outcome j after decision k, term by term. */
static double
variance_after(const table *t, int k, int j)
{
	double		variance = 0;

	for (int s = 0; s <= k; s++)
		for (int cause = 0; cause < 2; cause++)
		{
			double		n = t->at_risk[s];
			double		d = t->decided[s][cause];
			double		step = t->open[s] * t->open[s] * d / (n * n) * (d > 1 ? (n - d) / (n - 1) : 1);
			double		later = t->open[s + 1] > 0 ? (t->share[k][j] - t->share[s][j]) / t->open[s + 1] : 0;
			double		weight = cause == j ? 1 - later : later;

			variance += step * weight * weight;
		}
	return variance;
}

static bool
near(double a, double b)
{
	return fabs(a - b) <= 1e-10 * (1 + fabs(b));
}

static bool
share_is_right(const competing_share *share, const table *t, int k, int j, double z)
{
	double		expected = k < 0 ? 0 : t->share[k][j];
	double		variance = k < 0 ? 0 : variance_after(t, k, j);
	double		stretch;

	if (!near(share->share, expected))
		return false;
	if (expected <= 0 || expected >= 1 - 1e-12)
		return !share->has_interval && (share->share == 0 || share->share == 1);
	stretch = z * sqrt(variance) / (expected * log(expected));
	return share->has_interval && near(share->lower, pow(expected, exp(-stretch))) &&
		near(share->upper, pow(expected, exp(stretch))) &&
		share->lower >= 0 && share->lower <= share->share && share->share <= share->upper && share->upper <= 1;
}

static bool
result_is_right(const competing_state *state, const competing_options *options)
{
	static table t;
	competing_result r;
	double		horizon = 0;
	double		z = normal_two_sided_z(options->confidence);
	double		won = 0;
	double		lost = 0;
	bool		good;

	for (int i = 0; i < deal_count; i++)
		horizon = days[i] > horizon ? days[i] : horizon;
	if (options->has_horizon && options->horizon < horizon)
		horizon = options->horizon;
	fill_table(&t, horizon);
	competing_final(state, arena, &r);
	if (r.n == 0)
		return deal_count == 0;
	good = r.n == deal_count && r.horizon == horizon &&
		r.point_count == (options->curve ? (size_t) t.count : 0) &&
		near(r.open_share, t.open[t.count]) && near(r.win.share + r.loss.share + r.open_share, 1) &&
		share_is_right(&r.win, &t, t.count - 1, 0, z) && share_is_right(&r.loss, &t, t.count - 1, 1, z);
	for (int k = 0; k < t.count; k++)
	{
		const competing_point *point = options->curve ? &r.points[k] : NULL;

		won += t.decided[k][0];
		lost += t.decided[k][1];
		good = good && (point == NULL ||
						(point->day == t.day[k] && point->at_risk == t.at_risk[k] &&
						 point->won == t.decided[k][0] && point->lost == t.decided[k][1] &&
						 near(point->open_share, t.open[k + 1]) &&
						 share_is_right(&point->win, &t, k, 0, z) && share_is_right(&point->loss, &t, k, 1, z)));
	}
	return good && r.won == won && r.lost == lost;
}

static void
draw_deals(uint64_t *seed)
{
	uint64_t	kinds = 1 + host_random(seed, 3);
	uint64_t	ages = 1 + host_random(seed, 200);
	double		unit = host_random(seed, 2) ? 1 : ldexp(1.1, (int) host_random(seed, 40) - 20);

	deal_count = (int) host_random(seed, host_random(seed, 5) ? 40 : MAX_DEALS);
	for (int i = 0; i < deal_count; i++)
	{
		days[i] = (double) host_random(seed, ages) * unit;
		outcomes[i] = (competing_outcome) ((kinds + host_random(seed, kinds)) % COMPETING_OUTCOMES);
	}
}

static competing_state *
through_bytes(const competing_state *state)
{
	size_t		size = competing_size(state);
	uint8_t    *bytes = core_alloc(arena, size);
	wire_writer w = {bytes, bytes + size};
	wire_reader r = {bytes, bytes + size, "test_state"};
	competing_state *copy;

	competing_write(state, &w);
	copy = competing_read(&r, arena);
	wire_expect_end(&r);
	return copy;
}

static void
test_random(void)
{
	uint64_t	seed = 7;
	int			wrong = 0;

	for (int round = 0; round < 3000; round++)
	{
		competing_options options = {
			0.5 + (double) host_random(&seed, 49) / 100, host_random(&seed, 2), (double) host_random(&seed, 150),
			host_random(&seed, 4) > 0
		};
		competing_state *half;

		arena = host_arena_create();
		draw_deals(&seed);
		wrong += !result_is_right(state_of(&options, 0, 1), &options);
		half = state_of(&options, 1, 2);
		competing_combine(half, through_bytes(state_of(&options, 0, 2)));
		wrong += !result_is_right(half, &options);
		host_arena_free(arena);
	}
	tap_ok(wrong == 0, "3000 random books, whole and in halves, follow the formulas");
}

/* Without open deals the incidence is the plain share, whatever the ages. */
static void
test_plain(void)
{
	competing_result r;
	competing_options options = competing_default_options;

	arena = host_arena_create();
	options.curve = false;
	deal_count = 400;
	for (int i = 0; i < deal_count; i++)
	{
		days[i] = i * 37 % 101;
		outcomes[i] = i % 4 == 0 ? COMPETING_WON : COMPETING_LOST;
	}
	competing_final(state_of(&options, 0, 1), arena, &r);
	tap_ok(near(r.win.share, 0.25) && near(r.loss.share, 0.75) && fabs(r.open_share) < 1e-12,
		   "all decided: won / (won + lost)");
	tap_ok(fabs((r.win.upper - r.win.lower) / 2 - 1.96 * sqrt(0.25 * 0.75 / 400)) < 0.001,
		   "and nearly the interval of a plain share");
	host_arena_free(arena);
}

/* Won on days 1 and 3, lost on 2, open since 2 and 5. */
static void
test_by_hand(void)
{
	competing_result r;

	arena = host_arena_create();
	deal_count = 5;
	memcpy(days, (double[]) {2, 1, 5, 3, 2}, 5 * sizeof(double));
	memcpy(outcomes, (competing_outcome[]) {COMPETING_OPEN, COMPETING_WON, COMPETING_OPEN, COMPETING_WON, COMPETING_LOST},
		   5 * sizeof(competing_outcome));
	competing_final(state_of(&competing_default_options, 0, 1), arena, &r);
	tap_ok(r.point_count == 3 && r.points[1].at_risk == 4 && r.points[2].at_risk == 2,
		   "who is open at the age of a decision was at risk");
	tap_ok(near(r.win.share, 0.5) && near(r.loss.share, 0.2) && near(r.open_share, 0.3), "1/5 + 3/5 * 1/2 are won");

	/* variances of the steps: 1/25, (4/5)^2 / 16, (3/5)^2 / 4; later over open: 0.3 / 0.8, 0.3 / 0.6, 0 */
	tap_ok(near(log(r.win.lower) / log(0.5),
				exp(normal_two_sided_z(0.95) * sqrt(0.04 * 0.625 * 0.625 + 0.04 * 0.25 + 0.09) / (0.5 * log(2)))),
		   "the interval by hand");
	host_arena_free(arena);
}

/* ---- errors ------------------------------------------------------------------------- */

static void
add_age(void *argument)
{
	competing_add(competing_create(arena), *(double *) argument, COMPETING_WON);
}

static void
check_options(void *argument)
{
	competing_check_options(argument);
}

static void
join_others(void *argument)
{
	competing_state *state = competing_create(arena);

	competing_adopt_options(state, &competing_default_options);
	competing_adopt_options(state, argument);
}

static void
test_errors(void)
{
	arena = host_arena_create();
	tap_fails(add_age, &(double) {-1e-300}, CORE_INVALID_PARAMETER, "a negative age");
	tap_fails(add_age, &(double) {NAN}, CORE_INVALID_PARAMETER, "NaN");
	tap_fails(add_age, &(double) {INFINITY}, CORE_INVALID_PARAMETER, "an infinite age");
	tap_ok(host_run(add_age, &(double) {-0.0}, NULL), "-0 is 0");
	tap_fails(check_options, &(competing_options) {0, false, 0, true}, CORE_INVALID_PARAMETER, "confidence 0");
	tap_fails(check_options, &(competing_options) {1, false, 0, true}, CORE_INVALID_PARAMETER, "confidence 1");
	tap_fails(check_options, &(competing_options) {NAN, false, 0, true}, CORE_INVALID_PARAMETER, "confidence NaN");
	tap_fails(check_options, &(competing_options) {0.9, true, -1, true}, CORE_INVALID_PARAMETER, "a negative horizon");
	tap_fails(check_options, &(competing_options) {0.9, true, INFINITY, true}, CORE_INVALID_PARAMETER, "an infinite horizon");
	tap_fails(join_others, &(competing_options) {0.9, false, 0, true}, CORE_INVALID_PARAMETER, "another confidence");
	tap_fails(join_others, &(competing_options) {0.95, true, 0, true}, CORE_INVALID_PARAMETER, "another horizon");
	tap_fails(join_others, &(competing_options) {0.95, false, 0, false}, CORE_INVALID_PARAMETER, "another wish for a curve");
	host_arena_free(arena);
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
	competing_state *state = competing_read(&r, arena);
	competing_result result;

	wire_expect_end(&r);
	competing_combine(state, through_bytes(state));
	competing_final(state, arena, &result);
	if (result.n > 0 && !(result.win.share >= 0 && result.win.share <= 1 &&
						  result.win.lower >= 0 && result.win.upper <= 1))
		tap_ok(false, "share %g of crafted bytes", result.win.share);
}

static void
test_crafted(void)
{
	uint64_t	seed = 13;
	int			read = 0,
				refused = 0;
	uint8_t    *good,
			   *bad;
	wire_writer w;
	size_t		size;
	core_arena *outer = host_arena_create();
	competing_state *state;

	arena = outer;
	draw_deals(&seed);
	deal_count = 20;
	state = state_of(&(competing_options) {0.9, true, 3, true}, 0, 1);
	size = competing_size(state);
	good = core_alloc(outer, size);
	bad = core_alloc(outer, size);
	w = (wire_writer) {good, good + size};
	competing_write(state, &w);
	for (int round = 0; round < 20000; round++)
	{
		host_failure failure;

		memcpy(bad, good, size);
		for (int i = (int) host_random(&seed, 4); i >= 0; i--)
			bad[host_random(&seed, size)] = (uint8_t) host_random(&seed, 256);
		arena = host_arena_create();
		if (host_run(read_and_use, &(bytes) {bad, host_random(&seed, 8) ? size : host_random(&seed, size)}, &failure))
			read++;
		else if (failure.error == CORE_INVALID_BINARY)
			refused++;
		host_arena_free(arena);
	}
	tap_ok(read > 0 && refused > 0 && read + refused == 20000, "20000 crafted states: %d read, %d refused", read, refused);
	host_arena_free(outer);
}

int
main(void)
{
	test_random();
	test_plain();
	test_by_hand();
	test_errors();
	test_crafted();
	return tap_done();
}
