/* SPDX-License-Identifier: Apache-2.0 */
/* A TLBI that arrives while a walk is under way: at every step, every operation. */
#include "tests/unit/mmu/mmu_world.h"

#include <string.h>

#define VA UINT64_C(0x40003000)
#define AT(address, asid) ((address) >> 12 | (uint64_t)(asid) << 48)

/* With the stages together in the L2 TLB, and apart. */
static const unsigned cores[] = {HAS_ALL, HAS_APART};
static unsigned core = HAS_ALL;

struct meeting {
    struct arch_tlbi op;
    unsigned step, times;
};

/* As Pe::serve_tlbi(). */
static void serve_at(struct mmu_world *m, struct mmu_walk *w, unsigned step)
{
    const struct meeting *meeting = m->ctx_of_step;

    if (step != meeting->step)
        return;
    for (unsigned i = 0; i < meeting->times; i++) {
        mmu_invalidate(&m->caches, &meeting->op);
        mmu_walk_meets(w, &meeting->op);
    }
}

static unsigned steps_n;

static void count_steps(struct mmu_world *m, struct mmu_walk *w, unsigned step)
{
    (void)m;
    (void)w;
    steps_n = step + 1;
}

static void begin(struct mmu_world *m, uint64_t attrs)
{
    const struct scn_platform p = mmu_platform(core);

    mmu_world_begin(m, &p, true);
    mmu_map_usual(m);
    mmu_map_s1(m, VA, VA, 3, attrs);
}

/* What a walk that no TLBI meets leaves behind. */
static void undisturbed(uint64_t attrs, struct mmu_entries *out)
{
    struct mmu_world m;

    begin(&m, attrs);
    m.at_step = count_steps;
    assert_int_equal(mmu_run_walk(&m, VA, ARCH_READ), WALK_DONE);
    mmu_collect(&m.caches, out);
    mmu_world_end(&m);
}

static void met(uint64_t attrs, struct meeting *meeting, struct mmu_entries *out)
{
    struct mmu_world m;

    begin(&m, attrs);
    m.at_step = serve_at;
    m.ctx_of_step = meeting;
    assert_int_equal(mmu_run_walk(&m, VA, ARCH_READ), WALK_DONE);
    assert_int_equal(m.w.result.pa.v, PA_OF(VA));
    mmu_collect(&m.caches, out);
    mmu_world_end(&m);
}

static bool same(const struct tlb_entry *a, const struct tlb_entry *b)
{
    return a->ia == b->ia && a->oa.v == b->oa.v && a->size_shift == b->size_shift &&
           a->kind == b->kind && a->table == b->table &&
           a->table_level == b->table_level && a->tag.asid == b->tag.asid;
}

/* How often e is held: the same leaf may be in several structures. */
static size_t times_in(const struct mmu_entries *all, const struct tlb_entry *e)
{
    size_t n = 0;

    for (size_t i = 0; i < all->n; i++)
        n += same(&all->e[i], e);
    return n;
}

static const struct {
    const char *rule;
    enum arch_tlbi_insn insn;
    uint64_t xt;
    bool covers_any; /* of what the walk finds */
} ops[] = {
    {"VMALLE1", ARCH_TLBI_VMALLE1, 0, true},
    {"VMALLS12E1", ARCH_TLBI_VMALLS12E1, 0, true},
    {"ALLE1", ARCH_TLBI_ALLE1, 0, true},
    {"ASIDE1", ARCH_TLBI_ASIDE1, AT(0, ASID), true},
    {"VAE1", ARCH_TLBI_VAE1, AT(VA, ASID), true},
    {"VAAE1", ARCH_TLBI_VAAE1, AT(VA, 0), true},
    {"VALE1", ARCH_TLBI_VALE1, AT(VA, ASID), true},
    {"VAALE1", ARCH_TLBI_VAALE1, AT(VA, 0), true},
    {"VAE1 of another page of the table", ARCH_TLBI_VAE1, AT(VA + PAGE, ASID), true},
    {"VAE1 of another block: higher tables", ARCH_TLBI_VAE1, AT(VA + 2 * MIB, ASID),
     true},
    {"IPAS2E1 of the output", ARCH_TLBI_IPAS2E1, AT(VA, 0), true},
    {"IPAS2LE1 of the output", ARCH_TLBI_IPAS2LE1, AT(VA, 0), true},
    {"IPAS2E1 of a table", ARCH_TLBI_IPAS2E1, AT(S1_TABLES + PAGE, 0), true},
    {"IPAS2LE1 of a table", ARCH_TLBI_IPAS2LE1, AT(S1_TABLES + PAGE, 0), true},
    {"VALE1 of another page", ARCH_TLBI_VALE1, AT(VA + PAGE, ASID), false},
    {"VAE1 of another ASID", ARCH_TLBI_VALE1, AT(VA, ASID + 1), false},
    {"ASIDE1 of another ASID", ARCH_TLBI_ASIDE1, AT(0, ASID + 1), false},
    {"IPAS2LE1 of another page", ARCH_TLBI_IPAS2LE1, AT(VA + PAGE, 0), false},
    {"ALLE2", ARCH_TLBI_ALLE2, 0, false},
    {"VAE2", ARCH_TLBI_VAE2, AT(VA, 0), false},
};

