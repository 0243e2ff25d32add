/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/groups.c - the entries of one regime, VMID and stage, which go all at once.
 *
 * An operation that names no address and no ASID takes whole groups: it counts what
 * they hold and moves their generation on, whatever their number of entries. A slot of
 * an older generation is as good as empty. */
#include "tlb/tlb_priv.h"

#include <assert.h>
#include <string.h>

static bool takes(const struct arch_tlbi *op, const struct tlb_group *g)
{
    const bool el2s = op->regime != ARCH_REGIME_EL10 && g->regime != ARCH_REGIME_EL10;

    if (op->op == ARCH_TLBI_ALL)
        return g->regime == op->regime || el2s;
    if (g->regime != op->regime || (op->op == ARCH_TLBI_VMALL && g->s2))
        return false;
    return op->regime != ARCH_REGIME_EL10 || g->vmid == op->vmid;
}

bool tlb_takes_groups(const struct tlb *t, const struct arch_tlbi *op)
{
    const bool whole = op->op == ARCH_TLBI_ALL || op->op == ARCH_TLBI_VMALLS12 ||
                       op->op == ARCH_TLBI_VMALL;

    return whole && t->groups[TLB_GROUP_MIXED].n == 0;
}

/* The group of an entry that is filled: its own, a free one, or that of all others. */
unsigned tlb_group_for(struct tlb *t, const struct tlb_entry *e)
{
    const bool s2 = e->kind == TLB_S2_ONLY;
    unsigned free = TLB_GROUP_MIXED;

    for (unsigned i = 0; i < TLB_GROUP_MIXED; i++) {
        const struct tlb_group *g = &t->groups[i];

        if (g->n == 0)
            free = free == TLB_GROUP_MIXED ? i : free;
        else if (g->regime == e->tag.regime && g->vmid == e->tag.vmid && g->s2 == s2)
            return i;
    }
    if (free != TLB_GROUP_MIXED) {
        struct tlb_group *g = &t->groups[free];

        g->regime = e->tag.regime;
        g->vmid = e->tag.vmid;
        g->s2 = s2;
        g->oldest = UINT64_MAX;
    }
    return free;
}

static void take_counts(struct tlb *t, struct tlb_group_counts *g)
{
    for (unsigned class_i = 0; class_i < TLB_CLASSES_N; class_i++) {
        t->crossed_n[class_i] -= g->crossed_n[class_i];
        g->crossed_n[class_i] = 0;
        for (unsigned size_i = 0; size_i < t->sizes_n; size_i++) {
            struct tlb_counts *n = &g->of[class_i][size_i];

            t->valid_n[class_i][size_i] -= n->valid;
            t->wider_n[class_i][size_i] -= n->wider;
            if (t->valid_n[class_i][size_i] == 0)
                t->held[class_i] &= (uint8_t) ~(1u << size_i);
            if (t->wider_n[class_i][size_i] == 0)
                t->widest_shift[class_i][size_i] = 0;
            *n = (struct tlb_counts){0, 0};
        }
    }
    tlb_set_front(t);
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

    for (unsigned i = 0; i < TLB_GROUP_MIXED; i++) {
        struct tlb_group *g = &t->groups[i];

        if (g->n == 0 || !takes(op, g))
            continue;
        take_counts(t, &t->counts[i]);
        t->of_regime_n[g->regime] -= g->n;
        if (g->regime == ARCH_REGIME_EL10)
            t->of_vmid_n[tlb_vmid_bin(g->vmid)] -= g->n;
        removed_n += g->n;
        g->n = 0;
        g->generation++;
    }
    t->dead_n += removed_n;
    if (removed_n != 0)
        void_hints(t);
    return removed_n;
}

bool tlb_groups_are_newer(const struct tlb *t, const struct arch_tlbi *op,
                          uint64_t before)
{
    for (unsigned i = 0; i < TLB_GROUP_MIXED; i++) {
        const struct tlb_group *g = &t->groups[i];

        if (g->n != 0 && takes(op, g) && g->oldest < before)
            return false;
    }
    return true;
}
