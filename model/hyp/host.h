/* SPDX-License-Identifier: Apache-2.0 */
/* model/hyp/host.h - what the host does to a range of one VM's tables: dirty logging,
 * MMU notifiers, huge pages.
 *
 * Each takes mmu_lock for writing and drops it at the end of each batch, which is one
 * largest block (Linux: stage2_apply_range()). Approx: Linux drops it only if another
 * waits (cond_resched_rwlock_write()). Addresses and sizes are multiples of the page.
 * Where a batch or a range holds a part of a contiguous group the group is split, so
 * groups of 16K and 64K blocks, which are larger than a batch, always are. */
#ifndef MODEL_HYP_HOST_H
#define MODEL_HYP_HOST_H

#include "model/hyp/stage2.h"

/**
 * hyp_coalesce_range() - a host thread turns the tables of a range into blocks.
 * @block_shift: log2 of the blocks, or of contiguous groups of pages or blocks, for
 *         which hyp_sequence_can_group() must hold.
 *
 * Every block or group in [ipa, ipa + bytes): take mmu_lock, replace it by the
 * configured sequence, drop the lock; a sequence that tears the old table down after
 * the make does so behind the lock unless vm->cfg.tear_down says under it. Entries that
 * are not tables are left alone, and groups that have holes or other memory in them. Of
 * a group of blocks each block comes first. HYP_SEQ_KEEP does nothing.
 */
void hyp_coalesce_range(const struct hyp_vm *vm, const struct hyp_slot *slot,
                        struct arch_ipa ipa, uint64_t bytes, unsigned block_shift);

/**
 * hyp_split_range() - blocks and contiguous groups become pages before anyone faults.
 *
 * Builds the subtree of each block off line, then replaces the block by the configured
 * sequence; permissions stay. mmu_lock is dropped behind each level 2 block. Linux 6.4:
 * kvm_mmu_split_huge_pages(), kvm_pgtable_stage2_split().
 */
void hyp_split_range(const struct hyp_vm *vm, struct arch_ipa ipa, uint64_t bytes);

/* What a permission change takes away and adds. */
struct hyp_perms {
    bool clear_write, set_write, clear_execute, set_execute;
};

/**
 * hyp_protect_range() - change the permissions of all leaves of a range, then flush it.
 *
 * A block that reaches out of the range changes as a whole; a contiguous group is split
 * if it does. The flush, by vm->cfg.tlbi, comes when the lock is dropped.
 * Linux: stage2_attr_walker(), kvm_flush_remote_tlbs_range().
 */
void hyp_protect_range(const struct hyp_vm *vm, struct arch_ipa ipa, uint64_t bytes,
                       struct hyp_perms perms);

/* Dirty logging: no leaf of the range stays writable, or with HYP_DIRTY_HARDWARE none
 * that is not clean. Linux: stage2_wp_range(). */
void hyp_wrprotect_range(const struct hyp_vm *vm, struct arch_ipa ipa, uint64_t bytes);

/**
 * hyp_dirty_log_start() - after slot->logging was set: write-protect the slot.
 *
 * vm->cfg.split decides whether its blocks are split at once.
 * Linux: kvm_mmu_wp_memory_region(), kvm_mmu_split_memory_region().
 *
 * With HYP_DIRTY_HARDWARE a page that was writable stays so, as clean (DBM), and a
 * contiguous group becomes pages, since of a group any entry may be the one that
 * hardware updates. Blocks lose write permission and nothing else: an eager split comes
 * first then, so that its pages are writable when they are made clean. Posted for KVM:
 * stage2_wp_ptes().
 */
void hyp_dirty_log_start(const struct hyp_vm *vm, const struct hyp_slot *slot);

/**
 * hyp_dirty_log_sync() - set the bits of slot->dirty that hardware knows of.
 *
 * Reads every entry of the slot under mmu_lock; the pages stay dirty. Only with
 * HYP_DIRTY_HARDWARE. Posted for KVM: kvm_mmu_sync_dirty_log().
 */
void hyp_dirty_log_sync(const struct hyp_vm *vm, const struct hyp_slot *slot);

/**
 * hyp_dirty_log_get() - move the bits of slot->dirty to @copy, protecting their pages.
 * @copy: [slot pages / 64, rounded up], overwritten.
 *
 * Syncs first. Then the lock is held all along; one flush of the slot follows if a bit
 * was set. With manual protection a caller syncs and copies the bits itself instead.
 * Linux: kvm_get_dirty_log_protect(), kvm_arch_mmu_enable_log_dirty_pt_masked().
 */
void hyp_dirty_log_get(const struct hyp_vm *vm, const struct hyp_slot *slot,
                       uint64_t *copy);

/**
 * hyp_dirty_log_clear() - clear bits of slot->dirty and protect their pages again.
 * @first: page of the slot, a multiple of 64.
 * @bits:  [n / 64, rounded up]; those that are set and are set in slot->dirty count.
 *
 * Linux: kvm_clear_dirty_log_protect().
 */
void hyp_dirty_log_clear(const struct hyp_vm *vm, const struct hyp_slot *slot,
                         uint64_t first, uint64_t n, const uint64_t *bits);

/**
 * hyp_unmap_range() - an MMU notifier or the deletion of a slot: nothing stays mapped.
 *
 * A block that reaches out of the range goes as a whole and is faulted in again; tables
 * left without an entry are freed. Flushes by vm->cfg.unmap; the memory is cleaned
 * unless vm->cfg.clean is none. Linux: kvm_unmap_gfn_range(), stage2_unmap_walker().
 */
void hyp_unmap_range(const struct hyp_vm *vm, struct arch_ipa ipa, uint64_t bytes);

/**
 * hyp_test_clear_young() - ageing: true if a leaf of the range has its Access flag set.
 * @clear: and clear all of them.
 *
 * No TLBI: cached entries go on hitting. Linux: stage2_age_walker(),
 * kvm_pgtable_stage2_test_clear_young().
 */
bool hyp_test_clear_young(const struct hyp_vm *vm, struct arch_ipa ipa, uint64_t bytes,
                          bool clear);

#endif
