/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/json.c - the resolved scenario as JSON, in a fixed order.
 *
 * Times are nanoseconds with up to three decimals (exact: the model counts ps), sizes
 * bytes, shares fractions of 1, addresses hexadecimal text. Paths are left out, so that
 * the text does not depend on where a scenario lies. */
#include "model/scenario/json_priv.h"
#include "model/scenario/units.h"

#include <inttypes.h>
#include <math.h>

/* ---- platform ---- */

static void put_pages(struct scn_json *j, const char *name, uint64_t mask)
{
    scn_json_open(j, name, '[');
    for (unsigned shift = 0; shift < 64; shift++)
        if (mask >> shift & 1)
            scn_json_page(j, NULL, shift);
    scn_json_close(j, ']');
}

static void put_value(struct scn_json *j, const struct scn_platform *p,
                      const struct scn_param *param)
{
    uint64_t u = scn_param_get(p, param);
    switch (param->kind) {
    case SCN_PARAM_TIME:
        scn_json_ns(j, "value", u);
        break;
    case SCN_PARAM_BOOL:
        scn_json_bool(j, "value", u != 0);
        break;
    case SCN_PARAM_WORD:
        scn_json_text(j, "value", param->word((unsigned)u));
        break;
    case SCN_PARAM_PAGES:
        put_pages(j, "value", u);
        break;
    default:
        scn_json_count(j, "value", u);
        break;
    }
}

static void put_platform(struct scn_json *j, const struct scn *s)
{
    scn_json_open(j, "platform", '{');
    scn_json_text(j, "name", s->platform.name);
    scn_json_text(j, "title", s->platform_doc->title);
    scn_json_open(j, "parameters", '[');
    for (size_t i = 0; i < scn_params_n; i++) {
        if (!scn_param_counts(&s->platform, &scn_params[i]))
            continue;
        scn_json_open(j, NULL, '{');
        scn_json_text(j, "name", scn_params[i].name);
        put_value(j, &s->platform, &scn_params[i]);
        scn_json_text(j, "unit", scn_param_unit(&scn_params[i]));
        scn_json_text(j, "source", scn_param_source(s->platform_doc, &scn_params[i]));
        scn_json_close(j, '}');
    }
    scn_json_close(j, ']');
    scn_json_close(j, '}');
}

/* ---- VM ---- */

static void put_memory(struct scn_json *j, const struct scn_memory *m)
{
    scn_json_open(j, NULL, '{');
    scn_json_address(j, "ipa", m->ipa.v);
    scn_json_count(j, "size_bytes", m->bytes);
    scn_json_address(j, "pa", m->pa.v);
    if (m->mapped)
        scn_json_page(j, "map", m->map_shift);
    else
        scn_json_text(j, "map", "none");
    scn_json_page(j, "backing", m->backing_shift);
    scn_json_text(j, "access", m->writable ? "rw" : "r");
    scn_json_open(j, "pages", '[');
    for (size_t i = 0; i < m->pages_n; i++) {
        scn_json_open(j, NULL, '{');
        scn_json_count(j, "first", m->pages[i].first);
        scn_json_count(j, "last", m->pages[i].last);
        scn_json_text(j, "access", m->pages[i].writable ? "rw" : "r");
        scn_json_close(j, '}');
    }
    scn_json_close(j, ']');
    scn_json_bool(j, "zeroed", m->zeroed);
    scn_json_close(j, '}');
}

static void put_stage1(struct scn_json *j, const struct guest_stage1 *s1)
{
    scn_json_open(j, "stage1", '{');
    scn_json_text(j, "state", s1->on ? "on" : "off");
    if (s1->on) {
        scn_json_page(j, "map", s1->map_shift);
        scn_json_address(j, "tables", s1->tables.v);
        scn_json_text(j, "accessed", s1->accessed ? "true" : "false");
    }
    scn_json_close(j, '}');
}

static void put_mixed(struct scn_json *j, const struct scn_mixed *m)
{
    scn_json_open(j, NULL, '{');
    scn_json_count(j, "first", m->first);
    scn_json_count(j, "last", m->last);
    scn_json_count(j, "hafdbs", m->limits.hafdbs);
    scn_json_count(j, "pa_bits", m->limits.pa_bits);
    scn_json_close(j, '}');
}

static void put_vm(struct scn_json *j, const struct scn_vm *vm)
{
    scn_json_open(j, NULL, '{');
    scn_json_text(j, "name", vm->name);
    scn_json_count(j, "vcpus", vm->vcpus_n);
    scn_json_count(j, "first_pe", vm->first_pe);
    scn_json_count(j, "pes", vm->pes_n);
    scn_json_count(j, "vmid", vm->vmid);
    scn_json_count(j, "ipa_bits", vm->ipa_bits);
    scn_json_page(j, "granule", vm->vtcr.tg);
    scn_json_address(j, "vtcr_el2", arch_vtcr_encode(&vm->vtcr));
    scn_json_open(j, "memory", '[');
    for (size_t i = 0; i < vm->memory_n; i++)
        put_memory(j, &vm->memory[i]);
    scn_json_close(j, ']');
    put_stage1(j, &vm->stage1);
    scn_json_guest(j, &vm->guest);
    scn_json_close(j, '}');
}

