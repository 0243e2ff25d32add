/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/translate_text.c - a walk as text, one fact a line. */
#include "model/cli/translate_priv.h"
#include "model/translate/names.h"

#include <inttypes.h>
#include <stdio.h>

#define INDENT 2

struct printer {
    const struct explanation *e;
    struct explain_setup setup[2]; /* [stage - 1] */
    enum translate_detail detail;
};

static const char *size_text(unsigned shift, char text[8])
{
    snprintf(text, 8, "%u%c", 1u << shift % 10, "BKMGTP"[shift / 10]);
    return text;
}

static void print_fields(int indent, const struct explain_fields *fields)
{
    char bits[16], value[24];

    for (size_t i = 0; i < fields->n; i++) {
        const struct explain_field *f = &fields->at[i];

        if (f->msb == f->lsb)
            snprintf(bits, sizeof(bits), "[%u]", f->msb);
        else
            snprintf(bits, sizeof(bits), "[%u:%u]", f->msb, f->lsb);
        snprintf(value, sizeof(value), "0x%" PRIx64, f->value);
        printf("%*s%-8s%-15s %-12s %s\n", indent, "", bits, f->name, value, f->meaning);
    }
}

/* ---- what is asked, and by what rules ---- */

static void print_query(const struct explanation *e)
{
    const struct walk_query *q = &e->query;
    const bool s2_alone = !e->s1_on && e->s2_on;

    printf("query     %s at EL%u of %s 0x%" PRIx64 "%s\n", vectors_how_name(q), q->el,
           s2_alone ? "VA = IPA" : "VA", q->va.v, q->pan ? ", PSTATE.PAN = 1" : "");
}

static void print_regime(const struct explanation *e)
{
    static const char *const names[] = {[ARCH_REGIME_EL10] = "EL1&0",
                                        [ARCH_REGIME_EL2] = "EL2",
                                        [ARCH_REGIME_EL20] = "EL2&0"};
    const struct arch_hcr *hcr = &e->ctx.hcr;
    const bool has_s2 = e->result.regime == ARCH_REGIME_EL10;

    printf("regime    %s: HCR_EL2 = 0x%" PRIx64
           " (E2H = %d, TGE = %d, VM = %d, DC = %d)\n",
           names[e->result.regime], e->regs.hcr_el2, hcr->e2h, hcr->tge, hcr->vm,
           hcr->dc);
    printf("          stage 1 %s", e->s1_on ? "on" : "off");
    if (e->s1_on && e->result.regime != ARCH_REGIME_EL2)
        printf(", ASID 0x%x", e->result.asid);
    if (!has_s2)
        printf("; no stage 2 in this regime\n");
    else if (e->s2_on)
        printf("; stage 2 on, VMID 0x%x\n", e->result.vmid);
    else
        printf("; stage 2 off\n");
}

static void print_setup(const struct printer *p, unsigned stage)
{
    const struct explain_setup *s = &p->setup[stage - 1];

    printf("\nstage %u   %s = 0x%" PRIx64 "\n", stage, s->control_name, s->control);
    printf("  granule      %s\n", s->tg == ARCH_TG_4K    ? "4K"
                                  : s->tg == ARCH_TG_16K ? "16K"
                                                         : "64K");
    if (!s->legal) {
        printf("  start level  none: %s\n", s->why_level);
        return;
    }
    printf("  input size   %u bits: %s\n", s->input_bits, s->why_size);
    printf("  start level  %d: %s\n", s->start_level, s->why_level);
    printf("  output size  %u bits%s\n", s->output_bits,
           s->lpa2 ? ", FEAT_LPA2 descriptors (DS = 1)" : "");
    printf("  hardware     sets %s\n", s->hd   ? "AF and dirty state (HA = 1, HD = 1)"
                                       : s->ha ? "AF (HA = 1)"
                                               : "nothing (HA = 0)");
    printf("  start table  %s = 0x%" PRIx64 ": %s 0x%" PRIx64 "\n", s->base_name,
           s->base_raw, s->output, s->base);
}

/* ---- the walk ---- */

/* Nested walks read the same descriptors again and again: the fields stand where each
 * was read first. */
static bool was_read_before(const struct explanation *e, size_t i)
{
    const struct explain_step *s = &e->steps[i];

    for (size_t k = 0; k < i; k++) {
        const struct explain_step *t = &e->steps[k];
        if (t->op == EXPLAIN_READ && t->reached && t->pa.v == s->pa.v &&
            t->value == s->value && t->stage == s->stage && t->level == s->level)
            return true;
    }
    return false;
}

