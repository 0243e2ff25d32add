/* SPDX-License-Identifier: Apache-2.0 */
/* Permissions, ageing and unmapping of a range; coalesce.c, split.c, dirty.c: the rest.
 */
#include "model/hyp/flush.h"
#include "model/hyp/host_priv.h"
#include "model/hyp/sequence.h"

#define WRITABLE (ARCH_DESC_S2AP_W | ARCH_DESC_DBM)

/* Linux: stage2_attr_walker(). */
static void protect_leaf(struct hyp_range *r, struct hyp_event *at)
{
    const struct hyp_vm *vm = r->vm;

    hyp_split_partial_group(r, at);
    if (hyp_kind(vm, at->old, at->level) == ARCH_DESC_KIND_LEAF &&
        (r->clear & HYP_DESC_XN) && !hyp_executable(at->old) &&
        vm->cfg.icache != HYP_ICACHE_NONE)
        vm->ops->icache(vm->ctx,
                        arch_desc_leaf_pa(at->old, at->level, vm->tg, HYP_NO_DS),
                        hyp_level_bytes(vm, at->level));
    (void)hyp_change_leaf(r, at);
}

void hyp_protect_range(const struct hyp_vm *vm, struct arch_ipa ipa, uint64_t bytes,
                       struct hyp_perms perms)
{
    struct hyp_range r = {.vm = vm,
                          .first = ipa.v,
                          .end = ipa.v + bytes,
                          .leaf = protect_leaf,
                          .set = (perms.set_write ? ARCH_DESC_S2AP_W : 0) |
                                 (perms.clear_execute ? HYP_DESC_XN : 0),
                          .clear = (perms.clear_write ? WRITABLE : 0) |
                                   (perms.set_execute ? HYP_DESC_XN : 0)};

    vm->ops->lock(vm->ctx, HYP_LOCK_WRITE);
    hyp_walk_in_batches(&r, NULL);
    vm->ops->unlock(vm->ctx, HYP_LOCK_WRITE);
    hyp_flush_span(vm, ipa, bytes);
}

/* Faults do not take mmu_lock, so an entry stays locked until its flush is over: a leaf
 * may not take its place before. */
static bool faults_go_on(const struct hyp_vm *vm)
{
    return vm->cfg.lock == HYP_LOCK_ENTRY;
}

/* Linux: stage2_unmap_walker(), stage2_unmap_put_pte(). */
static void unmap_leaf(struct hyp_range *r, struct hyp_event *at)
{
    const struct hyp_vm *vm = r->vm;

    hyp_split_partial_group(r, at);
    if (!hyp_change_leaf(r, at))
        return;
    if (vm->cfg.unmap == HYP_UNMAP_EACH_LEAF || faults_go_on(vm))
        hyp_flush_ipa(vm, at->ipa, at->level);
    if (faults_go_on(vm))
        vm->ops->write(vm->ctx, at->entry, 0);
    if (vm->cfg.clean != HYP_CLEAN_NONE)
        vm->ops->clean(vm->ctx,
                       arch_desc_leaf_pa(at->old, at->level, vm->tg, HYP_NO_DS),
                       hyp_level_bytes(vm, at->level));
}

/* The entry named a table, so the flush has no hint: TLBI_TTL_UNKNOWN. */
static void flush_table_entry(const struct hyp_vm *vm, struct arch_ipa ipa)
{
    struct hyp_vm no_hint = *vm;

    no_hint.cfg.ttl = false;
    hyp_flush_ipa(&no_hint, ipa, 3);
}

/* Linux: stage2_unmap_walker() at KVM_PGTABLE_WALK_TABLE_POST. */
static void unmap_table(struct hyp_range *r, struct hyp_event *at)
{
    const struct hyp_vm *vm = r->vm;
    const struct arch_pa table = hyp_table_of(vm, at->old);

    if (!vm->ops->table_empty(vm->ctx, table))
        return;
    if (faults_go_on(vm)) {
        if (!vm->ops->cmpxchg(vm->ctx, at->entry, at->old, HYP_DESC_LOCKED))
            return;
        flush_table_entry(vm, at->ipa);
        vm->ops->write(vm->ctx, at->entry, 0);
        hyp_release(vm, at);
        return;
    }
    vm->ops->write(vm->ctx, at->entry, 0);
    flush_table_entry(vm, at->ipa);
    vm->ops->spend(vm->ctx, HYP_COST_TEARDOWN_TABLE);
    vm->ops->table_free(vm->ctx, table);
}

void hyp_unmap_range(const struct hyp_vm *vm, struct arch_ipa ipa, uint64_t bytes)
{
    struct hyp_range r = {.vm = vm,
                          .first = ipa.v,
                          .end = ipa.v + bytes,
                          .leaf = unmap_leaf,
                          .table_post = unmap_table,
                          .set = faults_go_on(vm) ? HYP_DESC_LOCKED : 0,
                          .clear = UINT64_MAX};

    vm->ops->lock(vm->ctx, HYP_LOCK_WRITE);
    hyp_walk_in_batches(&r,
                        vm->cfg.unmap == HYP_UNMAP_DEFERRED ? hyp_flush_span : NULL);
    vm->ops->unlock(vm->ctx, HYP_LOCK_WRITE);
}

static void age_leaf(struct hyp_range *r, struct hyp_event *at)
{
    if (hyp_kind(r->vm, at->old, at->level) != ARCH_DESC_KIND_LEAF ||
        !(at->old & ARCH_DESC_AF))
        return;
    r->found = true;
    if (r->clear)
        (void)hyp_change_leaf(r, at);
}

bool hyp_test_clear_young(const struct hyp_vm *vm, struct arch_ipa ipa, uint64_t bytes,
                          bool clear)
{
    struct hyp_range r = {.vm = vm,
                          .first = ipa.v,
                          .end = ipa.v + bytes,
                          .leaf = age_leaf,
                          .clear = clear ? ARCH_DESC_AF : 0};

    vm->ops->lock(vm->ctx, HYP_LOCK_WRITE);
    hyp_walk_range(&r);
    vm->ops->unlock(vm->ctx, HYP_LOCK_WRITE);
    return r.found;
}
