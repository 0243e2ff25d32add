/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guest/replay_closed.h"

#include "model/guest/replay_priv.h"

#include <stdlib.h>
#include <string.h>

/* How many of the host's operations an attempt comes behind. */
static size_t operations_before(const struct replay *r, const struct replay_attempt *a)
{
    size_t low = 0, high = r->host_n;

    while (low < high) {
        const size_t mid = (low + high) / 2;

        if (r->host[mid].step_at < a->step_at[REPLAY_EXIT])
            low = mid + 1;
        else
            high = mid;
    }
    while (low < r->host_n && r->host[low].kind > REPLAY_LOG_OFF &&
           r->host[low].step_at < a->step_at[REPLAY_MAP])
        low++;
    return low;
}

/* One page that a vCPU accesses. */
struct page_use {
    uint64_t ipa;
    size_t access;
};

/* What replay_closed_init() needs besides. */
struct folding {
    struct replay_closed *c;
    const struct replay *r;
    bool *logging;         /* [host_n + 1] behind so many of the host's operations */
    uint32_t *number;      /* [host_n + 1] of the segment behind them */
    struct page_use *uses; /* [attempts_n] */
};

static void note_logging(struct folding *f)
{
    const struct replay *r = f->r;

    for (size_t i = 0; i < r->host_n; i++)
        f->logging[i + 1] = r->host[i].kind <= REPLAY_LOG_OFF
                                ? r->host[i].kind == REPLAY_LOG_ON
                                : f->logging[i];
}

/* Its vCPU tries the same access again. */
static bool is_retried(const struct replay *r, const struct replay_attempt *a)
{
    const struct replay_attempt *next;

    if (a->next == NONE || !(a->eagain || a->how == REPLAY_UNKNOWN))
        return false;
    next = &r->attempts[a->next];
    if (next->ipa.v != a->ipa.v || next->access != a->access)
        return false;
    /* Done or not, what the host did in between may be why it faults again. */
    return a->eagain || operations_before(r, a) == operations_before(r, next);
}

/* The access whose first attempt is number first; *next: the attempt behind it. Until
 * number_segments() segment is the number of the host's operations before it. */
static struct replay_access fold(const struct folding *f, size_t first, size_t *next)
{
    const struct replay *r = f->r;
    const struct replay_attempt *a = &r->attempts[first];
    struct replay_access out = {.line = a->line,
                                .vcpu = a->vcpu,
                                .attempts_n = 1,
                                .ipa = a->ipa,
                                .access = a->access,
                                .next = NONE};

    for (; is_retried(r, a); a = &r->attempts[a->next])
        out.attempts_n++;
    out.segment = (uint32_t)operations_before(r, a);
    if (r->has_leaves && a->leaf_bytes && !f->logging[out.segment])
        out.leaf_level = (int8_t)replay_level_of(a->leaf_bytes);
    *next = a->next;
    return out;
}

static void fold_all(const struct folding *f)
{
    const struct replay *r = f->r;
    struct replay_closed *c = f->c;

    for (uint32_t vcpu = 0; vcpu < r->vcpus_n; vcpu++) {
        size_t *link = &c->first[vcpu];

        for (size_t i = r->first[vcpu]; i != NONE;) {
            c->accesses[c->accesses_n] = fold(f, i, &i);
            *link = c->accesses_n;
            link = &c->accesses[c->accesses_n++].next;
        }
        *link = NONE;
    }
}

/* Only where accesses lie between two operations is there a segment between them. */
static void number_segments(const struct folding *f)
{
    struct replay_closed *c = f->c;
    const size_t host_n = f->r->host_n;
    uint32_t *number = f->number;
    size_t from = 0;

    for (size_t i = 0; i < c->accesses_n; i++)
        number[c->accesses[i].segment] = 1;
    for (size_t k = 0; k <= host_n; k++) {
        if (!number[k] && k < host_n)
            continue;
        number[k] = (uint32_t)c->segments_n;
        c->segments[c->segments_n++] = (struct replay_segment){
            .host_first = from, .host_n = k - from, .logging = f->logging[k]};
        from = k;
    }
    for (size_t i = 0; i < c->accesses_n; i++)
        c->accesses[i].segment = number[c->accesses[i].segment];
}

static int by_page(const void *a, const void *b)
{
    const struct page_use *x = a, *y = b;

    if (x->ipa != y->ipa)
        return x->ipa < y->ipa ? -1 : 1;
    return (x->access > y->access) - (x->access < y->access);
}

