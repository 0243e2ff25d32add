/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/walk_fixture.h - a CPU with every feature, a small memory, and a
 * driver that serves a walk from it. */
#ifndef TESTS_UNIT_WALKER_WALK_FIXTURE_H
#define TESTS_UNIT_WALKER_WALK_FIXTURE_H

#include "tests/unit/walker/rows.h"
#include "walker/translate.h"

#include <stdbool.h>

#define TCR_HA (UINT64_C(1) << 39)
#define TCR_HD (UINT64_C(1) << 40)
#define TCR_TG1_4K (UINT64_C(2) << 30)
#define TCR_IPS_48 (UINT64_C(5) << 32)
#define VTCR_HA (UINT64_C(1) << 21)
#define VTCR_HD (UINT64_C(1) << 22)
#define HCR_VM UINT64_C(1)
#define HCR_PTW (UINT64_C(1) << 2)
#define HCR_DC (UINT64_C(1) << 12)
#define HCR_TGE (UINT64_C(1) << 27)

/* EL1&0 leaves: readable and writable by EL0 and EL1; stage 2 leaves the same. */
#define S1_PAGE UINT64_C(0x443)
#define S2_BLOCK UINT64_C(0x4fd)

static inline struct walk_cpu cpu_max(void)
{
    const struct arch_id_regs id = {.mmfr0 = UINT64_C(0x32310201126),
                                    .mmfr1 = UINT64_C(0x11010211122),
                                    .mmfr2 = UINT64_C(0x1021011010011011),
                                    .isar1 = 1 << 4};

    return (struct walk_cpu){.features = arch_features_decode(&id)};
}

struct memory {
    struct {
        uint64_t pa, value;
    } words[64];
    size_t n;
    unsigned reads_n, swaps_n;
    /* The lose_at-th swap (from 1) finds lose_to there, written by somebody else. */
    unsigned lose_at;
    uint64_t lose_to;
};

static inline uint64_t *memory_at(struct memory *m, uint64_t pa)
{
    for (size_t i = 0; i < m->n; i++) {
        if (m->words[i].pa == pa)
            return &m->words[i].value;
    }
    assert_true(m->n < ROWS_N(m->words));
    m->words[m->n].pa = pa;
    m->words[m->n].value = 0;
    return &m->words[m->n++].value;
}

static inline uint64_t memory_serve(struct memory *m, const struct walk *w,
                                    enum walk_next next)
{
    uint64_t *word = memory_at(m, w->desc_pa.v);

    if (next == WALK_NEED_DESC) {
        m->reads_n++;
        return *word;
    }
    if (++m->swaps_n == m->lose_at)
        *word = m->lose_to;
    const uint64_t found = *word;
    if (found == w->desc)
        *word = w->desc_new;
    return found;
}

static inline enum walk_next run_walk(struct walk *w, const struct walk_cpu *cpu,
                                      const struct walk_regs *regs,
                                      const struct walk_query *query, struct memory *m)
{
    static struct walk_context ctx; /* w points to it after the call */

    walk_context_init(&ctx, cpu, regs);
    enum walk_next next = walk_begin(w, &ctx, query);
    while (next == WALK_NEED_DESC || next == WALK_NEED_CAS)
        next = walk_feed(w, memory_serve(m, w, next));
    return next;
}

static inline void check_fault(size_t row, const char *rule, const struct walk *w,
                               enum arch_fault_type type, int stage, int level,
                               bool s1ptw)
{
    check_row(row, rule, w->fault.type, type);
    check_row(row, rule, w->fault.stage, stage);
    check_row(row, rule, w->fault.level, level);
    check_row(row, rule, w->fault.s1ptw, s1ptw);
}

#endif
