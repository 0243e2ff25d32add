/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/tlb_fixture.h - a TLB on the heap, and short ways to fill and ask it.
 */
#ifndef TESTS_UNIT_TLB_TLB_FIXTURE_H
#define TESTS_UNIT_TLB_TLB_FIXTURE_H

#include "tlb/tlb.h"

#include <stddef.h>
#include <stdint.h>

#define ROWS_N(rows) (sizeof(rows) / sizeof(*(rows)))

/* Sizes for a 4K granule. */
#define SHIFT_4K 12
#define SHIFT_64K 16
#define SHIFT_2M 21
#define SHIFT_512M 29
#define SHIFT_1G 30

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* struct tlb_cfg.sizes_of where every kind may have the first n sizes. */
#define ALL_KINDS(n)                                                                   \
    {                                                                                  \
        (1u << (n)) - 1, (1u << (n)) - 1, (1u << (n)) - 1                              \
    }

struct tlb_fixture {
    void *mem;
    struct tlb *tlb;
};

/* Fails the test if cfg is not valid. */
struct tlb_fixture fixture_new(const struct tlb_cfg *cfg);
void fixture_free(struct tlb_fixture *f);

/* One set of ways_n entries of 4K, 2M and 1G, of all kinds. */
struct tlb_cfg fixture_one_set(uint32_t ways_n);

/* EL1&0. */
struct tlb_tag fixture_tag(uint16_t vmid, uint16_t asid);

/* A global leaf of EL1&0 around ia that maps to the same offset from GIB * 1024. */
struct tlb_entry fixture_leaf(uint16_t vmid, enum tlb_kind kind, uint64_t ia,
                              unsigned leaf_shift);

/* A translation of EL1&0. */
const struct tlb_entry *fixture_look_up(struct tlb *t, uint16_t vmid, uint16_t asid,
                                        enum tlb_kind kind, uint64_t ia);
/* A combined one of VMID 1 and ASID 0; what is filled must be held. */
const struct tlb_entry *fixture_find(struct tlb *t, uint64_t ia);
void fixture_fill(struct tlb *t, uint64_t ia, unsigned leaf_shift);
uint32_t fixture_count(const struct tlb *t);

/* Of EL1&0, by first = last = ia. */
struct arch_tlbi fixture_op(enum arch_tlbi_op op, uint16_t vmid, uint64_t ia);
struct arch_tlbi fixture_va_op(enum arch_tlbi_op op, uint16_t vmid, uint16_t asid,
                               uint64_t va);

#endif
