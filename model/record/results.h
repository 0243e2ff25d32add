/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/results.h - the one writer of result files (docs/results-format.md). */
#ifndef MODEL_RECORD_RESULTS_H
#define MODEL_RECORD_RESULTS_H

#include "model/record/sensitivity.h"

/* Everything that a scenario's runs have measured. */
struct rec_results {
    const char *const *variants; /* [variants_n] names */
    size_t variants_n;
    size_t seeds_n;
    uint64_t seed_first;
    const struct rec_run *runs;                /* [variants_n][seeds_n] */
    const struct rec_sensitivity *sensitivity; /* NULL: not asked for */
    const struct rec_spool *faults; /* rows of all runs; NULL: no faults.csv */
};

/* Median and interval of a column of one variant over the seeds. */
struct rec_spread rec_results_spread(const struct rec_results *r, size_t variant,
                                     size_t column);

/* Writes all CSV files and summary.json into the existing folder dir. Returns false,
 * with the path that failed in err (err_n bytes), if a file could not be written. */
ARCH_MUST_USE bool rec_results_write(const struct rec_results *r, const char *dir,
                                     char *err, size_t err_n);

/* The rows of faults.csv of one run, each with prefix in front. False with errno set if
 * the spool cannot be read. */
ARCH_MUST_USE bool rec_fault_rows(const struct rec_run *r,
                                  const struct rec_spool *spool, const char *prefix,
                                  FILE *f);

/* One quantity of an ordered replay beside its recorded value. */
struct rec_replay_count {
    char quantity[40];
    double recorded, simulated; /* NAN: does not apply */
};

/* Phases of a slot that are counted apart. */
#define REC_PHASES_MAX 16

/* Most quantities that there can be. */
static inline size_t rec_replay_counts_max(const struct rec_run *r)
{
    return 64 + r->cfg.vcpus_n + REC_PHASES_MAX * (16 + r->cfg.vcpus_n);
}

/* The quantities of replay_counts.csv for one run; returns how many were written to
 * out, at most max. */
size_t rec_replay_counts(const struct rec_run *r, struct rec_replay_count *out,
                         size_t max);

/* The same of one run of a closed-loop replay: rows of closed_loop.csv. */
size_t rec_closed_counts_max(const struct rec_run *r);
size_t rec_closed_counts(const struct rec_run *r, struct rec_replay_count *out,
                         size_t max);

/* Breaks, makes and frees are those recorded, as far as there are probes. */
bool rec_closed_block_is_exact(const struct rec_run *r, size_t block);

/* One quantity of a closed-loop replay over the seeds of a variant. */
struct rec_closed_row {
    struct rec_replay_count count; /* of which recorded counts */
    struct rec_spread simulated;
    size_t equal_n; /* seeds that give the recorded value */
};

size_t rec_closed_summary(const struct rec_results *r, size_t variant,
                          struct rec_closed_row *out, size_t max);

/* Neither recorded nor simulated. */
bool rec_closed_row_is_silent(const struct rec_closed_row *row);

/* "translation-3", or "none" */
void rec_fault_text(uint8_t type, int8_t level, char *out, size_t out_n);
const char *rec_how_name(uint8_t how);

#endif
