/* SPDX-License-Identifier: Apache-2.0 */
/* tests/crosscheck/crosscheck.c - TLBs and walk caches change no answer.
 *
 *     crosscheck [CASES [SEED]]
 *
 * Each case is a random machine with its tables. It makes random accesses once behind a
 * TLB, walk caches and caches of one stage, and once by walks alone, and compares each
 * answer and at the end the memory, with its hardware updates. Between accesses
 * descriptors change; TLBIs that suffice follow, last-level ones too where no table is
 * cached, but none where nothing was cached: entries that fault are not. Switches of
 * ASID and VMID need none. Case i has the seed SEED + i, so one that fails runs alone
 * as crosscheck 1 with the seed that is printed. */
#include "tests/crosscheck/front.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define STEPS_N 48u

static uint8_t random_el(const struct world *w, struct dice *d)
{
    switch (w->regime) {
    case ARCH_REGIME_EL10:
        return dice_one_in(d, 2);
    case ARCH_REGIME_EL20:
        return dice_one_in(d, 2) ? 2 : 0;
    case ARCH_REGIME_EL2:
        break;
    }
    return 2;
}

/* Below n, and 0 more often than not, so that entries are hit. */
static unsigned few(struct dice *d, unsigned n)
{
    return dice_one_in(d, 2) ? 0 : dice_below(d, n);
}

static struct access random_access(struct world *w)
{
    static const enum arch_access kinds[] = {ARCH_READ, ARCH_READ, ARCH_WRITE,
                                             ARCH_WRITE, ARCH_EXECUTE};
    struct dice *d = &w->dice;
    const bool flat = w->s2_on && dice_one_in(d, 5);
    const uint64_t address = flat ? w->ipa[few(d, IPAS_N)] : w->va[few(d, VAS_N)];
    const uint64_t tag =
        !flat && dice_one_in(d, 16) ? (uint64_t)dice_below(d, 4) << 56 : 0;

    return (struct access){
        .query = {.va = {(address ^ tag) | dice_below(d, 4096)},
                  .access = kinds[dice_below(d, 5)],
                  .how = WALK_ACCESS,
                  .el = random_el(w, d),
                  .pan = dice_one_in(d, 3)},
        .vm = few(d, w->vms_n),
        .asid = few(d, w->asids_n),
        .flat = flat,
    };
}

static bool same_fault(const struct arch_fault *a, const struct arch_fault *b)
{
    if (a->type != b->type || a->type == ARCH_FAULT_NONE)
        return a->type == b->type;
    return a->stage == b->stage && a->level == b->level && a->s1ptw == b->s1ptw &&
           a->nt == b->nt;
}

static bool same_syndrome(const struct arch_syndrome *a, const struct arch_syndrome *b)
{
    return a->target_el == b->target_el && a->esr == b->esr && a->far == b->far &&
           a->hpfar_valid == b->hpfar_valid && a->hpfar == b->hpfar;
}

/* An entry that allowed too little is stale too, though the walk after it hides that.
 */
static bool same_answer(const struct answer *with, const struct answer *without)
{
    return with->pa == without->pa && same_fault(&with->fault, &without->fault) &&
           same_syndrome(&with->syndrome, &without->syndrome) &&
           !(with->denied && with->fault.type == ARCH_FAULT_NONE);
}

static void print_answer(const char *name, const struct answer *a)
{
    if (a->fault.type == ARCH_FAULT_NONE)
        printf("  %s: PA 0x%" PRIx64 "%s\n", name, a->pa,
               a->denied ? ", after an entry that denied it" : "");
    else
        printf("  %s: %s fault, stage %u, level %d%s%s, ESR 0x%" PRIx64
               ", FAR 0x%" PRIx64 ", HPFAR 0x%" PRIx64 "\n",
               name, arch_fault_name(a->fault.type), a->fault.stage, a->fault.level,
               a->fault.s1ptw ? ", s1ptw" : "", a->fault.nt ? ", nT" : "",
               a->syndrome.esr, a->syndrome.far, a->syndrome.hpfar);
}

static void print_failure(const struct world *w, unsigned step, const struct access *a,
                          const struct answer *with, const struct answer *without)
{
    static const char *const names[] = {"read", "write", "fetch"};
    const struct walk_context *ctx = &w->ctx[a->vm][a->asid];
    const bool guest = w->regime == ARCH_REGIME_EL10;

    printf("seed %" PRIu64 ", step %u: %s of 0x%" PRIx64 " by EL%u, PAN %u, vmid 0x%x, "
           "asid 0x%x%s (again: crosscheck 1 %" PRIu64 ")\n",
           w->seed, step, names[a->query.access], a->query.va.v, a->query.el,
           a->query.pan, ctx->vmid, guest ? ctx->el10.asid : ctx->host.asid,
           a->flat ? ", stage 1 off" : "", w->seed);
    print_answer("with TLB   ", with);
    print_answer("without TLB", without);
}

