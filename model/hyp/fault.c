/* SPDX-License-Identifier: Apache-2.0 */
/* From a guest's fault to the change of its tables. */
#include "model/hyp/flush.h"
#include "model/hyp/sequence.h"
#include "model/hyp/stage2_priv.h"

/* [ipa, ipa + bytes) is inside the slot, and its memory as aligned as it is. */
static bool slot_holds(const struct hyp_slot *slot, struct arch_ipa ipa,
                       struct arch_pa pa, uint64_t bytes)
{
    return ipa.v >= slot->ipa.v && (pa.v & (bytes - 1)) == 0 &&
           ipa.v + bytes <= slot->ipa.v + slot->bytes;
}

static void align_leaf(struct hyp_leaf *leaf, const struct hyp_slot *slot,
                       struct arch_ipa ipa, uint64_t bytes)
{
    leaf->ipa.v = ipa.v & ~(bytes - 1);
    leaf->pa.v = slot->pa.v + (leaf->ipa.v - slot->ipa.v);
}

/* Linux: fault_supports_stage2_huge_mapping(). */
struct hyp_leaf hyp_slot_leaf(const struct hyp_vm *vm, const struct hyp_slot *slot,
                              struct arch_ipa ipa, int level)
{
    struct hyp_leaf leaf = {.level = level,
                            .writable = slot->writable,
                            .xn = vm->cfg.icache != HYP_ICACHE_NONE};

    for (;; leaf.level++) {
        align_leaf(&leaf, slot, ipa, hyp_level_bytes(vm, leaf.level));
        if (leaf.level == 3 ||
            slot_holds(slot, leaf.ipa, leaf.pa, hyp_level_bytes(vm, leaf.level)))
            return leaf;
    }
}

static void widen_to_group(const struct hyp_vm *vm, const struct hyp_slot *slot,
                           struct arch_ipa ipa, struct hyp_leaf *leaf)
{
    struct hyp_leaf wide = *leaf;

    wide.group = true;
    align_leaf(&wide, slot, ipa, hyp_leaf_bytes(vm, &wide));
    if (slot_holds(slot, wide.ipa, wide.pa, hyp_leaf_bytes(vm, &wide)))
        *leaf = wide;
}

struct hyp_leaf hyp_fault_leaf(const struct hyp_vm *vm, const struct hyp_slot *slot,
                               struct arch_ipa ipa, enum arch_access access,
                               const struct arch_fault *fault)
{
    const bool keep = vm->cfg.sequence == HYP_SEQ_KEEP;
    struct hyp_leaf leaf;
    int level = slot->logging ? 3 : slot->block_level;

    if (keep && fault->level > level)
        level = fault->level;
    leaf = hyp_slot_leaf(vm, slot, ipa, level);
    if (slot->logging && access != ARCH_WRITE)
        leaf.writable = false;
    if (access == ARCH_EXECUTE)
        leaf.xn = false;
    if (slot->group && !slot->logging && !keep &&
        (leaf.level == 3 || leaf.level == slot->block_level))
        widen_to_group(vm, slot, ipa, &leaf);
    return leaf;
}

/* mmu_lock on the fault path. Linux: kvm_fault_lock(). */
static void lock(const struct hyp_vm *vm)
{
    if (vm->cfg.lock == HYP_LOCK_EXCLUSIVE)
        vm->ops->lock(vm->ctx, HYP_LOCK_WRITE);
    else if (vm->cfg.lock == HYP_LOCK_SHARED)
        vm->ops->lock(vm->ctx, HYP_LOCK_READ);
}

static void unlock(const struct hyp_vm *vm)
{
    if (vm->cfg.lock == HYP_LOCK_EXCLUSIVE)
        vm->ops->unlock(vm->ctx, HYP_LOCK_WRITE);
    else if (vm->cfg.lock == HYP_LOCK_SHARED)
        vm->ops->unlock(vm->ctx, HYP_LOCK_READ);
}

/* Linux: handle_access_fault(). */
static enum hyp_result handle_access_flag(const struct hyp_vm *vm, struct arch_ipa ipa)
{
    enum hyp_result result;

    lock(vm);
    result = hyp_make_young(vm, ipa);
    unlock(vm);
    return result;
}

/* Linux 5.11: clean_dcache_guest_page() and invalidate_icache_guest_page() in
 * user_mem_abort(). */
