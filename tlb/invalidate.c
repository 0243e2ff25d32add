/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/invalidate.c - what each TLBI operation removes. */
#include "tlb/tlb_priv.h"

/* Of the regime, and in EL1&0 of the VMID. ArmARM: UseVMID. */
static bool same_owner(const struct arch_tlbi *op, const struct tlb_entry *e)
{
    return e->tag.regime == op->regime &&
           (op->regime != ARCH_REGIME_EL10 || e->tag.vmid == op->vmid);
}

static bool is_el2(unsigned regime)
{
    return regime == ARCH_REGIME_EL2 || regime == ARCH_REGIME_EL20;
}

static bool of_one_asid(const struct tlb_entry *e)
{
    return e->ng && tlb_asid_counts(e);
}

/* An entry may be a part of the leaf, which goes as a whole. */
static bool overlaps(const struct arch_tlbi *op, const struct tlb_entry *e)
{
    const unsigned shift =
        e->tlbi_shift > e->size_shift ? e->tlbi_shift : e->size_shift;
    const uint64_t inside = (UINT64_C(1) << shift) - 1;

    return op->first <= (e->ia | inside) && op->last >= (e->ia & ~inside);
}

/* ArmARM: TLBIMatch; TTL in C5.5, "A64 System instructions for TLB maintenance". */
static bool named(const struct arch_tlbi *op, const struct tlb_entry *e)
{
    if (e->table && op->last_level)
        return false;
    if (!e->table && op->hint_shift != 0 && e->leaf_shift != 0 &&
        e->leaf_shift != op->hint_shift)
        return false;
    if (op->range && e->tg != 0 && e->tg != op->tg)
        return false;
    return overlaps(op, e);
}

bool tlb_op_covers(const struct arch_tlbi *op, const struct tlb_entry *e)
{
    const bool s1 = e->kind != TLB_S2_ONLY;

    if (op->op == ARCH_TLBI_ALL)
        return e->tag.regime == op->regime ||
               (is_el2(e->tag.regime) && is_el2(op->regime));
    if (!same_owner(op, e))
        return false;
    switch (op->op) {
    case ARCH_TLBI_ALL:
    case ARCH_TLBI_VMALLS12:
        return true;
    case ARCH_TLBI_VMALL:
        return s1;
    case ARCH_TLBI_ASID:
        return s1 && of_one_asid(e) && e->tag.asid == op->asid;
    case ARCH_TLBI_VA:
        return s1 && (!of_one_asid(e) || e->tag.asid == op->asid) && named(op, e);
    case ARCH_TLBI_VAA:
        return s1 && named(op, e);
    case ARCH_TLBI_IPAS2:
        return !s1 && named(op, e);
    }
    return false;
}

/* The classes whose entries of the regime and VMID the structure removes beyond that.
 */
static unsigned extra_classes(const struct tlb *t, const struct arch_tlbi *op)
{
    const bool by_ipa = op->op == ARCH_TLBI_IPAS2;
    unsigned classes = 0;

    if (!arch_tlbi_by_address(op))
        return 0;
    if (t->address_takes_tables && !op->last_level)
        classes |= (by_ipa ? TLB_CLASSES_S2 : TLB_CLASSES_S1) & TLB_CLASSES_TABLES;
    if (t->ipa_takes_combined && by_ipa)
        classes |=
            TLB_CLASS_BIT(TLB_COMBINED, 0) | (TLB_CLASSES_S1 & TLB_CLASSES_TABLES);
    return classes;
}

struct removal {
    struct tlb *t;
    const struct arch_tlbi *op;
    unsigned extra_classes;
    struct tlb_removed removed;
};

static void remove_one(uint32_t slot, void *ctx)
{
    struct removal *r = ctx;
    const bool extra = r->extra_classes >> tlb_key_class(r->t->keys[slot]) & 1;
    const bool covered = tlb_op_covers(r->op, &r->t->entries[slot]);

    if (!covered && !extra)
        return;
    tlb_drop(r->t, slot);
    r->removed.n++;
    r->removed.wide_n += !arch_tlbi_by_address(r->op);
    r->removed.extra_n += !covered;
}

struct tlb_removed tlb_invalidate(struct tlb *t, const struct arch_tlbi *op)
{
    struct removal r = {t, op, extra_classes(t, op), {0, 0, 0}};

    if (tlb_takes_groups(t, op)) {
        r.removed.n = r.removed.wide_n = tlb_take_groups(t, op);
        return r.removed;
    }
    tlb_sweep(t, op, r.extra_classes, remove_one, &r);
    return r.removed;
}

struct stale {
    const struct tlb *t;
    const struct arch_tlbi *op;
    uint64_t before;
    uint32_t n;
};

static bool found_before(const struct arch_tlbi *op, const struct tlb_entry *e,
                         uint64_t before)
{
    const bool ends_s2 = op->op == ARCH_TLBI_ALL || op->op == ARCH_TLBI_VMALLS12;
    const bool has_s2 = e->kind == TLB_COMBINED && e->tag.regime == ARCH_REGIME_EL10;

    return e->stamp < before || (ends_s2 && has_s2 && e->stamp_s2 < before);
}

bool tlb_is_stale(const struct arch_tlbi *op, const struct tlb_entry *e,
                  uint64_t before)
{
    return found_before(op, e, before) && tlb_op_covers(op, e);
}

static void count_one(uint32_t slot, void *ctx)
{
    struct stale *s = ctx;
    const struct tlb_entry *e = &s->t->entries[slot];

    s->n += tlb_is_stale(s->op, e, s->before);
}

uint32_t tlb_count_stale(const struct tlb *t, const struct arch_tlbi *op,
                         uint64_t before)
{
    struct stale s = {t, op, before, 0};

    if (tlb_takes_groups(t, op) && tlb_groups_are_newer(t, op, before))
        return 0;
    tlb_sweep(t, op, 0, count_one, &s);
    return s.n;
}
