/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/vms.c - the VMs of a scenario, and the PEs that they run on. */
#include "model/scenario/scn_priv.h"
#include "walker/geometry.h"

#include <inttypes.h>
#include <string.h>

#define VCPUS_MAX 1024
#define VMIDS_MAX 255 /* with feat.vmid_bits 8; VMID 0 is the host's */
#define GRANULES (UINT64_C(1) << 12 | UINT64_C(1) << 14 | UINT64_C(1) << 16)

enum { V_NAME, V_VCPUS, V_IPA_BITS, V_GRANULE, V_MEMORY, V_STAGE1, V_GUEST, V_KEYS_N };

static const struct scn_key vm_keys[V_KEYS_N] = {
    [V_NAME] = {.name = "name", .type = SCN_T_NAME, .need = SCN_REQUIRED},
    [V_VCPUS] = {.name = "vcpus",
                 .type = SCN_T_COUNT,
                 .need = SCN_REQUIRED,
                 .min = 1,
                 .max = VCPUS_MAX},
    [V_IPA_BITS] =
        {.name = "ipa_bits", .type = SCN_T_COUNT, .min = 32, .max = 48, .def = 40},
    [V_GRANULE] = {.name = "granule", .type = SCN_T_PAGE, .min = GRANULES, .def = 12},
    [V_MEMORY] = {.name = "memory", .type = SCN_T_LIST, .need = SCN_REQUIRED},
    [V_STAGE1] = {.name = "stage1", .type = SCN_T_MAP},
    [V_GUEST] = {.name = "guest", .type = SCN_T_MAP, .need = SCN_REQUIRED},
};

/* How many vCPUs the VMs before vm have, itself not included. */
static uint32_t vcpus_before(const struct scn *s, const struct scn_vm *vm)
{
    uint32_t n = 0;
    for (const struct scn_vm *v = s->vms; v < vm; v++)
        n += v->vcpus_n;
    return n;
}

static bool check_vm(const struct scn_reader *r, const struct scn_node *n,
                     const struct scn_val *v, const struct scn *s, struct scn_vm *vm)
{
    unsigned ipa_bits = vm->ipa_bits, pa_bits = s->platform.feat.pa_bits;
    const struct scn_node *bits_at = v[V_IPA_BITS].node ? v[V_IPA_BITS].node : n;
    struct walk_s2_geometry geometry;
    if (s->pes_n && vm->first_pe + vm->vcpus_n > s->pes_n) {
        scn_err(r->diags, v[V_VCPUS].node, SCN_E_PES, "each vCPU has a PE of its own",
                "%" PRIu32 " are more than pes %" PRIu32, vm->first_pe + vm->vcpus_n,
                s->pes_n);
        return false;
    }
    if (ipa_bits > pa_bits ||
        walk_s2_choose(vm->vtcr.tg, ipa_bits, pa_bits, &vm->vtcr) != ARCH_OK ||
        walk_s2_geometry_of(&vm->vtcr, pa_bits, s->platform.feat.ttst, &geometry) !=
            ARCH_OK) {
        scn_err(r->diags, bits_at, SCN_E_IPA_BITS, "lower ipa_bits",
                "%u-bit IPAs do not fit a platform with pa_bits %u", ipa_bits, pa_bits);
        return false;
    }
    scn_set_sizes(vm, geometry.start_level);
    return true;
}

static bool check_name(const struct scn_reader *r, const struct scn_val *name,
                       const struct scn *s, const struct scn_vm *vm)
{
    for (const struct scn_vm *other = s->vms; other < vm; other++) {
        if (!name->ok || !other->name || strcmp(other->name, name->s) != 0)
            continue;
        scn_err(r->diags, name->node, SCN_E_DUPLICATE_NAME, "",
                "'%s' is the name of an earlier VM", name->s);
        return false;
    }
    return true;
}

/* A recording gives the IPAs of one VM, and the order of all that happened to it. */
static bool check_replay(const struct scn_reader *r, const struct scn_val *v,
                         const struct scn *s, const struct scn_vm *vm)
{
    if (vm->guest.kind == GUEST_REPLAY && vm->stage1.on) {
        scn_err(r->diags, v[V_STAGE1].node, SCN_E_REPLAY, "",
                "cannot be combined with a replay: a recording gives IPAs");
        return false;
    }
    if (vm->guest.kind == GUEST_LITMUS && s->vms_n > 1) {
        scn_err(r->diags, v[V_GUEST].node, SCN_E_UNSUPPORTED, "test it alone",
                "empties all TLBs between its rounds: it has the machine for itself");
        return false;
    }
    if (vm->guest.kind == GUEST_REPLAY && s->vms_n > 1) {
        scn_err(r->diags, v[V_GUEST].node, SCN_E_REPLAY, "replay it alone",
                "cannot be replayed beside other VMs: the recorded order is of one");
        return false;
    }
    return true;
}

