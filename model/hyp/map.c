/* SPDX-License-Identifier: Apache-2.0 */
/* Installing a leaf; stage2.c changes and lets go of what is there. */
#include "model/hyp/stage2.h"

#include "model/hyp/flush.h"
#include "model/hyp/sequence.h"
#include "model/hyp/stage2_priv.h"

/* The old and the new leaf map the same memory with the same memory type. */
static bool same_mapping(uint64_t old, uint64_t desc)
{
    return ((old ^ desc) & ~HYP_PERM_BITS) == 0;
}

/* Linux: stage2_pte_needs_update(). */
bool hyp_needs_update(const struct hyp_vm *vm, uint64_t old, uint64_t desc)
{
    if (!same_mapping(old, desc))
        return true;
    switch (vm->cfg.identical) {
    case HYP_IDENTICAL_REMAP:
        return true;
    case HYP_IDENTICAL_SKIP_SAME:
        return old != desc;
    case HYP_IDENTICAL_SKIP:
    case HYP_IDENTICALS_N:
        break;
    }
    /* Who would add permissions, if not this walker? */
    return vm->cfg.relax == HYP_RELAX_NONE && old != desc;
}

/* Put desc into an entry that held nothing or another leaf.
 * Linux 6.2: stage2_map_walker_try_leaf(). */
static enum hyp_result install_leaf(const struct hyp_vm *vm, struct hyp_event *at,
                                    const struct hyp_leaf *leaf, uint64_t desc)
{
    const uint64_t bytes = hyp_leaf_bytes(vm, leaf);

    hyp_maintain_caches(vm, HYP_CLEAN_BEFORE, leaf->pa, bytes, desc);
    if (!hyp_try_replace(vm, at, HYP_DESC_LOCKED))
        return HYP_EAGAIN;
    hyp_keep_dirty(vm, at);
    if (at->old & ARCH_DESC_VALID)
        hyp_flush_ipa(vm, at->ipa, at->level);
    hyp_maintain_caches(vm, HYP_CLEAN_IN_WINDOW, leaf->pa, bytes, desc);
    hyp_make(vm, at, desc);
    return HYP_DONE;
}

static enum hyp_result coalesce_here(const struct hyp_vm *vm,
                                     const struct hyp_event *at,
                                     const struct hyp_leaf *leaf,
                                     struct hyp_event *detached)
{
    struct hyp_coalesce c = {
        .vm = vm,
        .at = *at,
        .block = hyp_leaf_desc(leaf),
        .pa = leaf->pa,
        .bytes = hyp_leaf_bytes(vm, leaf),
    };

    return hyp_coalesce(&c, detached);
}

static enum hyp_group_access group_access(const struct hyp_vm *vm)
{
    return vm->cfg.lock == HYP_LOCK_EXCLUSIVE ? HYP_GROUP_ALONE : HYP_GROUP_SHARED;
}

/* One entry of a contiguous group is to differ from the others: the group is split, and
 * *at read again. */
static bool leave_group(const struct hyp_vm *vm, struct hyp_event *at)
{
    struct hyp_group g = hyp_group_around(vm, at);

    if (hyp_group_split(vm, &g, group_access(vm)) != HYP_DONE)
        return false;
    at->old = hyp_visit(vm, at->entry);
    return true;
}

static enum hyp_result map_one(const struct hyp_vm *vm, struct hyp_event *at,
                               const struct hyp_leaf *leaf)
{
    const uint64_t desc = hyp_leaf_desc(leaf);

    if (hyp_is_grouped(vm, at->old, at->level)) {
        if (!hyp_needs_update(vm, at->old & ~ARCH_DESC_CONTIGUOUS, desc)) {
            hyp_at(vm, HYP_AT_FOUND, at);
            return HYP_EAGAIN;
        }
        if (!leave_group(vm, at))
            return HYP_EAGAIN;
    }
    if ((at->old & ARCH_DESC_VALID) && !hyp_needs_update(vm, at->old, desc)) {
        hyp_at(vm, HYP_AT_FOUND, at);
        return HYP_EAGAIN;
    }
    return install_leaf(vm, at, leaf, desc);
}

