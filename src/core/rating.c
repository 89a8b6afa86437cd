/*
 * rating.c
 *		The rating that a score earns.
 */
#include "core/rating.h"

#include "core/number.h"
#include "core/score.h"

#include <stdio.h>

void
rating_check_bounds(const double bounds[RATING_BOUNDS])
{
	char		message[128],
				lower[NUMBER_TEXT_SIZE],
				upper[NUMBER_TEXT_SIZE];

	for (int i = 0; i < RATING_BOUNDS; i++)
	{
		number_check_finite("a bound of bands", bounds[i]);
		if (i > 0 && bounds[i] <= bounds[i - 1])
		{
			snprintf(message, sizeof(message), "bands must ascend, but %s is followed by %s",
					 number_text(bounds[i - 1], lower), number_text(bounds[i], upper));
			core_fail(CORE_INVALID_PARAMETER, message,
					  "They are the lowest scores of ratings 2, 3 and 4.", NULL);
		}
	}
}

void
rating_check_previous(int previous)
{
	char		message[64];

	if (previous >= RATING_LOWEST && previous <= RATING_HIGHEST)
		return;
	snprintf(message, sizeof(message), "previous must be a rating from %d to %d, not %d",
			 RATING_LOWEST, RATING_HIGHEST, previous);
	core_fail(CORE_INVALID_PARAMETER, message, NULL, "Pass NULL where there is no previous rating.");
}

/*
 * 60.1 and 2.2 are not exact in binary: a score that is 62.3 on paper must not
 * miss their sum by its last bit.
 */
static double
edge(double bound, double margin)
{
	return margin == 0 ? bound : score_figure(bound + margin);
}

int
rating_of_score(double score, const double bounds[RATING_BOUNDS], int previous, double margin)
{
	int			rating = previous;

	if (rating == 0)
	{
		rating = RATING_LOWEST;
		margin = 0;
	}
	/* bounds[rating - 1] leads up from a rating, bounds[rating - 2] down */
	while (rating < RATING_HIGHEST && score >= edge(bounds[rating - 1], margin))
		rating++;
	while (rating > RATING_LOWEST && score < edge(bounds[rating - 2], -margin))
		rating--;
	return rating;
}
