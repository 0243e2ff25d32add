/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/floor/floor.h"

#include "model/guest/requests.h"

#include <stdlib.h>
#include <string.h>

#define STREAM_N (UINT64_C(1) << 20) /* addresses made beforehand */
#define PAGE_SHIFT 12

struct bare_tlb {
    uint64_t *pages; /* [sets_n][ways_n] */
    uint64_t set_mask;
    uint32_t ways_n, next;
};

static uint64_t *make_stream(const struct scn *s)
{
    const struct guest_requests *cfg = &s->vms[0].guest.requests;
    uint64_t *pages = malloc(STREAM_N * sizeof *pages);
    struct guest_arrivals a;
    uint64_t ignored;

    if (!pages)
        return NULL;
    guest_arrivals_init(&a, cfg, cfg->interval_ps, UINT64_MAX, s->seed_first, 0);
    for (uint64_t i = 0; i < STREAM_N; i++) {
        struct guest_access access;

        if (i % cfg->accesses_n == 0 && !guest_arrivals_next(&a, &ignored))
            break;
        guest_request_accesses(&a, (uint32_t)(i % cfg->accesses_n), 1, &access);
        pages[i] = access.ipa.v >> PAGE_SHIFT;
    }
    return pages;
}

/* 1 for a hit. */
static unsigned look_up(struct bare_tlb *t, uint64_t page)
{
    uint64_t *set = &t->pages[(page & t->set_mask) * t->ways_n];

    for (uint32_t way = 0; way < t->ways_n; way++) {
        if (set[way] == page)
            return 1;
    }
    set[t->next] = page;
    t->next = t->next + 1 == t->ways_n ? 0 : t->next + 1;
    return 0;
}

double floor_lookups(const struct scn *s, uint64_t n)
{
    const struct tlb_cfg *cfg = &s->platform.l1d.cfg;
    struct bare_tlb t = {calloc(cfg->entries_n, sizeof *t.pages),
                         cfg->entries_n / cfg->ways_n - 1, cfg->ways_n, 0};
    uint64_t *stream = make_stream(s);
    volatile uint64_t hits_n;
    uint64_t hits = 0;
    double seconds;

    if (!t.pages || !stream)
        abort();
    seconds = floor_seconds();
    for (uint64_t i = 0; i < n; i++)
        hits += look_up(&t, stream[i & (STREAM_N - 1)]);
    seconds = floor_seconds() - seconds;
    hits_n = hits;
    (void)hits_n;
    free(t.pages);
    free(stream);
    return (double)n / seconds;
}
