/* SPDX-License-Identifier: Apache-2.0 */
/* A contiguous group is one change, from its first entry to its last. Platform
 * fixed.yaml, every memory access 10, ns. */
#include "tests/timed/timed.h"

#define STORE 20
/* DSB ISHST 8; TLBI issue 2, half a hop 50, interconnect 10, half a hop 50, service
 * 200, acknowledgement 100; Sync 50 + 10 + 50 + 20 + 100; ISB 6 */
#define FLUSH (8 + 2 + 50 + 10 + 50 + 200 + 100 + 50 + 10 + 50 + 20 + 100 + 6)
/* behind the store that breaks the first entry 15 more, and 16 that make */
#define WINDOW (15 * STORE + FLUSH + 16 * STORE)

static void run(const char *variant, uint64_t access_ps, struct rec_run *r)
{
    struct scn s;

    timed_load("group-64k.yaml", &s);
    s.vms[0].guest.steps[0].at_ps = access_ps;
    timed_run(&s, variant, r);
    scn_free(&s);
}

static void a_group_is_one_change_with_one_window(void **state)
{
    static const struct {
        const char *variant;
        uint64_t window_ns;
    } rows[] = {{"bbm", WINDOW}, {"bbml2", 0}};
    static const enum rec_change_kind kinds[] = {REC_COALESCE, REC_SPLIT};
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct rec_run r;

        run(rows[i].variant, 50000 * NS, &r);
        check_row(i, r.changes_n, 2);
        check_row(i, r.storm.open_n, 0);
        for (size_t k = 0; k < 2; k++) {
            const struct rec_change *c = &r.changes[k];

            check_row(i, c->kind, kinds[k]);
            check_row(i, c->bytes, 65536);
            check_row(i, c->window_ps, rows[i].window_ns * NS);
            check_row(i, c->broken_ps,
                      rows[i].window_ns ? c->first_store_ps : REC_NEVER);
        }
        rec_free(&r);
    }
}

/* The access asks for the entry of its page, the fourth, 25 after it begins, and has it
 * 10 later: it breaks 3 stores behind the first and is mended 12 before the last. */
static void a_fault_on_a_page_of_it_is_one_of_the_window(void **state)
{
    static const uint64_t breaks = 3 * STORE, mends = WINDOW - 12 * STORE;
    static const struct {
        uint64_t read_ns; /* the entry has been read, from the first store */
        int64_t more_ps;
        size_t faults;
    } rows[] = {{breaks, -1, 0}, {breaks, 1, 1}, {mends, -1, 1}, {mends, 1, 0}};
    struct rec_run r;
    uint64_t first_ps;
    (void)state;

    run("bbm", 50000 * NS, &r);
    first_ps = r.changes[0].first_store_ps;
    rec_free(&r);
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        run("bbm", first_ps + (rows[i].read_ns - 35) * NS + (uint64_t)rows[i].more_ps,
            &r);
        check_row(i, r.n.by_class[REC_FAULT_WINDOW], rows[i].faults);
        check_row(i, r.faults_n > 0, rows[i].faults);
        rec_free(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_is_one_change_with_one_window),
        cmocka_unit_test(a_fault_on_a_page_of_it_is_one_of_the_window),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
