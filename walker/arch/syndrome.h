/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/syndrome.h - what software is told of a translation: PAR_EL1, and
 * ESR_ELx, FAR_ELx and HPFAR_EL2 of an abort. */
#ifndef WALKER_ARCH_SYNDROME_H
#define WALKER_ARCH_SYNDROME_H

#include "walker/arch/addr.h"
#include "walker/arch/fault.h"

#define ARCH_PAR_F UINT64_C(1)
#define ARCH_PAR_ADDRESS UINT64_C(0x000ffffffffff000) /* [51:12] */

#define ARCH_ESR_FSC UINT64_C(0x3f)
#define ARCH_ESR_WNR (UINT64_C(1) << 6)
#define ARCH_ESR_S1PTW (UINT64_C(1) << 7)
#define ARCH_ESR_CM (UINT64_C(1) << 8)
#define ARCH_ESR_IL (UINT64_C(1) << 25)
#define ARCH_ESR_EC_SHIFT 26

/* PAR_EL1 of an AT that succeeded. ATTR and SH are 0: attributes are not modelled.
 * ArmARM: AArch64.EncodePAR. */
uint64_t arch_par_success(struct arch_pa pa);

/* PAR_EL1 of an AT that faulted. ArmARM: AArch64.EncodePAR, AArch64.PARFaultStatus. */
uint64_t arch_par_fault(const struct arch_fault *fault);

/* An access that faulted. */
struct arch_abort {
    struct arch_fault fault;
    struct arch_va va;   /* as the program gave it, with its tag */
    struct arch_ipa ipa; /* the input of stage 2; read for stage 2 faults only */
    enum arch_access access;
    uint8_t el; /* of the code, 0..2 */
    bool tge;   /* HCR_EL2.TGE */
    bool at;    /* an AT instruction whose own table walk faulted */
};

struct arch_syndrome {
    uint8_t target_el;
    uint64_t esr;
    uint64_t far;
    bool hpfar_valid; /* else HPFAR_EL2 is UNKNOWN (target EL2) or untouched (EL1) */
    uint64_t hpfar;
};

/* The exception of an abort. ISS fields of the instruction (ISV, SAS, SRT, ...) are 0.
 * ArmARM: AArch64.DataAbort, AArch64.InstructionAbort, AArch64.FaultSyndrome,
 * AArch64.ExceptionClass, IPAValid. */
struct arch_syndrome arch_abort_syndrome(const struct arch_abort *abort);

#endif
