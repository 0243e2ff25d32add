/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/hcr.h - HCR_EL2: which regime and which stages translate. */
#ifndef WALKER_ARCH_HCR_H
#define WALKER_ARCH_HCR_H

#include <stdbool.h>
#include <stdint.h>

#define ARCH_HCR_E2H (UINT64_C(1) << 34)

enum arch_regime {
    ARCH_REGIME_EL10, /* EL1&0: two halves, and stage 2 where it is on */
    ARCH_REGIME_EL2,  /* one table, no EL0 */
    ARCH_REGIME_EL20, /* EL2&0, FEAT_VHE: two halves */
};

/* Effective values: with {E2H,TGE} = {1,1} VM and DC read as 0, with TGE = 1 PTW does.
 */
struct arch_hcr {
    bool vm;  /* [0] */
    bool ptw; /* [2], a table walk into Device memory is a Permission fault */
    bool dc;  /* [12], EL1&0: stage 1 off, stage 2 on */
    bool tge; /* [27] */
    bool e2h; /* [34] */
    bool fwb; /* [46] */
};

struct arch_hcr arch_hcr_decode(uint64_t hcr_el2);

/* The regime of code at el (0..2). ArmARM: TranslationRegime, ELIsInHost. */
enum arch_regime arch_hcr_regime(const struct arch_hcr *hcr, unsigned el);

#endif
