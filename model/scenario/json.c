/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/json.c - the resolved scenario as JSON, in a fixed order.
 *
 * Times are nanoseconds with up to three decimals (exact: the model counts ps), sizes
 * bytes, shares fractions of 1, addresses hexadecimal text. Paths are left out, so that
 * the text does not depend on where a scenario lies. */
#include "model/scenario/params.h"
#include "model/scenario/scn_priv.h"
#include "model/scenario/units.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* A writer that knows whether the next member needs a comma. */
struct json {
    FILE *f;
    int indent;
    bool first;
};

static void put_string(struct json *j, const char *text)
{
    fputc('"', j->f);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(j->f, "\\%c", c);
        else if (c < ' ' || c == 0x7f)
            fprintf(j->f, "\\u%04x", c);
        else
            fputc(c, j->f);
    }
    fputc('"', j->f);
}

/* Begins a member (name) or an element (NULL). */
static void begin(struct json *j, const char *name)
{
    fprintf(j->f, "%s\n%*s", j->first ? "" : ",", j->indent, "");
    j->first = false;
    if (name) {
        put_string(j, name);
        fputs(": ", j->f);
    }
}

static void open_in(struct json *j, const char *name, char bracket)
{
    begin(j, name);
    fputc(bracket, j->f);
    j->indent += 2;
    j->first = true;
}

static void close_in(struct json *j, char bracket)
{
    j->indent -= 2;
    if (!j->first)
        fprintf(j->f, "\n%*s", j->indent, "");
    fputc(bracket, j->f);
    j->first = false;
}

static void put_text(struct json *j, const char *name, const char *text)
{
    begin(j, name);
    put_string(j, text);
}

static void put_count(struct json *j, const char *name, uint64_t u)
{
    begin(j, name);
    fprintf(j->f, "%" PRIu64, u);
}

static void put_bool(struct json *j, const char *name, bool b)
{
    begin(j, name);
    fputs(b ? "true" : "false", j->f);
}

static void put_address(struct json *j, const char *name, uint64_t u)
{
    begin(j, name);
    fprintf(j->f, "\"0x%" PRIx64 "\"", u);
}

/* u / 10^digits, without trailing zeros. */
static void put_decimal(struct json *j, const char *name, uint64_t u, unsigned digits)
{
    uint64_t scale = 1;
    for (unsigned i = 0; i < digits; i++)
        scale *= 10;
    uint64_t fraction = u % scale;
    begin(j, name);
    fprintf(j->f, "%" PRIu64, u / scale);
    if (fraction == 0)
        return;
    for (; fraction % 10 == 0; fraction /= 10)
        digits--;
    fprintf(j->f, ".%0*" PRIu64, (int)digits, fraction);
}

static void put_ns(struct json *j, const char *name, uint64_t ps)
{
    put_decimal(j, name, ps, 3);
}

static void put_share(struct json *j, const char *name, uint64_t ppm)
{
    put_decimal(j, name, ppm, 6);
}

static void put_page(struct json *j, const char *name, unsigned shift)
{
    char text[SCN_QUANTITY_TEXT_MAX];
    scn_format_page(shift, text);
    put_text(j, name, text);
}

/* ---- platform ---- */

static void put_pages(struct json *j, const char *name, uint64_t mask)
{
    open_in(j, name, '[');
    for (unsigned shift = 0; shift < 64; shift++)
        if (mask >> shift & 1)
            put_page(j, NULL, shift);
    close_in(j, ']');
}

static const char *unit_of(const struct scn_param *param)
{
    switch (param->kind) {
    case SCN_PARAM_TIME:
        return "ns";
    case SCN_PARAM_SIZE:
        return "B";
    case SCN_PARAM_FREQ:
        return "kHz";
    default:
        return "";
    }
}

static void put_value(struct json *j, const struct scn_platform *p,
                      const struct scn_param *param)
{
    uint64_t u = scn_param_get(p, param);
    switch (param->kind) {
    case SCN_PARAM_TIME:
        put_ns(j, "value", u);
        break;
    case SCN_PARAM_BOOL:
        put_bool(j, "value", u != 0);
        break;
    case SCN_PARAM_WORD:
        put_text(j, "value", param->word((unsigned)u));
        break;
    case SCN_PARAM_PAGES:
        put_pages(j, "value", u);
        break;
    default:
        put_count(j, "value", u);
        break;
    }
}

