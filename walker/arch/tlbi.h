/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/tlbi.h - TLB maintenance and barriers as values. */
#ifndef WALKER_ARCH_TLBI_H
#define WALKER_ARCH_TLBI_H

#include "walker/arch/addr.h"
#include "walker/arch/granule.h"
#include "walker/arch/hcr.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* What an operation names. ArmARM: TLBIOp. */
enum arch_tlbi_op {
    ARCH_TLBI_ALL,      /* everything of the regime, every VMID; of EL2 also EL2&0 */
    ARCH_TLBI_VMALLS12, /* stage 1, 2 and combined entries of one VMID */
    ARCH_TLBI_VMALL,    /* stage 1 and combined entries of one VMID, or of EL2&0 */
    ARCH_TLBI_ASID,     /* of those the non-global ones of one ASID */
    ARCH_TLBI_VA,       /* of those the ones of some addresses: of one ASID or global */
    ARCH_TLBI_VAA,      /* ... whatever their ASID */
    ARCH_TLBI_IPAS2,    /* stage 2 only entries of some IPAs and one VMID */
};

/* Ordered: a wider domain holds the narrower ones. */
enum arch_shareability { ARCH_NSH, ARCH_ISH, ARCH_OSH };

/* One TLBI instruction, decoded. */
struct arch_tlbi {
    enum arch_tlbi_op op;
    enum arch_shareability domain; /* ARCH_NSH: the issuing PE only */
    enum arch_regime regime;
    bool last_level;    /* leaves entries of table descriptors alone */
    bool range;         /* FEAT_TLBIRANGE: only entries of granule tg need go */
    enum arch_tg tg;    /* of a range */
    uint8_t hint_shift; /* TTL: log2 of the bytes of the leaf named; 0: no hint. Entries
                         * of other leaf sizes need not go (FEAT_TTL) */
    uint16_t vmid;      /* of EL1&0 */
    uint16_t asid;      /* of ARCH_TLBI_ASID and ARCH_TLBI_VA */
    /* The addresses named by ARCH_TLBI_VA, _VAA and _IPAS2, both included; equal unless
     * range. Of a VA bits 63:56 are copies of bit 55. */
    uint64_t first, last;
};

/* The operations that software of stage 2 needs, without a level hint. */
static inline struct arch_tlbi arch_tlbi_vmalls12e1(enum arch_shareability domain,
                                                    uint16_t vmid)
{
    struct arch_tlbi op;

    memset(&op, 0, sizeof(op));
    op.op = ARCH_TLBI_VMALLS12;
    op.domain = domain;
    op.regime = ARCH_REGIME_EL10;
    op.vmid = vmid;
    return op;
}

static inline struct arch_tlbi arch_tlbi_vmalle1(enum arch_shareability domain,
                                                 uint16_t vmid)
{
    struct arch_tlbi op = arch_tlbi_vmalls12e1(domain, vmid);

    op.op = ARCH_TLBI_VMALL;
    return op;
}

static inline struct arch_tlbi arch_tlbi_ipas2e1(enum arch_shareability domain,
                                                 uint16_t vmid, struct arch_ipa ipa)
{
    struct arch_tlbi op = arch_tlbi_vmalls12e1(domain, vmid);

    op.op = ARCH_TLBI_IPAS2;
    op.first = op.last = ipa.v;
    return op;
}

/* True if op names addresses. */
static inline bool arch_tlbi_by_address(const struct arch_tlbi *op)
{
    return op->op == ARCH_TLBI_VA || op->op == ARCH_TLBI_VAA ||
           op->op == ARCH_TLBI_IPAS2;
}

