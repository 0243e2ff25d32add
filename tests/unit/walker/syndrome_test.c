/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/syndrome_test.c - PAR_EL1, ESR_ELx, FAR_ELx and HPFAR_EL2. */
#include "tests/unit/walker/rows.h"
#include "walker/arch/syndrome.h"

#define TRANSLATION ARCH_FAULT_TRANSLATION
#define SIZE ARCH_FAULT_ADDRESS_SIZE
#define ACCESS_FLAG ARCH_FAULT_ACCESS_FLAG
#define PERMISSION ARCH_FAULT_PERMISSION
#define CONFLICT ARCH_FAULT_TLB_CONFLICT

static void par_tells_the_address_or_the_fault(void **state)
{
    static const struct {
        struct arch_fault fault;
        uint64_t par;
        const char *rule;
    } rows[] = {
        {{TRANSLATION, 1, 0, .s1ptw = false}, 0x809, "FST 000100"},
        {{TRANSLATION, 1, -1, .s1ptw = false}, 0x857, "FST 101011"},
        {{SIZE, 1, -1, .s1ptw = false}, 0x853, "FST 101001"},
        {{SIZE, 2, 0, .s1ptw = false}, 0xa01, "S"},
        {{PERMISSION, 2, 3, .s1ptw = false}, 0xa1f, "S"},
        {{ACCESS_FLAG, 2, 1, .s1ptw = true}, 0xb13, "S and PTW"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++)
        check_row(i, rows[i].rule, arch_par_fault(&rows[i].fault), rows[i].par);

    const uint64_t par = arch_par_success((struct arch_pa){UINT64_C(0xf123456789abc)});
    assert_int_equal(par & (ARCH_PAR_F | ARCH_PAR_ADDRESS), UINT64_C(0xf123456789000));
}

static void an_abort_goes_to_the_level_that_owns_the_stage(void **state)
{
    static const struct {
        unsigned el, stage;
        bool tge;
        enum arch_access access;
        unsigned target_el, ec;
        const char *rule;
    } rows[] = {
        {0, 1, false, ARCH_READ, 1, 0x24, "EL0, stage 1: EL1, from a lower EL"},
        {1, 1, false, ARCH_READ, 1, 0x25, "EL1, stage 1: EL1, same EL"},
        {0, 2, false, ARCH_WRITE, 2, 0x24, "stage 2: EL2"},
        {1, 2, false, ARCH_WRITE, 2, 0x24, "stage 2: EL2"},
        {2, 1, false, ARCH_READ, 2, 0x25, "EL2: EL2, same EL"},
        {0, 1, true, ARCH_READ, 2, 0x24, "TGE: EL0 to EL2"},
        {0, 1, false, ARCH_EXECUTE, 1, 0x20, "fetch, lower EL"},
        {1, 1, false, ARCH_EXECUTE, 1, 0x21, "fetch, same EL"},
        {1, 2, false, ARCH_EXECUTE, 2, 0x20, "fetch, stage 2"},
        {2, 1, false, ARCH_EXECUTE, 2, 0x21, "fetch by EL2"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct arch_abort abort = {
            .fault = {TRANSLATION, (uint8_t)rows[i].stage, 2, .s1ptw = false},
            .va = {UINT64_C(0xff00123456789000)},
            .access = rows[i].access,
            .el = (uint8_t)rows[i].el,
            .tge = rows[i].tge};
        const struct arch_syndrome got = arch_abort_syndrome(&abort);
        check_row(i, rows[i].rule, got.target_el, rows[i].target_el);
        check_row(i, rows[i].rule, got.esr >> ARCH_ESR_EC_SHIFT, rows[i].ec);
        check_row(i, rows[i].rule, got.esr & ARCH_ESR_FSC, 6);
        check_row(i, rows[i].rule, !!(got.esr & ARCH_ESR_IL), true);
        check_row(i, rows[i].rule, !!(got.esr & ARCH_ESR_WNR),
                  rows[i].access == ARCH_WRITE);
        check_row(i, "FAR keeps the tag", got.far, UINT64_C(0xff00123456789000));
    }
}

static void hpfar_is_defined_where_stage_2_has_the_ipa(void **state)
{
    static const struct {
        struct arch_fault fault;
        bool valid;
        const char *rule;
    } rows[] = {
        {{TRANSLATION, 1, 3, .s1ptw = false}, false, "stage 1"},
        {{PERMISSION, 1, 3, .s1ptw = false}, false, "stage 1"},
        {{TRANSLATION, 2, 3, .s1ptw = false}, true, "stage 2"},
        {{SIZE, 2, 3, .s1ptw = false}, true, "stage 2"},
        {{ACCESS_FLAG, 2, 3, .s1ptw = false}, true, "stage 2"},
        {{PERMISSION, 2, 3, .s1ptw = false}, false, "not of a permission fault"},
        {{CONFLICT, 2, 3, .s1ptw = false}, false, "not of a TLB conflict"},
        {{TRANSLATION, 2, 3, .s1ptw = true}, true, "table walk"},
        {{SIZE, 2, 3, .s1ptw = true}, true, "table walk"},
        {{ACCESS_FLAG, 2, 3, .s1ptw = true}, true, "table walk"},
        {{PERMISSION, 2, 3, .s1ptw = true},
         true,
         "a table walk's permission fault, too"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct arch_abort abort = {.fault = rows[i].fault,
                                         .ipa = {UINT64_C(0xabcdef1234567)},
                                         .access = ARCH_READ,
                                         .el = 1};
        const struct arch_syndrome got = arch_abort_syndrome(&abort);
        check_row(i, rows[i].rule, got.hpfar_valid, rows[i].valid);
        check_row(i, "FIPA [47:4] is IPA[55:12]", got.hpfar,
                  rows[i].valid ? UINT64_C(0xabcdef12340) : 0);
        check_row(i, rows[i].rule, !!(got.esr & ARCH_ESR_S1PTW), rows[i].fault.s1ptw);
    }
}

static void an_abort_of_an_at_instruction_is_a_write_with_cm(void **state)
{
    const struct arch_abort abort = {.fault = {TRANSLATION, 2, 1, .s1ptw = true},
                                     .access = ARCH_READ,
                                     .el = 1,
                                     .at = true};
    const uint64_t esr = arch_abort_syndrome(&abort).esr;

    (void)state;
    assert_true(esr & ARCH_ESR_CM);
    assert_true(esr & ARCH_ESR_WNR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(par_tells_the_address_or_the_fault),
        cmocka_unit_test(an_abort_goes_to_the_level_that_owns_the_stage),
        cmocka_unit_test(hpfar_is_defined_where_stage_2_has_the_ipa),
        cmocka_unit_test(an_abort_of_an_at_instruction_is_a_write_with_cm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
