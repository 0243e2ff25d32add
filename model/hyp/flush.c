/* SPDX-License-Identifier: Apache-2.0 */
#include "model/hyp/flush.h"

/* One TLBI names at most so many pages: NUM = 31, SCALE = 3; kvm_tlb_flush_vmid_range()
 * completes them before the next. Linux: MAX_TLBI_RANGE_PAGES. */
#define RANGE_PAGES_MAX (UINT64_C(32) << 16)

static void issue(const struct hyp_vm *vm, const struct arch_tlbi *op)
{
    vm->ops->tlbi(vm->ctx, op);
    if (vm->cfg.repeat == HYP_REPEAT_EACH) {
        vm->ops->dsb(vm->ctx, ARCH_DSB_ISH);
        vm->ops->tlbi(vm->ctx, op);
    }
}

/* TLBI VALE2IS, XZR. KVM without VHE: the EL2 regime. */
static struct arch_tlbi vale2is_of_zero(void)
{
    struct arch_tlbi op = arch_tlbi_vmalle1(ARCH_ISH, 0);

    op.op = ARCH_TLBI_VA;
    op.regime = ARCH_REGIME_EL2;
    op.last_level = true;
    return op;
}

/* Wait until the broadcast TLBIs of stage 1 or combined entries are complete.
 * Linux: __tlbi_sync_s1ish_hyp(). */
static void complete(const struct hyp_vm *vm)
{
    vm->ops->dsb(vm->ctx, ARCH_DSB_ISH);
    if (vm->cfg.repeat == HYP_REPEAT_SYNC) {
        const struct arch_tlbi op = vale2is_of_zero();

        vm->ops->tlbi(vm->ctx, &op);
        vm->ops->dsb(vm->ctx, ARCH_DSB_ISH);
    }
    vm->ops->isb(vm->ctx);
}

/* The TLBIs of stage 2 must be complete first: else a walk could fill a combined entry
 * from the old stage 2 entry behind the VMALLE1. */
static void flush_combined(const struct hyp_vm *vm)
{
    const struct arch_tlbi op = arch_tlbi_vmalle1(ARCH_ISH, vm->vmid);

    vm->ops->dsb(vm->ctx, ARCH_DSB_ISH);
    issue(vm, &op);
    complete(vm);
}

void hyp_flush_vmid(const struct hyp_vm *vm)
{
    const struct arch_tlbi op = arch_tlbi_vmalls12e1(ARCH_ISH, vm->vmid);

    vm->ops->dsb(vm->ctx, ARCH_DSB_ISHST);
    issue(vm, &op);
    complete(vm);
}

/* Linux: __tlbi_level(). */
static struct arch_tlbi of_leaf(const struct hyp_vm *vm, enum arch_shareability domain,
                                struct arch_ipa ipa, int level)
{
    struct arch_tlbi op = arch_tlbi_ipas2e1(domain, vm->vmid, ipa);

    if (vm->cfg.ttl)
        op.hint_shift = (uint8_t)arch_level_shift(vm->tg, level);
    return op;
}

void hyp_flush_ipa(const struct hyp_vm *vm, struct arch_ipa ipa, int level)
{
    const struct arch_tlbi op = of_leaf(vm, ARCH_ISH, ipa, level);

    vm->ops->dsb(vm->ctx, ARCH_DSB_ISHST);
    issue(vm, &op);
    flush_combined(vm);
}

void hyp_flush_ipa_nsh(const struct hyp_vm *vm, struct arch_ipa ipa, int level)
{
    const struct arch_tlbi s2 = of_leaf(vm, ARCH_NSH, ipa, level);
    const struct arch_tlbi s1 = arch_tlbi_vmalle1(ARCH_NSH, vm->vmid);

    vm->ops->dsb(vm->ctx, ARCH_DSB_NSH);
    issue(vm, &s2);
    vm->ops->dsb(vm->ctx, ARCH_DSB_NSH);
    issue(vm, &s1);
    vm->ops->dsb(vm->ctx, ARCH_DSB_NSH);
    vm->ops->isb(vm->ctx);
}

void hyp_flush_conflict(const struct hyp_vm *vm, bool all)
{
    struct arch_tlbi op = arch_tlbi_vmalls12e1(ARCH_NSH, vm->vmid);

    if (all)
        op.op = ARCH_TLBI_ALL;
    issue(vm, &op);
    vm->ops->dsb(vm->ctx, ARCH_DSB_NSH);
    vm->ops->isb(vm->ctx);
}

static void flush_each_page(const struct hyp_vm *vm, struct arch_ipa ipa,
                            uint64_t pages)
{
    vm->ops->dsb(vm->ctx, ARCH_DSB_ISHST);
    for (uint64_t i = 0; i < pages; i++) {
        const struct arch_tlbi op =
            arch_tlbi_ipas2e1(ARCH_ISH, vm->vmid, arch_ipa(ipa.v + (i << vm->tg)));

        issue(vm, &op);
    }
    flush_combined(vm);
}

/* What one operation can name of the rest: arch_tlbi_range_xt() says how much. A last
 * odd page goes by its own IPA. Linux: __flush_s2_tlb_range_op(). */
static uint64_t issue_range(const struct hyp_vm *vm, struct arch_ipa ipa,
                            uint64_t pages)
{
    struct arch_tlbi op = arch_tlbi_ipas2e1(ARCH_ISH, vm->vmid, ipa);
    uint64_t done;

    if (pages > 1) {
        arch_tlbi_range_xt(ipa.v, pages, vm->tg, 0, 0, &done);
        op.range = true;
        op.tg = vm->tg;
        op.last = ipa.v + (done << vm->tg) - 1;
    } else {
        done = 1;
    }
    issue(vm, &op);
    return done;
}

/* pages <= RANGE_PAGES_MAX. Linux: __kvm_tlb_flush_vmid_range(). */
static void flush_range(const struct hyp_vm *vm, struct arch_ipa ipa, uint64_t pages)
{
    vm->ops->dsb(vm->ctx, ARCH_DSB_ISHST);
    for (uint64_t done = 0; done < pages;)
        done += issue_range(vm, arch_ipa(ipa.v + (done << vm->tg)), pages - done);
    flush_combined(vm);
}

static void flush_ranges(const struct hyp_vm *vm, struct arch_ipa ipa, uint64_t pages)
{
    while (pages) {
        const uint64_t n = pages < RANGE_PAGES_MAX ? pages : RANGE_PAGES_MAX;

        flush_range(vm, ipa, n);
        ipa.v += n << vm->tg;
        pages -= n;
    }
}

void hyp_flush_span(const struct hyp_vm *vm, struct arch_ipa ipa, uint64_t bytes)
{
    const uint64_t pages = bytes >> vm->tg;

    switch (vm->cfg.tlbi) {
    case HYP_TLBI_VMID:
    case HYP_TLBIS_N:
        hyp_flush_vmid(vm);
        break;
    case HYP_TLBI_IPA:
        flush_each_page(vm, ipa, pages);
        break;
    case HYP_TLBI_RANGE:
        flush_ranges(vm, ipa, pages);
        break;
    }
}

void hyp_flush_entry(const struct hyp_vm *vm, struct arch_ipa ipa, int level)
{
    hyp_flush_span(vm, ipa, UINT64_C(1) << arch_level_shift(vm->tg, level));
}
