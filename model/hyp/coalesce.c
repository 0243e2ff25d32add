/* SPDX-License-Identifier: Apache-2.0 */
/* A host thread that turns pages into blocks and groups. */
#include "model/hyp/host_priv.h"
#include "model/hyp/sequence.h"

#include <assert.h>

/* Returns the detached table in *detached, or old = 0. */
static void coalesce_block(const struct hyp_vm *vm, const struct hyp_leaf *leaf,
                           struct hyp_event *detached)
{
    struct hyp_coalesce c = {
        .vm = vm,
        .at = hyp_find(vm, leaf->ipa, leaf->level),
        .block = hyp_leaf_desc(leaf),
        .pa = leaf->pa,
        .bytes = hyp_leaf_bytes(vm, leaf),
    };

    if (c.at.level == leaf->level &&
        hyp_kind(vm, c.at.old, leaf->level) == ARCH_DESC_KIND_TABLE &&
        hyp_coalesce(&c, detached) == HYP_DONE)
        vm->ops->dsb(vm->ctx, ARCH_DSB_ISHST);
}

/* All leaves of the group map the memory of the leaf, and one at least is not in a
 * group yet. */
static bool can_be_grouped(const struct hyp_group *g, const struct hyp_leaf *leaf,
                           const struct hyp_vm *vm)
{
    const uint64_t same = ~(HYP_PERM_BITS | ARCH_DESC_AF | ARCH_DESC_CONTIGUOUS);
    uint64_t grouped = ARCH_DESC_CONTIGUOUS;

    for (unsigned i = 0; i < g->entries_n; i++) {
        const uint64_t want =
            hyp_leaf_desc(leaf) + i * hyp_level_bytes(vm, leaf->level);

        if ((g->old[i] ^ want) & same)
            return false;
        grouped &= g->old[i];
    }
    return !grouped;
}

static void coalesce_group(const struct hyp_vm *vm, const struct hyp_leaf *leaf)
{
    const enum hyp_group_access access =
        vm->cfg.lock == HYP_LOCK_ENTRY ? HYP_GROUP_SHARED : HYP_GROUP_ALONE;
    const struct hyp_event at = hyp_find(vm, leaf->ipa, leaf->level);
    struct hyp_group g;

    if (at.level != leaf->level)
        return;
    g = hyp_group_around(vm, &at);
    if (can_be_grouped(&g, leaf, vm) &&
        hyp_group_make(vm, &g, hyp_leaf_desc(leaf), access) == HYP_DONE)
        vm->ops->dsb(vm->ctx, ARCH_DSB_ISHST);
}

static void coalesce_one(const struct hyp_vm *vm, const struct hyp_leaf *leaf)
{
    struct hyp_event detached = {.old = 0};

    vm->ops->lock(vm->ctx, HYP_LOCK_WRITE);
    if (leaf->group)
        coalesce_group(vm, leaf);
    else
        coalesce_block(vm, leaf, &detached);
    if (detached.old && vm->cfg.tear_down == HYP_TEAR_DOWN_UNDER_LOCK) {
        hyp_tear_down(vm, &detached);
        detached.old = 0;
    }
    vm->ops->unlock(vm->ctx, HYP_LOCK_WRITE);
    if (detached.old)
        hyp_release(vm, &detached);
}

/* The leaf at ipa: a block, or with bytes of more than one a group. */
static struct hyp_leaf leaf_at(const struct hyp_vm *vm, const struct hyp_slot *slot,
                               uint64_t ipa, int level, bool group)
{
    struct hyp_leaf leaf = hyp_slot_leaf(vm, slot, arch_ipa(ipa), level);

    assert(leaf.level == level);
    leaf.group = group;
    return leaf;
}

void hyp_coalesce_range(const struct hyp_vm *vm, const struct hyp_slot *slot,
                        struct arch_ipa ipa, uint64_t bytes, unsigned block_shift)
{
    const int level = arch_level_of_shift(vm->tg, block_shift);
    const bool group = block_shift > arch_level_shift(vm->tg, level);
    const uint64_t step = UINT64_C(1) << block_shift;

    if (vm->cfg.sequence == HYP_SEQ_KEEP)
        return;
    assert(!group || hyp_sequence_can_group(vm->cfg.sequence));
    for (uint64_t at = ipa.v; at < ipa.v + bytes; at += step) {
        for (uint64_t i = 0; group && level < 3 && i < step;
             i += hyp_level_bytes(vm, level)) {
            const struct hyp_leaf block = leaf_at(vm, slot, at + i, level, false);

            coalesce_one(vm, &block);
        }

        const struct hyp_leaf leaf = leaf_at(vm, slot, at, level, group);

        coalesce_one(vm, &leaf);
    }
}
