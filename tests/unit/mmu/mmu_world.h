/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/mmu/mmu_world.h - hand-built tables of both stages, the caches of one PE,
 * and a driver that serves walks from them in no time.
 *
 * 4K granule. Stage 1: 48-bit VAs, four levels; its tables lie at S1_TABLES in IPA
 * space. Stage 2: 40-bit IPAs from level 1; the PA of an IPA is PA_OF(ipa). */
#ifndef TESTS_UNIT_MMU_MMU_WORLD_H
#define TESTS_UNIT_MMU_MMU_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/memory/physmem.h"
#include "model/mmu/caches.h"
#include "walker/arch/tlbi.h"

#define ROWS_N(rows) (sizeof(rows) / sizeof(*(rows)))
#define KIB UINT64_C(0x400)
#define MIB UINT64_C(0x100000)
#define PAGE (4 * KIB)

#define S1_TABLES UINT64_C(0xc0000000)
#define PA_OF(ipa) ((ipa) + UINT64_C(0x10000000000))
#define VMID 7
#define ASID 0x12

#define S1_NG ARCH_DESC_S1_NG
#define RW (ARCH_DESC_S2AP_R | ARCH_DESC_S2AP_W)

/* Which structures a PE has. */
enum structure {
    HAS_L1 = 1 << 0,
    HAS_L2 = 1 << 1,
    HAS_L2_IPA = 1 << 2, /* the L2 TLB holds stage 2 only entries as well */
    HAS_S2 = 1 << 3,
    HAS_S1L0 = 1 << 4,
    HAS_S1L1 = 1 << 5,
    HAS_S1L2 = 1 << 6,
    HAS_S2L0 = 1 << 7,
    HAS_S2L1 = 1 << 8,
    HAS_S2L2 = 1 << 9,
    HAS_L2_S1 = 1 << 10, /* the L2 TLB holds stage 1 alone */
    HAS_TABLES = HAS_S1L0 | HAS_S1L1 | HAS_S1L2 | HAS_S2L1 | HAS_S2L2,
    HAS_ALL = HAS_L1 | HAS_L2 | HAS_L2_IPA | HAS_S2 | HAS_TABLES,
    HAS_APART = HAS_L1 | HAS_L2 | HAS_L2_S1 | HAS_S2 | HAS_TABLES,
};

struct mmu_world {
    struct physmem *mem;
    struct scn_platform platform;
    struct walk_cpu cpu;
    struct walk_regs regs;
    struct walk_context ctx;
    struct mmu_caches caches;
    void *caches_memory;
    uint64_t s1_next;          /* IPA of the next stage 1 table */
    uint64_t now;              /* one per step */
    unsigned reads_n, swaps_n; /* of the last walk */
    struct walk w;             /* the last walk, when it had ended */
    void (*at_step)(struct mmu_world *, struct mmu_walk *, unsigned step);
    void *ctx_of_step;
};

/* A platform with those structures, fully associative: L1 of 4K, 64K and 2M, the others
 * of all sizes. */
struct scn_platform mmu_platform(unsigned structures);

/* s1: stage 1 is on. End with mmu_world_end(). */
void mmu_world_begin(struct mmu_world *m, const struct scn_platform *p, bool s1);
void mmu_world_end(struct mmu_world *m);

/* After a change of m->cpu or m->regs. */
void mmu_world_decode(struct mmu_world *m);

/* A leaf of level; attrs beyond what makes it usable (stage 2: RW is not implied). */
void mmu_map_s1(struct mmu_world *m, uint64_t va, uint64_t ipa, int level,
                uint64_t attrs);
void mmu_map_s2(struct mmu_world *m, uint64_t ipa, uint64_t pa, int level,
                uint64_t attrs);

/* The stage 2 mappings of the stage 1 tables (as pages), VA 0x40000000 to 0x40200000
 * through pages of both stages. */
void mmu_map_usual(struct mmu_world *m);

/* A walk from begin to end, with the fills of a demand access. */
enum walk_next mmu_run_walk(struct mmu_world *m, uint64_t va, enum arch_access access);

/* The reads of such a walk, which must end with WALK_DONE. */
unsigned mmu_reads_of(struct mmu_world *m, uint64_t va);

/* True, and the PA, if the data L1 TLB or else the L2 TLB hits. */
bool mmu_hits(struct mmu_world *m, uint64_t va, uint64_t *pa);

/* As a PE serves it. */
void mmu_tlbi(struct mmu_world *m, enum arch_tlbi_insn insn, uint64_t xt);
struct arch_tlbi mmu_op(enum arch_tlbi_insn insn, uint64_t xt);
/* Registers of an operation by VA, by IPA, by range. */
uint64_t mmu_xt_va(uint64_t va, unsigned asid);
uint64_t mmu_xt_ipa(uint64_t ipa);
uint64_t mmu_xt_range(uint64_t from, uint64_t pages, unsigned asid);

/* All entries of all structures. */
#define MMU_ENTRIES_MAX 256
struct mmu_entries {
    struct tlb_entry e[MMU_ENTRIES_MAX];
    size_t n;
};
void mmu_collect(const struct mmu_caches *caches, struct mmu_entries *out);
void mmu_collect_one(const struct tlb *t, struct mmu_entries *out);

#endif
