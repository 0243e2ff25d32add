/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guest/flush.h"

#include <assert.h>

#define LEVEL 3u /* of all leaves */

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

static struct arch_tlbi decode(const struct guest_flush_regime *r,
                               enum arch_tlbi_insn insn, uint64_t xt)
{
    const struct arch_tlbi_state state = {
        .vmid = r->vmid, .asid16 = true, .ttl = r->ttl};
    struct arch_tlbi op;
    bool valid = arch_tlbi_decode(insn, ARCH_ISH, xt, &state, &op);

    assert(valid);
    (void)valid;
    return op;
}

/* Linux: __TLBI_VADDR(), and the TTL of __tlbi_level(): the granule, then the level. */
static uint64_t page_xt(const struct guest_flush_regime *r, uint64_t va)
{
    uint64_t granule = (r->tg - 10u) / 2u; /* 4K: 1, 16K: 2, 64K: 3 */
    uint64_t ttl = granule << 2 | LEVEL;

    return (va >> 12 & ((UINT64_C(1) << 44) - 1)) | ttl << 44 | (uint64_t)r->asid << 48;
}

bool guest_flush_next(struct guest_flush_call *call, struct arch_tlbi *op)
{
    const struct guest_flush_regime *r = &call->regime;
    uint64_t pages = 1;

    if (call->whole_asid) {
        call->whole_asid = false;
        *op = decode(r, ARCH_TLBI_ASIDE1, (uint64_t)r->asid << 48);
        return true;
    }
    if (call->pages_left == 0)
        return false;
    if (call->range && call->pages_left > 1) {
        uint64_t xt = arch_tlbi_range_xt(call->va, call->pages_left, r->tg, r->asid,
                                         LEVEL, &pages);

        *op = decode(r, ARCH_TLBI_RVALE1, xt);
    } else {
        *op = decode(r, ARCH_TLBI_VALE1, page_xt(r, call->va));
    }
    call->va += pages << r->tg;
    call->pages_left -= pages;
    return true;
}
