/* SPDX-License-Identifier: Apache-2.0 */
/* What a structure holds of a leaf: fragments, contiguous groups, blocks with nT. */
#include "tests/unit/mmu/mmu_world.h"

#include "walker/arch/bits.h"

#define BLOCK UINT64_C(0x40000000)
#define VA (BLOCK + 3 * PAGE)

/* Both stages map 2 MiB with one block. */
static void map_block(struct mmu_world *m, uint64_t s1_attrs, uint64_t s2_attrs)
{
    for (uint64_t at = 0; at < 8 * PAGE; at += PAGE)
        mmu_map_s2(m, S1_TABLES + at, PA_OF(S1_TABLES + at), 3, RW);
    mmu_map_s1(m, BLOCK, BLOCK, 2, s1_attrs);
    mmu_map_s2(m, BLOCK, PA_OF(BLOCK), 2, RW | s2_attrs);
}

static size_t held_n(const struct tlb *t)
{
    struct mmu_entries held = {.n = 0};

    mmu_collect_one(t, &held);
    return held.n;
}

static unsigned size_held(const struct tlb *t)
{
    struct mmu_entries held = {.n = 0};

    mmu_collect_one(t, &held);
    assert_int_equal(held.n, 1);
    return held.e[0].size_shift;
}

/* An L1 TLB of 4K pages only. Its fragments go with any address of the leaf.
 * ArmARM: TLBIMatch; a TLBI by VA applies to the whole leaf. */
static void a_tlbi_removes_every_fragment_of_a_block(void **state)
{
    static const struct {
        const char *rule;
        uint64_t named;
        size_t left;
    } rows[] = {
        {"an address that no fragment holds", BLOCK + 300 * PAGE, 0},
        {"the last page", BLOCK + 511 * PAGE, 0},
        {"the page behind", BLOCK + 512 * PAGE, 8},
        {"the page before", BLOCK - PAGE, 8},
    };
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct scn_platform p = mmu_platform(HAS_L1);
        struct mmu_world m;
        uint64_t pa;

        print_message("row %zu: %s\n", i, rows[i].rule);
        p.l1d.cfg.sizes_n = 1;
        p.l1d.cfg.sizes_of[TLB_COMBINED] = 1;
        mmu_world_begin(&m, &p, true);
        map_block(&m, 0, 0);
        for (uint64_t at = 0; at < 64 * PAGE; at += 8 * PAGE)
            (void)mmu_reads_of(&m, BLOCK + at);
        assert_int_equal(held_n(m.caches.l1d), 8);
        assert_true(mmu_hits(&m, BLOCK + 8 * PAGE + 0x123, &pa));
        assert_int_equal(pa, PA_OF(BLOCK + 8 * PAGE + 0x123));
        assert_false(mmu_hits(&m, BLOCK + 9 * PAGE, NULL));
        mmu_tlbi(&m, ARCH_TLBI_VALE1, mmu_xt_va(rows[i].named, ASID));
        assert_int_equal(held_n(m.caches.l1d), rows[i].left);
        mmu_world_end(&m);
    }
}

/* With both stages at different sizes the smaller one bounds the entry, and a TLBI by
 * VA names the leaf of stage 1. */
