/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/guest_stages.c - the keys of guests in stages: two tests of the
 * kernel, and streams one after the other. */
#include "model/scenario/guest_priv.h"
#include "model/scenario/units.h"

#include <inttypes.h>
#include <stdlib.h>

#define S UINT64_C(1000000000000)

bool scn_guest_has_stages(enum guest_kind kind)
{
    return kind == GUEST_PAGE_TABLE_TEST || kind == GUEST_DIRTY_LOG_TEST ||
           kind == GUEST_STAGES;
}

/* ---- kvm_page_table_test ---- */

bool scn_read_page_table_test(const struct scn_reader *r, const struct scn_node *map,
                              const struct scn_vm *vm, struct guest_page_table_test *g)
{
    enum { KIND, REGION, BLOCK, THINK };
    const struct scn_key keys[] = {
        [KIND] = SCN_GUEST_KIND,
        [REGION] = {.name = "region", .type = SCN_T_MAP},
        [BLOCK] = {.name = "block", .type = SCN_T_PAGE, .min = vm->leaf_sizes},
        [THINK] = {.name = "think", .type = SCN_T_TIME, .max = S},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, map, keys, SCN_ARRAY_N(keys), v))
        return false;
    *g = (struct guest_page_table_test){.region_ipa = vm->memory[0].ipa,
                                        .region_bytes = vm->memory[0].bytes,
                                        .page_bytes = UINT64_C(1) << vm->vtcr.tg,
                                        .think_ps = v[THINK].u};
    const struct scn_node *region = v[REGION].node ? v[REGION].node : map;
    if (v[REGION].node &&
        !scn_read_region(r, region, vm, &g->region_ipa, &g->region_bytes))
        return false;
    const struct scn_memory *m = scn_memory_find(vm, g->region_ipa.v, g->region_bytes);
    const unsigned shift = v[BLOCK].node ? (unsigned)v[BLOCK].u : m->backing_shift;
    g->block_bytes = UINT64_C(1) << shift;
    if (g->region_ipa.v % g->block_bytes != 0 ||
        g->region_bytes % g->block_bytes != 0) {
        char page[SCN_QUANTITY_TEXT_MAX];
        scn_format_page(shift, page);
        scn_err(r->diags, region, SCN_E_ALIGN, "",
                "the region is not made of blocks of %s", page);
        return false;
    }
    return scn_check_writable(r, region, vm, g->region_ipa.v);
}

/* ---- dirty_log_perf_test ---- */

enum {
    D_KIND,
    D_IPA,
    D_VCPU_BYTES,
    D_ITERATIONS,
    D_WRITE_EVERY,
    D_WRITES,
    D_OVERLAP,
    D_RANDOM,
    D_MANUAL,
    D_DISABLING,
    D_THINK,
    D_KEYS_N
};

/* Defaults are those of the kernel's test. */
static const struct scn_key dirty_log_keys[D_KEYS_N] = {
    [D_KIND] = SCN_GUEST_KIND,
    [D_IPA] = {.name = "ipa", .type = SCN_T_ADDRESS},
    [D_VCPU_BYTES] = {.name = "vcpu_bytes",
                      .type = SCN_T_SIZE,
                      .need = SCN_REQUIRED,
                      .min = 4096,
                      .max = UINT64_C(1) << 40},
    [D_ITERATIONS] =
        {.name = "iterations", .type = SCN_T_COUNT, .min = 1, .max = 10000, .def = 2},
    [D_WRITE_EVERY] = {.name = "write_every",
                       .type = SCN_T_COUNT,
                       .min = 1,
                       .max = UINT32_MAX},
    [D_WRITES] = {.name = "writes",
                  .type = SCN_T_PERCENT,
                  .max = SCN_PPM_ALL,
                  .def = SCN_PPM_ALL},
    [D_OVERLAP] = {.name = "overlap", .type = SCN_T_BOOL},
    [D_RANDOM] = {.name = "random", .type = SCN_T_BOOL},
    [D_MANUAL] = {.name = "manual_protect", .type = SCN_T_BOOL, .def = 1},
    [D_DISABLING] = {.name = "run_while_disabling", .type = SCN_T_BOOL},
    [D_THINK] = {.name = "think", .type = SCN_T_TIME, .max = S},
};

