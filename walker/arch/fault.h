/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/fault.h - the outcome of a translation that does not give an address. */
#ifndef WALKER_ARCH_FAULT_H
#define WALKER_ARCH_FAULT_H

#include <stdbool.h>
#include <stdint.h>

enum arch_access { ARCH_READ, ARCH_WRITE, ARCH_EXECUTE };

enum arch_fault_type {
    ARCH_FAULT_NONE = 0,
    ARCH_FAULT_TRANSLATION,
    ARCH_FAULT_ADDRESS_SIZE,
    ARCH_FAULT_ACCESS_FLAG,
    ARCH_FAULT_PERMISSION,
    ARCH_FAULT_TLB_CONFLICT,
};

/* Read type first: with ARCH_FAULT_NONE the other fields mean nothing. */
struct arch_fault {
    enum arch_fault_type type;
    uint8_t stage; /* 1 or 2 */
    int8_t level;  /* -1..3, of the look-up that faulted */
    bool s1ptw;    /* a stage 2 fault on the fetch of a stage 1 descriptor */
    bool nt;       /* Translation fault because of nT (AArch64.BlocknTFaults) */
};

/* The fault status code, ESR_ELx.ISS[5:0], of f. ArmARM: EncodeLDFSC. */
uint8_t arch_fault_status_code(const struct arch_fault *f);

/* "translation", "address_size", "access_flag", "permission", "tlb_conflict", "none" */
const char *arch_fault_name(enum arch_fault_type type);

#endif
