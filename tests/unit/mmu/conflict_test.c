/* SPDX-License-Identifier: Apache-2.0 */
/* Pages and the block that has come over them, met by one look-up or walk. */
#include "tests/unit/mmu/mmu_world.h"

#define BLOCK UINT64_C(0x40000000)

static const struct tlb_tag guest = {
    .vmid = VMID, .asid = ASID, .regime = ARCH_REGIME_EL10};

static void map_pages(struct mmu_world *m, uint64_t first)
{
    for (uint64_t at = first; at < first + 2 * MIB; at += PAGE)
        mmu_map_s2(m, at, PA_OF(at), 3, RW);
}

/* Stage 2 maps the pages by a block now; no TLBI. */
static void put_block(struct mmu_world *m, uint64_t first, uint64_t attrs)
{
    mmu_map_s2(m, first, PA_OF(first), 2, RW | attrs);
}

static void begin(struct mmu_world *m, unsigned structures, enum tlb_conflict conflict)
{
    const struct scn_platform p = mmu_platform(structures);
    const struct mmu_choices choices = {.conflict = conflict};

    mmu_world_begin(m, &p, false);
    mmu_init(&m->caches, &p, &choices, 1, m->caches_memory);
}

static void a_block_filled_over_a_page_conflicts_where_both_are_looked_up(void **state)
{
    static const struct {
        const char *rule;
        unsigned structures;
        bool l1, l2;
    } rows[] = {
        {"both in the L1 TLB", HAS_L1, true, false},
        {"both in the L2 TLB", HAS_L2, false, true},
        {"both in both", HAS_L1 | HAS_L2, true, true},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct mmu_world m;

        print_message("row %zu: %s\n", i, rows[i].rule);
        begin(&m, rows[i].structures, TLB_CONFLICT_ABORT);
        map_pages(&m, BLOCK);
        (void)mmu_reads_of(&m, BLOCK);
        put_block(&m, BLOCK, 0);
        (void)mmu_reads_of(&m, BLOCK + PAGE); /* another page: nobody has met it */
        assert_int_equal(mmu_conflicts_n(&m.caches), 0);
        for (unsigned k = 0; k < 2; k++) {
            struct tlb *t = k ? m.caches.l2 : m.caches.l1d;

            if (t != NULL)
                assert_true((tlb_lookup(t, &guest, TLB_COMBINED, false, BLOCK) ==
                             &tlb_conflict_abort) == (k ? rows[i].l2 : rows[i].l1));
        }
        assert_int_equal(mmu_conflicts_n(&m.caches), rows[i].l1 + rows[i].l2);
        mmu_world_end(&m);
    }
}

static void a_walk_that_meets_both_in_the_cache_of_stage_2_aborts(void **state)
{
    struct mmu_world m;

    (void)state;
    begin(&m, HAS_S2, TLB_CONFLICT_ABORT);
    map_pages(&m, BLOCK);
    (void)mmu_reads_of(&m, BLOCK);
    put_block(&m, BLOCK, 0);
    (void)mmu_reads_of(&m, BLOCK + PAGE);
    assert_int_equal(mmu_run_walk(&m, BLOCK + 0x18, ARCH_WRITE), WALK_FAULT);
    assert_int_equal(m.w.fault.type, ARCH_FAULT_TLB_CONFLICT);
    assert_int_equal(m.w.fault.stage, 2);
    assert_false(m.w.fault.s1ptw);
    assert_int_equal(m.w.fault_ipa.v, BLOCK + 0x18);
    assert_int_equal(arch_fault_status_code(&m.w.fault), 0x30);
    assert_false(walk_syndrome(&m.w).hpfar_valid); /* ArmARM: IPAValid */
    mmu_tlbi(&m, ARCH_TLBI_VMALLS12E1, 0);
    assert_int_equal(mmu_run_walk(&m, BLOCK, ARCH_READ), WALK_DONE);
    mmu_world_end(&m);
}

/* The tables of stage 1 lie in memory that is mapped by pages, then by a block. */
static void a_conflict_for_a_stage_1_descriptor_is_s1ptw(void **state)
{
    const struct scn_platform p = mmu_platform(HAS_S2);
    struct mmu_world m;

    (void)state;
    mmu_world_begin(&m, &p, true);
    mmu_map_usual(&m);
    (void)mmu_reads_of(&m, BLOCK);
    put_block(&m, S1_TABLES, 0);
    mmu_map_s1(&m, UINT64_C(0x8000000000), BLOCK, 3, 0); /* new tables: new pages */
    (void)mmu_run_walk(&m, UINT64_C(0x8000000000), ARCH_READ);
    assert_int_equal(mmu_run_walk(&m, BLOCK, ARCH_READ), WALK_FAULT);
    assert_int_equal(m.w.fault.type, ARCH_FAULT_TLB_CONFLICT);
    assert_true(m.w.fault.s1ptw);
    mmu_world_end(&m);
}

