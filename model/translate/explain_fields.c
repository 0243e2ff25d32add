/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/explain_fields.c - the fields of a descriptor of either stage.
 *
 * ArmARM: D8.3 Translation table descriptor formats. */
#include "model/translate/explain.h"

#include "walker/arch/bits.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* What decides how a descriptor reads. */
struct reading {
    struct explain_setup setup;
    const struct explanation *e;
    unsigned stage;
    int level;
    uint64_t desc;
    uint64_t input;  /* what the walk translates */
    uint64_t tables; /* stage 1: OR of the tables above that count */
};

void explain_field_add(struct explain_fields *out, const char *name, unsigned msb,
                       unsigned lsb, uint64_t word, const char *fmt, ...)
{
    struct explain_field *f = &out->at[out->n];
    va_list args;

    if (out->n == EXPLAIN_FIELDS_MAX)
        return;
    out->n++;
    *f = (struct explain_field){
        .name = name, .msb = msb, .lsb = lsb, .value = arch_bits(word, msb, lsb)};
    va_start(args, fmt);
    vsnprintf(f->meaning, sizeof(f->meaning), fmt, args);
    va_end(args);
}

const char *explain_perms_text(unsigned mask, char text[EXPLAIN_PERMS_BYTES])
{
    snprintf(text, EXPLAIN_PERMS_BYTES, "%c%c%c", mask & WALK_PERM_R ? 'r' : '-',
             mask & WALK_PERM_W ? 'w' : '-', mask & WALK_PERM_X ? 'x' : '-');
    return text;
}

/* ---- addresses ---- */

/* The address field in place, and where the bits above 48 lie. */
static void add_address(const struct reading *r, struct explain_fields *out,
                        const char *name, unsigned shift, uint64_t address)
{
    const unsigned msb = r->setup.lpa2 ? 49 : 47;

    explain_field_add(out, name, msb, shift, r->desc, "%s 0x%" PRIx64, r->setup.output,
                      address);
    if (r->setup.lpa2)
        explain_field_add(out, "OA[51:50]", 9, 8, r->desc,
                          "FEAT_LPA2 format: DS = 1, so SH comes from %s",
                          r->setup.control_name);
    else if (r->setup.tg == ARCH_TG_64K && r->e->cpu.features.pa_bits == 52)
        explain_field_add(out, "OA[51:48]", 15, 12, r->desc, "64K with 52-bit PA");
}

static uint64_t table_address(const struct reading *r)
{
    return arch_desc_implemented_oa(
        arch_desc_table_pa(r->desc, r->setup.tg, r->setup.lpa2).v, r->setup.tg,
        r->e->cpu.features.pa_bits);
}

static uint64_t leaf_address(const struct reading *r)
{
    return arch_desc_implemented_oa(
        arch_desc_leaf_pa(r->desc, r->level, r->setup.tg, r->setup.lpa2).v, r->setup.tg,
        r->e->cpu.features.pa_bits);
}

/* ---- tables ---- */

static void add_table_attributes(const struct reading *r, struct explain_fields *out)
{
    static const char *const ap[] = {"nothing taken away", "no EL0 access below",
                                     "no writes below",
                                     "no EL0 access, no writes below"};
    static const char *const ap_el2[] = {"nothing taken away", "nothing taken away",
                                         "no writes below", "no writes below"};
    const struct walk_s1_cfg *cfg = explain_s1(r->e);
    const uint64_t d = r->desc;
    const bool priv_xn = arch_bit(d, 59), el0_xn = arch_bit(d, 60);

    if (cfg->tcr.hpd) {
        explain_field_add(out, "hierarchical", 62, 59, d,
                          "ignored, hierarchical permissions are off (HPD = 1)");
        return;
    }
    explain_field_add(out, "APTable", 62, 61, d, "%s",
                      (cfg->has_el0 ? ap : ap_el2)[arch_bits(d, 62, 61)]);
    explain_field_add(out, cfg->has_el0 ? "UXNTable" : "XNTable", 60, 60, d, "%s",
                      !el0_xn        ? "nothing taken away"
                      : cfg->has_el0 ? "no execution by EL0 below"
                                     : "no execution below");
    if (cfg->has_el0)
        explain_field_add(out, "PXNTable", 59, 59, d, "%s",
                          priv_xn ? "no execution by EL1 or EL2 below"
                                  : "nothing taken away");
}

static void explain_table(const struct reading *r, struct explain_desc *out)
{
    out->kind = "table";
    out->address = table_address(r);
    add_address(r, &out->fields, "next table", (unsigned)r->setup.tg, table_address(r));
    if (r->stage == 1)
        add_table_attributes(r, &out->fields);
}

