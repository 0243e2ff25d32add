/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/stage1.c - `vms[].stage1`: the guest's own translation tables. */
#include "model/scenario/scn_priv.h"

#include <inttypes.h>
#include <stdlib.h>

#define PAGE UINT64_C(4096)
#define TABLES_MAX (UINT64_C(1) << 30)
#define LEAVES (UINT64_C(1) << 12 | UINT64_C(1) << 21)

size_t scn_stage1_ranges(const struct scn_vm *vm, struct guest_range *out)
{
    for (size_t i = 0; i < vm->memory_n; i++)
        out[i] = (struct guest_range){vm->memory[i].ipa.v, vm->memory[i].bytes};
    return vm->memory_n;
}

static uint64_t tables_bytes(const struct scn_vm *vm)
{
    struct guest_range *ranges = scn_calloc(vm->memory_n, sizeof(*ranges));
    uint64_t bytes =
        guest_stage1_bytes(&vm->stage1, ranges, scn_stage1_ranges(vm, ranges));
    free(ranges);
    return bytes;
}

/* The tables need a home that the guest can read and, to set Access flags, write. */
static bool check_home(const struct scn_reader *r, const struct scn_node *n,
                       const struct scn_vm *vm)
{
    uint64_t bytes = tables_bytes(vm);
    const struct scn_memory *home = scn_memory_find(vm, vm->stage1.tables.v, bytes);
    if (vm->stage1.tables.v % PAGE != 0) {
        scn_err(r->diags, n, SCN_E_ALIGN, "", "%s is not aligned to 4K", n->text);
        return false;
    }
    if (bytes > TABLES_MAX) {
        scn_err(r->diags, n, SCN_E_RANGE, "use larger leaves or less memory",
                "the tables take 0x%" PRIx64 " bytes, more than 1 GiB", bytes);
        return false;
    }
    if (!home) {
        scn_err(r->diags, n, SCN_E_OUTSIDE_MEMORY, "",
                "the tables take 0x%" PRIx64 " bytes, which do not lie in one memory "
                "region",
                bytes);
        return false;
    }
    if (!home->writable && !vm->stage1.accessed) {
        scn_err(r->diags, n, SCN_E_READ_ONLY, "give that region access: rw",
                "is in a region with access r, where no Access flag can be set");
        return false;
    }
    return true;
}

/* A 2 MiB leaf needs regions of whole 2 MiB. */
static bool check_leaf(const struct scn_reader *r, const struct scn_node *n,
                       const struct scn_vm *vm)
{
    uint64_t mask = (UINT64_C(1) << vm->stage1.map_shift) - 1;
    for (size_t i = 0; i < vm->memory_n; i++) {
        if ((vm->memory[i].ipa.v & mask) == 0 && (vm->memory[i].bytes & mask) == 0)
            continue;
        scn_err(r->diags, n, SCN_E_ALIGN, "use map: 4K",
                "the region at 0x%" PRIx64 " is not made of such pages",
                vm->memory[i].ipa.v);
        return false;
    }
    return true;
}

bool scn_read_stage1(const struct scn_reader *r, const struct scn_node *map,
                     struct scn_vm *vm)
{
    enum { MAP, TABLES, ACCESSED };
    static const struct scn_key keys[] = {
        [MAP] = {.name = "map", .type = SCN_T_PAGE, .min = LEAVES, .def = 12},
        [TABLES] = {.name = "tables", .type = SCN_T_ADDRESS, .need = SCN_REQUIRED},
        [ACCESSED] = {.name = "accessed", .type = SCN_T_BOOL, .def = 1},
    };
    struct scn_val v[SCN_ARRAY_N(keys)];
    if (!scn_read_map(r, map, keys, SCN_ARRAY_N(keys), v))
        return false;
    vm->stage1 = (struct guest_stage1){.on = true,
                                       .map_shift = (uint8_t)v[MAP].u,
                                       .accessed = v[ACCESSED].u != 0,
                                       .tables = arch_ipa(v[TABLES].u)};
    return check_leaf(r, v[MAP].node ? v[MAP].node : map, vm) &&
           check_home(r, v[TABLES].node, vm);
}
