/*
 * funnel_chain_test.c
 *		The meaning of a funnel against brute force: all chains of tiny inputs.
 *
 * The model knows neither sorting nor greed, nor how events are logged.  It
 * tries every sequence of events that the rules allow as a chain, and picks
 * by the words of the definition.
 */
#include "host.h"

#include "core/funnel.h"

#include <stdio.h>
#include <string.h>

#define MAX_EVENTS 9
#define MAX_STEPS 5
#define CASES_EACH 2500			/* random inputs for each combination of options */

/* An event as a row has it: any number may stand for a step. */
typedef struct row
{
	int			step;
	int64_t		at;
} row;

typedef struct chain
{
	int			depth;
	int64_t		at[MAX_STEPS + 1];
	bool		has[MAX_STEPS + 1];
	const row  *last;			/* the event of its last step */
} chain;

typedef struct model
{
	const funnel_options *options;
	row			rows[MAX_EVENTS];	/* those that exist as of as_of */
	int			count;
	int64_t		first_entry;	/* time of the first step 1 */
	chain		best;
	bool		may_go_on;		/* may one of all chains still get longer? */
} model;

/* ---- the rules, each by itself ---------------------------------------------------- */

static bool
listed(const funnel_list *list, int step)
{
	for (int i = 0; i < list->count; i++)
		if (list->items[i] == step)
			return true;
	return false;
}

static bool
is_step(const model *m, const row *r)
{
	return r->step >= 1 && r->step <= m->options->steps;
}

static bool
is_lost(const model *m, const row *r)
{
	return m->options->has_lost_step && r->step == m->options->lost_step;
}

static bool
is_required(const model *m, int step)
{
	return !listed(&m->options->optional, step);
}

static int64_t
window_end(const model *m, int64_t start)
{
	return m->options->has_within ? calendar_add(start, &m->options->within) : CALENDAR_NOEND;
}

/* The last instant at which step `to` may follow a step `from` of instant `at`. */
static int64_t
gap_end(const model *m, int from, int64_t at, int to)
{
	calendar_span span = {0, 0, 0};

	if (!m->options->has_step_within)
		return CALENDAR_NOEND;
	for (int k = from; k < to; k++)
	{
		span.months += m->options->step_within[k - 1].months;
		span.days += m->options->step_within[k - 1].days;
		span.micros += m->options->step_within[k - 1].micros;
	}
	return calendar_add(at, &span);
}

/* May `to` be the next step after `from`? */
static bool
follows(const model *m, int from, int to)
{
	for (int k = from + 1; k < to; k++)
		if (is_required(m, k))
			return false;
	return to > from && to <= m->options->steps;
}

/* Is a before b where nothing may lie between? */
static bool
is_before(const model *m, const row *a, const row *b)
{
	return a->at < b->at || (a->at == b->at && m->options->ties == FUNNEL_EITHER && a->step < b->step);
}

/* Does an event come after `from`, and before `to` if there is one, that may not in 'strict'? */
static bool
is_broken(const model *m, const row *from, const row *to)
{
	for (int i = 0; m->options->mode == FUNNEL_STRICT && i < m->count; i++)
	{
		const row  *r = &m->rows[i];

		if (is_before(m, from, r) && (to == NULL || is_before(m, r, to)) &&
			r->step != from->step && is_required(m, r->step))
			return true;
	}
	return false;
}

/* ---- all chains -------------------------------------------------------------------- */

/* Does chain a count rather than b? */
static bool
better(const model *m, const chain *a, const chain *b)
{
	int			d = a->depth;

	if (d != b->depth)
		return d > b->depth;
	if (m->options->anchor == FUNNEL_ANY)
	{
		if (a->at[d] != b->at[d])
			return a->at[d] < b->at[d];
		if (a->at[1] != b->at[1])
			return a->at[1] > b->at[1];
	}
	/* the steps that both must have, one after another, then those that they may have */
	for (int k = 1; k <= d; k++)
		if ((is_required(m, k) || k == d) && a->at[k] != b->at[k])
			return a->at[k] < b->at[k];
	for (int k = 1; k <= d; k++)
	{
		if (a->has[k] != b->has[k])
			return a->has[k];
		if (a->has[k] && a->at[k] != b->at[k])
			return a->at[k] < b->at[k];
	}
	return false;
}

