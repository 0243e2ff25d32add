/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/walk_input.c - running one input and judging each step. */
#include "tests/fuzz/walk_input.h"

#include "walker/translate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    const uint8_t *at;
    size_t n;
};

static void take(struct bytes *b, void *out, size_t n)
{
    const size_t have = b->n < n ? b->n : n;

    memset(out, 0, n);
    memcpy(out, b->at, have);
    b->at += have;
    b->n -= have;
}

static uint64_t take_word(struct bytes *b)
{
    uint64_t word;

    take(b, &word, sizeof(word));
    return word;
}

#define REQUIRE(condition)                                                             \
    do {                                                                               \
        if (!(condition)) {                                                            \
            fprintf(stderr, "broken: %s\n", #condition);                               \
            abort();                                                                   \
        }                                                                              \
    } while (0)

/* Steps of this walk and the swaps that it lost. */
struct steps {
    unsigned n, lost_n;
    unsigned pa_bits;
};

/* The answer to one step. */
static uint64_t answer(struct bytes *b, struct steps *s, enum walk_next next,
                       uint64_t pa, uint64_t desc, uint64_t desc_new)
{
    uint8_t lost;

    REQUIRE(pa % 8 == 0);
    REQUIRE(pa >> s->pa_bits == 0);
    s->n++;
    REQUIRE(s->n <= WALK_STEPS_MAX * (s->lost_n + 1));
    if (next == WALK_NEED_DESC)
        return take_word(b);
    REQUIRE(desc != desc_new);
    take(b, &lost, sizeof(lost));
    if (!(lost & 1))
        return desc;
    s->lost_n++;
    return take_word(b);
}

static void check_result(const struct walk *w, const struct walk_query *q,
                         const struct steps *s)
{
    const struct walk_result *r = &w->result;
    const bool pan = q->pan && w->ctx->el10.half[0].cpu->features.pan &&
                     (q->how == WALK_ACCESS || q->how == WALK_AT_S1_PAN);

    REQUIRE(r->pa.v >> s->pa_bits == 0);
    REQUIRE(r->s1_leaf_shift >= 12 && r->s2_leaf_shift >= 12);
    REQUIRE(walk_perms_allow(r->perms, q->access, w->query.el, pan));
    REQUIRE(!r->write_clean || (q->access != ARCH_WRITE || q->how != WALK_ACCESS));
}

static void check_fault(const struct walk *w, enum walk_next next)
{
    REQUIRE(w->fault.type != ARCH_FAULT_NONE);
    REQUIRE(w->fault.stage == 1 || w->fault.stage == 2);
    REQUIRE(w->fault.level >= -1 && w->fault.level <= 3);
    REQUIRE(!w->fault.s1ptw || w->fault.stage == 2);
    REQUIRE(walk_par(w, next) & ARCH_PAR_F);
    REQUIRE(walk_syndrome(w).target_el >= w->query.el);
}

static struct walk_cpu cpu_of(const struct walk_input *in)
{
    static const enum arch_tg choices[4] = {0, ARCH_TG_4K, ARCH_TG_16K, ARCH_TG_64K};
    const struct arch_id_regs id = {.mmfr0 = in->id_mmfr0,
                                    .mmfr1 = in->id_mmfr1,
                                    .mmfr2 = in->id_mmfr2,
                                    .isar1 = in->id_isar1};

    return (struct walk_cpu){
        .features = arch_features_decode(&id),
        .nt_response = in->choices & 1 ? WALK_NT_FAULT : WALK_NT_TRANSLATE,
        .contiguous_faults = in->choices & 2,
        .af_on_permission_fault = in->choices & 4,
        .tg_choice = choices[in->choices >> 3 & 3],
    };
}

static struct walk_regs regs_of(const struct walk_input *in)
{
    return (struct walk_regs){
        .sctlr_el1 = in->sctlr_el1,
        .tcr_el1 = in->tcr_el1,
        .ttbr0_el1 = in->ttbr0_el1,
        .ttbr1_el1 = in->ttbr1_el1,
        .sctlr_el2 = in->sctlr_el2,
        .tcr_el2 = in->tcr_el2,
        .ttbr0_el2 = in->ttbr0_el2,
        .ttbr1_el2 = in->ttbr1_el2,
        .hcr_el2 = in->hcr_el2,
        .vtcr_el2 = in->vtcr_el2,
        .vttbr_el2 = in->vttbr_el2,
    };
}

static struct walk_query query_of(const struct walk_input *in)
{
    struct walk_query q = {
        .va = {in->va},
        .access = (enum arch_access)(in->access % 3),
        .how = (enum walk_how)(in->how % 4),
        .el = in->el % 3,
        .pan = in->pan & 1,
    };

    if (q.how == WALK_AT_S12)
        q.el %= 2;
    return q;
}

static unsigned run_translation(const struct walk_input *in, struct bytes *b)
{
    const struct walk_cpu cpu = cpu_of(in);
    const struct walk_regs regs = regs_of(in);
    const struct walk_query q = query_of(in);
    struct steps s = {.pa_bits = cpu.features.pa_bits};
    struct walk_context ctx;
    struct walk w;

    walk_context_init(&ctx, &cpu, &regs);
    enum walk_next next = walk_begin(&w, &ctx, &q);
    while (next == WALK_NEED_DESC || next == WALK_NEED_CAS) {
        REQUIRE(w.stage == 1 || w.stage == 2);
        REQUIRE(w.level >= -1 && w.level <= 3);
        next = walk_feed(&w, answer(b, &s, next, w.desc_pa.v, w.desc, w.desc_new));
    }
    if (next == WALK_DONE)
        check_result(&w, &q, &s);
    else
        check_fault(&w, next);
    return s.n;
}

/* Stage 2 as its own users drive it: a register whose granule may be reserved. */
static unsigned run_stage_2(const struct walk_input *in, struct bytes *b)
{
    const struct walk_cpu cpu = cpu_of(in);
    struct steps s = {.pa_bits = cpu.features.pa_bits};
    struct walk_s2_cfg cfg = {.vtcr = arch_vtcr_decode(in->vtcr_el2),
                              .pa_bits = cpu.features.pa_bits,
                              .ttst = cpu.features.ttst,
                              .xnx = cpu.features.xnx,
                              .bbm_level = cpu.features.bbm_level,
                              .nt_response = cpu.nt_response};
    struct walk_s2 w;

    cfg.baddr = arch_vttbr_baddr(in->vttbr_el2, &cfg.vtcr, cfg.pa_bits);
    enum walk_next next = walk_s2_begin_el(
        &w, &cfg, arch_ipa(in->va), (enum arch_access)(in->access % 3), in->el % 2);
    while (next == WALK_NEED_DESC)
        next = walk_s2_feed(&w, answer(b, &s, next, w.desc_pa.v, 0, 0));
    REQUIRE(next == WALK_DONE || next == WALK_FAULT);
    REQUIRE(next == WALK_FAULT || w.oa.v >> s.pa_bits == 0);
    return s.n;
}

unsigned walk_input_run(const uint8_t *bytes, size_t bytes_n)
{
    struct bytes b = {.at = bytes, .n = bytes_n};
    struct walk_input in;

    take(&b, &in, sizeof(in));
    return in.stage_2_alone & 1 ? run_stage_2(&in, &b) : run_translation(&in, &b);
}
