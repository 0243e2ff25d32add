/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/answer.c - computing, comparing and printing answers. */
#include "model/translate/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ESR_COUNTS (UINT64_C(0x3f) << ARCH_ESR_EC_SHIFT | ARCH_ESR_S1PTW | ARCH_ESR_FSC)
#define PAR_FAULT_COUNTS UINT64_C(0x37f) /* F, FST, PTW, S */

bool vectors_words_add(struct vectors_words *words, uint64_t pa, uint64_t value)
{
    if (words->n == words->capacity) {
        const size_t capacity = words->capacity * 2 + 64;
        struct vectors_word *at = realloc(words->at, capacity * sizeof(*at));
        if (!at)
            return false;
        words->at = at;
        words->capacity = capacity;
    }
    words->at[words->n++] = (struct vectors_word){.pa = pa, .value = value};
    return true;
}

static struct vectors_word *find(const struct vectors_words *words, uint64_t pa)
{
    for (size_t i = 0; i < words->n; i++) {
        if (words->at[i].pa == pa)
            return &words->at[i];
    }
    return NULL;
}

/* What the walk asked for, done at once: nothing else touches mem, so that a swap
 * always finds what it compares with. */
static uint64_t serve(struct walk *w, enum walk_next next, struct vectors_words *mem,
                      struct vectors_words *after)
{
    struct vectors_word *word = find(mem, w->desc_pa.v);
    const uint64_t found = word ? word->value : 0;

    if (next == WALK_NEED_CAS && word && found == w->desc) {
        struct vectors_word *changed = find(after, word->pa);
        word->value = w->desc_new;
        if (changed)
            changed->value = word->value;
        else if (!vectors_words_add(after, word->pa, word->value))
            abort();
    }
    return found;
}

static void answer_of(const struct walk *w, enum walk_next next,
                      const struct walk_query *query, struct vectors_answer *got)
{
    if (next == WALK_DONE) {
        got->pa = w->result.pa.v;
    } else {
        got->fault = w->fault;
        got->ipa = w->fault.s1ptw ? w->fault_ipa.v : 0;
        got->has_abort = query->how == WALK_ACCESS;
        got->abort = walk_syndrome(w);
        got->has_wnr = got->has_abort;
        got->wnr = got->abort.esr & ARCH_ESR_WNR;
    }
    got->has_par = query->how != WALK_ACCESS;
    got->par = walk_par(w, next);
    vectors_answer_normalise(got);
}

/* The PC after a branch to va: where the top byte of instruction addresses is ignored
 * it becomes copies of bit 55, or 0 in EL2. ArmARM: AArch64.BranchAddr. */
static struct arch_va branch_addr(const struct walk_context *ctx,
                                  const struct walk_query *query)
{
    const enum arch_regime regime = arch_hcr_regime(&ctx->hcr, query->el);
    const bool upper = regime != ARCH_REGIME_EL2 && (query->va.v >> 55 & 1);
    const struct walk_s1_cfg *half =
        &(regime == ARCH_REGIME_EL10 ? &ctx->el10 : &ctx->host)->half[upper];
    const uint64_t low = query->va.v & (UINT64_MAX >> 8);

    if (walk_s1_addr_top(&half->tcr, ARCH_EXECUTE) == 63)
        return query->va;
    return arch_va(upper ? low | UINT64_C(0xff) << 56 : low);
}

bool vectors_answer_observe(const struct walk_context *ctx,
                            const struct walk_query *asked, struct vectors_words *mem,
                            const struct vectors_observer *observer,
                            struct vectors_answer *got, enum arch_regime *regime)
{
    struct walk_query at = *asked;
    const struct walk_query *query = &at;
    struct walk w;
    unsigned steps_n = 0;

    *got = (struct vectors_answer){.after = got->after};
    got->after.n = 0;
    if (at.access == ARCH_EXECUTE && at.how == WALK_ACCESS)
        at.va = branch_addr(ctx, asked);
    enum walk_next next = walk_begin(&w, ctx, query);
    while (next == WALK_NEED_DESC || next == WALK_NEED_CAS) {
        if (++steps_n > WALK_STEPS_MAX)
            return false;
        const uint64_t value = serve(&w, next, mem, &got->after);
        if (observer)
            observer->on_step(observer->user, &w, next, value);
        next = walk_feed(&w, value);
    }
    if (observer)
        observer->on_step(observer->user, &w, next, 0);
    *regime = w.result.regime;
    answer_of(&w, next, query, got);
    return true;
}

