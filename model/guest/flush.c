/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guest/flush.h"

#include <assert.h>

uint64_t guest_flush_va(const struct guest_flush *cfg, enum arch_tg tg, uint32_t vcpu,
                        uint64_t call)
{
    uint64_t bytes = cfg->pages_n << tg;
    uint64_t calls_n = cfg->region_bytes / bytes;
    uint64_t turn = call * cfg->issuers_n + vcpu;

    assert(calls_n > 0 && vcpu < cfg->issuers_n);
    return cfg->region_ipa.v + turn % calls_n * bytes;
}

void guest_flush_begin(struct guest_flush_call *call, const struct guest_flush *cfg,
                       const struct guest_flush_regime *regime, uint64_t va)
{
    bool whole = cfg->whole_asid_pages && cfg->pages_n >= cfg->whole_asid_pages;

    assert(cfg->pages_n > 0);
    *call = (struct guest_flush_call){
        .regime = *regime,
        .range = cfg->range,
        .whole_asid = whole,
        .va = va,
        .pages_left = whole ? 0 : cfg->pages_n,
    };
}

static struct arch_tlbi of_asid(const struct guest_flush_regime *r)
{
    struct arch_tlbi op = arch_tlbi_vmalle1(ARCH_ISH, r->vmid);

    op.op = ARCH_TLBI_ASID;
    op.asid = r->asid;
    return op;
}

static struct arch_tlbi of_page(const struct guest_flush_regime *r, uint64_t va)
{
    struct arch_tlbi op = arch_tlbi_vmalle1(ARCH_ISH, r->vmid);

    op.op = ARCH_TLBI_VA;
    op.last_level = true;
    op.asid = r->asid;
    op.hint_shift = r->ttl ? (uint8_t)r->tg : 0;
    op.first = op.last = va;
    return op;
}

/* The pages that one range operation names: (num + 1) << (5 * scale + 1), num 0 to 31,
 * with the largest scale that fits. Linux: __TLBI_RANGE_NUM(). */
static uint64_t range_pages(uint64_t pages)
{
    for (unsigned scale = 3;; scale--) {
        unsigned shift = 5 * scale + 1;
        uint64_t units = pages >> shift;

        if (units)
            return (units < 32 ? units : 32) << shift;
    }
}

static struct arch_tlbi of_range(const struct guest_flush_regime *r, uint64_t va,
                                 uint64_t pages)
{
    struct arch_tlbi op = of_page(r, va);

    op.range = true;
    op.tg = r->tg;
    op.hint_shift = (uint8_t)r->tg; /* TTL of a range comes with FEAT_TLBIRANGE */
    op.last = va + (pages << r->tg) - 1;
    return op;
}

bool guest_flush_next(struct guest_flush_call *call, struct arch_tlbi *op)
{
    const struct guest_flush_regime *r = &call->regime;
    uint64_t pages = 1;

    if (call->whole_asid) {
        call->whole_asid = false;
        *op = of_asid(r);
        return true;
    }
    if (call->pages_left == 0)
        return false;
    if (call->range && call->pages_left > 1) {
        pages = range_pages(call->pages_left);
        *op = of_range(r, call->va, pages);
    } else {
        *op = of_page(r, call->va);
    }
    call->va += pages << r->tg;
    call->pages_left -= pages;
    return true;
}
