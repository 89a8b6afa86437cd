/*
 * funnel_model.c
 *		What a funnel means, by trying all chains of tiny inputs.
 *
 * The model knows neither sorting nor greed, nor how events are logged.  It
 * tries every sequence of events that the rules allow as a chain, and picks
 * by the words of the definition.
 */
#include "funnel_model.h"

#include <string.h>

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

void
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
