/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/monitor/judge_test.c - verdicts on traces, and what is no trace.
 *
 * The logs in logs/ have the shapes of casemate's examples of the same names. */
#include "model/monitor/judge.h"
#include "tests/unit/walker/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOGS STAGE2SIM_SOURCE_DIR "/tests/unit/monitor/logs/"

struct found {
    char text[1000];
};

static void tell(void *ctx, const struct mon_violation *v)
{
    struct found *f = ctx;
    const size_t n = strlen(f->text);

    snprintf(f->text + n, sizeof f->text - n, "%s%s@%u", n ? " " : "",
             mon_code_name(mon_rule_code(v->rule)), v->line);
}

/* The codes with their lines, "good" for none, or "LINE:COL: error". */
static const char *verdict_of(FILE *in, unsigned bbm_level)
{
    static struct found found;
    const struct mon_judge_cfg cfg = {
        .bbm_level = bbm_level, .tell = tell, .ctx = &found};
    struct mon_input_error err;
    struct mon_verdict verdict;

    assert_non_null(in);
    found.text[0] = '\0';
    if (!mon_judge(in, &cfg, &verdict, &err))
        snprintf(found.text, sizeof found.text, "%u:%u: %s", err.line, err.col,
                 err.text);
    else if (verdict.violations_n == 0)
        strcpy(found.text, "good");
    fclose(in);
    return found.text;
}

static const char *judge_text(const char *text)
{
    return verdict_of(fmemopen((void *)text, strlen(text), "r"), 0);
}

