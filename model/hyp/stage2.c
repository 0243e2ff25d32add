/* SPDX-License-Identifier: Apache-2.0 */
/* Finding, flagging and letting go of what is mapped; map.c installs it. */
#include "model/hyp/stage2.h"

#include "model/hyp/flush.h"
#include "model/hyp/sequence.h"
#include "model/hyp/stage2_priv.h"

#include <assert.h>

uint64_t hyp_leaf_desc(const struct hyp_leaf *leaf)
{
    uint64_t attrs =
        ARCH_DESC_S2_MEMATTR_WB | ARCH_DESC_SH_INNER | ARCH_DESC_AF | ARCH_DESC_S2AP_R;

    if (leaf->writable)
        attrs |= ARCH_DESC_S2AP_W;
    if (leaf->xn)
        attrs |= HYP_DESC_XN;
    return arch_desc_make_leaf(leaf->pa, leaf->level, attrs);
}

uint64_t hyp_leaf_bytes(const struct hyp_vm *vm, const struct hyp_leaf *leaf)
{
    const uint64_t bytes = hyp_level_bytes(vm, leaf->level);

    return leaf->group ? bytes << arch_contiguous_shift(leaf->level, vm->tg) : bytes;
}

struct arch_pa hyp_entry_pa(const struct hyp_vm *vm, struct arch_pa table, int level,
                            struct arch_ipa ipa)
{
    uint64_t entries = level == vm->geom.start_level ? vm->geom.start_entries
                                                     : arch_table_entries(vm->tg);
    uint64_t index = (ipa.v >> arch_level_shift(vm->tg, level)) & (entries - 1);

    return arch_pa(table.v + index * ARCH_DESC_BYTES);
}

uint64_t hyp_visit(const struct hyp_vm *vm, struct arch_pa entry)
{
    vm->ops->spend(vm->ctx, HYP_COST_VISIT);
    return vm->ops->read(vm->ctx, entry);
}

struct hyp_event hyp_entry_of(const struct hyp_vm *vm, struct arch_pa table, int level,
                              struct arch_ipa ipa)
{
    return (struct hyp_event){
        .ipa = arch_ipa(ipa.v & ~(hyp_level_bytes(vm, level) - 1)),
        .level = level,
        .entry = hyp_entry_pa(vm, table, level, ipa),
    };
}

struct hyp_event hyp_find(const struct hyp_vm *vm, struct arch_ipa ipa, int max_level)
{
    struct arch_pa table = vm->baddr;
    struct hyp_event at;

    for (int level = vm->geom.start_level;; level++) {
        at = hyp_entry_of(vm, table, level, ipa);
        at.old = hyp_visit(vm, at.entry);
        if (level == max_level || hyp_kind(vm, at.old, level) != ARCH_DESC_KIND_TABLE)
            return at;
        table = hyp_table_of(vm, at.old);
    }
}

void hyp_keep_dirty(const struct hyp_vm *vm, const struct hyp_event *at)
{
    if (hyp_is_hw_dirty(at->old) && vm->ops->was_dirty)
        vm->ops->was_dirty(vm->ctx, at->ipa);
}

bool hyp_try_store(const struct hyp_vm *vm, const struct hyp_event *at, uint64_t desc)
{
    if (vm->cfg.lock != HYP_LOCK_EXCLUSIVE || hyp_hardware_writes(at->old))
        return vm->ops->cmpxchg(vm->ctx, at->entry, at->old, desc);
    vm->ops->write(vm->ctx, at->entry, desc);
    return true;
}

void hyp_maintain_caches(const struct hyp_vm *vm, enum hyp_clean when,
                         struct arch_pa pa, uint64_t bytes, uint64_t desc)
{
    if (vm->cfg.clean == when)
        vm->ops->clean(vm->ctx, pa, bytes);
    if (when == HYP_CLEAN_IN_WINDOW && vm->cfg.icache == HYP_ICACHE_IN_WINDOW &&
        hyp_executable(desc))
        vm->ops->icache(vm->ctx, pa, bytes);
}

/* desc with the permissions of leaf added. */
static uint64_t with_perms(uint64_t desc, const struct hyp_leaf *leaf)
{
    desc |= ARCH_DESC_S2AP_R;
    if (leaf->writable)
        desc |= ARCH_DESC_S2AP_W;
    if (!leaf->xn)
        desc &= ~ARCH_DESC_S2_XN;
    return desc;
}