/* ---- leaves ---- */

static void add_af(const struct reading *r, struct explain_fields *out)
{
    explain_field_add(out, "AF", 10, 10, r->desc, "%s",
                      r->desc & ARCH_DESC_AF ? "accessed before"
                      : r->setup.ha          ? "not accessed yet; hardware sets it (HA)"
                                             : "not accessed yet: Access flag fault");
}

static void add_sh(const struct reading *r, struct explain_fields *out)
{
    static const char *const names[] = {"non-shareable", "reserved", "outer shareable",
                                        "inner shareable"};

    if (!r->setup.lpa2)
        explain_field_add(out, "SH", 9, 8, r->desc, "%s",
                          names[arch_bits(r->desc, 9, 8)]);
}

static void add_nt(const struct reading *r, struct explain_fields *out)
{
    const unsigned bbm = r->e->cpu.features.bbm_level;
    const bool counts = bbm == 1 || bbm == 2;

    if (r->level == 3)
        return;
    explain_field_add(out, "nT", 16, 16, r->desc, "%s",
                      !arch_bit(r->desc, 16) ? "an ordinary block"
                      : !counts              ? "ignored at this FEAT_BBM level"
                      : r->e->cpu.nt_response == WALK_NT_FAULT
                          ? "about to be replaced: Translation fault on this CPU"
                          : "about to be replaced; this CPU still translates");
}

static void add_dbm_contiguous(const struct reading *r, struct explain_fields *out)
{
    const unsigned group = arch_contiguous_shift(r->level, r->setup.tg);

    explain_field_add(out, "DBM", 51, 51, r->desc, "%s",
                      !arch_bit(r->desc, 51) ? "dirty state is not managed here"
                      : r->setup.hd ? "writable; hardware notes the first write (HD)"
                                    : "ignored (HA and HD are not both 1)");
    if (!arch_bit(r->desc, 52))
        explain_field_add(out, "Contiguous", 52, 52, r->desc, "alone");
    else if (group == 0)
        explain_field_add(out, "Contiguous", 52, 52, r->desc, "ignored at this level");
    else
        explain_field_add(out, "Contiguous", 52, 52, r->desc,
                          "one of %u that a TLB may keep as one", 1u << group);
}

static void add_s1_attributes(const struct reading *r, struct explain_fields *out)
{
    static const char *const ap[] = {
        "EL0 none, privileged read/write", "EL0 read/write, privileged read/write",
        "EL0 none, privileged read-only", "EL0 read-only, privileged read-only"};
    static const char *const ap_el2[] = {"read/write", "read-only"};
    const bool has_el0 = explain_s1(r->e)->has_el0;
    const uint64_t d = r->desc;

    explain_field_add(out, "AttrIndx", 4, 2, d, "memory attributes: MAIR, Attr%u",
                      (unsigned)arch_bits(d, 4, 2));
    explain_field_add(out, "AP[2:1]", 7, 6, d, "%s",
                      has_el0 ? ap[arch_bits(d, 7, 6)] : ap_el2[arch_bit(d, 7)]);
    add_sh(r, out);
    add_af(r, out);
    if (has_el0)
        explain_field_add(out, "nG", 11, 11, d, "%s",
                          arch_bit(d, 11) ? "of one ASID" : "global");
    add_nt(r, out);
    add_dbm_contiguous(r, out);
    if (has_el0)
        explain_field_add(out, "PXN", 53, 53, d, "%s",
                          arch_bit(d, 53) ? "no execution by EL1 or EL2"
                                          : "execution not forbidden here");
    explain_field_add(out, has_el0 ? "UXN" : "XN", 54, 54, d, "%s",
                      !arch_bit(d, 54) ? "execution not forbidden here"
                      : has_el0        ? "no execution by EL0"
                                       : "no execution");
}

static void add_s2_attributes(const struct reading *r, struct explain_fields *out)
{
    static const char *const ap[] = {"no access", "read-only", "write-only",
                                     "read/write"};
    static const char *const xnx[] = {"EL0 and EL1 may execute",
                                      "EL0 alone may execute", "no execution",
                                      "EL1 alone may execute"};
    const struct walk_s2_cfg *cfg = &r->e->ctx.s2;
    const uint64_t d = r->desc;

    explain_field_add(out, "MemAttr", 5, 2, d, "%s",
                      arch_desc_s2_is_device(d, cfg->fwb) ? "Device" : "Normal");
    explain_field_add(out, "S2AP", 7, 6, d, "%s", ap[arch_bits(d, 7, 6)]);
    add_sh(r, out);
    add_af(r, out);
    add_nt(r, out);
    add_dbm_contiguous(r, out);
    explain_field_add(out, "XN", 54, 53, d, "%s",
                      cfg->xnx ? xnx[arch_bits(d, 54, 53)]
                               : xnx[arch_bits(d, 54, 53) & 2]);
}