static bool check_parts(const struct scn_reader *r, const struct scn_val *v,
                        const struct scn_vm *vm, const struct guest_dirty_log_test *g)
{
    const struct scn_node *bytes = v[D_VCPU_BYTES].node, *ipa = v[D_IPA].node;
    if (g->vcpu_bytes % g->page_bytes != 0 || g->region_ipa.v % g->page_bytes != 0) {
        const struct scn_node *at = g->vcpu_bytes % g->page_bytes ? bytes : ipa;
        char page[SCN_QUANTITY_TEXT_MAX];
        scn_format_page(vm->vtcr.tg, page);
        scn_err(r->diags, at, SCN_E_ALIGN, "", "%s is not aligned to %s", at->text,
                page);
        return false;
    }
    if (!scn_memory_find(vm, g->region_ipa.v, vm->vcpus_n * g->vcpu_bytes)) {
        scn_err(r->diags, bytes, SCN_E_OUTSIDE_MEMORY, "",
                "%s for each of %" PRIu32 " vCPUs from 0x%" PRIx64
                " is not inside one memory region of the VM",
                bytes->text, vm->vcpus_n, g->region_ipa.v);
        return false;
    }
    if (v[D_WRITE_EVERY].node && v[D_WRITES].node) {
        scn_err(r->diags, v[D_WRITES].node, SCN_E_EXCLUSIVE,
                "write_every is of kernels to 6.1, writes of those from 6.2 on",
                "and write_every exclude each other");
        return false;
    }
    return scn_check_writable(r, ipa ? ipa : bytes, vm, g->region_ipa.v);
}

bool scn_read_dirty_log_test(const struct scn_reader *r, const struct scn_node *map,
                             const struct scn_vm *vm, struct guest_dirty_log_test *g)
{
    struct scn_val v[D_KEYS_N];
    if (!scn_read_map(r, map, dirty_log_keys, D_KEYS_N, v))
        return false;
    *g = (struct guest_dirty_log_test){
        .region_ipa = v[D_IPA].node ? arch_ipa(v[D_IPA].u) : vm->memory[0].ipa,
        .vcpu_bytes = v[D_VCPU_BYTES].u,
        .page_bytes = UINT64_C(1) << vm->vtcr.tg,
        .iterations_n = (uint32_t)v[D_ITERATIONS].u,
        .write_every = (uint32_t)v[D_WRITE_EVERY].u,
        .write_ppm = v[D_WRITE_EVERY].node ? 0 : (guest_ppm)v[D_WRITES].u,
        .overlap = v[D_OVERLAP].u != 0,
        .random = v[D_RANDOM].u != 0,
        .manual_protect = v[D_MANUAL].u != 0,
        .run_while_disabling = v[D_DISABLING].u != 0,
        .think_ps = v[D_THINK].u};
    return check_parts(r, v, vm, g);
}

/* ---- stages ---- */

