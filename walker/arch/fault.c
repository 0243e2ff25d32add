/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/fault.c - fault status codes and names. */
#include "walker/arch/fault.h"

#include <assert.h>
#include <stddef.h>

#define FSC_TLB_CONFLICT 0x30u
#define FSC_ADDRESS_SIZE_LEVEL_M1 0x29u
#define FSC_TRANSLATION_LEVEL_M1 0x2bu

/* Codes of levels 0 to 3 follow on this one. */
static unsigned level_0_code(enum arch_fault_type type)
{
    switch (type) {
    case ARCH_FAULT_TRANSLATION:
        return 0x04;
    case ARCH_FAULT_ACCESS_FLAG:
        return 0x08;
    case ARCH_FAULT_PERMISSION:
        return 0x0c;
    case ARCH_FAULT_ADDRESS_SIZE:
    case ARCH_FAULT_NONE:
    case ARCH_FAULT_TLB_CONFLICT:
        break;
    }
    return 0x00;
}

uint8_t arch_fault_status_code(const struct arch_fault *f)
{
    assert(f->type != ARCH_FAULT_NONE);
    if (f->type == ARCH_FAULT_TLB_CONFLICT)
        return FSC_TLB_CONFLICT;

    assert(f->level >= -1 && f->level <= 3);
    if (f->level < 0) {
        /* Level -1 has no leaves, so neither Access flag nor Permission faults. */
        assert(f->type == ARCH_FAULT_TRANSLATION || f->type == ARCH_FAULT_ADDRESS_SIZE);
        return f->type == ARCH_FAULT_TRANSLATION ? FSC_TRANSLATION_LEVEL_M1
                                                 : FSC_ADDRESS_SIZE_LEVEL_M1;
    }
    return (uint8_t)(level_0_code(f->type) + (unsigned)f->level);
}

const char *arch_fault_name(enum arch_fault_type type)
{
    switch (type) {
    case ARCH_FAULT_NONE:
        return "none";
    case ARCH_FAULT_TRANSLATION:
        return "translation";
    case ARCH_FAULT_ADDRESS_SIZE:
        return "address_size";
    case ARCH_FAULT_ACCESS_FLAG:
        return "access_flag";
    case ARCH_FAULT_PERMISSION:
        return "permission";
    case ARCH_FAULT_TLB_CONFLICT:
        return "tlb_conflict";
    }
    assert(!"a fault type");
    return NULL;
}
