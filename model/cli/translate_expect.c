/* SPDX-License-Identifier: Apache-2.0 */
/* model/cli/translate_expect.c - the map `expect`, field by field. */
#include "model/cli/translate_priv.h"

#include <inttypes.h>
#include <stdlib.h>

static const char *fault_word(unsigned i)
{
    return i <= ARCH_FAULT_PERMISSION ? arch_fault_name((enum arch_fault_type)i) : NULL;
}

static const char *level_word(unsigned i)
{
    static const char *const words[] = {"-1", "0", "1", "2", "3", NULL};
    return words[i];
}

static const struct scn_key keys[WHAT_N] = {
    [WHAT_PA] = {.name = "pa", .type = SCN_T_ADDRESS},
    [WHAT_FAULT] = {.name = "fault", .type = SCN_T_WORD, .word = fault_word},
    [WHAT_STAGE] = {.name = "stage", .type = SCN_T_COUNT, .min = 1, .max = 2},
    [WHAT_LEVEL] = {.name = "level", .type = SCN_T_WORD, .word = level_word},
    [WHAT_S1PTW] = {.name = "s1ptw", .type = SCN_T_BOOL},
    [WHAT_IPA] = {.name = "ipa", .type = SCN_T_ADDRESS},
    [WHAT_PAR] = {.name = "par", .type = SCN_T_ADDRESS},
    [WHAT_TARGET_EL] = {.name = "target_el", .type = SCN_T_COUNT, .min = 1, .max = 2},
    [WHAT_ESR] = {.name = "esr", .type = SCN_T_ADDRESS},
    [WHAT_FAR] = {.name = "far", .type = SCN_T_ADDRESS},
    [WHAT_HPFAR] = {.name = "hpfar", .type = SCN_T_ADDRESS},
    [WHAT_WNR] = {.name = "wnr", .type = SCN_T_COUNT, .min = 0, .max = 1},
    [WHAT_MEM_AFTER] = {.name = "mem_after", .type = SCN_T_ANY},
};

bool translate_read_expect(const struct scn_reader *r, const struct scn_node *node,
                           struct translate_expect *expect)
{
    struct scn_val v[WHAT_N];

    if (!scn_read_map(r, node, keys, WHAT_N, v))
        return false;
    for (int i = 0; i < WHAT_N; i++) {
        expect->given[i] = v[i].node;
        expect->u[i] = v[i].u;
        if (v[i].node)
            expect->pos[i] = v[i].node->pos;
    }
    return translate_read_words(r, v[WHAT_MEM_AFTER].node, &expect->after);
}

/* The answer's field; false: this answer has none. */
static bool got(const struct vectors_answer *a, enum translate_what what, uint64_t *u)
{
    const bool faulted = a->fault.type != ARCH_FAULT_NONE;

    switch (what) {
    case WHAT_PA:
        *u = a->pa;
        return !faulted;
    case WHAT_FAULT:
        *u = a->fault.type;
        return true;
    case WHAT_STAGE:
        *u = a->fault.stage;
        return faulted;
    case WHAT_LEVEL:
        *u = (uint64_t)(a->fault.level + 1);
        return faulted;
    case WHAT_S1PTW:
        *u = a->fault.s1ptw;
        return faulted;
    case WHAT_IPA:
        *u = a->ipa;
        return a->fault.s1ptw;
    case WHAT_PAR:
        *u = a->par;
        return a->has_par;
    case WHAT_TARGET_EL:
        *u = a->abort.target_el;
        return a->has_abort;
    case WHAT_ESR:
        *u = a->abort.esr;
        return a->has_abort;
    case WHAT_FAR:
        *u = a->abort.far;
        return a->has_abort;
    case WHAT_HPFAR:
        *u = a->abort.hpfar;
        return a->has_abort && a->abort.hpfar_valid;
    case WHAT_WNR:
        *u = a->wnr;
        return a->has_wnr;
    case WHAT_MEM_AFTER:
    case WHAT_N:
        break;
    }
    return false;
}

/* u of PAR_EL1 and ESR_ELx reduced to the bits that count. */
static uint64_t what_counts(const struct vectors_answer *a, enum translate_what what,
                            uint64_t u)
{
    struct vectors_answer want = *a;

    want.par = want.abort.esr = u;
    vectors_answer_normalise(&want);
    return what == WHAT_PAR ? want.par : what == WHAT_ESR ? want.abort.esr : u;
}

static void print_value(enum translate_what what, uint64_t u, FILE *f)
{
    if (keys[what].type == SCN_T_WORD)
        fputs(keys[what].word((unsigned)u), f);
    else if (keys[what].type == SCN_T_BOOL)
        fputs(u ? "true" : "false", f);
    else
        fprintf(f, keys[what].type == SCN_T_COUNT ? "%" PRIu64 : "0x%" PRIx64, u);
}

static void print_head(const struct translate_expect *x, enum translate_what what)
{
    const struct scn_pos *pos = &x->pos[what];

    fprintf(stderr, "%s:%u:%u: expectation failed: expected %s ", pos->file, pos->line,
            pos->col, keys[what].name);
}

static bool meets(const struct translate_expect *x, const struct vectors_answer *a,
                  enum translate_what what)
{
    const uint64_t want = what_counts(a, what, x->u[what]);
    uint64_t u = 0;
    const bool has = got(a, what, &u);

    if (has && u == want)
        return true;
    print_head(x, what);
    print_value(what, want, stderr);
    fputs(", got ", stderr);
    if (has)
        print_value(what, u, stderr);
    else
        fputs("none", stderr);
    fputc('\n', stderr);
    return false;
}

static void print_words(const struct vectors_words *words)
{
    fputc('{', stderr);
    for (size_t i = 0; i < words->n; i++)
        fprintf(stderr, "%s0x%" PRIx64 ": 0x%" PRIx64, i ? ", " : "", words->at[i].pa,
                words->at[i].value);
    fputc('}', stderr);
}

static bool meets_after(const struct translate_expect *x,
                        const struct vectors_answer *a)
{
    struct vectors_answer want = *a;

    want.after = x->after;
    if (!vectors_answer_differs(&want, a))
        return true;
    print_head(x, WHAT_MEM_AFTER);
    print_words(&x->after);
    fputs(", got ", stderr);
    print_words(&a->after);
    fputc('\n', stderr);
    return false;
}

bool translate_meets(const struct translate_expect *expect, const struct explanation *e)
{
    bool ok = true;

    for (int i = 0; i < WHAT_MEM_AFTER; i++) {
        if (expect->given[i])
            ok = meets(expect, &e->answer, (enum translate_what)i) && ok;
    }
    if (expect->given[WHAT_MEM_AFTER])
        ok = meets_after(expect, &e->answer) && ok;
    return ok;
}