static void print_descriptor(const struct printer *p, size_t i, int indent)
{
    const bool again = was_read_before(p->e, i);
    struct explain_desc d;

    explain_desc(p->e, i, &d);
    printf("%*s[PA 0x%" PRIx64 "] = 0x%" PRIx64 "  %s%s\n", indent, "",
           p->e->steps[i].pa.v, p->e->steps[i].value, d.kind,
           again ? ", as above" : "");
    if (p->detail == TRANSLATE_BRIEF || again)
        return;
    print_fields(indent + INDENT, &d.fields);
    if (*d.effect)
        printf("%*s%s\n", indent + INDENT, "", d.effect);
}

/* What a swap changes: AF, and the bit that tells clean from dirty. */
static void print_swap(const struct explain_step *s, int indent)
{
    const uint64_t changed = s->value ^ s->value_new;

    printf("%*scompare-and-swap [PA 0x%" PRIx64 "] 0x%" PRIx64 " -> 0x%" PRIx64
           "%s%s\n",
           indent, "", s->pa.v, s->value, s->value_new,
           changed & ARCH_DESC_AF ? ", sets AF" : "",
           !(changed & ARCH_DESC_S2AP_W) ? ""
           : s->stage == 1               ? ", clears AP[2]: dirty"
                                         : ", sets S2AP[1]: dirty");
}

/* Where the descriptor of step i lies. */
static void print_look_up(const struct printer *p, size_t i, int indent)
{
    const struct explain_step *s = &p->e->steps[i];
    const struct explain_setup *setup = &p->setup[s->stage - 1];
    const struct explain_slot slot = explain_slot(p->e, i);

    printf("%*slevel %d   table %s 0x%" PRIx64 ", %s[%u:%u] = 0x%" PRIx64
           ": descriptor at %s 0x%" PRIx64 "\n",
           indent, "", s->level, setup->output, slot.table, setup->input, slot.msb,
           slot.lsb, slot.index, setup->output, s->at);
}

static void print_step(const struct printer *p, size_t i, int indent);

static void print_nested(const struct printer *p, const struct explain_step *s,
                         int indent)
{
    if (!p->e->s2_on)
        return;
    printf("%*sstage 2 of IPA 0x%" PRIx64 ", to %s\n", indent, "", s->at,
           s->op == EXPLAIN_SWAP ? "update this descriptor" : "read this descriptor");
    for (size_t k = 0; k < s->nested_n; k++)
        print_step(p, s->nested_first + k, indent + INDENT);
    if (s->reached)
        printf("%*s=> PA 0x%" PRIx64 "\n", indent + INDENT, "", s->pa.v);
    else
        printf("%*s=> fault\n", indent + INDENT, "");
}

static void print_step(const struct printer *p, size_t i, int indent)
{
    const struct explain_step *s = &p->e->steps[i];

    if (s->op == EXPLAIN_READ)
        print_look_up(p, i, indent);
    else if (s->stage == 1)
        printf("%*supdate    of level %d\n", indent, "", s->level);
    indent += INDENT;
    if (s->stage == 1)
        print_nested(p, s, indent);
    if (!s->reached)
        return;
    if (s->op == EXPLAIN_READ)
        print_descriptor(p, i, indent);
    else
        print_swap(s, indent);
}

static void print_walk(const struct printer *p)
{
    const struct explanation *e = p->e;
    size_t i;

    if (e->s1_on)
        printf("\nwalk of stage 1 for VA 0x%" PRIx64 "\n", e->query.va.v);
    for (i = 0; i < e->steps_n; i++) {
        if (e->steps[i].stage == 1)
            print_step(p, i, INDENT);
    }
    if (!e->has_final_s2)
        return;
    printf("\nwalk of stage 2 for IPA 0x%" PRIx64 "\n", e->s2_input);
    for (i = explain_final_s2(e); i < e->steps_n; i++)
        print_step(p, i, INDENT);
}

/* ---- the result ---- */

static void print_perms(const char *label, const struct explanation *e,
                        const struct walk_perms *perms)
{
    const enum arch_regime regime = e->result.regime;
    char el0[EXPLAIN_PERMS_BYTES], priv[EXPLAIN_PERMS_BYTES];

    printf("  %-11s", label);
    if (regime != ARCH_REGIME_EL2)
        printf(" EL0 %s ", explain_perms_text(perms->el0, el0));
    printf(" EL%d %s%s\n", regime == ARCH_REGIME_EL10 ? 1 : 2,
           explain_perms_text(perms->priv, priv),
           perms->pan_denies ? ", but with PSTATE.PAN = 1 no data access" : "");
}

