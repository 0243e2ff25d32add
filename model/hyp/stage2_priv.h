/* SPDX-License-Identifier: Apache-2.0 */
/* model/hyp/stage2_priv.h - what the walkers of this folder share. */
#ifndef MODEL_HYP_STAGE2_PRIV_H
#define MODEL_HYP_STAGE2_PRIV_H

#include "model/hyp/stage2.h"
#include "walker/arch/desc.h"

/* KVM never uses FEAT_LPA2 in the stage 2 tables modelled here. */
#define HYP_NO_DS false
#define HYP_PA_BITS 48u

/* Bits of a leaf that may change without break-before-make and without remapping:
 * permissions and software bits. Linux: stage2_pte_needs_update(). */
#define HYP_PERM_BITS                                                                  \
    (ARCH_DESC_S2AP_R | ARCH_DESC_S2AP_W | ARCH_DESC_DBM | ARCH_DESC_S2_XN |           \
     (UINT64_C(0xf) << 55))

/* Not executable at EL1 or EL0. Linux: KVM_PTE_LEAF_ATTR_HI_S2_XN. */
#define HYP_DESC_XN (UINT64_C(1) << 54)

static inline enum arch_desc_kind hyp_kind(const struct hyp_vm *vm, uint64_t desc,
                                           int level)
{
    return arch_desc_kind(desc, level, vm->tg, HYP_NO_DS, HYP_PA_BITS);
}

static inline struct arch_pa hyp_table_of(const struct hyp_vm *vm, uint64_t desc)
{
    return arch_desc_table_pa(desc, vm->tg, HYP_NO_DS);
}

static inline uint64_t hyp_level_bytes(const struct hyp_vm *vm, int level)
{
    return UINT64_C(1) << arch_level_shift(vm->tg, level);
}

static inline bool hyp_executable(uint64_t desc)
{
    return !(desc & HYP_DESC_XN);
}

/* Another walker is changing the entry: it holds the marker, or a block with nT. */
static inline bool hyp_is_locked(uint64_t desc, int level)
{
    const uint64_t nt_block = ARCH_DESC_VALID | ARCH_DESC_NT;

    return desc == HYP_DESC_LOCKED ||
           (level < 3 && !(desc & ARCH_DESC_TABLE) && (desc & nt_block) == nt_block);
}

/* A PE may set the dirty state of the entry at any moment. */
static inline bool hyp_hardware_writes(uint64_t desc)
{
    return (desc & ARCH_DESC_VALID) && (desc & ARCH_DESC_DBM);
}

/* Hardware may have made the page dirty, and no fault told. */
static inline bool hyp_is_hw_dirty(uint64_t desc)
{
    return hyp_hardware_writes(desc) && (desc & ARCH_DESC_S2AP_W);
}

/* The walker's look at one entry, in time. */
uint64_t hyp_visit(const struct hyp_vm *vm, struct arch_pa entry);

/* The entry of level that maps ipa in table, not yet read. */
struct hyp_event hyp_entry_of(const struct hyp_vm *vm, struct arch_pa table, int level,
                              struct arch_ipa ipa);

/* Walks to the entry that maps ipa and is no table, or to max_level. */
struct hyp_event hyp_find(const struct hyp_vm *vm, struct arch_ipa ipa, int max_level);

/* The leaf at *at lets go of its dirty state: the log keeps it. Posted for KVM:
 * mark_page_dirty() in stage2_map_walker_try_leaf() and stage2_unmap_walker(). */
void hyp_keep_dirty(const struct hyp_vm *vm, const struct hyp_event *at);

/* hyp_try_replace() without telling the observer. */
bool hyp_try_store(const struct hyp_vm *vm, const struct hyp_event *at, uint64_t desc);

/* HYP_AT_MAKE, and a store to an entry that is this walker's. */
void hyp_make(const struct hyp_vm *vm, struct hyp_event *at, uint64_t desc);

/* What is to be done to the caches at that point of installing desc, which maps pa. */
void hyp_maintain_caches(const struct hyp_vm *vm, enum hyp_clean when,
                         struct arch_pa pa, uint64_t bytes, uint64_t desc);

/* Hand a detached table on: to free_later(), else torn down. */
void hyp_release(const struct hyp_vm *vm, const struct hyp_event *detached);

/* A valid leaf differs from desc in more than vm->cfg.identical lets pass. */
bool hyp_needs_update(const struct hyp_vm *vm, uint64_t old, uint64_t desc);

/* A leaf of level is one of a contiguous group. */
static inline bool hyp_is_grouped(const struct hyp_vm *vm, uint64_t desc, int level)
{
    return hyp_kind(vm, desc, level) == ARCH_DESC_KIND_LEAF &&
           (desc & ARCH_DESC_CONTIGUOUS);
}

/* The group of entries that holds the one at *at. */
struct hyp_group {
    struct hyp_event first;
    unsigned entries_n;
    uint64_t old[128]; /* [entries_n], as read */
};

/* Reads all of it. */
struct hyp_group hyp_group_around(const struct hyp_vm *vm, const struct hyp_event *at);

/* An entry of the group is a table, so that the whole cannot be one leaf. */
bool hyp_group_has_table(const struct hyp_vm *vm, const struct hyp_group *g);

/* Whether others can see the group while it changes. */
enum hyp_group_access { HYP_GROUP_ALONE, HYP_GROUP_SHARED };

/**
 * hyp_group_make() - all entries of a group become leaves with the Contiguous bit.
 * @desc: of the first page or block, without the Contiguous bit.
 *
 * Break all, flush, make all; with HYP_SEQ_BBML2 and HYP_GROUP_ALONE no break, since
 * no compare-and-swap covers a group.
 */
enum hyp_result hyp_group_make(const struct hyp_vm *vm, struct hyp_group *g,
                               uint64_t desc, enum hyp_group_access access);

/* The same in reverse: each entry loses the Contiguous bit and nothing else. */
enum hyp_result hyp_group_split(const struct hyp_vm *vm, struct hyp_group *g,
                                enum hyp_group_access access);

/* The largest leaf of level or below around ipa that the slot holds. */
struct hyp_leaf hyp_slot_leaf(const struct hyp_vm *vm, const struct hyp_slot *slot,
                              struct arch_ipa ipa, int level);

#endif
