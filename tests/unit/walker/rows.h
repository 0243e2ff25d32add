/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/rows.h - cmocka and a check that names the row that failed. */
#ifndef TESTS_UNIT_WALKER_ROWS_H
#define TESTS_UNIT_WALKER_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ROWS_N(rows) (sizeof(rows) / sizeof(*(rows)))

/* rule: the row's reason. got and want are integers. */
#define check_row(row, rule, got, want)                                                \
    do {                                                                               \
        const long long got_ = (long long)(got);                                       \
        const long long want_ = (long long)(want);                                     \
        if (got_ != want_)                                                             \
            fail_msg("row %zu (%s): %s is %lld (0x%llx), want %lld (0x%llx)",          \
                     (size_t)(row), (rule), #got, got_, (unsigned long long)got_,      \
                     want_, (unsigned long long)want_);                                \
    } while (0)

#endif
