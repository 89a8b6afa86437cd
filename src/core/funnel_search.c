/*
 * funnel_search.c
 *		The chain that counts where taking the first occasion may be wrong.
 *
 * With step_within a step taken early may be too early for the next; an
 * optional step may be taken or skipped; in mode 'strict' both decide what is
 * in the way.  So chains are searched, not walked:
 *
 * 1. Forward: which steps can be reached, and so how deep, and whether an
 *	  event to come could still continue a chain.
 * 2. Backward from the depth: which visits can still get there.
 * 3. Forward again: each step that the chain must have at the earliest visit
 *	  that both can be reached from the one before and can still get there;
 *	  then, between two of these, the optional steps that fit.
 *
 * Whether one visit may follow another depends on these two and on what lies
 * between them, nothing else (the window depends on the start and the end), so
 * each pass keeps what it knows by step, and takes time in proportion to events.
 */
#include "core/funnel_search.h"

#include <string.h>

#define NO_VISIT SIZE_MAX

struct funnel_search *
funnel_search_create(const funnel_walker *walker)
{
	struct funnel_search *s = core_alloc(walker->scratch, sizeof(struct funnel_search));

	memset(s, 0, sizeof(*s));
	s->walker = walker;
	return s;
}

/* ---- the visits of an entity --------------------------------------------------- */

static void
add_visit(struct funnel_search *s, int64_t at, int32_t step)
{
	visit	   *last = s->count > 0 ? &s->visits[s->count - 1] : NULL;
	bool		same_instant = last != NULL && last->at == at;

	if (same_instant && last->step == step)
		return;
	if (s->count == s->room)
	{
		s->room = s->room == 0 ? 64 : s->room * 2;
		s->visits = core_realloc(s->walker->scratch, s->visits, s->room * sizeof(visit));
	}
	s->visits[s->count++] = (visit) {
		.at = at, .step = step,
		.same_moment = same_instant && s->walker->options->ties == FUNNEL_INCREASING
	};
}

/* Is this event's step numbered below the steps of the funnel? */
static bool
is_below(const funnel_options *options, const funnel_event *event)
{
	return event->step == FUNNEL_EXCLUDED_BELOW || (event->step == FUNNEL_LOST && options->lost_step < 1);
}

/*
 * The events that matter, each once, equal times sorted by number.  Where
 * times must increase, those of one instant are at the same moment.
 */
static void
collect(struct funnel_search *s, const funnel_event *events, size_t count)
{
	const funnel_options *options = s->walker->options;
	size_t		end;

	s->count = 0;
	for (size_t start = 0; start < count; start = end)
	{
		bool		below = false;
		bool		above = false;

		for (end = start; end < count && events[end].at == events[start].at; end++)
			if (events[end].step < 1 || events[end].step > s->walker->steps)
				*(is_below(options, &events[end]) ? &below : &above) = true;
		if (below && options->mode == FUNNEL_STRICT)
			add_visit(s, events[start].at, 0);
		for (size_t i = start; i < end; i++)
			if (events[i].step >= 1 && events[i].step <= s->walker->steps)
				add_visit(s, events[i].at, events[i].step);
		if (above && options->mode == FUNNEL_STRICT)
			add_visit(s, events[start].at, 0);
	}
}

/* The position after the visits of the same moment as the one at start. */
static size_t
moment_end(const struct funnel_search *s, size_t start)
{
	size_t		end = start + 1;

	while (end < s->count && s->visits[end].same_moment)
		end++;
	return end;
}

static inline void
check_interrupts_at(size_t position)
{
	if (position % 4096 == 0)
		core_check_interrupts();
}

/* What the visits of a moment do: end chains that they are in the way of, and continue others. */
static void
pass_moment(struct funnel_search *s, size_t start, size_t end, funnel_steps arrived, const int64_t *ends)
{
	if (s->walker->options->mode == FUNNEL_STRICT)
		for (size_t i = start; i < end; i++)
			funnel_close_gates(s, not_blocked_by(s, s->visits[i].step));
	for (size_t i = start; i < end; i++)
	{
		int			step = s->visits[i].step;

		if (step > 0 && (arrived & FUNNEL_STEP(step)))
			funnel_open_gates(s, step, s->visits[i].at, ends[step]);
	}
}

/* ---- pass 1: how deep? ----------------------------------------------------------------- */

/* The first visit that gets as deep as any chain, from the step 1 at first or from any after it. */
static size_t
deepest(struct funnel_search *s, size_t first)
{
	const funnel_options *options = s->walker->options;
	int64_t		ends[FUNNEL_MAX_STEPS + 1];
	size_t		last = first;
	size_t		end;

	funnel_close_gates(s, 0);
	for (size_t start = first; start < s->count; start = end)
	{
		funnel_steps arrived = 0;

		check_interrupts_at(start);
		end = moment_end(s, start);
		for (size_t i = start; i < end; i++)
		{
			int			step = s->visits[i].step;

			if (step == 0)
				continue;
			if (step > 1)
				ends[step] = funnel_arrive(s, step, s->visits[i].at);
			else if (i == first || options->anchor == FUNNEL_ANY)
				ends[step] = funnel_window_end(options, s->visits[i].at);
			else
				continue;
			if (ends[step] == CALENDAR_NOBEGIN)
				continue;
			arrived |= FUNNEL_STEP(step);
			if (step > s->visits[last].step)
				last = i;
		}
		pass_moment(s, start, end, arrived, ends);
	}
	return last;
}

/* ---- pass 2: what leads there? ------------------------------------------------------------- */

/*
 * Mark the visits from `begin` to `end` that lead on to step `target`: to the visit at
 * `end` itself, or, if any will do, to any of that step up to there.  Chains
 * pass the steps of `through` only.
 */
