/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/translate_json.c - a walk as JSON: the facts of translate_text.c. */
#include "model/cli/translate_priv.h"
#include "model/translate/names.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* Every value is a hexadecimal string: JSON numbers lose bits above 2^53. */
static json_t *hex(uint64_t u)
{
    return json_sprintf("0x%" PRIx64, u);
}

static json_t *fields_json(const struct explain_fields *fields)
{
    json_t *list = json_array();

    for (size_t i = 0; i < fields->n; i++) {
        const struct explain_field *f = &fields->at[i];
        json_array_append_new(list,
                              json_pack("{s:s, s:i, s:i, s:o, s:s}", "name", f->name,
                                        "msb", (int)f->msb, "lsb", (int)f->lsb, "value",
                                        hex(f->value), "meaning", f->meaning));
    }
    return list;
}

static json_t *register_json(uint64_t value, const struct explain_fields *fields)
{
    return json_pack("{s:o, s:o}", "value", hex(value), "fields", fields_json(fields));
}

/* ---- what is asked, and by what rules ---- */

static json_t *query_json(const struct walk_query *q)
{
    return json_pack("{s:o, s:s, s:s, s:i, s:b}", "va", hex(q->va.v), "how",
                     vectors_how_name(q), "access", vectors_access_name(q->access),
                     "el", (int)q->el, "pan", (int)q->pan);
}

static json_t *regime_json(const struct explanation *e)
{
    return json_pack(
        "{s:s, s:o, s:b, s:b, s:o, s:o}", "name", vectors_regime_name(e->result.regime),
        "hcr_el2", hex(e->regs.hcr_el2), "stage_1_on", (int)e->s1_on, "stage_2_on",
        (int)e->s2_on, "asid", hex(e->result.asid), "vmid", hex(e->result.vmid));
}

static json_t *setup_json(const struct explanation *e, unsigned stage)
{
    struct explain_setup s;

    if (!(stage == 1 ? e->s1_on : e->s2_on))
        return json_null();
    explain_setup(e, stage, &s);
    json_t *o = json_pack("{s:s, s:o, s:s, s:o, s:i, s:b, s:s}", "control",
                          s.control_name, "control_value", hex(s.control),
                          "base_register", s.base_name, "base_register_value",
                          hex(s.base_raw), "granule_bytes", 1 << (int)s.tg, "legal",
                          (int)s.legal, "why_start_level", s.why_level);
    if (s.legal)
        json_object_update_new(
            o, json_pack("{s:i, s:s, s:i, s:i, s:i, s:o, s:b, s:b, s:b}", "input_bits",
                         (int)s.input_bits, "why_input_bits", s.why_size, "output_bits",
                         (int)s.output_bits, "start_level", s.start_level, "tables",
                         (int)s.tables_n, "start_table", hex(s.base), "ha", (int)s.ha,
                         "hd", (int)s.hd, "lpa2", (int)s.lpa2));
    return o;
}

/* ---- the walk ---- */

static json_t *descriptor_json(const struct explanation *e, size_t i)
{
    struct explain_desc d;

    explain_desc(e, i, &d);
    return json_pack("{s:o, s:s, s:o, s:s}", "value", hex(e->steps[i].value), "kind",
                     d.kind, "fields", fields_json(&d.fields), "effect", d.effect);
}

static json_t *slot_json(const struct explanation *e, size_t i)
{
    const struct explain_slot slot = explain_slot(e, i);

    return json_pack("{s:o, s:{s:i, s:i, s:o}}", "table", hex(slot.table), "index",
                     "msb", (int)slot.msb, "lsb", (int)slot.lsb, "value",
                     hex(slot.index));
}

static json_t *swap_json(const struct explain_step *s)
{
    return json_pack("{s:o, s:o}", "old", hex(s->value), "new", hex(s->value_new));
}

static json_t *step_json(const struct explanation *e, size_t i);

static json_t *nested_json(const struct explanation *e, const struct explain_step *s)
{
    json_t *list = json_array();

    for (size_t k = 0; k < s->nested_n; k++)
        json_array_append_new(list, step_json(e, s->nested_first + k));
    return list;
}

static json_t *step_json(const struct explanation *e, size_t i)
{
    const struct explain_step *s = &e->steps[i];
    json_t *o = json_pack("{s:s, s:i, s:i, s:o, s:o}", "step",
                          s->op == EXPLAIN_READ ? "read" : "compare-and-swap", "stage",
                          (int)s->stage, "level", (int)s->level, "input", hex(s->input),
                          "at", hex(s->at));

    json_object_update_new(o, slot_json(e, i));
    if (s->stage == 1 && e->s2_on)
        json_object_set_new(o, "stage_2", nested_json(e, s));
    json_object_set_new(o, "pa", s->reached ? hex(s->pa.v) : json_null());
    if (!s->reached)
        return o;
    if (s->op == EXPLAIN_READ)
        json_object_set_new(o, "descriptor", descriptor_json(e, i));
    else
        json_object_set_new(o, "swap", swap_json(s));
    return o;
}

