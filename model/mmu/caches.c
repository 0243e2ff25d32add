/* SPDX-License-Identifier: Apache-2.0 */
/* model/mmu/caches.c - the structures of a PE, and TLB maintenance over all of them. */
#include "model/mmu/mmu_priv.h"

#include <assert.h>

#define LINE_BYTES ((size_t)64)

static size_t bytes_of(const struct scn_tlb *c)
{
    return c->cfg.entries_n == 0
               ? 0
               : (tlb_bytes(&c->cfg) + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
}

size_t mmu_bytes(const struct scn_platform *p)
{
    size_t bytes =
        bytes_of(&p->l1i) + bytes_of(&p->l1d) + bytes_of(&p->l2) + bytes_of(&p->s2);

    for (unsigned stage = 0; stage < 2; stage++) {
        for (unsigned level = 0; level < 3; level++)
            bytes += bytes_of(&p->walk_cache[stage][level]);
    }
    return bytes;
}

/* In the memory from *at on. */
static struct tlb *new_tlb(unsigned char **at, const struct scn_tlb *c,
                           const struct mmu_choices *choices, uint64_t seed)
{
    struct tlb_cfg cfg = c->cfg;
    void *mem = *at;

    if (cfg.entries_n == 0)
        return NULL;
    cfg.seed = seed;
    cfg.conflict = choices->conflict;
    cfg.met = choices->met;
    cfg.met_ctx = choices->met_ctx;
    *at += bytes_of(c);
    return tlb_init(mem, &cfg);
}

/* log2 of the smallest entry of that kind; UINT8_MAX: none. */
static uint8_t shift_min(const struct tlb_cfg *c, enum tlb_kind kind)
{
    return c->entries_n == 0 || c->sizes_of[kind] == 0
               ? UINT8_MAX
               : c->size_shifts[__builtin_ctz(c->sizes_of[kind])];
}

void mmu_init(struct mmu_caches *m, const struct scn_platform *p,
              const struct mmu_choices *choices, uint64_t seed, void *mem)
{
    unsigned char *at = mem;

    assert((uintptr_t)mem % LINE_BYTES == 0);
    *m = (struct mmu_caches){
        .l2_has_s2 = p->l2.cfg.entries_n && p->l2.cfg.sizes_of[TLB_S2_ONLY],
        .l2_has_s1 = p->l2.cfg.entries_n && p->l2.cfg.sizes_of[TLB_S1_ONLY],
        .hold_groups = p->contiguous == SCN_CONTIGUOUS_GROUP,
        .remove_groups = p->tlbi_contiguous == SCN_CONTIGUOUS_GROUP,
        .nt_counts = p->feat.bbm_level == 1 || p->feat.bbm_level == 2,
        .nt_fragment = choices->nt_fragment,
        .nt_conflicts = choices->nt_response == WALK_NT_TRANSLATE_OR_CONFLICT,
        .conflict = choices->conflict,
        .met = choices->met,
        .met_ctx = choices->met_ctx,
    };
    m->l1i = new_tlb(&at, &p->l1i, choices, seed);
    m->l1d = new_tlb(&at, &p->l1d, choices, seed + 1);
    m->l2 = new_tlb(&at, &p->l2, choices, seed + 2);
    m->s2 = new_tlb(&at, &p->s2, choices, seed + 3);

    const uint8_t s2 = shift_min(&p->s2.cfg, TLB_S2_ONLY);
    const uint8_t l2 = shift_min(&p->l2.cfg, TLB_S2_ONLY);
    m->s2_shift_min = s2 < l2 ? s2 : l2;
    for (unsigned stage = 0; stage < 2; stage++) {
        for (unsigned level = 0; level < 3; level++)
            m->tables[stage][level] = new_tlb(&at, &p->walk_cache[stage][level],
                                              choices, seed + 4 + stage * 3 + level);
        m->has_tables[stage] = m->tables[stage][0] != NULL ||
                               m->tables[stage][1] != NULL ||
                               m->tables[stage][2] != NULL;
    }
}

unsigned mmu_structures(const struct mmu_caches *m, struct tlb *out[MMU_STRUCTURES_MAX])
{
    struct tlb *const all[MMU_STRUCTURES_MAX] = {
        m->l1i,          m->l1d,          m->l2,           m->s2,
        m->tables[0][0], m->tables[0][1], m->tables[0][2], m->tables[1][0],
        m->tables[1][1], m->tables[1][2]};
    unsigned n = 0;

    for (unsigned i = 0; i < MMU_STRUCTURES_MAX; i++) {
        if (all[i] != NULL)
            out[n++] = all[i];
    }
    return n;
}

bool mmu_may_conflict(const struct mmu_caches *m)
{
    return (m->l1d != NULL && tlb_may_conflict(m->l1d)) ||
           (m->l2 != NULL && tlb_may_conflict(m->l2)) ||
           (m->l1i != NULL && tlb_may_conflict(m->l1i)) ||
           (m->s2 != NULL && tlb_may_conflict(m->s2));
}

uint64_t mmu_conflicts_n(const struct mmu_caches *m)
{
    struct tlb *all[MMU_STRUCTURES_MAX];
    const unsigned n = mmu_structures(m, all);
    uint64_t conflicts_n = m->n.nt_conflicts;

    for (unsigned i = 0; i < n; i++)
        conflicts_n += tlb_conflicts_n(all[i]);
    return conflicts_n;
}

struct tlb *mmu_l1(struct mmu_caches *m, enum arch_access access)
{
    return access == ARCH_EXECUTE ? m->l1i : m->l1d;
}

void mmu_fill_l1(struct mmu_caches *m, const struct tlb_entry *from, uint64_t va,
                 enum arch_access access)
{
    struct tlb *l1 = mmu_l1(m, access);
    struct tlb_entry e = *from;

    if (l1 == NULL)
        return;
    e.oa.v += va - from->ia;
    e.ia = va;
    e.span_shift = (uint8_t)mmu_span_of(from);
    mmu_hold(m, l1, &e);
}

unsigned mmu_span_of(const struct tlb_entry *e)
{
    return e->tlbi_shift < e->span_shift ? e->size_shift : e->span_shift;
}

/* The leaf itself was read at via; a last-level TLBI says nothing of the tables above.
 */
static bool is_stale(const struct arch_tlbi *op, const struct tlb_entry *e,
                     uint64_t before_ps)
{
    return tlb_is_stale(op, e, before_ps) &&
           (!op->last_level || e->table || e->via < before_ps);
}

/* Not inlined: hardly any walk is that old. */
__attribute__((noinline)) static void count_stale(struct mmu_caches *m,
                                                  const struct tlb_entry *made)
{
    for (unsigned i = 0; i < MMU_DONE_MAX; i++) {
        if (m->done[i].issued_ps != 0 &&
            is_stale(&m->done[i].op, made, m->done[i].issued_ps))
            m->n.stale++;
    }
}

void mmu_hold(struct mmu_caches *m, struct tlb *t, const struct tlb_entry *e)
{
    const struct tlb_entry *made = tlb_fill(t, e);

    if (made != NULL &&
        (made->stamp < m->done_issued_ps || made->stamp_s2 < m->done_issued_ps))
        count_stale(m, made);
}

void mmu_completed(struct mmu_caches *m, const struct arch_tlbi *op, uint64_t issued_ps)
{
    m->done[m->done_next].op = *op;
    m->done[m->done_next].issued_ps = issued_ps;
    m->done_next = (m->done_next + 1) % MMU_DONE_MAX;
    if (issued_ps > m->done_issued_ps)
        m->done_issued_ps = issued_ps;
}

void mmu_invalidate(struct mmu_caches *m, const struct arch_tlbi *op)
{
    struct tlb *all[MMU_STRUCTURES_MAX];
    const unsigned n = mmu_structures(m, all);

    for (unsigned i = 0; i < n; i++) {
        const struct tlb_removed removed = tlb_invalidate(all[i], op);

        m->n.removed += removed.n;
        m->n.removed_wide += removed.wide_n;
        m->n.removed_extra += removed.extra_n;
    }
}

struct leaves {
    const struct arch_tlbi *op;
    uint64_t before_ps;
    uint32_t stale_n;
};

static void count_leaf(const struct tlb_entry *e, void *ctx)
{
    struct leaves *l = ctx;

    l->stale_n += is_stale(l->op, e, l->before_ps);
}

static uint32_t count_stale_leaves(const struct tlb *t, const struct arch_tlbi *op,
                                   uint64_t before_ps)
{
    struct leaves l = {op, before_ps, 0};

    tlb_for_each(t, count_leaf, &l);
    return l.stale_n;
}

uint32_t mmu_count_stale(const struct mmu_caches *m, const struct arch_tlbi *op,
                         uint64_t before_ps)
{
    struct tlb *all[MMU_STRUCTURES_MAX];
    const unsigned n = mmu_structures(m, all);
    uint32_t stale_n = 0;

    for (unsigned i = 0; i < n; i++) {
        const uint32_t found_n = tlb_count_stale(all[i], op, before_ps);

        stale_n += found_n != 0 && op->last_level
                       ? count_stale_leaves(all[i], op, before_ps)
                       : found_n;
    }
    return stale_n;
}
