/*
 * number.c
 *		Checks of floating-point arguments, with messages that name the value.
 */
#include "core/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const char *
number_text(double value, char text[NUMBER_TEXT_SIZE])
{
	if (isnan(value))
		snprintf(text, NUMBER_TEXT_SIZE, "NaN");
	else if (isinf(value))
		snprintf(text, NUMBER_TEXT_SIZE, value > 0 ? "Infinity" : "-Infinity");
	else
	{
		/* as few digits as tell it from others: 1.0000000000000002 is not 1 */
		static const int digits[] = {6, 15, 16, 17};

		for (size_t i = 0; i < sizeof(digits) / sizeof(digits[0]); i++)
		{
			snprintf(text, NUMBER_TEXT_SIZE, "%.*g", digits[i], value);
			if (strtod(text, NULL) == value)
				break;
		}
	}
	return text;
}

static _Noreturn void
refuse(const char *parameter, const char *rule, double value)
{
	char		message[160],
				text[NUMBER_TEXT_SIZE];

	snprintf(message, sizeof(message), "%s must %s, not %s", parameter, rule, number_text(value, text));
	core_fail(CORE_INVALID_PARAMETER, message, NULL, NULL);
}

void
number_check_finite(const char *parameter, double value)
{
	if (!isfinite(value))
		refuse(parameter, "be a finite number", value);
}

void
number_check_not_negative(const char *parameter, double value)
{
	if (!(value >= 0))
		refuse(parameter, "be 0 or more", value);
}

void
number_check_share(const char *parameter, double value)
{
	if (!(value >= 0 && value <= 1))
		refuse(parameter, "be between 0 and 1", value);
}

void
number_check_probability(double value)
{
	char		message[160],
				text[NUMBER_TEXT_SIZE];

	if (value >= 0 && value <= 1)
		return;
	snprintf(message, sizeof(message), "probability must be between 0 and 1, not %s", number_text(value, text));
	core_fail(CORE_INVALID_PARAMETER, message, NULL, "Write 80 percent as 0.8.");
}
