/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/tlb_property_test.c - random sequences, step by step like the naive
 * TLB.
 *
 *     tlb_property_test [SEQUENCES [SEED]]
 *
 * Each sequence is a random configuration with fills, look-ups and TLBIs, these decoded
 * from random register values. Sequence i has the seed SEED + i, so one that fails runs
 * alone as tlb_property_test 1 with the seed that is printed. */
#include "tests/unit/tlb/ref_tlb.h"
#include "tests/unit/tlb/tlb_fixture.h"
#include "tests/unit/tlb/tlb_random.h"
#include "tlb/hit.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define STEPS_N 128u
#define TLB_BYTES_MAX 131072u

static uint64_t sequences_n = 100000;
static uint64_t first_seed = 1;

/* What the sequences reached. */
struct counts {
    uint64_t hits, table_hits, hint_hits, overlaps, conflicts, evictions, not_held;
    uint64_t by_address, by_range, wide, extra, stale, nothing;
};

#define RECENT_N 16u

struct pair {
    struct tlb *t;
    struct ref_tlb *r;
    uint64_t fills_n;
    struct tlb_entry recent[RECENT_N]; /* the last entries made, in or not */
    struct counts *n;
};

static bool same_tag(const struct tlb_tag *a, const struct tlb_tag *b)
{
    return a->vmid == b->vmid && a->asid == b->asid && a->regime == b->regime;
}

static bool same_entry(const struct tlb_entry *a, const struct tlb_entry *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return a->ia == b->ia && a->oa.v == b->oa.v && a->stamp == b->stamp &&
           a->stamp_s2 == b->stamp_s2 && same_tag(&a->tag, &b->tag) &&
           a->size_shift == b->size_shift && a->span_shift == b->span_shift &&
           a->tlbi_shift == b->tlbi_shift && a->leaf_shift == b->leaf_shift &&
           a->tg == b->tg && a->s2_level == b->s2_level &&
           a->table_level == b->table_level && a->perm_el0 == b->perm_el0 &&
           a->perm_priv == b->perm_priv && a->kind == b->kind && a->table == b->table &&
           a->ng == b->ng && a->pan_denies == b->pan_denies &&
           a->write_clean == b->write_clean && a->attrs == b->attrs && a->via == b->via;
}

static bool fill_agrees(struct pair *p, uint64_t *random)
{
    struct tlb_entry found = random_entry(random);

    found.attrs = ++p->fills_n;

    const struct tlb_entry *got = tlb_fill(p->t, &found);
    const struct tlb_entry *want = ref_fill(p->r, &found, p->t);

    if (want != NULL)
        p->recent[p->fills_n % RECENT_N] = *want;
    p->n->evictions += p->r->evicted;
    p->n->not_held += want == NULL;
    return same_entry(got, want) && !p->r->illegal;
}

/* What a look-up asks for: mostly what is in or was, or nearly so. */
static struct tlb_entry random_target(const struct pair *p, uint64_t *random)
{
    const struct ref_tlb *r = p->r;
    struct tlb_entry e = random_entry(random);

    if (p->fills_n >= RECENT_N && below(random, 8) == 0) {
        e = p->recent[below(random, RECENT_N)];
    } else if (r->used_n > 0 && below(random, 4) != 0) {
        e = r->list[below(random, r->used_n)];
        e.ia += next_random(random) >> 1 & ((UINT64_C(1) << e.size_shift) - 1);
    }
    switch (below(random, 16)) {
    case 0:
        e.tag = random_tag(random);
        break;
    case 1:
        e.tag.asid = random_asid(random);
        break;
    case 2:
        e.tag.vmid = random_vmid(random);
        break;
    case 3:
        e.ia ^= UINT64_C(1) << e.size_shift;
        break;
    case 4:
        e.table = !e.table;
        break;
    default:
        break;
    }
    return e;
}