static void without_an_abort_the_walk_goes_on(void **state)
{
    static const struct {
        enum tlb_conflict conflict;
        unsigned reads_n; /* 0: answered from the cache */
    } rows[] = {
        {TLB_CONFLICT_OLDER, 0},
        {TLB_CONFLICT_NEWER, 0},
        {TLB_CONFLICT_RANDOM, 0},
        {TLB_CONFLICT_RESOLVE, 2}, /* both are gone: levels 1 and 2 */
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct mmu_world m;

        begin(&m, HAS_S2, rows[i].conflict);
        map_pages(&m, BLOCK);
        (void)mmu_reads_of(&m, BLOCK);
        put_block(&m, BLOCK, 0);
        (void)mmu_reads_of(&m, BLOCK + PAGE);
        assert_int_equal(mmu_reads_of(&m, BLOCK), rows[i].reads_n);
        assert_int_equal(m.w.result.pa.v, PA_OF(BLOCK));
        assert_int_equal(mmu_conflicts_n(&m.caches), 1);
        mmu_world_end(&m);
    }
}

/* What nT does to what is held, by FEAT_BBM level. */
static void nt_counts_at_levels_1_and_2_only(void **state)
{
    static const struct {
        unsigned bbm_level;
        size_t held; /* of the block with nT, with nt_cache: none */
    } rows[] = {{0, 1}, {1, 0}, {2, 0}, {3, 1}};

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct scn_platform p = mmu_platform(HAS_L2);
        struct mmu_entries held = {.n = 0};
        struct mmu_world m;

        p.feat.bbm_level = (uint8_t)rows[i].bbm_level;
        mmu_world_begin(&m, &p, false);
        put_block(&m, BLOCK, ARCH_DESC_NT);
        (void)mmu_reads_of(&m, BLOCK);
        mmu_collect(&m.caches, &held);
        if (held.n != rows[i].held)
            fail_msg("level %u: %zu held", rows[i].bbm_level, held.n);
        mmu_world_end(&m);
    }
}

static void a_block_with_nt_conflicts_only_where_the_core_may_and_pages_are_held(
    void **state)
{
    static const struct {
        const char *rule;
        enum walk_nt_response response;
        enum tlb_conflict conflict;
        uint64_t nt;
        bool pages, aborts;
        unsigned conflicts_n;
    } rows[] = {
        {"translate", WALK_NT_TRANSLATE, TLB_CONFLICT_ABORT, ARCH_DESC_NT, true, false,
         0},
        {"or conflict", WALK_NT_TRANSLATE_OR_CONFLICT, TLB_CONFLICT_ABORT, ARCH_DESC_NT,
         true, true, 1},
        {"no page is held", WALK_NT_TRANSLATE_OR_CONFLICT, TLB_CONFLICT_ABORT,
         ARCH_DESC_NT, false, false, 0},
        {"nT is clear", WALK_NT_TRANSLATE_OR_CONFLICT, TLB_CONFLICT_ABORT, 0, true,
         false, 0},
        {"a core without aborts", WALK_NT_TRANSLATE_OR_CONFLICT, TLB_CONFLICT_RESOLVE,
         ARCH_DESC_NT, true, false, 1},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct scn_platform p = mmu_platform(HAS_L1 | HAS_L2);
        const struct mmu_choices choices = {.nt_response = rows[i].response,
                                            .conflict = rows[i].conflict};
        struct mmu_world m;

        mmu_world_begin(&m, &p, false);
        mmu_init(&m.caches, &p, &choices, 1, m.caches_memory);
        map_pages(&m, BLOCK);
        if (rows[i].pages)
            (void)mmu_reads_of(&m, BLOCK);
        put_block(&m, BLOCK, rows[i].nt);

        const enum walk_next next = mmu_run_walk(&m, BLOCK + PAGE, ARCH_READ);

        if ((next == WALK_FAULT) != rows[i].aborts ||
            mmu_conflicts_n(&m.caches) != rows[i].conflicts_n)
            fail_msg("row %zu (%s): %u conflicts", i, rows[i].rule,
                     (unsigned)mmu_conflicts_n(&m.caches));
        if (rows[i].aborts) {
            assert_int_equal(m.w.fault.type, ARCH_FAULT_TLB_CONFLICT);
            assert_int_equal(m.w.fault_ipa.v, BLOCK + PAGE);
        }
        mmu_world_end(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_filled_over_a_page_conflicts_where_both_are_looked_up),
        cmocka_unit_test(a_walk_that_meets_both_in_the_cache_of_stage_2_aborts),
        cmocka_unit_test(a_conflict_for_a_stage_1_descriptor_is_s1ptw),
        cmocka_unit_test(without_an_abort_the_walk_goes_on),
        cmocka_unit_test(nt_counts_at_levels_1_and_2_only),
        cmocka_unit_test(
            a_block_with_nt_conflicts_only_where_the_core_may_and_pages_are_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