static void put_platform(struct json *j, const struct scn *s)
{
    open_in(j, "platform", '{');
    put_text(j, "name", s->platform.name);
    put_text(j, "title", s->platform_doc->title);
    open_in(j, "parameters", '[');
    for (size_t i = 0; i < scn_params_n; i++) {
        open_in(j, NULL, '{');
        put_text(j, "name", scn_params[i].name);
        put_value(j, &s->platform, &scn_params[i]);
        put_text(j, "unit", unit_of(&scn_params[i]));
        put_text(j, "source", scn_param_source(s->platform_doc, &scn_params[i]));
        close_in(j, '}');
    }
    close_in(j, ']');
    close_in(j, '}');
}

/* ---- VM ---- */

static void put_memory(struct json *j, const struct scn_memory *m)
{
    open_in(j, NULL, '{');
    put_address(j, "ipa", m->ipa.v);
    put_count(j, "size_bytes", m->bytes);
    put_address(j, "pa", m->pa.v);
    put_page(j, "map", m->map_shift);
    put_page(j, "backing", m->backing_shift);
    put_text(j, "access", m->writable ? "rw" : "r");
    open_in(j, "pages", '[');
    for (size_t i = 0; i < m->pages_n; i++) {
        open_in(j, NULL, '{');
        put_count(j, "first", m->pages[i].first);
        put_count(j, "last", m->pages[i].last);
        put_text(j, "access", m->pages[i].writable ? "rw" : "r");
        close_in(j, '}');
    }
    close_in(j, ']');
    close_in(j, '}');
}

static void put_requests(struct json *j, const struct guest_requests *q)
{
    put_text(j, "arrival", q->arrival == GUEST_ARRIVAL_FIXED ? "fixed" : "poisson");
    if (q->load_ppm)
        put_share(j, "load", q->load_ppm);
    else
        put_ns(j, "interval_ns", q->interval_ps);
    put_count(j, "accesses", q->accesses_n);
    put_ns(j, "think_ns", q->think_ps);
    put_address(j, "region_ipa", q->region_ipa.v);
    put_count(j, "region_bytes", q->region_bytes);
    put_count(j, "hot_bytes", q->hot_bytes);
    put_share(j, "hot_share", q->hot_ppm);
    put_share(j, "writes_share", q->write_ppm);
    put_share(j, "fetches_share", q->fetch_ppm);
}

static void put_steps(struct json *j, const struct guest_cfg *g)
{
    static const char *const access[] = {
        [ARCH_READ] = "r", [ARCH_WRITE] = "w", [ARCH_EXECUTE] = "x"};
    open_in(j, "steps", '[');
    for (size_t i = 0; i < g->steps_n; i++) {
        open_in(j, NULL, '{');
        put_count(j, "vcpu", g->steps[i].vcpu);
        put_ns(j, "at_ns", g->steps[i].at_ps);
        put_text(j, "access", access[g->steps[i].access]);
        put_address(j, "ipa", g->steps[i].ipa.v);
        close_in(j, '}');
    }
    close_in(j, ']');
}

static void put_guest(struct json *j, const struct guest_cfg *g)
{
    static const char *const kinds[] = {[GUEST_REQUESTS] = "requests",
                                        [GUEST_STEPS] = "steps",
                                        [GUEST_REPLAY] = "replay",
                                        [GUEST_IDLE] = "idle"};
    open_in(j, "guest", '{');
    put_text(j, "kind", kinds[g->kind]);
    if (g->kind == GUEST_REQUESTS)
        put_requests(j, &g->requests);
    if (g->kind == GUEST_STEPS)
        put_steps(j, g);
    if (g->kind == GUEST_REPLAY) {
        const char *slash = strrchr(g->trace_path, '/');
        put_text(j, "trace", slash ? slash + 1 : g->trace_path);
        put_count(j, "slot", g->trace_slot);
    }
    close_in(j, '}');
}

static void put_stage1(struct json *j, const struct guest_stage1 *s1)
{
    open_in(j, "stage1", '{');
    put_text(j, "state", s1->on ? "on" : "off");
    if (s1->on) {
        put_page(j, "map", s1->map_shift);
        put_address(j, "tables", s1->tables.v);
        put_text(j, "accessed", s1->accessed ? "true" : "false");
    }
    close_in(j, '}');
}

