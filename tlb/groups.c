/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/groups.c - the entries of one regime, VMID and stage, which go all at once.
 *
 * An operation that names no address and no ASID takes whole groups: it counts what
 * they hold and notes the fills so far, whatever their number of entries. A slot that
 * was filled before that is as good as empty. */
#include "tlb/tlb_priv.h"

#include <assert.h>
#include <string.h>

static bool takes(const struct arch_tlbi *op, const struct tlb_group *g)
{
    const unsigned regime = tlb_group_regime(g);
    const bool el2s = op->regime != ARCH_REGIME_EL10 && regime != ARCH_REGIME_EL10;
    const uint16_t vmid = op->regime == ARCH_REGIME_EL10 ? op->vmid : 0;

    if (op->op == ARCH_TLBI_ALL)
        return regime == op->regime || el2s;
    return g->whose == tlb_group_whose(op->regime, vmid, false) ||
           (op->op != ARCH_TLBI_VMALL &&
            g->whose == tlb_group_whose(op->regime, vmid, true));
}

bool tlb_has_none_of(const struct tlb *t, const struct arch_tlbi *op)
{
    const uint16_t vmid = op->regime == ARCH_REGIME_EL10 ? op->vmid : 0;
    const uint32_t s1 = tlb_group_whose(op->regime, vmid, false);
    const uint32_t s2 = tlb_group_whose(op->regime, vmid, true);

    for (unsigned i = 0; i < t->groups_n; i++) {
        const struct tlb_group *g = &t->groups[i];

        if (g->n != 0 && (g->whose == s1 || g->whose == s2))
            return false;
    }
    return t->groups[TLB_GROUP_MIXED].n == 0;
}

bool tlb_takes_groups(const struct tlb *t, const struct arch_tlbi *op)
{
    const bool whole = op->op == ARCH_TLBI_ALL || op->op == ARCH_TLBI_VMALLS12 ||
                       op->op == ARCH_TLBI_VMALL;

    return whole && t->groups[TLB_GROUP_MIXED].n == 0;
}

/* Its own, a free one, or that of all others. */
unsigned tlb_group_for(struct tlb *t, uint32_t whose)
{
    unsigned free = t->groups_n; /* TLB_GROUP_MIXED once all have been used */

    for (unsigned i = 0; i < t->groups_n; i++) {
        const struct tlb_group *g = &t->groups[i];

        if (g->n == 0)
            free = i;
        else if (g->whose == whose)
            return i;
    }
    if (free != TLB_GROUP_MIXED) {
        t->groups[free].whose = whose;
        t->groups[free].oldest = UINT64_MAX;
        t->groups_n += free == t->groups_n;
    }
    return free;
}

static void take_counts(struct tlb *t, struct tlb_group_counts *g)
{
    for (unsigned class_i = 0; class_i < TLB_CLASSES_N; class_i++) {
        for (unsigned held = t->held[class_i]; held != 0; held &= held - 1) {
            const unsigned size_i = (unsigned)__builtin_ctz(held);
            struct tlb_counts *n = &g->of[class_i][size_i];

            t->valid_n[class_i][size_i] -= n->valid;
            t->wider_n[class_i][size_i] -= n->wider;
            if (t->valid_n[class_i][size_i] == 0)
                t->held[class_i] &= (uint8_t) ~(1u << size_i);
            if (t->wider_n[class_i][size_i] == 0)
                t->widest_shift[class_i][size_i] = 0;
            *n = (struct tlb_counts){0, 0};
        }
        tlb_set_only(t, class_i);
    }
}

static void void_hints(struct tlb *t)
{
    t->front.epoch += TLB_EPOCH;
    if (t->front.epoch != 0 || t->front.hints == NULL)
        return;
    memset(t->front.hints, 0, TLB_HINTS_N * sizeof *t->front.hints);
    t->front.epoch = TLB_EPOCH;
}

uint32_t tlb_take_groups(struct tlb *t, const struct arch_tlbi *op)
{
    uint32_t removed_n = 0;

    for (unsigned i = 0; i < t->groups_n; i++) {
        struct tlb_group *g = &t->groups[i];

        if (g->n == 0 || !takes(op, g))
            continue;
        take_counts(t, &t->counts[i]);
        t->crossed_n -= g->crossed_n;
        removed_n += g->n;
        g->n = g->crossed_n = 0;
        g->taken = t->fills_n;
    }
    t->n -= removed_n;
    t->dead_n += removed_n;
    t->no_empty_below = removed_n != 0 ? 0 : t->no_empty_below;
    if (removed_n != 0)
        void_hints(t);
    return removed_n;
}

bool tlb_groups_are_newer(const struct tlb *t, const struct arch_tlbi *op,
                          uint64_t before)
{
    for (unsigned i = 0; i < t->groups_n; i++) {
        const struct tlb_group *g = &t->groups[i];

        if (g->n != 0 && takes(op, g) && g->oldest < before)
            return false;
    }
    return true;
}