static void check_meeting(struct meeting *meeting, const struct mmu_entries *all)
{
    struct mmu_entries held;

    met(S1_NG, meeting, &held);
    for (size_t i = 0; i < held.n; i++) {
        if (tlb_op_covers(&meeting->op, &held.e[i]))
            fail_msg("at step %u: covered, yet held: ia 0x%llx table %d kind %d",
                     meeting->step, (unsigned long long)held.e[i].ia, held.e[i].table,
                     held.e[i].kind);
    }
    for (size_t i = 0; i < all->n; i++) {
        if (!tlb_op_covers(&meeting->op, &all->e[i]) &&
            times_in(&held, &all->e[i]) != times_in(all, &all->e[i]))
            fail_msg("at step %u: not covered, yet not held: ia 0x%llx table %d",
                     meeting->step, (unsigned long long)all->e[i].ia, all->e[i].table);
    }
}

/* ArmARM: R_RVJDB. Covered fills are refused whether the TLBI came before or after the
 * walk had read what it would fill; all others take place. */
static void what_a_tlbi_covers_is_not_filled_and_all_else_is(void **state)
{
    struct mmu_entries all;
    (void)state;

    for (size_t k = 0; k < ROWS_N(ops) * ROWS_N(cores); k++) {
        const size_t i = k / ROWS_N(cores);

        core = cores[k % ROWS_N(cores)];
        undisturbed(S1_NG, &all);
        /* as removed_entries_are_counted; asks, reads, the fill */
        assert_int_equal(all.n, 2 + 3 + (core == HAS_ALL ? 2 : 1) * 5 + 4);
        assert_int_equal(steps_n, 1 + 5 + 13 + 1);
        const struct arch_tlbi op = mmu_op(ops[i].insn, ops[i].xt);
        bool any = false;

        print_message("row %zu: %s\n", i, ops[i].rule);
        for (size_t e = 0; e < all.n; e++)
            any = any || tlb_op_covers(&op, &all.e[e]);
        assert_int_equal(any, ops[i].covers_any);
        for (unsigned step = 0; step < steps_n; step++) {
            struct meeting meeting = {op, step, 1};

            check_meeting(&meeting, &all);
        }
    }
    core = HAS_ALL;
}

static uint64_t unfilled_n(const struct scn_platform *p, struct meeting *meeting)
{
    struct mmu_world m;
    uint64_t n;

    mmu_world_begin(&m, p, true);
    mmu_map_usual(&m);
    mmu_map_s1(&m, VA, VA, 3, S1_NG);
    m.at_step = serve_at;
    m.ctx_of_step = meeting;
    assert_int_equal(mmu_run_walk(&m, VA, ARCH_READ), WALK_DONE);
    n = m.caches.n.unfilled;
    mmu_world_end(&m);
    return n;
}

/* Pages of stage 2, in a core that holds no such entries of 4K and 16K. */
static void what_is_too_small_to_be_held_counts_where_a_tlbi_covers_it(void **state)
{
    const struct scn_platform all = mmu_platform(HAS_ALL);
    struct scn_platform large = all;
    uint64_t sum = 0;

    (void)state;
    large.l2.cfg.sizes_of[TLB_S2_ONLY] &= (uint8_t)~3u;
    large.s2.cfg.sizes_of[TLB_S2_ONLY] &= (uint8_t)~3u;
    for (size_t i = 0; i < ROWS_N(ops); i++) {
        for (unsigned step = 0; step < steps_n; step++) {
            struct meeting meeting = {mmu_op(ops[i].insn, ops[i].xt), step, 1};
            const uint64_t n = unfilled_n(&large, &meeting);

            assert_int_equal(n, unfilled_n(&all, &meeting));
            sum += n;
        }
    }
    assert_true(sum != 0);
}

