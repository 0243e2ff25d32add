/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/scn.c - the parts of a scenario file in the order of their needs. */
#include "model/scenario/params.h"
#include "model/scenario/scn_priv.h"
#include "model/scenario/set.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define US UINT64_C(1000000)
#define S UINT64_C(1000000000000)
#define TIMELINE_BINS_MAX 100000

enum {
    T_VERSION,
    T_NAME,
    T_TITLE,
    T_PLATFORM,
    T_OVERRIDES,
    T_PES,
    T_MIXED,
    T_VMS,
    T_HYPERVISOR,
    T_BACKGROUND,
    T_EVENTS,
    T_VARIANTS,
    T_SEEDS,
    T_RUN,
    T_EXPECT,
    T_KEYS_N
};

static const struct scn_key top_keys[T_KEYS_N] = {
    [T_VERSION] = {.name = "stage2sim", .type = SCN_T_TEXT, .need = SCN_REQUIRED},
    [T_NAME] = {.name = "name", .type = SCN_T_NAME, .need = SCN_REQUIRED},
    [T_TITLE] = {.name = "title", .type = SCN_T_TEXT},
    [T_PLATFORM] = {.name = "platform", .type = SCN_T_TEXT, .need = SCN_REQUIRED},
    [T_OVERRIDES] = {.name = "overrides", .type = SCN_T_MAP},
    [T_PES] = {.name = "pes", .type = SCN_T_COUNT, .min = 1, .max = SCN_PES_MAX},
    [T_MIXED] = {.name = "mixed", .type = SCN_T_LIST},
    [T_VMS] = {.name = "vms", .type = SCN_T_LIST, .need = SCN_REQUIRED},
    [T_HYPERVISOR] = {.name = "hypervisor", .type = SCN_T_MAP},
    [T_BACKGROUND] = {.name = "background", .type = SCN_T_MAP},
    [T_EVENTS] = {.name = "events", .type = SCN_T_LIST},
    [T_VARIANTS] = {.name = "variants", .type = SCN_T_LIST, .need = SCN_REQUIRED},
    [T_SEEDS] = {.name = "seeds", .type = SCN_T_MAP},
    [T_RUN] = {.name = "run", .type = SCN_T_MAP},
    [T_EXPECT] = {.name = "expect", .type = SCN_T_LIST},
};

/* ---- seeds and run ---- */

static bool read_seeds(const struct scn_reader *r, const struct scn_node *map,
                       struct scn *s)
{
    enum { COUNT, FIRST };
    static const struct scn_key keys[] = {
        [COUNT] =
            {.name = "count", .type = SCN_T_COUNT, .min = 1, .max = 1000, .def = 20},
        [FIRST] = {.name = "first", .type = SCN_T_COUNT, .max = UINT32_MAX, .def = 1},
    };
    struct scn_val v[SCN_ARRAY_N(keys)] = {{.u = 20}, {.u = 1}};
    bool ok = !map || scn_read_map(r, map, keys, SCN_ARRAY_N(keys), v);
    s->seeds_n = (uint32_t)v[COUNT].u;
    s->seed_first = v[FIRST].u;
    return ok;
}

enum { R_DURATION, R_MEASURE_FROM, R_SLO, R_TIMELINE_BIN, R_KEYS_N };

static bool check_run(const struct scn_reader *r, const struct scn_val *v,
                      const struct scn *s)
{
    const struct scn_node *from = v[R_MEASURE_FROM].node;
    if (from && s->duration_ps && s->measure_from_ps >= s->duration_ps) {
        scn_err(r->diags, from, SCN_E_AFTER_END, "", "%s is not before run.duration",
                from->text);
        return false;
    }
    if (s->duration_ps / s->timeline_bin_ps <= TIMELINE_BINS_MAX)
        return true;
    const struct scn_node *at = v[R_TIMELINE_BIN].node;
    scn_err(r->diags, at ? at : v[R_DURATION].node, SCN_E_RANGE,
            "raise timeline_bin or shorten duration",
            "makes more than %d bins of the timeline", TIMELINE_BINS_MAX);
    return false;
}

