/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/monitor/tables_test.c - what is kept of tables: how much, and how long. */
#include "model/monitor/pages.h"
#include "tests/unit/monitor/script.h"
#include "walker/arch/desc.h"
#include "walker/geometry.h"

#define PAGE UINT64_C(0x1000)

static void a_table_beside_others_costs_the_monitor_9_bytes(void **state)
{
    enum { N = 100000 };
    struct mon_pages p = {0};

    (void)state;
    assert_null(mon_page_get(&p, 0));
    for (uint64_t i = 0; i < N; i++)
        mon_page_make(&p, (UINT64_C(1) << 40) + i * PAGE)->generation = i;
    assert_true(mon_pages_bytes(&p) <= 9 * N);
    for (uint64_t i = 0; i < N; i++)
        check_row(i, "page",
                  mon_page_get(&p, (UINT64_C(1) << 40) + i * PAGE + 8)->generation,
                  i % 2048);
    mon_pages_free(&p);
    assert_int_equal(mon_pages_bytes(&p), 0);
}

static void what_is_kept_of_a_page_does_not_move(void **state)
{
    struct mon_pages p = {0};
    struct mon_page *first = mon_page_make(&p, 0);

    (void)state;
    for (unsigned shift = 12; shift < 52; shift++)
        (void)mon_page_make(&p, UINT64_C(1) << shift);
    assert_ptr_equal(mon_page_get(&p, 0), first);
    assert_ptr_equal(mon_page_make(&p, PAGE - 8), first);
    assert_ptr_not_equal(mon_page_get(&p, PAGE), first);
    mon_pages_free(&p);
}

/* Page 3 of T is broken; T is freed, many times over, and its memory is T again. */
static void what_was_owed_for_an_entry_is_void_when_its_table_is_freed(void **state)
{
    static const unsigned frees[] = {1, 2, 1023, 2047, 2048, 2049, 4096};
    const struct mon_at at = {0};

    (void)state;
    for (size_t i = 0; i < ROWS_N(frees); i++) {
        struct script s = {0};

        script_init(&s, 0);
        script_run(&s, "p3=inv");
        for (unsigned n = 0; n < frees[i]; n++) {
            mon_table_free(s.mon, &at, s.t);
            mon_table_alloc(s.mon, s.t, ARCH_TG_4K);
        }
        script_run(&s, "inv T p3=oa");
        check_row(i, "freed while named", mon_count(s.mon, MON_FREED_TABLE), 1);
        check_row(i, "owed", mon_count(s.mon, MON_MISSING_TLBI), 0);
        script_run(&s, "p3=inv p3=page");
        check_row(i, "watched", mon_count(s.mon, MON_MISSING_TLBI), 1);
        script_free(&s);
    }
}

/* ---- tables of several pages ---- */

static uint64_t mem_read(void *ctx, struct arch_pa pa)
{
    return physmem_read(ctx, pa);
}

struct tables {
    struct mon *mon;
    struct physmem *mem;
    struct arch_pa start, last; /* last: of the last level, named by entry 1 of start */
    enum arch_tg tg;
};

/* A VM whose start table is of level 2. */
static void tables_init(struct tables *t, enum arch_tg tg, unsigned ipa_bits)
{
    struct mon_cfg cfg = {.pa_bits = 48, .keep_n = 10, .read = mem_read};
    struct arch_vtcr vtcr;
    struct mon_root root;

    t->tg = tg;
    cfg.ctx = t->mem = physmem_new(arch_pa(UINT64_C(0x1000000000)));
    t->mon = mon_new(&cfg);
    (void)physmem_table_alloc(t->mem, PAGE);
    t->start = physmem_table_alloc(t->mem, UINT64_C(0x10000));
    t->last = physmem_table_alloc(t->mem, UINT64_C(1) << tg);
    mon_table_alloc(t->mon, t->last, tg);
    physmem_write(t->mem, arch_pa(t->start.v + 8), arch_desc_make_table(t->last));
    assert_int_equal(walk_s2_choose(tg, ipa_bits, 48, &vtcr), ARCH_OK);
    assert_true(mon_s2_root(&vtcr, 48, false, t->start, 7, &root));
    assert_int_equal(root.start_level, 2);
    mon_root_add(t->mon, &root);
}

static void tables_free(struct tables *t)
{
    mon_delete(t->mon);
    physmem_delete(t->mem);
}

static void store(struct tables *t, uint64_t pa, uint64_t desc)
{
    const uint64_t old = physmem_read(t->mem, arch_pa(pa));

    physmem_write(t->mem, arch_pa(pa), desc);
    mon_store(t->mon, &(struct mon_at){0}, arch_pa(pa), old, desc);
}

/* A valid entry becomes another one, which asks for break-before-make. */
static void change_page(struct tables *t, uint64_t entry)
{
    const uint64_t page = SCRIPT_PA | SCRIPT_ATTRS | 3;

    physmem_write(t->mem, arch_pa(entry), page);
    store(t, entry, page ^ UINT64_C(0x40000000));
}

