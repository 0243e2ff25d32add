/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/translate_property_test.c - random registers, tables and accesses
 * against a naive recursion, with and without other PEs that write descriptors. */
#include "tests/unit/walker/naive.h"
#include "tests/unit/walker/walk_fixture.h"
#include "walker/arch/desc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CASES_N 60000
#define SEED UINT64_C(20240229)
#define WORDS_N 128
#define BIT(n) (UINT64_C(1) << (n))
#define SOFTWARE_BIT BIT(55) /* of leaves: ignored by hardware */

/* Descriptors come into being when they are looked at, by address and seed. */
struct naive_memory {
    uint64_t seed;
    struct {
        uint64_t pa, value;
    } words[WORDS_N];
    size_t n;
};

static uint64_t mix(uint64_t z)
{
    z += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint64_t next_random(uint64_t *state)
{
    *state += 1;
    return mix(*state);
}

/* Mostly valid, accessible and inside 32 bits. */
static uint64_t descriptor(uint64_t seed, uint64_t pa)
{
    const uint64_t dice = mix(mix(seed) ^ pa);
    uint64_t d = mix(dice) & ~SOFTWARE_BIT;

    if (dice % 16)
        d |= 1;
    if (dice >> 4 & 1)
        d |= 2;
    if (dice >> 5 & 3)
        d |= ARCH_DESC_AF;
    if (dice >> 7 & 3)
        d |= ARCH_DESC_S2AP_R | ARCH_DESC_S2AP_W;
    if (dice >> 9 & 15)
        d &= ~(UINT64_C(0x7c03) << 48 | UINT64_C(0xffff) << 32 | 0xf300);
    return d;
}

static uint64_t *word_at(struct naive_memory *m, uint64_t pa)
{
    for (size_t i = 0; i < m->n; i++) {
        if (m->words[i].pa == pa)
            return &m->words[i].value;
    }
    assert_true(m->n < WORDS_N);
    m->words[m->n].pa = pa;
    m->words[m->n].value = descriptor(m->seed, pa);
    return &m->words[m->n++].value;
}

/* word with the bits of mask from value, in most cases. */
static uint64_t mostly(uint64_t *state, uint64_t word, uint64_t mask, uint64_t value)
{
    return next_random(state) % 8 ? (word & ~mask) | (value & mask) : word;
}

static uint64_t random_tcr(uint64_t *state, bool one_half, unsigned size)
{
    uint64_t tcr = next_random(state);

    tcr = mostly(state, tcr, 0xbf00bf, (uint64_t)size << 16 | size);
    if (one_half)
        return mostly(state, tcr, 7 << 16, 5 << 16);
    tcr = mostly(state, tcr, UINT64_C(7) << 32, UINT64_C(5) << 32);
    return mostly(state, tcr, BIT(55) | BIT(56), 0);
}

static struct walk_regs random_regs(uint64_t *state, unsigned size)
{
    static const uint64_t good_vtcr[] = {
        32 | 1 << 6,           24 | 1 << 6,           20 | 2 << 6,
        25 | 1 << 6 | 1 << 14, 30 | 1 << 6 | 2 << 14, 17 | 2 << 6 | 2 << 14,
    };
    const uint64_t base = UINT64_C(0xffff) << 32 | 0x3e;
    const uint64_t vtcr = good_vtcr[next_random(state) % ROWS_N(good_vtcr)];
    struct walk_regs r = {
        .sctlr_el1 = mostly(state, next_random(state), 1, 1),
        .sctlr_el2 = mostly(state, next_random(state), 1, 1),
        .ttbr0_el1 = mostly(state, next_random(state), base, 0),
        .ttbr1_el1 = mostly(state, next_random(state), base, 0),
        .ttbr0_el2 = mostly(state, next_random(state), base, 0),
        .ttbr1_el2 = mostly(state, next_random(state), base, 0),
        .vttbr_el2 = mostly(state, next_random(state), base, 0),
        .hcr_el2 = mostly(state, next_random(state), BIT(2) | BIT(12) | BIT(27), 0),
        .vtcr_el2 = mostly(state, next_random(state), UINT64_C(3) << 32 | 0xc0ff, vtcr),
    };

    r.vtcr_el2 = mostly(state, r.vtcr_el2, 7 << 16, 5 << 16);
    r.tcr_el1 = random_tcr(state, false, size);
    r.tcr_el2 = random_tcr(state, !(r.hcr_el2 & BIT(34)), size);
    return r;
}

static struct walk_query random_query(uint64_t *state, unsigned size)
{
    const uint64_t dice = next_random(state);
    const uint64_t inside = (BIT(64 - size) - 1) & UINT64_C(0xfffffffff);
    struct walk_query q = {.va = {next_random(state)},
                           .access = (enum arch_access)(dice % 3),
                           .how = (enum walk_how)(dice >> 8 & 3),
                           .el = (dice >> 16) % 3,
                           .pan = dice >> 24 & 1};

    if (q.how == WALK_AT_S12)
        q.el %= 2;
    q.va.v = mostly(state, q.va.v, ~inside, dice >> 32 & 1 ? ~UINT64_C(0) : 0);
    return q;
}

/* Takes part in the walk of w; spoils: each leaf's first swap is lost to another PE
 * that sets the software bit. */
static uint64_t serve(struct naive_memory *m, const struct walk *w, enum walk_next next,
                      bool spoils)
{
    uint64_t *word = word_at(m, w->desc_pa.v);

    if (next == WALK_NEED_DESC)
        return *word;
    if (spoils)
        *word |= SOFTWARE_BIT;
    const uint64_t found = *word;
    if (found == w->desc)
        *word = w->desc_new;
    return found;
}

static struct naive_answer walk_answer(const struct walk_regs *regs,
                                       const struct walk_query *q,
                                       struct naive_memory *m, bool spoils)
{
    const struct walk_cpu cpu = cpu_max();
    struct walk_context ctx;
    struct walk w;
    unsigned steps_n = 0;

    walk_context_init(&ctx, &cpu, regs);
    enum walk_next next = walk_begin(&w, &ctx, q);
    while (next == WALK_NEED_DESC || next == WALK_NEED_CAS) {
        assert_true(++steps_n <= WALK_STEPS_MAX * (spoils ? 4 : 1));
        next = walk_feed(&w, serve(m, &w, next, spoils));
    }
    if (next == WALK_DONE)
        return (struct naive_answer){.pa = w.result.pa.v};
    return (struct naive_answer){.type = w.fault.type,
                                 .stage = w.fault.stage,
                                 .level = w.fault.level,
                                 .s1ptw = w.fault.s1ptw,
                                 .fault_ipa = w.fault_ipa.v};
}

static void check_answer(size_t row, const struct naive_answer *got,
                         const struct naive_answer *want)
{
    char rule[64];

    snprintf(rule, sizeof(rule), "seed %" PRIu64, SEED);
    check_row(row, rule, got->type, want->type);
    check_row(row, rule, got->pa, want->pa);
    if (want->type == ARCH_FAULT_NONE)
        return;
    check_row(row, rule, got->stage, want->stage);
    check_row(row, rule, got->level, want->level);
    check_row(row, rule, got->s1ptw, want->s1ptw);
    if (want->stage == 2)
        check_row(row, rule, got->fault_ipa, want->fault_ipa);
}

static void check_memory(size_t row, struct naive_memory *got,
                         struct naive_memory *want)
{
    for (size_t i = 0; i < want->n; i++)
        check_row(row, "memory", *word_at(got, want->words[i].pa) & ~SOFTWARE_BIT,
                  want->words[i].value & ~SOFTWARE_BIT);
}

/* Counts what the cases reach, so that the test shows that it tests something. */
struct reached {
    unsigned done_n, s1_n, s2_n, s1ptw_n, updated_n;
};

static void count(struct reached *r, const struct naive_answer *a,
                  const struct naive_memory *m)
{
    r->done_n += a->type == ARCH_FAULT_NONE;
    r->s1_n += a->type != ARCH_FAULT_NONE && a->stage == 1;
    r->s2_n += a->type != ARCH_FAULT_NONE && a->stage == 2 && !a->s1ptw;
    r->s1ptw_n += a->s1ptw;
    for (size_t i = 0; i < m->n; i++) {
        if (m->words[i].value != descriptor(m->seed, m->words[i].pa)) {
            r->updated_n++;
            return;
        }
    }
}

static void random_translations_are_those_of_a_naive_recursion(void **state)
{
    uint64_t random = SEED;
    struct reached reached = {0};

    (void)state;
    for (size_t i = 0; i < CASES_N; i++) {
        const unsigned size = 16 + (unsigned)(next_random(&random) % 28);
        const struct walk_regs regs = random_regs(&random, size);
        const struct walk_query q = random_query(&random, size);
        struct naive_memory ours = {.seed = random};
        struct naive_memory spoilt = ours;
        struct naive_memory theirs = ours;

        const struct naive_answer want = naive_translate(&regs, &q, word_at, &theirs);
        const struct naive_answer got = walk_answer(&regs, &q, &ours, false);
        const struct naive_answer raced = walk_answer(&regs, &q, &spoilt, true);
        check_answer(i, &got, &want);
        check_memory(i, &ours, &theirs);
        check_answer(i, &raced, &want);
        check_memory(i, &spoilt, &theirs);
        count(&reached, &want, &theirs);
    }
    print_message("done %u, stage 1 %u, stage 2 %u, s1ptw %u, updated %u\n",
                  reached.done_n, reached.s1_n, reached.s2_n, reached.s1ptw_n,
                  reached.updated_n);
    assert_true(reached.done_n > CASES_N / 50 && reached.s1_n > CASES_N / 50);
    assert_true(reached.s2_n > CASES_N / 100 && reached.s1ptw_n > CASES_N / 50);
    assert_true(reached.updated_n > CASES_N / 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_translations_are_those_of_a_naive_recursion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
