/* SPDX-License-Identifier: Apache-2.0 */
/* model/guest/replay_build.c - from recorded lines to attempts. */
#include "model/guest/replay_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROT_WRITE_BIT 2u

bool replay_fail(struct replay_builder *b, uint32_t line, const char *text)
{
    b->err->line = line;
    snprintf(b->err->text, sizeof b->err->text, "%s", text);
    return false;
}

bool replay_grow(void **array, size_t *cap, size_t n, size_t size)
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

static struct replay_thread *thread_of(struct replay_builder *b, uint32_t tid)
{
    for (size_t i = 0; i < b->threads_n; i++) {
        if (b->threads[i].tid == tid)
            return &b->threads[i];
    }
    if (!replay_grow((void **)&b->threads, &b->threads_cap, b->threads_n,
                     sizeof *b->threads))
        return NULL;
    b->threads[b->threads_n] = (struct replay_thread){.tid = tid,
                                                      .entry = NONE,
                                                      .exit = NONE,
                                                      .attempt = NONE,
                                                      .break_level = -1,
                                                      .make_level = -1,
                                                      .host_op = NONE};
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

static bool is_open(const struct replay_thread *th)
{
    return th->attempt != NONE;
}

static struct replay_attempt *attempt_of(struct replay_builder *b,
                                         const struct replay_thread *th)
{
    return &b->r->attempts[th->attempt];
}

/* A thread that enters a guest, in a recording without vcpu_run. */
static void number_vcpu(struct replay_builder *b, struct replay_thread *th)
{
    if (th->is_vcpu || b->t->counts[TRACE_VCPU_RUN])
        return;
    th->is_vcpu = true;
    th->vcpu = b->vcpus_seen_n++;
}

/* A VM may hand a vCPU to another thread, but not back and forth. */
static bool is_of_one_vm(struct replay_builder *b, struct replay_thread *th)
{
    if (th->replaced)
        return false;
    th->faulted = true;
    for (size_t i = 0; i < b->threads_n; i++) {
        struct replay_thread *other = &b->threads[i];

        other->replaced |= other != th && other->faulted && other->vcpu == th->vcpu;
    }
    return true;
}

static bool begin_attempt(struct replay_builder *b, struct replay_thread *th, size_t at)
{
    const struct trace_event *e = &b->t->events[at];
    struct replay_attempt a = {
        .line = e->line,
        .vcpu = th->vcpu,
        .ipa = {e->u.guest_fault.ipa & ~(PAGE_BYTES - 1)},
        .access = access_of_esr((uint32_t)e->u.guest_fault.esr),
        .fault = fault_of_esr((uint32_t)e->u.guest_fault.esr),
        .how = REPLAY_UNKNOWN,
        .locked_level = -1,
        .next = NONE,
    };

    if (!th->is_vcpu)
        return replay_fail(b, e->line,
                           "kvm_guest_fault of a thread that has no vcpu_run line");
    if (th->vcpu >= b->cfg->vcpus_n)
        return replay_fail(b, e->line, "vCPU number is not below the scenario's vcpus");
    if (!is_of_one_vm(b, th))
        return replay_fail(b, e->line,
                           "two threads fault as the same vCPU by turns: the recording "
                           "holds several VMs; stage2sim import --vm N keeps one");
    if (!replay_grow((void **)&b->r->attempts, &b->attempts_cap, b->r->attempts_n,
                     sizeof a))
        return replay_fail(b, 0, strerror(ENOMEM));
    a.leaf = a.ipa;
    /* A descriptor of the guest is read, whatever the instruction does.
     * Linux: kvm_is_write_fault(). */
    if (a.fault.s1ptw)
        a.access = a.fault.type == ARCH_FAULT_PERMISSION ? ARCH_WRITE : ARCH_READ;
    for (int s = 0; s < REPLAY_STEPS_N; s++)
        a.step_at[s] = NONE;
    for (int level = 0; level < REPLAY_LEVELS_N; level++)
        a.make_line[level] = NONE;
    a.step_at[REPLAY_EXIT] = th->exit == NONE ? at : th->exit;
    a.step_at[REPLAY_ENTRY] = th->entry == NONE || th->entry > a.step_at[REPLAY_EXIT]
                                  ? a.step_at[REPLAY_EXIT]
                                  : th->entry;
    th->exit = NONE;
    th->attempt = b->r->attempts_n;
    th->called = false;
    th->break_level = th->make_level = -1;
    b->r->attempts[b->r->attempts_n++] = a;
    return true;
}

/* The handler of an attempt has returned. */
static void end_attempt(struct replay_builder *b, struct replay_thread *th, size_t at)
{
    struct replay_attempt *a = attempt_of(b, th);

    a->step_at[REPLAY_RETURN] = at;
    if (a->step_at[REPLAY_MAP] == NONE)
        a->step_at[REPLAY_MAP] = at;
    th->attempt = NONE;
}

static void end_with(struct replay_builder *b, struct replay_thread *th, size_t at,
                     int32_t ret)
{
    struct replay_attempt *a = attempt_of(b, th);

    a->eagain = ret == -EAGAIN;
    if (a->how != REPLAY_RELAXED) {
        const bool broke = a->did.breaks ||
                           (!b->r->has_breaks && (a->did.tlbi_vmid || a->did.tlbi_ipa));

        if (broke)
            a->how = REPLAY_WON;
        else if (!a->eagain)
            a->how = REPLAY_MAPPED;
        else if (a->how == REPLAY_UNKNOWN)
            a->how = REPLAY_FOUND;
    } else if (!a->eagain) {
        a->did.relaxations = 1;
    }
    end_attempt(b, th, at);
}

/* Of an attempt without a call, or whose return has no probe: the guest goes on. */
static bool end_at_entry(struct replay_builder *b, struct replay_thread *th, size_t at)
{
    struct replay_attempt *a = attempt_of(b, th);
    const struct trace *t = b->t;

    if (!th->called) {
        a->how = t->counts[TRACE_S2_MAP] ? REPLAY_NO_CALL : REPLAY_UNKNOWN;
        /* Linux: handle_access_fault() needs neither call. */
        a->eagain = t->counts[TRACE_S2_MAP] && a->fault.type != ARCH_FAULT_ACCESS_FLAG;
    } else if (t->counts[TRACE_S2_MAP_RET]) {
        return replay_fail(
            b, a->line,
            "the guest goes on before the s2_map_ret or "
            "s2_relax_perms_ret of this kvm_guest_fault: lines were lost");
    }
    end_attempt(b, th, at);
    return true;
}

static void called(struct replay_thread *th, struct replay_attempt *a, size_t at,
                   uint64_t bytes, uint32_t prot)
{
    th->called = true;
    a->step_at[REPLAY_MAP] = at;
    a->how = REPLAY_UNKNOWN;
    a->leaf_bytes = bytes;
    a->writable = prot & PROT_WRITE_BIT;
    a->leaf.v = a->ipa.v & ~(bytes - 1);
}

/* s2_break of a live entry won if the thread's next line is a TLBI. */
static void broke(struct replay_attempt *a, struct replay_thread *th, size_t at,
                  enum trace_kind kind)
{
    a->step_at[replay_step_of(REPLAY_BREAK, th->break_level)] = at;
    if (kind == TRACE_TLBI_VMID || kind == TRACE_TLBI_VMID_IPA)
        a->did.breaks++;
    else
        a->how = REPLAY_LOST;
    th->break_level = -1;
}

static void looked(struct replay_attempt *a, struct replay_thread *th, size_t at,
                   const struct trace_event *e)
{
    const int level = e->u.entry.level;

    if (level < 0 || level >= REPLAY_LEVELS_N)
        return;
    a->step_at[replay_step_of(REPLAY_LOOK, level)] = at;
    if (e->u.entry.desc == LOCKED_ENTRY) {
        a->how = REPLAY_LOCKED;
        a->locked_level = (int8_t)level;
    } else if (e->u.entry.desc & 1) {
        th->break_level = level;
    }
}

/* Without s2_break a TLBI shows that the entry was broken before it. */
static void flushed(struct replay_builder *b, struct replay_attempt *a, size_t at,
                    int level)
{
    size_t *step;

    if (b->r->has_breaks || level < 0 || level >= REPLAY_LEVELS_N)
        return;
    step = &a->step_at[replay_step_of(REPLAY_BREAK, level)];
    if (*step == NONE)
        *step = at;
}

static void makes(struct replay_attempt *a, struct replay_thread *th, size_t at,
                  int level)
{
    a->did.makes++;
    if (level < 0 || level >= REPLAY_LEVELS_N)
        return;
    a->make_line[level] = at;
    th->make_level = level;
}

/* The thread's next line: what its last one began is over. */
static void end_acts(struct replay_attempt *a, struct replay_thread *th, size_t at,
                     enum trace_kind kind)
{
    if (th->break_level >= 0 && a->how == REPLAY_RELAXED) {
        a->step_at[replay_step_of(REPLAY_BREAK, th->break_level)] = at;
        th->break_level = -1;
    }
    if (th->break_level >= 0)
        broke(a, th, at, kind);
    if (th->make_level >= 0)
        a->step_at[replay_step_of(REPLAY_MAKE, th->make_level)] = at;
    th->make_level = -1;
}

/* A line inside the handler of an open attempt. */
static bool step_of_attempt(struct replay_builder *b, struct replay_thread *th,
                            size_t at)
{
    const struct trace_event *e = &b->t->events[at];
    struct replay_attempt *a = attempt_of(b, th);

    switch (e->kind) {
    case TRACE_S2_MAP:
        called(th, a, at, e->u.s2_map.size, e->u.s2_map.prot);
        return true;
    case TRACE_S2_RELAX_PERMS:
        called(th, a, at, replay_level_bytes(a->fault.level), e->u.relax.prot);
        a->how = REPLAY_RELAXED;
        th->break_level = a->fault.level;
        return true;
    case TRACE_S2_BREAK:
        looked(a, th, at, e);
        return true;
    case TRACE_S2_MAKE:
        makes(a, th, at, e->u.entry.level);
        return true;
    case TRACE_S2_FREE_TABLE:
        a->did.frees++;
        return true;
    case TRACE_TLBI_VMID:
        a->did.tlbi_vmid++;
        flushed(b, a, at, replay_level_of(a->leaf_bytes));
        return true;
    case TRACE_TLBI_VMID_IPA:
        a->did.tlbi_ipa++;
        if (a->how != REPLAY_RELAXED)
            flushed(b, a, at, e->u.tlbi.level);
        return true;
    case TRACE_TLBI_VMID_IPA_NSH:
        a->did.tlbi_ipa_local++;
        return true;
    case TRACE_S2_MAP_RET:
    case TRACE_S2_RELAX_PERMS_RET:
        if (th->called)
            end_with(b, th, at, e->u.ret.ret);
        return true;
    default:
        return true;
    }
}

static bool guest_fault(struct replay_builder *b, struct replay_thread *th, size_t at)
{
    number_vcpu(b, th);
    if (is_open(th) && !end_at_entry(b, th, at))
        return false;
    if (replay_in_slot(b, b->t->events[at].u.guest_fault.ipa))
        return begin_attempt(b, th, at);
    b->r->left_out++;
    th->exit = NONE;
    return true;
}

static bool guest_entry(struct replay_builder *b, struct replay_thread *th, size_t at)
{
    number_vcpu(b, th);
    if (is_open(th) && !end_at_entry(b, th, at))
        return false;
    th->entry = at;
    return true;
}

/* Where a deletion would have ended the replay, a slot is created and placed once. */
static bool is_of_one_slot(const struct replay_builder *b, const struct trace_event *e)
{
    return !b->slot_seen || e->u.memslot.slot != b->cfg->slot ||
           e->u.memslot.change == 1 ||
           (e->u.memslot.change == 3 &&
            e->u.memslot.base_gfn == b->r->ipa.v >> PAGE_SHIFT &&
            e->u.memslot.npages == b->r->bytes >> PAGE_SHIFT);
}

static bool one_event(struct replay_builder *b, size_t at)
{
    const struct trace_event *e = &b->t->events[at];
    struct replay_thread *th = thread_of(b, e->tid);

    if (!th)
        return replay_fail(b, 0, strerror(ENOMEM));
    if (is_open(th))
        end_acts(attempt_of(b, th), th, at, e->kind);
    switch (e->kind) {
    case TRACE_VCPU_RUN:
        th->vcpu = e->u.vcpu_run.vcpu;
        th->is_vcpu = true;
        return true;
    case TRACE_KVM_ENTRY:
        return guest_entry(b, th, at);
    case TRACE_KVM_EXIT:
        th->exit = at;
        return true;
    case TRACE_GUEST_FAULT:
        return guest_fault(b, th, at);
    case TRACE_MEMSLOT_COMMIT:
        if (!is_of_one_slot(b, e))
            return replay_fail(
                b, e->line,
                "memslot_commit creates or moves the slot of the scenario "
                "again: of several VMs stage2sim import --vm N keeps one");
        break;
    default:
        break;
    }
    if (is_open(th))
        return step_of_attempt(b, th, at);
    return replay_host_line(b, th, at) ? true : replay_fail(b, 0, strerror(ENOMEM));
}

/* Attempts that were under way where the replay ends. */
static void cut_off(struct replay_builder *b)
{
    struct replay *r = b->r;
    size_t kept = 0;

    for (size_t i = 0; i < r->attempts_n; i++) {
        if (r->attempts[i].step_at[REPLAY_RETURN] == NONE)
            r->cut_off++;
        else
            r->attempts[kept++] = r->attempts[i];
    }
    r->attempts_n = kept;
}

/* Without s2_map: a fault at the last level shows that the handler before it, in the
 * same 2 MiB, left a table with pages; the memory of the scenario says the rest. */
static bool infer_leaves(struct replay_builder *b)
{
    struct replay *r = b->r;
    const uint64_t block_bytes = replay_level_bytes(2);
    bool *pages_next; /* [block] the next fault in it finds pages */

    if (b->t->counts[TRACE_S2_MAP])
        return true;
    pages_next = calloc(r->bytes / block_bytes + 2, sizeof *pages_next);
    if (!pages_next)
        return replay_fail(b, 0, strerror(ENOMEM));
    for (size_t i = r->attempts_n; i-- > 0;) {
        struct replay_attempt *a = &r->attempts[i];
        bool *next = &pages_next[a->ipa.v / block_bytes - r->ipa.v / block_bytes];

        if (*next) {
            a->leaf_bytes = PAGE_BYTES;
            a->writable = a->access == ARCH_WRITE; /* as under dirty logging */
        }
        *next = a->fault.level == 3 && !a->fault.s1ptw;
    }
    free(pages_next);
    return true;
}

static void sum_up(struct replay *r)
{
    for (size_t i = 0; i < r->attempts_n; i++) {
        const struct replay_attempt *a = &r->attempts[i];

        r->breaks_won += a->did.breaks;
        r->makes += a->did.makes;
        r->tables_freed += a->did.frees;
        r->relaxations += a->did.relaxations;
        r->tlbi_vmid += a->did.tlbi_vmid;
        r->tlbi_ipa += a->did.tlbi_ipa;
        r->tlbi_ipa_local += a->did.tlbi_ipa_local;
        if (a->leaf_bytes > r->block_bytes)
            r->block_bytes = a->leaf_bytes;
    }
    if (r->block_bytes == 0)
        r->block_bytes = PAGE_BYTES;
}

static void note_probes(struct replay *r, const struct trace *t)
{
    r->has_results = t->counts[TRACE_S2_MAP_RET];
    r->has_makes = t->counts[TRACE_S2_MAKE];
    r->has_frees = t->counts[TRACE_S2_FREE_TABLE];
    r->has_relaxations = t->counts[TRACE_S2_RELAX_PERMS_RET] || r->has_results;
    r->has_tlbis = t->counts[TRACE_TLBI_VMID] || t->counts[TRACE_TLBI_VMID_IPA];
    r->has_leaves = t->counts[TRACE_S2_MAP];
    /* Whether a break won is seen by its flush. */
    r->has_breaks = t->counts[TRACE_S2_BREAK] && r->has_tlbis;
}

static bool read_events(struct replay_builder *b)
{
    note_probes(b->r, b->t);
    if (b->t->counts[TRACE_MEMSLOT_COMMIT] == 0 && b->cfg->bytes) {
        b->slot_seen = true;
        b->r->ipa = b->cfg->ipa;
        b->r->bytes = b->cfg->bytes;
    }
    for (size_t i = 0; i < b->t->events_n && !b->ended; i++) {
        if (!one_event(b, i))
            return false;
    }
    if (!b->slot_seen)
        return replay_fail(b, 0,
                           "no memslot_commit line names the slot of the scenario");
    cut_off(b);
    if (!infer_leaves(b))
        return false;
    sum_up(b->r);
    return b->r->attempts_n ? true
                            : replay_fail(b, 0, "no kvm_guest_fault lies in the slot");
}

/* Chains the attempts of each vCPU; attempts on one page in a row are one access. */
static bool chain_attempts(struct replay_builder *b)
{
    struct replay *r = b->r;

    r->first = malloc((r->vcpus_n ? r->vcpus_n : 1) * sizeof *r->first);
    if (!r->first)
        return replay_fail(b, 0, strerror(ENOMEM));
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

bool replay_init(struct replay *r, const struct trace *t, const struct replay_cfg *cfg,
                 struct replay_error *err)
{
    struct replay_builder b = {.r = r, .t = t, .cfg = cfg, .err = err};
    bool ok;

    memset(r, 0, sizeof *r);
    r->vcpus_n = cfg->vcpus_n;
    ok = read_events(&b) && chain_attempts(&b);
    if (ok)
        replay_place_host(&b);
    ok = ok && replay_place_steps(&b);
    free(b.threads);
    if (!ok)
        replay_free(r);
    return ok;
}
