/* SPDX-License-Identifier: Apache-2.0 */
#include "model/record/fault_log.h"

#include "model/memory/must.h"
#include "walker/arch/fault.h"

#include <assert.h>
#include <stdlib.h>

#define NONE UINT64_MAX

/* The last row of a vCPU. */
struct chain {
    struct rec_fault_row row;
    uint64_t number; /* of the row; NONE: there is no row yet */
    bool grown;      /* since the row was put */
};

struct rec_fault_log {
    struct rec_spool *spool;
    struct rec_fault_list list;
    struct rec_fault_row rows[REC_CHUNK_ROWS]; /* behind those of the chunks */
    uint32_t vcpus_n;
    struct chain chains[]; /* [vcpus_n] */
};

struct rec_fault_log *rec_fault_log_new(struct rec_spool *spool, uint32_t vcpus_n)
{
    struct rec_fault_log *log =
        must(calloc(1, sizeof *log + vcpus_n * sizeof *log->chains));

    assert(spool->chunk_bytes == REC_CHUNK_BYTES && vcpus_n <= UINT16_MAX);
    log->spool = spool;
    log->vcpus_n = vcpus_n;
    for (uint32_t i = 0; i < vcpus_n; i++)
        log->chains[i].number = NONE;
    return log;
}

void rec_fault_log_delete(struct rec_fault_log *log)
{
    if (log)
        free(log->list.chunks);
    free(log);
}

static uint64_t add_chunk(struct rec_fault_log *log)
{
    struct rec_fault_list *list = &log->list;

    if (list->chunks_n == list->chunks_cap) {
        list->chunks_cap = list->chunks_cap ? 2 * list->chunks_cap : 64;
        list->chunks =
            must(realloc(list->chunks, list->chunks_cap * sizeof *list->chunks));
    }
    return list->chunks[list->chunks_n++] = rec_spool_take(log->spool);
}

/* The rows that are not in a chunk yet get one. */
static bool flush(struct rec_fault_log *log)
{
    const size_t n = log->list.rows_n - log->list.chunks_n * REC_CHUNK_ROWS;

    return n == 0 || rec_spool_write(log->spool, add_chunk(log), 0, log->rows,
                                     n * sizeof *log->rows);
}

static bool put(struct rec_fault_log *log, const struct rec_fault_row *row)
{
    log->rows[log->list.rows_n++ % REC_CHUNK_ROWS] = *row;
    return log->list.rows_n % REC_CHUNK_ROWS != 0 || flush(log);
}

/* The row of the chain gets its retries, wherever it is by now. */
static bool update(struct rec_fault_log *log, struct chain *c)
{
    const size_t chunk = c->number / REC_CHUNK_ROWS, i = c->number % REC_CHUNK_ROWS;

    if (!c->grown)
        return true;
    c->grown = false;
    if (chunk < log->list.chunks_n)
        return rec_spool_write(log->spool, log->list.chunks[chunk], i * sizeof c->row,
                               &c->row, sizeof c->row);
    log->rows[i] = c->row;
    return true;
}

static enum rec_fault_result result_of(const struct rec_fault *f)
{
    if (f->stopped)
        return REC_RESULT_STOPPED;
    if (f->type == ARCH_FAULT_TLB_CONFLICT)
        return REC_RESULT_FLUSHED;
    return f->eagain ? REC_RESULT_EAGAIN : REC_RESULT_MAPPED;
}

static struct rec_fault_row row_of(const struct rec_fault *f)
{
    struct rec_fault_row row = {.taken_ps = f->taken_ps,
                                .reentry_ps = f->reentry_ps,
                                .last_ps = f->taken_ps,
                                .stall_ps = f->reentry_ps - f->taken_ps,
                                .ipa = f->ipa.v};

    row.vcpu = f->vcpu & UINT16_MAX;
    row.access = f->access & 3;
    row.type = f->type & 7;
    row.cls = f->cls & 7;
    row.s1ptw = f->s1ptw;
    row.result = result_of(f);
    row.level = f->level;
    return row;
}

bool rec_fault_log_add(struct rec_fault_log *log, const struct rec_fault *f)
{
    struct chain *c = &log->chains[f->vcpu];

    assert(f->vcpu < log->vcpus_n);
    if (f->cls == REC_FAULT_RETRY && c->number != NONE) {
        c->row.retries++;
        c->row.stall_ps += f->reentry_ps - f->taken_ps;
        c->row.last_ps = f->taken_ps;
        c->row.result = result_of(f);
        c->grown = true;
        return true;
    }
    if (!update(log, c))
        return false;
    c->row = row_of(f);
    c->number = log->list.rows_n;
    return put(log, &c->row);
}

bool rec_fault_log_end(struct rec_fault_log *log, struct rec_fault_list *list)
{
    for (uint32_t i = 0; i < log->vcpus_n; i++) {
        if (!update(log, &log->chains[i]))
            return false;
    }
    if (!flush(log))
        return false;
    *list = log->list;
    log->list = (struct rec_fault_list){.chunks = NULL};
    return true;
}
