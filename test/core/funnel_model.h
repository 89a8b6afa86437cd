/*
 * funnel_model.h
 *		What a funnel means, by trying all chains of tiny inputs.
 */
#ifndef SALESMGMT_TEST_FUNNEL_MODEL_H
#define SALESMGMT_TEST_FUNNEL_MODEL_H

#include "core/funnel.h"

#define MAX_EVENTS 9
#define MAX_STEPS 5

/* An event as a row has it: any number may stand for a step. */
typedef struct row
{
	int			step;
	int64_t		at;
} row;

/* The journey of an entity with these events; options->steps must be set. */
extern void model_follow(const funnel_options *options, const row *rows, int count, funnel_journey *journey);

#endif							/* SALESMGMT_TEST_FUNNEL_MODEL_H */
