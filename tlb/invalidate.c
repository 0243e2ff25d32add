/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/invalidate.c - what each TLBI operation removes.
 *
 * The shareability domain decides which TLBs receive an operation, not what it does
 * there, so it is not read here. */
#include "tlb/tlb_priv.h"

/* ArmARM: AArch64.TLBI_IPAS2 names the IPA of a stage 2 leaf; every fragment of that
 * leaf goes. */
static bool leaf_covers(const struct tlb_entry *e, uint64_t ipa)
{
    return ((e->ia ^ ipa) >> e->leaf_shift) == 0;
}

bool tlb_op_covers(const struct arch_tlbi *op, const struct tlb_entry *e)
{
    switch (op->op) {
    case ARCH_TLBI_VMALLS12E1:
        return e->vmid == op->vmid;
    case ARCH_TLBI_VMALLE1:
        return e->vmid == op->vmid && e->kind == TLB_COMBINED;
    case ARCH_TLBI_IPAS2E1:
        return e->vmid == op->vmid && e->kind == TLB_S2_ONLY &&
               leaf_covers(e, op->ipa.v);
    case ARCH_TLBI_ALLE1:
        return true;
    }
    return false;
}

/* Bit k: op can remove entries of kind k. */
static unsigned kinds_of(enum arch_tlbi_op op)
{
    switch (op) {
    case ARCH_TLBI_VMALLE1:
        return 1u << TLB_COMBINED;
    case ARCH_TLBI_IPAS2E1:
        return 1u << TLB_S2_ONLY;
    case ARCH_TLBI_VMALLS12E1:
    case ARCH_TLBI_ALLE1:
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
