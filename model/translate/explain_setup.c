/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/explain_setup.c - sizes, start level and base of a stage, with the
 * reasons. */
#include "model/translate/explain.h"

#include "walker/arch/bits.h"
#include "walker/geometry.h"

#include <inttypes.h>
#include <stdio.h>

struct limits {
    unsigned min, max;
};

/* ---- stage 1 ---- */

static void name_s1(const struct explanation *e, bool upper, struct explain_setup *out)
{
    const struct walk_regs *r = &e->regs;

    out->input = "VA";
    out->output = e->result.regime == ARCH_REGIME_EL10 && e->ctx.s2_on ? "IPA" : "PA";
    if (e->result.regime == ARCH_REGIME_EL10) {
        out->control_name = "TCR_EL1";
        out->control = r->tcr_el1;
        out->base_name = upper ? "TTBR1_EL1" : "TTBR0_EL1";
        out->base_raw = upper ? r->ttbr1_el1 : r->ttbr0_el1;
        return;
    }
    upper = upper && e->result.regime == ARCH_REGIME_EL20;
    out->control_name = "TCR_EL2";
    out->control = r->tcr_el2;
    out->base_name = upper ? "TTBR1_EL2" : "TTBR0_EL2";
    out->base_raw = upper ? r->ttbr1_el2 : r->ttbr0_el2;
}

/* The TxSZ values that the walker takes. */
static struct limits s1_limits(const struct arch_tcr *tcr,
                               const struct arch_features *f)
{
    struct limits l = {64, 0};
    struct arch_tcr probe = *tcr;
    struct walk_s1_geometry g;

    for (unsigned txsz = 0; txsz < 64; txsz++) {
        probe.txsz = (uint8_t)txsz;
        if (walk_s1_geometry_of(&probe, f, &g) != ARCH_OK)
            continue;
        l.min = txsz < l.min ? txsz : l.min;
        l.max = txsz;
    }
    return l;
}

static void setup_s1(const struct explanation *e, struct explain_setup *out)
{
    const struct walk_s1_cfg *cfg = explain_s1(e);
    const struct arch_tcr *tcr = &cfg->tcr;
    const unsigned stride = arch_stride_bits(tcr->tg);
    const char *txsz = cfg->half == ARCH_VA_UPPER ? "T1SZ" : "T0SZ";
    struct walk_s1_geometry g;

    name_s1(e, cfg->half == ARCH_VA_UPPER, out);
    out->tg = tcr->tg;
    out->output_bits = arch_tcr_oa_bits(tcr, e->cpu.features.pa_bits);
    out->ha = tcr->ha;
    out->hd = tcr->ha && tcr->hd;
    out->lpa2 = arch_tcr_lpa2(tcr);
    out->tables_n = 1;
    out->legal = walk_s1_geometry_of(tcr, &e->cpu.features, &g) == ARCH_OK;
    if (!out->legal) {
        const struct limits l = s1_limits(tcr, &e->cpu.features);
        snprintf(out->why_level, sizeof(out->why_level),
                 "%s = %u is illegal; legal here: %u to %u", txsz, tcr->txsz, l.min,
                 l.max);
        return;
    }
    out->input_bits = g.input_bits;
    out->start_level = g.start_level;
    out->base = cfg->base.v - arch_low_bits(cfg->base.v, g.align_shift);
    snprintf(out->why_size, sizeof(out->why_size), "64 - %s, %s = %u", txsz, txsz,
             tcr->txsz);
    snprintf(out->why_level, sizeof(out->why_level),
             "a level resolves %u bits above VA[%u:0], %u bits take %d level%s", stride,
             tcr->tg - 1u, g.input_bits, 4 - g.start_level,
             g.start_level == 3 ? "" : "s");
}

/* ---- stage 2 ---- */

static struct limits s2_limits(const struct walk_s2_cfg *cfg)
{
    struct limits l = {64, 0};
    struct arch_vtcr probe = cfg->vtcr;
    struct walk_s2_geometry g;

    for (unsigned t0sz = 0; t0sz < 64; t0sz++) {
        probe.t0sz = (uint8_t)t0sz;
        if (walk_s2_geometry_of(&probe, cfg->pa_bits, cfg->ttst, &g) == ARCH_ERR_T0SZ)
            continue;
        l.min = t0sz < l.min ? t0sz : l.min;
        l.max = t0sz;
    }
    return l;
}

