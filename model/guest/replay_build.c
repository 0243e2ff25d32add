/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/replay_build.c - from recorded lines to attempts and their order. */
#include "model/guest/replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NONE SIZE_MAX
#define CHANGE_DELETED 1u
#define PAGE_MASK UINT64_C(0xfff)
/* What s2_break prints of a locked entry. Linux: KVM_INVALID_PTE_LOCKED. */
#define LOCKED_ENTRY UINT64_C(0x400)

/* One thread of the recording, and the attempt that it is in the middle of. */
struct thread {
    uint32_t tid, vcpu;
    bool is_vcpu;
    size_t entry, exit; /* event index of the last kvm_entry and kvm_exit */
    size_t attempt;     /* open attempt, or NONE */
    bool after_break;   /* the next line of the thread bounds its compare-and-swap */
    uint64_t old;       /* of its s2_break; 0: no such line */
};

struct builder {
    struct replay *r;
    const struct trace *t;
    struct replay_error *err;
    struct thread *threads; /* [threads_n] */
    size_t threads_n, threads_cap, attempts_cap;
    uint32_t slot;
    bool slot_seen;
    uint64_t slot_base, slot_bytes;
};

static bool fail(struct builder *b, uint32_t line, const char *text)
{
    b->err->line = line;
    snprintf(b->err->text, sizeof b->err->text, "%s", text);
    return false;
}

static bool grow(void **array, size_t *cap, size_t n, size_t size)
{
    size_t want = *cap ? *cap * 2 : 16;
    void *bigger;

    if (n < *cap)
        return true;
    bigger = realloc(*array, want * size);
    if (!bigger)
        return false;
    *array = bigger;
    *cap = want;
    return true;
}

static struct thread *thread_of(struct builder *b, uint32_t tid)
{
    for (size_t i = 0; i < b->threads_n; i++) {
        if (b->threads[i].tid == tid)
            return &b->threads[i];
    }
    if (!grow((void **)&b->threads, &b->threads_cap, b->threads_n, sizeof *b->threads))
        return NULL;
    b->threads[b->threads_n] =
        (struct thread){.tid = tid, .entry = NONE, .exit = NONE, .attempt = NONE};
    return &b->threads[b->threads_n++];
}

/* ESR_EL2.ISS of an abort. ArmARM: ISS encoding for an exception from a Data Abort. */
static struct arch_fault fault_of_esr(uint32_t esr)
{
    static const enum arch_fault_type types[4] = {
        ARCH_FAULT_ADDRESS_SIZE, ARCH_FAULT_TRANSLATION, ARCH_FAULT_ACCESS_FLAG,
        ARCH_FAULT_PERMISSION};
    struct arch_fault f = {.stage = 2, .s1ptw = (esr >> 7) & 1};

    if ((esr & 0x3f) < 0x10) {
        f.type = types[(esr >> 2) & 3];
        f.level = (int8_t)(esr & 3);
    }
    return f;
}

static enum arch_access access_of_esr(uint32_t esr)
{
    if (esr >> 26 == 0x20)
        return ARCH_EXECUTE;
    return (esr >> 6) & 1 ? ARCH_WRITE : ARCH_READ;
}

static bool in_slot(const struct builder *b, uint64_t ipa)
{
    return b->slot_seen && ipa - b->slot_base < b->slot_bytes;
}

static bool begin_attempt(struct builder *b, struct thread *th,
                          const struct trace_event *e)
{
    struct replay_attempt a = {
        .line = e->line,
        .vcpu = th->vcpu,
        .ipa = {e->u.guest_fault.ipa & ~PAGE_MASK},
        .access = access_of_esr((uint32_t)e->u.guest_fault.esr),
        .fault = fault_of_esr((uint32_t)e->u.guest_fault.esr),
        .next = NONE,
    };

    if (!th->is_vcpu)
        return fail(b, e->line,
                    "kvm_guest_fault of a thread that has no vcpu_run line");
    if (th->vcpu >= b->r->vcpus_n)
        return fail(b, e->line, "vCPU number is not below the scenario's vcpus");
    if (th->entry == NONE || th->exit == NONE)
        return fail(b, e->line,
                    "kvm_guest_fault without kvm_entry and kvm_exit before");
    if (!grow((void **)&b->r->attempts, &b->attempts_cap, b->r->attempts_n, sizeof a))
        return fail(b, 0, strerror(ENOMEM));
    for (int s = 0; s < REPLAY_STEPS_N; s++)
        a.step_at[s] = NONE;
    a.step_at[REPLAY_ENTRY] = th->entry;
    a.step_at[REPLAY_EXIT] = th->exit;
    th->attempt = b->r->attempts_n;
    th->old = 0;
    b->r->attempts[b->r->attempts_n++] = a;
    return true;
}

