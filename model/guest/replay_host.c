/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/replay_host.c - what a recording shows the host to do to the slot. */
#include "model/guest/replay_priv.h"

#include <string.h>

enum { CHANGE_CREATED = 0, CHANGE_DELETED = 1, CHANGE_FLAGS = 3 };
#define FLAG_LOG_DIRTY 1u

static bool add(struct replay_builder *b, struct replay_thread *th, size_t at,
                enum replay_host_kind kind, uint64_t ipa, uint64_t bytes)
{
    struct replay *r = b->r;
    const struct replay_host_op op = {
        .kind = kind,
        .line = b->t->events[at].line,
        .tid = th->tid,
        .ipa = {ipa},
        .bytes = bytes,
        .mask_first = r->masks_n,
        .step_at = at,
    };

    if (!replay_grow((void **)&r->host, &b->host_cap, r->host_n, sizeof op))
        return false;
    th->host_op = r->host_n;
    th->op_is_open = true;
    r->host[r->host_n++] = op;
    return true;
}

/* The thread's last operation, if it is the last of all and of this kind. */
static struct replay_host_op *open_op(struct replay_builder *b,
                                      const struct replay_thread *th,
                                      enum replay_host_kind kind)
{
    struct replay *r = b->r;

    if (!th->op_is_open || th->host_op + 1 != r->host_n ||
        r->host[th->host_op].kind != kind)
        return NULL;
    return &r->host[th->host_op];
}

/* Linux: kvm_clear_dirty_log_protect() goes through the masks under one mmu_lock. */
static bool masked(struct replay_builder *b, struct replay_thread *th, size_t at)
{
    const struct trace_event *e = &b->t->events[at];
    struct replay *r = b->r;
    struct replay_host_op *op = open_op(b, th, REPLAY_CLEAR);

    if (e->u.dirty_masked.base_gfn != r->ipa.v >> PAGE_SHIFT || !b->slot_seen ||
        e->u.dirty_masked.gfn_offset >= r->bytes >> PAGE_SHIFT ||
        e->u.dirty_masked.mask == 0)
        return true;
    if (!replay_grow((void **)&r->masks, &b->masks_cap, r->masks_n, sizeof *r->masks))
        return false;
    if (!op && !add(b, th, at, REPLAY_CLEAR, r->ipa.v, r->bytes))
        return false;
    op = &r->host[r->host_n - 1];
    r->masks[r->masks_n++] =
        (struct replay_mask){e->u.dirty_masked.gfn_offset, e->u.dirty_masked.mask};
    op->masks_n++;
    return true;
}

/* Of a mask, which masked() has; else of the slot, one line per largest block. */
static bool protect(struct replay_builder *b, struct replay_thread *th, size_t at)
{
    const struct trace_event *e = &b->t->events[at];
    const uint64_t ipa = e->u.range.ipa, bytes = e->u.range.size;
    struct replay_host_op *op = open_op(b, th, REPLAY_PROTECT);

    if (!replay_in_slot(b, ipa) || bytes == 0) {
        th->op_is_open = false;
        return true;
    }
    if (open_op(b, th, REPLAY_CLEAR))
        return true;
    if (op && op->ipa.v + op->bytes == ipa) {
        op->bytes += bytes;
        return true;
    }
    return add(b, th, at, REPLAY_PROTECT, ipa, bytes);
}

static bool unmap(struct replay_builder *b, struct replay_thread *th, size_t at)
{
    const struct trace_event *e = &b->t->events[at];

    if (!replay_in_slot(b, e->u.range.ipa) || e->u.range.size == 0) {
        th->op_is_open = false;
        return true;
    }
    return add(b, th, at, REPLAY_UNMAP, e->u.range.ipa, e->u.range.size);
}

static bool switch_log(struct replay_builder *b, struct replay_thread *th, size_t at)
{
    const bool on = b->t->events[at].u.memslot.new_flags & FLAG_LOG_DIRTY;
    struct replay *r = b->r;

    if (on == b->logging)
        return true;
    b->logging = on;
    if (!add(b, th, at, on ? REPLAY_LOG_ON : REPLAY_LOG_OFF, r->ipa.v, r->bytes))
        return false;
    /* Without probes: all that there is. Linux: kvm_mmu_wp_memory_region(). */
    if (on && b->t->counts[TRACE_S2_WRPROTECT] == 0 &&
        b->t->counts[TRACE_DIRTY_LOG_MASKED] == 0)
        return add(b, th, at, REPLAY_PROTECT, r->ipa.v, r->bytes);
    return true;
}

