/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/guest/replay_closed_test.c - the accesses of a closed-loop replay. */
#include "model/guest/replay_closed.h"
#include "tests/unit/guest/recording.h"

#include <stdio.h>
#include <string.h>

#define STARTED SLOT_CREATED(1), RUN(7, 0), RUN(8, 1)
#define PAGE UINT64_C(0x1000)
#define BLOCK UINT64_C(0x200000)
#define ESR_WRITE_T2 0x93c48046u
#define RO 5
#define RW 7
#define READ(tid, page, ret) ATTEMPT(tid, PAGE_AT(page), ESR_READ_T3, PAGE, RO, ret)
#define WRITE(tid, page, ret) ATTEMPT(tid, PAGE_AT(page), ESR_WRITE_T2, PAGE, RW, ret)
#define BLOCK_OF(tid, esr, prot) ATTEMPT(tid, PAGE_AT(1), esr, BLOCK, prot, 0)

static size_t lines_n(const struct trace_event *lines, size_t max)
{
    while (max && lines[max - 1].kind == 0 && lines[max - 1].tid == 0)
        max--;
    return max;
}

static void load(const struct trace_event *lines, size_t max, struct replay *r,
                 struct replay_closed *c)
{
    recording_replay_ok(lines, lines_n(lines, max), 2, r);
    assert_true(replay_closed_init(c, r));
}

static void unload(struct replay *r, struct replay_closed *c)
{
    replay_closed_free(c);
    replay_free(r);
}

/* "0:1r*2 | 1:5w | ...": vCPU, page, kind, attempts; a bar where the host is at work.
 */
static void write_accesses(const struct replay_closed *c, char *out, size_t out_n)
{
    size_t n = 0;

    out[0] = '\0';
    for (uint32_t s = 0; s < c->segments_n; s++) {
        if (c->segments[s].host_n)
            n += (size_t)snprintf(out + n, out_n - n, "%s|%zu", n ? " " : "",
                                  c->segments[s].host_n);
        for (uint32_t v = 0; v < c->vcpus_n; v++) {
            for (size_t i = c->first[v]; i != SIZE_MAX; i = c->accesses[i].next) {
                const struct replay_access *a = &c->accesses[i];

                if (a->segment != s)
                    continue;
                n += (size_t)snprintf(out + n, out_n - n, "%s%u:%d%c", n ? " " : "",
                                      (unsigned)v, (int)((a->ipa.v - SLOT_IPA) / PAGE),
                                      "rwx"[a->access]);
                if (a->attempts_n > 1)
                    n += (size_t)snprintf(out + n, out_n - n, "*%u",
                                          (unsigned)a->attempts_n);
            }
        }
    }
}

static const struct {
    const char *rule;
    struct trace_event lines[60];
    const char *want;
} rows[] = {
    {"retries after EAGAIN are one access with the first attempt",
     {STARTED, READ(7, 1, -EAGAIN), READ(7, 1, -EAGAIN), READ(7, 1, 0)},
     "0:1r*3"},
    {"an EAGAIN whose access then went through is an access",
     {STARTED, READ(7, 1, -EAGAIN), READ(7, 2, 0)},
     "0:1r 0:2r"},
    {"after a fault that was done the next one is another access",
     {STARTED, READ(7, 1, 0), READ(7, 1, 0)},
     "0:1r 0:1r"},
    {"another kind of access to the page is another access",
     {STARTED, READ(7, 1, -EAGAIN), WRITE(7, 1, 0)},
     "0:1r 0:1w"},
    {"what another vCPU does between two retries does not part them",
     {STARTED, READ(7, 1, -EAGAIN), READ(8, 1, 0), READ(7, 1, 0)},
     "0:1r*2 1:1r"},
    {"each vCPU keeps its own order",
     {STARTED, READ(8, 3, 0), READ(7, 2, 0), READ(8, 1, 0), READ(7, 9, 0)},
     "0:2r 0:9r 1:3r 1:1r"},
    {"an attempt whose handler called nothing is retried, too",
     {STARTED, ENTRY(7), EXIT(7), FAULT(7, PAGE_AT(1), ESR_READ_T3), READ(7, 1, 0)},
     "0:1r*2"},
    {"what the host does parts the accesses",
     {STARTED, READ(7, 1, 0), UNMAP(PAGE_AT(1), PAGE), READ(7, 1, 0)},
     "0:1r |1 0:1r"},
    {"operations without an access between them are one barrier",
     {STARTED, WRITE(7, 1, 0), LOGGING(1), PROTECT(SLOT_IPA, SLOT_BYTES),
      WRITE(8, 1, 0)},
     "0:1w |2 1:1w"},
    {"an operation behind all accesses still comes",
     {STARTED, READ(7, 1, 0), UNMAP(PAGE_AT(1), PAGE)},
     "0:1r |1"},
    {"an operation before all accesses comes first",
     {STARTED, UNMAP(PAGE_AT(1), PAGE), READ(7, 1, 0)},
     "|1 0:1r"},
    {"an access that the host interrupts belongs behind it, with all its attempts",
     {STARTED, READ(7, 1, -EAGAIN), UNMAP(PAGE_AT(1), PAGE), READ(7, 1, 0)},
     "|1 0:1r*2"},
    {"a read that got a writable page is before logging, though the host has blocks, "
     "too",
     {STARTED, BLOCK_OF(7, ESR_WRITE_T2, RW),
      ATTEMPT(8, PAGE_AT(600), ESR_READ_T3, PAGE, RW, 0), LOGGING(1),
      PROTECT(SLOT_IPA, SLOT_BYTES), WRITE(7, 1, 0)},
     "0:1w 1:600r |2 0:1w"},
    {"a read-only page in a slot of blocks is behind a switch that is printed late",
     {STARTED, BLOCK_OF(7, ESR_WRITE_T2, RW), READ(8, 600, 0), LOGGING(1),
      PROTECT(SLOT_IPA, SLOT_BYTES), WRITE(7, 1, 0)},
     "0:1w |1 1:600r |1 0:1w"},
    {"a fault before a switch is before it, though its handler ends behind it",
     {STARTED, ENTRY(7), EXIT(7), FAULT(7, PAGE_AT(1), ESR_READ_T3), MAP(7), LOGGING(1),
      RET(7, 0), PROTECT(SLOT_IPA, SLOT_BYTES), WRITE(7, 1, 0)},
     "0:1r |2 0:1w"},
    {"a fault before an unmap is behind it if its handler came later",
     {STARTED, READ(8, 4, 0), ENTRY(7), EXIT(7), FAULT(7, PAGE_AT(1), ESR_READ_T3),
      UNMAP(PAGE_AT(1), PAGE), MAP(7), RET(7, 0)},
     "1:4r |1 0:1r"},
};

