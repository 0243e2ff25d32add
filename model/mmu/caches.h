/* SPDX-License-Identifier: Apache-2.0 */
/* model/mmu/caches.h - the translation caches of one PE: what they answer to a walk,
 * what they take from it, and what a TLBI removes.
 *
 * Level 1 instruction and data TLB, level 2 TLB, cache of stage 2 translations, walk
 * caches by stage and level; each optional. Nothing here takes time: the caller asks at
 * the moment at which the structures are read. */
#ifndef MODEL_MMU_CACHES_H
#define MODEL_MMU_CACHES_H

#include "model/scenario/platform.h"
#include "tlb/tlb.h"
#include "walker/translate.h"

#define MMU_MET_MAX 8
#define MMU_DONE_MAX 8

/* Counted since mmu_new(). */
struct mmu_counts {
    uint64_t s1_table_hits, s2_table_hits; /* walks that went on behind the start */
    uint64_t s1_leaf_hits, s2_leaf_hits;   /* walks of a stage that read nothing */
    uint64_t removed, removed_wide, removed_extra; /* entries; see struct tlb_removed */
    uint64_t nt_conflicts; /* walks that met a block with nT over entries of pages */
    uint64_t unfilled;     /* what a walk found and a TLBI served meanwhile kept out */
    uint64_t stale; /* entries made although a completed TLBI covers them: must be 0 */
};

struct mmu_caches {
    struct tlb *l1i, *l1d, *l2, *s2; /* NULL: the core has none */
    struct tlb *tables[2][3];        /* [stage - 1][level of the table descriptor] */
    bool l2_has_s2;                  /* l2 holds stage 2 only entries as well */
    bool l2_has_s1;       /* l2 holds stage 1 only instead of combined ones */
    bool has_tables[2];   /* [stage - 1] some of tables */
    uint8_t s2_shift_min; /* log2 of the smallest entry of TLB_S2_ONLY in s2 and l2 */
    bool hold_groups, remove_groups; /* contiguous groups: in one entry; by one TLBI */
    /* Of a block whose nT counts: a page may be held; its use may be a conflict. */
    bool nt_counts, nt_fragment, nt_conflicts;
    enum tlb_conflict conflict;          /* the response to any */
    void (*met)(void *ctx, uint64_t ia); /* as in struct mmu_choices */
    void *met_ctx;
    struct {
        struct arch_tlbi op;
        uint64_t issued_ps;
    } done[MMU_DONE_MAX]; /* the last TLBIs that were completed, a ring */
    unsigned done_next;
    uint64_t done_issued_ps; /* the latest moment at which one of them was issued */
    struct mmu_counts n;
};

/* One walk, with what it needs to fill the caches. */
struct mmu_walk {
    struct walk walk;
    struct tlb_tag who;
    uint64_t va; /* bits 63:56 are copies of bit 55 */
    enum arch_access access;
    /* Oldest information used: of stage 1 and of what combines both; of stage 2; and of
     * the stage 2 walk under way. Times of the caller's clock. */
    uint64_t stamp, stamp_s2, stamp_sub;
    uint64_t stamp_leaf; /* of the leaf of stage 1 alone, whatever tables led to it */
    uint64_t begin_ps;
    /* TLBIs of its regime and VMID served since it began; if there are more, some stand
     * for several. */
    struct arch_tlbi met[MMU_MET_MAX];
    unsigned met_n;
};

/* What the architecture leaves to the core and a run may choose. */
struct mmu_choices {
    enum walk_nt_response nt_response;
    bool nt_fragment;
    enum tlb_conflict conflict;
    /* NULL: nobody. Told of a conflict that does not abort. */
    void (*met)(void *ctx, uint64_t ia);
    void *met_ctx;
};

/* Bytes of memory that mmu_init() needs; alignment 64. */
size_t mmu_bytes(const struct scn_platform *p);

/* Empty caches as the platform has them, in mem, which must outlive them; seed: of
 * random choices. */
void mmu_init(struct mmu_caches *m, const struct scn_platform *p,
              const struct mmu_choices *choices, uint64_t seed, void *mem);