/* The instructions, as the assembler names them without IS or OS. */
enum arch_tlbi_insn {
    ARCH_TLBI_VMALLE1,
    ARCH_TLBI_VAE1,
    ARCH_TLBI_ASIDE1,
    ARCH_TLBI_VAAE1,
    ARCH_TLBI_VALE1,
    ARCH_TLBI_VAALE1,
    ARCH_TLBI_RVAE1,
    ARCH_TLBI_RVAAE1,
    ARCH_TLBI_RVALE1,
    ARCH_TLBI_RVAALE1,
    ARCH_TLBI_VMALLS12E1,
    ARCH_TLBI_ALLE1,
    ARCH_TLBI_IPAS2E1,
    ARCH_TLBI_IPAS2LE1,
    ARCH_TLBI_RIPAS2E1,
    ARCH_TLBI_RIPAS2LE1,
    ARCH_TLBI_ALLE2,
    ARCH_TLBI_VAE2,
    ARCH_TLBI_VALE2,
    ARCH_TLBI_RVAE2,
    ARCH_TLBI_RVALE2,
    ARCH_TLBI_INSNS_N
};

/* What the decoding depends on beyond the instruction and its register. */
struct arch_tlbi_state {
    uint16_t vmid;   /* VTTBR_EL2.VMID as implemented */
    bool e2h, tge;   /* HCR_EL2 */
    bool asid16;     /* else bits 15:8 of an ASID do not count */
    bool ttl;        /* FEAT_TTL; else Xt[47:44] is ignored */
    bool large_base; /* the regime has 52-bit addresses with 4K or 16K granules
                      * (TCR_ELx.DS, VTCR_EL2.DS): bases of ranges are in 64K, and
                      * there are leaves of 4K level 0 and 16K level 1 to hint at */
};

/**
 * arch_tlbi_decode() - the operation that TLBI insn, xt performs.
 * @xt: the register; ignored by forms without one (VMALLE1, ALLE1, ...).
 *
 * False, and *out untouched, where it does nothing: a range with the reserved TG 0b00.
 * A hint at a level that is reserved for its granule is none. With HCR_EL2.{E2H,TGE} =
 * {1,1} the E1 forms without S2 act on EL2&0; with E2H the E2 forms do. A range that
 * leaves its half of the address space ends with it. A base that is not aligned to the
 * hint of a range is UNPREDICTABLE; here it is taken as it is.
 * ArmARM: AArch64.TLBI_VA and its siblings, TLBIRange.
 */
bool arch_tlbi_decode(enum arch_tlbi_insn insn, enum arch_shareability domain,
                      uint64_t xt, const struct arch_tlbi_state *state,
                      struct arch_tlbi *out);

/**
 * arch_tlbi_range_xt() - the register value of a range operation.
 * @base:  first address; bits below the granule are dropped. Not for regimes where
 *         bases are in 64K, unless tg is.
 * @pages: of 1 << tg bytes.
 * @ttl:   level of the leaves, 1 to 3; 0: any.
 * @done:  the pages that it names: the most that one instruction can, <= pages, at
 *         most 2097152. Odd pages leave one over.
 *
 * Below 2 pages there is no such range: returns 0, which does nothing, and *done is 0.
 * Linux: __flush_tlb_range_op(), __TLBI_VADDR_RANGE().
 */
uint64_t arch_tlbi_range_xt(uint64_t base, uint64_t pages, enum arch_tg tg,
                            uint16_t asid, unsigned ttl, uint64_t *done);

/* "VALE1IS" to its parts; false, and both untouched, if there is no such instruction.
 * In upper case only. */
bool arch_tlbi_by_name(const char *name, enum arch_tlbi_insn *insn,
                       enum arch_shareability *domain);
const char *arch_tlbi_name(enum arch_tlbi_insn insn); /* "VALE1" */

enum arch_dsb {
    ARCH_DSB_ISHST, /* orders the stores before; does not complete a TLBI */
    ARCH_DSB_NSH,   /* completes the TLBIs that this PE issued for itself */
    ARCH_DSB_ISH,   /* those and the inner shareable ones */
    ARCH_DSB_SY,    /* all */
};

#endif
