/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/results_priv.h - what the writers of result files share. */
#ifndef MODEL_RECORD_RESULTS_PRIV_H
#define MODEL_RECORD_RESULTS_PRIV_H

#include "model/record/results.h"

#include <stdio.h>

/* A number with at most three decimals and no trailing zeros; nothing for NAN. */
void rec_put_number(FILE *f, double v);

/* sensitivity.csv */
void rec_write_sensitivity(const struct rec_results *r, FILE *f);

#endif
