/*
 * fuzz_types.c
 *		The states that src/core reads: what their aggregates do with them.
 *
 * The states of plan_variance, price_volume_mix and forecast_accuracy are not
 * here: they hold numerics of the server and are read beside it.
 */
#include "fuzz_state.h"

#include "core/bookings.h"
#include "core/brier.h"
#include "core/cadence.h"
#include "core/competing.h"
#include "core/prior.h"
#include "core/robust.h"
#include "core/score_parts.h"
#include "core/stage_times.h"

static void
say(fuzz_figures *figures, double value)
{
	if (figures->count == FUZZ_FIGURES)
		return;
	figures->values[figures->count++] = value;
}

static void
say_figure(fuzz_figures *figures, funnel_figure figure)
{
	say(figures, figure.known);
	say(figures, figure.known ? figure.value : 0);
}

static size_t
size_funnel(const void *state)
{
	return funnel_size(state);
}

static void
write_funnel(const void *state, wire_writer *w)
{
	funnel_write(state, w);
}

static void *
create_funnel(core_arena *arena)
{
	return funnel_create(arena);
}

static void *
read_funnel(wire_reader *r, core_arena *arena)
{
	return funnel_read(r, arena);
}

static void
combine_funnel(void *state, const void *other, core_arena *arena)
{
	funnel_combine(state, other);
}

/* As of a worker: its state comes as bytes. */
static void
combine_stored_funnel(void *state, const void *other, core_arena *arena)
{
	size_t		size = funnel_size(other);
	uint8_t    *bytes = core_alloc(arena, size);
	wire_writer w = {bytes, bytes + size};
	wire_reader r = {bytes, bytes + size, "funnel_state"};

	funnel_write(other, &w);
	funnel_combine_stored(state, &r, arena);
	wire_expect_end(&r);
}

static void
final_funnel(const void *state, core_arena *arena, fuzz_figures *figures)
{
	funnel_step steps[FUNNEL_MAX_STEPS];
	int			count = funnel_result(state, arena, steps);

	for (int i = 0; i < count; i++)
	{
		say(figures, steps[i].reached);
		say(figures, steps[i].lost);
		say(figures, steps[i].pending);
		say_figure(figures, steps[i].mature_rate);
		say_figure(figures, steps[i].median_days);
		say_figure(figures, steps[i].step_p90_days);
	}
}

static size_t
size_stage_times(const void *state)
{
	return stage_times_size(state);
}

static void
write_stage_times(const void *state, wire_writer *w)
{
	stage_times_write(state, w);
}

static void *
read_stage_times(wire_reader *r, core_arena *arena)
{
	return stage_times_read(r, arena);
}

static void
combine_stage_times(void *state, const void *other, core_arena *arena)
{
	stage_times_combine(state, other);
}

static void
final_stage_times(const void *state, core_arena *arena, fuzz_figures *figures)
{
	stage_time	rows[FUNNEL_MAX_STEPS];
	int			count = stage_times_result(state, arena, rows);

	for (int i = 0; i < count; i++)
	{
		say(figures, rows[i].visits);
		say(figures, rows[i].open_visits);
		say_figure(figures, rows[i].mean_days);
		say_figure(figures, rows[i].all_p90_days);
		say_figure(figures, rows[i].entity_median_days);
	}
}

static void
combine_score(void *state, const void *other, core_arena *arena)
{
	score_combine(state, other, arena);
}

static void
final_score(const void *state, core_arena *arena, fuzz_figures *figures)
{
	score_result result = score_final(state, arena);

	say(figures, result.present);
	say(figures, result.missing);
	say(figures, result.has_score ? result.score : -1);
	say(figures, result.has_coverage ? result.coverage : -1);
}

static void
combine_score_parts(void *state, const void *other, core_arena *arena)
{
	score_parts_combine(state, other, arena);
}

static void
final_score_parts(const void *state, core_arena *arena, fuzz_figures *figures)
{
	const score_parts_state *parts = state;
	score_part *rows = score_parts_final(parts, arena);

	for (int64_t i = 0; i < parts->count; i++)
	{
		say(figures, rows[i].kpi_size);
		say(figures, rows[i].attainment);
		say(figures, rows[i].has_contribution ? rows[i].contribution : -1);
	}
}

static void
combine_prior(void *state, const void *other, core_arena *arena)
{
	prior_combine(state, other, arena);
}

static void
final_prior(const void *state, core_arena *arena, fuzz_figures *figures)
{
	prior_result result = prior_final(state, arena);

	say(figures, result.peers);
	say(figures, result.cases);
	say(figures, result.has_prior ? result.rate : -1);
	say(figures, result.has_prior ? result.n : -1);
}

static void
combine_robust(void *state, const void *other, core_arena *arena)
{
	robust_combine(state, other, arena);
}

static void
final_robust(const void *state, core_arena *arena, fuzz_figures *figures)
{
	robust_scale scale;

	if (((const robust_state *) state)->count == 0)
		return;
	scale = robust_final(state, arena);
	say(figures, scale.median);
	say(figures, scale.mad);
	say(figures, scale.mean_deviation);
	say(figures, scale.n);
}

static void
combine_brier(void *state, const void *other, core_arena *arena)
{
	brier_combine(state, other, arena);
}

static void
final_brier(const void *state, core_arena *arena, fuzz_figures *figures)
{
	brier_result result;

	if (((const brier_state *) state)->n == 0)
		return;
	result = brier_final(state, arena);
	say(figures, result.score);
	say(figures, result.base_rate);
	say(figures, result.mean_probability);
	say(figures, result.has_skill ? result.skill : -1);
}

