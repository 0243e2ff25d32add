/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/tlbi.h - TLB maintenance and barriers as values. */
#ifndef WALKER_ARCH_TLBI_H
#define WALKER_ARCH_TLBI_H

#include "walker/arch/addr.h"

#include <stdbool.h>
#include <stdint.h>

enum arch_tlbi_op {
    ARCH_TLBI_VMALLS12E1, /* stage 1, 2 and combined entries of one VMID */
    ARCH_TLBI_VMALLE1,    /* stage 1 and combined entries of one VMID */
    ARCH_TLBI_IPAS2E1,    /* stage 2 only entries of one IPA and VMID */
    ARCH_TLBI_ALLE1,      /* all of the EL1&0 regime, every VMID */
    ARCH_TLBI_VAE1,       /* stage 1 and combined entries of one VA and VMID: those of
                           * one ASID, and the global ones */
    ARCH_TLBI_VAAE1,      /* ... whatever their ASID */
    ARCH_TLBI_ASIDE1,     /* stage 1 and combined entries of one ASID and VMID; the
                           * global ones stay */
};

enum arch_shareability { ARCH_NSH, ARCH_ISH };

/* One TLBI instruction. ipa is read by ARCH_TLBI_IPAS2E1 only, va by the two that name
 * a VA (bits 63:56 do not count), asid by ARCH_TLBI_VAE1 and ARCH_TLBI_ASIDE1. */
struct arch_tlbi {
    enum arch_tlbi_op op;
    enum arch_shareability domain; /* ARCH_NSH: the issuing PE only */
    uint16_t vmid;
    struct arch_ipa ipa;
    uint16_t asid;
    struct arch_va va;
};

enum arch_dsb {
    ARCH_DSB_ISHST, /* orders the stores before; does not complete a TLBI */
    ARCH_DSB_ISH,
    ARCH_DSB_NSH, /* completes the TLBIs that this PE issued for itself */
};

#endif
