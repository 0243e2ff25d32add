/* SPDX-License-Identifier: Apache-2.0 */
/* tests/conformance/composed_test.c - vectors of stage 2 under the VTCR_EL2 that the
 * machine composes: geometry of the VM, HA, HD and PS of the PE. */
#define _POSIX_C_SOURCE 200809L /* getline */
#include "model/hyp/vtcr.h"
#include "model/translate/case.h"
#include "tests/unit/walker/rows.h"

#include <stdio.h>
#include <stdlib.h>

#define EXCERPT STAGE2SIM_SOURCE_DIR "/tests/conformance/vectors_excerpt.jsonl"
#define HCR_VM UINT64_C(1)
#define AT_LEAST 50 /* vectors of the excerpt that can be asked for so */

/* Whether a VM on such a PE can have the VTCR_EL2 of the vector; *composed is what it
 * loads then. RES0 and RES1 bits are not compared. */
static bool compose(const struct walk_cpu *cpu, uint64_t raw, uint64_t *composed)
{
    const struct hyp_vtcr_limits pes[] = {hyp_vtcr_limits_of(&cpu->features)};
    const struct arch_vtcr asked = arch_vtcr_decode(raw);
    const struct arch_vtcr got = hyp_vtcr_on(&asked, HYP_VTCR_SYSTEM, pes, 1, 0);

    *composed = arch_vtcr_encode(&got);
    return arch_pa_bits(asked.ps) >= pes[0].pa_bits;
}

static bool check(const struct walk_cpu *cpu, struct vectors_case *c)
{
    struct vectors_answer got = {.has_par = false};
    struct walk_context ctx;
    enum arch_regime regime;
    const char *field = "steps";

    if (!(c->regs.hcr_el2 & HCR_VM) ||
        !compose(cpu, c->regs.vtcr_el2, &c->regs.vtcr_el2))
        return false;
    walk_context_init(&ctx, cpu, &c->regs);
    if (vectors_answer_compute(&ctx, &c->query, &c->mem, &got, &regime))
        field = vectors_answer_differs(&c->want, &got);
    if (field)
        fail_msg("%.*s: %s", (int)c->id.bytes, c->id.at, field);
    free(got.after.at);
    return true;
}

static void vectors_agree_under_a_composed_vtcr(void **state)
{
    FILE *f = fopen(EXCERPT, "r");
    struct vectors_case c = {.id = {0}};
    struct vectors_error error;
    struct walk_cpu cpu;
    unsigned long cases_n;
    unsigned checked_n = 0;
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;

    (void)state;
    assert_non_null(f);
    n = getline(&line, &cap, f);
    assert_true(n > 0 &&
                vectors_header_read(line, (size_t)n - 1, &cpu, &cases_n, &error));
    while ((n = getline(&line, &cap, f)) > 0) {
        if (!vectors_case_read(line, (size_t)n - 1, &c, &error))
            fail_msg("column %lu: %s", error.column, error.why);
        checked_n += check(&cpu, &c);
    }
    assert_true(checked_n >= AT_LEAST);
    vectors_case_free(&c);
    free(line);
    fclose(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_agree_under_a_composed_vtcr),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
