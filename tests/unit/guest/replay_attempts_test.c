/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/guest/replay_attempts_test.c - what one recorded fault says. */
#include "tests/unit/guest/recording.h"

#define PREFIX SLOT_CREATED(1), RUN(7, 0), ENTRY(7), EXIT(7)
#define PREFIX_N 4

static void lines_between_map_and_return_tell_how_it_ended(void **state)
{
    static const struct {
        const char *rule;
        struct trace_event lines[6]; /* after kvm_guest_fault */
        size_t lines_n;
        enum replay_how how;
        bool eagain;
        uint64_t won, makes, freed, tlbi_vmid, tlbi_ipa;
    } rows[] = {
        {"a live entry was read, 0 returned: won",
         {MAP(7), BREAK(7, TABLE_ENTRY), TLBI(7), MAKE(7), FREE_TABLE(7), RET(7, 0)},
         6,
         REPLAY_WON,
         false,
         1,
         1,
         1,
         1,
         0},
        {"a live leaf was read, 0 returned: won",
         {MAP(7), BREAK(7, 0x800007fd), TLBI_IPA(7), MAKE(7), RET(7, 0)},
         5,
         REPLAY_WON,
         false,
         1,
         1,
         0,
         0,
         1},
        {"0x400 was read, EAGAIN: locked",
         {MAP(7), BREAK(7, LOCKED_ENTRY), RET(7, -EAGAIN)},
         3,
         REPLAY_LOCKED,
         true,
         0,
         0,
         0,
         0,
         0},
        {"a live entry was read, EAGAIN: lost",
         {MAP(7), BREAK(7, TABLE_ENTRY), RET(7, -EAGAIN)},
         3,
         REPLAY_LOST,
         true,
         0,
         0,
         0,
         0,
         0},
        {"no s2_break, EAGAIN: found",
         {MAP(7), RET(7, -EAGAIN)},
         2,
         REPLAY_FOUND,
         true,
         0,
         0,
         0,
         0,
         0},
        {"no s2_break, 0: mapped where nothing was",
         {MAP(7), MAKE(7), RET(7, 0)},
         3,
         REPLAY_MAPPED,
         false,
         0,
         1,
         0,
         0,
         0},
        {"an invalid old value and 0: mapped too",
         {MAP(7), BREAK(7, 0x800), RET(7, 0)},
         3,
         REPLAY_MAPPED,
         false,
         0,
         0,
         0,
         0,
         0},
        {"any other return value is not EAGAIN",
         {MAP(7), RET(7, -ENOMEM)},
         2,
         REPLAY_MAPPED,
         false,
         0,
         0,
         0,
         0,
         0},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct trace_event lines[16] = {PREFIX, FAULT(7, PAGE_AT(1), ESR_READ_T3)};
        struct replay r;

        for (size_t k = 0; k < rows[i].lines_n; k++)
            lines[PREFIX_N + 1 + k] = rows[i].lines[k];
        recording_replay_ok(lines, PREFIX_N + 1 + rows[i].lines_n, 1, &r);
        check_row(i, rows[i].rule, r.attempts_n, 1);
        check_row(i, rows[i].rule, r.attempts[0].how, rows[i].how);
        check_row(i, rows[i].rule, r.attempts[0].eagain, rows[i].eagain);
        check_row(i, rows[i].rule, r.breaks_won, rows[i].won);
        check_row(i, rows[i].rule, r.makes, rows[i].makes);
        check_row(i, rows[i].rule, r.tables_freed, rows[i].freed);
        check_row(i, rows[i].rule, r.tlbi_vmid, rows[i].tlbi_vmid);
        check_row(i, rows[i].rule, r.tlbi_ipa, rows[i].tlbi_ipa);
        replay_free(&r);
    }
}

static void the_syndrome_tells_access_type_and_level(void **state)
{
    static const struct {
        const char *rule;
        uint64_t esr;
        enum arch_access access;
        enum arch_fault_type type;
        int level;
        bool s1ptw;
    } rows[] = {
        {"EC 0x24, WnR 0, DFSC 0x07", 0x93c48007, ARCH_READ, ARCH_FAULT_TRANSLATION, 3,
         false},
        {"DFSC 0x06", 0x93c48006, ARCH_READ, ARCH_FAULT_TRANSLATION, 2, false},
        {"WnR 1, DFSC 0x0f", 0x93c4804f, ARCH_WRITE, ARCH_FAULT_PERMISSION, 3, false},
        {"DFSC 0x0e", 0x93c4800e, ARCH_READ, ARCH_FAULT_PERMISSION, 2, false},
        {"DFSC 0x09", 0x93c48009, ARCH_READ, ARCH_FAULT_ACCESS_FLAG, 1, false},
        {"DFSC 0x00", 0x93c48000, ARCH_READ, ARCH_FAULT_ADDRESS_SIZE, 0, false},
        {"DFSC 0x30 is none of these", 0x93c48030, ARCH_READ, ARCH_FAULT_NONE, 0,
         false},
        {"EC 0x20 is a fetch, whatever WnR", 0x82000047, ARCH_EXECUTE,
         ARCH_FAULT_TRANSLATION, 3, false},
        {"S1PTW: a descriptor is read, whatever the instruction", 0x82000087, ARCH_READ,
         ARCH_FAULT_TRANSLATION, 3, true},
        {"ISS2 lies above bit 31", UINT64_C(0x100000000) | 0x93c48047, ARCH_WRITE,
         ARCH_FAULT_TRANSLATION, 3, false},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct trace_event lines[] = {
            PREFIX, FAULT(7, PAGE_AT(1) + 0x123, rows[i].esr), MAP(7), RET(7, 0)};
        struct replay r;

        recording_replay_ok(lines, ROWS_N(lines), 1, &r);
        check_row(i, rows[i].rule, r.attempts[0].access, rows[i].access);
        check_row(i, rows[i].rule, r.attempts[0].fault.type, rows[i].type);
        check_row(i, rows[i].rule, r.attempts[0].fault.stage, 2);
        check_row(i, rows[i].rule, r.attempts[0].fault.level, rows[i].level);
        check_row(i, rows[i].rule, r.attempts[0].fault.s1ptw, rows[i].s1ptw);
        check_row(i, "the page", r.attempts[0].ipa.v, PAGE_AT(1));
        check_row(i, "the line of kvm_guest_fault", r.attempts[0].line, 5);
        replay_free(&r);
    }
}

