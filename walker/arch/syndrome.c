/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/syndrome.c - fields of PAR_EL1, ESR_ELx and HPFAR_EL2. */
#include "walker/arch/syndrome.h"

#include <assert.h>

#define PAR_RES1 (UINT64_C(1) << 11)
#define PAR_PTW (UINT64_C(1) << 8)
#define PAR_S (UINT64_C(1) << 9)  /* of a fault */
#define PAR_NS (UINT64_C(1) << 9) /* of a success: UNKNOWN from Non-secure state */

#define EC_INSTRUCTION_ABORT_LOWER 0x20u
#define EC_DATA_ABORT_LOWER 0x24u

uint64_t arch_par_success(struct arch_pa pa)
{
    return PAR_RES1 | PAR_NS | (pa.v & ARCH_PAR_ADDRESS);
}

uint64_t arch_par_fault(const struct arch_fault *fault)
{
    return ARCH_PAR_F | PAR_RES1 | (uint64_t)arch_fault_status_code(fault) << 1 |
           (fault->s1ptw ? PAR_PTW : 0) | (fault->stage == 2 ? PAR_S : 0);
}

/* ArmARM: AArch64.ExceptionClass; the code of an abort without a change of level is one
 * higher. */
static uint64_t exception_class(const struct arch_abort *abort, unsigned target_el)
{
    const unsigned lower = abort->access == ARCH_EXECUTE ? EC_INSTRUCTION_ABORT_LOWER
                                                         : EC_DATA_ABORT_LOWER;

    return abort->el == target_el ? lower + 1 : lower;
}

static uint64_t iss(const struct arch_abort *abort)
{
    const uint64_t both = arch_fault_status_code(&abort->fault) |
                          (abort->fault.s1ptw ? ARCH_ESR_S1PTW : 0);

    if (abort->access == ARCH_EXECUTE)
        return both;
    if (abort->at)
        return both | ARCH_ESR_CM | ARCH_ESR_WNR;
    return both | (abort->access == ARCH_WRITE ? ARCH_ESR_WNR : 0);
}

/* ArmARM: IPAValid. */
static bool ipa_valid(const struct arch_fault *fault)
{
    return fault->stage == 2 &&
           (fault->s1ptw ? fault->type != ARCH_FAULT_TLB_CONFLICT
                         : fault->type == ARCH_FAULT_TRANSLATION ||
                               fault->type == ARCH_FAULT_ADDRESS_SIZE ||
                               fault->type == ARCH_FAULT_ACCESS_FLAG);
}

struct arch_syndrome arch_abort_syndrome(const struct arch_abort *abort)
{
    const bool to_el2 = abort->el == 2 || abort->tge || abort->fault.stage == 2;
    const uint8_t target_el = to_el2 ? 2 : 1;

    assert(abort->el <= 2);
    return (struct arch_syndrome){
        .target_el = target_el,
        .esr = exception_class(abort, target_el) << ARCH_ESR_EC_SHIFT | ARCH_ESR_IL |
               iss(abort),
        .far = abort->va.v,
        .hpfar_valid = ipa_valid(&abort->fault),
        .hpfar = ipa_valid(&abort->fault) ? abort->ipa.v >> 12 << 4 : 0,
    };
}
