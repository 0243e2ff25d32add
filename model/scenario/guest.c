/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/guest.c - what the vCPUs do. */
#include "model/scenario/guest_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define S UINT64_C(1000000000000)

const char *scn_guest_kind_word(unsigned i)
{
    static const char *const words[] = {[GUEST_REQUESTS] = "requests",
                                        [GUEST_STEPS] = "steps",
                                        [GUEST_REPLAY] = "replay",
                                        [GUEST_STREAM] = "stream",
                                        [GUEST_FLUSH] = "flush",
                                        [GUEST_PAGE_TABLE_TEST] = "kvm_page_table_test",
                                        [GUEST_DIRTY_LOG_TEST] = "dirty_log_perf_test",
                                        [GUEST_STAGES] = "stages",
                                        [GUEST_LITMUS] = "litmus",
                                        [GUEST_IDLE] = "idle"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

static const char *access_word(unsigned i)
{
    static const char *const words[] = {
        [ARCH_READ] = "r", [ARCH_WRITE] = "w", [ARCH_EXECUTE] = "x"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

static const struct scn_key kind_key = {.name = "kind",
                                        .type = SCN_T_WORD,
                                        .need = SCN_REQUIRED,
                                        .word = scn_guest_kind_word};

/* ---- shared by the kinds ---- */

bool scn_read_region(const struct scn_reader *r, const struct scn_node *n,
                     const struct scn_vm *vm, struct arch_ipa *ipa, uint64_t *bytes)
{
    enum { IPA, SIZE };
    static const struct scn_key keys[] = {
        [IPA] = {.name = "ipa", .type = SCN_T_ADDRESS, .need = SCN_REQUIRED},
        [SIZE] = {.name = "size",
                  .type = SCN_T_SIZE,
                  .need = SCN_REQUIRED,
                  .min = 4096,
                  .max = UINT64_C(1) << 48},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, n, keys, SCN_ARRAY_N(keys), v))
        return false;
    for (unsigned i = IPA; i <= SIZE; i++) {
        if (v[i].u % 4096 == 0)
            continue;
        scn_err(r->diags, v[i].node, SCN_E_ALIGN, "", "%s is not aligned to 4K",
                v[i].node->text);
        return false;
    }
    if (!scn_memory_find(vm, v[IPA].u, v[SIZE].u)) {
        scn_err(r->diags, n, SCN_E_OUTSIDE_MEMORY, "",
                "is not inside one memory region of the VM");
        return false;
    }
    *ipa = arch_ipa(v[IPA].u);
    *bytes = v[SIZE].u;
    return true;
}

bool scn_check_writable(const struct scn_reader *r, const struct scn_node *n,
                        const struct scn_vm *vm, uint64_t ipa)
{
    const struct scn_memory *m = scn_memory_find(vm, ipa, 1);
    if (m->writable)
        return true;
    scn_err(r->diags, n, SCN_E_READ_ONLY, "give that region access: rw",
            "writes to 0x%" PRIx64 ", which has access r", ipa);
    return false;
}

bool scn_check_shares(const struct scn_reader *r, const struct scn_val *writes,
                      const struct scn_val *fetches, const struct scn_vm *vm,
                      struct arch_ipa ipa)
{
    if (writes->u + fetches->u > SCN_PPM_ALL) {
        scn_err(r->diags, fetches->node, SCN_E_RANGE, "",
                "%s and the writes are more than all accesses", fetches->node->text);
        return false;
    }
    return writes->u == 0 || scn_check_writable(r, writes->node, vm, ipa.v);
}

/* ---- steps ---- */

enum { STEP_VCPU, STEP_AT, STEP_ACCESS, STEP_IPA, STEP_TLBI, STEP_VALUE, STEP_BARRIER };

const char *scn_barrier_word(unsigned i)
{
    static const char *const words[] = {[ARCH_DSB_ISHST] = "dsb-ishst",
                                        [ARCH_DSB_NSH] = "dsb-nsh",
                                        [ARCH_DSB_ISH] = "dsb-ish",
                                        [ARCH_DSB_SY] = "dsb-sy",
                                        [ARCH_DSB_SY + 1] = "isb"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

static bool read_access_step(const struct scn_reader *r, const struct scn_val *v,
                             const struct scn_vm *vm, struct guest_step *step)
{
    if (!v[STEP_IPA].node) {
        scn_err(r->diags, v[STEP_ACCESS].node, SCN_E_MISSING_KEY, "",
                "lacks the required key 'ipa' beside it");
        return false;
    }
    if (!scn_memory_find(vm, v[STEP_IPA].u, 1)) {
        scn_err(r->diags, v[STEP_IPA].node, SCN_E_OUTSIDE_MEMORY, "",
                "%s is in no memory region of the VM", v[STEP_IPA].node->text);
        return false;
    }
    step->access = (enum arch_access)v[STEP_ACCESS].u;
    step->ipa = arch_ipa(v[STEP_IPA].u);
    return step->access != ARCH_WRITE ||
           scn_check_writable(r, v[STEP_ACCESS].node, vm, v[STEP_IPA].u);
}

static bool is_range(enum arch_tlbi_insn insn)
{
    return arch_tlbi_name(insn)[0] == 'R';
}

static bool read_tlbi_step(const struct scn_reader *r, const struct scn_val *v,
                           const struct scn_platform *platform, struct guest_step *step)
{
    const struct scn_node *n = v[STEP_TLBI].node;
    step->kind = GUEST_STEP_TLBI;
    step->value = v[STEP_VALUE].u;
    if (!arch_tlbi_by_name(n->text, &step->tlbi, &step->domain)) {
        scn_err(r->diags, n, SCN_E_WORD,
                "accepted: an instruction as the assembler names it, such as VALE1IS",
                "'%s' is no TLBI instruction that this version has", n->text);
        return false;
    }
    return !is_range(step->tlbi) || scn_check_feature(r, n, platform->feat.tlbirange,
                                                      "FEAT_TLBIRANGE", platform);
}

/* Which of the three kinds of step it is: exactly one key says so. */
static const struct scn_node *kind_of_step(const struct scn_reader *r,
                                           const struct scn_node *n,
                                           const struct scn_val *v)
{
    const struct scn_node *found = NULL;
    static const int kinds[] = {STEP_ACCESS, STEP_TLBI, STEP_BARRIER};
    for (unsigned i = 0; i < SCN_ARRAY_N(kinds); i++) {
        const struct scn_node *key = v[kinds[i]].node;
        if (key && found) {
            scn_err(r->diags, key, SCN_E_EXCLUSIVE, "write two steps",
                    "a step has one of access, tlbi and barrier");
            return NULL;
        }
        found = key ? key : found;
    }
    if (!found)
        scn_err(r->diags, n, SCN_E_MISSING_KEY, "",
                "lacks the required key 'access', 'tlbi' or 'barrier'");
    return found;
}

static bool read_step(const struct scn_reader *r, const struct scn_node *n,
                      const struct scn_vm *vm, const struct scn_platform *platform,
                      struct guest_step *step)
{
    static const struct scn_key keys[] = {
        [STEP_VCPU] = {.name = "vcpu", .type = SCN_T_COUNT, .max = UINT32_MAX},
        [STEP_AT] = {.name = "at", .type = SCN_T_TIME, .max = 1000 * S},
        [STEP_ACCESS] = {.name = "access", .type = SCN_T_WORD, .word = access_word},
        [STEP_IPA] = {.name = "ipa", .type = SCN_T_ADDRESS},
        [STEP_TLBI] = {.name = "tlbi", .type = SCN_T_TEXT},
        [STEP_VALUE] = {.name = "value", .type = SCN_T_ADDRESS},
        [STEP_BARRIER] = {.name = "barrier",
                          .type = SCN_T_WORD,
                          .word = scn_barrier_word},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, n, keys, SCN_ARRAY_N(keys), v))
        return false;
    if (v[STEP_VCPU].u >= vm->vcpus_n) {
        scn_err(r->diags, v[STEP_VCPU].node, SCN_E_VCPU, "",
                "%" PRIu64 " does not exist: the VM has vCPUs 0 to %" PRIu32,
                v[STEP_VCPU].u, vm->vcpus_n - 1);
        return false;
    }
    *step =
        (struct guest_step){.vcpu = (uint32_t)v[STEP_VCPU].u, .at_ps = v[STEP_AT].u};
    const struct scn_node *kind = kind_of_step(r, n, v);
    if (!kind)
        return false;
    if (kind == v[STEP_ACCESS].node)
        return read_access_step(r, v, vm, step);
    if (kind == v[STEP_TLBI].node)
        return read_tlbi_step(r, v, platform, step);
    step->kind = v[STEP_BARRIER].u > ARCH_DSB_SY ? GUEST_STEP_ISB : GUEST_STEP_DSB;
    step->dsb = (enum arch_dsb)v[STEP_BARRIER].u;
    return true;
}

static bool read_steps(const struct scn_reader *r, const struct scn_node *map,
                       const struct scn_vm *vm, const struct scn_platform *platform,
                       struct guest_cfg *g)
{
    static const struct scn_key keys[] = {
        SCN_GUEST_KIND,
        {.name = "steps", .type = SCN_T_LIST, .need = SCN_REQUIRED},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, map, keys, SCN_ARRAY_N(keys), v))
        return false;
    bool ok = true;
    g->steps = scn_calloc(scn_node_children_n(v[1].node), sizeof(*g->steps));
    for (const struct scn_node *n = v[1].node->children; n; n = n->next)
        ok = read_step(r, n, vm, platform, &g->steps[g->steps_n++]) && ok;
    return ok;
}

bool scn_read_guest(const struct scn_reader *r, const struct scn_node *map,
                    const struct scn_platform *platform, struct scn_vm *vm)
{
    static const struct scn_key idle_keys[] = {SCN_GUEST_KIND};
    const struct scn_node *kind = scn_node_get(map, "kind");
    struct scn_val v;
    if (!kind) /* says that it is missing */
        return scn_read_map(r, map, &kind_key, 1, &v);
    if (!scn_read_value(r, kind, &kind_key, &v))
        return false;
    vm->guest.kind = (enum guest_kind)v.u;
    switch (vm->guest.kind) {
    case GUEST_REQUESTS:
        return scn_read_requests(r, map, vm, &vm->guest.requests);
    case GUEST_STEPS:
        return read_steps(r, map, vm, platform, &vm->guest);
    case GUEST_REPLAY:
        return scn_read_replay(r, map, &vm->guest);
    case GUEST_STREAM:
        return scn_read_stream(r, map, vm, &vm->guest.stream);
    case GUEST_FLUSH:
        return scn_read_flush(r, map, vm, platform, &vm->guest.flush);
    case GUEST_PAGE_TABLE_TEST:
        return scn_read_page_table_test(r, map, vm, &vm->guest.page_table_test);
    case GUEST_DIRTY_LOG_TEST:
        return scn_read_dirty_log_test(r, map, vm, &vm->guest.dirty_log_test);
    case GUEST_STAGES:
        return scn_read_stages(r, map, vm, &vm->guest.stages);
    case GUEST_LITMUS:
        return scn_read_litmus(r, map, vm, &vm->guest.litmus);
    default:
        return scn_read_map(r, map, idle_keys, SCN_ARRAY_N(idle_keys), &v);
    }
}
