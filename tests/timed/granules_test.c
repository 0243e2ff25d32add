/* SPDX-License-Identifier: Apache-2.0 */
/* Granules of 4K, 16K and 64K side by side: windows, walks and TLB entries worked out
 * by hand. Platform fixed.yaml, every memory access 10, ns. */
#include "tests/timed/timed.h"

#include <string.h>

#define VMS_MAX 7
#define READ 10
#define STORE 20
/* DSB ISHST 8; TLBI issue 2, half a hop 50, interconnect 10, half a hop 50, service
 * 200, acknowledgement 100; Sync 50 + 10 + 50 + 20 + 100; ISB 6 */
#define FLUSH (8 + 2 + 50 + 10 + 50 + 200 + 100 + 50 + 10 + 50 + 20 + 100 + 6)
#define CLEAN_LINE 5
#define LEAF 14
#define TABLE 200

static void free_all(struct rec_run *vms, size_t n)
{
    for (size_t i = 0; i < n; i++)
        rec_free(&vms[i]);
}

static void run(const char *file, const char *variant, struct rec_run vms[VMS_MAX])
{
    struct scn s;

    timed_load(file, &s);
    assert_in_range(s.vms_n, 1, VMS_MAX);
    timed_run_vms(&s, variant, vms);
    scn_free(&s);
}

/* bbm tears the table down in the window: one read of each entry. */
static void the_window_of_a_block_follows_from_the_entries_of_its_table(void **state)
{
    static const struct {
        const char *variant;
        size_t vm;
        uint64_t window_ns, bytes;
    } rows[] = {
        {"bbm-early", 0, FLUSH + STORE, UINT64_C(32) << 20},
        {"bbm-early", 1, FLUSH + STORE, UINT64_C(512) << 20},
        {"bbm", 0, FLUSH + STORE + 2048 * (READ + LEAF) + TABLE, UINT64_C(32) << 20},
        {"bbm", 1, FLUSH + STORE + 8192 * (READ + LEAF) + TABLE, UINT64_C(512) << 20},
        {"bbm-clean", 0,
         FLUSH + STORE + 2048 * (READ + LEAF) + TABLE +
             (UINT64_C(32) << 20) / 64 * CLEAN_LINE,
         UINT64_C(32) << 20},
        {"bbm-clean", 1,
         FLUSH + STORE + 8192 * (READ + LEAF) + TABLE +
             (UINT64_C(512) << 20) / 64 * CLEAN_LINE,
         UINT64_C(512) << 20},
        {"bbml2", 0, 0, UINT64_C(32) << 20},
        {"bbml2", 1, 0, UINT64_C(512) << 20},
    };
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct rec_run vms[VMS_MAX];

        run("granules.yaml", rows[i].variant, vms);
        const struct rec_run *r = &vms[rows[i].vm];
        check_row(i, r->changes_n, 1);
        check_row(i, r->changes[0].kind, REC_COALESCE);
        check_row(i, r->changes[0].bytes, rows[i].bytes);
        check_row(i, r->changes[0].window_ps, rows[i].window_ns * NS);
        check_row(i, r->n.tables_freed, 1);
        check_row(i, rec_violations(&r->n), 0);
        free_all(vms, VMS_MAX);
    }
}

/* Behind the store that breaks the first entry n - 1 more, and n that make. */
static void the_window_of_a_group_follows_from_its_entries(void **state)
{
    static const struct {
        size_t vm;
        uint64_t entries, bytes;
    } rows[] = {
        {2, 16, UINT64_C(32) << 20}, /* 4K, of blocks of 2M */
        {3, 128, UINT64_C(2) << 20}, /* 16K, of pages */
        {4, 32, UINT64_C(1) << 30},  /* 16K, of blocks of 32M */
        {5, 32, UINT64_C(2) << 20},  /* 64K, of pages */
        {6, 32, UINT64_C(16) << 30}, /* 64K, of blocks of 512M */
    };
    static const char *const variants[] = {"bbm", "bbm-clean", "bbml2"};
    (void)state;

    for (size_t v = 0; v < ROWS_N(variants); v++) {
        struct rec_run vms[VMS_MAX];

        run("granules.yaml", variants[v], vms);
        for (size_t i = 0; i < ROWS_N(rows); i++) {
            const struct rec_run *r = &vms[rows[i].vm];
            uint64_t ns = (2 * rows[i].entries - 1) * STORE + FLUSH;

            if (v == 1)
                ns += rows[i].bytes / 64 * CLEAN_LINE;
            check_row(i, r->changes_n, 1);
            check_row(i, r->changes[0].kind, REC_COALESCE);
            check_row(i, r->changes[0].bytes, rows[i].bytes);
            check_row(i, r->changes[0].window_ps, v == 2 ? 0 : ns * NS);
            check_row(i, r->n.tables_freed, 0);
            check_row(i, rec_violations(&r->n), 0);
        }
        free_all(vms, VMS_MAX);
    }
}

