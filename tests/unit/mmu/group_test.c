/* SPDX-License-Identifier: Apache-2.0 */
/* Contiguous groups held as one entry here and as a page there, while a TLBI removes a
 * page: what such a TLBI left in one structure must not become the group in another. */
#include "tests/unit/mmu/mmu_world.h"

#include "walker/arch/desc.h"

#define VA UINT64_C(0x40000000)
#define BLOCK_VA (VA + 2 * MIB)
#define OTHER (VA + MIB) /* where page 1 is mapped in the end */
#define GROUP_PAGES 16

/* A platform that holds groups, but for one structure without 64K entries. */
static struct scn_platform platform(unsigned has, bool s2_small)
{
    struct scn_platform p = mmu_platform(has);
    struct tlb_cfg *small = s2_small ? &p.s2.cfg : &p.l2.cfg;

    p.contiguous = SCN_CONTIGUOUS_GROUP;
    small->sizes_n = 1; /* 4K */
    for (unsigned kind = 0; kind < TLB_KINDS_N; kind++)
        small->sizes_of[kind] &= 1;
    return p;
}

static void empty(struct tlb *t, const struct scn_tlb *c)
{
    tlb_init(t, &c->cfg);
}

/* The L1 TLB has lost page 0 and the L2 TLB holds it as 4K when page 1 changes. */
static void a_page_in_the_l2_tlb_does_not_become_its_group_in_l1(void **state)
{
    const struct scn_platform p = platform(HAS_L1 | HAS_L2, false);
    const struct tlb_tag who = {.vmid = VMID, .asid = ASID};
    struct mmu_world m;
    uint64_t pa;
    (void)state;

    mmu_world_begin(&m, &p, true);
    mmu_map_usual(&m);
    mmu_map_s2(&m, VA, PA_OF(VA), 2, RW);
    for (unsigned i = 0; i < GROUP_PAGES; i++)
        mmu_map_s1(&m, VA + i * PAGE, VA + i * PAGE, 3, ARCH_DESC_CONTIGUOUS);
    (void)mmu_reads_of(&m, VA);
    empty(m.caches.l1d, &p.l1d);
    mmu_map_s1(&m, VA + PAGE, OTHER, 3, 0);
    mmu_tlbi(&m, ARCH_TLBI_VAE1, (VA + PAGE) >> 12 | (uint64_t)ASID << 48);

    const struct tlb_entry *e = tlb_lookup(m.caches.l2, &who, TLB_COMBINED, false, VA);
    assert_non_null(e);
    mmu_fill_l1(&m.caches, e, VA, ARCH_READ);
    assert_true(mmu_hits(&m, VA, &pa));
    assert_false(mmu_hits(&m, VA + PAGE, &pa));
    mmu_world_end(&m);
}

/* The same of a group of stage 2: a walk from the cache of stage 2 for page 0. */
static void a_page_in_the_cache_of_stage_2_does_not_become_its_group(void **state)
{
    const struct scn_platform p = platform(HAS_L1 | HAS_S2, true);
    struct mmu_world m;
    uint64_t pa;
    (void)state;

    mmu_world_begin(&m, &p, true);
    mmu_map_usual(&m);
    for (unsigned i = 0; i < GROUP_PAGES; i++)
        mmu_map_s2(&m, VA + i * PAGE, PA_OF(VA + i * PAGE), 3,
                   RW | ARCH_DESC_CONTIGUOUS);
    mmu_map_s1(&m, BLOCK_VA, VA, 2, 0);
    (void)mmu_reads_of(&m, BLOCK_VA);
    mmu_map_s2(&m, VA + PAGE, PA_OF(OTHER), 3, RW);
    mmu_tlbi(&m, ARCH_TLBI_IPAS2E1, (VA + PAGE) >> 12);
    mmu_tlbi(&m, ARCH_TLBI_VMALLE1, 0);

    (void)mmu_reads_of(&m, BLOCK_VA);
    assert_true(mmu_hits(&m, BLOCK_VA, &pa));
    assert_false(mmu_hits(&m, BLOCK_VA + PAGE, &pa));
    mmu_world_end(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_in_the_l2_tlb_does_not_become_its_group_in_l1),
        cmocka_unit_test(a_page_in_the_cache_of_stage_2_does_not_become_its_group),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