static bool commit(struct replay_builder *b, struct replay_thread *th, size_t at)
{
    const struct trace_event *e = &b->t->events[at];

    if (e->u.memslot.change == CHANGE_DELETED) {
        b->ended = b->slot_seen && b->t->counts[TRACE_MEMSLOT_FLUSH] == 0;
        return true;
    }
    if (e->u.memslot.slot != b->cfg->slot)
        return true;
    b->slot_seen = true;
    b->r->ipa.v = e->u.memslot.base_gfn << PAGE_SHIFT;
    b->r->bytes = e->u.memslot.npages << PAGE_SHIFT;
    return switch_log(b, th, at);
}

/* The count of a flush belongs to the operation before it, of the same thread. */
static void flush(struct replay_builder *b, const struct replay_thread *th,
                  enum trace_kind kind)
{
    if (!th->op_is_open)
        return;
    b->r->tlbi_vmid += kind == TRACE_TLBI_VMID;
    b->r->tlbi_ipa += kind == TRACE_TLBI_VMID_IPA;
}

bool replay_host_line(struct replay_builder *b, struct replay_thread *th, size_t at)
{
    const struct trace_event *e = &b->t->events[at];

    switch (e->kind) {
    case TRACE_MEMSLOT_COMMIT:
        return commit(b, th, at);
    case TRACE_DIRTY_LOG_SYNC:
        th->op_is_open = false;
        return true;
    case TRACE_MEMSLOT_FLUSH:
        th->op_is_open = false;
        b->ended = b->slot_seen && e->u.memslot.base_gfn == b->r->ipa.v >> PAGE_SHIFT;
        return true;
    case TRACE_DIRTY_LOG_MASKED:
        return masked(b, th, at);
    case TRACE_S2_WRPROTECT:
        return protect(b, th, at);
    case TRACE_S2_UNMAP:
        return unmap(b, th, at);
    case TRACE_TLBI_VMID:
    case TRACE_TLBI_VMID_IPA:
        flush(b, th, e->kind);
        return true;
    default:
        return true;
    }
}

/* The attempts before the operation whose leaf shows that it was in force already. */
static void place_switch(struct replay *r, size_t i)
{
    struct replay_host_op *op = &r->host[i];
    const size_t after = i ? r->host[i - 1].step_at : 0;
    const bool want_page = op->kind == REPLAY_LOG_ON;

    for (size_t k = r->attempts_n; k-- > 0;) {
        const struct replay_attempt *a = &r->attempts[k];

        if (a->step_at[REPLAY_EXIT] > op->step_at || a->leaf_bytes == 0)
            continue;
        if (a->step_at[REPLAY_EXIT] < after ||
            (a->leaf_bytes == PAGE_BYTES) != want_page)
            return;
        /* Where the host has pages, too: a read is not logged as a write.
         * Linux: user_mem_abort(), writable under logging_active. */
        if (want_page && a->writable && a->access != ARCH_WRITE)
            return;
        op->step_at = a->step_at[REPLAY_EXIT];
    }
}

/* Handlers hold mmu_lock for reading, so none was under way: the lines of one that
 * seem to reach across were swapped, or printed late. */
static void place_behind_handlers(struct replay *r, struct replay_host_op *op)
{
    size_t at = op->step_at;

    for (size_t k = 0; k < r->attempts_n; k++) {
        const struct replay_attempt *a = &r->attempts[k];

        if (a->step_at[REPLAY_MAP] < op->step_at && a->step_at[REPLAY_RETURN] >= at)
            at = a->step_at[REPLAY_RETURN] + 1;
    }
    op->step_at = at;
}

void replay_place_host(struct replay_builder *b)
{
    struct replay *r = b->r;

    for (size_t i = 0; i < r->host_n; i++) {
        const bool is_switch =
            r->host[i].kind == REPLAY_LOG_ON || r->host[i].kind == REPLAY_LOG_OFF;

        if (!is_switch)
            place_behind_handlers(r, &r->host[i]);
        else if (r->block_bytes > PAGE_BYTES)
            place_switch(r, i);
        if (i && r->host[i].step_at < r->host[i - 1].step_at)
            r->host[i].step_at = r->host[i - 1].step_at;
    }
    for (size_t k = 0; k < r->attempts_n; k++) {
        struct replay_attempt *a = &r->attempts[k];

        for (size_t i = 0; i < r->host_n; i++) {
            if (r->host[i].kind <= REPLAY_LOG_OFF &&
                r->host[i].step_at <= a->step_at[REPLAY_EXIT] && a->phase < UINT8_MAX)
                a->phase++;
        }
    }
}