static void the_verdicts_of_casemates_examples_are_ours(void **state)
{
    static const struct {
        const char *rule, *file, *want;
    } rows[] = {
        {"R_DDMVT, with ALLE1IS", "good_bbm", "good"},
        {"by IPA, then VMALLE1IS", "good_bbm_by_VMID", "good"},
        {"stage 1 of EL2, by VA", "good_bbm_stage1", "good"},
        {"R_WHZWS", "bad_no_bbm", "bbm.missing-break@8"},
        {"R_WHZWS in stage 1", "bad_no_bbm_stage1", "bbm.missing-break@10"},
        {"two DSBs are no TLBI", "bad_bbm_missing_tlbi", "bbm.missing-tlbi@13"},
        {"R_NWYRD", "bad_bbm_by_wrong_VMID", "bbm.wrong-vmid@22"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        char path[400];
        const char *got;

        snprintf(path, sizeof path, LOGS "%s.log", rows[i].file);
        got = verdict_of(fopen(path, "r"), 0);
        if (strcmp(got, rows[i].want) != 0)
            fail_msg("%s (%s): got \"%s\", want \"%s\"", rows[i].file, rows[i].rule,
                     got, rows[i].want);
    }
}

#define BEGIN                                                                          \
    "(mem-init (id 0) (tid 0) (address 0x1000) (size 0x3000))\n"                       \
    "(mem-write (id 1) (tid 0) (mem-order plain) (address 1000) (value 2003))\n"       \
    "(sysreg-write (id 2) (tid 0) (sysreg vttbr_el2) (value 1000))\n"

static void forms_of_the_same_trace_are_judged_alike(void **state)
{
    static const struct {
        const char *rule, *text, *want;
    } rows[] = {
        {"nothing", "", "good"},
        {"with and without 0x", BEGIN "(mem-write 3 0 plain 0x1000 3003)",
         "bbm.missing-break@4"},
        {"values alone",
         "(mem-init 0 0 1000 3000) (mem-write 1 0 plain 1000 2003)\n"
         "(sysreg-write 2 0 vttbr_el2 1000 \"a:1\")\n"
         "(mem-write 3 0 release 1000 3003 (src \"b:2\"))",
         "bbm.missing-break@3"},
        {"over several lines",
         BEGIN "(mem-write (id 3)\n\t(tid 0)\r\n (mem-order plain)\n"
               "(address 0x1000) (value 0x3003) (src \"x y:1\"))",
         "bbm.missing-break@4"},
        {"a checker's verdict ends it", BEGIN "! BBM valid->valid\nanything", "good"},
        {"memory that mem-init does not name is not watched",
         BEGIN "(mem-write 3 0 plain 9000 2003)(mem-write 4 0 plain 9000 3003)",
         "good"},
        {"locks, hints, reads and ISB are read",
         BEGIN "(lock 3 0 ffffffffffff1000)(trylock 4 1 2)(unlock 5 0 2)"
               "(hint 6 0 release_table 1000 0)(mem-read 7 0 1000 0)"
               "(barrier 8 0 isb \"\")(tlbi 9 0 vale2is 0)",
         "good"},
        {"mem-set writes each entry",
         BEGIN "(mem-set 3 0 1000 1000 0)(mem-write 4 0 plain 1000 3003)",
         "bbm.missing-tlbi@4"},
        {"a freed table that is linked", BEGIN "(mem-free 3 0 2000 1000)",
         "walk.freed-table@4"},
        {"the start level follows T0SZ: here 1",
         "(sysreg-write 0 0 vtcr_el2 19)(mem-init 1 0 1000 2000)"
         "(mem-write 2 0 plain 1008 40000401)(sysreg-write 3 0 vttbr_el2 1000)"
         "(mem-write 4 0 plain 1008 80000401)",
         "bbm.missing-break@1"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const char *got = judge_text(rows[i].text);

        if (strcmp(got, rows[i].want) != 0)
            fail_msg("row %zu (%s): got \"%s\", want \"%s\"", i, rows[i].rule, got,
                     rows[i].want);
    }
}

static void what_is_no_trace_is_named_with_its_place(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"hello", "1:1: found 'h', expected '(', or '!' before the verdict of a "
                  "checker"},
        {"\n (mem-write", "2:12: found the end of the file, expected ')'"},
        {"(", "1:2: found the end of the file, expected the kind of a record"},
        {"(mem-write)", "1:1: mem-write ends early: expected id"},
        {"(mem-write (id x))", "1:16: id 'x': expected a decimal number of 64 bits"},
        {"(mem-write (id 0) (tid -1))",
         "1:24: tid '-1': expected a decimal number of 64 bits"},
        {"(mem-write 0 4096 plain 0 0)", "1:14: '4096': expected at most 4095"},
        {"(mem-write 0 0 (order plain))",
         "1:23: found field order, expected mem-order"},
        {"(mem-write 0 0 acquire 0 0)", "1:16: 'acquire': expected plain or release"},
        {"(mem-write 0 0 plain 4 0)", "1:22: '4': expected a multiple of 8 below 2^48"},
        {"(mem-write 0 0 plain 8 10000000000000000)",
         "1:24: '10000000000000000': expected a hexadecimal number of 64 bits"},
        {"(mem-write 0 0 plain 8 0x)",
         "1:24: '0x': expected a hexadecimal number of 64 bits"},
        {"(mem-init 0 0 1008 1000)", "1:15: '1008': expected a page below 2^48"},
        {"(mem-init 0 0 1000 20000000)",
         "1:20: '20000000': expected a multiple of 0x1000 up to 0x10000000"},
        {"(barrier 0 0 dmb)", "1:14: 'dmb': expected dsb or isb"},
        {"(barrier 0 0 dsb (kind osh))",
         "1:24: kind 'osh': expected ish, ishst, nsh or sy"},
        {"(tlbi 0 0 flush)", "1:11: 'flush': expected a TLBI operation such as "
                             "vmalls12e1is, vmalle1is or ipas2e1is"},
        {"(tlbi 0 0 ipas2e1is)", "1:1: tlbi ends early: expected value"},
        {"(sysreg-write 0 0 ttbr1_el2 0)",
         "1:19: 'ttbr1_el2': expected vttbr_el2, ttbr0_el2, vtcr_el2, tcr_el2, "
         "mair_el2, hcr_el2 or sctlr_el2"},
        {"(lock 0 0 1 \"x\" 2)", "1:17: '2': expected ')': the record is complete"},
        {"(jump 0 0)", "1:1: record 'jump': expected mem-write, mem-read, mem-init, "
                       "mem-free, mem-set, barrier, tlbi, sysreg-write, hint, lock, "
                       "trylock or unlock"},
        {"(lock 0 0 1 \"x)", "1:16: found the end of the file, expected '\"'"},
        {"(lock 0 0 \x01)", "1:11: found byte 0x01, expected a value"},
        {"(mem-write-and-more 0 0)", "1:17: a word of 16 characters or more"},
        {"(lock 1 2 3 4 5 6 7 8 9)",
         "1:23: found '9', expected ')': no record has so many fields"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const char *got = judge_text(rows[i].text);

        if (strcmp(got, rows[i].want) != 0)
            fail_msg("row %zu: %s\ngot  \"%s\",\nwant \"%s\"", i, rows[i].text, got,
                     rows[i].want);
    }
}

/* Also for the sanitizers. */
static void a_trace_with_bytes_changed_is_judged_or_refused(void **state)
{
    static const char noise[] = "()0123456789abcdefx \n\"!-is";
    uint64_t rng = 1;
    char text[4096];
    FILE *f = fopen(LOGS "good_bbm_by_VMID.log", "r");
    size_t n;
    unsigned refused = 0;

    (void)state;
    assert_non_null(f);
    n = fread(text, 1, sizeof text, f);
    fclose(f);
    assert_in_range(n, 1, sizeof text - 1);
    for (int i = 0; i < 3000; i++) {
        char copy[sizeof text];

        memcpy(copy, text, n);
        for (int k = 0; k < 1 + i % 5; k++) {
            rng = rng * UINT64_C(6364136223846793005) + 1442695040888963407u;
            copy[(rng >> 33) % n] = noise[(rng >> 20) % (sizeof noise - 1)];
        }
        copy[n] = '\0';
        refused += judge_text(copy)[0] >= '0' && judge_text(copy)[0] <= '9';
    }
    assert_in_range(refused, 1000, 2999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_verdicts_of_casemates_examples_are_ours),
        cmocka_unit_test(forms_of_the_same_trace_are_judged_alike),
        cmocka_unit_test(what_is_no_trace_is_named_with_its_place),
        cmocka_unit_test(a_trace_with_bytes_changed_is_judged_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
