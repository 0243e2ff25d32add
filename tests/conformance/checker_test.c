/* SPDX-License-Identifier: Apache-2.0 */
/* tests/conformance/checker_test.c - the checker sees what a vectors file gets wrong.
 */
#include "model/translate/vectors.h"
#include "tests/unit/walker/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEADER                                                                         \
    "{\"header\":true,\"ID_AA64MMFR0_EL1\":\"0x32310201126\","                         \
    "\"ID_AA64MMFR1_EL1\":\"0x11010211122\",\"ID_AA64MMFR2_EL1\":"                     \
    "\"0x1021011010011011\",\"cases\":1}\n"
/* EL1&0, stage 1: 4K, 25-bit VA, one page at level 3 behind one table. */
#define CASE_AROUND(mem, query, expect, after)                                         \
    "{\"id\":\"t-0\",\"cat\":\"t\",\"regime\":\"EL10\",\"regs\":{\"HCR_EL2\":"         \
    "\"0x80000000\",\"SCTLR_EL1\":\"0x1\",\"TCR_EL1\":\"0x8000000027\","               \
    "\"TTBR0_EL1\":\"0x10000\"},\"mem\":" mem ",\"query\":" query                      \
    ",\"expect\":" expect ",\"mem_after\":" after "}\n"
#define MEM "[[\"0x10000\",\"0x20003\"],[\"0x20008\",\"0x3003c3\"]]"
#define AT "{\"va\":\"0x1abc\",\"el\":1,\"access\":\"r\",\"how\":\"AT S1E1R\"}"
#define AFTER "[[\"0x20008\",\"0x3007c3\"]]"
#define PA "{\"pa\":\"0x300abc\",\"par\":\"0x300a80\"}"
#define STR "{\"va\":\"0x1ab8\",\"el\":1,\"access\":\"w\",\"how\":\"str\"}"
#define FAULT(level, esr, far, wnr, more)                                              \
    "{\"fault\":\"permission\",\"stage\":1,\"level\":" level                           \
    ",\"s1ptw\":false,\"target_el\":1,\"esr\":\"" esr "\",\"far\":\"" far              \
    "\",\"wnr\":" wnr more "}"

static void note_field(void *user, const struct vectors_failure *f)
{
    strcpy(user, f->field);
}

/* Writes text to a file of its own and checks it. */
static enum vectors_status check_text(const char *text, struct vectors_tally *tally,
                                      char field[16], unsigned long *line)
{
    char path[] = "vectors_checker_XXXXXX";
    const int fd = mkstemp(path);
    FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    field[0] = '\0';
    const enum vectors_status status =
        vectors_check(path, note_field, field, tally, line);
    unlink(path);
    return status;
}

static void each_field_of_an_answer_is_compared(void **state)
{
    static const struct {
        const char *text, *rule, *field; /* "" where the case agrees */
    } rows[] = {
        {CASE_AROUND(MEM, AT, PA, AFTER), "right", ""},
        {CASE_AROUND(MEM, AT, "{\"pa\":\"0x301abc\",\"par\":\"0x300a80\"}", AFTER),
         "pa", "pa"},
        {CASE_AROUND(MEM, AT, "{\"pa\":\"0x300abc\",\"par\":\"0x301a80\"}", AFTER),
         "par [51:12]", "par"},
        {CASE_AROUND(MEM, AT, "{\"pa\":\"0x300abc\",\"par\":\"0xff00000000300b80\"}",
                     AFTER),
         "par attributes do not count", ""},
        {CASE_AROUND(MEM, AT, PA, "[]"), "an update that is not listed", "mem_after"},
        {CASE_AROUND(MEM, AT, PA, "[[\"0x20008\",\"0x3007c7\"]]"), "another update",
         "mem_after"},
        {CASE_AROUND(MEM, AT, "{\"fault\":\"translation\",\"stage\":1,\"level\":3}",
                     AFTER),
         "fault", "fault"},
        {CASE_AROUND(MEM, STR, FAULT("3", "0x9600004f", "0x1ab8", "1", ""), "[]"),
         "right", ""},
        {CASE_AROUND(MEM, STR, FAULT("2", "0x9600004f", "0x1ab8", "1", ""), "[]"),
         "level", "level"},
        {CASE_AROUND(MEM, STR, FAULT("3", "0x9600004e", "0x1ab8", "1", ""), "[]"),
         "FSC", "esr"},
        {CASE_AROUND(MEM, STR, FAULT("3", "0x9200004f", "0x1ab8", "1", ""), "[]"), "EC",
         "esr"},
        {CASE_AROUND(MEM, STR, FAULT("3", "0x9600004f", "0x1ab0", "1", ""), "[]"),
         "FAR", "far"},
        {CASE_AROUND(MEM, STR, FAULT("3", "0x9600004f", "0x1ab8", "0", ""), "[]"),
         "WnR", "wnr"},
        {CASE_AROUND(MEM, STR,
                     FAULT("3", "0x9600004f", "0x1ab8", "1", ",\"hpfar\":\"0x10\""),
                     "[]"),
         "HPFAR of a stage 1 fault is not defined", "hpfar"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct vectors_tally tally;
        char text[2048], field[16];
        unsigned long line;

        snprintf(text, sizeof(text), "%s%s", HEADER, rows[i].text);
        check_row(i, rows[i].rule, check_text(text, &tally, field, &line), VECTORS_OK);
        if (strcmp(field, rows[i].field) != 0)
            fail_msg("row %zu (%s): differs in \"%s\", want \"%s\"", i, rows[i].rule,
                     field, rows[i].field);
        check_row(i, rows[i].rule, tally.failed_n, rows[i].field[0] != '\0');
        check_row(i, rows[i].rule, tally.passed_n, rows[i].field[0] == '\0');
    }
}

static void a_malformed_file_is_refused_at_its_line(void **state)
{
    static const struct {
        const char *text, *rule;
        enum vectors_status status;
        unsigned long line;
    } rows[] = {
        {"", "empty", VECTORS_ERR_HEADER, 0},
        {"{}\n", "no header key", VECTORS_ERR_HEADER, 1},
        {HEADER, "a case too few", VECTORS_ERR_COUNT, 1},
        {HEADER "{\"id\":\"t\"", "cut", VECTORS_ERR_CASE, 2},
        {HEADER "{\"id\":\"t\",\"regs\":{\"TCR2_EL1\":\"0x0\"}}\n",
         "a register that the walker does not know", VECTORS_ERR_CASE, 2},
        {HEADER "{\"id\":\"t\",\"mem\":[[\"0x0\",\"0xg\"]]}\n", "no hex",
         VECTORS_ERR_CASE, 2},
        {HEADER "{\"id\":\"t\",\"query\":{\"el\":3}}\n", "no such EL", VECTORS_ERR_CASE,
         2},
        {HEADER "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n", "deep",
         VECTORS_ERR_CASE, 2},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct vectors_tally tally;
        char field[16];
        unsigned long line;

        check_row(i, rows[i].rule, check_text(rows[i].text, &tally, field, &line),
                  rows[i].status);
        check_row(i, rows[i].rule, line, rows[i].line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_field_of_an_answer_is_compared),
        cmocka_unit_test(a_malformed_file_is_refused_at_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
