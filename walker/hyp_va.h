/* SPDX-License-Identifier: Apache-2.0 */
/* walker/hyp_va.h - where EL2 puts its view of the kernel's linear map.
 *
 * EL2 without VHE has one table, for VAs from 0 on: a kernel address, all ones at the
 * top, becomes (va & va_mask) | tag, in the half of the VA_BITS space that the identity
 * map of the code which turns the MMU on does not use. With VHE none of this applies:
 * the kernel itself runs at EL2. Linux 5.11: arch/arm64/kvm/va_layout.c. */
#ifndef WALKER_HYP_VA_H
#define WALKER_HYP_VA_H

#include "walker/arch/addr.h"
#include "walker/arch/granule.h"
#include "walker/arch/status.h"

#include <stdbool.h>
#include <stdint.h>

struct walk_hyp_va_cfg {
    enum arch_tg tg;
    uint8_t va_bits;          /* of the kernel */
    struct arch_pa idmap;     /* __hyp_idmap_text_start */
    struct arch_pa dram;      /* first byte ... */
    struct arch_pa dram_last; /* ... and last byte of memory */
    struct arch_pa memstart;  /* PA of the first byte of the linear map */
    uint64_t random;          /* what get_random_long() gave */
    bool randomize;           /* CONFIG_RANDOMIZE_BASE */
};

struct walk_hyp_va {
    uint64_t linear, linear_last; /* kernel VAs of the ends of memory */
    uint64_t first, last;         /* their HYP VAs */
    uint64_t min, max;            /* HYP_VA_MIN, HYP_VA_MAX: the half */
    uint64_t va_mask;             /* bits kept of a kernel VA */
    uint64_t tag;                 /* in place: bits [va_bits-1:tag_lsb] */
    uint8_t tag_lsb;
    uint8_t instructions_n; /* patched at each conversion: 5, or 1 with a tag of 0 */
    uint8_t kernel_levels;  /* of the tables for va_bits */
    uint8_t el2_bits;       /* input size of EL2, which reaches the idmap too */
    uint8_t el2_levels;
    bool idmap_outside; /* of va_bits: no half conflicts with it */
};

/* Default of memstart: dram rounded down. Linux: ARM64_MEMSTART_ALIGN. */
struct arch_pa walk_hyp_va_memstart(enum arch_tg tg, struct arch_pa dram);

/**
 * walk_hyp_va_init() - the layout of one machine.
 * @out: written only on ARCH_OK.
 *
 * ARCH_ERR_T0SZ: no TCR_ELx has va_bits, or the size that idmap needs. ARCH_ERR_RANGE:
 * memory is less than a page, begins below memstart or does not fit the linear map,
 * half of the kernel's space.
 */
ARCH_MUST_USE enum arch_status walk_hyp_va_init(const struct walk_hyp_va_cfg *cfg,
                                                struct walk_hyp_va *out);

/* Linux: kern_hyp_va(). */
static inline uint64_t walk_hyp_va_of(const struct walk_hyp_va *h, struct arch_va va)
{
    return (va.v & h->va_mask) | h->tag;
}

#endif
