/*
 * rep_score.h
 *		What rep_score and rep_score_parts read alike.
 */
#ifndef SALESMGMT_REP_SCORE_H
#define SALESMGMT_REP_SCORE_H

#include "options.h"

#include "core/score.h"

/* actual, target, weight and higher_is_better, from argument argno on. */
extern score_row score_row_arg(FunctionCallInfo fcinfo, int argno);

/* The score_options in argument argno; uses fn_extra of the call. */
extern const score_options *score_options_arg(FunctionCallInfo fcinfo, int argno);

#endif							/* SALESMGMT_REP_SCORE_H */
