/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/merge.c - the records of the VMs of one run as one of the machine. */
#include "model/record/run.h"

#include "model/memory/must.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* All members are sums. */
static void add_counters(struct rec_counters *to, const struct rec_counters *n)
{
    uint64_t *sum = (uint64_t *)to;
    const uint64_t *more = (const uint64_t *)n;

    static_assert(sizeof *n % sizeof *more == 0,
                  "struct rec_counters has uint64_t only");
    for (size_t i = 0; i < sizeof *n / sizeof *more; i++)
        sum[i] += more[i];
}

static void add_bin(struct rec_bin *to, const struct rec_bin *b)
{
    to->accesses += b->accesses;
    to->requests += b->requests;
    to->faults += b->faults;
    to->redundant += b->redundant;
    to->in_handler_ps += b->in_handler_ps;
    to->window_ps += b->window_ps;
    if (b->latency_max_ps > to->latency_max_ps)
        to->latency_max_ps = b->latency_max_ps;
}

/* Room for n elements of size bytes more; zeroed. */
static void *grow(void *array, size_t n, size_t more, size_t size)
{
    if (more == 0)
        return array;
    array = must(realloc(array, (n + more) * size));
    memset((char *)array + n * size, 0, more * size);
    return array;
}

#define GROW_TO(r, what, n)                                                            \
    do {                                                                               \
        size_t to_ = (n), from_ = (r)->what##_n;                                       \
        if (to_ > from_) {                                                             \
            (r)->what = grow((r)->what, from_, to_ - from_, sizeof *(r)->what);        \
            (r)->what##_n = (r)->what##_cap = to_;                                     \
        }                                                                              \
    } while (0)

#define APPEND(r, part, what)                                                          \
    do {                                                                               \
        const size_t at_ = (r)->what##_n;                                              \
        GROW_TO(r, what, at_ + (part)->what##_n);                                      \
        if ((part)->what##_n)                                                          \
            memcpy(&(r)->what[at_], (part)->what,                                      \
                   (part)->what##_n * sizeof *(part)->what);                           \
    } while (0)

static void add_events(struct rec_run *r, const struct rec_run *part, uint32_t vcpu)
{
    const size_t changes_n = r->changes_n;

    APPEND(r, part, changes);
    APPEND(r, part, stages);
    APPEND(r, part, violations);
    for (size_t i = changes_n; i < r->changes_n; i++)
        r->changes[i].vcpu += r->changes[i].vcpu < 0 ? 0 : (int32_t)vcpu;
}

/* Where the faults of the part are: a list of the sum's own. */
static void add_faults(struct rec_run *r, const struct rec_run *part, uint32_t vcpu)
{
    const size_t lists_n = r->fault_lists_n;

    APPEND(r, part, fault_lists);
    for (size_t i = lists_n; i < r->fault_lists_n; i++) {
        struct rec_fault_list *list = &r->fault_lists[i];
        const uint64_t *chunks = list->chunks;

        list->chunks = must(calloc(list->chunks_n + 1, sizeof *chunks));
        list->chunks_cap = list->chunks_n;
        if (list->chunks_n)
            memcpy(list->chunks, chunks, list->chunks_n * sizeof *chunks);
        list->vcpu_first += vcpu;
    }
}

static void add_times(struct rec_run *r, const struct rec_run *part)
{
    GROW_TO(r, bins, part->bins_n);
    for (size_t i = 0; i < part->bins_n; i++)
        add_bin(&r->bins[i], &part->bins[i]);
    GROW_TO(r, slots, part->slots_n);
    for (size_t i = 0; i < part->slots_n; i++)
        r->slots[i] += part->slots[i];
    if (part->end_ps > r->end_ps)
        r->end_ps = part->end_ps;
}

static int by_first_store(const void *a, const void *b)
{
    const struct rec_change *x = a, *y = b;

    if (x->first_store_ps != y->first_store_ps)
        return x->first_store_ps < y->first_store_ps ? -1 : 1;
    return (x->vcpu > y->vcpu) - (x->vcpu < y->vcpu);
}

static int by_begin(const void *a, const void *b)
{
    const struct rec_stage *x = a, *y = b;

    return (x->begin_ps > y->begin_ps) - (x->begin_ps < y->begin_ps);
}

/* Of one PE they are in order, and PEs are of one VM. */
static int by_time(const void *a, const void *b)
{
    const struct mon_violation *x = a, *y = b;

    if (x->time_ps != y->time_ps)
        return x->time_ps < y->time_ps ? -1 : 1;
    return (x->pe > y->pe) - (x->pe < y->pe);
}

static void sort(void *array, size_t n, size_t size,
                 int (*order)(const void *, const void *))
{
    if (n > 1)
        qsort(array, n, size, order);
}

void rec_merge(struct rec_run *out, const struct rec_run *parts, size_t n)
{
    struct rec_cfg cfg = parts[0].cfg;
    uint32_t vcpu = 0;

    for (size_t i = 1; i < n; i++)
        cfg.vcpus_n += parts[i].cfg.vcpus_n;
    cfg.spool = NULL; /* the parts have filled it */
    rec_init(out, &cfg);
    for (size_t i = 0; i < n; i++) {
        const struct rec_run *part = &parts[i];

        add_counters(&out->n, &part->n);
        rec_histogram_merge(&out->request, &part->request);
        rec_histogram_merge(&out->access, &part->access);
        memcpy(&out->vcpus[vcpu], part->vcpus, part->cfg.vcpus_n * sizeof *part->vcpus);
        add_times(out, part);
        add_events(out, part, vcpu);
        add_faults(out, part, vcpu);
        if (part->stopped_ps < out->stopped_ps)
            out->stopped_ps = part->stopped_ps;
        if (part->error)
            rec_fail(out, part->error);
        vcpu += part->cfg.vcpus_n;
    }
    out->storm = parts[0].together;
    sort(out->changes, out->changes_n, sizeof *out->changes, by_first_store);
    sort(out->stages, out->stages_n, sizeof *out->stages, by_begin);
    sort(out->violations, out->violations_n, sizeof *out->violations, by_time);
}