static enum replay_how how_of(const struct thread *th, bool eagain)
{
    if (!eagain)
        return th->old & 1 ? REPLAY_WON : REPLAY_MAPPED;
    if (th->old == LOCKED_ENTRY)
        return REPLAY_LOCKED;
    return th->old ? REPLAY_LOST : REPLAY_FOUND;
}

static void end_attempt(struct builder *b, struct thread *th, size_t at, int32_t ret)
{
    struct replay_attempt *a = &b->r->attempts[th->attempt];

    a->step_at[REPLAY_RETURN] = at;
    if (a->step_at[REPLAY_LOOK] == NONE)
        a->step_at[REPLAY_LOOK] = at;
    a->eagain = ret == -EAGAIN;
    a->how = how_of(th, a->eagain);
    b->r->breaks_won += a->how == REPLAY_WON;
    th->attempt = NONE;
}

/* A line inside the handler of an open attempt. */
static void step_of_attempt(struct builder *b, struct thread *th, size_t at)
{
    const struct trace_event *e = &b->t->events[at];
    struct replay_attempt *a = &b->r->attempts[th->attempt];

    switch (e->kind) {
    case TRACE_S2_MAP:
        a->step_at[REPLAY_MAP] = at;
        a->leaf = arch_ipa(e->u.s2_map.ipa);
        break;
    case TRACE_S2_BREAK:
        if (a->step_at[REPLAY_LOOK] == NONE) {
            a->step_at[REPLAY_LOOK] = at;
            th->old = e->u.entry.desc;
            th->after_break = true;
        }
        break;
    case TRACE_S2_MAKE:
        a->step_at[REPLAY_MAKE] = at;
        b->r->makes++;
        break;
    case TRACE_S2_FREE_TABLE:
        b->r->tables_freed++;
        break;
    case TRACE_TLBI_VMID:
        b->r->tlbi_vmid++;
        break;
    case TRACE_TLBI_VMID_IPA:
        b->r->tlbi_ipa++;
        break;
    case TRACE_S2_MAP_RET:
        end_attempt(b, th, at, e->u.ret.ret);
        break;
    default:
        break;
    }
}

static bool guest_fault(struct builder *b, struct thread *th,
                        const struct trace_event *e)
{
    if (th->attempt != NONE)
        return fail(b, e->line,
                    "kvm_guest_fault before the s2_map_ret of the last one");
    if (in_slot(b, e->u.guest_fault.ipa))
        return begin_attempt(b, th, e);
    b->r->left_out++;
    return true;
}

static bool one_event(struct builder *b, size_t at)
{
    const struct trace_event *e = &b->t->events[at];
    struct thread *th = thread_of(b, e->tid);

    if (!th)
        return fail(b, 0, strerror(ENOMEM));
    if (th->after_break && th->attempt != NONE)
        b->r->attempts[th->attempt].step_at[REPLAY_BREAK] = at;
    th->after_break = false;
    if (e->kind == TRACE_VCPU_RUN) {
        th->vcpu = e->u.vcpu_run.vcpu;
        th->is_vcpu = true;
    } else if (e->kind == TRACE_KVM_ENTRY) {
        th->entry = at;
    } else if (e->kind == TRACE_KVM_EXIT) {
        th->exit = at;
    } else if (e->kind == TRACE_GUEST_FAULT) {
        return guest_fault(b, th, e);
    } else if (e->kind == TRACE_MEMSLOT_COMMIT && e->u.memslot.slot == b->slot) {
        b->slot_seen = true;
        b->slot_base = e->u.memslot.base_gfn << 12;
        b->slot_bytes = e->u.memslot.npages << 12;
    } else if (th->attempt != NONE) {
        step_of_attempt(b, th, at);
    }
    return true;
}

static bool read_events(struct builder *b)
{
    for (size_t i = 0; i < b->t->events_n; i++) {
        const struct trace_event *e = &b->t->events[i];

        if (e->kind == TRACE_MEMSLOT_COMMIT && e->u.memslot.change == CHANGE_DELETED)
            break;
        if (!one_event(b, i))
            return false;
    }
    if (!b->slot_seen)
        return fail(b, 0, "no memslot_commit line names the slot of the scenario");
    for (size_t i = 0; i < b->threads_n; i++) {
        size_t a = b->threads[i].attempt;

        if (a != NONE)
            return fail(b, b->r->attempts[a].line,
                        "kvm_guest_fault without s2_map and s2_map_ret after it");
    }
    return b->r->attempts_n ? true : fail(b, 0, "no kvm_guest_fault lies in the slot");
}

