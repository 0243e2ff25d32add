/* SPDX-License-Identifier: Apache-2.0 */
#include "model/hyp/host_priv.h"

static void walk_table(struct hyp_range *r, struct arch_pa table, int level,
                       uint64_t first, uint64_t end)
{
    const struct hyp_vm *vm = r->vm;
    const uint64_t bytes = hyp_level_bytes(vm, level);

    for (uint64_t ipa = first; ipa < end; ipa = (ipa & ~(bytes - 1)) + bytes) {
        struct hyp_event at = hyp_entry_of(vm, table, level, arch_ipa(ipa));
        const uint64_t next = at.ipa.v + bytes < end ? at.ipa.v + bytes : end;

        at.old = hyp_visit(vm, at.entry);
        if (hyp_kind(vm, at.old, level) != ARCH_DESC_KIND_TABLE) {
            r->leaf(r, &at);
            if (level == 3)
                continue;
            at.old = vm->ops->read(vm->ctx, at.entry);
            if (hyp_kind(vm, at.old, level) != ARCH_DESC_KIND_TABLE)
                continue;
        }
        walk_table(r, hyp_table_of(vm, at.old), level + 1, ipa, next);
        if (r->table_post)
            r->table_post(r, &at);
    }
}

void hyp_walk_range(struct hyp_range *r)
{
    walk_table(r, r->vm->baddr, r->vm->geom.start_level, r->first, r->end);
}

/* Linux: stage2_range_addr_end(), KVM_PGTABLE_MIN_BLOCK_LEVEL. */
static uint64_t batch_end(const struct hyp_vm *vm, uint64_t first, uint64_t end)
{
    const uint64_t bytes = hyp_level_bytes(vm, vm->tg == ARCH_TG_4K ? 1 : 2);
    const uint64_t boundary = (first & ~(bytes - 1)) + bytes;

    return boundary < end ? boundary : end;
}

void hyp_walk_in_batches(struct hyp_range *r,
                         void (*flush)(const struct hyp_vm *vm, struct arch_ipa ipa,
                                       uint64_t bytes))
{
    const struct hyp_vm *vm = r->vm;
    const uint64_t end = r->end;

    for (;;) {
        r->end = batch_end(vm, r->first, end);
        hyp_walk_range(r);
        if (flush)
            flush(vm, arch_ipa(r->first), r->end - r->first);
        if (r->end == end)
            return;
        r->first = r->end;
        vm->ops->unlock(vm->ctx, HYP_LOCK_WRITE);
        vm->ops->lock(vm->ctx, HYP_LOCK_WRITE);
    }
}

static bool is_leaf(const struct hyp_vm *vm, const struct hyp_event *at)
{
    return hyp_kind(vm, at->old, at->level) == ARCH_DESC_KIND_LEAF;
}

/* With mmu_lock held for writing entries are ours, unless faults do not take it, or
 * hardware writes to them. */
static bool store(const struct hyp_vm *vm, const struct hyp_event *at, uint64_t desc)
{
    if (vm->cfg.lock == HYP_LOCK_ENTRY || hyp_hardware_writes(at->old))
        return vm->ops->cmpxchg(vm->ctx, at->entry, at->old, desc);
    vm->ops->write(vm->ctx, at->entry, desc);
    return true;
}

static void wait_until_unlocked(const struct hyp_vm *vm, struct hyp_event *at)
{
    while (hyp_is_locked(at->old, at->level))
        at->old = hyp_visit(vm, at->entry);
}

static uint64_t changed_leaf(const struct hyp_range *r, const struct hyp_event *at)
{
    const uint64_t desc = (at->old & ~r->clear) | r->set;

    return r->to_clean && at->level == 3 && (at->old & ARCH_DESC_S2AP_W)
               ? desc | ARCH_DESC_DBM
               : desc;
}

bool hyp_change_leaf(struct hyp_range *r, struct hyp_event *at)
{
    const struct hyp_vm *vm = r->vm;

    for (;;) {
        if (vm->cfg.lock == HYP_LOCK_ENTRY)
            wait_until_unlocked(vm, at);
        if (!is_leaf(vm, at))
            return false;

        const uint64_t desc = changed_leaf(r, at);
        if (desc == at->old || store(vm, at, desc)) {
            r->changed |= desc != at->old;
            if (!r->to_clean && !(desc & ARCH_DESC_S2AP_W))
                hyp_keep_dirty(vm, at);
            return true;
        }
        at->old = hyp_visit(vm, at->entry);
    }
}

void hyp_split_group(struct hyp_range *r, struct hyp_event *at)
{
    const struct hyp_vm *vm = r->vm;
    const enum hyp_group_access access =
        vm->cfg.lock == HYP_LOCK_ENTRY ? HYP_GROUP_SHARED : HYP_GROUP_ALONE;

    while (hyp_is_grouped(vm, at->old, at->level)) {
        struct hyp_group g = hyp_group_around(vm, at);

        (void)hyp_group_split(vm, &g, access);
        at->old = hyp_visit(vm, at->entry);
    }
}

void hyp_split_partial_group(struct hyp_range *r, struct hyp_event *at)
{
    const uint64_t bytes = hyp_level_bytes(r->vm, at->level)
                           << arch_contiguous_shift(at->level, r->vm->tg);
    const uint64_t first = at->ipa.v & ~(bytes - 1);

    if (first < r->first || first + bytes > r->end)
        hyp_split_group(r, at);
}