/* Each vCPU reads once in the window and writes once long after. */
static void storms_in_vms_of_two_granules_count_what_each_alone_would(void **state)
{
    static const struct {
        const char *variant;
        enum rec_fault_class cls;
        uint64_t faults;
    } rows[] = {
        {"bbm", REC_FAULT_WINDOW, 4},
        {"bbm-early", REC_FAULT_WINDOW, 4},
        {"nt", REC_FAULT_NT, 0},
        {"nt-fault", REC_FAULT_NT, 4},
    };
    static const uint64_t bytes[] = {UINT64_C(2) << 20, UINT64_C(512) << 20};
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct rec_run vms[VMS_MAX];

        run("two-granules.yaml", rows[i].variant, vms);
        for (size_t vm = 0; vm < 2; vm++) {
            const struct rec_run *r = &vms[vm];

            check_row(i, r->n.accesses, 8);
            check_row(i, r->faults_n, rows[i].faults);
            for (size_t f = 0; f < r->faults_n; f++)
                check_row(i, r->faults[f].cls, rows[i].cls);
            check_row(i, r->changes_n, 1);
            check_row(i, r->changes[0].bytes, bytes[vm]);
            check_row(i, r->n.tables_freed, 1);
            check_row(i, rec_violations(&r->n), 0);
        }
        free_all(vms, 2);
    }
}

/* One read for each level from the start level to that of the leaf. KVM's start level
 * is that of ipa_bits - 4, and at most 2. */
static void a_walk_reads_one_descriptor_for_each_level(void **state)
{
    static const struct {
        size_t vm;
        uint64_t reads;
        const char *rule;
    } rows[] = {
        {0, 2, "4K, 32 bits: levels 2 and 3"},
        {1, 4, "4K, 48 bits: levels 0 to 3"},
        {2, 2, "16K, 40 bits: levels 2 and 3"},
        {3, 3, "16K, 48 bits: levels 1 to 3"},
        {4, 1, "64K, 40 bits, a block of 512M: level 2"},
        {5, 3, "64K, 48 bits: levels 1 to 3"},
    };
    struct rec_run vms[VMS_MAX];
    (void)state;

    run("walks.yaml", "keep", vms);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        check_row(i, vms[rows[i].vm].n.walks, 1);
        check_row(i, vms[rows[i].vm].n.walk_reads, rows[i].reads);
    }
    free_all(vms, ROWS_N(rows));
}

/* A page of 64K, read at 0, 4K, 16K and 60K. */
static void a_tlb_holds_the_largest_of_its_sizes_that_fits_the_page(void **state)
{
    static const struct {
        uint8_t sizes[2];
        uint64_t walks;
        const char *rule;
    } rows[] = {
        {{12}, 4, "fragments of 4K: each read walks"},
        {{14}, 3, "of 16K: the second read hits"},
        {{16}, 1, "the page"},
        {{12, 16}, 1, "the page, not a fragment"},
        {{12, 21}, 4, "an entry of 2M would be too large"},
        {{21}, 4, "nothing that fits: nothing is held"},
    };
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct rec_run vms[VMS_MAX];
        struct scn s;

        timed_load("page-64k.yaml", &s);
        struct tlb_cfg *cfg = &s.platform.l1d.cfg;
        memset(cfg->size_shifts, 0, sizeof cfg->size_shifts);
        memcpy(cfg->size_shifts, rows[i].sizes, sizeof rows[i].sizes);
        cfg->sizes_n = rows[i].sizes[1] ? 2 : 1;
        cfg->sizes_of[TLB_COMBINED] = cfg->sizes_n == 2 ? 3 : 1;
        s.platform.l2.cfg = *cfg;
        timed_run_vms(&s, "keep", vms);
        check_row(i, vms[0].n.accesses, 4);
        check_row(i, vms[0].n.walks, rows[i].walks);
        check_row(i, vms[0].n.walk_reads, 2 * rows[i].walks);
        free_all(vms, 1);
        scn_free(&s);
    }
}

/* Four accesses to other pages or blocks of the same group; the largest TLB entry that
 * fits is of 2M. */
static void a_group_is_mapped_as_a_whole_before_the_run_and_by_a_fault(void **state)
{
    static const struct {
        uint64_t faults, walks;
        const char *rule;
    } rows[] = {
        {0, 4, "pages"},
        {0, 1, "a group of 128 pages of 16K, 2M"},
        {4, 8, "faults map pages"},
        {1, 2, "a fault maps a group of 32 pages of 64K, 2M"},
        {1, 5, "a fault maps a group of 16 blocks of 2M, 32M"},
    };
    struct rec_run vms[VMS_MAX];
    (void)state;

    run("groups.yaml", "bbm", vms);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        check_row(i, vms[i].n.accesses, 4);
        check_row(i, vms[i].faults_n, rows[i].faults);
        check_row(i, vms[i].n.walks, rows[i].walks);
    }
    free_all(vms, ROWS_N(rows));
}

/* Four pages of stage 1 in one of stage 2: each is walked for, side by side. */
static void walks_of_4k_pages_in_one_page_of_64k_overlap(void **state)
{
    struct rec_run vms[VMS_MAX];
    (void)state;

    run("stage1-granules.yaml", "keep", vms);
    for (size_t i = 0; i < 2; i++) {
        check_row(i, vms[i].n.walks, 4);
        check_row(i, vms[i].n.walks_merged, 0);
        check_row(i, vms[i].n.walk_reads, 4 * (4 * (3 + 1) + 3));
        check_row(i, vms[i].end_ps, vms[0].end_ps);
    }
    free_all(vms, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_window_of_a_block_follows_from_the_entries_of_its_table),
        cmocka_unit_test(the_window_of_a_group_follows_from_its_entries),
        cmocka_unit_test(storms_in_vms_of_two_granules_count_what_each_alone_would),
        cmocka_unit_test(a_walk_reads_one_descriptor_for_each_level),
        cmocka_unit_test(a_tlb_holds_the_largest_of_its_sizes_that_fits_the_page),
        cmocka_unit_test(a_group_is_mapped_as_a_whole_before_the_run_and_by_a_fault),
        cmocka_unit_test(walks_of_4k_pages_in_one_page_of_64k_overlap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