/* Recordings and litmus tests name addresses in pages of 4K. */
static bool check_granule(const struct scn_reader *r, const struct scn_node *n,
                          const struct scn_vm *vm)
{
    const enum guest_kind kind = vm->guest.kind;
    if (vm->vtcr.tg == ARCH_TG_4K || (kind != GUEST_REPLAY && kind != GUEST_LITMUS))
        return true;
    scn_err(r->diags, n, SCN_E_UNSUPPORTED, "accepted then: 4K",
            "%s cannot be combined with kind: %s, which is of 4K pages", n->text,
            scn_guest_kind_word(kind));
    return false;
}

/* Host memory belongs to one region of one VM. */
static bool check_memory(const struct scn_reader *r, const struct scn_node *list,
                         const struct scn *s, const struct scn_vm *vm)
{
    for (const struct scn_vm *other = s->vms; other < vm; other++) {
        for (size_t i = 0; i < other->memory_n; i++) {
            for (size_t k = 0; k < vm->memory_n; k++) {
                const struct scn_memory *x = &other->memory[i], *y = &vm->memory[k];
                if (x->pa.v >= y->pa.v + y->bytes || y->pa.v >= x->pa.v + x->bytes)
                    continue;
                scn_err(r->diags, list, SCN_E_OVERLAP,
                        "give each region a pa of its own",
                        "overlaps memory of vm %s in PA space: 0x%" PRIx64, other->name,
                        x->pa.v > y->pa.v ? x->pa.v : y->pa.v);
                return false;
            }
        }
    }
    return true;
}

static bool read_vm(const struct scn_reader *r, const struct scn_node *n, struct scn *s,
                    struct scn_vm *vm)
{
    struct scn_val v[V_KEYS_N];
    bool ok = scn_read_map(r, n, vm_keys, V_KEYS_N, v);
    vm->pos = n->pos;
    if (v[V_NAME].ok)
        vm->name = scn_strdup(v[V_NAME].s);
    vm->vcpus_n = (uint32_t)v[V_VCPUS].u;
    vm->ipa_bits = (uint8_t)v[V_IPA_BITS].u;
    vm->vmid = (uint16_t)(vm - s->vms + 1);
    vm->first_pe = vcpus_before(s, vm);
    if (!v[V_VCPUS].ok || !v[V_IPA_BITS].ok || !v[V_GRANULE].ok)
        return false;
    vm->vtcr.tg = (enum arch_tg)v[V_GRANULE].u;
    scn_set_sizes(vm, 0); /* until the start level is known */
    ok = check_name(r, &v[V_NAME], s, vm) && check_vm(r, n, v, s, vm) && ok;
    if (!v[V_MEMORY].ok || !scn_read_memory(r, v[V_MEMORY].node, vm, &s->platform))
        return false;
    ok = check_memory(r, v[V_MEMORY].node, s, vm) && ok;
    if (v[V_STAGE1].node)
        ok = v[V_STAGE1].ok && scn_read_stage1(r, v[V_STAGE1].node, vm) && ok;
    ok = v[V_GUEST].ok && scn_read_guest(r, v[V_GUEST].node, &s->platform, vm) && ok;
    return ok && check_granule(r, v[V_GRANULE].node, vm) && check_replay(r, v, s, vm);
}

bool scn_read_vms(const struct scn_reader *r, const struct scn_node *list,
                  struct scn *s)
{
    bool ok = true;
    const size_t n = scn_node_children_n(list);
    if (n > VMIDS_MAX) {
        scn_err(r->diags, list, SCN_E_RANGE, "", "has %zu VMs: more than %d", n,
                VMIDS_MAX);
        return false;
    }
    s->vms = scn_calloc(n, sizeof(*s->vms));
    s->vms_n = (uint32_t)n;
    struct scn_vm *vm = s->vms;
    for (const struct scn_node *child = list->children; child; child = child->next)
        ok = read_vm(r, child, s, vm++) && ok;
    return ok;
}

bool scn_find_vm(const struct scn_reader *r, const struct scn_node *name,
                 const struct scn *s, int32_t *vm)
{
    for (uint32_t i = 0; name && i < s->vms_n; i++) {
        if (strcmp(s->vms[i].name, name->text) != 0)
            continue;
        *vm = (int32_t)i;
        return true;
    }
    if (!name)
        return true;
    scn_err(r->diags, name, SCN_E_NO_VM, "", "'%s' is not a VM of this scenario",
            name->text);
    return false;
}

/* A preemption needs no thread: see enum scn_event_kind. */
static bool has_events(const struct scn *s, uint32_t vm)
{
    for (size_t i = 0; i < s->events_n; i++)
        if (s->events[i].vm == vm && s->events[i].kind != SCN_EVENT_PREEMPT)
            return true;
    return false;
}

bool scn_place_hosts(const struct scn_reader *r, const struct scn_node *vms,
                     const struct scn_node *events, struct scn *s)
{
    const uint32_t vcpus_n = vcpus_before(s, s->vms + s->vms_n);
    uint32_t next = vcpus_n;
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
        s->pes_n = next > vcpus_n ? next : vcpus_n + 1;
    return true;
}

bool scn_vm_runs_on(const struct scn_vm *vm, uint32_t pe)
{
    return pe - vm->first_pe < vm->vcpus_n || (vm->has_host && pe == vm->host_pe);
}