static bool read_run(const struct scn_reader *r, const struct scn_node *map,
                     struct scn *s)
{
    static const struct scn_key keys[R_KEYS_N] = {
        [R_DURATION] = {.name = "duration",
                        .type = SCN_T_TIME,
                        .min = US,
                        .max = 1000 * S},
        [R_MEASURE_FROM] = {.name = "measure_from",
                            .type = SCN_T_TIME,
                            .max = 1000 * S},
        [R_SLO] = {.name = "slo", .type = SCN_T_TIME, .min = 1000, .max = S},
        [R_TIMELINE_BIN] = {.name = "timeline_bin",
                            .type = SCN_T_TIME,
                            .min = US,
                            .max = S,
                            .def = 100 * US},
    };
    struct scn_val v[R_KEYS_N] = {[R_TIMELINE_BIN] = {.u = 100 * US}};
    if (map && !scn_read_map(r, map, keys, R_KEYS_N, v))
        return false;
    s->duration_ps = v[R_DURATION].u;
    s->measure_from_ps = v[R_MEASURE_FROM].u;
    s->slo_ps = v[R_SLO].u;
    s->timeline_bin_ps = v[R_TIMELINE_BIN].u;
    return check_run(r, v, s);
}

/* Steps and events beyond duration lengthen the timeline, too. */
static bool check_timeline(const struct scn_reader *r, const struct scn_node *run,
                           const struct scn_node *root, const struct scn *s)
{
    uint64_t last = 0;
    for (size_t i = 0; i < s->events_n; i++)
        last = s->events[i].at_ps > last ? s->events[i].at_ps : last;
    for (uint32_t vm = 0; vm < s->vms_n; vm++) {
        const struct guest_cfg *g = &s->vms[vm].guest;
        for (size_t i = 0; i < g->steps_n; i++)
            last = g->steps[i].at_ps > last ? g->steps[i].at_ps : last;
    }
    if (last / s->timeline_bin_ps <= TIMELINE_BINS_MAX)
        return true;
    scn_err(r->diags, run ? run : root, SCN_E_RANGE, "raise run.timeline_bin",
            "makes more than %d bins of the timeline: the last step or event is at "
            "%.6g s",
            TIMELINE_BINS_MAX, (double)last * 1e-12);
    return false;
}

static bool check_duration(const struct scn_reader *r, const struct scn_node *root,
                           const struct scn_node *run, const struct scn *s)
{
    bool requests = false;
    for (uint32_t vm = 0; vm < s->vms_n; vm++)
        requests = requests || s->vms[vm].guest.kind == GUEST_REQUESTS;
    if (!requests || s->duration_ps)
        return true;
    scn_err(r->diags, run ? run : root, SCN_E_MISSING_KEY, "",
            "lacks the required key '%s': a request stream has no end of its own",
            run ? "duration" : "run.duration");
    return false;
}

/* ---- the whole file ---- */

static bool check_version(const struct scn_reader *r, const struct scn_node *root)
{
    const struct scn_node *version = scn_node_get(root, "stage2sim");
    if (!version || version->kind != SCN_NODE_SCALAR || strcmp(version->text, "1") == 0)
        return true;
    scn_err(r->diags, version, SCN_E_VERSION, "accepted: 1",
            "'%s' is not a format version that this program reads", version->text);
    return false;
}

static void read_scenario(const struct scn_doc *doc, const char *platform_dir,
                          struct scn *s, struct scn_diags *diags,
                          struct scn_doc *platform_file)
{
    struct scn_reader r = {.diags = diags};
    struct scn_val v[T_KEYS_N];
    if (!check_version(&r, doc->root))
        return;
    scn_read_map(&r, doc->root, top_keys, T_KEYS_N, v);
    s->name = v[T_NAME].ok ? scn_strdup(v[T_NAME].s) : NULL;
    s->title = scn_strdup(v[T_TITLE].node && v[T_TITLE].ok ? v[T_TITLE].s : "");
    s->pes_n = (uint32_t)v[T_PES].u;
    read_seeds(&r, v[T_SEEDS].ok ? v[T_SEEDS].node : NULL, s);
    bool platform_ok = v[T_PLATFORM].ok &&
                       scn_read_platform(&r, v[T_PLATFORM].node,
                                         v[T_OVERRIDES].ok ? v[T_OVERRIDES].node : NULL,
                                         platform_dir, s, platform_file);
    bool run_ok = read_run(&r, v[T_RUN].ok ? v[T_RUN].node : NULL, s);
    if (!platform_ok)
        return;
    if (!v[T_MIXED].ok || (v[T_MIXED].node && !scn_read_mixed(&r, v[T_MIXED].node, s)))
        return;
    if (!v[T_VMS].ok || !v[T_PES].ok || !v[T_RUN].ok ||
        !scn_read_vms(&r, v[T_VMS].node, s))
        return;
    if (v[T_BACKGROUND].node && v[T_BACKGROUND].ok)
        scn_read_background(&r, v[T_BACKGROUND].node, &s->background);
    if (run_ok)
        check_duration(&r, doc->root, v[T_RUN].node, s);
    if (v[T_EVENTS].node && v[T_EVENTS].ok && run_ok)
        scn_read_events(&r, v[T_EVENTS].node, s);
    if (scn_place_hosts(&r, v[T_VMS].node, v[T_EVENTS].node, s))
        scn_check_sharing(&r, v[T_VMS].node, v[T_MIXED].node, s);
    if (run_ok)
        check_timeline(&r, v[T_RUN].node, doc->root, s);
    if (!v[T_VARIANTS].ok || !v[T_HYPERVISOR].ok ||
        !scn_read_variants(&r, v[T_HYPERVISOR].node, v[T_VARIANTS].node, s))
        return;
    if (v[T_EXPECT].node && v[T_EXPECT].ok)
        scn_read_expects(&r, v[T_EXPECT].node, s);
}