/* A hint answers as the naive TLB does, and to use it is a hit. */
static bool hint_agrees(struct pair *p, struct tlb_front *front,
                        const struct tlb_hint *h, const struct tlb_entry *e)
{
    const struct tlb_entry *want =
        ref_lookup(p->r, &e->tag, TLB_COMBINED, false, e->ia, NULL);

    p->n->hint_hits++;
    if (want == NULL || want == &tlb_conflict_abort)
        return false;
    for (unsigned perm = TLB_R; perm <= TLB_X; perm <<= 1) {
        const bool allows =
            (want->perm_priv & perm) != 0 && !(perm == TLB_W && want->write_clean);

        if (((h->allows & perm) != 0) != allows)
            return false;
    }
    tlb_hit_used(front, h);
    return e->ia + h->offset == want->oa.v + (e->ia - want->ia);
}

static const struct tlb_hint *hint_of(struct tlb_front *front,
                                      const struct tlb_entry *e)
{
    if (front == NULL || e->table || e->kind != TLB_COMBINED ||
        e->tag.regime != ARCH_REGIME_EL10)
        return NULL;
    return tlb_hit(front, tlb_whose(front, tlb_who(&e->tag)), e->ia);
}

static bool lookup_agrees(struct pair *p, uint64_t *random)
{
    const struct tlb_entry e = random_target(p, random);
    const enum tlb_kind kind = (enum tlb_kind)e.kind;
    const uint32_t matches_n = ref_matches(p->r, &e.tag, kind, false, e.ia);
    const bool there = ref_matches(p->r, &e.tag, kind, e.table, e.ia) != 0;

    p->n->hits += there;
    p->n->table_hits += there && e.table;
    p->n->overlaps += matches_n > 1;
    if (tlb_matches(p->t, &e.tag, kind, e.ia) != matches_n ||
        tlb_peek(p->t, &e.tag, kind, e.table, e.ia) != there)
        return false;

    struct tlb_front *front = tlb_front_of(p->t);
    const struct tlb_hint *hint = hint_of(front, &e);

    if (hint != NULL && !there)
        return false;
    if (hint != NULL && below(random, 8) != 0)
        return hint_agrees(p, front, hint, &e);

    const struct tlb_entry *got = tlb_lookup(p->t, &e.tag, kind, e.table, e.ia);
    const struct tlb_entry *want = ref_lookup(p->r, &e.tag, kind, e.table, e.ia, got);

    return same_entry(got, want) && tlb_conflicts_n(p->t) == p->r->conflicts_n;
}

static void count_op(struct counts *n, const struct arch_tlbi *op,
                     const struct tlb_removed *removed, uint32_t stale_n)
{
    n->wide += removed->wide_n != 0;
    n->by_address += removed->n != 0 && removed->wide_n == 0 && !op->range;
    n->by_range += removed->n != 0 && op->range;
    n->extra += removed->extra_n != 0;
    n->stale += stale_n != 0;
    n->nothing += removed->n == 0;
}

static bool predicates_agree(const struct ref_tlb *r, const struct arch_tlbi *op)
{
    for (uint32_t i = 0; i < r->used_n; i++) {
        if (tlb_op_covers(op, &r->list[i]) != ref_covers(op, &r->list[i]))
            return false;
    }
    return true;
}

static bool invalidate_agrees(struct pair *p, uint64_t *random)
{
    const struct tlb_entry near = p->r->used_n > 0
                                      ? p->r->list[below(random, p->r->used_n)]
                                      : random_entry(random);
    struct arch_tlbi op;

    if (!random_tlbi(random, &near, &op))
        return true;

    const uint64_t before = below(random, RANDOM_STAMPS_N + 1);
    const uint32_t stale_n = ref_count_stale(p->r, &op, before);

    if (!predicates_agree(p->r, &op) || tlb_count_stale(p->t, &op, before) != stale_n)
        return false;

    const struct tlb_removed want = ref_invalidate(p->r, &op);
    const struct tlb_removed got = tlb_invalidate(p->t, &op);

    count_op(p->n, &op, &want, stale_n);
    return got.n == want.n && got.wide_n == want.wide_n &&
           got.extra_n == want.extra_n && tlb_count_stale(p->t, &op, UINT64_MAX) == 0;
}

struct membership {
    const struct ref_tlb *ref;
    uint32_t found_n;
    uint32_t visited_n;
};