/* Count a chain that is allowed, and try all that continue it. */
static void
extend(model *m, const chain *c)
{
	const funnel_options *options = m->options;
	int64_t		end = window_end(m, c->at[1]);

	if (m->best.depth == 0 || better(m, c, &m->best))
		m->best = *c;
	for (int k = c->depth + 1; follows(m, c->depth, k); k++)
		if (!options->has_as_of ||
			(end > options->as_of && gap_end(m, c->depth, c->last->at, k) > options->as_of))
			m->may_go_on |= !is_broken(m, c->last, NULL);
	for (int i = 0; i < m->count; i++)
	{
		const row  *r = &m->rows[i];
		chain		longer = *c;

		if (!follows(m, c->depth, r->step) || r->at < c->last->at || r->at > end ||
			(r->at == c->last->at && options->ties == FUNNEL_INCREASING) ||
			r->at > gap_end(m, c->depth, c->last->at, r->step) || is_broken(m, c->last, r))
			continue;
		longer.depth = r->step;
		longer.at[r->step] = r->at;
		longer.has[r->step] = true;
		longer.last = r;
		extend(m, &longer);
	}
}

static void
all_chains(model *m)
{
	for (int i = 0; i < m->count; i++)
	{
		const row  *r = &m->rows[i];
		chain		c = {.depth = 1, .at = {0, r->at}, .has = {false, true}, .last = r};

		if (r->step == 1 && (m->options->anchor == FUNNEL_ANY || r->at == m->first_entry))
			extend(m, &c);
	}
}

/* The CRM rule, step by step: the first event that deep or deeper, in the window. */
static void
furthest(model *m)
{
	int64_t		first = INT64_MAX;

	for (int i = 0; i < m->count; i++)
		if (is_step(m, &m->rows[i]) && m->rows[i].at < first)
			first = m->rows[i].at;
	for (int k = 1; k <= m->options->steps; k++)
	{
		int64_t		at = INT64_MAX;

		for (int i = 0; i < m->count; i++)
			if (is_step(m, &m->rows[i]) && m->rows[i].step >= k && m->rows[i].at < at &&
				m->rows[i].at <= window_end(m, first))
				at = m->rows[i].at;
		if (at == INT64_MAX)
			break;
		m->best.depth = k;
		m->best.at[k] = at;
		m->best.has[k] = true;
	}
	m->may_go_on = true;
}

/* Every choice of one event for each of steps 1 to k: are they in one window? */
static void
choose(model *m, chain *c, int64_t earliest, int64_t latest)
{
	if (c->depth > 0 && latest <= window_end(m, earliest) &&
		(m->best.depth == 0 || better(m, c, &m->best)))
		m->best = *c;
	for (int i = 0; i < m->count; i++)
	{
		const row  *r = &m->rows[i];

		if (!is_step(m, r) || r->step != c->depth + 1)
			continue;
		c->at[++c->depth] = r->at;
		c->has[c->depth] = true;
		choose(m, c, r->at < earliest ? r->at : earliest, r->at > latest ? r->at : latest);
		c->depth--;
	}
}

static void
unordered(model *m)
{
	chain		none = {0};

	choose(m, &none, INT64_MAX, INT64_MIN);
	/* step k is reached when the last of 1..k is there */
	for (int k = 2; k <= m->best.depth; k++)
		if (m->best.at[k] < m->best.at[k - 1])
			m->best.at[k] = m->best.at[k - 1];
	m->may_go_on = true;
}

/* ---- the journey ------------------------------------------------------------------- */

static void
model_fate(const model *m, funnel_journey *journey)
{
	const funnel_options *options = m->options;
	int64_t		last_loss = INT64_MIN;
	int64_t		last_step = INT64_MIN;
	bool		passed = options->has_within && options->has_as_of;

	for (int i = 0; i < m->count; i++)
	{
		const row  *r = &m->rows[i];
		int64_t    *last = is_lost(m, r) ? &last_loss : &last_step;
		bool		opens = options->mode == FUNNEL_UNORDERED ? is_step(m, r)
			: r->step == 1 && options->anchor == FUNNEL_ANY;

		if (r->at > *last && (is_lost(m, r) || is_step(m, r) || listed(&options->exclude, r->step)))
			*last = r->at;
		if (passed && opens && window_end(m, r->at) > options->as_of)
			passed = false;
	}
	if (passed && options->anchor == FUNNEL_FIRST && options->mode != FUNNEL_UNORDERED &&
		window_end(m, m->best.at[1]) > options->as_of)
		passed = false;
	journey->mature = passed;
	journey->lost = passed || (last_loss != INT64_MIN && last_loss >= last_step) || !m->may_go_on ||
		(!options->has_within && !options->has_lost_step && !options->has_as_of);
}