/* A VA as entries, look-ups and TLBIs hold it. */
static inline uint64_t mmu_canonical(struct arch_va va)
{
    return (uint64_t)((int64_t)(va.v << 8) >> 8);
}

/* The L1 TLB that an access looks in; NULL: none. */
struct tlb *mmu_l1(struct mmu_caches *m, enum arch_access access);

/* What the L1 TLB takes of a translation: the part around va. */
void mmu_fill_l1(struct mmu_caches *m, const struct tlb_entry *from, uint64_t va,
                 enum arch_access access);

/* ---- a walk ---- */

/* Begins at now_ps. ctx must live until the walk ends. Of query->s1_unasked and
 * s2_unasked the caller decides; see mmu_may_know(). */
enum walk_next mmu_walk_begin(struct mmu_walk *w, const struct walk_context *ctx,
                              const struct walk_query *query, uint64_t now_ps);

/* True if there is any structure that could answer what a walk asks of that stage. */
static inline bool mmu_may_know(const struct mmu_caches *m, unsigned stage)
{
    return m->has_tables[stage - 1] ||
           (stage == 2 ? m->s2 != NULL || m->l2_has_s2 : m->l2_has_s1);
}

/* After WALK_ASK: answer from what the caches hold now, and let them take what the walk
 * has learned by it. */
enum walk_next mmu_answer(struct mmu_caches *m, struct mmu_walk *w);

/* The walk goes on with a descriptor of a table that the caches may take. */
void mmu_learn_table(struct mmu_caches *m, const struct mmu_walk *w);

/* mmu_feed() of what walk_feed_table() does not take. */
enum walk_next mmu_feed_other(struct mmu_caches *m, struct mmu_walk *w, uint64_t value);

/* Feed a descriptor, or what a compare-and-swap found, and let the caches take what the
 * walk has learned of tables and of stage 2. */
static inline enum walk_next mmu_feed(struct mmu_caches *m, struct mmu_walk *w,
                                      uint64_t value)
{
    if (!walk_feed_table(&w->walk, value))
        return mmu_feed_other(m, w, value);
    if (m->has_tables[1])
        mmu_learn_table(m, w);
    return WALK_NEED_DESC;
}

/* After WALK_DONE: the L2 TLB takes the result, and unless speculative the L1 TLB of
 * the access does. Of a block with nT at most a page is held. Returns WALK_DONE, or
 * WALK_FAULT if that block may not be used because of entries of its pages. */
enum walk_next mmu_fill(struct mmu_caches *m, struct mmu_walk *w, bool speculative);

/* A TLBI is served while w is under way: what it covers must not enter a cache.
 * ArmARM: R_RVJDB, a TLBI applies to every structure that caches translations. */
void mmu_walk_meets(struct mmu_walk *w, const struct arch_tlbi *op);

/* Puts e into t; counts it if one of the TLBIs completed last forbids it. */
void mmu_hold(struct mmu_caches *m, struct tlb *t, const struct tlb_entry *e);

/* log2 of the bytes that an entry made of e may translate: of a contiguous group of
 * which a TLBI removes a page no more than e, since e may be what such a TLBI left. */
unsigned mmu_span_of(const struct tlb_entry *e);

/* False: no look-up can meet a conflict now. */
bool mmu_may_conflict(const struct mmu_caches *m);

/* Conflicts met so far, whatever came of them. */
uint64_t mmu_conflicts_n(const struct mmu_caches *m);

/* ---- TLB maintenance ---- */

void mmu_invalidate(struct mmu_caches *m, const struct arch_tlbi *op);

/* Entries that op covers and that were found before before_ps: none may be left once
 * op has completed. A last-level operation leaves the tables that led to a leaf: there
 * it counts when the leaf itself was read, which translations keep in via. */
uint32_t mmu_count_stale(const struct mmu_caches *m, const struct arch_tlbi *op,
                         uint64_t before_ps);

/* op, issued at issued_ps, has completed: nothing that it covers and that was found
 * before may be made an entry any more. */
void mmu_completed(struct mmu_caches *m, const struct arch_tlbi *op,
                   uint64_t issued_ps);

#endif