static void visit(const struct tlb_entry *e, void *ctx)
{
    struct membership *m = ctx;

    m->visited_n++;
    for (uint32_t i = 0; i < m->ref->used_n; i++)
        m->found_n += same_entry(e, &m->ref->list[i]);
}

static bool contents_agree(const struct pair *p)
{
    struct membership m = {p->r, 0, 0};

    tlb_for_each(p->t, visit, &m);
    return m.visited_n == p->r->used_n && m.found_n == p->r->used_n;
}

/* The number of the first step that disagrees, or 0. */
static unsigned first_difference(struct pair *p, uint64_t *random)
{
    for (unsigned step = 1; step <= STEPS_N; step++) {
        const unsigned choice = below(random, 40);
        const bool agrees = choice < 20   ? fill_agrees(p, random)
                            : choice < 34 ? lookup_agrees(p, random)
                                          : invalidate_agrees(p, random);

        if (!agrees || (step % 16 == 0 && !contents_agree(p)))
            return step;
    }
    return 0;
}

static void print_counts(const struct counts *n)
{
    print_message("hits %" PRIu64 " (of tables %" PRIu64 ", by hints %" PRIu64
                  "), overlaps %" PRIu64 " (conflicts %" PRIu64 ")"
                  ", evictions %" PRIu64 ", not held %" PRIu64
                  "; TLBIs that removed: by address %" PRIu64 ", range %" PRIu64
                  ", wide %" PRIu64 ", extra %" PRIu64 ", stale %" PRIu64
                  "; nothing %" PRIu64 "\n",
                  n->hits, n->table_hits, n->hint_hits, n->overlaps, n->conflicts,
                  n->evictions, n->not_held, n->by_address, n->by_range, n->wide,
                  n->extra, n->stale, n->nothing);
}

/* Fails if the sequences did not reach what they are meant to prove. */
static void check_counts(const struct counts *n)
{
    const uint64_t agreeing = n->overlaps - n->conflicts;
    const uint64_t reached[] = {n->hits,       n->table_hits, n->hint_hits, n->overlaps,
                                n->evictions,  n->conflicts,  agreeing,     n->not_held,
                                n->by_address, n->by_range,   n->wide,      n->extra,
                                n->stale,      n->nothing};

    if (sequences_n < 10000)
        return;
    for (size_t i = 0; i < ROWS_N(reached); i++) {
        if (reached[i] < sequences_n / 10)
            fail_msg("number %zu is too small to prove anything", i);
    }
}

static void random_sequences_agree_with_the_naive_tlb(void **state)
{
    static struct ref_tlb ref;
    static alignas(64) unsigned char mem[TLB_BYTES_MAX];
    struct counts n = {0};

    (void)state;
    for (uint64_t seed = first_seed; seed < first_seed + sequences_n; seed++) {
        uint64_t random = seed;
        const struct tlb_cfg cfg = random_cfg(&random);

        assert_int_equal(tlb_cfg_check(&cfg), ARCH_OK);
        assert_true(cfg.entries_n <= REF_ENTRIES_MAX && tlb_bytes(&cfg) <= sizeof(mem));
        ref_init(&ref, &cfg);

        struct pair p = {.t = tlb_init(mem, &cfg), .r = &ref, .n = &n};
        const unsigned step = first_difference(&p, &random);

        n.conflicts += ref.conflicts_n;

        if (step != 0)
            fail_msg("seed %" PRIu64 ", step %u: %u entries, %u ways, %u sizes", seed,
                     step, cfg.entries_n, cfg.ways_n, cfg.sizes_n);
    }
    print_counts(&n);
    check_counts(&n);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_sequences_agree_with_the_naive_tlb),
    };

    if (argc > 1)
        sequences_n = strtoull(argv[1], NULL, 10);
    if (argc > 2)
        first_seed = strtoull(argv[2], NULL, 10);
    if (argc > 3 || sequences_n == 0) {
        fprintf(stderr, "usage: tlb_property_test [SEQUENCES [SEED]]\n");
        return 2;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
