/*
 * funnel_gate.c
 *		What may follow the steps that chains of a funnel have got to.
 */
#include "core/funnel_search.h"

/* a + b, or the end of the range that it leaves. */
static int64_t
add_clamped(int64_t a, int64_t b, int64_t lowest, int64_t highest)
{
	if (b > 0 && a > highest - b)
		return highest;
	if (b < 0 && a < lowest - b)
		return lowest;
	return a + b;
}

int64_t
funnel_gap_end(const struct funnel_search *s, int from, int64_t at, int to)
{
	const funnel_options *options = s->walker->options;
	calendar_span sum;

	if (!options->has_step_within)
		return CALENDAR_NOEND;
	sum = options->step_within[from - 1];
	for (int k = from; k < to - 1; k++)
	{
		const calendar_span *span = &options->step_within[k];

		sum.months = (int32_t) add_clamped(sum.months, span->months, INT32_MIN, INT32_MAX);
		sum.days = (int32_t) add_clamped(sum.days, span->days, INT32_MIN, INT32_MAX);
		sum.micros = add_clamped(sum.micros, span->micros, INT64_MIN, INT64_MAX);
	}
	return calendar_add(at, &sum);
}

static void
remove_offer(struct funnel_search *s, gate *g, offer *gone)
{
	*(gone->newer ? &gone->newer->older : &g->newest) = gone->older;
	*(gone->older ? &gone->older->newer : &g->oldest) = gone->newer;
	gone->older = s->spare;
	s->spare = gone;
}

static void
add_offer(struct funnel_search *s, gate *g, int64_t until, int64_t end)
{
	offer	   *newer = NULL;
	offer	   *older = g->newest;
	offer	   *added;

	/* a visit may end its gap before an older one does: months are clamped */
	while (older != NULL && older->until > until)
	{
		newer = older;
		older = older->older;
	}
	if ((newer != NULL && newer->end >= end) ||
		(older != NULL && older->until == until && older->end >= end))
		return;
	while (older != NULL && older->end <= end)
	{
		offer	   *beaten = older;

		older = older->older;
		remove_offer(s, g, beaten);
	}
	added = s->spare;
	if (added != NULL)
		s->spare = added->older;
	else
		added = core_alloc(s->walker->scratch, sizeof(offer));
	*added = (offer) {until, end, older, newer};
	*(newer ? &newer->older : &g->newest) = added;
	*(older ? &older->newer : &g->oldest) = added;
}

/* The latest end of the window of a chain that may take this gate now; what is over is removed. */
static int64_t
latest_end(struct funnel_search *s, gate *g, int64_t at)
{
	while (g->oldest != NULL && g->oldest->until < at)
		remove_offer(s, g, g->oldest);
	return g->oldest != NULL && g->oldest->end >= at ? g->oldest->end : CALENDAR_NOBEGIN;
}

void
funnel_close_gates(struct funnel_search *s, funnel_steps kept)
{
	for (int from = 1; from <= s->walker->steps; from++)
		if (s->live & ~kept & FUNNEL_STEP(from))
			for (int to = next_step(s, from); to > 0; to = after_skipping(s, to))
				while (s->gates[from][to].newest != NULL)
					remove_offer(s, &s->gates[from][to], s->gates[from][to].newest);
	s->live &= kept;
}

void
funnel_open_gates(struct funnel_search *s, int from, int64_t at, int64_t end)
{
	s->live |= FUNNEL_STEP(from);
	for (int to = next_step(s, from); to > 0; to = after_skipping(s, to))
		add_offer(s, &s->gates[from][to], funnel_gap_end(s, from, at, to), end);
}

int64_t
funnel_arrive(struct funnel_search *s, int to, int64_t at)
{
	int64_t		best = CALENDAR_NOBEGIN;

	for (int from = to - 1; from >= 1; from--)
	{
		if (s->live & FUNNEL_STEP(from))
		{
			int64_t		end = latest_end(s, &s->gates[from][to], at);

			if (end > best)
				best = end;
		}
		if (!is_optional(s, from))
			break;
	}
	return best;
}

bool
funnel_gates_open(const struct funnel_search *s)
{
	const funnel_options *options = s->walker->options;

	for (int from = 1; from < s->walker->steps; from++)
	{
		if (!(s->live & FUNNEL_STEP(from)))
			continue;
		if (!options->has_as_of)
			return true;
		for (int to = next_step(s, from); to > 0; to = after_skipping(s, to))
			for (offer *o = s->gates[from][to].newest; o != NULL; o = o->older)
				if (o->until > options->as_of && o->end > options->as_of)
					return true;
	}
	return false;
}
