/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/transfer.c - a finished run as bytes, between processes of one host. */
#include "model/record/run.h"

#include <stdlib.h>
#include <string.h>

static void put(FILE *f, const void *data, size_t n, size_t size)
{
    uint64_t count = n;

    fwrite(&count, sizeof count, 1, f);
    if (n)
        fwrite(data, size, n, f);
}

static bool get(FILE *f, void **data, size_t *n, size_t *cap, size_t size)
{
    uint64_t count;

    *data = NULL;
    if (fread(&count, sizeof count, 1, f) != 1)
        return false;
    *n = (size_t)count;
    if (cap)
        *cap = *n;
    if (*n == 0)
        return true;
    *data = malloc(*n * size);
    return *data && fread(*data, size, *n, f) == *n;
}

static void put_lists(const struct rec_run *r, FILE *f)
{
    put(f, r->fault_lists, r->fault_lists_n, sizeof *r->fault_lists);
    for (size_t i = 0; i < r->fault_lists_n; i++)
        put(f, r->fault_lists[i].chunks, r->fault_lists[i].chunks_n,
            sizeof *r->fault_lists[i].chunks);
}

void rec_save(const struct rec_run *r, FILE *f)
{
    fwrite(r, sizeof *r, 1, f);
    put(f, r->vcpus, r->cfg.vcpus_n, sizeof *r->vcpus);
    put(f, r->bins, r->bins_n, sizeof *r->bins);
    put(f, r->slots, r->slots_n, sizeof *r->slots);
    put(f, r->faults, r->faults_n, sizeof *r->faults);
    put(f, r->changes, r->changes_n, sizeof *r->changes);
    put(f, r->attempts, r->attempts_n, sizeof *r->attempts);
    put(f, r->stages, r->stages_n, sizeof *r->stages);
    put(f, r->violations, r->violations_n, sizeof *r->violations);
    put(f, r->outcomes, r->outcomes_n, sizeof *r->outcomes);
    rec_closed_save(r->closed, f);
    put_lists(r, f);
    put(f, r->error, r->error ? strlen(r->error) + 1 : 0, 1);
}

#define GET(f, r, what)                                                                \
    get(f, (void **)&(r)->what, &(r)->what##_n, &(r)->what##_cap, sizeof *(r)->what)

static bool get_lists(struct rec_run *r, FILE *f)
{
    bool ok = GET(f, r, fault_lists);

    if (!r->fault_lists)
        r->fault_lists_n = 0;
    for (size_t i = 0; i < r->fault_lists_n; i++)
        r->fault_lists[i].chunks = NULL;
    for (size_t i = 0; ok && i < r->fault_lists_n; i++)
        ok = GET(f, &r->fault_lists[i], chunks);
    return ok;
}

bool rec_load(struct rec_run *r, FILE *f)
{
    size_t n;

    if (fread(r, sizeof *r, 1, f) != 1) {
        memset(r, 0, sizeof *r);
        return false;
    }
    r->vcpus = NULL;
    r->window = (struct rec_window){0};
    r->bins = NULL;
    r->slots = NULL;
    r->faults = NULL;
    r->fault_log = NULL;
    r->fault_lists = NULL;
    r->fault_lists_n = 0;
    r->all = NULL;
    r->changes = NULL;
    r->attempts = NULL;
    r->stages = NULL;
    r->violations = NULL;
    r->outcomes = NULL;
    r->closed = NULL;
    r->error = NULL;
    return get(f, (void **)&r->vcpus, &n, NULL, sizeof *r->vcpus) && GET(f, r, bins) &&
           GET(f, r, slots) && GET(f, r, faults) && GET(f, r, changes) &&
           GET(f, r, attempts) && GET(f, r, stages) && GET(f, r, violations) &&
           GET(f, r, outcomes) && rec_closed_load(&r->closed, f) && get_lists(r, f) &&
           get(f, (void **)&r->error, &n, NULL, 1);
}