static void why_illegal(const struct walk_s2_cfg *cfg, enum arch_status status,
                        char text[EXPLAIN_TEXT_BYTES])
{
    const struct arch_vtcr *v = &cfg->vtcr;
    const struct limits l = s2_limits(cfg);

    if (status == ARCH_ERR_T0SZ)
        snprintf(text, EXPLAIN_TEXT_BYTES, "T0SZ = %u is illegal; legal here: %u to %u",
                 v->t0sz, l.min, l.max);
    else if (status == ARCH_ERR_SL0)
        snprintf(text, EXPLAIN_TEXT_BYTES,
                 "SL0 = %u, SL2 = %d stands for no start level of this granule and CPU",
                 v->sl0, arch_vtcr_sl2(v));
    else
        snprintf(text, EXPLAIN_TEXT_BYTES,
                 "SL0 = %u, SL2 = %d and T0SZ = %u contradict each other: that start "
                 "level does not resolve %u bits",
                 v->sl0, arch_vtcr_sl2(v), v->t0sz, 64u - v->t0sz);
}

static void why_legal(const struct walk_s2_cfg *cfg, const struct walk_s2_geometry *g,
                      char text[EXPLAIN_TEXT_BYTES])
{
    const struct arch_vtcr *v = &cfg->vtcr;
    int n = snprintf(text, EXPLAIN_TEXT_BYTES, "SL0 = %u", v->sl0);

    if (arch_vtcr_sl2(v))
        n += snprintf(text + n, EXPLAIN_TEXT_BYTES - (size_t)n, ", SL2 = 1");
    if (g->tables_n > 1)
        n += snprintf(text + n, EXPLAIN_TEXT_BYTES - (size_t)n,
                      "; %u tables side by side save a level", g->tables_n);
    snprintf(text + n, EXPLAIN_TEXT_BYTES - (size_t)n, "; %u descriptors",
             g->start_entries);
}

static void setup_s2(const struct explanation *e, struct explain_setup *out)
{
    const struct walk_s2_cfg *cfg = &e->ctx.s2;
    const struct arch_vtcr *vtcr = &cfg->vtcr;
    struct walk_s2_geometry g;
    const enum arch_status status =
        walk_s2_geometry_of(vtcr, cfg->pa_bits, cfg->ttst, &g);

    out->input = "IPA";
    out->output = "PA";
    out->control_name = "VTCR_EL2";
    out->control = e->regs.vtcr_el2;
    out->base_name = "VTTBR_EL2";
    out->base_raw = e->regs.vttbr_el2;
    out->tg = vtcr->tg;
    out->output_bits = arch_vtcr_oa_bits(vtcr, cfg->pa_bits);
    out->ha = vtcr->ha;
    out->hd = vtcr->ha && vtcr->hd;
    out->lpa2 = arch_vtcr_lpa2(vtcr);
    out->legal = status == ARCH_OK;
    if (!out->legal) {
        why_illegal(cfg, status, out->why_level);
        return;
    }
    out->input_bits = g.input_bits;
    out->start_level = g.start_level;
    out->tables_n = g.tables_n;
    out->base = cfg->baddr.v - arch_low_bits(cfg->baddr.v, g.align_shift);
    snprintf(out->why_size, sizeof(out->why_size), "64 - T0SZ, T0SZ = %u", vtcr->t0sz);
    why_legal(cfg, &g, out->why_level);
}

void explain_setup(const struct explanation *e, unsigned stage,
                   struct explain_setup *out)
{
    *out = (struct explain_setup){.tables_n = 1};
    if (stage == 1)
        setup_s1(e, out);
    else
        setup_s2(e, out);
}

struct explain_slot explain_slot(const struct explanation *e, size_t i)
{
    const struct explain_step *step = &e->steps[i];
    struct explain_setup s;

    explain_setup(e, step->stage, &s);
    const unsigned lsb = arch_level_shift(s.tg, step->level);
    const unsigned msb = step->level == s.start_level
                             ? s.input_bits - 1
                             : lsb + arch_stride_bits(s.tg) - 1;
    const uint64_t index = arch_bits(step->input, msb, lsb);

    return (struct explain_slot){
        .table = step->at - index * ARCH_DESC_BYTES,
        .index = index,
        .msb = msb,
        .lsb = lsb,
    };
}
