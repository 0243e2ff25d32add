/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/edit_distance.c - which accepted word a misspelt one may have meant.
 */
#include "model/scenario/scn_priv.h"

#include <string.h>

#define WORD_MAX 48

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned m = a < b ? a : b;
    return m < c ? m : c;
}

/* Insertions, deletions, replacements and swaps of neighbours between a and b, both
 * shorter than WORD_MAX. */
static unsigned edit_distance(const char *a, size_t a_n, const char *b, size_t b_n)
{
    unsigned d[WORD_MAX][WORD_MAX]; /* [a_n + 1][b_n + 1] are used */
    for (size_t i = 0; i <= a_n; i++) {
        for (size_t j = 0; j <= b_n; j++) {
            if (i == 0 || j == 0) {
                d[i][j] = (unsigned)(i + j);
                continue;
            }
            unsigned replace = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1, replace);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                d[i - 2][j - 2] + 1 < d[i][j])
                d[i][j] = d[i - 2][j - 2] + 1;
        }
    }
    return d[a_n][b_n];
}

void scn_nearest_add(struct scn_nearest *best, const char *text, const char *word)
{
    size_t text_n = strlen(text), word_n = strlen(word);
    if (text_n >= WORD_MAX || word_n >= WORD_MAX || word_n < 2)
        return;
    unsigned distance = edit_distance(text, text_n, word, word_n);
    if (distance > word_n / 3 + 1 || distance >= word_n || distance > 3)
        return;
    if (!best->word || distance < best->distance)
        *best = (struct scn_nearest){word, distance};
}
