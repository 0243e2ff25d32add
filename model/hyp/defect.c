/* SPDX-License-Identifier: Apache-2.0 */
#include "model/hyp/defect.h"

#include "walker/arch/desc.h"

/* SH[1:0]: 0b11 is inner, 0b10 outer shareable. */
#define INNER_OR_OUTER (UINT64_C(1) << 8)

static struct hyp_defective *self(void *ctx)
{
    return ctx;
}

/* The store is the break of the entry that was announced. */
static bool leave_out(const struct hyp_defective *d, struct arch_pa pa, uint64_t desc)
{
    return d->defect == HYP_DEFECT_MISSING_BREAK && d->changing && pa.v == d->entry.v &&
           !(desc & ARCH_DESC_VALID);
}

/* What is stored instead of desc. */
static uint64_t altered(const struct hyp_defective *d, struct arch_pa pa, uint64_t desc)
{
    const bool block = (desc & ARCH_DESC_VALID) && !(desc & ARCH_DESC_TABLE);

    if (d->defect == HYP_DEFECT_OTHER_ATTRS && d->changing && d->over_table && block &&
        pa.v == d->entry.v)
        return desc ^ INNER_OR_OUTER;
    return desc;
}

static uint64_t do_read(void *ctx, struct arch_pa pa)
{
    return self(ctx)->right->read(self(ctx)->ctx, pa);
}

static void do_write(void *ctx, struct arch_pa pa, uint64_t desc)
{
    struct hyp_defective *d = self(ctx);

    if (!leave_out(d, pa, desc))
        d->right->write(d->ctx, pa, altered(d, pa, desc));
}

static bool do_cmpxchg(void *ctx, struct arch_pa pa, uint64_t old, uint64_t desc)
{
    struct hyp_defective *d = self(ctx);

    return leave_out(d, pa, desc) ||
           d->right->cmpxchg(d->ctx, pa, old, altered(d, pa, desc));
}

static void issue(struct hyp_defective *d, const struct arch_tlbi *op)
{
    d->flushed = true;
    d->right->tlbi(d->ctx, op);
}

/* ---- the wrong order ---- */

static void hold(struct hyp_defective *d, const struct arch_tlbi *op)
{
    if (d->held_n == 0) {
        const struct arch_tlbi s1 = arch_tlbi_vmalle1(op->domain, op->vmid);

        d->held = *op;
        issue(d, &s1);
    } else if (d->held_n == 1) {
        d->step = op->first - d->held.first;
    }
    d->held_n++;
}

static void let_go(struct hyp_defective *d)
{
    const uint64_t n = d->held_n;

    d->held_n = 0;
    for (uint64_t i = 0; i < n; i++) {
        issue(d, &d->held);
        d->held.first += d->step;
        d->held.last += d->step;
    }
}

static void in_wrong_order(struct hyp_defective *d, const struct arch_tlbi *op)
{
    if (op->op == ARCH_TLBI_IPAS2)
        hold(d, op);
    else if (op->op == ARCH_TLBI_VMALL && d->held_n)
        let_go(d);
    else
        issue(d, op);
}

/* ---- maintenance ---- */

static void do_tlbi(void *ctx, const struct arch_tlbi *right)
{
    struct hyp_defective *d = self(ctx);
    struct arch_tlbi op = *right;

    if (!d->changing || op.regime != ARCH_REGIME_EL10) {
        d->right->tlbi(d->ctx, &op);
        return;
    }
    switch (d->defect) {
    case HYP_DEFECT_MISSING_TLBI:
        return;
    case HYP_DEFECT_WRONG_ORDER:
        in_wrong_order(d, &op);
        return;
    case HYP_DEFECT_WRONG_VMID:
        op.vmid = d->wrong_vmid;
        break;
    case HYP_DEFECT_LOCAL_TLBI:
        op.domain = ARCH_NSH;
        break;
    default:
        break;
    }
    issue(d, &op);
}

