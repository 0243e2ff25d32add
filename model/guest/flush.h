/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/flush.h - the TLBIs of a guest kernel that unmaps a range.
 *
 * One call is DSB ISHST, then the operations that guest_flush_next() names, then DSB
 * ISH. Linux: __flush_tlb_range(). Approx: without page table isolation, which issues
 * each operation for a second ASID (__tlbi_user()). */
#ifndef MODEL_GUEST_FLUSH_H
#define MODEL_GUEST_FLUSH_H

#include "model/guest/cfg.h"
#include "walker/arch/granule.h"
#include "walker/arch/status.h"
#include "walker/arch/tlbi.h"

#include <stdbool.h>
#include <stdint.h>

/* The regime whose entries go. */
struct guest_flush_regime {
    enum arch_tg tg; /* of stage 1: the size of a page */
    uint16_t vmid, asid;
    bool ttl; /* FEAT_TTL: single operations carry the level of a page */
};

struct guest_flush_call {
    struct guest_flush_regime regime;
    bool range;
    bool whole_asid;     /* the one operation of this call, not yet named */
    uint64_t va;         /* of the next page */
    uint64_t pages_left; /* from va on */
};

/* The first VA of call number call (from 0) of an issuer. The issuers take turns: their
 * calls go round the region, in which at least one call must fit, without overlap as
 * long as one round lasts. No call goes over the region's end. */
uint64_t guest_flush_va(const struct guest_flush *cfg, enum arch_tg tg, uint32_t vcpu,
                        uint64_t call);

/* A call for pages_n pages from va. */
void guest_flush_begin(struct guest_flush_call *call, const struct guest_flush *cfg,
                       const struct guest_flush_regime *regime, uint64_t va);

/**
 * guest_flush_next() - the next operation of a call; false after the last.
 *
 * One ASIDE1IS from whole_asid_pages on. Else, for each page VALE1IS with the hint of
 * level 3. With cfg->range instead the largest RVALE1IS that does not name more than is
 * left, until one page is left at most. Linux: __flush_tlb_range_op(),
 * flush_tlb_mm().
 */
ARCH_MUST_USE bool guest_flush_next(struct guest_flush_call *call,
                                    struct arch_tlbi *op);

#endif