/* Of a group of leaves the one for the entry at. */
static struct hyp_leaf one_of(const struct hyp_leaf *group, const struct hyp_event *at)
{
    struct hyp_leaf leaf = *group;

    leaf.group = false;
    leaf.pa.v += at->ipa.v - leaf.ipa.v;
    leaf.ipa = at->ipa;
    return leaf;
}

static enum hyp_result map_group(const struct hyp_vm *vm, struct hyp_event *at,
                                 const struct hyp_leaf *leaf)
{
    const struct hyp_leaf one = one_of(leaf, at);
    struct hyp_group g = hyp_group_around(vm, at);

    if (hyp_group_has_table(vm, &g))
        return map_one(vm, at, &one);
    return hyp_group_make(vm, &g, hyp_leaf_desc(leaf), group_access(vm));
}

/* The walker has reached the level of the leaf. */
static enum hyp_result map_here(const struct hyp_vm *vm, struct hyp_event *at,
                                const struct hyp_leaf *leaf, struct hyp_event *detached)
{
    if (hyp_is_locked(at->old, at->level)) {
        hyp_at(vm, HYP_AT_LOCKED, at);
        return HYP_EAGAIN;
    }
    if (hyp_kind(vm, at->old, at->level) == ARCH_DESC_KIND_TABLE) {
        const struct hyp_leaf one = one_of(leaf, at);

        return coalesce_here(vm, at, &one, detached);
    }
    return leaf->group ? map_group(vm, at, leaf) : map_one(vm, at, leaf);
}

/* Put a new table into an entry above the leaf that holds nothing, or a larger block,
 * which is split; only the leaf will be mapped in it.
 * Linux 6.2: stage2_map_walk_leaf(). */
static bool install_table(const struct hyp_vm *vm, struct hyp_event *at,
                          struct arch_pa *table)
{
    bool done;

    *table = vm->ops->table_alloc(vm->ctx);
    if (at->old & ARCH_DESC_VALID) {
        struct hyp_split s = {
            .vm = vm, .at = *at, .table = arch_desc_make_table(*table)};

        done = hyp_split(&s) == HYP_DONE;
    } else {
        done = hyp_try_replace(vm, at, HYP_DESC_LOCKED);
        if (done)
            hyp_make(vm, at, arch_desc_make_table(*table));
    }
    if (!done)
        vm->ops->table_free(vm->ctx, *table);
    return done;
}

/* Step over an entry above the leaf: false if another walker has it, else *table is the
 * table below. */
static bool descend(const struct hyp_vm *vm, struct hyp_event *at,
                    struct arch_pa *table)
{
    if (hyp_is_locked(at->old, at->level)) {
        hyp_at(vm, HYP_AT_LOCKED, at);
        return false;
    }
    if (hyp_kind(vm, at->old, at->level) == ARCH_DESC_KIND_TABLE) {
        *table = hyp_table_of(vm, at->old);
        return true;
    }
    if (hyp_is_grouped(vm, at->old, at->level) && !leave_group(vm, at))
        return false;
    return install_table(vm, at, table);
}

/* With HYP_SEQ_KEEP a table stays: the leaf goes one level down. */
static void shrink_leaf(const struct hyp_vm *vm, struct hyp_leaf *leaf,
                        struct arch_ipa ipa)
{
    uint64_t mask;

    leaf->level++;
    mask = hyp_level_bytes(vm, leaf->level) - 1;
    leaf->pa.v += (ipa.v & ~mask) - leaf->ipa.v;
    leaf->ipa.v = ipa.v & ~mask;
}

static struct hyp_event look(const struct hyp_vm *vm, struct arch_pa table, int level,
                             struct arch_ipa ipa, int leaf_level)
{
    struct hyp_event at = hyp_entry_of(vm, table, level, ipa);

    hyp_at(vm, level == leaf_level ? HYP_AT_LOOK : HYP_AT_ABOVE, &at);
    at.old = hyp_visit(vm, at.entry);
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
            hyp_kind(vm, at.old, level) == ARCH_DESC_KIND_TABLE)
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
