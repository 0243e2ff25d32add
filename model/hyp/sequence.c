/* SPDX-License-Identifier: Apache-2.0 */
#include "model/hyp/sequence.h"

#include "model/hyp/flush.h"
#include "walker/arch/desc.h"

#include <assert.h>

void hyp_at(const struct hyp_vm *vm, enum hyp_point point, struct hyp_event *event)
{
    event->point = point;
    vm->ops->at(vm->ctx, event);
}

bool hyp_try_replace(const struct hyp_vm *vm, struct hyp_event *event, uint64_t desc)
{
    hyp_at(vm, HYP_AT_BREAK, event);
    if (vm->cfg.lock == HYP_LOCK_EXCLUSIVE) {
        vm->ops->write(vm->ctx, event->entry, desc);
    } else if (!vm->ops->cmpxchg(vm->ctx, event->entry, event->old, desc)) {
        hyp_at(vm, HYP_AT_LOST, event);
        return false;
    }
    hyp_at(vm, HYP_AT_WON, event);
    return true;
}

static bool break_entry(struct hyp_coalesce *c)
{
    return hyp_try_replace(c->vm, &c->at, HYP_DESC_LOCKED);
}

static bool set_nt_block(struct hyp_coalesce *c)
{
    return hyp_try_replace(c->vm, &c->at, c->block | ARCH_DESC_NT);
}

static void make_block(struct hyp_coalesce *c)
{
    hyp_at(c->vm, HYP_AT_MAKE, &c->at);
    c->vm->ops->write(c->vm->ctx, c->at.entry, c->block);
}

static void flush_table(const struct hyp_coalesce *c)
{
    hyp_flush_entry(c->vm, c->at.ipa, c->at.level);
}

static void clean_if(struct hyp_coalesce *c, enum hyp_clean when)
{
    if (c->vm->cfg.clean == when)
        c->vm->ops->clean(c->vm->ctx, c->pa, c->bytes);
}

/* Break, flush, tear down, make: the subtree goes while the entry is broken.
 * Linux 5.14 to 6.1: stage2_map_walk_table_pre() and _post(). */
static enum hyp_result run_bbm(struct hyp_coalesce *c, struct hyp_event *detached)
{
    clean_if(c, HYP_CLEAN_BEFORE);
    if (!break_entry(c))
        return HYP_EAGAIN;
    flush_table(c);
    hyp_tear_down(c->vm, &c->at);
    clean_if(c, HYP_CLEAN_IN_WINDOW);
    make_block(c);
    detached->old = 0;
    return HYP_DONE;
}

/* Break, flush, make, tear down. Linux 6.2: stage2_map_walk_table_pre(). */
static enum hyp_result run_bbm_early(struct hyp_coalesce *c, struct hyp_event *detached)
{
    clean_if(c, HYP_CLEAN_BEFORE);
    if (!break_entry(c))
        return HYP_EAGAIN;
    flush_table(c);
    clean_if(c, HYP_CLEAN_IN_WINDOW);
    make_block(c);
    *detached = c->at;
    return HYP_DONE;
}

/* The first flush has removed what came from the table: left is the block with nT, a
 * leaf of known size. */
static void flush_nt_block(const struct hyp_coalesce *c)
{
    if (c->vm->cfg.tlbi == HYP_TLBI_VMID)
        hyp_flush_vmid(c->vm);
    else
        hyp_flush_ipa(c->vm, c->at.ipa, c->at.level);
}

/* Block with nT = 1, flush, block with nT = 0, flush, tear down: the merge of
 * FEAT_BBM level 1. ArmARM: R_PVTFW, R_MRRPW. */
static enum hyp_result run_nt(struct hyp_coalesce *c, struct hyp_event *detached)
{
    clean_if(c, HYP_CLEAN_BEFORE);
    if (!set_nt_block(c))
        return HYP_EAGAIN;
    flush_table(c);
    clean_if(c, HYP_CLEAN_IN_WINDOW);
    make_block(c);
    flush_nt_block(c);
    *detached = c->at;
    return HYP_DONE;
}

enum hyp_result hyp_coalesce(struct hyp_coalesce *c, struct hyp_event *detached)
{
    switch (c->vm->cfg.sequence) {
    case HYP_SEQ_BBM:
        return run_bbm(c, detached);
    case HYP_SEQ_BBM_EARLY:
        return run_bbm_early(c, detached);
    case HYP_SEQ_NT:
        return run_nt(c, detached);
    case HYP_SEQ_KEEP:
    case HYP_SEQUENCES_N:
        break;
    }
    assert(!"a sequence that coalesces");
    return HYP_EAGAIN;
}
