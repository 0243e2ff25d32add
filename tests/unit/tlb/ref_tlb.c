/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/ref_tlb.c - the naive TLB: division, searches and moves throughout. */
#include "tests/unit/tlb/ref_tlb.h"

#include <string.h>

static uint64_t bytes_of(unsigned shift)
{
    return UINT64_C(1) << shift;
}

static uint64_t set_of(const struct ref_tlb *r, const struct tlb_entry *e)
{
    return e->ia / bytes_of(e->size_shift) % (r->cfg.entries_n / r->cfg.ways_n);
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
    r->illegal = false;
    r->conflicts_n = 0;
}

/* ArmARM: UseVMID, UseASID of the TLBContext of e. */
static bool use_vmid(const struct tlb_entry *e)
{
    return e->tag.regime == ARCH_REGIME_EL10;
}

static bool use_asid(const struct tlb_entry *e)
{
    return e->kind != TLB_S2_ONLY &&
           (e->tag.regime == ARCH_REGIME_EL10 || e->tag.regime == ARCH_REGIME_EL20) &&
           e->ng;
}

static bool hits(const struct tlb_entry *e, const struct tlb_tag *who,
                 enum tlb_kind kind, bool table, uint64_t ia)
{
    if (e->kind != kind || e->table != table || e->tag.regime != who->regime)
        return false;
    if (use_vmid(e) && e->tag.vmid != who->vmid)
        return false;
    if (use_asid(e) && e->tag.asid != who->asid)
        return false;
    return ia >= e->ia && ia - e->ia < bytes_of(e->size_shift);
}

uint32_t ref_matches(const struct ref_tlb *r, const struct tlb_tag *who,
                     enum tlb_kind kind, bool table, uint64_t ia)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < r->used_n; i++)
        n += hits(&r->list[i], who, kind, table, ia);
    return n;
}

static uint64_t output(const struct tlb_entry *e, uint64_t ia)
{
    return e->oa.v + ia % bytes_of(e->size_shift);
}

/* True if a is to be hit rather than b. */
static bool goes_before(const struct ref_tlb *r, const struct tlb_entry *a,
                        const struct tlb_entry *b, bool conflict,
                        const struct tlb_entry *got)
{
    if (!conflict)
        return a->size_shift < b->size_shift;
    if (r->cfg.conflict == TLB_CONFLICT_OLDER)
        return a->attrs < b->attrs;
    if (r->cfg.conflict == TLB_CONFLICT_NEWER)
        return a->attrs > b->attrs;
    return got != NULL && a->attrs == got->attrs;
}

/* Any two of the matches that differ in output or in the sizes of their leaves. */
static bool disagree(const struct ref_tlb *r, const uint32_t *matches, uint32_t n,
                     uint64_t ia)
{
    for (uint32_t i = 1; i < n; i++) {
        const struct tlb_entry *a = &r->list[matches[i - 1]];
        const struct tlb_entry *b = &r->list[matches[i]];

        if (output(a, ia) != output(b, ia) || a->leaf_shift != b->leaf_shift ||
            a->s2_level != b->s2_level)
            return true;
    }
    return false;
}

const struct tlb_entry *ref_lookup(struct ref_tlb *r, const struct tlb_tag *who,
                                   enum tlb_kind kind, bool table, uint64_t ia,
                                   const struct tlb_entry *got)
{
    uint32_t matches[REF_ENTRIES_MAX];
    uint32_t n = 0, best = 0;

    for (uint32_t i = 0; i < r->used_n; i++) {
        if (hits(&r->list[i], who, kind, table, ia))
            matches[n++] = i;
    }
    if (n == 0)
        return NULL;

    const bool conflict = !table && disagree(r, matches, n, ia);

    r->conflicts_n += conflict;
    if (conflict && r->cfg.conflict == TLB_CONFLICT_ABORT)
        return &tlb_conflict_abort;
    if (conflict && r->cfg.conflict == TLB_CONFLICT_RESOLVE) {
        while (n-- > 0) /* from the last on, so that the others keep their places */
            remove_at(r, matches[n]);
        return NULL;
    }
    for (uint32_t i = 1; i < n; i++) {
        if (goes_before(r, &r->list[matches[i]], &r->list[matches[best]], conflict,
                        got))
            best = i;
    }

    const struct tlb_entry hit = r->list[matches[best]];

    remove_at(r, matches[best]);
    return put_first(r, hit);
}

