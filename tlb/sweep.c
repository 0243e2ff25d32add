/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/sweep.c - where to look for the entries that an operation may concern.
 *
 * An operation by address looks into the sets of its pages, at each size held. Entries
 * that addresses outside of them remove (tlbi_shift > size_shift) may be in the set of
 * any page of the largest such leaf, so these are added. Where that comes to as many
 * sets as there are, and for all other operations, every slot is looked at, unless no
 * entry of the regime, VMID and class is valid. */
#include "tlb/tlb_priv.h"

struct sweep {
    const struct tlb *t;
    const struct arch_tlbi *op;
    uint16_t vmid;
    void (*visit)(uint32_t slot, void *ctx);
    void *ctx;
};

/* The pages of one size that entries to be found may start at. */
struct pages {
    uint64_t first;
    uint64_t n;
};

static unsigned covered_classes(const struct arch_tlbi *op)
{
    switch (op->op) {
    case ARCH_TLBI_ALL:
    case ARCH_TLBI_VMALLS12:
        break;
    case ARCH_TLBI_VMALL:
    case ARCH_TLBI_ASID:
        return TLB_CLASSES_S1;
    case ARCH_TLBI_VA:
    case ARCH_TLBI_VAA:
        return TLB_CLASSES_S1 & ~(op->last_level ? TLB_CLASSES_TABLES : 0);
    case ARCH_TLBI_IPAS2:
        return TLB_CLASSES_S2 & ~(op->last_level ? TLB_CLASSES_TABLES : 0);
    }
    return TLB_CLASSES_S1 | TLB_CLASSES_S2;
}

static unsigned held_classes(const struct tlb *t)
{
    unsigned classes = 0;

    for (unsigned i = 0; i < TLB_CLASSES_N; i++)
        classes |= (unsigned)(t->held[i] != 0) << i;
    return classes;
}

/* The bytes - 1 around an entry of that class and size whose addresses may remove it.
 */
static uint64_t bytes_around(const struct tlb *t, unsigned class_i, unsigned size_i)
{
    const unsigned shift = t->size_shifts[size_i];
    const unsigned widest = t->widest_shift[class_i][size_i];

    return (UINT64_C(1) << (widest > shift ? widest : shift)) - 1;
}

static bool may_be_named(const struct sweep *s, uint64_t key)
{
    const uint64_t inside = bytes_around(s->t, tlb_key_class(key), tlb_key_size(key));

    return s->op->first <= (key | inside) && s->op->last >= (key & ~inside);
}

/* addresses: only what op names by them. */
static void visit_all(const struct sweep *s, unsigned classes, bool addresses)
{
    const struct tlb *t = s->t;
    const bool any_owner = s->op->op == ARCH_TLBI_ALL;
    uint32_t left_n = 0;

    for (unsigned i = 0; i < TLB_CLASSES_N; i++) {
        for (unsigned k = 0; (classes >> i & 1) != 0 && k < t->sizes_n; k++)
            left_n += t->valid_n[i][k];
    }
    for (uint32_t slot = 0; left_n > 0; slot++) {
        const uint64_t key = t->keys[slot];

        if (!tlb_is_live(t, slot) || (classes >> tlb_key_class(key) & 1) == 0)
            continue;
        left_n--;
        if (addresses && !may_be_named(s, key))
            continue;
        if (any_owner || (tlb_key_regime(key) == s->op->regime &&
                          (uint16_t)t->states[slot].who == s->vmid))
            s->visit(slot, s->ctx);
    }
}

static struct pages pages_of(const struct sweep *s, unsigned class_i, unsigned size_i)
{
    const unsigned shift = s->t->size_shifts[size_i];
    const uint64_t inside = bytes_around(s->t, class_i, size_i);
    const uint64_t first = (s->op->first & ~inside) >> shift;

    return (struct pages){first, ((s->op->last | inside) >> shift) - first + 1};
}

static void visit_pages(const struct sweep *s, unsigned class_i, unsigned size_i)
{
    const struct tlb *t = s->t;
    const struct pages pages = pages_of(s, class_i, size_i);
    const uint64_t low = tlb_key_low(s->op->regime, class_i, size_i);

    for (uint64_t i = 0; i < pages.n; i++) {
        const uint32_t base = ((uint32_t)(pages.first + i) & t->set_mask) * t->ways_n;

        for (uint32_t slot = base; slot < base + t->ways_n; slot++) {
            if ((t->keys[slot] & TLB_KEY_LOW) == low &&
                (uint16_t)t->states[slot].who == s->vmid && tlb_in_group(t, slot))
                s->visit(slot, s->ctx);
        }
    }
}

/* True if probing pages looks at fewer sets than there are. */
static bool few_pages(const struct sweep *s, unsigned classes)
{
    uint64_t sets_n = 0;

    for (unsigned i = 0; i < TLB_CLASSES_N; i++) {
        const unsigned held = (classes >> i & 1) != 0 ? s->t->held[i] : 0;

        for (unsigned mask = held; mask != 0; mask &= mask - 1) {
            const uint64_t n = pages_of(s, i, (unsigned)__builtin_ctz(mask)).n;

            if (n > s->t->set_mask || (sets_n += n) > s->t->set_mask)
                return false;
        }
    }
    return true;
}

void tlb_sweep(const struct tlb *t, const struct arch_tlbi *op, unsigned extra_classes,
               void (*visit)(uint32_t slot, void *ctx), void *ctx)
{
    const uint16_t vmid = op->regime == ARCH_REGIME_EL10 ? op->vmid : 0;
    const struct sweep s = {t, op, vmid, visit, ctx};
    const unsigned held = held_classes(t);
    const unsigned covered = covered_classes(op) & held;
    const unsigned extra = extra_classes & held;

    if ((covered | extra) == 0)
        return;
    if (op->op != ARCH_TLBI_ALL && tlb_has_none_of(t, op))
        return;
    const bool addresses = arch_tlbi_by_address(op) && extra == 0;

    if (!addresses || !few_pages(&s, covered)) {
        visit_all(&s, covered | extra, addresses);
        return;
    }
    for (unsigned i = 0; i < TLB_CLASSES_N; i++) {
        const unsigned held_sizes = (covered >> i & 1) != 0 ? t->held[i] : 0;

        for (unsigned mask = held_sizes; mask != 0; mask &= mask - 1)
            visit_pages(&s, i, (unsigned)__builtin_ctz(mask));
    }
}
