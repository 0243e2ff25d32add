/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/placement.c - which PEs the vCPUs and host threads run on, and what
 * of these PEs is not as the platform says. */
#include "model/scenario/scn_priv.h"

#include <inttypes.h>
#include <stdio.h>

#define HINT_MAX 100

/* ---- where a VM begins ---- */

/* The first PE behind those of the VMs before vm. */
static uint32_t end_before(const struct scn *s, const struct scn_vm *vm)
{
    uint32_t end = 0;
    for (const struct scn_vm *v = s->vms; v < vm; v++)
        end = v->first_pe + v->pes_n > end ? v->first_pe + v->pes_n : end;
    return end;
}

enum { P_FIRST, P_COUNT, P_KEYS_N };

static bool read_range(const struct scn_reader *r, const struct scn_node *map,
                       uint32_t most, uint32_t *first, uint32_t *count)
{
    static const struct scn_key first_key = {
        .name = "first", .type = SCN_T_COUNT, .need = SCN_REQUIRED, .max = SCN_PES_MAX};
    const struct scn_key keys[P_KEYS_N] = {[P_FIRST] = first_key,
                                           [P_COUNT] = {.name = "count",
                                                        .type = SCN_T_COUNT,
                                                        .min = 1,
                                                        .max = most,
                                                        .def = *count}};
    struct scn_val v[P_KEYS_N];
    if (!scn_read_map(r, map, keys, P_KEYS_N, v))
        return false;
    *first = (uint32_t)v[P_FIRST].u;
    *count = (uint32_t)v[P_COUNT].u;
    return true;
}

bool scn_read_vm_pes(const struct scn_reader *r, const struct scn_node *map,
                     const struct scn_node *vcpus, const struct scn *s,
                     struct scn_vm *vm)
{
    vm->first_pe = end_before(s, vm);
    vm->pes_n = vm->vcpus_n;
    if (map && !read_range(r, map, vm->vcpus_n, &vm->first_pe, &vm->pes_n))
        return false;
    if (!s->pes_n || vm->first_pe + vm->pes_n <= s->pes_n)
        return true;
    scn_err(r->diags, map ? map : vcpus, SCN_E_PES,
            "raise pes, or let VMs share PEs with the key pes of a VM",
            "%" PRIu32 " are more than pes %" PRIu32, vm->first_pe + vm->pes_n,
            s->pes_n);
    return false;
}

uint32_t scn_vm_pe(const struct scn_vm *vm, uint32_t vcpu)
{
    return vm->first_pe + vcpu % vm->pes_n;
}

bool scn_vm_runs_on(const struct scn_vm *vm, uint32_t pe)
{
    return pe - vm->first_pe < vm->pes_n || (vm->has_host && pe == vm->host_pe);
}

/* ---- unlike PEs ---- */

enum { M_PES, M_HAFDBS, M_PA_BITS, M_KEYS_N };

static bool read_mixed(const struct scn_reader *r, const struct scn_node *n,
                       const struct scn *s, struct scn_mixed *m)
{
    const struct scn_key keys[M_KEYS_N] = {
        [M_PES] = {.name = "pes", .type = SCN_T_MAP, .need = SCN_REQUIRED},
        [M_HAFDBS] = {.name = "hafdbs",
                      .type = SCN_T_COUNT,
                      .max = 2,
                      .def = s->platform.feat.hafdbs},
        [M_PA_BITS] = {.name = "pa_bits",
                       .type = SCN_T_COUNT,
                       .min = 32,
                       .max = s->platform.feat.pa_bits,
                       .def = s->platform.feat.pa_bits}};
    struct scn_val v[M_KEYS_N];
    uint32_t count = 1;
    if (!scn_read_map(r, n, keys, M_KEYS_N, v) ||
        !read_range(r, v[M_PES].node, SCN_PES_MAX, &m->first, &count))
        return false;
    m->pos = n->pos;
    m->last = m->first + count - 1;
    m->limits = (struct hyp_vtcr_limits){.pa_bits = (uint8_t)v[M_PA_BITS].u,
                                         .hafdbs = (uint8_t)v[M_HAFDBS].u};
    return true;
}

bool scn_read_mixed(const struct scn_reader *r, const struct scn_node *list,
                    struct scn *s)
{
    bool ok = true;
    s->mixed = scn_calloc(scn_node_children_n(list), sizeof(*s->mixed));
    for (const struct scn_node *n = list->children; n; n = n->next)
        ok = read_mixed(r, n, s, &s->mixed[s->mixed_n++]) && ok;
    return ok;
}

static struct hyp_vtcr_limits platform_limits(const struct scn *s)
{
    return (struct hyp_vtcr_limits){.pa_bits = s->platform.feat.pa_bits,
                                    .hafdbs = s->platform.feat.hafdbs};
}

struct hyp_vtcr_limits scn_pe_limits(const struct scn *s, uint32_t pe)
{
    for (size_t i = 0; i < s->mixed_n; i++)
        if (pe >= s->mixed[i].first && pe <= s->mixed[i].last)
            return s->mixed[i].limits;
    return platform_limits(s);
}

