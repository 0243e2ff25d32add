/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/guest.c - what the vCPUs do. */
#include "model/scenario/params.h"
#include "model/scenario/scn_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define S UINT64_C(1000000000000)
#define PPM_ALL 1000000u

static const char *kind_word(unsigned i)
{
    static const char *const words[] = {[GUEST_REQUESTS] = "requests",
                                        [GUEST_STEPS] = "steps",
                                        [GUEST_REPLAY] = "replay",
                                        [GUEST_STREAM] = "stream",
                                        [GUEST_FLUSH] = "flush",
                                        [GUEST_IDLE] = "idle"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

static const char *arrival_word(unsigned i)
{
    static const char *const words[] = {
        [GUEST_ARRIVAL_FIXED] = "fixed", [GUEST_ARRIVAL_POISSON] = "poisson"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

static const char *access_word(unsigned i)
{
    static const char *const words[] = {
        [ARCH_READ] = "r", [ARCH_WRITE] = "w", [ARCH_EXECUTE] = "x"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

static const struct scn_key kind_key = {
    .name = "kind", .type = SCN_T_WORD, .need = SCN_REQUIRED, .word = kind_word};

#define KIND                                                                           \
    {                                                                                  \
        .name = "kind", .type = SCN_T_ANY, .need = SCN_REQUIRED                        \
    }

/* ---- requests ---- */

enum {
    R_KIND,
    R_ARRIVAL,
    R_LOAD,
    R_INTERVAL,
    R_ACCESSES,
    R_THINK,
    R_REGION,
    R_HOT,
    R_WRITES,
    R_FETCHES,
    R_KEYS_N
};

static const struct scn_key requests_keys[R_KEYS_N] = {
    [R_KIND] = KIND,
    [R_ARRIVAL] = {.name = "arrival",
                   .type = SCN_T_WORD,
                   .word = arrival_word,
                   .def = GUEST_ARRIVAL_POISSON},
    [R_LOAD] = {.name = "load", .type = SCN_T_PERCENT, .min = 1000, .max = 2000000},
    [R_INTERVAL] = {.name = "interval", .type = SCN_T_TIME, .min = 1000, .max = S},
    [R_ACCESSES] =
        {.name = "accesses", .type = SCN_T_COUNT, .min = 1, .max = 1000, .def = 4},
    [R_THINK] = {.name = "think", .type = SCN_T_TIME, .min = 0, .max = S},
    [R_REGION] = {.name = "region", .type = SCN_T_MAP},
    [R_HOT] = {.name = "hot", .type = SCN_T_MAP},
    [R_WRITES] = {.name = "writes", .type = SCN_T_PERCENT, .min = 0, .max = PPM_ALL},
    [R_FETCHES] = {.name = "fetches", .type = SCN_T_PERCENT, .min = 0, .max = PPM_ALL},
};

static bool read_region(const struct scn_reader *r, const struct scn_node *n,
                        const struct scn_vm *vm, struct guest_requests *q)
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
    q->region_ipa = arch_ipa(v[IPA].u);
    q->region_bytes = v[SIZE].u;
    return true;
}

static bool read_hot(const struct scn_reader *r, const struct scn_node *n,
                     struct guest_requests *q)
{
    enum { SIZE, SHARE };
    static const struct scn_key keys[] = {
        [SIZE] = {.name = "size",
                  .type = SCN_T_SIZE,
                  .need = SCN_REQUIRED,
                  .min = 4096,
                  .max = UINT64_C(1) << 48},
        [SHARE] = {.name = "share",
                   .type = SCN_T_PERCENT,
                   .need = SCN_REQUIRED,
                   .min = 0,
                   .max = PPM_ALL},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, n, keys, SCN_ARRAY_N(keys), v))
        return false;
    if (v[SIZE].u % 4096 != 0) {
        scn_err(r->diags, v[SIZE].node, SCN_E_ALIGN, "", "%s is not aligned to 4K",
                v[SIZE].node->text);
        return false;
    }
    if (v[SIZE].u > q->region_bytes) {
        scn_err(r->diags, v[SIZE].node, SCN_E_HOT, "", "%s is larger than the region",
                v[SIZE].node->text);
        return false;
    }
    q->hot_bytes = v[SIZE].u;
    q->hot_ppm = (guest_ppm)v[SHARE].u;
    return true;
}

static bool check_rate(const struct scn_reader *r, const struct scn_node *map,
                       const struct scn_val *v)
{
    if (!v[R_LOAD].node == !v[R_INTERVAL].node) {
        const struct scn_node *at = v[R_INTERVAL].node ? v[R_INTERVAL].node : map;
        scn_err(r->diags, at, SCN_E_EXCLUSIVE, "give load or interval", "%s",
                v[R_LOAD].node ? "and load exclude each other"
                               : "needs a rate of requests");
        return false;
    }
    return true;
}

/* A write to a read-only memslot leaves KVM to user space, which is not modelled. */
static bool check_writable(const struct scn_reader *r, const struct scn_node *n,
                           const struct scn_vm *vm, uint64_t ipa)
{
    const struct scn_memory *m = scn_memory_find(vm, ipa, 1);
    if (m->writable)
        return true;
    scn_err(r->diags, n, SCN_E_READ_ONLY, "give that region access: rw",
            "writes to 0x%" PRIx64 ", which has access r", ipa);
    return false;
}

static bool read_requests(const struct scn_reader *r, const struct scn_node *map,
                          const struct scn_vm *vm, struct guest_requests *q)
{
    struct scn_val v[R_KEYS_N];
    bool ok = scn_read_map(r, map, requests_keys, R_KEYS_N, v) && check_rate(r, map, v);
    *q = (struct guest_requests){.arrival = (enum guest_arrival)v[R_ARRIVAL].u,
                                 .load_ppm = (guest_ppm)v[R_LOAD].u,
                                 .interval_ps = v[R_INTERVAL].u,
                                 .accesses_n = (uint32_t)v[R_ACCESSES].u,
                                 .think_ps = v[R_THINK].u,
                                 .region_ipa = vm->memory[0].ipa,
                                 .region_bytes = vm->memory[0].bytes,
                                 .write_ppm = (guest_ppm)v[R_WRITES].u,
                                 .fetch_ppm = (guest_ppm)v[R_FETCHES].u};
    if (v[R_REGION].node && v[R_REGION].ok)
        ok = read_region(r, v[R_REGION].node, vm, q) && ok;
    if (v[R_HOT].node && v[R_HOT].ok && ok)
        ok = read_hot(r, v[R_HOT].node, q);
    if (ok && q->write_ppm + q->fetch_ppm > PPM_ALL) {
        scn_err(r->diags, v[R_FETCHES].node, SCN_E_RANGE, "",
                "%s and the writes are more than all accesses",
                v[R_FETCHES].node->text);
        return false;
    }
    if (ok && q->write_ppm)
        ok = check_writable(r, v[R_WRITES].node, vm, q->region_ipa.v);
    return ok;
}

/* ---- steps ---- */

static bool read_step(const struct scn_reader *r, const struct scn_node *n,
                      const struct scn_vm *vm, struct guest_step *step)
{
    enum { VCPU, AT, ACCESS, IPA };
    static const struct scn_key keys[] = {
        [VCPU] = {.name = "vcpu", .type = SCN_T_COUNT, .max = UINT32_MAX},
        [AT] = {.name = "at", .type = SCN_T_TIME, .max = 1000 * S},
        [ACCESS] = {.name = "access",
                    .type = SCN_T_WORD,
                    .need = SCN_REQUIRED,
                    .word = access_word},
        [IPA] = {.name = "ipa", .type = SCN_T_ADDRESS, .need = SCN_REQUIRED},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, n, keys, SCN_ARRAY_N(keys), v))
        return false;
    if (v[VCPU].u >= vm->vcpus_n) {
        scn_err(r->diags, v[VCPU].node, SCN_E_VCPU, "",
                "%" PRIu64 " does not exist: the VM has vCPUs 0 to %" PRIu32, v[VCPU].u,
                vm->vcpus_n - 1);
        return false;
    }
    if (!scn_memory_find(vm, v[IPA].u, 1)) {
        scn_err(r->diags, v[IPA].node, SCN_E_OUTSIDE_MEMORY, "",
                "%s is in no memory region of the VM", v[IPA].node->text);
        return false;
    }
    *step = (struct guest_step){.vcpu = (uint32_t)v[VCPU].u,
                                .at_ps = v[AT].u,
                                .access = (enum arch_access)v[ACCESS].u,
                                .ipa = arch_ipa(v[IPA].u)};
    return step->access != ARCH_WRITE ||
           check_writable(r, v[ACCESS].node, vm, v[IPA].u);
}

static bool read_steps(const struct scn_reader *r, const struct scn_node *map,
                       const struct scn_vm *vm, struct guest_cfg *g)
{
    static const struct scn_key keys[] = {
        KIND,
        {.name = "steps", .type = SCN_T_LIST, .need = SCN_REQUIRED},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, map, keys, SCN_ARRAY_N(keys), v))
        return false;
    bool ok = true;
    g->steps = scn_calloc(scn_node_children_n(v[1].node), sizeof(*g->steps));
    for (const struct scn_node *n = v[1].node->children; n; n = n->next)
        ok = read_step(r, n, vm, &g->steps[g->steps_n++]) && ok;
    return ok;
}

/* ---- replay ---- */

static bool check_trace(const struct scn_reader *r, const struct scn_node *n,
                        const char *path)
{
    struct stat st;
    const char *why = NULL;
    if (stat(path, &st) != 0 || access(path, R_OK) != 0)
        why = strerror(errno);
    else if (!S_ISREG(st.st_mode))
        why = "not a regular file";
    if (why)
        scn_err(r->diags, n, SCN_E_NO_TRACE,
                "the path is relative to the folder of the scenario",
                "'%s' cannot be read: %s", path, why);
    return !why;
}

static bool read_replay(const struct scn_reader *r, const struct scn_node *map,
                        struct guest_cfg *g)
{
    enum { TRACE = 1, SLOT };
    static const struct scn_key keys[] = {
        KIND,
        [TRACE] = {.name = "trace", .type = SCN_T_TEXT, .need = SCN_REQUIRED},
        [SLOT] = {.name = "slot",
                  .type = SCN_T_COUNT,
                  .need = SCN_REQUIRED,
                  .min = 0,
                  .max = 32767},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, map, keys, SCN_ARRAY_N(keys), v))
        return false;
    g->trace_path = scn_path_beside(map->pos.file, v[TRACE].s);
    g->trace_slot = (uint32_t)v[SLOT].u;
    return check_trace(r, v[TRACE].node, g->trace_path);
}

bool scn_read_guest(const struct scn_reader *r, const struct scn_node *map,
                    struct scn_vm *vm)
{
    static const struct scn_key idle_keys[] = {KIND};
    const struct scn_node *kind = scn_node_get(map, "kind");
    struct scn_val v;
    if (!kind) /* says that it is missing */
        return scn_read_map(r, map, &kind_key, 1, &v);
    if (!scn_read_value(r, kind, &kind_key, &v))
        return false;
    vm->guest.kind = (enum guest_kind)v.u;
    switch (vm->guest.kind) {
    case GUEST_REQUESTS:
        return read_requests(r, map, vm, &vm->guest.requests);
    case GUEST_STEPS:
        return read_steps(r, map, vm, &vm->guest);
    case GUEST_REPLAY:
        return read_replay(r, map, &vm->guest);
    default:
        return scn_read_map(r, map, idle_keys, SCN_ARRAY_N(idle_keys), &v);
    }
}
