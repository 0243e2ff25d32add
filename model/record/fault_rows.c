/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/fault_rows.c - faults.csv: a fault and its retries in one row.
 *
 * While a table entry is locked for long a vCPU retries every microsecond: one row each
 * would be all that is in the file. */
#include "model/record/results_priv.h"

#include <inttypes.h>
#include <stdlib.h>

/* A fault that is no retry, and the retries that followed it on its vCPU. */
struct chain {
    const struct rec_fault *last;
    uint64_t stall_ps, retries;
};

/* The chain of each fault, or retries == UINT64_MAX for one that is a link of
 * another's. chains: [faults_n], heads: [vcpus_n], the chain that a vCPU's retry
 * belongs to. */
static void fold(const struct rec_run *r, struct chain *chains, size_t *heads)
{
    for (size_t v = 0; v < r->cfg.vcpus_n; v++)
        heads[v] = SIZE_MAX;
    for (size_t i = 0; i < r->faults_n; i++) {
        const struct rec_fault *x = &r->faults[i];
        const bool link = x->cls == REC_FAULT_RETRY && heads[x->vcpu] != SIZE_MAX;
        struct chain *c;

        if (!link)
            heads[x->vcpu] = i;
        c = &chains[heads[x->vcpu]];
        chains[i].retries = link ? UINT64_MAX : 0;
        c->retries += link;
        c->stall_ps += x->reentry_ps - x->taken_ps;
        c->last = x;
    }
}

static const char *result(const struct rec_fault *x)
{
    if (x->stopped)
        return "stopped";
    if (x->type == ARCH_FAULT_TLB_CONFLICT)
        return "flushed";
    return x->eagain ? "eagain" : "mapped";
}

static void put_row(const struct rec_fault *x, const struct chain *c, FILE *f)
{
    rec_put_ns(f, x->taken_ps);
    fprintf(f, ",%" PRIu32 ",0x%" PRIx64 ",%c,%s,%d,%s,%s,", x->vcpu, x->ipa.v,
            "rwx"[x->access], arch_fault_name(x->type), x -> level,
            rec_fault_class_name(x->cls), result(c->last));
    rec_put_ns(f, c->stall_ps);
    fprintf(f, ",%d,%" PRIu64 ",", x->s1ptw, c->retries);
    rec_put_ns(f, c->last->taken_ps);
    fputc('\n', f);
}

void rec_fault_rows(const struct rec_run *r, const char *prefix, FILE *f)
{
    struct chain *chains = calloc(r->faults_n + 1, sizeof *chains);
    size_t *heads = calloc(r->cfg.vcpus_n + 1, sizeof *heads);

    if (!chains || !heads)
        abort();
    fold(r, chains, heads);
    for (size_t i = 0; i < r->faults_n; i++) {
        if (chains[i].retries == UINT64_MAX)
            continue;
        fputs(prefix, f);
        put_row(&r->faults[i], &chains[i], f);
    }
    free(chains);
    free(heads);
}
