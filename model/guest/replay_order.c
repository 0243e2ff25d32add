/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/replay_order.c - one order of the steps of all attempts. */
#include "model/guest/replay_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A line that shows that somebody had broken, or made, an entry by then. */
struct effect {
    uint64_t entry; /* IPA of the entry, and its level in the low bits */
    size_t event;
    int of;         /* REPLAY_BREAK, REPLAY_MAKE or DONE */
    size_t attempt; /* whose line it is */
};

/* The handler that has mapped the entry has returned. */
#define DONE ((int)REPLAY_ACTS_N)

/* How far one completion is followed to another. */
#define ROUNDS_N 2

struct effects {
    struct effect *list; /* [n], by entry, act and event */
    size_t n, cap;
};

/* A step stands at its event, just before all steps of that event, or just behind. */
enum side { BEFORE, AT, BEHIND };

struct ordered_step {
    size_t event;
    enum side side;
    size_t attempt; /* or host operation */
    bool host;
    enum replay_step step;
};

static uint64_t entry_of(uint64_t ipa, int level)
{
    return (ipa & ~(replay_level_bytes(level) - 1)) | (unsigned)level;
}

static bool add_effect(struct effects *e, uint64_t ipa, int level, int of, size_t event,
                       size_t attempt)
{
    if (!replay_grow((void **)&e->list, &e->cap, e->n, sizeof *e->list))
        return false;
    e->list[e->n++] = (struct effect){entry_of(ipa, level), event, of, attempt};
    return true;
}

static int by_entry(const void *a, const void *b)
{
    const struct effect *x = a, *y = b;

    if (x->entry != y->entry)
        return x->entry < y->entry ? -1 : 1;
    if (x->of != y->of)
        return x->of - y->of;
    return (x->event > y->event) - (x->event < y->event);
}

/* EAGAIN without a line that tells at which entry: at one from the level of the fault
 * down to the leaf. */
static bool add_found(struct effects *e, const struct replay_attempt *a, size_t index)
{
    const int leaf = replay_level_of(a->leaf_bytes);
    bool ok = true;

    for (int level = a->fault.level < leaf ? a->fault.level : leaf; ok && level <= leaf;
         level++)
        ok = add_effect(e, a->ipa.v, level, REPLAY_BREAK, a->step_at[REPLAY_RETURN],
                        index);
    return ok;
}

/* What attempt index shows of others. */
static bool add_effects_of(struct effects *e, const struct replay *r, size_t index)
{
    const struct replay_attempt *a = &r->attempts[index];
    bool ok = true;

    for (int level = 0; level < REPLAY_LEVELS_N; level++) {
        const size_t look = a->step_at[replay_step_of(REPLAY_LOOK, level)];
        const size_t swap = a->step_at[replay_step_of(REPLAY_BREAK, level)];

        if (look != NONE && level == a->locked_level)
            ok = ok && add_effect(e, a->ipa.v, level, REPLAY_BREAK, look, index);
        else if (swap != NONE && a->how == REPLAY_LOST)
            ok = ok && add_effect(e, a->ipa.v, level, REPLAY_BREAK, swap, index);
    }
    if (a->how == REPLAY_FOUND && a->leaf_bytes)
        ok = ok && add_found(e, a, index);
    /* A leaf shows tables above it. */
    for (int level = 0; !a->eagain && level < replay_level_of(a->leaf_bytes); level++)
        ok = ok && add_effect(e, a->ipa.v, level, REPLAY_MAKE,
                              a->step_at[REPLAY_RETURN], index);
    /* A fault at a level shows tables above it, a permission fault a leaf there. */
    for (int level = 0; level <= a->fault.level && !a->fault.s1ptw; level++) {
        if (level < a->fault.level || a->fault.type == ARCH_FAULT_PERMISSION)
            ok = ok && add_effect(e, a->ipa.v, level, REPLAY_MAKE,
                                  a->step_at[REPLAY_EXIT], index);
    }
    /* A block or table was there, and is not: it has been broken. */
    if (a->fault.type == ARCH_FAULT_TRANSLATION && a->fault.level < 3 &&
        !a->fault.s1ptw)
        ok = ok && add_effect(e, a->ipa.v, a->fault.level, REPLAY_BREAK,
                              a->step_at[REPLAY_EXIT], index);
    if (!a->eagain && a->leaf_bytes)
        ok = ok && add_effect(e, a->ipa.v, replay_level_of(a->leaf_bytes), DONE,
                              a->step_at[REPLAY_RETURN], index);
    return ok;
}

/* The first event in (after, bound) at which another attempt shows that the entry was
 * broken, or made; else bound. */
static size_t first_effect(const struct effects *e, uint64_t entry, int of,
                           size_t attempt, size_t after, size_t bound)
{
    const struct effect key = {.entry = entry, .event = after + 1, .of = of};
    size_t low = 0, high = e->n;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;

        if (by_entry(&e->list[mid], &key) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < e->n && e->list[low].entry == entry && e->list[low].of == of; low++) {
        if (e->list[low].event >= bound)
            break;
        if (e->list[low].attempt != attempt)
            return e->list[low].event;
    }
    return bound;
}

