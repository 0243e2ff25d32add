/* SPDX-License-Identifier: Apache-2.0 */
/* tests/crosscheck/caches.c - random structures, filled with what software knows of. */
#include "tests/crosscheck/caches.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static struct tlb_cfg random_geometry(struct dice *d)
{
    static const uint8_t shifts[] = {12, 14, 16, 21, 25, 29, 30, 36, 42};
    struct tlb_cfg cfg = {.replacement = (enum tlb_replacement)dice_below(d, 3),
                          .seed = dice_next(d),
                          .ipa_takes_combined = dice_one_in(d, 4),
                          .address_takes_tables = dice_one_in(d, 4)};

    /* Fills come from several tables, and an abort would answer nothing. */
    cfg.conflict = (enum tlb_conflict)(TLB_CONFLICT_OLDER + dice_below(d, 4));
    cfg.ways_n = cfg.replacement == TLB_REPLACE_PLRU ? 1u << dice_below(d, 4)
                                                     : 1 + dice_below(d, 6);
    cfg.entries_n = cfg.ways_n << dice_below(d, 4);
    for (unsigned i = 0; i < sizeof(shifts) && cfg.sizes_n < TLB_SIZES_MAX; i++) {
        if (dice_below(d, i == 0 ? 8 : 2) != 0)
            cfg.size_shifts[cfg.sizes_n++] = shifts[i];
    }
    if (cfg.sizes_n == 0)
        cfg.size_shifts[cfg.sizes_n++] = shifts[0];
    for (unsigned i = 0; i < TLB_KINDS_N; i++)
        cfg.sizes_of[i] = (uint8_t)((1u << cfg.sizes_n) - 1);
    return cfg;
}

static struct tlb *add(struct caches *c, struct dice *d)
{
    const struct tlb_cfg cfg = random_geometry(d);

    if (tlb_cfg_check(&cfg) != ARCH_OK || tlb_bytes(&cfg) > CACHE_BYTES_MAX)
        abort();
    c->all[c->all_n] = tlb_init(c->mem[c->all_n], &cfg);
    return c->all[c->all_n++];
}

void caches_init(struct caches *c, struct world *w)
{
    struct dice *d = &w->dice;
    const bool alone = dice_one_in(d, 4);

    c->seed = w->seed;
    c->all_n = 0;
    c->of[ROLE_TLB] = add(c, d);
    for (unsigned role = ROLE_TLB + 1; role < ROLES_N; role++) {
        const unsigned whose = dice_below(d, 4);

        c->of[role] = NULL;
        if (!alone && whose > 0)
            c->of[role] = whose == 1 ? c->of[ROLE_TLB] : add(c, d);
    }
}

bool caches_fill(struct caches *c, enum role role, struct software *s,
                 const struct tlb_entry *found, const struct word_set *words)
{
    struct tlb_entry e = *found;

    if (!c->of[role])
        return false;
    if (s->notes_n == NOTES_MAX)
        caches_forget(c, s);
    e.stamp = s->stamp + 1;
    if (!tlb_fill(c->of[role], &e))
        return false;
    software_note(s, &e, words);
    return true;
}

const struct tlb_entry *caches_look_up(struct caches *c, enum role role,
                                       struct software *s, const struct tlb_tag *who,
                                       enum tlb_kind kind, bool table, uint64_t ia)
{
    if (!c->of[role])
        return NULL;
    const struct tlb_entry *e = tlb_lookup(c->of[role], who, kind, table, ia);
    if (e && !software_find(s, e->stamp)) {
        fprintf(stderr,
                "seed %" PRIu64 ": the %s for 0x%" PRIx64 ", VMID 0x%x, ASID 0x%x, has "
                "outlived its TLBI\n",
                c->seed, table ? "table" : "translation", e->ia, e->tag.vmid,
                e->tag.asid);
        abort();
    }
    return e;
}

unsigned caches_invalidate(struct caches *c, const struct arch_tlbi *op)
{
    unsigned removed_n = 0;

    for (unsigned i = 0; i < c->all_n; i++)
        removed_n += tlb_invalidate(c->all[i], op).n;
    return removed_n;
}

static void mark(const struct tlb_entry *e, void *software)
{
    struct note *note = software_find(software, e->stamp);

    if (note)
        note->held = true;
}

void caches_forget(const struct caches *c, struct software *s)
{
    for (unsigned i = 0; i < s->notes_n; i++)
        s->notes[i].held = false;
    for (unsigned i = 0; i < c->all_n; i++)
        tlb_for_each(c->all[i], mark, s);
    software_keep_held(s);
}
