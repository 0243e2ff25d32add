/* SPDX-License-Identifier: Apache-2.0 */
#include "model/hyp/stage2.h"

#include "model/hyp/flush.h"
#include "model/hyp/sequence.h"
#include "walker/arch/desc.h"

#include <assert.h>

/* Bits of a leaf that may change without break-before-make and without remapping:
 * permissions and software bits. Linux: stage2_pte_needs_update(). */
#define PERM_BITS                                                                      \
    (ARCH_DESC_S2AP_R | ARCH_DESC_S2AP_W | ARCH_DESC_S2_XN | (UINT64_C(0xf) << 55))

/* KVM never uses FEAT_LPA2 in the stage 2 tables modelled here. */
#define NO_DS false
#define PA_BITS 48u

uint64_t hyp_leaf_desc(const struct hyp_leaf *leaf)
{
    uint64_t attrs =
        ARCH_DESC_S2_MEMATTR_WB | ARCH_DESC_SH_INNER | ARCH_DESC_AF | ARCH_DESC_S2AP_R;

    if (leaf->writable)
        attrs |= ARCH_DESC_S2AP_W;
    return arch_desc_make_leaf(leaf->pa, leaf->level, attrs);
}

struct arch_pa hyp_entry_pa(const struct hyp_vm *vm, struct arch_pa table, int level,
                            struct arch_ipa ipa)
{
    uint64_t entries = level == vm->geom.start_level ? vm->geom.start_entries
                                                     : arch_table_entries(vm->tg);
    uint64_t index = (ipa.v >> arch_level_shift(vm->tg, level)) & (entries - 1);

    return arch_pa(table.v + index * ARCH_DESC_BYTES);
}

static enum arch_desc_kind kind_of(const struct hyp_vm *vm, uint64_t desc, int level)
{
    return arch_desc_kind(desc, level, vm->tg, NO_DS, PA_BITS);
}

static uint64_t visit(const struct hyp_vm *vm, struct arch_pa entry)
{
    vm->ops->spend(vm->ctx, HYP_COST_VISIT);
    return vm->ops->read(vm->ctx, entry);
}

/* The old and the new leaf map the same memory with the same memory type. A block that
 * still carries nT is another walker's half-finished coalesce. */
static bool same_mapping(uint64_t old, uint64_t desc)
{
    return ((old ^ desc) & ~(PERM_BITS | ARCH_DESC_NT)) == 0;
}

static void clean_if(const struct hyp_vm *vm, const struct hyp_leaf *leaf,
                     enum hyp_clean when)
{
    if (vm->cfg.clean == when)
        vm->ops->clean(vm->ctx, leaf->pa,
                       UINT64_C(1) << arch_level_shift(vm->tg, leaf->level));
}

/* Put desc into an entry that held nothing or another leaf.
 * Linux 6.2: stage2_map_walker_try_leaf(). */
static enum hyp_result install_leaf(const struct hyp_vm *vm, struct hyp_event *at,
                                    const struct hyp_leaf *leaf, uint64_t desc)
{
    clean_if(vm, leaf, HYP_CLEAN_BEFORE);
    if (!hyp_try_replace(vm, at, HYP_DESC_LOCKED))
        return HYP_EAGAIN;
    if (at->old & ARCH_DESC_VALID)
        hyp_flush_ipa(vm, at->ipa, at->level);
    clean_if(vm, leaf, HYP_CLEAN_IN_WINDOW);
    hyp_at(vm, HYP_AT_MAKE, at);
    vm->ops->write(vm->ctx, at->entry, desc);
    return HYP_DONE;
}

/* The walker has reached the level of the leaf. */
static enum hyp_result map_here(const struct hyp_vm *vm, struct hyp_event *at,
                                const struct hyp_leaf *leaf, struct hyp_event *detached)
{
    uint64_t desc = hyp_leaf_desc(leaf);

    switch (kind_of(vm, at->old, leaf->level)) {
    case ARCH_DESC_KIND_TABLE: {
        struct hyp_coalesce c = {
            .vm = vm,
            .at = *at,
            .block = desc,
            .pa = leaf->pa,
            .bytes = UINT64_C(1) << arch_level_shift(vm->tg, leaf->level),
        };
        return hyp_coalesce(&c, detached);
    }
    case ARCH_DESC_KIND_LEAF:
        if (same_mapping(at->old, desc)) {
            hyp_at(vm, HYP_AT_FOUND, at);
            return HYP_EAGAIN;
        }
        return install_leaf(vm, at, leaf, desc);
    case ARCH_DESC_KIND_INVALID:
        break;
    }
    if (at->old == HYP_DESC_LOCKED) {
        hyp_at(vm, HYP_AT_LOCKED, at);
        return HYP_EAGAIN;
    }
    return install_leaf(vm, at, leaf, desc);
}

/* Put a new table into an entry above the leaf that holds nothing, or a larger block,
 * which is broken first; only the leaf will be mapped in it.
 * Linux 6.2: stage2_map_walk_leaf(). */
static bool install_table(const struct hyp_vm *vm, struct hyp_event *at,
                          struct arch_pa *table)
{
    *table = vm->ops->table_alloc(vm->ctx);
    if (!hyp_try_replace(vm, at, HYP_DESC_LOCKED)) {
        vm->ops->table_free(vm->ctx, *table);
        return false;
    }
    if (at->old & ARCH_DESC_VALID)
        hyp_flush_ipa(vm, at->ipa, at->level);
    hyp_at(vm, HYP_AT_MAKE, at);
    vm->ops->write(vm->ctx, at->entry, arch_desc_make_table(*table));
    return true;
}

