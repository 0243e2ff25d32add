/* SPDX-License-Identifier: Apache-2.0 */
/* tests/crosscheck/software.c - which TLBIs a change of one descriptor needs. */
#include "tests/crosscheck/software.h"

#include <assert.h>

void software_note(struct software *s, const struct tlb_entry *e,
                   const struct word_set *words)
{
    assert(s->notes_n < NOTES_MAX && e->stamp == s->stamp + 1);
    s->notes[s->notes_n++] = (struct note){
        .words = *words,
        .stamp = e->stamp,
        .ia = e->ia,
        .kind = e->kind,
        .leaf_shift = e->table ? e->tlbi_shift : e->leaf_shift,
        .tg = e->tg,
        .table = e->table,
        .ng = e->ng,
        .tag = e->tag,
    };
    s->stamp++;
}

struct note *software_find(struct software *s, uint64_t stamp)
{
    unsigned from = 0, to = s->notes_n;

    while (from < to) {
        const unsigned middle = (from + to) / 2;

        if (s->notes[middle].stamp < stamp)
            from = middle + 1;
        else
            to = middle;
    }
    if (from == s->notes_n || s->notes[from].stamp != stamp)
        return NULL;
    return &s->notes[from];
}

void software_keep_held(struct software *s)
{
    unsigned kept_n = 0;

    for (unsigned i = 0; i < s->notes_n; i++) {
        if (s->notes[i].held)
            s->notes[kept_n++] = s->notes[i];
    }
    s->notes_n = kept_n;
}

/* True if op names an address of the leaf or table, and such as it: a hint is of the
 * size of a leaf, and a last-level operation leaves tables. */
static bool names_it(const struct arch_tlbi *op, const struct note *note)
{
    const uint64_t inside = (UINT64_C(1) << note->leaf_shift) - 1;

    if (note->table && op->last_level)
        return false;
    if ((op->hint_shift != 0 && (note->table || op->hint_shift != note->leaf_shift)) ||
        (op->range && op->tg != note->tg))
        return false;
    return op->first <= (note->ia | inside) && op->last >= (note->ia & ~inside);
}

/* True if software may count on op for what note stands for. A world has one regime. */
static bool op_suffices(const struct arch_tlbi *op, const struct note *note)
{
    const bool s1 = note->kind != TLB_S2_ONLY;
    const bool named = names_it(op, note);
    const bool same_asid = op->asid == note->tag.asid;

    if (op->op == ARCH_TLBI_ALL)
        return true;
    if (op->vmid != note->tag.vmid)
        return false;
    switch (op->op) {
    case ARCH_TLBI_ALL:
    case ARCH_TLBI_VMALLS12:
        return true;
    case ARCH_TLBI_VMALL:
        return s1;
    case ARCH_TLBI_IPAS2:
        return !s1 && named;
    case ARCH_TLBI_VA:
        return s1 && named && (!note->ng || same_asid);
    case ARCH_TLBI_VAA:
        return s1 && named;
    case ARCH_TLBI_ASID:
        return s1 && note->ng && same_asid;
    }
    return false;
}

/* How wide the TLBIs of one change are. */
enum width { WIDTH_ALL, WIDTH_VM, WIDTH_STAGE_1, WIDTH_ASID, WIDTH_ADDRESS, WIDTHS_N };

static enum arch_tlbi_op op_for(struct dice *d, const struct note *note,
                                enum width width)
{
    if (width == WIDTH_ALL)
        return ARCH_TLBI_ALL;
    if (width == WIDTH_VM)
        return ARCH_TLBI_VMALLS12;
    if (note->kind == TLB_S2_ONLY)
        return ARCH_TLBI_IPAS2;
    if (width == WIDTH_STAGE_1 || (width == WIDTH_ASID && !note->ng))
        return ARCH_TLBI_VMALL;
    if (width == WIDTH_ASID)
        return ARCH_TLBI_ASID;
    return dice_one_in(d, 3) ? ARCH_TLBI_VAA : ARCH_TLBI_VA;
}

/* Last-level, with a level hint, or as a range that begins or ends in the leaf. */
static void narrow(struct dice *d, const struct note *note, struct arch_tlbi *op)
{
    const uint64_t page = UINT64_C(1) << note->tg;

    op->last_level = !note->table && dice_one_in(d, 2);
    if (!note->table && dice_one_in(d, 2))
        op->hint_shift = note->leaf_shift;
    if (!dice_one_in(d, 3))
        return;
    op->range = true;
    op->tg = (enum arch_tg)note->tg;
    if (dice_one_in(d, 2) && op->last <= UINT64_MAX - 8 * page)
        op->last += dice_below(d, 8) * page;
    else if (op->first >= 8 * page)
        op->first -= dice_below(d, 8) * page;
}

/* Any address inside the leaf does, and for a global one any ASID. */
static struct arch_tlbi tlbi_for(struct dice *d, const struct note *note,
                                 enum width width)
{
    const uint64_t inside = (UINT64_C(1) << note->leaf_shift) - 1;
    const uint64_t address = (note->ia & ~inside) | (dice_next(d) & inside);
    struct arch_tlbi op = {
        .op = op_for(d, note, width),
        .domain = ARCH_ISH,
        .regime = (enum arch_regime)note->tag.regime,
        .vmid = note->tag.vmid,
        .asid = note->ng ? note->tag.asid : (uint16_t)dice_next(d),
        .first = address,
        .last = address,
    };

    if (arch_tlbi_by_address(&op))
        narrow(d, note, &op);
    return op;
}

static bool sufficed(const struct software *s, const struct note *note)
{
    for (unsigned i = 0; i < s->ops_n; i++) {
        if (op_suffices(&s->ops[i], note))
            return true;
    }
    return false;
}

/* The fewest operations of that width, and forgets what they remove. */
static void name_tlbis(struct software *s, struct dice *d, unsigned word)
{
    const enum width width =
        dice_one_in(d, 2) ? WIDTH_ADDRESS : dice_below(d, WIDTHS_N);
    unsigned kept_n = 0;

    s->ops_n = 0;
    for (unsigned i = 0; i < s->notes_n; i++) {
        const struct note *note = &s->notes[i];

        if (word_set_has(&note->words, word) && !sufficed(s, note))
            s->ops[s->ops_n++] = tlbi_for(d, note, width);
    }
    for (unsigned i = 0; i < s->notes_n; i++) {
        if (!sufficed(s, &s->notes[i]))
            s->notes[kept_n++] = s->notes[i];
    }
    s->notes_n = kept_n;
}

/* Mostly one that a cached translation follows from, late in its walk. */
static unsigned pick_word(const struct software *s, struct world *w)
{
    unsigned i = dice_below(&w->dice, w->used_n);

    if (s->notes_n == 0 || dice_one_in(&w->dice, 4))
        return w->used[i];
    const struct note *note = &s->notes[dice_below(&w->dice, s->notes_n)];
    for (unsigned tries = 0; tries < 64; tries++) {
        if (word_set_has(&note->words, w->used[i]) &&
            (w->words[w->used[i]].level == 3 || dice_one_in(&w->dice, 2)))
            break;
        i = (i + 1) % w->used_n;
    }
    return w->used[i];
}

void software_change(struct software *s, struct world *w)
{
    s->ops_n = 0;
    if (w->used_n == 0)
        return;
    const unsigned i = pick_word(s, w);
    struct word *word = &w->words[i];
    const uint64_t value = world_changed(w, word);

    word->value[WITH_TLB] = word->value[WITHOUT] = value;
    name_tlbis(s, &w->dice, i);
}
