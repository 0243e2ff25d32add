/* SPDX-License-Identifier: Apache-2.0 */
/* model/hyp/ops.h - the environment of the hypervisor's software.
 *
 * The same code runs in simulated time, untimed in unit tests and with a recorder
 * behind it: only these operations differ. */
#ifndef MODEL_HYP_OPS_H
#define MODEL_HYP_OPS_H

#include "walker/arch/addr.h"
#include "walker/arch/tlbi.h"

#include <stdbool.h>
#include <stdint.h>

enum hyp_lock_mode { HYP_LOCK_READ, HYP_LOCK_WRITE };

/* Software time that no other operation stands for. */
enum hyp_cost {
    HYP_COST_VISIT,          /* the walker visits one entry */
    HYP_COST_TEARDOWN_LEAF,  /* one leaf of a detached table is let go */
    HYP_COST_TEARDOWN_TABLE, /* one detached table page is freed */
    HYP_COSTS_N
};

/* Points of the protocol that an observer may time or, in an ordered replay, delay. */
enum hyp_point {
    HYP_AT_MAP,    /* kvm_pgtable_stage2_map() is entered, the lock is held */
    HYP_AT_LOOK,   /* before the read of the entry that the leaf goes into */
    HYP_AT_BREAK,  /* before the store or compare-and-swap that breaks it */
    HYP_AT_WON,    /* the entry is ours; entry, ipa, level and old describe it */
    HYP_AT_LOCKED, /* it holds the locked value of another walker */
    HYP_AT_LOST,   /* the compare-and-swap failed */
    HYP_AT_FOUND,  /* nothing to do: the mapping is there */
    HYP_AT_MAKE,   /* before the store of the finished entry */
    HYP_AT_FREE,   /* the replaced table is handed over for tear-down */
    HYP_AT_DONE,   /* its tear-down has ended */
    HYP_AT_GROUP, /* before the first store to a contiguous group; entry is its first */
    HYP_AT_GROUP_OVER, /* the group is replaced, or as it was */
    /* Of the fault path, for an ordered replay: */
    HYP_AT_LOCK,  /* a fault is about to take mmu_lock; ipa is its page */
    HYP_AT_RELAX, /* kvm_pgtable_stage2_relax_perms() is entered, the lock is held */
    HYP_AT_ABOVE, /* before the read of an entry above the one that the leaf goes into
                   */
    HYP_POINTS_N
};

struct hyp_event {
    enum hyp_point point;
    struct arch_ipa ipa;  /* first address that the entry maps */
    int level;            /* of the entry */
    struct arch_pa entry; /* where the descriptor is */
    uint64_t old;         /* the value replaced, from HYP_AT_WON on */
};

/* ctx is handed to every operation. All of them may take simulated time. */
struct hyp_ops {
    uint64_t (*read)(void *ctx, struct arch_pa pa);
    /* Store-release; returns when every observer sees it. */
    void (*write)(void *ctx, struct arch_pa pa, uint64_t desc);
    /* True if *pa was old and is desc now. */
    bool (*cmpxchg)(void *ctx, struct arch_pa pa, uint64_t old, uint64_t desc);
    void (*tlbi)(void *ctx, const struct arch_tlbi *op);
    void (*dsb)(void *ctx, enum arch_dsb kind);
    void (*isb)(void *ctx);
    void (*lock)(void *ctx, enum hyp_lock_mode mode);
    void (*unlock)(void *ctx, enum hyp_lock_mode mode);
    /* Clean the data cache to the PoC for [pa, pa + bytes). */
    void (*clean)(void *ctx, struct arch_pa pa, uint64_t bytes);
    /* Invalidate the instruction cache to the PoU for [pa, pa + bytes). */
    void (*icache)(void *ctx, struct arch_pa pa, uint64_t bytes);
    void (*spend)(void *ctx, enum hyp_cost what);
    /* A zeroed table page; the supply never ends (KVM tops its cache up before). */
    struct arch_pa (*table_alloc)(void *ctx);
    void (*table_free)(void *ctx, struct arch_pa table);
    /* True if all entries of the table are 0. Takes no time: it stands for the
     * reference count that Linux keeps, page_count(). */
    bool (*table_empty)(void *ctx, struct arch_pa table);
    void (*at)(void *ctx, const struct hyp_event *event);

    /* The members below may be NULL. */

    /* The host finds the memory of a fault, and zeroes what is touched for the first
     * time; mmu_lock is not held. From here on invalidated() looks out. NULL: at once.
     * Linux: __gfn_to_pfn_memslot(). */
    void (*host_page)(void *ctx, struct arch_pa pa, uint64_t bytes);
    /* Under mmu_lock: an MMU notifier took that memory away since host_page(). NULL:
     * never. Linux: mmu_invalidate_retry(). */
    bool (*invalidated)(void *ctx);
    /* A table that other walkers may still be in: call hyp_tear_down(vm, detached)
     * when each mmu_lock or fault that was held then has been left. NULL: it is torn
     * down at once, by this PE. Linux: call_rcu(). */
    void (*free_later)(void *ctx, const struct hyp_event *detached);
    /* A page descriptor whose dirty state hardware had set is gone: the page belongs
     * into the log. Takes no time. NULL: nobody logs. Linux: mark_page_dirty(). */
    void (*was_dirty)(void *ctx, struct arch_ipa page);
};

#endif
