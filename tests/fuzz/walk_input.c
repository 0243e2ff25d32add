/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/walk_input.c - running one input and judging each step. */
#include "tests/fuzz/walk_input.h"

#include "walker/translate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BIT(n) (1u << (n))

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

/* Steps of this walk, the swaps that it lost and its questions. */
struct steps {
    unsigned n, lost_n, asks_n;
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

static uint64_t low(uint64_t value, unsigned bits)
{
    return value & ((UINT64_C(1) << bits) - 1);
}

static enum arch_tg granule(const struct walk *w)
{
    return w->ask.stage == 1 ? w->nested.s1.cfg->tcr.tg : w->ctx->s2.vtcr.tg;
}

/* Tables lie anywhere, but aligned, and their descriptors in the PA size. */
static struct walk_table table_of(const struct walk *w, const struct steps *s,
                                  const struct walk_input_cached *in)
{
    const uint64_t at = low(in->at, s->pa_bits), ipa = low(in->ipa, s->pa_bits);
    const unsigned tg = (unsigned)granule(w);

    return (struct walk_table){
        .level = (int8_t)(in->what >> 2 & 3),
        .ipa = {ipa - low(ipa, tg)},
        .pa = {at - low(at, tg)},
        .pa_valid = in->what & BIT(14),
        .attrs = in->attrs,
    };
}

static uint8_t leaf_shift_of(const struct walk *w, const struct walk_input_cached *in)
{
    return (uint8_t)arch_level_shift(granule(w), 1 + (in->what >> 2) % 3);
}

/* PAN is for stage 1 of regimes with EL0. */
static struct walk_perms perms_of(const struct walk *w,
                                  const struct walk_input_cached *in)
{
    return (struct walk_perms){
        .el0 = in->what >> 4 & 7,
        .priv = in->what >> 7 & 7,
        .pan_denies =
            (in->what & BIT(10)) && w->ask.stage == 1 && w->nested.s1.cfg->has_el0,
    };
}

static enum walk_next use_leaf(struct walk *w, const struct steps *s,
                               const struct walk_input_cached *in)
{
    const uint8_t shift = leaf_shift_of(w, in);
    const uint64_t at = low(in->at, s->pa_bits);

    if (w->ask.stage == 1)
        return walk_use_s1(w, &(struct walk_s1_leaf){.ipa = {at},
                                                     .leaf_shift = shift,
                                                     .group_shift = shift,
                                                     .perms = perms_of(w, in),
                                                     .write_clean = in->what & BIT(11),
                                                     .nt = in->what & BIT(12),
                                                     .ng = in->what & BIT(13)});
    /* Any address inside will do. */
    const uint64_t inside = low(in->ipa, shift);
    const struct walk_s2_leaf leaf = {
        .ipa = {w->ask.ia - low(w->ask.ia, shift) + inside},
        .pa = {at - low(at, shift) + inside},
        .leaf_shift = shift,
        .group_shift = shift,
        .perms = perms_of(w, in),
        .write_clean = in->what & BIT(11),
        .nt = in->what & BIT(12),
        .device = in->what & BIT(13),
    };
    return walk_use_s2(w, &leaf);
}

static enum walk_next ask_cache(struct walk *w, struct bytes *b, struct steps *s)
{
    struct walk_input_cached in;

    REQUIRE(w->query.ask);
    REQUIRE(w->ask.stage == 1 || w->ask.stage == 2);
    REQUIRE(w->ask.stage == 2 || (!w->ask.for_s1 && !w->ask.for_write));
    s->asks_n++;
    REQUIRE(s->asks_n <= WALK_ASKS_MAX * (s->lost_n + 1));
    take(b, &in, sizeof(in));
    if ((in.what & 3) == 0)
        return walk_skip(w);
    if ((in.what & 3) != 1)
        return use_leaf(w, s, &in);
    const struct walk_table t = table_of(w, s, &in);
    return walk_use_table(w, &t);
}

/* What caches may learn from a step. */
static void check_found(const struct walk *w, enum walk_next next,
                        const struct steps *s)
{
    struct walk_s2_leaf leaf;
    struct walk_table t;

    if (walk_s2_found(w, &leaf)) {
        REQUIRE(leaf.pa.v >> s->pa_bits == 0);
        REQUIRE(leaf.leaf_shift >= 12 && leaf.group_shift >= leaf.leaf_shift);
        REQUIRE(low(leaf.pa.v ^ leaf.ipa.v, leaf.leaf_shift) == 0);
    }
    if (next != WALK_NEED_DESC || !walk_table_found(w, &t))
        return;
    REQUIRE(t.level == w->level && t.level >= 0);
    REQUIRE(t.region_shift > 12 && t.region_shift < 64);
    REQUIRE(low(t.pa.v, 12) == 0 && t.pa.v <= w->desc_pa.v);
    REQUIRE(t.pa_valid ? w->desc_pa.v - t.pa.v < 1 << 16
                       : w->stage == 2 || t.pa.v == 0);
    REQUIRE(w->stage == 2 || (t.pa_valid && !w->ctx->s2_on) ||
            w->s1_desc_ipa.v - t.ipa.v < 1 << 16);
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
        .ask = in->asks & 1,
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
    while (next != WALK_DONE && next != WALK_FAULT) {
        if (next == WALK_ASK) {
            next = ask_cache(&w, b, &s);
        } else {
            REQUIRE(w.stage == 1 || w.stage == 2);
            REQUIRE(w.level >= -1 && w.level <= 3);
            next = walk_feed(&w, answer(b, &s, next, w.desc_pa.v, w.desc, w.desc_new));
        }
        check_found(&w, next, &s);
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
