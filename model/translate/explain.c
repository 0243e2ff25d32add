/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/explain.c - recording the steps of a walk. */
#include "model/translate/explain.h"

#include "walker/arch/bits.h"

#include <stdlib.h>
#include <string.h>

struct recorder {
    struct explanation *e;
    size_t nested_n; /* nested steps at the end of the list */
    bool no_memory;
};

static struct explain_step *add(struct recorder *r)
{
    struct explanation *e = r->e;

    if (e->steps_n == e->steps_capacity) {
        const size_t capacity = e->steps_capacity * 2 + 32;
        struct explain_step *steps = realloc(e->steps, capacity * sizeof(*steps));
        if (!steps) {
            r->no_memory = true;
            return NULL;
        }
        e->steps = steps;
        e->steps_capacity = capacity;
    }
    struct explain_step *step = &e->steps[e->steps_n++];
    *step = (struct explain_step){.reached = true};
    return step;
}

/* Hangs the nested steps so far under step, the last of the list. */
static void take_nested(struct recorder *r, struct explain_step *step)
{
    step->nested_n = r->nested_n;
    step->nested_first = r->e->steps_n - 1 - r->nested_n;
    r->nested_n = 0;
}

static void on_descriptor(struct recorder *r, const struct walk *w, enum walk_next next,
                          uint64_t value)
{
    struct explain_step *step = add(r);

    if (!step)
        return;
    step->op = next == WALK_NEED_CAS ? EXPLAIN_SWAP : EXPLAIN_READ;
    step->stage = w->stage;
    step->level = w->level;
    step->at = w->stage == 1 ? w->s1_desc_ipa.v : w->desc_pa.v;
    step->input = w->stage == 1 ? r->e->query.va.v
                  : w->for_s1   ? w->s1_desc_ipa.v
                                : w->result.ipa.v;
    step->pa = w->desc_pa;
    step->value = value;
    step->value_new = w->desc_new;
    if (w->stage == 1)
        take_nested(r, step);
    else if (w->for_s1)
        r->nested_n++;
    else
        r->e->has_final_s2 = true;
}

/* The last step of stage 1 so far, or NULL. */
static const struct explain_step *last_s1(const struct explanation *e)
{
    for (size_t i = e->steps_n; i-- > 0;) {
        if (e->steps[i].stage == 1)
            return &e->steps[i];
    }
    return NULL;
}

static int s1_start_level(const struct explanation *e)
{
    struct explain_setup setup;

    explain_setup(e, 1, &setup);
    return setup.start_level;
}

/* The descriptor of stage 1 that stage 2 kept from the walk. */
static void on_s1ptw(struct recorder *r, const struct walk *w)
{
    const struct explain_step *before = last_s1(r->e);
    const bool updates = before && before->at == w->fault_ipa.v;
    const int level = !before   ? s1_start_level(r->e)
                      : updates ? before->level
                                : before->level + 1;
    struct explain_step *step = add(r);

    if (!step)
        return;
    step->op = updates ? EXPLAIN_SWAP : EXPLAIN_READ;
    step->reached = false;
    step->stage = 1;
    step->level = (int8_t)level;
    step->input = r->e->query.va.v;
    step->at = w->fault_ipa.v;
    take_nested(r, step);
}

static void on_end(struct recorder *r, const struct walk *w, enum walk_next next)
{
    struct explanation *e = r->e;
    const bool stage_1_only =
        e->query.how == WALK_AT_S1 || e->query.how == WALK_AT_S1_PAN;

    e->end = next;
    e->result = w->result;
    e->par = walk_par(w, next);
    e->s1_on = e->result.regime == ARCH_REGIME_EL10 ? e->ctx.el10.on : e->ctx.host.on;
    e->s2_on = e->result.regime == ARCH_REGIME_EL10 && e->ctx.s2_on;
    e->s2_input = w->result.ipa.v;
    if (next == WALK_DONE) {
        e->has_final_s2 = e->s2_on && !stage_1_only;
        return;
    }
    e->fault = w->fault;
    e->syndrome = walk_syndrome(w);
    e->has_final_s2 = w->fault.stage == 2 && !w->fault.s1ptw;
    if (e->has_final_s2)
        e->s2_input = w->fault_ipa.v;
    if (w->fault.s1ptw)
        on_s1ptw(r, w);
}

static void on_step(void *user, const struct walk *w, enum walk_next next,
                    uint64_t value)
{
    if (next == WALK_NEED_DESC || next == WALK_NEED_CAS)
        on_descriptor(user, w, next, value);
    else
        on_end(user, w, next);
}

static bool copy_words(struct vectors_words *to, const struct vectors_words *from)
{
    for (size_t i = 0; i < from->n; i++) {
        if (!vectors_words_add(to, from->at[i].pa, from->at[i].value))
            return false;
    }
    return true;
}

bool explain(struct explanation *e, const struct walk_cpu *cpu,
             const struct walk_regs *regs, const struct walk_query *query,
             const struct vectors_words *mem)
{
    struct recorder r = {.e = e};
    const struct vectors_observer observer = {on_step, &r};
    struct vectors_words words = {.at = NULL};
    enum arch_regime regime;
    bool ok = false;

    *e = (struct explanation){.regs = *regs, .cpu = *cpu, .query = *query};
    walk_context_init(&e->ctx, &e->cpu, &e->regs);
    if (copy_words(&words, mem))
        ok = vectors_answer_observe(&e->ctx, query, &words, &observer, &e->answer,
                                    &regime);
    free(words.at);
    return ok && !r.no_memory;
}

void explain_free(struct explanation *e)
{
    free(e->steps);
    free(e->answer.after.at);
    e->steps = NULL;
    e->answer.after.at = NULL;
}

size_t explain_final_s2(const struct explanation *e)
{
    size_t i = e->steps_n;

    if (!e->has_final_s2)
        return i;
    while (i > 0 && e->steps[i - 1].stage == 2)
        i--;
    return i;
}

uint64_t explain_fault_ipa(const struct explanation *e)
{
    return e->fault.s1ptw ? e->steps[e->steps_n - 1].at : e->s2_input;
}

const struct walk_s1_cfg *explain_s1(const struct explanation *e)
{
    const struct walk_s1_regime *regime =
        e->result.regime == ARCH_REGIME_EL10 ? &e->ctx.el10 : &e->ctx.host;

    return &regime->half[arch_bit(e->query.va.v, 55)];
}