static void number_pages(const struct folding *f)
{
    struct replay_closed *c = f->c;
    struct page_use *uses = f->uses;

    for (uint32_t vcpu = 0; vcpu < c->vcpus_n; vcpu++) {
        size_t n = 0;

        for (size_t i = c->first[vcpu]; i != NONE; i = c->accesses[i].next)
            uses[n++] = (struct page_use){c->accesses[i].ipa.v, i};
        qsort(uses, n, sizeof *uses, by_page);
        for (size_t i = 0; i < n; i++) {
            c->pages_n[vcpu] += i == 0 || uses[i].ipa != uses[i - 1].ipa;
            c->accesses[uses[i].access].page = c->pages_n[vcpu] - 1;
        }
    }
}

static void sum_block(const struct folding *f, const struct replay_attempt *a)
{
    const struct replay *r = f->r;
    struct replay_closed *c = f->c;
    struct replay_block *block = &c->blocks[replay_block_of(r, a->ipa)];
    uint32_t above = 0;

    for (int level = 0; level < c->block_level; level++)
        above += a->make_line[level] != NONE;
    c->makes_above += above;
    block->attempts_n++;
    block->breaks += r->has_breaks ? a->did.breaks : a->how == REPLAY_WON;
    block->makes += a->did.makes - above;
    block->frees += a->did.frees;
    block->relaxations += a->did.relaxations;
}

/* By the first leaf in each block that a read got, and any in the slot. */
static void find_read_only(const struct folding *f)
{
    const struct replay *r = f->r;
    struct replay_closed *c = f->c;
    bool any = false;

    for (size_t i = 0; i < r->attempts_n; i++) {
        const struct replay_attempt *a = &r->attempts[i];

        any |= r->has_leaves && a->leaf_bytes && a->access != ARCH_WRITE &&
               !a->writable && !f->logging[operations_before(r, a)];
    }
    for (size_t i = 0; i < c->blocks_n; i++)
        c->blocks[i].read_only_first = any;
    for (size_t i = r->attempts_n; any && i-- > 0;) {
        const struct replay_attempt *a = &r->attempts[i];

        if (a->leaf_bytes && !f->logging[operations_before(r, a)])
            c->blocks[replay_block_of(r, a->ipa)].read_only_first =
                a->access == ARCH_WRITE || !a->writable;
    }
}

static bool allocate(struct replay_closed *c, const struct replay *r)
{
    const size_t vcpus_n = r->vcpus_n ? r->vcpus_n : 1;

    memset(c, 0, sizeof *c);
    c->vcpus_n = r->vcpus_n;
    c->block_level = replay_level_of(r->block_bytes);
    c->blocks_n =
        replay_block_of(r, (struct arch_ipa){r->ipa.v + r->bytes - PAGE_BYTES}) + 1;
    c->accesses = calloc(r->attempts_n, sizeof *c->accesses);
    c->segments = calloc(r->host_n + 1, sizeof *c->segments);
    c->blocks = calloc(c->blocks_n, sizeof *c->blocks);
    c->first = calloc(vcpus_n, sizeof *c->first);
    c->pages_n = calloc(vcpus_n, sizeof *c->pages_n);
    return c->accesses && c->segments && c->blocks && c->first && c->pages_n;
}

bool replay_closed_init(struct replay_closed *c, const struct replay *r)
{
    struct folding f = {
        .c = c,
        .r = r,
        .logging = calloc(r->host_n + 1, sizeof *f.logging),
        .number = calloc(r->host_n + 1, sizeof *f.number),
        .uses = calloc(r->attempts_n, sizeof *f.uses),
    };
    const bool ok = allocate(c, r) && f.logging && f.number && f.uses;

    if (ok) {
        note_logging(&f);
        fold_all(&f);
        number_segments(&f);
        number_pages(&f);
        for (size_t i = 0; i < r->attempts_n; i++)
            sum_block(&f, &r->attempts[i]);
        find_read_only(&f);
    } else {
        replay_closed_free(c);
    }
    free(f.logging);
    free(f.number);
    free(f.uses);
    return ok;
}

void replay_closed_free(struct replay_closed *c)
{
    free(c->accesses);
    free(c->segments);
    free(c->blocks);
    free(c->first);
    free(c->pages_n);
    memset(c, 0, sizeof *c);
}
