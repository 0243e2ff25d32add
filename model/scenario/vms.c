/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/vms.c - the VMs of a scenario, and the PEs that they run on. */
#include "model/scenario/scn_priv.h"
#include "walker/geometry.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define VCPUS_MAX 1024
#define VMS_MAX 4096
#define HINT_MAX 60
#define GRANULES (UINT64_C(1) << 12 | UINT64_C(1) << 14 | UINT64_C(1) << 16)

enum {
    V_NAME,
    V_VCPUS,
    V_PES,
    V_IPA_BITS,
    V_GRANULE,
    V_MEMORY,
    V_STAGE1,
    V_GUEST,
    V_KEYS_N
};

static const struct scn_key vm_keys[V_KEYS_N] = {
    [V_NAME] = {.name = "name", .type = SCN_T_NAME, .need = SCN_REQUIRED},
    [V_VCPUS] = {.name = "vcpus",
                 .type = SCN_T_COUNT,
                 .need = SCN_REQUIRED,
                 .min = 1,
                 .max = VCPUS_MAX},
    [V_PES] = {.name = "pes", .type = SCN_T_MAP},
    [V_IPA_BITS] = {.name = "ipa_bits",
                    .type = SCN_T_COUNT,
                    .min = 32,
                    .max = 48,
                    .def = HYP_IPA_BITS_DEFAULT},
    [V_GRANULE] = {.name = "granule", .type = SCN_T_PAGE, .min = GRANULES, .def = 12},
    [V_MEMORY] = {.name = "memory", .type = SCN_T_LIST, .need = SCN_REQUIRED},
    [V_STAGE1] = {.name = "stage1", .type = SCN_T_MAP},
    [V_GUEST] = {.name = "guest", .type = SCN_T_MAP, .need = SCN_REQUIRED},
};

/* KVM refuses its own default where no VM can have it, too. */
static void refuse_ipa_bits(const struct scn_reader *r, const struct scn_node *vm,
                            const struct scn_node *bits, unsigned ipa_bits,
                            unsigned limit)
{
    char hint[HINT_MAX];
    snprintf(hint, sizeof(hint), "accepted: ipa_bits 32 to %u", limit);
    if (bits)
        scn_err(r->diags, bits, SCN_E_IPA_BITS, hint,
                "%u-bit IPAs do not fit a platform with pa_bits %u", ipa_bits, limit);
    else
        scn_err(r->diags, vm, SCN_E_IPA_BITS, hint,
                "does not say ipa_bits, and KVM's default of %u does not fit a "
                "platform with pa_bits %u",
                ipa_bits, limit);
}

static bool check_vm(const struct scn_reader *r, const struct scn_node *n,
                     const struct scn_val *v, const struct scn *s, struct scn_vm *vm)
{
    const struct hyp_vtcr_limits safe = scn_safe_limits(s);
    const unsigned ipa_bits = vm->ipa_bits, pa_bits = safe.pa_bits;
    const unsigned limit = hyp_ipa_limit(safe, vm->vtcr.tg, false);
    struct walk_s2_geometry geometry;
    if (!scn_read_vm_pes(r, v[V_PES].node, v[V_VCPUS].node, s, vm))
        return false;
    if (ipa_bits > limit ||
        walk_s2_choose(vm->vtcr.tg, ipa_bits, pa_bits, &vm->vtcr) != ARCH_OK ||
        walk_s2_geometry_of(&vm->vtcr, pa_bits, s->platform.feat.ttst, &geometry) !=
            ARCH_OK) {
        refuse_ipa_bits(r, n, v[V_IPA_BITS].node, ipa_bits, limit);
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
    if (!v[V_VCPUS].ok || !v[V_PES].ok || !v[V_IPA_BITS].ok || !v[V_GRANULE].ok)
        return false;
    vm->vtcr.tg = (enum arch_tg)v[V_GRANULE].u;
    scn_set_sizes(vm, 0); /* until the start level is known */
    ok = check_name(r, &v[V_NAME], s, vm) && check_vm(r, n, v, s, vm) && ok;
    if (!v[V_MEMORY].ok ||
        !scn_read_memory(r, v[V_MEMORY].node, vm, scn_safe_limits(s).pa_bits))
        return false;
    ok = check_memory(r, v[V_MEMORY].node, s, vm) && ok;
    if (v[V_STAGE1].node)
        ok = v[V_STAGE1].ok && scn_read_stage1(r, v[V_STAGE1].node, vm) && ok;
    if (ok)
        scn_warn_of_lost_pages(r, v[V_GRANULE].node ? v[V_GRANULE].node : n,
                               &s->platform, vm);
    ok = v[V_GUEST].ok && scn_read_guest(r, v[V_GUEST].node, &s->platform, vm) && ok;
    return ok && check_granule(r, v[V_GRANULE].node, vm) && check_replay(r, v, s, vm);
}

bool scn_read_vms(const struct scn_reader *r, const struct scn_node *list,
                  struct scn *s)
{
    bool ok = true;
    const size_t n = scn_node_children_n(list);
    if (n > VMS_MAX) {
        scn_err(r->diags, list, SCN_E_RANGE, "", "has %zu VMs: more than %d", n,
                VMS_MAX);
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
