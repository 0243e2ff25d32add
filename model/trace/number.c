/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/number.c - numbers and times as the kernel prints them, exactly. */
#include "model/trace/trace_priv.h"

#define NS_PER_S UINT64_C(1000000000)

static unsigned digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10;
    return UINT32_MAX;
}

static bool digits(const char *text, size_t len, unsigned base, uint64_t *value)
{
    uint64_t v = 0;

    for (size_t i = 0; i < len; i++) {
        const unsigned digit = digit_of(text[i]);

        if (digit >= base || v > (UINT64_MAX - digit) / base)
            return false;
        v = v * base + digit;
    }
    *value = v;
    return len > 0;
}

static bool is_hex(const char *text, size_t len)
{
    return len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

bool trace_u64(const char *text, size_t len, uint64_t *value)
{
    return is_hex(text, len) ? digits(text + 2, len - 2, 16, value)
                             : digits(text, len, 10, value);
}

bool trace_u32(const char *text, size_t len, uint32_t *value)
{
    uint64_t v;

    if (!trace_u64(text, len, &v) || v > UINT32_MAX)
        return false;
    *value = (uint32_t)v;
    return true;
}

bool trace_s32(const char *text, size_t len, int32_t *value)
{
    const bool minus = len > 0 && text[0] == '-';
    int64_t v;
    uint64_t u;

    if (minus ? !digits(text + 1, len - 1, 10, &u) : !trace_u64(text, len, &u))
        return false;
    if (is_hex(text, len)) {
        if (u > UINT32_MAX && u < UINT64_C(0xffffffff80000000))
            return false;
        v = (int32_t)(uint32_t)u;
    } else {
        if (u > (uint64_t)INT32_MAX + minus)
            return false;
        v = minus ? -(int64_t)u : (int64_t)u;
    }
    *value = (int32_t)v;
    return true;
}

bool trace_time_ns(const char *text, size_t len, uint64_t *ns)
{
    size_t point = 0;
    uint64_t seconds;
    uint64_t fraction;

    while (point < len && text[point] != '.')
        point++;
    if (point == len || !digits(text, point, 10, &seconds))
        return false;

    const size_t fraction_len = len - point - 1;

    if (fraction_len > 9 || !digits(text + point + 1, fraction_len, 10, &fraction))
        return false;
    for (size_t i = fraction_len; i < 9; i++)
        fraction *= 10;
    if (seconds > (UINT64_MAX - fraction) / NS_PER_S)
        return false;
    *ns = seconds * NS_PER_S + fraction;
    return true;
}