const char *scn_host_action_word(unsigned i)
{
    static const char *const words[] = {[GUEST_HOST_LOG_ON] = "log-on",
                                        [GUEST_HOST_LOG_OFF] = "log-off",
                                        [GUEST_HOST_LOG_GET] = "log-get",
                                        [GUEST_HOST_LOG_CLEAR] = "log-clear",
                                        [GUEST_HOST_COALESCE] = "coalesce"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

/* What the host has done to the slot so far. */
struct slot {
    const struct scn_memory *m;
    unsigned page_shift;
    bool logging, manual, got;
    bool lost; /* after an error nothing follows from these */
};

static bool check_coalesce(const struct scn_reader *r, const struct scn_node *n,
                           const struct slot *slot)
{
    char page[SCN_QUANTITY_TEXT_MAX];
    scn_format_page(slot->page_shift, page);
    if (slot->m->pages_n)
        scn_err(r->diags, n, SCN_E_HOLES, "", "covers a region that has `pages`");
    else if (slot->m->backing_shift <= slot->page_shift)
        scn_err(r->diags, n, SCN_E_BLOCK_SIZE, "",
                "needs a region whose backing is larger than %s", page);
    else
        return true;
    return false;
}

static bool check_action(const struct scn_reader *r, const struct scn_node *n,
                         enum guest_host_action action, struct slot *slot)
{
    const char *why = NULL;
    if (slot->lost)
        return true;
    if (action == GUEST_HOST_COALESCE) {
        return check_coalesce(r, n, slot);
    }
    if (action == GUEST_HOST_LOG_ON && slot->logging)
        why = "follows a log-on without a log-off between";
    else if (action != GUEST_HOST_LOG_ON && !slot->logging)
        why = "needs a log-on before it";
    else if (action == GUEST_HOST_LOG_CLEAR && !slot->manual)
        why = "needs manual_protect: true: without it, log-get protects";
    else if (action == GUEST_HOST_LOG_CLEAR && !slot->got)
        why = "needs a log-get before it: it protects what that shows";
    if (why) {
        scn_err(r->diags, n, SCN_E_ORDER, "", "%s", why);
        return false;
    }
    slot->got =
        action == GUEST_HOST_LOG_ON ? false : slot->got || action == GUEST_HOST_LOG_GET;
    slot->logging = action != GUEST_HOST_LOG_OFF;
    return true;
}

static bool read_action(const struct scn_reader *r, const struct scn_node *n,
                        struct slot *slot, struct guest_host_actions *out)
{
    static const struct scn_key key = {.name = "action",
                                       .type = SCN_T_WORD,
                                       .need = SCN_REQUIRED,
                                       .word = scn_host_action_word};
    struct scn_val v;
    if (out->n == GUEST_HOST_ACTIONS_MAX) {
        scn_err(r->diags, n, SCN_E_RANGE, "", "is one more than %d actions",
                GUEST_HOST_ACTIONS_MAX);
        return false;
    }
    if (!scn_read_value(r, n, &key, &v))
        return false;
    out->list[out->n++] = (enum guest_host_action)v.u;
    return check_action(r, n, (enum guest_host_action)v.u, slot);
}

/* One word, or a list of them. */
static bool read_actions(const struct scn_reader *r, const struct scn_node *n,
                         struct slot *slot, struct guest_host_actions *out)
{
    static const struct scn_key list = {.name = "actions", .type = SCN_T_LIST};
    struct scn_val v;
    if (!n)
        return true;
    if (n->kind == SCN_NODE_SCALAR && !n->empty)
        return read_action(r, n, slot, out);
    if (!scn_read_value(r, n, &list, &v))
        return false;
    for (const struct scn_node *c = n->children; c; c = c->next)
        if (!read_action(r, c, slot, out))
            return false;
    return true;
}

static bool read_host(const struct scn_reader *r, const struct scn_node *map,
                      struct slot *slot, struct guest_host_work *out)
{
    enum { BEFORE, DURING };
    static const struct scn_key keys[] = {
        [BEFORE] = {.name = "before", .type = SCN_T_ANY},
        [DURING] = {.name = "during", .type = SCN_T_ANY},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    return scn_read_map(r, map, keys, SCN_ARRAY_N(keys), v) &&
           read_actions(r, v[BEFORE].node, slot, &out->before) &&
           read_actions(r, v[DURING].node, slot, &out->during);
}

static bool read_stage(const struct scn_reader *r, const struct scn_node *n,
                       const struct scn_vm *vm, struct slot *slot,
                       struct guest_stages *g)
{
    struct guest_stream *stream = &g->streams[g->stages_n];
    const struct scn_node *host = NULL;
    if (!scn_read_stage(r, n, vm, stream, &host))
        return false;
    const struct scn_memory *m =
        scn_memory_find(vm, stream->region_ipa.v, stream->region_bytes);
    if (slot->m && slot->m != m) {
        scn_err(r->diags, n, SCN_E_OUTSIDE_MEMORY, "",
                "is of another memory region than the first stage");
        return false;
    }
    slot->m = m;
    return !host || read_host(r, host, slot, &g->host[g->stages_n]);
}

bool scn_read_stages(const struct scn_reader *r, const struct scn_node *map,
                     const struct scn_vm *vm, struct guest_stages *g)
{
    enum { KIND, STAGES, MANUAL };
    static const struct scn_key keys[] = {
        [KIND] = SCN_GUEST_KIND,
        [STAGES] = {.name = "stages", .type = SCN_T_LIST, .need = SCN_REQUIRED},
        [MANUAL] = {.name = "manual_protect", .type = SCN_T_BOOL},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, map, keys, SCN_ARRAY_N(keys), v))
        return false;
    struct slot slot = {.page_shift = vm->vtcr.tg, .manual = v[MANUAL].u != 0};
    const size_t n = scn_node_children_n(v[STAGES].node);
    bool ok = true;
    g->manual_protect = slot.manual;
    g->streams = scn_calloc(n, sizeof(*g->streams));
    g->host = scn_calloc(n, sizeof(*g->host));
    for (const struct scn_node *c = v[STAGES].node->children; c; c = c->next) {
        ok = read_stage(r, c, vm, &slot, g) && ok;
        slot.lost = !ok;
        g->stages_n++;
    }
    return ok;
}