static void
model_follow(const funnel_options *options, const row *rows, int count, funnel_journey *journey)
{
	model		m = {.options = options, .first_entry = INT64_MAX};

	for (int i = 0; i < count; i++)
		if (!options->has_as_of || rows[i].at <= options->as_of)
			m.rows[m.count++] = rows[i];
	for (int i = 0; i < m.count; i++)
		if (m.rows[i].step == 1 && m.rows[i].at < m.first_entry)
			m.first_entry = m.rows[i].at;
	if (options->mode == FUNNEL_FURTHEST)
		furthest(&m);
	else if (options->mode == FUNNEL_UNORDERED)
		unordered(&m);
	else
		all_chains(&m);

	memset(journey, 0, sizeof(*journey));
	for (int i = 0; i < m.count; i++)
		if (listed(&options->exclude, m.rows[i].step) && m.rows[i].at > m.best.at[1] &&
			m.rows[i].at < m.best.at[m.best.depth])
			return;
	journey->depth = m.best.depth;
	for (int k = 1; k <= m.best.depth; k++)
	{
		journey->at[k] = m.best.at[k];
		if (!m.best.has[k])
			journey->skipped |= FUNNEL_STEP(k);
	}
	if (journey->depth > 0)
		model_fate(&m, journey);
}

static bool
journeys_equal(const funnel_options *options, const funnel_journey *a, const funnel_journey *b)
{
	if (a->depth != b->depth)
		return false;
	if (a->depth == 0)
		return true;
	if (a->mature != b->mature || a->skipped != b->skipped)
		return false;
	/* who is through cannot be lost */
	if (a->depth < options->steps && a->lost != b->lost)
		return false;
	for (int k = 1; k <= a->depth; k++)
		if (!(a->skipped & FUNNEL_STEP(k)) && a->at[k] != b->at[k])
			return false;
	return true;
}

/* ---- random cases ------------------------------------------------------------------ */

static uint64_t seed = 20240229;

#define HOUR (CALENDAR_DAY / 24)

static int
random_below(int bound)
{
	return (int) host_random(&seed, (uint64_t) bound);
}

/* Events on few instants, so that ties and window ends are met often. */
static int
random_rows(const funnel_options *options, bool calendar, row *rows)
{
	int			count = random_below(MAX_EVENTS + 1);

	for (int i = 0; i < count; i++)
	{
		rows[i].at = random_below(8) * CALENDAR_DAY;
		/* the last days of January and February 2000, at 10:00 and 20:00: months are clamped */
		if (calendar)
			rows[i].at = (random_below(2) ? 28 + random_below(3) : 57 + random_below(4)) * CALENDAR_DAY +
				(random_below(2) ? 10 : 20) * HOUR;
		rows[i].step = 1 + random_below(options->steps + (random_below(4) == 0));
		if (options->has_lost_step && random_below(6) == 0)
			rows[i].step = options->lost_step;
		if (options->exclude.count > 0 && random_below(6) == 0)
			rows[i].step = options->exclude.items[random_below(options->exclude.count)];
	}
	return count;
}

typedef struct last_visit
{
	funnel_walker walker;
	funnel_journey journey;
} last_visit;

static void
follow_visited(void *context, const funnel_event *events, size_t count)
{
	last_visit *v = context;

	funnel_follow(&v->walker, events, count, &v->journey);
}

/* One entity through the log, as the aggregate does it. */
static void
follow_logged(const funnel_options *options, const row *rows, int count, funnel_journey *journey)
{
	core_arena *arena = host_arena_create();
	funnel_state *state = funnel_create(arena);
	last_visit	v = {0};

	funnel_begin(state, FUNNEL_INT8, options);
	for (int i = 0; i < count; i++)
	{
		int32_t		step = funnel_classify(state, rows[i].step, rows[i].at);

		if (step != FUNNEL_IGNORED)
			funnel_append(state, 7, rows[i].at, step);
	}
	funnel_walker_begin(&v.walker, &state->options, options->steps, arena);
	funnel_visit(state, arena, follow_visited, &v);
	*journey = v.journey;
	host_arena_free(arena);
}

/* Values for the options that are on. */
typedef struct drawn
{
	calendar_span step_within[MAX_STEPS];
	int32_t		optional[MAX_STEPS];
	int32_t		exclude[2];
} drawn;

static void
draw_options(funnel_options *options, bool calendar, drawn *d)
{
	options->steps = 1 + random_below(MAX_STEPS);
	if (options->has_lost_step)
		options->lost_step = random_below(2) ? 99 : -1;
	if (options->has_within)
		options->within = calendar ? (calendar_span) {1, 0, 0} : (calendar_span) {0, 1 + random_below(7), 0};
	if (options->has_as_of)
		options->as_of = calendar ? (57 + random_below(4)) * CALENDAR_DAY + 10 * HOUR : random_below(12) * CALENDAR_DAY;
	if (options->has_step_within)
	{
		for (int k = 0; k < options->steps - 1; k++)
			d->step_within[k] = calendar && random_below(2) ? (calendar_span) {1, 0, 0}
				: (calendar_span) {0, random_below(4), HOUR};
		options->step_within = d->step_within;
		options->step_within_count = options->steps - 1;
	}
	if (options->optional.count > 0)
	{
		options->optional = (funnel_list) {0, d->optional};
		for (int k = 2; k <= options->steps; k++)
			if (random_below(2))
				d->optional[options->optional.count++] = k;
	}
	if (options->exclude.count > 0)
	{
		d->exclude[0] = -7;
		d->exclude[1] = 50;
		options->exclude = (funnel_list) {2, d->exclude};
	}
}

