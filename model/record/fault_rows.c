/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/fault_rows.c - faults.csv: from the spool, the rows of all VMs in the
 * order of re-entry. Those of one moment stand VM by VM, each VM's as it recorded them:
 * in the order of the PEs. */
#include "model/record/results_priv.h"
#include "model/record/row_text.h"

#include <stdlib.h>

/* How far the rows of one VM have been read. */
struct cursor {
    const struct rec_fault_list *list;
    uint64_t next; /* the row after row */
    bool ended;
    struct rec_fault_row rows[REC_CHUNK_ROWS];
};

static const struct rec_fault_row *row_at(const struct cursor *c)
{
    return &c->rows[(c->next - 1) % REC_CHUNK_ROWS];
}

/* To the next row, or to the end. */
static bool step(struct cursor *c, const struct rec_spool *spool)
{
    const struct rec_fault_list *list = c->list;
    const uint64_t i = c->next, left = list->rows_n - i;

    if (left == 0) {
        c->ended = true;
        return true;
    }
    c->next++;
    if (i % REC_CHUNK_ROWS != 0)
        return true;
    return rec_spool_read(spool, list->chunks[i / REC_CHUNK_ROWS], 0, c->rows,
                          (left < REC_CHUNK_ROWS ? left : REC_CHUNK_ROWS) *
                              sizeof c->rows[0]);
}

/* The rows of two VMs. */
static bool is_before(const struct cursor *a, const struct cursor *b)
{
    const struct rec_fault_row *x = row_at(a), *y = row_at(b);

    if (x->reentry_ps != y->reentry_ps)
        return x->reentry_ps < y->reentry_ps;
    return a->list->vcpu_first < b->list->vcpu_first;
}

/* The cursor whose row is the first; NULL at the end of all. */
static struct cursor *first_of(struct cursor *cursors, size_t n)
{
    struct cursor *first = NULL;

    for (size_t i = 0; i < n; i++) {
        if (!cursors[i].ended && (!first || is_before(&cursors[i], first)))
            first = &cursors[i];
    }
    return first;
}

static const char *result(const struct rec_fault_row *x)
{
    static const char *const names[] = {[REC_RESULT_MAPPED] = "mapped",
                                        [REC_RESULT_EAGAIN] = "eagain",
                                        [REC_RESULT_FLUSHED] = "flushed",
                                        [REC_RESULT_STOPPED] = "stopped"};

    return names[x->result];
}

static char *comma(char *at)
{
    *at = ',';
    return at + 1;
}

static void put_row(const struct cursor *c, FILE *f)
{
    const struct rec_fault_row *x = row_at(c);
    char text[512], *at = text;

    at = comma(at + rec_text_ns(at, x->taken_ps));
    at = comma(at + rec_text_count(at, x->vcpu + c->list->vcpu_first));
    at = comma(at + rec_text_hex(at, x->ipa));
    *at++ = "rwx"[x->access];
    at = comma(at);
    at = comma(at + rec_text_word(at, arch_fault_name((enum arch_fault_type)x->type)));
    if (x->level < 0)
        *at++ = '-';
    at =
        comma(at + rec_text_count(at, (uint64_t)(x->level < 0 ? -x->level : x->level)));
    at = comma(at +
               rec_text_word(at, rec_fault_class_name((enum rec_fault_class)x->cls)));
    at = comma(at + rec_text_word(at, result(x)));
    at = comma(at + rec_text_ns(at, x->stall_ps));
    at = comma(at + rec_text_count(at, x->s1ptw));
    at = comma(at + rec_text_count(at, x->retries));
    at += rec_text_ns(at, x->last_ps);
    *at++ = '\n';
    fwrite(text, 1, (size_t)(at - text), f);
}

bool rec_fault_rows(const struct rec_run *r, const struct rec_spool *spool,
                    const char *prefix, FILE *f)
{
    const size_t n = r->fault_lists_n;
    struct cursor *cursors = calloc(n + 1, sizeof *cursors), *c;
    bool ok = true;

    if (!cursors)
        abort();
    for (size_t i = 0; i < n && ok; i++) {
        cursors[i].list = &r->fault_lists[i];
        ok = step(&cursors[i], spool);
    }
    while (ok && !ferror(f) && (c = first_of(cursors, n))) {
        fputs(prefix, f);
        put_row(c, f);
        ok = step(c, spool);
    }
    free(cursors);
    return ok;
}