struct hyp_vtcr_limits scn_safe_limits(const struct scn *s)
{
    struct hyp_vtcr_limits safe = platform_limits(s);
    for (size_t i = 0; i < s->mixed_n; i++)
        safe = hyp_vtcr_safe(safe, s->mixed[i].limits);
    return safe;
}

/* ---- host threads ---- */

static bool needs_thread(enum scn_event_kind kind)
{
    return kind != SCN_EVENT_PREEMPT && kind != SCN_EVENT_MOVE;
}

static bool has_events(const struct scn *s, uint32_t vm)
{
    for (size_t i = 0; i < s->events_n; i++)
        if (s->events[i].vm == vm && needs_thread(s->events[i].kind))
            return true;
    return false;
}

/* The first PE on which no vCPU ever runs. */
static uint32_t end_of_vcpus(const struct scn *s)
{
    uint32_t end = end_before(s, s->vms + s->vms_n);
    for (size_t i = 0; i < s->events_n; i++)
        if (s->events[i].kind == SCN_EVENT_MOVE && s->events[i].to >= end)
            end = s->events[i].to + 1;
    return end;
}

bool scn_place_hosts(const struct scn_reader *r, const struct scn_node *vms,
                     const struct scn_node *events, struct scn *s)
{
    const uint32_t vcpus_end = end_of_vcpus(s);
    uint32_t next = vcpus_end;
    const struct scn_node *n = vms->children;
    for (uint32_t i = 0; i < s->vms_n; i++, n = n->next) {
        struct scn_vm *vm = &s->vms[i];
        const bool stages =
            scn_guest_has_stages(vm->guest.kind) || vm->guest.kind == GUEST_REPLAY;
        vm->host_pe = next;
        vm->has_host = stages || has_events(s, i);
        next += vm->has_host;
        if (!vm->has_host || !s->pes_n || next <= s->pes_n)
            continue;
        scn_err(r->diags, stages ? scn_node_get(n, "guest") : events, SCN_E_PES,
                "raise pes",
                "needs a PE for the host thread of vm %s: pes %" PRIu32
                " is not above the %" PRIu32 " that are taken",
                vm->name, s->pes_n, next - 1);
        return false;
    }
    if (s->pes_n == 0) /* not given: one for the host, at least */
        s->pes_n = next > vcpus_end ? next : vcpus_end + 1;
    return true;
}

/* ---- sharing ---- */

static bool shares_pes(const struct scn *s)
{
    for (size_t i = 0; i < s->events_n; i++)
        if (s->events[i].kind == SCN_EVENT_MOVE)
            return true;
    for (const struct scn_vm *vm = s->vms; vm < s->vms + s->vms_n; vm++) {
        if (vm->vcpus_n > vm->pes_n)
            return true;
        for (const struct scn_vm *v = s->vms; v < vm; v++)
            if (v->first_pe < vm->first_pe + vm->pes_n &&
                vm->first_pe < v->first_pe + v->pes_n)
                return true;
    }
    return false;
}

/* What its program does can be put off at any access. */
static bool can_share(enum guest_kind kind)
{
    return kind == GUEST_REQUESTS || kind == GUEST_STREAM || kind == GUEST_STEPS ||
           kind == GUEST_FLUSH || kind == GUEST_IDLE;
}

static bool check_guests(const struct scn_reader *r, const struct scn_node *vms,
                         const struct scn *s)
{
    const struct scn_node *n = vms->children;
    for (uint32_t i = 0; i < s->vms_n; i++, n = n->next) {
        const enum guest_kind kind = s->vms[i].guest.kind;
        if (can_share(kind))
            continue;
        scn_err(r->diags, scn_node_get(n, "guest"), SCN_E_UNSUPPORTED,
                "accepted there: requests, stream, steps, flush, idle",
                "of kind %s cannot run where vCPUs share PEs or move",
                scn_guest_kind_word(kind));
        return false;
    }
    return true;
}

bool scn_check_sharing(const struct scn_reader *r, const struct scn_node *vms,
                       const struct scn_node *mixed, struct scn *s)
{
    const uint32_t vmids_n = (UINT32_C(1) << s->platform.feat.vmid_bits) - 1;
    char hint[HINT_MAX];
    for (size_t i = 0; i < s->mixed_n; i++) {
        if (s->mixed[i].last < s->pes_n)
            continue;
        scn_err(r->diags, mixed, SCN_E_PES, "",
                "names PE %" PRIu32 ": there are %" PRIu32, s->mixed[i].last, s->pes_n);
        return false;
    }
    s->shares_pes = shares_pes(s);
    /* Linux: a VMID for each PE and one more, or a roll-over would find none. */
    const uint32_t users_n = s->shares_pes ? s->pes_n + 1 : s->vms_n;
    if (users_n > vmids_n) {
        snprintf(hint, sizeof(hint), "feat.vmid_bits %u leaves %" PRIu32 " VMIDs",
                 s->platform.feat.vmid_bits, vmids_n);
        scn_err(r->diags, vms, SCN_E_RANGE, hint, "needs %" PRIu32 " VMIDs at a time",
                users_n);
        return false;
    }
    return !s->shares_pes || check_guests(r, vms, s);
}