static void a_combined_entry_is_as_large_as_the_smaller_leaf(void **state)
{
    static const struct {
        const char *rule;
        int s1_level, s2_level;
        unsigned size, named_pages; /* whose VAs remove it */
    } rows[] = {
        {"page in block", 3, 2, 12, 1},
        {"block over pages: a fragment of the block", 2, 3, 12, 512},
        {"block in block", 2, 2, 21, 512},
    };
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct scn_platform p = mmu_platform(HAS_L2);
        struct mmu_world m;

        print_message("row %zu: %s\n", i, rows[i].rule);
        mmu_world_begin(&m, &p, true);
        map_block(&m, 0, 0);
        if (rows[i].s1_level == 3)
            mmu_map_s1(&m, BLOCK + 512 * PAGE, BLOCK, 3, 0);
        const uint64_t va = rows[i].s1_level == 3 ? BLOCK + 512 * PAGE : BLOCK;
        if (rows[i].s2_level == 3) {
            mmu_map_s1(&m, BLOCK, BLOCK + 1024 * PAGE, 2, 0);
            mmu_map_s2(&m, BLOCK + 1024 * PAGE, PA_OF(BLOCK), 3, RW);
        }
        (void)mmu_reads_of(&m, va);
        assert_int_equal(size_held(m.caches.l2), rows[i].size);
        mmu_tlbi(&m, ARCH_TLBI_VALE1, mmu_xt_va(va + rows[i].named_pages * PAGE, ASID));
        assert_int_equal(held_n(m.caches.l2), 1);
        mmu_tlbi(&m, ARCH_TLBI_VALE1,
                 mmu_xt_va(va + (rows[i].named_pages - 1) * PAGE, ASID));
        assert_int_equal(held_n(m.caches.l2), 0);
        mmu_world_end(&m);
    }
}

/* A group of 16 pages; 64K is a size that every structure has. ArmARM: the Contiguous
 * bit; a TLBI by address need remove no more than the page that it names. */
static const struct {
    const char *rule;
    enum scn_contiguous hold, remove;
    unsigned size;
    bool neighbour_served; /* by the entry of page 3 */
    bool gone;             /* when page 5 is named */
} groups[] = {
    {"page, page", SCN_CONTIGUOUS_PAGE, SCN_CONTIGUOUS_PAGE, 12, false, false},
    {"page, group", SCN_CONTIGUOUS_PAGE, SCN_CONTIGUOUS_GROUP, 12, false, true},
    {"group, page: one entry", SCN_CONTIGUOUS_GROUP, SCN_CONTIGUOUS_PAGE, 16, true,
     true},
    {"group, group", SCN_CONTIGUOUS_GROUP, SCN_CONTIGUOUS_GROUP, 16, true, true},
};

static struct scn_platform with_groups(size_t row, unsigned structures)
{
    struct scn_platform p = mmu_platform(structures);

    print_message("row %zu: %s\n", row, groups[row].rule);
    p.contiguous = groups[row].hold;
    p.tlbi_contiguous = groups[row].remove;
    return p;
}

static void a_stage_2_group_is_held_and_removed_as_the_core_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS_N(groups); i++) {
        const struct scn_platform p = with_groups(i, HAS_S2);
        struct mmu_world m;

        mmu_world_begin(&m, &p, false);
        for (uint64_t at = 0; at < 32 * PAGE; at += PAGE)
            mmu_map_s2(&m, BLOCK + at, PA_OF(BLOCK + at), 3, RW | ARCH_DESC_CONTIGUOUS);
        assert_int_equal(mmu_reads_of(&m, VA), 3);
        assert_int_equal(size_held(m.caches.s2), groups[i].size);
        mmu_tlbi(&m, ARCH_TLBI_IPAS2E1, mmu_xt_ipa(BLOCK + 16 * PAGE));
        assert_int_equal(held_n(m.caches.s2), 1); /* the next group */
        mmu_tlbi(&m, ARCH_TLBI_IPAS2E1, mmu_xt_ipa(BLOCK + 5 * PAGE));
        assert_int_equal(held_n(m.caches.s2), groups[i].gone ? 0 : 1);
        (void)mmu_reads_of(&m, VA);
        assert_int_equal(mmu_reads_of(&m, BLOCK + 15 * PAGE),
                         groups[i].neighbour_served ? 0 : 3);
        assert_int_equal(m.w.result.pa.v, PA_OF(BLOCK + 15 * PAGE));
        mmu_world_end(&m);
    }
}

