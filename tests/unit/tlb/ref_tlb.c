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

const struct tlb_entry *ref_lookup(struct ref_tlb *r, uint16_t vmid, enum tlb_kind kind,
                                   uint64_t ia)
{
    int best = -1;

    for (uint32_t i = 0; i < r->used_n; i++) {
        const struct tlb_entry *e = &r->list[i];

        if (e->vmid == vmid && e->kind == kind && ia >= e->ia &&
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

const struct tlb_entry *ref_fill(struct ref_tlb *r, const struct tlb_entry *leaf)
{
    struct tlb_entry made = *leaf;
    uint32_t in_set_n = 0;
    int oldest = -1;
    int same = -1;

    made.size_shift = 0;
    for (unsigned i = 0; i < r->cfg.sizes_n; i++) {
        if (r->cfg.size_shifts[i] <= leaf->leaf_shift)
            made.size_shift = r->cfg.size_shifts[i];
    }
    if (made.size_shift == 0)
        return NULL;
    made.oa.v -= made.ia % bytes_of(made.size_shift);
    made.ia -= made.ia % bytes_of(made.size_shift);

    const uint64_t set = set_of(r, made.ia, made.size_shift);

    for (uint32_t i = 0; i < r->used_n; i++) {
        const struct tlb_entry *e = &r->list[i];

        if (set_of(r, e->ia, e->size_shift) != set)
            continue;
        in_set_n++;
        oldest = (int)i;
        if (e->ia == made.ia && e->size_shift == made.size_shift &&
            e->vmid == made.vmid && e->kind == made.kind)
            same = (int)i;
    }
    if (same >= 0)
        remove_at(r, (uint32_t)same);
    else if (in_set_n == r->cfg.ways_n)
        remove_at(r, (uint32_t)oldest);
    return put_first(r, made);
}

/* Written out here once more, so that tlb_op_covers() is not its own judge. */
static bool covers(const struct arch_tlbi *op, const struct tlb_entry *e)
{
    const uint64_t leaf_bytes = bytes_of(e->leaf_shift);
    const uint64_t leaf_ia = e->ia / leaf_bytes * leaf_bytes;
    const bool same_vmid = e->vmid == op->vmid;

    if (op->op == ARCH_TLBI_ALLE1)
        return true;
    if (op->op == ARCH_TLBI_VMALLS12E1)
        return same_vmid;
    if (op->op == ARCH_TLBI_VMALLE1)
        return same_vmid && e->kind != TLB_S2_ONLY;
    return same_vmid && e->kind == TLB_S2_ONLY && op->ipa.v >= leaf_ia &&
           op->ipa.v - leaf_ia < leaf_bytes;
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