static void ranges_are_met_as_single_addresses_are(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tlbi_insn insn;
        uint64_t from, pages;
    } rows[] = {
        {"RVAE1", ARCH_TLBI_RVAE1, VA - PAGE, 2},
        {"RVAAE1", ARCH_TLBI_RVAAE1, VA, 4},
        {"RVALE1", ARCH_TLBI_RVALE1, VA - PAGE, 2},
        {"RVAALE1", ARCH_TLBI_RVAALE1, VA, 2},
        {"RVALE1 behind", ARCH_TLBI_RVALE1, VA + PAGE, 2},
        {"RIPAS2E1 of the tables", ARCH_TLBI_RIPAS2E1, S1_TABLES, 4},
        {"RIPAS2LE1 of the output", ARCH_TLBI_RIPAS2LE1, VA - PAGE, 4},
    };
    struct mmu_entries all;
    (void)state;

    undisturbed(S1_NG, &all);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct arch_tlbi op =
            mmu_op(rows[i].insn, mmu_xt_range(rows[i].from, rows[i].pages, ASID));

        print_message("row %zu: %s\n", i, rows[i].rule);
        for (unsigned step = 0; step < steps_n; step++) {
            struct meeting meeting = {op, step, 1};

            check_meeting(&meeting, &all);
        }
    }
}

/* However many: those of other regimes and VMs, and those of other pages of the VM. */
static void tlbis_that_do_not_cover_it_prevent_no_fill(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tlbi_insn insn;
        uint16_t vmid_more;
        uint64_t xt;
    } rows[] = {
        {"another regime", ARCH_TLBI_ALLE2, 0, 0},
        {"another VM", ARCH_TLBI_VMALLS12E1, 1, 0},
        {"another page, last-level", ARCH_TLBI_VALE1, 0, AT(VA + 64 * MIB, ASID)},
        {"another ASID", ARCH_TLBI_ASIDE1, 0, AT(0, ASID + 1)},
    };
    struct mmu_entries all, held;
    (void)state;

    undisturbed(S1_NG, &all);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct meeting meeting = {mmu_op(rows[i].insn, rows[i].xt), 0, 1000};

        print_message("row %zu: %s\n", i, rows[i].rule);
        meeting.op.vmid = (uint16_t)(meeting.op.vmid + rows[i].vmid_more);
        met(S1_NG, &meeting, &held);
        assert_int_equal(held.n, all.n);
    }
}

/* What the caches hold after a walk that meets all of many before its first read. */
static void met_all(const struct arch_tlbi *many, size_t many_n,
                    struct mmu_entries *held)
{
    const struct scn_platform p = mmu_platform(HAS_ALL);
    const struct walk_query query = {.va = {VA}, .how = WALK_ACCESS, .el = 1};
    struct mmu_world m;
    struct mmu_walk w;

    mmu_world_begin(&m, &p, false);
    mmu_map_usual(&m);
    enum walk_next next = mmu_walk_begin(&w, &m.ctx, &query, 1);
    for (size_t i = 0; i < many_n; i++)
        mmu_walk_meets(&w, &many[i]);
    while (next == WALK_ASK || next == WALK_NEED_DESC) {
        next = next == WALK_ASK
                   ? mmu_answer(&m.caches, &w)
                   : mmu_feed(&m.caches, &w, physmem_read(m.mem, w.walk.desc_pa));
    }
    assert_int_equal(next, WALK_DONE);
    assert_int_equal(mmu_fill(&m.caches, &w, false), WALK_DONE);
    mmu_collect(&m.caches, held);
    mmu_world_end(&m);
}

#define OPS_N (4 * MMU_MET_MAX)

/* The one that covers the walk comes behind any number of others: it counts as well
 * where the list is full. */