/* The guest went on to fault elsewhere, so its access had been let through: before it
 * faulted there, and so before that was mapped. */
static bool add_completion_of(struct effects *to, const struct effects *e,
                              const struct replay *r, size_t index)
{
    const struct replay_attempt *a = &r->attempts[index];
    const struct replay_attempt *next;
    size_t by;
    bool ok = true;

    if (!a->last_of_access || a->next == NONE)
        return true;
    next = &r->attempts[a->next];
    by = next->step_at[REPLAY_EXIT];
    if (next->fault.type == ARCH_FAULT_TRANSLATION && next->leaf_bytes)
        by = first_effect(e, entry_of(next->ipa.v, replay_level_of(next->leaf_bytes)),
                          DONE, a->next, next->step_at[REPLAY_ENTRY], by);
    for (int level = 0; ok && level < REPLAY_LEVELS_N; level++)
        ok = add_effect(to, a->ipa.v, level, REPLAY_MAKE, by, index);
    return ok;
}

static void sort_effects(struct effects *e)
{
    if (e->n)
        qsort(e->list, e->n, sizeof *e->list, by_entry);
}

/* What completed accesses show, from where the entries are known to be mapped. */
static bool add_completions(struct effects *e, const struct replay *r)
{
    struct effects more = {0};
    bool ok = true;

    for (size_t i = 0; ok && i < r->attempts_n; i++)
        ok = add_completion_of(&more, e, r, i);
    for (size_t i = 0; ok && i < more.n; i++) {
        ok = replay_grow((void **)&e->list, &e->cap, e->n, sizeof *e->list);
        if (ok)
            e->list[e->n++] = more.list[i];
    }
    free(more.list);
    sort_effects(e);
    return ok;
}

/* An entry was mapped when somebody shows it, if that is before the handler's return.
 */
static void advance_done(struct effects *e, const struct replay *r)
{
    for (size_t i = 0; i < e->n; i++) {
        struct effect *d = &e->list[i];

        if (d->of == DONE)
            d->event =
                first_effect(e, d->entry, REPLAY_MAKE, d->attempt,
                             r->attempts[d->attempt].step_at[REPLAY_MAP], d->event);
    }
    sort_effects(e);
}

/* All that the attempts show, sorted. */
static bool collect_effects(struct effects *e, const struct replay *r)
{
    bool ok = true;

    for (size_t i = 0; ok && i < r->attempts_n; i++)
        ok = add_effects_of(e, r, i);
    sort_effects(e);
    for (int round = 0; ok && round < ROUNDS_N; round++) {
        ok = add_completions(e, r);
        advance_done(e, r);
    }
    return ok;
}

struct placing {
    struct replay *r;
    struct effects effects;
    struct ordered_step *steps; /* [n] */
    size_t n;
};

static void put(struct placing *p, size_t attempt, enum replay_step step, size_t event,
                enum side side)
{
    /* A MAP that separate() has moved may be behind other lines of its attempt. */
    if (step > REPLAY_MAP && p->r->attempts[attempt].step_at[REPLAY_MAP] != NONE &&
        event < p->r->attempts[attempt].step_at[REPLAY_MAP])
        event = p->r->attempts[attempt].step_at[REPLAY_MAP] + 1;
    p->steps[p->n++] = (struct ordered_step){event, side, attempt, false, step};
    p->r->attempts[attempt].step_at[step] = event;
}

/* The attempt changes the entry of this level. */
static bool wins_at(const struct replay_attempt *a, int level)
{
    const size_t swap = a->step_at[replay_step_of(REPLAY_BREAK, level)];

    if (a->step_at[replay_step_of(REPLAY_MAKE, level)] != NONE)
        return true;
    if (a->how == REPLAY_RELAXED || a->how == REPLAY_UNKNOWN ||
        a->how == REPLAY_NO_CALL)
        return false;
    if (swap != NONE)
        return a->how != REPLAY_LOST;
    return !a->eagain && level == replay_level_of(a->leaf_bytes);
}

/* The first own line from step on. */
static size_t next_own(const struct replay_attempt *a, enum replay_step step)
{
    int s = (int)step;

    while (s < REPLAY_RETURN && a->step_at[s] == NONE)
        s++;
    return a->step_at[s];
}

/* Where a winner breaks and makes the entry of a level; after: its last step so far.
 * Returns the last one. */
static size_t place_win(struct placing *p, size_t index, int level, size_t after)
{
    struct replay_attempt *a = &p->r->attempts[index];
    const enum replay_step swap = replay_step_of(REPLAY_BREAK, level);
    const enum replay_step make = replay_step_of(REPLAY_MAKE, level);
    const uint64_t entry = entry_of(a->ipa.v, level);
    const size_t make_line = a->make_line[level];
    const size_t make_end = next_own(a, make);
    const size_t made = first_effect(
        &p->effects, entry, REPLAY_MAKE, index,
        make_line != NONE && make_line > after ? make_line : after, make_end);
    const size_t swap_line = a->step_at[swap] != NONE ? a->step_at[swap] : make_line;
    const size_t swap_end = swap_line < made ? swap_line : made;
    const size_t at =
        first_effect(&p->effects, entry, REPLAY_BREAK, index, after, swap_end);

    a->order_inferred |= at != swap_end;
    p->r->breaks_inferred += at != swap_end;
    put(p, index, swap, at,
        at != swap_end || (at == made && made != make_end) ? BEFORE : AT);
    put(p, index, make, made, made != make_end ? BEFORE : AT);
    return made;
}