bool vectors_answer_compute(const struct walk_context *ctx,
                            const struct walk_query *query, struct vectors_words *mem,
                            struct vectors_answer *got, enum arch_regime *regime)
{
    return vectors_answer_observe(ctx, query, mem, NULL, got, regime);
}

void vectors_answer_normalise(struct vectors_answer *a)
{
    if (a->fault.type == ARCH_FAULT_NONE) {
        a->par &= ARCH_PAR_F | ARCH_PAR_ADDRESS;
        return;
    }
    a->par &= PAR_FAULT_COUNTS;
    a->abort.esr &= ESR_COUNTS;
    if (a->fault.s1ptw) {
        const uint64_t code = arch_fault_status_code(&a->fault);
        a->par = (a->par & ~(ARCH_ESR_FSC << 1)) | code << 1;
        a->abort.esr = (a->abort.esr & ~ARCH_ESR_FSC) | code;
    }
}

static const char *fault_differs(const struct arch_fault *want,
                                 const struct arch_fault *got)
{
    if (want->type != got->type)
        return "fault";
    if (want->type == ARCH_FAULT_NONE)
        return NULL;
    if (want->stage != got->stage)
        return "stage";
    if (want->level != got->level)
        return "level";
    return want->s1ptw != got->s1ptw ? "s1ptw" : NULL;
}

static const char *abort_differs(const struct vectors_answer *want,
                                 const struct vectors_answer *got)
{
    if (want->has_abort != got->has_abort)
        return "esr";
    if (!want->has_abort)
        return NULL;
    if (want->abort.target_el != got->abort.target_el)
        return "target_el";
    if (want->abort.esr != got->abort.esr)
        return "esr";
    if (want->abort.far != got->abort.far)
        return "far";
    if (want->abort.hpfar_valid != got->abort.hpfar_valid ||
        want->abort.hpfar != got->abort.hpfar)
        return "hpfar";
    return want->has_wnr && want->wnr != got->wnr ? "wnr" : NULL;
}

static const char *after_differs(const struct vectors_words *want,
                                 const struct vectors_words *got)
{
    if (want->n != got->n)
        return "mem_after";
    for (size_t i = 0; i < want->n; i++) {
        const struct vectors_word *word = find(got, want->at[i].pa);
        if (!word || word->value != want->at[i].value)
            return "mem_after";
    }
    return NULL;
}

const char *vectors_answer_differs(const struct vectors_answer *want,
                                   const struct vectors_answer *got)
{
    const char *field = fault_differs(&want->fault, &got->fault);

    if (field)
        return field;
    if (want->pa != got->pa)
        return "pa";
    if (want->fault.s1ptw && want->ipa != got->ipa)
        return "ipa";
    if ((field = after_differs(&want->after, &got->after)))
        return field;
    if (want->has_par && (!got->has_par || want->par != got->par))
        return "par";
    return abort_differs(want, got);
}

/* Appends to text from *used on; stops quietly at its end. */
#define APPEND(...)                                                                    \
    do {                                                                               \
        if (used < text_bytes)                                                         \
            used += (size_t)snprintf(text + used, text_bytes - used, __VA_ARGS__);     \
    } while (0)

const char *vectors_answer_text(const struct vectors_answer *a, char *text,
                                size_t text_bytes)
{
    size_t used = 0;

    if (a->fault.type == ARCH_FAULT_NONE)
        APPEND("pa 0x%" PRIx64, a->pa);
    else
        APPEND("%s stage %u level %d", arch_fault_name(a->fault.type), a->fault.stage,
               a->fault.level);
    if (a->fault.s1ptw)
        APPEND(" s1ptw ipa 0x%" PRIx64, a->ipa);
    if (a->has_par)
        APPEND(" par 0x%" PRIx64, a->par);
    if (a->has_abort)
        APPEND(" to EL%u esr 0x%" PRIx64 " far 0x%" PRIx64, a->abort.target_el,
               a->abort.esr, a->abort.far);
    if (a->has_abort && a->abort.hpfar_valid)
        APPEND(" hpfar 0x%" PRIx64, a->abort.hpfar);
    if (a->has_wnr)
        APPEND(" wnr %d", a->wnr);
    for (size_t i = 0; i < a->after.n; i++)
        APPEND(" [0x%" PRIx64 "]=0x%" PRIx64, a->after.at[i].pa, a->after.at[i].value);
    return text;
}