/* Positions outlive the nodes: point them at the name that s owns. */
static void own_positions(struct scn *s)
{
    for (uint32_t vm = 0; vm < s->vms_n; vm++) {
        s->vms[vm].pos.file = s->file;
        for (size_t i = 0; i < s->vms[vm].memory_n; i++)
            s->vms[vm].memory[i].pos.file = s->file;
    }
    for (size_t i = 0; i < s->events_n; i++)
        s->events[i].pos.file = s->file;
    for (size_t i = 0; i < s->mixed_n; i++)
        s->mixed[i].pos.file = s->file;
    for (size_t i = 0; i < s->variants_n; i++)
        s->variants[i].pos.file = s->file;
    for (size_t i = 0; i < s->expects_n; i++)
        s->expects[i].pos.file = s->file;
}

enum scn_status scn_read_doc(const struct scn_doc *doc, const char *platform_dir,
                             struct scn_doc *platform_file, struct scn *out,
                             struct scn_diags *diags)
{
    memset(out, 0, sizeof(*out));
    read_scenario(doc, platform_dir, out, diags, platform_file);
    if (diags->n > 0) {
        scn_free(out);
        return SCN_INVALID;
    }
    out->file = scn_strdup(doc->file);
    own_positions(out);
    return SCN_OK;
}

enum scn_status scn_load(const char *file, const char *platform_dir, struct scn *out,
                         struct scn_diags *diags)
{
    return scn_load_set(file, platform_dir, NULL, 0, out, diags);
}

enum scn_status scn_load_set(const char *file, const char *platform_dir,
                             const struct scn_set *sets, size_t sets_n, struct scn *out,
                             struct scn_diags *diags)
{
    struct scn_doc doc, platform_file = {.file = NULL};
    enum scn_status status = SCN_INVALID;
    memset(out, 0, sizeof(*out));
    *diags = (struct scn_diags){.n = 0};
    if (scn_doc_load(&doc, file, NULL, diags) &&
        scn_set_apply(&doc, sets, sets_n, diags))
        status = scn_read_doc(&doc, platform_dir, &platform_file, out, diags);
    scn_doc_free(&doc);
    scn_doc_free(&platform_file);
    return status;
}

static void free_vm(struct scn_vm *vm)
{
    for (size_t i = 0; i < vm->memory_n; i++)
        free(vm->memory[i].pages);
    free(vm->memory);
    free(vm->guest.steps);
    free(vm->guest.trace_path);
    free(vm->guest.replay.think.source);
    free(vm->guest.replay.working_set.source);
    scn_free_litmus(&vm->guest.litmus);
    free(vm->guest.stages.streams);
    free(vm->guest.stages.host);
    free(vm->name);
}

void scn_free(struct scn *s)
{
    for (uint32_t i = 0; i < s->vms_n; i++)
        free_vm(&s->vms[i]);
    free(s->vms);
    for (size_t i = 0; i < s->variants_n; i++)
        free(s->variants[i].name);
    for (size_t i = 0; i < s->expects_n; i++) {
        free(s->expects[i].variant);
        free(s->expects[i].column);
    }
    free(s->variants);
    free(s->expects);
    free(s->events);
    free(s->mixed);
    scn_platform_free(&s->platform, s->platform_doc);
    free(s->file);
    free(s->name);
    free(s->title);
    memset(s, 0, sizeof(*s));
}