static void place_attempt(struct placing *p, size_t index)
{
    struct replay_attempt *a = &p->r->attempts[index];
    size_t after = a->step_at[REPLAY_MAP];

    put(p, index, REPLAY_ENTRY, a->step_at[REPLAY_ENTRY], AT);
    put(p, index, REPLAY_EXIT, a->step_at[REPLAY_EXIT], AT);
    if (after == a->step_at[REPLAY_RETURN]) /* no line of its own */
        a->step_at[REPLAY_MAP] = NONE;
    else
        put(p, index, REPLAY_MAP, after, BEHIND);
    for (int level = 0; level < REPLAY_LEVELS_N; level++) {
        const enum replay_step look = replay_step_of(REPLAY_LOOK, level);
        const enum replay_step swap = replay_step_of(REPLAY_BREAK, level);

        if (a->step_at[look] != NONE) {
            put(p, index, look, a->step_at[look], AT);
            after = a->step_at[look];
        }
        if (wins_at(a, level))
            after = place_win(p, index, level, after);
        else if (a->step_at[swap] != NONE)
            put(p, index, swap, a->step_at[swap], AT);
    }
    put(p, index, REPLAY_RETURN, a->step_at[REPLAY_RETURN], AT);
}

static int by_event(const void *a, const void *b)
{
    const struct ordered_step *x = a, *y = b;

    if (x->event != y->event)
        return x->event < y->event ? -1 : 1;
    if (x->host != y->host)
        return x->host ? -1 : 1;
    if (x->side != y->side)
        return (int)x->side - (int)y->side;
    if (x->attempt != y->attempt)
        return x->attempt < y->attempt ? -1 : 1;
    return (int)x->step - (int)y->step;
}

/* A step without a place of its own gets that of the next one. */
static void fill_in(struct replay *r)
{
    for (size_t i = 0; i < r->attempts_n; i++) {
        size_t *at = r->attempts[i].step_at;

        for (int s = REPLAY_RETURN; s-- > 0;) {
            if (at[s] == NONE)
                at[s] = at[s + 1];
        }
    }
}

static bool number_steps(struct placing *p)
{
    struct replay *r = p->r;

    for (size_t i = 0; i < r->host_n; i++)
        p->steps[p->n++] = (struct ordered_step){
            .event = r->host[i].step_at, .side = BEFORE, .attempt = i, .host = true};
    qsort(p->steps, p->n, sizeof *p->steps, by_event);
    for (size_t i = 0; i < p->n; i++) {
        const struct ordered_step *s = &p->steps[i];

        if (s->host)
            r->host[s->attempt].step_at = i;
        else
            r->attempts[s->attempt].step_at[s->step] = i;
    }
    fill_in(r);
    r->steps_n = p->n;
    r->over = calloc(p->n, sizeof *r->over);
    return r->over;
}

static int by_map(const void *a, const void *b)
{
    const struct ordered_step *x = a, *y = b;

    return (x->event > y->event) - (x->event < y->event);
}

/* One handler at a time: where the lines of two reach into each other they were
 * swapped, and the second took the lock when the first had returned. */
static void separate(struct placing *p)
{
    struct replay *r = p->r;
    size_t end = 0;

    for (size_t i = 0; i < r->attempts_n; i++)
        p->steps[i] = (struct ordered_step){.event = r->attempts[i].step_at[REPLAY_MAP],
                                            .attempt = i};
    qsort(p->steps, r->attempts_n, sizeof *p->steps, by_map);
    for (size_t i = 0; i < r->attempts_n; i++) {
        size_t *at = r->attempts[p->steps[i].attempt].step_at;

        if (at[REPLAY_MAP] < end)
            at[REPLAY_MAP] = end < at[REPLAY_RETURN] ? end : at[REPLAY_RETURN];
        if (at[REPLAY_RETURN] > end)
            end = at[REPLAY_RETURN];
    }
}

bool replay_place_steps(struct replay_builder *b)
{
    struct replay *r = b->r;
    struct placing p = {.r = r};
    bool ok = true;

    ok = collect_effects(&p.effects, r);
    p.steps = calloc(r->attempts_n * REPLAY_STEPS_N + r->host_n, sizeof *p.steps);
    ok = ok && p.steps;
    if (ok && b->cfg->exclusive)
        separate(&p);
    for (size_t i = 0; ok && i < r->attempts_n; i++)
        place_attempt(&p, i);
    ok = ok && number_steps(&p);
    free(p.steps);
    free(p.effects.list);
    return ok ? true : replay_fail(b, 0, strerror(ENOMEM));
}