static void a_stage_1_group_is_held_and_removed_as_the_core_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS_N(groups); i++) {
        const struct scn_platform p = with_groups(i, HAS_L2);
        struct mmu_world m;
        uint64_t pa;

        mmu_world_begin(&m, &p, true);
        map_block(&m, 0, 0);
        for (uint64_t at = 0; at < 16 * PAGE; at += PAGE)
            mmu_map_s1(&m, BLOCK + 2 * MIB + at, BLOCK + at, 3, ARCH_DESC_CONTIGUOUS);
        (void)mmu_reads_of(&m, VA + 2 * MIB);
        assert_int_equal(size_held(m.caches.l2), groups[i].size);
        assert_int_equal(mmu_hits(&m, BLOCK + 2 * MIB + 15 * PAGE, &pa),
                         groups[i].neighbour_served);
        if (groups[i].neighbour_served)
            assert_int_equal(pa, PA_OF(BLOCK + 15 * PAGE));
        mmu_tlbi(&m, ARCH_TLBI_VALE1, mmu_xt_va(VA + 2 * MIB + 2 * PAGE, ASID));
        assert_int_equal(held_n(m.caches.l2), groups[i].gone ? 0 : 1);
        mmu_world_end(&m);
    }
}

/* nt_cache: none or page-fragment. Of stage 2 with an address of the block named the
 * fragment goes as a whole block would. */
static void of_a_block_with_nt_at_most_a_page_is_held(void **state)
{
    static const struct {
        bool fragment;
        uint64_t s1_attrs, s2_attrs;
        size_t combined, s2_only; /* entries; of s2_only 3 for the stage 1 tables */
    } rows[] = {
        {false, 0, ARCH_DESC_NT, 0, 3},
        {true, 0, ARCH_DESC_NT, 1, 4},
        {false, ARCH_DESC_NT, 0, 0, 4},
        {true, ARCH_DESC_NT, 0, 1, 4},
        {false, 0, 0, 1, 4},
    };
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct scn_platform p = mmu_platform(HAS_ALL & ~(unsigned)HAS_L2_IPA);
        const bool nt = (rows[i].s1_attrs | rows[i].s2_attrs) != 0;
        struct mmu_entries held = {.n = 0};
        struct mmu_world m;

        print_message("row %zu\n", i);
        mmu_world_begin(&m, &p, true);
        m.caches.nt_fragment = rows[i].fragment;
        map_block(&m, rows[i].s1_attrs, rows[i].s2_attrs);
        (void)mmu_reads_of(&m, VA);
        assert_int_equal(held_n(m.caches.l1d), rows[i].combined);
        assert_int_equal(held_n(m.caches.l2), rows[i].combined);
        assert_int_equal(held_n(m.caches.s2), rows[i].s2_only);
        if (rows[i].combined) {
            assert_int_equal(size_held(m.caches.l1d), nt ? 12 : 21);
            assert_int_equal(size_held(m.caches.l2), nt ? 12 : 21);
        }
        mmu_collect_one(m.caches.s2, &held);
        for (size_t k = 0; rows[i].s2_attrs != 0 && k < held.n; k++)
            assert_int_equal(held.e[k].size_shift, 12);
        mmu_tlbi(&m, ARCH_TLBI_IPAS2E1, mmu_xt_ipa(BLOCK + 511 * PAGE));
        assert_int_equal(held_n(m.caches.s2), 3);
        mmu_world_end(&m);
    }
}

/* The entry of stage 1 alone is a page as well, and what is made of it is. */
static void of_stage_1_alone_with_nt_at_most_a_page_is_held(void **state)
{
    static const struct {
        bool fragment;
        uint64_t s1_attrs;
        size_t held;
        unsigned size;
    } rows[] = {
        {false, ARCH_DESC_NT, 0, 0}, {true, ARCH_DESC_NT, 1, 12}, {false, 0, 1, 21}};
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct scn_platform p = mmu_platform(HAS_APART);
        struct mmu_world m;

        print_message("row %zu\n", i);
        mmu_world_begin(&m, &p, true);
        m.caches.nt_fragment = rows[i].fragment;
        map_block(&m, rows[i].s1_attrs, 0);
        (void)mmu_reads_of(&m, VA);
        assert_int_equal(held_n(m.caches.l2), rows[i].held);
        if (rows[i].held != 0) {
            assert_int_equal(size_held(m.caches.l2), rows[i].size);
            (void)mmu_reads_of(&m, VA);
            assert_int_equal(m.caches.n.s1_leaf_hits, 1);
            assert_int_equal(size_held(m.caches.l2), rows[i].size);
            assert_int_equal(size_held(m.caches.l1d), rows[i].size);
        }
        mmu_tlbi(&m, ARCH_TLBI_VALE1, mmu_xt_va(BLOCK + 511 * PAGE, ASID));
        assert_int_equal(held_n(m.caches.l2), 0);
        mmu_world_end(&m);
    }
}

