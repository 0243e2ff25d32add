/* SPDX-License-Identifier: Apache-2.0 */
/* walker/s2_options.h - all geometries of stage 2 that an IPA space may have, and what
 * each costs. */
#ifndef WALKER_S2_OPTIONS_H
#define WALKER_S2_OPTIONS_H

#include "walker/geometry.h"

#include <stddef.h>

/* Linux: ARM64_MIN_PARANGE_BITS, the smallest IPA space that KVM gives a VM. */
#define WALK_KVM_IPA_BITS_MIN 32u

/* What of an implementation decides which geometries are legal. */
struct walk_s2_impl {
    uint8_t pa_bits; /* implemented PA size: 32 36 40 42 44 48 52 */
    bool ttst;       /* FEAT_TTST */
    bool lpa2;       /* FEAT_LPA2 of this granule at stage 2 */
};

struct walk_s2_option {
    struct arch_vtcr vtcr; /* ps is that of the implementation, vs is 1 */
    struct walk_s2_geometry geometry;
    uint64_t block_shifts; /* mask of the log2 of the block sizes; pages are left out */
    uint8_t pa_bits_min;   /* least PA size of an implementation where it is legal */
    bool needs_ttst;       /* illegal without FEAT_TTST */
    bool kvm;              /* what KVM chooses on a host that uses vtcr.ds */
};

/* Formats with and without DS, each with at most two start levels for one IPA size. */
#define WALK_S2_OPTIONS_MAX 4u

/**
 * walk_s2_options() - every legal VTCR_EL2 geometry of one IPA space.
 * @out: [WALK_S2_OPTIONS_MAX], by DS, then from the fewest levels to the most.
 *
 * Returns how many there are. VTCR_EL2 values that differ in nothing but fields that
 * are RES0 for them count once.
 */
size_t walk_s2_options(enum arch_tg tg, unsigned ipa_bits,
                       const struct walk_s2_impl *impl, struct walk_s2_option *out);

/* Look-ups of a walk that ends at a page: 1..5. */
static inline unsigned walk_levels(int start_level)
{
    return (unsigned)(4 - start_level);
}

/* Levels of stage 1 tables for a VA space of va_bits, DS in use above 48 bits; 0 if
 * TCR_ELx has no such size. */
unsigned walk_s1_levels(enum arch_tg tg, unsigned va_bits);

#define WALK_FAKE_UNSUPPORTED (-1)

/* Levels that stage 2 code which shares the host's page-table helpers must pretend to
 * have. WALK_FAKE_UNSUPPORTED: stage 2 has more levels than the host.
 * Linux 4.7: STAGE2_PGTABLE_LEVELS against CONFIG_PGTABLE_LEVELS. */
int walk_fake_levels(unsigned host_levels, unsigned s2_levels);

/* Bytes of all tables, the concatenated start tables whole, that map [0, bytes) with
 * pages; bytes is 1..2^input_bits. */
uint64_t walk_s2_table_bytes(enum arch_tg tg, const struct walk_s2_geometry *g,
                             uint64_t bytes);

/* Descriptors that one access of a guest reads when nothing is cached: each level of
 * stage 1 behind a walk of stage 2, then stage 2 of the output. */
static inline unsigned walk_nested_reads(unsigned s1_levels, unsigned s2_levels)
{
    return (s1_levels + 1) * (s2_levels + 1) - 1;
}

#endif
