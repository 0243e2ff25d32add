/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/results_priv.h - what the writers of result files share. */
#ifndef MODEL_RECORD_RESULTS_PRIV_H
#define MODEL_RECORD_RESULTS_PRIV_H

#include "model/record/results.h"

#include <stdio.h>

/* A number with at most three decimals and no trailing zeros; nothing for NAN. */
void rec_put_number(FILE *f, double v);

/* The same of a time in ns; nothing for REC_NEVER. */
void rec_put_ns(FILE *f, uint64_t ps);

/* faults.csv: the columns. */
#define REC_FAULT_COLUMNS                                                              \
    "t_ns,vcpu,ipa,access,type,level,class,result,stall_ns,s1ptw,retries,last_ns"

/* sensitivity.csv */
void rec_write_sensitivity(const struct rec_results *r, FILE *f);

/* closed_loop.csv and closed_loop_blocks.csv */
void rec_write_closed_loop(const struct rec_results *r, FILE *f);
void rec_write_closed_loop_blocks(const struct rec_results *r, FILE *f);

/* violations.csv: what was found, with prefix before each row. */
void rec_violation_rows(const struct rec_run *r, const char *prefix, FILE *f);

#endif