/* After the same hardware updates. */
static bool same_memory(const struct world *w)
{
    for (unsigned i = 0; i < w->used_n; i++) {
        const struct word *word = &w->words[w->used[i]];

        if (word->value[WITH_TLB] != word->value[WITHOUT]) {
            printf("seed %" PRIu64 ": the descriptor at 0x%" PRIx64 " is 0x%" PRIx64
                   " with TLB, 0x%" PRIx64 " without\n",
                   w->seed, word->pa, word->value[WITH_TLB], word->value[WITHOUT]);
            return false;
        }
    }
    return true;
}

static void change(struct software *s, struct world *w, struct caches *c,
                   struct counts *n)
{
    caches_forget(c, s);
    software_change(s, w);
    n->changes++;
    n->tlbis += s->ops_n;
    for (unsigned i = 0; i < s->ops_n; i++) {
        n->last_level_tlbis += s->ops[i].last_level;
        n->removed += caches_invalidate(c, &s->ops[i]);
    }
}

static bool case_agrees(uint64_t seed, struct counts *n)
{
    static struct world w;
    static struct software s;
    static struct caches c;

    world_init(&w, seed);
    caches_init(&c, &w);
    s.notes_n = 0;
    for (unsigned step = 0; step < STEPS_N; step++) {
        if (dice_one_in(&w.dice, 6))
            change(&s, &w, &c, n);
        const struct access a = random_access(&w);
        const struct answer with = front_with_tlb(&w, &c, &s, &a, n);
        const struct answer without = front_without(&w, &a, n);
        if (w.mixed) {
            n->mixed++;
            return true;
        }
        if (!same_answer(&with, &without)) {
            print_failure(&w, step, &a, &with, &without);
            return false;
        }
    }
    return same_memory(&w);
}

static bool number(const char *text, uint64_t *value)
{
    char *end;

    errno = 0;
    *value = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0;
}

static void print_counts(const struct counts *n)
{
    printf("%" PRIu64 " accesses, of which hits %" PRIu64 " (global %" PRIu64
           ", stage 2 %" PRIu64 ", fragments %" PRIu64 "), denied %" PRIu64
           ", clean %" PRIu64 ", faults %" PRIu64 " (s1ptw %" PRIu64 "); fills %" PRIu64
           "\n",
           n->accesses, n->hits, n->global_hits, n->s2_only_hits, n->fragment_hits,
           n->denied, n->cleans, n->faults, n->s1ptw_faults, n->fills);
    printf("hits of walks: tables of stage 1 %" PRIu64 " by PA, %" PRIu64
           " by IPA, of stage 2 %" PRIu64 "; leaves of stage 1 %" PRIu64
           ", of stage 2 %" PRIu64 ", clean %" PRIu64 "; fills %" PRIu64
           "; descriptors read %" PRIu64 ", alone %" PRIu64 "\n",
           n->s1_table_hits, n->s1_ipa_hits, n->s2_table_hits, n->s1_leaf_hits,
           n->s2_leaf_hits, n->cache_cleans, n->cache_fills, n->reads, n->plain_reads);
    printf("changes %" PRIu64 ", TLBIs %" PRIu64 " (last-level %" PRIu64
           "), entries removed %" PRIu64 "\n",
           n->changes, n->tlbis, n->last_level_tlbis, n->removed);
}

/* False if the cases did not reach what they are meant to prove. */
static bool enough(uint64_t cases_n, const struct counts *n)
{
    const uint64_t reached[] = {
        n->global_hits,   n->s2_only_hits, n->fragment_hits, n->denied,
        n->cleans,        n->s1ptw_faults, n->faults,        n->removed,
        n->s1_table_hits, n->s1_ipa_hits,  n->s1_leaf_hits,  n->s2_table_hits,
        n->s2_leaf_hits,  n->cache_cleans, n->cache_fills,   n->last_level_tlbis,
    };
    bool all = n->hits > n->accesses / 10 && n->mixed < cases_n / 20 &&
               n->reads < n->plain_reads;

    for (unsigned i = 0; i < sizeof(reached) / sizeof(reached[0]); i++)
        all = all && reached[i] >= cases_n / 20;
    return all;
}

static bool report(uint64_t cases_n, uint64_t seed, const struct counts *n)
{
    printf("%" PRIu64 " cases (%" PRIu64 " cut short) from seed %" PRIu64 " agree\n",
           cases_n, n->mixed, seed);
    print_counts(n);
    if (cases_n < 10000 || enough(cases_n, n))
        return true;
    printf("too few of one kind to prove anything\n");
    return false;
}

int main(int argc, char **argv)
{
    uint64_t cases_n = 100000, seed = 1;
    struct counts n = {0};

    if (argc > 3 || (argc > 1 && !number(argv[1], &cases_n)) ||
        (argc > 2 && (!number(argv[2], &seed) || seed == 0))) {
        fprintf(stderr, "usage: crosscheck [CASES [SEED]], SEED from 1\n");
        return 2;
    }
    for (uint64_t i = 0; i < cases_n; i++) {
        if (!case_agrees(seed + i, &n))
            return 1;
    }
    return report(cases_n, seed, &n) ? 0 : 1;
}
