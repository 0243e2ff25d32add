/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/stage1.h - the stage 1 tables that a guest keeps in its own memory.
 *
 * EL1&0 with TTBR0_EL1, 4K granule, 48-bit VAs, walk from level 0. Every VA maps to the
 * IPA of the same value, so that a workload means the same with stage 1 on and off;
 * what differs is that each translation needs the guest's tables, which lie behind
 * stage 2. */
#ifndef MODEL_GUEST_STAGE1_H
#define MODEL_GUEST_STAGE1_H

#include "walker/arch/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guest_stage1 {
    bool on;
    uint8_t map_shift;      /* log2 of the bytes of a leaf: 12 or 21 */
    bool accessed;          /* the Access flag of all leaves is set; else the hardware
                             * sets it at the first use (TCR_EL1.HA = 1) */
    struct arch_ipa tables; /* the tables lie from here upwards; 4 KiB aligned */
};

/* [ipa, ipa + bytes) that the tables map; aligned to the leaf. */
struct guest_range {
    uint64_t ipa, bytes;
};

/* Bytes of tables for ranges [n], ascending and not overlapping. */
uint64_t guest_stage1_bytes(const struct guest_stage1 *s1,
                            const struct guest_range *ranges, size_t n);

/* Writes the descriptors of all tables, each once, through write(ctx, ipa, desc). */
void guest_stage1_build(const struct guest_stage1 *s1, const struct guest_range *ranges,
                        size_t n, void (*write)(void *ctx, uint64_t ipa, uint64_t desc),
                        void *ctx);

/* Register values of that guest. pa_bits: implemented PA size, becomes TCR_EL1.IPS. */
uint64_t guest_stage1_sctlr_el1(const struct guest_stage1 *s1);
uint64_t guest_stage1_tcr_el1(const struct guest_stage1 *s1, unsigned pa_bits);
uint64_t guest_stage1_ttbr0_el1(const struct guest_stage1 *s1, uint16_t asid);

#endif
