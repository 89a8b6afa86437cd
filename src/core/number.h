/*
 * number.h
 *		Checks of floating-point arguments, with messages that name the value.
 */
#ifndef SALESMGMT_NUMBER_H
#define SALESMGMT_NUMBER_H

#include "core/core.h"

#define NUMBER_TEXT_SIZE 32

/* The number as PostgreSQL writes it, into text; returns text. */
extern const char *number_text(double value, char text[NUMBER_TEXT_SIZE]);

/* Each raises CORE_INVALID_PARAMETER, naming the parameter and its value, unless ... */
extern void number_check_finite(const char *parameter, double value);	/* it is finite */
extern void number_check_not_negative(const char *parameter, double value); /* it is 0 or more */
extern void number_check_share(const char *parameter, double value);	/* it is in 0 .. 1 */

/* Raises CORE_INVALID_PARAMETER unless it is in 0 .. 1, and reminds of percents. */
extern void number_check_probability(double value);

#endif							/* SALESMGMT_NUMBER_H */