static json_t *steps_json(const struct explanation *e, unsigned stage)
{
    json_t *list = json_array();
    const size_t first = stage == 1 ? 0 : explain_final_s2(e);

    for (size_t i = first; i < e->steps_n; i++) {
        if (e->steps[i].stage == stage)
            json_array_append_new(list, step_json(e, i));
    }
    return list;
}

/* ---- the result ---- */

static json_t *perms_json(const struct explanation *e, const struct walk_perms *perms)
{
    const enum arch_regime regime = e->result.regime;
    char el0[EXPLAIN_PERMS_BYTES], priv[EXPLAIN_PERMS_BYTES];
    json_t *o = json_object();

    if (regime != ARCH_REGIME_EL2)
        json_object_set_new(o, "el0", json_string(explain_perms_text(perms->el0, el0)));
    json_object_set_new(o, regime == ARCH_REGIME_EL10 ? "el1" : "el2",
                        json_string(explain_perms_text(perms->priv, priv)));
    json_object_set_new(o, "pan_denies", json_boolean(perms->pan_denies));
    return o;
}

static json_t *leaf_json(unsigned shift)
{
    return shift == WALK_LEAF_SHIFT_OFF ? json_null()
                                        : json_integer((json_int_t)1 << shift);
}

static json_t *success_json(const struct explanation *e)
{
    const struct walk_result *r = &e->result;

    return json_pack(
        "{s:s, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "outcome", "translated", "pa",
        hex(r->pa.v), "is_ipa", e->s2_on && !e->has_final_s2, "ipa",
        e->has_final_s2 ? hex(r->ipa.v) : json_null(), "stage_1_bytes",
        leaf_json(r->s1_leaf_shift), "stage_2_bytes", leaf_json(r->s2_leaf_shift),
        "allowed", perms_json(e, &r->perms), "stage_1_allows",
        perms_json(e, &r->s1_perms), "stage_2_allows", perms_json(e, &r->s2_perms));
}

static json_t *fault_json(const struct explanation *e)
{
    const struct arch_fault *f = &e->fault;
    char why[EXPLAIN_REASON_BYTES];

    explain_fault(e, why);
    return json_pack("{s:s, s:s, s:i, s:i, s:b, s:s, s:o}", "outcome", "fault", "fault",
                     arch_fault_name(f->type), "stage", (int)f->stage, "level",
                     (int)f->level, "s1ptw", (int)f->s1ptw, "why", why, "ipa",
                     f->stage == 2 ? hex(explain_fault_ipa(e)) : json_null());
}

static void add_registers(const struct explanation *e, json_t *result)
{
    const struct arch_syndrome *s = &e->syndrome;
    struct explain_fields fields;

    if (e->query.how != WALK_ACCESS) {
        explain_par(e->par, &fields);
        json_object_set_new(result, "par", register_json(e->par, &fields));
    } else if (e->end == WALK_FAULT) {
        explain_esr(s->esr, &fields);
        json_object_set_new(result, "target_el", json_integer(s->target_el));
        json_object_set_new(result, "esr", register_json(s->esr, &fields));
        json_object_set_new(result, "far", hex(s->far));
        explain_hpfar(s->hpfar, &fields);
        json_object_set_new(result, "hpfar",
                            s->hpfar_valid ? register_json(s->hpfar, &fields)
                                           : json_null());
    }
}

static json_t *after_json(const struct vectors_words *after)
{
    json_t *list = json_array();

    for (size_t i = 0; i < after->n; i++)
        json_array_append_new(
            list, json_pack("[o, o]", hex(after->at[i].pa), hex(after->at[i].value)));
    return list;
}

static json_t *result_json(const struct explanation *e)
{
    json_t *o = e->end == WALK_DONE ? success_json(e) : fault_json(e);

    add_registers(e, o);
    json_object_set_new(o, "mem_after", after_json(&e->answer.after));
    return o;
}

void translate_print_json(const struct explanation *e,
                          const struct translate_head *head)
{
    json_t *doc = json_object();

    if (head->id)
        json_object_set_new(doc, "id", json_string(head->id));
    if (head->title && *head->title)
        json_object_set_new(doc, "title", json_string(head->title));
    json_object_set_new(doc, "query", query_json(&e->query));
    json_object_set_new(doc, "regime", regime_json(e));
    json_object_set_new(doc, "stage_1", setup_json(e, 1));
    json_object_set_new(doc, "stage_2", setup_json(e, 2));
    json_object_set_new(doc, "walk_stage_1", steps_json(e, 1));
    json_object_set_new(doc, "walk_stage_2", steps_json(e, 2));
    json_object_set_new(doc, "result", result_json(e));
    if (head->expected)
        json_object_set_new(doc, "expected", json_string(head->expected));
    if (json_dumpf(doc, stdout, JSON_INDENT(2)) != 0)
        abort();
    putchar('\n');
    json_decref(doc);
}