static struct walk_perms perms_of(const struct reading *r)
{
    const struct walk_s1_cfg *cfg = explain_s1(r->e);

    if (r->stage == 2)
        return walk_s2_perms(r->desc, (r->setup.hd ? WALK_S2_DIRTY_MANAGED : 0u) |
                                          (r->e->ctx.s2.xnx ? WALK_S2_XNX : 0u));
    return walk_s1_perms(r->desc,
                         &(struct walk_s1_perms_in){.tables = r->tables,
                                                    .has_el0 = cfg->has_el0,
                                                    .wxn = cfg->wxn,
                                                    .epan = cfg->epan,
                                                    .dirty_managed = r->setup.hd});
}

static void explain_leaf(const struct reading *r, struct explain_desc *out)
{
    const struct walk_s1_cfg *cfg = explain_s1(r->e);
    const struct walk_perms perms = perms_of(r);
    const bool has_el0 = r->stage == 2 || cfg->has_el0;
    char el0[EXPLAIN_PERMS_BYTES], priv[EXPLAIN_PERMS_BYTES];

    out->kind = r->level == 3 ? "page" : "block";
    out->is_leaf = true;
    out->address = leaf_address(r) |
                   arch_low_bits(r->input, arch_level_shift(r->setup.tg, r->level));
    out->perms = perms;
    add_address(r, &out->fields, "output address",
                arch_level_shift(r->setup.tg, r->level), leaf_address(r));
    if (r->stage == 1)
        add_s1_attributes(r, &out->fields);
    else
        add_s2_attributes(r, &out->fields);
    explain_perms_text(perms.el0, el0);
    explain_perms_text(perms.priv, priv);
    snprintf(out->effect, sizeof(out->effect), "stage %u allows %s%s%sEL%d %s%s%s",
             r->stage, has_el0 ? "EL0 " : "", has_el0 ? el0 : "", has_el0 ? ", " : "",
             r->e->result.regime == ARCH_REGIME_EL10 ? 1 : 2, priv,
             r->stage == 1 && cfg->wxn ? " (WXN: writable is not executable)" : "",
             r->stage == 1 && r->tables & (UINT64_C(0xf) << 59)
                 ? " (with the tables above)"
                 : "");
}

/* ---- any ---- */

static void explain_invalid(const struct reading *r, struct explain_desc *out)
{
    out->kind = "invalid";
    if (!(r->desc & ARCH_DESC_VALID))
        explain_field_add(&out->fields, "valid", 0, 0, r->desc,
                          "the other bits belong to software");
    else
        explain_field_add(&out->fields, "type", 1, 0, r->desc, "%s",
                          r->level == 3 ? "reserved at level 3"
                                        : "a block, which this level does not have");
}

/* Of the tables that the walk of stage 1 went through before step i. */
static uint64_t tables_above(const struct explanation *e, size_t i)
{
    uint64_t tables = 0;

    if (explain_s1(e)->tcr.hpd)
        return 0;
    for (size_t k = 0; k < i; k++) {
        const struct explain_step *s = &e->steps[k];
        if (s->stage == 1 && s->level < e->steps[i].level)
            tables |= s->value;
    }
    return tables;
}

void explain_desc(const struct explanation *e, size_t i, struct explain_desc *out)
{
    const struct explain_step *step = &e->steps[i];
    struct reading r = {
        .e = e,
        .stage = step->stage,
        .level = step->level,
        .desc = step->value,
        .input = step->input,
        .tables = step->stage == 1 ? tables_above(e, i) : 0,
    };

    *out = (struct explain_desc){.is_leaf = false};
    explain_setup(e, step->stage, &r.setup);
    switch (arch_desc_kind(step->value, step->level, r.setup.tg, r.setup.lpa2,
                           e->cpu.features.pa_bits)) {
    case ARCH_DESC_KIND_TABLE:
        explain_table(&r, out);
        break;
    case ARCH_DESC_KIND_LEAF:
        explain_leaf(&r, out);
        break;
    case ARCH_DESC_KIND_INVALID:
        explain_invalid(&r, out);
        break;
    }
}