/* A leaf of stage 2 behind which nT is set answers later walks as nT too. */
static void a_cached_fragment_stays_a_fragment_of_a_block_with_nt(void **state)
{
    const struct scn_platform p = mmu_platform(HAS_L2 | HAS_S2);
    struct mmu_world m;
    (void)state;

    mmu_world_begin(&m, &p, true);
    m.caches.nt_fragment = true;
    map_block(&m, 0, ARCH_DESC_NT);
    (void)mmu_reads_of(&m, VA);
    mmu_tlbi(&m, ARCH_TLBI_VMALLE1, 0);
    (void)mmu_reads_of(&m, VA); /* answered by the fragment in the IPA cache */
    assert_true(m.w.result.s2_nt);
    assert_int_equal(size_held(m.caches.l2), 12);
    mmu_world_end(&m);
}

/* What a hit in the L2 TLB puts into the L1 TLB is the part around the VA. */
static void the_l1_tlb_takes_the_part_of_an_l2_entry_that_is_used(void **state)
{
    struct scn_platform p = mmu_platform(HAS_L1 | HAS_L2);
    const struct tlb_tag who = {.vmid = VMID, .asid = ASID, .regime = ARCH_REGIME_EL10};
    struct mmu_world m;
    uint64_t pa;
    (void)state;

    p.l1d.cfg.sizes_n = 1;
    p.l1d.cfg.sizes_of[TLB_COMBINED] = 1;
    mmu_world_begin(&m, &p, true);
    map_block(&m, 0, 0);
    (void)mmu_reads_of(&m, BLOCK);
    const struct tlb_entry *e =
        tlb_lookup(m.caches.l2, &who, TLB_COMBINED, false, VA + 0x123);
    assert_non_null(e);
    mmu_fill_l1(&m.caches, e, VA + 0x123, ARCH_READ);
    assert_int_equal(held_n(m.caches.l1d), 2);
    assert_true(mmu_hits(&m, VA + 0x456, &pa));
    assert_int_equal(pa, PA_OF(VA + 0x456));
    mmu_world_end(&m);
}

static void a_fetch_fills_the_instruction_tlb_and_nothing_of_the_data_one(void **state)
{
    const struct scn_platform p = mmu_platform(HAS_L1 | HAS_L2);
    struct mmu_world m;
    (void)state;

    mmu_world_begin(&m, &p, true);
    map_block(&m, 0, 0);
    assert_int_equal(mmu_run_walk(&m, VA, ARCH_EXECUTE), WALK_DONE);
    assert_int_equal(held_n(m.caches.l1i), 1);
    assert_int_equal(held_n(m.caches.l1d), 0);
    assert_int_equal(held_n(m.caches.l2), 1);
    mmu_world_end(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tlbi_removes_every_fragment_of_a_block),
        cmocka_unit_test(a_combined_entry_is_as_large_as_the_smaller_leaf),
        cmocka_unit_test(a_stage_2_group_is_held_and_removed_as_the_core_does),
        cmocka_unit_test(a_stage_1_group_is_held_and_removed_as_the_core_does),
        cmocka_unit_test(of_a_block_with_nt_at_most_a_page_is_held),
        cmocka_unit_test(of_stage_1_alone_with_nt_at_most_a_page_is_held),
        cmocka_unit_test(a_cached_fragment_stays_a_fragment_of_a_block_with_nt),
        cmocka_unit_test(a_fetch_fills_the_instruction_tlb_and_nothing_of_the_data_one),
        cmocka_unit_test(the_l1_tlb_takes_the_part_of_an_l2_entry_that_is_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
