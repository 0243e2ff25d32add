/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/plan_test.c - walks with the plans of their registers against walks
 * without, which the general functions decide alone. */
#include "tests/unit/walker/walk_fixture.h"
#include "walker/arch/desc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CASES_N 150000
#define STEPS_MAX 200
#define SEED UINT64_C(0x706c616e)
#define BIT(n) (UINT64_C(1) << (n))

static uint64_t mix(uint64_t z) /* splitmix64 */
{
    z += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint64_t draw(uint64_t *random)
{
    *random += 1;
    return mix(*random);
}

/* Mostly plain: each kind of bit that makes a descriptor another one is rare. */
static uint64_t descriptor(uint64_t seed, uint64_t pa)
{
    uint64_t dice = mix(mix(seed) ^ pa);
    uint64_t d = mix(dice) & 0x3ffff000;

    d |= ARCH_DESC_VALID | ARCH_DESC_AF | ARCH_DESC_S2AP_R | ARCH_DESC_S2AP_W;
    d |= dice & 7 ? ARCH_DESC_TABLE : 0;
    d ^= dice >> 8 & 15 ? 0 : ARCH_DESC_DBM | ARCH_DESC_S2AP_W;
    for (unsigned n = 0; n < 64; n++) {
        dice = mix(dice);
        if (dice % 1024 == 0)
            d ^= BIT(n);
    }
    return d;
}

/* 4K, 16K or 64K with a start table and sizes that fit most of the time. */
static uint64_t random_vtcr(uint64_t *random)
{
    static const uint8_t tg0[] = {0, 0, 2, 1};
    const uint64_t t0sz = 16 + draw(random) % (draw(random) % 4 ? 12 : 24);
    const uint64_t ps = draw(random) % 4 ? 5 + draw(random) % 2 : draw(random) % 8;

    return BIT(31) | t0sz | draw(random) % 4 << 6 |
           (uint64_t)tg0[draw(random) % 4] << 14 | ps << 16 |
           (draw(random) & (BIT(19) | BIT(21) | BIT(22))) |
           (draw(random) % 4 ? 0 : BIT(32)) | (draw(random) % 8 ? 0 : BIT(33));
}

static uint64_t random_tcr(uint64_t *random)
{
    const uint64_t size = 16 + draw(random) % 20;

    return size | size << 16 | draw(random) % 4 << 14 | draw(random) % 4 << 30 |
           (draw(random) % 4 ? UINT64_C(5) : draw(random) % 8) << 32 |
           (draw(random) & draw(random) & (BIT(39) | BIT(40))) |
           (draw(random) % 8 ? 0 : BIT(41) | BIT(42)) |
           (draw(random) % 4 ? 0 : BIT(59));
}

static struct walk_regs random_regs(uint64_t *random)
{
    const uint64_t far = draw(random) % 16 ? 0 : draw(random) & UINT64_C(0xffff) << 32;

    return (struct walk_regs){
        .sctlr_el1 = 1 | (draw(random) % 4 ? 0 : BIT(19)),
        .tcr_el1 = random_tcr(random),
        .ttbr0_el1 = (draw(random) & 0x3fff0000) | far,
        .ttbr1_el1 = draw(random) & 0x3fff0000,
        .sctlr_el2 = 1,
        .tcr_el2 = random_tcr(random),
        .ttbr0_el2 = draw(random) & 0x3fff0000,
        .hcr_el2 = (draw(random) % 8 ? HCR_VM : 0) | (draw(random) % 8 ? 0 : HCR_PTW) |
                   (draw(random) % 8 ? 0 : BIT(46)),
        .vtcr_el2 = random_vtcr(random),
        .vttbr_el2 = (draw(random) & 0x3fff0000) | far,
    };
}

static struct walk_query random_query(uint64_t *random)
{
    const uint64_t va = draw(random) & (BIT(16 + draw(random) % 33) - 1);
    const enum walk_how how =
        draw(random) % 4 ? WALK_ACCESS : (enum walk_how)(draw(random) % 4);

    return (struct walk_query){
        .va = {draw(random) % 8 ? va : ~va},
        .access = (enum arch_access)(draw(random) % 3),
        .how = how,
        .el = (uint8_t)(how == WALK_AT_S12 || draw(random) % 8 ? draw(random) % 2 : 2),
        .pan = draw(random) % 2,
        .ask = draw(random) % 4 == 0,
    };
}

static struct walk_cpu random_cpu(uint64_t *random)
{
    static const uint8_t pa_bits[] = {40, 44, 48, 52};
    struct walk_cpu cpu = cpu_max();

    cpu.features.pa_bits = pa_bits[draw(random) % 4];
    cpu.features.bbm_level = (uint8_t)(draw(random) % 4);
    cpu.features.xnx = draw(random) % 2;
    cpu.nt_response = draw(random) % 2 ? WALK_NT_FAULT : WALK_NT_TRANSLATE;
    cpu.contiguous_faults = draw(random) % 2;
    cpu.af_on_permission_fault = draw(random) % 2;
    return cpu;
}

/* ---- both walks, step by step ---- */

struct pair {
    struct walk_context ctx[2]; /* with plans, without */
    struct walk w[2];
    enum walk_next next[2];
};

static void forget_plans(struct walk_context *ctx)
{
    const struct walk_plan none = {.known = false};

    for (unsigned half = 0; half < 2; half++)
        ctx->el10.half[half].plan = ctx->host.half[half].plan = none;
    ctx->s2.plan = none;
}

static bool same_fault(const struct walk *a, const struct walk *b)
{
    return a->fault.type == b->fault.type && a->fault.stage == b->fault.stage &&
           a->fault.level == b->fault.level && a->fault.s1ptw == b->fault.s1ptw &&
           a->fault.nt == b->fault.nt && a->fault_ipa.v == b->fault_ipa.v;
}

static bool same_perms(struct walk_perms a, struct walk_perms b)
{
    return a.el0 == b.el0 && a.priv == b.priv && a.pan_denies == b.pan_denies;
}

static bool same_result(const struct walk_result *a, const struct walk_result *b)
{
    return a->ipa.v == b->ipa.v && a->pa.v == b->pa.v &&
           a->s1_leaf_shift == b->s1_leaf_shift &&
           a->s2_leaf_shift == b->s2_leaf_shift &&
           a->s1_group_shift == b->s1_group_shift &&
           a->s2_group_shift == b->s2_group_shift && same_perms(a->perms, b->perms) &&
           same_perms(a->s1_perms, b->s1_perms) &&
           same_perms(a->s2_perms, b->s2_perms) && a->ng == b->ng &&
           a->write_clean == b->write_clean && a->s1_write_clean == b->s1_write_clean &&
           a->s1_nt == b->s1_nt && a->s2_nt == b->s2_nt &&
           a->s1_contiguous == b->s1_contiguous &&
           a->s2_contiguous == b->s2_contiguous && a->s2_device == b->s2_device &&
           a->descs_n == b->descs_n;
}

static bool same_desc(const struct walk *a, const struct walk *b, enum walk_next next)
{
    const bool same = a->desc_pa.v == b->desc_pa.v && a->stage == b->stage &&
                      a->level == b->level && a->for_s1 == b->for_s1 &&
                      a->s1_desc_ipa.v == b->s1_desc_ipa.v;

    return same && (next == WALK_NEED_DESC ||
                    (a->desc == b->desc && a->desc_new == b->desc_new));
}

static bool same_ask(const struct walk_ask *a, const struct walk_ask *b)
{
    return a->stage == b->stage && a->for_s1 == b->for_s1 &&
           a->for_write == b->for_write && a->ia == b->ia;
}

static bool same_table(const struct walk *a, const struct walk *b)
{
    struct walk_table t, u;
    const bool found = walk_table_found(a, &t);

    if (found != walk_table_found(b, &u))
        return false;
    return !found || (t.ia == u.ia && t.ipa.v == u.ipa.v && t.pa.v == u.pa.v &&
                      t.attrs == u.attrs && t.level == u.level &&
                      t.region_shift == u.region_shift && t.pa_valid == u.pa_valid);
}

static bool same_s2(const struct walk *a, const struct walk *b)
{
    struct walk_s2_leaf l, m;
    const bool found = walk_s2_found(a, &l);

    if (found != walk_s2_found(b, &m))
        return false;
    return !found ||
           (l.ipa.v == m.ipa.v && l.pa.v == m.pa.v && same_perms(l.perms, m.perms) &&
            l.leaf_shift == m.leaf_shift && l.group_shift == m.group_shift &&
            l.write_clean == m.write_clean && l.nt == m.nt && l.device == m.device);
}

static bool same(const struct pair *p)
{
    const struct walk *a = &p->w[0], *b = &p->w[1];

    if (p->next[0] != p->next[1] || !same_s2(a, b))
        return false;
    switch (p->next[0]) {
    case WALK_NEED_DESC:
        return same_desc(a, b, WALK_NEED_DESC) && same_table(a, b);
    case WALK_NEED_CAS:
        return same_desc(a, b, WALK_NEED_CAS);
    case WALK_ASK:
        return same_ask(&a->ask, &b->ask);
    case WALK_FAULT:
        return same_fault(a, b);
    case WALK_DONE:
        return same_result(&a->result, &b->result);
    }
    return false;
}

static void begin(struct pair *p, const struct walk_query *query)
{
    for (unsigned i = 0; i < 2; i++)
        p->next[i] = walk_begin(&p->w[i], &p->ctx[i], query);
}

/* lost: the compare-and-swap finds what somebody else has written. */
static void take_step(struct pair *p, uint64_t seed, bool lost)
{
    const struct walk *w = &p->w[0];
    const enum walk_next next = p->next[0];
    const uint64_t value = next == WALK_NEED_CAS ? w->desc ^ (lost ? BIT(55) : 0)
                                                 : descriptor(seed, w->desc_pa.v);

    for (unsigned i = 0; i < 2; i++)
        p->next[i] =
            next == WALK_ASK ? walk_skip(&p->w[i]) : walk_feed(&p->w[i], value);
}

static bool goes_on(const struct pair *p)
{
    return p->next[0] != WALK_DONE && p->next[0] != WALK_FAULT;
}

static void with_and_without_a_plan_each_step_is_the_same(void **state)
{
    static struct pair p;
    unsigned done_n = 0, plain_n = 0;
    uint64_t random = SEED;

    (void)state;
    for (size_t row = 0; row < CASES_N; row++) {
        const struct walk_cpu cpu = random_cpu(&random);
        const struct walk_regs regs = random_regs(&random);
        const struct walk_query query = random_query(&random);
        const uint64_t seed = draw(&random);
        unsigned steps_n = 0;

        walk_context_init(&p.ctx[0], &cpu, &regs);
        p.ctx[1] = p.ctx[0];
        forget_plans(&p.ctx[1]);
        begin(&p, &query);
        for (; same(&p) && goes_on(&p) && steps_n < STEPS_MAX; steps_n++)
            take_step(&p, seed, draw(&random) % 8 == 0);
        check_row(row, "the step is the same", same(&p), true);
        done_n += p.next[0] == WALK_DONE;
        plain_n += p.next[0] == WALK_DONE && p.ctx[0].s2.plan.known && steps_n > 8;
    }
    assert_true(done_n > CASES_N / 20); /* the cases are no mere faults */
    assert_true(plain_n > CASES_N / 100);
}

static void an_unasked_stage_goes_on_as_if_nothing_were_cached(void **state)
{
    static struct pair p;
    uint64_t random = SEED;

    (void)state;
    for (size_t row = 0; row < CASES_N / 10; row++) {
        const struct walk_cpu cpu = random_cpu(&random);
        const struct walk_regs regs = random_regs(&random);
        struct walk_query query = random_query(&random);
        const uint64_t seed = draw(&random);

        walk_context_init(&p.ctx[0], &cpu, &regs);
        p.ctx[1] = p.ctx[0];
        query.ask = true;
        p.next[1] = walk_begin(&p.w[1], &p.ctx[1], &query);
        query.s1_unasked = draw(&random) % 2;
        query.s2_unasked = draw(&random) % 2;
        p.next[0] = walk_begin(&p.w[0], &p.ctx[0], &query);
        for (unsigned steps_n = 0; goes_on(&p) && steps_n < STEPS_MAX; steps_n++) {
            while (p.next[1] == WALK_ASK &&
                   (p.w[1].ask.stage == 1 ? query.s1_unasked : query.s2_unasked))
                p.next[1] = walk_skip(&p.w[1]);
            check_row(row, "the step is the same", same(&p), true);
            take_step(&p, seed, false);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_and_without_a_plan_each_step_is_the_same),
        cmocka_unit_test(an_unasked_stage_goes_on_as_if_nothing_were_cached),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