static void put_vm(struct json *j, const struct scn_vm *vm)
{
    open_in(j, NULL, '{');
    put_text(j, "name", vm->name);
    put_count(j, "vcpus", vm->vcpus_n);
    put_count(j, "vmid", vm->vmid);
    put_count(j, "ipa_bits", vm->ipa_bits);
    put_page(j, "granule", vm->vtcr.tg);
    put_address(j, "vtcr_el2", arch_vtcr_encode(&vm->vtcr));
    open_in(j, "memory", '[');
    for (size_t i = 0; i < vm->memory_n; i++)
        put_memory(j, &vm->memory[i]);
    close_in(j, ']');
    put_stage1(j, &vm->stage1);
    put_guest(j, &vm->guest);
    close_in(j, '}');
}

/* ---- events, variants, run ---- */

static void put_event(struct json *j, const struct scn_event *e)
{
    open_in(j, NULL, '{');
    put_count(j, "line", e->pos.line);
    put_ns(j, "at_ns", e->at_ps);
    open_in(j, "coalesce", '{');
    put_address(j, "ipa", e->ipa.v);
    put_count(j, "size_bytes", e->bytes);
    put_page(j, "block", e->block_shift);
    close_in(j, '}');
    close_in(j, '}');
}

static void put_variant(struct json *j, const struct scn_variant *v)
{
    open_in(j, NULL, '{');
    put_text(j, "name", v->name);
    put_text(j, "path", hyp_path_name(v->hyp.path));
    put_text(j, "sequence", hyp_sequence_name(v->hyp.sequence));
    put_text(j, "lock", hyp_lock_name(v->hyp.lock));
    put_text(j, "clean", hyp_clean_name(v->hyp.clean));
    put_text(j, "nt_response", scn_nt_response_word(v->nt_response));
    put_text(j, "nt_cache", scn_nt_cache_word(v->nt_cache_fragment));
    close_in(j, '}');
}

static void put_expect(struct json *j, const struct scn_expect *e)
{
    open_in(j, NULL, '{');
    put_text(j, "variant", e->variant);
    put_text(j, "column", e->column);
    if (isfinite(e->min)) {
        begin(j, "min");
        fprintf(j->f, "%.17g", e->min);
    }
    if (isfinite(e->max)) {
        begin(j, "max");
        fprintf(j->f, "%.17g", e->max);
    }
    close_in(j, '}');
}

static void put_run(struct json *j, const struct scn *s)
{
    open_in(j, "seeds", '{');
    put_count(j, "count", s->seeds_n);
    put_count(j, "first", s->seed_first);
    close_in(j, '}');
    open_in(j, "run", '{');
    put_ns(j, "duration_ns", s->duration_ps);
    put_ns(j, "measure_from_ns", s->measure_from_ps);
    put_ns(j, "slo_ns", s->slo_ps);
    put_ns(j, "timeline_bin_ns", s->timeline_bin_ps);
    close_in(j, '}');
}

void scn_write_json(const struct scn *s, FILE *out, int indent)
{
    struct json j = {.f = out, .indent = indent + 2, .first = true};
    fputc('{', out);
    put_count(&j, "format", SCN_FORMAT_VERSION);
    put_text(&j, "name", s->name);
    put_text(&j, "title", s->title);
    put_platform(&j, s);
    put_count(&j, "pes", s->pes_n);
    open_in(&j, "vms", '[');
    put_vm(&j, &s->vm);
    close_in(&j, ']');
    open_in(&j, "events", '[');
    for (size_t i = 0; i < s->events_n; i++)
        put_event(&j, &s->events[i]);
    close_in(&j, ']');
    open_in(&j, "variants", '[');
    for (size_t i = 0; i < s->variants_n; i++)
        put_variant(&j, &s->variants[i]);
    close_in(&j, ']');
    put_run(&j, s);
    open_in(&j, "expect", '[');
    for (size_t i = 0; i < s->expects_n; i++)
        put_expect(&j, &s->expects[i]);
    close_in(&j, ']');
    close_in(&j, '}');
}