static void
mark(struct funnel_search *s, size_t begin, size_t end, bool any, funnel_steps through, int target)
{
	bool		strict = s->walker->options->mode == FUNNEL_STRICT;
	funnel_steps known = 0;		/* steps with a visit that leads on, later than where we are */
	int64_t		nearest[FUNNEL_MAX_STEPS + 1];	/* the time of the first of these ... */
	funnel_steps from[FUNNEL_MAX_STEPS + 1];	/* ... and the steps to which nothing is in the way */
	size_t		start;

	for (size_t after = end + 1; after > begin; after = start)
	{
		check_interrupts_at(after);
		for (start = after - 1; start > begin && s->visits[start].same_moment;)
			start--;
		for (size_t i = start; i < after; i++)
		{
			visit	   *v = &s->visits[i];

			v->leads_on = v->step == target && (any || i == end);
			if (v->step == 0 || !(through & FUNNEL_STEP(v->step)))
				continue;
			for (int to = next_step(s, v->step); to > 0 && !v->leads_on; to = after_skipping(s, to))
				v->leads_on = (known & FUNNEL_STEP(to)) && (from[to] & FUNNEL_STEP(v->step)) &&
					nearest[to] <= funnel_gap_end(s, v->step, v->at, to);
		}
		for (size_t i = start; i < after && strict; i++)
			for (int to = 1; to <= target; to++)
				if (known & FUNNEL_STEP(to))
					from[to] &= not_blocked_by(s, s->visits[i].step);
		for (size_t i = start; i < after; i++)
			if (s->visits[i].leads_on)
			{
				known |= FUNNEL_STEP(s->visits[i].step);
				nearest[s->visits[i].step] = s->visits[i].at;
				from[s->visits[i].step] = ~(funnel_steps) 0;
			}
	}
}

/* ---- pass 3: the earliest chain, step by step ------------------------------------------------- */

/* The first visit after `from` up to `end` that leads on, of step `target`, reached through others. */
static size_t
first_arrival(struct funnel_search *s, size_t from, size_t end, funnel_steps through, int target)
{
	int64_t		ends[FUNNEL_MAX_STEPS + 1];
	size_t		after;

	funnel_close_gates(s, 0);
	funnel_open_gates(s, s->visits[from].step, s->visits[from].at, CALENDAR_NOEND);
	for (size_t start = moment_end(s, from); start <= end; start = after)
	{
		funnel_steps arrived = 0;

		check_interrupts_at(start);
		after = moment_end(s, start);
		for (size_t i = start; i < after && i <= end; i++)
		{
			int			step = s->visits[i].step;

			if (step == 0 || (step != target && !(through & FUNNEL_STEP(step))))
				continue;
			ends[step] = funnel_arrive(s, step, s->visits[i].at);
			if (ends[step] == CALENDAR_NOBEGIN)
				continue;
			if (step == target && s->visits[i].leads_on)
				return i;
			if (step != target)
				arrived |= FUNNEL_STEP(step);
		}
		pass_moment(s, start, after, arrived, ends);
	}
	return NO_VISIT;
}

/* Steps between two steps; these must differ. */
static funnel_steps
steps_between(int from, int to)
{
	return (FUNNEL_STEP(to) - 1) & ~(FUNNEL_STEP(from) | (FUNNEL_STEP(from) - 1));
}

/* The optional steps that fit between two neighbours of those that the chain must have. */
static void
fill_between(struct funnel_search *s, size_t from, size_t to, funnel_journey *journey)
{
	int			target = s->visits[to].step;
	int			step = s->visits[from].step + 1;

	if (step < target)
		mark(s, from + 1, to, false, steps_between(step - 1, target), target);
	for (; step < target; step++)
	{
		size_t		found = first_arrival(s, from, to, 0, step);

		if (found == NO_VISIT)
		{
			journey->skipped |= FUNNEL_STEP(step);
			continue;
		}
		journey->at[step] = s->visits[found].at;
		from = found;
	}
}

/* The earliest chain from `start` that gets to the depth at `end` or before; visits are marked. */
static void
choose(struct funnel_search *s, size_t start, size_t end, int depth, funnel_journey *journey)
{
	journey->depth = depth;
	journey->at[1] = s->visits[start].at;
	for (int step = 2; step <= depth; step++)
	{
		size_t		found;

		if (step < depth && is_optional(s, step))
			continue;
		found = first_arrival(s, start, end, steps_between(s->visits[start].step, step), step);
		journey->at[step] = s->visits[found].at;
		fill_between(s, start, found, journey);
		start = found;
	}
}

bool
funnel_search(struct funnel_search *s, const funnel_event *events, size_t count, funnel_journey *journey)
{
	const funnel_options *options = s->walker->options;
	size_t		start = 0;
	size_t		end;
	int			depth;
	bool		goes_on;

	collect(s, events, count);
	while (start < s->count && s->visits[start].step != 1)
		start++;
	if (start == s->count)
		return false;
	end = deepest(s, start);
	goes_on = funnel_gates_open(s);
	depth = s->visits[end].step;
	if (depth == 1)
		start = end;
	else if (options->anchor == FUNNEL_ANY)
	{
		mark(s, 0, end, false, FUNNEL_STEP(depth) - 1, depth);
		for (start = end; s->visits[start].step != 1 || !s->visits[start].leads_on ||
			 funnel_window_end(options, s->visits[start].at) < s->visits[end].at;)
			start--;
	}
	else
	{
		int64_t		last = funnel_window_end(options, s->visits[start].at);

		for (end = s->count - 1; s->visits[end].at > last;)
			end--;
		mark(s, start + 1, end, true, FUNNEL_STEP(depth) - 1, depth);
	}
	choose(s, start, end, depth, journey);
	return goes_on;
}
