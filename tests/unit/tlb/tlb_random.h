/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/tlb_random.h - random configurations, entries and operations, from few
 * enough values that they meet. */
#ifndef TESTS_UNIT_TLB_TLB_RANDOM_H
#define TESTS_UNIT_TLB_TLB_RANDOM_H

#include "tlb/tlb.h"

/* Stamps are below it. */
#define RANDOM_STAMPS_N 64u

uint64_t next_random(uint64_t *random);
unsigned below(uint64_t *random, unsigned n); /* 0..n-1 */

struct tlb_cfg random_cfg(uint64_t *random);
uint16_t random_vmid(uint64_t *random);
uint16_t random_asid(uint64_t *random);
struct tlb_tag random_tag(uint64_t *random);

/* What a walk may find; attrs is 0. */
struct tlb_entry random_entry(uint64_t *random);

/* What a random instruction with a random register does; false: nothing. Mostly it
 * names what near is, or nearly so. */
bool random_tlbi(uint64_t *random, const struct tlb_entry *near, struct arch_tlbi *op);

#endif
