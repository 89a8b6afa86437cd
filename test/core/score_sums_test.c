/*
 * score_sums_test.c
 *		The sums of a score: whether they are narrow shows nowhere.
 */
#include "host.h"

#include "core/score_sums.h"

#include <math.h>

static core_arena *arena;

static bool
same_value(exact_value a, exact_value b)
{
	return a.fraction == b.fraction && (a.fraction == 0 || a.exponent == b.exponent);
}

/* A number of the given count of bits, at most so far from 1 as a power of two. */
static double
number_of(uint64_t *seed, int bits, int far)
{
	double		number = (double) host_random(seed, UINT64_C(1) << bits);

	return ldexp(number, (int) host_random(seed, 2 * far + 1) - far - bits);
}

/*
 * Sums are the same numbers narrow, wide, in two parts, and read again, whether
 * all of them, some or none fit the narrow form.
 */
static void
test_narrow_sums(void)
{
	static const int bits[] = {1, 3, 20, 53};
	static const int far[] = {0, 3, 10, 40, 500};
	uint64_t	seed = 7;
	int			wrong = 0,
				narrow = 0,
				wide = 0;

	for (int round = 0; round < 20000; round++)
	{
		int			size = bits[host_random(&seed, 4)],
					spread = far[host_random(&seed, 5)];
		score_sums	sums = {0},
					parts[2] = {{0}, {0}};
		score_wide_sums known = {0};
		uint8_t		room[4096];

		for (int i = (int) host_random(&seed, 12); i > 0; i--)
		{
			double		weight = number_of(&seed, size, spread),
						attainment = (host_random(&seed, 3) ? 1 : -1) * number_of(&seed, size, spread);
			score_sums *part = &parts[host_random(&seed, 2)];

			if (host_random(&seed, 4))
			{
				score_sums_add_present(&sums, weight, attainment, arena);
				score_sums_add_present(part, weight, attainment, arena);
				exact_sum_add(&known.present_weight, weight, arena);
				exact_sum_add_product(&known.weighted, weight, attainment, arena);
				known.present++;
			}
			else
			{
				score_sums_add_missing(&sums, weight, arena);
				score_sums_add_missing(part, weight, arena);
				exact_sum_add(&known.missing_weight, weight, arena);
				known.missing++;
			}
		}
		narrow += !sums.is_wide;
		wide += sums.is_wide;
		score_sums_combine(&parts[0], &parts[1], arena);
		for (int form = 0; form < 3; form++)
		{
			score_sums	read;
			wire_writer w = {room, room + sizeof(room)};
			wire_reader r = {room, room + score_sums_size(&sums), "test_state"};
			const score_sums *found = form == 0 ? &sums : form == 1 ? &parts[0] : &read;

			score_sums_write(&sums, &w);
			wrong += w.at != r.end;
			score_sums_read(&read, &r, arena);
			wrong += form == 2 && read.is_wide && !sums.is_wide;
			wrong += score_sums_present(found) != known.present || score_sums_missing(found) != known.missing;
			wrong += !same_value(score_sums_present_weight(found, arena), exact_sum_value(&known.present_weight, NULL, arena));
			wrong += !same_value(score_sums_asked_weight(found, arena),
								 exact_sum_value(&known.present_weight, &known.missing_weight, arena));
			wrong += !same_value(score_sums_weighted(found, arena), exact_sum_value(&known.weighted, NULL, arena));
		}
	}
	tap_ok(wrong == 0, "sums of 20000 groups are the same narrow and wide (%d wrong)", wrong);
	tap_ok(narrow > 5000 && wide > 5000, "%d of them are narrow, %d wide", narrow, wide);
}

/* More rows than a narrow group can count. */
static void
test_many_rows(void)
{
	score_sums	sums = {.present = UINT32_MAX, .missing = UINT32_MAX};

	score_sums_add_present(&sums, 0.5, 1, arena);
	score_sums_add_missing(&sums, 0.25, arena);
	score_sums_combine(&sums, &sums, arena);
	tap_ok(score_sums_present(&sums) == INT64_C(0x200000000) && score_sums_missing(&sums) == INT64_C(0x200000000),
		   "2^33 rows are counted");
	tap_ok(sums.is_wide && !score_sums_empty(&sums), "by wide sums");
}

int
main(void)
{
	arena = host_arena_create();
	test_narrow_sums();
	test_many_rows();
	host_arena_free(arena);
	return tap_done();
}