static void accesses_are_folded_and_parted_as_recorded(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct replay r;
        struct replay_closed c;
        char got[400];

        load(rows[i].lines, ROWS_N(rows[i].lines), &r, &c);
        write_accesses(&c, got, sizeof got);
        if (strcmp(got, rows[i].want) != 0)
            fail_msg("row %zu (%s):\n got %s\nwant %s", i, rows[i].rule, got,
                     rows[i].want);
        unload(&r, &c);
    }
}

static void without_results_attempts_in_a_row_on_a_page_are_one_access(void **state)
{
    static const struct trace_event lines[] = {STARTED,
                                               ENTRY(7),
                                               EXIT(7),
                                               FAULT(7, PAGE_AT(1), ESR_READ_T3),
                                               ENTRY(7),
                                               EXIT(7),
                                               FAULT(7, PAGE_AT(1), ESR_READ_T3),
                                               ENTRY(7),
                                               EXIT(7),
                                               FAULT(7, PAGE_AT(2), ESR_READ_T3),
                                               ENTRY(7)};
    struct replay r;
    struct replay_closed c;
    char got[100];

    (void)state;
    load(lines, ROWS_N(lines), &r, &c);
    write_accesses(&c, got, sizeof got);
    assert_string_equal(got, "0:1r*2 0:2r");
    unload(&r, &c);
}

/* Without s2_map the second write is there because the host has protected the page. */
static void without_results_what_the_host_does_parts_attempts_on_a_page(void **state)
{
    static const struct trace_event lines[] = {
        STARTED,  ENTRY(7),   EXIT(7), FAULT(7, PAGE_AT(1), ESR_WRITE_T2),
        ENTRY(7), LOGGING(1), EXIT(7), FAULT(7, PAGE_AT(1), ESR_WRITE_T2),
        ENTRY(7)};
    struct replay r;
    struct replay_closed c;
    char got[100];

    (void)state;
    load(lines, ROWS_N(lines), &r, &c);
    write_accesses(&c, got, sizeof got);
    assert_string_equal(got, "0:1w |2 0:1w");
    unload(&r, &c);
}

static void breaks_are_unknown_without_the_flushes_that_show_who_won(void **state)
{
    static const struct trace_event lines[] = {
        STARTED, FAULT(7, PAGE_AT(1), ESR_READ_T3),
        MAP(7),  BREAK(7, TABLE_ENTRY),
        MAKE(7), RET(7, 0)};
    struct replay r;
    struct replay_closed c;

    (void)state;
    load(lines, ROWS_N(lines), &r, &c);
    assert_false(r.has_breaks);
    assert_true(r.has_makes);
    unload(&r, &c);
}

/* Linux: handle_access_fault() maps nothing, and does not give up. */
static void an_access_flag_fault_without_a_call_is_done(void **state)
{
    static const struct trace_event lines[] = {STARTED,
                                               READ(7, 1, 0),
                                               ENTRY(7),
                                               EXIT(7),
                                               FAULT(7, PAGE_AT(1), 0x93c4800bu),
                                               READ(7, 1, 0)};
    struct replay r;
    struct replay_closed c;
    char got[100];

    (void)state;
    load(lines, ROWS_N(lines), &r, &c);
    assert_false(r.attempts[1].eagain);
    write_accesses(&c, got, sizeof got);
    assert_string_equal(got, "0:1r 0:1r 0:1r");
    unload(&r, &c);
}

