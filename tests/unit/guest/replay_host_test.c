/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/guest/replay_host_test.c - what a recording shows the host to do. */
#include "tests/unit/guest/recording.h"

#include <stdio.h>
#include <string.h>

#define STARTED SLOT_CREATED(1), RUN(7, 0)
#define PAGE UINT64_C(0x1000)
#define BLOCK UINT64_C(0x200000)
#define READ_BLOCK ATTEMPT(7, PAGE_AT(1), ESR_READ_T2, BLOCK, 7, 0)
#define READ_PAGE(n) ATTEMPT(7, PAGE_AT(n), ESR_READ_T3, PAGE, 5, 0)

/* Without RET: the lines of another thread come before it. */
#define OPEN_PAGE(n)                                                                   \
    ENTRY(7), EXIT(7), FAULT(7, PAGE_AT(n), ESR_READ_T3),                              \
    {                                                                                  \
        .kind = TRACE_S2_MAP, .tid = 7, .u.s2_map = {                                  \
            .ipa = PAGE_AT(n),                                                         \
            .size = PAGE,                                                              \
            .prot = 5                                                                  \
        }                                                                              \
    }

/* Operations and handlers (0, 1, ... in the order of their faults) by their place. */
static void write_order(const struct replay *r, char *out, size_t out_n)
{
    static const char *const kinds[] = {"on", "off", "protect", "clear", "unmap"};
    size_t n = 0;

    out[0] = '\0';
    for (size_t at = 0; at < r->steps_n; at++) {
        for (size_t i = 0; i < r->host_n; i++) {
            const struct replay_host_op *op = &r->host[i];
            const char *blank = n ? " " : "";

            if (op->step_at != at)
                continue;
            n += (size_t)snprintf(out + n, out_n - n, "%s%s", blank, kinds[op->kind]);
            if (op->kind == REPLAY_PROTECT || op->kind == REPLAY_UNMAP)
                n += (size_t)snprintf(out + n, out_n - n, ":%d+%d",
                                      (int)((op->ipa.v - SLOT_IPA) / PAGE),
                                      (int)(op->bytes / PAGE));
            for (size_t m = 0; m < op->masks_n; m++)
                n += (size_t)snprintf(out + n, out_n - n, ":%d/%x",
                                      (int)r->masks[op->mask_first + m].first,
                                      (unsigned)r->masks[op->mask_first + m].mask);
        }
        for (size_t a = 0; a < r->attempts_n; a++) {
            if (r->attempts[a].step_at[REPLAY_RETURN] == at)
                n += (size_t)snprintf(out + n, out_n - n, "%s%zu@%u", n ? " " : "", a,
                                      (unsigned)r->attempts[a].phase);
        }
    }
}

/* want: N@P is the return of attempt N, whose phase of the slot is P. */
static const struct {
    const char *rule;
    struct trace_event lines[40];
    const char *want;
} rows[] = {
    {"dirty logging on and off begin a phase each",
     {STARTED, READ_BLOCK, LOGGING(1), PROTECT(SLOT_IPA, SLOT_BYTES), READ_PAGE(2),
      LOGGING(0), READ_BLOCK},
     "0@0 on protect:0+1024 1@1 off 2@2"},
    {"a change of other flags is no switch",
     {STARTED, READ_BLOCK, LOGGING(2), READ_BLOCK},
     "0@0 1@0"},
    {"another slot's switch is left out",
     {STARTED, READ_BLOCK, LOGGING_OF(2, 1), READ_BLOCK},
     "0@0 1@0"},
    {"off at the beginning of an excerpt changes nothing",
     {STARTED, LOGGING(0), READ_BLOCK},
     "0@0"},
    {"without probes of protection switching on protects all",
     {STARTED, READ_BLOCK, LOGGING(1), READ_PAGE(2)},
     "0@0 on protect:0+1024 1@1"},
    {"protected ranges that follow each other are one operation",
     {STARTED, READ_BLOCK, PROTECT(SLOT_IPA, BLOCK), PROTECT(SLOT_IPA + BLOCK, BLOCK),
      READ_PAGE(2)},
     "0@0 protect:0+1024 1@0"},
    {"ranges apart are two",
     {STARTED, READ_BLOCK, PROTECT(SLOT_IPA, PAGE), PROTECT(SLOT_IPA + BLOCK, BLOCK),
      READ_PAGE(2)},
     "0@0 protect:0+1 protect:512+512 1@0"},
    {"a range outside the slot is left out",
     {STARTED, READ_BLOCK, PROTECT(SLOT_IPA + SLOT_BYTES, BLOCK), READ_PAGE(2)},
     "0@0 1@0"},
    {"the masks of one clear are one operation, their ranges are not counted again",
     {STARTED, READ_BLOCK, SYNC, MASKED(0, 0xff), PROTECT(SLOT_IPA, 8 * PAGE),
      MASKED(64, 3), PROTECT(SLOT_IPA + 64 * PAGE, 2 * PAGE), READ_PAGE(2)},
     "0@0 clear:0/ff:64/3 1@0"},
    {"the next clear is another one",
     {STARTED, READ_BLOCK, SYNC, MASKED(0, 1), SYNC, MASKED(0, 2), READ_PAGE(2)},
     "0@0 clear:0/1 clear:0/2 1@0"},
    {"an empty mask and one behind the slot are left out",
     {STARTED, READ_BLOCK, SYNC, MASKED(0, 0), MASKED(1024, 1), READ_PAGE(2)},
     "0@0 1@0"},
    {"an unmap is one operation each",
     {STARTED, READ_BLOCK, UNMAP(PAGE_AT(1), PAGE), UNMAP(PAGE_AT(2), PAGE),
      READ_PAGE(1)},
     "0@0 unmap:1+1 unmap:2+1 1@0"},
    {"the unmap of all of a deleted slot ends the replay",
     {STARTED, READ_BLOCK, SLOT_FLUSHED, UNMAP(SLOT_IPA, SLOT_BYTES)},
     "0@0"},
    {"a switch is in force where the first leaf shows it, before its line",
     {STARTED, READ_BLOCK, READ_PAGE(2), LOGGING(1), READ_PAGE(3)},
     "0@0 on 1@1 protect:0+1024 2@1"},
    {"an operation under mmu_lock waits for the handler whose lines reach across",
     {STARTED, READ_BLOCK, OPEN_PAGE(2), UNMAP(PAGE_AT(1), PAGE), RET(7, 0),
      READ_PAGE(1)},
     "0@0 1@0 unmap:1+1 2@0"},
};

static void the_host_does_what_its_lines_say_in_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        size_t n = ROWS_N(rows[i].lines);
        struct replay r;
        char got[600];

        /* A row ends before its zeros; kind 0 without a thread is no line. */
        while (n && rows[i].lines[n - 1].kind == 0 && rows[i].lines[n - 1].tid == 0)
            n--;
        recording_replay_ok(rows[i].lines, n, 2, &r);
        write_order(&r, got, sizeof got);
        if (strcmp(got, rows[i].want) != 0)
            fail_msg("row %zu (%s):\n got %s\nwant %s", i, rows[i].rule, got,
                     rows[i].want);
        replay_free(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_host_does_what_its_lines_say_in_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
