/* SPDX-License-Identifier: Apache-2.0 */
/* The dirty log of a slot: which pages were written, and their protection. */
#include "model/hyp/flush.h"
#include "model/hyp/host_priv.h"

static void protect_leaf(struct hyp_range *r, struct hyp_event *at)
{
    hyp_split_partial_group(r, at);
    (void)hyp_change_leaf(r, at);
}

/* From the first to the last page of a mask, whatever lies between.
 * Linux: kvm_arch_mmu_enable_log_dirty_pt_masked(). */
static void protect_mask(const struct hyp_vm *vm, const struct hyp_slot *slot,
                         uint64_t first, uint64_t mask)
{
    const uint64_t base = slot->ipa.v + (first << vm->tg);
    unsigned low = 0, high = 63;
    struct hyp_range r = {
        .vm = vm, .leaf = protect_leaf, .clear = ARCH_DESC_S2AP_W, .first = base};

    while (!(mask >> low & 1))
        low++;
    while (!(mask >> high & 1))
        high--;
    r.first = base + ((uint64_t)low << vm->tg);
    r.end = base + ((uint64_t)(high + 1) << vm->tg);
    hyp_walk_range(&r);
}

void hyp_dirty_log_start(const struct hyp_vm *vm, const struct hyp_slot *slot)
{
    hyp_wrprotect_range(vm, slot->ipa, slot->bytes);
    if (vm->cfg.split == HYP_SPLIT_EAGER)
        hyp_split_range(vm, slot->ipa, slot->bytes);
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
    harvest(vm, slot, 0, slot->bytes >> vm->tg, NULL, copy);
}

void hyp_dirty_log_clear(const struct hyp_vm *vm, const struct hyp_slot *slot,
                         uint64_t first, uint64_t n, const uint64_t *bits)
{
    harvest(vm, slot, first, n, bits, NULL);
}