static void pages_are_numbered_for_each_vcpu(void **state)
{
    static const struct trace_event lines[] = {STARTED, READ(7, 9, 0), READ(7, 2, 0),
                                               READ(7, 9, 0), READ(8, 9, 0)};
    struct replay r;
    struct replay_closed c;

    (void)state;
    load(lines, ROWS_N(lines), &r, &c);
    assert_int_equal(c.pages_n[0], 2);
    assert_int_equal(c.pages_n[1], 1);
    assert_int_equal(c.accesses[0].page, c.accesses[2].page);
    assert_int_not_equal(c.accesses[0].page, c.accesses[1].page);
    unload(&r, &c);
}

static void the_size_of_a_leaf_counts_where_logging_is_off(void **state)
{
    static const struct trace_event lines[] = {STARTED,
                                               BLOCK_OF(7, ESR_READ_T2, RW),
                                               LOGGING(1),
                                               PROTECT(SLOT_IPA, SLOT_BYTES),
                                               WRITE(7, 1, 0),
                                               LOGGING(0),
                                               BLOCK_OF(7, ESR_READ_T3, RW)};
    static const int want[] = {2, 0, 2};
    struct replay r;
    struct replay_closed c;

    (void)state;
    load(lines, ROWS_N(lines), &r, &c);
    assert_int_equal(c.accesses_n, 3);
    for (size_t i = 0; i < 3; i++) {
        check_row(i, "level of the leaf", c.accesses[i].leaf_level, want[i]);
        check_row(i, "logging", c.segments[c.accesses[i].segment].logging, i == 1);
    }
    unload(&r, &c);
}

/* The slot has two blocks; the lines are of the first. */
static const struct {
    const char *rule;
    struct trace_event lines[20];
    bool want[2];
} memory_rows[] = {
    {"a read that got a writable leaf: memory was written before",
     {STARTED, BLOCK_OF(7, ESR_READ_T2, RW)},
     {false, false}},
    {"a read that got a read-only leaf: all of the slot is so until a write",
     {STARTED, BLOCK_OF(7, ESR_READ_T2, RO)},
     {true, true}},
    {"a block that a write touched first does not tell",
     {STARTED, BLOCK_OF(7, ESR_WRITE_T2, RW), BLOCK_OF(8, ESR_READ_T2, RW)},
     {false, false}},
    {"a read-only leaf under dirty logging does not tell",
     {STARTED, BLOCK_OF(7, ESR_WRITE_T2, RW), LOGGING(1), PROTECT(SLOT_IPA, SLOT_BYTES),
      READ(7, 2, 0)},
     {false, false}},
};

static void memory_is_read_only_first_if_a_read_shows_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS_N(memory_rows); i++) {
        struct replay r;
        struct replay_closed c;

        load(memory_rows[i].lines, ROWS_N(memory_rows[i].lines), &r, &c);
        check_row(i, memory_rows[i].rule, c.blocks_n, 2);
        for (size_t b = 0; b < 2; b++)
            check_row(i, memory_rows[i].rule, c.blocks[b].read_only_first,
                      memory_rows[i].want[b]);
        unload(&r, &c);
    }
}

static void deeds_count_for_the_block_and_tables_above_apart(void **state)
{
    static const struct trace_event lines[] = {
        STARTED,
        ENTRY(7),
        EXIT(7),
        FAULT(7, PAGE_AT(512), ESR_READ_T3),
        MAP(7),
        {.kind = TRACE_S2_MAKE, .tid = 7, .u.entry = {.level = 1}},
        BREAK(7, TABLE_ENTRY),
        TLBI(7),
        MAKE(7),
        FREE_TABLE(7),
        RET(7, 0)};
    struct replay r;
    struct replay_closed c;

    (void)state;
    load(lines, ROWS_N(lines), &r, &c);
    assert_int_equal(c.block_level, 2);
    assert_int_equal(c.blocks[0].attempts_n, 0);
    assert_int_equal(c.blocks[1].attempts_n, 1);
    assert_int_equal(c.blocks[1].breaks, 1);
    assert_int_equal(c.blocks[1].makes, 1);
    assert_int_equal(c.blocks[1].frees, 1);
    assert_int_equal(c.makes_above, 1);
    unload(&r, &c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accesses_are_folded_and_parted_as_recorded),
        cmocka_unit_test(without_results_attempts_in_a_row_on_a_page_are_one_access),
        cmocka_unit_test(without_results_what_the_host_does_parts_attempts_on_a_page),
        cmocka_unit_test(breaks_are_unknown_without_the_flushes_that_show_who_won),
        cmocka_unit_test(an_access_flag_fault_without_a_call_is_done),
        cmocka_unit_test(pages_are_numbered_for_each_vcpu),
        cmocka_unit_test(the_size_of_a_leaf_counts_where_logging_is_off),
        cmocka_unit_test(memory_is_read_only_first_if_a_read_shows_it),
        cmocka_unit_test(deeds_count_for_the_block_and_tables_above_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