static void the_tlbi_that_covers_it_counts_behind_any_number_of_others(void **state)
{
    struct arch_tlbi many[OPS_N];
    struct mmu_entries held;
    (void)state;

    for (size_t before = 0; before < OPS_N; before++) {
        many[before] = mmu_op(ARCH_TLBI_VMALLS12E1, 0);
        met_all(many, before + 1, &held);
        assert_int_equal(held.n, 0);
        many[before] = mmu_op(ARCH_TLBI_VALE1, AT(VA + 64 * MIB, ASID));
    }
}

/* However many kinds: they need no room in the list. */
static void all_kinds_of_tlbis_of_another_vm_prevent_no_fill(void **state)
{
    static const enum arch_tlbi_insn insns[] = {
        ARCH_TLBI_VMALLS12E1, ARCH_TLBI_VMALLE1, ARCH_TLBI_ASIDE1,
        ARCH_TLBI_VAE1,       ARCH_TLBI_VAAE1,   ARCH_TLBI_IPAS2E1,
    };
    struct arch_tlbi many[OPS_N];
    struct mmu_entries all, held;
    (void)state;

    for (size_t i = 0; i < OPS_N; i++) {
        many[i] = mmu_op(insns[i % ROWS_N(insns)], AT(VA, ASID + i));
        many[i].vmid ^= 1;
    }
    met_all(many, 0, &all);
    met_all(many, OPS_N, &held);
    assert_true(all.n > 0);
    assert_int_equal(held.n, all.n);
}

/* Global leaves: ASIDE1 does not cover them, but the tables on the way are not global.
 */
static void an_asid_is_no_bar_to_a_global_leaf(void **state)
{
    struct meeting meeting = {mmu_op(ARCH_TLBI_ASIDE1, (uint64_t)ASID << 48), 0, 1};
    struct mmu_entries held;
    size_t leaves = 0, tables = 0;
    (void)state;

    met(0, &meeting, &held);
    for (size_t i = 0; i < held.n; i++) {
        leaves += held.e[i].kind == TLB_COMBINED && !held.e[i].table;
        tables += held.e[i].kind != TLB_S2_ONLY && held.e[i].table;
    }
    assert_int_equal(leaves, 2);
    assert_int_equal(tables, 0);
}

/* A speculative walk fills the L2 TLB alone, and obeys as others do. */
static void a_speculative_result_enters_the_l2_tlb_only(void **state)
{
    const struct scn_platform p = mmu_platform(HAS_ALL);
    const struct arch_tlbi op = mmu_op(ARCH_TLBI_VMALLE1, 0);
    (void)state;

    for (unsigned times = 0; times < 2; times++) {
        const struct walk_query query = {.va = {VA}, .how = WALK_ACCESS, .el = 1};
        struct mmu_entries l1 = {.n = 0}, l2 = {.n = 0};
        struct mmu_world m;
        struct mmu_walk w;

        mmu_world_begin(&m, &p, false);
        mmu_map_usual(&m);
        enum walk_next next = mmu_walk_begin(&w, &m.ctx, &query, 1);
        while (next == WALK_ASK || next == WALK_NEED_DESC)
            next = next == WALK_ASK
                       ? walk_skip(&w.walk)
                       : walk_feed(&w.walk, physmem_read(m.mem, w.walk.desc_pa));
        if (times != 0)
            mmu_walk_meets(&w, &op);
        assert_int_equal(mmu_fill(&m.caches, &w, true), WALK_DONE);
        mmu_collect_one(m.caches.l1d, &l1);
        mmu_collect_one(m.caches.l1i, &l1);
        mmu_collect_one(m.caches.l2, &l2);
        assert_int_equal(l1.n, 0);
        assert_int_equal(l2.n, times == 0);
        mmu_world_end(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_tlbi_covers_is_not_filled_and_all_else_is),
        cmocka_unit_test(what_is_too_small_to_be_held_counts_where_a_tlbi_covers_it),
        cmocka_unit_test(ranges_are_met_as_single_addresses_are),
        cmocka_unit_test(tlbis_that_do_not_cover_it_prevent_no_fill),
        cmocka_unit_test(the_tlbi_that_covers_it_counts_behind_any_number_of_others),
        cmocka_unit_test(all_kinds_of_tlbis_of_another_vm_prevent_no_fill),
        cmocka_unit_test(an_asid_is_no_bar_to_a_global_leaf),
        cmocka_unit_test(a_speculative_result_enters_the_l2_tlb_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
