/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/guest/replay_errors_test.c - recordings that cannot be replayed. */
#include "tests/unit/guest/recording.h"

#include <string.h>

static void a_recording_that_does_not_fit_names_its_line(void **state)
{
    static const struct {
        const char *rule;
        struct trace_event lines[14];
        size_t lines_n;
        uint32_t want_line;
        const char *want; /* part of the message */
    } rows[] = {
        {"the guest goes on before s2_map_ret",
         {SLOT_CREATED(1), RUN(7, 0), ENTRY(7), EXIT(7),
          FAULT(7, PAGE_AT(1), ESR_READ_T3), MAP(7), ENTRY(7), EXIT(7),
          FAULT(7, PAGE_AT(1), ESR_READ_T3), RET(7, 0)},
         10,
         5,
         "lines were lost"},
        {"another thread's s2_map_ret does not end it",
         {SLOT_CREATED(1), RUN(7, 0), ENTRY(7), EXIT(7),
          FAULT(7, PAGE_AT(1), ESR_READ_T3), MAP(7), RET(8, 0), ENTRY(7)},
         8,
         5,
         "lines were lost"},
        {"no attempt that ends",
         {SLOT_CREATED(1), RUN(7, 0), ENTRY(7), EXIT(7),
          FAULT(7, PAGE_AT(1), ESR_READ_T3), MAP(7)},
         6,
         0,
         "no kvm_guest_fault"},
        {"a thread without vcpu_run",
         {SLOT_CREATED(1), RUN(9, 0), ENTRY(7), EXIT(7),
          FAULT(7, PAGE_AT(1), ESR_READ_T3), MAP(7), RET(7, 0)},
         7,
         5,
         "no vcpu_run"},
        {"the scenario has fewer vCPUs",
         {SLOT_CREATED(1), RUN(7, 2), ENTRY(7), EXIT(7),
          FAULT(7, PAGE_AT(1), ESR_READ_T3), MAP(7), RET(7, 0)},
         7,
         5,
         "vCPU number"},
        {"the slot never appears",
         {SLOT_CREATED(3), RUN(7, 0), ENTRY(7), EXIT(7),
          FAULT(7, PAGE_AT(1), ESR_READ_T3), MAP(7), RET(7, 0)},
         7,
         0,
         "memslot_commit"},
        {"a deletion before the slot appears is of another one",
         {SLOT_DELETED, SLOT_CREATED(1), RUN(7, 0)},
         3,
         0,
         "no kvm_guest_fault"},
        {"a second VM creates a slot of the same number",
         {SLOT_CREATED(1), RUN(7, 0), FAULT(7, PAGE_AT(1), ESR_READ_T3), MAP(7),
          RET(7, 0), SLOT_CREATED(1)},
         6,
         6,
         "import --vm"},
        {"the slot moves",
         {SLOT_CREATED(1), RUN(7, 0), FAULT(7, PAGE_AT(1), ESR_READ_T3), MAP(7),
          RET(7, 0), SLOT_LINE(1, 2)},
         6,
         6,
         "creates or moves"},
        {"the slot has another size at a change of its flags",
         {SLOT_CREATED(1),
          RUN(7, 0),
          FAULT(7, PAGE_AT(1), ESR_READ_T3),
          MAP(7),
          RET(7, 0),
          {.kind = TRACE_MEMSLOT_COMMIT,
           .u.memslot =
               {.slot = 1, .base_gfn = SLOT_IPA >> 12, .npages = 1, .change = 3}}},
         6,
         6,
         "creates or moves"},
        {"the same vCPU of two VMs",
         {SLOT_CREATED(1), RUN(7, 0), RUN(8, 0), FAULT(7, PAGE_AT(1), ESR_READ_T3),
          MAP(7), RET(7, 0), FAULT(8, PAGE_AT(1), ESR_READ_T3), MAP(8), RET(8, 0),
          FAULT(7, PAGE_AT(2), ESR_READ_T3), MAP(7), RET(7, 0)},
         12,
         10,
         "by turns"},
        {"no fault lies in the slot",
         {SLOT_CREATED(1), RUN(7, 0), ENTRY(7), EXIT(7),
          FAULT(7, SLOT_IPA - 0x1000, ESR_READ_T3), MAP(7), RET(7, 0)},
         7,
         0,
         "no kvm_guest_fault"},
        {"an empty recording", {{0}}, 0, 0, "memslot_commit"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct replay_error err;
        struct replay r;

        check_row(i, rows[i].rule,
                  recording_replay(rows[i].lines, rows[i].lines_n, 1, 2, &r, &err),
                  false);
        check_row(i, rows[i].rule, err.line, rows[i].want_line);
        if (!strstr(err.text, rows[i].want))
            fail_msg("row %zu (%s): the message is \"%s\"", i, rows[i].rule, err.text);
        check_row(i, "nothing is left behind", r.attempts == NULL && r.over == NULL,
                  true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recording_that_does_not_fit_names_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
