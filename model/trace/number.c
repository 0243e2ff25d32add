/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/number.c - decimal numbers, exactly. */
#include "model/trace/lines.h"

bool trace_decimal(const char *text, size_t len, uint64_t *value)
{
    uint64_t v = 0;

    for (size_t i = 0; i < len; i++) {
        const unsigned digit = (unsigned)(uint8_t)text[i] - '0';

        if (digit > 9 || v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *value = v;
    return len > 0;
}
