/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/ref_tlb.c - the naive TLB: division, searches and moves throughout. */
#include "tests/unit/tlb/ref_tlb.h"

#include <string.h>

static uint64_t bytes_of(unsigned shift)
{
    return UINT64_C(1) << shift;
}

static uint64_t set_of(const struct ref_tlb *r, uint64_t ia, unsigned shift)
{
    return ia / bytes_of(shift) % (r->cfg.entries_n / r->cfg.ways_n);
}

static void remove_at(struct ref_tlb *r, uint32_t i)
{
    memmove(&r->list[i], &r->list[i + 1], (r->used_n - i - 1) * sizeof(r->list[0]));
    r->used_n--;
}

static const struct tlb_entry *put_first(struct ref_tlb *r, struct tlb_entry e)
{
    memmove(&r->list[1], &r->list[0], r->used_n * sizeof(r->list[0]));
    r->list[0] = e;
    r->used_n++;
    return &r->list[0];
}

void ref_init(struct ref_tlb *r, const struct tlb_cfg *cfg)
{
    r->cfg = *cfg;
    r->used_n = 0;
}

const struct tlb_entry *ref_lookup(struct ref_tlb *r, uint16_t vmid, uint16_t asid,
                                   enum tlb_kind kind, uint64_t ia)
{
    int best = -1;

    for (uint32_t i = 0; i < r->used_n; i++) {
        const struct tlb_entry *e = &r->list[i];

        if (e->vmid == vmid && e->kind == kind && ia >= e->ia &&
            (e->kind == TLB_S2_ONLY || !e->ng || e->asid == asid) &&
            ia - e->ia < bytes_of(e->size_shift) &&
            (best < 0 || e->size_shift < r->list[best].size_shift))
            best = (int)i;
    }
    if (best < 0)
        return NULL;

    const struct tlb_entry hit = r->list[best];

    remove_at(r, (uint32_t)best);
    return put_first(r, hit);
}

/* True if the look-up of some ASID could find both. */
static bool overlap(const struct tlb_entry *a, const struct tlb_entry *b)
{
    if (a->ia != b->ia || a->size_shift != b->size_shift || a->vmid != b->vmid ||
        a->kind != b->kind)
        return false;
    return !(a->ng && b->ng) || a->asid == b->asid;
}

static struct tlb_entry made_of(const struct ref_tlb *r, const struct tlb_entry *leaf)
{
    struct tlb_entry made = *leaf;

    made.size_shift = 0;
    for (unsigned i = 0; i < r->cfg.sizes_n; i++) {
        if (r->cfg.size_shifts[i] <= leaf->leaf_shift)
            made.size_shift = r->cfg.size_shifts[i];
    }
    if (made.kind == TLB_S2_ONLY)
        made.ng = false;
    made.oa.v -= made.ia % bytes_of(made.size_shift);
    made.ia -= made.ia % bytes_of(made.size_shift);
    return made;
}

static void remove_overlapping(struct ref_tlb *r, const struct tlb_entry *made)
{
    for (uint32_t i = 0; i < r->used_n;) {
        if (overlap(&r->list[i], made))
            remove_at(r, i);
        else
            i++;
    }
}

const struct tlb_entry *ref_fill(struct ref_tlb *r, const struct tlb_entry *leaf)
{
    const struct tlb_entry made = made_of(r, leaf);
    const uint64_t set = set_of(r, made.ia, made.size_shift);
    uint32_t in_set_n = 0;
    uint32_t oldest = 0;

    if (made.size_shift == 0)
        return NULL;
    remove_overlapping(r, &made);
    for (uint32_t i = 0; i < r->used_n; i++) {
        if (set_of(r, r->list[i].ia, r->list[i].size_shift) != set)
            continue;
        in_set_n++;
        oldest = i;
    }
    if (in_set_n == r->cfg.ways_n)
        remove_at(r, oldest);
    return put_first(r, made);
}

/* True if x is in the bytes around ia that a leaf of 1 << shift bytes maps. */
static bool in_leaf(uint64_t ia, unsigned shift, uint64_t x)
{
    const uint64_t leaf_ia = ia / bytes_of(shift) * bytes_of(shift);

    return x >= leaf_ia && x - leaf_ia < bytes_of(shift);
}

static bool in_either_leaf(const struct tlb_entry *e, uint64_t ia, uint64_t x)
{
    return in_leaf(ia, e->leaf_shift, x) ||
           (e->tlbi_shift < 64 && in_leaf(ia, e->tlbi_shift, x));
}

static uint64_t untagged(uint64_t va)
{
    return va % bytes_of(56);
}

/* Written out here once more, so that tlb_op_covers() is not its own judge. */
static bool covers(const struct arch_tlbi *op, const struct tlb_entry *e)
{
    const bool s1 = e->kind != TLB_S2_ONLY;
    const bool in_va = in_either_leaf(e, untagged(e->ia), untagged(op->first));

    if (op->op == ARCH_TLBI_ALL)
        return true;
    if (e->vmid != op->vmid)
        return false;
    if (op->op == ARCH_TLBI_VMALL)
        return s1;
    if (op->op == ARCH_TLBI_IPAS2)
        return !s1 && in_either_leaf(e, e->ia, op->first);
    if (op->op == ARCH_TLBI_VA)
        return s1 && in_va && !(e->ng && e->asid != op->asid);
    if (op->op == ARCH_TLBI_VAA)
        return s1 && in_va;
    if (op->op == ARCH_TLBI_ASID)
        return s1 && e->ng && e->asid == op->asid;
    return true;
}

uint32_t ref_invalidate(struct ref_tlb *r, const struct arch_tlbi *op)
{
    const uint32_t before_n = r->used_n;

    for (uint32_t i = 0; i < r->used_n;) {
        if (covers(op, &r->list[i]))
            remove_at(r, i);
        else
            i++;
    }
    return before_n - r->used_n;
}