static void faults_outside_the_slot_are_left_out(void **state)
{
    static const struct {
        const char *rule;
        uint64_t ipa;
        size_t attempts_n;
    } rows[] = {
        {"the byte before the slot", SLOT_IPA - 1, 1},
        {"the first byte", SLOT_IPA, 2},
        {"the last byte", SLOT_IPA + SLOT_BYTES - 1, 2},
        {"the byte behind", SLOT_IPA + SLOT_BYTES, 1},
        {"far away, as a call-out to user space", 0xf0000000, 1},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct trace_event lines[] = {
            PREFIX,  FAULT(7, rows[i].ipa, ESR_READ_T3), MAP(7), RET(7, 0), ENTRY(7),
            EXIT(7), FAULT(7, PAGE_AT(9), ESR_READ_T3),  MAP(7), RET(7, 0)};
        struct replay r;

        recording_replay_ok(lines, ROWS_N(lines), 1, &r);
        check_row(i, rows[i].rule, r.attempts_n, rows[i].attempts_n);
        check_row(i, rows[i].rule, r.left_out, 2 - rows[i].attempts_n);
        replay_free(&r);
    }
}

static void a_replay_ends_where_the_slot_is_deleted(void **state)
{
    const struct trace_event lines[] = {
        PREFIX,       FAULT(7, PAGE_AT(1), ESR_READ_T3), MAP(7), RET(7, 0),
        SLOT_DELETED, FAULT(9, PAGE_AT(2), ESR_READ_T3), /* would be an error */
    };
    struct replay r;

    (void)state;
    recording_replay_ok(lines, ROWS_N(lines), 1, &r);
    assert_int_equal(r.attempts_n, 1);
    assert_int_equal(r.left_out, 0);
    replay_free(&r);
}

/* vCPU 0 (thread 7) faults on page 1 twice, page 2, page 2 with another access; vCPU 1
 * (thread 8) on page 1 in between. */
static void attempts_of_a_vcpu_form_a_chain_of_accesses(void **state)
{
    static const struct trace_event lines[] = {
        PREFIX,
        RUN(8, 1),
        ENTRY(8),
        EXIT(8),
        FAULT(7, PAGE_AT(1), ESR_READ_T3),
        MAP(7),
        RET(7, -EAGAIN),
        ENTRY(7),
        EXIT(7),
        FAULT(8, PAGE_AT(1), ESR_READ_T3),
        MAP(8),
        RET(8, 0),
        FAULT(7, PAGE_AT(1), ESR_READ_T2),
        MAP(7),
        RET(7, 0),
        ENTRY(7),
        EXIT(7),
        FAULT(7, PAGE_AT(2), ESR_READ_T3),
        MAP(7),
        RET(7, 0),
        ENTRY(7),
        EXIT(7),
        FAULT(7, PAGE_AT(2), ESR_WRITE_P2),
        MAP(7),
        RET(7, 0),
    };
    static const struct {
        const char *rule;
        uint32_t vcpu;
        bool last_of_access;
        size_t next;
    } rows[] = {
        {"EAGAIN, and the same page again", 0, false, 2},
        {"the only one of vCPU 1", 1, true, SIZE_MAX},
        {"the next is another page", 0, true, 3},
        {"the next is the same page, but a write", 0, true, 4},
        {"there is no next", 0, true, SIZE_MAX},
    };
    struct replay r;

    (void)state;
    recording_replay_ok(lines, ROWS_N(lines), 3, &r);
    assert_int_equal(r.attempts_n, ROWS_N(rows));
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        check_row(i, rows[i].rule, r.attempts[i].vcpu, rows[i].vcpu);
        check_row(i, rows[i].rule, r.attempts[i].last_of_access,
                  rows[i].last_of_access);
        check_row(i, rows[i].rule, r.attempts[i].next, rows[i].next);
    }
    assert_int_equal(r.vcpus_n, 3);
    assert_int_equal(r.first[0], 0);
    assert_int_equal(r.first[1], 1);
    assert_int_equal(r.first[2], SIZE_MAX);
    replay_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_between_map_and_return_tell_how_it_ended),
        cmocka_unit_test(the_syndrome_tells_access_type_and_level),
        cmocka_unit_test(faults_outside_the_slot_are_left_out),
        cmocka_unit_test(a_replay_ends_where_the_slot_is_deleted),
        cmocka_unit_test(attempts_of_a_vcpu_form_a_chain_of_accesses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
