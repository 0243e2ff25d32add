/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/info.c - counts of threads, faults and memslots, record by record. */
#include "model/trace/info.h"

#include <stdlib.h>
#include <string.h>

#define EAGAIN_OF_LINUX (-11)
#define LOCKED_DESC UINT64_C(0x400) /* KVM_INVALID_PTE_LOCKED */
#define EC_INSTRUCTION_ABORT 0x20u
#define MEMSLOT_DELETED 1u
#define NO_OWNER UINT32_MAX

static const char *const class_names[INFO_CLASSES_N] = {
    [INFO_NEEDED] = "needed",   [INFO_WINDOW] = "window", [INFO_RACE] = "race",
    [INFO_RETRY] = "retry",     [INFO_MMIO] = "mmio",     [INFO_FAILED] = "failed",
    [INFO_UNKNOWN] = "unknown",
};

const char *info_class_name(enum info_class c)
{
    return class_names[c];
}

const char *info_type_name(enum info_type t)
{
    static const char *const names[INFO_TYPES_N] = {
        "translation", "access_flag", "permission", "address_size", "other"};

    return names[t];
}

const char *info_access_name(enum info_access a)
{
    static const char *const names[INFO_ACCESSES_N] = {"read", "write", "execute",
                                                       "table_walk"};

    return names[a];
}

bool info_init(struct trace_info *info)
{
    memset(info, 0, sizeof(*info));
    info->block_bytes = UINT64_C(2) << 20;
    info->slice_ns = 1000000;
    info->blocks_room = 1024;
    info->blocks = calloc(info->blocks_room, sizeof(*info->blocks));
    return info->blocks != NULL;
}

void info_free(struct trace_info *info)
{
    free(info->threads);
    free(info->slots);
    free(info->blocks);
    memset(info, 0, sizeof(*info));
}

/* vCPU number of "CPU 3/KVM" and "fc_vcpu 3"; -1 for other names. */
static int vcpu_in_name(const char *task)
{
    const char *at = strncmp(task, "CPU ", 4) == 0 ? task + 4 : strstr(task, "vcpu");

    if (at == NULL)
        return -1;
    at += strcspn(at, "0123456789");
    return *at != '\0' ? (int)strtoul(at, NULL, 10) : -1;
}

/* The thread of a record that is to be remembered; NULL: there are too many. */
static struct info_thread *thread_of(struct trace_info *info,
                                     const struct trace_record *r)
{
    uint32_t *index = &info->thread_index[r->thread->tid % TRACE_BUCKETS];
    struct info_thread *t;

    if (*index > 0 && info->threads[*index - 1].tid == r->thread->tid)
        return &info->threads[*index - 1];
    for (size_t i = 0; i < info->threads_n; i++) {
        if (info->threads[i].tid == r->thread->tid) {
            *index = (uint32_t)i + 1;
            return &info->threads[i];
        }
    }
    if (info->threads_n == INFO_VCPUS_MAX)
        return NULL;
    if (info->threads_n == info->threads_room) {
        const size_t room = info->threads_room > 0 ? 2 * info->threads_room : 64;
        struct info_thread *more = realloc(info->threads, room * sizeof(*more));

        if (more == NULL)
            return NULL;
        info->threads = more;
        info->threads_room = room;
    }
    t = &info->threads[info->threads_n++];
    *index = (uint32_t)info->threads_n;
    memset(t, 0, sizeof(*t));
    t->tid = r->thread->tid;
    t->tgid = r->thread->tgid;
    memcpy(t->task, r->thread->task, sizeof(t->task));
    t->vcpu = vcpu_in_name(t->task);
    t->vm = -1;
    t->first_ns = r->time_ns;
    return t;
}

/* The thread whose memslots are those of this vCPU: of its process, else the last one
 * that was created before it. */
static uint32_t owner_of(const struct trace_info *info, const struct info_thread *vcpu)
{
    uint32_t best = NO_OWNER;
    uint32_t best_tid = 0;

    for (size_t i = 0; i < info->slots_n; i++) {
        const struct info_thread *owner = &info->threads[info->slots[i].owner];
        const bool known = owner->tgid != 0 && vcpu->tgid != 0;

        if (known ? owner->tgid == vcpu->tgid
                  : owner->tid <= vcpu->tid && owner->tid >= best_tid) {
            best = info->slots[i].owner;
            best_tid = owner->tid;
        }
    }
    return best;
}

