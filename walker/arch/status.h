/* SPDX-License-Identifier: Apache-2.0 */
/* walker/arch/status.h - how a C function of the core says that its input was bad.
 *
 * An architecture fault is a result, not a status: see walker/arch/fault.h. */
#ifndef WALKER_ARCH_STATUS_H
#define WALKER_ARCH_STATUS_H

#if defined(__GNUC__)
#define ARCH_MUST_USE __attribute__((warn_unused_result))
#else
#define ARCH_MUST_USE
#endif

enum arch_status {
    ARCH_OK = 0,
    ARCH_ERR_GRANULE,          /* reserved or unimplemented TG0 */
    ARCH_ERR_T0SZ,             /* T0SZ outside what the implementation has */
    ARCH_ERR_SL0,              /* reserved SL0 for this granule */
    ARCH_ERR_SL0_INCONSISTENT, /* start level and input size do not fit together */
    ARCH_ERR_RANGE,            /* any other value outside its documented range */
};

#endif
