/* SPDX-License-Identifier: Apache-2.0 */
#include "model/record/row_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Above, ps / 1000 as a double may differ from the decimal number in the third place.
 */
#define EXACT_PS (UINT64_C(1) << 51)

size_t rec_text_number(char *out, double v)
{
    size_t n = (size_t)snprintf(out, REC_NUMBER_MAX, fabs(v) < 1 ? "%.6f" : "%.3f", v);

    if (memchr(out, '.', n)) {
        while (out[n - 1] == '0')
            n--;
        if (out[n - 1] == '.')
            n--;
    }
    return n;
}

size_t rec_text_count(char *out, uint64_t v)
{
    char digits[20];
    size_t n = 0;

    do
        digits[sizeof digits - ++n] = (char)('0' + v % 10);
    while ((v /= 10) > 0);
    memcpy(out, digits + sizeof digits - n, n);
    return n;
}

size_t rec_text_ns(char *out, uint64_t ps)
{
    const unsigned part = (unsigned)(ps % 1000);
    size_t n;

    if (ps >= EXACT_PS)
        return rec_text_number(out, (double)ps / 1000.0);
    n = rec_text_count(out, ps / 1000);
    if (part == 0)
        return n;
    out[n++] = '.';
    out[n++] = (char)('0' + part / 100);
    out[n++] = (char)('0' + part / 10 % 10);
    out[n++] = (char)('0' + part % 10);
    while (out[n - 1] == '0')
        n--;
    return n;
}

size_t rec_text_hex(char *out, uint64_t v)
{
    unsigned shift = 0;
    size_t n = 2;

    while (shift < 60 && v >> shift >= 16)
        shift += 4;
    memcpy(out, "0x", 2);
    for (;; shift -= 4) {
        out[n++] = "0123456789abcdef"[v >> shift & 15];
        if (shift == 0)
            return n;
    }
}

size_t rec_text_word(char *out, const char *word)
{
    const size_t n = strlen(word);

    memcpy(out, word, n);
    return n;
}