/* A step stands at its event, or just before all steps of that event. */
struct ordered_step {
    size_t event, attempt;
    bool before;
    enum replay_step step;
};

static int by_event(const void *a, const void *b)
{
    const struct ordered_step *x = a, *y = b;

    if (x->event != y->event)
        return x->event < y->event ? -1 : 1;
    if (x->before != y->before)
        return x->before ? -1 : 1;
    if (x->attempt != y->attempt)
        return x->attempt < y->attempt ? -1 : 1;
    return (int)x->step - (int)y->step;
}

/* The first event that shows that winner's compare-and-swap on its entry had happened:
 * its own next line, another walker's s2_break that reads the locked value, or the next
 * line of one that lost. */
static size_t first_effect(const struct replay *r, const struct replay_attempt *winner)
{
    size_t bound = winner->step_at[REPLAY_BREAK];

    for (size_t i = 0; i < r->attempts_n; i++) {
        const struct replay_attempt *a = &r->attempts[i];
        size_t shown = a->how == REPLAY_LOCKED ? a->step_at[REPLAY_LOOK]
                       : a->how == REPLAY_LOST ? a->step_at[REPLAY_BREAK]
                                               : NONE;

        if (shown != NONE && a->leaf.v == winner->leaf.v &&
            shown > winner->step_at[REPLAY_LOOK] && shown < bound)
            bound = shown;
    }
    return bound;
}

static struct ordered_step place(struct replay *r, size_t attempt,
                                 enum replay_step step)
{
    struct replay_attempt *a = &r->attempts[attempt];
    struct ordered_step s = {a->step_at[step], attempt, false, step};

    if (step == REPLAY_BREAK && a->how == REPLAY_WON) {
        s.event = first_effect(r, a);
        s.before = s.event != a->step_at[step];
        a->order_inferred = s.before;
        r->breaks_inferred += s.before;
    }
    return s;
}

/* Turns event numbers into positions in one order of all steps. */
static bool order_steps(struct builder *b)
{
    struct replay *r = b->r;
    struct ordered_step *steps = calloc(r->attempts_n * REPLAY_STEPS_N, sizeof *steps);

    for (size_t a = 0; steps && a < r->attempts_n; a++) {
        for (int s = 0; s < REPLAY_STEPS_N; s++) {
            if (r->attempts[a].step_at[s] != NONE)
                steps[r->steps_n++] = place(r, a, s);
        }
    }
    r->over = calloc(r->steps_n ? r->steps_n : 1, sizeof *r->over);
    if (!steps || !r->over) {
        free(steps);
        return fail(b, 0, strerror(ENOMEM));
    }
    qsort(steps, r->steps_n, sizeof *steps, by_event);
    for (size_t i = 0; i < r->steps_n; i++)
        r->attempts[steps[i].attempt].step_at[steps[i].step] = i;
    free(steps);
    return true;
}

/* Chains the attempts of each vCPU; attempts on one page in a row are one access. */
static bool chain_attempts(struct builder *b)
{
    struct replay *r = b->r;

    r->first = malloc((r->vcpus_n ? r->vcpus_n : 1) * sizeof *r->first);
    if (!r->first)
        return fail(b, 0, strerror(ENOMEM));
    for (uint32_t v = 0; v < r->vcpus_n; v++)
        r->first[v] = NONE;
    for (size_t i = r->attempts_n; i-- > 0;) {
        struct replay_attempt *a = &r->attempts[i];

        a->next = r->first[a->vcpu];
        a->last_of_access = a->next == NONE || r->attempts[a->next].ipa.v != a->ipa.v ||
                            r->attempts[a->next].access != a->access;
        r->first[a->vcpu] = i;
    }
    return true;
}

bool replay_init(struct replay *r, const struct trace *t, uint32_t slot,
                 uint32_t vcpus_n, struct replay_error *err)
{
    struct builder b = {.r = r, .t = t, .err = err, .slot = slot};
    bool ok;

    memset(r, 0, sizeof *r);
    r->vcpus_n = vcpus_n;
    ok = read_events(&b) && order_steps(&b) && chain_attempts(&b);
    free(b.threads);
    if (!ok)
        replay_free(r);
    return ok;
}