static bool
test_case(const funnel_options *base, bool calendar)
{
	funnel_options options = *base;
	drawn		d;
	row			rows[MAX_EVENTS];
	funnel_journey expected;
	funnel_journey found;
	int			count;

	draw_options(&options, calendar, &d);
	count = random_rows(&options, calendar, rows);
	model_follow(&options, rows, count, &expected);
	follow_logged(&options, rows, count, &found);
	if (journeys_equal(&options, &expected, &found))
		return true;

	tap_note("%d steps, lost_step %d, within %d days, as_of %g%s", options.steps,
			 options.has_lost_step ? options.lost_step : 0, options.has_within ? options.within.days : -1,
			 options.has_as_of ? (double) options.as_of / CALENDAR_DAY : -1.0, options.exclude.count ? ", exclude" : "");
	for (int k = 0; k < options.step_within_count; k++)
		tap_note("step_within[%d]: %d months %d days", k + 1, options.step_within[k].months, options.step_within[k].days);
	for (int i = 0; i < options.optional.count; i++)
		tap_note("optional %d", options.optional.items[i]);
	tap_note("depth %d lost %d mature %d skipped %d, expected %d %d %d %d",
			 found.depth, found.lost, found.mature, (int) found.skipped,
			 expected.depth, expected.lost, expected.mature, (int) expected.skipped);
	for (int k = 1; k <= expected.depth && k <= found.depth; k++)
		if (!(expected.skipped & FUNNEL_STEP(k)))
			tap_note("at[%d] %g, expected %g", k, (double) found.at[k] / CALENDAR_DAY, (double) expected.at[k] / CALENDAR_DAY);
	for (int i = 0; i < count; i++)
		tap_note("step %d at %g days", rows[i].step, (double) rows[i].at / CALENDAR_DAY);
	return false;
}

/* All combinations of the options that a mode, an anchor and ties may have. */
static void
test_combinations(funnel_mode mode, funnel_anchor anchor, funnel_ties ties)
{
	static const char *const modes[] = {"ordered", "strict", "unordered", "furthest"};
	static const int32_t one[] = {50};
	int			combinations = 0;
	int			all_cases = 0;

	for (int bits = 0; bits < 32; bits++)
		for (int window = 0; window < 3; window++)
		{
			funnel_options options;
			funnel_options probe;
			funnel_flaw flaw;
			static const int32_t two[] = {2};
			int			cases;

			funnel_options_default(&options);
			options.mode = mode;
			options.anchor = anchor;
			options.ties = ties;
			options.has_lost_step = (bits & 1) != 0;
			options.has_as_of = (bits & 2) != 0;
			options.has_step_within = (bits & 4) != 0;
			if (bits & 8)
				options.optional = (funnel_list) {1, two};
			if (bits & 16)
				options.exclude = (funnel_list) {1, one};
			options.has_within = window > 0;
			probe = options;
			probe.within.days = 1;
			probe.lost_step = 99;
			if (funnel_options_flawed(&probe, &flaw))
				continue;
			combinations++;
			/* what is searched hardest is seldom needed */
			cases = options.has_step_within && options.optional.count > 0 ? 5 * CASES_EACH : CASES_EACH;
			all_cases += cases;
			for (int i = 0; i < cases; i++)
				if (!test_case(&options, window == 2))
				{
					tap_ok(false, "%s, anchor %s, ties %s", modes[mode], anchor ? "any" : "first", ties ? "increasing" : "either");
					return;
				}
		}
	if (combinations > 0)
		tap_ok(true, "%s, anchor %s, ties %s: %d combinations of options, %d cases", modes[mode],
			   anchor ? "any" : "first", ties ? "increasing" : "either", combinations, all_cases);
}

int
main(void)
{
	for (funnel_mode mode = FUNNEL_ORDERED; mode <= FUNNEL_FURTHEST; mode++)
		for (funnel_anchor anchor = FUNNEL_FIRST; anchor <= FUNNEL_ANY; anchor++)
			for (funnel_ties ties = FUNNEL_EITHER; ties <= FUNNEL_INCREASING; ties++)
				test_combinations(mode, anchor, ties);
	return tap_done();
}