/* The entry behind it, valid, becomes invalid; TLBs hold what it was. */
static void break_page(struct tables *t, uint64_t entry)
{
    physmem_write(t->mem, arch_pa(entry + 8),
                  (SCRIPT_PA | SCRIPT_ATTRS | 3) ^ UINT64_C(0x40000000));
    store(t, entry + 8, 0);
}

static const struct {
    const char *rule;
    enum arch_tg tg;
    unsigned ipa_bits;
} granules[] = {
    {"4K, one start table", ARCH_TG_4K, 30},
    {"4K, four start tables", ARCH_TG_4K, 32},
    {"16K", ARCH_TG_16K, 36},
    {"64K, a start table of less than a page", ARCH_TG_64K, 34},
    {"64K", ARCH_TG_64K, 42},
};

static void every_entry_of_a_table_is_found_at_its_ipa(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS_N(granules); i++) {
        const uint64_t n = arch_table_entries(granules[i].tg);

        for (uint64_t e = 0; e < n; e += e ? n / 16 - 1 : 1) {
            struct tables t;
            const struct mon_violation *v;
            size_t told;

            tables_init(&t, granules[i].tg, granules[i].ipa_bits);
            change_page(&t, t.last.v + e * 8);
            v = mon_violations(t.mon, &told);
            check_row(i, granules[i].rule, told, 1);
            check_row(i, granules[i].rule, v->ipa.v, (n + e) << granules[i].tg);
            tables_free(&t);
        }
    }
}

static void every_page_of_a_freed_table_is_void(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS_N(granules); i++) {
        const uint64_t bytes = UINT64_C(1) << granules[i].tg;
        struct tables t;

        tables_init(&t, granules[i].tg, granules[i].ipa_bits);
        for (uint64_t at = 0; at < bytes; at += PAGE)
            break_page(&t, t.last.v + at);
        store(&t, t.start.v + 8, 0);
        mon_table_free(t.mon, &(struct mon_at){0}, t.last);
        check_row(i, "no TLBI", mon_count(t.mon, MON_MISSING_TLBI), 1);
        store(&t, t.start.v + 8, arch_desc_make_table(t.last));
        for (uint64_t at = 0; at < bytes; at += PAGE)
            change_page(&t, t.last.v + at);
        check_row(i, "unknown", mon_count(t.mon, MON_MISSING_BREAK), 0);
        mon_table_alloc(t.mon, t.last, granules[i].tg);
        store(&t, t.start.v + 8, 0);
        store(&t, t.start.v + 8, arch_desc_make_table(t.last));
        for (uint64_t at = 0; at < bytes; at += PAGE)
            change_page(&t, t.last.v + at);
        check_row(i, "known", mon_count(t.mon, MON_MISSING_BREAK), bytes / PAGE);
        for (uint64_t at = 8; at < bytes; at += PAGE)
            store(&t, t.last.v + at, SCRIPT_PA | SCRIPT_ATTRS | 3);
        check_row(i, "owed", mon_count(t.mon, MON_MISSING_TLBI), 1);
        tables_free(&t);
    }
}

/* Of 16 entries each, 4 KiB apart although the granule is 64K. */
static void a_start_table_goes_without_its_neighbours(void **state)
{
    struct tables t;
    struct arch_vtcr vtcr;
    struct mon_root root;

    (void)state;
    tables_init(&t, ARCH_TG_64K, 33);
    assert_int_equal(walk_s2_choose(ARCH_TG_64K, 33, 48, &vtcr), ARCH_OK);
    for (uint16_t i = 1; i <= 3; i++) {
        assert_true(
            mon_s2_root(&vtcr, 48, false, arch_pa(t.start.v + i * PAGE), 7 + i, &root));
        mon_root_add(t.mon, &root);
    }
    mon_table_free(t.mon, &(struct mon_at){0}, arch_pa(t.start.v + 2 * PAGE));
    assert_int_equal(mon_count(t.mon, MON_FREED_TABLE), 1);
    for (uint64_t i = 0; i <= 3; i++)
        change_page(&t, t.start.v + i * PAGE);
    assert_int_equal(mon_count(t.mon, MON_MISSING_BREAK), 3);
    tables_free(&t);
}

/* The entry leads back to the start table, as no program should have it. */
static void a_start_table_stays_one_whatever_names_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS_N(granules); i++) {
        struct tables t;

        tables_init(&t, granules[i].tg, granules[i].ipa_bits);
        store(&t, t.start.v + 16, arch_desc_make_table(t.start));
        change_page(&t, t.last.v);
        check_row(i, granules[i].rule, mon_count(t.mon, MON_MISSING_BREAK), 1);
        tables_free(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entry_of_a_table_is_found_at_its_ipa),
        cmocka_unit_test(every_page_of_a_freed_table_is_void),
        cmocka_unit_test(a_start_table_goes_without_its_neighbours),
        cmocka_unit_test(a_start_table_stays_one_whatever_names_it),
        cmocka_unit_test(a_table_beside_others_costs_the_monitor_9_bytes),
        cmocka_unit_test(what_is_kept_of_a_page_does_not_move),
        cmocka_unit_test(what_was_owed_for_an_entry_is_void_when_its_table_is_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