static void print_sizes(const struct walk_result *r)
{
    const unsigned s1 = r->s1_leaf_shift, s2 = r->s2_leaf_shift;
    char t1[8], t2[8], both[8];

    if (s1 == WALK_LEAF_SHIFT_OFF && s2 == WALK_LEAF_SHIFT_OFF)
        return;
    printf("  size       ");
    if (s1 != WALK_LEAF_SHIFT_OFF)
        printf(" stage 1 maps %s%s;", size_text(s1, t1), r->ng ? ", not global" : "");
    if (s2 != WALK_LEAF_SHIFT_OFF)
        printf(" stage 2 maps %s;", size_text(s2, t2));
    printf(" a TLB entry covers %s\n", size_text(s1 < s2 ? s1 : s2, both));
}

static void print_success(const struct explanation *e)
{
    const struct walk_result *r = &e->result;
    const char *space = e->s2_on && !e->has_final_s2 ? "IPA" : "PA";

    printf("\nresult    %s 0x%" PRIx64 "\n", space, r->pa.v);
    printf("  path        VA 0x%" PRIx64, e->query.va.v);
    if (e->has_final_s2)
        printf(" -> IPA 0x%" PRIx64, r->ipa.v);
    printf(" -> %s 0x%" PRIx64 "\n", space, r->pa.v);
    print_sizes(r);
    print_perms("allowed", e, &r->perms);
    if (e->s1_on && e->has_final_s2) {
        print_perms("  stage 1", e, &r->s1_perms);
        print_perms("  stage 2", e, &r->s2_perms);
    }
}

static void print_register(const char *name, uint64_t value,
                           const struct explain_fields *fields)
{
    printf("  %-11s 0x%" PRIx64 "\n", name, value);
    print_fields(2 * INDENT, fields);
}

static void print_fault(const struct explanation *e)
{
    const struct arch_fault *f = &e->fault;
    char why[EXPLAIN_REASON_BYTES];

    explain_fault(e, why);
    printf("\nresult    %s fault, stage %u, level %d%s\n", explain_fault_name(f->type),
           f->stage, f->level, f->s1ptw ? ", on the walk of stage 1 (S1PTW)" : "");
    printf("  why         %s\n", why);
    if (f->stage == 2)
        printf("  input       IPA 0x%" PRIx64 "\n", explain_fault_ipa(e));
}

static void print_abort(const struct explanation *e)
{
    const struct arch_syndrome *s = &e->syndrome;
    struct explain_fields fields;
    char name[16];

    printf("  taken to    EL%u\n", s->target_el);
    snprintf(name, sizeof(name), "ESR_EL%u", s->target_el);
    explain_esr(s->esr, &fields);
    print_register(name, s->esr, &fields);
    snprintf(name, sizeof(name), "FAR_EL%u", s->target_el);
    print_register(name, s->far, &(struct explain_fields){.n = 0});
    if (s->hpfar_valid) {
        explain_hpfar(s->hpfar, &fields);
        print_register("HPFAR_EL2", s->hpfar, &fields);
    } else if (s->target_el == 2) {
        printf("  HPFAR_EL2   unknown after this fault\n");
    }
}

static void print_registers(const struct explanation *e)
{
    struct explain_fields fields;

    if (e->query.how != WALK_ACCESS) {
        explain_par(e->par, &fields);
        print_register("PAR_EL1", e->par, &fields);
    } else if (e->end == WALK_FAULT) {
        print_abort(e);
    }
}

static void print_changes(const struct vectors_words *after)
{
    for (size_t i = 0; i < after->n; i++)
        printf("  %-11s [PA 0x%" PRIx64 "] = 0x%" PRIx64 "\n", i == 0 ? "changed" : "",
               after->at[i].pa, after->at[i].value);
}

void translate_print(const struct explanation *e, const struct translate_head *head,
                     enum translate_detail detail)
{
    struct printer p = {.e = e, .detail = detail};

    if (head->id)
        printf("case      %s\n", head->id);
    if (head->title && *head->title)
        printf("title     %s\n", head->title);
    print_query(e);
    print_regime(e);
    for (unsigned stage = 1; stage <= 2; stage++) {
        explain_setup(e, stage, &p.setup[stage - 1]);
        if (stage == 1 ? e->s1_on : e->s2_on)
            print_setup(&p, stage);
    }
    print_walk(&p);
    if (e->end == WALK_DONE)
        print_success(e);
    else
        print_fault(e);
    print_registers(e);
    print_changes(&e->answer.after);
    if (head->expected)
        printf("\nexpected  %s\n", head->expected);
}