static void maintain_each_fault(const struct hyp_vm *vm, const struct hyp_leaf *leaf,
                                enum arch_access access, const struct arch_fault *fault)
{
    const uint64_t bytes = hyp_leaf_bytes(vm, leaf);

    if (vm->cfg.clean == HYP_CLEAN_EACH_FAULT && fault->type != ARCH_FAULT_PERMISSION)
        vm->ops->clean(vm->ctx, leaf->pa, bytes);
    if (vm->cfg.icache == HYP_ICACHE_EACH_FAULT && access == ARCH_EXECUTE)
        vm->ops->icache(vm->ctx, leaf->pa, bytes);
}

static bool relaxes(const struct hyp_vm *vm, const struct hyp_leaf *leaf,
                    enum arch_access access, const struct arch_fault *fault)
{
    return vm->cfg.relax != HYP_RELAX_NONE && fault->type == ARCH_FAULT_PERMISSION &&
           fault->level == leaf->level && (leaf->writable || access != ARCH_WRITE);
}

/* What is done under mmu_lock. Linux: user_mem_abort(), from mmu_invalidate_retry(). */
static enum hyp_result change_tables(const struct hyp_vm *vm,
                                     const struct hyp_leaf *leaf, struct arch_ipa ipa,
                                     enum arch_access access,
                                     const struct arch_fault *fault,
                                     struct hyp_event *detached)
{
    enum hyp_result result;

    if (vm->ops->invalidated && vm->ops->invalidated(vm->ctx))
        return HYP_EAGAIN;
    maintain_each_fault(vm, leaf, access, fault);
    if (relaxes(vm, leaf, access, fault))
        return hyp_relax_perms(vm, ipa, leaf);
    result = hyp_map(vm, leaf, ipa, detached);
    if (detached->old && vm->cfg.tear_down == HYP_TEAR_DOWN_UNDER_LOCK) {
        hyp_tear_down(vm, detached);
        detached->old = 0;
    }
    return result;
}

/* Linux: mark_page_dirty_in_slot(). */
static void mark_dirty(const struct hyp_vm *vm, const struct hyp_slot *slot,
                       struct arch_ipa ipa)
{
    const uint64_t page = (ipa.v - slot->ipa.v) >> vm->tg;

    if (slot->dirty)
        slot->dirty[page / 64] |= UINT64_C(1) << page % 64;
}

/* Linux: kvm_handle_guest_abort() gives -EFAULT for a fault status code that it does
 * not know, as 0x30; to recover is a proposal of the Arm ARM, I_JCCRT. */
static enum hyp_result handle_conflict(const struct hyp_vm *vm)
{
    if (vm->cfg.conflict == HYP_CONFLICT_STOP)
        return HYP_STOPPED;
    hyp_flush_conflict(vm, vm->cfg.conflict == HYP_CONFLICT_RECOVER_ALL);
    return HYP_DONE;
}

enum hyp_result hyp_handle_fault(const struct hyp_vm *vm, const struct hyp_slot *slot,
                                 struct arch_ipa ipa, enum arch_access access,
                                 const struct arch_fault *fault)
{
    const struct hyp_leaf leaf = hyp_fault_leaf(vm, slot, ipa, access, fault);
    struct hyp_event detached = {.old = 0};
    struct hyp_event at = {.ipa = ipa, .level = leaf.level};
    enum hyp_result result;

    if (fault->type == ARCH_FAULT_TLB_CONFLICT)
        return handle_conflict(vm);
    if (fault->type == ARCH_FAULT_ACCESS_FLAG)
        return handle_access_flag(vm, ipa);
    if (vm->ops->host_page)
        vm->ops->host_page(vm->ctx, leaf.pa, hyp_leaf_bytes(vm, &leaf));
    hyp_at(vm, HYP_AT_LOCK, &at);
    lock(vm);
    result = change_tables(vm, &leaf, ipa, access, fault, &detached);
    unlock(vm);
    if (result == HYP_DONE && access == ARCH_WRITE && leaf.writable)
        mark_dirty(vm, slot, ipa);
    /* Approx: without free_later() RCU's callback runs here, on the PE that queued it,
     * not after a grace period. Linux: stage2_free_unlinked_table_rcu_cb(). */
    if (detached.old)
        hyp_release(vm, &detached);
    return result;
}
