/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/sctlr.h - SCTLR_EL1 and SCTLR_EL2: the bits that decide a translation. */
#ifndef WALKER_ARCH_SCTLR_H
#define WALKER_ARCH_SCTLR_H

#include <stdbool.h>
#include <stdint.h>

struct arch_sctlr {
    bool m;    /* [0], stage 1 is on */
    bool wxn;  /* [19], writable is execute-never */
    bool epan; /* [57], FEAT_PAN3 */
};

struct arch_sctlr arch_sctlr_decode(uint64_t sctlr_elx);

#endif
