/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guest/litmus.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static uint64_t values_n(const struct litmus_sweep *s)
{
    return (s->to_ps - s->from_ps) / s->by_ps + 1;
}

uint64_t litmus_rounds_n(const struct guest_litmus *g)
{
    uint64_t n = 1;

    for (size_t i = 0; i < g->sweeps_n; i++)
        n *= values_n(&g->sweeps[i]);
    return g->warm_n ? 2 * n : n;
}

bool litmus_is_warm(const struct guest_litmus *g, uint64_t round)
{
    return g->warm_n && round < litmus_rounds_n(g) / 2;
}

uint64_t litmus_delay_ps(const struct guest_litmus *g, uint64_t round, size_t step)
{
    uint64_t delay = 0;

    for (size_t i = 0; i < g->sweeps_n; i++) {
        const struct litmus_sweep *s = &g->sweeps[i];

        if (s->step == step)
            delay += s->from_ps + round % values_n(s) * s->by_ps;
        round /= values_n(s);
    }
    return delay;
}

/* ---- what is asked for ---- */

/* The next word of *text, its bytes in *n; NULL at the end. */
static const char *next_word(const char **text, size_t *n)
{
    const char *word = *text + strspn(*text, " ");

    *n = strcspn(word, " ");
    *text = word + *n;
    return *n ? word : NULL;
}

static bool is(const char *word, size_t n, const char *text)
{
    return n == strlen(text) && memcmp(word, text, n) == 0;
}

/* The outcome has the word, or with "=fault" any fault in that register. */
static bool has(const char *outcome, const char *word, size_t n)
{
    const bool any_fault = n > 6 && memcmp(word + n - 6, "=fault", 6) == 0;
    const char *got;
    size_t got_n;

    while ((got = next_word(&outcome, &got_n)) != NULL) {
        if (got_n >= n && memcmp(got, word, n) == 0 &&
            (got_n == n || (any_fault && got[n] == '-')))
            return true;
    }
    return false;
}

bool litmus_matches(const char *asks, const char *outcome)
{
    bool all = true;
    const char *word;
    size_t n;

    while ((word = next_word(&asks, &n)) != NULL) {
        if (is(word, n, "or")) {
            if (all)
                return true;
            all = true;
        } else if (!is(word, n, "and")) {
            all = all && has(outcome, word, n);
        }
    }
    return all;
}

static bool is_register(const struct guest_litmus *g, const char *word, size_t n)
{
    char name[LITMUS_OUTCOME_MAX];

    for (size_t i = 0; i < g->steps_n; i++) {
        snprintf(name, sizeof(name), "%" PRIu32 ":%s=", g->steps[i].vcpu,
                 g->steps[i].to);
        if (g->steps[i].kind == LITMUS_LOAD && n > strlen(name) &&
            memcmp(word, name, strlen(name)) == 0)
            return true;
    }
    for (size_t i = 0; i < g->final_n; i++) {
        snprintf(name, sizeof(name), "mem:0x%" PRIx64 "=", g->final[i].va);
        if (n > strlen(name) && memcmp(word, name, strlen(name)) == 0)
            return true;
    }
    return false;
}

bool litmus_unknown_word(const struct guest_litmus *g, char out[LITMUS_OUTCOME_MAX])
{
    const char *asks = g->asks;
    const char *word;
    size_t n;

    while ((word = next_word(&asks, &n)) != NULL) {
        if (is(word, n, "or") || is(word, n, "and") || is_register(g, word, n))
            continue;
        snprintf(out, LITMUS_OUTCOME_MAX, "%.*s", (int)n, word);
        return true;
    }
    return false;
}