static void
combine_calibration(void *state, const void *other, core_arena *arena)
{
	calibration_combine(state, other, arena);
}

static void
final_calibration(const void *state, core_arena *arena, fuzz_figures *figures)
{
	const calibration_state *bins = state;

	for (int i = 0; bins->has_options && i < bins->options.bins; i++)
	{
		say(figures, bins->bins[i].won);
		say(figures, calibration_bound(&bins->options, i + 1));
		if (bins->bins[i].n > 0)
			say(figures, calibration_mean(&bins->bins[i], arena));
	}
}

static void *
create_bookings(core_arena *arena)
{
	bookings_state *state = core_alloc(arena, sizeof(bookings_state));

	bookings_create(state);
	return state;
}

static size_t
size_bookings(const void *state)
{
	return bookings_size(state);
}

static void
write_bookings(const void *state, wire_writer *w)
{
	bookings_write(state, w);
}

static void *
read_bookings(wire_reader *r, core_arena *arena)
{
	bookings_state *state = create_bookings(arena);

	bookings_read(state, r, arena);
	return state;
}

static void
combine_bookings(void *state, const void *other, core_arena *arena)
{
	bookings_combine(state, other, arena);
}

static void
final_bookings(const void *state, core_arena *arena, fuzz_figures *figures)
{
	const bookings_state *deals = state;
	bookings_result result = bookings_final(deals, deals->count > 0 ? deals->deals[0].cents : 0, arena);

	say(figures, result.p10);
	say(figures, result.p50);
	say(figures, result.p90);
	say(figures, result.expected);
	say(figures, result.grid);
	say(figures, result.error_bound);
	say(figures, result.chance);
	say(figures, result.chance_lower);
	say(figures, result.chance_upper);
}

static void
combine_cadence(void *state, const void *other, core_arena *arena)
{
	cadence_combine(state, other);
}

static void
final_cadence(const void *state, core_arena *arena, fuzz_figures *figures)
{
	cadence_result result = cadence_final(state);

	say(figures, result.due);
	say(figures, result.held);
	say(figures, result.late);
	say(figures, result.missed);
	say(figures, result.pending);
	say(figures, result.excused);
	say(figures, result.extra);
	say(figures, result.has_rate ? result.rate : -1);
	say(figures, result.has_gap ? result.longest_gap : -1);
	say(figures, result.has_next_due ? result.next_due : -1);
}

/* As the glue does. */
static void
combine_competing(void *state, const void *other, core_arena *arena)
{
	const competing_state *from = other;

	if (from->has_options)
		competing_adopt_options(state, &from->options);
	competing_combine(state, from);
}

static void
final_competing(const void *state, core_arena *arena, fuzz_figures *figures)
{
	competing_result result;

	competing_final(state, arena, &result);
	say(figures, result.n);
	say(figures, result.won);
	say(figures, result.lost);
	say(figures, result.n > 0 ? result.win.share : -1);
	say(figures, result.n > 0 && result.win.has_interval ? result.win.upper : -1);
	say(figures, result.n > 0 ? result.open_share : -1);
	for (size_t i = 0; i < result.point_count; i++)
	{
		say(figures, result.points[i].day);
		say(figures, result.points[i].loss.has_interval ? result.points[i].loss.lower : -1);
	}
}

const fuzz_type fuzz_types[] = {
	{"funnel_state", 2, 1 << 16, create_funnel, size_funnel, write_funnel, read_funnel,
	combine_funnel, final_funnel, seed_funnel},
	{"funnel_state", 2, 1 << 16, create_funnel, size_funnel, write_funnel, read_funnel,
	combine_stored_funnel, final_funnel, seed_funnel},
	{"stage_times_state", 4, 1 << 16, create_funnel, size_stage_times, write_stage_times, read_stage_times,
	combine_stage_times, final_stage_times, seed_stage_times},
	{"rep_score_state", 1, 1 << 16, score_create, score_size, score_write, score_read,
	combine_score, final_score, seed_score},
	{"rep_score_parts_state", 1, 1 << 16, score_parts_create, score_parts_size, score_parts_write, score_parts_read,
	combine_score_parts, final_score_parts, seed_score_parts},
	{"rate_prior_state", 1, 1 << 10, prior_create, prior_size, prior_write, prior_read,
	combine_prior, final_prior, seed_prior},
	{"robust_scale_state", 1, 1 << 16, robust_create, robust_size, robust_write, robust_read,
	combine_robust, final_robust, seed_robust},
	{"brier_state", 1, 1 << 16, brier_create, brier_size, brier_write, brier_read,
	combine_brier, final_brier, seed_brier},
	{"calibration_state", 1, 1 << 16, calibration_create, calibration_size, calibration_write, calibration_read,
	combine_calibration, final_calibration, seed_calibration},
	{"bookings_distribution_state", 1, 200, create_bookings, size_bookings, write_bookings, read_bookings,
	combine_bookings, final_bookings, seed_bookings},
	{"cadence_adherence_state", 1, 1 << 16, cadence_create, cadence_size, cadence_write, cadence_read,
	combine_cadence, final_cadence, seed_cadence},
	{"competing_risks_state", 1, 1 << 16, competing_create, competing_size, competing_write, competing_read,
	combine_competing, final_competing, seed_competing},
};
const int	fuzz_type_count = sizeof(fuzz_types) / sizeof(fuzz_types[0]);
