/* SPDX-License-Identifier: Apache-2.0 */
#include "model/hyp/sequence.h"

#include "model/hyp/flush.h"
#include "model/hyp/stage2_priv.h"
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
    if (!hyp_try_store(vm, event, desc)) {
        hyp_at(vm, HYP_AT_LOST, event);
        return false;
    }
    hyp_at(vm, HYP_AT_WON, event);
    return true;
}

void hyp_make(const struct hyp_vm *vm, struct hyp_event *event, uint64_t desc)
{
    hyp_at(vm, HYP_AT_MAKE, event);
    vm->ops->write(vm->ctx, event->entry, desc);
}

static bool break_entry(struct hyp_coalesce *c)
{
    return hyp_try_replace(c->vm, &c->at, HYP_DESC_LOCKED);
}

static bool set_nt_block(struct hyp_coalesce *c)
{
    return hyp_try_replace(c->vm, &c->at, c->block | ARCH_DESC_NT);
}

static bool set_block(struct hyp_coalesce *c)
{
    return hyp_try_replace(c->vm, &c->at, c->block);
}

static void make_block(struct hyp_coalesce *c)
{
    hyp_make(c->vm, &c->at, c->block);
}

static void flush_table(const struct hyp_coalesce *c)
{
    hyp_flush_entry(c->vm, c->at.ipa, c->at.level);
}

static void maintain(struct hyp_coalesce *c, enum hyp_clean when)
{
    hyp_maintain_caches(c->vm, when, c->pa, c->bytes, c->block);
}

/* Break, flush, tear down, make: the subtree goes while the entry is broken.
 * ArmARM: R_DDMVT. Linux 5.14 to 6.1: stage2_map_walk_table_pre() and _post(). */
static enum hyp_result run_bbm(struct hyp_coalesce *c, struct hyp_event *detached)
{
    maintain(c, HYP_CLEAN_BEFORE);
    if (!break_entry(c))
        return HYP_EAGAIN;
    flush_table(c);
    hyp_tear_down(c->vm, &c->at);
    maintain(c, HYP_CLEAN_IN_WINDOW);
    make_block(c);
    detached->old = 0;
    return HYP_DONE;
}

/* Break, flush, make, tear down.
 * ArmARM: R_DDMVT. Linux 6.2: stage2_map_walk_table_pre(). */
static enum hyp_result run_bbm_early(struct hyp_coalesce *c, struct hyp_event *detached)
{
    maintain(c, HYP_CLEAN_BEFORE);
    if (!break_entry(c))
        return HYP_EAGAIN;
    flush_table(c);
    maintain(c, HYP_CLEAN_IN_WINDOW);
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
    maintain(c, HYP_CLEAN_BEFORE);
    if (!set_nt_block(c))
        return HYP_EAGAIN;
    flush_table(c);
    maintain(c, HYP_CLEAN_IN_WINDOW);
    make_block(c);
    flush_nt_block(c);
    *detached = c->at;
    return HYP_DONE;
}

/* The same without the second flush: what a TLB holds of the block with nT stays.
 * Message-ID 20210126134202.381996-1. */
static enum hyp_result run_nt_rfc(struct hyp_coalesce *c, struct hyp_event *detached)
{
    maintain(c, HYP_CLEAN_BEFORE);
    if (!set_nt_block(c))
        return HYP_EAGAIN;
    flush_table(c);
    maintain(c, HYP_CLEAN_IN_WINDOW);
    make_block(c);
    *detached = c->at;
    return HYP_DONE;
}

/* Block over table, flush, tear down: the size change of FEAT_BBM level 2. There is no
 * window, so a clean in it comes before. ArmARM: R_KFLJB, R_FVQCK. */
static enum hyp_result run_bbml2(struct hyp_coalesce *c, struct hyp_event *detached)
{
    maintain(c, HYP_CLEAN_BEFORE);
    maintain(c, HYP_CLEAN_IN_WINDOW);
    if (!set_block(c))
        return HYP_EAGAIN;
    flush_table(c);
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
    case HYP_SEQ_NT_RFC:
        return run_nt_rfc(c, detached);
    case HYP_SEQ_BBML2:
        return run_bbml2(c, detached);
    case HYP_SEQ_KEEP:
    case HYP_SEQUENCES_N:
        break;
    }
    assert(!"a sequence that coalesces");
    return HYP_EAGAIN;
}

static void flush_block(const struct hyp_split *s)
{
    hyp_flush_ipa(s->vm, s->at.ipa, s->at.level);
}

/* Break the block, flush, make the table.
 * ArmARM: R_DDMVT. Linux: stage2_map_walk_leaf(), stage2_split_walker(). */
static enum hyp_result split_bbm(struct hyp_split *s)
{
    if (!hyp_try_replace(s->vm, &s->at, HYP_DESC_LOCKED))
        return HYP_EAGAIN;
    flush_block(s);
    hyp_make(s->vm, &s->at, s->table);
    return HYP_DONE;
}

/* nT = 1 in the block, flush, table, flush: the split of FEAT_BBM level 1.
 * ArmARM: R_PVTFW, R_MRRPW. */
static enum hyp_result split_nt(struct hyp_split *s)
{
    if (!hyp_try_replace(s->vm, &s->at, s->at.old | ARCH_DESC_NT))
        return HYP_EAGAIN;
    flush_block(s);
    hyp_make(s->vm, &s->at, s->table);
    flush_block(s);
    return HYP_DONE;
}

/* Table over block, flush: the size change of FEAT_BBM level 2. ArmARM: R_KFLJB. */
static enum hyp_result split_bbml2(struct hyp_split *s)
{
    if (!hyp_try_replace(s->vm, &s->at, s->table))
        return HYP_EAGAIN;
    flush_block(s);
    return HYP_DONE;
}

enum hyp_result hyp_split(struct hyp_split *s)
{
    switch (s->vm->cfg.sequence) {
    case HYP_SEQ_NT:
        return split_nt(s);
    case HYP_SEQ_BBML2:
        return split_bbml2(s);
    case HYP_SEQ_KEEP:
    case HYP_SEQ_BBM:
    case HYP_SEQ_BBM_EARLY:
    case HYP_SEQ_NT_RFC: /* which coalesces only */
    case HYP_SEQUENCES_N:
        break;
    }
    return split_bbm(s);
}
