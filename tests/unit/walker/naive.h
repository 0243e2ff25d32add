/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/naive.h - translation as a plain recursion over memory, to compare
 * the step machines with. It shares no code with walker/ but the types of its input.
 *
 * The CPU has every feature that walker/ knows but FEAT_PAN3; choices are all 0. */
#ifndef TESTS_UNIT_WALKER_NAIVE_H
#define TESTS_UNIT_WALKER_NAIVE_H

#include "walker/context.h"

#include <stdbool.h>
#include <stdint.h>

struct naive_memory;
/* The word at pa; memory stays as it is until the next call of naive_translate(). */
typedef uint64_t *naive_at(struct naive_memory *m, uint64_t pa);

struct naive_answer {
    enum arch_fault_type type;
    int stage, level;
    bool s1ptw;
    uint64_t pa;        /* without a fault */
    uint64_t fault_ipa; /* of stage 2 faults */
};

struct naive_answer naive_translate(const struct walk_regs *regs,
                                    const struct walk_query *query, naive_at *at,
                                    struct naive_memory *m);

#endif