static struct info_slot *slot_of(struct trace_info *info, uint32_t owner, uint64_t ipa)
{
    const uint64_t gfn = ipa >> 12;

    for (size_t i = info->slots_n; i-- > 0;) {
        struct info_slot *s = &info->slots[i];

        if (s->live && s->owner == owner && gfn - s->base_gfn < s->npages)
            return s;
    }
    return NULL;
}

static void end_slots(struct trace_info *info, uint32_t owner, uint64_t base_gfn,
                      uint64_t npages, uint64_t time_ns)
{
    for (size_t i = 0; i < info->slots_n; i++) {
        struct info_slot *s = &info->slots[i];

        if (s->live && s->owner == owner && s->base_gfn == base_gfn &&
            s->npages == npages) {
            s->live = false;
            s->ended_ns = time_ns;
        }
    }
}

static struct info_slot *new_slot(struct trace_info *info)
{
    if (info->slots_n == INFO_SLOTS_MAX) {
        info->left_out++;
        return NULL;
    }
    if (info->slots_n == info->slots_room) {
        const size_t room = info->slots_room > 0 ? 2 * info->slots_room : 16;
        struct info_slot *more = realloc(info->slots, room * sizeof(*more));

        if (more == NULL)
            return NULL;
        info->slots = more;
        info->slots_room = room;
    }
    memset(&info->slots[info->slots_n], 0, sizeof(*info->slots));
    return &info->slots[info->slots_n++];
}

static void commit_slot(struct trace_info *info, const struct info_thread *t,
                        const struct trace_event *e)
{
    const uint32_t owner = (uint32_t)(t - info->threads);
    struct info_slot *s = NULL;

    if (e->u.memslot.change == MEMSLOT_DELETED)
        return;
    for (size_t i = 0; i < info->slots_n; i++) {
        if (info->slots[i].live && info->slots[i].owner == owner &&
            info->slots[i].slot == e->u.memslot.slot)
            s = &info->slots[i];
    }
    if (s == NULL)
        s = new_slot(info);
    if (s == NULL)
        return;
    s->created_ns = s->live ? s->created_ns : e->time_ns;
    s->live = true;
    s->owner = owner;
    s->slot = e->u.memslot.slot;
    s->base_gfn = e->u.memslot.base_gfn;
    s->npages = e->u.memslot.npages;
    s->flags = e->u.memslot.new_flags;
}

static enum info_class class_of(const struct info_thread *t, bool retry)
{
    if (t->has_ret && t->ret != 0 && t->ret != EAGAIN_OF_LINUX)
        return INFO_FAILED;
    if (retry)
        return INFO_RETRY;
    if (t->mmio)
        return INFO_MMIO;
    if (!t->has_ret)
        return INFO_UNKNOWN;
    if (t->ret == 0)
        return INFO_NEEDED;
    return t->locked ? INFO_WINDOW : INFO_RACE;
}

static bool close_fault(struct trace_info *info, struct info_thread *t,
                        uint64_t time_ns, bool *ok)
{
    const bool again = t->has_ret && t->ret == EAGAIN_OF_LINUX;
    uint32_t owner;
    struct info_slot *slot;

    if (!t->open)
        return false;
    t->open = false;
    info->classes[class_of(t, t->last_again && t->last_page == t->page &&
                                  t->last_access == t->access)]++;
    t->last_again = again;
    t->last_page = t->page;
    t->last_access = t->access;
    if (again) {
        owner = owner_of(info, t);
        slot = slot_of(info, owner, t->page);
        t->eagain++;
        if (slot != NULL)
            slot->eagain++;
        *ok = info_count_block(info, t->page, owner, false, true);
        info_count_slice(info, time_ns, (size_t)(t - info->threads), true);
    }
    return true;
}

/* ESR_ELx: EC, ISS.WnR, ISS.S1PTW, ISS.DFSC. */
static enum info_access access_of(uint64_t esr)
{
    if ((esr >> 7 & 1) != 0)
        return INFO_TABLE_WALK;
    if ((esr >> 26 & 0x3f) == EC_INSTRUCTION_ABORT)
        return INFO_EXECUTE;
    return (esr >> 6 & 1) != 0 ? INFO_WRITE : INFO_READ;
}

