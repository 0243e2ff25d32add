/* SPDX-License-Identifier: Apache-2.0 */
/* The dirty log of a slot: which pages were written, and their protection. */
#include "model/hyp/flush.h"
#include "model/hyp/host_priv.h"

static bool by_hardware(const struct hyp_vm *vm)
{
    return vm->cfg.dirty == HYP_DIRTY_HARDWARE;
}

static void protect_leaf(struct hyp_range *r, struct hyp_event *at)
{
    if (r->to_clean)
        hyp_split_group(r, at);
    else
        hyp_split_partial_group(r, at);
    (void)hyp_change_leaf(r, at);
}

static struct hyp_range protection(const struct hyp_vm *vm, uint64_t first,
                                   uint64_t end)
{
    return (struct hyp_range){.vm = vm,
                              .leaf = protect_leaf,
                              .clear = ARCH_DESC_S2AP_W,
                              .to_clean = by_hardware(vm),
                              .first = first,
                              .end = end};
}

/* From the first to the last page of a mask, whatever lies between.
 * Linux: kvm_arch_mmu_enable_log_dirty_pt_masked(). */
static void protect_mask(const struct hyp_vm *vm, const struct hyp_slot *slot,
                         uint64_t first, uint64_t mask)
{
    const uint64_t base = slot->ipa.v + (first << vm->tg);
    unsigned low = 0, high = 63;
    struct hyp_range r;

    while (!(mask >> low & 1))
        low++;
    while (!(mask >> high & 1))
        high--;
    r = protection(vm, base + ((uint64_t)low << vm->tg),
                   base + ((uint64_t)(high + 1) << vm->tg));
    hyp_walk_range(&r);
}

/* A page between others of the mask may be dirty, and nobody has seen it yet: each run
 * of pages is protected for itself. Posted for KVM: 20230825093528.1637-1, "Only write
 * protect selected PTE". */
static void protect_runs(const struct hyp_vm *vm, const struct hyp_slot *slot,
                         uint64_t first, uint64_t mask)
{
    while (mask) {
        const uint64_t lowest = mask & -mask;
        const uint64_t run = mask & ~(mask + lowest);

        protect_mask(vm, slot, first, run);
        mask &= ~run;
    }
}

void hyp_wrprotect_range(const struct hyp_vm *vm, struct arch_ipa ipa, uint64_t bytes)
{
    struct hyp_range r = protection(vm, ipa.v, ipa.v + bytes);

    vm->ops->lock(vm->ctx, HYP_LOCK_WRITE);
    hyp_walk_in_batches(&r, NULL);
    vm->ops->unlock(vm->ctx, HYP_LOCK_WRITE);
    hyp_flush_span(vm, ipa, bytes);
}

void hyp_dirty_log_start(const struct hyp_vm *vm, const struct hyp_slot *slot)
{
    const bool eager = vm->cfg.split == HYP_SPLIT_EAGER;

    if (eager && by_hardware(vm))
        hyp_split_range(vm, slot->ipa, slot->bytes);
    hyp_wrprotect_range(vm, slot->ipa, slot->bytes);
    if (eager && !by_hardware(vm))
        hyp_split_range(vm, slot->ipa, slot->bytes);
}

static uint64_t page_of(const struct hyp_vm *vm, const struct hyp_slot *slot,
                        struct arch_ipa ipa)
{
    return (ipa.v - slot->ipa.v) >> vm->tg;
}

struct sync {
    struct hyp_range r; /* first */
    const struct hyp_slot *slot;
};

/* Posted for KVM: stage2_sync_dirty_walker(). */
static void sync_leaf(struct hyp_range *r, struct hyp_event *at)
{
    const struct sync *s = (const struct sync *)r;
    const uint64_t page = page_of(r->vm, s->slot, at->ipa);

    if (at->level == 3 && hyp_is_hw_dirty(at->old))
        s->slot->dirty[page / 64] |= UINT64_C(1) << page % 64;
}

void hyp_dirty_log_sync(const struct hyp_vm *vm, const struct hyp_slot *slot)
{
    struct sync s = {.r = {.vm = vm,
                           .first = slot->ipa.v,
                           .end = slot->ipa.v + slot->bytes,
                           .leaf = sync_leaf},
                     .slot = slot};

    if (!by_hardware(vm))
        return;
    vm->ops->lock(vm->ctx, HYP_LOCK_WRITE);
    hyp_walk_in_batches(&s.r, NULL);
    vm->ops->unlock(vm->ctx, HYP_LOCK_WRITE);
}

/* bits NULL: all. */
static void harvest(const struct hyp_vm *vm, const struct hyp_slot *slot,
                    uint64_t first, uint64_t n, const uint64_t *bits, uint64_t *copy)
{
    bool flush = false;

    vm->ops->lock(vm->ctx, HYP_LOCK_WRITE);
    for (uint64_t i = 0; i < n; i += 64) {
        uint64_t *word = &slot->dirty[(first + i) / 64];
        const uint64_t wanted = n - i < 64 ? (UINT64_C(1) << (n - i)) - 1 : UINT64_MAX;
        const uint64_t mask = *word & wanted & (bits ? bits[i / 64] : UINT64_MAX);

        if (copy)
            copy[i / 64] = mask;
        if (!mask)
            continue;
        *word &= ~mask;
        if (by_hardware(vm))
            protect_runs(vm, slot, first + i, mask);
        else
            protect_mask(vm, slot, first + i, mask);
        flush = true;
    }
    vm->ops->unlock(vm->ctx, HYP_LOCK_WRITE);
    if (flush)
        hyp_flush_span(vm, slot->ipa, slot->bytes);
}

void hyp_dirty_log_get(const struct hyp_vm *vm, const struct hyp_slot *slot,
                       uint64_t *copy)
{
    hyp_dirty_log_sync(vm, slot);
    harvest(vm, slot, 0, slot->bytes >> vm->tg, NULL, copy);
}

void hyp_dirty_log_clear(const struct hyp_vm *vm, const struct hyp_slot *slot,
                         uint64_t first, uint64_t n, const uint64_t *bits)
{
    harvest(vm, slot, first, n, bits, NULL);
}