static bool is_free_leaf(const struct hyp_vm *vm, const struct hyp_event *at)
{
    return hyp_kind(vm, at->old, at->level) == ARCH_DESC_KIND_LEAF &&
           !hyp_is_locked(at->old, at->level);
}

/* Linux: stage2_attr_walker(). */
static enum hyp_result set_perms(const struct hyp_vm *vm, const struct hyp_event *at,
                                 const struct hyp_leaf *leaf)
{
    const uint64_t desc = with_perms(at->old, leaf);

    if (!is_free_leaf(vm, at))
        return HYP_EAGAIN;
    if (desc == at->old)
        return HYP_DONE;
    if (vm->cfg.icache == HYP_ICACHE_IN_WINDOW && hyp_executable(desc) &&
        !hyp_executable(at->old))
        vm->ops->icache(vm->ctx,
                        arch_desc_leaf_pa(at->old, at->level, vm->tg, HYP_NO_DS),
                        hyp_level_bytes(vm, at->level));
    return hyp_try_store(vm, at, desc) ? HYP_DONE : HYP_EAGAIN;
}

/* One page of a group cannot differ from the others: the group is split before.
 * Approx: even where the whole group could get the permissions. */
static enum hyp_result split_group_of(const struct hyp_vm *vm, struct hyp_event *at)
{
    struct hyp_group g;

    if (!hyp_is_grouped(vm, at->old, at->level))
        return HYP_DONE;
    g = hyp_group_around(vm, at);
    if (hyp_group_split(vm, &g, HYP_GROUP_SHARED) != HYP_DONE)
        return HYP_EAGAIN;
    at->old = hyp_visit(vm, at->entry);
    return HYP_DONE;
}

enum hyp_result hyp_relax_perms(const struct hyp_vm *vm, struct arch_ipa ipa,
                                const struct hyp_leaf *leaf)
{
    struct hyp_event at = {.ipa = ipa, .level = leaf->level};
    enum hyp_result result;

    hyp_at(vm, HYP_AT_RELAX, &at);
    at = hyp_find(vm, ipa, 3);
    result = split_group_of(vm, &at);
    if (result == HYP_DONE)
        result = set_perms(vm, &at, leaf);
    if (vm->cfg.relax == HYP_RELAX_LOCAL)
        hyp_flush_ipa_nsh(vm, at.ipa, at.level);
    else if (result == HYP_DONE)
        hyp_flush_ipa(vm, at.ipa, at.level);
    return result;
}

enum hyp_result hyp_make_young(const struct hyp_vm *vm, struct arch_ipa ipa)
{
    struct hyp_event at = hyp_find(vm, ipa, 3);

    if (!is_free_leaf(vm, &at))
        return HYP_EAGAIN;
    if (!(at.old & ARCH_DESC_AF) && !hyp_try_store(vm, &at, at.old | ARCH_DESC_AF))
        return HYP_EAGAIN;
    vm->ops->dsb(vm->ctx, ARCH_DSB_ISHST);
    return HYP_DONE;
}

static void tear_down_table(const struct hyp_vm *vm, struct arch_pa table, int level)
{
    uint32_t n = arch_table_entries(vm->tg);

    for (uint32_t i = 0; i < n; i++) {
        uint64_t desc =
            vm->ops->read(vm->ctx, arch_pa(table.v + (uint64_t)i * ARCH_DESC_BYTES));

        switch (hyp_kind(vm, desc, level)) {
        case ARCH_DESC_KIND_TABLE:
            tear_down_table(vm, hyp_table_of(vm, desc), level + 1);
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

    assert(hyp_kind(vm, at.old, at.level) == ARCH_DESC_KIND_TABLE);
    hyp_at(vm, HYP_AT_FREE, &at);
    tear_down_table(vm, hyp_table_of(vm, at.old), at.level + 1);
    hyp_at(vm, HYP_AT_DONE, &at);
}

void hyp_release(const struct hyp_vm *vm, const struct hyp_event *detached)
{
    if (vm->ops->free_later)
        vm->ops->free_later(vm->ctx, detached);
    else
        hyp_tear_down(vm, detached);
}