/* ---- background, variants, run ---- */

static void put_background(struct scn_json *j, const struct scn_background *b)
{
    scn_json_open(j, "background", '{');
    scn_json_ns(j, "interval_ns", b->interval_ps);
    if (b->interval_ps) {
        scn_json_text(
            j, "arrival",
            scn_arrival_word(b->poisson ? GUEST_ARRIVAL_POISSON : GUEST_ARRIVAL_FIXED));
        scn_json_text(j, "op", scn_background_word(b->op));
    }
    scn_json_close(j, '}');
}

static void put_variant(struct scn_json *j, const struct scn_variant *v)
{
    scn_json_open(j, NULL, '{');
    scn_json_text(j, "name", v->name);
    for (unsigned i = 0; i < SCN_SWITCHES_N; i++)
        scn_json_text(j, scn_switches[i].name, scn_switch_word(&v->hyp, i));
    scn_json_text(j, "nt_response", scn_nt_response_word(v->nt_response));
    scn_json_text(j, "nt_cache", scn_nt_cache_word(v->nt_cache_fragment));
    scn_json_text(j, "conflict", scn_conflict_word(v->conflict));
    scn_json_close(j, '}');
}

static void put_expect(struct scn_json *j, const struct scn *s,
                       const struct scn_expect *e)
{
    scn_json_open(j, NULL, '{');
    if (e->vm >= 0)
        scn_json_text(j, "vm", s->vms[e->vm].name);
    scn_json_text(j, "variant", e->variant);
    if (e->violation)
        scn_json_text(j, "violation", e->violation);
    if (e->at)
        scn_json_count(j, "at", e->at);
    if (!e->column) {
        scn_json_close(j, '}');
        return;
    }
    scn_json_text(j, "column", e->column);
    if (isfinite(e->min)) {
        scn_json_begin(j, "min");
        fprintf(j->f, "%.17g", e->min);
    }
    if (isfinite(e->max)) {
        scn_json_begin(j, "max");
        fprintf(j->f, "%.17g", e->max);
    }
    scn_json_close(j, '}');
}

static void put_run(struct scn_json *j, const struct scn *s)
{
    scn_json_open(j, "seeds", '{');
    scn_json_count(j, "count", s->seeds_n);
    scn_json_count(j, "first", s->seed_first);
    scn_json_close(j, '}');
    scn_json_open(j, "run", '{');
    scn_json_ns(j, "duration_ns", s->duration_ps);
    scn_json_ns(j, "measure_from_ns", s->measure_from_ps);
    scn_json_ns(j, "slo_ns", s->slo_ps);
    scn_json_ns(j, "timeline_bin_ns", s->timeline_bin_ps);
    scn_json_close(j, '}');
}

void scn_write_json(const struct scn *s, FILE *out, int indent)
{
    struct scn_json j = {.f = out, .indent = indent + 2, .first = true};
    fputc('{', out);
    scn_json_count(&j, "format", SCN_FORMAT_VERSION);
    scn_json_text(&j, "name", s->name);
    scn_json_text(&j, "title", s->title);
    put_platform(&j, s);
    scn_json_count(&j, "pes", s->pes_n);
    scn_json_open(&j, "mixed", '[');
    for (size_t i = 0; i < s->mixed_n; i++)
        put_mixed(&j, &s->mixed[i]);
    scn_json_close(&j, ']');
    scn_json_open(&j, "vms", '[');
    for (uint32_t i = 0; i < s->vms_n; i++)
        put_vm(&j, &s->vms[i]);
    scn_json_close(&j, ']');
    put_background(&j, &s->background);
    scn_json_open(&j, "events", '[');
    for (size_t i = 0; i < s->events_n; i++)
        scn_json_event(&j, &s->events[i], s->vms[s->events[i].vm].name);
    scn_json_close(&j, ']');
    scn_json_open(&j, "variants", '[');
    for (size_t i = 0; i < s->variants_n; i++)
        put_variant(&j, &s->variants[i]);
    scn_json_close(&j, ']');
    put_run(&j, s);
    scn_json_open(&j, "expect", '[');
    for (size_t i = 0; i < s->expects_n; i++)
        put_expect(&j, s, &s->expects[i]);
    scn_json_close(&j, ']');
    scn_json_close(&j, '}');
}