static void count_type(struct trace_info *info, uint64_t esr)
{
    static const enum info_type types[4] = {INFO_ADDRESS_SIZE, INFO_TRANSLATION,
                                            INFO_ACCESS_FLAG, INFO_PERMISSION};
    const unsigned fsc = esr & 0x3f;

    if (fsc < 0x10)
        info->levels[types[fsc >> 2]][1 + (fsc & 3)]++;
    else if (fsc == 0x2b)
        info->levels[INFO_TRANSLATION][0]++;
    else if (fsc == 0x29)
        info->levels[INFO_ADDRESS_SIZE][0]++;
    else
        info->levels[INFO_OTHER_TYPE][0]++;
}

static bool open_fault(struct trace_info *info, struct info_thread *t,
                       const struct trace_event *e)
{
    const uint64_t esr = e->u.guest_fault.esr;
    const uint32_t owner = owner_of(info, t);
    struct info_slot *slot = slot_of(info, owner, e->u.guest_fault.ipa);

    t->open = true;
    t->locked = t->mmio = t->has_ret = false;
    t->page = e->u.guest_fault.ipa & ~UINT64_C(0xfff);
    t->access = access_of(esr);
    t->faults++;
    info->faults++;
    info->accesses[t->access]++;
    count_type(info, esr);
    if (slot != NULL)
        slot->faults++;
    else
        info->no_slot_faults++;
    info_count_slice(info, e->time_ns, (size_t)(t - info->threads), false);
    return info_count_block(info, t->page, owner, true, false);
}

static bool vcpu_event(struct trace_info *info, struct info_thread *t,
                       const struct trace_event *e)
{
    bool ok = true;

    switch (e->kind) {
    case TRACE_GUEST_FAULT:
        close_fault(info, t, e->time_ns, &ok);
        t->is_vcpu = true;
        return open_fault(info, t, e) && ok;
    case TRACE_KVM_ENTRY:
        close_fault(info, t, e->time_ns, &ok);
        t->is_vcpu = true;
        t->entries++;
        return ok;
    case TRACE_KVM_EXIT:
        t->is_vcpu = true;
        t->exits++;
        return true;
    case TRACE_VCPU_RUN:
        t->is_vcpu = true;
        t->vcpu = (int)e->u.vcpu_run.vcpu;
        return true;
    case TRACE_MMIO:
        t->mmio = true;
        return true;
    case TRACE_S2_BREAK:
        t->locked = t->locked || e->u.entry.desc == LOCKED_DESC;
        return true;
    case TRACE_S2_MAP_RET:
    case TRACE_S2_RELAX_PERMS_RET:
        info->attempts += t->open;
        info->eagain += t->open && e->u.ret.ret == EAGAIN_OF_LINUX;
        t->has_ret = true;
        t->ret = e->u.ret.ret;
        return true;
    case TRACE_MEMSLOT_COMMIT:
        commit_slot(info, t, e);
        return true;
    case TRACE_MEMSLOT_FLUSH:
        end_slots(info, (uint32_t)(t - info->threads), e->u.memslot.base_gfn,
                  e->u.memslot.npages, e->time_ns);
        return true;
    case TRACE_TLBI_VMID:
        t->mmu = t->mmu != 0 ? t->mmu : e->u.tlbi_vmid.mmu;
        return true;
    default:
        return true;
    }
}

bool info_record(void *ctx, const struct trace_record *r, struct trace_error *err)
{
    static const char types[] = "ILSM";
    struct trace_info *info = ctx;
    struct trace_event e;
    struct info_thread *t;

    if (r->shape == NULL || r->shape->kind == TRACE_OTHER)
        return true;
    if (r->shape->kind == TRACE_GUEST_ACCESS) {
        const char *type = strchr(types, r->shape->access);

        info->guest_accesses[type != NULL ? type - types : 3]++;
        return true;
    }
    if (!trace_record_event(r, &e, err))
        return false;
    t = thread_of(info, r);
    if (t == NULL) {
        info->left_out++;
        return true;
    }
    t->last_ns = r->time_ns;
    return vcpu_event(info, t, &e) || trace_fail(err, "no memory for blocks");
}

void info_finish(struct trace_info *info)
{
    bool ok = true;

    for (size_t i = 0; i < info->threads_n; i++) {
        close_fault(info, &info->threads[i], info->threads[i].last_ns, &ok);
        info->vcpus_n += info->threads[i].is_vcpu;
    }
    info_group_vms(info);
}
