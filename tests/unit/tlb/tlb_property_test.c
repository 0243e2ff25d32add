/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/tlb_property_test.c - random sequences, step by step like the naive
 * TLB. */
#include "tests/unit/tlb/ref_tlb.h"
#include "tests/unit/tlb/tlb_fixture.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SEEDS_N 4000u
#define STEPS_N 400u

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static unsigned below(uint64_t *random, unsigned n)
{
    return (unsigned)(next_random(random) % n);
}

static struct tlb_cfg random_cfg(uint64_t *random)
{
    static const uint8_t shifts[] = {12, 14, 16, 21, 25, 29, 30, 34, 36, 39, 42, 47};
    const unsigned first = below(random, 4);
    struct tlb_cfg cfg = {.ways_n = 1 + below(random, 9)};

    cfg.entries_n = cfg.ways_n << below(random, 5);
    for (unsigned i = first; i < sizeof(shifts) && cfg.sizes_n < TLB_SIZES_MAX; i++) {
        if (i == first || below(random, 2) == 0)
            cfg.size_shifts[cfg.sizes_n++] = shifts[i];
    }
    return cfg;
}

/* Few enough values that entries meet: pages in a row, blocks in a row, top bits. */
static uint64_t random_address(uint64_t *random)
{
    static const unsigned shifts[] = {12, 12, 12, 16, 21, 30, 40, 63};

    return ((uint64_t)below(random, 32) << shifts[below(random, 8)]) +
           ((uint64_t)below(random, 4) << 12) + below(random, 4096);
}

static uint16_t random_vmid(uint64_t *random)
{
    static const uint16_t vmids[] = {0, 1, 0x100, 0xffff};

    return vmids[below(random, 4)];
}

static uint16_t random_asid(uint64_t *random)
{
    static const uint16_t asids[] = {0, 1, 0x101, 0xffff};

    return asids[below(random, 4)];
}

static enum tlb_kind random_kind(uint64_t *random)
{
    return below(random, 2) == 0 ? TLB_COMBINED : TLB_S2_ONLY;
}

static bool same_entry(const struct tlb_entry *a, const struct tlb_entry *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return a->ia == b->ia && a->oa.v == b->oa.v && a->stamp == b->stamp &&
           a->vmid == b->vmid && a->asid == b->asid && a->size_shift == b->size_shift &&
           a->leaf_shift == b->leaf_shift && a->tlbi_shift == b->tlbi_shift &&
           a->perm_el0 == b->perm_el0 && a->perm_priv == b->perm_priv &&
           a->kind == b->kind && a->ng == b->ng && a->pan_denies == b->pan_denies &&
           a->write_clean == b->write_clean;
}

static struct tlb_entry random_leaf(uint64_t *random)
{
    static const uint8_t leaf_shifts[] = {12, 14, 16, 21, 25, 29, 30, 39, 42, 47};
    struct tlb_entry leaf = {.ia = random_address(random),
                             .oa = arch_pa(next_random(random)),
                             .stamp = next_random(random),
                             .vmid = random_vmid(random),
                             .asid = random_asid(random),
                             .size_shift = (uint8_t)below(random, 64),
                             .leaf_shift =
                                 leaf_shifts[below(random, sizeof(leaf_shifts))],
                             .perm_el0 = (uint8_t)below(random, 8),
                             .perm_priv = (uint8_t)below(random, 8),
                             .kind = (uint8_t)random_kind(random),
                             .ng = below(random, 2),
                             .pan_denies = below(random, 2),
                             .write_clean = below(random, 2)};

    leaf.tlbi_shift = below(random, 3) == 0
                          ? (uint8_t)(below(random, 2) * 64)
                          : leaf_shifts[below(random, sizeof(leaf_shifts))];
    return leaf;
}

static bool fill_agrees(struct tlb *t, struct ref_tlb *r, uint64_t *random)
{
    const struct tlb_entry leaf = random_leaf(random);

    return same_entry(tlb_fill(t, &leaf), ref_fill(r, &leaf));
}

static bool lookup_agrees(struct tlb *t, struct ref_tlb *r, uint64_t *random)
{
    const uint16_t vmid = random_vmid(random);
    const uint16_t asid = random_asid(random);
    const enum tlb_kind kind = random_kind(random);
    const uint64_t ia = random_address(random);

    return same_entry(tlb_lookup(t, vmid, asid, kind, ia),
                      ref_lookup(r, vmid, asid, kind, ia));
}

static bool invalidate_agrees(struct tlb *t, struct ref_tlb *r, uint64_t *random)
{
    /* mostly by address, since the others leave little to go on with */
    static const enum arch_tlbi_op ops[] = {
        ARCH_TLBI_IPAS2, ARCH_TLBI_IPAS2,    ARCH_TLBI_IPAS2, ARCH_TLBI_IPAS2,
        ARCH_TLBI_VA,    ARCH_TLBI_VA,       ARCH_TLBI_VAA,   ARCH_TLBI_ASID,
        ARCH_TLBI_VMALL, ARCH_TLBI_VMALLS12, ARCH_TLBI_ALL,
    };
    const struct arch_tlbi op = {.op = ops[below(random, 11)],
                                 .domain = ARCH_ISH,
                                 .vmid = random_vmid(random),
                                 .asid = random_asid(random),
                                 .first = random_address(random)};

    return tlb_invalidate(t, &op) == ref_invalidate(r, &op);
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

static bool contents_agree(const struct tlb *t, const struct ref_tlb *r)
{
    struct membership m = {r, 0, 0};

    tlb_for_each(t, visit, &m);
    return m.visited_n == r->used_n && m.found_n == r->used_n;
}

/* The number of the first step that disagrees, or 0. */
static unsigned first_difference(struct tlb *t, struct ref_tlb *r, uint64_t *random)
{
    for (unsigned step = 1; step <= STEPS_N; step++) {
        const unsigned choice = below(random, 40);
        const bool agrees = choice < 19   ? fill_agrees(t, r, random)
                            : choice < 38 ? lookup_agrees(t, r, random)
                                          : invalidate_agrees(t, r, random);

        if (!agrees || (step % 50 == 0 && !contents_agree(t, r)))
            return step;
    }
    return 0;
}

static void random_sequences_agree_with_the_naive_tlb(void **state)
{
    struct ref_tlb *ref = malloc(sizeof(*ref));

    (void)state;
    assert_non_null(ref);
    for (uint64_t seed = 1; seed <= SEEDS_N; seed++) {
        uint64_t random = seed;
        const struct tlb_cfg cfg = random_cfg(&random);
        struct tlb_fixture f = fixture_new(&cfg);

        ref_init(ref, &cfg);

        const unsigned step = first_difference(f.tlb, ref, &random);

        if (step != 0)
            fail_msg("seed %" PRIu64 ", step %u: %u entries, %u ways, %u sizes", seed,
                     step, cfg.entries_n, cfg.ways_n, cfg.sizes_n);
        fixture_free(&f);
    }
    free(ref);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_sequences_agree_with_the_naive_tlb),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
