/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/invalidate.c - what each TLBI operation removes.
 *
 * The shareability domain decides which TLBs receive an operation, not what it does
 * there, so it is not read here. */
#include "tlb/tlb_priv.h"

#define VA_TAG (UINT64_C(0xff) << 56)

/* An entry may come from a part of the leaf, which goes as a whole. */
static bool same_leaf(const struct tlb_entry *e, uint64_t address, uint64_t ignored)
{
    const bool larger = e->tlbi_shift > e->leaf_shift && e->tlbi_shift < 64;
    const unsigned shift = larger ? e->tlbi_shift : e->leaf_shift;

    return (((e->ia ^ address) & ~ignored) >> shift) == 0;
}

/* ArmARM: AArch64.TLBI_VMALLS12, AArch64.TLBI_VMALL, AArch64.TLBI_IPAS2,
 * AArch64.TLBI_ALL, AArch64.TLBI_VA, AArch64.TLBI_VAA, AArch64.TLBI_ASID. */
bool tlb_op_covers(const struct arch_tlbi *op, const struct tlb_entry *e)
{
    const bool same_vmid = e->vmid == op->vmid;
    const bool s1_of_vmid = same_vmid && e->kind == TLB_COMBINED;

    switch (op->op) {
    case ARCH_TLBI_VMALLS12:
        return same_vmid;
    case ARCH_TLBI_VMALL:
        return s1_of_vmid;
    case ARCH_TLBI_IPAS2:
        return same_vmid && e->kind == TLB_S2_ONLY && same_leaf(e, op->first, 0);
    case ARCH_TLBI_ALL:
        return true;
    case ARCH_TLBI_VA:
        return s1_of_vmid && (!e->ng || e->asid == op->asid) &&
               same_leaf(e, op->first, VA_TAG);
    case ARCH_TLBI_VAA:
        return s1_of_vmid && same_leaf(e, op->first, VA_TAG);
    case ARCH_TLBI_ASID:
        return s1_of_vmid && e->ng && e->asid == op->asid;
    }
    return false;
}

/* Bit k: op can remove entries of kind k. */
static unsigned kinds_of(enum arch_tlbi_op op)
{
    switch (op) {
    case ARCH_TLBI_VMALL:
    case ARCH_TLBI_VA:
    case ARCH_TLBI_VAA:
    case ARCH_TLBI_ASID:
        return 1u << TLB_COMBINED;
    case ARCH_TLBI_IPAS2:
        return 1u << TLB_S2_ONLY;
    case ARCH_TLBI_VMALLS12:
    case ARCH_TLBI_ALL:
        break;
    }
    return 1u << TLB_COMBINED | 1u << TLB_S2_ONLY;
}

static uint32_t valid_of_kinds(const struct tlb *t, unsigned kinds)
{
    uint32_t n = 0;

    for (unsigned kind = 0; kind < TLB_KINDS_N; kind++) {
        for (unsigned i = 0; i < t->sizes_n && (kinds >> kind & 1) != 0; i++)
            n += t->valid_n[kind][i];
    }
    return n;
}

uint32_t tlb_invalidate(struct tlb *t, const struct arch_tlbi *op)
{
    const unsigned kinds = kinds_of(op->op);
    uint32_t left_n = valid_of_kinds(t, kinds);
    uint32_t removed_n = 0;

    for (uint32_t slot = 0; left_n > 0; slot++) {
        const uint64_t key = t->keys[slot];

        if (key == 0 || (kinds >> tlb_key_kind(key) & 1) == 0)
            continue;
        left_n--;
        if (tlb_op_covers(op, &t->entries[slot])) {
            tlb_drop(t, slot);
            removed_n++;
        }
    }
    return removed_n;
}
