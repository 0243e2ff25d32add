/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/scenario/mutation_test.c - damaged scenarios are refused or read, and
 * never crash the reader. */
#include "tests/unit/scenario/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RUNS 700
#define TEXT_MAX 32768

/* xorshift64*: the same everywhere, so a seed reproduces a failure. */
static uint64_t draw(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

static void insert(char *text, size_t at, const char *what)
{
    size_t len = strlen(text), n = strlen(what);
    if (len + n >= TEXT_MAX)
        return;
    memmove(text + at + n, text + at, len - at + 1);
    memcpy(text + at, what, n);
}

static void mutate(char *text, uint64_t *rng)
{
    static const char *const tokens[] = {"{",    "}",
                                         "[",    "]",
                                         ": ",   ", ",
                                         "\n",   "- ",
                                         "\"",   "'",
                                         "\t",   "&a ",
                                         "*a",   "!t ",
                                         "---",  "? ",
                                         "|\n",  ">",
                                         "#",    "0x",
                                         "-1",   "99999999999999999999",
                                         "%",    "\xff",
                                         "\xc3", "18446744073709551615",
                                         "ns",   "1TiB",
                                         "0ns",  "true",
                                         "null", "~",
                                         "full", "1G",
                                         "\r\n"};
    size_t len = strlen(text);
    size_t at = len ? draw(rng) % len : 0, n = 1 + draw(rng) % 12;
    switch (draw(rng) % 4) {
    case 0: /* cut */
        if (n > len - at)
            n = len - at;
        memmove(text + at, text + at + n, len - at - n + 1);
        break;
    case 1: /* another byte */
        if (len)
            text[at] = (char)(1 + draw(rng) % 255);
        break;
    default:
        insert(text, at, tokens[draw(rng) % (sizeof(tokens) / sizeof(tokens[0]))]);
        break;
    }
}

static void check_result(uint64_t seed, const char *path)
{
    struct scn s;
    struct scn_diags d;
    if (scn_load(path, PLATFORM_DIR, &s, &d) == SCN_OK) {
        FILE *null = fopen("/dev/null", "w");
        if (d.n != 0 || s.variants_n == 0 || s.vms[0].memory_n == 0 || !null)
            fail_msg("seed %lu: an incomplete scenario was accepted",
                     (unsigned long)seed);
        scn_write_json(&s, null, 0);
        fclose(null);
        scn_free(&s);
        scn_diags_free(&d);
        return;
    }
    if (d.n == 0 || d.n > SCN_DIAGS_MAX)
        fail_msg("seed %lu: refused with %zu diagnostics", (unsigned long)seed, d.n);
    for (size_t i = 0; i < d.n; i++)
        if (!strstr(d.text[i], ": error[S"))
            fail_msg("seed %lu: no code in %s", (unsigned long)seed, d.text[i]);
    scn_diags_free(&d);
}

static void run_on(const char *shipped, const char *name)
{
    char path[500], text[TEXT_MAX];
    char *original = scratch_read(shipped);
    assert_in_range(strlen(original), 1, TEXT_MAX - 1);
    snprintf(path, sizeof(path), "%s", scratch_path("test.yaml"));
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        uint64_t rng = seed * UINT64_C(0x9e3779b97f4a7c15);
        snprintf(text, sizeof(text), "%s", original);
        for (uint64_t n = 1 + draw(&rng) % 3; n > 0; n--)
            mutate(text, &rng);
        scratch_write(name, text);
        check_result(seed, path);
    }
    free(original);
}

static void damaged_scenarios_never_crash_the_reader(void **state)
{
    (void)state;
    run_on(STAGE2SIM_SOURCE_DIR "/scenarios/storms/coalesce-1g.yaml", "test.yaml");
    run_on(STAGE2SIM_SOURCE_DIR "/scenarios/good/one-vcpu.yaml", "test.yaml");
    run_on(STAGE2SIM_SOURCE_DIR "/scenarios/good/stream.yaml", "test.yaml");
    run_on(STAGE2SIM_SOURCE_DIR "/scenarios/good/flush-range.yaml", "test.yaml");
    run_on(STAGE2SIM_SOURCE_DIR "/scenarios/good/tlbi-by-ipa.yaml", "test.yaml");
}

static void damaged_events_and_stages_never_crash_the_reader(void **state)
{
    static const char *const names[] = {
        "dirty-log",   "migration-cancelled", "memslot",        "protect", "groups",
        "fault-paths", "page-table-test",     "dirty-log-test", "stages"};
    char path[500];
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/scenarios/good/%s.yaml", STAGE2SIM_SOURCE_DIR,
                 names[i]);
        run_on(path, "test.yaml");
    }
}

static void damaged_platforms_never_crash_the_reader(void **state)
{
    (void)state;
    scratch_write("test.yaml",
                  "stage2sim: 1\nname: test\nplatform: p.yaml\nvms:\n"
                  "  - {name: g, vcpus: 1, memory: [{ipa: 0, size: 2MiB}],\n"
                  "     guest: {kind: idle}}\nvariants: [{name: keep}]\n");
    run_on(PLATFORM_DIR "/neoverse-v2-like.yaml", "p.yaml");
    run_on(PLATFORM_DIR "/cortex-a53-like.yaml", "p.yaml");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_scenarios_never_crash_the_reader),
        cmocka_unit_test(damaged_events_and_stages_never_crash_the_reader),
        cmocka_unit_test(damaged_platforms_never_crash_the_reader),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
