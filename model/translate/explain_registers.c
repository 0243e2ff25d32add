/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/explain_registers.c - the fields of PAR_EL1, ESR_ELx and HPFAR_EL2.
 */
#include "model/translate/explain.h"

#include "walker/arch/bits.h"

#include <inttypes.h>
#include <stdio.h>

/* A fault status code in words. ArmARM: EncodeLDFSC. */
static const char *status_text(unsigned code, char text[EXPLAIN_TEXT_BYTES])
{
    static const enum arch_fault_type types[] = {
        ARCH_FAULT_ADDRESS_SIZE, ARCH_FAULT_TRANSLATION, ARCH_FAULT_ACCESS_FLAG,
        ARCH_FAULT_PERMISSION};

    if (code < 0x10)
        snprintf(text, EXPLAIN_TEXT_BYTES, "%s fault, level %u",
                 explain_fault_name(types[code >> 2]), code & 3);
    else if (code == 0x29 || code == 0x2b)
        snprintf(text, EXPLAIN_TEXT_BYTES, "%s fault, level -1",
                 explain_fault_name(types[code >> 1 & 1]));
    else
        snprintf(text, EXPLAIN_TEXT_BYTES, "another fault");
    return text;
}

void explain_par(uint64_t par, struct explain_fields *out)
{
    char text[EXPLAIN_TEXT_BYTES];

    *out = (struct explain_fields){.n = 0};
    if (!(par & ARCH_PAR_F)) {
        explain_field_add(out, "F", 0, 0, par, "the translation succeeded");
        explain_field_add(out, "PA", 51, 12, par, "output address 0x%" PRIx64,
                          par & ARCH_PAR_ADDRESS);
        return;
    }
    explain_field_add(out, "F", 0, 0, par, "the translation faulted");
    explain_field_add(out, "FST", 6, 1, par, "%s",
                      status_text((unsigned)arch_bits(par, 6, 1), text));
    explain_field_add(out, "PTW", 8, 8, par, "%s",
                      arch_bit(par, 8) ? "of stage 2 on a walk of stage 1"
                                       : "not on a walk of stage 1");
    explain_field_add(out, "S", 9, 9, par, "stage %d", arch_bit(par, 9) ? 2 : 1);
}

static const char *class_text(unsigned ec)
{
    switch (ec) {
    case 0x20:
        return "Instruction Abort from a lower Exception level";
    case 0x21:
        return "Instruction Abort without a change of Exception level";
    case 0x24:
        return "Data Abort from a lower Exception level";
    case 0x25:
        return "Data Abort without a change of Exception level";
    default:
        return "no abort";
    }
}

void explain_esr(uint64_t esr, struct explain_fields *out)
{
    const unsigned ec = (unsigned)arch_bits(esr, 31, 26);
    const bool is_data = ec >= 0x24;
    char text[EXPLAIN_TEXT_BYTES];

    *out = (struct explain_fields){.n = 0};
    explain_field_add(out, "EC", 31, 26, esr, "%s", class_text(ec));
    if (is_data && esr & ARCH_ESR_CM)
        explain_field_add(out, "CM", 8, 8, esr, "of an AT instruction");
    explain_field_add(out, "S1PTW", 7, 7, esr, "%s",
                      esr & ARCH_ESR_S1PTW ? "of stage 2 on a walk of stage 1"
                                           : "not on a walk of stage 1");
    if (is_data)
        explain_field_add(out, "WnR", 6, 6, esr, "%s",
                          esr & ARCH_ESR_WNR ? "write" : "read");
    explain_field_add(out, is_data ? "DFSC" : "IFSC", 5, 0, esr, "%s",
                      status_text((unsigned)(esr & ARCH_ESR_FSC), text));
}

void explain_hpfar(uint64_t hpfar, struct explain_fields *out)
{
    *out = (struct explain_fields){.n = 0};
    explain_field_add(out, "FIPA", 43, 4, hpfar, "IPA 0x%" PRIx64 ", low 12 bits cut",
                      arch_bits(hpfar, 43, 4) << 12);
}
