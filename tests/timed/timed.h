/* SPDX-License-Identifier: Apache-2.0 */
/* tests/timed/timed.h - run a scenario of tests/timed/scenarios on the machine.
 *
 * Each run happens in a process of its own, since the SystemC kernel runs once. */
#ifndef TESTS_TIMED_TIMED_H
#define TESTS_TIMED_TIMED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#include <cmocka.h>

#include "model/machine/machine.h"

#define NS UINT64_C(1000) /* ps */
#define ROWS_N(rows) (sizeof(rows) / sizeof(*(rows)))

/* got and want are integers; a failure names the row, from 0. */
#define check_row(row, got, want)                                                      \
    do {                                                                               \
        const unsigned long long got_ = (unsigned long long)(got);                     \
        const unsigned long long want_ = (unsigned long long)(want);                   \
        if (got_ != want_)                                                             \
            fail_msg("row %zu: %s is %llu, want %llu", (size_t)(row), #got, got_,      \
                     want_);                                                           \
    } while (0)

/* Fails the test, with the diagnostics printed, if the scenario is not valid. */
void timed_load(const char *name, struct scn *s);

/* The same for a file of the source tree. */
void timed_load_path(const char *path, struct scn *s);

/* The variant of that name. */
size_t timed_variant(const struct scn *s, const char *name);

/* Fails the test if the run ends with an error. End with rec_free(). */
void timed_run(const struct scn *s, const char *variant, struct rec_run *out);

/* The same with another seed than the first. */
void timed_run_seed(const struct scn *s, const char *variant, uint64_t seed,
                    struct rec_run *out);

/* Of several VMs, none of which serves requests, or of one: out [vms_n]. */
void timed_run_vms(const struct scn *s, const char *variant, struct rec_run *out);

/* ---- platforms ---- */

/* A TLB of combined entries of 4K and 2M, LRU, whose service takes no time. */
struct scn_tlb timed_tlb(uint32_t entries, uint32_t ways, uint64_t latency_ps);

/* A walk cache of stage and level. */
struct scn_tlb timed_walk_cache(unsigned stage, unsigned level, uint64_t latency_ps);

/* A cache of stage 2 translations of 4K and 2M. */
struct scn_tlb timed_s2_cache(uint64_t latency_ps);

/* All reads and data take ps, wherever they lie. */
void timed_flat_memory(struct scn *s, uint64_t ps);

#ifdef __cplusplus
}
#endif

#endif
