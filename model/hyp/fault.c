/* SPDX-License-Identifier: Apache-2.0 */
#include "model/hyp/sequence.h"
#include "walker/arch/desc.h"

#include <assert.h>

static uint64_t block_bytes(const struct hyp_vm *vm, int level)
{
    return UINT64_C(1) << arch_level_shift(vm->tg, level);
}

/* The block of level around ipa, or a smaller one where the slot does not hold it.
 * Linux: fault_supports_stage2_huge_mapping(). */
static struct hyp_leaf leaf_for(const struct hyp_vm *vm, const struct hyp_slot *slot,
                                struct arch_ipa ipa, int level)
{
    struct hyp_leaf leaf = {.writable = slot->writable};

    for (;; level++) {
        uint64_t bytes = block_bytes(vm, level);

        leaf.level = level;
        leaf.ipa.v = ipa.v & ~(bytes - 1);
        leaf.pa.v = slot->pa.v + (leaf.ipa.v - slot->ipa.v);
        if (level == 3 ||
            (leaf.ipa.v >= slot->ipa.v && (leaf.pa.v & (bytes - 1)) == 0 &&
             leaf.ipa.v + bytes <= slot->ipa.v + slot->bytes))
            return leaf;
    }
}

struct hyp_leaf hyp_fault_leaf(const struct hyp_vm *vm, const struct hyp_slot *slot,
                               struct arch_ipa ipa, const struct arch_fault *fault)
{
    int level = slot->block_level;

    if (vm->cfg.sequence == HYP_SEQ_KEEP && fault->level > level)
        level = fault->level;
    return leaf_for(vm, slot, ipa, level);
}

static enum hyp_lock_mode fault_lock(const struct hyp_vm *vm)
{
    return vm->cfg.lock == HYP_LOCK_SHARED ? HYP_LOCK_READ : HYP_LOCK_WRITE;
}

enum hyp_result hyp_handle_fault(const struct hyp_vm *vm, const struct hyp_slot *slot,
                                 struct arch_ipa ipa, const struct arch_fault *fault)
{
    struct hyp_leaf leaf = hyp_fault_leaf(vm, slot, ipa, fault);
    struct hyp_event detached = {.old = 0};
    enum hyp_result result;

    vm->ops->lock(vm->ctx, fault_lock(vm));
    if (fault->type == ARCH_FAULT_PERMISSION && fault->level == leaf.level &&
        slot->writable)
        result = hyp_relax_perms(vm, ipa);
    else
        result = hyp_map(vm, &leaf, ipa, &detached);
    vm->ops->unlock(vm->ctx, fault_lock(vm));
    /* Approx: RCU's callback runs here, on the PE that queued it, not after a grace
     * period somewhere. Linux: stage2_free_unlinked_table_rcu_cb(). */
    if (detached.old)
        hyp_tear_down(vm, &detached);
    return result;
}

/* The table entry of level that maps ipa, or old = 0 if there is none. */
static struct hyp_event find_table(const struct hyp_vm *vm, struct arch_ipa ipa,
                                   int level)
{
    struct hyp_event at = {.ipa = ipa, .level = level};
    struct arch_pa table = vm->baddr;

    for (int l = vm->geom.start_level;; l++) {
        at.entry = hyp_entry_pa(vm, table, l, ipa);
        vm->ops->spend(vm->ctx, HYP_COST_VISIT);
        at.old = vm->ops->read(vm->ctx, at.entry);
        if (arch_desc_kind(at.old, l, vm->tg, false, 48) != ARCH_DESC_KIND_TABLE) {
            at.old = 0;
            return at;
        }
        if (l == level)
            return at;
        table = arch_desc_table_pa(at.old, vm->tg, false);
    }
}

/* Returns the detached table in *detached, or old = 0. */
static void coalesce_block(const struct hyp_vm *vm, const struct hyp_slot *slot,
                           struct arch_ipa ipa, int level, struct hyp_event *detached)
{
    const struct hyp_leaf leaf = leaf_for(vm, slot, ipa, level);
    struct hyp_coalesce c = {
        .vm = vm,
        .at = find_table(vm, ipa, level),
        .block = hyp_leaf_desc(&leaf),
        .pa = leaf.pa,
        .bytes = block_bytes(vm, level),
    };

    assert(leaf.level == level);
    detached->old = 0;
    if (c.at.old && hyp_coalesce(&c, detached) == HYP_DONE)
        vm->ops->dsb(vm->ctx, ARCH_DSB_ISHST);
}

void hyp_coalesce_range(const struct hyp_vm *vm, const struct hyp_slot *slot,
                        struct arch_ipa ipa, uint64_t bytes, int level)
{
    struct hyp_event detached;

    if (vm->cfg.sequence == HYP_SEQ_KEEP)
        return;
    for (uint64_t done = 0; done < bytes; done += block_bytes(vm, level)) {
        vm->ops->lock(vm->ctx, HYP_LOCK_WRITE);
        coalesce_block(vm, slot, arch_ipa(ipa.v + done), level, &detached);
        vm->ops->unlock(vm->ctx, HYP_LOCK_WRITE);
        if (detached.old)
            hyp_tear_down(vm, &detached);
    }
}