/* True if some look-up could find both. */
static bool overlap(const struct tlb_entry *a, const struct tlb_entry *b)
{
    if (a->ia != b->ia || a->size_shift != b->size_shift || a->kind != b->kind ||
        a->table != b->table || a->tag.regime != b->tag.regime)
        return false;
    if (use_vmid(a) && a->tag.vmid != b->tag.vmid)
        return false;
    return !(use_asid(a) && use_asid(b)) || a->tag.asid == b->tag.asid;
}

static struct tlb_entry made_of(const struct ref_tlb *r, const struct tlb_entry *found)
{
    struct tlb_entry made = *found;

    made.size_shift = 0;
    for (unsigned i = 0; i < r->cfg.sizes_n; i++) {
        if (r->cfg.size_shifts[i] <= found->span_shift &&
            (r->cfg.sizes_of[found->kind] & 1u << i) != 0)
            made.size_shift = r->cfg.size_shifts[i];
    }
    if (!made.table)
        made.oa.v -= made.ia % bytes_of(made.size_shift);
    made.ia -= made.ia % bytes_of(made.size_shift);
    if (!use_vmid(&made))
        made.tag.vmid = 0;
    if (made.kind == TLB_S2_ONLY || made.tag.regime == ARCH_REGIME_EL2) {
        made.tag.asid = 0;
        made.ng = false;
    }
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

struct search {
    uint64_t attrs;
    bool found;
};

static void visit(const struct tlb_entry *e, void *ctx)
{
    struct search *s = ctx;

    s->found |= e->attrs == s->attrs;
}

static bool is_in(const struct tlb *t, const struct tlb_entry *e)
{
    struct search s = {e->attrs, false};

    tlb_for_each(t, visit, &s);
    return s.found;
}

/* The last of the set's entries that t has lost; exactly one of them must be gone. */
static uint32_t victim(struct ref_tlb *r, uint64_t set, const struct tlb *t)
{
    uint32_t gone_n = 0, gone = 0;

    for (uint32_t i = 0; i < r->used_n; i++) {
        if (set_of(r, &r->list[i]) == set && !is_in(t, &r->list[i])) {
            gone_n++;
            gone = i;
        }
    }
    r->illegal |= gone_n != 1;
    return gone;
}

const struct tlb_entry *ref_fill(struct ref_tlb *r, const struct tlb_entry *found,
                                 const struct tlb *filled)
{
    const struct tlb_entry made = made_of(r, found);
    const uint64_t set = made.size_shift == 0 ? 0 : set_of(r, &made);
    uint32_t in_set_n = 0;
    uint32_t oldest = 0;

    r->evicted = false;
    if (made.size_shift == 0)
        return NULL;
    remove_overlapping(r, &made);
    for (uint32_t i = 0; i < r->used_n; i++) {
        if (set_of(r, &r->list[i]) != set)
            continue;
        in_set_n++;
        oldest = i;
    }
    if (in_set_n == r->cfg.ways_n) {
        r->evicted = true;
        remove_at(r, r->cfg.replacement == TLB_REPLACE_LRU ? oldest
                                                           : victim(r, set, filled));
    }
    return put_first(r, made);
}

/* The addresses [base of the block, its last byte] that an operation may name to mean
 * e. ArmARM: entry_block_mask of TLBIMatch; tlbi_shift widens it to the whole leaf. */
static bool names_block_of(const struct arch_tlbi *op, const struct tlb_entry *e)
{
    uint64_t bytes = bytes_of(e->size_shift);

    if (bytes_of(e->tlbi_shift) > bytes)
        bytes = bytes_of(e->tlbi_shift);

    const uint64_t block = e->ia / bytes * bytes;

    if (op->first < block)
        return op->last >= block;
    return op->first - block < bytes;
}

/* TLBILevel_Last with a table, the tg of a range, the level of TTL. */
static bool means_such_entries(const struct arch_tlbi *op, const struct tlb_entry *e)
{
    if (op->last_level && e->table)
        return false;
    if (op->range && e->tg != 0 && e->tg != op->tg)
        return false;
    if (op->hint_shift == 0 || e->table || e->leaf_shift == 0)
        return true;
    return e->leaf_shift == op->hint_shift;
}

/* Written out here once more, so that tlb_op_covers() is not its own judge.
 * ArmARM: TLBIMatch. */
bool ref_covers(const struct arch_tlbi *op, const struct tlb_entry *e)
{
    const bool includes_s1 = e->kind == TLB_COMBINED || e->kind == TLB_S1_ONLY;
    const bool regime = op->regime == e->tag.regime;
    const bool relax_regime =
        op->regime != ARCH_REGIME_EL10 && e->tag.regime != ARCH_REGIME_EL10;
    const bool vmid = !use_vmid(e) || op->vmid == e->tag.vmid;
    const bool asid = !use_asid(e) || op->asid == e->tag.asid;
    const bool address = names_block_of(op, e) && means_such_entries(op, e);

    if (op->op == ARCH_TLBI_ALL)
        return regime || relax_regime;
    if (op->op == ARCH_TLBI_VMALLS12)
        return regime && vmid;
    if (op->op == ARCH_TLBI_VMALL)
        return includes_s1 && regime && vmid;
    if (op->op == ARCH_TLBI_ASID)
        return includes_s1 && regime && vmid && use_asid(e) && asid;
    if (op->op == ARCH_TLBI_VA)
        return includes_s1 && regime && vmid && asid && address;
    if (op->op == ARCH_TLBI_VAA)
        return includes_s1 && regime && vmid && address;
    return !includes_s1 && regime && vmid && address;
}

/* Beyond that: struct tlb_cfg. */
static bool also_goes(const struct ref_tlb *r, const struct arch_tlbi *op,
                      const struct tlb_entry *e)
{
    if (e->tag.regime != op->regime || (use_vmid(e) && e->tag.vmid != op->vmid))
        return false;

    const bool by_va = op->op == ARCH_TLBI_VA || op->op == ARCH_TLBI_VAA;
    const bool by_ipa = op->op == ARCH_TLBI_IPAS2;
    const bool s2 = e->kind == TLB_S2_ONLY;

    if (r->cfg.ipa_takes_combined && by_ipa && !s2 &&
        (e->kind == TLB_COMBINED || e->table))
        return true;
    return r->cfg.address_takes_tables && !op->last_level && e->table &&
           ((by_va && !s2) || (by_ipa && s2));
}

struct tlb_removed ref_invalidate(struct ref_tlb *r, const struct arch_tlbi *op)
{
    const bool by_address =
        op->op == ARCH_TLBI_VA || op->op == ARCH_TLBI_VAA || op->op == ARCH_TLBI_IPAS2;
    struct tlb_removed removed = {0, 0, 0};

    for (uint32_t i = 0; i < r->used_n;) {
        const bool covered = ref_covers(op, &r->list[i]);

        if (covered || also_goes(r, op, &r->list[i])) {
            removed.n++;
            removed.extra_n += !covered;
            remove_at(r, i);
        } else {
            i++;
        }
    }
    removed.wide_n = by_address ? 0 : removed.n;
    return removed;
}

uint32_t ref_count_stale(const struct ref_tlb *r, const struct arch_tlbi *op,
                         uint64_t before)
{
    const bool s2_too = op->op == ARCH_TLBI_ALL || op->op == ARCH_TLBI_VMALLS12;
    uint32_t n = 0;

    for (uint32_t i = 0; i < r->used_n; i++) {
        const struct tlb_entry *e = &r->list[i];
        uint64_t oldest = e->stamp;

        if (s2_too && e->kind == TLB_COMBINED && e->tag.regime == ARCH_REGIME_EL10 &&
            e->stamp_s2 < oldest)
            oldest = e->stamp_s2;
        n += ref_covers(op, e) && oldest < before;
    }
    return n;
}