static void do_dsb(void *ctx, enum arch_dsb kind)
{
    struct hyp_defective *d = self(ctx);

    if (d->changing) {
        if (d->defect == HYP_DEFECT_DSB_BEFORE && !d->flushed)
            return;
        if (d->defect == HYP_DEFECT_DSB_AFTER && d->flushed)
            return;
        if (d->defect == HYP_DEFECT_FREE_FIRST && d->flushed &&
            kind != ARCH_DSB_ISHST) {
            d->owes_dsb = true;
            return;
        }
        if (d->defect == HYP_DEFECT_DSB_ISHST && kind == ARCH_DSB_ISH)
            kind = ARCH_DSB_ISHST;
    }
    d->right->dsb(d->ctx, kind);
}

static void do_isb(void *ctx)
{
    self(ctx)->right->isb(self(ctx)->ctx);
}

static void do_lock(void *ctx, enum hyp_lock_mode mode)
{
    self(ctx)->changing = false;
    self(ctx)->right->lock(self(ctx)->ctx, mode);
}

static void do_unlock(void *ctx, enum hyp_lock_mode mode)
{
    self(ctx)->changing = false;
    self(ctx)->right->unlock(self(ctx)->ctx, mode);
}

static void do_clean(void *ctx, struct arch_pa pa, uint64_t bytes)
{
    self(ctx)->right->clean(self(ctx)->ctx, pa, bytes);
}

static void do_icache(void *ctx, struct arch_pa pa, uint64_t bytes)
{
    self(ctx)->right->icache(self(ctx)->ctx, pa, bytes);
}

static void do_spend(void *ctx, enum hyp_cost what)
{
    self(ctx)->right->spend(self(ctx)->ctx, what);
}

static struct arch_pa do_table_alloc(void *ctx)
{
    return self(ctx)->right->table_alloc(self(ctx)->ctx);
}

static void do_table_free(void *ctx, struct arch_pa table)
{
    struct hyp_defective *d = self(ctx);

    d->right->table_free(d->ctx, table);
    if (d->owes_dsb)
        d->right->dsb(d->ctx, ARCH_DSB_ISH);
    d->owes_dsb = false;
}

static bool do_table_empty(void *ctx, struct arch_pa table)
{
    return self(ctx)->right->table_empty(self(ctx)->ctx, table);
}

static void do_at(void *ctx, const struct hyp_event *event)
{
    struct hyp_defective *d = self(ctx);

    if (event->point == HYP_AT_MAP)
        d->changing = false;
    if (event->point == HYP_AT_BREAK) {
        d->changing = event->old & ARCH_DESC_VALID;
        d->over_table = event->level < 3 && (event->old & ARCH_DESC_TABLE);
        d->entry = event->entry;
        d->flushed = false;
    }
    d->right->at(d->ctx, event);
}

static void do_host_page(void *ctx, struct arch_pa pa, uint64_t bytes)
{
    self(ctx)->right->host_page(self(ctx)->ctx, pa, bytes);
}

static bool do_invalidated(void *ctx)
{
    return self(ctx)->right->invalidated(self(ctx)->ctx);
}

static void do_free_later(void *ctx, const struct hyp_event *detached)
{
    self(ctx)->right->free_later(self(ctx)->ctx, detached);
}

static void do_was_dirty(void *ctx, struct arch_ipa page)
{
    self(ctx)->right->was_dirty(self(ctx)->ctx, page);
}

void hyp_defective_init(struct hyp_defective *d, enum hyp_defect defect,
                        uint16_t wrong_vmid, const struct hyp_ops *right, void *ctx)
{
    *d = (struct hyp_defective){
        .right = right,
        .ctx = ctx,
        .defect = defect,
        .wrong_vmid = wrong_vmid,
        .ops = {.read = do_read,
                .write = do_write,
                .cmpxchg = do_cmpxchg,
                .tlbi = do_tlbi,
                .dsb = do_dsb,
                .isb = do_isb,
                .lock = do_lock,
                .unlock = do_unlock,
                .clean = do_clean,
                .icache = do_icache,
                .spend = do_spend,
                .table_alloc = do_table_alloc,
                .table_free = do_table_free,
                .table_empty = do_table_empty,
                .at = do_at,
                .host_page = right->host_page ? do_host_page : NULL,
                .invalidated = right->invalidated ? do_invalidated : NULL,
                .free_later = right->free_later ? do_free_later : NULL,
                .was_dirty = right->was_dirty ? do_was_dirty : NULL},
    };
}
