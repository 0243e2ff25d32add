/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/fault_test.c - fault status codes and names. */
#include "tests/unit/walker/rows.h"
#include "walker/arch/fault.h"

static void fault_status_code_holds_type_and_level(void **state)
{
    static const struct {
        const char *rule;
        enum arch_fault_type type;
        int8_t level;
        uint8_t want;
    } rows[] = {
        {"0b0000LL address size", ARCH_FAULT_ADDRESS_SIZE, 0, 0x00},
        {"0b0000LL address size", ARCH_FAULT_ADDRESS_SIZE, 3, 0x03},
        {"0b0001LL translation", ARCH_FAULT_TRANSLATION, 0, 0x04},
        {"0b0001LL translation", ARCH_FAULT_TRANSLATION, 1, 0x05},
        {"0b0001LL translation", ARCH_FAULT_TRANSLATION, 2, 0x06},
        {"0b0001LL translation", ARCH_FAULT_TRANSLATION, 3, 0x07},
        {"0b0010LL access flag", ARCH_FAULT_ACCESS_FLAG, 0, 0x08},
        {"0b0010LL access flag", ARCH_FAULT_ACCESS_FLAG, 3, 0x0b},
        {"0b0011LL permission", ARCH_FAULT_PERMISSION, 0, 0x0c},
        {"0b0011LL permission", ARCH_FAULT_PERMISSION, 3, 0x0f},
        {"0b101001 address size, level -1", ARCH_FAULT_ADDRESS_SIZE, -1, 0x29},
        {"0b101011 translation, level -1", ARCH_FAULT_TRANSLATION, -1, 0x2b},
        {"0b110000 TLB conflict has no level", ARCH_FAULT_TLB_CONFLICT, 0, 0x30},
        {"0b110000 TLB conflict has no level", ARCH_FAULT_TLB_CONFLICT, 2, 0x30},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct arch_fault f = {
            .type = rows[i].type, .stage = 2, .level = rows[i].level};

        check_row(i, rows[i].rule, arch_fault_status_code(&f), rows[i].want);
    }
}

static void fault_status_code_does_not_depend_on_stage_or_cause(void **state)
{
    const struct arch_fault plain = {
        .type = ARCH_FAULT_TRANSLATION, .stage = 2, .level = 2};
    const struct arch_fault on_walk = {
        .type = ARCH_FAULT_TRANSLATION, .stage = 2, .level = 2, .s1ptw = true};
    const struct arch_fault nt = {
        .type = ARCH_FAULT_TRANSLATION, .stage = 2, .level = 2, .nt = true};
    const struct arch_fault stage_1 = {
        .type = ARCH_FAULT_TRANSLATION, .stage = 1, .level = 2};

    (void)state;
    assert_int_equal(arch_fault_status_code(&on_walk), arch_fault_status_code(&plain));
    assert_int_equal(arch_fault_status_code(&nt), arch_fault_status_code(&plain));
    assert_int_equal(arch_fault_status_code(&stage_1), arch_fault_status_code(&plain));
}

static void fault_names_are_those_of_the_vectors(void **state)
{
    (void)state;
    assert_string_equal(arch_fault_name(ARCH_FAULT_NONE), "none");
    assert_string_equal(arch_fault_name(ARCH_FAULT_TRANSLATION), "translation");
    assert_string_equal(arch_fault_name(ARCH_FAULT_ADDRESS_SIZE), "address_size");
    assert_string_equal(arch_fault_name(ARCH_FAULT_ACCESS_FLAG), "access_flag");
    assert_string_equal(arch_fault_name(ARCH_FAULT_PERMISSION), "permission");
    assert_string_equal(arch_fault_name(ARCH_FAULT_TLB_CONFLICT), "tlb_conflict");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_status_code_holds_type_and_level),
        cmocka_unit_test(fault_status_code_does_not_depend_on_stage_or_cause),
        cmocka_unit_test(fault_names_are_those_of_the_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
