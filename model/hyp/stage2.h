/* SPDX-License-Identifier: Apache-2.0 */
/* model/hyp/stage2.h - the stage 2 tables of one VM as the hypervisor edits them. */
#ifndef MODEL_HYP_STAGE2_H
#define MODEL_HYP_STAGE2_H

#include "model/hyp/cfg.h"
#include "model/hyp/ops.h"
#include "walker/arch/fault.h"
#include "walker/geometry.h"

/* The value of an entry between break and make, so that other walkers keep off.
 * Linux: KVM_INVALID_PTE_LOCKED, arch/arm64/kvm/hyp/pgtable.c. */
#define HYP_DESC_LOCKED (UINT64_C(1) << 10)

/* One VM's tables and the software that owns them; constant during a run. */
struct hyp_vm {
    const struct hyp_ops *ops;
    void *ctx; /* of the PE that runs this code */
    struct hyp_cfg cfg;
    struct walk_s2_geometry geom;
    enum arch_tg tg;
    struct arch_pa baddr;
    uint16_t vmid;
};

/* A leaf to install: where, how large, to what. */
struct hyp_leaf {
    struct arch_ipa ipa; /* aligned to the leaf */
    struct arch_pa pa;   /* aligned to the leaf */
    int level;           /* 1..3 */
    bool writable;
    bool xn;    /* execute-never */
    bool group; /* aligned to a contiguous group of such leaves: map all of it */
};

enum hyp_result {
    HYP_DONE,    /* the table was changed as asked */
    HYP_EAGAIN,  /* nothing was changed: found done, locked, or lost; just re-enter */
    HYP_STOPPED, /* the exit goes to user space with an error: the VM does not go on */
};

/* The descriptor that installs leaf: Normal Write-Back, inner shareable, AF set,
 * readable; of a group that of its first leaf, without the Contiguous bit.
 * Linux: stage2_set_prot_attr(). */
uint64_t hyp_leaf_desc(const struct hyp_leaf *leaf);

/* Where the descriptor of level that maps ipa lies, in the table (or the concatenated
 * start tables) at table. */
struct arch_pa hyp_entry_pa(const struct hyp_vm *vm, struct arch_pa table, int level,
                            struct arch_ipa ipa);

/* Bytes that leaf maps. */
uint64_t hyp_leaf_bytes(const struct hyp_vm *vm, const struct hyp_leaf *leaf);

/**
 * hyp_map() - install a leaf; the caller holds mmu_lock.
 *
 * Missing tables are built on the way. A table in the place of a block is coalesced by
 * vm->cfg.sequence; HYP_SEQ_KEEP descends and maps the next smaller leaf that holds
 * @fault_ipa instead. A block above the leaf is split by vm->cfg.sequence; the table
 * then maps the leaf only. An entry that already maps the leaf gives HYP_EAGAIN, or is
 * mapped again, by vm->cfg.identical. @detached receives the table descriptor that is
 * still to be torn down (hyp_tear_down(); from before or behind the unlock,
 * vm->cfg.tear_down), else 0. Linux: kvm_pgtable_stage2_map(), stage2_map_walker().
 */
enum hyp_result hyp_map(const struct hyp_vm *vm, const struct hyp_leaf *leaf,
                        struct arch_ipa fault_ipa, struct hyp_event *detached);

/**
 * hyp_relax_perms() - add the permissions of @leaf to the leaf that maps ipa.
 *
 * HYP_EAGAIN if no leaf is there, or another walker changed it meanwhile. Ends with a
 * flush of the IPA by vm->cfg.relax; the flush of this PE alone is made even on
 * HYP_EAGAIN. Linux: kvm_pgtable_stage2_relax_perms(), stage2_attr_walker().
 */
enum hyp_result hyp_relax_perms(const struct hyp_vm *vm, struct arch_ipa ipa,
                                const struct hyp_leaf *leaf);

/* Set the Access flag of the leaf that maps ipa; without a TLBI, since no TLB holds an
 * entry that lacks it. Linux: kvm_pgtable_stage2_mkyoung(). */
enum hyp_result hyp_make_young(const struct hyp_vm *vm, struct arch_ipa ipa);

/* Free the subtree below a detached table descriptor: reads each entry once, lets each
 * leaf go, frees each table. Linux: stage2_free_walker(). */
void hyp_tear_down(const struct hyp_vm *vm, const struct hyp_event *detached);

/* What the fault handler knows of the memory slot that was hit. */
struct hyp_slot {
    struct arch_ipa ipa; /* slot base */
    struct arch_pa pa;   /* of ipa */
    uint64_t bytes;
    int block_level; /* level of the largest block that the backing allows: 1..3 */
    bool writable;   /* else the backing is read-only */
    bool logging; /* dirty logging: leaves are pages, writable by a write fault only */
    bool group;   /* where a leaf of block_level, or a page, would be mapped, map the
                   * contiguous group around it */
    uint64_t *dirty; /* one bit per page from ipa on, set by write faults; or NULL */
};

/* The leaf that the handler of a fault tries to install: the largest block around ipa
 * that the slot's backing and bounds allow; with HYP_SEQ_KEEP none above the level of
 * the fault; a page while the slot logs. Linux: fault_supports_stage2_huge_mapping(),
 * kvm_vcpu_trap_get_fault_level(). */
struct hyp_leaf hyp_fault_leaf(const struct hyp_vm *vm, const struct hyp_slot *slot,
                               struct arch_ipa ipa, enum arch_access access,
                               const struct arch_fault *fault);

/**
 * hyp_handle_fault() - a stage 2 abort of a guest access, after the exception entry.
 *
 * Finds the host's memory, takes mmu_lock as vm->cfg.lock says, and drops it. An
 * Access flag fault becomes hyp_make_young(), a permission fault on a leaf of the size
 * that would be mapped hyp_relax_perms(), everything else hyp_map(). HYP_EAGAIN, too,
 * if the memory was invalidated meanwhile. A write that was let through marks its page
 * in slot->dirty. A TLB conflict abort is handled without mmu_lock, by
 * vm->cfg.conflict. Linux: kvm_handle_guest_abort(), user_mem_abort(),
 * handle_access_fault().
 */
enum hyp_result hyp_handle_fault(const struct hyp_vm *vm, const struct hyp_slot *slot,
                                 struct arch_ipa ipa, enum arch_access access,
                                 const struct arch_fault *fault);

#endif
