/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/trace/trace_fuzz_test.c - seeded mutations of the shipped recording. */
#include "tests/unit/trace/trace_fixture.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SEEDS_N 20000u
#define SAMPLE_LINES 12u
#define SAMPLE_BYTES 4096u
#define MUTATIONS_MAX 4u

struct sample {
    char bytes[SAMPLE_BYTES];
    size_t len;
};

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static size_t below(uint64_t *random, size_t n)
{
    return (size_t)(next_random(random) % n);
}

/* Some lines in a row from anywhere of text, the header included. */
static struct sample take_lines(const char *text, size_t len, uint64_t *random)
{
    struct sample s = {.len = 0};
    size_t at = below(random, 8) == 0 ? 0 : below(random, len - SAMPLE_BYTES);

    while (at > 0 && text[at - 1] != '\n')
        at++;
    for (unsigned line = 0; line < SAMPLE_LINES; line++) {
        const char *newline = memchr(text + at, '\n', len - at);

        if (newline == NULL || s.len + 256 > SAMPLE_BYTES)
            break;

        const size_t n = (size_t)(newline - (text + at)) + 1;

        memcpy(s.bytes + s.len, text + at, n);
        s.len += n;
        at += n;
    }
    return s;
}

static char odd_byte(uint64_t *random)
{
    static const char odd[] = "\n\r\t\0 -:=()[]<>,#@.+x0189af\x7f\xff\x80";

    return below(random, 2) == 0 ? odd[below(random, sizeof(odd))]
                                 : (char)next_random(random);
}

static void mutate(struct sample *s, uint64_t *random)
{
    const size_t at = below(random, s->len);
    size_t n = 1 + below(random, 8);

    if (n > s->len - at)
        n = s->len - at;
    switch (below(random, 5)) {
    case 0: /* delete */
        memmove(s->bytes + at, s->bytes + at + n, s->len - at - n);
        s->len -= n;
        break;
    case 1: /* replace */
        s->bytes[at] = odd_byte(random);
        break;
    case 2: /* double */
        if (s->len + n > SAMPLE_BYTES)
            break;
        memmove(s->bytes + at + n, s->bytes + at, s->len - at);
        s->len += n;
        break;
    case 3: /* insert */
        if (s->len + 1 > SAMPLE_BYTES)
            break;
        memmove(s->bytes + at + 1, s->bytes + at, s->len - at);
        s->bytes[at] = odd_byte(random);
        s->len++;
        break;
    default: /* cut off */
        if (below(random, 4) == 0)
            s->len = at;
    }
}

static size_t lines_of(const struct sample *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->len; i++)
        n += s->bytes[i] == '\n';
    return n;
}

static bool starts_a_line(const struct sample *s, uint64_t offset)
{
    return offset <= s->len && (offset == 0 || s->bytes[offset - 1] == '\n');
}

static const char *wrong_events(const struct sample *s, const struct trace *t)
{
    uint64_t sum = 0;

    for (unsigned kind = 0; kind < TRACE_KINDS_N; kind++)
        sum += t->counts[kind];
    if (sum != t->events_n)
        return "the counts do not add up";
    for (size_t i = 0; i < t->events_n; i++) {
        if (!starts_a_line(s, t->events[i].offset) || t->events[i].line > lines_of(s) ||
            t->events[i].kind >= TRACE_KINDS_N)
            return "an event does not know its line";
    }
    return NULL;
}

static const char *wrong_error(const struct sample *s, const struct trace *t,
                               const struct trace_error *err)
{
    if (err->text[0] == '\0' || strcmp(err->file, FIXTURE_NAME) != 0)
        return "an error without text or file";
    if (err->line > lines_of(s) + 1 || !starts_a_line(s, err->offset))
        return "an error outside the text";
    for (const char *c = err->text; *c != '\0'; c++) {
        if (*c < 0x20 || *c > 0x7e)
            return "an error text that cannot be printed";
    }
    return t->events != NULL ? "an error with events" : NULL;
}

/* What broke the contract for these bytes, or NULL. */
static const char *import_and_check(const struct sample *s, unsigned *accepted_n)
{
    struct trace t;
    struct trace_error err;

    if (!fixture_import(s->bytes, s->len, &t, &err))
        return wrong_error(s, &t, &err);

    const char *wrong = wrong_events(s, &t);

    (*accepted_n)++;
    trace_free(&t);
    return wrong;
}

static void any_mutated_text_is_imported_or_refused_with_an_error(void **state)
{
    size_t xz_len = 0;
    size_t len = 0;
    unsigned char *xz = fixture_read(FIXTURE_SHIPPED, &xz_len);

    assert_non_null(xz);

    char *text = fixture_unxz(xz, xz_len, &len);
    unsigned accepted_n = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS_N; seed++) {
        uint64_t random = seed;
        struct sample s = take_lines(text, len, &random);
        const size_t mutations_n = 1 + below(&random, MUTATIONS_MAX);

        for (size_t i = 0; i < mutations_n && s.len > 0; i++)
            mutate(&s, &random);

        const char *wrong = import_and_check(&s, &accepted_n);

        if (wrong != NULL)
            fail_msg("seed %" PRIu64 ": %s", seed, wrong);
    }
    /* Both outcomes must be common, or the mutations prove little. */
    assert_in_range(accepted_n, SEEDS_N / 10, SEEDS_N - SEEDS_N / 10);
    free(text);
    free(xz);
}

static void a_changed_byte_of_an_xz_is_always_noticed(void **state)
{
    size_t xz_len = 0;
    unsigned char *xz = fixture_read(FIXTURE_SHIPPED, &xz_len);

    (void)state;
    assert_non_null(xz);
    for (uint64_t seed = 1; seed <= 200; seed++) {
        uint64_t random = seed;
        const size_t at = below(&random, xz_len);
        const unsigned char old = xz[at];
        struct trace t;
        struct trace_error err;

        xz[at] = (unsigned char)(old + 1 + below(&random, 255));
        if (fixture_import(xz, xz_len, &t, &err))
            fail_msg("seed %" PRIu64 ": byte %zu changed unnoticed", seed, at);
        if (err.text[0] == '\0')
            fail_msg("seed %" PRIu64 ": no error text", seed);
        xz[at] = old;
    }
    free(xz);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_mutated_text_is_imported_or_refused_with_an_error),
        cmocka_unit_test(a_changed_byte_of_an_xz_is_always_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
