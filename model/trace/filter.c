/* SPDX-License-Identifier: Apache-2.0 */
#include "model/trace/filter.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MEMSLOT_DELETED 1u

static bool slot_exists(const struct trace_filter *f)
{
    for (size_t i = 0; i < f->info->slots_n; i++) {
        const struct info_slot *s = &f->info->slots[i];

        if (s->slot == f->choice.slot &&
            (f->choice.vm < 0 || f->info->threads[s->owner].vm == f->choice.vm))
            return true;
    }
    return false;
}

bool filter_init(struct trace_filter *f, const struct trace_choice *choice,
                 const struct trace_info *info, struct trace_sink to,
                 struct trace_error *err)
{
    *f = (struct trace_filter){*choice, info, to, NULL};
    if (choice->vm >= (int64_t)info->vms_n)
        return trace_fail(err,
                          "no VM %" PRId64 "; accepted: 0 to %" PRId64
                          ", as trace-info numbers them",
                          choice->vm, (int64_t)info->vms_n - 1);
    if (choice->slot >= 0 && !slot_exists(f))
        return trace_fail(err,
                          "no memslot_commit of slot %" PRId64
                          "; accepted: a slot that trace-info shows",
                          choice->slot);
    f->dropped = calloc(info->threads_n + 1, sizeof(*f->dropped));
    return f->dropped != NULL || trace_fail(err, "no memory to choose events");
}

void filter_end(struct trace_filter *f)
{
    free(f->dropped);
    f->dropped = NULL;
}

/* Index of the thread of a record; threads_n if it has none to remember. */
static size_t thread_of(const struct trace_info *info, uint32_t tid)
{
    const uint32_t index = info->thread_index[tid % TRACE_BUCKETS];

    if (index > 0 && info->threads[index - 1].tid == tid)
        return index - 1;
    for (size_t i = 0; i < info->threads_n; i++) {
        if (info->threads[i].tid == tid)
            return i;
    }
    return info->threads_n;
}

/* Does [ipa, ipa + bytes) meet the slot, where the VM has it at any time? */
static bool in_slot(const struct trace_filter *f, int vm, uint64_t ipa, uint64_t bytes)
{
    for (size_t i = 0; i < f->info->slots_n; i++) {
        const struct info_slot *s = &f->info->slots[i];
        const uint64_t begin = s->base_gfn << 12;
        const uint64_t end = begin + (s->npages << 12);

        if (s->slot == f->choice.slot &&
            (vm < 0 || f->info->threads[s->owner].vm == vm) && ipa < end &&
            (ipa >= begin || begin - ipa < bytes))
            return true;
    }
    return false;
}

static bool is_return(unsigned kind)
{
    return kind == TRACE_S2_MAP_RET || kind == TRACE_S2_RELAX_PERMS_RET ||
           kind == TRACE_S2_UNMAP_RET || kind == TRACE_S2_WRPROTECT_RET;
}

/* The addresses of an event; false: it has none. */
static bool addresses_of(const struct trace_event *e, uint64_t *ipa, uint64_t *bytes)
{
    *bytes = 1;
    switch (e->kind) {
    case TRACE_GUEST_FAULT:
        *ipa = e->u.guest_fault.ipa;
        return true;
    case TRACE_S2_MAP:
        *ipa = e->u.s2_map.ipa;
        *bytes = e->u.s2_map.size;
        return true;
    case TRACE_S2_RELAX_PERMS:
        *ipa = e->u.relax.ipa;
        return true;
    case TRACE_S2_BREAK:
    case TRACE_S2_MAKE:
        *ipa = e->u.entry.ipa;
        return true;
    case TRACE_TLBI_VMID_IPA:
    case TRACE_TLBI_VMID_IPA_NSH:
        *ipa = e->u.tlbi.ipa;
        return true;
    case TRACE_MMIO:
        *ipa = e->u.mmio.gpa;
        return true;
    case TRACE_S2_UNMAP:
    case TRACE_S2_WRPROTECT:
        *ipa = e->u.range.ipa;
        *bytes = e->u.range.size;
        return true;
    case TRACE_MEMSLOT_FLUSH:
    case TRACE_FLUSH_REMOTE_MEMSLOT:
    case TRACE_DIRTY_LOG_SYNC:
        *ipa = e->u.memslot.base_gfn << 12;
        *bytes = e->u.memslot.npages << 12;
        return true;
    case TRACE_DIRTY_LOG_MASKED:
        *ipa = e->u.dirty_masked.base_gfn << 12;
        return true;
    default:
        return false;
    }
}

static bool of_slot(struct trace_filter *f, const struct trace_record *r, size_t thread,
                    struct trace_error *err, bool *keep)
{
    const int vm =
        thread < f->info->threads_n ? f->info->threads[thread].vm : (int)f->choice.vm;
    struct trace_event e;
    uint64_t ipa;
    uint64_t bytes;

    if (!trace_record_event(r, &e, err))
        return false;
    if (e.kind == TRACE_MEMSLOT_COMMIT)
        *keep =
            e.u.memslot.change == MEMSLOT_DELETED || e.u.memslot.slot == f->choice.slot;
    else if (is_return(e.kind))
        *keep = !f->dropped[thread];
    else if (addresses_of(&e, &ipa, &bytes))
        *keep = in_slot(f, vm, ipa, bytes);
    if (e.kind == TRACE_S2_MAP || e.kind == TRACE_S2_RELAX_PERMS ||
        e.kind == TRACE_S2_UNMAP || e.kind == TRACE_S2_WRPROTECT)
        f->dropped[thread] = !*keep;
    return true;
}

bool filter_record(void *ctx, const struct trace_record *r, struct trace_error *err)
{
    struct trace_filter *f = ctx;
    bool keep = true;

    if (r->shape != NULL) {
        const size_t thread = thread_of(f->info, r->thread->tid);

        if (f->choice.vm >= 0 && thread < f->info->threads_n &&
            f->info->threads[thread].vm >= 0 &&
            f->info->threads[thread].vm != f->choice.vm)
            return true;
        if (f->choice.slot >= 0 && !of_slot(f, r, thread, err, &keep))
            return false;
    }
    return !keep || f->to.record(f->to.ctx, r, err);
}