/* Step over an entry above the leaf: false if another walker has it, else *table is the
 * table below. */
static bool descend(const struct hyp_vm *vm, struct hyp_event *at,
                    struct arch_pa *table)
{
    if (kind_of(vm, at->old, at->level) == ARCH_DESC_KIND_TABLE) {
        *table = arch_desc_table_pa(at->old, vm->tg, NO_DS);
        return true;
    }
    if (at->old == HYP_DESC_LOCKED) {
        hyp_at(vm, HYP_AT_LOCKED, at);
        return false;
    }
    return install_table(vm, at, table);
}

/* With HYP_SEQ_KEEP a table stays: the leaf goes one level down. */
static void shrink_leaf(const struct hyp_vm *vm, struct hyp_leaf *leaf,
                        struct arch_ipa ipa)
{
    uint64_t mask;

    leaf->level++;
    mask = (UINT64_C(1) << arch_level_shift(vm->tg, leaf->level)) - 1;
    leaf->pa.v += (ipa.v & ~mask) - leaf->ipa.v;
    leaf->ipa.v = ipa.v & ~mask;
}

static struct hyp_event look(const struct hyp_vm *vm, struct arch_pa table, int level,
                             struct arch_ipa ipa, int leaf_level)
{
    uint64_t mask = (UINT64_C(1) << arch_level_shift(vm->tg, level)) - 1;
    struct hyp_event at = {
        .ipa = arch_ipa(ipa.v & ~mask),
        .level = level,
        .entry = hyp_entry_pa(vm, table, level, ipa),
    };

    if (level == leaf_level)
        hyp_at(vm, HYP_AT_LOOK, &at);
    at.old = visit(vm, at.entry);
    return at;
}

enum hyp_result hyp_map(const struct hyp_vm *vm, const struct hyp_leaf *wanted,
                        struct arch_ipa fault_ipa, struct hyp_event *detached)
{
    struct hyp_leaf leaf = *wanted;
    struct arch_pa table = vm->baddr;
    struct hyp_event at = {.ipa = leaf.ipa};
    enum hyp_result result = HYP_EAGAIN;

    detached->old = 0;
    hyp_at(vm, HYP_AT_MAP, &at);
    for (int level = vm->geom.start_level; level <= 3; level++) {
        at = look(vm, table, level, fault_ipa, leaf.level);
        if (level == leaf.level && vm->cfg.sequence == HYP_SEQ_KEEP && level < 3 &&
            kind_of(vm, at.old, level) == ARCH_DESC_KIND_TABLE)
            shrink_leaf(vm, &leaf, fault_ipa);
        if (level == leaf.level) {
            result = map_here(vm, &at, &leaf, detached);
            break;
        }
        if (!descend(vm, &at, &table))
            break;
    }
    vm->ops->dsb(vm->ctx, ARCH_DSB_ISHST);
    return result;
}

enum hyp_result hyp_relax_perms(const struct hyp_vm *vm, struct arch_ipa ipa)
{
    struct arch_pa table = vm->baddr;
    enum hyp_result result = HYP_EAGAIN;
    int level = vm->geom.start_level;
    struct hyp_event at = look(vm, table, level, ipa, -1);

    while (level < 3 && kind_of(vm, at.old, level) == ARCH_DESC_KIND_TABLE) {
        table = arch_desc_table_pa(at.old, vm->tg, NO_DS);
        at = look(vm, table, ++level, ipa, -1);
    }
    if (kind_of(vm, at.old, level) == ARCH_DESC_KIND_LEAF &&
        vm->ops->cmpxchg(vm->ctx, at.entry, at.old, at.old | ARCH_DESC_S2AP_W)) {
        hyp_flush_ipa(vm, at.ipa, at.level);
        result = HYP_DONE;
    }
    return result;
}

static void tear_down_table(const struct hyp_vm *vm, struct arch_pa table, int level)
{
    uint32_t n = arch_table_entries(vm->tg);

    for (uint32_t i = 0; i < n; i++) {
        uint64_t desc =
            vm->ops->read(vm->ctx, arch_pa(table.v + (uint64_t)i * ARCH_DESC_BYTES));

        switch (kind_of(vm, desc, level)) {
        case ARCH_DESC_KIND_TABLE:
            tear_down_table(vm, arch_desc_table_pa(desc, vm->tg, NO_DS), level + 1);
            break;
        case ARCH_DESC_KIND_LEAF:
            vm->ops->spend(vm->ctx, HYP_COST_TEARDOWN_LEAF);
            break;
        case ARCH_DESC_KIND_INVALID:
            break;
        }
    }
    vm->ops->spend(vm->ctx, HYP_COST_TEARDOWN_TABLE);
    vm->ops->table_free(vm->ctx, table);
}

void hyp_tear_down(const struct hyp_vm *vm, const struct hyp_event *detached)
{
    struct hyp_event at = *detached;

    assert(kind_of(vm, at.old, at.level) == ARCH_DESC_KIND_TABLE);
    hyp_at(vm, HYP_AT_FREE, &at);
    tear_down_table(vm, arch_desc_table_pa(at.old, vm->tg, NO_DS), at.level + 1);
    hyp_at(vm, HYP_AT_DONE, &at);
}
